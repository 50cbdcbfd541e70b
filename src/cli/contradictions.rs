//! Flags that exclude each other, and why.

use std::path::Path;

use super::args::{Flags, SecretsChoice, Typed};
use crate::render::{self, json};

/// Flags that can't stand together, each pair with its reason.
pub(super) fn refuse(typed: &Typed) -> Result<(), String> {
    if typed.flags.offer.hello.is_some() {
        refuse_with_hello(&typed.flags)?;
    }
    let more = &typed.flags.more;
    if !more.diagnose && more.like.is_none() && (more.max_probes.is_some() || more.probe_rate.is_some()) {
        return Err(
            "--max-probes and --probe-rate bound what --diagnose and --like do: give one of them too".into(),
        );
    }
    if typed.command.is_none() && (typed.flags.many.given() || typed.targets.len() > 1) {
        refuse_with_many(&typed.flags)?;
    }
    let resume = more.resume || more.early_data.is_some();
    let resume_flag = if more.resume { "--resume" } else { "--early-data" };
    let ech = typed.flags.offer.ech.is_some();
    let keylog = typed.flags.take_away.keylog.is_some();
    let output = &typed.flags.output;
    let to_stdout = output.format.iter().filter(|chosen| chosen.file.is_none());
    let other_form = to_stdout.into_iter().any(|chosen| !chosen.format.is(&render::text::FORMAT));
    refuse_with_redact(&typed.flags)?;
    let pairs = [
        (more.pipe && more.each_address, "--pipe", "--each-address", "only one connection can be piped"),
        (more.pipe && more.repeat.is_some(), "--pipe", "--repeat", "only one connection can be piped"),
        (more.diagnose && more.pipe, "--diagnose", "--pipe", "an experiment carries no data"),
        (more.diagnose && more.each_address, "--diagnose", "--each-address", "one failure at a time"),
        (more.diagnose && more.repeat.is_some(), "--diagnose", "--repeat", "one failure at a time"),
        (more.diagnose && resume, "--diagnose", resume_flag, "an experiment resumes nothing"),
        (more.like.is_some() && more.diagnose, "--like", "--diagnose", "both explain one failure"),
        (more.like.is_some() && more.pipe, "--like", "--pipe", "an experiment carries no data"),
        (more.like.is_some() && more.each_address, "--like", "--each-address", "one comparison at a time"),
        (more.like.is_some() && more.repeat.is_some(), "--like", "--repeat", "one comparison at a time"),
        (more.like.is_some() && resume, "--like", resume_flag, "an experiment resumes nothing"),
        (ech && more.diagnose, "--ech", "--diagnose", "its experiments have no ECH and would show the name"),
        (
            ech && more.like.is_some(),
            "--ech",
            "--like",
            "its experiments have no ECH and would show the name",
        ),
        (more.pipe && resume, "--pipe", resume_flag, "only one connection can be piped"),
        (
            more.each_address && more.repeat.is_some(),
            "--each-address",
            "--repeat",
            "one comparison at a time",
        ),
        (
            more.each_address && more.early_data.is_some(),
            "--each-address",
            "--early-data",
            "early data goes to one server, whose identity is known",
        ),
        (
            more.repeat.is_some() && resume,
            "--repeat",
            resume_flag,
            "a repeated handshake is always a full one",
        ),
        (
            more.each_address && typed.flags.addressing.connect.is_some(),
            "--each-address",
            "--connect",
            "one wants all addresses, the other names a single one",
        ),
        (
            resume && typed.flags.offer.no_tickets,
            resume_flag,
            "--no-tickets",
            "without a ticket nothing can be resumed",
        ),
        (
            keylog && typed.flags.take_away.secrets == Some(SecretsChoice::None),
            "--keylog",
            "--secrets none",
            "nothing would be written",
        ),
        (more.pipe && output.step, "--step", "--pipe", "standard input and output are the server's"),
        (output.quiet > 0 && output.step, "--step", "-q", "one shows step by step what the other leaves out"),
        (
            more.pipe && output.output.is_none() && (output.json || other_form),
            "--pipe",
            "--format without -o FILE",
            "standard output belongs to the server's answer",
        ),
    ];
    match pairs.iter().find(|(both, ..)| *both) {
        Some((_, a, b, why)) => Err(format!("{a} and {b} can't be used together: {why}")),
        None => Ok(()),
    }
}

/// What is about one server, or would be written anew for each.
fn refuse_with_many(flags: &Flags) -> Result<(), String> {
    let Flags { more, take_away, many, client, .. } = flags;
    const ONE: &str = "it is about one server";
    const OVER: &str = "each target would replace what the one before has written";
    let stdin = many.target_list.as_deref() == Some(Path::new("-"));
    let given = [
        (more.pipe, "--pipe", "only one connection can be piped"),
        (more.diagnose, "--diagnose", ONE),
        (more.like.is_some(), "--like", ONE),
        (flags.output.step, "--step", ONE),
        (more.repeat.is_some(), "--repeat", ONE),
        (more.early_data.is_some(), "--early-data", ONE),
        (take_away.save.is_some(), "--save", OVER),
        (take_away.pcap.is_some(), "--pcap", OVER),
        (take_away.certs.is_some(), "--certs", OVER),
        (
            stdin && client.passin.as_deref() == Some("stdin"),
            "--passin stdin",
            "standard input is the list of targets",
        ),
    ];
    match given.iter().find(|(given, ..)| *given) {
        Some((_, flag, why)) => Err(format!("many targets and {flag} can't be used together: {why}")),
        None => Ok(()),
    }
}

/// Bytes hold names, and files that are taken away hold bytes.
fn refuse_with_redact(flags: &Flags) -> Result<(), String> {
    let (output, files) = (&flags.output, &flags.take_away);
    if !output.redact {
        return Ok(());
    }
    const BYTES: &str = "names stand in a message's bytes and fields";
    const FILE: &str =
        "the file would have all names in it; `tls-trace read` can redact the report of a saved trace";
    let given = [
        (output.verbose > 0, "-v", BYTES),
        (output.fields.is_some_and(|fields| fields != json::Choice::None), "--fields", BYTES),
        (output.data, "--data", "nobody knows what application data has in it"),
        (output.show_secrets, "--show-secrets", "secrets open a recording with all names"),
        (files.save.is_some(), "--save", FILE),
        (files.pcap.is_some(), "--pcap", FILE),
        (files.certs.is_some(), "--certs", FILE),
        (flags.many.resume_from.is_some(), "--resume-from", "targets are found again by their names"),
    ];
    match given.iter().find(|(given, ..)| *given) {
        Some((_, flag, why)) => Err(format!("--redact and {flag} can't be used together: {why}")),
        None => Ok(()),
    }
}

/// The hello says all that is offered; what goes beyond one handshake needs another one.
fn refuse_with_hello(flags: &Flags) -> Result<(), String> {
    let (offer, more) = (&flags.offer, &flags.more);
    const SAID: &str = "the ClientHello determines the offer";
    const ALONE: &str = "the handshake is all that is performed with it";
    let given = [
        (offer.alpn.is_some(), "--alpn", SAID),
        (offer.no_alpn, "--no-alpn", SAID),
        (offer.tls_min.is_some(), "--tls-min", SAID),
        (offer.tls_max.is_some(), "--tls-max", SAID),
        (offer.ciphers.is_some(), "--ciphers", SAID),
        (offer.groups.is_some(), "--groups", SAID),
        (offer.sigalgs.is_some(), "--sigalgs", SAID),
        (offer.ssl3, "--ssl3", SAID),
        (offer.psk.is_some(), "--psk", SAID),
        (offer.no_tickets, "--no-tickets", SAID),
        (offer.grease, "--grease", SAID),
        (offer.ech.is_some(), "--ech", SAID),
        (more.pipe, "--pipe", ALONE),
        (more.resume, "--resume", ALONE),
        (more.early_data.is_some(), "--early-data", ALONE),
    ];
    match given.iter().find(|(given, ..)| *given) {
        Some((_, flag, why)) => Err(format!("--hello and {flag} can't be used together: {why}")),
        None => Ok(()),
    }
}

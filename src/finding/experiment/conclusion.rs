//! What the experiments say, in one sentence.

use crate::capture::Change;
use crate::finding::{Cause, Certainty, Command, Remedy};
use crate::wire::codepoints::version::TLS_1_3;
use crate::wire::codepoints::{AlertDescription, CipherSuite, NamedGroup, ProtocolVersion};
use crate::wire::extension;

use super::changes::{self, Atom};
use super::plan::Lab;
use super::{Answer, Depth, Done, Outcome};

/// What the experiments come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conclusion {
    /// `diagnosis.size`, …
    pub id: &'static str,
    pub cause: Cause,
    /// The smallest set of changes with which the server goes on, in words.
    pub smallest: Vec<String>,
    pub remedy: Remedy,
}

impl Conclusion {
    fn new(id: &'static str, certainty: Certainty, text: impl Into<String>) -> Self {
        let cause = Cause { certainty, text: text.into() };
        Conclusion { id, cause, smallest: Vec::new(), remedy: Remedy::default() }
    }

    /// The same where what would make it certain could not be tried.
    pub fn likely(mut self) -> Self {
        self.cause.certainty = self.cause.certainty.max(Certainty::Likely);
        self
    }

    /// The same where other changes help as well.
    pub fn not_alone(mut self) -> Self {
        self.cause.text += "; other changes help as well, without this one, so it is not the whole cause";
        self.likely()
    }

    fn of(mut self, atoms: &[Atom]) -> Self {
        self.smallest = atoms.iter().map(|atom| changes::about(&atom.change, &atom.id)).collect();
        self
    }

    fn remedy(mut self, text: impl Into<String>) -> Self {
        self.remedy.text = Some(text.into());
        self
    }

    fn flags(mut self, atoms: &[Atom]) -> Self {
        let rows = atoms.iter().map(|atom| changes::row(&atom.id));
        let flags: Option<Vec<_>> =
            rows.map(|row| row.map(|row| row.flags).filter(|flags| !flags.is_empty())).collect();
        // Only a command that makes all of the changes shows what is meant.
        if let Some(flags) = flags.filter(|flags| !flags.is_empty()) {
            let command = Command::default().without("--diagnose");
            let set = flags.into_iter().flatten();
            self.remedy.command = Some(set.fold(command, |command, (flag, value)| command.set(flag, *value)));
        }
        self
    }
}

/// The same hello goes through on some attempts.
pub fn flaky(lab: &Lab<'_>) -> Conclusion {
    let same = || lab.done.iter().filter(|done| done.changes.is_empty());
    let (all, failed) = (same().count() + 1, same().filter(|done| !done.outcome.went_on()).count() + 1);
    let text = format!(
        "the failure does not repeat: of {all} connections with the same ClientHello {failed} failed and {} did not",
        all - failed
    );
    let mut conclusion = Conclusion::new("diagnosis.intermittent", Certainty::Certain, text).remedy(
        "look for what differs between connections: several hosts behind one address, a rate limit, an overloaded server",
    );
    conclusion.remedy.command = Some(Command::default().without("--diagnose").set("--repeat", Some("20")));
    conclusion
}

/// What went through once does not go through again.
pub fn unsteady(atoms: &[Atom]) -> Conclusion {
    let names: Vec<String> = atoms.iter().map(|atom| changes::about(&atom.change, &atom.id)).collect();
    let text = format!(
        "the server answers alike hellos differently: with {} it went on, and then did not; what decides is not in the ClientHello",
        names.join(", ")
    );
    let mut conclusion = Conclusion::new("diagnosis.intermittent", Certainty::Likely, text).remedy(
        "look for what differs between connections: several hosts behind one address, a rate limit, an overloaded server",
    );
    conclusion.remedy.command = Some(Command::default().without("--diagnose").set("--repeat", Some("20")));
    conclusion
}

/// Whatever was sent, the server did not go on.
pub fn nothing_helps(lab: &Lab<'_>) -> Conclusion {
    if lab.base.client_certificate && lab.base.depth == Depth::Whole {
        let says_so = lab.base.alert().is_some_and(AlertDescription::is_about_certificate);
        return match says_so {
            true => {
                let text = "the server rejects the client certificate that was sent, and a client without one as well";
                Conclusion::new("diagnosis.client_certificate", Certainty::Certain, text)
                    .remedy("a client certificate that the server accepts")
            }
            false => {
                let text = "the handshake fails with the client certificate and without it: that it is the certificate is not shown";
                Conclusion::new("diagnosis.nothing_helps", Certainty::Possible, text)
                    .remedy("the server's log says more than any client can find out")
            }
        };
    }
    let tried = lab.done.len();
    let first = lab.base.outcome;
    let same = lab.done.iter().all(|done| done.outcome == first);
    let how = match (same, first) {
        (true, Outcome::Alert(alert)) => format!("each with the alert {alert}"),
        (true, Outcome::Silent) => "each without a byte in time".into(),
        (true, Outcome::Closed) => "each closed the connection".into(),
        (true, Outcome::Reset) => "each reset the connection".into(),
        (true, Outcome::NotTls) => "each with something that is not TLS".into(),
        (true, other) => format!("each: {other}"),
        (false, _) => "in different ways".into(),
    };
    let text = format!("no ClientHello helps: {tried} different ones failed, {how}");
    let conclusion = Conclusion::new("diagnosis.nothing_helps", Certainty::Likely, text);
    match first {
        Outcome::Alert(_) => conclusion.remedy(
            "the cause is on the server's side (no usable certificate, a fault): its log says more than any client can find out",
        ),
        Outcome::NotTls => conclusion.remedy("find out what the port speaks, and whether TLS begins later (STARTTLS)"),
        _ => conclusion.remedy(
            "check that the port speaks TLS from its first byte, and that nothing in between drops this client's connections",
        ),
    }
}

/// None of the experiments that were allowed went through, and more could be tried.
pub fn nothing_yet(lab: &Lab<'_>) -> Conclusion {
    let text = format!(
        "not finished: after {} experiments the server has not gone on, and not all were tried",
        lab.done.len()
    );
    Conclusion::new("diagnosis.unfinished", Certainty::Possible, text)
        .remedy("allow more experiments with --max-probes, or more time with --max-time")
}

/// Several things matter at once.
pub fn several(lab: &Lab<'_>, atoms: &[Atom]) -> Conclusion {
    let names: Vec<String> = atoms.iter().map(|atom| changes::about(&atom.change, &atom.id)).collect();
    let text = format!(
        "the server goes on only if all of these are changed: {}{}",
        names.join(", "),
        chose(lab, atoms).map(|chosen| format!("; it then chooses {chosen}")).unwrap_or_default()
    );
    Conclusion::new("diagnosis.several", Certainty::Certain, text).of(atoms).flags(atoms)
}

/// The server goes on with a version below every one that was offered; whatever else was changed belongs to that
/// version.
pub fn older(lab: &Lab<'_>, atoms: &[Atom]) -> Option<Conclusion> {
    let answer = answer(lab, atoms)?;
    let version = answer.version.filter(|version| version.0 < lab.base.versions.1)?;
    // A server that was offered nothing else does not show what its highest is.
    let offered_more = |change: &Change| matches!(change, Change::Versions { max, .. } if *max > version.0);
    if !atoms.iter().any(|atom| offered_more(&atom.change)) {
        return None;
    }
    let suite = answer.suite.map(|suite| format!(", here with {suite}")).unwrap_or_default();
    let text = format!("the server's highest version is {version}{suite}; that was not offered");
    let mut conclusion = Conclusion::new("diagnosis.old_version", Certainty::Certain, text)
        .of(atoms)
        .remedy("enable TLS 1.2 or 1.3 on the server; older versions are deprecated (RFC 8996)");
    let command = Command::default().without("--diagnose");
    conclusion.remedy.command = Some(match version {
        ProtocolVersion::SSL_3_0 => command.set("--ssl3", None),
        ProtocolVersion::TLS_1_0 => command.set("--tls-min", Some("1.0")),
        ProtocolVersion::TLS_1_1 => command.set("--tls-min", Some("1.1")),
        _ => command.set("--tls-min", Some("1.2")),
    });
    Some(conclusion)
}

/// The experiments were used up before the set was the smallest.
pub fn unfinished(lab: &Lab<'_>, best: &Done) -> Conclusion {
    let ids = best.id.split('+');
    let atoms: Vec<Atom> = ids.zip(&best.changes).map(|(id, change)| Atom::new(id, change.clone())).collect();
    let names: Vec<String> = atoms.iter().map(|atom| changes::about(&atom.change, &atom.id)).collect();
    let text = format!(
        "after {} experiments: the server goes on with {}; not all of that may be needed",
        lab.done.len(),
        names.join(", ")
    );
    Conclusion::new("diagnosis.unfinished", Certainty::Possible, text)
        .of(&atoms)
        .remedy("allow more experiments with --max-probes, or more time with --max-time")
}

/// The length of the ClientHello is what matters.
pub fn size(lab: &Lab<'_>, one: &Atom, in_records: bool, in_segments: bool) -> Conclusion {
    let length = lab.base.length;
    let classical = lab.base.classical_groups().len();
    let mut text = format!(
        "the length of the ClientHello: one of {length} bytes fails ({}), a shorter one does not, and one that was padded to \
         the same length does",
        lab.base.outcome
    );
    if one.id == changes::NO_POST_QUANTUM && classical > 0 && classical < lab.base.groups.len() {
        text += "; the post-quantum key share is what makes it so long";
    }
    text += match (in_records, in_segments) {
        (true, _) => {
            "; in two records the same ClientHello is answered, so the server itself accepts it: what rejects it reads the first record alone, or limits the length of one"
        }
        (_, true) => "; in two TCP segments with a pause between them it is answered",
        _ => "; in two records or segments it fails as well",
    };
    Conclusion::new("diagnosis.size", Certainty::Certain, text)
        .of(std::slice::from_ref(one))
        .remedy("update the middlebox or server that limits the length of a ClientHello, or reads only its first part")
        .flags(std::slice::from_ref(one))
}

/// A longer ClientHello goes through.
pub fn short(lab: &Lab<'_>) -> Conclusion {
    let text = format!(
        "the length of the ClientHello: one of {} bytes fails, and the same one padded to 600 bytes does not (some load \
         balancers hang on 256 to 511 bytes: RFC 7685)",
        lab.base.length
    );
    Conclusion::new("diagnosis.length", Certainty::Likely, text).remedy("update what terminates TLS")
}

/// Something that can hardly matter makes the server go on as well.
pub fn any_change(lab: &Lab<'_>) -> Conclusion {
    let text = format!(
        "the server goes on when this ClientHello is changed in any way, even by a few bytes of padding; unchanged it fails ({}): \
         a filter on the fingerprint of the client is likely",
        lab.base.outcome
    );
    Conclusion::new("diagnosis.any_change", Certainty::Likely, text)
        .remedy("ask whoever runs a filter in front of the server (web application firewall, bot detection)")
}

/// The alert says that it is the name, and neither none nor another one helps.
pub fn other_names_only(lab: &Lab<'_>) -> Conclusion {
    let name = lab.base.host.as_deref().unwrap_or("that was sent");
    let text = format!(
        "the server does not serve the name {name}: it answers with the alert unrecognized_name to this server_name, to an \
         unknown one and to none"
    );
    Conclusion::new("diagnosis.server_name", Certainty::Certain, text).remedy(
        "ask for a name that the server is configured for (--sni NAME), or configure this one on the server",
    )
}

/// The server goes on without the name that was sent.
pub fn server_name(lab: &Lab<'_>, one: &Atom, other: Outcome) -> Conclusion {
    let name = lab.base.host.as_deref().unwrap_or("that was sent");
    let text = match other.went_on() {
        true => format!("the server rejects the server_name {name}: without one, and with another, it goes on"),
        false => "the server goes on only without a server_name: it rejects the one that was sent, and an unknown one as well".to_owned(),
    };
    Conclusion::new("diagnosis.server_name", Certainty::Certain, text)
        .of(std::slice::from_ref(one))
        .remedy("ask for a name that the server is configured for (--sni NAME), or configure this one on the server")
        .flags(std::slice::from_ref(one))
}

/// One change is enough.
pub fn of_one(lab: &Lab<'_>, one: &Atom, share_only: bool) -> Conclusion {
    let atoms = std::slice::from_ref(one);
    let chosen = chose(lab, atoms);
    let answer = answer(lab, atoms).unwrap_or_default();
    let conclusion = match (one.id.as_str(), &one.change) {
        (changes::NO_POST_QUANTUM, _) => {
            let what = match share_only {
                true => "the large key share of a post-quantum group; the group itself may be offered",
                false => "post-quantum groups in the ClientHello",
            };
            Conclusion::new(
                "diagnosis.post_quantum",
                Certainty::Certain,
                format!("the server, or something in front of it, does not tolerate {what}; its length does not matter"),
            )
            .remedy("update what terminates TLS: an unknown group has to be ignored (RFC 8446, section 4.2.7)")
        }
        (changes::TLS12, _) => old_version(lab, &answer),
        (changes::SNI, _) => {
            let how = lab.base.outcome;
            Conclusion::new(
                "diagnosis.needs_server_name",
                Certainty::Certain,
                format!("the server needs SNI; without a server_name it ends the connection ({how})"),
            )
            .remedy("connect by name, or give one with --sni")
        }
        ("more-suites", _) if answer.suite.is_some_and(|suite| lab.base.suites.contains(&suite.0)) => {
            unexplained("cipher suites", answer.suite.map(|suite| suite.to_string()))
        }
        ("more-groups", _) if answer.group.is_some_and(|group| lab.base.groups.contains(&group.0)) => {
            unexplained("groups", answer.group.map(|group| group.to_string()))
        }
        ("more-suites", _) => chosen_other(
            "diagnosis.cipher_suite",
            "cipher suite",
            answer.suite.map(|suite| (suite.to_string(), suite_flags(suite))),
        ),
        ("more-groups", _) => chosen_other(
            "diagnosis.group",
            "group",
            answer.group.map(|group| (group.to_string(), group_flags(group))),
        ),
        (_, Change::Without(code)) => {
            let name = extension::find(*code).map_or_else(|| format!("{code}"), |row| row.name.to_owned());
            Conclusion::new(
                "diagnosis.extension",
                Certainty::Certain,
                format!("the server does not tolerate the extension {name} in a ClientHello; without it, it goes on"),
            )
            .remedy("update the server: extensions that it does not know have to be ignored (RFC 8446, section 4.1.2)")
        }
        (id, _) => {
            let means = changes::row(id).and_then(|row| row.means).unwrap_or("this change makes it go on");
            let text = match chosen {
                Some(chosen) => format!("{means}; it then chooses {chosen}"),
                None => means.to_owned(),
            };
            Conclusion::new(id_of(id), Certainty::Certain, text)
        }
    };
    let conclusion = conclusion.of(atoms);
    if conclusion.remedy.command.is_some() { conclusion } else { conclusion.flags(atoms) }
}

/// The server goes on when TLS 1.3 is not offered.
fn old_version(lab: &Lab<'_>, answer: &Answer) -> Conclusion {
    let version = answer.version.unwrap_or(ProtocolVersion::TLS_1_2);
    let (highest, lowest) = lab.base.versions;
    if (lowest..=highest).contains(&version.0) && highest == TLS_1_3 {
        // An alert may be a correct answer: a key that can't sign in TLS 1.3, for example.
        if let Some(alert) = lab.base.alert().filter(|alert| *alert != AlertDescription::protocol_version) {
            return Conclusion::new(
                "diagnosis.version",
                Certainty::Likely,
                format!(
                    "the server does not complete TLS 1.3 (alert {alert}), and goes on with {version} where TLS 1.3 is not offered: \
                     its TLS 1.3 has nothing in common with what was offered, or its key can't sign in TLS 1.3"
                ),
            )
            .remedy("look at the server's TLS 1.3 configuration and at the kind and size of its key");
        }
        return Conclusion::new(
            "diagnosis.version_intolerance",
            Certainty::Certain,
            format!("the server does not tolerate a ClientHello that offers TLS 1.3; it should answer such a one with {version}, which it speaks"),
        )
        .remedy("update the server, or what terminates TLS in front of it");
    }
    Conclusion::new(
        "diagnosis.version",
        Certainty::Certain,
        format!("the server goes on only with {version}"),
    )
}

/// More was offered, and the server chose something that had been offered before.
fn unexplained(what: &str, chosen: Option<String>) -> Conclusion {
    let chosen = chosen.unwrap_or_default();
    let text = format!(
        "the server goes on when more {what} are offered, and then chooses {chosen}, which was offered before; why it needs \
         the others is not shown"
    );
    Conclusion::new("diagnosis.other", Certainty::Possible, text)
}

fn chosen_other(id: &'static str, what: &str, chosen: Option<(String, Command)>) -> Conclusion {
    match chosen {
        Some((name, command)) => {
            let text = format!(
                "no {what} in common: of all there are the server chooses {name}, which was not offered"
            );
            let mut conclusion = Conclusion::new(id, Certainty::Certain, text);
            conclusion.remedy.command = Some(command);
            conclusion
        }
        None => Conclusion::new(id, Certainty::Certain, format!("no {what} in common with what was offered")),
    }
}

fn suite_flags(suite: CipherSuite) -> Command {
    Command::default().without("--diagnose").set("--ciphers", Some(&suite.to_string()))
}

fn group_flags(group: NamedGroup) -> Command {
    Command::default().without("--diagnose").set("--groups", Some(&group.to_string()))
}

fn id_of(row: &str) -> &'static str {
    match row {
        "more-schemes" => "diagnosis.signature_scheme",
        changes::NO_ALPN | "alpn-http" => "diagnosis.alpn",
        "no-grease" => "diagnosis.grease",
        changes::TLS10 | changes::SSL3 | changes::TLS13 => "diagnosis.version",
        "no-extensions" => "diagnosis.extension",
        changes::SECOND_RECORD | changes::SECOND_SEGMENT => "diagnosis.split",
        "padded-600" => "diagnosis.length",
        "record-version-3.3" => "diagnosis.record_version",
        changes::NO_CLIENT_CERTIFICATE => "diagnosis.client_certificate",
        _ => "diagnosis.other",
    }
}

fn answer(lab: &Lab<'_>, atoms: &[Atom]) -> Option<Answer> {
    match lab.outcome(atoms) {
        Ok(Outcome::WentOn(answer)) => Some(answer),
        _ => None,
    }
}

/// Version and suite that the server chose.
fn chose(lab: &Lab<'_>, atoms: &[Atom]) -> Option<String> {
    let answer = answer(lab, atoms)?;
    let parts = [answer.version.map(|it| it.to_string()), answer.suite.map(|it| it.to_string())];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

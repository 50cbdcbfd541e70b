//! What the experiments say, in one sentence.

use std::fmt::Display;

use crate::capture::Change;
use crate::finding::{Cause, Certainty, Command, Remedy};
use crate::wire::codepoints::ProtocolVersion;

use super::plan::Lab;
use super::rows::{self, Atom};
use super::{Answer, Done, Outcome};

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
    /// Of these words.
    pub fn new(id: &'static str, certainty: Certainty, text: impl Into<String>) -> Self {
        let cause = Cause { certainty, text: text.into() };
        Conclusion { id, cause, smallest: Vec::new(), remedy: Remedy::default() }
    }

    /// A change helps of which no more can be said.
    pub fn unnamed() -> Self {
        Self::new("diagnosis.other", Certainty::Certain, "this change makes it go on")
    }

    /// The same where what would make it certain could not be tried.
    pub fn likely(mut self) -> Self {
        self.cause.certainty = self.cause.certainty.max(Certainty::Likely);
        self
    }

    /// Whether it names something in the ClientHello, and not its length.
    pub fn is_about_content(&self) -> bool {
        !matches!(
            self.id,
            "diagnosis.size" | EXTENSION_COUNT | "diagnosis.old_version" | "diagnosis.pre_shared_key"
        )
    }

    /// The same where its length matters as well, or alone.
    pub fn and_length(mut self, length: usize) -> Self {
        self.cause.text += &format!("; its length matters: padded to {length} bytes it fails again");
        self.likely()
    }

    /// The same where other changes help as well.
    pub fn not_alone(mut self) -> Self {
        self.cause.text += "; other changes help as well, without this one, so it is not the whole cause";
        self.likely()
    }

    /// With the smallest set, and the command that makes the same changes, unless there is a better one.
    pub fn of(mut self, atoms: &[Atom]) -> Self {
        self.smallest = atoms.iter().map(Atom::about).collect();
        if self.remedy.command.is_some() { self } else { self.flags(atoms) }
    }

    /// With the smallest set, in words.
    pub fn changed(mut self, words: Vec<String>) -> Self {
        self.smallest = words;
        self
    }

    /// With a command: this flag set, without the experiments.
    pub fn command(mut self, flag: &'static str, value: &str) -> Self {
        let value = Some(value).filter(|value| !value.is_empty());
        self.remedy.command =
            Some(Command::default().without("--diagnose").without("--like").set(flag, value));
        self
    }

    /// What mends it.
    pub fn remedy(mut self, text: impl Into<String>) -> Self {
        self.remedy.text = Some(text.into());
        self
    }

    fn flags(mut self, atoms: &[Atom]) -> Self {
        let rows = atoms.iter().map(|atom| rows::row(&atom.id));
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
    let names: Vec<String> = atoms.iter().map(Atom::about).collect();
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
    if let Some(known) = rows::all().find_map(|row| (row.in_vain)(lab)) {
        return known;
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
    let names: Vec<String> = atoms.iter().map(Atom::about).collect();
    let text = format!(
        "the server goes on only if all of these are changed: {}{}",
        names.join(", "),
        chose(lab, atoms).map(|chosen| format!("; it then chooses {chosen}")).unwrap_or_default()
    );
    Conclusion::new("diagnosis.several", Certainty::Certain, text)
}

/// The server goes on with a version below every one that was offered; whatever else was changed belongs to that
/// version.
pub fn older(lab: &Lab<'_>, atoms: &[Atom]) -> Option<Conclusion> {
    let answer = lab.answer(atoms)?;
    let version = answer.version.filter(|version| version.0 < lab.base.versions.1)?;
    // A server that was offered nothing else does not show what its highest is.
    let offered_more = |change: &Change| matches!(change, Change::Versions { max, .. } if *max > version.0);
    let same_versions = !atoms.iter().any(|atom| matches!(atom.change, Change::Versions { .. }));
    let offered_before = same_versions && lab.base.versions.0 > version.0;
    if !offered_before && !atoms.iter().any(|atom| offered_more(&atom.change)) {
        return None;
    }
    let suite = answer.suite.map(|suite| format!(", here with {suite}")).unwrap_or_default();
    let text = format!("the server's highest version is {version}{suite}; that was not offered");
    let mut conclusion = Conclusion::new("diagnosis.old_version", Certainty::Certain, text)
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
    let atoms: Vec<Atom> = ids
        .zip(&best.changes)
        .map(|(id, change)| Atom { id: id.to_owned(), change: change.clone() })
        .collect();
    let names: Vec<String> = atoms.iter().map(Atom::about).collect();
    let text = format!(
        "after {} experiments: the server goes on with {}; not all of that may be needed",
        lab.done.len(),
        names.join(", ")
    );
    Conclusion::new("diagnosis.unfinished", Certainty::Possible, text)
        .of(&atoms)
        .remedy("allow more experiments with --max-probes, or more time with --max-time")
}

/// What is known of a length that matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Cut into two records it goes through.
    pub in_records: bool,
    /// Cut into two segments it does.
    pub in_segments: bool,
    /// The limit is what fits into one segment.
    pub one_segment: bool,
}

/// The length of the ClientHello is what matters.
pub fn size(lab: &Lab<'_>, one: &Atom, size: Size) -> Conclusion {
    let length = lab.base.length;
    let mut text = format!(
        "the length of the ClientHello: one of {length} bytes fails ({}), a shorter one does not, and one that was padded to \
         the same length does",
        lab.base.outcome
    );
    if size.one_segment {
        text += &format!("; the limit is one TCP segment ({} bytes)", lab.base.segment);
    }
    if let Change::Groups(kept) = &one.change
        && lab.base.groups.iter().any(|code| rows::is_post_quantum(*code) && !kept.contains(code))
    {
        text += "; the post-quantum key share is what makes it so long";
    }
    text += match size {
        Size { in_records: true, .. } => {
            "; in two records the same ClientHello is answered, so the server itself accepts it: what rejects it reads the first record alone, or limits the length of one"
        }
        Size { in_segments: true, .. } => "; in two TCP segments with a pause between them it is answered",
        Size { .. } => "; in two records or segments it fails as well",
    };
    if let Some(group) = split_answer(lab).and_then(|answer| answer.group) {
        text += &format!("; the server then chooses {group}");
    }
    Conclusion::new("diagnosis.size", Certainty::Certain, text)
        .remedy("update the middlebox or server that limits the length of a ClientHello, or reads only its first part")
}

pub const EXTENSION_COUNT: &str = "diagnosis.extension_count";

/// The number of extensions is what matters.
pub fn extension_count(lab: &Lab<'_>, fewer: usize) -> Conclusion {
    let all = lab.base.extensions.len();
    let text = format!(
        "the number of extensions in the ClientHello: one with {all} fails ({}), and with {fewer} the server goes on, \
         whichever are left out and however long it is",
        lab.base.outcome
    );
    Conclusion::new(EXTENSION_COUNT, Certainty::Certain, text).remedy(
        "update what limits the number of extensions: unknown ones have to be ignored (RFC 8446, section 4.1.2)",
    )
}

/// What the server answered to the ClientHello that failed, once it was sent in two parts.
pub fn split_answer(lab: &Lab<'_>) -> Option<Answer> {
    [rows::transport::SECOND_RECORD, rows::transport::SECOND_SEGMENT]
        .iter()
        .find_map(|id| lab.answer(&[Atom::of(id, lab.base)?]))
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

/// One change is enough, and no more can be said of it.
pub fn other(lab: &Lab<'_>, one: &Atom) -> Conclusion {
    let text = match chose(lab, std::slice::from_ref(one)) {
        Some(chosen) => format!("this change makes it go on; it then chooses {chosen}"),
        None => "this change makes it go on".to_owned(),
    };
    Conclusion::new("diagnosis.other", Certainty::Certain, text)
}

/// More was offered, and the server chose something that had been offered before.
pub fn unexplained(what: &str, chosen: impl Display) -> Conclusion {
    let text = format!(
        "the server goes on when more {what} are offered, and then chooses {chosen}, which was offered before; why it needs \
         the others is not shown"
    );
    Conclusion::new("diagnosis.other", Certainty::Possible, text)
}

/// More was offered, and the server chose something that had not been offered before.
pub fn chosen_other(
    id: &'static str,
    what: &str,
    flag: &'static str,
    chosen: Option<impl Display>,
) -> Conclusion {
    let Some(chosen) = chosen else {
        return Conclusion::new(id, Certainty::Certain, format!("no {what} in common with what was offered"));
    };
    let text =
        format!("no {what} in common: of all there are the server chooses {chosen}, which was not offered");
    Conclusion::new(id, Certainty::Certain, text).command(flag, &chosen.to_string())
}

/// Version and suite that the server chose.
fn chose(lab: &Lab<'_>, atoms: &[Atom]) -> Option<String> {
    let answer = lab.answer(atoms)?;
    let parts = [answer.version.map(|it| it.to_string()), answer.suite.map(|it| it.to_string())];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

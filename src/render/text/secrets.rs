//! The key schedule (`--show-secrets`).

use super::screen::{Screen, Style};
use crate::finding::Case;
use crate::trace::schedule::Schedule;

/// Column of the bytes.
const VALUE: usize = 26;

pub(super) fn write(screen: &mut Screen<'_>, case: &Case<'_>) {
    if !screen.settings.show_secrets {
        return;
    }
    let trace = case.trace();
    for number in 0..trace.handshakes.len() {
        screen.gap();
        let Some(schedule) = Schedule::of(trace, number, &case.capture.secrets) else {
            screen.line("key schedule: not computed, the cipher suite is not known or not supported");
            continue;
        };
        let title = screen.paint(Style::Bold, "key schedule");
        screen.line(&format!("{title}  transcript hashes and HMAC with {}", schedule.hash));
        for (index, hash) in &schedule.transcript {
            let name = trace.messages.get(*index).map_or("", |message| message.name.as_ref());
            bytes(screen, &format!("  ..{name}"), hash);
        }
        if schedule.secrets.is_empty() {
            screen.line("  no secrets are there");
        }
        for derived in &schedule.secrets {
            screen.line(&format!("  {}", derived.label));
            bytes(screen, "    secret", &derived.secret);
            for (name, value) in &derived.children {
                bytes(screen, &format!("    {name}"), value);
            }
        }
        for (index, sent, again) in &schedule.verify_data {
            let sender = trace.messages.get(*index).map_or("", |message| message.direction.sender());
            screen.line(&format!("  verify_data of the {sender}'s Finished"));
            bytes(screen, "    as sent", sent);
            match again {
                Some(again) => bytes(screen, "    as recomputed", again),
                None => screen.line("    as recomputed       no secret to compute it with"),
            }
        }
    }
}

fn bytes(screen: &mut Screen<'_>, name: &str, bytes: &[u8]) {
    let name = if name.len() + 1 > VALUE { screen.cut(name, VALUE - 1) } else { name.to_owned() };
    let lead = screen.paint(Style::Dim, &format!("{name:<VALUE$}"));
    let text: Vec<_> = bytes.chunks(16).map(hex::encode).collect();
    screen.wrapped(&lead, VALUE, Style::Plain, &text.join(" "));
}

//! Client authentication: what was asked for, what was sent, what came of it.

use super::screen::{Screen, Style};
use crate::finding::summary::counted;
use crate::finding::{Case, client_certificate};
use crate::trace::State;

pub(super) fn write(screen: &mut Screen<'_>, case: &Case<'_>) {
    let Some(outcome) = client_certificate::outcome(case) else { return };
    let sent = case.client_certificates().unwrap_or(0);
    let (state, words) = match (outcome, sent) {
        ("refused", _) => (State::Fails(String::new()), "the server refused us".to_owned()),
        ("accepted", 0) => {
            (State::Holds, "asked for, none was sent, and the server goes on without".to_owned())
        }
        ("accepted", n) => {
            (State::Holds, format!("{} sent, and the server goes on", counted(n, "certificate")))
        }
        (_, 0) => (
            State::NotEvaluated(String::new()),
            "asked for, none was sent; the server did not say whether it minds".to_owned(),
        ),
        (_, n) => (
            State::NotEvaluated(String::new()),
            format!("{} sent; the server did not say whether it accepts", counted(n, "certificate")),
        ),
    };
    screen.gap();
    let lead = format!("client certificate  {} ", screen.mark(&state).trim_end());
    screen.wrapped(&lead, 22, Style::Plain, &words);
    let shown = |state: &State| screen.settings.verbosity > 0 || !state.holds();
    for fit in client_certificate::fits(case).into_iter().filter(|fit| shown(&fit.state)).collect::<Vec<_>>()
    {
        let why = fit.state.reason().map(|why| format!(": {why}")).unwrap_or_default();
        let lead = format!("  {} ", screen.mark(&fit.state));
        screen.wrapped(&lead, 3 + screen.mark_width(), Style::Plain, &format!("{}{why}", fit.id));
    }
}

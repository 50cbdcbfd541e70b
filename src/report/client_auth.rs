//! Client authentication: what was asked for, what was sent, the result.

use super::rows::{Line, Mark};
use crate::finding::summary::counted;
use crate::finding::{Case, client_certificate};

/// The result, and below it what of our certificate fits what the server asked for. Nothing if it asked for none.
pub fn lines(case: &Case<'_>) -> Option<(Line, Vec<Line>)> {
    let outcome = client_certificate::outcome(case)?;
    let sent = case.client_certificates().unwrap_or(0);
    let certificates = counted(sent, "certificate");
    let (mark, words) = match (outcome, sent) {
        ("refused", _) => (Mark::Fails, "refused by the server".to_owned()),
        ("accepted", 0) => (
            Mark::Holds,
            "requested, none sent; the handshake was accepted (HTTP may still refuse)".to_owned(),
        ),
        ("accepted", _) => {
            (Mark::Holds, format!("{certificates} sent; the handshake was accepted (HTTP may still refuse)"))
        }
        (_, 0) => (
            Mark::NotEvaluated,
            "requested, none sent; the server did not say whether it accepts that".to_owned(),
        ),
        (_, _) => {
            (Mark::NotEvaluated, format!("{certificates} sent; the server did not say whether it accepts"))
        }
    };
    let fits = client_certificate::fits(case).into_iter().map(|fit| {
        let why = fit.state.reason().map(|why| format!(": {why}")).unwrap_or_default();
        let line = Line::marked(&fit.state, format!("{}{why}", fit.id)).in_tone(super::rows::Tone::Plain);
        if fit.state.holds() { line.in_full() } else { line }
    });
    Some((Line::marked(mark, words).in_tone(super::rows::Tone::Plain), fits.collect()))
}

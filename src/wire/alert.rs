//! Alerts (RFC 8446, section 6).

use super::codepoints::{ALERT_LEVELS, ALERTS};
use super::dissector::Dissector;
use super::field::{Malformed, Wrong};
use super::handshake::Dissected;

/// Dissects the content of an alert record.
pub fn dissect_alert(bytes: &[u8], tree: bool) -> Dissected {
    Dissector::new(bytes, tree).dissected("Alert", |d| {
        let level = d.code8("level", &ALERT_LEVELS)?;
        if ALERT_LEVELS.name_of(level.into()).is_none() {
            d.wrong("level", Wrong::Illegal("an alert is a warning (1) or fatal (2)"));
        }
        let start = d.pos();
        let description = d.code8("description", &ALERTS)?;
        if ALERTS.name_of(description.into()).is_none() {
            let kind = Wrong::Illegal("not an alert that any RFC defines");
            d.problem(Malformed { field: "description", offset: start, kind });
        }
        Ok(())
    })
}

/// Level and description, if there are both.
pub fn read(bytes: &[u8]) -> Option<(u8, u8)> {
    match bytes {
        [level, description] => Some((*level, *description)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::field::Value;

    #[test]
    fn an_alert_is_a_level_and_a_description() {
        let root = dissect_alert(&[2, 40], true).root.unwrap();
        assert_eq!(root.find("description").unwrap().value, Value::Code(40, &ALERTS));
        assert_eq!(ALERTS.name_of(40), Some("handshake_failure"));
        assert!(dissect_alert(&[2], true).problem.is_some());
        assert!(dissect_alert(&[2, 40, 0], true).problem.is_some());
        assert!(dissect_alert(&[], true).root.unwrap().problem.is_some());
    }
}

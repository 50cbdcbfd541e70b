//! The server's warning that it does not know the name.

use crate::finding::{Finding, Severity};
use crate::trace::Evidence;
use crate::wire::Direction;
use crate::wire::codepoints::{AlertDescription, AlertLevel};

use super::Remark;

pub(super) const UNKNOWN_NAME: Remark = Remark {
    id: "name.unrecognized_warning",
    title: "server_name not recognised, handshake continued",
    about: "The server answered the name in server_name with the warning unrecognized_name and continued \
            with its default certificate. RFC 6066, section 3, advises against this warning, because \
            clients react differently: Java aborts the handshake, most others silently continue.",
    of: |case| {
        let (index, ..) = case.trace().alerts().find(|(_, message, level, description)| {
            message.direction == Direction::Server
                && *level == AlertLevel::warning
                && *description == AlertDescription::unrecognized_name
        })?;
        case.complete().then(|| Finding {
            evidence: vec![Evidence { message: Some(index), ..Evidence::default() }],
            ..Finding::new(
                UNKNOWN_NAME.id,
                Severity::Warning,
                UNKNOWN_NAME.title,
                "the server sent the warning unrecognized_name: it does not recognise the server_name, and Java clients abort",
            )
        })
    },
};

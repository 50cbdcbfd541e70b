//! EndOfEarlyData (RFC 8446, section 4.5).

use super::*;

/// The row of EndOfEarlyData.
pub static MESSAGE: MessageType = MessageType {
    code: 5,
    name: "EndOfEarlyData",
    iana: "end_of_early_data",
    reference: "RFC 8446, section 4.5",
    about: "The client's early data (0-RTT) ends here; from the next record on, the client uses the \
            handshake keys. The message is empty; it is sent only if the early data was accepted.",
    body,
};

fn body(_: &mut Dissector<'_>, _: Direction, _: &mut Facts) -> Read<()> {
    Ok(())
}

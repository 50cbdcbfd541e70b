//! Servers that begin in the clear, and proxies, from the files that the tests read too.

use super::Scenario;
use super::hostile::scripted;

pub(super) const SMTP: Scenario =
    scripted!("starttls-smtp", "starttls-smtp", 0, "A mail server switches to TLS on STARTTLS.");
pub(super) const IMAP: Scenario =
    scripted!("starttls-imap", "starttls-imap", 0, "So does a server of mailboxes.");
pub(super) const POSTGRES: Scenario =
    scripted!("starttls-postgres", "starttls-postgres", 0, "A database answers S to SSLRequest.");
pub(super) const REFUSED: Scenario =
    scripted!("starttls-refused", "starttls-refused", 3, "The mail server offers STARTTLS, then refuses it.");
pub(super) const INJECTION: Scenario =
    scripted!("starttls-injection", "starttls-injection", 1, "Data in the clear stands behind the go-ahead.");
pub(super) const CONNECT: Scenario =
    scripted!("proxy-connect", "proxy-connect", 0, "An HTTP proxy makes a tunnel on CONNECT.");
pub(super) const SOCKS5: Scenario =
    scripted!("socks5", "socks5", 0, "A SOCKS proxy resolves the name and connects.");

//! Servers that misbehave, and servers that reject something, from the files that the tests read too.

use std::io;

use super::script::Script;
use super::{Plan, Scenario};

/// A row whose server is a file in `tests/scenarios/hostile`.
macro_rules! scripted {
    ($name:literal, $file:literal, $exit_code:literal, $about:literal) => {
        Scenario {
            name: $name,
            about: $about,
            exit_code: $exit_code,
            setup: || {
                $crate::demo::hostile::plan(include_str!(concat!(
                    "../../tests/scenarios/hostile/",
                    $file,
                    ".toml"
                )))
            },
        }
    };
}
pub(super) use scripted;

pub(super) fn plan(file: &str) -> io::Result<Plan> {
    Script::read(file).map_err(io::Error::other)?.plan()
}

pub(super) const DRIP: Scenario =
    scripted!("drip", "drip", 5, "The flight comes one byte at a time, ever so slowly.");
pub(super) const HALF_CLOSE: Scenario =
    scripted!("half-close", "half-close", 4, "The server's direction ends behind ServerHello.");
pub(super) const BOMB: Scenario =
    scripted!("bomb", "bomb-brotli", 4, "102 bytes of brotli hold 64 MiB of certificates.");
pub(super) const MANY_CERTIFICATES: Scenario =
    scripted!("many-certificates", "thousand-certificates", 4, "A chain of 1 000 certificates.");
pub(super) const KEY_UPDATES: Scenario =
    scripted!("key-updates", "key-updates", 4, "KeyUpdate without end behind the handshake.");
pub(super) const EMPTY_RECORDS: Scenario =
    scripted!("empty-records", "empty-sealed-records", 4, "Encrypted records without content, without end.");
pub(super) const TWO_HELLOS: Scenario =
    scripted!("two-server-hellos", "two-server-hellos-1.2", 4, "ServerHello comes twice.");
pub(super) const RETRY_TWICE: Scenario =
    scripted!("retry-twice", "retry-twice", 4, "HelloRetryRequest comes twice.");
pub(super) const SUITE_NOT_OFFERED: Scenario =
    scripted!("suite-not-offered", "hello-suite", 4, "The server chooses a suite that was not offered.");
pub(super) const DOWNGRADE: Scenario =
    scripted!("downgrade", "hello-downgrade", 4, "TLS 1.2, with the mark of a downgrade in the random.");
pub(super) const WRONG_ECHO: Scenario =
    scripted!("wrong-session-id", "hello-session-id", 4, "ServerHello echoes another session id.");
pub(super) const WRONG_SIGNATURE: Scenario =
    scripted!("wrong-signature", "signature-wrong", 4, "The signature in CertificateVerify is forged.");
pub(super) const WRONG_FINISHED: Scenario =
    scripted!("wrong-finished", "finished-wrong", 4, "The Finished message does not fit the handshake.");
pub(super) const LATE_ALERT: Scenario =
    scripted!("late-alert", "alert-behind-handshake", 4, "The server refuses after a complete handshake.");
pub(super) const BAD_PADDING: Scenario =
    scripted!("bad-padding", "cbc-padding", 4, "The padding of the first CBC record is wrong.");
pub(super) const NEEDS_SNI: Scenario =
    scripted!("needs-sni", "diagnose-sni-needed", 4, "It closes without a server_name, and none is sent.");
pub(super) const SNI_FILTER: Scenario = scripted!(
    "sni-filter",
    "diagnose-sni-filter-first-record",
    4,
    "A middlebox resets connections for this name."
);
pub(super) const SIZE_LIMIT: Scenario = scripted!(
    "size-limit",
    "diagnose-size-of-record",
    4,
    "A middlebox resets long records: post-quantum ones."
);
pub(super) const HYBRID_INTOLERANT: Scenario = scripted!(
    "hybrid-intolerant",
    "diagnose-post-quantum-group",
    4,
    "It fails on the code point of X25519MLKEM768."
);
pub(super) const VERSION_INTOLERANT: Scenario =
    scripted!("version-intolerant", "diagnose-tls13-intolerant", 4, "It resets who offers TLS 1.3.");
pub(super) const EXTENSION_INTOLERANT: Scenario =
    scripted!("extension-intolerant", "diagnose-ems-intolerant", 4, "It fails on extended_master_secret.");
pub(super) const EXTENSION_LIMIT: Scenario =
    scripted!("extension-limit", "diagnose-extensions-over-10", 4, "It has room for ten extensions.");
pub(super) const TWO_CAUSES: Scenario = scripted!(
    "two-causes",
    "diagnose-two-sni-and-version",
    4,
    "TLS 1.3 and a server_name are each too much."
);
pub(super) const OLD_SERVER: Scenario =
    scripted!("old-server", "diagnose-old-version", 4, "It speaks nothing newer than TLS 1.0.");
pub(super) const FLAKY: Scenario =
    scripted!("flaky", "diagnose-flaky-half", 4, "Every other connection fails.");
pub(super) const RATE_LIMIT: Scenario =
    scripted!("rate-limit", "diagnose-rate-limit", 4, "Who connects again at once is reset.");

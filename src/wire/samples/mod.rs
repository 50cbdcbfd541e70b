//! Handshakes of OpenSSL 3.0 with itself on loopback: a message a line, `c` or `s` and its bytes.

use super::Direction;

/// A connection's messages in the order of the wire.
pub type Messages = Vec<(Direction, Vec<u8>)>;

/// TLS 1.3 with a HelloRetryRequest, a client certificate and tickets.
pub fn tls13() -> Messages {
    parse(include_str!("tls13.hex"))
}

/// TLS 1.2, ECDHE-ECDSA, with a client certificate.
pub fn tls12() -> Messages {
    parse(include_str!("tls12.hex"))
}

/// TLS 1.2, DHE-RSA.
pub fn tls12_dhe() -> Messages {
    parse(include_str!("tls12-dhe-rsa.hex"))
}

/// TLS 1.1, RSA key exchange.
pub fn tls11() -> Messages {
    parse(include_str!("tls11-rsa.hex"))
}

/// TLS 1.2, DHE-PSK with a hint.
pub fn tls12_psk() -> Messages {
    parse(include_str!("tls12-psk.hex"))
}

/// OCSP responses of OpenSSL: one that says good and carries its signer's certificate, one that says revoked.
pub fn ocsp() -> [Vec<u8>; 2] {
    [include_str!("ocsp-good.hex"), include_str!("ocsp-revoked.hex")]
        .map(|text| hex::decode(text.trim()).unwrap())
}

/// All handshakes.
pub fn all() -> Vec<Messages> {
    vec![tls13(), tls12(), tls12_dhe(), tls11(), tls12_psk()]
}

fn parse(text: &str) -> Messages {
    text.lines()
        .map(|line| {
            let (sender, bytes) = line.split_once(' ').unwrap();
            let direction = if sender == "c" { Direction::Client } else { Direction::Server };
            (direction, hex::decode(bytes).unwrap())
        })
        .collect()
}

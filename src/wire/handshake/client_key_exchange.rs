//! ClientKeyExchange (RFC 5246, section 7.4.7; RFC 8422, section 5.7; RFC 4279, section 2; RFC 5054, section 2.5.4).

use super::*;
use crate::wire::codepoints::ProtocolVersion;
use crate::wire::codepoints::cipher_suite::KeyExchange;

/// The row of ClientKeyExchange.
pub static MESSAGE: MessageType = MessageType {
    code: 16,
    name: "ClientKeyExchange",
    iana: "client_key_exchange",
    reference: "RFC 5246, section 7.4.7; RFC 8422, section 5.7",
    about: "TLS 1.2 and earlier: the client's half of the key exchange. With Diffie-Hellman it is an \
            ephemeral public key. With RSA it is the premaster secret, encrypted with the server's public \
            key; anyone who later obtains its private key can read what was recorded.",
    body,
};

fn body(d: &mut Dissector<'_>, _: Direction, facts: &mut Facts) -> Read<()> {
    let whole = d.pos()..d.pos() + d.remaining();
    facts.client_key_exchange = Some(facts.span(whole));
    let Some(suite) = facts.suite() else {
        d.rest("exchange_keys");
        d.note(|| "not dissected: the cipher suite is not known".into());
        return Ok(());
    };
    match suite.key_exchange {
        KeyExchange::Rsa => rsa(d, facts)?,
        // Empty if the key is in the client's certificate.
        KeyExchange::Dhe | KeyExchange::Dh if !d.is_empty() => public(d, "dh_Yc", LengthPrefix::U16)?,
        KeyExchange::Ecdhe | KeyExchange::Ecdh if !d.is_empty() => public(d, "ecdh_Yc", LengthPrefix::U8)?,
        KeyExchange::Psk => identity(d)?,
        KeyExchange::DhePsk => {
            identity(d)?;
            public(d, "dh_Yc", LengthPrefix::U16)?;
        }
        KeyExchange::EcdhePsk => {
            identity(d)?;
            public(d, "ecdh_Yc", LengthPrefix::U8)?;
        }
        KeyExchange::RsaPsk => {
            identity(d)?;
            public(d, "EncryptedPreMasterSecret", LengthPrefix::U16)?;
        }
        KeyExchange::Gost => named(d, "GostKeyTransport"),
        KeyExchange::Krb5 => named(d, "KerberosWrapper"),
        KeyExchange::EcJpake => named(d, "ECJPAKEKeyKP"),
        KeyExchange::EccPwd => named(d, "ECCPWDParams"),
        KeyExchange::Srp => public(d, "srp_A", LengthPrefix::U16)?,
        _ if d.is_empty() => {}
        _ => {
            d.rest("exchange_keys");
        }
    }
    Ok(())
}

/// SSL 3.0 has no length before it (RFC 5246, section 7.4.7.1, tells the story).
fn rsa(d: &mut Dissector<'_>, facts: &Facts) -> Read<()> {
    if facts.version == Some(ProtocolVersion::SSL_3_0) {
        d.rest("EncryptedPreMasterSecret");
        return Ok(());
    }
    public(d, "EncryptedPreMasterSecret", LengthPrefix::U16)
}

fn public(d: &mut Dissector<'_>, name: &'static str, len: LengthPrefix) -> Read<()> {
    d.opaque(name, len)?;
    Ok(())
}

/// What is not taken apart.
fn named(d: &mut Dissector<'_>, name: &'static str) {
    if !d.is_empty() {
        d.rest(name);
    }
}

fn identity(d: &mut Dissector<'_>) -> Read<()> {
    d.opaque_text("psk_identity", LengthPrefix::U16)?;
    Ok(())
}

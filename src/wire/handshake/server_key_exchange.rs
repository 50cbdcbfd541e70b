//! ServerKeyExchange (RFC 5246, section 7.4.3; RFC 8422, section 5.4; RFC 4279, section 2; RFC 5054, section 2.5.3).

use super::*;
use crate::wire::asn1::key::bit_length;
use crate::wire::codepoints::cipher_suite::{Authentication, KeyExchange};
use crate::wire::codepoints::{EC_CURVE_TYPES, NamedGroup, SUPPORTED_GROUPS};

/// The row of ServerKeyExchange.
pub static MESSAGE: MessageType = MessageType {
    code: 12,
    name: "ServerKeyExchange",
    iana: "server_key_exchange",
    reference: "RFC 5246, section 7.4.3; RFC 8422, section 5.4",
    about: "TLS 1.2 and earlier: the server's half of the Diffie-Hellman exchange, signed together with \
            both randoms with the private key of its certificate. The signature authenticates the server; \
            the ephemeral key makes the connection forward secret.",
    body,
};

/// `named_curve` (RFC 8422, section 5.4).
const NAMED_CURVE: u8 = 3;

fn body(d: &mut Dissector<'_>, _: Direction, facts: &mut Facts) -> Read<()> {
    facts.abbreviated = false;
    let start = d.pos();
    let whole = start..start + d.remaining();
    facts.server_key_exchange = Some((facts.span(whole), None));
    let Some(suite) = facts.suite() else {
        d.rest("parameters");
        d.note(|| "not dissected: the cipher suite is not known".into());
        return Ok(());
    };
    let mut signed = !matches!(
        suite.authentication,
        Authentication::Anonymous | Authentication::Psk | Authentication::Srp
    );
    match suite.key_exchange {
        KeyExchange::Ecdhe => d.group("ServerECDHParams", |d| ecdhe(d, facts))?,
        KeyExchange::Dhe => d.group("ServerDHParams", dhe)?,
        KeyExchange::EcdhePsk => {
            hint(d)?;
            d.group("ServerECDHParams", |d| ecdhe(d, facts))?;
        }
        KeyExchange::DhePsk => {
            hint(d)?;
            d.group("ServerDHParams", dhe)?;
        }
        KeyExchange::Psk | KeyExchange::RsaPsk => {
            hint(d)?;
            signed = false;
        }
        KeyExchange::Rsa => d.group("ServerRSAParams", rsa_export)?,
        KeyExchange::Srp => d.group("ServerSRPParams", srp)?,
        KeyExchange::Null
        | KeyExchange::Tls13
        | KeyExchange::Dh
        | KeyExchange::Ecdh
        | KeyExchange::Krb5
        | KeyExchange::EccPwd
        | KeyExchange::EcJpake
        | KeyExchange::Gost => {
            d.rest(if suite.key_exchange == KeyExchange::EcJpake {
                "ECJPAKEKeyKPPairList"
            } else {
                "parameters"
            });
            signed = false;
        }
    }
    let parameters = facts.span(start..d.pos());
    facts.server_key_exchange = Some((parameters, None));
    if signed {
        let signature = certificate_verify::signature(d, facts)?;
        facts.server_key_exchange = Some((parameters, Some(signature)));
    }
    Ok(())
}

fn ecdhe(d: &mut Dissector<'_>, facts: &mut Facts) -> Read<()> {
    match d.code8("curve_type", &EC_CURVE_TYPES)? {
        NAMED_CURVE => {
            facts.group = Some(NamedGroup(d.code("namedcurve", &SUPPORTED_GROUPS)?));
        }
        1 => explicit_prime(d)?,
        2 => explicit_char2(d)?,
        _ => {
            d.wrong("curve_type", Wrong::Illegal("explicit_prime (1), explicit_char2 (2) or named_curve (3)"))
        }
    }
    d.opaque("public", LengthPrefix::U8)?;
    Ok(())
}

/// A curve in full, over a prime field (RFC 4492, section 5.4).
fn explicit_prime(d: &mut Dissector<'_>) -> Read<()> {
    d.opaque("prime_p", LengthPrefix::U8)?;
    curve(d)
}

/// A curve in full, over a binary field (RFC 4492, section 5.4).
fn explicit_char2(d: &mut Dissector<'_>) -> Read<()> {
    d.u16("m")?;
    let basis = d.u8("basis")?;
    match basis {
        1 => {
            d.note(|| "ec_basis_trinomial".into());
            d.opaque("k", LengthPrefix::U8)?;
        }
        2 => {
            d.note(|| "ec_basis_pentanomial".into());
            for name in ["k1", "k2", "k3"] {
                d.opaque(name, LengthPrefix::U8)?;
            }
        }
        _ => d.wrong("basis", Wrong::Illegal("a trinomial (1) or a pentanomial (2)")),
    }
    curve(d)
}

fn curve(d: &mut Dissector<'_>) -> Read<()> {
    d.group("curve", |d| {
        d.opaque("a", LengthPrefix::U8)?;
        d.opaque("b", LengthPrefix::U8)?;
        Ok(())
    })?;
    for name in ["base", "order", "cofactor"] {
        d.opaque(name, LengthPrefix::U8)?;
    }
    Ok(())
}

fn dhe(d: &mut Dissector<'_>) -> Read<()> {
    let prime = d.opaque("dh_p", LengthPrefix::U16)?;
    d.note(|| format!("{} bits", bit_length(prime)).into());
    d.opaque("dh_g", LengthPrefix::U16)?;
    d.opaque("dh_Ys", LengthPrefix::U16)?;
    Ok(())
}

/// The short-lived RSA key of an export suite (RFC 2246, section 7.4.3).
fn rsa_export(d: &mut Dissector<'_>) -> Read<()> {
    let modulus = d.opaque("rsa_modulus", LengthPrefix::U16)?;
    d.note(|| format!("{} bits", bit_length(modulus)).into());
    d.opaque("rsa_exponent", LengthPrefix::U16)?;
    Ok(())
}

fn srp(d: &mut Dissector<'_>) -> Read<()> {
    d.opaque("srp_N", LengthPrefix::U16)?;
    d.opaque("srp_g", LengthPrefix::U16)?;
    d.opaque("srp_s", LengthPrefix::U8)?;
    d.opaque("srp_B", LengthPrefix::U16)?;
    Ok(())
}

fn hint(d: &mut Dissector<'_>) -> Read<()> {
    d.opaque_text("psk_identity_hint", LengthPrefix::U16)?;
    Ok(())
}

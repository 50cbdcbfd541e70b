//! The key exchanges of TLS 1.2 and earlier: the server's half, our half, the premaster secret
//! (RFC 5246, sections 7.4.3 and 7.4.7; RFC 8422, section 5; RFC 4279; RFC 5489).

use x509_parser::prelude::{FromDer, X509Certificate};

use super::Psk;
use super::handshake::Handshake;
use super::refusal::*;
use crate::crypto::signature::{self, Outcome};
use crate::crypto::{dh, prf, random, rsa};
use crate::engine::hello::KeyPair;
use crate::wire::asn1::PublicKey as Spki;
use crate::wire::codepoints::ProtocolVersion;
use crate::wire::codepoints::cipher_suite::{Authentication, KeyExchange};
use crate::wire::extension::{signature_algorithms, supported_groups};
use crate::wire::handshake::lists;

/// Our half.
pub struct Answer {
    /// The body of ClientKeyExchange.
    pub body: Vec<u8>,
    pub premaster: Vec<u8>,
    /// RSA: what was encrypted, padding included.
    pub encoded: Option<Vec<u8>>,
}

/// Answers the server's half with ours.
pub fn answer(hs: &Handshake, psk: Option<&Psk>) -> Result<Answer, Refusal> {
    let mut params = Params(hs.facts.server_key_exchange.map_or(&[][..], |(params, _)| hs.bytes(params)));
    let kx = hs.suite()?.key_exchange;
    match kx {
        KeyExchange::Rsa => rsa(hs).map(|(body, encrypted, premaster)| Answer {
            body,
            premaster,
            encoded: Some(encrypted.encoded),
        }),
        KeyExchange::Dhe => {
            dhe(&mut params).map(|(body, premaster)| Answer { body, premaster, encoded: None })
        }
        KeyExchange::Ecdhe => {
            ecdhe(hs, &mut params).map(|(body, premaster)| Answer { body, premaster, encoded: None })
        }
        KeyExchange::Psk | KeyExchange::RsaPsk | KeyExchange::DhePsk | KeyExchange::EcdhePsk => {
            let Some(psk) = psk else {
                return refuse(Alert::handshake_failure, "the server wants a pre-shared key");
            };
            // A hint stands in front of the parameters; there may be no ServerKeyExchange at all.
            params.vector16();
            let identity = vector16(&psk.identity);
            let (half, other, encoded) = match kx {
                KeyExchange::RsaPsk => {
                    let (body, encrypted, premaster) = rsa(hs)?;
                    (body, premaster, Some(encrypted.encoded))
                }
                KeyExchange::DhePsk => dhe(&mut params).map(|(body, secret)| (body, secret, None))?,
                KeyExchange::EcdhePsk => ecdhe(hs, &mut params).map(|(body, secret)| (body, secret, None))?,
                _ => (Vec::new(), vec![0; psk.key.len()], None),
            };
            let premaster = [vector16(&other), vector16(&psk.key)].concat();
            Ok(Answer { body: [identity, half].concat(), premaster, encoded })
        }
        other => {
            refuse(Alert::handshake_failure, format!("a key exchange by {other}, which is not performed"))
        }
    }
}

/// RSA key transport (RFC 5246, section 7.4.7.1): the version that was offered, and 46 random bytes.
fn rsa(hs: &Handshake) -> Result<(Vec<u8>, rsa::Encrypted, Vec<u8>), Refusal> {
    let spki = leaf_spki(hs)?;
    let Some(key) = rsa::PublicKey::from_spki(&spki) else {
        return refuse(
            Alert::bad_certificate,
            "the leaf's key is no RSA key to encrypt the premaster secret with",
        );
    };
    let random = random(46).ok_or_else(|| Refusal::internal("no random bytes"))?;
    let premaster = [&hs.hello.legacy_version.to_be_bytes()[..], &random].concat();
    let Some(encrypted) = key.encrypt(&premaster) else {
        return refuse(Alert::bad_certificate, "the leaf's RSA key is too short for a premaster secret");
    };
    let ciphertext = &encrypted.ciphertext;
    // SSL 3.0 has no length there (RFC 5246, section 7.4.7.1, tells the story).
    let body =
        if hs.version() == ProtocolVersion::SSL_3_0 { ciphertext.clone() } else { vector16(ciphertext) };
    Ok((body, encrypted, premaster))
}

fn dhe(params: &mut Params<'_>) -> Result<(Vec<u8>, Vec<u8>), Refusal> {
    let (Some(p), Some(g), Some(theirs)) = (params.vector16(), params.vector16(), params.vector16()) else {
        return refuse(Alert::decode_error, "ServerKeyExchange without DH parameters");
    };
    let refused = |refused: dh::Refused| match refused {
        dh::Refused::NoRandom => Refusal::internal(refused.to_string()),
        _ => Refusal { alert: Alert::illegal_parameter, why: refused.to_string() },
    };
    dh::check(p, g).map_err(refused)?;
    let ours = dh::Exchange::start(p, g).map_err(refused)?;
    let premaster = ours.finish(theirs).map_err(refused)?;
    Ok((vector16(&ours.public), premaster))
}

fn ecdhe(hs: &Handshake, params: &mut Params<'_>) -> Result<(Vec<u8>, Vec<u8>), Refusal> {
    /// `named_curve` (RFC 8422, section 5.4).
    const NAMED_CURVE: u8 = 3;
    let (Some([NAMED_CURVE]), Some(group), Some(theirs)) = (params.take(1), params.take(2), params.vector8())
    else {
        return refuse(Alert::illegal_parameter, "ServerKeyExchange without a named curve");
    };
    let group = group.iter().fold(0, |code, byte| code << 8 | u16::from(*byte));
    let offered = hs.hello.extension(supported_groups::EXTENSION.code);
    if !offered.is_some_and(|list| lists::codes(list.get(2..).unwrap_or_default()).any(|code| code == group))
    {
        return refuse(Alert::illegal_parameter, format!("the group 0x{group:04x} was not offered"));
    }
    let ours = KeyPair::generate(group).map_err(|error| Refusal::internal(error.to_string()))?;
    let Some(ours) = ours else {
        return refuse(
            Alert::handshake_failure,
            format!("the group 0x{group:04x} is not one that is performed"),
        );
    };
    let public = ours.public().to_vec();
    match ours.agree(theirs) {
        Ok(secret) => {
            let body = [&[public.len() as u8][..], &public].concat();
            Ok((body, secret.secret_bytes().to_vec()))
        }
        Err(_) => refuse(Alert::illegal_parameter, "the server's public value is no point of its curve"),
    }
}

/// Verifies the signature of ServerKeyExchange, where the suite has one.
pub fn verify_signature(hs: &Handshake, enforced: bool) -> Result<(), Refusal> {
    let suite = hs.suite()?;
    let signed = matches!(suite.key_exchange, KeyExchange::Dhe | KeyExchange::Ecdhe)
        && suite.authentication != Authentication::Anonymous;
    if !signed {
        return Ok(());
    }
    let Some((params, Some(signed))) = hs.facts.server_key_exchange else {
        return refuse(Alert::decode_error, "ServerKeyExchange without a signature");
    };
    let (client, server) = hs.randoms();
    let content = [&client, &server, hs.bytes(params)].concat();
    let (chain, signature) = (hs.chain(), hs.bytes(signed.signature));
    let leaf = chain.first().copied().unwrap_or_default();
    // RFC 5246, section 7.4.2; RFC 8422, section 2.2
    let is_rsa = leaf_spki(hs).ok().and_then(|spki| Some(Spki::read(&spki).ok()?.rsa.is_some()));
    if is_rsa.is_some_and(|is_rsa| is_rsa != (suite.authentication == Authentication::Rsa)) {
        return refuse(
            Alert::illegal_parameter,
            format!("the leaf's key is not of the kind that {} needs", suite.name),
        );
    }
    let outcome = match signed.scheme {
        None => signature::verify_unnamed(leaf, &content, &prf::md5_sha1(&content), signature),
        Some(scheme) => {
            let offered = hs.hello.extension(signature_algorithms::EXTENSION.code);
            let offered = offered.and_then(|list| list.get(2..)).unwrap_or_default();
            if !lists::codes(offered).any(|code| code == scheme.0) {
                return refuse(
                    Alert::illegal_parameter,
                    format!("ServerKeyExchange is signed by the scheme {scheme}, which was not offered"),
                );
            }
            signature::verify(leaf, scheme, &content, signature, false)
        }
    };
    match outcome {
        Outcome::Invalid(why) => refuse(Alert::decrypt_error, format!("ServerKeyExchange: {why}")),
        Outcome::Unsupported(why) if enforced => {
            refuse(Alert::handshake_failure, format!("ServerKeyExchange: {why}"))
        }
        // What can't be verified is not taken for verified: the recording says so.
        Outcome::Valid | Outcome::Unsupported(_) => Ok(()),
    }
}

/// SubjectPublicKeyInfo of the server's certificate.
fn leaf_spki(hs: &Handshake) -> Result<Vec<u8>, Refusal> {
    let chain = hs.chain();
    let leaf = chain.first().and_then(|leaf| X509Certificate::from_der(leaf).ok());
    match leaf {
        Some((_, leaf)) => Ok(leaf.public_key().raw.to_vec()),
        None => refuse(Alert::bad_certificate, "the server's certificate can't be read"),
    }
}

fn vector16(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u16).to_be_bytes()[..], bytes].concat()
}

/// What is left of the parameters.
struct Params<'a>(&'a [u8]);

impl<'a> Params<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (first, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(first)
    }

    fn vector8(&mut self) -> Option<&'a [u8]> {
        let len = usize::from(*self.take(1)?.first()?);
        self.take(len)
    }

    fn vector16(&mut self) -> Option<&'a [u8]> {
        let len = usize::from(u16::from_be_bytes(*self.take(2)?.first_chunk()?));
        self.take(len)
    }
}

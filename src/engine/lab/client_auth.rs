//! What we answer to a CertificateRequest, and the signature that proves it
//! (RFC 5246, sections 7.4.6 and 7.4.8; RFC 8446, section 4.4.3).

use rustls::{SignatureAlgorithm, SignatureScheme};

use super::handshake::Handshake;
use super::refusal::*;
use crate::crypto::hash::Hash;
use crate::crypto::{prf, rsa};
use crate::engine::ClientIdentity;
use crate::wire::codepoints::ProtocolVersion;
use crate::wire::handshake::lists;

/// The schemes that the server accepts; none before TLS 1.2, which does not ask.
fn accepted(hs: &Handshake) -> Vec<u16> {
    let list = hs.facts.certificate_request_schemes;
    list.map(|list| lists::codes(hs.bytes(list)).collect()).unwrap_or_default()
}

/// Whether the identity can sign what the server accepts. The named authorities are not looked at:
/// which certificate to send is the user's decision, and a refusal is worth seeing.
pub fn fits(hs: &Handshake, identity: &ClientIdentity) -> bool {
    match hs.version() {
        version if version >= ProtocolVersion::TLS_1_2 => {
            scheme(hs, identity).is_some() || with_sha1(hs, identity).is_some()
        }
        _ => unnamed_key(identity).is_some(),
    }
}

/// The scheme to sign with. TLS 1.3 has no PKCS #1 (RFC 8446, section 4.4.3).
fn scheme(hs: &Handshake, identity: &ClientIdentity) -> Option<Box<dyn rustls::sign::Signer>> {
    let pkcs1 = |code: &u16| matches!(code, 0x0201 | 0x0401 | 0x0501 | 0x0601);
    let accepted: Vec<SignatureScheme> = accepted(hs)
        .into_iter()
        .filter(|code| !hs.facts.is_tls13() || !pkcs1(code))
        .map(SignatureScheme::from)
        .collect();
    identity.key().choose_scheme(&accepted)
}

/// RSA with SHA-1, for servers of TLS 1.2 that know nothing else.
fn with_sha1(hs: &Handshake, identity: &ClientIdentity) -> Option<rsa::PrivateKey> {
    let accepts = hs.version() == ProtocolVersion::TLS_1_2 && accepted(hs).contains(&0x0201);
    accepts.then(|| unnamed_key(identity)).flatten()
}

/// TLS 1.1 and earlier sign with RSA, over MD5 and SHA-1. ECDSA with SHA-1 is not performed.
fn unnamed_key(identity: &ClientIdentity) -> Option<rsa::PrivateKey> {
    let is_rsa = identity.key().algorithm() == SignatureAlgorithm::RSA;
    is_rsa.then(|| rsa::PrivateKey::from_der(identity.key_der())).flatten()
}

/// The body of CertificateVerify over `content`: in TLS 1.3 what RFC 8446 says, before it all messages so far.
pub fn certificate_verify(
    hs: &Handshake,
    identity: &ClientIdentity,
    master: &[u8],
    content: &[u8],
) -> Result<Vec<u8>, Refusal> {
    let failed = || Refusal::internal("the client's key does not sign");
    let (scheme, signature) = if hs.version() < ProtocolVersion::TLS_1_2 {
        let digest = match hs.version() {
            ProtocolVersion::SSL_3_0 => prf::ssl30_keyed_hash(master, &[content]),
            _ => prf::md5_sha1(content),
        };
        (None, unnamed_key(identity).and_then(|key| key.sign(&digest)).ok_or_else(failed)?)
    } else if let Some(signer) = scheme(hs, identity) {
        (Some(u16::from(signer.scheme())), signer.sign(content).map_err(|_| failed())?)
    } else {
        let key = with_sha1(hs, identity).ok_or_else(failed)?;
        (Some(0x0201), key.sign_hashed(Hash::Sha1, content).ok_or_else(failed)?)
    };
    let scheme = scheme.map(|scheme| scheme.to_be_bytes().to_vec()).unwrap_or_default();
    Ok([&scheme[..], &(signature.len() as u16).to_be_bytes(), &signature].concat())
}

/// The body of Certificate (RFC 5246, section 7.4.6); `chain` is empty if there is none to send.
pub fn certificate(chain: &[Vec<u8>]) -> Vec<u8> {
    let list =
        chain.iter().map(|certificate| [&length24(certificate.len()), certificate.as_slice()].concat());
    let list = list.collect::<Vec<_>>().concat();
    [&length24(list.len())[..], &list].concat()
}

/// The same in TLS 1.3 (RFC 8446, section 4.4.2): the request's context, and no extensions.
pub fn certificate13(context: &[u8], chain: &[Vec<u8>]) -> Vec<u8> {
    let entry =
        |certificate: &Vec<u8>| [&length24(certificate.len()), certificate.as_slice(), &[0, 0]].concat();
    let list = chain.iter().map(entry).collect::<Vec<_>>().concat();
    [&[context.len() as u8][..], context, &length24(list.len()), &list].concat()
}

fn length24(len: usize) -> [u8; 3] {
    let [_, a, b, c] = (len as u32).to_be_bytes();
    [a, b, c]
}

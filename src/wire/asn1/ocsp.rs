//! OCSP responses (RFC 6960, section 4.2.1).

use super::Bounds;
use super::algorithm::{Algorithm, algorithm};
use super::certificate::certificate;
use super::der::{OCTET_STRING, Tlv, constructed, context};
use super::extensions::{Extensions, extensions};
use super::name::{Name, name};
use super::oid;
use super::read::{
    ahead, content, enumerated, expect, integer, object_identifier, octet_string, octets, optional, peek,
    sequence, sequence_of, time,
};
use super::time::Time;
use crate::wire::codepoints::{CRL_REASONS, OCSP_RESPONSE_STATUSES};
use crate::wire::dissector::{Dissector, Read};
use crate::wire::field::{Malformed, Wrong};

/// OCSPResponse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response<'a> {
    /// OCSPResponseStatus; only 0 (successful) has the rest.
    pub status: u8,
    pub basic: Option<Basic<'a>>,
}

/// BasicOCSPResponse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basic<'a> {
    /// What is signed.
    pub data: &'a [u8],
    pub algorithm: Algorithm<'a>,
    pub signature: &'a [u8],
    pub responder: Responder<'a>,
    pub produced_at: Time,
    pub singles: Vec<Single<'a>>,
    /// Certificates that came along, for a responder that is not the issuer.
    pub certificates: Vec<&'a [u8]>,
    /// Where these start, or would.
    pub certificates_at: usize,
}

/// Who says that it signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Responder<'a> {
    Name(Name<'a>),
    /// SHA-1 of its public key.
    KeyHash(&'a [u8]),
}

/// SingleResponse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Single<'a> {
    /// OID of the hash of the two that follow.
    pub hash: &'a [u8],
    pub issuer_name_hash: &'a [u8],
    pub issuer_key_hash: &'a [u8],
    pub serial: &'a [u8],
    pub status: Status,
    pub this_update: Time,
    pub next_update: Option<Time>,
    /// SignedCertificateTimestampList.
    pub scts: Option<&'a [u8]>,
}

/// CertStatus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Good,
    Revoked {
        /// Seconds since 1970.
        at: i64,
        /// CRLReason.
        reason: Option<u8>,
    },
    Unknown,
}

impl<'a> Response<'a> {
    /// Reads a response. What is wrong with certificates that came along is no matter: those that are used are read.
    pub fn read(bytes: &'a [u8], bounds: &Bounds) -> Result<Self, Malformed> {
        let (read, problems) = Dissector::facts(bytes, "OCSPResponse", |d| response(d, bounds));
        let end = read.as_ref().and_then(|read| Some(read.as_ref()?.basic.as_ref()?.certificates_at));
        let counts = |problem: &&Malformed| end.is_none_or(|end| problem.offset < end);
        match (read.flatten(), problems.iter().find(counts)) {
            (Some(response), None) => Ok(response),
            (_, problem) => Err(problem.copied().unwrap_or_else(|| super::first(&problems, "OCSPResponse"))),
        }
    }
}

/// An OCSPResponse; None if it can't be read, or is of another type than basic.
pub fn response<'a>(d: &mut Dissector<'a>, bounds: &Bounds) -> Read<Option<Response<'a>>> {
    let response = sequence(d, "OCSPResponse", |d| {
        let status = enumerated(d, "responseStatus", &OCSP_RESPONSE_STATUSES)?;
        if ahead(d) != Some(constructed(0)) {
            return Ok(status.map(|status| Response { status, basic: None }));
        }
        let basic = expect(d, "responseBytes", constructed(0), |d| {
            sequence(d, "ResponseBytes", |d| {
                let basic = object_identifier(d, "responseType")? == oid::OCSP_BASIC;
                expect(d, "response", OCTET_STRING, |d| {
                    if basic {
                        return basic_response(d, bounds);
                    }
                    content(d, "response")?;
                    d.wrong("response", Wrong::Illegal("a response of a type other than basic"));
                    Ok(None)
                })
            })
        })?;
        let basic = basic.flatten().flatten().flatten();
        Ok(status.zip(basic).map(|(status, basic)| Response { status, basic: Some(basic) }))
    })?;
    Ok(response.flatten())
}

fn basic_response<'a>(d: &mut Dissector<'a>, bounds: &Bounds) -> Read<Option<Basic<'a>>> {
    let basic = sequence(d, "BasicOCSPResponse", |d| {
        let signed = peek(d, "tbsResponseData")?.raw;
        let data = sequence(d, "tbsResponseData", |d| response_data(d, bounds))?.flatten();
        let algorithm = algorithm(d, "signatureAlgorithm")?;
        let signature = octets(d, "signature")?;
        let certificates_at = d.pos();
        let mut certificates = Vec::new();
        optional(d, "certs", constructed(0), |d| {
            sequence_of(d, "certs", |d| {
                let whole = peek(d, "Certificate")?;
                certificate(d, &Bounds::NOTHING)?;
                if certificates.len() < bounds.certificates {
                    certificates.push(whole.raw);
                }
                Ok(())
            })
        })?;
        let (Some(data), Some(algorithm), Some(signature)) = (data, algorithm, signature) else {
            return Ok(None);
        };
        let (responder, produced_at, singles) = data;
        Ok(Some(Basic {
            data: signed,
            algorithm,
            signature,
            responder,
            produced_at,
            singles,
            certificates,
            certificates_at,
        }))
    })?;
    Ok(basic.flatten())
}

/// ResponseData: who answers, when, and what.
type Data<'a> = (Responder<'a>, Time, Vec<Single<'a>>);

fn response_data<'a>(d: &mut Dissector<'a>, bounds: &Bounds) -> Read<Option<Data<'a>>> {
    optional(d, "version", constructed(0), |d| integer(d, "version"))?;
    let responder = if ahead(d) == Some(constructed(1)) {
        expect(d, "responderID", constructed(1), |d| name(d, "byName"))?.map(Responder::Name)
    } else {
        let hash = expect(d, "responderID", constructed(2), |d| octet_string(d, "byKey"))?;
        hash.flatten().map(Responder::KeyHash)
    };
    let produced_at = time(d, "producedAt")?;
    let mut singles = Vec::new();
    sequence_of(d, "responses", |d| {
        let one = single(d)?;
        singles.extend(one.filter(|_| singles.len() < bounds.answers));
        Ok(())
    })?;
    optional(d, "responseExtensions", constructed(1), |d| {
        extensions(d, &mut Extensions::default(), &Bounds::NOTHING)
    })?;
    Ok(responder.zip(produced_at).map(|(responder, produced_at)| (responder, produced_at, singles)))
}

fn single<'a>(d: &mut Dissector<'a>) -> Read<Option<Single<'a>>> {
    let single = sequence(d, "SingleResponse", |d| {
        let id = sequence(d, "certID", |d| {
            let hash = algorithm(d, "hashAlgorithm")?.map(|algorithm| algorithm.oid);
            let name = octet_string(d, "issuerNameHash")?;
            let key = octet_string(d, "issuerKeyHash")?;
            Ok((hash, name, key, integer(d, "serialNumber")?))
        })?;
        let status = status(d)?;
        let this_update = time(d, "thisUpdate")?;
        let next_update = optional(d, "nextUpdate", constructed(0), |d| time(d, "nextUpdate"))?.flatten();
        let mut known = Extensions::default();
        optional(d, "singleExtensions", constructed(1), |d| extensions(d, &mut known, &Bounds::STATUS))?;
        let Some((Some(hash), Some(issuer_name_hash), Some(issuer_key_hash), Some(serial))) = id else {
            return Ok(None);
        };
        Ok(status.zip(this_update).map(|(status, this_update)| Single {
            hash,
            issuer_name_hash,
            issuer_key_hash,
            serial,
            status,
            this_update,
            next_update,
            scts: known.scts,
        }))
    })?;
    Ok(single.flatten())
}

fn status(d: &mut Dissector<'_>) -> Read<Option<Status>> {
    const STATUS: &str = "certStatus";
    let Tlv { tag, .. } = peek(d, STATUS)?;
    let (status, note) = if tag == context(0) {
        expect(d, STATUS, tag, |_| Ok(()))?;
        (Some(Status::Good), "good")
    } else if tag == constructed(1) {
        let revoked = expect(d, STATUS, tag, |d| {
            let at = time(d, "revocationTime")?;
            let reason = optional(d, "revocationReason", constructed(0), |d| {
                enumerated(d, "revocationReason", &CRL_REASONS)
            })?;
            Ok(at.map(|at| Status::Revoked { at: at.unix, reason: reason.flatten() }))
        })?;
        (revoked.flatten(), "revoked")
    } else {
        expect(d, STATUS, context(2), |_| Ok(()))?;
        (Some(Status::Unknown), "unknown: the responder does not know the certificate")
    };
    d.note(|| note.into());
    Ok(status)
}

//! OCSP responses (RFC 6960, section 4.2.1).

use super::extensions::{extensions, responder_name};
use super::x509::{algorithm, certificate};
use super::*;
use crate::wire::codepoints::{CRL_REASONS, OCSP_RESPONSE_STATUSES};

/// `id-pkix-ocsp-basic`
const BASIC: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1];

/// An OCSPResponse.
pub fn ocsp_response(d: &mut Dissector<'_>) -> Read<()> {
    sequence(d, "OCSPResponse", |d| {
        enumerated(d, "responseStatus", &OCSP_RESPONSE_STATUSES)?;
        optional(d, "responseBytes", constructed(0), |d| {
            sequence(d, "ResponseBytes", |d| {
                let basic = object_identifier(d, "responseType")? == BASIC;
                expect(d, "response", OCTET_STRING, |d| {
                    if basic { basic_response(d) } else { content(d, "response") }
                })
            })
        })?;
        Ok(())
    })
}

fn basic_response(d: &mut Dissector<'_>) -> Read<()> {
    sequence(d, "BasicOCSPResponse", |d| {
        sequence(d, "tbsResponseData", response_data)?;
        algorithm(d, "signatureAlgorithm")?;
        bit_string(d, "signature")?;
        optional(d, "certs", constructed(0), |d| sequence_of(d, "certs", certificate))?;
        Ok(())
    })
}

fn response_data(d: &mut Dissector<'_>) -> Read<()> {
    optional(d, "version", constructed(0), |d| integer(d, "version"))?;
    match ahead(d) {
        Some(0xa1) => expect(d, "responderID", constructed(1), responder_name)?,
        _ => expect(d, "responderID", constructed(2), |d| octet_string(d, "byKey"))?,
    }
    time(d, "producedAt")?;
    sequence_of(d, "responses", single)?;
    optional(d, "responseExtensions", constructed(1), extensions)?;
    Ok(())
}

fn single(d: &mut Dissector<'_>) -> Read<()> {
    sequence(d, "SingleResponse", |d| {
        sequence(d, "certID", |d| {
            algorithm(d, "hashAlgorithm")?;
            octet_string(d, "issuerNameHash")?;
            octet_string(d, "issuerKeyHash")?;
            integer(d, "serialNumber")
        })?;
        status(d)?;
        time(d, "thisUpdate")?;
        optional(d, "nextUpdate", constructed(0), |d| time(d, "nextUpdate"))?;
        optional(d, "singleExtensions", constructed(1), extensions)?;
        Ok(())
    })
}

fn status(d: &mut Dissector<'_>) -> Read<()> {
    let note = match ahead(d) {
        Some(0x80) => {
            expect(d, "certStatus", context(0), |_| Ok(()))?;
            "good"
        }
        Some(0xa1) => {
            expect(d, "certStatus", constructed(1), |d| {
                time(d, "revocationTime")?;
                optional(d, "revocationReason", constructed(0), |d| {
                    enumerated(d, "revocationReason", &CRL_REASONS)
                })?;
                Ok(())
            })?;
            "revoked"
        }
        _ => {
            expect(d, "certStatus", context(2), |_| Ok(()))?;
            "unknown: the responder does not know the certificate"
        }
    };
    d.note(|| note.into());
    Ok(())
}

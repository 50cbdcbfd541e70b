//! Extensions of certificates and OCSP responses (RFC 5280, section 4.2).

use super::name::{distinguished, general};
use super::*;
use crate::wire::codepoints::EXTENSION_TYPES;
use crate::wire::sct;

/// A row of the table of certificate extensions.
pub struct CertificateExtension {
    /// Content bytes of the object identifier.
    pub oid: &'static [u8],
    /// Name of the group that its value is read into.
    pub name: &'static str,
    /// Reads the value, inside the OCTET STRING.
    pub body: fn(&mut Dissector<'_>) -> Read<()>,
}

/// Sorted by identifier.
#[rustfmt::skip] // A table.
static EXTENSIONS: &[CertificateExtension] = &[
    row(&[0x2b, 6, 1, 4, 1, 0xd6, 0x79, 2, 4, 2], "SignedCertificateTimestampList", timestamps),
    row(&[0x2b, 6, 1, 4, 1, 0xd6, 0x79, 2, 4, 5], "SignedCertificateTimestampList", timestamps),
    row(&[0x2b, 6, 1, 5, 5, 7, 1, 1], "authorityInfoAccess", access),
    row(&[0x2b, 6, 1, 5, 5, 7, 1, 11], "subjectInfoAccess", access),
    row(&[0x2b, 6, 1, 5, 5, 7, 1, 24], "TLSFeature", features),
    row(&[0x55, 0x1d, 14], "subjectKeyIdentifier", |d| octet_string(d, "KeyIdentifier")),
    row(&[0x55, 0x1d, 15], "keyUsage", key_usage),
    row(&[0x55, 0x1d, 17], "subjectAltName", |d| sequence_of(d, "GeneralNames", general)),
    row(&[0x55, 0x1d, 18], "issuerAltName", |d| sequence_of(d, "GeneralNames", general)),
    row(&[0x55, 0x1d, 19], "basicConstraints", basic_constraints),
    row(&[0x55, 0x1d, 30], "nameConstraints", name_constraints),
    row(&[0x55, 0x1d, 31], "cRLDistributionPoints", distribution_points),
    row(&[0x55, 0x1d, 32], "certificatePolicies", policies),
    row(&[0x55, 0x1d, 35], "authorityKeyIdentifier", authority_key),
    row(&[0x55, 0x1d, 37], "extKeyUsage", |d| sequence_of(d, "ExtKeyUsageSyntax", |d| object_identifier(d, "KeyPurposeId").map(drop))),
    row(&[0x55, 0x1d, 46], "freshestCRL", distribution_points),
];

const fn row(
    oid: &'static [u8],
    name: &'static str,
    body: fn(&mut Dissector<'_>) -> Read<()>,
) -> CertificateExtension {
    CertificateExtension { oid, name, body }
}

/// `Extensions`.
pub fn extensions(d: &mut Dissector<'_>) -> Read<()> {
    sequence_of(d, "Extensions", extension)
}

fn extension(d: &mut Dissector<'_>) -> Read<()> {
    let found = inside(inside(d.peek()));
    let known = EXTENSIONS.binary_search_by(|row| row.oid.cmp(found)).ok().and_then(|at| EXTENSIONS.get(at));
    let name = known.map_or("Extension", |row| row.name);
    sequence(d, name, |d| {
        object_identifier(d, "extnID")?;
        optional(d, "critical", BOOLEAN, |d| boolean_content(d, "critical"))?;
        expect(d, "extnValue", OCTET_STRING, |d| match known {
            Some(row) => (row.body)(d),
            // Most are DER as well, but none need be.
            None if looks_like_der(d.peek()) => any(d),
            None => content(d, "extnValue"),
        })
    })?;
    if known.is_none() {
        d.note(|| oid::find(found).map_or_else(|| dotted(found).into(), |oid| oid.name.into()));
    }
    Ok(())
}

/// Whether `bytes` are exactly one element of a universal type.
fn looks_like_der(bytes: &[u8]) -> bool {
    head(bytes)
        .is_ok_and(|head| head.tag & 0xc0 == 0 && head.tag != 0 && head.width + head.len == bytes.len())
}

fn timestamps(d: &mut Dissector<'_>) -> Read<()> {
    expect(d, "SignedCertificateTimestampList", OCTET_STRING, |d| sct::list(d).map(drop))
}

fn access(d: &mut Dissector<'_>) -> Read<()> {
    sequence_of(d, "AccessDescriptions", |d| {
        sequence(d, "AccessDescription", |d| {
            object_identifier(d, "accessMethod")?;
            general(d)
        })
    })
}

/// Extension types of TLS, of which a server must staple the OCSP response if it is among them (RFC 7633).
fn features(d: &mut Dissector<'_>) -> Read<()> {
    sequence_of(d, "Features", |d| {
        expect(d, "feature", INTEGER, |d| match d.remaining() {
            1 => {
                let code = d.u8("feature")?;
                if let Some(name) = EXTENSION_TYPES.name_of(code.into()) {
                    d.note(|| name.into());
                }
                Ok(())
            }
            2 => d.code("feature", &EXTENSION_TYPES).map(drop),
            _ => content(d, "feature"),
        })
    })
}

/// In the order of their bits.
const KEY_USAGES: [&str; 9] = [
    "digitalSignature",
    "nonRepudiation",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "cRLSign",
    "encipherOnly",
    "decipherOnly",
];

fn key_usage(d: &mut Dissector<'_>) -> Read<()> {
    expect(d, "KeyUsage", BIT_STRING, |d| {
        d.u8("unused bits")?;
        let bits = d.peek();
        content(d, "KeyUsage")?;
        d.note(|| set_bits(bits, &KEY_USAGES).into());
        Ok(())
    })
}

/// The names of the bits that are set, the first bit being the highest of the first byte.
pub(super) fn set_bits(bytes: &[u8], names: &[&'static str]) -> String {
    let set = |at: usize| bytes.get(at / 8).is_some_and(|byte| byte << (at % 8) & 0x80 != 0);
    let names: Vec<_> = names.iter().enumerate().filter(|(at, _)| set(*at)).map(|(_, name)| *name).collect();
    names.join(", ")
}

fn basic_constraints(d: &mut Dissector<'_>) -> Read<()> {
    sequence(d, "BasicConstraints", |d| {
        optional(d, "cA", BOOLEAN, |d| boolean_content(d, "cA"))?;
        if !d.is_empty() {
            integer(d, "pathLenConstraint")?;
        }
        Ok(())
    })
}

fn name_constraints(d: &mut Dissector<'_>) -> Read<()> {
    sequence(d, "NameConstraints", |d| {
        optional(d, "permittedSubtrees", constructed(0), |d| each(d, subtree))?;
        optional(d, "excludedSubtrees", constructed(1), |d| each(d, subtree))?;
        Ok(())
    })
}

fn subtree(d: &mut Dissector<'_>) -> Read<()> {
    sequence(d, "GeneralSubtree", |d| {
        general(d)?;
        each(d, any)
    })
}

fn distribution_points(d: &mut Dissector<'_>) -> Read<()> {
    sequence_of(d, "CRLDistributionPoints", |d| {
        sequence(d, "DistributionPoint", |d| {
            optional(d, "distributionPoint", constructed(0), |d| {
                if !optional(d, "fullName", constructed(0), |d| each(d, general))? {
                    any_as(d, "nameRelativeToCRLIssuer")?;
                }
                Ok(())
            })?;
            optional(d, "reasons", context(1), |d| bits(d, "reasons"))?;
            optional(d, "cRLIssuer", constructed(2), |d| each(d, general))?;
            Ok(())
        })
    })
}

fn policies(d: &mut Dissector<'_>) -> Read<()> {
    sequence_of(d, "CertificatePolicies", |d| {
        sequence(d, "PolicyInformation", |d| {
            object_identifier(d, "policyIdentifier")?;
            if d.is_empty() {
                return Ok(());
            }
            sequence_of(d, "policyQualifiers", |d| {
                sequence(d, "PolicyQualifierInfo", |d| {
                    object_identifier(d, "policyQualifierId")?;
                    any_as(d, "qualifier")
                })
            })
        })
    })
}

fn authority_key(d: &mut Dissector<'_>) -> Read<()> {
    sequence(d, "AuthorityKeyIdentifier", |d| {
        optional(d, "keyIdentifier", context(0), |d| content(d, "keyIdentifier"))?;
        optional(d, "authorityCertIssuer", constructed(1), |d| each(d, general))?;
        optional(d, "authorityCertSerialNumber", context(2), |d| number(d, "authorityCertSerialNumber"))?;
        Ok(())
    })
}

/// Who signed an OCSP response, when it is named.
pub(super) fn responder_name(d: &mut Dissector<'_>) -> Read<()> {
    distinguished(d, "byName")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted() {
        assert!(EXTENSIONS.windows(2).all(|pair| pair[0].oid < pair[1].oid));
        assert_eq!(set_bits(&[0xa0], &KEY_USAGES), "digitalSignature, keyEncipherment");
        assert_eq!(set_bits(&[0x00, 0x80], &KEY_USAGES), "decipherOnly");
    }
}

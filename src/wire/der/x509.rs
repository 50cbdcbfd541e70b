//! X.509 certificates (RFC 5280, section 4.1).

use super::extensions::extensions;
use super::name::distinguished;
use super::*;

/// Content bytes of object identifiers that decide how a key is read.
const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const RSASSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
const DSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01];

/// A certificate.
pub fn certificate(d: &mut Dissector<'_>) -> Read<()> {
    sequence(d, "Certificate", |d| {
        sequence(d, "tbsCertificate", to_be_signed)?;
        algorithm(d, "signatureAlgorithm")?;
        bit_string(d, "signatureValue")
    })
}

fn to_be_signed(d: &mut Dissector<'_>) -> Read<()> {
    optional(d, "version", constructed(0), |d| {
        expect(d, "version", INTEGER, |d| {
            let version = d.u8("version")?;
            d.note(|| format!("v{}", u32::from(version) + 1).into());
            Ok(())
        })
    })?;
    integer(d, "serialNumber")?;
    algorithm(d, "signature")?;
    distinguished(d, "issuer")?;
    sequence(d, "validity", |d| {
        time(d, "notBefore")?;
        time(d, "notAfter")
    })?;
    distinguished(d, "subject")?;
    public_key(d)?;
    optional(d, "issuerUniqueID", context(1), |d| bits(d, "issuerUniqueID"))?;
    optional(d, "subjectUniqueID", context(2), |d| bits(d, "subjectUniqueID"))?;
    optional(d, "extensions", constructed(3), extensions)?;
    Ok(())
}

/// An AlgorithmIdentifier.
pub fn algorithm(d: &mut Dissector<'_>, name: &'static str) -> Read<()> {
    sequence(d, name, |d| {
        object_identifier(d, "algorithm")?;
        parameters(d)
    })
}

fn parameters(d: &mut Dissector<'_>) -> Read<()> {
    if d.is_empty() { Ok(()) } else { any_as(d, "parameters") }
}

/// A SubjectPublicKeyInfo.
pub fn public_key(d: &mut Dissector<'_>) -> Read<()> {
    sequence(d, "subjectPublicKeyInfo", |d| {
        // The identifier in the AlgorithmIdentifier that comes first.
        let kind = inside(inside(d.peek()));
        algorithm(d, "algorithm")?;
        expect(d, "subjectPublicKey", BIT_STRING, |d| match kind {
            RSA_ENCRYPTION | RSASSA_PSS => {
                d.u8("unused bits")?;
                rsa(d)
            }
            DSA => {
                d.u8("unused bits")?;
                integer(d, "y")
            }
            _ => bits(d, "subjectPublicKey"),
        })
    })
}

fn rsa(d: &mut Dissector<'_>) -> Read<()> {
    sequence(d, "RSAPublicKey", |d| {
        let ahead = d.peek();
        integer(d, "modulus")?;
        d.note(|| {
            let number = head(ahead)
                .ok()
                .and_then(|head| ahead.get(head.width..head.width + head.len))
                .unwrap_or_default();
            format!("{} bits", bit_length(number)).into()
        });
        integer(d, "publicExponent")
    })
}

/// Length of a big-endian number in bits.
pub fn bit_length(number: &[u8]) -> usize {
    let number = &number[number.iter().take_while(|byte| **byte == 0).count()..];
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

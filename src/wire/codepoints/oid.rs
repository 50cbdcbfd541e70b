//! Object identifiers that certificates and OCSP responses have (RFC 5280, RFC 6960 and many more).

use std::fmt::Write;

/// An object identifier with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Oid {
    /// The content bytes of its DER encoding.
    pub der: &'static [u8],
    pub dotted: &'static str,
    /// Its name in the standard that defines it.
    pub name: &'static str,
    /// How a distinguished name abbreviates it; empty for what is no attribute of a name.
    pub label: &'static str,
    /// Name and numbers, for showing.
    pub shown: &'static str,
}

/// The identifier with this encoding, if it is known.
pub fn find(der: &[u8]) -> Option<&'static Oid> {
    OIDS.binary_search_by(|oid| oid.der.cmp(der)).ok().and_then(|at| OIDS.get(at))
}

/// All known identifiers, in the order of their encoding.
pub fn all() -> &'static [Oid] {
    OIDS
}

/// The numbers of an identifier's encoding, with dots between them. What is malformed ends in a question mark.
pub fn dotted(der: &[u8]) -> String {
    let mut out = String::new();
    let mut arc = 0u128;
    let mut open = der.is_empty();
    for byte in der {
        if arc >> 120 != 0 {
            open = true;
            break;
        }
        arc = arc << 7 | u128::from(byte & 0x7f);
        open = byte & 0x80 != 0;
        if open {
            continue;
        }
        if out.is_empty() {
            // The first two numbers share an arc.
            let first = (arc / 40).min(2);
            let _ = write!(out, "{first}.{}", arc - first * 40);
        } else {
            let _ = write!(out, ".{arc}");
        }
        arc = 0;
    }
    if open {
        out.push('?');
    }
    out
}

macro_rules! oid {
    ($der:literal, $dotted:literal, $name:literal, $label:literal) => {
        Oid {
            der: $der,
            dotted: $dotted,
            name: $name,
            label: $label,
            shown: concat!($name, " (", $dotted, ")"),
        }
    };
}

/// Sorted by encoding.
#[rustfmt::skip] // A table.
static OIDS: &[Oid] = &[
    oid!(b"\x04\x00\x81\x98\x27\x02", "0.4.0.19495.2", "id-etsi-psd2-qcStatement", ""),
    oid!(b"\x04\x00\x8b\xec\x40\x01\x04", "0.4.0.194112.1.4", "qcp-web", ""),
    oid!(b"\x04\x00\x8e\x46\x01\x01", "0.4.0.1862.1.1", "id-etsi-qcs-QcCompliance", ""),
    oid!(b"\x04\x00\x8e\x46\x01\x02", "0.4.0.1862.1.2", "id-etsi-qcs-QcLimitValue", ""),
    oid!(b"\x04\x00\x8e\x46\x01\x03", "0.4.0.1862.1.3", "id-etsi-qcs-QcRetentionPeriod", ""),
    oid!(b"\x04\x00\x8e\x46\x01\x04", "0.4.0.1862.1.4", "id-etsi-qcs-QcSSCD", ""),
    oid!(b"\x04\x00\x8e\x46\x01\x05", "0.4.0.1862.1.5", "id-etsi-qcs-QcPDS", ""),
    oid!(b"\x04\x00\x8e\x46\x01\x06", "0.4.0.1862.1.6", "id-etsi-qcs-QcType", ""),
    oid!(b"\x04\x00\x8e\x46\x01\x06\x01", "0.4.0.1862.1.6.1", "id-etsi-qct-esign", ""),
    oid!(b"\x04\x00\x8e\x46\x01\x06\x02", "0.4.0.1862.1.6.2", "id-etsi-qct-eseal", ""),
    oid!(b"\x04\x00\x8e\x46\x01\x06\x03", "0.4.0.1862.1.6.3", "id-etsi-qct-web", ""),
    oid!(b"\x04\x00\x8f\x7a\x01\x01", "0.4.0.2042.1.1", "ncp", ""),
    oid!(b"\x04\x00\x8f\x7a\x01\x04", "0.4.0.2042.1.4", "evcp", ""),
    oid!(b"\x04\x00\x8f\x7a\x01\x06", "0.4.0.2042.1.6", "dvcp", ""),
    oid!(b"\x04\x00\x8f\x7a\x01\x07", "0.4.0.2042.1.7", "ovcp", ""),
    oid!(b"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01", "0.9.2342.19200300.100.1.1", "userId", "UID"),
    oid!(b"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19", "0.9.2342.19200300.100.1.25", "domainComponent", "DC"),
    oid!(b"\x2a\x81\x1c\xcf\x55\x01\x82\x2d", "1.2.156.10197.1.301", "curveSM2", ""),
    oid!(b"\x2a\x81\x1c\xcf\x55\x01\x83\x11", "1.2.156.10197.1.401", "sm3", ""),
    oid!(b"\x2a\x81\x1c\xcf\x55\x01\x83\x75", "1.2.156.10197.1.501", "SM2-with-SM3", ""),
    oid!(b"\x2a\x85\x03\x02\x02\x03", "1.2.643.2.2.3", "id-GostR3411-94-with-GostR3410-2001", ""),
    oid!(b"\x2a\x85\x03\x02\x02\x09", "1.2.643.2.2.9", "id-GostR3411-94", ""),
    oid!(b"\x2a\x85\x03\x02\x02\x13", "1.2.643.2.2.19", "id-GostR3410-2001", ""),
    oid!(b"\x2a\x85\x03\x02\x02\x1e\x01", "1.2.643.2.2.30.1", "id-GostR3411-94-CryptoProParamSet", ""),
    oid!(b"\x2a\x85\x03\x02\x02\x23\x01", "1.2.643.2.2.35.1", "id-GostR3410-2001-CryptoPro-A-ParamSet", ""),
    oid!(b"\x2a\x85\x03\x03\x81\x03\x01\x01", "1.2.643.3.131.1.1", "INN", "INN"),
    oid!(b"\x2a\x85\x03\x07\x01\x01\x01\x01", "1.2.643.7.1.1.1.1", "id-tc26-gost3410-12-256", ""),
    oid!(b"\x2a\x85\x03\x07\x01\x01\x01\x02", "1.2.643.7.1.1.1.2", "id-tc26-gost3410-12-512", ""),
    oid!(b"\x2a\x85\x03\x07\x01\x01\x02\x02", "1.2.643.7.1.1.2.2", "id-tc26-gost3411-12-256", ""),
    oid!(b"\x2a\x85\x03\x07\x01\x01\x02\x03", "1.2.643.7.1.1.2.3", "id-tc26-gost3411-12-512", ""),
    oid!(b"\x2a\x85\x03\x07\x01\x01\x03\x02", "1.2.643.7.1.1.3.2", "id-tc26-signwithdigest-gost3410-12-256", ""),
    oid!(b"\x2a\x85\x03\x07\x01\x01\x03\x03", "1.2.643.7.1.1.3.3", "id-tc26-signwithdigest-gost3410-12-512", ""),
    oid!(b"\x2a\x85\x03\x64\x01", "1.2.643.100.1", "OGRN", "OGRN"),
    oid!(b"\x2a\x85\x03\x64\x03", "1.2.643.100.3", "SNILS", "SNILS"),
    oid!(b"\x2a\x86\x48\x86\xf6\x7d\x07\x41\x00", "1.2.840.113533.7.65.0", "entrustVersInfo", ""),
    oid!(b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", "1.2.840.113549.1.1.1", "rsaEncryption", ""),
    oid!(b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x02", "1.2.840.113549.1.1.2", "md2WithRSAEncryption", ""),
    oid!(b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x03", "1.2.840.113549.1.1.3", "md4WithRSAEncryption", ""),
    oid!(b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04", "1.2.840.113549.1.1.4", "md5WithRSAEncryption", ""),
    oid!(b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05", "1.2.840.113549.1.1.5", "sha1WithRSAEncryption", ""),
    oid!(b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x07", "1.2.840.113549.1.1.7", "id-RSAES-OAEP", ""),
    oid!(b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08", "1.2.840.113549.1.1.8", "id-mgf1", ""),
    oid!(b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a", "1.2.840.113549.1.1.10", "rsassaPss", ""),
    oid!(b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b", "1.2.840.113549.1.1.11", "sha256WithRSAEncryption", ""),
    oid!(b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c", "1.2.840.113549.1.1.12", "sha384WithRSAEncryption", ""),
    oid!(b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d", "1.2.840.113549.1.1.13", "sha512WithRSAEncryption", ""),
    oid!(b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0e", "1.2.840.113549.1.1.14", "sha224WithRSAEncryption", ""),
    oid!(b"\x2a\x86\x48\x86\xf7\x0d\x01\x03\x01", "1.2.840.113549.1.3.1", "dhKeyAgreement", ""),
    oid!(b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01", "1.2.840.113549.1.7.1", "id-data", ""),
    oid!(b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", "1.2.840.113549.1.7.2", "id-signedData", ""),
    oid!(b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01", "1.2.840.113549.1.9.1", "emailAddress", "emailAddress"),
    oid!(b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x02", "1.2.840.113549.1.9.2", "unstructuredName", "unstructuredName"),
    oid!(b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03", "1.2.840.113549.1.9.3", "contentType", ""),
    oid!(b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04", "1.2.840.113549.1.9.4", "messageDigest", ""),
    oid!(b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x05", "1.2.840.113549.1.9.5", "signingTime", ""),
    oid!(b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x08", "1.2.840.113549.1.9.8", "unstructuredAddress", "unstructuredAddress"),
    oid!(b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x0e", "1.2.840.113549.1.9.14", "extensionRequest", ""),
    oid!(b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x0f", "1.2.840.113549.1.9.15", "smimeCapabilities", ""),
    oid!(b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x2f", "1.2.840.113549.1.9.16.2.47", "signingCertificateV2", ""),
    oid!(b"\x2a\x86\x48\x86\xf7\x0d\x02\x05", "1.2.840.113549.2.5", "md5", ""),
    oid!(b"\x2a\x86\x48\xce\x38\x04\x01", "1.2.840.10040.4.1", "id-dsa", ""),
    oid!(b"\x2a\x86\x48\xce\x38\x04\x03", "1.2.840.10040.4.3", "dsa-with-sha1", ""),
    oid!(b"\x2a\x86\x48\xce\x3d\x01\x01", "1.2.840.10045.1.1", "prime-field", ""),
    oid!(b"\x2a\x86\x48\xce\x3d\x01\x02", "1.2.840.10045.1.2", "characteristic-two-field", ""),
    oid!(b"\x2a\x86\x48\xce\x3d\x02\x01", "1.2.840.10045.2.1", "id-ecPublicKey", ""),
    oid!(b"\x2a\x86\x48\xce\x3d\x03\x01\x01", "1.2.840.10045.3.1.1", "secp192r1", ""),
    oid!(b"\x2a\x86\x48\xce\x3d\x03\x01\x07", "1.2.840.10045.3.1.7", "secp256r1", ""),
    oid!(b"\x2a\x86\x48\xce\x3d\x04\x01", "1.2.840.10045.4.1", "ecdsa-with-SHA1", ""),
    oid!(b"\x2a\x86\x48\xce\x3d\x04\x03\x01", "1.2.840.10045.4.3.1", "ecdsa-with-SHA224", ""),
    oid!(b"\x2a\x86\x48\xce\x3d\x04\x03\x02", "1.2.840.10045.4.3.2", "ecdsa-with-SHA256", ""),
    oid!(b"\x2a\x86\x48\xce\x3d\x04\x03\x03", "1.2.840.10045.4.3.3", "ecdsa-with-SHA384", ""),
    oid!(b"\x2a\x86\x48\xce\x3d\x04\x03\x04", "1.2.840.10045.4.3.4", "ecdsa-with-SHA512", ""),
    oid!(b"\x2a\x86\x48\xce\x3e\x02\x01", "1.2.840.10046.2.1", "dhpublicnumber", ""),
    oid!(b"\x2b\x06\x01\x04\x01\x82\x37\x0a\x03\x03", "1.3.6.1.4.1.311.10.3.3", "msSGC", ""),
    oid!(b"\x2b\x06\x01\x04\x01\x82\x37\x0a\x03\x04", "1.3.6.1.4.1.311.10.3.4", "msEFS", ""),
    oid!(b"\x2b\x06\x01\x04\x01\x82\x37\x0a\x03\x0c", "1.3.6.1.4.1.311.10.3.12", "msDocumentSigning", ""),
    oid!(b"\x2b\x06\x01\x04\x01\x82\x37\x14\x02", "1.3.6.1.4.1.311.20.2", "msCertificateTemplateName", ""),
    oid!(b"\x2b\x06\x01\x04\x01\x82\x37\x14\x02\x02", "1.3.6.1.4.1.311.20.2.2", "msSmartcardLogon", ""),
    oid!(b"\x2b\x06\x01\x04\x01\x82\x37\x14\x02\x03", "1.3.6.1.4.1.311.20.2.3", "msUserPrincipalName", ""),
    oid!(b"\x2b\x06\x01\x04\x01\x82\x37\x15\x01", "1.3.6.1.4.1.311.21.1", "msCAVersion", ""),
    oid!(b"\x2b\x06\x01\x04\x01\x82\x37\x15\x02", "1.3.6.1.4.1.311.21.2", "msPreviousCertHash", ""),
    oid!(b"\x2b\x06\x01\x04\x01\x82\x37\x15\x07", "1.3.6.1.4.1.311.21.7", "msCertificateTemplate", ""),
    oid!(b"\x2b\x06\x01\x04\x01\x82\x37\x15\x0a", "1.3.6.1.4.1.311.21.10", "msApplicationCertPolicies", ""),
    oid!(b"\x2b\x06\x01\x04\x01\x82\x37\x19\x02", "1.3.6.1.4.1.311.25.2", "msNTDSCaSecurity", ""),
    oid!(b"\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01\x01", "1.3.6.1.4.1.311.60.2.1.1", "jurisdictionLocalityName", "jurisdictionL"),
    oid!(b"\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01\x02", "1.3.6.1.4.1.311.60.2.1.2", "jurisdictionStateOrProvinceName", "jurisdictionST"),
    oid!(b"\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01\x03", "1.3.6.1.4.1.311.60.2.1.3", "jurisdictionCountryName", "jurisdictionC"),
    oid!(b"\x2b\x06\x01\x04\x01\x82\xda\x4b\x2c", "1.3.6.1.4.1.44363.44", "delegationUsage", ""),
    oid!(b"\x2b\x06\x01\x04\x01\x82\xdf\x13\x01\x01\x01", "1.3.6.1.4.1.44947.1.1.1", "isrgDomainValidated", ""),
    oid!(b"\x2b\x06\x01\x04\x01\xb2\x31\x01\x02\x01\x05\x01", "1.3.6.1.4.1.6449.1.2.1.5.1", "sectigoEV", ""),
    oid!(b"\x2b\x06\x01\x04\x01\xb2\x31\x01\x02\x02\x07", "1.3.6.1.4.1.6449.1.2.2.7", "sectigoDV", ""),
    oid!(b"\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x02", "1.3.6.1.4.1.11129.2.4.2", "embeddedSCTList", ""),
    oid!(b"\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x03", "1.3.6.1.4.1.11129.2.4.3", "ctPoison", ""),
    oid!(b"\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x04", "1.3.6.1.4.1.11129.2.4.4", "ctPrecertSigning", ""),
    oid!(b"\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x05", "1.3.6.1.4.1.11129.2.4.5", "ocspSCTList", ""),
    oid!(b"\x2b\x06\x01\x04\x01\xd6\x79\x02\x05\x03", "1.3.6.1.4.1.11129.2.5.3", "googleInternetAuthority", ""),
    oid!(b"\x2b\x06\x01\x05\x02\x03\x04", "1.3.6.1.5.2.3.4", "id-pkinit-KPClientAuth", ""),
    oid!(b"\x2b\x06\x01\x05\x02\x03\x05", "1.3.6.1.5.2.3.5", "id-pkinit-KPKdc", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x01\x01", "1.3.6.1.5.5.7.1.1", "id-pe-authorityInfoAccess", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x01\x03", "1.3.6.1.5.5.7.1.3", "id-pe-qcStatements", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x01\x07", "1.3.6.1.5.5.7.1.7", "id-pe-ipAddrBlocks", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x01\x08", "1.3.6.1.5.5.7.1.8", "id-pe-autonomousSysIds", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x01\x0b", "1.3.6.1.5.5.7.1.11", "id-pe-subjectInfoAccess", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x01\x0c", "1.3.6.1.5.5.7.1.12", "id-pe-logotype", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x01\x18", "1.3.6.1.5.5.7.1.24", "id-pe-tlsfeature", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x01\x1f", "1.3.6.1.5.5.7.1.31", "id-pe-acmeIdentifier", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x02\x01", "1.3.6.1.5.5.7.2.1", "id-qt-cps", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x02\x02", "1.3.6.1.5.5.7.2.2", "id-qt-unotice", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x03\x01", "1.3.6.1.5.5.7.3.1", "id-kp-serverAuth", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x03\x02", "1.3.6.1.5.5.7.3.2", "id-kp-clientAuth", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x03\x03", "1.3.6.1.5.5.7.3.3", "id-kp-codeSigning", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x03\x04", "1.3.6.1.5.5.7.3.4", "id-kp-emailProtection", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x03\x05", "1.3.6.1.5.5.7.3.5", "id-kp-ipsecEndSystem", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x03\x06", "1.3.6.1.5.5.7.3.6", "id-kp-ipsecTunnel", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x03\x07", "1.3.6.1.5.5.7.3.7", "id-kp-ipsecUser", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x03\x08", "1.3.6.1.5.5.7.3.8", "id-kp-timeStamping", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x03\x09", "1.3.6.1.5.5.7.3.9", "id-kp-OCSPSigning", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x03\x0d", "1.3.6.1.5.5.7.3.13", "id-kp-eapOverPPP", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x03\x0e", "1.3.6.1.5.5.7.3.14", "id-kp-eapOverLAN", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x03\x11", "1.3.6.1.5.5.7.3.17", "id-kp-ipsecIKE", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x03\x15", "1.3.6.1.5.5.7.3.21", "id-kp-secureShellClient", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x03\x16", "1.3.6.1.5.5.7.3.22", "id-kp-secureShellServer", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x03\x24", "1.3.6.1.5.5.7.3.36", "id-kp-documentSigning", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x08\x05", "1.3.6.1.5.5.7.8.5", "id-on-xmppAddr", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x08\x07", "1.3.6.1.5.5.7.8.7", "id-on-dnsSRV", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x08\x09", "1.3.6.1.5.5.7.8.9", "id-on-SmtpUTF8Mailbox", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x30\x01", "1.3.6.1.5.5.7.48.1", "id-ad-ocsp", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x30\x01\x01", "1.3.6.1.5.5.7.48.1.1", "id-pkix-ocsp-basic", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x30\x01\x02", "1.3.6.1.5.5.7.48.1.2", "id-pkix-ocsp-nonce", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x30\x01\x03", "1.3.6.1.5.5.7.48.1.3", "id-pkix-ocsp-crl", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x30\x01\x04", "1.3.6.1.5.5.7.48.1.4", "id-pkix-ocsp-response", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x30\x01\x05", "1.3.6.1.5.5.7.48.1.5", "id-pkix-ocsp-nocheck", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x30\x01\x06", "1.3.6.1.5.5.7.48.1.6", "id-pkix-ocsp-archive-cutoff", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x30\x01\x07", "1.3.6.1.5.5.7.48.1.7", "id-pkix-ocsp-service-locator", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x30\x01\x09", "1.3.6.1.5.5.7.48.1.9", "id-pkix-ocsp-extended-revoke", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x30\x02", "1.3.6.1.5.5.7.48.2", "id-ad-caIssuers", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x30\x03", "1.3.6.1.5.5.7.48.3", "id-ad-timestamping", ""),
    oid!(b"\x2b\x06\x01\x05\x05\x07\x30\x05", "1.3.6.1.5.5.7.48.5", "id-ad-caRepository", ""),
    oid!(b"\x2b\x0e\x03\x02\x1a", "1.3.14.3.2.26", "sha1", ""),
    oid!(b"\x2b\x0e\x03\x02\x1d", "1.3.14.3.2.29", "sha1WithRSASignature", ""),
    oid!(b"\x2b\x24\x03\x03\x02\x08\x01\x01\x07", "1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1", ""),
    oid!(b"\x2b\x24\x03\x03\x02\x08\x01\x01\x0b", "1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1", ""),
    oid!(b"\x2b\x24\x03\x03\x02\x08\x01\x01\x0d", "1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1", ""),
    oid!(b"\x2b\x65\x6e", "1.3.101.110", "id-X25519", ""),
    oid!(b"\x2b\x65\x6f", "1.3.101.111", "id-X448", ""),
    oid!(b"\x2b\x65\x70", "1.3.101.112", "id-Ed25519", ""),
    oid!(b"\x2b\x65\x71", "1.3.101.113", "id-Ed448", ""),
    oid!(b"\x2b\x81\x04\x00\x01", "1.3.132.0.1", "sect163k1", ""),
    oid!(b"\x2b\x81\x04\x00\x0a", "1.3.132.0.10", "secp256k1", ""),
    oid!(b"\x2b\x81\x04\x00\x0f", "1.3.132.0.15", "sect163r2", ""),
    oid!(b"\x2b\x81\x04\x00\x10", "1.3.132.0.16", "sect283k1", ""),
    oid!(b"\x2b\x81\x04\x00\x11", "1.3.132.0.17", "sect283r1", ""),
    oid!(b"\x2b\x81\x04\x00\x1a", "1.3.132.0.26", "sect233k1", ""),
    oid!(b"\x2b\x81\x04\x00\x1b", "1.3.132.0.27", "sect233r1", ""),
    oid!(b"\x2b\x81\x04\x00\x21", "1.3.132.0.33", "secp224r1", ""),
    oid!(b"\x2b\x81\x04\x00\x22", "1.3.132.0.34", "secp384r1", ""),
    oid!(b"\x2b\x81\x04\x00\x23", "1.3.132.0.35", "secp521r1", ""),
    oid!(b"\x2b\x81\x04\x00\x24", "1.3.132.0.36", "sect409k1", ""),
    oid!(b"\x2b\x81\x04\x00\x25", "1.3.132.0.37", "sect409r1", ""),
    oid!(b"\x2b\x81\x04\x00\x26", "1.3.132.0.38", "sect571k1", ""),
    oid!(b"\x2b\x81\x04\x00\x27", "1.3.132.0.39", "sect571r1", ""),
    oid!(b"\x2b\x81\x04\x01\x0c", "1.3.132.1.12", "id-ecDH", ""),
    oid!(b"\x55\x04\x03", "2.5.4.3", "commonName", "CN"),
    oid!(b"\x55\x04\x04", "2.5.4.4", "surname", "SN"),
    oid!(b"\x55\x04\x05", "2.5.4.5", "serialNumber", "SERIALNUMBER"),
    oid!(b"\x55\x04\x06", "2.5.4.6", "countryName", "C"),
    oid!(b"\x55\x04\x07", "2.5.4.7", "localityName", "L"),
    oid!(b"\x55\x04\x08", "2.5.4.8", "stateOrProvinceName", "ST"),
    oid!(b"\x55\x04\x09", "2.5.4.9", "streetAddress", "STREET"),
    oid!(b"\x55\x04\x0a", "2.5.4.10", "organizationName", "O"),
    oid!(b"\x55\x04\x0b", "2.5.4.11", "organizationalUnitName", "OU"),
    oid!(b"\x55\x04\x0c", "2.5.4.12", "title", "T"),
    oid!(b"\x55\x04\x0d", "2.5.4.13", "description", "description"),
    oid!(b"\x55\x04\x0f", "2.5.4.15", "businessCategory", "businessCategory"),
    oid!(b"\x55\x04\x10", "2.5.4.16", "postalAddress", "postalAddress"),
    oid!(b"\x55\x04\x11", "2.5.4.17", "postalCode", "postalCode"),
    oid!(b"\x55\x04\x14", "2.5.4.20", "telephoneNumber", "telephoneNumber"),
    oid!(b"\x55\x04\x29", "2.5.4.41", "name", "name"),
    oid!(b"\x55\x04\x2a", "2.5.4.42", "givenName", "GN"),
    oid!(b"\x55\x04\x2b", "2.5.4.43", "initials", "initials"),
    oid!(b"\x55\x04\x2c", "2.5.4.44", "generationQualifier", "generationQualifier"),
    oid!(b"\x55\x04\x2d", "2.5.4.45", "x500UniqueIdentifier", "x500UniqueIdentifier"),
    oid!(b"\x55\x04\x2e", "2.5.4.46", "dnQualifier", "dnQualifier"),
    oid!(b"\x55\x04\x41", "2.5.4.65", "pseudonym", "pseudonym"),
    oid!(b"\x55\x04\x61", "2.5.4.97", "organizationIdentifier", "organizationIdentifier"),
    oid!(b"\x55\x1d\x09", "2.5.29.9", "id-ce-subjectDirectoryAttributes", ""),
    oid!(b"\x55\x1d\x0e", "2.5.29.14", "id-ce-subjectKeyIdentifier", ""),
    oid!(b"\x55\x1d\x0f", "2.5.29.15", "id-ce-keyUsage", ""),
    oid!(b"\x55\x1d\x10", "2.5.29.16", "id-ce-privateKeyUsagePeriod", ""),
    oid!(b"\x55\x1d\x11", "2.5.29.17", "id-ce-subjectAltName", ""),
    oid!(b"\x55\x1d\x12", "2.5.29.18", "id-ce-issuerAltName", ""),
    oid!(b"\x55\x1d\x13", "2.5.29.19", "id-ce-basicConstraints", ""),
    oid!(b"\x55\x1d\x14", "2.5.29.20", "id-ce-cRLNumber", ""),
    oid!(b"\x55\x1d\x15", "2.5.29.21", "id-ce-cRLReasons", ""),
    oid!(b"\x55\x1d\x18", "2.5.29.24", "id-ce-invalidityDate", ""),
    oid!(b"\x55\x1d\x1b", "2.5.29.27", "id-ce-deltaCRLIndicator", ""),
    oid!(b"\x55\x1d\x1c", "2.5.29.28", "id-ce-issuingDistributionPoint", ""),
    oid!(b"\x55\x1d\x1d", "2.5.29.29", "id-ce-certificateIssuer", ""),
    oid!(b"\x55\x1d\x1e", "2.5.29.30", "id-ce-nameConstraints", ""),
    oid!(b"\x55\x1d\x1f", "2.5.29.31", "id-ce-cRLDistributionPoints", ""),
    oid!(b"\x55\x1d\x20", "2.5.29.32", "id-ce-certificatePolicies", ""),
    oid!(b"\x55\x1d\x20\x00", "2.5.29.32.0", "anyPolicy", ""),
    oid!(b"\x55\x1d\x21", "2.5.29.33", "id-ce-policyMappings", ""),
    oid!(b"\x55\x1d\x23", "2.5.29.35", "id-ce-authorityKeyIdentifier", ""),
    oid!(b"\x55\x1d\x24", "2.5.29.36", "id-ce-policyConstraints", ""),
    oid!(b"\x55\x1d\x25", "2.5.29.37", "id-ce-extKeyUsage", ""),
    oid!(b"\x55\x1d\x25\x00", "2.5.29.37.0", "anyExtendedKeyUsage", ""),
    oid!(b"\x55\x1d\x2e", "2.5.29.46", "id-ce-freshestCRL", ""),
    oid!(b"\x55\x1d\x36", "2.5.29.54", "id-ce-inhibitAnyPolicy", ""),
    oid!(b"\x60\x86\x48\x01\x65\x03\x04\x02\x01", "2.16.840.1.101.3.4.2.1", "sha256", ""),
    oid!(b"\x60\x86\x48\x01\x65\x03\x04\x02\x02", "2.16.840.1.101.3.4.2.2", "sha384", ""),
    oid!(b"\x60\x86\x48\x01\x65\x03\x04\x02\x03", "2.16.840.1.101.3.4.2.3", "sha512", ""),
    oid!(b"\x60\x86\x48\x01\x65\x03\x04\x02\x04", "2.16.840.1.101.3.4.2.4", "sha224", ""),
    oid!(b"\x60\x86\x48\x01\x65\x03\x04\x02\x08", "2.16.840.1.101.3.4.2.8", "sha3-256", ""),
    oid!(b"\x60\x86\x48\x01\x65\x03\x04\x02\x09", "2.16.840.1.101.3.4.2.9", "sha3-384", ""),
    oid!(b"\x60\x86\x48\x01\x65\x03\x04\x02\x0a", "2.16.840.1.101.3.4.2.10", "sha3-512", ""),
    oid!(b"\x60\x86\x48\x01\x65\x03\x04\x02\x0b", "2.16.840.1.101.3.4.2.11", "shake128", ""),
    oid!(b"\x60\x86\x48\x01\x65\x03\x04\x02\x0c", "2.16.840.1.101.3.4.2.12", "shake256", ""),
    oid!(b"\x60\x86\x48\x01\x65\x03\x04\x03\x01", "2.16.840.1.101.3.4.3.1", "dsa-with-sha224", ""),
    oid!(b"\x60\x86\x48\x01\x65\x03\x04\x03\x02", "2.16.840.1.101.3.4.3.2", "dsa-with-sha256", ""),
    oid!(b"\x60\x86\x48\x01\x65\x03\x04\x03\x11", "2.16.840.1.101.3.4.3.17", "id-ml-dsa-44", ""),
    oid!(b"\x60\x86\x48\x01\x65\x03\x04\x03\x12", "2.16.840.1.101.3.4.3.18", "id-ml-dsa-65", ""),
    oid!(b"\x60\x86\x48\x01\x65\x03\x04\x03\x13", "2.16.840.1.101.3.4.3.19", "id-ml-dsa-87", ""),
    oid!(b"\x60\x86\x48\x01\x65\x03\x04\x03\x14", "2.16.840.1.101.3.4.3.20", "id-slh-dsa-sha2-128s", ""),
    oid!(b"\x60\x86\x48\x01\x65\x03\x04\x03\x15", "2.16.840.1.101.3.4.3.21", "id-slh-dsa-sha2-128f", ""),
    oid!(b"\x60\x86\x48\x01\x65\x03\x04\x03\x16", "2.16.840.1.101.3.4.3.22", "id-slh-dsa-sha2-192s", ""),
    oid!(b"\x60\x86\x48\x01\x65\x03\x04\x03\x17", "2.16.840.1.101.3.4.3.23", "id-slh-dsa-sha2-192f", ""),
    oid!(b"\x60\x86\x48\x01\x65\x03\x04\x03\x18", "2.16.840.1.101.3.4.3.24", "id-slh-dsa-sha2-256s", ""),
    oid!(b"\x60\x86\x48\x01\x65\x03\x04\x03\x19", "2.16.840.1.101.3.4.3.25", "id-slh-dsa-sha2-256f", ""),
    oid!(b"\x60\x86\x48\x01\x65\x03\x04\x04\x01", "2.16.840.1.101.3.4.4.1", "id-ml-kem-512", ""),
    oid!(b"\x60\x86\x48\x01\x65\x03\x04\x04\x02", "2.16.840.1.101.3.4.4.2", "id-ml-kem-768", ""),
    oid!(b"\x60\x86\x48\x01\x65\x03\x04\x04\x03", "2.16.840.1.101.3.4.4.3", "id-ml-kem-1024", ""),
    oid!(b"\x60\x86\x48\x01\x86\xf8\x42\x01\x01", "2.16.840.1.113730.1.1", "netscape-cert-type", ""),
    oid!(b"\x60\x86\x48\x01\x86\xf8\x42\x01\x0d", "2.16.840.1.113730.1.13", "netscape-comment", ""),
    oid!(b"\x60\x86\x48\x01\x86\xf8\x42\x04\x01", "2.16.840.1.113730.4.1", "netscape-sgc", ""),
    oid!(b"\x60\x86\x48\x01\x86\xfd\x6c\x01\x01", "2.16.840.1.114412.1.1", "digiCertOV", ""),
    oid!(b"\x60\x86\x48\x01\x86\xfd\x6c\x01\x02", "2.16.840.1.114412.1.2", "digiCertDV", ""),
    oid!(b"\x60\x86\x48\x01\x86\xfd\x6c\x02\x01", "2.16.840.1.114412.2.1", "digiCertEV", ""),
    oid!(b"\x67\x81\x0c\x01\x01", "2.23.140.1.1", "ev-guidelines", ""),
    oid!(b"\x67\x81\x0c\x01\x02\x01", "2.23.140.1.2.1", "domain-validated", ""),
    oid!(b"\x67\x81\x0c\x01\x02\x02", "2.23.140.1.2.2", "organization-validated", ""),
    oid!(b"\x67\x81\x0c\x01\x02\x03", "2.23.140.1.2.3", "individual-validated", ""),
    oid!(b"\x67\x81\x0c\x01\x03", "2.23.140.1.3", "ev-codesigning", ""),
    oid!(b"\x67\x81\x0c\x01\x04\x01", "2.23.140.1.4.1", "code-signing", ""),
    oid!(b"\x67\x81\x0c\x01\x1f", "2.23.140.1.31", "tor-onion-validated", ""),
    oid!(b"\x67\x81\x0c\x03\x01", "2.23.140.3.1", "cabfOrganizationIdentifier", ""),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_sorted_and_say_what_the_numbers_say() {
        assert!(OIDS.windows(2).all(|pair| pair[0].der < pair[1].der));
        assert!(OIDS.iter().all(|oid| dotted(oid.der) == oid.dotted));
        assert_eq!(find(&[0x55, 4, 3]).unwrap().shown, "commonName (2.5.4.3)");
        assert_eq!(dotted(&[0x2a, 0x86]), "1.2?");
        assert_eq!(dotted(&[]), "?");
        assert!(dotted(&[0xff; 40]).ends_with('?'));
    }
}

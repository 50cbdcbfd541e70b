//! A certificate (RFC 5280, section 4.1), taken apart.
//!
//! What can't be understood is a problem of its field; the other fields are read all the same.

use std::ops::Range;

use super::Bounds;
use super::der::{self, Malformed, Reader, SEQUENCE, Tlv, constructed, context};
use super::general_name::{self, GeneralName, Located};
use super::key::PublicKey;
use super::name::Name;
use super::oid;
use super::time::Time;

/// A certificate whose skeleton could be read.
#[derive(Debug, Clone)]
pub struct Certificate<'a> {
    pub der: &'a [u8],
    /// What is signed.
    pub tbs: &'a [u8],
    /// Where it stands.
    pub tbs_at: usize,
    /// `[3]` with all extensions, at the end of what is signed.
    pub extensions_field: Option<Tlv<'a>>,
    /// 1, 2 or 3.
    pub version: u64,
    pub serial: Tlv<'a>,
    /// The algorithm as named inside of what is signed.
    pub tbs_algorithm: Tlv<'a>,
    /// The algorithm as named beside the signature.
    pub algorithm: Tlv<'a>,
    pub signature: Result<&'a [u8], Malformed>,
    pub issuer: Name<'a>,
    pub subject: Name<'a>,
    pub not_before: Result<Time, Malformed>,
    pub not_after: Result<Time, Malformed>,
    pub validity: Range<usize>,
    /// The whole SubjectPublicKeyInfo.
    pub spki: Tlv<'a>,
    pub key: Result<PublicKey<'a>, Malformed>,
    /// issuerUniqueID or subjectUniqueID is there.
    pub unique_ids: bool,
    pub extensions: Vec<Extension<'a>>,
    /// What was wrong with fields and extensions.
    pub problems: Vec<Malformed>,

    pub basic_constraints: Option<BasicConstraints>,
    /// The first bit (digitalSignature) is the highest.
    pub key_usage: Option<u16>,
    pub extended_key_usage: Option<Vec<&'a [u8]>>,
    pub alt_names: Option<Vec<Located<'a>>>,
    /// More names stand there than are looked at.
    pub alt_names_cut: bool,
    pub name_constraints: Option<NameConstraints<'a>>,
    pub subject_key_id: Option<&'a [u8]>,
    pub authority_key_id: Option<AuthorityKeyId<'a>>,
    pub policies: Option<Vec<&'a [u8]>>,
    pub ocsp_urls: Vec<&'a [u8]>,
    pub ca_issuers: Vec<&'a [u8]>,
    pub crl_urls: Vec<&'a [u8]>,
    /// TLS feature numbers (RFC 7633).
    pub tls_features: Option<Vec<u64>>,
    /// SignedCertificateTimestampList, without the OCTET STRING around it.
    pub scts: Option<&'a [u8]>,
    /// requireExplicitPolicy and inhibitPolicyMapping.
    pub policy_constraints: Option<(Option<u64>, Option<u64>)>,
    pub inhibit_any_policy: Option<u64>,
    pub policy_mappings: Option<Vec<(&'a [u8], &'a [u8])>>,
}

/// One extension as it stands there.
#[derive(Debug, Clone, Copy)]
pub struct Extension<'a> {
    pub oid: &'a [u8],
    pub critical: bool,
    /// The content of its OCTET STRING.
    pub value: &'a [u8],
    pub at: usize,
    pub len: usize,
    /// Where `value` stands.
    pub value_at: usize,
}

impl Extension<'_> {
    pub fn range(&self) -> Range<usize> {
        self.at..self.at + self.len
    }
}

/// basicConstraints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BasicConstraints {
    pub ca: bool,
    pub path_len: Option<u64>,
}

/// authorityKeyIdentifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuthorityKeyId<'a> {
    pub key_id: Option<&'a [u8]>,
    /// authorityCertIssuer is there.
    pub issuer: bool,
    pub serial: Option<&'a [u8]>,
}

/// nameConstraints.
#[derive(Debug, Clone, Default)]
pub struct NameConstraints<'a> {
    pub permitted: Vec<Located<'a>>,
    pub excluded: Vec<Located<'a>>,
    /// A minimum or maximum is given, which RFC 5280 forbids.
    pub bounded: bool,
    pub cut: bool,
    /// It has neither list, or an empty one.
    pub empty: bool,
}

/// Bits of keyUsage, as [`Certificate::key_usage`] holds them.
pub mod usage {
    pub const DIGITAL_SIGNATURE: u16 = 0x8000;
    pub const KEY_ENCIPHERMENT: u16 = 0x2000;
    pub const KEY_AGREEMENT: u16 = 0x0800;
    pub const KEY_CERT_SIGN: u16 = 0x0400;
    pub const CRL_SIGN: u16 = 0x0200;

    /// `digitalSignature, keyEncipherment`
    pub fn text(bits: u16) -> String {
        const NAMES: [&str; 9] = [
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
        let set: Vec<&str> = NAMES
            .iter()
            .enumerate()
            .filter(|(index, _)| bits & (0x8000 >> index) != 0)
            .map(|(_, name)| *name)
            .collect();
        if set.is_empty() { "none".to_owned() } else { set.join(", ") }
    }
}

impl<'a> Certificate<'a> {
    /// Takes a certificate apart. `Err` if not even its skeleton is there.
    pub fn read(der: &'a [u8], bounds: &Bounds) -> Result<Self, Malformed> {
        let mut outer = Reader::new(der);
        let whole = outer.expect(SEQUENCE, "Certificate is no SEQUENCE")?;
        let trailing = outer.end("data behind the certificate").err();
        let mut parts = whole.inside();
        let tbs = parts.expect(SEQUENCE, "tbsCertificate is no SEQUENCE")?;
        let algorithm = parts.expect(SEQUENCE, "certificate without signatureAlgorithm")?;
        let signature = parts.expect(der::BIT_STRING, "certificate without signature")?;
        parts.end("data behind the signature")?;

        let mut fields = tbs.inside();
        let mut problems = Vec::from_iter(trailing);
        let version = match fields.optional(constructed(0))? {
            None => 1,
            Some(tagged) => {
                let number = tagged.inside().expect(der::INTEGER, "version is no INTEGER")?;
                match number.as_u64() {
                    Ok(0) => {
                        problems.push(Malformed { what: "the default version is encoded", at: tagged.at });
                        1
                    }
                    Ok(number) => number.saturating_add(1),
                    Err(problem) => return Err(problem),
                }
            }
        };
        let serial = fields.expect(der::INTEGER, "certificate without serialNumber")?;
        let tbs_algorithm = fields.expect(SEQUENCE, "tbsCertificate without signature algorithm")?;
        let issuer = fields.expect(SEQUENCE, "certificate without issuer")?;
        let validity = fields.expect(SEQUENCE, "certificate without validity")?;
        let subject = fields.expect(SEQUENCE, "certificate without subject")?;
        let spki = fields.expect(SEQUENCE, "certificate without subjectPublicKeyInfo")?;
        let issuer_id = fields.optional(context(1))?;
        let subject_id = fields.optional(context(2))?;

        let mut times = validity.inside();
        let not_before = times.any().and_then(|tlv| Time::read(&tlv));
        let not_after = times.any().and_then(|tlv| Time::read(&tlv));
        problems.extend(not_before.err());
        problems.extend(not_after.err());
        problems.extend(times.end("data behind notAfter").err());
        let key = PublicKey::read(spki.raw, spki.at);
        problems.extend(key.err());
        let signature = signature.as_octets();
        problems.extend(signature.err());
        let issuer = Name { raw: issuer.raw, at: issuer.at };
        let subject = Name { raw: subject.raw, at: subject.at };
        problems.extend(issuer.attributes().err());
        problems.extend(subject.attributes().err());
        match serial.value {
            [] => problems.push(Malformed { what: "empty serialNumber", at: serial.at }),
            [0, second, ..] if second & 0x80 == 0 => {
                problems.push(Malformed { what: "serialNumber not minimal", at: serial.at });
            }
            [0xff, second, ..] if second & 0x80 != 0 => {
                problems.push(Malformed { what: "serialNumber not minimal", at: serial.at });
            }
            _ => {}
        }

        let mut certificate = Self {
            der,
            tbs: tbs.raw,
            tbs_at: tbs.at,
            extensions_field: None,
            version,
            serial,
            tbs_algorithm,
            algorithm,
            signature,
            issuer,
            subject,
            not_before,
            not_after,
            validity: validity.range(),
            spki,
            key,
            unique_ids: issuer_id.is_some() || subject_id.is_some(),
            extensions: Vec::new(),
            problems,
            basic_constraints: None,
            key_usage: None,
            extended_key_usage: None,
            alt_names: None,
            alt_names_cut: false,
            name_constraints: None,
            subject_key_id: None,
            authority_key_id: None,
            policies: None,
            ocsp_urls: Vec::new(),
            ca_issuers: Vec::new(),
            crl_urls: Vec::new(),
            tls_features: None,
            scts: None,
            policy_constraints: None,
            inhibit_any_policy: None,
            policy_mappings: None,
        };
        certificate.extensions_field = fields.optional(constructed(3))?;
        if let Some(tagged) = certificate.extensions_field
            && let Err(problem) = certificate.read_extensions(&tagged, bounds)
        {
            certificate.problems.push(problem);
        }
        certificate.problems.extend(fields.end("data behind the extensions").err());
        Ok(certificate)
    }

    fn read_extensions(&mut self, tagged: &Tlv<'a>, bounds: &Bounds) -> Result<(), Malformed> {
        let mut outer = tagged.inside();
        let mut list = outer.expect(SEQUENCE, "Extensions is no SEQUENCE")?.inside();
        outer.end("data behind the extensions")?;
        if list.is_empty() {
            self.problems.push(Malformed { what: "empty list of extensions", at: tagged.at });
        }
        while !list.is_empty() {
            if self.extensions.len() == bounds.extensions {
                return Err(Malformed { what: "more extensions than are looked at", at: list.position() });
            }
            let tlv = list.expect(SEQUENCE, "Extension is no SEQUENCE")?;
            let mut parts = tlv.inside();
            let oid = parts.expect(der::OID, "extension without OID")?.value;
            let critical = match parts.optional(der::BOOLEAN)? {
                None => false,
                Some(flag) => {
                    let critical = flag.as_bool()?;
                    if !critical {
                        self.problems.push(Malformed { what: "critical FALSE is encoded", at: flag.at });
                    }
                    critical
                }
            };
            let value = parts.expect(der::OCTET_STRING, "extension without value")?;
            parts.end("data behind an extension's value")?;
            let inside = value.inside();
            let extension = Extension {
                oid,
                critical,
                value: value.value,
                at: tlv.at,
                len: tlv.raw.len(),
                value_at: inside.position(),
            };
            // Of a duplicate the first is taken; that there is one is another finding.
            let again = self.extensions.iter().any(|known| known.oid == oid);
            self.extensions.push(extension);
            if !again && let Err(problem) = self.understand(&extension, inside, bounds) {
                self.problems.push(problem);
            }
        }
        Ok(())
    }

    /// Reads the value of an extension that is known.
    fn understand(
        &mut self,
        extension: &Extension<'a>,
        mut value: Reader<'a>,
        bounds: &Bounds,
    ) -> Result<(), Malformed> {
        match extension.oid {
            oid::BASIC_CONSTRAINTS => {
                let mut parts = value.expect(SEQUENCE, "basicConstraints is no SEQUENCE")?.inside();
                let ca = match parts.optional(der::BOOLEAN)? {
                    None => false,
                    Some(flag) => {
                        let ca = flag.as_bool()?;
                        if !ca {
                            self.problems.push(Malformed { what: "cA FALSE is encoded", at: flag.at });
                        }
                        ca
                    }
                };
                let path_len = parts.optional(der::INTEGER)?.map(|number| number.as_u64()).transpose()?;
                parts.end("data behind basicConstraints")?;
                self.basic_constraints = Some(BasicConstraints { ca, path_len });
            }
            oid::KEY_USAGE => {
                self.key_usage =
                    Some(value.expect(der::BIT_STRING, "keyUsage is no BIT STRING")?.as_flags()?);
            }
            oid::EXTENDED_KEY_USAGE => {
                let mut list = value.expect(SEQUENCE, "extKeyUsage is no SEQUENCE")?.inside();
                let mut out = Vec::new();
                while !list.is_empty() && out.len() < bounds.names {
                    out.push(list.expect(der::OID, "KeyPurposeId is no OID")?.value);
                }
                if out.is_empty() {
                    self.problems.push(Malformed { what: "empty extKeyUsage", at: extension.at });
                }
                self.extended_key_usage = Some(out);
            }
            oid::SUBJECT_ALT_NAME => {
                let list = value.expect(SEQUENCE, "subjectAltName is no SEQUENCE")?.inside();
                let (names, cut) = general_name::read_all(list, bounds.names)?;
                if names.is_empty() {
                    self.problems.push(Malformed { what: "empty subjectAltName", at: extension.at });
                }
                self.alt_names = Some(names);
                self.alt_names_cut = cut;
            }
            oid::NAME_CONSTRAINTS => {
                let constraints = value.expect(SEQUENCE, "nameConstraints is no SEQUENCE")?;
                self.name_constraints = Some(NameConstraints::read(constraints.inside(), bounds)?);
            }
            oid::SUBJECT_KEY_IDENTIFIER => {
                self.subject_key_id =
                    Some(value.expect(der::OCTET_STRING, "subjectKeyIdentifier is no OCTET STRING")?.value);
            }
            oid::AUTHORITY_KEY_IDENTIFIER => {
                let mut parts = value.expect(SEQUENCE, "authorityKeyIdentifier is no SEQUENCE")?.inside();
                let key_id = parts.optional(context(0))?.map(|tlv| tlv.value);
                let issuer = parts.optional(constructed(1))?.is_some();
                let serial = parts.optional(context(2))?.map(|tlv| tlv.value);
                parts.end("data behind authorityKeyIdentifier")?;
                self.authority_key_id = Some(AuthorityKeyId { key_id, issuer, serial });
            }
            oid::CERTIFICATE_POLICIES => {
                let mut list = value.expect(SEQUENCE, "certificatePolicies is no SEQUENCE")?.inside();
                let mut out = Vec::new();
                while !list.is_empty() && out.len() < bounds.names {
                    let mut policy = list.expect(SEQUENCE, "PolicyInformation is no SEQUENCE")?.inside();
                    out.push(policy.expect(der::OID, "policy without OID")?.value);
                }
                self.policies = Some(out);
            }
            oid::AUTHORITY_INFO_ACCESS => {
                let mut list = value.expect(SEQUENCE, "authorityInfoAccess is no SEQUENCE")?.inside();
                while !list.is_empty() && self.ocsp_urls.len() + self.ca_issuers.len() < bounds.urls {
                    let mut access = list.expect(SEQUENCE, "AccessDescription is no SEQUENCE")?.inside();
                    let method = access.expect(der::OID, "AccessDescription without method")?.value;
                    if let GeneralName::Uri(url) = GeneralName::read(&access.any()?)? {
                        match method {
                            oid::AD_OCSP => self.ocsp_urls.push(url),
                            oid::AD_CA_ISSUERS => self.ca_issuers.push(url),
                            _ => {}
                        }
                    }
                }
            }
            oid::CRL_DISTRIBUTION_POINTS => {
                let mut list = value.expect(SEQUENCE, "cRLDistributionPoints is no SEQUENCE")?.inside();
                while !list.is_empty() && self.crl_urls.len() < bounds.urls {
                    let mut point = list.expect(SEQUENCE, "DistributionPoint is no SEQUENCE")?.inside();
                    let Some(place) = point.optional(constructed(0))? else { continue };
                    let Some(full) = place.inside().optional(constructed(0))? else { continue };
                    let (names, _) = general_name::read_all(full.inside(), bounds.urls)?;
                    self.crl_urls.extend(names.iter().filter_map(|located| match located.name {
                        GeneralName::Uri(url) => Some(url),
                        _ => None,
                    }));
                }
            }
            oid::TLS_FEATURE => {
                let mut list = value.expect(SEQUENCE, "TLS feature is no SEQUENCE")?.inside();
                let mut out = Vec::new();
                while !list.is_empty() && out.len() < bounds.urls {
                    out.push(list.expect(der::INTEGER, "TLS feature is no INTEGER")?.as_u64()?);
                }
                self.tls_features = Some(out);
            }
            oid::SCT_LIST => {
                self.scts = Some(value.expect(der::OCTET_STRING, "SCT list is no OCTET STRING")?.value);
            }
            oid::POLICY_CONSTRAINTS => {
                let mut parts = value.expect(SEQUENCE, "policyConstraints is no SEQUENCE")?.inside();
                let number = |tlv: Option<Tlv<'a>>| tlv.map(|tlv| tlv.as_u64()).transpose();
                let explicit = number(parts.optional(context(0))?)?;
                let mapping = number(parts.optional(context(1))?)?;
                parts.end("data behind policyConstraints")?;
                self.policy_constraints = Some((explicit, mapping));
            }
            oid::INHIBIT_ANY_POLICY => {
                self.inhibit_any_policy =
                    Some(value.expect(der::INTEGER, "inhibitAnyPolicy is no INTEGER")?.as_u64()?);
            }
            oid::POLICY_MAPPINGS => {
                let mut list = value.expect(SEQUENCE, "policyMappings is no SEQUENCE")?.inside();
                let mut out = Vec::new();
                while !list.is_empty() && out.len() < bounds.names {
                    let mut pair = list.expect(SEQUENCE, "policy mapping is no SEQUENCE")?.inside();
                    let issuer = pair.expect(der::OID, "policy mapping without OID")?.value;
                    out.push((issuer, pair.expect(der::OID, "policy mapping without OID")?.value));
                }
                self.policy_mappings = Some(out);
            }
            _ => return Ok(()),
        }
        value.end("data behind the value of an extension")
    }

    /// The extension with this OID, if it is there.
    pub fn extension(&self, oid: &[u8]) -> Option<&Extension<'a>> {
        self.extensions.iter().find(|extension| extension.oid == oid)
    }

    /// Where an extension stands, else nothing.
    pub fn extension_range(&self, oid: &[u8]) -> Option<Range<usize>> {
        self.extension(oid).map(Extension::range)
    }

    /// Subject and issuer are the same name.
    pub fn self_issued(&self) -> bool {
        self.subject.same(&self.issuer)
    }

    /// basicConstraints say that it is a CA.
    pub fn is_ca(&self) -> bool {
        self.basic_constraints.is_some_and(|constraints| constraints.ca)
    }

    /// The OID of its signature's algorithm.
    pub fn algorithm_oid(&self) -> &'a [u8] {
        self.algorithm.inside().expect(der::OID, "").map_or(&[], |tlv| tlv.value)
    }
}

impl<'a> NameConstraints<'a> {
    /// Reads the content of its SEQUENCE.
    pub fn read(mut parts: Reader<'a>, bounds: &Bounds) -> Result<Self, Malformed> {
        let mut out = Self::default();
        let permitted = parts.optional(constructed(0))?;
        let excluded = parts.optional(constructed(1))?;
        parts.end("data behind nameConstraints")?;
        out.empty = permitted.is_none() && excluded.is_none();
        for (list, into_permitted) in [(permitted, true), (excluded, false)] {
            let Some(list) = list else { continue };
            let mut subtrees = list.inside();
            out.empty |= subtrees.is_empty();
            while !subtrees.is_empty() {
                if out.permitted.len() + out.excluded.len() >= bounds.names {
                    out.cut = true;
                    break;
                }
                let mut subtree = subtrees.expect(SEQUENCE, "GeneralSubtree is no SEQUENCE")?.inside();
                let base = subtree.any()?;
                out.bounded |= !subtree.is_empty();
                let located = Located { name: GeneralName::read(&base)?, range: base.range() };
                if into_permitted { out.permitted.push(located) } else { out.excluded.push(located) }
            }
        }
        Ok(out)
    }
}

//! Extensions of certificates, CRLs and OCSP responses (RFC 5280, section 4.2): one row each, which reads the value
//! and keeps what it means.

use std::ops::Range;

use super::Bounds;
use super::der::{self, BIT_STRING, INTEGER, OCTET_STRING, Tlv, constructed, context, dotted};
use super::general_name::{GeneralName, Located, general_name, general_names};
use super::key_usage::KeyUsage;
use super::oid;
use super::read::{
    any, any_as, bits, content, default_false, each, enumerated, expect, flags, number, object_identifier,
    octet_string, optional, peek, sequence, sequence_of, small, unsigned,
};
use crate::wire::codepoints::oid::find;
use crate::wire::codepoints::{CRL_REASONS, EXTENSION_TYPES};
use crate::wire::dissector::{Dissector, Read};
use crate::wire::field::{Malformed, Wrong};
use crate::wire::sct;

/// The extensions of one certificate, CRL or OCSP response, and what the known ones say. Of a duplicate the first counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extensions<'a> {
    pub list: Vec<Extension<'a>>,
    /// More stand there than are kept.
    pub cut: bool,

    pub basic_constraints: Option<BasicConstraints>,
    pub key_usage: Option<KeyUsage>,
    /// Object identifiers of purposes.
    pub extended_key_usage: Option<Vec<&'a [u8]>>,
    pub alt_names: Option<Vec<Located<'a>>>,
    /// More names stand there than are kept.
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
    /// SignedCertificateTimestampList, of a certificate or of an OCSP answer, without the OCTET STRING around it.
    pub scts: Option<&'a [u8]>,
    /// requireExplicitPolicy and inhibitPolicyMapping.
    pub policy_constraints: Option<(Option<u64>, Option<u64>)>,
    pub inhibit_any_policy: Option<u64>,
    pub policy_mappings: Option<Vec<(&'a [u8], &'a [u8])>>,
    /// URIs in the issuingDistributionPoint of a CRL, if it names a distribution point; where it names one otherwise,
    /// none.
    pub issuing_point: Option<Vec<&'a [u8]>>,
    /// issuingDistributionPoint of a CRL.
    pub scope: Option<Scope>,
    /// CRLReason of an entry of a CRL.
    pub reason: Option<u8>,
}

/// One extension as it stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extension<'a> {
    pub oid: &'a [u8],
    pub critical: bool,
    /// The content of its OCTET STRING.
    pub value: &'a [u8],
    /// The whole of it.
    pub raw: &'a [u8],
    /// Where it stands.
    pub at: usize,
}

impl Extension<'_> {
    pub fn range(&self) -> Range<usize> {
        self.at..self.at + self.raw.len()
    }
}

impl<'a> Extensions<'a> {
    /// The extension with this OID, if it is there.
    pub fn find(&self, oid: &[u8]) -> Option<&Extension<'a>> {
        self.list.iter().find(|extension| extension.oid == oid)
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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NameConstraints<'a> {
    pub permitted: Vec<Located<'a>>,
    pub excluded: Vec<Located<'a>>,
    /// A minimum or maximum is given, which RFC 5280 forbids.
    pub bounded: bool,
    /// More stand there than are kept.
    pub cut: bool,
    /// It has neither list, or an empty one.
    pub empty: bool,
}

/// What a CRL is about: issuingDistributionPoint (RFC 5280, section 5.2.5).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scope {
    pub only_user: bool,
    pub only_ca: bool,
    pub only_attribute: bool,
    pub some_reasons: bool,
    pub indirect: bool,
}

/// Reads a value, inside the OCTET STRING.
type Body = for<'a> fn(&mut Dissector<'a>, &mut Extensions<'a>, &Bounds) -> Read<()>;

/// A row of the table of certificate extensions.
struct Row {
    oid: &'static [u8],
    /// Name of the group that its value is read into.
    name: &'static str,
    body: Body,
}

/// Sorted by identifier.
#[rustfmt::skip] // A table.
static EXTENSIONS: &[Row] = &[
    row(oid::SCT_LIST, "SignedCertificateTimestampList", timestamps),
    row(oid::OCSP_SCT_LIST, "SignedCertificateTimestampList", timestamps),
    row(oid::AUTHORITY_INFO_ACCESS, "authorityInfoAccess", authority_access),
    row(oid::SUBJECT_INFO_ACCESS, "subjectInfoAccess", |d, _, _| access(d, |_, _| {})),
    row(oid::TLS_FEATURE, "TLSFeature", features),
    row(oid::SUBJECT_KEY_IDENTIFIER, "subjectKeyIdentifier", |d, to, _| { to.subject_key_id = octet_string(d, "KeyIdentifier")?; Ok(()) }),
    row(oid::KEY_USAGE, "keyUsage", key_usage),
    row(oid::SUBJECT_ALT_NAME, "subjectAltName", alt_names),
    row(oid::ISSUER_ALT_NAME, "issuerAltName", |d, _, _| sequence_of(d, "GeneralNames", |d| general_name(d).map(drop))),
    row(oid::BASIC_CONSTRAINTS, "basicConstraints", basic_constraints),
    row(oid::REASON_CODE, "reasonCode", |d, to, _| { to.reason = enumerated(d, "CRLReason", &CRL_REASONS)?; Ok(()) }),
    row(oid::ISSUING_DISTRIBUTION_POINT, "issuingDistributionPoint", scope),
    row(oid::NAME_CONSTRAINTS, "nameConstraints", |d, to, bounds| { to.name_constraints = name_constraints(d, bounds)?; Ok(()) }),
    row(oid::CRL_DISTRIBUTION_POINTS, "cRLDistributionPoints", crl_points),
    row(oid::CERTIFICATE_POLICIES, "certificatePolicies", policies),
    row(oid::POLICY_MAPPINGS, "policyMappings", policy_mappings),
    row(oid::AUTHORITY_KEY_IDENTIFIER, "authorityKeyIdentifier", authority_key),
    row(oid::POLICY_CONSTRAINTS, "policyConstraints", policy_constraints),
    row(oid::EXTENDED_KEY_USAGE, "extKeyUsage", extended_key_usage),
    row(oid::FRESHEST_CRL, "freshestCRL", |d, _, _| distribution_points(d, |_| {})),
    row(oid::INHIBIT_ANY_POLICY, "inhibitAnyPolicy", |d, to, _| { to.inhibit_any_policy = unsigned(d, "SkipCerts")?; Ok(()) }),
];

const fn row(oid: &'static [u8], name: &'static str, body: Body) -> Row {
    Row { oid, name, body }
}

/// `Extensions`, and what they say.
pub fn extensions<'a>(d: &mut Dissector<'a>, to: &mut Extensions<'a>, bounds: &Bounds) -> Read<()> {
    expect(d, "Extensions", der::SEQUENCE, |d| {
        if d.is_empty() {
            d.wrong("Extensions", Wrong::Illegal("an empty list must be omitted"));
        }
        each(d, |d| extension(d, to, bounds))
    })
    .map(drop)
}

fn extension<'a>(d: &mut Dissector<'a>, to: &mut Extensions<'a>, bounds: &Bounds) -> Read<()> {
    let whole = peek(d, "Extension")?;
    let id = Tlv::first(whole.value, 0).map_or(&[][..], |id| id.value);
    let known = EXTENSIONS.binary_search_by(|row| row.oid.cmp(id)).ok().and_then(|at| EXTENSIONS.get(at));
    sequence(d, known.map_or("Extension", |row| row.name), |d| {
        let oid = object_identifier(d, "extnID")?;
        let critical = default_false(d, "critical")?;
        let value = peek(d, "extnValue")?.value;
        // Beyond the bound nothing is kept, of what they mean neither.
        to.cut |= to.list.len() >= bounds.extensions;
        let again = to.cut || to.find(oid).is_some();
        if !to.cut {
            to.list.push(Extension { oid, critical, value, raw: whole.raw, at: whole.at });
        }
        expect(d, "extnValue", OCTET_STRING, |d| match known {
            Some(row) if again => (row.body)(d, &mut Extensions::default(), bounds),
            Some(row) => (row.body)(d, to, bounds),
            // Most others are DER as well, but none need be.
            None if is_der(value) => any(d),
            None => content(d, "extnValue").map(drop),
        })
        .map(drop)
    })?;
    if known.is_none() {
        d.note(|| find(id).map_or_else(|| dotted(id).into(), |oid| oid.name.into()));
    }
    Ok(())
}

/// Whether `bytes` are exactly one element of a universal type, with nothing wrong inside.
fn is_der(bytes: &[u8]) -> bool {
    let universal = bytes.first().is_some_and(|tag| tag & 0xc0 == 0 && *tag != 0);
    universal && Dissector::facts(bytes, "extnValue", any).1.is_empty()
}

fn timestamps<'a>(d: &mut Dissector<'a>, to: &mut Extensions<'a>, _: &Bounds) -> Read<()> {
    to.scts = expect(d, "SignedCertificateTimestampList", OCTET_STRING, |d| {
        let list = d.peek();
        sct::list(d, |_| {})?;
        Ok(list)
    })?
    .or(to.scts);
    Ok(())
}

/// AccessDescriptions, each with its method and where it points.
fn access<'a>(d: &mut Dissector<'a>, mut found: impl FnMut(&'a [u8], GeneralName<'a>)) -> Read<()> {
    sequence_of(d, "AccessDescriptions", |d| {
        sequence(d, "AccessDescription", |d| {
            let method = object_identifier(d, "accessMethod")?;
            if let Some(located) = general_name(d)? {
                found(method, located.name);
            }
            Ok(())
        })
        .map(drop)
    })
}

fn authority_access<'a>(d: &mut Dissector<'a>, to: &mut Extensions<'a>, bounds: &Bounds) -> Read<()> {
    access(d, |method, place| {
        let GeneralName::Uri(url) = place else { return };
        let urls = match method {
            oid::AD_OCSP => &mut to.ocsp_urls,
            oid::AD_CA_ISSUERS => &mut to.ca_issuers,
            _ => return,
        };
        if urls.len() < bounds.urls {
            urls.push(url);
        }
    })
}

/// Extension types of TLS, of which a server must staple the OCSP response if it is among them (RFC 7633).
fn features<'a>(d: &mut Dissector<'a>, to: &mut Extensions<'a>, bounds: &Bounds) -> Read<()> {
    let mut out = Vec::new();
    sequence_of(d, "Features", |d| {
        let feature = expect(d, "feature", INTEGER, |d| {
            let feature = small(d, "feature")?;
            if let Some(name) = feature.and_then(|code| EXTENSION_TYPES.name_of(u16::try_from(code).ok()?)) {
                d.note(|| name.into());
            }
            Ok(feature)
        })?;
        out.extend(feature.flatten().filter(|_| out.len() < bounds.urls));
        Ok(())
    })?;
    to.tls_features = Some(out);
    Ok(())
}

fn key_usage<'a>(d: &mut Dissector<'a>, to: &mut Extensions<'a>, _: &Bounds) -> Read<()> {
    let bits =
        expect(d, "KeyUsage", BIT_STRING, |d| flags(d, "KeyUsage", |bits| KeyUsage(bits).to_string()))?;
    to.key_usage = bits.flatten().map(KeyUsage);
    Ok(())
}

fn extended_key_usage<'a>(d: &mut Dissector<'a>, to: &mut Extensions<'a>, bounds: &Bounds) -> Read<()> {
    let mut out = Vec::new();
    identifiers(d, "ExtKeyUsageSyntax", "KeyPurposeId", |id| {
        if out.len() < bounds.names {
            out.push(id);
        }
    })?;
    to.extended_key_usage = Some(out);
    Ok(())
}

/// A list of object identifiers that has at least one.
fn identifiers<'a>(
    d: &mut Dissector<'a>,
    name: &'static str,
    item: &'static str,
    mut found: impl FnMut(&'a [u8]),
) -> Read<()> {
    let empty = peek(d, name)?.value.is_empty();
    sequence_of(d, name, |d| {
        found(object_identifier(d, item)?);
        Ok(())
    })?;
    if empty {
        d.wrong(name, Wrong::Illegal("it must have at least one entry"));
    }
    Ok(())
}

fn alt_names<'a>(d: &mut Dissector<'a>, to: &mut Extensions<'a>, bounds: &Bounds) -> Read<()> {
    let empty = peek(d, "GeneralNames")?.value.is_empty();
    let names = sequence(d, "GeneralNames", |d| general_names(d, bounds.names))?;
    if empty {
        d.wrong("GeneralNames", Wrong::Illegal("it must have at least one name"));
    }
    if let Some((names, cut)) = names {
        (to.alt_names, to.alt_names_cut) = (Some(names), cut);
    }
    Ok(())
}

fn basic_constraints<'a>(d: &mut Dissector<'a>, to: &mut Extensions<'a>, _: &Bounds) -> Read<()> {
    to.basic_constraints = sequence(d, "BasicConstraints", |d| {
        let ca = default_false(d, "cA")?;
        let path_len = if d.is_empty() { None } else { unsigned(d, "pathLenConstraint")? };
        Ok(BasicConstraints { ca, path_len })
    })?;
    Ok(())
}

/// The value of nameConstraints.
fn name_constraints<'a>(d: &mut Dissector<'a>, bounds: &Bounds) -> Read<Option<NameConstraints<'a>>> {
    sequence(d, "NameConstraints", |d| subtrees(d, bounds))
}

fn subtrees<'a>(d: &mut Dissector<'a>, bounds: &Bounds) -> Read<NameConstraints<'a>> {
    let mut out = NameConstraints { empty: d.is_empty(), ..NameConstraints::default() };
    for (name, number) in [("permittedSubtrees", 0), ("excludedSubtrees", 1)] {
        optional(d, name, constructed(number), |d| {
            out.empty |= d.is_empty();
            each(d, |d| {
                let subtree = sequence(d, "GeneralSubtree", |d| {
                    let base = general_name(d)?;
                    out.bounded |= !d.is_empty();
                    each(d, any)?;
                    Ok(base)
                })?;
                let Some(base) = subtree.flatten() else { return Ok(()) };
                if out.permitted.len() + out.excluded.len() >= bounds.names {
                    out.cut = true;
                } else if number == 0 {
                    out.permitted.push(base);
                } else {
                    out.excluded.push(base);
                }
                Ok(())
            })
        })?;
    }
    Ok(out)
}

impl<'a> NameConstraints<'a> {
    /// Reads the content of its SEQUENCE, as trust anchors have it.
    pub fn read(content: &'a [u8], bounds: &Bounds) -> Result<Self, Malformed> {
        let (out, problems) = Dissector::facts(content, "NameConstraints", |d| subtrees(d, bounds));
        out.filter(|_| problems.is_empty()).ok_or_else(|| super::first(&problems, "NameConstraints"))
    }
}

/// DistributionPoints, and the full names in them.
fn distribution_points<'a>(d: &mut Dissector<'a>, mut found: impl FnMut(GeneralName<'a>)) -> Read<()> {
    sequence_of(d, "CRLDistributionPoints", |d| {
        sequence(d, "DistributionPoint", |d| {
            optional(d, "distributionPoint", constructed(0), |d| point_name(d, &mut found))?;
            optional(d, "reasons", context(1), |d| bits(d, "reasons"))?;
            optional(d, "cRLIssuer", constructed(2), |d| each(d, |d| general_name(d).map(drop)))?;
            Ok(())
        })
        .map(drop)
    })
}

/// DistributionPointName.
fn point_name<'a>(d: &mut Dissector<'a>, found: &mut impl FnMut(GeneralName<'a>)) -> Read<()> {
    if super::read::ahead(d) != Some(constructed(0)) {
        return any_as(d, "nameRelativeToCRLIssuer");
    }
    expect(d, "fullName", constructed(0), |d| {
        each(d, |d| {
            general_name(d)?.into_iter().for_each(|located| found(located.name));
            Ok(())
        })
    })
    .map(drop)
}

fn crl_points<'a>(d: &mut Dissector<'a>, to: &mut Extensions<'a>, bounds: &Bounds) -> Read<()> {
    distribution_points(d, |name| match name {
        GeneralName::Uri(url) if to.crl_urls.len() < bounds.urls => to.crl_urls.push(url),
        _ => {}
    })
}

fn scope<'a>(d: &mut Dissector<'a>, to: &mut Extensions<'a>, _: &Bounds) -> Read<()> {
    /// A distribution point has one or two.
    const MOST_NAMES: usize = 16;
    let mut urls = Vec::new();
    let mut point = None;
    to.scope = sequence(d, "IssuingDistributionPoint", |d| {
        point = optional(d, "distributionPoint", constructed(0), |d| {
            point_name(d, &mut |name| match name {
                GeneralName::Uri(url) if urls.len() < MOST_NAMES => urls.push(url),
                _ => {}
            })
        })?;
        // A flag with the tag of its field, FALSE where it is left out.
        let flag = |d: &mut Dissector<'a>, name, number| {
            let set = optional(d, name, context(number), |d| content(d, name).map(|value| value == [0xff]))?;
            Ok(set.unwrap_or(false))
        };
        Ok(Scope {
            only_user: flag(d, "onlyContainsUserCerts", 1)?,
            only_ca: flag(d, "onlyContainsCACerts", 2)?,
            // A BIT STRING: that it is there is enough.
            some_reasons: optional(d, "onlySomeReasons", context(3), |d| bits(d, "onlySomeReasons"))?
                .is_some(),
            indirect: flag(d, "indirectCRL", 4)?,
            only_attribute: flag(d, "onlyContainsAttributeCerts", 5)?,
        })
    })?;
    to.issuing_point = point.map(|_| urls);
    Ok(())
}

fn policies<'a>(d: &mut Dissector<'a>, to: &mut Extensions<'a>, bounds: &Bounds) -> Read<()> {
    let mut out = Vec::new();
    sequence_of(d, "CertificatePolicies", |d| {
        sequence(d, "PolicyInformation", |d| {
            let policy = object_identifier(d, "policyIdentifier")?;
            if out.len() < bounds.names {
                out.push(policy);
            }
            if d.is_empty() {
                return Ok(());
            }
            sequence_of(d, "policyQualifiers", |d| {
                sequence(d, "PolicyQualifierInfo", |d| {
                    object_identifier(d, "policyQualifierId")?;
                    any_as(d, "qualifier")
                })
                .map(drop)
            })
        })
        .map(drop)
    })?;
    to.policies = Some(out);
    Ok(())
}

fn policy_mappings<'a>(d: &mut Dissector<'a>, to: &mut Extensions<'a>, bounds: &Bounds) -> Read<()> {
    let mut out = Vec::new();
    sequence_of(d, "PolicyMappings", |d| {
        let pair = sequence(d, "PolicyMapping", |d| {
            Ok((object_identifier(d, "issuerDomainPolicy")?, object_identifier(d, "subjectDomainPolicy")?))
        })?;
        out.extend(pair.filter(|_| out.len() < bounds.names));
        Ok(())
    })?;
    to.policy_mappings = Some(out);
    Ok(())
}

fn policy_constraints<'a>(d: &mut Dissector<'a>, to: &mut Extensions<'a>, _: &Bounds) -> Read<()> {
    to.policy_constraints = sequence(d, "PolicyConstraints", |d| {
        let skip = |d: &mut Dissector<'a>, name, number| {
            Ok(optional(d, name, context(number), |d| small(d, name))?.flatten())
        };
        Ok((skip(d, "requireExplicitPolicy", 0)?, skip(d, "inhibitPolicyMapping", 1)?))
    })?;
    Ok(())
}

fn authority_key<'a>(d: &mut Dissector<'a>, to: &mut Extensions<'a>, _: &Bounds) -> Read<()> {
    to.authority_key_id = sequence(d, "AuthorityKeyIdentifier", |d| {
        let key_id = optional(d, "keyIdentifier", context(0), |d| content(d, "keyIdentifier"))?;
        let issuer =
            optional(d, "authorityCertIssuer", constructed(1), |d| each(d, |d| general_name(d).map(drop)))?;
        let serial =
            optional(d, "authorityCertSerialNumber", context(2), |d| number(d, "authorityCertSerialNumber"))?;
        Ok(AuthorityKeyId { key_id, issuer: issuer.is_some(), serial })
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted() {
        assert!(EXTENSIONS.windows(2).all(|pair| pair[0].oid < pair[1].oid));
    }
}

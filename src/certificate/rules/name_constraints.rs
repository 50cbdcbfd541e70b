//! nameConstraints.

use super::{ChainRule, Part, Webpki};
use crate::capture::Limits;
use crate::certificate::host;
use crate::wire::asn1::Certificate;
use crate::wire::asn1::extensions::NameConstraints;
use crate::wire::asn1::general_name::{self, GeneralName, Located};
use crate::wire::asn1::oid;
use crate::wire::text;

pub const RULE: ChainRule = ChainRule {
    id: "cert.name_constraints",
    title: "Name outside the CA's name constraints",
    about: "A CA certificate can be restricted to parts of the name space: permitted subtrees, of which a \
            name must be in one, and excluded ones. They apply to every certificate below it, and to every \
            name of that type. If a constraint can't be processed, a certificate with a name of its type \
            is rejected.",
    reference: "RFC 5280, section 4.2.1.10 and 6.1.4 (g)",
    part: Part::Usage,
    webpki: Webpki::Differs(
        "webpki rejects every directoryName and URI constraint, applies constraints to self-issued \
         certificates too, and ignores those in an anchor's certificate",
    ),
    check: |chain, out| {
        let limits = &chain.question.limits;
        let mut budget = limits.name_comparisons;
        let anchor = if chain.leaf_is_anchor() { None } else { chain.anchor() };
        let anchor_constraints = anchor.and_then(|(_, node)| node.anchor?.name_constraints.as_deref());
        let anchor_constraints = match anchor_constraints
            .map(|der| NameConstraints::read(der, &limits.x509()))
        {
            Some(Err(problem)) => {
                let node = anchor.map(|(node, _)| node);
                return out.unknown(node, format!("the anchor's name constraints can't be read: {problem}"));
            }
            Some(Ok(constraints)) => Some(constraints),
            None => None,
        };
        let below: Vec<(usize, &Certificate<'_>)> = chain.below_anchor().collect();
        for (place, (subject, certificate)) in below.iter().enumerate() {
            // RFC 5280: self-issued certificates are exempt, unless it is the leaf.
            if place > 0 && certificate.self_issued() {
                continue;
            }
            let above = below
                .iter()
                .skip(place + 1)
                .filter_map(|(node, it)| Some((*node, it.extensions.name_constraints.as_ref()?)));
            let above: Vec<(usize, &NameConstraints<'_>)> =
                above.chain(anchor.map(|(node, _)| node).zip(anchor_constraints.as_ref())).collect();
            if above.is_empty() {
                continue;
            }
            let names = names_of(certificate);
            for (issuer, constraints) in above {
                match first_violation(&names, constraints, limits, &mut budget) {
                    Ok(None) => {}
                    Ok(Some((name, how))) => {
                        let range = certificate.extension_range(oid::SUBJECT_ALT_NAME);
                        let what = match how {
                            Violation::Excluded(by) => {
                                format!("excluded by {} ({})", chain.call(issuer), subtree(&by))
                            }
                            Violation::NotPermitted => format!(
                                "not permitted by {}, which permits {}",
                                chain.call(issuer),
                                permitted(&name, constraints)
                            ),
                        };
                        out.fails(
                            *subject,
                            range,
                            format!("{} of {} is {what}", name.text(), chain.call(*subject)),
                        );
                    }
                    Err(why) => out.fails(issuer, None, format!("{}: {why}", chain.call(issuer))),
                }
            }
        }
        out.holds_unless_said();
    },
};

/// All names that a certificate carries, and to which constraints apply.
fn names_of<'a>(certificate: &Certificate<'a>) -> Vec<GeneralName<'a>> {
    let mut names: Vec<GeneralName<'a>> =
        certificate.extensions.alt_names.iter().flatten().map(|located| located.name).collect();
    if !certificate.subject.is_empty() {
        names.push(GeneralName::Directory(certificate.subject));
    }
    // Old certificates have their e-mail address in the subject.
    if !names.iter().any(|name| matches!(name, GeneralName::Email(_))) {
        let attributes = certificate.subject.attributes().unwrap_or_default();
        let addresses = attributes.into_iter().filter(|attribute| attribute.oid == oid::EMAIL);
        names.extend(addresses.map(|attribute| GeneralName::Email(attribute.value.value)));
    }
    names
}

/// How a name breaks a constraint.
enum Violation<'a> {
    Excluded(GeneralName<'a>),
    NotPermitted,
}

/// The subtrees of a name's kind that are permitted: `DNS:example.com, DNS:example.org`.
fn permitted(name: &GeneralName<'_>, constraints: &NameConstraints<'_>) -> String {
    let same = |subtree: &&Located<'_>| std::mem::discriminant(&subtree.name) == std::mem::discriminant(name);
    let shown: Vec<String> =
        constraints.permitted.iter().filter(same).take(4).map(|it| subtree(&it.name)).collect();
    let more = constraints.permitted.iter().filter(same).count() - shown.len();
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

/// A subtree as text; an address has its mask.
fn subtree(base: &GeneralName<'_>) -> String {
    let GeneralName::Ip(bytes) = base else { return base.text() };
    let (address, mask) = bytes.split_at(bytes.len() / 2);
    match (general_name::ip(address), general_name::ip(mask)) {
        (Some(address), Some(mask)) => format!("IP:{address} mask {mask}"),
        _ => base.text(),
    }
}

fn first_violation<'a, 'c>(
    names: &[GeneralName<'a>],
    constraints: &NameConstraints<'c>,
    limits: &Limits,
    budget: &mut usize,
) -> Result<Option<(GeneralName<'a>, Violation<'c>)>, String> {
    if constraints.cut {
        return Err(format!("more than {} name constraints", limits.names));
    }
    dns_names_are_names(names, constraints)?;
    for name in names {
        let (mut permitted, mut any) = (false, false);
        for (subtree, excluding) in constraints
            .permitted
            .iter()
            .map(|subtree| (subtree, false))
            .chain(constraints.excluded.iter().map(|subtree| (subtree, true)))
        {
            if std::mem::discriminant(name) != std::mem::discriminant(&subtree.name) {
                continue;
            }
            let Some(left) = budget.checked_sub(1) else {
                return Err(format!(
                    "more than {} comparisons with name constraints",
                    limits.name_comparisons
                ));
            };
            *budget = left;
            let within = within(name, &subtree.name, excluding)?;
            if excluding && within {
                return Ok(Some((*name, Violation::Excluded(subtree.name))));
            }
            if !excluding {
                any = true;
                permitted |= within;
            }
        }
        if any && !permitted {
            return Ok(Some((*name, Violation::NotPermitted)));
        }
    }
    Ok(None)
}

/// What is no DNS name can't be said to lie anywhere, and a constraint that is none binds nothing that is known.
fn dns_names_are_names(names: &[GeneralName<'_>], constraints: &NameConstraints<'_>) -> Result<(), String> {
    let mut bases =
        constraints.permitted.iter().chain(&constraints.excluded).filter_map(|subtree| match subtree.name {
            GeneralName::Dns(base) => Some(base),
            _ => None,
        });
    let dns = |name: &GeneralName<'_>| matches!(name, GeneralName::Dns(_));
    if !names.iter().any(dns) {
        return Ok(());
    }
    let mut constrained = false;
    let bad = bases.find(|base| {
        constrained = true;
        let bare = base.strip_prefix(b".").unwrap_or(base);
        !bare.is_empty() && host::well_formed(bare, false).is_err()
    });
    if let Some(base) = bad {
        return Err(format!("a constraint that is not a DNS name: {}", text::escape_bytes(base)));
    }
    for name in names.iter().filter(|_| constrained) {
        if let GeneralName::Dns(name) = name
            && host::well_formed(name, true).is_err()
        {
            return Err(format!(
                "{} is not a DNS name, and DNS names are constrained",
                text::escape_bytes(name)
            ));
        }
    }
    Ok(())
}

/// Whether `name` lies in the subtree `base` of the same kind.
fn within(name: &GeneralName<'_>, base: &GeneralName<'_>, excluding: bool) -> Result<bool, String> {
    match (name, base) {
        (GeneralName::Dns(name), GeneralName::Dns(base)) => Ok(dns_within(name, base, excluding)),
        (GeneralName::Ip(name), GeneralName::Ip(base)) => ip_within(name, base),
        (GeneralName::Email(name), GeneralName::Email(base)) => Ok(email_within(name, base)),
        (GeneralName::Uri(name), GeneralName::Uri(base)) => match uri_host(name) {
            Some(host) => Ok(host_within(host, base)),
            None => Err("a URI without a host name under a URI constraint".to_owned()),
        },
        (GeneralName::Directory(name), GeneralName::Directory(base)) => {
            let (name, base) = (name.canonical_rdns(), base.canonical_rdns());
            Ok(name.len() >= base.len() && name.iter().zip(&base).all(|(one, two)| one == two))
        }
        (GeneralName::Other(name), GeneralName::Other(base)) => {
            if name == base {
                Err("a constraint on an otherName, which can't be processed".to_owned())
            } else {
                Ok(!excluding)
            }
        }
        _ => Err(format!("a constraint on {}, which can't be processed", base.text())),
    }
}

/// RFC 5280: any name that can be made by adding labels on the left. A dot in front asks for at least one.
fn dns_within(name: &[u8], base: &[u8], excluding: bool) -> bool {
    if base.is_empty() || ends_at_label(name, base) {
        return true;
    }
    // A wildcard reaches into an excluded subtree if one of its expansions does.
    match name.strip_prefix(b"*") {
        Some(rest) if excluding => {
            let base = base.strip_prefix(b".").unwrap_or(base);
            without_suffix(base, rest).is_some_and(|label| !label.is_empty() && !label.contains(&b'.'))
        }
        _ => false,
    }
}

fn ends_at_label(name: &[u8], base: &[u8]) -> bool {
    match without_suffix(name, base) {
        Some(b"") => !base.starts_with(b"."),
        Some(rest) => base.starts_with(b".") || rest.ends_with(b"."),
        None => false,
    }
}

/// What stands before `suffix`, in whatever letter case that is.
fn without_suffix<'a>(name: &'a [u8], suffix: &[u8]) -> Option<&'a [u8]> {
    let (rest, tail) = name.split_at_checked(name.len().checked_sub(suffix.len())?)?;
    tail.eq_ignore_ascii_case(suffix).then_some(rest)
}

fn ip_within(name: &[u8], base: &[u8]) -> Result<bool, String> {
    if !matches!(base.len(), 8 | 32) {
        return Err("an address constraint that is neither 8 nor 32 bytes long".to_owned());
    }
    let (address, mask) = base.split_at(base.len() / 2);
    let ones = mask.iter().map(|byte| byte.leading_ones() as usize).take_while(|ones| *ones == 8).count();
    let contiguous = mask.iter().skip(ones).enumerate().all(|(index, byte)| match index {
        0 => byte.leading_ones() + byte.trailing_zeros() >= 8,
        _ => *byte == 0,
    });
    if !contiguous {
        return Err("an address constraint whose mask has holes".to_owned());
    }
    Ok(name.len() == address.len()
        && name.iter().zip(address).zip(mask).all(|((one, two), mask)| one & mask == two & mask))
}

/// RFC 5280: a mailbox, a host, or with a dot in front all hosts of a domain.
fn email_within(name: &[u8], base: &[u8]) -> bool {
    let at = name.iter().rposition(|byte| *byte == b'@');
    let (local, host) =
        at.map_or((&[][..], name), |at| (name.get(..at).unwrap_or(&[]), name.get(at + 1..).unwrap_or(&[])));
    match base.iter().rposition(|byte| *byte == b'@') {
        // The part before the @ keeps its letter case.
        Some(at) => {
            base.get(..at) == Some(local)
                && base.get(at + 1..).is_some_and(|base| base.eq_ignore_ascii_case(host))
        }
        None => host_within(host, base),
    }
}

fn host_within(host: &[u8], base: &[u8]) -> bool {
    let (host, base) = (host.to_ascii_lowercase(), base.to_ascii_lowercase());
    if base.is_empty() {
        return true;
    }
    if base.starts_with(b".") { host.len() > base.len() && host.ends_with(&base) } else { host == base }
}

/// The host of a URI; None if it has none, or an address.
fn uri_host(uri: &[u8]) -> Option<&[u8]> {
    let text = std::str::from_utf8(uri).ok()?;
    let rest = text.split_once("://")?.1;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if host.starts_with('[') {
        return None;
    }
    let host = host.split(':').next()?;
    (!host.is_empty() && host.parse::<std::net::Ipv4Addr>().is_err()).then_some(host.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dns_subtrees() {
        assert!(dns_within(b"a.example.com", b"example.com", false));
        assert!(dns_within(b"EXAMPLE.com", b"example.com", false));
        assert!(!dns_within(b"badexample.com", b"example.com", false));
        assert!(!dns_within(b"example.com", b".example.com", false));
        assert!(dns_within(b"a.example.com", b".example.com", false));
        assert!(dns_within(b"anything", b"", false));
        assert!(!dns_within(b"*.example.com", b"a.example.com", false));
        assert!(dns_within(b"*.example.com", b"a.example.com", true));
        assert!(!dns_within(b"*.example.com", b"b.a.example.com", true));
        assert!(dns_within(b"*.example.com", b"example.com", false));
    }

    #[test]
    fn addresses() {
        assert_eq!(ip_within(&[192, 0, 2, 7], &[192, 0, 2, 0, 255, 255, 255, 0]), Ok(true));
        assert_eq!(ip_within(&[192, 0, 3, 7], &[192, 0, 2, 0, 255, 255, 255, 0]), Ok(false));
        assert_eq!(ip_within(&[0; 16], &[192, 0, 2, 0, 255, 255, 255, 0]), Ok(false));
        assert_eq!(ip_within(&[1, 2, 3, 4], &[0; 8]), Ok(true));
        assert!(ip_within(&[1, 2, 3, 4], &[1, 2, 3, 4, 255, 0, 255, 0]).is_err());
        assert!(ip_within(&[1, 2, 3, 4], &[1, 2, 3, 4]).is_err());
    }

    #[test]
    fn mail_and_uri() {
        assert!(email_within(b"a@Example.com", b"example.com"));
        assert!(!email_within(b"a@b.example.com", b"example.com"));
        assert!(email_within(b"a@b.example.com", b".example.com"));
        assert!(email_within(b"a@example.com", b"a@example.com"));
        assert!(!email_within(b"A@example.com", b"a@example.com"));
        assert_eq!(uri_host(b"https://u@host.example:8443/x"), Some(&b"host.example"[..]));
        assert_eq!(uri_host(b"urn:x"), None);
        assert_eq!(uri_host(b"https://192.0.2.1/"), None);
    }
}

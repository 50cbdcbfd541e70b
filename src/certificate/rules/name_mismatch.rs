//! The name that was asked for.

use super::{ChainRule, Part, Webpki};
use crate::certificate::host::{self, Reference};
use crate::certificate::validation::Validation;
use crate::wire::asn1::Certificate;
use crate::wire::asn1::general_name::{self, GeneralName};
use crate::wire::asn1::oid;
use crate::wire::text;

pub const RULE: ChainRule = ChainRule {
    id: "cert.name_mismatch",
    title: "Hostname mismatch",
    about: "The name that the client wanted must appear in subjectAltName: a DNS name as a dNSName entry, \
            an address as an iPAddress entry. A wildcard stands for exactly one label, the first. The \
            common name (CN) has been deprecated since 2000, and browsers have ignored it since 2017. A \
            server with several certificates chooses by SNI: without it, it sends its default one.",
    reference: "RFC 9525, section 6; RFC 5280, section 4.2.1.6",
    part: Part::Name,
    webpki: Webpki::Same,
    check: |chain, out| {
        let Some(wanted) = chain.question.verify_name else {
            return out.not_asked(None, "no name to verify was given");
        };
        let Some(leaf) = chain.leaf() else {
            return out.unknown(None, "the leaf can't be read");
        };
        let reference = match Reference::read(wanted) {
            Ok(reference) => reference,
            Err(why) => {
                return out.unknown(
                    None,
                    format!("\"{}\" is not a name that a certificate can have: {why}", text::escape(wanted)),
                );
            }
        };
        match fault(chain, leaf, &reference) {
            None => out.holds(),
            Some((_, why)) => out.fails(0, leaf.extension_range(oid::SUBJECT_ALT_NAME), why),
        }
    },
};

/// What is wrong with the leaf's names, where the one that was asked for is not among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameFault {
    /// There is no name at all that counts: the certificate was made without subjectAltName.
    NoNames,
    /// The name is there, in a form that does not count.
    Form,
    /// It is for the name, but not the first: its place in the list.
    Behind(usize),
    /// The names are others.
    Others,
}

/// The fault of the path under examination, None if the name holds or none was asked for.
pub fn name_fault(chain: &Validation<'_, '_>) -> Option<NameFault> {
    let reference = Reference::read(chain.question.verify_name?).ok()?;
    fault(chain, chain.leaf()?, &reference).map(|(fault, _)| fault)
}

fn fault(
    chain: &Validation<'_, '_>,
    leaf: &Certificate<'_>,
    reference: &Reference,
) -> Option<(NameFault, String)> {
    if covers(leaf, reference) {
        return None;
    }
    let elsewhere = super::leaf_not_first::leaf_elsewhere(chain)
        .filter(|place| chain.graph.certificate(*place).is_some_and(|it| covers(it, reference)));
    Some(match elsewhere {
        Some(place) => {
            let name = shown_reference(reference);
            let why = format!("certificate {} is for {name}, but only the first one counts", place + 1);
            (NameFault::Behind(place), why)
        }
        None => why_not(leaf, reference),
    })
}

/// Whether one of a certificate's names is the one that was asked for.
pub(super) fn covers(certificate: &Certificate<'_>, reference: &Reference) -> bool {
    certificate.extensions.alt_names.iter().flatten().any(|located| matches(&located.name, reference))
}

fn matches(name: &GeneralName<'_>, reference: &Reference) -> bool {
    match (name, reference) {
        (GeneralName::Dns(presented), Reference::Dns(wanted)) => host::dns_matches(presented, wanted),
        (GeneralName::Ip(presented), Reference::Ip(wanted)) => general_name::ip(presented) == Some(*wanted),
        (GeneralName::Uri(presented), Reference::Uri(wanted)) => general_name::uri_matches(presented, wanted),
        _ => false,
    }
}

fn shown_reference(reference: &Reference) -> String {
    match (reference, reference.unicode()) {
        (Reference::Dns(name), Some(unicode)) => format!("{name} ({})", text::escape(&unicode)),
        (Reference::Dns(name), None) => name.clone(),
        (Reference::Ip(address), _) => address.to_string(),
        (Reference::Uri(uri), _) => text::escape(uri),
    }
}

/// The reason that helps most: the rule that a name fails which was meant, else which names there are.
fn why_not(leaf: &Certificate<'_>, reference: &Reference) -> (NameFault, String) {
    let names = leaf.extensions.alt_names.as_deref().unwrap_or(&[]);
    let wanted = shown_reference(reference);
    if names.is_empty() {
        let in_common_name = leaf.subject.values(oid::COMMON_NAME).iter().any(|name| match reference {
            Reference::Dns(wanted) => host::dns_matches(name.as_bytes(), wanted),
            Reference::Ip(wanted) => name.parse() == Ok(*wanted),
            Reference::Uri(_) => false,
        });
        let why = if in_common_name {
            format!(
                "{wanted} is only in the common name, which is ignored; it must appear in \
                     subjectAltName"
            )
        } else if leaf.extensions.find(oid::SUBJECT_ALT_NAME).is_some() {
            format!("no name in the certificate's subjectAltName can be read, so it is not for {wanted}")
        } else {
            format!("the certificate has no subjectAltName at all, so it is not for {wanted}")
        };
        return (NameFault::NoNames, why);
    }
    let dns = names.iter().filter_map(|located| match located.name {
        GeneralName::Dns(name) => Some(name),
        _ => None,
    });
    let meant = dns.clone().find_map(|presented| match reference {
        Reference::Dns(name) => almost(presented, name, &wanted),
        Reference::Ip(address) => (presented == address.to_string().as_bytes()).then(|| {
            let why = format!("{wanted} is there as a DNS name; an address must be an iPAddress entry");
            (NameFault::Form, why)
        }),
        Reference::Uri(_) => None,
    });
    if let Some(meant) = meant {
        return meant;
    }
    let shown: Vec<String> = names
        .iter()
        .take(3)
        .map(|located| located.name.text().trim_start_matches("DNS:").trim_start_matches("IP:").to_owned())
        .collect();
    let more = if names.len() > 3 { format!(" and {} more", names.len() - 3) } else { String::new() };
    (NameFault::Others, format!("the certificate is not for {wanted}, but for {}{more}", shown.join(", ")))
}

/// Why a dNSName that was meant for `name` does not match it; None if it was meant for another.
fn almost(presented: &[u8], name: &str, wanted: &str) -> Option<(NameFault, String)> {
    let shown = text::escape_bytes(presented);
    let form = |why: String| Some((NameFault::Form, why));
    let others = |why: String| Some((NameFault::Others, why));
    let matches = |presented: &[u8]| host::dns_matches(presented, name);
    let trimmed = presented.trim_ascii();
    if trimmed.len() < presented.len() && matches(trimmed) {
        return form(format!("\"{shown}\" would match {wanted} without the blank in it"));
    }
    if presented.strip_suffix(b".").is_some_and(matches) {
        return form(format!("{shown} would match {wanted} without the dot at the end"));
    }
    if let Ok(unicode) = std::str::from_utf8(presented)
        && !presented.is_ascii()
        && idna::domain_to_ascii(unicode).is_ok_and(|ascii| matches(ascii.as_bytes()))
    {
        return form(format!("{shown} would match as an A-label: {wanted}"));
    }
    // A URL, or a name with a port.
    let after_scheme = presented.windows(3).position(|three| three == b"://").map(|at| &presented[at + 3..]);
    let host = after_scheme
        .unwrap_or(presented)
        .split(|byte| matches!(byte, b'/' | b':'))
        .next()
        .unwrap_or_default();
    if host.len() < presented.len() && matches(host) {
        return form(format!("{shown} is not a host name; {} alone would match", text::escape_bytes(host)));
    }
    let tail = |base: &[u8]| {
        let (front, tail) = name.as_bytes().split_at_checked(name.len().checked_sub(base.len())?)?;
        tail.eq_ignore_ascii_case(base).then_some(front)
    };
    if let Some(base) = presented.strip_prefix(b"*.") {
        let front = tail(base)?;
        let labels = front.strip_suffix(b".").map(|front| front.split(|byte| *byte == b'.').count());
        return match (front, labels) {
            (b"", _) => others(format!("{shown} covers the names below {wanted}, not {wanted} itself")),
            (_, Some(1)) if !base.contains(&b'.') => form(format!(
                "{shown} would match {wanted}, but a wildcard must be followed by at least two labels"
            )),
            (_, Some(2..)) => others(format!("{shown} covers only one label, and {wanted} has more")),
            _ => None,
        };
    }
    // `a*.example.com`: within the first label, which counted in RFC 6125 and does not any more.
    let star = presented.iter().position(|byte| *byte == b'*')?;
    let dot = presented.iter().position(|byte| *byte == b'.').filter(|dot| star < *dot)?;
    let (label, rest) = (&presented[..dot], &presented[dot..]);
    let first = tail(rest).filter(|first| !first.contains(&b'.'))?;
    let fits = first.len() + 1 >= label.len()
        && first.to_ascii_lowercase().starts_with(&label[..star].to_ascii_lowercase())
        && first.to_ascii_lowercase().ends_with(&label[star + 1..].to_ascii_lowercase());
    if !fits {
        return None;
    }
    form(format!("{shown} would match {wanted}, but a wildcard must be the whole first label"))
}

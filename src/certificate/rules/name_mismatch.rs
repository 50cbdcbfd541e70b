//! The name that was asked for.

use super::{ChainRule, Part, Webpki};
use crate::certificate::host::{self, Reference};
use crate::wire::asn1::Certificate;
use crate::wire::asn1::general_name::{self, GeneralName, Located};
use crate::wire::asn1::oid;
use crate::wire::text;

pub const RULE: ChainRule = ChainRule {
    id: "cert.name_mismatch",
    title: "The certificate is for another name",
    about: "The name that the client wanted must stand in subjectAltName: a DNS name in a dNSName entry, an address in an iPAddress entry. \
            A wildcard stands for exactly one label, the first. The common name (CN) has not counted since 2000, and browsers ignore it since 2017. \
            A server with several certificates picks by SNI: without that name it sends its default one.",
    reference: "RFC 9525, section 6; RFC 5280, section 4.2.1.6",
    part: Part::Name,
    webpki: Webpki::Same,
    check: |chain, out| {
        let Some(wanted) = chain.question.verify_name else {
            return out.not_asked(None, "no name was asked for");
        };
        let Some(leaf) = chain.leaf() else {
            return out.unknown(None, "there is no leaf that can be read");
        };
        let reference = match Reference::read(wanted) {
            Ok(reference) => reference,
            Err(why) => {
                return out.unknown(
                    None,
                    format!("\"{}\" is no name that a certificate can have: {why}", text::escape(wanted)),
                );
            }
        };
        let names = leaf.extensions.alt_names.as_deref().unwrap_or(&[]);
        if names.iter().any(|located| matches(&located.name, &reference)) {
            return out.holds();
        }
        let range = leaf.extension_range(oid::SUBJECT_ALT_NAME);
        out.fails(0, range, why_not(leaf, names, &reference));
    },
};

fn matches(name: &GeneralName<'_>, reference: &Reference) -> bool {
    match (name, reference) {
        (GeneralName::Dns(presented), Reference::Dns(wanted)) => host::dns_matches(presented, wanted),
        (GeneralName::Ip(presented), Reference::Ip(wanted)) => general_name::ip(presented) == Some(*wanted),
        _ => false,
    }
}

/// The reason that helps most.
fn why_not(leaf: &Certificate<'_>, names: &[Located<'_>], reference: &Reference) -> String {
    let wanted = match reference {
        Reference::Dns(name) => match reference.unicode() {
            Some(unicode) => format!("{name} ({})", text::escape(&unicode)),
            None => name.clone(),
        },
        Reference::Ip(address) => address.to_string(),
    };
    let common_names = leaf.subject.values(oid::COMMON_NAME);
    let in_common_name = common_names.iter().any(|name| match reference {
        Reference::Dns(wanted) => host::dns_matches(name.as_bytes(), wanted),
        Reference::Ip(wanted) => name.parse() == Ok(*wanted),
    });
    if in_common_name {
        return format!("{wanted} stands in the common name only; names count in subjectAltName only");
    }
    if names.is_empty() && leaf.extensions.list.iter().any(|extension| extension.oid == oid::SUBJECT_ALT_NAME)
    {
        return format!("no name in the certificate's subjectAltName can be read, so it is not for {wanted}");
    }
    if names.is_empty() {
        return format!("the certificate has no subjectAltName at all, so it is not for {wanted}");
    }
    if let Reference::Ip(address) = reference
        && names.iter().any(|located| matches!(located.name, GeneralName::Dns(name) if name == address.to_string().as_bytes()))
    {
        return format!("{wanted} stands there as a DNS name; an address counts as an iPAddress entry only");
    }
    if let Reference::Dns(wanted_name) = reference {
        for located in names {
            let GeneralName::Dns(presented) = located.name else { continue };
            let shown = text::escape_bytes(presented);
            if presented.strip_suffix(b".").is_some_and(|bare| host::dns_matches(bare, wanted_name)) {
                return format!("{shown} would match, but for the dot at its end");
            }
            if let Some(base) = presented.strip_prefix(b"*.") {
                if base.eq_ignore_ascii_case(wanted_name.as_bytes()) {
                    return format!("{shown} covers the names below {wanted}, not {wanted} itself");
                }
                let deeper = wanted_name.len() > base.len() && wanted_name.as_bytes().ends_with(base);
                if deeper
                    && !host::dns_matches(presented, wanted_name)
                    && wanted_name.as_bytes().get(wanted_name.len() - base.len() - 1) == Some(&b'.')
                {
                    return format!("{shown} covers one label only, and {wanted} has more");
                }
            }
        }
    }
    let shown: Vec<String> = names
        .iter()
        .take(3)
        .map(|located| located.name.text().trim_start_matches("DNS:").trim_start_matches("IP:").to_owned())
        .collect();
    let more = if names.len() > 3 { format!(" and {} more", names.len() - 3) } else { String::new() };
    format!("the certificate is not for {wanted}, but for {}{more}", shown.join(", "))
}

//! The hello that offers what an [`Offer`] says.

use super::super::{Error, groups};
use super::{Hello, Template};
use crate::capture::Offer;
use crate::wire::codepoints::cipher_suite::{self, CipherSuite, SuiteInfo};
use crate::wire::codepoints::group;
use crate::wire::codepoints::version::{SSL_3_0, TLS_1_0, TLS_1_1, TLS_1_2, TLS_1_3};
use crate::wire::extension::{
    application_layer_protocol_negotiation, ec_point_formats, encrypt_then_mac, extended_master_secret,
    key_share, psk_key_exchange_modes, renegotiation_info, server_name, session_ticket, signature_algorithms,
    status_request, supported_groups, supported_versions, ticket_request,
};
use crate::wire::writer::TooLong;

/// What is offered where an offer leaves it open, best first. Those of TLS 1.3 come with that version only, those that
/// need a version come with it or later ones.
#[rustfmt::skip] // A table.
const SUITES: &[u16] = &[
    0x1301, 0x1302, 0x1303, // TLS 1.3
    0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, // ECDHE with an AEAD
    0x009e, 0x009f, 0xccaa, // DHE with an AEAD
    0xc009, 0xc013, 0xc00a, 0xc014, 0x0033, 0x0039, // forward secrecy with CBC
    0x009c, 0x009d, 0x002f, 0x0035, 0x000a, // RSA key exchange
];

const GROUPS: &[u16] = &[0x11ec, 0x001d, 0x0017, 0x0018, 0x0019];

#[rustfmt::skip] // A table.
const SCHEMES: &[u16] = &[
    0x0403, 0x0503, 0x0603, 0x0807, // ECDSA, Ed25519
    0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, // RSA
];

/// With SHA-1: servers of before TLS 1.2 know no other hash.
const SHA1_SCHEMES: &[u16] = &[0x0203, 0x0201];

/// Of each group and suite that GREASE puts in front (RFC 8701); each hello that is sent has others.
const GREASE: u16 = 0x0a0a;

impl Template {
    /// What `offer` offers, in the form in which ordinary clients do, with `name` in `server_name`. Lists that the offer
    /// leaves open are those of a client that speaks its versions.
    ///
    /// Fails if a key share is asked for in a group in which none can be made, and if something is too long.
    pub fn offer(offer: &Offer, name: Option<&str>) -> Result<Self, Error> {
        if offer.min > offer.max {
            return Err(Error("the lowest version is above the highest".into()));
        }
        Self::new(hello(offer, name)?)
    }
}

fn hello(offer: &Offer, name: Option<&str>) -> Result<Hello, Error> {
    let mut suites = offer.ciphers.clone().unwrap_or_else(|| suites(offer).collect());
    if offer.grease {
        suites.insert(0, GREASE);
    }
    let extensions = if offer.max > SSL_3_0 {
        Some(extensions(offer, &suites, name).map_err(|problem| match problem {
            Problem::TooLong(e) => Error(e.to_string()),
            Problem::Share(group) => {
                let name = group::find(group).map_or("an unknown group", |group| group.name);
                Error(format!("no key share can be made in {name} (0x{group:04x})"))
            }
        })?)
    } else {
        // SSL 3.0 has no extensions; this suite stands for one (RFC 5746, section 3.3).
        suites.push(CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV.0);
        None
    };
    Ok(Hello {
        legacy_version: offer.max.min(TLS_1_2),
        random: [0; 32],
        // Looks like a resumption of TLS 1.2 to middleboxes (RFC 8446, appendix D.4).
        session_id: vec![0; if offer.has(TLS_1_3) { 32 } else { 0 }],
        cipher_suites: suites,
        compression_methods: vec![0],
        extensions,
    })
}

/// What is offered with these versions where nobody says more.
pub(super) fn suites(offer: &Offer) -> impl Iterator<Item = u16> {
    SUITES.iter().copied().filter(|code| fits_code(*code, offer))
}

/// Whether a suite is known, and can be chosen with one of the versions.
pub(super) fn fits_code(code: u16, offer: &Offer) -> bool {
    cipher_suite::find(code).is_some_and(|suite| fits(suite, offer))
}

/// Whether a suite can be chosen with one of the versions.
fn fits(suite: &SuiteInfo, offer: &Offer) -> bool {
    match suite.code >> 8 {
        0x13 => offer.has(TLS_1_3),
        _ if suite.mac == cipher_suite::Mac::Aead => offer.has(TLS_1_2),
        _ => offer.min <= TLS_1_2,
    }
}

pub(super) enum Problem {
    TooLong(TooLong),
    Share(u16),
}

impl From<TooLong> for Problem {
    fn from(error: TooLong) -> Self {
        Problem::TooLong(error)
    }
}

fn extensions(offer: &Offer, suites: &[u16], name: Option<&str>) -> Result<Vec<(u16, Vec<u8>)>, Problem> {
    let (old, tls13) = (offer.min <= TLS_1_2, offer.has(TLS_1_3));
    let mut groups = offer.groups.clone().unwrap_or_else(|| {
        let hybrids = |code: &u16| tls13 || !group::find(*code).is_some_and(group::Group::is_post_quantum);
        GROUPS.iter().copied().filter(hybrids).collect()
    });
    let shares = match &offer.shares {
        Some(shares) => shares.clone(),
        None => groups.iter().copied().find(|code| groups::find(*code).is_some()).into_iter().collect(),
    };
    if offer.grease {
        groups.insert(0, GREASE);
    }
    let mut out = Vec::new();
    if let Some(name) = name {
        out.push((server_name::EXTENSION.code, server_name::write(name)?));
    }
    if old {
        out.push((extended_master_secret::EXTENSION.code, vec![]));
        out.push((renegotiation_info::EXTENSION.code, renegotiation_info::write(&[])?));
    }
    let on_curves = |code: &u16| crate::crypto::performed::needs_groups(*code);
    if !groups.is_empty() && (offer.groups.is_some() || suites.iter().any(on_curves)) {
        out.push((supported_groups::EXTENSION.code, supported_groups::write(&groups)?));
        if old {
            out.push((ec_point_formats::EXTENSION.code, ec_point_formats::write(&[0])?));
        }
    }
    if old && !offer.no_tickets {
        out.push((session_ticket::EXTENSION.code, vec![]));
    }
    if !offer.alpn.is_empty() {
        let code = application_layer_protocol_negotiation::EXTENSION.code;
        out.push((code, application_layer_protocol_negotiation::write(&offer.alpn)?));
    }
    out.push((status_request::EXTENSION.code, status_request::OCSP_REQUEST.to_vec()));
    let is_cbc =
        |code: &u16| cipher_suite::find(*code).is_some_and(|suite| suite.mode == cipher_suite::Mode::Cbc);
    if old && suites.iter().any(is_cbc) {
        out.push((encrypt_then_mac::EXTENSION.code, vec![]));
    }
    if offer.max >= TLS_1_2 {
        let schemes = offer
            .sigalgs
            .clone()
            .unwrap_or_else(|| [SCHEMES, if offer.min < TLS_1_2 { SHA1_SCHEMES } else { &[] }].concat());
        out.push((signature_algorithms::EXTENSION.code, signature_algorithms::write(&schemes)?));
    }
    if tls13 {
        let all = [TLS_1_3, TLS_1_2, TLS_1_1, TLS_1_0, SSL_3_0];
        let versions: Vec<u16> = all.into_iter().filter(|version| offer.has(*version)).collect();
        out.push((supported_versions::EXTENSION.code, supported_versions::write(&versions)?));
        out.push((psk_key_exchange_modes::EXTENSION.code, psk_key_exchange_modes::write(&[1])?));
        let shares: Result<Vec<_>, Problem> = shares.into_iter().map(place_for_share).collect();
        out.push((key_share::EXTENSION.code, key_share::write(&shares?)?));
        if offer.no_tickets {
            out.push((ticket_request::EXTENSION.code, vec![0, 0]));
        }
    }
    Ok(out)
}

/// Zeros where a key share will be.
pub(super) fn place_for_share(code: u16) -> Result<(u16, Vec<u8>), Problem> {
    let len: usize = group::find(code).map_or(0, |group| group.client.iter().map(|part| part.len).sum());
    if groups::find(code).is_none() || len == 0 {
        return Err(Problem::Share(code));
    }
    Ok((code, vec![0; len]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::hello::Fresh;
    use crate::wire::Direction;
    use crate::wire::codepoints::version::ProtocolVersion;
    use crate::wire::facts::{ClientHello, Facts};
    use crate::wire::handshake::{dissect, lists};

    /// What our own dissector reads in the hello for an offer; nothing in it may be wrong.
    fn read(offer: &Offer, name: Option<&str>) -> (Vec<u8>, ClientHello) {
        let template = Template::offer(offer, name).unwrap();
        let message = template.build(&mut Fresh::default()).unwrap().write().unwrap();
        let mut facts = Facts::default();
        let dissected = dissect(&message, Direction::Client, &mut facts, true);
        assert_eq!(dissected.problem, None, "{offer:?}");
        (message, facts.client.unwrap())
    }

    #[test]
    fn what_is_offered_is_read() {
        let offer = Offer {
            ciphers: Some(vec![0x1303, 0x009c]),
            groups: Some(vec![0x18, 0x1d, 0x0100]),
            shares: Some(vec![0x1d]),
            sigalgs: Some(vec![0x0804, 0x0403]),
            alpn: vec![b"h2".to_vec()],
            ..Offer::default()
        };
        let (message, client) = read(&offer, Some("a.example"));
        let codes = |span: crate::wire::facts::Span| lists::codes(&message[span.range()]).collect::<Vec<_>>();
        assert_eq!(client.legacy_version, ProtocolVersion::TLS_1_2);
        assert_eq!(codes(client.cipher_suites), [0x1303, 0x009c]);
        assert_eq!(codes(client.supported_groups.unwrap()), [0x18, 0x1d, 0x0100]);
        assert_eq!(codes(client.signature_algorithms.unwrap()), [0x0804, 0x0403]);
        assert_eq!(codes(client.supported_versions.unwrap()), [0x0304, 0x0303]);
        assert!(lists::key_share_groups(&message[client.key_shares.unwrap().range()]).eq([0x1d]));
        assert_eq!(&message[client.alpn.unwrap().range()], b"\x02h2");
        assert_eq!(&message[client.server_name.unwrap().range()], b"a.example");
        assert_eq!(client.session_id.len(), 32);
    }

    #[test]
    fn each_range_of_versions_is_offered_as_its_clients_do() {
        let all = [SSL_3_0, TLS_1_0, TLS_1_1, TLS_1_2, TLS_1_3];
        for (at, min) in all.into_iter().enumerate() {
            for max in &all[at..] {
                let offer = Offer { min, max: *max, grease: true, ..Offer::default() };
                let (message, client) = read(&offer, Some("a.example"));
                assert_eq!(client.legacy_version.0, (*max).min(TLS_1_2));
                assert_eq!(client.supported_versions.is_some(), *max == TLS_1_3);
                assert_eq!(client.key_shares.is_some(), *max == TLS_1_3);
                assert_eq!(client.signature_algorithms.is_some(), *max >= TLS_1_2);
                assert_eq!(client.session_ticket.is_some(), *max > SSL_3_0 && min <= TLS_1_2);
                // SSL 3.0 has no extensions: the signalling suite stands for renegotiation_info.
                assert_eq!(client.server_name.is_some(), *max > SSL_3_0);
                assert_eq!(client.renegotiation_scsv, *max == SSL_3_0);
                let suites = &message[client.cipher_suites.range()];
                let tls13 = lists::codes(suites).filter(|code| code >> 8 == 0x13).count();
                assert_eq!(tls13 > 0, *max == TLS_1_3, "{suites:x?}");
            }
        }
    }

    #[test]
    fn lists_may_be_empty_and_shares_many_or_none() {
        let shares = |shares: &[u16]| {
            let offer = Offer { min: TLS_1_3, shares: Some(shares.to_vec()), ..Offer::default() };
            let (message, client) = read(&offer, None);
            lists::key_share_groups(&message[client.key_shares.unwrap().range()]).collect::<Vec<_>>()
        };
        assert!(shares(&[]).is_empty());
        assert_eq!(shares(&[0x11ec, 0x11eb, 0x11ed, 0x19]), [0x11ec, 0x11eb, 0x11ed, 0x19]);
        let empty = Offer { ciphers: Some(vec![]), groups: Some(vec![]), ..Offer::default() };
        assert!(Template::offer(&empty, None).is_ok());
    }

    #[test]
    fn what_cannot_be_built_is_refused() {
        let why = |offer: Offer| Template::offer(&offer, None).unwrap_err().to_string();
        assert_eq!(
            why(Offer { shares: Some(vec![0x1e]), ..Offer::default() }),
            "no key share can be made in x448 (0x001e)"
        );
        assert!(why(Offer { min: TLS_1_3, max: TLS_1_2, ..Offer::default() }).contains("above"));
        let long = Offer { sigalgs: Some(vec![0x0804; 40_000]), ..Offer::default() };
        assert_eq!(
            why(long),
            "supported_signature_algorithms would have 80000 bytes; at most 65535 are possible"
        );
        let name = Offer { alpn: vec![vec![b'a'; 256]], ..Offer::default() };
        assert!(why(name).contains("ProtocolName would have 256 bytes"));
    }
}

//! Extensions: one file each, and the table of them.

use super::codepoints::{Entry, Recommended, Registry, is_grease};
use super::dissector::{Dissector, LengthPrefix, Read};
use super::facts::{ExtensionSet, Facts};
use super::field::Wrong;
use super::writer::{TooLong, Writer, written};
use Place::*;

pub mod application_layer_protocol_negotiation;
pub mod application_settings;
pub mod application_settings_old;
pub mod cached_info;
pub mod cert_type;
pub mod certificate_authorities;
pub mod channel_id;
pub mod channel_id_old;
pub mod client_authz;
pub mod client_certificate_type;
pub mod client_certificate_url;
pub mod compress_certificate;
pub mod connection_id;
pub mod connection_id_deprecated;
pub mod cookie;
pub mod delegated_credential;
pub mod dnssec_chain;
pub mod early_data;
pub mod ec_point_formats;
pub mod ech_outer_extensions;
pub mod encrypt_then_mac;
pub mod encrypted_client_hello;
pub mod extended_master_secret;
pub mod external_id_hash;
pub mod external_session_id;
pub mod heartbeat;
pub mod key_share;
pub mod key_share_draft;
pub mod max_fragment_length;
pub mod next_protocol_negotiation;
pub mod oid_filters;
pub mod padding;
pub mod password_salt;
pub mod post_handshake_auth;
pub mod pre_shared_key;
pub mod psk_key_exchange_modes;
pub mod pwd_clear;
pub mod pwd_protect;
pub mod quic_transport_parameters;
pub mod quic_transport_parameters_draft;
pub mod record_size_limit;
pub mod renegotiation_info;
pub mod rrc;
pub mod sequence_number_encryption_algorithms;
pub mod server_authz;
pub mod server_certificate_type;
pub mod server_name;
pub mod session_ticket;
pub mod signature_algorithms;
pub mod signature_algorithms_cert;
pub mod signed_certificate_timestamp;
pub mod srp;
pub mod status_request;
pub mod status_request_v2;
pub mod supported_ekt_ciphers;
pub mod supported_groups;
pub mod supported_versions;
pub mod ticket_pinning;
pub mod ticket_request;
pub mod tlmsp;
pub mod tlmsp_delegate;
pub mod tlmsp_proxying;
pub mod tls_cert_with_extern_psk;
pub mod tls_flags;
pub mod tls_lts;
pub mod token_binding;
pub mod transparency_info;
pub mod truncated_hmac;
pub mod trust_anchors;
pub mod trusted_ca_keys;
pub mod use_srtp;
pub mod user_mapping;

/// A row of the table of extensions.
pub struct Extension {
    pub code: u16,
    /// IANA's spelling.
    pub name: &'static str,
    /// e.g. `RFC 8446, section 4.2.8`
    pub reference: &'static str,
    pub recommended: Recommended,
    /// Two or three sentences for somebody who has read one article on TLS.
    pub about: &'static str,
    /// Where it may stand.
    pub places: &'static [Place],
    /// Reads the content, behind type and length.
    pub body: fn(&mut Dissector<'_>, Place, &mut Facts) -> Read<()>,
}

/// The message that an extension stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// CH
    ClientHello,
    /// SH: ServerHello of TLS 1.3.
    ServerHello,
    /// ServerHello of TLS 1.2 and before.
    ServerHello12,
    /// HRR
    HelloRetryRequest,
    /// EE
    EncryptedExtensions,
    /// CT: behind one certificate in Certificate of TLS 1.3.
    Certificate,
    /// CR: CertificateRequest of TLS 1.3.
    CertificateRequest,
    /// NST: NewSessionTicket of TLS 1.3.
    NewSessionTicket,
}

/// ClientHello and ServerHello of TLS 1.2: the places of an extension that TLS 1.3 has no use for.
const OLD: &[Place] = &[ClientHello, ServerHello12];

/// ClientHello and EncryptedExtensions, or ServerHello before TLS 1.3.
const HELLO: &[Place] = &[ClientHello, ServerHello12, EncryptedExtensions];

/// ClientHello alone.
const CLIENT: &[Place] = &[ClientHello];

/// Extension types.
pub static EXTENSION_TYPES: Registry = Registry {
    name: "TLS ExtensionType Values",
    width: 2,
    find: |code| find(code).map(Extension::entry),
    all: || EXTENSIONS.iter().map(|row| row.entry()).collect(),
    grease: true,
};

/// The row of an extension type.
pub fn find(code: u16) -> Option<&'static Extension> {
    EXTENSIONS.binary_search_by_key(&code, |row| row.code).ok().and_then(|at| EXTENSIONS.get(at)).copied()
}

/// All rows, sorted by code.
pub fn all() -> &'static [&'static Extension] {
    EXTENSIONS
}

impl Extension {
    fn entry(&self) -> Entry {
        let Extension { code, name, reference, recommended, about, .. } = *self;
        Entry { code, name, reference, recommended, about }
    }
}

/// Reads a message's list of extensions with its length, and returns which there are.
pub fn list(d: &mut Dissector<'_>, place: Place, facts: &mut Facts) -> Read<ExtensionSet> {
    let mut seen = ExtensionSet::default();
    d.vector("extensions", LengthPrefix::U16, |d| {
        while !d.is_empty() {
            one(d, place, facts, &mut seen)?;
        }
        Ok(())
    })?;
    Ok(seen)
}

fn one(d: &mut Dissector<'_>, place: Place, facts: &mut Facts, seen: &mut ExtensionSet) -> Read<()> {
    let ahead = match *d.peek() {
        [high, low, ..] => Some(u16::from_be_bytes([high, low])),
        _ => None,
    };
    let row = ahead.and_then(find);
    let name = match (row, ahead) {
        (Some(row), _) => row.name,
        (None, Some(code)) if is_grease(code, 2) => "GREASE",
        _ => "unknown extension",
    };
    d.group(name, |d| {
        let code = d.code("extension_type", &EXTENSION_TYPES)?;
        judge(d, code, row, place, facts, seen);
        if place == ClientHello
            && let Some(client) = &mut facts.client
        {
            client.extensions = *seen;
        }
        let len = d.length(name, LengthPrefix::U16)?;
        d.enclosed(name, len, |d| match row {
            Some(row) => (row.body)(d, place, facts),
            None => bytes(d, place, facts),
        });
        if code == pre_shared_key::EXTENSION.code && place == ClientHello && !d.is_empty() {
            d.wrong(name, Wrong::Illegal("pre_shared_key must be the last extension"));
        }
        Ok(())
    })
}

/// States what is wrong about an extension's being here, on its type.
fn judge(
    d: &mut Dissector<'_>,
    code: u16,
    row: Option<&Extension>,
    place: Place,
    facts: &Facts,
    seen: &mut ExtensionSet,
) {
    if !seen.insert(code) {
        d.wrong("extension_type", Wrong::Duplicate);
    } else if row.is_some_and(|row| !row.places.contains(&place)) {
        d.wrong("extension_type", Wrong::NotAllowedHere);
    } else if is_unsolicited(code, place, facts) {
        d.wrong("extension_type", Wrong::Unsolicited);
    }
}

/// Whether the server answers an extension that the client did not send (RFC 8446, section 4.2).
fn is_unsolicited(code: u16, place: Place, facts: &Facts) -> bool {
    let answers = match place {
        ServerHello | ServerHello12 | EncryptedExtensions => true,
        HelloRetryRequest => code != cookie::EXTENSION.code,
        // A client's Certificate answers the CertificateRequest, a server's the ClientHello: what both may ask is not told apart here.
        Certificate | ClientHello | CertificateRequest | NewSessionTicket => false,
    };
    let Some(client) = facts.client.filter(|_| answers) else {
        return false;
    };
    let scsv = code == renegotiation_info::EXTENSION.code && client.renegotiation_scsv;
    !client.extensions.contains(code) && !client.extensions.overflow && !scsv
}

/// The content of the extension `code` in a list of extensions without its length, if it is there: a look ahead at
/// what decides how the rest is read.
pub fn scan(list: &[u8], code: u16) -> Option<&[u8]> {
    each(list).find(|(found, _)| *found == code).map(|(_, content)| content)
}

/// The types in a list of extensions without its length, in their order.
pub fn codes(list: &[u8]) -> impl Iterator<Item = u16> {
    each(list).map(|(code, _)| code)
}

/// Types and contents in a list of extensions without its length, in their order, up to where it is malformed.
pub fn each(list: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut rest = list;
    std::iter::from_fn(move || {
        let (code, tail) = rest.split_first_chunk()?;
        let (len, tail) = tail.split_first_chunk()?;
        let (content, tail) = tail.split_at_checked(usize::from(u16::from_be_bytes(*len)))?;
        rest = tail;
        Some((u16::from_be_bytes(*code), content))
    })
}

/// Writes such a list, with its length.
pub fn write_list(w: &mut Writer, extensions: &[(u16, Vec<u8>)]) {
    w.vector("extensions", LengthPrefix::U16, |w| {
        for (code, content) in extensions {
            w.u16(*code);
            w.opaque(find(*code).map_or("extension_data", |row| row.name), LengthPrefix::U16, content);
        }
    });
}

/// Content that is empty: the extension's presence says it all.
fn flag(_: &mut Dissector<'_>, _: Place, _: &mut Facts) -> Read<()> {
    Ok(())
}

/// Content that is not taken apart.
fn bytes(d: &mut Dissector<'_>, _: Place, _: &mut Facts) -> Read<()> {
    if !d.is_empty() {
        d.rest("extension_data");
    }
    Ok(())
}

/// Sorted by code.
static EXTENSIONS: &[&Extension] = &[
    &server_name::EXTENSION,
    &max_fragment_length::EXTENSION,
    &client_certificate_url::EXTENSION,
    &trusted_ca_keys::EXTENSION,
    &truncated_hmac::EXTENSION,
    &status_request::EXTENSION,
    &user_mapping::EXTENSION,
    &client_authz::EXTENSION,
    &server_authz::EXTENSION,
    &cert_type::EXTENSION,
    &supported_groups::EXTENSION,
    &ec_point_formats::EXTENSION,
    &srp::EXTENSION,
    &signature_algorithms::EXTENSION,
    &use_srtp::EXTENSION,
    &heartbeat::EXTENSION,
    &application_layer_protocol_negotiation::EXTENSION,
    &status_request_v2::EXTENSION,
    &signed_certificate_timestamp::EXTENSION,
    &client_certificate_type::EXTENSION,
    &server_certificate_type::EXTENSION,
    &padding::EXTENSION,
    &encrypt_then_mac::EXTENSION,
    &extended_master_secret::EXTENSION,
    &token_binding::EXTENSION,
    &cached_info::EXTENSION,
    &tls_lts::EXTENSION,
    &compress_certificate::EXTENSION,
    &record_size_limit::EXTENSION,
    &pwd_protect::EXTENSION,
    &pwd_clear::EXTENSION,
    &password_salt::EXTENSION,
    &ticket_pinning::EXTENSION,
    &tls_cert_with_extern_psk::EXTENSION,
    &delegated_credential::EXTENSION,
    &session_ticket::EXTENSION,
    &tlmsp::EXTENSION,
    &tlmsp_proxying::EXTENSION,
    &tlmsp_delegate::EXTENSION,
    &supported_ekt_ciphers::EXTENSION,
    &key_share_draft::EXTENSION,
    &pre_shared_key::EXTENSION,
    &early_data::EXTENSION,
    &supported_versions::EXTENSION,
    &cookie::EXTENSION,
    &psk_key_exchange_modes::EXTENSION,
    &certificate_authorities::EXTENSION,
    &oid_filters::EXTENSION,
    &post_handshake_auth::EXTENSION,
    &signature_algorithms_cert::EXTENSION,
    &key_share::EXTENSION,
    &transparency_info::EXTENSION,
    &connection_id_deprecated::EXTENSION,
    &connection_id::EXTENSION,
    &external_id_hash::EXTENSION,
    &external_session_id::EXTENSION,
    &quic_transport_parameters::EXTENSION,
    &ticket_request::EXTENSION,
    &dnssec_chain::EXTENSION,
    &sequence_number_encryption_algorithms::EXTENSION,
    &rrc::EXTENSION,
    &tls_flags::EXTENSION,
    &next_protocol_negotiation::EXTENSION,
    &application_settings_old::EXTENSION,
    &application_settings::EXTENSION,
    &channel_id_old::EXTENSION,
    &channel_id::EXTENSION,
    &trust_anchors::EXTENSION,
    &ech_outer_extensions::EXTENSION,
    &encrypted_client_hello::EXTENSION,
    &renegotiation_info::EXTENSION,
    &quic_transport_parameters_draft::EXTENSION,
];

#[cfg(test)]
mod tests;

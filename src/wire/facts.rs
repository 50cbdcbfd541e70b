//! What the messages of one handshake have settled so far.
//!
//! Dissecting a message updates the facts, and the facts decide how the next message is read and
//! which keys open the next record. Copies of code points only: byte strings stay in their message
//! and are pointed at by a [`Span`], so collecting facts allocates nothing.

use std::ops::Range;

use super::Direction;
use super::codepoints::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme};

/// A byte range in one message of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// Index of the message in its trace.
    pub message: usize,
    /// In the message's first derived message (the decompressed certificate), not in itself.
    pub derived: bool,
    pub start: usize,
    pub end: usize,
}

impl Span {
    /// Its bytes' range.
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    /// Its length in bytes.
    pub fn len(&self) -> usize {
        self.end - self.start
    }

    /// Whether it has no bytes.
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }
}

/// A signature by a message's sender, with what it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    /// The `SignatureScheme`; `None` before TLS 1.2, where it follows from the key.
    pub scheme: Option<SignatureScheme>,
    pub signature: Span,
}

/// What a certificate list looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CertificateList {
    /// The bytes of `certificate_list`, without its length.
    pub list: Span,
    /// TLS 1.3: every entry is followed by extensions.
    pub tls13: bool,
}

/// One ClientHello's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClientHello {
    pub legacy_version: ProtocolVersion,
    pub random: [u8; 32],
    pub session_id: Span,
    /// The first bytes of the session id, by which a server's echo of it is recognised.
    pub session_id_bytes: [u8; 32],
    /// `TLS_EMPTY_RENEGOTIATION_INFO_SCSV` is among the suites: renegotiation_info counts as offered.
    pub renegotiation_scsv: bool,
    /// `cipher_suites` without their length: two bytes each.
    pub cipher_suites: Span,
    pub compression_methods: Span,
    /// Codes of the extensions that it has; see [`ExtensionSet`].
    pub extensions: ExtensionSet,
    /// `host_name` of server_name.
    pub server_name: Option<Span>,
    /// Two bytes each, without length.
    pub supported_versions: Option<Span>,
    /// Two bytes each, without length.
    pub supported_groups: Option<Span>,
    /// Two bytes each, without length.
    pub signature_algorithms: Option<Span>,
    /// `protocol_name_list`: each with its one-byte length.
    pub alpn: Option<Span>,
    /// `client_shares`, without length.
    pub key_shares: Option<Span>,
    /// `identities` of pre_shared_key, without length.
    pub psk_identities: Option<Span>,
    /// `binders` of pre_shared_key, without length. What precedes its length is what binders cover.
    pub psk_binders: Option<Span>,
    pub session_ticket: Option<Span>,
    /// `algorithms` of compress_certificate: two bytes each.
    pub certificate_compression: Option<Span>,
    pub early_data: bool,
    /// It is an outer hello: the encrypted_client_hello in it is not the inner one's.
    pub ech: Option<OuterEch>,
}

/// What can be read of the encrypted_client_hello in an outer hello (RFC 9849, section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OuterEch {
    /// KDF and AEAD of HPKE.
    pub cipher_suite: [u16; 2],
    pub config_id: u8,
    /// Length of the encrypted inner hello in bytes, its tag included.
    pub payload: usize,
}

/// A HelloRetryRequest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retry {
    /// Index of the message in its trace.
    pub message: usize,
    /// The group that it asks for a key share in.
    pub group: Option<NamedGroup>,
    /// The eight bytes of encrypted_client_hello in it: the server has decrypted the inner hello, or says something random.
    pub ech_confirmation: Option<Span>,
}

/// The server's choices, and what followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Facts {
    /// Index that the message being dissected has in its trace, and whether it is derived: what
    /// the spans of this message are given.
    pub at: (usize, bool),
    /// The last ClientHello.
    pub client: Option<ClientHello>,
    /// ClientHellos so far.
    pub client_hellos: u8,
    /// The HelloRetryRequest, if one came.
    pub retry: Option<Retry>,
    /// The version in force: supported_versions of the ServerHello, else its legacy_version.
    pub version: Option<ProtocolVersion>,
    pub cipher_suite: Option<CipherSuite>,
    /// Index of the ServerHello, one that is no HelloRetryRequest.
    pub server_hello: Option<usize>,
    pub server_random: Option<[u8; 32]>,
    pub server_session_id: Option<Span>,
    pub compression_method: u8,
    pub server_extensions: ExtensionSet,
    /// The groups that the server lists in EncryptedExtensions, its best first.
    pub server_groups: Option<Span>,
    /// The group of the server's key share, or of its ServerKeyExchange.
    pub group: Option<NamedGroup>,
    /// `selected_identity`: the pre-shared key that is used (TLS 1.3).
    pub psk: Option<u16>,
    /// TLS 1.2 and before: the handshake is an abbreviated one.
    pub abbreviated: bool,
    pub extended_master_secret: bool,
    pub encrypt_then_mac: bool,
    /// EncryptedExtensions has early_data: the server takes it.
    pub early_data_accepted: bool,
    /// `ECHConfigList` in EncryptedExtensions, with its length: the server did not decrypt the inner hello.
    pub ech_retry_configs: Option<Span>,
    /// The one protocol name that the server chose.
    pub alpn: Option<Span>,
    pub encrypted_extensions_seen: bool,
    /// The server's and client's certificates, by sender.
    pub certificates: [Option<CertificateList>; 2],
    /// Form of the client's and server's certificates as client_certificate_type and server_certificate_type settled it.
    pub certificate_types: [u8; 2],
    /// A CertificateRequest came (its `certificate_request_context`).
    pub certificate_request: Option<Span>,
    /// `signature_algorithms` in it: two bytes each.
    pub certificate_request_schemes: Option<Span>,
    /// `certificate_types` in it (TLS 1.2 and earlier): a byte each.
    pub certificate_request_types: Option<Span>,
    /// `certificate_authorities` in it: each with its two-byte length.
    pub certificate_request_authorities: Option<Span>,
    /// `algorithms` of compress_certificate in it: two bytes each.
    pub certificate_request_compression: Option<Span>,
    /// CertificateVerify, by sender.
    pub certificate_verify: [Option<Signature>; 2],
    /// ServerKeyExchange: the signed parameters, and the signature if there is one.
    pub server_key_exchange: Option<(Span, Option<Signature>)>,
    /// ClientKeyExchange's body.
    pub client_key_exchange: Option<Span>,
    /// `verify_data`, by sender.
    pub finished: [Option<Span>; 2],
    /// A CompressedCertificate that waits to be decompressed: algorithm, declared length, bytes.
    pub compressed: Option<(u16, usize, Span)>,
    /// The algorithm of each sender's CompressedCertificate, and the message's index.
    pub certificate_compression: [Option<(u16, usize)>; 2],
    /// The OCSP response for the leaf (CertificateStatus, or in the Certificate of TLS 1.3).
    pub ocsp_response: Option<Span>,
    /// SCT list for the leaf that came in a TLS extension.
    pub scts: Option<Span>,
    /// The last KeyUpdate's `request_update`.
    pub key_update_requested: Option<u8>,
    /// NewSessionTickets so far.
    pub tickets: u32,
}

impl Facts {
    /// A span over `range` of the message that is being dissected.
    pub fn span(&self, range: Range<usize>) -> Span {
        Span { message: self.at.0, derived: self.at.1, start: range.start, end: range.end }
    }

    /// Whether TLS 1.3 (or one of its drafts) is in force.
    pub fn is_tls13(&self) -> bool {
        self.version.is_some_and(ProtocolVersion::is_tls13)
    }

    /// Only what decides how the next message is read: messages between which none of it changed share a copy.
    pub fn for_reading(&self) -> Facts {
        Facts {
            client: self.client,
            version: self.version,
            cipher_suite: self.cipher_suite,
            certificate_types: self.certificate_types,
            ..Facts::default()
        }
    }

    /// The certificates that `sender` sent.
    pub fn certificates_of(&self, sender: Direction) -> Option<CertificateList> {
        self.certificates[sender.index()]
    }

    /// Facts of a further ClientHello: all that the first one's answers settled is open again,
    /// but a HelloRetryRequest.
    pub fn restart(&mut self) {
        *self =
            Facts { at: self.at, client_hellos: self.client_hellos, retry: self.retry, ..Facts::default() };
    }
}

/// Which extensions a message has. Codes from 64 on are kept in a short list, which is enough for
/// every ClientHello seen in the wild; what does not fit is only counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ExtensionSet {
    low: u64,
    high: [u16; 24],
    high_len: u8,
    /// How many there are, duplicates included.
    pub count: u16,
    /// Not all of them could be kept.
    pub overflow: bool,
}

impl ExtensionSet {
    /// Adds a code; false if it was there.
    pub fn insert(&mut self, code: u16) -> bool {
        self.count = self.count.saturating_add(1);
        if self.contains(code) {
            return false;
        }
        if code < 64 {
            self.low |= 1 << code;
        } else if usize::from(self.high_len) < self.high.len() {
            self.high[usize::from(self.high_len)] = code;
            self.high_len += 1;
        } else {
            self.overflow = true;
        }
        true
    }

    /// Adds all of `other`.
    pub fn extend(&mut self, other: &ExtensionSet) {
        let count = self.count.saturating_add(other.count);
        self.low |= other.low;
        for code in &other.high[..usize::from(other.high_len)] {
            self.insert(*code);
        }
        self.overflow |= other.overflow;
        self.count = count;
    }

    /// The codes that were kept.
    pub fn codes(&self) -> impl Iterator<Item = u16> {
        let low = (0..64).filter(|code| self.low >> code & 1 == 1);
        low.chain(self.high.into_iter().take(usize::from(self.high_len)))
    }

    /// Whether `code` was added.
    pub fn contains(&self, code: u16) -> bool {
        if code < 64 {
            self.low >> code & 1 == 1
        } else {
            self.high[..usize::from(self.high_len)].contains(&code)
        }
    }
}

//! Application protocols (IANA "TLS Application-Layer Protocol Negotiation (ALPN) Protocol IDs").

/// A protocol that ALPN can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Protocol {
    /// The bytes that stand in the extension.
    pub id: &'static [u8],
    pub name: &'static str,
    pub reference: &'static str,
}

/// The protocol with this identifier.
pub fn find(id: &[u8]) -> Option<&'static Protocol> {
    ALPN_PROTOCOLS.iter().find(|protocol| protocol.id == id)
}

/// RFC 8701: two equal bytes that end in `a`.
pub fn is_grease(id: &[u8]) -> bool {
    matches!(id, [a, b] if a == b && a & 0x0f == 0x0a)
}

const fn protocol(id: &'static [u8], name: &'static str, reference: &'static str) -> Protocol {
    Protocol { id, name, reference }
}

/// In IANA's order.
#[rustfmt::skip] // A table.
pub static ALPN_PROTOCOLS: &[Protocol] = &[
    protocol(b"http/0.9", "HTTP/0.9", "RFC 1945"),
    protocol(b"http/1.0", "HTTP/1.0", "RFC 1945"),
    protocol(b"http/1.1", "HTTP/1.1", "RFC 9112"),
    protocol(b"spdy/1", "SPDY/1", "spdy-protocol-draft1"),
    protocol(b"spdy/2", "SPDY/2", "spdy-protocol-draft2"),
    protocol(b"spdy/3", "SPDY/3", "spdy-protocol-draft3"),
    protocol(b"spdy/3.1", "SPDY/3.1", "spdy-protocol-draft3-1"),
    protocol(b"stun.turn", "Traversal Using Relays around NAT (TURN)", "RFC 7443"),
    protocol(b"stun.nat-discovery", "NAT discovery using Session Traversal Utilities for NAT (STUN)", "RFC 7443"),
    protocol(b"h2", "HTTP/2 over TLS", "RFC 9113"),
    protocol(b"h2c", "HTTP/2 over TCP", "RFC 9113"),
    protocol(b"webrtc", "WebRTC Media and Data", "RFC 8833"),
    protocol(b"c-webrtc", "Confidential WebRTC Media and Data", "RFC 8833"),
    protocol(b"ftp", "FTP", "RFC 4217"),
    protocol(b"imap", "IMAP", "RFC 2595"),
    protocol(b"pop3", "POP3", "RFC 2595"),
    protocol(b"managesieve", "ManageSieve", "RFC 5804"),
    protocol(b"coap", "CoAP (over TLS)", "RFC 8323"),
    protocol(b"co", "CoAP (over DTLS)", "RFC 9952"),
    protocol(b"xmpp-client", "XMPP jabber:client namespace", "XEP-0368"),
    protocol(b"xmpp-server", "XMPP jabber:server namespace", "XEP-0368"),
    protocol(b"acme-tls/1", "acme-tls/1", "RFC 8737"),
    protocol(b"mqtt", "OASIS Message Queuing Telemetry Transport (MQTT)", "MQTT 5.0"),
    protocol(b"dot", "DNS-over-TLS", "RFC 7858"),
    protocol(b"ntske/1", "Network Time Security Key Establishment, version 1", "RFC 8915, section 4"),
    protocol(b"sunrpc", "SunRPC", "RFC 9289"),
    protocol(b"h3", "HTTP/3", "RFC 9114"),
    protocol(b"smb2", "SMB2", "MS-SMB2"),
    protocol(b"irc", "IRC", "RFC 1459"),
    protocol(b"nntp", "NNTP (reading)", "RFC 3977"),
    protocol(b"nnsp", "NNTP (transit)", "RFC 3977"),
    protocol(b"doq", "DoQ", "RFC 9250"),
    protocol(b"sip/2", "SIP", "RFC 3261"),
    protocol(b"tds/8.0", "TDS/8.0", "MS-TDS"),
    protocol(b"dicom", "DICOM", "DICOM"),
    protocol(b"postgresql", "PostgreSQL", "PostgreSQL, frontend/backend protocol"),
    protocol(b"radius/1.0", "RADIUS/1.0", "RFC 9765"),
    protocol(b"radius/1.1", "RADIUS/1.1", "RFC 9765"),
];

//! The checks that a report lists by id, where no row of theirs says more: proofs, choices, and what a chain comes to.

/// One check.
pub(super) struct Explained {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) about: &'static str,
    pub(super) reference: &'static str,
}

const fn check(
    id: &'static str,
    title: &'static str,
    about: &'static str,
    reference: &'static str,
) -> Explained {
    Explained { id, title, about, reference }
}

pub(super) const CHECKS: &[Explained] = &[
    check(
        "finished.server",
        "The server's Finished",
        "The verify_data of the server's Finished, computed again over the recorded transcript with the session's \
         secrets, is what was sent. If it holds, nobody changed the handshake in transit.",
        "RFC 8446, section 4.4.4; RFC 5246, section 7.4.9",
    ),
    check(
        "finished.client",
        "The client's Finished",
        "The same for the client's Finished: the server accepts the handshake only if it holds.",
        "RFC 8446, section 4.4.4; RFC 5246, section 7.4.9",
    ),
    check(
        "certificate_verify.server",
        "The server's CertificateVerify",
        "The signature over the transcript verifies with the public key of the leaf: the server has the private key \
         that belongs to its certificate (TLS 1.3).",
        "RFC 8446, section 4.4.3",
    ),
    check(
        "certificate_verify.client",
        "The client's CertificateVerify",
        "The signature over the transcript verifies with the public key of the client's certificate.",
        "RFC 8446, section 4.4.3; RFC 5246, section 7.4.8",
    ),
    check(
        "server_key_exchange",
        "The signature of ServerKeyExchange",
        "The server's (EC)DHE parameters are signed with the leaf's key, over both randoms (TLS 1.2 and earlier): the \
         server has the private key, and nobody replaced its share.",
        "RFC 5246, section 7.4.3; RFC 8422, section 5.4",
    ),
    check(
        "version.offered",
        "Version as offered",
        "The version that the server chose is one that the client offered.",
        "RFC 8446, section 4.2.1; RFC 5246, section 7.4.1.3",
    ),
    check(
        "cipher_suite.offered",
        "Cipher suite as offered",
        "The cipher suite that the server chose is in the client's list.",
        "RFC 8446, section 4.1.3; RFC 5246, section 7.4.1.3",
    ),
    check(
        "cipher_suite.legal",
        "Cipher suite of this version",
        "The cipher suite that was chosen exists in the version that was chosen: those of TLS 1.3 are for TLS 1.3 \
         alone, and AEAD suites for TLS 1.2 and later.",
        "RFC 8446, section 4.1.3; RFC 5246, appendix A.5",
    ),
    check(
        "session_id.legal",
        "Session id echoed",
        "In TLS 1.3 legacy_session_id_echo is the session id that the client sent.",
        "RFC 8446, section 4.1.3",
    ),
    check(
        "compression.offered",
        "Compression as offered",
        "The compression method that the server chose is in the client's list.",
        "RFC 5246, section 7.4.1.3",
    ),
    check(
        "group.offered",
        "Group as offered",
        "The server's share is in a group that the client offered: in TLS 1.3 one that it sent a share in.",
        "RFC 8446, section 4.2.8; RFC 8422, section 5.4",
    ),
    check(
        "retry.group.offered",
        "Group of the HelloRetryRequest",
        "The group that a HelloRetryRequest asks for is one that the client supports and sent no share in.",
        "RFC 8446, section 4.2.8",
    ),
    check(
        "psk.offered",
        "Pre-shared key as offered",
        "The pre-shared key that the server selected by its number is one of those that the client offered.",
        "RFC 8446, section 4.2.11",
    ),
    check(
        "alpn.offered",
        "Application protocol as offered",
        "The application protocol that the server chose by ALPN is in the client's list.",
        "RFC 7301, section 3.1",
    ),
    check(
        "extensions.offered",
        "Extensions as offered",
        "The server answers no extension that the client did not send.",
        "RFC 8446, section 4.2; RFC 5246, section 7.4.1.4",
    ),
    check(
        "certificate_compression.offered",
        "Certificate compression as offered",
        "The server compressed its certificates with an algorithm that the client offered.",
        "RFC 8879, section 4",
    ),
    check(
        "certificate_compression.client.offered",
        "The client's certificate compression",
        "The client compressed its certificates with an algorithm that the server's CertificateRequest offered.",
        "RFC 8879, section 4",
    ),
    check(
        "signature.server.offered",
        "The server's signature scheme as offered",
        "The scheme that the server signed with is in the client's signature_algorithms.",
        "RFC 8446, section 4.4.3; RFC 5246, section 7.4.3",
    ),
    check(
        "signature.server.legal",
        "The server's signature scheme in this version",
        "The scheme may be used for this message in this version: in TLS 1.3 no PKCS #1 v1.5 and no SHA-1.",
        "RFC 8446, section 4.4.3",
    ),
    check(
        "signature.client.offered",
        "The client's signature scheme as offered",
        "The scheme that the client signed with is in the server's CertificateRequest.",
        "RFC 8446, section 4.4.3; RFC 5246, section 7.4.8",
    ),
    check(
        "signature.client.legal",
        "The client's signature scheme in this version",
        "The scheme may be used for this message in this version: in TLS 1.3 no PKCS #1 v1.5 and no SHA-1.",
        "RFC 8446, section 4.4.3",
    ),
    check(
        "ech.accepted",
        "Encrypted Client Hello accepted",
        "The confirmation in the ServerHello, computed again over the inner ClientHello, says whether the server \
         decrypted it and answered it.",
        "RFC 9849, section 7.2",
    ),
    check(
        "certificate.name",
        "Name of the certificate",
        "The leaf's subjectAltName has the name that was asked for (--verify-name, else --sni or the target).",
        "RFC 9525, section 6",
    ),
    check(
        "certificate.dates",
        "Validity of the certificates",
        "Every certificate of the path is within its notBefore and notAfter, now or at --at.",
        "RFC 5280, section 4.1.2.5",
    ),
    check(
        "certificate.signatures",
        "Signatures of the certificates",
        "Every certificate of the path is signed with the key of the next one, as computed here.",
        "RFC 5280, section 6.1.3",
    ),
    check(
        "certificate.usage",
        "Usage of the certificates",
        "The leaf may be used by a server (keyUsage, extendedKeyUsage), the others may sign certificates.",
        "RFC 5280, sections 4.2.1.3, 4.2.1.9 and 4.2.1.12",
    ),
    check(
        "certificate.path",
        "Path to an anchor",
        "A path leads from the leaf to an anchor of a trust store that was used.",
        "RFC 5280, section 6.1",
    ),
    check(
        "certificate.days",
        "Days that the certificates are valid for",
        "Every certificate of the path is valid for as many days more as --min-days asks for.",
        "",
    ),
    check(
        "certificate.trusted",
        "The chain is trusted",
        "All of the above together: a path to an anchor, on which every rule of the \"certificate rules\" that is an error \
         holds. Whether the server has the key is another check.",
        "RFC 5280, section 6",
    ),
];

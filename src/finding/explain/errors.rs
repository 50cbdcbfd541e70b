//! Messages of other programs, and which of our findings each corresponds to.

/// A message: what it is recognised by, who says it, what it means, and our names for it.
pub(super) struct Foreign {
    /// Any of these, in any spelling, anywhere in what was pasted. The first is its title.
    pub(super) says: &'static [&'static str],
    pub(super) who: &'static str,
    pub(super) about: &'static str,
    pub(super) see: &'static [&'static str],
}

impl Foreign {
    /// Its id: `error.` and the first message in lower case.
    pub(super) fn id(&self) -> String {
        let words = self.says[0].split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        format!("error.{}", words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("_"))
    }
}

#[rustfmt::skip] // A table of texts. The first row that fits answers: the more special stand before the more general.
pub(super) const FOREIGN: &[Foreign] = &[
    // Chains.
    Foreign { says: &["self-signed certificate in certificate chain", "self signed certificate in certificate chain", "SELF_SIGNED_CERT_IN_CHAIN"], who: "OpenSSL (19), curl, Node.js, Python",
        about: "The chain is complete and ends in a root that the client does not have. Usually a private \
                CA, or a proxy that intercepts TLS. Trust that root (--cacert FILE), or find out where it \
                comes from.", see: &["cert.untrusted_root"] },
    Foreign { says: &["self-signed certificate", "self signed certificate", "DEPTH_ZERO_SELF_SIGNED_CERT", "MOZILLA_PKIX_ERROR_SELF_SIGNED_CERT"], who: "OpenSSL (18), curl, Node.js, Python, Firefox",
        about: "The server sent a single certificate, which is self-signed: no CA confirms its identity.", see: &["cert.self_signed"] },
    Foreign { says: &["unable to get local issuer certificate", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "unable to locally verify the issuer's authority"], who: "OpenSSL (20), curl, Node.js, Python, wget",
        about: "The issuer of a certificate was neither sent nor in the trust store. Either the server \
                does not send its intermediate (browsers often compensate for that, programs do not), or \
                its root is not trusted here. tls-trace says which of the two it is.", see: &["cert.missing_intermediate", "cert.untrusted_root"] },
    Foreign { says: &["unable to verify the first certificate", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"], who: "OpenSSL (21), Node.js",
        about: "Only the leaf was sent, and its issuer is not known: nearly always a missing intermediate.", see: &["cert.missing_intermediate", "cert.untrusted_root"] },
    Foreign { says: &["unable to get issuer certificate", "UNABLE_TO_GET_ISSUER_CERT"], who: "OpenSSL (2)",
        about: "An intermediate was found, but not the root above it.", see: &["cert.untrusted_root", "cert.missing_intermediate"] },
    Foreign { says: &["x509: certificate signed by unknown authority"], who: "Go, Docker, Kubernetes, Terraform",
        about: "The chain does not lead to a root that Go found on this machine: an incomplete chain, a private CA, or a container image without ca-certificates.", see: &["cert.untrusted_root", "cert.missing_intermediate"] },
    Foreign { says: &["PKIX path building failed", "unable to find valid certification path to requested target", "ValidatorException"], who: "Java",
        about: "Java's trust store (cacerts) has no root for this chain, or the server leaves out its intermediate. Java does not fetch missing certificates by default, and does not use the system's store.", see: &["cert.untrusted_root", "cert.missing_intermediate"] },
    Foreign { says: &["ERR_CERT_AUTHORITY_INVALID"], who: "Chrome, Edge",
        about: "The chain does not lead to a root that the browser trusts: private CA, self-signed, interception, or an intermediate that is missing.", see: &["cert.untrusted_root", "cert.self_signed", "cert.missing_intermediate"] },
    Foreign { says: &["SEC_ERROR_UNKNOWN_ISSUER", "MOZILLA_PKIX_ERROR_MITM_DETECTED"], who: "Firefox",
        about: "The issuer is not known to Firefox: an intermediate that is missing, a private CA, or a program that intercepts TLS.", see: &["cert.missing_intermediate", "cert.untrusted_root"] },
    Foreign { says: &["UnknownIssuer", "certificate issuer is unknown"], who: "rustls, GnuTLS",
        about: "No path leads from the leaf to an anchor: an intermediate is missing, or the root is not trusted.", see: &["cert.untrusted_root", "cert.missing_intermediate"] },
    Foreign { says: &["SEC_E_UNTRUSTED_ROOT", "CERT_E_UNTRUSTEDROOT", "0x80090325", "UntrustedRoot"], who: "Windows, .NET",
        about: "The chain ends in a root that is not in the machine's store.", see: &["cert.untrusted_root"] },
    Foreign { says: &["PartialChain", "CERT_E_CHAINING"], who: "Windows, .NET",
        about: "The chain is incomplete: an intermediate is missing.", see: &["cert.missing_intermediate"] },
    Foreign { says: &["server certificate verification failed. CAfile"], who: "git with GnuTLS",
        about: "git does not trust the chain, or its list of CAs is missing or outdated.", see: &["cert.untrusted_root", "cert.missing_intermediate", "cert.expired"] },
    // Dates.
    Foreign { says: &["x509: certificate has expired or is not yet valid", "ERR_CERT_DATE_INVALID", "CERT_E_EXPIRED"], who: "Go, Chrome, Windows",
        about: "A certificate of the chain has expired or is not valid yet. A wrong clock on the client looks the same.", see: &["cert.expired", "cert.not_yet_valid"] },
    Foreign { says: &["certificate has expired", "CERT_HAS_EXPIRED", "SEC_ERROR_EXPIRED_CERTIFICATE", "SEC_ERROR_EXPIRED_ISSUER_CERTIFICATE", "CertificateExpiredException", "invalid peer certificate: Expired", "invalid peer certificate: certificate expired"], who: "OpenSSL (10), curl, Node.js, Python, Firefox, Java, rustls",
        about: "A certificate of the chain has expired: the leaf, or an old intermediate or cross-sign.", see: &["cert.expired", "cert.anchor_expired"] },
    Foreign { says: &["certificate is not yet valid", "CERT_NOT_YET_VALID", "CertificateNotYetValidException", "MOZILLA_PKIX_ERROR_NOT_YET_VALID_CERTIFICATE"], who: "OpenSSL (9), Node.js, Java, Firefox",
        about: "A certificate's validity begins in the future: a clock is wrong, here or at the CA.", see: &["cert.not_yet_valid"] },
    // Names.
    Foreign { says: &["hostname mismatch", "ERR_TLS_CERT_ALTNAME_INVALID", "ERR_CERT_COMMON_NAME_INVALID", "SSL_ERROR_BAD_CERT_DOMAIN", "no alternative certificate subject name matches target", "does not match target host name", "doesn't match requested host name", "RemoteCertificateNameMismatch", "SEC_E_WRONG_PRINCIPAL", "No subject alternative DNS name matching", "No subject alternative names present", "No name matching", "NotValidForName", "doesn't contain any IP SANs", "IP address mismatch", "certificate is valid for", "does NOT include an ID which matches the server name"], who: "OpenSSL (62), curl (60), browsers, Go, Java, .NET, Node.js, wget",
        about: "The certificate is for other names than the one that was requested. IP addresses need an \
                iPAddress entry, and the common name is ignored.", see: &["cert.name_mismatch"] },
    Foreign { says: &["certificate relies on legacy Common Name field"], who: "Go",
        about: "The certificate has no subjectAltName. Clients have ignored the common name since 2017.", see: &["cert.name_mismatch", "cert.common_name"] },
    // Purpose, constraints, strength.
    Foreign { says: &["unsuitable certificate purpose", "unsupported certificate purpose", "ERR_SSL_KEY_USAGE_INCOMPATIBLE", "SEC_ERROR_INADEQUATE_CERT_TYPE"], who: "OpenSSL (26), Chrome, Firefox",
        about: "keyUsage or extendedKeyUsage do not allow this use of the certificate, for instance a \
                client certificate on a server.", see: &["cert.extended_key_usage", "cert.key_usage"] },
    Foreign { says: &["invalid CA certificate", "SEC_ERROR_CA_CERT_INVALID", "CaUsedAsEndEntity"], who: "OpenSSL (24), Firefox, rustls",
        about: "A certificate that is not a CA's signed another one, or a CA certificate is used as the \
                server's own.", see: &["cert.not_a_ca", "cert.leaf_is_ca"] },
    Foreign { says: &["path length constraint exceeded", "SEC_ERROR_PATH_LEN_CONSTRAINT_INVALID"], who: "OpenSSL (25), Firefox",
        about: "More intermediate CAs follow below a CA than it allows.", see: &["cert.path_length"] },
    Foreign { says: &["permitted subtree violation", "excluded subtree violation", "ERR_CERT_NAME_CONSTRAINT_VIOLATION"], who: "OpenSSL (47, 48), Chrome",
        about: "A CA of the chain may not issue for this name.", see: &["cert.name_constraints"] },
    Foreign { says: &["unhandled critical extension"], who: "OpenSSL (34)",
        about: "A certificate has a critical extension that the client does not know.", see: &["cert.unknown_critical_extension"] },
    Foreign { says: &["certificate revoked", "certificate has been revoked", "ERR_CERT_REVOKED", "SEC_ERROR_REVOKED_CERTIFICATE"], who: "OpenSSL (23), Chrome, Firefox",
        about: "The CA has revoked the certificate.", see: &["cert.revoked"] },
    Foreign { says: &["unable to get certificate CRL", "CRYPT_E_NO_REVOCATION_CHECK", "CRYPT_E_REVOCATION_OFFLINE", "0x80092012", "0x80092013"], who: "OpenSSL (3), Windows",
        about: "The client wants to check whether the certificate is revoked, and found no answer.", see: &["cert.revoked", "concept.revocation"] },
    Foreign { says: &["MOZILLA_PKIX_ERROR_REQUIRED_TLS_FEATURE_MISSING"], who: "Firefox",
        about: "The certificate requires a stapled OCSP response (must-staple), and none was sent.", see: &["cert.must_staple"] },
    Foreign { says: &["ee key too small", "ca key too small", "Algorithm constraints check failed", "algorithm constraints", "MOZILLA_PKIX_ERROR_INADEQUATE_KEY_SIZE"], who: "OpenSSL (66, 67), Java, Firefox",
        about: "A key of the chain is too short for the client's security level.", see: &["cert.weak_key"] },
    Foreign { says: &["ca md too weak", "ERR_CERT_WEAK_SIGNATURE_ALGORITHM", "SEC_ERROR_CERT_SIGNATURE_ALGORITHM_DISABLED"], who: "OpenSSL (68), Chrome, Firefox",
        about: "A certificate is signed with MD5 or SHA-1.", see: &["cert.weak_signature"] },
    Foreign { says: &["certificate signature failure"], who: "OpenSSL (7)",
        about: "A signature in the chain is wrong: two CAs with the same name, or a damaged file.", see: &["cert.signature"] },
    Foreign { says: &["pinned public key", "MOZILLA_PKIX_ERROR_KEY_PINNING_FAILURE", "ERR_SSL_PINNED_KEY_NOT_IN_CERT_CHAIN"], who: "curl (90), Firefox, Chrome",
        about: "None of the chain's public keys is a pinned one.", see: &["cert.pin_mismatch", "concept.pinning"] },
    Foreign { says: &["ERR_CERTIFICATE_TRANSPARENCY_REQUIRED"], who: "Chrome",
        about: "There are too few signed certificate timestamps (SCTs) for the certificate.", see: &["concept.ct"] },
    Foreign { says: &["ERR_CERT_VALIDITY_TOO_LONG"], who: "Chrome",
        about: "The certificate's validity period is longer than public CAs may issue.", see: &["cert.validity_too_long"] },
    // Not TLS.
    Foreign { says: &["wrong version number", "WRONG_VERSION_NUMBER", "SSL_ERROR_RX_RECORD_TOO_LONG", "record too long", "first record does not look like a TLS handshake", "server gave HTTP response to HTTPS client", "Unsupported or unrecognized SSL message", "An unexpected TLS packet was received", "InvalidContentType", "packet length too long", "https proxy request", "plain HTTP request was sent to HTTPS port"], who: "OpenSSL, curl, Node.js, Firefox, Go, Java, GnuTLS, rustls, nginx",
        about: "The answer was not TLS. Usually plain HTTP on that port, a protocol that needs STARTTLS \
                first, a proxy, or a load balancer that expects the PROXY protocol; it is not a version \
                number, but text. tls-trace shows what was received.", see: &["plaintext", "concept.starttls"] },
    // Nothing in common.
    Foreign { says: &["no shared cipher", "SSL_ERROR_NO_CYPHER_OVERLAP", "no cipher suites in common", "NO_CIPHERS_AVAILABLE", "no ciphers available", "no cipher match"], who: "OpenSSL, Firefox, Java",
        about: "Client and server have no cipher suite in common for the version and the type of the \
                certificate's key.", see: &["alert.handshake_failure", "concept.cipher_suite"] },
    Foreign { says: &["ERR_SSL_VERSION_OR_CIPHER_MISMATCH"], who: "Chrome, Edge",
        about: "The server refused what was offered: no version or no suite in common, or it has no certificate for this name.", see: &["alert.handshake_failure", "alert.protocol_version"] },
    Foreign { says: &["unsupported protocol", "SSL_ERROR_UNSUPPORTED_VERSION", "ERR_SSL_OBSOLETE_VERSION", "no protocols available", "No appropriate protocol", "unsupported protocol version", "no supported versions satisfy"], who: "OpenSSL, Firefox, Chrome, Java, Go",
        about: "No protocol version in common: one side speaks only old versions, or has switched them off.", see: &["alert.protocol_version", "concept.versions"] },
    Foreign { says: &["dh key too small", "SSL_ERROR_WEAK_SERVER_EPHEMERAL_DH_KEY", "DHE key too small"], who: "OpenSSL, Firefox, Java",
        about: "The server's Diffie-Hellman group is too small for the client (less than 1024 or 2048 bits).", see: &["concept.group", "message.ServerKeyExchange"] },
    Foreign { says: &["unsafe legacy renegotiation disabled"], who: "OpenSSL 3",
        about: "The server does not support renegotiation_info (RFC 5746), and OpenSSL refuses to connect \
                to such servers.", see: &["extension.renegotiation_info", "concept.renegotiation"] },
    // Client certificates.
    Foreign { says: &["ERR_BAD_SSL_CLIENT_AUTH_CERT", "client sent no required SSL certificate", "No required SSL certificate was sent", "peer did not return a certificate", "client didn't provide a certificate"], who: "Chrome, nginx, OpenSSL, Firefox, Go",
        about: "The server requires a client certificate; none was sent, or it was not accepted.", see: &["client_cert.required", "client_cert.refused", "concept.client_auth"] },
    Foreign { says: &["key values mismatch", "KEY_VALUES_MISMATCH", "private key does not match"], who: "OpenSSL, curl (58), nginx, Apache",
        about: "The private key does not belong to the certificate, or the chain file does not begin with \
                the leaf.", see: &["key_mismatch", "chain.order"] },
    // Ends.
    Foreign { says: &["SSL_ERROR_SYSCALL", "SSL_connect: Connection reset by peer", "unexpected eof while reading", "UNEXPECTED_EOF_WHILE_READING", "Remote host terminated the handshake", "Remote host closed connection during handshake", "PR_END_OF_FILE_ERROR", "ERR_CONNECTION_CLOSED", "EOF occurred in violation of protocol", "tls: unexpected EOF", "Client network socket disconnected before secure TLS connection was established"], who: "OpenSSL, curl (35), Java, Firefox, Chrome, Python, Go, Node.js",
        about: "The connection ended in the middle of the handshake, without an alert: the peer or a \
                middlebox closed or reset it. Frequent causes: a firewall that filters by server name, a \
                load balancer without a backend, a server that does not speak TLS on this port, a crash.", see: &["closed.fin", "closed.reset", "closed.incomplete"] },
    Foreign { says: &["connection reset by peer", "ECONNRESET", "ERR_CONNECTION_RESET", "PR_CONNECT_RESET_ERROR", "connection was forcibly closed by the remote host"], who: "every program",
        about: "A TCP RST was received: the peer, or a device that answers in its place, has dropped the \
                connection.", see: &["closed.reset"] },
    Foreign { says: &["peer closed connection without sending TLS close_notify", "TLS connection was non-properly terminated", "without sending close_notify"], who: "rustls, GnuTLS",
        about: "The connection was closed without close_notify, the alert that confirms that nothing was \
                truncated. The data may be incomplete.", see: &["closed.fin", "alert.close_notify"] },
    Foreign { says: &["connection refused", "ECONNREFUSED", "ERR_CONNECTION_REFUSED"], who: "every program",
        about: "The host answered that nothing listens on that port.", see: &["tcp.refused"] },
    Foreign { says: &["connection timed out", "operation timed out", "ETIMEDOUT", "ERR_CONNECTION_TIMED_OUT", "i/o timeout", "connect timed out", "ConnectTimeout"], who: "every program",
        about: "There was no answer in time: to the SYN (a firewall that drops packets, a wrong address), \
                or later in the handshake. tls-trace says which.", see: &["tcp.timeout", "timeout.silent", "timeout.stalled"] },
    Foreign { says: &["no route to host", "EHOSTUNREACH", "ENETUNREACH", "network is unreachable", "ERR_ADDRESS_UNREACHABLE"], who: "every program",
        about: "A router, or this machine, has no route to the address.", see: &["tcp.unreachable"] },
    Foreign { says: &["could not resolve host", "name or service not known", "ENOTFOUND", "nodename nor servname provided", "no such host", "UnknownHostException", "ERR_NAME_NOT_RESOLVED", "temporary failure in name resolution", "EAI_AGAIN"], who: "every program",
        about: "The name has no address, or the resolver does not answer.", see: &["dns.not_found", "dns.failed"] },
    // Messages that say little.
    Foreign { says: &["CERTIFICATE_VERIFY_FAILED", "certificate verify failed", "SSL certificate problem", "SSL peer certificate or SSH remote key was not OK", "remote certificate is invalid", "failed to verify certificate", "curl: (60)"], who: "OpenSSL, Python, Ruby, curl (60), .NET, Go",
        about: "The client does not trust the certificate. The reason follows in the message, if it is \
                given at all: an incomplete chain, an unknown root, a date, or the name.", see: &["cert.untrusted_root", "cert.missing_intermediate", "cert.expired", "cert.name_mismatch"] },
    Foreign { says: &["ERR_CERT_INVALID"], who: "Chrome",
        about: "The certificate can't be decoded or violates a rule that is not named.", see: &["cert.malformed", "cert.untrusted_root"] },
    Foreign { says: &["ERR_SSL_PROTOCOL_ERROR", "EPROTO", "curl: (35)", "SSL connect error", "SSLHandshakeException", "Could not create SSL/TLS secure channel", "SEC_E_ILLEGAL_MESSAGE", "gnutls_handshake() failed", "underlying connection was closed"], who: "Chrome, Node.js, curl (35), Java, .NET, Windows, GnuTLS",
        about: "The handshake failed; the message does not say why. It may be an alert, an answer that is not TLS, or a connection that ended. tls-trace HOST says which and at which step.", see: &["alert.handshake_failure", "plaintext", "closed.fin"] },
];

/// Words of other programs for an alert, beside its own name.
pub(super) const ALERT_WORDS: &[(&str, &str)] = &[
    ("unknown certificate authority", "unknown_ca"),
    ("unknown certificate", "certificate_unknown"),
    ("protocol version not supported", "protocol_version"),
    ("decryption error", "decrypt_error"),
    ("error decoding message", "decode_error"),
    ("handshake failed", "handshake_failure"),
    ("certificate is required", "certificate_required"),
    ("expired certificate", "certificate_expired"),
    ("revoked certificate", "certificate_revoked"),
];

//! What no row of a table explains by itself: the ideas behind a handshake, and the steps around it.

/// An idea: id, title, a few sentences, and where it is defined.
pub(super) struct Concept {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) about: &'static str,
    /// A drawing in lines of at most 58 columns.
    pub(super) figure: &'static str,
    pub(super) reference: &'static str,
    /// What else people call it. No two rows answer one word.
    pub(super) also: &'static [&'static str],
    /// Where to read on: ids.
    pub(super) see: &'static [&'static str],
}

#[rustfmt::skip] // A table of texts.
pub(super) const CONCEPTS: &[Concept] = &[
    Concept { id: "step.dns", title: "Name resolution", also: &["dns", "resolver"], see: &["step.tcp", "dns.not_found"], figure: "", reference: "RFC 1034; RFC 8305",
        about: "The host name is resolved to addresses before anything else can happen. All of them are \
                shown, with the time that the resolver took; nothing has been sent to the server yet." },
    Concept { id: "step.tcp", title: "The TCP handshake", also: &["tcp", "tcp handshake", "syn", "syn-ack", "ack", "three-way handshake", "sequence number"], see: &["tcp.refused", "concept.record", "concept.handshake"], figure: "", reference: "RFC 9293, section 3.5",
        about: "SYN, SYN-ACK, ACK: the three segments with which both sides open a connection, in one \
                round trip. The SYN carries a sequence number of the client's choice, the SYN-ACK one of \
                the server's, and each side acknowledges the other's number plus one. The kernel does all \
                of it and only reports to the program that the connection is open, so a live trace shows \
                the time but not the numbers; a packet capture has them. The round-trip time is the best \
                measure of the distance to the server. The send MSS is the largest piece of data that one \
                of our segments carries: what the server announced, or what the path allows." },
    Concept { id: "step.unix", title: "Unix socket", also: &["unix socket", "unix domain socket", "socket file"], see: &["unix.failed"], figure: "", reference: "",
        about: "The connection is made on this machine, to a socket that has a path in place of an address and a port \
                (unix:/path). There is no name to send or verify unless --sni or --verify-name gives one, and nothing of \
                TCP to show." },
    Concept { id: "step.quic", title: "QUIC", also: &["quic", "http/3", "h3", "udp", "initial packet", "retry packet", "crypto frame"], see: &["step.tcp", "concept.handshake"], figure: "", reference: "RFC 9001; RFC 9369",
        about: "QUIC carries TLS 1.3 over UDP, without TLS records: its own packets hold the handshake \
                messages in CRYPTO frames. The first ones, Initial packets, are encrypted with keys that \
                everyone can compute from the connection id that the client chose; the encryption protects \
                against middleboxes, not against eavesdroppers. So the ClientHello with its SNI and ALPN \
                and the ServerHello can be read in any capture. tls-trace decrypts the Initial packets of \
                versions 1 and 2, and shows their messages as if TLS records had carried them. All later \
                packets (0-RTT, Handshake, 1-RTT) are counted and not decoded. A QUIC endpoint that fails \
                sends CONNECTION_CLOSE with an error code; 0x100 plus a TLS alert says what the alert says." },
    Concept { id: "concept.tls", title: "What TLS is", also: &["tls", "transport layer security", "https", "confidentiality", "integrity", "authentication"], see: &["concept.handshake", "concept.record", "concept.certificate_chain"], figure: "", reference: "RFC 8446, section 1",
        about: "A layer between TCP and a protocol such as HTTP. It gives three things: confidentiality \
                (nobody else can read the data), integrity (nobody can change the data unnoticed) and \
                authentication (the server, and on request the client, proves its identity). Public-key \
                (asymmetric) cryptography is only used in the handshake, to agree on keys and to sign; the \
                data is encrypted with symmetric keys, which is much faster." },
    Concept { id: "concept.handshake", title: "The handshake, message by message", also: &["handshake", "tls handshake", "order of messages", "flight"], see: &["message.ClientHello", "concept.key_schedule", "concept.premaster_secret", "concept.finished"], reference: "RFC 5246, section 7.3; RFC 8446, section 2",
        figure: "\
TLS 1.2, two round trips     TLS 1.3, one round trip
→ ClientHello                → ClientHello, key share
← ServerHello                ← ServerHello, key share
← Certificate                ── encrypted from here on ──
← ServerKeyExchange *        ← EncryptedExtensions
← CertificateRequest *       ← CertificateRequest *
← ServerHelloDone            ← Certificate
→ Certificate *              ← CertificateVerify
→ ClientKeyExchange          ← Finished
→ CertificateVerify *        → Certificate *
→ ChangeCipherSpec           → CertificateVerify *
── encrypted from here on ── → Finished
→ Finished
← ChangeCipherSpec
← Finished                   * optional",
        about: "The client's Certificate and CertificateVerify are sent only if the server asks with \
                CertificateRequest. ServerKeyExchange carries the server's ephemeral key and its \
                signature. With RSA key exchange there is none: the client encrypts the premaster secret \
                with the public key in the certificate. In TLS 1.3 the key shares travel in the two \
                hellos, so the keys are known before the certificate is sent, and the certificate is \
                encrypted. In TLS 1.3 the server's Finished comes first, because the server is the first \
                to have all key material; in TLS 1.2 the client's does, except when a session is resumed. \
                A resumed handshake has no certificate. tls-trace demo tls12 and tls-trace demo tls13 show \
                both." },
    Concept { id: "concept.versions", title: "SSL and TLS versions", also: &["ssl", "ssl 2.0", "ssl 3.0", "sslv2", "sslv3", "tls 1.0", "tls 1.1", "tlsv1", "tls version", "poodle"], see: &["extension.supported_versions", "alert.protocol_version"], figure: "", reference: "RFC 6176; RFC 7568; RFC 8996; RFC 9325",
        about: "SSL 2.0 (1995) and 3.0 (1996) became TLS 1.0 (1999), 1.1 (2006), 1.2 (2008) and 1.3 \
                (2018). Many people still say SSL when they mean TLS. SSL 2.0 and 3.0 are broken and \
                forbidden; TLS 1.0 and 1.1 are deprecated since 2021, and browsers no longer support them. \
                TLS 1.2 is secure with AEAD suites and (EC)DHE key exchange; TLS 1.3 allows nothing else." },
    Concept { id: "concept.record", title: "Records, messages and packets", also: &["record", "packet", "tcp segment", "mss", "fragment"], see: &["step.tcp"], figure: "", reference: "RFC 8446, section 5.1",
        about: "TLS sends records: five bytes of header (type, version, length) and a fragment of at most \
                16 KiB. A handshake message may fill several records, and one record may carry several \
                messages. Neither corresponds to TCP segments or IP packets, which divide the same byte \
                stream wherever it suits the network." },
    Concept { id: "concept.random", title: "Randoms", also: &["random", "client random", "server random", "nonce"], see: &["concept.downgrade", "concept.key_schedule"], figure: "", reference: "RFC 8446, section 4.1.2",
        about: "Each hello carries 32 fresh random bytes. They go into every key and signature of the \
                handshake, so that nothing recorded from an earlier connection can be replayed. TLS 1.2 \
                and earlier put the time into the first four bytes; few implementations still do. A TLS \
                1.3 server that negotiates TLS 1.2 or earlier writes a fixed value, the downgrade \
                sentinel, into the last eight bytes of its random." },
    Concept { id: "concept.downgrade", title: "The downgrade sentinel in the server's random", also: &["downgrade", "downgrade sentinel", "downgrade attack", "downgrd"], see: &["concept.random", "alert.inappropriate_fallback"], figure: "", reference: "RFC 8446, section 4.1.3",
        about: "A server that supports TLS 1.3 but negotiates TLS 1.2 ends its random with the bytes \
                \"DOWNGRD\" and 01 (00 for TLS 1.1 and earlier). A client that offered TLS 1.3 and finds \
                this sentinel knows that an attacker removed its offer, and aborts the handshake with \
                illegal_parameter. The signature over the random keeps the attacker from removing the \
                sentinel. A client that did not offer TLS 1.3 ignores it." },
    Concept { id: "concept.session_id", title: "Session ids", also: &["session id", "session_id", "legacy_session_id", "session cache"], see: &["concept.resumption", "concept.compatibility"], figure: "", reference: "RFC 5246, section 7.3; RFC 8446, section 4.1.2",
        about: "In TLS 1.2 and earlier the server may give a session an id and store its master secret \
                under that id. A client that sends the id in a later ClientHello asks to resume that \
                session; if the server echoes it, both skip certificate and key exchange. Tickets do the \
                same without the server having to store anything. TLS 1.3 does not use session ids: the \
                field is filled and echoed only to look like TLS 1.2." },
    Concept { id: "concept.encryption", title: "Encryption, symmetric and public-key", also: &["encryption", "symmetric", "symmetric encryption", "asymmetric", "asymmetric encryption", "public-key cryptography", "cipher", "aes"], see: &["concept.public_key", "concept.mac", "concept.key_exchange"], figure: "", reference: "RFC 8446, section 5.2",
        about: "A symmetric cipher such as AES encrypts and decrypts with the same key: fast, but both \
                ends must have that key. In public-key (asymmetric) cryptography there is a pair of keys: \
                what is encrypted with one can only be decrypted with the other, and a signature made with \
                one is verified with the other. That is slow, but one of the two keys can be public. TLS \
                uses public-key cryptography to agree on the keys for symmetric encryption." },
    Concept { id: "concept.public_key", title: "Public and private keys", also: &["public key", "private key", "key pair", "spki"], see: &["concept.certificate", "concept.signature"], figure: "", reference: "RFC 5280, section 4.1.2.7",
        about: "A key pair: the public key is in the certificate for everybody to see, the private key \
                never leaves the server. The server signs with the private key, and anybody can verify the \
                signature with the public key. What is encrypted with the public key (RSA key exchange, \
                TLS 1.2 and earlier) can only be decrypted with the private key." },
    Concept { id: "concept.session_key", title: "Session keys, write keys, traffic keys", also: &["session key", "write key", "traffic key", "mac key", "iv", "symmetric key"], see: &["concept.premaster_secret", "concept.key_schedule"], figure: "", reference: "RFC 5246, section 6.3; RFC 8446, section 7.3",
        about: "The symmetric keys of one connection. Each direction has its own: the client's write key \
                encrypts what the client sends, and the server decrypts with it. TLS 1.2 takes them from \
                the key block, together with a MAC key for each direction if the cipher is not an AEAD; \
                TLS 1.3 derives them from a traffic secret. --show-secrets shows them, step by step." },
    Concept { id: "concept.cipher_suite", title: "Cipher suites", also: &["cipher suite", "ciphersuite", "suite"], see: &["concept.key_exchange", "concept.mac", "concept.signature"], figure: "", reference: "RFC 5246, appendix A.5; RFC 8446, appendix B.4",
        about: "The algorithms of a connection, identified by one number. In TLS 1.2 and earlier \
                TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 names the key exchange (ECDHE), the type of the \
                certificate's key (RSA), the cipher (AES with 128 bits, GCM) and the hash of the PRF \
                (SHA-256; with CBC ciphers the last part is the hash of the MAC). TLS 1.3 suites name only \
                cipher and hash, as in TLS_AES_128_GCM_SHA256; group and signature scheme are negotiated \
                separately. The client offers a list, the server chooses. Any suite can be looked up by \
                name or number: tls-trace explain 0xc02f." },
    Concept { id: "concept.hash", title: "Hashes and the transcript", also: &["hash", "hashing", "transcript", "transcript hash", "digest", "fingerprint"], see: &["concept.mac", "concept.finished"], figure: "", reference: "RFC 8446, section 4.4.1",
        about: "A hash turns any bytes into a short digest that cannot be forced to a chosen value: if one \
                input bit changes, the whole digest changes. TLS hashes all handshake messages in order. \
                This transcript hash goes into signatures, keys and Finished, so both sides notice if they \
                did not see exactly the same messages." },
    Concept { id: "concept.mac", title: "MAC, HMAC and AEAD", also: &["mac", "hmac", "aead", "gcm", "message authentication code"], see: &["concept.hash", "concept.session_key"], figure: "", reference: "RFC 2104; RFC 5116",
        about: "Encryption alone hides data, but does not prevent changes to it. A MAC is a checksum that \
                only the holders of a key can compute; HMAC is a MAC built from a hash and a secret key. \
                Older suites encrypt in CBC mode and add an HMAC to each record; an AEAD cipher (GCM, CCM, \
                ChaCha20-Poly1305) does both in one step, and TLS 1.3 allows nothing else." },
    Concept { id: "concept.signature", title: "Signatures", also: &["signature", "digital signature", "signing", "ecdsa", "eddsa"], see: &["concept.public_key", "message.CertificateVerify", "extension.signature_algorithms"], figure: "", reference: "RFC 8446, section 4.4.3; RFC 5280, section 4.1.1.3",
        about: "A signature is made with a private key and verified with the public key. There are two \
                kinds in a handshake. The CA's signature in a certificate states that the key belongs to \
                the name. The server's own signature over this handshake (CertificateVerify, or in \
                ServerKeyExchange before TLS 1.3) proves that it holds the private key; a certificate \
                alone proves nothing, because anybody can copy it." },
    Concept { id: "concept.rsa", title: "RSA", also: &["rsa", "rsa encryption", "rsa-pss", "pkcs#1"], see: &["concept.rsa_key_transport", "concept.signature"], figure: "", reference: "RFC 8017; RFC 5246, section 7.4.7.1",
        about: "A public-key algorithm that can sign and encrypt, with keys of 2048 bits or more today. As \
                a signature algorithm (rsa_pss_*, rsa_pkcs1_*) it is in wide use. As a key exchange \
                (TLS_RSA_WITH_*, TLS 1.2 and earlier) the client encrypts the premaster secret with the \
                server's public key; anyone who later obtains its private key can decrypt everything \
                recorded before, which is why TLS 1.3 removed it." },
    Concept { id: "concept.key_exchange", title: "Key exchange", also: &["key agreement", "dhe", "ecdhe", "diffie-hellman", "dh", "ecdh", "ephemeral", "forward secrecy", "perfect forward secrecy", "pfs"], see: &["extension.key_share", "message.ServerKeyExchange", "concept.rsa", "concept.hybrid"], figure: "", reference: "RFC 8446, section 4.2.8; RFC 5246, section 8.1",
        about: "In a Diffie-Hellman exchange each side sends a public value and keeps a private one, and \
                both compute the same shared secret, which an eavesdropper cannot. With values made for \
                one connection (ephemeral: DHE, ECDHE) a private key that is stolen later cannot decrypt \
                what was recorded earlier: forward secrecy. In the old RSA key exchange the premaster \
                secret is encrypted with the server's public key instead, and anyone who later obtains its \
                private key can read everything." },
    Concept { id: "concept.rsa_key_transport", title: "RSA key exchange (TLS 1.2 and earlier)", also: &["rsa key exchange", "rsa key transport", "krsa", "static rsa"], see: &["concept.rsa", "concept.premaster_secret"], figure: "", reference: "RFC 5246, section 7.4.7.1; RFC 9325, section 4.1",
        about: "The client chooses the premaster secret (the version that it offered and 46 random bytes), \
                encrypts it with the public key of the server's certificate, and sends it. There is no \
                ServerKeyExchange: the client's message is the whole exchange. Only the server's private \
                key can decrypt it, so the server proves its identity by completing the handshake. It is \
                not forward secret: anyone who later obtains that private key can read every connection \
                recorded earlier, which is why TLS 1.3 only has (EC)DHE and PSK." },
    Concept { id: "concept.cbc", title: "CBC, MAC and padding", also: &["cbc", "mac-then-encrypt", "lucky thirteen", "padding oracle"], see: &["concept.mac", "extension.encrypt_then_mac"], figure: "", reference: "RFC 5246, section 6.2.3.2; RFC 7366",
        about: "A block cipher encrypts whole blocks. In CBC mode each is combined with the previous one; \
                the first is combined with an IV, which is sent in the record (TLS 1.1 and 1.2) or is the \
                last block of the previous record (TLS 1.0: BEAST). The content gets an HMAC and padding \
                up to a full block, and all of it is encrypted. Implementations that reveal whether \
                padding or MAC was wrong can be attacked (Vaudenay, Lucky Thirteen, POODLE). \
                encrypt_then_mac reverses the order; an AEAD does encryption and MAC in one step and has \
                no padding." },
    Concept { id: "concept.pre_shared_key", title: "Pre-shared keys", also: &["psk", "external psk", "pre-shared key (psk)"], see: &["concept.resumption", "extension.pre_shared_key"], figure: "", reference: "RFC 4279; RFC 8446, section 4.2.11",
        about: "Both sides already have the same key, which is referred to by an identity. Each proves by \
                its Finished that it knows the key, so no certificate is needed. A PSK alone is not \
                forward secret; with (EC)DHE it is. The tickets of TLS 1.3 are pre-shared keys too, \
                established by an earlier session." },
    Concept { id: "concept.group", title: "Groups and curves", also: &["group", "curve", "elliptic curve", "named curve", "ecc"], see: &["extension.supported_groups", "concept.key_exchange", "concept.hybrid"], figure: "", reference: "RFC 8446, section 4.2.7; RFC 7919",
        about: "The mathematical group of a Diffie-Hellman exchange: an elliptic curve (x25519, secp256r1) \
                or the integers modulo a prime (ffdhe2048). The client lists those it supports and, in TLS \
                1.3, sends key shares for one or two; if the server wants another, it requests it with \
                HelloRetryRequest, which costs a round trip. secp256r1, P-256 and prime256v1 are three \
                names of the same curve." },
    Concept { id: "concept.post_quantum", title: "The post-quantum block", also: &["quantum-safe"], see: &["concept.hybrid"], figure: "", reference: "",
        about: "With -v and in JSON (`post_quantum`) it is said what a server does with post-quantum cryptography, key exchange and authentication apart: a key exchange that is recorded today can be broken later, a signature cannot be forged for the past. Offered and chosen: the handshake shows it. Supported but not preferred: the server lists it in EncryptedExtensions, or an experiment chose it. Only by HelloRetryRequest: the server chose it and had to ask for a key share, which costs a round trip. Not supported and intolerant (the offer makes the handshake fail) are said only if experiments show it, so that a server which merely prefers something else is not called a server without. Unknown: one handshake does not show it; `--groups X25519MLKEM768 --diagnose` finds out." },
    Concept { id: "concept.hybrid", title: "Hybrid, post-quantum key exchange", also: &["post-quantum", "pqc", "ml-kem", "kyber", "quantum"], see: &["concept.group"], figure: "", reference: "draft-ietf-tls-ecdhe-mlkem; FIPS 203",
        about: "A large quantum computer could break elliptic-curve cryptography, and what is recorded \
                today could be decrypted then. A hybrid group such as X25519MLKEM768 combines an elliptic \
                curve with the lattice-based ML-KEM: the secret is safe as long as either is unbroken. Its \
                share takes about 1200 bytes, so the ClientHello no longer fits into one packet." },
    Concept { id: "concept.premaster_secret", title: "From premaster secret to keys (TLS 1.2)", also: &["premaster", "pre-master secret", "premaster secret", "master secret", "master key", "key block", "prf"], see: &["message.ClientKeyExchange", "concept.session_key"], figure: "", reference: "RFC 5246, sections 6.3 and 8.1; RFC 7627",
        about: "The key exchange gives the premaster secret: a Diffie-Hellman result, or with RSA 48 bytes \
                of the client's choice. The PRF, built from HMAC, combines it with both randoms (or with \
                the transcript hash, with extended_master_secret) into the 48 bytes of the master secret. \
                The same PRF expands that into the key block, which is split into MAC keys, write keys and \
                IVs for both directions. Both Finished are only correct if both sides have the same \
                secret. A resumed session starts from the old master secret and new randoms." },
    Concept { id: "concept.key_schedule", title: "The key schedule of TLS 1.3", also: &["key schedule", "hkdf", "traffic secret", "handshake keys", "application keys", "exporter"], see: &["message.KeyUpdate", "concept.session_key"], figure: "", reference: "RFC 8446, section 7.1",
        about: "HKDF, built on HMAC, takes in each input in turn: a pre-shared key if there is one, then \
                the shared secret of the key exchange. From each stage, secrets are derived for one \
                purpose and one direction, bound to the transcript so far: early data, handshake, \
                application data, exporters, resumption. Key and IV of a direction are derived from its \
                traffic secret; KeyUpdate replaces the secret with a new one." },
    Concept { id: "concept.finished", title: "What Finished proves", also: &["verify_data"], see: &["concept.hash", "message.Finished"], figure: "", reference: "RFC 8446, section 4.4.4; RFC 5246, section 7.4.9",
        about: "Finished is a MAC over the transcript hash with a key that only client and server have. If \
                it is correct, both saw the same messages and have the same keys, so no man-in-the-middle \
                weakened the offer. tls-trace recomputes it from the recorded bytes instead of trusting \
                its TLS library." },
    Concept { id: "concept.certificate", title: "Certificates", also: &["x.509", "x509", "tls certificate", "ssl certificate", "server certificate", "leaf", "leaf certificate", "pem", "san", "subject alternative name"], see: &["concept.certificate_chain", "cert.name_mismatch", "cert.expired"], figure: "", reference: "RFC 5280, section 4",
        about: "A signed statement that a public key belongs to a name, with a validity period and a \
                purpose. The names are in subjectAltName; the common name no longer matters. The CA's \
                signature is verified with the CA's public key. A certificate is public; the server proves \
                in the handshake that it holds the matching private key." },
    Concept { id: "concept.certificate_chain", title: "The certificate chain", also: &["chain", "chain of trust", "certificate chain", "pki", "certificate validation"], see: &["concept.ca", "concept.trust_store", "cert.missing_intermediate", "cert.untrusted_root"], figure: "", reference: "RFC 5280, section 6",
        about: "A certificate binds a name to a public key, signed by an issuer, whose own certificate is \
                signed by another, up to a root that the client has in its trust store. The server sends \
                all but the root. The client verifies each signature on its own machine, with the public \
                key in the next certificate; the CA is not contacted, except for revocation checks (OCSP, \
                CRL), which most clients do not make. The server proves that it holds the leaf's private \
                key by a signature over this handshake, not by the certificate, which anybody can copy." },
    Concept { id: "concept.ca", title: "Certificate authorities: root and intermediate", also: &["ca", "certificate authority", "root ca", "root certificate", "root", "intermediate", "intermediate ca", "intermediate certificate", "issuer"], see: &["concept.certificate_chain", "concept.trust_store", "cert.missing_intermediate"], figure: "", reference: "RFC 5280, section 3.2",
        about: "A CA checks that somebody controls a name and signs a certificate that says so. Its root \
                key is kept offline and signs only the certificates of intermediate CAs, which issue the \
                leaf certificates. A root is trusted because it is in the client's trust store, not \
                because of a signature: it is self-signed. The server must send its intermediates, because \
                clients only have the roots." },
    Concept { id: "concept.trust_store", title: "Trust stores", also: &["trust store", "truststore", "trust anchor", "ca bundle", "cacerts", "root store"], see: &["concept.ca", "cert.untrusted_root"], figure: "", reference: "RFC 5280, section 6.1.1",
        about: "The list of root CAs that a client trusts. Browsers, operating systems, Java, Python and \
                containers each have their own, which is why one client may accept a server and another \
                does not. tls-trace uses Mozilla's list, then the system's; --cacert FILE replaces both, \
                and the report says which store was used." },
    Concept { id: "concept.self_signed", title: "What self-signed means", also: &["self-signed", "snakeoil"], see: &["cert.self_signed", "cert.untrusted_root"], figure: "", reference: "RFC 5280, section 3.2",
        about: "A certificate that is signed with its own key. Every root is; a server's leaf should not \
                be, because then no CA confirms its identity. A client accepts it only if that very \
                certificate is in its trust store: --cacert FILE does that here." },
    Concept { id: "concept.pinning", title: "Pinning", also: &["pinning", "pin", "certificate pinning", "key pinning", "hpkp"], see: &["cert.pin_mismatch"], figure: "", reference: "RFC 7469",
        about: "A client that knows in advance which public key the server (or its CA) has accepts no \
                other, whatever CA signed it. That protects against misissued certificates, but breaks the \
                client when the key is replaced: a pin that outlives its key locks everybody out, so pin a \
                backup key too. Browsers removed pinning by HTTP header (HPKP) for that reason. \
                --pinnedpubkey checks a pin; -v shows each certificate's." },
    Concept { id: "concept.revocation", title: "Revocation: OCSP and CRLs", also: &["revocation", "ocsp", "crl", "ocsp stapling", "stapling", "staple"], see: &["cert.revoked", "extension.status_request", "cert.must_staple"], figure: "", reference: "RFC 5280, section 5; RFC 6960; RFC 6066, section 8",
        about: "A certificate can be revoked before it expires, for instance when its private key was \
                compromised. A CRL is the CA's signed list of such certificates; OCSP answers for one of \
                them. A server may staple an OCSP response to its certificate, so that the client need not \
                ask the CA. Most clients do not check revocation at all, or continue when there is no \
                answer; tls-trace reports \"not evaluated\" then." },
    Concept { id: "concept.ct", title: "Certificate Transparency", also: &["certificate transparency", "ct", "sct", "ct log"], see: &["extension.signed_certificate_timestamp"], figure: "", reference: "RFC 6962",
        about: "Public logs of issued certificates, so that the owner of a name can see what was issued \
                for it. An SCT is a log's signed, timestamped statement that it contains or will contain \
                the certificate. Browsers require two or three of them; they are in the certificate, in a \
                TLS extension or in the stapled OCSP response. --ct-logs FILE verifies them." },
    Concept { id: "concept.client_auth", title: "Client certificates (mutual TLS)", also: &["mtls", "mutual tls", "client certificate", "client authentication", "two-way tls"], see: &["message.CertificateRequest", "client_cert.required", "alert.certificate_required"], figure: "", reference: "RFC 8446, section 4.4.2; RFC 5246, section 7.4.4",
        about: "The server may ask the client for a certificate (CertificateRequest), with the CAs and \
                signature schemes that it accepts. The client answers with a certificate and a signature, \
                or with an empty Certificate. A TLS 1.3 server refuses only after the client's Finished, \
                when the client already considers the handshake complete. HTTP servers with optional \
                client certificates may complete the handshake and refuse with status 400 or 403 \
                afterwards. --cert and --key send one." },
    Concept { id: "concept.compatibility", title: "Legacy fields and middlebox compatibility", also: &["compatibility", "middlebox", "legacy_version", "legacy", "compatibility mode"], see: &["concept.session_id", "extension.supported_versions"], figure: "", reference: "RFC 8446, appendix D.4",
        about: "TLS 1.3 looks like TLS 1.2, because middleboxes broke connections that looked new: version fields say 1.2, a session id is sent and echoed, a ChangeCipherSpec that changes nothing is sent, and encrypted records have the type application_data. TLS 1.3 ignores their old meaning." },
    Concept { id: "concept.change_cipher_spec", title: "ChangeCipherSpec", also: &["changecipherspec", "change_cipher_spec", "ccs", "change cipher spec"], see: &["concept.compatibility", "message.Finished"], figure: "", reference: "RFC 5246, section 7.1; RFC 8446, section 5",
        about: "In TLS 1.2 and earlier: one byte in a record of its own, with which a side announces that \
                everything it sends from now on is protected with the newly negotiated keys. It is not a \
                handshake message and not part of the transcript. In TLS 1.3 it is sent only for \
                middleboxes, and ignored." },
    Concept { id: "concept.resumption", title: "Resumption, tickets and early data", also: &["resumption", "session resumption", "0-rtt", "0rtt", "ticket"], see: &["message.NewSessionTicket", "concept.session_id", "extension.early_data"], figure: "", reference: "RFC 8446, sections 2.2 and 2.3; RFC 5077",
        about: "A server may issue tickets after a handshake. When a client presents one later, \
                certificate and signature are skipped, because only client and server of the earlier \
                session know the key that belongs to it. In TLS 1.3 the client may even send data in its \
                first flight (early data, 0-RTT); an attacker can replay such data, so it must be harmless \
                if received twice." },
    Concept { id: "concept.renegotiation", title: "Renegotiation (TLS 1.2 and earlier)", also: &["renegotiation", "secure renegotiation", "unsafe legacy renegotiation"], see: &["extension.renegotiation_info", "message.HelloRequest"], figure: "", reference: "RFC 5246, section 7.4.1; RFC 5746",
        about: "A second handshake inside a connection, encrypted with the keys of the first. A server \
                requests it with HelloRequest, usually because it wants a client certificate for one path \
                only. Unless the two are bound to each other, an attacker can prepend data to a client's \
                request; therefore renegotiation_info carries the verify_data of the previous handshake. \
                TLS 1.3 has no renegotiation." },
    Concept { id: "concept.alert", title: "Alerts", also: &["alert", "tls alert", "ssl alert", "alert number", "close_notify alert"], see: &["alert.handshake_failure", "alert.close_notify"], figure: "", reference: "RFC 8446, section 6",
        about: "Two bytes with which a side says why it ends the connection (or, with close_notify, that \
                it has nothing more to send). An alert tells which side aborted and names a reason, but \
                rarely the cause: handshake_failure (40) stands for anything from no common cipher suite \
                to a missing client certificate. Programs often print only the number: tls-trace explain \
                40." },
    Concept { id: "concept.application_data", title: "Application data", also: &["application data", "payload"], see: &["concept.record"], figure: "", reference: "RFC 8446, section 5.1",
        about: "The data of HTTP or another protocol, encrypted with the keys of the handshake. tls-trace \
                only counts it, unless --data asks for it. In TLS 1.3 every encrypted record has the outer \
                type application_data, handshake messages included; the real type is inside." },
    Concept { id: "concept.grease", title: "GREASE", also: &["reserved value"], see: &[], figure: "", reference: "RFC 8701",
        about: "Reserved values without meaning, sent deliberately and at random, so that servers which \
                reject unknown values are discovered early. A correct server ignores them." },
    Concept { id: "concept.starttls", title: "STARTTLS", also: &["starttls", "opportunistic tls", "stls"], see: &["plaintext", "starttls.", "starttls.injection"], figure: "", reference: "RFC 3207; RFC 2595; RFC 4217; RFC 6120, section 5",
        about: "Some protocols (SMTP, IMAP, POP3, FTP, PostgreSQL, LDAP) begin in the clear and switch to \
                TLS on request, on their usual port. A client that starts with a ClientHello gets a line \
                of that protocol as an answer, which other tools report as \"wrong version number\". \
                What is said before TLS is neither secret nor protected: an attacker on the path can read \
                and change it, and remove the offer of TLS. So a client must insist on TLS, and forget \
                what it learnt before." },
    Concept { id: "concept.proxy", title: "Proxy", also: &["connect", "tunnel", "socks", "http proxy", "https_proxy", "no_proxy", "haproxy", "proxy protocol"], see: &["proxy.", "concept.starttls"], figure: "", reference: "RFC 9110, section 9.3.6; RFC 1928; RFC 1929",
        about: "A forward proxy connects to the server on the client's behalf: an HTTP proxy after CONNECT, a \
                SOCKS proxy after its own dialogue. From then on it passes bytes on, and the TLS handshake is between \
                client and server; a proxy that presents a certificate of its own for the server's name intercepts the \
                connection. TCP facts (round trip, MSS) are those of the path to the proxy. Which proxy is used is \
                said by --proxy, or by HTTPS_PROXY and ALL_PROXY; NO_PROXY and --noproxy list the hosts that are \
                connected to directly. Behind a reverse proxy a server wants the PROXY protocol: a header in front of \
                TLS that names the client's address (--haproxy-protocol)." },
    Concept { id: "concept.advice", title: "Recommended settings", also: &["best practice", "recommendation", "hardening", "what to do"], see: &["concept.versions", "concept.cipher_suite", "concept.certificate_chain"], figure: "", reference: "RFC 9325",
        about: "TLS 1.3 and 1.2 only. In TLS 1.2 only suites with ECDHE and an AEAD cipher. The full chain \
                without the root; a certificate for every name, renewed automatically before it expires. \
                Ticket keys that are rotated. When a handshake fails: compare what was offered with what \
                the server accepts (versions, suites, groups), look at names, dates and the chain, then at \
                the server's own log for the same time." },
    Concept { id: "interrupted", title: "Interrupted", also: &["terminated"], see: &[], figure: "", reference: "",
        about: "Ctrl-C or SIGTERM ended the run. What was seen until then is reported, and the exit code \
                is 130 or 143; this says nothing about the server." },
];

//! What no row of a table explains by itself: the ideas behind a handshake, and the steps around it.

/// An idea: id, title, a few sentences, and where it is defined.
pub(super) struct Concept {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) about: &'static str,
    pub(super) reference: &'static str,
    /// What else people call it.
    pub(super) also: &'static [&'static str],
}

#[rustfmt::skip] // A table of texts.
pub(super) const CONCEPTS: &[Concept] = &[
    Concept { id: "step.dns", title: "Name resolution", also: &["dns"], reference: "RFC 1034; RFC 8305",
        about: "The host name is turned into addresses before anything else can happen. All of them are shown, with the time that the resolver took; nothing has been sent to the server yet." },
    Concept { id: "step.tcp", title: "The TCP handshake", also: &["tcp", "syn", "three-way handshake"], reference: "RFC 9293, section 3.5",
        about: "SYN, SYN-ACK, ACK: one round trip in which both ends agree to talk. Its time is the best measure of the distance to the server. MSS is the largest piece of data that fits one packet; a message that is longer travels in several." },
    Concept { id: "concept.record", title: "Records, messages and packets", also: &["record", "packet", "segment"], reference: "RFC 8446, section 5.1",
        about: "TLS sends records: five bytes of header (type, version, length) and a fragment of at most 16 KiB. A handshake message may fill several records, and one record may carry several messages. Neither has anything to do with TCP segments or IP packets, which cut the same byte stream wherever it suits the network." },
    Concept { id: "concept.random", title: "Randoms", also: &["random", "client random", "server random"], reference: "RFC 8446, section 4.1.2",
        about: "Each hello carries 32 fresh random bytes. They go into every key and signature of the handshake, so that nothing recorded from an earlier connection can be used again. All 32 bytes are random today; the clock that once filled the first four is gone." },
    Concept { id: "concept.hash", title: "Hashes and the transcript", also: &["hash", "transcript", "transcript hash"], reference: "RFC 8446, section 4.4.1",
        about: "A hash turns any bytes into a short value that nobody can steer: change one bit, and all of it changes. TLS hashes all handshake messages in order. That transcript hash goes into signatures, keys and Finished, so both ends notice if they did not see the very same messages." },
    Concept { id: "concept.mac", title: "MAC, HMAC and AEAD", also: &["mac", "hmac", "aead"], reference: "RFC 2104; RFC 5116",
        about: "Encryption alone hides data, but does not stop anybody from changing it. A MAC is a checksum that only the holders of a key can make; HMAC makes one from a hash. Older suites encrypt and add an HMAC to each record; an AEAD cipher (GCM, CCM, ChaCha20-Poly1305) does both in one step, and TLS 1.3 allows nothing else." },
    Concept { id: "concept.key_exchange", title: "Key exchange", also: &["dhe", "ecdhe", "diffie-hellman", "forward secrecy"], reference: "RFC 8446, section 4.2.8; RFC 5246, section 8.1",
        about: "In a Diffie-Hellman exchange each end sends a public value, keeps a secret one, and both compute the same shared secret, which no listener can. With values made for one connection (ephemeral: DHE, ECDHE) a key that is stolen later opens nothing recorded earlier: forward secrecy. In the old RSA exchange the client encrypts the secret to the server's certificate instead, and whoever gets that key later can read everything." },
    Concept { id: "concept.hybrid", title: "Hybrid, post-quantum key exchange", also: &["post-quantum", "pqc", "ml-kem"], reference: "draft-ietf-tls-ecdhe-mlkem; FIPS 203",
        about: "A large quantum computer could undo elliptic curves, and what is recorded today could be opened then. A hybrid group such as X25519MLKEM768 combines an elliptic curve with the lattice method ML-KEM: the secret is safe as long as either holds. Its share takes about 1200 bytes, so the ClientHello no longer fits one packet." },
    Concept { id: "concept.premaster_secret", title: "From premaster secret to keys (TLS 1.2)", also: &["premaster", "master secret", "key block"], reference: "RFC 5246, sections 6.3 and 8.1; RFC 7627",
        about: "The key exchange gives the premaster secret. The PRF, an HMAC used again and again, mixes it with both randoms (or with the transcript hash, under extended_master_secret) into the 48 bytes of the master secret. The same PRF stretches that into the key block, which is cut into keys, MAC keys and IVs for both directions. A resumed session starts from the old master secret and new randoms." },
    Concept { id: "concept.key_schedule", title: "The key schedule of TLS 1.3", also: &["hkdf", "traffic secret", "handshake keys", "application keys"], reference: "RFC 8446, section 7.1",
        about: "HKDF, built on HMAC, mixes each input in turn: a pre-shared key if there is one, then the key exchange's shared secret. From each stage secrets are derived for one purpose and one direction, bound to the transcript so far: early data, handshake, application data, exporters, resumption. Key and IV of a direction come from its traffic secret, and KeyUpdate replaces that by a new one." },
    Concept { id: "concept.finished", title: "What Finished proves", also: &["verify_data"], reference: "RFC 8446, section 4.4.4; RFC 5246, section 7.4.9",
        about: "Finished is an HMAC over the transcript hash with a key that only the two ends have. If it is right, both saw the same messages and hold the same keys, so nobody in the middle weakened the offer. tls-trace computes it again from the recorded bytes instead of believing its TLS library." },
    Concept { id: "concept.certificate_chain", title: "The certificate chain", also: &["chain", "trust anchor", "pki"], reference: "RFC 5280, section 6",
        about: "A certificate binds a name to a public key, signed by an issuer, whose own certificate is signed by another, up to a root that the client has in its store. The server sends all but the root. That the server holds the leaf's private key is proven by a signature over this very handshake, not by the certificate, which anybody may copy." },
    Concept { id: "concept.compatibility", title: "Legacy fields and middlebox compatibility", also: &["compatibility", "middlebox", "legacy_version"], reference: "RFC 8446, appendix D.4",
        about: "TLS 1.3 dresses up as TLS 1.2, because devices on the way broke connections that looked new: version fields say 1.2, a session id is sent and echoed, a ChangeCipherSpec that changes nothing is thrown in, and encrypted records call themselves application data. None of these means anything." },
    Concept { id: "concept.resumption", title: "Resumption, tickets and early data", also: &["resumption", "0-rtt", "session ticket", "psk"], reference: "RFC 8446, sections 2.2 and 2.3; RFC 5077",
        about: "A server may hand out tickets after a handshake. A client that shows one later skips certificate and signature, since only the same client can have the key that belongs to it. In TLS 1.3 it may even send data with its first flight (early data, 0-RTT); an attacker can replay such data, so it must be harmless when it comes twice." },
    Concept { id: "concept.grease", title: "GREASE", also: &["reserved value"], reference: "RFC 8701",
        about: "Values that mean nothing, sent on purpose and at random, so that servers which choke on unknown values are found out early. A right server ignores them." },
    Concept { id: "interrupted", title: "Interrupted", also: &["terminated"], reference: "",
        about: "Ctrl-C or SIGTERM ended the run. What was seen until then is reported, and the exit code is 130 or 143; it says nothing about the server." },
];

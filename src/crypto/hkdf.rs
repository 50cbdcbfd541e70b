//! The key schedule of TLS 1.3, from the traffic secrets on (RFC 8446, section 7).

use super::hash::Hash;

/// HKDF-Expand-Label (RFC 8446, section 7.1): `len` bytes. `label` without the "tls13 " prefix.
pub fn expand_label(hash: Hash, secret: &[u8], label: &str, context: &[u8], len: usize) -> Vec<u8> {
    let length = (len as u16).to_be_bytes();
    let label_len = [6 + label.len() as u8];
    let context_len = [context.len() as u8];
    let mut out = Vec::with_capacity(len + hash.output_len());
    let mut block = Vec::new();
    let mut counter = 1u8;
    while out.len() < len {
        let info: [&[u8]; 6] = [&length, &label_len, b"tls13 ", label.as_bytes(), &context_len, context];
        let counter_byte = [counter];
        let mut parts: Vec<&[u8]> = vec![&block];
        parts.extend(info);
        parts.push(&counter_byte);
        block = hash.hmac(secret, &parts);
        out.extend_from_slice(&block);
        counter = counter.wrapping_add(1);
    }
    out.truncate(len);
    out
}

/// HKDF-Extract (RFC 5869, section 2.2); an empty salt counts as zeros.
pub fn extract(hash: Hash, salt: &[u8], input: &[u8]) -> Vec<u8> {
    hash.hmac(salt, &[input])
}

/// Derive-Secret (RFC 8446, section 7.1) over a transcript whose hash is `transcript_hash`.
pub fn derive_secret(hash: Hash, secret: &[u8], label: &str, transcript_hash: &[u8]) -> Vec<u8> {
    expand_label(hash, secret, label, transcript_hash, hash.output_len())
}

/// Key and IV of a traffic secret (RFC 8446, section 7.3).
pub fn traffic_key(hash: Hash, secret: &[u8], key_len: usize) -> (Vec<u8>, Vec<u8>) {
    (expand_label(hash, secret, "key", &[], key_len), expand_label(hash, secret, "iv", &[], 12))
}

/// The secret after a KeyUpdate (RFC 8446, section 7.2).
pub fn updated(hash: Hash, secret: &[u8]) -> Vec<u8> {
    expand_label(hash, secret, "traffic upd", &[], hash.output_len())
}

/// `verify_data` of a Finished whose sender's handshake traffic secret is `secret`
/// (RFC 8446, section 4.4.4).
pub fn verify_data(hash: Hash, secret: &[u8], transcript_hash: &[u8]) -> Vec<u8> {
    let finished_key = expand_label(hash, secret, "finished", &[], hash.output_len());
    hash.hmac(&finished_key, &[transcript_hash])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8448, section 3: early secret, the secret derived from it, handshake secret.
    #[test]
    fn secrets_of_rfc_8448() {
        let hash = Hash::Sha256;
        let early = extract(hash, &[], &[0; 32]);
        assert_eq!(hex::encode(&early), "33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a");
        let derived = derive_secret(hash, &early, "derived", &hash.digest(&[]));
        assert_eq!(hex::encode(&derived), "6f2615a108c702c5678f54fc9dbab69716c076189c48250cebeac3576c3611ba");
        let shared = hex::decode("8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d").unwrap();
        assert_eq!(
            hex::encode(extract(hash, &derived, &shared)),
            "1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac"
        );
    }

    /// RFC 8448, section 3: server handshake traffic secret → write key and IV.
    #[test]
    fn keys_of_rfc_8448() {
        let secret = hex::decode("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38").unwrap();
        let (key, iv) = traffic_key(Hash::Sha256, &secret, 16);
        assert_eq!(hex::encode(key), "3fce516009c21727d0f2e4e86ee403bc");
        assert_eq!(hex::encode(iv), "5d313eb2671276ee13000b30");
        let finished = expand_label(Hash::Sha256, &secret, "finished", &[], 32);
        assert_eq!(hex::encode(finished), "008d3b66f816ea559f96b537e885c31fc068bf492c652f01f288a1d8cdc19fc8");
    }
}

//! The pseudorandom function of TLS 1.2 and what is derived with it (RFC 5246, sections 5, 6.3, 7.4.9).

use super::hash::Hash;

/// PRF(secret, label, seed): `len` bytes.
pub fn prf(hash: Hash, secret: &[u8], label: &str, seed: &[&[u8]], len: usize) -> Vec<u8> {
    let mut label_and_seed: Vec<&[u8]> = vec![label.as_bytes()];
    label_and_seed.extend(seed);
    let mut a = hash.hmac(secret, &label_and_seed);
    let mut out = Vec::with_capacity(len + hash.output_len());
    while out.len() < len {
        let mut parts: Vec<&[u8]> = vec![&a];
        parts.extend(&label_and_seed);
        out.extend(hash.hmac(secret, &parts));
        a = hash.hmac(secret, &[&a]);
    }
    out.truncate(len);
    out
}

/// The key block: `len` bytes, cut by the caller into MAC keys, keys and IVs.
pub fn key_block(
    hash: Hash,
    master: &[u8],
    client_random: &[u8],
    server_random: &[u8],
    len: usize,
) -> Vec<u8> {
    prf(hash, master, "key expansion", &[server_random, client_random], len)
}

/// `verify_data` of a Finished: 12 bytes.
pub fn verify_data(hash: Hash, master: &[u8], from_client: bool, transcript_hash: &[u8]) -> Vec<u8> {
    let label = if from_client { "client finished" } else { "server finished" };
    prf(hash, master, label, &[transcript_hash], 12)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The widely used P_SHA256 vector (posted to the IETF TLS list, 2009).
    #[test]
    fn known_vector() {
        let secret = hex::decode("9bbe436ba940f017b17652849a71db35").unwrap();
        let seed = hex::decode("a0ba9f936cda311827a6f796ffd5198c").unwrap();
        let out = prf(Hash::Sha256, &secret, "test label", &[&seed], 100);
        assert!(
            hex::encode(out).starts_with("e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a")
        );
    }
}

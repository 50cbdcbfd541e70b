//! Diffie-Hellman on elliptic curves, and the hybrids with ML-KEM (RFC 8422, section 5.10; RFC 8446, section 7.4).

use aws_lc_rs::agreement::{
    Algorithm, ECDH_P256, ECDH_P384, ECDH_P521, EphemeralPrivateKey, UnparsedPublicKey, X25519,
    agree_ephemeral,
};
use aws_lc_rs::rand::SystemRandom;
use rustls::crypto::ActiveKeyExchange;
use rustls::crypto::aws_lc_rs::kx_group;

/// Our half of an exchange.
pub struct Exchange {
    half: Half,
    /// Our share.
    pub public: Vec<u8>,
}

enum Half {
    Curve(&'static Algorithm, EphemeralPrivateKey),
    Hybrid(Box<dyn ActiveKeyExchange>),
}

impl Exchange {
    /// A fresh half in the group with this code; `None` if it is not one that we compute.
    pub fn start(group: u16) -> Option<Self> {
        let algorithm = match group {
            23 => &ECDH_P256,
            24 => &ECDH_P384,
            25 => &ECDH_P521,
            29 => &X25519,
            4588 => {
                let half = kx_group::X25519MLKEM768.start().ok()?;
                let public = half.pub_key().to_vec();
                return Some(Self { half: Half::Hybrid(half), public });
            }
            _ => return None,
        };
        let private = EphemeralPrivateKey::generate(algorithm, &SystemRandom::new()).ok()?;
        let public = private.compute_public_key().ok()?.as_ref().to_vec();
        Some(Self { half: Half::Curve(algorithm, private), public })
    }

    /// The shared secret; `None` if the peer's share is no point of the curve, or a point of small order.
    pub fn finish(self, peer: &[u8]) -> Option<Vec<u8>> {
        match self.half {
            Half::Hybrid(half) => half.complete(peer).ok().map(|secret| secret.secret_bytes().to_vec()),
            Half::Curve(algorithm, private) => {
                // Uncompressed points only (RFC 8422, section 5.1.2).
                if *algorithm != X25519 && peer.first() != Some(&4) {
                    return None;
                }
                let peer = UnparsedPublicKey::new(algorithm, peer);
                agree_ephemeral(private, peer, (), |secret| Ok(secret.to_vec())).ok()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_agree() {
        for (group, len) in [(23, 32), (24, 48), (25, 66), (29, 32)] {
            let (ours, theirs) = (Exchange::start(group).unwrap(), Exchange::start(group).unwrap());
            let (our_share, their_share) = (ours.public.clone(), theirs.public.clone());
            let secret = ours.finish(&their_share).unwrap();
            assert_eq!((secret.len(), Some(secret)), (len, theirs.finish(&our_share)));
        }
        assert!(Exchange::start(22).is_none());
    }

    #[test]
    fn what_is_no_point_is_refused() {
        for group in [23, 24, 25, 29, 4588] {
            let share = Exchange::start(group).unwrap().public;
            let mut off = share.clone();
            *off.last_mut().unwrap() ^= 1;
            let mut bad = vec![vec![], vec![0; share.len()], share[1..].to_vec()];
            if group < 29 {
                bad.push(off);
            }
            for peer in bad {
                assert!(Exchange::start(group).unwrap().finish(&peer).is_none(), "{group}");
            }
        }
    }
}

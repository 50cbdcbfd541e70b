//! Key exchange groups: the provider's, two that it lacks, and GREASE.

use aws_lc_rs::agreement::{ECDH_P521, EphemeralPrivateKey, PublicKey, UnparsedPublicKey, agree_ephemeral};
use aws_lc_rs::rand::SystemRandom;
use rustls::crypto::aws_lc_rs::kx_group;
use rustls::crypto::{ActiveKeyExchange, SharedSecret, SupportedKxGroup};
use rustls::{Error, NamedGroup, PeerMisbehaved};

/// All groups that can be offered, in the order of preference.
pub static ALL: [&dyn SupportedKxGroup; 9] = [
    kx_group::X25519MLKEM768,
    kx_group::X25519,
    kx_group::SECP256R1,
    kx_group::SECP384R1,
    &Secp521r1,
    kx_group::SECP256R1MLKEM768,
    &Secp384r1MlKem1024,
    kx_group::MLKEM768,
    kx_group::MLKEM1024,
];

/// The group with this code point.
pub fn find(code: u16) -> Option<&'static dyn SupportedKxGroup> {
    ALL.iter().find(|group| u16::from(group.name()) == code).copied()
}

/// SecP384r1MLKEM1024, which rustls does not know: a point of secp384r1 followed by a key or ciphertext of ML-KEM-1024
/// (RFC 10024).
#[derive(Debug)]
struct Secp384r1MlKem1024;

/// Bytes of an uncompressed point of secp384r1.
const P384_POINT: usize = 97;

impl SupportedKxGroup for Secp384r1MlKem1024 {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let (curve, kem) = (kx_group::SECP384R1.start()?, kx_group::MLKEM1024.start()?);
        let share = [curve.pub_key(), kem.pub_key()].concat();
        Ok(Box::new(Hybrid { curve, kem, share }))
    }

    fn ffdhe_group(&self) -> Option<rustls::ffdhe_groups::FfdheGroup<'static>> {
        None
    }

    fn name(&self) -> NamedGroup {
        NamedGroup::from(0x11ed)
    }

    fn usable_for_version(&self, version: rustls::ProtocolVersion) -> bool {
        version == rustls::ProtocolVersion::TLSv1_3
    }
}

struct Hybrid {
    curve: Box<dyn ActiveKeyExchange>,
    kem: Box<dyn ActiveKeyExchange>,
    share: Vec<u8>,
}

impl ActiveKeyExchange for Hybrid {
    fn complete(self: Box<Self>, peer: &[u8]) -> Result<SharedSecret, Error> {
        let invalid = Error::PeerMisbehaved(PeerMisbehaved::InvalidKeyShare);
        let (point, ciphertext) = peer.split_at_checked(P384_POINT).ok_or(invalid)?;
        let (curve, kem) = (self.curve.complete(point)?, self.kem.complete(ciphertext)?);
        Ok(SharedSecret::from([curve.secret_bytes(), kem.secret_bytes()].concat()))
    }

    fn pub_key(&self) -> &[u8] {
        &self.share
    }

    fn group(&self) -> NamedGroup {
        Secp384r1MlKem1024.name()
    }
}

/// secp521r1, which rustls knows by name only.
#[derive(Debug)]
struct Secp521r1;

impl SupportedKxGroup for Secp521r1 {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let private = EphemeralPrivateKey::generate(&ECDH_P521, &SystemRandom::new())
            .map_err(|_| Error::FailedToGetRandomBytes)?;
        let public = private.compute_public_key().map_err(|_| Error::FailedToGetRandomBytes)?;
        Ok(Box::new(Exchange { private, public }))
    }

    fn ffdhe_group(&self) -> Option<rustls::ffdhe_groups::FfdheGroup<'static>> {
        None
    }

    fn name(&self) -> NamedGroup {
        NamedGroup::secp521r1
    }
}

struct Exchange {
    private: EphemeralPrivateKey,
    public: PublicKey,
}

impl ActiveKeyExchange for Exchange {
    fn complete(self: Box<Self>, peer: &[u8]) -> Result<SharedSecret, Error> {
        let invalid = || Error::PeerMisbehaved(PeerMisbehaved::InvalidKeyShare);
        // RFC 8446, section 4.2.8.2: uncompressed points only.
        if peer.first() != Some(&4) {
            return Err(invalid());
        }
        let peer = UnparsedPublicKey::new(&ECDH_P521, peer);
        agree_ephemeral(self.private, peer, invalid(), |secret| Ok(SharedSecret::from(secret)))
    }

    fn pub_key(&self) -> &[u8] {
        self.public.as_ref()
    }

    fn group(&self) -> NamedGroup {
        NamedGroup::secp521r1
    }
}

/// A reserved code point (RFC 8701) in the list of groups. It never gets a key share.
#[derive(Debug)]
pub struct Grease(pub u16);

impl SupportedKxGroup for Grease {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        Err(Error::PeerMisbehaved(PeerMisbehaved::IllegalHelloRetryRequestWithUnofferedNamedGroup))
    }

    fn ffdhe_group(&self) -> Option<rustls::ffdhe_groups::FfdheGroup<'static>> {
        None
    }

    fn name(&self) -> NamedGroup {
        NamedGroup::from(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_of_secp521r1_agree() {
        let (ours, theirs) = (Secp521r1.start().unwrap(), Secp521r1.start().unwrap());
        let (our_share, their_share) = (ours.pub_key().to_vec(), theirs.pub_key().to_vec());
        // RFC 8446, section 4.2.8.2: 0x04 and two coordinates of 66 bytes.
        assert_eq!((our_share.len(), our_share[0]), (133, 4));
        let (a, b) = (ours.complete(&their_share).unwrap(), theirs.complete(&our_share).unwrap());
        assert_eq!((a.secret_bytes(), a.secret_bytes().len()), (b.secret_bytes(), 66));
    }

    #[test]
    fn both_sides_of_secp384r1mlkem1024_agree() {
        use aws_lc_rs::kem::{EncapsulationKey, ML_KEM_1024};
        let (ours, curve) = (Secp384r1MlKem1024.start().unwrap(), kx_group::SECP384R1.start().unwrap());
        let (point, key) = ours.pub_key().split_at(P384_POINT);
        assert_eq!((ours.pub_key().len(), point[0]), (97 + 1568, 4));
        let key = EncapsulationKey::new(&ML_KEM_1024, key).unwrap();
        let (ciphertext, kem_secret) = key.encapsulate().unwrap();
        let share = [curve.pub_key(), ciphertext.as_ref()].concat();
        let curve_secret = curve.complete(point).unwrap();
        let secret = ours.complete(&share).unwrap();
        assert_eq!(secret.secret_bytes(), [curve_secret.secret_bytes(), kem_secret.as_ref()].concat());
        let short = Secp384r1MlKem1024.start().unwrap().complete(&share[..P384_POINT]);
        assert!(short.is_err());
    }

    #[test]
    fn a_share_that_is_no_point_is_refused() {
        for wrong in [&[][..], &[4], &[4; 133], &[2; 67], &[0; 133]] {
            assert!(Secp521r1.start().unwrap().complete(wrong).is_err());
        }
    }
}

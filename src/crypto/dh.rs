//! Diffie-Hellman in a finite field (RFC 5246, section 8.1.2; RFC 7919), with checks of what a peer
//! chooses (RFC 7919, section 5.1; NIST SP 800-56A, section 5.6.2.3.1).

use super::dh_primes;
use super::modular::{self, Modulus, bits, trimmed};
use super::random;

/// Groups below are refused: anybody computes logarithms in them (Logjam).
pub const LEAST_BITS: usize = 512;
/// Groups above are refused: they cost more than they can be worth.
pub const MOST_BITS: usize = 8192;

/// Bits of our exponent: twice the strength of the largest groups (RFC 7919, section 5.2).
const EXPONENT_BITS: usize = 512;

/// Why parameters or a public value are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    TooSmall {
        bits: usize,
    },
    TooLarge {
        bits: usize,
    },
    /// An even modulus.
    Even,
    /// The modulus is no prime.
    Composite,
    /// The generator is 0, 1, p - 1, or beyond it.
    Generator,
    /// The public value is 0, 1, p - 1, or beyond it: the shared secret is then known to everybody.
    PublicValue,
    /// The system gave no random bytes.
    NoRandom,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Refused::TooSmall { bits } => write!(f, "the DH prime has {bits} bits, fewer than {LEAST_BITS}"),
            Refused::TooLarge { bits } => write!(f, "the DH prime has {bits} bits, more than {MOST_BITS}"),
            Refused::Even => f.write_str("the DH modulus is even, so it is not a prime"),
            Refused::Composite => f.write_str("the DH modulus is not a prime"),
            Refused::Generator => f.write_str("the DH generator is not between 2 and p - 2"),
            Refused::PublicValue => f.write_str("the DH public value is not between 2 and p - 2"),
            Refused::NoRandom => f.write_str("the operating system returned no random bytes"),
        }
    }
}

/// Whether the group is one to exchange keys in. `p` and `g` are big-endian. A prime that is not
/// widely known costs a primality test: a second or so for 8192 bits.
pub fn check(p: &[u8], g: &[u8]) -> Result<(), Refused> {
    check_size(p)?;
    if !is_inside(g, p) {
        return Err(Refused::Generator);
    }
    if dh_primes::owner(p).is_some() {
        return Ok(());
    }
    match Modulus::new(p).and_then(|modulus| modulus.is_composite(3)) {
        Some(false) => Ok(()),
        Some(true) => Err(Refused::Composite),
        None => Err(Refused::NoRandom),
    }
}

fn check_size(p: &[u8]) -> Result<(), Refused> {
    match bits(p) {
        bits if bits < LEAST_BITS => Err(Refused::TooSmall { bits }),
        bits if bits > MOST_BITS => Err(Refused::TooLarge { bits }),
        _ if p.last().is_some_and(|last| last & 1 == 0) => Err(Refused::Even),
        _ => Ok(()),
    }
}

/// Our half of an exchange.
pub struct Exchange {
    p: Vec<u8>,
    secret: Vec<u8>,
    /// g^x mod p, as long as p.
    pub public: Vec<u8>,
}

impl Exchange {
    /// A fresh half in a group that was checked.
    pub fn start(p: &[u8], g: &[u8]) -> Result<Self, Refused> {
        check_size(p)?;
        let len = (EXPONENT_BITS / 8).min(trimmed(p).len() - 1);
        let mut secret = random(len).ok_or(Refused::NoRandom)?;
        if let Some(first) = secret.first_mut() {
            *first |= 0x80;
        }
        let public = modular::power(g, &secret, p).ok_or(Refused::Generator)?;
        Ok(Self { p: trimmed(p).to_vec(), secret, public })
    }

    /// The shared secret, without leading zeros (RFC 5246, section 8.1.2).
    pub fn finish(&self, peer: &[u8]) -> Result<Vec<u8>, Refused> {
        if !is_inside(peer, &self.p) {
            return Err(Refused::PublicValue);
        }
        let secret = modular::power(peer, &self.secret, &self.p).ok_or(Refused::PublicValue)?;
        Ok(trimmed(&secret).to_vec())
    }
}

/// Whether 2 <= number <= p - 2, for an odd p.
fn is_inside(number: &[u8], p: &[u8]) -> bool {
    let (number, p) = (trimmed(number), trimmed(p));
    let mut less_one = p.to_vec();
    if let Some(last) = less_one.last_mut() {
        *last &= 0xfe;
    }
    let below = (number.len(), number) < (less_one.len(), less_one.as_slice());
    bits(number) >= 2 && below
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::ffdhe_groups::{FFDHE2048, FFDHE8192};

    #[test]
    fn both_sides_agree() {
        for group in [FFDHE2048, FFDHE8192] {
            check(group.p, group.g).unwrap();
            let (ours, theirs) =
                (Exchange::start(group.p, group.g).unwrap(), Exchange::start(group.p, group.g).unwrap());
            assert_eq!(ours.public.len(), group.p.len());
            assert_eq!(ours.finish(&theirs.public), theirs.finish(&ours.public));
        }
    }

    #[test]
    fn bad_groups_are_refused() {
        let p = FFDHE2048.p;
        let changed = |byte: u8| [&p[..p.len() - 1], &[byte]].concat();
        assert_eq!(check(&changed(0xfe), &[2]), Err(Refused::Even));
        assert_eq!(check(&changed(0xfd), &[2]), Err(Refused::Composite));
        assert_eq!(check(&[23], &[5]), Err(Refused::TooSmall { bits: 5 }));
        assert_eq!(check(&[0xff; 1025], &[5]), Err(Refused::TooLarge { bits: 8200 }));
        assert_eq!(check(&[], &[5]), Err(Refused::TooSmall { bits: 0 }));
        let minus_one = changed(0xfe);
        for g in [&[][..], &[0], &[1], &minus_one, p, &[0xff; 300]] {
            assert_eq!(check(p, g), Err(Refused::Generator));
        }
        // A prime that nobody has registered: 2^521 - 1.
        let mersenne = [&[0x01][..], &[0xff; 65]].concat();
        assert_eq!(check(&mersenne, &[3]), Ok(()));
    }

    #[test]
    fn bad_public_values_are_refused() {
        let p = FFDHE2048.p;
        let ours = Exchange::start(p, &[2]).unwrap();
        let minus_one = [&p[..p.len() - 1], &[0xfe]].concat();
        for value in [&[][..], &[0], &[1], &minus_one, p, &[0xff; 300]] {
            assert_eq!(ours.finish(value), Err(Refused::PublicValue));
        }
        assert!(ours.finish(&[0, 0, 2]).is_ok());
    }
}

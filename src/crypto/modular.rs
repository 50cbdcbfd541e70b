//! Exponentiation of large numbers, big-endian: RSA and Diffie-Hellman.

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};

/// Above this many bits nothing is computed: a peer chooses the modulus, and we pay for it.
pub const MOST_BITS: usize = 16_384;

/// Without leading zeros.
pub fn trimmed(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

/// Length in bits.
pub fn bits(number: &[u8]) -> usize {
    let number = trimmed(number);
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

/// `base` to the power of `exponent`, modulo `modulus`, as long as the modulus without its leading
/// zeros. `None`: the modulus is even, below 3 or beyond [`MOST_BITS`], or the base is not below it.
pub fn power(base: &[u8], exponent: &[u8], modulus: &[u8]) -> Option<Vec<u8>> {
    let modulus = Modulus::new(modulus)?;
    Some(modulus.bytes_of(&modulus.power(&modulus.number(base)?, exponent)?))
}

/// An odd modulus, prepared.
pub(super) struct Modulus {
    params: BoxedMontyParams,
    len: usize,
    bits: u32,
}

impl Modulus {
    pub(super) fn new(modulus: &[u8]) -> Option<Self> {
        let modulus = trimmed(modulus);
        if bits(modulus) < 2 || bits(modulus) > MOST_BITS {
            return None;
        }
        let bits = u32::try_from(modulus.len() * 8).ok()?;
        let number: Option<Odd<BoxedUint>> = BoxedUint::from_be_slice(modulus, bits).ok()?.to_odd().into();
        Some(Self { params: BoxedMontyParams::new_vartime(number?), len: modulus.len(), bits })
    }

    /// A number below the modulus.
    fn number(&self, bytes: &[u8]) -> Option<BoxedMontyForm> {
        let number = BoxedUint::from_be_slice(trimmed(bytes), self.bits).ok()?;
        (number < *self.params.modulus().as_ref()).then(|| BoxedMontyForm::new(number, &self.params))
    }

    fn power(&self, base: &BoxedMontyForm, exponent: &[u8]) -> Option<BoxedMontyForm> {
        let exponent = trimmed(exponent);
        let bits = u32::try_from(bits(exponent)).ok()?;
        if bits as usize > MOST_BITS {
            return None;
        }
        let exponent = BoxedUint::from_be_slice(exponent, bits.max(1)).ok()?;
        Some(base.pow_bounded_exp(&exponent, bits))
    }

    fn bytes_of(&self, number: &BoxedMontyForm) -> Vec<u8> {
        let bytes = number.retrieve().to_be_bytes();
        bytes.get(bytes.len().saturating_sub(self.len)..).unwrap_or_default().to_vec()
    }

    /// Whether the modulus is composite, for certain; Miller and Rabin's test with random bases lets a
    /// composite pass with a probability below 4^-`rounds`. `None`: no random bytes, or it is too small.
    pub(super) fn is_composite(&self, rounds: usize) -> Option<bool> {
        let modulus = self.params.modulus().as_ref().to_be_bytes();
        // modulus - 1 = odd * 2^twos
        let mut less_one = modulus.to_vec();
        *less_one.last_mut()? &= 0xfe;
        let twos = less_one.iter().rev().take_while(|byte| **byte == 0).count();
        let in_byte = less_one.get(less_one.len().checked_sub(twos + 1)?)?.trailing_zeros() as usize;
        let twos = twos * 8 + in_byte;
        let less_one = BoxedUint::from_be_slice(&less_one, u32::try_from(less_one.len() * 8).ok()?).ok()?;
        let odd = less_one.shr_vartime(u32::try_from(twos).ok()?)?.to_be_bytes();
        let one = BoxedMontyForm::one(&self.params);
        let minus_one = one.neg();
        for _ in 0..rounds {
            let mut base = super::random(8)?;
            *base.first_mut()? |= 0x80;
            let mut power = self.power(&self.number(&base)?, &odd)?;
            if power == one {
                continue;
            }
            let mut left = twos;
            while power != minus_one {
                left -= 1;
                if left == 0 {
                    return Some(true);
                }
                power = power.square();
            }
        }
        Some(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers() {
        // 4^13 mod 497 = 445
        assert_eq!(power(&[4], &[13], &[0, 0x01, 0xf1]), Some(vec![0x01, 0xbd]));
        assert_eq!(power(&[4], &[], &[7]), Some(vec![1]));
        assert_eq!(power(&[7], &[1], &[7]), None);
        assert_eq!(power(&[3], &[1], &[8]), None);
        assert_eq!(power(&[0], &[1], &[1]), None);
        assert_eq!(power(&[3], &[1], &[0xff; MOST_BITS / 8 + 1]), None);
        // An exponent takes time by its length.
        assert_eq!(power(&[4], &[0xff; MOST_BITS / 8 + 1], &[7]), None);
        assert!(power(&[4], &[0xff; MOST_BITS / 8], &[7]).is_some());
        assert_eq!(bits(&[0, 0, 5, 0]), 11);
    }

    #[test]
    fn primes_and_composites() {
        let composite = |hex: &str| Modulus::new(&hex::decode(hex).unwrap()).unwrap().is_composite(8);
        // 2^127 - 1; the product of 2^89 - 1 and 2^107 - 1; a Carmichael number beyond 64 bits:
        // (6k+1)(12k+1)(18k+1) with k = 1000051.
        assert_eq!(composite("7fffffffffffffffffffffffffffffff"), Some(false));
        assert_eq!(composite("0ffffffffffffffffffffff7fffe0000000000000000000001"), Some(true));
        assert_eq!(composite("46445ed4c703fc1749"), Some(true));
    }
}

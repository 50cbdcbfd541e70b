//! Bytes in a file: hexadecimal, with repetitions.

use serde::{Deserialize, Deserializer, de::Error};

/// `16 0303 0001 00`; `00*16384`: so many times.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Bytes(pub Vec<u8>);

/// More than any scenario needs.
const MOST: usize = 64 << 20;

impl Bytes {
    fn read(text: &str) -> Result<Bytes, String> {
        let mut bytes = Vec::new();
        for word in text.split_whitespace() {
            let (digits, times) = word.split_once('*').unwrap_or((word, "1"));
            let part = hex::decode(digits).map_err(|e| format!("{digits:?}: {e}"))?;
            let times: usize = times.parse().map_err(|e| format!("{word:?}: {e}"))?;
            if part.len().saturating_mul(times) > MOST - bytes.len() {
                return Err(format!("{word:?} is too long"));
            }
            bytes.extend(part.repeat(times));
        }
        Ok(Bytes(bytes))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Bytes::read(&text).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions() {
        assert_eq!(Bytes::read("16 0303 00*3 ff").unwrap().0, [0x16, 3, 3, 0, 0, 0, 0xff]);
        assert!(Bytes::read("0").is_err() && Bytes::read("00*x").is_err());
        assert!(Bytes::read("00*99999999999").is_err());
    }
}

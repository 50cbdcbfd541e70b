//! How times and byte strings stand in a saved trace.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serializer, de::Error};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Bytes as hexadecimal digits (with or without `0x`, blanks, colons and commas between them) or as base64.
///
/// # Errors
/// It is neither.
pub fn from_text(text: &str) -> Result<Vec<u8>, &'static str> {
    let digits =
        text.replace("0x", "").replace(|c: char| c.is_ascii_whitespace() || c == ':' || c == ',', "");
    if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return hex::decode(digits).map_err(|_| "hexadecimal with half a byte at its end");
    }
    let joined = text.replace(|c: char| c.is_ascii_whitespace(), "");
    STANDARD.decode(joined).map_err(|_| "text that is neither hexadecimal nor base64")
}

/// Seconds since 1970, negative before.
pub fn unix_seconds(at: SystemTime) -> i64 {
    match at.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_secs()).unwrap_or(i64::MAX),
    }
}

/// `2026-11-21T09:20:00.123456Z`
pub mod rfc3339 {
    use super::*;

    pub fn serialize<S: Serializer>(at: &SystemTime, to: S) -> Result<S::Ok, S::Error> {
        let text = OffsetDateTime::from(*at).format(&Rfc3339).map_err(serde::ser::Error::custom)?;
        to.serialize_str(&text)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<SystemTime, D::Error> {
        let text = String::deserialize(from)?;
        let parsed = OffsetDateTime::parse(&text, &Rfc3339).map_err(D::Error::custom)?;
        // SystemTime cannot hold every date that parses.
        let since = Duration::try_from(parsed - OffsetDateTime::UNIX_EPOCH).map_err(D::Error::custom)?;
        UNIX_EPOCH.checked_add(since).ok_or_else(|| D::Error::custom("date out of range"))
    }
}

/// Integer microseconds.
pub mod micros {
    use super::*;

    pub fn serialize<S: Serializer>(at: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(u64::try_from(at.as_micros()).unwrap_or(u64::MAX))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_micros)
    }
}

/// Integer microseconds or null.
pub mod opt_micros {
    use super::*;

    pub fn serialize<S: Serializer>(at: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => super::micros::serialize(at, to),
            None => to.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(from)?.map(Duration::from_micros))
    }
}

/// Lower-case hexadecimal or null.
pub mod opt_hex {
    use super::*;

    pub fn serialize<S: Serializer>(bytes: &Option<Vec<u8>>, to: S) -> Result<S::Ok, S::Error> {
        match bytes {
            Some(bytes) => to.serialize_str(&hex::encode(bytes)),
            None => to.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<u8>>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| hex::decode(text).map_err(D::Error::custom)).transpose()
    }
}

/// A list of byte strings in lower-case hexadecimal.
pub mod hex_list {
    use super::*;

    pub fn serialize<S: Serializer>(list: &[Vec<u8>], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(list.iter().map(hex::encode))
    }

    pub fn deserialize<'de, D: Deserializer<'de>, T: FromIterator<Vec<u8>>>(from: D) -> Result<T, D::Error> {
        let list = Vec::<String>::deserialize(from)?;
        list.into_iter().map(|text| hex::decode(text).map_err(D::Error::custom)).collect()
    }
}

/// Whether a number needs no place in a file.
pub fn is_zero(number: &u64) -> bool {
    *number == 0
}

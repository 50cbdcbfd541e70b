//! Time in certificates (RFC 5280, section 4.1.2.5).

use time::{Date, Month, OffsetDateTime, UtcDateTime};

use super::der::{GENERALIZED_TIME, UTC_TIME};

/// A moment and how it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time {
    /// Seconds since 1970.
    pub unix: i64,
    /// Written as GeneralizedTime, not UTCTime.
    pub generalized: bool,
}

impl Time {
    /// Reads the content of a UTCTime `YYMMDDHHMMSSZ` or GeneralizedTime `YYYYMMDDHHMMSSZ`: the only forms allowed.
    /// Otherwise says which rule is broken.
    pub fn read(tag: u8, value: &[u8]) -> Result<Self, &'static str> {
        let generalized = match tag {
            UTC_TIME => false,
            GENERALIZED_TIME => true,
            _ => return Err("neither UTCTime nor GeneralizedTime"),
        };
        let years = if generalized { 4 } else { 2 };
        let Some((digits, b"Z")) = value.split_at_checked(years + 10) else {
            return Err("time not in the form YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ");
        };
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err("time with something other than digits");
        }
        let (year, rest) = digits.split_at(years);
        let number = |digits: &[u8]| digits.iter().fold(0, |sum, digit| sum * 10 + i32::from(digit - b'0'));
        let mut year = number(year);
        if !generalized {
            // RFC 5280: 50 and above are of the twentieth century.
            year += if year >= 50 { 1900 } else { 2000 };
        }
        let mut parts = rest.chunks(2).map(|two| u8::try_from(number(two)).unwrap_or(u8::MAX));
        let mut next = || parts.next().unwrap_or(u8::MAX);
        let month = Month::try_from(next()).map_err(|_| "no such month")?;
        let date = Date::from_calendar_date(year, month, next()).map_err(|_| "no such day")?;
        let time = time::Time::from_hms(next(), next(), next()).map_err(|_| "no such time of day")?;
        Ok(Self { unix: UtcDateTime::new(date, time).unix_timestamp(), generalized })
    }
}

/// `2026-11-21`; a moment beyond the year 9999 in seconds since 1970.
pub fn date(unix: i64) -> String {
    match OffsetDateTime::from_unix_timestamp(unix) {
        Ok(moment) => moment.date().to_string(),
        Err(_) => format!("{unix} s after 1970-01-01"),
    }
}

/// `2026-11-21 09:20:00 UTC`; a moment beyond the year 9999 in seconds since 1970.
pub fn date_time(unix: i64) -> String {
    match OffsetDateTime::from_unix_timestamp(unix) {
        Ok(moment) => {
            let (hour, minute, second) = moment.to_hms();
            format!("{} {hour:02}:{minute:02}:{second:02} UTC", moment.date())
        }
        Err(_) => format!("{} UTC", date(unix)),
    }
}

/// Whole days from `from` to `to`: how a remaining time is counted everywhere, and one that is over as a negative
/// number. Within a day of the end, on either side of it, there are 0.
pub fn days_between(from: i64, to: i64) -> i64 {
    to.saturating_sub(from) / 86_400
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(tag: u8, text: &str) -> Result<i64, &'static str> {
        Time::read(tag, text.as_bytes()).map(|time| time.unix)
    }

    #[test]
    fn both_forms() {
        assert_eq!(read(UTC_TIME, "700101000000Z"), Ok(0));
        assert_eq!(read(UTC_TIME, "491231235959Z"), Ok(2_524_607_999));
        assert_eq!(read(UTC_TIME, "500101000000Z"), Ok(-631_152_000));
        assert_eq!(read(GENERALIZED_TIME, "20500101000000Z"), Ok(2_524_608_000));
        assert_eq!(read(GENERALIZED_TIME, "99991231235959Z"), Ok(253_402_300_799));
        assert_eq!(read(GENERALIZED_TIME, "20240229000000Z"), Ok(1_709_164_800));
        assert!(Time::read(GENERALIZED_TIME, b"20240229000000Z").unwrap().generalized);
    }

    #[test]
    fn what_is_no_time() {
        for text in [
            "230229000000Z",
            "231301000000Z",
            "2301010000Z",
            "230101000000+0000",
            "23010100000xZ",
            "230101240000Z",
            "230101006000Z",
            "230101000060Z",
            "230100000000Z",
        ] {
            assert!(read(UTC_TIME, text).is_err(), "{text}");
        }
        assert!(read(0x0c, "230101000000Z").is_err());
    }

    #[test]
    fn shown() {
        assert_eq!(date_time(1_795_252_800), "2026-11-21 09:20:00 UTC");
        assert_eq!(date(-1), "1969-12-31");
        assert_eq!(date_time(i64::MAX), "9223372036854775807 s after 1970-01-01 UTC");
    }

    #[test]
    fn days_are_whole_days() {
        let days = |seconds: i64| days_between(1_000_000_000, 1_000_000_000 + seconds);
        assert_eq!([days(86_399), days(86_400), days(-1), days(-86_400), days(-86_401)], [0, 1, 0, -1, -1]);
    }
}

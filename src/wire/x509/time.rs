//! Time in certificates (RFC 5280, section 4.1.2.5).

use super::der::{GENERALIZED_TIME, Malformed, Tlv, UTC_TIME};

/// A moment and how it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time {
    /// Seconds since 1970.
    pub unix: i64,
    /// Written as GeneralizedTime, not UTCTime.
    pub generalized: bool,
}

impl Time {
    /// Reads UTCTime `YYMMDDHHMMSSZ` or GeneralizedTime `YYYYMMDDHHMMSSZ`: the only forms allowed.
    pub fn read(tlv: &Tlv<'_>) -> Result<Self, Malformed> {
        let wrong = |what| Malformed { what, at: tlv.at };
        let generalized = match tlv.tag {
            UTC_TIME => false,
            GENERALIZED_TIME => true,
            _ => return Err(wrong("neither UTCTime nor GeneralizedTime")),
        };
        let years = if generalized { 4 } else { 2 };
        let Some((digits, b"Z")) = tlv.value.split_at_checked(years + 10) else {
            return Err(wrong("time not in the form YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ"));
        };
        let number = |from: usize, len: usize| -> Result<i64, Malformed> {
            digits.get(from..from + len).unwrap_or(&[]).iter().try_fold(0i64, |sum, digit| match digit {
                b'0'..=b'9' => Ok(sum * 10 + i64::from(digit - b'0')),
                _ => Err(wrong("time with something other than digits")),
            })
        };
        let mut year = number(0, years)?;
        if !generalized {
            // RFC 5280: 50 and above are of the twentieth century.
            year += if year >= 50 { 1900 } else { 2000 };
        }
        let (month, day) = (number(years, 2)?, number(years + 2, 2)?);
        let (hour, minute, second) = (number(years + 4, 2)?, number(years + 6, 2)?, number(years + 8, 2)?);
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return Err(wrong("no such month")),
        };
        if !(1..=days).contains(&day) || hour > 23 || minute > 59 || second > 59 {
            return Err(wrong("no such day or time"));
        }
        let unix = days_since_1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
        Ok(Self { unix, generalized })
    }
}

/// Days from 1970-01-01 to a date of the Gregorian calendar.
pub fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    // Years that start in March put the leap day at their end.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// `2026-11-21`
pub fn date(unix: i64) -> String {
    let days = unix.div_euclid(86_400) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// `2026-11-21 09:20:00 UTC`
pub fn date_time(unix: i64) -> String {
    let second = unix.rem_euclid(86_400);
    format!("{} {:02}:{:02}:{:02} UTC", date(unix), second / 3_600, second / 60 % 60, second % 60)
}

/// Whole days from `from` to `to`, rounded towards the past: a certificate that ends within the day has 0 left.
pub fn days_between(from: i64, to: i64) -> i64 {
    to.saturating_sub(from).div_euclid(86_400)
}

#[cfg(test)]
mod tests {
    use super::super::der::{Reader, element};
    use super::*;

    fn read(tag: u8, text: &str) -> Result<Time, Malformed> {
        let der = element(tag, text.as_bytes());
        Time::read(&Reader::new(&der).any()?)
    }

    #[test]
    fn both_forms() {
        assert_eq!(read(UTC_TIME, "700101000000Z").unwrap().unix, 0);
        assert_eq!(read(UTC_TIME, "491231235959Z").unwrap().unix, 2_524_607_999);
        assert_eq!(read(GENERALIZED_TIME, "20500101000000Z").unwrap().unix, 2_524_608_000);
        assert_eq!(read(GENERALIZED_TIME, "99991231235959Z").unwrap().unix, 253_402_300_799);
        assert_eq!(read(GENERALIZED_TIME, "20240229000000Z").unwrap().unix, 1_709_164_800);
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
        ] {
            assert!(read(UTC_TIME, text).is_err(), "{text}");
        }
    }

    #[test]
    fn dates_there_and_back() {
        for days in (-200_000i64..200_000).step_by(37) {
            let text = date(days * 86_400);
            let mut parts = text.rsplitn(3, '-').map(|part| part.parse::<i64>().unwrap());
            let (day, month, year) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
            assert_eq!(days_since_1970(year, month, day), days);
        }
        assert_eq!(date_time(1_795_252_800), "2026-11-21 09:20:00 UTC");
    }
}

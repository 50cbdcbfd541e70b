//! Points in time, written as RFC 3339 has them.

/// Milliseconds since 1970.
pub fn millis(at: u64) -> String {
    let (secs, rest) = (at / 1000, at % 1000);
    let text = seconds(secs);
    format!("{}.{rest:03}Z", text.trim_end_matches('Z'))
}

/// Seconds since 1970.
pub fn seconds(at: u64) -> String {
    let (days, second) = (at / 86_400, at % 86_400);
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

/// Seconds since 1970, or before it.
pub fn seconds_signed(at: i64) -> String {
    match u64::try_from(at) {
        Ok(at) => seconds(at),
        Err(_) => {
            // Shifted by 400 years, after which the calendar repeats.
            let text = seconds(at.wrapping_add(12_622_780_800).max(0) as u64);
            let (year, rest) = text.split_once('-').unwrap_or_default();
            format!("{:04}-{rest}", year.parse::<i32>().unwrap_or_default() - 400)
        }
    }
}

/// UTCTime or GeneralizedTime as RFC 5280, section 4.1.2.5, has them, in seconds since 1970.
pub fn asn1(text: &[u8]) -> Option<i64> {
    let (digits, zone) = text.split_last_chunk::<1>()?;
    if zone != b"Z" || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let two = |at: usize| -> i64 { i64::from(digits[at] - b'0') * 10 + i64::from(digits[at + 1] - b'0') };
    let (year, at) = match digits.len() {
        // RFC 5280: 50 to 99 are of the 20th century.
        12 if two(0) >= 50 => (1900 + two(0), 2),
        12 => (2000 + two(0), 2),
        14 => (two(0) * 100 + two(2), 4),
        _ => return None,
    };
    let (month, day, hour, minute, second) = (two(at), two(at + 2), two(at + 4), two(at + 6), two(at + 8));
    let sound =
        (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second <= 60;
    sound.then(|| days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)
}

/// Days from 1970-01-01 to a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The date so many days after 1970-01-01, in the Gregorian calendar.
fn civil(days: u64) -> (u64, u64, u64) {
    // Counts from 0000-03-01, so that the leap day is a year's last.
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_civil() {
        assert_eq!(seconds(0), "1970-01-01T00:00:00Z");
        assert_eq!(seconds(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(millis(1_677_601_192_639), "2023-02-28T16:19:52.639Z");
        assert_eq!(asn1(b"230104161407Z").map(seconds_signed).as_deref(), Some("2023-01-04T16:14:07Z"));
        assert_eq!(asn1(b"99991231235959Z").map(seconds_signed).as_deref(), Some("9999-12-31T23:59:59Z"));
        assert_eq!(asn1(b"500101000000Z").map(seconds_signed).as_deref(), Some("1950-01-01T00:00:00Z"));
        assert_eq!(asn1(b"00000101000000Z").map(|at| seconds_signed(at).is_empty()), Some(false));
        assert_eq!(asn1(b"2301041614Z"), None);
        assert!(seconds(u64::MAX).ends_with('Z'));
    }
}

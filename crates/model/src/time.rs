//! Instants as data: milliseconds since 1970, never read from a clock here.
//!
//! Datetimes are kept to the millisecond and shown to the second (objects.md 8), in UTC.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Debug,
    Default,
    serde::Serialize,
    serde::Deserialize,
)]
pub struct Millis(pub i64);

/// Days since 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Days(pub i32);

impl Millis {
    /// `seconds` later.
    pub fn plus_s(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000)))
    }

    /// Whole seconds since 1970, rounded down; what clients see.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// Whole seconds from `earlier` to `self`, by the seconds that clients see; never negative.
    pub fn seconds_since(self, earlier: Self) -> i64 {
        (self.seconds() - earlier.seconds()).max(0)
    }

    fn civil(self) -> Option<DateTime> {
        let at = Timestamp::from_millisecond(self.seconds().checked_mul(1_000)?).ok()?;
        Some(Offset::UTC.to_datetime(at))
    }

    /// REST form: `2026-01-01T00:00:00.000+0000` (rest-api.md 1.6).
    pub fn to_rest(self) -> String {
        self.show("+0000")
    }

    /// SOAP and CSV form: `2026-01-01T00:00:00.000Z`.
    pub fn to_xml(self) -> String {
        self.show("Z")
    }

    fn show(self, zone: &str) -> String {
        match self.civil() {
            Some(t) => format!(
                "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.000{zone}",
                t.year(),
                t.month(),
                t.day(),
                t.hour(),
                t.minute(),
                t.second()
            ),
            None => String::new(),
        }
    }

    /// Reads ISO 8601 with `Z`, `+hh:mm` or `+hhmm`, with or without a fraction; a date alone means
    /// midnight UTC (rest-api.md 1.6). `None` for anything else or a year outside 1700 to 4000.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 40 || !text.is_ascii() {
            return None;
        }
        let Some((date, rest)) = text.split_once(['T', 't']) else {
            return Days::parse(text).map(Days::midnight);
        };
        let day = Days::parse(date)?;
        let zone_at = rest.find(['Z', 'z', '+', '-'])?;
        let (clock, zone) = rest.split_at(zone_at);
        let ms = clock_ms(clock)?.checked_sub(zone_ms(zone)?)?;
        Some(Self(day.midnight().0.checked_add(ms)?))
    }
}

fn two(text: &str, max: i64) -> Option<i64> {
    let fits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    let number: i64 = if fits {
        text.parse().ok()?
    } else {
        return None;
    };
    (number <= max).then_some(number)
}

fn clock_ms(clock: &str) -> Option<i64> {
    let (whole, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut parts = whole.split(':');
    let hour = two(parts.next()?, 23)?;
    let minute = two(parts.next()?, 59)?;
    let second = parts.next().map_or(Some(0), |s| two(s, 59))?;
    if parts.next().is_some()
        || fraction.is_empty()
        || !fraction.bytes().all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let thousandths: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    Some(((hour * 60 + minute) * 60 + second) * 1_000 + thousandths)
}

fn zone_ms(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let digits: String = zone.get(1..)?.chars().filter(|c| *c != ':').collect();
    let hours = two(digits.get(..2)?, 23)?;
    let minutes = if digits.len() == 2 {
        0
    } else {
        two(digits.get(2..)?, 59)?
    };
    Some(sign * (hours * 60 + minutes) * 60_000)
}

impl Days {
    /// Reads `YYYY-MM-DD`, years 1700 to 4000 (rest-api.md 6.3, 19).
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let shaped = bytes.len() == 10 && bytes[4] == b'-' && bytes[7] == b'-';
        if !shaped || !text.is_ascii() {
            return None;
        }
        let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i16>().ok();
        let month = i8::try_from(number(5..7)?).ok()?;
        let day = i8::try_from(number(8..10)?).ok()?;
        let date = Date::new(number(0..4)?, month, day).ok()?;
        (1700..=4000)
            .contains(&date.year())
            .then(|| Self::from_civil(date))
    }

    /// The day of a calendar date.
    pub fn from_civil(date: Date) -> Self {
        let at = date
            .to_zoned(TimeZone::UTC)
            .map(|z| z.timestamp().as_second())
            .unwrap_or(0);
        Self(i32::try_from(at.div_euclid(86_400)).unwrap_or(0))
    }

    /// The calendar date; `None` outside the range of the calendar.
    pub fn civil(self) -> Option<Date> {
        let at = Timestamp::from_second(i64::from(self.0) * 86_400).ok()?;
        Some(Offset::UTC.to_datetime(at).date())
    }

    /// Its first instant in UTC.
    pub fn midnight(self) -> Millis {
        Millis(i64::from(self.0) * 86_400_000)
    }
}

/// `YYYY-MM-DD`.
impl std::fmt::Display for Days {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.civil() {
            Some(d) => write!(f, "{:04}-{:02}-{:02}", d.year(), d.month(), d.day()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_accepted_form_is_the_same_instant() {
        let noon = Millis::parse("2026-01-01T12:00:00Z").unwrap();
        for text in [
            "2026-01-01T12:00:00.000+0000",
            "2026-01-01T13:00:00+01:00",
            "2026-01-01T07:00:00.0-0500",
            "2026-01-01T12:00:00.0001Z",
            "2026-01-01T12:00Z",
        ] {
            assert_eq!(Millis::parse(text), Some(noon), "{text}");
        }
        assert_eq!(noon.to_rest(), "2026-01-01T12:00:00.000+0000");
        assert_eq!(Millis(noon.0 + 999).to_xml(), "2026-01-01T12:00:00.000Z");
        assert_eq!(Millis::parse("2024-02-29"), Some(Millis(1_709_164_800_000)));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "T",
            "2026-13-01",
            "2026-02-30",
            "2026-01-01T25:00:00Z",
            "2026-01-01T12:00:00",
            "1600-01-01",
            "2026-01-01T12:00:00+1",
            "2026-01-01T12:00:00.Z",
            "2026-1-1",
            "yesterday",
            "2026-01-01T12:00:00+0a00",
            "2026-01-01T+2:00:00Z",
        ] {
            assert_eq!(Millis::parse(text), None, "{text}");
        }
    }

    #[test]
    fn seconds_are_those_that_clients_see() {
        assert_eq!(Millis(2_000).seconds_since(Millis(1_999)), 1);
        assert_eq!(Millis(1_000).seconds_since(Millis(9_000)), 0);
    }
}

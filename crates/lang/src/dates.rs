//! Dates as SOQL counts them: ranges of date literals, parts of dates, both in a time zone.
//!
//! Weeks begin by the user's locale; the fiscal year is the calendar year.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use model::{Days, Millis, Value};

use crate::ast::{Relative, Unit};
use crate::plan::DatePart;

impl DatePart {
    /// All of them, with their names in SOQL.
    pub const ALL: [(&'static str, DatePart); 13] = [
        ("CALENDAR_MONTH", DatePart::CalendarMonth),
        ("CALENDAR_QUARTER", DatePart::CalendarQuarter),
        ("CALENDAR_YEAR", DatePart::CalendarYear),
        ("DAY_IN_MONTH", DatePart::DayInMonth),
        ("DAY_IN_WEEK", DatePart::DayInWeek),
        ("DAY_IN_YEAR", DatePart::DayInYear),
        ("DAY_ONLY", DatePart::DayOnly),
        ("FISCAL_MONTH", DatePart::FiscalMonth),
        ("FISCAL_QUARTER", DatePart::FiscalQuarter),
        ("FISCAL_YEAR", DatePart::FiscalYear),
        ("HOUR_IN_DAY", DatePart::HourInDay),
        ("WEEK_IN_MONTH", DatePart::WeekInMonth),
        ("WEEK_IN_YEAR", DatePart::WeekInYear),
    ];

    /// Its name in SOQL.
    pub fn name(self) -> &'static str {
        let found = Self::ALL.iter().find(|(_, part)| *part == self);
        found.map_or("", |(name, _)| name)
    }

    /// The date function of this name, in any case.
    pub fn named(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        found.map(|(_, part)| *part)
    }

    /// Works on datetimes only.
    pub fn needs_time(self) -> bool {
        matches!(self, Self::DayOnly | Self::HourInDay)
    }
}

/// The zone of an IANA name; UTC if it is unknown.
pub fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// A part of a date or datetime; a datetime is read in `zone`. Null for anything else.
pub fn part(part: DatePart, value: &Value, zone: &TimeZone) -> Value {
    let (date, hour) = match value {
        Value::Date(day) => (day.civil(), 0),
        Value::DateTime(at) => match jiff::Timestamp::from_millisecond(at.0) {
            Ok(at) => {
                let local = zone.to_datetime(at);
                (Some(local.date()), local.hour())
            }
            Err(_) => (None, 0),
        },
        _ => (None, 0),
    };
    date.map_or(Value::Null, |date| part_of(part, date, hour))
}

fn part_of(part: DatePart, date: Date, hour: i8) -> Value {
    use DatePart as P;
    let number = match part {
        P::CalendarMonth | P::FiscalMonth => i64::from(date.month()),
        P::CalendarQuarter | P::FiscalQuarter => i64::from((date.month() - 1) / 3 + 1),
        P::CalendarYear | P::FiscalYear => i64::from(date.year()),
        P::DayInMonth => i64::from(date.day()),
        P::DayInWeek => i64::from(date.weekday().to_sunday_one_offset()),
        P::DayInYear => i64::from(date.day_of_year()),
        P::DayOnly => return Value::Date(Days::from_civil(date)),
        P::HourInDay => i64::from(hour),
        P::WeekInMonth => i64::from((date.day() - 1) / 7 + 1),
        P::WeekInYear => i64::from((date.day_of_year() - 1) / 7 + 1),
    };
    Value::Int(number)
}

/// The first instant of a day in a zone.
pub fn start_of(day: Days, zone: &TimeZone) -> Option<Millis> {
    let start = day.civil()?.to_zoned(zone.clone()).ok()?;
    Some(Millis(start.timestamp().as_millisecond()))
}

/// The calendar day of an instant in a zone.
pub fn day_of(at: Millis, zone: &TimeZone) -> Option<Days> {
    let at = jiff::Timestamp::from_millisecond(at.0).ok()?;
    Some(Days::from_civil(zone.to_datetime(at).date()))
}

/// The days of a date literal, first one in, last one out. `None` outside the calendar.
pub(crate) fn range(relative: Relative, today: Days, week_start: Weekday) -> Option<(Days, Days)> {
    let end = relative.first.checked_add(relative.count)?;
    let start = unit_start(relative.unit, today, relative.first, week_start)?;
    let end = unit_start(relative.unit, today, end, week_start)?;
    (start <= end).then_some((start, end))
}

/// The first day of the unit that is `steps` away from that of today.
fn unit_start(unit: Unit, today: Days, steps: i64, week_start: Weekday) -> Option<Days> {
    let date = today.civil()?;
    let months = match unit {
        Unit::Day => return plus_days(today, steps),
        Unit::Week => {
            let into = i64::from(week_start.until(date.weekday()));
            return plus_days(today, steps.checked_mul(7)?.checked_sub(into)?);
        }
        Unit::Month => 1,
        Unit::Quarter => 3,
        Unit::Year => 12,
    };
    let this = (i64::from(date.year()) * 12 + i64::from(date.month()) - 1).div_euclid(months);
    let month = this.checked_add(steps)?.checked_mul(months)?;
    let year = i16::try_from(month.div_euclid(12)).ok()?;
    let first = Date::new(year, i8::try_from(month.rem_euclid(12)).ok()? + 1, 1).ok()?;
    Some(Days::from_civil(first))
}

fn plus_days(day: Days, days: i64) -> Option<Days> {
    let sum = i32::try_from(i64::from(day.0).checked_add(days)?).ok()?;
    Days(sum).civil().map(|_| Days(sum))
}

/// Countries whose weeks begin on Sunday.
const SUNDAY: [&str; 56] = [
    "AG", "AS", "BD", "BR", "BS", "BT", "BW", "BZ", "CA", "CN", "CO", "DM", "DO", "ET", "GT", "GU",
    "HK", "HN", "ID", "IL", "IN", "JM", "JP", "KE", "KH", "KR", "LA", "MH", "MM", "MO", "MT", "MX",
    "MZ", "NI", "NP", "PA", "PE", "PH", "PK", "PR", "PT", "PY", "SA", "SG", "SV", "TH", "TT", "TW",
    "UM", "US", "VE", "VI", "WS", "YE", "ZA", "ZW",
];

/// The first day of the week where a locale such as `de_DE` is used; Sunday if it names no country.
pub fn week_start(locale: &str) -> Weekday {
    let country = locale.split(['_', '-']).nth(1);
    match country {
        Some(country) if !SUNDAY.contains(&country) => Weekday::Monday,
        _ => Weekday::Sunday,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(first: &str, last: &str) -> Option<(Days, Days)> {
        Some((Days::parse(first).unwrap(), Days::parse(last).unwrap()))
    }

    #[test]
    fn ranges_are_half_open() {
        // 2026-11-20 is a Friday
        let today = Days::parse("2026-11-20").unwrap();
        let range =
            |unit, first, count| range(Relative { unit, first, count }, today, Weekday::Sunday);
        assert_eq!(range(Unit::Day, 0, 1), days("2026-11-20", "2026-11-21"));
        assert_eq!(range(Unit::Week, 0, 1), days("2026-11-15", "2026-11-22"));
        assert_eq!(range(Unit::Month, -1, 1), days("2026-10-01", "2026-11-01"));
        assert_eq!(range(Unit::Month, 2, 1), days("2027-01-01", "2027-02-01"));
        assert_eq!(range(Unit::Quarter, 0, 1), days("2026-10-01", "2027-01-01"));
        assert_eq!(
            range(Unit::Quarter, -4, 4),
            days("2025-10-01", "2026-10-01")
        );
        assert_eq!(range(Unit::Year, 1, 1), days("2027-01-01", "2028-01-01"));
        assert_eq!(range(Unit::Year, -900_000, 1), None);
    }

    #[test]
    fn weeks_begin_by_locale() {
        assert_eq!(week_start("en_US"), Weekday::Sunday);
        assert_eq!(week_start("de_DE"), Weekday::Monday);
        assert_eq!(week_start("fr"), Weekday::Sunday);
        let sunday = Days::parse("2026-11-15").unwrap();
        let monday = unit_start(Unit::Week, sunday, 0, Weekday::Monday);
        assert_eq!(monday, Days::parse("2026-11-09"));
    }

    #[test]
    fn parts_follow_the_zone() {
        let at = Value::DateTime(Millis::parse("2025-12-31T23:30:00Z").unwrap());
        let berlin = zone("Europe/Berlin");
        assert_eq!(
            part(DatePart::CalendarYear, &at, &TimeZone::UTC),
            Value::Int(2025)
        );
        assert_eq!(part(DatePart::CalendarYear, &at, &berlin), Value::Int(2026));
        assert_eq!(part(DatePart::HourInDay, &at, &berlin), Value::Int(0));
        assert_eq!(
            part(DatePart::DayInWeek, &at, &TimeZone::UTC),
            Value::Int(4)
        );
        assert_eq!(
            part(DatePart::WeekInYear, &at, &TimeZone::UTC),
            Value::Int(53)
        );
        assert_eq!(part(DatePart::DayOnly, &Value::Null, &berlin), Value::Null);
    }

    #[test]
    fn a_day_begins_when_the_clock_says_so() {
        let berlin = zone("Europe/Berlin");
        let day = Days::parse("2026-03-29").unwrap(); // summer time begins
        let next = Days(day.0 + 1);
        let hours =
            (start_of(next, &berlin).unwrap().0 - start_of(day, &berlin).unwrap().0) / 3_600_000;
        assert_eq!(hours, 23);
        assert_eq!(day_of(start_of(day, &berlin).unwrap(), &berlin), Some(day));
    }
}

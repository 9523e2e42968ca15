//! FORMAT(): values as text for people, in the form of the locale en_US.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use model::{FieldType, Value};

/// The text of a value; null stays null and text stays as it is.
pub(crate) fn format(value: &Value, kind: FieldType, zone: &TimeZone) -> Value {
    match value {
        Value::Int(number) if kind == FieldType::Currency => money(*number as f64),
        Value::Int(number) => Value::from(grouped(&number.to_string())),
        Value::Double(number) if kind == FieldType::Currency => money(*number),
        Value::Double(number) => Value::from(grouped(&number.to_string())),
        Value::Date(day) => day.civil().map_or(Value::Null, |d| {
            Value::from(format!("{}/{}/{}", d.month(), d.day(), d.year()))
        }),
        Value::DateTime(at) => jiff::Timestamp::from_millisecond(at.0)
            .map_or(Value::Null, |at| moment(zone.to_datetime(at))),
        Value::Time(ms) => Value::from(clock(ms / 3_600_000, ms / 60_000 % 60)),
        Value::Null | Value::Bool(_) | Value::Text(_) | Value::Id(_) => value.clone(),
    }
}

fn money(number: f64) -> Value {
    let sign = if number < 0.0 { "-" } else { "" };
    Value::from(format!(
        "{sign}${}",
        grouped(&format!("{:.2}", number.abs()))
    ))
}

fn moment(at: DateTime) -> Value {
    let clock = clock(i32::from(at.hour()), i32::from(at.minute()));
    Value::from(format!(
        "{}/{}/{}, {clock}",
        at.month(),
        at.day(),
        at.year()
    ))
}

fn clock(hour: i32, minute: i32) -> String {
    let half = if hour < 12 { "AM" } else { "PM" };
    let hour = match hour % 12 {
        0 => 12,
        hour => hour,
    };
    format!("{hour}:{minute:02} {half}")
}

/// Thousands set apart by commas.
fn grouped(number: &str) -> String {
    let (sign, rest) = match number.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", number),
    };
    let (whole, fraction) = rest.split_once('.').unwrap_or((rest, ""));
    let mut text = String::from(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Days, Millis};

    #[test]
    fn values_read_as_people_write_them() {
        let berlin = crate::dates::zone("Europe/Berlin");
        let at = Value::DateTime(Millis::parse("2025-04-10T22:31:37Z").unwrap());
        let text = |value: &Value, kind| format(value, kind, &berlin);
        assert_eq!(text(&at, FieldType::Datetime), "4/11/2025, 12:31 AM".into());
        let day = Value::Date(Days::parse("2015-12-28").unwrap());
        assert_eq!(text(&day, FieldType::Date), "12/28/2015".into());
        assert_eq!(
            text(&Value::Double(44000.0), FieldType::Currency),
            "$44,000.00".into()
        );
        assert_eq!(
            text(&Value::Int(-1_234_567), FieldType::Int),
            "-1,234,567".into()
        );
        assert_eq!(
            text(&Value::Double(999.5), FieldType::Double),
            "999.5".into()
        );
        assert_eq!(text(&Value::Null, FieldType::Int), Value::Null);
    }
}

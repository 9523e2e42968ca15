//! What a client's scalar becomes in a field: coercions and their refusals (rest-api.md 1.6).
//!
//! Clients send every value as text ("7", "true"), so text is read by the field's type. Lengths,
//! picklists and references are the engine's to check.

use std::borrow::Cow;

use model::{Code, Days, FieldDef, FieldType, Millis, RecordId, Refusal, Value};

use crate::json;

/// A scalar as a client sent it, in JSON, XML or CSV.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar<'a> {
    /// Null, or an element that is nil.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text.
    Text(Cow<'a, str>),
}

impl Scalar<'_> {
    fn kind(&self) -> String {
        match self {
            Self::Null => "VALUE_NULL".to_owned(),
            Self::Bool(flag) => format!("VALUE_BOOLEAN value {flag}"),
            Self::Int(number) => format!("VALUE_NUMBER value {number}"),
            Self::Float(number) => format!("VALUE_NUMBER value {number}"),
            Self::Text(text) => format!("VALUE_STRING value {}", json::clip(text)),
        }
    }
}

/// The value of `field` that a client means by `scalar`.
///
/// # Errors
/// JSON_PARSER_ERROR if the scalar is none of the field's type, MALFORMED_ID for text that is no id.
pub fn coerce(field: &FieldDef, scalar: Scalar<'_>) -> Result<Value, Refusal> {
    use FieldType as T;
    if let Scalar::Null = scalar {
        return Ok(Value::Null);
    }
    let read = match field.kind {
        T::Id | T::Reference => return id(field, &scalar),
        T::Boolean => boolean(&scalar),
        T::Int => whole(&scalar),
        T::Double | T::Currency | T::Percent => number(&scalar),
        T::Date => timed(&scalar, |t| date(t).map(Value::Date)),
        T::Datetime => timed(&scalar, |t| Millis::parse(t).map(Value::DateTime)),
        T::Time => timed(&scalar, |t| clock(t).map(Value::Time)),
        T::Address | T::Location | T::ComplexValue | T::JunctionIdList => None,
        _ => return Ok(text(scalar)),
    };
    read.ok_or_else(|| json::cannot_deserialize(field.kind.as_str(), &scalar.kind()))
}

fn text(scalar: Scalar<'_>) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Bool(flag) => Value::from(if flag { "true" } else { "false" }),
        Scalar::Int(number) => Value::from(number.to_string()),
        Scalar::Float(number) => Value::from(format!("{number:?}")),
        Scalar::Text(text) => Value::text(text.as_ref()),
    }
}

fn id(field: &FieldDef, scalar: &Scalar<'_>) -> Result<Value, Refusal> {
    let text = match scalar {
        Scalar::Text(text) => text.trim(),
        other => return Err(json::cannot_deserialize("id", &other.kind())),
    };
    if text.is_empty() {
        return Ok(Value::Null);
    }
    RecordId::parse(text)
        .map(Value::Id)
        .map_err(|_| malformed_id(&field.name, text))
}

/// MALFORMED_ID about a field.
pub fn malformed_id(field: &str, text: &str) -> Refusal {
    let message = format!("{field}: id value of incorrect type: {}", json::clip(text));
    Refusal::about(Code::MalformedId, message, [field])
}

fn boolean(scalar: &Scalar<'_>) -> Option<Value> {
    match scalar {
        Scalar::Bool(flag) => Some(Value::Bool(*flag)),
        Scalar::Text(text) => match text.trim() {
            "" => Some(Value::Null),
            t if t.eq_ignore_ascii_case("true") || t == "1" => Some(Value::Bool(true)),
            t if t.eq_ignore_ascii_case("false") || t == "0" => Some(Value::Bool(false)),
            _ => None,
        },
        _ => None,
    }
}

fn whole(scalar: &Scalar<'_>) -> Option<Value> {
    let from_float = |number: f64| {
        let fits = number.fract() == 0.0 && number.abs() < 9.0e15;
        fits.then_some(Value::Int(number as i64))
    };
    match scalar {
        Scalar::Int(number) => Some(Value::Int(*number)),
        Scalar::Float(number) => from_float(*number),
        Scalar::Text(text) => match text.trim() {
            "" => Some(Value::Null),
            t => t
                .parse()
                .map(Value::Int)
                .ok()
                .or_else(|| from_float(decimal(t)?)),
        },
        _ => None,
    }
}

fn number(scalar: &Scalar<'_>) -> Option<Value> {
    match scalar {
        Scalar::Int(number) => Some(Value::Double(*number as f64)),
        Scalar::Float(number) => number.is_finite().then_some(Value::Double(*number)),
        Scalar::Text(text) => match text.trim() {
            "" => Some(Value::Null),
            t => decimal(t).map(Value::Double),
        },
        _ => None,
    }
}

/// Digits, point and exponent only: no `inf`, `nan` or hexadecimal.
fn decimal(text: &str) -> Option<f64> {
    let plain = text.len() <= 40
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    let number: f64 = if plain {
        text.parse().ok()?
    } else {
        return None;
    };
    number.is_finite().then_some(number)
}

fn timed(scalar: &Scalar<'_>, read: impl Fn(&str) -> Option<Value>) -> Option<Value> {
    match scalar {
        Scalar::Text(text) => match text.trim() {
            "" => Some(Value::Null),
            t => read(t),
        },
        _ => None,
    }
}

fn date(text: &str) -> Option<Days> {
    Days::parse(text).or_else(|| {
        let day = Millis::parse(text)?.0.div_euclid(86_400_000);
        i32::try_from(day).ok().map(Days)
    })
}

/// Milliseconds since midnight of `hh:mm[:ss[.fff]]` with an optional `Z`.
fn clock(text: &str) -> Option<i32> {
    let zoned = if text.ends_with(['Z', 'z']) {
        text.to_owned()
    } else {
        format!("{text}Z")
    };
    let at = Millis::parse(&format!("1970-01-01T{zoned}"))?.0;
    i32::try_from(at)
        .ok()
        .filter(|ms| (0..86_400_000).contains(ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: FieldType, scalar: Scalar<'_>) -> Result<Value, Code> {
        let field = FieldDef {
            name: "F".to_owned(),
            kind,
            ..FieldDef::default()
        };
        coerce(&field, scalar).map_err(|r| r.code)
    }
    fn t(text: &str) -> Scalar<'_> {
        Scalar::Text(Cow::Borrowed(text))
    }

    #[test]
    fn texts_are_read_by_the_type_of_the_field() {
        use FieldType as T;
        assert_eq!(of(T::Int, t("7")), Ok(Value::Int(7)));
        assert_eq!(of(T::Int, t("7.0")), Ok(Value::Int(7)));
        assert_eq!(of(T::Int, Scalar::Float(7.0)), Ok(Value::Int(7)));
        assert_eq!(of(T::Double, t("1e3")), Ok(Value::Double(1000.0)));
        assert_eq!(of(T::Boolean, t("TRUE")), Ok(Value::Bool(true)));
        assert_eq!(of(T::String, Scalar::Int(5)), Ok(Value::from("5")));
        assert_eq!(of(T::String, t("")), Ok(Value::Null));
        assert_eq!(
            of(T::Date, t("2026-01-01T10:00:00Z")),
            Ok(Value::Date(Days(20_454)))
        );
        assert_eq!(
            of(T::Datetime, t("2026-01-01")),
            Ok(Value::DateTime(Days(20_454).midnight()))
        );
        assert_eq!(of(T::Time, t("10:00:00.000Z")), Ok(Value::Time(36_000_000)));
        assert_eq!(of(T::Time, t("10:00")), Ok(Value::Time(36_000_000)));
        assert_eq!(of(T::Reference, t("")), Ok(Value::Null));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        use FieldType as T;
        for (kind, scalar) in [
            (T::Int, t("x")),
            (T::Int, Scalar::Float(1.5)),
            (T::Int, Scalar::Bool(true)),
            (T::Double, t("inf")),
            (T::Double, t("0x1")),
            (T::Boolean, t("yes")),
            (T::Boolean, Scalar::Int(1)),
            (T::Date, t("tomorrow")),
            (T::Datetime, Scalar::Int(5)),
            (T::Time, t("25:00:00")),
            (T::Address, t("x")),
            (T::Reference, Scalar::Int(5)),
        ] {
            assert_eq!(
                of(kind, scalar.clone()),
                Err(Code::JsonParserError),
                "{kind:?} {scalar:?}"
            );
        }
        assert_eq!(of(T::Reference, t("xyz")), Err(Code::MalformedId));
    }
}

//! Literals as values of a field's type, or the refusal that tells what the type wants.

use model::{Code, Days, FieldType, Millis, RecordId, Refusal, Value};

use super::Env;
use super::functions::Term;
use crate::ast::{Literal, LiteralValue};
use crate::dates;

/// A literal as a field sees it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Typed {
    /// NULL or empty text.
    Null,
    /// One value.
    Value(Value),
    /// A half-open range: a date literal, or a datetime at second precision.
    Span(Value, Value),
}

impl Env<'_> {
    pub fn typed(&self, term: &Term<'_>, literal: &Literal) -> Result<Typed, Refusal> {
        use FieldType as T;
        if literal.value == LiteralValue::Null {
            return Ok(Typed::Null);
        }
        let value = match term.kind {
            T::Id | T::Reference => return self.id(term, literal),
            T::Boolean => match &literal.value {
                LiteralValue::Bool(value) => Some(Value::Bool(*value)),
                _ => None,
            },
            T::Int | T::Double | T::Currency | T::Percent => self.number(term.kind, literal)?,
            T::Date => return self.date(term, literal),
            T::Datetime => return self.datetime(term, literal),
            T::Time => match &literal.value {
                LiteralValue::Time(ms) => Some(Value::Time(*ms)),
                _ => None,
            },
            T::String
            | T::Textarea
            | T::Picklist
            | T::Multipicklist
            | T::Combobox
            | T::Email
            | T::Phone
            | T::Url => match &literal.value {
                LiteralValue::Text(text) if text.text.is_empty() => return Ok(Typed::Null),
                LiteralValue::Text(text) => Some(Value::from(text.text.as_str())),
                _ => None,
            },
            T::Address | T::Location | T::ComplexValue | T::JunctionIdList => None,
        };
        value
            .map(Typed::Value)
            .ok_or_else(|| self.wrong_type(term, literal))
    }

    /// A value of the wrong kind (rest-api.md 6.3, 17).
    pub fn wrong_type(&self, term: &Term<'_>, literal: &Literal) -> Refusal {
        let quotes = match wants_quotes(term.kind) {
            true => "should be enclosed in quotes",
            false => "should not be enclosed in quotes",
        };
        let reason = format!(
            "value of filter criterion for field '{}' must be of type {} and {quotes}",
            term.shown,
            type_name(term.kind)
        );
        self.invalid_field(literal.at, reason)
    }

    fn id(&self, term: &Term<'_>, literal: &Literal) -> Result<Typed, Refusal> {
        let LiteralValue::Text(text) = &literal.value else {
            return Err(self.wrong_type(term, literal));
        };
        if text.text.is_empty() {
            return Ok(Typed::Null);
        }
        match RecordId::parse(&text.text) {
            Ok(id) => Ok(Typed::Value(Value::Id(id))),
            Err(_) => Err(self.refuse(
                Code::InvalidQueryFilterOperator,
                literal.at,
                format!("invalid ID field: {}", text.text),
            )),
        }
    }

    fn number(&self, kind: FieldType, literal: &Literal) -> Result<Option<Value>, Refusal> {
        let too_large = || {
            let reason = "the number is outside the valid range of the field";
            self.refuse(Code::NumberOutsideValidRange, literal.at, reason)
        };
        Ok(match &literal.value {
            LiteralValue::Int(number) => {
                if kind == FieldType::Int && i32::try_from(*number).is_err() {
                    return Err(too_large());
                }
                Some(Value::Int(*number))
            }
            LiteralValue::Double(number) => {
                if kind == FieldType::Int && number.abs() > f64::from(i32::MAX) {
                    return Err(too_large());
                }
                Some(Value::Double(*number))
            }
            LiteralValue::TooLarge => return Err(too_large()),
            LiteralValue::Currency(amount) if kind == FieldType::Currency => {
                Some(Value::Double(*amount))
            }
            _ => None,
        })
    }

    fn date(&self, term: &Term<'_>, literal: &Literal) -> Result<Typed, Refusal> {
        let (from, to) = match &literal.value {
            LiteralValue::Date(day) => (*day, Days(day.0.saturating_add(1))),
            LiteralValue::Relative(_) => self.days(literal)?,
            _ => return Err(self.wrong_type(term, literal)),
        };
        Ok(Typed::Span(Value::Date(from), Value::Date(to)))
    }

    fn datetime(&self, term: &Term<'_>, literal: &Literal) -> Result<Typed, Refusal> {
        let (from, to) = match &literal.value {
            LiteralValue::DateTime(at) => {
                let second = Millis(at.seconds().saturating_mul(1_000));
                (second, second.plus_s(1))
            }
            LiteralValue::Relative(_) => {
                let (from, to) = self.days(literal)?;
                let start = |day| {
                    dates::start_of(day, &self.zone).ok_or_else(|| self.outside_calendar(literal))
                };
                (start(from)?, start(to)?)
            }
            _ => return Err(self.wrong_type(term, literal)),
        };
        Ok(Typed::Span(Value::DateTime(from), Value::DateTime(to)))
    }

    fn days(&self, literal: &Literal) -> Result<(Days, Days), Refusal> {
        let LiteralValue::Relative(relative) = &literal.value else {
            return Err(self.outside_calendar(literal));
        };
        dates::range(*relative, self.today, self.week_start)
            .ok_or_else(|| self.outside_calendar(literal))
    }

    fn outside_calendar(&self, literal: &Literal) -> Refusal {
        let reason = "the date literal reaches outside the calendar";
        self.refuse(Code::NumberOutsideValidRange, literal.at, reason)
    }
}

fn wants_quotes(kind: FieldType) -> bool {
    kind.is_text() || matches!(kind, FieldType::Id | FieldType::Reference)
}

fn type_name(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Datetime => "dateTime",
        FieldType::Id | FieldType::Reference => "ID",
        kind if kind.is_text() => "string",
        kind => kind.as_str(),
    }
}

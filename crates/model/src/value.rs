//! One field's value, as the engine and the stores see it. Wire forms are made elsewhere.

use std::sync::Arc;

use crate::{Days, Millis, RecordId};

/// A field value. Empty text is [`Value::Null`] (rest-api.md 1.6); no client can store the former.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// No value.
    #[default]
    Null,
    /// `boolean` fields; never null once stored.
    Bool(bool),
    /// `int` fields.
    Int(i64),
    /// `double`, `currency` and `percent` fields. Always finite.
    Double(f64),
    /// Every kind of text, picklists included; multipicklists as `a;b`.
    Text(Arc<str>),
    /// `id` and `reference` fields.
    Id(RecordId),
    /// `datetime` fields, to the millisecond.
    DateTime(Millis),
    /// `date` fields.
    Date(Days),
    /// `time` fields: milliseconds since midnight.
    Time(i32),
}

impl Value {
    /// Text, or null if it is empty.
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        if text.is_empty() {
            Self::Null
        } else {
            Self::Text(text)
        }
    }

    /// True for [`Value::Null`].
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self {
            Some(text)
        } else {
            None
        }
    }

    /// The id, if it is one.
    pub fn as_id(&self) -> Option<RecordId> {
        if let Self::Id(id) = self {
            Some(*id)
        } else {
            None
        }
    }

    /// True only for a true boolean: a missing boolean is false (rest-api.md 6.3, 3).
    pub fn is_true(&self) -> bool {
        matches!(self, Self::Bool(true))
    }

    /// The whole number, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        if let Self::Int(number) = self {
            Some(*number)
        } else {
            None
        }
    }

    /// The number of an int or a double.
    pub fn as_double(&self) -> Option<f64> {
        match self {
            Self::Double(number) => Some(*number),
            Self::Int(number) => Some(*number as f64),
            _ => None,
        }
    }

    /// The instant, if it is one.
    pub fn as_millis(&self) -> Option<Millis> {
        if let Self::DateTime(at) = self {
            Some(*at)
        } else {
            None
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}
impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}
impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Double(value)
    }
}
impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::text(value)
    }
}
impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::text(value)
    }
}
impl From<RecordId> for Value {
    fn from(value: RecordId) -> Self {
        Self::Id(value)
    }
}
impl From<Millis> for Value {
    fn from(value: Millis) -> Self {
        Self::DateTime(value)
    }
}
impl From<Days> for Value {
    fn from(value: Days) -> Self {
        Self::Date(value)
    }
}
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

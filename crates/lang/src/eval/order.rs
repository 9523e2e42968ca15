//! How values compare and rows sort.

use std::cmp::Ordering;

use model::Value;

use crate::plan::{Order, Rank};
use crate::text;

/// Order of two values of one kind. Text goes by [`text::compare`] unless `exact`; values of different
/// kinds are put in a fixed order, nulls first.
pub fn compare_values(a: &Value, b: &Value, exact: bool) -> Ordering {
    use Value as V;
    match (a, b) {
        (V::Text(a), V::Text(b)) if exact => a.cmp(b),
        (V::Text(a), V::Text(b)) => text::compare(a, b),
        (V::Bool(a), V::Bool(b)) => a.cmp(b),
        (V::Int(a), V::Int(b)) => a.cmp(b),
        (V::Int(_) | V::Double(_), V::Int(_) | V::Double(_)) => numbers(a, b),
        (V::Id(a), V::Id(b)) => a.cmp(b),
        (V::DateTime(a), V::DateTime(b)) => a.cmp(b),
        (V::Date(a), V::Date(b)) => a.cmp(b),
        (V::Time(a), V::Time(b)) => a.cmp(b),
        _ => kind(a).cmp(&kind(b)),
    }
}

fn numbers(a: &Value, b: &Value) -> Ordering {
    let (a, b) = (a.as_double(), b.as_double());
    a.partial_cmp(&b).unwrap_or(Ordering::Equal)
}

fn kind(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Int(_) | Value::Double(_) => 2,
        Value::Text(_) => 3,
        Value::Id(_) => 4,
        Value::DateTime(_) => 5,
        Value::Date(_) => 6,
        Value::Time(_) => 7,
    }
}

/// Order of two values where text goes by a list: [`Order::rank`].
pub(super) fn ranked(a: &Value, b: &Value, rank: Option<&Rank>) -> Ordering {
    let Some(rank) = rank else {
        return compare_values(a, b, false);
    };
    let place = |value: &Value| {
        let text = value.as_text().unwrap_or_default();
        rank.iter()
            .position(|entry| text::same(entry, text))
            .unwrap_or(rank.len())
    };
    place(a)
        .cmp(&place(b))
        .then_with(|| compare_values(a, b, false))
}

/// Order of two rows by the values of their sort keys.
pub(super) fn by_keys(order: &[Order], a: &[Value], b: &[Value]) -> Ordering {
    let pairs = order.iter().zip(a.iter().zip(b));
    for (key, (a, b)) in pairs {
        let way = by_key(key, a, b);
        if way != Ordering::Equal {
            return way;
        }
    }
    Ordering::Equal
}

fn by_key(key: &Order, a: &Value, b: &Value) -> Ordering {
    match (a.is_null(), b.is_null()) {
        (true, true) => Ordering::Equal,
        (true, false) if key.nulls_first => Ordering::Less,
        (true, false) => Ordering::Greater,
        (false, true) if key.nulls_first => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => {
            let way = ranked(a, b, key.rank.as_ref());
            if key.descending { way.reverse() } else { way }
        }
    }
}

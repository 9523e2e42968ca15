//! Capacity as whole numbers: 1/10000 of a unit, so that weights and percentages are exact (R97).

use model::Value;

/// Whole units.
pub fn whole(units: i64) -> i64 {
    units * 10_000
}

/// A weight or a percentage of a row.
pub fn of(value: &Value) -> Option<i64> {
    value
        .as_double()
        .map(|number| (number * 10_000.0).round() as i64)
}

/// So many per cent of a capacity.
pub fn percent_of(percentage: i64, capacity: i64) -> i64 {
    (i128::from(percentage) * i128::from(capacity) / 1_000_000) as i64
}

/// For people.
pub fn show(units: i64) -> String {
    format!("{}", units as f64 / 10_000.0)
}

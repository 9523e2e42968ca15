//! What a formula gives for its inputs.

use std::cmp::Ordering;

use model::{Days, FieldType, Millis, Value};

use super::{Formula, Function, Node};
use crate::dates;

/// A text that grows longer is blank: only a chain of SUBSTITUTE can do so.
const TEXT_MAX: usize = 16_000;
const DAY_MS: f64 = 86_400_000.0;

impl Formula {
    /// The value for these inputs, which stand in the order of [`Formula::inputs`]. A checkbox is never null.
    pub fn value(&self, inputs: &[Value]) -> Value {
        let value = self.node(&self.node, inputs);
        self.as_field(value)
    }

    /// As the field stores it.
    fn as_field(&self, value: Value) -> Value {
        use FieldType as T;
        match (self.kind, value) {
            (T::Boolean, value) => Value::Bool(value.is_true()),
            (T::Int, value) => number(&value).map_or(Value::Null, |n| whole(n.round())),
            (T::Double | T::Currency | T::Percent, value) => {
                number(&value).map_or(Value::Null, |n| finite(rounded(n, self.scale)))
            }
            (T::Date, Value::DateTime(at)) => {
                dates::day_of(at, &self.zone).map_or(Value::Null, Value::Date)
            }
            (T::Date, value @ Value::Date(_)) | (T::Datetime, value @ Value::DateTime(_)) => value,
            (kind, value) if kind.is_text() => match text(&value) {
                text if text.is_empty() => Value::Null,
                text => Value::from(text),
            },
            _ => Value::Null,
        }
    }

    fn node(&self, node: &Node<usize>, inputs: &[Value]) -> Value {
        match node {
            Node::Literal(value) => value.clone(),
            Node::Field(at) => inputs.get(*at).cloned().unwrap_or_default(),
            Node::Call(function, args) => self.call(*function, args, inputs),
        }
    }

    fn call(&self, function: Function, args: &[Node<usize>], inputs: &[Value]) -> Value {
        use Function as F;
        let at = |n: usize| {
            args.get(n)
                .map_or(Value::Null, |arg| self.node(arg, inputs))
        };
        let txt = |n: usize| text(&at(n));
        let num = |n: usize| number(&at(n));
        let with = |f: fn(f64) -> f64| num(0).map_or(Value::Null, |n| finite(f(n)));
        match function {
            F::If => at(if at(0).is_true() { 1 } else { 2 }),
            F::Case => self.case(args, inputs),
            F::And => Value::Bool((0..args.len()).all(|n| at(n).is_true())),
            F::Or => Value::Bool((0..args.len()).any(|n| at(n).is_true())),
            F::Not => Value::Bool(!at(0).is_true()),
            F::IsBlank | F::IsNull => Value::Bool(is_blank(&at(0))),
            F::BlankValue | F::NullValue => match at(0) {
                value if is_blank(&value) => at(1),
                value => value,
            },
            F::IsPickVal => Value::Bool(txt(0) == txt(1)),
            F::Text => Value::from(txt(0)),
            F::Number => txt(0).trim().parse().map_or(Value::Null, finite),
            F::Len => whole(txt(0).chars().count() as f64),
            F::Left => part(&txt(0), 0, num(1)),
            F::Right => {
                let all = txt(0);
                let count = count_of(num(1));
                let from = all.chars().count().saturating_sub(count);
                part(&all, from, num(1))
            }
            F::Mid => part(&txt(0), count_of(num(1)).saturating_sub(1), num(2)),
            F::Upper => bounded(txt(0).to_uppercase()),
            F::Lower => bounded(txt(0).to_lowercase()),
            F::Trim => Value::from(txt(0).trim()),
            F::Contains => Value::Bool(txt(0).contains(&txt(1))),
            F::Begins => Value::Bool(txt(0).starts_with(&txt(1))),
            F::Substitute => match txt(1) {
                old if old.is_empty() => at(0),
                old => bounded(txt(0).replace(&old, &txt(2))),
            },
            F::Abs => with(f64::abs),
            F::Floor => with(f64::floor),
            F::Ceiling => with(f64::ceil),
            F::Round => match (num(0), num(1)) {
                (Some(n), Some(digits)) => finite(rounded_to(n, digits)),
                _ => Value::Null,
            },
            F::Mod => self.both(args, inputs, |a, b| a - b * (a / b).floor()),
            F::Min => self.extreme(args, inputs, Ordering::Less),
            F::Max => self.extreme(args, inputs, Ordering::Greater),
            F::Now => Value::DateTime(self.now),
            F::Today => dates::day_of(self.now, &self.zone).map_or(Value::Null, Value::Date),
            F::Date => date(num(0), num(1), num(2)),
            F::DateValue => self.date_value(&at(0)),
            F::Year => self.civil(&at(0), |d| f64::from(d.year())),
            F::Month => self.civil(&at(0), |d| f64::from(d.month())),
            F::Day => self.civil(&at(0), |d| f64::from(d.day())),
            F::Join => bounded(txt(0) + &txt(1)),
            F::Add => sum(&at(0), &at(1)),
            F::Subtract => difference(&at(0), &at(1)),
            F::Negate => with(|n| -n),
            F::Multiply => self.both(args, inputs, |a, b| a * b),
            F::Divide => self.both(args, inputs, |a, b| a / b),
            F::Power => self.both(args, inputs, f64::powf),
            F::Eq => Value::Bool(same(&at(0), &at(1))),
            F::Ne => Value::Bool(!same(&at(0), &at(1))),
            F::Lt => Value::Bool(compare(&at(0), &at(1)).is_some_and(Ordering::is_lt)),
            F::Le => Value::Bool(compare(&at(0), &at(1)).is_some_and(Ordering::is_le)),
            F::Gt => Value::Bool(compare(&at(0), &at(1)).is_some_and(Ordering::is_gt)),
            F::Ge => Value::Bool(compare(&at(0), &at(1)).is_some_and(Ordering::is_ge)),
        }
    }

    /// CASE(of, value, result, ..., otherwise).
    fn case(&self, args: &[Node<usize>], inputs: &[Value]) -> Value {
        let Some((of, rest)) = args.split_first() else {
            return Value::Null;
        };
        let of = self.node(of, inputs);
        for pair in rest.chunks(2) {
            match pair {
                [value, result] if same(&of, &self.node(value, inputs)) => {
                    return self.node(result, inputs);
                }
                [otherwise] => return self.node(otherwise, inputs),
                _ => {}
            }
        }
        Value::Null
    }

    fn both(&self, args: &[Node<usize>], inputs: &[Value], f: fn(f64, f64) -> f64) -> Value {
        match args {
            [a, b] => match (number(&self.node(a, inputs)), number(&self.node(b, inputs))) {
                (Some(a), Some(b)) => finite(f(a, b)),
                _ => Value::Null,
            },
            _ => Value::Null,
        }
    }

    fn extreme(&self, args: &[Node<usize>], inputs: &[Value], wanted: Ordering) -> Value {
        let numbers = args.iter().map(|arg| number(&self.node(arg, inputs)));
        let Some(numbers) = numbers.collect::<Option<Vec<f64>>>() else {
            return Value::Null;
        };
        let better = |a: f64, b: f64| if a.total_cmp(&b) == wanted { a } else { b };
        numbers
            .into_iter()
            .reduce(better)
            .map_or(Value::Null, finite)
    }

    fn day(&self, value: &Value) -> Option<Days> {
        match value {
            Value::Date(day) => Some(*day),
            Value::DateTime(at) => dates::day_of(*at, &self.zone),
            _ => None,
        }
    }

    fn date_value(&self, value: &Value) -> Value {
        let day = match value {
            Value::Text(text) => Days::parse(text.trim()),
            other => self.day(other),
        };
        day.map_or(Value::Null, Value::Date)
    }

    fn civil(&self, value: &Value, part: fn(jiff::civil::Date) -> f64) -> Value {
        let date = self.day(value).and_then(Days::civil);
        date.map_or(Value::Null, |date| whole(part(date)))
    }
}

fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_text().is_some_and(str::is_empty)
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(n) => Some(*n as f64),
        Value::Double(n) => Some(*n),
        _ => None,
    }
}

/// As TEXT() shows it; blank is empty.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(flag) => flag.to_string(),
        Value::Int(n) => n.to_string(),
        Value::Double(n) => n.to_string(),
        Value::Text(text) => text.to_string(),
        Value::Id(id) => id.to_string(),
        Value::Date(day) => day.to_string(),
        Value::DateTime(at) => at.to_xml().replace('T', " ").replace(".000Z", "Z"),
        Value::Time(ms) => {
            let s = ms.rem_euclid(86_400_000) / 1_000;
            format!("{:02}:{:02}:{:02}", s / 3_600, s / 60 % 60, s % 60)
        }
    }
}

fn finite(n: f64) -> Value {
    match n.is_finite() {
        true => Value::Double(n),
        false => Value::Null,
    }
}

fn whole(n: f64) -> Value {
    let fits = n.abs() < 9_007_199_254_740_992.0;
    if fits {
        Value::Int(n as i64)
    } else {
        Value::Null
    }
}

fn rounded(n: f64, scale: Option<u32>) -> f64 {
    scale.map_or(n, |digits| rounded_to(n, f64::from(digits)))
}

/// Half away from zero, at so many digits behind the point.
fn rounded_to(n: f64, digits: f64) -> f64 {
    let factor = 10_f64.powf(digits.clamp(-15.0, 15.0).trunc());
    match (n * factor).round() / factor {
        shown if shown.is_finite() => shown,
        _ => n,
    }
}

fn count_of(n: Option<f64>) -> usize {
    n.map_or(0, |n| n.clamp(0.0, TEXT_MAX as f64) as usize)
}

fn part(text: &str, from: usize, count: Option<f64>) -> Value {
    let taken: String = text.chars().skip(from).take(count_of(count)).collect();
    Value::from(taken)
}

fn bounded(text: String) -> Value {
    match text.len() <= TEXT_MAX {
        true => Value::from(text),
        false => Value::Null,
    }
}

fn date(year: Option<f64>, month: Option<f64>, day: Option<f64>) -> Value {
    let (Some(year), Some(month), Some(day)) = (year, month, day) else {
        return Value::Null;
    };
    let text = format!(
        "{:04}-{:02}-{:02}",
        year.trunc(),
        month.trunc(),
        day.trunc()
    );
    Days::parse(&text).map_or(Value::Null, Value::Date)
}

/// Numbers, texts, and days added to a date or datetime.
fn sum(a: &Value, b: &Value) -> Value {
    match (a, b) {
        (Value::Date(day), n) | (n, Value::Date(day)) => later(*day, number(n)),
        (Value::DateTime(at), n) | (n, Value::DateTime(at)) => later_by_ms(*at, number(n)),
        (Value::Text(_), _) | (_, Value::Text(_)) => bounded(text(a) + &text(b)),
        _ => match (number(a), number(b)) {
            (Some(a), Some(b)) => finite(a + b),
            _ => Value::Null,
        },
    }
}

/// Numbers; days between dates or datetimes; days taken off one.
fn difference(a: &Value, b: &Value) -> Value {
    match (a, b) {
        (Value::Date(a), Value::Date(b)) => whole(f64::from(a.0) - f64::from(b.0)),
        (Value::DateTime(a), Value::DateTime(b)) => finite((a.0 as f64 - b.0 as f64) / DAY_MS),
        (Value::Date(day), n) => later(*day, number(n).map(|n| -n)),
        (Value::DateTime(at), n) => later_by_ms(*at, number(n).map(|n| -n)),
        _ => match (number(a), number(b)) {
            (Some(a), Some(b)) => finite(a - b),
            _ => Value::Null,
        },
    }
}

fn later(day: Days, days: Option<f64>) -> Value {
    let moved = days.map(|n| f64::from(day.0) + n.trunc());
    let fits = moved.filter(|n| n.abs() < 2_900_000.0); // years that a date can be written with
    let moved = fits
        .map(|n| Days(n as i32))
        .filter(|day| day.civil().is_some());
    moved.map_or(Value::Null, Value::Date)
}

fn later_by_ms(at: Millis, days: Option<f64>) -> Value {
    let moved = days.map(|n| at.0 as f64 + (n * DAY_MS).round());
    let fits = moved.filter(|n| n.abs() < 2.5e14);
    fits.map_or(Value::Null, |n| Value::DateTime(Millis(n as i64)))
}

/// Blank equals blank only.
fn same(a: &Value, b: &Value) -> bool {
    match (is_blank(a), is_blank(b)) {
        (true, true) => true,
        (false, false) => compare(a, b).is_some_and(Ordering::is_eq),
        _ => false,
    }
}

/// `None` for blanks and for values that do not compare.
fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
        (Value::Id(id), Value::Text(text)) | (Value::Text(text), Value::Id(id)) => {
            let is_same = model::RecordId::parse(text).is_ok_and(|other| other == *id);
            is_same.then_some(Ordering::Equal)
        }
        (Value::Id(a), Value::Id(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) => Some(a.0.cmp(&b.0)),
        (Value::DateTime(a), Value::DateTime(b)) => Some(a.seconds().cmp(&b.seconds())),
        (Value::Time(a), Value::Time(b)) => Some(a.cmp(b)),
        _ => number(a)?.partial_cmp(&number(b)?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::parse;
    use jiff::tz::TimeZone;

    /// The value of a formula without fields, as text of its kind.
    fn of(text: &str, kind: FieldType) -> Value {
        let node = parse(text).unwrap_or_else(|why| panic!("{text}: {why}"));
        let formula = Formula {
            node: numbered(node),
            inputs: Vec::new(),
            kind,
            scale: None,
            now: Millis(1_795_168_800_000), // 2026-11-20T10:00:00Z
            zone: TimeZone::UTC,
        };
        formula.value(&[])
    }

    fn numbered(node: Node<Vec<String>>) -> Node<usize> {
        match node {
            Node::Literal(value) => Node::Literal(value),
            Node::Field(name) => panic!("{name:?}"),
            Node::Call(f, args) => Node::Call(f, args.into_iter().map(numbered).collect()),
        }
    }

    #[test]
    fn numbers() {
        for (text, wanted) in [
            ("1 + 2 * 3", Some(7.0)),
            ("(1 + 2) * 3", Some(9.0)),
            ("2 ^ 10", Some(1_024.0)),
            ("-2 - -3", Some(1.0)),
            ("1 / 0", None),
            ("0 / 0", None),
            ("10 ^ 400", None),
            ("1 + NULL", None),
            ("MOD(7, 3)", Some(1.0)),
            ("MOD(-7, 3)", Some(2.0)),
            ("MOD(7, 0)", None),
            ("ROUND(2.345, 2)", Some(2.35)),
            ("ROUND(-2.5, 0)", Some(-3.0)),
            ("ROUND(1250, -2)", Some(1_300.0)),
            ("ABS(-4) + FLOOR(1.7) + CEILING(1.2)", Some(7.0)),
            ("MIN(3, 1, 2) + MAX(3, 1, 2)", Some(4.0)),
            ("VALUE('12.5') + LEN('Straße')", Some(18.5)),
            ("VALUE('x')", None),
            ("DATE(2026, 3, 1) - DATE(2026, 2, 1)", Some(28.0)),
            ("YEAR(TODAY()) * 100 + MONTH(TODAY())", Some(202_611.0)),
            ("DAY(DATEVALUE('2024-02-29'))", Some(29.0)),
            ("NOW() - (NOW() - 0.5)", Some(0.5)),
            ("IF(1 < 2, 1, 2)", Some(1.0)),
            ("CASE(3, 1, 10, 3, 30, 0)", Some(30.0)),
            ("CASE(4, 1, 10, 3, 30, 0)", Some(0.0)),
            ("BLANKVALUE(NULL, 5)", Some(5.0)),
        ] {
            let wanted = wanted.map_or(Value::Null, Value::Double);
            assert_eq!(of(text, FieldType::Double), wanted, "{text}");
        }
        assert_eq!(of("7 / 2", FieldType::Int), Value::Int(4));
    }

    #[test]
    fn texts() {
        for (text, wanted) in [
            ("'a' & 'b' & 1", "ab1"),
            ("'a' + 'b'", "ab"),
            ("'a' & NULL", "a"),
            ("UPPER('ab') & LOWER('CD') & TRIM('  x ')", "ABcdx"),
            ("LEFT('Straße', 5)", "Straß"),
            ("RIGHT('Straße', 2)", "ße"),
            ("RIGHT('ab', 9)", "ab"),
            ("MID('abcdef', 2, 3)", "bcd"),
            ("SUBSTITUTE('a-b-c', '-', '')", "abc"),
            ("TEXT(12.50)", "12.5"),
            ("TEXT(DATE(2026, 1, 2) + 30)", "2026-02-01"),
            ("TEXT(NOW())", "2026-11-20 10:00:00Z"),
            (
                "IF(CONTAINS('abc', 'b') && BEGINS('abc', 'a'), 'y', 'n')",
                "y",
            ),
            ("'it\\'s'", "it's"),
        ] {
            assert_eq!(of(text, FieldType::String), Value::from(wanted), "{text}");
        }
        for blank in ["''", "NULL", "LEFT('abc', -1)", "MID('abc', 9, 2)"] {
            assert_eq!(of(blank, FieldType::String), Value::Null, "{blank}");
        }
        let doubled = "SUBSTITUTE(".repeat(30) + "'aa'" + &",'a','aaaaaaaa')".repeat(30);
        assert_eq!(of(&doubled, FieldType::String), Value::Null);
    }

    #[test]
    fn conditions() {
        for (text, wanted) in [
            ("'a' = 'A'", false),
            ("'a' <> 'A'", true),
            ("NULL = NULL", true),
            ("'' = NULL", true),
            ("1 = NULL", false),
            ("1 < NULL", false),
            ("NOT(1 > NULL)", true),
            ("ISBLANK('') && ISBLANK(NULL) && !ISBLANK(0)", true),
            ("AND(TRUE, 1 = 1, OR(FALSE, 2 >= 2))", true),
            ("DATE(2026, 2, 30) = NULL", true),
            ("TODAY() > DATE(2026, 11, 19)", true),
            ("1 = 'x'", false),
            ("NULL", false),
        ] {
            assert_eq!(of(text, FieldType::Boolean), Value::Bool(wanted), "{text}");
        }
    }

    #[test]
    fn dates_far_away_are_blank() {
        for text in [
            "TODAY() + 10 ^ 12",
            "NOW() + 10 ^ 15",
            "DATE(99999, 1, 1)",
            "TODAY() - 10 ^ 300",
        ] {
            assert_eq!(of(text, FieldType::Date), Value::Null, "{text}");
        }
    }
}

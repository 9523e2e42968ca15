//! Literals: text, numbers, dates, and the words that stand for ranges of days.

use model::{Code, Days, Millis};

use super::{Parsed, Parser};
use crate::ast::{Literal, LiteralValue, Relative, Unit};
use crate::error::SyntaxError;
use crate::lexer::Kind;

impl Parser<'_> {
    pub(crate) fn literal(&mut self) -> Parsed<Literal> {
        let token = self.peek().clone();
        self.next += 1;
        let value = match token.kind {
            Kind::Text(text) => Some(LiteralValue::Text(text)),
            Kind::Number => Some(number(token.text)),
            Kind::Moment => Some(moment(token.text).ok_or_else(|| {
                SyntaxError::new(
                    Code::MalformedQuery,
                    self.text,
                    token.at,
                    format!("invalid date or time: {}", token.text),
                )
            })?),
            Kind::Word => self.word_literal(token.text)?,
            Kind::Sign | Kind::End => None,
        };
        match value {
            Some(value) => Ok(Literal {
                at: token.at,
                value,
            }),
            None => {
                self.next -= 1;
                Err(self.unexpected())
            }
        }
    }

    fn word_literal(&mut self, word: &str) -> Parsed<Option<LiteralValue>> {
        let upper = word.to_ascii_uppercase();
        let simple = match upper.as_str() {
            "TRUE" => Some(LiteralValue::Bool(true)),
            "FALSE" => Some(LiteralValue::Bool(false)),
            "NULL" => Some(LiteralValue::Null),
            _ => None,
        };
        if simple.is_some() {
            return Ok(simple);
        }
        if let Some(relative) = fixed(&upper) {
            return Ok(Some(LiteralValue::Relative(relative)));
        }
        if let Some((unit, reach)) = counted(&upper) {
            self.expect_sign(":")?;
            let (n, at) = self.whole_number()?;
            let n = i64::try_from(n).ok().filter(|n| *n <= COUNT_MAX);
            let n = n.ok_or_else(|| self.wrong(at, "the number of a date literal is too large"))?;
            return Ok(Some(LiteralValue::Relative(reach.of(unit, n))));
        }
        Ok(self.currency(word))
    }

    /// Three letters and an amount: `USD5000.50`.
    fn currency(&mut self, word: &str) -> Option<LiteralValue> {
        let (code, amount) = word.split_at_checked(3)?;
        let shaped = code.bytes().all(|b| b.is_ascii_alphabetic())
            && !amount.is_empty()
            && amount.bytes().all(|b| b.is_ascii_digit());
        if !shaped {
            return None;
        }
        let mut text = amount.to_owned();
        let fraction = self.token(self.next + 1);
        if self.peek().is_sign(".") && fraction.kind == Kind::Number {
            text = format!("{text}.{}", fraction.text);
            self.next += 2;
        }
        text.parse().ok().map(LiteralValue::Currency)
    }
}

/// No date literal reaches further than the calendar (1700 to 4000).
const COUNT_MAX: i64 = 1_000_000;

fn number(text: &str) -> LiteralValue {
    let whole = text
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-'));
    if whole && let Ok(number) = text.parse() {
        return LiteralValue::Int(number);
    }
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => LiteralValue::Double(number),
        _ => LiteralValue::TooLarge,
    }
}

fn moment(text: &str) -> Option<LiteralValue> {
    if text.as_bytes().get(2) == Some(&b':') {
        let day = Millis::parse(&format!("1970-01-01T{text}"))?;
        return i32::try_from(day.0.rem_euclid(86_400_000))
            .ok()
            .map(LiteralValue::Time);
    }
    if text.contains(['T', 't']) {
        return Millis::parse(text).map(LiteralValue::DateTime);
    }
    Days::parse(text).map(LiteralValue::Date)
}

fn unit(text: &str) -> Option<Unit> {
    let singular = text.strip_suffix('S').unwrap_or(text);
    Some(match singular {
        "DAY" => Unit::Day,
        "WEEK" => Unit::Week,
        "MONTH" => Unit::Month,
        "QUARTER" | "FISCAL_QUARTER" => Unit::Quarter,
        "YEAR" | "FISCAL_YEAR" => Unit::Year,
        _ => return None,
    })
}

/// Date literals without a number (rest-api.md 6.2).
fn fixed(word: &str) -> Option<Relative> {
    let range = |unit, first, count| Relative { unit, first, count };
    let simple = match word {
        "YESTERDAY" => Some(range(Unit::Day, -1, 1)),
        "TODAY" => Some(range(Unit::Day, 0, 1)),
        "TOMORROW" => Some(range(Unit::Day, 1, 1)),
        "LAST_90_DAYS" => Some(range(Unit::Day, -90, 91)),
        "NEXT_90_DAYS" => Some(range(Unit::Day, 1, 90)),
        _ => None,
    };
    if simple.is_some() {
        return simple;
    }
    let (which, name) = word.split_once('_')?;
    let first = match which {
        "LAST" => -1,
        "THIS" => 0,
        "NEXT" => 1,
        _ => return None,
    };
    match unit(name)? {
        Unit::Day => None,
        _ if name.ends_with('S') => None,
        unit => Some(range(unit, first, 1)),
    }
}

/// How a date literal with a number counts.
enum Reach {
    /// The n units before this one; days include today.
    Last,
    /// The n units after this one.
    Next,
    /// The one unit n before this one.
    Ago,
}

/// Date literals that take `:n`.
fn counted(word: &str) -> Option<(Unit, Reach)> {
    let (name, reach) = if let Some(name) = word.strip_prefix("LAST_N_") {
        (name, Reach::Last)
    } else if let Some(name) = word.strip_prefix("NEXT_N_") {
        (name, Reach::Next)
    } else {
        (word.strip_prefix("N_")?.strip_suffix("_AGO")?, Reach::Ago)
    };
    if !name.ends_with('S') {
        return None;
    }
    Some((unit(name)?, reach))
}

impl Reach {
    fn of(&self, unit: Unit, n: i64) -> Relative {
        let (first, count) = match (self, unit) {
            (Self::Last, Unit::Day) => (-n, n + 1),
            (Self::Last, _) => (-n, n),
            (Self::Next, _) => (1, n),
            (Self::Ago, _) => (-n, 1),
        };
        Relative { unit, first, count }
    }
}

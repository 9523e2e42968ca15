//! What our SQL functions need beyond the stored value: patterns, sets, date parts, picklist orders.
//!
//! They are kept beside the connection for as long as a query runs; the SQL names them by number. The
//! functions themselves are those of `lang`, so that SQL and the evaluator cannot differ.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use lang::formula::Formula;
use lang::like::Pattern;
use lang::plan::{DatePart, MemberTest, Path, Rank};
use lang::{dates, text};
use model::{Days, Millis, Value};
use parking_lot::Mutex;
use rusqlite::functions::{Aggregate, Context, FunctionFlags};
use rusqlite::types::{ToSqlOutput, Value as Stored, ValueRef};
use rusqlite::{Connection, Error, Result};

use crate::sqlite::layout::Kind;
use crate::sqlite::value::decode;

/// One operand.
pub(super) enum Operand {
    /// `tl_like(text, n)`.
    Like(Pattern),
    /// `tl_members(text, n)`.
    Members(MemberTest),
    /// `tl_part(number, n)`; the flag is true for datetimes.
    Part(DatePart, TimeZone, bool),
    /// `tl_formula(0, n, inputs...)`.
    Formula(Arc<Formula>),
    /// `tl_rank(text, n)`, and `tl_min` and `tl_max`: places by folded text, and their number.
    Rank(HashMap<String, i64>, i64),
}

impl Operand {
    pub(super) fn rank(rank: &Rank) -> Self {
        let mut places = HashMap::with_capacity(rank.len());
        for (at, entry) in rank.iter().enumerate() {
            places.entry(text::fold(entry)).or_insert(at as i64);
        }
        Self::Rank(places, rank.len() as i64)
    }

    fn place(&self, text: &str) -> i64 {
        match self {
            Self::Rank(places, others) => *places.get(&text::fold(text)).unwrap_or(others),
            Self::Like(_) | Self::Members(_) | Self::Part(..) | Self::Formula(_) => 0,
        }
    }
}

/// The operands of the query that runs on a connection.
#[derive(Clone, Default)]
pub(in crate::sqlite) struct Operands(Arc<Mutex<Vec<Arc<Operand>>>>);

impl Operands {
    pub(super) fn set(&self, operands: &[Arc<Operand>]) {
        *self.0.lock() = operands.to_vec();
    }

    fn get(&self, context: &Context<'_>) -> Result<Arc<Operand>> {
        let number: i64 = context.get(1)?;
        let found = usize::try_from(number)
            .ok()
            .and_then(|at| self.0.lock().get(at).cloned());
        found.ok_or(Error::InvalidParameterName("operand".to_owned()))
    }

    /// Registers the functions on a connection.
    pub(in crate::sqlite) fn register(&self, conn: &Connection) -> Result<()> {
        // Not deterministic: the same number means something else in the next query.
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DIRECTONLY;
        let its = self.clone();
        conn.create_scalar_function("tl_like", 2, flags, move |context| {
            let operand = its.get(context)?;
            Ok(text_of(context)?.map(|text| match &*operand {
                Operand::Like(pattern) => pattern.matches(text),
                _ => false,
            }))
        })?;
        let its = self.clone();
        conn.create_scalar_function("tl_members", 2, flags, move |context| {
            let operand = its.get(context)?;
            Ok(text_of(context)?.map(|text| match &*operand {
                Operand::Members(test) => test.holds(text),
                _ => false,
            }))
        })?;
        let its = self.clone();
        conn.create_scalar_function("tl_rank", 2, flags, move |context| {
            let operand = its.get(context)?;
            Ok(text_of(context)?.map(|text| operand.place(text)))
        })?;
        let its = self.clone();
        conn.create_scalar_function("tl_part", 2, flags, move |context| {
            let operand = its.get(context)?;
            Ok(ToSqlOutput::Owned(part(&operand, context.get_raw(0))))
        })?;
        let its = self.clone();
        conn.create_scalar_function("tl_formula", -1, flags, move |context| {
            let operand = its.get(context)?;
            Ok(ToSqlOutput::Owned(formula(&operand, context)))
        })?;
        for (name, is_max) in [("tl_min", false), ("tl_max", true)] {
            let its = self.clone();
            conn.create_aggregate_function(name, 2, flags, Extreme { its, is_max })?;
        }
        Ok(())
    }
}

fn text_of<'a>(context: &'a Context<'_>) -> Result<Option<&'a str>> {
    Ok(context.get_raw(0).as_str_or_null()?)
}

fn part(operand: &Operand, stored: ValueRef<'_>) -> Stored {
    let (Operand::Part(part, zone, is_datetime), ValueRef::Integer(number)) = (operand, stored)
    else {
        return Stored::Null;
    };
    let value = match is_datetime {
        true => Value::DateTime(Millis(number)),
        false => i32::try_from(number).map_or(Value::Null, |day| Value::Date(Days(day))),
    };
    match dates::part(*part, &value, zone) {
        Value::Int(number) => Stored::Integer(number),
        Value::Date(day) => Stored::Integer(i64::from(day.0)),
        _ => Stored::Null,
    }
}

/// The value of a formula for the inputs behind its number.
fn formula(operand: &Operand, context: &Context<'_>) -> Stored {
    let Operand::Formula(formula) = operand else {
        return Stored::Null;
    };
    let input = |(at, path): (usize, &Path)| {
        let kind = Kind::of(path.kind)?;
        (at + 2 < context.len()).then(|| decode(kind, context.get_raw(at + 2)))?
    };
    let inputs = formula.inputs.iter().enumerate();
    let inputs: Vec<Value> = inputs.map(|one| input(one).unwrap_or_default()).collect();
    match formula.value(&inputs) {
        Value::Null => Stored::Null,
        Value::Bool(flag) => Stored::Integer(i64::from(flag)),
        Value::Int(number) => Stored::Integer(number),
        Value::Double(number) => Stored::Real(number),
        Value::Text(text) => Stored::Text(text.to_string()),
        Value::Id(id) => Stored::Text(id.as_15().to_owned()),
        Value::DateTime(at) => Stored::Integer(at.0),
        Value::Date(day) => Stored::Integer(i64::from(day.0)),
        Value::Time(ms) => Stored::Integer(i64::from(ms)),
    }
}

/// MIN and MAX of text: by place in a picklist, then without regard to case, then by bytes.
struct Extreme {
    its: Operands,
    is_max: bool,
}

type Best = Option<(i64, String, String)>;

impl Aggregate<Best, Option<String>> for Extreme {
    fn init(&self, _: &mut Context<'_>) -> Result<Best> {
        Ok(None)
    }

    fn step(&self, context: &mut Context<'_>, best: &mut Best) -> Result<()> {
        let operand = self.its.get(context)?;
        let Some(text) = text_of(context)? else {
            return Ok(());
        };
        let new = (operand.place(text), text::fold(text), text.to_owned());
        let is_better = best.as_ref().is_none_or(|old| match self.is_max {
            true => new > *old,
            false => new < *old,
        });
        if is_better {
            *best = Some(new);
        }
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, best: Option<Best>) -> Result<Option<String>> {
        Ok(best.flatten().map(|(_, _, text)| text))
    }
}

//! Functions over records: the date functions, toLabel, FORMAT, convertCurrency. Aggregates are in
//! `groups`.

use std::sync::Arc;

use model::{FieldDef, FieldType, Refusal};

use super::names::{Scope, Step};
use crate::ast::{FieldExpr, Name};
use crate::plan::{AggregateFn, DatePart, Expr, Rank, Show};

/// Something to select, compare, group or sort by.
pub(super) struct Term<'a> {
    pub expr: Expr,
    pub kind: FieldType,
    /// Relationships of a plain path; empty for functions.
    pub steps: Vec<Step>,
    /// Name in an answer; `None` for expressions that get `expr0`.
    pub name: Option<Arc<str>>,
    /// As messages call it.
    pub shown: String,
    pub show: Show,
    /// The field behind it.
    pub def: Option<&'a FieldDef>,
    /// toLabel was applied.
    pub labelled: bool,
}

impl Term<'_> {
    /// Sort order of a picklist (rest-api.md 6.3, 9).
    pub fn rank(&self) -> Option<Rank> {
        let def = self.def.filter(|def| def.kind == FieldType::Picklist)?;
        let values = def.picklist.iter().map(|v| Arc::from(v.value.as_str()));
        Some(values.collect::<Vec<Arc<str>>>().into())
    }

    fn labels(&self) -> Show {
        let Some(def) = self.def else {
            return Show::Plain;
        };
        let pairs = def.picklist.iter().filter_map(|v| {
            let label = v.label.as_deref()?;
            Some((Arc::from(v.value.as_str()), Arc::from(label)))
        });
        let pairs: Vec<(Arc<str>, Arc<str>)> = pairs.collect();
        match pairs.is_empty() {
            true => Show::Plain,
            false => Show::Label(pairs.into()),
        }
    }
}

/// The aggregate function of a name.
pub(super) fn aggregate(name: &Name) -> Option<AggregateFn> {
    const ALL: [(&str, AggregateFn); 6] = [
        ("COUNT", AggregateFn::Count),
        ("COUNT_DISTINCT", AggregateFn::CountDistinct),
        ("SUM", AggregateFn::Sum),
        ("AVG", AggregateFn::Avg),
        ("MIN", AggregateFn::Min),
        ("MAX", AggregateFn::Max),
    ];
    let found = ALL.iter().find(|(text, _)| name.is(text));
    found.map(|(_, function)| *function)
}

impl<'a> Scope<'a> {
    /// A path or function over records.
    pub fn term(&self, expr: &FieldExpr) -> Result<Term<'a>, Refusal> {
        match expr {
            FieldExpr::Path(path) => {
                let target = self.path(path)?;
                Ok(Term {
                    shown: target.dotted(),
                    expr: target.expr,
                    kind: target.kind,
                    steps: target.steps,
                    name: Some(target.name),
                    show: Show::Plain,
                    def: target.def,
                    labelled: false,
                })
            }
            FieldExpr::Call(name, args) => self.call(name, args),
        }
    }

    fn call(&self, name: &Name, args: &[FieldExpr]) -> Result<Term<'a>, Refusal> {
        if let Some(part) = DatePart::named(&name.text) {
            return self.date_part(part, name, args);
        }
        let dress: fn(&Self, Term<'a>) -> Term<'a> = if name.is("toLabel") {
            Self::label
        } else if name.is("FORMAT") {
            Self::format
        } else if name.is("convertCurrency") {
            |_, term| term
        } else if name.is("convertTimezone") {
            let reason = "convertTimezone can only be used inside a date function";
            return Err(self.env.malformed(name.at, reason));
        } else if aggregate(name).is_some() || name.is("GROUPING") {
            let reason = format!("aggregate function {} is not allowed here", name.text);
            return Err(self.env.malformed(name.at, reason));
        } else {
            let reason = format!("unknown function: {}", name.text);
            return Err(self.env.malformed(name.at, reason));
        };
        let inner = self.term(self.only(name, args)?)?;
        Ok(dress(self, inner))
    }

    pub fn only<'p>(&self, name: &Name, args: &'p [FieldExpr]) -> Result<&'p FieldExpr, Refusal> {
        match args {
            [one] => Ok(one),
            _ => {
                let reason = format!("function {} takes one field", name.text);
                Err(self.env.malformed(name.at, reason))
            }
        }
    }

    pub fn label(&self, term: Term<'a>) -> Term<'a> {
        Term {
            show: term.labels(),
            labelled: true,
            ..term
        }
    }

    pub fn format(&self, term: Term<'a>) -> Term<'a> {
        Term {
            show: Show::Format {
                zone: self.env.zone.clone(),
                kind: term.kind,
            },
            ..term
        }
    }

    fn date_part(
        &self,
        part: DatePart,
        name: &Name,
        args: &[FieldExpr],
    ) -> Result<Term<'a>, Refusal> {
        let (inner, zone) = match self.only(name, args)? {
            FieldExpr::Call(zoned, args) if zoned.is("convertTimezone") => {
                (self.only(zoned, args)?, self.env.zone.clone())
            }
            other => (other, jiff::tz::TimeZone::UTC),
        };
        let wrong = |shown: &str| {
            let reason = format!("function {} cannot be applied to {shown}", part.name());
            self.env.malformed(name.at, reason)
        };
        let FieldExpr::Path(path) = inner else {
            return Err(wrong("a function"));
        };
        let target = self.path(path)?;
        let fits = match target.kind {
            FieldType::Datetime => true,
            FieldType::Date => !part.needs_time(),
            _ => false,
        };
        let Expr::Field(of) = target.expr.clone() else {
            return Err(wrong(&target.dotted()));
        };
        if !fits {
            return Err(wrong(&target.dotted()));
        }
        let kind = match part {
            DatePart::DayOnly => FieldType::Date,
            _ => FieldType::Int,
        };
        Ok(Term {
            shown: format!("{}({})", part.name(), target.dotted()),
            expr: Expr::DatePart { part, of, zone },
            kind,
            steps: Vec::new(),
            name: None,
            show: Show::Plain,
            def: target.def,
            labelled: false,
        })
    }
}

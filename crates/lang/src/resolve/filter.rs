//! WHERE and HAVING: operators against types, nulls, and the rules of semi-joins (rest-api.md 6.3).

use std::cell::Cell;
use std::sync::Arc;

use model::{Code, FieldType, KeyPrefix, PicklistValue, Refusal, Value};

use super::Env;
use super::functions::Term;
use super::groups::Grouping;
use super::names::Scope;
use super::typed::Typed;
use crate::ast::{
    Cond, FieldExpr, Item, Items, Literal, LiteralValue, Op, Operand, Select, Test, Text,
};
use crate::like::{Pattern, Piece};
use crate::plan::{self, Expr, MemberTest, Path, Predicate, Scan, SemiJoin};
use crate::text;

/// Most semi-joins of a WHERE (rest-api.md 6.3, 7).
const SEMI_JOINS_MAX: usize = 2;

/// WHERE. `semi_joins` says whether this WHERE may have any.
pub(super) fn over_records(
    scope: &Scope<'_>,
    cond: &Cond,
    semi_joins: bool,
) -> Result<Predicate, Refusal> {
    let term = |expr: &FieldExpr| {
        let term = scope.term(expr)?;
        let filterable = term
            .def
            .is_none_or(|def| def.filterable || def.kind == FieldType::Id);
        if filterable {
            return Ok(term);
        }
        let reason = format!("field '{}' can not be filtered in a query call", term.shown);
        Err(scope.env.invalid_field(expr.at(), reason))
    };
    let filter = Filter {
        env: scope.env,
        term: &term,
        outer: semi_joins.then_some(scope),
        semi_joins: Cell::new(0),
    };
    filter.cond(cond, false)
}

/// HAVING.
pub(super) fn over_groups(grouping: &Grouping<'_, '_>, cond: &Cond) -> Result<Predicate, Refusal> {
    let filter = Filter {
        env: grouping.scope.env,
        term: &|expr| grouping.term(expr),
        outer: None,
        semi_joins: Cell::new(0),
    };
    filter.cond(cond, false)
}

/// Which names pass a condition.
type NameTest = Box<dyn Fn(&str) -> bool>;

struct Filter<'f, 'a> {
    env: &'f Env<'a>,
    term: &'f dyn Fn(&FieldExpr) -> Result<Term<'a>, Refusal>,
    /// The SELECT around semi-joins, where they are allowed.
    outer: Option<&'f Scope<'a>>,
    semi_joins: Cell<usize>,
}

impl<'a> Filter<'_, 'a> {
    /// `nested`: below an OR or a NOT, where no semi-join may be.
    fn cond(&self, cond: &Cond, nested: bool) -> Result<Predicate, Refusal> {
        let all = |all: &[Cond], nested| -> Result<Vec<Predicate>, Refusal> {
            all.iter().map(|c| self.cond(c, nested)).collect()
        };
        Ok(match cond {
            Cond::And(members) => Predicate::all_of(all(members, nested)?),
            Cond::Or(members) => Predicate::any_of(all(members, true)?),
            Cond::Not(inner) => !self.cond(inner, true)?,
            Cond::Test(test) => self.test(test, nested)?,
        })
    }

    fn test(&self, test: &Test, nested: bool) -> Result<Predicate, Refusal> {
        if let FieldExpr::Call(name, _) = &test.left
            && (name.is("FORMAT") || name.is("convertCurrency"))
        {
            let reason = format!("function {} is not allowed in a condition", name.text);
            return Err(self.env.malformed(name.at, reason));
        }
        let literals = match &test.right {
            Operand::Query(select) => return self.semi_join(test, select, nested),
            Operand::Value(literal) => std::slice::from_ref(literal),
            Operand::List(list) => list.as_slice(),
        };
        let term = (self.term)(&test.left)?;
        if !fits(test.op, &term) {
            let reason = match test.op {
                Op::Includes | Op::Excludes => {
                    "includes and excludes operators are only valid on multipicklist fields".into()
                }
                _ => format!("invalid operator on {} field", term.kind.as_str()),
            };
            let code = Code::InvalidQueryFilterOperator;
            return Err(self.env.refuse(code, test.op_at, reason));
        }
        if let Expr::TypeName { reference, names } = &term.expr {
            return self.type_name(test.op, &term, reference, names, literals);
        }
        if term.labelled
            && let Some(def) = term.def
        {
            return self.labelled(test.op, &term, &def.picklist, literals);
        }
        self.leaf(test.op, &term, literals)
    }

    fn leaf(&self, op: Op, term: &Term<'_>, literals: &[Literal]) -> Result<Predicate, Refusal> {
        if op == Op::Like {
            return self.like(term, literals);
        }
        let values: Vec<Typed> = literals
            .iter()
            .map(|literal| self.env.typed(term, literal))
            .collect::<Result<_, _>>()?;
        let of = term.expr.clone();
        Ok(match (term.kind, op, values.as_slice()) {
            (FieldType::Boolean, Op::Eq | Op::In, _) => boolean(of, &values, false),
            (FieldType::Boolean, Op::Ne | Op::NotIn, _) => boolean(of, &values, true),
            (FieldType::Multipicklist, Op::Eq | Op::In, _) => whole_sets(of, &values, false),
            (FieldType::Multipicklist, Op::Ne | Op::NotIn, _) => whole_sets(of, &values, true),
            (_, Op::Includes, _) => includes(of, &values, false),
            (_, Op::Excludes, _) => includes(of, &values, true),
            (_, Op::In, _) => one_of(of, values, false),
            (_, Op::NotIn, _) => one_of(of, values, true),
            (_, _, [value]) => compare(of, op, value),
            (_, _, _) => Predicate::FALSE,
        })
    }

    fn like(&self, term: &Term<'_>, literals: &[Literal]) -> Result<Predicate, Refusal> {
        let pattern = self.pattern(term, literals)?;
        Ok(Predicate::Like {
            of: term.expr.clone(),
            pattern,
        })
    }

    fn pattern(&self, term: &Term<'_>, literals: &[Literal]) -> Result<Pattern, Refusal> {
        match literals {
            [
                Literal {
                    value: LiteralValue::Text(text),
                    ..
                },
            ] => Ok(pattern(text)),
            [literal, ..] => Err(self.env.wrong_type(term, literal)),
            [] => Ok(Pattern::new([])),
        }
    }

    /// `Owner.Type`: decided here for each possible object; a queue is a Group and a Queue
    /// (rest-api.md 6.3, 14).
    fn type_name(
        &self,
        op: Op,
        term: &Term<'_>,
        reference: &Path,
        names: &[(KeyPrefix, Arc<str>)],
        literals: &[Literal],
    ) -> Result<Predicate, Refusal> {
        let (accepts, not) = self.accepts(op, term, literals)?;
        let fits = |name: &str| accepts(name) || name == "Group" && accepts("Queue");
        let prefixes = names.iter().filter(|(_, name)| fits(name));
        let null = literals.iter().any(is_null);
        Ok(Predicate::Prefix {
            of: reference.clone(),
            prefixes: prefixes.map(|(prefix, _)| *prefix).collect(),
            not,
            on_null: null != not,
        })
    }

    /// toLabel: stored values whose label passes, and values without a label that pass themselves.
    fn labelled(
        &self,
        op: Op,
        term: &Term<'_>,
        picklist: &[PicklistValue],
        literals: &[Literal],
    ) -> Result<Predicate, Refusal> {
        let (accepts, not) = self.accepts(op, term, literals)?;
        let known: Vec<Value> = picklist
            .iter()
            .map(|v| Value::from(v.value.as_str()))
            .collect();
        let passing = picklist
            .iter()
            .filter(|v| accepts(v.label.as_deref().unwrap_or(&v.value)));
        let passing = passing.map(|v| Value::from(v.value.as_str())).collect();
        let positive = match op {
            Op::Ne => Op::Eq,
            Op::NotIn => Op::In,
            op => op,
        };
        let raw = self.leaf(positive, term, literals)?;
        let is_in = |values, not| Predicate::In {
            of: term.expr.clone(),
            values,
            not,
            exact: true,
            on_null: not,
        };
        let found = Predicate::Or(vec![is_in(passing, false), is_in(known, true).and(raw)]);
        Ok(if not { !found } else { found })
    }

    /// A test of names, and whether its outcome is to be turned around.
    fn accepts(
        &self,
        op: Op,
        term: &Term<'_>,
        literals: &[Literal],
    ) -> Result<(NameTest, bool), Refusal> {
        if op == Op::Like {
            let pattern = self.pattern(term, literals)?;
            return Ok((Box::new(move |name| pattern.matches(name)), false));
        }
        let mut texts = Vec::new();
        for literal in literals {
            if let Typed::Value(Value::Text(text)) = self.env.typed(term, literal)? {
                texts.push(text);
            }
        }
        let not = matches!(op, Op::Ne | Op::NotIn);
        let op = match op {
            Op::Lt => plan::Op::Lt,
            Op::Le => plan::Op::Le,
            Op::Gt => plan::Op::Gt,
            Op::Ge => plan::Op::Ge,
            _ => plan::Op::Eq,
        };
        let test = move |name: &str| texts.iter().any(|t| op.holds(text::compare(name, t)));
        Ok((Box::new(test), not))
    }

    fn semi_join(&self, test: &Test, select: &Select, nested: bool) -> Result<Predicate, Refusal> {
        let env = self.env;
        let Some(outer) = self.outer else {
            let reason =
                "Semi join sub-selects are only allowed in the WHERE of the outermost query";
            return Err(env.malformed(select.at, reason));
        };
        if nested {
            let reason = "Semi join sub-selects are not allowed with the 'OR' and 'NOT' operators";
            return Err(env.malformed(select.at, reason));
        }
        self.semi_joins.set(self.semi_joins.get() + 1);
        if self.semi_joins.get() > SEMI_JOINS_MAX {
            let reason = format!("at most {SEMI_JOINS_MAX} semi join sub-selects are allowed");
            return Err(env.refuse(Code::ExceededMaxSemijoinSubselects, select.at, reason));
        }
        let (of, left_objects) = self.join_field(outer, &test.left)?;
        let object = env.object(&select.from)?;
        if object == outer.object {
            let reason = "The inner and outer selects should not be on the same object type";
            return Err(env.malformed(select.from.at(), reason));
        }
        let inner = Scope::of(env, object, select)?;
        let item = only_item(env, select)?;
        let (selected, right_objects) = self.join_field(&inner, item)?;
        if !left_objects.iter().any(|name| right_objects.contains(name)) {
            let reason = "the field of the sub-select refers to other objects than the field it is compared with";
            return Err(env.malformed(item.at(), reason));
        }
        let mut scan = Scan::of(object);
        scan.all_rows = env.context.all_rows;
        if let Some(cond) = &select.filter {
            scan.filter = over_records(&inner, cond, false)?;
        }
        let not = test.op == Op::NotIn;
        Ok(Predicate::Semi {
            of,
            inner: Box::new(SemiJoin {
                scan,
                select: selected,
                limit: select.limit.map(|(limit, _)| limit),
            }),
            not,
            on_null: not,
        })
    }

    /// One side of a semi-join: an id or reference without a relationship, and the objects it can name.
    fn join_field(
        &self,
        scope: &Scope<'_>,
        expr: &FieldExpr,
    ) -> Result<(Path, Vec<String>), Refusal> {
        let term = scope.term(expr)?;
        let objects = match (term.kind, term.def) {
            (FieldType::Id, _) => vec![scope.def().name.clone()],
            (FieldType::Reference, Some(def)) => def.reference_to.clone(),
            _ => Vec::new(),
        };
        match term.expr {
            Expr::Field(path) if path.hops.is_empty() && !objects.is_empty() => Ok((path, objects)),
            _ => {
                let reason = format!(
                    "a semi join needs an id or reference field without relationships, which '{}' is not",
                    term.shown
                );
                Err(self.env.malformed(expr.at(), reason))
            }
        }
    }
}

/// The one field that a semi-join selects; clauses that it cannot have are refused.
fn only_item<'s>(env: &Env<'_>, select: &'s Select) -> Result<&'s FieldExpr, Refusal> {
    let plain = select.group.is_none()
        && select.order.is_empty()
        && select.offset.is_none()
        && select.scope.is_none()
        && !(select.for_view || select.for_reference || select.for_update || select.all_rows);
    if !plain {
        let reason = "a semi join sub-select can have WHERE and LIMIT only";
        return Err(env.malformed(select.at, reason));
    }
    match &select.items {
        Items::List(items) => match items.as_slice() {
            [Item::Field(expr @ FieldExpr::Path(_), None)] => Ok(expr),
            _ => Err(env.malformed(select.at, "a semi join sub-select has one field")),
        },
        Items::Count => Err(env.malformed(select.at, "a semi join sub-select has one field")),
    }
}

/// Which operators a type takes.
fn fits(op: Op, term: &Term<'_>) -> bool {
    let kind = term.kind;
    match op {
        Op::Eq | Op::Ne | Op::In | Op::NotIn => !kind.is_compound(),
        Op::Includes | Op::Excludes => kind == FieldType::Multipicklist,
        Op::Like => kind.is_text() && kind != FieldType::Multipicklist,
        Op::Lt | Op::Le | Op::Gt | Op::Ge => {
            !kind.is_compound() && !matches!(kind, FieldType::Boolean | FieldType::Multipicklist)
        }
    }
}

fn is_null(literal: &Literal) -> bool {
    match &literal.value {
        LiteralValue::Null => true,
        LiteralValue::Text(text) => text.text.is_empty(),
        _ => false,
    }
}

fn pattern(text: &Text) -> Pattern {
    let mut escaped = text.escaped.iter().copied().peekable();
    Pattern::new(text.text.chars().enumerate().map(|(at, c)| {
        let is_escaped = escaped.next_if_eq(&at).is_some();
        match c {
            '%' if !is_escaped => Piece::Any,
            '_' if !is_escaped => Piece::One,
            c => Piece::Char(c),
        }
    }))
}

/// Null is false (rest-api.md 6.3, 3).
fn boolean(of: Expr, values: &[Typed], not: bool) -> Predicate {
    let wants = |wanted: bool| {
        values.iter().any(|value| match value {
            Typed::Null => !wanted,
            Typed::Value(value) => value.is_true() == wanted,
            Typed::Span(..) => false,
        })
    };
    match (wants(true) != not, wants(false) != not) {
        (true, true) => Predicate::TRUE,
        (false, false) => Predicate::FALSE,
        (wanted, _) => Predicate::Compare {
            of,
            op: plan::Op::Eq,
            value: Value::Bool(wanted),
            exact: true,
            on_null: !wanted,
        },
    }
}

fn compare(of: Expr, op: Op, value: &Typed) -> Predicate {
    let plan_op = match op {
        Op::Eq => plan::Op::Eq,
        Op::Ne => plan::Op::Ne,
        Op::Lt => plan::Op::Lt,
        Op::Le => plan::Op::Le,
        Op::Gt => plan::Op::Gt,
        Op::Ge => plan::Op::Ge,
        Op::Like | Op::In | Op::NotIn | Op::Includes | Op::Excludes => return Predicate::FALSE,
    };
    match value {
        Typed::Null => match op {
            Op::Eq => Predicate::Null { of, not: false },
            Op::Ne => Predicate::Null { of, not: true },
            _ => Predicate::FALSE, // nothing is before or after null
        },
        Typed::Value(value) => Predicate::Compare {
            of,
            op: plan_op,
            value: value.clone(),
            exact: false,
            on_null: op == Op::Ne,
        },
        Typed::Span(from, to) => {
            let (low, high) = match op {
                Op::Lt => (None, Some(from)),
                Op::Le => (None, Some(to)),
                Op::Gt => (Some(to), None),
                Op::Ge => (Some(from), None),
                _ => (Some(from), Some(to)),
            };
            Predicate::Within {
                of,
                from: low.cloned(),
                to: high.cloned(),
                not: op == Op::Ne,
                on_null: op == Op::Ne,
            }
        }
    }
}

/// IN and NOT IN. NOT IN keeps nulls unless the list has one.
fn one_of(of: Expr, values: Vec<Typed>, not: bool) -> Predicate {
    let on_null = values.contains(&Typed::Null) != not;
    let mut plain = Vec::new();
    let mut members = Vec::new();
    for value in values {
        match value {
            Typed::Null => {}
            Typed::Value(value) => plain.push(value),
            Typed::Span(from, to) => members.push(Predicate::Within {
                of: of.clone(),
                from: Some(from),
                to: Some(to),
                not,
                on_null,
            }),
        }
    }
    if !plain.is_empty() || members.is_empty() {
        members.push(Predicate::In {
            of,
            values: plain,
            not,
            exact: false,
            on_null,
        });
    }
    match (members.len(), not) {
        (1, _) => members.remove(0),
        (_, false) => Predicate::Or(members),
        (_, true) => Predicate::And(members),
    }
}

fn entries(value: &Value) -> Vec<Arc<str>> {
    let text = value.as_text().unwrap_or_default();
    let parts = text
        .split(';')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    parts.map(Arc::from).collect()
}

fn sets(values: &[Typed]) -> Vec<Vec<Arc<str>>> {
    let known = values.iter().filter_map(|value| match value {
        Typed::Value(value) => Some(entries(value)),
        Typed::Null | Typed::Span(..) => None,
    });
    known.filter(|set| !set.is_empty()).collect()
}

/// `=`, `!=`, IN and NOT IN compare the whole set (rest-api.md 6.3, 8).
fn whole_sets(of: Expr, values: &[Typed], not: bool) -> Predicate {
    let on_null = values.contains(&Typed::Null) != not;
    let mut members: Vec<Predicate> = sets(values)
        .into_iter()
        .map(|set| Predicate::Members {
            of: of.clone(),
            test: MemberTest::Exactly(set),
            not,
            on_null,
        })
        .collect();
    match (members.len(), not) {
        (0, _) => Predicate::Null { of, not },
        (1, _) => members.remove(0),
        (_, false) => Predicate::Or(members),
        (_, true) => Predicate::And(members),
    }
}

/// INCLUDES and EXCLUDES; an empty or NULL entry stands for no choice at all.
fn includes(of: Expr, values: &[Typed], not: bool) -> Predicate {
    Predicate::Members {
        of,
        test: MemberTest::AnyOf(sets(values)),
        not,
        on_null: values.contains(&Typed::Null) != not,
    }
}

//! Long chains over one value become one list: `a = 1 OR a = 2` is `a IN (1, 2)`, and `a != 1 AND a != 2`
//! is `a NOT IN (1, 2)`. A list is one look into an index, or one into a set per row, while a thousand
//! terms are a thousand comparisons per row.
//!
//! A rewrite of meaning only: the outcome is the same for every row, null included.

use model::Value;

use super::{Expr, Op, Predicate};

impl Predicate {
    /// One of them: an OR whose comparisons with the same value are folded into lists.
    #[must_use]
    pub fn any_of(members: Vec<Predicate>) -> Predicate {
        match folded(members, false) {
            Folded::One(only) => only,
            Folded::Many(members) => Self::Or(members),
        }
    }

    /// All of them: an AND whose comparisons with the same value are folded into lists.
    #[must_use]
    pub fn all_of(members: Vec<Predicate>) -> Predicate {
        match folded(members, true) {
            Folded::One(only) => only,
            Folded::Many(members) => Self::And(members),
        }
    }
}

enum Folded {
    One(Predicate),
    Many(Vec<Predicate>),
}

/// The members of a chain, each list at the place of its first term. `not` says which chain it is: AND
/// folds what excludes, OR what includes.
fn folded(members: Vec<Predicate>, not: bool) -> Folded {
    let mut kept: Vec<Predicate> = Vec::with_capacity(members.len());
    let mut lists: Vec<usize> = Vec::new();
    for member in flat(members, not) {
        let member = as_list(member, not);
        let known = lists
            .iter()
            .copied()
            .find(|at| same_subject(&kept[*at], &member));
        match known.and_then(|at| kept.get_mut(at)) {
            Some(list) => join(list, member, not),
            None => {
                if matches!(&member, Predicate::In { not: n, .. } if *n == not) {
                    lists.push(kept.len());
                }
                kept.push(member);
            }
        }
    }
    match kept.len() {
        1 => kept.pop().map_or(Folded::Many(Vec::new()), Folded::One),
        _ => Folded::Many(kept),
    }
}

/// Chains of the same kind inside a chain are part of it.
fn flat(members: Vec<Predicate>, and: bool) -> Vec<Predicate> {
    let mut all = Vec::with_capacity(members.len());
    for member in members {
        match member {
            Predicate::And(inner) if and => all.extend(inner),
            Predicate::Or(inner) if !and => all.extend(inner),
            other => all.push(other),
        }
    }
    all
}

/// `=` (or `!=`) with one value as a list of one. Booleans stay: a missing one counts as false.
fn as_list(member: Predicate, not: bool) -> Predicate {
    match member {
        Predicate::Compare {
            of,
            op,
            value,
            exact,
            on_null,
        } if op == wanted(not) && !matches!(value, Value::Bool(_) | Value::Null) => Predicate::In {
            of,
            values: vec![value],
            not,
            exact,
            on_null,
        },
        other => other,
    }
}

fn wanted(not: bool) -> Op {
    if not { Op::Ne } else { Op::Eq }
}

fn same_subject(list: &Predicate, other: &Predicate) -> bool {
    match (subject(list), subject(other)) {
        (Some(a), Some(b)) => a == b,
        _ => false,
    }
}

fn subject(list: &Predicate) -> Option<(&Expr, bool, bool)> {
    match list {
        Predicate::In { of, not, exact, .. } => Some((of, *not, *exact)),
        _ => None,
    }
}

/// Adds the values of a list. Null passes an OR if it passes one term, an AND if it passes all.
fn join(list: &mut Predicate, more: Predicate, not: bool) {
    let Predicate::In {
        values: more,
        on_null: also,
        ..
    } = more
    else {
        return;
    };
    if let Predicate::In {
        values, on_null, ..
    } = list
    {
        values.extend(more);
        *on_null = if not {
            *on_null && also
        } else {
            *on_null || also
        };
    }
}

#[cfg(test)]
mod tests {
    use model::{FieldIx, FieldType, ObjectIx};

    use super::*;
    use crate::plan::{Path, Spot};

    fn field(n: u16) -> Expr {
        let spot = Spot::Field(FieldIx(n));
        Expr::Field(Path::own(ObjectIx(0), spot, FieldType::String))
    }

    fn compare(n: u16, op: Op, text: &str) -> Predicate {
        Predicate::Compare {
            of: field(n),
            op,
            value: Value::from(text),
            exact: false,
            on_null: op == Op::Ne,
        }
    }

    fn list(n: u16, texts: &[&str], not: bool) -> Predicate {
        Predicate::In {
            of: field(n),
            values: texts.iter().map(|t| Value::from(*t)).collect(),
            not,
            exact: false,
            on_null: not,
        }
    }

    #[test]
    fn equal_terms_of_an_or_are_one_list() {
        let chain = vec![
            compare(1, Op::Eq, "a"),
            compare(2, Op::Eq, "x"),
            compare(1, Op::Eq, "b"),
            list(1, &["c", "d"], false),
            compare(1, Op::Gt, "q"),
        ];
        let wanted = Predicate::Or(vec![
            list(1, &["a", "b", "c", "d"], false),
            list(2, &["x"], false),
            compare(1, Op::Gt, "q"),
        ]);
        assert_eq!(Predicate::any_of(chain), wanted);
    }

    #[test]
    fn a_chain_inside_a_chain_is_part_of_it() {
        let inner = Predicate::Or(vec![compare(1, Op::Eq, "a"), compare(1, Op::Eq, "b")]);
        let chain = vec![inner, compare(1, Op::Eq, "c")];
        assert_eq!(Predicate::any_of(chain), list(1, &["a", "b", "c"], false));
    }

    #[test]
    fn unequal_terms_of_an_and_are_one_list() {
        let chain = vec![compare(1, Op::Ne, "a"), compare(1, Op::Ne, "b")];
        assert_eq!(Predicate::all_of(chain), list(1, &["a", "b"], true));
    }

    #[test]
    fn what_only_looks_alike_stays() {
        // a = 'x' AND a = 'y' is no list, nor is a != 'x' OR a != 'y'
        for (op, not) in [(Op::Eq, true), (Op::Ne, false)] {
            let chain = vec![compare(1, op, "x"), compare(1, op, "y")];
            let found = if not {
                Predicate::all_of(chain.clone())
            } else {
                Predicate::any_of(chain.clone())
            };
            let kept = if not {
                Predicate::And(chain)
            } else {
                Predicate::Or(chain)
            };
            assert_eq!(found, kept);
        }
    }

    #[test]
    fn null_passes_as_before() {
        let mut with_null = list(1, &["a"], false);
        if let Predicate::In { on_null, .. } = &mut with_null {
            *on_null = true;
        }
        let Predicate::In { on_null, .. } =
            Predicate::any_of(vec![with_null, compare(1, Op::Eq, "b")])
        else {
            panic!("one list");
        };
        assert!(on_null);
    }
}

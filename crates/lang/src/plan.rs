//! The resolved query: what to read, compare, group, sort and show, without a name left to look up.
//!
//! `resolve` makes a plan from a parsed query and a catalogue; `engine::access` may add predicates
//! ([`Scan::access`]) and refuse columns ([`QueryPlan::each_use`]); a store renders it mechanically.
//! This module owns the meaning of a plan, so that two renderers cannot differ:
//!
//! 1. **Two-valued logic.** Every leaf of a [`Predicate`] is true or false, never unknown. `on_null`
//!    is the outcome where the left side is null. `Not` is plain negation.
//! 2. **Joins.** A [`Hop`] is a LEFT JOIN on the id in its reference field, one per object of
//!    `Hop::to`; no row is ever dropped or doubled. Parents are read whether they are in the recycle
//!    bin or not. Two hops are the same join if everything before them, `from`, `field` and the target
//!    object are equal.
//! 3. **Text** compares by [`crate::text::compare`] (Unicode, without regard to case), also for grouping,
//!    DISTINCT, MIN, MAX and ORDER BY, unless `exact` says otherwise. Ids compare exactly.
//! 4. **Datetimes** are kept to the millisecond and seen to the second. Every comparison of a date or a
//!    datetime is a half-open range ([`Predicate::Within`]), so an index on the column serves it.
//!    COUNT_DISTINCT of a datetime counts distinct seconds.
//! 5. **Booleans** are never null: a boolean field without a value, and that of a missing parent, counts
//!    as false in comparisons, groups, order and output.
//! 6. **Order is total.** `order` always ends with the Id (or, for groups, with all keys), so pages are
//!    stable.
//! 7. **Rows in, values out.** A store computes [`QueryPlan::outputs`] per row, runs
//!    [`QueryPlan::children`] per row, and hands both to [`crate::answer::assemble`], which makes the
//!    nested answer. Labels, FORMAT, parent nesting and TYPEOF happen there, not in the store.
//! 8. **Hidden parents.** A parent row that [`QueryPlan::parents`] does not let through is no parent: the
//!    hop ends there as if the row did not exist, wherever the path is used. The reference itself is a
//!    field of the row that has it and stays.
//! 9. **Width.** AND and OR may have thousands of members, IN thousands of values; their depth is bounded.
//!    A renderer must nest long chains evenly, not to one side.

mod fold;
mod walk;

use std::collections::BTreeMap;
use std::ops::Not;
use std::sync::Arc;

use jiff::tz::TimeZone;
use model::{FieldIx, FieldType, KeyPrefix, ObjectIx, Value};

use crate::formula::Formula;
use crate::like::Pattern;

pub use walk::Use;

/// A query ready to run.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryPlan {
    /// Which rows.
    pub scan: Scan,
    /// Plain rows, one number, or groups.
    pub shape: Shape,
    /// What to compute per row (or per group), in slots that `columns` refer to. For [`Shape::Rows`] the
    /// first one is always the row's Id; empty for [`Shape::Count`].
    pub outputs: Vec<Expr>,
    /// The answer's columns in the order of SELECT.
    pub columns: Vec<Column>,
    /// Sub-queries on child relationships, in slots of their own. They run once per row found.
    pub children: Vec<ChildPlan>,
    /// Sort keys, the first one first; always a total order.
    pub order: Vec<Order>,
    /// At most so many rows (or so high a count). Rows beyond do not count into the total.
    pub limit: Option<u64>,
    /// Skip so many rows; they do not count into the total.
    pub offset: u64,
    /// What a read leaves behind.
    pub touch: Touch,
    /// Which parents the caller may see; set by `engine::access` and the same for the whole plan, its
    /// semi-joins and sub-queries.
    pub parents: Parents,
}

/// Conditions on the rows of objects that hops lead to, without hops of their own. Objects that are not
/// listed have no condition.
pub type Parents = Arc<BTreeMap<ObjectIx, Predicate>>;

/// The rows of one object that a query, sub-query or semi-join looks at.
#[derive(Clone, Debug, PartialEq)]
pub struct Scan {
    /// The object in FROM.
    pub object: ObjectIx,
    /// Rows in the recycle bin too (queryAll, ALL ROWS). Otherwise only rows that are not deleted.
    pub all_rows: bool,
    /// The query's own conditions.
    pub filter: Predicate,
    /// What the caller may see; set by `engine::access`, [`Predicate::TRUE`] before. ANDed with `filter`.
    pub access: Predicate,
}

/// What kind of rows a query answers.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant)] // one per query: boxing would only cost the readers
pub enum Shape {
    /// One row per record.
    Rows,
    /// `SELECT COUNT()`: no rows; the total is the number of records after offset and limit.
    Count,
    /// One row per group. `outputs`, `having` and `order` use [`Expr::Key`], [`Expr::Aggregate`] and
    /// [`Expr::Grouping`] only.
    Groups(Groups),
}

/// GROUP BY.
#[derive(Clone, Debug, PartialEq)]
pub struct Groups {
    /// The grouped expressions, over records. Text groups without regard to case; the value shown for a
    /// group is the least of its texts in byte order.
    pub keys: Vec<Expr>,
    /// The grouping sets: which keys take part (by place in `keys`); the others are null and their
    /// `GROUPING` is 1. Plain GROUP BY has one set with all keys; ROLLUP and CUBE have more. The answer
    /// is the union of all sets.
    pub sets: Vec<Vec<usize>>,
    /// No GROUP BY at all: exactly one row, even without a record. Otherwise a set without records has
    /// no row, the grand total of a ROLLUP included.
    pub single: bool,
    /// HAVING, over groups.
    pub having: Predicate,
    /// More groups than this are refused (rest-api.md 6.3, 11).
    pub groups_max: usize,
}

/// A value computed from a record or a group.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A field of the record or of a parent.
    Field(Path),
    /// The object name behind a polymorphic reference (`Owner.Type`): by the key prefix of the id in
    /// `reference`. Null for a null id and for a prefix that is not listed.
    TypeName {
        /// The reference field.
        reference: Path,
        /// Key prefix and name of each possible object.
        names: Vec<(KeyPrefix, Arc<str>)>,
    },
    /// A date function; null for null. [`crate::dates::part`] computes it.
    DatePart {
        /// Which part.
        part: DatePart,
        /// The date or datetime field. For a group this is over records, as a key.
        of: Path,
        /// Zone in which a datetime is read. Dates have no zone.
        zone: TimeZone,
    },
    /// A formula field; [`Formula::value`] computes it from its inputs.
    Formula(Arc<Formula>),
    /// Over the records of a group.
    Aggregate(Aggregate),
    /// The group's value of a key; null where the key does not take part in the grouping set.
    Key(usize),
    /// `GROUPING(f)`: 1 if the key does not take part in the row's grouping set, else 0.
    Grouping(usize),
}

/// An aggregate function. Nulls are left out of all of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    /// Which function.
    pub function: AggregateFn,
    /// Of which field; `None` counts records (`COUNT(Id)` of the root is written so too).
    pub of: Option<Path>,
    /// MIN and MAX of a picklist go by this order: [`Order::rank`].
    pub rank: Option<Rank>,
}

/// The aggregate functions. Over nothing, counts are 0 and the others null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AggregateFn {
    /// An int: values that are not null (or records).
    Count,
    /// An int: distinct values; text without regard to case.
    CountDistinct,
    /// An int for int fields, else a double.
    Sum,
    /// A double.
    Avg,
    /// The kind of the field; of texts that are the same but for case, the least in byte order.
    Min,
    /// The kind of the field; of texts that are the same but for case, the greatest in byte order.
    Max,
}

/// The date functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatePart {
    /// 1 to 12.
    CalendarMonth,
    /// 1 to 4.
    CalendarQuarter,
    /// The year.
    CalendarYear,
    /// 1 to 31.
    DayInMonth,
    /// 1 (Sunday) to 7.
    DayInWeek,
    /// 1 to 366.
    DayInYear,
    /// The day, a date.
    DayOnly,
    /// As the calendar month: the fiscal year is the calendar year here.
    FiscalMonth,
    /// As the calendar quarter.
    FiscalQuarter,
    /// As the calendar year.
    FiscalYear,
    /// 0 to 23; datetimes only.
    HourInDay,
    /// 1 to 5: days 1 to 7 are week 1.
    WeekInMonth,
    /// 1 to 53: January 1 to 7 are week 1.
    WeekInYear,
}

/// A way from the scanned object to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// Parent relationships to follow.
    pub hops: Vec<Hop>,
    /// Where the value is. One place, or one per object of the last hop's `to`: at most one of these
    /// parents exists, and the value is that one's (COALESCE). Each object is one of the last hop's `to`
    /// (the scanned object if there are no hops). Objects of `to` without a place give null.
    pub at: Vec<(ObjectIx, Spot)>,
    /// Type of the value.
    pub kind: FieldType,
}

/// One parent relationship.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The object that has the reference: the scanned object or one of the previous hop's `to`.
    pub from: ObjectIx,
    /// The reference field.
    pub field: FieldIx,
    /// The objects it may lead to here; several for a polymorphic reference.
    pub to: Vec<ObjectIx>,
}

/// Where in a record a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    /// `Record::id`.
    Id,
    /// `Record::is_deleted`.
    IsDeleted,
    /// `Record::get`.
    Field(FieldIx),
}

/// A condition. See the rules at the head of this module.
#[derive(Clone, Debug, PartialEq)]
pub enum Predicate {
    /// All of them; true if empty.
    And(Vec<Predicate>),
    /// One of them; false if empty.
    Or(Vec<Predicate>),
    /// The opposite.
    Not(Box<Predicate>),
    /// The value is null (or is not, if `not`).
    Null {
        /// What is tested.
        of: Expr,
        /// Turn the outcome around.
        not: bool,
    },
    /// Compares with a value that is not null. Numbers compare by value (int with double too), booleans
    /// false before true, ids exactly; never a date or datetime.
    Compare {
        /// Left side.
        of: Expr,
        /// Operator.
        op: Op,
        /// Right side.
        value: Value,
        /// Text compares byte for byte (a field that is case-sensitive).
        exact: bool,
        /// Outcome for null. True for `!=`, and for `= false` because a missing boolean is false.
        on_null: bool,
    },
    /// The value equals one of these (or none of them, if `not`). No nulls among `values`; a null in the
    /// query's list is in `on_null`. Never a date or datetime.
    In {
        /// Left side.
        of: Expr,
        /// Right side, of the kind of the left side.
        values: Vec<Value>,
        /// NOT IN.
        not: bool,
        /// Text compares byte for byte.
        exact: bool,
        /// Outcome for null.
        on_null: bool,
    },
    /// `from <= value < to` (or not, if `not`). Bounds are [`Value::DateTime`], [`Value::Date`] or
    /// [`Value::Time`], as the left side is; `None` is open.
    Within {
        /// Left side.
        of: Expr,
        /// First instant that belongs to it.
        from: Option<Value>,
        /// First instant that no longer does.
        to: Option<Value>,
        /// Outside.
        not: bool,
        /// Outcome for null.
        on_null: bool,
    },
    /// LIKE, without regard to case; [`Pattern::matches`] is the definition. False for null.
    Like {
        /// Left side: text.
        of: Expr,
        /// The pattern, parsed.
        pattern: Pattern,
    },
    /// A multipicklist (`a;b`) against sets of entries; entries compare without regard to case.
    Members {
        /// Left side.
        of: Expr,
        /// What must hold.
        test: MemberTest,
        /// Turn the outcome around (EXCLUDES, `!=`).
        not: bool,
        /// Outcome for null.
        on_null: bool,
    },
    /// The id begins with one of these (or with none of them, if `not`): a comparison of `Owner.Type`.
    Prefix {
        /// A reference.
        of: Path,
        /// Key prefixes.
        prefixes: Vec<KeyPrefix>,
        /// Turn the outcome around.
        not: bool,
        /// Outcome for null.
        on_null: bool,
    },
    /// The id is among those that another scan selects (or is not, if `not`). Nulls that the other scan
    /// selects are left out of the set on both sides.
    Semi {
        /// Left side: an id or reference.
        of: Path,
        /// Right side.
        inner: Box<SemiJoin>,
        /// NOT IN.
        not: bool,
        /// Outcome for null: false for IN, true for NOT IN.
        on_null: bool,
    },
}

/// What INCLUDES, EXCLUDES, `=` and `!=` ask of a multipicklist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemberTest {
    /// All entries of at least one of these sets are chosen.
    AnyOf(Vec<Vec<Arc<str>>>),
    /// Exactly these entries are chosen, in any order.
    Exactly(Vec<Arc<str>>),
}

/// The other side of a semi-join.
#[derive(Clone, Debug, PartialEq)]
pub struct SemiJoin {
    /// Which rows.
    pub scan: Scan,
    /// The id or reference they give; no hops.
    pub select: Path,
    /// At most so many rows, by Id.
    pub limit: Option<u64>,
}

/// Comparison operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Op {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// One sort key. Text sorts by [`crate::text::compare`], false before true, ids by their bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// By what.
    pub by: Expr,
    /// Largest first.
    pub descending: bool,
    /// Nulls before everything else; they do not follow `descending`.
    pub nulls_first: bool,
    /// Text goes by this list: its values by place, then all others by text. `None` for plain text.
    pub rank: Option<Rank>,
}

/// The values of a picklist in the order of definition (or of their labels). A value ranks by its place;
/// [`crate::text::compare`] finds it.
pub type Rank = Arc<[Arc<str>]>;

/// A sub-query on a child relationship. Runs per row; an answer without rows is shown as null.
#[derive(Clone, Debug, PartialEq)]
pub struct ChildPlan {
    /// The reference field of the child object that must equal the row's id.
    pub via: FieldIx,
    /// The query on the children; its limit counts per parent.
    pub plan: QueryPlan,
}

/// One cell of an answer row, made from outputs and child answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// A value.
    Value {
        /// Name in the answer.
        name: Arc<str>,
        /// Place in [`QueryPlan::outputs`].
        slot: usize,
        /// How it is shown.
        show: Show,
    },
    /// An address or a location, made of other fields; null if all of them are.
    Compound {
        /// Name in the answer.
        name: Arc<str>,
        /// Name and slot of each part.
        parts: Vec<(Arc<str>, usize)>,
    },
    /// A parent record with fields of its own; null if there is none.
    Parent {
        /// Relationship name.
        name: Arc<str>,
        /// Slot of the parent row's Id; null means no parent.
        id: usize,
        /// The relationship is polymorphic: its type is shown as `Name`.
        polymorphic: bool,
        /// The parent's columns: `Value`, `Compound` and `Parent` only.
        columns: Vec<Column>,
    },
    /// TYPEOF: the columns depend on the parent's object; null without parent or without branch.
    TypeOf {
        /// Relationship name.
        name: Arc<str>,
        /// Slot of the parent row's Id.
        id: usize,
        /// Per object. ELSE is written out for each object that it covers.
        branches: Vec<(ObjectIx, Vec<Column>)>,
    },
    /// The answer of a child sub-query.
    Children {
        /// Relationship name.
        name: Arc<str>,
        /// Place in [`QueryPlan::children`].
        child: usize,
    },
}

/// How a value is shown.
#[derive(Clone, Debug, PartialEq)]
pub enum Show {
    /// As it is.
    Plain,
    /// toLabel: stored value and label; others as they are.
    Label(Arc<[(Arc<str>, Arc<str>)]>),
    /// FORMAT: as text for people.
    Format {
        /// Zone in which a datetime is shown.
        zone: TimeZone,
        /// Type of the value; a currency gets its sign.
        kind: FieldType,
    },
}

/// FOR VIEW, FOR REFERENCE, FOR UPDATE.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Touch {
    /// Set LastViewedDate of the rows.
    pub viewed: bool,
    /// Set LastReferencedDate of the rows.
    pub referenced: bool,
    /// Rows were to be locked; no effect over HTTP.
    pub locked: bool,
}

impl Predicate {
    /// Holds for every row.
    pub const TRUE: Predicate = Predicate::And(Vec::new());
    /// Holds for no row.
    pub const FALSE: Predicate = Predicate::Or(Vec::new());

    /// Both; nested ANDs become one.
    #[must_use]
    pub fn and(self, other: Predicate) -> Predicate {
        match (self, other) {
            (Self::And(a), b) if a.is_empty() => b,
            (a, Self::And(b)) if b.is_empty() => a,
            (Self::And(mut a), Self::And(b)) => {
                a.extend(b);
                Self::And(a)
            }
            (Self::And(mut a), b) => {
                a.push(b);
                Self::And(a)
            }
            (a, b) => Self::And(vec![a, b]),
        }
    }
}

impl Not for Predicate {
    type Output = Predicate;
    fn not(self) -> Predicate {
        match self {
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }
}

impl Scan {
    /// All live rows of an object.
    pub fn of(object: ObjectIx) -> Self {
        Self {
            object,
            all_rows: false,
            filter: Predicate::TRUE,
            access: Predicate::TRUE,
        }
    }
}

impl Path {
    /// A value of the scanned object itself.
    pub fn own(object: ObjectIx, spot: Spot, kind: FieldType) -> Self {
        Self {
            hops: Vec::new(),
            at: vec![(object, spot)],
            kind,
        }
    }

    /// The Id of the scanned object.
    pub fn id(object: ObjectIx) -> Self {
        Self::own(object, Spot::Id, FieldType::Id)
    }
}

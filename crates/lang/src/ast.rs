//! A query as it was written: names are still text, every piece knows its place in the query.

use std::sync::Arc;

use model::{Days, Millis};

/// A parsed query with its text, which error messages quote.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// What was parsed.
    pub text: Arc<str>,
    /// The outermost SELECT.
    pub select: Select,
}

/// One SELECT: the query itself, a child sub-query or a semi-join.
#[derive(Clone, Debug, PartialEq)]
pub struct Select {
    /// Where it begins.
    pub at: usize,
    /// The select list.
    pub items: Items,
    /// Object, or path of a child relationship.
    pub from: Path,
    /// Alias of `from`.
    pub alias: Option<Name>,
    /// Later items of FROM: paths with an alias.
    pub more_from: Vec<(Path, Name)>,
    /// USING SCOPE.
    pub scope: Option<Name>,
    /// WHERE.
    pub filter: Option<Cond>,
    /// GROUP BY.
    pub group: Option<GroupBy>,
    /// HAVING.
    pub having: Option<Cond>,
    /// ORDER BY.
    pub order: Vec<OrderItem>,
    /// LIMIT and its place.
    pub limit: Option<(u64, usize)>,
    /// OFFSET and its place.
    pub offset: Option<(u64, usize)>,
    /// FOR VIEW.
    pub for_view: bool,
    /// FOR REFERENCE.
    pub for_reference: bool,
    /// FOR UPDATE.
    pub for_update: bool,
    /// ALL ROWS.
    pub all_rows: bool,
}

impl Select {
    /// A SELECT without any clause.
    pub fn new(at: usize, items: Items, from: Path) -> Self {
        Self {
            at,
            items,
            from,
            alias: None,
            more_from: Vec::new(),
            scope: None,
            filter: None,
            group: None,
            having: None,
            order: Vec::new(),
            limit: None,
            offset: None,
            for_view: false,
            for_reference: false,
            for_update: false,
            all_rows: false,
        }
    }
}

/// The select list.
#[derive(Clone, Debug, PartialEq)]
pub enum Items {
    /// `COUNT()`.
    Count,
    /// At least one item.
    List(Vec<Item>),
}

/// One item of the select list.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A path or function, perhaps with an alias.
    Field(FieldExpr, Option<Name>),
    /// `(SELECT ... FROM Children)`.
    Sub(Box<Select>),
    /// TYPEOF.
    TypeOf(TypeOf),
    /// `FIELDS(...)` and its place.
    Fields(FieldsKind, usize),
}

/// Which fields `FIELDS()` stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum FieldsKind {
    All,
    Standard,
    Custom,
}

/// `TYPEOF path WHEN object THEN paths ... ELSE paths END`.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeOf {
    /// The polymorphic relationship.
    pub path: Path,
    /// WHEN branches.
    pub when: Vec<(Name, Vec<Path>)>,
    /// ELSE.
    pub otherwise: Vec<Path>,
}

/// A path or a function of one.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldExpr {
    /// `A.B.C`.
    Path(Path),
    /// `NAME(...)`.
    Call(Name, Vec<FieldExpr>),
}

impl FieldExpr {
    /// Where it begins.
    pub fn at(&self) -> usize {
        match self {
            Self::Path(path) => path.at(),
            Self::Call(name, _) => name.at,
        }
    }
}

/// Names joined by dots; never empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// The first name.
    pub first: Name,
    /// The others.
    pub rest: Vec<Name>,
}

impl Path {
    /// Where it begins.
    pub fn at(&self) -> usize {
        self.first.at
    }

    /// The last name.
    pub fn last(&self) -> &Name {
        self.rest.last().unwrap_or(&self.first)
    }

    /// All names in order.
    pub fn names(&self) -> impl Iterator<Item = &Name> {
        std::iter::once(&self.first).chain(&self.rest)
    }
}

/// A name and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    /// As written.
    pub text: Arc<str>,
    /// Byte offset in the query.
    pub at: usize,
}

impl Name {
    /// Equal without regard to case.
    pub fn is(&self, other: &str) -> bool {
        self.text.eq_ignore_ascii_case(other)
    }
}

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Cond {
    /// Two or more.
    And(Vec<Cond>),
    /// Two or more.
    Or(Vec<Cond>),
    /// NOT.
    Not(Box<Cond>),
    /// A comparison.
    Test(Test),
}

/// `left op right`.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// Left side.
    pub left: FieldExpr,
    /// Operator.
    pub op: Op,
    /// Place of the operator.
    pub op_at: usize,
    /// Right side.
    pub right: Operand,
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
    Like,
    In,
    NotIn,
    Includes,
    Excludes,
}

/// Right side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// One value.
    Value(Literal),
    /// A list in parentheses.
    List(Vec<Literal>),
    /// A semi-join.
    Query(Box<Select>),
}

/// A literal and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Literal {
    /// Byte offset in the query.
    pub at: usize,
    /// The value.
    pub value: LiteralValue,
}

/// The kinds of literals.
#[derive(Clone, Debug, PartialEq)]
pub enum LiteralValue {
    /// `'...'`.
    Text(Text),
    /// A number without fraction and exponent that fits 64 bits.
    Int(i64),
    /// Any other finite number.
    Double(f64),
    /// A number that no 64-bit type holds.
    TooLarge,
    /// TRUE or FALSE.
    Bool(bool),
    /// NULL.
    Null,
    /// `YYYY-MM-DD`.
    Date(Days),
    /// With time and zone.
    DateTime(Millis),
    /// `hh:mm:ss[.fff]Z`, in milliseconds since midnight.
    Time(i32),
    /// `LAST_N_DAYS:3`, `TODAY` and the like.
    Relative(Relative),
    /// `USD5000`: amount only; there is one currency.
    Currency(f64),
}

/// Decoded text of a string literal.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Text {
    /// With all escapes resolved.
    pub text: String,
    /// Which characters (by count, ascending) were `%` or `_` behind a backslash.
    pub escaped: Vec<usize>,
}

/// A date literal: a range of days counted from today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relative {
    /// The unit.
    pub unit: Unit,
    /// First unit, counted from the current one.
    pub first: i64,
    /// Number of units.
    pub count: i64,
}

/// Units of date literals. Fiscal years are calendar years here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Unit {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// GROUP BY.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupBy {
    /// Plain, ROLLUP or CUBE.
    pub kind: GroupKind,
    /// Grouped expressions.
    pub items: Vec<FieldExpr>,
}

/// Which subtotals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum GroupKind {
    Plain,
    Rollup,
    Cube,
}

/// One item of ORDER BY.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderItem {
    /// By what.
    pub by: FieldExpr,
    /// DESC.
    pub descending: bool,
    /// NULLS LAST.
    pub nulls_last: bool,
}

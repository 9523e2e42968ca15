//! Formula fields: a small part of the platform's formula language, computed when a record is read.
//!
//! Text becomes a [`Node`] tree over names ([`parse`]); `resolve` turns the names into paths, so that a
//! [`Formula`] is a pure function of its inputs. The evaluator and every store compute it by
//! [`Formula::value`], so they cannot differ.
//!
//! What it has: numbers, texts, TRUE, FALSE, NULL; `+ - * / ^ & = <> < <= > >= && || !`; fields of the
//! record and of its parents; the functions of [`Function`]. Blank is blank: arithmetic with it is blank,
//! a comparison with it false, and text treats it as empty. What cannot be computed (a division by zero)
//! is blank too. Texts compare byte for byte, as formulas of the platform do.

mod eval;
mod parser;

use jiff::tz::TimeZone;
use model::{FieldType, Millis, Value};

use crate::plan::Path;

pub use parser::parse;

/// Longest formula, as on the platform.
pub const CHARS_MAX: usize = 3_900;
/// Most nodes of a formula, those of the formulas that it refers to included.
pub const NODES_MAX: usize = 5_000;
/// Most different fields that a formula reads: a SQL function takes no more.
pub const INPUTS_MAX: usize = 60;

/// A formula, as a tree. `F` is a name when it is parsed, and the number of an input when it is resolved.
#[derive(Clone, Debug, PartialEq)]
pub enum Node<F> {
    /// A constant.
    Literal(Value),
    /// A field.
    Field(F),
    /// A function or an operator.
    Call(Function, Vec<Node<F>>),
}

/// A formula ready to compute.
#[derive(Clone, Debug, PartialEq)]
pub struct Formula {
    /// What is computed.
    pub node: Node<usize>,
    /// The fields it reads.
    pub inputs: Vec<Path>,
    /// Type of the field.
    pub kind: FieldType,
    /// Digits behind the point.
    pub scale: Option<u32>,
    /// For NOW and TODAY.
    pub now: Millis,
    /// The reader's zone, for TODAY and dates of datetimes.
    pub zone: TimeZone,
}

macro_rules! functions {
    ($($variant:ident $name:literal $least:literal $most:literal,)*) => {
        /// Functions, and operators written as such.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs)]
        pub enum Function { $($variant,)* Add, Subtract, Multiply, Divide, Power, Join, Negate, Eq, Ne, Lt, Le, Gt, Ge }

        impl Function {
            /// The function of a name in any case, with its least and greatest number of arguments.
            fn named(name: &str) -> Option<(Self, usize, usize)> {
                $(if name.eq_ignore_ascii_case($name) {
                    return Some((Self::$variant, $least, $most));
                })*
                None
            }
        }
    };
}

functions! {
    If "IF" 3 3,
    Case "CASE" 4 100,
    And "AND" 1 100,
    Or "OR" 1 100,
    Not "NOT" 1 1,
    IsBlank "ISBLANK" 1 1,
    IsNull "ISNULL" 1 1,
    BlankValue "BLANKVALUE" 2 2,
    NullValue "NULLVALUE" 2 2,
    IsPickVal "ISPICKVAL" 2 2,
    Text "TEXT" 1 1,
    Number "VALUE" 1 1,
    Len "LEN" 1 1,
    Left "LEFT" 2 2,
    Right "RIGHT" 2 2,
    Mid "MID" 3 3,
    Upper "UPPER" 1 1,
    Lower "LOWER" 1 1,
    Trim "TRIM" 1 1,
    Contains "CONTAINS" 2 2,
    Begins "BEGINS" 2 2,
    Substitute "SUBSTITUTE" 3 3,
    Abs "ABS" 1 1,
    Round "ROUND" 2 2,
    Floor "FLOOR" 1 1,
    Ceiling "CEILING" 1 1,
    Mod "MOD" 2 2,
    Min "MIN" 1 100,
    Max "MAX" 1 100,
    Today "TODAY" 0 0,
    Now "NOW" 0 0,
    Date "DATE" 3 3,
    DateValue "DATEVALUE" 1 1,
    Year "YEAR" 1 1,
    Month "MONTH" 1 1,
    Day "DAY" 1 1,
}

impl<F> Node<F> {
    /// How many nodes there are.
    pub fn size(&self) -> usize {
        match self {
            Self::Literal(_) | Self::Field(_) => 1,
            Self::Call(_, args) => 1 + args.iter().map(Node::size).sum::<usize>(),
        }
    }
}

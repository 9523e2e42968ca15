//! What can be put instead of what: operators, methods, answers of functions.

use syn::spanned::Spanned;
use syn::{BinOp, Expr, ReturnType, Signature, Type};

/// Methods that answer a bool: the opposite is a fault.
pub const ASKS: [&str; 10] = [
    "is_some",
    "is_none",
    "is_empty",
    "contains",
    "contains_key",
    "any",
    "all",
    "is_some_and",
    "is_none_or",
    "is_ok",
];

/// Methods whose closure answers a bool.
pub const SIFTS: [&str; 9] = [
    "filter",
    "any",
    "all",
    "is_some_and",
    "is_none_or",
    "position",
    "retain",
    "take_while",
    "skip_while",
];

const PAIRS: [(&str, &str); 6] = [
    ("min", "max"),
    ("min_by_key", "max_by_key"),
    ("first", "last"),
    ("saturating_add", "saturating_sub"),
    ("next", "last"),
    ("pop_first", "pop_last"),
];

/// The method that is easily mistaken for this one.
pub fn method(name: &str) -> Option<&'static str> {
    PAIRS.iter().find_map(|(a, b)| match name {
        _ if name == *a => Some(*b),
        _ if name == *b => Some(*a),
        _ => None,
    })
}

/// The operators to try instead.
pub fn operators(op: &BinOp) -> &'static [&'static str] {
    match op {
        BinOp::Add(_) => &["-"],
        BinOp::Sub(_) => &["+"],
        BinOp::Mul(_) => &["+", "/"],
        BinOp::Div(_) => &["*"],
        BinOp::Rem(_) => &["/"],
        BinOp::And(_) => &["||"],
        BinOp::Or(_) => &["&&"],
        BinOp::BitXor(_) => &["|"],
        BinOp::BitAnd(_) => &["|"],
        BinOp::BitOr(_) => &["&"],
        BinOp::Shl(_) => &[">>"],
        BinOp::Shr(_) => &["<<"],
        BinOp::Eq(_) => &["!="],
        BinOp::Ne(_) => &["=="],
        BinOp::Lt(_) => &["<=", ">"],
        BinOp::Le(_) => &["<", ">"],
        BinOp::Gt(_) => &[">=", "<"],
        BinOp::Ge(_) => &[">", "<"],
        BinOp::AddAssign(_) => &["-="],
        BinOp::SubAssign(_) => &["+="],
        BinOp::MulAssign(_) => &["/="],
        BinOp::DivAssign(_) => &["*="],
        BinOp::BitAndAssign(_) => &["|="],
        BinOp::BitOrAssign(_) => &["&="],
        _ => &[],
    }
}

/// `+=` and the like.
pub fn assigns(op: &BinOp) -> bool {
    matches!(
        op,
        BinOp::AddAssign(_)
            | BinOp::SubAssign(_)
            | BinOp::MulAssign(_)
            | BinOp::DivAssign(_)
            | BinOp::BitAndAssign(_)
            | BinOp::BitOrAssign(_)
    )
}

/// Whether the condition binds names (`let`), alone or in a chain.
pub fn binds(expr: &Expr) -> bool {
    match expr {
        Expr::Let(_) => true,
        Expr::Binary(b) if matches!(b.op, BinOp::And(_)) => binds(&b.left) || binds(&b.right),
        _ => false,
    }
}

/// `#[test]`, `#[cfg(test)]`.
pub fn is_test(attrs: &[syn::Attribute]) -> bool {
    attrs.iter().any(|attr| {
        attr.path().is_ident("test")
            || attr.path().is_ident("cfg")
                && attr
                    .parse_args::<syn::Path>()
                    .is_ok_and(|p| p.is_ident("test"))
    })
}

/// What the function could answer without looking; the compiler throws out what does not fit.
pub fn answers(sig: &Signature, text: &str) -> Vec<String> {
    let answers: &[&str] = match &sig.output {
        ReturnType::Default => &[""],
        ReturnType::Type(_, answer) => match &**answer {
            Type::Path(path) => {
                let last = path.path.segments.last();
                let name = last.map(|s| s.ident.to_string()).unwrap_or_default();
                let whole = text[answer.span().byte_range()].replace(' ', "");
                named(&name, &whole)
            }
            Type::Tuple(_) | Type::Array(_) => &["Default::default()"],
            Type::Reference(to) => match &*to.elem {
                Type::Path(path) if path.path.is_ident("str") => &["\"\""],
                Type::Slice(_) => &["&[]"],
                _ => &[],
            },
            _ => &[],
        },
    };
    answers.iter().map(|a| (*a).to_owned()).collect()
}

fn named(name: &str, whole: &str) -> &'static [&'static str] {
    match name {
        "bool" => &["true", "false"],
        "Option" => &["None"],
        "u8" | "u16" | "u32" | "u64" | "usize" | "i8" | "i16" | "i32" | "i64" | "isize" => {
            &["0", "1"]
        }
        "f32" | "f64" => &["0.0"],
        "Checked" => &["Ok(())"],
        "Result" if whole.starts_with("Result<()") => &["Ok(())"],
        "Result" => &["Ok(Default::default())"],
        "Ordering" => &["std::cmp::Ordering::Equal"],
        _ => &["Default::default()"],
    }
}

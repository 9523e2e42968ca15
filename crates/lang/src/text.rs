//! How text compares in SOQL: by Unicode characters, without regard to case (rest-api.md 6.3, 2).
//!
//! The one definition for the evaluator, for LIKE and for stores, which use it as their collation.
//! Characters are looked at in upper case, so `_` comes after the letters.

use std::cmp::Ordering;

/// The character as comparisons see it: in upper case, where that is one character.
pub fn upper(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_uppercase();
    }
    let mut all = c.to_uppercase();
    match (all.next(), all.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

/// Case-insensitive order of two texts: a total order on folded texts, so a store may index by it.
pub fn compare(a: &str, b: &str) -> Ordering {
    a.chars().map(upper).cmp(b.chars().map(upper))
}

/// Equal by [`compare`].
pub fn same(a: &str, b: &str) -> bool {
    compare(a, b) == Ordering::Equal
}

/// The text as [`compare`] sees it; two texts are the same exactly if their folds are equal bytes, and
/// folds sort by their bytes.
pub fn fold(text: &str) -> String {
    text.chars().map(upper).collect()
}

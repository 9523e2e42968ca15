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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_does_not_count_and_folds_agree() {
        let texts = [
            "", "a", "A", "a_b", "AB", "ab", "Ärger", "ärger", "straße", "STRASSE", "z", "É",
        ];
        for a in texts {
            for b in texts {
                assert_eq!(
                    compare(a, b),
                    fold(a).as_str().cmp(fold(b).as_str()),
                    "{a} {b}"
                );
                assert_eq!(same(a, b), fold(a) == fold(b));
            }
        }
        assert!(same("ÄRGER", "ärger") && !same("straße", "strasse"));
        assert_eq!(compare("ab", "a_b"), Ordering::Less);
    }
}

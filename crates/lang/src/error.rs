//! Where a query is wrong, and how that is told (rest-api.md 3.3): a slice of the query, a caret below
//! the place, row and column, the reason.

use model::{Code, Refusal};

/// A text that is no query.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct SyntaxError {
    /// MALFORMED_QUERY, or MALFORMED_SEARCH for a search.
    pub code: Code,
    /// Row, from 1.
    pub row: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong, in one line.
    pub reason: String,
    /// For the caller: slice, caret, place and reason.
    pub message: String,
}

impl SyntaxError {
    pub(crate) fn new(code: Code, text: &str, at: usize, reason: impl Into<String>) -> Self {
        let reason = reason.into();
        let (row, column) = place(text, at);
        Self {
            code,
            row,
            column,
            message: caret(text, at, &reason),
            reason,
        }
    }
}

impl From<SyntaxError> for Refusal {
    fn from(error: SyntaxError) -> Self {
        Refusal::new(error.code, error.message)
    }
}

/// A refusal that points into the query.
pub(crate) fn refuse(code: Code, text: &str, at: usize, reason: impl AsRef<str>) -> Refusal {
    Refusal::new(code, caret(text, at, reason.as_ref()))
}

/// Most characters of the query shown before and behind the place.
const SHOWN: usize = 50;

fn before(text: &str, at: usize) -> &str {
    let mut end = at.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Row and column of a byte offset, both from 1.
pub(crate) fn place(text: &str, at: usize) -> (usize, usize) {
    let before = before(text, at);
    let row = before.matches('\n').count() + 1;
    let line = before.rsplit('\n').next().unwrap_or_default();
    (row, line.chars().count() + 1)
}

fn caret(text: &str, at: usize, reason: &str) -> String {
    let (row, column) = place(text, at);
    let head = before(text, at);
    let line_head = head.rsplit('\n').next().unwrap_or_default();
    let skip = line_head.chars().count().saturating_sub(SHOWN);
    let shown_head: String = line_head.chars().skip(skip).collect();
    let tail = text.get(head.len()..).unwrap_or_default();
    let shown_tail: String = tail
        .chars()
        .take_while(|c| *c != '\n' && *c != '\r')
        .take(SHOWN)
        .collect();
    let blanks = " ".repeat(shown_head.chars().count());
    format!("\n{shown_head}{shown_tail}\n{blanks}^\nERROR at Row:{row}:Column:{column}\n{reason}")
}

/// Row and column that the message of a refused query names. SOAP faults carry them apart.
pub fn place_of(refusal: &Refusal) -> Option<(usize, usize)> {
    let (_, rest) = refusal.message.rsplit_once("\nERROR at Row:")?;
    let (row, rest) = rest.split_once(":Column:")?;
    let (column, _) = rest.split_once('\n')?;
    Some((row.parse().ok()?, column.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_below_the_place() {
        let refusal = refuse(Code::InvalidField, "SELECT Nope FROM Case", 7, "why");
        let want = "\nSELECT Nope FROM Case\n       ^\nERROR at Row:1:Column:8\nwhy";
        assert_eq!(refusal.message, want);
        assert_eq!(place_of(&refusal), Some((1, 8)));
        assert_eq!(place_of(&Refusal::new(Code::InvalidField, "why")), None);
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let text = format!("{}x{}\nnext", "a".repeat(80), "b".repeat(80));
        let message = caret(&text, 80, "why");
        let lines: Vec<&str> = message.split('\n').collect();
        assert_eq!(lines[1], format!("{}x{}", "a".repeat(50), "b".repeat(49)));
        assert_eq!(lines[2], format!("{}^", " ".repeat(50)));
        assert_eq!(lines[3], "ERROR at Row:1:Column:81");
    }
}

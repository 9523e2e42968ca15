//! Patterns of text: those of LIKE (rest-api.md 6.3, 5), and those of SOSL, which look for words (6.4).

use crate::text;

/// One piece of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// This very character, without regard to case.
    Char(char),
    /// `_`: any one character.
    One,
    /// `%`: any text, the empty one too.
    Any,
    /// SOSL only: any number of letters and digits.
    Letters,
    /// SOSL only: one or more characters that are neither letter nor digit.
    Gap,
    /// SOSL only: a place where a word begins or ends, or an end of the text.
    Edge,
}

/// A parsed pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// Its pieces; no two `Any` side by side.
    pub pieces: Vec<Piece>,
}

impl Pattern {
    /// Collects pieces; runs of `%` become one.
    pub fn new(pieces: impl IntoIterator<Item = Piece>) -> Self {
        let mut all: Vec<Piece> = Vec::new();
        for piece in pieces {
            if piece != Piece::Any || all.last() != Some(&Piece::Any) {
                all.push(piece);
            }
        }
        Self { pieces: all }
    }

    /// True if the whole of `text` fits. Takes at most pattern length times text length steps.
    pub fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        let of_words = |p: &Piece| matches!(p, Piece::Letters | Piece::Gap | Piece::Edge);
        if self.pieces.iter().any(of_words) {
            return self.finds(&text);
        }
        let (mut at, mut piece) = (0, 0);
        let mut retry: Option<(usize, usize)> = None;
        loop {
            let fits = match (self.pieces.get(piece), text.get(at)) {
                (None, None) => return true,
                (Some(Piece::Any), _) => {
                    retry = Some((piece, at));
                    piece += 1;
                    continue;
                }
                (Some(Piece::One), Some(_)) => true,
                (Some(Piece::Char(want)), Some(got)) => text::upper(*want) == text::upper(*got),
                _ => false,
            };
            if fits {
                (at, piece) = (at + 1, piece + 1);
                continue;
            }
            match retry {
                Some((any, from)) if from < text.len() => {
                    retry = Some((any, from + 1));
                    (at, piece) = (from + 1, any + 1);
                }
                _ => return false,
            }
        }
    }

    /// The text that everything that fits begins with; a store may turn it into a range.
    pub fn prefix(&self) -> String {
        self.pieces
            .iter()
            .map_while(|p| match p {
                Piece::Char(c) => Some(*c),
                Piece::One | Piece::Any | Piece::Letters | Piece::Gap | Piece::Edge => None,
            })
            .collect()
    }

    /// As [`Pattern::matches`], by keeping every place of the pattern that the text so far may have
    /// reached.
    fn finds(&self, text: &[char]) -> bool {
        let mut places = vec![false; self.pieces.len() + 1];
        places[0] = true;
        for at in 0..=text.len() {
            self.skip(&mut places, text, at);
            let Some(c) = text.get(at) else { break };
            let mut next = vec![false; places.len()];
            for (place, piece) in self.pieces.iter().enumerate() {
                if !places[place] {
                    continue;
                }
                let (stays, goes) = match piece {
                    Piece::Char(want) => (false, text::upper(*want) == text::upper(*c)),
                    Piece::One => (false, true),
                    Piece::Any => (true, false),
                    Piece::Letters => (c.is_alphanumeric(), false),
                    Piece::Gap => (!c.is_alphanumeric(), !c.is_alphanumeric()),
                    Piece::Edge => (false, false),
                };
                next[place] |= stays;
                next[place + 1] |= goes;
            }
            places = next;
        }
        places.last() == Some(&true)
    }

    /// Goes past the pieces that need no character.
    fn skip(&self, places: &mut [bool], text: &[char], at: usize) {
        let is_letter = |at: Option<usize>| {
            at.and_then(|at| text.get(at))
                .is_some_and(|c| c.is_alphanumeric())
        };
        let is_edge = is_letter(at.checked_sub(1)) != is_letter(Some(at));
        for (place, piece) in self.pieces.iter().enumerate() {
            let skips = match piece {
                Piece::Any | Piece::Letters => true,
                Piece::Edge => is_edge,
                Piece::Char(_) | Piece::One | Piece::Gap => false,
            };
            places[place + 1] |= places[place] && skips;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern::new(text.chars().map(|c| match c {
            '%' => Piece::Any,
            '_' => Piece::One,
            '*' => Piece::Letters,
            '-' => Piece::Gap,
            '|' => Piece::Edge,
            c => Piece::Char(c),
        }))
    }

    #[test]
    fn patterns_of_like() {
        for (text, fits, fails) in [
            ("", "", "a"),
            ("%", "", "\u{0}never"),
            ("a%c", "ABC", "abcd"),
            ("a_c", "aéc", "ac"),
            ("%a%b%", "xaxbx", "xbxax"),
            ("ß%", "ßa", "ss"),
            ("%ab", "aab", "aba"),
        ] {
            assert!(pattern(text).matches(fits), "{text}: {fits}");
            let any = text == "%";
            assert_eq!(pattern(text).matches(fails), any, "{text}: {fails}");
        }
        assert_eq!(pattern("ab_c%").prefix(), "ab");
        assert_eq!(pattern("%%a%%").pieces.len(), 3);
    }

    #[test]
    fn patterns_of_words() {
        for (text, fits, fails) in [
            ("%|joe|%", "say, Joe!", "joel"),
            ("%|joe|%", "joe", "ajoe"),
            ("%|jo*|%", "a jones b", "ajo"),
            ("%|jo*n|%", "john", "jo n"),
            ("%|a-b|%", "a, b", "ab"),
            ("%|a-b|%", "x a -- b", "a c b"),
            ("%|j_e|%", "joe", "jooe"),
        ] {
            assert!(pattern(text).matches(fits), "{text}: {fits}");
            assert!(!pattern(text).matches(fails), "{text}: {fails}");
        }
        assert_eq!(pattern("%|joe|%").prefix(), "");
    }
}

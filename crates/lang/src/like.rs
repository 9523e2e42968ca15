//! LIKE patterns (rest-api.md 6.3, 5): `%` any text, `_` one character, both escapable by a backslash.

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
                Piece::One | Piece::Any => None,
            })
            .collect()
    }
}

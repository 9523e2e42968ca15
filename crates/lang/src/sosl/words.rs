//! The text between the braces: words, phrases, wildcards, AND, OR, AND NOT, parentheses.

use crate::like::{Pattern, Piece};

/// Most parentheses inside each other.
const DEPTH_MAX: usize = 20;
/// Most characters between the braces; more find nothing in the original.
const CHARS_MAX: usize = 10_000;

/// What must be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Words {
    /// A word or phrase, in one field.
    Found(Pattern),
    /// All of them.
    And(Vec<Words>),
    /// One of them.
    Or(Vec<Words>),
    /// The opposite.
    Not(Box<Words>),
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Term(Pattern),
    And,
    Or,
    Not,
    Open,
    Close,
}

impl Words {
    /// Parses the text between the braces.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.chars().count() > CHARS_MAX {
            return Err(format!(
                "the search term is longer than {CHARS_MAX} characters"
            ));
        }
        let tokens = tokens(text)?;
        let mut parser = Parser {
            tokens: &tokens,
            depth: 0,
        };
        if tokens.is_empty() {
            let none = "No search term found. The search term must be enclosed in braces.";
            return Err(none.to_owned());
        }
        let words = parser.or()?;
        match parser.tokens {
            [] => Ok(words),
            _ => Err("unexpected ')' in the search term".to_owned()),
        }
    }
}

struct Parser<'t> {
    tokens: &'t [Token],
    depth: usize,
}

impl Parser<'_> {
    fn take(&mut self, token: &Token) -> bool {
        match self.tokens.split_first() {
            Some((first, rest)) if first == token => {
                self.tokens = rest;
                true
            }
            _ => false,
        }
    }

    fn or(&mut self) -> Result<Words, String> {
        let mut all = vec![self.and()?];
        while self.take(&Token::Or) {
            all.push(self.and()?);
        }
        Ok(match all.len() {
            1 => all.remove(0),
            _ => Words::Or(all),
        })
    }

    fn and(&mut self) -> Result<Words, String> {
        let mut all = vec![self.one()?];
        loop {
            let joined = self.take(&Token::And);
            if self.take(&Token::Not) {
                all.push(Words::Not(Box::new(self.one()?)));
            } else if joined || matches!(self.tokens.first(), Some(Token::Term(_) | Token::Open)) {
                all.push(self.one()?);
            } else {
                break;
            }
        }
        Ok(match all.len() {
            1 => all.remove(0),
            _ => Words::And(all),
        })
    }

    fn one(&mut self) -> Result<Words, String> {
        let Some((first, rest)) = self.tokens.split_first() else {
            return Err("the search term is incomplete".to_owned());
        };
        self.tokens = rest;
        match first {
            Token::Term(pattern) => Ok(Words::Found(pattern.clone())),
            Token::Open => {
                self.depth += 1;
                if self.depth > DEPTH_MAX {
                    return Err("the search term is nested too deep".to_owned());
                }
                let inner = self.or()?;
                self.depth -= 1;
                match self.take(&Token::Close) {
                    true => Ok(inner),
                    false => Err("a parenthesis of the search term is not closed".to_owned()),
                }
            }
            Token::And | Token::Or | Token::Not | Token::Close => {
                Err("the search term is incomplete".to_owned())
            }
        }
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut all = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(&c) = chars.peek() {
        match c {
            _ if c.is_whitespace() => {
                chars.next();
            }
            '(' | ')' => {
                chars.next();
                all.push(if c == '(' { Token::Open } else { Token::Close });
            }
            '"' => {
                chars.next();
                let mut term = Term::default();
                loop {
                    match chars.next() {
                        Some('"') => break,
                        Some('\\') => term.escaped(chars.next()),
                        Some(c) => term.push(c),
                        None => return Err("a phrase of the search term is not closed".to_owned()),
                    }
                }
                all.extend(term.token()?);
            }
            _ => all.extend(word(&mut chars)?),
        }
    }
    Ok(all)
}

fn word(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<Option<Token>, String> {
    let mut term = Term::default();
    let mut plain = String::new();
    while let Some(c) = chars.next_if(|c| !c.is_whitespace() && !matches!(c, '(' | ')' | '"')) {
        plain.push(c);
        match c {
            '\\' => term.escaped(chars.next()),
            c => term.push(c),
        }
    }
    match plain.to_ascii_uppercase().as_str() {
        "AND" => Ok(Some(Token::And)),
        "OR" => Ok(Some(Token::Or)),
        "NOT" => Ok(Some(Token::Not)),
        _ => term.token(),
    }
}

/// A word or phrase as it is read.
#[derive(Default)]
struct Term {
    pieces: Vec<Piece>,
    letters: usize,
    text: String,
}

impl Term {
    fn push(&mut self, c: char) {
        match c {
            '*' => self.pieces.push(Piece::Letters),
            '?' => {
                self.letters += 1;
                self.pieces.push(Piece::One);
            }
            c => self.escaped(Some(c)),
        }
        self.text.push(c);
    }

    /// Letters stand for themselves, all else for a gap between words.
    fn escaped(&mut self, c: Option<char>) {
        let Some(c) = c else { return };
        if c.is_alphanumeric() {
            self.letters += 1;
            self.pieces.push(Piece::Char(c));
        } else if !self.pieces.is_empty() && self.pieces.last() != Some(&Piece::Gap) {
            self.pieces.push(Piece::Gap);
        }
    }

    /// The pattern of whole words; nothing if there is no letter in it.
    fn token(mut self) -> Result<Option<Token>, String> {
        while self.pieces.last() == Some(&Piece::Gap) {
            self.pieces.pop();
        }
        if self.pieces.is_empty() {
            return Ok(None);
        }
        if self.letters < 2 {
            let text = self.text;
            return Err(format!(
                "search term must be longer than one character: {text}"
            ));
        }
        let around = |pieces: Vec<Piece>| {
            let mut all = vec![Piece::Any, Piece::Edge];
            all.extend(pieces);
            all.extend([Piece::Edge, Piece::Any]);
            Pattern::new(all)
        };
        Ok(Some(Token::Term(around(self.pieces))))
    }
}

//! Text to tokens. Bounds the input before it looks at it, so that a huge query costs nothing.

use model::Code;

use crate::ast::Text;
use crate::error::SyntaxError;

/// Most characters of a query (rest-api.md 6.3, 13).
pub const QUERY_CHARS_MAX: usize = 100_000;
/// Most characters of a string literal.
pub const STRING_CHARS_MAX: usize = 4_000;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    Word,
    Number,
    /// A date, datetime or time: begins like one.
    Moment,
    Text(Text),
    /// Punctuation and operators.
    Sign,
    End,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token<'a> {
    pub kind: Kind,
    pub text: &'a str,
    pub at: usize,
}

impl Token<'_> {
    /// A word, in any case.
    pub fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    pub fn is_sign(&self, sign: &str) -> bool {
        self.kind == Kind::Sign && self.text == sign
    }
}

pub(crate) fn tokens(text: &str) -> Result<Vec<Token<'_>>, SyntaxError> {
    let too_long = text.len() > QUERY_CHARS_MAX * 4 || text.chars().nth(QUERY_CHARS_MAX).is_some();
    if too_long {
        let reason = format!("SOQL statements cannot be longer than {QUERY_CHARS_MAX} characters.");
        return Err(SyntaxError {
            code: Code::MalformedQuery,
            row: 1,
            column: QUERY_CHARS_MAX + 1,
            message: reason.clone(),
            reason,
        });
    }
    let mut lexer = Lexer { text, at: 0 };
    let mut all = Vec::new();
    while let Some(token) = lexer.next()? {
        all.push(token);
    }
    all.push(Token {
        kind: Kind::End,
        text: "<EOF>",
        at: text.len(),
    });
    Ok(all)
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn wrong(&self, at: usize, reason: impl Into<String>) -> SyntaxError {
        SyntaxError::new(Code::MalformedQuery, self.text, at, reason)
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn next(&mut self) -> Result<Option<Token<'a>>, SyntaxError> {
        self.take_while(char::is_whitespace);
        let at = self.at;
        let Some(first) = self.peek() else {
            return Ok(None);
        };
        let (kind, text) = match first {
            'a'..='z' | 'A'..='Z' | '_' => (
                Kind::Word,
                self.take_while(|c| c.is_ascii_alphanumeric() || c == '_'),
            ),
            '0'..='9' => self.number_or_moment(),
            '+' | '-' => self.signed(at)?,
            '\'' => (Kind::Text(self.string()?), &self.text[at..self.at]),
            _ => (Kind::Sign, self.sign(at, first)?),
        };
        Ok(Some(Token { kind, text, at }))
    }

    fn sign(&mut self, at: usize, first: char) -> Result<&'a str, SyntaxError> {
        const SIGNS: [&str; 13] = [
            "!=", "<>", "<=", ">=", "=", "<", ">", "(", ")", ",", ".", ":", ";",
        ];
        let rest = self.rest();
        match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            Some(sign) => {
                self.at += sign.len();
                Ok(&rest[..sign.len()])
            }
            None => Err(self.wrong(at, format!("unexpected token: '{first}'"))),
        }
    }

    fn number_or_moment(&mut self) -> (Kind, &'a str) {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let digits = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
        let next_is_digit = bytes.get(digits + 1).is_some_and(u8::is_ascii_digit);
        let is_date = digits == 4 && bytes.get(4) == Some(&b'-') && next_is_digit;
        let is_time = digits == 2 && bytes.get(2) == Some(&b':') && next_is_digit;
        if is_date || is_time {
            let text = self.take_while(|c| {
                c.is_ascii_digit() || matches!(c, '-' | ':' | '.' | '+' | 'T' | 't' | 'Z' | 'z')
            });
            return (Kind::Moment, text);
        }
        (Kind::Number, self.number(rest))
    }

    fn signed(&mut self, at: usize) -> Result<(Kind, &'a str), SyntaxError> {
        let rest = self.rest();
        let sign = &rest[..1];
        self.at += 1;
        if !self.peek().is_some_and(|c| c.is_ascii_digit()) {
            return Err(self.wrong(at, format!("unexpected token: '{sign}'")));
        }
        Ok((Kind::Number, self.number(rest)))
    }

    /// `rest` is the text from the sign on, `self.at` is at the first digit.
    fn number(&mut self, rest: &'a str) -> &'a str {
        let start = self.text.len() - rest.len();
        self.take_while(|c| c.is_ascii_digit());
        let digit_at =
            |text: &str, at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
        if self.rest().starts_with('.') && digit_at(self.rest(), 1) {
            self.at += 1;
            self.take_while(|c| c.is_ascii_digit());
        }
        if self.rest().starts_with(['e', 'E']) {
            let signed = self.rest()[1..].starts_with(['+', '-']);
            if digit_at(self.rest(), 1 + usize::from(signed)) {
                self.at += 1 + usize::from(signed);
                self.take_while(|c| c.is_ascii_digit());
            }
        }
        &self.text[start..self.at]
    }

    fn string(&mut self) -> Result<Text, SyntaxError> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        let mut escaped = Vec::new();
        let mut count = 0;
        loop {
            let at = self.at;
            let Some(c) = self.peek() else {
                return Err(self.wrong(start, "mismatched character '<EOF>' expecting '''"));
            };
            self.at += c.len_utf8();
            match c {
                '\'' => return Ok(Text { text, escaped }),
                '\\' => {
                    let c = self.escape(at)?;
                    if matches!(c, '%' | '_') {
                        escaped.push(count);
                    }
                    text.push(c);
                }
                c => text.push(c),
            }
            count += 1;
            if count > STRING_CHARS_MAX {
                let reason = format!("string literals cannot exceed {STRING_CHARS_MAX} characters");
                return Err(self.wrong(start, reason));
            }
        }
    }

    fn escape(&mut self, at: usize) -> Result<char, SyntaxError> {
        let c = self.peek().and_then(|c| {
            self.at += c.len_utf8();
            match c {
                'n' | 'N' => Some('\n'),
                'r' | 'R' => Some('\r'),
                't' | 'T' => Some('\t'),
                'b' | 'B' => Some('\u{8}'),
                'f' | 'F' => Some('\u{c}'),
                '"' | '\'' | '\\' | '_' | '%' => Some(c),
                'u' | 'U' => self.unicode(),
                _ => None,
            }
        });
        c.ok_or_else(|| self.wrong(at, "Illegal character sequence in string literal"))
    }

    /// Four hexadecimal digits; two such escapes may make a surrogate pair.
    fn unicode(&mut self) -> Option<char> {
        let high = self.hex()?;
        if !(0xD800..0xDC00).contains(&high) {
            return char::from_u32(high);
        }
        if !self.rest().starts_with("\\u") {
            return None;
        }
        self.at += 2;
        let low = self.hex()?;
        if !(0xDC00..0xE000).contains(&low) {
            return None;
        }
        char::from_u32(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.rest().get(..4)?;
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }
}

//! Formula text to a tree over names. Bounded in length and depth, so that nothing here can overflow.

use model::Value;

use super::{CHARS_MAX, Function, Node};

/// Deepest nesting.
const DEPTH_MAX: usize = 64;

/// A dotted name: `Amount__c`, `Account.Name`.
pub type Names = Vec<String>;

/// Reads a formula.
///
/// # Errors
/// What is wrong, in words.
pub fn parse(text: &str) -> Result<Node<Names>, String> {
    if text.chars().nth(CHARS_MAX).is_some() {
        return Err(format!("a formula has at most {CHARS_MAX} characters"));
    }
    let mut parser = Parser {
        rest: text,
        depth: 0,
    };
    let node = parser.or()?;
    match parser.rest.trim_start() {
        "" => Ok(node),
        rest => Err(unexpected(rest)),
    }
}

struct Parser<'t> {
    rest: &'t str,
    depth: usize,
}

type Parsed = Result<Node<Names>, String>;

fn unexpected(rest: &str) -> String {
    let shown: String = rest.chars().take(20).collect();
    match shown.is_empty() {
        true => "unexpected end of the formula".to_owned(),
        false => format!("unexpected: {shown}"),
    }
}

fn call(function: Function, args: Vec<Node<Names>>) -> Node<Names> {
    Node::Call(function, args)
}

impl<'t> Parser<'t> {
    /// Takes the first of these signs that comes next.
    fn sign<T: Copy>(&mut self, signs: &[(&str, T)]) -> Option<T> {
        self.rest = self.rest.trim_start();
        let (sign, found) = signs.iter().find(|(s, _)| self.rest.starts_with(s))?;
        self.rest = &self.rest[sign.len()..];
        Some(*found)
    }

    /// Operators of one rank, from left to right.
    fn chain(&mut self, signs: &[(&str, Function)], next: fn(&mut Self) -> Parsed) -> Parsed {
        let mut left = next(self)?;
        let mut count = 0;
        while let Some(function) = self.sign(signs) {
            count += 1;
            if count > DEPTH_MAX {
                return Err(format!("more than {DEPTH_MAX} operators in a row"));
            }
            left = call(function, vec![left, next(self)?]);
        }
        Ok(left)
    }

    fn or(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(format!("a formula nests at most {DEPTH_MAX} deep"));
        }
        let found = self.chain(&[("||", Function::Or)], Self::and);
        self.depth -= 1;
        found
    }

    fn and(&mut self) -> Parsed {
        self.chain(&[("&&", Function::And)], Self::comparison)
    }

    fn comparison(&mut self) -> Parsed {
        const SIGNS: [(&str, Function); 8] = [
            ("==", Function::Eq),
            ("=", Function::Eq),
            ("<>", Function::Ne),
            ("!=", Function::Ne),
            ("<=", Function::Le),
            (">=", Function::Ge),
            ("<", Function::Lt),
            (">", Function::Gt),
        ];
        self.chain(&SIGNS, Self::join)
    }

    fn join(&mut self) -> Parsed {
        let mut left = self.sum()?;
        let mut count = 0;
        loop {
            self.rest = self.rest.trim_start();
            if !self.rest.starts_with('&') || self.rest.starts_with("&&") {
                return Ok(left);
            }
            count += 1;
            if count > DEPTH_MAX {
                return Err(format!("more than {DEPTH_MAX} operators in a row"));
            }
            self.rest = &self.rest[1..];
            left = call(Function::Join, vec![left, self.sum()?]);
        }
    }

    fn sum(&mut self) -> Parsed {
        let signs = [("+", Function::Add), ("-", Function::Subtract)];
        self.chain(&signs, Self::product)
    }

    fn product(&mut self) -> Parsed {
        let signs = [("*", Function::Multiply), ("/", Function::Divide)];
        self.chain(&signs, Self::power)
    }

    fn power(&mut self) -> Parsed {
        self.chain(&[("^", Function::Power)], Self::unary)
    }

    fn unary(&mut self) -> Parsed {
        self.rest = self.rest.trim_start();
        let negation = match self.rest.as_bytes() {
            [b'-', ..] => Function::Negate,
            [b'!', next, ..] if *next != b'=' => Function::Not,
            _ => return self.primary(),
        };
        self.rest = &self.rest[1..];
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(format!("a formula nests at most {DEPTH_MAX} deep"));
        }
        let inner = self.unary();
        self.depth -= 1;
        Ok(call(negation, vec![inner?]))
    }

    fn primary(&mut self) -> Parsed {
        if self.sign(&[("(", ())]).is_some() {
            let inner = self.or()?;
            return match self.sign(&[(")", ())]) {
                Some(()) => Ok(inner),
                None => Err(unexpected(self.rest)),
            };
        }
        match self.rest.chars().next() {
            Some(quote @ ('"' | '\'')) => self.text(quote),
            Some('0'..='9' | '.') => self.number(),
            Some('a'..='z' | 'A'..='Z' | '_') => self.name(),
            _ => Err(unexpected(self.rest)),
        }
    }

    fn take(&mut self, belongs: impl Fn(char) -> bool) -> &'t str {
        let end = self.rest.find(|c| !belongs(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn number(&mut self) -> Parsed {
        let text = self.take(|c| c.is_ascii_digit() || c == '.');
        let number: f64 = text.parse().map_err(|_| unexpected(text))?;
        Ok(Node::Literal(Value::Double(number)))
    }

    fn text(&mut self, quote: char) -> Parsed {
        let mut text = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                c if c == quote => {
                    self.rest = &self.rest[at + 1..];
                    return Ok(Node::Literal(Value::from(text)));
                }
                '\\' => match chars.next() {
                    Some((_, 'n')) => text.push('\n'),
                    Some((_, 't')) => text.push('\t'),
                    Some((_, c)) => text.push(c),
                    None => break,
                },
                c => text.push(c),
            }
        }
        Err("a text without its closing quote".to_owned())
    }

    fn name(&mut self) -> Parsed {
        let word = self.take(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
        if self.sign(&[("(", ())]).is_some() {
            return self.arguments(word);
        }
        Ok(match word {
            _ if word.eq_ignore_ascii_case("true") => Node::Literal(Value::Bool(true)),
            _ if word.eq_ignore_ascii_case("false") => Node::Literal(Value::Bool(false)),
            _ if word.eq_ignore_ascii_case("null") => Node::Literal(Value::Null),
            _ => Node::Field(word.split('.').map(str::to_owned).collect()),
        })
    }

    fn arguments(&mut self, name: &str) -> Parsed {
        let Some((function, least, most)) = Function::named(name) else {
            return Err(format!("unknown function {name}"));
        };
        let mut args = Vec::new();
        if self.sign(&[(")", ())]).is_none() {
            loop {
                args.push(self.or()?);
                match self.sign(&[(",", true), (")", false)]) {
                    Some(true) => {}
                    Some(false) => break,
                    None => return Err(unexpected(self.rest)),
                }
            }
        }
        let fits = (least..=most).contains(&args.len());
        // CASE has an expression, pairs, and an alternative
        if !fits || function == Function::Case && args.len() % 2 == 1 {
            return Err(format!("wrong number of arguments of {name}"));
        }
        Ok(call(function, args))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_bind_as_in_arithmetic() {
        let same = |a: &str, b: &str| assert_eq!(parse(a), parse(b), "{a}");
        same("1+2*3", "1+(2*3)");
        same("1-2-3", "(1-2)-3");
        same("2*3^4", "2*(3^4)");
        same("a = b && c <> d || e", "((a = b) && (c <> d)) || e");
        same("'x' & 1 + 2", "'x' & (1 + 2)");
        same("a == b", "a=b");
        same("!a", "NOT(a)");
        same("IF( a , 'b' , \"c\" )", "if(a,'b','c')");
    }

    #[test]
    fn nonsense_is_refused_in_words() {
        for wrong in [
            "",
            "1 +",
            "(1",
            "1)",
            "foo(1)",
            "IF(1)",
            "CASE(1,2,3,4,5)",
            "'open",
            "a..b(",
            "#",
            "&& 1",
            "1 2",
            "TODAY(1)",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
        for deep in ["(", "-", "!", "NOT("] {
            assert!(parse(&deep.repeat(3_000)).is_err());
        }
        assert!(parse(&"1+".repeat(1_900)).is_err());
        assert!(parse(&"x".repeat(CHARS_MAX + 1)).is_err());
    }
}

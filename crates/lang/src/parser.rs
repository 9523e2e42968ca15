//! Recursive descent over the grammar of rest-api.md 6.2. Depth is bounded, so no input can overflow
//! the stack; length is bounded by the lexer.

mod cond;
mod literal;

use std::sync::Arc;

use model::Code;

use crate::ast::{
    FieldExpr, FieldsKind, GroupBy, GroupKind, Item, Items, Name, OrderItem, Path, Query, Select,
    TypeOf,
};
use crate::error::SyntaxError;
use crate::lexer::{self, Kind, Token};

/// Most parentheses, NOTs and sub-queries inside each other.
const DEPTH_MAX: usize = 60;

/// Words that cannot be an alias (rest-api.md 6.2), and those that begin a clause.
const NO_ALIAS: [&str; 24] = [
    "AND", "ASC", "DESC", "EXCLUDES", "FIRST", "FROM", "GROUP", "HAVING", "IN", "INCLUDES", "LAST",
    "LIKE", "LIMIT", "NOT", "NULL", "NULLS", "OR", "SELECT", "USING", "WHERE", "WITH", "ORDER",
    "OFFSET", "FOR",
];

/// Parses one query.
///
/// # Errors
/// [`SyntaxError`] with row and column; its code is always MALFORMED_QUERY.
pub fn parse(text: &str) -> Result<Query, SyntaxError> {
    let mut parser = Parser::new(text)?;
    let select = parser.select()?;
    if parser.peek().kind != Kind::End {
        return Err(parser.unexpected());
    }
    Ok(Query {
        text: Arc::from(text),
        select,
    })
}

pub(crate) struct Parser<'a> {
    pub(crate) text: &'a str,
    /// The last one is [`Kind::End`].
    pub(crate) tokens: Vec<Token<'a>>,
    pub(crate) next: usize,
    pub(crate) depth: usize,
}

pub(crate) type Parsed<T> = Result<T, SyntaxError>;

impl<'a> Parser<'a> {
    pub(crate) fn new(text: &'a str) -> Parsed<Self> {
        Ok(Self {
            text,
            tokens: lexer::tokens(text)?,
            next: 0,
            depth: 0,
        })
    }

    pub(crate) fn token(&self, at: usize) -> &Token<'a> {
        let last = self.tokens.len() - 1;
        &self.tokens[at.min(last)]
    }

    pub(crate) fn peek(&self) -> &Token<'a> {
        self.token(self.next)
    }

    fn after(&self) -> &Token<'a> {
        self.token(self.next + 1)
    }

    pub(crate) fn wrong(&self, at: usize, reason: impl Into<String>) -> SyntaxError {
        SyntaxError::new(Code::MalformedQuery, self.text, at, reason)
    }

    pub(crate) fn unexpected(&self) -> SyntaxError {
        let token = self.peek();
        let shown: String = token.text.chars().take(50).collect();
        self.wrong(token.at, format!("unexpected token: '{shown}'"))
    }

    /// Takes this word if it is next.
    pub(crate) fn word(&mut self, word: &str) -> bool {
        let found = self.peek().is_word(word);
        self.next += usize::from(found);
        found
    }

    /// Takes this sign if it is next.
    pub(crate) fn sign(&mut self, sign: &str) -> bool {
        let found = self.peek().is_sign(sign);
        self.next += usize::from(found);
        found
    }

    pub(crate) fn expect_word(&mut self, word: &str) -> Parsed<()> {
        match self.word(word) {
            true => Ok(()),
            false => Err(self.unexpected()),
        }
    }

    pub(crate) fn expect_sign(&mut self, sign: &str) -> Parsed<()> {
        match self.sign(sign) {
            true => Ok(()),
            false => Err(self.unexpected()),
        }
    }

    pub(crate) fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= DEPTH_MAX {
            let reason = format!("the query is nested deeper than {DEPTH_MAX} levels");
            return Err(self.wrong(self.peek().at, reason));
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    pub(crate) fn name(&mut self) -> Parsed<Name> {
        let token = self.peek();
        if token.kind != Kind::Word {
            return Err(self.unexpected());
        }
        let name = Name {
            text: Arc::from(token.text),
            at: token.at,
        };
        self.next += 1;
        Ok(name)
    }

    pub(crate) fn path(&mut self) -> Parsed<Path> {
        let first = self.name()?;
        let mut rest = Vec::new();
        while self.sign(".") {
            rest.push(self.name()?);
        }
        Ok(Path { first, rest })
    }

    pub(crate) fn comma_list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        let mut all = vec![item(self)?];
        while self.sign(",") {
            all.push(item(self)?);
        }
        Ok(all)
    }

    pub(crate) fn field_expr(&mut self) -> Parsed<FieldExpr> {
        if self.peek().kind == Kind::Word && self.after().is_sign("(") {
            let name = self.name()?;
            self.expect_sign("(")?;
            let args = if self.peek().is_sign(")") {
                Vec::new()
            } else {
                self.deeper(|p| p.comma_list(Self::field_expr))?
            };
            self.expect_sign(")")?;
            return Ok(FieldExpr::Call(name, args));
        }
        Ok(FieldExpr::Path(self.path()?))
    }

    fn alias(&mut self) -> Parsed<Option<Name>> {
        let token = self.peek();
        let is_alias = token.kind == Kind::Word && !NO_ALIAS.iter().any(|word| token.is_word(word));
        if is_alias {
            self.name().map(Some)
        } else {
            Ok(None)
        }
    }

    pub(crate) fn select(&mut self) -> Parsed<Select> {
        let at = self.peek().at;
        self.expect_word("SELECT")?;
        let items = self.items()?;
        self.expect_word("FROM")?;
        let from = self.path()?;
        let mut select = Select::new(at, items, from);
        select.alias = self.object_alias()?;
        while self.sign(",") {
            let path = self.path()?;
            let name = match self.object_alias()? {
                Some(name) => name,
                None => path.last().clone(),
            };
            select.more_from.push((path, name));
        }
        self.clauses(&mut select)?;
        Ok(select)
    }

    fn object_alias(&mut self) -> Parsed<Option<Name>> {
        if self.word("AS") {
            return match self.alias()? {
                Some(name) => Ok(Some(name)),
                None => Err(self.unexpected()),
            };
        }
        let clause = self.peek().is_word("UPDATE")
            || self.peek().is_word("ALL") && self.after().is_word("ROWS");
        if clause { Ok(None) } else { self.alias() }
    }

    fn items(&mut self) -> Parsed<Items> {
        let is_count = self.peek().is_word("COUNT")
            && self.after().is_sign("(")
            && self.token(self.next + 2).is_sign(")");
        if is_count {
            self.next += 3;
            return Ok(Items::Count);
        }
        Ok(Items::List(self.comma_list(Self::item)?))
    }

    pub(crate) fn item(&mut self) -> Parsed<Item> {
        if self.sign("(") {
            let select = self.deeper(Self::select)?;
            self.expect_sign(")")?;
            return Ok(Item::Sub(Box::new(select)));
        }
        if self.peek().is_word("TYPEOF") && self.after().kind == Kind::Word {
            return self.type_of().map(Item::TypeOf);
        }
        if self.peek().is_word("FIELDS") && self.after().is_sign("(") {
            return self.fields();
        }
        if self.peek().is_word("FROM") {
            return Err(self.unexpected());
        }
        let expr = self.field_expr()?;
        Ok(Item::Field(expr, self.alias()?))
    }

    fn fields(&mut self) -> Parsed<Item> {
        let at = self.peek().at;
        self.next += 2;
        let kind = if self.word("ALL") {
            FieldsKind::All
        } else if self.word("STANDARD") {
            FieldsKind::Standard
        } else if self.word("CUSTOM") {
            FieldsKind::Custom
        } else {
            return Err(self.unexpected());
        };
        self.expect_sign(")")?;
        Ok(Item::Fields(kind, at))
    }

    fn type_of(&mut self) -> Parsed<TypeOf> {
        self.expect_word("TYPEOF")?;
        let path = self.path()?;
        let mut when = Vec::new();
        while self.word("WHEN") {
            let object = self.name()?;
            self.expect_word("THEN")?;
            when.push((object, self.comma_list(Self::path)?));
        }
        if when.is_empty() {
            return Err(self.unexpected());
        }
        let otherwise = if self.word("ELSE") {
            self.comma_list(Self::path)?
        } else {
            Vec::new()
        };
        self.expect_word("END")?;
        Ok(TypeOf {
            path,
            when,
            otherwise,
        })
    }

    fn clauses(&mut self, select: &mut Select) -> Parsed<()> {
        if self.word("USING") {
            self.expect_word("SCOPE")?;
            select.scope = Some(self.name()?);
        }
        if self.word("WHERE") {
            select.filter = Some(self.cond()?);
        }
        if self.word("WITH") {
            self.with()?;
        }
        if self.word("GROUP") {
            self.expect_word("BY")?;
            select.group = Some(self.group_by()?);
            if self.word("HAVING") {
                select.having = Some(self.cond()?);
            }
        }
        if self.word("ORDER") {
            self.expect_word("BY")?;
            select.order = self.comma_list(Self::order_item)?;
        }
        if self.word("LIMIT") {
            select.limit = Some(self.whole_number()?);
        }
        if self.word("OFFSET") {
            select.offset = Some(self.whole_number()?);
        }
        if self.word("FOR") {
            self.comma_list(|p| p.purpose(select))?;
        }
        if self.word("UPDATE") && !self.word("TRACKING") && !self.word("VIEWSTAT") {
            return Err(self.unexpected());
        }
        if self.word("ALL") {
            self.expect_word("ROWS")?;
            select.all_rows = true;
        }
        Ok(())
    }

    /// Access modes change nothing: every query runs with the caller's rights. Data categories are
    /// refused.
    fn with(&mut self) -> Parsed<()> {
        let known = ["SECURITY_ENFORCED", "USER_MODE", "SYSTEM_MODE"];
        match known.iter().any(|mode| self.word(mode)) {
            true => Ok(()),
            false => Err(self.unexpected()),
        }
    }

    fn group_by(&mut self) -> Parsed<GroupBy> {
        let kind = match self.after().is_sign("(") {
            true if self.word("ROLLUP") => GroupKind::Rollup,
            true if self.word("CUBE") => GroupKind::Cube,
            _ => GroupKind::Plain,
        };
        if kind == GroupKind::Plain {
            let items = self.comma_list(Self::field_expr)?;
            return Ok(GroupBy { kind, items });
        }
        self.expect_sign("(")?;
        let items = self.comma_list(Self::field_expr)?;
        self.expect_sign(")")?;
        Ok(GroupBy { kind, items })
    }

    pub(crate) fn order_item(&mut self) -> Parsed<OrderItem> {
        let by = self.field_expr()?;
        let descending = !self.word("ASC") && self.word("DESC");
        let mut nulls_last = false;
        if self.word("NULLS") {
            nulls_last = self.word("LAST");
            if !nulls_last {
                self.expect_word("FIRST")?;
            }
        }
        Ok(OrderItem {
            by,
            descending,
            nulls_last,
        })
    }

    pub(crate) fn whole_number(&mut self) -> Parsed<(u64, usize)> {
        let token = self.peek();
        let digits = token.kind == Kind::Number && token.text.bytes().all(|b| b.is_ascii_digit());
        if !digits {
            return Err(self.unexpected());
        }
        let found = (token.text.parse().unwrap_or(u64::MAX), token.at);
        self.next += 1;
        Ok(found)
    }

    fn purpose(&mut self, select: &mut Select) -> Parsed<()> {
        if self.word("VIEW") {
            select.for_view = true;
        } else if self.word("REFERENCE") {
            select.for_reference = true;
        } else if self.word("UPDATE") {
            select.for_update = true;
        } else {
            return Err(self.unexpected());
        }
        Ok(())
    }
}

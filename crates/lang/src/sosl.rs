//! SOSL, as far as clients need it (rest-api.md 6.4): `FIND {words} IN ... FIELDS RETURNING ... LIMIT n`.
//!
//! A search becomes one query plan per object. Words match whole words of text fields without regard
//! to case; `*` and `?` are wildcards; words side by side must all occur, in any field of the record.

mod words;

use std::sync::Arc;

use model::{Catalogue, Code, FieldDef, FieldType, ObjectDef, ObjectIx, Refusal};

use crate::Context;
use crate::ast::{FieldExpr, Item, Items, Name, Path, Select};
use crate::error::{self, SyntaxError};
use crate::lexer::Kind;
use crate::parser::{Parsed, Parser};
use crate::plan::{self, Expr, Predicate, QueryPlan, Spot};
use crate::resolve::resolve_select;

pub use words::Words;

/// Most rows of a search.
const ROWS_MAX: u64 = 2_000;

/// A parsed search.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    text: Arc<str>,
    words: Words,
    group: Group,
    returning: Vec<Select>,
    limit: u64,
}

/// Which fields are searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    All,
    Name,
    Email,
    Phone,
}

/// A search ready to run.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchPlan {
    /// One query per object, in the order of RETURNING.
    pub plans: Vec<QueryPlan>,
    /// At most so many rows over all queries.
    pub limit: u64,
}

/// Parses a search.
///
/// # Errors
/// [`SyntaxError`] with the code MALFORMED_SEARCH.
pub fn parse(text: &str) -> Result<Search, SyntaxError> {
    let as_search = |error: SyntaxError| SyntaxError {
        code: Code::MalformedSearch,
        ..error
    };
    if text.len() > crate::QUERY_CHARS_MAX {
        return Err(plain("the search is too long"));
    }
    let (words, end) = find(text)?;
    // The clauses keep their places in the text.
    let rest = format!("{}{}", " ".repeat(end), text.get(end..).unwrap_or_default());
    let mut parser = Parser::new(&rest).map_err(as_search)?;
    let (group, returning, limit) = parser.search_clauses().map_err(as_search)?;
    Ok(Search {
        text: Arc::from(text),
        words,
        group,
        returning,
        limit: limit.unwrap_or(ROWS_MAX).min(ROWS_MAX),
    })
}

/// A refusal of the whole text, without a place in it.
fn plain(reason: &str) -> SyntaxError {
    SyntaxError {
        code: Code::MalformedSearch,
        row: 1,
        column: 1,
        reason: reason.to_owned(),
        message: reason.to_owned(),
    }
}

/// `FIND {...}`: the words, and where the braces end.
fn find(text: &str) -> Result<(Words, usize), SyntaxError> {
    const NONE: &str = "No search term found. The search term must be enclosed in braces.";
    let trimmed = text.trim_start();
    let behind = trimmed
        .get(..4)
        .filter(|word| word.eq_ignore_ascii_case("FIND"))
        .and_then(|_| trimmed.get(4..))
        .map(str::trim_start)
        .and_then(|rest| rest.strip_prefix('{'))
        .ok_or_else(|| plain(NONE))?;
    let mut escaped = false;
    for (at, c) in behind.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '}' => {
                let start = text.len() - behind.len();
                let words = Words::parse(&behind[..at]).map_err(|why| plain(&why))?;
                return Ok((words, start + at + 1));
            }
            _ => {}
        }
    }
    Err(plain(NONE))
}

type Clauses = (Group, Vec<Select>, Option<u64>);

impl Parser<'_> {
    fn search_clauses(&mut self) -> Parsed<Clauses> {
        let mut group = Group::All;
        if self.word("IN") {
            group = self.search_group()?;
            self.expect_word("FIELDS")?;
        }
        let mut returning = Vec::new();
        if self.word("RETURNING") {
            returning = self.comma_list(Self::returned)?;
        }
        let limit = match self.word("LIMIT") {
            true => Some(self.whole_number()?.0),
            false => None,
        };
        match self.peek().kind {
            Kind::End => Ok((group, returning, limit)),
            _ => Err(self.unexpected()),
        }
    }

    fn search_group(&mut self) -> Parsed<Group> {
        const ALL: [(&str, Group); 5] = [
            ("ALL", Group::All),
            ("NAME", Group::Name),
            ("EMAIL", Group::Email),
            ("PHONE", Group::Phone),
            ("SIDEBAR", Group::All),
        ];
        match ALL.iter().find(|(word, _)| self.word(word)) {
            Some((_, group)) => Ok(*group),
            None => Err(self.unexpected()),
        }
    }

    /// `Object(fields WHERE ... ORDER BY ... LIMIT n OFFSET n)`; the Id is the default.
    fn returned(&mut self) -> Parsed<Select> {
        let from = self.path()?;
        let mut select = Select::new(from.at(), Items::List(Vec::new()), from);
        if self.sign("(") {
            select.items = Items::List(self.comma_list(Self::item)?);
            if self.word("WHERE") {
                select.filter = Some(self.cond()?);
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
            self.expect_sign(")")?;
        }
        if matches!(&select.items, Items::List(items) if items.is_empty()) {
            select.items = Items::List(vec![only_id()]);
        }
        Ok(select)
    }
}

fn name(text: &str) -> Path {
    Path {
        first: Name {
            text: Arc::from(text),
            at: 0,
        },
        rest: Vec::new(),
    }
}

fn only_id() -> Item {
    Item::Field(FieldExpr::Path(name("Id")), None)
}

/// Resolves a search: one plan per object that it returns, or per searchable object without RETURNING.
///
/// # Errors
/// As [`crate::resolve`]; an object that cannot be searched is INVALID_TYPE.
pub fn resolve(
    search: &Search,
    catalogue: &Catalogue,
    context: &Context<'_>,
) -> Result<SearchPlan, Refusal> {
    let everywhere: Vec<Select>;
    let selects = if search.returning.is_empty() {
        let all = catalogue
            .each()
            .filter(|(ix, def)| def.can("search") && def.can("query") && context.sight.object(*ix));
        everywhere = all
            .map(|(_, def)| Select::new(0, Items::List(vec![only_id()]), name(&def.name)))
            .collect();
        &everywhere
    } else {
        &search.returning
    };
    let mut plans = Vec::new();
    for select in selects {
        let mut plan = resolve_select(select, &search.text, catalogue, context)?;
        let object = plan.scan.object;
        let def = catalogue.def(object);
        if !def.can("search") && !def.custom {
            let reason = format!("entity type {} does not support search", def.name);
            let at = select.from.at();
            return Err(error::refuse(Code::InvalidType, &search.text, at, reason));
        }
        let fields = searched(search.group, object, def, context);
        plan.scan.filter = plan.scan.filter.and(search.words.predicate(&fields));
        plan.limit = Some(plan.limit.unwrap_or(ROWS_MAX).min(search.limit));
        plans.push(plan);
    }
    Ok(SearchPlan {
        plans,
        limit: search.limit,
    })
}

/// The fields of an object that a group of fields means.
fn searched(group: Group, object: ObjectIx, def: &ObjectDef, context: &Context<'_>) -> Vec<Expr> {
    def.each_field()
        .filter(|(_, field)| belongs(group, def, field))
        .filter(|(ix, field)| field.visible_in(context.version) && context.sight.field(object, *ix))
        .map(|(ix, field)| Expr::Field(plan::Path::own(object, Spot::Field(ix), field.kind)))
        .collect()
}

fn belongs(group: Group, def: &ObjectDef, field: &FieldDef) -> bool {
    use FieldType as T;
    match group {
        Group::All => matches!(
            field.kind,
            T::String | T::Textarea | T::Combobox | T::Email | T::Phone | T::Url
        ),
        Group::Name => {
            field.kind.is_text()
                && (field.name == def.name_field || is_name(&def.name, &field.name))
        }
        Group::Email => field.kind == T::Email,
        Group::Phone => field.kind == T::Phone,
    }
}

/// Fields that `IN NAME FIELDS` covers beside the name field (SOSL reference, "IN SearchGroup").
fn is_name(object: &str, field: &str) -> bool {
    matches!(
        (object, field),
        ("Account", "Website" | "Site")
            | ("Case", "SuppliedName" | "SuppliedCompany" | "Subject")
            | ("Lead", "Company")
            | ("PermissionSet", "Label")
            | ("Task", "Subject")
            | ("User", "CommunityNickname")
    )
}

impl Words {
    /// The condition on a record whose searched fields are these.
    fn predicate(&self, fields: &[Expr]) -> Predicate {
        let all = |all: &[Words]| all.iter().map(|w| w.predicate(fields)).collect();
        match self {
            Self::Found(pattern) => {
                let any = fields.iter().map(|of| Predicate::Like {
                    of: of.clone(),
                    pattern: pattern.clone(),
                });
                Predicate::Or(any.collect())
            }
            Self::And(members) => Predicate::And(all(members)),
            Self::Or(members) => Predicate::Or(all(members)),
            Self::Not(inner) => !inner.predicate(fields),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::{self, Memory};
    use model::{KeyPrefix, Millis, Record, RecordId};

    const SUBJECTS: [&str; 6] = [
        "jf12 Alpha",
        "Monday meeting with Joe Smith",
        "joe@x.test wrote",
        "Smith, Joe: no answer",
        "why not?",
        "Größe {1+1}:2",
    ];

    /// Numbers of the cases found.
    fn found(search: &str) -> Vec<u64> {
        let catalogue = crate::corpus::catalogue();
        let (object, def) = catalogue.find("Case").unwrap();
        let subject = def.field("Subject").unwrap();
        let rows: Memory = (1..)
            .zip(SUBJECTS)
            .map(|(number, text)| {
                let mut record = Record::new(object, RecordId::new(def.prefix(), number));
                record.set(subject, text.into());
                record
            })
            .collect();
        let plan = planned(search, &catalogue).unwrap();
        let answers = plan
            .plans
            .iter()
            .map(|p| eval::run(p, &catalogue, &rows).unwrap());
        answers
            .flat_map(|answer| answer.rows)
            .filter_map(|row| row.id?.number())
            .collect()
    }

    fn planned(search: &str, catalogue: &Catalogue) -> Result<SearchPlan, Refusal> {
        let user = RecordId::new(KeyPrefix::of("005"), 1);
        let context = Context::new(user, 64, Millis(0), "UTC");
        resolve(&parse(search)?, catalogue, &context)
    }

    #[test]
    fn words_are_found() {
        for (words, want) in [
            ("jf12", vec![1]),
            ("JF12 alpha", vec![1]),
            ("alph", vec![]),
            ("alph*", vec![1]),
            ("jo?", vec![2, 3, 4]),
            ("Joe Smith", vec![2, 4]),
            ("joe AND smith", vec![2, 4]),
            ("\"Joe Smith\"", vec![2]),
            ("\"smith joe\"", vec![4]),
            ("joe@x.test", vec![3]),
            ("monday OR alpha", vec![1, 2]),
            ("joe AND NOT smith", vec![3]),
            ("joe (monday OR wrote)", vec![2, 3]),
            ("größe", vec![6]),
            ("\\{1\\+1\\}\\:2", vec![6]),
            ("why not\\?", vec![5]),
            ("m*day", vec![2]),
            ("mo*joe", vec![]),
        ] {
            let search = format!("FIND {{{words}}} IN ALL FIELDS RETURNING Case(Id, Subject)");
            assert_eq!(found(&search), want, "{words}");
        }
    }

    #[test]
    fn clauses_narrow_the_search() {
        assert_eq!(found("find {joe} returning Case"), [2, 3, 4]);
        assert_eq!(found("FIND {joe}"), [2, 3, 4]);
        assert_eq!(
            found("FIND {joe} IN NAME FIELDS RETURNING Case(Id)"),
            [2, 3, 4]
        );
        assert_eq!(
            found("FIND {joe} IN EMAIL FIELDS RETURNING Case(Id)"),
            [0u64; 0]
        );
        assert_eq!(
            found("FIND {joe} RETURNING Account(Name), Case(Id WHERE Subject LIKE 's%')"),
            [4]
        );
        assert_eq!(
            found("FIND {joe} RETURNING Case(Id ORDER BY Subject DESC LIMIT 2 OFFSET 1)"),
            [2, 3]
        );
        let catalogue = crate::corpus::catalogue();
        let plan = planned("FIND {joe} RETURNING Case LIMIT 5", &catalogue).unwrap();
        assert_eq!((plan.limit, plan.plans[0].limit), (5, Some(5)));
    }

    #[test]
    fn what_is_no_search_is_refused() {
        let catalogue = crate::corpus::catalogue();
        for (search, code, text) in [
            (
                "FIND nothing",
                Code::MalformedSearch,
                "No search term found. The search term must be enclosed in braces.",
            ),
            ("", Code::MalformedSearch, "No search term found"),
            ("FIND {open", Code::MalformedSearch, "No search term found"),
            ("FIND {}", Code::MalformedSearch, "No search term found"),
            (
                "FIND {a}",
                Code::MalformedSearch,
                "longer than one character",
            ),
            ("FIND {\"John Smith}", Code::MalformedSearch, "not closed"),
            ("FIND {(john}", Code::MalformedSearch, "not closed"),
            ("FIND {john OR}", Code::MalformedSearch, "incomplete"),
            (
                "FIND {john} IN Accounts",
                Code::MalformedSearch,
                "unexpected token: 'Accounts'",
            ),
            (
                "FIND {john} RETURNING",
                Code::MalformedSearch,
                "unexpected token: '<EOF>'",
            ),
            (
                "FIND {john} LIMIT x",
                Code::MalformedSearch,
                "unexpected token: 'x'",
            ),
            (
                "FIND {john} RETURNING Nope",
                Code::InvalidType,
                "sObject type 'Nope'",
            ),
            (
                "FIND {john} RETURNING Case(Nope)",
                Code::InvalidField,
                "No such column 'Nope'",
            ),
            (
                "FIND {john} RETURNING QueueSobject",
                Code::InvalidType,
                "does not support search",
            ),
        ] {
            let refusal = planned(search, &catalogue).unwrap_err();
            assert_eq!(refusal.code, code, "{search}: {refusal}");
            assert!(refusal.message.contains(text), "{search}: {refusal}");
        }
        let deep = format!("FIND {{{}john}}", "(".repeat(50_000));
        assert!(parse(&deep).is_err());
        assert!(parse(&"FIND {x".repeat(2_000_000)).is_err());
    }
}

//! The corpus: queries with rows and what they must answer, as text files (`crates/lang/corpus/*.soql`).
//!
//! Every back end runs the same files. A store's suite does so with the feature `corpus`:
//!
//! ```text
//! let catalogue = lang::corpus::catalogue();          // the standard one and a few custom objects
//! for block in lang::corpus::blocks() {               // one set of rows and the cases that use it
//!     let store = open_with(&catalogue, &block.fixture.records);
//!     for case in &block.cases {
//!         case.check(&catalogue, &block.fixture, &mut |plan| store.query(plan, &catalogue))
//!             .unwrap_or_else(|why| panic!("{why}"));
//!     }
//! }
//! ```
//!
//! [`Case::check`] parses and resolves the query, hands the plan to the closure, and compares the
//! answer, all rows on one page, with what the file says. A case that expects a refusal of the
//! resolver never reaches the closure.
//!
//! The format, line by line:
//! - `# ...` is a comment.
//! - `fixture` begins a block; its records follow, one per line, then `end`:
//!   `Case c1: Subject='Alpha'; OwnerId=u1; deleted`. `c1` is a label that stands for the record's id.
//!   Values: `'text'` (with `\'`, `\\`, `\n`), numbers, `true`, `false`, dates, datetimes, times, labels.
//!   Records get ids in the order of the lines.
//! - `--- name` begins a case. `@version 58`, `@zone Europe/Berlin`, `@now ...`, `@locale de_DE`,
//!   `@user u1` and `@all` (queryAll) change its context: version 64, UTC, 2026-11-20T11:00:00Z, en_US,
//!   the first user of the fixture.
//! - Then the query, on as many lines as it likes; `{c1}` is the id of a label in 18 characters,
//!   `{c1:15}` in 15.
//! - `=> 2` says how many rows (or what COUNT() is), and the rows follow: `Id=c1; Subject='Alpha'`.
//!   A parent is `Parent=Case{...}`, a polymorphic one `Owner=Name(User){...}`, a child answer
//!   `Cases=2[{...} {...}]`, none `null`. `=> 2 any` compares without regard to order.
//! - `!! CODE 1:8 text` expects a refusal with this code, place (optional) and text in its message.
//! - `on Case` begins a table of conditions, perhaps with settings (`@...`) on lines of their own. Each
//!   line `? Subject = 'x' => c1 c2` is a case of `SELECT Id FROM Case WHERE ...`, with the labels found in
//!   the order of their ids, or with a refusal (`? Subject = 5 !! INVALID_FIELD text`).

mod catalogue;
mod fixture;
mod show;

use model::{Answer, Catalogue, Millis, Refusal};

use crate::plan::QueryPlan;
use crate::{Context, parse, resolve};

pub use catalogue::catalogue;
pub use fixture::Fixture;
pub use show::show;

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        const FILES: &[(&str, &str)] = &[$(($name, include_str!(concat!("../corpus/", $name, ".soql")))),*];
    };
}

files![
    "basics",
    "children",
    "clients",
    "compound",
    "dates",
    "fields",
    "formulas",
    "groups",
    "order",
    "parents",
    "semijoins",
    "syntax",
    "text",
    "where"
];

/// One set of rows and the cases that use it.
#[derive(Clone, Debug)]
pub struct Block {
    /// File and line.
    pub name: String,
    /// The rows.
    pub fixture: Fixture,
    /// The cases.
    pub cases: Vec<Case>,
}

/// One query and what it must answer.
#[derive(Clone, Debug)]
pub struct Case {
    /// File, line and name.
    pub name: String,
    /// The query, with ids in place of labels.
    pub query: String,
    /// What it must answer.
    pub expected: Expected,
    version: u32,
    zone: String,
    now: Millis,
    locale: String,
    user: Option<String>,
    all_rows: bool,
}

/// What a case expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Rows as [`show`] prints them.
    Rows {
        /// Total of the answer.
        total: u64,
        /// The rows.
        rows: Vec<String>,
        /// In this order.
        ordered: bool,
    },
    /// A refusal.
    Refused {
        /// Error code.
        code: String,
        /// `ERROR at Row:..:Column:..`, if the case names it.
        place: Option<String>,
        /// Part of the message.
        text: String,
    },
}

/// All blocks of all files.
///
/// # Panics
/// If a file does not keep to the format; a test of this crate makes sure that all do.
pub fn blocks() -> Vec<Block> {
    let catalogue = catalogue();
    FILES
        .iter()
        .flat_map(|(name, text)| match read(name, text, &catalogue) {
            Ok(blocks) => blocks,
            Err(why) => panic!("corpus file {name}: {why}"),
        })
        .collect()
}

impl Case {
    /// Runs the case on a back end.
    ///
    /// # Errors
    /// A text that says what was expected and what came.
    pub fn check(
        &self,
        catalogue: &Catalogue,
        fixture: &Fixture,
        run: &mut dyn FnMut(&QueryPlan) -> Result<Answer, Refusal>,
    ) -> Result<(), String> {
        let outcome = self.plan(catalogue, fixture).and_then(|plan| run(&plan));
        let wrong = |what: String| Err(format!("{}\n{}\n{what}", self.name, self.query));
        match (&self.expected, outcome) {
            (
                Expected::Rows {
                    total,
                    rows,
                    ordered,
                },
                Ok(answer),
            ) => {
                let mut got = show(&answer, fixture);
                let mut want = rows.clone();
                if !ordered {
                    got.sort();
                    want.sort();
                }
                if (answer.total, &got) == (*total, &want) {
                    return Ok(());
                }
                wrong(format!(
                    "expected {total}\n{}\ngot {}\n{}",
                    want.join("\n"),
                    answer.total,
                    got.join("\n")
                ))
            }
            (Expected::Refused { code, place, text }, Err(refusal)) => {
                let fits = refusal.code.as_str() == code
                    && place
                        .as_ref()
                        .is_none_or(|place| refusal.message.contains(place))
                    && refusal.message.contains(text);
                if fits {
                    return Ok(());
                }
                wrong(format!("expected {code} {place:?} {text}\ngot {refusal}"))
            }
            (Expected::Rows { .. }, Err(refusal)) => wrong(format!("refused: {refusal}")),
            (Expected::Refused { code, .. }, Ok(answer)) => wrong(format!(
                "expected {code}, got {} rows\n{}",
                answer.total,
                show(&answer, fixture).join("\n")
            )),
        }
    }

    /// The resolved query.
    ///
    /// # Errors
    /// The refusal of the parser or resolver.
    pub fn plan(&self, catalogue: &Catalogue, fixture: &Fixture) -> Result<QueryPlan, Refusal> {
        let query = parse(&self.query)?;
        let user = self.user.as_deref().and_then(|label| fixture.id(label));
        let user = user.unwrap_or_else(|| fixture.first_user(catalogue));
        let mut context = Context::new(user, self.version, self.now, self.zone.as_str());
        context.locale.clone_from(&self.locale);
        context.all_rows = self.all_rows;
        resolve(&query, catalogue, &context)
    }
}

type Lines<'t> = std::iter::Peekable<std::vec::IntoIter<(usize, &'t str)>>;

fn read(name: &str, text: &str, catalogue: &Catalogue) -> Result<Vec<Block>, String> {
    let mut blocks: Vec<Block> = Vec::new();
    let numbered = text.lines().enumerate();
    let lines: Vec<(usize, &str)> = numbered
        .map(|(at, line)| (at + 1, line.trim()))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .collect();
    let mut lines: Lines<'_> = lines.into_iter().peekable();
    while let Some((at, line)) = lines.next() {
        if line == "fixture" {
            let mut records = Vec::new();
            while let Some(line) = lines.next_if(|(_, line)| *line != "end") {
                records.push(line);
            }
            lines
                .next()
                .ok_or(format!("line {at}: fixture without end"))?;
            blocks.push(Block {
                name: format!("{name}:{at}"),
                fixture: Fixture::read(&records, catalogue)?,
                cases: Vec::new(),
            });
            continue;
        }
        let block = blocks.last_mut().ok_or("a case before the first fixture")?;
        if let Some(title) = line.strip_prefix("--- ") {
            let mut body = Vec::new();
            while let Some((_, line)) = lines.next_if(|(_, line)| !begins(line)) {
                body.push(line.to_owned());
            }
            let title = format!("{name}:{at} {title}");
            block.cases.push(Case::read(title, &body, &block.fixture)?);
        } else if let Some(object) = line.strip_prefix("on ") {
            table(name, object, &mut lines, block)?;
        } else {
            return Err(format!("line {at}: {line}"));
        }
    }
    Ok(blocks)
}

/// True for a line that begins a fixture, a case or a table.
fn begins(line: &str) -> bool {
    line == "fixture" || line.starts_with("--- ") || line.starts_with("on ")
}

fn table(name: &str, object: &str, lines: &mut Lines<'_>, block: &mut Block) -> Result<(), String> {
    let mut settings = Vec::new();
    while let Some((at, line)) = lines.next_if(|(_, line)| !begins(line)) {
        let Some(line) = line.strip_prefix("? ") else {
            settings.push(line.to_owned());
            continue;
        };
        let mut body = settings.clone();
        if let Some((condition, found)) = line.rsplit_once(" =>") {
            let labels: Vec<&str> = found.split_whitespace().collect();
            body.push(format!("SELECT Id FROM {object} WHERE {condition}"));
            body.push(format!("=> {}", labels.len()));
            body.extend(labels.iter().map(|label| format!("Id={label}")));
        } else if let Some((condition, refusal)) = line.rsplit_once(" !!") {
            body.push(format!("SELECT Id FROM {object} WHERE {condition}"));
            body.push(format!("!!{refusal}"));
        } else {
            return Err(format!("line {at}: {line}"));
        }
        let title = format!("{name}:{at}");
        block.cases.push(Case::read(title, &body, &block.fixture)?);
    }
    Ok(())
}

impl Case {
    fn read(name: String, body: &[String], fixture: &Fixture) -> Result<Self, String> {
        let mut case = Self {
            name,
            query: String::new(),
            expected: Expected::Rows {
                total: 0,
                rows: Vec::new(),
                ordered: true,
            },
            version: 64,
            zone: "UTC".to_owned(),
            now: Millis(1_795_172_400_000),
            locale: "en_US".to_owned(),
            user: None,
            all_rows: false,
        };
        let is_outcome = |line: &String| line.starts_with("=> ") || line.starts_with("!! ");
        let at = body.iter().position(is_outcome);
        let at = at.ok_or_else(|| format!("{}: no outcome", case.name))?;
        let mut query = Vec::new();
        for line in &body[..at] {
            match line.strip_prefix('@') {
                Some(setting) => case.set(setting)?,
                None => query.push(line.as_str()),
            }
        }
        case.query = fixture.fill(&query.join("\n"))?;
        case.expected = outcome(&body[at..]).ok_or_else(|| format!("{}: outcome", case.name))?;
        Ok(case)
    }

    fn set(&mut self, setting: &str) -> Result<(), String> {
        let (key, value) = setting.split_once(' ').unwrap_or((setting, ""));
        let wrong = || format!("{}: @{setting}", self.name);
        match key {
            "version" => self.version = value.parse().map_err(|_| wrong())?,
            "zone" => self.zone = value.to_owned(),
            "now" => self.now = Millis::parse(value).ok_or_else(wrong)?,
            "locale" => self.locale = value.to_owned(),
            "user" => self.user = Some(value.to_owned()),
            "all" => self.all_rows = true,
            _ => return Err(wrong()),
        }
        Ok(())
    }
}

fn outcome(lines: &[String]) -> Option<Expected> {
    let (first, rows) = lines.split_first()?;
    if let Some(rest) = first.strip_prefix("!! ") {
        let (code, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let (head, tail) = rest.split_once(' ').unwrap_or((rest, ""));
        let place = head.split_once(':').and_then(|(row, column)| {
            let (row, column) = (row.parse::<u32>().ok()?, column.parse::<u32>().ok()?);
            Some(format!("ERROR at Row:{row}:Column:{column}\n"))
        });
        let text = if place.is_some() { tail } else { rest };
        return Some(Expected::Refused {
            code: code.to_owned(),
            place,
            text: text.to_owned(),
        });
    }
    let rest = first.strip_prefix("=> ")?;
    let (total, order) = rest.split_once(' ').unwrap_or((rest, ""));
    Some(Expected::Rows {
        total: total.parse().ok()?,
        rows: rows.to_vec(),
        ordered: order != "any",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::{self, Memory};

    #[test]
    fn every_case_holds_in_memory() {
        let catalogue = catalogue();
        let mut wrong = Vec::new();
        let mut count = 0;
        for block in blocks() {
            let rows: Memory = block.fixture.records.iter().cloned().collect();
            for case in &block.cases {
                count += 1;
                let run = &mut |plan: &QueryPlan| eval::run(plan, &catalogue, &rows);
                wrong.extend(case.check(&catalogue, &block.fixture, run).err());
            }
        }
        assert!(
            wrong.is_empty(),
            "{} of {count}\n\n{}",
            wrong.len(),
            wrong.join("\n\n")
        );
    }

    #[test]
    fn every_file_is_read() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus");
        let mut there: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        there.sort();
        let mut known: Vec<String> = FILES.iter().map(|(n, _)| format!("{n}.soql")).collect();
        known.sort();
        assert_eq!(there, known);
    }
}

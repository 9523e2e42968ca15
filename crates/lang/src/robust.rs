//! No input panics, hangs or overflows the stack, and every refusal names a place in the text.

use model::{Catalogue, Code, Refusal};
use proptest::prelude::*;

use crate::corpus::{self, Fixture};
use crate::eval::{self, Memory};
use crate::{Context, metadata, parse, resolve, sosl};

struct House {
    catalogue: Catalogue,
    rows: Memory,
    queries: Vec<String>,
}

impl House {
    fn new() -> Self {
        let blocks = corpus::blocks();
        let fixture: &Fixture = &blocks[0].fixture;
        Self {
            catalogue: corpus::catalogue(),
            rows: fixture.records.iter().cloned().collect(),
            queries: blocks
                .iter()
                .flat_map(|b| b.cases.iter().map(|c| c.query.clone()))
                .collect(),
        }
    }

    /// Everything that happens to a query, up to the number of rows.
    fn run(&self, text: &str) -> Result<u64, Refusal> {
        let query = parse(text).inspect_err(|error| {
            assert!(error.row >= 1 && error.column >= 1);
            assert!(error.row <= text.matches('\n').count() + 1);
        })?;
        let user = self.rows.each().next().unwrap().id;
        let now = model::Millis::parse("2026-11-20T11:00:00Z").unwrap();
        let context = Context::new(user, 64, now, "Europe/Berlin");
        let plan = resolve(&query, &self.catalogue, &context)?;
        assert_eq!(
            metadata::columns(&plan, &self.catalogue).columns.len(),
            plan.columns.len()
        );
        eval::run(&plan, &self.catalogue, &self.rows).map(|answer| answer.total)
    }

    fn search(&self, text: &str) -> Result<(), Refusal> {
        let search = sosl::parse(text)?;
        let user = self.rows.each().next().unwrap().id;
        let context = Context::new(user, 64, model::Millis(0), "UTC");
        for plan in sosl::resolve(&search, &self.catalogue, &context)?.plans {
            eval::run(&plan, &self.catalogue, &self.rows)?;
        }
        Ok(())
    }

    fn code(&self, text: &str) -> Option<Code> {
        self.run(text).err().map(|refusal| refusal.code)
    }
}

#[test]
fn what_is_too_long_is_refused() {
    let house = House::new();
    let query = |body: String| format!("SELECT Id FROM Case WHERE {body}");
    let malformed = Some(Code::MalformedQuery);
    assert_eq!(house.code(&"x".repeat(10_000_000)), malformed);
    assert_eq!(house.code(&query("(".repeat(9_000_000))), malformed);
    assert_eq!(
        house.code(&format!("SELECT Id FROM Case{}", " ".repeat(100_000))),
        malformed
    );
    assert_eq!(
        house.code(&format!("SELECT Id FROM Case{}", " ".repeat(99_981))),
        None
    );
    assert_eq!(
        house.code(&query(format!("Subject = '{}'", "ä".repeat(4_001)))),
        malformed
    );
    assert_eq!(
        house.code(&query(format!("Subject = '{}'", "ä".repeat(4_000)))),
        None
    );
}

#[test]
fn what_is_too_deep_is_refused() {
    let house = House::new();
    let malformed = Some(Code::MalformedQuery);
    let nested = |n: usize| {
        let (open, close) = ("(".repeat(n), ")".repeat(n));
        format!("SELECT Id FROM Case WHERE {open}Subject = 'x'{close}")
    };
    assert_eq!(house.code(&nested(50)), None);
    assert_eq!(house.code(&nested(61)), malformed);
    assert_eq!(house.code(&nested(40_000)), malformed);
    let nots = |n: usize| {
        format!(
            "SELECT Id FROM Case WHERE {}Subject = 'x'",
            "NOT ".repeat(n)
        )
    };
    assert_eq!(house.code(&nots(50)), None);
    assert_eq!(house.code(&nots(20_000)), malformed);
    let calls = format!(
        "SELECT {}Id{} FROM Case",
        "FORMAT(".repeat(10_000),
        ")".repeat(10_000)
    );
    assert_eq!(house.code(&calls), malformed);
    let subs = format!("SELECT Id, {} FROM Case", "(SELECT Id, ".repeat(5_000));
    assert_eq!(house.code(&subs), malformed);
    let path = format!("SELECT {}Id FROM Case", "Parent.".repeat(10_000));
    assert_eq!(house.code(&path), malformed);
}

#[test]
fn what_is_wide_works() {
    let house = House::new();
    let terms = vec!["Subject = 'Alpha'"; 4_000].join(" OR ");
    assert_eq!(
        house
            .run(&format!("SELECT Id FROM Case WHERE {terms}"))
            .unwrap(),
        1
    );
    let values = vec!["'Alpha'"; 9_000].join(",");
    assert_eq!(
        house
            .run(&format!("SELECT Id FROM Case WHERE Subject IN ({values})"))
            .unwrap(),
        1
    );
    let columns = vec!["Id"; 20_000].join(",");
    assert_eq!(
        house.code(&format!("SELECT {columns} FROM Case")),
        Some(Code::InvalidField)
    );
    let pattern = "%a".repeat(1_900);
    let slow = format!("SELECT Id FROM Case WHERE Subject LIKE '{pattern}b'");
    assert_eq!(house.run(&slow).unwrap(), 0);
}

/// A random change of a valid query: a cut, a copy, or foreign characters.
fn mutate(text: &str, other: &str, kind: u8, from: usize, len: usize, extra: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let from = from % (chars.len() + 1);
    let to = (from + len).min(chars.len());
    let head: String = chars[..from].iter().collect();
    let middle: String = chars[from..to].iter().collect();
    let tail: String = chars[to..].iter().collect();
    let foreign: String = other.chars().skip(from).take(len).collect();
    match kind % 5 {
        0 => head + &tail,
        1 => head + &middle + &middle + &tail,
        2 => head + extra + &tail,
        3 => head + &foreign + &middle + &tail,
        _ => head + &foreign + &tail,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_are_refused_calmly(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let house = HOUSE.get_or_init(House::new);
        let _ = house.run(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn words_in_any_order_are_handled(words in proptest::collection::vec(0..WORDS.len(), 0..40)) {
        let house = HOUSE.get_or_init(House::new);
        let text: Vec<&str> = words.into_iter().map(|at| WORDS[at]).collect();
        let _ = house.run(&text.join(" "));
        let _ = house.run(&format!("SELECT {}", text.join(" ")));
        let _ = house.run(&format!("SELECT Id FROM Case WHERE {}", text.join(" ")));
    }

    #[test]
    fn searches_are_handled(words in "[a-c*?\"\\\\(){} ANDORT1é-]{0,40}", tail in "\\PC{0,30}") {
        let house = HOUSE.get_or_init(House::new);
        let _ = house.search(&format!("FIND {{{words}}} RETURNING Case(Id, Subject)"));
        let _ = house.search(&format!("FIND {{{words}}} IN ALL FIELDS {tail}"));
        let _ = house.search(&tail);
    }

    #[test]
    fn mutated_queries_are_handled(
        (query, other) in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
        (kind, from, len) in (any::<u8>(), 0usize..400, 1usize..40),
        extra in "\\PC{0,6}",
    ) {
        let house = HOUSE.get_or_init(House::new);
        let (text, other): (&String, &String) = (query.get(&house.queries), other.get(&house.queries));
        let changed = mutate(text, other, kind, from, len, &extra);
        let _ = house.run(&changed);
    }
}

static HOUSE: std::sync::OnceLock<House> = std::sync::OnceLock::new();

const WORDS: [&str; 60] = [
    "SELECT",
    "FROM",
    "Case",
    "Id",
    "Subject",
    "Owner.Name",
    "Owner.Type",
    "WHERE",
    "AND",
    "OR",
    "NOT",
    "(",
    ")",
    ",",
    "=",
    "!=",
    "<",
    ">=",
    "LIKE",
    "IN",
    "NOT IN",
    "INCLUDES",
    "'x%'",
    "5",
    "-1.5e3",
    "NULL",
    "TRUE",
    "TODAY",
    "LAST_N_DAYS:3",
    "2026-01-01",
    "2026-01-01T00:00:00Z",
    "ORDER BY",
    "ASC",
    "DESC",
    "NULLS LAST",
    "LIMIT",
    "OFFSET",
    "GROUP BY",
    "ROLLUP",
    "CUBE",
    "HAVING",
    "COUNT()",
    "COUNT(Id)",
    "SUM(",
    "GROUPING(",
    "FIELDS(ALL)",
    "TYPEOF",
    "WHEN",
    "User",
    "THEN",
    "ELSE",
    "END",
    "FOR VIEW",
    "(SELECT Id FROM Cases)",
    "toLabel(Status)",
    "CALENDAR_YEAR(CreatedDate)",
    "CreatedDate",
    "a",
    ".",
    "IsDeleted",
];

//! Queries answer as `lang` says: the corpus on every store, limits, indexes, hostile input.

use std::sync::{Arc, OnceLock};

use lang::Context;
use lang::corpus;
use lang::plan::QueryPlan;
use model::{
    Answer, Catalogue, Code, CommitBatch, Leading, Millis, Record, RecordId, Refusal, RowChange,
};
use store::{Contents, FaultPlan, QueryError, Reader, SimStore, Store};

use crate::support::*;

/// The corpus' catalogue: the standard one and custom objects of every type.
pub fn wide() -> &'static Arc<Catalogue> {
    static ALL: OnceLock<Arc<Catalogue>> = OnceLock::new();
    ALL.get_or_init(|| Arc::new(corpus::catalogue()))
}

/// Both stores with the same rows; the folder has to live as long as they do.
pub fn stores(records: &[Record]) -> (tempfile::TempDir, [Store; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = Store::open_sqlite(&folder.path().join("org.db"), wide()).unwrap();
    let simulated = SimStore::with(Contents::default(), FaultPlan::none());
    let mut all = [sqlite, Store::Simulated(simulated)];
    for store in &mut all {
        let rows = records.iter().cloned().map(RowChange::Insert).collect();
        let batch = CommitBatch {
            seq: 1,
            rows,
            ..Default::default()
        };
        store.commit(&batch).unwrap();
    }
    (folder, all)
}

pub fn plan(text: &str) -> QueryPlan {
    let query = lang::parse(text).unwrap_or_else(|e| panic!("{text}: {e:?}"));
    let user = RecordId::new(model::KeyPrefix::of("005"), 1);
    let context = Context::new(user, 64, Millis(1_795_172_400_000), "UTC");
    lang::resolve(&query, wide(), &context).unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn refusal(error: QueryError) -> Refusal {
    match error {
        QueryError::TooManyRows(max) => lang::eval::too_many_groups(max),
        other => Refusal::new(Code::UnknownException, other.to_string()),
    }
}

#[test]
fn the_corpus_holds_on_every_store() {
    let mut wrong = Vec::new();
    for block in corpus::blocks() {
        let (_folder, stores) = stores(&block.fixture.records);
        for (store, name) in stores.iter().zip(["sqlite", "simulated"]) {
            let reader = store.reader().unwrap();
            for case in &block.cases {
                let run = &mut |plan: &QueryPlan| reader.query(plan, wide()).map_err(refusal);
                if let Err(why) = case.check(wide(), &block.fixture, run) {
                    wrong.push(format!("{name}: {why}"));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\n\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}

fn sqlite_with(rows: Vec<RowChange>) -> (Room, Reader) {
    let mut room = Room::new(Backend::Sqlite);
    room.commit(rows);
    let reader = room.store().reader().unwrap();
    (room, reader)
}

fn ask(reader: &Reader, text: &str) -> Result<Answer, QueryError> {
    reader.query(&plan(text), catalogue())
}

fn total(reader: &Reader, text: &str) -> u64 {
    ask(reader, text)
        .unwrap_or_else(|e| panic!("{text}: {e}"))
        .total
}

#[test]
fn comparisons_of_keys_and_times_use_indexes() {
    let (_room, reader) = sqlite_with(Vec::new());
    let Reader::Sqlite(reader) = &reader else {
        unreachable!()
    };
    let case = id("Case", 1);
    let user = id("User", 1);
    for (text, index) in [
        (
            format!("SELECT Subject FROM Case WHERE Id = '{case}'"),
            "t0 USING INDEX sqlite_autoindex_Case_1 (Id=?)",
        ),
        (
            format!("SELECT Subject FROM Case WHERE Id IN ('{case}', '{case}')"),
            "t0 USING INDEX sqlite_autoindex_Case_1 (Id=?)",
        ),
        (
            "SELECT Id FROM Case WHERE CaseNumber = '00001000'".to_owned(),
            "t0 USING INDEX tl_Case_CaseNumber (<expr>=?)",
        ),
        (
            format!("SELECT Id FROM AgentWork WHERE WorkItemId = '{case}' AND Status = 'Opened'"),
            "t0 USING INDEX tl_AgentWork_WorkItemId (WorkItemId=?)",
        ),
        (
            format!("SELECT Id FROM AgentWork WHERE UserId = '{user}' AND CreatedDate = TODAY"),
            "t0 USING INDEX tl_AgentWork_UserId_CreatedDate (UserId=? AND CreatedDate>? AND CreatedDate<?)",
        ),
        (
            format!(
                "SELECT Id FROM AgentWork WHERE UserId = '{user}' AND CreatedDate > 2026-01-01T00:00:00Z"
            ),
            "t0 USING INDEX tl_AgentWork_UserId_CreatedDate (UserId=? AND CreatedDate>?)",
        ),
        (
            "SELECT Id, Owner.Name FROM Case LIMIT 5".to_owned(),
            "SCAN t0 USING INDEX sqlite_autoindex_Case_1",
        ),
        (
            "SELECT Id, Owner.Name FROM Case LIMIT 5".to_owned(),
            "SEARCH t2 USING INDEX sqlite_autoindex_User_1 (Id=?) LEFT-JOIN",
        ),
        (
            "SELECT Id FROM Case WHERE CaseNumber LIKE '0000%1'".to_owned(),
            "t0 USING INDEX tl_Case_CaseNumber (<expr>>? AND <expr><?)",
        ),
        (
            format!("SELECT Id FROM Task WHERE WhoId = '{user}'"),
            "t0 USING INDEX tl_Task_WhoId (WhoId=?)",
        ),
        (
            "SELECT Id FROM VoiceCall WHERE VendorCallKey = 'x'".to_owned(),
            "tl_VoiceCall_VendorCallKey (<expr>=?)",
        ),
    ] {
        let steps = reader.steps(&plan(&text), catalogue()).unwrap();
        assert!(
            steps.iter().any(|step| step.contains(index)),
            "{text}\n{steps:#?}"
        );
    }
}

#[test]
fn an_index_finds_what_a_pattern_finds() {
    let texts = [
        "ab",
        "AB1",
        "aC",
        "Ab\u{10ffff}",
        "a",
        "b",
        "ärger",
        "Ärger 2",
        "Äs",
        "\u{d7ff}x",
        "\u{e000}x",
        "\u{10ffff}y",
    ];
    let call = |(n, text): (usize, &&str)| {
        record("VoiceCall", n as u64, &[("VendorCallKey", (*text).into())])
    };
    let records: Vec<_> = texts.iter().enumerate().map(call).collect();
    let (_folder, stores) = stores(&records);
    let [sqlite, simulated] = stores.each_ref().map(|store| store.reader().unwrap());
    for pattern in [
        "ab%",
        "AB%",
        "a_%",
        "är%",
        "ä%",
        "%",
        "_b",
        "\u{d7ff}%",
        "\u{10ffff}%",
        "ab",
        "abc%",
    ] {
        let text =
            format!("SELECT VendorCallKey FROM VoiceCall WHERE VendorCallKey LIKE '{pattern}'");
        let found = sqlite.query(&plan(&text), wide()).unwrap();
        assert_eq!(
            found,
            simulated.query(&plan(&text), wide()).unwrap(),
            "{pattern}"
        );
    }
}

#[test]
fn wide_conditions_are_answered() {
    let (_room, reader) = sqlite_with(vec![
        insert("Case", 1, &[("Subject", "s7".into())]),
        insert("Case", 2, &[("Subject", "other".into())]),
        insert("Case", 3, &[]),
    ]);
    let list = |n: usize| {
        (0..n)
            .map(|i| format!("'s{i}'"))
            .collect::<Vec<_>>()
            .join(",")
    };
    let any = |n: usize| {
        (0..n)
            .map(|i| format!("Subject='s{i}'"))
            .collect::<Vec<_>>()
            .join(" OR ")
    };
    assert_eq!(
        total(
            &reader,
            &format!("SELECT Id FROM Case WHERE Subject IN ({})", list(10_000))
        ),
        1
    );
    assert_eq!(
        total(
            &reader,
            &format!(
                "SELECT Id FROM Case WHERE Subject NOT IN ({})",
                list(10_000)
            )
        ),
        2
    );
    assert_eq!(
        total(
            &reader,
            &format!("SELECT Id FROM Case WHERE {}", any(4_000))
        ),
        1
    );
    assert_eq!(
        total(
            &reader,
            &format!("SELECT Id FROM Case WHERE NOT ({})", any(4_000))
        ),
        2
    );
}

#[test]
fn user_text_never_becomes_sql() {
    let nasty = "a'); DROP TABLE \"Case\"; --\u{0}\" ? ?1 $x ;%_";
    let (_room, reader) = sqlite_with(vec![insert("Case", 1, &[("Subject", nasty.into())])]);
    let quoted = nasty
        .replace('\\', "\\\\")
        .replace('\'', "\\'")
        .replace('\0', "\\u0000");
    assert_eq!(
        total(
            &reader,
            &format!("SELECT Id FROM Case WHERE Subject = '{quoted}'")
        ),
        1
    );
    assert_eq!(
        total(
            &reader,
            &format!("SELECT Id FROM Case WHERE Subject IN ('{quoted}')")
        ),
        1
    );
    assert_eq!(
        total(
            &reader,
            &format!("SELECT Id FROM Case WHERE Subject LIKE '%{quoted}'")
        ),
        1
    );
    assert_eq!(
        total(&reader, "SELECT Id FROM Case WHERE Subject LIKE 'a%' "),
        1
    );
    assert_eq!(total(&reader, "SELECT Id FROM Case"), 1);
}

#[test]
fn stores_and_readers_go_to_other_threads() {
    fn goes<T: Send + 'static>() {}
    goes::<Store>();
    goes::<Reader>();
}

#[test]
fn a_query_sees_one_moment_and_new_commits() {
    let (mut room, reader) = sqlite_with(vec![insert("Case", 1, &[])]);
    for n in 2..30 {
        room.commit(vec![insert("Case", n, &[])]);
        assert_eq!(total(&reader, "SELECT COUNT() FROM Case"), n);
        assert_eq!(total(&reader, "SELECT Id FROM Case"), n);
    }
}

#[test]
fn a_query_sees_whole_batches_while_they_are_written() {
    let (mut room, _) = sqlite_with(Vec::new());
    let reader = room.store().reader().unwrap();
    let count = std::thread::spawn(move || {
        let mut seen = 0;
        while seen < 200 {
            let now = total(&reader, "SELECT Id, Subject FROM Case ORDER BY Subject");
            assert!(now >= seen && now.is_multiple_of(2), "{seen} {now}");
            seen = now;
        }
    });
    for n in 0..100 {
        room.commit(vec![
            insert("Case", 2 * n, &[]),
            insert("Case", 2 * n + 1, &[]),
        ]);
    }
    count.join().unwrap();
}

#[test]
fn a_query_ends_when_its_time_is_over() {
    let rows = (0..2_000).map(|n| insert("Case", n, &[("Subject", format!("s{n}").into())]));
    let (_room, reader) = sqlite_with(rows.collect());
    let any: Vec<_> = (0..2_000)
        .map(|n| format!("Subject LIKE '%{n}x%'"))
        .collect();
    let slow = format!("SELECT Id FROM Case WHERE {}", any.join(" OR "));
    let limit = std::time::Duration::from_millis(20);
    let answer = reader.query_within(limit, &plan(&slow), catalogue());
    assert!(matches!(answer, Err(QueryError::TimedOut(_))));
    // The next one has its own time.
    assert_eq!(total(&reader, "SELECT COUNT() FROM Case"), 2_000);
}

#[test]
fn a_hostile_pattern_takes_no_longer_than_its_length() {
    let text = "a".repeat(30_000);
    let (_room, reader) = sqlite_with(vec![insert("Case", 1, &[("Description", text.into())])]);
    let pattern = format!("{}b", "%a".repeat(1_000));
    let mut plan = plan("SELECT Id FROM Case WHERE Subject LIKE 'x'");
    let field = field_ix("Case", "Description");
    let pieces = pattern.chars().map(|c| match c {
        '%' => lang::like::Piece::Any,
        c => lang::like::Piece::Char(c),
    });
    plan.scan.filter = lang::plan::Predicate::Like {
        of: lang::plan::Expr::Field(lang::plan::Path::own(
            object_ix("Case"),
            lang::plan::Spot::Field(field),
            model::FieldType::Textarea,
        )),
        pattern: lang::like::Pattern::new(pieces),
    };
    assert_eq!(reader.query(&plan, catalogue()).unwrap().total, 0);
}

#[test]
fn an_answer_has_a_bound() {
    let rows = (0..3_000).map(|n| insert("Contact", n, &[("LastName", format!("n{n}").into())]));
    let (_room, reader) = sqlite_with(rows.collect());
    // More groups than SOQL allows.
    let refused = ask(
        &reader,
        "SELECT LastName, COUNT(Id) FROM Contact GROUP BY LastName",
    );
    assert!(
        matches!(refused, Err(QueryError::TooManyRows(_))),
        "{refused:?}"
    );
    // More parents than a join takes.
    let mut wide = plan("SELECT Id FROM Contact");
    let (contact, def) = catalogue().find("Contact").unwrap();
    for (field, _) in def.each_field().take(70) {
        let hop = lang::plan::Hop {
            from: contact,
            field,
            to: vec![object_ix("User")],
        };
        wide.outputs.push(lang::plan::Expr::Field(lang::plan::Path {
            hops: vec![hop],
            at: vec![(object_ix("User"), lang::plan::Spot::Id)],
            kind: model::FieldType::Id,
        }));
    }
    let refused = reader.query(&wide, catalogue());
    assert!(
        def.fields.len() > 60 && matches!(refused, Err(QueryError::TooComplicated(_))),
        "{refused:?}"
    );
}

/// The ways of a query: leading operation, its fields, and the rows it gives, of how many.
fn ways(reader: &Reader, text: &str) -> Vec<(Leading, Vec<String>, u64, u64)> {
    let ways = reader.explain(&plan(text), wide()).unwrap();
    let short = |way: model::QueryWay| (way.leading, way.fields, way.cardinality, way.rows);
    ways.into_iter().map(short).collect()
}

#[test]
fn an_explanation_names_what_the_planner_does_and_counts_rows() {
    let call = |n: u64| {
        let key = format!("call-{}", n % 10);
        record("VoiceCall", n, &[("VendorCallKey", key.as_str().into())])
    };
    let records: Vec<_> = (1..=40).map(call).collect();
    let (_folder, stores) = stores(&records);
    let [sqlite, simulated] = stores.each_ref().map(|store| store.reader().unwrap());
    let scan = |found| (Leading::TableScan, Vec::new(), found, 40);
    let by = |field: &str, found| (Leading::Index, vec![field.to_owned()], found, 40);
    let one = id("VoiceCall", 7);
    for (text, wanted) in [
        ("SELECT Id FROM VoiceCall".to_owned(), vec![scan(40)]),
        ("SELECT COUNT() FROM VoiceCall".to_owned(), vec![scan(40)]),
        (
            "SELECT Id FROM VoiceCall WHERE VendorCallKey = 'call-3'".to_owned(),
            vec![by("VendorCallKey", 4), scan(4)],
        ),
        (
            format!("SELECT Id FROM VoiceCall WHERE VendorCallKey = 'call-7' AND Id = '{one}'"),
            vec![by("Id", 1), by("VendorCallKey", 4), scan(1)],
        ),
        (
            "SELECT Id FROM VoiceCall WHERE VendorCallKey != 'call-3'".to_owned(),
            vec![scan(36)],
        ),
        (
            "SELECT VendorCallKey k, COUNT(Id) FROM VoiceCall WHERE VendorCallKey LIKE 'call-1%' GROUP BY VendorCallKey"
                .to_owned(),
            vec![by("VendorCallKey", 4), scan(4)],
        ),
    ] {
        assert_eq!(ways(&sqlite, &text), wanted, "{text}");
        let scan = wanted.last().unwrap().clone();
        assert_eq!(ways(&simulated, &text), [scan], "{text}");
    }
}

#[test]
fn an_explanation_counts_what_the_caller_may_see() {
    let call = |n: u64| {
        let owner = id("User", n % 4);
        record(
            "VoiceCall",
            n,
            &[("VendorCallKey", "same".into()), ("OwnerId", owner.into())],
        )
    };
    let records: Vec<_> = (1..=40).map(call).collect();
    let (_folder, stores) = stores(&records);
    let reader = stores[0].reader().unwrap();
    let mut seen = plan("SELECT Id FROM VoiceCall WHERE VendorCallKey = 'same'");
    let own = format!(
        "SELECT Id FROM VoiceCall WHERE OwnerId = '{}'",
        id("User", 1)
    );
    seen.scan.access = plan(&own).scan.filter;
    let first = &reader.explain(&seen, wide()).unwrap()[0];
    assert_eq!((first.cardinality, first.rows), (10, 10));
}

#[test]
fn a_thousand_ors_are_one_list() {
    let terms: Vec<_> = (0..1_000)
        .map(|n| format!("VendorCallKey = 'k{n}'"))
        .collect();
    let text = format!("SELECT Id FROM VoiceCall WHERE {}", terms.join(" OR "));
    let filter = plan(&text).scan.filter;
    assert!(
        matches!(&filter, lang::plan::Predicate::In { values, .. } if values.len() == 1_000),
        "{filter:?}"
    );
    let (_room, reader) = sqlite_with(Vec::new());
    let Reader::Sqlite(reader) = &reader else {
        unreachable!()
    };
    let steps = reader.steps(&plan(&text), catalogue()).unwrap();
    let index = "t0 USING INDEX tl_VoiceCall_VendorCallKey";
    assert!(steps.iter().any(|step| step.contains(index)), "{steps:#?}");
}

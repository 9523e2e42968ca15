//! Requests and answers of every operation as whole texts, checked against the schema.
//!
//! `golden/requests.txt` holds what clients send, `golden/answers.txt` what we send; `UPDATE_GOLDEN=1` writes the
//! latter anew.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use model::{
    Answer, AnswerRow, Catalogue, Cell, Code, FieldIx, KeyPrefix, Millis, ObjectIx, RecordId,
    Refusal, Value,
};

use super::envelope::{self, Usage};
use super::fault::Fault;
use super::schema::{Operation, SCHEMA, check};
use super::session::{Login, UserInfo, nil, password, timestamp, user_info};
use super::{Api, describe, records, results};
use crate::rest::describe::View;

/// Sees and may everything.
pub struct All;

impl View for All {
    fn sees(&self, _: ObjectIx) -> bool {
        true
    }
    fn sees_field(&self, _: ObjectIx, _: FieldIx) -> bool {
        true
    }
    fn may(&self, _: ObjectIx) -> (bool, bool, bool) {
        (true, true, true)
    }
    fn may_write(&self, _: ObjectIx, _: FieldIx) -> bool {
        true
    }
}

fn sections(text: &str) -> BTreeMap<&str, &str> {
    let parts = text.split("## ").skip(1);
    parts
        .filter_map(|part| part.split_once('\n'))
        .map(|(name, text)| (name.trim(), text.trim()))
        .collect()
}

fn id(prefix: &'static str, number: u64) -> RecordId {
    RecordId::new(KeyPrefix::of(prefix), number)
}

fn row(type_name: &str, id: Option<RecordId>, cells: Vec<(&str, Cell)>) -> AnswerRow {
    AnswerRow {
        type_name: Arc::from(type_name),
        object_name: Arc::from(type_name),
        id,
        cells: cells
            .into_iter()
            .map(|(name, cell)| (Arc::from(name), cell))
            .collect(),
    }
}

fn case() -> AnswerRow {
    let owner = row(
        "Name",
        Some(id("005", 1)),
        vec![("Name", Cell::Value(Value::from("A & B")))],
    );
    let comment = row(
        "CaseComment",
        Some(id("00a", 1)),
        vec![("CommentBody", Cell::Value(Value::from("so")))],
    );
    let comments = Answer {
        total: 1,
        done: true,
        next: None,
        rows: vec![comment],
    };
    row(
        "Case",
        Some(id("500", 1)),
        vec![
            ("Id", Cell::Value(Value::Id(id("500", 1)))),
            ("Subject", Cell::Value(Value::from("x < y"))),
            ("Origin", Cell::Value(Value::Null)),
            ("IsClosed", Cell::Value(Value::Bool(false))),
            ("CreatedDate", Cell::Value(Value::DateTime(Millis(1_999)))),
            ("Owner", Cell::Parent(Some(Box::new(owner)))),
            ("Parent", Cell::Parent(None)),
            ("CaseComments", Cell::Children(Some(Box::new(comments)))),
            ("Cases", Cell::Children(None)),
        ],
    )
}

fn query(api: Api, rows: Vec<AnswerRow>, next: Option<&str>) -> String {
    let answer = Answer {
        total: 3,
        done: next.is_none(),
        next: next.map(str::to_owned),
        rows,
    };
    let mut out = String::new();
    records::query_result(&mut out, api, &answer);
    out
}

fn user() -> UserInfo<'static> {
    UserInfo {
        org: id("00D", 1),
        org_name: "A & B",
        user: id("005", 1),
        profile: Some(id("00e", 1)),
        role: None,
        username: "a@b",
        name: "Ann",
        email: "a@b",
        time_zone: "UTC",
        language: "en_US",
        locale: "en_US",
        session_s: 7_200,
    }
}

/// One saved and one refused record.
fn saved(created: Option<bool>) -> String {
    let refusal = Refusal::about(
        Code::StringTooLong,
        "Subject: data value too large",
        ["Subject"],
    );
    let mut out = String::new();
    results::save(&mut out, Ok(id("500", 1)), created);
    results::save(&mut out, Err(&refusal), created.map(|_| false));
    results::save(&mut out, Err(&Refusal::not_found()), created.map(|_| false));
    out
}

fn retrieved() -> String {
    let mut out = String::new();
    records::record(
        &mut out,
        Api::Partner,
        "result",
        &row("Case", Some(id("500", 1)), Vec::new()),
    );
    nil(&mut out, "result");
    out
}

fn found() -> String {
    let mut out = String::from("<result><queryId/><searchRecords>");
    records::record(&mut out, Api::Partner, "record", &case());
    out.push_str("</searchRecords></result>");
    out
}

fn described(name: &str) -> String {
    let all = Catalogue::standard().unwrap();
    let (ix, def) = all.find(name).unwrap();
    let mut out = String::new();
    describe::object(&mut out, &all, ix, def, &All, 64);
    out
}

/// Every object; the golden file keeps the first two.
fn global() -> String {
    describe::global(&Catalogue::standard().unwrap(), &All, 64)
}

fn sessions() -> String {
    let mut out = String::new();
    results::invalidated(&mut out, None);
    results::invalidated(
        &mut out,
        Some(&Refusal::new(Code::InvalidSessionId, "gone")),
    );
    out
}

fn answer(operation: &Operation) -> String {
    match operation.name {
        "login" => Login {
            instance_url: "http://h:1",
            path: "/services/Soap/u/64.0",
            session: "00D!t",
            user: user(),
        }
        .print(),
        "getUserInfo" => user_info(&user()),
        "getServerTimestamp" => timestamp(Millis(1_999)),
        "setPassword" => "<result/>".to_owned(),
        "resetPassword" => password("a<b"),
        "invalidateSessions" => sessions(),
        "describeGlobal" => global(),
        "describeSObject" => described("GroupMember"),
        "describeSObjects" => described("QueueSobject") + &described("GroupMember"),
        "describeLayout" => describe::layout(),
        "upsert" => saved(Some(true)),
        "create" | "update" | "delete" | "undelete" | "emptyRecycleBin" => saved(None),
        "retrieve" => retrieved(),
        "query" => query(Api::Partner, vec![case()], Some("01gxx-200")),
        "queryAll" => query(Api::Partner, Vec::new(), None),
        "queryMore" => {
            let count = ("expr0", Cell::Value(Value::Int(4)));
            query(
                Api::Partner,
                vec![row("AggregateResult", None, vec![count])],
                None,
            )
        }
        "search" => found(),
        "getUpdated" => results::updated(&[id("500", 1)], Millis(1_999)),
        "getDeleted" => results::deleted(&[(id("500", 1), Millis(999))], Millis(0), Millis(1_999)),
        _ => String::new(),
    }
}

#[test]
fn every_request_is_read() {
    let requests = sections(include_str!("golden/requests.txt"));
    for operation in &SCHEMA.operations {
        let text = requests.get(operation.name).copied();
        let request = envelope::read(text.unwrap_or_default().as_bytes()).unwrap();
        assert_eq!(request.call.name, operation.name);
        let fits = check::follows(
            &request.call.children,
            &operation.parameters,
            operation.name,
        );
        assert_eq!(fits, Ok(()));
        assert_eq!(request.session.is_some(), operation.name != "login");
    }
    assert_eq!(requests.len(), SCHEMA.operations.len());
}

#[test]
fn broken_requests_are_refused_or_read_but_never_end_the_server() {
    let all = Catalogue::standard().unwrap();
    let (_, case) = all.find("Case").unwrap();
    let mut seed = 1_u64;
    let mut next = |below: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % below
    };
    for text in sections(include_str!("golden/requests.txt")).values() {
        for _ in 0..500 {
            let mut body = text.as_bytes().to_vec();
            for _ in 0..=next(4) {
                let (at, length) = (next(body.len()), next(40));
                let end = (at + length).min(body.len());
                match next(3) {
                    0 => body[at] = u8::try_from(next(256)).unwrap(),
                    1 => drop(body.drain(at..end.max(at + 1))),
                    _ => body.extend_from_within(at..end),
                }
            }
            let Ok(request) = envelope::read(&body) else {
                continue;
            };
            for record in request.call.all("sObjects") {
                let _ = (records::type_of(record), records::row(record, case, 64));
            }
        }
    }
}

#[test]
fn every_answer_is_golden_and_fits_the_schema() {
    let usage = Usage {
        current: 18,
        limit: 5_000,
    };
    let mut now = String::from("What the server answers, operation by operation.\n");
    for operation in &SCHEMA.operations {
        let mut inside = answer(operation);
        check::answer(operation.name, &inside);
        if operation.name == "describeGlobal" {
            let end = inside
                .match_indices("</sobjects>")
                .nth(1)
                .map(|(at, _)| at)
                .unwrap();
            inside.replace_range(end.., "</sobjects></result>");
        }
        let usage = Some(usage).filter(|_| operation.name != "login");
        section(
            &mut now,
            operation.name,
            &envelope::answer(Api::Partner, operation.name, &inside, usage),
        );
    }
    let typed = query(Api::Enterprise, vec![case()], None);
    section(
        &mut now,
        "query (enterprise)",
        &envelope::answer(Api::Enterprise, "query", &typed, None),
    );
    for (name, refusal, place) in [
        ("fault: login", Refusal::new(Code::InvalidLogin, "no"), None),
        (
            "fault: query",
            Refusal::new(Code::MalformedQuery, "\nx\n^\nERROR at Row:1:Column:8\nno"),
            Some((1, 8)),
        ),
        (
            "fault: object",
            Refusal::new(Code::InvalidType, "sObject type 'x<' is not supported."),
            None,
        ),
        ("fault: record", Refusal::not_found(), None),
    ] {
        section(
            &mut now,
            name,
            &Fault::of(&refusal, place).print(Api::Partner),
        );
    }
    section(
        &mut now,
        "fault: password",
        &Fault::new_password("short").print(Api::Enterprise),
    );
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/soap/golden/answers.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap();
    let (golden, now) = (sections(&golden), sections(&now));
    for (name, text) in &now {
        assert_eq!(Some(text), golden.get(name), "{name}");
    }
    assert_eq!(golden.len(), now.len());
}

fn section(out: &mut String, name: &str, text: &str) {
    out.push_str(&format!("\n## {name}\n{}\n", text.replace("><", ">\n<")));
}

//! No query, search, single read or describe gives a row or a field that a naive access check forbids,
//! and what it allows comes out: random orgs, random callers, random queries, on SQLite and in memory.

mod naive;
mod org;
mod question;

use std::collections::BTreeMap;

use engine::{Asked, Rights, plan_get, plan_query, plan_search};
use model::{Answer, AnswerRow, Cell, Code, FieldIx, ObjectIx, Value};
use wire::rest::describe::{self, View};

use naive::Naive;
use org::{Dice, House, OBJECTS};
use question::{Form, Question};

/// Orgs, and questions in each.
const ORGS: u64 = 60;
const QUESTIONS: usize = 60;

/// Tokens in an answer name the record and field that they are the value of.
fn no_leak(naive: &Naive, user: usize, shown: &str, what: &str) {
    for word in shown.split(|c: char| !c.is_ascii_alphanumeric()) {
        if let Some((object, number, field)) = org::parse_token(word) {
            assert!(
                naive.sees(user, object, number) && naive.field(user, object, &field),
                "{what}: {word} comes out for user {user}"
            );
        }
    }
}

fn text_at(row: &AnswerRow, path: &str) -> Option<String> {
    let (name, rest) = path
        .split_once('.')
        .map_or((path, None), |(a, b)| (a, Some(b)));
    let (_, cell) = row.cells.iter().find(|(n, _)| **n == *name)?;
    match (cell, rest) {
        (Cell::Value(Value::Text(text)), None) => Some(text.to_string()),
        (Cell::Value(Value::Id(id)), None) => Some(id.to_string()),
        (Cell::Parent(Some(parent)), Some(rest)) => text_at(parent, rest),
        _ => None,
    }
}

type Shown = BTreeMap<String, Vec<Option<String>>>;

fn rows_of(answer: &Answer, columns: &[String]) -> Shown {
    let row = |row: &AnswerRow| {
        let id = row.id.expect("an id").to_string();
        (id, columns.iter().map(|c| text_at(row, c)).collect())
    };
    answer.rows.iter().map(row).collect()
}

fn check_answer(house: &House, user: usize, question: &Question, all_rows: bool, answer: &Answer) {
    let naive = &house.naive;
    let what = format!("user {user}, {}", question.text());
    no_leak(naive, user, &format!("{answer:?}"), &what);
    let expected = question.expected(naive, user, all_rows);
    match &question.form {
        Form::Count => assert_eq!(answer.total, expected.len() as u64, "{what}"),
        Form::Rows => {
            let seen: Shown = rows_of(answer, &question.columns);
            let wanted: Shown = expected
                .iter()
                .map(|n| {
                    let values = question.columns.iter();
                    let values = values.map(|c| naive.value(user, question.object, *n, c));
                    (house.id(question.object, *n), values.collect())
                })
                .collect();
            assert_eq!(seen, wanted, "{what}");
        }
        Form::Groups(path) => {
            let mut wanted: BTreeMap<Option<String>, i64> = BTreeMap::new();
            for n in &expected {
                *wanted
                    .entry(naive.value(user, question.object, *n, path))
                    .or_default() += 1;
            }
            let count = |row: &AnswerRow| match &row.cells[1].1 {
                Cell::Value(value) => value.as_int().expect("a count"),
                other => panic!("{other:?}"),
            };
            let seen = answer.rows.iter().map(|r| (text_at(r, "k"), count(r)));
            assert_eq!(seen.collect::<BTreeMap<_, _>>(), wanted, "{what}");
        }
        Form::Children {
            name,
            child,
            via,
            column,
        } => {
            assert_eq!(answer.rows.len(), expected.len(), "{what}");
            for row in &answer.rows {
                let parent = row.id.expect("an id").to_string();
                let (_, cell) = row
                    .cells
                    .iter()
                    .find(|(n, _)| **n == **name)
                    .expect("children");
                let columns = [column.clone()];
                let seen = match cell {
                    Cell::Children(Some(answer)) => rows_of(answer, &columns),
                    _ => Shown::new(),
                };
                let wanted = naive.live(child, all_rows).filter(|n| {
                    naive.sees(user, child, *n) && house.reference(child, *n, via) == Some(&parent)
                });
                let wanted: Shown = wanted
                    .map(|n| {
                        (
                            house.id(child, n),
                            vec![naive.value(user, child, n, column)],
                        )
                    })
                    .collect();
                assert_eq!(seen, wanted, "{what}");
            }
        }
    }
}

fn ask(house: &House, dice: &mut Dice) {
    let user = dice.below(house.naive.users.len());
    let all_rows = dice.below(4) == 0;
    let question = Question::random(house, dice);
    let text = question.text();
    let caller = house.caller(user);
    let asked = Asked {
        caller: &caller,
        now: house.now,
        all_rows,
    };
    let plan = plan_query(&house.catalogue, &house.directory, &asked, &text);
    let may = question.is_allowed(&house.naive, user);
    let plan = match plan {
        Ok(plan) if may => plan,
        Err(refusal) if !may => {
            let codes = [Code::InvalidField, Code::InvalidType];
            assert!(
                codes.contains(&refusal.code),
                "user {user}, {text}: {refusal}"
            );
            return;
        }
        Ok(_) => panic!("user {user} may ask: {text}"),
        Err(refusal) => panic!("user {user} may not ask: {text}: {refusal}"),
    };
    let stored = house
        .reader
        .query(plan.get(), &house.catalogue)
        .expect(&text);
    let computed = lang::eval::run(plan.get(), &house.catalogue, &house.memory).expect(&text);
    assert_eq!(stored, computed, "user {user}, {text}");
    check_answer(house, user, &question, all_rows, &stored);
}

#[test]
fn nothing_forbidden_comes_out_and_what_is_allowed_does() {
    for seed in 0..ORGS {
        let mut dice = Dice::new(seed);
        let house = House::random(&mut dice);
        for _ in 0..QUESTIONS {
            ask(&house, &mut dice);
        }
    }
}

#[test]
fn single_reads_and_searches_keep_to_the_same_rows() {
    for seed in 1_000..1_000 + ORGS / 4 {
        let mut dice = Dice::new(seed);
        let house = House::random(&mut dice);
        for user in 0..house.naive.users.len() {
            let caller = house.caller(user);
            let asked = Asked {
                caller: &caller,
                now: house.now,
                all_rows: false,
            };
            for object in OBJECTS {
                let ix = house.catalogue.object(object).unwrap();
                for n in 0..house.naive.count(object) {
                    let id = house.record_id(object, n);
                    let plan = plan_get(&house.catalogue, &house.directory, &asked, ix, id, None);
                    let sees =
                        house.naive.sees(user, object, n) && !house.naive.is_deleted(object, n);
                    let Ok(plan) = plan else {
                        assert!(!house.naive.object(user, object), "{object} for {user}");
                        continue;
                    };
                    let answer = house.reader.query(plan.get(), &house.catalogue).unwrap();
                    assert_eq!(
                        answer.rows.len(),
                        usize::from(sees),
                        "{object} {n} for {user}"
                    );
                    no_leak(&house.naive, user, &format!("{answer:?}"), object);
                }
            }
            let text = "FIND {tk*} IN ALL FIELDS RETURNING Case(Id, CaseNumber), Account(Id)";
            let may = ["Case", "Account"]
                .iter()
                .all(|o| house.naive.object(user, o));
            let plans = plan_search(&house.catalogue, &house.directory, &asked, text);
            assert_eq!(plans.is_ok(), may, "a search of {user}");
            for plan in plans.into_iter().flat_map(|(plans, _)| plans) {
                let found = house.reader.query(plan.get(), &house.catalogue).unwrap();
                for row in &found.rows {
                    let (object, n) = house.find(row.id.unwrap());
                    assert!(house.naive.sees(user, object, n), "{object} {n} for {user}");
                }
            }
        }
    }
}

struct Shows<'r>(&'r Rights);

impl View for Shows<'_> {
    fn sees(&self, object: ObjectIx) -> bool {
        self.0.can_describe(object)
    }
    fn sees_field(&self, object: ObjectIx, field: FieldIx) -> bool {
        self.0.can_read(object, field)
    }
    fn may(&self, object: ObjectIx) -> (bool, bool, bool) {
        let rights = self.0.object(object);
        (rights.create, rights.edit, rights.delete)
    }
    fn may_write(&self, object: ObjectIx, field: FieldIx) -> bool {
        self.0.can_write(object, field)
    }
}

#[test]
fn describe_shows_what_the_caller_may_see() {
    for seed in 2_000..2_000 + ORGS / 4 {
        let house = House::random(&mut Dice::new(seed));
        for user in 0..house.naive.users.len() {
            let caller = house.caller(user);
            let view = Shows(&caller.rights);
            let mut global = Vec::new();
            describe::global(&mut global, &house.catalogue, &view, 64);
            let global: serde_json::Value = serde_json::from_slice(&global).unwrap();
            for object in OBJECTS {
                let may = house.naive.object(user, object);
                let all = global["sobjects"].as_array().unwrap();
                let listed = all.iter().any(|o| o["name"] == object);
                assert_eq!(listed, may, "{object} for {user}");
                if !may {
                    continue;
                }
                let (ix, def) = house.catalogue.find(object).unwrap();
                let mut out = Vec::new();
                describe::object(&mut out, &house.catalogue, ix, def, &view, 64);
                let shown: serde_json::Value = serde_json::from_slice(&out).unwrap();
                let fields = shown["fields"].as_array().unwrap();
                for field in org::fields(object) {
                    let listed = fields.iter().any(|f| f["name"] == *field);
                    assert_eq!(
                        listed,
                        house.naive.field(user, object, field),
                        "{object}.{field}"
                    );
                }
                for child in shown["childRelationships"].as_array().unwrap() {
                    let name = child["childSObject"].as_str().unwrap();
                    let via = child["field"].as_str().unwrap();
                    let is_ours = OBJECTS.contains(&name);
                    assert!(
                        !is_ours
                            || house.naive.object(user, name) && house.naive.field(user, name, via),
                        "{object} shows {name}.{via} to {user}"
                    );
                }
            }
        }
    }
}

//! Random plans on random rows: every store answers what the evaluator of `lang` answers.

use std::sync::Arc;

use jiff::tz::TimeZone;
use lang::eval::{self, Memory};
use lang::like::{Pattern, Piece};
use lang::plan::{
    Aggregate, AggregateFn, DatePart, Expr, Groups, Hop, MemberTest, Op, Order, Path, Predicate,
    QueryPlan, Scan, SemiJoin, Shape, Spot,
};
use model::{Days, FieldIx, FieldType, Millis, ObjectIx, Record, RecordId, Value};
use proptest::prelude::*;

use crate::queries::{plan, stores, wide};

/// Dice that shrink: numbers are taken from the front.
struct Dice {
    numbers: Vec<u32>,
    at: usize,
}

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        let number = self.numbers.get(self.at).copied().unwrap_or(0) as usize;
        self.at += 1;
        number % sides.max(1)
    }

    fn flip(&mut self) -> bool {
        self.roll(2) == 1
    }

    fn pick<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.roll(items.len())].clone()
    }
}

fn object(name: &str) -> ObjectIx {
    wide().object(name).unwrap()
}

fn field(object_name: &str, name: &str) -> FieldIx {
    let (_, def) = wide().find(object_name).unwrap();
    def.field(name).unwrap()
}

fn id(name: &str, n: usize) -> RecordId {
    RecordId::new(wide().find(name).unwrap().1.prefix(), n as u64)
}

const TEXTS: [&str; 10] = [
    "Straße",
    "STRASSE",
    "straße",
    "a_b",
    "A%B",
    "a",
    "Ärger",
    "ärger",
    "Z",
    "\u{1F600}x",
];
const SETS: [&str; 6] = [
    "Express",
    "Express;Insured",
    "insured;express",
    "Fragile",
    "x;Express;Fragile",
    "S",
];

/// The fields that random conditions are about, with their types.
const FIELDS: [(&str, FieldType); 14] = [
    ("Name", FieldType::String),
    ("Size__c", FieldType::Picklist),
    ("Services__c", FieldType::Multipicklist),
    ("Weight__c", FieldType::Double),
    ("Pieces__c", FieldType::Int),
    ("Due__c", FieldType::Date),
    ("Scanned__c", FieldType::Datetime),
    ("Window__c", FieldType::Time),
    ("IsUrgent__c", FieldType::Boolean),
    ("Depot__c", FieldType::Reference),
    ("OwnerId", FieldType::Reference),
    ("Note__c", FieldType::Textarea),
    ("Id", FieldType::Id),
    ("IsDeleted", FieldType::Boolean),
];

fn value(dice: &mut Dice, kind: FieldType, name: &str) -> Value {
    match kind {
        FieldType::Id => Value::Id(id("Parcel__c", dice.roll(6))),
        FieldType::Reference if name == "OwnerId" => {
            let target = dice.pick(&["User", "Group"]);
            Value::Id(id(target, dice.roll(3)))
        }
        FieldType::Reference => Value::Id(id("Depot__c", dice.roll(4))),
        FieldType::Boolean => Value::Bool(dice.flip()),
        FieldType::Int => Value::Int(dice.roll(5) as i64 - 2),
        FieldType::Double => Value::Double(dice.roll(9) as f64 * 0.5 - 2.0),
        FieldType::Date => Value::Date(Days(dice.roll(6) as i32 * 200 - 400)),
        FieldType::Datetime => Value::DateTime(Millis(dice.roll(8) as i64 * 900_500 - 2_000_000)),
        FieldType::Time => Value::Time(dice.roll(4) as i32 * 1_000),
        FieldType::Multipicklist => dice.pick(&SETS).into(),
        FieldType::Picklist => dice.pick(&["S", "m", "M", "L", "other", "s"]).into(),
        _ => dice.pick(&TEXTS).into(),
    }
}

fn records(dice: &mut Dice) -> Vec<Record> {
    let mut all = Vec::new();
    for n in 0..3 {
        let mut user = Record::new(object("User"), id("User", n));
        user.set(field("User", "Name"), dice.pick(&TEXTS).into());
        user.set(field("User", "IsActive"), dice.flip().into());
        let mut group = Record::new(object("Group"), id("Group", n));
        group.set(field("Group", "Name"), dice.pick(&TEXTS).into());
        all.extend([user, group]);
        let mut depot = Record::new(object("Depot__c"), id("Depot__c", n));
        depot.set(field("Depot__c", "City__c"), dice.pick(&TEXTS).into());
        if dice.flip() {
            depot.set(
                field("Depot__c", "Hub__c"),
                Value::Id(id("Depot__c", dice.roll(4))),
            );
        }
        depot.is_deleted = dice.roll(4) == 0;
        all.push(depot);
    }
    for n in 0..dice.roll(7) {
        let mut parcel = Record::new(object("Parcel__c"), id("Parcel__c", n));
        for (name, kind) in FIELDS {
            if name != "Id" && name != "IsDeleted" && dice.roll(3) > 0 {
                parcel.set(field("Parcel__c", name), value(dice, kind, name));
            }
        }
        parcel.is_deleted = dice.roll(5) == 0;
        all.push(parcel);
    }
    all
}

fn own(name: &str, kind: FieldType) -> Path {
    let spot = match name {
        "Id" => Spot::Id,
        "IsDeleted" => Spot::IsDeleted,
        name => Spot::Field(field("Parcel__c", name)),
    };
    Path::own(object("Parcel__c"), spot, kind)
}

fn hop(from: &str, name: &str, to: &[&str]) -> Hop {
    Hop {
        from: object(from),
        field: field(from, name),
        to: to.iter().map(|name| object(name)).collect(),
    }
}

/// A path, the name that its values go by, and its type.
fn path(dice: &mut Dice) -> (Path, &'static str, FieldType) {
    let depot = || hop("Parcel__c", "Depot__c", &["Depot__c"]);
    let owner = || hop("Parcel__c", "OwnerId", &["Group", "User"]);
    let end = |hops, at: &[(&str, &str)], kind| Path {
        hops,
        at: at
            .iter()
            .map(|(o, f)| (object(o), Spot::Field(field(o, f))))
            .collect(),
        kind,
    };
    match dice.roll(8) {
        0 => {
            let place = [("Depot__c", "City__c")];
            (
                end(vec![depot()], &place, FieldType::String),
                "Name",
                FieldType::String,
            )
        }
        1 => {
            let hops = vec![depot(), hop("Depot__c", "Hub__c", &["Depot__c"])];
            let place = [("Depot__c", "City__c")];
            (
                end(hops, &place, FieldType::String),
                "Name",
                FieldType::String,
            )
        }
        2 => {
            let places = [("Group", "Name"), ("User", "Name")];
            (
                end(vec![owner()], &places, FieldType::String),
                "Name",
                FieldType::String,
            )
        }
        3 => {
            let places = [("User", "IsActive")];
            (
                end(vec![owner()], &places, FieldType::Boolean),
                "IsUrgent__c",
                FieldType::Boolean,
            )
        }
        _ => {
            let (name, kind) = dice.pick(&FIELDS);
            (own(name, kind), name, kind)
        }
    }
}

fn is_time(kind: FieldType) -> bool {
    matches!(
        kind,
        FieldType::Date | FieldType::Datetime | FieldType::Time
    )
}

fn leaf(dice: &mut Dice) -> Predicate {
    let (path, name, kind) = path(dice);
    let of = Expr::Field(path.clone());
    let (not, on_null, exact) = (dice.flip(), dice.flip(), dice.roll(4) == 0);
    match dice.roll(6) {
        0 => Predicate::Null { of, not },
        _ if is_time(kind) => {
            let bound = |dice: &mut Dice| (dice.roll(4) > 0).then(|| value(dice, kind, name));
            let (from, to) = (bound(dice), bound(dice));
            Predicate::Within {
                of,
                from,
                to,
                not,
                on_null,
            }
        }
        1 if kind == FieldType::Multipicklist => {
            let mut set = || {
                dice.pick(&SETS)
                    .split(';')
                    .map(Arc::from)
                    .collect::<Vec<Arc<str>>>()
            };
            let test = match not {
                true => MemberTest::AnyOf(vec![set(), set()]),
                false => MemberTest::Exactly(set()),
            };
            Predicate::Members {
                of,
                test,
                not: exact,
                on_null,
            }
        }
        1 | 2 if kind.is_text() => {
            let pattern = dice.pick(&[
                "%", "_", "a%", "%SS%", "%\u{df}e", "A_b", "Ä%", "_x", "%a%b%",
            ]);
            let pieces = pattern.chars().map(|c| match c {
                '%' => Piece::Any,
                '_' => Piece::One,
                c => Piece::Char(c),
            });
            Predicate::Like {
                of,
                pattern: Pattern::new(pieces),
            }
        }
        1 if kind == FieldType::Reference => {
            let prefixes = ["005", "00G", "a01"].map(|p| model::KeyPrefix::parse(p).unwrap());
            let prefixes = prefixes[..dice.roll(3)].to_vec();
            Predicate::Prefix {
                of: path,
                prefixes,
                not,
                on_null,
            }
        }
        2 if name == "Depot__c" => {
            let mut scan = Scan::of(object("Depot__c"));
            scan.all_rows = dice.flip();
            let text = dice.pick(&TEXTS);
            scan.filter = Predicate::Like {
                of: Expr::Field(Path::own(
                    object("Depot__c"),
                    Spot::Field(field("Depot__c", "City__c")),
                    FieldType::String,
                )),
                pattern: Pattern::new([Piece::Char(text.chars().next().unwrap()), Piece::Any]),
            };
            let hub = dice.flip();
            let select = match hub {
                true => Path::own(
                    object("Depot__c"),
                    Spot::Field(field("Depot__c", "Hub__c")),
                    FieldType::Reference,
                ),
                false => Path::id(object("Depot__c")),
            };
            let limit = dice.flip().then(|| dice.roll(3) as u64);
            Predicate::Semi {
                of: path,
                inner: Box::new(SemiJoin {
                    scan,
                    select,
                    limit,
                }),
                not,
                on_null,
            }
        }
        3 => {
            let values = (0..dice.roll(4)).map(|_| value(dice, kind, name)).collect();
            Predicate::In {
                of,
                values,
                not,
                exact,
                on_null,
            }
        }
        _ => {
            let op = dice.pick(&[Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::Gt, Op::Ge]);
            let value = value(dice, kind, name);
            Predicate::Compare {
                of,
                op,
                value,
                exact,
                on_null,
            }
        }
    }
}

fn condition(dice: &mut Dice, depth: usize) -> Predicate {
    match dice.roll(if depth == 0 { 1 } else { 5 }) {
        0 | 1 => leaf(dice),
        2 => Predicate::And(
            (0..dice.roll(4))
                .map(|_| condition(dice, depth - 1))
                .collect(),
        ),
        3 => Predicate::Or(
            (0..dice.roll(4))
                .map(|_| condition(dice, depth - 1))
                .collect(),
        ),
        _ => Predicate::Not(Box::new(condition(dice, depth - 1))),
    }
}

fn part(dice: &mut Dice) -> Expr {
    let (_, part) = dice.pick(&DatePart::ALL);
    let datetime = part.needs_time() || dice.flip();
    let of = match datetime {
        true => own("Scanned__c", FieldType::Datetime),
        false => own("Due__c", FieldType::Date),
    };
    let zone = dice.pick(&["UTC", "Europe/Berlin", "America/St_Johns"]);
    let zone = TimeZone::get(zone).unwrap();
    Expr::DatePart { part, of, zone }
}

fn expr(dice: &mut Dice) -> Expr {
    match dice.roll(6) {
        0 => part(dice),
        1 => Expr::TypeName {
            reference: own("OwnerId", FieldType::Reference),
            names: vec![
                (model::KeyPrefix::parse("005").unwrap(), "User".into()),
                (model::KeyPrefix::parse("00G").unwrap(), "Group".into()),
            ],
        },
        _ => Expr::Field(path(dice).0),
    }
}

fn rank(dice: &mut Dice) -> Option<Arc<[Arc<str>]>> {
    dice.flip().then(|| ["S", "M", "L"].map(Arc::from).into())
}

fn order(dice: &mut Dice, by: Expr) -> Order {
    let is_text = matches!(&by, Expr::Field(path) if path.kind.is_text());
    Order {
        by,
        descending: dice.flip(),
        nulls_first: dice.flip(),
        rank: rank(dice).filter(|_| is_text),
    }
}

fn base() -> QueryPlan {
    plan("SELECT Id FROM Parcel__c")
}

fn shown_by(plan: &mut QueryPlan) {
    plan.columns = (0..plan.outputs.len())
        .map(|slot| lang::plan::Column::Value {
            name: format!("c{slot}").into(),
            slot,
            show: lang::plan::Show::Plain,
        })
        .collect();
}

fn random_rows(dice: &mut Dice) -> QueryPlan {
    let mut all = base();
    all.scan.all_rows = dice.flip();
    all.scan.filter = condition(dice, 3);
    all.scan.access = match dice.roll(3) {
        0 => condition(dice, 1),
        _ => Predicate::TRUE,
    };
    for _ in 0..dice.roll(4) {
        all.outputs.push(expr(dice));
    }
    let last = all.order.pop().unwrap();
    for _ in 0..dice.roll(3) {
        let by = expr(dice);
        all.order.push(order(dice, by));
    }
    all.order.push(last);
    if dice.roll(4) == 0 {
        all.limit = Some(dice.roll(4) as u64);
        all.offset = dice.roll(3) as u64;
    }
    shown_by(&mut all);
    if dice.roll(3) == 0 {
        all.shape = Shape::Count;
        all.outputs.clear();
        all.columns.clear();
    }
    all
}

/// Depots with their parcels, and with the depots of which they are the hub.
fn random_children(dice: &mut Dice) -> QueryPlan {
    let text = "SELECT Id, City__c, (SELECT Id, Name FROM Parcels__r), (SELECT Id FROM Satellites__r) FROM Depot__c";
    let mut all = plan(text);
    all.scan.all_rows = dice.flip();
    let parcels = &mut all.children[0].plan;
    parcels.scan.all_rows = dice.flip();
    parcels.scan.filter = condition(dice, 2);
    let last = parcels.order.pop().unwrap();
    let by = expr(dice);
    parcels.order.push(order(dice, by));
    parcels.order.push(last);
    for child in &mut all.children {
        child.plan.limit = dice.flip().then(|| dice.roll(3) as u64);
    }
    all
}

fn aggregate(dice: &mut Dice) -> Expr {
    use AggregateFn as F;
    let function = dice.pick(&[F::Count, F::CountDistinct, F::Sum, F::Avg, F::Min, F::Max]);
    let of = match function {
        F::Sum | F::Avg => dice.pick(&[
            own("Pieces__c", FieldType::Int),
            own("Weight__c", FieldType::Double),
        ]),
        _ => path(dice).0,
    };
    let is_text = of.kind.is_text();
    let of = (function != F::Count || dice.flip()).then_some(of);
    let rank = rank(dice).filter(|_| is_text && matches!(function, F::Min | F::Max));
    Expr::Aggregate(Aggregate { function, of, rank })
}

fn random_groups(dice: &mut Dice) -> QueryPlan {
    let mut all = base();
    all.scan.all_rows = dice.flip();
    all.scan.filter = condition(dice, 1);
    let keys: Vec<Expr> = (0..dice.roll(3)).map(|_| expr(dice)).collect();
    let sets = match (keys.len(), dice.roll(3)) {
        (2, 0) => vec![vec![0, 1], vec![0], vec![]],
        (2, 1) => vec![vec![0, 1], vec![0], vec![1], vec![]],
        (n, _) => vec![(0..n).collect()],
    };
    all.outputs = (0..keys.len()).map(Expr::Key).collect();
    all.outputs.extend((0..keys.len()).map(Expr::Grouping));
    all.outputs
        .extend((0..=dice.roll(3)).map(|_| aggregate(dice)));
    let count = Expr::Aggregate(Aggregate {
        function: AggregateFn::Count,
        of: None,
        rank: None,
    });
    let having = match dice.roll(3) {
        0 => Predicate::Compare {
            of: count,
            op: Op::Gt,
            value: Value::Int(1),
            exact: false,
            on_null: false,
        },
        1 if !keys.is_empty() => Predicate::Null {
            of: Expr::Key(0),
            not: dice.flip(),
        },
        _ => Predicate::TRUE,
    };
    all.order = (0..keys.len())
        .map(|at| Order {
            by: Expr::Key(at),
            descending: at == 1,
            nulls_first: dice.flip(),
            rank: None,
        })
        .chain((0..keys.len()).map(|at| Order {
            by: Expr::Grouping(at),
            descending: false,
            nulls_first: true,
            rank: None,
        }))
        .collect();
    let single = keys.is_empty();
    let groups_max = if dice.roll(5) == 0 { 2 } else { 2_000 };
    all.shape = Shape::Groups(Groups {
        keys,
        sets,
        single,
        having,
        groups_max,
    });
    if dice.roll(4) == 0 {
        all.limit = Some(dice.roll(3) as u64);
        all.offset = dice.roll(2) as u64;
    }
    shown_by(&mut all);
    all
}

fn compare(records: &[Record], plans: &[QueryPlan]) -> Result<(), TestCaseError> {
    let memory: Memory = records.iter().cloned().collect();
    let (_folder, stores) = stores(records);
    for store in &stores {
        let reader = store.reader().unwrap();
        for plan in plans {
            let wanted = eval::run(plan, wide(), &memory);
            let found = reader.query(plan, wide());
            match (wanted, found) {
                (Ok(wanted), Ok(found)) => prop_assert_eq!(wanted, found, "{:#?}", plan),
                (Err(_), Err(_)) => {}
                (wanted, found) => prop_assert!(false, "{wanted:?}\n{found:?}\n{plan:#?}"),
            }
        }
    }
    Ok(())
}

/// 32 cases of 24 plans per test, unless PROPTEST_CASES asks for more.
fn cases() -> u32 {
    let wish = std::env::var("PROPTEST_CASES").ok();
    wish.and_then(|text| text.parse().ok()).unwrap_or(32)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rows_are_those_of_the_evaluator(numbers in prop::collection::vec(any::<u32>(), 600..2_000)) {
        let mut dice = Dice { numbers, at: 0 };
        let records = records(&mut dice);
        let plans: Vec<_> = (0..24).map(|_| random_rows(&mut dice)).collect();
        compare(&records, &plans)?;
    }

    #[test]
    fn children_are_those_of_the_evaluator(numbers in prop::collection::vec(any::<u32>(), 600..2_000)) {
        let mut dice = Dice { numbers, at: 0 };
        let records = records(&mut dice);
        let plans: Vec<_> = (0..24).map(|_| random_children(&mut dice)).collect();
        compare(&records, &plans)?;
    }

    #[test]
    fn groups_are_those_of_the_evaluator(numbers in prop::collection::vec(any::<u32>(), 600..2_000)) {
        let mut dice = Dice { numbers, at: 0 };
        let records = records(&mut dice);
        let plans: Vec<_> = (0..24).map(|_| random_groups(&mut dice)).collect();
        compare(&records, &plans)?;
    }
}

//! How long a restart reads, and what single reads and queries cost.
//!
//! `cargo bench -p trunkline-store --bench reads -- [rows]`; 1,000,000 waiting requests by default.

use std::path::Path;
use std::time::Instant;

use lang::Context;
use lang::plan::QueryPlan;
use model::{Catalogue, CommitBatch, Millis, Need, Record, RecordId, RowChange, Value};
use store::{Reader, Store};

fn main() {
    let arg = std::env::args().skip(1).find_map(|arg| arg.parse().ok());
    let rows: u64 = arg.unwrap_or(1_000_000);
    let catalogue = Catalogue::standard().expect("the catalogue of this program");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("org.db");
    let store = timed("open a new store", || open(&path, &catalogue));
    drop(store);
    let mut store = timed("open it again", || open(&path, &catalogue));
    timed(
        &format!("fill with {rows} requests and as many cases"),
        || {
            fill(&mut store, &catalogue, rows);
        },
    );
    println!("  log after that: {} MiB", size(&path, "-wal") >> 20);
    drop(store);
    println!("  file: {} MiB", size(&path, "") >> 20);
    let store = timed("open", || open(&path, &catalogue));
    let request = catalogue
        .object("PendingServiceRouting")
        .expect("an object");
    let all = timed("scan the requests", || {
        store.scan(request, None).expect("a scan")
    });
    assert_eq!(all.len() as u64, rows);
    drop(all);
    single(&store, &catalogue, rows);
    queries(&store.reader().expect("a reader"), &catalogue, rows);
}

fn open(path: &Path, catalogue: &Catalogue) -> Store {
    Store::open_sqlite(path, catalogue).expect("a store")
}

fn size(path: &Path, ending: &str) -> u64 {
    let path = format!("{}{ending}", path.display());
    std::fs::metadata(path).map_or(0, |data| data.len())
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    println!("{what}: {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    done
}

fn each(what: &str, times: u64, mut work: impl FnMut(u64)) {
    let start = Instant::now();
    (0..times).for_each(&mut work);
    let each = start.elapsed().as_secs_f64() * 1e6 / times as f64;
    println!("{what}: {each:.1} us");
}

fn fill(store: &mut Store, catalogue: &Catalogue, rows: u64) {
    for (seq, from) in (1..).zip((0..rows).step_by(500)) {
        let numbers = from..rows.min(from + 500);
        let batch = CommitBatch {
            seq,
            rows: numbers.flat_map(|n| pair(catalogue, n)).collect(),
            ..Default::default()
        };
        store.commit(&batch).expect("a commit");
    }
}

fn pair(catalogue: &Catalogue, n: u64) -> [RowChange; 2] {
    let at = Value::DateTime(Millis(1_790_000_000_000 + n as i64));
    let case = Value::Id(id(catalogue, "Case", n));
    let queue = Value::Id(id(catalogue, "Group", n % 50));
    [
        insert(
            catalogue,
            "Case",
            n,
            &[
                ("CaseNumber", format!("{n:08}").into()),
                ("OwnerId", queue.clone()),
                ("Status", "New".into()),
                ("Subject", format!("Printer {n} does not answer").into()),
                ("CreatedDate", at.clone()),
            ],
        ),
        insert(
            catalogue,
            "PendingServiceRouting",
            n,
            &[
                ("WorkItemId", case),
                ("GroupId", queue.clone()),
                ("QueueId", queue),
                ("RoutingModel", "MostAvailable".into()),
                ("RoutingType", "QueueBased".into()),
                ("RoutingPriority", 3.into()),
                ("CapacityWeight", 1.0.into()),
                ("IsReadyForRouting", true.into()),
                ("CreatedDate", at.clone()),
                ("SystemModstamp", at),
            ],
        ),
    ]
}

fn id(catalogue: &Catalogue, object: &str, n: u64) -> RecordId {
    RecordId::new(catalogue.find(object).expect("an object").1.prefix(), n)
}

fn insert(catalogue: &Catalogue, object: &str, n: u64, sets: &[(&str, Value)]) -> RowChange {
    let (ix, def) = catalogue.find(object).expect("an object");
    let mut record = Record::new(ix, id(catalogue, object, n));
    for (name, value) in sets {
        record.set(def.field(name).expect("a field"), value.clone());
    }
    RowChange::Insert(record)
}

fn single(store: &Store, catalogue: &Catalogue, rows: u64) {
    let (case, _) = catalogue.find("Case").expect("an object");
    let (request, def) = catalogue.find("PendingServiceRouting").expect("an object");
    let item = def.field("WorkItemId").expect("a field");
    each("a row by id", 20_000, |n| {
        let id = id(catalogue, "Case", n * 7_919 % rows);
        assert!(store.load(&[Need::Row(case, id)]).is_ok());
    });
    each("a row by reference", 20_000, |n| {
        let id = Value::Id(id(catalogue, "Case", n * 7_919 % rows));
        assert!(store.load(&[Need::Match(request, item, id)]).is_ok());
    });
}

fn queries(reader: &Reader, catalogue: &Catalogue, rows: u64) {
    let ask = |text: &str| reader.query(&plan(catalogue, text), catalogue).expect(text);
    each("SELECT by Id with a parent", 5_000, |n| {
        let id = id(catalogue, "Case", n * 7_919 % rows);
        ask(&format!(
            "SELECT Id, Subject, Owner.Name FROM Case WHERE Id = '{id}'"
        ));
    });
    let one = id(catalogue, "Case", 1);
    let ready = plan(
        catalogue,
        &format!("SELECT Id, Subject, Owner.Name FROM Case WHERE Id = '{one}'"),
    );
    each("the same without parsing", 20_000, |_| {
        reader.query(&ready, catalogue).expect("an answer");
    });
    each("SELECT by CaseNumber", 5_000, |n| {
        ask(&format!(
            "SELECT Id FROM Case WHERE CaseNumber = '{:08}'",
            n % rows
        ));
    });
    for text in [
        "SELECT Id, Subject, Status FROM Case LIMIT 2000",
        "SELECT COUNT() FROM Case",
        "SELECT COUNT() FROM Case WHERE Subject LIKE '%77 does%'",
        "SELECT Id FROM Case ORDER BY Subject DESC LIMIT 10",
        "SELECT OwnerId, COUNT(Id) FROM Case GROUP BY OwnerId",
        "SELECT COUNT() FROM Case WHERE CreatedDate = TODAY",
    ] {
        timed(text, || ask(text));
    }
}

fn plan(catalogue: &Catalogue, text: &str) -> QueryPlan {
    let user = RecordId::new(model::KeyPrefix::of("005"), 1);
    let context = Context::new(user, 64, Millis(1_795_172_400_000), "UTC");
    let query = lang::parse(text).expect(text);
    lang::resolve(&query, catalogue, &context).expect(text)
}

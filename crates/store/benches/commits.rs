//! How many life cycles per second the SQLite store makes durable, by life cycles per commit.
//!
//! One life cycle is 8 row changes in 3 tables and 4 commits: Case and request, offer, accept, close.
//! `cargo bench -p trunkline-store --bench commits -- [seconds]`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use model::{
    Catalogue, CommitBatch, FieldIx, Millis, ObjectIx, Record, RecordId, RowChange, Value,
};
use store::Store;

fn main() {
    let seconds = std::env::args()
        .skip(1)
        .find_map(|arg| arg.parse().ok())
        .unwrap_or(3.0);
    let catalogue = Catalogue::standard().expect("the catalogue of this program");
    println!(
        "life cycles per commit | life cycles/s | commits/s | commit p50, p99 ms | CPU us each"
    );
    for group in [1, 10, 100, 1_000] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut bench = Bench::new(&catalogue, &folder.path().join("org.db"));
        bench.run(group, Duration::from_secs_f64(seconds));
    }
}

struct Bench<'a> {
    catalogue: &'a Catalogue,
    store: Store,
    seq: u64,
}

impl<'a> Bench<'a> {
    fn new(catalogue: &'a Catalogue, path: &std::path::Path) -> Self {
        let store = Store::open_sqlite(path, catalogue).expect("a new store");
        Self {
            catalogue,
            store,
            seq: 0,
        }
    }

    fn run(&mut self, group: u64, time: Duration) {
        let cpu = cpu_us();
        let start = Instant::now();
        let (mut cycles, mut took) = (0, Vec::new());
        while start.elapsed() < time {
            for step in 0..4 {
                let changes = (cycles..cycles + group).flat_map(|n| self.step(n, step));
                let batch = CommitBatch {
                    seq: self.seq + 1,
                    now: Millis(cycles as i64),
                    rows: changes.collect(),
                    notes: Vec::new(),
                };
                let before = Instant::now();
                self.store.commit(&batch).expect("a commit");
                took.push(before.elapsed());
                self.seq += 1;
            }
            cycles += group;
        }
        let rate = cycles as f64 / start.elapsed().as_secs_f64();
        took.sort();
        let at = |share: f64| took[(took.len() as f64 * share) as usize].as_secs_f64() * 1e3;
        println!(
            "{group} | {rate:.0} | {:.0} | {:.2}, {:.2} | {:.1}",
            rate * 4.0 / group as f64,
            at(0.5),
            at(0.99),
            (cpu_us() - cpu) / cycles as f64
        );
    }

    fn step(&self, n: u64, step: u32) -> Vec<RowChange> {
        let user = self.id("User", n % 1_000);
        let at = Value::DateTime(Millis(1_790_000_000_000 + n as i64));
        let audit = |sets: &[(&'static str, Value)]| {
            let mut all = sets.to_vec();
            for name in ["LastModifiedDate", "SystemModstamp"] {
                all.push((name, at.clone()));
            }
            all
        };
        let new = |sets: &[(&'static str, Value)]| {
            let mut all = audit(sets);
            all.push(("CreatedDate", at.clone()));
            for name in ["CreatedById", "LastModifiedById"] {
                all.push((name, Value::Id(user)));
            }
            all
        };
        let queue = Value::Id(self.id("Group", n % 50));
        let case = Value::Id(self.id("Case", n));
        match step {
            0 => vec![
                self.insert(
                    "Case",
                    n,
                    &new(&[
                        ("CaseNumber", format!("{n:08}").into()),
                        ("OwnerId", queue.clone()),
                        ("Status", "New".into()),
                        ("Priority", "Medium".into()),
                        ("Origin", "Web".into()),
                        (
                            "Subject",
                            "Printer on floor 3 does not answer any more".into(),
                        ),
                        ("ContactId", Value::Id(self.id("Contact", 1))),
                        ("AccountId", Value::Id(self.id("Account", 1))),
                        ("RecordTypeId", Value::Id(self.id("RecordType", 1))),
                        ("IsClosed", false.into()),
                        ("IsEscalated", false.into()),
                    ]),
                ),
                self.insert(
                    "PendingServiceRouting",
                    n,
                    &new(&[
                        ("WorkItemId", case),
                        ("GroupId", queue),
                        ("ServiceChannelId", Value::Id(self.id("ServiceChannel", 1))),
                        ("RoutingModel", "MostAvailable".into()),
                        ("RoutingPriority", 3.into()),
                        ("CapacityWeight", 1.0.into()),
                        ("IsPushed", false.into()),
                        ("IsReadyForRouting", true.into()),
                    ]),
                ),
            ],
            1 => vec![
                self.insert(
                    "AgentWork",
                    n,
                    &new(&[
                        ("WorkItemId", case),
                        ("UserId", Value::Id(user)),
                        ("OwnerId", Value::Id(user)),
                        (
                            "PendingServiceRoutingId",
                            Value::Id(self.id("PendingServiceRouting", n)),
                        ),
                        ("ServiceChannelId", Value::Id(self.id("ServiceChannel", 1))),
                        ("OriginalGroupId", queue.clone()),
                        ("OriginalQueueId", queue),
                        ("Status", "Assigned".into()),
                        ("CapacityWeight", 1.0.into()),
                        ("RequestDateTime", at.clone()),
                        ("AssignedDateTime", at.clone()),
                        ("RoutingModel", "MostAvailable".into()),
                        ("RoutingType", "QueueBased".into()),
                    ]),
                ),
                self.update(
                    "PendingServiceRouting",
                    n,
                    &audit(&[
                        ("IsPushed", true.into()),
                        ("LastModifiedById", Value::Id(user)),
                    ]),
                ),
            ],
            2 => vec![
                self.update(
                    "AgentWork",
                    n,
                    &audit(&[
                        ("Status", "Opened".into()),
                        ("AcceptDateTime", at.clone()),
                        ("SpeedToAnswer", 1.into()),
                    ]),
                ),
                RowChange::Remove {
                    object: self.object("PendingServiceRouting"),
                    id: self.id("PendingServiceRouting", n),
                },
                self.update("Case", n, &audit(&[("OwnerId", Value::Id(user))])),
            ],
            _ => vec![self.update(
                "AgentWork",
                n,
                &audit(&[
                    ("Status", "Closed".into()),
                    ("CloseDateTime", at.clone()),
                    ("HandleTime", 2.into()),
                    ("ActiveTime", 2.into()),
                ]),
            )],
        }
    }

    fn object(&self, name: &str) -> ObjectIx {
        self.catalogue.object(name).expect("an object")
    }

    fn id(&self, object: &str, n: u64) -> RecordId {
        RecordId::new(self.catalogue.def(self.object(object)).prefix(), n)
    }

    fn sets(&self, object: &str, sets: &[(&str, Value)]) -> Vec<(FieldIx, Value)> {
        let def: &Arc<_> = self.catalogue.def(self.object(object));
        let known = sets
            .iter()
            .filter_map(|(name, value)| Some((def.field(name)?, value.clone())));
        known.collect()
    }

    fn insert(&self, object: &str, n: u64, sets: &[(&str, Value)]) -> RowChange {
        let mut record = Record::new(self.object(object), self.id(object, n));
        record.apply(&self.sets(object, sets));
        RowChange::Insert(record)
    }

    fn update(&self, object: &str, n: u64, sets: &[(&str, Value)]) -> RowChange {
        RowChange::Update {
            object: self.object(object),
            id: self.id(object, n),
            sets: self.sets(object, sets),
        }
    }
}

/// CPU time of this process; 0 where the system does not tell.
fn cpu_us() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks = |at: usize| -> f64 {
        let after = stat.rsplit(')').next().unwrap_or_default();
        after
            .split(' ')
            .nth(at)
            .and_then(|n| n.parse().ok())
            .unwrap_or(0.0)
    };
    (ticks(12) + ticks(13)) * 10_000.0
}

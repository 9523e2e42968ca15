//! A million rows of finished work, put into the store of an org that no server runs on.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use model::{Catalogue, CommitBatch, KeyPrefix, Millis, ObjectDef, Record, RecordId, RowChange};
use store::Store;

/// Agents whose work it is.
const USERS: u64 = 1_000;
/// Rows of one commit.
const BATCH: u64 = 20_000;
const DAY_MS: i64 = 86_400_000;
/// The work is spread evenly over so many days.
const DAYS: i64 = 100;
/// Days that a query asks for.
const ASKED: i64 = 7;
/// 2026-01-01.
const FIRST: Millis = Millis(1_767_225_600_000);

/// What to ask for.
pub struct Sought;

impl Sought {
    /// A week of one agent.
    pub fn text(&self, n: usize) -> String {
        let user = user(n as u64 * 7);
        let from = FIRST.0 + (n as i64 % (DAYS - ASKED)) * DAY_MS;
        let (from, to) = (Millis(from), Millis(from + ASKED * DAY_MS));
        format!(
            "SELECT Id, Status, WorkItemId, HandleTime, CreatedDate FROM AgentWork \
             WHERE UserId = '{user}' AND CreatedDate >= {} AND CreatedDate < {}",
            from.to_xml(),
            to.to_xml()
        )
    }
}

fn user(n: u64) -> RecordId {
    RecordId::new(KeyPrefix::of("005"), 100_000 + n % USERS)
}

/// Adds the rows to the one org of a folder.
pub fn fill(folder: &Path, rows: u64) -> Result<Sought> {
    let catalogue = Catalogue::standard()?;
    let mut store = Store::open_sqlite(&file(folder)?, &catalogue)?;
    let work = Work::of(&catalogue)?;
    let meta = store.meta()?;
    let mut seq = meta.seq;
    let mut from = 0;
    while from < rows {
        let to = rows.min(from + BATCH);
        seq += 1;
        store.commit(&CommitBatch {
            seq,
            now: meta.now,
            rows: (from..to).map(|n| work.row(n, rows)).collect(),
            notes: Vec::new(),
        })?;
        from = to;
    }
    Ok(Sought)
}

fn file(folder: &Path) -> Result<PathBuf> {
    let files = std::fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path()));
    let is_org = |path: &PathBuf| {
        let name = path
            .file_name()
            .and_then(|n| n.to_str())
            .unwrap_or_default();
        name.starts_with("org-") && name.ends_with(".db")
    };
    let mut found = files.filter(is_org);
    found.next().context("the bench org has no file")
}

struct Work<'a> {
    object: model::ObjectIx,
    def: &'a ObjectDef,
}

impl<'a> Work<'a> {
    fn of(catalogue: &'a Catalogue) -> Result<Self> {
        let (object, def) = catalogue.find("AgentWork").context("no AgentWork")?;
        Ok(Self { object, def })
    }

    fn row(&self, n: u64, rows: u64) -> RowChange {
        let id = RecordId::new(self.def.prefix(), n + 1);
        let mut record = Record::new(self.object, id);
        let at = FIRST.0 + (n as i64).saturating_mul(DAYS * DAY_MS / rows.max(1) as i64);
        let at = Millis(at);
        let agent = user(n);
        let item = RecordId::new(KeyPrefix::of("500"), n + 1);
        for (name, value) in [
            ("Name", format!("{n:08}").into()),
            ("Status", "Closed".into()),
            ("UserId", agent.into()),
            ("OwnerId", agent.into()),
            ("WorkItemId", item.into()),
            ("CapacityWeight", 1.0.into()),
            ("HandleTime", 300.into()),
            ("RequestDateTime", at.into()),
            ("AssignedDateTime", at.into()),
            ("AcceptDateTime", at.into()),
            ("CloseDateTime", Millis(at.0 + 300_000).into()),
            ("CreatedDate", at.into()),
            ("SystemModstamp", at.into()),
        ] {
            if let Some(field) = self.def.field(name) {
                record.set(field, value);
            }
        }
        RowChange::Insert(record)
    }
}

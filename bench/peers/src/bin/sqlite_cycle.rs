//! What SQLite alone does with the rows of a life cycle: create, offer, accept, close, each step one durable commit
//! (WAL, synchronous=FULL) of GROUP items. No HTTP, no rules: the floor under any router on this store.
//!
//! Arguments: FOLDER SECONDS. Prints one line per group size.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, Transaction, params};

/// Items per commit: none, what 64 connections give, and a bulk load.
const GROUPS: [u64; 3] = [1, 31, 1000];

const TABLES: &str = "
create table case_row(id text primary key, org text, owner_id text, queue_id text, status text, priority text,
  origin text, subject text, contact_id text, account_id text, record_type text, created_by text, created_at integer,
  modified_by text, modified_at integer, sys_stamp integer, is_closed integer, closed_at integer, capacity real,
  routing text) without rowid;
create index case_by_queue on case_row(queue_id, status, created_at);
create index case_by_owner on case_row(owner_id, status);
create table psr(id text primary key, org text, work_item text, queue_id text, channel text, prio integer,
  weight real, created integer, pushed integer, pushed_at integer, last_declined text, routing text, stamp integer,
  serial integer) without rowid;
create index psr_by_queue on psr(queue_id, prio, created);
create table agent_work(id text primary key, org text, user_id text, work_item text, psr text, channel text,
  queue_id text, status text, weight real, requested integer, assigned integer, accepted integer, closed integer,
  speed integer, handle integer, active integer, created integer, stamp integer, cancel text, decline text)
  without rowid;
create index work_by_user on agent_work(user_id, status);
create index work_by_item on agent_work(work_item);";

fn main() -> rusqlite::Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let [_, folder, seconds] = args.as_slice() else {
        panic!("arguments: FOLDER SECONDS")
    };
    let limit = Duration::from_secs_f64(seconds.parse().expect("SECONDS is a number"));
    for group in GROUPS {
        let mut db = open(Path::new(folder))?;
        let (begin, mut items, mut commits) = (Instant::now(), 0, 0u64);
        while begin.elapsed() < limit {
            for step in [create, offer, accept, close] {
                let transaction = db.transaction()?;
                for n in items + 1..=items + group {
                    step(&transaction, n)?;
                }
                transaction.commit()?;
                commits += 1;
            }
            items += group;
        }
        let time = begin.elapsed().as_secs_f64();
        println!(
            "group={group} cycles_per_second={:.0} commits_per_second={:.0}",
            items as f64 / time,
            commits as f64 / time
        );
    }
    Ok(())
}

fn open(folder: &Path) -> rusqlite::Result<Connection> {
    let file = folder.join("cycle.db");
    for end in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{end}", file.display()));
    }
    let db = Connection::open(file)?;
    db.execute_batch(
        "pragma journal_mode=wal; pragma synchronous=full; pragma wal_autocheckpoint=4000; pragma cache_size=-65536;
         pragma temp_store=memory;",
    )?;
    db.execute_batch(TABLES)?;
    db.set_prepared_statement_cache_capacity(32);
    Ok(db)
}

fn id(prefix: &str, n: u64) -> String {
    format!("{prefix}{n:015}")
}

fn create(db: &Transaction, n: u64) -> rusqlite::Result<()> {
    let (now, queue) = (n as i64, id("00G", n % 50));
    db.prepare_cached(
        "insert into case_row values(?1, '00D000000000001EAA', '00G000000000007AAA', ?2, 'New', 'Medium', 'Web',
         'Printer on floor 3 does not answer any more', '003000000000001AAA', '001000000000001AAA',
         '012000000000001AAA', '005000000000001AAA', ?3, '005000000000001AAA', ?3, ?3, 0, null, 1.0, '{}')",
    )?
    .execute(params![id("500", n), queue, now])?;
    db.prepare_cached(
        "insert into psr values(?1, '00D000000000001EAA', ?2, ?3, '0N9000000000001AAA', 3, 1.0, ?4, 0, null, null,
         'MostAvailable', ?4, 1)",
    )?
    .execute(params![id("0JR", n), id("500", n), queue, now])?;
    Ok(())
}

fn offer(db: &Transaction, n: u64) -> rusqlite::Result<()> {
    let now = n as i64;
    db.prepare_cached(
        "insert into agent_work values(?1, '00D000000000001EAA', ?2, ?3, ?4, '0N9000000000001AAA', ?5, 'Assigned', 1.0,
         ?6, ?6, null, null, null, null, null, ?6, ?6, null, null)",
    )?
    .execute(params![id("0Bz", n), id("005", n % 1000), id("500", n), id("0JR", n), id("00G", n % 50), now])?;
    db.prepare_cached(
        "update psr set pushed = 1, pushed_at = ?2, stamp = ?2, serial = serial + 1 where id = ?1",
    )?
    .execute(params![id("0JR", n), now])?;
    Ok(())
}

fn accept(db: &Transaction, n: u64) -> rusqlite::Result<()> {
    let now = n as i64;
    db.prepare_cached("update agent_work set status = 'Opened', accepted = ?2, speed = 1, stamp = ?2 where id = ?1")?
        .execute(params![id("0Bz", n), now])?;
    db.prepare_cached("delete from psr where id = ?1")?
        .execute(params![id("0JR", n)])?;
    db.prepare_cached(
        "update case_row set owner_id = ?2, modified_at = ?3, sys_stamp = ?3 where id = ?1",
    )?
    .execute(params![id("500", n), id("005", n % 1000), now])?;
    Ok(())
}

fn close(db: &Transaction, n: u64) -> rusqlite::Result<()> {
    db.prepare_cached(
        "update agent_work set status = 'Closed', closed = ?2, handle = 2, active = 2, stamp = ?2 where id = ?1",
    )?
    .execute(params![id("0Bz", n), n as i64])?;
    Ok(())
}

//! What can happen to a file: cut off, locked, damaged, foreign, read-only.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use model::{Meta, Space};
use rusqlite::Connection;
use store::{CommitError, OpenError, ReadError, SCHEMA_VERSION, Store};

use crate::support::*;

fn open(path: &Path) -> Result<Store, OpenError> {
    Store::open_sqlite(path, catalogue())
}

fn refusal(path: &Path) -> (OpenError, String) {
    let error = open(path).err().unwrap();
    let text = error.to_string();
    assert!(
        !text.contains('\n') && text.contains(&*path.to_string_lossy()),
        "{text}"
    );
    (error, text)
}

/// A file and its log after six batches of 40 cases, none of them carried over yet.
fn file_and_log() -> (Vec<u8>, Vec<u8>) {
    for _ in 0..10 {
        let mut room = Room::new(Backend::Sqlite);
        room.reopen();
        let file = fs::read(room.path()).unwrap();
        for n in 1..=6 {
            let rows = (0..40).map(|i| insert("Case", n * 100 + i, &[("Subject", "x".into())]));
            let name = note(Space::Other, &n.to_string(), Some("x"));
            let batch = room.batch(rows.collect(), vec![name]);
            room.try_batch(&batch).unwrap();
        }
        let log = fs::read(format!("{}-wal", room.path().display())).unwrap();
        // On a slow machine the checkpoint may have come in between: then once more.
        if fs::read(room.path()).unwrap() == file {
            return (file, log);
        }
    }
    panic!("a second passed between any two batches");
}

#[test]
fn a_log_that_is_cut_anywhere_holds_whole_batches() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("org.db");
    let (file, log) = file_and_log();
    let mut seen = Vec::new();
    for part in 0..=48 {
        fs::write(&path, &file).unwrap();
        // Odd lengths too: a page that is written half.
        let length = log.len() * part / 48;
        fs::write(format!("{}-wal", path.display()), &log[..length]).unwrap();
        let store = open(&path).unwrap();
        let Meta { seq, .. } = store.meta().unwrap();
        let cases = store.scan(object_ix("Case"), None).unwrap();
        assert_eq!(cases.len() as u64, seq * 40);
        assert_eq!(store.notes(Space::Other).unwrap().len() as u64, seq);
        seen.push(seq);
    }
    let is_good = seen.is_sorted() && seen.contains(&3) && seen.last() == Some(&6);
    assert!(is_good, "{seen:?}");
}

/// Names the file on which the child process of the next test works.
const CHILD: &str = "TRUNKLINE_STORE_TEST_FILE";

#[test]
fn child_commits_until_it_is_killed() {
    let Some(path) = std::env::var_os(CHILD) else {
        return; // only the next test's child has work to do
    };
    let mut store = open(Path::new(&path)).unwrap();
    for seq in 1..100_000 {
        let rows = vec![
            insert("Case", 2 * seq, &[]),
            insert("Case", 2 * seq + 1, &[]),
        ];
        let batch = model::CommitBatch {
            seq,
            rows,
            ..Default::default()
        };
        store.commit(&batch).unwrap();
        eprintln!("done {seq}");
    }
}

#[test]
fn a_killed_process_keeps_what_it_answered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("org.db");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "files::child_commits_until_it_is_killed",
            "--nocapture",
        ])
        .env(CHILD, &path)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut answered = 0;
    for line in BufReader::new(child.stderr.take().unwrap()).lines() {
        if let Some(seq) = line.unwrap().strip_prefix("done ") {
            answered = seq.parse().unwrap();
        }
        if answered == 150 {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    assert!(answered >= 150);
    let store = open(&path).unwrap();
    let seq = store.meta().unwrap().seq;
    assert!(seq == answered || seq == answered + 1, "{seq} {answered}");
    assert_eq!(
        store.scan(object_ix("Case"), None).unwrap().len() as u64,
        2 * seq
    );
    assert_eq!(store.check(), Ok(()));
}

#[test]
fn a_second_writer_is_told_that_the_store_is_in_use() {
    let room = Room::new(Backend::Sqlite);
    let (error, text) = refusal(&room.path());
    assert!(matches!(error, OpenError::Locked { .. }), "{text}");
}

#[test]
fn the_lock_goes_with_its_holder() {
    let mut room = Room::new(Backend::Sqlite);
    let reader = room.store().reader().unwrap();
    room.reopen();
    room.commit(vec![insert("Case", 1, &[])]);
    // A reader of the time before reads on.
    assert!(
        reader
            .get(object_ix("Case"), id("Case", 1))
            .unwrap()
            .is_some()
    );
}

#[test]
fn whoever_was_overtaken_cannot_write() {
    let mut room = Room::new(Backend::Sqlite);
    room.commit(vec![insert("Case", 1, &[])]);
    let other = Connection::open(room.path()).unwrap();
    other
        .execute("UPDATE tl_meta SET epoch = epoch + 1", [])
        .unwrap();
    let fenced = room.try_commit(vec![insert("Case", 2, &[])]);
    assert!(
        matches!(fenced, Err(CommitError::Fenced { .. })),
        "{fenced:?}"
    );
    room.reopen();
    assert_eq!(room.all("Case").len(), 1);
}

#[test]
fn a_file_that_is_no_store_is_refused_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("org.db");
    let garbage = "This is a shopping list, not a database.\n".repeat(500);
    fs::write(&path, &garbage).unwrap();
    let (error, text) = refusal(&path);
    assert!(matches!(error, OpenError::Damaged { .. }), "{text}");
    assert_eq!(fs::read_to_string(&path).unwrap(), garbage);

    let path = folder.path().join("other.db");
    let other = Connection::open(&path).unwrap();
    other
        .execute_batch("CREATE TABLE shopping(item TEXT)")
        .unwrap();
    drop(other);
    let (error, text) = refusal(&path);
    assert!(matches!(error, OpenError::Damaged { .. }), "{text}");
}

#[test]
fn damaged_pages_are_noticed() {
    let mut room = Room::new(Backend::Sqlite);
    let rows = (0..2_000).map(|n| insert("Case", n, &[("Subject", "some text".into())]));
    room.commit(rows.collect());
    assert_eq!(room.store().check(), Ok(()));
    let path = room.path();
    room.reopen();
    drop(room.store().meta());
    let mut bytes = fs::read(&path).unwrap();
    let half = bytes.len() / 2;
    bytes[half..half + 40_000].fill(0xa5);
    let damaged = path.with_extension("damaged");
    fs::write(&damaged, &bytes).unwrap();
    let outcome = open(&damaged).map(|store| (store.check(), store.scan(object_ix("Case"), None)));
    match outcome {
        Err(error) => assert!(matches!(error, OpenError::Damaged { .. }), "{error}"),
        Ok((check, scan)) => {
            assert!(matches!(check, Err(ReadError::Damaged(_))), "{check:?}");
            assert!(!matches!(scan, Ok(rows) if rows.len() == 2_000));
        }
    }
    // The header too.
    bytes[..100].fill(0);
    fs::write(&damaged, &bytes).unwrap();
    assert!(matches!(refusal(&damaged).0, OpenError::Damaged { .. }));
}

#[test]
fn a_newer_schema_is_left_alone() {
    let mut room = Room::new(Backend::Sqlite);
    room.commit(vec![insert("Case", 1, &[])]);
    let path = room.path();
    drop(room);
    let folder = tempfile::tempdir().unwrap();
    let path = {
        let kept = folder.path().join("org.db");
        drop(path);
        drop(open(&kept).unwrap());
        kept
    };
    let other = Connection::open(&path).unwrap();
    other
        .pragma_update(None, "user_version", SCHEMA_VERSION + 1)
        .unwrap();
    drop(other);
    let (error, text) = refusal(&path);
    let is_it =
        matches!(error, OpenError::WrongSchema { found, wanted, .. } if found == wanted + 1);
    assert!(is_it, "{text}");
}

#[test]
fn a_folder_without_write_access_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut rights = fs::metadata(folder.path()).unwrap().permissions();
    rights.set_readonly(true);
    fs::set_permissions(folder.path(), rights).unwrap();
    let mut path = folder.path().join("org.db");
    if fs::write(folder.path().join("probe"), "").is_ok() {
        // The superuser may write everywhere, except where the kernel says no.
        path = Path::new("/sys/org.db").to_owned();
    }
    let (error, text) = refusal(&path);
    assert!(matches!(error, OpenError::NotWritable { .. }), "{text}");
}

#[test]
fn a_missing_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (error, text) = refusal(&folder.path().join("nowhere/org.db"));
    assert!(matches!(error, OpenError::Io { .. }), "{text}");
}

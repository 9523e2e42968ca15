//! Tables follow the catalogue; old files become like fresh ones.

use std::collections::BTreeMap;
use std::path::Path;

use model::{Catalogue, FieldDef, FieldType, ObjectDef, Record, RecordId, RowChange, Value};
use rusqlite::Connection;
use store::{SCHEMA_VERSION, Store};

use crate::support::*;

/// The hidden tables as version 1 made them. Never changes: it stands for files in the field.
const VERSION_1: &str = "
    CREATE TABLE tl_meta(only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
        seq INTEGER NOT NULL, now INTEGER NOT NULL, epoch INTEGER NOT NULL);
    INSERT INTO tl_meta VALUES (1, 3, 3000, 1);
    CREATE TABLE tl_note(space TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (space, key)) WITHOUT ROWID;
    INSERT INTO tl_note VALUES ('counter', '500', '8');
    CREATE TABLE \"Case\"(\"Id\" TEXT PRIMARY KEY NOT NULL, tl_deleted INTEGER NOT NULL DEFAULT 0,
        \"Subject\" TEXT);
    INSERT INTO \"Case\" VALUES ('500000000000007', 0, 'kept');
    PRAGMA application_id = 1414680139;
    PRAGMA user_version = 1;";

/// Every table with its columns (name, type, whether null is refused, place in the key) and every index.
fn shape(path: &Path) -> BTreeMap<String, Vec<String>> {
    let conn = Connection::open(path).unwrap();
    let sql = "SELECT s.name, s.type, c.name || ' ' || c.type || c.\"notnull\" || c.pk
        FROM sqlite_schema s JOIN pragma_table_info(s.name) c WHERE s.type = 'table'
        UNION ALL SELECT name, type, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL";
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut statement = conn.prepare(sql).unwrap();
    let mut rows = statement.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let (name, what): (String, String) = (row.get(0).unwrap(), row.get(2).unwrap());
        all.entry(name).or_default().push(what);
    }
    all.values_mut().for_each(|columns| columns.sort());
    all
}

fn with_custom_object(fields: usize) -> Catalogue {
    let mut catalogue = Catalogue::clone(catalogue());
    let field = |name: String, kind| FieldDef {
        name,
        kind,
        ..FieldDef::default()
    };
    let mut all = vec![field("Id".into(), FieldType::Id)];
    all.extend((1..fields).map(|n| field(format!("Order{n}__c"), FieldType::Double)));
    let mut object = ObjectDef::default();
    object.name = "Wide \"Thing\"__c".into();
    object.key_prefix_text = "a00".into();
    object.indexes = vec![vec!["Order1__c".into()]];
    object.fields = all;
    catalogue.add(object);
    catalogue
}

#[test]
fn a_file_of_version_1_becomes_like_a_fresh_one() {
    let folder = tempfile::tempdir().unwrap();
    let (old, fresh) = (folder.path().join("old.db"), folder.path().join("fresh.db"));
    Connection::open(&old)
        .unwrap()
        .execute_batch(VERSION_1)
        .unwrap();
    drop(Store::open_sqlite(&fresh, catalogue()).unwrap());
    let store = Store::open_sqlite(&old, catalogue()).unwrap();
    assert_eq!(store.meta().unwrap().seq, 3);
    let kept = record("Case", 7, &[("Subject", "kept".into())]);
    assert_eq!(store.scan(object_ix("Case"), None).unwrap(), [kept]);
    drop(store);
    assert_eq!(shape(&old), shape(&fresh));
    let conn = Connection::open(&old).unwrap();
    let version: i64 = conn
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .unwrap();
    assert_eq!(version, SCHEMA_VERSION);
}

#[test]
fn new_objects_and_fields_get_their_columns() {
    let folder = tempfile::tempdir().unwrap();
    let (path, fresh) = (folder.path().join("org.db"), folder.path().join("fresh.db"));
    let mut store = Store::open_sqlite(&path, &with_custom_object(3)).unwrap();
    let wide = with_custom_object(1_000);
    let (object, def) = wide.find("wide \"thing\"__c").unwrap();
    let mut row = Record::new(object, RecordId::new(def.prefix(), 1));
    let commit = |store: &mut Store, seq, change| {
        let rows = vec![change];
        store.commit(&model::CommitBatch {
            seq,
            rows,
            ..Default::default()
        })
    };
    // While it runs (a metadata deployment): 1,000 fields, all of them set.
    store.adopt(&wide).unwrap();
    for (field, _) in def.each_field().skip(1) {
        row.set(field, Value::Double(f64::from(field.0)));
    }
    commit(&mut store, 1, RowChange::Insert(row.clone())).unwrap();
    assert_eq!(store.scan(object, None).unwrap(), [row.clone()]);
    let sets = row
        .values()
        .iter()
        .map(|(field, _)| (*field, Value::Null))
        .collect();
    let update = RowChange::Update {
        object,
        id: row.id,
        sets,
    };
    commit(&mut store, 2, update).unwrap();
    assert_eq!(store.scan(object, None).unwrap()[0].values(), []);
    drop(store);
    drop(Store::open_sqlite(&fresh, &wide).unwrap());
    assert_eq!(shape(&path), shape(&fresh));
    // And at the next opening; a catalogue that lacks a column leaves it alone.
    drop(Store::open_sqlite(&path, catalogue()).unwrap());
    assert_eq!(shape(&path), shape(&fresh));
}

#[test]
fn more_columns_than_the_back_end_has_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = Store::open_sqlite(&folder.path().join("org.db"), &with_custom_object(3_000));
    assert!(refused.is_err());
}

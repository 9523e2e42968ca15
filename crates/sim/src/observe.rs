//! What one commit changed, seen from outside: the difference of two contents of the store.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::sync::Arc;

use model::{ObjectIx, Record, RecordId};
use store::Contents;

/// Object and id of a row.
pub type Key = (ObjectIx, RecordId);

/// One row before and after.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Which row.
    pub key: Key,
    /// As it was; `None` if it is new.
    pub before: Option<Arc<Record>>,
    /// As it is; `None` if it is gone for good.
    pub after: Option<Arc<Record>>,
}

/// Rows that differ, in the order of their keys.
pub fn difference(before: &Contents, after: &Contents) -> Vec<Seen> {
    let (mut old, mut new) = (before.rows.iter().peekable(), after.rows.iter().peekable());
    let mut seen = Vec::new();
    while let Some(key) = smaller(&mut old, &mut new) {
        let (was, is) = (take(&mut old, key), take(&mut new, key));
        let is_same = match (was, is) {
            (Some(was), Some(is)) => Arc::ptr_eq(was, is) || was == is,
            _ => false,
        };
        if !is_same {
            seen.push(Seen {
                key,
                before: was.cloned(),
                after: is.cloned(),
            });
        }
    }
    seen
}

type Row<'a> = Peekable<std::collections::btree_map::Iter<'a, Key, Arc<Record>>>;

fn take<'a>(rows: &mut Row<'a>, key: Key) -> Option<&'a Arc<Record>> {
    rows.next_if(|(k, _)| **k == key).map(|(_, row)| row)
}

fn smaller(old: &mut Row, new: &mut Row) -> Option<Key> {
    match (old.peek(), new.peek()) {
        (Some((a, _)), Some((b, _))) => Some(**a.min(b)),
        (Some((a, _)), None) => Some(**a),
        (None, Some((b, _))) => Some(**b),
        (None, None) => None,
    }
}

/// Notes that differ, for the words of a failure.
pub fn notes_differ(before: &Contents, after: &Contents) -> Vec<String> {
    let (old, new): (&BTreeMap<_, _>, &BTreeMap<_, _>) = (&before.notes, &after.notes);
    let changed = new.iter().filter(|(k, v)| old.get(*k) != Some(*v));
    let mut lines: Vec<String> = changed
        .map(|((space, key), v)| format!("{} {key} = {v}", space.as_str()))
        .collect();
    let gone = old.keys().filter(|k| !new.contains_key(*k));
    lines.extend(gone.map(|(space, key)| format!("{} {key} removed", space.as_str())));
    lines
}

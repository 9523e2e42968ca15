//! When configuration last changed, for `Last-Modified` of describe answers.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use engine::Directory;
use model::{Millis, RecordId};
use parking_lot::Mutex;

struct Seen {
    directory: Weak<Directory>,
    at: Millis,
}

/// The last change of every org that was asked about. A server that starts counts as a change.
#[derive(Default)]
pub struct Changes {
    orgs: Mutex<BTreeMap<RecordId, Seen>>,
}

impl Changes {
    /// When the org's rights last changed: each published directory gets an instant of its own, to the
    /// second, so that two of them never look the same to a client.
    pub fn last(&self, org: RecordId, directory: &Arc<Directory>, now: Millis) -> Millis {
        let mut orgs = self.orgs.lock();
        let fresh = || Seen {
            directory: Arc::downgrade(directory),
            at: now,
        };
        let seen = orgs.entry(org).or_insert_with(fresh);
        if !std::ptr::eq(seen.directory.as_ptr(), Arc::as_ptr(directory)) {
            let at = now.max(seen.at.plus_s(1));
            *seen = Seen { at, ..fresh() };
        }
        seen.at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::KeyPrefix;

    #[test]
    fn a_new_directory_is_a_new_instant() {
        let changes = Changes::default();
        let org = RecordId::new(KeyPrefix::of("00D"), 1);
        let (one, two) = (
            Arc::new(Directory::default()),
            Arc::new(Directory::default()),
        );
        assert_eq!(changes.last(org, &one, Millis(5_000)), Millis(5_000));
        assert_eq!(changes.last(org, &one, Millis(9_000)), Millis(5_000));
        assert_eq!(changes.last(org, &two, Millis(5_100)), Millis(6_000));
    }
}

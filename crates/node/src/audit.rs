//! Checks a stored org without serving it: the file itself, the rebuild, and what routing promises of its
//! rows at any moment (routing.md R106, R110, R143).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use model::{Catalogue, FieldIx, ObjectIx, Record, RecordId, Value};
use store::{ReadError, Store};

use crate::boot;
use crate::control::{Control, OrgEntry};
use crate::node::NodeError;

/// One line per broken invariant; empty for a sound org.
///
/// # Errors
/// [`NodeError`] if the folder is in use or the store cannot be opened.
pub fn audit(data_dir: &Path, org: &OrgEntry) -> Result<Vec<String>, NodeError> {
    let wrong = |why: String| NodeError::Store {
        org: org.name.clone(),
        why,
    };
    let _lock = Control::open(data_dir)?;
    let catalogue =
        Arc::new(Catalogue::standard().map_err(|e| NodeError::Internal(e.to_string()))?);
    let store =
        Store::open_sqlite(&org.stored(data_dir)?, &catalogue).map_err(|e| wrong(e.to_string()))?;
    let mut broken = Vec::new();
    broken.extend(store.check().err().map(|e| e.to_string()));
    match boot::rebuild(&catalogue, &store) {
        Ok((engine, _)) => broken.extend(engine.check_invariants()),
        Err(error) => broken.push(error.to_string()),
    }
    Live::read(&catalogue, &store)
        .map_err(|e| wrong(e.to_string()))?
        .check(&mut broken);
    Ok(broken)
}

/// Rows of live routing.
#[derive(Default)]
struct Live {
    /// Active AgentWork: id, item, request, is it Assigned.
    works: Vec<(RecordId, Option<RecordId>, Option<RecordId>, bool)>,
    /// PendingServiceRouting: id, item, IsPushed.
    requests: Vec<(RecordId, Option<RecordId>, bool)>,
    /// Users of current presences.
    present: Vec<Option<RecordId>>,
}

struct Columns<'a> {
    catalogue: &'a Catalogue,
    store: &'a Store,
}

impl Columns<'_> {
    fn of(&self, object: &str, fields: [&str; 4]) -> Option<(ObjectIx, [FieldIx; 4])> {
        let (ix, def) = self.catalogue.find(object)?;
        let [a, b, c, d] = fields.map(|name| def.field(name));
        Some((ix, [a?, b?, c?, d?]))
    }

    fn rows(
        &self,
        object: ObjectIx,
        among: Option<(FieldIx, Vec<Value>)>,
    ) -> Result<Vec<Record>, ReadError> {
        let mut rows = self.store.scan(object, among)?;
        rows.retain(|row| !row.is_deleted);
        Ok(rows)
    }
}

impl Live {
    fn read(catalogue: &Catalogue, store: &Store) -> Result<Self, ReadError> {
        let columns = Columns { catalogue, store };
        let mut live = Self::default();
        let works = ["Status", "WorkItemId", "PendingServiceRoutingId", "Id"];
        if let Some((object, [status, item, request, _])) = columns.of("AgentWork", works) {
            let active = vec![Value::from("Assigned"), Value::from("Opened")];
            for row in columns.rows(object, Some((status, active)))? {
                let is_assigned = row.get(status).as_text() == Some("Assigned");
                live.works.push((
                    row.id,
                    row.get(item).as_id(),
                    row.get(request).as_id(),
                    is_assigned,
                ));
            }
        }
        let requests = ["WorkItemId", "IsPushed", "Id", "Id"];
        if let Some((object, [item, pushed, ..])) = columns.of("PendingServiceRouting", requests) {
            for row in columns.rows(object, None)? {
                live.requests
                    .push((row.id, row.get(item).as_id(), row.get(pushed).is_true()));
            }
        }
        let presences = ["IsCurrentState", "UserId", "Id", "Id"];
        if let Some((object, [current, user, ..])) = columns.of("UserServicePresence", presences) {
            let rows = columns.rows(object, Some((current, vec![Value::Bool(true)])))?;
            live.present
                .extend(rows.iter().map(|row| row.get(user).as_id()));
        }
        Ok(live)
    }

    fn check(&self, broken: &mut Vec<String>) {
        let mut offered = BTreeMap::new();
        for (work, item, ..) in &self.works {
            if let Some(other) = item.and_then(|item| offered.insert(item, *work)) {
                broken.push(format!(
                    "work item of {work} has a second active offer, {other}"
                ));
            }
        }
        let pushed: BTreeSet<RecordId> =
            self.requests.iter().filter(|r| r.2).map(|r| r.0).collect();
        let assigned = self.works.iter().filter(|w| w.3);
        let mut offered_requests = BTreeSet::new();
        for (work, _, request, _) in assigned {
            let Some(request) = request else { continue };
            offered_requests.insert(*request);
            if !pushed.contains(request) {
                broken.push(format!("assigned work {work} has no pushed request"));
            }
        }
        for request in pushed.difference(&offered_requests) {
            broken.push(format!("request {request} is pushed to nobody"));
        }
        let mut items = BTreeSet::new();
        for (request, item, _) in &self.requests {
            if item.is_some_and(|item| !items.insert(item)) {
                broken.push(format!("request {request} is the second one of its item"));
            }
        }
        let mut users = BTreeSet::new();
        for user in self.present.iter().flatten() {
            if !users.insert(*user) {
                broken.push(format!("user {user} has two current presences"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use model::KeyPrefix;

    use super::*;

    fn id(prefix: &str, n: u64) -> RecordId {
        RecordId::parse(&RecordId::new(KeyPrefix::parse(prefix).unwrap(), n).to_string()).unwrap()
    }

    #[test]
    fn each_contradiction_is_named() {
        let (item, other) = (Some(id("500", 1)), Some(id("500", 2)));
        let sound = Live {
            works: vec![
                (id("0Bz", 1), item, Some(id("0JR", 1)), true),
                (id("0Bz", 2), other, None, false),
            ],
            requests: vec![(id("0JR", 1), item, true)],
            present: vec![Some(id("005", 1)), Some(id("005", 2))],
        };
        let mut broken = Vec::new();
        sound.check(&mut broken);
        assert_eq!(broken, Vec::<String>::new());
        let odd = Live {
            works: vec![
                (id("0Bz", 1), item, Some(id("0JR", 9)), true),
                (id("0Bz", 2), item, None, false),
            ],
            requests: vec![(id("0JR", 1), item, true), (id("0JR", 2), item, false)],
            present: vec![Some(id("005", 1)), Some(id("005", 1))],
        };
        odd.check(&mut broken);
        assert_eq!(broken.len(), 5, "{broken:?}");
    }
}

//! Parents that rows name by an external id: `Account.Ext__c` as a column.

use engine::{Asked, Caller, plan_query};
use hashbrown::HashMap;
use lang::plan::Predicate;
use model::{Cell, Code, FieldIx, ObjectIx, RecordId, Refusal, Value};

use super::format::{LoadParent, LoadRow};
use crate::org::OrgInner;

/// Parents that a load remembers; more and it forgets them all.
const KNOWN_MAX: usize = 20_000;

type Key = (ObjectIx, FieldIx, String);

/// Parents found so far; `None` for a key without a match or with several.
#[derive(Default)]
pub(super) struct Parents {
    known: HashMap<Key, Option<RecordId>>,
}

/// Keys compare without regard to case, as in a query.
fn folded(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_lowercase(),
        Value::Id(id) => id.as_15().to_owned(),
        other => format!("{other:?}"),
    }
}

fn key(parent: &LoadParent) -> Key {
    (parent.object, parent.by, folded(&parent.key))
}

impl Parents {
    /// Puts the ids of parents into the rows; a row whose parent is not there becomes a refusal.
    ///
    /// # Errors
    /// The rows cannot be read now.
    pub fn resolve(
        &mut self,
        org: &OrgInner,
        caller: &Caller,
        object: ObjectIx,
        rows: &mut [Result<LoadRow, Refusal>],
    ) -> Result<(), Refusal> {
        self.find(org, caller, rows)?;
        for row in rows {
            let Ok(found) = row else { continue };
            let parents = std::mem::take(&mut found.parents);
            for parent in parents {
                match self.known.get(&key(&parent)) {
                    Some(Some(id)) => found.values.push((parent.field, (*id).into())),
                    _ => {
                        *row = Err(unknown(org, object, &parent));
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    /// One query per kind of parent.
    fn find(
        &mut self,
        org: &OrgInner,
        caller: &Caller,
        rows: &[Result<LoadRow, Refusal>],
    ) -> Result<(), Refusal> {
        if self.known.len() > KNOWN_MAX {
            self.known.clear();
        }
        let mut wanted: Vec<(ObjectIx, FieldIx, Vec<Value>)> = Vec::new();
        let parents = rows.iter().flatten().flat_map(|row| &row.parents);
        for parent in parents {
            if self.known.contains_key(&key(parent)) {
                continue;
            }
            self.known.insert(key(parent), None);
            let same = wanted
                .iter_mut()
                .find(|(o, by, _)| *o == parent.object && *by == parent.by);
            match same {
                Some((_, _, keys)) => keys.push(parent.key.clone()),
                None => wanted.push((parent.object, parent.by, vec![parent.key.clone()])),
            }
        }
        for (object, by, keys) in wanted {
            self.look_up(org, caller, object, by, keys)?;
        }
        Ok(())
    }

    fn look_up(
        &mut self,
        org: &OrgInner,
        caller: &Caller,
        object: ObjectIx,
        by: FieldIx,
        keys: Vec<Value>,
    ) -> Result<(), Refusal> {
        let def = org.catalogue.def(object);
        let name = &def.def(by).name;
        let text = format!("SELECT Id, {name} FROM {}", def.name);
        let asked = Asked {
            caller,
            now: org.now(),
            all_rows: false,
        };
        let plan = plan_query(&org.catalogue, &org.directory(), &asked, &text)?;
        let mut plan = plan.get().clone();
        let Some(of) = plan.outputs.get(1).cloned() else {
            return Ok(());
        };
        plan.scan.filter = Predicate::In {
            of,
            values: keys,
            not: false,
            exact: false,
            on_null: false,
        };
        let answer = org.run_blocking(plan)?;
        let mut seen: HashMap<String, Option<RecordId>> = HashMap::new();
        for row in answer.rows {
            if let (Some(id), Some((_, Cell::Value(value)))) = (row.id, row.cells.get(1)) {
                let place = seen.entry(folded(value));
                place.and_modify(|known| *known = None).or_insert(Some(id));
            }
        }
        self.known.extend(
            seen.into_iter()
                .map(|(value, id)| ((object, by, value), id)),
        );
        Ok(())
    }
}

fn unknown(org: &OrgInner, object: ObjectIx, parent: &LoadParent) -> Refusal {
    let by = &org.catalogue.def(parent.object).def(parent.by).name;
    let shown = match &parent.key {
        Value::Text(text) => text.chars().take(200).collect(),
        Value::Id(id) => id.to_string(),
        Value::Int(number) => number.to_string(),
        other => format!("{other:?}"),
    };
    let message = format!(
        "Foreign key external ID: {shown} not found for field {by} in entity {}",
        org.catalogue.def(object).name
    );
    Refusal::new(Code::InvalidField, message)
}

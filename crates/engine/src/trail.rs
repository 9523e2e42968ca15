//! What is written down about log-ins and changes of set-up: rows of LoginHistory and SetupAuditTrail.
//!
//! They ride in the commit of what they tell of. Clients read them like any record and write them never.

use std::sync::Arc;

use model::{Note, ObjectIx, Record, RecordId, Refusal, RowChange, Value};

use crate::engine::Engine;
use crate::request::{AuditRow, Reply};

const TRAIL: &str = "SetupAuditTrail";
/// Configuration that is loaded in bulk or changes with daily work: too much to be worth a line each.
const UNTOLD: &[&str] = &[
    "CallCenterRoutingMap",
    "PushTopic",
    "StreamingChannel",
    "UserLogin",
];

impl Engine {
    /// Hidden rows, with rows about them.
    pub(crate) fn audited(
        &mut self,
        notes: &[Note],
        rows: &[AuditRow],
        user: RecordId,
    ) -> Result<Reply, Refusal> {
        let reply = self.notes(notes)?;
        for row in rows {
            self.log(row.object, &row.values, user);
        }
        Ok(reply)
    }

    /// A line per row of configuration that a command changed; `before` is each with its earlier state.
    pub(crate) fn write_trail(
        &mut self,
        before: &[((ObjectIx, RecordId), Option<Record>)],
        user: RecordId,
    ) {
        for ((object, id), earlier) in before {
            let def = Arc::clone(self.catalogue.def(*object));
            if UNTOLD.contains(&def.name.as_str()) {
                continue;
            }
            let now = self.resident.get(*object, *id);
            let verb = match (earlier, now) {
                (None, Some(_)) => "created",
                (Some(_), Some(_)) => "changed",
                (Some(_), None) => "deleted",
                (None, None) => continue,
            };
            let shown = now.or(earlier.as_ref()).and_then(|row| {
                let name = def.field(&def.name_field)?;
                row.get(name).as_text().map(str::to_owned)
            });
            let shown = shown.unwrap_or_else(|| id.to_string());
            let display = format!("{} {} {shown}", capital(verb), def.label);
            let values = [
                (
                    "Action",
                    Value::from(clip(&format!("{verb}{}", def.name), 40)),
                ),
                ("Display", Value::from(clip(&display, 1_000))),
                ("Section", Value::from(clip(&def.label, 80))),
            ];
            self.log(TRAIL, &values, user);
        }
    }

    fn log(&mut self, object: &str, values: &[(&'static str, Value)], user: RecordId) {
        let Some((ix, def)) = self.catalogue.find(object) else {
            return;
        };
        let def = Arc::clone(def);
        let counter = &mut self.counters[usize::from(ix.0)];
        *counter += 1;
        let number = *counter;
        let mut row = self.blank(ix, number, user);
        for (name, value) in values {
            if let Some(field) = def.field(name) {
                row.set(field, value.clone());
            }
        }
        if let Some(field) = def.field("LoginTime") {
            row.set(field, self.now.into());
        }
        self.apply(RowChange::Insert(row));
    }
}

fn capital(verb: &str) -> String {
    let (first, rest) = verb.split_at(1);
    first.to_uppercase() + rest
}

fn clip(text: &str, max: usize) -> &str {
    text.char_indices()
        .nth(max)
        .map_or(text, |(end, _)| &text[..end])
}

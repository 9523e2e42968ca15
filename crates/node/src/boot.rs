//! From rows to a living engine, and the rows of a new org.

use std::sync::Arc;

use engine::{Boot, Engine};
use model::{Catalogue, CommitBatch, Meta, Millis, Note};
use store::Store;

use crate::app::App;
use crate::control::OrgEntry;
use crate::node::NodeError;
use crate::options::OrgSpec;
use crate::password;
use crate::writer::StartError;

/// Reads what the engine needs and opens it.
pub(crate) fn rebuild(
    catalogue: &Arc<Catalogue>,
    store: &Store,
) -> Result<(Engine, Meta), StartError> {
    let corrupt = |error: engine::Corrupt| StartError::Corrupt(error.0);
    let needs = Engine::boot_needs(catalogue).map_err(corrupt)?;
    let meta = store.meta()?;
    let mut boot = Boot {
        meta,
        ..Boot::default()
    };
    for scan in needs.scans {
        boot.records.extend(store.scan(scan.object, scan.only)?);
    }
    for space in needs.spaces {
        let notes = store.notes(space)?.into_iter();
        boot.notes.extend(notes.map(|(key, value)| Note {
            space,
            key,
            value: Some(value),
        }));
    }
    let engine = Engine::open(Arc::clone(catalogue), boot).map_err(corrupt)?;
    Ok((engine, meta))
}

/// The first batch of an org. Slow: hashes the administrator's password.
pub(crate) fn genesis(
    catalogue: &Catalogue,
    entry: &OrgEntry,
    spec: &OrgSpec,
    now: Millis,
) -> Result<CommitBatch, NodeError> {
    let failed =
        |why: &dyn std::fmt::Display| NodeError::Internal(format!("cannot make an org: {why}"));
    let password_hash = password::hash_password(&spec.admin_password)
        .ok_or_else(|| failed(&"the system gives no random numbers"))?;
    let spec = engine::OrgSpec {
        id: entry.id,
        name: spec.name.clone(),
        admin_username: spec.admin_username.clone(),
        password_hash,
        apps: spec.apps.iter().filter_map(app_row).collect(),
        now,
    };
    engine::genesis(catalogue, &spec).map_err(|e| failed(&e))
}

/// Client id and hidden row of an app; one without a user to run as runs as the administrator.
fn app_row(app: &App) -> Option<(String, String)> {
    let mut app = app.clone();
    app.run_as
        .get_or_insert_with(|| engine::administrator().to_string());
    let row = serde_json::to_string(&app).ok()?;
    Some((app.client_id, row))
}

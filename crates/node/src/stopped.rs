//! One org of a data folder that no server runs, opened to look at.

use std::path::Path;
use std::sync::Arc;

use engine::Engine;
use model::{Catalogue, RecordId, Value};
use store::Store;

use crate::boot;
use crate::control::{Control, OrgEntry};
use crate::node::NodeError;

/// Holds the folder's lock as long as it lives.
pub struct Stopped {
    name: String,
    catalogue: Arc<Catalogue>,
    store: Store,
    engine: Engine,
    _lock: Control,
}

impl Stopped {
    /// Opens an org; nothing of it changes.
    ///
    /// # Errors
    /// [`NodeError`] if the folder is in use or the store cannot be opened.
    pub fn open(data_dir: &Path, org: &OrgEntry) -> Result<Self, NodeError> {
        let lock = Control::open(data_dir)?;
        let catalogue =
            Arc::new(Catalogue::standard().map_err(|e| NodeError::Internal(e.to_string()))?);
        let store = Store::open_sqlite(&org.stored(data_dir)?, &catalogue)
            .map_err(|e| wrong(&org.name, e.to_string()))?;
        let (engine, _) =
            boot::rebuild(&catalogue, &store).map_err(|e| wrong(&org.name, e.to_string()))?;
        Ok(Self {
            name: org.name.clone(),
            catalogue,
            store,
            engine,
            _lock: lock,
        })
    }

    /// Its memory as of the last commit.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The offers of a record, oldest first: some columns of its AgentWork rows.
    ///
    /// # Errors
    /// [`NodeError`] if the store cannot be read.
    pub fn offers(
        &self,
        item: RecordId,
        columns: &[&'static str],
    ) -> Result<Vec<Vec<(&'static str, Value)>>, NodeError> {
        let Some((object, def)) = self.catalogue.find("AgentWork") else {
            return Ok(Vec::new());
        };
        let among = def.field("WorkItemId").map(|f| (f, vec![Value::Id(item)]));
        let rows = self.store.scan(object, among);
        let mut rows = rows.map_err(|e| wrong(&self.name, e.to_string()))?;
        rows.retain(|row| !row.is_deleted);
        rows.sort_by_key(|row| row.id);
        let cells = |row: &model::Record| {
            let cell = |name: &&'static str| match *name {
                "Id" => Some((*name, Value::Id(row.id))),
                name => Some((name, row.get(def.field(name)?).clone())),
            };
            columns.iter().filter_map(cell).collect()
        };
        Ok(rows.iter().map(cells).collect())
    }
}

fn wrong(org: &str, why: String) -> NodeError {
    NodeError::Store {
        org: org.to_owned(),
        why,
    }
}

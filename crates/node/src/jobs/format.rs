//! What the porch knows and node does not: how the rows of a job look as text.

use std::fs::File;
use std::sync::Arc;

use model::{AnswerRow, Catalogue, FieldIx, ObjectIx, RecordId, Refusal, Value};

use super::job::Job;

/// One row of a load.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoadRow {
    /// Fields and values, each field once.
    pub values: Vec<(FieldIx, Value)>,
    /// `Id`, if the row has one.
    pub id: Option<RecordId>,
    /// Parents named by an external id.
    pub parents: Vec<LoadParent>,
}

/// A parent named by an external id.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadParent {
    /// The reference field that gets the parent's id.
    pub field: FieldIx,
    /// The parent's object.
    pub object: ObjectIx,
    /// The parent's field.
    pub by: FieldIx,
    /// Its value.
    pub key: Value,
}

/// The rows of a load, one after the other.
pub trait Rows: Send {
    /// The next row: `None` at the end, a refusal for a row that cannot be read as one of the object.
    ///
    /// # Errors
    /// The text cannot be read any further; why, for the job's owner.
    fn next(&mut self) -> Result<Option<Result<LoadRow, Refusal>>, String>;
}

/// Reads and writes rows.
pub trait Format: Send + Sync {
    /// The rows of a load; reads the header.
    ///
    /// # Errors
    /// The header is none of the object; why, for the job's owner.
    fn rows(
        &self,
        job: &Job,
        catalogue: &Arc<Catalogue>,
        input: File,
    ) -> Result<Box<dyn Rows>, String>;

    /// What stands before the rows of a query: the header.
    fn open(&self, job: &Job, columns: &[String], out: &mut Vec<u8>);

    /// One row; `cells` are its values in the order of the columns.
    fn row(&self, job: &Job, row: &AnswerRow, cells: &[&Value], is_first: bool, out: &mut Vec<u8>);

    /// What stands behind the rows.
    fn close(&self, job: &Job, out: &mut Vec<u8>);
}

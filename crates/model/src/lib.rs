//! The words of the domain: ids, values, the sObject catalogue, row changes, refusals.
//!
//! Pure ground that every other crate stands on. Knows no wire format, no SQL and no rule of routing.

mod answer;
mod catalogue;
mod commit;
mod explain;
mod id;
mod record;
mod refusal;
mod time;
mod value;

pub use answer::{Answer, AnswerRow, Cell};
pub use catalogue::{
    Associated, Catalogue, ChildRelationship, FieldDef, FieldIx, FieldType, ObjectDef, ObjectIx,
    PicklistValue, WrongCatalogue,
};
pub use commit::{CommitBatch, Found, Meta, Need, Note, Space};
pub use explain::{Leading, QueryWay};
pub use id::{KeyPrefix, RecordId, WrongId};
pub use record::{Record, RowChange};
pub use refusal::{Code, Refusal};
pub use time::{Days, Millis};
pub use value::Value;

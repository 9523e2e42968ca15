//! Whose a routed record is, for sticky agents (routing-extensions.md). Objects name the customer in
//! fields of their own.

use model::{Record, RecordId};

use crate::engine::Engine;

/// Fields that name the customer, the first that has a value counts: cases and chat transcripts,
/// messaging sessions, calls. What a call is about is its customer only if that is a person or account.
const FIELDS: &[(&str, &[&str])] = &[
    ("ContactId", &[]),
    ("EndUserContactId", &[]),
    ("RelatedRecordId", &["Contact", "Account", "Lead"]),
    ("EndUserId", &[]),
    ("MessagingEndUserId", &[]),
    ("AccountId", &[]),
];

impl Engine {
    /// Do agents stick to customers in this org?
    pub(crate) fn asks_for_customers(&self) -> bool {
        self.settings.contains_key("stickyHours")
    }

    /// The customer of a routed record; `None` if it names none or nobody asks.
    pub(crate) fn customer_of(&self, row: &Record) -> Option<RecordId> {
        if !self.asks_for_customers() {
            return None;
        }
        let object = self.catalogue.def(row.object);
        FIELDS.iter().find_map(|(name, kinds)| {
            let id = row.get(object.field(name)?).as_id()?;
            let kind = self.catalogue.name_of(id).unwrap_or_default();
            (kinds.is_empty() || kinds.contains(&kind)).then_some(id)
        })
    }
}

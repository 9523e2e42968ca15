//! The hidden rows of routing, for the few moments in which nobody can tell from outside what happened:
//! two commands of one batch that touch the same thing. What is believed here is believed for that thing
//! and that moment only; the report says how often.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{Millis, RecordId, Space};

/// The notes after a batch.
#[derive(Clone, Debug, Default)]
pub struct Hidden(Arc<BTreeMap<(Space, String), String>>);

struct Parts<'a>(std::str::Split<'a, char>);

impl Parts<'_> {
    fn id(&mut self) -> Option<RecordId> {
        RecordId::parse(self.0.next()?).ok()
    }
    fn int(&mut self) -> Option<i64> {
        self.0.next()?.parse().ok()
    }
    fn at(&mut self) -> Option<Millis> {
        self.int().map(Millis)
    }
}

/// What is hidden of a request.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct OfRequest {
    pub age: Option<Millis>,
    pub ready: Option<Millis>,
    pub rounds: i64,
    pub tried: BTreeSet<RecordId>,
}

impl Hidden {
    /// All notes of a store.
    pub fn of(notes: &Arc<BTreeMap<(Space, String), String>>) -> Self {
        Self(notes.clone())
    }

    fn parts(&self, space: Space, id: RecordId) -> Option<Parts<'_>> {
        let text = self.0.get(&(space, id.as_15().to_owned()))?;
        Some(Parts(text.split(' ')))
    }

    /// Session, log-in and last offer of a user who is online.
    pub fn session(&self, user: RecordId) -> Option<(RecordId, Millis, Option<Millis>)> {
        let mut parts = self.parts(Space::Agent, user)?;
        Some((parts.id()?, parts.at()?, parts.at()))
    }

    /// The status that shall follow a user's work.
    pub fn wish(&self, user: RecordId) -> Option<RecordId> {
        let mut parts = self.parts(Space::Agent, user)?;
        parts.0.nth(6)?;
        parts.id()
    }

    /// What a request remembers.
    pub fn request(&self, id: RecordId) -> OfRequest {
        let mut found = OfRequest::default();
        if let Some(mut parts) = self.parts(Space::Request, id) {
            (found.age, _) = (parts.at(), parts.id());
            found.ready = parts.at();
            found.rounds = parts.int().and(parts.int()).unwrap_or(0);
        }
        if let Some(mut parts) = self.parts(Space::Tried, id) {
            while let Some(session) = parts.id() {
                found.tried.insert(session);
            }
        }
        found
    }

    /// True if open work is paused.
    pub fn is_paused(&self, work: RecordId) -> bool {
        self.parts(Space::Work, work)
            .is_some_and(|mut parts| parts.int() == Some(1))
    }

    /// Times of what users were given last.
    pub fn recent(&self) -> BTreeMap<RecordId, Vec<Millis>> {
        let from = (Space::Recent, String::new());
        let rows = self.0.range(from..);
        let rows = rows.take_while(|((space, _), _)| *space == Space::Recent);
        let times = |text: &str| {
            let each = text.split(' ').filter_map(|at| at.parse().ok());
            each.map(Millis).collect()
        };
        rows.filter_map(|((_, user), text)| Some((RecordId::parse(user).ok()?, times(text))))
            .collect()
    }

    /// Items queued per minute (R161).
    pub fn intake(&self) -> BTreeMap<i64, i64> {
        let from = (Space::Intake, String::new());
        let rows = self.0.range(from..);
        let rows = rows.take_while(|((space, _), _)| *space == Space::Intake);
        rows.filter_map(|((_, minute), count)| Some((minute.parse().ok()?, count.parse().ok()?)))
            .collect()
    }
}

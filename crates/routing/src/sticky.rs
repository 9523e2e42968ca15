//! Sticky agent (extension): the item of a customer goes to the agent who last accepted work of that
//! customer, if that agent could have been chosen anyway.
//!
//! What is remembered is one hidden row per customer; it is forgotten after the window, and the oldest
//! go first when there are too many.

use std::collections::{BTreeMap, BTreeSet};

use model::{Millis, RecordId};

use crate::api::{Change, Output};
use crate::notes;
use crate::request::Request;
use crate::state::RoutingState;
use crate::table::{IdMap, Slot};

/// Customers that are remembered, at most.
const CUSTOMERS_MAX: usize = 200_000;

/// Who accepted work of a customer last, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Met {
    pub user: RecordId,
    pub at: Millis,
}

/// What is remembered. The map is never iterated.
#[derive(Default)]
pub(crate) struct Customers {
    last: IdMap<Met>,
    by_age: BTreeSet<(Millis, RecordId)>,
    /// During a draft: what customers had before.
    journal: Option<BTreeMap<RecordId, Option<Met>>>,
}

impl Customers {
    pub fn begin(&mut self) {
        self.journal = Some(BTreeMap::new());
    }

    pub fn keep(&mut self) {
        self.journal = None;
    }

    pub fn rollback(&mut self) {
        for (customer, met) in self.journal.take().unwrap_or_default() {
            self.put(customer, met);
        }
    }

    /// Remembers, or forgets.
    pub fn put(&mut self, customer: RecordId, met: Option<Met>) {
        let old = match met {
            Some(met) => self.last.insert(customer, met),
            None => self.last.remove(&customer),
        };
        if let Some(journal) = &mut self.journal {
            journal.entry(customer).or_insert(old);
        }
        if let Some(old) = old {
            self.by_age.remove(&(old.at, customer));
        }
        if let Some(met) = met {
            self.by_age.insert((met.at, customer));
        }
    }

    /// The customer met longest ago, if that was before `from` or there are too many.
    fn stale(&self, from: Millis) -> Option<RecordId> {
        let (at, customer) = self.by_age.first()?;
        (*at <= from || self.by_age.len() > CUSTOMERS_MAX).then_some(*customer)
    }

    /// For the law `rebuild(rows) == memory`.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.by_age.iter().map(|(at, customer)| {
            let user = self.last.get(customer).map(|met| met.user);
            format!("customer {customer} {} {user:?}", at.0)
        })
    }
}

impl RoutingState {
    /// Before this instant everything is forgotten; `None` if the option is off.
    fn sticky_from(&self) -> Option<Millis> {
        let window_ms = i64::from(self.settings.sticky_hours?) * 3_600_000;
        Some(Millis(self.now.0.saturating_sub(window_ms)))
    }

    /// Whose the item of an offer is: its request knows, or the hand-over.
    pub(crate) fn customer_of(&self, work: Slot) -> Option<RecordId> {
        let work = &self.works[work];
        let request = work.row.request.and_then(|id| self.requests.find(id));
        let of_request = request.and_then(|request| request.customer.as_deref());
        let of_handover = work.extra.as_ref().and_then(|e| e.customer.as_ref());
        of_request.or(of_handover).copied()
    }

    /// An agent accepted work of a customer.
    pub(crate) fn remember(
        &mut self,
        customer: Option<RecordId>,
        user: RecordId,
        now: Millis,
        out: &mut Output,
    ) {
        let (Some(from), Some(customer)) = (self.sticky_from(), customer) else {
            return;
        };
        let met = Met { user, at: now };
        self.customers.put(customer, Some(met));
        let note = notes::customer_note(customer, Some(met));
        out.changes.push(Change::Note(note));
        while let Some(stale) = self.customers.stale(from) {
            self.customers.put(stale, None);
            let note = notes::customer_note(stale, None);
            out.changes.push(Change::Note(note));
        }
    }

    /// The agent who knows the customer of a request, if still among those it is meant for.
    pub(crate) fn sticky_agent(&self, request: &Request) -> Option<Slot> {
        let from = self.sticky_from()?;
        let met = self.customers.last.get(request.customer.as_deref()?)?;
        let agent = self.agents.slot(met.user).filter(|_| met.at > from)?;
        let filters = &self.agents[agent].filters;
        filters
            .binary_search(&request.base?)
            .is_ok()
            .then_some(agent)
    }
}

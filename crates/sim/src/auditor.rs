//! The auditor: follows the committed rows from outside and asks the laws after each batch.

use std::sync::Arc;

use model::{Catalogue, Meta};

use crate::facts::Facts;
use crate::history::History;
use crate::laws::{self, Law, Ledger, Scene, Verdict, broken};
use crate::schema::Schema;
use crate::step::{Batch, Step};
use crate::sums::Sums;

/// Figures of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Figures {
    pub batches: u64,
    pub offers: u64,
    pub accepted: u64,
    pub returned: u64,
    /// Passes that were not compared, because the observer could not tell what came first.
    pub unsure: u64,
    /// Offers that the reference predicted.
    pub predicted: u64,
    /// How often a hidden row was believed.
    pub believed: u64,
}

impl Figures {
    /// The sum.
    pub fn add(&mut self, other: &Self) {
        self.batches += other.batches;
        self.offers += other.offers;
        self.accepted += other.accepted;
        self.returned += other.returned;
        self.unsure += other.unsure;
        self.predicted += other.predicted;
        self.believed += other.believed;
    }
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Auditor {
    facts: Facts,
    history: History,
    ledger: Ledger,
    last: Meta,
    figures: Figures,
    sums: Sums,
}

impl Auditor {
    /// Knows nothing yet.
    pub fn new(schema: Arc<Schema>, catalogue: Arc<Catalogue>) -> Self {
        Self {
            facts: Facts::new(schema, catalogue),
            history: History::default(),
            ledger: Ledger::default(),
            last: Meta::default(),
            figures: Figures::default(),
            sums: Sums::default(),
        }
    }

    /// The org as its rows tell it.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// What the rows do not tell.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// What happened so far.
    pub fn figures(&self) -> Figures {
        self.figures
    }

    /// Takes a committed batch and judges it.
    ///
    /// # Errors
    /// The first law that did not hold.
    pub fn take(&mut self, batch: &Batch) -> Verdict {
        if batch.seq != self.last.seq + 1 || batch.now < self.last.now {
            let (last, seq, now) = (self.last, batch.seq, batch.now);
            return broken(
                Law::Numbering,
                format!("batch {seq} at {} after {last:?}", now.0),
            );
        }
        self.last = Meta {
            seq: batch.seq,
            now: batch.now,
        };
        self.sums.accrue(&self.facts, &self.history, batch.now);
        let is_config_new = self.facts.apply(&batch.seen) | (self.facts.settings != batch.settings);
        self.facts.settings.clone_from(&batch.settings);
        let step = Step::read(batch, &self.facts, is_config_new);
        self.history
            .before_pass(&self.facts, &step, &batch.hidden, batch.now);
        let scene = Scene {
            facts: &self.facts,
            history: &self.history,
            step: &step,
            batch,
        };
        laws::judge(&scene)?;
        self.sums.check(&step)?;
        self.ledger.enter(&scene)?;
        self.count(&step);
        self.history
            .after_pass(&self.facts, &step, &batch.hidden, batch.now);
        Ok(())
    }

    fn count(&mut self, step: &Step) {
        let figures = &mut self.figures;
        figures.batches += 1;
        figures.offers += step.offers().count() as u64;
        let is_unsure = self.history.is_unsure();
        figures.unsure += u64::from(is_unsure);
        figures.predicted += if is_unsure {
            0
        } else {
            step.offers().count() as u64
        };
        figures.believed = self.history.believed();
        for (before, after) in &step.works {
            let Some(after) = after else { continue };
            let was_open = before.as_ref().is_none_or(|w| w.accepted.is_none());
            figures.accepted += u64::from(was_open && after.accepted.is_some());
            let was_active = before.as_ref().is_none_or(|w| w.status.is_active());
            let is_back = after.declined.is_some() || after.timed_out.is_some();
            figures.returned += u64::from(was_active && is_back);
        }
    }

    /// After a crash and at the end: is everything still there that was acknowledged?
    ///
    /// # Errors
    /// [`Law::Lost`].
    pub fn audit(&self) -> Verdict {
        self.ledger.audit(&self.facts)
    }
}

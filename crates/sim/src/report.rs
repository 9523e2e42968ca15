//! What comes of a run: figures, or the law that did not hold.

use std::collections::BTreeMap;

use crate::auditor::Figures;
use crate::features::Features;
use crate::laws::Breach;

/// What came of a run in which every law held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Report {
    pub figures: Figures,
    pub commits: u64,
    pub crashes: u64,
    pub rebuilds: u64,
    /// Explanations of items and agents that were compared with the truth.
    pub explained: u64,
    /// Winners that an explanation named and that were offered the item next.
    pub foretold: u64,
    /// The deliberate fault found something to spoil.
    pub was_spoiled: bool,
    /// How many seeds had each feature.
    pub features: BTreeMap<&'static str, u64>,
    /// Commands by kind: carried out, refused.
    pub answers: BTreeMap<String, (u64, u64)>,
}

impl Report {
    pub(crate) fn of(features: Features) -> Self {
        let on = features.list().into_iter();
        Self {
            features: on.map(|(name, is_on)| (name, u64::from(is_on))).collect(),
            ..Self::default()
        }
    }

    pub(crate) fn count(&mut self, request: &engine::Request, is_done: bool) {
        let sum = self.answers.entry(kind_of(request)).or_default();
        if is_done {
            sum.0 += 1;
        } else {
            sum.1 += 1;
        }
    }

    /// The sum.
    pub fn add(&mut self, other: &Self) {
        self.figures.add(&other.figures);
        self.commits += other.commits;
        self.crashes += other.crashes;
        self.rebuilds += other.rebuilds;
        self.explained += other.explained;
        self.foretold += other.foretold;
        self.was_spoiled |= other.was_spoiled;
        for (name, seeds) in &other.features {
            *self.features.entry(name).or_default() += seeds;
        }
        for (kind, (done, refused)) in &other.answers {
            let sum = self.answers.entry(kind.clone()).or_default();
            sum.0 += done;
            sum.1 += refused;
        }
    }
}

/// A law did not hold.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Run this again.
    pub seed: u64,
    /// Where.
    pub step: u64,
    /// What.
    pub breach: Breach,
    /// The last things that happened, in words.
    pub log: Vec<String>,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "seed {} step {}: {}", self.seed, self.step, self.breach)?;
        writeln!(f, "the last things that happened:")?;
        self.log.iter().try_for_each(|line| writeln!(f, "  {line}"))
    }
}

/// The first word of a request, and what it does to work.
fn kind_of(request: &engine::Request) -> String {
    let text = match request {
        engine::Request::Work { action, .. } => format!("{action:?}"),
        engine::Request::Presence(what) => format!("{what:?}"),
        engine::Request::Call(what) => format!("{what:?} call"),
        engine::Request::Supervise(what) => format!("{what:?}"),
        engine::Request::Save { .. } => "Save".to_owned(),
        _ => "Settings".to_owned(),
    };
    let end = text.find([' ', '(', '{']).unwrap_or(text.len());
    let supervised = matches!(request, engine::Request::Supervise(_));
    let prefix = if supervised { "supervisor " } else { "" };
    let suffix = if matches!(request, engine::Request::Call(_)) {
        " call"
    } else {
        ""
    };
    format!("{prefix}{}{suffix}", &text[..end])
}

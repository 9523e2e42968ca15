//! The laws: what must be true of committed rows and of answers, whatever happens.
//!
//! Each law is one short function over plain facts. None of them asks the engine.

mod answers;
mod change;
mod chats;
mod pass;
mod state;
mod status;
mod values;

pub use answers::Ledger;

use std::fmt;

use crate::facts::Facts;
use crate::history::History;
use crate::step::{Batch, Step};

macro_rules! laws {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// One law.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Law { $($(#[$doc])* $name,)* }

        impl Law {
            /// In one sentence.
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

laws! {
    /// R98 to R104.
    Capacity = "no agent is given more than there is room for",
    /// R110.
    OneOffer = "an item has at most one active offer",
    /// R3, R7.
    OneRequest = "a waiting item has exactly one request",
    /// R110, R167.
    Pushed = "a request is pushed exactly while an Assigned work of it exists",
    /// R111.
    Opened = "accepted work has no request any more",
    /// R110.
    Owner = "an offered item belongs to the agent",
    /// R29.
    Order = "no agent is offered an item while an earlier one that fits waits",
    /// R38.
    Stranded = "no item waits while an eligible agent has room",
    /// R66 to R70.
    Decliner = "who declined last is remembered and not asked again",
    /// R166.
    Serial = "Serial grows by one with every stored change",
    /// R106.
    Final = "a final status never changes, others only along their arrows",
    /// R143 to R145.
    Presence = "presence rows follow each other without gap or overlap, one of them current",
    /// R114, R133.
    Timer = "an offer ends when its time is up, and not before",
    /// R115, R126.
    Offline = "who is offline holds no offer and no open tab",
    /// Nothing that was answered may be gone.
    Lost = "what was acknowledged is in the rows",
    /// Command ids.
    Twice = "a command is applied once",
    /// Refusals change nothing.
    Refusal = "what was refused changed nothing",
    /// `rebuild(rows) == memory`.
    Rebuild = "an engine opened from the rows equals the one that wrote them",
    /// The naive matcher.
    Reference = "the engine offers what the reference matcher offers",
    /// Batches.
    Numbering = "batches are numbered without a gap and time never runs back",
    /// R142.
    News = "consoles hear of every offer and of its end",
    /// R4, R5, R30, R110.
    Values = "a request has the values of its configuration, an offer those of its request",
    /// R72.
    Chat = "a chat is canceled when everybody was asked, and not before",
    /// R77, R82, R83.
    Consequence = "who declines or lets an offer pass gets the status that the configuration says",
    /// Option enableNextStatus.
    NextStatus = "the status that was chosen for after the work comes then, and for no other reason",
    /// Option withdrawOffersWhenBusy; R115, R135.
    Withdrawn = "an offer goes back with a new status that does not serve it, if the org says so",
    /// R130, R146, R147.
    Sums = "durations and averages are those that the history gives",
    /// `explain`.
    Explained = "an explanation is true and predicts the next decision",
    /// The writer answers, and never panics.
    Answer = "every command is answered, and what is allowed is not refused",
}

/// A law that did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// Which.
    pub law: Law,
    /// What was found.
    pub what: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} ({}): {}", self.law, self.law.text(), self.what)
    }
}

/// A judgement.
pub type Verdict = Result<(), Breach>;

/// A broken law.
pub fn broken(law: Law, what: impl Into<String>) -> Verdict {
    Err(Breach {
        law,
        what: what.into(),
    })
}

/// Everything that a law may look at.
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub struct Scene<'a> {
    /// After the batch.
    pub facts: &'a Facts,
    /// Right before the routing pass of the batch.
    pub history: &'a History,
    pub step: &'a Step,
    pub batch: &'a Batch,
}

type Rule = fn(&Scene) -> Verdict;

/// Laws that need no memory of their own, in the order in which they are asked.
const RULES: &[Rule] = &[
    change::times,
    change::life_cycle,
    change::presence,
    state::one_offer,
    state::one_request,
    state::opened,
    state::pushed,
    state::owner,
    state::timer,
    state::offline,
    change::vanished,
    values::consequences,
    chats::rounds,
    status::wishes,
    status::granted,
    status::withdrawn,
    status::unavailable,
    pass::decliner,
    pass::order,
    pass::stranded,
    change::serial,
    change::capacity,
    values::requests,
    values::offers,
    values::welcome,
    pass::reference,
    answers::refusals,
    answers::news,
];

/// Asks every law.
///
/// # Errors
/// The first that did not hold.
pub fn judge(scene: &Scene) -> Verdict {
    RULES.iter().try_for_each(|rule| rule(scene))
}

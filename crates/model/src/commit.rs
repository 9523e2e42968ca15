//! What passes between engine and store: what to read first, and what one batch commits.
//!
//! Plain values without a connection in them, so that a batch can be encoded, replayed and compared.

use crate::{FieldIx, Millis, ObjectIx, Record, RecordId, RowChange, Value};

/// Rows that a command needs before it can be decided.
#[derive(Clone, Debug, PartialEq)]
pub enum Need {
    /// One row, recycle bin included.
    Row(ObjectIx, RecordId),
    /// All rows of an object whose field equals the value (text without regard to case), recycle bin
    /// excluded. At most [`Need::MATCH_MAX`] rows are read.
    Match(ObjectIx, FieldIx, Value),
    /// A hidden note.
    Note(Space, String),
}

impl Need {
    /// More matches than this are an error of the caller, not a reason to read on.
    pub const MATCH_MAX: usize = 2_000;
}

/// The answer to one [`Need`].
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// For [`Need::Row`].
    Row(Option<Record>),
    /// For [`Need::Match`], ordered by id.
    Match(Vec<Record>),
    /// For [`Need::Note`].
    Note(Option<String>),
}

macro_rules! spaces {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)*) => {
        /// Hidden rows that no API shows, by purpose. Every piece of routing state that is no column
        /// of an sObject is a note, so that memory can be rebuilt from rows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Space { $($(#[$doc])* $variant,)* }

        impl Space {
            /// Every space.
            pub const ALL: &'static [Space] = &[$(Space::$variant,)*];

            /// The name in the store.
            pub fn as_str(self) -> &'static str {
                match self { $(Space::$variant => $text,)* }
            }
        }
    };
}

spaces! {
    /// Next number per key prefix, autonumbers included.
    Counter = "counter",
    /// Settings of the org (OmniChannelSettings and our own), by name.
    Setting = "setting",
    /// Password hashes, by user id.
    Credential = "credential",
    /// Connected apps, by client id.
    App = "app",
    /// Log-in sessions, by the hash of their token.
    Session = "session",
    /// Refresh tokens, by their hash.
    Refresh = "refresh",
    /// Replies by command id, kept 24 hours.
    Applied = "applied",
    /// Sessions tried in the current round, by request (R67).
    Tried = "tried",
    /// Omni-Channel session and last assignment, by user (R66, R87, R89).
    Agent = "agent",
    /// Items queued per minute (R161).
    Intake = "intake",
    /// Waits of accepted items (R186).
    Wait = "wait",
    /// What routing keeps per offer beyond the columns of AgentWork.
    Work = "work",
    /// What routing keeps per request beyond the columns of PendingServiceRouting.
    Request = "request",
    /// Times of an agent's last offers, by user, where a fair cap is set (routing-extensions.md).
    Recent = "recent",
    /// Who accepted work of a customer last, by customer, where agents are sticky.
    Customer = "customer",
    /// Whose room is kept, by the request that it is kept for.
    Room = "room",
    /// Token ids seen from telephony (telephony.md TEL4).
    Jti = "jti",
    /// Bulk jobs and their batches, by id; `chunk` and a batch id for how far its rows are.
    Job = "job",
    /// Anything else that must survive a restart.
    Other = "other",
}

/// One hidden row set (`Some`) or removed (`None`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Purpose.
    pub space: Space,
    /// Key within the space.
    pub key: String,
    /// The new value, usually JSON.
    pub value: Option<String>,
}

/// Everything that one batch makes durable, in one transaction.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CommitBatch {
    /// Number of the batch: one more than the one before.
    pub seq: u64,
    /// Engine time of the batch; never before the one before.
    pub now: Millis,
    /// Row changes, coalesced: at most one per row, in the order of first touch.
    pub rows: Vec<RowChange>,
    /// Hidden rows, at most one per key.
    pub notes: Vec<Note>,
}

/// What a store knows about the last commit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meta {
    /// [`CommitBatch::seq`] of the last commit; 0 for a fresh store.
    pub seq: u64,
    /// [`CommitBatch::now`] of the last commit.
    pub now: Millis,
}

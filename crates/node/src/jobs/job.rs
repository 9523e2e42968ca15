//! Jobs and batches, their states, and which state may follow which.

use model::{Millis, RecordId, Refusal};
use serde::{Deserialize, Serialize};

/// Which API a job belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum JobKind {
    /// Bulk 2.0: one upload.
    Ingest,
    /// Bulk 2.0: one query.
    Query,
    /// Bulk 1.0: batches of rows or of queries.
    Classic,
}

/// What is done with each row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Operation {
    Insert,
    Update,
    Upsert,
    Delete,
    HardDelete,
    Query,
    QueryAll,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 7] = [
        Self::Insert,
        Self::Update,
        Self::Upsert,
        Self::Delete,
        Self::HardDelete,
        Self::Query,
        Self::QueryAll,
    ];

    /// The platform's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Upsert => "upsert",
            Self::Delete => "delete",
            Self::HardDelete => "hardDelete",
            Self::Query => "query",
            Self::QueryAll => "queryAll",
        }
    }

    /// Reads the platform's word, in any case.
    pub fn parse(text: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|op| op.as_str().eq_ignore_ascii_case(text))
    }

    /// True for operations that read.
    pub fn is_query(self) -> bool {
        matches!(self, Self::Query | Self::QueryAll)
    }
}

/// State of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum JobState {
    Open,
    UploadComplete,
    InProgress,
    JobComplete,
    Closed,
    Aborted,
    Failed,
}

/// What happens to a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The client has sent all rows (2.0).
    Complete,
    /// The client sends no further batch (1.0).
    Close,
    /// The client gives up.
    Abort,
    /// The runner begins, or begins again after a restart.
    Start,
    /// The runner is through.
    Finish,
    /// The runner cannot go on.
    Fail,
}

impl JobState {
    /// The platform's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::UploadComplete => "UploadComplete",
            Self::InProgress => "InProgress",
            Self::JobComplete => "JobComplete",
            Self::Closed => "Closed",
            Self::Aborted => "Aborted",
            Self::Failed => "Failed",
        }
    }

    /// The state after `event`; `None` if it cannot happen now. A client may repeat its last wish.
    pub fn after(self, kind: JobKind, event: Event) -> Option<Self> {
        use Event as E;
        let is_classic = kind == JobKind::Classic;
        match (self, event) {
            (Self::Open, E::Complete) if kind == JobKind::Ingest => Some(Self::UploadComplete),
            (Self::UploadComplete, E::Complete) => Some(Self::UploadComplete),
            (Self::Open | Self::Closed, E::Close) if is_classic => Some(Self::Closed),
            (Self::Open | Self::UploadComplete | Self::InProgress | Self::Aborted, E::Abort) => {
                Some(Self::Aborted)
            }
            (Self::Closed, E::Abort) => Some(Self::Aborted),
            (Self::UploadComplete | Self::InProgress, E::Start) => Some(Self::InProgress),
            (Self::InProgress, E::Finish) => Some(Self::JobComplete),
            (Self::UploadComplete | Self::InProgress, E::Fail) => Some(Self::Failed),
            // batches of 1.0 have states of their own
            (Self::Open, E::Complete | E::Close | E::Start | E::Finish | E::Fail)
            | (Self::UploadComplete, E::Close | E::Finish)
            | (Self::InProgress, E::Complete | E::Close)
            | (Self::Closed, E::Complete | E::Close | E::Start | E::Finish | E::Fail)
            | (Self::Aborted, E::Complete | E::Close | E::Start | E::Finish | E::Fail)
            | (Self::JobComplete | Self::Failed, _) => None,
        }
    }

    /// True if nothing will happen any more by itself.
    pub fn is_final(self) -> bool {
        match self {
            Self::JobComplete | Self::Aborted | Self::Failed => true,
            Self::Open | Self::UploadComplete | Self::InProgress | Self::Closed => false,
        }
    }
}

/// State of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum BatchState {
    Queued,
    InProgress,
    Completed,
    Failed,
    NotProcessed,
}

impl BatchState {
    /// The platform's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::InProgress => "InProgress",
            Self::Completed => "Completed",
            Self::Failed => "Failed",
            Self::NotProcessed => "NotProcessed",
        }
    }

    /// True while there is something to do.
    pub fn is_waiting(self) -> bool {
        match self {
            Self::Queued | Self::InProgress => true,
            Self::Completed | Self::Failed | Self::NotProcessed => false,
        }
    }
}

/// A job as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// `750...`.
    pub id: RecordId,
    /// Which API.
    pub kind: JobKind,
    /// What to do.
    pub operation: Operation,
    /// API name of the object.
    pub object: String,
    /// Field that finds rows of an upsert.
    pub external_id: Option<String>,
    /// Text of a 2.0 query.
    pub query: Option<String>,
    /// How the rows are written (`CSV`), in the words of the porch.
    pub content_type: String,
    /// `LF` or `CRLF`.
    pub line_ending: String,
    /// `COMMA` and the like.
    pub column_delimiter: String,
    /// As the client asked; shown, not used.
    pub concurrency: String,
    /// API version of its creation.
    pub version: u32,
    /// Whose job it is.
    pub created_by: RecordId,
    /// When it was made.
    pub created: Millis,
    /// When its state changed last.
    pub modified: Millis,
    /// How far it is.
    pub state: JobState,
    /// Why it failed.
    pub error: Option<String>,
}

/// Rows that came at once, or one query.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    /// `751...`.
    pub id: RecordId,
    /// Its job.
    pub job: RecordId,
    /// How far it is.
    pub state: BatchState,
    /// Why it failed.
    pub message: Option<String>,
    /// When it came.
    pub created: Millis,
    /// When its state changed last.
    pub modified: Millis,
    /// Rows that are through, failed ones among them.
    pub processed: u64,
    /// Rows that were refused.
    pub failed: u64,
    /// Time spent on it.
    pub active_ms: u64,
}

impl Batch {
    /// Id of its only result (1.0 queries).
    pub fn result_id(&self) -> RecordId {
        RecordId::new(model::KeyPrefix::of("752"), self.id.number().unwrap_or(0))
    }
}

/// Why the porch is told no.
#[derive(Clone, Debug, PartialEq)]
pub enum JobError {
    /// No such job, or not the caller's.
    NotFound,
    /// The job's state does not allow it.
    State(String),
    /// No such object.
    Entity(String),
    /// The operation is not one for this job or object.
    Operation(String),
    /// What was sent cannot be read as it is.
    Input(String),
    /// Too many jobs, batches or rows.
    Quota(String),
    /// The file could not be written.
    Disk(String),
    /// Refused in the words of the platform.
    Refused(Refusal),
}

impl From<Refusal> for JobError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_goes_through_its_states_and_never_back() {
        use Event as E;
        let walk = |kind, events: &[Event]| {
            let step = |state: JobState, event: &Event| state.after(kind, *event);
            events.iter().try_fold(JobState::Open, step)
        };
        let whole = [E::Complete, E::Start, E::Start, E::Finish];
        assert_eq!(walk(JobKind::Ingest, &whole), Some(JobState::JobComplete));
        assert_eq!(
            walk(JobKind::Ingest, &[E::Abort, E::Abort]),
            Some(JobState::Aborted)
        );
        assert_eq!(walk(JobKind::Ingest, &[E::Abort, E::Complete]), None);
        assert_eq!(walk(JobKind::Ingest, &[E::Close]), None);
        assert_eq!(walk(JobKind::Classic, &[E::Complete]), None);
        assert_eq!(
            walk(JobKind::Classic, &[E::Close, E::Abort]),
            Some(JobState::Aborted)
        );
        assert_eq!(
            walk(JobKind::Ingest, &[E::Complete, E::Start, E::Fail, E::Abort]),
            None
        );
    }
}

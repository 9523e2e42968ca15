//! Bulk jobs: durable, run in the background, continued after a restart exactly where they stopped
//! (rest-api.md 8, 9).
//!
//! ```text
//! job       what a job and a batch are; their states and the arrows between them
//! book      all jobs of an org in memory, mirrored in hidden notes of Space::Job
//! files     one folder per batch: input, outcomes, rows of a query
//! format    what the porch knows and node does not: how rows look as text
//! load      a batch of rows on its way into the org, 200 at a time
//! parents   parents that a row names by an external id
//! extract   a query on its way into a file
//! runner    the thread that gives each running batch its turn
//! handle    what the porch may ask
//! ```
//!
//! Law: the commit that saves a chunk of rows also holds its number and results
//! ([`engine::Request::Chunk`]). The outcomes file gets them afterwards and is on disk before the next
//! chunk is handed in, so it is behind by one chunk at most; after a crash that chunk is handed in again
//! and answered from the note. Nothing is lost and nothing is saved twice.

mod book;
mod extract;
mod files;
mod format;
mod handle;
mod job;
mod load;
mod parents;
mod runner;

pub(crate) use book::Jobs;
pub use files::{Outcome, Outcomes, Page, ResultFiles};
pub use format::{Format, LoadParent, LoadRow, Rows};
pub use handle::{JobView, NewJob, Upload, UploadFile};
pub use job::{Batch, BatchState, Event, Job, JobError, JobKind, JobState, Operation};
pub(crate) use runner::serve;

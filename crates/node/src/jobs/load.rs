//! A batch of rows on its way into the org, 200 at a time.

use std::fs::File;

use engine::{Caller, Reply, Request, SaveOp, Saved, Submission};
use model::{Code, FieldIx, ObjectIx, RecordId, Refusal, Value};

use super::files::{OutcomeWriter, ResultFiles};
use super::format::{Format, LoadRow, Rows};
use super::job::{Job, Operation};
use super::parents::Parents;
use super::runner::{Progress, Turn};
use crate::handle::unavailable;
use crate::inbox::Lane;
use crate::org::OrgInner;

/// Rows of one commit.
pub(crate) const CHUNK: usize = 200;

/// A load between two chunks.
pub(super) struct Load {
    job: Job,
    batch: RecordId,
    object: ObjectIx,
    by: Option<FieldIx>,
    rows: Box<dyn Rows>,
    outcomes: OutcomeWriter,
    parents: Parents,
    /// Rows that were handed in and whose answer is not written yet.
    waiting: Option<Vec<SaveOp>>,
    /// The text cannot be read beyond the rows at hand.
    broken: Option<String>,
    is_read: bool,
}

/// Text for the owner of a job whose files cannot be used.
pub(super) fn unreadable(error: &std::io::Error) -> String {
    tracing::error!(%error, "the files of a bulk job cannot be used");
    "The files of the job cannot be read or written".to_owned()
}

impl Load {
    /// Opens a batch where it stopped.
    ///
    /// # Errors
    /// Why the batch fails.
    pub fn open(
        org: &OrgInner,
        format: &dyn Format,
        job: Job,
        batch: RecordId,
        files: &ResultFiles,
    ) -> Result<Self, String> {
        let (object, def) = org
            .catalogue
            .find(&job.object)
            .ok_or("the object is gone")?;
        let by = match &job.external_id {
            Some(name) => Some(def.field(name).ok_or("the external id field is gone")?),
            None => None,
        };
        let input = File::open(files.input()).map_err(|e| unreadable(&e))?;
        let outcomes = OutcomeWriter::open(&files.outcomes()).map_err(|e| unreadable(&e))?;
        let mut rows = format.rows(&job, &org.catalogue, input)?;
        for _ in 0..outcomes.survey().rows {
            rows.next()?;
        }
        Ok(Self {
            job,
            batch,
            object,
            by,
            rows,
            outcomes,
            parents: Parents::default(),
            waiting: None,
            broken: None,
            is_read: false,
        })
    }

    pub fn progress(&self) -> Progress {
        let at = self.outcomes.survey();
        Progress {
            processed: at.rows,
            failed: at.failed,
        }
    }

    /// Saves the next chunk.
    pub fn turn(&mut self, org: &OrgInner, caller: &Caller) -> Turn {
        let ops = match self.waiting.take() {
            Some(ops) => ops,
            None => match self.read(org, caller) {
                Ok(ops) => ops,
                Err(refusal) => return later(&refusal),
            },
        };
        if ops.is_empty() {
            return match self.broken.take() {
                Some(why) => Turn::Failed(why),
                None => Turn::Done,
            };
        }
        let number = self.outcomes.survey().chunk + 1;
        match save(org, caller, self.batch, number, ops.clone()) {
            Ok(results) => match self.outcomes.append(number, &results) {
                Ok(()) => Turn::More,
                Err(error) => {
                    // the commit stands; handed in again, the same chunk gets the same answer
                    tracing::error!(%error, "outcomes of a bulk job cannot be written; trying again");
                    self.waiting = Some(ops);
                    Turn::Later
                }
            },
            Err(refusal) => {
                self.waiting = Some(ops);
                later(&refusal)
            }
        }
    }

    /// The operations of the next rows; none at the end.
    fn read(&mut self, org: &OrgInner, caller: &Caller) -> Result<Vec<SaveOp>, Refusal> {
        let mut rows = Vec::with_capacity(CHUNK);
        while !self.is_read && rows.len() < CHUNK {
            match self.rows.next() {
                Ok(Some(row)) => rows.push(row),
                Ok(None) => self.is_read = true,
                Err(why) => {
                    self.broken = Some(why);
                    self.is_read = true;
                }
            }
        }
        self.parents.resolve(org, caller, self.object, &mut rows)?;
        Ok(rows.into_iter().map(|row| self.operation(row)).collect())
    }

    fn operation(&self, row: Result<LoadRow, Refusal>) -> SaveOp {
        let made = row.and_then(|row| self.wish(row));
        made.unwrap_or_else(SaveOp::Refused)
    }

    fn wish(&self, row: LoadRow) -> Result<SaveOp, Refusal> {
        let object = self.object;
        let LoadRow { mut values, id, .. } = row;
        let word = self.job.operation.as_str();
        let named = || {
            let message = format!("Id not specified in an {word} call");
            id.ok_or_else(|| Refusal::about(Code::MissingArgument, message, ["Id"]))
        };
        Ok(match self.job.operation {
            Operation::Insert if id.is_some() => {
                let message = "cannot specify Id in an insert call";
                return Err(Refusal::about(
                    Code::InvalidFieldForInsertUpdate,
                    message,
                    ["Id"],
                ));
            }
            Operation::Insert => SaveOp::Create { object, values },
            Operation::Update => SaveOp::Update {
                object,
                id: named()?,
                values,
            },
            Operation::Delete => SaveOp::Delete {
                object,
                id: named()?,
            },
            Operation::HardDelete => SaveOp::Erase {
                object,
                id: named()?,
            },
            Operation::Upsert => match (self.by.filter(|by| *by != FieldIx(0)), id) {
                (None, Some(id)) => SaveOp::Update { object, id, values },
                (None, None) => SaveOp::Create { object, values },
                (Some(by), _) => {
                    let key = take(&mut values, by);
                    SaveOp::Upsert {
                        object,
                        by,
                        key,
                        values,
                    }
                }
            },
            Operation::Query | Operation::QueryAll => {
                return Err(Refusal::new(
                    Code::InvalidOperation,
                    "a query has no rows to save",
                ));
            }
        })
    }
}

/// The value of the field that finds the row; null makes the engine refuse the row.
fn take(values: &mut Vec<(FieldIx, Value)>, field: FieldIx) -> Value {
    let at = values.iter().position(|(known, _)| *known == field);
    at.map_or(Value::Null, |at| values.remove(at).1)
}

fn later(refusal: &Refusal) -> Turn {
    match refusal.code {
        Code::ServerUnavailable => Turn::Later,
        _ => Turn::Failed(refusal.to_string()),
    }
}

fn save(
    org: &OrgInner,
    caller: &Caller,
    batch: RecordId,
    number: u64,
    ops: Vec<SaveOp>,
) -> Result<Vec<Result<Saved, Refusal>>, Refusal> {
    let request = Request::Chunk { batch, number, ops };
    let submission = Submission {
        caller: caller.clone(),
        command_id: None,
        request,
    };
    let answer = org.inbox.push(Lane::Bulk, submission)?;
    match answer
        .blocking_recv()
        .unwrap_or_else(|_| Err(unavailable()))?
    {
        Reply::Saved(results) => Ok(results),
        _ => Err(Refusal::new(
            Code::UnknownException,
            "the rows got an answer that is none of theirs",
        )),
    }
}

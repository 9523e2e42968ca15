//! Results out of files, block by block: memory does not grow with the job.

use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom};

use axum::body::Body;
use axum::http::Response;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use bytes::Bytes;
use model::{Code, Refusal};
use node::jobs::{Job, Outcome, Page, ResultFiles};
use tokio::sync::mpsc;
use wire::bulk::results::{self, FAILED, Notation, SUCCESSFUL};

use super::text::{Records, dialect, notation};
use super::{CSV, Problem};
use crate::answer::Answer;

/// Bytes of a block.
const BLOCK: usize = 64 * 1024;
/// Blocks that wait to be sent.
const BLOCKS_MAX: usize = 4;

/// Which rows of a load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Saved.
    Successful,
    /// Refused.
    Failed,
    /// Not reached.
    Unprocessed,
}

/// The answer to files that cannot be read.
pub fn unreadable(error: &io::Error) -> Problem {
    tracing::error!(%error, "the results of a bulk job cannot be read");
    Refusal::new(Code::UnknownException, "An unexpected error occurred").into()
}

/// Where a thread puts what it writes.
struct Pipe {
    to: mpsc::Sender<io::Result<Bytes>>,
    block: Vec<u8>,
}

impl Pipe {
    /// Sends what is there if it is enough; an error if nobody reads any more.
    fn flow(&mut self) -> io::Result<()> {
        if self.block.len() < BLOCK {
            Ok(())
        } else {
            self.flush()
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        let block = std::mem::replace(&mut self.block, Vec::with_capacity(BLOCK + 4_096));
        let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        self.to.blocking_send(Ok(Bytes::from(block))).map_err(gone)
    }
}

/// A response whose body a thread writes.
fn streamed(
    kind: &'static str,
    write: impl FnOnce(&mut Pipe) -> io::Result<()> + Send + 'static,
) -> Response<Body> {
    let (to, blocks) = mpsc::channel(BLOCKS_MAX);
    tokio::task::spawn_blocking(move || {
        let mut pipe = Pipe {
            to,
            block: Vec::with_capacity(BLOCK + 4_096),
        };
        if let Err(error) = write(&mut pipe).and_then(|()| pipe.flush())
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            tracing::error!(%error, "the results of a bulk job cannot be read");
            let _ = pipe.to.blocking_send(Err(error)); // cuts the answer, so that nobody takes it for whole
        }
    });
    let next = |mut blocks: mpsc::Receiver<io::Result<Bytes>>| async move {
        let block = blocks.recv().await?;
        Some((block, blocks))
    };
    let mut response = Response::new(Body::from_stream(futures_util::stream::unfold(
        blocks, next,
    )));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// The rows of a 2.0 load with what became of them.
pub fn rows_of(job: &Job, files: Option<ResultFiles>, which: Which) -> Answer {
    let job = job.clone();
    let response = streamed(CSV, move |pipe| {
        write_rows(&job, files.as_ref(), which, pipe)
    });
    Answer::Raw(Box::new(response))
}

fn write_rows(
    job: &Job,
    files: Option<&ResultFiles>,
    which: Which,
    pipe: &mut Pipe,
) -> io::Result<()> {
    let dialect = dialect(job);
    let input = match files.map(|f| File::open(f.input())) {
        Some(Ok(input)) => Some(input),
        Some(Err(error)) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Some(Err(_)) | None => None,
    };
    let mut records = input.map(|input| Records::new(input, dialect));
    let header = records
        .as_mut()
        .and_then(|r| r.next().ok().flatten())
        .cloned()
        .unwrap_or_default();
    let width = header.cells().len();
    match which {
        Which::Successful => results::header(dialect, SUCCESSFUL, header.cells(), &mut pipe.block),
        Which::Failed => results::header(dialect, FAILED, header.cells(), &mut pipe.block),
        Which::Unprocessed if width > 0 => dialect.write(header.cells(), &mut pipe.block),
        Which::Unprocessed => {}
    }
    let (Some(mut records), Some(files)) = (records, files) else {
        return Ok(());
    };
    for outcome in files.read_outcomes()? {
        let outcome = outcome?;
        let Ok(Some(record)) = records.next() else {
            break;
        };
        let is_wanted = match outcome {
            Outcome::Saved(_) => which == Which::Successful,
            Outcome::Failed(..) => which == Which::Failed,
        };
        if is_wanted {
            results::row(
                dialect,
                &result(&outcome),
                record.cells(),
                width,
                &mut pipe.block,
            );
            pipe.flow()?;
        }
    }
    if which == Which::Unprocessed {
        // text that cannot be read any further ends the list
        while let Ok(Some(record)) = records.next() {
            dialect.write(record.cells(), &mut pipe.block);
            pipe.flow()?;
        }
    }
    Ok(())
}

fn result(outcome: &Outcome) -> results::Result<'_> {
    match outcome {
        Outcome::Saved(saved) => results::Result::Saved {
            id: saved.id,
            created: saved.created,
        },
        Outcome::Failed(code, message, fields) => results::Result::Failed {
            code,
            message,
            fields,
        },
    }
}

/// The results of a 1.0 batch.
pub fn outcomes_of(job: &Job, files: ResultFiles) -> Answer {
    let notation = notation(job);
    let response = streamed(kind_of(notation), move |pipe| {
        results::open(notation, &mut pipe.block);
        for (at, outcome) in files.read_outcomes()?.enumerate() {
            results::classic(notation, &result(&outcome?), at == 0, &mut pipe.block);
            pipe.flow()?;
        }
        results::close(notation, &mut pipe.block);
        Ok(())
    });
    Answer::Raw(Box::new(response))
}

/// Content type of a notation in 1.0: exactly these (rest-api.md 9).
pub fn kind_of(notation: Notation) -> &'static str {
    match notation {
        Notation::Csv => "text/csv",
        Notation::Json => "application/json",
        Notation::Xml => "application/xml",
    }
}

/// A whole file.
pub fn file(file: File, kind: &'static str) -> Response<Body> {
    streamed(kind, move |pipe| copy(file, pipe))
}

/// A page of a 2.0 query.
pub fn page(page: Page, kind: &'static str) -> Response<Body> {
    streamed(kind, move |pipe| {
        let Page {
            mut file,
            header,
            start,
            end,
            ..
        } = page;
        file.seek(SeekFrom::Start(0))?;
        copy((&mut file).take(header), pipe)?;
        file.seek(SeekFrom::Start(start))?;
        copy(file.take(end.saturating_sub(start)), pipe)
    })
}

fn copy(mut from: impl Read, pipe: &mut Pipe) -> io::Result<()> {
    let mut block = vec![0; BLOCK];
    loop {
        let read = from.read(&mut block)?;
        if read == 0 {
            return Ok(());
        }
        pipe.block
            .extend_from_slice(block.get(..read).unwrap_or_default());
        pipe.flow()?;
    }
}

//! A body into a file, part by part: memory does not grow with the upload.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use axum::body::{Body, HttpBody as _};
use bytes::Bytes;
use flate2::write::MultiGzDecoder;
use http_body_util::BodyExt as _;
use model::{Code, Refusal};
use node::jobs::{JobError, Upload};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::Problem;
use crate::body::{self, broken, deadline, too_large, too_slow};
use crate::call::Call;

/// Parts that wait to be written.
const PARTS_MAX: usize = 8;

/// Takes at most so many bytes.
struct Bounded<W> {
    inner: W,
    left: u64,
}

/// What a [`Bounded`] says when it is full.
const FULL: &str = "the unpacked body is too large";

impl<W: Write> Write for Bounded<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let size = bytes.len() as u64;
        self.left = self
            .left
            .checked_sub(size)
            .ok_or_else(|| io::Error::other(FULL))?;
        self.inner.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Writes the body of a call into the file of an upload.
///
/// # Errors
/// Not CSV (415), too large (413), too slow (408), broken (400), a disk that does not take it (503).
pub async fn receive(call: &Call, upload: Upload) -> Result<Upload, Problem> {
    let mut stream = std::mem::take(&mut *call.stream.lock());
    match taken(call, &mut stream, upload).await {
        Ok(upload) => Ok(upload),
        Err(problem) => {
            body::drain(&mut stream).await;
            Err(problem)
        }
    }
}

async fn taken(call: &Call, stream: &mut Body, upload: Upload) -> Result<Upload, Problem> {
    let unsupported = |what: &str| {
        let message = format!("The {what} of the request is not supported by this resource");
        Refusal::new(Code::UnsupportedMediaType, message)
    };
    let kind = body::media_type(&call.parts.headers);
    if kind.is_some_and(|kind| {
        kind != "text/csv" && kind != "application/csv" && kind != "application/octet-stream"
    }) {
        return Err(unsupported("Content-Type").into());
    }
    let is_packed = match call.header("content-encoding").map(str::trim) {
        None | Some("" | "identity") => false,
        Some(coding) if coding.eq_ignore_ascii_case("gzip") => true,
        Some(_) => return Err(unsupported("Content-Encoding").into()),
    };
    let max = call.route.body_max as u64;
    let (sender, parts) = mpsc::channel(PARTS_MAX);
    let writing = tokio::task::spawn_blocking(move || {
        let file = upload.create()?;
        write(file, parts, is_packed, max)?;
        Ok::<Upload, io::Error>(upload)
    });
    let sent = send(call, stream, sender).await;
    let written = writing.await.unwrap_or_else(|e| Err(io::Error::other(e)));
    sent?;
    written.map_err(|error| match error.kind() {
        io::ErrorKind::Other if error.to_string() == FULL => too_large(call.route.body_max).into(),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
            broken("it cannot be unpacked").into()
        }
        _ => unwritable(&error),
    })
}

/// Writes what is in memory already.
///
/// # Errors
/// A disk that does not take it (503).
pub async fn write_all(upload: Upload, text: Vec<u8>) -> Result<Upload, Problem> {
    let writing = tokio::task::spawn_blocking(move || {
        upload.create()?.write_all(&text)?;
        Ok(upload)
    });
    let written = writing.await.unwrap_or_else(|e| Err(io::Error::other(e)));
    written.map_err(|error| unwritable(&error))
}

fn unwritable(error: &io::Error) -> Problem {
    tracing::error!(%error, "an upload cannot be written");
    JobError::Disk("The rows could not be stored".to_owned()).into()
}

/// Hands the parts of the body over; stops early if the writer has stopped.
async fn send(call: &Call, stream: &mut Body, to: mpsc::Sender<Bytes>) -> Result<(), Problem> {
    let start = Instant::now();
    let mut size = 0;
    while !stream.is_end_stream() {
        let until = deadline(start, size, &call.porch.options);
        let frame = timeout_at(until, stream.frame())
            .await
            .map_err(|_| too_slow())?;
        let Some(frame) = frame else { break };
        let Ok(data) = frame.map_err(|e| broken(&e.to_string()))?.into_data() else {
            continue;
        };
        size += data.len();
        if size > call.route.body_max {
            return Err(too_large(call.route.body_max).into());
        }
        if to.send(data).await.is_err() {
            break;
        }
    }
    Ok(())
}

fn write(
    file: File,
    mut parts: mpsc::Receiver<Bytes>,
    is_packed: bool,
    max: u64,
) -> io::Result<()> {
    let mut out = Bounded {
        inner: BufWriter::new(file),
        left: max,
    };
    if !is_packed {
        while let Some(part) = parts.blocking_recv() {
            out.write_all(&part)?;
        }
        return out.flush();
    }
    let mut unpacker = MultiGzDecoder::new(out);
    while let Some(part) = parts.blocking_recv() {
        unpacker.write_all(&part)?;
    }
    unpacker.finish()?.flush()
}

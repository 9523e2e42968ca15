//! The thread that gives each running batch its turn: one chunk of one batch, then the next batch, so that
//! a small job does not wait for a large one.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use model::{Note, RecordId};

use super::book::{Book, of_batch, of_job, without_chunk};
use super::extract::Extract;
use super::format::Format;
use super::job::{BatchState, Event, Job, JobKind, JobState};
use super::load::Load;
use crate::org::OrgInner;

/// Batches that run side by side.
const RUNNING_MAX: usize = 4;
/// Without news the runner looks again so often.
const NAP: Duration = Duration::from_secs(1);
/// Between two attempts of a turn that could not be taken.
const RETRY: Duration = Duration::from_millis(50);
/// Between two walks over old jobs.
const SWEEP: Duration = Duration::from_secs(600);

/// What a turn led to.
pub(super) enum Turn {
    /// There is more.
    More,
    /// The org was busy: the same again.
    Later,
    /// All rows are through.
    Done,
    /// The batch cannot go on, and why.
    Failed(String),
}

/// How far a batch is.
#[derive(Clone, Copy)]
pub(super) struct Progress {
    pub processed: u64,
    pub failed: u64,
}

enum Work {
    Load(Box<Load>),
    Extract(Box<Extract>),
}

struct Running {
    job: Job,
    batch: RecordId,
    work: Work,
}

/// Works until the org's inbox stops.
pub(crate) fn serve(org: &Arc<OrgInner>) {
    org.jobs.is_run_by(std::thread::current());
    let mut running: Vec<Running> = Vec::new();
    let mut swept: Option<Instant> = None;
    while !org.inbox.is_stopping() {
        let Some(format) = org.jobs.format.get() else {
            std::thread::park_timeout(NAP);
            continue;
        };
        if swept.is_none_or(|at| at.elapsed() > SWEEP) {
            sweep(org);
            swept = Some(Instant::now());
        }
        while running.len() < RUNNING_MAX {
            let Some((job, batch)) = next(org, &running) else {
                break;
            };
            running.extend(start(org, format, job, batch));
        }
        let was_busy = take_turns(org, &mut running);
        if running.is_empty() {
            std::thread::park_timeout(NAP);
        } else if was_busy {
            std::thread::park_timeout(RETRY);
        }
    }
}

/// The oldest batch that waits and does not run.
fn next(org: &OrgInner, running: &[Running]) -> Option<(Job, RecordId)> {
    let book = org.jobs.lock();
    let runs = |id: RecordId| running.iter().any(|r| r.batch == id);
    let entries = book.entries.values().filter(|e| e.is_running());
    let waiting = entries.flat_map(|e| e.batches.iter().map(move |b| (e, b)));
    let first = waiting
        .filter(|(_, b)| b.state.is_waiting() && !runs(b.id))
        .min_by_key(|(_, b)| b.id);
    first.map(|(e, b)| (e.job.clone(), b.id))
}

/// Opens a batch; `None` if it failed at once or its job is gone.
fn start(org: &OrgInner, format: &Arc<dyn Format>, job: Job, batch: RecordId) -> Option<Running> {
    if !is_started(org, &job, batch) {
        return None;
    }
    let work = guarded(|| open(org, format, &job, batch)).and_then(|work| work);
    match work {
        Ok(work) => {
            let one = Running { job, batch, work };
            note_progress(org, &one, Duration::ZERO);
            Some(one)
        }
        Err(why) => {
            end(org, &job, batch, Some(why));
            None
        }
    }
}

fn open(
    org: &OrgInner,
    format: &Arc<dyn Format>,
    job: &Job,
    batch: RecordId,
) -> Result<Work, String> {
    let files = org.jobs.files(batch);
    let caller = caller(org, job)?;
    if job.operation.is_query() {
        let extract = Extract::open(org, &caller, Arc::clone(format), job.clone(), &files)?;
        return Ok(Work::Extract(Box::new(extract)));
    }
    let load = Load::open(org, &**format, job.clone(), batch, &files)?;
    Ok(Work::Load(Box::new(load)))
}

fn caller(org: &OrgInner, job: &Job) -> Result<engine::Caller, String> {
    let directory = org.directory();
    let is_active = directory
        .users
        .get(&job.created_by)
        .is_some_and(|u| u.is_active);
    let caller = org.caller_of(job.created_by).filter(|_| is_active);
    let caller = caller.ok_or("The user who created the job is not active any more")?;
    Ok(engine::Caller {
        version: job.version,
        ..caller
    })
}

/// Says in memory and store that the batch runs.
fn is_started(org: &OrgInner, job: &Job, batch: RecordId) -> bool {
    let stored = {
        let mut book = org.jobs.lock();
        let now = org.now();
        let Ok(entry) = book.entry(job.id) else {
            return false;
        };
        if !entry.is_running() {
            return false;
        }
        let mut notes = match job.kind {
            JobKind::Classic => Vec::new(),
            JobKind::Ingest | JobKind::Query => entry.apply(Event::Start, now).unwrap_or_default(),
        };
        let Some(batch) = entry.batch(batch) else {
            return false;
        };
        batch.state = BatchState::InProgress;
        batch.modified = now;
        notes.push(of_batch(batch));
        org.store_notes(&book, notes)
    };
    if let Err(error) = stored.wait() {
        // after a restart the batch is queued again and goes on where its outcomes end
        tracing::warn!(%error, "the start of a bulk batch was not stored");
    }
    true
}

/// One turn for each; true if the org was too busy for one of them.
fn take_turns(org: &OrgInner, running: &mut Vec<Running>) -> bool {
    let mut was_busy = false;
    running.retain_mut(|one| {
        if org.inbox.is_stopping() || !is_wanted(org, one) {
            return false;
        }
        let begun = Instant::now();
        let turn = guarded(|| turn(org, one)).unwrap_or_else(Turn::Failed);
        note_progress(org, one, begun.elapsed());
        match turn {
            Turn::More => true,
            Turn::Later => {
                was_busy = true;
                true
            }
            Turn::Done => {
                end(org, &one.job, one.batch, None);
                false
            }
            Turn::Failed(why) => {
                end(org, &one.job, one.batch, Some(why));
                false
            }
        }
    });
    was_busy
}

fn turn(org: &OrgInner, one: &mut Running) -> Turn {
    match (&mut one.work, caller(org, &one.job)) {
        (_, Err(why)) => Turn::Failed(why),
        (Work::Load(load), Ok(caller)) => load.turn(org, &caller),
        (Work::Extract(extract), Ok(_)) => extract.turn(org),
    }
}

/// A mistake of ours in one batch must not stop all others.
fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| {
        tracing::error!("a bulk batch panicked and is given up");
        "An unexpected error occurred".to_owned()
    })
}

/// False if the job was aborted or deleted meanwhile.
fn is_wanted(org: &OrgInner, one: &Running) -> bool {
    let mut book = org.jobs.lock();
    book.entry(one.job.id).is_ok_and(|entry| entry.is_running())
}

fn note_progress(org: &OrgInner, one: &Running, spent: Duration) {
    let at = match &one.work {
        Work::Load(load) => load.progress(),
        Work::Extract(extract) => extract.progress(),
    };
    let mut book = org.jobs.lock();
    let Ok(entry) = book.entry(one.job.id) else {
        return;
    };
    let Some(batch) = entry.batch(one.batch) else {
        return;
    };
    batch.processed = at.processed;
    batch.failed = at.failed;
    batch.active_ms += u64::try_from(spent.as_millis()).unwrap_or(0);
    let aborted =
        (entry.job.state == JobState::Aborted).then(|| entry.batch(one.batch).map(|b| of_batch(b)));
    if let Some(Some(note)) = aborted {
        // the last chunk of an aborted job counts too
        drop(org.store_notes(&book, vec![note]));
    }
}

/// Says in memory and store that the batch is through or failed.
fn end(org: &OrgInner, job: &Job, batch: RecordId, failure: Option<String>) {
    loop {
        let stored = {
            let mut book = org.jobs.lock();
            match ending(org, &mut book, job, batch, failure.as_deref()) {
                Some(notes) => org.store_notes(&book, notes),
                None => return,
            }
        };
        match stored.wait() {
            Ok(()) => return,
            // after a restart the batch runs again, finds nothing left to do and ends
            Err(_) if org.inbox.is_stopping() => return,
            Err(_) => std::thread::park_timeout(RETRY),
        }
    }
}

fn ending(
    org: &OrgInner,
    book: &mut Book,
    job: &Job,
    batch: RecordId,
    failure: Option<&str>,
) -> Option<Vec<Note>> {
    let now = org.now();
    let entry = book.entry(job.id).ok()?;
    if job.kind != JobKind::Classic {
        let event = if failure.is_some() {
            Event::Fail
        } else {
            Event::Finish
        };
        drop(entry.apply(event, now)); // aborted meanwhile, or a repeated attempt to store
        if entry.job.state == JobState::Failed {
            entry.job.error = failure.map(str::to_owned);
        }
    }
    let one = entry.batch(batch)?;
    if one.state.is_waiting() {
        one.state = if failure.is_some() {
            BatchState::Failed
        } else {
            BatchState::Completed
        };
        one.message = failure.map(str::to_owned);
        one.modified = now;
    }
    let mut notes = vec![of_batch(one), without_chunk(batch)];
    notes.push(of_job(&entry.job));
    Some(notes)
}

/// Forgets jobs of long ago.
fn sweep(org: &OrgInner) {
    let outdated = org.jobs.lock().outdated(org.now());
    for job in outdated {
        let (batches, stored) = {
            let mut book = org.jobs.lock();
            let (batches, notes) = book.forget(job);
            (batches, org.store_notes(&book, notes))
        };
        if stored.wait().is_err() {
            return; // they are read again at the next start
        }
        for batch in batches {
            if let Err(error) = org.jobs.files(batch).remove() {
                tracing::warn!(%error, "files of an old job stay until the next start");
            }
        }
    }
}

//! The writer thread: take what is ready, run the batch, answer, publish. Wakes for commands, looks,
//! deadlines and the end, and for nothing else.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use engine::Submission;
use tokio::sync::oneshot;

use crate::handle::unavailable;
use crate::inbox::{Answer, Envelope};
use crate::login::SPACES;
use crate::measures;
use crate::org::OrgInner;
use crate::writer::{Done, Poisoned, StartError, Writer};

/// Between two attempts to rebuild, at first and at most.
const RETRY: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));
/// A deadline that is due at once still leaves this much time between two empty batches.
const PAUSE_MIN: Duration = Duration::from_millis(1);

type Waiting = Vec<Option<oneshot::Sender<Answer>>>;

/// However the writer ends, callers and consoles that still wait hear of it.
struct Farewell<'a>(&'a OrgInner);

impl Drop for Farewell<'_> {
    fn drop(&mut self) {
        self.0.is_ready.store(false, Ordering::Relaxed);
        self.0.inbox.close();
        self.0.hub.close();
    }
}

/// Serves the org until its inbox is stopped and empty.
pub(crate) fn serve(mut writer: Writer, org: &Arc<OrgInner>) {
    let _farewell = Farewell(org);
    publish_directory(&writer, org);
    org.is_ready.store(true, Ordering::Relaxed);
    loop {
        let wake = org
            .inbox
            .wait(patience(&writer, org), org.options.batch_max);
        for look in wake.looks {
            if catch_unwind(AssertUnwindSafe(|| look(writer.engine()))).is_err() {
                tracing::error!("a look at the engine failed");
            }
        }
        let is_due = writer.next_deadline().is_some_and(|due| due <= org.now());
        if wake.envelopes.is_empty() && wake.stopping {
            return;
        }
        if (is_due || !wake.envelopes.is_empty()) && !step(&mut writer, org, wake.envelopes) {
            return;
        }
    }
}

/// How long to wait for commands.
fn patience(writer: &Writer, org: &OrgInner) -> Option<Duration> {
    let due = writer.next_deadline()?;
    let left = due.0.saturating_sub(org.now().0);
    Some(Duration::from_millis(u64::try_from(left).unwrap_or(0)).max(PAUSE_MIN))
}

/// Runs one batch; false if the org must not go on.
fn step(writer: &mut Writer, org: &Arc<OrgInner>, envelopes: Vec<Envelope>) -> bool {
    let (batch, waiting): (Vec<Submission>, Waiting) = split(envelopes);
    let start = Instant::now();
    let now = org.now();
    let run = catch_unwind(AssertUnwindSafe(|| writer.run_batch(&batch, now)));
    match run {
        Ok(Ok(done)) => {
            measures::batch(&batch, &done, start.elapsed());
            finish(writer, org, done, waiting);
            true
        }
        Ok(Err(poisoned)) => {
            tracing::error!(%poisoned, commands = batch.len(), "batch failed; rebuilding from the store");
            give_up(&batch, org, waiting);
            rebuild(writer, org, &poisoned)
        }
        Err(_) => {
            tracing::error!(
                commands = batch.len(),
                "batch panicked; rebuilding from the store"
            );
            give_up(&batch, org, waiting);
            rebuild(writer, org, &Poisoned::TooManyRounds)
        }
    }
}

fn split(envelopes: Vec<Envelope>) -> (Vec<Submission>, Waiting) {
    envelopes
        .into_iter()
        .map(|e| (e.submission, e.reply))
        .unzip()
}

fn finish(writer: &Writer, org: &OrgInner, done: Done, waiting: Waiting) {
    done.notes
        .iter()
        .filter(|n| SPACES.contains(&n.space))
        .for_each(|n| org.login.apply(n));
    publish_directory(writer, org);
    let answers = waiting.into_iter().zip(done.replies);
    org.answers.deliver(
        answers
            .filter_map(|(caller, reply)| Some((caller?, reply)))
            .collect(),
    );
    org.hub.publish(done.events);
}

fn give_up(batch: &[Submission], org: &OrgInner, waiting: Waiting) {
    measures::failed(batch);
    org.answers.deliver(
        waiting
            .into_iter()
            .flatten()
            .map(|caller| (caller, Err(unavailable())))
            .collect(),
    );
}

/// Rebuilds until it works; false if another process owns the store now or the org is stopping.
fn rebuild(writer: &mut Writer, org: &OrgInner, cause: &Poisoned) -> bool {
    org.is_ready.store(false, Ordering::Relaxed);
    if let Poisoned::Commit(store::CommitError::Fenced { .. }) = cause {
        tracing::error!("another process writes to this store; this one stops serving the org");
        org.inbox.stop();
        return false;
    }
    let mut pause = RETRY.0;
    while let Err(error) = recover(writer, org) {
        tracing::error!(%error, "cannot rebuild from the store; trying again");
        if org.inbox.is_stopping() {
            return false;
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(RETRY.1);
    }
    publish_directory(writer, org);
    org.hub.cut(); // the failed batch may have landed, its events were never told
    org.is_ready.store(true, Ordering::Relaxed);
    true
}

fn recover(writer: &mut Writer, org: &OrgInner) -> Result<(), StartError> {
    writer.recover()?;
    mirror_login(writer, org)
}

/// Reads the log-in notes from the store.
pub(crate) fn mirror_login(writer: &Writer, org: &OrgInner) -> Result<(), StartError> {
    for space in SPACES {
        let rows = writer.notes(space)?;
        org.login.replace(space, &rows);
    }
    Ok(())
}

fn publish_directory(writer: &Writer, org: &OrgInner) {
    let fresh = writer.engine().directory();
    if !Arc::ptr_eq(&fresh, &org.directory.read()) {
        *org.directory.write() = fresh;
    }
}

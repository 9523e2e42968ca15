//! Metrics under the names that ARCHITECTURE section 10 promises.

use std::time::Duration;

use engine::{EventKind, Reply, Request, Submission};
use metrics::{counter, gauge, histogram};
use model::Refusal;

use crate::org::OrgInner;
use crate::writer::Done;

const KINDS: [&str; 5] = ["save", "presence", "work", "call", "notes"];

fn kind(request: &Request) -> usize {
    match request {
        Request::Save { .. } => 0,
        Request::Presence(_) => 1,
        Request::Work { .. } => 2,
        Request::Call(_) => 3,
        Request::Notes(_) => 4,
    }
}

/// Counts a batch that was committed.
pub(crate) fn batch(batch: &[Submission], done: &Done, whole: Duration) {
    if let Some(commit) = done.commit {
        histogram!("trunkline_commit_seconds").record(commit);
    }
    if batch.is_empty() {
        return;
    }
    histogram!("trunkline_batch_commands").record(batch.len() as f64);
    histogram!("trunkline_batch_seconds").record(whole);
    let is_refused = |reply: &Result<Reply, Refusal>| reply.is_err();
    let mut counts = [[0_u64; 2]; KINDS.len()];
    for (submission, reply) in batch.iter().zip(&done.replies) {
        counts[kind(&submission.request)][usize::from(is_refused(reply))] += 1;
    }
    for (kind, [accepted, refused]) in KINDS.iter().zip(counts) {
        count(kind, "done", accepted);
        count(kind, "refused", refused);
    }
    for event in &done.events {
        if let EventKind::WorkAssigned(work) = &event.kind {
            let waited_ms = work.assigned_at.0 - work.requested_at.0;
            histogram!("trunkline_offer_seconds").record(waited_ms as f64 / 1_000.0);
        }
    }
}

/// Counts a batch whose outcome is unknown.
pub(crate) fn failed(batch: &[Submission]) {
    for submission in batch {
        count(KINDS[kind(&submission.request)], "failed", 1);
    }
}

fn count(kind: &'static str, outcome: &'static str, by: u64) {
    if by > 0 {
        counter!("trunkline_commands_total", "kind" => kind, "outcome" => outcome).increment(by);
    }
}

impl OrgInner {
    /// Writes the gauges of the moment.
    pub async fn measure(&self) {
        gauge!("trunkline_inbox_depth").set(self.inbox.depth() as f64);
        gauge!("trunkline_stream_clients").set(f64::from(self.registry.open()));
    }
}

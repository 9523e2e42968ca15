//! Metrics under the names that ARCHITECTURE section 10 promises.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use engine::{Directory, Engine, EventKind, Reply, Request, Submission};
use metrics::{counter, gauge, histogram};
use model::{Millis, RecordId, Refusal};

use crate::org::OrgInner;
use crate::writer::Done;

const KINDS: [&str; 8] = [
    "save",
    "presence",
    "work",
    "call",
    "notes",
    "bulk",
    "supervise",
    "settings",
];

fn kind(request: &Request) -> usize {
    match request {
        Request::Save { .. } => 0,
        Request::Presence(_) => 1,
        Request::Work { .. } => 2,
        Request::Call(_) => 3,
        Request::Notes(_) | Request::Audited { .. } => 4,
        Request::Chunk { .. } => 5,
        Request::Supervise(_) => 6,
        Request::Settings(_) => 7,
    }
}

/// Counts a batch that was committed.
pub(crate) fn batch(batch: &[Submission], done: &Done, whole: Duration) {
    histogram!("trunkline_commit_seconds").record(done.commit);
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

/// What the engine knows at a scrape.
struct Moment {
    queues: Vec<(RecordId, u64, f64)>,
    agents: BTreeMap<String, u64>,
}

impl OrgInner {
    /// Writes the gauges of the moment.
    pub async fn measure(&self) {
        gauge!("trunkline_inbox_depth").set(self.inbox.depth() as f64);
        let offset_s = self.clock.offset_ms() as f64 / 1_000.0;
        gauge!("trunkline_clock_offset_seconds", "org" => self.name.clone()).set(offset_s);
        gauge!("trunkline_stream_clients").set(f64::from(self.registry.open()));
        let (sender, moment) = tokio::sync::oneshot::channel();
        let directory = self.directory();
        let now = self.now();
        let look =
            Box::new(move |engine: &Engine| drop(sender.send(look(engine, &directory, now))));
        if self.inbox.push_look(look).is_err() {
            return; // too busy to be measured; the depth of the inbox says so
        }
        if let Ok(moment) = moment.await {
            self.write(moment).await;
        }
    }

    async fn write(&self, moment: Moment) {
        for (queue, waiting, oldest_s) in moment.queues {
            let queue = self.name_of_group(queue).await;
            gauge!("trunkline_pending_work", "queue" => queue.clone()).set(waiting as f64);
            gauge!("trunkline_oldest_wait_seconds", "queue" => queue).set(oldest_s);
        }
        let mut seen = self.statuses_seen.lock();
        seen.extend(moment.agents.keys().cloned());
        for status in seen.iter() {
            let number = moment.agents.get(status).copied().unwrap_or(0);
            gauge!("trunkline_agents", "status" => status.clone()).set(number as f64);
        }
    }

    /// A queue's developer name; its id if it cannot be read.
    async fn name_of_group(&self, group: RecordId) -> String {
        let find = self.catalogue.find("Group");
        let Some((object, field)) =
            find.and_then(|(ix, def)| Some((ix, def.field("DeveloperName")?)))
        else {
            return group.to_string();
        };
        let read = move |reader: &mut store::Reader| Ok(reader.get(object, group).ok().flatten());
        let record = self.readers.run(read).await.ok().flatten();
        let name = record.and_then(|r| r.get(field).as_text().map(str::to_owned));
        name.unwrap_or_else(|| group.to_string())
    }
}

fn look(engine: &Engine, directory: &Directory, now: Millis) -> Moment {
    let queues: BTreeSet<RecordId> = directory
        .users
        .values()
        .flat_map(|u| u.queues.iter().copied())
        .collect();
    let figures = |queue: RecordId| {
        let stats = engine.queue_stats(queue);
        let since = stats.first_since.map_or(0, |since| now.0 - since.0);
        (queue, stats.waiting, since.max(0) as f64 / 1_000.0)
    };
    let mut agents = BTreeMap::new();
    for user in directory.users.keys() {
        if let Some(presence) = engine.presence_of(*user) {
            *agents.entry(presence.status_name).or_default() += 1;
        }
    }
    Moment {
        queues: queues.into_iter().map(figures).collect(),
        agents,
    }
}

//! What the agent interface shows, answered from memory.

use model::{Record, RecordId, Value};
use routing::{Signal, SignalKind, Status};

use crate::engine::Engine;
use crate::request::{
    CapacityView, ConfigurationView, Event, EventKind, Gone, PresenceView, StatusView, WorkView,
};

impl Engine {
    /// Offers and open work of a user, oldest first.
    pub fn works_of(&self, user: RecordId) -> Vec<WorkView> {
        self.routing
            .works_of(user)
            .into_iter()
            .map(|work| self.work_view(work))
            .collect()
    }

    /// The current presence of a user; `None` when logged out.
    pub fn presence_of(&self, user: RecordId) -> Option<PresenceView> {
        let presence = self.routing.presence_of(user)?;
        Some(self.presence_view(presence.status, presence.since, presence.next))
    }

    /// Capacity of a user in units; what is configured even when logged out.
    pub fn capacity_of(&self, user: RecordId) -> CapacityView {
        match self.routing.capacity_of(user) {
            Some(capacity) => capacity_view(&capacity),
            None => self.configured_capacity(user),
        }
    }

    fn configured_capacity(&self, user: RecordId) -> CapacityView {
        let k = &self.known.presence_config;
        let Some(row) = self.config_of(user) else {
            return CapacityView::default();
        };
        let configured = row.get(k.capacity).as_double().unwrap_or(0.0);
        CapacityView {
            configured,
            configured_interruptible: row.get(k.interruptible).as_double().unwrap_or(configured),
            ..CapacityView::default()
        }
    }

    /// Presence statuses that a user may choose, by label.
    pub fn statuses_of(&self, user: RecordId) -> Vec<StatusView> {
        let Some(entry) = self.directory.user(user) else {
            return Vec::new();
        };
        let mut all: Vec<StatusView> = self
            .statuses_allowed(entry)
            .iter()
            .map(|status| self.status_view(*status))
            .collect();
        all.sort_by(|a, b| (&a.status_name, a.status_id).cmp(&(&b.status_name, b.status_id)));
        all
    }

    /// Presence options of a user (R77).
    pub fn configuration_of(&self, user: RecordId) -> ConfigurationView {
        let k = &self.known;
        let Some(row) = self.config_of(user) else {
            return ConfigurationView::default();
        };
        let reasons = self.resident.table(k.config_reason.ix).values();
        let reasons = reasons
            .filter(|r| r.get(k.config_reason.config_id).as_id() == Some(row.id))
            .filter_map(|r| {
                self.resident
                    .get(k.reason.ix, r.get(k.config_reason.reason_id).as_id()?)
            })
            .map(|r| (r.id, text(r.get(k.reason.label))));
        let k = &k.presence_config;
        ConfigurationView {
            is_auto_accept_enabled: row.get(k.auto_accept).is_true(),
            is_decline_enabled: row.get(k.decline).is_true(),
            is_decline_reason_enabled: row.get(k.decline_reason).is_true(),
            decline_reasons: reasons.collect(),
        }
    }

    pub(crate) fn work_view(&self, work: &routing::AgentWork) -> WorkView {
        let channel = self.resident.get(self.known.channel.ix, work.channel);
        let queue = work
            .original_queue
            .and_then(|q| self.resident.get(self.known.group.ix, q));
        let progress = self.routing.progress(work.id);
        let flag = self.flags.get(&work.id);
        WorkView {
            work: work.id,
            work_item: work.work_item,
            work_item_type: self
                .catalogue
                .name_of(work.work_item)
                .unwrap_or_default()
                .to_owned(),
            is_engaged: work.status == Status::Opened,
            channel: work.channel,
            channel_developer_name: channel
                .map(|c| text(c.get(self.known.channel.developer_name)))
                .unwrap_or_default(),
            queue: work.original_queue,
            queue_name: queue.map(|q| text(q.get(self.known.group.name))),
            requested_at: work.requested.unwrap_or_default(),
            assigned_at: work.assigned.unwrap_or_default(),
            accepted_at: work.accepted,
            push_timeout_s: work.push_timeout.unwrap_or(0),
            capacity_weight: work.weight.map(|u| u.to_f64()),
            capacity_percentage: work.percentage.map(|u| u.to_f64()),
            is_interruptible: work.is_interruptible,
            is_flagged: flag.is_some(),
            flag_message: flag.and_then(|f| f.message.clone()),
            is_paused: progress.is_paused,
            conversation_ended_at: progress.conversation_ended,
            after_work_ends_at: progress.after_work_until,
            returns_at: progress.returns_at,
        }
    }

    fn status_view(&self, status: RecordId) -> StatusView {
        let k = &self.known.status;
        let row = self.resident.get(k.ix, status);
        let field = |f| row.map(|r| text(r.get(f))).unwrap_or_default();
        StatusView {
            status_id: status,
            status_name: field(k.label),
            status_api_name: field(k.developer_name),
            channels: self.channel_names(status),
        }
    }

    pub(crate) fn presence_view(
        &self,
        status: RecordId,
        since: model::Millis,
        next: Option<RecordId>,
    ) -> PresenceView {
        let view = self.status_view(status);
        PresenceView {
            status_id: status,
            status_name: view.status_name,
            status_api_name: view.status_api_name,
            channels: view.channels,
            since,
            next: next.map(|next| self.status_view(next)),
        }
    }

    fn channel_names(&self, status: RecordId) -> Vec<(RecordId, String)> {
        let k = &self.known.channel;
        let name = |row: &Record| (row.id, text(row.get(k.developer_name)));
        self.channels_of(status)
            .into_iter()
            .filter_map(|id| self.resident.get(k.ix, id).map(name))
            .collect()
    }

    /// News of routing for a console (R142).
    pub(crate) fn announce(&mut self, signal: Signal) {
        let kind = match signal.kind {
            SignalKind::WorkAssigned(work) => EventKind::WorkAssigned(self.work_view(&work)),
            SignalKind::WorkAccepted(work) => {
                self.call_accepted(&work);
                EventKind::WorkAccepted(self.work_view(&work))
            }
            SignalKind::WorkGone {
                work,
                work_item,
                status,
            } => {
                let Some(how) = gone(status) else { return };
                self.drop_flag(work);
                EventKind::WorkGone {
                    work,
                    work_item,
                    how,
                }
            }
            SignalKind::WorkChanged(work) => EventKind::WorkChanged(self.work_view(&work)),
            SignalKind::WorkloadChanged { previous, capacity } => EventKind::WorkloadChanged {
                previous: capacity_view(&previous),
                capacity: capacity_view(&capacity),
            },
            SignalKind::StatusChanged {
                status,
                since,
                next,
            } => EventKind::StatusChanged(self.presence_view(status, since, next)),
            SignalKind::LoggedOut => EventKind::Logout,
        };
        self.batch.events.push(Event {
            user: signal.user,
            at: self.now,
            kind,
        });
    }

    /// Figures of a queue.
    pub fn queue_stats(&self, queue: RecordId) -> routing::QueueStats {
        self.routing.queue_stats(queue)
    }

    /// Requests that wait in the org.
    pub fn pending(&self) -> u64 {
        self.routing.pending()
    }

    /// The live routing state, for checks and figures.
    pub fn routing(&self) -> &routing::RoutingState {
        &self.routing
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_text().unwrap_or_default().to_owned()
}

fn gone(status: Status) -> Option<Gone> {
    Some(match status {
        Status::Declined => Gone::Declined,
        Status::DeclinedOnPushTimeout => Gone::TimedOut,
        Status::Canceled => Gone::Canceled,
        Status::Unavailable => Gone::Unavailable,
        Status::Closed => Gone::Closed,
        Status::Transferred => Gone::Transferred,
        Status::Assigned | Status::Opened => return None,
    })
}

fn capacity_view(capacity: &routing::Capacity) -> CapacityView {
    CapacityView {
        configured: capacity.configured.to_f64(),
        workload: capacity.used.to_f64(),
        configured_interruptible: capacity.configured_interruptible.to_f64(),
        workload_interruptible: capacity.used_interruptible.to_f64(),
    }
}

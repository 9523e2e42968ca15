//! What the agent interface, the desk and the simulator may see.

use model::RecordId;

use crate::agent::Work;
use crate::api::{Capacity, PresenceView, QueueStats, WaitingView};
use crate::rows::{AgentWork, PendingServiceRouting};
use crate::state::RoutingState;

impl RoutingState {
    /// Active AgentWork rows of a user, oldest first.
    pub fn works_of(&self, user: RecordId) -> Vec<&AgentWork> {
        let works = self.agents.find(user).map(|agent| &agent.works);
        works
            .into_iter()
            .flatten()
            .map(|slot| &*self.works[*slot].row)
            .collect()
    }

    /// An active AgentWork.
    pub fn work(&self, work: RecordId) -> Option<&AgentWork> {
        self.works.find(work).map(|w| &*w.row)
    }

    /// Active AgentWork rows of a routed record, oldest first.
    pub fn works_of_item(&self, item: RecordId) -> Vec<&AgentWork> {
        let works = self.works_of_item.get(&item);
        works
            .into_iter()
            .flatten()
            .map(|slot| &*self.works[*slot].row)
            .collect()
    }

    /// Presence of a user who is logged in.
    pub fn presence_of(&self, user: RecordId) -> Option<PresenceView> {
        let online = self.agents.find(user)?.online.as_ref()?;
        Some(PresenceView {
            status: online.row.status,
            since: online.row.start,
            session: online.session,
            login: online.login,
            next: online.next,
        })
    }

    /// Capacity of a user; also of one who is offline and holds status-based work.
    pub fn capacity_of(&self, user: RecordId) -> Option<Capacity> {
        self.agents.find(user).map(|agent| agent.capacity())
    }

    /// The request of a routed record, waiting or offered.
    pub fn waiting(&self, item: RecordId) -> Option<WaitingView> {
        let slot = *self.request_of_item.get(&item)?;
        let request = &self.requests[slot];
        Some(WaitingView {
            request: request.row.clone(),
            since: request.since(),
            capacity_model: self.capacity_model(request.channel),
        })
    }

    /// A request by its id.
    pub fn request(&self, request: RecordId) -> Option<&PendingServiceRouting> {
        self.requests.find(request).map(|r| &r.row)
    }

    /// Figures of a queue.
    pub fn queue_stats(&self, queue: RecordId) -> QueueStats {
        let Some(entry) = self.queues.find(queue) else {
            return QueueStats::default();
        };
        let filter = &self.filters[entry.filter as usize];
        QueueStats {
            waiting: u64::from(filter.backlog.len()),
            first_since: filter.backlog.first().map(|key| key.since()),
            online: u64::from(filter.members.len()),
        }
    }

    /// May any work have to be touched?
    pub fn may_return_work(&self) -> bool {
        self.returns
    }

    /// The open work of a user on a routed record, if it goes back unless it is touched.
    pub fn awaits_touch(&self, item: RecordId, user: RecordId) -> Option<RecordId> {
        let works = self.works_of_item.get(&item).filter(|_| self.returns)?;
        let mut works = works.iter().map(|slot| &self.works[*slot]);
        let is_untouched = |w: &Work| w.extra.as_ref().is_some_and(|e| e.untouched.is_some());
        let found = works.find(|w| w.row.user == user && is_untouched(w))?;
        Some(found.row.id)
    }

    /// Is there a request like this, waiting, offered or kept for a router or a later date? Looks at all.
    pub fn any_request(&self, is_wanted: impl Fn(&PendingServiceRouting) -> bool) -> bool {
        self.requests.iter().any(|(_, r)| is_wanted(&r.row))
    }

    /// Agents of a queue who are online for a channel, whatever their capacity (R190).
    pub fn online_for(&self, queue: RecordId, channel: RecordId) -> u64 {
        let (Some(entry), Some(channel)) = (self.queues.find(queue), self.channels.slot(channel))
        else {
            return 0;
        };
        let members = entry.members.iter().map(|slot| &self.agents[*slot]);
        let online = members.filter_map(|agent| agent.online.as_ref());
        online
            .filter(|o| self.statuses[o.status].channels.contains(&channel))
            .count() as u64
    }

    /// Requests of the org (R161).
    pub fn pending(&self) -> u64 {
        self.requests.len() as u64
    }

    /// Everything that counts, as text lines in a fixed order: two states are equal if these are. For
    /// the law `rebuild(rows) == memory`.
    pub fn snapshot(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (slot, r) in self.requests.iter() {
            let is_placed = (r.is_placed, r.is_urgent);
            let rounds = (r.rounds, r.rounds_max, r.is_returned);
            let (tried, skills, requested) = ((&r.tried, rounds), &r.skills, r.requested);
            let center = r.center;
            let in_backlogs = self.backlogs_of(slot);
            lines.push(format!(
                "request {:?} {:?} requested {requested:?} tried {tried:?} {center:?} {skills:?} placed {is_placed:?} in {in_backlogs}",
                r.row.id, r.row
            ));
        }
        for (_, work) in self.works.iter() {
            let (due, extra, cost, pool) = (work.due, &work.extra, work.cost, work.pool);
            lines.push(format!(
                "work {:?} {:?} {cost:?} {pool:?} due {due:?} {extra:?}",
                work.row.id, work.row
            ));
        }
        for (_, agent) in self.agents.iter() {
            let works: Vec<RecordId> = agent.works.iter().map(|s| self.works[*s].row.id).collect();
            if works.is_empty() && agent.online.is_none() && agent.recent.is_empty() {
                continue;
            }
            let online = agent.online.as_ref().map(|o| (&o.row, o.session, o.login));
            let sums = agent
                .online
                .as_ref()
                .map(|o| (o.last_assigned, o.next, o.sums, o.told));
            let profile = agent
                .position
                .map(|p| (p.profile, p.lane.rest, p.lane.kept));
            let rest = (agent.rest, agent.rest_until, &agent.recent);
            lines.push(format!(
                "agent {:?} {online:?} {sums:?} works {works:?} used {:?} rests {rest:?} at {profile:?}",
                agent.id, agent.used
            ));
        }
        lines.extend(
            self.timers
                .iter()
                .map(|(at, what)| format!("timer {} {what:?}", at.0)),
        );
        lines.extend(self.intake.minutes.iter().map(|m| format!("intake {m:?}")));
        lines.extend(self.waits.lines());
        lines.extend(self.customers.lines());
        lines.extend(self.room_lines());
        lines.sort_unstable();
        lines
    }

    /// How many backlogs hold a request.
    pub(crate) fn backlogs_of(&self, slot: u32) -> usize {
        let request = &self.requests[slot];
        let key = self.key_of(slot);
        let filters = [request.base, request.direct];
        let holds = |f: &u32| self.filters[*f as usize].backlog.keys().any(|k| *k == key);
        filters.into_iter().flatten().filter(holds).count()
    }
}

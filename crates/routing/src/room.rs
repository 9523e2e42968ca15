//! Room reservation (extension): an item that is too big for the room anybody has, and has waited long
//! enough, keeps the room of one agent until it fits.
//!
//! Items of one class in one filter form a line. When a pass finds nobody for the head of a line and its
//! time has come, the line keeps the room of the eligible agent with the most of it. That agent stands
//! in a lane of its own and takes nothing else of that pool. One line keeps one agent at most, one agent
//! is kept by one line at most. It ends with the request that it was made for, or when the agent can no
//! longer serve the line; then the next pass looks again.

use std::collections::{BTreeMap, BTreeSet};

use model::{Millis, RecordId};

use crate::api::{Change, Output};
use crate::backlog::ClassKey;
use crate::members::Position;
use crate::notes;
use crate::pass::{Touch, is_last_decliner};
use crate::state::RoutingState;
use crate::table::Slot;
use crate::timer::Deadline;

/// Filter and class.
pub(crate) type Line = (u32, ClassKey);

/// Whose room a line keeps, and for which of its requests that began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Room {
    agent: Slot,
    request: Slot,
}

/// All that is kept.
#[derive(Default)]
pub(crate) struct Rooms {
    lines: BTreeMap<Line, Room>,
    /// Requests whose hidden row is to be written.
    changed: BTreeSet<RecordId>,
    /// What was kept before the draft that is open.
    saved: Option<BTreeMap<Line, Room>>,
}

impl Rooms {
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub fn begin(&mut self) {
        self.saved = Some(self.lines.clone());
    }

    pub fn keep(&mut self) {
        self.saved = None;
    }
}

impl RoutingState {
    /// The line that a request stands in.
    pub(crate) fn line_of(&self, slot: Slot) -> Option<Line> {
        Some((self.requests[slot].base?, self.class_of(slot)))
    }

    /// Whose room the line of a request keeps.
    pub(crate) fn kept_for(&self, slot: Slot) -> Option<Slot> {
        if self.rooms.is_empty() {
            return None;
        }
        let room = self.rooms.lines.get(&self.line_of(slot)?)?;
        Some(room.agent)
    }

    /// Is the agent's room kept for a line that the request does not stand in?
    pub(crate) fn is_kept_from(&self, agent: Slot, slot: Slot) -> bool {
        let Some(owner) = self.agents[agent].kept_for else {
            return false;
        };
        let same_pool = self.class_of(owner).pool == self.class_of(slot).pool;
        same_pool && self.line_of(owner) != self.line_of(slot)
    }

    /// When a waiting request may keep room.
    fn keeps_from(&self, slot: Slot) -> Option<Millis> {
        let after_s = self.settings.room_reservation_s?;
        Some(self.requests[slot].since().plus_s(i64::from(after_s)))
    }

    /// A request is in line: time runs.
    pub(crate) fn await_room(&mut self, slot: Slot) {
        if let Some(at) = self.keeps_from(slot).filter(|at| *at > self.now) {
            let id = self.requests[slot].row.id;
            self.timers.set(at, Deadline::Room(id));
        }
    }

    /// A request leaves its line, in which another may come to the head.
    pub(crate) fn leave_line(&mut self, slot: Slot) {
        let id = self.requests[slot].row.id;
        if let Some(at) = self.keeps_from(slot) {
            self.timers.clear(at, Deadline::Room(id));
        }
        self.release_room(slot);
        self.touch_line(slot);
    }

    pub(crate) fn touch_line(&mut self, slot: Slot) {
        self.touched.extend(self.line_of(slot).map(Touch::of));
    }

    /// Ends what is kept for a request.
    fn release_room(&mut self, slot: Slot) {
        let Some(line) = self.line_of(slot) else {
            return;
        };
        let Some(room) = self.rooms.lines.get(&line).copied() else {
            return;
        };
        if room.request == slot {
            self.rooms.lines.remove(&line);
            self.rooms.changed.insert(self.requests[slot].row.id);
            self.agents[room.agent].kept_for = None;
            self.reindex_freed(room.agent);
        }
    }

    /// The pass found nobody for this request of the line.
    pub(crate) fn keep_room(&mut self, line: Line, slot: Slot, now: Millis) {
        if self.line_of(slot) != Some(line) || self.keeps_from(slot).is_none_or(|at| at > now) {
            return;
        }
        if let Some(room) = self.rooms.lines.get(&line).copied() {
            if self.may_keep(room.agent, line, self.agents[room.agent].position) {
                return;
            }
            self.release_room(room.request);
        }
        let Some(agent) = self.roomiest(line, slot) else {
            return;
        };
        let room = Room {
            agent,
            request: slot,
        };
        self.rooms.lines.insert(line, room);
        self.rooms.changed.insert(self.requests[slot].row.id);
        self.agents[agent].kept_for = Some(slot);
        self.reindex(agent);
    }

    /// The agent with the most free units who could take the request with nothing else to do.
    fn roomiest(&self, (filter, class): Line, slot: Slot) -> Option<Slot> {
        let request = &self.requests[slot];
        let may_start_round = request.may_start_round(self.settings.voice_rounds_max);
        let is_allowed = |agent: Slot| {
            let session = self.agents[agent].session();
            session.is_some_and(|s| {
                !is_last_decliner(request, s) && (may_start_round || !request.was_tried(s))
            })
        };
        let members = &self.filters[filter as usize].members;
        members.roomiest(
            class.cost,
            class.pool,
            |lane| lane.kept.is_none() && self.can_serve(lane, &class),
            is_allowed,
        )
    }

    /// Can the agent, standing there, still take what the line asks once there is room?
    fn may_keep(&self, agent: Slot, (filter, class): Line, at: Option<Position>) -> bool {
        let is_member = self.agents[agent].filters.binary_search(&filter).is_ok();
        is_member
            && at.is_some_and(|position| {
                self.can_serve(position.lane, &class)
                    && position.profile.could_fit(class.cost, class.pool)
            })
    }

    /// An agent whose room is kept changes place or loses a membership: the next pass looks at the line
    /// if it needs somebody else.
    pub(crate) fn recheck_room(&mut self, agent: Slot, at: Option<Position>) {
        let Some(owner) = self.agents[agent].kept_for else {
            return;
        };
        if let Some(line) = self.line_of(owner)
            && !self.may_keep(agent, line, at)
        {
            self.touched.push(Touch::of(line));
        }
    }

    /// Writes the hidden rows of what changed.
    pub(crate) fn write_rooms(&mut self, out: &mut Output) {
        for id in std::mem::take(&mut self.rooms.changed) {
            let user = self.requests.slot(id).and_then(|slot| {
                let room = self.rooms.lines.get(&self.line_of(slot)?)?;
                (room.request == slot).then(|| self.agents[room.agent].id)
            });
            out.changes.push(Change::Note(notes::room_note(id, user)));
        }
    }

    /// After a restart, when requests are in line.
    pub(crate) fn restore_room(&mut self, request: RecordId, user: RecordId) {
        let agent = self.agent_slot(user);
        let slot = self.requests.slot(request);
        let slot = slot.filter(|slot| self.requests[*slot].is_placed);
        if let Some(request) = slot
            && let Some(line) = self.line_of(request)
        {
            self.rooms.lines.insert(line, Room { agent, request });
            self.agents[agent].kept_for = Some(request);
        } else {
            self.rooms.changed.insert(request);
        }
    }

    /// The end of a draft that is undone: what was kept is kept again.
    pub(crate) fn rollback_rooms(&mut self) {
        let Some(saved) = self.rooms.saved.take() else {
            return;
        };
        let now = std::mem::replace(&mut self.rooms.lines, saved);
        for room in now.values() {
            self.agents[room.agent].kept_for = None;
        }
        let kept: Vec<Room> = self.rooms.lines.values().copied().collect();
        for room in &kept {
            self.agents[room.agent].kept_for = Some(room.request);
        }
        for room in now.values().chain(&kept) {
            self.reindex(room.agent);
        }
    }

    /// What is kept, for the law `rebuild(rows) == memory`.
    pub(crate) fn room_lines(&self) -> impl Iterator<Item = String> {
        self.rooms.lines.values().map(|room| {
            let (request, agent) = (&self.requests[room.request], &self.agents[room.agent]);
            let is_mutual = agent.kept_for == Some(room.request);
            format!("room {} {} {is_mutual}", request.row.id, agent.id)
        })
    }
}

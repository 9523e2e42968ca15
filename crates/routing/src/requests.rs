//! Requests: how work becomes pending and how it is withdrawn (R1 to R9, R46, R47, R94 to R96, R158).

use std::num::NonZeroU16;
use std::sync::Arc;

use model::{Millis, RecordId};

use crate::api::{Change, Item, Output, Queue, Requirement, Target};
use crate::notes::{self, RequestNote};
use crate::request::{Request, Skills};
use crate::rows::{
    AgentWork, CapacityModel, PendingServiceRouting, RoutingModel, RoutingType, Session,
    SkillRequirement, Status, prefix,
};
use crate::state::RoutingState;
use crate::status::Event;
use crate::table::Slot;

/// A request to be made, besides its row.
#[derive(Default)]
pub(crate) struct Hidden {
    pub call_center: Option<RecordId>,
    pub customer: Option<RecordId>,
    /// First request of the item, if this one only continues it (R131).
    pub requested: Option<Millis>,
    /// Sessions that count as tried from the start (R44, R128).
    pub tried: Vec<Session>,
    /// Rounds started after the first (R73).
    pub rounds: u16,
    /// Limit of its queue.
    pub rounds_max: Option<NonZeroU16>,
    /// Its last agent left it untouched.
    pub is_returned: bool,
}

impl Hidden {
    pub fn of(item: &Item) -> Self {
        Self {
            call_center: item.call_center,
            customer: item.customer,
            ..Self::default()
        }
    }
}

impl RoutingState {
    /// OwnerId of a record was set (R1, R2, R46, R94).
    pub(crate) fn owner_set(
        &mut self,
        item: &Item,
        owner: RecordId,
        last_work: Option<&AgentWork>,
        now: Millis,
        out: &mut Output,
    ) {
        if self.is_offered_to(item.id, owner) {
            return; // the push itself, seen again
        }
        self.touch_item(item.id, out);
        let custom = self
            .waiting_row(item.id)
            .and_then(|row| row.custom_requested); // R33
        self.withdraw(item.id, false, now, out);
        let handed_on = self.hand_on_status_based(item.id, owner, now, out);
        if self.queue_config(owner).is_some() && self.knows_channel(item.channel) {
            let target = Target::Queue(owner);
            if let Some(assignee) = self.overflow(&target) {
                out.owner(item.id, assignee); // R158
                return;
            }
            let (mut row, requirements) = self.target_row(item, &target, now, out);
            row.custom_requested = custom;
            self.enqueue(row, requirements, Hidden::of(item), now, out);
        } else {
            self.give_by_hand(item, owner, handed_on.as_deref().or(last_work), now, out);
        }
    }

    pub(crate) fn is_offered_to(&self, item: RecordId, user: RecordId) -> bool {
        let offers = self.offers_of_item(item);
        offers
            .iter()
            .any(|id| self.works.find(*id).is_some_and(|w| w.row.user == user))
    }

    pub(crate) fn waiting_row(&self, item: RecordId) -> Option<&PendingServiceRouting> {
        let slot = self.request_of_item.get(&item)?;
        Some(&self.requests[*slot].row)
    }

    pub(crate) fn queue_config(&self, queue: RecordId) -> Option<&Queue> {
        self.queues.find(queue)?.config.as_ref()
    }

    pub(crate) fn knows_channel(&self, channel: RecordId) -> bool {
        self.channels.find(channel).is_some_and(|c| c.is_known)
    }

    /// R4.
    pub(crate) fn queue_row(
        &mut self,
        item: &Item,
        queue: RecordId,
        now: Millis,
        out: &mut Output,
    ) -> PendingServiceRouting {
        let mut row = self.blank_row(item, now, out);
        row.queue = Some(queue);
        row.group = Some(queue);
        row.owner = Some(queue);
        let Some(config) = self.queue_config(queue) else {
            return row;
        };
        row.routing_model = config.model;
        row.priority = config.priority;
        row.weight = config.weight;
        row.percentage = config.percentage;
        row.paused_weight = config.paused_weight;
        row.paused_percentage = config.paused_percentage;
        row.push_timeout = config.push_timeout_s;
        row.drop_timeout = config.drop_timeout_s;
        if config.is_attribute_based {
            row.routing_type = RoutingType::SkillsBased; // R16
        }
        let channel = self.channels.find(item.channel).map(|c| &c.config);
        row.is_interruptible = channel.is_some_and(|channel| {
            let is_chat = channel.kind == crate::api::ChannelKind::Chat;
            !is_chat && config.is_interruptible.unwrap_or(channel.is_interruptible)
        });
        row
    }

    /// A ready row without a target.
    pub(crate) fn blank_row(
        &mut self,
        item: &Item,
        now: Millis,
        out: &mut Output,
    ) -> PendingServiceRouting {
        let mut row = PendingServiceRouting::empty((out.ids)(prefix::REQUEST));
        row.work_item = item.id;
        row.channel = item.channel;
        row.routing_model = RoutingModel::MostAvailable;
        row.secondary_priority = item.secondary_priority;
        row.is_ready = true;
        row.serial = 1;
        row.created = now;
        row
    }

    /// Writes a new request and puts it in line.
    pub(crate) fn enqueue(
        &mut self,
        row: PendingServiceRouting,
        requirements: Vec<Requirement>,
        mut hidden: Hidden,
        now: Millis,
        out: &mut Output,
    ) {
        let id = row.id;
        let config = row.queue.and_then(|queue| self.queue_config(queue));
        hidden.rounds_max = config.and_then(|c| NonZeroU16::new(c.rounds_max?));
        out.changes
            .push(Change::InsertRequest(Box::new(row.clone())));
        let rows = requirements
            .into_iter()
            .map(|r| requirement_row(r, id, out))
            .collect();
        let slot = self.attach_request(row, hidden, rows);
        if self.requests[slot].row.is_ready {
            self.start_drop_timer(slot, now);
        }
        self.find_filters(slot);
        self.note_request(slot, out);
        if !self.requests[slot].tried.is_empty() {
            let tried = notes::tried_note(id, &self.requests[slot].tried);
            out.changes.push(Change::Note(tried));
        }
        self.place(slot);
        self.count_intake(now, out);
    }

    /// The part of [`enqueue`](Self::enqueue) that a restart repeats.
    pub(crate) fn attach_request(
        &mut self,
        row: PendingServiceRouting,
        hidden: Hidden,
        requirements: Vec<SkillRequirement>,
    ) -> Slot {
        let channel = self.channel_slot(row.channel);
        let kind = self.channels[channel].config.kind;
        let mut tried = hidden.tried;
        tried.sort_unstable();
        tried.dedup();
        let skills = (!requirements.is_empty()).then(|| {
            Box::new(Skills {
                rows: requirements,
                ..Skills::default()
            })
        });
        let (id, item) = (row.id, row.work_item);
        let request = Request {
            requested: hidden.requested.unwrap_or(row.created),
            row,
            channel,
            kind,
            center: Self::center_of(kind, hidden.call_center),
            tried,
            rounds: hidden.rounds,
            rounds_max: hidden.rounds_max,
            is_returned: hidden.is_returned,
            base: None,
            direct: None,
            is_placed: false,
            customer: hidden.customer.map(Box::new),
            is_urgent: false,
            skills,
        };
        let slot = self.requests.insert(id, request);
        self.request_of_item.insert(item, slot);
        slot
    }

    /// Writes the hidden row of a request, if it has one.
    pub(crate) fn note_request(&self, slot: Slot, out: &mut Output) {
        let content = self.request_content(slot);
        if content != RequestNote::default() {
            let id = self.requests[slot].row.id;
            out.changes
                .push(Change::Note(notes::request_note(id, content)));
        }
    }

    /// Removes the hidden row of a request that no longer needs it, or writes what is left.
    pub(crate) fn erase_request_note(&self, slot: Slot, out: &mut Output) {
        let id = self.requests[slot].row.id;
        out.changes.push(Change::Note(notes::request_note(
            id,
            self.request_content(slot),
        )));
    }

    fn request_content(&self, slot: Slot) -> RequestNote {
        let request = &self.requests[slot];
        RequestNote {
            requested: (request.requested != request.row.created).then_some(request.requested),
            call_center: match request.center {
                crate::backlog::Center::Is(id) => Some(id),
                crate::backlog::Center::None | crate::backlog::Center::Any => None,
            },
            ready: request.skills.as_ref().map(|s| s.ready),
            dropped: request.skills.as_ref().map_or(0, |s| s.dropped),
            rounds: request.rounds,
            customer: request.customer.as_deref().copied(),
            rounds_max: request.rounds_max,
            is_returned: request.is_returned,
        }
    }

    /// Deletes a request; its offer, if any, is the caller's business.
    pub(crate) fn delete_request(&mut self, id: RecordId, out: &mut Output) {
        let Some(slot) = self.requests.slot(id) else {
            return;
        };
        self.unplace(slot);
        self.stop_drop_timer(slot);
        let content = self.request_content(slot);
        let Some(request) = self.requests.remove(id) else {
            return;
        };
        if self.request_of_item.get(&request.row.work_item) == Some(&slot) {
            self.request_of_item.remove(&request.row.work_item);
        }
        out.changes.push(Change::DeleteRequest { id });
        for row in request.skills.iter().flat_map(|s| &s.rows) {
            out.changes.push(Change::DeleteRequirement { id: row.id });
        }
        if content != RequestNote::default() {
            out.changes.push(Change::Note(notes::request_note(
                id,
                RequestNote::default(),
            )));
        }
        if !request.tried.is_empty() {
            out.changes.push(Change::Note(notes::tried_note(id, &[])));
        }
        if let Some(asked) = request.skills.and_then(|skills| skills.asked) {
            self.leave_skills_filter(&asked);
        }
    }

    /// R46, R47, R112: the request of an item and its offer are withdrawn.
    pub(crate) fn withdraw(
        &mut self,
        item: RecordId,
        customer_left: bool,
        now: Millis,
        out: &mut Output,
    ) {
        for offer in self.offers_of_item(item) {
            self.cancel_offer(offer, customer_left, now, out);
        }
        if let Some(slot) = self.request_of_item.get(&item).copied() {
            let id = self.requests[slot].row.id;
            self.delete_request(id, out);
        }
    }

    /// R46, last row: status-based work of another agent is handed on.
    fn hand_on_status_based(
        &mut self,
        item: RecordId,
        owner: RecordId,
        now: Millis,
        out: &mut Output,
    ) -> Option<Arc<AgentWork>> {
        let mut handed_on = None;
        for row in self.open_elsewhere(item, owner) {
            self.finish(row.id, Event::HandOn, None, now, out);
            handed_on = Some(row);
        }
        handed_on
    }

    /// Open work of an item that is handed on as a whole, participants first: nobody who leaves with the
    /// others becomes the owner meanwhile (R204).
    fn open_to_hand_on(&self, item: RecordId) -> Vec<RecordId> {
        let mut open = self.active_of_item(item, Status::Opened);
        let extra = |id: &RecordId| self.works.find(*id)?.extra.as_deref();
        open.sort_by_key(|id| !extra(id).is_some_and(|e| e.is_participant));
        open
    }

    /// Open status-based work of an item with others than its new owner.
    fn open_elsewhere(&self, item: RecordId, owner: RecordId) -> Vec<Arc<AgentWork>> {
        let open = self.open_to_hand_on(item).into_iter();
        let rows = open.filter_map(|id| Some(&self.works.find(id)?.row));
        let is_status_based =
            |row: &&Arc<AgentWork>| row.capacity_model == CapacityModel::StatusBased;
        rows.filter(is_status_based)
            .filter(|row| row.user != owner)
            .cloned()
            .collect()
    }

    pub(crate) fn is_open_elsewhere(&self, item: RecordId, owner: RecordId) -> bool {
        !self.open_elsewhere(item, owner).is_empty()
    }

    /// Telephony, a flow or a transfer routes an item (R19, R22, R40).
    pub(crate) fn route(
        &mut self,
        item: &Item,
        target: &Target,
        dates: (Option<Millis>, Option<Millis>),
        now: Millis,
        out: &mut Output,
    ) {
        self.withdraw(item.id, false, now, out); // R7
        let holders = self.hand_on(item.id, now, out);
        if let Some(assignee) = self.overflow(target) {
            out.owner(item.id, assignee); // R158
            return;
        }
        let (mut row, requirements) = self.target_row(item, target, now, out);
        (row.custom_requested, row.target_accept) = dates;
        row.is_transfer = !holders.is_empty();
        let hidden = Hidden {
            tried: holders.into_iter().flatten().collect(),
            ..Hidden::of(item)
        };
        self.enqueue(row, requirements, hidden, now, out);
    }

    /// R43: a new request for an item that agents have open takes it from them, or two agents would hold
    /// one conversation. Answers their sessions; they are asked last (R44).
    pub(crate) fn hand_on(
        &mut self,
        item: RecordId,
        now: Millis,
        out: &mut Output,
    ) -> Vec<Option<Session>> {
        let mut holders = Vec::new();
        for id in self.open_to_hand_on(item) {
            if let Some(work) = self.works.find(id) {
                holders.push(self.agents[work.agent].session());
            }
            self.finish(id, Event::HandOn, None, now, out);
        }
        holders
    }

    /// The row of a request for a target.
    pub(crate) fn target_row(
        &mut self,
        item: &Item,
        target: &Target,
        now: Millis,
        out: &mut Output,
    ) -> (PendingServiceRouting, Vec<Requirement>) {
        match target {
            Target::Queue(queue) => {
                let row = self.queue_row(item, *queue, now, out);
                let asked = requirements_of(item, &row);
                (row, asked)
            }
            Target::User {
                user,
                required,
                fallback,
            } => {
                let mut row = match fallback {
                    Some(queue) => self.queue_row(item, *queue, now, out),
                    None => self.blank_row(item, now, out),
                };
                if fallback.is_none() {
                    row.routing_type = RoutingType::SkillsBased;
                    row.owner = Some(*user);
                }
                row.preferred_user = Some(*user);
                row.is_preferred_required = *required;
                let asked = fallback.map_or(Vec::new(), |_| requirements_of(item, &row));
                (row, asked)
            }
            Target::Skills(requirements) => {
                let mut row = self.blank_row(item, now, out);
                row.routing_type = RoutingType::SkillsBased;
                (row, requirements.clone())
            }
        }
    }
}

/// R16: what an attribute-based queue asks for.
fn requirements_of(item: &Item, row: &PendingServiceRouting) -> Vec<Requirement> {
    match row.routing_type {
        RoutingType::SkillsBased => item.requirements.clone(),
        RoutingType::QueueBased => Vec::new(),
    }
}

fn requirement_row(from: Requirement, request: RecordId, out: &mut Output) -> SkillRequirement {
    let row = SkillRequirement {
        id: (out.ids)(prefix::REQUIREMENT),
        related: request,
        skill: from.skill,
        level: Some(from.level),
        is_additional: from.is_additional,
        priority: from.priority,
    };
    out.changes.push(Change::InsertRequirement(row.clone()));
    row
}

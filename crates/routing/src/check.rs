//! What may be refused, all of it before the first write.

use std::sync::Arc;

use model::{Code, Millis, RecordId, Refusal};

use crate::agent::Work;
use crate::api::{Command, Item, NewWork, Target};
use crate::backlog::ClassKey;
use crate::capacity::{Cost, Pool};
use crate::rows::{
    AgentWork, CapacityModel, PendingServiceRouting, RequestField, RoutingType, SkillRequirement,
    Status, WorkField,
};
use crate::state::RoutingState;
use crate::status::{Event, wrong_status};

/// Required skills of one request (section 7).
const REQUIREMENTS_MAX: usize = 50;

type Checked = Result<(), Refusal>;

fn refuse<T>(code: Code, message: &str) -> Result<T, Refusal> {
    Err(Refusal::new(code, message))
}

fn unchangeable(field: &'static str) -> Refusal {
    Refusal {
        code: Code::InvalidFieldForInsertUpdate,
        message: format!("{field} cannot be changed"),
        fields: vec![field.into()],
    }
}

impl RoutingState {
    pub(crate) fn check(&self, command: &Command, now: Millis) -> Checked {
        match command {
            Command::Owner {
                item,
                owner,
                last_work,
            } => self.check_owner(item, *owner, last_work.as_deref(), now),
            Command::Route { item, target, .. } => {
                self.check_target(target)?;
                self.check_room(item.id, self.config_of(target), now)
            }
            Command::ItemStatus {
                item,
                owner,
                last_work,
            } => self.check_item_status(item, *owner, last_work.as_deref(), now),
            Command::Reroute { item } => self.check_reroute(item.id, now),
            Command::ItemDeleted { .. }
            | Command::CustomerLeft { .. }
            | Command::EndConversation { .. }
            | Command::Touch { .. } => Ok(()),

            Command::InsertRequest { row, .. } => self.check_new_request(row, now),
            Command::UpdateRequest { request, sets } => self.check_edit(*request, sets),
            Command::DeleteRequest { request } => self.pending_request(*request).map(|_| ()),
            Command::InsertRequirement(row) => self.check_new_requirement(row),
            Command::DeleteRequirement { request, .. } => self.check_open_for_edit(*request),
            Command::InsertWork(work) => self.check_new_work(work),
            Command::UpdateWork { work, sets } => self.check_work_edit(*work, sets),

            Command::SetStatus { user, status } => self.check_status(*user, *status),
            Command::SetNextStatus { user, status } => self.check_next_status(*user, *status),
            Command::Logout { user } => self.check_logged_in(*user),
            Command::Accept { work, user } => self
                .own_work(*work, *user)?
                .row
                .status
                .after(Event::Accept)
                .map(|_| ()),
            Command::Decline { work, user, reason } => self.check_decline(*work, *user, reason),
            Command::Close { work, user, .. } => self.check_close(*work, *user),
            Command::Transfer { work, target, .. } => self.check_transfer(*work, target, now),
            Command::Reassign { item, target, .. } => self.check_reassign(item.id, target, now),
            Command::Extend { work, user } => self.check_extend(*work, *user),
            Command::Join { work, user } => self.check_join(*work, *user),
        }
    }

    /// R159, R161: where the new owner makes a new request.
    fn check_owner(
        &self,
        item: &Item,
        owner: RecordId,
        last_work: Option<&AgentWork>,
        now: Millis,
    ) -> Checked {
        if self.is_offered_to(item.id, owner) {
            return Ok(());
        }
        if let Some(config) = self.queue_config(owner) {
            if !self.knows_channel(item.channel) {
                return Ok(());
            }
            return self.check_room(item.id, Some(config), now);
        }
        let was_routed = last_work.is_some() || self.is_open_elsewhere(item.id, owner);
        if was_routed && self.waits_by_hand(item, owner) {
            return self.check_room(item.id, None, now);
        }
        Ok(())
    }

    fn check_item_status(
        &self,
        item: &Item,
        owner: RecordId,
        last_work: Option<&AgentWork>,
        now: Millis,
    ) -> Checked {
        if self.waits_when_reopened(item, owner, last_work) {
            return self.check_room(item.id, None, now);
        }
        Ok(())
    }

    fn own_work(&self, work: RecordId, user: RecordId) -> Result<&Work, Refusal> {
        match self.works.find(work) {
            Some(found) if found.row.user == user => Ok(found),
            _ => refuse(Code::WorkNotFound, "You have no such active work"),
        }
    }

    fn check_logged_in(&self, user: RecordId) -> Checked {
        let online = self.agents.find(user).and_then(|a| a.online.as_ref());
        match online {
            Some(_) => Ok(()),
            None => refuse(Code::NotLoggedIn, "You are not logged in to Omni-Channel"),
        }
    }

    /// R53, R64.
    fn check_status(&self, user: RecordId, status: RecordId) -> Checked {
        let is_known = self
            .statuses
            .find(status)
            .is_some_and(|s| s.config.is_some());
        let agent = self.agents.find(user);
        if is_known && agent.is_some_and(|a| a.is_active() && a.may_use(status)) {
            return Ok(());
        }
        refuse(
            Code::StatusNotAllowed,
            "This presence status is not available to you",
        )
    }

    fn check_next_status(&self, user: RecordId, status: RecordId) -> Checked {
        if !self.settings.next_status {
            return refuse(
                Code::InvalidOperation,
                "A next status is not enabled: see enableNextStatus",
            );
        }
        self.check_logged_in(user)?;
        self.check_status(user, status)
    }

    /// R80.
    fn check_decline(&self, work: RecordId, user: RecordId, reason: &Option<Arc<str>>) -> Checked {
        let found = self.own_work(work, user)?;
        found.row.status.after(Event::Decline)?;
        let config = self.agents[found.agent]
            .config
            .as_ref()
            .map(|c| &c.presence);
        // Auto-accept and declining exclude each other; declining wins where both are set (R77).
        if !config.is_some_and(|c| c.can_decline) {
            return refuse(
                Code::DeclineNotAllowed,
                "Your presence configuration does not allow declining",
            );
        }
        let _ = reason; // a reason is optional (R77)
        Ok(())
    }

    fn check_close(&self, work: RecordId, user: RecordId) -> Checked {
        let found = self.own_work(work, user)?;
        found.row.status.after(Event::Close)?;
        let is_in_after_work = found.extra.as_ref().is_some_and(|e| e.ended.is_some());
        if found.row.capacity_model == CapacityModel::StatusBased && !is_in_after_work {
            return refuse(
                Code::InvalidOperation,
                "Status-based work closes when its status counts as completed",
            );
        }
        Ok(())
    }

    fn pending_request(&self, request: RecordId) -> Result<&PendingServiceRouting, Refusal> {
        match self.requests.find(request) {
            Some(found) => Ok(&found.row),
            None => refuse(Code::EntityIsDeleted, "The routing request is gone"),
        }
    }

    pub(crate) fn check_target(&self, target: &Target) -> Checked {
        let needs_queue = |queue: RecordId| match self.queue_config(queue) {
            Some(_) => Ok(()),
            None => refuse(
                Code::InvalidOperation,
                "The queue has no routing configuration",
            ),
        };
        match target {
            Target::Queue(queue) => needs_queue(*queue),
            Target::User { user, fallback, .. } => {
                if self.agents.find(*user).is_none_or(|a| !a.is_active()) {
                    return refuse(
                        Code::InvalidOperation,
                        "The user is no active Omni-Channel agent",
                    );
                }
                fallback.map_or(Ok(()), needs_queue)
            }
            Target::Skills(requirements) if requirements.len() > REQUIREMENTS_MAX => {
                refuse(Code::LimitExceeded, "At most 50 skills per request")
            }
            Target::Skills(_) => Ok(()),
        }
    }

    /// R10, R7, R18.
    fn check_new_request(&self, row: &PendingServiceRouting, now: Millis) -> Checked {
        if !self.settings.skills_routing {
            return refuse(
                Code::InvalidOperation,
                "Skills-based routing is not enabled",
            );
        }
        if row.routing_type != RoutingType::SkillsBased {
            return refuse(
                Code::InvalidOperation,
                "Only skills-based requests can be inserted; queues make the others",
            );
        }
        if !self.knows_channel(row.channel) {
            return refuse(Code::InvalidCrossReferenceKey, "No such service channel");
        }
        let is_offered = !self.offers_of_item(row.work_item).is_empty();
        if is_offered || self.request_of_item.contains_key(&row.work_item) {
            return refuse(
                Code::DuplicateValue,
                "The work item has a routing request already",
            );
        }
        self.check_room(row.work_item, None, now)
    }

    /// R12.
    fn check_open_for_edit(&self, request: RecordId) -> Checked {
        if self.pending_request(request)?.is_ready {
            return refuse(
                Code::InvalidOperation,
                "The routing request is ready for routing and cannot be edited",
            );
        }
        Ok(())
    }

    fn check_edit(&self, request: RecordId, sets: &[(RequestField, model::Value)]) -> Checked {
        if self.pending_request(request)?.is_ready {
            self.check_open_for_edit(request)?;
        }
        let fixed = sets.iter().find(|(field, _)| !EDITABLE.contains(field));
        fixed.map_or(Ok(()), |(field, _)| Err(unchangeable(field.as_str())))
    }

    /// R109.
    fn check_work_edit(&self, work: RecordId, sets: &[(WorkField, model::Value)]) -> Checked {
        if self.works.find(work).is_none() {
            return refuse(Code::WorkNotFound, "There is no such active work");
        }
        let fixed = sets
            .iter()
            .find(|(field, _)| !EDITABLE_WORK.contains(field));
        fixed.map_or(Ok(()), |(field, _)| Err(unchangeable(field.as_str())))
    }

    fn check_new_requirement(&self, row: &SkillRequirement) -> Checked {
        self.check_open_for_edit(row.related)?;
        let request = self.requests.find(row.related);
        let count = request
            .and_then(|r| r.skills.as_ref())
            .map_or(0, |s| s.rows.len());
        if count >= REQUIREMENTS_MAX {
            return refuse(Code::LimitExceeded, "At most 50 skills per request");
        }
        Ok(())
    }

    /// R171, R172.
    fn check_new_work(&self, new: &NewWork) -> Checked {
        let Some(slot) = self.requests.slot(new.request) else {
            return refuse(Code::InvalidOperation, "The routing request is gone");
        };
        let request = &self.requests[slot];
        if request.row.is_pushed {
            return refuse(
                Code::InvalidOperation,
                "The routing request is offered to an agent already",
            );
        }
        if request.row.work_item != new.work_item || request.row.channel != new.channel {
            return refuse(
                Code::InvalidOperation,
                "WorkItemId and ServiceChannelId differ from the routing request",
            );
        }
        let Some(agent) = self.agents.find(new.user).filter(|a| a.online.is_some()) else {
            return refuse(Code::InvalidOperation, "The agent is offline");
        };
        let channel = &self.channels[request.channel].config;
        let class = ClassKey {
            cost: Cost::of(channel, new.weight, new.percentage),
            pool: Pool::of(channel, request.row.is_interruptible),
            ..self.class_of(slot)
        };
        let serves = agent
            .position
            .is_some_and(|p| self.can_serve(p.lane, &class));
        if !serves {
            return refuse(
                Code::InvalidOperation,
                "The agent's status does not serve the channel",
            );
        }
        if !new.skip_capacity_check && !agent.fits(class.cost, class.pool) {
            return refuse(Code::NoCapacity, "The agent has not enough capacity");
        }
        Ok(())
    }

    fn check_transfer(&self, work: RecordId, target: &Target, now: Millis) -> Checked {
        let Some(found) = self.works.find(work) else {
            return refuse(Code::WorkNotFound, "There is no such active work");
        };
        if !found.row.status.is_active() {
            return Err(wrong_status(Code::WorkNotOpen, found.row.status));
        }
        let open = self.active_of_item(found.row.work_item, Status::Opened);
        let mut others = open.iter().filter(|id| **id != work);
        if let Target::User { user, .. } = target
            && others.any(|id| self.works.find(*id).is_some_and(|w| w.row.user == *user))
        {
            return refuse(Code::InvalidOperation, "The agent takes part already");
        }
        self.check_target(target)?;
        if self.takes_at_once(found, target).is_some() {
            return Ok(()); // R41: no request
        }
        self.check_room(found.row.work_item, self.config_of(target), now)
    }

    fn check_reassign(&self, item: RecordId, target: &Target, now: Millis) -> Checked {
        let waits = self.waiting_row(item).is_some_and(|row| !row.is_pushed);
        if !waits {
            return refuse(
                Code::InvalidOperation,
                "The record does not wait for an agent",
            );
        }
        self.check_target(target)?;
        self.check_room(item, self.config_of(target), now)
    }

    fn check_reroute(&self, item: RecordId, now: Millis) -> Checked {
        match self.open_work(item) {
            Some(work) => {
                let (target, _) = self.back_to(&work.row);
                self.check_room(item, self.config_of(&target), now)
            }
            None => Ok(()),
        }
    }

    fn check_extend(&self, work: RecordId, user: RecordId) -> Checked {
        let found = self.own_work(work, user)?;
        let Some(timer) = self.after_work_of(found) else {
            return refuse(
                Code::InvalidOperation,
                "After-conversation work has no extensions",
            );
        };
        let is_running = found.extra.as_ref().is_some_and(|e| e.until.is_some());
        let used = found.row.extension_count.unwrap_or(0);
        if !is_running || timer.extension_s <= 0 || used >= timer.extensions_max {
            return refuse(
                Code::InvalidOperation,
                "After-conversation work cannot be extended",
            );
        }
        Ok(())
    }

    fn check_join(&self, work: RecordId, user: RecordId) -> Checked {
        let Some(found) = self.works.find(work) else {
            return refuse(Code::WorkNotFound, "There is no such active work");
        };
        if found.row.status != Status::Opened {
            return Err(wrong_status(Code::WorkNotOpen, found.row.status));
        }
        self.check_logged_in(user)?;
        let has_it = self.works_of_item.get(&found.row.work_item);
        if has_it
            .into_iter()
            .flatten()
            .any(|s| self.works[*s].row.user == user)
        {
            return refuse(Code::InvalidOperation, "The agent takes part already");
        }
        let item = found.row.work_item;
        if self.request_of_item.contains_key(&item) || !self.offers_of_item(item).is_empty() {
            return refuse(
                Code::InvalidOperation,
                "The item is offered to another agent",
            );
        }
        Ok(())
    }
}

/// Columns of a request that a client may change before it is ready (R10, R11).
const EDITABLE: &[RequestField] = &[
    RequestField::OwnerId,
    RequestField::RoutingModel,
    RequestField::RoutingPriority,
    RequestField::SecondaryRoutingPriority,
    RequestField::CapacityWeight,
    RequestField::CapacityPercentage,
    RequestField::PausedCapacityWeight,
    RequestField::PausedCapacityPercentage,
    RequestField::PushTimeout,
    RequestField::DropAdditionalSkillsTimeout,
    RequestField::IsInterruptible,
    RequestField::IsReadyForRouting,
    RequestField::PreferredUserId,
    RequestField::IsPreferredUserRequired,
    RequestField::CustomRequestedDateTime,
    RequestField::TargetAcceptDateTime,
    RequestField::ScheduledRoutingDateTime,
    RequestField::TransferRequesterId,
];

/// Columns of active work that a client may change (R109).
const EDITABLE_WORK: &[WorkField] = &[
    WorkField::OwnerId,
    WorkField::TargetAcceptDateTime,
    WorkField::TransferRequesterId,
    WorkField::PausedCapacityWeight,
    WorkField::PausedCapacityPercentage,
];

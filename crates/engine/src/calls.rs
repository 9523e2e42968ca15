//! Telephony commands: calls, their conversation, their way into routing (telephony.md 1.4 to 1.6).
//!
//! The token named the contact centre; a call of another centre does not exist for it.

use model::{Code, FieldIx, Millis, Need, Record, RecordId, Refusal, Value};
use routing::{Command, Target};

use crate::draft::{Planned, Planner, Stop, refuse};
use crate::engine::Engine;
use crate::request::{CallRef, CallReply, CallRequest, Reply};

/// TEL8: a repeated Create within this time is the same call.
const SAME_CALL_S: i64 = 60;

const COMPLETED: &str = "completed";

struct NewCall<'a> {
    center: RecordId,
    values: &'a [(FieldIx, Value)],
    key: &'a str,
    parent: Option<&'a CallRef>,
    queue: Option<&'a str>,
    errors: &'a [String],
}

impl Planner<'_> {
    pub(crate) fn call(&mut self, request: &CallRequest) -> Planned<Reply> {
        let reply = match request {
            CallRequest::Create {
                center,
                values,
                vendor_call_key,
                parent,
                queue,
                attribute_errors,
            } => self.create_call(&NewCall {
                center: *center,
                values,
                key: vendor_call_key,
                parent: parent.as_ref(),
                queue: queue.as_deref(),
                errors: attribute_errors,
            })?,
            CallRequest::Update {
                center,
                call,
                values,
                is_active,
            } => {
                let call = self.find_call(*center, call)?;
                self.update_call(&call, values, *is_active)?;
                CallReply::Done
            }
            CallRequest::Route {
                center,
                call,
                target,
                fallback_queue,
            } => {
                let call = self.find_call(*center, call)?;
                self.route_call(*center, &call, target, fallback_queue.as_deref())?;
                CallReply::Done
            }
            CallRequest::ClearRouting { center, call } => {
                // TEL22: also when nothing was pending
                let call = self.find_call(*center, call)?;
                self.route(Command::CustomerLeft { item: call.id });
                CallReply::Done
            }
            CallRequest::Reroute { center, call } => {
                let call = self.find_call(*center, call)?;
                self.open_call(&call)?;
                self.reroute(&call)?;
                CallReply::Done
            }
        };
        Ok(Reply::Call(reply))
    }

    /// TEL6, TEL7: by id, or by key the newest that is not completed, else the newest.
    fn find_call(&mut self, center: RecordId, call: &CallRef) -> Planned<Record> {
        let k = &self.engine.known.call;
        let found = match call {
            CallRef::Id(id) if self.engine.catalogue.object_of(*id) == Some(k.ix) => {
                self.load(k.ix, *id)?
            }
            CallRef::Id(_) => None,
            CallRef::Key(key) => {
                let calls = self.calls_of(center, key)?;
                let open = calls
                    .iter()
                    .rev()
                    .find(|c| c.get(k.disposition).as_text() != Some(COMPLETED));
                open.or(calls.last()).cloned()
            }
        };
        found
            .filter(|c| !c.is_deleted && c.get(k.center_id).as_id() == Some(center))
            .ok_or_else(|| Stop::Refused(Refusal::not_found()))
    }

    /// Calls of a centre with this key, oldest first.
    fn calls_of(&mut self, center: RecordId, key: &str) -> Planned<Vec<Record>> {
        let k = &self.engine.known.call;
        let ids = self.matching(k.ix, k.vendor_key, &Value::from(key))?;
        let mut calls = Vec::with_capacity(ids.len());
        for id in ids {
            calls.extend(
                self.load(k.ix, id)?
                    .filter(|c| c.get(k.center_id).as_id() == Some(center)),
            );
        }
        Ok(calls)
    }

    fn create_call(&mut self, new: &NewCall<'_>) -> Planned<CallReply> {
        let k = &self.engine.known;
        if self
            .engine
            .resident
            .get(k.call_center.ix, new.center)
            .is_none()
        {
            return Err(Stop::Refused(Refusal::not_found()));
        }
        let k = &k.call;
        self.fitting_value(k.ix, k.vendor_key, &Value::from(new.key))?; // refused, never cut: it finds the call
        let calls = self.calls_of(new.center, new.key)?;
        let parent = match new.parent {
            Some(parent) => Some(self.find_call(new.center, parent)?),
            None => None,
        };
        let mut row = self.new_row(k.ix);
        let mut errors = new.errors.to_vec();
        self.take_values(&mut row, new.values, &mut errors)?;
        if row.get(k.kind).is_null() {
            row.set(
                k.kind,
                Value::from(if parent.is_some() {
                    "Transfer"
                } else {
                    "Inbound"
                }),
            );
        }
        if let Some(same) = self.same_call(&calls, &row, parent.as_ref()) {
            return Ok(CallReply::Created { id: same, errors });
        }
        if row.get(k.start).is_null() {
            row.set(k.start, self.engine.now.into());
        }
        let vendor = row.get(k.vendor_type).clone();
        row.set(
            k.vendor_type,
            if vendor.is_null() {
                Value::from("ContactCenter")
            } else {
                vendor
            },
        );
        row.set(k.center_id, new.center.into());
        row.set(k.vendor_key, Value::from(new.key));
        row.set(k.disposition, Value::from("new"));
        row.set(k.owner_id, self.caller.user.into());
        if let Some(queue) = new.queue {
            let queue = self.resolve_queue(new.center, queue)?;
            row.set(k.owner_id, queue.into());
            row.set(k.queue_name, self.group_name(queue));
        }
        self.converse(&mut row, parent)?;
        let id = row.id;
        self.insert(row)?;
        Ok(CallReply::Created { id, errors })
    }

    /// TEL8.
    fn same_call(
        &self,
        calls: &[Record],
        row: &Record,
        parent: Option<&Record>,
    ) -> Option<RecordId> {
        let k = &self.engine.known.call;
        let created = self.engine.shapes.get(k.ix).created?;
        let since = Millis(self.engine.now.0.saturating_sub(SAME_CALL_S * 1_000));
        let is_same = |c: &&Record| {
            c.get(k.kind) == row.get(k.kind)
                && c.get(k.previous_id).as_id() == parent.map(|p| p.id)
                && c.get(created).as_millis().is_some_and(|at| at >= since)
        };
        calls.iter().find(is_same).map(|c| c.id)
    }

    /// A call belongs to a conversation: a new one, or that of the call before it.
    fn converse(&mut self, row: &mut Record, parent: Option<Record>) -> Planned<()> {
        let known = &self.engine.known;
        let k = &known.call;
        if let Some(parent) = parent {
            row.set(k.previous_id, parent.id.into());
            row.set(k.conversation_id, parent.get(k.conversation_id).clone());
            let mut after = parent.clone();
            after.set(k.next_id, row.id.into());
            self.replace(&parent, after)?;
            if !row.get(k.conversation_id).is_null() {
                return Ok(());
            }
        }
        let start = row.get(k.start).as_millis().unwrap_or(self.engine.now);
        let (at, ms) = (Value::from(start), Value::from(start.0.rem_euclid(1_000)));
        let mut conversation = self.new_row(known.conversation.ix);
        let c = &known.conversation;
        conversation.set(c.identifier, row.get(k.vendor_key).clone());
        conversation.set(c.channel_id, row.get(k.center_id).clone());
        conversation.set(c.start, at.clone());
        conversation.set(c.start_ms, ms.clone());
        row.set(k.conversation_id, conversation.id.into());
        let mut customer = self.new_row(known.participant.ix);
        let p = &known.participant;
        customer.set(p.conversation_id, conversation.id.into());
        customer.set(p.key, clipped(row.get(k.from), 120));
        customer.set(p.role, Value::from("EndUser"));
        for (date, part) in [(p.joined, p.joined_ms), (p.active, p.active_ms)] {
            customer.set(date, at.clone());
            customer.set(part, ms.clone());
        }
        self.insert(conversation)?;
        self.insert(customer)
    }

    /// Sets what fits; what does not fit is told and left out (telephony.md 1.6, 1).
    fn take_values(
        &mut self,
        row: &mut Record,
        values: &[(FieldIx, Value)],
        errors: &mut Vec<String>,
    ) -> Planned<()> {
        for (field, value) in values {
            match self.fitting_value(row.object, *field, value) {
                Ok(value) => row.set(*field, value),
                Err(Stop::Refused(refusal)) => errors.push(refusal.message),
                Err(Stop::Miss) => {}
            }
        }
        self.complete()
    }

    /// TEL15: more facts, or the end.
    fn update_call(
        &mut self,
        call: &Record,
        values: &[(FieldIx, Value)],
        is_active: bool,
    ) -> Planned<()> {
        let k = &self.engine.known.call;
        let mut after = call.clone();
        self.take_values(&mut after, values, &mut Vec::new())?;
        let sent = |field: FieldIx| {
            values
                .iter()
                .find(|(f, _)| *f == field)
                .and_then(|(_, v)| v.as_millis())
        };
        if let (Some(start), Some(end)) = (sent(k.start), sent(k.end)) {
            after.set(k.duration, end.seconds_since(start).into());
        }
        let was_completed = call.get(k.disposition).as_text() == Some(COMPLETED);
        if is_active {
            if !was_completed {
                after.set(k.disposition, Value::from("in-progress"));
            }
        } else {
            self.end_call(&mut after, values)?;
        }
        self.replace(call, after)
    }

    fn end_call(&mut self, call: &mut Record, values: &[(FieldIx, Value)]) -> Planned<()> {
        let k = &self.engine.known.call;
        call.set(k.disposition, Value::from(COMPLETED));
        if call.get(k.end).is_null() {
            call.set(k.end, self.engine.now.into());
        }
        for field in [k.holds, k.longest_hold, k.hold_duration] {
            if !values.iter().any(|(f, _)| *f == field) {
                call.set(field, Value::Int(0));
            }
        }
        // R112, R198; then R122, R123
        self.route(Command::CustomerLeft { item: call.id });
        self.route(Command::EndConversation { item: call.id });
        if call.get(k.next_id).is_null() {
            self.end_conversation(call)?;
        }
        Ok(())
    }

    fn end_conversation(&mut self, call: &Record) -> Planned<()> {
        let known = &self.engine.known;
        let Some(id) = call.get(known.call.conversation_id).as_id() else {
            return Ok(());
        };
        let Some(conversation) = self.load(known.conversation.ix, id)? else {
            return Ok(());
        };
        if !conversation.get(known.conversation.end).is_null() {
            return Ok(());
        }
        let end = call
            .get(known.call.end)
            .as_millis()
            .unwrap_or(self.engine.now);
        let mut after = conversation.clone();
        after.set(known.conversation.end, end.into());
        after.set(
            known.conversation.end_ms,
            Value::from(end.0.rem_euclid(1_000)),
        );
        self.replace(&conversation, after)
    }

    fn open_call(&self, call: &Record) -> Planned<()> {
        if call.get(self.engine.known.call.disposition).as_text() == Some(COMPLETED) {
            return refuse(Code::InvalidOperation, "the call is completed");
        }
        Ok(())
    }

    fn route_call(
        &mut self,
        center: RecordId,
        call: &Record,
        target: &str,
        fallback: Option<&str>,
    ) -> Planned<()> {
        self.open_call(call)?;
        let k = &self.engine.known;
        let Some(channel) = self.engine.configured.channel_of.get(&k.call.ix).copied() else {
            return refuse(
                Code::InvalidOperation,
                "no service channel carries voice calls",
            );
        };
        let id = self.resolve(center, target)?;
        let mut after = call.clone();
        after.set(k.call.queued, self.engine.now.into());
        let target = match self.engine.catalogue.name_of(id) {
            Some("Group") => {
                let queue = self.voice_queue(id)?;
                after.set(k.call.owner_id, queue.into());
                after.set(k.call.queue_name, self.group_name(queue));
                Target::Queue(queue)
            }
            Some("User") => {
                // R62, R194
                if !self.engine.is_mapped(id, center) {
                    return refuse(
                        Code::InvalidInput,
                        "the user is not mapped to this contact center",
                    );
                }
                let fallback = match fallback {
                    Some(queue) => Some(self.resolve_queue(center, queue)?),
                    None => None,
                };
                Target::User {
                    user: id,
                    required: fallback.is_none(),
                    fallback,
                }
            }
            Some("FlowDefinition" | "Flow") => {
                return refuse(
                    Code::FunctionalityNotEnabled,
                    "routing to a flow is not available yet",
                );
            }
            _ => {
                return refuse(
                    Code::InvalidInput,
                    "the routing target is no user, queue or flow",
                );
            }
        };
        let item = self.item(&after, channel);
        self.replace(call, after)?;
        self.route(Command::Route {
            item,
            target,
            requested: None,
            accept_by: None,
        });
        Ok(())
    }

    /// R128, R197.
    fn reroute(&mut self, call: &Record) -> Planned<()> {
        let Some(channel) = self.engine.configured.channel_of.get(&call.object).copied() else {
            return refuse(
                Code::InvalidOperation,
                "no service channel carries voice calls",
            );
        };
        let item = self.item(call, channel);
        self.route(Command::Reroute { item });
        Ok(())
    }

    /// A record id, or a provider's id that CallCenterRoutingMap knows in this centre.
    fn resolve(&self, center: RecordId, text: &str) -> Planned<RecordId> {
        if let Ok(id) = RecordId::parse(text)
            && let Some("Group" | "User" | "FlowDefinition" | "Flow") =
                self.engine.catalogue.name_of(id)
        {
            return Ok(id);
        }
        match self.engine.mapped(center, text) {
            Some(id) => Ok(id),
            None => refuse(Code::InvalidInput, "the routing target is not mapped"),
        }
    }

    fn resolve_queue(&self, center: RecordId, text: &str) -> Planned<RecordId> {
        let id = self.resolve(center, text)?;
        self.voice_queue(id)
    }

    fn voice_queue(&self, id: RecordId) -> Planned<RecordId> {
        let k = &self.engine.known.group;
        let row = self.engine.resident.get(k.ix, id);
        if row.is_none_or(|g| g.get(k.kind).as_text() != Some("Queue")) {
            return refuse(Code::InvalidInput, "the routing target is no queue");
        }
        Ok(id)
    }

    fn group_name(&self, queue: RecordId) -> Value {
        let k = &self.engine.known.group;
        self.engine
            .resident
            .get(k.ix, queue)
            .map(|g| g.get(k.name).clone())
            .unwrap_or_default()
    }
}

fn clipped(value: &Value, max: usize) -> Value {
    Value::from(
        value
            .as_text()
            .unwrap_or_default()
            .chars()
            .take(max)
            .collect::<String>(),
    )
}

impl Engine {
    /// The user or queue behind a provider's id.
    pub fn mapped(&self, center: RecordId, external: &str) -> Option<RecordId> {
        let k = &self.known.routing_map;
        let rules = &self.resident.unique;
        let rule = rules
            .of_object(k.ix)
            .iter()
            .find(|r| rules.rule(**r).fields == [k.center_id, k.external_id])?;
        let mut probe = Record::new(k.ix, center);
        probe.set(k.center_id, center.into());
        probe.set(k.external_id, Value::from(external));
        let row = self.resident.holder(&rules.key(*rule, &probe)?)?;
        self.resident.get(k.ix, row)?.get(k.reference_id).as_id()
    }

    /// The provider's id of a user or queue (R194).
    pub fn external_id(&self, center: RecordId, reference: RecordId) -> Option<String> {
        let k = &self.known.routing_map;
        let mut rows = self.resident.table(k.ix).values();
        let row = rows.find(|r| {
            r.get(k.center_id).as_id() == Some(center)
                && r.get(k.reference_id).as_id() == Some(reference)
        })?;
        row.get(k.external_id).as_text().map(str::to_owned)
    }

    /// The contact centre with this InternalName.
    pub fn call_center(&self, internal_name: &str) -> Option<RecordId> {
        let k = &self.known.call_center;
        self.resident
            .find(k.ix, k.internal_name, &Value::from(internal_name))
            .map(|r| r.id)
    }

    /// InternalName and definition (CustomSettings) of a contact centre, for checking its tokens.
    pub fn call_center_definition(&self, center: RecordId) -> Option<(String, String)> {
        let k = &self.known.call_center;
        let row = self.resident.get(k.ix, center)?;
        let text = |field| row.get(field).as_text().unwrap_or_default().to_owned();
        Some((text(k.internal_name), text(k.settings)))
    }

    /// An accepted call has an agent and a time (telephony.md 7).
    pub(crate) fn call_accepted(&mut self, work: &routing::AgentWork) {
        let k = self.known.call;
        if self.catalogue.object_of(work.work_item) != Some(k.ix) {
            return;
        }
        let mut sets = vec![(k.accepted, self.now.into()), (k.user_id, work.user.into())];
        sets.extend(self.stamps(k.ix, work.user));
        self.apply(model::RowChange::Update {
            object: k.ix,
            id: work.work_item,
            sets,
        });
    }

    pub(crate) fn guess_call(&self, request: &CallRequest, needs: &mut Vec<Need>) {
        let k = &self.known.call;
        let mut want = |call: &CallRef| match call {
            CallRef::Id(id) if self.catalogue.object_of(*id) == Some(k.ix) => {
                needs.push(Need::Row(k.ix, *id))
            }
            CallRef::Id(_) => {}
            CallRef::Key(key) => {
                needs.push(Need::Match(k.ix, k.vendor_key, Value::from(key.as_str())))
            }
        };
        match request {
            CallRequest::Create {
                vendor_call_key,
                parent,
                ..
            } => {
                want(&CallRef::Key(vendor_call_key.clone()));
                parent.iter().for_each(want);
            }
            CallRequest::Update { call, .. }
            | CallRequest::Route { call, .. }
            | CallRequest::ClearRouting { call, .. }
            | CallRequest::Reroute { call, .. } => want(call),
        }
    }
}

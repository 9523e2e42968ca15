//! Telephony: calls come, are routed, cleared and end.

use engine::{CallRef, CallRequest, Request as Asked};
use model::{RecordId, Value};

use super::{Made, Workload, show};
use crate::facts::Facts;

impl Workload {
    pub(super) fn center(&mut self, facts: &Facts) -> Option<RecordId> {
        self.rng.pick(&facts.config.centers)
    }

    pub(super) fn create_call(&mut self, facts: &Facts) -> Made {
        let s = &facts.schema.call;
        let center = self.center(facts)?;
        let tag = self.tag();
        let values = vec![
            (s.from, Value::from(tag.clone())),
            (s.to, Value::from("+44100")),
            (s.kind, Value::from("Inbound")),
        ];
        let request = CallRequest::Create {
            center,
            values,
            vendor_call_key: tag.clone(),
            parent: None,
            queue: None,
            attribute_errors: Vec::new(),
        };
        Some((
            self.admin(),
            Asked::Call(request),
            format!("call {tag} at {center}"),
        ))
    }

    pub(super) fn call(&mut self, facts: &Facts) -> Option<(RecordId, CallRef, RecordId)> {
        let voice = facts.schema.call.ix;
        let item = self.item(facts, |i| i.object == voice)?;
        let call = match item.tag.filter(|_| self.rng.percent(50)) {
            Some(key) => CallRef::Key(key.to_string()),
            None => CallRef::Id(item.id),
        };
        Some((item.center?, call, item.id))
    }

    pub(super) fn route_call(&mut self, facts: &Facts) -> Made {
        let (center, call, id) = self.call(facts)?;
        let to_queue = self.rng.percent(60);
        let target = if to_queue {
            self.queue(facts)?
        } else {
            self.agent(facts)?
        };
        let fallback = self
            .queue(facts)
            .filter(|_| !to_queue && self.rng.percent(60));
        let words = format!("route call {id} to {target}, else {}", show(fallback));
        let request = CallRequest::Route {
            center,
            call,
            target: target.to_string(),
            fallback_queue: fallback.map(|q| q.to_string()),
        };
        Some((self.admin(), Asked::Call(request), words))
    }

    pub(super) fn clear_call(&mut self, facts: &Facts) -> Made {
        let (center, call, id) = self.call(facts)?;
        let request = CallRequest::ClearRouting { center, call };
        Some((
            self.admin(),
            Asked::Call(request),
            format!("clear routing of {id}"),
        ))
    }

    pub(super) fn end_call(&mut self, facts: &Facts) -> Made {
        let (center, call, id) = self.call(facts)?;
        let request = CallRequest::Update {
            center,
            call,
            values: Vec::new(),
            is_active: false,
        };
        Some((
            self.admin(),
            Asked::Call(request),
            format!("call {id} ends"),
        ))
    }

    pub(super) fn reroute_call(&mut self, facts: &Facts) -> Made {
        let (center, call, id) = self.call(facts)?;
        let request = CallRequest::Reroute { center, call };
        Some((
            self.admin(),
            Asked::Call(request),
            format!("reroute call {id}"),
        ))
    }
}

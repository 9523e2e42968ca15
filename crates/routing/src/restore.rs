//! Restart: memory from rows (R137). Law: what comes out equals what was there.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{Millis, RecordId, Space};

use crate::agent::{Online, Sums};
use crate::api::{Capacity, Restored};
use crate::notes;
use crate::requests::Hidden;
use crate::rows::{
    AgentWork, PendingServiceRouting, Session, SkillRequirement, UserServicePresence,
};
use crate::state::RoutingState;

type Notes = BTreeMap<(Space, String), String>;

impl RoutingState {
    /// Takes the rows of the store, once, after all configuration and before the first command.
    ///
    /// A row that does not fit (an offer to a user who is not logged in, say) is taken as far as it
    /// goes; `trunkline check` reports it.
    pub fn restore(&mut self, rows: Restored, now: Millis) {
        self.now = self.now.max(now);
        self.restore_skill_dates();
        let notes: Notes = rows
            .notes
            .into_iter()
            .filter_map(|n| Some(((n.space, n.key), n.value?)))
            .collect();
        for presence in rows.presences.into_iter().filter(|p| p.is_current) {
            self.restore_presence(presence, &notes);
        }
        let mut works = rows.works;
        works.sort_unstable_by_key(|w| (w.assigned, w.id));
        works
            .into_iter()
            .filter(|w| w.status.is_active())
            .for_each(|w| self.restore_work(w, &notes));
        let mut requirements: BTreeMap<RecordId, Vec<SkillRequirement>> = BTreeMap::new();
        for row in rows.requirements {
            requirements.entry(row.related).or_default().push(row);
        }
        for row in rows.requests {
            let asked = requirements.remove(&row.id).unwrap_or_default();
            self.restore_request(row, asked, &notes);
        }
        self.restore_figures(&notes);
        self.restore_agents();
    }

    fn restore_presence(&mut self, row: UserServicePresence, notes: &Notes) {
        let slot = self.agent_slot(row.user);
        let status = self.status_slot(row.status);
        let mut online = Online {
            status,
            session: Session(row.id),
            login: row.start,
            last_assigned: None,
            next: None,
            sums: Sums {
                at: row.start,
                ..Sums::default()
            },
            told: Capacity::default(),
            row,
        };
        let key = online.row.user.as_15().to_owned();
        if let Some(text) = notes.get(&(Space::Agent, key)) {
            notes::read_agent(&mut online, text);
        }
        self.agents[slot].online = Some(Box::new(online));
    }

    fn restore_work(&mut self, row: AgentWork, notes: &Notes) {
        let agent = self.agent_slot(row.user);
        let extra = notes.get(&(Space::Work, row.id.as_15().to_owned()));
        let extra = extra.map(|text| Box::new(notes::read_work(text)));
        self.returns |= extra.as_ref().is_some_and(|e| e.untouched.is_some());
        self.attach_work(Arc::new(row), agent, extra);
    }

    fn restore_request(
        &mut self,
        row: PendingServiceRouting,
        mut requirements: Vec<SkillRequirement>,
        notes: &Notes,
    ) {
        requirements.sort_unstable_by_key(|r| r.id);
        let key = row.id.as_15().to_owned();
        let content = notes
            .get(&(Space::Request, key.clone()))
            .map(|t| notes::read_request(t));
        let content = content.unwrap_or_default();
        let tried = notes
            .get(&(Space::Tried, key))
            .map(|t| notes::read_tried(t));
        let hidden = Hidden {
            call_center: content.call_center,
            customer: content.customer,
            requested: content.requested,
            tried: tried.unwrap_or_default(),
            rounds: content.rounds,
            rounds_max: content.rounds_max,
            is_returned: content.is_returned,
        };
        let slot = self.attach_request(row, hidden, requirements);
        if let Some(skills) = &mut self.requests[slot].skills {
            skills.ready = content.ready.unwrap_or_default();
            skills.dropped = content.dropped;
        }
        self.restore_drops(slot);
        self.find_filters(slot);
        self.place(slot);
    }

    fn restore_figures(&mut self, notes: &Notes) {
        for ((space, key), value) in notes {
            match space {
                Space::Intake => {
                    if let (Ok(minute), Ok(count)) = (key.parse(), value.parse()) {
                        self.intake.minutes.insert(minute, count);
                    }
                }
                Space::Wait => self.waits.restore(key, value),
                Space::Customer => {
                    if let Ok(customer) = RecordId::parse(key) {
                        self.customers.put(customer, notes::read_customer(value));
                    }
                }
                Space::Room => {
                    if let (Ok(request), Ok(user)) = (RecordId::parse(key), RecordId::parse(value))
                    {
                        self.restore_room(request, user);
                    }
                }
                Space::Recent => {
                    if let Ok(user) = RecordId::parse(key) {
                        let slot = self.agent_slot(user);
                        self.agents[slot].recent = notes::read_recent(value);
                    }
                }
                _ => {} // read with their rows, or not ours
            }
        }
    }

    /// Every agent finds its place; the next pass looks at everything.
    fn restore_agents(&mut self) {
        let slots: Vec<_> = self.agents.iter().map(|(slot, _)| slot).collect();
        for slot in slots {
            self.recount(slot);
            let capacity = self.agents[slot].capacity();
            if let Some(online) = &mut self.agents[slot].online {
                online.told = capacity;
                self.suspects.insert(self.agents[slot].id);
            }
            self.reindex_freed(slot);
        }
    }
}

//! What `expect` says of the world: each claim is worked out anew and must read as it stands.

use model::{RecordId, Value};
use routing::{Exclusion, Order, PendingServiceRouting, Status, Units, WorkField};

use crate::language::Script;
use crate::words::Words;

impl Script {
    pub fn expect(&mut self, claim: &str, line: &str) {
        let words = Words::of(claim);
        let actual = self.actual(&words);
        let mut wanted: Vec<String> = words.plain[1..].iter().map(|w| (*w).to_owned()).collect();
        wanted.extend(words.pairs.iter().map(|(k, v)| format!("{k}={v}")));
        assert_eq!(
            actual.join(" "),
            wanted.join(" "),
            "\n{line}\nat {}",
            self.world.now.to_rest()
        );
    }

    /// The claim as it should read.
    fn actual(&mut self, words: &Words) -> Vec<String> {
        let name = words.plain.get(1).copied().unwrap_or_default();
        let mut shown = vec![name.to_owned()];
        match words.plain[0] {
            "case" | "lead" | "call" | "chat" => {
                let item = self.item(name);
                shown.push(format!("owner={}", self.name_of(self.world.owners[&item])));
            }
            "works" => {
                let item = self.item(name);
                let works = self.world.works.values().filter(|w| w.work_item == item);
                let each: Vec<_> = works
                    .map(|w| format!("{}:{}", self.name_of(w.user), w.status.as_str()))
                    .collect();
                shown.extend(each);
            }
            "work" => shown.extend(self.show_work(words)),
            "psr" => shown.extend(self.show_request(words)),
            "used" => {
                let user = self.user(name);
                let c = self.world.state.capacity_of(user).unwrap_or_default();
                shown.extend([number(c.used), "of".to_owned(), number(c.configured)]);
            }
            "interruptible" => {
                let user = self.user(name);
                let c = self.world.state.capacity_of(user).unwrap_or_default();
                let of = number(c.configured_interruptible);
                shown.extend([number(c.used_interruptible), "of".to_owned(), of]);
            }
            "offered" => {
                let item = self.item(name);
                let works = self.world.works.values();
                let open = works.filter(|w| w.work_item == item && w.status == Status::Assigned);
                shown.extend(open.map(|w| self.name_of(w.user)));
            }
            "waits" => {
                let item = self.item(name);
                let waits = self
                    .world
                    .requests
                    .values()
                    .any(|r| r.work_item == item && !r.is_pushed);
                if !waits {
                    shown.push("does-not-wait".to_owned());
                }
            }
            "presences" => {
                let user = self.user(name);
                let rows = self.world.presences.values().filter(|p| p.user == user);
                shown.extend(rows.map(|p| {
                    let state = if p.is_current { "*" } else { "" };
                    format!("{}{state}", self.name_of(p.status))
                }));
            }
            "status" => {
                let user = self.user(name);
                let presence = self.world.state.presence_of(user);
                shown.extend(presence.iter().map(|p| self.name_of(p.status)));
                let next = presence.and_then(|p| p.next);
                shown.extend(next.map(|next| format!("then-{}", self.name_of(next))));
            }
            "presence" => shown.extend(self.show_presence(words)),
            "history" => {
                let item = self.item(name);
                shown.extend(self.show_history(item));
            }
            "skills" => {
                let item = self.item(name);
                let rows = self.world.work_skills.values();
                let of_item = rows.filter(|s| {
                    self.world
                        .works
                        .get(&s.work)
                        .is_some_and(|w| w.work_item == item)
                });
                shown.extend(of_item.map(|s| {
                    let dropped = if s.was_dropped { "-dropped" } else { "" };
                    format!("{}{dropped}", self.name_of(s.skill))
                }));
            }
            "why" => {
                let item = self.item(name);
                shown.extend(self.show_why(item));
            }
            "reasons" => {
                let queue = self.id("00G", name);
                let counts = self.world.state.waiting_by_reason(queue);
                shown.extend(counts.iter().map(|(why, items)| format!("{why:?}:{items}")));
            }
            "why-not" => {
                let user = self.user(name);
                shown.extend(self.show_why_not(user));
            }
            "ewt" => {
                let queue = self.id("00G", name);
                let wait = self
                    .world
                    .state
                    .estimated_wait_of_queue(queue, self.world.now);
                shown.push(wait.map_or("null".to_owned(), |w| w.to_string()));
            }
            _ => shown.extend(self.show_desk(words)),
        }
        shown
    }

    pub fn name_of(&self, id: RecordId) -> String {
        let found = self.names.iter().find(|(_, named)| **named == id);
        found.map_or_else(|| id.to_string(), |((_, name), _)| name.clone())
    }

    fn session_name(&self, session: routing::Session) -> String {
        let row = self.world.presences.get(&session.0);
        row.map_or_else(|| "?".to_owned(), |p| self.name_of(p.user))
    }

    /// `work 1 A Assigned SpeedToAnswer=8`: the newest row of both.
    fn show_work(&mut self, words: &Words) -> Vec<String> {
        let (item, user) = (self.item(words.plain[1]), self.user(words.plain[2]));
        let rows = self.world.works.values().rev();
        let Some(row) = rows.clone().find(|w| w.work_item == item && w.user == user) else {
            return vec![words.plain[2].to_owned(), "none".to_owned()];
        };
        let mut shown = vec![words.plain[2].to_owned(), row.status.as_str().to_owned()];
        for (key, _) in &words.pairs {
            let field = *WorkField::ALL
                .iter()
                .find(|f| f.as_str() == *key)
                .expect("a column");
            shown.push(format!("{key}={}", self.show(&row.get(field))));
        }
        shown
    }

    /// `psr 1 none` or `psr 1 pushed=yes serial=2`.
    fn show_request(&mut self, words: &Words) -> Vec<String> {
        let item = self.item(words.plain[1]);
        let Some(row) = self.world.requests.values().find(|r| r.work_item == item) else {
            return vec!["none".to_owned()];
        };
        let yes = |b: bool| if b { "yes" } else { "no" }.to_owned();
        let each = words.pairs.iter().map(|(key, _)| {
            let value = match *key {
                "pushed" => yes(row.is_pushed),
                "attempted" => yes(row.is_push_attempted),
                "serial" => row.serial.to_string(),
                "last" => row
                    .last_declined
                    .map_or("null".into(), |s| self.session_name(s)),
                name => {
                    let all = routing::RequestField::ALL;
                    let field = *all.iter().find(|f| f.as_str() == name).expect("a column");
                    self.show(&row.get(field))
                }
            };
            format!("{key}={value}")
        });
        each.collect()
    }

    fn show_presence(&mut self, words: &Words) -> Vec<String> {
        let user = self.user(words.plain[1]);
        let row = self
            .world
            .presences
            .values()
            .rev()
            .find(|p| p.user == user)
            .expect("a row");
        let each = words.pairs.iter().map(|(key, _)| {
            let all = routing::PresenceField::ALL;
            let field = *all.iter().find(|f| f.as_str() == *key).expect("a column");
            format!("{key}={}", self.show(&row.get(field)))
        });
        each.collect()
    }

    /// `why 1 NobodyFree before 0 A:NoCapacity B:score4`
    fn show_why(&self, item: RecordId) -> Vec<String> {
        let why = self.world.state.explain_item(item).expect("a request");
        let mut shown = vec![format!("{:?}", why.reason)];
        if why.order != Order::Priority {
            shown.push(format!("by-{:?}", why.order));
        }
        if let Some(user) = why.room_kept {
            shown.push(format!("keeps-{}", self.name_of(user)));
        }
        shown.extend(why.before.map(|count| format!("before-{count}")));
        shown.extend(why.candidates.iter().map(|c| {
            let says = match (c.exclusion, c.score) {
                (Some(Exclusion::SkillMissing(skill)), _) => format!("no-{}", self.name_of(skill)),
                (Some(exclusion), _) => format!("{exclusion:?}"),
                (None, score) => format!("{}", score.unwrap_or_default()),
            };
            format!("{}:{says}", self.name_of(c.user))
        }));
        shown
    }

    /// `why-not A holds 1:6 waits Q:2:NoCapacity`
    fn show_why_not(&self, user: RecordId) -> Vec<String> {
        let why = self.world.state.explain_agent(user).expect("an agent");
        let mut shown: Vec<String> = why.exclusion.iter().map(|e| format!("{e:?}")).collect();
        shown.push("holds".to_owned());
        let holdings = why.holdings.iter();
        shown
            .extend(holdings.map(|h| format!("{}:{}", self.name_of(h.work_item), number(h.units))));
        shown.push("waits".to_owned());
        shown.extend(why.waiting.iter().map(|w| {
            let exclusion = w.exclusion.map_or("next".to_owned(), |e| format!("{e:?}"));
            format!("{}:{exclusion}", self.name_of(w.first))
        }));
        shown
    }

    /// Serial, IsPushed and last decliner of every version of the item's requests.
    fn show_history(&self, item: RecordId) -> Vec<String> {
        let ids: Vec<RecordId> = self
            .world
            .history
            .iter()
            .filter_map(|(id, row)| row.as_ref().filter(|r| r.work_item == item).map(|_| *id))
            .collect();
        let versions = self.world.history.iter().filter(|(id, _)| ids.contains(id));
        let show = |row: &Option<PendingServiceRouting>| match row {
            None => "gone".to_owned(),
            Some(row) => {
                let pushed = if row.is_pushed { "pushed" } else { "free" };
                let last = row
                    .last_declined
                    .map_or("-".into(), |s| self.session_name(s));
                format!("{}/{pushed}/{last}", row.serial)
            }
        };
        versions.map(|(_, row)| show(row)).collect()
    }

    pub fn show(&self, value: &Value) -> String {
        match value {
            Value::Null => "null".to_owned(),
            Value::Bool(b) => b.to_string(),
            Value::Int(n) => n.to_string(),
            Value::Double(n) => n.to_string(),
            Value::Text(text) => text.to_string(),
            Value::Id(id) => self.name_of(*id),
            Value::DateTime(at) => at.to_rest()[11..19].to_owned(),
            other => format!("{other:?}"),
        }
    }
}

fn number(units: Units) -> String {
    units.to_f64().to_string()
}

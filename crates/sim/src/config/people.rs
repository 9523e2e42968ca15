//! Users as routing sees them: presence configuration, statuses, skills, contact centres (R53, R56, R62,
//! R76, R77).

use std::collections::BTreeSet;

use model::{Millis, Record, RecordId};

use super::{AfterWork, Config, Person, Reader, Skill};
use crate::schema::Schema;
use crate::units;

impl Config {
    pub(super) fn read_people(&mut self, s: &Schema, r: &Reader) {
        for row in r.of(s.user.ix) {
            let profile = row.get(s.user.profile).as_id();
            let mut person = Person {
                is_active: row.get(s.user.is_active).is_true(),
                profile,
                role: row.get(s.user.role).as_id(),
                skills: skills_of(s, r, row.id),
                statuses: self.statuses_of(s, r, row.id, profile),
                ..Person::default()
            };
            if let Some(config) = presence_config_of(s, r, row.id, profile) {
                person.configure(s, config);
            }
            self.people.insert(row.id, person);
        }
        for (_, user, center) in &self.mappings {
            if let Some(person) = self.people.get_mut(user) {
                person.centers.insert(*center);
            }
        }
    }

    /// R53: by the permission sets of the user, that of the profile among them. Administrators may use all.
    fn statuses_of(
        &self,
        s: &Schema,
        r: &Reader,
        user: RecordId,
        profile: Option<RecordId>,
    ) -> BTreeSet<RecordId> {
        let admin = r
            .of(s.profile.ix)
            .find(|p| Some(p.id) == profile)
            .is_some_and(|p| p.get(s.profile.customize).is_true());
        if admin {
            return self.statuses.keys().copied().collect();
        }
        let k = &s.permission_set;
        let of_profile = r
            .of(k.ix)
            .filter(|set| profile.is_some() && set.get(k.profile).as_id() == profile)
            .map(|set| set.id);
        let own = self
            .assignments
            .iter()
            .filter(|(_, of, _)| *of == user)
            .map(|(_, _, set)| *set);
        let sets: BTreeSet<RecordId> = of_profile.chain(own).collect();
        let granted = self.grants.iter().filter(|(_, set, _)| sets.contains(set));
        granted
            .map(|(_, _, status)| *status)
            .filter(|status| self.statuses.contains_key(status))
            .collect()
    }
}

/// R76: of the user, else of the profile, else the default one.
fn presence_config_of<'a>(
    s: &Schema,
    r: &'a Reader,
    user: RecordId,
    profile: Option<RecordId>,
) -> Option<&'a Record> {
    let (u, p, c) = (&s.config_user, &s.config_profile, &s.presence_config);
    let own = r.of(u.ix).find(|row| row.get(u.user).as_id() == Some(user));
    let shared = r
        .of(p.ix)
        .find(|row| profile.is_some() && row.get(p.profile).as_id() == profile);
    let named = own
        .and_then(|row| row.get(u.config).as_id())
        .or_else(|| shared.and_then(|row| row.get(p.config).as_id()));
    match named {
        Some(id) => r.of(c.ix).find(|row| row.id == id),
        None => r
            .of(c.ix)
            .find(|row| row.get(c.name).as_text() == Some("Default_Presence_Configuration")),
    }
}

/// R56: of the active agent resources of a user.
fn skills_of(s: &Schema, r: &Reader, user: RecordId) -> Vec<Skill> {
    let (k, v) = (&s.resource_skill, &s.resource);
    let mine: BTreeSet<RecordId> = r
        .of(v.ix)
        .filter(|row| row.get(v.related).as_id() == Some(user))
        .filter(|row| row.get(v.active).is_true() && row.get(v.kind).as_text() == Some("A"))
        .map(|row| row.id)
        .collect();
    let rows = r.of(k.ix).filter(|row| {
        row.get(k.resource)
            .as_id()
            .is_some_and(|id| mine.contains(&id))
    });
    rows.filter_map(|row| {
        Some(Skill {
            skill: row.get(k.skill).as_id()?,
            level: units::of(row.get(k.level)).unwrap_or(0),
            from: row.get(k.start).as_millis().unwrap_or(Millis(0)),
            to: row.get(k.end).as_millis(),
        })
    })
    .collect()
}

impl Person {
    fn configure(&mut self, s: &Schema, config: &Record) {
        let c = &s.presence_config;
        let capacity = config.get(c.capacity).as_int().unwrap_or(0).max(0);
        let interruptible = config
            .get(c.interruptible)
            .as_int()
            .unwrap_or(capacity)
            .max(0);
        self.capacity = [units::whole(capacity), units::whole(interruptible)];
        self.auto_accept = config.get(c.auto_accept).is_true();
        self.can_decline = config.get(c.decline).is_true();
        self.on_decline = config.get(c.on_decline).as_id();
        self.on_timeout = config.get(c.on_timeout).as_id();
        let after_max = config.get(c.after_max).as_int();
        let extends = config.get(c.extends).is_true();
        self.after_work = after_max
            .filter(|_| config.get(c.after_work).is_true())
            .map(|max_s| AfterWork {
                max_s,
                extension_s: config
                    .get(c.extension)
                    .as_int()
                    .filter(|_| extends)
                    .unwrap_or(0),
                extensions_max: config
                    .get(c.extensions)
                    .as_text()
                    .and_then(|text| text.parse().ok())
                    .filter(|_| extends)
                    .unwrap_or(0),
            });
    }
}

//! Skills: which agents have what a request asks for (R15, R56 to R61).
//!
//! Requests that ask the same (skills with levels, dropped ones left out) share a group; a group is a
//! filter like a queue, with every agent who meets it as a member. A group lives as long as a request
//! asks for it, and one with many members some time longer. It is found from an agent's side through
//! one of its skills, the one that the fewest agents had when the group was made.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use model::{Millis, RecordId};
use smallvec::SmallVec;

use crate::agent::Agent;
use crate::api::{AgentSkill, Output, Requirement};
use crate::request::{Request, Skills};
use crate::rows::SkillRequirement;
use crate::state::{Filter, RoutingState};
use crate::table::{FixedState, IdMap, Slot, Slots};
use crate::timer::Deadline;
use crate::units::Units;

/// Skills with lowest levels, sorted by skill.
pub(crate) type Signature = Arc<[(RecordId, Units)]>;
/// The same, before it has a group.
type Asked = SmallVec<[(RecordId, Units); 6]>;

struct Group {
    filter: u32,
    /// Requests that ask for it.
    requests: u32,
    /// The skill under which it is registered.
    skill: RecordId,
    /// Members when it was made.
    members: usize,
    /// Stands in the list of groups to be dropped when there are too many.
    is_idle: bool,
}

/// A group with so many members is worth keeping when nobody asks for it just now: its next request
/// would have to look at all of them.
const COSTLY_MEMBERS: usize = 32;
/// Memberships in idle groups, per agent of the org: each costs a place and the time to keep it right.
const IDLE_MEMBERSHIPS: usize = 8;
/// Idle groups.
const IDLE_GROUPS_MAX: usize = 4_096;

/// All groups, and who holds which skill. The maps are never iterated for output.
#[derive(Default)]
pub(crate) struct Groups {
    groups: hashbrown::HashMap<Signature, Group, FixedState>,
    /// Signatures of the groups registered under a skill, by filter.
    by_skill: IdMap<BTreeMap<u32, Signature>>,
    holders: IdMap<Slots>,
    /// Every agent, for requests that ask for nothing (R15).
    everyone: Option<u32>,
    /// Filters of groups that are gone.
    spare: Vec<u32>,
    /// Groups that nobody asked for at some time, oldest first, and their members.
    idle: VecDeque<Signature>,
    idle_members: usize,
}

impl Groups {
    /// What is asked now, and the filter of those who have it.
    pub fn each(&self) -> impl Iterator<Item = (&Signature, u32)> {
        self.groups
            .iter()
            .map(|(signature, group)| (signature, group.filter))
    }
}

impl Skills {
    /// Distinct priorities of additional skills in the order of dropping: null, then high to low (R58).
    fn drop_order(&self) -> Vec<Option<i64>> {
        let additional = self.rows.iter().filter(|row| row.is_additional);
        let mut order: Vec<Option<i64>> = additional.map(|row| row.priority).collect();
        order.sort_unstable_by(|a, b| match (a, b) {
            (Some(a), Some(b)) => b.cmp(a),
            (a, b) => a.is_some().cmp(&b.is_some()),
        });
        order.dedup();
        order
    }

    /// R57, R58.
    pub fn is_dropped(&self, row: &SkillRequirement) -> bool {
        if self.dropped == 0 || !row.is_additional {
            return false;
        }
        let rank = self.drop_order().iter().position(|p| *p == row.priority);
        rank.is_some_and(|rank| (rank as i64) < self.dropped)
    }

    /// What was asked at first.
    pub fn requirements(&self) -> Vec<Requirement> {
        let of_row = |row: &SkillRequirement| Requirement {
            skill: row.skill,
            level: row.level.unwrap_or_default(),
            is_additional: row.is_additional,
            priority: row.priority,
        };
        self.rows.iter().map(of_row).collect()
    }

    /// What is asked now.
    fn signature(&self) -> Asked {
        let rows = self.rows.iter().filter(|row| !self.is_dropped(row));
        let mut asked: Asked = rows
            .map(|row| (row.skill, row.level.unwrap_or_default().max(Units::ZERO)))
            .collect();
        asked.sort_unstable_by_key(|(skill, level)| (*skill, Reverse(*level)));
        asked.dedup_by_key(|(skill, _)| *skill);
        asked
    }

    /// Skills that are never dropped, for wait times (R187).
    pub fn required(&self) -> Arc<[RecordId]> {
        let rows = self.rows.iter().filter(|row| !row.is_additional);
        let mut skills: SmallVec<[RecordId; 8]> = rows.map(|row| row.skill).collect();
        skills.sort_unstable();
        skills.dedup();
        Arc::from(skills.as_slice())
    }
}

impl Agent {
    /// R56.
    pub fn meets(&self, asked: &[(RecordId, Units)], now: Millis) -> bool {
        asked.iter().all(|(skill, level)| {
            let from = self.skills.partition_point(|s| s.skill < *skill);
            let rows = self.skills[from..].iter().take_while(|s| s.skill == *skill);
            let mut counting = rows.filter(|s| s.level >= *level);
            counting.any(|s| s.from <= now && s.to.is_none_or(|to| now <= to))
        })
    }

    /// The next instant at which a skill starts or ends to count.
    fn next_skill_date(&self, now: Millis) -> Option<Millis> {
        let after = |to: Millis| Millis(to.0.saturating_add(1));
        let dates = self
            .skills
            .iter()
            .flat_map(|s| [Some(s.from), s.to.map(after)]);
        dates.flatten().filter(|at| *at > now).min()
    }
}

impl RoutingState {
    /// The filter of a skills-based request; the request joins its group.
    pub(crate) fn skills_filter(&mut self, slot: Slot) -> Option<u32> {
        let request = &self.requests[slot];
        let asked = match &request.skills {
            Some(skills) => skills.signature(),
            None if request.row.preferred_user.is_some() => return None, // R15
            None => Asked::new(),
        };
        if asked.is_empty() {
            return Some(self.everyone());
        }
        let found = self.groups.groups.get_key_value_mut(asked.as_slice());
        let (asked, filter) = match found {
            Some((signature, group)) => {
                group.requests += 1;
                (signature.clone(), group.filter)
            }
            None => self.make_group(Arc::from(asked.as_slice())),
        };
        if let Some(skills) = &mut self.requests[slot].skills {
            skills.asked = Some(asked);
        }
        Some(filter)
    }

    fn everyone(&mut self) -> u32 {
        if let Some(filter) = self.groups.everyone {
            return filter;
        }
        let filter = self.new_filter();
        self.groups.everyone = Some(filter);
        let slots: Vec<Slot> = self.agents.iter().map(|(slot, _)| slot).collect();
        slots
            .into_iter()
            .for_each(|slot| self.set_membership(slot, filter, true));
        filter
    }

    fn make_group(&mut self, signature: Signature) -> (Signature, u32) {
        let filter = match self.groups.spare.pop() {
            Some(filter) => filter,
            None => self.new_filter(),
        };
        let holders = &self.groups.holders;
        let count = |skill: &RecordId| holders.get(skill).map_or(0, Slots::len);
        let rarest = signature
            .iter()
            .map(|(skill, _)| *skill)
            .min_by_key(|s| (count(s), *s));
        let Some(skill) = rarest else {
            return (signature, filter);
        };
        let (now, mut members) = (self.now, 0);
        for slot in self.holders_of_all(&signature) {
            if self.agents[slot].meets(&signature, now) {
                self.set_membership(slot, filter, true);
                members += 1;
            }
        }
        self.groups
            .by_skill
            .entry(skill)
            .or_default()
            .insert(filter, signature.clone());
        let group = Group {
            filter,
            requests: 1,
            skill,
            members,
            is_idle: false,
        };
        self.groups.groups.insert(signature.clone(), group);
        (signature, filter)
    }

    /// Holders of every skill, whatever the levels and dates.
    fn holders_of_all(&self, asked: &[(RecordId, Units)]) -> Vec<Slot> {
        let sets = asked
            .iter()
            .map(|(skill, _)| self.groups.holders.get(skill));
        let sets: Option<Vec<&Slots>> = sets.collect();
        sets.map(|sets| Slots::common(&sets)).unwrap_or_default()
    }

    /// Agents in question for a skills-based request: holders of any skill it asks for, else all.
    pub(crate) fn skilled(&self, request: &Request) -> Vec<Slot> {
        let asked = match &request.skills {
            Some(skills) => skills.signature(),
            None if request.row.preferred_user.is_some() => return Vec::new(),
            None => Asked::new(),
        };
        if asked.is_empty() {
            return self.agents.iter().map(|(slot, _)| slot).collect();
        }
        asked
            .chunks(1)
            .flat_map(|one| self.holders_of_all(one))
            .collect()
    }

    /// The first asked skill that an agent lacks now.
    pub(crate) fn missing_skill(&self, request: &Request, agent: &Agent) -> Option<RecordId> {
        let asked = request.skills.as_ref()?.signature();
        let missing = asked
            .iter()
            .find(|asked| !agent.meets(std::slice::from_ref(asked), self.now));
        missing.map(|(skill, _)| *skill)
    }

    /// A request that asked for this, already out of its backlogs, leaves its group.
    pub(crate) fn leave_skills_filter(&mut self, asked: &Signature) {
        let Some(group) = self.groups.groups.get_mut(asked) else {
            return;
        };
        group.requests -= 1;
        if group.requests > 0 {
            return;
        }
        if group.members < COSTLY_MEMBERS {
            self.drop_group(asked);
        } else if !group.is_idle {
            group.is_idle = true;
            self.groups.idle_members += group.members;
            self.groups.idle.push_back(asked.clone());
            self.drop_idle_groups();
        }
    }

    /// Keeps the groups that nobody asks for within bounds.
    fn drop_idle_groups(&mut self) {
        let bound = IDLE_MEMBERSHIPS * self.agents.len();
        while self.groups.idle_members > bound || self.groups.idle.len() > IDLE_GROUPS_MAX {
            let Some(oldest) = self.groups.idle.pop_front() else {
                return;
            };
            let Some(group) = self.groups.groups.get_mut(&oldest) else {
                continue;
            };
            group.is_idle = false;
            self.groups.idle_members -= group.members;
            if group.requests == 0 {
                self.drop_group(&oldest);
            }
        }
    }

    fn drop_group(&mut self, asked: &Signature) {
        let Some(Group { filter, skill, .. }) = self.groups.groups.remove(asked) else {
            return;
        };
        if let Some(of_skill) = self.groups.by_skill.get_mut(&skill) {
            of_skill.remove(&filter);
        }
        for slot in self.holders_of_all(asked) {
            self.set_membership(slot, filter, false);
        }
        self.touched.retain(|touch| touch.filter != filter);
        self.filters[filter as usize] = Filter::default();
        self.groups.spare.push(filter);
    }

    /// A user's skills are new (R37).
    pub(crate) fn set_skills(&mut self, slot: Slot, mut skills: Vec<AgentSkill>) {
        skills.sort_unstable_by_key(|s| (s.skill, s.from, s.level));
        let old = std::mem::replace(&mut self.agents[slot].skills, skills);
        let mut named: BTreeSet<RecordId> = old.iter().map(|s| s.skill).collect();
        named.iter().for_each(|skill| {
            if let Some(holders) = self.groups.holders.get_mut(skill) {
                holders.set(slot, false);
            }
        });
        for skill in self.agents[slot].skills.iter().map(|s| s.skill) {
            self.groups
                .holders
                .entry(skill)
                .or_default()
                .set(slot, true);
            named.insert(skill);
        }
        self.regroup(slot, &named);
    }

    /// Dates of a user's skills have passed.
    pub(crate) fn skill_dates_passed(&mut self, user: RecordId) {
        let Some(slot) = self.agents.slot(user) else {
            return;
        };
        self.agents[slot].skills_due = None;
        let named = self.agents[slot].skills.iter().map(|s| s.skill).collect();
        self.regroup(slot, &named);
    }

    /// Configuration came before the time was known: dates of skills start to count now.
    pub(crate) fn restore_skill_dates(&mut self) {
        let slots: Vec<Slot> = self.agents.iter().map(|(slot, _)| slot).collect();
        slots
            .into_iter()
            .for_each(|slot| self.regroup(slot, &BTreeSet::new()));
    }

    /// Brings the agent's membership in the groups of these skills up to date.
    fn regroup(&mut self, slot: Slot, skills: &BTreeSet<RecordId>) {
        let now = self.now;
        let by_skill = &self.groups.by_skill;
        let groups = skills.iter().filter_map(|s| by_skill.get(s)).flatten();
        let met: Vec<(u32, bool)> = groups
            .map(|(filter, signature)| (*filter, self.agents[slot].meets(signature, now)))
            .collect();
        met.into_iter()
            .for_each(|(filter, is)| self.set_membership(slot, filter, is));
        let agent = &mut self.agents[slot];
        let (user, next) = (agent.id, agent.next_skill_date(now));
        let old = std::mem::replace(&mut agent.skills_due, next);
        if let Some(at) = old {
            self.timers.clear(at, Deadline::SkillDates(user));
        }
        if let Some(at) = next {
            self.timers.set(at, Deadline::SkillDates(user));
        }
    }

    /// What is wrong with the groups: each belongs to the requests that ask for it, and has the agents who
    /// meet it.
    pub(crate) fn audit_groups(&self) -> Vec<String> {
        let mut asking: BTreeMap<&[(RecordId, Units)], u32> = BTreeMap::new();
        for (_, request) in self.requests.iter() {
            if let Some(asked) = request.skills.as_ref().and_then(|s| s.asked.as_ref()) {
                *asking.entry(asked).or_default() += 1;
            }
        }
        let (mut wrong, mut idle) = (Vec::new(), (0, 0));
        for (signature, group) in &self.groups.groups {
            let requests = asking.remove(&signature[..]).unwrap_or_default();
            let meet = |agent: &Agent| agent.meets(signature, self.now);
            let stands = |agent: &Agent| agent.filters.contains(&group.filter);
            if group.requests != requests || requests == 0 && !group.is_idle {
                wrong.push(format!("{signature:?}: {requests} ask for it"));
            }
            if self.agents.iter().any(|(_, a)| meet(a) != stands(a)) {
                wrong.push(format!("{signature:?}: others meet it"));
            }
            if group.is_idle {
                idle = (idle.0 + 1, idle.1 + group.members);
            }
        }
        let counted = (self.groups.idle.len(), self.groups.idle_members);
        if counted != idle {
            wrong.push(format!("idle groups {counted:?}, not {idle:?}"));
        }
        wrong.extend(
            asking
                .keys()
                .map(|asked| format!("{asked:?}: no such group")),
        );
        wrong.sort_unstable();
        wrong
    }

    /// A new agent belongs to everyone.
    pub(crate) fn join_everyone(&mut self, slot: Slot) {
        if let Some(filter) = self.groups.everyone {
            self.set_membership(slot, filter, true);
        }
    }

    /// The request is ready: time runs for its additional skills (R13, R57, R59).
    pub(crate) fn start_drop_timer(&mut self, slot: Slot, now: Millis) {
        if let Some(skills) = &mut self.requests[slot].skills {
            skills.ready = now;
        }
        self.count_drops(slot, now);
    }

    /// Sets how many groups are dropped at `now` and when the next will be.
    pub(crate) fn count_drops(&mut self, slot: Slot, now: Millis) {
        let request = &mut self.requests[slot];
        let (custom, timeout) = (request.row.custom_requested, request.row.drop_timeout);
        let is_ready = request.row.is_ready;
        let Some(skills) = &mut request.skills else {
            return;
        };
        let step_ms = match timeout {
            Some(seconds) if seconds > 0 && is_ready => seconds.saturating_mul(1_000),
            _ => return, // R60
        };
        let start = custom.unwrap_or(skills.ready);
        let groups = skills.drop_order().len() as i64;
        let elapsed_ms = now.0.saturating_sub(start.0).max(0);
        skills.dropped = (elapsed_ms / step_ms).min(groups).max(skills.dropped); // R61
        let next = start
            .0
            .saturating_add(step_ms.saturating_mul(skills.dropped + 1));
        skills.next_drop = (skills.dropped < groups).then_some(Millis(next));
        if let Some(at) = skills.next_drop {
            self.timers.set(at, Deadline::DropSkills(request.row.id));
        }
    }

    /// After a restart: the groups that were dropped stay so, the next is due when it was.
    pub(crate) fn restore_drops(&mut self, slot: Slot) {
        let dropped = self.requests[slot].skills.as_ref().map(|s| s.dropped);
        self.count_drops(slot, Millis(i64::MIN / 2));
        debug_assert_eq!(
            dropped,
            self.requests[slot].skills.as_ref().map(|s| s.dropped)
        );
    }

    pub(crate) fn stop_drop_timer(&mut self, slot: Slot) {
        let request = &mut self.requests[slot];
        let Some(skills) = &mut request.skills else {
            return;
        };
        if let Some(at) = skills.next_drop.take() {
            self.timers.clear(at, Deadline::DropSkills(request.row.id));
        }
    }

    /// A drop timer fired: the request asks for less from now on.
    pub(crate) fn drop_skills(&mut self, id: RecordId, now: Millis, out: &mut Output) {
        let Some(slot) = self.requests.slot(id) else {
            return;
        };
        self.unplace(slot);
        self.leave_group(slot);
        self.count_drops(slot, now);
        self.find_filters(slot);
        self.note_request(slot, out);
        self.place(slot);
    }

    /// A request in its slot (out of its backlogs) leaves its group.
    pub(crate) fn leave_group(&mut self, slot: Slot) {
        let skills = self.requests[slot].skills.as_mut();
        if let Some(asked) = skills.and_then(|skills| skills.asked.take()) {
            self.leave_skills_filter(&asked);
        }
    }
}

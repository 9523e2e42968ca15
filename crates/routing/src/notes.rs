//! The hidden rows: what no column of an sObject says, as short texts.
//!
//! A note is written when its content differs from what the rows imply, and removed with its row.

use std::num::NonZeroU16;

use model::{Millis, Note, RecordId, Space};

use crate::agent::{Extra, Online, Sums};
use crate::api::Requirement;
use crate::rows::Session;
use crate::sticky::Met;
use crate::units::Units;

/// `a b c`, `-` for nothing.
struct Line(String);

impl Line {
    fn new() -> Self {
        Self(String::with_capacity(80))
    }

    fn text(mut self, part: Option<&str>) -> Self {
        if !self.0.is_empty() {
            self.0.push(' ');
        }
        self.0.push_str(part.unwrap_or("-"));
        self
    }

    fn id(self, id: Option<RecordId>) -> Self {
        self.text(id.as_ref().map(RecordId::as_15))
    }

    /// A note is written with every change of an agent, so this does without the formatter.
    fn int(self, number: i64) -> Self {
        let mut digits = [b'-'; 20];
        let (mut rest, mut at) = (number.unsigned_abs(), digits.len());
        while at == digits.len() || rest > 0 {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        at -= usize::from(number < 0);
        self.text(std::str::from_utf8(&digits[at..]).ok())
    }

    fn at(self, at: Option<Millis>) -> Self {
        match at {
            Some(at) => self.int(at.0),
            None => self.text(None),
        }
    }
}

/// Reads the parts of a note from left to right; what is missing or malformed is `None`.
struct Parts<'a>(std::str::Split<'a, char>);

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Self {
        Self(text.split(' '))
    }
    fn id(&mut self) -> Option<RecordId> {
        RecordId::parse(self.0.next()?).ok()
    }
    fn int(&mut self) -> Option<i64> {
        self.0.next()?.parse().ok()
    }
    fn small(&mut self) -> Option<u16> {
        u16::try_from(self.int()?).ok()
    }
    fn at(&mut self) -> Option<Millis> {
        self.int().map(Millis)
    }
}

/// A note with a value, or its removal.
pub(crate) fn note(space: Space, key: RecordId, value: Option<String>) -> Note {
    Note {
        space,
        key: key.as_15().to_owned(),
        value,
    }
}

/// Space `agent`: session, login, last assignment, sums, next status.
pub(crate) fn agent_note(user: RecordId, online: Option<&Online>) -> Note {
    let value = online.map(|o| {
        let line = Line::new()
            .id(Some(o.session.0))
            .int(o.login.0)
            .at(o.last_assigned)
            .int(o.sums.at.0)
            .int(o.sums.idle_ms)
            .int(o.sums.full_ms)
            .int(o.sums.unit_ms);
        match o.next {
            None => line.0,
            next => line.id(next).0,
        }
    });
    note(Space::Agent, user, value)
}

pub(crate) fn read_agent(online: &mut Online, text: &str) {
    let mut parts = Parts::of(text);
    if let Some(id) = parts.id() {
        online.session = Session(id);
    }
    if let Some(at) = parts.at() {
        online.login = at;
    }
    online.last_assigned = parts.at();
    online.sums = Sums {
        at: parts.at().unwrap_or(online.sums.at),
        idle_ms: parts.int().unwrap_or(0),
        full_ms: parts.int().unwrap_or(0),
        unit_ms: parts.int().unwrap_or(0),
    };
    online.next = parts.id();
}

/// Space `recent`: times of the last offers.
pub(crate) fn recent_note(user: RecordId, recent: &[Millis]) -> Note {
    let times = recent.iter().fold(Line::new(), |line, at| line.int(at.0));
    note(Space::Recent, user, Some(times.0))
}

pub(crate) fn read_recent(text: &str) -> Vec<Millis> {
    text.split(' ')
        .filter_map(|at| at.parse().ok())
        .map(Millis)
        .collect()
}

/// Space `customer`: who accepted work of a customer last, and when.
pub(crate) fn customer_note(customer: RecordId, met: Option<Met>) -> Note {
    let value = met.map(|met| format!("{} {}", met.user.as_15(), met.at.0));
    note(Space::Customer, customer, value)
}

pub(crate) fn read_customer(text: &str) -> Option<Met> {
    let mut parts = Parts::of(text);
    Some(Met {
        user: parts.id()?,
        at: parts.at()?,
    })
}

/// Space `room`: whose room is kept for a request.
pub(crate) fn room_note(request: RecordId, user: Option<RecordId>) -> Note {
    let value = user.map(|user| user.as_15().to_owned());
    note(Space::Room, request, value)
}

/// Space `tried`: the sessions of the round.
pub(crate) fn tried_note(request: RecordId, tried: &[Session]) -> Note {
    let sessions = tried.iter().fold(Line::new(), |line, s| line.id(Some(s.0)));
    note(
        Space::Tried,
        request,
        (!tried.is_empty()).then_some(sessions.0),
    )
}

pub(crate) fn read_tried(text: &str) -> Vec<Session> {
    let mut tried: Vec<Session> = text
        .split(' ')
        .filter_map(|t| RecordId::parse(t).ok())
        .map(Session)
        .collect();
    tried.sort_unstable();
    tried.dedup();
    tried
}

/// What is hidden of a request, besides the tried sessions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RequestNote {
    pub requested: Option<Millis>,
    pub call_center: Option<RecordId>,
    pub ready: Option<Millis>,
    pub dropped: i64,
    pub rounds: u16,
    pub rounds_max: Option<NonZeroU16>,
    pub is_returned: bool,
    pub customer: Option<RecordId>,
}

/// Space `request`.
pub(crate) fn request_note(request: RecordId, content: RequestNote) -> Note {
    let value = (content != RequestNote::default()).then(|| {
        Line::new()
            .at(content.requested)
            .id(content.call_center)
            .at(content.ready)
            .int(content.dropped)
            .int(i64::from(content.rounds))
            .id(content.customer)
            .int(content.rounds_max.map_or(0, |max| i64::from(max.get())))
            .int(i64::from(content.is_returned))
            .0
    });
    note(Space::Request, request, value)
}

pub(crate) fn read_request(text: &str) -> RequestNote {
    let mut parts = Parts::of(text);
    RequestNote {
        requested: parts.at(),
        call_center: parts.id(),
        ready: parts.at(),
        dropped: parts.int().unwrap_or(0),
        rounds: parts.small().unwrap_or(0),
        customer: parts.id(),
        rounds_max: parts.small().and_then(NonZeroU16::new),
        is_returned: parts.int() == Some(1),
    }
}

/// Space `work`.
pub(crate) fn work_note(work: RecordId, extra: &Extra) -> Note {
    let value = (*extra != Extra::default()).then(|| {
        Line::new()
            .int(i64::from(extra.paused))
            .id(extra.handed_from)
            .at(extra.ended)
            .at(extra.until)
            .int(i64::from(extra.is_participant))
            .id(extra.call_center)
            .text(skills(&extra.requirements).as_deref())
            .id(extra.customer)
            .at(extra.untouched)
            .0
    });
    note(Space::Work, work, value)
}

pub(crate) fn read_work(text: &str) -> Extra {
    let mut parts = Parts::of(text);
    Extra {
        paused: parts.int() == Some(1),
        handed_from: parts.id(),
        ended: parts.at(),
        until: parts.at(),
        is_participant: parts.int() == Some(1),
        call_center: parts.id(),
        requirements: parts.0.next().map(read_skills).unwrap_or_default(),
        customer: parts.id(),
        untouched: parts.at(),
    }
}

/// `skill,level,additional,priority;...`; nothing for none.
fn skills(requirements: &[Requirement]) -> Option<String> {
    let each = requirements.iter().map(|r| {
        let additional = i64::from(r.is_additional);
        let priority = r.priority.map_or_else(|| "-".to_owned(), |p| p.to_string());
        format!("{},{},{additional},{priority}", r.skill.as_15(), r.level.0)
    });
    let each: Vec<String> = each.collect();
    (!each.is_empty()).then(|| each.join(";"))
}

fn read_skills(text: &str) -> Vec<Requirement> {
    let read = |text: &str| {
        let mut parts = Parts(text.split(','));
        Some(Requirement {
            skill: parts.id()?,
            level: Units(parts.int()?),
            is_additional: parts.int()? == 1,
            priority: parts.int(),
        })
    };
    text.split(';').filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_others_do() {
        for number in [0, 7, -1, 10, 1_750_000_000_000, i64::MAX, i64::MIN] {
            assert_eq!(Line::new().int(number).0, number.to_string());
        }
        assert_eq!(Line::new().int(1).at(None).id(None).int(-2).0, "1 - - -2");
    }
}

//! The hidden rows: what no column of an sObject says, as short texts.
//!
//! A note is written when its content differs from what the rows imply, and removed with its row.

use model::{Millis, Note, RecordId, Space};

use crate::agent::{Extra, Online, Sums};
use crate::api::Requirement;
use crate::rows::Session;
use crate::units::Units;

/// `a b c`, `-` for nothing.
fn join(parts: &[String]) -> String {
    parts.join(" ")
}

fn show<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "-".to_owned(), |v| v.to_string())
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

/// Space `agent`: session, login, last assignment, sums.
pub(crate) fn agent_note(user: RecordId, online: Option<&Online>) -> Note {
    let value = online.map(|o| {
        let sums = &o.sums;
        format!(
            "{} {} {} {} {} {} {}",
            o.session.0.as_15(),
            o.login.0,
            show(o.last_assigned.map(|at| at.0)),
            sums.at.0,
            sums.idle_ms,
            sums.full_ms,
            sums.unit_ms,
        )
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
}

/// Space `recent`: times of the last offers.
pub(crate) fn recent_note(user: RecordId, recent: &[Millis]) -> Note {
    let times: Vec<String> = recent.iter().map(|at| at.0.to_string()).collect();
    note(Space::Recent, user, Some(join(&times)))
}

pub(crate) fn read_recent(text: &str) -> Vec<Millis> {
    text.split(' ')
        .filter_map(|at| at.parse().ok())
        .map(Millis)
        .collect()
}

/// Space `tried`: the sessions of the round.
pub(crate) fn tried_note(request: RecordId, tried: &[Session]) -> Note {
    let sessions: Vec<String> = tried.iter().map(|s| s.0.as_15().to_owned()).collect();
    note(
        Space::Tried,
        request,
        (!sessions.is_empty()).then(|| join(&sessions)),
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
    pub rounds: u32,
}

/// Space `request`.
pub(crate) fn request_note(request: RecordId, content: RequestNote) -> Note {
    let value = (content != RequestNote::default()).then(|| {
        join(&[
            show(content.requested.map(|at| at.0)),
            show(content.call_center.map(|id| id.as_15().to_owned())),
            show(content.ready.map(|at| at.0)),
            content.dropped.to_string(),
            content.rounds.to_string(),
        ])
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
        rounds: parts.int().and_then(|n| u32::try_from(n).ok()).unwrap_or(0),
    }
}

/// Space `work`.
pub(crate) fn work_note(work: RecordId, extra: &Extra) -> Note {
    let value = (*extra != Extra::default()).then(|| {
        join(&[
            i64::from(extra.paused).to_string(),
            show(extra.handed_from.map(|id| id.as_15().to_owned())),
            show(extra.ended.map(|at| at.0)),
            show(extra.until.map(|at| at.0)),
            i64::from(extra.is_participant).to_string(),
            show(extra.call_center.map(|id| id.as_15().to_owned())),
            show_skills(&extra.requirements),
        ])
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
    }
}

/// `skill,level,additional,priority;...`, `-` for none.
fn show_skills(requirements: &[Requirement]) -> String {
    let each = requirements.iter().map(|r| {
        let additional = i64::from(r.is_additional);
        format!(
            "{},{},{additional},{}",
            r.skill.as_15(),
            r.level.0,
            show(r.priority)
        )
    });
    let each: Vec<String> = each.collect();
    show((!each.is_empty()).then(|| each.join(";")))
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

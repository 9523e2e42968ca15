//! Rows to plain values, column by column.

use std::sync::Arc;

use model::{FieldIx, Millis, Record, RecordId};

use super::{Ask, Item, Model, Need, Presence, Request, Status, Work, no_id};
use crate::schema::Schema;
use crate::units;

struct Fields<'a>(&'a Record);

impl Fields<'_> {
    fn id(&self, field: FieldIx) -> Option<RecordId> {
        self.0.get(field).as_id()
    }
    fn id_or_none(&self, field: FieldIx) -> RecordId {
        self.id(field).unwrap_or_else(no_id)
    }
    fn text(&self, field: FieldIx) -> Option<&str> {
        self.0.get(field).as_text()
    }
    fn is(&self, field: FieldIx) -> bool {
        self.0.get(field).is_true()
    }
    fn int(&self, field: FieldIx) -> Option<i64> {
        self.0.get(field).as_int()
    }
    fn at(&self, field: FieldIx) -> Option<Millis> {
        self.0.get(field).as_millis()
    }
    fn units(&self, field: FieldIx) -> Option<i64> {
        units::of(self.0.get(field))
    }
}

pub(crate) fn request(s: &Schema, row: &Record) -> Request {
    let (k, f) = (&s.request, Fields(row));
    Request {
        id: row.id,
        ask: Ask {
            item: f.id_or_none(k.item),
            channel: f.id_or_none(k.channel),
            queue: f.id(k.queue),
            by_skills: f.text(k.kind) == Some("SkillsBased"),
            model: Model::parse(f.text(k.model)),
            priority: f.int(k.priority),
            secondary: f.int(k.secondary),
            target: f.at(k.target),
            weight: f.units(k.weight),
            percentage: f.units(k.percentage),
            paused: [f.units(k.paused_weight), f.units(k.paused_percentage)],
            is_interruptible: f.is(k.interruptible),
            preferred: f.id(k.preferred),
            is_required: f.is(k.required),
            timeout_s: f.int(k.timeout),
        },
        custom: f.at(k.custom),
        created: f.at(k.created).unwrap_or_default(),
        scheduled: f.at(k.scheduled),
        is_ready: f.is(k.ready),
        is_pushed: f.is(k.pushed),
        is_push_attempted: f.is(k.attempted),
        last_declined: f
            .text(k.last_declined)
            .and_then(|t| RecordId::parse(t).ok()),
        serial: f.int(k.serial).unwrap_or(0),
        is_transfer: f.is(k.transfer),
        drop_s: f.int(k.drop),
    }
}

pub(crate) fn work(s: &Schema, row: &Record) -> Work {
    let (k, f) = (&s.work, Fields(row));
    Work {
        id: row.id,
        user: f.id_or_none(k.user),
        request: f.id(k.request),
        ask: Ask {
            item: f.id_or_none(k.item),
            channel: f.id_or_none(k.channel),
            queue: f.id(k.queue),
            by_skills: f.text(k.kind) == Some("SkillsBased"),
            model: Model::parse(f.text(k.model)),
            priority: f.int(k.priority),
            secondary: f.int(k.secondary),
            target: f.at(k.target),
            weight: f.units(k.weight),
            percentage: f.units(k.percentage),
            paused: [f.units(k.paused_weight), f.units(k.paused_percentage)],
            is_interruptible: f.is(k.interruptible),
            preferred: f.id(k.preferred),
            is_required: f.is(k.required),
            timeout_s: f.int(k.timeout),
        },
        status: Status::parse(f.text(k.status)),
        is_forced: f.is(k.skip),
        is_status_based: f.text(k.capacity) == Some("StatusBased"),
        requested: f.at(k.requested),
        assigned: f.at(k.assigned),
        accepted: f.at(k.accepted),
        closed: f.at(k.closed),
        declined: f.at(k.declined),
        timed_out: f.at(k.timed_out),
        canceled: f.at(k.canceled),
        answer_s: f.int(k.answer),
        handle_s: f.int(k.handle),
        focus_s: f.int(k.focus),
        after_work_s: f.int(k.after_work),
        extensions: f.int(k.extensions),
    }
}

pub(crate) fn presence(s: &Schema, row: &Record) -> Presence {
    let (k, f) = (&s.presence, Fields(row));
    Presence {
        id: row.id,
        user: f.id_or_none(k.user),
        status: f.id_or_none(k.status),
        is_current: f.is(k.current),
        start: f.at(k.start).unwrap_or_default(),
        end: f.at(k.end),
        duration_s: f.int(k.duration),
        idle_s: f.int(k.idle),
        full_s: f.int(k.full),
        average: f.units(k.average),
        configured: [f.int(k.configured), f.int(k.configured_interruptible)],
    }
}

pub(crate) fn item(s: &Schema, row: &Arc<Record>) -> Item {
    let f = Fields(row);
    let is_case = row.object == s.case.ix;
    let (owner, tag, center) = if is_case {
        (s.case.owner, s.case.subject, None)
    } else if row.object == s.lead.ix {
        (s.lead.owner, s.lead.company, None)
    } else if row.object == s.chat.ix {
        (s.chat.owner, s.chat.key, None)
    } else {
        (s.call.owner, s.call.from, f.id(s.call.center))
    };
    let of_case = |field: FieldIx| f.text(field).filter(|_| is_case).map(Arc::from);
    Item {
        id: row.id,
        object: row.object,
        owner: f.id(owner),
        is_deleted: row.is_deleted,
        tag: f.text(tag).map(Arc::from),
        center,
        priority: of_case(s.case.priority),
        status: of_case(s.case.status),
        row: row.clone(),
    }
}

pub(super) fn need(s: &Schema, row: &Record) -> Need {
    let (k, f) = (&s.requirement, Fields(row));
    Need {
        skill: f.id_or_none(k.skill),
        level: f.units(k.level).unwrap_or(0),
        is_additional: f.is(k.additional),
        priority: f.int(k.priority),
    }
}

pub(super) fn work_skill(s: &Schema, row: &Record) -> Need {
    let (k, f) = (&s.work_skill, Fields(row));
    Need {
        skill: f.id_or_none(k.skill),
        level: f.units(k.level).unwrap_or(0),
        is_additional: f.is(k.additional),
        priority: f.int(k.priority),
    }
}

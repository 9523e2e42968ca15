//! The agent interface: one agent's own presence, work and events (rest-api.md 12, ARCHITECTURE 10).
//!
//! Printed without a tree: `accept` and `close` are the busiest calls of a contact centre.

use model::{Code, Millis, RecordId, Refusal};
use serde_json::Value as Json;

use crate::json::{self, Object};

/// A presence status and the channels it serves; none means busy.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct Status<'a> {
    pub id: RecordId,
    pub name: &'a str,
    pub api_name: &'a str,
    pub channels: &'a [(RecordId, String)],
}

/// One offer or open work.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct Work<'a> {
    pub work: RecordId,
    pub work_item: RecordId,
    pub work_item_type: &'a str,
    pub is_engaged: bool,
    pub channel: RecordId,
    pub channel_developer_name: &'a str,
    pub queue: Option<RecordId>,
    pub queue_name: Option<&'a str>,
    pub requested_at: Millis,
    pub assigned_at: Millis,
    pub accepted_at: Option<Millis>,
    pub push_timeout_s: i64,
    pub capacity_weight: Option<f64>,
    pub capacity_percentage: Option<f64>,
    pub is_interruptible: bool,
    pub is_flagged: bool,
    pub flag_message: Option<&'a str>,
    pub is_paused: bool,
    pub conversation_ended_at: Option<Millis>,
    pub after_work_ends_at: Option<Millis>,
    pub returns_at: Option<Millis>,
}

/// Units of both pools.
#[derive(Debug, Clone, Copy, Default)]
#[allow(missing_docs)]
pub struct Capacity {
    pub configured: f64,
    pub workload: f64,
    pub configured_interruptible: f64,
    pub workload_interruptible: f64,
}

fn channels(out: &mut Vec<u8>, channels: &[(RecordId, String)]) {
    json::list(out, channels, |out, (id, name)| {
        let mut o = Object::open(out);
        o.id("channelId", *id).text("developerName", name);
        o.close();
    });
}

/// A list of channels.
pub fn channel_list(out: &mut Vec<u8>, list: &[(RecordId, String)]) {
    channels(out, list);
}

fn kind(status: &Status<'_>) -> &'static str {
    if status.channels.is_empty() {
        "busy"
    } else {
        "online"
    }
}

/// The statuses that the caller may choose.
pub fn statuses<'a>(out: &mut Vec<u8>, all: impl IntoIterator<Item = Status<'a>>) {
    json::list(out, all, |out, status| put_status(out, &status));
}

fn put_status(out: &mut Vec<u8>, status: &Status<'_>) {
    let mut o = Object::open(out);
    status_fields(&mut o, status);
    o.close();
}

fn status_fields(o: &mut Object<'_>, status: &Status<'_>) {
    o.id("statusId", status.id)
        .text("statusName", status.name)
        .text("statusApiName", status.api_name)
        .text("kind", kind(status));
    channels(o.key("channels"), status.channels);
}

/// The caller's presence; statusId is null when logged out. `nextStatus` is there while a status follows
/// the caller's work (option `enableNextStatus`).
pub fn presence(
    out: &mut Vec<u8>,
    status: Option<Status<'_>>,
    since: Option<Millis>,
    next: Option<Status<'_>>,
) {
    let mut o = Object::open(out);
    match status {
        Some(status) => {
            status_fields(&mut o, &status);
            if let Some(since) = since {
                o.int("since", since.0);
            }
            if let Some(next) = next {
                put_status(o.key("nextStatus"), &next);
            }
        }
        None => {
            o.raw("statusId", "null")
                .raw("statusName", "null")
                .raw("statusApiName", "null")
                .raw("channels", "[]");
        }
    }
    o.close();
}

fn number(out: &mut Vec<u8>, number: f64) {
    if number.fract() == 0.0 && number.abs() < 9.0e15 {
        json::put(out, format_args!("{}", number as i64));
    } else if number.is_finite() {
        json::put(out, format_args!("{number}"));
    } else {
        out.extend_from_slice(b"null");
    }
}

fn optional(object: &mut Object<'_>, name: &str, value: Option<f64>) {
    match value {
        Some(value) => number(object.key(name), value),
        None => drop(object.raw(name, "null")),
    }
}

/// One offer or open work.
pub fn work(out: &mut Vec<u8>, work: &Work<'_>) {
    let mut o = Object::open(out);
    o.id("workId", work.work)
        .id("workItemId", work.work_item)
        .text("workItemType", work.work_item_type)
        .bool("isEngaged", work.is_engaged)
        .text(
            "status",
            if work.is_engaged {
                "Opened"
            } else {
                "Assigned"
            },
        )
        .id("channelId", work.channel)
        .text("channelDeveloperName", work.channel_developer_name);
    match work.queue {
        Some(queue) => o.id("queueId", queue),
        None => o.raw("queueId", "null"),
    };
    o.text_or_null("queueName", work.queue_name)
        .int("requestedAt", work.requested_at.0)
        .int("assignedAt", work.assigned_at.0);
    match work.accepted_at {
        Some(at) => o.int("acceptedAt", at.0),
        None => o.raw("acceptedAt", "null"),
    };
    o.int("pushTimeout", work.push_timeout_s);
    optional(&mut o, "capacityWeight", work.capacity_weight);
    optional(&mut o, "capacityPercentage", work.capacity_percentage);
    o.bool("isInterruptible", work.is_interruptible)
        .bool("isFlagged", work.is_flagged)
        .bool("isPaused", work.is_paused);
    if let Some(message) = work.flag_message {
        o.text("flagMessage", message);
    }
    if let Some(at) = work.conversation_ended_at {
        o.int("conversationEndedAt", at.0);
    }
    if let Some(at) = work.after_work_ends_at {
        o.int("afterWorkEndsAt", at.0);
    }
    if let Some(at) = work.returns_at {
        o.int("returnsAt", at.0);
    }
    o.close();
}

/// The caller's offers and open work.
pub fn works<'a>(out: &mut Vec<u8>, all: impl IntoIterator<Item = Work<'a>>) {
    json::list(out, all, |out, one| work(out, &one));
}

/// The caller's capacity.
pub fn capacity(out: &mut Vec<u8>, capacity: &Capacity) {
    let mut o = Object::open(out);
    number(o.key("configuredCapacity"), capacity.configured);
    number(o.key("currentWorkload"), capacity.workload);
    number(
        o.key("configuredInterruptibleCapacity"),
        capacity.configured_interruptible,
    );
    number(
        o.key("currentInterruptibleWorkload"),
        capacity.workload_interruptible,
    );
    o.close();
}

/// What the console needs to know of the caller's presence configuration.
pub fn configuration(out: &mut Vec<u8>, flags: [bool; 3], reasons: &[(RecordId, String)]) {
    let mut o = Object::open(out);
    o.bool("isAutoAcceptEnabled", flags[0])
        .bool("isDeclineEnabled", flags[1])
        .bool("isDeclineReasonEnabled", flags[2]);
    json::list(o.key("declineReasons"), reasons, |out, (id, label)| {
        let mut o = Object::open(out);
        o.id("id", *id).text("label", label);
        o.close();
    });
    o.close();
}

/// Opens an event of the stream; the caller adds what it carries and closes it.
pub fn event<'a>(out: &'a mut Vec<u8>, kind: &str, seq: u64, now: Millis) -> Object<'a> {
    let mut o = Object::open(out);
    o.text("type", kind)
        .int("seq", i64::try_from(seq).unwrap_or(i64::MAX))
        .int("now", now.0);
    o
}

/// The numbers of a workloadChanged event.
pub fn workload(o: &mut Object<'_>, before: &Capacity, now: &Capacity) {
    number(o.key("configuredCapacity"), now.configured);
    number(o.key("previousWorkload"), before.workload);
    number(o.key("newWorkload"), now.workload);
    number(
        o.key("configuredInterruptibleCapacity"),
        now.configured_interruptible,
    );
    number(
        o.key("previousInterruptibleWorkload"),
        before.workload_interruptible,
    );
    number(
        o.key("newInterruptibleWorkload"),
        now.workload_interruptible,
    );
}

/// `{"statusId":"0N5..."}`.
///
/// # Errors
/// JSON_PARSER_ERROR, or INVALID_ARGUMENT if there is no usable id.
pub fn status_id(body: &[u8]) -> Result<RecordId, Refusal> {
    id_of_status(&json::parse(body)?)
}

/// `{"statusId":"0N5...","isNext"?:true}`: the status, and whether it shall wait for the end of the work.
///
/// # Errors
/// As [`status_id`]; INVALID_ARGUMENT also if `isNext` is no boolean.
pub fn wanted_status(body: &[u8]) -> Result<(RecordId, bool), Refusal> {
    let json: Json = json::parse(body)?;
    let is_next = match json.get("isNext") {
        None | Some(Json::Null) => false,
        Some(Json::Bool(is_next)) => *is_next,
        Some(_) => return Err(invalid("isNext must be true or false")),
    };
    Ok((id_of_status(&json)?, is_next))
}

fn id_of_status(json: &Json) -> Result<RecordId, Refusal> {
    let text = json.get("statusId").and_then(Json::as_str);
    let id = text.and_then(|t| RecordId::parse(t.trim()).ok());
    id.ok_or_else(|| invalid("statusId must be the id of a ServicePresenceStatus"))
}

/// `{"declineReason"?}`; an absent or empty body means no reason.
///
/// # Errors
/// JSON_PARSER_ERROR, or INVALID_ARGUMENT if the reason is no text.
pub fn decline_reason(body: &[u8]) -> Result<Option<String>, Refusal> {
    match optional_body(body)? {
        Json::Object(map) => match map.get("declineReason") {
            None | Some(Json::Null) => Ok(None),
            Some(Json::String(text)) => Ok(Some(text.clone()).filter(|t| !t.trim().is_empty())),
            Some(_) => Err(invalid("declineReason must be a text")),
        },
        Json::Null => Ok(None),
        _ => Err(invalid("the body must be an object")),
    }
}

/// A body without parameters: absent, or any JSON object.
///
/// # Errors
/// JSON_PARSER_ERROR or INVALID_ARGUMENT.
pub fn nothing(body: &[u8]) -> Result<(), Refusal> {
    if body.is_empty() || body == b"{}" {
        return Ok(());
    }
    match optional_body(body)? {
        Json::Object(_) | Json::Null => Ok(()),
        _ => Err(invalid("the body must be an object")),
    }
}

fn optional_body(body: &[u8]) -> Result<Json, Refusal> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Json::Null);
    }
    json::parse(body)
}

/// INVALID_ARGUMENT.
pub fn invalid(why: &str) -> Refusal {
    Refusal::new(Code::InvalidArgument, why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::KeyPrefix;

    fn id(prefix: &'static str) -> RecordId {
        RecordId::new(KeyPrefix::parse(prefix).unwrap(), 1)
    }

    #[test]
    fn golden() {
        let mut out = Vec::new();
        let one = Work {
            work: id("0Bz"),
            work_item: id("500"),
            work_item_type: "Case",
            is_engaged: false,
            channel: id("0N9"),
            channel_developer_name: "Cases",
            queue: None,
            queue_name: None,
            requested_at: Millis(1),
            assigned_at: Millis(2),
            accepted_at: None,
            push_timeout_s: 30,
            capacity_weight: Some(1.5),
            capacity_percentage: None,
            is_interruptible: false,
            is_flagged: true,
            flag_message: Some("help"),
            is_paused: false,
            conversation_ended_at: None,
            after_work_ends_at: Some(Millis(9)),
            returns_at: Some(Millis(10)),
        };
        works(&mut out, [one]);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            concat!(
                r#"[{"workId":"0Bz000000000001CAA","workItemId":"500000000000001AAA","workItemType":"Case","isEngaged":false,"#,
                r#""status":"Assigned","channelId":"0N9000000000001CAA","channelDeveloperName":"Cases","queueId":null,"queueName":null,"#,
                r#""requestedAt":1,"assignedAt":2,"acceptedAt":null,"pushTimeout":30,"capacityWeight":1.5,"capacityPercentage":null,"#,
                r#""isInterruptible":false,"isFlagged":true,"isPaused":false,"flagMessage":"help","afterWorkEndsAt":9,"returnsAt":10}]"#
            )
        );
        let mut out = Vec::new();
        let cases = [(id("0N9"), "Cases".to_owned())];
        let status = Status {
            id: id("0N5"),
            name: "On",
            api_name: "on",
            channels: &cases,
        };
        presence(&mut out, Some(status), None, None);
        presence(&mut out, None, None, None);
        presence(&mut out, Some(status), Some(Millis(5)), Some(status));
        capacity(
            &mut out,
            &Capacity {
                configured: 6.0,
                workload: 0.25,
                ..Capacity::default()
            },
        );
        assert_eq!(
            String::from_utf8(out).unwrap(),
            concat!(
                r#"{"statusId":"0N5000000000001CAA","statusName":"On","statusApiName":"on","kind":"online","#,
                r#""channels":[{"channelId":"0N9000000000001CAA","developerName":"Cases"}]}"#,
                r#"{"statusId":null,"statusName":null,"statusApiName":null,"channels":[]}"#,
                r#"{"statusId":"0N5000000000001CAA","statusName":"On","statusApiName":"on","kind":"online","#,
                r#""channels":[{"channelId":"0N9000000000001CAA","developerName":"Cases"}],"since":5,"nextStatus":"#,
                r#"{"statusId":"0N5000000000001CAA","statusName":"On","statusApiName":"on","kind":"online","#,
                r#""channels":[{"channelId":"0N9000000000001CAA","developerName":"Cases"}]}}"#,
                r#"{"configuredCapacity":6,"currentWorkload":0.25,"configuredInterruptibleCapacity":0,"currentInterruptibleWorkload":0}"#
            )
        );
    }

    #[test]
    fn bodies() {
        assert!(status_id(br#"{"statusId":"0N5000000000001CAA"}"#).is_ok());
        assert_eq!(
            status_id(br#"{"statusId":5}"#).unwrap_err().code,
            Code::InvalidArgument
        );
        assert_eq!(status_id(b"").unwrap_err().code, Code::JsonParserError);
        assert_eq!(decline_reason(b""), Ok(None));
        assert_eq!(
            decline_reason(br#"{"declineReason":"Lunch"}"#),
            Ok(Some("Lunch".to_owned()))
        );
        assert_eq!(
            decline_reason(b"[]").unwrap_err().code,
            Code::InvalidArgument
        );
        assert!(nothing(b"null").is_ok() && nothing(b"{").is_err());
    }
}

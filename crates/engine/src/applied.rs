//! Commands that were carried out, by the id that their sender gave, so that a repeated one gets the
//! stored reply for 24 hours. The replies are hidden rows; memory keeps only the ids and their age.

use std::collections::VecDeque;
use std::fmt::Write;

use hashbrown::HashSet;
use model::{Code, Millis, RecordId, Refusal};
use serde_json::{Value as Json, json};

use crate::request::{CallReply, PresenceView, Reply, Request, Saved, StatusView};

/// A reply is kept this long.
const KEEP_S: i64 = 24 * 3_600;
/// And no more of them than this; the oldest go first.
const KEEP_MAX: usize = 200_000;

#[derive(Default)]
pub(crate) struct Applied {
    known: HashSet<String>,
    by_age: VecDeque<(Millis, String)>,
}

impl Applied {
    pub fn restore(&mut self, key: String, value: &str) {
        let mut parts = serde_json::Deserializer::from_str(value).into_iter::<Json>();
        let at = parts.next().and_then(Result::ok);
        let at = at.and_then(|v| v["at"].as_i64());
        self.by_age
            .push_back((Millis(at.unwrap_or(0)), key.clone()));
        self.known.insert(key);
    }

    pub fn restored(&mut self) {
        self.by_age.make_contiguous().sort();
    }

    pub fn knows(&self, key: &str) -> bool {
        self.known.contains(key)
    }

    pub fn add(&mut self, key: String, at: Millis) {
        if self.known.insert(key.clone()) {
            // the order of keys of the same instant must not depend on the order of commands
            let place = self.by_age.partition_point(|(t, k)| (t, k) <= (&at, &key));
            self.by_age.insert(place, (at, key));
        }
    }

    /// Keys that have served their time.
    pub fn expire(&mut self, now: Millis) -> Vec<String> {
        let mut gone = Vec::new();
        while let Some((at, _)) = self.by_age.front() {
            if at.plus_s(KEEP_S) > now && self.by_age.len() <= KEEP_MAX {
                break;
            }
            let Some((_, key)) = self.by_age.pop_front() else {
                break;
            };
            self.known.remove(&key);
            gone.push(key);
        }
        gone
    }

    pub fn fingerprint(&self) -> impl Iterator<Item = String> + '_ {
        self.by_age
            .iter()
            .map(|(at, key)| format!("applied {} {key}", at.0))
    }
}

/// A reply as it is stored.
pub(crate) fn encode(reply: &Reply, at: Millis) -> String {
    let body = match reply {
        Reply::Saved(results) => {
            json!({ "saved": results.iter().map(encode_saved).collect::<Vec<_>>() })
        }
        Reply::Presence(None) => json!({ "presence": null }),
        Reply::Presence(Some(p)) => json!({ "presence": {
            "id": p.status_id, "name": p.status_name, "api": p.status_api_name, "since": p.since,
            "channels": p.channels, "next": p.next.as_ref().map(encode_status),
        }}),
        Reply::Work => json!("work"),
        Reply::Noted => json!("noted"),
        Reply::Settings => json!("settings"),
        Reply::Call(CallReply::Created { id, errors }) => json!({ "call": id, "errors": errors }),
        Reply::Call(CallReply::Done) => json!("call"),
    };
    json!({ "at": at, "reply": body }).to_string()
}

fn encode_status(s: &StatusView) -> Json {
    json!({ "id": s.status_id, "name": s.status_name, "api": s.status_api_name, "channels": s.channels })
}

fn decode_status(s: &Json) -> Option<StatusView> {
    Some(StatusView {
        status_id: RecordId::parse(s["id"].as_str()?).ok()?,
        status_name: s["name"].as_str()?.to_owned(),
        status_api_name: s["api"].as_str()?.to_owned(),
        channels: serde_json::from_value(s["channels"].clone()).ok()?,
    })
}

fn encode_saved(result: &Result<Saved, Refusal>) -> Json {
    match result {
        Ok(saved) => json!([saved.id, saved.created]),
        Err(r) => json!({ "code": r.code.as_str(), "message": r.message, "fields": r.fields }),
    }
}

/// The stored reply; `None` if it cannot be read.
pub(crate) fn decode(text: &str) -> Option<Reply> {
    decode_reply(&serde_json::from_str(text).ok()?)
}

fn decode_reply(whole: &Json) -> Option<Reply> {
    let body = &whole["reply"];
    match body.as_str() {
        Some("work") => return Some(Reply::Work),
        Some("noted") => return Some(Reply::Noted),
        Some("settings") => return Some(Reply::Settings),
        Some("call") => return Some(Reply::Call(CallReply::Done)),
        _ => {}
    }
    if let Some(results) = body["saved"].as_array() {
        return Some(Reply::Saved(
            results.iter().map(decode_saved).collect::<Option<_>>()?,
        ));
    }
    if let Some(id) = body["call"].as_str() {
        let errors = serde_json::from_value(body["errors"].clone()).ok()?;
        return Some(Reply::Call(CallReply::Created {
            id: RecordId::parse(id).ok()?,
            errors,
        }));
    }
    match body.get("presence")? {
        Json::Null => Some(Reply::Presence(None)),
        p => Some(Reply::Presence(Some(PresenceView {
            status_id: RecordId::parse(p["id"].as_str()?).ok()?,
            status_name: p["name"].as_str()?.to_owned(),
            status_api_name: p["api"].as_str()?.to_owned(),
            channels: serde_json::from_value(p["channels"].clone()).ok()?,
            since: serde_json::from_value(p["since"].clone()).ok()?,
            next: match &p["next"] {
                Json::Null => None,
                next => Some(decode_status(next)?),
            },
        }))),
    }
}

/// A reply with the number of its chunk.
pub(crate) fn encode_chunk(number: u64, reply: &Reply, at: Millis) -> String {
    format!("{number} {}", encode(reply, at))
}

/// A reply with what its command asked for.
pub(crate) fn encode_command(request: &Request, reply: &Reply, at: Millis) -> String {
    format!("{} {}", encode(reply, at), of(request))
}

/// The stored reply, if the command asked for the same. `None` if it cannot be read.
pub(crate) fn decode_command(text: &str, request: &Request) -> Option<Result<Reply, Refusal>> {
    let mut parts = serde_json::Deserializer::from_str(text).into_iter::<Json>();
    let whole = parts.next()?.ok()?;
    let asked = text.get(parts.byte_offset()..)?.trim_start();
    if asked.is_empty() || asked == of(request) {
        return decode_reply(&whole).map(Ok);
    }
    let message = "this command id was given to another command before";
    Some(Err(Refusal::new(Code::DuplicateValue, message)))
}

/// Under which a reply is kept: two senders never share one, nor do two contact centers whose commands
/// come in the name of one user.
pub(crate) fn key_of(user: RecordId, request: &Request, id: &str) -> String {
    match request {
        Request::Call(call) => format!("{} {} {id}", user.as_15(), call.center().as_15()),
        _ => format!("{} {id}", user.as_15()),
    }
}

/// What a command asks, as a digest of all of it.
fn of(request: &Request) -> String {
    let mut digest = Digest::default();
    let _ = write!(digest, "{request:?}"); // a digest takes everything
    format!("{:032x}", digest.0)
}

/// FNV-1a over 128 bits: tells a sender's own commands apart, no more.
struct Digest(u128);

impl Default for Digest {
    fn default() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }
}

impl std::fmt::Write for Digest {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
        for byte in text.bytes() {
            self.0 = (self.0 ^ u128::from(byte)).wrapping_mul(PRIME);
        }
        Ok(())
    }
}

/// Number and results of a chunk out of its note ([`chunk_key`](crate::chunk_key)); `None` if they cannot
/// be read.
pub fn chunk_results(note: &str) -> Option<(u64, Vec<Result<Saved, Refusal>>)> {
    match decode_chunk(note)? {
        (number, Reply::Saved(results)) => Some((number, results)),
        _ => None,
    }
}

/// Number and reply of a chunk; `None` if they cannot be read.
pub(crate) fn decode_chunk(text: &str) -> Option<(u64, Reply)> {
    let (number, reply) = text.split_once(' ')?;
    Some((number.parse().ok()?, decode(reply)?))
}

fn decode_saved(result: &Json) -> Option<Result<Saved, Refusal>> {
    if let Some([id, created]) = result.as_array().map(Vec::as_slice) {
        return Some(Ok(Saved {
            id: RecordId::parse(id.as_str()?).ok()?,
            created: created.as_bool()?,
        }));
    }
    let code = result["code"].as_str()?;
    Some(Err(Refusal {
        code: *Code::ALL.iter().find(|c| c.as_str() == code)?,
        message: result["message"].as_str()?.to_owned(),
        fields: serde_json::from_value(result["fields"].clone()).ok()?,
    }))
}

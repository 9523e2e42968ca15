//! Telephony Integration API bodies (telephony.md 1.4 to 1.7), read as leniently as real clients need.
//!
//! Unknown properties are ignored (TEL9), times come in three forms (TEL10), names in any case where
//! clients disagree (TEL16), `callAttributes` and inputs as object or as text that holds one (TEL17).

use std::collections::BTreeMap;

use model::{Code, FieldIx, Millis, ObjectDef, Refusal, Value};
use serde_json::Value as Json;

use crate::rest::body::scalar_of;
use crate::rest::values;
use crate::{json, xml};

/// Properties of a body, names in lower case.
#[derive(Debug, Default)]
pub struct Properties(BTreeMap<String, Json>);

impl Properties {
    /// Reads a JSON body; absent, blank or `null` is an empty one (TEL3).
    ///
    /// # Errors
    /// JSON_PARSER_ERROR if it is no JSON object.
    pub fn from_json(body: &[u8]) -> Result<Self, Refusal> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self::default());
        }
        match json::parse(body)? {
            Json::Object(map) => Ok(Self(lower(map))),
            Json::Null => Ok(Self::default()),
            other => Err(json::cannot_deserialize("an object", &json::kind(&other))),
        }
    }

    /// Reads an XML body (TEL26).
    ///
    /// # Errors
    /// INVALID_INPUT if it is no XML.
    pub fn from_xml(body: &[u8]) -> Result<Self, Refusal> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self::default());
        }
        match tree(&xml::parse(body)?) {
            Json::Object(map) => Ok(Self(lower(map))),
            _ => Ok(Self::default()),
        }
    }

    fn get(&self, name: &str) -> Option<&Json> {
        self.0
            .get(&name.to_ascii_lowercase())
            .filter(|json| !json.is_null())
    }

    /// A text; numbers and booleans are taken as their text.
    fn text(&self, name: &str) -> Result<Option<String>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text.trim().to_owned()).filter(|t| !t.is_empty())),
            Some(Json::Number(number)) => Ok(Some(number.to_string())),
            Some(Json::Bool(flag)) => Ok(Some(flag.to_string())),
            Some(_) => Err(wrong_type(name, "a text")),
        }
    }

    fn required(&self, name: &str) -> Result<String, Refusal> {
        self.text(name)?.ok_or_else(|| missing(name))
    }

    fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(Json::Bool(flag)) => Ok(Some(*flag)),
            Some(Json::String(text)) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(Json::String(text)) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(_) => Err(wrong_type(name, "a boolean")),
        }
    }

    fn whole(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let read = match self.get(name) {
            None => return Ok(None),
            Some(Json::Number(number)) => number.as_f64(),
            Some(Json::String(text)) => text.trim().parse().ok(),
            Some(_) => None,
        };
        match read.filter(|n: &f64| n.is_finite() && n.abs() < 9.0e15) {
            Some(number) => Ok(Some(number.round() as i64)),
            None => Err(wrong_type(name, "a number")),
        }
    }

    /// ISO 8601, or epoch milliseconds as number or digits (TEL10).
    fn time(&self, name: &str) -> Result<Option<Millis>, Refusal> {
        let Some(json) = self.get(name) else {
            return Ok(None);
        };
        let epoch = |number: f64| (number.abs() < 9.0e15).then_some(Millis(number.round() as i64));
        let read = match json {
            Json::Number(number) => number.as_f64().and_then(epoch),
            Json::String(text) => match text.trim() {
                "" => return Ok(None),
                t if t.bytes().all(|b| b.is_ascii_digit()) => t.parse().ok().and_then(epoch),
                t => Millis::parse(t),
            },
            _ => None,
        };
        read.map(Some)
            .ok_or_else(|| wrong_type(name, "a time in ISO 8601"))
    }

    /// An object, or a text that holds one (TEL17).
    fn object(&self, name: &str) -> Result<BTreeMap<String, Json>, Refusal> {
        let wrong = || wrong_type(name, "an object");
        match self.get(name) {
            None => Ok(BTreeMap::new()),
            Some(Json::Object(map)) => Ok(map.clone().into_iter().collect()),
            Some(Json::String(text)) if text.trim().is_empty() => Ok(BTreeMap::new()),
            Some(Json::String(text)) => match serde_json::from_str(text) {
                Ok(Json::Object(map)) => Ok(map.into_iter().collect()),
                Ok(Json::Null) => Ok(BTreeMap::new()),
                _ => Err(wrong()),
            },
            Some(_) => Err(wrong()),
        }
    }
}

fn lower(map: serde_json::Map<String, Json>) -> BTreeMap<String, Json> {
    map.into_iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .collect()
}

/// Elements as JSON: leaves are texts, repeated names and wrappers of objects are lists.
fn tree(element: &xml::Element) -> Json {
    if element.children.is_empty() {
        return if element.nil {
            Json::Null
        } else {
            Json::String(element.text.clone())
        };
    }
    let mut map = serde_json::Map::new();
    for child in &element.children {
        let value = tree(child);
        match map.get_mut(&child.name) {
            None => drop(map.insert(child.name.clone(), value)),
            Some(Json::Array(list)) => list.push(value),
            Some(first) => *first = Json::Array(vec![first.take(), value]),
        }
    }
    Json::Object(map)
}

fn missing(name: &str) -> Refusal {
    Refusal::about(
        Code::MissingArgument,
        format!("The property {name} is required"),
        [name],
    )
}

fn wrong_type(name: &str, wanted: &str) -> Refusal {
    Refusal::about(
        Code::InvalidInput,
        format!("The property {name} must be {wanted}"),
        [name],
    )
}

/// A phone number without the signs that people write into it.
fn phone(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '[' | ']'))
        .collect()
}

/// Values of VoiceCall under construction.
struct Call<'c> {
    object: &'c ObjectDef,
    values: Vec<(FieldIx, Value)>,
}

impl<'c> Call<'c> {
    fn new(object: &'c ObjectDef) -> Self {
        Self {
            object,
            values: Vec::new(),
        }
    }

    fn set(&mut self, field: &str, value: impl Into<Value>) {
        let value = value.into();
        let Some(field) = self.object.field(field) else {
            return;
        };
        if value.is_null() {
            return;
        }
        match self.values.iter_mut().find(|(known, _)| *known == field) {
            Some(known) => known.1 = value,
            None => self.values.push((field, value)),
        }
    }

    /// A picklist text in the catalogue's spelling (TEL16), else as it came.
    fn choice(&mut self, field: &str, text: Option<String>) {
        let Some(text) = text else { return };
        let known = self.object.field(field).and_then(|ix| {
            let mut entries = self.object.def(ix).picklist.iter();
            entries
                .find(|entry| entry.value.eq_ignore_ascii_case(&text))
                .map(|entry| entry.value.clone())
        });
        self.set(field, known.unwrap_or(text));
    }

    /// VoiceCall fields by API name; what does not fit is told, not refused.
    fn attributes(&mut self, attributes: BTreeMap<String, Json>) -> Vec<String> {
        let mut errors = Vec::new();
        for (name, json) in attributes {
            let Some(field) = self.object.field(&name) else {
                errors.push(format!(
                    "No such column '{}' on sobject of type VoiceCall",
                    json::clip(&name)
                ));
                continue;
            };
            let def = self.object.def(field);
            if !def.createable {
                errors.push(format!("Unable to create/update fields: {}", def.name));
            } else if json.is_array() || json.is_object() {
                errors.push(format!("{}: a text is needed", def.name));
            } else {
                match values::coerce(def, scalar_of(&json)) {
                    Ok(value) => self.set(&def.name.clone(), value),
                    Err(refusal) => errors.push(format!("{}: {}", def.name, refusal.message)),
                }
            }
        }
        errors
    }
}

/// Create a Voice Call Record.
#[derive(Debug, PartialEq)]
pub struct CreateCall {
    /// InternalName of the contact centre; must equal `sub` (TEL13).
    pub center: String,
    /// The provider's id of this leg.
    pub vendor_call_key: String,
    /// VoiceCall fields.
    pub values: Vec<(FieldIx, Value)>,
    /// Earlier leg: record id or vendor call key.
    pub parent: Option<String>,
    /// Queue of a transfer.
    pub queue: Option<String>,
    /// What of callAttributes did not fit.
    pub attribute_errors: Vec<String>,
}

/// Reads the body of Create.
///
/// # Errors
/// A required property is missing or of a wrong type.
pub fn create(body: &Properties, voice_call: &ObjectDef) -> Result<CreateCall, Refusal> {
    let center = body.required("callCenterApiName")?;
    let vendor_call_key = body.required("vendorCallKey")?;
    let mut call = Call::new(voice_call);
    call.set("ToPhoneNumber", phone(&body.required("to")?));
    call.set("FromPhoneNumber", phone(&body.required("from")?));
    let method = body.required("initiationMethod")?;
    let is_transfer = method.eq_ignore_ascii_case("transfer");
    call.choice("CallType", Some(method));
    let start = body
        .time("startTime")?
        .ok_or_else(|| missing("startTime"))?;
    call.set("CallStartDateTime", start);
    match body.get("participants") {
        Some(Json::Array(list)) if list.is_empty() => return Err(missing("participants")),
        Some(Json::Array(list)) if !list.iter().all(Json::is_object) => {
            return Err(wrong_type("participants", "a list of participants"));
        }
        Some(Json::Array(_) | Json::Object(_)) => {} // an object when it came as XML
        Some(_) => return Err(wrong_type("participants", "a list of participants")),
        None => return Err(missing("participants")),
    }
    call.choice(
        "CallSubtype",
        Some(
            body.text("callSubtype")?
                .unwrap_or_else(|| "PSTN".to_owned()),
        ),
    );
    call.choice("CallOrigin", body.text("callOrigin")?);
    let parent = body.text("parentVoiceCallId")?;
    if is_transfer && parent.is_none() {
        return Err(missing("parentVoiceCallId"));
    }
    let attribute_errors = match body.object("callAttributes") {
        Ok(attributes) => call.attributes(attributes),
        Err(refusal) => vec![refusal.message],
    };
    Ok(CreateCall {
        center,
        vendor_call_key,
        values: call.values,
        parent: parent.filter(|_| is_transfer),
        queue: body.text("queue")?.filter(|_| is_transfer),
        attribute_errors,
    })
}

/// Update a Voice Call Record.
#[derive(Debug, PartialEq)]
pub struct UpdateCall {
    /// VoiceCall fields.
    pub values: Vec<(FieldIx, Value)>,
    /// False or absent ends the call (TEL15).
    pub is_active: bool,
}

/// Reads the body of Update.
///
/// # Errors
/// A property has a wrong type.
pub fn update(body: &Properties, voice_call: &ObjectDef) -> Result<UpdateCall, Refusal> {
    let mut call = Call::new(voice_call);
    let (start, end) = (body.time("startTime")?, body.time("endTime")?);
    call.set("CallStartDateTime", start);
    call.set("CallEndDateTime", end);
    if let (Some(start), Some(end)) = (start, end) {
        call.set("CallDurationInSeconds", end.seconds_since(start));
    }
    call.set("CallQueuedDateTime", body.time("enqueueTime")?);
    call.set("CallAcceptDateTime", body.time("acceptTime")?);
    call.set(
        "FromPhoneNumber",
        body.text("fromNumber")?.map(|t| phone(&t)),
    );
    call.set("ToPhoneNumber", body.text("toNumber")?.map(|t| phone(&t)));
    call.set("QueueName", body.text("queue")?);
    call.set("CustomerHoldDuration", body.whole("totalHoldDuration")?);
    call.set("LongestHoldDuration", body.whole("longestHoldDuration")?);
    call.set("NumberOfHolds", body.whole("numberOfHolds")?);
    call.choice("CallOrigin", body.text("callOrigin")?);
    call.choice("CallSubtype", body.text("callSubtype")?);
    let reason = body.object("disconnectReason")?;
    call.set(
        "DisconnectReason",
        reason
            .get("value")
            .and_then(Json::as_str)
            .map(str::to_owned),
    );
    if let Ok(attributes) = body.object("callAttributes") {
        call.attributes(attributes);
    }
    Ok(UpdateCall {
        values: call.values,
        is_active: body.flag("isActiveCall")?.unwrap_or(false),
    })
}

/// Route a Voice Call.
#[derive(Debug, PartialEq, Eq)]
pub struct RouteCall {
    /// User, queue or flow.
    pub target: String,
    /// Queue if a flow fails.
    pub fallback_queue: Option<String>,
}

/// Reads the body of Route.
///
/// # Errors
/// No routingTarget, or a property of a wrong type.
pub fn route(body: &Properties) -> Result<RouteCall, Refusal> {
    body.object("flowInputParameters")?;
    Ok(RouteCall {
        target: body.required("routingTarget")?,
        fallback_queue: body.text("fallbackQueue")?,
    })
}

/// Answer to Create; `errors` stays a list when there is none (TEL14), else it is one text.
pub fn created(out: &mut Vec<u8>, id: model::RecordId, errors: &[String]) {
    let mut o = json::Object::open(out);
    o.id("voiceCallId", id);
    if errors.is_empty() {
        o.raw("errors", "[]");
    } else {
        let text = format!(
            "The voice call record was created, but with errors : {}",
            errors.join(", ")
        );
        o.text("errors", &text);
    }
    o.close();
}

/// `{"status":"..."}`.
pub fn status(out: &mut Vec<u8>, status: &str) {
    let mut o = json::Object::open(out);
    o.text("status", status);
    o.close();
}

/// A refusal in the shape that every known reader understands (TEL11).
pub fn error(out: &mut Vec<u8>, refusal: &Refusal) {
    let mut o = json::Object::open(out);
    json::list(o.key("errors"), [&refusal.message], |out, text| {
        json::text(out, text)
    });
    o.text("message", &refusal.message)
        .text("code", refusal.code.as_str())
        .text("status", &refusal.message);
    o.close();
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Catalogue;

    fn voice_call() -> std::sync::Arc<ObjectDef> {
        let all = Catalogue::standard().unwrap();
        all.find("VoiceCall").unwrap().1.clone()
    }

    fn named(values: &[(FieldIx, Value)]) -> Vec<(String, Value)> {
        let def = voice_call();
        values
            .iter()
            .map(|(f, v)| (def.def(*f).name.clone(), v.clone()))
            .collect()
    }

    const INBOUND: &str = r#"{"callCenterApiName":"CC","vendorCallKey":"k","to":"+1 (800) 555-0100","from":"+15550001",
        "initiationMethod":"INBOUND","startTime":"2026-01-01T10:00:00.000Z","callAttributes":"{\"SourceType\":\"Voice\",\"Nope\":1}",
        "participants":[{"participantKey":"+1","type":"END_USER"}],"unknown":[1]}"#;

    #[test]
    fn create_maps_and_tells_what_did_not_fit() {
        let body = Properties::from_json(INBOUND.as_bytes()).unwrap();
        let made = create(&body, &voice_call()).unwrap();
        assert_eq!(
            (made.center.as_str(), made.vendor_call_key.as_str()),
            ("CC", "k")
        );
        assert_eq!(
            made.attribute_errors,
            ["No such column 'Nope' on sobject of type VoiceCall"]
        );
        let values = named(&made.values);
        assert!(values.contains(&("ToPhoneNumber".to_owned(), Value::from("+18005550100"))));
        assert!(values.contains(&("CallType".to_owned(), Value::from("Inbound"))));
        assert!(values.contains(&("SourceType".to_owned(), Value::from("Voice"))));
    }

    #[test]
    fn a_call_has_a_participant() {
        let with =
            |list: &str| INBOUND.replace(r#"[{"participantKey":"+1","type":"END_USER"}]"#, list);
        for (list, code) in [
            ("[]", Code::MissingArgument),
            ("[1]", Code::InvalidInput),
            (r#""x""#, Code::InvalidInput),
        ] {
            let body = Properties::from_json(with(list).as_bytes()).unwrap();
            let refused = create(&body, &voice_call()).unwrap_err();
            assert_eq!(
                (refused.code, &*refused.fields),
                (code, &["participants".into()][..])
            );
        }
    }

    #[test]
    fn the_xml_form_means_the_same() {
        let body = Properties::from_xml(
            b"<voiceCall><callCenterApiName>CC</callCenterApiName><vendorCallKey>k1</vendorCallKey><to>+1</to><from>+2</from>\
              <initiationMethod>Inbound</initiationMethod><startTime>2026-01-01T10:00:00.000Z</startTime>\
              <participants><participant><participantKey>+2</participantKey></participant></participants></voiceCall>",
        )
        .unwrap();
        assert_eq!(create(&body, &voice_call()).unwrap().vendor_call_key, "k1");
    }

    #[test]
    fn update_with_nothing_ends_the_call() {
        for body in ["", "null", "{}", r#"{"callCenterApiName":"CC"}"#] {
            let body = Properties::from_json(body.as_bytes()).unwrap();
            assert_eq!(
                update(&body, &voice_call()),
                Ok(UpdateCall {
                    values: vec![],
                    is_active: false
                })
            );
        }
        let body = br#"{"startTime":1767261600000,"endTime":"1767261602000","isActiveCall":true,"numberOfHolds":"2","callSubType":"webrtc"}"#;
        let read = update(&Properties::from_json(body).unwrap(), &voice_call()).unwrap();
        assert!(read.is_active);
        let values = named(&read.values);
        assert!(values.contains(&("CallDurationInSeconds".to_owned(), Value::Int(2))));
        assert!(
            values.contains(&("CallSubtype".to_owned(), Value::from("WebRTC"))),
            "{values:?}"
        );
    }

    #[test]
    fn wrong_bodies_are_refused() {
        for body in [
            "[]",
            "5",
            "{",
            r#"{"routingTarget":{}}"#,
            "{}",
            r#"{"routingTarget":"005","flowInputParameters":5}"#,
        ] {
            let read = Properties::from_json(body.as_bytes()).and_then(|b| route(&b));
            assert!(read.is_err(), "{body}");
        }
        let mut out = Vec::new();
        error(&mut out, &missing("to"));
        assert_eq!(
            String::from_utf8(out).unwrap(),
            r#"{"errors":["The property to is required"],"message":"The property to is required","code":"MISSING_ARGUMENT","status":"The property to is required"}"#
        );
        assert_eq!(
            xml::from_json("response", br#"{"status":"a<b","errors":["x","y"]}"#),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><response><status>a&lt;b</status><errors>x</errors><errors>y</errors></response>"
        );
    }
}

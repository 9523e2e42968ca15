//! Readers of untrusted bytes as the fuzzer drives them, each with what it promises: it ends, it does not
//! panic, and what it accepts has the properties that the code behind it builds on.
//!
//! `fuzz/` is a workspace of its own with one small program per probe (`cargo xtask fuzz`); its seeds and
//! everything it ever found lie in `fuzz/seeds` and run as an ordinary test here.

use std::sync::{Arc, LazyLock};

use lang::Context;
use model::{Catalogue, KeyPrefix, Millis, ObjectDef, ObjectIx, RecordId};
use wire::bulk::csv::{CsvError, Dialect, Parser};
use wire::form::{Form, encode};
use wire::oauth::authorize::{self, AuthorizeRequest};
use wire::oauth::{TokenRequest, basic, jwt, pages};
use wire::{omni, soap, telephony, xml};

/// A probe by its name.
pub type Probe = fn(&[u8]);

/// All of them.
pub const ALL: [(&str, Probe); 6] = [
    ("soql", soql),
    ("soap", soap_xml),
    ("csv", csv),
    ("json", json),
    ("oauth", oauth),
    ("jwt", jwt_parts),
];

static CATALOGUE: LazyLock<Option<Catalogue>> = LazyLock::new(|| Catalogue::standard().ok());

/// The objects of every org; they are compiled in.
fn objects(see: impl FnOnce(&Catalogue)) {
    if let Some(catalogue) = CATALOGUE.as_ref() {
        see(catalogue);
    }
}

/// SOQL and SOSL: text into a plan, or a refusal that names a place in the text.
pub fn soql(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let user = RecordId::new(KeyPrefix::of("005"), 1);
    let context = Context::new(user, 64, Millis(1_795_000_000_000), "Europe/Berlin");
    objects(|catalogue| {
        match lang::parse(text) {
            Ok(query) => drop(lang::resolve(&query, catalogue, &context)),
            Err(error) => assert!(error.row >= 1 && error.column >= 1, "a place in the text"),
        }
        if let Ok(search) = lang::sosl::parse(text) {
            drop(lang::sosl::resolve(&search, catalogue, &context));
        }
    });
}

/// SOAP envelopes and other XML bodies.
pub fn soap_xml(data: &[u8]) {
    drop(soap::envelope::read(data));
    drop(xml::parse(data));
    drop(telephony::Properties::from_xml(data));
    drop(wire::bulk::classic::Asked::parse(data));
    object("Case", |_, case| {
        drop(wire::rest::body::from_xml(data, case, 64));
    });
}

fn object(name: &str, see: impl FnOnce(ObjectIx, &Arc<ObjectDef>)) {
    objects(|catalogue| {
        if let Some((ix, def)) = catalogue.find(name) {
            see(ix, def);
        }
    });
}

/// CSV: the same records however the bytes are cut.
pub fn csv(data: &[u8]) {
    let Some((choice, body)) = data.split_first() else {
        return;
    };
    let delimiters = ["COMMA", "TAB", "SEMICOLON", "PIPE", "CARET", "BACKQUOTE"];
    let delimiter = delimiters[usize::from(choice & 7) % delimiters.len()];
    let ending = if choice & 8 == 0 { "LF" } else { "CRLF" };
    if let Some(dialect) = Dialect::parse(delimiter, ending) {
        let step = usize::from(choice >> 4) + 1;
        let (whole, parts) = (
            read(dialect, body, body.len().max(1)),
            read(dialect, body, step),
        );
        assert_eq!(whole, parts, "cut into parts of {step}");
        for record in whole.iter().flatten() {
            let mut line = Vec::new();
            dialect.write(record, &mut line);
            let again = read(dialect, &line, line.len().max(1));
            assert!(again.is_ok(), "what is written can be read");
        }
    }
    drop(wire::bulk::batch::count_csv(body));
    drop(wire::bulk::batch::from_json(body));
    drop(wire::bulk::batch::from_xml(body));
}

fn read(dialect: Dialect, text: &[u8], step: usize) -> Result<Vec<Vec<String>>, CsvError> {
    let mut parser = Parser::new(dialect);
    let mut all = Vec::new();
    let cells = |p: &Parser| p.record().cells().map(str::to_owned).collect();
    for mut part in text.chunks(step) {
        while !part.is_empty() {
            let (used, is_complete) = parser.feed(part)?;
            assert!(used > 0, "it goes on");
            part = part.get(used..).unwrap_or_default();
            if is_complete {
                all.push(cells(&parser));
            }
        }
    }
    if parser.finish()? {
        all.push(cells(&parser));
    }
    Ok(all)
}

/// JSON bodies of records, trees, composite requests, jobs, telephony and the agent interface.
pub fn json(data: &[u8]) {
    objects(|catalogue| {
        if let Some((ix, case)) = catalogue.find("Case") {
            drop(wire::rest::body::record(data, case, 64));
            drop(wire::rest::tree::read(data, catalogue, ix, 64));
        }
    });
    drop(wire::rest::collections::records(data));
    drop(wire::bulk::job::Create::parse(data));
    drop(wire::bulk::job::wanted_state(data));
    drop(telephony::Properties::from_json(data).map(|body| drop(telephony::route(&body))));
    drop(omni::status_id(data));
    drop(omni::decline_reason(data));
    if let Ok(text) = std::str::from_utf8(data) {
        let mut out = Vec::new();
        wire::json::text(&mut out, text);
        let back: Result<String, _> = serde_json::from_slice(&out);
        assert_eq!(
            back.ok().as_deref(),
            Some(text),
            "what is printed can be read"
        );
    }
}

/// Forms, HTTP Basic, authorization requests, redirect addresses, pages.
pub fn oauth(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let form = Form::parse(text);
    drop(TokenRequest::parse(&form, None));
    drop(TokenRequest::parse(&form, Some(text)));
    drop(basic(text));
    let asked = AuthorizeRequest::parse(&form);
    let _ = asked.challenge_fault(true);
    let back = Form::parse(&format!("a={}", encode(text)));
    assert_eq!(back.get("a"), Some(text), "what is encoded comes back");
    let path = authorize::own_path(text);
    let is_own = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
    assert!(is_own && is_clean(path), "a path of our own");
    if authorize::is_callback(text) {
        assert!(is_clean(text) && !text.contains([';', ',', '\'', '"', '<', '#']));
        assert!(is_clean(&authorize::form_target(text)));
        let url =
            authorize::with_parameters(text, &[("code", &asked.code_challenge), ("state", text)]);
        assert!(url.starts_with(text) && is_clean(&url), "fit for a header");
    }
    let page = pages::Page::new(text).alert(Some(text)).credentials(text);
    let markup = pages::Page::new("")
        .alert(Some(""))
        .credentials("")
        .finish();
    let tags = |html: &str| html.matches('<').count();
    assert_eq!(tags(&page.finish()), tags(&markup), "text adds no markup");
}

fn is_clean(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_graphic())
}

/// JSON Web Tokens before their signature is checked.
pub fn jwt_parts(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Some(token) = jwt(text) {
        let whole = format!("{}.{}", token.message, token.signature);
        assert_eq!(whole, text, "the parts are the token");
        assert!(!token.signature.is_empty() && token.message.matches('.').count() == 1);
    }
}

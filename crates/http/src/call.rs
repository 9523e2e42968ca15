//! One request on its way to its handler: path, caller, body.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{self, HeaderMap};
use axum::http::request::Parts;
use bytes::Bytes;
use engine::{Caller, Reply, Request, Submission};
use model::{Catalogue, ObjectDef, ObjectIx, Refusal};
use node::OrgHandle;
use parking_lot::Mutex;
use wire::form::Form;

use crate::answer::{Answer, Fault, Notation, Outcome, kind};
use crate::keys::Center;
use crate::porch::Porch;
use crate::router::Params;
use crate::routes::Route;

/// Longest command id of a client.
const COMMAND_ID_MAX: usize = 128;

/// Who asks, and where.
#[derive(Clone)]
pub struct Session {
    /// The org of the session.
    pub org: OrgHandle,
    /// The user and its rights.
    pub caller: Caller,
    /// The token as sent.
    pub token: Arc<str>,
}

/// One request.
pub struct Call {
    /// What is shared by all requests.
    pub porch: Arc<Porch>,
    /// The route that was found.
    pub route: &'static Route,
    /// Parameters of the path.
    pub params: Params,
    /// Method, target and headers.
    pub parts: Parts,
    /// The body, unpacked.
    pub body: Bytes,
    /// The body of a route that takes it part by part; empty for all others.
    pub stream: Mutex<Body>,
    /// Who asks; there if the route needs a session.
    pub session: Option<Session>,
    /// The contact centre; there if the route needs one.
    pub center: Option<Center>,
    /// API version of the path, 64 where it has none.
    pub version: u32,
    /// Notation of the answer.
    pub notation: Notation,
    /// The other end.
    pub peer: Option<IpAddr>,
    /// Scheme and authority that the client used.
    pub instance_url: Arc<str>,
}

impl Call {
    /// A parameter of the path.
    pub fn param(&self, name: &str) -> &str {
        let found = self.params.iter().find(|(known, _)| *known == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// The query string.
    pub fn query(&self) -> Form {
        Form::parse(self.parts.uri.query().unwrap_or(""))
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        text_of(&self.parts.headers, name)
    }

    /// The session of a route that needs one.
    ///
    /// # Errors
    /// INVALID_SESSION_ID, if a route forgot to ask for it.
    pub fn session(&self) -> Result<&Session, Fault> {
        self.session.as_ref().ok_or_else(|| no_session().into())
    }

    /// The objects of the caller's org.
    ///
    /// # Errors
    /// As for [`Call::session`].
    pub fn catalogue(&self) -> Result<Arc<Catalogue>, Fault> {
        Ok(self.session()?.org.catalogue())
    }

    /// The object that the path names, if the caller may know of it.
    ///
    /// # Errors
    /// NOT_FOUND.
    pub fn object(&self, catalogue: &Catalogue) -> Result<(ObjectIx, Arc<ObjectDef>), Fault> {
        let caller = &self.session()?.caller;
        object_of(catalogue, caller, self.param("object"), self.version)
    }

    /// The client's id of its command.
    pub fn command_id(&self) -> Option<String> {
        let id = self.header("x-trunkline-command-id")?.trim();
        (!id.is_empty() && id.len() <= COMMAND_ID_MAX).then(|| id.to_owned())
    }

    /// Hands a command of the caller to the writer.
    ///
    /// # Errors
    /// What the engine refuses.
    pub async fn submit(&self, request: Request) -> Result<Reply, Fault> {
        let session = self.session()?;
        let submission = Submission {
            caller: session.caller.clone(),
            command_id: self.command_id(),
            request,
        };
        session.org.submit(submission).await.map_err(Fault::from)
    }

    /// An answer that was printed as JSON, in the notation that was asked for.
    pub fn answer(&self, body: Vec<u8>) -> Outcome {
        Ok(match self.notation {
            Notation::Json => Answer::json(body),
            Notation::Xml => self.xml(wire::xml::from_json("Result", &body)),
        })
    }

    /// 200 with XML.
    pub fn xml(&self, text: String) -> Answer {
        Answer::of(axum::http::StatusCode::OK, kind::XML, text.into_bytes())
    }
}

/// The object of a name, if it is on the data API and the caller may see it.
///
/// # Errors
/// NOT_FOUND.
pub fn object_of(
    catalogue: &Catalogue,
    caller: &Caller,
    name: &str,
    version: u32,
) -> Result<(ObjectIx, Arc<ObjectDef>), Fault> {
    let found = catalogue.find(name);
    let seen = found.filter(|(ix, def)| {
        wire::rest::describe::is_served(def, version) && caller.rights.can_describe(*ix)
    });
    let (ix, def) = seen.ok_or_else(Fault::not_found)?;
    Ok((ix, Arc::clone(def)))
}

/// A header as text.
pub fn text_of<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// INVALID_SESSION_ID.
pub fn no_session() -> Refusal {
    Refusal::new(model::Code::InvalidSessionId, "Session expired or invalid")
}

/// The token of an Authorization header: `Bearer T`, `OAuth T`, or the bare token (rest-api.md 1.3).
///
/// # Errors
/// INVALID_SESSION_ID without one, INVALID_AUTH_HEADER if it cannot be read.
pub fn bearer(headers: &HeaderMap) -> Result<&str, Refusal> {
    let wrong = || Refusal::new(model::Code::InvalidAuthHeader, "INVALID_HEADER_TYPE");
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Err(no_session());
    };
    let text = value.to_str().map_err(|_| wrong())?.trim();
    match text.split_once(' ') {
        Some((scheme, token))
            if scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("oauth") =>
        {
            Ok(token.trim())
        }
        None if text.contains('!') => Ok(text),
        _ => Err(wrong()),
    }
}

//! What a handler gives back, and how it becomes an HTTP response.

use axum::body::Body;
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{Response, StatusCode};
use model::{Code, Refusal};
use wire::oauth::OauthError;
use wire::rest::errors;
use wire::{soap, telephony, xml};

use crate::{bulk, status};

/// Content types that we send.
pub mod kind {
    /// REST and the agent interface (rest-api.md 1.4).
    pub const JSON: &str = "application/json;charset=UTF-8";
    /// REST in XML.
    pub const XML: &str = "application/xml;charset=UTF-8";
    /// SOAP.
    pub const SOAP: &str = "text/xml;charset=UTF-8";
    /// Probes.
    pub const TEXT: &str = "text/plain;charset=UTF-8";
}

/// The voice in which a protocol speaks of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// A JSON list, or XML (rest-api.md 3.2).
    Rest,
    /// `{"error","error_description"}`.
    Oauth,
    /// A fault.
    Soap,
    /// TEL11.
    Telephony,
    /// Plain text: probes, console files, userinfo.
    Plain,
    /// `exceptionCode` in XML or JSON, always 400 (rest-api.md 9).
    Bulk,
}

/// Notation of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Notation {
    /// The default.
    #[default]
    Json,
    /// Asked for by Accept or suffix.
    Xml,
}

/// A body with its status.
#[derive(Debug)]
pub struct Content {
    /// Status.
    pub status: StatusCode,
    /// `Content-Type`; none for an empty body.
    pub kind: Option<&'static str>,
    /// The body.
    pub body: Vec<u8>,
    /// Further headers.
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

/// What a handler answers when all went well.
#[derive(Debug)]
pub enum Answer {
    /// A body.
    Content(Content),
    /// A response that is already made (protocol switch, files).
    Raw(Box<Response<Body>>),
}

/// What a handler answers otherwise.
#[derive(Debug)]
pub enum Fault {
    /// Refusals in the voice of the protocol; `status` if it differs from that of the code.
    Refused {
        /// At least one.
        refusals: Vec<Refusal>,
        /// Errors of a record write name their fields.
        with_fields: bool,
        /// Overrides the status of the code.
        status: Option<StatusCode>,
        /// `Allow`, `Retry-After`.
        header: Option<(HeaderName, HeaderValue)>,
    },
    /// An OAuth error.
    Oauth(OauthError),
    /// A plain answer.
    Plain(StatusCode, &'static str),
}

/// Either.
pub type Outcome = Result<Answer, Fault>;

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        let header = (refusal.code == Code::ServerUnavailable)
            .then_some((header::RETRY_AFTER, HeaderValue::from_static("1")));
        Self::Refused {
            refusals: vec![refusal],
            with_fields: false,
            status: None,
            header,
        }
    }
}

impl From<OauthError> for Fault {
    fn from(error: OauthError) -> Self {
        Self::Oauth(error)
    }
}

impl Fault {
    /// A refusal of a record write.
    pub fn of_write(refusal: Refusal) -> Self {
        Self::from(refusal).into_write()
    }

    /// The same as a refusal of a record write.
    #[must_use]
    pub fn into_write(self) -> Self {
        match self {
            Self::Refused {
                refusals,
                status,
                header,
                ..
            } => Self::Refused {
                refusals,
                with_fields: true,
                status,
                header,
            },
            other => other,
        }
    }

    /// A refusal with a status of its own.
    pub fn with_status(refusal: Refusal, status: StatusCode) -> Self {
        Self::Refused {
            refusals: vec![refusal],
            with_fields: false,
            status: Some(status),
            header: None,
        }
    }

    /// The answer to a path that nothing is served at.
    pub fn not_found() -> Self {
        Self::from(Refusal::not_found())
    }

    /// The refusals inside, if it has any.
    pub fn refusals(&self) -> &[Refusal] {
        match self {
            Self::Refused { refusals, .. } => refusals,
            _ => &[],
        }
    }

    /// The status over REST.
    pub fn rest_status(&self) -> StatusCode {
        match self {
            Self::Refused {
                status: Some(status),
                ..
            }
            | Self::Plain(status, _) => *status,
            Self::Refused { refusals, .. } => refusals
                .first()
                .map_or(StatusCode::BAD_REQUEST, |r| status::of(r.code)),
            Self::Oauth(_) => StatusCode::BAD_REQUEST,
        }
    }
}

impl Answer {
    /// 200 with JSON.
    pub fn json(body: Vec<u8>) -> Self {
        Self::of(StatusCode::OK, kind::JSON, body)
    }

    /// Any status with a body.
    pub fn of(status: StatusCode, kind: &'static str, body: Vec<u8>) -> Self {
        Self::Content(Content {
            status,
            kind: Some(kind),
            body,
            headers: Vec::new(),
        })
    }

    /// Status only.
    pub fn empty(status: StatusCode) -> Self {
        Self::Content(Content {
            status,
            kind: None,
            body: Vec::new(),
            headers: Vec::new(),
        })
    }

    /// With one header more.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        if let Self::Content(content) = &mut self {
            content.headers.push((name, value));
        }
        self
    }

    /// The content; of a raw response nothing but the status.
    pub fn into_content(self) -> Content {
        match self {
            Self::Content(content) => content,
            Self::Raw(response) => Content {
                status: response.status(),
                kind: None,
                body: Vec::new(),
                headers: Vec::new(),
            },
        }
    }
}

/// Prints a fault in the voice of a protocol.
pub fn fault(fault: Fault, dialect: Dialect, notation: Notation) -> Content {
    let status = fault.rest_status();
    match fault {
        Fault::Oauth(error) => {
            let mut body = Vec::new();
            error.print(&mut body);
            content(status, kind::JSON, body)
        }
        Fault::Plain(status, text) => content(status, kind::TEXT, text.as_bytes().to_vec()),
        Fault::Refused {
            refusals,
            with_fields,
            header,
            status: own,
        } => {
            let mut made = refused(&refusals, with_fields, own, dialect, notation);
            made.headers.extend(header);
            made
        }
    }
}

fn content(status: StatusCode, kind: &'static str, body: Vec<u8>) -> Content {
    Content {
        status,
        kind: Some(kind),
        body,
        headers: Vec::new(),
    }
}

fn refused(
    refusals: &[Refusal],
    with_fields: bool,
    own: Option<StatusCode>,
    dialect: Dialect,
    notation: Notation,
) -> Content {
    let fallback = Refusal::new(Code::UnknownException, "An unexpected error occurred");
    let first = refusals.first().unwrap_or(&fallback);
    let status = own.unwrap_or_else(|| status::of(first.code));
    let mut body = Vec::new();
    match dialect {
        Dialect::Rest | Dialect::Plain => {
            if notation == Notation::Xml {
                return content(status, kind::XML, errors::errors_xml(refusals).into_bytes());
            }
            errors::errors(&mut body, refusals, with_fields);
            content(status, kind::JSON, body)
        }
        Dialect::Oauth => {
            OauthError::new("invalid_request", first.message.clone()).print(&mut body);
            let status = if status.is_server_error() {
                status
            } else {
                own.unwrap_or(StatusCode::BAD_REQUEST)
            };
            content(status, kind::JSON, body)
        }
        Dialect::Soap => {
            let text = soap::fault::Fault::of(first, None).print(soap::Api::Partner);
            content(
                StatusCode::INTERNAL_SERVER_ERROR,
                kind::SOAP,
                text.into_bytes(),
            )
        }
        Dialect::Bulk => {
            let (kind, body) = bulk::classic::fault(first, notation);
            let is_of_route = matches!(first.code, Code::NotFound | Code::MethodNotAllowed);
            let keeps = status.is_server_error() || own.is_some() || is_of_route;
            let status = if keeps {
                status
            } else {
                StatusCode::BAD_REQUEST
            };
            content(status, kind, body)
        }
        Dialect::Telephony => {
            let status = own.unwrap_or_else(|| status::of_telephony(first.code));
            telephony::error(&mut body, first);
            match notation {
                Notation::Json => content(status, kind::JSON, body),
                Notation::Xml => content(
                    status,
                    kind::XML,
                    xml::from_json("response", &body).into_bytes(),
                ),
            }
        }
    }
}

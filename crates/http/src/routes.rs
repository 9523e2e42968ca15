//! Every route that is served, with what it needs. The only list: router, access test and OpenAPI
//! document are checked against it.

use axum::http::Method;
use futures_util::future::BoxFuture;

use crate::answer::{Dialect, Outcome};
use crate::call::Call;
use crate::{console, oauth, omni, ops, rest, soap, telephony};

/// Methods that are served; HEAD comes with GET.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Verb {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Verb {
    /// The method's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// True if a request of this method is for it.
    pub fn serves(self, method: &Method) -> bool {
        *method == self.as_str() || self == Self::Get && *method == Method::HEAD
    }
}

/// What a caller must show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing: versions, log-in (which checks by itself), probes, console files.
    Nothing,
    /// A session.
    Session,
    /// A session of a user with the right to use the API.
    Api,
    /// A token signed by a contact centre (telephony.md TEL4).
    Center,
}

/// Whether a call can change something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Effect {
    Reads,
    Writes,
}

/// Which bodies a route takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// None; a body is read and ignored.
    Nothing,
    /// JSON.
    Json,
    /// JSON or XML.
    JsonOrXml,
    /// A form; the query string counts too.
    Form,
    /// XML under any type (SOAP).
    Xml,
}

/// Bodies that carry nothing.
const TINY: usize = 64 * 1024;
/// Log-in, agent interface, telephony.
const SMALL: usize = 1024 * 1024;
/// One record: the longest text field many times over.
const RECORD: usize = 12 * 1024 * 1024;
/// Collections, composite, SOAP.
const MANY: usize = 50 * 1024 * 1024;

/// A handler.
pub type Handler = fn(Call) -> BoxFuture<'static, Outcome>;

/// One route.
#[derive(Clone, Copy)]
pub struct Route {
    /// Method.
    pub verb: Verb,
    /// Path; segments in braces are parameters.
    pub path: &'static str,
    /// What a caller must show.
    pub need: Need,
    /// Whether it can change something.
    pub effect: Effect,
    /// How it speaks of errors.
    pub dialect: Dialect,
    /// Which bodies it takes.
    pub takes: Takes,
    /// Largest body in bytes.
    pub body_max: usize,
    /// Who answers.
    pub handler: Handler,
}

const fn get(path: &'static str, handler: Handler) -> Route {
    Route {
        verb: Verb::Get,
        path,
        need: Need::Api,
        effect: Effect::Reads,
        dialect: Dialect::Rest,
        takes: Takes::Nothing,
        body_max: TINY,
        handler,
    }
}

const fn writes(verb: Verb, path: &'static str, body_max: usize, handler: Handler) -> Route {
    Route {
        verb,
        effect: Effect::Writes,
        takes: Takes::Json,
        body_max,
        ..get(path, handler)
    }
}

const fn post(path: &'static str, body_max: usize, handler: Handler) -> Route {
    writes(Verb::Post, path, body_max, handler)
}

const fn patch(path: &'static str, body_max: usize, handler: Handler) -> Route {
    writes(Verb::Patch, path, body_max, handler)
}

const fn delete(path: &'static str, handler: Handler) -> Route {
    Route {
        takes: Takes::Nothing,
        ..writes(Verb::Delete, path, TINY, handler)
    }
}

impl Route {
    const fn needs(self, need: Need) -> Self {
        Self { need, ..self }
    }

    const fn speaks(self, dialect: Dialect) -> Self {
        Self { dialect, ..self }
    }

    const fn reads_only(self) -> Self {
        Self {
            effect: Effect::Reads,
            ..self
        }
    }

    const fn takes(self, takes: Takes) -> Self {
        Self { takes, ..self }
    }
}

const fn open(path: &'static str, handler: Handler) -> Route {
    get(path, handler).needs(Need::Nothing)
}

const fn probe(path: &'static str, handler: Handler) -> Route {
    open(path, handler).speaks(Dialect::Plain)
}

const fn form(verb: Verb, path: &'static str, handler: Handler) -> Route {
    writes(verb, path, SMALL, handler)
        .needs(Need::Nothing)
        .speaks(Dialect::Oauth)
        .takes(Takes::Form)
}

const fn soap(path: &'static str, handler: Handler) -> Route {
    post(path, MANY, handler)
        .needs(Need::Nothing)
        .speaks(Dialect::Soap)
        .takes(Takes::Xml)
}

const fn agent(route: Route) -> Route {
    route.needs(Need::Session)
}

const fn center(verb: Verb, path: &'static str, handler: Handler) -> Route {
    writes(verb, path, SMALL, handler)
        .needs(Need::Center)
        .speaks(Dialect::Telephony)
        .takes(Takes::JsonOrXml)
}

/// A write of one record, in JSON or XML.
const fn record(verb: Verb, path: &'static str, handler: Handler) -> Route {
    writes(verb, path, RECORD, handler).takes(Takes::JsonOrXml)
}

macro_rules! to {
    ($($handler:ident)::+) => { |call| Box::pin($($handler)::+(call)) };
}

/// Every route.
pub static ROUTES: &[Route] = &[
    // log-in and identity (rest-api.md 2, 10)
    form(Verb::Post, "/services/oauth2/token", to!(oauth::token)),
    form(Verb::Post, "/services/oauth2/revoke", to!(oauth::revoke)),
    form(Verb::Get, "/services/oauth2/revoke", to!(oauth::revoke)),
    get("/services/oauth2/userinfo", to!(oauth::userinfo))
        .needs(Need::Session)
        .speaks(Dialect::Plain),
    post("/services/oauth2/userinfo", TINY, to!(oauth::userinfo))
        .needs(Need::Session)
        .speaks(Dialect::Plain)
        .takes(Takes::Form)
        .reads_only(),
    get("/id/{org}/{user}", to!(oauth::identity))
        .needs(Need::Session)
        .speaks(Dialect::Plain),
    soap("/services/Soap/u/{soap}", to!(soap::partner)),
    soap("/services/Soap/u/{soap}/{org}", to!(soap::partner)),
    soap("/services/Soap/c/{soap}", to!(soap::enterprise)),
    soap("/services/Soap/c/{soap}/{org}", to!(soap::enterprise)),
    open("/services/Soap/u/{soap}", to!(soap::wsdl::partner_at)),
    get("/services/Soap/c/{soap}", to!(soap::wsdl::enterprise_at)),
    open("/services/wsdl/partner", to!(soap::wsdl::partner)),
    get("/services/wsdl/enterprise", to!(soap::wsdl::enterprise)),
    open("/soap/wsdl.jsp", to!(soap::wsdl::jsp)),
    // entry (4)
    open("/services/data", to!(rest::entry::versions)),
    get("/services/data/{version}", to!(rest::entry::resources)),
    get("/services/data/{version}/limits", to!(rest::entry::limits)),
    // describe (5.2)
    get(
        "/services/data/{version}/sobjects",
        to!(rest::describe::global),
    ),
    get(
        "/services/data/{version}/sobjects/{object}",
        to!(rest::describe::basic),
    ),
    get(
        "/services/data/{version}/sobjects/{object}/describe",
        to!(rest::describe::object),
    ),
    get(
        "/services/data/{version}/sobjects/{object}/describe/layouts",
        to!(rest::describe::layouts),
    ),
    // records (5.1)
    record(
        Verb::Post,
        "/services/data/{version}/sobjects/{object}",
        to!(rest::records::create),
    ),
    get(
        "/services/data/{version}/sobjects/{object}/{key}",
        to!(rest::records::get),
    ),
    record(
        Verb::Patch,
        "/services/data/{version}/sobjects/{object}/{key}",
        to!(rest::records::update),
    ),
    delete(
        "/services/data/{version}/sobjects/{object}/{key}",
        to!(rest::records::delete),
    ),
    get(
        "/services/data/{version}/sobjects/{object}/updated",
        to!(rest::changes::updated),
    ),
    get(
        "/services/data/{version}/sobjects/{object}/deleted",
        to!(rest::changes::deleted),
    ),
    record(
        Verb::Post,
        "/services/data/{version}/sobjects/{object}/{key}",
        to!(rest::keyed::create),
    ),
    get(
        "/services/data/{version}/sobjects/{object}/{key}/{value}",
        to!(rest::keyed::get),
    ),
    record(
        Verb::Patch,
        "/services/data/{version}/sobjects/{object}/{key}/{value}",
        to!(rest::keyed::upsert),
    ),
    delete(
        "/services/data/{version}/sobjects/{object}/{key}/{value}",
        to!(rest::keyed::delete),
    ),
    // query (6)
    get("/services/data/{version}/query", to!(rest::query::query)),
    get(
        "/services/data/{version}/query/{locator}",
        to!(rest::query::more),
    ),
    get(
        "/services/data/{version}/queryAll",
        to!(rest::query::query_all),
    ),
    get(
        "/services/data/{version}/queryAll/{locator}",
        to!(rest::query::more),
    ),
    get("/services/data/{version}/search", to!(rest::search::search)),
    get("/services/data/{version}/recent", to!(rest::search::recent)),
    get(
        "/services/data/{version}/tooling/query",
        to!(rest::tooling::query),
    ),
    get(
        "/services/data/{version}/tooling/sobjects",
        to!(rest::describe::global),
    ),
    get(
        "/services/data/{version}/tooling/sobjects/{object}/describe",
        to!(rest::describe::object),
    ),
    // composite family (7)
    post(
        "/services/data/{version}/composite",
        MANY,
        to!(rest::composite::composite),
    ),
    post(
        "/services/data/{version}/composite/batch",
        MANY,
        to!(rest::composite::batch),
    ),
    post(
        "/services/data/{version}/composite/graph",
        MANY,
        to!(rest::composite::graph),
    ),
    post(
        "/services/data/{version}/composite/tree/{object}",
        MANY,
        to!(rest::composite::tree),
    ),
    post(
        "/services/data/{version}/composite/sobjects",
        MANY,
        to!(rest::collections::create),
    ),
    patch(
        "/services/data/{version}/composite/sobjects",
        MANY,
        to!(rest::collections::update),
    ),
    delete(
        "/services/data/{version}/composite/sobjects",
        to!(rest::collections::delete),
    ),
    get(
        "/services/data/{version}/composite/sobjects/{object}",
        to!(rest::collections::get),
    ),
    post(
        "/services/data/{version}/composite/sobjects/{object}",
        SMALL,
        to!(rest::collections::retrieve_by_body),
    )
    .reads_only(),
    patch(
        "/services/data/{version}/composite/sobjects/{object}/{key}",
        MANY,
        to!(rest::collections::upsert),
    ),
    // the agent interface (12)
    agent(get(
        "/services/omni/v1/statuses",
        to!(omni::reads::statuses),
    )),
    agent(get(
        "/services/omni/v1/presence",
        to!(omni::reads::presence),
    )),
    agent(writes(
        Verb::Put,
        "/services/omni/v1/presence",
        SMALL,
        to!(omni::writes::set_presence),
    )),
    agent(delete(
        "/services/omni/v1/presence",
        to!(omni::writes::logout),
    )),
    agent(get("/services/omni/v1/works", to!(omni::reads::works))),
    agent(post(
        "/services/omni/v1/works/{work}/accept",
        SMALL,
        to!(omni::writes::accept),
    )),
    agent(post(
        "/services/omni/v1/works/{work}/decline",
        SMALL,
        to!(omni::writes::decline),
    )),
    agent(post(
        "/services/omni/v1/works/{work}/close",
        SMALL,
        to!(omni::writes::close),
    )),
    agent(get(
        "/services/omni/v1/capacity",
        to!(omni::reads::capacity),
    )),
    agent(get(
        "/services/omni/v1/channels",
        to!(omni::reads::channels),
    )),
    agent(get(
        "/services/omni/v1/configuration",
        to!(omni::reads::configuration),
    )),
    agent(get("/services/omni/v1/events", to!(omni::events::open))),
    agent(get(
        "/services/omni/v1/supervisor/events",
        to!(omni::events::open_all),
    )),
    // telephony (telephony.md 1.5)
    center(
        Verb::Post,
        "/telephony/v1/voiceCalls",
        to!(telephony::create),
    ),
    center(
        Verb::Patch,
        "/telephony/v1/voiceCalls/{call}",
        to!(telephony::update),
    ),
    center(
        Verb::Post,
        "/telephony/v1/voiceCalls/{call}/routeVoiceCall",
        to!(telephony::route),
    ),
    center(
        Verb::Patch,
        "/telephony/v1/voiceCalls/{call}/routeVoiceCall",
        to!(telephony::route),
    ),
    center(
        Verb::Patch,
        "/telephony/v1/voiceCalls/route/{call}",
        to!(telephony::route),
    ),
    center(
        Verb::Patch,
        "/telephony/v1/voiceCalls/{call}/clearRouting",
        to!(telephony::clear_routing),
    ),
    center(
        Verb::Patch,
        "/telephony/v1/voiceCalls/{call}/reroute",
        to!(telephony::reroute),
    ),
    // operations (ARCHITECTURE 10)
    probe("/healthz", to!(ops::health)),
    probe("/readyz", to!(ops::ready)),
    probe("/metrics", to!(ops::metrics)),
    open("/openapi.json", to!(ops::openapi)),
    probe("/", to!(console::index)),
];

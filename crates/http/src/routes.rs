//! Every route that is served, with what it needs. The only list: router, access test and OpenAPI
//! document are checked against it.

use axum::http::Method;
use futures_util::future::BoxFuture;

use crate::answer::{Dialect, Outcome};
use crate::call::Call;
use crate::{bulk, console, oauth, omni, ops, rest, soap, telephony};

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
    /// A session of any scope: it may tell whose it is.
    Identity,
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
    /// Any type; the handler reads it as its job says (Bulk 1.0).
    Any,
    /// Any size and type; the handler takes it part by part.
    Stream,
}

/// Bodies that carry nothing.
const TINY: usize = 64 * 1024;
/// Log-in, agent interface, telephony.
const SMALL: usize = 1024 * 1024;
/// One record: the longest text field many times over.
const RECORD: usize = 12 * 1024 * 1024;
/// Collections, composite, SOAP.
const MANY: usize = 50 * 1024 * 1024;

/// One upload of Bulk 2.0 (rest-api.md 8.1).
const UPLOAD: usize = 150 * 1024 * 1024;
/// One batch of Bulk 1.0.
const BATCH: usize = 10 * 1024 * 1024;

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

/// A form that a person sends.
const fn page(path: &'static str, handler: Handler) -> Route {
    form(Verb::Post, path, handler).speaks(Dialect::Plain)
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

const fn classic(route: Route) -> Route {
    Route {
        dialect: Dialect::Bulk,
        ..route
    }
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
    form(
        Verb::Post,
        "/services/oauth2/introspect",
        to!(oauth::meta::introspect),
    ),
    open("/services/oauth2/authorize", to!(oauth::authorize::ask)),
    page("/services/oauth2/authorize", to!(oauth::authorize::answer)),
    open("/setup/connect", to!(oauth::authorize::connect_page)),
    page("/setup/connect", to!(oauth::authorize::connect)),
    open("/services/oauth2/pages.css", to!(oauth::authorize::style)),
    open("/secur/frontdoor.jsp", to!(oauth::authorize::frontdoor)),
    page("/secur/frontdoor.jsp", to!(oauth::authorize::frontdoor)),
    open(
        "/.well-known/openid-configuration",
        to!(oauth::meta::discovery),
    ),
    open("/id/keys", to!(oauth::meta::keys)),
    get(
        "/services/oauth2/singleaccess",
        to!(oauth::authorize::single_access),
    )
    .speaks(Dialect::Plain),
    get("/services/oauth2/userinfo", to!(oauth::userinfo))
        .needs(Need::Identity)
        .speaks(Dialect::Plain),
    post("/services/oauth2/userinfo", TINY, to!(oauth::userinfo))
        .needs(Need::Identity)
        .speaks(Dialect::Plain)
        .takes(Takes::Form)
        .reads_only(),
    get("/id/{org}/{user}", to!(oauth::identity))
        .needs(Need::Identity)
        .speaks(Dialect::Plain),
    // set-up of log-in (ours)
    get("/services/omni/v1/setup/apps", to!(oauth::setup::apps)),
    post(
        "/services/omni/v1/setup/apps",
        SMALL,
        to!(oauth::setup::create_app),
    ),
    get("/services/omni/v1/setup/apps/{app}", to!(oauth::setup::app)),
    patch(
        "/services/omni/v1/setup/apps/{app}",
        SMALL,
        to!(oauth::setup::change_app),
    ),
    delete(
        "/services/omni/v1/setup/apps/{app}",
        to!(oauth::setup::delete_app),
    ),
    agent(get(
        "/services/omni/v1/setup/sessions",
        to!(oauth::setup::sessions),
    )),
    agent(delete(
        "/services/omni/v1/setup/sessions/{session}",
        to!(oauth::setup::end_session),
    )),
    get(
        "/services/omni/v1/setup/security",
        to!(oauth::setup::security),
    ),
    writes(
        Verb::Put,
        "/services/omni/v1/setup/security",
        SMALL,
        to!(oauth::setup::put_security),
    ),
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
    get(
        "/services/data/{version}/limits/recordCount",
        to!(rest::entry::record_count),
    ),
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
    get(
        "/services/data/{version}/sobjects/{object}/describe/layouts/{key}",
        to!(rest::describe::layout),
    ),
    get(
        "/services/data/{version}/sobjects/{object}/describe/compactLayouts",
        to!(rest::describe::compact_layouts),
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
    // bulk 2.0 (8)
    post(
        "/services/data/{version}/jobs/ingest",
        SMALL,
        to!(bulk::ingest::create),
    )
    .takes(Takes::Any),
    get(
        "/services/data/{version}/jobs/ingest",
        to!(bulk::ingest::all),
    ),
    get(
        "/services/data/{version}/jobs/ingest/{job}",
        to!(bulk::ingest::get),
    ),
    patch(
        "/services/data/{version}/jobs/ingest/{job}",
        SMALL,
        to!(bulk::ingest::update),
    ),
    delete(
        "/services/data/{version}/jobs/ingest/{job}",
        to!(bulk::ingest::delete),
    ),
    writes(
        Verb::Put,
        "/services/data/{version}/jobs/ingest/{job}/batches",
        UPLOAD,
        to!(bulk::ingest::batches),
    )
    .takes(Takes::Stream),
    get(
        "/services/data/{version}/jobs/ingest/{job}/successfulResults",
        to!(bulk::ingest::successful),
    ),
    get(
        "/services/data/{version}/jobs/ingest/{job}/failedResults",
        to!(bulk::ingest::failed),
    ),
    get(
        "/services/data/{version}/jobs/ingest/{job}/unprocessedRecords",
        to!(bulk::ingest::unprocessed),
    ),
    post(
        "/services/data/{version}/jobs/query",
        SMALL,
        to!(bulk::query::create),
    ),
    get("/services/data/{version}/jobs/query", to!(bulk::query::all)),
    get(
        "/services/data/{version}/jobs/query/{job}",
        to!(bulk::query::get),
    ),
    patch(
        "/services/data/{version}/jobs/query/{job}",
        SMALL,
        to!(bulk::query::update),
    ),
    delete(
        "/services/data/{version}/jobs/query/{job}",
        to!(bulk::query::delete),
    ),
    get(
        "/services/data/{version}/jobs/query/{job}/results",
        to!(bulk::query::results),
    ),
    // bulk 1.0 (9)
    classic(
        post(
            "/services/async/{async}/job",
            SMALL,
            to!(bulk::classic::create),
        )
        .takes(Takes::Any),
    ),
    classic(get(
        "/services/async/{async}/job/{job}",
        to!(bulk::classic::get),
    )),
    classic(
        post(
            "/services/async/{async}/job/{job}",
            SMALL,
            to!(bulk::classic::update),
        )
        .takes(Takes::Any),
    ),
    classic(
        post(
            "/services/async/{async}/job/{job}/batch",
            BATCH,
            to!(bulk::classic::add_batch),
        )
        .takes(Takes::Any),
    ),
    classic(get(
        "/services/async/{async}/job/{job}/batch",
        to!(bulk::classic::batches),
    )),
    classic(get(
        "/services/async/{async}/job/{job}/batch/{batch}",
        to!(bulk::classic::batch),
    )),
    classic(get(
        "/services/async/{async}/job/{job}/batch/{batch}/request",
        to!(bulk::classic::request),
    )),
    classic(get(
        "/services/async/{async}/job/{job}/batch/{batch}/result",
        to!(bulk::classic::result),
    )),
    classic(get(
        "/services/async/{async}/job/{job}/batch/{batch}/result/{result}",
        to!(bulk::classic::rows_of_result),
    )),
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
    agent(post(
        "/services/omni/v1/works/{work}/flag",
        SMALL,
        to!(omni::works::flag),
    )),
    agent(post(
        "/services/omni/v1/works/{work}/unflag",
        SMALL,
        to!(omni::works::unflag),
    )),
    agent(post(
        "/services/omni/v1/works/{work}/transfer",
        SMALL,
        to!(omni::works::transfer),
    )),
    agent(post(
        "/services/omni/v1/works/{work}/pause",
        SMALL,
        to!(omni::works::pause),
    )),
    agent(post(
        "/services/omni/v1/works/{work}/resume",
        SMALL,
        to!(omni::works::resume),
    )),
    agent(post(
        "/services/omni/v1/works/{work}/end-conversation",
        SMALL,
        to!(omni::works::end_conversation),
    )),
    agent(post(
        "/services/omni/v1/works/{work}/extend",
        SMALL,
        to!(omni::works::extend),
    )),
    agent(post(
        "/services/omni/v1/works/{work}/touch",
        SMALL,
        to!(omni::works::touch),
    )),
    agent(post(
        "/services/omni/v1/works/{work}/invite",
        SMALL,
        to!(omni::works::invite),
    )),
    agent(get("/services/omni/v1/limits", to!(omni::settings::limits))),
    agent(get("/services/omni/v1/settings", to!(omni::settings::get))),
    agent(patch(
        "/services/omni/v1/settings",
        SMALL,
        to!(omni::settings::update),
    )),
    agent(get(
        "/services/omni/v1/explain/works/{record}",
        to!(omni::explain::item),
    )),
    agent(get(
        "/services/omni/v1/explain/agents/{user}",
        to!(omni::explain::agent),
    )),
    // the supervisor desk
    agent(get(
        "/services/omni/v1/supervisor/agents",
        to!(omni::supervisor::agents),
    )),
    agent(get(
        "/services/omni/v1/supervisor/agents/{user}",
        to!(omni::supervisor::agent),
    )),
    agent(writes(
        Verb::Put,
        "/services/omni/v1/supervisor/agents/{user}/presence",
        SMALL,
        to!(omni::supervisor::set_presence),
    )),
    agent(delete(
        "/services/omni/v1/supervisor/agents/{user}/presence",
        to!(omni::supervisor::log_out),
    )),
    agent(post(
        "/services/omni/v1/supervisor/agents/{user}/queues",
        SMALL,
        to!(omni::supervisor::change_queues),
    )),
    agent(post(
        "/services/omni/v1/supervisor/agents/{user}/skills",
        SMALL,
        to!(omni::supervisor::change_skills),
    )),
    agent(get(
        "/services/omni/v1/supervisor/queues",
        to!(omni::supervisor::queues),
    )),
    agent(get(
        "/services/omni/v1/supervisor/queues/{queue}",
        to!(omni::supervisor::queue),
    )),
    agent(post(
        "/services/omni/v1/supervisor/queues/{queue}/agents",
        SMALL,
        to!(omni::supervisor::change_members),
    )),
    agent(get(
        "/services/omni/v1/supervisor/skills",
        to!(omni::supervisor::skills),
    )),
    agent(get(
        "/services/omni/v1/supervisor/works",
        to!(omni::supervisor::works),
    )),
    agent(post(
        "/services/omni/v1/supervisor/works/{work}/close",
        SMALL,
        to!(omni::supervisor::close),
    )),
    agent(post(
        "/services/omni/v1/supervisor/works/{work}/unflag",
        SMALL,
        to!(omni::supervisor::unflag),
    )),
    agent(post(
        "/services/omni/v1/supervisor/works/{work}/transfer",
        SMALL,
        to!(omni::supervisor::transfer),
    )),
    agent(post(
        "/services/omni/v1/supervisor/works/{work}/requeue",
        SMALL,
        to!(omni::supervisor::requeue),
    )),
    agent(get(
        "/services/omni/v1/supervisor/backlog",
        to!(omni::supervisor::backlog),
    )),
    agent(post(
        "/services/omni/v1/supervisor/backlog/{record}/reassign",
        SMALL,
        to!(omni::supervisor::reassign),
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

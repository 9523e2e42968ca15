//! The way of every request: path, caller, limits, body, handler, answer.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::request::Parts;
use axum::http::{Method, Request, Response, StatusCode};
use bytes::Bytes;
use flate2::Compression;
use metrics_exporter_prometheus::PrometheusHandle;
use model::{Code, RecordId, Refusal};
use node::{Node, OrgHandle, Used};
use parking_lot::Mutex;
use wire::rest::entry;

use crate::answer::{self, Answer, Content, Dialect, Fault, Notation};
use crate::body::{self, BodyRoom};
use crate::call::{Call, Session, bearer, no_session, text_of};
use crate::changes::Changes;
use crate::guard::Guard;
use crate::keys::{self, Center, NotAdmitted};
use crate::limits;
use crate::oauth::pending::Pending;
use crate::options::HttpOptions;
use crate::path::{self, Segments};
use crate::router::{self, Found, Params};
use crate::routes::{Need, Route, Takes};
use crate::serve::Scheme;
use crate::timers::Timers;
use crate::{bulk, console, cors};

/// Version where a path has none.
const VERSION: u32 = 64;
/// Smaller answers are not worth packing.
const PACK_MIN: usize = 1_024;
/// With more open connections, new ones may not be idle for long.
const CROWD: usize = 8_192;
/// Larger ones are packed on a blocking thread.
const PACK_HERE_MAX: usize = 256 * 1024;

/// Browsers take an answer for what it says it is and nothing else.
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");

static LIMIT_INFO: HeaderName = HeaderName::from_static("sforce-limit-info");

/// What all requests share. Make one, put it into an [`Arc`], give it to [`crate::serve`].
pub struct Porch {
    /// The orgs.
    pub(crate) node: Node,
    /// Settings.
    pub(crate) options: HttpOptions,
    /// Failed log-ins.
    pub(crate) guard: Guard,
    /// What waits for people who log in.
    pub(crate) pending: Pending,
    /// Makes one signing key at a time.
    pub(crate) key_making: tokio::sync::Mutex<()>,
    /// When configuration changed.
    pub(crate) changes: Changes,
    metrics: PrometheusHandle,
    timers: Timers,
    room: BodyRoom,
    open: AtomicUsize,
}

/// An open connection.
pub(crate) struct Present(Arc<Porch>);

impl Drop for Present {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Where a request came from.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// Address of the other end.
    pub address: Option<IpAddr>,
    /// How it came.
    pub scheme: Scheme,
}

impl Porch {
    /// A porch in front of a node. `metrics` renders what `/metrics` shows.
    pub fn new(node: Node, metrics: PrometheusHandle, options: HttpOptions) -> Self {
        node.begin_jobs(Arc::new(bulk::Text));
        Self {
            guard: Guard::default(),
            pending: Pending::default(),
            key_making: tokio::sync::Mutex::default(),
            changes: Changes::default(),
            room: BodyRoom::new(options.bodies_max),
            timers: Timers::new(),
            open: AtomicUsize::new(0),
            node,
            options,
            metrics,
        }
    }

    /// The text of `/metrics`.
    pub(crate) async fn metrics(&self) -> String {
        for org in self.node.orgs() {
            org.measure().await;
        }
        self.metrics.render()
    }

    /// How long a request's head may take.
    pub(crate) fn head_timeout(&self) -> Duration {
        self.options.head_timeout
    }

    /// One connection more, until the value is dropped; and how long it may be idle.
    pub(crate) fn enter(self: &Arc<Self>) -> (Present, Duration) {
        let open = self.open.fetch_add(1, Ordering::Relaxed);
        let options = &self.options;
        let idle = match open < CROWD {
            true => options.idle_timeout.max(options.head_timeout),
            false => options.head_timeout,
        };
        (Present(Arc::clone(self)), idle)
    }

    /// Answers one request.
    pub async fn answer(self: &Arc<Self>, request: Request<Body>, peer: Peer) -> Response<Body> {
        let start = Instant::now();
        let (parts, body) = request.into_parts();
        let peer = Peer {
            address: self.address(&parts.headers, peer),
            ..peer
        };
        let Some(instance_url) = self.instance_url(&parts.headers, peer.scheme) else {
            return plain(StatusCode::BAD_REQUEST);
        };
        if parts.method == Method::OPTIONS {
            return cors::preflight(&parts.headers, &self.options, &self.node, &instance_url);
        }
        let origin =
            cors::allowed(&parts.headers, &self.options, &self.node, &instance_url).cloned();
        if origin.is_none() && is_foreign_socket(&parts.headers) {
            return plain(StatusCode::FORBIDDEN);
        }
        let packs = packs(&parts.headers);
        let (made, route) = self.content(parts, body, peer, instance_url).await;
        let mut response = match made {
            Made::Raw(response) => *response,
            Made::Content(content) => finish(content, packs).await,
        };
        if let Some(origin) = origin {
            cors::mark(response.headers_mut(), &origin);
        }
        self.timers
            .record(route, response.status(), start.elapsed());
        response
    }

    /// The other end: behind a proxy the last address that the proxy itself has added.
    fn address(&self, headers: &HeaderMap, peer: Peer) -> Option<IpAddr> {
        if !self.options.trusts_proxy {
            return peer.address;
        }
        let all = headers.get_all("x-forwarded-for").iter().next_back();
        let last = all.and_then(|value| value.to_str().ok()?.rsplit(',').next());
        last.and_then(|text| text.trim().parse().ok())
            .or(peer.address)
    }

    /// Scheme and authority of the request; `None` for a Host that is none.
    fn instance_url(&self, headers: &HeaderMap, scheme: Scheme) -> Option<Arc<str>> {
        if let Some(base) = &self.options.base_url {
            return Some(Arc::from(base.trim_end_matches('/')));
        }
        let forwarded = text_of(headers, "x-forwarded-proto").filter(|_| self.options.trusts_proxy);
        let scheme = match forwarded {
            Some("https") => "https",
            Some("http") => "http",
            _ => scheme.as_str(),
        };
        let host = text_of(headers, "host").unwrap_or("localhost");
        let fits = host.len() <= 255
            && host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b".-_:[]".contains(&b));
        fits.then(|| Arc::from(format!("{scheme}://{host}")))
    }

    async fn content(
        self: &Arc<Self>,
        parts: Parts,
        mut body: Body,
        peer: Peer,
        instance_url: Arc<str>,
    ) -> (Made, &'static str) {
        let (route, params, notation) = match self.find(&parts) {
            Ok((route, params, _)) if route.dialect == Dialect::Bulk => {
                (route, params, bulk::classic::notation(&parts.headers))
            }
            Ok(found) => found,
            Err(lost) => {
                let is_clean = body::drain(&mut body).await;
                return (lost.made(&parts).closing(!is_clean), "none");
            }
        };
        let mut used = None;
        let ready = self
            .prepare(&parts, &mut body, &instance_url, route, &params, &mut used)
            .await;
        let outcome = match ready {
            Ok(ready) => {
                let call = Call {
                    porch: Arc::clone(self),
                    route,
                    params,
                    parts,
                    body: ready.bytes,
                    stream: Mutex::new(ready.stream),
                    session: ready.session,
                    center: ready.center,
                    version: ready.version,
                    notation,
                    peer: peer.address,
                    instance_url,
                };
                (route.handler)(call).await
            }
            Err(fault) => {
                let is_clean = body::drain(&mut body).await;
                let content = answer::fault(fault, route.dialect, notation);
                return (
                    Made::Content(content).closing(!is_clean).counted(used),
                    route.path,
                );
            }
        };
        let made = match outcome {
            Ok(Answer::Raw(response)) => Made::Raw(response),
            Ok(Answer::Content(content)) => Made::Content(content),
            Err(fault) => Made::Content(answer::fault(fault, route.dialect, notation)),
        };
        (made.counted(used), route.path)
    }

    fn find(&self, parts: &Parts) -> Result<(&'static Route, Params, Notation), Lost> {
        let uri = &parts.uri;
        let target = uri.path_and_query().map_or(0, |p| p.as_str().len());
        if target > path::TARGET_MAX {
            let refusal = Refusal::new(Code::InvalidInput, "The request URI is too long");
            return Err(Lost::Fault(
                Fault::with_status(refusal, StatusCode::URI_TOO_LONG),
                Dialect::Rest,
            ));
        }
        let segments = path::segments(uri.path()).ok_or(Lost::Nothing)?;
        let method = path::method(&parts.method, uri.query().unwrap_or(""));
        let asked = notation(&parts.headers);
        match router::find(&method, &segments) {
            Found::Route(route, params) => Ok(cut_suffix(&method, segments, route, params, asked)),
            Found::OtherMethods(..) | Found::Nothing => lost(&method, segments),
        }
    }

    /// Everything before the handler: version, caller, limits, body.
    async fn prepare(
        &self,
        parts: &Parts,
        body: &mut Body,
        instance_url: &str,
        route: &Route,
        params: &Params,
        used: &mut Option<(u64, u64)>,
    ) -> Result<Ready, Fault> {
        if let Some(wrong) = parts.uri.query().and_then(wire::form::undecodable) {
            let message = format!(
                "The query string cannot be decoded: {} has a percent escape that is no UTF-8 text",
                wire::json::clip(wrong)
            );
            return Err(Refusal::new(Code::InvalidInput, message).into());
        }
        let version = match params.iter().find(|(name, _)| *name == "version") {
            None => VERSION,
            Some((_, text)) => entry::version(text).ok_or_else(Fault::not_found)?,
        };
        let (session, center) = self
            .admit(&parts.headers, route, instance_url, version)
            .await?;
        let of_center = center.as_ref().map(|c| &c.org);
        if let Some(org) = session.as_ref().map(|s| &s.org).or(of_center) {
            let max = self.daily_limit(org.id()).0;
            *used = Some((self.count(org)?, max));
        }
        if route.takes != Takes::Nothing {
            body::check_type(route.takes, &parts.headers)?;
        }
        if route.takes == Takes::Stream {
            body::check_length(&parts.headers, route.body_max)?;
            let stream = std::mem::take(body);
            let ready = Ready {
                version,
                session,
                center,
                stream,
                bytes: Bytes::new(),
                _room: None,
            };
            return Ok(ready);
        }
        let (bytes, room) = body::read(
            body,
            &parts.headers,
            route.body_max,
            &self.room,
            &self.options,
        )
        .await?;
        Ok(Ready {
            version,
            session,
            center,
            bytes,
            stream: Body::empty(),
            _room: Some(room),
        })
    }

    /// Counts one API call.
    pub(crate) fn count(&self, org: &OrgHandle) -> Result<u64, Fault> {
        let used = org.count_use(Used::ApiRequests);
        let (max, is_enforced) = self.daily_limit(org.id());
        if is_enforced && used > max {
            return Err(
                Refusal::new(Code::RequestLimitExceeded, "TotalRequests Limit exceeded.").into(),
            );
        }
        Ok(used)
    }

    /// API calls of an org in 24 hours, and whether more are refused: by the org's own policy, else by the
    /// server's options.
    pub(crate) fn daily_limit(&self, org: RecordId) -> (u64, bool) {
        let own = self.node.org(Some(org));
        match own.and_then(|org| org.policy().daily_api_requests) {
            Some(max) => (max, true),
            None => {
                let options = &self.options;
                (options.daily_api_requests, options.enforces_daily_limit)
            }
        }
    }

    /// Checks what the route needs.
    async fn admit(
        &self,
        headers: &HeaderMap,
        route: &Route,
        instance_url: &str,
        version: u32,
    ) -> Result<(Option<Session>, Option<Center>), Fault> {
        match route.need {
            Need::Nothing => Ok((None, None)),
            Need::Center => {
                let center = self.center(headers, instance_url).await?;
                Ok((None, Some(center)))
            }
            Need::Identity => {
                let token = token_of(headers, route)?;
                Ok((Some(self.any_session(token, version)?), None))
            }
            Need::Session | Need::Api => {
                let token = token_of(headers, route)?;
                let session = self.session(token, version)?;
                if route.need == Need::Api && !session.caller.rights.has("ApiEnabled") {
                    let message = "The REST API is not enabled for this Organization.";
                    return Err(Refusal::new(Code::ApiDisabledForOrg, message).into());
                }
                Ok((Some(session), None))
            }
        }
    }

    /// The session of a token.
    ///
    /// # Errors
    /// INVALID_SESSION_ID.
    pub(crate) fn session(&self, token: &str, version: u32) -> Result<Session, Fault> {
        let (org, mut caller) = self.node.session(token)?;
        caller.version = version;
        Ok(Session {
            org,
            caller,
            token: Arc::from(token),
        })
    }

    /// The same for sessions of any scope.
    ///
    /// # Errors
    /// INVALID_SESSION_ID.
    pub(crate) fn any_session(&self, token: &str, version: u32) -> Result<Session, Fault> {
        let (org, mut caller) = self.node.any_session(token)?;
        caller.version = version;
        Ok(Session {
            org,
            caller,
            token: Arc::from(token),
        })
    }

    async fn center(&self, headers: &HeaderMap, instance_url: &str) -> Result<Center, Fault> {
        let token = bearer_of_center(headers);
        let checked = match token {
            Some(token) => {
                keys::center(token, &self.node, instance_url, self.options.strict_jti).await
            }
            None => Err("no bearer token".into()),
        };
        checked.map_err(|cause| match cause {
            NotAdmitted::Busy(refusal) => refusal.into(),
            NotAdmitted::Token(why) => {
                tracing::warn!(target: "security", why, "telephony token refused");
                metrics::counter!("trunkline_telephony_tokens_refused_total").increment(1);
                keys::refused().into()
            }
        })
    }
}

/// A page of an origin that is not ours and not allowed asks for a socket. Sockets know no CORS: browsers
/// open them for every page, so that the server must look.
fn is_foreign_socket(headers: &HeaderMap) -> bool {
    let is_upgrade =
        text_of(headers, "upgrade").is_some_and(|u| u.eq_ignore_ascii_case("websocket"));
    is_upgrade && headers.contains_key(header::ORIGIN)
}

fn bearer_of_center(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = text_of(headers, "authorization")?.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The session token of a request; event sockets carry it in the sub-protocols, because browsers cannot
/// set headers there.
fn token_of<'h>(headers: &'h HeaderMap, route: &Route) -> Result<&'h str, Refusal> {
    let in_protocol = || {
        let offered = text_of(headers, "sec-websocket-protocol")?;
        offered
            .split(',')
            .find_map(|p| p.trim().strip_prefix("bearer."))
    };
    let in_own_header =
        text_of(headers, "x-sfdc-session").filter(|_| route.dialect == Dialect::Bulk);
    if let Some(token) = in_own_header {
        return Ok(token.trim());
    }
    match bearer(headers) {
        Err(refusal) if refusal == no_session() && route.path.ends_with("/events") => {
            in_protocol().ok_or(refusal)
        }
        other => other,
    }
}

/// A request that may go to its handler.
struct Ready {
    version: u32,
    session: Option<Session>,
    center: Option<Center>,
    bytes: Bytes,
    stream: Body,
    _room: Option<body::Taken>,
}

enum Made {
    Content(Content),
    Raw(Box<Response<Body>>),
}

impl Made {
    /// Says that the connection ends, because a body is left in it that nobody will read.
    fn closing(self, is_closing: bool) -> Self {
        self.with(is_closing.then(|| (header::CONNECTION, HeaderValue::from_static("close"))))
    }

    /// Adds `Sforce-Limit-Info`.
    fn counted(self, used: Option<(u64, u64)>) -> Self {
        let info = used.and_then(|(used, max)| limits::header(used, max));
        self.with(info.map(|info| (LIMIT_INFO.clone(), info)))
    }

    fn with(mut self, header: Option<(HeaderName, HeaderValue)>) -> Self {
        match &mut self {
            Self::Content(content) => content.headers.extend(header),
            Self::Raw(response) => response.headers_mut().extend(header),
        }
        self
    }
}

/// Why no route was found.
enum Lost {
    Fault(Fault, Dialect),
    Nothing,
}

impl Lost {
    fn made(self, parts: &Parts) -> Made {
        let notation = notation(&parts.headers).unwrap_or_default();
        match self {
            Self::Fault(fault, dialect) => Made::Content(answer::fault(fault, dialect, notation)),
            Self::Nothing => match console::file(&parts.method, parts.uri.path(), &parts.headers) {
                Some(response) => Made::Raw(Box::new(response)),
                None => Made::Content(answer::fault(
                    Fault::not_found(),
                    voice(parts.uri.path()),
                    notation,
                )),
            },
        }
    }
}

/// How an unknown path is spoken to.
fn voice(path: &str) -> Dialect {
    let path = path.trim_start_matches('/').to_ascii_lowercase();
    if path.starts_with("telephony/") {
        Dialect::Telephony
    } else if path.starts_with("services/soap") {
        Dialect::Soap
    } else if path.starts_with("services/async") {
        Dialect::Bulk
    } else {
        Dialect::Rest
    }
}

/// A path that was not found as it stands: perhaps its last segment has a suffix, else 405 or 404.
fn lost(
    method: &Method,
    segments: Segments<'_>,
) -> Result<(&'static Route, Params, Notation), Lost> {
    if let Some((shorter, notation)) = without_suffix(&segments)
        && let Found::Route(route, params) = router::find(method, &shorter)
    {
        return Ok((route, params, notation));
    }
    match router::find(method, &segments) {
        Found::OtherMethods(route, allowed) => {
            let message = format!("HTTP Method '{method}' not allowed. Allowed are {allowed}");
            let header = HeaderValue::from_str(&allowed)
                .ok()
                .map(|v| (header::ALLOW, v));
            let refusals = vec![Refusal::new(Code::MethodNotAllowed, message)];
            Err(Lost::Fault(
                Fault::Refused {
                    refusals,
                    with_fields: false,
                    status: None,
                    header,
                },
                route.dialect,
            ))
        }
        Found::Route(..) | Found::Nothing => Err(Lost::Nothing),
    }
}

/// A suffix on a parameter is part of the notation too, except where the parameter is free text.
fn cut_suffix(
    method: &Method,
    segments: Segments<'_>,
    route: &'static Route,
    params: Params,
    asked: Option<Notation>,
) -> (&'static Route, Params, Notation) {
    let may_cut = route.dialect == Dialect::Rest
        && route.path.ends_with('}')
        && !route.path.ends_with("{value}");
    if may_cut
        && let Some((shorter, notation)) = without_suffix(&segments)
        && let Found::Route(route, params) = router::find(method, &shorter)
    {
        return (route, params, notation);
    }
    (route, params, asked.unwrap_or_default())
}

fn without_suffix<'p>(segments: &'p Segments<'_>) -> Option<(Segments<'p>, Notation)> {
    let (last, before) = segments.split_last()?;
    let (head, notation) = path::suffix(last)?;
    let mut shorter = before.to_vec();
    shorter.push(head.into());
    Some((shorter, notation))
}

/// The notation that Accept asks for, if it asks.
fn notation(headers: &HeaderMap) -> Option<Notation> {
    let accept = text_of(headers, "accept")?;
    let place = |kind: &str| accept.find(kind);
    match (
        place("application/xml").or_else(|| place("text/xml")),
        place("json"),
    ) {
        (Some(xml), Some(json)) if json < xml => Some(Notation::Json),
        (Some(_), _) if !accept.contains("text/html") => Some(Notation::Xml),
        _ => None,
    }
}

fn packs(headers: &HeaderMap) -> bool {
    text_of(headers, "accept-encoding").is_some_and(|accept| {
        accept.split(',').any(|part| {
            let mut part = part.trim().split(';');
            part.next()
                .is_some_and(|coding| coding.trim().eq_ignore_ascii_case("gzip"))
                && part.next().is_none_or(|q| q.trim() != "q=0")
        })
    })
}

async fn finish(content: Content, packs: bool) -> Response<Body> {
    let Content {
        status,
        kind,
        body,
        headers,
    } = content;
    let is_packed = packs && body.len() >= PACK_MIN;
    let body = if is_packed { pack(body).await } else { body };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let out = response.headers_mut();
    out.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    if let Some(kind) = kind {
        out.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    if is_packed {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        out.append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    }
    for (name, value) in headers {
        out.append(name, value);
    }
    response
}

async fn pack(body: Vec<u8>) -> Vec<u8> {
    fn now(body: &[u8]) -> Vec<u8> {
        use std::io::Write as _;
        let mut packer =
            flate2::write::GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
        let written = packer.write_all(body);
        debug_assert!(written.is_ok(), "a Vec takes every write");
        packer.finish().unwrap_or_default()
    }
    if body.len() <= PACK_HERE_MAX {
        return now(&body);
    }
    tokio::task::spawn_blocking(move || now(&body))
        .await
        .unwrap_or_default()
}

fn plain(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

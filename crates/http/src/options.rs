//! What can be set on the porch.

use std::time::Duration;

/// Settings of the HTTP side. The defaults suit a server that faces the internet.
#[derive(Clone, Debug)]
pub struct HttpOptions {
    /// Scheme and authority for URLs in answers; otherwise those that the client used. No slash at the end.
    pub base_url: Option<String>,
    /// Take the scheme from `X-Forwarded-Proto` and the peer from `X-Forwarded-For` (behind a proxy).
    pub trusts_proxy: bool,
    /// Origins that scripts of other pages may call from.
    pub cors_origins: Vec<String>,
    /// A request's head must arrive within this time, and an idle connection lives so long. Default: 30 s.
    pub head_timeout: Duration,
    /// An idle connection is kept this long while there is room for many more; else as long as a head may
    /// take. Default: 75 s, more than the clients' and proxies' usual minute.
    pub idle_timeout: Duration,
    /// Between two parts of a body. Default: 10 s.
    pub body_pause: Duration,
    /// A body must arrive at this rate on average, after a first [`HttpOptions::body_pause`]; bytes per
    /// second. Default: 16 KiB.
    pub body_rate: u64,
    /// Bytes of all bodies in memory at a time; more are refused with 503. Default: 512 MiB.
    pub bodies_max: usize,
    /// API calls per org and day that `Sforce-Limit-Info` and `/limits` speak of. Default: 5,000,000.
    pub daily_api_requests: u64,
    /// Calls beyond that are refused. Default: no, a self-hosted server has no bill to send.
    pub enforces_daily_limit: bool,
    /// Failed log-ins of one user name within the lock-out time that lock it. Default: 10.
    pub login_failures_max: u32,
    /// How long failures count and a lock lasts. Default: 15 minutes.
    pub login_lockout: Duration,
    /// A telephony token id may come again only in the same token (`false`), or never (`true`).
    pub strict_jti: bool,
    /// Pause between pings on event sockets. Default: 20 s, under what proxies allow.
    pub ping_every: Duration,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            base_url: None,
            trusts_proxy: false,
            cors_origins: Vec::new(),
            head_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(75),
            body_pause: Duration::from_secs(10),
            body_rate: 16 * 1024,
            bodies_max: 512 * 1024 * 1024,
            daily_api_requests: 5_000_000,
            enforces_daily_limit: false,
            login_failures_max: 10,
            login_lockout: Duration::from_secs(15 * 60),
            strict_jti: false,
            ping_every: Duration::from_secs(20),
        }
    }
}

//! Calls of one kind, as many as the connections carry.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use futures_util::future::try_join_all;

use crate::bench::WARM_UP;
use crate::bench::stats::Latencies;
use crate::client::{Call, Client};

/// How much load, for how long.
#[derive(Clone, Debug)]
pub struct Plan {
    pub connections: usize,
    pub length: Duration,
}

/// One call.
pub struct Request {
    path: String,
    body: Option<Vec<u8>>,
}

impl Request {
    pub fn get(path: String) -> Self {
        Self { path, body: None }
    }

    pub fn post(path: String, body: Vec<u8>) -> Self {
        let body = Some(body);
        Self { path, body }
    }

    fn call<'a>(&'a self, token: &'a str) -> Call<'a> {
        match &self.body {
            None => Call::get(&self.path, token),
            Some(body) => Call::json("POST", &self.path, token, body),
        }
    }
}

/// What was seen after the warm-up.
pub struct Measured {
    pub name: &'static str,
    /// Calls per second of the bare echo just before and after; others may use the machine too.
    pub echo: f64,
    pub per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
}

/// Runs `make` on all connections until the time is over.
pub async fn measure(
    name: &'static str,
    address: SocketAddr,
    token: &str,
    plan: &Plan,
    make: &dyn Fn(usize) -> Request,
) -> Result<Measured> {
    let count_from = Instant::now() + WARM_UP;
    let end = count_from + plan.length;
    let seen = RefCell::new(Latencies::default());
    let worker = async |number: usize| {
        let mut client = Client::new(address);
        let mut count = number;
        loop {
            let start = Instant::now();
            if start >= end {
                return Ok(());
            }
            let request = make(count);
            let (status, answer) = client.call(request.call(token)).await?;
            if !(200..300).contains(&status) || is_failure(answer) {
                bail!("{name}: {status} {}", String::from_utf8_lossy(answer));
            }
            let now = Instant::now();
            if start >= count_from && now < end {
                seen.borrow_mut().add(now - start);
            }
            count += plan.connections;
        }
    };
    try_join_all((0..plan.connections).map(worker)).await?;
    let seen = seen.into_inner();
    let [p50_ms, p99_ms, _] = seen.percentiles_ms();
    Ok(Measured {
        name,
        echo: 0.0,
        per_second: seen.len() as f64 / plan.length.as_secs_f64(),
        p50_ms,
        p99_ms,
    })
}

/// Parts of a collection or composite fail under a 200; their answers begin with the first part.
fn is_failure(answer: &[u8]) -> bool {
    let start = &answer[..answer.len().min(200)];
    let has = |what: &[u8]| start.windows(what.len()).any(|w| w == what);
    has(b"\"success\":false") || has(b"errorCode")
}

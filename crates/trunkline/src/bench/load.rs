//! The load: each connection takes one item at a time through its cycle.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use model::RecordId;

use crate::bench::offers::Offers;
use crate::bench::scene::Scene;
use crate::bench::stats::Latencies;
use crate::client::{Call, Client};

/// A few failed cycles are reported; more mean that the run is worthless.
const ERRORS_MAX: usize = 100;

/// Cycles that run when the time is over have this long to end.
const FAREWELL: Duration = Duration::from_secs(30);

/// What to do.
#[derive(Clone, Debug)]
pub struct Plan {
    pub connections: usize,
    pub warm_up: Duration,
    pub length: Duration,
    /// Items to start per second; as many as possible if `None`.
    pub rate: Option<f64>,
}

/// What was seen after the warm-up.
#[derive(Debug, Default)]
pub struct Seen {
    pub offer: Latencies,
    pub create: Latencies,
    pub accept: Latencies,
    pub close: Latencies,
    pub whole: Latencies,
    pub errors: Vec<String>,
    pub length: Duration,
}

impl Seen {
    /// Complete cycles per second.
    pub fn per_second(&self) -> f64 {
        self.whole.len() as f64 / self.length.as_secs_f64().max(1e-9)
    }
}

struct Clock {
    start: Instant,
    count_from: Instant,
    end: Instant,
    next_slot: Cell<u64>,
}

/// Runs a plan to its end.
pub async fn run(scene: &Scene, plan: &Plan) -> Result<Seen> {
    let start = Instant::now();
    let count_from = start + plan.warm_up;
    let clock = Rc::new(Clock {
        start,
        count_from,
        end: count_from + plan.length,
        next_slot: Cell::new(0),
    });
    let seen = Rc::new(RefCell::new(Seen {
        length: plan.length,
        ..Seen::default()
    }));
    let local = tokio::task::LocalSet::new();
    let offers = Offers::default();
    let ears = local
        .run_until(offers.listen(scene.address, &scene.admin))
        .await?;
    for number in 0..plan.connections {
        let (clock, seen, offers) = (Rc::clone(&clock), Rc::clone(&seen), offers.clone());
        let worker = Worker {
            client: Client::new(scene.address),
            people: scene.people(),
            offers,
            number,
        };
        local.spawn_local(work(worker, plan.clone(), clock, seen));
    }
    let last = clock.end + FAREWELL;
    let ended = async {
        while Rc::strong_count(&seen) > 1 && Instant::now() < last {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    local.run_until(ended).await;
    ears.abort();
    let seen = std::mem::take(&mut *seen.borrow_mut());
    if seen.errors.len() > ERRORS_MAX || seen.whole.len() == 0 {
        bail!(
            "{} cycles failed; the first: {}",
            seen.errors.len(),
            seen.errors.first().map_or("", |e| e)
        );
    }
    Ok(seen)
}

async fn work(mut worker: Worker, plan: Plan, clock: Rc<Clock>, seen: Rc<RefCell<Seen>>) {
    let mut count = worker.number;
    while Instant::now() < clock.end {
        if let Some(rate) = plan.rate {
            let slot = clock.next_slot.replace(clock.next_slot.get() + 1);
            let at = clock.start + Duration::from_secs_f64(slot as f64 / rate.max(0.001));
            tokio::time::sleep_until(at.into()).await;
        }
        count += plan.connections;
        let start = Instant::now();
        let outcome = worker.cycle(count).await;
        let mut seen = seen.borrow_mut();
        match outcome {
            Ok(times) if start >= clock.count_from && start < clock.end => {
                times.record(start, &mut seen)
            }
            Ok(_) => {}
            Err(error) => seen.errors.push(format!("{error:#}")),
        }
        if seen.errors.len() > ERRORS_MAX {
            return;
        }
    }
}

struct Times {
    created: Instant,
    offered: Instant,
    accepting: Instant,
    accepted: Instant,
    closed: Instant,
}

impl Times {
    fn record(&self, start: Instant, seen: &mut Seen) {
        seen.create.add(self.created - start);
        seen.offer
            .add(self.offered.saturating_duration_since(start));
        seen.accept.add(self.accepted - self.accepting);
        seen.close.add(self.closed - self.accepted);
        seen.whole.add(self.closed - start);
    }
}

struct Worker {
    client: Client,
    people: Rc<crate::bench::scene::People>,
    offers: Offers,
    number: usize,
}

impl Worker {
    async fn cycle(&mut self, count: usize) -> Result<Times> {
        let item = self.create(count).await?;
        let created = Instant::now();
        let offer = self.offers.of(item).await?;
        let people = Rc::clone(&self.people);
        let token = people
            .agents
            .get(&offer.user)
            .context("offered to an unknown agent")?;
        let accepting = Instant::now();
        self.act(offer.work, "accept", token).await?;
        let accepted = Instant::now();
        self.act(offer.work, "close", token).await?;
        Ok(Times {
            created,
            offered: offer.at,
            accepting,
            accepted,
            closed: Instant::now(),
        })
    }

    async fn create(&mut self, count: usize) -> Result<RecordId> {
        let people = Rc::clone(&self.people);
        let body = &people.bodies[count % people.bodies.len()];
        let call = Call::json(
            "POST",
            "/services/data/v64.0/sobjects/Case",
            &people.creator,
            body,
        );
        let (status, answer) = self.client.call(call).await?;
        if status != 201 {
            bail!("create: {status} {}", String::from_utf8_lossy(answer));
        }
        created_id(answer).context("create: no id in the answer")
    }

    async fn act(&mut self, work: RecordId, action: &str, token: &str) -> Result<()> {
        let path = format!("/services/omni/v1/works/{work}/{action}");
        let (status, answer) = self
            .client
            .call(Call::json("POST", &path, token, b"{}"))
            .await?;
        match status {
            200 | 204 => Ok(()),
            _ => bail!("{action}: {status} {}", String::from_utf8_lossy(answer)),
        }
    }
}

#[derive(serde::Deserialize)]
struct Created<'a> {
    #[serde(borrow)]
    id: &'a str,
}

fn created_id(answer: &[u8]) -> Option<RecordId> {
    let created: Created<'_> = serde_json::from_slice(answer).ok()?;
    RecordId::parse(created.id).ok()
}

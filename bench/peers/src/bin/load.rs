//! Closed-loop load on the SQL router: every connection creates an item (1 KiB of JSON), accepts and closes it.
//!
//! Arguments: HOST:PORT CONNECTIONS SECONDS. One second of warm-up is not counted. Prints one line of figures.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const WARM_UP: Duration = Duration::from_secs(1);
const QUEUES: usize = 50;
const TOKEN: &str =
    "00D000000000001!AQ4AQFakeTokenOfTheUsualLength0123456789abcdefghijklmnopqrstuvwxyz";

/// Microseconds of each call and of the whole cycle; items that failed.
#[derive(Default)]
struct Figures {
    create: Vec<u32>,
    accept: Vec<u32>,
    close: Vec<u32>,
    whole: Vec<u32>,
    errors: u64,
}

struct Answer {
    status: u64,
    id: u64,
    agent: u64,
}

struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
    host: String,
}

impl Client {
    async fn connect(host: String) -> Self {
        let stream = TcpStream::connect(&host).await.expect("connect");
        stream.set_nodelay(true).expect("no delay");
        Self {
            stream,
            buffer: Vec::with_capacity(4096),
            host,
        }
    }

    async fn post(&mut self, path: &str, body: &str) -> (Answer, u32) {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.host,
            body.len()
        );
        let begin = Instant::now();
        self.stream
            .write_all(request.as_bytes())
            .await
            .expect("write");
        self.buffer.clear();
        loop {
            assert!(
                self.stream.read_buf(&mut self.buffer).await.expect("read") > 0,
                "the router closed the connection"
            );
            if let Some(answer) = parse(&self.buffer) {
                return (answer, begin.elapsed().as_micros() as u32);
            }
        }
    }
}

/// The answer once all of it is there.
fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = find(bytes, b"\r\n\r\n")? + 4;
    let head = bytes[..end].to_ascii_lowercase();
    let body = &bytes[end..];
    if (body.len() as u64) < number(&head, b"content-length:") {
        return None;
    }
    Some(Answer {
        status: number(&head, b"http/1.1"),
        id: number(body, b"\"id\":"),
        agent: number(body, b"\"agent\":"),
    })
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

fn number(text: &[u8], key: &[u8]) -> u64 {
    let Some(at) = find(text, key) else { return 0 };
    let digits = text[at + key.len()..]
        .iter()
        .skip_while(|c| !c.is_ascii_digit())
        .take_while(|c| c.is_ascii_digit());
    digits.fold(0, |n, c| n * 10 + u64::from(c - b'0'))
}

async fn drive(
    mut client: Client,
    first: usize,
    step: usize,
    begin: Instant,
    end: Duration,
    all: Rc<RefCell<Figures>>,
) {
    let text = "x".repeat(900);
    for at in (first..).step_by(step) {
        if begin.elapsed() >= end {
            return;
        }
        let whole = Instant::now();
        let body = format!(
            "{{\"Subject\":\"Printer on floor 3 does not answer any more\",\"Queue\":{},\"Description\":\"{text}\"}}",
            at % QUEUES
        );
        let (item, create) = client.post("/items", &body).await;
        let by = format!("{{\"agent\":{}}}", item.agent);
        let (accepted, accept) = client
            .post(&format!("/items/{}/accept", item.id), &by)
            .await;
        let (closed, close) = client.post(&format!("/items/{}/close", item.id), &by).await;
        let mut all = all.borrow_mut();
        if [item.status, accepted.status, closed.status] != [200; 3] {
            all.errors += 1;
        } else if begin.elapsed() > WARM_UP {
            all.create.push(create);
            all.accept.push(accept);
            all.close.push(close);
            all.whole.push(whole.elapsed().as_micros() as u32);
        }
    }
}

fn percentile(values: &mut [u32], part: f64) -> f64 {
    values.sort_unstable();
    let at = (values.len().saturating_sub(1) as f64 * part) as usize;
    values.get(at).map_or(0.0, |us| f64::from(*us) / 1e3)
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, host, connections, seconds] = args.as_slice() else {
        panic!("arguments: HOST:PORT CONNECTIONS SECONDS")
    };
    let connections: usize = connections.parse().expect("CONNECTIONS is a number");
    let counted = Duration::from_secs_f64(seconds.parse().expect("SECONDS is a number"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("runtime");
    let all = Rc::new(RefCell::new(Figures::default()));
    let tasks = tokio::task::LocalSet::new();
    let begin = Instant::now();
    for first in 0..connections {
        let (host, all) = (host.clone(), Rc::clone(&all));
        tasks.spawn_local(async move {
            let client = Client::connect(host).await;
            drive(client, first, connections, begin, WARM_UP + counted, all).await;
        });
    }
    runtime.block_on(tasks);
    let mut all = all.take();
    let rate = all.whole.len() as f64 / (begin.elapsed() - WARM_UP).as_secs_f64();
    println!(
        "cycles_per_second={rate:.0} errors={} create_ms_p50={:.2} create_ms_p99={:.2} accept_ms_p99={:.2} close_ms_p99={:.2} whole_ms_p50={:.2} whole_ms_p99={:.2}",
        all.errors,
        percentile(&mut all.create, 0.5),
        percentile(&mut all.create, 0.99),
        percentile(&mut all.accept, 0.99),
        percentile(&mut all.close, 0.99),
        percentile(&mut all.whole, 0.5),
        percentile(&mut all.whole, 0.99),
    );
}

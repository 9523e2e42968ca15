//! HTTP front of the SQL router (`router.sql`): create, accept and close an item, each one statement and one commit.
//!
//! Arguments: PORT POOL HOW(join or idx) CONNECTION_STRING. Prints "ready" when it listens. A measuring tool: a
//! request that it does not expect ends it.

use std::convert::Infallible;

use bytes::Bytes;
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::{Request, Response};
use serde::Deserialize;
use tokio_postgres::NoTls;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NewCase {
    subject: String,
    description: String,
    queue: i32,
}

#[derive(Deserialize)]
struct ByAgent {
    agent: i32,
}

/// One worker thread: on two cores that are shared with the load, a second one is slower (measured).
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, port, pool, how, connection] = args.as_slice() else {
        panic!("arguments: PORT POOL HOW CONNECTION_STRING")
    };
    let pool = open(connection, pool.parse().expect("POOL is a number"));
    let how: &'static str = Box::leak(how.clone().into_boxed_str());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("runtime");
    runtime.block_on(serve(port, pool, how));
}

fn open(connection: &str, size: usize) -> Pool {
    let config: tokio_postgres::Config = connection.parse().expect("connection string");
    let recycling = ManagerConfig {
        recycling_method: RecyclingMethod::Fast,
    };
    let manager = Manager::from_config(config, NoTls, recycling);
    Pool::builder(manager).max_size(size).build().expect("pool")
}

async fn serve(port: &str, pool: Pool, how: &'static str) {
    drop(pool.get().await.expect("a connection"));
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}"))
        .await
        .expect("the port is free");
    println!("ready");
    loop {
        let (stream, _) = listener.accept().await.expect("accept");
        stream.set_nodelay(true).expect("no delay");
        let pool = pool.clone();
        tokio::spawn(async move {
            let service =
                hyper::service::service_fn(move |request| answer(pool.clone(), how, request));
            let io = hyper_util::rt::TokioIo::new(stream);
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(io, service)
                .await;
        });
    }
}

/// POST /items, POST /items/ID/accept, POST /items/ID/close.
async fn answer(
    pool: Pool,
    how: &str,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path().to_owned();
    let mut parts = path.split('/').skip(2);
    let (id, verb) = (
        parts.next().and_then(|id| id.parse::<i64>().ok()),
        parts.next(),
    );
    let body = request
        .into_body()
        .collect()
        .await
        .expect("body")
        .to_bytes();
    let (id, agent) = match (id, verb) {
        (None, _) => create(&pool, how, &body).await,
        (Some(id), Some("accept")) => accept(&pool, id, &body).await,
        (Some(id), _) => close(&pool, how, id, &body).await,
    };
    let text = format!("{{\"id\":{id},\"agent\":{agent},\"success\":true,\"errors\":[]}}");
    let status = if id == 0 { 409 } else { 200 };
    let response = Response::builder()
        .status(status)
        .header("content-type", "application/json");
    Ok(response
        .body(Full::new(Bytes::from(text)))
        .expect("response"))
}

async fn create(pool: &Pool, how: &str, body: &[u8]) -> (i64, i32) {
    let item: NewCase = serde_json::from_slice(body).expect("a case");
    let db = pool.get().await.expect("a connection");
    let sql = "select wid, coalesce(aid, 0) from r.create_work($1, $2, 3, $3, $4)";
    let statement = db.prepare_cached(sql).await.expect("statement");
    let row = db
        .query_one(
            &statement,
            &[&how, &item.queue, &item.subject, &item.description],
        )
        .await
        .expect("create");
    (row.get(0), row.get(1))
}

async fn accept(pool: &Pool, id: i64, body: &[u8]) -> (i64, i32) {
    let by: ByAgent = serde_json::from_slice(body).expect("an agent");
    let db = pool.get().await.expect("a connection");
    let statement = db
        .prepare_cached("select r.accept_work($1, $2)")
        .await
        .expect("statement");
    let done: bool = db
        .query_one(&statement, &[&id, &by.agent])
        .await
        .expect("accept")
        .get(0);
    (if done { id } else { 0 }, by.agent)
}

async fn close(pool: &Pool, how: &str, id: i64, body: &[u8]) -> (i64, i32) {
    let by: ByAgent = serde_json::from_slice(body).expect("an agent");
    let db = pool.get().await.expect("a connection");
    let statement = db
        .prepare_cached("select r.close_work($1, $2, $3)")
        .await
        .expect("statement");
    let next: i64 = db
        .query_one(&statement, &[&how, &id, &by.agent])
        .await
        .expect("close")
        .get(0);
    (if next >= 0 { id } else { 0 }, by.agent)
}

//! Connections: HTTP/1.1 with bounded heads and protocol switches, over any stream. What the HTTP machine does
//! not do for a connection is in `line`.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use crate::line::{Line, Phase};
use crate::porch::{Peer, Porch};

/// Request heads larger than this are answered 431.
const HEAD_MAX: usize = 64 * 1024;
/// Open connections of one listener; more wait in the kernel's queue.
const CONNECTIONS_MAX: usize = 16_384;

/// How a connection is secured; part of the URLs in answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Plain.
    Http,
    /// TLS, ended by us.
    Https,
}

impl Scheme {
    /// As in a URL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// Accepts plain connections until `stop` becomes true; those open then finish their request.
pub async fn serve(listener: TcpListener, porch: Arc<Porch>, mut stop: watch::Receiver<bool>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let permit = tokio::select! {
            biased;
            () = stopped(&mut stop) => return,
            permit = Arc::clone(&room).acquire_owned() => permit,
        };
        let accepted = tokio::select! {
            biased;
            () = stopped(&mut stop) => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, address)) => {
                let _ = stream.set_nodelay(true); // without it answers only come a little later
                let (porch, stop) = (Arc::clone(&porch), stop.clone());
                tokio::spawn(async move {
                    let _permit = permit;
                    serve_connection(stream, Some(address), Scheme::Http, porch, stop).await;
                });
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await; // out of files: let some close
            }
        }
    }
}

/// Waits until the server stops.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    drop(stop.wait_for(|stop| *stop).await);
}

/// Serves one connection, plain or after a TLS handshake.
pub async fn serve_connection<S>(
    stream: S,
    address: Option<SocketAddr>,
    scheme: Scheme,
    porch: Arc<Porch>,
    mut stop: watch::Receiver<bool>,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let peer = Peer {
        address: address.map(|a| a.ip()),
        scheme,
    };
    let (_present, idle_timeout) = porch.enter();
    let phase = Phase::default();
    let line = Line::new(stream, phase.clone(), porch.head_timeout());
    let service = service_fn(move |request: Request<Incoming>| {
        let (porch, phase) = (Arc::clone(&porch), phase.clone());
        async move {
            phase.begin();
            let answer = porch.answer(request.map(Body::new), peer).await;
            if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
                phase.end();
            }
            Ok::<_, Infallible>(answer)
        }
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(idle_timeout)
        .max_buf_size(HEAD_MAX)
        .serve_connection(TokioIo::new(line), service)
        .with_upgrades();
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = stopped(&mut stop) => {
            std::pin::Pin::new(&mut connection).graceful_shutdown();
            (&mut connection).await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended");
    }
    if let Some(parts) = connection.into_parts() {
        parts.io.into_inner().linger().await;
    }
}

//! Listeners: plain and TLS, bounded in connections and in patience, closed gently.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

/// Open connections; more wait in the system's queue.
const CONNECTIONS_MAX: usize = 16_384;
/// A client has this long for its TLS handshake and for the head of each request.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);
/// Requests in flight have this long when the server stops.
const FAREWELL: Duration = Duration::from_secs(10);
/// The system is out of descriptors or memory: try again a little later.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Where requests come in; `scheme` is what clients speak there.
pub struct Door {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
}

impl Door {
    /// Binds without TLS.
    pub async fn plain(address: SocketAddr) -> Result<Self> {
        Ok(Self { listener: bind(address).await?, tls: None })
    }

    /// Binds with TLS.
    pub async fn tls(address: SocketAddr, config: rustls::ServerConfig) -> Result<Self> {
        let tls = Some(TlsAcceptor::from(Arc::new(config)));
        Ok(Self { listener: bind(address).await?, tls })
    }

    /// `http://127.0.0.1:8080`.
    pub fn url(&self) -> Result<String> {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        Ok(format!("{scheme}://{}", self.listener.local_addr()?))
    }

    pub fn address(&self) -> Result<SocketAddr> {
        Ok(self.listener.local_addr()?)
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener> {
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(listener),
        Err(e) if e.kind() == std::io::ErrorKind::AddrInUse => {
            bail!("{address} is taken by another program; stop that one or choose another --listen address")
        }
        Err(e) => bail!("cannot listen on {address}: {e}"),
    }
}

/// Serves all doors until `stop` is done, then finishes the requests in flight.
pub async fn serve(doors: Vec<Door>, router: Router, stop: impl Future<Output = ()>) {
    let (sender, stopping) = watch::channel(false);
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    for door in doors {
        let (router, stopping, places) = (router.clone(), stopping.clone(), Arc::clone(&places));
        tokio::spawn(accept(door, router, stopping, places));
    }
    stop.await;
    let _ = sender.send(true); // nobody listens if no door was ever open
    drop(stopping);
    if tokio::time::timeout(FAREWELL, sender.closed()).await.is_err() {
        tracing::warn!("some requests did not end in time and were cut");
    }
}

async fn accept(door: Door, router: Router, mut stopping: watch::Receiver<bool>, places: Arc<Semaphore>) {
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let stream = tokio::select! {
            accepted = door.listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
            _ = stopping.wait_for(|stop| *stop) => return,
        };
        let (router, stopping, tls) = (router.clone(), stopping.clone(), door.tls.clone());
        tokio::spawn(async move {
            welcome(stream, tls, router, stopping).await;
            drop(place);
        });
    }
}

async fn welcome(stream: TcpStream, tls: Option<TlsAcceptor>, router: Router, stopping: watch::Receiver<bool>) {
    let _ = stream.set_nodelay(true); // slower without it, not wrong
    let Some(tls) = tls else {
        return connection(stream, router, stopping).await;
    };
    match tokio::time::timeout(HEAD_PATIENCE, tls.accept(stream)).await {
        Ok(Ok(stream)) => connection(stream, router.layer(axum::Extension(IsTls)), stopping).await,
        Ok(Err(error)) => tracing::debug!(%error, "TLS handshake failed"),
        Err(_) => tracing::debug!("TLS handshake took too long"),
    }
}

/// In the extensions of requests that came over TLS.
#[derive(Clone, Copy, Debug)]
pub struct IsTls;

async fn connection<S>(stream: S, router: Router, mut stopping: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let answer = service_fn(move |request: hyper::Request<Incoming>| {
        let answered = router.clone().oneshot(request.map(Body::new));
        async move { Ok::<_, Infallible>(answered.await.unwrap_or_else(|never| match never {})) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_PATIENCE).pipeline_flush(true);
    let connection = http.serve_connection(TokioIo::new(stream), answer).with_upgrades();
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = stopping.wait_for(|stop| *stop) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended");
    }
}

/// TLS with a certificate and key from PEM files.
pub fn tls_from_files(certificate: &Path, key: &Path) -> Result<rustls::ServerConfig> {
    let shown = certificate.display();
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("cannot read certificates from {shown}"))?;
    if chain.is_empty() {
        bail!("{shown} holds no certificate");
    }
    let secret = PrivateKeyDer::from_pem_file(key);
    tls(chain, secret.with_context(|| format!("cannot read a private key from {}", key.display()))?)
}

/// TLS with a fresh certificate for localhost and this address.
pub fn tls_self_signed(address: SocketAddr) -> Result<rustls::ServerConfig> {
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned(), address.ip().to_string()];
    let made = rcgen::generate_simple_self_signed(names).context("cannot make a certificate")?;
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    tls(vec![made.cert.der().clone()], key.into())
}

fn tls(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<rustls::ServerConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .context("certificate and private key do not fit together")?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// Done on SIGTERM or SIGINT.
pub async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        tracing::error!("cannot listen to signals; stop this process with SIGKILL");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

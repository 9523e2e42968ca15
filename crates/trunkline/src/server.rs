//! Listeners: plain and TLS, bounded in connections and in patience, closed gently.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use http_porch::{HttpOptions, Porch, Scheme};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use node::Node;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;

/// Open TLS connections; more wait in the system's queue.
const CONNECTIONS_MAX: usize = 16_384;
/// A client has this long for its TLS handshake.
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);
/// Requests in flight have this long when the server stops.
const FAREWELL: Duration = Duration::from_secs(10);
/// The system is out of descriptors or memory: try again a little later.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Between two clean-ups of the metrics recorder.
const METRICS_UPKEEP: Duration = Duration::from_secs(5);
/// Upper bounds of all histograms of seconds: 50 us to 10 s.
const SECONDS: [f64; 16] = [
    0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.125,
    0.5, 1.0, 4.0, 10.0,
];
/// Upper bounds of commands per batch.
const COMMANDS: [f64; 10] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

/// Where requests come in.
pub struct Door {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
}

impl Door {
    /// Binds without TLS.
    pub async fn plain(address: SocketAddr) -> Result<Self> {
        Ok(Self {
            listener: bind(address).await?,
            tls: None,
        })
    }

    /// Binds with TLS.
    pub async fn tls(address: SocketAddr, config: rustls::ServerConfig) -> Result<Self> {
        let tls = Some(TlsAcceptor::from(Arc::new(config)));
        Ok(Self {
            listener: bind(address).await?,
            tls,
        })
    }

    /// `http://127.0.0.1:8080`.
    pub fn url(&self) -> Result<String> {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        Ok(format!("{scheme}://{}", self.address()?))
    }

    pub fn address(&self) -> Result<SocketAddr> {
        Ok(self.listener.local_addr()?)
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener> {
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(listener),
        Err(e) if e.kind() == std::io::ErrorKind::AddrInUse => {
            bail!(
                "{address} is taken by another program; stop that one or choose another --listen address"
            )
        }
        Err(e) => bail!("cannot listen on {address}: {e}"),
    }
}

/// The porch in front of a node, and the metrics recorder that it shows; once per process.
pub fn porch(node: &Node, options: HttpOptions) -> Result<Arc<Porch>> {
    let metrics = recorder()?;
    let upkeep = metrics.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(METRICS_UPKEEP).await;
            upkeep.run_upkeep();
        }
    });
    Ok(Arc::new(Porch::new(node.clone(), metrics, options)))
}

fn recorder() -> Result<PrometheusHandle> {
    use metrics_exporter_prometheus::Matcher;
    let builder = PrometheusBuilder::new()
        .set_buckets(&SECONDS)?
        .set_buckets_for_metric(
            Matcher::Full("trunkline_batch_commands".to_owned()),
            &COMMANDS,
        )?;
    builder
        .install_recorder()
        .context("cannot start the metrics recorder")
}

/// Serves all doors until `stop` is done, then finishes the requests in flight.
pub async fn serve(doors: Vec<Door>, porch: Arc<Porch>, stop: impl Future<Output = ()>) {
    let (sender, stopping) = watch::channel(false);
    for Door { listener, tls } in doors {
        let (porch, stopping) = (Arc::clone(&porch), stopping.clone());
        match tls {
            None => drop(tokio::spawn(http_porch::serve(listener, porch, stopping))),
            Some(tls) => drop(tokio::spawn(accept(listener, tls, porch, stopping))),
        }
    }
    stop.await;
    drop(stopping);
    let _ = sender.send(true); // nobody listens if no door was ever open
    if tokio::time::timeout(FAREWELL, sender.closed())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not end in time and were cut");
    }
}

async fn accept(
    listener: TcpListener,
    tls: TlsAcceptor,
    porch: Arc<Porch>,
    mut stopping: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopping.wait_for(|stop| *stop) => return,
        };
        match accepted {
            Ok((stream, address)) => {
                let welcome = welcome(
                    stream,
                    address,
                    tls.clone(),
                    Arc::clone(&porch),
                    stopping.clone(),
                );
                tokio::spawn(async move {
                    welcome.await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn welcome(
    stream: TcpStream,
    address: SocketAddr,
    tls: TlsAcceptor,
    porch: Arc<Porch>,
    stopping: watch::Receiver<bool>,
) {
    let _ = stream.set_nodelay(true); // slower without it, not wrong
    match tokio::time::timeout(HANDSHAKE_PATIENCE, tls.accept(stream)).await {
        Ok(Ok(stream)) => {
            http_porch::serve_connection(stream, Some(address), Scheme::Https, porch, stopping)
                .await
        }
        Ok(Err(error)) => tracing::debug!(%error, "TLS handshake failed"),
        Err(_) => tracing::debug!("TLS handshake took too long"),
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
    tls(
        chain,
        secret.with_context(|| format!("cannot read a private key from {}", key.display()))?,
    )
}

/// TLS with a fresh certificate for localhost and this address.
pub fn tls_self_signed(address: SocketAddr) -> Result<rustls::ServerConfig> {
    let names = [
        "localhost".to_owned(),
        "127.0.0.1".to_owned(),
        address.ip().to_string(),
    ];
    let made = rcgen::generate_simple_self_signed(names).context("cannot make a certificate")?;
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    tls(vec![made.cert.der().clone()], key.into())
}

fn tls(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<rustls::ServerConfig> {
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
    let (Ok(mut terminate), Ok(mut interrupt)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) else {
        tracing::error!("cannot listen to signals; stop this process with SIGKILL");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

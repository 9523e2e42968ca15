//! Settings of `serve` from command line, environment and config file, and what follows from the machine.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::http::Uri;
use node::NodeOptions;

use crate::cli::ServeOptions;

const LISTEN: &str = "127.0.0.1:8080";
const TLS_LISTEN: &str = "127.0.0.1:8443";
const DATA_DIR: &str = "data";

/// Reads the config file, if one is named, below what is set already, and checks what can be checked now.
pub fn complete(options: ServeOptions) -> Result<ServeOptions> {
    let options = match options.config.clone() {
        Some(path) => merge(options, read(&path)?),
        None => options,
    };
    if let Some(url) = &options.base_url {
        check_base_url(url)?;
    }
    Ok(options)
}

/// The address that clients use is a scheme and a host: answers append paths to it.
fn check_base_url(text: &str) -> Result<()> {
    let wrong = |why: &str| {
        anyhow::anyhow!("--base-url {text:?} {why}; write it like https://router.example.com")
    };
    let url: Uri = text.parse().map_err(|_| wrong("is no URL"))?;
    if !matches!(url.scheme_str(), Some("http" | "https")) {
        return Err(wrong("does not begin with http:// or https://"));
    }
    if url
        .authority()
        .is_none_or(|host| host.as_str().contains('@'))
    {
        return Err(wrong("names a user"));
    }
    if url
        .path_and_query()
        .is_some_and(|rest| rest.as_str() != "/")
    {
        return Err(wrong("has a path; paths are not supported"));
    }
    Ok(())
}

fn read(path: &Path) -> Result<ServeOptions> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read config file {shown}"))?;
    toml::from_str(&text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        let line = before.map_or(1, |before| before.lines().count().max(1));
        let what = error.message();
        anyhow::anyhow!("config file {shown} has an error in line {line}: {what}")
    })
}

fn merge(over: ServeOptions, under: ServeOptions) -> ServeOptions {
    let own_certificate = over.tls_cert.is_some() || over.tls_self_signed;
    ServeOptions {
        listen: if over.listen.is_empty() {
            under.listen
        } else {
            over.listen
        },
        data_dir: over.data_dir.or(under.data_dir),
        config: over.config,
        base_url: over.base_url.or(under.base_url),
        tls_listen: over.tls_listen.or(under.tls_listen),
        tls_self_signed: over.tls_self_signed || under.tls_self_signed && !own_certificate,
        tls_cert: if own_certificate {
            over.tls_cert
        } else {
            under.tls_cert
        },
        tls_key: if own_certificate {
            over.tls_key
        } else {
            under.tls_key
        },
        http_threads: over.http_threads.or(under.http_threads),
        session_minutes: over.session_minutes.or(under.session_minutes),
        presence_grace_seconds: over.presence_grace_seconds.or(under.presence_grace_seconds),
        trust_proxy: over.trust_proxy || under.trust_proxy,
    }
}

impl ServeOptions {
    /// Where to listen without TLS.
    pub fn addresses(&self) -> Result<Vec<SocketAddr>> {
        if !self.listen.is_empty() {
            return Ok(self.listen.clone());
        }
        Ok(vec![LISTEN.parse()?])
    }

    /// Where to listen with TLS.
    pub fn tls_address(&self) -> Result<Option<SocketAddr>> {
        if self.tls_cert.is_none() && !self.tls_self_signed {
            return Ok(None);
        }
        match self.tls_listen {
            Some(address) => Ok(Some(address)),
            None => Ok(Some(TLS_LISTEN.parse()?)),
        }
    }

    /// Settings of the node, whose callers live on this runtime.
    pub fn node(&self, runtime: tokio::runtime::Handle) -> NodeOptions {
        NodeOptions {
            runtime: Some(runtime),
            ..self.settings()
        }
    }

    fn settings(&self) -> NodeOptions {
        let dir = self
            .data_dir
            .clone()
            .unwrap_or_else(|| PathBuf::from(DATA_DIR));
        let mut node = NodeOptions::new(dir);
        if let Some(minutes) = self.session_minutes {
            node.session_timeout = Duration::from_secs(minutes.max(1) * 60);
        }
        if let Some(seconds) = self.presence_grace_seconds {
            node.presence_grace = Duration::from_secs(seconds);
        }
        node
    }
}

/// Threads for HTTP: on two cores one thread beats two because the writer needs the other (measured).
pub fn http_threads(wanted: Option<usize>) -> usize {
    let cores = available_parallelism().map_or(1, std::num::NonZero::get);
    wanted
        .unwrap_or(if cores <= 2 { 1 } else { cores / 2 })
        .max(1)
}

/// A runtime for HTTP.
pub fn runtime(threads: usize) -> Result<tokio::runtime::Runtime> {
    let mut builder = if threads == 1 {
        tokio::runtime::Builder::new_current_thread()
    } else {
        tokio::runtime::Builder::new_multi_thread()
    };
    if threads > 1 {
        builder.worker_threads(threads);
    }
    builder
        .enable_all()
        .build()
        .context("cannot start the HTTP threads")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_wins_over_the_file() {
        let file: ServeOptions = toml::from_str(
            "listen = ['127.0.0.1:1', '127.0.0.1:2']\ndata-dir = 'elsewhere'\nsession-minutes = 5\ntls-self-signed = true",
        )
        .unwrap();
        let line = ServeOptions {
            data_dir: Some("here".into()),
            ..ServeOptions::default()
        };
        let both = merge(line, file);
        assert_eq!(both.addresses().unwrap().len(), 2);
        assert_eq!(both.settings().data_dir, PathBuf::from("here"));
        assert_eq!(both.settings().session_timeout, Duration::from_secs(300));
        assert_eq!(
            both.tls_address().unwrap(),
            Some(TLS_LISTEN.parse().unwrap())
        );
    }

    #[test]
    fn a_base_url_is_a_scheme_and_a_host() {
        for good in [
            "https://a.example",
            "http://127.0.0.1:8080/",
            "https://[::1]:8443",
        ] {
            assert!(check_base_url(good).is_ok(), "{good}");
        }
        for bad in [
            "a.example",
            "ftp://a",
            "https://",
            "https://a/b",
            "https://a?b",
            "https://u:p@a",
            "https://a b",
            "",
        ] {
            assert!(check_base_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_unknown_key_is_an_error() {
        assert!(toml::from_str::<ServeOptions>("lisen = []").is_err());
    }
}

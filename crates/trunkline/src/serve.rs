//! `trunkline serve`: settings, doors, orgs, in this order; then wait, then stop in the reverse order.

use anyhow::{Result, anyhow};
use http_porch::HttpOptions;
use node::{App, Node, OrgSpec};

use crate::cli::ServeOptions;
use crate::config::{self, http_threads};
use crate::server::{self, Door};

/// Name of the first org and user name of its administrator (ARCHITECTURE 10).
pub const DEFAULT_ORG: &str = "default";
pub const DEFAULT_ADMIN: &str = "admin@trunkline.local";
/// Grants of an app for programs.
pub const GRANTS: [&str; 4] = [
    "password",
    "client_credentials",
    "refresh_token",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
];

/// Runs until SIGTERM or SIGINT.
pub fn run(options: ServeOptions) -> Result<()> {
    let options = config::complete(options)?;
    let runtime = config::runtime(http_threads(options.http_threads))?;
    let doors = runtime.block_on(open_doors(&options))?;
    let urls = doors.iter().map(Door::url).collect::<Result<Vec<_>>>()?;
    let node = Node::open(options.node(runtime.handle().clone()))?;
    if node.orgs().is_empty() {
        first_start(&node)?;
    }
    let http = HttpOptions {
        base_url: options.base_url.clone(),
        trusts_proxy: options.trust_proxy,
        ..HttpOptions::default()
    };
    runtime.block_on(async {
        let porch = server::porch(&node, http)?;
        tracing::info!(
            urls = urls.join(" "),
            orgs = node.orgs().len(),
            "trunkline is ready"
        );
        server::serve(doors, porch, server::signal()).await;
        node.shutdown().await;
        tracing::info!("trunkline has stopped");
        Ok(())
    })
}

async fn open_doors(options: &ServeOptions) -> Result<Vec<Door>> {
    let mut doors = Vec::new();
    for address in options.addresses()? {
        doors.push(Door::plain(address).await?);
    }
    if let Some(address) = options.tls_address()? {
        let tls = match (&options.tls_cert, &options.tls_key) {
            (Some(certificate), Some(key)) => server::tls_from_files(certificate, key)?,
            _ => server::tls_self_signed(address)?,
        };
        doors.push(Door::tls(address, tls).await?);
    }
    Ok(doors)
}

/// An empty store gets the org `default`; its password is printed if nobody chose it.
fn first_start(node: &Node) -> Result<()> {
    let (password, is_generated) = match std::env::var("TRUNKLINE_ADMIN_PASSWORD") {
        Ok(password) if !password.is_empty() => (password, false),
        _ => (new_password()?, true),
    };
    node.create_org(OrgSpec {
        name: DEFAULT_ORG.to_owned(),
        admin_username: DEFAULT_ADMIN.to_owned(),
        admin_password: password.clone(),
        apps: app_from_environment().into_iter().collect(),
    })?;
    if is_generated {
        println!(
            "created org {DEFAULT_ORG}; log in as {DEFAULT_ADMIN} with password {password} (shown only once)"
        );
    }
    Ok(())
}

/// The connected app that `TRUNKLINE_CLIENT_ID` and `TRUNKLINE_CLIENT_SECRET` ask for.
pub fn app_from_environment() -> Option<App> {
    let id = std::env::var("TRUNKLINE_CLIENT_ID")
        .ok()
        .filter(|id| !id.is_empty())?;
    let secret = std::env::var("TRUNKLINE_CLIENT_SECRET").ok();
    Some(App {
        name: id.clone(),
        client_id: id,
        secret_sha256: secret.map(|secret| node::hash_hex(&secret)),
        grants: GRANTS.map(str::to_owned).to_vec(),
        is_preauthorized: true,
        ..App::default()
    })
}

/// A password that a person can type.
pub fn new_password() -> Result<String> {
    let random = node::random(16).ok_or_else(|| anyhow!("the system gives no random numbers"))?;
    let plain = random.replace(['.', '_', 'l', 'I', '0', 'O'], "x");
    Ok(format!("{}-{}", &plain[..8], &plain[8..]))
}

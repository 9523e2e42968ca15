//! `trunkline app`: connected apps of a stored org. The same over HTTP is `/services/omni/v1/setup/apps`.

use anyhow::{Context, Result, anyhow, bail};
use node::{App, Node, NodeOptions, OrgHandle};

use crate::cli::{AppCommand, PlaceOptions};
use crate::serve::GRANTS;

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// Grants that an app may have.
const KNOWN: [&str; 6] = [
    "password",
    "client_credentials",
    "refresh_token",
    "authorization_code",
    "device",
    JWT_BEARER,
];
/// Random characters of a client id and of a secret.
const LENGTH: usize = 64;

/// Runs one of the commands.
pub fn run(command: AppCommand) -> Result<()> {
    match command {
        AppCommand::Create {
            name,
            grants,
            certificate,
            run_as,
            callback,
            public,
            place,
        } => with_org(&place, async |org| {
            let secret = if public { None } else { Some(random()?) };
            let certificate = match certificate {
                None => None,
                Some(path) => Some(read_key(&path)?),
            };
            let app = App {
                client_id: format!("3MVG{}", random()?),
                secret_sha256: secret.as_deref().map(node::hash_hex),
                grants: grants_of(grants, certificate.is_some())?,
                run_as: Some(user(&org, run_as.as_deref())?),
                is_preauthorized: true,
                callbacks: callback,
                certificate,
                name,
                ..App::default()
            };
            save(&org, &app, secret.as_deref()).await
        }),
        AppCommand::List(place) => with_org(&place, async |org| {
            for app in org.apps() {
                println!("{}  {}  {}", app.client_id, app.name, app.grants.join(","));
            }
            Ok(())
        }),
        AppCommand::Rotate { client_id, place } => with_org(&place, async |org| {
            let known = org.app(&client_id);
            let known =
                known.ok_or_else(|| anyhow!("org {} has no app {client_id}", org.name()))?;
            if known.secret_sha256.is_none() {
                bail!("app {} is public: it has no secret", known.name);
            }
            let secret = random()?;
            let app = App {
                secret_sha256: Some(node::hash_hex(&secret)),
                ..(*known).clone()
            };
            save(&org, &app, Some(&secret)).await
        }),
    }
}

async fn save(org: &OrgHandle, app: &App, secret: Option<&str>) -> Result<()> {
    let saved = org.put_app(app).await;
    saved.map_err(|refusal| anyhow!("{}", refusal.message))?;
    println!("client id      {}", app.client_id);
    if let Some(secret) = secret {
        println!("client secret  {secret}   (shown only once)");
    }
    Ok(())
}

/// Opens the folder, does it in the org that was meant, and closes the folder.
fn with_org(place: &PlaceOptions, work: impl AsyncFnOnce(OrgHandle) -> Result<()>) -> Result<()> {
    let entries = crate::org::stored(&place.folder.data_dir)?;
    let wanted = match (&place.org, entries.as_slice()) {
        (None, [only]) => only,
        (None, _) => bail!("the folder has several orgs; name one with --org"),
        (Some(wanted), all) => crate::org::find(all, wanted)
            .ok_or_else(|| anyhow!("no org {wanted} in {}", place.folder.data_dir.display()))?,
    };
    let node = Node::open(NodeOptions::new(&place.folder.data_dir))?;
    let org = node.org(Some(wanted.id)).context("the org did not start")?;
    let runtime = crate::config::runtime(1)?;
    let done = runtime.block_on(work(org));
    node.stop();
    done
}

fn random() -> Result<String> {
    node::random(LENGTH).ok_or_else(|| anyhow!("the system gives no random numbers"))
}

fn grants_of(wanted: Vec<String>, has_key: bool) -> Result<Vec<String>> {
    if let Some(bad) = wanted.iter().find(|grant| !KNOWN.contains(&grant.as_str())) {
        bail!("{bad:?} is no grant; there are {}", KNOWN.join(", "));
    }
    if !wanted.is_empty() {
        return Ok(wanted);
    }
    let usual = GRANTS
        .iter()
        .filter(|grant| has_key || **grant != JWT_BEARER);
    Ok(usual.map(|grant| (*grant).to_owned()).collect())
}

fn read_key(path: &std::path::Path) -> Result<String> {
    let text = std::fs::read_to_string(path);
    let text = text.with_context(|| format!("cannot read {}", path.display()))?;
    if !http_porch::is_key(&text) {
        bail!(
            "{} holds no RSA certificate or public key in PEM form",
            path.display()
        );
    }
    Ok(text)
}

/// Id of a user name; without one, the administrator that the org began with.
fn user(org: &OrgHandle, name: Option<&str>) -> Result<String> {
    let Some(name) = name else {
        return Ok(engine::administrator().to_string());
    };
    let user = org
        .user(name)
        .ok_or_else(|| anyhow!("org {} has no user {name}", org.name()))?;
    Ok(user.id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_are_known_ones() {
        assert!(
            !grants_of(Vec::new(), false)
                .unwrap()
                .contains(&JWT_BEARER.to_owned())
        );
        assert!(
            grants_of(Vec::new(), true)
                .unwrap()
                .contains(&JWT_BEARER.to_owned())
        );
        assert_eq!(
            grants_of(vec!["device".to_owned()], false).unwrap(),
            ["device"]
        );
        assert!(grants_of(vec!["magic".to_owned()], false).is_err());
    }
}

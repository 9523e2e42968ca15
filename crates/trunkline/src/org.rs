//! `trunkline org`: tenants of a data folder.

use std::io::{BufRead, IsTerminal};
use std::path::Path;

use anyhow::{Result, bail};
use node::{Node, NodeOptions, OrgEntry, OrgSpec};

use crate::cli::{FolderOptions, OrgCommand};
use crate::serve::app_from_environment;

/// Runs one of the commands.
pub fn run(command: OrgCommand) -> Result<()> {
    match command {
        OrgCommand::Create {
            name,
            admin,
            folder,
        } => create(name, admin, &folder),
        OrgCommand::List(folder) => list(&folder.data_dir),
        OrgCommand::Show { org, folder } => show(&org, &folder.data_dir),
    }
}

fn create(name: String, admin_username: String, folder: &FolderOptions) -> Result<()> {
    let admin_password = password()?;
    let node = Node::open(NodeOptions::new(&folder.data_dir))?;
    let apps = app_from_environment().into_iter().collect();
    let org = node.create_org(OrgSpec {
        name,
        admin_username,
        admin_password,
        apps,
    })?;
    println!("created org {} ({})", org.name(), org.id());
    node.stop();
    Ok(())
}

fn password() -> Result<String> {
    if let Ok(password) = std::env::var("TRUNKLINE_ADMIN_PASSWORD") {
        return Ok(password);
    }
    if std::io::stdin().is_terminal() {
        eprint!("password of the administrator: ");
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        bail!("no password; set TRUNKLINE_ADMIN_PASSWORD or write it to standard input");
    }
    Ok(password.to_owned())
}

/// The orgs of a folder; an error if it holds none, since then it is hardly the one that was meant.
pub fn stored(data_dir: &Path) -> Result<Vec<OrgEntry>> {
    let orgs = Node::list(data_dir)?;
    if orgs.is_empty() {
        bail!(
            "there is no org in folder {}; name the right one with --data-dir",
            data_dir.display()
        );
    }
    Ok(orgs)
}

/// The org of this name or id.
pub fn find<'o>(orgs: &'o [OrgEntry], wanted: &str) -> Option<&'o OrgEntry> {
    let mut all = orgs.iter();
    all.find(|org| org.name.eq_ignore_ascii_case(wanted) || org.id.to_string().starts_with(wanted))
}

fn list(data_dir: &Path) -> Result<()> {
    for org in stored(data_dir)? {
        println!("{}  {}", org.id, org.name);
    }
    Ok(())
}

fn show(wanted: &str, data_dir: &Path) -> Result<()> {
    let orgs = stored(data_dir)?;
    let Some(org) = find(&orgs, wanted) else {
        bail!("no org {wanted} in {}", data_dir.display());
    };
    let path = data_dir.join(&org.file);
    let size = std::fs::metadata(&path).map(|file| file.len())?;
    println!(
        "id     {}\nname   {}\nstore  {}\nsize   {size} bytes",
        org.id,
        org.name,
        path.display()
    );
    Ok(())
}

//! What the demo says when it starts.

use std::fmt::Write;

use crate::cli::DemoOptions;
use crate::demo::harborline::{CENTER, CLIENT_ID, Harborline, ORG};

/// Where it is, who may log in, what to try.
pub fn text(demo: &Harborline, url: &str, options: &DemoOptions) -> String {
    let mut out = String::new();
    let _ = write(&mut out, demo, url, options); // writing to a String cannot fail
    out
}

fn write(
    out: &mut String,
    demo: &Harborline,
    url: &str,
    options: &DemoOptions,
) -> std::fmt::Result {
    let kept = if options.data_dir.is_some() {
        "kept"
    } else {
        "gone when you stop"
    };
    writeln!(
        out,
        "\n{ORG} is open: {} simulated agents, {} customers a minute.\n",
        demo.simulated.len(),
        options.rate
    )?;
    writeln!(out, "  Console     {url}/")?;
    for (n, person) in demo.free.iter().enumerate() {
        let title = if n == 0 { "Your seats" } else { "" };
        writeln!(out, "  {title:<12}{}", person.username)?;
    }
    writeln!(out, "  Supervisor  {}", demo.supervisor)?;
    writeln!(out, "  Admin       {}", demo.admin)?;
    writeln!(
        out,
        "  Password    {}   (the same for everybody)",
        demo.password
    )?;
    writeln!(
        out,
        "\n  API client  id {CLIENT_ID}, secret {}",
        demo.client_secret
    )?;
    writeln!(
        out,
        "  Telephony   center {CENTER}, org {}, private key {}",
        demo.org_id,
        demo.key_file.display()
    )?;
    writeln!(out, "  Data        {} ({kept})", demo.folder.display())?;
    let seat = demo
        .free
        .first()
        .map_or("", |person| person.username.as_str());
    writeln!(out, "\nTry this:")?;
    writeln!(
        out,
        "  1. Open the console, log in as {seat}, choose Available: work arrives within seconds."
    )?;
    writeln!(out, "  2. Ask the API who got the latest work:")?;
    writeln!(
        out,
        "       T=$(curl -s {url}/services/oauth2/token -d grant_type=client_credentials \\"
    )?;
    writeln!(
        out,
        "         -d client_id={CLIENT_ID} -d client_secret={} | sed 's/.*access_token\":\"\\([^\"]*\\).*/\\1/')",
        demo.client_secret
    )?;
    writeln!(
        out,
        "       curl -s {url}/services/data/v64.0/query -H \"Authorization: Bearer $T\" -G \\"
    )?;
    writeln!(
        out,
        "         --data-urlencode \"q=SELECT Status, User.Name FROM AgentWork ORDER BY CreatedDate DESC LIMIT 5\""
    )?;
    writeln!(
        out,
        "  3. Point jsforce or simple-salesforce at {url} and log in as the admin."
    )?;
    writeln!(out, "\nStop with Ctrl-C.\n")
}

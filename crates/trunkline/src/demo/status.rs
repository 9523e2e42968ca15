//! The quiet line that says how the center does, asked through the API like any other client.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use crate::demo::harborline::Harborline;
use crate::demo::people::Session;

/// Prints a line now and then.
pub async fn watch(demo: Arc<Harborline>, address: SocketAddr, every: Duration) {
    let mut session = Session::new(address);
    let mut is_logged_in = false;
    loop {
        tokio::time::sleep(every).await;
        if !is_logged_in {
            is_logged_in = session.log_in_app(&demo).await.is_ok();
        }
        match line(&mut session).await {
            Ok(line) => say(&line),
            Err(error) => {
                tracing::debug!(%error, "no status line");
                is_logged_in = false;
            }
        }
    }
}

async fn line(session: &mut Session) -> Result<String> {
    let waiting = count(session, "FROM PendingServiceRouting WHERE IsPushed = false").await?;
    let offered = count(session, "FROM AgentWork WHERE Status = 'Assigned'").await?;
    let open = count(session, "FROM AgentWork WHERE Status = 'Opened'").await?;
    let closed = count(session, "FROM AgentWork WHERE Status = 'Closed'").await?;
    let online = count(
        session,
        "FROM UserServicePresence WHERE IsCurrentState = true",
    )
    .await?;
    Ok(format!(
        "{waiting:>4} waiting  {offered:>3} ringing  {open:>3} in work  {closed:>5} done  {online:>3} agents logged in"
    ))
}

async fn count(session: &mut Session, from: &str) -> Result<i64> {
    let answer = session.query(&format!("SELECT COUNT() {from}")).await?;
    Ok(answer["totalSize"].as_i64().unwrap_or(0))
}

/// A reader that went away (`demo | head`) is no reason to stop.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}"); // nobody reads it
}

//! `trunkline explain`: why an item waits or where it went, why an agent gets no work; from a running
//! server, or from a data folder that no server uses.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::Path;

use anyhow::{Context, Result, bail};
use model::{Millis, RecordId, Value as Cell};
use node::Stopped;
use serde_json::{Map, Value, json};

use crate::cli::{ExplainOptions, ExplainWhat};
use crate::client::{Call, Client};

/// Explains one thing on standard output.
pub fn run(options: &ExplainOptions) -> Result<()> {
    let id = RecordId::parse(options.id.trim())
        .ok()
        .context("ID must be a record id of 15 or 18 characters")?;
    let answer = match (&options.url, &options.data_dir) {
        (Some(url), _) => {
            let token = options.token.as_deref();
            ask(url, token.context("--url needs --token")?, options.what, id)?
        }
        (None, Some(folder)) => look(folder, options.org.as_deref(), options.what, id)?,
        (None, None) => bail!(
            "name a server with --url and --token, or the folder of a stopped one with --data-dir"
        ),
    };
    if options.json {
        println!("{answer}");
        return Ok(());
    }
    let lines = match options.what {
        ExplainWhat::Work => item(&answer),
        ExplainWhat::Agent => agent(&answer),
    };
    lines.iter().for_each(|line| println!("{line}"));
    Ok(())
}

fn ask(url: &str, token: &str, what: ExplainWhat, id: RecordId) -> Result<Value> {
    let address = address(url)?;
    let kind = match what {
        ExplainWhat::Work => "works",
        ExplainWhat::Agent => "agents",
    };
    let path = format!("/services/omni/v1/explain/{kind}/{id}");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut client = Client::new(address);
        let answered = client.call(Call::get(&path, token)).await;
        let (status, body) = answered.with_context(|| format!("cannot reach {url}"))?;
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        if status != 200 {
            let why = body[0]["message"].as_str().unwrap_or("no explanation");
            bail!("{url} answers {status}: {why}");
        }
        Ok(body)
    })
}

fn address(url: &str) -> Result<SocketAddr> {
    let Some(rest) = url.strip_prefix("http://") else {
        bail!("--url must begin with http://; ask a server with TLS on its inner address");
    };
    let authority = rest.split('/').next().unwrap_or_default();
    let with_port = if authority.contains(':') {
        authority.to_owned()
    } else {
        format!("{authority}:80")
    };
    let mut found = with_port
        .to_socket_addrs()
        .with_context(|| format!("cannot find {authority}"))?;
    found
        .next()
        .with_context(|| format!("cannot find {authority}"))
}

fn look(folder: &Path, org: Option<&str>, what: ExplainWhat, id: RecordId) -> Result<Value> {
    let orgs = crate::org::stored(folder)?;
    let found = match org {
        Some(name) => orgs
            .iter()
            .find(|o| o.name == name || o.id.to_string() == name || o.id.as_15() == name),
        None if orgs.len() > 1 => bail!("the folder has several orgs; name one with --org"),
        None => orgs.first(),
    };
    let stopped = Stopped::open(folder, found.context("there is no such org")?)?;
    let engine = stopped.engine();
    match what {
        ExplainWhat::Agent => {
            let view = engine.explain_agent(id).context("there is no such user")?;
            Ok(serde_json::to_value(view)?)
        }
        ExplainWhat::Work => {
            let mut view = serde_json::to_value(engine.explain_item(id, engine.now(), None))?;
            let offers = stopped.offers(id, engine::OFFER_COLUMNS)?;
            view["history"] = offers.into_iter().map(row).collect();
            Ok(view)
        }
    }
}

fn row(cells: Vec<(&'static str, Cell)>) -> Value {
    let value = |cell: Cell| match cell {
        Cell::Id(id) => json!(id),
        Cell::DateTime(at) => json!(at.to_rest()),
        Cell::Text(text) => json!(&*text),
        Cell::Int(number) => json!(number),
        Cell::Double(number) => json!(number),
        Cell::Bool(flag) => json!(flag),
        _ => Value::Null,
    };
    let map: Map<String, Value> = cells
        .into_iter()
        .map(|(name, c)| (name.to_owned(), value(c)))
        .collect();
    Value::Object(map)
}

fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of[name].as_str().unwrap_or_default()
}

fn list<'a>(of: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    of[name].as_array().into_iter().flatten()
}

/// `(R54)`.
fn rule(reason: &Value) -> String {
    format!("{} ({})", text(reason, "text"), text(reason, "rule"))
}

fn at(of: &Value, name: &str) -> Option<String> {
    of[name].as_i64().map(|ms| Millis(ms).to_rest())
}

fn number(of: &Value, name: &str) -> String {
    let number = of[name].as_f64().unwrap_or(0.0);
    format!("{number}")
}

fn item(view: &Value) -> Vec<String> {
    let mut lines = vec![format!(
        "{} {}",
        text(view, "workItemType"),
        text(view, "workItemId")
    )];
    let waiting = &view["waiting"];
    match waiting.get("reason") {
        Some(reason) => lines.push(rule(reason)),
        None => lines.push(text(view, "text").to_owned()),
    }
    if waiting.is_object() {
        wait(waiting, &mut lines);
    }
    for work in list(view, "works") {
        let since = at(work, "acceptedAt").or_else(|| at(work, "assignedAt"));
        let (name, status) = (text(work, "userName"), text(work, "status"));
        lines.push(format!(
            "now: {name}, {status} since {}",
            since.unwrap_or_default()
        ));
    }
    let mut history = list(view, "history").peekable();
    if history.peek().is_some() {
        lines.push("offers so far:".into());
    }
    for offer in history {
        let reason = text(offer, "DeclineReason");
        let reason = if reason.is_empty() {
            String::new()
        } else {
            format!(": {reason}")
        };
        let (when, user, status) = (
            text(offer, "AssignedDateTime"),
            text(offer, "UserId"),
            text(offer, "Status"),
        );
        lines.push(format!("  {when}  {user}  {status}{reason}"));
    }
    lines
}

fn wait(waiting: &Value, lines: &mut Vec<String>) {
    let queue = text(waiting, "queueName");
    let place = waiting["position"]
        .as_u64()
        .map(|n| format!(", place {n} in line"))
        .unwrap_or_default();
    let from = if queue.is_empty() {
        "by skills".to_owned()
    } else {
        format!("in {queue}")
    };
    lines.push(format!(
        "waits {from} for {} s{place}",
        number(waiting, "wait")
    ));
    let mut order = Vec::new();
    for (name, label) in [
        ("priority", "priority"),
        ("secondaryPriority", "second priority"),
    ] {
        order.extend(waiting[name].as_i64().map(|n| format!("{label} {n}")));
    }
    order.extend(at(waiting, "targetAcceptAt").map(|at| format!("due {at}")));
    order.extend(at(waiting, "since").map(|at| format!("since {at}")));
    lines.push(format!("order: {} (R29)", order.join(", ")));
    for skill in list(waiting, "skills") {
        let dropped = if skill["isDropped"] == json!(true) {
            ", dropped (R57)"
        } else {
            ""
        };
        lines.push(format!(
            "asks for {} {}{dropped}",
            text(skill, "name"),
            number(skill, "level")
        ));
    }
    if waiting["winner"].is_object() {
        let again = if waiting["isNewRound"] == json!(true) {
            ", in a new round (R69)"
        } else {
            ""
        };
        lines.push(format!("next: {}{again}", text(&waiting["winner"], "name")));
    }
    for agent in list(waiting, "eligible") {
        let measure = if text(waiting, "routingModel") == "LeastActive" {
            "open"
        } else {
            "units free"
        };
        lines.push(format!(
            "could take it: {}, {} {measure}",
            text(agent, "name"),
            number(agent, "score")
        ));
    }
    for agent in list(waiting, "excluded") {
        lines.push(format!(
            "not {}: {}",
            text(agent, "name"),
            rule(&agent["reason"])
        ));
    }
    let counted: u64 = list(waiting, "excludedBy")
        .filter_map(|r| r["agents"].as_u64())
        .sum();
    if counted > list(waiting, "excluded").count() as u64 {
        for reason in list(waiting, "excludedBy") {
            lines.push(format!(
                "{} agents: {}",
                number(reason, "agents"),
                rule(reason)
            ));
        }
    }
}

fn agent(view: &Value) -> Vec<String> {
    let mut lines = vec![format!("{} {}", text(view, "name"), text(view, "userId"))];
    match view["presence"].is_object() {
        true => lines.push(format!(
            "{} since {}",
            text(&view["presence"], "statusName"),
            at(&view["presence"], "since").unwrap_or_default()
        )),
        false => lines.push("logged out".into()),
    }
    let capacity = &view["capacity"];
    lines.push(format!(
        "holds {} of {} units, {} of {} interruptible",
        number(capacity, "currentWorkload"),
        number(capacity, "configuredCapacity"),
        number(capacity, "currentInterruptibleWorkload"),
        number(capacity, "configuredInterruptibleCapacity"),
    ));
    lines.push(match view["blocked"].is_object() {
        true => rule(&view["blocked"]),
        false => text(view, "text").to_owned(),
    });
    for held in list(view, "holdings") {
        let paused = if held["isPaused"] == json!(true) {
            ", paused"
        } else {
            ""
        };
        lines.push(format!(
            "  {} units: {} {} {}{paused}",
            number(held, "units"),
            text(held, "workItemType"),
            text(held, "workItemId"),
            text(held, "status"),
        ));
    }
    for line in list(view, "waiting") {
        let place = text(&line["queue"], "name");
        let place = if place.is_empty() {
            "by skills or for this agent"
        } else {
            place
        };
        let why = match line["reason"].is_object() {
            true => rule(&line["reason"]),
            false => "the next pass offers it (R38)".into(),
        };
        lines.push(format!(
            "waits {place}: {} - {why}",
            text(line, "workItemId")
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_explanation_reads_well() {
        let reason = json!({"code": "nobodyFree", "rule": "R54", "text": "Everybody who could take it is full."});
        let view = json!({
            "workItemId": "500000000000001AAA", "workItemType": "Case", "state": "waiting", "text": "x", "works": [],
            "waiting": {
                "queueName": "Support", "wait": 90, "position": 4, "priority": 1, "since": 0, "reason": reason, "skills": [],
                "routingModel": "MostAvailable", "winner": null, "eligible": [], "excludedBy": [{"agents": 1}],
                "excluded": [{"name": "Anna", "reason": {"rule": "R54", "text": "Has not enough free capacity."}}],
            },
            "history": [{"AssignedDateTime": "t", "UserId": "u", "Status": "Declined", "DeclineReason": "Lunch"}],
        });
        let wanted = [
            "Case 500000000000001AAA",
            "Everybody who could take it is full. (R54)",
            "waits in Support for 90 s, place 4 in line",
            "order: priority 1, since 1970-01-01T00:00:00.000+0000 (R29)",
            "not Anna: Has not enough free capacity. (R54)",
            "offers so far:",
            "  t  u  Declined: Lunch",
        ];
        assert_eq!(item(&view), wanted);
        let view = json!({"name": "Anna", "userId": "u", "presence": null, "capacity": {"configuredCapacity": 6},
            "blocked": {"rule": "R51", "text": "Is not logged in."}, "holdings": [], "waiting": []});
        let wanted = [
            "Anna u",
            "logged out",
            "holds 0 of 6 units, 0 of 0 interruptible",
            "Is not logged in. (R51)",
        ];
        assert_eq!(agent(&view), wanted);
    }

    #[test]
    fn addresses() {
        assert_eq!(address("http://127.0.0.1:8080/x").unwrap().port(), 8080);
        assert_eq!(address("http://127.0.0.1").unwrap().port(), 80);
        assert!(address("https://127.0.0.1").is_err());
    }
}

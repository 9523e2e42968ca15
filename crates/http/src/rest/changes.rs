//! Which records changed in a window: updated and deleted (rest-api.md 5.1).

use model::{Cell, Code, Millis, Refusal};
use wire::json;

use crate::answer::{Fault, Outcome};
use crate::call::Call;
use crate::reads;

/// A window begins at most this long ago.
const WINDOW_MAX_S: i64 = 30 * 86_400;
/// More changes than this are refused: ask for a shorter window.
const CHANGES_MAX: usize = 600_000;

struct Window {
    start: Millis,
    end: Millis,
}

fn window(call: &Call, now: Millis) -> Result<Window, Fault> {
    let wrong = |why: &str| Fault::from(Refusal::new(Code::InvalidReplicationDate, why));
    let query = call.query();
    // a raw + before the zone was decoded as a blank (rest-api.md 1.1)
    let read = |name: &str| {
        let text = query.filled(name).ok_or_else(|| {
            Refusal::new(
                Code::MissingArgument,
                format!("The parameter {name} is required"),
            )
        })?;
        let text = text.trim().replace(' ', "+");
        Millis::parse(&text).ok_or_else(|| {
            Refusal::new(
                Code::InvalidReplicationDate,
                format!("{name} is no date and time"),
            )
        })
    };
    let (start, end) = (read("start")?, read("end")?);
    if start >= end {
        return Err(wrong("startDate has to be before endDate"));
    }
    if now.seconds_since(start) > WINDOW_MAX_S {
        return Err(wrong("startDate cannot be more than 30 days ago"));
    }
    Ok(Window { start, end })
}

fn query(object: &str, fields: &str, window: &Window, more: &str) -> String {
    format!(
        "SELECT {fields} FROM {object} WHERE SystemModstamp >= {} AND SystemModstamp < {}{more} ORDER BY Id LIMIT {CHANGES_MAX}",
        window.start.to_xml(),
        window.end.to_xml()
    )
}

/// GET /sobjects/X/updated.
pub async fn updated(call: Call) -> Outcome {
    let (_, def) = call.object(&*call.catalogue()?)?;
    let session = call.session()?;
    let now = session.org.now();
    let window = window(&call, now)?;
    let ids = reads::ids(
        session,
        &query(&def.name, "Id", &window, ""),
        false,
        CHANGES_MAX,
    )
    .await?;
    let mut out = Vec::with_capacity(64 + ids.len() * 22);
    let mut object = json::Object::open(&mut out);
    json::list(object.key("ids"), ids, json::id);
    object.text("latestDateCovered", &window.end.min(now).to_rest());
    object.close();
    call.answer(out)
}

/// GET /sobjects/X/deleted.
pub async fn deleted(call: Call) -> Outcome {
    let (_, def) = call.object(&*call.catalogue()?)?;
    let session = call.session()?;
    let now = session.org.now();
    let window = window(&call, now)?;
    let text = query(
        &def.name,
        "Id, SystemModstamp",
        &window,
        " AND IsDeleted = true",
    );
    let plan = reads::plan(session, &text, true)?;
    let found = session
        .org
        .query(session.caller.user, plan, CHANGES_MAX)
        .await?;
    let mut out = Vec::with_capacity(128 + found.rows.len() * 80);
    let mut object = json::Object::open(&mut out);
    json::list(object.key("deletedRecords"), &found.rows, |out, row| {
        let mut one = json::Object::open(out);
        if let Some(id) = row.id {
            one.id("id", id);
        }
        if let Some((_, Cell::Value(at))) = row.cells.get(1) {
            json::value(one.key("deletedDate"), at);
        }
        one.close();
    });
    object.text(
        "earliestDateAvailable",
        &now.plus_s(-WINDOW_MAX_S).to_rest(),
    );
    object.text("latestDateCovered", &window.end.min(now).to_rest());
    object.close();
    call.answer(out)
}

//! Which records changed in a window: updated and deleted (rest-api.md 5.1).

use model::{Cell, Code, Millis, ObjectDef, RecordId, Refusal};
use wire::json;

use crate::answer::{Fault, Outcome};
use crate::call::{Call, Session};
use crate::reads;

/// A window begins at most this long ago.
const WINDOW_MAX_S: i64 = 30 * 86_400;
/// More changes than this are refused: ask for a shorter window.
const CHANGES_MAX: usize = 600_000;

/// A window of time.
pub struct Window {
    /// Belongs to it.
    pub start: Millis,
    /// Does not.
    pub end: Millis,
}

/// The window between two texts.
///
/// # Errors
/// MISSING_ARGUMENT, INVALID_REPLICATION_DATE.
pub fn check(start: &str, end: &str, now: Millis) -> Result<Window, Fault> {
    let wrong = |why: &str| Fault::from(Refusal::new(Code::InvalidReplicationDate, why));
    let read = |name: &str, text: &str| {
        if text.is_empty() {
            let message = format!("The parameter {name} is required");
            return Err(Fault::from(Refusal::new(Code::MissingArgument, message)));
        }
        // a raw + before the zone was decoded as a blank (rest-api.md 1.1)
        Millis::parse(&text.replace(' ', "+"))
            .ok_or_else(|| wrong(&format!("{name} is no date and time")))
    };
    let (start, end) = (read("start", start.trim())?, read("end", end.trim())?);
    if start >= end {
        return Err(wrong("startDate has to be before endDate"));
    }
    if now.seconds_since(start) > WINDOW_MAX_S {
        return Err(wrong("startDate cannot be more than 30 days ago"));
    }
    Ok(Window { start, end })
}

/// The earliest change that can be asked for.
pub fn earliest(now: Millis) -> Millis {
    now.plus_s(-WINDOW_MAX_S)
}

fn query(object: &str, fields: &str, window: &Window, more: &str) -> String {
    format!(
        "SELECT {fields} FROM {object} WHERE SystemModstamp >= {} AND SystemModstamp < {}{more} ORDER BY Id LIMIT {CHANGES_MAX}",
        window.start.to_xml(),
        window.end.to_xml()
    )
}

/// Ids of records that changed in the window and are still there.
///
/// # Errors
/// What the query is refused for.
pub async fn updated_ids(
    session: &Session,
    def: &ObjectDef,
    window: &Window,
) -> Result<Vec<RecordId>, Fault> {
    reads::ids(
        session,
        &query(&def.name, "Id", window, ""),
        false,
        CHANGES_MAX,
    )
    .await
}

/// Records that went to the recycle bin in the window, and when.
///
/// # Errors
/// What the query is refused for.
pub async fn deleted_rows(
    session: &Session,
    def: &ObjectDef,
    window: &Window,
) -> Result<Vec<(RecordId, Millis)>, Fault> {
    let text = query(
        &def.name,
        "Id, SystemModstamp",
        window,
        " AND IsDeleted = true",
    );
    let plan = reads::plan(session, &text, true)?;
    let found = session
        .org
        .query(session.caller.user, plan, CHANGES_MAX)
        .await?;
    let rows = found.rows.iter().filter_map(|row| match row.cells.get(1) {
        Some((_, Cell::Value(at))) => Some((row.id?, at.as_millis()?)),
        _ => None,
    });
    Ok(rows.collect())
}

fn window(call: &Call, now: Millis) -> Result<Window, Fault> {
    let query = call.query();
    check(
        query.get("start").unwrap_or(""),
        query.get("end").unwrap_or(""),
        now,
    )
}

/// GET /sobjects/X/updated.
pub async fn updated(call: Call) -> Outcome {
    let (_, def) = call.object(&*call.catalogue()?)?;
    let session = call.session()?;
    let now = session.org.now();
    let window = window(&call, now)?;
    let ids = updated_ids(session, &def, &window).await?;
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
    let rows = deleted_rows(session, &def, &window).await?;
    let mut out = Vec::with_capacity(128 + rows.len() * 80);
    let mut object = json::Object::open(&mut out);
    json::list(object.key("deletedRecords"), rows, |out, (id, at)| {
        let mut one = json::Object::open(out);
        one.id("id", id).text("deletedDate", &at.to_rest());
        one.close();
    });
    object.text("earliestDateAvailable", &earliest(now).to_rest());
    object.text("latestDateCovered", &window.end.min(now).to_rest());
    object.close();
    call.answer(out)
}

//! query, queryMore, search, retrieve, getUpdated, getDeleted, describe.

use model::{AnswerRow, Code, Millis, RecordId, Refusal};
use wire::soap::records::{self, RETRIEVE_MAX};
use wire::soap::{describe, session::nil};
use wire::xml;

use super::Op;
use super::records::object;
use crate::answer::Fault;
use crate::reads::{self, Shown};
use crate::rest::changes::{self, Window};
use crate::rest::collections::rows_of;
use crate::rest::query::{PAGE_MAX, PAGE_MIN};

/// Objects of one describeSObjects.
const DESCRIBE_MAX: usize = 100;

fn page(op: &Op<'_>) -> Result<usize, Refusal> {
    let Some(wish) = &op.request.batch_size else {
        return Ok(PAGE_MAX);
    };
    let number: Result<usize, _> = wish.parse();
    let wrong = |_| Refusal::new(Code::InvalidBatchSize, "batchSize must be a number");
    number.map(|n| n.clamp(PAGE_MIN, PAGE_MAX)).map_err(wrong)
}

fn result(answer: &model::Answer) -> String {
    let mut out = String::with_capacity(256 + answer.rows.len() * 256);
    records::query_result(&mut out, "result", answer);
    out
}

/// query and queryAll.
pub async fn query(op: &Op<'_>, all_rows: bool) -> Result<String, Fault> {
    let plan = reads::plan(&op.session, op.text("queryString"), all_rows)?;
    let found = op
        .session
        .org
        .query(op.session.caller.user, plan, page(op)?)
        .await?;
    Ok(result(&found))
}

/// queryMore.
pub async fn query_more(op: &Op<'_>) -> Result<String, Fault> {
    let found = op
        .session
        .org
        .query_more(op.session.caller.user, op.text("queryLocator"))
        .await?;
    Ok(result(&found))
}

/// search.
pub async fn search(op: &Op<'_>) -> Result<String, Fault> {
    let (plans, max) = reads::plan_search(&op.session, op.text("searchString"))?;
    let max = usize::try_from(max).unwrap_or(usize::MAX);
    let mut rows: Vec<AnswerRow> = Vec::new();
    for plan in plans {
        rows.extend(
            op.session
                .org
                .query(op.session.caller.user, plan, max)
                .await?
                .rows,
        );
    }
    let mut out = String::from("<result><queryId/>");
    for row in rows.iter().take(max) {
        out.push_str("<searchRecords>");
        records::record(&mut out, "record", row);
        out.push_str("</searchRecords>");
    }
    out.push_str("</result>");
    Ok(out)
}

/// retrieve: nil for ids that are not there.
pub async fn retrieve(op: &Op<'_>) -> Result<String, Fault> {
    let catalogue = op.session.org.catalogue();
    let (_, def) = object(op, &catalogue, op.text("sObjectType"))?;
    let ids: Vec<Option<RecordId>> = op
        .all("ids")
        .map(|e| RecordId::parse(e.text.trim()).ok())
        .collect();
    records::check_count(ids.len(), RETRIEVE_MAX)?;
    let list = op
        .text("fieldList")
        .split(',')
        .map(str::trim)
        .filter(|f| !f.is_empty());
    let fields: Vec<String> = list.map(str::to_owned).collect();
    let rows = rows_of(&op.session, &def, &ids, &fields).await?;
    let mut out = String::with_capacity(256 * ids.len());
    for id in ids {
        match id.and_then(|id| rows.iter().find(|row| row.id == Some(id))) {
            Some(row) => records::record(&mut out, "result", row),
            None => nil(&mut out, "result"),
        }
    }
    Ok(out)
}

fn window(op: &Op<'_>) -> Result<Window, Fault> {
    changes::check(
        op.text("startDate"),
        op.text("endDate"),
        op.session.org.now(),
    )
}

fn covered(out: &mut String, window: &Window, now: Millis) {
    xml::leaf(out, "latestDateCovered", &window.end.min(now).to_xml());
}

/// getUpdated.
pub async fn updated(op: &Op<'_>) -> Result<String, Fault> {
    let (_, def) = object(op, &op.session.org.catalogue(), op.text("sObjectType"))?;
    let window = window(op)?;
    let ids = changes::updated_ids(&op.session, &def, &window).await?;
    let mut out = String::from("<result>");
    ids.iter()
        .for_each(|id| xml::leaf(&mut out, "ids", &id.to_string()));
    covered(&mut out, &window, op.session.org.now());
    out.push_str("</result>");
    Ok(out)
}

/// getDeleted.
pub async fn deleted(op: &Op<'_>) -> Result<String, Fault> {
    let (_, def) = object(op, &op.session.org.catalogue(), op.text("sObjectType"))?;
    let window = window(op)?;
    let found = changes::deleted_rows(&op.session, &def, &window).await?;
    let now = op.session.org.now();
    let mut out = String::from("<result>");
    for (id, at) in found {
        out.push_str("<deletedRecords>");
        xml::leaf(&mut out, "deletedDate", &at.to_xml());
        xml::leaf(&mut out, "id", &id.to_string());
        out.push_str("</deletedRecords>");
    }
    xml::leaf(
        &mut out,
        "earliestDateAvailable",
        &changes::earliest(now).to_xml(),
    );
    covered(&mut out, &window, now);
    out.push_str("</result>");
    Ok(out)
}

/// describeGlobal.
pub fn describe_global(op: &Op<'_>) -> String {
    let catalogue = op.session.org.catalogue();
    describe::global(&catalogue, &Shown(&op.session.caller.rights), op.version)
}

/// describeSObject and describeSObjects.
pub fn describe(op: &Op<'_>) -> Result<String, Fault> {
    let names: Vec<&str> = op.all("sObjectType").map(|e| e.text.trim()).collect();
    records::check_count(names.len(), DESCRIBE_MAX)?;
    let catalogue = op.session.org.catalogue();
    let mut out = String::with_capacity(64 * 1024);
    for name in names {
        let (ix, def) = object(op, &catalogue, name)?;
        describe::object(
            &mut out,
            &catalogue,
            ix,
            &def,
            &Shown(&op.session.caller.rights),
            op.version,
        );
    }
    Ok(out)
}

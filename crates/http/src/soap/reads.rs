//! query, queryMore, search, retrieve, getUpdated, getDeleted, describe.

use model::{Code, RecordId, Refusal};
use wire::soap::results::{self, DESCRIBE_MAX, RETRIEVE_MAX};
use wire::soap::{describe, records, session::nil};

use super::records::object;
use super::{Inside, Op};
use crate::answer::Fault;
use crate::reads::{self, Shown};
use crate::rest::changes::{self, Window};
use crate::rest::collections::rows_of;
use crate::rest::query::{PAGE_MAX, PAGE_MIN};
use crate::rest::search;

fn page(op: &Op<'_>) -> Result<usize, Refusal> {
    let Some(wish) = &op.request.batch_size else {
        return Ok(PAGE_MAX);
    };
    let number: Result<usize, _> = wish.parse();
    let wrong = |_| Refusal::new(Code::InvalidBatchSize, "batchSize must be a number");
    number.map(|n| n.clamp(PAGE_MIN, PAGE_MAX)).map_err(wrong)
}

fn result(op: &Op<'_>, answer: &model::Answer) -> String {
    let mut out = String::with_capacity(256 + answer.rows.len() * 256);
    records::query_result(&mut out, op.api, answer);
    out
}

/// query and queryAll.
pub async fn query(op: &Op<'_>, all_rows: bool) -> Inside {
    let page = page(op)?;
    let plan = reads::plan(&op.session, op.text("queryString"), all_rows)?;
    let found = op
        .session
        .org
        .query(op.session.caller.user, plan, page)
        .await?;
    Ok(result(op, &found))
}

/// queryMore.
pub async fn query_more(op: &Op<'_>) -> Inside {
    let locator = op.text("queryLocator");
    let found = op
        .session
        .org
        .query_more(op.session.caller.user, locator)
        .await?;
    Ok(result(op, &found))
}

/// search.
pub async fn search(op: &Op<'_>) -> Inside {
    let rows = search::rows(&op.session, op.text("searchString")).await?;
    let mut out = String::from("<result><queryId/>");
    for row in &rows {
        out.push_str("<searchRecords>");
        records::record(&mut out, op.api, "record", row);
        out.push_str("</searchRecords>");
    }
    out.push_str("</result>");
    Ok(out)
}

/// retrieve: nil for ids that are not there.
pub async fn retrieve(op: &Op<'_>) -> Inside {
    let catalogue = op.session.org.catalogue();
    let (_, def) = object(op, &catalogue, op.text("sObjectType"))?;
    let ids: Vec<Option<RecordId>> = op
        .all("ids")
        .map(|e| RecordId::parse(e.text.trim()).ok())
        .collect();
    results::check_count(ids.len(), RETRIEVE_MAX)?;
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
            Some(row) => records::record(&mut out, op.api, "result", row),
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

/// getUpdated.
pub async fn updated(op: &Op<'_>) -> Inside {
    let (_, def) = object(op, &op.session.org.catalogue(), op.text("sObjectType"))?;
    let window = window(op)?;
    let ids = changes::updated_ids(&op.session, &def, &window).await?;
    Ok(results::updated(&ids, window.end.min(op.session.org.now())))
}

/// getDeleted.
pub async fn deleted(op: &Op<'_>) -> Inside {
    let (_, def) = object(op, &op.session.org.catalogue(), op.text("sObjectType"))?;
    let window = window(op)?;
    let rows = changes::deleted_rows(&op.session, &def, &window).await?;
    let now = op.session.org.now();
    Ok(results::deleted(
        &rows,
        changes::earliest(now),
        window.end.min(now),
    ))
}

/// describeGlobal.
pub fn describe_global(op: &Op<'_>) -> String {
    let catalogue = op.session.org.catalogue();
    describe::global(&catalogue, &Shown(&op.session.caller.rights), op.version)
}

/// describeSObject and describeSObjects.
pub fn describe(op: &Op<'_>) -> Inside {
    let names: Vec<&str> = op.all("sObjectType").map(|e| e.text.trim()).collect();
    results::check_count(names.len(), DESCRIBE_MAX)?;
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

/// describeLayout: this server has no page layouts, only the one that stands for none.
pub fn describe_layout(op: &Op<'_>) -> Inside {
    object(op, &op.session.org.catalogue(), op.text("sObjectType"))?;
    Ok(describe::layout())
}

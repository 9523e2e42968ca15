//! SOQL over REST (rest-api.md 6.1).

use model::{Code, Refusal};
use wire::rest::answer;

use super::columns;
use crate::answer::{Answer, Fault, Notation, Outcome};
use crate::call::Call;
use crate::reads;

/// Rows of a page without `Sforce-Query-Options`, and at most.
pub const PAGE_MAX: usize = 2_000;
/// Rows of a page at least; smaller wishes are moved here.
pub const PAGE_MIN: usize = 200;

/// GET /query?q=.
pub async fn query(call: Call) -> Outcome {
    run(&call, false).await
}

/// GET /queryAll?q=: rows in the recycle bin too.
pub async fn query_all(call: Call) -> Outcome {
    run(&call, true).await
}

async fn run(call: &Call, all_rows: bool) -> Outcome {
    let form = call.query();
    if let Some(text) = form.filled("explain") {
        return explain(call, text, all_rows).await;
    }
    let text = form
        .filled("q")
        .ok_or_else(|| Refusal::new(Code::MalformedQuery, "A query string has to be specified"))?;
    if form.flag("columns") {
        let session = call.session()?;
        let plan = reads::plan(session, text, all_rows)?;
        let mut out = Vec::with_capacity(1_024);
        columns::print(&mut out, plan.get(), &session.org.catalogue());
        return Ok(Answer::json(out));
    }
    answer_to(call, text, all_rows).await
}

/// `?explain=`: how the rows would be found. There are no reports or list views, so their ids are no
/// queries and refused as such.
async fn explain(call: &Call, text: &str, all_rows: bool) -> Outcome {
    let session = call.session()?;
    let plan = reads::plan(session, text, all_rows)?;
    let ways = session.org.explain(plan).await?;
    let mut out = Vec::with_capacity(512);
    wire::rest::explain::plans(&mut out, &ways, text);
    call.answer(out)
}

/// The answer to a query of the caller.
pub async fn answer_to(call: &Call, text: &str, all_rows: bool) -> Outcome {
    let session = call.session()?;
    let page = page_size(call)?;
    let plan = reads::plan(session, text, all_rows)?;
    let found = session.org.query(session.caller.user, plan, page).await?;
    print(call, &found)
}

/// GET /query/LOCATOR.
pub async fn more(call: Call) -> Outcome {
    let session = call.session()?;
    let found = session
        .org
        .query_more(session.caller.user, call.param("locator"))
        .await?;
    print(&call, &found)
}

fn print(call: &Call, found: &model::Answer) -> Outcome {
    if call.notation == Notation::Xml {
        return Ok(call.xml(answer::answer_xml(found, call.version)));
    }
    let mut out = Vec::with_capacity(128 + found.rows.len() * 256);
    answer::answer(&mut out, found, call.version);
    Ok(Answer::json(out))
}

/// `Sforce-Query-Options: batchSize=N`, moved into 200 to 2000 (rest-api.md 1.3).
fn page_size(call: &Call) -> Result<usize, Fault> {
    let Some(options) = call.header("sforce-query-options") else {
        return Ok(PAGE_MAX);
    };
    let wish = options.split([',', ';']).find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("batchSize")
            .then(|| value.trim())
    });
    let Some(wish) = wish else {
        return Ok(PAGE_MAX);
    };
    let number: usize = wish.parse().map_err(|_| {
        Refusal::new(
            Code::InvalidBatchSize,
            format!("batchSize must be a number: {}", wire::json::clip(wish)),
        )
    })?;
    Ok(number.clamp(PAGE_MIN, PAGE_MAX))
}

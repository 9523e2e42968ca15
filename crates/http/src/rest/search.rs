//! SOSL over REST (rest-api.md 6.4).

use model::{AnswerRow, Code, Refusal};
use wire::rest::answer;

use crate::answer::{Answer, Fault, Outcome};
use crate::call::{Call, Session};
use crate::reads;

/// GET /search?q=.
pub async fn search(call: Call) -> Outcome {
    let form = call.query();
    let text = form.filled("q").ok_or_else(|| {
        Refusal::new(
            Code::MalformedSearch,
            "No search term found. The search term must be enclosed in braces.",
        )
    })?;
    let rows = rows(call.session()?, text).await?;
    let mut out = Vec::with_capacity(128 + rows.len() * 128);
    answer::search(&mut out, &rows, call.version);
    Ok(Answer::json(out))
}

/// What a search of the caller finds, in the order of its objects.
///
/// # Errors
/// What the search is refused for.
pub async fn rows(session: &Session, text: &str) -> Result<Vec<AnswerRow>, Fault> {
    let (plans, max) = reads::plan_search(session, text)?;
    let max = usize::try_from(max).unwrap_or(usize::MAX);
    let mut rows: Vec<AnswerRow> = Vec::new();
    for plan in plans {
        if rows.len() >= max {
            break;
        }
        rows.extend(
            session
                .org
                .query(session.caller.user, plan, max)
                .await?
                .rows,
        );
    }
    rows.truncate(max);
    Ok(rows)
}

/// GET /recent: nothing is kept about what was looked at.
pub async fn recent(call: Call) -> Outcome {
    call.answer(b"[]".to_vec())
}

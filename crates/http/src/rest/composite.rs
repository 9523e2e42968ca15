//! Composite, batch, tree and graph (rest-api.md 7).
//!
//! Writes that stand together in an atomic request are one command of the engine, with links instead of
//! ids that do not exist yet. A read between them needs what was written before: the writes so far are
//! committed, and undone by a second command if a later one fails. Such a request is therefore not
//! isolated from others while it runs.

use axum::http::StatusCode;
use axum::http::header;
use engine::{SaveOp, Saved, result_of};
use model::{RecordId, Refusal};
use serde_json::{Map, Value as Json, json};
use wire::json as text;
use wire::rest::composite::{self, Batch, Composite, Graphs, Results, Subanswer, Subrequest};
use wire::rest::{answer as print, collections as results_of, errors, tree};

use super::collections;
use super::subrequest::{self, Inside};
use crate::answer::{Answer, Content, Fault, Outcome, kind};
use crate::call::Call;
use crate::status;

/// POST /composite.
pub async fn composite(call: Call) -> Outcome {
    let asked: Composite = text::parse(&call.body)?;
    composite::check(&asked.composite_request, composite::SUBREQUESTS_MAX)?;
    let answers = if asked.all_or_none {
        atomic(&call, &asked.composite_request).await?.0
    } else {
        one_by_one(&call, &asked.composite_request).await
    };
    let mut out = Vec::with_capacity(1_024);
    composite::answer(&mut out, &answers);
    Ok(Answer::json(out))
}

/// Each subrequest on its own; a failure stops only what refers to it.
async fn one_by_one(call: &Call, all: &[Subrequest]) -> Vec<Subanswer> {
    let mut results = Results::default();
    let mut answers = Vec::with_capacity(all.len());
    for one in all {
        let answer = match filled(&results, one) {
            Ok((url, body)) => {
                let inside = Inside {
                    method: &one.method,
                    url: &url,
                    body: &body,
                    headers: &one.http_headers,
                };
                subanswer(one, subrequest::run(call, &inside).await)
            }
            Err(refusal) => refused(one, &refusal),
        };
        results.keep(&one.reference_id, body_of(&answer));
        answers.push(answer);
    }
    answers
}

fn filled(results: &Results, one: &Subrequest) -> Result<(String, Json), Refusal> {
    Ok((results.fill(&one.url)?, results.fill_json(&one.body)?))
}

fn subanswer(one: &Subrequest, content: Content) -> Subanswer {
    let location = content
        .headers
        .iter()
        .find(|(name, _)| *name == header::LOCATION);
    Subanswer {
        reference_id: one.reference_id.clone(),
        status: content.status.as_u16(),
        body: content.body,
        location: location
            .and_then(|(_, value)| value.to_str().ok())
            .map(str::to_owned),
    }
}

fn refused(one: &Subrequest, refusal: &Refusal) -> Subanswer {
    let mut body = Vec::with_capacity(128);
    errors::errors(&mut body, std::slice::from_ref(refusal), false);
    let status = status::of(refusal.code).as_u16();
    Subanswer {
        reference_id: one.reference_id.clone(),
        status,
        body,
        location: None,
    }
}

/// The body that references may look into; none after a failure.
fn body_of(answer: &Subanswer) -> Option<Json> {
    let is_good = answer.status < 300;
    is_good.then(|| serde_json::from_slice(&answer.body).unwrap_or(Json::Null))
}

/// All or nothing. True if all went well.
async fn atomic(call: &Call, all: &[Subrequest]) -> Result<(Vec<Subanswer>, bool), Fault> {
    let mut run = Atomic {
        call,
        all,
        results: Results::default(),
        answers: Vec::new(),
        waiting: Vec::new(),
        undo: Vec::new(),
    };
    let failed = run.go().await?;
    let Some((at, answer)) = failed else {
        return Ok((run.answers, true));
    };
    run.undo().await;
    let answers = all.iter().enumerate().map(|(n, one)| {
        if n == at {
            answer_of(&answer)
        } else {
            refused(one, &composite::halted())
        }
    });
    Ok((answers.collect(), false))
}

fn answer_of(answer: &Subanswer) -> Subanswer {
    Subanswer {
        reference_id: answer.reference_id.clone(),
        status: answer.status,
        body: answer.body.clone(),
        location: answer.location.clone(),
    }
}

/// A write that waits to be committed with its neighbours.
struct Waiting {
    at: usize,
    op: SaveOp,
    object: String,
}

struct Atomic<'a> {
    call: &'a Call,
    all: &'a [Subrequest],
    results: Results,
    answers: Vec<Subanswer>,
    waiting: Vec<Waiting>,
    /// What takes back the writes that are committed, newest last.
    undo: Vec<SaveOp>,
}

type Failed = Option<(usize, Subanswer)>;

impl Atomic<'_> {
    async fn go(&mut self) -> Result<Failed, Fault> {
        for (at, one) in self.all.iter().enumerate() {
            match self.plan(at, one).await {
                Ok(true) => {}
                Ok(false) => {
                    if let Some(failed) = self.commit().await? {
                        return Ok(Some(failed));
                    }
                    if let Ok(true) = self.plan(at, one).await {
                        continue; // a write that only waited for real ids
                    }
                    if let Some(failed) = self.read(at, one).await {
                        return Ok(Some(failed));
                    }
                }
                Err(fault) => {
                    let content =
                        crate::answer::fault(fault, self.call.route.dialect, self.call.notation);
                    return Ok(Some((at, subanswer(one, content))));
                }
            }
        }
        self.commit().await
    }

    /// Makes a write wait; false for anything else.
    async fn plan(&mut self, at: usize, one: &Subrequest) -> Result<bool, Fault> {
        let (url, body) = filled(&self.results, one)?;
        let inside = Inside {
            method: &one.method,
            url: &url,
            body: &body,
            headers: &one.http_headers,
        };
        let Some((op, object)) = super::single::op(self.call, &inside).await? else {
            return Ok(false);
        };
        if self.writes_a_link(&op) {
            return Ok(false); // a text needs the real id: commit first
        }
        // a reference to it stands for the id that the command will give it
        let link = result_of(self.waiting.len());
        self.results.keep(
            &one.reference_id,
            Some(json!({ "id": link.to_string(), "success": true, "errors": [] })),
        );
        self.waiting.push(Waiting { at, op, object });
        Ok(true)
    }

    /// True if an id that does not exist yet went into a text.
    fn writes_a_link(&self, op: &SaveOp) -> bool {
        let (SaveOp::Create { values, .. }
        | SaveOp::Update { values, .. }
        | SaveOp::Upsert { values, .. }) = op.bare()
        else {
            return false;
        };
        let mut texts = values.iter().filter_map(|(_, value)| value.as_text());
        texts.any(|text| (0..self.waiting.len()).any(|n| text.contains(result_of(n).as_15())))
    }

    async fn commit(&mut self) -> Result<Failed, Fault> {
        let waiting = std::mem::take(&mut self.waiting);
        let ops: Vec<SaveOp> = waiting.iter().map(|w| w.op.clone()).collect();
        let undo = super::single::undo_of(self.call, &ops).await?;
        let results = collections::run(self.call, ops, true).await?;
        let failures = || {
            results
                .iter()
                .zip(&waiting)
                .filter_map(|(r, w)| Some((w, r.as_ref().err()?)))
        };
        let is_own = |refusal: &Refusal| refusal.code != model::Code::AllOrNoneOperationRolledBack;
        if let Some((w, refusal)) = failures()
            .find(|(_, r)| is_own(r))
            .or_else(|| failures().next())
        {
            let mut body = Vec::with_capacity(128);
            errors::errors(&mut body, std::slice::from_ref(refusal), true);
            let one = self.one(w.at);
            return Ok(Some((
                w.at,
                Subanswer {
                    body,
                    ..refused(one, refusal)
                },
            )));
        }
        for ((result, w), undo) in results.into_iter().zip(&waiting).zip(undo) {
            if let Ok(saved) = result {
                self.done(w, saved, undo);
            }
        }
        Ok(None)
    }

    fn one(&self, at: usize) -> &Subrequest {
        &self.all[at.min(self.all.len() - 1)]
    }

    fn done(&mut self, w: &Waiting, saved: Saved, undo: Option<SaveOp>) {
        let one = self.one(w.at);
        let mut body = Vec::new();
        let (status, location) = match w.op.bare() {
            SaveOp::Create { .. } => {
                results_of::created(&mut body, saved.id);
                (
                    StatusCode::CREATED,
                    Some(print::record_url(self.call.version, &w.object, saved.id)),
                )
            }
            SaveOp::Upsert { .. } => {
                results_of::upserted(&mut body, saved.id, saved.created, self.call.version);
                (
                    if saved.created {
                        StatusCode::CREATED
                    } else {
                        StatusCode::OK
                    },
                    None,
                )
            }
            _ => (StatusCode::NO_CONTENT, None),
        };
        let reference_id = one.reference_id.clone();
        let answer = Subanswer {
            reference_id,
            status: status.as_u16(),
            body,
            location,
        };
        self.undo.extend(match (w.op.bare(), saved.created) {
            (SaveOp::Create { object, .. } | SaveOp::Upsert { object, .. }, true) => {
                Some(SaveOp::Delete {
                    object: *object,
                    id: saved.id,
                })
            }
            (SaveOp::Delete { .. }, _) => Some(SaveOp::Undelete { id: saved.id }),
            _ => undo,
        });
        self.results.replace(&answer.reference_id, body_of(&answer));
        self.answers.push(answer);
    }

    async fn read(&mut self, at: usize, one: &Subrequest) -> Failed {
        let answer = match filled(&self.results, one) {
            Ok((url, body)) => {
                let inside = Inside {
                    method: &one.method,
                    url: &url,
                    body: &body,
                    headers: &one.http_headers,
                };
                subanswer(one, subrequest::run(self.call, &inside).await)
            }
            Err(refusal) => refused(one, &refusal),
        };
        if answer.status >= 400 {
            return Some((at, answer));
        }
        self.results.keep(&one.reference_id, body_of(&answer));
        self.answers.push(answer);
        None
    }

    async fn undo(&mut self) {
        let mut ops = std::mem::take(&mut self.undo);
        ops.reverse();
        if let Err(fault) = collections::run(self.call, ops, false).await {
            tracing::error!(
                ?fault,
                "an atomic composite request could not be taken back"
            );
        }
    }
}

/// POST /composite/batch.
pub async fn batch(call: Call) -> Outcome {
    let asked: Batch = text::parse(&call.body)?;
    if asked.batch_requests.len() > composite::SUBREQUESTS_MAX {
        let message = format!(
            "The maximum number of subrequests is {}",
            composite::SUBREQUESTS_MAX
        );
        return Err(Refusal::new(model::Code::LimitExceeded, message).into());
    }
    let no_headers = Map::new();
    let mut answers: Vec<(u16, Vec<u8>)> = Vec::with_capacity(asked.batch_requests.len());
    for one in &asked.batch_requests {
        let has_failed = answers.iter().any(|(status, _)| *status >= 400);
        if asked.halt_on_error && has_failed {
            let mut body = Vec::new();
            errors::errors(&mut body, &[composite::skipped()], false);
            answers.push((StatusCode::PRECONDITION_FAILED.as_u16(), body));
            continue;
        }
        let path = one.url.trim_start_matches('/');
        let url = if path.starts_with("services/") {
            format!("/{path}")
        } else {
            format!("/services/data/{path}")
        };
        let content = subrequest::run(
            &call,
            &Inside {
                method: &one.method,
                url: &url,
                body: &one.rich_input,
                headers: &no_headers,
            },
        )
        .await;
        answers.push((content.status.as_u16(), content.body));
    }
    let mut out = Vec::with_capacity(1_024);
    composite::batch_answer(&mut out, &answers);
    Ok(Answer::json(out))
}

/// POST /composite/graph.
pub async fn graph(call: Call) -> Outcome {
    let asked: Graphs = text::parse(&call.body)?;
    let nodes: usize = asked.graphs.iter().map(|g| g.composite_request.len()).sum();
    if asked.graphs.len() > composite::GRAPHS_MAX || nodes > composite::NODES_MAX {
        let message = format!(
            "At most {} graphs and {} nodes",
            composite::GRAPHS_MAX,
            composite::NODES_MAX
        );
        return Err(Refusal::new(model::Code::LimitExceeded, message).into());
    }
    let mut done: Vec<(String, Vec<Subanswer>, bool)> = Vec::with_capacity(asked.graphs.len());
    for graph in asked.graphs {
        composite::check(&graph.composite_request, composite::NODES_MAX)?;
        let failed = done.iter().filter(|(_, _, good)| !good).count();
        let (answers, is_good) = if failed >= composite::FAILED_GRAPHS_MAX {
            let all = graph.composite_request.iter();
            (
                all.map(|one| refused(one, &composite::halted())).collect(),
                false,
            )
        } else {
            atomic(&call, &graph.composite_request).await?
        };
        done.push((graph.graph_id, answers, is_good));
    }
    let mut out = Vec::with_capacity(1_024);
    composite::graphs_answer(&mut out, &done);
    Ok(Answer::json(out))
}

/// POST /composite/tree/X.
pub async fn tree(call: Call) -> Outcome {
    let catalogue = call.catalogue()?;
    let (object, _) = call.object(&catalogue)?;
    let mut nodes = tree::read(&call.body, &catalogue, object, call.version)?;
    let mut ops = Vec::with_capacity(nodes.len());
    for node in &mut nodes {
        let row = match std::mem::replace(&mut node.row, Ok(wire::rest::body::Row::default())) {
            Ok(row) => {
                let def = catalogue.def(node.object);
                super::parents::resolve(call.session()?, def, row, call.version)
                    .await
                    .map_err(first)
            }
            Err(refusal) => Err(refusal),
        };
        ops.push(match row {
            Ok(mut row) => {
                row.values
                    .extend(node.parent.map(|(field, at)| (field, result_of(at).into())));
                SaveOp::Create {
                    object: node.object,
                    values: row.values,
                }
            }
            Err(refusal) => SaveOp::Refused(refusal),
        });
    }
    let saved = collections::run(&call, ops, true).await?;
    let saved: Vec<Result<RecordId, Refusal>> =
        saved.into_iter().map(|r| r.map(|s| s.id)).collect();
    let status = if saved.iter().all(Result::is_ok) {
        StatusCode::CREATED
    } else {
        StatusCode::BAD_REQUEST
    };
    let mut out = Vec::with_capacity(64 * nodes.len());
    tree::answer(&mut out, &nodes, &saved);
    Ok(Answer::of(status, kind::JSON, out))
}

fn first(fault: Fault) -> Refusal {
    fault
        .refusals()
        .first()
        .cloned()
        .unwrap_or_else(Refusal::not_found)
}

//! Query cursors: pages over a snapshot of ids (rest-api.md 6.1).
//!
//! The first request finds the ids of all rows; each page reads the rows of its ids with the same plan
//! and the same access, so a row that vanished or was hidden since leaves a gap. Cursors live in memory:
//! after a restart their locators are unknown.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hashbrown::HashMap;
use lang::plan::{Column, Expr, Path, Predicate, QueryPlan, Shape, Show, Spot};
use model::{Answer, Code, FieldType, RecordId, Refusal, Value};
use parking_lot::Mutex;

use crate::token;

/// A cursor lives 2 days (rest-api.md 6.1).
const LIFE: Duration = Duration::from_secs(2 * 86_400);
/// A user holds 10; an eleventh replaces the oldest.
const PER_USER_MAX: usize = 10;
/// Ids of all cursors of an org: 60 MB.
const IDS_MAX: usize = 4_000_000;
/// Ids of one cursor.
pub(crate) const CURSOR_IDS_MAX: usize = 1_000_000;

/// A query whose rows do not fit one page.
pub(crate) struct Cursor {
    pub user: RecordId,
    pub plan: Arc<QueryPlan>,
    pub ids: Vec<RecordId>,
    pub page_size: usize,
    made: Instant,
}

#[derive(Default)]
struct State {
    by_key: HashMap<String, Arc<Cursor>>,
    order: VecDeque<String>,
    ids: usize,
}

#[derive(Default)]
pub(crate) struct Cursors {
    state: Mutex<State>,
}

impl Cursor {
    pub fn new(user: RecordId, plan: Arc<QueryPlan>, ids: Vec<RecordId>, page_size: usize) -> Self {
        Self {
            user,
            plan,
            ids,
            page_size,
            made: Instant::now(),
        }
    }

    /// The plan of the page at `offset` and the offset after it.
    pub fn page(&self, offset: usize) -> (QueryPlan, usize) {
        let end = (offset + self.page_size).min(self.ids.len());
        let ids = self.ids.get(offset..end).unwrap_or_default();
        (only(&self.plan, ids), end)
    }

    /// Makes the rows of a page its answer.
    pub fn finish(&self, answer: &mut Answer, key: &str, end: usize) {
        answer.total = self.ids.len() as u64;
        answer.done = end >= self.ids.len();
        answer.next = (!answer.done).then(|| format!("{key}-{end}"));
    }
}

/// The plan that finds the ids of all rows, in order.
pub(crate) fn ids_plan(plan: &QueryPlan) -> QueryPlan {
    let id = Expr::Field(id_path(plan));
    let column = Column::Value {
        name: "Id".into(),
        slot: 0,
        show: Show::Plain,
    };
    QueryPlan {
        outputs: vec![id],
        columns: vec![column],
        children: Vec::new(),
        ..plan.clone()
    }
}

/// The same rows, but only these of them; limit and offset are done.
pub(crate) fn only(plan: &QueryPlan, ids: &[RecordId]) -> QueryPlan {
    let mut page = plan.clone();
    page.scan.filter = Predicate::In {
        of: Expr::Field(id_path(plan)),
        values: ids.iter().map(|id| Value::Id(*id)).collect(),
        not: false,
        exact: true,
        on_null: false,
    };
    page.limit = None;
    page.offset = 0;
    page
}

pub(crate) fn id_path(plan: &QueryPlan) -> Path {
    Path {
        hops: Vec::new(),
        at: vec![(plan.scan.object, Spot::Id)],
        kind: FieldType::Id,
    }
}

/// True if the answer may need pages: plain rows only (rest-api.md 6.1: no queryMore for groups).
pub(crate) fn has_pages(plan: &QueryPlan) -> bool {
    matches!(plan.shape, Shape::Rows)
}

impl Cursors {
    /// Keeps a cursor; its key, `01g` and 15 characters in all.
    pub fn keep(&self, cursor: Arc<Cursor>) -> Result<String, Refusal> {
        let failed = || Refusal::new(Code::UnknownException, "no randomness for a query locator");
        let random = token::random(12)
            .ok_or_else(failed)?
            .replace(['.', '_'], "0");
        let key = format!("01g{random}");
        let state = &mut *self.state.lock();
        let mine = |key: &&String| {
            state
                .by_key
                .get(*key)
                .is_some_and(|c| c.user == cursor.user)
        };
        let oldest = state.order.iter().filter(mine);
        let surplus = (oldest.clone().count() + 1).saturating_sub(PER_USER_MAX);
        let oldest: Vec<String> = oldest.take(surplus).cloned().collect();
        oldest.iter().for_each(|key| state.forget(key));
        state.ids += cursor.ids.len();
        state.order.push_back(key.clone());
        state.by_key.insert(key.clone(), cursor);
        while state.ids > IDS_MAX && state.order.len() > 1 {
            let oldest = state.order.front().cloned().unwrap_or_default();
            state.forget(&oldest);
        }
        Ok(key)
    }

    /// The cursor of a locator, and the offset it names.
    pub fn find(
        &self,
        user: RecordId,
        locator: &str,
    ) -> Result<(String, Arc<Cursor>, usize), Refusal> {
        let refused = || Refusal::new(Code::InvalidQueryLocator, "invalid query locator");
        let (key, offset) = locator.split_once('-').ok_or_else(refused)?;
        let offset = offset.parse().map_err(|_| refused())?;
        let key = key.get(..15).unwrap_or(key);
        let cursor = self
            .state
            .lock()
            .by_key
            .get(key)
            .cloned()
            .ok_or_else(refused)?;
        let is_good =
            cursor.user == user && offset <= cursor.ids.len() && cursor.made.elapsed() < LIFE;
        if is_good {
            Ok((key.to_owned(), cursor, offset))
        } else {
            Err(refused())
        }
    }

    /// Drops cursors whose time is over.
    pub fn sweep(&self) {
        let state = &mut *self.state.lock();
        let is_old = |key: &&String| {
            state
                .by_key
                .get(*key)
                .is_none_or(|c| c.made.elapsed() >= LIFE)
        };
        let old: Vec<String> = state.order.iter().take_while(is_old).cloned().collect();
        old.iter().for_each(|key| state.forget(key));
    }
}

impl State {
    fn forget(&mut self, key: &str) {
        self.order.retain(|k| k != key);
        if let Some(cursor) = self.by_key.remove(key) {
            self.ids -= cursor.ids.len();
        }
    }
}

//! What the threads of one org share, and what its handle does with it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use engine::{Authorized, Caller, Directory, Request, Submission, UserEntry};
use lang::plan::QueryPlan;
use model::{
    Answer, AnswerRow, Catalogue, Cell, Code, Millis, Note, QueryWay, RecordId, Refusal, Space,
    Value,
};
use parking_lot::{Mutex, RwLock};
use store::{QueryError, Reader};

use crate::answers::Answers;
use crate::clock::{LiveClock, wall_clock};
use crate::cursor::{self, Cursor, Cursors};
use crate::handle::unavailable;
use crate::hub::Hub;
use crate::inbox::{Inbox, Lane};
use crate::jobs::Jobs;
use crate::login::{self, LoginBook};
use crate::options::NodeOptions;
use crate::password::{self, Passwords};
use crate::policy::PASSWORD_MAX;
use crate::readers::Readers;
use crate::registry::Registry;
use crate::token;
use crate::usage::Usage;

/// Random characters of a session token: 480 bits, the usual length.
pub(crate) const TOKEN_LENGTH: usize = 80;

/// Everything of a running org that is not the engine.
pub(crate) struct OrgInner {
    pub id: RecordId,
    pub name: String,
    /// Its store, in the data folder.
    pub file: String,
    pub options: NodeOptions,
    pub catalogue: Arc<Catalogue>,
    /// In whose name the server itself writes.
    pub system_user: RecordId,
    pub inbox: Inbox,
    pub answers: Answers,
    pub login: LoginBook,
    pub hub: Hub,
    pub registry: Registry,
    pub cursors: Cursors,
    pub jobs: Jobs,
    pub readers: Readers,
    pub directory: RwLock<Arc<Directory>>,
    pub clock: LiveClock,
    pub usage: Usage,
    pub is_ready: AtomicBool,
    pub threads: Mutex<Vec<JoinHandle<()>>>,
    pub passwords: Arc<Passwords>,
    /// Presence statuses that the metrics have shown: a status nobody has any more shows 0.
    pub statuses_seen: Mutex<BTreeSet<String>>,
}

fn refused_login() -> Refusal {
    let message = "Invalid username, password, security token; or user locked out.";
    Refusal::new(Code::InvalidLogin, message)
}

/// Time.
impl OrgInner {
    /// Time of the org: never runs back, knows no steps.
    pub fn now(&self) -> Millis {
        self.clock.now()
    }

    /// What other machines take for the time: expiry of what they signed is compared with it.
    pub fn wall(&self) -> Millis {
        wall_clock()
    }

    pub(crate) fn after(&self, life: std::time::Duration) -> Millis {
        self.now()
            .plus_s(i64::try_from(life.as_secs()).unwrap_or(i64::MAX))
    }
}

/// Log-in.
impl OrgInner {
    pub fn directory(&self) -> Arc<Directory> {
        Arc::clone(&self.directory.read())
    }

    /// The caller for a user, whatever the user may do; `None` if there is no such user.
    pub fn caller_of(&self, user: RecordId) -> Option<Caller> {
        let directory = self.directory.read();
        let entry = directory.users.get(&user)?;
        Some(Caller {
            org: self.id,
            user,
            rights: Arc::clone(&entry.rights),
            version: 64,
        })
    }

    pub(crate) fn active(&self, user: RecordId) -> Option<Arc<UserEntry>> {
        let directory = self.directory.read();
        directory
            .users
            .get(&user)
            .filter(|u| u.may_log_in())
            .cloned()
    }

    /// Writes hidden rows as a user.
    pub(crate) async fn note(&self, user: RecordId, notes: Vec<Note>) -> Result<(), Refusal> {
        let caller = self.caller_of(user).ok_or_else(Refusal::not_found)?;
        let submission = Submission {
            caller,
            command_id: None,
            request: Request::Notes(notes),
        };
        let reply = self.inbox.push(Lane::Interactive, submission)?;
        reply.await.unwrap_or_else(|_| Err(unavailable())).map(drop)
    }

    /// The same without waiting; false if the inbox is full.
    pub fn post(&self, user: RecordId, request: Request) -> bool {
        let Some(caller) = self.caller_of(user) else {
            return true;
        };
        self.inbox.post(
            Lane::Bulk,
            Submission {
                caller,
                command_id: None,
                request,
            },
        )
    }

    /// Logs a user out of Omni-Channel whose last session is the one of this hash (rest-api.md 12).
    /// False if the inbox is full: then the session must stay, or nobody would log the user out.
    pub fn leave_with(&self, user: RecordId, hash: &str, now: Millis) -> bool {
        let logout = Request::Presence(engine::PresenceRequest::Logout);
        self.login.has_other_session(user, hash, now) || self.post(user, logout)
    }

    /// Refuses sessions that may not use the API.
    pub fn caller(&self, token: &str) -> Result<Caller, Refusal> {
        let until = self.after(self.options.session_timeout);
        self.caller_for(self.login.session(token, self.now(), until))
    }

    /// The same for sessions of any scope.
    pub fn any_caller(&self, token: &str) -> Result<Caller, Refusal> {
        let until = self.after(self.options.session_timeout);
        self.caller_for(self.login.any_session(token, self.now(), until))
    }

    fn caller_for(&self, user: Option<RecordId>) -> Result<Caller, Refusal> {
        let refused = || Refusal::new(Code::InvalidSessionId, "Session expired or invalid");
        let entry = user
            .and_then(|user| self.active(user))
            .ok_or_else(refused)?;
        Ok(Caller {
            org: self.id,
            user: entry.id,
            rights: Arc::clone(&entry.rights),
            version: 64,
        })
    }

    pub async fn close_session(&self, token: &str) -> Result<(), Refusal> {
        let now = self.now();
        let Some(user) = self.login.any_session(token, now, now) else {
            return Ok(());
        };
        let hash = token::hash_hex(token);
        if !self.leave_with(user, &hash, now) {
            return Err(unavailable()); // the session stays, and so does the presence
        }
        self.note(user, vec![login::remove(Space::Session, hash)])
            .await
    }

    pub async fn authenticate(
        &self,
        username: &str,
        password: &str,
    ) -> Result<Arc<UserEntry>, Refusal> {
        let directory = self.directory();
        let id = directory.by_username.get(&username.to_lowercase());
        let user = id
            .and_then(|id| directory.users.get(id))
            .filter(|u| u.may_log_in());
        let stored = user.and_then(|u| self.login.credential(u.id));
        let stored = stored.unwrap_or_else(|| Arc::from(password::NOBODY));
        if password.len() > PASSWORD_MAX {
            return Err(refused_login());
        }
        let password = password.to_owned();
        let check = move |memory: &mut _| password::verify(&password, &stored, memory);
        let fits = self.passwords.work(check).await?;
        user.filter(|_| fits).cloned().ok_or_else(refused_login)
    }

    pub fn first_use(
        &self,
        center: RecordId,
        jti: &str,
        token: &str,
        expires: Millis,
    ) -> Result<bool, Refusal> {
        let key = format!("{}:{}", center.as_15(), token::hash_hex(jti));
        let note = match self.login.use_once(key.clone(), token, expires) {
            Ok(None) => return Ok(true),
            Ok(Some(note)) => note,
            Err(login::UsedByAnother) => return Ok(false),
        };
        if self.post(self.system_user, Request::Notes(vec![note])) {
            return Ok(true);
        }
        self.login.forget_use(&key); // a use that a restart forgets would let the id serve twice
        Err(unavailable())
    }

    pub async fn first_assertion(
        &self,
        client_id: &str,
        jti: &str,
        expires: Millis,
    ) -> Result<bool, Refusal> {
        let key = format!("assertion {client_id} {}", token::hash_hex(jti));
        let Ok(Some(note)) = self
            .login
            .use_once(key.clone(), &random(TOKEN_LENGTH)?, expires)
        else {
            return Ok(false);
        };
        let written = self.note(self.system_user, vec![note]).await;
        if written.is_err() {
            self.login.forget_use(&key);
        }
        written.map(|()| true)
    }
}

pub(crate) fn random(length: usize) -> Result<String, Refusal> {
    let failed = || Refusal::new(Code::UnknownException, "the system gives no random numbers");
    token::random(length).ok_or_else(failed)
}

/// How long a query may hold up the thread that serves connections. A record by its id or by an index takes
/// a tenth of it, and so is spared two changes of thread.
const AT_ONCE: Duration = Duration::from_micros(500);

/// Reading.
impl OrgInner {
    pub async fn query(
        &self,
        user: RecordId,
        plan: Authorized<QueryPlan>,
        page_size: usize,
    ) -> Result<Answer, Refusal> {
        let plan = plan.get();
        if !cursor::has_pages(plan) {
            return self.run(plan).await;
        }
        let mut probe = plan.clone();
        let more = page_size as u64 + 1;
        probe.limit = Some(plan.limit.map_or(more, |limit| limit.min(more)));
        let answer = self.run(&probe).await?;
        if answer.rows.len() <= page_size {
            return Ok(answer);
        }
        let ids = self.ids(plan).await?;
        let cursor = Arc::new(Cursor::new(user, Arc::new(plan.clone()), ids, page_size));
        let key = self.cursors.keep(Arc::clone(&cursor))?;
        self.page(&cursor, &key, 0).await
    }

    pub async fn query_more(&self, user: RecordId, locator: &str) -> Result<Answer, Refusal> {
        let (key, cursor, offset) = self.cursors.find(user, locator)?;
        self.page(&cursor, &key, offset).await
    }

    async fn page(&self, cursor: &Cursor, key: &str, offset: usize) -> Result<Answer, Refusal> {
        let (plan, end) = cursor.page(offset);
        let mut answer = self.run(&plan).await?;
        cursor.finish(&mut answer, key, end);
        Ok(answer)
    }

    pub async fn get(&self, plan: Authorized<QueryPlan>) -> Result<Option<AnswerRow>, Refusal> {
        let answer = self.run(plan.get()).await?;
        Ok(answer.rows.into_iter().next())
    }

    async fn ids(&self, plan: &QueryPlan) -> Result<Vec<RecordId>, Refusal> {
        let mut plan = cursor::ids_plan(plan);
        let bound = cursor::CURSOR_IDS_MAX as u64;
        plan.limit = Some(plan.limit.map_or(bound, |limit| limit.min(bound)));
        let answer = self.run(&plan).await?;
        let id = |row: &AnswerRow| match row.cells.first() {
            Some((_, Cell::Value(Value::Id(id)))) => Some(*id),
            _ => row.id,
        };
        Ok(answer.rows.iter().filter_map(id).collect())
    }

    /// At once, on the thread that asks, if that takes no time to speak of; else on a reader's thread.
    async fn run(&self, plan: &QueryPlan) -> Result<Answer, Refusal> {
        let catalogue = &self.catalogue;
        let at_once = |reader: &mut Reader| reader.query_within(AT_ONCE, plan, catalogue);
        match self.readers.try_here(at_once) {
            None | Some(Err(QueryError::TimedOut(_))) => {}
            Some(answer) => return answer.map_err(refuse),
        }
        let (plan, catalogue) = (plan.clone(), Arc::clone(catalogue));
        let read = move |reader: &mut Reader| reader.query(&plan, &catalogue).map_err(refuse);
        self.readers.run(read).await
    }

    pub async fn explain(&self, plan: Authorized<QueryPlan>) -> Result<Vec<QueryWay>, Refusal> {
        let catalogue = Arc::clone(&self.catalogue);
        let plan = plan.get().clone();
        let read = move |reader: &mut Reader| reader.explain(&plan, &catalogue).map_err(refuse);
        self.readers.run(read).await
    }

    /// The same for threads that may block.
    pub fn run_blocking(&self, plan: QueryPlan) -> Result<Answer, Refusal> {
        let catalogue = Arc::clone(&self.catalogue);
        let read = move |reader: &mut Reader| reader.query(&plan, &catalogue).map_err(refuse);
        self.readers.run_blocking(read)
    }
}

fn refuse(error: QueryError) -> Refusal {
    let text = error.to_string();
    match error {
        QueryError::TimedOut(_) => Refusal::new(
            Code::QueryTimeout,
            "Your query request was running for too long.",
        ),
        QueryError::TooManyRows(_) => Refusal::new(Code::OperationTooLarge, text),
        QueryError::TooComplicated(_) => Refusal::new(Code::QueryTooComplicated, text),
        QueryError::Read(cause) => {
            tracing::error!(%cause, "a query could not read the store");
            Refusal::new(Code::UnknownException, "An unexpected error occurred")
        }
    }
}

/// Ending.
impl OrgInner {
    pub async fn shutdown(self: &Arc<Self>) {
        let inner = Arc::clone(self);
        let stop = tokio::task::spawn_blocking(move || inner.stop());
        if stop.await.is_err() {
            tracing::error!("a thread of the org did not end well");
        }
    }

    /// Writes what was counted, if something was.
    pub fn keep_usage(&self) {
        if let Some(note) = self.usage.note()
            && !self.post(self.system_user, Request::Notes(vec![note]))
        {
            self.usage.again();
        }
    }

    /// The same for threads that may block.
    pub fn stop(&self) {
        self.is_ready.store(false, Ordering::Relaxed);
        self.keep_usage();
        self.inbox.stop();
        for thread in self.threads.lock().drain(..) {
            thread.thread().unpark();
            let _ = thread.join(); // a thread that panicked has said so in the log
        }
        self.readers.stop();
        self.hub.close();
    }
}

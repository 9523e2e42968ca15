//! The only way into a running org: cheap to clone, safe to share, free of rules.
//!
//! Writes go through [`OrgHandle::submit`] to the writer thread, reads with a proof of access go to the
//! reader pool, console events come out of the hub. Nothing here decides anything.

use std::sync::Arc;

use engine::{Authorized, Caller, Directory, Engine, Reply, Submission, UserEntry};
use lang::plan::QueryPlan;
use model::{Answer, AnswerRow, Catalogue, Code, Millis, QueryWay, RecordId, Refusal};

use crate::app::App;
use crate::hub::Subscription;
use crate::inbox::Lane;
use crate::org::OrgInner;
use crate::registry::Connection;
use crate::usage::Used;

/// A running org.
#[derive(Clone)]
pub struct OrgHandle {
    pub(crate) inner: Arc<OrgInner>,
}

/// Writing.
impl OrgHandle {
    /// Hands a command to the writer; answers after the commit that made it durable.
    ///
    /// # Errors
    /// What the engine refuses, or [`Code::ServerUnavailable`]: at once if the inbox is full, later if
    /// the commit failed and its outcome is unknown (safe to repeat with the same command id).
    pub async fn submit(&self, submission: Submission) -> Result<Reply, Refusal> {
        self.submit_in(Lane::Interactive, submission).await
    }

    /// The same in a chosen lane; bulk work gets at most a quarter of a batch while others wait.
    ///
    /// # Errors
    /// As for [`OrgHandle::submit`].
    pub async fn submit_in(&self, lane: Lane, submission: Submission) -> Result<Reply, Refusal> {
        let reply = self.inner.inbox.push(lane, submission)?;
        reply.await.unwrap_or_else(|_| Err(unavailable()))
    }

    /// Runs a closure on the writer thread between two batches: it sees committed state only.
    ///
    /// # Errors
    /// [`Code::ServerUnavailable`] if the org is stopping or the inbox is full.
    pub async fn inspect<T, F>(&self, look: F) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: FnOnce(&Engine) -> T + Send + 'static,
    {
        let (sender, answer) = tokio::sync::oneshot::channel();
        self.inner.inbox.push_look(Box::new(move |engine| {
            let _ = sender.send(look(engine)); // a caller that went away is no error
        }))?;
        answer.await.map_err(|_| unavailable())
    }
}

/// Reading.
impl OrgHandle {
    /// The org's id (`00D...`).
    pub fn id(&self) -> RecordId {
        self.inner.id
    }

    /// The org's name.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// Objects and fields.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        Arc::clone(&self.inner.catalogue)
    }

    /// Users and their rights as of the last commit that changed configuration.
    pub fn directory(&self) -> Arc<Directory> {
        self.inner.directory()
    }

    /// The user of this name, in any case.
    pub fn user(&self, username: &str) -> Option<Arc<UserEntry>> {
        let directory = self.directory();
        let id = directory.by_username.get(&username.to_lowercase())?;
        directory.users.get(id).cloned()
    }

    /// The org's time: passes evenly, never runs back, approaches the wall clock slowly.
    pub fn now(&self) -> Millis {
        self.inner.now()
    }

    /// The wall clock: for tokens that other machines made or will check, and for nothing else.
    pub fn wall(&self) -> Millis {
        self.inner.wall()
    }

    /// Counts one more use and gives the number of the last 24 hours. Survives a restart.
    pub fn count_use(&self, what: Used) -> u64 {
        self.inner.usage.count(what, self.now())
    }

    /// Uses in the last 24 hours.
    pub fn used(&self, what: Used) -> u64 {
        self.inner.usage.used(what, self.now())
    }

    /// Megabytes that the org's store takes on its disk, and how many are free there.
    pub fn storage_mb(&self) -> (u64, u64) {
        let options = &self.inner.options;
        let file = options.data_dir.join(&self.inner.file);
        let size = std::fs::metadata(file).map_or(0, |file| file.len());
        let free = rustix::fs::statvfs(&options.data_dir)
            .map_or(0, |disk| disk.f_bavail.saturating_mul(disk.f_frsize));
        (size.div_ceil(1 << 20), free >> 20)
    }

    /// First page of a query. More than `page_size` rows make a cursor of `user`.
    ///
    /// # Errors
    /// What the store refuses (time-out, too complicated) or [`Code::ServerUnavailable`].
    pub async fn query(
        &self,
        user: RecordId,
        plan: Authorized<QueryPlan>,
        page_size: usize,
    ) -> Result<Answer, Refusal> {
        self.inner.query(user, plan, page_size).await
    }

    /// How a query would find its rows, the store's own way first.
    ///
    /// # Errors
    /// As for [`OrgHandle::query`].
    pub async fn explain(&self, plan: Authorized<QueryPlan>) -> Result<Vec<QueryWay>, Refusal> {
        self.inner.explain(plan).await
    }

    /// The next page of a cursor: `01gXXXXXXXXXXXXXXX-2000`.
    ///
    /// # Errors
    /// [`Code::InvalidQueryLocator`] for a locator that is unknown, expired or another user's.
    pub async fn query_more(&self, user: RecordId, locator: &str) -> Result<Answer, Refusal> {
        self.inner.query_more(user, locator).await
    }

    /// One record by a plan that asks for one.
    ///
    /// # Errors
    /// As for [`OrgHandle::query`].
    pub async fn get(&self, plan: Authorized<QueryPlan>) -> Result<Option<AnswerRow>, Refusal> {
        self.inner.get(plan).await
    }
}

/// Log-in.
impl OrgHandle {
    /// The sender behind a session token, with API version 64; sets the sliding expiry forward.
    ///
    /// # Errors
    /// [`Code::InvalidSessionId`].
    pub fn caller(&self, token: &str) -> Result<Caller, Refusal> {
        self.inner.caller(token)
    }

    /// The sender of what a checked integration (a telephony provider) asks for: the org's own user.
    pub fn integration_caller(&self) -> Option<Caller> {
        self.inner.caller_of(self.inner.system_user)
    }

    /// Ends a session; the last one of a user logs out of Omni-Channel. Unknown tokens are no error.
    ///
    /// # Errors
    /// As for [`OrgHandle::submit`].
    pub async fn close_session(&self, token: &str) -> Result<(), Refusal> {
        self.inner.close_session(token).await
    }

    /// Seconds that an unused session lives.
    pub fn session_timeout_s(&self) -> u64 {
        self.inner.options.session_timeout.as_secs()
    }

    /// The user, if name and password fit and the user is active. Runs argon2id on a blocking thread and
    /// takes as long for a user that does not exist.
    ///
    /// # Errors
    /// [`Code::InvalidLogin`], the same for every cause.
    pub async fn authenticate(
        &self,
        username: &str,
        password: &str,
    ) -> Result<Arc<UserEntry>, Refusal> {
        self.inner.authenticate(username, password).await
    }

    /// The connected app of a client id.
    pub fn app(&self, client_id: &str) -> Option<Arc<App>> {
        self.inner.login.app(client_id)
    }

    /// True if a telephony token may be used: its id is new for this centre, or the token is byte for
    /// byte the one that used it first (telephony.md TEL4.7). Remembers the id until `expires`.
    ///
    /// # Errors
    /// [`Code::ServerUnavailable`] if that cannot be remembered now; the token may come again.
    pub fn first_use(
        &self,
        center: RecordId,
        jti: &str,
        token: &str,
        expires: Millis,
    ) -> Result<bool, Refusal> {
        self.inner.first_use(center, jti, token, expires)
    }

    /// True if no assertion with this id came from this app before. Remembers the id until `expires`,
    /// durably when this returns.
    ///
    /// # Errors
    /// As for [`OrgHandle::submit`].
    pub async fn first_assertion(
        &self,
        client_id: &str,
        jti: &str,
        expires: Millis,
    ) -> Result<bool, Refusal> {
        self.inner.first_assertion(client_id, jti, expires).await
    }
}

/// Consoles.
impl OrgHandle {
    /// Console events of one user, in commit order. With `after`, the kept events after that number come
    /// first; [`Subscription::is_complete`] says whether some were no longer kept.
    pub fn subscribe(&self, user: RecordId, after: Option<u64>) -> Subscription {
        self.inner.hub.subscribe(user, after)
    }

    /// Number of the last event of the org. Inside [`OrgHandle::inspect`] it fits the state that is seen:
    /// everything up to it is in, everything after it is not.
    pub fn last_event(&self) -> u64 {
        self.inner.hub.last()
    }

    /// Console events of all users, for supervisors and measuring.
    pub fn subscribe_all(&self) -> Subscription {
        self.inner.hub.subscribe_all()
    }

    /// Says that a console of the user is connected until the returned value is dropped. A user whose
    /// last console stays away longer than the grace loses the presence (R155).
    pub fn connect(&self, user: RecordId) -> Connection {
        self.inner.registry.connect(user)
    }

    /// Writes the gauges of the moment (waiting work, agents, sockets) to the metrics recorder; called
    /// before each scrape.
    pub async fn measure(&self) {
        self.inner.measure().await;
    }

    /// Stops taking commands, finishes those taken, closes the store. Idempotent.
    pub async fn shutdown(&self) {
        self.inner.shutdown().await;
    }
}

/// The answer when the writer cannot take a command now.
pub fn unavailable() -> Refusal {
    Refusal::new(
        Code::ServerUnavailable,
        "The server is busy or restarting; try again in a moment",
    )
}

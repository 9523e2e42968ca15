//! Log-in through the handle: sessions, refresh tokens, passwords, connected apps, policies, and what is
//! written down about them. Every change is one commit of hidden rows and their audit rows.

use std::sync::Arc;

use engine::{AuditRow, Request, Submission, UserEntry};
use model::{Code, Note, RecordId, Refusal, Space, Value};

use crate::app::App;
use crate::handle::{OrgHandle, unavailable};
use crate::inbox::Lane;
use crate::login::{self, Origin, SessionInfo};
use crate::org::{OrgInner, TOKEN_LENGTH, random};
use crate::password;
use crate::policy::{self, PASSWORD_MAX, SecurityPolicy};
use crate::token;

/// Notes of one command.
const NOTES_MAX: usize = 200;

impl OrgInner {
    /// Writes hidden rows and what is written down about them.
    async fn audited(
        &self,
        user: RecordId,
        notes: Vec<Note>,
        rows: Vec<AuditRow>,
    ) -> Result<(), Refusal> {
        let caller = self.caller_of(user).ok_or_else(Refusal::not_found)?;
        let submission = Submission {
            caller,
            command_id: None,
            request: Request::Audited { notes, rows },
        };
        let reply = self.inbox.push(Lane::Interactive, submission)?;
        reply.await.unwrap_or_else(|_| Err(unavailable())).map(drop)
    }

    /// Ends sessions; users without another one leave Omni-Channel.
    async fn end_sessions(&self, ended: Vec<(RecordId, Note)>) -> Result<usize, Refusal> {
        let now = self.now();
        for (user, note) in &ended {
            if !self.leave_with(*user, &note.key, now) {
                return Err(unavailable()); // the sessions stay; ending them again is safe
            }
        }
        let notes: Vec<Note> = ended.into_iter().map(|(_, note)| note).collect();
        for chunk in notes.chunks(NOTES_MAX) {
            self.note(self.system_user, chunk.to_vec()).await?;
        }
        Ok(notes.len())
    }
}

/// One line of SetupAuditTrail.
fn trail(action: &str, section: &str, display: String) -> AuditRow {
    AuditRow {
        object: "SetupAuditTrail",
        values: vec![
            ("Action", Value::from(action)),
            ("Section", Value::from(section)),
            ("Display", Value::from(clip(&display, 1_000))),
        ],
    }
}

/// One line of LoginHistory.
fn history(user: RecordId, origin: &Origin<'_>, status: &str) -> AuditRow {
    let app = if origin.app_name.is_empty() {
        "N/A"
    } else {
        origin.app_name
    };
    AuditRow {
        object: "LoginHistory",
        values: vec![
            ("UserId", Value::Id(user)),
            ("Application", Value::from(clip(app, 64))),
            ("Browser", Value::from(clip(origin.browser, 255))),
            ("LoginType", Value::from(clip(origin.kind, 64))),
            ("LoginUrl", Value::from(clip(origin.url, 120))),
            ("SourceIp", Value::from(clip(origin.from, 39))),
            ("Status", Value::from(status)),
        ],
    }
}

fn clip(text: &str, max: usize) -> &str {
    text.char_indices()
        .nth(max)
        .map_or(text, |(end, _)| &text[..end])
}

/// Sessions.
impl OrgHandle {
    /// A new session of a user, durable when this returns. `app` is the client id it came through.
    ///
    /// # Errors
    /// As for [`OrgHandle::submit`].
    pub async fn open_session(&self, user: RecordId, app: Option<&str>) -> Result<String, Refusal> {
        let origin = Origin {
            app,
            ..Origin::default()
        };
        let (token, note) = self.session_note(user, &origin)?;
        self.inner.note(user, vec![note]).await?;
        Ok(token)
    }

    /// The same for a log-in that LoginHistory shall tell of.
    ///
    /// # Errors
    /// As for [`OrgHandle::submit`].
    pub async fn log_in(&self, user: RecordId, origin: &Origin<'_>) -> Result<String, Refusal> {
        let (token, note) = self.session_note(user, origin)?;
        let rows = vec![history(user, origin, "Success")];
        self.inner.audited(user, vec![note], rows).await?;
        Ok(token)
    }

    fn session_note(&self, user: RecordId, origin: &Origin<'_>) -> Result<(String, Note), Refusal> {
        let inner = &self.inner;
        let token = format!("{}!{}", inner.id.as_15(), random(TOKEN_LENGTH)?);
        let until = inner.after(inner.options.session_timeout);
        let note = login::session_note(&token, user, origin, inner.now(), until);
        Ok((token, note))
    }

    /// Writes a log-in down without waiting: one that failed, or whose session is opened elsewhere.
    pub fn note_login(&self, user: RecordId, origin: &Origin<'_>, status: &str) {
        let request = Request::Audited {
            notes: Vec::new(),
            rows: vec![history(user, origin, status)],
        };
        self.inner.post(user, request);
    }

    /// What is known of a live session; does not keep it alive.
    pub fn session_info(&self, token: &str) -> Option<SessionInfo> {
        self.inner.login.info(token, self.now())
    }

    /// Live sessions of a user, or of all; at most `max`, newest first.
    pub fn sessions(&self, user: Option<RecordId>, max: usize) -> Vec<SessionInfo> {
        let wanted = |info: &SessionInfo| user.is_none_or(|user| info.user == user);
        self.inner.login.sessions(self.now(), max, wanted)
    }

    /// Ends the session of this key, if it is one of the user's or `user` is none; false if there is none.
    ///
    /// # Errors
    /// As for [`OrgHandle::submit`].
    pub async fn end_session(&self, key: &str, user: Option<RecordId>) -> Result<bool, Refusal> {
        let wanted =
            |info: &SessionInfo| info.key == key && user.is_none_or(|user| info.user == user);
        let ended = self.inner.login.endings(wanted);
        Ok(self.inner.end_sessions(ended).await? > 0)
    }

    /// Comes back when the session of this token has ended, at once if there is none: open streams and
    /// sockets end with their session.
    pub async fn session_ended(self, token: std::sync::Arc<str>) {
        if let Some(mut end) = self.inner.login.end_of(&token) {
            while end.changed().await.is_ok() {}
        }
    }
}

/// Refresh tokens and consents.
impl OrgHandle {
    /// A new refresh token for a user and app, with all scopes.
    ///
    /// # Errors
    /// As for [`OrgHandle::submit`].
    pub async fn issue_refresh(&self, user: RecordId, app: &str) -> Result<String, Refusal> {
        self.issue_refresh_for(user, app, None).await
    }

    /// A new refresh token with these scopes.
    ///
    /// # Errors
    /// As for [`OrgHandle::submit`].
    pub async fn issue_refresh_for(
        &self,
        user: RecordId,
        app: &str,
        scope: Option<&str>,
    ) -> Result<String, Refusal> {
        let token = format!("5Aep861{}", random(TOKEN_LENGTH)?);
        let until = self.inner.after(self.inner.options.refresh_timeout);
        let note = login::refresh_note(&token, user, app, scope, until);
        self.inner.note(user, vec![note]).await?;
        Ok(token)
    }

    /// User of a refresh token that was issued to this app and is still good.
    pub fn redeem_refresh(&self, token: &str, app: &str) -> Option<Arc<UserEntry>> {
        self.redeem(token, app).map(|(user, _)| user)
    }

    /// The same with the scopes of the token; none means all of the app's.
    pub fn redeem(&self, token: &str, app: &str) -> Option<(Arc<UserEntry>, Option<String>)> {
        let found = self.inner.login.refresh(token, app, self.now())?;
        Some((self.inner.active(found.user)?, found.scope))
    }

    /// True if this is a refresh token of the org.
    pub fn knows_refresh(&self, token: &str) -> bool {
        self.inner.login.refresh_owner(token).is_some()
    }

    /// Ends a refresh token and the sessions that it gave.
    ///
    /// # Errors
    /// As for [`OrgHandle::submit`].
    pub async fn revoke_refresh(&self, token: &str) -> Result<(), Refusal> {
        let Some(user) = self.inner.login.refresh_owner(token) else {
            return Ok(());
        };
        let note = login::remove(Space::Refresh, token::hash_hex(token));
        self.inner.note(user, vec![note]).await?;
        let ended = self.inner.login.endings_of_refresh(token);
        self.inner.end_sessions(ended).await.map(drop)
    }

    /// Ends a refresh token alone: its sessions live on with its successor.
    ///
    /// # Errors
    /// As for [`OrgHandle::submit`].
    pub async fn retire_refresh(&self, token: &str) -> Result<(), Refusal> {
        let user = self.inner.system_user;
        let note = login::remove(Space::Refresh, token::hash_hex(token));
        self.inner.note(user, vec![note]).await
    }

    /// True if the user lets the app act for it.
    pub fn has_consent(&self, app: &App, user: RecordId) -> bool {
        app.is_preauthorized || self.inner.login.has_consent(&app.client_id, user)
    }

    /// Remembers that the user lets the app act for it.
    ///
    /// # Errors
    /// As for [`OrgHandle::submit`].
    pub async fn consent(&self, app: &str, user: RecordId) -> Result<(), Refusal> {
        let note = Note {
            space: Space::App,
            key: login::consent_key(app, user),
            value: Some(self.now().0.to_string()),
        };
        self.inner.note(user, vec![note]).await
    }
}

/// Passwords and policies.
impl OrgHandle {
    /// Stores a new password, if the policy of the org takes it.
    ///
    /// # Errors
    /// What is wrong with the password; else as for [`OrgHandle::submit`].
    pub async fn set_password(&self, user: RecordId, password: &str) -> Result<(), Refusal> {
        let policy = self.policy();
        check_length(password, policy.password_min())?;
        let inner = &self.inner;
        let current = inner.login.credential(user).map(|c| c.to_string());
        let mut earlier: Vec<String> = current.into_iter().collect();
        earlier.extend(inner.login.earlier(user));
        earlier.truncate(policy.history());
        let (password, old) = (password.to_owned(), earlier.clone());
        let work = move |memory: &mut _| {
            let mut is_used = |hash: &String| password::verify(&password, hash, memory);
            (!old.iter().any(&mut is_used)).then(|| password::hash_password(&password))
        };
        let hash = inner.passwords.work(work).await?;
        let used = || Refusal::new(Code::InvalidInput, "invalid repeated password");
        let hash = hash.ok_or_else(used)?.ok_or_else(unavailable)?;
        let mut notes = vec![Note {
            space: Space::Credential,
            key: user.as_15().to_owned(),
            value: Some(hash),
        }];
        if policy.history() > 0 {
            let key = login::earlier_key(user);
            notes.push(login::put(Space::Credential, key, &earlier));
        }
        inner.note(user, notes).await
    }

    /// Policies of the org.
    pub fn policy(&self) -> Arc<SecurityPolicy> {
        self.inner.login.policy()
    }

    /// New policies, set by `by`.
    ///
    /// # Errors
    /// What is wrong with them; else as for [`OrgHandle::submit`].
    pub async fn put_policy(&self, by: RecordId, policy: &SecurityPolicy) -> Result<(), Refusal> {
        let wrong = |text| Refusal::new(Code::InvalidInput, text);
        policy.check().map_err(wrong)?;
        let note = login::put(Space::Setting, policy::SETTING.to_owned(), policy);
        let line = trail(
            "changedSecurity",
            "Security",
            "Changed security policies".into(),
        );
        self.inner.audited(by, vec![note], vec![line]).await
    }

    /// The private key that signs id tokens (PEM), if there is one.
    pub fn signing_key(&self) -> Option<Arc<str>> {
        self.inner.login.signing_key()
    }

    /// Stores the private key that signs id tokens.
    ///
    /// # Errors
    /// As for [`OrgHandle::submit`].
    pub async fn put_signing_key(&self, pem: String) -> Result<(), Refusal> {
        let note = Note {
            space: Space::App,
            key: login::SIGNING_KEY.to_owned(),
            value: Some(pem),
        };
        self.inner.note(self.inner.system_user, vec![note]).await
    }
}

fn check_length(password: &str, min: usize) -> Result<(), Refusal> {
    let length = password.chars().count();
    if length < min {
        let message = format!("Your password must have a minimum {min} characters");
        return Err(Refusal::new(Code::InvalidInput, message));
    }
    if password.len() > PASSWORD_MAX {
        return Err(Refusal::new(
            Code::InvalidInput,
            "Your password is too long",
        ));
    }
    Ok(())
}

/// Connected apps.
impl OrgHandle {
    /// Creates or replaces a connected app.
    ///
    /// # Errors
    /// As for [`OrgHandle::submit`].
    pub async fn put_app(&self, app: &App) -> Result<(), Refusal> {
        self.save_app(self.inner.system_user, app).await
    }

    /// The same in the name of an administrator.
    ///
    /// # Errors
    /// As for [`OrgHandle::submit`].
    pub async fn save_app(&self, by: RecordId, app: &App) -> Result<(), Refusal> {
        let is_new = self.app(&app.client_id).is_none();
        let (action, verb) = match is_new {
            true => ("createdConnectedApp", "Created"),
            false => ("changedConnectedApp", "Changed"),
        };
        let line = trail(
            action,
            "Connected Apps",
            format!("{verb} connected app {}", app.name),
        );
        let note = login::put(Space::App, app.client_id.clone(), app);
        self.inner.audited(by, vec![note], vec![line]).await
    }

    /// Removes a connected app with its consents, tokens and sessions.
    ///
    /// # Errors
    /// As for [`OrgHandle::submit`].
    pub async fn remove_app(&self, by: RecordId, app: &App) -> Result<(), Refusal> {
        let (inner, id) = (&self.inner, app.client_id.as_str());
        let line = format!("Deleted connected app {}", app.name);
        let line = trail("deletedConnectedApp", "Connected Apps", line);
        let note = login::remove(Space::App, id.to_owned());
        inner.audited(by, vec![note], vec![line]).await?;
        let mut notes = inner.login.consent_endings(id);
        notes.extend(inner.login.refresh_endings(Some(id), None));
        for chunk in notes.chunks(NOTES_MAX) {
            inner.note(inner.system_user, chunk.to_vec()).await?;
        }
        let of_app = |info: &SessionInfo| info.app.as_deref() == Some(id);
        let ended = inner.login.endings(of_app);
        inner.end_sessions(ended).await.map(drop)
    }

    /// All connected apps, by client id.
    pub fn apps(&self) -> Vec<Arc<App>> {
        self.inner.login.apps()
    }
}

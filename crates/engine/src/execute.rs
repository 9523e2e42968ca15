//! One command from its request to its reply.

use model::{Code, Need, Note, RecordId, Refusal, Space, Value};
use routing::Command;

use crate::applied;
use crate::draft::{Draft, Planner, Stop};
use crate::engine::{Engine, ROUNDS_MAX};
use crate::request::{NODE_SPACES, PresenceRequest, Reply, Request, SaveOp, Submission, chunk_key};
use crate::rows::RowCache;
use crate::save::too_many_rounds;

pub(crate) type Executed = Result<Result<Reply, Refusal>, Vec<Need>>;

impl Engine {
    /// `Err` asks for rows; nothing of the operation at hand has happened then.
    pub(crate) fn execute(&mut self, submission: &Submission, rows: &RowCache) -> Executed {
        let key = submission
            .command_id
            .as_deref()
            .map(|id| applied::key_of(submission.caller.user, &submission.request, id));
        if let Some(key) = &key
            && self.batch.results.is_empty()
            && self.applied.knows(key)
        {
            return match self.current_note(rows, Space::Applied, key) {
                None => Err(vec![Need::Note(Space::Applied, key.clone())]),
                Some(text) => Ok(text
                    .and_then(|t| applied::decode_command(&t, &submission.request))
                    .unwrap_or_else(|| {
                        let message = "the stored reply cannot be read";
                        Err(Refusal::new(Code::UnknownException, message))
                    })),
            };
        }
        let reply = self.dispatch(submission, rows)?;
        if let (Some(key), Ok(reply)) = (key, &reply) {
            let value = applied::encode_command(&submission.request, reply, self.now);
            self.put_note(Note {
                space: Space::Applied,
                key: key.clone(),
                value: Some(value),
            });
            self.applied.add(key, self.now);
        }
        Ok(reply)
    }

    fn dispatch(&mut self, submission: &Submission, rows: &RowCache) -> Executed {
        match &submission.request {
            Request::Save { ops, all_or_none } => self.save(submission, ops, *all_or_none, rows),
            Request::Chunk { batch, number, ops } => {
                self.chunk(submission, (*batch, *number), ops, rows)
            }
            Request::Presence(request) => Ok(self.presence(submission.caller.user, request)),
            Request::Work { work, action } => self.work(submission, rows, *work, action),
            Request::Supervise(what) => self.supervise(submission, rows, what),
            Request::Settings(values) => Ok(self.put_settings(&submission.caller, values)),
            Request::Call(request) => {
                self.planned(submission, rows, |planner| planner.call(request))
            }
            Request::Notes(notes) => Ok(self.notes(notes)),
            Request::Audited { notes, rows } => {
                Ok(self.audited(notes, rows, submission.caller.user))
            }
        }
    }

    /// Saves the next rows of a batch, unless they were saved before (a lost answer, a crash between the
    /// commit and the one who waited for it).
    fn chunk(
        &mut self,
        submission: &Submission,
        (batch, number): (RecordId, u64),
        ops: &[SaveOp],
        rows: &RowCache,
    ) -> Executed {
        let key = chunk_key(batch);
        let Some(note) = self.current_note(rows, Space::Job, &key) else {
            return Err(vec![Need::Note(Space::Job, key)]);
        };
        let last = note.as_deref().and_then(applied::decode_chunk);
        if let Some((last, reply)) = last.filter(|(last, _)| *last >= number) {
            let passed = || Refusal::new(Code::InvalidOperation, "these rows were saved before");
            return Ok(if last == number {
                Ok(reply)
            } else {
                Err(passed())
            });
        }
        let reply = self.save(submission, ops, false, rows)?;
        if let Ok(reply) = &reply {
            self.put_note(Note {
                space: Space::Job,
                key,
                value: Some(applied::encode_chunk(number, reply, self.now)),
            });
        }
        Ok(reply)
    }

    /// Plans a command of one piece and carries it out.
    pub(crate) fn planned(
        &mut self,
        submission: &Submission,
        rows: &RowCache,
        plan: impl FnOnce(&mut Planner<'_>) -> Result<Reply, Stop>,
    ) -> Executed {
        self.refresh();
        let mut planner = Planner::new(self, rows, &submission.caller);
        match plan(&mut planner) {
            Ok(reply) => {
                let draft = planner.draft;
                Ok(self
                    .carry_out(draft, submission.caller.user)
                    .map(|()| reply)
                    .map_err(|(_, refusal)| refusal))
            }
            Err(Stop::Refused(refusal)) => Ok(Err(refusal)),
            Err(Stop::Miss) => {
                let misses = planner.misses;
                self.batch.rounds += 1;
                if self.batch.rounds > ROUNDS_MAX {
                    Ok(Err(too_many_rounds()))
                } else {
                    Err(misses)
                }
            }
        }
    }

    /// A command that is routing's alone.
    pub(crate) fn command(&mut self, user: RecordId, command: Command) -> Result<(), Refusal> {
        self.refresh();
        let mut draft = Draft::default();
        draft.routing.push((0, command));
        self.carry_out(draft, user).map_err(|(_, refusal)| refusal)
    }

    fn presence(&mut self, user: RecordId, request: &PresenceRequest) -> Result<Reply, Refusal> {
        match request {
            PresenceRequest::SetStatus(status) => self.command(
                user,
                Command::SetStatus {
                    user,
                    status: *status,
                },
            )?,
            PresenceRequest::SetNextStatus(status) => self.command(
                user,
                Command::SetNextStatus {
                    user,
                    status: *status,
                },
            )?,
            PresenceRequest::Logout | PresenceRequest::ConnectionLost => {
                self.refresh();
                if self.routing.presence_of(user).is_some() {
                    self.command(user, Command::Logout { user })?;
                }
            }
        }
        Ok(Reply::Presence(self.presence_of(user)))
    }

    pub(crate) fn notes(&mut self, notes: &[Note]) -> Result<Reply, Refusal> {
        let allowed = |n: &Note| NODE_SPACES.contains(&n.space) || n.space == Space::Setting;
        if !notes.iter().all(allowed) {
            return Err(Refusal::new(
                Code::InvalidInput,
                "these hidden rows are not the caller's to write",
            ));
        }
        for note in notes {
            if note.space == Space::Setting {
                match &note.value {
                    Some(value) => drop(self.settings.insert(note.key.clone(), value.clone())),
                    None => drop(self.settings.remove(&note.key)),
                }
                self.note_setting(&note.key);
            }
            self.put_note(note.clone());
        }
        Ok(Reply::Noted)
    }

    /// A first guess of the rows that a batch will want; reading them at once saves a round.
    pub fn needs(&self, batch: &[Submission]) -> Vec<Need> {
        let mut needs = Vec::new();
        for submission in batch {
            match &submission.request {
                Request::Save { ops, .. } => ops.iter().for_each(|op| self.guess(op, &mut needs)),
                Request::Chunk { batch, ops, .. } => {
                    needs.push(Need::Note(Space::Job, chunk_key(*batch)));
                    ops.iter().for_each(|op| self.guess(op, &mut needs));
                }
                Request::Call(request) => self.guess_call(request, &mut needs),
                Request::Work { work, action } => self.guess_work(*work, action, &mut needs),
                Request::Supervise(what) => self.guess_supervision(what, &mut needs),
                Request::Presence(_)
                | Request::Settings(_)
                | Request::Notes(_)
                | Request::Audited { .. } => {}
            }
        }
        needs
    }

    fn guess(&self, op: &SaveOp, needs: &mut Vec<Need>) {
        match op {
            SaveOp::Create { values, .. } => self.guess_references(values, needs),
            SaveOp::Update { object, id, values } => {
                self.guess_row(*object, *id, needs);
                self.guess_references(values, needs);
            }
            SaveOp::Upsert {
                object,
                by,
                key,
                values,
            } => {
                if !self.shapes.get(*object).is_resident && !key.is_null() {
                    needs.push(Need::Match(*object, *by, key.clone()));
                }
                self.guess_references(values, needs);
            }
            SaveOp::Delete { object, id } | SaveOp::Erase { object, id } => {
                self.guess_row(*object, *id, needs);
                let children = self.shapes.get(*object).inbound.iter();
                let routed = [self.known.request.ix, self.known.work.ix];
                let children = children.filter(|c| c.cascade && !routed.contains(&c.child));
                for child in children.filter(|c| !self.shapes.get(c.child).is_resident) {
                    needs.push(Need::Match(child.child, child.field, Value::Id(*id)));
                }
            }
            SaveOp::Undelete { id } => {
                if let Some(object) = self.catalogue.object_of(*id) {
                    self.guess_row(object, *id, needs);
                }
            }
            SaveOp::When { op, .. } => self.guess(op.bare(), needs),
            SaveOp::Refused(_) => {}
        }
    }

    pub(crate) fn guess_row(&self, object: model::ObjectIx, id: RecordId, needs: &mut Vec<Need>) {
        if self.catalogue.object_of(id) == Some(object) && !self.shapes.get(object).is_resident {
            needs.push(Need::Row(object, id));
        }
    }

    fn guess_references(&self, values: &[(model::FieldIx, Value)], needs: &mut Vec<Need>) {
        for id in values.iter().filter_map(|(_, v)| v.as_id()) {
            if let Some(object) = self.catalogue.object_of(id) {
                self.guess_row(object, id, needs);
            }
        }
    }

    /// Rows that the rest of a batch will want, as far as can be told before it runs.
    pub(crate) fn foresee(&self, batch: &[Submission], rows: &RowCache) -> Vec<Need> {
        let mut needs = Vec::new();
        for submission in batch {
            match &submission.request {
                Request::Save { ops, .. } | Request::Chunk { ops, .. } => {
                    needs.extend(self.foresee_save(submission, ops, rows));
                }
                Request::Call(request) => {
                    let mut planner = Planner::new(self, rows, &submission.caller);
                    drop(planner.call(request));
                    needs.append(&mut planner.misses);
                }
                Request::Presence(_)
                | Request::Work { .. }
                | Request::Supervise(_)
                | Request::Settings(_)
                | Request::Notes(_)
                | Request::Audited { .. } => {}
            }
        }
        needs
    }
}

//! One run: the writer on a store with faults, a workload, a clock that jumps, and the auditor.

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use engine::{Caller, Engine, ItemExplanation, OrgSpec, Submission};
use model::{Catalogue, KeyPrefix, Millis, RecordId, Space};
use node::{Done, Poisoned, Writer};
use store::{Contents, Fault, FaultPlan, SimStore, Store};

use crate::auditor::Auditor;
use crate::explained::Truth;
use crate::facts::no_id;
use crate::features::Features;
use crate::hidden::Hidden;
use crate::laws::{Breach, Law, Verdict, broken};
use crate::mutation::{Mutation, Tamper};
use crate::observe::{Seen, difference, notes_differ};
use crate::report::{Failure, Report};
use crate::rng::Rng;
use crate::schema::Schema;
use crate::setup::{self, Genesis, STAGES, Size};
use crate::step::{Batch, Sent};
use crate::workload::{Callers, Workload};

/// What to run.
#[derive(Clone, Copy)]
pub struct Run {
    /// Everything follows from it.
    pub seed: u64,
    /// Batches after the setup.
    pub steps: u64,
    /// A deliberate fault.
    pub mutation: Option<Mutation>,
    /// This step suffers this, and no other anything; else the seed decides.
    pub crash: Option<(u64, Fault)>,
}

impl Run {
    /// As the seed decides.
    pub fn new(seed: u64, steps: u64) -> Self {
        Self {
            seed,
            steps,
            mutation: None,
            crash: None,
        }
    }
}

/// Lines of the log that a failure shows.
const LOG_MAX: usize = 60;
/// A rebuilt engine is compared after every so many batches, and in every so many seeds after each.
const REBUILD_EVERY: u64 = 30;
const THOROUGH_EVERY: u64 = 20;

/// The engine is asked to explain itself after so many of 100 batches.
const EXPLAINED_PERCENT: u64 = 12;
/// And what it foretells is tried out on a copy after so many.
const FORETOLD_PERCENT: u64 = 2;
/// Units that an agent of such a copy suddenly has.
const ROOM: i64 = 60;

/// Runs one seed.
///
/// # Errors
/// The first law that did not hold.
pub fn run(catalogue: &Arc<Catalogue>, run: Run) -> Result<Report, Box<Failure>> {
    let mut step = 0;
    let mut sim = Sim::new(catalogue, run).map_err(|breach| {
        Box::new(Failure {
            seed: run.seed,
            step,
            breach,
            log: Vec::new(),
        })
    })?;
    while step < run.steps {
        step += 1;
        if let Err(breach) = sim.step(run.crash.map(|(at, fault)| (at == step, fault))) {
            let log = sim.log.into_iter().collect();
            return Err(Box::new(Failure {
                seed: run.seed,
                step,
                breach,
                log,
            }));
        }
    }
    match sim.end() {
        Ok(report) => Ok(report),
        Err(breach) => Err(Box::new(Failure {
            seed: run.seed,
            step,
            breach,
            log: Vec::new(),
        })),
    }
}

struct Sim {
    catalogue: Arc<Catalogue>,
    writer: Writer,
    auditor: Auditor,
    workload: Workload,
    rng: Rng,
    /// Shown by the wall; may run back.
    wall: Millis,
    contents: Contents,
    /// Commands whose answer was lost; their senders try again.
    again: Vec<Sent>,
    /// Faults in so many of 100 steps.
    fault_percent: u64,
    features: Features,
    is_thorough: bool,
    has_deadline: bool,
    log: VecDeque<String>,
    mutation: Option<Mutation>,
    report: Report,
}

struct Directory<'a>(&'a Engine);

impl Callers for Directory<'_> {
    fn caller(&self, user: RecordId) -> Option<Caller> {
        let rights = self.0.directory().user(user)?.rights.clone();
        Some(Caller {
            org: self.0.org(),
            user,
            rights,
            version: 64,
        })
    }
}

fn fail<T>(law: Law, what: impl Into<String>) -> Result<T, Breach> {
    Err(Breach {
        law,
        what: what.into(),
    })
}

fn open_writer(
    catalogue: &Arc<Catalogue>,
    contents: Contents,
    with_genesis: bool,
) -> Result<Writer, Breach> {
    let root = SimStore::with(contents, FaultPlan::none());
    let opener = Box::new(move || Ok(Store::Simulated(root.crash_and_reopen())));
    let spec = OrgSpec {
        id: RecordId::new(KeyPrefix::of("00D"), 1),
        name: "Simulated".to_owned(),
        admin_username: "admin@sim.example.com".to_owned(),
        password_hash: "none".to_owned(),
        apps: Vec::new(),
        now: setup::START,
    };
    let open = || -> anyhow::Result<Writer> {
        let genesis = if with_genesis {
            Some(engine::genesis(catalogue, &spec)?)
        } else {
            None
        };
        Ok(Writer::open(catalogue.clone(), opener, genesis)?)
    };
    open().map_err(|error| Breach {
        law: Law::Rebuild,
        what: format!("cannot open: {error:#}"),
    })
}

impl Sim {
    fn new(catalogue: &Arc<Catalogue>, run: Run) -> Result<Self, Breach> {
        let mut rng = Rng::new(run.seed);
        let schema = Schema::of(catalogue).map_err(|error| Breach {
            law: Law::Answer,
            what: format!("{error:#}"),
        })?;
        let writer = open_writer(catalogue, Contents::default(), true)?;
        let contents = contents_of(&writer);
        let Some(genesis) = find_genesis(&schema, &contents) else {
            return fail(Law::Answer, "the first batch has no profile for agents");
        };
        let size = Size::roll(&mut rng);
        let features = size.features;
        let workload = Workload::new(Rng::new(rng.number()), genesis, features);
        let fault_percent = rng.pick(&[0, 2, 5, 25]).unwrap_or(0);
        let mut sim = Self {
            catalogue: catalogue.clone(),
            auditor: Auditor::new(Arc::new(schema), catalogue.clone()),
            writer,
            workload,
            rng,
            wall: setup::START,
            contents: Contents::default(),
            again: Vec::new(),
            fault_percent: 0,
            features,
            is_thorough: [0, 3].contains(&(run.seed % THOROUGH_EVERY)),
            has_deadline: false,
            log: VecDeque::new(),
            mutation: None,
            report: Report::of(features),
        };
        sim.observe(Vec::new(), None, Vec::new(), contents)?;
        for stage in 0..STAGES {
            sim.set_up(stage, &size, &genesis)?;
        }
        sim.fault_percent = fault_percent;
        sim.mutation = run.mutation;
        Ok(sim)
    }

    /// One stage of the org; nothing of it may be refused.
    fn set_up(&mut self, stage: usize, size: &Size, genesis: &Genesis) -> Result<(), Breach> {
        let ops = setup::stage(stage, size, self.auditor.facts(), &mut self.rng, genesis);
        let admin = Directory(self.writer.engine()).caller(engine::administrator());
        let Some(caller) = admin else {
            return fail(Law::Answer, "there is no administrator");
        };
        let request = engine::Request::Save {
            ops,
            all_or_none: false,
        };
        let submission = Submission {
            caller,
            command_id: None,
            request,
        };
        let words = format!("stage {stage} of the setup");
        let sent = Sent {
            submission,
            words,
            is_repeat: false,
        };
        self.wall = self.wall.plus_s(1);
        let done = match self
            .writer
            .run_batch(std::slice::from_ref(&sent.submission), self.wall)
        {
            Ok(done) => done,
            Err(poisoned) => return fail(Law::Answer, format!("setup: {poisoned}")),
        };
        if let Some(Ok(engine::Reply::Saved(results))) = done.replies.first()
            && let Some((at, refusal)) = results
                .iter()
                .enumerate()
                .find_map(|(at, r)| Some((at, r.as_ref().err()?)))
        {
            return fail(
                Law::Answer,
                format!("setup stage {stage} row {at}: {refusal}"),
            );
        }
        let contents = contents_of(&self.writer);
        self.observe(vec![sent], Some(done), Vec::new(), contents)
    }

    fn step(&mut self, planned: Option<(bool, Fault)>) -> Result<(), Breach> {
        self.tick();
        let is_faulty = match planned {
            Some((is_due, fault)) => {
                if is_due {
                    self.inject(fault);
                }
                is_due
            }
            None => self.roll_fault()?,
        };
        let mut batch = std::mem::take(&mut self.again);
        let directory = Directory(self.writer.engine());
        let now = self.wall.max(self.writer.last().now);
        batch.extend(self.workload.batch(self.auditor.facts(), &directory, now));
        self.spoil_commands(&mut batch);
        for sent in &batch {
            self.note(&sent.words);
        }
        let before =
            (self.rng.percent(5) && !is_faulty).then(|| self.writer.engine().fingerprint());
        let submissions: Vec<Submission> = batch.iter().map(|s| s.submission.clone()).collect();
        self.has_deadline = self.writer.next_deadline().is_some_and(|due| due <= now);
        let (writer, wall) = (&mut self.writer, self.wall);
        match catch_unwind(AssertUnwindSafe(|| writer.run_batch(&submissions, wall))) {
            Ok(Ok(done)) => {
                self.disarm();
                self.committed(batch, done, before.as_deref())
            }
            Ok(Err(poisoned)) => self.poisoned(batch, &poisoned, is_faulty),
            Err(panic) => fail(
                Law::Answer,
                format!("the writer panicked: {}", text_of(&*panic)),
            ),
        }
    }

    fn note(&mut self, line: &str) {
        let at = self.wall.max(self.writer.last().now).0 - setup::START.0;
        self.log.push_back(format!(
            "{:>10}.{:03} {line}",
            at / 1_000,
            at.rem_euclid(1_000)
        ));
        if self.log.len() > LOG_MAX {
            self.log.pop_front();
        }
    }

    /// Time passes, stands still, jumps ahead or back.
    fn tick(&mut self) {
        let (from, to) = match self.rng.below(100) {
            0..=49 => (0, 3_000),
            50..=69 => (0, 0),
            70..=79 => return self.wait_for_deadline(),
            80..=91 => (5_000, 60_000),
            _ if !self.features.clock_jumps => (0, 10_000),
            92..=95 => (60_000, 7_200_000),
            96..=97 => (-3_600_000, -1),
            98 => (-86_400_000, -3_600_000),
            _ => (80_000_000, 100_000_000),
        };
        self.wall = Millis(self.wall.0 + self.rng.between(from, to));
    }

    fn wait_for_deadline(&mut self) {
        if let Some(due) = self.writer.next_deadline() {
            self.wall = self.wall.max(due);
        }
    }

    fn roll_fault(&mut self) -> Result<bool, Breach> {
        if !self.rng.percent(self.fault_percent) {
            return Ok(false);
        }
        if self.rng.percent(20) {
            self.note("the machine dies between two batches");
            self.recover()?;
        } else {
            let all = [
                Fault::Refused,
                Fault::CrashBefore,
                Fault::CrashAfter,
                Fault::ReadFailed,
            ];
            let fault = self.rng.pick(&all).unwrap_or(Fault::Refused);
            self.inject(fault);
        }
        Ok(true)
    }

    fn inject(&mut self, fault: Fault) {
        self.note(&format!("the next batch suffers {fault:?}"));
        if let Some(Store::Simulated(store)) = self.writer.store() {
            store.inject(fault);
        }
    }

    /// A fault that found nothing to fail does not wait for a later batch.
    fn disarm(&self) {
        if let Some(Store::Simulated(store)) = self.writer.store() {
            store.set_faults(FaultPlan::none());
        }
    }

    fn committed(
        &mut self,
        batch: Vec<Sent>,
        done: Done,
        before: Option<&[String]>,
    ) -> Result<(), Breach> {
        self.report.commits += 1;
        let is_refused = !done.replies.is_empty() && done.replies.iter().all(Result::is_err);
        let contents = contents_of(&self.writer);
        let changed = difference(&self.contents, &contents);
        if let Some(before) = before
            && is_refused
            && !self.has_deadline
            && changed.is_empty()
        {
            self.compare(Law::Refusal, before, &self.writer.engine().fingerprint())?;
        }
        self.observe(batch, Some(done), changed, contents)?;
        if self.rng.percent(EXPLAINED_PERCENT) {
            self.check_explanations()?;
        }
        if self.rng.percent(FORETOLD_PERCENT) {
            self.check_forecast()?;
        }
        if self.is_thorough || self.report.commits.is_multiple_of(REBUILD_EVERY) {
            self.compare_rebuilt()?;
        }
        Ok(())
    }

    /// The outcome is unknown to everybody outside; the store says whether the batch landed.
    fn poisoned(
        &mut self,
        batch: Vec<Sent>,
        poisoned: &Poisoned,
        is_faulty: bool,
    ) -> Result<(), Breach> {
        if !is_faulty {
            return fail(
                Law::Answer,
                format!("the batch failed without a fault: {poisoned}"),
            );
        }
        self.note(&format!("failed: {poisoned}"));
        self.recover()?;
        let contents = contents_of(&self.writer);
        if contents.meta.seq == self.contents.meta.seq {
            if contents != self.contents {
                return fail(Law::Lost, "a batch that failed left something");
            }
        } else {
            self.note("it had landed");
            let changed = difference(&self.contents, &contents);
            self.observe(batch.clone(), None, changed, contents)?;
        }
        self.auditor.audit()?;
        let has_id = |s: &Sent| s.submission.command_id.is_some();
        for mut sent in batch.into_iter().filter(has_id) {
            if self.rng.percent(60) {
                sent.words = format!("tried again: {}", sent.words);
                sent.is_repeat = true;
                self.again.push(sent);
            }
        }
        Ok(())
    }

    fn recover(&mut self) -> Result<(), Breach> {
        self.report.crashes += 1;
        match self.writer.recover() {
            Ok(()) => Ok(()),
            Err(error) => fail(Law::Rebuild, format!("cannot recover: {error}")),
        }
    }

    /// Hands a committed batch to the auditor.
    fn observe(
        &mut self,
        sent: Vec<Sent>,
        done: Option<Done>,
        seen: Vec<crate::observe::Seen>,
        contents: Contents,
    ) -> Result<(), Breach> {
        let seen = if seen.is_empty() {
            difference(&self.contents, &contents)
        } else {
            seen
        };
        let (replies, events) = match done {
            Some(done) => (Some(done.replies), done.events),
            None => (None, Vec::new()),
        };
        let meta = contents.meta;
        let mut batch = Batch {
            seq: meta.seq,
            now: meta.now,
            sent,
            replies,
            events,
            seen,
            settings: settings_of(&contents),
            has_deadline: std::mem::take(&mut self.has_deadline),
            hidden: Hidden::of(&contents.notes),
        };
        if let Some(replies) = &batch.replies {
            for (sent, reply) in batch.sent.iter().zip(replies) {
                self.report.count(&sent.submission.request, reply.is_ok());
            }
            let lines: Vec<String> = replies
                .iter()
                .map(|r| format!("  answer: {}", short(r)))
                .collect();
            lines.iter().for_each(|line| self.note(line));
        }
        self.spoil_batch(&mut batch);
        let notes = notes_differ(&self.contents, &contents);
        self.contents = contents;
        let verdict = self.auditor.take(&batch);
        if verdict.is_err() {
            let rows: Vec<String> = batch.seen.iter().map(|s| self.describe(s)).collect();
            rows.iter().chain(&notes).for_each(|line| self.note(line));
        }
        verdict
    }

    fn check_explanations(&mut self) -> Verdict {
        let (auditor, now) = (&self.auditor, self.writer.last().now);
        let truth = Truth::at(auditor.facts(), auditor.history(), now);
        let (mutation, was_spoiled) = (self.mutation, &mut self.report.was_spoiled);
        let mut spoil = |said: &mut ItemExplanation| {
            if let Some(Mutation {
                tamper: Tamper::Words(tamper),
                ..
            }) = mutation
                && !*was_spoiled
            {
                *was_spoiled = tamper(said);
            }
        };
        let asked = truth.check(self.writer.engine(), &mut self.rng, &mut spoil)?;
        self.report.explained += asked;
        Ok(())
    }

    /// In a copy of the org agents suddenly have room: the explanation of the first item that finds an
    /// agent names the winner, and the next pass must offer it to that agent.
    fn check_forecast(&mut self) -> Verdict {
        let (auditor, schema) = (&self.auditor, self.auditor.facts().schema.clone());
        let k = schema.presence_config;
        let mut contents = self.contents.clone();
        let mut seen = Vec::new();
        for (key, row) in Arc::make_mut(&mut contents.rows).range_mut((k.ix, no_id())..) {
            if key.0 != k.ix {
                break;
            }
            let before = row.clone();
            Arc::make_mut(row).set(k.capacity, model::Value::Int(ROOM));
            seen.push(Seen {
                key: *key,
                before: Some(before),
                after: Some(row.clone()),
            });
        }
        let mut facts = auditor.facts().clone();
        facts.apply(&seen);
        let truth = Truth::at(&facts, auditor.history(), contents.meta.now);
        let Some((item, winner)) = truth.next() else {
            return Ok(());
        };
        let now = contents.meta.now;
        let mut copy = open_writer(&self.catalogue, contents.clone(), false)?;
        let said = copy.engine().explain_item(item, now, None).waiting;
        let named = said.and_then(|w| Some(w.winner?.id));
        if named != Some(winner) {
            let text = format!("{item} would go to {winner}, explained as {named:?}");
            return broken(Law::Explained, text);
        }
        if let Err(poisoned) = copy.run_batch(&[], now) {
            return broken(Law::Explained, format!("the copy failed: {poisoned}"));
        }
        let made = difference(&contents, &contents_of(&copy));
        let work = &schema.work;
        let mut offers = made
            .iter()
            .filter(|s| s.key.0 == work.ix && s.before.is_none());
        let offer = offers.find_map(|s| {
            s.after
                .as_ref()
                .filter(|r| r.get(work.item).as_id() == Some(item))
        });
        let user = offer.and_then(|r| r.get(work.user).as_id());
        if user != named {
            let text = format!("{item} was foretold for {named:?} and went to {user:?}");
            return broken(Law::Explained, text);
        }
        self.report.foretold += 1;
        Ok(())
    }

    /// Law: `rebuild(rows) == memory`.
    fn compare_rebuilt(&mut self) -> Verdict {
        self.report.rebuilds += 1;
        let mut contents = self.contents.clone();
        if let Some(Mutation {
            tamper: Tamper::Rows(tamper),
            ..
        }) = self.mutation
            && !self.report.was_spoiled
        {
            self.report.was_spoiled = tamper(&mut contents, self.auditor.facts());
        }
        let rebuilt = open_writer(&self.catalogue, contents, false)?;
        let (memory, rows) = (
            self.writer.engine().fingerprint(),
            rebuilt.engine().fingerprint(),
        );
        self.compare(Law::Rebuild, &memory, &rows)?;
        match self.writer.engine().check_invariants().first() {
            Some(wrong) => broken(Law::Rebuild, format!("the engine finds: {wrong}")),
            None => Ok(()),
        }
    }

    fn compare(&self, law: Law, one: &[String], other: &[String]) -> Verdict {
        // the first line is the number and time of the batch
        let only = |a: &[String], b: &[String]| -> Vec<String> {
            let known: std::collections::BTreeSet<&String> = b.iter().collect();
            let lines = a.iter().skip(usize::from(law == Law::Refusal));
            lines
                .filter(|l| !l.starts_with("applied") || law == Law::Rebuild)
                .filter(|l| !known.contains(l))
                .take(4)
                .map(|l| l.chars().take(600).collect())
                .collect()
        };
        let (lost, new) = (only(one, other), only(other, one));
        if lost.is_empty() && new.is_empty() {
            return Ok(());
        }
        broken(law, format!("only before: {lost:#?}; only after: {new:#?}"))
    }

    fn spoil_commands(&mut self, batch: &mut Vec<Sent>) {
        if let Some(Mutation {
            tamper: Tamper::Commands(tamper),
            ..
        }) = self.mutation
            && !self.report.was_spoiled
        {
            self.report.was_spoiled = tamper(batch);
        }
    }

    fn spoil_batch(&mut self, batch: &mut Batch) {
        if let Some(Mutation {
            tamper: Tamper::Batch(tamper),
            ..
        }) = self.mutation
            && !self.report.was_spoiled
        {
            self.report.was_spoiled = tamper(batch, self.auditor.facts());
        }
    }

    fn describe(&self, seen: &crate::observe::Seen) -> String {
        let (object, id) = seen.key;
        let def = self.catalogue.def(object);
        let mut words = format!("  {} {id}", def.name);
        let Some(after) = &seen.after else {
            return format!("{words} is gone");
        };
        for (field, value) in after.values() {
            let was = seen.before.as_ref().map(|b| b.get(*field));
            let name = &def.def(*field).name;
            let is_stamp = name.starts_with("LastModified") || name == "SystemModstamp";
            if was != Some(value) && !is_stamp && !matches!(value, model::Value::Bool(false)) {
                words.push_str(&format!(" {name}={value:?}"));
            }
        }
        words
    }

    /// The last checks.
    fn end(mut self) -> Result<Report, Breach> {
        self.compare_rebuilt()?;
        self.auditor.audit()?;
        self.report.figures = self.auditor.figures();
        Ok(self.report)
    }
}

fn contents_of(writer: &Writer) -> Contents {
    match writer.store() {
        Some(Store::Simulated(store)) => store.contents(),
        _ => Contents::default(),
    }
}

fn settings_of(contents: &Contents) -> BTreeMap<String, String> {
    let from = (Space::Setting, String::new());
    let rows = contents
        .notes
        .range(from..)
        .take_while(|((space, _), _)| *space == Space::Setting);
    rows.map(|((_, name), value)| (name.clone(), value.clone()))
        .collect()
}

/// The agents' profile and its permission set.
fn find_genesis(schema: &Schema, contents: &Contents) -> Option<Genesis> {
    let is_agent = |r: &&Arc<model::Record>| {
        r.get(schema.profile.name).as_text() == Some("Contact Center Agent")
    };
    let profile = contents.of(schema.profile.ix).find(is_agent)?.id;
    let of_profile =
        |r: &&Arc<model::Record>| r.get(schema.permission_set.profile).as_id() == Some(profile);
    let permission_set = contents.of(schema.permission_set.ix).find(of_profile)?.id;
    Some(Genesis {
        profile,
        permission_set,
    })
}

fn short(reply: &Result<engine::Reply, model::Refusal>) -> String {
    let text = match reply {
        Ok(reply) => format!("{reply:?}"),
        Err(refusal) => format!("refused, {refusal}"),
    };
    text.chars().take(300).collect()
}

fn text_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|t| (*t).to_owned()))
        .unwrap_or_default()
}

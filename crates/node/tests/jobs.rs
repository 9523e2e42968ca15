//! Bulk jobs on a real store: restarts in the middle, aborts, who may see them, queries. The rows are in a
//! notation of this test, because node knows none.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Lines, Read as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use engine::{Caller, Reply, Request, SaveOp, Submission};
use model::{AnswerRow, Catalogue, Code, FieldIx, ObjectIx, RecordId, Refusal, Value};
use node::jobs::{
    Event, Format, Job, JobError, JobKind, JobState, JobView, LoadRow, NewJob, Operation, Outcome,
    Rows,
};
use node::{Node, NodeOptions, OrgHandle, OrgSpec};

const ADMIN: &str = "ada@harbor.example";
const PATIENCE: Duration = Duration::from_secs(60);

/// One subject per line; `!` is a row that cannot be read, `!!` a file that cannot be read any further.
struct Subjects {
    /// After so many rows every further row waits, as if the disk were slow.
    brake: Arc<AtomicU64>,
}

struct Reading {
    lines: Lines<BufReader<File>>,
    subject: FieldIx,
    brake: Arc<AtomicU64>,
}

impl Rows for Reading {
    fn next(&mut self) -> Result<Option<Result<LoadRow, Refusal>>, String> {
        if self.brake.load(Ordering::Relaxed) == 0 {
            std::thread::sleep(Duration::from_millis(2));
        } else {
            self.brake.fetch_sub(1, Ordering::Relaxed);
        }
        Ok(match self.lines.next() {
            None => None,
            Some(Err(error)) => return Err(error.to_string()),
            Some(Ok(line)) if line == "!!" => return Err("the end".to_owned()),
            Some(Ok(line)) if line == "!" => Some(Err(Refusal::new(Code::InvalidInput, "no row"))),
            Some(Ok(line)) if line.starts_with("500") => {
                let id = RecordId::parse(&line).ok();
                Some(Ok(LoadRow {
                    id,
                    ..LoadRow::default()
                }))
            }
            Some(Ok(line)) => {
                let values = vec![(self.subject, Value::from(line))];
                Some(Ok(LoadRow {
                    values,
                    ..LoadRow::default()
                }))
            }
        })
    }
}

impl Format for Subjects {
    fn rows(
        &self,
        _: &Job,
        catalogue: &Arc<Catalogue>,
        input: File,
    ) -> Result<Box<dyn Rows>, String> {
        let (_, def) = catalogue.find("Case").ok_or("no Case")?;
        let subject = def.field("Subject").ok_or("no Subject")?;
        let lines = BufReader::new(input).lines();
        Ok(Box::new(Reading {
            lines,
            subject,
            brake: Arc::clone(&self.brake),
        }))
    }

    fn open(&self, _: &Job, columns: &[String], out: &mut Vec<u8>) {
        out.extend_from_slice(format!("{}\n", columns.join(",")).as_bytes());
    }

    fn row(&self, _: &Job, _: &AnswerRow, cells: &[&Value], _: bool, out: &mut Vec<u8>) {
        let cells: Vec<&str> = cells.iter().map(|v| v.as_text().unwrap_or("-")).collect();
        out.extend_from_slice(format!("{}\n", cells.join(",")).as_bytes());
    }

    fn close(&self, _: &Job, _: &mut Vec<u8>) {}
}

struct House {
    node: Node,
    org: OrgHandle,
    brake: Arc<AtomicU64>,
    dir: tempfile::TempDir,
}

impl House {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let node = Node::open(NodeOptions::new(dir.path())).unwrap();
        let spec = OrgSpec {
            name: "harbor".into(),
            admin_username: ADMIN.into(),
            admin_password: "correct horse".into(),
            apps: Vec::new(),
        };
        let org = node.create_org(spec).unwrap();
        Self::at_work(node, org, dir)
    }

    fn at_work(node: Node, org: OrgHandle, dir: tempfile::TempDir) -> Self {
        let brake = Arc::new(AtomicU64::new(u64::MAX));
        node.begin_jobs(Arc::new(Subjects {
            brake: Arc::clone(&brake),
        }));
        Self {
            node,
            org,
            brake,
            dir,
        }
    }

    fn restart(self) -> Self {
        self.node.stop();
        drop((self.node, self.org));
        let node = Node::open(NodeOptions::new(self.dir.path())).unwrap();
        let org = node.org(None).unwrap();
        Self::at_work(node, org, self.dir)
    }

    fn admin(&self) -> Caller {
        let user = self.org.user(ADMIN).unwrap();
        self.caller(user.id)
    }

    fn caller(&self, id: RecordId) -> Caller {
        let user = Arc::clone(self.org.directory().user(id).unwrap());
        Caller {
            org: self.org.id(),
            user: id,
            rights: Arc::clone(&user.rights),
            version: 64,
        }
    }

    fn wish(&self, kind: JobKind, operation: Operation, query: Option<&str>) -> NewJob {
        NewJob {
            kind,
            operation,
            object: "case".into(),
            external_id: None,
            query: query.map(str::to_owned),
            content_type: "CSV".into(),
            line_ending: "LF".into(),
            column_delimiter: "COMMA".into(),
            concurrency: "Parallel".into(),
        }
    }

    fn create(&self, operation: Operation) -> JobView {
        let wish = self.wish(JobKind::Ingest, operation, None);
        run(self.org.create_job(&self.admin(), wish)).unwrap()
    }

    /// A job with these lines, complete.
    fn load(&self, operation: Operation, lines: &[String]) -> RecordId {
        let id = self.create(operation).job.id;
        let room = self.org.begin_upload(&self.admin(), id).unwrap();
        room.create()
            .unwrap()
            .write_all(lines.join("\n").as_bytes())
            .unwrap();
        run(self.org.finish_upload(room)).unwrap();
        run(self.org.change_job(&self.admin(), id, Event::Complete)).unwrap();
        id
    }

    fn see(&self, id: RecordId) -> JobView {
        self.org.job(&self.admin(), id).unwrap()
    }

    fn wait(&self, id: RecordId, until: impl Fn(&JobView) -> bool) -> JobView {
        let end = Instant::now() + PATIENCE;
        loop {
            let view = self.see(id);
            if until(&view) {
                return view;
            }
            assert!(Instant::now() < end, "{view:?}");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn done(&self, id: RecordId) -> JobView {
        self.wait(id, |view| view.job.state.is_final())
    }

    fn outcomes(&self, view: &JobView) -> Vec<Outcome> {
        let files = self.org.job_files(view.batches[0].id);
        files.read_outcomes().unwrap().map(Result::unwrap).collect()
    }

    /// Subjects of all cases, in the order of their ids.
    fn subjects(&self) -> Vec<String> {
        let (_, text) = self.read("SELECT Subject FROM Case");
        text.lines().skip(1).map(str::to_owned).collect()
    }

    /// A query job, its view and its file.
    fn read(&self, soql: &str) -> (JobView, String) {
        let wish = self.wish(JobKind::Query, Operation::Query, Some(soql));
        let view = run(self.org.create_job(&self.admin(), wish)).unwrap();
        let view = self.done(view.job.id);
        let mut text = String::new();
        let files = self.org.job_files(view.batches[0].id);
        files.answer().unwrap().read_to_string(&mut text).unwrap();
        (view, text)
    }

    fn case(&self) -> (ObjectIx, FieldIx) {
        let catalogue = self.org.catalogue();
        let (object, def) = catalogue.find("Case").unwrap();
        (object, def.field("Subject").unwrap())
    }
}

fn run<T>(what: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async { tokio::time::timeout(PATIENCE, what).await.unwrap() })
}

fn lines(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("row {n:05}")).collect()
}

#[test]
fn a_load_goes_on_where_a_restart_stopped_it() {
    let mut house = House::new();
    let mut text = lines(1_950);
    text[777] = "!".to_owned();
    house.brake.store(300, Ordering::Relaxed);
    let id = house.load(Operation::Insert, &text);
    house.wait(id, |view| view.processed() >= 200);
    for _ in 0..3 {
        let before = house.see(id).processed();
        house = house.restart();
        house.brake.store(350, Ordering::Relaxed);
        house.wait(id, |view| {
            view.processed() >= before + 200 || view.job.state.is_final()
        });
    }
    house.brake.store(u64::MAX / 2, Ordering::Relaxed);
    let view = house.done(id);
    assert_eq!(
        (view.job.state, view.processed(), view.failed()),
        (JobState::JobComplete, 1_950, 1)
    );
    let mut expected = text.clone();
    expected.remove(777);
    assert_eq!(house.subjects(), expected);
    let outcomes = house.outcomes(&view);
    assert_eq!(outcomes.len(), text.len());
    assert!(matches!(&outcomes[777], Outcome::Failed(code, ..) if code == "INVALID_INPUT"));
    house.node.stop();
}

#[test]
fn a_chunk_that_is_handed_in_again_is_answered_and_not_repeated() {
    let house = House::new();
    let (object, subject) = house.case();
    let batch = RecordId::new(model::KeyPrefix::of("751"), 900);
    let chunk = |number: u64, text: &str| {
        let ops = vec![SaveOp::Create {
            object,
            values: vec![(subject, Value::from(text))],
        }];
        let request = Request::Chunk { batch, number, ops };
        let submission = Submission {
            caller: house.admin(),
            command_id: None,
            request,
        };
        run(house.org.submit(submission))
    };
    let first = chunk(1, "one").unwrap();
    assert_eq!(chunk(1, "other").unwrap(), first);
    let Reply::Saved(second) = chunk(2, "two").unwrap() else {
        panic!("no save")
    };
    assert!(second[0].as_ref().unwrap().created);
    assert_eq!(chunk(1, "one").unwrap_err().code, Code::InvalidOperation);
    assert_eq!(house.subjects(), ["one", "two"]);
    house.node.stop();
}

#[test]
fn an_abort_in_the_middle_keeps_what_is_done_and_stops() {
    let house = House::new();
    house.brake.store(450, Ordering::Relaxed);
    let id = house.load(Operation::Insert, &lines(3_000));
    house.wait(id, |view| view.processed() >= 200);
    let view = run(house.org.change_job(&house.admin(), id, Event::Abort)).unwrap();
    assert_eq!(view.job.state, JobState::Aborted);
    house.brake.store(u64::MAX / 2, Ordering::Relaxed);
    // another job runs to its end after the aborted one has left its place
    let other = house.load(Operation::Insert, &["last".to_owned()]);
    house.done(other);
    let done = house.outcomes(&house.see(id)).len();
    assert!(
        (200..3_000).contains(&done) && done.is_multiple_of(200),
        "{done}"
    );
    assert_eq!(house.subjects().len(), done + 1);
    let house = house.restart();
    assert_eq!(
        (house.see(id).job.state, house.see(id).processed()),
        (JobState::Aborted, done as u64)
    );
    run(house.org.delete_job(&house.admin(), id)).unwrap();
    assert_eq!(
        house.org.job(&house.admin(), id).unwrap_err(),
        JobError::NotFound
    );
    let house = house.restart();
    assert_eq!(
        house.org.job(&house.admin(), id).unwrap_err(),
        JobError::NotFound
    );
    house.node.stop();
}

#[test]
fn the_results_of_a_last_chunk_are_not_lost_with_its_job_aborted() {
    let house = House::new();
    house.brake.store(650, Ordering::Relaxed);
    let id = house.load(Operation::Insert, &lines(3_000));
    house.wait(id, |view| view.processed() >= 400);
    run(house.org.change_job(&house.admin(), id, Event::Abort)).unwrap();
    house.brake.store(u64::MAX / 2, Ordering::Relaxed);
    let House { node, org, dir, .. } = house;
    node.stop();
    drop((node, org));
    // as if the last chunk had been committed just before a crash
    let batch = std::fs::read_dir(dir.path().join("jobs"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let batch = std::fs::read_dir(batch)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let outcomes = batch.join("outcomes");
    let whole = std::fs::read_to_string(&outcomes).unwrap();
    let last = whole.trim_end().rfind('#').unwrap();
    let before = whole[..last].rfind('#').unwrap() + 3;
    std::fs::write(&outcomes, &whole[..before]).unwrap();
    let node = Node::open(NodeOptions::new(dir.path())).unwrap();
    let org = node.org(None).unwrap();
    let house = House::at_work(node, org, dir);
    assert_eq!(std::fs::read_to_string(&outcomes).unwrap(), whole);
    let view = house.see(id);
    assert_eq!(view.processed() as usize, house.subjects().len());
    assert_eq!(house.outcomes(&view).len(), house.subjects().len());
    house.node.stop();
}

#[test]
fn text_that_breaks_off_fails_the_job_after_the_rows_before_it() {
    let house = House::new();
    let mut text = lines(250);
    text.insert(230, "!!".to_owned());
    let view = house.done(house.load(Operation::Insert, &text));
    assert_eq!((view.job.state, view.processed()), (JobState::Failed, 230));
    assert_eq!(view.job.error.as_deref(), Some("the end"));
    house.node.stop();
}

#[test]
fn deleted_and_hard_deleted() {
    let house = House::new();
    let made = house.done(house.load(Operation::Insert, &lines(3)));
    let ids: Vec<String> = house
        .outcomes(&made)
        .iter()
        .map(|o| match o {
            Outcome::Saved(saved) => saved.id.to_string(),
            Outcome::Failed(..) => panic!("{o:?}"),
        })
        .collect();
    let unknown = "500000000000zzzAAA".to_owned();
    let view = house.done(house.load(Operation::Delete, &[ids[0].clone(), unknown]));
    assert_eq!((view.processed(), view.failed()), (2, 1));
    let view = house.done(house.load(Operation::HardDelete, &[ids[0].clone(), ids[1].clone()]));
    assert_eq!(
        (view.processed(), view.failed()),
        (2, 0),
        "{:?}",
        house.outcomes(&view)
    );
    let all = house.wish(
        JobKind::Query,
        Operation::QueryAll,
        Some("SELECT Subject FROM Case"),
    );
    let all = run(house.org.create_job(&house.admin(), all)).unwrap();
    assert_eq!(house.done(all.job.id).processed(), 1);
    house.node.stop();
}

#[test]
fn queries_read_every_row_once_in_pages_of_any_size() {
    let house = House::new();
    house.done(house.load(Operation::Insert, &lines(4_321)));
    let (view, text) = house.read("SELECT Subject FROM Case");
    assert_eq!((view.processed(), text.lines().count()), (4_321, 4_322));
    let files = house.org.job_files(view.batches[0].id);
    let page = files.page(4_000, 1_000).unwrap();
    assert_eq!((page.count, page.next), (321, None));
    assert_eq!(files.page(0, 1_000).unwrap().next, Some(1_000));
    assert_eq!(files.page(9_999, 10).unwrap().count, 0);
    let (_, text) = house.read("SELECT Subject FROM Case ORDER BY Subject DESC LIMIT 2500");
    let rows: Vec<&str> = text.lines().skip(1).collect();
    assert_eq!(
        (rows.len(), rows[0], rows[2_499]),
        (2_500, "row 04320", "row 01821")
    );
    let (_, text) = house.read("SELECT Subject FROM Case LIMIT 2100");
    assert_eq!(text.lines().count(), 2_101);
    for soql in [
        "SELECT COUNT() FROM Case",
        "SELECT Nope FROM Case",
        "SELECT Id FROM Case OFFSET 5",
        "x",
    ] {
        let wish = house.wish(JobKind::Query, Operation::Query, Some(soql));
        assert!(
            run(house.org.create_job(&house.admin(), wish)).is_err(),
            "{soql}"
        );
    }
    house.node.stop();
}

#[test]
fn a_job_is_seen_by_its_owner_and_by_administrators() {
    let house = House::new();
    let stranger = Caller {
        rights: Arc::default(),
        user: RecordId::new(model::KeyPrefix::of("005"), 999),
        ..house.admin()
    };
    let id = house.create(Operation::Insert).job.id;
    assert_eq!(
        house.org.job(&stranger, id).unwrap_err(),
        JobError::NotFound
    );
    assert!(house.org.begin_upload(&stranger, id).is_err());
    assert!(run(house.org.change_job(&stranger, id, Event::Abort)).is_err());
    assert!(run(house.org.delete_job(&stranger, id)).is_err());
    assert!(house.org.jobs(&stranger, None, 10).is_empty());
    assert_eq!(house.org.jobs(&house.admin(), None, 10).len(), 1);
    assert!(matches!(
        run(house.org.change_job(&house.admin(), id, Event::Complete)),
        Err(JobError::State(_))
    ));
    let room = house.org.begin_upload(&house.admin(), id).unwrap();
    assert!(matches!(
        house.org.begin_upload(&house.admin(), id),
        Err(JobError::State(_))
    ));
    drop(room);
    assert!(house.org.begin_upload(&house.admin(), id).is_ok());
    house.node.stop();
}

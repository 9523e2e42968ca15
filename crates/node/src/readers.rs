//! Reading connections: a few with a thread each, for queries of any length, and a few that a caller's own
//! thread borrows for a query that is over at once.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::JoinHandle;

use model::Refusal;
use parking_lot::{Condvar, Mutex};
use store::Reader;
use tokio::sync::oneshot;

use crate::handle::unavailable;

/// Queries that may wait; more are refused.
const WAITING_MAX: usize = 1_024;

type Job = Box<dyn FnOnce(&mut Reader) + Send>;

#[derive(Default)]
struct Queue {
    jobs: Mutex<(VecDeque<Job>, bool)>,
    ready: Condvar,
}

/// The pool.
pub(crate) struct Readers {
    queue: Arc<Queue>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// `None` once the org has ended.
    here: Vec<Mutex<Option<Reader>>>,
}

impl Readers {
    /// One thread per connection, and connections `here` for callers' own threads.
    pub fn start(readers: Vec<Reader>, here: Vec<Reader>) -> std::io::Result<Self> {
        let queue = Arc::<Queue>::default();
        let start = |(n, reader): (usize, Reader)| {
            let queue = Arc::clone(&queue);
            let name = format!("reader-{n}");
            std::thread::Builder::new()
                .name(name)
                .spawn(move || work(&queue, reader))
        };
        let threads = readers.into_iter().enumerate().map(start);
        let threads = Mutex::new(threads.collect::<std::io::Result<_>>()?);
        Ok(Self {
            queue,
            threads,
            here: here.into_iter().map(Some).map(Mutex::new).collect(),
        })
    }

    /// Runs `read` on this thread; `None` if every connection for that is taken, or if it failed.
    pub fn try_here<T>(&self, read: impl FnOnce(&mut Reader) -> T) -> Option<T> {
        let mut free = self.here.iter().find_map(Mutex::try_lock)?;
        let reader = free.as_mut()?;
        let run = std::panic::AssertUnwindSafe(|| read(reader));
        std::panic::catch_unwind(run).ok()
    }

    /// Runs `read` on a free connection.
    pub async fn run<T, F>(&self, read: F) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: FnOnce(&mut Reader) -> Result<T, Refusal> + Send + 'static,
    {
        self.begin(read)?
            .await
            .unwrap_or_else(|_| Err(unavailable()))
    }

    /// The same for threads that may block.
    pub fn run_blocking<T, F>(&self, read: F) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: FnOnce(&mut Reader) -> Result<T, Refusal> + Send + 'static,
    {
        self.begin(read)?
            .blocking_recv()
            .unwrap_or_else(|_| Err(unavailable()))
    }

    fn begin<T, F>(&self, read: F) -> Result<oneshot::Receiver<Result<T, Refusal>>, Refusal>
    where
        T: Send + 'static,
        F: FnOnce(&mut Reader) -> Result<T, Refusal> + Send + 'static,
    {
        let (sender, answer) = oneshot::channel::<Result<T, Refusal>>();
        self.push(Box::new(move |reader| {
            if !sender.is_closed() {
                let _ = sender.send(read(reader)); // the caller may have gone away
            }
        }))?;
        Ok(answer)
    }

    fn push(&self, job: Job) -> Result<(), Refusal> {
        let mut jobs = self.queue.jobs.lock();
        if jobs.1 || jobs.0.len() >= WAITING_MAX {
            return Err(unavailable());
        }
        jobs.0.push_back(job);
        self.queue.ready.notify_one();
        Ok(())
    }

    /// Ends the threads after the jobs they have.
    pub fn stop(&self) {
        self.queue.jobs.lock().1 = true;
        self.queue.ready.notify_all();
        for thread in self.threads.lock().drain(..) {
            let _ = thread.join(); // a reader that panicked has said so in the log
        }
        self.here.iter().for_each(|here| *here.lock() = None);
    }
}

fn work(queue: &Queue, mut reader: Reader) {
    while let Some(job) = next(queue) {
        let run = std::panic::AssertUnwindSafe(|| job(&mut reader));
        if std::panic::catch_unwind(run).is_err() {
            tracing::error!("a query failed inside the reader; its caller was answered 503");
        }
    }
}

fn next(queue: &Queue) -> Option<Job> {
    let mut jobs = queue.jobs.lock();
    loop {
        match jobs.0.pop_front() {
            Some(job) => return Some(job),
            None if jobs.1 => return None,
            None => queue.ready.wait(&mut jobs),
        }
    }
}

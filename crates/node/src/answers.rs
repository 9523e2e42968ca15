//! Hands the answers of a batch to their callers.
//!
//! Waking a task from outside its runtime costs a system call, and on a busy machine the woken thread takes
//! the writer's core at once. So a batch of answers goes over in one piece and a task inside the runtime
//! hands them out, where waking is cheap.

use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use crate::inbox::Answer;

/// An answer and the one who waits for it.
type Addressed = (oneshot::Sender<Answer>, Answer);

/// The way to the callers.
pub(crate) struct Answers {
    /// `None`: every caller is woken from here.
    postman: Option<mpsc::UnboundedSender<Vec<Addressed>>>,
}

impl Answers {
    /// With a runtime, a task of it hands the answers out.
    pub fn new(runtime: Option<&Handle>) -> Self {
        let postman = runtime.map(|runtime| {
            // bounded by the inbox: there is at most one answer per command it took
            let (sender, mut batches) = mpsc::unbounded_channel::<Vec<Addressed>>();
            runtime.spawn(async move {
                while let Some(batch) = batches.recv().await {
                    batch.into_iter().for_each(give);
                }
            });
            sender
        });
        Self { postman }
    }

    /// Delivers a batch of answers.
    pub fn deliver(&self, batch: Vec<Addressed>) {
        if batch.is_empty() {
            return;
        }
        match &self.postman {
            None => batch.into_iter().for_each(give),
            Some(postman) => {
                if let Err(undelivered) = postman.send(batch) {
                    undelivered.0.into_iter().for_each(give); // the runtime has ended
                }
            }
        }
    }
}

fn give((caller, answer): Addressed) {
    let _ = caller.send(answer); // the caller may have gone away; the command stands
}

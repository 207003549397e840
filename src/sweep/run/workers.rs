//! The pinned pool: workers take case after case until none is left.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use rayon::ThreadPool;

use crate::error::{Error, Result};
use crate::store::{CaseKey, Outcome, RecordSender};
use crate::sweep::pin::Cpus;
use crate::sweep::run::pool;
use crate::sweep::{Case, Solver, SolverBuffers};

/// The pool at work. Dropping it does not wait for running cases.
pub(super) struct Workers {
    /// A finished case each; closed when the last worker has stopped.
    pub(super) finished: Receiver<Finished>,
    stop: Arc<AtomicBool>,
    _pool: ThreadPool,
}

/// A case that came to an end.
pub(super) struct Finished {
    pub(super) key: CaseKey,
    pub(super) ending: Ending,
}

/// How a case ended.
pub(super) enum Ending {
    Solved,
    /// No layout can be found, for this reason. Stored.
    Failed(String),
    /// A fault of this program, in words. Not stored, so that a mended program tries again.
    Faulty(String),
}

/// What all workers share.
struct Job {
    solver: Arc<Solver>,
    cases: Vec<Case>,
    next: AtomicUsize,
    stop: Arc<AtomicBool>,
    records: RecordSender,
    finished: Sender<Finished>,
}

impl Workers {
    /// Starts `threads` workers on `cases`, pinned to `cpus` if any are given.
    pub(super) fn start(
        solver: Arc<Solver>,
        cases: Vec<Case>,
        threads: usize,
        cpus: Option<Cpus>,
        records: RecordSender,
    ) -> Result<Self> {
        let pool = pool::threads(threads, cpus)?;
        let (sender, finished) = channel();
        let stop = Arc::new(AtomicBool::new(false));
        let job = Job { solver, cases, next: AtomicUsize::new(0), stop: Arc::clone(&stop), records, finished: sender };
        pool.spawn_broadcast(move |context| job.work(context.index()));
        Ok(Self { finished, stop, _pool: pool })
    }

    /// Lets no worker start another case.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::SeqCst);
    }
}

impl Job {
    fn work(&self, worker: usize) {
        let mut buffers = SolverBuffers::default();
        while !self.stop.load(Ordering::SeqCst) {
            let Some(case) = self.cases.get(self.next.fetch_add(1, Ordering::SeqCst)) else {
                return;
            };
            let ending = match catch_unwind(AssertUnwindSafe(|| self.solver.solve(case, &mut buffers, &self.stop))) {
                Ok(None) => return,
                Ok(Some(record)) => {
                    let ending = match &record.outcome {
                        Outcome::Solved(_) => Ending::Solved,
                        Outcome::Failed { reason } => Ending::Failed(reason.clone()),
                    };
                    match self.records.send(worker, record) {
                        Ok(()) => ending,
                        // Numbers that no solution can have: a fault of this program, like a panic.
                        Err(Error::Unsound { reason, .. }) => Ending::Faulty(reason),
                        // The store has failed; whoever waits for it knows why.
                        Err(_) => return,
                    }
                }
                Err(panic) => Ending::Faulty(format!("panicked: {}", message(panic.as_ref()))),
            };
            if self.finished.send(Finished { key: case.key, ending }).is_err() {
                return;
            }
        }
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

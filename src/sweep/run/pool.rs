//! Threads, each pinned to its CPU.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::{Error, Result};
use crate::sweep::pin::Cpus;

/// Starts `threads` threads, pinned to `cpus` if any are given.
pub(super) fn threads(threads: usize, cpus: Option<Cpus>) -> Result<ThreadPool> {
    ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|worker| format!("worker-{worker}"))
        .start_handler(move |worker| {
            if let Some(Err(error)) = cpus.as_ref().map(|cpus| cpus.pin(worker)) {
                tracing::warn!("worker {worker} is not pinned to a CPU: {error}");
            }
        })
        .build()
        .map_err(|error| Error::Threads { threads, reason: error.to_string() })
}

/// Threads for jobs whose results are all waited for.
pub(crate) struct Pool(ThreadPool);

impl Pool {
    /// Starts `threads` threads, pinned to `cpus` if any are given.
    pub(crate) fn new(threads: usize, cpus: Option<Cpus>) -> Result<Self> {
        self::threads(threads, cpus).map(Self)
    }

    /// What `job` makes of each number below `n`, in their order. Meanwhile `attend` is called on the calling thread, every `interval` and
    /// after every job. A job's panic goes on here, when all jobs have ended.
    pub(crate) fn map<T: Send>(
        &self,
        n: usize,
        interval: Duration,
        job: impl Fn(usize) -> T + Sync,
        mut attend: impl FnMut(),
    ) -> Vec<T> {
        let next = AtomicUsize::new(0);
        let (sender, ended) = channel();
        let mut results: Vec<Option<T>> = (0..n).map(|_| None).collect();
        let mut panic: Option<Box<dyn Any + Send>> = None;
        self.0.in_place_scope(|scope| {
            let (next, job) = (&next, &job);
            scope.spawn_broadcast(move |_, _| {
                loop {
                    let k = next.fetch_add(1, Ordering::SeqCst);
                    // Nobody listens any more only if this scope is being left.
                    if k >= n || sender.send((k, catch_unwind(AssertUnwindSafe(|| job(k))))).is_err() {
                        return;
                    }
                }
            });
            let mut running = n;
            while running > 0 {
                if let Ok((k, result)) = ended.recv_timeout(interval) {
                    running -= 1;
                    match result {
                        Ok(result) => results[k] = Some(result),
                        Err(reason) => panic = Some(reason),
                    }
                }
                attend();
            }
        });
        if let Some(reason) = panic {
            resume_unwind(reason);
        }
        results.into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_order_whoever_made_them() {
        for threads in [1, 3] {
            let mut looks = 0;
            let squares =
                Pool::new(threads, None).expect("threads").map(20, Duration::from_millis(5), |k| k * k, || looks += 1);
            assert_eq!(squares, (0..20).map(|k| k * k).collect::<Vec<_>>());
            assert!(looks >= 20);
        }
    }

    #[test]
    fn a_panic_goes_on_when_all_have_ended() {
        let ended = AtomicUsize::new(0);
        let pool = Pool::new(2, None).expect("threads");
        let job = |k: usize| {
            ended.fetch_add(1, Ordering::SeqCst);
            assert_ne!(k, 1, "this one fails");
        };
        let result = catch_unwind(AssertUnwindSafe(|| pool.map(6, Duration::from_millis(5), job, || ())));
        assert!(result.is_err());
        assert_eq!(ended.load(Ordering::SeqCst), 6);
    }
}

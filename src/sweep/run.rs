//! A run: plan, solve on pinned threads, publish, merge.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::store::{CaseKey, Inventory, LockKind, MergeOptions, MergeReport, Provenance, Quarantined, RootFacts, RunWriter, Store};
use crate::sweep::pin::Cpus;
use crate::sweep::{Plan, Selection, Solver, Sweep};

mod interrupt;
mod workers;

pub use interrupt::Interrupt;
pub use workers::Finished;
use workers::Workers;

/// How a sweep is run.
#[derive(Debug, Clone)]
pub struct RunSettings {
    /// The part of the sweep to run.
    pub selection: Selection,
    /// Skip what is stored.
    pub hot_start: bool,
    /// Worker threads; none: one for each CPU that may be used.
    pub threads: Option<usize>,
    /// Pin the worker threads to CPUs.
    pub pin: bool,
    /// Time between merges while running; none: only at the end.
    pub merge_interval: Option<Duration>,
    /// Time between progress reports.
    pub progress_interval: Duration,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Cases asked for.
    pub total: usize,
    /// Of these, done before this run.
    pub before: usize,
    /// Solved or failed in this run.
    pub finished: usize,
    /// Of those, failed.
    pub failed: usize,
    /// Time since the first case started.
    pub elapsed: Duration,
}

/// Who is told how a run goes. Called on the thread that called [`run`], never by a worker.
pub trait Observer {
    /// The plan stands; nothing has started.
    fn planned(&mut self, plan: &Plan, threads: usize);
    /// Time for a report.
    fn progress(&mut self, progress: &Progress);
    /// A case failed, for this reason.
    fn case_failed(&mut self, key: CaseKey, reason: &str);
    /// An interrupt arrived; running cases are finished first.
    fn draining(&mut self);
    /// Shards are being merged.
    fn merging(&mut self);
}

/// What a run did.
#[derive(Debug)]
pub struct RunReport {
    /// Cases asked for.
    pub total: usize,
    /// Solved before this run.
    pub solved_before: usize,
    /// Failed before this run; they were not tried again.
    pub failed_before: Vec<CaseKey>,
    /// Solved by this run.
    pub solved: usize,
    /// Failed in this run, with the reason.
    pub failed: Vec<(CaseKey, String)>,
    /// Stored files that were not sound, and where they are now.
    pub quarantined: Vec<Quarantined>,
    /// The final merge; none if there was nothing to merge, or the run was interrupted.
    pub merge: Option<MergeReport>,
    /// The signal that ended the run early.
    pub interrupted_by: Option<i32>,
    /// Time from plan to end.
    pub elapsed: Duration,
}

/// Runs a sweep into a store.
///
/// After a second interrupt it returns at once, with cases still running on threads that the caller must end by ending the process;
/// finished cases are published all the same.
///
/// # Errors
/// Bad input before anything starts, OUTPUT in use, a disk that refuses to write. What was published before stays.
pub fn run(sweep: &Sweep, store: &Store, settings: &RunSettings, interrupt: &Interrupt, observer: &mut dyn Observer) -> Result<RunReport> {
    store.preflight()?;
    let whole = settings.selection == Selection::default();
    let _lock = store.lock(if whole { LockKind::WholeSweep } else { LockKind::Part })?;
    let inventory = if settings.hot_start { store.scan()? } else { Inventory::default() };
    let plan =
        if settings.hot_start { Plan::new(sweep, &settings.selection, &inventory)? } else { Plan::afresh(sweep, &settings.selection)? };
    let quarantined = store.quarantine(&inventory)?;

    let cpus = Cpus::allowed();
    let threads = settings.threads.unwrap_or_else(|| cpus.count()).max(1);
    if settings.pin && threads > cpus.count() {
        tracing::warn!("{threads} threads share {} CPUs; fewer threads would be as fast", cpus.count());
    }
    observer.planned(&plan, threads);
    let start = Instant::now();
    let mut report = RunReport {
        total: plan.total,
        solved_before: plan.solved_before,
        failed_before: plan.failed_before.clone(),
        solved: 0,
        failed: Vec::new(),
        quarantined,
        merge: None,
        interrupted_by: None,
        elapsed: Duration::ZERO,
    };
    let anything_waits = inventory.files.iter().any(|file| !file.is_output);
    if plan.remaining.is_empty() && !anything_waits && inventory.files.iter().any(|file| file.is_output) {
        report.elapsed = start.elapsed();
        return Ok(report);
    }

    let facts = root_facts(&plan.united);
    let solver = Arc::new(Solver::new(plan.united.clone()));
    let provenance = Provenance::here().with("threads", threads);
    let writer = store.start_run(threads, &facts.sweep, provenance)?;
    let mut merger = Merger { store, facts, solver: Arc::clone(&solver), replace: !settings.hot_start };
    solve_remaining(plan, &solver, settings, cpus, threads, &writer, &mut merger, interrupt, observer, &mut report)?;
    if report.interrupted_by.is_some() && interrupt.count() > 1 {
        writer.flush()?;
    } else {
        let run = writer.finish()?;
        tracing::info!("published {run}");
        if report.interrupted_by.is_none() {
            observer.merging();
            report.merge = Some(merger.merge(None)?);
        }
    }
    report.elapsed = start.elapsed();
    Ok(report)
}

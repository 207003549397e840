//! A run: plan, solve on pinned threads, publish, merge.

use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use crate::aep::Simd;
use crate::error::{Problem, Result};
use crate::store::{CaseKey, Compression, Inventory, IoRecord, LockKind, MergeReport, Quarantined, RunWriter, Store};
use crate::sweep::merge::Merger;
use crate::sweep::pin::Cpus;
use crate::sweep::{Case, Plan, Selection, Solver, Sweep};

mod everywhere;
mod interrupt;
pub(crate) mod pool;
mod prover;
mod workers;

pub use everywhere::OnAllThreads;
pub use interrupt::Interrupt;
pub use prover::Prover;
use workers::{Ending, Finished, Workers};

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
    /// Instructions to compute with; every choice gives the same results.
    pub simd: Simd,
    /// Time between merges while running; none: only at the end.
    pub merge_interval: Option<Duration>,
    /// How OUTPUT's large data sets are compressed; none: as they are.
    pub compression: Option<Compression>,
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
    /// Of those, cases in which the program itself is at fault; they are not stored.
    pub faulty: usize,
    /// Stored files that were not sound, and where they are now.
    pub quarantined: Vec<Quarantined>,
    /// The final merge; none if there was nothing to merge, or the run was interrupted.
    pub merge: Option<MergeReport>,
    /// What keeping the results cost.
    pub io: IoRecord,
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
pub fn run(
    sweep: &Sweep,
    store: &Store,
    settings: &RunSettings,
    interrupt: &Interrupt,
    observer: &mut dyn Observer,
) -> Result<RunReport> {
    // What cannot be run is refused before anything is touched.
    sweep.cases(&settings.selection)?;
    store.preflight()?;
    let whole = settings.selection == Selection::default();
    let _lock = store.lock(if whole { LockKind::WholeSweep } else { LockKind::Part })?;
    let (plan, inventory, quarantined) = prepare(sweep, store, settings)?;
    let threads = settings.threads.unwrap_or_else(|| Cpus::allowed().count());
    observer.planned(&plan, threads);

    let since = Instant::now();
    let mut report = RunReport::of(&plan, quarantined);
    let waiting = inventory.files.iter().any(|file| !file.is_output);
    let published = inventory.files.iter().any(|file| file.is_output);
    if plan.remaining.is_empty() && published && !waiting && settings.compression.is_none() {
        store.tidy()?;
        return Ok(report);
    }
    let solver = Arc::new(Solver::new(plan.united.clone(), settings.simd)?);
    let mut crew = Crew {
        store,
        settings,
        interrupt,
        observer,
        merger: Merger::new(store, Arc::clone(&solver), threads, settings.compression),
        report: &mut report,
    };
    crew.solve(solver, plan.remaining, threads)?;
    report.elapsed = since.elapsed();
    Ok(report)
}

/// What is stored and what remains; unsound files are out of the way, and what was sound in them counts.
fn prepare(sweep: &Sweep, store: &Store, settings: &RunSettings) -> Result<(Plan, Inventory, Vec<Quarantined>)> {
    if !settings.hot_start {
        if settings.selection != Selection::default() && store.output().exists() {
            return Err(Problem::new(
                "--no-hot-start",
                format!(
                    "with --farms or --types it would replace all of {} by a part; leave them out, or choose another --output",
                    store.output().display()
                ),
            )
            .into());
        }
        return Ok((Plan::afresh(sweep, &settings.selection)?, Inventory::default(), Vec::new()));
    }
    let inventory = store.scan()?;
    let plan = Plan::new(sweep, &settings.selection, &inventory)?;
    let quarantined = store.quarantine(&inventory)?;
    if quarantined.is_empty() {
        return Ok((plan, inventory, quarantined));
    }
    let inventory = store.scan()?;
    Ok((Plan::new(sweep, &settings.selection, &inventory)?, inventory, quarantined))
}

/// Everyone at work on a run.
struct Crew<'a> {
    store: &'a Store,
    settings: &'a RunSettings,
    interrupt: &'a Interrupt,
    observer: &'a mut dyn Observer,
    merger: Merger<'a>,
    report: &'a mut RunReport,
}

/// How often the run looks whether it is interrupted.
const LOOK_INTERVAL: Duration = Duration::from_millis(50);

impl Crew<'_> {
    /// Solves the cases, publishes them and, unless interrupted, merges.
    fn solve(&mut self, solver: Arc<Solver>, cases: Vec<Case>, threads: usize) -> Result<()> {
        let cpus = Cpus::allowed();
        if self.settings.pin && threads > cpus.count() {
            tracing::warn!("{threads} threads share {} CPUs; {} threads would be as fast", cpus.count(), cpus.count());
        }
        let mut own = None;
        if !cases.is_empty() {
            let writer = self.store.start_run(threads, &self.merger.facts.sweep, &self.merger.provenance)?;
            let cpus = self.settings.pin.then_some(cpus);
            let workers = Workers::start(solver, cases, threads, cpus, writer.handle())?;
            self.attend(&workers, &writer)?;
            self.report.interrupted_by = self.interrupt.signal();
            if self.interrupt.count() > 1 {
                return writer.flush();
            }
            let written = writer.finish()?;
            self.report.io.add(&written.io);
            own = written.run;
        }
        let replace = !self.settings.hot_start;
        if self.report.interrupted_by.is_none() && !(replace && self.report.faulty > 0) {
            self.observer.merging();
            let merged = self.merger.merge(own.as_ref(), replace, self.report.io)?;
            self.report.io.add(&merged.io());
            self.report.merge = Some(merged);
        }
        Ok(())
    }

    /// Listens to the workers until the last has stopped, or until a second interrupt.
    fn attend(&mut self, workers: &Workers, writer: &RunWriter) -> Result<()> {
        let since = Instant::now();
        let (mut reported, mut merged, mut draining) = (since, since, false);
        loop {
            match workers.finished.recv_timeout(LOOK_INTERVAL) {
                Ok(finished) => self.note(finished),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if writer.has_failed() {
                workers.stop();
            }
            if self.interrupt.count() > 0 && !draining {
                draining = true;
                workers.stop();
                self.observer.draining();
            }
            if self.interrupt.count() > 1 {
                break;
            }
            if reported.elapsed() >= self.settings.progress_interval {
                reported = Instant::now();
                self.observer.progress(&self.progress(since));
            }
            // A run that starts over has nothing to show before it is complete.
            let due = self.settings.merge_interval.is_some_and(|interval| merged.elapsed() >= interval);
            if due && self.settings.hot_start && !draining {
                let own = writer.roll()?;
                let mut so_far = writer.io()?;
                so_far.add(&self.report.io);
                self.report.io.add(&self.merger.merge_if_free(&own, so_far)?);
                merged = Instant::now();
            }
        }
        self.observer.progress(&self.progress(since));
        Ok(())
    }

    fn note(&mut self, finished: Finished) {
        match finished.ending {
            Ending::Solved => self.report.solved += 1,
            Ending::Failed(reason) => self.fail(finished.key, reason),
            Ending::Faulty(fault) => {
                self.report.faulty += 1;
                self.fail(finished.key, format!("fault of the program: {fault}; the next run tries the case again"));
            }
        }
    }

    fn fail(&mut self, key: CaseKey, reason: String) {
        self.observer.case_failed(key, &reason);
        self.report.failed.push((key, reason));
    }

    fn progress(&self, since: Instant) -> Progress {
        let report = &self.report;
        Progress {
            total: report.total,
            before: report.solved_before + report.failed_before.len(),
            finished: report.solved + report.failed.len(),
            failed: report.failed.len(),
            elapsed: since.elapsed(),
        }
    }
}

impl RunReport {
    fn of(plan: &Plan, quarantined: Vec<Quarantined>) -> Self {
        Self {
            total: plan.total,
            solved_before: plan.solved_before,
            failed_before: plan.failed_before.clone(),
            solved: 0,
            failed: Vec::new(),
            faulty: 0,
            quarantined,
            merge: None,
            io: IoRecord::default(),
            interrupted_by: None,
            elapsed: Duration::ZERO,
        }
    }
}

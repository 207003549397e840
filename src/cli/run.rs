//! `layoutopt run`.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use indicatif::MultiProgress;
use layoutopt::sweep::{Overrides, Plan, RunReport, RunSettings, Selection, Sweep, run as run_sweep};
use layoutopt::{Error, Problem, Result};

use super::args::{Messages, RunArgs, RunOptions};
use super::out::say;
use super::progress::{RunProgress, duration};
use super::{exit, merge, signals, simd, store, sweeps};

/// Runs a sweep into OUTPUT.
pub fn run(args: &RunArgs, messages: &Messages, terminal: &MultiProgress) -> Result<ExitCode> {
    let options = &args.options;
    let sweep = load(&args.sweep, options)?;
    let settings = settings(options)?;
    let store = store::open(&options.output);
    if options.dry_run {
        return dry_run(&sweep, &store, &settings);
    }
    let interrupt = signals::listen()?;
    let mut progress = RunProgress::new(terminal, messages.quiet);
    let report = run_sweep(&sweep, &store, &settings, &interrupt, &mut progress)?;
    Ok(conclude(&report, options))
}

fn load(name: &Path, options: &RunOptions) -> Result<Sweep> {
    let overrides = Overrides {
        grid_size: options.grid_size,
        random_pct: options.random_pct,
        seeds: options.seeds.clone(),
        min_spacing_d: options.min_spacing,
        restarts: options.restarts,
        rng: options.rng,
        refine: options.refine,
        wake_model: options.wake_model,
    };
    sweeps::named(name, &overrides)
}

fn settings(options: &RunOptions) -> Result<RunSettings> {
    let mut problems = Vec::new();
    let mut seconds = |flag: &str, value: f64| {
        Duration::try_from_secs_f64(value).unwrap_or_else(|_| {
            problems.push(Problem::new(flag, format!("is {value}, must be a number of seconds, 0 or more")));
            Duration::ZERO
        })
    };
    let merge_interval =
        Some(seconds("--merge-interval", options.merge_interval)).filter(|interval| !interval.is_zero());
    let progress_interval = seconds("--progress-interval", options.progress_interval);
    if options.threads == Some(0) {
        problems.push(Problem::new("--threads", "is 0, must be at least 1"));
    }
    if !problems.is_empty() {
        return Err(Error::BadInput(problems));
    }
    Ok(RunSettings {
        selection: Selection { farms: options.farms.clone(), turbines: options.types.clone() },
        hot_start: !options.no_hot_start,
        threads: options.threads,
        pin: !options.no_pin,
        simd: simd::instructions()?,
        merge_interval,
        compression: options.compression,
        progress_interval,
    })
}

/// Says what a run would do; changes nothing.
fn dry_run(sweep: &Sweep, store: &layoutopt::store::Store, settings: &RunSettings) -> Result<ExitCode> {
    store.preflight()?;
    let plan = if settings.hot_start {
        Plan::new(sweep, &settings.selection, &store.scan()?)?
    } else {
        Plan::afresh(sweep, &settings.selection)?
    };
    say!(
        "sweep {}: {} farms, {} turbine types, seeds {:?}",
        sweep.name,
        sweep.farms.len(),
        sweep.turbines.len(),
        sweep.seeds
    );
    say!(
        "{} cases: {} solved, {} failed, {} to run",
        plan.total,
        plan.solved_before,
        plan.failed_before.len(),
        plan.remaining.len()
    );
    for case in &plan.remaining {
        let (farm, turbine) = (&sweep.farms[case.key.farm as usize], &sweep.turbines[case.key.turbine as usize]);
        say!("{}  {} x {} turbines of {}", case.key, farm.farm.name, case.n_turbines, turbine.name);
    }
    Ok(ExitCode::from(exit::DONE))
}

/// Says what a run did; its exit code.
fn conclude(report: &RunReport, options: &RunOptions) -> ExitCode {
    let output = options.output.display();
    let done = report.solved_before + report.solved;
    let failed = report.failed_before.len() + report.failed.len();
    say!(
        "{output}: {done} of {} cases solved ({} now, {} before), {failed} failed, in {}",
        report.total,
        report.solved,
        report.solved_before,
        duration(report.elapsed)
    );
    let io = &report.io;
    tracing::info!(
        "kept results: {} bytes published in {} files in {:.3} s, {} merges in {:.3} s, of which {:.3} s waiting for HDF5; {:.2} % of the time",
        io.bytes,
        io.publications,
        io.publish_seconds,
        io.merges,
        io.merge_seconds,
        io.hdf5_wait_seconds,
        100.0 * io.seconds() / report.elapsed.as_secs_f64().max(f64::MIN_POSITIVE)
    );
    if !report.failed_before.is_empty() {
        let names: Vec<_> = report.failed_before.iter().take(5).map(ToString::to_string).collect();
        let more = report.failed_before.len() - names.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        tracing::warn!(
            "failed before and not tried again: {}{more}; the reasons are under /failed in {output}",
            names.join(", ")
        );
    }
    let sound = match &report.merge {
        Some(merged) => merge::name_unsound(merged, &report.quarantined),
        None => merge::name_unsound(&layoutopt::store::MergeReport::default(), &report.quarantined),
    };
    if let Some(signal) = report.interrupted_by {
        tracing::warn!("interrupted; finished cases are in {output}.shards, and the same command goes on from there");
        return exit::interrupted(signal);
    }
    ExitCode::from(if failed == 0 && sound { exit::DONE } else { exit::INCOMPLETE })
}

//! `layoutopt optimize SYSTEM`.

use std::fmt::Write;
use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use layoutopt::aep::wake_loss_pct;
use layoutopt::farm::{Farm, Layout};
use layoutopt::formats::Files;
use layoutopt::formats::inputs::read_site;
use layoutopt::formats::windio::System;
use layoutopt::sweep::analysis::WishedWake;
use layoutopt::sweep::optimize::default_budget;
use layoutopt::sweep::{Optimization, OptimizeProgress, Optimized, optimize as search};
use layoutopt::{Error, Problem, Result};
use serde::Serialize;

use super::args::{Messages, OptimizeArgs, TypeArea};
use super::out::say;
use super::progress::duration;
use super::{exit, new_files, out, physics, signals, simd};

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Report<'a> {
    aep_gwh: f64,
    aep_no_wake_gwh: f64,
    wake_loss_pct: f64,
    neighbours_aep_gwh: Option<f64>,
    neighbours_alone_aep_gwh: Option<f64>,
    given_aep_gwh: Option<f64>,
    start_aep_gwh: f64,
    n_turbines: usize,
    min_spacing_m: Option<f64>,
    wake_model: &'a str,
    evaluations: u64,
    budget: u64,
    starts: usize,
    seed: u64,
    ended_early: bool,
    seconds: f64,
}

/// Searches for the best layout of a system, and writes it.
pub fn optimize(args: &OptimizeArgs, messages: &Messages, terminal: &MultiProgress) -> Result<ExitCode> {
    let format = new_files::format(&args.output, args.format)?;
    let time = check(args)?;
    let system = system(args)?;
    let flow = physics::flow_cases(&system, &args.physics)?;
    let wake = physics::wake(&system, &args.physics)?;
    // What the format cannot say is refused before the search, not after it.
    let planned = new_files::of_plant(&system, format, &args.output, Some(0.0))?;
    let mut outputs = planned.iter().map(|(path, _)| path.as_path()).chain(args.trace.as_deref());
    new_files::refuse_existing(outputs.clone(), args.force)?;
    outputs.try_for_each(new_files::refuse_no_file)?;

    let budget = args.budget.unwrap_or_else(|| default_budget(system.turbine_types.len()));
    let (neighbours, mut types) = match &args.neighbours {
        Some(path) => physics::layout(path, system.turbines.len())?,
        None => (Layout::default(), Vec::new()),
    };
    types.extend(&system.turbine_types);
    let areas = areas(args, &system)?;
    let what = Optimization {
        farm: &system.farm,
        turbines: &system.turbines,
        types: &types,
        neighbours: &neighbours,
        protect_neighbours: args.protect_neighbours,
        given: Some(&system.layout).filter(|layout| !layout.is_empty()),
        flow: &flow,
        wake: &wake,
        areas: &areas,
        min_spacing_d: args.min_spacing,
        budget,
        starts: args.starts,
        seed: args.seed,
        threads: args.threads,
        pin: !args.no_pin,
        simd: simd::instructions()?,
        time,
    };
    let interrupt = signals::listen()?;
    let mut progress = Progress::new(terminal, messages.quiet, budget);
    let found = search(&what, &interrupt, &mut |state| progress.show(state))?;
    progress.end();

    let analysis = match args.physics.wake_model {
        Some(_) => WishedWake::written(&wake).unwrap_or_default(),
        None => system.analysis.clone(),
    };
    let best = System { layout: found.layout.clone(), analysis, ..system };
    for (path, text) in new_files::of_plant(&best, format, &args.output, Some(found.production.aep_gwh()))? {
        new_files::publish(&path, &text)?;
    }
    if let Some(path) = &args.trace {
        new_files::publish(path, &trace(&found))?;
    }
    print(args, &best, wake.name(), budget, &found)?;
    if found.ended_early {
        tracing::warn!(
            "ended after {} of {budget} moves: the layout depends on the machine; a --budget that is spent before gives the same one anywhere",
            found.evaluations
        );
    }
    Ok(interrupt.signal().map_or(ExitCode::from(exit::DONE), exit::interrupted))
}

/// Checks what the command line says; the time limit.
fn check(args: &OptimizeArgs) -> Result<Option<Duration>> {
    let mut problems = Vec::new();
    let mut refuse = |flag: &str, fault: String| problems.push(Problem::new(flag, fault));
    for (flag, value) in [("--threads", args.threads), ("--starts", args.starts), ("--turbines", args.turbines)] {
        if value == Some(0) {
            refuse(flag, "is 0, must be at least 1".to_owned());
        }
    }
    if args.trace.as_ref() == Some(&args.output) {
        refuse("--trace", "is the same file as --output".to_owned());
    }
    if args.budget == Some(0) {
        refuse("--budget", "is 0, must be at least 1".to_owned());
    }
    if !(args.min_spacing >= 0.0 && args.min_spacing.is_finite()) {
        refuse("--min-spacing", format!("is {}, must be a number of rotor diameters, 0 or more", args.min_spacing));
    }
    let time = args.time.map(|seconds| Duration::try_from_secs_f64(seconds).ok().filter(|time| !time.is_zero()));
    if let Some(None) = time {
        refuse("--time", "must be a number of seconds above 0".to_owned());
    }
    if problems.is_empty() { Ok(time.flatten()) } else { Err(Error::BadInput(problems)) }
}

/// The system with the site and the number of turbines asked for; without a layout if that has another number of them.
fn system(args: &OptimizeArgs) -> Result<System> {
    let mut system = physics::read(&args.system, &args.physics)?;
    if let Some(path) = &args.site {
        system.farm = read_site(path, Files::Disk)?;
    }
    if let Some(n) = args.turbines.filter(|&n| n != system.layout.len()) {
        if system.turbines.len() > 1 {
            let fault = format!(
                "{n} turbines of which types? the system has {} types and {} turbines; leave it out",
                system.turbines.len(),
                system.layout.len()
            );
            return Err(Problem::new("--turbines", fault).into());
        }
        system.layout = Layout::default();
        system.turbine_types = vec![0; n];
    }
    Ok(system)
}

/// The areas of turbine types, by type; empty if there are none.
fn areas(args: &OptimizeArgs, system: &System) -> Result<Vec<Option<Farm>>> {
    let mut areas = vec![None; if args.areas.is_empty() { 0 } else { system.turbines.len() }];
    for TypeArea { turbine_type, path } in &args.areas {
        let Some(area) = areas.get_mut(*turbine_type) else {
            let last = system.turbines.len() - 1;
            let fault = format!("there is no turbine type {turbine_type}, the system has the types 0 to {last}");
            return Err(Problem::new("--area", fault).into());
        };
        if area.replace(read_site(path, Files::Disk)?).is_some() {
            let fault = format!("turbine type {turbine_type} has two areas; put both polygons into one file");
            return Err(Problem::new("--area", fault).into());
        }
    }
    Ok(areas)
}

fn trace(found: &Optimized) -> String {
    let mut text = "evaluations,seconds,aep_gwh,stage,start\n".to_owned();
    for row in &found.trace {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{},{:.3},{:?},{},{}", row.evaluations, row.seconds, row.aep_gwh, row.stage, row.start);
    }
    text
}

fn print(args: &OptimizeArgs, best: &System, wake_model: &str, budget: u64, found: &Optimized) -> Result<()> {
    let (aep_gwh, production) = (found.production.aep_gwh(), &found.production);
    if args.json {
        let report = Report {
            aep_gwh,
            aep_no_wake_gwh: production.aep_no_wake_gwh(),
            wake_loss_pct: production.wake_loss_pct(),
            neighbours_aep_gwh: found.neighbours_aep_gwh.map(|(beside, _)| beside),
            neighbours_alone_aep_gwh: found.neighbours_aep_gwh.map(|(_, alone)| alone),
            given_aep_gwh: found.given_aep_gwh,
            start_aep_gwh: found.start_aep_gwh,
            n_turbines: best.layout.len(),
            min_spacing_m: Some(best.layout.min_spacing_m()).filter(|spacing| spacing.is_finite()),
            wake_model,
            evaluations: found.evaluations,
            budget,
            starts: found.starts,
            seed: args.seed,
            ended_early: found.ended_early,
            seconds: found.elapsed.as_secs_f64(),
        };
        let json = serde_json::to_string(&report).map_err(|error| Problem::new("--json", error.to_string()))?;
        say!("{json}");
        return Ok(());
    }
    say!("{}: {} turbines, {wake_model}", best.name, best.layout.len());
    say!();
    say!("AEP             {aep_gwh:12.4} GWh");
    say!("without wakes   {:12.4} GWh", production.aep_no_wake_gwh());
    say!("wake loss       {:12.4} %", production.wake_loss_pct());
    say!();
    if let Some((beside, alone)) = found.neighbours_aep_gwh {
        say!("neighbours      {beside:12.4} GWh, {:+.4} % of what they have alone", 100.0 * (beside / alone - 1.0));
    }
    if let Some(given) = found.given_aep_gwh {
        say!("as given        {given:12.4} GWh, {:+.4} %", 100.0 * (aep_gwh / given - 1.0));
    }
    let start = found.start_aep_gwh;
    say!("best start      {start:12.4} GWh, {:+.4} %", 100.0 * (aep_gwh / start - 1.0));
    let starts = if found.starts == 1 { "1 start".to_owned() } else { format!("{} starts", found.starts) };
    say!("{} evaluations from {starts} in {}", found.evaluations, duration(found.elapsed));
    say!("{}", args.output.display());
    Ok(())
}

/// Best AEP, wake loss and evaluations per second, in a bar on a terminal, in plain lines elsewhere.
struct Progress {
    terminal: MultiProgress,
    quiet: bool,
    bar: Option<ProgressBar>,
    last: Instant,
}

/// Time between two plain lines; the first comes after this, so that a short search says nothing.
const LINE_INTERVAL: Duration = Duration::from_secs(5);
/// Time between two looks of the bar.
const BAR_INTERVAL: Duration = Duration::from_millis(200);

impl Progress {
    fn new(terminal: &MultiProgress, quiet: bool, budget: u64) -> Self {
        let mut bar = None;
        if std::io::stderr().is_terminal() && !quiet {
            let shown = terminal.add(ProgressBar::new(budget));
            // The template is a constant; were it wrong, the default style would do.
            if let Ok(style) = ProgressStyle::with_template("{bar:32} {percent:>3} %  {msg}") {
                shown.set_style(style);
            }
            bar = Some(shown);
        }
        Self { terminal: terminal.clone(), quiet, bar, last: Instant::now() }
    }

    fn show(&mut self, state: &OptimizeProgress) {
        let interval = if self.bar.is_some() { BAR_INTERVAL } else { LINE_INTERVAL };
        if self.quiet || self.last.elapsed() < interval {
            return;
        }
        self.last = Instant::now();
        let text = describe(state);
        if let Some(bar) = &self.bar {
            bar.set_position(state.evaluations);
            bar.set_message(text);
        } else {
            let (done, of) = (state.evaluations, state.budget);
            self.terminal.suspend(|| out::progress(format_args!("{done}/{of}  {text}")));
        }
    }

    fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

/// `418.924 GWh  wake loss 8.12 %  210344 evaluations/s  12 s to go`
fn describe(state: &OptimizeProgress) -> String {
    let mut parts = Vec::new();
    if let Some(aep_gwh) = state.aep_gwh {
        parts.push(format!("{aep_gwh:.4} GWh"));
        parts.push(format!("wake loss {:.3} %", wake_loss_pct(aep_gwh, state.aep_no_wake_gwh)));
    }
    let seconds = state.elapsed.as_secs_f64();
    if seconds > 0.0 && state.evaluations > 0 {
        let rate = state.evaluations as f64 / seconds;
        let left = state.budget.saturating_sub(state.evaluations) as f64 / rate;
        parts.push(format!("{rate:.0} evaluations/s"));
        parts.push(format!("{} to go", duration(Duration::from_secs_f64(left))));
    }
    parts.join("  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_aep_loss_rate_and_rest() {
        let state = OptimizeProgress {
            budget: 5000,
            evaluations: 1000,
            aep_gwh: Some(90.0),
            aep_no_wake_gwh: 100.0,
            elapsed: Duration::from_secs(10),
        };
        assert_eq!(describe(&state), "90.0000 GWh  wake loss 10.000 %  100 evaluations/s  40 s to go");
    }
}

//! One farm, the best layout that a budget of moves finds, from many starts on all threads.
//!
//! Every start has its own stream of random numbers and its own share of the budget. The budget is spent in rounds; after each, the better half
//! of the starts goes on, and when few are left, each of them twice, with other random numbers: a pool of the best, of which the worse half is
//! given up again and again. So the layout is a function of the inputs, the budget, the number of starts and the seed: not of the number
//! of threads, nor, unless a time limit or an interrupt ends the search early, of the clock.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use crate::aep::{Plain, Plant, Production, Simd, Ways, evaluate_built, free_energies_gwh};
use crate::error::{Error, Problem, Result};
use crate::farm::{Farm, FlowCases, Layout, Turbine};
use crate::search::{CaseRng, Ground, Refine, RngKind};
use crate::sweep::pin::Cpus;
use crate::sweep::run::Interrupt;
use crate::sweep::run::pool::Pool;
use crate::wake::{BuiltWake, WakeChoice};

mod ledger;
mod runners;

pub use ledger::TraceRow;
use ledger::{Ledger, Teller};
use runners::{Runner, fill, starts_for, survivors};

/// What is to be optimised, and with what effort.
#[derive(Debug, Clone)]
pub struct Optimization<'a> {
    /// Where turbines may stand.
    pub farm: &'a Farm,
    /// The turbine types.
    pub turbines: &'a [Turbine],
    /// The type of each turbine: of neighbours, then of those to place.
    pub types: &'a [usize],
    /// Where the first of `types` stand: neighbours, which cast wakes and keep their places.
    pub neighbours: &'a Layout,
    /// Count what neighbours produce too, and so what is taken from them.
    pub protect_neighbours: bool,
    /// A layout of these turbines to start from, feasible or not.
    pub given: Option<&'a Layout>,
    /// The wind.
    pub flow: &'a FlowCases,
    /// The wake model.
    pub wake: &'a WakeChoice,
    /// Where turbines of each type may stand only, beside the farm's boundary; empty if no type has an area of its own.
    pub areas: &'a [Option<Farm>],
    /// Least distance of two turbines, rotor diameters of the larger one.
    pub min_spacing_d: f64,
    /// Moves to try, in all.
    pub budget: u64,
    /// How many starts share them; none: as many as the budget is good for.
    pub starts: Option<usize>,
    /// Seed of all random numbers.
    pub seed: u64,
    /// Worker threads; none: one for each CPU that may be used.
    pub threads: Option<usize>,
    /// Pin the worker threads to CPUs.
    pub pin: bool,
    /// Instructions to compute with; every choice gives the same layout.
    pub simd: Simd,
    /// The search ends after this time, if it has not spent its budget before.
    pub time: Option<Duration>,
}

/// The best layout found.
#[derive(Debug, Clone)]
pub struct Optimized {
    /// Where turbines stand; keeps every constraint to within [`crate::search::ground::TOLERANCE_M`].
    pub layout: Layout,
    /// What it produces beside the neighbours, by a full evaluation.
    pub production: Production,
    /// AEP of the neighbours beside it, and without it, GWh; none where there are none.
    pub neighbours_aep_gwh: Option<(f64, f64)>,
    /// AEP of the layout that was given, as it stood, GWh.
    pub given_aep_gwh: Option<f64>,
    /// AEP of the best start layout, GWh.
    pub start_aep_gwh: f64,
    /// Moves tried.
    pub evaluations: u64,
    /// How many starts there were.
    pub starts: usize,
    /// Whether the time limit or an interrupt came before the end of the budget: then the layout depends on the machine.
    pub ended_early: bool,
    /// How the best AEP grew.
    pub trace: Vec<TraceRow>,
    /// Time from the first start to the end.
    pub elapsed: Duration,
}

/// How far an optimisation is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OptimizeProgress {
    /// Moves to try.
    pub budget: u64,
    /// Moves tried.
    pub evaluations: u64,
    /// Best AEP so far, GWh; none before the first start layout.
    pub aep_gwh: Option<f64>,
    /// AEP without wakes, GWh.
    pub aep_no_wake_gwh: f64,
    /// Time so far.
    pub elapsed: Duration,
}

/// After each round half of the starts goes on.
const ROUNDS: u32 = 8;
/// Moves per turbine of the default budget.
const DEFAULT_MOVES: u64 = 10_000;
/// How often the calling thread looks.
const LOOK_INTERVAL: Duration = Duration::from_millis(20);

/// Searches for the best layout. `observer` is told on the calling thread.
///
/// # Errors
/// A budget or a number of starts that is nothing, no room for the turbines, no threads.
pub fn optimize(
    what: &Optimization,
    interrupt: &Interrupt,
    observer: &mut dyn FnMut(&OptimizeProgress),
) -> Result<Optimized> {
    if what.types.len() <= what.neighbours.len() {
        return Err(Problem::new("layout", "has no turbines, needs at least 1").into());
    }
    if what.budget == 0 || what.starts == Some(0) {
        let flag = if what.budget == 0 { "--budget" } else { "--starts" };
        return Err(Problem::new(flag, "0, must be at least 1").into());
    }
    let used = what.types.iter().map(|&t| what.turbines[t].rotor_diameter_m);
    let wake = what.wake.build(used.collect::<Vec<_>>());
    match &wake {
        BuiltWake::Nygaard2022(model) => {
            Search::new(what, &wake, model.in_air(what.flow.turbulence_intensity()), interrupt, observer)?.run()
        }
        BuiltWake::Composed(model) => match model.in_lanes(what.flow.turbulence_intensity()) {
            Some(model) => Search::new(what, &wake, model.for_energy(), interrupt, observer)?.run(),
            None => Search::new(what, &wake, Plain(model), interrupt, observer)?.run(),
        },
        BuiltWake::Weighted(model) => Search::new(what, &wake, Plain(model), interrupt, observer)?.run(),
    }
}

/// The moves that a budget is by default, for so many turbines.
pub fn default_budget(n_turbines: usize) -> u64 {
    DEFAULT_MOVES * n_turbines.max(1) as u64
}

/// A search with one wake model.
struct Search<'a, W> {
    what: &'a Optimization<'a>,
    built: &'a BuiltWake,
    wake: W,
    ground: Ground<'a>,
    /// Rotor diameter by which lengths are measured, m.
    diameter_m: f64,
    n_starts: usize,
    interrupt: &'a Interrupt,
    observer: &'a mut dyn FnMut(&OptimizeProgress),
    since: Instant,
}

impl<'a, W: Ways> Search<'a, W> {
    fn new(
        what: &'a Optimization<'a>,
        built: &'a BuiltWake,
        wake: W,
        interrupt: &'a Interrupt,
        observer: &'a mut dyn FnMut(&OptimizeProgress),
    ) -> Result<Self> {
        let ground = Ground::new(what.farm, what.turbines, what.types, what.min_spacing_d)
            .beside(what.neighbours)
            .confined(what.areas);
        let n_turbines = ground.movable().len();
        let diameter_m = what.types.iter().map(|&t| what.turbines[t].rotor_diameter_m).fold(0.0, f64::max);
        let n_starts = what.starts.unwrap_or_else(|| starts_for(what.budget, n_turbines));
        // In the first round every start places its turbines, each of which counts as a move, and makes at least one.
        let least = u64::from(ROUNDS) * n_starts as u64 * (what.types.len() as u64 + 1);
        if what.budget < least {
            let fault = format!("{} moves are too few for {n_starts} starts, needs at least {least}", what.budget);
            return Err(Problem::new("--budget", fault).into());
        }
        Ok(Self { what, built, wake, ground, diameter_m, n_starts, interrupt, observer, since: Instant::now() })
    }

    fn run(mut self) -> Result<Optimized> {
        let threads = self.what.threads.unwrap_or_else(|| Cpus::allowed().count());
        let pool = Pool::new(threads, self.what.pin.then(Cpus::allowed))?;
        let given_aep_gwh = self.what.given.map(|layout| self.beside_neighbours(layout).0.aep_gwh());
        let seed = self.what.seed;
        let mut streams = (0..).map(|stream| CaseRng::new(RngKind::ChaCha8, seed, stream));
        let mut runners: Vec<Runner> = (0..self.n_starts)
            .zip(&mut streams)
            .map(|(number, rng)| Runner { number, rng, best: None, start_aep_gwh: 0.0 })
            .collect();
        let mut ledger = Ledger::default();
        let stop = AtomicBool::new(false);
        let mut start_aep_gwh = f64::NEG_INFINITY;
        for round in 0..ROUNDS {
            let refine = Refine { diameter_m: self.diameter_m, round, rounds: ROUNDS };
            let moves = self.what.budget / u64::from(ROUNDS) / runners.len() as u64;
            let ended = self.round(&pool, &runners, refine, moves, &stop, &mut ledger);
            runners = survivors(ended, round)?;
            if round + 1 < ROUNDS {
                fill(&mut runners, self.n_starts, &mut streams);
            }
            let of_starts = runners.iter().map(|runner| runner.start_aep_gwh);
            start_aep_gwh = of_starts.fold(start_aep_gwh, f64::max);
            if stop.load(Ordering::Relaxed) {
                break;
            }
        }
        let ended_early = stop.load(Ordering::Relaxed);
        let Some((layout, _)) = runners.swap_remove(0).best else {
            return Err(Error::NoFeasiblePosition { turbine: 0, n_turbines: self.what.types.len() });
        };
        self.ground.prove(&layout)?;
        let first = self.what.neighbours.len();
        let layout = Layout { x_m: layout.x_m[first..].to_vec(), y_m: layout.y_m[first..].to_vec() };
        let (production, neighbours_aep_gwh) = self.beside_neighbours(&layout);
        Ok(Optimized {
            production,
            neighbours_aep_gwh,
            layout,
            given_aep_gwh,
            start_aep_gwh,
            evaluations: ledger.evaluations,
            starts: self.n_starts,
            ended_early,
            trace: ledger.trace,
            elapsed: self.since.elapsed(),
        })
    }

    /// All runners through one round, side by side.
    fn round(
        &mut self,
        pool: &Pool,
        runners: &[Runner],
        refine: Refine,
        moves: u64,
        stop: &AtomicBool,
        ledger: &mut Ledger,
    ) -> Vec<Result<Runner>> {
        let (notes, told) = channel();
        let free_gwh: f64 = self.free_gwh();
        let Self { what, wake, ground, interrupt, observer, since, .. } = self;
        let (what, wake, ground, interrupt, since) = (*what, *wake, &*ground, *interrupt, *since);
        let job = |k: usize| {
            if k > 0 && runners[k].best.is_none() && stop.load(Ordering::Relaxed) {
                // Too late to begin.
                return None;
            }
            let mut teller = Teller { start: runners[k].number, stop, notes: notes.clone() };
            Some(runners[k].clone().go_on(what, wake, ground, refine, moves, &mut teller))
        };
        let attend = || {
            ledger.enter(&told, since);
            let elapsed = since.elapsed();
            if interrupt.count() > 0 || what.time.is_some_and(|time| elapsed >= time) {
                stop.store(true, Ordering::Relaxed);
            }
            observer(&OptimizeProgress {
                budget: what.budget,
                evaluations: ledger.evaluations,
                aep_gwh: ledger.best_gwh,
                aep_no_wake_gwh: free_gwh,
                elapsed,
            });
        };
        pool.map(runners.len(), LOOK_INTERVAL, job, attend).into_iter().flatten().collect()
    }

    /// What turbines produce beside the neighbours, and the AEP of these beside them and alone, GWh.
    fn beside_neighbours(&self, layout: &Layout) -> (Production, Option<(f64, f64)>) {
        let neighbours = self.what.neighbours;
        let all = neighbours.positions().chain(layout.positions()).collect();
        let (theirs, ours) = split(self.production(&all), neighbours.len());
        let alone = || self.production(neighbours).aep_gwh();
        (ours, (!neighbours.is_empty()).then(|| (theirs.aep_gwh(), alone())))
    }

    /// What the first turbines produce at these places.
    fn production(&self, layout: &Layout) -> Production {
        let plant = Plant::new(layout, self.what.turbines, &self.what.types[..layout.len()]);
        evaluate_built(self.what.simd, self.built, &plant, self.what.flow)
    }

    /// AEP of all turbines that count in the free wind, GWh; where they stand is of no account.
    fn free_gwh(&self) -> f64 {
        let n = self.what.types.len();
        let apart = Layout { x_m: (0..n).map(|i| 1e5 * i as f64).collect(), y_m: vec![0.0; n] };
        let plant = Plant::new(&apart, self.what.turbines, self.what.types);
        free_energies_gwh(&plant, self.what.flow)[self.what.counted_from()..].iter().sum()
    }
}

impl Optimization<'_> {
    /// The first turbine whose energy counts.
    fn counted_from(&self) -> usize {
        if self.protect_neighbours { 0 } else { self.neighbours.len() }
    }
}

/// What the turbines before this one produce, and what the others do.
fn split(mut production: Production, first: usize) -> (Production, Production) {
    let turbine_aep_gwh = production.turbine_aep_gwh.split_off(first);
    let turbine_aep_no_wake_gwh = production.turbine_aep_no_wake_gwh.split_off(first);
    (production, Production { turbine_aep_gwh, turbine_aep_no_wake_gwh })
}

//! Polish: all turbines move at once, along the gradient of the AEP, until nothing is gained any more.
//!
//! ```text
//! minimise  -AEP(z) / scale + sum over constraints c: psi(c(z))        z: positions in rotor diameters
//! psi(c)  = penalty / 2 (max(0, multiplier / penalty - c)^2 - (multiplier / penalty)^2)
//! ```
//!
//! A constraint c is a turbine's distance from the edge, or a distance between two turbines less the least one, not negative where it is kept.
//! Rounds of L-BFGS (Nocedal and Wright 2006, doi:10.1007/978-0-387-40065-5, chapters 7 and 17) are each followed by new multipliers. What still
//! misses a constraint then is put right by [`Ground::settle`], and the layout is taken if it is better than the one before.
//!
//! A first polish begins with wakes wider than they are, so that it is not held by small maxima ([`Slopes::widen`](crate::aep::Slopes::widen)).

use std::cell::RefCell;

use argmin::core::{CostFunction, Executor};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;

use crate::aep::Ways;
use crate::farm::Layout;
use crate::search::Ground;
use crate::search::attempt::Attempt;

/// How much effort goes into a polish.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Polish<'a> {
    /// The rotor diameter that is the unit of length, m.
    pub diameter_m: f64,
    /// Wakes are so many times as wide, one after the other; the last one is 1.
    pub widenings: &'a [f64],
    /// How often multipliers are made anew at each width.
    pub rounds: usize,
    /// Steps of L-BFGS in a round.
    pub steps: u64,
    /// A gain below this share of the AEP is none.
    pub least_gain: f64,
}

/// Steps that L-BFGS remembers.
const MEMORY: usize = 10;
/// It grows by this from round to round.
const STIFFENING: f64 = 4.0;
/// The first penalty, where the steepest slope of the AEP is 1 per rotor diameter: soft, so that turbines may pass each other.
const PENALTY: f64 = 4.0;
/// Surveys that a step of L-BFGS takes, about.
const SURVEYS_PER_STEP: f64 = 2.5;
/// Fewer steps than this are of no use at one width.
const LEAST_STEPS: u64 = 5;
/// How often turbines that stand wrong are pushed, one after the other.
const PASSES: usize = 20;

impl Polish<'_> {
    /// A polish of less effort, if this one would take more than so many moves for `n` turbines: fewer steps, then fewer widths, the last ones.
    #[must_use]
    pub fn within(self, moves: u64, n: usize) -> Self {
        let per_step = SURVEYS_PER_STEP * (n * self.rounds).max(1) as f64;
        let affordable = |widths: usize| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "not negative, a whole number of steps"
            )]
            let steps = (moves as f64 / (per_step * widths.max(1) as f64)) as u64;
            steps.min(self.steps)
        };
        let mut widenings = self.widenings;
        while widenings.len() > 1 && affordable(widenings.len()) < LEAST_STEPS {
            widenings = &widenings[1..];
        }
        Self { widenings, steps: affordable(widenings.len()), ..self }
    }

    /// Polishes the layout as it stands; whether it is better now.
    pub fn run<W: Ways>(&self, attempt: &mut Attempt<W>) -> bool {
        let ground = attempt.ground();
        let mut places_m = attempt.places_m().to_vec();
        for &widening in self.widenings {
            let Some(next) = self.at_width(attempt, places_m, widening) else { return false };
            places_m = next;
        }
        let Some(places_m) = put_right(ground, places_m) else { return false };
        let Some(aep_gwh) = attempt.survey(&places_m.iter().copied().collect(), 1.0, &mut Vec::new()) else {
            return false;
        };
        aep_gwh > attempt.aep_gwh() * (1.0 + self.least_gain) && attempt.adopt(&places_m)
    }

    /// The rounds at one width of wakes. None when the search is over.
    fn at_width<W: Ways>(
        &self,
        attempt: &mut Attempt<W>,
        places_m: Vec<(f64, f64)>,
        widening: f64,
    ) -> Option<Vec<(f64, f64)>> {
        let ground = attempt.ground();
        let mut slopes = Vec::new();
        attempt.survey(&places_m.iter().copied().collect(), widening, &mut slopes)?;
        let steepest = slopes.iter().map(|(x, y)| x.abs().max(y.abs())).fold(0.0, f64::max) * self.diameter_m;
        let movable = ground.movable();
        if steepest <= 0.0 || movable.is_empty() {
            return Some(places_m);
        }
        let origin_m = places_m[movable.start];
        let scaled = |(x, y): (f64, f64)| [(x - origin_m.0) / self.diameter_m, (y - origin_m.1) / self.diameter_m];
        let mut z: Vec<f64> = places_m[movable].iter().copied().flat_map(scaled).collect();
        let mut lagrangian = Lagrangian {
            ground,
            survey: RefCell::new(attempt),
            widening,
            diameter_m: self.diameter_m,
            origin_m,
            scale_gwh: steepest,
            penalty: PENALTY,
            multipliers: Multipliers::new(ground.n_turbines()),
            last: RefCell::default(),
        };
        for round in 0..self.rounds {
            if round > 0 {
                lagrangian.learn(&z);
            }
            z = lagrangian.descend(z, self.steps)?;
        }
        Some(lagrangian.places_m(&z))
    }
}

/// What each constraint weighs.
struct Multipliers {
    edges: Vec<f64>,
    /// Of all pairs i < j, i outermost. Few are ever felt; their number is small beside that of wakes.
    pairs: Vec<f64>,
}

impl Multipliers {
    fn new(n: usize) -> Self {
        Self { edges: vec![0.0; n], pairs: vec![0.0; n * n.saturating_sub(1) / 2] }
    }
}

/// The function that is minimised.
struct Lagrangian<'s, 'a, W> {
    ground: &'a Ground<'a>,
    survey: RefCell<&'s mut Attempt<'a, W>>,
    widening: f64,
    diameter_m: f64,
    origin_m: (f64, f64),
    scale_gwh: f64,
    penalty: f64,
    multipliers: Multipliers,
    /// The positions last asked for, with value and slopes: they are asked for apart.
    last: RefCell<(Vec<f64>, f64, Vec<f64>)>,
}

/// The search is over.
#[derive(Debug, thiserror::Error)]
#[error("no moves are left")]
struct Over;

impl<W: Ways> Lagrangian<'_, '_, W> {
    /// So many steps from here; where they lead. None when the search is over.
    fn descend(&self, from: Vec<f64>, steps: u64) -> Option<Vec<f64>> {
        // Positions that are asked for again are those of the last round, whose multipliers were others.
        self.last.replace(Default::default());
        let solver = LBFGS::new(MoreThuenteLineSearch::new(), MEMORY);
        let start = from.clone();
        let ended = Executor::new(self, solver).configure(|state| state.param(start).max_iters(steps)).run();
        match ended {
            Ok(ended) => Some(ended.state.best_param.unwrap_or(from)),
            Err(_) => None,
        }
    }

    /// New multipliers from how far constraints are missed, and a stiffer penalty.
    fn learn(&mut self, z: &[f64]) {
        let penalty = self.penalty;
        let mut edges = std::mem::take(&mut self.multipliers.edges);
        let mut pairs = std::mem::take(&mut self.multipliers.pairs);
        self.constraints(z, |which, kept, _| {
            let multiplier = match which {
                Which::Edge(turbine) => &mut edges[turbine],
                Which::Pair(pair, ..) => &mut pairs[pair],
            };
            *multiplier = (*multiplier - penalty * kept).max(0.0);
        });
        self.multipliers = Multipliers { edges, pairs };
        self.penalty *= STIFFENING;
    }

    fn places_m(&self, z: &[f64]) -> Vec<(f64, f64)> {
        let place = |p: &[f64]| (self.origin_m.0 + p[0] * self.diameter_m, self.origin_m.1 + p[1] * self.diameter_m);
        self.ground.neighbours_m().iter().copied().chain(z.chunks_exact(2).map(place)).collect()
    }

    /// Shows every constraint of turbines that are moved: how far it is kept, rotor diameters, and how that changes with the (first) turbine's place.
    fn constraints(&self, z: &[f64], mut show: impl FnMut(Which, f64, (f64, f64))) {
        let places_m = self.places_m(z);
        let (mut pair, first) = (0, self.ground.movable().start);
        for (i, &(x, y)) in places_m.iter().enumerate() {
            if i >= first {
                let (inside_m, slope) = self.ground.inside_slope(i, (x, y));
                show(Which::Edge(i), inside_m / self.diameter_m, slope);
            }
            for (j, &(u, v)) in places_m.iter().enumerate().skip((i + 1).max(first)) {
                let distance_m = libm::hypot(x - u, y - v);
                let kept = (distance_m - self.ground.spacing_m(i, j)) / self.diameter_m;
                // Two turbines at one place are driven apart along x.
                let slope = if distance_m > 0.0 { ((x - u) / distance_m, (y - v) / distance_m) } else { (1.0, 0.0) };
                show(Which::Pair(pair, i, j), kept, slope);
                pair += 1;
            }
        }
    }

    /// Value and slopes, computed once for the same positions.
    fn at<T>(&self, z: &[f64], take: impl FnOnce(f64, &[f64]) -> T) -> Result<T, Over> {
        let mut last = self.last.borrow_mut();
        if last.0 != z {
            let (value, slopes) = self.compute(z).ok_or(Over)?;
            *last = (z.to_vec(), value, slopes);
        }
        Ok(take(last.1, &last.2))
    }

    fn compute(&self, z: &[f64]) -> Option<(f64, Vec<f64>)> {
        let mut of_places = Vec::new();
        let layout: Layout = self.places_m(z).into_iter().collect();
        let aep_gwh = self.survey.borrow_mut().survey(&layout, self.widening, &mut of_places)?;
        let per_diameter = -self.diameter_m / self.scale_gwh;
        let first = self.ground.movable().start;
        let mut slopes: Vec<f64> =
            of_places[first..].iter().flat_map(|(x, y)| [x * per_diameter, y * per_diameter]).collect();
        let mut value = -aep_gwh / self.scale_gwh;
        self.constraints(z, |which, kept, (x, y)| {
            let multiplier = match which {
                Which::Edge(turbine) => self.multipliers.edges[turbine],
                Which::Pair(pair, ..) => self.multipliers.pairs[pair],
            };
            let missed = (multiplier / self.penalty - kept).max(0.0);
            value += 0.5 * self.penalty * missed * missed - 0.5 * multiplier * multiplier / self.penalty;
            let push = -self.penalty * missed;
            let mut add = |turbine: usize, push: f64| {
                if let Some(k) = turbine.checked_sub(first) {
                    slopes[2 * k] += push * x;
                    slopes[2 * k + 1] += push * y;
                }
            };
            match which {
                Which::Edge(turbine) => add(turbine, push),
                Which::Pair(_, i, j) => {
                    add(i, push);
                    add(j, -push);
                }
            }
        });
        Some((value, slopes))
    }
}

/// A constraint.
#[derive(Debug, Clone, Copy)]
enum Which {
    /// A turbine is inside.
    Edge(usize),
    /// Number of the pair, and its turbines: they are far enough apart.
    Pair(usize, usize, usize),
}

impl<W: Ways> CostFunction for &Lagrangian<'_, '_, W> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, z: &Vec<f64>) -> Result<f64, argmin::core::Error> {
        Ok(self.at(z, |value, _| value)?)
    }
}

impl<W: Ways> argmin::core::Gradient for &Lagrangian<'_, '_, W> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, z: &Vec<f64>) -> Result<Vec<f64>, argmin::core::Error> {
        Ok(self.at(z, |_, slopes| slopes.to_vec())?)
    }
}

/// The places pushed to where they are feasible; none if that does not end.
fn put_right(ground: &Ground, mut places_m: Vec<(f64, f64)>) -> Option<Vec<(f64, f64)>> {
    for _ in 0..PASSES {
        let mut moved = false;
        for turbine in ground.movable() {
            let at_m = places_m[turbine];
            if !ground.stands(at_m) || !ground.is_clear(turbine, at_m, &places_m) {
                places_m[turbine] = ground.settle(turbine, at_m, &places_m)?;
                moved = true;
            }
        }
        if !moved {
            return Some(places_m);
        }
    }
    None
}

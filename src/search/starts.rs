//! Layouts to start from: smart starts over a ladder of randomness, random ones, a given one made feasible.

use crate::aep::{EnergyMap, LaneBuffers, LaneMap, Simd};
use crate::error::{Error, Result};
use crate::farm::{FlowCases, Layout, Turbine};
use crate::search::{CaseRng, Ground, SmartStart};
use crate::wake::LaneWake;

/// What start layouts are made from.
#[derive(Debug, Clone, Copy)]
pub struct Starts<'a, W> {
    /// Instructions to compute with.
    pub simd: Simd,
    /// The wake model.
    pub wake: W,
    /// The turbine type by which candidates are ranked; where there are several, the most frequent one.
    pub turbine: &'a Turbine,
    /// The wind.
    pub flow: &'a FlowCases,
    /// What is feasible.
    pub ground: &'a Ground<'a>,
}

/// Randomness of one smart start after the other, percent.
pub const LADDER: [f64; 6] = [0.0, 2.0, 5.0, 10.0, 25.0, 100.0];
/// Candidates per turbine.
const CANDIDATES: f64 = 24.0;
/// How often candidates are made denser before a smart start is given up.
const DENSER: usize = 3;
/// How many random places are tried for a turbine.
const THROWS: usize = 2_000;
/// How many random layouts are begun.
const LAYOUTS: usize = 20;

impl<W: LaneWake> Starts<'_, W> {
    /// Start layout number `number`: a smart start of that rung of the ladder on a grid of its own, else a random layout.
    ///
    /// # Errors
    /// [`Error::NoFeasiblePosition`] when not even turbines thrown at random find room.
    pub fn place(&self, number: usize, rng: &mut CaseRng) -> Result<Layout> {
        let neighbours_m = self.ground.neighbours_m();
        let n_turbines = self.ground.movable().len();
        let min_spacing_m = self.ground.widest_spacing_m();
        let start = SmartStart { n_turbines, random_pct: LADDER[number % LADDER.len()], min_spacing_m };
        let mut step_m = (self.ground.area_m2(rng) / (CANDIDATES * n_turbines.max(1) as f64)).sqrt();
        let mut buffers = LaneBuffers::default();
        for _ in 0..DENSER {
            let mut candidates_m = self.ground.grid(step_m, (rng.unit(), rng.unit()));
            candidates_m.extend(self.ground.edge(step_m, rng.unit()));
            let far_m = |(x, y): (f64, f64), (u, v): (f64, f64)| libm::hypot(x - u, y - v) >= min_spacing_m;
            candidates_m.retain(|&at_m| neighbours_m.iter().all(|&neighbour_m| far_m(at_m, neighbour_m)));
            let n_candidates = candidates_m.len();
            candidates_m.extend(neighbours_m);
            let mut map = LaneMap::new(self.simd, self.wake, self.turbine, &candidates_m, self.flow, &mut buffers);
            for neighbour in n_candidates..candidates_m.len() {
                map.close(neighbour);
                map.place(neighbour);
            }
            match start.place(&mut map, &candidates_m[..n_candidates], rng) {
                Ok(layout) => return Ok(neighbours_m.iter().copied().chain(layout.positions()).collect()),
                Err(Error::NoFeasiblePosition { .. }) => step_m *= 0.7,
                Err(other) => return Err(other),
            }
        }
        random(self.ground, rng)
    }
}

/// A layout of turbines thrown at random, each as often as it takes to find room.
///
/// # Errors
/// [`Error::NoFeasiblePosition`] when there is no room in any of several layouts.
pub fn random(ground: &Ground, rng: &mut CaseRng) -> Result<Layout> {
    let mut failure = None;
    for _ in 0..LAYOUTS {
        let mut places_m = ground.neighbours_m().to_vec();
        match fill(ground, &mut places_m, rng) {
            Ok(()) => return Ok(places_m.into_iter().collect()),
            Err(error) => failure = Some(error),
        }
    }
    Err(failure.unwrap_or(Error::NoFeasiblePosition { turbine: 0, n_turbines: ground.n_turbines() }))
}

/// A given layout of the turbines to place made feasible: each turbine where it is, else at the nearest feasible place, else thrown at random.
///
/// # Errors
/// [`Error::NoFeasiblePosition`] when a turbine finds no room beside those already there.
pub fn mended(ground: &Ground, given: &Layout, rng: &mut CaseRng) -> Result<Layout> {
    let mut places_m = ground.neighbours_m().to_vec();
    for (turbine, at_m) in ground.movable().zip(given.positions()) {
        match ground.settle(turbine, at_m, &places_m) {
            Some(at_m) => places_m.push(at_m),
            None => places_m.push(thrown(ground, turbine, &places_m, rng)?),
        }
    }
    Ok(places_m.into_iter().collect())
}

fn fill(ground: &Ground, places_m: &mut Vec<(f64, f64)>, rng: &mut CaseRng) -> Result<()> {
    for turbine in places_m.len()..ground.n_turbines() {
        places_m.push(thrown(ground, turbine, places_m, rng)?);
    }
    Ok(())
}

fn thrown(ground: &Ground, turbine: usize, places_m: &[(f64, f64)], rng: &mut CaseRng) -> Result<(f64, f64)> {
    for _ in 0..THROWS {
        let at_m = ground.draw(rng)?;
        if let Some(at_m) = ground.settle(turbine, at_m, places_m) {
            return Ok(at_m);
        }
    }
    Err(Error::NoFeasiblePosition { turbine, n_turbines: ground.n_turbines() })
}

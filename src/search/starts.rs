//! Layouts to start from: harm-aware ones, lattices, smart starts over a ladder of randomness, random ones, a given one made feasible.

use crate::aep::Ways;
use crate::error::{Error, Result};
use crate::farm::Layout;
use crate::search::{CaseRng, Ground, Lattice, Physics, SmartStart, harm_aware};

/// What start layouts are made from.
#[derive(Debug, Clone, Copy)]
pub struct Starts<'a, W> {
    /// What layouts are judged by.
    pub physics: Physics<'a, W>,
    /// What is feasible.
    pub ground: &'a Ground<'a>,
}

/// A layout to start from, and what it took: each place of a turbine that was tried or taken is a move.
pub type Start = (Layout, u64);

/// Randomness of one smart start after the other, percent.
const LADDER: [f64; 6] = [0.0, 2.0, 5.0, 10.0, 25.0, 100.0];
/// Candidates per turbine of a smart start, and of a harm-aware one.
const CANDIDATES: (f64, f64) = (24.0, 8.0);
/// So many lattices are drawn; the best is taken.
const LATTICES: usize = 32;
/// With fewer moves per turbine all starts are smart ones.
const LEAST_MOVES: u64 = 200;
/// How often candidates are made denser before a start is given up.
const DENSER: usize = 3;
/// How many random places are tried for a turbine.
const THROWS: usize = 2_000;
/// How many random layouts are begun.
const LAYOUTS: usize = 20;

impl<W: Ways> Starts<'_, W> {
    /// Start layout number `number`: in turn a harm-aware one, a lattice, a harm-aware one, a smart start of the next rung of the ladder; where that finds
    /// no room, a random layout. With few `moves` it is always a smart start; on each grid at most half of them are spent.
    ///
    /// # Errors
    /// [`Error::NoFeasiblePosition`] when not even turbines thrown at random find room.
    pub fn place(&self, number: usize, moves: u64, rng: &mut CaseRng) -> Result<Start> {
        let is_poor = moves < LEAST_MOVES * self.ground.movable().len() as u64;
        let found = match number % 4 {
            0 | 2 if !is_poor => self.on_denser_grids(CANDIDATES.1, rng, |starts, candidates_m, rng| {
                harm_aware::place(&starts.physics, starts.ground, candidates_m, moves / 2, rng)
            })?,
            1 if !is_poor => self.lattice(rng),
            _ => self.on_denser_grids(CANDIDATES.0, rng, |starts, candidates_m, rng| {
                starts.smart(LADDER[number / 4 % LADDER.len()], candidates_m, rng)
            })?,
        };
        match found {
            // Lattices and smart starts know nothing of types.
            Some((layout, moves)) if self.ground.is_confined() => {
                let first = self.ground.movable().start;
                Ok((mended(self.ground, &layout.positions().skip(first).collect(), rng)?, moves))
            }
            Some(start) => Ok(start),
            None => Ok((random(self.ground, rng)?, self.ground.movable().len() as u64)),
        }
    }

    /// A start on a grid of so many candidates per turbine and on the edge; on denser ones if it finds no room there. None if it finds none at all.
    fn on_denser_grids(
        &self,
        per_turbine: f64,
        rng: &mut CaseRng,
        place: impl Fn(&Self, &[(f64, f64)], &mut CaseRng) -> Result<Start>,
    ) -> Result<Option<Start>> {
        let (ground, n) = (self.ground, self.ground.movable().len());
        let mut step_m = (ground.area_m2(rng) / (per_turbine * n.max(1) as f64)).sqrt();
        for _ in 0..DENSER {
            let mut candidates_m = ground.grid(step_m, (rng.unit(), rng.unit()));
            candidates_m.extend(ground.edge(step_m, rng.unit()));
            match place(self, &candidates_m, rng) {
                Ok(start) => return Ok(Some(start)),
                Err(Error::NoFeasiblePosition { .. }) => step_m *= 0.7,
                Err(other) => return Err(other),
            }
        }
        Ok(None)
    }

    /// The best of some lattices.
    fn lattice(&self, rng: &mut CaseRng) -> Option<Start> {
        let mut best: Option<(Layout, f64)> = None;
        let mut moves = 0;
        for _ in 0..LATTICES {
            let Ok(layout) = Lattice::draw(rng).place(self.ground, rng) else { continue };
            let aep_gwh = self.physics.counted_gwh(&*self.physics.plant(&layout));
            moves += self.ground.movable().len() as u64;
            if best.as_ref().is_none_or(|&(_, most)| aep_gwh > most) {
                best = Some((layout, aep_gwh));
            }
        }
        best.map(|(layout, _)| (layout, moves))
    }

    /// A smart start for turbines of the most frequent type.
    fn smart(&self, random_pct: f64, candidates_m: &[(f64, f64)], rng: &mut CaseRng) -> Result<Start> {
        let (Physics { simd, wake, turbines, types, flow, .. }, ground) = (self.physics, self.ground);
        let count = |t: usize| types[ground.movable()].iter().filter(|&&of| of == t).count();
        let most_frequent = (0..turbines.len()).max_by_key(|&t| (count(t), std::cmp::Reverse(t))).unwrap_or(0);
        let n_turbines = ground.movable().len();
        let min_spacing_m = ground.widest_spacing_m();
        let neighbours_m = ground.neighbours_m();
        let far = |(x, y): (f64, f64), (u, v): (f64, f64)| libm::hypot(x - u, y - v) >= min_spacing_m;
        let clear = |&at_m: &(f64, f64)| neighbours_m.iter().all(|&neighbour_m| far(at_m, neighbour_m));
        let mut all_m: Vec<(f64, f64)> = candidates_m.iter().copied().filter(clear).collect();
        let n_candidates = all_m.len();
        all_m.extend(neighbours_m);
        let mut memory = W::MapMemory::default();
        let mut map = wake.map(simd, &turbines[most_frequent], &all_m, flow, &mut memory);
        for neighbour in n_candidates..all_m.len() {
            map.close(neighbour);
            map.place(neighbour);
        }
        let start = SmartStart { n_turbines, random_pct, min_spacing_m };
        let layout = start.place(&mut *map, &all_m[..n_candidates], rng)?;
        let layout = neighbours_m.iter().copied().chain(layout.positions()).collect();
        Ok((layout, n_turbines as u64))
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

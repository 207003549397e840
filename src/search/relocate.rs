//! Relocation: one turbine after the other is tried at places all over the farm, in every part of it, and goes to the best one.
//!
//! Places are those of a shifted grid and of the edge that are free for the turbine. Around the best one, ever finer grids are searched.
//! Every place is judged by the exact AEP of the whole plant.

use crate::aep::Ways;
use crate::search::CaseRng;
use crate::search::attempt::Attempt;

/// How many places are tried for each turbine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Relocate {
    /// Step of the grid, and of the places along the edge, m.
    pub step_m: f64,
    /// How often the grid around the best place is refined by halves.
    pub refinements: usize,
    /// A gain below this share of the AEP is none.
    pub least_gain: f64,
}

impl Relocate {
    /// Relocates each of `turbines` once, as far as that gains; how many have moved.
    pub fn run<W: Ways>(&self, attempt: &mut Attempt<W>, turbines: &[usize], rng: &mut CaseRng) -> usize {
        let mut order = turbines.to_vec();
        rng.shuffle(&mut order);
        let mut moved = 0;
        for turbine in order {
            let shift = (rng.unit(), rng.unit());
            let mut places_m = attempt.ground().grid(self.step_m, shift);
            places_m.extend(attempt.ground().edge(self.step_m, shift.0));
            let least_gwh = attempt.aep_gwh() * (1.0 + self.least_gain);
            if let Some((to_m, aep_gwh)) = self.best(attempt, turbine, &places_m)
                && aep_gwh > least_gwh
                && attempt.put(turbine, to_m)
            {
                moved += 1;
            }
            if attempt.is_over() {
                break;
            }
        }
        moved
    }

    /// The best of these places and of the finer grids around the best one, with its AEP, GWh; none if none is free.
    pub fn best<W: Ways>(
        &self,
        attempt: &mut Attempt<W>,
        turbine: usize,
        places_m: &[(f64, f64)],
    ) -> Option<((f64, f64), f64)> {
        let mut best: Option<((f64, f64), f64)> = None;
        for &at_m in places_m {
            if attempt.ground().is_clear(turbine, at_m, attempt.places_m()) {
                let aep_gwh = attempt.probe(turbine, at_m)?;
                if best.is_none_or(|(_, most)| aep_gwh > most) {
                    best = Some((at_m, aep_gwh));
                }
            }
        }
        let (mut at_m, mut most_gwh) = best?;
        let mut step_m = self.step_m;
        for _ in 0..self.refinements {
            step_m *= 0.5;
            let center_m = at_m;
            for (i, j) in
                [(-1.0, -1.0), (0.0, -1.0), (1.0, -1.0), (-1.0, 0.0), (1.0, 0.0), (-1.0, 1.0), (0.0, 1.0), (1.0, 1.0)]
            {
                let wished_m = (center_m.0 + i * step_m, center_m.1 + j * step_m);
                let Some(to_m) = attempt.ground().settle(turbine, wished_m, attempt.places_m()) else { continue };
                let aep_gwh = attempt.probe(turbine, to_m)?;
                if aep_gwh > most_gwh {
                    (at_m, most_gwh) = (to_m, aep_gwh);
                }
            }
        }
        Some((at_m, most_gwh))
    }
}

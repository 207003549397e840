//! TOPFARM's smart start: one turbine after the other, each at a random one of the best remaining candidates.
//!
//! For every turbine: rank the remaining candidates by the energy they would yield in the wakes of the turbines already placed, keep the
//! best `random_pct` percent (at least one; equals of the last one too), draw one of them, drop all candidates closer than the minimum spacing.
//!
//! Source: TOPFARM 2.7.1, `TopFarmProblem.smart_start`; doi:10.5281/zenodo.3247031. Proven by tests/parity.

use crate::aep::EnergyMap;
use crate::error::{Error, Result};
use crate::farm::Layout;
use crate::search::CaseRng;

/// What a smart start is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SmartStart {
    /// How many turbines to place.
    pub n_turbines: usize,
    /// Share of the remaining candidates to draw from, percent; 100 draws from all without ranking, 0 takes the best.
    pub random_pct: f64,
    /// Least distance between two turbines, m.
    pub min_spacing_m: f64,
}

impl SmartStart {
    /// Places turbines at some of `candidates_m` (x, y), m, over which `map` is, with none placed yet.
    ///
    /// # Errors
    /// [`Error::NoFeasiblePosition`] when no candidate is left for a turbine.
    pub fn place(
        &self,
        map: &mut (impl EnergyMap + ?Sized),
        candidates_m: &[(f64, f64)],
        rng: &mut CaseRng,
    ) -> Result<Layout> {
        let ranked = self.random_pct < 100.0;
        let mut remaining: Vec<usize> = (0..candidates_m.len()).collect();
        let mut layout = Layout::default();
        for placed in 0..self.n_turbines {
            if remaining.is_empty() {
                return Err(Error::NoFeasiblePosition { turbine: placed, n_turbines: self.n_turbines });
            }
            let best = if ranked { self.best(&remaining, map.energy_gwh()) } else { remaining.clone() };
            let chosen = best[rng.below(best.len())];
            let (x, y) = candidates_m[chosen];
            layout.push(x, y);
            remaining.retain(|&k| {
                let (dx, dy) = (candidates_m[k].0 - x, candidates_m[k].1 - y);
                let stays = k != chosen && dx * dx + dy * dy >= self.min_spacing_m * self.min_spacing_m;
                if !stays {
                    map.close(k);
                }
                stays
            });
            // The last turbine's wake is asked for by nobody.
            if ranked && placed + 1 < self.n_turbines {
                map.place(chosen);
            }
        }
        Ok(layout)
    }

    /// The candidates among which one is drawn, in ascending order.
    fn best(&self, remaining: &[usize], energy: &[f64]) -> Vec<usize> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and the number of candidates"
        )]
        let wanted = (self.random_pct / 100.0 * remaining.len() as f64).round_ties_even() as usize;
        let mut ranked: Vec<f64> = remaining.iter().map(|&k| energy[k]).collect();
        let nth = wanted.clamp(1, ranked.len()) - 1;
        let (_, threshold, _) = ranked.select_nth_unstable_by(nth, |a, b| b.total_cmp(a));
        remaining.iter().copied().filter(|&k| energy[k] >= *threshold).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aep::{CandidateMap, MapBuffers};
    use crate::farm::{FlowCases, GenericTurbine};
    use crate::search::RngKind;
    use crate::wake::Nygaard2022;

    fn start(random_pct: f64) -> SmartStart {
        SmartStart { n_turbines: 5, random_pct, min_spacing_m: 500.0 }
    }

    #[test]
    fn ties_enlarge_the_set_and_halves_round_to_even() {
        let energy = [5.0, 3.0, 4.0, 3.0, 1.0];
        let all = [0, 1, 2, 3, 4];
        assert_eq!(start(0.0).best(&all, &energy), [0]);
        assert_eq!(start(50.0).best(&all, &energy), [0, 2], "2.5 rounds to 2");
        assert_eq!(start(60.0).best(&all, &energy), [0, 1, 2, 3]);
        assert_eq!(start(30.0).best(&[1, 3, 4], &energy), [1, 3]);
    }

    #[test]
    fn running_out_of_candidates_names_the_turbine() {
        let turbine = GenericTurbine::new(10e6, 195.0, 121.0).build("10").unwrap();
        let flow = FlowCases::grid(vec![270.0], &[9.0], vec![1.0], 0.1);
        let wake = Nygaard2022::new([195.0]);
        let candidates = [(0.0, 0.0), (100.0, 0.0), (600.0, 0.0)];
        let mut rng = CaseRng::new(RngKind::ChaCha8, 1, 0);
        let mut buffers = MapBuffers::default();
        let mut map = CandidateMap::new(&wake, &turbine, &candidates, &flow, &mut buffers);
        let error = start(30.0).place(&mut map, &candidates, &mut rng).unwrap_err();
        assert!(matches!(error, Error::NoFeasiblePosition { turbine: 2, n_turbines: 5 }), "{error}");
    }
}

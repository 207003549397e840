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
            let best = if ranked { self.best(&remaining, map) } else { remaining.clone() };
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

    /// The candidates among which one is drawn, in ascending order: those whose exact energy is at least that of the last one wanted. Exact
    /// energies are asked for only where the map's leave doubt.
    fn best(&self, remaining: &[usize], map: &mut (impl EnergyMap + ?Sized)) -> Vec<usize> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and the number of candidates"
        )]
        let wanted = (self.random_pct / 100.0 * remaining.len() as f64).round_ties_even() as usize;
        let wanted = wanted.clamp(1, remaining.len());
        let (energy, doubt_gwh) = (map.energy_gwh().to_vec(), map.doubt_gwh());
        let threshold = nth_largest(remaining.iter().map(|&k| energy[k]).collect(), wanted);
        if doubt_gwh == 0.0 {
            return remaining.iter().copied().filter(|&k| energy[k] >= threshold).collect();
        }
        // The threshold is as doubtful as the energies: it takes twice the doubt to be on one side of it for certain.
        let is_sure = |k: usize| energy[k] > threshold + 2.0 * doubt_gwh;
        let is_doubtful = |k: &usize| (energy[*k] - threshold).abs() <= 2.0 * doubt_gwh;
        let doubtful: Vec<usize> = remaining.iter().copied().filter(is_doubtful).collect();
        let wanted_of_doubtful = wanted - remaining.iter().filter(|&&k| is_sure(k)).count();
        let mut of_doubtful = doubtful.clone();
        if wanted_of_doubtful < doubtful.len() {
            let exact: Vec<f64> = doubtful.iter().map(|&k| map.exact_energy_gwh(k)).collect();
            let threshold = nth_largest(exact.clone(), wanted_of_doubtful);
            of_doubtful =
                doubtful.into_iter().zip(exact).filter(|(_, energy)| *energy >= threshold).map(|(k, _)| k).collect();
        }
        remaining.iter().copied().filter(|&k| is_sure(k) || of_doubtful.binary_search(&k).is_ok()).collect()
    }
}

/// The largest of some numbers but for `n` - 1.
fn nth_largest(mut numbers: Vec<f64>, n: usize) -> f64 {
    *numbers.select_nth_unstable_by(n - 1, |a, b| b.total_cmp(a)).1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::aep::{CandidateMap, LaneBuffers, LaneMap, MapBuffers, Simd};
    use crate::farm::{FlowCases, GenericTurbine};
    use crate::search::RngKind;
    use crate::wake::Nygaard2022;

    fn start(random_pct: f64) -> SmartStart {
        SmartStart { n_turbines: 5, random_pct, min_spacing_m: 500.0 }
    }

    /// Energies that are told with errors of up to `doubt_gwh`.
    struct Told {
        exact_gwh: Vec<f64>,
        estimate_gwh: Vec<f64>,
        doubt_gwh: f64,
        asked: usize,
    }

    impl Told {
        fn exactly(exact_gwh: Vec<f64>) -> Self {
            Self { estimate_gwh: exact_gwh.clone(), exact_gwh, doubt_gwh: 0.0, asked: 0 }
        }
    }

    impl EnergyMap for Told {
        fn place(&mut self, _candidate: usize) {}

        fn close(&mut self, _candidate: usize) {}

        fn energy_gwh(&mut self) -> &[f64] {
            &self.estimate_gwh
        }

        fn doubt_gwh(&self) -> f64 {
            self.doubt_gwh
        }

        fn exact_energy_gwh(&mut self, candidate: usize) -> f64 {
            self.asked += 1;
            self.exact_gwh[candidate]
        }
    }

    #[test]
    fn ties_enlarge_the_set_and_halves_round_to_even() {
        let map = &mut Told::exactly(vec![5.0, 3.0, 4.0, 3.0, 1.0]);
        let all = [0, 1, 2, 3, 4];
        assert_eq!(start(0.0).best(&all, map), [0]);
        assert_eq!(start(50.0).best(&all, map), [0, 2], "2.5 rounds to 2");
        assert_eq!(start(60.0).best(&all, map), [0, 1, 2, 3]);
        assert_eq!(start(30.0).best(&[1, 3, 4], map), [1, 3]);
    }

    proptest! {
        #[test]
        fn doubt_changes_nothing(
            levels in prop::collection::vec(0..40u32, 1..60),
            errors in prop::collection::vec(-1.0..1.0, 60),
            doubt_gwh in 0.01..3.0,
            random_pct in 0.0..100.0,
        ) {
            let exact_gwh: Vec<f64> = levels.iter().map(|&level| f64::from(level)).collect();
            let remaining: Vec<usize> = (0..exact_gwh.len()).filter(|k| k % 7 != 3).collect();
            let expected = start(random_pct).best(&remaining, &mut Told::exactly(exact_gwh.clone()));
            let estimate_gwh = exact_gwh.iter().zip(&errors).map(|(exact, error)| exact + doubt_gwh * error).collect();
            let mut map = Told { exact_gwh, estimate_gwh, doubt_gwh, asked: 0 };
            prop_assert_eq!(start(random_pct).best(&remaining, &mut map), expected);
        }
    }

    #[test]
    fn exact_energies_are_asked_for_only_in_doubt() {
        let exact_gwh: Vec<f64> = (0..60).map(f64::from).collect();
        let all: Vec<usize> = (0..60).collect();
        for (doubt_gwh, asked) in [(0.4, 0), (0.6, 3), (1.1, 5)] {
            let mut map = Told { estimate_gwh: exact_gwh.clone(), exact_gwh: exact_gwh.clone(), doubt_gwh, asked: 0 };
            assert_eq!(start(30.0).best(&all, &mut map), all[42..]);
            assert_eq!(map.asked, asked, "within twice {doubt_gwh} GWh of the last one wanted");
        }
    }

    #[test]
    fn a_sketched_map_leads_to_the_layouts_of_the_exact_one() {
        let turbine = GenericTurbine::new(15e6, 240.0, 150.0).build("15").unwrap();
        let directions: Vec<f64> = (0..120).map(|d| 3.0 * f64::from(d)).collect();
        let probability = (0..360).map(|k| f64::from(k % 11 + 1) * 5e-4).collect();
        let flow = FlowCases::grid(directions, &[7.0, 10.0, 13.0], probability, 0.08);
        let wake = Nygaard2022::new([240.0]);
        // Square and skew, wide and narrow: symmetric candidates come near to a tie, and tie.
        for (seed, (skew_m, step_m)) in [(0.0, 900.0), (0.0, 1500.0), (77.7, 900.0), (310.1, 1300.0)].iter().enumerate()
        {
            let candidates: Vec<(f64, f64)> = (0..144)
                .map(|k| (f64::from(k % 12), f64::from(k / 12)))
                .map(|(x, y)| (700_000.0 + step_m * x + skew_m * y, 6_200_000.0 + step_m * y))
                .collect();
            let start = SmartStart { n_turbines: 25, random_pct: 25.0, min_spacing_m: 720.0 };
            let (mut sketched, mut exact) = (LaneBuffers::default(), LaneBuffers::default());
            let (simd, air) = (Simd::detect(), wake.in_air(0.08));
            let mut sketched = LaneMap::new(simd, air, &turbine, &candidates, &flow, &mut sketched);
            let mut exact = LaneMap::new(simd, air, &turbine, &candidates, &flow, &mut exact).exactly();
            let rng = || CaseRng::new(RngKind::ChaCha8, seed as u64, 0);
            let layout = start.place(&mut sketched, &candidates, &mut rng()).unwrap();
            assert_eq!(layout, start.place(&mut exact, &candidates, &mut rng()).unwrap(), "{skew_m} m, {step_m} m");
            assert!(sketched.doubt_gwh() > 0.0 && exact.doubt_gwh().abs() < 1e-300);
        }
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

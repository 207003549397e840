//! A start that looks both ways: one turbine after the other, each where the AEP of the whole plant grows most. What it yields itself counts, and
//! what its wake takes from those already placed.
//!
//! The more turbines there are, the less one more is worth anywhere. So what a place was worth some turbines ago is a bound, and only places
//! whose bound is above the best value found are looked at again (lazy evaluation of a greedy choice; Minoux 1978,
//! doi:10.1007/BFb0006528). Where interacting wakes break the rule, a slightly lesser place may be taken.

use crate::aep::Ways;
use crate::error::{Error, Result};
use crate::farm::Layout;
use crate::search::{CaseRng, Ground, Physics};

/// Places turbines at some of `candidates_m`, beside the neighbours; the layout, and how many places were tried. The first turbine is placed at
/// random: in the free wind all places are worth the same. Once `most_tried` places have been tried, one more for each turbine is.
///
/// # Errors
/// [`Error::NoFeasiblePosition`] when no candidate is left for a turbine.
pub fn place<W: Ways>(
    physics: &Physics<W>,
    ground: &Ground,
    candidates_m: &[(f64, f64)],
    most_tried: u64,
    rng: &mut CaseRng,
) -> Result<(Layout, u64)> {
    let n_turbines = ground.n_turbines();
    let mut places_m = ground.neighbours_m().to_vec();
    let mut tried = 0;
    // What counts of the AEP so far; neighbours' own, if it counts, is the same for all places and left out.
    let mut yields_gwh = 0.0;
    // What each place was worth when it was last looked at, GWh, to a turbine of each type.
    let mut worth_gwh = vec![vec![f64::INFINITY; candidates_m.len()]; physics.turbines.len()];
    for turbine in ground.movable() {
        let mut open: Vec<usize> =
            (0..candidates_m.len()).filter(|&k| ground.is_clear(turbine, candidates_m[k], &places_m)).collect();
        if open.is_empty() {
            return Err(Error::NoFeasiblePosition { turbine, n_turbines });
        }
        if places_m.is_empty() {
            open = vec![open[rng.below(open.len())]];
        }
        // The highest bounds first; of equals the first candidate.
        let worth_gwh = &mut worth_gwh[physics.types[turbine]];
        open.sort_by(|&a, &b| worth_gwh[b].total_cmp(&worth_gwh[a]).then(a.cmp(&b)));
        let types = &physics.types[..=turbine];
        let with = places_m.iter().copied().chain([candidates_m[open[0]]]).collect();
        let one_more = Physics { types, ..*physics };
        let mut plant = one_more.plant(&with);
        let mut best = (f64::NEG_INFINITY, open[0]);
        for candidate in open {
            if worth_gwh[candidate] <= best.0 || tried >= most_tried && best.0 > f64::NEG_INFINITY {
                break;
            }
            plant.move_to(turbine, candidates_m[candidate]);
            tried += 1;
            worth_gwh[candidate] = one_more.counted_gwh(&*plant) - yields_gwh;
            if worth_gwh[candidate] > best.0 {
                best = (worth_gwh[candidate], candidate);
            }
        }
        yields_gwh += best.0;
        places_m.push(candidates_m[best.1]);
    }
    Ok((places_m.into_iter().collect(), tried))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aep::{LaneBuffers, LaneMap};
    use crate::farm::FlowCases;
    use crate::search::{RngKind, SmartStart, sample};
    use crate::wake::InAir;

    fn with<T>(take: impl FnOnce(&Physics<InAir>, &Ground, &[(f64, f64)]) -> T) -> T {
        let directions: Vec<f64> = (0..24).map(|d| 15.0 * f64::from(d)).collect();
        let probability: Vec<f64> = (0..24).map(|d| f64::from(d % 5 + 1) / 70.0).collect();
        let flow = FlowCases::grid(directions, &[9.0], probability, 0.06);
        sample::on_disc(2500.0, 12, &flow, |physics, ground| take(physics, ground, &ground.grid(330.0, (0.3, 0.6))))
    }

    /// The same with every place looked at for every turbine.
    fn diligent(
        physics: &Physics<InAir>,
        ground: &Ground,
        candidates_m: &[(f64, f64)],
        first_m: (f64, f64),
    ) -> (Layout, u64) {
        let (mut places_m, mut tried) = (vec![first_m], 0);
        for turbine in 1..ground.n_turbines() {
            let physics = Physics { types: &physics.types[..=turbine], ..*physics };
            let mut best = (f64::NEG_INFINITY, (0.0, 0.0));
            for &at_m in candidates_m.iter().filter(|&&at_m| ground.is_clear(turbine, at_m, &places_m)) {
                let layout = places_m.iter().copied().chain([at_m]).collect();
                let aep_gwh = physics.counted_gwh(&*physics.plant(&layout));
                tried += 1;
                if aep_gwh > best.0 {
                    best = (aep_gwh, at_m);
                }
            }
            places_m.push(best.1);
        }
        (places_m.into_iter().collect(), tried)
    }

    #[test]
    fn looking_at_few_places_is_as_good_as_looking_at_all() {
        with(|physics, ground, candidates_m| {
            for seed in 0..4 {
                let mut rng = CaseRng::new(RngKind::ChaCha8, seed, 0);
                let (layout, tried) = place(physics, ground, candidates_m, u64::MAX, &mut rng).unwrap();
                let first_m = layout.positions().next().unwrap();
                let (all, tried_all) = diligent(physics, ground, candidates_m, first_m);
                let aep_gwh = |layout: &Layout| physics.plant(layout).aep_gwh();
                let share = aep_gwh(&layout) / aep_gwh(&all);
                assert!((share - 1.0).abs() < 5e-4, "seed {seed}: {share}");
                assert!(3 * tried < 2 * tried_all, "seed {seed}: {tried} of {tried_all}");
                ground.prove(&layout).unwrap();
            }
        });
    }

    #[test]
    fn it_is_better_than_a_start_that_looks_one_way() {
        with(|physics, ground, candidates_m| {
            let mut gains = Vec::new();
            for seed in 0..8 {
                let mut rng = CaseRng::new(RngKind::ChaCha8, seed, 1);
                let (layout, _) = place(physics, ground, candidates_m, u64::MAX, &mut rng).unwrap();
                let mut buffers = LaneBuffers::default();
                let mut map = LaneMap::new(
                    physics.simd,
                    physics.wake,
                    &physics.turbines[0],
                    candidates_m,
                    physics.flow,
                    &mut buffers,
                );
                let smart = SmartStart { n_turbines: 12, random_pct: 0.0, min_spacing_m: 585.0 };
                let one_way = smart.place(&mut map, candidates_m, &mut rng).unwrap();
                gains.push(physics.plant(&layout).aep_gwh() - physics.plant(&one_way).aep_gwh());
            }
            gains.sort_by(f64::total_cmp);
            assert!(gains[2] > 0.0, "{gains:?}");
        });
    }

    #[test]
    fn few_tries_are_kept_to() {
        with(|physics, ground, candidates_m| {
            let mut rng = CaseRng::new(RngKind::ChaCha8, 1, 1);
            let (layout, tried) = place(physics, ground, candidates_m, 40, &mut rng).unwrap();
            assert!((40..=52).contains(&tried), "{tried}");
            ground.prove(&layout).unwrap();
        });
    }
}

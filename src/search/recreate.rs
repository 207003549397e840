//! Ruin and recreate: a few turbines are put elsewhere, all settle, and what comes of it is kept or not.
//!
//! A worse layout is kept with the probability exp(gain / heat), where the heat falls to nothing while the search goes on (Metropolis et al.
//! 1953, doi:10.1063/1.1699114; Kirkpatrick et al. 1983, doi:10.1126/science.220.4598.671), so that the search leaves a layout that no small
//! step improves.

use std::ops::Range;

use crate::aep::Ways;
use crate::search::attempt::Attempt;
use crate::search::{CaseRng, Polish, Relocate};

/// How much is ruined, and how it is recreated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recreate<'a> {
    /// At most so many turbines are put elsewhere at once.
    pub most_removed: usize,
    /// Random places of which each goes to the best; a third of them along the edge, this far apart, m.
    pub places: usize,
    /// See `places`.
    pub edge_step_m: f64,
    /// How the layout settles then.
    pub polish: Polish<'a>,
    /// Heat at the beginning and at the end, as a share of the AEP.
    pub heat: (f64, f64),
}

impl Recreate<'_> {
    /// Goes on until so many moves are tried or the search is over.
    pub fn run<W: Ways>(&self, attempt: &mut Attempt<W>, moves: u64, rng: &mut CaseRng) {
        if attempt.ground().movable().is_empty() {
            return;
        }
        let edge_m = attempt.ground().edge(self.edge_step_m, rng.unit());
        let mut hope = Hope::default();
        let begun = attempt.used();
        while attempt.used() - begun < moves && !attempt.is_over() {
            let before = attempt.used();
            let gone = (attempt.used() - begun) as f64 / moves as f64;
            let heat = self.heat.0 + (self.heat.1 - self.heat.0) * gone;
            let (from_m, from_gwh) = (attempt.places_m().to_vec(), attempt.aep_gwh());
            let removed = self.choose(attempt, rng);
            for &turbine in &removed {
                self.put_elsewhere(attempt, turbine, &edge_m, rng);
            }
            let needed_gwh = from_gwh + heat * from_gwh * libm::log(rng.unit().max(f64::MIN_POSITIVE));
            let ruined_gwh = attempt.aep_gwh();
            if ruined_gwh + hope.gain_gwh() >= needed_gwh {
                self.polish.run(attempt);
                hope.learn(attempt.aep_gwh() - ruined_gwh);
            }
            let is_kept = attempt.aep_gwh() >= needed_gwh;
            if !is_kept && !attempt.go_back(&from_m) {
                return;
            }
            if attempt.used() == before {
                // No turbine can go anywhere: there is nothing to search.
                return;
            }
        }
    }

    /// The turbines to put elsewhere: one of three that yields least, and others near it or anywhere.
    fn choose<W: Ways>(&self, attempt: &Attempt<W>, rng: &mut CaseRng) -> Vec<usize> {
        let movable = attempt.ground().movable();
        let (before, n) = (movable.start, movable.len());
        let aep_gwh = attempt.turbine_aep_gwh();
        let first =
            (0..3).map(|_| before + rng.below(n)).min_by(|&a, &b| aep_gwh[a].total_cmp(&aep_gwh[b])).unwrap_or(before);
        let wanted = (1 + rng.below(self.most_removed)).min(n);
        let mut chosen = vec![first];
        let nearby = rng.below(2) == 0;
        let ranked = nearest(attempt.places_m(), movable, attempt.places_m()[first]);
        while chosen.len() < wanted {
            let next = if nearby { ranked[chosen.len()] } else { before + rng.below(n) };
            if !chosen.contains(&next) {
                chosen.push(next);
            } else if nearby {
                break;
            }
        }
        chosen
    }

    fn put_elsewhere<W: Ways>(
        &self,
        attempt: &mut Attempt<W>,
        turbine: usize,
        edge_m: &[(f64, f64)],
        rng: &mut CaseRng,
    ) {
        let mut places_m = Vec::with_capacity(self.places);
        for k in 0..self.places {
            if k % 3 == 0 && !edge_m.is_empty() {
                places_m.push(edge_m[rng.below(edge_m.len())]);
            } else if let Ok(at_m) = attempt.ground().draw(rng) {
                places_m.push(at_m);
            }
        }
        let relocate = Relocate { step_m: self.edge_step_m, refinements: 0, least_gain: 0.0 };
        if let Some((to_m, _)) = relocate.best(attempt, turbine, &places_m) {
            attempt.put(turbine, to_m);
        }
    }
}

/// What a polish can be hoped to gain, from what others did. It costs as much as placing a turbine twenty times: a layout from which no usual gain
/// leads back is given up before it.
#[derive(Debug, Default)]
struct Hope {
    /// In ascending order, GWh.
    gains_gwh: Vec<f64>,
}

/// So many polishes must have been seen.
const SEEN: usize = 16;
/// This share of them gained less than what is hoped for.
const SHARE: f64 = 0.75;

impl Hope {
    fn learn(&mut self, gain_gwh: f64) {
        let at = self.gains_gwh.partition_point(|&known| known < gain_gwh);
        self.gains_gwh.insert(at, gain_gwh);
    }

    /// GWh.
    fn gain_gwh(&self) -> f64 {
        let n = self.gains_gwh.len();
        if n < SEEN {
            return f64::INFINITY;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index below the length")]
        let rank = (SHARE * (n - 1) as f64) as usize;
        self.gains_gwh[rank]
    }
}

/// These turbines, the nearest to a place first; of equals the one of the lower number.
fn nearest(places_m: &[(f64, f64)], turbines: Range<usize>, (x, y): (f64, f64)) -> Vec<usize> {
    let square = |k: usize| {
        let (u, v) = places_m[k];
        (u - x) * (u - x) + (v - y) * (v - y)
    };
    let mut order: Vec<usize> = turbines.collect();
    order.sort_by(|&a, &b| square(a).total_cmp(&square(b)));
    order
}

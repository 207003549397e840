//! From a start layout to a good one: pattern search, relocation, then ruin and recreate in rounds, and a fine pattern search at the end.

use crate::search::attempt::{Attempt, Stage};
use crate::search::{CaseRng, Pattern, Recreate, Relocate};
use crate::wake::LaneWake;

/// One round of a search that may be dropped after any of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Refine {
    /// The largest rotor diameter, by which lengths are measured, m.
    pub diameter_m: f64,
    /// Number of the round, from 0.
    pub round: u32,
    /// How many rounds there are.
    pub rounds: u32,
}

/// Heat of the first round, as a share of the AEP.
const HEAT: f64 = 3e-4;
/// The heat of a round over that of the one before.
const COOLING: f64 = 0.25;
/// Steps of searches on the way, rotor diameters.
const COARSE_STEPS: (f64, f64) = (1.0, 0.02);
/// Steps of the last search, rotor diameters.
const FINE_STEPS: (f64, f64) = (0.1, 1e-5);
/// A gain below this share of the AEP is none, on the way and at the end.
const GAINS: (f64, f64) = (1e-8, 1e-12);
/// About how many places all over the farm are tried for each turbine.
const RELOCATION_PLACES: f64 = 100.0;
/// Moves per turbine kept for the last search, and the share of all moves that it may take at most.
const FINE_MOVES: (u64, u64) = (400, 4);

impl Refine {
    /// Spends the moves that `attempt` has left. It ends at the best layout it has seen.
    pub fn run<W: LaneWake>(&self, attempt: &mut Attempt<W>, rng: &mut CaseRng) {
        let n = attempt.places_m().len();
        let all: Vec<usize> = (0..n).collect();
        let coarse = self.pattern(COARSE_STEPS, GAINS.0);
        if self.round == 0 {
            attempt.begin(Stage::Pattern);
            coarse.run(attempt, &all, rng);
            attempt.begin(Stage::Relocate);
            let step_m = (attempt.ground().area_m2(rng) / RELOCATION_PLACES).sqrt().max(self.diameter_m);
            let relocate = Relocate { step_m, refinements: 3, least_gain: GAINS.0 };
            relocate.run(attempt, &all, rng);
        }
        let is_last = self.round + 1 == self.rounds;
        let kept = if is_last { (FINE_MOVES.0 * n as u64).min(attempt.left() / FINE_MOVES.1) } else { 0 };
        attempt.begin(Stage::Recreate);
        let heat = HEAT * COOLING.powi(i32::try_from(self.round).unwrap_or(i32::MAX));
        let recreate = Recreate {
            most_removed: 3,
            places: 24,
            neighbours: 5,
            pattern: coarse,
            heat: (heat, if is_last { 0.0 } else { heat * COOLING }),
        };
        recreate.run(attempt, attempt.left().saturating_sub(kept), rng);
        if is_last && attempt.go_back_to_best() {
            attempt.begin(Stage::Pattern);
            coarse.run(attempt, &all, rng);
            self.pattern(FINE_STEPS, GAINS.1).run(attempt, &all, rng);
        }
    }

    fn pattern(&self, (first, least): (f64, f64), least_gain: f64) -> Pattern {
        Pattern { first_step_m: first * self.diameter_m, least_step_m: least * self.diameter_m, least_gain }
    }
}

//! From a start layout to a good one: a polish that begins with wide wakes, then ruin and recreate in rounds, and a fine search at the end.

use crate::aep::Ways;
use crate::search::attempt::{Attempt, Stage};
use crate::search::{CaseRng, Pattern, Polish, Recreate};

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

/// Widths of wakes, in their own, of the first polish.
const WIDENINGS: [f64; 7] = [8.0, 6.0, 4.0, 3.0, 2.0, 1.4, 1.0];
/// Rounds and steps of polishes: a quick one, so that something is gained soon; the first thorough one; those on the way; the last.
const QUICK_POLISH: (usize, u64) = (2, 12);
const FIRST_POLISH: (usize, u64) = (2, 12);
const SHORT_POLISH: (usize, u64) = (1, 8);
const LAST_POLISH: (usize, u64) = (6, 40);
/// The quick one may take one of so many moves.
const QUICK_SHARE: u64 = 4;
/// At most so many turbines are put elsewhere at once, each at the best of so many places.
const REMOVED: (usize, usize) = (2, 48);
/// Heat of the first round, as a share of the AEP.
const HEAT: f64 = 1e-4;
/// The heat after all rounds over that at their beginning; from the last it falls to nothing.
const COOLING: f64 = 0.01;
/// Steps of the last pattern search, rotor diameters.
const FINE_STEPS: (f64, f64) = (0.1, 1e-5);
/// A gain below this share of the AEP is none, on the way and at the end.
const GAINS: (f64, f64) = (1e-8, 1e-12);
/// Moves per turbine kept for the last search, and the share of all moves that it may take at most.
const LAST_MOVES: (u64, u64) = (600, 4);

impl Refine {
    /// Spends the moves that `attempt` has left. It ends at the best layout it has seen.
    pub fn run<W: Ways>(&self, attempt: &mut Attempt<W>, rng: &mut CaseRng) {
        let n = attempt.places_m().len();
        let is_last = self.round + 1 == self.rounds;
        let kept = if is_last { (LAST_MOVES.0 * n as u64).min(attempt.left() / LAST_MOVES.1) } else { 0 };
        if self.round == 0 {
            attempt.begin(Stage::Polish);
            let quick = attempt.left() / QUICK_SHARE;
            self.polish(&[1.0], QUICK_POLISH, GAINS.0).within(quick, n).run(attempt);
            let moves = attempt.left().saturating_sub(kept);
            self.polish(&WIDENINGS, FIRST_POLISH, GAINS.0).within(moves, n).run(attempt);
        }
        attempt.begin(Stage::Recreate);
        let heat_after = |rounds: u32| HEAT * libm::pow(COOLING, f64::from(rounds) / f64::from(self.rounds));
        let recreate = Recreate {
            most_removed: REMOVED.0,
            places: REMOVED.1,
            edge_step_m: self.diameter_m,
            polish: self.polish(&[1.0], SHORT_POLISH, GAINS.0),
            heat: (heat_after(self.round), if is_last { 0.0 } else { heat_after(self.round + 1) }),
        };
        recreate.run(attempt, attempt.left().saturating_sub(kept), rng);
        if is_last && attempt.go_back_to_best() {
            attempt.begin(Stage::Polish);
            let moves = attempt.left() / 2;
            self.polish(&[1.0], LAST_POLISH, GAINS.1).within(moves, n).run(attempt);
            attempt.begin(Stage::Pattern);
            let [first_step_m, least_step_m] = [FINE_STEPS.0, FINE_STEPS.1].map(|step| step * self.diameter_m);
            let all: Vec<usize> = attempt.ground().movable().collect();
            Pattern { first_step_m, least_step_m, least_gain: GAINS.1 }.run(attempt, &all, rng);
        }
    }

    fn polish<'p>(&self, widenings: &'p [f64], (rounds, steps): (usize, u64), least_gain: f64) -> Polish<'p> {
        Polish { diameter_m: self.diameter_m, widenings, rounds, steps, least_gain }
    }
}

//! Pattern search: every turbine tries four steps, at right angles to each other, and each has a step length of its own.
//!
//! A step that gains is kept and repeated, twice as long each time, while it gains; the turbine's next steps are longer. Four that do not gain
//! halve its step. Steps into the edge or too close to a neighbour slide along them ([`crate::search::Ground::settle`]). The cross is turned at
//! random before every try, so that no direction is preferred. It ends when no turbine gains at its shortest step.

use std::f64::consts::{FRAC_PI_2, TAU};

use crate::aep::Ways;
use crate::search::CaseRng;
use crate::search::attempt::Attempt;

/// How far, how finely, and for how little turbines move.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pattern {
    /// Length of the first steps, m.
    pub first_step_m: f64,
    /// Length of the shortest steps, m.
    pub least_step_m: f64,
    /// A gain below this share of the AEP is none.
    pub least_gain: f64,
}

/// How often a gaining step is doubled.
const MOST_DOUBLINGS: usize = 6;

impl Pattern {
    /// Moves `turbines` until no step gains or the search is over.
    pub fn run<W: Ways>(&self, attempt: &mut Attempt<W>, turbines: &[usize], rng: &mut CaseRng) {
        let mut steps_m = vec![self.first_step_m; turbines.len()];
        let mut order: Vec<usize> = (0..turbines.len()).collect();
        loop {
            rng.shuffle(&mut order);
            let mut at_rest = true;
            for &k in &order {
                if attempt.is_over() {
                    return;
                }
                if self.step(attempt, turbines[k], steps_m[k], rng) {
                    steps_m[k] = (2.0 * steps_m[k]).min(self.first_step_m);
                    at_rest = false;
                } else {
                    at_rest &= steps_m[k] <= self.least_step_m;
                    steps_m[k] = (0.5 * steps_m[k]).max(self.least_step_m);
                }
            }
            if at_rest {
                return;
            }
        }
    }

    /// Tries a cross of steps; whether one gained.
    fn step<W: Ways>(&self, attempt: &mut Attempt<W>, turbine: usize, step_m: f64, rng: &mut CaseRng) -> bool {
        let turned = rng.unit() * TAU;
        for arm in 0..4 {
            let angle = turned + f64::from(arm) * FRAC_PI_2;
            let (dx, dy) = (step_m * libm::cos(angle), step_m * libm::sin(angle));
            let gain_gwh = self.least_gain * attempt.aep_gwh();
            let mut length = 1.0;
            let mut gained = false;
            for _ in 0..MOST_DOUBLINGS {
                let (x, y) = attempt.places_m()[turbine];
                if !attempt.improve(turbine, (x + length * dx, y + length * dy), gain_gwh) {
                    break;
                }
                gained = true;
                length *= 2.0;
            }
            if gained {
                return true;
            }
        }
        false
    }
}

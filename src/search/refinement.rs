//! How far each layout of a sweep is refined after its smart start.

use std::fmt;
use std::str::FromStr;

use crate::aep::Ways;
use crate::search::attempt::{Attempt, Stage};
use crate::search::{CaseRng, Polish, Refine, Relocate};

/// What follows the smart start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Refinement {
    /// Nothing.
    #[default]
    None,
    /// Every turbine once goes to the best place that is free, see [`Relocate`].
    Relocate,
    /// All turbines move along the gradient until nothing is gained, see [`Polish`].
    Polish,
    /// Polish from wide wakes to narrow ones, ruin and recreate, a fine search at the end, see [`Refine`].
    Full,
}

/// Places for relocation are this far apart, rotor diameters; around the best ones grids are refined so often.
const RELOCATION: (f64, usize) = (2.0, 2);
/// Rounds and steps of the polish.
const POLISH: (usize, u64) = (4, 12);
/// A gain below this share of the AEP is none.
const LEAST_GAIN: f64 = 1e-8;
/// Moves per turbine of the full refinement.
const FULL_MOVES: u64 = 1_000;

impl Refinement {
    /// All of them, the least effort first.
    pub const ALL: [Self; 4] = [Self::None, Self::Relocate, Self::Polish, Self::Full];

    /// The name users write.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Relocate => "relocate",
            Self::Polish => "polish",
            Self::Full => "full",
        }
    }

    /// The moves that it may try with so many turbines.
    pub fn moves(self, n_turbines: usize) -> u64 {
        match self {
            Self::None => 0,
            // These come to an end by themselves.
            Self::Relocate | Self::Polish => u64::MAX,
            Self::Full => FULL_MOVES * n_turbines as u64,
        }
    }

    /// Refines the layout that `attempt` stands at; lengths are measured by this rotor diameter, m.
    pub fn run<W: Ways>(self, attempt: &mut Attempt<W>, diameter_m: f64, rng: &mut CaseRng) {
        match self {
            Self::None => {}
            Self::Relocate => {
                attempt.begin(Stage::Relocate);
                let all: Vec<usize> = attempt.ground().movable().collect();
                let step_m = RELOCATION.0 * diameter_m;
                Relocate { step_m, refinements: RELOCATION.1, least_gain: LEAST_GAIN }.run(attempt, &all, rng);
            }
            Self::Polish => {
                attempt.begin(Stage::Polish);
                let (rounds, steps) = POLISH;
                Polish { diameter_m, widenings: &[1.0], rounds, steps, least_gain: LEAST_GAIN }.run(attempt);
            }
            Self::Full => Refine { diameter_m, round: 0, rounds: 1 }.run(attempt, rng),
        }
    }
}

impl fmt::Display for Refinement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Refinement {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|refinement| refinement.name() == text)
            .ok_or_else(|| format!("`{text}` is not a refinement; choose none, relocate, polish or full"))
    }
}

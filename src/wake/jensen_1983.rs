//! Jensen 1983: a top-hat that grows linearly.
//!
//! ```text
//! deficit = 2 a(ct) / (1 + k x / R)^2   inside R + k x, times the share of the target's rotor inside
//! ```
//!
//! | symbol | code       | unit | meaning                                         |
//! |--------|------------|------|-------------------------------------------------|
//! | x, R   |            | m    | distance downwind, radius of the source         |
//! | k      | `EXPANSION`| -    | growth of the wake's radius                     |
//! | a      | `Induction`| -    | axial induction (Madsen)                        |
//!
//! Deficits are shares of the free stream and add up as the root of the sum of squares. Source: N. O. Jensen, A note on wind generator
//! interaction, Riso-M-2411 (1983). Valid in the far wake, from about 3 diameters on. Proven by tests/parity/models.rs.

use crate::wake::deficit::Deficit;
use crate::wake::spec::{DeficitSum, Expansion, Ground, RotorAverage, WakeSpec, WindSpeedAt};
use crate::wake::turbulence::{AddedTurbulence, TurbulenceSum};
use crate::wake::{Induction, Superposition};

/// k.
const EXPANSION: f64 = 0.1;

/// The model.
pub fn spec() -> WakeSpec {
    WakeSpec {
        deficit: Deficit::TopHat { induction: Induction::Madsen, expansion: Expansion::constant(EXPANSION) },
        reference_speed: WindSpeedAt::FreeStream,
        thrust_speed: WindSpeedAt::Effective,
        superposition: DeficitSum::Plain(Superposition::Squared),
        rotor_average: RotorAverage::AreaOverlap,
        ground: Ground::None,
        turbulence: AddedTurbulence::None,
        turbulence_sum: TurbulenceSum::default(),
    }
}

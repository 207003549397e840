//! The simplified Gaussian of the IEA Wind Task 37 case studies 1 to 4.
//!
//! ```text
//! deficit = (1 - sqrt(1 - ct / (8 (sigma/D)^2))) exp(-(r/sigma)^2 / 2),   sigma = k x + D / sqrt(8)
//! ```
//!
//! | symbol | code       | unit | meaning                                 |
//! |--------|------------|------|-----------------------------------------|
//! | x, r   |            | m    | position seen from the rotor            |
//! | k      | `EXPANSION`| -    | growth of the width                     |
//!
//! Thrust is that at the free stream, deficits are shares of it and add up as the root of the sum of squares. Source: Baker et al. 2019,
//! doi:10.2514/6.2019-0540. Valid for thrust coefficients below 1. Proven by tests/parity/models.rs.

use crate::wake::Superposition;
use crate::wake::deficit::Deficit;
use crate::wake::spec::{DeficitSum, Ground, RotorAverage, WakeSpec, WindSpeedAt};
use crate::wake::turbulence::{AddedTurbulence, TurbulenceSum};

/// k.
const EXPANSION: f64 = 0.032_455_5;

/// The model.
pub fn spec() -> WakeSpec {
    WakeSpec {
        deficit: Deficit::Iea37 { k: EXPANSION },
        reference_speed: WindSpeedAt::FreeStream,
        thrust_speed: WindSpeedAt::FreeStream,
        superposition: DeficitSum::Plain(Superposition::Squared),
        rotor_average: RotorAverage::Center,
        ground: Ground::None,
        turbulence: AddedTurbulence::None,
        turbulence_sum: TurbulenceSum::default(),
    }
}

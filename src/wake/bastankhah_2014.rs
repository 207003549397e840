//! Bastankhah and Porte-Agel 2014: a Gaussian that grows linearly.
//!
//! ```text
//! deficit = (1 - sqrt(1 - ct / (8 (sigma/D)^2))) exp(-(r/sigma)^2 / 2)
//! sigma   = k x + 0.2 sqrt(beta) D,   beta = (1 + s) / (2 s),   s = sqrt(1 - ct)
//! ```
//!
//! | symbol | code       | unit | meaning                                 |
//! |--------|------------|------|-----------------------------------------|
//! | x, r   |            | m    | position seen from the rotor            |
//! | k      | `EXPANSION`| -    | growth of the width                     |
//!
//! Deficits are shares of the speed that the source sees and add up linearly. The paper fits k to each case; the value here is that of IEA Wind
//! Task 37, and a sweep may give another. Source: doi:10.1016/j.renene.2014.01.002. Valid in the far wake. Proven by tests/parity/models.rs.

use crate::wake::deficit::Deficit;
use crate::wake::gaussian_width::GaussianWidth;
use crate::wake::spec::{DeficitSum, Expansion, Ground, RotorAverage, WakeSpec, WindSpeedAt};
use crate::wake::turbulence::{AddedTurbulence, TurbulenceSum};
use crate::wake::{Induction, Superposition};

/// k.
const EXPANSION: f64 = 0.032_455_5;
/// Width at the rotor, in diameters, at small thrust.
pub(crate) const C_EPSILON: f64 = 0.2;
/// Thrust above which the width at the rotor grows no further.
pub(crate) const CT_LIMIT: f64 = 0.899;

/// The model.
pub fn spec() -> WakeSpec {
    let expansion = Expansion::constant(EXPANSION);
    WakeSpec {
        deficit: Deficit::Gaussian {
            induction: Induction::Momentum,
            width: GaussianWidth::Linear { expansion, c_epsilon: C_EPSILON, ct_limit: CT_LIMIT },
        },
        reference_speed: WindSpeedAt::Effective,
        thrust_speed: WindSpeedAt::Effective,
        superposition: DeficitSum::Plain(Superposition::Linear),
        rotor_average: RotorAverage::Center,
        ground: Ground::None,
        turbulence: AddedTurbulence::None,
        turbulence_sum: TurbulenceSum::default(),
    }
}

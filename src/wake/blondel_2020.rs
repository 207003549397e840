//! Blondel and Cathelain 2020: a super-Gaussian, flat near the rotor and Gaussian far from it.
//!
//! ```text
//! deficit = C(x) exp(-(r/D)^n / (2 s^2)),   n = 3.11 exp(-0.68 x/D) + 2.41,   s = (0.17 TI + 0.005) x/D + 0.2 sqrt(beta)
//! ```
//!
//! | symbol | code        | unit | meaning                                          |
//! |--------|-------------|------|--------------------------------------------------|
//! | C      | `deficit`   | -    | from the conservation of momentum                |
//! | n      | `EXPONENT`  | -    | steepness of the profile                         |
//! | TI     |             | -    | turbulence at the rotor (Crespo and Hernandez)   |
//!
//! Deficits are shares of the speed that the source sees and add up linearly. Source: doi:10.5194/wes-5-1225-2020. Valid from the rotor to
//! the far wake. Proven by tests/parity/models.rs.

use crate::wake::deficit::Deficit;
use crate::wake::spec::{Expansion, RotorAverage, WakeSpec};
use crate::wake::turbulence::AddedTurbulence;
use crate::wake::{Induction, bastankhah_2014};

/// Growth per unit of turbulence, and without any.
const EXPANSION: [f64; 2] = [0.17, 0.005];
/// Width at the rotor, in diameters, at small thrust.
pub(crate) const C_S: f64 = 0.2;
/// af, bf, cf of the exponent.
pub(crate) const EXPONENT: [f64; 3] = [3.11, -0.68, 2.41];

/// The model.
pub fn spec() -> WakeSpec {
    let expansion = Expansion::effective(EXPANSION[0], EXPANSION[1]);
    WakeSpec {
        deficit: Deficit::SuperGaussian { expansion, c_s: C_S, exponent: EXPONENT },
        rotor_average: RotorAverage::Center,
        turbulence: AddedTurbulence::CrespoHernandez {
            c: [0.73, 0.8325, -0.0325, -0.32],
            induction: Induction::Madsen,
        },
        ..bastankhah_2014::spec()
    }
}

//! Niayifar and Porte-Agel 2016: a Gaussian that grows with the turbulence at the rotor.
//!
//! ```text
//! deficit as bastankhah_2014, averaged over the rotor;   sigma = k x + 0.2 sqrt(beta) D
//! k       = 0.3837 TI + 0.003678
//! TI      = sqrt(I0^2 + max t^2),   t by Crespo and Hernandez
//! ```
//!
//! | symbol | code               | unit | meaning                                  |
//! |--------|--------------------|------|------------------------------------------|
//! | TI, I0 |                    | -    | turbulence at the rotor, in the free wind|
//! | t      | `CRESPO_HERNANDEZ` | -    | turbulence that a wake adds              |
//!
//! Deficits are shares of the speed that the source sees and add up linearly. Source: doi:10.3390/en9090741. Valid in the far wake for
//! turbulence of 0.065 to 0.15. Proven by tests/parity/models.rs.

use crate::wake::Induction;
use crate::wake::bastankhah_2014::{self, C_EPSILON, CT_LIMIT};
use crate::wake::deficit::Deficit;
use crate::wake::gaussian_width::GaussianWidth;
use crate::wake::spec::{Expansion, RotorAverage, WakeSpec};
use crate::wake::turbulence::AddedTurbulence;

/// Growth per unit of turbulence, and without any.
const EXPANSION: [f64; 2] = [0.3837, 0.003_678];
/// Added turbulence with the constants of this paper.
pub(crate) const CRESPO_HERNANDEZ: AddedTurbulence =
    AddedTurbulence::CrespoHernandez { c: [0.73, 0.8325, 0.0325, -0.32], induction: Induction::Momentum };

/// The model.
pub fn spec() -> WakeSpec {
    let expansion = Expansion::effective(EXPANSION[0], EXPANSION[1]);
    WakeSpec {
        deficit: Deficit::Gaussian {
            induction: Induction::Momentum,
            width: GaussianWidth::Linear { expansion, c_epsilon: C_EPSILON, ct_limit: CT_LIMIT },
        },
        rotor_average: RotorAverage::GaussianOverlap,
        turbulence: CRESPO_HERNANDEZ,
        ..bastankhah_2014::spec()
    }
}

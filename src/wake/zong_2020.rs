//! Zong and Porte-Agel 2020: a Gaussian with a near wake, and wakes that add up so that momentum is conserved.
//!
//! ```text
//! sigma / D = 0.35 + k ln(1 + exp((x - x_nw) / D)),   k = 0.38 TI + 0.004,   ct_x = ct (1 + erf(x/D)) / 2
//! ```
//!
//! | symbol | code               | unit | meaning                                        |
//! |--------|--------------------|------|------------------------------------------------|
//! | x_nw   | `gaussian_width`   | m    | length of the near wake                        |
//! | TI     |                    | -    | turbulence at the rotor (Crespo and Hernandez) |
//!
//! The superposition is `weighted`. In a search each candidate's wakes are weighted for themselves; the stored AEP is that of the whole
//! evaluation, as the reference code computes it. Source: doi:10.1017/jfm.2020.77. Valid for thrust coefficients below 0.96. Proven by
//! tests/parity/models.rs.

use crate::wake::deficit::Deficit;
use crate::wake::gaussian_width::GaussianWidth;
use crate::wake::spec::{DeficitSum, Expansion, RotorAverage, WakeSpec};
use crate::wake::turbulence::AddedTurbulence;
use crate::wake::{Induction, niayifar_2016};

/// Growth per unit of turbulence, and without any.
const EXPANSION: [f64; 2] = [0.38, 0.004];

/// The width with the paper's constants.
pub(crate) fn width(expansion: Expansion) -> GaussianWidth {
    GaussianWidth::Zong {
        expansion,
        epsilon: 0.35,
        recovery_d: std::f64::consts::FRAC_1_SQRT_2,
        tip_speed_ratio: 7.5,
        blades: 3.0,
    }
}

/// The model.
pub fn spec() -> WakeSpec {
    WakeSpec {
        deficit: Deficit::Gaussian {
            induction: Induction::Madsen,
            width: width(Expansion::effective(EXPANSION[0], EXPANSION[1])),
        },
        superposition: DeficitSum::Weighted,
        rotor_average: RotorAverage::Center,
        turbulence: AddedTurbulence::CrespoHernandez { c: [0.73, 0.83, 0.03, -0.32], induction: Induction::Momentum },
        ..niayifar_2016::spec()
    }
}

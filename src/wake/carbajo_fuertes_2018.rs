//! Carbajo Fuertes, Markfort and Porte-Agel 2018: growth and initial width from lidar measurements of full-scale wakes.
//!
//! ```text
//! deficit as niayifar_2016,   sigma = k x + (0.34 - 1.91 k) D,   k = 0.35 TI
//! ```
//!
//! | symbol | code           | unit | meaning                             |
//! |--------|----------------|------|-------------------------------------|
//! | TI     |                | -    | turbulence at the rotor             |
//! | k      | `EXPANSION`    | -    | growth of the width                 |
//!
//! Source: doi:10.3390/rs10050668. Valid in the far wake for turbulence up to 0.2; above 0.5 the initial width would be negative. Proven by
//! tests/parity/models.rs.

use crate::wake::Induction;
use crate::wake::deficit::Deficit;
use crate::wake::gaussian_width::GaussianWidth;
use crate::wake::niayifar_2016;
use crate::wake::spec::{Expansion, WakeSpec};

/// Growth per unit of turbulence.
const EXPANSION: f64 = 0.35;
/// Initial width over growth, and without any.
pub(crate) const EPSILON_OF_K: [f64; 2] = [-1.91, 0.34];

/// The model.
pub fn spec() -> WakeSpec {
    let expansion = Expansion::effective(EXPANSION, 0.0);
    WakeSpec {
        deficit: Deficit::Gaussian {
            induction: Induction::Momentum,
            width: GaussianWidth::CarbajoFuertes { expansion, epsilon_of_k: EPSILON_OF_K },
        },
        ..niayifar_2016::spec()
    }
}

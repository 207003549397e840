//! `LAYOUTOPT_SIMD`: the instructions to compute with.

use layoutopt::aep::Simd;
use layoutopt::{Problem, Result};

/// Environment variable that names a set of instructions.
const VARIABLE: &str = "LAYOUTOPT_SIMD";

/// The best instructions that this processor has, or those that the environment names.
///
/// # Errors
/// A name that this processor does not know.
pub fn instructions() -> Result<Simd> {
    let simd = match std::env::var_os(VARIABLE).filter(|value| !value.is_empty()) {
        Some(name) => name.to_string_lossy().parse().map_err(|fault: String| Problem::new(VARIABLE, fault))?,
        None => Simd::detect(),
    };
    tracing::info!("computing with {simd} instructions");
    Ok(simd)
}

//! Proof that a stored record is a solution of its case.

use crate::store::{Outcome, Record, Solution};
use crate::sweep::Solver;

/// How far outside a boundary, or short of a spacing, a position may lie, m; what coordinates of millions of metres lose to rounding.
const TOLERANCE_M: f64 = 1e-6;
/// How far a stored AEP may be from its recomputation, relative.
const AEP_TOLERANCE: f64 = 1e-9;

impl Solver {
    /// Checks what can be checked without the wake model: that the sweep has the case, turbine count, finite numbers, boundary, spacing.
    ///
    /// # Errors
    /// The first fault, in words.
    pub fn prove_constraints(&self, record: &Record) -> Result<(), String> {
        let Some(case) = self.case(record.key) else {
            return Err(format!("the sweep has no {}", record.key));
        };
        if !self.knows(record.key, record.case_id) {
            return Err("its inputs are not this sweep's".into());
        }
        let Outcome::Solved(solution) = &record.outcome else {
            return Ok(());
        };
        let sweep = self.sweep();
        let (farm, turbine) =
            (&sweep.farms[record.key.farm as usize].farm, &sweep.turbines[record.key.turbine as usize]);
        let wanted = case.n_turbines;
        if solution.layout.len() != wanted {
            return Err(format!("{} turbines, expected {wanted}", solution.layout.len()));
        }
        finite(solution)?;
        let worst =
            solution.layout.positions().map(|(x, y)| farm.signed_distance_m(x, y)).fold(f64::INFINITY, f64::min);
        if worst < -TOLERANCE_M {
            return Err(format!("a turbine stands {:.3} m outside the boundary", -worst));
        }
        let (spacing_m, least_m) =
            (solution.layout.min_spacing_m(), sweep.search.min_spacing_d * turbine.rotor_diameter_m);
        if spacing_m < least_m - TOLERANCE_M {
            return Err(format!("two turbines stand {spacing_m:.3} m apart, at least {least_m:.3} m are asked for"));
        }
        Ok(())
    }

    /// Checks the stored AEP, with and without wakes, by computing it anew. The constraints must have been proven.
    ///
    /// # Errors
    /// The first fault, in words.
    pub fn prove_aep(&self, record: &Record) -> Result<(), String> {
        let Outcome::Solved(solution) = &record.outcome else {
            return Ok(());
        };
        let production = self.production(record.key, &solution.layout);
        for (name, stored, computed) in [
            ("AEP", solution.aep_gwh, production.aep_gwh()),
            ("AEP without wakes", solution.aep_no_wake_gwh, production.aep_no_wake_gwh()),
        ] {
            if (stored - computed).abs() > AEP_TOLERANCE * computed.abs() {
                return Err(format!("{name} is stored as {stored} GWh, recomputed {computed} GWh"));
            }
        }
        Ok(())
    }
}

fn finite(solution: &Solution) -> Result<(), String> {
    let positions = solution.layout.positions().flat_map(|(x, y)| [x, y]);
    let mut numbers = positions.chain([solution.aep_gwh, solution.aep_no_wake_gwh, solution.rotor_diameter_m]);
    if numbers.any(|number| !number.is_finite()) {
        return Err("a number is not finite".into());
    }
    if solution.aep_gwh <= 0.0 {
        return Err(format!("an AEP of {} GWh", solution.aep_gwh));
    }
    if let Some(last) = solution.stages.last()
        && last.aep_gwh.to_bits() != solution.aep_gwh.to_bits()
    {
        return Err(format!("its last stage ended with {} GWh, its AEP is {} GWh", last.aep_gwh, solution.aep_gwh));
    }
    Ok(())
}

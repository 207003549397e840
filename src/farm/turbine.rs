//! One type of wind turbine.

use crate::error::Problem;
use crate::farm::Curve;

/// A turbine type: size, power curve, thrust curve.
#[derive(Debug, Clone, PartialEq)]
pub struct Turbine {
    /// Name, for people.
    pub name: String,
    /// Rotor diameter, m.
    pub rotor_diameter_m: f64,
    /// Hub height above ground, m.
    pub hub_height_m: f64,
    /// Rated electrical power, W.
    pub rated_power_w: f64,
    /// Electrical power, W, over wind speed at hub height.
    pub power_w: Curve,
    /// Thrust coefficient over wind speed at hub height.
    pub ct: Curve,
}

/// Largest thrust coefficient taken for a real turbine.
const MAX_CT: f64 = 1.2;
/// A turbine's rated power lies between these, W.
const RATED_POWER_RANGE_W: std::ops::RangeInclusive<f64> = 1e3..=50e6;
/// Rated power per rotor area of real turbines lies well between these, W/m2: 150 for low winds, 600 offshore.
const SPECIFIC_POWER_RANGE_W_M2: std::ops::RangeInclusive<f64> = 50.0..=2000.0;

impl Turbine {
    /// Checks that the numbers can be a wind turbine's.
    ///
    /// # Errors
    /// Lengths that are not positive, a rotor that reaches the ground, negative power or thrust, thrust above 1.2, a rated power
    /// outside 1 kW to 50 MW or a rated power per rotor area outside 50 to 2000 W/m2 (most often a mistaken unit).
    pub fn check(&self) -> Result<(), Vec<Problem>> {
        let mut problems = Vec::new();
        let mut expect = |holds: bool, field: &str, fault: String| {
            if !holds {
                problems.push(Problem::new(field, fault));
            }
        };
        let (diameter, hub) = (self.rotor_diameter_m, self.hub_height_m);
        expect(diameter.is_finite() && diameter > 0.0, "rotor_diameter", format!("{diameter} m, must be positive"));
        expect(hub.is_finite() && hub > 0.0, "hub_height", format!("{hub} m, must be positive"));
        expect(
            2.0 * hub > diameter,
            "hub_height",
            format!("{hub} m: a rotor of {diameter} m would touch the ground; is the diameter given as the height?"),
        );
        expect(
            self.power_w.min() >= 0.0,
            "power_curve",
            format!("power of {} W, must not be negative", self.power_w.min()),
        );
        expect(self.ct.min() >= 0.0, "ct_curve", format!("thrust coefficient {}, must not be negative", self.ct.min()));
        expect(
            self.ct.max() <= MAX_CT,
            "ct_curve",
            format!(
                "thrust coefficient {} is above {MAX_CT}; is the column the power coefficient or in percent?",
                self.ct.max()
            ),
        );
        let (rated, most) = (self.rated_power_w, self.power_w.max());
        for (field, power) in [("rated_power", rated), ("power_curve", most)] {
            expect(RATED_POWER_RANGE_W.contains(&power), field, unit_fault(power));
            let specific = power / (std::f64::consts::PI / 4.0 * diameter * diameter);
            let sound = !RATED_POWER_RANGE_W.contains(&power) || SPECIFIC_POWER_RANGE_W_M2.contains(&specific);
            expect(sound || diameter <= 0.0, field, specific_fault(power, diameter, specific));
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }
}

fn unit_fault(power_w: f64) -> String {
    let guess = if power_w > *RATED_POWER_RANGE_W.end() {
        "; looks like W multiplied by 1000 once more"
    } else if power_w >= 100.0 {
        "; looks like kW given as W"
    } else if power_w >= 0.1 {
        "; looks like MW given as W"
    } else {
        ""
    };
    format!("{power_w} W is outside 1 kW to 50 MW{guess}")
}

fn specific_fault(power_w: f64, diameter_m: f64, specific_w_m2: f64) -> String {
    let (least, most) = (SPECIFIC_POWER_RANGE_W_M2.start(), SPECIFIC_POWER_RANGE_W_M2.end());
    let guess = if SPECIFIC_POWER_RANGE_W_M2.contains(&(specific_w_m2 * 1e3)) {
        "; looks like kW given as W"
    } else if SPECIFIC_POWER_RANGE_W_M2.contains(&(specific_w_m2 / 1e3)) {
        "; looks like W multiplied by 1000 once more"
    } else {
        "; is the rotor diameter in metres?"
    };
    let specific = format!("{power_w} W on a rotor of {diameter_m} m is {specific_w_m2:.3} W per m2");
    format!("{specific}, must be {least} to {most}{guess}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turbine() -> Turbine {
        Turbine {
            name: "t".into(),
            rotor_diameter_m: 80.0,
            hub_height_m: 70.0,
            rated_power_w: 2e6,
            power_w: Curve::new(vec![3.0, 25.0], vec![0.0, 2e6]).unwrap(),
            ct: Curve::new(vec![3.0, 25.0], vec![0.8, 0.1]).unwrap(),
        }
    }

    #[test]
    fn a_real_turbine_passes() {
        turbine().check().unwrap();
    }

    #[test]
    fn mistaken_units_are_named() {
        let kilowatts = Turbine {
            rated_power_w: 2000.0,
            power_w: Curve::new(vec![3.0, 25.0], vec![0.0, 200.0]).unwrap(),
            ..turbine()
        };
        assert!(kilowatts.check().unwrap_err()[0].fault.contains("looks like kW"));
        let curve = Curve::new(vec![3.0, 25.0], vec![0.0, 2000.0]).unwrap();
        let within = Turbine { rated_power_w: 2000.0, power_w: curve, ..turbine() };
        let problems = within.check().unwrap_err();
        assert!(problems.iter().all(|problem| problem.fault.contains("kW given as W")), "{problems:?}");
        let squat = Turbine { hub_height_m: 30.0, ..turbine() };
        assert!(squat.check().unwrap_err()[0].fault.contains("touch the ground"));
        let thrust = Turbine { ct: Curve::new(vec![3.0, 25.0], vec![80.0, 10.0]).unwrap(), ..turbine() };
        assert!(thrust.check().unwrap_err()[0].fault.contains("above 1.2"));
    }
}

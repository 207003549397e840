//! windIO `turbine`: size, power curve, thrust curve.

use crate::error::Problem;
use crate::farm::{Curve, Turbine};
use crate::formats::Field;

/// The turbine that a windIO `turbine` describes. Powers are in W; without `rated_power` the largest power of the curve is the rated one.
pub fn turbine(field: &Field) -> Option<Turbine> {
    let name = field.get("name").and_then(|name| name.text());
    let rotor_diameter_m = field.get("rotor_diameter").and_then(|d| d.number());
    let hub_height_m = field.get("hub_height").and_then(|h| h.number());
    let performance = field.get("performance")?;
    let power_w = power_curve(&performance);
    let ct = performance.get("Ct_curve").and_then(|c| curve(&c, "Ct_wind_speeds", "Ct_values"));
    let rated_power = performance.opt("rated_power").map(|rated| rated.number());
    let power_w = power_w?;
    let turbine = Turbine {
        name: name?.to_owned(),
        rotor_diameter_m: rotor_diameter_m?,
        hub_height_m: hub_height_m?,
        rated_power_w: rated_power.unwrap_or(Some(power_w.max()))?,
        power_w,
        ct: ct?,
    };
    checked(turbine, field, |name| match name {
        "rated_power" => "performance.rated_power",
        "power_curve" => "performance.power_curve",
        "ct_curve" => "performance.Ct_curve",
        other => other,
    })
}

/// `turbine` if it can be one; `key` tells how this file calls the fields that [`Turbine::check`] names.
pub fn checked(turbine: Turbine, field: &Field, key: impl Fn(&str) -> &str) -> Option<Turbine> {
    match turbine.check() {
        Ok(()) => Some(turbine),
        Err(problems) => {
            for problem in problems {
                field.fault_below(&Problem::new(key(&problem.place), problem.fault));
            }
            None
        }
    }
}

/// The curve whose wind speeds (m/s) and values stand at two keys of `field`.
pub fn curve(field: &Field, wind_speed: &str, value: &str) -> Option<Curve> {
    let speeds = field.get(wind_speed).and_then(|list| list.numbers());
    let values = field.get(value).and_then(|list| list.numbers());
    Curve::new(speeds?, values?).map_err(|problem| field.fault_below(&problem)).ok()
}

fn power_curve(performance: &Field) -> Option<Curve> {
    if let Some(table) = performance.opt("power_curve") {
        return curve(&table, "power_wind_speeds", "power_values");
    }
    let instead = if performance.has("Cp_curve") {
        "a Cp_curve alone is not read yet"
    } else if performance.has("rated_wind_speed") {
        "a rated power with cut-in and rated wind speed alone is not read yet"
    } else {
        "is missing"
    };
    performance.fault_below(&Problem::new(
        "power_curve",
        format!("{instead}; give power_values in W over power_wind_speeds in m/s"),
    ));
    None
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::error::Result;
    use crate::farm::GenericTurbine;
    use crate::formats::{Faults, Files, yaml};

    const SMALL: &str = "
name: T
performance:
  power_curve:
    power_values: [0, 500000.0, 2000000.0]
    power_wind_speeds: [3, 7, 12]
  Ct_curve:
    Ct_values: [0.8, 0.1]
    Ct_wind_speeds: [3, 25]
hub_height: 70
rotor_diameter: 80
";

    fn read(text: &str) -> Result<Turbine> {
        let faults = Faults::new();
        let document = yaml::parse(text, Path::new("t.yaml"), Files::BuiltIn(&[]))?;
        let read = turbine(&Field::root(&document, &faults));
        faults.into_result("t.yaml", read)
    }

    #[test]
    fn curves_keep_their_own_knots_and_rated_power_is_the_largest() {
        let turbine = read(SMALL).unwrap();
        assert_eq!(turbine.power_w.wind_speed_m_s(), [3.0, 7.0, 12.0]);
        assert_eq!(turbine.ct.wind_speed_m_s(), [3.0, 25.0]);
        assert!((turbine.rated_power_w - 2e6).abs() < 1e-9);
    }

    #[test]
    fn every_fault_names_its_field() {
        for (from, to, expected) in [
            (
                "0, 500000.0",
                "0, .nan",
                "t.yaml: performance.power_curve.power_values[1]: NaN, must be a finite number (line 5)",
            ),
            ("[3, 7, 12]", "[3, 12, 7]", "t.yaml: performance.power_curve: wind speeds must increase"),
            ("[3, 7, 12]", "[3, 7]", "2 wind speeds but 3 values"),
            ("power_curve:", "Cp_curve:", "t.yaml: performance.power_curve: a Cp_curve alone is not read yet"),
            ("[0.8, 0.1]", "[80, 10]", "t.yaml: performance.Ct_curve: thrust coefficient 80 is above 1.2"),
            ("hub_height: 70", "", "t.yaml: hub_height: is missing"),
            (
                "hub_height: 70",
                "hub_height: high",
                "t.yaml: hub_height: expected a number, found the text `high` (line 10)",
            ),
            ("2000000.0", "200.0", "looks like kW"),
        ] {
            let text = SMALL.replace(from, to).replace("500000.0", if to == "200.0" { "50" } else { "500000.0" });
            let message = read(&text).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn several_faults_are_listed_together() {
        let text = SMALL.replace("hub_height: 70", "").replace("0.8, 0.1", "0.8, x").replace("[3, 7, 12]", "[3, 2, 1]");
        assert_eq!(read(&text).unwrap_err().to_string().lines().count(), 3);
    }

    #[test]
    fn the_generic_files_are_the_generic_turbines() {
        for mw in 10..=15 {
            let diameter = (240.0 * (f64::from(mw) / 15.0).sqrt()).floor();
            let hub = (diameter / 240.0 * 150.0).floor();
            let made = GenericTurbine::new(f64::from(mw) * 1e6, diameter, hub).build("made").unwrap();
            let path = format!("{}/data/turbines/generic-{mw}mw.yaml", env!("CARGO_MANIFEST_DIR"));
            let read = read(&std::fs::read_to_string(&path).unwrap()).unwrap();
            assert!(
                (read.rotor_diameter_m - diameter).abs() < 1e-12 && (read.hub_height_m - hub).abs() < 1e-12,
                "{path}"
            );
            assert!((read.rated_power_w - made.rated_power_w).abs() < 1e-6, "{path}");
            for (a, b) in [(&read.power_w, &made.power_w), (&read.ct, &made.ct)] {
                assert_eq!(a.value().len(), b.value().len());
                let close = |x: &f64, y: &f64| (x - y).abs() <= 1e-12 * x.abs().max(y.abs()) + 1e-9 * f64::EPSILON;
                assert!(a.wind_speed_m_s().iter().zip(b.wind_speed_m_s()).all(|(x, y)| close(x, y)), "{path}");
                for (x, y) in a.value().iter().zip(b.value()) {
                    assert!(close(x, y), "{path}: {x} {y}");
                }
            }
        }
    }
}

//! windIO `turbine`: size, power curve, thrust curve.
//!
//! | performance given by                                      | power                                                              |
//! |-----------------------------------------------------------|--------------------------------------------------------------------|
//! | power_curve                                               | power_values, W, linear between power_wind_speeds                  |
//! | Cp_curve                                                  | rho/2 area u^3 Cp(u), Cp linear between its speeds, times          |
//! |                                                           | generator_efficiency if given; tabulated every 0.1 m/s             |
//! | rated_power, rated_, cutin_ and cutout_wind_speed         | the cubic of IEA Task 37, see [`Curve::cubic`]                     |
//!
//! The schema gives no formula for the last form. windIO's own examples of it are the turbines of IEA Task 37's case studies, whose
//! announcement defines the cubic between cut-in and rated; that is what is read, and a note says so. Air density is 1.225 kg/m3.
//! Cut-in and cut-out wind speeds beside a curve stop the turbine outside them.

use std::f64::consts::PI;

use crate::error::Problem;
use crate::farm::{Curve, Turbine};
use crate::formats::Field;

/// The turbine that a windIO `turbine` describes. Powers are in W; without `rated_power` the largest power of the curve is the rated one.
pub fn turbine(field: &Field) -> Option<Turbine> {
    let name = field.get("name").and_then(|name| name.text());
    let rotor_diameter_m = field.get("rotor_diameter").and_then(|d| d.number());
    let hub_height_m = field.get("hub_height").and_then(|h| h.number());
    let performance = field.get("performance")?;
    let power_w = power_curve(&performance, rotor_diameter_m);
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

fn power_curve(performance: &Field, rotor_diameter_m: Option<f64>) -> Option<Curve> {
    let given: Vec<&str> =
        ["power_curve", "Cp_curve", "rated_wind_speed"].into_iter().filter(|key| performance.has(key)).collect();
    match given.first() {
        Some(&"power_curve") => {
            let power = curve(&performance.opt("power_curve")?, "power_wind_speeds", "power_values")?;
            stopped(performance, power)
        }
        Some(&"Cp_curve") => {
            let table = performance.opt("Cp_curve")?;
            let cp = curve(&table, "Cp_wind_speeds", "Cp_values")?;
            stopped(performance, power_of_cp(&table, &cp, rotor_diameter_m?, efficiency(performance)?)?)
        }
        Some(_) => cubic(performance),
        None => {
            performance.fault_below(&Problem::new(
                "power_curve",
                "is missing; give power_values in W over power_wind_speeds in m/s, a Cp_curve, or rated_power with \
                 rated_, cutin_ and cutout_wind_speed",
            ));
            None
        }
    }
}

const AIR_DENSITY_KG_M3: f64 = 1.225;
/// Largest power coefficient taken for a real turbine: Betz' limit is 0.593, and a table may lie a little above it.
const MAX_CP: f64 = 0.6;
/// Between the speeds of a Cp curve the power is tabulated at least this densely, m/s.
const CP_STEP_M_S: f64 = 0.1;
/// No wind is faster, m/s; bounds the table.
const MAX_SPEED_M_S: f64 = 200.0;

fn efficiency(performance: &Field) -> Option<f64> {
    let Some(given) = performance.opt("generator_efficiency") else { return Some(1.0) };
    let efficiency = given.number()?;
    if !(efficiency > 0.0 && efficiency <= 1.0) {
        given.fault(format!("{efficiency}, must be above 0 and at most 1"));
        return None;
    }
    Some(efficiency)
}

/// The power, W, that a rotor takes from the wind by its power coefficient.
fn power_of_cp(table: &Field, cp: &Curve, rotor_diameter_m: f64, efficiency: f64) -> Option<Curve> {
    let speeds = cp.wind_speed_m_s();
    if cp.min() < 0.0 || cp.max() > MAX_CP {
        table.fault(format!("power coefficients from {} to {}, must lie in 0 to {MAX_CP}", cp.min(), cp.max()));
        return None;
    }
    if speeds[0] < 0.0 || speeds[speeds.len() - 1] > MAX_SPEED_M_S {
        table.fault(format!("wind speeds must lie in 0 to {MAX_SPEED_M_S} m/s"));
        return None;
    }
    let area_m2 = PI / 4.0 * rotor_diameter_m * rotor_diameter_m;
    let mut dense = Vec::new();
    for pair in speeds.windows(2) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 to 2000")]
        let steps = ((pair[1] - pair[0]) / CP_STEP_M_S).ceil().max(1.0) as u32;
        let step = (pair[1] - pair[0]) / f64::from(steps);
        dense.extend((0..steps).map(|i| pair[0] + step * f64::from(i)));
    }
    dense.push(speeds[speeds.len() - 1]);
    let power = |u: f64| 0.5 * AIR_DENSITY_KG_M3 * area_m2 * u * u * u * cp.at(u) * efficiency;
    let values = dense.iter().map(|&u| power(u)).collect();
    Curve::new(dense, values).map_err(|problem| table.fault_below(&problem)).ok()
}

/// How far outside its operating range a turbine has come to rest, m/s.
const STOP_WIDTH_M_S: f64 = 1e-8;

/// `power` with the turbine at rest below `cutin_wind_speed` and above `cutout_wind_speed`, if they are given.
fn stopped(performance: &Field, power: Curve) -> Option<Curve> {
    let limit = |key: &str| performance.opt(key).map(|field| field.number());
    let (cut_in, cut_out) = (limit("cutin_wind_speed"), limit("cutout_wind_speed"));
    if cut_in.is_none() && cut_out.is_none() {
        return Some(power);
    }
    let (cut_in, cut_out) = (cut_in.unwrap_or(Some(0.0))?, cut_out.unwrap_or(Some(f64::INFINITY))?);
    let inside = |u: f64| u > cut_in && u < cut_out;
    let mut knots: Vec<(f64, f64)> = Vec::new();
    if cut_in > STOP_WIDTH_M_S {
        knots.extend([(cut_in - STOP_WIDTH_M_S, 0.0), (cut_in, power.at(cut_in))]);
    } else {
        knots.push((0.0, power.at(0.0)));
    }
    let own = power.wind_speed_m_s().iter().copied().zip(power.value().iter().copied());
    knots.extend(own.filter(|&(u, _)| inside(u)));
    if cut_out.is_finite() {
        knots.extend([(cut_out, power.at(cut_out)), (cut_out + STOP_WIDTH_M_S, 0.0)]);
    }
    let (speeds, values) = knots.into_iter().unzip();
    let stopped = Curve::new(speeds, values);
    stopped.map_err(|_| performance.fault("cutin_wind_speed must be below cutout_wind_speed")).ok()
}

/// Power by rated power and three wind speeds alone.
fn cubic(performance: &Field) -> Option<Curve> {
    let number = |key: &str| performance.get(key).and_then(|field| field.number());
    let (power_w, rated) = (number("rated_power"), number("rated_wind_speed"));
    let (cut_in, cut_out) = (number("cutin_wind_speed"), number("cutout_wind_speed"));
    let curve = Curve::cubic(cut_in?, rated?, cut_out?, power_w?);
    performance.note(
        "has no power curve: between cut-in and rated wind speed the power is taken as IEA Task 37 defines it, \
         rated_power ((u - cut-in) / (rated - cut-in))^3",
    );
    curve.map_err(|problem| performance.fault_below(&problem)).ok()
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
            ("power_curve:", "Cp_curve:", "t.yaml: performance.Cp_curve.Cp_wind_speeds: is missing"),
            ("power_curve:", "pover_curve:", "t.yaml: performance.power_curve: is missing; give power_values in W"),
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
    fn power_from_cp_and_from_rated_power_alone() {
        let cp = "performance:\n  Cp_curve: {Cp_values: [0.4, 0.45, 0.1], Cp_wind_speeds: [4, 8, 16]}\n  generator_efficiency: 0.9\n  cutout_wind_speed: 16";
        let text = SMALL.replace(
            "performance:\n  power_curve:\n    power_values: [0, 500000.0, 2000000.0]\n    power_wind_speeds: [3, 7, 12]",
            cp,
        );
        let turbine = read(&text).unwrap();
        let area = PI / 4.0 * 6400.0;
        let expected = |u: f64, cp: f64| 0.5 * 1.225 * area * u * u * u * cp * 0.9;
        assert!((turbine.power_w.at(8.0) - expected(8.0, 0.45)).abs() < 1e-6);
        assert!((turbine.power_w.at(6.0) - expected(6.0, 0.425)).abs() < 1e-3);
        assert!(turbine.power_w.at(16.1).abs() < 1e-9 && turbine.power_w.at(16.0) > 1e5);
        let rated = "performance:\n  rated_power: 3350000\n  rated_wind_speed: 9.8\n  cutin_wind_speed: 4.0\n  cutout_wind_speed: 25.0";
        let turbine = read(&text.replace(cp, rated).replace("rotor_diameter: 80", "rotor_diameter: 130")).unwrap();
        assert!(turbine.power_w.is_cubic());
        assert!((turbine.power_w.at(6.9) - 3.35e6 / 8.0).abs() < 1e-6);
        let percent = text.replace("0.45, 0.1", "45, 0.1");
        assert!(read(&percent).unwrap_err().to_string().contains("power coefficients from 0.1 to 45"));
    }

    #[test]
    fn cut_in_and_cut_out_stop_a_power_curve() {
        let turbine =
            read(&SMALL.replace("  Ct_curve", "  cutin_wind_speed: 4\n  cutout_wind_speed: 25\n  Ct_curve")).unwrap();
        assert!(turbine.power_w.at(3.9).abs() < 1e-9 && (turbine.power_w.at(4.0) - 125_000.0).abs() < 1e-6);
        assert!((turbine.power_w.at(25.0) - 2e6).abs() < 1e-6 && turbine.power_w.at(25.1).abs() < 1e-9);
        assert!(
            read(&SMALL.replace("  Ct_curve", "  cutin_wind_speed: 14\n  cutout_wind_speed: 5\n  Ct_curve")).is_err()
        );
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

//! Generic turbines.

use layoutopt::farm::GenericTurbine;
use serde_json::Value;

use crate::golden::{get, json};

#[test]
fn generic_curves_equal_pywakes() {
    let cases: Vec<Value> = get(&json("turbines.json")["cases"]);
    assert!(cases.len() >= 8);
    for case in &cases {
        let number = |field: &str| get::<Option<f64>>(&case[field]);
        let operating_range_m_s = number("cutin_wind_speed_m_s").zip(number("cutout_wind_speed_m_s"));
        let generic = GenericTurbine {
            rated_power_w: 1000.0 * number("rated_kw").unwrap(),
            rotor_diameter_m: number("rotor_diameter_m").unwrap(),
            hub_height_m: number("hub_height_m").unwrap(),
            turbulence_intensity: number("turbulence_intensity").unwrap(),
            operating_range_m_s,
        };
        let turbine = generic.build("golden").unwrap();
        let speeds: Vec<f64> = get(&case["knots"]["wind_speed_m_s"]);
        assert_eq!(turbine.power_w.wind_speed_m_s().len(), speeds.len());
        for points in ["knots", "values"] {
            let list = |field: &str| get::<Vec<f64>>(&case[points][field]);
            for ((u, power_w), ct) in list("wind_speed_m_s").into_iter().zip(list("power_w")).zip(list("ct")) {
                let off_w = (turbine.power_w.at(u) - power_w).abs();
                assert!(off_w <= 1e-12 * generic.rated_power_w, "{generic:?} at {u}: {off_w} W off");
                assert!((turbine.ct.at(u) - ct).abs() <= 1e-12, "{generic:?} at {u}: ct {}", turbine.ct.at(u));
            }
        }
    }
}

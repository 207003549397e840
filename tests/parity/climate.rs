//! Probabilities of flow cases.

use layoutopt::farm::{ProbabilityTable, SectorInterpolation, SectorWeibull, WindClimate, WindDistribution};
use serde_json::Value;

use crate::golden::{get, interpolation, json, sectors, worst_relative};

#[test]
fn weibull_sectors_equal_pywakes() {
    let cases: Vec<Value> = get(&json("climate.json")["cases"]);
    let mut checked = 0;
    for case in &cases {
        let climate = if let Some(path) = case["climate"].as_str() {
            sectors(path, 0.1)
        } else if case["sectors"].is_object() {
            let sectors = &case["sectors"];
            let distribution = WindDistribution::Sectors(SectorWeibull {
                frequency: get(&sectors["sector_probability"]),
                weibull_a_m_s: get(&sectors["weibull_a"]),
                weibull_k: get(&sectors["weibull_k"]),
            });
            WindClimate { distribution, turbulence_intensity: 0.1 }
        } else {
            continue;
        };
        let flow = climate.flow_cases(
            &get::<Vec<f64>>(&case["wind_direction_deg"]),
            &get::<Vec<f64>>(&case["wind_speed_m_s"]),
            interpolation(&case["interpolation"]),
        );
        let expected: Vec<f64> = get::<Vec<Vec<f64>>>(&case["probability"]).concat();
        let worst = worst_relative(flow.probability(), &expected);
        assert!(worst < 1e-11, "{} {}: {worst:e}", case["name"], case["interpolation"]);
        assert!((flow.total_probability() - get::<f64>(&case["total"])).abs() < 1e-12);
        checked += 1;
    }
    assert!(checked >= 14, "{checked} cases checked");
}

#[test]
fn a_table_is_its_own_flow_cases() {
    let cases: Vec<Value> = get(&json("climate.json")["cases"]);
    let case = cases.iter().find(|c| c["table"]["wind_direction_deg"] == c["wind_direction_deg"]).unwrap();
    let table = ProbabilityTable {
        wind_direction_deg: get(&case["table"]["wind_direction_deg"]),
        wind_speed_m_s: get(&case["table"]["wind_speed_m_s"]),
        probability: get::<Vec<Vec<f64>>>(&case["table"]["probability"]).concat(),
    };
    let climate = WindClimate { distribution: WindDistribution::Table(table), turbulence_intensity: 0.1 };
    climate.check().unwrap();
    let flow = climate.flow_cases(&[1.0], &[2.0], SectorInterpolation::Nearest);
    let expected: Vec<f64> = get::<Vec<Vec<f64>>>(&case["probability"]).concat();
    assert!(worst_relative(flow.probability(), &expected) < 1e-12);
}

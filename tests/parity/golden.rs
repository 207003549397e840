//! Reading golden files and the data they refer to.

use std::path::{Path, PathBuf};

use layoutopt::farm::{Curve, SectorInterpolation, SectorWeibull, Turbine, WindClimate, WindDistribution};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A golden JSON file.
pub(crate) fn json(name: &str) -> Value {
    serde_json::from_str(&text(&golden(name))).unwrap()
}

/// A golden file's path.
pub(crate) fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

/// `value` as a plain type.
pub(crate) fn get<T: DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

pub(crate) fn interpolation(name: &Value) -> SectorInterpolation {
    match name.as_str() {
        Some("nearest") => SectorInterpolation::Nearest,
        Some("linear") => SectorInterpolation::Linear,
        other => panic!("interpolation {other:?}"),
    }
}

/// A turbine of `data/`, read by a plain YAML reader so that the golden numbers do not hang on the project's own.
pub(crate) fn turbine(path: &str) -> Turbine {
    let file: Value = yaml(path);
    let curve =
        |table: &Value, speeds: &str, values: &str| Curve::new(get(&table[speeds]), get(&table[values])).unwrap();
    let performance = &file["performance"];
    let power_w = curve(&performance["power_curve"], "power_wind_speeds", "power_values");
    Turbine {
        name: path.to_owned(),
        rotor_diameter_m: get(&file["rotor_diameter"]),
        hub_height_m: get(&file["hub_height"]),
        rated_power_w: power_w.max(),
        power_w,
        ct: curve(&performance["Ct_curve"], "Ct_wind_speeds", "Ct_values"),
    }
}

/// A sector-wise climate of `data/`.
pub(crate) fn sectors(path: &str, turbulence_intensity: f64) -> WindClimate {
    let resource = &yaml(path)["wind_resource"];
    WindClimate {
        distribution: WindDistribution::Sectors(SectorWeibull {
            frequency: get(&resource["sector_probability"]["data"]),
            weibull_a_m_s: get(&resource["weibull_a"]["data"]),
            weibull_k: get(&resource["weibull_k"]["data"]),
        }),
        turbulence_intensity,
    }
}

/// Largest relative difference between two lists of numbers.
pub(crate) fn worst_relative(got: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(got.len(), expected.len());
    got.iter().zip(expected).map(|(g, e)| (g - e).abs() / e.abs().max(f64::MIN_POSITIVE)).fold(0.0, f64::max)
}

fn yaml(path: &str) -> Value {
    serde_saphyr::from_str(&text(&Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(path))).unwrap()
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

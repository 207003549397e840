//! Units are checked, not assumed: each likely mistake in a windIO plant is one line, and all are listed.

use crate::stage::Stage;

const RESOURCE: &str = "name: W
wind_resource:
  wind_direction: [0, 90, 180, 270]
  sector_probability: {data: [0.1, 0.2, 0.3, 0.4], dims: [wind_direction]}
  weibull_a: {data: [9, 9, 10, 10], dims: [wind_direction]}
  weibull_k: {data: [2, 2, 2, 2], dims: [wind_direction]}
  turbulence_intensity: {data: 0.08, dims: []}
";
const TURBINE: &str = "name: T
performance:
  power_curve: {power_values: [0, 2000000], power_wind_speeds: [4, 12]}
  Ct_curve: {Ct_values: [0.8, 0.1], Ct_wind_speeds: [4, 25]}
hub_height: 70
rotor_diameter: 80
";
const PLANT: &str = "name: P
site:
  name: S
  boundaries: {polygons: [{x: [0, 2000, 2000, 0], y: [0, 0, 2000, 2000]}]}
  energy_resource: !include resource.yaml
wind_farm:
  name: F
  layouts: [{coordinates: {x: [100, 900], y: [100, 100]}}]
  turbines: !include turbine.yaml
";

/// Evaluates the plant with the given changes.
fn evaluated(changes: &[(&str, &str)]) -> crate::stage::Ended {
    let stage = Stage::new();
    for (name, text) in [("resource.yaml", RESOURCE), ("turbine.yaml", TURBINE), ("plant.yaml", PLANT)] {
        let changed = changes.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
        stage.write(name, &changed);
    }
    stage.run("evaluate plant.yaml")
}

#[test]
fn every_mistake_is_one_line_and_all_are_listed() {
    let ended = evaluated(&[
        ("[0, 2000000]", "[0, 2000]"),
        ("[0.8, 0.1]", "[1.5, 0.1]"),
        ("data: 0.08", "data: 8"),
        ("[0, 90, 180, 270]", "[0, 90, 180, 270, 360]"),
        ("[0.1, 0.2, 0.3, 0.4]", "[0.1, 0.2, 0.3, 0.5, 0.2]"),
        ("[9, 9, 10, 10]", "[9, 9, 10, 10, 9]"),
        ("[2, 2, 2, 2]", "[2, 2, 2, 2, 2]"),
    ]);
    assert_eq!(ended.code, 2, "{}", ended.stderr);
    let lines: Vec<&str> = ended.stderr.lines().collect();
    let expected = [
        "resource.yaml: wind_resource.wind_direction: has 0 and 360 with different values",
        "resource.yaml: wind_resource.turbulence_intensity: 8, must be above 0 and at most 1; looks like percent",
        "resource.yaml: wind_resource.sector_probability: sums to 1.1, must sum to 1 within 0.001",
        "turbine.yaml: performance.Ct_curve: thrust coefficient 1.5 is above 1.2",
        "turbine.yaml: performance.rated_power: 2000 W on a rotor of 80 m is 0.398 W per m2, must be 50 to 2000; looks like kW given as W",
        "turbine.yaml: performance.power_curve: 2000 W on a rotor of 80 m",
    ];
    for part in expected {
        assert_eq!(lines.iter().filter(|line| line.contains(part)).count(), 1, "{part}\n{}", ended.stderr);
    }
    assert_eq!(lines.len(), expected.len(), "{}", ended.stderr);
}

#[test]
fn a_mistaken_unit_is_named() {
    for (changes, word) in [
        (vec![("[0, 2000000]", "[0, 2]")], "looks like MW given as W"),
        (vec![("[0, 2000000]", "[0, 500]")], "looks like kW given as W"),
        (vec![("[0, 2000000]", "[0, 2000000000]")], "looks like W multiplied by 1000"),
        (vec![("[0, 2000000]", "[0, 25000000]")], "must be 50 to 2000"),
        (vec![("[0.1, 0.2, 0.3, 0.4]", "[10, 20, 30, 40]")], "looks like percent"),
    ] {
        let ended = evaluated(&changes);
        assert_eq!(ended.code, 2, "{changes:?}");
        assert!(ended.stderr.contains(word), "{changes:?}: {}", ended.stderr);
    }
}

#[test]
fn turbines_outside_the_boundary_are_counted() {
    let ended = evaluated(&[("x: [100, 900]", "x: [100, 2900]")]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(ended.stderr.contains("1 of 2 turbines stand outside the boundary, the farthest by 900.000 m"));
}

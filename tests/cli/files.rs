//! The files that a sweep may name for its wind, its turbines and its sites.

use crate::stage::{Stage, project};

const TAB: &str = "A mast
 55.48940 7.83191 62.0
 4 1.00 0.00
 20.0 30.0 40.0 10.0
 5.0 100 200 0 500
 10.0 400 300 500 500
 15.0 500 500 500 0
";
const ATLAS: &str = "Somewhere
 1 2 4
 0.0
 50 100
 20 30 40 10
 8 9 10 9
 2 2 2 2
 9 10 11 10
 2 2 2 2
";
const WTG: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<WindTurbineGenerator FormatVersion="1.01" Description="W 2 MW" RotorDiameter="80">
<SuggestedHeights><Height>70.0</Height></SuggestedHeights>
<PerformanceTable AirDensity="1.225"><StartStopStrategy LowSpeedCutIn="4.0" HighSpeedCutOut="25.0"/><DataTable>
<DataPoint WindSpeed="4.0" PowerOutput="55000.0" ThrustCoEfficient="0.8"/>
<DataPoint WindSpeed="12.0" PowerOutput="2000000.0" ThrustCoEfficient="0.5"/>
<DataPoint WindSpeed="25.0" PowerOutput="2000000.0" ThrustCoEfficient="0.06"/>
</DataTable></PerformanceTable></WindTurbineGenerator>"#;
const DEGREES: &str = r#"{"type": "Polygon", "coordinates":
 [[[7.80, 55.50], [7.86, 55.50], [7.86, 55.53], [7.80, 55.53], [7.80, 55.50]]]}"#;

fn stage(wind: &str) -> Stage {
    let stage = Stage::new();
    for (name, text) in [("m.tab", TAB), ("a.lib", ATLAS), ("a.gwc", ATLAS), ("t.wtg", WTG), ("s.geojson", DEGREES)] {
        stage.write(name, text);
    }
    stage.write("p.csv", "wind_direction,wind_speed,probability\n0,8,.5\n90,10,.5\n");
    stage.write("t.csv", "time,wind_speed,wind_direction\n1,8,270\n2,10,271\n3,8,270\n");
    std::fs::copy(project("tests/windio/table.nc"), stage.path("w.nc")).unwrap();
    stage.write(
        "s.toml",
        &format!(
            "seeds = 1\nwind = {wind}\n[search]\ngrid_size = 6\nwind_directions = {{ step = 30 }}\n[turbine_count]\ncount = 3\n\
             [[farms]]\nsite = 's.geojson'\n[[turbines]]\nfile = 't.wtg'\n[[turbines]]\nname = 'tall'\nfile = 't.wtg'\nhub_height = 90\n"
        ),
    );
    stage
}

#[test]
fn every_kind_of_wind_runs_and_its_output_is_read_back() {
    for wind in [
        "{ file = 'm.tab', turbulence_intensity = 0.08 }",
        "{ file = 'a.lib', turbulence_intensity = 0.08, height = 75 }",
        "{ file = 'a.gwc', turbulence_intensity = 0.08, height = 100, roughness = 0 }",
        "{ file = 'p.csv', turbulence_intensity = 0.08 }",
        "{ file = 't.csv', turbulence_intensity = 0.08 }",
        "{ file = 't.csv', turbulence_intensity = 0.08, time_series = 'binned' }",
        "'w.nc'",
    ] {
        let stage = stage(wind);
        let first = stage.done("run s.toml");
        assert!(first.stderr.contains("projected to UTM zone 32N (EPSG:32632)"), "{wind}: {}", first.stderr);
        assert!(first.stdout.contains("2 of 2 cases solved"), "{wind}: {}", first.stdout);
        let again = stage.done("run s.toml");
        assert!(again.stdout.contains("(0 now, 2 before)"), "{wind}: {}", again.stdout);
        stage.done("validate layouts.h5");
        stage.done("export --case farm0_t1_s0 --output plant.yaml");
        stage.done("export --case farm0_t1_s0 --output plant.geojson");
        let plant = std::fs::read_to_string(stage.path("plant.yaml")).unwrap();
        assert!(plant.contains("crs: \"EPSG:32632\"") && plant.contains("hub_height: 90.0"), "{plant}");
        let geojson = std::fs::read_to_string(stage.path("plant.geojson")).unwrap();
        assert!(geojson.contains("urn:ogc:def:crs:EPSG::32632"));
    }
}

#[test]
fn what_a_file_leaves_open_must_be_said_and_nothing_more() {
    for (wind, words) in [
        ("'m.tab'", vec!["m.tab: turbulence_intensity: is missing", "wind = { file ="]),
        (
            "{ file = 'a.lib', turbulence_intensity = 0.1 }",
            vec!["a.lib", "height: must be chosen; the file has 50, 100 m"],
        ),
        ("{ file = 'a.lib', turbulence_intensity = 0.1, height = 200 }", vec!["nothing is extrapolated"]),
        ("{ file = 'm.tab', turbulence_intensity = 0.1, height = 70 }", vec!["height: is for the wind atlas"]),
        (
            "{ file = 'p.csv', turbulence_intensity = 0.1, time_series = 'binned' }",
            vec!["time_series: is for time series"],
        ),
        ("{ file = 't.csv', turbulence_intensity = 0.1, time_series = 'daily' }", vec!["`daily`", "cases or binned"]),
        ("{ file = 't.csv', turbulence_intensity = 10 }", vec!["looks like percent"]),
        ("{ file = 'none.csv', turbulence_intensity = 0.1 }", vec!["none.csv", "does not exist"]),
    ] {
        let ended = stage(wind).run("run s.toml");
        assert_eq!(ended.code, 2, "{wind}: {}", ended.stderr);
        assert!(words.iter().all(|word| ended.stderr.contains(word)), "{wind}: {}", ended.stderr);
    }
}

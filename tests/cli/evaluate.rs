//! `layoutopt evaluate` on windIO files.

use hdf5::File;
use layoutopt::store::Outcome;

use crate::run::records;
use crate::stage::{Stage, project};

/// A windIO system: farm, climate and turbine of `data/`, layout as given.
fn system(stage: &Stage, farm: &str, turbine: &str, x: &[f64], y: &[f64]) {
    let data = project("data");
    let data = data.display();
    stage.write(
        "site.yaml",
        &std::fs::read_to_string(project(&format!("data/farms/{farm}.yaml")))
            .unwrap()
            .replace("../", &format!("{data}/")),
    );
    stage.write(
        "system.yaml",
        &format!(
            "name: plant\nsite: !include site.yaml\nwind_farm:\n  name: farm\n  layouts:\n    - coordinates:\n        x: {x:?}\n        y: {y:?}\n  \
             turbines: !include {data}/turbines/{turbine}.yaml\n"
        ),
    );
}

#[test]
fn the_aep_is_pywakes() {
    let stage = Stage::new();
    let golden = File::open(project("tests/golden/flow.h5")).unwrap().group("irregular").unwrap();
    let list = |name: &str| golden.dataset(name).unwrap().read_raw::<f64>().unwrap();
    system(&stage, "dk0w", "generic-15mw", &list("x_m"), &list("y_m"));
    let report = stage.done("evaluate system.yaml --json").json();
    for name in ["aep_gwh", "aep_no_wake_gwh"] {
        let expected: f64 = golden.attr(name).unwrap().read_scalar().unwrap();
        let got = report[name].as_f64().unwrap();
        assert!((got / expected - 1.0).abs() < 1e-8, "{name}: {got}, expected {expected}");
    }
    assert_eq!(report["n_turbines"], 14);
    assert_eq!(report["wake_model"], "nygaard-2022");
    assert_eq!(report["turbine_aep_gwh"].as_array().unwrap().len(), 14);
    let text = stage.done("evaluate system.yaml").stdout;
    assert!(text.contains("wake loss"), "{text}");
}

#[test]
fn a_plant_in_too_much_wind_loses_nothing_to_wakes() {
    let stage = Stage::new();
    system(&stage, "quickstart", "generic-10mw", &[0.0, 900.0], &[0.0, 0.0]);
    let options = "--wind-speeds 400,500 --wind-directions 270";
    let report = stage.done(&format!("evaluate system.yaml {options} --json")).json();
    assert_eq!((report["aep_gwh"].as_f64(), report["wake_loss_pct"].as_f64()), (Some(0.0), Some(0.0)), "{report}");
    let text = stage.done(&format!("evaluate system.yaml {options}")).stdout;
    assert!(text.contains("wake loss 0.0000 %") && !text.contains("NaN"), "{text}");
}

#[test]
fn the_aep_of_a_solved_case_is_the_stored_one() {
    let stage = Stage::new();
    stage.done("run quickstart --seeds 1");
    let found = records(&stage, "layouts.h5");
    let Outcome::Solved(solution) = &found["farm0_t0_s0"].outcome else { panic!("failed") };
    system(&stage, "quickstart", "generic-10mw", &[0.0], &[0.0]);
    let rows: Vec<String> = solution.layout.positions().map(|(x, y)| format!("{x},{y}\n")).collect();
    stage.write("layout.csv", &format!("x,y\n{}", rows.concat()));
    let report = stage.done("evaluate system.yaml --layout layout.csv --json").json();
    assert_eq!(report["aep_gwh"].as_f64().unwrap().to_bits(), solution.aep_gwh.to_bits());
}

#[test]
fn flow_cases_can_be_chosen() {
    let stage = Stage::new();
    system(&stage, "quickstart", "v80", &[500.0, 1500.0, 2500.0], &[1500.0, 1500.0, 1500.0]);
    let aep = |options: &str| {
        stage.done(&format!("evaluate system.yaml --json {options}")).json()["aep_gwh"].as_f64().unwrap()
    };
    let default = aep("");
    assert_eq!(default.to_bits(), aep("--wind-directions 0..360..1 --wind-speeds 3..26").to_bits());
    assert!(aep("--wind-speeds 3..20") < default);
    assert!(aep("--normalize") > default);
    assert!(aep("--ti 0.3") > default, "more turbulence, wider and weaker wakes");
    assert!((aep("--sector-interpolation linear") / default - 1.0).abs() > 1e-9);
    let loss = |direction: u32| {
        let options = format!("evaluate system.yaml --json --wind-directions {direction}");
        stage.done(&options).json()["wake_loss_pct"].as_f64().unwrap()
    };
    assert!(loss(270) > 10.0 && loss(0) < 1e-9, "the row is aligned with the west wind");
}

#[test]
fn what_is_wrong_is_named() {
    let stage = Stage::new();
    system(&stage, "quickstart", "v80", &[500.0, 9500.0], &[1500.0, 1500.0]);
    let ended = stage.done("evaluate system.yaml");
    assert!(ended.stderr.contains("1 of 2 turbines stand outside"), "{}", ended.stderr);
    stage.write("layout.csv", "x,y\n1,2\n3,oops\n");
    for (arguments, words) in [
        ("evaluate absent.yaml", vec!["absent.yaml"]),
        ("evaluate system.yaml --layout layout.csv", vec!["layout.csv", "line 3", "oops"]),
        ("evaluate system.yaml --ti 12", vec!["12", "percent"]),
        ("evaluate system.yaml --wind-speeds 5,4", vec!["--wind-speeds", "increase"]),
        ("evaluate system.yaml --wind-directions x", vec!["--wind-directions", "`x`"]),
    ] {
        let ended = stage.run(arguments);
        assert_eq!(ended.code, 2, "{arguments}: {}", ended.stderr);
        assert!(words.iter().all(|word| ended.stderr.contains(word)), "{arguments}: {}", ended.stderr);
    }
}

#[test]
fn the_case_studies_of_task_37_have_their_published_energy() {
    let stage = Stage::new();
    for (case, published_mwh) in [("cs1-16", 366_941.571_16), ("cs1-36", 737_883.098_51), ("cs4", 2_851_096.412_52)] {
        let system = project(&format!("tests/iea37/{case}.yaml"));
        let ended = stage.done(&format!("evaluate {} --json", system.display()));
        let aep_mwh = 1000.0 * ended.json()["aep_gwh"].as_f64().unwrap();
        assert!((aep_mwh - published_mwh).abs() < 1e-4, "{case}: {aep_mwh} MWh, published {published_mwh}");
    }
}

#[test]
fn attributes_analysis_chooses_the_wake_model_and_the_command_line_beats_it() {
    let stage = Stage::new();
    system(&stage, "quickstart", "v80", &[500.0, 1100.0, 1700.0], &[1500.0, 1500.0, 1500.0]);
    let plain = std::fs::read_to_string(stage.path("system.yaml")).unwrap();
    let asking = |model: &str| {
        let analysis = "  analysis:\n    deflection_model:\n      name: Jimenez\n    wind_deficit_model:\n";
        stage.write("system.yaml", &format!("{plain}attributes:\n{analysis}      name: {model}\n"));
    };
    asking("Jensen");
    let asked = stage.done("evaluate system.yaml --json");
    assert_eq!(asked.json()["wake_model"], "jensen-1983");
    assert!(asked.stderr.contains("deflection_model") && asked.stderr.contains("not honoured"), "{}", asked.stderr);
    let chosen = stage.done("evaluate system.yaml --json --wake-model niayifar-2016");
    assert_eq!(chosen.json()["wake_model"], "niayifar-2016");
    assert!(
        (chosen.json()["aep_gwh"].as_f64().unwrap() / asked.json()["aep_gwh"].as_f64().unwrap() - 1.0).abs() > 1e-6
    );
    asking("Bastankhah2016");
    let refused = stage.run("evaluate system.yaml");
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("Bastankhah2016") && refused.stderr.contains("--wake-model"), "{}", refused.stderr);
}

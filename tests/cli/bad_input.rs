//! Bad input: one clear message, exit code 2, nothing started, nothing left behind.

use crate::stage::{Stage, project};

/// A small sweep; each test spoils one place of it.
const SWEEP: &str = r#"
name = "small"
seeds = 2
[search]
grid_size = 8
wind_directions = { start = 0, stop = 360, step = 30 }
[turbine_count]
count = 3
[[farms]]
name = "square"
boundary = [[0, 0], [3000, 0], [3000, 3000], [0, 3000]]
wind = "wind.yaml"
[[turbines]]
file = "turbine.yaml"
"#;

fn stage() -> Stage {
    let stage = Stage::new();
    for (name, data) in [("wind.yaml", "data/wind/horns-rev-1.yaml"), ("turbine.yaml", "data/turbines/v80.yaml")] {
        std::fs::copy(project(data), stage.path(name)).unwrap();
    }
    stage
}

/// Runs `arguments` and expects a refusal with every one of `words` in the message, and no new file.
fn refused(stage: &Stage, arguments: &str, words: &[&str]) {
    let before = stage.names();
    let ended = stage.run(arguments);
    assert_eq!(ended.code, 2, "{arguments}\n{}{}", ended.stdout, ended.stderr);
    for word in words {
        assert!(ended.stderr.contains(word), "`{word}` is not in: {}", ended.stderr);
    }
    assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
    assert_eq!(stage.names(), before, "{arguments} left something behind");
}

fn refused_sweep(from: &str, to: &str, words: &[&str]) {
    assert!(SWEEP.contains(from));
    let stage = stage();
    stage.write("s.toml", &SWEEP.replace(from, to));
    refused(&stage, "run s.toml", words);
}

#[test]
fn the_sweep_itself_is_good() {
    let stage = stage();
    stage.write("s.toml", SWEEP);
    stage.done("run s.toml");
}

#[test]
fn flags() {
    let stage = Stage::new();
    refused(&stage, "--no-such-flag", &["--no-such-flag", "Usage"]);
    refused(&stage, "--random-pct 130", &["--random-pct", "130", "0 to 100"]);
    refused(&stage, "--random-pct NaN", &["--random-pct"]);
    refused(&stage, "--grid-size 1", &["--grid-size", "1"]);
    refused(&stage, "--seeds 3..3", &["--seeds", "3..3"]);
    refused(&stage, "--farms 10", &["--farms", "10"]);
    refused(&stage, "--threads 0", &["--threads", "at least 1"]);
    refused(&stage, "--merge-interval -1", &["--merge-interval"]);
    refused(&stage, "--wake-model turbulent", &["turbulent", "nygaard-2022"]);
    refused(&stage, "--rng numpy --seeds 4294967290..4294967300", &["numpy", "4294967"]);
    refused(&stage, "run no-such-sweep", &["no-such-sweep", "dei", "quickstart"]);
    refused(&stage, "run missing.toml", &["missing.toml"]);
}

#[test]
fn polygons() {
    let square = "[[0, 0], [3000, 0], [3000, 3000], [0, 3000]]";
    refused_sweep(square, "[]", &["s.toml", "farms[0].boundary", "at least 3"]);
    refused_sweep(square, "[[0, 0], [3000, 0]]", &["s.toml", "farms[0].boundary", "2 vertices, needs at least 3"]);
    refused_sweep(
        square,
        "[[0, 0], [3000, 3000], [3000, 0], [0, 3000]]",
        &["s.toml", "farms[0].boundary", "simple polygon"],
    );
    refused_sweep(square, "[[0, 0], [3000, 0], [nan, 3000]]", &["s.toml", "farms[0].boundary", "finite"]);
}

#[test]
fn settings_and_files() {
    refused_sweep("grid_size = 8", "grid_size = 8\nrandom_pct = 130", &["s.toml", "random_pct", "130", "0 to 100"]);
    refused_sweep("grid_size = 8", "grid_siez = 8", &["s.toml", "grid_siez", "grid_size"]);
    refused_sweep("turbine.yaml", "no-such-turbine.yaml", &["s.toml", "turbines[0].file", "no-such-turbine.yaml"]);
    refused_sweep("seeds = 2", "seeds = ", &["s.toml", "line 3"]);
}

#[test]
fn every_problem_is_listed() {
    let stage = stage();
    stage.write("s.toml", &SWEEP.replace("grid_size = 8", "grid_size = 0\nrandom_pct = -1").replace("[[0, 0], ", "["));
    stage.write("turbine.yaml", &std::fs::read_to_string(stage.path("turbine.yaml")).unwrap().replace("80.0", "-80.0"));
    refused(&stage, "run s.toml", &["grid_size", "random_pct", "turbine.yaml: rotor_diameter"]);
}

#[test]
fn curves() {
    let v80 = std::fs::read_to_string(project("data/turbines/v80.yaml")).unwrap();
    for (from, to, word) in [
        ("66600.0", ".nan", "finite"),
        ("3.0, 4.0, 5.0", "3.0, 5.0, 4.0", "must increase"),
        ("      23.0, 24.0, 25.0]\n  Ct_curve", "      23.0, 24.0]\n  Ct_curve", "one value for each speed"),
    ] {
        let stage = stage();
        stage.write("s.toml", SWEEP);
        assert!(v80.contains(from));
        stage.write("turbine.yaml", &v80.replacen(from, to, 1));
        refused(&stage, "run s.toml", &["turbine.yaml", "power_curve", word]);
    }
}

#[test]
fn outputs_that_cannot_be_written() {
    let stage = Stage::new();
    refused(&stage, "run quickstart --output no/such/folder/out.h5", &["no/such/folder", "--output"]);
    std::fs::create_dir(stage.path("folder")).unwrap();
    refused(&stage, "run quickstart --output folder", &["folder", "--output"]);
    refused(&stage, "run quickstart --output /proc/out.h5", &["/proc"]);
}

#[test]
fn another_sweep_in_output() {
    let stage = Stage::new();
    stage.done("run quickstart --seeds 1");
    let before = std::fs::read(stage.path("layouts.h5")).unwrap();
    refused(
        &stage,
        "run quickstart --seeds 1 --grid-size 12",
        &["layouts.h5", "grid_size", "12", "--output", "--no-hot-start"],
    );
    assert_eq!(std::fs::read(stage.path("layouts.h5")).unwrap(), before);
    stage.done("run quickstart --seeds 1 --grid-size 12 --no-hot-start");
}

#[test]
fn nothing_stored() {
    let stage = Stage::new();
    for command in ["merge", "status", "status --json", "validate"] {
        refused(&stage, &format!("{command} absent.h5"), &["absent.h5"]);
    }
}

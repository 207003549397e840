//! Runs, hot starts, failed cases, determinism.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use layoutopt::aep::Simd;
use layoutopt::store::{Outcome, Record, content_digest, read_output_root, read_records};

use crate::stage::{Stage, project};

/// Every record of an OUTPUT, by name.
pub(crate) fn records(stage: &Stage, output: &str) -> BTreeMap<String, Record> {
    let mut found = BTreeMap::new();
    read_records(&stage.path(output), &mut |record| {
        found.insert(record.key.to_string(), record);
        Ok(())
    })
    .unwrap();
    found
}

/// What two runs of one sweep must agree on: all but provenance.
fn substance(
    stage: &Stage,
    output: &str,
) -> (BTreeMap<String, Record>, String, impl PartialEq + std::fmt::Debug + use<>) {
    let root = read_output_root(&stage.path(output)).unwrap();
    (records(stage, output), content_digest(&stage.path(output)).unwrap(), (root.facts, root.successful_configs))
}

#[test]
fn the_second_call_starts_nothing() {
    let stage = Stage::new();
    let first = stage.done("run quickstart --seeds 3");
    assert!(first.stdout.contains("3 of 3 cases solved (3 now, 0 before)"), "{}", first.stdout);
    let bytes = std::fs::read(stage.path("layouts.h5")).unwrap();
    let since = Instant::now();
    let second = stage.done("run quickstart --seeds 3");
    assert!(since.elapsed() < Duration::from_secs(1), "{:?}", since.elapsed());
    assert!(second.stdout.contains("3 of 3 cases solved (0 now, 3 before)"), "{}", second.stdout);
    assert_eq!(std::fs::read(stage.path("layouts.h5")).unwrap(), bytes, "nothing is written");
    assert_eq!(stage.names(), ["layouts.h5", "layouts.h5.lock"]);
}

#[test]
fn threads_parts_and_resumption_change_no_bit() {
    let stage = Stage::new();
    stage.done("run quickstart --seeds 6 --threads 1 --output one.h5");
    stage.done("run quickstart --seeds 6 --threads 3 --output three.h5");
    stage.done("run quickstart --seeds 6 --no-pin --merge-interval 0.05 --output merging.h5");
    stage.done("run quickstart --seeds 2 --output resumed.h5");
    stage.done("run quickstart --seeds 4..6 --output resumed.h5");
    stage.done("run quickstart --seeds 6 --farms 0 --output resumed.h5");
    let one = substance(&stage, "one.h5");
    assert_eq!(one.0.len(), 6);
    assert_eq!(one, substance(&stage, "three.h5"));
    assert_eq!(one, substance(&stage, "merging.h5"));
    assert_eq!(one, substance(&stage, "resumed.h5"));
}

#[test]
fn instruction_sets_change_no_bit() {
    let stage = Stage::new();
    stage.done("run quickstart --seeds 2 --output best.h5");
    let best = substance(&stage, "best.h5");
    for simd in Simd::usable() {
        let name = format!("{simd}.h5");
        let output = stage
            .command(&format!("run quickstart --seeds 2 -v --output {name}"))
            .env("LAYOUTOPT_SIMD", simd.name())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && said.contains(&format!("computing with {simd}")), "{said}");
        assert_eq!(best, substance(&stage, &name), "{simd}");
    }
    let output = stage.command("run quickstart --output none.h5").env("LAYOUTOPT_SIMD", "mmx").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("LAYOUTOPT_SIMD: `mmx`") && said.contains("scalar"), "{said}");
    assert!(!stage.path("none.h5").exists());
}

#[test]
fn starting_over_gives_the_same_and_keeps_the_old() {
    let stage = Stage::new();
    stage.done("run quickstart --seeds 2");
    let before = substance(&stage, "layouts.h5");
    let again = stage.done("run quickstart --seeds 2 --no-hot-start");
    assert!(again.stdout.contains("2 now"), "{}", again.stdout);
    assert_eq!(before, substance(&stage, "layouts.h5"));
    assert_eq!(before, substance(&stage, "layouts.h5.bak"));
    let part = stage.run("run quickstart --seeds 2 --farms 0 --no-hot-start");
    assert_eq!(part.code, 2, "a part must not replace the whole: {}", part.stderr);
}

#[test]
fn seeds_settings_and_generators_give_other_layouts() {
    let stage = Stage::new();
    for (output, options) in
        [("a.h5", ""), ("b.h5", "--rng numpy"), ("c.h5", "--random-pct 100"), ("d.h5", "--min-spacing 4")]
    {
        stage.done(&format!("run quickstart --seeds 2 --output {output} {options}"));
    }
    let layout = |output: &str, name: &str| match &records(&stage, output)[name].outcome {
        Outcome::Solved(solution) => solution.layout.clone(),
        Outcome::Failed { reason } => panic!("{reason}"),
    };
    let a = layout("a.h5", "farm0_t0_s0");
    assert_ne!(a, layout("a.h5", "farm0_t0_s1"));
    for other in ["b.h5", "c.h5"] {
        assert_ne!(a, layout(other, "farm0_t0_s0"), "{other}");
    }
    assert!(layout("d.h5", "farm0_t0_s0").min_spacing_m() >= 4.0 * 195.0);
}

#[test]
fn more_restarts_are_never_worse() {
    let stage = Stage::new();
    stage.done("run quickstart --seeds 4 --output one.h5");
    stage.done("run quickstart --seeds 4 --restarts 4 --output four.h5");
    let aep = |record: &Record| match &record.outcome {
        Outcome::Solved(solution) => solution.aep_gwh,
        Outcome::Failed { reason } => panic!("{reason}"),
    };
    let (one, four) = (records(&stage, "one.h5"), records(&stage, "four.h5"));
    assert!(one.iter().all(|(name, record)| aep(record) <= aep(&four[name])));
    assert!(one.iter().any(|(name, record)| aep(record) < aep(&four[name])));
}

#[test]
fn a_case_without_room_fails_and_the_others_go_on() {
    let stage = Stage::new();
    for (name, data) in [("wind.yaml", "data/wind/uniform.yaml"), ("v80.yaml", "data/turbines/v80.yaml")] {
        std::fs::copy(project(data), stage.path(name)).unwrap();
    }
    stage.write(
        "s.toml",
        r#"
        seeds = 2
        wind = "wind.yaml"
        turbine_count = { count = 9 }
        search = { grid_size = 6, wind_directions = { start = 0, stop = 360, step = 30 } }
        [[farms]]
        name = "small"
        boundary = [[0, 0], [500, 0], [500, 500], [0, 500]]
        [[farms]]
        name = "large"
        boundary = [[0, 0], [3000, 0], [3000, 3000], [0, 3000]]
        [[turbines]]
        file = "v80.yaml"
        "#,
    );
    for _ in 0..2 {
        let ended = stage.run("run s.toml");
        assert_eq!(ended.code, 1, "{}", ended.stderr);
        assert!(ended.stdout.contains("2 of 4 cases solved") && ended.stdout.contains("2 failed"), "{}", ended.stdout);
        assert!(ended.stderr.contains("farm0_t0_s0"), "{}", ended.stderr);
    }
    let found = records(&stage, "layouts.h5");
    let Outcome::Failed { reason } = &found["farm0_t0_s1"].outcome else { panic!("solved in a farm without room") };
    assert!(reason.contains("no feasible position for turbine"), "{reason}");
    let status = stage.done("status --json layouts.h5").json();
    assert_eq!((&status["done"], &status["failed"], &status["remaining"]), (&2.into(), &2.into(), &0.into()));
}

#[test]
fn a_dry_run_changes_nothing() {
    let stage = Stage::new();
    let ended = stage.done("--seeds 1 --farms 0,2..4 --types 5 --dry-run");
    assert!(ended.stdout.contains("farm2_t5_s0") && ended.stdout.contains("3 to run"), "{}", ended.stdout);
    assert!(stage.names().is_empty(), "{:?}", stage.names());
}

#[test]
fn validate_proves_and_disproves() {
    let stage = Stage::new();
    stage.done("run quickstart --seeds 2");
    assert!(stage.done("validate layouts.h5").stdout.contains("valid, 2 cases solved"));
    let report = stage.done("validate --json layouts.h5").json();
    assert_eq!((&report["is_valid"], &report["cases"]), (&true.into(), &2.into()));

    let mut bytes = std::fs::read(stage.path("layouts.h5")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(stage.path("damaged.h5"), &bytes).unwrap();
    std::fs::write(stage.path("short.h5"), &bytes[..middle]).unwrap();
    std::fs::write(stage.path("empty.h5"), []).unwrap();
    for name in ["damaged.h5", "short.h5", "empty.h5"] {
        let ended = stage.run(&format!("validate --json {name}"));
        assert_eq!(ended.code, 1, "{name}: {}", ended.stderr);
        assert_eq!(ended.json()["is_valid"], false, "{name}");
        assert!(!ended.json()["errors"].as_array().unwrap().is_empty(), "{name}");
    }
}

#[test]
fn a_damaged_output_is_put_aside_and_made_whole() {
    let stage = Stage::new();
    stage.done("run quickstart --seeds 3");
    let before = substance(&stage, "layouts.h5");
    let mut bytes = std::fs::read(stage.path("layouts.h5")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(stage.path("layouts.h5"), &bytes).unwrap();
    let ended = stage.run("run quickstart --seeds 3");
    assert_eq!(ended.code, 1, "unsound data is named: {}{}", ended.stdout, ended.stderr);
    assert!(ended.stderr.contains("quarantine"), "{}", ended.stderr);
    assert_eq!(before, substance(&stage, "layouts.h5"));
    stage.done("run quickstart --seeds 3");
}

#[test]
fn every_wake_model_runs_a_sweep() {
    let stage = Stage::new();
    for model in layoutopt::wake::WakeModel::ALL {
        let output = format!("{model}.h5");
        stage.done(&format!("run quickstart --seeds 1 --wake-model {model} --output {output}"));
        assert_eq!(read_output_root(&stage.path(&output)).unwrap().facts.wake_model, model.name());
        assert!(stage.done(&format!("validate {output}")).stdout.contains("valid, 1 cases"), "{model}");
    }
    let composed = std::fs::read_to_string(project("configs/quickstart.toml")).unwrap();
    let composed = composed.replace("\"../data/", &format!("\"{}/", project("data").display()));
    let parts = "[wake]\ndeficit = \"gaussian\"\nk = 0.04\nsuperposition = \"squared\"\n";
    stage.write("composed.toml", &format!("{composed}\n{parts}"));
    stage.done("run composed.toml --seeds 1");
    stage.done("validate layouts.h5");
    let other = stage.run("run composed.toml --seeds 1 --wake-model jensen-1983");
    assert_eq!(other.code, 2, "{}", other.stderr);
    assert!(other.stderr.contains("k = [0.0, 0.04]") && other.stderr.contains("jensen-1983"), "{}", other.stderr);
}

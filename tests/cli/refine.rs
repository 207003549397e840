//! Sweeps whose layouts are refined: what each stage gave, determinism, interruption.

use std::process::Stdio;
use std::time::{Duration, Instant};

use layoutopt::store::{Outcome, Record, Solution};
use rustix::process::{Pid, Signal, kill_process};

use crate::run::records;
use crate::stage::Stage;

/// Few turbines in little wind, so that refinements are quick.
const SMALL: &str = r#"
name = "small"
seeds = 2
wind = { turbulence_intensity = 0.06, wind_direction = [0, 30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 330], wind_speed = [9], probability = [[0.05], [0.05], [0.05], [0.1], [0.05], [0.05], [0.05], [0.1], [0.2], [0.15], [0.1], [0.05]] }
turbine_count = { count = 7 }
[[farms]]
name = "square"
boundary = [[0, 0], [4000, 0], [4000, 4000], [0, 4000]]
exclusions = [[[1000, 1000], [2000, 1000], [2000, 2000]]]
[[turbines]]
generic = { rated_mw = 10, rotor_diameter = 195, hub_height = 121 }
"#;

fn small() -> Stage {
    let stage = Stage::new();
    stage.write("small.toml", SMALL);
    stage
}

fn solution(record: &Record) -> &Solution {
    match &record.outcome {
        Outcome::Solved(solution) => solution,
        Outcome::Failed { reason } => panic!("{reason}"),
    }
}

#[test]
fn each_refinement_gains_and_says_which_stage_gave_what() {
    let stage = small();
    stage.done("run small.toml --output none.h5");
    let none = records(&stage, "none.h5");
    for (how, stages) in
        [("relocate", "start relocate"), ("polish", "start polish"), ("full", "start polish recreate polish pattern")]
    {
        stage.done(&format!("run small.toml --refine {how} --output {how}.h5"));
        let refined = records(&stage, &format!("{how}.h5"));
        assert!(refined.keys().eq(none.keys()));
        for (name, record) in &refined {
            let (before, after) = (solution(&none[name]), solution(record));
            assert!(before.stages.is_empty());
            let names: Vec<_> = after.stages.iter().map(|ended| ended.stage.as_str()).collect();
            assert_eq!(names.join(" "), stages, "{how}, {name}");
            let aep_gwh: Vec<f64> = after.stages.iter().map(|ended| ended.aep_gwh).collect();
            assert!((aep_gwh[0] / before.aep_gwh - 1.0).abs() < 1e-11, "{how}, {name}: it starts from the smart start");
            assert!(aep_gwh.windows(2).all(|two| two[1] >= two[0] * (1.0 - 1e-11)), "{how}, {name}: {aep_gwh:?}");
            assert_eq!(aep_gwh.last(), Some(&after.aep_gwh));
            assert!(after.aep_gwh > before.aep_gwh * 1.0001, "{how}, {name}: {aep_gwh:?}");
        }
        stage.done(&format!("validate {how}.h5"));
    }
}

#[test]
fn threads_change_no_bit_of_refined_layouts() {
    let stage = small();
    stage.done("run small.toml --seeds 3 --refine full --threads 1 --output one.h5");
    stage.done("run small.toml --seeds 3 --refine full --threads 3 --output three.h5");
    stage.done("run small.toml --seeds 1..3 --refine full --output resumed.h5");
    stage.done("run small.toml --seeds 3 --refine full --output resumed.h5");
    let one = records(&stage, "one.h5");
    assert_eq!(one, records(&stage, "three.h5"));
    assert_eq!(one, records(&stage, "resumed.h5"));
    let refused = stage.run("run small.toml --seeds 3 --output one.h5");
    assert!(refused.code == 2 && refused.stderr.contains("refine"), "{}", refused.stderr);
}

#[test]
fn a_case_that_is_being_refined_does_not_hold_up_an_interrupt() {
    let stage = Stage::new();
    let mut child = stage
        .command("run dei --farms 0 --types 5 --seeds 2 --refine full --threads 1")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_secs(2));
    assert!(child.try_wait().unwrap().is_none(), "a case takes longer than this");
    let since = Instant::now();
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(143));
    assert!(since.elapsed() < Duration::from_secs(10), "{:?}", since.elapsed());
    assert!(!stage.path("layouts.h5").exists(), "nothing came of the case");
}

#[test]
fn refinements_that_are_none_are_refused() {
    let stage = Stage::new();
    let unknown = stage.run("run quickstart --refine a-bit");
    assert!(unknown.code == 2 && unknown.stderr.contains("none, relocate, polish or full"), "{}", unknown.stderr);
    assert_eq!(stage.names(), [""; 0]);
}

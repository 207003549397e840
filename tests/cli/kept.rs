//! Stores that earlier versions wrote: read, proven, continued, never computed again.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use layoutopt::aep::Simd;
use layoutopt::store::{Provenance, Store};
use layoutopt::sweep::{Overrides, Selection, Solver, SolverBuffers, Sweep};

use crate::run::records;
use crate::stage::{Stage, project};

/// A stage with the kept store `schema-1.h5`, its shards and the sweep they belong to.
fn kept() -> Stage {
    let stage = Stage::new();
    copy(&project("tests/stores"), &stage.path("."));
    let sweep = fs::read_to_string(project("tests/stores/sweep.toml")).unwrap();
    stage.write("sweep.toml", &sweep.replace("../../data", project("data").to_str().unwrap()));
    stage
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, name) = (entry.as_ref().unwrap().path(), entry.unwrap().file_name());
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else {
            fs::copy(path, to.join(name)).unwrap();
        }
    }
}

/// A stage with a store of this version in `half.h5`: of each farm two seeds merged, the third in shards that wait; its sweep, and the
/// worker files of the Python script.
pub(crate) fn half_merged() -> Stage {
    let stage = kept();
    let sweep = fs::read_to_string(stage.path("sweep.toml")).unwrap();
    stage.write("sweep.toml", &sweep.replace("grid_size = 250", "grid_size = 30"));
    assert_eq!(stage.run("run sweep.toml --seeds 2 --output half.h5").code, 1, "a farm has no room");
    let sweep = Sweep::load(&stage.path("sweep.toml"), &Overrides::default()).unwrap();
    let writer = Store::at(&stage.path("half.h5")).start_run(2, &sweep.to_toml(), &Provenance::here()).unwrap();
    let cases = sweep.cases(&Selection::default()).unwrap();
    let solver = Solver::new(sweep, Simd::detect()).unwrap();
    for (worker, case) in cases.iter().filter(|case| case.key.seed == 2).enumerate() {
        writer
            .handle()
            .send(worker, solver.solve(case, &mut SolverBuffers::default(), &AtomicBool::new(false)).unwrap())
            .unwrap();
    }
    writer.finish().unwrap();
    stage
}

/// The folder of the waiting shards of [`half_merged`].
pub(crate) fn shards(stage: &Stage) -> PathBuf {
    let mut folders = fs::read_dir(stage.path("half.h5.shards")).unwrap().map(|entry| entry.unwrap().path());
    folders.find(|path| path.join("w000-000000.h5").exists()).unwrap()
}

#[test]
fn a_store_of_the_first_schema_is_read_and_proven() {
    let stage = kept();
    let status = stage.done("status --json schema-1.h5").json();
    assert_eq!((&status["output_records"], &status["shard_records"]), (&4.into(), &2.into()));
    let shards = "schema-1.h5.shards/20261121T150200Z-host-1-dee492c59f5a0afb";
    let report =
        stage.done(&format!("validate --json schema-1.h5 {shards}/w000-000000.h5 {shards}/w001-000000.h5")).json();
    assert_eq!((&report["is_valid"], &report["cases"], &report["failed"]), (&true.into(), &3.into(), &3.into()));
    assert_eq!(report["files"][1]["warnings"], serde_json::json!([]), "shards find their sweep");
}

/// The store is of `smart-start 2`. While the algorithm is that one, a run counts its cases as done; a later version comes to other
/// solutions, so a run must not go on from them, and says so.
#[test]
fn what_a_store_of_the_first_schema_holds_is_merged_and_never_mixed() {
    let stage = kept();
    let before = records(&stage, "schema-1.h5");
    let sweep = Sweep::load(&stage.path("sweep.toml"), &Overrides::default()).unwrap();
    let case = sweep.cases(&Selection::default()).unwrap()[0];
    if before["farm0_t0_s0"].case_id == case.case_id {
        let ended = stage.run("run sweep.toml --output schema-1.h5");
        assert_eq!(ended.code, 1, "failed cases stay failed: {}", ended.stderr);
        assert!(ended.stdout.contains("3 of 6 cases solved (0 now, 3 before), 3 failed"), "{}", ended.stdout);
    } else {
        let bytes = fs::read(stage.path("schema-1.h5")).unwrap();
        let ended = stage.run("run sweep.toml --output schema-1.h5");
        assert_eq!(ended.code, 2, "{}", ended.stderr);
        assert!(ended.stderr.contains("earlier version of the search"), "{}", ended.stderr);
        assert_eq!(fs::read(stage.path("schema-1.h5")).unwrap(), bytes, "nothing is touched");
        stage.done("merge schema-1.h5");
    }
    let after = records(&stage, "schema-1.h5");
    assert_eq!(after.len(), 6);
    assert!(before.iter().all(|(name, record)| after[name] == *record), "what was there is there to the bit");
    assert!(stage.done("validate schema-1.h5").stdout.contains("valid, 3 cases solved, 3 failed"));
    assert!(!stage.path("schema-1.h5.shards").exists(), "the shards are merged");
}

#[test]
fn a_run_goes_on_from_a_half_merged_store() {
    let stage = half_merged();
    let ended = stage.run("run sweep.toml --output half.h5");
    assert_eq!(ended.code, 1, "failed cases stay failed: {}", ended.stderr);
    assert!(ended.stdout.contains("3 of 6 cases solved (0 now, 3 before), 3 failed"), "{}", ended.stdout);
}

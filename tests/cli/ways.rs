//! Every way back: repair, recover, reorganize.

use std::collections::BTreeMap;
use std::fs;

use layoutopt::store::{Origin, Outcome, Record, content_digest, read_output_root};

use crate::kept::{half_merged, shards};
use crate::run::records;
use crate::stage::{Ended, Stage};

/// A quickstart of six seeds in layouts.h5, and what is in it.
fn solved() -> (Stage, BTreeMap<String, Record>) {
    let stage = Stage::new();
    stage.done("run quickstart --seeds 6");
    let records = records(&stage, "layouts.h5");
    (stage, records)
}

fn flip(stage: &Stage, name: &str, needle: &[u8]) {
    let mut bytes = fs::read(stage.path(name)).unwrap();
    let at = bytes.windows(needle.len()).position(|window| window == needle).unwrap();
    bytes[at] ^= 1;
    fs::write(stage.path(name), bytes).unwrap();
}

fn aep_bytes(record: &Record) -> [u8; 8] {
    match &record.outcome {
        Outcome::Solved(solution) => solution.aep_gwh.to_le_bytes(),
        Outcome::Failed { reason } => panic!("{reason}"),
    }
}

fn says(ended: &Ended, words: &[&str]) {
    let said = format!("{}{}", ended.stdout, ended.stderr);
    for word in words {
        assert!(said.contains(word), "`{word}` in: {said}");
    }
}

#[test]
fn nothing_to_repair_changes_nothing() {
    let (stage, _) = solved();
    let bytes = fs::read(stage.path("layouts.h5")).unwrap();
    let names = stage.names();
    says(&stage.done("repair layouts.h5"), &["nothing to repair", "6 cases solved"]);
    assert_eq!(stage.done("repair --json layouts.h5").json()["repaired"], false);
    assert_eq!(fs::read(stage.path("layouts.h5")).unwrap(), bytes);
    assert_eq!(stage.names(), names);
}

#[test]
fn a_repaired_file_holds_what_was_sound_and_names_what_was_not() {
    let (stage, before) = solved();
    let whole = fs::read(stage.path("layouts.h5")).unwrap();
    flip(&stage, "layouts.h5", &aep_bytes(&before["farm0_t0_s3"]));
    let damaged = fs::read(stage.path("layouts.h5")).unwrap();
    for (round, backup) in [(1, "layouts.h5.backup"), (2, "layouts.h5.backup.1")] {
        fs::write(stage.path("layouts.h5"), &damaged).unwrap();
        let ended = stage.run("repair layouts.h5");
        assert_eq!(ended.code, 1, "round {round}: a case is lost");
        says(
            &ended,
            &["5 cases kept, 1 lost", "kept farm0_t0_s0", "lost farm0_t0_s3", backup, "layoutopt run layouts.h5"],
        );
        assert_eq!(fs::read(stage.path(backup)).unwrap(), damaged);
        let after = records(&stage, "layouts.h5");
        assert_eq!(after.len(), 5);
        assert!(after.iter().all(|(name, record)| before[name] == *record));
        stage.done("validate layouts.h5");
    }
    says(&stage.done("run layouts.h5 --output layouts.h5"), &["6 of 6 cases solved (1 now, 5 before)"]);
    assert_eq!(records(&stage, "layouts.h5"), before, "the lost case comes out the same");
    fs::write(stage.path("layouts.h5"), &whole[..whole.len() - 1]).unwrap();
    let names = stage.names();
    let report = stage.done("repair layouts.h5 --no-backup --json").json();
    assert_eq!(report["kept"].as_array().unwrap().len(), 6);
    assert_eq!((&report["lost"], &report["backup"]), (&serde_json::json!([]), &serde_json::Value::Null));
    assert_eq!((records(&stage, "layouts.h5"), stage.names()), (before, names), "nothing is left beside it");
}

#[test]
fn damage_of_the_list_of_names_costs_no_case() {
    let (stage, before) = solved();
    let bytes = fs::read(stage.path("layouts.h5")).unwrap();
    // The root keeps its links in a heap of its own; its blocks begin so.
    for signature in [b"FRHP", b"FHDB", b"BTHD", b"BTLF"] {
        fs::write(stage.path("layouts.h5"), &bytes).unwrap();
        let Some(at) = bytes.windows(4).position(|window| window == signature) else { continue };
        let mut damaged = bytes.clone();
        damaged[at + 5] ^= 0x10;
        fs::write(stage.path("layouts.h5"), damaged).unwrap();
        says(&stage.done("repair layouts.h5 --no-backup"), &["6 cases kept, 0 lost"]);
        assert_eq!(records(&stage, "layouts.h5"), before);
    }
}

#[test]
fn what_cannot_be_repaired_is_left_as_it_is() {
    let (stage, before) = solved();
    for (name, contents) in [("empty.h5", Vec::new()), ("text.h5", b"not HDF5 at all".repeat(20))] {
        fs::write(stage.path(name), &contents).unwrap();
        let names = stage.names();
        let ended = stage.run(&format!("repair {name}"));
        assert_eq!(ended.code, 2, "{}", ended.stderr);
        says(&ended, &[name, "--sweep"]);
        let ended = stage.run(&format!("repair {name} --sweep quickstart"));
        assert_eq!(ended.code, 1, "{}", ended.stderr);
        says(&ended, &["nothing sound is left", "left as it is"]);
        assert_eq!((fs::read(stage.path(name)).unwrap(), stage.names()), (contents, names));
    }
    flip(&stage, "layouts.h5", &aep_bytes(&before["farm0_t0_s0"]));
    let damaged = fs::read(stage.path("layouts.h5")).unwrap();
    let ended = stage.run("repair layouts.h5 --sweep dei");
    assert_eq!(ended.code, 2, "another sweep must not cost sound cases: {}", ended.stderr);
    assert_eq!(fs::read(stage.path("layouts.h5")).unwrap(), damaged);
    assert_eq!(stage.run("repair missing.h5").code, 2);
}

#[test]
fn shards_quarantine_and_outputs_come_together_and_nothing_read_is_changed() {
    let stage = half_merged();
    let shards = shards(&stage);
    let sweep = fs::read_to_string(stage.path("sweep.toml")).unwrap();
    fs::create_dir(stage.path("quarantine")).unwrap();
    // A shard with a byte too few, an empty one, a copy under another name, and an output of another sweep.
    let shard = fs::read(shards.join("w001-000000.h5")).unwrap();
    fs::write(stage.path("quarantine/run--w001-000000.h5.length.0123456789abcdef"), &shard[..shard.len() - 1]).unwrap();
    fs::write(stage.path("quarantine/run--w001-000000.h5.length.0123456789abcdef.json"), "{}").unwrap();
    fs::write(stage.path("quarantine/w002-000000.h5.empty.0123456789abcdef"), "").unwrap();
    fs::copy(shards.join("w000-000000.h5"), stage.path("copy.h5")).unwrap();
    stage.write("other.toml", &sweep.replace("grid_size = 30", "grid_size = 20"));
    let before = snapshot(&stage);
    let ended = stage.run("recover half.h5 half.h5.shards quarantine copy.h5 --output all.h5");
    assert_eq!(ended.code, 1, "{}{}", ended.stdout, ended.stderr);
    says(&ended, &["6 cases recovered from 6 files", "0 bytes", "no case of the sweep is missing (6 cases)"]);
    assert!(before.iter().all(|(path, bytes)| fs::read(path).unwrap() == *bytes), "the input is untouched");
    stage.done("validate all.h5");
    assert_eq!(stage.run("run sweep.toml --output half.h5").code, 1, "failed cases stay failed");
    assert_eq!(
        content_digest(&stage.path("all.h5")).unwrap(),
        content_digest(&stage.path("half.h5")).unwrap(),
        "the same as a merge"
    );
    let other = stage.run("run other.toml --seeds 1 --output other.h5");
    assert!(other.code < 2, "{}", other.stderr);
    let ended = stage.run("recover other.h5 half.h5 --output mixed.h5");
    assert_eq!(ended.code, 2, "two sweeps in one output: {}", ended.stderr);
    assert!(!stage.path("mixed.h5").exists());
    let ended = stage.run("recover other.h5 half.h5 --sweep sweep.toml --output mixed.h5");
    says(&ended, &["6 cases recovered", "no case of the sweep is missing"]);
}

#[test]
fn recovering_into_its_own_output_deletes_no_shard() {
    let stage = half_merged();
    let before = snapshot(&stage);
    let ended = stage.done("recover half.h5.shards --output half.h5");
    says(&ended, &["2 cases recovered from 2 files", "3 solved, 3 failed in it now"]);
    for (path, bytes) in
        before.iter().filter(|(path, _)| path.components().count() > stage.path("x").components().count())
    {
        assert_eq!(fs::read(path).unwrap(), *bytes, "{}", path.display());
    }
    says(&stage.done("recover half.h5.shards --output half.h5"), &["0 cases recovered", "2 found more than once"]);
    stage.run("merge half.h5");
    assert!(!stage.path("half.h5.shards").exists(), "that is what merge is for");
}

#[test]
fn layouts_of_the_python_script_are_evaluated_and_marked() {
    let stage = half_merged();
    let needs_sweep = stage.run("recover worker_0.h5 worker_1.h5 --output layouts.h5");
    assert_eq!(needs_sweep.code, 2);
    says(&needs_sweep, &["--sweep"]);
    let before = snapshot(&stage);
    let ended = stage.run("recover worker_0.h5 worker_1.h5 --sweep sweep.toml --output layouts.h5");
    assert_eq!(ended.code, 1);
    says(
        &ended,
        &[
            "2 cases recovered from 2 files, 1 found more than once",
            "2 of them are layouts of the Python script",
            "1 had no AEP",
            "farm1_t0_s0 is not taken: a turbine stands",
            "farm0_t0_s2 is not taken: 9 turbines, expected 10",
            "farm0_t0_s3 is not taken: the sweep has no farm0_t0_s3",
            "farm1_t0_s1 is not taken: a coordinate is not a finite number",
            "farm1_t0_s2 is not taken: ss_seed is 7",
            "missing: 4 of 6 cases",
            "farm0_t0: seed 2",
            "farm1_t0: seeds 0..3",
            "layoutopt run layouts.h5 --output layouts.h5 --farms 0,1 --types 0",
        ],
    );
    assert!(before.iter().all(|(path, bytes)| fs::read(path).unwrap() == *bytes), "the input is untouched");
    stage.done("validate layouts.h5");
    let found = records(&stage, "layouts.h5");
    let stated = |name: &str| match &found[name].outcome {
        Outcome::Solved(solution) => (solution.origin, solution.aep_gwh),
        Outcome::Failed { reason } => panic!("{reason}"),
    };
    let (origin, aep_gwh) = stated("farm0_t0_s0");
    assert_eq!(origin, Origin::Recovered { stated_aep_gwh: 0.0 });
    assert!(aep_gwh > 100.0);
    assert_eq!(stated("farm0_t0_s1").0, Origin::Recovered { stated_aep_gwh: 432.1 });
    assert!(!ended.stderr.contains("no footer"), "nobody expects one: {}", ended.stderr);
    // A layout of our own goes before, and what is missing is computed.
    let ended = stage.run("recover half.h5 --output layouts.h5");
    says(&ended, &["2 solved, 2 failed in it now", "2 found more than once"]);
    assert_eq!(stated("farm0_t0_s0").0, Origin::Recovered { stated_aep_gwh: 0.0 });
    let report = stage.run("recover --json worker_0.h5 --output layouts.h5").json();
    assert_eq!((&report["recovered"], &report["duplicates"]), (&0.into(), &2.into()), "OUTPUT says which sweep it is");
    assert_eq!(report["missing"], serde_json::json!(["farm0_t0_s2", "farm1_t0_s2"]));
    let ours = records(&stage, "layouts.h5");
    let Outcome::Solved(solution) = &ours["farm0_t0_s0"].outcome else { panic!("it was solved") };
    assert_eq!(solution.origin, Origin::Solved);
    let ended = stage.run("run layouts.h5 --output layouts.h5");
    says(&ended, &["3 of 6 cases solved (1 now, 2 before)"]);
}

fn snapshot(stage: &Stage) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![stage.path(".")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push((path.clone(), fs::read(path).unwrap()));
            }
        }
    }
    found
}

#[test]
fn a_copy_is_arranged_and_still_an_output() {
    let (stage, before) = solved();
    let digest = content_digest(&stage.path("layouts.h5")).unwrap();
    for by in ["farm", "turbine", "aep"] {
        let copy = format!("layouts.by-{by}.h5");
        says(&stage.done(&format!("reorganize layouts.h5 --by {by}")), &[&copy, "6 cases"]);
        assert_eq!(records(&stage, &copy), before);
        assert_eq!(content_digest(&stage.path(&copy)).unwrap(), digest);
        let report = stage.done(&format!("validate --json {copy}")).json();
        assert_eq!(report["warnings"], serde_json::json!([]));
        let again = stage.run(&format!("reorganize layouts.h5 --by {by}"));
        assert_eq!(again.code, 2, "nothing is replaced unasked: {}", again.stderr);
        stage.done(&format!("reorganize layouts.h5 --by {by} --force"));
    }
    assert_eq!(stage.run("reorganize layouts.h5 --by size").code, 2);
    assert_eq!(stage.run("reorganize missing.h5 --by farm").code, 2);
}

#[test]
fn compression_is_kept_until_another_is_asked_for() {
    let (stage, before) = solved();
    let compression = |name: &str| read_output_root(&stage.path(name)).unwrap().compression.to_string();
    assert_eq!(compression("layouts.h5"), "none");
    stage.done("merge layouts.h5");
    stage.done("run quickstart --seeds 6 --compression gzip:9");
    assert_eq!(compression("layouts.h5"), "gzip:9");
    stage.done("run quickstart --seeds 7");
    assert_eq!(compression("layouts.h5"), "gzip:9");
    assert!(before.iter().all(|(name, record)| records(&stage, "layouts.h5")[name] == *record));
    stage.done("validate layouts.h5");
    stage.done("merge layouts.h5 --compression none");
    assert_eq!(compression("layouts.h5"), "none");
    assert_eq!(stage.run("run quickstart --compression zip").code, 2);
}

#[test]
fn what_keeping_results_costs_is_recorded() {
    let stage = Stage::new();
    let ended = stage.done("run quickstart --seeds 200 --merge-interval 0.02 -v");
    says(&ended, &["kept results:", "bytes published in", "waiting for HDF5", "% of the time"]);
    let log = read_output_root(&stage.path("layouts.h5")).unwrap().log;
    let io: Vec<_> = log.iter().map(|row| row.io).collect();
    let merges: Vec<u64> = io.iter().map(|io| io.merges).collect();
    assert!(merges.len() > 1, "merged in mid-run: {merges:?}");
    assert!(merges.is_sorted() && merges[0] > 0, "{merges:?}");
    let last = io[io.len() - 1];
    assert!(last.publications > 0 && last.bytes > 200 * 1000, "{last:?}");
    assert!(last.publish_seconds > 0.0 && last.merge_seconds > 0.0 && last.hdf5_wait_seconds >= 0.0, "{last:?}");
    assert!(io.is_sorted_by(|a, b| a.bytes <= b.bytes && a.merge_seconds <= b.merge_seconds), "{io:?}");
    assert!(!stage.run("run quickstart --seeds 1 --output quiet.h5").stderr.contains("kept results"));
}

#[test]
fn a_sample_recomputes_as_many_as_it_says() {
    let (stage, _) = solved();
    for (sample, expected) in [("--sample 5%", 1), ("--sample 50", 3), ("--sample 100%", 6), ("--all", 6), ("", 6)] {
        let report = stage.done(&format!("validate --json layouts.h5 {sample}")).json();
        assert_eq!(report["aep_recomputed"], expected, "{sample}");
    }
    for wrong in ["--sample 0", "--sample 101%", "--sample x", "--sample 5% --all"] {
        assert_eq!(stage.run(&format!("validate layouts.h5 {wrong}")).code, 2, "{wrong}");
    }
}

#[test]
fn the_job_of_a_scheduler_is_in_the_provenance() {
    let stage = Stage::new();
    let run = stage.command("run quickstart --seeds 2").env("SLURM_JOB_ID", "47114711").output().unwrap();
    assert!(run.status.success());
    let bytes = std::fs::read(stage.path("layouts.h5")).unwrap();
    let holds = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
    assert!(holds(b"slurm_job_id") && holds(b"47114711"));
}

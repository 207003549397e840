//! Wrong numbers under right checksums: what no digest can notice, the sweep itself disproves.

use layoutopt::store::{
    CaseId, Outcome, Provenance, Record, Solution, StageAep, Store, read_output_root, read_records,
};

use crate::stage::Stage;

/// What is done to a solution, and the words that name the fault.
type Falsehood = (&'static str, fn(&mut Solution), &'static str);

const CONSTRAINTS: [Falsehood; 4] = [
    ("outside", |solution| solution.layout.x_m[0] += 1e5, "outside the boundary"),
    ("too close", |solution| solution.layout.x_m[1] = solution.layout.x_m[0], "apart"),
    ("one missing", remove_last, "turbines, expected"),
    ("stages that end elsewhere", end_elsewhere, "its last stage ended"),
];

fn remove_last(solution: &mut Solution) {
    solution.layout.x_m.pop();
    solution.layout.y_m.pop();
}

fn end_elsewhere(solution: &mut Solution) {
    solution.stages = vec![StageAep { stage: "polish".into(), aep_gwh: 0.5 * solution.aep_gwh }];
}

/// The true records of a sweep of two cases, and its text.
fn truth() -> (Vec<Record>, String) {
    let stage = Stage::new();
    stage.done("run quickstart --seeds 2");
    let (output, mut records) = (stage.path("layouts.h5"), Vec::new());
    read_records(&output, &mut |record| {
        records.push(record);
        Ok(())
    })
    .unwrap();
    (records, read_output_root(&output).unwrap().facts.sweep)
}

/// A store with these records in a shard, sealed as any other, and nothing else.
fn sealed(records: &[Record], sweep: &str) -> Stage {
    let stage = Stage::new();
    let store = Store::at(&stage.path("layouts.h5"));
    let writer = store.start_run(1, sweep, &Provenance::here()).unwrap();
    for record in records {
        writer.handle().send(0, record.clone()).unwrap();
    }
    writer.finish().unwrap();
    stage
}

fn solution(record: &mut Record) -> &mut Solution {
    match &mut record.outcome {
        Outcome::Solved(solution) => solution,
        Outcome::Failed { reason } => panic!("{reason}"),
    }
}

#[test]
fn a_position_that_breaks_a_constraint_is_never_merged() {
    let (records, sweep) = truth();
    for (name, falsify, words) in &CONSTRAINTS {
        let mut records = records.clone();
        falsify(solution(&mut records[0]));
        let stage = sealed(&records, &sweep);
        let merge = stage.run("merge layouts.h5");
        assert_eq!(merge.code, 1, "{name}: {}", merge.stderr);
        assert!(merge.stderr.contains(words) && merge.stderr.contains("farm0_t0_s0"), "{name}: {}", merge.stderr);
        let merged = Store::at(&stage.path("layouts.h5")).scan().unwrap();
        let keys: Vec<_> = merged.entries.keys().map(|(key, _)| key.to_string()).collect();
        assert_eq!(keys, ["farm0_t0_s1"], "{name}: the sound one and no other");
    }
}

#[test]
fn an_aep_that_is_not_that_of_its_layout_is_disproved() {
    let (mut records, sweep) = truth();
    solution(&mut records[0]).aep_gwh *= 1.0 + 1e-8;
    let stage = sealed(&records, &sweep);
    stage.run("merge layouts.h5");
    let validate = stage.run("validate layouts.h5");
    let said = format!("{}{}", validate.stdout, validate.stderr);
    assert!(validate.code == 1 && said.contains("farm0_t0_s0: AEP is stored as"), "{said}");
}

#[test]
fn a_solution_of_other_inputs_is_not_taken_for_this_ones() {
    let (mut records, sweep) = truth();
    records[0].case_id = CaseId([9; 16]);
    let stage = sealed(&records, &sweep);
    let merge = stage.run("merge layouts.h5");
    assert_ne!(merge.code, 0, "{}", merge.stdout);
    assert!(merge.stderr.contains("farm0_t0_s0"), "{}", merge.stderr);
}

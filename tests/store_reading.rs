//! Others read what the store writes: h5py of two versions opens a segment in mid-run and OUTPUT, as the Python consumers do.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

mod installed;

use std::path::Path;
use std::process::Command;

use layoutopt::farm::Layout;
use layoutopt::store::{
    CaseId, CaseKey, MergeOptions, Origin, Outcome, Provenance, Record, RootFacts, Solution, Store, content_digest,
};

use crate::installed::pythons_with_h5py;

const SCRIPT: &str = r#"
import sys
import h5py
import numpy as np

kind, path = sys.argv[1:]
with h5py.File(path, "r") as f:
    # The consumers' own words.
    layout = f["farm0_t5_s0"]["layout"][:]
    assert layout.shape == (2, 3) and layout.dtype == np.float64, layout
    assert layout[0].tolist() == [700000.5, 701000.5, 702000.5], layout
    assert layout[1].tolist() == [6200000.25, 6201000.25, 6202000.25], layout
    assert float(f["farm0_t5_s0"]["aep"][()]) == 4000.125
    cases = [name for name in f if "layout" in f[name] and "aep" in f[name]]
    assert cases == ["farm0_t5_s0"], cases
    attributes = f["farm0_t5_s0"].attrs
    for name, value in dict(farm_idx=0, type_idx=5, n_turbines=3, ss_seed=0, restart=2, diameter=240.0,
                            aep_no_wake_gwh=4500.0, farm="dk0w", turbine="Generic 15 MW, Ø 240 m",
                            case_id="07" * 16).items():
        assert attributes[name] == value, (name, attributes[name])
        assert isinstance(value, float) or not isinstance(attributes[name], float), name
    assert abs(attributes["wake_loss_pct"] - 100 * (1 - 4000.125 / 4500)) < 1e-12
    assert len(attributes["checksum"]) == 32
    failed = f["failed"]["farm1_t5_s0"].attrs
    assert failed["reason"] == "no feasible position for turbine 3 of 3", failed["reason"]
    assert failed["ss_seed"] == 0 and failed["farm"] == "dk0w"
    if kind == "output":
        root = f.attrs
        for name, value in dict(grid_size=18, random_pct=30, total_configs=2, successful_configs=1, schema_version=2,
                                wake_model="nygaard-2022", rng="chacha8", sweep="name = \"test\"\n").items():
            assert root[name] == value, (name, root[name])
        assert np.issubdtype(type(root["random_pct"]), np.integer)
        assert len(root["content_digest"]) == 32 and root["created"].endswith("Z") and root["layoutopt_version"]
        assert f["metadata"].attrs["threads"] == "2" and f["metadata"].attrs["host"]
        merges = f["processing_log"]
        assert [merges[name].attrs["records_added"] for name in merges] == [2]
print("ok")
"#;

#[test]
fn h5py_reads_segments_and_output() {
    let pythons = pythons_with_h5py();
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(&dir.path().join("layouts.h5"));
    let writer = store.start_run(2, "name = \"test\"\n", &Provenance::here()).unwrap();
    for record in records() {
        writer.handle().send(0, record).unwrap();
    }
    writer.flush().unwrap();
    let segment = store.shards().join(writer.run()).join("w000-000000.h5");
    for python in &pythons {
        check(python, "segment", &segment);
    }
    writer.finish().unwrap();

    let facts = RootFacts {
        grid_size: 18,
        random_pct: 30.0,
        total_configs: 2,
        sweep: "name = \"test\"\n".into(),
        wake_model: "nygaard-2022".into(),
        rng: "chacha8".into(),
    };
    let options = MergeOptions { provenance: Provenance::here().with("threads", 2), ..MergeOptions::default() };
    let report = store.merge(&facts, &options, &|_| Ok(())).unwrap();
    assert_eq!(report.content_digest, content_digest(store.output()).unwrap());
    for python in &pythons {
        check(python, "output", store.output());
    }
}

fn check(python: &str, kind: &str, path: &Path) {
    let run = Command::new(python).args(["-c", SCRIPT, kind]).arg(path).output().unwrap();
    assert!(run.status.success(), "{kind}: {}", String::from_utf8_lossy(&run.stderr));
}

fn records() -> [Record; 2] {
    let solution = Solution {
        layout: Layout {
            x_m: vec![700_000.5, 701_000.5, 702_000.5],
            y_m: vec![6_200_000.25, 6_201_000.25, 6_202_000.25],
        },
        rotor_diameter_m: 240.0,
        aep_gwh: 4000.125,
        aep_no_wake_gwh: 4500.0,
        restart: 2,
        origin: Origin::Solved,
        stages: vec![],
    };
    let record = |farm, outcome| Record {
        key: CaseKey { farm, turbine: 5, seed: 0 },
        case_id: CaseId([7; 16]),
        farm: "dk0w".into(),
        turbine: "Generic 15 MW, Ø 240 m".into(),
        outcome,
    };
    let reason = "no feasible position for turbine 3 of 3".into();
    [record(0, Outcome::Solved(solution)), record(1, Outcome::Failed { reason })]
}

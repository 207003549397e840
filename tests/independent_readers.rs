//! Others read one OUTPUT and see the same values as this program (HDF5's own library, every record proven by its checksum): h5py on two
//! versions of HDF5, h5dump of HDF5 1.10, and a reader written in Rust from the file format's specification.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

mod installed;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use hdf5_reader::Hdf5File;
use hdf5_reader::group::Group;
use layoutopt::farm::Layout;
use layoutopt::store::{
    CaseId, CaseKey, Compression, MergeOptions, Origin, Outcome, Provenance, Record, RootFacts, Solution, Store,
    read_records,
};
use xxhash_rust::xxh3::xxh3_128;

use crate::installed::{installed, pythons_with_h5py};

/// What a reader sees of one case: every value by its bits, in words.
type Seen = BTreeMap<String, Vec<String>>;
/// So many words are seen of a solved case: layout, energies and diameter, restart, and four of its identity.
const SOLVED: usize = 7;

const SCRIPT: &str = r#"
import sys
import h5py
import numpy as np

bits = lambda values: ",".join(f"{int(v):016x}" for v in np.asarray(values, dtype="<f8").ravel().view("<u8"))
with h5py.File(sys.argv[1]) as f:
    for name in f:
        if "layout" not in f[name]:
            continue
        case, at = f[name], f[name].attrs
        print(name, bits(case["layout"][:]), bits([case["aep"][()], at["aep_no_wake_gwh"], at["diameter"]]),
              at["restart"], at["farm"], at["turbine"], at["case_id"], at["checksum"], sep="\t")
    for name in f["failed"]:
        at = f["failed"][name].attrs
        print(name, at["reason"], at["farm"], at["turbine"], at["case_id"], at["checksum"], sep="\t")
"#;

#[test]
fn all_readers_see_the_same_values() {
    for compression in [Compression::None, Compression::Gzip(6)] {
        let dir = tempfile::tempdir().unwrap();
        let store = stored(&dir.path().join("layouts.h5"), compression);
        let ours = by_ourselves(store.output());
        assert_eq!(ours.len(), records().len());
        let digest = |seen: &Seen| xxh3_128(format!("{seen:?}").as_bytes());
        let reader = by_hdf5_reader(store.output());
        assert_eq!(digest(&reader), digest(&ours), "{compression}: hdf5-reader\n{reader:?}\n{ours:?}");
        for python in pythons_with_h5py() {
            let h5py = by_h5py(&python, store.output());
            assert_eq!(digest(&h5py), digest(&ours), "{compression}: h5py of {python}\n{h5py:?}\n{ours:?}");
        }
        if installed(Command::new("h5dump").arg("-V").output().is_ok(), "h5dump") {
            agrees_with_h5dump(store.output(), &ours);
        }
    }
}

fn by_ourselves(path: &Path) -> Seen {
    let mut seen = Seen::new();
    read_records(path, &mut |record| {
        let identity =
            [record.farm.clone(), record.turbine.clone(), record.case_id.to_string(), record.digest().to_string()];
        let values = match &record.outcome {
            Outcome::Solved(solution) => vec![
                bits(solution.layout.x_m.iter().chain(&solution.layout.y_m)),
                bits([&solution.aep_gwh, &solution.aep_no_wake_gwh, &solution.rotor_diameter_m]),
                solution.restart.to_string(),
            ],
            Outcome::Failed { reason } => vec![reason.clone()],
        };
        seen.insert(record.key.to_string(), values.into_iter().chain(identity).collect());
        Ok(())
    })
    .unwrap();
    seen
}

fn by_hdf5_reader(path: &Path) -> Seen {
    let file = Hdf5File::open(path).unwrap();
    let root = file.root_group().unwrap();
    let mut seen = Seen::new();
    let text = |group: &Group, name: &str| group.attribute(name).unwrap().read_string().unwrap();
    let number = |group: &Group, name: &str| group.attribute(name).unwrap().read_scalar::<f64>().unwrap();
    let identity = |group: &Group| ["farm", "turbine", "case_id", "checksum"].map(|name| text(group, name));
    for group in root.groups().unwrap() {
        let Ok(layout) = group.dataset("layout") else { continue };
        let layout = layout.read_array::<f64>().unwrap();
        let aep = group.dataset("aep").unwrap().read_array::<f64>().unwrap();
        let energies = [*aep.first().unwrap(), number(&group, "aep_no_wake_gwh"), number(&group, "diameter")];
        let restart = group.attribute("restart").unwrap().read_scalar::<i64>().unwrap().to_string();
        let values = vec![bits(layout.iter()), bits(energies.iter()), restart];
        seen.insert(group.name().to_owned(), values.into_iter().chain(identity(&group)).collect());
    }
    for group in root.group("failed").unwrap().groups().unwrap() {
        let values = [text(&group, "reason")].into_iter().chain(identity(&group));
        seen.insert(group.name().to_owned(), values.collect());
    }
    seen
}

fn by_h5py(python: &str, path: &Path) -> Seen {
    let run = Command::new(python).args(["-c", SCRIPT]).arg(path).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let lines = String::from_utf8(run.stdout).unwrap();
    let values = lines.lines().map(|line| line.split('\t').map(str::to_owned));
    values.map(|mut values| (values.next().unwrap(), values.collect())).collect()
}

/// h5dump reads the whole file, and numbers of the data sets as we do.
fn agrees_with_h5dump(path: &Path, ours: &Seen) {
    let dump = |arguments: &[&str]| {
        let run = Command::new("h5dump").args(arguments).arg(path).output().unwrap();
        assert!(run.status.success() && run.stderr.is_empty(), "{}", String::from_utf8_lossy(&run.stderr));
        String::from_utf8(run.stdout).unwrap()
    };
    dump(&[]);
    let numbers = |dataset: &str| {
        let text = dump(&["-m", "%.17g", "-w", "0", "-y", "-d", dataset]);
        let data = text.split_once("DATA {").unwrap().1.split_once('}').unwrap().0;
        let words = data.split([',', '\n']).map(str::trim).filter(|word| !word.is_empty());
        bits(&words.map(|word| word.parse().unwrap()).collect::<Vec<f64>>())
    };
    for (name, values) in ours.iter().filter(|(_, values)| values.len() == SOLVED) {
        assert_eq!(numbers(&format!("/{name}/layout")), values[0], "{name}");
        assert_eq!(numbers(&format!("/{name}/aep")), values[1].split(',').next().unwrap(), "{name}");
    }
}

fn bits<'a>(values: impl IntoIterator<Item = &'a f64>) -> String {
    values.into_iter().map(|value| format!("{:016x}", value.to_bits())).collect::<Vec<_>>().join(",")
}

/// Layouts of every storage there is: in the object header, in a chunk as it is, in a deflated chunk; awkward numbers; a failed case.
fn records() -> Vec<Record> {
    let solved = |seed: u64, n: u32| {
        let x_m: Vec<f64> = (0..n).map(|k| 690_000.0 + f64::from(k).sqrt() * 617.3 - f64::from(k % 7) / 3.0).collect();
        Outcome::Solved(Solution {
            layout: Layout { y_m: x_m.iter().map(|x| -x / 9.0).collect(), x_m },
            rotor_diameter_m: 240.1,
            aep_gwh: 4000.0 / 3.0 + seed as f64,
            aep_no_wake_gwh: f64::from_bits(4500.5_f64.to_bits() + 1),
            restart: 2,
            origin: Origin::Solved,
            stages: vec![],
        })
    };
    let record = |farm, seed, outcome| Record {
        key: CaseKey { farm, turbine: 5, seed },
        case_id: CaseId([7; 16]),
        farm: "dk0w".into(),
        turbine: "Generic 15 MW, Ø 240 m".into(),
        outcome,
    };
    let reason = "no feasible position for turbine 3 of 3".into();
    vec![
        record(0, 0, solved(0, 1)),
        record(0, 1, solved(1, 66)),
        record(0, 2, solved(2, 700)),
        record(0, 3, solved(3, 5000)),
        record(1, 0, Outcome::Failed { reason }),
    ]
}

fn stored(output: &Path, compression: Compression) -> Store {
    let store = Store::at(output);
    let writer = store.start_run(1, "name = \"test\"\n", &Provenance::here()).unwrap();
    for record in records() {
        writer.handle().send(0, record).unwrap();
    }
    writer.finish().unwrap();
    let facts = RootFacts {
        grid_size: 18,
        random_pct: 30.0,
        total_configs: 5,
        sweep: "name = \"test\"\n".into(),
        wake_model: "nygaard-2022".into(),
        rng: "chacha8".into(),
    };
    let options = MergeOptions { compression: Some(compression), ..MergeOptions::default() };
    store.merge(&facts, &options, &|_| Ok(())).unwrap();
    store
}

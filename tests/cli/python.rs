//! Python users read OUTPUT with h5py as they always did, and our windIO files with windIO.

use std::path::PathBuf;
use std::process::Command;

use crate::installed::python;
use crate::stage::{Stage, project};

/// Has windIO's own validator look at files.
fn validated(python: &str, schema: &str, files: &[PathBuf]) {
    let script = project("tests/cli/validate_windio.py");
    let output = Command::new(python).arg(script).arg(schema).args(files).output().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(output.status.success() && text.contains(&format!("{} valid", files.len())), "{text}");
}

#[test]
fn h5py_reads_output_as_existing_scripts_do() {
    let Some(python) = python("LAYOUTOPT_PYTHON", "h5py") else { return };
    let stage = Stage::new();
    stage.done("run quickstart --seeds 3");
    let script = project("tests/cli/read_layouts.py");
    let output = Command::new(python).arg(script).arg(stage.path("layouts.h5")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "3 layouts of 10 turbines");
}

#[test]
fn pandas_reads_the_table_of_cases_in_one_call() {
    const SCRIPT: &str = "
import sys, h5py, pandas
for path in sys.argv[1:]:
    cases = pandas.read_hdf(path, 'cases')
    assert list(cases.ss_seed) == [0, 1, 2] and (cases.solved == 1).all() and (cases.aep_gwh > 0).all(), cases
    assert (pandas.DataFrame(h5py.File(path)['cases/table'][:]) == cases).all().all()
    best = cases.loc[cases.aep_gwh.idxmax()]
    print(best.ss_seed, best.aep_gwh)
for path in sys.argv[2:]:
    with h5py.File(path) as f:
        ranked = [f['by_aep'][name]['aep'][()] for name in f['by_aep']]
        assert ranked == sorted(ranked, reverse=True) and len(ranked) == 3, ranked
";
    let Some(python) = python("LAYOUTOPT_PYTHON", "tables, pandas, h5py") else { return };
    let stage = Stage::new();
    stage.done("run quickstart --seeds 3 --output plain.h5");
    stage.done("reorganize plain.h5 --by aep --compression gzip --output best.h5");
    let files = ["plain.h5", "best.h5"].map(|name| stage.path(name));
    let output = Command::new(python).args(["-c", SCRIPT]).args(files).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines.len() == 2 && lines[0] == lines[1], "{said}");
}

#[test]
fn windio_accepts_what_is_written() {
    let Some(python) = python("LAYOUTOPT_PYTHON", "windIO") else { return };
    let stage = Stage::new();
    stage.done("run quickstart --seeds 2");
    stage.done("export --case farm0_t0_s0 --output plant.yaml");
    stage.done("export --farm 0 --output layouts.yaml");
    validated(&python, "plant/wind_energy_system", &[stage.path("plant.yaml")]);
    validated(&python, "plant/wind_farm", &[stage.path("layouts.yaml")]);
}

#[test]
fn windio_accepts_every_kind_of_plant_written_again() {
    let Some(python) = python("LAYOUTOPT_PYTHON", "windIO") else { return };
    let stage = Stage::new();
    let mut files = Vec::new();
    for name in
        ["windio/plant-circle", "windio/plant-mixed", "windio/plant-conditional", "windio/plant-series", "iea37/cs1-16"]
    {
        let read = layoutopt::formats::windio::read_system(
            &project(&format!("tests/{name}.yaml")),
            layoutopt::formats::Files::Disk,
            &layoutopt::formats::WindOptions::default(),
        )
        .unwrap();
        let path = stage.path(&format!("{}.yaml", name.replace('/', "-")));
        std::fs::write(&path, layoutopt::formats::windio::write_system(&read)).unwrap();
        files.push(path);
    }
    validated(&python, "plant/wind_energy_system", &files);
}

#[test]
fn the_rebuilt_examples_are_windio() {
    let Some(python) = python("LAYOUTOPT_PYTHON", "windIO") else { return };
    let names = ["circle", "mixed", "conditional", "series", "table-nc", "series-nc", "weibull-nc"];
    let files: Vec<_> = names.iter().map(|name| project(&format!("tests/windio/plant-{name}.yaml"))).collect();
    validated(&python, "plant/wind_energy_system", &files);
}

//! Python users read OUTPUT with h5py as they always did, and our windIO files with windIO.

use std::path::PathBuf;
use std::process::Command;

use crate::stage::{Stage, project};

/// The interpreter to use, if it has the package. In CI it must.
fn python(package: &str) -> Option<String> {
    let python = std::env::var("LAYOUTOPT_PYTHON").unwrap_or_else(|_| "python3".into());
    let imported = Command::new(&python).args(["-c", &format!("import {package}")]).output();
    let found = imported.is_ok_and(|output| output.status.success());
    assert!(found || std::env::var_os("CI").is_none(), "{python} has no {package}; `make test` installs it");
    if !found {
        eprintln!("skipped: {python} has no {package}; `make test` installs it");
    }
    found.then_some(python)
}

/// Has windIO's own validator look at files.
fn validated(python: &str, schema: &str, files: &[PathBuf]) {
    let script = project("tests/cli/validate_windio.py");
    let output = Command::new(python).arg(script).arg(schema).args(files).output().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(output.status.success() && text.contains(&format!("{} valid", files.len())), "{text}");
}

#[test]
fn h5py_reads_output_as_existing_scripts_do() {
    let Some(python) = python("h5py") else { return };
    let stage = Stage::new();
    stage.done("run quickstart --seeds 3");
    let script = project("tests/cli/read_layouts.py");
    let output = Command::new(python).arg(script).arg(stage.path("layouts.h5")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "3 layouts of 10 turbines");
}

#[test]
fn windio_accepts_what_is_written() {
    let Some(python) = python("windIO") else { return };
    let stage = Stage::new();
    stage.done("run quickstart --seeds 2");
    stage.done("export --case farm0_t0_s0 --output plant.yaml");
    stage.done("export --farm 0 --output layouts.yaml");
    validated(&python, "plant/wind_energy_system", &[stage.path("plant.yaml")]);
    validated(&python, "plant/wind_farm", &[stage.path("layouts.yaml")]);
}

#[test]
fn windio_accepts_every_kind_of_plant_written_again() {
    let Some(python) = python("windIO") else { return };
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
    let Some(python) = python("windIO") else { return };
    let names = ["circle", "mixed", "conditional", "series", "table-nc", "series-nc", "weibull-nc"];
    let files: Vec<_> = names.iter().map(|name| project(&format!("tests/windio/plant-{name}.yaml"))).collect();
    validated(&python, "plant/wind_energy_system", &files);
}

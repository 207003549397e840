//! Python users read OUTPUT with h5py as they always did.

use std::process::Command;

use crate::stage::{Stage, project};

/// The interpreter to use, if it has h5py. In CI it must.
fn python() -> Option<String> {
    let python = std::env::var("LAYOUTOPT_PYTHON").unwrap_or_else(|_| "python3".into());
    let found = Command::new(&python).args(["-c", "import h5py"]).output().is_ok_and(|output| output.status.success());
    assert!(found || std::env::var_os("CI").is_none(), "{python} has no h5py; `make test` installs it");
    if !found {
        eprintln!("skipped: {python} has no h5py; `make test` installs it");
    }
    found.then_some(python)
}

#[test]
fn h5py_reads_output_as_existing_scripts_do() {
    let Some(python) = python() else { return };
    let stage = Stage::new();
    stage.done("run quickstart --seeds 3");
    let script = project("tests/cli/read_layouts.py");
    let output = Command::new(python).arg(script).arg(stage.path("layouts.h5")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "3 layouts of 10 turbines");
}

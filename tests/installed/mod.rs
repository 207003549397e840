//! Programs of others that tests need; `make test` installs them. Without one its test is passed over, but never in CI or a soak.

use std::env;
use std::process::Command;

/// Whether a program is there; `what` names one that is not.
pub(crate) fn installed(is_there: bool, what: &str) -> bool {
    let must = env::var_os("CI").is_some() || env::var_os("LAYOUTOPT_SOAK").is_some();
    assert!(is_there || !must, "{what} is missing; `make test` installs it");
    if !is_there {
        eprintln!("skipped: {what} is missing; `make test` installs it");
    }
    is_there
}

/// The Python interpreter that a variable names, or the system's, if it has these packages, with commas between them.
#[allow(dead_code, reason = "not every test asks Python")]
pub(crate) fn python(variable: &str, packages: &str) -> Option<String> {
    let python = env::var(variable).unwrap_or_else(|_| "python3".into());
    let run = Command::new(&python).args(["-c", &format!("import {packages}")]).output();
    installed(run.is_ok_and(|run| run.status.success()), &format!("{packages} of {python}")).then_some(python)
}

/// The interpreters with h5py: on the HDF5 of today, and on an earlier one.
#[allow(dead_code, reason = "not every test asks h5py")]
pub(crate) fn pythons_with_h5py() -> Vec<String> {
    ["LAYOUTOPT_PYTHON", "LAYOUTOPT_EARLIER_PYTHON"].iter().filter_map(|variable| python(variable, "h5py")).collect()
}

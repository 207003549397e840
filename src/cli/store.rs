//! The store behind an OUTPUT that the user names.

use std::path::Path;

use layoutopt::store::{Salvager, Store};
use layoutopt::{Problem, Result};

/// Reads damaged files in a child process that runs this program.
pub fn salvager() -> Result<Salvager> {
    let program = std::env::current_exe();
    let fault = |error| {
        Problem::new("layoutopt", format!("its own file is not to be found: {error}; start it by its full path"))
    };
    Ok(Salvager::new(program.map_err(fault)?))
}

/// The store of `output`; damaged files are salvaged by this program in a child process.
pub fn open(output: &Path) -> Store {
    let store = Store::at(output);
    match std::env::current_exe() {
        Ok(program) => store.with_salvager(program),
        Err(error) => {
            tracing::warn!(
                "this program's own file is not to be found ({error}); damaged files go to quarantine unsalvaged"
            );
            store
        }
    }
}

//! The sweep that the user names.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use layoutopt::formats::Files;
use layoutopt::store::sweep_of;
use layoutopt::sweep::{Overrides, Sweep, builtin};
use layoutopt::{Problem, Result};

/// A built-in sweep, the sweep of a sweep file, or the one that an OUTPUT belongs to.
pub fn named(name: &Path, overrides: &Overrides) -> Result<Sweep> {
    if let Some(sweep) = name.to_str().and_then(|name| Sweep::builtin(name, overrides)) {
        return sweep;
    }
    if name.extension().is_none() && !name.exists() {
        let names: Vec<_> = builtin::names().collect();
        let fault = format!("is neither a sweep file (.toml) nor a built-in sweep ({})", names.join(", "));
        return Err(Problem::new(name.display().to_string(), fault).into());
    }
    if is_hdf5(name) {
        let stored = sweep_of(name)?;
        return Sweep::from_toml(&stored.text, &stored.path.display().to_string(), Files::Disk, overrides);
    }
    Sweep::load(name, overrides)
}

fn is_hdf5(path: &Path) -> bool {
    const SIGNATURE: &[u8] = b"\x89HDF\r\n\x1a\n";
    let mut start = [0; SIGNATURE.len()];
    path.is_file() && File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok() && start == SIGNATURE
}

//! A library that stands between the program and the system; `shim.c` says what it can pretend.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The compiled library, for as long as this lives.
pub(crate) struct Shim {
    _folder: tempfile::TempDir,
    library: PathBuf,
}

impl Shim {
    pub(crate) fn build() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("shim.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/crash/shim.c");
        let compiled = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).output();
        let compiled = compiled.expect("a C compiler, as the build of HDF5 needs it");
        assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
        Self { _folder: folder, library }
    }

    /// Lets a command run behind the library with this in its environment.
    pub(crate) fn around<'a>(&self, command: &'a mut Command, pretence: (&str, &str)) -> &'a mut Command {
        command.env("LD_PRELOAD", &self.library).env(pretence.0, pretence.1)
    }
}

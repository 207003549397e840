//! What can go wrong, as one enum. The command line turns a kind into an exit code and adds the remedy.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Every way in which a call of this library fails.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The user's input is wrong; nothing was started. Lists every problem found, not the first.
    #[error("{}", lines(.0))]
    BadInput(Vec<Problem>),

    /// Another live process holds OUTPUT.
    #[error("{} is in use by {holder}; wait for it, stop it, or choose another --output", .output.display())]
    InUse {
        /// The file both want.
        output: PathBuf,
        /// Who holds it, as the holder wrote it: host, process, since when.
        holder: String,
    },

    /// The disk or the file system refused an operation.
    #[error("cannot {action} {}: {source}", .path.display())]
    Disk {
        /// What was tried, as a verb: "write", "rename", "sync".
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// The operating system's answer.
        source: io::Error,
    },

    /// The system gives no threads to compute on.
    #[error("cannot start {threads} threads: {reason}; ask for fewer with --threads")]
    Threads {
        /// How many were wanted.
        threads: usize,
        /// The system's answer.
        reason: String,
    },

    /// Stored bytes are not what was written: truncated, altered, foreign.
    #[error("{}: {reason}", .path.display())]
    Unsound {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },

    /// The HDF5 library refused an operation on data in memory.
    #[error("HDF5 cannot {action}: {reason}")]
    Hdf5 {
        /// What was tried.
        action: &'static str,
        /// HDF5's own message.
        reason: String,
    },

    /// No candidate is left for a turbine: the farm is too small, or the spacing too wide.
    #[error(
        "no feasible position for turbine {turbine} of {n_turbines}; use fewer turbines, a smaller minimum spacing or a finer grid"
    )]
    NoFeasiblePosition {
        /// Index of the turbine that found no place.
        turbine: usize,
        /// How many were to be placed.
        n_turbines: usize,
    },
}

/// Results of this library.
pub type Result<T> = std::result::Result<T, Error>;

/// One fault in the user's input: where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// File, then field path: `configs/x.toml: farms[2].boundary`.
    pub place: String,
    /// What is wrong, what was expected.
    pub fault: String,
}

impl Problem {
    /// A fault at a place.
    pub fn new(place: impl Into<String>, fault: impl Into<String>) -> Self {
        Self { place: place.into(), fault: fault.into() }
    }

    /// The same fault seen from further out: `outer: place: fault`, or `outer.place` between fields.
    #[must_use]
    pub fn within(mut self, outer: impl AsRef<str>) -> Self {
        let outer = outer.as_ref();
        self.place = if self.place.is_empty() { outer.to_owned() } else { format!("{outer}: {}", self.place) };
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.fault)
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::BadInput(vec![problem])
    }
}

impl Error {
    /// A disk error at `path`; for `map_err(Error::disk("write", path))`.
    pub fn disk(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Disk { action, path, source }
    }
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n")
}

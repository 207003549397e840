//! Exit codes, and the last message before them.

use std::process::ExitCode;

use layoutopt::Error;

/// Everything asked for is done.
pub const DONE: u8 = 0;
/// Finished, but some cases failed or some stored data was not sound.
pub const INCOMPLETE: u8 = 1;
/// Bad input; nothing was started.
pub const BAD_INPUT: u8 = 2;
/// OUTPUT is in use by another process.
pub const IN_USE: u8 = 3;
/// The disk failed; what was finished before is kept.
pub const DISK: u8 = 4;

/// Tells the user what went wrong; the exit code for it.
pub fn failed(error: &Error) -> ExitCode {
    let (code, remedy) = match error {
        Error::BadInput(_) => (BAD_INPUT, None),
        Error::InUse { .. } => (IN_USE, None),
        Error::Disk { .. } => (
            DISK,
            Some("what was finished before is kept; the same command goes on from there once the disk accepts writes"),
        ),
        Error::Hdf5 { .. } | Error::Threads { .. } => {
            (DISK, Some("what was finished before is kept; the same command goes on from there"))
        }
        Error::Unsound { .. } | Error::NoFeasiblePosition { .. } => (INCOMPLETE, None),
    };
    match error {
        Error::BadInput(problems) => problems.iter().for_each(|problem| tracing::error!("{problem}")),
        other => tracing::error!("{other}"),
    }
    if let Some(remedy) = remedy {
        tracing::error!("{remedy}");
    }
    ExitCode::from(code)
}

/// The exit code of a process that a signal ended.
pub fn interrupted(signal: i32) -> ExitCode {
    ExitCode::from(u8::try_from(128 + signal).unwrap_or(u8::MAX))
}

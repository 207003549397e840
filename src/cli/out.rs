//! What the program prints: results to standard output, progress to standard error.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write, stderr, stdout};

use super::exit;

/// Prints a line of the results, as `println!` does, but for a reader that has seen enough, as `head` has: that is no fault.
macro_rules! say {
    () => { say!("") };
    ($($text:tt)*) => { $crate::cli::out::result(format_args!($($text)*)) };
}
pub(crate) use say;

/// See [`say`]. Results that cannot be written end the program: what they tell of is done by then.
pub fn result(line: Arguments) {
    if let Err(error) = writeln!(stdout().lock(), "{line}")
        && error.kind() != ErrorKind::BrokenPipe
    {
        progress(format_args!(
            "layoutopt: cannot write to standard output: {error}; free some space or write elsewhere"
        ));
        std::process::exit(exit::DISK.into());
    }
}

/// Prints a line of progress. Work goes on whether anybody reads it or not.
pub fn progress(line: Arguments) {
    let _ = writeln!(stderr().lock(), "{line}");
}

//! Signals that ask for an end.

use std::sync::Arc;

use layoutopt::sweep::Interrupt;
use layoutopt::{Error, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGXFSZ};
use signal_hook::iterator::Signals;

/// Counts the signals that ask for an end, on a thread of its own: from a user, a terminal that goes, a scheduler (which may warn with SIGUSR1 that
/// time is running out). A write beyond the file size limit becomes an error, not a signal.
pub fn listen() -> Result<Arc<Interrupt>> {
    let interrupt = Arc::new(Interrupt::default());
    let no_signals = |source| Error::Disk { action: "listen for signals of", path: "this process".into(), source };
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGXFSZ]).map_err(no_signals)?;
    let heard = Arc::clone(&interrupt);
    std::thread::spawn(move || {
        for signal in signals.forever().filter(|&signal| signal != SIGXFSZ) {
            heard.raise(signal);
        }
    });
    Ok(interrupt)
}

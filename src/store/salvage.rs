//! Reading files that carry no valid seal. HDF5 is not safe on damaged files, so a child process does it, with limits on memory
//! and time; what it gives back is trusted no more than any other bytes. What the two say to each other: `frame.rs`.

mod child;
mod foreign;
mod frame;

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::flaw::Flaw;
use super::record::Record;
use crate::{Error, Result};

pub use child::{salvage_in_this_process, salvage_to};
pub use foreign::ForeignCase;
pub use frame::{LostCase, Salvaged, SweepText};

/// The hidden command by which the program runs itself as the child: `layoutopt __salvage FILE`.
pub const SALVAGE_COMMAND: &str = "__salvage";

/// A child that says nothing for so long is stuck: HDF5 is known to loop for ever on some damaged files.
const SILENCE: Duration = Duration::from_secs(20);

/// Runs the child.
#[derive(Debug, Clone)]
pub struct Salvager {
    program: PathBuf,
    silence: Duration,
}

impl Salvager {
    /// A salvager that runs `program __salvage FILE`.
    pub fn new(program: PathBuf) -> Self {
        Self { program, silence: SILENCE }
    }

    #[cfg(test)]
    pub(super) fn with_wall_time(self, silence: Duration) -> Self {
        Self { silence, ..self }
    }

    /// Hands over the sound records of a file in batches. The flaw is that of the child, if it did not come to the end.
    pub(super) fn run(&self, path: &Path, take: &mut dyn FnMut(Vec<Record>) -> Result<()>) -> Result<Option<Flaw>> {
        self.run_for_all(path, &mut |salvaged| match salvaged {
            Salvaged::Records(records) => take(records),
            _ => Ok(()),
        })
    }

    /// Hands over everything that is found in a file, sound or not. The flaw is that of the child, if it did not come to the end.
    pub fn run_for_all(&self, path: &Path, take: &mut dyn FnMut(Salvaged) -> Result<()>) -> Result<Option<Flaw>> {
        let started = Command::new(&self.program)
            .arg(SALVAGE_COMMAND)
            .arg(path)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut child = match started {
            Ok(child) => child,
            Err(error) => return Ok(Some(Flaw::Salvage(format!("cannot start the child: {error}")))),
        };
        let mut stdout = child
            .stdout
            .take()
            .ok_or_else(|| Error::disk("read from the child for", path)(io::Error::other("no pipe")))?;
        let watch = Watch::over(child, self.silence);
        let result = listen(&mut stdout, &watch, take);
        drop(stdout);
        let status = watch.end();
        let mut ended = result?;
        if let (Some(Flaw::Salvage(reason)), Some(status)) = (&mut ended, status) {
            *reason = format!("{reason} ({status})");
        }
        Ok(ended)
    }
}

fn listen(from: &mut dyn Read, watch: &Watch, take: &mut dyn FnMut(Salvaged) -> Result<()>) -> Result<Option<Flaw>> {
    loop {
        watch.wait_since(Some(Instant::now()));
        let frame = frame::read(from);
        // While we are at work on what it said, its silence is ours.
        watch.wait_since(None);
        match frame {
            Ok(None) => return Ok(None),
            Ok(Some(bytes)) if bytes == frame::ALIVE => {}
            Ok(Some(bytes)) => match frame::parse(&bytes) {
                Ok(salvaged) => take(salvaged)?,
                Err(flaw) => return Ok(Some(Flaw::Salvage(format!("the child gave unsound bytes: {flaw}")))),
            },
            Err(error) => return Ok(Some(Flaw::Salvage(format!("the child broke off: {error}")))),
        }
    }
}

/// Kills the child when it has been silent for too long.
struct Watch {
    watched: Arc<Mutex<Watched>>,
    thread: std::thread::JoinHandle<()>,
}

struct Watched {
    child: Child,
    waiting_since: Option<Instant>,
    over: bool,
}

impl Watch {
    fn over(child: Child, silence: Duration) -> Self {
        let watched = Arc::new(Mutex::new(Watched { child, waiting_since: Some(Instant::now()), over: false }));
        let shared = Arc::clone(&watched);
        let thread = std::thread::spawn(move || {
            loop {
                let mut watched = lock(&shared);
                let silent = watched.waiting_since.is_some_and(|since| since.elapsed() >= silence);
                match watched.child.try_wait() {
                    // Nobody listens any more: what it does now is lost.
                    Ok(None) if silent || watched.over => {
                        let _ = watched.child.kill();
                        let _ = watched.child.wait();
                        return;
                    }
                    Ok(None) => {}
                    _ => return,
                }
                drop(watched);
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        Self { watched, thread }
    }

    fn wait_since(&self, instant: Option<Instant>) {
        lock(&self.watched).waiting_since = instant;
    }

    fn end(self) -> Option<std::process::ExitStatus> {
        // A child that said its last word ends by itself; a moment is enough for that.
        let since = Instant::now();
        while since.elapsed() < Duration::from_secs(1) && !self.thread.is_finished() {
            std::thread::sleep(Duration::from_millis(1));
        }
        lock(&self.watched).over = true;
        let _ = self.thread.join();
        lock(&self.watched).child.try_wait().ok().flatten()
    }
}

fn lock(watched: &Mutex<Watched>) -> std::sync::MutexGuard<'_, Watched> {
    watched.lock().unwrap_or_else(PoisonError::into_inner)
}

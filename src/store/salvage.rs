//! Reading files that carry no valid seal. HDF5 is not safe on damaged files, so a child process does it, with limits on memory
//! and time; what it gives back is trusted no more than any other bytes.
//!
//! ```text
//! child's stdout: { length u64, sealed segment of <= 64 records } ... length 0
//! ```

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hdf5::Group;

use super::attributes::hdf5_error;
use super::flaw::Flaw;
use super::reader::open_read_only;
use super::record::{CaseKey, Record};
use super::schema::{FAILED, implausible, read_record};
use super::{image, segment};
use crate::{Error, Result};

/// The hidden command by which the program runs itself as the child: `layoutopt __salvage FILE`.
pub const SALVAGE_COMMAND: &str = "__salvage";

const WALL_TIME: Duration = Duration::from_secs(30);
const CPU_SECONDS: u64 = 30;
const MEMORY_BYTES: u64 = 4 << 30;
const BATCH: usize = 64;
/// No segment comes near; a longer one is nonsense from a child gone astray.
const LONGEST_FRAME: u64 = 256 << 20;

/// Runs the child.
#[derive(Debug, Clone)]
pub struct Salvager {
    program: PathBuf,
    wall_time: Duration,
}

impl Salvager {
    /// A salvager that runs `program __salvage FILE`.
    pub fn new(program: PathBuf) -> Self {
        Self { program, wall_time: WALL_TIME }
    }

    #[cfg(test)]
    pub(super) fn with_wall_time(self, wall_time: Duration) -> Self {
        Self { wall_time, ..self }
    }

    /// Hands over the sound records of a file in batches. The flaw is that of the child, if it did not come to the end.
    pub(super) fn run(&self, path: &Path, take: &mut dyn FnMut(Vec<Record>) -> Result<()>) -> Result<Option<Flaw>> {
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
        let watch = Watch::over(child, self.wall_time);
        let mut ended = loop {
            match read_frame(&mut stdout) {
                Ok(None) => break None,
                Ok(Some(bytes)) => match segment::decode(&bytes) {
                    Ok(records) => take(records)?,
                    Err(flaw) => break Some(Flaw::Salvage(format!("the child gave unsound bytes: {flaw}"))),
                },
                Err(error) => break Some(Flaw::Salvage(format!("the child broke off: {error}"))),
            }
        };
        drop(stdout);
        let status = watch.end();
        if let (Some(Flaw::Salvage(reason)), Some(status)) = (&mut ended, status) {
            *reason = format!("{reason} ({status})");
        }
        Ok(ended)
    }
}

fn read_frame(from: &mut dyn Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 8];
    from.read_exact(&mut length)?;
    match u64::from_le_bytes(length) {
        0 => Ok(None),
        length if length > LONGEST_FRAME => Err(io::Error::other("it announced too many bytes")),
        length => {
            let mut bytes = Vec::new();
            let read = from.take(length).read_to_end(&mut bytes)? as u64;
            if read == length { Ok(Some(bytes)) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
        }
    }
}

/// Kills the child when its time is over.
struct Watch {
    child: Arc<Mutex<Child>>,
    thread: std::thread::JoinHandle<()>,
}

impl Watch {
    fn over(child: Child, wall_time: Duration) -> Self {
        let child = Arc::new(Mutex::new(child));
        let watched = Arc::clone(&child);
        let thread = std::thread::spawn(move || {
            let since = Instant::now();
            loop {
                let mut child = watched.lock().unwrap_or_else(PoisonError::into_inner);
                match child.try_wait() {
                    Ok(None) if since.elapsed() < wall_time => {}
                    Ok(None) => {
                        let _ = child.kill();
                        let _ = child.wait();
                        return;
                    }
                    _ => return,
                }
                drop(child);
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        Self { child, thread }
    }

    fn end(self) -> Option<std::process::ExitStatus> {
        // The pipe is closed: the child ends by itself or is killed in time.
        let _ = self.thread.join();
        self.child.lock().unwrap_or_else(PoisonError::into_inner).try_wait().ok().flatten()
    }
}

/// The child's side: limits this whole process, then writes the sound records of `path` to standard output.
///
/// Only for the process that was started for it.
pub fn salvage_in_this_process(path: &Path) -> Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    for (resource, limit) in [(Resource::As, MEMORY_BYTES), (Resource::Cpu, CPU_SECONDS), (Resource::Core, 0)] {
        setrlimit(resource, Rlimit { current: Some(limit), maximum: Some(limit) })
            .map_err(|error| Error::disk("limit the child for", path)(error.into()))?;
    }
    salvage_to(path, &mut io::stdout().lock())
}

/// Writes the records of any HDF5 file whose own checksum is right, in frames of sealed segments. Run it in a child process.
pub fn salvage_to(path: &Path, out: &mut dyn Write) -> Result<()> {
    let file = open_anyhow(path)?;
    let mut batch = Vec::new();
    let mut flush = |batch: &mut Vec<Record>| -> Result<()> {
        if !batch.is_empty() {
            let bytes = segment::encode(batch)?;
            batch.clear();
            let framed = [&(bytes.len() as u64).to_le_bytes()[..], &bytes].concat();
            out.write_all(&framed).and_then(|()| out.flush()).map_err(Error::disk("give back the records of", path))?;
        }
        Ok(())
    };
    for (keys, solved) in
        [(keys_in(&file), true), (file.group(FAILED).map(|group| keys_in(&group)).unwrap_or_default(), false)]
    {
        for key in keys {
            // What does not fit its own checksum is not sound, whatever the reason.
            let Ok(record) = read_record(&file, key, solved) else { continue };
            if implausible(&record).is_none() && batch.iter().all(|other: &Record| other.key != key) {
                batch.push(record);
            }
            if batch.len() == BATCH {
                flush(&mut batch)?;
            }
        }
    }
    flush(&mut batch)?;
    out.write_all(&0_u64.to_le_bytes())
        .and_then(|()| out.flush())
        .map_err(Error::disk("give back the records of", path))
}

fn keys_in(group: &Group) -> Vec<CaseKey> {
    group.member_names().unwrap_or_default().iter().filter_map(|name| name.parse().ok()).collect()
}

/// Opens a file as it is or, if it is shorter than its superblock says, with zeros for what is missing: HDF5 refuses a file that
/// was cut off, though most of its records may be whole.
fn open_anyhow(path: &Path) -> Result<hdf5::File> {
    let bytes = std::fs::File::open(path).map_err(Error::disk("open", path))?;
    let by_descriptor = PathBuf::from(format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&bytes)));
    let refused = match open_read_only(&by_descriptor) {
        Ok(file) => return Ok(file),
        Err(error) => error,
    };
    let mut image = Vec::new();
    (&bytes).take(MEMORY_BYTES / 8).read_to_end(&mut image).map_err(Error::disk("read", path))?;
    match stated_length(&image) {
        Some(length) if length > image.len() as u64 && length < MEMORY_BYTES / 8 => {
            image.resize(usize::try_from(length).unwrap_or(image.len()), 0);
            image::open(&image).map_err(hdf5_error("open the file, filled up"))
        }
        _ => Err(hdf5_error("open the file")(refused)),
    }
}

/// End of the file by a superblock of version 2 or 3 with 8-byte addresses: the one that we write.
fn stated_length(image: &[u8]) -> Option<u64> {
    let superblock = image.get(..36)?;
    let ours = superblock.starts_with(b"\x89HDF\r\n\x1a\n") && matches!(superblock[8], 2 | 3) && superblock[9] == 8;
    ours.then(|| u64::from_le_bytes(superblock[28..36].try_into().unwrap_or_default()))
}

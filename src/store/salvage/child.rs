//! The child's side: everything in an HDF5 file that can be read, sound or not.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use hdf5::Group;
use xxhash_rust::xxh3::xxh3_128;

use super::foreign::ForeignCase;
use super::frame::{self, LostCase, Salvaged, SweepText};
use crate::store::attributes::{get, get_text, hdf5_error, reason};
use crate::store::flaw::hex;
use crate::store::image;
use crate::store::output::SWEEP_DIGEST;
use crate::store::reader::open_read_only;
use crate::store::record::{CaseKey, Record};
use crate::store::schema::{FAILED, implausible, read_group};
use crate::{Error, Result};

const CPU_SECONDS: u64 = 600;
const MEMORY_BYTES: u64 = 4 << 30;
const BATCH: usize = 64;

/// Limits this whole process, then writes what is found in `path` to standard output.
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

/// Writes what is found in any HDF5 file: the records whose own checksum is right, the names of those whose is not, the file's
/// sweep, the cases of the Python script. Run it in a child process.
pub fn salvage_to(path: &Path, out: &mut dyn Write) -> Result<()> {
    let (file, image) = open_anyhow(path, out)?;
    let mut found = Found { path, out, batch: Vec::new(), seen: BTreeMap::new() };
    let ours = file.attr_names().is_ok_and(|names| names.iter().any(|name| name == "schema_version"));
    found.sweep(&file)?;
    let failed = file.group(FAILED).ok();
    for (parent, solved) in [(Some(&*file), true), (failed.as_ref(), false)] {
        for name in parent.and_then(|parent| parent.member_names().ok()).unwrap_or_default() {
            let (Ok(key), Some(parent)) = (name.parse::<CaseKey>(), parent) else { continue };
            match parent.group(&name) {
                Ok(group) if !ours && !has_attribute(&group, "checksum") => found.foreign(&group, key)?,
                Ok(group) => found.record(&group, key, solved)?,
                Err(error) => found.lost(key, reason(&error)),
            }
        }
    }
    found.nameless(&file, &image)?;
    found.flush()?;
    found.name_lost()?;
    frame::write_end(found.out).map_err(Error::disk("give back the records of", path))
}

/// What was found so far.
struct Found<'a> {
    path: &'a Path,
    out: &'a mut dyn Write,
    batch: Vec<Record>,
    /// Every case that was seen; with a reason if it is not sound.
    seen: BTreeMap<CaseKey, Option<String>>,
}

impl Found<'_> {
    fn say(&mut self, salvaged: Salvaged) -> Result<()> {
        frame::write(self.out, salvaged)?.map_err(Error::disk("give back the records of", self.path))
    }

    fn flush(&mut self) -> Result<()> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let batch = std::mem::take(&mut self.batch);
        self.say(Salvaged::Records(batch))
    }

    /// What does not fit its own checksum is not sound, whatever the reason.
    fn record(&mut self, group: &Group, key: CaseKey, solved: bool) -> Result<()> {
        match read_group(group, key, solved) {
            Ok(record) => match implausible(&record) {
                None => return self.sound(record),
                Some(fault) => self.lost(key, fault),
            },
            Err(reason) => self.lost(key, reason),
        }
        Ok(())
    }

    fn sound(&mut self, record: Record) -> Result<()> {
        if matches!(self.seen.get(&record.key), Some(None)) {
            return Ok(());
        }
        self.seen.insert(record.key, None);
        self.batch.push(record);
        if self.batch.len() == BATCH { self.flush() } else { Ok(()) }
    }

    fn lost(&mut self, key: CaseKey, reason: String) {
        self.seen.entry(key).or_insert(Some(reason));
    }

    fn foreign(&mut self, group: &Group, key: CaseKey) -> Result<()> {
        match ForeignCase::read(group, key) {
            Ok(case) => {
                self.seen.insert(key, None);
                self.say(Salvaged::Foreign(case))
            }
            Err(error) => {
                self.lost(key, reason(&error));
                Ok(())
            }
        }
    }

    fn sweep(&mut self, file: &hdf5::File) -> Result<()> {
        let Ok(text) = get_text(file, "sweep") else { return Ok(()) };
        let digest = hex(&xxh3_128(text.as_bytes()).to_be_bytes());
        let proven = get_text(file, SWEEP_DIGEST).is_ok_and(|stated| stated == digest);
        self.say(Salvaged::Sweep(SweepText { text, proven }))
    }

    /// Groups whose names are lost: damage in the root's list of names must not cost what it lists. Object headers are found by
    /// their signature, and say themselves which case they are.
    fn nameless(&mut self, file: &hdf5::File, image: &[u8]) -> Result<()> {
        const SIGNATURE: &[u8] = b"OHDR";
        let found = image.windows(SIGNATURE.len()).enumerate().filter(|(_, window)| *window == SIGNATURE);
        for address in found.map(|(address, _)| address as u64) {
            let Ok(group) = image::open_group_at(file, address) else { continue };
            let Some(key) = stated_key(&group) else { continue };
            if !matches!(self.seen.get(&key), Some(None)) {
                self.record(&group, key, !has_attribute(&group, "reason"))?;
            }
        }
        Ok(())
    }

    fn name_lost(&mut self) -> Result<()> {
        for (key, reason) in std::mem::take(&mut self.seen) {
            if let Some(reason) = reason {
                self.say(Salvaged::Lost(LostCase { case: key.to_string(), reason }))?;
            }
        }
        Ok(())
    }
}

fn has_attribute(group: &Group, name: &str) -> bool {
    group.attr_names().is_ok_and(|names| names.iter().any(|known| known == name))
}

fn stated_key(group: &Group) -> Option<CaseKey> {
    has_attribute(group, "checksum").then_some(())?;
    let index = |name| get::<u32>(group, name).ok();
    Some(CaseKey { farm: index("farm_idx")?, turbine: index("type_idx")?, seed: get(group, "ss_seed").ok()? })
}

/// Opens a file as it is or, if it is shorter than its superblock says, with zeros for what is missing: HDF5 refuses a file that
/// was cut off, though most of its records may be whole. Also the bytes, for looking into them; none of a file too long for that.
fn open_anyhow(path: &Path, out: &mut dyn Write) -> Result<(hdf5::File, Vec<u8>)> {
    const PIECE_BYTES: u64 = 1 << 20;
    let bytes = std::fs::File::open(path).map_err(Error::disk("open", path))?;
    let by_descriptor = PathBuf::from(format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&bytes)));
    let mut image = Vec::new();
    if bytes.metadata().is_ok_and(|metadata| metadata.len() < MEMORY_BYTES / 8) {
        while (&bytes).take(PIECE_BYTES).read_to_end(&mut image).map_err(Error::disk("read", path))? > 0 {
            frame::write_frame(out, frame::ALIVE).map_err(Error::disk("give back the records of", path))?;
        }
    }
    let refused = match open_read_only(&by_descriptor) {
        Ok(file) => return Ok((file, image)),
        Err(error) => error,
    };
    match stated_length(&image) {
        Some(length) if length > image.len() as u64 && length < MEMORY_BYTES / 8 => {
            image.resize(usize::try_from(length).unwrap_or(image.len()), 0);
            let file = image::open(&image).map_err(hdf5_error("open the file, filled up"))?;
            Ok((file, image))
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

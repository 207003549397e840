//! What the child says to its parent.
//!
//! ```text
//! stdout: { length u64, frame } ... length 0
//! frame:  a sealed segment of <= 64 records, or "LOPTNOTE" and a note as JSON, or "LOPTLIVE": still at work
//! ```

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};

use super::foreign::ForeignCase;
use crate::Result;
use crate::store::flaw::{Flaw, Sound};
use crate::store::record::Record;
use crate::store::segment;

/// Something found in a file without a valid seal.
#[derive(Debug, Clone)]
pub enum Salvaged {
    /// Records, each proven by its own checksum.
    Records(Vec<Record>),
    /// A case whose group is there, but is not sound.
    Lost(LostCase),
    /// The sweep that the file says it belongs to.
    Sweep(SweepText),
    /// A case of another program: numbers without any checksum.
    Foreign(ForeignCase),
}

/// A case that is not sound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostCase {
    /// Its group's name.
    pub case: String,
    /// What is wrong.
    pub reason: String,
}

/// The text of a sweep, from a damaged file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepText {
    /// The text.
    pub text: String,
    /// Whether a digest beside it says that it is whole.
    pub proven: bool,
}

/// What is not a segment.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Note {
    Lost(LostCase),
    Sweep(SweepText),
    Foreign(ForeignCase),
}

const NOTE: &[u8] = b"LOPTNOTE";
/// Said while a long file is read from a slow disk, so that silence always means being stuck.
pub(super) const ALIVE: &[u8] = b"LOPTLIVE";
/// No segment comes near; a longer one is nonsense from a child gone astray.
const LONGEST: u64 = 256 << 20;

/// The next frame; `None` at the end.
pub(super) fn read(from: &mut dyn Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 8];
    from.read_exact(&mut length)?;
    match u64::from_le_bytes(length) {
        0 => Ok(None),
        length if length > LONGEST => Err(io::Error::other("it announced too many bytes")),
        length => {
            let mut bytes = Vec::new();
            let read = from.take(length).read_to_end(&mut bytes)? as u64;
            if read == length { Ok(Some(bytes)) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
        }
    }
}

/// What a frame says.
pub(super) fn parse(bytes: &[u8]) -> Sound<Salvaged> {
    let Some(note) = bytes.strip_prefix(NOTE) else {
        return segment::decode(bytes).map(Salvaged::Records);
    };
    let note = serde_json::from_slice(note).map_err(|error| Flaw::Salvage(error.to_string()))?;
    Ok(match note {
        Note::Lost(lost) => Salvaged::Lost(lost),
        Note::Sweep(sweep) => Salvaged::Sweep(sweep),
        Note::Foreign(case) => Salvaged::Foreign(case),
    })
}

/// Says something.
pub(super) fn write(to: &mut dyn Write, salvaged: Salvaged) -> Result<io::Result<()>> {
    let note = match salvaged {
        Salvaged::Records(records) => return Ok(write_frame(to, &segment::encode(&records)?)),
        Salvaged::Lost(lost) => Note::Lost(lost),
        Salvaged::Sweep(sweep) => Note::Sweep(sweep),
        Salvaged::Foreign(case) => Note::Foreign(case),
    };
    let mut bytes = NOTE.to_vec();
    Ok(serde_json::to_writer(&mut bytes, &note).map_err(Into::into).and_then(|()| write_frame(to, &bytes)))
}

/// Says that there is no more.
pub(super) fn write_end(to: &mut dyn Write) -> io::Result<()> {
    to.write_all(&0_u64.to_le_bytes())?;
    to.flush()
}

pub(super) fn write_frame(to: &mut dyn Write, bytes: &[u8]) -> io::Result<()> {
    to.write_all(&(bytes.len() as u64).to_le_bytes())?;
    to.write_all(bytes)?;
    to.flush()
}

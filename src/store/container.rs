//! The container of segments and OUTPUT: an HDF5 image, then an index, then a footer that seals both.
//!
//! ```text
//! [ HDF5 image, valid on its own                                                        ] body_len bytes
//! [ index: n x { farm u32, turbine u32, seed u64, case_id 16, digest 16, solved u8, 0 x 15 } ] 64 n bytes
//! [ footer: magic "LOPTSEG1", version u32, flags u32, body_len u64, n u32, index_len u32,
//!           xxh3_128(image ++ index) 16, xxh3_64(the 48 bytes before) u64, "1GESTPOL"    ] 64 bytes
//! ```
//!
//! All integers little endian. Readers of HDF5 tolerate the trailing bytes; a hot start reads only them and the digest, so no
//! byte reaches HDF5 before it is proven to be what was written.

use std::io::{self, Read, Seek, SeekFrom, Write};

use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::flaw::Flaw;
use super::record::{CaseId, CaseKey, RecordDigest};

/// Length of an index entry, bytes.
pub(super) const ENTRY_LEN: usize = 64;
/// Length of the footer, bytes.
pub(super) const FOOTER_LEN: usize = 64;
/// The version this program writes and the newest it reads.
pub(super) const VERSION: u32 = 1;

const MAGIC: &[u8; 8] = b"LOPTSEG1";
const END_MAGIC: &[u8; 8] = b"1GESTPOL";

/// What a verified container says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seal {
    /// Whether it is a segment or OUTPUT.
    pub(super) kind: ContainerKind,
    /// Length of the HDF5 image, bytes.
    pub(super) body_len: u64,
    /// XXH3-128 of image and index: the file's identity.
    pub(super) digest: FileDigest,
    /// One entry per record, in the order in which they were written.
    pub(super) index: Vec<IndexEntry>,
}

/// XXH3-128 of a container's image and index.
pub(super) type FileDigest = [u8; 16];

/// What a container is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ContainerKind {
    /// A piece of a worker's shard.
    Segment,
    /// The union of all segments.
    Output,
}

/// One record of a container, without its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct IndexEntry {
    /// Which case.
    pub(super) key: CaseKey,
    /// Digest of the case's inputs.
    pub(super) case_id: CaseId,
    /// Digest of the record.
    pub(super) digest: RecordDigest,
    /// Solved, or failed.
    pub(super) solved: bool,
}

/// Reads and verifies a container of `len` bytes in one pass: memory holds the index and a small buffer, never the image.
///
/// The error inside is the flaw of the bytes; the error outside that of the disk.
pub(super) fn read_seal<R: Read + Seek + ?Sized>(file: &mut R, len: u64) -> io::Result<Result<Seal, Flaw>> {
    let footer = match read_footer(file, len)? {
        Ok(footer) => footer,
        Err(flaw) => return Ok(Err(flaw)),
    };
    file.seek(SeekFrom::Start(0))?;
    let mut hash = Xxh3::new();
    let hashed = hash_exactly(file, footer.body_len, &mut hash)?;
    // `parse` has compared index_len with the file's length, so this allocation is bounded by the file.
    let mut index = Vec::new();
    let read = file.take(u64::from(footer.index_len)).read_to_end(&mut index)?;
    if hashed < footer.body_len || read < footer.index_len as usize {
        return Ok(Err(Flaw::Length { expected: footer.file_len(), found: hashed + read as u64 }));
    }
    hash.update(&index);
    Ok(footer.seal(hash.digest128().to_be_bytes(), &index))
}

/// Verifies a container held in memory; gives its seal and its HDF5 image.
pub(super) fn open_bytes(bytes: &[u8]) -> Result<(Seal, &[u8]), Flaw> {
    let mut cursor = io::Cursor::new(bytes);
    let seal = read_seal(&mut cursor, bytes.len() as u64).map_err(|error| Flaw::Unreadable(error.to_string()))??;
    let body_len = usize::try_from(seal.body_len).map_err(|_| Flaw::NoFooter)?;
    Ok((seal, &bytes[..body_len]))
}

/// Verifies the bytes of a segment or an OUTPUT; the number of its records. Reads index and footer, not the HDF5 image.
///
/// # Errors
/// What is wrong with them.
pub fn check_seal(bytes: &[u8]) -> Result<usize, Flaw> {
    open_bytes(bytes).map(|(seal, _)| seal.index.len())
}

/// The digest in the footer of a container, read without looking at the rest: names a version of a file, proves nothing.
pub(super) fn read_identity<R: Read + Seek + ?Sized>(file: &mut R, len: u64) -> io::Result<Result<FileDigest, Flaw>> {
    Ok(read_footer(file, len)?.map(|footer| footer.digest))
}

/// The index of a container whose footer is whole, whatever became of the rest: says what was there, proves nothing. Empty if there is none.
pub(super) fn stated_index<R: Read + Seek + ?Sized>(file: &mut R, len: u64) -> io::Result<Vec<IndexEntry>> {
    let Ok(footer) = read_footer(file, len)? else { return Ok(Vec::new()) };
    file.seek(SeekFrom::Start(footer.body_len))?;
    let mut index = Vec::new();
    file.take(u64::from(footer.index_len)).read_to_end(&mut index)?;
    Ok(index.chunks_exact(ENTRY_LEN).filter_map(|bytes| IndexEntry::from_bytes(bytes).ok()).collect())
}

/// Puts index and footer behind an image in memory.
pub(super) fn seal_bytes(mut image: Vec<u8>, kind: ContainerKind, index: &[IndexEntry]) -> Vec<u8> {
    let body_len = image.len() as u64;
    let mut hash = Xxh3::new();
    hash.update(&image);
    image.extend_from_slice(&trailer(hash, body_len, kind, index));
    image
}

/// Puts index and footer behind an image that is already in `file`, which was read once more to digest it.
pub(super) fn seal_file<F: Read + Write + Seek + ?Sized>(
    file: &mut F,
    kind: ContainerKind,
    index: &[IndexEntry],
) -> io::Result<()> {
    let body_len = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(0))?;
    let mut hash = Xxh3::new();
    if hash_exactly(file, body_len, &mut hash)? != body_len {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the image got shorter while it was digested"));
    }
    file.seek(SeekFrom::Start(body_len))?;
    file.write_all(&trailer(hash, body_len, kind, index))
}

fn trailer(mut hash: Xxh3, body_len: u64, kind: ContainerKind, index: &[IndexEntry]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(index.len() * ENTRY_LEN + FOOTER_LEN);
    for entry in index {
        bytes.extend_from_slice(&entry.to_bytes());
    }
    hash.update(&bytes);
    let footer = Footer {
        kind,
        body_len,
        n_records: u32::try_from(index.len()).expect("a container holds far fewer than 2^32 records"),
        index_len: u32::try_from(bytes.len()).expect("an index is far shorter than 4 GiB"),
        digest: hash.digest128().to_be_bytes(),
    };
    bytes.extend_from_slice(&footer.to_bytes());
    bytes
}

fn hash_exactly<R: Read + ?Sized>(file: &mut R, len: u64, hash: &mut Xxh3) -> io::Result<u64> {
    let mut buffer = vec![0; usize::try_from(len).unwrap_or(usize::MAX).min(256 * 1024)];
    let mut done = 0;
    while done < len {
        let want = usize::try_from(len - done).unwrap_or(usize::MAX).min(buffer.len());
        let got = match file.read(&mut buffer[..want]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other?,
        };
        if got == 0 {
            break;
        }
        hash.update(&buffer[..got]);
        done += got as u64;
    }
    Ok(done)
}

fn read_footer<R: Read + Seek + ?Sized>(file: &mut R, len: u64) -> io::Result<Result<Footer, Flaw>> {
    if len == 0 {
        return Ok(Err(Flaw::Empty));
    }
    if len < FOOTER_LEN as u64 {
        return Ok(Err(Flaw::NoFooter));
    }
    let mut bytes = [0; FOOTER_LEN];
    file.seek(SeekFrom::Start(len - FOOTER_LEN as u64))?;
    match file.read_exact(&mut bytes) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            return Ok(Err(Flaw::Length { expected: len, found: 0 }));
        }
        other => other?,
    }
    Ok(Footer::parse(&bytes, len))
}

struct Footer {
    kind: ContainerKind,
    body_len: u64,
    n_records: u32,
    index_len: u32,
    digest: FileDigest,
}

impl Footer {
    fn parse(bytes: &[u8; FOOTER_LEN], file_len: u64) -> Result<Self, Flaw> {
        let u32_at = |at: usize| u32::from_le_bytes(array(bytes, at));
        let u64_at = |at: usize| u64::from_le_bytes(array(bytes, at));
        if &bytes[..8] != MAGIC && &bytes[56..] != END_MAGIC {
            return Err(Flaw::NoFooter);
        }
        if &bytes[..8] != MAGIC || &bytes[56..] != END_MAGIC || xxh3_64(&bytes[..48]) != u64_at(48) {
            return Err(Flaw::Footer);
        }
        // Only a footer proven whole is asked for its version: a flipped bit is damage, not a newer program.
        if u32_at(8) != VERSION {
            return Err(Flaw::Version(u32_at(8)));
        }
        let kind = match u32_at(12) {
            0 => ContainerKind::Segment,
            1 => ContainerKind::Output,
            _ => return Err(Flaw::Footer),
        };
        let footer =
            Self { kind, body_len: u64_at(16), n_records: u32_at(24), index_len: u32_at(28), digest: array(bytes, 32) };
        let expected = footer
            .body_len
            .checked_add(u64::from(footer.index_len))
            .and_then(|sum| sum.checked_add(FOOTER_LEN as u64))
            .ok_or(Flaw::Footer)?;
        if expected != file_len {
            return Err(Flaw::Length { expected, found: file_len });
        }
        if u64::from(footer.n_records) * ENTRY_LEN as u64 != u64::from(footer.index_len) {
            return Err(Flaw::Index("its length does not fit its count".into()));
        }
        Ok(footer)
    }

    fn file_len(&self) -> u64 {
        self.body_len + u64::from(self.index_len) + FOOTER_LEN as u64
    }

    fn seal(&self, found: FileDigest, index: &[u8]) -> Result<Seal, Flaw> {
        if found != self.digest {
            return Err(Flaw::Digest { expected: self.digest, found });
        }
        let index = index.chunks_exact(ENTRY_LEN).map(IndexEntry::from_bytes).collect::<Result<Vec<_>, _>>()?;
        Ok(Seal { kind: self.kind, body_len: self.body_len, digest: self.digest, index })
    }

    fn to_bytes(&self) -> [u8; FOOTER_LEN] {
        let mut bytes = [0; FOOTER_LEN];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
        bytes[12..16].copy_from_slice(&u32::from(self.kind == ContainerKind::Output).to_le_bytes());
        bytes[16..24].copy_from_slice(&self.body_len.to_le_bytes());
        bytes[24..28].copy_from_slice(&self.n_records.to_le_bytes());
        bytes[28..32].copy_from_slice(&self.index_len.to_le_bytes());
        bytes[32..48].copy_from_slice(&self.digest);
        let hash = xxh3_64(&bytes[..48]);
        bytes[48..56].copy_from_slice(&hash.to_le_bytes());
        bytes[56..].copy_from_slice(END_MAGIC);
        bytes
    }
}

impl IndexEntry {
    fn to_bytes(self) -> [u8; ENTRY_LEN] {
        let mut bytes = [0; ENTRY_LEN];
        bytes[..4].copy_from_slice(&self.key.farm.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.key.turbine.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.key.seed.to_le_bytes());
        bytes[16..32].copy_from_slice(&self.case_id.0);
        bytes[32..48].copy_from_slice(&self.digest.0);
        bytes[48] = u8::from(self.solved);
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, Flaw> {
        if bytes[48] > 1 || bytes[49..].iter().any(|&byte| byte != 0) {
            return Err(Flaw::Index("an entry has an unknown state".into()));
        }
        Ok(Self {
            key: CaseKey {
                farm: u32::from_le_bytes(array(bytes, 0)),
                turbine: u32::from_le_bytes(array(bytes, 4)),
                seed: u64::from_le_bytes(array(bytes, 8)),
            },
            case_id: CaseId(array(bytes, 16)),
            digest: RecordDigest(array(bytes, 32)),
            solved: bytes[48] == 1,
        })
    }
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&bytes[at..at + N]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sealed() -> Vec<u8> {
        let entry = |seed| IndexEntry {
            key: CaseKey { farm: 1, turbine: 2, seed },
            case_id: CaseId([3; 16]),
            digest: RecordDigest([4; 16]),
            solved: seed == 0,
        };
        seal_bytes(b"an image of some length".to_vec(), ContainerKind::Segment, &[entry(0), entry(1)])
    }

    #[test]
    fn a_sealed_container_opens_with_its_index() {
        let bytes = sealed();
        let (seal, body) = open_bytes(&bytes).unwrap();
        assert_eq!(body, b"an image of some length");
        assert_eq!(seal.index.len(), 2);
        assert_eq!(seal.index[1].key.to_string(), "farm1_t2_s1");
        assert!(seal.index[0].solved && !seal.index[1].solved);
    }

    #[test]
    fn sealing_a_file_gives_the_bytes_of_sealing_in_memory() {
        let (seal, body) = {
            let bytes = sealed();
            let (seal, body) = open_bytes(&bytes).unwrap();
            (seal, body.to_vec())
        };
        let mut file = io::Cursor::new(body);
        seal_file(&mut file, ContainerKind::Segment, &seal.index).unwrap();
        assert_eq!(file.into_inner(), sealed());
    }

    #[test]
    fn every_truncation_and_every_bit_flip_is_rejected() {
        let bytes = sealed();
        for len in 0..bytes.len() {
            assert!(open_bytes(&bytes[..len]).is_err(), "accepted {len} bytes");
        }
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(open_bytes(&flipped).is_err(), "accepted with bit {bit} flipped");
        }
    }

    #[test]
    fn two_files_in_one_and_appended_bytes_are_rejected() {
        let bytes = sealed();
        assert!(open_bytes(&[bytes.clone(), bytes.clone()].concat()).is_err());
        assert!(open_bytes(&[bytes, vec![0]].concat()).is_err());
    }

    #[test]
    fn the_fuzzers_seeds_are_sound() {
        for (bytes, records) in [
            (&include_bytes!("../../fuzz/corpus/container/empty")[..], 0),
            (include_bytes!("../../fuzz/corpus/container/segment"), 2),
            (include_bytes!("../../fuzz/corpus/container/output"), 1),
        ] {
            assert_eq!(check_seal(bytes), Ok(records));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
            let _ = open_bytes(&bytes);
        }

        #[test]
        fn a_footer_that_lies_about_lengths_is_rejected(body_len: u64, n_records: u32, index_len: u32) {
            let mut bytes = vec![7; 200];
            let footer = Footer { kind: ContainerKind::Segment, body_len, n_records, index_len, digest: [0; 16] };
            bytes.extend_from_slice(&footer.to_bytes());
            prop_assert!(open_bytes(&bytes).is_err());
        }
    }
}

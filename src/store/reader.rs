//! Reading sound containers: bytes first, HDF5 after.

use std::any::Any;
use std::io::{self, Read, SeekFrom};
use std::path::Path;

use hdf5::file::{FileAccess, FileAccessBuilder, FileBuilder, FileCloseDegree, MetadataCacheConfig, OpenMode};

use super::attributes::reason;
use super::container::{FileDigest, IndexEntry, Seal, read_identity, read_seal};
use super::flaw::{Flaw, Sound};
use super::fs::{FileKind, StoreFs, StoredFile};
use super::image;
use super::record::Record;
use super::schema;
use super::segment::read_indexed;
use crate::{Error, Result};

/// Up to this size a container is read into memory, so that HDF5 parses the very bytes that were verified.
const IN_MEMORY_BYTES: u64 = 8 << 20;

/// A container whose bytes are proven, open in HDF5.
pub(super) struct OpenContainer {
    pub(super) seal: Seal,
    file: hdf5::File,
    // After `file`, so that HDF5 lets go first.
    _bytes: Option<Box<dyn StoredFile>>,
    _path: Option<Box<dyn Any + Send>>,
}

impl OpenContainer {
    /// Verifies and opens a container. Outside the disk's error, inside the flaw of the bytes.
    pub(super) fn open(fs: &dyn StoreFs, path: &Path) -> Result<Sound<Self>> {
        let mut bytes = fs.open(path).map_err(Error::disk("open", path))?;
        let seal = match verify(bytes.as_mut()).map_err(Error::disk("read", path))? {
            Ok(seal) => seal,
            Err(flaw) => return Ok(Err(flaw)),
        };
        if seal.body_len <= IN_MEMORY_BYTES {
            return Self::in_memory(bytes.as_mut(), seal).map_err(Error::disk("read", path));
        }
        // OUTPUT is replaced by rename, never altered: what was verified through this descriptor is what HDF5 will see.
        let readable = bytes.hdf5_path().map_err(Error::disk("open", path))?;
        Ok(open_read_only(&readable.path).map_err(|error| Flaw::Hdf5(reason(&error))).map(|file| Self {
            seal,
            file,
            _bytes: Some(bytes),
            _path: readable.keep,
        }))
    }

    fn in_memory(bytes: &mut dyn StoredFile, seal: Seal) -> io::Result<Sound<Self>> {
        let len = bytes.size()?;
        let mut copy = Vec::new();
        bytes.seek(SeekFrom::Start(0))?;
        bytes.take(len).read_to_end(&mut copy)?;
        // Verified again, on the copy: nothing may change between the proof and the use.
        let opened = super::container::open_bytes(&copy).and_then(|(found, body)| {
            if found.digest != seal.digest {
                return Err(Flaw::Digest { expected: seal.digest, found: found.digest });
            }
            image::open(body).map_err(|error| Flaw::Hdf5(reason(&error)))
        });
        Ok(opened.map(|file| Self { seal, file, _bytes: None, _path: None }))
    }

    /// The root group.
    pub(super) fn root(&self) -> &hdf5::File {
        &self.file
    }

    /// All records in the order of the index, each proven.
    pub(super) fn records(&self) -> impl Iterator<Item = Sound<Record>> + '_ {
        read_indexed(&self.file, &self.seal)
    }

    /// One record, proven.
    pub(super) fn record(&self, entry: &IndexEntry) -> Sound<Record> {
        let record = schema::read_record(&self.file, entry.key, entry.solved)?;
        entry.check(&record)?;
        Ok(record)
    }
}

/// Access to a file on a disk, for reading and writing: without HDF5's locks, which do not work on cluster file systems, and with
/// a cache that does not grow with the file (it would up to 32 MB).
pub(super) fn on_disk() -> FileAccessBuilder {
    let cache = MetadataCacheConfig { max_size: 4 << 20, ..MetadataCacheConfig::default() };
    let mut access = FileAccess::build();
    access.sec2().file_locking(false).mdc_config(&cache).fclose_degree(FileCloseDegree::Strong);
    image::readable_widely(&mut access);
    access
}

/// Opens a file in HDF5, read-only.
pub(super) fn open_read_only(path: &Path) -> hdf5::Result<hdf5::File> {
    let mut builder = FileBuilder::new();
    builder.set_access_plist(&on_disk().finish()?)?;
    builder.open_as(path, OpenMode::Read)
}

/// The seal of the file at `path`; `None` if there is no such file.
pub(super) fn seal_of(fs: &dyn StoreFs, path: &Path) -> io::Result<Option<Sound<Seal>>> {
    on_regular_file(fs, path, |file| verify(file))
}

/// The digest that the footer of the file at `path` states, unproven; `None` if there is no such file.
pub(super) fn identity_of(fs: &dyn StoreFs, path: &Path) -> io::Result<Option<Sound<FileDigest>>> {
    on_regular_file(fs, path, |file| {
        let len = file.size()?;
        read_identity(file, len)
    })
}

fn on_regular_file<T>(
    fs: &dyn StoreFs,
    path: &Path,
    read: impl FnOnce(&mut dyn StoredFile) -> io::Result<Sound<T>>,
) -> io::Result<Option<Sound<T>>> {
    let absent = |error: io::Error| if error.kind() == io::ErrorKind::NotFound { Ok(None) } else { Err(error) };
    match fs.stat(path) {
        Ok(stat) if stat.kind == FileKind::File => {}
        Ok(_) => return Ok(Some(Err(Flaw::NotAFile))),
        Err(error) => return absent(error),
    }
    match fs.open(path) {
        Ok(mut file) => read(file.as_mut()).map(Some),
        Err(error) => absent(error),
    }
}

fn verify(file: &mut dyn StoredFile) -> io::Result<Sound<Seal>> {
    let len = file.size()?;
    read_seal(file, len)
}

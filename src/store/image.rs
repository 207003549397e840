//! HDF5 files in memory: the two calls that `hdf5` does not wrap. The only `unsafe` code of the store.

#![allow(unsafe_code)]

use std::ffi::CString;
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};

use hdf5::file::{FileAccess, FileAccessBuilder, LibraryVersion};
use hdf5::{File, Group};
use hdf5_sys::h5f::{H5F_ACC_RDONLY, H5Fget_file_image, H5Fopen};
use hdf5_sys::h5o::{H5O_token_t, H5Oopen_by_token};
use hdf5_sys::h5p::H5Pset_file_image;

use super::heap::heaps_end;

/// HDF5 takes two open files of one name for the same file, in memory too.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// A name that no other image of this process has.
pub(super) fn unique_name() -> String {
    format!("layoutopt-image-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Access to a file in memory that is never written to a disk.
pub(super) fn in_memory() -> FileAccessBuilder {
    let mut access = FileAccess::build();
    access.core_options(64 * 1024, false).file_locking(false);
    readable_widely(&mut access);
    access
}

/// Metadata with checksums (1.8 and later), and nothing that HDF5 1.10 could not read.
pub(super) fn readable_widely(access: &mut FileAccessBuilder) {
    access.libver_bounds(LibraryVersion::V18, LibraryVersion::V110);
}

/// The bytes of a flushed file.
pub(super) fn bytes_of(file: &File) -> hdf5::Result<Vec<u8>> {
    hdf5::sync::sync(|| {
        // SAFETY: with a null buffer the call only reads the id, which `file` keeps open, and returns the length needed.
        let len = unsafe { H5Fget_file_image(file.id(), ptr::null_mut(), 0) };
        let len = usize::try_from(len).map_err(|_| failed("tell the length of the image"))?;
        let mut bytes = vec![0_u8; len];
        // SAFETY: the buffer is valid for writes of `len` bytes, and the library lock is held between the two calls, so that the
        // file cannot grow in between.
        let written = unsafe { H5Fget_file_image(file.id(), bytes.as_mut_ptr().cast(), len) };
        if usize::try_from(written) == Ok(len) { Ok(bytes) } else { Err(failed("copy the image")) }
    })
}

/// Opens bytes as a file, read-only. HDF5 works on its own copy.
pub(super) fn open(bytes: &[u8]) -> hdf5::Result<File> {
    if !heaps_end(bytes) {
        return Err(hdf5::Error::from("a heap of texts is damaged"));
    }
    let name = CString::new(unique_name()).map_err(|error| hdf5::Error::from(error.to_string()))?;
    hdf5::sync::sync(|| {
        let access = in_memory().finish()?;
        // SAFETY: HDF5 copies `bytes.len()` bytes from the pointer during the call and never writes through it.
        let set = unsafe { H5Pset_file_image(access.id(), bytes.as_ptr().cast_mut().cast(), bytes.len()) };
        if set < 0 {
            return Err(failed("take the image"));
        }
        // SAFETY: the name is a C string and the property list is open.
        let id = unsafe { H5Fopen(name.as_ptr(), H5F_ACC_RDONLY, access.id()) };
        if id < 0 {
            return Err(failed("open the image"));
        }
        // SAFETY: `id` was just opened and belongs to nobody else.
        unsafe { hdf5::from_id::<File>(id) }
    })
}

/// The group whose object header lies at `address` of an open file; an error if there is none.
pub(super) fn open_group_at(file: &File, address: u64) -> hdf5::Result<Group> {
    // A token of HDF5's own file format is the address, little endian, in the first 8 of its 16 bytes.
    let mut bytes = [0_u8; size_of::<H5O_token_t>()];
    bytes[..8].copy_from_slice(&address.to_le_bytes());
    // SAFETY: the type is a C struct of nothing but these bytes, all of whose values are valid.
    let token = unsafe { std::mem::transmute::<[u8; size_of::<H5O_token_t>()], H5O_token_t>(bytes) };
    hdf5::sync::sync(|| {
        // SAFETY: the file is open; whatever lies at the address, the library checks it or fails.
        let id = unsafe { H5Oopen_by_token(file.id(), token) };
        if id < 0 {
            return Err(failed("open an object by its address"));
        }
        // SAFETY: `id` was just opened and belongs to nobody else; `from_id` refuses what is not a group.
        unsafe { hdf5::from_id::<Group>(id) }
    })
}

fn failed(action: &str) -> hdf5::Error {
    // The library's own words when it left some.
    match hdf5::Error::query() {
        Ok(error) => error,
        Err(_) => hdf5::Error::from(format!("cannot {action}")),
    }
}

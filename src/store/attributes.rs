//! Attributes of HDF5 objects: integers, floats, texts.

use hdf5::types::VarLenUnicode;
use hdf5::{H5Type, Location};

use crate::Error;

/// An error of the HDF5 library as ours; for `map_err(hdf5_error("read a record"))`.
///
/// All frames are kept: the operating system's answer ("No space left") is in the innermost.
pub(super) fn hdf5_error(action: &'static str) -> impl FnOnce(hdf5::Error) -> Error {
    move |error| Error::Hdf5 { action, reason: reason(&error) }
}

/// What HDF5 says, outermost to innermost.
pub(super) fn reason(error: &hdf5::Error) -> String {
    // Expanded at once and on this thread: the library's stack does not outlive the next call.
    match error.stack() {
        Some(stack) if !stack.is_empty() => {
            stack.iter().map(|frame| frame.desc().to_owned()).collect::<Vec<_>>().join(": ")
        }
        _ => error.to_string(),
    }
}

/// Writes a number.
#[allow(clippy::needless_pass_by_value, reason = "numbers; `&1.0` at every call reads worse")]
pub(super) fn put<T: H5Type>(on: &Location, name: &str, value: T) -> hdf5::Result<()> {
    on.new_attr::<T>().create(name)?.write_scalar(&value)
}

/// Writes a text: variable length, UTF-8, which h5py gives back as `str`.
pub(super) fn put_text(on: &Location, name: &str, text: &str) -> hdf5::Result<()> {
    let text = if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text.to_owned() };
    let text: VarLenUnicode = text.parse().map_err(|error| hdf5::Error::from(format!("{error}")))?;
    put(on, name, text)
}

/// Reads a number.
pub(super) fn get<T: H5Type>(on: &Location, name: &str) -> hdf5::Result<T> {
    on.attr(name)?.read_scalar()
}

/// Reads a text.
pub(super) fn get_text(on: &Location, name: &str) -> hdf5::Result<String> {
    Ok(get::<VarLenUnicode>(on, name)?.as_str().to_owned())
}

/// Writes numbers.
pub(super) fn put_list<T: H5Type>(on: &Location, name: &str, values: &[T]) -> hdf5::Result<()> {
    on.new_attr::<T>().shape(values.len()).create(name)?.write_raw(values)
}

/// Reads numbers.
pub(super) fn get_list<T: H5Type>(on: &Location, name: &str) -> hdf5::Result<Vec<T>> {
    on.attr(name)?.read_raw()
}

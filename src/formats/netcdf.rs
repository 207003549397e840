//! NetCDF files as a [`Document`](crate::formats::Document)'s tree, for windIO's `!include wind.nc`.
//!
//! A one-dimensional variable named like its dimension becomes a list, any other one `{data, dims}`, as windIO's own loader has it.
//! Packed values (`scale_factor`, `add_offset`) are unpacked, fill values become NaN. NetCDF-4 and the classic kinds are read by
//! `netcdf-reader`, which is written in Rust: the HDF5 library can be brought to loop for ever by a damaged file. The size of the file,
//! the number of its variables and of their values are bounded, nothing outside the file is followed, and what cannot be read is an
//! error or a [`Value::Unread`], a fault only if it is asked for.

use std::fmt::Display;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use netcdf_reader::{NcFile, NcOpenOptions, NcType, NcVariable};

use crate::formats::files::MAX_FILE_BYTES;
use crate::formats::tree::{Entry, Node, Value};

/// Variables of one file, at most.
const MAX_VARIABLES: usize = 500;
/// Values of one file, at most.
const MAX_VALUES: usize = 2_000_000;
/// Dimensions of one variable, at most.
const MAX_DIMENSIONS: usize = 8;
/// Bytes that one variable, or one chunk of it, may take unpacked.
const MAX_READ_BYTES: usize = 8 * MAX_VALUES;

/// Whether a file of this name is taken for NetCDF.
pub fn is_named(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    ["nc", "nc4", "netcdf"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// The variables of a file; no value has a line.
///
/// # Errors
/// A predicate to put behind the file's name: "does not exist", "is not sound NetCDF: ...".
pub fn read(path: &Path) -> Result<Node, String> {
    let refusal = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => "does not exist".to_owned(),
        ErrorKind::IsADirectory => "is a directory, must be a file".to_owned(),
        _ => format!("cannot be read: {error}"),
    };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(refusal)?;
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(refusal)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(format!("is larger than {} MB", MAX_FILE_BYTES >> 20));
    }
    parse(&bytes)
}

/// The variables in the bytes of a file.
///
/// # Errors
/// See [`read`].
pub fn parse(bytes: &[u8]) -> Result<Node, String> {
    let options = NcOpenOptions {
        chunk_cache_bytes: MAX_READ_BYTES,
        max_chunk_bytes: MAX_READ_BYTES,
        max_read_bytes: MAX_READ_BYTES,
        ..NcOpenOptions::default()
    };
    let unsound = |error: netcdf_reader::Error| format!("is not sound NetCDF: {}", first_line(&error));
    let file = NcFile::from_bytes_with_options(bytes, options).map_err(unsound)?;
    let variables = file.variables().map_err(unsound)?;
    if variables.len() > MAX_VARIABLES {
        return Err(format!("has more than {MAX_VARIABLES} variables"));
    }
    let mut values_left = MAX_VALUES;
    let mut entries: Vec<Entry> = Vec::new();
    for variable in variables {
        let value = value(&file, variable, &mut values_left).unwrap_or_else(Value::Unread);
        entries.push(Entry { key: variable.name().to_owned(), line: 0, node: Node { line: 0, value } });
    }
    entries.sort_by(|a, b| a.key.cmp(&b.key));
    entries.dedup_by(|a, b| a.key == b.key);
    Ok(Node { line: 0, value: Value::Map(entries) })
}

/// What a variable holds.
fn value(file: &NcFile, variable: &NcVariable, values_left: &mut usize) -> Result<Value, String> {
    let dimensions = variable.dimensions();
    if dimensions.len() > MAX_DIMENSIONS {
        return Err(format!("has {} dimensions, at most {MAX_DIMENSIONS} are read", dimensions.len()));
    }
    let shape: Vec<usize> =
        dimensions.iter().map(|dimension| usize::try_from(dimension.size).unwrap_or(usize::MAX)).collect();
    let count = shape.iter().try_fold(1_usize, |all, &n| all.checked_mul(n)).unwrap_or(usize::MAX);
    if count > *values_left {
        return Err(format!("holds too many values; at most {MAX_VALUES} in a file"));
    }
    let integer = match variable.dtype() {
        NcType::Float | NcType::Double => false,
        NcType::Byte
        | NcType::Short
        | NcType::Int
        | NcType::Int64
        | NcType::UByte
        | NcType::UShort
        | NcType::UInt
        | NcType::UInt64 => true,
        other => return Err(format!("holds {other:?}, not numbers")),
    };
    *values_left -= count;
    let read = file.read_variable_unpacked_masked(variable.name()).map_err(|error| first_line(&error))?;
    if read.len() != count {
        return Err(format!("{} values where its shape {shape:?} promises {count}", read.len()));
    }
    let data = nested(&shape, &mut read.iter().copied(), integer);
    if let [only] = dimensions
        && only.name == variable.name()
    {
        return Ok(data);
    }
    let dims = dimensions.iter().map(|dimension| Node { line: 0, value: Value::Text(dimension.name.clone()) });
    let entry = |key: &str, value| Entry { key: key.to_owned(), line: 0, node: Node { line: 0, value } };
    Ok(Value::Map(vec![entry("data", data), entry("dims", Value::List(dims.collect()))]))
}

/// Values as lists within lists, the last dimension innermost.
fn nested(shape: &[usize], values: &mut impl Iterator<Item = f64>, integer: bool) -> Value {
    match shape.split_first() {
        None => number(values.next().unwrap_or(f64::NAN), integer),
        Some((&n, inner)) => {
            Value::List((0..n).map(|_| Node { line: 0, value: nested(inner, values, integer) }).collect())
        }
    }
}

fn number(value: f64, integer: bool) -> Value {
    /// Every whole number up to here is an f64.
    const EXACT: f64 = 9e15;
    if integer && value.abs() < EXACT && value.fract() == 0.0 {
        #[expect(clippy::cast_possible_truncation, reason = "a whole number below 2^53")]
        return Value::Integer(value as i64);
    }
    Value::Float(value)
}

fn first_line(error: &impl Display) -> String {
    error.to_string().lines().next().unwrap_or_default().chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(name: &str) -> Vec<u8> {
        std::fs::read(format!("{}/tests/windio/{name}.nc", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    /// A classic file (CDF-1) of one dimension `x` of 2 and two variables, `x` and the packed `p`.
    fn classic() -> Vec<u8> {
        let mut bytes = b"CDF\x01".to_vec();
        let mut put = |words: &[u32]| words.iter().for_each(|word| bytes.extend(word.to_be_bytes()));
        let name = |c: u8| u32::from(c) << 24;
        put(&[0, 0x0a, 1, 1, name(b'x'), 2, 0, 0, 0x0b, 2]);
        // x: one dimension, no attributes, double, 16 bytes.
        put(&[1, name(b'x'), 1, 0, 0, 0, 6, 16]);
        put(&[148]);
        // p: one dimension, the attribute scale_factor = 0.5, int, 8 bytes.
        put(&[1, name(b'p'), 1, 0, 0x0c, 1, 12]);
        put(&[u32::from_be_bytes(*b"scal"), u32::from_be_bytes(*b"e_fa"), u32::from_be_bytes(*b"ctor")]);
        put(&[6, 1]);
        bytes.extend(0.5f64.to_be_bytes());
        let mut put = |words: &[u32]| words.iter().for_each(|word| bytes.extend(word.to_be_bytes()));
        put(&[4, 8, 164]);
        assert_eq!(bytes.len(), 148);
        bytes.extend(1.5f64.to_be_bytes());
        bytes.extend(2.5f64.to_be_bytes());
        bytes.extend(3_i32.to_be_bytes());
        bytes.extend(5_i32.to_be_bytes());
        bytes
    }

    #[test]
    fn coordinates_are_lists_and_variables_have_dimensions() {
        let Value::Map(entries) = parse(&bytes("table")).unwrap().value else { panic!() };
        let keys: Vec<_> = entries.iter().map(|entry| entry.key.as_str()).collect();
        assert_eq!(keys, ["probability", "turbulence_intensity", "wind_direction", "wind_speed"]);
        let Value::List(directions) = &entries[2].node.value else { panic!("{:?}", entries[2]) };
        assert_eq!(directions[1].value, Value::Integer(90));
        let Value::Map(probability) = &entries[0].node.value else { panic!() };
        let text = |name: &str| Node { line: 0, value: Value::Text(name.to_owned()) };
        assert_eq!(probability[1].node.value, Value::List(vec![text("wind_direction"), text("wind_speed")]));
    }

    #[test]
    fn classic_files_and_packed_values() {
        let Value::Map(entries) = parse(&classic()).unwrap().value else { panic!() };
        let floats = |values: &[f64]| {
            Value::List(values.iter().map(|&value| Node { line: 0, value: Value::Float(value) }).collect())
        };
        assert_eq!(entries[1].node.value, floats(&[1.5, 2.5]));
        let Value::Map(packed) = &entries[0].node.value else { panic!("{:?}", entries[0]) };
        assert_eq!(packed[0].node.value, floats(&[1.5, 2.5]));
    }

    #[test]
    fn what_is_not_netcdf_is_refused_in_words() {
        for bytes in [&b"CDF\x09"[..], b"", b"x: 1", b"\x89HDF\r\n\x1a\n\0\0"] {
            let message = parse(bytes).unwrap_err();
            assert!(message.starts_with("is not sound NetCDF: "), "{message}");
        }
        let folder = tempfile::tempdir().unwrap();
        assert!(read(folder.path()).unwrap_err().contains("directory"));
        assert!(read(&folder.path().join("no.nc")).unwrap_err().contains("does not exist"));
    }

    #[test]
    fn a_damaged_file_is_an_error_or_other_values() {
        for sound in [bytes("table"), bytes("weibull"), classic()] {
            for at in (4..sound.len()).step_by(7) {
                let mut bytes = sound.clone();
                bytes[at] ^= 0xff;
                let _ = parse(&bytes);
            }
            for length in (0..sound.len()).step_by(97) {
                let _ = parse(&sound[..length]);
            }
        }
    }
}

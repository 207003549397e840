//! NetCDF-4 files as a [`Document`](crate::formats::Document)'s tree, for windIO's `!include wind.nc`.
//!
//! A NetCDF-4 file is an HDF5 file. A one-dimensional variable named like its dimension becomes a list, any other one `{data, dims}`, as
//! windIO's own loader has it. The file is foreign: its size, the number of its variables and values are bounded before anything is
//! read, only what lies in the file itself is followed (no links to other files, no external storage), and what cannot be read is an
//! error or a [`Value::Unread`], a fault only if it is asked for.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use hdf5::types::{TypeDescriptor, VarLenArray};
use hdf5::{Dataset, LinkType, ObjectReference, ObjectReference1, ReferencedObject};

use crate::formats::files::MAX_FILE_BYTES;
use crate::formats::tree::{Entry, Node, Value};

/// Variables of one file, at most.
const MAX_VARIABLES: usize = 500;
/// Values of one file, at most.
const MAX_VALUES: usize = 2_000_000;
/// Dimensions of one variable, at most.
const MAX_DIMENSIONS: usize = 8;

/// Whether a file of this name is taken for NetCDF.
pub fn is_named(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    ["nc", "nc4", "netcdf"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// The variables of a file; no value has a line.
///
/// # Errors
/// A predicate to put behind the file's name: "does not exist", "is NetCDF of the classic kind ...".
pub fn read(path: &Path) -> Result<Node, String> {
    signature(path)?;
    let file = hdf5::File::open(path).map_err(|error| format!("is not sound NetCDF: {}", first_line(&error)))?;
    let mut names = Vec::new();
    let visited = file.iter_visit_default(|name, link| {
        if link.link_type == LinkType::Hard && names.len() <= MAX_VARIABLES {
            names.push(name.to_owned());
        }
        Ok(())
    });
    visited.map_err(|error| format!("is not sound NetCDF: {}", first_line(&error)))?;
    if names.len() > MAX_VARIABLES {
        return Err(format!("has more than {MAX_VARIABLES} variables"));
    }
    names.sort_unstable();
    let mut values_left = MAX_VALUES;
    let mut entries = Vec::new();
    for name in names {
        // A group or a named type is no variable.
        let Ok(dataset) = file.dataset(&name) else { continue };
        let value = match variable(&name, &dataset, &mut values_left) {
            Ok(Some(value)) => value,
            Ok(None) => continue,
            Err(why) => Value::Unread(why),
        };
        entries.push(Entry { key: name, line: 0, node: Node { line: 0, value } });
    }
    Ok(Node { line: 0, value: Value::Map(entries) })
}

/// Looks at the first bytes before the library does.
fn signature(path: &Path) -> Result<(), String> {
    let refusal = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => "does not exist".to_owned(),
        _ => format!("cannot be read: {error}"),
    };
    let mut file = File::open(path).map_err(refusal)?;
    let metadata = file.metadata().map_err(refusal)?;
    if !metadata.is_file() {
        return Err("is not a file".to_owned());
    }
    if metadata.len() > MAX_FILE_BYTES {
        return Err(format!("is larger than {} MB", MAX_FILE_BYTES >> 20));
    }
    let mut start = Vec::new();
    file.by_ref().take(8).read_to_end(&mut start).map_err(refusal)?;
    match &start[..] {
        b"\x89HDF\r\n\x1a\n" => Ok(()),
        [b'C', b'D', b'F', ..] => Err("is NetCDF of the classic kind, which is not read; convert it: \
            nccopy -k nc4 old.nc new.nc"
            .to_owned()),
        _ => Err("is not NetCDF-4: it does not begin as an HDF5 file does".to_owned()),
    }
}

/// What a variable holds; `None` for a dimension without values of its own.
fn variable(name: &str, dataset: &Dataset, values_left: &mut usize) -> Result<Option<Value>, String> {
    let refused = |error: hdf5::Error| first_line(&error);
    if text_attribute(dataset, "NAME").is_some_and(|text| text.starts_with("This is a netCDF dimension but not")) {
        return Ok(None);
    }
    let shape = dataset.shape();
    check_storage(dataset, &shape)?;
    let count = shape.iter().try_fold(1_usize, |all, &n| all.checked_mul(n)).unwrap_or(usize::MAX);
    if count > *values_left {
        return Err(format!("holds too many values; at most {MAX_VALUES} in a file"));
    }
    *values_left -= count;
    let integer = match dataset.dtype().and_then(|kind| kind.to_descriptor()).map_err(refused)? {
        TypeDescriptor::Integer(_) | TypeDescriptor::Unsigned(_) => true,
        TypeDescriptor::Float(_) => false,
        other => return Err(format!("holds {other}, not numbers")),
    };
    if let Some(packed) = ["scale_factor", "add_offset"].iter().find(|name| dataset.attr(name).is_ok()) {
        return Err(format!("is packed ({packed}), which is not read; unpack it, for instance with ncpdq -U"));
    }
    let values = dataset.read_raw::<f64>().map_err(refused)?;
    if values.len() != count {
        return Err(format!("{} values where its shape {shape:?} promises {count}", values.len()));
    }
    let fill = fill_value(dataset);
    let mut values = values.into_iter().map(|value| if Some(value) == fill { f64::NAN } else { value });
    let data = nested(&shape, &mut values, integer);
    let dims = dimension_names(name, dataset, &shape);
    if let [only] = &dims[..]
        && only == name
    {
        return Ok(Some(data));
    }
    let dims = dims.into_iter().map(|name| Node { line: 0, value: Value::Text(name) }).collect();
    let entry = |key: &str, value| Entry { key: key.to_owned(), line: 0, node: Node { line: 0, value } };
    Ok(Some(Value::Map(vec![entry("data", data), entry("dims", Value::List(dims))])))
}

/// Refuses data outside this file and chunks larger than what is to be read.
fn check_storage(dataset: &Dataset, shape: &[usize]) -> Result<(), String> {
    if shape.len() > MAX_DIMENSIONS {
        return Err(format!("has {} dimensions, at most {MAX_DIMENSIONS} are read", shape.len()));
    }
    let stored = dataset.create_plist().map_err(|error| first_line(&error))?;
    if !stored.external().is_empty() || dataset.layout() == hdf5::dataset::Layout::Virtual {
        return Err("keeps its values in another file; copy them into this one".to_owned());
    }
    let chunk = dataset.chunk().unwrap_or_default();
    let chunk_values = chunk.iter().try_fold(1_usize, |all, &n| all.checked_mul(n)).unwrap_or(usize::MAX);
    if chunk_values > MAX_VALUES {
        return Err(format!("has chunks of {chunk:?}, at most {MAX_VALUES} values are read"));
    }
    Ok(())
}

/// What stands for "no value", if the file says so.
fn fill_value(dataset: &Dataset) -> Option<f64> {
    let attribute = dataset.attr("_FillValue").ok()?;
    let values = attribute.read_raw::<f64>().ok()?;
    // Integers have a fill value by default that may be a real value; floats rarely do.
    values.first().copied().filter(|value| value.is_finite())
}

/// The names of a variable's dimensions, outermost first; a dimension without a name is `dim_0` ...
fn dimension_names(name: &str, dataset: &Dataset, shape: &[usize]) -> Vec<String> {
    let scales = dataset.attr("DIMENSION_LIST").and_then(|list| list.read_raw::<VarLenArray<ObjectReference1>>());
    if let Ok(scales) = scales
        && scales.len() == shape.len()
    {
        let named = |(axis, list): (usize, &VarLenArray<ObjectReference1>)| {
            let target = list.first().and_then(|reference| reference.dereference(dataset).ok());
            match target {
                Some(ReferencedObject::Dataset(scale)) => scale.name().trim_start_matches('/').to_owned(),
                _ => format!("dim_{axis}"),
            }
        };
        return scales.iter().enumerate().map(named).collect();
    }
    // A dimension's own variable, and plain HDF5 with one list of each name.
    if shape.len() == 1 && text_attribute(dataset, "CLASS").as_deref() == Some("DIMENSION_SCALE") {
        return vec![name.to_owned()];
    }
    (0..shape.len()).map(|axis| format!("dim_{axis}")).collect()
}

fn text_attribute(dataset: &Dataset, name: &str) -> Option<String> {
    const LONGEST: usize = 256;
    let attribute = dataset.attr(name).ok()?;
    match attribute.dtype().ok()?.to_descriptor().ok()? {
        TypeDescriptor::FixedAscii(length) if length <= LONGEST => {
            attribute.read_scalar::<hdf5::types::FixedAscii<LONGEST>>().ok().map(|text| text.as_str().to_owned())
        }
        TypeDescriptor::VarLenAscii => {
            attribute.read_scalar::<hdf5::types::VarLenAscii>().ok().map(|text| text.as_str().to_owned())
        }
        TypeDescriptor::VarLenUnicode => {
            attribute.read_scalar::<hdf5::types::VarLenUnicode>().ok().map(|text| text.as_str().to_owned())
        }
        _ => None,
    }
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
    if integer && value.abs() < EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "a whole number below 2^53")]
        return Value::Integer(value as i64);
    }
    Value::Float(value)
}

fn first_line(error: &hdf5::Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wind(path: &Path) {
        let file = hdf5::File::create(path).unwrap();
        let put = |name: &str, values: &[f64]| {
            file.new_dataset_builder().with_data(values).create(name).unwrap();
        };
        put("wind_direction", &[0.0, 180.0]);
        put("probability", &[0.25, 0.75]);
        file.new_dataset_builder().with_data(&[1_i32, 2]).create("height").unwrap();
        file.new_dataset_builder()
            .with_data(&["a".parse::<hdf5::types::VarLenUnicode>().unwrap()])
            .create("names")
            .unwrap();
        file.link_external("/etc/passwd", "/", "elsewhere").unwrap();
        file.link_soft("/probability", "soft").unwrap();
    }

    #[test]
    fn plain_hdf5_has_dimensions_without_names() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wind.nc");
        wind(&path);
        let Value::Map(entries) = read(&path).unwrap().value else { panic!() };
        let keys: Vec<_> = entries.iter().map(|entry| entry.key.as_str()).collect();
        assert_eq!(keys, ["height", "names", "probability", "wind_direction"]);
        let Value::Map(height) = &entries[0].node.value else { panic!() };
        let items = vec![Node { line: 0, value: Value::Integer(1) }, Node { line: 0, value: Value::Integer(2) }];
        assert_eq!(height[0].node.value, Value::List(items));
        assert!(matches!(&entries[1].node.value, Value::Unread(why) if why.contains("not numbers")));
    }

    #[test]
    fn what_is_not_netcdf_4_is_refused_in_words() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.nc");
        for (bytes, word) in [
            (&b"CDF\x01rest"[..], "nccopy"),
            (b"", "not NetCDF-4"),
            (b"x: 1", "not NetCDF-4"),
            (b"\x89HDF\r\n\x1a\n\0\0", "not sound"),
        ] {
            std::fs::write(&path, bytes).unwrap();
            let message = read(&path).unwrap_err();
            assert!(message.contains(word), "{message}");
        }
        assert!(read(folder.path()).unwrap_err().contains("not a file"));
        assert!(read(&folder.path().join("no.nc")).unwrap_err().contains("does not exist"));
    }

    #[test]
    fn a_damaged_file_is_an_error_or_other_values() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.nc");
        wind(&path);
        let sound = std::fs::read(&path).unwrap();
        for at in (8..sound.len()).step_by(7) {
            let mut bytes = sound.clone();
            bytes[at] ^= 0xff;
            std::fs::write(&path, &bytes).unwrap();
            let _ = read(&path);
        }
        for length in (8..sound.len()).step_by(97) {
            std::fs::write(&path, &sound[..length]).unwrap();
            let _ = read(&path);
        }
    }
}

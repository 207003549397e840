//! Which data sets are compressed, and how all of them are laid out.
//!
//! | data set                     | without compression              | with gzip                                  |
//! |------------------------------|----------------------------------|--------------------------------------------|
//! | `layout` up to 8 KiB, `aep`  | inside the object header         | inside the object header                   |
//! | `layout` up to 60 KiB        | inside the object header         | one chunk: shuffled, deflated, fletcher32  |
//! | longer `layout`              | one chunk with fletcher32        | one chunk: shuffled, deflated, fletcher32  |
//! | `/cases/table`               | chunks of 4096 rows, fletcher32  | the same, shuffled and deflated before     |
//!
//! Object headers carry a checksum of their own. A chunk brings an index of its own too, which is why short data sets have none.

use std::fmt;
use std::str::FromStr;

use hdf5::dataset::{DatasetBuilder, Layout as Storage};
use hdf5::{H5Type, Location};
use ndarray::{ArrayView, Dimension};

use super::attributes::{get_text, put_text};

/// How large data sets of OUTPUT are compressed. The values are the same either way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    #[default]
    None,
    /// Deflated at this level, 1 to 9, after shuffling the bytes.
    Gzip(u8),
}

/// The level of a plain `gzip`.
const DEFAULT_LEVEL: u8 = 4;
/// An object header holds 64 KiB; some of it is for the rest.
const COMPACT_LIMIT_BYTES: usize = 60 * 1024;
/// Shorter layouts grow when they are deflated: the index of a chunk is longer than what is saved.
const GZIP_PAYS_BYTES: usize = 8 * 1024;
/// Root attribute.
const ATTRIBUTE: &str = "compression";

impl Compression {
    /// Writes an array so that it is small, and proven by a checksum wherever it lies.
    pub(super) fn write<T: H5Type, D: Dimension>(
        self,
        builder: DatasetBuilder,
        data: ArrayView<'_, T, D>,
        name: &str,
    ) -> hdf5::Result<()> {
        let bytes = data.len() * size_of::<T>();
        let longest = if self == Self::None { COMPACT_LIMIT_BYTES } else { GZIP_PAYS_BYTES };
        let shape = data.shape().to_vec();
        let builder = if bytes <= longest { builder.layout(Storage::Compact) } else { self.filtered(builder, shape) };
        builder.obj_track_times(false).with_data(data).create(name).map(|_| ())
    }

    /// Writes the rows of a table, chunked whatever its length: only then do all readers take it for a table.
    pub(super) fn write_table<T: H5Type>(
        self,
        builder: DatasetBuilder,
        rows: &[T],
        rows_per_chunk: usize,
        name: &str,
    ) -> hdf5::Result<()> {
        let chunk = rows.len().min(rows_per_chunk);
        let builder = if chunk == 0 { builder } else { self.filtered(builder, vec![chunk]) };
        builder.obj_track_times(false).with_data(rows).create(name).map(|_| ())
    }

    fn filtered(self, builder: DatasetBuilder, chunk: Vec<usize>) -> DatasetBuilder {
        let builder = builder.chunk(chunk);
        let builder = match self {
            Self::None => builder,
            Self::Gzip(level) => builder.shuffle().deflate(level),
        };
        builder.fletcher32()
    }

    /// Notes it in the root of a file.
    pub(super) fn put(self, root: &Location) -> hdf5::Result<()> {
        put_text(root, ATTRIBUTE, &self.to_string())
    }

    /// What the root of a file says; files older than compression say nothing.
    pub(super) fn get(root: &Location) -> hdf5::Result<Self> {
        if !root.attr_names()?.iter().any(|name| name == ATTRIBUTE) {
            return Ok(Self::None);
        }
        get_text(root, ATTRIBUTE)?.parse().map_err(hdf5::Error::from)
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => write!(f, "none"),
            Self::Gzip(level) => write!(f, "gzip:{level}"),
        }
    }
}

impl FromStr for Compression {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "none" => return Ok(Self::None),
            "gzip" => return Ok(Self::Gzip(DEFAULT_LEVEL)),
            _ => {}
        }
        text.strip_prefix("gzip:")
            .and_then(|level| level.parse().ok())
            .filter(|level| (1..=9).contains(level))
            .map(Self::Gzip)
            .ok_or_else(|| format!("`{text}` is neither none, gzip nor gzip:1 to gzip:9"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for compression in [Compression::None, Compression::Gzip(1), Compression::Gzip(9)] {
            assert_eq!(compression.to_string().parse(), Ok(compression));
        }
        assert_eq!("gzip".parse(), Ok(Compression::Gzip(4)));
        for wrong in ["", "zip", "gzip:", "gzip:0", "gzip:10", "gzip:-1", "GZIP"] {
            assert!(wrong.parse::<Compression>().is_err(), "{wrong}");
        }
    }
}

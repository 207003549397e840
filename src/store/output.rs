//! OUTPUT's HDF5 image: the records in order of their keys, then what is said of the file as a whole, provenance last, so that two
//! runs of one sweep differ only behind the last case.

use std::path::Path;
use std::time::Duration;

use hdf5::file::{FileBuilder, OpenMode};
use hdf5::{Group, Location};
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use super::arrangement::Arrangement;
use super::attributes::{get, get_text, hdf5_error, put, put_text, reason};
use super::compression::Compression;
use super::container::{FileDigest, IndexEntry};
use super::flaw::{Flaw, Sound, hex};
use super::io_record::{IoRecord, alone_in_hdf5};
use super::provenance::Provenance;
use super::reader::{OpenContainer, on_disk};
use super::record::Record;
use super::schema::{self, SCHEMA_VERSION, create_group};
use super::table::{CaseRow, write_table};
use crate::{Error, Result};

/// Root attribute: XXH3-128 of the sweep's text, so that it can be trusted where the footer cannot.
pub(super) const SWEEP_DIGEST: &str = "sweep_digest";

/// What the caller says of the sweep as a whole; root attributes of OUTPUT.
#[derive(Debug, Clone, PartialEq)]
pub struct RootFacts {
    /// Candidate points per axis.
    pub grid_size: i64,
    /// Share of the candidates to draw from, percent; written as an integer when it is one, as the Python script did.
    pub random_pct: f64,
    /// Cases of the whole sweep.
    pub total_configs: u64,
    /// The complete sweep, as text.
    pub sweep: String,
    /// Name of the wake model.
    pub wake_model: String,
    /// Name of the random number generator.
    pub rng: String,
}

/// One merge, as `/processing_log` keeps it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LogRow {
    /// When, UTC.
    pub time: String,
    /// On which host, by which process.
    pub by: String,
    /// Records that OUTPUT did not have before.
    pub records_added: u64,
    /// Records found more than once.
    pub duplicates: u64,
    /// The segments merged, one a line: path below `OUTPUT.shards`, digest.
    pub segments: String,
    /// What was not taken, one a line: path, reason.
    pub rejected: String,
    /// What keeping results had cost the run by then, this merge included.
    pub io: IoRecord,
}

/// What OUTPUT says of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputRoot {
    /// The caller's facts.
    pub facts: RootFacts,
    /// Number of solved cases, as the root attribute states it.
    pub successful_configs: u64,
    /// When the first merge made it, UTC.
    pub created: String,
    /// How many times it was rewritten.
    pub generation: u64,
    /// Digest of all records, 32 hex digits.
    pub content_digest: String,
    /// How its large data sets are compressed.
    pub compression: Compression,
    /// All merges so far.
    pub log: Vec<LogRow>,
}

/// Everything of a new OUTPUT but its records.
pub(super) struct Head<'a> {
    pub(super) facts: &'a RootFacts,
    pub(super) created: String,
    pub(super) generation: u64,
    pub(super) parent: Option<FileDigest>,
    pub(super) provenance: &'a Provenance,
    pub(super) log: Vec<LogRow>,
    /// Links to write beside the cases.
    pub(super) arrangement: Option<Arrangement>,
}

/// Writes an image to a path that HDF5 can create; `next` gives the records in order of their keys. Returns the index.
///
/// `head` is asked after the last record, when all is known that it tells, and told how long other threads in HDF5 were waited for.
pub(super) fn write_image<'a>(
    path: &Path,
    compression: Compression,
    next: &mut dyn FnMut() -> Result<Option<Record>>,
    head: &mut dyn FnMut(&[IndexEntry], Duration) -> Head<'a>,
) -> Result<Vec<IndexEntry>> {
    let file = create(path).map_err(hdf5_error("create")).map_err(|error| as_disk_error(error, path))?;
    let (mut index, mut rows) = (Vec::new(), Vec::new());
    let mut waited = Duration::ZERO;
    // Records come from disks, which nobody may be kept waiting for in HDF5.
    while let Some(record) = next()? {
        alone_in_hdf5(&mut waited, || schema::write_record(&file, &record, compression))
            .map_err(|error| as_disk_error(error, path))?;
        index.push(IndexEntry::of(&record));
        rows.push(CaseRow::of(&record));
    }
    let head = head(&index, waited);
    write_table(&file, &rows, compression)
        .and_then(|()| head.arrangement.map_or(Ok(()), |arrangement| arrangement.write(&file, &rows)))
        .and_then(|()| compression.put(&file))
        .and_then(|()| write_head(&file, &head, &index))
        // Dropping the file would close it too, and hide that the disk is full.
        .and_then(|()| file.flush())
        .and_then(|()| file.close())
        .map_err(hdf5_error("finish"))
        .map_err(|error| as_disk_error(error, path))?;
    Ok(index)
}

fn create(path: &Path) -> hdf5::Result<hdf5::File> {
    let mut builder = FileBuilder::new();
    builder.set_access_plist(&on_disk().finish()?)?.set_create_plist(&schema::creation().finish()?)?;
    builder.open_as(path, OpenMode::Create)
}

/// HDF5 hides the operating system's answer in its texts: "errno = 28, error message = ...".
fn as_disk_error(error: Error, path: &Path) -> Error {
    let Error::Hdf5 { reason, .. } = &error else { return error };
    let code = reason
        .split_once("errno = ")
        .and_then(|(_, rest)| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse::<i32>().ok());
    match code {
        Some(code) => Error::disk("write", path)(std::io::Error::from_raw_os_error(code)),
        None => error,
    }
}

fn write_head(file: &hdf5::File, head: &Head<'_>, index: &[IndexEntry]) -> hdf5::Result<()> {
    let facts = head.facts;
    put(file, "schema_version", SCHEMA_VERSION)?;
    put(file, "grid_size", facts.grid_size)?;
    #[allow(clippy::cast_possible_truncation, reason = "checked to be an integer below 2^53")]
    if facts.random_pct.fract() == 0.0 && facts.random_pct.abs() < 9e15 {
        put(file, "random_pct", facts.random_pct as i64)?;
    } else {
        put(file, "random_pct", facts.random_pct)?;
    }
    put(file, "total_configs", signed(facts.total_configs))?;
    put(file, "successful_configs", signed(solved(index)))?;
    put_text(file, "wake_model", &facts.wake_model)?;
    put_text(file, "rng", &facts.rng)?;
    put_text(file, "content_digest", &hex(&digest_of(index)))?;
    put_text(file, "sweep", &facts.sweep)?;
    put_text(file, SWEEP_DIGEST, &hex(&xxh3_128(facts.sweep.as_bytes()).to_be_bytes()))?;
    // From here on provenance.
    put_text(file, "layoutopt_version", env!("CARGO_PKG_VERSION"))?;
    put_text(file, "created", &head.created)?;
    put(file, "generation", signed(head.generation))?;
    put_text(file, "parent_digest", &head.parent.map(|digest| hex(&digest)).unwrap_or_default())?;
    // Groups, not data sets: consumers walk over the root and ask each member whether it has a `layout`.
    let metadata = create_group(file, "metadata")?;
    for (name, value) in head.provenance.iter() {
        put_text(&metadata, name, value)?;
    }
    let log = create_group(file, "processing_log")?;
    for (number, row) in head.log.iter().enumerate() {
        write_row(&create_group(&log, &format!("merge_{number:06}"))?, row)?;
    }
    Ok(())
}

fn write_row(group: &Group, row: &LogRow) -> hdf5::Result<()> {
    put_text(group, "time", &row.time)?;
    put_text(group, "by", &row.by)?;
    put(group, "records_added", signed(row.records_added))?;
    put(group, "duplicates", signed(row.duplicates))?;
    put_text(group, "segments", &row.segments)?;
    put_text(group, "rejected", &row.rejected)?;
    put(group, "publications", signed(row.io.publications))?;
    put(group, "bytes_published", signed(row.io.bytes))?;
    put(group, "publish_seconds", row.io.publish_seconds)?;
    put(group, "merges", signed(row.io.merges))?;
    put(group, "merge_seconds", row.io.merge_seconds)?;
    put(group, "hdf5_wait_seconds", row.io.hdf5_wait_seconds)
}

/// Rows of the first program say nothing of it.
fn read_io(group: &Group) -> hdf5::Result<IoRecord> {
    if group.attr("publications").is_err() {
        return Ok(IoRecord::default());
    }
    Ok(IoRecord {
        publications: unsigned(group, "publications")?,
        bytes: unsigned(group, "bytes_published")?,
        publish_seconds: get(group, "publish_seconds")?,
        merges: unsigned(group, "merges")?,
        merge_seconds: get(group, "merge_seconds")?,
        hdf5_wait_seconds: get(group, "hdf5_wait_seconds")?,
    })
}

/// The other way round: what a sound OUTPUT says of itself.
pub(super) fn read_root(container: &OpenContainer) -> Sound<OutputRoot> {
    let read = || -> hdf5::Result<OutputRoot> {
        let root: &Location = container.root();
        let version = get::<i64>(root, "schema_version")?;
        if version > SCHEMA_VERSION {
            return Err(format!("schema version {version} is newer than this program").into());
        }
        let facts = RootFacts {
            grid_size: get(root, "grid_size")?,
            // HDF5 turns the integer into a float.
            random_pct: get(root, "random_pct")?,
            total_configs: unsigned(root, "total_configs")?,
            sweep: get_text(root, "sweep")?,
            wake_model: get_text(root, "wake_model")?,
            rng: get_text(root, "rng")?,
        };
        Ok(OutputRoot {
            facts,
            successful_configs: unsigned(root, "successful_configs")?,
            created: get_text(root, "created")?,
            generation: unsigned(root, "generation")?,
            content_digest: get_text(root, "content_digest")?,
            compression: Compression::get(root)?,
            log: read_log(container.root())?,
        })
    };
    read().map_err(|error| Flaw::Hdf5(reason(&error)))
}

fn read_log(root: &Group) -> hdf5::Result<Vec<LogRow>> {
    let log = root.group("processing_log")?;
    let mut names = log.member_names()?;
    names.sort();
    names
        .iter()
        .map(|name| {
            let group = log.group(name)?;
            Ok(LogRow {
                time: get_text(&group, "time")?,
                by: get_text(&group, "by")?,
                records_added: unsigned(&group, "records_added")?,
                duplicates: unsigned(&group, "duplicates")?,
                segments: get_text(&group, "segments")?,
                rejected: get_text(&group, "rejected")?,
                io: read_io(&group)?,
            })
        })
        .collect()
}

/// Number of solved cases.
pub(super) fn solved(index: &[IndexEntry]) -> u64 {
    index.iter().filter(|entry| entry.solved).count() as u64
}

/// XXH3-128 over the sorted (key, case id, record digest): equal for equal results, whoever computed them, in whatever order.
pub(super) fn digest_of(index: &[IndexEntry]) -> [u8; 16] {
    let mut sorted: Vec<_> = index.iter().map(|entry| (entry.key, entry.case_id, entry.digest)).collect();
    sorted.sort_unstable();
    let mut hash = Xxh3::new();
    for (key, case_id, digest) in sorted {
        hash.update(&key.farm.to_le_bytes());
        hash.update(&key.turbine.to_le_bytes());
        hash.update(&key.seed.to_le_bytes());
        hash.update(&case_id.0);
        hash.update(&digest.0);
    }
    hash.digest128().to_be_bytes()
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn unsigned(on: &Location, name: &str) -> hdf5::Result<u64> {
    let value = get::<i64>(on, name)?;
    u64::try_from(value).map_err(|_| format!("{name} is {value}").into())
}

#[cfg(test)]
mod tests {
    use super::super::segment::tests::{failed, solved};
    use super::*;

    /// Two images of the same contents, written more than a second apart.
    fn twice(compression: Compression, arrangement: Option<Arrangement>) -> [Vec<u8>; 2] {
        let dir = tempfile::tempdir().unwrap();
        let mut large = solved(0, 1);
        let super::super::record::Outcome::Solved(solution) = &mut large.outcome else { unreachable!() };
        solution.layout.x_m = (0..6000).map(f64::from).collect();
        solution.layout.y_m = solution.layout.x_m.clone();
        let records: Vec<_> = [solved(0, 0), large].into_iter().chain((2..30).map(|seed| solved(0, seed))).collect();
        let facts = super::super::tests::facts();
        let (provenance, log) = (Provenance::default().with("host", "h"), vec![LogRow::default()]);
        ["a", "b"].map(|name| {
            let path = dir.path().join(name);
            let mut records = records.iter().cloned().chain([failed(1, 0)]);
            let mut head = |_: &[IndexEntry], _: Duration| Head {
                facts: &facts,
                created: "2026-01-01T00:00:00Z".into(),
                generation: 1,
                parent: None,
                provenance: &provenance,
                log: log.clone(),
                arrangement,
            };
            write_image(&path, compression, &mut || Ok(records.next()), &mut head).unwrap();
            std::thread::sleep(Duration::from_millis(1100));
            std::fs::read(path).unwrap()
        })
    }

    #[test]
    fn equal_contents_give_equal_bytes_whenever_they_are_written() {
        let plain = std::thread::spawn(|| twice(Compression::None, None));
        let [a, b] = twice(Compression::Gzip(9), Some(Arrangement::Aep));
        assert!(a == b, "deflated and arranged");
        let [c, d] = plain.join().unwrap();
        assert!(c == d, "plain");
        assert!(a.len() < c.len(), "{} deflated, {} plain", a.len(), c.len());
    }
}

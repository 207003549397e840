//! Proving a file: everything that can be said of it without knowing farms or wakes. Also the way to read its records.

use std::collections::BTreeSet;
use std::path::Path;

use hdf5::Group;

use super::arrangement::Arrangement;
use super::container::{ContainerKind, Seal};
use super::flaw::{Flaw, hex};
use super::fs::RealFs;
use super::output::{OutputRoot, digest_of, read_root, solved};
use super::reader::{OpenContainer, seal_of};
use super::record::Record;
use super::salvage::Salvager;
use super::schema::{FAILED, implausible};
use super::table::{CASES, CaseRow, check_table};
use crate::{Error, Result};

/// What a structural check found.
#[derive(Debug, Clone, Default)]
pub struct StructureReport {
    /// Why the file is not sound; empty if it is.
    pub errors: Vec<String>,
    /// What is odd, but harms nobody.
    pub warnings: Vec<String>,
    /// Sound solved records.
    pub solved: u64,
    /// Sound failed records.
    pub failed: u64,
    /// Length, bytes.
    pub file_size_bytes: u64,
    /// What the file says of itself, if it is a sound OUTPUT.
    pub root: Option<OutputRoot>,
}

impl StructureReport {
    /// Whether no error was found.
    pub fn is_valid(&self) -> bool {
        self.errors.is_empty()
    }

    fn count(&mut self, record: &Record) {
        if record.is_solved() {
            self.solved += 1;
        } else {
            self.failed += 1;
        }
    }
}

/// Checks an OUTPUT or a segment: footer, digest, index against contents, schema version, checksum and numbers of every record,
/// totals in the root. `visit` gets every sound record, in order of the index.
///
/// A file without a valid seal is an error of the report; its sound records are read by `salvager`'s child process, if there is
/// one. The error outside is the disk's.
pub fn validate_structure(
    path: &Path,
    salvager: Option<&Salvager>,
    visit: &mut dyn FnMut(Record),
) -> Result<StructureReport> {
    let file_size_bytes = std::fs::metadata(path).map_err(Error::disk("read", path))?.len();
    let mut report = StructureReport { file_size_bytes, ..StructureReport::default() };
    match OpenContainer::open(&RealFs, path)? {
        Ok(opened) => check_sealed(&opened, &mut report, visit),
        Err(flaw) => {
            report.errors.push(flaw.to_string());
            if let Some(salvager) = salvager.filter(|_| flaw != Flaw::Empty) {
                let ended = salvager.run(path, &mut |records| {
                    for record in records {
                        report.count(&record);
                        visit(record);
                    }
                    Ok(())
                })?;
                report.errors.extend(ended.map(|flaw| flaw.to_string()));
            }
        }
    }
    Ok(report)
}

fn check_sealed(opened: &OpenContainer, report: &mut StructureReport, visit: &mut dyn FnMut(Record)) {
    let mut rows = Vec::new();
    for record in opened.records() {
        match record {
            Ok(record) => {
                rows.push(CaseRow::of(&record));
                if let Some(fault) = implausible(&record) {
                    report.errors.push(format!("{}: {fault}", record.key));
                }
                report.count(&record);
                visit(record);
            }
            Err(flaw) => report.errors.push(flaw.to_string()),
        }
    }
    check_names(opened, report);
    if opened.seal.kind == ContainerKind::Output {
        match read_root(opened) {
            Ok(root) => {
                check_totals(&root, &opened.seal, report);
                // Beside records that are not sound the table says nothing new.
                if rows.len() == opened.seal.index.len() {
                    report.errors.extend(check_table(opened.root(), &rows).err().map(|flaw| flaw.to_string()));
                }
                report.root = Some(root);
            }
            Err(flaw) => report.errors.push(flaw.to_string()),
        }
    }
}

/// The index lists every case of the image, once, and nothing else.
fn check_names(opened: &OpenContainer, report: &mut StructureReport) {
    let names_in = |group: &Group| group.member_names().unwrap_or_default().into_iter().collect::<BTreeSet<_>>();
    let indexed = |solved| -> BTreeSet<String> {
        opened.seal.index.iter().filter(|entry| entry.solved == solved).map(|entry| entry.key.to_string()).collect()
    };
    let count = opened.seal.index.len();
    if indexed(true).len() + indexed(false).len() != count {
        report.errors.push("the index lists a case twice".into());
    }
    if opened.seal.kind == ContainerKind::Output && !opened.seal.index.is_sorted_by_key(|entry| entry.key) {
        report.errors.push("the index is not in order".into());
    }
    let failed = opened.root().group(FAILED).map(|group| names_in(&group)).unwrap_or_default();
    for (names, listed, place) in [(names_in(opened.root()), indexed(true), ""), (failed, indexed(false), "failed/")] {
        for name in names.difference(&listed) {
            if name.parse::<super::record::CaseKey>().is_ok() {
                report.errors.push(format!("{place}{name}: not in the index"));
            } else if !is_furniture(name) {
                report.warnings.push(format!("{place}{name}: an object that layoutopt does not write"));
            }
        }
    }
}

/// Names in the root that are not cases.
fn is_furniture(name: &str) -> bool {
    matches!(name, FAILED | CASES | "metadata" | "processing_log")
        || Arrangement::ALL.iter().any(|arrangement| arrangement.group() == name)
}

fn check_totals(root: &OutputRoot, seal: &Seal, report: &mut StructureReport) {
    let count = seal.index.len() as u64;
    if root.successful_configs != solved(&seal.index) {
        report.errors.push(format!(
            "successful_configs is {}, but {} cases are solved",
            root.successful_configs,
            solved(&seal.index)
        ));
    }
    if root.facts.total_configs < count {
        report.errors.push(format!("total_configs is {}, but {count} cases are stored", root.facts.total_configs));
    } else if root.facts.total_configs > count {
        let missing = root.facts.total_configs - count;
        report.warnings.push(format!("{missing} of {} cases are not stored yet", root.facts.total_configs));
    }
    if root.content_digest != hex(&digest_of(&seal.index)) {
        report.errors.push("content_digest is not the digest of the records".into());
    }
}

/// Visits the records of a sound OUTPUT or segment in order of the index, each proven; memory does not grow with their number.
///
/// # Errors
/// `Unsound` if the file or a record is not; then `visit` may have seen the records before.
pub fn read_records(path: &Path, visit: &mut dyn FnMut(Record) -> Result<()>) -> Result<()> {
    let unsound = |flaw: Flaw| Error::Unsound { path: path.to_owned(), reason: flaw.to_string() };
    let opened = OpenContainer::open(&RealFs, path)?.map_err(unsound)?;
    opened.records().try_for_each(|record| visit(record.map_err(unsound)?))
}

/// What a sound OUTPUT says of itself.
///
/// # Errors
/// `Unsound` if it is not a sound OUTPUT.
pub fn read_output_root(path: &Path) -> Result<OutputRoot> {
    OpenContainer::open(&RealFs, path)?
        .and_then(|opened| read_root(&opened))
        .map_err(|flaw| Error::Unsound { path: path.to_owned(), reason: flaw.to_string() })
}

/// Digest over all records of a sound file, 32 hex digits: equal for equal results, whatever the provenance.
///
/// # Errors
/// `Unsound` if it is not sound.
pub fn content_digest(path: &Path) -> Result<String> {
    match seal_of(&RealFs, path).map_err(Error::disk("read", path))? {
        Some(Ok(seal)) => Ok(hex(&digest_of(&seal.index))),
        Some(Err(flaw)) => Err(Error::Unsound { path: path.to_owned(), reason: flaw.to_string() }),
        None => Err(Error::disk("open", path)(std::io::ErrorKind::NotFound.into())),
    }
}

//! Composing a new OUTPUT: choosing the record of each case, writing, and reading it all back.

use std::cell::RefCell;
use std::collections::HashSet;
use std::time::Duration;

use super::container::{ContainerKind, FileDigest, IndexEntry, seal_file};
use super::flaw::{Flaw, Sound, hex};
use super::io_record::IoRecord;
use super::merge::{Merge, MergeReport};
use super::output::{Head, LogRow, OutputRoot, digest_of, read_root, write_image};
use super::plan::{Candidate, Plan, Source};
use super::provenance;
use super::publish::{Durable, Temporary};
use super::reader::OpenContainer;
use super::record::{CaseKey, Origin, Outcome, Record};
use super::scan::Scan;
use super::sources::Sources;
use super::table::{CaseRow, check_table};
use super::utc;
use crate::{Error, Result};

/// A record that was not taken.
pub(super) struct Rejected {
    pub(super) source: Source,
    pub(super) key: CaseKey,
    pub(super) flaw: Flaw,
    /// The record itself, if it stood in OUTPUT and would be nowhere else.
    pub(super) displaced: Option<Record>,
}

/// A new OUTPUT, complete and verified, without its name.
pub(super) struct Ready<'a> {
    pub(super) file: Durable<'a>,
    pub(super) digest: FileDigest,
}

impl Merge<'_> {
    /// Writes and verifies a new OUTPUT beside the old; `None` if it would say the same.
    pub(super) fn write(
        &self,
        scan: &Scan,
        plan: &Plan,
        sources: &mut Sources<'_>,
        root: Option<&OutputRoot>,
        rejected: &mut Vec<Rejected>,
        report: &mut MergeReport,
    ) -> Result<Option<Ready<'_>>> {
        let paths = self.store.paths();
        let old: &[IndexEntry] = match &scan.output {
            Some(Ok(seal)) => &seal.index,
            _ => &[],
        };
        let mut temporary = Temporary::create(self.store.fs(), &paths.output)?;
        let mut index = Vec::new();
        let mut added = 0;
        let compression = self.options.compression.or(root.map(|root| root.compression)).unwrap_or_default();
        temporary.file().build(&mut |path| {
            let mut cases = plan.cases.values();
            let rejections = RefCell::new(std::mem::take(rejected));
            let mut next = || -> Result<Option<Record>> {
                for candidates in cases.by_ref() {
                    if let Some(record) = self.choose(candidates, sources, &mut rejections.borrow_mut())? {
                        return Ok(Some(record));
                    }
                }
                Ok(None)
            };
            let mut head = |index: &[IndexEntry], waited: Duration| {
                added = count_new(old, index);
                report.hdf5_wait_seconds = waited.as_secs_f64();
                let io = self.io(waited);
                self.head(scan, plan, root, (added, io), &rejections.borrow())
            };
            index = write_image(path, compression, &mut next, &mut head)?;
            *rejected = rejections.into_inner();
            Ok(())
        })?;
        let facts_stand = root.is_some_and(|root| self.says_the_same(root));
        let same = index == old && facts_stand && !self.options.replace;
        if same || (index.is_empty() && scan.output.is_none()) {
            return Ok(None);
        }
        report.added = added;
        let path = temporary.path().to_owned();
        seal_file(temporary.file(), ContainerKind::Output, &index).map_err(Error::disk("seal", &path))?;
        let file = temporary.make_durable()?;
        let digest = self.verify(&file, &index)?;
        Ok(Some(Ready { file, digest }))
    }

    /// The record to take of a case: proven, solved before failed, ours before recovered, more energy before less, the smaller digest at last.
    fn choose(
        &self,
        candidates: &[Candidate],
        sources: &mut Sources<'_>,
        rejected: &mut Vec<Rejected>,
    ) -> Result<Option<Record>> {
        let mut best: Option<(Record, Source)> = None;
        for candidate in candidates {
            let key = candidate.entry.key;
            let record = match (sources.fetch(candidate)?, candidate.source) {
                (Err(flaw), Source::Output) => {
                    let path = self.store.paths().output.clone();
                    return Err(Error::Unsound { path, reason: flaw.to_string() });
                }
                (record, Source::Output) => record,
                (record, Source::Segment(_)) => record.and_then(|record| self.proven(record)),
            };
            match (record, &mut best) {
                (Err(flaw), _) => rejected.push(Rejected { source: candidate.source, key, flaw, displaced: None }),
                (Ok(record), None) => best = Some((record, candidate.source)),
                (Ok(record), Some(best)) => {
                    let reason = format!("{}, digests {} and {}", record.key, best.0.digest(), record.digest());
                    let mut loser = (record, candidate.source);
                    if rank(&loser.0) > rank(&best.0) {
                        std::mem::swap(&mut loser, best);
                    }
                    let (record, source) = loser;
                    let displaced = (source == Source::Output).then_some(record);
                    rejected.push(Rejected { source, key, flaw: Flaw::Conflict(reason), displaced });
                }
            }
        }
        Ok(best.map(|(record, _)| record))
    }

    fn proven(&self, record: Record) -> Sound<Record> {
        match (self.prove)(&record) {
            Ok(()) => Ok(record),
            Err(reason) => Err(Flaw::Record { case: record.key.to_string(), reason }),
        }
    }

    /// What keeping results has cost the run, this merge included as far as it is.
    fn io(&self, waited: Duration) -> IoRecord {
        let mut io = self.options.io;
        io.add(&IoRecord {
            merges: 1,
            merge_seconds: self.since.elapsed().as_secs_f64(),
            hdf5_wait_seconds: waited.as_secs_f64(),
            ..IoRecord::default()
        });
        io
    }

    fn head(
        &self,
        scan: &Scan,
        plan: &Plan,
        root: Option<&OutputRoot>,
        (added, io): (u64, IoRecord),
        rejected: &[Rejected],
    ) -> Head<'_> {
        let now = utc::now();
        let shards = &self.store.paths().shards;
        let segments = scan.segments.iter().zip(&plan.taken).filter(|(_, taken)| **taken).map(|(segment, _)| {
            let path = segment.path.strip_prefix(shards).unwrap_or(&segment.path);
            format!("{} {}", path.display(), hex(&segment.seal.digest))
        });
        let rejected = rejected.iter().map(|no| format!("{}: {}", self.place(scan, no.source).display(), no.flaw));
        let row = LogRow {
            time: now.clone(),
            by: format!("{} {}", provenance::host(), std::process::id()),
            records_added: added,
            duplicates: plan.duplicates,
            segments: segments.collect::<Vec<_>>().join("\n"),
            rejected: rejected.collect::<Vec<_>>().join("\n"),
            io,
        };
        let kept = root.filter(|_| !self.options.replace);
        Head {
            facts: self.facts,
            created: kept.map_or(now, |root| root.created.clone()),
            generation: root.map_or(1, |root| root.generation + 1),
            parent: scan.output_digest(),
            provenance: &self.options.provenance,
            log: kept.map(|root| root.log.clone()).unwrap_or_default().into_iter().chain([row]).collect(),
            arrangement: None,
        }
    }

    /// Reads the new OUTPUT back as a stranger would and compares it with the plan, record by record.
    fn verify(&self, file: &Durable<'_>, index: &[IndexEntry]) -> Result<FileDigest> {
        let check = |opened: &OpenContainer| -> Sound<()> {
            if opened.seal.index != index {
                return Err(Flaw::Index("not the records that were written".into()));
            }
            let root = read_root(opened)?;
            if root.facts != *self.facts || root.content_digest != hex(&digest_of(index)) {
                return Err(Flaw::Hdf5("the root attributes are not those that were written".into()));
            }
            let rows = opened.records().map(|record| record.map(|record| CaseRow::of(&record)));
            check_table(opened.root(), &rows.collect::<Sound<Vec<_>>>()?)
        };
        let opened = OpenContainer::open(self.store.fs(), file.path())?;
        opened.and_then(|opened| check(&opened).map(|()| opened.seal.digest)).map_err(|flaw| Error::Unsound {
            path: file.path().to_owned(),
            reason: format!("read back after writing: {flaw}"),
        })
    }
}

/// Solved before failed, our own before recovered, then AEP, then the smaller digest. Positive floats order as their bits do.
fn rank(record: &Record) -> (bool, bool, u64, std::cmp::Reverse<super::record::RecordDigest>) {
    let (own, aep) = match &record.outcome {
        Outcome::Solved(solution) => (solution.origin == Origin::Solved, solution.aep_gwh.to_bits()),
        Outcome::Failed { .. } => (true, 0),
    };
    (record.is_solved(), own, aep, std::cmp::Reverse(record.digest()))
}

fn count_new(old: &[IndexEntry], new: &[IndexEntry]) -> u64 {
    let known: HashSet<_> = old.iter().map(|entry| (entry.key, entry.digest)).collect();
    new.iter().filter(|entry| !known.contains(&(entry.key, entry.digest))).count() as u64
}

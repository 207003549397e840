//! Merging: OUTPUT becomes the verified union of itself and the segments.
//!
//! Idempotent and commutative: any process may merge at any time, in any order, and be killed at any point; the next merge goes
//! on from what is there. The new OUTPUT is written beside the old, synced, read back in full, compared with the plan, and renamed
//! only if the old one is still the one the plan was made from. Segments go last, each only if the re-opened OUTPUT holds every
//! record in it.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::compose::{Ready, Rejected};
use super::compression::Compression;
use super::container::{ContainerKind, IndexEntry, Seal};
use super::flaw::hex;
use super::inventory::Unsound;
use super::io_record::IoRecord;
use super::lock::{RunLock, lock_merge};
use super::output::{OutputRoot, RootFacts, digest_of, read_root, solved};
use super::plan::{Choice, Plan, Source};
use super::provenance::Provenance;
use super::publish::{Existing, nonce, publish};
use super::quarantine::Quarantined;
use super::reader::{identity_of, seal_of};
use super::record::{CaseId, CaseKey, Record};
use super::run_dir::make_dir;
use super::scan::Scan;
use super::segment;
use super::sources::Sources;
use super::store::Store;
use super::writer::OwnRun;
use crate::{Error, Result};

/// How to merge.
#[derive(Default)]
pub struct MergeOptions<'a> {
    /// The caller's own run: its closed segments may be deleted although the run lives.
    pub own: Option<&'a OwnRun>,
    /// Start over: OUTPUT becomes the own run's records alone. The old OUTPUT stays as `OUTPUT.bak`; what other runs that ended
    /// left goes to quarantine as superseded. For the last merge of a run; without an own run it is an ordinary merge.
    pub replace: bool,
    /// Leave everything of other runs where it is and as it is: take nothing but OUTPUT and the own run's segments.
    pub leave_others: bool,
    /// Which records of segments to take; others stay where they are and are reported. Records in OUTPUT always stay.
    pub only: Option<&'a dyn Fn(CaseKey, CaseId) -> bool>,
    /// How long to wait for another merge to end; after that `Error::InUse`.
    pub wait: Duration,
    /// How OUTPUT's large data sets are compressed; `None`: as they are, at first not at all.
    pub compression: Option<Compression>,
    /// What keeping results has cost the calling run so far; goes into `/processing_log`.
    pub io: IoRecord,
    /// What OUTPUT's `/metadata` will say.
    pub provenance: Provenance,
}

/// What a merge did.
#[derive(Debug, Clone, Default)]
pub struct MergeReport {
    /// Whether OUTPUT was written; `false` if it held everything already.
    pub written: bool,
    /// Solved cases in OUTPUT now.
    pub solved: u64,
    /// Failed cases in OUTPUT now.
    pub failed: u64,
    /// Records that OUTPUT did not have before.
    pub added: u64,
    /// Records found more than once.
    pub duplicates: u64,
    /// Records of other sweeps, by `only`: not merged, not touched.
    pub left_out: Vec<(CaseKey, CaseId)>,
    /// Records that were not taken, by their file: not proven, or the lesser of two solutions.
    pub unsound: Vec<Unsound>,
    /// Files moved to quarantine.
    pub quarantined: Vec<Quarantined>,
    /// Segments deleted, because OUTPUT holds all of them.
    pub segments_deleted: usize,
    /// Segments that stay: of living runs, or with records that OUTPUT does not hold.
    pub segments_kept: usize,
    /// Digest over all records, 32 hex digits; empty without OUTPUT.
    pub content_digest: String,
    /// Seconds the merge took.
    pub seconds: f64,
    /// Of these, waiting for other threads in HDF5.
    pub hdf5_wait_seconds: f64,
}

/// Proves a record beyond its digest (constraints, AEP), or says what is wrong with it.
pub type Prove<'a> = &'a dyn Fn(&Record) -> std::result::Result<(), String>;

/// How an attempt ended.
enum Attempt {
    Done(MergeReport),
    /// OUTPUT or the segments changed under our hands.
    Again,
}

impl Store {
    /// Merges all segments into OUTPUT. `prove` is asked about every record that OUTPUT does not hold yet.
    ///
    /// # Errors
    /// `InUse` if another merge does not end in time or keeps changing OUTPUT; `BadInput` if records of one key have different
    /// inputs; `Unsound` if OUTPUT is not ours to replace; `Disk`. After any error OUTPUT is as it was, or complete.
    pub fn merge(&self, facts: &RootFacts, options: &MergeOptions<'_>, prove: Prove<'_>) -> Result<MergeReport> {
        const TRIES: u64 = 6;
        let since = Instant::now();
        // Whether OUTPUT is compressed as asked for is known only by opening it.
        if options.compression.is_none()
            && let Some(report) = self.nothing_to_merge()?
        {
            return Ok(report);
        }
        let lock = self.lock_for_merge(options.wait)?;
        let mut quarantined = Vec::new();
        for attempt in 0..TRIES {
            let merge = Merge { store: self, facts, options, prove, lock: &lock, since };
            if let Attempt::Done(mut report) = merge.attempt(&mut quarantined)? {
                report.quarantined.splice(0..0, quarantined);
                report.seconds = since.elapsed().as_secs_f64();
                return Ok(report);
            }
            self.fs().pause(Duration::from_millis(20 << attempt));
        }
        Err(Error::InUse { output: self.paths().output.clone(), holder: "other merges that keep replacing it".into() })
    }

    pub(super) fn lock_for_merge(&self, wait: Duration) -> Result<RunLock> {
        const TRIES: usize = 100;
        let attempt =
            || make_dir(self.fs(), &self.paths().shards).and_then(|()| lock_merge(self.fs(), self.paths(), wait));
        let mut last = attempt();
        for _ in 1..TRIES {
            match &last {
                // A merge that has just ended took the empty folder away.
                Err(Error::Disk { source, .. }) if source.kind() == ErrorKind::NotFound => last = attempt(),
                _ => break,
            }
        }
        last
    }

    /// The report of a sound OUTPUT, or of none, without shards: then there is nothing to do, and nothing to make.
    fn nothing_to_merge(&self) -> Result<Option<MergeReport>> {
        if !matches!(self.fs().stat(&self.paths().shards), Err(error) if error.kind() == ErrorKind::NotFound) {
            return Ok(None);
        }
        let mut report = MergeReport::default();
        match seal_of(self.fs(), &self.paths().output).map_err(Error::disk("read", &self.paths().output))? {
            None => Ok(Some(report)),
            Some(Ok(seal)) if seal.kind == ContainerKind::Output => {
                report.count(&seal.index);
                Ok(Some(report))
            }
            Some(_) => Ok(None),
        }
    }
}

impl MergeReport {
    /// What the merge cost.
    pub fn io(&self) -> IoRecord {
        let (merge_seconds, hdf5_wait_seconds) = (self.seconds, self.hdf5_wait_seconds);
        IoRecord { merges: 1, merge_seconds, hdf5_wait_seconds, ..IoRecord::default() }
    }

    fn count(&mut self, index: &[IndexEntry]) {
        self.solved = solved(index);
        self.failed = index.len() as u64 - self.solved;
        self.content_digest = hex(&digest_of(index));
    }
}

pub(super) struct Merge<'a> {
    pub(super) store: &'a Store,
    pub(super) facts: &'a RootFacts,
    pub(super) options: &'a MergeOptions<'a>,
    pub(super) prove: Prove<'a>,
    pub(super) lock: &'a RunLock,
    pub(super) since: Instant,
}

impl Merge<'_> {
    fn attempt(&self, quarantined: &mut Vec<Quarantined>) -> Result<Attempt> {
        let scan = Scan::new(self.store.fs(), self.store.paths())?;
        let cleared = if self.options.leave_others { Vec::new() } else { self.store.clear_unsound(&scan)? };
        if !cleared.is_empty() {
            quarantined.extend(cleared);
            return Ok(Attempt::Again);
        }
        self.refuse_output_not_ours(&scan)?;
        let choice = Choice {
            nothing_but: self.options.own.filter(|_| self.options.replace).map(|own| own.name.as_os_str()),
            no_runs_but: self.options.own.filter(|_| self.options.leave_others).map(|own| own.name.as_os_str()),
            only: self.options.only,
        };
        let plan = Plan::new(&scan, &choice)?;
        let mut sources = Sources::new(self.store.fs(), self.store.paths(), &scan);
        let root = self.root(&scan, &mut sources)?;
        let facts_stand = root.as_ref().is_some_and(|root| self.says_the_same(root));
        let mut report =
            MergeReport { duplicates: plan.duplicates, left_out: plan.left_out.clone(), ..Default::default() };
        let mut rejected = Vec::new();
        let idle = plan.cases.is_empty() && scan.output.is_none();
        if !(idle || plan.adds_nothing() && facts_stand && choice.nothing_but.is_none()) {
            let ready = self.write(&scan, &plan, &mut sources, root.as_ref(), &mut rejected, &mut report)?;
            drop(sources);
            if let Some(ready) = ready {
                self.keep_displaced(&rejected)?;
                if !self.install(ready, &scan)? {
                    return Ok(Attempt::Again);
                }
                report.written = true;
            }
        }
        self.settle(&scan, &plan, &rejected, &mut report)?;
        Ok(Attempt::Done(report))
    }

    /// Whether an OUTPUT says of the sweep, and does with its data sets, what this merge would.
    pub(super) fn says_the_same(&self, root: &OutputRoot) -> bool {
        root.facts == *self.facts && self.options.compression.is_none_or(|wanted| wanted == root.compression)
    }

    fn refuse_output_not_ours(&self, scan: &Scan) -> Result<()> {
        let path = self.store.paths().output.clone();
        match &scan.output {
            Some(Err(flaw)) => Err(Error::Unsound { path, reason: flaw.to_string() }),
            Some(Ok(seal)) if seal.kind != ContainerKind::Output => {
                Err(Error::Unsound { path, reason: "a segment, not an output".into() })
            }
            _ => Ok(()),
        }
    }

    fn root(&self, scan: &Scan, sources: &mut Sources<'_>) -> Result<Option<OutputRoot>> {
        if scan.output.is_none() {
            return Ok(None);
        }
        match sources.output()?.and_then(read_root) {
            Ok(root) => Ok(Some(root)),
            Err(flaw) => Err(Error::Unsound { path: self.store.paths().output.clone(), reason: flaw.to_string() }),
        }
    }

    pub(super) fn place(&self, scan: &Scan, source: Source) -> PathBuf {
        match source {
            Source::Output => self.store.paths().output.clone(),
            Source::Segment(number) => scan.segments[number].path.clone(),
        }
    }

    /// Gives the new OUTPUT its name, unless the old one is no longer what the plan was made from.
    fn install(&self, ready: Ready<'_>, scan: &Scan) -> Result<bool> {
        let (fs, output) = (self.store.fs(), &self.store.paths().output);
        let current = || identity_of(fs, output).map_err(Error::disk("read", output));
        let unchanged = match current()? {
            None => scan.output.is_none(),
            Some(found) => found.is_ok_and(|found| scan.output_digest() == Some(found)),
        };
        if !unchanged {
            return Ok(false);
        }
        if self.options.replace && scan.output.is_some() {
            self.store.back_up_output()?;
        }
        let existing = if scan.output.is_some() { Existing::Replace } else { Existing::Refuse };
        let arrived = || matches!(current(), Ok(Some(Ok(found))) if found == ready.digest);
        match ready.file.name(output, existing, &arrived) {
            Ok(()) => {}
            Err(Error::Disk { source, .. }) if source.kind() == ErrorKind::AlreadyExists => return Ok(false),
            Err(error) => return Err(error),
        }
        // A merge that no lock kept away may have been faster.
        Ok(arrived())
    }

    /// A solution that stood in OUTPUT and gives way to a better one is kept, in quarantine, before it goes.
    fn keep_displaced(&self, rejected: &[Rejected]) -> Result<()> {
        for Rejected { displaced, .. } in rejected {
            if let Some(record) = displaced {
                let bytes = segment::encode(std::slice::from_ref(record))?;
                let dir = self.store.paths().quarantine();
                make_dir(self.store.fs(), &dir)?;
                let name = format!("{}.conflict.{:016x}", record.key, nonce());
                publish(self.store.fs(), &dir.join(name), &bytes, Existing::Refuse)?;
            }
        }
        Ok(())
    }

    /// Reports what OUTPUT holds now and cleans up after the segments it contains.
    fn settle(&self, scan: &Scan, plan: &Plan, rejected: &[Rejected], report: &mut MergeReport) -> Result<()> {
        let output = &self.store.paths().output;
        let seal: Option<Seal> = match seal_of(self.store.fs(), output).map_err(Error::disk("read", output))? {
            Some(Ok(seal)) => Some(seal),
            Some(Err(flaw)) => return Err(Error::Unsound { path: output.clone(), reason: flaw.to_string() }),
            None => None,
        };
        let index = seal.map(|seal| seal.index).unwrap_or_default();
        if !index.is_empty() {
            report.count(&index);
        }
        report.unsound = rejected
            .iter()
            .map(|no| Unsound { path: self.place(scan, no.source), flaw: no.flaw.clone() })
            .chain(scan.unsound.iter().cloned())
            .collect();
        self.clean_up(scan, plan, &index, rejected, report)
    }
}

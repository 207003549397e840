//! Fetching records from where a merge found them, with bounded memory.

use std::collections::{BTreeMap, VecDeque};

use super::flaw::{Flaw, Sound};
use super::fs::StoreFs;
use super::paths::Paths;
use super::plan::{Candidate, Source};
use super::reader::OpenContainer;
use super::record::{CaseKey, Record};
use super::scan::Scan;
use crate::Result;

/// Decoded segments are kept up to this size, oldest out first. Workers take cases in order, so neighbours lie together.
const KEPT_BYTES: u64 = 12 << 20;

/// OUTPUT and the segments of one scan, opened when needed.
pub(super) struct Sources<'a> {
    fs: &'a dyn StoreFs,
    paths: &'a Paths,
    scan: &'a Scan,
    output: Option<OpenContainer>,
    decoded: VecDeque<Decoded>,
    decoded_bytes: u64,
}

struct Decoded {
    number: usize,
    bytes: u64,
    records: BTreeMap<CaseKey, Sound<Record>>,
}

impl<'a> Sources<'a> {
    pub(super) fn new(fs: &'a dyn StoreFs, paths: &'a Paths, scan: &'a Scan) -> Self {
        Self { fs, paths, scan, output: None, decoded: VecDeque::new(), decoded_bytes: 0 }
    }

    /// OUTPUT, opened.
    pub(super) fn output(&mut self) -> Result<Sound<&OpenContainer>> {
        if self.output.is_none() {
            match OpenContainer::open(self.fs, &self.paths.output)? {
                Ok(opened) => self.output = Some(opened),
                Err(flaw) => return Ok(Err(flaw)),
            }
        }
        Ok(self.output.as_ref().ok_or_else(|| Flaw::Unreadable("it is gone".into())))
    }

    /// The record of a candidate, proven against the index.
    pub(super) fn fetch(&mut self, candidate: &Candidate) -> Result<Sound<Record>> {
        match candidate.source {
            Source::Output => Ok(self.output()?.and_then(|output| output.record(&candidate.entry))),
            Source::Segment(number) => {
                let record = match self.segment(number)? {
                    Ok(records) => records.get(&candidate.entry.key).cloned(),
                    Err(flaw) => return Ok(Err(flaw)),
                };
                // The open segment of a living run may have been replaced since the scan, by a superset.
                let gone = Flaw::Record { case: candidate.entry.key.to_string(), reason: "it is gone".into() };
                Ok(record.unwrap_or(Err(gone)).and_then(|record| candidate.entry.check(&record).map(|()| record)))
            }
        }
    }

    fn segment(&mut self, number: usize) -> Result<Sound<&BTreeMap<CaseKey, Sound<Record>>>> {
        if let Some(at) = self.decoded.iter().position(|decoded| decoded.number == number) {
            return Ok(Ok(&self.decoded[at].records));
        }
        let opened = match OpenContainer::open(self.fs, &self.scan.segments[number].path)? {
            Ok(opened) => opened,
            Err(flaw) => return Ok(Err(flaw)),
        };
        let records = opened.seal.index.iter().map(|entry| entry.key).zip(opened.records()).collect();
        let bytes = opened.seal.body_len;
        while self.decoded_bytes + bytes > KEPT_BYTES {
            let Some(oldest) = self.decoded.pop_front() else { break };
            self.decoded_bytes -= oldest.bytes;
        }
        self.decoded_bytes += bytes;
        self.decoded.push_back(Decoded { number, bytes, records });
        Ok(Ok(&self.decoded[self.decoded.len() - 1].records))
    }
}

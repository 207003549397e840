//! What a merge is going to write: for each case, who has a record of it.

use std::collections::BTreeMap;
use std::ffi::OsStr;

use super::container::IndexEntry;
use super::record::{CaseId, CaseKey};
use super::scan::Scan;
use crate::{Error, Problem, Result};

/// Where a record lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// In OUTPUT.
    Output,
    /// In the segment of this index of the scan.
    Segment(usize),
}

/// One record of a case; equal ones count once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub(super) entry: IndexEntry,
    pub(super) source: Source,
}

/// The union of OUTPUT and the segments taken.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Cases in order, each with its different records; nearly always one.
    pub(super) cases: BTreeMap<CaseKey, Vec<Candidate>>,
    /// Records that were there more than once.
    pub(super) duplicates: u64,
    /// Records that the caller does not want merged.
    pub(super) left_out: Vec<(CaseKey, CaseId)>,
    /// Whether each segment takes part, wholly or with some records.
    pub(super) taken: Vec<bool>,
}

/// Which records take part.
pub(super) struct Choice<'a> {
    /// Take nothing but this run's segments, not even OUTPUT.
    pub(super) nothing_but: Option<&'a OsStr>,
    /// Beside OUTPUT take only this run's segments.
    pub(super) no_runs_but: Option<&'a OsStr>,
    /// Of the segments, take only these cases.
    pub(super) only: Option<&'a dyn Fn(CaseKey, CaseId) -> bool>,
}

impl Plan {
    pub(super) fn new(scan: &Scan, choice: &Choice<'_>) -> Result<Self> {
        let mut plan = Self { taken: vec![false; scan.segments.len()], ..Self::default() };
        if let (Some(Ok(seal)), None) = (&scan.output, choice.nothing_but) {
            for &entry in &seal.index {
                plan.add(Candidate { entry, source: Source::Output });
            }
        }
        for (number, segment) in scan.segments.iter().enumerate() {
            if choice.nothing_but.or(choice.no_runs_but).is_some_and(|run| run != segment.run) {
                continue;
            }
            for &entry in &segment.seal.index {
                if choice.only.is_some_and(|only| !only(entry.key, entry.case_id)) {
                    plan.left_out.push((entry.key, entry.case_id));
                    continue;
                }
                plan.taken[number] = true;
                plan.add(Candidate { entry, source: Source::Segment(number) });
            }
        }
        plan.refuse_rivals(scan)?;
        Ok(plan)
    }

    /// Whether OUTPUT holds all of it already.
    pub(super) fn adds_nothing(&self) -> bool {
        self.cases.values().all(|candidates| matches!(candidates[..], [Candidate { source: Source::Output, .. }]))
    }

    fn add(&mut self, candidate: Candidate) {
        // One, nearly always: the default of four would quadruple the plan.
        let known = self.cases.entry(candidate.entry.key).or_insert_with(|| Vec::with_capacity(1));
        let twin = known.iter().any(|other| {
            (other.entry.case_id, other.entry.digest) == (candidate.entry.case_id, candidate.entry.digest)
        });
        if twin {
            self.duplicates += 1;
        } else {
            known.push(candidate);
        }
    }

    /// Two sets of inputs under one key are two sweeps: choosing one of them silently would lose the other.
    fn refuse_rivals(&self, scan: &Scan) -> Result<()> {
        const SHOWN: usize = 5;
        let place = |source| match source {
            Source::Output => "OUTPUT".to_owned(),
            Source::Segment(number) => scan.segments[number].path.display().to_string(),
        };
        let rivals = self.cases.iter().filter_map(|(key, candidates)| {
            let first = candidates.first()?;
            let other = candidates.iter().find(|other| other.entry.case_id != first.entry.case_id)?;
            Some(Problem::new(
                key.to_string(),
                format!(
                    "stored for two different sets of inputs, in {} and in {}; merge them into two different outputs",
                    place(first.source),
                    place(other.source)
                ),
            ))
        });
        let problems: Vec<_> = rivals.take(SHOWN).collect();
        if problems.is_empty() { Ok(()) } else { Err(Error::BadInput(problems)) }
    }
}

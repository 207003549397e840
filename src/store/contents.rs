//! Everything that is in one file, sealed or not, sound or not.

use std::path::Path;

use super::container::{ContainerKind, stated_index};
use super::flaw::Flaw;
use super::fs::{RealFs, StoreFs};
use super::output::read_root;
use super::reader::OpenContainer;
use super::record::CaseKey;
use super::salvage::{LostCase, Salvaged, Salvager, SweepText};
use crate::{Error, Result};

/// What a file is, as far as its seal says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileState {
    /// Sealed by layoutopt, and whole.
    Sealed,
    /// Not sealed, or altered; read by a child process. The reason.
    Unsealed(Flaw),
}

/// Reads a file as far as it can be read: sweep, records, cases of the Python script, names of what is not sound. An unsealed file is
/// read by the salvager's child process. `take` gets the sweep before any record, if there is one.
///
/// # Errors
/// `Disk`, or what `take` returns. Damage is no error.
pub fn read_anyhow(
    path: &Path,
    salvager: &Salvager,
    take: &mut dyn FnMut(Salvaged) -> Result<()>,
) -> Result<FileState> {
    match OpenContainer::open(&RealFs, path)? {
        Ok(opened) => {
            if opened.seal.kind == ContainerKind::Output
                && let Ok(root) = read_root(&opened)
            {
                take(Salvaged::Sweep(SweepText { text: root.facts.sweep, proven: true }))?;
            }
            for (entry, record) in opened.seal.index.iter().zip(opened.records()) {
                take(match record {
                    Ok(record) => Salvaged::Records(vec![record]),
                    Err(flaw) => lost(entry.key, &flaw.to_string()),
                })?;
            }
            Ok(FileState::Sealed)
        }
        Err(Flaw::Empty) => Ok(FileState::Unsealed(Flaw::Empty)),
        Err(flaw) => {
            let mut found = std::collections::BTreeSet::new();
            let ended = salvager.run_for_all(path, &mut |salvaged| {
                match &salvaged {
                    Salvaged::Records(records) => found.extend(records.iter().map(|record| record.key)),
                    Salvaged::Lost(lost) => found.extend(lost.case.parse::<CaseKey>()),
                    Salvaged::Foreign(case) => found.extend([case.key()]),
                    Salvaged::Sweep(_) => {}
                }
                take(salvaged)
            })?;
            // The index says what was there, even where the image no longer does.
            let why = ended.as_ref().map_or_else(|| "nothing of it is left".to_owned(), Flaw::to_string);
            for key in listed(path)? {
                if !found.contains(&key) {
                    take(lost(key, &why))?;
                }
            }
            Ok(FileState::Unsealed(ended.unwrap_or(flaw)))
        }
    }
}

fn lost(key: CaseKey, reason: &str) -> Salvaged {
    let case = key.to_string();
    let reason = reason.strip_prefix(&format!("{case}: ")).unwrap_or(reason).to_owned();
    Salvaged::Lost(LostCase { case, reason })
}

fn listed(path: &Path) -> Result<Vec<CaseKey>> {
    let read = || {
        let mut file = RealFs.open(path)?;
        let len = file.size()?;
        stated_index(file.as_mut(), len)
    };
    let index = read().map_err(Error::disk("read", path))?;
    Ok(index.into_iter().map(|entry| entry.key).collect())
}

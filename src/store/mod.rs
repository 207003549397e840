#![doc = include_str!("../../docs/store.md")]

mod arrangement;
mod attributes;
mod cleanup;
mod compose;
mod compression;
mod container;
mod contents;
mod files_below;
mod flaw;
pub mod fs;
mod heap;
mod image;
mod inventory;
mod io_record;
mod lock;
mod merge;
mod origin;
mod output;
mod paths;
mod plan;
mod preflight;
mod provenance;
mod publish;
mod quarantine;
mod reader;
pub mod record;
mod replacement;
mod run_dir;
mod salvage;
mod scan;
mod schema;
mod segment;
mod shard;
#[cfg(test)]
mod simfs;
mod sources;
mod status;
#[allow(clippy::module_inception, reason = "the type `Store` has its own file, like every concept")]
mod store;
mod table;
#[cfg(test)]
mod tests;
mod utc;
mod validate;
mod writer;

pub use arrangement::{Arrangement, reorganize};
pub use compression::Compression;
pub use container::check_seal;
pub use contents::{FileState, read_anyhow};
pub use files_below::{files_below, sweeps_beside};
pub use flaw::{Flaw, Sound};
pub use inventory::{Conflict, Entry, Inventory, StoredContainer, StoredSweep, Unsound};
pub use io_record::IoRecord;
pub use lock::{LockKind, RunLock};
pub use merge::{MergeOptions, MergeReport, Prove};
pub use origin::sweep_of;
pub use output::{LogRow, OutputRoot, RootFacts};
pub use provenance::Provenance;
pub use quarantine::Quarantined;
pub use record::{CaseId, CaseKey, Origin, Outcome, Record, RecordDigest, Solution, StageAep};
pub use replacement::Replacement;
pub use salvage::{
    ForeignCase, LostCase, SALVAGE_COMMAND, Salvaged, Salvager, SweepText, salvage_in_this_process, salvage_to,
};
pub use status::{OutputStatus, RunStatus, StoreStatus};
pub use store::Store;
pub use validate::{StructureReport, content_digest, read_output_root, read_records, validate_structure};
pub use writer::{OwnRun, RecordSender, RunWriter, WriterReport};

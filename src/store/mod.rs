//! Durability: the only place that knows HDF5.
//!
//! **Promise.** A finished case, once published, survives anything short of a lost disk; nothing unsound is ever merged; nothing
//! sound is ever dropped. `kill -9` and power loss cost at most the last seconds of finished work, which is recomputed identically.
//!
//! # Layout
//!
//! | path                                   | what                                                          | changes by |
//! |----------------------------------------|---------------------------------------------------------------|------------|
//! | `OUTPUT`                               | the verified union of all segments: a cache of them           | rename     |
//! | `OUTPUT.bak`                           | the OUTPUT that a run which started over replaced             | rename     |
//! | `OUTPUT.lock`                          | held by runs; made once, never removed                        | -          |
//! | `OUTPUT.shards/<run>/w<worker>-<seq>.h5` | segments: sealed records of one worker thread               | rename, by supersets |
//! | `OUTPUT.shards/<run>/sweep.toml`       | the run's complete sweep, behind a comment with its digest    | never      |
//! | `OUTPUT.shards/<run>/.live`            | locked as long as the run lives                               | -          |
//! | `OUTPUT.shards/quarantine/`            | what is not sound, each with its reason as JSON               | only added to |
//! | `OUTPUT.shards/.merge.lock`            | held by merges                                                | -          |
//! | `.<name>.tmp-<16 hex digits>`          | a file on its way to its name; every reader ignores it        | -          |
//!
//! Segments and OUTPUT are *containers*: HDF5 image, index, footer (see `container.rs`). A run's folder appears with its first
//! record; folders of ended runs and an empty `OUTPUT.shards` go after a merge that contains them.
//!
//! # Invariants
//!
//! 1. A name other than a temporary one stands for a complete, synced file, or for the file that was there before (`publish.rs`).
//! 2. No byte reaches HDF5 in this process before footer and digest are proven over it; a file without our seal is opened in a
//!    child process with limits (`salvage.rs`).
//! 3. A segment is replaced only by its own run, only by supersets, and never after it has rolled (`shard.rs`).
//! 4. A new OUTPUT is read back in full and compared with the plan before it gets its name, and gets it only if the old OUTPUT is
//!    the one the plan was made from (`merge.rs`).
//! 5. A segment is deleted only under a private name, only if its digest is the one that was merged, only if the re-opened OUTPUT
//!    holds every record in it, and only while the merge lock really excludes others (`cleanup.rs`).
//! 6. Records carry their own digest from the worker to OUTPUT; every copy is checked against it (`record.rs`, `schema.rs`).
//! 7. No clock, host or thread reaches a record: equal cases give equal bytes.
//!
//! # Crash cases
//!
//! | the process or the power goes ...         | then                                                                        |
//! |-------------------------------------------|-----------------------------------------------------------------------------|
//! | before the rename of a segment            | the old generation stands; what was pending (5 s of work) is computed again |
//! | after it, before the folder's fsync       | old or new generation; both are sound                                       |
//! | while OUTPUT is written                   | old OUTPUT and all segments stand; the next merge removes the temporary file |
//! | between OUTPUT's rename and the deletions | the segments are duplicates; the next merge deletes them                    |
//! | while a folder is removed                 | an empty or half-empty folder of an ended run; the next merge removes it    |
//! | between salvage and quarantine            | saved records and the unsound file both stand; salvaging again gives duplicates |
//!
//! # Locks
//!
//! `flock`, and POSIX record locks on top where `flock` is known to end at the node (GPFS, BeeGFS). Where there are no locks at all
//! a warning is logged and everything works but deletion: segments then stay until a merge runs where locks work. Correctness rests
//! on unique names, immutable segments, deterministic solutions and invariants 4 and 5.

mod attributes;
mod cleanup;
mod compose;
mod container;
mod flaw;
pub mod fs;
mod heap;
mod image;
mod inventory;
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
#[cfg(test)]
mod tests;
mod utc;
mod validate;
mod writer;

pub use flaw::{Flaw, Sound};
pub use inventory::{Conflict, Entry, Inventory, StoredContainer, StoredSweep, Unsound};
pub use lock::{LockKind, RunLock};
pub use merge::{MergeOptions, MergeReport, Prove};
pub use origin::sweep_of;
pub use output::{LogRow, OutputRoot, RootFacts};
pub use provenance::Provenance;
pub use quarantine::Quarantined;
pub use record::{CaseId, CaseKey, Outcome, Record, RecordDigest, Solution};
pub use salvage::{SALVAGE_COMMAND, Salvager, salvage_in_this_process, salvage_to};
pub use status::{OutputStatus, RunStatus, StoreStatus};
pub use store::Store;
pub use validate::{StructureReport, content_digest, read_output_root, read_records, validate_structure};
pub use writer::{OwnRun, RecordSender, RunWriter, WriterReport};

//! Proving many records at once, on all threads.

use std::sync::Arc;

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::{Error, Result};
use crate::store::{ForeignCase, Record};
use crate::sweep::Solver;

/// Proves records of one sweep.
#[derive(Debug)]
pub struct Prover {
    solver: Arc<Solver>,
    pool: ThreadPool,
}

impl Prover {
    /// How many records are worth handing over at once.
    pub const BATCH: usize = 64;

    /// A prover on `threads` threads.
    ///
    /// # Errors
    /// The system gives no threads.
    pub fn new(solver: Arc<Solver>, threads: usize) -> Result<Self> {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.map_err(|error| Error::Threads { threads, reason: error.to_string() })?;
        Ok(Self { solver, pool })
    }

    /// Constraints of every record and the recomputed AEP of those marked; for each, what is wrong with it.
    pub fn prove(&self, records: &[(Record, bool)]) -> Vec<std::result::Result<(), String>> {
        let prove = |(record, with_aep): &(Record, bool)| {
            self.solver.prove_constraints(record)?;
            if *with_aep { self.solver.prove_aep(record) } else { Ok(()) }
        };
        self.pool.install(|| records.par_iter().map(prove).collect())
    }

    /// Cases of the Python script as records of the sweep, with their AEP computed and their constraints proven; for each, what is wrong
    /// with it.
    pub fn adopt(&self, cases: &[ForeignCase]) -> Vec<std::result::Result<Record, String>> {
        self.pool.install(|| cases.par_iter().map(|case| self.solver.adopt(case)).collect())
    }
}

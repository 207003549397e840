//! Proving many records at once, on all threads.

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::{Error, Result};
use crate::store::Record;
use crate::sweep::Solver;

/// Proves records of one sweep.
#[derive(Debug)]
pub struct Prover {
    solver: Solver,
    pool: ThreadPool,
}

impl Prover {
    /// How many records are worth handing over at once.
    pub const BATCH: usize = 64;

    /// A prover on `threads` threads.
    ///
    /// # Errors
    /// The system gives no threads.
    pub fn new(solver: Solver, threads: usize) -> Result<Self> {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.map_err(|error| Error::Threads { threads, reason: error.to_string() })?;
        Ok(Self { solver, pool })
    }

    /// Constraints and recomputed AEP of every record; for each, what is wrong with it.
    pub fn prove(&self, records: &[Record]) -> Vec<std::result::Result<(), String>> {
        let prove = |record| self.solver.prove_constraints(record).and_then(|()| self.solver.prove_aep(record));
        self.pool.install(|| records.par_iter().map(prove).collect())
    }
}

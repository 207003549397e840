//! What the starts of an optimisation tell, and what is made of it. Nothing of it goes back into the search but the wish to stop.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender};
use std::time::Instant;

use crate::search::{Stage, Watch};

/// A gain on the way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TraceRow {
    /// Moves tried by all starts so far.
    pub evaluations: u64,
    /// Time so far, s.
    pub seconds: f64,
    /// Best AEP so far, GWh.
    pub aep_gwh: f64,
    /// What found it.
    pub stage: Stage,
    /// The start that it belongs to.
    pub start: usize,
}

/// What a start tells.
pub(super) struct Note {
    pub(super) start: usize,
    pub(super) moves: u64,
    pub(super) best_gwh: f64,
    pub(super) stage: Stage,
}

/// Tells what one start does.
pub(super) struct Teller<'a> {
    pub(super) start: usize,
    pub(super) stop: &'a AtomicBool,
    pub(super) notes: Sender<Note>,
}

impl Watch for Teller<'_> {
    fn go_on(&mut self, moves: u64, best_gwh: f64, stage: Stage) -> bool {
        // Whoever no longer listens does not need to know.
        let _ = self.notes.send(Note { start: self.start, moves, best_gwh, stage });
        !self.stop.load(Ordering::Relaxed)
    }
}

/// What has been told so far.
#[derive(Default)]
pub(super) struct Ledger {
    pub(super) evaluations: u64,
    pub(super) best_gwh: Option<f64>,
    pub(super) trace: Vec<TraceRow>,
}

impl Ledger {
    /// Enters what has come.
    pub(super) fn enter(&mut self, notes: &Receiver<Note>, since: Instant) {
        for note in notes.try_iter() {
            self.evaluations += note.moves;
            if self.best_gwh.is_none_or(|best| note.best_gwh > best) {
                self.best_gwh = Some(note.best_gwh);
                self.trace.push(TraceRow {
                    evaluations: self.evaluations,
                    seconds: since.elapsed().as_secs_f64(),
                    aep_gwh: note.best_gwh,
                    stage: note.stage,
                    start: note.start,
                });
            }
        }
    }
}

//! The starts of an optimisation that are under way: how many there are, which go on, what each does in a round.

use crate::aep::Ways;
use crate::error::Result;
use crate::farm::Layout;
use crate::search::starts::{self, Start, Starts};
use crate::search::{Attempt, CaseRng, Ground, Physics, Refine};

use super::ledger::Teller;
use super::{Optimization, ROUNDS, default_budget};

/// One of the starts.
#[derive(Clone)]
pub(super) struct Runner {
    pub(super) number: usize,
    pub(super) rng: CaseRng,
    /// Best layout so far and its AEP, GWh; none before the first round.
    pub(super) best: Option<(Layout, f64)>,
    pub(super) start_aep_gwh: f64,
}

/// More starts than this are not begun unless asked for.
const MOST_STARTS: usize = 64;
/// Starts with the default budget; with `k` times as much, root of `k` times as many, each of which gets root of `k` times as much.
const STARTS: f64 = 4.0;
/// The pool of the best holds at least so many, or one for so many starts.
const POOL: (usize, usize) = (4, 4);

impl Runner {
    /// One round of this start.
    pub(super) fn go_on<W: Ways>(
        mut self,
        what: &Optimization,
        wake: W,
        ground: &Ground,
        refine: Refine,
        moves: u64,
        teller: &mut Teller,
    ) -> Result<Self> {
        let physics = Physics {
            simd: what.simd,
            wake,
            turbines: what.turbines,
            types: what.types,
            flow: what.flow,
            counted_from: what.counted_from(),
        };
        let (from, taken) = match self.best.take() {
            Some((layout, _)) => (layout, None),
            None => self.start(what, physics, ground, moves).map(|(layout, taken)| (layout, Some(taken)))?,
        };
        let left = moves.saturating_sub(taken.unwrap_or(0));
        let mut attempt = Attempt::new(physics, &from, ground, left, teller);
        if let Some(taken) = taken {
            self.start_aep_gwh = attempt.aep_gwh();
            attempt.count_start(taken);
        }
        refine.run(&mut attempt, &mut self.rng);
        let (layout, aep_gwh, _) = attempt.finish();
        self.best = Some((layout, aep_gwh));
        Ok(self)
    }

    fn start<W: Ways>(
        &mut self,
        what: &Optimization,
        physics: Physics<W>,
        ground: &Ground,
        moves: u64,
    ) -> Result<Start> {
        if let (Some(given), 0) = (what.given, self.number) {
            return Ok((starts::mended(ground, given, &mut self.rng)?, given.len() as u64));
        }
        let number = self.number - usize::from(what.given.is_some());
        Starts { physics, ground }.place(number, moves, &mut self.rng)
    }
}

/// Fills the pool: the best of `n_starts` go on several times, each time with random numbers of their own.
pub(super) fn fill(runners: &mut Vec<Runner>, n_starts: usize, streams: &mut impl Iterator<Item = CaseRng>) {
    let wanted = (n_starts / POOL.1).max(POOL.0).min(n_starts);
    let copies = wanted.saturating_sub(runners.len());
    let again: Vec<Runner> =
        runners.iter().cycle().take(copies).zip(streams).map(|(best, rng)| Runner { rng, ..best.clone() }).collect();
    runners.extend(again);
}

/// How many starts are best for so many moves.
pub(super) fn starts_for(budget: u64, n_turbines: usize) -> usize {
    let times = budget as f64 / default_budget(n_turbines) as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not negative; the largest are cut off"
    )]
    let starts = (STARTS * times.sqrt()).round() as usize;
    starts.clamp(1, MOST_STARTS)
}

/// The better half, or after the last round the best one, the best first; of equals the one of the lower number. Starts that found no
/// room are out, unless all are.
pub(super) fn survivors(ended: Vec<Result<Runner>>, round: u32) -> Result<Vec<Runner>> {
    let mut runners = Vec::with_capacity(ended.len());
    let mut failure = None;
    for end in ended {
        match end {
            Ok(runner) => runners.push(runner),
            Err(error) => failure = Some(error),
        }
    }
    if let (true, Some(error)) = (runners.is_empty(), failure) {
        return Err(error);
    }
    let aep_gwh = |runner: &Runner| runner.best.as_ref().map_or(f64::NEG_INFINITY, |best| best.1);
    runners.sort_by(|a, b| aep_gwh(b).total_cmp(&aep_gwh(a)).then(a.number.cmp(&b.number)));
    let kept = if round + 1 == ROUNDS { 1 } else { runners.len().div_ceil(2) };
    runners.truncate(kept);
    Ok(runners)
}

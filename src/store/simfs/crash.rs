//! Every state that a power cut may leave behind, by the rules of POSIX and no kinder ones.
//!
//! A cut is a point in the log. Durable there is what an fsync of its own file or its own folder followed. Of all else any subset
//! may have reached the disk: names of a folder independently of each other, each write wholly, not at all, or by its length alone
//! (the bytes are then zeros). Names that one rename changes in one folder go together; a rename into another folder may leave both
//! names, never none.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::image::{Effect, Image};
use super::{CaseKey, SimFs};

/// A state, and how it came about.
pub(crate) struct Cut {
    /// How many effects of the log came before the cut.
    pub(crate) at: usize,
    /// Cases somebody was told are kept.
    pub(crate) acknowledged: Arc<BTreeSet<CaseKey>>,
    /// What is left, as a digest.
    pub(crate) digest: u128,
    log: Arc<Vec<Effect>>,
    fates: Vec<(usize, Fate)>,
    left: Image,
}

impl Cut {
    /// The disk after the cut. Looking into a temporary file that is there already is a fault of the program.
    pub(crate) fn disk(&self) -> SimFs {
        let fs = SimFs::with(self.left.clone());
        fs.forbid_temporaries();
        fs
    }

    /// What took place although it was not durable, and what did not.
    pub(crate) fn story(&self) -> String {
        let fates = self.fates.iter().map(|(effect, fate)| format!("{fate:?}: {:?}", self.log[*effect]));
        format!("cut at {}: {}", self.at, fates.collect::<Vec<_>>().join("; "))
    }
}

/// What becomes of an effect that was not durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Lost,
    Whole,
    /// Of a write, the length.
    LengthOnly,
}

/// How many states there were.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Count {
    pub(crate) cuts: usize,
    pub(crate) states: usize,
    /// Cuts with more states than asked for, of which a part was drawn.
    pub(crate) sampled: usize,
}

impl SimFs {
    /// Visits the states that a power cut at any point since [`settle`](Self::settle) may leave: all of them, or `most_per_cut` for
    /// a cut that has more.
    pub(crate) fn crash_states(&self, most_per_cut: usize, visit: &mut dyn FnMut(Cut)) -> Count {
        let (base, log) = {
            let state = self.state();
            (state.base.clone(), Arc::new(state.log.clone()))
        };
        let mut count = Count::default();
        for at in 0..=log.len() {
            count.cuts += 1;
            let (durable, pending) = split(&log[..at]);
            let mut settled = base.clone();
            for &effect in &durable {
                settled.apply(&log[effect]);
            }
            let acknowledged: Arc<BTreeSet<_>> = Arc::new(log[..at].iter().filter_map(acknowledged).collect());
            let fates = Fates::of(&log, &pending, most_per_cut, at as u64);
            count.sampled += usize::from(fates.sampled);
            fates.each(&mut |fates| {
                count.states += 1;
                let mut left = settled.clone();
                for (&effect, fate) in pending.iter().zip(fates) {
                    match fate {
                        Fate::Lost => {}
                        Fate::Whole => left.apply(&log[effect]),
                        Fate::LengthOnly => left.apply_length_only(&log[effect]),
                    }
                }
                visit(Cut {
                    at,
                    acknowledged: Arc::clone(&acknowledged),
                    digest: left.digest(),
                    log: Arc::clone(&log),
                    fates: pending.iter().copied().zip(fates.iter().copied()).collect(),
                    left,
                });
            });
        }
        count
    }

    /// What is durable now, and nothing else.
    pub(super) fn least(base: &Image, log: &[Effect]) -> Image {
        let mut left = base.clone();
        for effect in split(log).0 {
            left.apply(&log[effect]);
        }
        left
    }
}

fn acknowledged(effect: &Effect) -> Option<CaseKey> {
    match effect {
        Effect::Acknowledged(key) => Some(*key),
        _ => None,
    }
}

/// Numbers of the effects that are durable at the end of `log`, and of those that are not.
fn split(log: &[Effect]) -> (Vec<usize>, Vec<usize>) {
    let (mut files, mut dirs) = (BTreeSet::new(), BTreeSet::new());
    let (mut durable, mut pending) = (Vec::new(), Vec::new());
    for (number, effect) in log.iter().enumerate().rev() {
        let is_durable = match effect {
            Effect::SyncFile { file } => {
                files.insert(*file);
                continue;
            }
            Effect::SyncDir { dir } => {
                dirs.insert(*dir);
                continue;
            }
            Effect::Acknowledged(_) => continue,
            Effect::Write { file, .. } => files.contains(file),
            Effect::Names { dir, .. } => dirs.contains(dir),
        };
        if is_durable { &mut durable } else { &mut pending }.push(number);
    }
    durable.reverse();
    pending.reverse();
    (durable, pending)
}

/// The fates to go through at one cut.
struct Fates {
    choices: Vec<&'static [Fate]>,
    /// For each pending effect, the place of the pending one it depends on.
    after: Vec<Option<usize>>,
    sampled: bool,
    most: usize,
    seed: u64,
}

impl Fates {
    fn of(log: &[Effect], pending: &[usize], most: usize, seed: u64) -> Self {
        let choices: Vec<&'static [Fate]> = pending
            .iter()
            .map(|&effect| match &log[effect] {
                Effect::Write { .. } => &[Fate::Lost, Fate::Whole, Fate::LengthOnly][..],
                _ => &[Fate::Lost, Fate::Whole][..],
            })
            .collect();
        let after = pending
            .iter()
            .map(|&effect| match &log[effect] {
                Effect::Names { after: Some(first), .. } => pending.iter().position(|other| other == first),
                _ => None,
            })
            .collect();
        let all = choices.iter().try_fold(1_usize, |product, choice| product.checked_mul(choice.len()));
        Self { choices, after, sampled: all.is_none_or(|all| all > most), most, seed }
    }

    fn each(&self, visit: &mut dyn FnMut(&[Fate])) {
        let mut chosen = vec![0; self.choices.len()];
        if !self.sampled {
            loop {
                self.offer(&chosen, visit);
                let Some(digit) = (0..chosen.len()).find(|&digit| chosen[digit] + 1 < self.choices[digit].len()) else {
                    return;
                };
                chosen[digit] += 1;
                chosen[..digit].fill(0);
            }
        }
        // Nothing, everything, each alone, all but each; then draws.
        let mut done = 2 + 2 * chosen.len();
        self.offer(&chosen, visit);
        self.offer(&vec![1; chosen.len()], visit);
        for one in 0..chosen.len() {
            for (rest, it) in [(0, 1), (1, 0)] {
                let mut fates = vec![rest; chosen.len()];
                fates[one] = it;
                self.offer(&fates, visit);
            }
        }
        let mut draws = Draws(self.seed);
        while done < self.most {
            for (digit, choice) in self.choices.iter().enumerate() {
                chosen[digit] = draws.below(choice.len());
            }
            self.offer(&chosen, visit);
            done += 1;
        }
    }

    fn offer(&self, chosen: &[usize], visit: &mut dyn FnMut(&[Fate])) {
        let fates: Vec<_> = chosen.iter().zip(&self.choices).map(|(&chosen, choice)| choice[chosen]).collect();
        let possible = fates
            .iter()
            .zip(&self.after)
            .all(|(fate, after)| *fate == Fate::Lost || after.is_none_or(|first| fates[first] != Fate::Lost));
        if possible {
            visit(&fates);
        }
    }
}

/// SplitMix64: the same draws in every run.
pub(crate) struct Draws(pub(crate) u64);

impl Draws {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n.max(1) as u64).unwrap_or_default()
    }
}

//! Blocks that something is to be done in.

use std::ops::Range;

/// A set of blocks, fast to fill and to empty by runs.
#[derive(Debug, Clone, Default)]
pub(in crate::aep) struct Marks {
    /// One bit for each block.
    words: Vec<u64>,
    /// All marks are in here.
    hull: Range<usize>,
}

/// The hull of no marks: any mark's start is less, any mark's end more.
#[expect(clippy::reversed_empty_ranges, reason = "meant to be empty, and to give way to any other")]
const EMPTY: Range<usize> = usize::MAX..0;

const BITS: usize = u64::BITS as usize;

impl Marks {
    /// No blocks of `n`.
    pub(in crate::aep) fn clear(&mut self, n: usize) {
        self.words.clear();
        // One more, so that no run reaches the end.
        self.words.resize(n / BITS + 1, 0);
        self.hull = EMPTY;
    }

    /// No blocks of `n_blocks` in each of at least `n` sets.
    pub(in crate::aep) fn clear_each(sets: &mut Vec<Self>, n: usize, n_blocks: usize) {
        sets.resize_with(n.max(sets.len()), Self::default);
        for marks in sets {
            marks.clear(n_blocks);
        }
    }

    pub(in crate::aep) fn is_empty(&self) -> bool {
        self.hull.is_empty()
    }

    #[inline]
    pub(in crate::aep) fn mark(&mut self, blocks: &Range<usize>) {
        if blocks.is_empty() {
            return;
        }
        let (first, last) = (blocks.start / BITS, (blocks.end - 1) / BITS);
        for word in first..=last {
            self.words[word] |= mask(word, blocks);
        }
        self.hull = self.hull.start.min(blocks.start)..self.hull.end.max(blocks.end);
    }

    /// Unmarks these.
    pub(in crate::aep) fn drop(&mut self, blocks: &Range<usize>) {
        for word in blocks.start / BITS..blocks.end.div_ceil(BITS) {
            self.words[word] &= !mask(word, blocks);
        }
    }

    /// Whether some of the blocks may be marked.
    #[inline]
    pub(in crate::aep) fn may_meet(&self, blocks: &Range<usize>) -> bool {
        blocks.start < self.hull.end && self.hull.start < blocks.end
    }

    /// The first run of marked neighbours at or after `from`.
    #[inline]
    pub(in crate::aep) fn run_from(&self, from: usize) -> Option<Range<usize>> {
        let start = self.find(from.max(self.hull.start), 0)?;
        let stop = self.find(start, u64::MAX).unwrap_or(self.hull.end);
        Some(start..stop)
    }

    /// The first block within the hull, at or after `from`, that is marked (`flip` 0) or not (`flip` all ones).
    #[inline]
    fn find(&self, from: usize, flip: u64) -> Option<usize> {
        if from >= self.hull.end {
            return None;
        }
        let mut word = from / BITS;
        let mut bits = (self.words[word] ^ flip) & (u64::MAX << (from % BITS));
        while bits == 0 {
            word += 1;
            if word * BITS >= self.hull.end {
                return None;
            }
            bits = self.words[word] ^ flip;
        }
        let found = word * BITS + bits.trailing_zeros() as usize;
        (found < self.hull.end).then_some(found)
    }

    /// Takes the first run out.
    #[inline]
    pub(in crate::aep) fn take_run(&mut self) -> Option<Range<usize>> {
        let Some(run) = self.run_from(0) else {
            self.hull = EMPTY;
            return None;
        };
        for word in run.start / BITS..=(run.end - 1) / BITS {
            self.words[word] &= !mask(word, &run);
        }
        self.hull.start = run.end;
        Some(run)
    }
}

/// The bits of a word that stand for some of these blocks.
#[inline]
fn mask(word: usize, blocks: &Range<usize>) -> u64 {
    let start = blocks.start.max(word * BITS) - word * BITS;
    let end = blocks.end.min((word + 1) * BITS) - word * BITS;
    (u64::MAX >> (BITS - (end - start))) << start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_come_out_once() {
        let mut marks = Marks::default();
        marks.clear(10);
        assert!(marks.is_empty() && marks.take_run().is_none());
        for run in [6..8, 1..3, 2..4, 9..10, 5..5] {
            marks.mark(&run);
        }
        let mut fewer = marks.clone();
        fewer.drop(&(2..7));
        assert_eq!(std::iter::from_fn(|| fewer.take_run()).collect::<Vec<_>>(), [1..2, 7..8, 9..10]);
        assert!(marks.may_meet(&(0..2)) && !marks.may_meet(&(0..1)));
        assert_eq!(marks.run_from(2), Some(2..4));
        let runs: Vec<_> = std::iter::from_fn(|| marks.take_run()).collect();
        assert_eq!(runs, [1..4, 6..8, 9..10]);
        assert!(marks.is_empty());
        marks.mark(&(0..10));
        assert_eq!(marks.take_run(), Some(0..10));
        marks.clear(360);
        for run in [60..70, 128..192, 190..193, 359..360, 0..1] {
            marks.mark(&run);
        }
        assert_eq!((marks.run_from(65), marks.run_from(193)), (Some(65..70), Some(359..360)));
        let runs: Vec<_> = std::iter::from_fn(|| marks.take_run()).collect();
        assert_eq!(runs, [0..1, 60..70, 128..193, 359..360]);
    }
}

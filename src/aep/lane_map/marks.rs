//! Directions that something is to be done in.

use std::ops::Range;

/// A set of directions, fast to fill and to empty by runs.
#[derive(Debug, Clone, Default)]
pub(super) struct Marks {
    marked: Vec<bool>,
    /// All marks are in here.
    hull: Range<usize>,
}

impl Marks {
    /// No directions of `n`.
    pub(super) fn clear(&mut self, n: usize) {
        self.marked.clear();
        self.marked.resize(n, false);
        self.hull = n..0;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.hull.is_empty()
    }

    pub(super) fn mark(&mut self, directions: &Range<usize>) {
        if directions.is_empty() {
            return;
        }
        self.marked[directions.clone()].fill(true);
        self.hull = self.hull.start.min(directions.start)..self.hull.end.max(directions.end);
    }

    /// Whether some of the directions may be marked.
    #[inline]
    pub(super) fn may_meet(&self, directions: &Range<usize>) -> bool {
        directions.start < self.hull.end && self.hull.start < directions.end
    }

    /// The first run of marked neighbours at or after `from`.
    pub(super) fn run_from(&self, from: usize) -> Option<Range<usize>> {
        let end = self.hull.end;
        let start = (from.max(self.hull.start)..end).find(|&direction| self.marked[direction])?;
        let stop = (start..end).find(|&direction| !self.marked[direction]).unwrap_or(end);
        Some(start..stop)
    }

    /// Takes the first run out.
    pub(super) fn take_run(&mut self) -> Option<Range<usize>> {
        let Some(run) = self.run_from(0) else {
            self.hull = self.marked.len()..0;
            return None;
        };
        self.marked[run.clone()].fill(false);
        self.hull.start = run.end;
        Some(run)
    }
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
        assert!(marks.may_meet(&(0..2)) && !marks.may_meet(&(0..1)));
        assert_eq!(marks.run_from(2), Some(2..4));
        let runs: Vec<_> = std::iter::from_fn(|| marks.take_run()).collect();
        assert_eq!(runs, [1..4, 6..8, 9..10]);
        assert!(marks.is_empty());
        marks.mark(&(0..10));
        assert_eq!(marks.take_run(), Some(0..10));
    }
}

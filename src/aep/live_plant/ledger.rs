//! Values that a move changes, with a note of what they were before it.

/// A list of values, and the first value since the last move of those that have changed since.
///
/// What was there goes to a short list that stays near the processor; to write new values beside the old ones would touch twice as many
/// places of a large list.
#[derive(Debug, Default)]
pub(super) struct Ledger<T> {
    values: Vec<T>,
    /// For each value: 0, or one more than its place in the notes.
    note: Vec<u32>,
    /// Runs of neighbours that were noted one after the other: the first, and how many.
    noted: Vec<(u32, u32)>,
    before: Vec<T>,
}

impl<T: Copy> Ledger<T> {
    pub(super) fn new(n: usize, value: T) -> Self {
        Self { values: vec![value; n], note: vec![0; n], noted: Vec::new(), before: Vec::new() }
    }

    #[inline(always)]
    pub(super) fn values(&self) -> &[T] {
        &self.values
    }

    /// What a value was before the move at hand; none where it has not changed.
    #[inline(always)]
    pub(super) fn before(&self, k: usize) -> Option<&T> {
        let note = self.note[k] as usize;
        if note == 0 { None } else { Some(&self.before[note - 1]) }
    }

    /// A value, to be changed.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "blocks of all turbines are fewer than 2^32")]
    pub(super) fn change(&mut self, k: usize) -> &mut T {
        let value = &mut self.values[k];
        if self.note[k] == 0 {
            match self.noted.last_mut() {
                Some((first, n)) if *first + *n == k as u32 => *n += 1,
                _ => self.noted.push((k as u32, 1)),
            }
            self.before.push(*value);
            self.note[k] = self.before.len() as u32;
        }
        value
    }

    /// The move stays.
    pub(super) fn keep(&mut self) {
        for (first, n) in self.noted.drain(..) {
            self.note[first as usize..][..n as usize].fill(0);
        }
        self.before.clear();
    }

    pub(super) fn take_back(&mut self) {
        let mut before = &self.before[..];
        for &(first, n) in &self.noted {
            let (run, rest) = before.split_at(n as usize);
            self.values[first as usize..][..n as usize].copy_from_slice(run);
            before = rest;
        }
        self.keep();
    }
}

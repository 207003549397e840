//! Where candidates are, and which of them are still kept up to date.

/// Candidates by index.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Coordinates (x, y), m.
    pub(super) positions_m: Vec<(f64, f64)>,
    /// Those that are open, in their order, and whether each is.
    pub(super) open: Vec<usize>,
    pub(super) is_open: Vec<bool>,
}

impl Places {
    /// These candidates, all open.
    pub(super) fn clear(&mut self, positions_m: &[(f64, f64)]) {
        let n = positions_m.len();
        self.positions_m.clear();
        self.positions_m.extend(positions_m);
        self.open.clear();
        self.open.extend(0..n);
        self.is_open.clear();
        self.is_open.resize(n, true);
    }

    /// Keeps a candidate up to date no longer.
    pub(super) fn close(&mut self, candidate: usize) {
        self.is_open[candidate] = false;
        self.open.retain(|&known| known != candidate);
    }
}

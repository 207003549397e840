//! Which winds are counted, and how often each blows.

/// A grid of flow cases: every wind direction with every wind speed, and the probability of each pair.
///
/// Probabilities need not sum to 1: a table may leave out calms or storms, and the energy is what the counted part gives.
#[derive(Debug, Clone, PartialEq)]
pub struct FlowCases {
    /// Directions the wind comes from, degrees clockwise from north, shape (n directions).
    pub wind_direction_deg: Vec<f64>,
    /// Free-stream wind speeds, m/s, shape (n speeds).
    pub wind_speed_m_s: Vec<f64>,
    /// Probability of each (direction, speed), direction-major, shape (n directions x n speeds).
    pub probability: Vec<f64>,
    /// Ambient turbulence intensity.
    pub turbulence_intensity: f64,
}

impl FlowCases {
    /// Probabilities of all speeds at direction `direction`, shape (n speeds).
    pub fn probability_of_direction(&self, direction: usize) -> &[f64] {
        let n = self.wind_speed_m_s.len();
        &self.probability[direction * n..(direction + 1) * n]
    }

    /// Sum of all probabilities.
    pub fn total_probability(&self) -> f64 {
        self.probability.iter().sum()
    }

    /// The same cases with probabilities that sum to 1.
    #[must_use]
    pub fn normalized(mut self) -> Self {
        let total = self.total_probability();
        self.probability.iter_mut().for_each(|p| *p /= total);
        self
    }
}

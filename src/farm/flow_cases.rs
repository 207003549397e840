//! Which winds are counted, and how often each blows.

use std::ops::Range;

use crate::farm::WindSeries;

/// Flow cases, grouped by wind direction: for each direction some wind speeds, each with its probability.
///
/// Probabilities need not sum to 1: a table may leave out calms or storms, and the energy is what the counted part gives.
#[derive(Debug, Clone, PartialEq)]
pub struct FlowCases {
    wind_direction_deg: Vec<f64>,
    /// Index of the first case of each direction, and the number of cases; shape (n directions + 1).
    first_case: Vec<usize>,
    wind_speed_m_s: Vec<f64>,
    probability: Vec<f64>,
    turbulence_intensity: f64,
}

impl FlowCases {
    /// Every direction (degrees) with every speed (m/s); `probability` is direction-major, shape (n directions x n speeds).
    ///
    /// # Panics
    /// If there is not one probability for each pair.
    pub fn grid(
        wind_direction_deg: Vec<f64>,
        speeds_m_s: &[f64],
        probability: Vec<f64>,
        turbulence_intensity: f64,
    ) -> Self {
        let (n_directions, n_speeds) = (wind_direction_deg.len(), speeds_m_s.len());
        assert_eq!(probability.len(), n_directions * n_speeds, "one probability for each direction and speed");
        Self {
            wind_direction_deg,
            first_case: (0..=n_directions).map(|direction| direction * n_speeds).collect(),
            wind_speed_m_s: speeds_m_s.repeat(n_directions),
            probability,
            turbulence_intensity,
        }
    }

    /// For each direction, degrees, its speeds, m/s, with their probabilities.
    pub fn by_direction(directions: Vec<(f64, Vec<(f64, f64)>)>, turbulence_intensity: f64) -> Self {
        let mut flow = Self {
            wind_direction_deg: Vec::new(),
            first_case: vec![0],
            wind_speed_m_s: Vec::new(),
            probability: Vec::new(),
            turbulence_intensity,
        };
        for (degrees, winds) in directions {
            flow.wind_direction_deg.push(degrees);
            flow.wind_speed_m_s.extend(winds.iter().map(|wind| wind.0));
            flow.probability.extend(winds.iter().map(|wind| wind.1));
            flow.first_case.push(flow.wind_speed_m_s.len());
        }
        flow
    }

    /// The winds of a time series, each as probable as it is frequent: one direction after the other, its speeds increasing.
    pub fn series(series: &WindSeries, turbulence_intensity: f64) -> Self {
        let times = series.times() as f64;
        let mut flow = Self {
            wind_direction_deg: Vec::new(),
            first_case: Vec::new(),
            wind_speed_m_s: series.wind_speed_m_s().to_vec(),
            probability: series.count().iter().map(|&count| f64::from(count) / times).collect(),
            turbulence_intensity,
        };
        for (case, direction) in series.wind_direction_deg().iter().enumerate() {
            if flow.wind_direction_deg.last().map(|last| last.to_bits()) != Some(direction.to_bits()) {
                flow.wind_direction_deg.push(*direction);
                flow.first_case.push(case);
            }
        }
        flow.first_case.push(flow.wind_speed_m_s.len());
        flow
    }

    /// Directions the wind comes from, degrees clockwise from north, shape (n directions).
    pub fn wind_direction_deg(&self) -> &[f64] {
        &self.wind_direction_deg
    }

    /// The cases of direction number `direction`.
    #[inline]
    pub fn cases_of(&self, direction: usize) -> Range<usize> {
        self.first_case[direction]..self.first_case[direction + 1]
    }

    /// Number of cases.
    pub fn len(&self) -> usize {
        self.wind_speed_m_s.len()
    }

    /// Whether there are no cases.
    pub fn is_empty(&self) -> bool {
        self.wind_speed_m_s.is_empty()
    }

    /// Free-stream wind speed of every case, m/s.
    pub fn wind_speed_m_s(&self) -> &[f64] {
        &self.wind_speed_m_s
    }

    /// Probability of every case.
    pub fn probability(&self) -> &[f64] {
        &self.probability
    }

    /// Ambient turbulence intensity.
    pub fn turbulence_intensity(&self) -> f64 {
        self.turbulence_intensity
    }

    /// Sum of all probabilities.
    pub fn total_probability(&self) -> f64 {
        self.probability.iter().sum()
    }

    /// The same cases with probabilities that sum to 1.
    #[must_use]
    pub fn normalized(mut self) -> Self {
        let total = self.total_probability();
        for probability in &mut self.probability {
            *probability /= total;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_is_direction_major() {
        let flow = FlowCases::grid(vec![0.0, 90.0], &[5.0, 8.0], vec![0.1, 0.2, 0.3, 0.2], 0.1);
        assert_eq!(flow.cases_of(1), 2..4);
        assert_eq!(flow.wind_speed_m_s(), [5.0, 8.0, 5.0, 8.0]);
        let normalized = flow.normalized();
        assert!((normalized.total_probability() - 1.0).abs() < 1e-15);
        assert!((normalized.probability()[2] - 0.375).abs() < 1e-15);
    }

    #[test]
    fn a_series_is_grouped_by_direction() {
        let series = WindSeries::new([(90.0, 8.0), (0.0, 5.0), (90.0, 6.0), (0.0, 5.0)]).unwrap();
        let flow = FlowCases::series(&series, 0.1);
        assert_eq!(flow.wind_direction_deg(), [0.0, 90.0]);
        assert_eq!((flow.cases_of(0), flow.cases_of(1)), (0..1, 1..3));
        assert_eq!(flow.probability(), [0.5, 0.25, 0.25]);
    }
}

//! A time series of wind, as the winds that occur in it and how often each does.
//!
//! When a wind blew does not enter an annual energy, so that the series is kept without its times: equal (direction, speed) pairs are
//! merged and counted, sorted by direction and then speed. Two series of the same winds in another order are the same.

use crate::error::Problem;
use crate::farm::ProbabilityTable;

/// The winds of a time series, each with the number of times it occurs. All vectors have shape (n different winds).
#[derive(Debug, Clone, PartialEq)]
pub struct WindSeries {
    wind_direction_deg: Vec<f64>,
    wind_speed_m_s: Vec<f64>,
    count: Vec<u32>,
}

/// More times than a series may have: a century by the hour.
pub const MAX_TIMES: usize = 1_000_000;
/// Faster winds are not of this planet, m/s; bounds the table of a binned series.
const MAX_SPEED_M_S: f64 = 200.0;

impl WindSeries {
    /// The series of the winds (direction, degrees; speed, m/s), each of which stands for the same time. Directions are taken modulo 360.
    ///
    /// # Errors
    /// No times or more than [`MAX_TIMES`]; the first direction that is not finite, the first speed that is negative or above 200 m/s.
    pub fn new(winds: impl IntoIterator<Item = (f64, f64)>) -> Result<Self, Problem> {
        Self::counted(winds.into_iter().map(|(direction, speed)| (direction, speed, 1)))
    }

    /// The series in which (direction, speed) occurs the given number of times.
    ///
    /// # Errors
    /// See [`WindSeries::new`].
    pub fn counted(winds: impl IntoIterator<Item = (f64, f64, u32)>) -> Result<Self, Problem> {
        let mut sorted: Vec<(f64, f64, u32)> = Vec::new();
        let mut times = 0_usize;
        for (i, (direction, speed, count)) in winds.into_iter().enumerate() {
            if !direction.is_finite() {
                return Err(Problem::new("wind_direction", format!("{direction} at time {i}, must be finite")));
            }
            if !(0.0..=MAX_SPEED_M_S).contains(&speed) {
                let fault = format!("{speed} m/s at time {i}, must be 0 to {MAX_SPEED_M_S}");
                return Err(Problem::new("wind_speed", fault));
            }
            times = times.saturating_add(count as usize);
            if times > MAX_TIMES {
                return Err(Problem::new("time", format!("more than {MAX_TIMES} times; thin out the series")));
            }
            // Adding zero makes 0 of -0; a tiny negative angle is rounded up to 360.
            let turned = direction.rem_euclid(360.0) + 0.0;
            sorted.push((if turned >= 360.0 { 0.0 } else { turned }, speed + 0.0, count));
        }
        if times == 0 {
            return Err(Problem::new("time", "has no times, needs at least 1"));
        }
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let mut series = Self { wind_direction_deg: Vec::new(), wind_speed_m_s: Vec::new(), count: Vec::new() };
        for (direction, speed, count) in sorted {
            series.push(direction, speed, count);
        }
        Ok(series)
    }

    fn push(&mut self, direction: f64, speed: f64, count: u32) {
        let bits = |values: &[f64]| values.last().map(|value| value.to_bits());
        let same = bits(&self.wind_direction_deg) == Some(direction.to_bits())
            && bits(&self.wind_speed_m_s) == Some(speed.to_bits());
        match self.count.last_mut() {
            Some(last) if same => *last += count,
            _ => {
                self.wind_direction_deg.push(direction);
                self.wind_speed_m_s.push(speed);
                self.count.push(count);
            }
        }
    }

    /// Directions, degrees in [0, 360), increasing.
    pub fn wind_direction_deg(&self) -> &[f64] {
        &self.wind_direction_deg
    }

    /// Speeds, m/s.
    pub fn wind_speed_m_s(&self) -> &[f64] {
        &self.wind_speed_m_s
    }

    /// How often each wind occurs.
    pub fn count(&self) -> &[u32] {
        &self.count
    }

    /// Number of times.
    pub fn times(&self) -> usize {
        self.count.iter().map(|&count| count as usize).sum()
    }

    /// The winds with their counts.
    pub fn winds(&self) -> impl Iterator<Item = (f64, f64, u32)> + '_ {
        let directions = self.wind_direction_deg.iter().copied();
        directions.zip(self.wind_speed_m_s.iter().copied()).zip(&self.count).map(|((d, u), &n)| (d, u, n))
    }

    /// The series in bins of 1 degree x 1 m/s around whole numbers; a wind between two goes to the upper one.
    pub fn binned(&self) -> ProbabilityTable {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 360, and 0 to 200")]
        let bin = |value: f64| (value + 0.5).floor() as usize;
        let n_speeds = self.wind_speed_m_s.iter().map(|&speed| bin(speed)).max().unwrap_or(0) + 1;
        let mut counts = vec![0_u64; 360 * n_speeds];
        for (direction, speed, count) in self.winds() {
            counts[bin(direction) % 360 * n_speeds + bin(speed)] += u64::from(count);
        }
        let times = self.times() as f64;
        ProbabilityTable {
            wind_direction_deg: (0..360).map(f64::from).collect(),
            wind_speed_m_s: (0..n_speeds).map(|speed| speed as f64).collect(),
            probability: counts.iter().map(|&count| count as f64 / times).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_does_not_matter_and_equals_are_counted() {
        let series = WindSeries::new([(270.0, 8.0), (0.0, 5.0), (360.0, 5.0), (-90.0, 8.0), (270.0, 6.0)]).unwrap();
        assert_eq!(series.wind_direction_deg(), [0.0, 270.0, 270.0]);
        assert_eq!(series.wind_speed_m_s(), [5.0, 6.0, 8.0]);
        assert_eq!(series.count(), [2, 1, 2]);
        assert_eq!(WindSeries::counted(series.winds()).unwrap(), series);
    }

    #[test]
    fn bins_are_centred_on_whole_numbers() {
        let table = WindSeries::new([(359.6, 7.5), (0.4, 8.4), (10.0, 3.0), (10.0, 3.0)]).unwrap().binned();
        let at = |d: usize, u: usize| table.probability[d * table.wind_speed_m_s.len() + u];
        assert!((at(0, 8) - 0.5).abs() < 1e-15 && (at(10, 3) - 0.5).abs() < 1e-15);
        assert!((table.probability.iter().sum::<f64>() - 1.0).abs() < 1e-15);
    }

    #[test]
    fn what_is_no_wind_is_refused() {
        for (winds, word) in [
            (vec![], "no times"),
            (vec![(f64::NAN, 1.0)], "finite"),
            (vec![(0.0, -1.0)], "0 to 200"),
            (vec![(0.0, f64::NAN)], "0 to 200"),
        ] {
            assert!(WindSeries::new(winds).unwrap_err().fault.contains(word));
        }
    }
}

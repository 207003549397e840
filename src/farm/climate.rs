//! How often each wind blows: sector-wise Weibull or a probability table.
//!
//! ```text
//! P(wd, ws) = f(wd) / W * bin(wd) * (F(ws + half bin) - F(ws - half bin)),   F(u) = 1 - exp(-(u / A)^k)
//! ```
//!
//! | symbol  | code                 | unit | meaning                                          |
//! |---------|----------------------|------|--------------------------------------------------|
//! | f       | frequency            | -    | share of the time the wind is in a sector        |
//! | A, k    | weibull_a, weibull_k | m/s, -| Weibull scale and shape of a sector              |
//! | W       | sector width         | deg  | 360 / number of sectors                          |
//! | bin(wd) | direction bin        | deg  | spacing of equidistant directions, else 360 / n  |
//!
//! Sectors are centred on 0, W, 2 W ... Source: European Wind Atlas, Troen and Petersen (1989), ISBN 87-550-1482-8.

use crate::error::Problem;
use crate::farm::{FlowCases, WindSeries};

/// The wind of a site.
#[derive(Debug, Clone, PartialEq)]
pub struct WindClimate {
    /// How often each direction and speed occurs.
    pub distribution: WindDistribution,
    /// Ambient turbulence intensity (standard deviation of the wind speed over its mean).
    pub turbulence_intensity: f64,
}

/// How often each wind occurs.
#[derive(Debug, Clone, PartialEq)]
pub enum WindDistribution {
    /// A Weibull distribution of the speed in each direction sector.
    Sectors(SectorWeibull),
    /// A table of probabilities, whose directions and speeds are the flow cases.
    Table(ProbabilityTable),
    /// A time series, whose winds are the flow cases.
    Series(WindSeries),
}

/// Sector-wise Weibull distributions; sector i is centred on i * 360 / n degrees. All vectors have shape (n sectors).
#[derive(Debug, Clone, PartialEq)]
pub struct SectorWeibull {
    /// Share of the time the wind comes from each sector.
    pub frequency: Vec<f64>,
    /// Weibull scale A, m/s.
    pub weibull_a_m_s: Vec<f64>,
    /// Weibull shape k.
    pub weibull_k: Vec<f64>,
}

/// Probabilities of given (direction, speed) pairs.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbabilityTable {
    /// Directions, degrees, shape (n directions).
    pub wind_direction_deg: Vec<f64>,
    /// Speeds, m/s, shape (n speeds).
    pub wind_speed_m_s: Vec<f64>,
    /// Probability of each pair, direction-major.
    pub probability: Vec<f64>,
}

/// How f, A and k are found between sector centres.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SectorInterpolation {
    /// The values of the sector whose centre is nearest.
    #[default]
    Nearest,
    /// Linear between the two centres, each of f, A, k for itself.
    Linear,
}

/// How far the frequencies of all sectors may be from summing to 1.
const FREQUENCY_TOLERANCE: f64 = 1e-3;

impl WindClimate {
    /// The climate as flow cases at the given directions (degrees) and speeds (m/s). A table or a series brings its own; what is
    /// given is not used.
    pub fn flow_cases(&self, directions: &[f64], speeds: &[f64], interpolation: SectorInterpolation) -> FlowCases {
        match &self.distribution {
            WindDistribution::Table(table) => FlowCases::grid(
                table.wind_direction_deg.clone(),
                &table.wind_speed_m_s,
                table.probability.clone(),
                self.turbulence_intensity,
            ),
            WindDistribution::Series(series) => FlowCases::series(series, self.turbulence_intensity),
            WindDistribution::Sectors(sectors) => FlowCases::grid(
                directions.to_vec(),
                speeds,
                sectors.probability(directions, speeds, interpolation),
                self.turbulence_intensity,
            ),
        }
    }

    /// Checks that the numbers can be a wind climate's.
    ///
    /// # Errors
    /// Every field that is not: lengths that differ, values that are not finite or out of range, frequencies that do not sum to 1.
    pub fn check(&self) -> Result<(), Vec<Problem>> {
        let mut problems = match &self.distribution {
            WindDistribution::Sectors(sectors) => sectors.problems(),
            WindDistribution::Table(table) => table.problems(),
            // A series is checked when it is made.
            WindDistribution::Series(_) => Vec::new(),
        };
        problems.extend(Self::check_turbulence_intensity(self.turbulence_intensity).err());
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }
}

impl WindClimate {
    /// Checks that a number can be a turbulence intensity.
    ///
    /// # Errors
    /// Not above 0, or above 1, which looks like percent.
    pub fn check_turbulence_intensity(ti: f64) -> Result<(), Problem> {
        if ti > 0.0 && ti <= 1.0 {
            return Ok(());
        }
        let guess = if ti > 1.0 { "; looks like percent, give a fraction" } else { "" };
        Err(Problem::new("turbulence_intensity", format!("{ti}, must be above 0 and at most 1{guess}")))
    }
}

impl SectorWeibull {
    fn probability(&self, directions: &[f64], speeds: &[f64], interpolation: SectorInterpolation) -> Vec<f64> {
        let width = 360.0 / self.frequency.len() as f64;
        let bin = direction_bin(directions);
        let edges = speed_edges(speeds);
        let mut probability = Vec::with_capacity(directions.len() * speeds.len());
        for &direction in directions {
            let at = |values: &[f64]| sector_value(values, direction / width, interpolation);
            let (a, k) = (at(&self.weibull_a_m_s), at(&self.weibull_k));
            let share = at(&self.frequency) / width * bin;
            let below = |u: f64| 1.0 - libm::exp(-libm::pow(u / a, k));
            probability.extend(edges.iter().map(|&(lower, upper)| share * (below(upper) - below(lower))));
        }
        probability
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let n = self.frequency.len();
        for (field, values) in [("weibull_a", &self.weibull_a_m_s), ("weibull_k", &self.weibull_k)] {
            if values.len() != n {
                problems
                    .push(Problem::new(field, format!("{} values for {n} sectors; give one for each", values.len())));
            }
            if let Some(bad) = values.iter().find(|v| !(v.is_finite() && **v > 0.0)) {
                problems.push(Problem::new(field, format!("{bad}, must be positive")));
            }
        }
        if n == 0 {
            problems.push(Problem::new("sector_probability", "no sectors, needs at least 1"));
            return problems;
        }
        if let Some(bad) = self.frequency.iter().find(|f| !(f.is_finite() && **f >= 0.0)) {
            problems.push(Problem::new("sector_probability", format!("{bad}, must not be negative")));
        }
        let total: f64 = self.frequency.iter().sum();
        if (total - 1.0).abs() > FREQUENCY_TOLERANCE {
            let guess = if (total - 100.0).abs() < 1.0 { "; looks like percent, give fractions" } else { "" };
            problems.push(Problem::new(
                "sector_probability",
                format!("sums to {total}, must sum to 1 within {FREQUENCY_TOLERANCE}{guess}"),
            ));
        }
        problems
    }
}

impl ProbabilityTable {
    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let expected = self.wind_direction_deg.len() * self.wind_speed_m_s.len();
        if expected == 0 || self.probability.len() != expected {
            problems.push(Problem::new(
                "probability",
                format!(
                    "{} values for {} directions x {} speeds",
                    self.probability.len(),
                    self.wind_direction_deg.len(),
                    self.wind_speed_m_s.len()
                ),
            ));
        }
        if let Some(bad) = self.probability.iter().find(|p| !(p.is_finite() && **p >= 0.0)) {
            problems.push(Problem::new("probability", format!("{bad}, must not be negative")));
        }
        if let Some(bad) = self.wind_speed_m_s.iter().find(|u| !(u.is_finite() && **u >= 0.0)) {
            problems.push(Problem::new("wind_speed", format!("{bad} m/s, must not be negative")));
        }
        if let Some(bad) = self.wind_direction_deg.iter().find(|d| !d.is_finite()) {
            problems.push(Problem::new("wind_direction", format!("{bad}, must be finite")));
        }
        let total: f64 = self.probability.iter().sum();
        if total > 1.0 + FREQUENCY_TOLERANCE {
            let guess = if total > 50.0 { "; looks like percent, give fractions" } else { "" };
            problems.push(Problem::new("probability", format!("sums to {total}, must not exceed 1{guess}")));
        } else if total <= 0.0 {
            problems.push(Problem::new("probability", "sums to 0: there is no wind"));
        }
        problems
    }
}

/// `values` at `sector` (a real sector number), the first sector following the last.
fn sector_value(values: &[f64], sector: f64, interpolation: SectorInterpolation) -> f64 {
    let n = values.len();
    let wrapped = sector.rem_euclid(n as f64);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a position is in [0, n + 1]")]
    let index = |position: f64| position as usize % n;
    match interpolation {
        SectorInterpolation::Nearest => values[index(wrapped + 0.5)],
        SectorInterpolation::Linear => {
            let t = wrapped - wrapped.floor();
            (1.0 - t) * values[index(wrapped)] + t * values[index(wrapped + 1.0)]
        }
    }
}

/// Width of the bin that each direction stands for, degrees.
fn direction_bin(directions: &[f64]) -> f64 {
    let first = directions.windows(2).map(|pair| pair[1] - pair[0]).next();
    match first {
        Some(step) if directions.windows(2).all(|pair| (pair[1] - pair[0] - step).abs() < 1e-9) => step,
        _ => 360.0 / directions.len() as f64,
    }
}

/// Lower and upper edge of the bin around each speed, m/s: midpoints, the outer bins as wide as their neighbours, never below 0.
fn speed_edges(speeds: &[f64]) -> Vec<(f64, f64)> {
    let n = speeds.len();
    if n == 1 {
        return vec![((speeds[0] - 0.5).max(0.0), speeds[0] + 0.5)];
    }
    let middle = |i: usize| f64::midpoint(speeds[i], speeds[i + 1]);
    (0..n)
        .map(|i| {
            let lower = if i == 0 { speeds[0] - (speeds[1] - speeds[0]) / 2.0 } else { middle(i - 1) };
            let upper = if i + 1 == n { speeds[i] + (speeds[i] - speeds[i - 1]) / 2.0 } else { middle(i) };
            (lower.max(0.0), upper)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sectors_wrap_round_north() {
        let values = [10.0, 20.0, 30.0, 40.0];
        let nearest = |d: f64| sector_value(&values, d / 90.0, SectorInterpolation::Nearest);
        let linear = |d: f64| sector_value(&values, d / 90.0, SectorInterpolation::Linear);
        assert!((nearest(359.0) - 10.0).abs() < 1e-15);
        assert!((nearest(45.0) - 20.0).abs() < 1e-15);
        assert!((nearest(44.0) - 10.0).abs() < 1e-15);
        assert!((linear(315.0) - 25.0).abs() < 1e-12);
        assert!((linear(0.0) - 10.0).abs() < 1e-12);
    }

    #[test]
    fn bins_join_without_gaps_and_stop_at_calm() {
        let edges = speed_edges(&[0.2, 1.0, 3.0]);
        assert!(edges[0].0.abs() < 1e-15);
        assert!((edges[0].1 - edges[1].0).abs() < 1e-15);
        assert!((edges[2].1 - 4.0).abs() < 1e-15);
    }

    #[test]
    fn percent_and_gaps_are_named() {
        let climate = |frequency: Vec<f64>, ti: f64| WindClimate {
            distribution: WindDistribution::Sectors(SectorWeibull {
                weibull_a_m_s: vec![9.0; frequency.len()],
                weibull_k: vec![2.0; frequency.len()],
                frequency,
            }),
            turbulence_intensity: ti,
        };
        climate(vec![0.5, 0.5], 0.1).check().unwrap();
        let problems = climate(vec![50.0, 50.0], 10.0).check().unwrap_err();
        assert_eq!(problems.len(), 2);
        assert!(problems.iter().all(|p| p.fault.contains("percent")));
    }
}

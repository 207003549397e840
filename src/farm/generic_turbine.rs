//! A generic wind turbine from its rated power and rotor alone.
//!
//! ```text
//! p_aero = rho/2 area u^3 cp_max,   p_gear = max(p_aero - (a P_N + b p_aero), 0),   p = min(p_gear (1-g) (1-v), P_N)
//! P(u_i) = sum_j K_ij p(u_j) / sum_j K_ij,   K_ij = normal density of u_j around u_i with deviation TI u_i
//! ct     = 4 A (1 - A),   16/27 cp = A (1 - A)^2,   scaled so that the flattest part lies at `constant_ct`, at most 8/9
//! ```
//!
//! | symbol   | code                          | unit | meaning                                          |
//! |----------|-------------------------------|------|--------------------------------------------------|
//! | P_N      | rated_power_w                 | W    | rated electrical power (the formulae count in kW)|
//! | cp_max   | MAX_CP                        | -    | largest power coefficient                        |
//! | a, b     | GEAR_CONSTANT, GEAR_VARIABLE  | -    | gear-box loss, fixed and proportional            |
//! | g, v     | GENERATOR_LOSS, CONVERTER_LOSS| -    | losses as shares of what enters                  |
//! | TI       | turbulence_intensity          | -    | smooths the knee of the power curve              |
//!
//! Source: the generic power curve of WAsP-CFD practice, A. Pena et al., "Generic power and thrust curves", DTU Wind Energy; as in
//! PyWake 2.6.20. Proven by tests/parity.

use std::f64::consts::PI;

use crate::error::Problem;
use crate::farm::{Curve, Turbine};

/// What a generic turbine is made from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GenericTurbine {
    /// Rated electrical power, W.
    pub rated_power_w: f64,
    /// Rotor diameter, m.
    pub rotor_diameter_m: f64,
    /// Hub height, m.
    pub hub_height_m: f64,
    /// Turbulence intensity that smooths the power curve; 0 leaves its knee sharp.
    pub turbulence_intensity: f64,
    /// Wind speeds between which the turbine runs, m/s; outside it stands still. None: it never stops.
    pub operating_range_m_s: Option<(f64, f64)>,
}

const AIR_DENSITY_KG_M3: f64 = 1.225;
const MAX_CP: f64 = 0.49;
const CONSTANT_CT: f64 = 0.8;
const GEAR_CONSTANT: f64 = 0.01;
const GEAR_VARIABLE: f64 = 0.014;
const GENERATOR_LOSS: f64 = 0.03;
const CONVERTER_LOSS: f64 = 0.03;
/// Betz' limit of the power coefficient.
const BETZ_CP: f64 = 16.0 / 27.0;
/// Thrust coefficient at Betz' limit.
const BETZ_CT: f64 = 8.0 / 9.0;
/// How far outside the operating range the curve has dropped to its idle value, m/s.
const STOP_WIDTH_M_S: f64 = 1e-8;
/// Beyond every wind: where the idle part of a curve with cut-out ends, m/s.
const END_OF_WIND_M_S: f64 = 100.0;

impl GenericTurbine {
    /// A turbine that never stops, its power curve smoothed for 10 % turbulence.
    pub fn new(rated_power_w: f64, rotor_diameter_m: f64, hub_height_m: f64) -> Self {
        Self { rated_power_w, rotor_diameter_m, hub_height_m, turbulence_intensity: 0.1, operating_range_m_s: None }
    }

    /// The turbine with its curves.
    ///
    /// # Errors
    /// Numbers that give no curve: not finite, or a rotor too small for the rated power to be computed.
    pub fn build(&self, name: impl Into<String>) -> Result<Turbine, Problem> {
        let wind_speed_m_s: Vec<f64> = (0..299).map(|i| 0.1 + 0.1 * f64::from(i)).collect();
        let sharp_kw: Vec<f64> = wind_speed_m_s.iter().map(|&u| self.electrical_power_kw(u)).collect();
        let power_kw = smoothed(&wind_speed_m_s, &sharp_kw, self.turbulence_intensity);
        let ct = self.thrust(&wind_speed_m_s, &power_kw);
        let power_w = power_kw.iter().map(|p| 1000.0 * p).collect();
        let (power_w, ct) = match self.operating_range_m_s {
            None => (Curve::new(wind_speed_m_s.clone(), power_w)?, Curve::new(wind_speed_m_s, ct)?),
            Some(range) => {
                let kept = |values: &[f64]| within(range, &wind_speed_m_s, values);
                let idle_ct = kept(&ct).1.last().copied().unwrap_or(0.0);
                (stopped_outside(range, kept(&power_w), 0.0)?, stopped_outside(range, kept(&ct), idle_ct)?)
            }
        };
        Ok(Turbine {
            name: name.into(),
            rotor_diameter_m: self.rotor_diameter_m,
            hub_height_m: self.hub_height_m,
            rated_power_w: self.rated_power_w,
            power_w,
            ct,
        })
    }

    fn rated_kw(&self) -> f64 {
        self.rated_power_w / 1000.0
    }

    /// Power of the undisturbed wind through the rotor, kW.
    fn wind_power_kw(&self, u: f64) -> f64 {
        let radius = self.rotor_diameter_m / 2.0;
        0.5 * AIR_DENSITY_KG_M3 * PI * radius * radius * u * u * u / 1000.0
    }

    fn electrical_power_kw(&self, u: f64) -> f64 {
        let aerodynamic = self.wind_power_kw(u) * MAX_CP;
        let geared = (aerodynamic - (GEAR_CONSTANT * self.rated_kw() + GEAR_VARIABLE * aerodynamic)).max(0.0);
        let generated = geared - GENERATOR_LOSS * geared;
        (generated - CONVERTER_LOSS * generated).min(self.rated_kw())
    }

    fn thrust(&self, wind_speed_m_s: &[f64], power_kw: &[f64]) -> Vec<f64> {
        let aerodynamic_kw = |p: f64| {
            let geared = p / (1.0 - CONVERTER_LOSS) / (1.0 - GENERATOR_LOSS);
            (geared + GEAR_CONSTANT * self.rated_kw()) / (1.0 - GEAR_VARIABLE)
        };
        let mut ct: Vec<f64> = wind_speed_m_s
            .iter()
            .zip(power_kw)
            .map(|(&u, &p)| ct_of_cp((aerodynamic_kw(p) / self.wind_power_kw(u)).min(BETZ_CP)))
            .collect();
        let scale = CONSTANT_CT / ct[flattest(&ct)];
        for value in &mut ct {
            *value = BETZ_CT.min(scale * *value);
        }
        ct
    }
}

/// Thrust coefficient of an ideal rotor with power coefficient `cp` (one-dimensional momentum theory).
fn ct_of_cp(cp: f64) -> f64 {
    let y = cp / BETZ_CP;
    let angle = libm::atan2(2.0 * (y * (1.0 - y)).max(0.0).sqrt(), 1.0 - 2.0 * y);
    let induction = 2.0 / 3.0 * (1.0 - libm::cos(angle / 3.0));
    4.0 * induction * (1.0 - induction)
}

/// Index of the knot after which thrust changes least, past the part that is limited by Betz; 0 when that is below optimal thrust.
fn flattest(ct: &[f64]) -> usize {
    let start = ct.iter().position(|&value| value < BETZ_CT - 1e-6).unwrap_or(0);
    let mut best = (f64::INFINITY, start);
    for i in start..ct.len() - 1 {
        let change = (ct[i + 1] - ct[i]).abs();
        if change < best.0 {
            best = (change, i);
        }
    }
    if ct[best.1] < ct_of_cp(MAX_CP) { 0 } else { best.1 }
}

/// Average of `values` over a normal distribution of the wind speed around each speed with deviation `turbulence_intensity` times it.
fn smoothed(wind_speed_m_s: &[f64], values: &[f64], turbulence_intensity: f64) -> Vec<f64> {
    if turbulence_intensity <= 0.0 {
        return values.to_vec();
    }
    let average = |&mean: &f64| {
        let variance = (turbulence_intensity * mean) * (turbulence_intensity * mean);
        let scale = 1.0 / (2.0 * PI * variance).sqrt();
        let (mut weighted, mut total) = (0.0, 0.0);
        for (&u, &value) in wind_speed_m_s.iter().zip(values) {
            let weight = scale * libm::exp(-((u - mean) * (u - mean)) / (2.0 * variance));
            weighted += weight * value;
            total += weight;
        }
        weighted / total
    };
    wind_speed_m_s.iter().map(average).collect()
}

fn within((cut_in, cut_out): (f64, f64), wind_speed_m_s: &[f64], values: &[f64]) -> (Vec<f64>, Vec<f64>) {
    wind_speed_m_s.iter().zip(values).filter(|(u, _)| (cut_in..=cut_out).contains(*u)).map(|(&u, &v)| (u, v)).unzip()
}

fn stopped_outside(range: (f64, f64), running: (Vec<f64>, Vec<f64>), idle: f64) -> Result<Curve, Problem> {
    let (cut_in, cut_out) = range;
    let mut speeds = vec![0.0, cut_in - STOP_WIDTH_M_S];
    speeds.extend(running.0);
    speeds.extend([cut_out + STOP_WIDTH_M_S, END_OF_WIND_M_S]);
    let mut values = vec![idle; 2];
    values.extend(running.1);
    values.extend([idle; 2]);
    Curve::new(speeds, values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reference_values_of_the_15_mw_machine() {
        let turbine = GenericTurbine::new(15e6, 240.0, 150.0).build("15").unwrap();
        for (u, mw) in [(6.0, 2.661_237_72), (10.0, 12.081_403_93), (14.0, 14.985_208_52), (20.0, 14.999_997_78)] {
            assert!((turbine.power_w.at(u) / 1e6 - mw).abs() < 1e-8, "power at {u}");
        }
        for (u, ct) in [(6.0, 0.8), (10.0, 0.735_364_65), (14.0, 0.291_540_39), (25.0, 0.048_601_62)] {
            assert!((turbine.ct.at(u) - ct).abs() < 1e-8, "ct at {u}");
        }
    }

    #[test]
    fn reference_values_of_the_10_mw_machine() {
        let turbine = GenericTurbine::new(10e6, 195.0, 121.0).build("10").unwrap();
        for (u, mw, ct) in
            [(6.0, 1.755_913_87, 0.8), (10.0, 8.000_104_04, 0.738_533_85), (14.0, 9.989_412_48, 0.294_609_03)]
        {
            assert!((turbine.power_w.at(u) / 1e6 - mw).abs() < 1e-8, "power at {u}");
            assert!((turbine.ct.at(u) - ct).abs() < 1e-8, "ct at {u}");
        }
    }

    #[test]
    fn stands_still_outside_its_operating_range() {
        let generic =
            GenericTurbine { operating_range_m_s: Some((3.0, 25.0)), ..GenericTurbine::new(10e6, 195.0, 121.0) };
        let turbine = generic.build("10").unwrap();
        for u in [0.0, 2.9, 25.1, 50.0] {
            assert!(turbine.power_w.at(u).abs() < 1e-9, "power at {u}");
        }
        assert!(turbine.power_w.at(24.0) > 9.9e6);
    }
}

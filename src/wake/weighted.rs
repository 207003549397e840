//! Momentum-conserving superposition (Zong and Porte-Agel 2020): every wake counts with its own convection speed over that of all.
//!
//! ```text
//! deficit = sum of w_i d_i,   w_i = uc_i / Uc
//! Uc      = 1 - P / M,   M = sum of g_i 2 pi sigma_i^2,   g_i = w_i C_i
//! P       = sum of g_i^2 pi sigma_i^2 + sum over pairs of 2 g_i g_k 2 pi (sigma_i sigma_k)^2 / (sigma_i^2 + sigma_k^2)
//!           exp(-distance_ik^2 / (2 (sigma_i^2 + sigma_k^2)))
//! uc_i    = u_i (1 - a_i)
//! ```
//!
//! | symbol  | code          | unit | meaning                                                   |
//! |---------|---------------|------|-----------------------------------------------------------|
//! | d, C    | deficit,center| -    | deficit at the target, on the wake's axis (free stream: 1)|
//! | u, a    | reference, induction | - | speed that the source sees, its induction there        |
//! | sigma   | sigma_squared_m2 | m2 | width of the wake at the target, squared                 |
//!
//! Only wakes that take at least 1 % at the target take part; the others keep the weight 1. Uc starts at the fastest uc and is repeated until
//! it moves by no more than a thousandth, at most five times. As in the reference code, one count of repeats holds for the turbines of
//! one rank in all flow cases of an evaluation: that of the case that moves most. Published figures depend on it in the third digit.
//!
//! Source: doi:10.1017/jfm.2020.77. Proven by tests/parity/models.rs.

use std::f64::consts::PI;

use crate::lanes::Real;
use crate::wake::composed::{Composed, Source};
use crate::wake::deficit::Form;
use crate::wake::{Inflow, Offset, RealWake, Rotor, SingleWake, WakeSpec};

/// A Gaussian model with momentum-conserving superposition.
#[derive(Debug, Clone)]
pub struct Weighted(Composed);

/// One wake at one target.
#[derive(Debug, Clone, Copy, Default)]
pub struct WeightedPart<R = f64> {
    deficit: R,
    center: R,
    convection: R,
    sigma_squared_m2: R,
    crosswind_m: R,
    height_m: f64,
    /// Whether it takes part.
    counts: bool,
}

/// A wake that takes less than this share of the free stream keeps the weight 1.
const LEAST_SHARE: f64 = 0.01;
/// Uc is found when it moves by no more than this, relative.
const TOLERANCE: f64 = 1e-3;
/// Most repeats.
const MOST_REPEATS: usize = 5;
/// Largest weight.
const MOST_WEIGHT: f64 = 1e10;

impl Weighted {
    /// The model for rotors of these diameters, m.
    pub fn new(spec: WakeSpec, diameters_m: impl IntoIterator<Item = f64> + Clone) -> Self {
        Self(Composed::new(spec, diameters_m))
    }

    fn part<R: Real>(source: &Source<R>, offset: Offset<R>) -> WeightedPart<R> {
        let profile = Composed::profile(source, offset.downwind_m);
        let Form::Gaussian { sigma_m } = profile.form else {
            // Refused by `WakeSpec::check`; such a wake would count with the weight 1.
            let deficit = source.reference * profile.at(offset.from_axis_m());
            return WeightedPart { deficit, ..WeightedPart::default() };
        };
        let (center, distance_m) = (source.reference * profile.center, offset.from_axis_m());
        let sigma_squared_m2 = sigma_m * sigma_m;
        let share = center * (-(distance_m * distance_m) / ((sigma_squared_m2 + 1e-30) * 2.0)).exp();
        WeightedPart {
            deficit: source.reference * profile.at(distance_m),
            center,
            convection: source.reference * (R::splat(1.0) - profile.induction),
            sigma_squared_m2,
            crosswind_m: offset.crosswind_m,
            height_m: offset.height_m,
            counts: share.value() >= LEAST_SHARE,
        }
    }
}

/// Repeats until no case of the list moves; the deficit of each, and how often Uc was moved.
fn deficits(cases: &[&[WeightedPart]]) -> (Vec<f64>, usize) {
    let mut speed: Vec<f64> = cases.iter().map(|parts| fastest(parts)).collect();
    let mut repeats = 0;
    loop {
        let next: Vec<f64> = cases.iter().zip(&speed).map(|(parts, &speed)| convection_speed(parts, speed)).collect();
        let moved = |k: usize| ((speed[k] - next[k]) / next[k]).abs();
        let most = (0..cases.len()).filter(|&k| cases[k].iter().any(|p| p.counts)).map(moved).fold(0.0, f64::max);
        if most <= TOLERANCE || repeats + 1 >= MOST_REPEATS {
            break;
        }
        speed = next;
        repeats += 1;
    }
    (cases.iter().zip(&speed).map(|(parts, &speed)| weighted_sum(parts, speed)).collect(), repeats)
}

/// The first guess of Uc.
fn fastest<R: Real>(parts: &[WeightedPart<R>]) -> R {
    parts.iter().filter(|p| p.counts).fold(R::splat(0.0), |most, p| most.max(p.convection))
}

fn weighted_sum<R: Real>(parts: &[WeightedPart<R>], speed: R) -> R {
    parts.iter().fold(R::splat(0.0), |sum, p| sum + p.deficit * weight(p, speed))
}

#[inline]
fn weight<R: Real>(part: &WeightedPart<R>, speed: R) -> R {
    if part.counts && speed.value() > 0.0 {
        (part.convection / speed).min(R::splat(MOST_WEIGHT))
    } else {
        R::splat(1.0)
    }
}

/// Convection speed of all wakes together if it were `speed` in their weights.
fn convection_speed<R: Real>(parts: &[WeightedPart<R>], speed: R) -> R {
    let strength = |p: &WeightedPart<R>| if p.counts { weight(p, speed) * p.center } else { R::splat(0.0) };
    let (mut mass, mut momentum) = (R::splat(0.0), R::splat(0.0));
    for (i, part) in parts.iter().enumerate() {
        let g = strength(part);
        if g.value() == 0.0 {
            continue;
        }
        let area = part.sigma_squared_m2;
        mass = mass + g * 2.0 * PI * area;
        momentum = momentum + g * g * PI * area;
        for other in &parts[i + 1..] {
            let h = strength(other);
            if h.value() == 0.0 {
                continue;
            }
            let both = area + other.sigma_squared_m2;
            let (dy, dz) = (part.crosswind_m - other.crosswind_m, part.height_m - other.height_m);
            let shared = (-(dy * dy + dz * dz) / (both * 2.0)).exp();
            momentum = momentum + g * 2.0 * h * 2.0 * PI * (area * other.sigma_squared_m2 / both) * shared;
        }
    }
    R::splat(1.0) - momentum / if mass.value() == 0.0 { R::splat(1.0) } else { mass }
}

impl SingleWake for Weighted {
    type Source = Source;
    type Part = WeightedPart;

    const COUPLES_FLOW_CASES: bool = true;

    fn source(&self, rotor: Rotor, inflow: Inflow) -> Source {
        self.0.source(rotor, inflow)
    }

    fn part_at_rotor(&self, source: &Source, offset: Offset, _target: Rotor) -> WeightedPart {
        Self::part(source, offset)
    }

    fn part_at_point(&self, source: &Source, offset: Offset) -> WeightedPart {
        Self::part(source, offset)
    }

    fn is_negligible(part: &WeightedPart) -> bool {
        Composed::is_negligible(&part.deficit) && !part.counts
    }

    /// A case for itself: what a search ranks by, because one candidate must not depend on another.
    fn deficit(&self, parts: &[WeightedPart]) -> f64 {
        deficits(&[parts]).0[0]
    }

    fn deficits_together(&self, parts: &[Vec<WeightedPart>]) -> Vec<f64> {
        self.settle(parts).0
    }

    fn thrust_speed_m_s(&self, free_m_s: f64, effective_m_s: f64) -> f64 {
        self.0.thrust_speed_m_s(free_m_s, effective_m_s)
    }

    fn adds_turbulence(&self) -> bool {
        self.0.adds_turbulence()
    }

    fn added_turbulence(&self, source: &Source, offset: Offset, target: Rotor) -> f64 {
        self.0.added_turbulence(source, offset, target)
    }

    fn turbulence(&self, ambient: f64, added: &[f64]) -> f64 {
        self.0.turbulence(ambient, added)
    }

    fn reach_m(&self, rotor: Rotor, max_ct: f64, ambient_turbulence: f64, downwind_m: f64, target: Rotor) -> f64 {
        self.0.reach_m(rotor, max_ct, ambient_turbulence, downwind_m, target)
    }
}

impl RealWake for Weighted {
    type SourceOf<R: Real> = Source<R>;
    type PartOf<R: Real> = WeightedPart<R>;

    fn source_of<R: Real>(&self, rotor: Rotor, inflow: &Inflow<R>) -> Source<R> {
        self.0.source_of(rotor, inflow)
    }

    fn part_of<R: Real>(&self, source: &Source<R>, offset: Offset<R>, _target: Rotor) -> WeightedPart<R> {
        Self::part(source, offset)
    }

    fn felt_within_m(&self, source: &Source, downwind_m: f64, target: Rotor) -> f64 {
        self.0.felt_within_m(source, downwind_m, target)
    }

    fn deficit_of<R: Real>(&self, parts: &[WeightedPart<R>], repeats: usize) -> R {
        let speed = (0..repeats).fold(fastest(parts), |speed, _| convection_speed(parts, speed));
        weighted_sum(parts, speed)
    }

    fn settle(&self, parts: &[Vec<WeightedPart>]) -> (Vec<f64>, usize) {
        deficits(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }

    fn thrust_speed_of<R: Real>(&self, free_m_s: f64, effective_m_s: R) -> R {
        self.0.thrust_speed_of(free_m_s, effective_m_s)
    }

    fn added_of<R: Real>(&self, source: &Source<R>, offset: Offset<R>, target: Rotor) -> R {
        self.0.added_of(source, offset, target)
    }

    fn turbulence_of<R: Real>(&self, ambient: f64, added: &[R]) -> R {
        self.0.turbulence_of(ambient, added)
    }
}

//! What every wake model offers to the engine.

use std::fmt::Debug;

use crate::lanes::Real;

/// The wakes of rotors, and how they add up.
///
/// Deficits are shares of the free-stream wind speed. `Source` holds all that depends on a rotor's operating point, so that it is
/// computed once per rotor and flow case; `Part` is what one source contributes at one target.
pub trait SingleWake: Send + Sync {
    /// A source at one operating point. Equal sources cast equal wakes.
    type Source: Copy + Debug + Default + PartialEq + Send;
    /// What one source contributes at one target.
    type Part: Copy + Debug + Default + Send;

    /// Whether the parts of one rank of turbines (the j-th that the wind meets) must be known in all flow cases before any of their
    /// deficits is. The engine then goes rank by rank through [`SingleWake::deficits_together`].
    const COUPLES_FLOW_CASES: bool = false;

    /// The source that `rotor` is in this inflow.
    fn source(&self, rotor: Rotor, inflow: Inflow) -> Self::Source;

    /// Contribution at the rotor `target`, whose hub is `offset` from the source's hub.
    fn part_at_rotor(&self, source: &Self::Source, offset: Offset, target: Rotor) -> Self::Part;

    /// Contribution at a point.
    fn part_at_point(&self, source: &Self::Source, offset: Offset) -> Self::Part;

    /// Whether a part is too small to change a bit of any effective speed.
    fn is_negligible(part: &Self::Part) -> bool;

    /// The deficit that parts give together, summed in their order.
    fn deficit(&self, parts: &[Self::Part]) -> f64;

    /// The deficit of each flow case from its parts, for models that couple them.
    fn deficits_together(&self, parts: &[Vec<Self::Part>]) -> Vec<f64> {
        parts.iter().map(|parts| self.deficit(parts)).collect()
    }

    /// The speed at which a rotor's thrust is read from its curve, m/s.
    fn thrust_speed_m_s(&self, _free_m_s: f64, effective_m_s: f64) -> f64 {
        effective_m_s
    }

    /// Whether wakes add turbulence that another wake depends on.
    fn adds_turbulence(&self) -> bool {
        false
    }

    /// Turbulence intensity that `source` adds at the rotor `target`.
    fn added_turbulence(&self, _source: &Self::Source, _offset: Offset, _target: Rotor) -> f64 {
        0.0
    }

    /// Turbulence intensity from the ambient one and what sources add.
    fn turbulence(&self, ambient: f64, _added: &[f64]) -> f64 {
        ambient
    }

    /// Crosswind distance, m, beyond which `rotor` at any thrust coefficient up to `max_ct` changes no bit of an effective speed at a target
    /// `downwind_m` behind it; infinite where there is no such distance. Must not fall with distance downwind.
    fn reach_m(&self, rotor: Rotor, max_ct: f64, ambient_turbulence: f64, downwind_m: f64, target: Rotor) -> f64;
}

/// A rotor as wakes see it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rotor {
    /// Diameter, m.
    pub diameter_m: f64,
    /// Hub height above ground, m.
    pub hub_height_m: f64,
}

/// What a rotor meets, and what it does with it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Inflow<R = f64> {
    /// Thrust coefficient.
    pub ct: R,
    /// Effective over free-stream wind speed.
    pub speed_share: R,
    /// Turbulence intensity of the undisturbed wind.
    pub ambient_turbulence: f64,
    /// Turbulence intensity at the rotor.
    pub turbulence: R,
    /// Free-stream wind speed, m/s.
    pub free_speed_m_s: f64,
}

/// A target's position seen from a source.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Offset<R = f64> {
    /// Distance downwind, m, not negative but for rounding.
    pub downwind_m: R,
    /// Distance crosswind, m; either sign.
    pub crosswind_m: R,
    /// Hub height of the target less that of the source, m.
    pub height_m: f64,
}

impl Inflow {
    /// A rotor alone in the wind.
    pub fn undisturbed(ct: f64, turbulence: f64, free_speed_m_s: f64) -> Self {
        Self { ct, speed_share: 1.0, ambient_turbulence: turbulence, turbulence, free_speed_m_s }
    }
}

impl<R: Real> Offset<R> {
    /// Distance from the source's axis, m.
    #[inline]
    pub fn from_axis_m(&self) -> R {
        (self.crosswind_m * self.crosswind_m + self.height_m * self.height_m).sqrt()
    }

    /// The same from the axis of the source's mirror image below the ground.
    #[inline]
    #[must_use]
    pub fn mirrored(&self, source_hub_height_m: f64) -> Self {
        Self { height_m: self.height_m + 2.0 * source_hub_height_m, ..*self }
    }
}

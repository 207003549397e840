//! What a wake model offers to those who ask how production changes with places: itself, in numbers that know what they depend on.

use std::fmt::Debug;

use crate::lanes::Real;
use crate::wake::{Inflow, Offset, Rotor, SingleWake};

/// A wake model in numbers of any kind; with plain ones it is the [`SingleWake`] of the same name, to the bit.
pub trait RealWake: SingleWake + Debug {
    /// A source at one operating point.
    type SourceOf<R: Real>: Copy + Default;
    /// What one source contributes at one target.
    type PartOf<R: Real>: Copy;

    /// The source that `rotor` is in this inflow.
    fn source_of<R: Real>(&self, rotor: Rotor, inflow: &Inflow<R>) -> Self::SourceOf<R>;

    /// Contribution at the rotor `target`.
    fn part_of<R: Real>(&self, source: &Self::SourceOf<R>, offset: Offset<R>, target: Rotor) -> Self::PartOf<R>;

    /// Crosswind distance, m, beyond which `source` has no part at a target like this that matters for energies, and adds no turbulence.
    fn felt_within_m(&self, source: &Self::Source, downwind_m: f64, target: Rotor) -> f64;

    /// The deficit that parts give together, summed in their order, after so many repeats, see [`RealWake::settle`].
    fn deficit_of<R: Real>(&self, parts: &[Self::PartOf<R>], repeats: usize) -> R;

    /// [`SingleWake::deficits_together`], and how often the model has repeated what it repeats until flow cases are at rest; 0 for models
    /// that repeat nothing.
    fn settle(&self, parts: &[Vec<Self::Part>]) -> (Vec<f64>, usize) {
        (self.deficits_together(parts), 0)
    }

    /// The speed at which a rotor's thrust is read from its curve, m/s.
    fn thrust_speed_of<R: Real>(&self, free_m_s: f64, effective_m_s: R) -> R;

    /// Turbulence intensity that `source` adds at the rotor `target`.
    fn added_of<R: Real>(&self, source: &Self::SourceOf<R>, offset: Offset<R>, target: Rotor) -> R;

    /// Turbulence intensity from the ambient one and what sources add.
    fn turbulence_of<R: Real>(&self, ambient: f64, added: &[R]) -> R;
}

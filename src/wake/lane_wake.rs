//! What a wake model offers to the engine's fast path: all flow cases of a wind direction at once, in lanes.

use std::fmt::Debug;

use crate::lanes::Lanes;
use crate::wake::{Offset, Rotor};

/// Numbers that say what a source is at one operating point; models use as many as they need.
pub const SOURCE_NUMBERS: usize = 4;

/// A source in the lanes from number `first` on, from the lists of its numbers.
#[inline(always)]
pub fn load_source<V: Lanes, L: AsRef<[f64]>>(numbers: &[L; SOURCE_NUMBERS], first: usize) -> [V; SOURCE_NUMBERS] {
    let [a, b, c, d] = numbers.each_ref().map(AsRef::as_ref);
    [V::load(&a[first..]), V::load(&b[first..]), V::load(&c[first..]), V::load(&d[first..])]
}

/// A wake model in wind of one ambient turbulence intensity, for models in which no wake adds turbulence.
///
/// It gives, lane by lane, the bits that [`crate::wake::SingleWake`] gives. A sum over sources is kept as one number, added to in the order of
/// the sources.
pub trait LaneWake: Copy + Debug + Send + Sync {
    /// The source that `rotor` is at this thrust coefficient and effective over free-stream wind speed.
    fn source<V: Lanes>(&self, rotor: Rotor, ct: V, speed_share: V) -> [V; SOURCE_NUMBERS];

    /// Whether [`LaneWake::place_factor`] is not always 1.
    const HAS_PLACE_FACTOR: bool = false;

    /// What a part depends on that is the same at all operating points; it becomes [`Place::factor`].
    fn place_factor(&self, _rotor: Rotor, _place: &Place<f64>, _target_radius_m: Option<f64>) -> f64 {
        1.0
    }

    /// Contribution at a rotor of this radius, m, or with none at a point.
    fn part<V: Lanes>(
        &self,
        source: &[V; SOURCE_NUMBERS],
        rotor: Rotor,
        place: &Place<V>,
        target_radius_m: Option<V>,
    ) -> V;

    /// A sum with one more part.
    fn add<V: Lanes>(&self, sum: V, part: V) -> V;

    /// The deficit that a sum stands for.
    fn deficit<V: Lanes>(&self, sum: V) -> V;

    /// The speed at which a rotor's thrust is read from its curve, m/s.
    fn thrust_speed_m_s<V: Lanes>(&self, free_m_s: V, effective_m_s: V) -> V;

    /// Crosswind distance, m, beyond which `rotor` at any thrust coefficient up to `max_ct` has no part at a target `downwind_m` behind it;
    /// infinite where there is none. Must not fall with distance downwind.
    fn reach_m(&self, rotor: Rotor, max_ct: f64, downwind_m: f64, target: Rotor) -> f64;
}

/// A target's position seen from a source, as wakes need it.
#[derive(Debug, Clone, Copy)]
pub struct Place<V> {
    /// Distance downwind, m, not negative but for rounding.
    pub downwind_m: V,
    /// Distance crosswind, m, not negative.
    pub crosswind_m: V,
    /// Distance from the source's axis, m.
    pub from_axis_m: V,
    /// Distance from the axis of the source's mirror image below the ground, m.
    pub from_mirrored_axis_m: V,
    /// See [`LaneWake::place_factor`].
    pub factor: V,
}

impl Place<f64> {
    /// The place at `offset` from a source at this hub height.
    #[inline]
    pub fn new(offset: Offset, source_hub_height_m: f64) -> Self {
        Self {
            downwind_m: offset.downwind_m,
            crosswind_m: offset.crosswind_m.abs(),
            from_axis_m: offset.from_axis_m(),
            from_mirrored_axis_m: offset.mirrored(source_hub_height_m).from_axis_m(),
            factor: 1.0,
        }
    }

    /// The same place in every lane.
    #[inline(always)]
    pub fn splat<V: Lanes>(&self) -> Place<V> {
        Place {
            downwind_m: V::splat(self.downwind_m),
            crosswind_m: V::splat(self.crosswind_m),
            from_axis_m: V::splat(self.from_axis_m),
            from_mirrored_axis_m: V::splat(self.from_mirrored_axis_m),
            factor: V::splat(self.factor),
        }
    }
}

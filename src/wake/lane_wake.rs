//! What a wake model offers to the engine's fast path: all flow cases of a wind direction at once, in lanes.

use std::fmt::Debug;

use crate::lanes::{Block, Lanes};
use crate::wake::spec::WindSpeedAt;
use crate::wake::{Offset, Rotor, WakeSketch};

/// Numbers that say what a source is at one operating point; models use as many as they need.
pub const SOURCE_NUMBERS: usize = 3;

/// Numbers that say what a wake is some distance behind its source; models use as many as they need.
pub const WAKE_NUMBERS: usize = 2;

/// Numbers that say what a place is to a model, whatever the operating point; models use as many as they need.
pub const PLACE_NUMBERS: usize = 2;

/// A wake model in wind of one ambient turbulence intensity, for models in which no wake adds turbulence.
///
/// It gives, lane by lane, the bits that [`crate::wake::SingleWake`] gives. A sum over sources is kept as one number, added to in the order of
/// the sources.
pub trait LaneWake: Copy + Debug + Send + Sync {
    /// The source that `rotor` is at this thrust coefficient and effective over free-stream wind speed, see [`LaneWake::needs_speed_share`].
    fn source<V: Lanes>(&self, rotor: Rotor, ct: V, speed_share: V) -> [V; SOURCE_NUMBERS];

    /// Whether a source depends on the effective over the free-stream wind speed. If not, that may be anything.
    fn needs_speed_share(&self) -> bool {
        false
    }

    /// Whether a source depends on the free wind alone: thrust is read there, and deficits are shares of it.
    fn is_known_beforehand(&self) -> bool {
        false
    }

    /// Whether [`LaneWake::place_numbers`] are asked for.
    fn has_place_numbers(&self) -> bool {
        false
    }

    /// Whether a part depends on [`Place::from_mirrored_axis_m`].
    fn is_mirrored(&self) -> bool {
        true
    }

    /// What a part depends on that is the same at all operating points; they become [`Place::numbers`]. Numbers also where no wake acts.
    #[inline(always)]
    fn place_numbers<V: Lanes>(
        &self,
        _rotor: Rotor,
        _place: &Place<V>,
        _target_radius_m: Option<V>,
    ) -> [V; PLACE_NUMBERS] {
        [V::splat(1.0); PLACE_NUMBERS]
    }

    /// Whether in an evaluation many parts are better taken through [`LaneWake::leave`], [`LaneWake::grow`], [`LaneWake::aim`] and [`LaneWake::hit`], all through
    /// one before any goes on to the next: a processor has many short computations at hand at once, but few long ones, of which each step waits for the one
    /// before. One short part is better computed at once: roots and divisions then overlap with the rest.
    fn in_stages(&self) -> bool {
        true
    }

    /// The wake at the distance of `place`, seen at a rotor of this radius, m, or with none at a point; nil where `acts` is not set.
    ///
    /// With [`LaneWake::part`] it makes one computation, which may be taken in other stages, see [`LaneWake::in_stages`].
    fn behind<V: Lanes>(
        &self,
        source: &[V; SOURCE_NUMBERS],
        rotor: Rotor,
        place: &Place<V>,
        target_radius_m: Option<f64>,
        acts: V::Mask,
    ) -> [V; WAKE_NUMBERS];

    /// A wake as it leaves its source, between [`LaneWake::leave`] and [`LaneWake::grow`].
    type Leaving<V: Lanes>: Copy;

    /// [`LaneWake::behind`] in two stages, the first: what it takes to look up how the wake grows over this distance, m.
    fn leave<V: Lanes>(&self, source: &[V; SOURCE_NUMBERS], rotor: Rotor, downwind_m: V) -> Self::Leaving<V>;

    /// The second: the same as [`LaneWake::behind`] at a rotor of this radius, m, where every lane acts.
    fn grow<V: Lanes>(
        &self,
        leaving: &Self::Leaving<V>,
        source: &[V; SOURCE_NUMBERS],
        rotor: Rotor,
        place: &Place<V>,
        target_radius_m: f64,
    ) -> [V; WAKE_NUMBERS];

    /// A wake at its target, between [`LaneWake::aim`] and [`LaneWake::hit`].
    type Aimed<V: Lanes>: Copy;

    /// [`LaneWake::part`] at a rotor of this radius, m, in two stages, the first: what it takes to look it up.
    fn aim<V: Lanes>(&self, wake: &[V; WAKE_NUMBERS], place: &Place<V>, target_radius_m: f64) -> Self::Aimed<V>;

    /// The second: the part.
    fn hit<V: Lanes>(&self, aimed: &Self::Aimed<V>) -> V;

    /// Whether a wake may contribute anything in any lane; if not, its part is nil, and a sum is the same without it. Asked of models in stages.
    #[inline(always)]
    fn is_felt<V: Lanes>(&self, _wake: &[V; WAKE_NUMBERS]) -> bool {
        true
    }

    /// What a wake contributes at a rotor of this radius, m, or with none at a point.
    fn part<V: Lanes>(&self, wake: &[V; WAKE_NUMBERS], place: &Place<V>, target_radius_m: Option<f64>) -> V;

    /// A sum with one more part.
    fn add<V: Lanes>(&self, sum: V, part: V) -> V;

    /// What a part is in a sum of which [`LaneWake::add`] is the plain addition.
    fn term<V: Lanes>(&self, part: V) -> V;

    /// Whether sums are those of [`LaneWake::term`]; if not, the part is the term.
    fn adds_up(&self) -> bool {
        true
    }

    /// The deficit that a sum stands for.
    fn deficit<V: Lanes>(&self, sum: V) -> V;

    /// At which wind speed a rotor's thrust is read from its curve.
    fn thrust_speed(&self) -> WindSpeedAt;

    /// That speed, m/s.
    #[inline(always)]
    fn thrust_speed_m_s<V: Lanes>(&self, free_m_s: V, effective_m_s: V) -> V {
        match self.thrust_speed() {
            WindSpeedAt::FreeStream => free_m_s,
            WindSpeedAt::Effective => effective_m_s,
        }
    }

    /// The model in single precision at points, for rotors of this size; none if there is no such sketch of it.
    fn sketch(&self, _rotor: Rotor) -> Option<WakeSketch> {
        None
    }

    /// By the distance downwind, m: the crosswind distance, m, beyond which `rotor` at any thrust coefficient up to `max_ct` has no part at a
    /// target rotor, or a point; infinite where there is none. Must not fall with distance downwind.
    fn reach(&self, rotor: Rotor, max_ct: f64, target: Option<Rotor>) -> impl Fn(f64) -> f64;
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
    /// See [`LaneWake::place_numbers`].
    pub numbers: [V; PLACE_NUMBERS],
}

impl<V: Lanes> Place<V> {
    /// As much of a place as [`LaneWake::aim`] and [`LaneWake::part`] ask for beside its numbers: distances from the axes, m.
    #[inline(always)]
    pub fn across(from_axis_m: V, from_mirrored_axis_m: V) -> Self {
        let zero = V::splat(0.0);
        let numbers = [V::splat(1.0); PLACE_NUMBERS];
        Self { downwind_m: zero, crosswind_m: zero, from_axis_m, from_mirrored_axis_m, numbers }
    }
}

impl Place<f64> {
    /// The place at `offset` from a source; with the source's hub height, m, for models that mirror it, see [`LaneWake::is_mirrored`].
    #[inline]
    pub fn new(offset: Offset, source_hub_height_m: Option<f64>) -> Self {
        // The root of a square is the number itself.
        let from_axis_m = if offset.height_m == 0.0 { offset.crosswind_m.abs() } else { offset.from_axis_m() };
        Self {
            downwind_m: offset.downwind_m,
            crosswind_m: offset.crosswind_m.abs(),
            from_axis_m,
            from_mirrored_axis_m: source_hub_height_m
                .map_or(from_axis_m, |height_m| offset.mirrored(height_m).from_axis_m()),
            numbers: [1.0; PLACE_NUMBERS],
        }
    }
}

/// A source in eight lanes.
#[inline(always)]
pub fn load_source<V: Lanes>(source: &[Block; SOURCE_NUMBERS]) -> [V; SOURCE_NUMBERS] {
    let [a, b, c] = source;
    [V::load(&a.0), V::load(&b.0), V::load(&c.0)]
}

/// Keeps a source.
#[inline(always)]
pub fn store_source<V: Lanes>(source: [V; SOURCE_NUMBERS], to: &mut [Block; SOURCE_NUMBERS]) {
    let ([a, b, c], [to_a, to_b, to_c]) = (source, to);
    a.store(&mut to_a.0);
    b.store(&mut to_b.0);
    c.store(&mut to_c.0);
}

/// A wake in eight lanes.
#[inline(always)]
pub fn load_wake<V: Lanes>(wake: &[Block; WAKE_NUMBERS]) -> [V; WAKE_NUMBERS] {
    let [a, b] = wake;
    [V::load(&a.0), V::load(&b.0)]
}

/// Keeps a wake.
#[inline(always)]
pub fn store_wake<V: Lanes>(wake: [V; WAKE_NUMBERS], to: &mut [Block; WAKE_NUMBERS]) {
    let ([a, b], [to_a, to_b]) = (wake, to);
    a.store(&mut to_a.0);
    b.store(&mut to_b.0);
}

/// A place's numbers in eight lanes.
#[inline(always)]
pub fn load_place_numbers<V: Lanes>(numbers: &[Block; PLACE_NUMBERS]) -> [V; PLACE_NUMBERS] {
    let [a, b] = numbers;
    [V::load(&a.0), V::load(&b.0)]
}

/// Keeps a place's numbers.
#[inline(always)]
pub fn store_place_numbers<V: Lanes>(numbers: [V; PLACE_NUMBERS], to: &mut [Block; PLACE_NUMBERS]) {
    let ([a, b], [to_a, to_b]) = (numbers, to);
    a.store(&mut to_a.0);
    b.store(&mut to_b.0);
}

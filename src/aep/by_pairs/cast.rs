//! The wake of one turbine at one place, in neighbouring flow cases.

use crate::aep::by_pairs::cases::Winds;
use crate::aep::{ABREAST_M, frame};
use crate::lanes::{Block, Lanes};
use crate::wake::{
    LaneWake, PLACE_NUMBERS, Place, Rotor, SOURCE_NUMBERS, WAKE_NUMBERS, load_place_numbers, load_source, load_wake,
    store_place_numbers, store_wake,
};

/// What a turbine is as a source in eight flow cases.
pub(in crate::aep) type Source = [Block; SOURCE_NUMBERS];

/// Two turbines this close downwind of each other are asked which the wind meets first, m.
const NEARLY_ABREAST_M: f64 = 1e-5;

/// Blocks that are taken through one stage before they are taken through the next.
const CHUNK: usize = 32;

/// From a source to a target.
#[derive(Debug, Clone, Copy)]
pub(in crate::aep) struct Ray {
    /// The source.
    pub(in crate::aep) rotor: Rotor,
    /// Where the target lies from the source, (x, y), m, and how much higher.
    pub(in crate::aep) to_m: (f64, f64),
    pub(in crate::aep) height_m: f64,
    /// Radius of the target, m; none for a point.
    pub(in crate::aep) radius_m: Option<f64>,
    /// The wake acts further downwind than this, m.
    pub(in crate::aep) acts_beyond_m: f64,
}

impl Ray {
    /// Between equal hub heights; turbines abreast act on each other but for who is met first.
    pub(in crate::aep) fn level(rotor: Rotor, to_m: (f64, f64), radius_m: Option<f64>) -> Self {
        Self { rotor, to_m, height_m: 0.0, radius_m, acts_beyond_m: ABREAST_M }
    }
}

/// Memory for what comes between the two stages.
#[derive(Debug, Default)]
pub(in crate::aep) struct Between {
    blocks: [InBlock; CHUNK],
}

#[derive(Debug, Clone, Copy, Default)]
struct InBlock {
    wake: [Block; WAKE_NUMBERS],
    from_axis_m: Block,
    from_mirrored_axis_m: Block,
    place_numbers: [Block; PLACE_NUMBERS],
}

/// Computes the parts of a source at a target: averaged over the target's rotor, or at a point. `sources` and `parts` are at least as long as `winds`.
/// Returns whether the two stand nearly abreast in any of the cases, for rotors. The parts are added to `sums`, if given.
#[inline(always)]
pub(in crate::aep) fn cast<V: Lanes, W: LaneWake>(
    wake: &W,
    winds: &[Winds],
    sources: &[Source],
    ray: Ray,
    between: &mut Between,
    parts: &mut [Block],
    mut sums: Option<&mut [Block]>,
) -> bool {
    let mut nearly_abreast = false;
    for first in (0..winds.len()).step_by(CHUNK) {
        let chunk = first..(first + CHUNK).min(winds.len());
        for ((winds, source), block) in
            winds[chunk.clone()].iter().zip(&sources[chunk.clone()]).zip(&mut between.blocks)
        {
            nearly_abreast |= approach::<V, W>(wake, winds, source, ray, block);
        }
        let parts = &mut parts[chunk.clone()];
        for (part, block) in parts.iter_mut().zip(&between.blocks) {
            arrive::<V, W>(wake, ray, block).store(&mut part.0);
        }
        if let Some(sums) = &mut sums {
            add_to::<V, W>(wake, &mut sums[chunk], parts);
        }
    }
    nearly_abreast
}

/// The first stage: places, and the wake at their distance.
#[inline(always)]
fn approach<V: Lanes, W: LaneWake>(wake: &W, winds: &Winds, source: &Source, ray: Ray, block: &mut InBlock) -> bool {
    let (cos, sin) = (V::load(&winds.cos.0), V::load(&winds.sin.0));
    let (downwind_m, crosswind_m) = frame::turn(cos, sin, V::splat(ray.to_m.0), V::splat(ray.to_m.1));
    let (height_m, mirrored_m) = (V::splat(ray.height_m), V::splat(ray.height_m + 2.0 * ray.rotor.hub_height_m));
    let square = crosswind_m * crosswind_m;
    // The root of a square is the number itself.
    let from_axis_m = if ray.height_m == 0.0 { crosswind_m.abs() } else { (square + height_m * height_m).sqrt() };
    let mut place = Place {
        downwind_m,
        crosswind_m: crosswind_m.abs(),
        from_axis_m,
        from_mirrored_axis_m: if wake.is_mirrored() { (square + mirrored_m * mirrored_m).sqrt() } else { crosswind_m },
        numbers: [V::splat(1.0); PLACE_NUMBERS],
    };
    if wake.has_place_numbers() {
        place.numbers = wake.place_numbers(ray.rotor, &place, ray.radius_m.map(V::splat));
        store_place_numbers(place.numbers, &mut block.place_numbers);
    }
    let acts = V::splat(ray.acts_beyond_m).less(downwind_m);
    let behind = wake.behind(&load_source(source), ray.rotor, &place, ray.radius_m, acts);
    store_wake::<V>(behind, &mut block.wake);
    place.from_axis_m.store(&mut block.from_axis_m.0);
    if wake.is_mirrored() {
        place.from_mirrored_axis_m.store(&mut block.from_mirrored_axis_m.0);
    }
    ray.radius_m.is_some() && V::bits(downwind_m.abs().less(V::splat(NEARLY_ABREAST_M))) != 0
}

/// The second stage: the parts.
#[inline(always)]
fn arrive<V: Lanes, W: LaneWake>(wake: &W, ray: Ray, block: &InBlock) -> V {
    let mut place = Place::across(V::load(&block.from_axis_m.0), V::load(&block.from_mirrored_axis_m.0));
    if wake.has_place_numbers() {
        place.numbers = load_place_numbers(&block.place_numbers);
    }
    wake.part(&load_wake(&block.wake), &place, ray.radius_m)
}

/// Adds parts to as many sums.
#[inline(always)]
pub(in crate::aep) fn add_to<V: Lanes, W: LaneWake>(wake: &W, sums: &mut [Block], parts: &[Block]) {
    for (sum, part) in sums.iter_mut().zip(parts) {
        wake.add(V::load(&sum.0), V::load(&part.0)).store(&mut sum.0);
    }
}

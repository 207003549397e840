//! The wake of one turbine at one place, in neighbouring flow cases.

use std::ops::Range;

use crate::aep::ABREAST_M;
use crate::aep::frame;
use crate::aep::lane_map::Site;
use crate::aep::lane_map::cases::Cases;
use crate::aep::lane_map::fleet::Numbers;
use crate::lanes::{EIGHT, Lanes, MOST_LANES, Step, step_through};
use crate::wake::{LaneWake, Place, SOURCE_NUMBERS, load_source};

/// Numbers of lanes.
const RAMP: [f64; MOST_LANES] = {
    let mut ramp = [0.0; MOST_LANES];
    let mut lane = 0;
    while lane < MOST_LANES {
        ramp[lane] = lane as f64;
        lane += 1;
    }
    ramp
};

/// Two turbines this close downwind of each other are asked which the wind meets first, m.
const NEARLY_ABREAST_M: f64 = 1e-5;

/// From a source to a target.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ray {
    pub(super) source: usize,
    /// Where the target lies from the source, (x, y), m.
    pub(super) to_m: (f64, f64),
    /// Radius of the target, m; none for a point.
    pub(super) radius_m: Option<f64>,
}

/// Computes the parts of a source at a target in a range of cases: averaged over the target's rotor, or at a point.
/// `parts` begin with those of the range and end with eight zeros; up to seven parts behind the range are computed as well. Returns whether the
/// two stand nearly abreast in any of the cases, for rotors. The range's parts are added to `sums`, if given.
#[inline(always)]
pub(super) fn cast<V: Lanes, W: LaneWake>(
    site: &Site<W>,
    cases: &Cases,
    numbers: &Numbers,
    ray: Ray,
    range: &Range<usize>,
    parts: &mut [f64],
    sums: Option<&mut [f64]>,
) -> bool {
    let Ray { source, to_m, radius_m } = ray;
    let numbers = numbers.of(source, range.start);
    let (cos, sin) = (&cases.cos[range.start..], &cases.sin[range.start..]);
    let mut cast =
        Cast { site, cos, sin, numbers, to_m, radius_m, parts, sums, n: range.len() as f64, nearly_abreast: false };
    step_through::<V>(range.len().next_multiple_of(EIGHT), &mut cast);
    let (nearly_abreast, end) = (cast.nearly_abreast, cast.parts.len());
    cast.parts[end - EIGHT..].fill(0.0);
    nearly_abreast
}

/// Which of the lanes from number `first` on are below `n`.
#[inline(always)]
pub(super) fn within<V: Lanes>(first: usize, n: f64) -> V::Mask {
    (V::load(&RAMP) + V::splat(first as f64)).less(V::splat(n))
}

struct Cast<'a, W> {
    site: &'a Site<'a, W>,
    cos: &'a [f64],
    sin: &'a [f64],
    numbers: [&'a [f64]; SOURCE_NUMBERS],
    to_m: (f64, f64),
    radius_m: Option<f64>,
    parts: &'a mut [f64],
    sums: Option<&'a mut [f64]>,
    /// Number of cases.
    n: f64,
    nearly_abreast: bool,
}

impl<W: LaneWake> Cast<'_, W> {
    /// The factors of places, one after the other.
    fn factors<V: Lanes>(&self, place: &Place<V>) -> V {
        let mut lists = [[0.0; MOST_LANES]; 4];
        let values = [place.downwind_m, place.crosswind_m, place.from_axis_m, place.from_mirrored_axis_m];
        for (list, lanes) in lists.iter_mut().zip(values) {
            lanes.store(list);
        }
        let [downwind_m, crosswind_m, from_axis_m, from_mirrored_axis_m] = lists;
        let factors: [f64; MOST_LANES] = std::array::from_fn(|k| {
            let place = Place {
                downwind_m: downwind_m[k],
                crosswind_m: crosswind_m[k],
                from_axis_m: from_axis_m[k],
                from_mirrored_axis_m: from_mirrored_axis_m[k],
                factor: 1.0,
            };
            self.site.wake.place_factor(self.site.rotor, &place, self.radius_m)
        });
        V::load(&factors)
    }
}

impl<W: LaneWake> Step for Cast<'_, W> {
    #[inline(always)]
    fn step<V: Lanes>(&mut self, first: usize) {
        let source = load_source(&self.numbers, first);
        let (cos, sin) = (V::load(&self.cos[first..]), V::load(&self.sin[first..]));
        let (downwind_m, crosswind_m) = frame::turn(cos, sin, V::splat(self.to_m.0), V::splat(self.to_m.1));
        let mirrored_m = V::splat(2.0 * self.site.rotor.hub_height_m);
        let mut place = Place {
            downwind_m,
            crosswind_m: crosswind_m.abs(),
            // Hub heights are equal: the root of the square.
            from_axis_m: crosswind_m.abs(),
            from_mirrored_axis_m: (crosswind_m * crosswind_m + mirrored_m * mirrored_m).sqrt(),
            factor: V::splat(1.0),
        };
        if W::HAS_PLACE_FACTOR {
            place.factor = self.factors(&place);
        }
        let rotor = self.site.rotor;
        let part = match self.radius_m {
            Some(radius_m) => {
                let abreast = downwind_m.abs().less(V::splat(NEARLY_ABREAST_M));
                self.nearly_abreast |= V::bits(abreast) != 0;
                self.site.wake.part(&source, rotor, &place, Some(V::splat(radius_m)))
            }
            None => self.site.wake.part(&source, rotor, &place, None),
        };
        let part = V::select(V::splat(ABREAST_M).less(downwind_m), part, V::splat(0.0));
        part.store(&mut self.parts[first..]);
        if let Some(sums) = &mut self.sums {
            let own = V::select(within::<V>(first, self.n), part, V::splat(0.0));
            self.site.wake.add(V::load(&sums[first..]), own).store(&mut sums[first..]);
        }
    }
}

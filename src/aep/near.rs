//! The turbines that others may reach in a wind direction.
//!
//! All that stand downwind are looked at coarsely, in single precision; those that are left, exactly: those of several sources together, since one
//! leaves few.

use std::ops::Range;

use crate::aep::frame::{self, WindFrame};
use crate::aep::reach_lines::{MARGIN_M, ReachLines, SingleLines};
use crate::aep::{ABREAST_M, Plant};
use crate::lanes::single::Octet;
use crate::lanes::{EIGHT, Lanes};

/// Turbines that others may reach, and where they lie from these: a list for each number, source after source, longer than there are turbines in
/// it, and of anything there.
#[derive(Debug, Default)]
pub(super) struct Near {
    len: usize,
    /// Where the first source stands in the order, and where the list of each ends.
    first_place: usize,
    ends: Vec<usize>,
    /// Their numbers, as the bits of these.
    turbine: Vec<f64>,
    /// Both m; crosswind to either side.
    pub(super) downwind_m: Vec<f64>,
    pub(super) crosswind_m: Vec<f64>,
    likely: Likely,
    /// Of each vector of the likely: how many were near before it, and which of it are, as bits.
    sieved: Vec<(usize, u32)>,
}

/// Turbines in the order in which the wind meets them.
#[derive(Debug, Default)]
pub(super) struct Lineup {
    /// Their positions (x, y), m, and numbers, as the bits of these.
    turbines: Vec<(f64, f64, f64)>,
    /// Downwind and crosswind of one of them, m, roughly; and eight more of anything.
    along_m: Vec<f32>,
    across_m: Vec<f32>,
    /// Above what a comparison of such numbers can be off, m.
    coarseness_m: f64,
}

/// Those that the coarse look leaves, source after source.
#[derive(Debug, Default)]
struct Likely {
    len: usize,
    /// Where the list of each source ends.
    ends: Vec<usize>,
    /// Places in the order of those of the source at hand.
    place: Vec<u32>,
    /// Numbers of all, as the bits of these, and where they lie from their source, m.
    turbine: Vec<f64>,
    to_x_m: Vec<f64>,
    to_y_m: Vec<f64>,
}

/// When there are as many as this, the turbines of no further source are listed.
const ENOUGH: usize = 64;

/// What comparisons in single precision may be off, as a share of the greatest distance from where positions are counted: a number's rounding is
/// 6e-8 of it, of which a dozen add up; a reach of more than a hundred such distances is beyond all turbines however it is rounded.
const COARSENESS: f64 = 1e-4;

/// For each set of eight, by its bits: its members, the least first.
const MEMBERS: [[u8; EIGHT]; 256] = {
    let mut all = [[0; EIGHT]; 256];
    let mut bits = 0;
    while bits < 256 {
        let (mut member, mut next) = (0, 0);
        while member < 8 {
            if bits >> member & 1 == 1 {
                all[bits][next] = member;
                next += 1;
            }
            member += 1;
        }
        bits += 1;
    }
    all
};

impl Near {
    /// Lists, for the turbine at the first of these places of the lineup and for those after it until there are many, every turbine downwind that it
    /// may reach, and few that it does not.
    #[inline(always)]
    pub(super) fn list<V: Lanes>(
        &mut self,
        lineup: &Lineup,
        frame: WindFrame,
        places: Range<usize>,
        reach: &ReachLines,
    ) {
        self.make_room(ENOUGH + lineup.turbines.len() + EIGHT);
        self.first_place = places.start;
        self.likely.list::<V>(lineup, places, reach);
        let (cos, sin) = (V::splat(frame.cos()), V::splat(frame.sin()));
        self.len = 0;
        self.sieved.clear();
        for first in (0..self.likely.len).step_by(V::WIDTH) {
            let (to_x_m, to_y_m) = (V::load(&self.likely.to_x_m[first..]), V::load(&self.likely.to_y_m[first..]));
            let (downwind_m, crosswind_m) = frame::turn(cos, sin, to_x_m, to_y_m);
            // Less, not equal: what fills the last vector is infinitely far, and stays out where the reach is infinite.
            let is_near = crosswind_m.abs().less(reach.lanes(downwind_m) + V::splat(MARGIN_M));
            let is_near = V::splat(ABREAST_M).less(downwind_m) & is_near;
            // Written without asking whether any is near, which could not be foretold.
            V::load(&self.likely.turbine[first..]).store_where(is_near, &mut self.turbine[self.len..]);
            downwind_m.store_where(is_near, &mut self.downwind_m[self.len..]);
            crosswind_m.store_where(is_near, &mut self.crosswind_m[self.len..]);
            self.sieved.push((self.len, V::bits(is_near)));
            self.len += V::bits(is_near).count_ones() as usize;
        }
        self.sieved.push((self.len, 0));
        self.ends.clear();
        for &end in &self.likely.ends {
            let (before, bits) = self.sieved[end / V::WIDTH];
            self.ends.push(before + (bits & !(u32::MAX << (end % V::WIDTH))).count_ones() as usize);
        }
    }

    /// How many there are.
    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Those of the source at this place of the order; none if it was not listed.
    #[inline(always)]
    pub(super) fn of(&self, place: usize) -> Option<Range<usize>> {
        let source = place.checked_sub(self.first_place)?;
        let end = *self.ends.get(source)?;
        Some(if source == 0 { 0 } else { self.ends[source - 1] }..end)
    }

    /// Which turbine is number `k` of the list.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "the number of a turbine")]
    pub(super) fn turbine(&self, k: usize) -> usize {
        self.turbine[k].to_bits() as usize
    }

    fn make_room(&mut self, n: usize) {
        if self.turbine.len() < n {
            let Self { turbine, downwind_m, crosswind_m, likely, .. } = self;
            let Likely { turbine: likely_turbine, to_x_m, to_y_m, place, .. } = likely;
            for list in [turbine, downwind_m, crosswind_m, likely_turbine, to_x_m, to_y_m] {
                list.resize(n, 0.0);
            }
            place.resize(n, 0);
        }
    }
}

impl Lineup {
    /// Turbines in this order, which stand here, (downwind, crosswind) seen from one of them, m.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "meant to be rounded")]
    pub(super) fn set(&mut self, plant: &Plant, order: impl Iterator<Item = usize> + Clone, turned_m: &[(f64, f64)]) {
        let (at, nothing) = (|i| plant.position(i), [0.0; EIGHT]);
        set(&mut self.turbines, order.clone().map(|i| (at(i).0, at(i).1, f64::from_bits(i as u64))));
        set(&mut self.along_m, order.clone().map(|i| turned_m[i].0 as f32).chain(nothing));
        set(&mut self.across_m, order.map(|i| turned_m[i].1 as f32).chain(nothing));
        let farthest_m = turned_m.iter().fold(0.0, |most: f64, at_m| most.max(at_m.0.abs()).max(at_m.1.abs()));
        self.coarseness_m = COARSENESS * farthest_m;
    }
}

/// Makes a list of these numbers.
#[inline(always)]
fn set<T>(list: &mut Vec<T>, numbers: impl Iterator<Item = T>) {
    list.clear();
    list.extend(numbers);
}

impl Likely {
    /// Lists, for the turbine at the first of these places and for those after it until there are enough, whom it may reach as far as a coarse look
    /// tells. After them come eight that nothing reaches.
    #[inline(always)]
    fn list<V: Lanes>(&mut self, lineup: &Lineup, places: Range<usize>, reach: &ReachLines) {
        let lines = reach.singles(lineup.coarseness_m);
        self.len = 0;
        self.ends.clear();
        for place in places {
            self.append::<V>(lineup, place, &lines);
            self.ends.push(self.len);
            if self.len >= ENOUGH {
                break;
            }
        }
        self.to_x_m[self.len..][..EIGHT].fill(f64::INFINITY);
        self.to_y_m[self.len..][..EIGHT].fill(f64::INFINITY);
    }

    /// Those of the source at `place`.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "turbines are far fewer than 2^32")]
    fn append<V: Lanes>(&mut self, lineup: &Lineup, place: usize, lines: &SingleLines) {
        let n = lineup.turbines.len();
        let (along_m, across_m) = (lineup.along_m[place], lineup.across_m[place]);
        let mut len = 0;
        let downwind = place + 1..place + 1 + (n - place - 1).next_multiple_of(EIGHT);
        let (along, _) = lineup.along_m[downwind.clone()].as_chunks::<EIGHT>();
        let (across, _) = lineup.across_m[downwind].as_chunks::<EIGHT>();
        let mut first = place + 1;
        for (along, across) in along.iter().zip(across) {
            let (mut aside_m, mut reach_m) = (Octet::default(), Octet::default());
            for k in 0..EIGHT {
                aside_m.0[k] = (across[k] - across_m).abs();
                reach_m.0[k] = lines.at(along[k] - along_m);
            }
            // All but those beyond reach: what is not a number is looked at exactly.
            let is_there = 0xff >> EIGHT.saturating_sub(n - first);
            let bits = !V::less_singles(&reach_m, &aside_m) & is_there;
            let (members, places) = (&MEMBERS[bits as usize], &mut self.place[len..][..EIGHT]);
            for k in 0..EIGHT {
                places[k] = first as u32 + u32::from(members[k]);
            }
            len += bits.count_ones() as usize;
            first += EIGHT;
        }
        let (x_m, y_m, _) = lineup.turbines[place];
        let all = self.len..self.len + len;
        let (turbine, to_x_m) = (&mut self.turbine[all.clone()], &mut self.to_x_m[all.clone()]);
        let to_y_m = &mut self.to_y_m[all];
        for (k, &place) in self.place[..len].iter().enumerate() {
            let (at_x_m, at_y_m, number) = lineup.turbines[place as usize];
            (to_x_m[k], to_y_m[k], turbine[k]) = (at_x_m - x_m, at_y_m - y_m, number);
        }
        self.len += len;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aep::plant::rotor;
    use crate::aep::reach::extent_m;
    use crate::aep::sample;
    use crate::aep::simd::{Kernel, Simd};
    use crate::farm::{GenericTurbine, Turbine};
    use crate::wake::{Nygaard2022, Offset};

    /// Lists for each turbine whom it reaches: their numbers, and the bits of where they lie.
    struct Lists<'a> {
        lineup: &'a Lineup,
        frame: WindFrame,
        reach: &'a ReachLines,
    }

    impl Kernel for Lists<'_> {
        type Output = Vec<Vec<(usize, u64, u64)>>;

        #[inline(always)]
        fn run<V: Lanes>(self) -> Self::Output {
            let (mut near, mut all) = (Near::default(), Vec::new());
            let n = self.lineup.turbines.len();
            while all.len() < n {
                near.list::<V>(self.lineup, self.frame, all.len()..n, self.reach);
                let one = |k| (near.turbine(k), near.downwind_m[k].to_bits(), near.crosswind_m[k].to_bits());
                while let Some(targets) = near.of(all.len()) {
                    all.push(targets.map(one).collect());
                }
            }
            all
        }
    }

    /// All turbines after `place` in the order that lie within the lines, one by one.
    fn plainly(plant: &Plant, order: &[usize], frame: WindFrame, reach: &ReachLines, place: usize) -> Vec<usize> {
        let is_near = |&&target: &&usize| {
            let Offset { downwind_m, crosswind_m, .. } =
                frame.offset(plant.position(order[place]), plant.position(target), 0.0);
            downwind_m > ABREAST_M && crosswind_m.abs() < reach.lanes(downwind_m) + MARGIN_M
        };
        order[place + 1..].iter().filter(is_near).copied().collect()
    }

    #[test]
    fn the_coarse_look_leaves_out_none_that_is_near() {
        let build = |diameter_m: f64| GenericTurbine::new(8e6, diameter_m, 130.0).build("any").unwrap();
        let wake = Nygaard2022::new([80.0, 240.0]);
        let mut listed = [0, 0];
        // The last reaches everywhere: a rotor so much larger than the source is not cut off.
        for (turbines, infinite) in [(vec![build(240.0)], false), (vec![build(80.0), build(240.0)], true)] {
            let types: Vec<&Turbine> = turbines.iter().collect();
            for (scale, n) in [(1e-3, 9), (0.2, 40), (1.0, 75), (8.0, 130), (1e3, 33)] {
                let mut layout = sample::layout(n, (31.0, 29.0));
                for (x_m, y_m) in layout.x_m.iter_mut().zip(&mut layout.y_m) {
                    (*x_m, *y_m) = (7e5 + scale * (*x_m - 7e5), 6.2e6 + scale * (*y_m - 6.2e6));
                }
                let n_turbines = layout.len();
                let (all, of_type) = (turbines.as_slice(), vec![0; n_turbines]);
                let plant = Plant::new(&layout, all, &of_type);
                let extent_m = extent_m(&plant.positions());
                let reach = ReachLines::of_types(&wake.in_air(0.07), &types, extent_m, 1.0)[0];
                assert!(rotor(types[0]).diameter_m > 0.0 && reach.lanes(0.0).is_infinite() == infinite);
                for degrees in [0.0, 33.0, 90.0, 201.5, 270.0] {
                    let frame = WindFrame::new(degrees);
                    let origin = plant.position(0);
                    let turned: Vec<(f64, f64)> =
                        plant.positions().map(|(x, y)| frame.turn(x - origin.0, y - origin.1)).collect();
                    let mut order: Vec<usize> = (0..n_turbines).collect();
                    order.sort_by(|&a, &b| turned[a].0.total_cmp(&turned[b].0));
                    let mut lineup = Lineup::default();
                    lineup.set(&plant, order.iter().copied(), &turned);
                    let of_one = |place| {
                        let at = |&target: &usize| {
                            let seen = frame.offset(plant.position(order[place]), plant.position(target), 0.0);
                            (target, seen.downwind_m.to_bits(), seen.crosswind_m.to_bits())
                        };
                        plainly(&plant, &order, frame, &reach, place).iter().map(at).collect::<Vec<_>>()
                    };
                    let expected: Vec<_> = (0..n_turbines).map(of_one).collect();
                    listed[usize::from(infinite)] += expected.iter().map(Vec::len).sum::<usize>();
                    for simd in Simd::usable() {
                        let lists = Lists { lineup: &lineup, frame, reach: &reach };
                        assert_eq!(simd.run(lists), expected, "{scale}, {degrees} degrees, {simd}");
                    }
                }
            }
        }
        assert!(listed[0] > 1000 && listed[1] > 10_000, "{listed:?}");
    }
}

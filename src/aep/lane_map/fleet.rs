//! The placed turbines: what each is in every flow case.

use std::cmp::Ordering;
use std::ops::Range;

use crate::aep::full::effective_speed;
use crate::aep::lane_map::Site;
use crate::aep::lane_map::cases::Cases;
use crate::aep::lane_map::cast::{Ray, cast, within};
use crate::aep::lane_map::marks::Marks;
use crate::aep::lane_map::parts::{Parts, add_to};
use crate::lanes::{EIGHT, Lanes, Step, step_through};
use crate::wake::{LaneWake, SOURCE_NUMBERS};

/// Turbines by order of placement.
#[derive(Debug, Default)]
pub(super) struct Fleet {
    /// Coordinates (x, y), m.
    pub(super) positions_m: Vec<(f64, f64)>,
    pub(super) numbers: Numbers,
    /// Sum of what reaches each turbine in every case.
    sums: Vec<f64>,
    parts: Parts,
    /// Directions in which something changed at each turbine and it has not been looked at since.
    dirty: Vec<Marks>,
    /// Directions in which each turbine is another source than before the last placement.
    pub(super) changed: Vec<Marks>,
    /// Turbines but the last, the nearest to it first.
    by_distance: Vec<usize>,
    /// Directions in which the turbine at hand has become another source, and nobody knows yet.
    fresh: Vec<Range<usize>>,
    scratch: Vec<f64>,
}

/// What turbines are as sources: each number in every case, turbine by turbine.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    numbers: [Vec<f64>; SOURCE_NUMBERS],
    room: usize,
}

impl Numbers {
    /// The numbers of a turbine from a case on.
    #[inline(always)]
    pub(super) fn of(&self, turbine: usize, case: usize) -> [&[f64]; SOURCE_NUMBERS] {
        let first = turbine * self.room + case;
        let [a, b, c, d] = &self.numbers;
        [&a[first..], &b[first..], &c[first..], &d[first..]]
    }
}

impl Fleet {
    /// No turbines.
    pub(super) fn clear(&mut self) {
        self.positions_m.clear();
        self.numbers.numbers.iter_mut().for_each(Vec::clear);
        self.sums.clear();
        self.parts.clear();
    }

    /// Number of turbines.
    pub(super) fn len(&self) -> usize {
        self.positions_m.len()
    }

    /// One turbine more, and all that changes at the others because of it.
    #[inline(always)]
    pub(super) fn place<V: Lanes, W: LaneWake>(&mut self, site: &Site<W>, cases: &Cases, position_m: (f64, f64)) {
        let new = self.len();
        self.take_in(cases, position_m);
        for source in 0..new {
            self.connect::<V, W>(site, cases, source, new);
        }
        self.operate::<V, W>(site, cases, new, &(0..cases.n_directions()));
        self.fresh.clear();
        for target in 0..new {
            self.connect::<V, W>(site, cases, new, target);
        }
        self.settle::<V, W>(site, cases, new);
    }

    fn take_in(&mut self, cases: &Cases, position_m: (f64, f64)) {
        let new = self.len();
        self.positions_m.push(position_m);
        let room = cases.room();
        self.numbers.room = room;
        for list in &mut self.numbers.numbers {
            list.resize((new + 1) * room, 0.0);
        }
        self.sums.resize((new + 1) * room, 0.0);
        self.parts.make_room(new + 1, new + 1);
        for marks in [&mut self.dirty, &mut self.changed] {
            marks.resize_with((new + 1).max(marks.len()), Marks::default);
            for marks in marks.iter_mut() {
                marks.clear(cases.n_directions());
            }
        }
    }

    /// The wake of one turbine at another, where the source or the target is the turbine placed last.
    #[inline(always)]
    fn connect<V: Lanes, W: LaneWake>(&mut self, site: &Site<W>, cases: &Cases, source: usize, target: usize) {
        let to_m = self.displacement_m(source, target);
        for directions in cases.window(to_m.0, to_m.1, &site.reach) {
            if directions.is_empty() {
                continue;
            }
            let range = cases.of(&directions);
            let parts = self.parts.append(source, target, directions.clone(), range.clone());
            let ray = Ray { source, to_m, radius_m: Some(0.5 * site.rotor.diameter_m) };
            if cast::<V, W>(site, cases, &self.numbers, ray, &range, parts, None) {
                drop_later(cases, &self.positions_m, source, target, &directions, parts);
            }
            let sums = &mut self.sums[target * self.numbers.room + range.start..];
            add_to::<V, W>(&site.wake, sums, parts, range.len());
            self.dirty[target].mark(&directions);
        }
    }

    fn displacement_m(&self, source: usize, target: usize) -> (f64, f64) {
        let (from, to) = (self.positions_m[source], self.positions_m[target]);
        (to.0 - from.0, to.1 - from.1)
    }

    /// Looks at every turbine that something changed at, until nothing changes. Those near the new turbine first: in its wake they are mostly
    /// those that the wind meets first, and most turbines are looked at once.
    #[inline(always)]
    fn settle<V: Lanes, W: LaneWake>(&mut self, site: &Site<W>, cases: &Cases, new: usize) {
        // The new turbine was operated in all directions.
        while self.dirty[new].take_run().is_some() {}
        let mut by_distance = std::mem::take(&mut self.by_distance);
        by_distance.clear();
        by_distance.extend(0..new);
        let distance_m = |turbine: usize| {
            let (x, y) = self.displacement_m(new, turbine);
            x * x + y * y
        };
        by_distance.sort_unstable_by(|&a, &b| distance_m(a).total_cmp(&distance_m(b)).then(a.cmp(&b)));
        let mut settled = false;
        while !settled {
            settled = true;
            for &turbine in &by_distance {
                while let Some(directions) = self.dirty[turbine].take_run() {
                    settled = false;
                    self.operate::<V, W>(site, cases, turbine, &directions);
                }
                self.spread::<V, W>(site, cases, turbine);
            }
        }
        self.by_distance = by_distance;
    }

    /// What a turbine is as a source in these directions; where it differs from before is noted.
    #[inline(always)]
    fn operate<V: Lanes, W: LaneWake>(
        &mut self,
        site: &Site<W>,
        cases: &Cases,
        turbine: usize,
        directions: &Range<usize>,
    ) {
        let range = cases.of(directions);
        let first = turbine * self.numbers.room + range.start;
        self.scratch.resize(self.scratch.len().max(cases.room()), 0.0);
        let (free_m_s, sums) = (&cases.speed_m_s[range.start..], &self.sums[first..]);
        let numbers = self.numbers.numbers.each_mut().map(|list| &mut list[first..]);
        let operate = &mut Operate { site, free_m_s, sums, numbers, n: range.len() as f64, differs: &mut self.scratch };
        step_through::<V>(range.len().next_multiple_of(EIGHT), operate);
        let mut fresh = directions.start..directions.start;
        for direction in directions.clone() {
            let own = cases.of(&(direction..direction + 1));
            let differs = self.scratch[own.start - range.start..own.end - range.start].iter().any(|&lane| lane > 0.0);
            if differs && fresh.end == direction {
                fresh.end += 1;
            } else if differs {
                self.note(turbine, &fresh);
                fresh = direction..direction + 1;
            }
        }
        self.note(turbine, &fresh);
    }

    fn note(&mut self, turbine: usize, fresh: &Range<usize>) {
        if !fresh.is_empty() {
            self.changed[turbine].mark(fresh);
            self.fresh.push(fresh.clone());
        }
    }

    /// The wakes of a turbine where it has become another source.
    #[inline(always)]
    fn spread<V: Lanes, W: LaneWake>(&mut self, site: &Site<W>, cases: &Cases, turbine: usize) {
        let fresh = std::mem::take(&mut self.fresh);
        for k in 0..if fresh.is_empty() { 0 } else { self.parts.sights(turbine).len() } {
            let sight = self.parts.sights(turbine)[k];
            for run in &fresh {
                let directions = sight.meet(run);
                if directions.is_empty() {
                    continue;
                }
                let (target, range) = (sight.target as usize, cases.of(&directions));
                let to_m = self.displacement_m(turbine, target);
                let parts = self.parts.starting_at(sight, range.start);
                let ray = Ray { source: turbine, to_m, radius_m: Some(0.5 * site.rotor.diameter_m) };
                if cast::<V, W>(site, cases, &self.numbers, ray, &range, parts, None) {
                    let (all, parts) = (sight.directions(), self.parts.all(sight));
                    drop_later(cases, &self.positions_m, turbine, target, &all, parts);
                }
                self.parts.add_up::<V, W>(&site.wake, target, &range, &mut self.scratch);
                let first = target * self.numbers.room;
                self.sums[first + range.start..first + range.end].copy_from_slice(&self.scratch[..range.len()]);
                self.dirty[target].mark(&directions);
            }
        }
        self.fresh = fresh;
        self.fresh.clear();
    }
}

/// Clears the parts of a source that the wind does not meet before the target, among those that stand nearly abreast.
fn drop_later(
    cases: &Cases,
    positions_m: &[(f64, f64)],
    source: usize,
    target: usize,
    directions: &Range<usize>,
    parts: &mut [f64],
) {
    let start = cases.of(directions).start;
    for direction in directions.clone() {
        // Seen from the first turbine, as `full` sees them.
        let downwind_m = |turbine: usize| cases.downwind_m(direction, positions_m[0], positions_m[turbine]);
        if downwind_m(source).total_cmp(&downwind_m(target)).then(source.cmp(&target)) == Ordering::Greater {
            let own = cases.of(&(direction..direction + 1));
            parts[own.start - start..own.end - start].fill(0.0);
        }
    }
}

/// What a turbine is as a source, from the sums of what reaches it.
struct Operate<'a, W> {
    site: &'a Site<'a, W>,
    free_m_s: &'a [f64],
    sums: &'a [f64],
    numbers: [&'a mut [f64]; SOURCE_NUMBERS],
    /// Number of cases.
    n: f64,
    /// 1 in every case in which it is another source than before, else 0.
    differs: &'a mut [f64],
}

impl<W: LaneWake> Step for Operate<'_, W> {
    #[inline(always)]
    fn step<V: Lanes>(&mut self, first: usize) {
        let wake = &self.site.wake;
        let free = V::load(&self.free_m_s[first..]);
        let speed = effective_speed(free, wake.deficit(V::load(&self.sums[first..])));
        let ct = self.site.turbine.ct.at_lanes(wake.thrust_speed_m_s(free, speed));
        let source = wake.source(self.site.rotor, ct, speed / free);
        let (zero, one) = (V::splat(0.0), V::splat(1.0));
        let own = within::<V>(first, self.n);
        let mut differs = zero;
        for (list, number) in self.numbers.iter_mut().zip(source) {
            let known = V::load(&list[first..]);
            differs = V::select(known.less(number), one, V::select(number.less(known), one, differs));
            V::select(own, number, known).store(&mut list[first..]);
        }
        differs.store(&mut self.differs[first..]);
    }
}

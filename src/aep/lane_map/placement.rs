//! One turbine more, in one wind direction.

use crate::aep::lane_map::batch::Repeated;
use crate::aep::lane_map::{DirectionState, Ground, Scratch, Site};
use crate::aep::scan::Look;
use crate::aep::simd::Kernel;
use crate::farm::Turbine;
use crate::lanes::{EIGHT, Lanes, MOST_LANES, Step, blocks, step_through};
use crate::wake::{LaneWake, Place, Rotor, SOURCE_NUMBERS};

/// The last of the placed turbines takes effect in one direction.
pub(super) struct Placement<'p, 'a, W> {
    pub(super) site: &'p Site<'a, W>,
    pub(super) ground: &'p Ground,
    pub(super) scratch: &'p mut Scratch,
    pub(super) state: &'p mut DirectionState,
    pub(super) direction: usize,
}

impl<W: LaneWake> Kernel for Placement<'_, '_, W> {
    type Output = ();

    #[inline(always)]
    fn run<V: Lanes>(mut self) {
        self.face::<V>();
        self.state.take_in(self.ground);
        self.feel_upwind::<V>();
        self.walk_downstream::<V>();
        self.reach_candidates::<V>();
        self.update_candidates::<V>();
    }
}

impl<W: LaneWake> Placement<'_, '_, W> {
    /// Number of the turbine that is placed.
    fn new_turbine(&self) -> u32 {
        #[expect(clippy::cast_possible_truncation, reason = "turbines are far fewer than 2^32")]
        let new = (self.ground.placed_m.len() - 1) as u32;
        new
    }

    /// Speeds of the direction.
    fn n_speeds(&self) -> usize {
        self.site.flow.cases_of(self.direction).len()
    }

    /// Lanes that hold them.
    fn lanes(&self) -> usize {
        blocks(self.n_speeds()) * EIGHT
    }

    /// Turns to the direction's speeds, and to what a turbine alone does at them.
    #[inline(always)]
    fn face<V: Lanes>(&mut self) {
        let speeds = &self.site.flow.wind_speed_m_s()[self.site.flow.cases_of(self.direction)];
        if self.scratch.speed_m_s.once() == speeds {
            return;
        }
        self.scratch.speed_m_s.set(speeds);
        let lanes = self.lanes();
        let Scratch { speed_m_s, free, operation, sums, .. } = &mut *self.scratch;
        for list in free.iter_mut().chain(operation) {
            list.resize(lanes, 0.0);
        }
        sums.clear();
        sums.resize(lanes, 0.0);
        operate::<V, W>(self.site, speed_m_s, sums, lanes, free);
    }

    /// The wakes that the new turbine stands in; those who cast them feel nothing of it.
    #[inline(always)]
    fn feel_upwind<V: Lanes>(&mut self) {
        let (new, lanes) = (self.new_turbine(), self.lanes());
        let Self { site, ground, scratch, state, .. } = self;
        let (at_m, hub_height_m) = (ground.placed_m[new as usize], site.rotor.hub_height_m);
        ground.placed.look::<V>(Look::Upwind, at_m, state.frame, &site.reach, hub_height_m, &mut scratch.seen);
        let place_of = &state.place_of;
        for seen in &scratch.seen {
            if place_of[seen.id as usize] >= place_of[new as usize] {
                continue;
            }
            let later = |other: u32| place_of[other as usize] > place_of[seen.id as usize];
            let link = state.pairs.find_or_insert(new, seen.id, later);
            let first = seen.id as usize * lanes;
            let numbers = state.numbers.each_ref().map(|list| &list[first..first + lanes]);
            let (wake, rotor) = (&site.wake, site.rotor);
            let parts = state.pairs.parts(link);
            step_through::<V>(lanes, &mut PartsOfPair { wake, rotor, numbers, place: seen.place, parts });
        }
    }

    /// Turbines that are another source than before, the new one first, and their wakes at other turbines.
    #[inline(always)]
    fn walk_downstream<V: Lanes>(&mut self) {
        let (new, lanes, n_speeds) = (self.new_turbine(), self.lanes(), self.n_speeds());
        let Self { site, ground, scratch, state, .. } = self;
        scratch.changed.clear();
        scratch.dirty.resize(new as usize + 1, false);
        for list in &mut state.numbers {
            list.resize((new as usize + 1) * lanes, 0.0);
        }
        scratch.dirty[new as usize] = true;
        let start = state.place_of[new as usize] as usize;
        for place in start..state.order.len() {
            let turbine = state.order[place];
            if !std::mem::take(&mut scratch.dirty[turbine as usize]) {
                continue;
            }
            let source = if state.pairs.is_empty(turbine) {
                &scratch.free
            } else {
                scratch.sums.resize(scratch.sums.len().max(lanes), 0.0);
                state.pairs.add_up::<V, W>(&site.wake, turbine, &mut scratch.sums);
                operate::<V, W>(site, &scratch.speed_m_s, &scratch.sums, lanes, &mut scratch.operation);
                &scratch.operation
            };
            let own = turbine as usize * lanes;
            let differs = (0..SOURCE_NUMBERS).any(|k| state.numbers[k][own..own + n_speeds] != source[k][..n_speeds]);
            if turbine != new && !differs {
                continue;
            }
            for k in 0..SOURCE_NUMBERS {
                state.numbers[k][own..own + lanes].copy_from_slice(&source[k][..lanes]);
            }
            scratch.changed.push(turbine);
            let (at_m, hub_height_m) = (ground.placed_m[turbine as usize], site.rotor.hub_height_m);
            let seen = &mut scratch.seen;
            ground.placed.look::<V>(Look::Downwind, at_m, state.frame, &site.reach, hub_height_m, seen);
            let place_of = &state.place_of;
            seen.retain(|seen| place_of[seen.id as usize] as usize > place);
            if seen.is_empty() {
                continue;
            }
            let numbers = state.numbers.each_ref().map(|list| &list[own..own + lanes]);
            let radius_m = Some(0.5 * site.rotor.diameter_m);
            scratch.batch.compute::<V, W>(&site.wake, site.rotor, numbers, n_speeds, seen, radius_m);
            for (k, seen) in seen.iter().enumerate() {
                let later = |other: u32| place_of[other as usize] as usize > place;
                let link = state.pairs.find_or_insert(seen.id, turbine, later);
                copy_blocks::<V>(scratch.batch.parts(k), state.pairs.parts(link));
                scratch.dirty[seen.id as usize] = true;
            }
        }
    }

    /// Their wakes at candidates.
    #[inline(always)]
    fn reach_candidates<V: Lanes>(&mut self) {
        let (new, lanes, n_speeds) = (self.new_turbine(), self.lanes(), self.n_speeds());
        let Self { site, ground, scratch, state, .. } = self;
        state.first_link.push(state.reaching.len());
        for &turbine in &scratch.changed {
            let (at_m, hub_height_m) = (ground.placed_m[turbine as usize], site.rotor.hub_height_m);
            let seen = &mut scratch.seen;
            ground.open.look::<V>(Look::Downwind, at_m, state.frame, &site.reach, hub_height_m, seen);
            if seen.is_empty() {
                continue;
            }
            let own = turbine as usize * lanes;
            let numbers = state.numbers.each_ref().map(|list| &list[own..own + lanes]);
            scratch.batch.compute::<V, W>(&site.wake, site.rotor, numbers, n_speeds, seen, None);
            let mut known = state.first_link[turbine as usize];
            for (k, seen) in seen.iter().enumerate() {
                let link = if turbine == new {
                    state.reaching.append(seen.id, seen.id)
                } else {
                    // What is seen now was seen at the placement, in the same order.
                    while state.reaching.id(known) != seen.id {
                        known += 1;
                    }
                    known
                };
                copy_blocks::<V>(scratch.batch.parts(k), state.reaching.parts(link));
                if !std::mem::replace(&mut scratch.is_touched[seen.id as usize], true) {
                    scratch.touched.push(seen.id);
                }
            }
        }
    }

    /// Power at every candidate that anything changed at.
    #[inline(always)]
    fn update_candidates<V: Lanes>(&mut self) {
        let n_speeds = self.n_speeds();
        let Self { site, scratch, state, .. } = self;
        let lanes = (scratch.touched.len() * n_speeds).next_multiple_of(EIGHT);
        let room = lanes + MOST_LANES + n_speeds;
        let Scratch { sums, energy_w, touched, speed_m_s, is_touched, .. } = &mut **scratch;
        for list in [&mut *sums, &mut *energy_w] {
            list.resize(list.len().max(room), 0.0);
        }
        for (k, &candidate) in touched.iter().enumerate() {
            // What is written beyond the speeds is overwritten by the next candidate.
            state.reaching.add_up::<V, W>(&site.wake, candidate, &mut sums[k * n_speeds..]);
        }
        let (wake, turbine, probability) = (&site.wake, site.turbine, &state.probability);
        step_through::<V>(lanes, &mut Energy { wake, turbine, speed_m_s, probability, sums, energy_w });
        for (k, candidate) in touched.drain(..).enumerate() {
            let mut power_w = 0.0;
            for energy_w in &energy_w[k * n_speeds..(k + 1) * n_speeds] {
                power_w += energy_w;
            }
            state.power_w[candidate as usize] = power_w;
            is_touched[candidate as usize] = false;
        }
    }
}

/// What a turbine is as a source, from the sums of what reaches it.
#[inline(always)]
fn operate<V: Lanes, W: LaneWake>(
    site: &Site<W>,
    speed_m_s: &Repeated,
    sums: &[f64],
    lanes: usize,
    numbers: &mut [Vec<f64>; SOURCE_NUMBERS],
) {
    for first in (0..lanes).step_by(V::WIDTH) {
        let free = speed_m_s.from::<V>(first % speed_m_s.once().len());
        let speed = free - free * site.wake.deficit(V::load(&sums[first..]));
        let ct = site.turbine.ct.at_lanes(site.wake.thrust_speed_m_s(free, speed));
        let source = site.wake.source(site.rotor, ct, speed / free);
        for k in 0..SOURCE_NUMBERS {
            source[k].store(&mut numbers[k][first..]);
        }
    }
}

#[inline(always)]
fn copy_blocks<V: Lanes>(from: &[f64], to: &mut [f64]) {
    for first in (0..to.len()).step_by(V::WIDTH) {
        V::load(&from[first..]).store(&mut to[first..]);
    }
}

/// Parts of one turbine at another.
struct PartsOfPair<'a, W> {
    wake: &'a W,
    rotor: Rotor,
    numbers: [&'a [f64]; SOURCE_NUMBERS],
    place: Place<f64>,
    parts: &'a mut [f64],
}

impl<W: LaneWake> Step for PartsOfPair<'_, W> {
    #[inline(always)]
    fn step<V: Lanes>(&mut self, first: usize) {
        let [a, b, c, d] = self.numbers;
        let source = [V::load(&a[first..]), V::load(&b[first..]), V::load(&c[first..]), V::load(&d[first..])];
        let radius_m = Some(V::splat(0.5 * self.rotor.diameter_m));
        self.wake.part(&source, self.rotor, &self.place.splat(), radius_m).store(&mut self.parts[first..]);
    }
}

/// Power times probability at candidates, W.
struct Energy<'a, W> {
    wake: &'a W,
    turbine: &'a Turbine,
    speed_m_s: &'a Repeated,
    probability: &'a Repeated,
    sums: &'a [f64],
    energy_w: &'a mut [f64],
}

impl<W: LaneWake> Step for Energy<'_, W> {
    #[inline(always)]
    fn step<V: Lanes>(&mut self, first: usize) {
        let k = first % self.speed_m_s.once().len();
        let free = self.speed_m_s.from::<V>(k);
        let speed = free - free * self.wake.deficit(V::load(&self.sums[first..]));
        let energy = self.turbine.power_w.at_lanes(speed) * self.probability.from(k);
        energy.store(&mut self.energy_w[first..]);
    }
}

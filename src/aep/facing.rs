//! A plant that faces one wind direction.

use crate::aep::frame::{self, WindFrame};
use crate::aep::reach_lines::{MARGIN_M, ReachLines};
use crate::aep::{ABREAST_M, Plant};
use crate::farm::FlowCases;
use crate::lanes::{Block, EIGHT, Lanes, blocks};

/// Where the turbines of a plant stand in a wind direction, and what reaches them at its wind speeds.
#[derive(Debug)]
pub(super) struct Facing {
    pub(super) frame: WindFrame,
    /// (downwind, crosswind) of every turbine seen from the first, m.
    turned_m: Vec<(f64, f64)>,
    /// Turbines in the order in which the wind meets them; kept from direction to direction, in which it changes little.
    pub(super) order: Vec<u32>,
    /// Their numbers and positions in that order, m; and eight more that nothing reaches.
    turbine: Vec<f64>,
    x_m: Vec<f64>,
    y_m: Vec<f64>,
    /// Wind speeds that `winds` hold, m/s.
    speed_m_s: Vec<f64>,
    pub(super) winds: Vec<Winds>,
    /// Sum of what reaches each turbine: all blocks of one after those of the other.
    pub(super) sums: Vec<Block>,
    /// Whether anything has reached the turbine.
    pub(super) waked: Vec<bool>,
}

/// Eight wind speeds of a direction, m/s, and their probabilities; what fills the last block has probability 0.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Winds {
    pub(super) speed_m_s: Block,
    pub(super) probability: Block,
}

/// Turbines that one may reach, and where they lie from it: a list for each number, longer than there are turbines in it, and of anything there.
#[derive(Debug, Default)]
pub(super) struct Near {
    len: usize,
    turbine: Vec<f64>,
    /// Both m; crosswind to either side.
    pub(super) downwind_m: Vec<f64>,
    pub(super) crosswind_m: Vec<f64>,
}

impl Default for Facing {
    fn default() -> Self {
        Self {
            frame: WindFrame::new(0.0),
            turned_m: Vec::new(),
            order: Vec::new(),
            turbine: Vec::new(),
            x_m: Vec::new(),
            y_m: Vec::new(),
            speed_m_s: Vec::new(),
            winds: Vec::new(),
            sums: Vec::new(),
            waked: Vec::new(),
        }
    }
}

impl Facing {
    /// Turns to a wind direction: nothing has been waked yet. Returns whether its wind speeds are others than before.
    pub(super) fn turn(&mut self, plant: &Plant, flow: &FlowCases, direction: usize) -> bool {
        self.stand(plant, WindFrame::new(flow.wind_direction_deg()[direction]));
        let cases = flow.cases_of(direction);
        let speeds = &flow.wind_speed_m_s()[cases.clone()];
        let others = self.speed_m_s != speeds;
        if others {
            self.take_in(speeds);
        }
        for (k, &probability) in flow.probability()[cases].iter().enumerate() {
            self.winds[k / EIGHT].probability.0[k % EIGHT] = probability;
        }
        let n = self.winds.len() * plant.len();
        self.sums.clear();
        self.sums.resize(n, Block::default());
        self.waked.clear();
        self.waked.resize(plant.len(), false);
        others
    }

    fn stand(&mut self, plant: &Plant, frame: WindFrame) {
        self.frame = frame;
        self.turned_m.clear();
        if !plant.is_empty() {
            let origin = plant.position(0);
            self.turned_m.extend(plant.positions().map(|(x, y)| frame.turn(x - origin.0, y - origin.1)));
        }
        if self.order.len() != plant.len() {
            self.order.clear();
            #[expect(clippy::cast_possible_truncation, reason = "turbines are far fewer than 2^32")]
            self.order.extend(0..plant.len() as u32);
        }
        let turned_m = &self.turned_m;
        insertion_sort(&mut self.order, |a, b| {
            turned_m[a as usize].0.total_cmp(&turned_m[b as usize].0).then(a.cmp(&b))
        });
        set(&mut self.turbine, self.order.iter().map(|&i| f64::from(i)), 0.0);
        set(&mut self.x_m, self.order.iter().map(|&i| plant.position(i as usize).0), f64::INFINITY);
        set(&mut self.y_m, self.order.iter().map(|&i| plant.position(i as usize).1), f64::INFINITY);
    }

    /// Lists every turbine downwind of the one at `place` in the order that it may reach, and few that it does not.
    #[inline(always)]
    pub(super) fn near<V: Lanes>(&self, place: usize, reach: &ReachLines, near: &mut Near) {
        let (x_m, y_m) = (V::splat(self.x_m[place]), V::splat(self.y_m[place]));
        let (cos, sin) = (V::splat(self.frame.cos()), V::splat(self.frame.sin()));
        near.make_room(self.order.len());
        near.len = 0;
        for first in (place + 1..self.order.len()).step_by(V::WIDTH) {
            let (to_x_m, to_y_m) = (V::load(&self.x_m[first..]) - x_m, V::load(&self.y_m[first..]) - y_m);
            let (downwind_m, crosswind_m) = frame::turn(cos, sin, to_x_m, to_y_m);
            // Less, not equal: what fills the last vector is infinitely far, and stays out where the reach is infinite.
            let is_near = crosswind_m.abs().less(reach.lanes(downwind_m) + V::splat(MARGIN_M));
            let is_near = V::splat(ABREAST_M).less(downwind_m) & is_near;
            // Written without asking whether any is near, which could not be foretold.
            V::load(&self.turbine[first..]).store_where(is_near, &mut near.turbine[near.len..]);
            downwind_m.store_where(is_near, &mut near.downwind_m[near.len..]);
            crosswind_m.store_where(is_near, &mut near.crosswind_m[near.len..]);
            near.len += V::bits(is_near).count_ones() as usize;
        }
    }

    /// Other wind speeds than in the direction before.
    fn take_in(&mut self, speeds: &[f64]) {
        self.speed_m_s.clear();
        self.speed_m_s.extend(speeds);
        let filling = Block([speeds.last().copied().unwrap_or(0.0); EIGHT]);
        self.winds.clear();
        self.winds.resize(blocks(speeds.len()), Winds { speed_m_s: filling, probability: Block::default() });
        for (k, &speed_m_s) in speeds.iter().enumerate() {
            self.winds[k / EIGHT].speed_m_s.0[k % EIGHT] = speed_m_s;
        }
    }
}

impl Near {
    /// How many there are.
    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Which turbine is number `k` of the list.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the number of a turbine")]
    pub(super) fn turbine(&self, k: usize) -> usize {
        self.turbine[k] as usize
    }

    fn make_room(&mut self, n: usize) {
        for list in [&mut self.turbine, &mut self.downwind_m, &mut self.crosswind_m] {
            if list.len() < n + EIGHT {
                list.resize(n + EIGHT, 0.0);
            }
        }
    }
}

/// Makes a list of these numbers and eight of another.
fn set(list: &mut Vec<f64>, numbers: impl Iterator<Item = f64>, more: f64) {
    list.clear();
    list.extend(numbers);
    list.extend([more; EIGHT]);
}

/// Sorts what is nearly sorted.
fn insertion_sort(order: &mut [u32], compare: impl Fn(u32, u32) -> std::cmp::Ordering) {
    for end in 1..order.len() {
        let item = order[end];
        let mut place = end;
        while place > 0 && compare(order[place - 1], item).is_gt() {
            order[place] = order[place - 1];
            place -= 1;
        }
        order[place] = item;
    }
}

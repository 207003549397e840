//! A plant that faces one wind direction.

use crate::aep::Plant;
use crate::aep::frame::WindFrame;
use crate::aep::reach_lines::{MARGIN_M, ReachLines};
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
    /// Their numbers and positions in that order, m, and their coordinates, m; and eight more that nothing reaches.
    pub(super) turbine: Vec<f64>,
    pub(super) x_m: Vec<f64>,
    pub(super) y_m: Vec<f64>,
    downwind_m: Vec<f64>,
    crosswind_m: Vec<f64>,
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

impl Default for Facing {
    fn default() -> Self {
        Self {
            frame: WindFrame::new(0.0),
            turned_m: Vec::new(),
            order: Vec::new(),
            turbine: Vec::new(),
            x_m: Vec::new(),
            y_m: Vec::new(),
            downwind_m: Vec::new(),
            crosswind_m: Vec::new(),
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
        set(&mut self.downwind_m, self.order.iter().map(|&i| turned_m[i as usize].0), 0.0);
        set(&mut self.crosswind_m, self.order.iter().map(|&i| turned_m[i as usize].1), f64::INFINITY);
    }

    /// Lists every turbine that the one at `place` in the order may reach, and few that it does not.
    #[inline(always)]
    pub(super) fn near<V: Lanes>(&self, place: usize, reach: &ReachLines, list: &mut Vec<u32>) {
        list.clear();
        let (down, cross) = (V::splat(self.downwind_m[place]), V::splat(self.crosswind_m[place]));
        let mut first = place + 1;
        while first < self.order.len() {
            let behind = V::load(&self.downwind_m[first..]) - down;
            let beside = (V::load(&self.crosswind_m[first..]) - cross).abs();
            // Less, not equal: what fills the last vector is infinitely far, and stays out where the reach is infinite.
            let mut near = V::bits(beside.less(reach.lanes(behind) + V::splat(MARGIN_M)));
            while near != 0 {
                list.push(self.order[first + near.trailing_zeros() as usize]);
                near &= near - 1;
            }
            first += V::WIDTH;
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

//! A plant that faces one wind direction.

use std::ops::Range;

use crate::aep::Plant;
use crate::aep::frame::WindFrame;
use crate::aep::near::{Lineup, Near};
use crate::aep::reach_lines::ReachLines;
use crate::farm::FlowCases;
use crate::lanes::{Block, EIGHT, Lanes, blocks};

/// Where the turbines of a plant stand in a wind direction, and what reaches them at its wind speeds.
#[derive(Debug)]
pub(super) struct Facing {
    pub(super) frame: WindFrame,
    /// (downwind, crosswind) of every turbine seen from the first, m.
    turned_m: Vec<(f64, f64)>,
    /// Turbines in the order in which the wind meets them; kept from direction to direction, in which it changes little.
    order: Vec<Met>,
    lineup: Lineup,
    /// Wind speeds that `winds` hold, m/s.
    speed_m_s: Vec<f64>,
    pub(super) winds: Vec<Winds>,
    /// Sum of what reaches each turbine: all blocks of one after those of the other.
    pub(super) sums: Vec<Block>,
    /// Whether anything has reached the turbine.
    pub(super) waked: Vec<bool>,
}

/// A turbine that the wind meets: in this order, of turbines abreast the one of the lesser number first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Met {
    /// Its distance downwind of the first turbine, by [`total_order`].
    downwind: i64,
    turbine: u32,
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
            lineup: Lineup::default(),
            speed_m_s: Vec::new(),
            winds: Vec::new(),
            sums: Vec::new(),
            waked: Vec::new(),
        }
    }
}

impl Facing {
    /// Turns to a wind direction: nothing has been waked yet. Returns whether its wind speeds are others than before.
    ///
    /// Inlined with all that it calls, so that it is compiled for the instructions of the kernel around it.
    #[inline(always)]
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

    #[inline(always)]
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
            self.order.extend((0..plant.len() as u32).map(|turbine| Met { downwind: 0, turbine }));
        }
        for met in &mut self.order {
            met.downwind = total_order(self.turned_m[met.turbine as usize].0);
        }
        insertion_sort(&mut self.order);
        self.lineup.set(plant, self.order.iter().map(|met| met.turbine as usize), &self.turned_m);
    }

    /// The turbine at this place in the order in which the wind meets them.
    #[inline(always)]
    pub(super) fn met(&self, place: usize) -> usize {
        self.order[place].turbine as usize
    }

    /// See [`Near::list`].
    #[inline(always)]
    pub(super) fn near<V: Lanes>(&self, places: Range<usize>, reach: &ReachLines, near: &mut Near) {
        near.list::<V>(&self.lineup, self.frame, places, reach);
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

/// A whole number for a number, in the order of [`f64::total_cmp`].
#[inline(always)]
fn total_order(x: f64) -> i64 {
    let bits = x.to_bits().cast_signed();
    // All bits but the sign are turned over where it is set.
    bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed()
}

/// Sorts what is nearly sorted.
#[inline(always)]
fn insertion_sort<T: Copy + Ord>(items: &mut [T]) {
    for end in 1..items.len() {
        let item = items[end];
        let mut place = end;
        while place > 0 && items[place - 1] > item {
            items[place] = items[place - 1];
            place -= 1;
        }
        items[place] = item;
    }
}

//! Flow cases in a row, in blocks of eight, and which of them a wake blows through.

use std::ops::Range;

use crate::aep::frame::WindFrame;
use crate::aep::reach::Reach;
use crate::farm::FlowCases;
use crate::lanes::{Block, EIGHT, blocks};

/// All flow cases, direction by direction, in blocks of eight. The last block is filled with copies of the last case, of probability 0, which belong
/// to its direction: what happens in it must come to an end too.
#[derive(Debug, Default)]
pub(in crate::aep) struct Cases {
    frames: Vec<WindFrame>,
    /// First case of each direction, and the end of the last block.
    first_case: Vec<usize>,
    degrees: Vec<f64>,
    /// Whether directions increase from 0 to below 360, so that those of a window are neighbours.
    in_order: bool,
    pub(in crate::aep) winds: Vec<Winds>,
}

/// Eight flow cases.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::aep) struct Winds {
    /// Of the wind direction, see [`WindFrame`].
    pub(in crate::aep) cos: Block,
    pub(in crate::aep) sin: Block,
    /// Free-stream wind speed, m/s.
    pub(in crate::aep) speed_m_s: Block,
    pub(in crate::aep) probability: Block,
}

/// Widens windows by far more than rounding, degrees.
const MARGIN_DEG: f64 = 1e-6;

impl Cases {
    /// The cases of `flow`.
    pub(in crate::aep) fn set(&mut self, flow: &FlowCases) {
        let directions = flow.wind_direction_deg();
        self.degrees.clear();
        self.degrees.extend(directions);
        self.in_order = directions.windows(2).all(|pair| pair[0] < pair[1])
            && directions.iter().all(|degrees| (0.0..360.0).contains(degrees));
        self.frames.clear();
        self.frames.extend(directions.iter().map(|&degrees| WindFrame::new(degrees)));
        self.first_case.clear();
        self.first_case.push(0);
        self.winds.clear();
        self.winds.resize(blocks(flow.len()), Winds::default());
        for (direction, frame) in self.frames.iter().enumerate() {
            let cases = flow.cases_of(direction);
            self.first_case.push(cases.end);
            for case in cases {
                let (winds, lane) = (&mut self.winds[case / EIGHT], case % EIGHT);
                winds.cos.0[lane] = frame.cos();
                winds.sin.0[lane] = frame.sin();
                winds.speed_m_s.0[lane] = flow.wind_speed_m_s()[case];
                winds.probability.0[lane] = flow.probability()[case];
            }
        }
        self.fill(flow.len());
    }

    /// Fills the last block, after so many cases.
    fn fill(&mut self, n_cases: usize) {
        let n = self.n_blocks() * EIGHT;
        if let Some(last) = self.winds.last_mut() {
            // Directions without cases may come after the one whose case is copied.
            self.first_case.iter_mut().filter(|end| **end == n_cases).for_each(|end| *end = n);
            let copied = (n_cases - 1) % EIGHT;
            for lane in copied + 1..EIGHT {
                for of in [&mut last.cos, &mut last.sin, &mut last.speed_m_s] {
                    of.0[lane] = of.0[copied];
                }
            }
        }
    }

    /// Number of blocks.
    pub(in crate::aep) fn n_blocks(&self) -> usize {
        self.winds.len()
    }

    /// Directions that have cases in these blocks.
    pub(in crate::aep) fn directions_in(&self, blocks: &Range<usize>) -> Range<usize> {
        let first = self.first_case.partition_point(|&case| case <= blocks.start * EIGHT) - 1;
        first..self.first_case[..self.degrees.len()].partition_point(|&case| case < blocks.end * EIGHT)
    }

    /// The cases of a direction.
    pub(in crate::aep) fn of(&self, direction: usize) -> Range<usize> {
        self.first_case[direction]..self.first_case[direction + 1]
    }

    /// How far `to` lies downwind of `from`, both (x, y), m, in a direction.
    pub(in crate::aep) fn downwind_m(&self, direction: usize, from: (f64, f64), to: (f64, f64)) -> f64 {
        self.frames[direction].turn(to.0 - from.0, to.1 - from.1).0
    }

    /// The blocks with all cases in which a source may reach a target that lies (x, y), m, from it: none, one or two runs of neighbours.
    pub(in crate::aep) fn window(&self, x_m: f64, y_m: f64, reach: &Reach) -> [Range<usize>; 2] {
        let n = self.n_blocks();
        let runs = self.directions(x_m, y_m, reach).map(|run| {
            let (first, end) = (self.first_case[run.start], self.first_case[run.end]);
            if first == end { n..n } else { first / EIGHT..blocks(end) }
        });
        // The first run begins with the first block; a block in both runs is in one only.
        if !runs[1].is_empty() && runs[1].start < runs[0].end { [runs[0].start..n, n..n] } else { runs }
    }

    /// Directions in which a source may reach a target: none, one or two runs of neighbours.
    fn directions(&self, x_m: f64, y_m: f64, reach: &Reach) -> [Range<usize>; 2] {
        let n = self.degrees.len();
        let distance_m = (x_m * x_m + y_m * y_m).sqrt();
        let ratio = reach.at_least_m(distance_m) / distance_m;
        // Not so if either is NaN: then everywhere.
        let narrow = ratio < 1.0;
        if !self.in_order || !narrow {
            return [0..n, n..n];
        }
        let half_deg = libm::asin(ratio).to_degrees() + MARGIN_DEG;
        // The wind that blows from the source to the target comes from here.
        let from_deg = (270.0 - libm::atan2(y_m, x_m).to_degrees()).rem_euclid(360.0);
        let (low, high) = (from_deg - half_deg, from_deg + half_deg);
        let first_at = |degrees: f64| self.degrees.partition_point(|&d| d < degrees);
        if low < 0.0 {
            [0..first_at(high), first_at(low + 360.0)..n]
        } else if high >= 360.0 {
            [0..first_at(high - 360.0), first_at(low)..n]
        } else {
            [first_at(low)..first_at(high), n..n]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fills_the_last_block_belongs_to_the_direction_of_the_last_case() {
        let winds =
            vec![(0.0, vec![(7.0, 0.1)]), (90.0, vec![(8.0, 0.2), (9.0, 0.3)]), (180.0, vec![]), (270.0, vec![])];
        let mut cases = Cases::default();
        cases.set(&FlowCases::by_direction(winds, 0.1));
        assert_eq!((0..4).map(|direction| cases.of(direction)).collect::<Vec<_>>(), [0..1, 1..8, 8..8, 8..8]);
        let [block] = cases.winds[..] else { panic!("{} blocks", cases.winds.len()) };
        let (first, last) = (cases.frames[0], cases.frames[1]);
        assert_eq!((block.cos.0[0], block.cos.0[1..].to_vec()), (first.cos(), vec![last.cos(); 7]));
        assert_eq!((block.sin.0[0], block.sin.0[1..].to_vec()), (first.sin(), vec![last.sin(); 7]));
        assert_eq!(block.speed_m_s.0.to_vec(), [7.0, 8.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0]);
        assert_eq!(block.probability.0.to_vec(), [0.1, 0.2, 0.3, 0.0, 0.0, 0.0, 0.0, 0.0]);
        cases.set(&FlowCases::by_direction(vec![(0.0, vec![])], 0.1));
        assert_eq!((cases.n_blocks(), cases.of(0)), (0, 0..0));
    }

    #[test]
    fn windows_hold_every_direction_in_which_the_target_is_reached() {
        let directions: Vec<f64> = (0..72).map(|k| 5.0 * f64::from(k)).collect();
        let flow = FlowCases::grid(directions, &[8.0, 9.0], vec![0.0; 144], 0.1);
        let mut cases = Cases::default();
        cases.set(&flow);
        let reach = Reach::tabulate(5000.0, |downwind_m| 300.0 + 0.05 * downwind_m);
        let mut narrow = 0;
        for k in 0..400 {
            let angle = 0.1 + 0.7 * f64::from(k);
            let (x, y) = (libm::cos(angle) * 11.0 * f64::from(k), libm::sin(angle) * 11.0 * f64::from(k));
            let window = cases.window(x, y, &reach);
            narrow += usize::from(window.iter().map(Range::len).sum::<usize>() < 5);
            assert!(window[1].is_empty() || window[0].end <= window[1].start);
            for (direction, frame) in cases.frames.iter().enumerate() {
                let (down, cross) = frame.turn(x, y);
                let reached = down > 0.0 && cross.abs() <= 300.0 + 0.05 * down;
                for case in cases.of(direction) {
                    let held = window.iter().any(|run| run.contains(&(case / EIGHT)));
                    assert!(!reached || held, "{k}, direction {direction}");
                }
            }
        }
        assert!(narrow > 300, "windows are narrow: {narrow}");
    }
}

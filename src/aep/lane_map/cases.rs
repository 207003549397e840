//! Flow cases in a row, and which of them a wake blows through.

use std::ops::Range;

use crate::aep::frame::WindFrame;
use crate::aep::reach::Reach;
use crate::farm::FlowCases;
use crate::lanes::MOST_LANES;

/// All flow cases, direction by direction; each list has some more at the end, so that a vector may begin at any case.
#[derive(Debug, Default)]
pub(super) struct Cases {
    frames: Vec<WindFrame>,
    /// First case of each direction, and the number of cases.
    first_case: Vec<usize>,
    degrees: Vec<f64>,
    /// Whether directions increase from 0 to below 360, so that those of a window are neighbours.
    in_order: bool,
    pub(super) cos: Vec<f64>,
    pub(super) sin: Vec<f64>,
    /// Free-stream wind speed, m/s.
    pub(super) speed_m_s: Vec<f64>,
    pub(super) probability: Vec<f64>,
}

/// Widens windows by far more than rounding, degrees.
const MARGIN_DEG: f64 = 1e-6;

impl Cases {
    /// The cases of `flow`.
    pub(super) fn set(&mut self, flow: &FlowCases) {
        let directions = flow.wind_direction_deg();
        self.degrees.clear();
        self.degrees.extend(directions);
        self.in_order = directions.windows(2).all(|pair| pair[0] < pair[1])
            && directions.iter().all(|degrees| (0.0..360.0).contains(degrees));
        self.frames.clear();
        self.frames.extend(directions.iter().map(|&degrees| WindFrame::new(degrees)));
        self.first_case.clear();
        self.first_case.push(0);
        for list in [&mut self.cos, &mut self.sin, &mut self.speed_m_s, &mut self.probability] {
            list.clear();
        }
        for (direction, frame) in self.frames.iter().enumerate() {
            let cases = flow.cases_of(direction);
            self.first_case.push(cases.end);
            self.cos.resize(cases.end, frame.cos());
            self.sin.resize(cases.end, frame.sin());
        }
        self.speed_m_s.extend(flow.wind_speed_m_s());
        self.probability.extend(flow.probability());
        let room = self.len() + MOST_LANES;
        for list in [&mut self.cos, &mut self.sin, &mut self.probability] {
            list.resize(room, 0.0);
        }
        self.speed_m_s.resize(room, 1.0);
    }

    /// Number of cases.
    pub(super) fn len(&self) -> usize {
        self.first_case[self.n_directions()]
    }

    /// Numbers that a list of all cases needs, so that a vector may begin at any.
    pub(super) fn room(&self) -> usize {
        self.len() + MOST_LANES
    }

    pub(super) fn n_directions(&self) -> usize {
        self.degrees.len()
    }

    /// The cases of some neighbouring directions.
    #[inline]
    pub(super) fn of(&self, directions: &Range<usize>) -> Range<usize> {
        self.first_case[directions.start]..self.first_case[directions.end]
    }

    /// How far `to` lies downwind of `from`, both (x, y), m, in a direction.
    pub(super) fn downwind_m(&self, direction: usize, from: (f64, f64), to: (f64, f64)) -> f64 {
        self.frames[direction].turn(to.0 - from.0, to.1 - from.1).0
    }

    /// Directions in which a source may reach a target that lies (x, y), m, from it: none, one or two runs of neighbours.
    pub(super) fn window(&self, x_m: f64, y_m: f64, reach: &Reach) -> [Range<usize>; 2] {
        let n = self.n_directions();
        let distance_m = libm::hypot(x_m, y_m);
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
            narrow += usize::from(window.iter().map(Range::len).sum::<usize>() < 20);
            for (direction, frame) in cases.frames.iter().enumerate() {
                let (down, cross) = frame.turn(x, y);
                let reached = down > 0.0 && cross.abs() <= 300.0 + 0.05 * down;
                assert!(!reached || window.iter().any(|run| run.contains(&direction)), "{k}, direction {direction}");
            }
        }
        assert!(narrow > 300, "windows are narrow: {narrow}");
    }
}

//! Who lies in whose wake, among positions that are looked at one after the other, many at once.

use crate::aep::ABREAST_M;
use crate::aep::frame::WindFrame;
use crate::aep::near::ReachLines;
use crate::lanes::{EIGHT, Lanes};
use crate::wake::{Offset, Place};

/// Positions to be looked at.
#[derive(Debug, Default)]
pub(super) struct Positions {
    /// Coordinates, m, with eight more that are nowhere.
    x_m: Vec<f64>,
    y_m: Vec<f64>,
    /// Whose they are.
    ids: Vec<u32>,
}

/// A position that a source may reach, or a source that may reach a position.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) id: u32,
    pub(super) place: Place<f64>,
}

/// From where to where wakes are looked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Look {
    /// From a source to the positions.
    Downwind,
    /// From the positions as sources to one target.
    Upwind,
}

impl Positions {
    pub(super) fn clear(&mut self) {
        self.ids.clear();
        self.pad();
    }

    pub(super) fn push(&mut self, id: u32, (x_m, y_m): (f64, f64)) {
        self.x_m[self.ids.len()] = x_m;
        self.y_m[self.ids.len()] = y_m;
        self.ids.push(id);
        self.pad();
    }

    /// Takes a position out; the others keep their order.
    pub(super) fn remove(&mut self, id: u32) {
        if let Some(k) = self.ids.iter().position(|known| *known == id) {
            self.ids.remove(k);
            self.x_m.remove(k);
            self.y_m.remove(k);
            self.pad();
        }
    }

    fn pad(&mut self) {
        for list in [&mut self.x_m, &mut self.y_m] {
            list.truncate(self.ids.len());
            list.resize(self.ids.len() + EIGHT, f64::NAN);
        }
    }

    /// Lists, in their order, the positions that lie in the wake of a source like `own` at `at_m`, or that wake `at_m`; hub heights are equal.
    #[inline(always)]
    pub(super) fn look<V: Lanes>(
        &self,
        look: Look,
        at_m: (f64, f64),
        frame: WindFrame,
        reach: &ReachLines,
        hub_height_m: f64,
        seen: &mut Vec<Seen>,
    ) {
        seen.clear();
        let (x, y) = (V::splat(at_m.0), V::splat(at_m.1));
        let (mut downwind_m, mut crosswind_m) = ([0.0; EIGHT], [0.0; EIGHT]);
        for first in (0..self.ids.len()).step_by(V::WIDTH) {
            let (there_x, there_y) = (V::load(&self.x_m[first..]), V::load(&self.y_m[first..]));
            let (down, cross) = match look {
                Look::Downwind => frame.turn_lanes(there_x - x, there_y - y),
                Look::Upwind => frame.turn_lanes(x - there_x, y - there_y),
            };
            let mut near = V::bits(V::splat(ABREAST_M).less(down) & cross.abs().at_most(reach.lanes(down)));
            if near == 0 {
                continue;
            }
            down.store(&mut downwind_m);
            cross.store(&mut crosswind_m);
            while near != 0 {
                let lane = near.trailing_zeros() as usize;
                near &= near - 1;
                let offset = Offset { downwind_m: downwind_m[lane], crosswind_m: crosswind_m[lane], height_m: 0.0 };
                seen.push(Seen { id: self.ids[first + lane], place: Place::new(offset, hub_height_m) });
            }
        }
    }
}

//! Parts of one source at several places, in one go.

use crate::aep::scan::Seen;
use crate::lanes::{EIGHT, Lanes, MOST_LANES, Step, step_through};
use crate::wake::{LaneWake, Place, Rotor, SOURCE_NUMBERS};

/// Numbers, one for each speed, repeated so often that a vector may begin at any of them.
#[derive(Debug, Default)]
pub(super) struct Repeated {
    n: usize,
    values: Vec<f64>,
}

impl Repeated {
    pub(super) fn set(&mut self, values: &[f64]) {
        self.n = values.len();
        self.values.clear();
        while !values.is_empty() && self.values.len() < self.n + MOST_LANES {
            self.values.extend(values);
        }
    }

    /// [`Self::set`] to the first `n` of some whole blocks.
    #[inline(always)]
    fn set_blocks<V: Lanes>(&mut self, blocks: &[f64], n: usize) {
        self.n = n;
        self.values.resize(2 * n + MOST_LANES + 2 * EIGHT, 0.0);
        // What a store leaves beyond the n-th number is overwritten by the next.
        for start in (0..n + MOST_LANES).step_by(n) {
            for first in (0..n).step_by(V::WIDTH) {
                V::load(&blocks[first..]).store(&mut self.values[start + first..]);
            }
        }
    }

    /// The numbers themselves.
    pub(super) fn once(&self) -> &[f64] {
        &self.values[..self.n]
    }

    /// Numbers from the `k`-th on.
    #[inline(always)]
    pub(super) fn from<V: Lanes>(&self, k: usize) -> V {
        V::load(&self.values[k..])
    }
}

/// Places that one source reaches; all speeds of one follow those of the other.
#[derive(Debug, Default)]
pub(super) struct Batch {
    source: [Repeated; SOURCE_NUMBERS],
    downwind_m: Vec<f64>,
    crosswind_m: Vec<f64>,
    from_axis_m: Vec<f64>,
    from_mirrored_axis_m: Vec<f64>,
    parts: Vec<f64>,
    n_speeds: usize,
}

impl Batch {
    /// Computes the parts of the source whose numbers begin at `blocks` at all that is `seen`: averaged over rotors of this radius, m, or
    /// at points.
    #[inline(always)]
    pub(super) fn compute<V: Lanes, W: LaneWake>(
        &mut self,
        wake: &W,
        rotor: Rotor,
        numbers: [&[f64]; SOURCE_NUMBERS],
        n_speeds: usize,
        seen: &[Seen],
        radius_m: Option<f64>,
    ) {
        self.n_speeds = n_speeds;
        for k in 0..SOURCE_NUMBERS {
            self.source[k].set_blocks::<V>(numbers[k], n_speeds);
        }
        let lanes = (seen.len() * n_speeds).next_multiple_of(V::WIDTH);
        let room = lanes + MOST_LANES + n_speeds;
        let Self { downwind_m, crosswind_m, from_axis_m, from_mirrored_axis_m, parts, .. } = self;
        for list in [&mut *downwind_m, &mut *crosswind_m, &mut *from_axis_m, &mut *from_mirrored_axis_m, &mut *parts] {
            if list.len() < room {
                list.resize(room, 0.0);
            }
        }
        for (k, seen) in seen.iter().enumerate() {
            for first in (k * n_speeds..(k + 1) * n_speeds).step_by(V::WIDTH) {
                V::splat(seen.place.downwind_m).store(&mut downwind_m[first..]);
                V::splat(seen.place.crosswind_m).store(&mut crosswind_m[first..]);
                V::splat(seen.place.from_axis_m).store(&mut from_axis_m[first..]);
                V::splat(seen.place.from_mirrored_axis_m).store(&mut from_mirrored_axis_m[first..]);
            }
        }
        step_through::<V>(lanes, &mut Parts { wake, rotor, radius_m, batch: self });
    }

    /// The parts at the `k`-th place, with whatever follows.
    #[inline(always)]
    pub(super) fn parts(&self, k: usize) -> &[f64] {
        &self.parts[k * self.n_speeds..]
    }
}

struct Parts<'a, W> {
    wake: &'a W,
    rotor: Rotor,
    radius_m: Option<f64>,
    batch: &'a mut Batch,
}

impl<W: LaneWake> Step for Parts<'_, W> {
    #[inline(always)]
    fn step<V: Lanes>(&mut self, first: usize) {
        let batch = &mut *self.batch;
        let [a, b, c, d] = &batch.source;
        let k = first % batch.n_speeds;
        let source = [a.from(k), b.from(k), c.from(k), d.from(k)];
        let place = Place {
            downwind_m: V::load(&batch.downwind_m[first..]),
            crosswind_m: V::load(&batch.crosswind_m[first..]),
            from_axis_m: V::load(&batch.from_axis_m[first..]),
            from_mirrored_axis_m: V::load(&batch.from_mirrored_axis_m[first..]),
        };
        let part = match self.radius_m {
            Some(radius_m) => self.wake.part(&source, self.rotor, &place, Some(V::splat(radius_m))),
            None => self.wake.part(&source, self.rotor, &place, None),
        };
        part.store(&mut batch.parts[first..]);
    }
}

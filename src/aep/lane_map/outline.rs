//! The candidates in single precision: what one more turbine would yield at each, near enough to tell most of them apart.
//!
//! What turbines are as sources is known exactly (`fleet`). Their wakes at the candidates are sketched; where a source changed noticeably the
//! new wake takes the old one's place in the sum. What is subtracted there leaves rounding behind, which [`DOUBT`] has room for.

use std::ops::Range;

use crate::aep::HOURS_PER_YEAR;
use crate::aep::by_pairs::cases::{self, Cases};
use crate::aep::by_pairs::marks::Marks;
use crate::aep::lane_map::fleet::Fleet;
use crate::aep::lane_map::places::Places;
use crate::aep::reach::Reach;
use crate::farm::CurveSketch;
use crate::lanes::single::Octet;
use crate::lanes::{Block, EIGHT};
use crate::wake::{Directions, SketchSource, WakeSketch};

/// How far a sketched energy may be from the exact one, relative to that in the free wind. In a single flow case what is cut off, what counts
/// as not noticeable and rounding come to about a millionth each; over all of them little of that is left, and tests see 6e-8.
pub(super) const DOUBT: f64 = 3e-6;

/// A source whose thrust moved by less than this, relative, since its wakes were last cast is as before.
const NOTICEABLE: f32 = 1e-6;

/// Candidates by index.
#[derive(Debug, Default)]
pub(super) struct Outline {
    pub(super) places: Places,
    winds: Vec<Winds>,
    power_w: CurveSketch,
    free_gwh: f64,
    /// Candidates of which single precision cannot tell whether the wind meets them or a turbine first.
    undecided: Vec<bool>,
    /// What turbines are as sources, all blocks of one after those of the other.
    sources: Vec<SketchSource>,
    /// Blocks of the turbine at hand whose wakes are to be cast anew, and by block where in `earlier` is what it was there.
    moved: Marks,
    slots: Vec<u32>,
    /// Links, those of one source after those of the other, by their first block.
    links: Vec<Link>,
    of_source: Vec<Links>,
    /// What sources were before they moved.
    earlier: Vec<SketchSource>,
    /// Wakes to be cast, and powers to be computed: all of a placement in one list, so that nothing waits where one link ends.
    work: Vec<Work>,
    /// Sum of what reaches each candidate in every block.
    sums: Vec<Octet>,
    /// Blocks in which sums changed at each candidate.
    touched: Vec<Marks>,
    /// Power of each candidate in every block, sum over cases of power times probability, W, and in all of them.
    block_w: Vec<f32>,
    power_of_all_w: Vec<f64>,
    energy_gwh: Vec<f64>,
}

/// Eight flow cases.
#[derive(Debug, Default)]
struct Winds {
    directions: Directions,
    speed_m_s: Octet,
    probability: Octet,
}

/// What one source contributes at one candidate, in some neighbouring blocks of flow cases.
#[derive(Debug, Clone, Copy)]
struct Link {
    source: u32,
    candidate: u32,
    /// Where the candidate lies from the source, (x, y), m.
    to_m: (f32, f32),
    /// First block, and the one after the last.
    start: u32,
    end: u32,
}

/// The links of a source: their numbers, and the most blocks that one has.
#[derive(Debug)]
struct Links {
    numbers: Range<usize>,
    longest: usize,
}

/// A block of a link, or of a candidate.
#[derive(Debug, Clone, Copy)]
struct Work {
    of: u32,
    block: u32,
    /// What the link's source was, if its wake is taken out: its number in the list.
    earlier: u32,
}

impl Outline {
    /// These candidates, in the free wind, where a turbine yields `free_gwh`.
    pub(super) fn clear(&mut self, positions_m: &[(f64, f64)], power_w: CurveSketch, free_gwh: f64, cases: &Cases) {
        let (n, n_blocks) = (positions_m.len(), cases.n_blocks());
        self.places.clear(positions_m);
        self.winds.clear();
        self.winds.extend(cases.winds.iter().map(Winds::of));
        self.power_w = power_w;
        self.free_gwh = free_gwh;
        self.undecided.clear();
        self.undecided.resize(n, false);
        self.sources.clear();
        self.slots.resize(n_blocks, 0);
        self.moved.clear(n_blocks);
        self.links.clear();
        self.of_source.clear();
        self.sums.clear();
        self.sums.resize(n * n_blocks, Octet::default());
        Marks::clear_each(&mut self.touched, n, n_blocks);
        self.block_w.clear();
        self.block_w.extend(self.winds.iter().map(|winds| winds.power_w(&self.power_w, &Octet::default())));
        let of_all_w: f64 = self.block_w.iter().map(|&power_w| f64::from(power_w)).sum();
        self.power_of_all_w.clear();
        self.power_of_all_w.resize(n, of_all_w);
        for _ in 1..n {
            self.block_w.extend_from_within(..n_blocks);
        }
        self.energy_gwh.clear();
        self.energy_gwh.resize(n, free_gwh);
    }

    /// Energy at each candidate, GWh.
    pub(super) fn energy_gwh(&self) -> &[f64] {
        &self.energy_gwh
    }

    /// How far any of the energies may be from the exact one, GWh: nothing while no turbine is placed.
    pub(super) fn doubt_gwh(&self) -> f64 {
        if self.of_source.is_empty() { 0.0 } else { DOUBT * self.free_gwh }
    }

    /// Open candidates whose energy is to be computed exactly.
    pub(super) fn undecided(&self) -> impl Iterator<Item = usize> + '_ {
        self.places.open.iter().copied().filter(|&candidate| self.undecided[candidate])
    }

    /// Puts an exact energy in place of a sketched one.
    pub(super) fn decide(&mut self, candidate: usize, energy_gwh: f64) {
        self.energy_gwh[candidate] = energy_gwh;
    }

    /// Takes in the turbine placed last, and what it changed at the others.
    #[inline(always)]
    pub(super) fn feel(&mut self, wake: &WakeSketch, cases: &Cases, reach: &Reach, fleet: &Fleet) {
        let new = fleet.len() - 1;
        self.sources.extend(fleet.sources(new, &(0..self.winds.len())).iter().map(|exact| wake.source(exact)));
        self.work.clear();
        self.link_new(cases, reach, fleet);
        self.cast::<true>(wake);
        self.work.clear();
        self.earlier.clear();
        for turbine in 0..new {
            self.note_moved(wake, fleet, turbine);
            self.list_moved(turbine);
        }
        self.cast::<false>(wake);
        self.update();
    }

    /// Links from the turbine placed last to all candidates.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "counts are far below 2^32; distances are sketched")]
    fn link_new(&mut self, cases: &Cases, reach: &Reach, fleet: &Fleet) {
        let (new, first) = (fleet.len() - 1, self.links.len());
        let mut longest = 0;
        for &candidate in &self.places.open {
            let (x_m, y_m) = fleet.displacement_m(new, self.places.positions_m[candidate]);
            for blocks in cases.window(x_m, y_m, reach) {
                if !blocks.is_empty() {
                    longest = longest.max(blocks.len());
                    self.touched[candidate].mark(&blocks);
                    let (source, candidate, to_m) = (new as u32, candidate as u32, (x_m as f32, y_m as f32));
                    let (start, end) = (blocks.start as u32, blocks.end as u32);
                    self.links.push(Link { source, candidate, to_m, start, end });
                }
            }
        }
        let numbers = first..self.links.len();
        self.links[numbers.clone()].sort_unstable_by_key(|link| (link.start, link.candidate));
        for of in numbers.clone() {
            let Link { start, end, .. } = self.links[of];
            self.work.extend((start..end).map(|block| Work { of: of as u32, block, earlier: 0 }));
        }
        self.of_source.push(Links { numbers, longest });
    }

    /// What a turbine has become as a source; the blocks in which that differs noticeably are marked, and what it was there is kept.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "counts are far below 2^32")]
    fn note_moved(&mut self, wake: &WakeSketch, fleet: &Fleet, turbine: usize) {
        let n_blocks = self.winds.len();
        let mut from = 0;
        while let Some(run) = fleet.changed[turbine].run_from(from) {
            from = run.end;
            for (block, exact) in run.clone().zip(fleet.sources(turbine, &run)) {
                let known = &mut self.sources[turbine * n_blocks + block];
                if known.differs_from(&exact[0], NOTICEABLE) {
                    self.slots[block] = self.earlier.len() as u32;
                    self.earlier.push(std::mem::replace(known, wake.source(exact)));
                    self.moved.mark(&(block..block + 1));
                }
            }
        }
    }

    /// Lists the blocks of a turbine's links in which it is another source.
    #[expect(clippy::cast_possible_truncation, reason = "counts are far below 2^32")]
    fn list_moved(&mut self, turbine: usize) {
        let Links { numbers, longest } = &self.of_source[turbine];
        let links = &self.links[numbers.clone()];
        while let Some(run) = self.moved.take_run() {
            let may_meet = links.partition_point(|link| link.start as usize + longest <= run.start)
                ..links.partition_point(|link| (link.start as usize) < run.end);
            for (link, of) in links[may_meet.clone()].iter().zip(numbers.start + may_meet.start..) {
                let blocks = run.start.max(link.start as usize)..run.end.min(link.end as usize);
                if blocks.is_empty() || !self.places.is_open[link.candidate as usize] {
                    continue;
                }
                self.touched[link.candidate as usize].mark(&blocks);
                let work = |block: usize| Work { of: of as u32, block: block as u32, earlier: self.slots[block] };
                self.work.extend(blocks.map(work));
            }
        }
    }

    /// The wakes of the listed blocks; where a source was another one before, the wake that it had there goes.
    #[inline(always)]
    fn cast<const IS_NEW: bool>(&mut self, wake: &WakeSketch) {
        let n_blocks = self.winds.len();
        for &Work { of, block, earlier } in &self.work {
            let (link, block) = (&self.links[of as usize], block as usize);
            let (source, candidate) = (link.source as usize, link.candidate as usize);
            let (source, directions) = (&self.sources[source * n_blocks + block], &self.winds[block].directions);
            let (squares, nearly_abreast) = wake.squares(directions, source, link.to_m);
            let sum = &mut self.sums[candidate * n_blocks + block];
            if IS_NEW {
                for k in 0..EIGHT {
                    sum.0[k] += squares.0[k];
                }
            } else {
                let (before, _) = wake.squares(directions, &self.earlier[earlier as usize], link.to_m);
                for k in 0..EIGHT {
                    sum.0[k] += squares.0[k] - before.0[k];
                }
            }
            self.undecided[candidate] |= nearly_abreast;
        }
    }

    /// Powers and energies of candidates where anything changed.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "counts are far below 2^32")]
    fn update(&mut self) {
        let n_blocks = self.winds.len();
        self.work.clear();
        for &candidate in &self.places.open {
            while let Some(blocks) = self.touched[candidate].take_run() {
                self.work.extend(blocks.map(|block| Work { of: candidate as u32, block: block as u32, earlier: 0 }));
            }
        }
        for &Work { of, block, .. } in &self.work {
            let place = of as usize * n_blocks + block as usize;
            let power_w = self.winds[block as usize].power_w(&self.power_w, &self.sums[place]);
            self.power_of_all_w[of as usize] += f64::from(power_w) - f64::from(self.block_w[place]);
            self.block_w[place] = power_w;
        }
        for &candidate in &self.places.open {
            let power_w = self.power_of_all_w[candidate];
            self.energy_gwh[candidate] = power_w * (HOURS_PER_YEAR * 1e-9);
            self.undecided[candidate] |= !power_w.is_finite();
        }
    }
}

impl Winds {
    #[expect(clippy::cast_possible_truncation, reason = "single precision is what this is about")]
    fn of(exact: &cases::Winds) -> Self {
        let single = |block: &Block| Octet(block.0.map(|number| number as f32));
        let directions = Directions { cos: single(&exact.cos), sin: single(&exact.sin) };
        Self { directions, speed_m_s: single(&exact.speed_m_s), probability: single(&exact.probability) }
    }

    /// Power, W, summed over the cases, from the sums of what reaches a candidate.
    #[inline(always)]
    fn power_w(&self, power_w: &CurveSketch, sum: &Octet) -> f32 {
        let mut speeds_m_s = Octet::default();
        for k in 0..EIGHT {
            let square = if sum.0[k] < 0.0 { 0.0 } else { sum.0[k] };
            speeds_m_s.0[k] = self.speed_m_s.0[k] - self.speed_m_s.0[k] * square.sqrt();
        }
        let powers_w = power_w.at(&speeds_m_s);
        let product: [f32; EIGHT] = std::array::from_fn(|k| powers_w.0[k] * self.probability.0[k]);
        let [a, b, c, d, e, f, g, h] = product;
        ((a + e) + (c + g)) + ((b + f) + (d + h))
    }
}

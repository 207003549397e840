//! The candidates: what one more turbine would yield at each.

use crate::aep::by_pairs::cases::Cases;
use crate::aep::by_pairs::cast::{Between, Ray, cast};
use crate::aep::by_pairs::marks::Marks;
use crate::aep::full::energy_gwh;
use crate::aep::lane_map::Site;
use crate::aep::lane_map::fleet::Fleet;
use crate::aep::lane_map::parts::Parts;
use crate::aep::lane_map::places::Places;
use crate::lanes::{Block, Lanes};
use crate::wake::LaneWake;

/// Candidates by index.
#[derive(Debug, Default)]
pub(super) struct Field {
    pub(super) places: Places,
    /// Sum of what reaches each candidate in every block.
    sums: Vec<Block>,
    parts: Parts,
    /// Blocks in which anything changed at each candidate, and those in which its parts are to be added up anew.
    touched: Vec<Marks>,
    stale: Vec<Marks>,
    /// Power of each candidate in every block: sum over cases of power times probability, W.
    power_w: Vec<f64>,
    energy_gwh: Vec<f64>,
}

impl Field {
    /// These candidates, in the free wind, in which they have these powers in every block, W.
    pub(super) fn clear(&mut self, positions_m: &[(f64, f64)], free_w: &[f64]) {
        let (n, n_blocks) = (positions_m.len(), free_w.len());
        self.places.clear(positions_m);
        self.sums.clear();
        self.sums.resize(n * n_blocks, Block::default());
        self.parts.clear();
        for marks in [&mut self.touched, &mut self.stale] {
            Marks::clear_each(marks, n, n_blocks);
        }
        self.power_w.clear();
        self.power_w.extend(free_w);
        let free_gwh = energy_gwh(free_w);
        for _ in 1..n {
            self.power_w.extend_from_within(..n_blocks);
        }
        self.energy_gwh.clear();
        self.energy_gwh.resize(n, free_gwh);
    }

    /// Energy at each candidate, GWh.
    pub(super) fn energy_gwh(&self) -> &[f64] {
        &self.energy_gwh
    }

    /// Takes in the turbine placed last, and what it changed at the others.
    #[inline(always)]
    pub(super) fn feel<V: Lanes, W: LaneWake>(
        &mut self,
        site: &Site<W>,
        cases: &Cases,
        between: &mut Between,
        fleet: &Fleet,
    ) {
        let new = fleet.len() - 1;
        self.parts.make_room(self.places.positions_m.len(), new + 1);
        for k in 0..self.places.open.len() {
            self.feel_new::<V, W>(site, cases, between, fleet, self.places.open[k]);
        }
        for turbine in 0..new {
            if !fleet.changed[turbine].is_empty() {
                self.feel_changed::<V, W>(site, cases, between, fleet, turbine);
            }
        }
        for k in 0..self.places.open.len() {
            self.update::<V, W>(site, cases, self.places.open[k]);
        }
    }

    #[inline(always)]
    fn feel_new<V: Lanes, W: LaneWake>(
        &mut self,
        site: &Site<W>,
        cases: &Cases,
        between: &mut Between,
        fleet: &Fleet,
        candidate: usize,
    ) {
        let new = fleet.len() - 1;
        let to_m = fleet.displacement_m(new, self.places.positions_m[candidate]);
        for blocks in cases.window(to_m.0, to_m.1, &site.point_reach) {
            if blocks.is_empty() {
                continue;
            }
            let parts = self.parts.append(new, candidate, &blocks);
            let sums = &mut self.sums[candidate * cases.n_blocks() + blocks.start..];
            let ray = Ray::level(site.rotor, to_m, None);
            let (winds, sources) = (&cases.winds[blocks.clone()], fleet.sources(new, &blocks));
            cast::<V, W>(&site.wake, winds, sources, ray, between, parts, Some(sums));
            self.touched[candidate].mark(&blocks);
        }
    }

    #[inline(always)]
    fn feel_changed<V: Lanes, W: LaneWake>(
        &mut self,
        site: &Site<W>,
        cases: &Cases,
        between: &mut Between,
        fleet: &Fleet,
        turbine: usize,
    ) {
        let changed = &fleet.changed[turbine];
        for k in 0..self.parts.sights(turbine).len() {
            let sight = self.parts.sights(turbine)[k];
            let candidate = sight.target as usize;
            if !changed.may_meet(&sight.blocks()) || !self.places.is_open[candidate] {
                continue;
            }
            let to_m = fleet.displacement_m(turbine, self.places.positions_m[candidate]);
            let mut from = sight.blocks().start;
            while let Some(run) = changed.run_from(from) {
                let blocks = sight.meet(&run);
                if blocks.is_empty() {
                    break;
                }
                let parts = self.parts.within(sight, &blocks);
                let ray = Ray::level(site.rotor, to_m, None);
                let (winds, sources) = (&cases.winds[blocks.clone()], fleet.sources(turbine, &blocks));
                cast::<V, W>(&site.wake, winds, sources, ray, between, parts, None);
                self.stale[candidate].mark(&blocks);
                from = run.end;
            }
        }
    }

    /// Sums, powers and energy of a candidate where anything changed.
    #[inline(always)]
    fn update<V: Lanes, W: LaneWake>(&mut self, site: &Site<W>, cases: &Cases, candidate: usize) {
        let all = candidate * cases.n_blocks()..(candidate + 1) * cases.n_blocks();
        let (sums, power_w) = (&mut self.sums[all.clone()], &mut self.power_w[all]);
        while let Some(blocks) = self.stale[candidate].take_run() {
            self.parts.add_up::<V, W>(&site.wake, candidate, &blocks, &mut sums[blocks.clone()]);
            self.touched[candidate].mark(&blocks);
        }
        if self.touched[candidate].is_empty() {
            return;
        }
        while let Some(blocks) = self.touched[candidate].take_run() {
            let known = power_w[blocks.clone()].iter_mut().zip(&sums[blocks.clone()]);
            for ((power_w, sum), winds) in known.zip(&cases.winds[blocks]) {
                *power_w = super::power_w::<V, W>(site, winds, sum);
            }
        }
        self.energy_gwh[candidate] = energy_gwh(power_w);
    }
}

//! One more turbine at one place: its energy, exactly, in the wakes of those placed.

use crate::aep::by_pairs::cases::Cases;
use crate::aep::by_pairs::cast::{Between, Ray, cast};
use crate::aep::full::energy_gwh;
use crate::aep::lane_map::Site;
use crate::aep::lane_map::fleet::Fleet;
use crate::lanes::{Block, Lanes};
use crate::wake::LaneWake;

/// Memory for one place after the other.
#[derive(Debug, Default)]
pub(super) struct Exact {
    /// Parts of one turbine, and the sums of all so far.
    parts: Vec<Block>,
    sums: Vec<Block>,
    power_w: Vec<f64>,
}

impl Exact {
    /// The energy at a place (x, y), m, in GWh: the bits that [`super::field::Field`] keeps.
    #[inline(always)]
    pub(super) fn energy_gwh<V: Lanes, W: LaneWake>(
        &mut self,
        site: &Site<W>,
        cases: &Cases,
        between: &mut Between,
        fleet: &Fleet,
        position_m: (f64, f64),
    ) -> f64 {
        let Self { parts, sums, power_w } = self;
        parts.resize(cases.n_blocks(), Block::default());
        sums.clear();
        sums.resize(cases.n_blocks(), Block::default());
        for turbine in 0..fleet.len() {
            let to_m = fleet.displacement_m(turbine, position_m);
            for blocks in cases.window(to_m.0, to_m.1, &site.point_reach) {
                let ray = Ray::level(site.rotor, to_m, None);
                let (winds, sources) = (&cases.winds[blocks.clone()], fleet.sources(turbine, &blocks));
                cast::<V, W>(&site.wake, winds, sources, ray, between, parts, Some(&mut sums[blocks]));
            }
        }
        power_w.clear();
        for (winds, sum) in cases.winds.iter().zip(&*sums) {
            power_w.push(super::power_w::<V, W>(site, winds, sum));
        }
        energy_gwh(power_w)
    }
}

//! TurbOPark with a Gaussian profile (Nygaard et al. 2022), mirrored at the ground and averaged over the rotor.
//!
//! ```text
//! deficit^2 = C^2 (F(R/sigma, |offset|/sigma)^2 + F(R/sigma, |mirrored offset|/sigma)^2)
//! C         = 1 - sqrt(1 - min(1, ct D^2 / (8 sigma^2)))
//! sigma     by TurbOPark, see `turbopark.rs`
//! ```
//!
//! | symbol        | code                     | unit | meaning                                            |
//! |---------------|--------------------------|------|----------------------------------------------------|
//! | x             | downwind_m               | m    | distance behind the source                         |
//! | D, R          | diameter_m               | m    | diameter of the source, radius of the target       |
//! | sigma         | sigma_m                  | m    | width of the Gaussian                              |
//! | F             | `Overlap`                | -    | mean of the Gaussian over the target's rotor       |
//!
//! Source: doi:10.1088/1742-6596/2265/2/022008. Valid for x >= 0. Proven by tests/parity.

use std::sync::Arc;

use crate::lanes::Lanes;
use crate::wake::deficit::Deficit;
use crate::wake::gaussian_width::GaussianWidth;
use crate::wake::overlap::Cell;
use crate::wake::spec::{DeficitSum, Ground, RotorAverage, TurbulenceAt, WakeSpec, WindSpeedAt};
use crate::wake::turbopark::{TurbOPark, TurbOParkAir, TurbOParkWidth};
use crate::wake::turbopark_table::{GrowthTable, InTable};
use crate::wake::turbulence::{AddedTurbulence, TurbulenceSum};
use crate::wake::{
    Induction, Inflow, LaneWake, Offset, Overlap, Place, Rotor, SOURCE_NUMBERS, SingleWake, Superposition,
    WAKE_NUMBERS, WakeSketch,
};

/// The model with its look-up tables.
#[derive(Debug, Clone)]
pub struct Nygaard2022 {
    overlap: Arc<Overlap>,
    growth: Arc<GrowthTable>,
}

/// The model in wind of one turbulence intensity.
#[derive(Debug, Clone, Copy)]
pub struct InAir<'a> {
    wake: &'a Nygaard2022,
    air: TurbOParkAir,
}

/// A wake is cut off where a point is this many sigma from its axis, crosswind. What is left out is below 2.1e-16 of the centre's deficit, and
/// changes no bit of an effective wind speed: candidates that lie far from any wake tie exactly where they do so in the published algorithm.
const POINT_REACH_SIGMA: f64 = 8.5;
/// The same for a rotor's rim. What is left out is below 7e-10 of the centre's deficit; it changes an effective wind speed by at most 3e-10, an
/// AEP by far less (a test compares).
const ROTOR_REACH_SIGMA: f64 = 6.5;
/// The published table ends here, and what it holds at its end is read at any distance beyond. For rotors so large that their rim is within
/// reach of the axis there, it is not nil, and they are not cut off.
const TABLE_SIGMA: f64 = Overlap::max_center_distance();

/// A squared deficit below this is 1e-20 of the free stream, a ten-thousandth of its last bit.
const NEGLIGIBLE_SQUARE: f64 = 1e-40;

/// A source at one thrust.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Source {
    /// See [`LaneWake::source`].
    numbers: [f64; SOURCE_NUMBERS],
    air: TurbOParkAir,
    rotor: Rotor,
}

/// A wake at a rotor, and where its means over the rotor are to be looked up.
#[derive(Debug, Clone, Copy)]
pub struct Aimed<'t, V: Lanes> {
    /// Square of the centre's deficit.
    center_square: V,
    /// How far the rotor's radius lies towards the next row of the table.
    share: V,
    direct: Cell<'t, V>,
    mirrored: Cell<'t, V>,
}

/// The model as a composition of parts: the slow twin of this file.
pub fn spec() -> WakeSpec {
    WakeSpec {
        deficit: Deficit::Gaussian {
            induction: Induction::Momentum,
            width: GaussianWidth::TurbOPark { constants: TurbOPark::NYGAARD_2022, turbulence: TurbulenceAt::Ambient },
        },
        reference_speed: WindSpeedAt::FreeStream,
        thrust_speed: WindSpeedAt::Effective,
        superposition: DeficitSum::Plain(Superposition::Squared),
        rotor_average: RotorAverage::GaussianOverlap,
        ground: Ground::Mirror(Superposition::Squared),
        turbulence: AddedTurbulence::None,
        turbulence_sum: TurbulenceSum::default(),
    }
}

impl Nygaard2022 {
    /// The model for rotors of these diameters, m.
    pub fn new(diameters_m: impl IntoIterator<Item = f64> + Clone) -> Self {
        let least = diameters_m.clone().into_iter().fold(f64::INFINITY, f64::min);
        let greatest = diameters_m.into_iter().fold(0.0, f64::max);
        // Sigma is at least c_epsilon source diameters.
        let overlap = Overlap::new(0.5 * greatest / (TurbOPark::NYGAARD_2022.c_epsilon * least));
        Self { overlap: Arc::new(overlap), growth: Arc::new(GrowthTable::new()) }
    }

    /// The model in wind of this turbulence intensity.
    pub fn in_air(&self, ambient_turbulence: f64) -> InAir<'_> {
        InAir { wake: self, air: TurbOPark::NYGAARD_2022.in_air(ambient_turbulence) }
    }
}

impl<'a> LaneWake for InAir<'a> {
    /// The root of the thrust coefficient, and what the width is made of beside it, see [`TurbOParkWidth::known`].
    #[inline(always)]
    fn source<V: Lanes>(&self, rotor: Rotor, ct: V, _speed_share: V) -> [V; SOURCE_NUMBERS] {
        let thrust = self.air.thrust(rotor.diameter_m, ct);
        let width = self.air.width(rotor.diameter_m, thrust);
        [thrust.root, width.rate_per_m, width.offset_m]
    }

    #[inline(always)]
    fn behind<V: Lanes>(
        &self,
        source: &[V; SOURCE_NUMBERS],
        rotor: Rotor,
        place: &Place<V>,
        target_radius_m: Option<f64>,
        acts: V::Mask,
    ) -> [V; WAKE_NUMBERS] {
        let leaving = self.leave(source, rotor, place.downwind_m);
        self.widen(&leaving, source, rotor, place, target_radius_m, acts)
    }

    type Leaving<V: Lanes> = InTable<'a, V>;

    #[inline(always)]
    fn leave<V: Lanes>(&self, source: &[V; SOURCE_NUMBERS], rotor: Rotor, downwind_m: V) -> InTable<'a, V> {
        self.width(source, rotor).in_table(&self.wake.growth, downwind_m)
    }

    #[inline(always)]
    fn grow<V: Lanes>(
        &self,
        leaving: &InTable<'a, V>,
        source: &[V; SOURCE_NUMBERS],
        rotor: Rotor,
        place: &Place<V>,
        target_radius_m: f64,
    ) -> [V; WAKE_NUMBERS] {
        self.widen(leaving, source, rotor, place, Some(target_radius_m), V::everywhere())
    }

    #[inline(always)]
    fn is_felt<V: Lanes>(&self, [_, momentum]: &[V; WAKE_NUMBERS]) -> bool {
        V::bits(V::splat(0.0).less(*momentum)) != 0
    }

    #[inline(always)]
    fn part<V: Lanes>(&self, wake: &[V; WAKE_NUMBERS], place: &Place<V>, target_radius_m: Option<f64>) -> V {
        if let Some(radius_m) = target_radius_m {
            return self.hit(&self.aim(wake, place, radius_m));
        }
        let [steps_per_m, momentum] = *wake;
        let overlap = &self.wake.overlap;
        let direct = overlap.point(place.from_axis_m * steps_per_m);
        let mirrored = overlap.point(place.from_mirrored_axis_m * steps_per_m);
        center_square(momentum) * direct.mul_add(direct, mirrored * mirrored)
    }

    type Aimed<V: Lanes> = Aimed<'a, V>;

    #[inline(always)]
    fn aim<V: Lanes>(&self, wake: &[V; WAKE_NUMBERS], place: &Place<V>, target_radius_m: f64) -> Aimed<'a, V> {
        let [steps_per_m, momentum] = *wake;
        let overlap = &self.wake.overlap;
        let row = overlap.row(V::splat(target_radius_m) * steps_per_m);
        Aimed {
            center_square: center_square(momentum),
            share: row.share,
            direct: overlap.cell(&row, place.from_axis_m * steps_per_m),
            mirrored: overlap.cell(&row, place.from_mirrored_axis_m * steps_per_m),
        }
    }

    #[inline(always)]
    fn hit<V: Lanes>(&self, aimed: &Aimed<'a, V>) -> V {
        let (direct, mirrored) = (aimed.direct.between(aimed.share), aimed.mirrored.between(aimed.share));
        aimed.center_square * direct.mul_add(direct, mirrored * mirrored)
    }

    #[inline(always)]
    fn add<V: Lanes>(&self, sum: V, part: V) -> V {
        sum + part
    }

    #[inline(always)]
    fn term<V: Lanes>(&self, part: V) -> V {
        part
    }

    #[inline(always)]
    fn deficit<V: Lanes>(&self, sum: V) -> V {
        sum.sqrt()
    }

    #[inline(always)]
    fn thrust_speed(&self) -> WindSpeedAt {
        WindSpeedAt::Effective
    }

    fn sketch(&self, rotor: Rotor) -> Option<WakeSketch> {
        Some(WakeSketch::new(self.air, rotor))
    }

    fn reach(&self, rotor: Rotor, max_ct: f64, target: Option<Rotor>) -> impl Fn(f64) -> f64 {
        // Sigma grows with thrust. A little more, for the rounding of what is compared.
        let width = self.air.width(rotor.diameter_m, self.air.thrust(rotor.diameter_m, max_ct));
        let (sigmas, radius_m) = match target.map(|target| 0.5 * target.diameter_m) {
            Some(radius_m) => (rotor_reach_sigma(rotor.diameter_m, radius_m), radius_m),
            None => (POINT_REACH_SIGMA, 0.0),
        };
        move |downwind_m| (sigmas * width.sigma_m(downwind_m) + radius_m) * (1.0 + 1e-9)
    }
}

/// Where wakes of a rotor of this diameter are cut off, sigma from the rim of a target of this radius.
fn rotor_reach_sigma(diameter_m: f64, target_radius_m: f64) -> f64 {
    let least_sigma_m = TurbOPark::NYGAARD_2022.c_epsilon * diameter_m;
    if target_radius_m > (TABLE_SIGMA - ROTOR_REACH_SIGMA) * least_sigma_m { f64::INFINITY } else { ROTOR_REACH_SIGMA }
}

/// Square of the deficit at a wake's centre.
#[inline(always)]
fn center_square<V: Lanes>(momentum: V) -> V {
    let one = V::splat(1.0);
    let center = one - (one - momentum.min(one)).sqrt();
    center * center
}

impl InAir<'_> {
    #[inline(always)]
    fn width<V: Lanes>(&self, source: &[V; SOURCE_NUMBERS], rotor: Rotor) -> TurbOParkWidth<V> {
        TurbOParkWidth::known(&self.air, rotor.diameter_m, *source)
    }

    /// See [`LaneWake::behind`].
    #[inline(always)]
    fn widen<V: Lanes>(
        &self,
        leaving: &InTable<V>,
        source: &[V; SOURCE_NUMBERS],
        rotor: Rotor,
        place: &Place<V>,
        target_radius_m: Option<f64>,
        acts: V::Mask,
    ) -> [V; WAKE_NUMBERS] {
        let (d, [root, ..]) = (rotor.diameter_m, *source);
        let sigma_m = self.width(source, rotor).sigma_by_table_m(leaving);
        let steps_per_m = V::splat(Overlap::STEPS_PER_SIGMA) / sigma_m;
        let reach_m = match target_radius_m {
            Some(radius_m) => V::splat(rotor_reach_sigma(d, radius_m)).mul_add(sigma_m, V::splat(radius_m)),
            None => V::splat(POINT_REACH_SIGMA) * sigma_m,
        };
        let wide = root * steps_per_m;
        let momentum = wide * wide * V::splat(d * d / (8.0 * Overlap::STEPS_PER_SIGMA * Overlap::STEPS_PER_SIGMA));
        [steps_per_m, V::select_or_nil(place.crosswind_m.at_most(reach_m) & acts, momentum)]
    }

    /// The squared deficit of a source at an offset: with a radius averaged over a rotor, without at a point.
    fn squared_deficit(&self, source: &Source, offset: Offset, target_radius_m: Option<f64>) -> f64 {
        let Source { rotor, numbers, .. } = *source;
        let place = Place::new(offset, Some(rotor.hub_height_m));
        let wake = self.behind(&numbers, rotor, &place, target_radius_m, true);
        self.part(&wake, &place, target_radius_m)
    }
}

impl SingleWake for Nygaard2022 {
    type Source = Source;
    /// Squared deficit.
    type Part = f64;

    fn source(&self, rotor: Rotor, inflow: Inflow) -> Source {
        let air = TurbOPark::NYGAARD_2022.in_air(inflow.ambient_turbulence);
        Source { numbers: InAir { wake: self, air }.source(rotor, inflow.ct, 1.0), air, rotor }
    }

    #[inline]
    fn part_at_rotor(&self, source: &Source, offset: Offset, target: Rotor) -> f64 {
        InAir { wake: self, air: source.air }.squared_deficit(source, offset, Some(0.5 * target.diameter_m))
    }

    #[inline]
    fn part_at_point(&self, source: &Source, offset: Offset) -> f64 {
        InAir { wake: self, air: source.air }.squared_deficit(source, offset, None)
    }

    #[inline]
    fn is_negligible(part: &f64) -> bool {
        *part < NEGLIGIBLE_SQUARE
    }

    #[inline]
    fn deficit(&self, parts: &[f64]) -> f64 {
        let mut sum = 0.0;
        for part in parts {
            sum += part;
        }
        sum.sqrt()
    }

    fn reach_m(&self, rotor: Rotor, max_ct: f64, ambient_turbulence: f64, downwind_m: f64, target: Rotor) -> f64 {
        let reach_m = |target| self.in_air(ambient_turbulence).reach(rotor, max_ct, target)(downwind_m);
        reach_m(Some(target)).max(reach_m(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wake::BuiltWake;

    const ROTOR: Rotor = Rotor { diameter_m: 240.0, hub_height_m: 150.0 };

    #[test]
    fn nothing_is_felt_beyond_reach_and_little_is_cut_off() {
        let wake = Nygaard2022::new([80.0, 240.0]);
        let source = wake.source(ROTOR, Inflow::undisturbed(0.8, 0.1, 10.0));
        let uncut = spec().build([80.0, 240.0]);
        let BuiltWake::Composed(uncut) = uncut else { panic!("parts that add up plainly") };
        let uncut_source = uncut.source(ROTOR, Inflow::undisturbed(0.8, 0.1, 10.0));
        let small = Rotor { diameter_m: 80.0, hub_height_m: 70.0 };
        for (target, most) in [(Some(ROTOR), 7e-10), (Some(small), 7e-10), (None, 2.2e-16)] {
            let height_m = target.map_or(0.0, |target| target.hub_height_m - ROTOR.hub_height_m);
            for downwind_m in [0.0, 500.0, 5e3, 5e4] {
                let reach = wake.in_air(0.1).reach(ROTOR, 0.8, target)(downwind_m);
                let offset = |crosswind_m| Offset { downwind_m, crosswind_m, height_m };
                let at = |crosswind_m| match target {
                    Some(target) => wake.part_at_rotor(&source, offset(crosswind_m), target),
                    None => wake.part_at_point(&source, offset(crosswind_m)),
                };
                let far = wake.reach_m(ROTOR, 0.8, 0.1, downwind_m, target.unwrap_or(small));
                assert!(far >= reach, "the reach for rotors and points: {far} {reach}");
                assert!(at(1.000_001 * reach).abs() < 1e-300, "at {downwind_m} m");
                assert!(at(0.1 * reach) > 1e-5, "{:e} at {downwind_m} m", at(0.1 * reach));
                let left_out = match target {
                    Some(target) => uncut.part_at_rotor(&uncut_source, offset(reach), target),
                    None => uncut.part_at_point(&uncut_source, offset(reach)),
                };
                assert!(left_out < most, "{left_out:e} at {downwind_m} m");
            }
        }
        assert!(wake.reach_m(small, 0.8, 0.1, 100.0, ROTOR).is_infinite());
    }
}

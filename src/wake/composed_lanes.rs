//! A wake model put together from parts, in lanes: top-hats, Gaussians that grow linearly, the simplified Gaussian.
//!
//! The numbers agree with [`crate::wake::Composed`] to rounding (a test compares).

use std::marker::PhantomData;

use crate::lanes::Lanes;
use crate::wake::area_overlap::area_overlap;
use crate::wake::composed::Composed;
use crate::wake::deficit::Deficit;
use crate::wake::gaussian_width::GaussianWidth;
use crate::wake::spec::{Ground, RotorAverage, TurbulenceAt, WakeSpec, WindSpeedAt};
use crate::wake::turbulence::AddedTurbulence;
use crate::wake::{
    Induction, LaneWake, Overlap, PLACE_NUMBERS, Place, Rotor, SOURCE_NUMBERS, SingleWake, Superposition, WAKE_NUMBERS,
};

pub mod known;

use known::{Anything, Known, Wakes};

/// A composition in wind of one turbulence intensity, of which something may be known when it is compiled.
#[derive(Debug, Clone, Copy)]
pub struct ComposedLanes<'a, K = Anything> {
    composed: &'a Composed,
    spec: &'a WakeSpec,
    overlap: Option<&'a Overlap>,
    ambient_turbulence: f64,
    wakes: Wakes,
    induction: Induction,
    /// Growth of a top-hat's radius, or of a Gaussian's sigma = rate x + start.
    rate: f64,
    start: Start,
    reach_sigma: f64,
    known: PhantomData<K>,
}

/// Radius of a top-hat, or sigma of a Gaussian, at the rotor, in diameters.
#[derive(Debug, Clone, Copy)]
enum Start {
    Constant(f64),
    OfThrust { c_epsilon: f64, ct_limit: f64 },
}

impl Composed {
    /// The model in lanes, in wind of this turbulence intensity; none where a part has no such form.
    pub fn in_lanes(&self, ambient_turbulence: f64) -> Option<ComposedLanes<'_>> {
        let spec = self.spec();
        if spec.turbulence != AddedTurbulence::None {
            return None;
        }
        let rate = |expansion: &crate::wake::spec::Expansion| {
            (expansion.turbulence == TurbulenceAt::Ambient || expansion.per_turbulence == 0.0)
                .then(|| expansion.rate(ambient_turbulence, ambient_turbulence))
        };
        let (induction, rate, start) = match &spec.deficit {
            Deficit::TopHat { induction, expansion } => (*induction, rate(expansion)?, None),
            Deficit::Gaussian { induction, width: GaussianWidth::Linear { expansion, c_epsilon, ct_limit } } => {
                let start = Start::OfThrust { c_epsilon: *c_epsilon, ct_limit: *ct_limit };
                (*induction, rate(expansion)?, Some(start))
            }
            Deficit::Gaussian {
                induction,
                width: GaussianWidth::CarbajoFuertes { expansion, epsilon_of_k: [e1, e0] },
            } => {
                let rate = rate(expansion)?;
                (*induction, rate, Some(Start::Constant(e1 * rate + e0)))
            }
            Deficit::Iea37 { k } => (Induction::Momentum, *k, Some(Start::Constant(8f64.sqrt().recip()))),
            Deficit::Gaussian { .. } | Deficit::SuperGaussian { .. } => return None,
        };
        let overlap = self.overlap();
        Some(ComposedLanes {
            composed: self,
            spec,
            overlap,
            ambient_turbulence,
            wakes: match start {
                None => Wakes::TopHats,
                Some(Start::Constant(_)) if overlap.is_none() => Wakes::GaussiansOfOneWidth,
                Some(_) => Wakes::Gaussians,
            },
            induction,
            rate,
            // Top-hats begin as wide as the rotor.
            start: start.unwrap_or(Start::Constant(0.5)),
            // A table's end is read at any distance.
            reach_sigma: if overlap.is_some() { f64::INFINITY } else { REACH_SIGMA },
            known: PhantomData,
        })
    }
}

impl Start {
    /// The width at a rotor of this diameter at this thrust, m.
    #[inline(always)]
    fn width_m<V: Lanes>(self, diameter_m: f64, ct: V) -> V {
        match self {
            Self::Constant(diameters) => V::splat(diameters * diameter_m),
            Self::OfThrust { c_epsilon, ct_limit } => {
                let (one, half) = (V::splat(1.0), V::splat(0.5));
                let per_s = (one - ct.min(V::splat(ct_limit))).per_root();
                // (1 + s) / (2 s)
                V::splat(c_epsilon * diameter_m) * half.mul_add(per_s, half).sqrt()
            }
        }
    }
}

/// Gaussians are cut off so many sigma from their axis: 3e-18 of the centre's deficit is left out, which changes no bit.
const REACH_SIGMA: f64 = 9.0;
/// The same for energies: 7e-10 of the centre's deficit is left out, which changes a turbine's AEP by some 1e-11 (a test compares).
const ENERGY_REACH_SIGMA: f64 = 6.5;

/// A Gaussian is 2 to the power of this times the squared distance from its axis in sigma.
const EXPONENT: f64 = -0.5 * std::f64::consts::LOG2_E;

/// Twice the axial induction at this thrust.
#[inline(always)]
fn twice_induction<V: Lanes>(induction: Induction, ct: V) -> V {
    let one = V::splat(1.0);
    match induction {
        Induction::Momentum => one - (one - ct.min(one)).sqrt(),
        Induction::Madsen => {
            let induction = ct * ct.mul_add(ct.mul_add(V::splat(0.0883), V::splat(0.0586)), V::splat(0.2460));
            induction + induction
        }
    }
}

impl<K: Known> LaneWake for ComposedLanes<'_, K> {
    #[inline(always)]
    fn has_place_numbers(&self) -> bool {
        self.wakes() != Wakes::Gaussians
    }

    /// A top-hat's mirror image is in its place numbers.
    #[inline(always)]
    fn is_mirrored(&self) -> bool {
        self.ground() != Ground::None
    }

    #[inline(always)]
    fn needs_speed_share(&self) -> bool {
        self.spec.reference_speed == WindSpeedAt::Effective
    }

    fn is_known_beforehand(&self) -> bool {
        (self.spec.thrust_speed, self.spec.reference_speed) == (WindSpeedAt::FreeStream, WindSpeedAt::FreeStream)
    }

    /// Reference over free-stream speed times the deficit at the rotor (top-hat), or with thrust and the width at the rotor (Gaussian).
    #[inline(always)]
    fn source<V: Lanes>(&self, rotor: Rotor, ct: V, speed_share: V) -> [V; SOURCE_NUMBERS] {
        let d = rotor.diameter_m;
        let reference = match self.spec.reference_speed {
            WindSpeedAt::FreeStream => V::splat(1.0),
            WindSpeedAt::Effective => speed_share,
        };
        let zero = V::splat(0.0);
        match self.wakes() {
            Wakes::TopHats => [reference * twice_induction(self.induction, ct), zero, zero],
            Wakes::Gaussians | Wakes::GaussiansOfOneWidth => {
                [reference, ct * V::splat(d * d / 8.0), self.start.width_m(d, ct)]
            }
        }
    }

    /// What depends on the place alone: of a top-hat its growth and cover; of a Gaussian of one width at all thrusts, without a table, its average and
    /// one over its width squared, 1/m^2.
    #[inline(always)]
    fn place_numbers<V: Lanes>(
        &self,
        rotor: Rotor,
        place: &Place<V>,
        target_radius_m: Option<V>,
    ) -> [V; PLACE_NUMBERS] {
        match self.wakes() {
            Wakes::TopHats => [self.spread(rotor, place, target_radius_m), V::splat(1.0)],
            Wakes::GaussiansOfOneWidth => {
                let sigma_m = self.sigma_m(self.start.width_m(rotor.diameter_m, V::splat(0.0)), place);
                let per_square = (sigma_m * sigma_m).reciprocal();
                [self.average_with_mirror(place, None, per_square), per_square]
            }
            Wakes::Gaussians => [V::splat(1.0); PLACE_NUMBERS],
        }
    }

    #[inline(always)]
    fn in_stages(&self) -> bool {
        self.overlap().is_some()
    }

    /// Of a Gaussian, unless it is a number of the place, one over its width squared, 1/m^2, or for a look-up table one over its width, 1/m. And
    /// its centre's deficit; of a top-hat its strength.
    #[inline(always)]
    fn behind<V: Lanes>(
        &self,
        source: &[V; SOURCE_NUMBERS],
        _rotor: Rotor,
        place: &Place<V>,
        _target_radius_m: Option<f64>,
        acts: V::Mask,
    ) -> [V; WAKE_NUMBERS] {
        let (zero, one) = (V::splat(0.0), V::splat(1.0));
        match self.wakes() {
            Wakes::TopHats => [zero, V::select_or_nil(acts, source[0])],
            Wakes::GaussiansOfOneWidth => {
                let per_square = place.numbers[1];
                [zero, center(source, acts, self.deficit_of(source[1] * per_square))]
            }
            Wakes::Gaussians if self.overlap().is_some() => {
                let per_sigma = one / self.sigma_m(source[2], place);
                [per_sigma, center(source, acts, self.deficit_of(source[1] * (per_sigma * per_sigma)))]
            }
            Wakes::Gaussians => {
                let sigma_m = self.sigma_m(source[2], place);
                let square = sigma_m * sigma_m;
                let per_square = square.reciprocal();
                let deficit = match self.induction() {
                    // 1 - sqrt(1 - m/s), s the square: as 1 - sqrt((s - m) s)/s, so that the root does not wait for the reciprocal.
                    Induction::Momentum => {
                        ((square - source[1]).max(zero) * square).sqrt().mul_neg_add(per_square, one)
                    }
                    Induction::Madsen => self.deficit_of(source[1] * per_square),
                };
                [per_square, center(source, acts, deficit)]
            }
        }
    }

    #[inline(always)]
    fn part<V: Lanes>(&self, wake: &[V; WAKE_NUMBERS], place: &Place<V>, target_radius_m: Option<f64>) -> V {
        let [per_width, center] = *wake;
        if self.has_place_numbers() {
            center * place.numbers[0]
        } else {
            center * self.average_with_mirror(place, target_radius_m, per_width)
        }
    }

    /// Nothing is looked up.
    type Leaving<V: Lanes> = ();

    #[inline(always)]
    fn leave<V: Lanes>(&self, _source: &[V; SOURCE_NUMBERS], _rotor: Rotor, _downwind_m: V) {}

    #[inline(always)]
    fn grow<V: Lanes>(
        &self,
        (): &(),
        source: &[V; SOURCE_NUMBERS],
        rotor: Rotor,
        place: &Place<V>,
        target_radius_m: f64,
    ) -> [V; WAKE_NUMBERS] {
        self.behind(source, rotor, place, Some(target_radius_m), V::everywhere())
    }

    /// The part: where there is a table, it takes most of the computation to find the places in it.
    type Aimed<V: Lanes> = V;

    #[inline(always)]
    fn aim<V: Lanes>(&self, wake: &[V; WAKE_NUMBERS], place: &Place<V>, target_radius_m: f64) -> V {
        self.part(wake, place, Some(target_radius_m))
    }

    #[inline(always)]
    fn hit<V: Lanes>(&self, part: &V) -> V {
        *part
    }

    #[inline(always)]
    fn add<V: Lanes>(&self, sum: V, part: V) -> V {
        match self.superposition() {
            Superposition::Linear => sum + part,
            Superposition::Squared => part.mul_add(part, sum),
            Superposition::Max => part.max(sum),
        }
    }

    #[inline(always)]
    fn term<V: Lanes>(&self, part: V) -> V {
        match self.superposition() {
            Superposition::Squared => part * part,
            Superposition::Linear | Superposition::Max => part,
        }
    }

    #[inline(always)]
    fn adds_up(&self) -> bool {
        self.superposition() != Superposition::Max
    }

    #[inline(always)]
    fn deficit<V: Lanes>(&self, sum: V) -> V {
        match self.superposition() {
            Superposition::Squared => sum.sqrt(),
            Superposition::Linear | Superposition::Max => sum,
        }
    }

    #[inline(always)]
    fn thrust_speed(&self) -> WindSpeedAt {
        self.spec.thrust_speed
    }

    fn reach(&self, rotor: Rotor, max_ct: f64, target: Option<Rotor>) -> impl Fn(f64) -> f64 {
        let has_width = self.wakes() != Wakes::TopHats && self.overlap().is_none();
        let width = has_width.then(|| (self.rate, self.start.width_m(rotor.diameter_m, max_ct)));
        move |downwind_m| match width {
            Some((rate, start_m)) => self.reach_sigma * (rate * downwind_m + start_m) * (1.0 + 1e-9),
            // A rotor is reached from further away than its hub.
            None => self.composed.reach_m(rotor, max_ct, self.ambient_turbulence, downwind_m, target.unwrap_or(rotor)),
        }
    }
}

impl<K: Known> ComposedLanes<'_, K> {
    /// The model cut off as suffices for energies.
    #[must_use]
    pub fn for_energy(self) -> Self {
        let reach_sigma = if self.overlap().is_some() { self.reach_sigma } else { ENERGY_REACH_SIGMA };
        Self { reach_sigma, ..self }
    }

    /// The deficit at a Gaussian's centre from the share of the momentum that is taken, not above 1.
    #[inline(always)]
    fn deficit_of<V: Lanes>(&self, momentum: V) -> V {
        let deficit = twice_induction(self.induction(), momentum);
        if self.induction() == Induction::Momentum { deficit } else { deficit.min(V::splat(1.0)) }
    }

    /// Width of a Gaussian that has this width at the rotor, m.
    #[inline(always)]
    fn sigma_m<V: Lanes>(&self, start_m: V, place: &Place<V>) -> V {
        V::splat(self.rate) * place.downwind_m.max(V::splat(0.0)) + start_m
    }

    /// Growth of a top-hat and its cover of a rotor, or of a point.
    #[inline(always)]
    fn spread<V: Lanes>(&self, rotor: Rotor, place: &Place<V>, target_radius_m: Option<V>) -> V {
        let own_m = self.start.width_m(rotor.diameter_m, V::splat(0.0));
        let radius_m = V::splat(self.rate).mul_add(place.downwind_m.max(V::splat(0.0)), own_m);
        let direct = self.covered(radius_m, target_radius_m, place.from_axis_m);
        let share = match self.ground() {
            Ground::None => direct,
            Ground::Mirror(superposition) => {
                let mirrored = self.covered(radius_m, target_radius_m, place.from_mirrored_axis_m);
                both(superposition, direct, mirrored)
            }
        };
        let growth = radius_m / own_m;
        share / (growth * growth)
    }

    /// [`Self::average`] together with that of the mirror image, if there is one.
    #[inline(always)]
    fn average_with_mirror<V: Lanes>(&self, place: &Place<V>, target_radius_m: Option<f64>, per_width: V) -> V {
        let direct = self.average(place.from_axis_m, target_radius_m, per_width);
        match self.ground() {
            Ground::None => direct,
            Ground::Mirror(superposition) => {
                let mirrored = self.average(place.from_mirrored_axis_m, target_radius_m, per_width);
                both(superposition, direct, mirrored)
            }
        }
    }

    /// Mean of a Gaussian over a rotor, or its value at the rotor's centre or a point, at this distance, m, from its axis.
    #[inline(always)]
    fn average<V: Lanes>(&self, distance_m: V, target_radius_m: Option<f64>, per_width: V) -> V {
        let Some(overlap) = self.overlap() else {
            let least = EXPONENT * self.reach_sigma * self.reach_sigma;
            let square_m2 = distance_m * distance_m;
            return self.composed.powers_of_two().at(V::splat(EXPONENT) * square_m2 * per_width, least);
        };
        let steps_per_m = V::splat(Overlap::STEPS_PER_SIGMA) * per_width;
        match target_radius_m {
            Some(radius_m) => overlap.disc(&overlap.row(V::splat(radius_m) * steps_per_m), distance_m * steps_per_m),
            None => overlap.point(distance_m * steps_per_m),
        }
    }

    /// Share of a rotor, or of a point, that a top-hat of this radius covers.
    #[inline(always)]
    fn covered<V: Lanes>(&self, wake_radius_m: V, target_radius_m: Option<V>, distance_m: V) -> V {
        match target_radius_m {
            Some(radius_m) if self.spec.rotor_average == RotorAverage::AreaOverlap => {
                area_overlap(wake_radius_m, radius_m, distance_m)
            }
            _ => V::select_or_nil(distance_m.less(wake_radius_m), V::splat(1.0)),
        }
    }
}

/// A Gaussian's centre, from its deficit by the reference speed, which is the free stream's where that is 1.
#[inline(always)]
fn center<V: Lanes>(source: &[V; SOURCE_NUMBERS], acts: V::Mask, deficit: V) -> V {
    V::select_or_nil(acts, source[0] * deficit)
}

/// A wake and its mirror image together.
#[inline(always)]
fn both<V: Lanes>(superposition: Superposition, direct: V, mirrored: V) -> V {
    match superposition {
        Superposition::Linear => direct + mirrored,
        Superposition::Squared => direct.mul_add(direct, mirrored * mirrored).sqrt(),
        Superposition::Max => direct.max(mirrored),
    }
}

//! A wake model put together from parts, in lanes: top-hats, Gaussians that grow linearly, the simplified Gaussian.
//!
//! The numbers agree with [`crate::wake::Composed`] to rounding (a test compares).

use crate::lanes::{Lanes, exp2};
use crate::wake::area_overlap::area_overlap;
use crate::wake::composed::Composed;
use crate::wake::deficit::Deficit;
use crate::wake::gaussian_width::GaussianWidth;
use crate::wake::spec::{Ground, RotorAverage, TurbulenceAt, WakeSpec, WindSpeedAt};
use crate::wake::turbulence::AddedTurbulence;
use crate::wake::{
    Induction, LaneWake, Overlap, PLACE_NUMBERS, Place, Rotor, SOURCE_NUMBERS, SingleWake, Superposition, WAKE_NUMBERS,
};

/// A composition in wind of one turbulence intensity. A plain one is known to have no table, no mirror image and the induction of momentum theory
/// when it is compiled, so that loops over its parts neither ask for them nor keep what they need.
#[derive(Debug, Clone, Copy)]
pub struct ComposedLanes<'a, const IS_PLAIN: bool = false> {
    composed: &'a Composed,
    spec: &'a WakeSpec,
    overlap: Option<&'a Overlap>,
    ambient_turbulence: f64,
    form: Form,
    reach_sigma: f64,
}

/// What is the same for all sources.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// Growth of the radius.
    TopHat { induction: Induction, rate: f64 },
    /// sigma = rate x + start, the start depending on thrust or not.
    Gaussian { induction: Induction, rate: f64, start: Start },
}

/// Width of a Gaussian at the rotor, in diameters.
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
        let form = match &spec.deficit {
            Deficit::TopHat { induction, expansion } => Form::TopHat { induction: *induction, rate: rate(expansion)? },
            Deficit::Gaussian { induction, width: GaussianWidth::Linear { expansion, c_epsilon, ct_limit } } => {
                let start = Start::OfThrust { c_epsilon: *c_epsilon, ct_limit: *ct_limit };
                Form::Gaussian { induction: *induction, rate: rate(expansion)?, start }
            }
            Deficit::Gaussian {
                induction,
                width: GaussianWidth::CarbajoFuertes { expansion, epsilon_of_k: [e1, e0] },
            } => {
                let rate = rate(expansion)?;
                Form::Gaussian { induction: *induction, rate, start: Start::Constant(e1 * rate + e0) }
            }
            Deficit::Iea37 { k } => {
                let start = Start::Constant(8f64.sqrt().recip());
                Form::Gaussian { induction: Induction::Momentum, rate: *k, start }
            }
            Deficit::Gaussian { .. } | Deficit::SuperGaussian { .. } => return None,
        };
        // A table's end is read at any distance.
        let reach_sigma = if self.overlap().is_some() { f64::INFINITY } else { REACH_SIGMA };
        Some(ComposedLanes { composed: self, spec, overlap: self.overlap(), ambient_turbulence, form, reach_sigma })
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

impl<const IS_PLAIN: bool> LaneWake for ComposedLanes<'_, IS_PLAIN> {
    #[inline(always)]
    fn has_place_numbers(&self) -> bool {
        matches!(self.form, Form::TopHat { .. }) || self.is_one_width()
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
        match self.form {
            Form::TopHat { .. } => [reference * twice_induction(self.induction(), ct), zero, zero],
            Form::Gaussian { start, .. } => {
                let start_m = match start {
                    Start::Constant(diameters) => V::splat(diameters * d),
                    Start::OfThrust { c_epsilon, ct_limit } => {
                        let (one, half) = (V::splat(1.0), V::splat(0.5));
                        let per_s = (one - ct.min(V::splat(ct_limit))).per_root();
                        // (1 + s) / (2 s)
                        V::splat(c_epsilon * d) * half.mul_add(per_s, half).sqrt()
                    }
                };
                [reference, ct * V::splat(d * d / 8.0), start_m]
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
        match self.form {
            Form::TopHat { rate, .. } => [self.spread(rate, rotor, place, target_radius_m), V::splat(1.0)],
            Form::Gaussian { rate, start: Start::Constant(diameters), .. } if self.is_one_width() => {
                let per_square = per_square(rate, V::splat(diameters * rotor.diameter_m), place);
                [self.average_with_mirror(place, None, per_square), per_square]
            }
            Form::Gaussian { .. } => [V::splat(1.0); PLACE_NUMBERS],
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
        match self.form {
            Form::TopHat { .. } => [zero, V::select_or_nil(acts, source[0])],
            Form::Gaussian { .. } if self.is_one_width() => [zero, self.center(source, acts, place.numbers[1])],
            Form::Gaussian { rate, .. } if self.overlap().is_some() => {
                let per_sigma = one / sigma_m(rate, source[2], place);
                [per_sigma, self.center(source, acts, per_sigma * per_sigma)]
            }
            Form::Gaussian { rate, .. } => {
                let per_square = per_square(rate, source[2], place);
                [per_square, self.center(source, acts, per_square)]
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
        match self.composed.superposition() {
            Superposition::Linear => sum + part,
            Superposition::Squared => part.mul_add(part, sum),
            Superposition::Max => part.max(sum),
        }
    }

    #[inline(always)]
    fn term<V: Lanes>(&self, part: V) -> V {
        match self.composed.superposition() {
            Superposition::Squared => part * part,
            Superposition::Linear | Superposition::Max => part,
        }
    }

    #[inline(always)]
    fn adds_up(&self) -> bool {
        self.composed.superposition() != Superposition::Max
    }

    #[inline(always)]
    fn deficit<V: Lanes>(&self, sum: V) -> V {
        match self.composed.superposition() {
            Superposition::Squared => sum.sqrt(),
            Superposition::Linear | Superposition::Max => sum,
        }
    }

    #[inline(always)]
    fn thrust_speed(&self) -> WindSpeedAt {
        self.spec.thrust_speed
    }

    fn reach(&self, rotor: Rotor, max_ct: f64, target: Option<Rotor>) -> impl Fn(f64) -> f64 {
        let width = match self.form {
            Form::Gaussian { rate, .. } if self.overlap().is_none() => Some((rate, self.source(rotor, max_ct, 1.0)[2])),
            _ => None,
        };
        move |downwind_m| match width {
            Some((rate, start_m)) => self.reach_sigma * (rate * downwind_m + start_m) * (1.0 + 1e-9),
            // A rotor is reached from further away than its hub.
            None => self.composed.reach_m(rotor, max_ct, self.ambient_turbulence, downwind_m, target.unwrap_or(rotor)),
        }
    }
}

impl<'a, const IS_PLAIN: bool> ComposedLanes<'a, IS_PLAIN> {
    /// The model cut off as suffices for energies.
    #[must_use]
    pub fn for_energy(self) -> Self {
        let reach_sigma = if self.overlap().is_some() { self.reach_sigma } else { ENERGY_REACH_SIGMA };
        Self { reach_sigma, ..self }
    }

    /// The same composition, if it is plain.
    #[must_use]
    pub fn plain(self) -> Option<ComposedLanes<'a, true>> {
        let Self { composed, spec, overlap, ambient_turbulence, form, reach_sigma } = self;
        let is_plain = overlap.is_none() && spec.ground == Ground::None && self.induction() == Induction::Momentum;
        is_plain.then_some(ComposedLanes { composed, spec, overlap, ambient_turbulence, form, reach_sigma })
    }

    #[inline(always)]
    fn overlap(&self) -> Option<&'a Overlap> {
        if IS_PLAIN { None } else { self.overlap }
    }

    #[inline(always)]
    fn ground(&self) -> Ground {
        if IS_PLAIN { Ground::None } else { self.spec.ground }
    }

    #[inline(always)]
    fn induction(&self) -> Induction {
        let (Form::TopHat { induction, .. } | Form::Gaussian { induction, .. }) = self.form;
        if IS_PLAIN { Induction::Momentum } else { induction }
    }

    /// The deficit at a Gaussian's centre, from one over its width squared, 1/m^2.
    #[inline(always)]
    fn center<V: Lanes>(&self, source: &[V; SOURCE_NUMBERS], acts: V::Mask, per_square: V) -> V {
        let induction = self.induction();
        let [reference, momentum_m2, _] = *source;
        let deficit = twice_induction(induction, momentum_m2 * per_square);
        let deficit = if induction == Induction::Momentum { deficit } else { deficit.min(V::splat(1.0)) };
        // The reference is 1 where it is the free stream.
        V::select_or_nil(acts, reference * deficit)
    }

    /// Whether wakes are Gaussians without a table that are as wide at any thrust.
    #[inline(always)]
    fn is_one_width(&self) -> bool {
        self.overlap().is_none() && matches!(self.form, Form::Gaussian { start: Start::Constant(_), .. })
    }

    /// Growth of a top-hat and its cover of a rotor, or of a point.
    #[inline(always)]
    fn spread<V: Lanes>(&self, rate: f64, rotor: Rotor, place: &Place<V>, target_radius_m: Option<V>) -> V {
        let own_m = V::splat(0.5 * rotor.diameter_m);
        let radius_m = V::splat(rate).mul_add(place.downwind_m.max(V::splat(0.0)), own_m);
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
        match (self.overlap(), target_radius_m) {
            (Some(overlap), Some(radius_m)) => {
                overlap.disc(&overlap.row(V::splat(radius_m) * per_width), distance_m * per_width)
            }
            (Some(overlap), None) => overlap.point(distance_m * per_width),
            (None, _) => {
                let least = EXPONENT * self.reach_sigma * self.reach_sigma;
                exp2(V::splat(EXPONENT) * (distance_m * distance_m) * per_width, least)
            }
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

/// Width of a Gaussian that grows at this rate from this width at the rotor, m.
#[inline(always)]
fn sigma_m<V: Lanes>(rate: f64, start_m: V, place: &Place<V>) -> V {
    V::splat(rate).mul_add(place.downwind_m.max(V::splat(0.0)), start_m)
}

/// One over its square, 1/m^2.
#[inline(always)]
fn per_square<V: Lanes>(rate: f64, start_m: V, place: &Place<V>) -> V {
    let sigma_m = sigma_m(rate, start_m, place);
    (sigma_m * sigma_m).reciprocal()
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

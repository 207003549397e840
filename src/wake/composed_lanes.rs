//! A wake model put together from parts, in lanes: top-hats, Gaussians that grow linearly, the simplified Gaussian.
//!
//! The numbers agree with [`crate::wake::Composed`] to rounding (a test compares).

use crate::lanes::{Lanes, exp};
use crate::wake::area_overlap::area_overlap;
use crate::wake::composed::Composed;
use crate::wake::deficit::Deficit;
use crate::wake::gaussian_width::GaussianWidth;
use crate::wake::spec::{Ground, RotorAverage, TurbulenceAt, WakeSpec, WindSpeedAt};
use crate::wake::turbulence::AddedTurbulence;
use crate::wake::{Induction, LaneWake, Overlap, Place, Rotor, SOURCE_NUMBERS, SingleWake, Superposition};

/// A composition in wind of one turbulence intensity.
#[derive(Debug, Clone, Copy)]
pub struct ComposedLanes<'a> {
    composed: &'a Composed,
    spec: &'a WakeSpec,
    overlap: Option<&'a Overlap>,
    ambient_turbulence: f64,
    form: Form,
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
        Some(ComposedLanes { composed: self, spec, overlap: self.overlap(), ambient_turbulence, form })
    }
}

/// Axial induction at this thrust.
#[inline(always)]
fn induction<V: Lanes>(induction: Induction, ct: V) -> V {
    let (one, half) = (V::splat(1.0), V::splat(0.5));
    match induction {
        Induction::Momentum => half * (one - (one - ct.min(one)).sqrt()),
        Induction::Madsen => ct * (V::splat(0.2460) + ct * (V::splat(0.0586) + ct * V::splat(0.0883))),
    }
}

impl LaneWake for ComposedLanes<'_> {
    /// Reference over free-stream speed times the centre's deficit at the rotor (top-hat), or thrust and width at the rotor (Gaussian).
    #[inline(always)]
    fn source<V: Lanes>(&self, rotor: Rotor, ct: V, speed_share: V) -> [V; SOURCE_NUMBERS] {
        let d = rotor.diameter_m;
        let reference = match self.spec.reference_speed {
            WindSpeedAt::FreeStream => V::splat(1.0),
            WindSpeedAt::Effective => speed_share,
        };
        let zero = V::splat(0.0);
        match self.form {
            Form::TopHat { induction: law, .. } => [reference * (V::splat(2.0) * induction(law, ct)), zero, zero, zero],
            Form::Gaussian { start, .. } => {
                let start_m = match start {
                    Start::Constant(diameters) => V::splat(diameters * d),
                    Start::OfThrust { c_epsilon, ct_limit } => {
                        let (one, half) = (V::splat(1.0), V::splat(0.5));
                        let s = (one - ct.min(V::splat(ct_limit))).sqrt();
                        V::splat(c_epsilon * d) * (half * (one + s) / s).sqrt()
                    }
                };
                [reference, ct * V::splat(d * d / 8.0), start_m, zero]
            }
        }
    }

    #[inline(always)]
    fn part<V: Lanes>(
        &self,
        source: &[V; SOURCE_NUMBERS],
        rotor: Rotor,
        place: &Place<V>,
        target_radius_m: Option<V>,
    ) -> V {
        match self.form {
            Form::TopHat { rate, .. } => {
                let radius_m = V::splat(0.5 * rotor.diameter_m) + V::splat(rate) * place.downwind_m;
                let growth = radius_m * V::splat(2.0 / rotor.diameter_m);
                let growth = V::select(V::splat(0.0).less(place.downwind_m), growth, V::splat(1.0));
                let center = source[0] / (growth * growth);
                let covered = |distance_m| self.covered(radius_m, target_radius_m, distance_m);
                self.on_ground(place, |distance_m| center * covered(distance_m))
            }
            Form::Gaussian { induction: law, rate, .. } => {
                let [reference, momentum_m2, start_m, _] = *source;
                let behind_m = place.downwind_m.max(V::splat(0.0));
                let sigma_m = V::splat(rate) * behind_m + start_m;
                let per_sigma = V::splat(1.0) / sigma_m;
                let twice = V::splat(2.0) * induction(law, momentum_m2 * (per_sigma * per_sigma));
                let center = reference * twice.min(V::splat(1.0));
                let average = |distance_m: V| {
                    let distance = distance_m * per_sigma;
                    match (self.overlap, target_radius_m) {
                        (Some(overlap), Some(radius_m)) => overlap.disc(&overlap.row(radius_m * per_sigma), distance),
                        (Some(overlap), None) => overlap.point(distance),
                        (None, _) => exp(V::splat(-0.5) * (distance * distance)),
                    }
                };
                self.on_ground(place, |distance_m| center * average(distance_m))
            }
        }
    }

    #[inline(always)]
    fn add<V: Lanes>(&self, sum: V, part: V) -> V {
        match self.composed.superposition() {
            Superposition::Linear => sum + part,
            Superposition::Squared => sum + part * part,
            Superposition::Max => part.max(sum),
        }
    }

    #[inline(always)]
    fn deficit<V: Lanes>(&self, sum: V) -> V {
        match self.composed.superposition() {
            Superposition::Squared => sum.sqrt(),
            Superposition::Linear | Superposition::Max => sum,
        }
    }

    #[inline(always)]
    fn thrust_speed_m_s<V: Lanes>(&self, free_m_s: V, effective_m_s: V) -> V {
        match self.spec.thrust_speed {
            WindSpeedAt::FreeStream => free_m_s,
            WindSpeedAt::Effective => effective_m_s,
        }
    }

    fn reach_m(&self, rotor: Rotor, max_ct: f64, downwind_m: f64, target: Rotor) -> f64 {
        self.composed.reach_m(rotor, max_ct, self.ambient_turbulence, downwind_m, target)
    }
}

impl ComposedLanes<'_> {
    /// The deficit at both the wake's axis and its mirror image's.
    #[inline(always)]
    fn on_ground<V: Lanes>(&self, place: &Place<V>, at: impl Fn(V) -> V) -> V {
        let direct = at(place.from_axis_m);
        match self.spec.ground {
            Ground::None => direct,
            Ground::Mirror(superposition) => {
                let mirrored = at(place.from_mirrored_axis_m);
                match superposition {
                    Superposition::Linear => direct + mirrored,
                    Superposition::Squared => (direct * direct + mirrored * mirrored).sqrt(),
                    Superposition::Max => direct.max(mirrored),
                }
            }
        }
    }

    /// Share of a rotor, or of a point, that a top-hat of this radius covers.
    #[inline(always)]
    fn covered<V: Lanes>(&self, wake_radius_m: V, target_radius_m: Option<V>, distance_m: V) -> V {
        let (one, zero) = (V::splat(1.0), V::splat(0.0));
        match target_radius_m {
            Some(radius_m) if self.spec.rotor_average == RotorAverage::AreaOverlap => {
                // Wholly inside or outside, as mostly: by comparison.
                let inside = distance_m.at_most((wake_radius_m - radius_m).abs());
                let outside = (wake_radius_m + radius_m).at_most(distance_m);
                if V::bits(inside) | V::bits(outside) == V::all() {
                    V::select(inside, one, zero)
                } else {
                    wake_radius_m.zip_each(radius_m, distance_m, area_overlap)
                }
            }
            _ => V::select(distance_m.less(wake_radius_m), one, zero),
        }
    }
}

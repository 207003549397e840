//! A wake model put together from parts.

use crate::lanes::{PowersOfTwo, Real};
use crate::wake::area_overlap::area_overlap;
use crate::wake::deficit::{Deficit, Form, Profile, Shape};
use crate::wake::gaussian_width::GaussianWidth;
use crate::wake::spec::{DeficitSum, Ground, RotorAverage, TurbulenceAt, WakeSpec, WindSpeedAt};
use crate::wake::turbulence::{AddedTurbulence, TurbulenceSource};
use crate::wake::{Inflow, Offset, Overlap, RealWake, Rotor, SingleWake, Superposition};

/// A model made as its [`WakeSpec`] says, with a superposition that takes each flow case for itself.
#[derive(Debug, Clone)]
pub struct Composed {
    spec: WakeSpec,
    superposition: Superposition,
    /// Only for Gaussian overlap.
    overlap: Option<Overlap>,
    powers_of_two: PowersOfTwo,
}

/// A rotor at one operating point.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Source<R = f64> {
    pub(crate) rotor: Rotor,
    pub(crate) ct: R,
    /// Reference over free-stream speed.
    pub(crate) reference: R,
    shape: Shape<R>,
    turbulence: TurbulenceSource<R>,
}

/// A deficit below this is a ten-thousandth of the last bit of a wind speed.
const NEGLIGIBLE: f64 = 1e-20;
/// A profile is below [`NEGLIGIBLE`] where its exponent is this.
const REACH_EXPONENT: f64 = 50.0;
/// Where its exponent is this, it is below 1e-14 of its centre: what lies beyond changes no AEP by more than a millionth of a millionth.
const FELT_EXPONENT: f64 = 32.3;
/// Radii that the published look-up table has, sigma.
const MAX_ROTOR_RADIUS: f64 = 20.0;

impl Composed {
    /// The model for rotors of these diameters, m.
    pub fn new(spec: WakeSpec, diameters_m: impl IntoIterator<Item = f64> + Clone) -> Self {
        let least = diameters_m.clone().into_iter().fold(f64::INFINITY, f64::min);
        let greatest = diameters_m.into_iter().fold(0.0, f64::max);
        let overlap = (spec.rotor_average == RotorAverage::GaussianOverlap).then(|| {
            let max_radius = 0.5 * greatest / (least_width(&spec.deficit) * least);
            Overlap::new(max_radius.clamp(0.0, MAX_ROTOR_RADIUS))
        });
        let superposition = match spec.superposition {
            DeficitSum::Plain(superposition) => superposition,
            // Unused: `Weighted` sums by itself.
            DeficitSum::Weighted => Superposition::Linear,
        };
        Self { spec, superposition, overlap, powers_of_two: PowersOfTwo::default() }
    }

    /// What it is made of.
    pub(crate) fn spec(&self) -> &WakeSpec {
        &self.spec
    }

    /// How its deficits add up.
    #[inline]
    pub(crate) fn superposition(&self) -> Superposition {
        self.superposition
    }

    /// Its look-up table, if it has one.
    pub(crate) fn overlap(&self) -> Option<&Overlap> {
        self.overlap.as_ref()
    }

    /// For its Gaussians in lanes.
    pub(crate) fn powers_of_two(&self) -> &PowersOfTwo {
        &self.powers_of_two
    }

    /// The profile of a source's deficit at a target.
    #[inline]
    pub(crate) fn profile<R: Real>(source: &Source<R>, downwind_m: R) -> Profile<R> {
        source.shape.profile(source.rotor.diameter_m, source.ct, downwind_m)
    }

    /// Average of the deficit over a rotor of this radius, m, at this distance from the axis, m.
    fn averaged<R: Real>(&self, profile: &Profile<R>, radius_m: f64, distance_m: R) -> R {
        match (self.spec.rotor_average, profile.form, &self.overlap) {
            (RotorAverage::AreaOverlap, Form::TopHat { radius_m: wake_m }, _) if radius_m > 0.0 => {
                profile.center * area_overlap(wake_m, R::splat(radius_m), distance_m)
            }
            (RotorAverage::GaussianOverlap, Form::Gaussian { sigma_m }, Some(overlap)) => {
                let steps_per_m = R::splat(Overlap::STEPS_PER_SIGMA) / sigma_m;
                let row = overlap.row(steps_per_m * radius_m);
                profile.center * overlap.disc(&row, distance_m * steps_per_m)
            }
            _ => profile.at(distance_m),
        }
    }

    fn part<R: Real>(&self, source: &Source<R>, offset: Offset<R>, radius_m: f64) -> R {
        let profile = Self::profile(source, offset.downwind_m);
        let direct = self.averaged(&profile, radius_m, offset.from_axis_m());
        let deficit = match self.spec.ground {
            Ground::None => direct,
            Ground::Mirror(superposition) => {
                let mirrored = offset.mirrored(source.rotor.hub_height_m).from_axis_m();
                superposition.of(&[direct, self.averaged(&profile, radius_m, mirrored)])
            }
        };
        source.reference * deficit
    }
}

impl<R: Real> Source<R> {
    /// How the deficit falls off from the axis at this distance downwind.
    fn form(&self, downwind_m: R) -> Form<R> {
        self.shape.form(self.rotor.diameter_m, downwind_m)
    }
}

impl SingleWake for Composed {
    type Source = Source;
    /// The deficit.
    type Part = f64;

    fn source(&self, rotor: Rotor, inflow: Inflow) -> Source {
        self.source_of(rotor, &inflow)
    }

    fn part_at_rotor(&self, source: &Source, offset: Offset, target: Rotor) -> f64 {
        self.part(source, offset, 0.5 * target.diameter_m)
    }

    fn part_at_point(&self, source: &Source, offset: Offset) -> f64 {
        self.part(source, offset, 0.0)
    }

    #[inline]
    fn is_negligible(part: &f64) -> bool {
        part.abs() < NEGLIGIBLE
    }

    #[inline]
    fn deficit(&self, parts: &[f64]) -> f64 {
        self.superposition.of(parts)
    }

    fn thrust_speed_m_s(&self, free_m_s: f64, effective_m_s: f64) -> f64 {
        self.thrust_speed_of(free_m_s, effective_m_s)
    }

    fn adds_turbulence(&self) -> bool {
        self.spec.turbulence != AddedTurbulence::None
    }

    fn added_turbulence(&self, source: &Source, offset: Offset, target: Rotor) -> f64 {
        self.added_of(source, offset, target)
    }

    fn turbulence(&self, ambient: f64, added: &[f64]) -> f64 {
        self.turbulence_of(ambient, added)
    }

    /// Finite only where the width is known beforehand and no look-up table's edge is read.
    fn reach_m(&self, rotor: Rotor, max_ct: f64, ambient_turbulence: f64, downwind_m: f64, target: Rotor) -> f64 {
        if self.adds_turbulence() || self.spec.rotor_average == RotorAverage::GaussianOverlap {
            return f64::INFINITY;
        }
        let known = match self.spec.deficit {
            Deficit::TopHat { expansion, .. } | Deficit::SuperGaussian { expansion, .. } => {
                expansion.turbulence == TurbulenceAt::Ambient
            }
            // Its width at the rotor grows with thrust.
            Deficit::Gaussian { width, .. } => {
                matches!(width, GaussianWidth::Linear { .. } | GaussianWidth::TurbOPark { .. })
            }
            Deficit::Iea37 { .. } => true,
        };
        if !known {
            return f64::INFINITY;
        }
        let inflow = Inflow::undisturbed(max_ct, ambient_turbulence, 10.0);
        // Of a super-Gaussian s > 0.1, and n falls downwind.
        let form = self.source(rotor, inflow).form(downwind_m.max(0.0));
        form.felt_within_m(REACH_EXPONENT) + 0.5 * target.diameter_m
    }
}

impl RealWake for Composed {
    type SourceOf<R: Real> = Source<R>;
    type PartOf<R: Real> = R;

    fn source_of<R: Real>(&self, rotor: Rotor, inflow: &Inflow<R>) -> Source<R> {
        let reference = match self.spec.reference_speed {
            WindSpeedAt::FreeStream => R::splat(1.0),
            WindSpeedAt::Effective => inflow.speed_share,
        };
        let (ct, ambient) = (inflow.ct, inflow.ambient_turbulence);
        let turbulence = self.spec.turbulence.source(ct, ambient, inflow.free_speed_m_s);
        Source { rotor, ct, reference, shape: self.spec.deficit.shape(rotor, inflow), turbulence }
    }

    fn part_of<R: Real>(&self, source: &Source<R>, offset: Offset<R>, target: Rotor) -> R {
        self.part(source, offset, 0.5 * target.diameter_m)
    }

    fn felt_within_m(&self, source: &Source, downwind_m: f64, target: Rotor) -> f64 {
        let (form, radius_m) = (source.form(downwind_m), 0.5 * target.diameter_m);
        let by_deficit_m = form.felt_within_m(FELT_EXPONENT) + radius_m;
        // A rotor whose rim is within reach of the axis at the table's end reads it at any distance beyond.
        if let (Form::Gaussian { sigma_m }, Some(_)) = (form, &self.overlap)
            && by_deficit_m > Overlap::max_center_distance() * sigma_m
        {
            return f64::INFINITY;
        }
        let turbulence = &self.spec.turbulence;
        by_deficit_m.max(turbulence.felt_within_m(source.rotor, downwind_m, form.radius_m(), target))
    }

    fn deficit_of<R: Real>(&self, parts: &[R], _repeats: usize) -> R {
        self.superposition.of(parts)
    }

    fn thrust_speed_of<R: Real>(&self, free_m_s: f64, effective_m_s: R) -> R {
        match self.spec.thrust_speed {
            WindSpeedAt::FreeStream => R::splat(free_m_s),
            WindSpeedAt::Effective => effective_m_s,
        }
    }

    fn added_of<R: Real>(&self, source: &Source<R>, offset: Offset<R>, target: Rotor) -> R {
        let wake_radius_m = source.form(offset.downwind_m).radius_m();
        self.spec.turbulence.added(&source.turbulence, source.rotor, offset, wake_radius_m, target)
    }

    fn turbulence_of<R: Real>(&self, ambient: f64, added: &[R]) -> R {
        if self.adds_turbulence() { self.spec.turbulence_sum.of(ambient, added) } else { R::splat(ambient) }
    }
}

/// The least width at the rotor, in diameters.
fn least_width(deficit: &Deficit) -> f64 {
    match deficit {
        Deficit::Gaussian { width: GaussianWidth::Linear { c_epsilon, .. }, .. } => *c_epsilon,
        Deficit::Gaussian { width: GaussianWidth::TurbOPark { constants, .. }, .. } => constants.c_epsilon,
        Deficit::Gaussian { width: GaussianWidth::Zong { epsilon, .. }, .. } => *epsilon,
        Deficit::Iea37 { .. } => 8f64.sqrt().recip(),
        // No bound: the whole table.
        _ => 0.0,
    }
}

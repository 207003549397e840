//! A wake model put together from parts.

use crate::wake::area_overlap::area_overlap;
use crate::wake::deficit::{Deficit, Form, Profile, Shape};
use crate::wake::gaussian_width::GaussianWidth;
use crate::wake::spec::{DeficitSum, Ground, RotorAverage, TurbulenceAt, WakeSpec, WindSpeedAt};
use crate::wake::turbulence::{AddedTurbulence, TurbulenceSource};
use crate::wake::{Inflow, Offset, Overlap, Rotor, SingleWake, Superposition};

/// A model made as its [`WakeSpec`] says, with a superposition that takes each flow case for itself.
#[derive(Debug, Clone)]
pub struct Composed {
    spec: WakeSpec,
    superposition: Superposition,
    /// Only for Gaussian overlap.
    overlap: Option<Overlap>,
}

/// A rotor at one operating point.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Source {
    pub(crate) rotor: Rotor,
    pub(crate) ct: f64,
    /// Reference over free-stream speed.
    pub(crate) reference: f64,
    shape: Shape,
    turbulence: TurbulenceSource,
}

/// A deficit below this is a ten-thousandth of the last bit of a wind speed.
const NEGLIGIBLE: f64 = 1e-20;
/// A Gaussian is below [`NEGLIGIBLE`] from here on, sigma.
const GAUSSIAN_REACH: f64 = 10.0;
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
        Self { spec, superposition, overlap }
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

    /// The profile of a source's deficit at a target.
    #[inline]
    pub(crate) fn profile(source: &Source, downwind_m: f64) -> Profile {
        source.shape.profile(source.rotor.diameter_m, source.ct, downwind_m)
    }

    /// Average of the deficit over a rotor of this radius, m, at this distance from the axis, m.
    fn averaged(&self, profile: &Profile, radius_m: f64, distance_m: f64) -> f64 {
        match (self.spec.rotor_average, profile.form, &self.overlap) {
            (RotorAverage::AreaOverlap, Form::TopHat { radius_m: wake_m }, _) if radius_m > 0.0 => {
                profile.center * area_overlap(wake_m, radius_m, distance_m)
            }
            (RotorAverage::GaussianOverlap, Form::Gaussian { sigma_m }, Some(overlap)) => {
                profile.center * overlap.disc(&overlap.row(radius_m / sigma_m), distance_m / sigma_m)
            }
            _ => profile.at(distance_m),
        }
    }

    fn part(&self, source: &Source, offset: Offset, radius_m: f64) -> f64 {
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

impl SingleWake for Composed {
    type Source = Source;
    /// The deficit.
    type Part = f64;

    fn source(&self, rotor: Rotor, inflow: Inflow) -> Source {
        let reference = match self.spec.reference_speed {
            WindSpeedAt::FreeStream => 1.0,
            WindSpeedAt::Effective => inflow.speed_share,
        };
        Source {
            rotor,
            ct: inflow.ct,
            reference,
            shape: self.spec.deficit.shape(rotor, &inflow),
            turbulence: self.spec.turbulence.source(inflow.ct, inflow.ambient_turbulence, inflow.free_speed_m_s),
        }
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
        match self.spec.thrust_speed {
            WindSpeedAt::FreeStream => free_m_s,
            WindSpeedAt::Effective => effective_m_s,
        }
    }

    fn adds_turbulence(&self) -> bool {
        self.spec.turbulence != AddedTurbulence::None
    }

    fn added_turbulence(&self, source: &Source, offset: Offset, target: Rotor) -> f64 {
        let wake_radius_m = Self::profile(source, offset.downwind_m).radius_m();
        self.spec.turbulence.added(&source.turbulence, source.rotor, offset, wake_radius_m, target)
    }

    fn turbulence(&self, ambient: f64, added: &[f64]) -> f64 {
        if self.adds_turbulence() { self.spec.turbulence_sum.of(ambient, added) } else { ambient }
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
        match Self::profile(&self.source(rotor, inflow), downwind_m.max(0.0)).form {
            Form::TopHat { radius_m } => radius_m + 0.5 * target.diameter_m,
            Form::Gaussian { sigma_m } => GAUSSIAN_REACH * sigma_m,
            // (r/D)^n = (10 s)^2, where s > 0.1 and n falls downwind.
            Form::SuperGaussian { diameter_m, width, exponent } => {
                diameter_m * libm::pow(GAUSSIAN_REACH * GAUSSIAN_REACH * width * width, 1.0 / exponent)
            }
        }
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

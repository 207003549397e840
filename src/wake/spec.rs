//! What a wake model is made of, as plain data.

use crate::error::Problem;
use crate::lanes::Real;
use crate::wake::Superposition;
use crate::wake::deficit::Deficit;
use crate::wake::turbulence::{AddedTurbulence, TurbulenceSum};

/// A wake model as a composition of parts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WakeSpec {
    /// The deficit behind one rotor.
    pub deficit: Deficit,
    /// The wind speed that a deficit is a share of.
    pub reference_speed: WindSpeedAt,
    /// The wind speed at which thrust is read from its curve.
    pub thrust_speed: WindSpeedAt,
    /// How deficits add up.
    pub superposition: DeficitSum,
    /// How a deficit is averaged over the target's rotor.
    pub rotor_average: RotorAverage,
    /// The effect of the ground.
    pub ground: Ground,
    /// Turbulence that wakes add.
    pub turbulence: AddedTurbulence,
    /// How added turbulence adds up.
    pub turbulence_sum: TurbulenceSum,
}

/// A wind speed at the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WindSpeedAt {
    /// The undisturbed wind.
    FreeStream,
    /// The wind that the rotor sees.
    #[default]
    Effective,
}

/// A turbulence intensity at the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TurbulenceAt {
    /// That of the undisturbed wind.
    #[default]
    Ambient,
    /// That at the rotor: ambient and added.
    Effective,
}

impl TurbulenceAt {
    /// The turbulence intensity that counts.
    #[inline]
    pub fn of<R: Real>(self, ambient: f64, effective: R) -> R {
        match self {
            Self::Ambient => R::splat(ambient),
            Self::Effective => effective,
        }
    }
}

/// How deficits add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeficitSum {
    /// Each case for itself.
    Plain(Superposition),
    /// Momentum-conserving, with the wakes' convection speeds as weights (Zong and Porte-Agel 2020).
    Weighted,
}

/// Average over a target's rotor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RotorAverage {
    /// The value at the hub.
    #[default]
    Center,
    /// The mean of a Gaussian over the disc, by look-up.
    GaussianOverlap,
    /// The share of the disc that a top-hat covers.
    AreaOverlap,
}

/// The effect of the ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ground {
    /// None.
    #[default]
    None,
    /// Every source has a mirror image below the ground; the two add up by this rule.
    Mirror(Superposition),
}

/// How fast a wake grows downwind: k = per_turbulence TI + constant.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Expansion {
    /// Growth per unit of turbulence intensity.
    pub per_turbulence: f64,
    /// Growth at no turbulence.
    pub constant: f64,
    /// Which turbulence counts.
    pub turbulence: TurbulenceAt,
}

impl Expansion {
    /// The same growth whatever the turbulence.
    pub const fn constant(k: f64) -> Self {
        Self { per_turbulence: 0.0, constant: k, turbulence: TurbulenceAt::Ambient }
    }

    /// Growth with the turbulence at the rotor.
    pub const fn effective(per_turbulence: f64, constant: f64) -> Self {
        Self { per_turbulence, constant, turbulence: TurbulenceAt::Effective }
    }

    /// Growth per metre.
    #[inline]
    pub fn rate<R: Real>(&self, ambient: f64, effective: R) -> R {
        self.turbulence.of(ambient, effective) * self.per_turbulence + self.constant
    }
}

impl WakeSpec {
    /// Checks that the parts fit together.
    ///
    /// # Errors
    /// Every combination that makes no sense, with the reason.
    pub fn check(&self) -> Result<(), Vec<Problem>> {
        let mut problems = Vec::new();
        let mut refuse = |when: bool, field: &str, fault: &str| {
            if when {
                problems.push(Problem::new(field, fault));
            }
        };
        let (top_hat, gaussian) =
            (matches!(self.deficit, Deficit::TopHat { .. }), matches!(self.deficit, Deficit::Gaussian { .. }));
        let simple = matches!(self.deficit, Deficit::Iea37 { .. });
        let weighted = self.superposition == DeficitSum::Weighted;
        refuse(
            self.rotor_average == RotorAverage::AreaOverlap && !top_hat,
            "rotor_average",
            "area-overlap is the share of a rotor that a top-hat covers; this deficit has no edge: use center or gaussian-overlap",
        );
        refuse(
            self.rotor_average == RotorAverage::GaussianOverlap && !(gaussian || simple),
            "rotor_average",
            "gaussian-overlap is the mean of a Gaussian over a rotor; this deficit is none: use center or area-overlap",
        );
        refuse(
            self.deficit.uses_effective_turbulence() && self.turbulence == AddedTurbulence::None,
            "added_turbulence",
            "is none, but the wake expands with the effective turbulence: name a model, or use expansion_turbulence = \"ambient\"",
        );
        refuse(
            !self.deficit.uses_effective_turbulence() && self.turbulence != AddedTurbulence::None,
            "added_turbulence",
            "changes nothing, because no part depends on the effective turbulence: leave it out, or use expansion_turbulence = \"effective\"",
        );
        refuse(
            weighted && !gaussian,
            "superposition",
            "weighted needs the convection speed of a Gaussian wake; this deficit has none: use linear, squared or max",
        );
        refuse(
            weighted && (self.rotor_average != RotorAverage::Center || self.ground != Ground::None),
            "superposition",
            "weighted is defined at rotor centres without mirror images: use rotor_average = \"center\" and ground = \"none\"",
        );
        refuse(
            simple && self.reference_speed == WindSpeedAt::Effective,
            "reference_speed",
            "is effective, but the IEA37 deficit is a share of the free stream: use free-stream",
        );
        let (rate, per_turbulence) = self.deficit.expansion().map_or((0.0, 0.0), |e| (e.constant, e.per_turbulence));
        let grows = rate.is_finite() && per_turbulence.is_finite() && rate >= 0.0 && per_turbulence >= 0.0;
        refuse(!grows, "k", "must be finite and not negative: a wake does not shrink");
        let ct_limit = self.deficit.ct_limit().unwrap_or_default();
        let is_below_1 = (0.0..1.0).contains(&ct_limit);
        refuse(
            !is_below_1,
            "ct_limit",
            "must be at least 0 and below 1: what a wake begins with grows as 1/sqrt(1 - ct_limit)",
        );
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }
}

//! Which wake model a user asks for.

use crate::wake::{BuiltWake, WakeModel, WakeSpec};

/// A published model by its name, or a composition of parts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum WakeChoice {
    /// A published model as it stands.
    Published(WakeModel),
    /// Parts put together by the user.
    Composed(WakeSpec),
}

impl WakeChoice {
    /// The model's name, or `composed`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Published(model) => model.name(),
            Self::Composed(_) => "composed",
        }
    }

    /// What the model is made of.
    pub fn spec(&self) -> WakeSpec {
        match self {
            Self::Published(model) => model.spec(),
            Self::Composed(spec) => *spec,
        }
    }

    /// The model for rotors of these diameters, m.
    pub fn build(&self, diameters_m: impl IntoIterator<Item = f64> + Clone) -> BuiltWake {
        match self {
            Self::Published(model) => model.build(diameters_m),
            Self::Composed(spec) => spec.build(diameters_m),
        }
    }
}

impl Default for WakeChoice {
    fn default() -> Self {
        Self::Published(WakeModel::default())
    }
}

impl From<WakeModel> for WakeChoice {
    fn from(model: WakeModel) -> Self {
        Self::Published(model)
    }
}

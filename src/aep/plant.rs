//! Turbines at their places: what the engine evaluates.

use crate::farm::{Layout, Turbine};
use crate::wake::Rotor;

/// A layout with the type of each turbine.
#[derive(Debug, Clone, Copy)]
pub struct Plant<'a> {
    layout: &'a Layout,
    turbines: &'a [Turbine],
    type_of: &'a [usize],
}

impl<'a> Plant<'a> {
    /// Turbine i stands at the layout's position i and is of type `turbines[type_of[i]]`.
    ///
    /// # Panics
    /// If there is not one type for each position, or a type that does not exist.
    pub fn new(layout: &'a Layout, turbines: &'a [Turbine], type_of: &'a [usize]) -> Self {
        assert_eq!(layout.len(), type_of.len(), "one type for each position");
        assert!(type_of.iter().all(|&t| t < turbines.len()), "every type exists");
        Self { layout, turbines, type_of }
    }

    /// Number of turbines.
    pub fn len(&self) -> usize {
        self.layout.len()
    }

    /// Whether there are no turbines.
    pub fn is_empty(&self) -> bool {
        self.layout.is_empty()
    }

    /// The type of turbine i.
    #[inline]
    pub fn turbine(&self, i: usize) -> &'a Turbine {
        &self.turbines[self.type_of[i]]
    }

    /// The rotor of turbine i.
    #[inline]
    pub fn rotor(&self, i: usize) -> Rotor {
        rotor(self.turbine(i))
    }

    /// Number of types, used or not.
    pub(crate) fn n_types(&self) -> usize {
        self.turbines.len()
    }

    /// Index of turbine i's type.
    #[inline]
    pub(crate) fn type_of(&self, i: usize) -> usize {
        self.type_of[i]
    }

    /// Type number `t`.
    pub(crate) fn turbine_type(&self, t: usize) -> &'a Turbine {
        &self.turbines[t]
    }

    /// Positions (x, y) of all turbines, m.
    pub(crate) fn positions(&self) -> impl Iterator<Item = (f64, f64)> + Clone + '_ {
        self.layout.x_m.iter().copied().zip(self.layout.y_m.iter().copied())
    }

    /// Position (x, y) of turbine i, m.
    #[inline]
    pub fn position(&self, i: usize) -> (f64, f64) {
        (self.layout.x_m[i], self.layout.y_m[i])
    }
}

/// A turbine type's rotor.
pub(crate) fn rotor(turbine: &Turbine) -> Rotor {
    Rotor { diameter_m: turbine.rotor_diameter_m, hub_height_m: turbine.hub_height_m }
}

//! What every wake model offers to the engine.

/// The wake of one rotor.
///
/// Deficits are shares of the free-stream speed at the place they act on, squared, because wakes are superposed as the root of the sum of
/// squares. `Source` holds all that depends on the thrust of the source, so that it is computed once per source and flow case.
pub trait SingleWake: Send + Sync {
    /// A source at one operating point.
    type Source: Copy + Default + Send;

    /// A rotor that casts a wake at thrust coefficient `ct`.
    fn source(&self, rotor: Rotor, ct: f64, turbulence_intensity: f64) -> Self::Source;

    /// Squared deficit, averaged over the rotor `target` whose hub is `offset` from the source's hub.
    fn deficit_squared_at_rotor(&self, source: &Self::Source, offset: Offset, target: Rotor) -> f64;

    /// Squared deficit at a point.
    fn deficit_squared_at_point(&self, source: &Self::Source, offset: Offset) -> f64;

    /// Crosswind distance, m, beyond which `source` changes no bit of any result at a target `downwind_m` behind it; infinite where there
    /// is no such distance. Must not fall with thrust or with distance downwind.
    fn reach_m(&self, source: &Self::Source, downwind_m: f64, target: Rotor) -> f64;
}

/// A rotor as wakes see it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rotor {
    /// Diameter, m.
    pub diameter_m: f64,
    /// Hub height above ground, m.
    pub hub_height_m: f64,
}

/// A target's position seen from a source.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Offset {
    /// Distance downwind, m, not negative but for rounding.
    pub downwind_m: f64,
    /// Distance crosswind, m; either sign.
    pub crosswind_m: f64,
    /// Hub height of the target less that of the source, m.
    pub height_m: f64,
}

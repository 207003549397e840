//! TurbOPark's Gaussian wakes at points in single precision: for telling places apart, not for results.
//!
//! The formulas are those of `nygaard_2022.rs` and `turbopark.rs`, for a source and points at its hub height, cut off nearer and with the
//! Gaussian itself instead of the published table of it. Written as loops over eight flow cases that compilers turn into vectors.

use crate::lanes::single::{Octet, ROUND, exp, ln};
use crate::lanes::{Block, EIGHT};
use crate::wake::turbopark::TurbOParkAir;
use crate::wake::{Rotor, SOURCE_NUMBERS};

/// Wakes of one type of rotor in wind of one turbulence intensity.
#[derive(Debug, Clone, Copy)]
pub struct WakeSketch {
    air: TurbOParkAir,
    rotor: Rotor,
    alpha: f32,
    /// Growth / sqrt(ct), m; see [`crate::wake::turbopark::TurbOParkWidth`].
    growth_m: f32,
    /// D^2 / 8, m2.
    eighth_square_m2: f32,
    /// Square of twice the hub height, m2.
    mirrored_square_m2: f32,
}

/// What a turbine is as a source in eight flow cases.
#[derive(Debug, Clone, Copy, Default)]
pub struct SketchSource {
    /// Root of the thrust coefficient.
    root: Octet,
    /// See [`crate::wake::turbopark::TurbOParkWidth`].
    rate_per_m: Octet,
    /// The same.
    offset_m: Octet,
}

/// Where the wind comes from in eight flow cases, see [`crate::aep::frame::WindFrame`].
#[derive(Debug, Clone, Copy, Default)]
pub struct Directions {
    /// Cosine.
    pub cos: Octet,
    /// Sine.
    pub sin: Octet,
}

/// Wakes end so many sigma from their axes: what is left out is below 3e-7 of the centre's deficit.
const CUT_SIGMA: f32 = 5.5;
/// Points of the published table of the Gaussian per sigma, see `overlap.rs`.
const STEPS_PER_SIGMA: f32 = 100.0;
/// The growth's variable is at least this: below lie turbulence intensities under 1e-6.
const LEAST_U: f32 = 1e-6;
/// How far positions may be off, relative to the distance: those nearer to standing abreast are told.
const NEARLY_ABREAST: f32 = 1e-6;

impl SketchSource {
    /// Whether the root of thrust differs from these, relative, by more than `noticeable` in any of the flow cases.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "single precision is what this is about")]
    pub fn differs_from(&self, roots: &Block, noticeable: f32) -> bool {
        let mut differs = 0;
        for k in 0..EIGHT {
            let root = roots.0[k] as f32;
            differs |= u32::from((self.root.0[k] - root).abs() > noticeable * root);
        }
        differs != 0
    }
}

impl WakeSketch {
    /// Wakes of this rotor in this air.
    #[expect(clippy::cast_possible_truncation, reason = "single precision is what this is about")]
    pub fn new(air: TurbOParkAir, rotor: Rotor) -> Self {
        let unit_thrust = air.thrust(rotor.diameter_m, 1.0);
        let of_unit_thrust = air.width(rotor.diameter_m, unit_thrust);
        Self {
            air,
            rotor,
            alpha: air.alpha() as f32,
            growth_m: of_unit_thrust.growth_m as f32,
            eighth_square_m2: (rotor.diameter_m * rotor.diameter_m / 8.0) as f32,
            mirrored_square_m2: (4.0 * rotor.hub_height_m * rotor.hub_height_m) as f32,
        }
    }

    /// By the distance downwind, m: how far crosswind a source of at most this thrust is felt, m.
    pub fn reach(&self, max_ct: f64) -> impl Fn(f64) -> f64 + use<> {
        let diameter_m = self.rotor.diameter_m;
        let width = self.air.width(diameter_m, self.air.thrust(diameter_m, max_ct));
        move |downwind_m| f64::from(CUT_SIGMA) * width.sigma_m(downwind_m)
    }

    /// The source with these numbers, see `nygaard_2022.rs`.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "single precision is what this is about")]
    pub fn source(&self, [roots, rates_per_m, offsets_m]: &[Block; SOURCE_NUMBERS]) -> SketchSource {
        let mut source = SketchSource::default();
        for k in 0..EIGHT {
            source.root.0[k] = roots.0[k] as f32;
            source.rate_per_m.0[k] = rates_per_m.0[k] as f32;
            source.offset_m.0[k] = offsets_m.0[k] as f32;
        }
        source
    }

    /// The squared deficits of a source at a point that lies `to_m` (x, y), m, from it, in eight flow cases, and whether the two stand so
    /// nearly abreast in any of them that single precision cannot tell which the wind meets first.
    #[inline(always)]
    pub fn squares(&self, directions: &Directions, source: &SketchSource, to_m: (f32, f32)) -> (Octet, bool) {
        let nearly_abreast_m = NEARLY_ABREAST * (to_m.0.abs() + to_m.1.abs());
        let mut squares = Octet::default();
        let mut nearly_abreast = 0;
        for k in 0..EIGHT {
            let (cos, sin) = (directions.cos.0[k], directions.sin.0[k]);
            let downwind_m = -cos.mul_add(to_m.0, sin * to_m.1);
            let crosswind_m = sin.mul_add(to_m.0, -(cos * to_m.1));
            let (root, rate_per_m, offset_m) = (source.root.0[k], source.rate_per_m.0[k], source.offset_m.0[k]);
            let (square, is_near) = self.square(root, rate_per_m, offset_m, downwind_m, crosswind_m);
            nearly_abreast |= is_near & u32::from(downwind_m.abs() <= nearly_abreast_m);
            squares.0[k] = if downwind_m <= 0.0 { 0.0 } else { square };
        }
        (squares, nearly_abreast != 0)
    }

    /// The squared deficit, and 1 where it is not cut off.
    #[inline(always)]
    fn square(&self, root: f32, rate_per_m: f32, offset_m: f32, downwind_m: f32, crosswind_m: f32) -> (f32, u32) {
        let u = rate_per_m.mul_add(downwind_m.abs(), self.alpha);
        let u = if u > LEAST_U { u } else { LEAST_U };
        let t = u.mul_add(u, 1.0).sqrt();
        let sigma_m = (self.growth_m * root).mul_add(t - ln((t + 1.0) / u), offset_m);
        let per_sigma = 1.0 / sigma_m;
        let (across, wide) = (crosswind_m * per_sigma, root * per_sigma);
        let momentum = wide * wide * self.eighth_square_m2;
        let center = 1.0 - (1.0 - if momentum < 1.0 { momentum } else { 1.0 }).sqrt();
        let mirrored = exp(-(self.mirrored_square_m2 * (per_sigma * per_sigma)));
        let across_square = across * across;
        let square = center * center * (exp(-across_square) * (1.0 + mirrored) * chord(across));
        // NaN stays what it is.
        let is_far = across_square > CUT_SIGMA * CUT_SIGMA;
        (if is_far { 0.0 } else { square }, u32::from(!is_far))
    }
}

/// The square of what the published table gives, over that of the Gaussian, `across` sigma from the axis: between its points it is straight.
#[inline(always)]
fn chord(across: f32) -> f32 {
    let rounded = across.mul_add(STEPS_PER_SIGMA, ROUND) - ROUND;
    let from_step = across.mul_add(STEPS_PER_SIGMA, -rounded).abs();
    let sag = (1.0 / (STEPS_PER_SIGMA * STEPS_PER_SIGMA)) * (1.0 - from_step) * from_step;
    sag.mul_add(across.mul_add(across, -1.0), 1.0)
}

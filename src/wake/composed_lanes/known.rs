//! Compositions that are known when they are compiled: loops over their wakes then ask nothing, and read only what these wakes need.

use std::fmt::Debug;
use std::marker::PhantomData;

use crate::wake::composed_lanes::ComposedLanes;
use crate::wake::spec::Ground;
use crate::wake::{Induction, Overlap, Superposition};

/// What of a composition is known when it is compiled.
pub trait Known: Copy + Debug + Send + Sync {
    /// The form of its wakes, if that is known and plain.
    const FORM: Option<PlainForm>;
}

/// The form of plain wakes: without a table and a mirror image, Gaussians by momentum theory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlainForm {
    /// How deficits fall off.
    pub wakes: Wakes,
    /// How they add up.
    pub superposition: Superposition,
}

/// How deficits fall off from the axis of a wake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wakes {
    /// Not at all, up to an edge.
    TopHats,
    /// As Gaussians.
    Gaussians,
    /// As Gaussians without a table that are as wide at any thrust.
    GaussiansOfOneWidth,
}

/// Nothing.
#[derive(Debug, Clone, Copy)]
pub struct Anything;

/// Top-hats, of which squares add up, as in `jensen-1983`.
#[derive(Debug, Clone, Copy)]
pub struct SquaredTopHats;

/// Gaussians that add up, as in `bastankhah-2014`.
#[derive(Debug, Clone, Copy)]
pub struct LinearGaussians;

/// Gaussians of one width, of which squares add up, as in `iea37`.
#[derive(Debug, Clone, Copy)]
pub struct SquaredGaussiansOfOneWidth;

/// A composition in lanes as what it is.
#[derive(Debug, Clone, Copy)]
pub enum Plain<'a> {
    /// See [`SquaredTopHats`].
    SquaredTopHats(ComposedLanes<'a, SquaredTopHats>),
    /// See [`LinearGaussians`].
    LinearGaussians(ComposedLanes<'a, LinearGaussians>),
    /// See [`SquaredGaussiansOfOneWidth`].
    SquaredGaussiansOfOneWidth(ComposedLanes<'a, SquaredGaussiansOfOneWidth>),
}

impl Known for Anything {
    const FORM: Option<PlainForm> = None;
}

impl Known for SquaredTopHats {
    const FORM: Option<PlainForm> = Some(PlainForm { wakes: Wakes::TopHats, superposition: Superposition::Squared });
}

impl Known for LinearGaussians {
    const FORM: Option<PlainForm> = Some(PlainForm { wakes: Wakes::Gaussians, superposition: Superposition::Linear });
}

impl Known for SquaredGaussiansOfOneWidth {
    const FORM: Option<PlainForm> =
        Some(PlainForm { wakes: Wakes::GaussiansOfOneWidth, superposition: Superposition::Squared });
}

impl<'a, K: Known> ComposedLanes<'a, K> {
    /// The same composition as what it is, if it is plain.
    pub fn plain(self) -> Option<Plain<'a>> {
        let is_plain = self.overlap().is_none() && self.ground() == Ground::None;
        let is_plain = is_plain && (self.wakes() == Wakes::TopHats || self.induction() == Induction::Momentum);
        let form = PlainForm { wakes: self.wakes(), superposition: self.superposition() };
        match Some(form).filter(|_| is_plain) {
            SquaredTopHats::FORM => Some(Plain::SquaredTopHats(self.known())),
            LinearGaussians::FORM => Some(Plain::LinearGaussians(self.known())),
            SquaredGaussiansOfOneWidth::FORM => Some(Plain::SquaredGaussiansOfOneWidth(self.known())),
            _ => None,
        }
    }

    /// The same composition, with this known of it.
    fn known<L: Known>(self) -> ComposedLanes<'a, L> {
        let Self { composed, spec, overlap, ambient_turbulence, wakes, induction, rate, start, reach_sigma, .. } = self;
        ComposedLanes {
            composed,
            spec,
            overlap,
            ambient_turbulence,
            wakes,
            induction,
            rate,
            start,
            reach_sigma,
            known: PhantomData,
        }
    }

    #[inline(always)]
    pub(super) fn overlap(&self) -> Option<&'a Overlap> {
        if K::FORM.is_some() { None } else { self.overlap }
    }

    #[inline(always)]
    pub(super) fn ground(&self) -> Ground {
        if K::FORM.is_some() { Ground::None } else { self.spec.ground }
    }

    #[inline(always)]
    pub(super) fn wakes(&self) -> Wakes {
        if let Some(form) = K::FORM { form.wakes } else { self.wakes }
    }

    #[inline(always)]
    pub(super) fn superposition(&self) -> Superposition {
        if let Some(form) = K::FORM { form.superposition } else { self.composed.superposition() }
    }

    /// That of Gaussians.
    #[inline(always)]
    pub(super) fn induction(&self) -> Induction {
        if K::FORM.is_some() { Induction::Momentum } else { self.induction }
    }
}

//! Numbers that remember what they were made of: from one result, the slopes along everything that went into it come out at once.
//!
//! ```text
//! y = f(a, b):   bar_a += bar_y df/da,   bar_b += bar_y df/db,    from the last number made back to the first;  bar = dresult/d.
//! ```
//!
//! Source: Linnainmaa 1976, doi:10.1007/BF01931367 (reverse accumulation). One pass back costs about as much as the way there, however many
//! variables there are. What [`Dual`](crate::lanes::Dual) says of tables, whole numbers and roots of 0 holds here too.

use std::cell::RefCell;
use std::fmt;
use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::lanes::{Lanes, ROUND, Real};

/// What numbers were made of, in the order in which they were made.
#[derive(Debug, Default)]
pub struct Tape {
    nodes: RefCell<Vec<Node>>,
}

/// A number's parents, and its slopes along them; with one parent the second slope is 0.
#[derive(Debug, Clone, Copy)]
struct Node {
    parents: [u32; 2],
    slopes: [f64; 2],
}

/// A number that remembers, or a constant.
#[derive(Clone, Copy, Default)]
pub struct Taped<'t> {
    value: f64,
    origin: Option<(&'t Tape, u32)>,
}

impl Tape {
    /// Forgets everything. Numbers made so far must not be used any more.
    pub fn clear(&mut self) {
        self.nodes.get_mut().clear();
    }

    /// A number that depends on nothing, along which there are slopes.
    pub fn variable(&self, value: f64) -> Taped<'_> {
        let own = self.len();
        self.push(value, [own, own], [0.0, 0.0])
    }

    /// The slopes of `result` along each number of the tape, found by [`Taped::slope_in`].
    pub fn slopes_of(&self, result: Taped, slopes: &mut Vec<f64>) {
        let nodes = self.nodes.borrow();
        slopes.clear();
        slopes.resize(nodes.len(), 0.0);
        let Some((_, last)) = result.origin else { return };
        slopes[last as usize] = 1.0;
        for (k, node) in nodes[..=last as usize].iter().enumerate().rev() {
            let bar = slopes[k];
            if bar != 0.0 {
                slopes[node.parents[0] as usize] += bar * node.slopes[0];
                slopes[node.parents[1] as usize] += bar * node.slopes[1];
            }
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "memory holds fewer than 2^32 nodes of 24 bytes that one flow case makes"
    )]
    fn len(&self) -> u32 {
        self.nodes.borrow().len() as u32
    }

    #[inline]
    fn push(&self, value: f64, parents: [u32; 2], slopes: [f64; 2]) -> Taped<'_> {
        let mut nodes = self.nodes.borrow_mut();
        #[expect(clippy::cast_possible_truncation, reason = "see `len`")]
        let own = nodes.len() as u32;
        nodes.push(Node { parents, slopes });
        Taped { value, origin: Some((self, own)) }
    }
}

impl Taped<'_> {
    /// The slope along this number, from those that [`Tape::slopes_of`] found; none along constants.
    pub fn slope_in(self, slopes: &[f64]) -> f64 {
        self.origin.map_or(0.0, |(_, own)| slopes[own as usize])
    }

    #[inline]
    fn of_two(self, other: Self, value: f64, [by_self, by_other]: [f64; 2]) -> Self {
        match (self.origin, other.origin) {
            (Some((tape, a)), Some((_, b))) => tape.push(value, [a, b], [by_self, by_other]),
            (Some((tape, a)), None) => tape.push(value, [a, a], [by_self, 0.0]),
            (None, Some((tape, b))) => tape.push(value, [b, b], [by_other, 0.0]),
            (None, None) => Self { value, origin: None },
        }
    }
}

impl fmt::Debug for Taped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (number {:?})", self.value, self.origin.map(|(_, own)| own))
    }
}

impl Real for Taped<'_> {
    #[inline]
    fn value(self) -> f64 {
        self.value
    }

    #[inline]
    fn chain(self, value: f64, slope: f64) -> Self {
        match self.origin {
            Some((tape, own)) => tape.push(value, [own, own], [slope, 0.0]),
            None => Self { value, origin: None },
        }
    }
}

impl Add for Taped<'_> {
    type Output = Self;

    #[inline]
    fn add(self, other: Self) -> Self {
        self.of_two(other, self.value + other.value, [1.0, 1.0])
    }
}

impl Sub for Taped<'_> {
    type Output = Self;

    #[inline]
    fn sub(self, other: Self) -> Self {
        self.of_two(other, self.value - other.value, [1.0, -1.0])
    }
}

impl Mul for Taped<'_> {
    type Output = Self;

    #[inline]
    fn mul(self, other: Self) -> Self {
        self.of_two(other, self.value * other.value, [other.value, self.value])
    }
}

impl Div for Taped<'_> {
    type Output = Self;

    #[inline]
    fn div(self, other: Self) -> Self {
        let (value, per) = (self.value / other.value, 1.0 / other.value);
        self.of_two(other, value, [per, -value * per])
    }
}

impl Add<f64> for Taped<'_> {
    type Output = Self;

    /// The number's own origin serves: its slopes are the same.
    #[inline]
    fn add(self, other: f64) -> Self {
        Self { value: self.value + other, ..self }
    }
}

impl Sub<f64> for Taped<'_> {
    type Output = Self;

    #[inline]
    fn sub(self, other: f64) -> Self {
        Self { value: self.value - other, ..self }
    }
}

impl Mul<f64> for Taped<'_> {
    type Output = Self;

    #[inline]
    fn mul(self, other: f64) -> Self {
        self.chain(self.value * other, other)
    }
}

impl Div<f64> for Taped<'_> {
    type Output = Self;

    #[inline]
    fn div(self, other: f64) -> Self {
        self.chain(self.value / other, 1.0 / other)
    }
}

impl Neg for Taped<'_> {
    type Output = Self;

    #[inline]
    fn neg(self) -> Self {
        self.chain(-self.value, -1.0)
    }
}

impl Lanes for Taped<'_> {
    const WIDTH: usize = 1;
    type Mask = bool;
    type Index = usize;
    type Spots<'t> = (&'t [f64], usize);

    #[inline]
    fn splat(value: f64) -> Self {
        Self { value, origin: None }
    }

    /// A constant.
    #[inline]
    fn load(from: &[f64]) -> Self {
        Self::splat(from[0])
    }

    /// The number without its past.
    #[inline]
    fn store(self, to: &mut [f64]) {
        to[0] = self.value;
    }

    #[inline]
    fn store_where(self, _mask: bool, to: &mut [f64]) {
        to[0] = self.value;
    }

    #[inline]
    fn mul_add(self, factor: Self, summand: Self) -> Self {
        Self { value: self.value.mul_add(factor.value, summand.value), ..self * factor + summand }
    }

    #[inline]
    fn mul_neg_add(self, factor: Self, summand: Self) -> Self {
        Self { value: self.value.mul_neg_add(factor.value, summand.value), ..summand - self * factor }
    }

    #[inline]
    fn reciprocal(self) -> Self {
        let value = self.value.reciprocal();
        self.chain(value, -value * value)
    }

    #[inline]
    fn per_root_guess(self) -> Self {
        Self::splat(self.value.per_root_guess())
    }

    #[inline]
    fn per_root(self) -> Self {
        let value = self.value.per_root();
        self.chain(value, -0.5 * (value * value * value))
    }

    #[inline]
    fn sqrt(self) -> Self {
        let root = self.value.sqrt();
        self.chain(root, if root > 0.0 { 0.5 / root } else { 0.0 })
    }

    #[inline]
    fn min(self, other: Self) -> Self {
        if self.value < other.value { self } else { other }
    }

    #[inline]
    fn max(self, other: Self) -> Self {
        if self.value > other.value { self } else { other }
    }

    #[inline]
    fn abs(self) -> Self {
        if self.value < 0.0 { -self } else { self }
    }

    #[inline]
    fn less(self, other: Self) -> bool {
        self.value < other.value
    }

    #[inline]
    fn at_most(self, other: Self) -> bool {
        self.value <= other.value
    }

    #[inline]
    fn select(mask: bool, yes: Self, no: Self) -> Self {
        if mask { yes } else { no }
    }

    #[inline]
    fn select_or_nil(mask: bool, yes: Self) -> Self {
        if mask { yes } else { Self::splat(0.0) }
    }

    #[inline]
    fn bits(mask: bool) -> u32 {
        u32::from(mask)
    }

    #[inline]
    fn index(self) -> usize {
        self.value.index()
    }

    #[inline]
    fn from_index(index: usize) -> Self {
        Self::splat(f64::from_index(index))
    }

    #[inline]
    fn pairs(table: &[f64], index: usize) -> [Self; 2] {
        f64::pairs(table, index).map(Self::splat)
    }

    #[inline]
    fn quads(spots: &(&[f64], usize)) -> [Self; 4] {
        f64::quads(spots).map(Self::splat)
    }

    #[inline]
    fn spots<const STRIDE: usize>(table: &[f64], index: usize) -> (&[f64], usize) {
        f64::spots::<STRIDE>(table, index)
    }

    #[inline]
    fn split(self) -> (Self, Self) {
        let (mantissa, exponent) = self.value.split();
        (self.chain(mantissa, 1f64.times_power_of_two(ROUND - exponent)), Self::splat(exponent))
    }

    #[inline]
    fn octaves(self, least: f64) -> (usize, Self) {
        let (_, exponent) = self.value.split();
        let (interval, rest) = self.value.octaves(least);
        (interval, self.chain(rest, 1f64.times_power_of_two(ROUND - exponent)))
    }

    /// See [`Dual`](crate::lanes::Dual): a whole number that came of rounding has the slope of what was rounded.
    #[inline]
    fn times_power_of_two(self, counted: Self) -> Self {
        let power = 1f64.times_power_of_two(counted.value);
        let value = self.value.times_power_of_two(counted.value);
        self.of_two(counted, value, [power, value * std::f64::consts::LN_2])
    }

    #[inline]
    fn everywhere() -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::Dual;
    use crate::lanes::real::tests::{Formula, FormulaVisitor, each};

    struct AsForwards;

    impl FormulaVisitor for AsForwards {
        fn visit(&mut self, name: &str, formula: &impl Formula, at: &[f64]) {
            for &x in at {
                let tape = Tape::default();
                let variable = tape.variable(x);
                let result = formula.at(variable);
                let mut slopes = Vec::new();
                tape.slopes_of(result, &mut slopes);
                let forwards = formula.at(Dual::<f64, 1>::variable(x, 0));
                assert_eq!(result.value().to_bits(), forwards.value.to_bits(), "{name} at {x}");
                let (got, expected) = (variable.slope_in(&slopes), forwards.slopes[0]);
                assert!((got - expected).abs() <= 1e-13 * expected.abs().max(1.0), "{name} at {x}: {got} {expected}");
            }
        }
    }

    #[test]
    fn slopes_are_those_of_numbers_that_carry_them() {
        each(AsForwards);
    }

    #[test]
    fn all_variables_have_their_slopes_at_once() {
        let mut tape = Tape::default();
        let mut slopes = Vec::new();
        for _ in 0..2 {
            let (x, y, idle) = (tape.variable(3.0), tape.variable(2.0), tape.variable(7.0));
            let result = x * y + x / y - (y * y - 1.0) * 5.0;
            tape.slopes_of(result, &mut slopes);
            let got = [x, y, idle, Taped::splat(4.0)].map(|v| v.slope_in(&slopes));
            for (got, expected) in got.into_iter().zip([2.5, 3.0 - 0.75 - 20.0, 0.0, 0.0]) {
                assert!((got - expected).abs() < 1e-15, "{got} {expected}");
            }
            tape.slopes_of(Taped::splat(1.0), &mut slopes);
            assert!(slopes.iter().all(|slope| *slope == 0.0));
            tape.clear();
        }
    }
}

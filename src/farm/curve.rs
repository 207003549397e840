//! A function of wind speed: power or thrust, as a table or as IEA Task 37's cubic.
//!
//! ```text
//! table   linear between the knots, the end values beyond
//! cubic   0 below cut-in,   P ((u - cut-in) / (rated - cut-in))^3 up to rated,   P up to cut-out,   0 from cut-out on
//! ```
//!
//! Source of the cubic: IEA Wind Task 37, wind farm layout optimisation case studies, announcement document (Baker et al.,
//! doi:10.2514/6.2019-0540).

use crate::error::Problem;
use crate::farm::even_steps::EvenSteps;
use crate::lanes::{EIGHT, Lanes};

/// Knots with linear interpolation between them and the end values beyond; or the cubic, whose knots are cut-in, rated and cut-out.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    wind_speed_m_s: Vec<f64>,
    value: Vec<f64>,
    /// Rise of segment i per m/s; one less than there are knots. Not used by the cubic.
    slope: Vec<f64>,
    shape: Shape,
    /// The values, the last one twice.
    ends: Vec<f64>,
    /// For each of `bins_per_m_s` bins per m/s from the first knot on: the last knot at or before the bin's start. None where knots are evenly
    /// spaced: then bins and segments are the same.
    bins: Vec<f64>,
    bins_per_m_s: f64,
    /// For each knot: its wind speed, value and slope, and the next knot's wind speed.
    rows: Vec<f64>,
}

/// Bins of a curve whose knots are not evenly spaced: so many that few hold a knot.
const BINS: f64 = 4096.0;
/// How far knots may be from where they were if they were evenly spaced, m/s: rounding, and no more.
const EVEN_M_S: f64 = 1e-12;

/// What lies between the knots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Lines between evenly spaced knots.
    Even,
    /// Lines between any knots.
    Table,
    Cubic,
}

impl Curve {
    /// A curve through (wind speed, value) knots; speeds in m/s, values in the curve's own unit.
    ///
    /// # Errors
    /// Unequal lengths, fewer than two knots, a number that is not finite, speeds that do not increase.
    pub fn new(wind_speed_m_s: Vec<f64>, value: Vec<f64>) -> Result<Self, Problem> {
        let fault = |text: String| Err(Problem::new("", text));
        if wind_speed_m_s.len() != value.len() {
            return fault(format!(
                "{} wind speeds but {} values; give one value for each speed",
                wind_speed_m_s.len(),
                value.len()
            ));
        }
        if wind_speed_m_s.len() < 2 {
            return fault(format!("{} knots, needs at least 2", wind_speed_m_s.len()));
        }
        for (i, (u, v)) in wind_speed_m_s.iter().zip(&value).enumerate() {
            if !u.is_finite() || !v.is_finite() {
                return fault(format!("knot {i} is ({u}, {v}); every number must be finite"));
            }
        }
        if let Some(i) = wind_speed_m_s.windows(2).position(|pair| pair[1] <= pair[0]) {
            return fault(format!(
                "wind speeds must increase, but knot {} ({} m/s) follows knot {i} ({} m/s)",
                i + 1,
                wind_speed_m_s[i + 1],
                wind_speed_m_s[i]
            ));
        }
        let slope: Vec<f64> =
            wind_speed_m_s.windows(2).zip(value.windows(2)).map(|(u, v)| (v[1] - v[0]) / (u[1] - u[0])).collect();
        let (bins, bins_per_m_s) = bins(&wind_speed_m_s);
        let row = |k: usize| {
            let next_m_s = wind_speed_m_s.get(k + 1).copied().unwrap_or(f64::INFINITY);
            [wind_speed_m_s[k], value[k], slope.get(k).copied().unwrap_or(0.0), next_m_s]
        };
        let rows = (0..value.len()).flat_map(row).collect();
        let ends = value.iter().chain(value.last()).copied().collect();
        let shape = if bins.is_empty() { Shape::Even } else { Shape::Table };
        Ok(Self { wind_speed_m_s, value, slope, shape, ends, bins, bins_per_m_s, rows })
    }

    /// The cubic that reaches `value` at the rated wind speed; speeds in m/s.
    ///
    /// # Errors
    /// Numbers that are not finite, speeds that do not increase from cut-in to rated to cut-out.
    pub fn cubic(cut_in_m_s: f64, rated_m_s: f64, cut_out_m_s: f64, value: f64) -> Result<Self, Problem> {
        let curve = Self::new(vec![cut_in_m_s, rated_m_s, cut_out_m_s], vec![0.0, value, value]).map_err(|_| {
            let speeds = format!("cut-in {cut_in_m_s}, rated {rated_m_s}, cut-out {cut_out_m_s} m/s");
            Problem::new("", format!("{speeds}: must be finite and increase in this order"))
        })?;
        Ok(Self { shape: Shape::Cubic, ..curve })
    }

    /// Whether this is the cubic: its knots then are cut-in, rated and cut-out, its values 0, P, P.
    pub fn is_cubic(&self) -> bool {
        self.shape == Shape::Cubic
    }

    /// Whether it is a table whose knots are evenly spaced.
    pub fn has_even_knots(&self) -> bool {
        self.shape == Shape::Even
    }

    /// Where its knots are, if they are evenly spaced.
    pub(super) fn even_steps(&self) -> Option<EvenSteps> {
        self.has_even_knots().then(|| self.steps())
    }

    #[inline(always)]
    fn steps(&self) -> EvenSteps {
        EvenSteps { first_m_s: self.wind_speed_m_s[0], per_m_s: self.bins_per_m_s, last: (self.value.len() - 1) as f64 }
    }

    /// The curve's value at a wind speed, m/s.
    pub fn at(&self, wind_speed_m_s: f64) -> f64 {
        match self.shape {
            Shape::Even => self.even_at_lanes(wind_speed_m_s),
            Shape::Table => self.table_at(wind_speed_m_s),
            Shape::Cubic => self.cubic_at(wind_speed_m_s),
        }
    }

    fn table_at(&self, wind_speed_m_s: f64) -> f64 {
        // NaN counts as below the first knot.
        if wind_speed_m_s.is_nan() || wind_speed_m_s < self.wind_speed_m_s[0] {
            return self.value[0];
        }
        let knot = self.last_knot_before(wind_speed_m_s);
        if knot + 1 == self.value.len() {
            self.value[knot]
        } else {
            self.slope[knot] * (wind_speed_m_s - self.wind_speed_m_s[knot]) + self.value[knot]
        }
    }

    /// The curve's value at the wind speed, m/s, in every lane; the bits of [`Curve::at`].
    #[inline(always)]
    pub fn at_lanes<V: Lanes>(&self, wind_speed_m_s: V) -> V {
        match self.shape {
            Shape::Even => self.even_at_lanes(wind_speed_m_s),
            Shape::Table => self.table_at_lanes(wind_speed_m_s),
            Shape::Cubic => self.cubic_at_lanes(wind_speed_m_s),
        }
    }

    /// A wind at a knot may be in the segment before it, whose end has the same value.
    #[inline(always)]
    fn even_at_lanes<V: Lanes>(&self, wind_speed_m_s: V) -> V {
        let (segment, share) = self.steps().find(wind_speed_m_s);
        let [here, next] = V::pairs(&self.ends, segment);
        share.mul_add(next - here, here)
    }

    #[inline(always)]
    fn table_at_lanes<V: Lanes>(&self, wind_speed_m_s: V) -> V {
        let first = V::splat(self.wind_speed_m_s[0]);
        let held = wind_speed_m_s.max(first);
        let last_bin = V::splat((self.bins.len() - 1) as f64);
        let bin = ((held - first) * V::splat(self.bins_per_m_s)).min(last_bin).index();
        let segment = V::pairs(&self.bins, bin)[0].index();
        let [knot, value, slope, next] = V::quads(&V::spots::<4>(&self.rows, segment));
        if V::bits(knot.at_most(held) & held.less(next)) == V::all() {
            return slope * (held - knot) + value;
        }
        // Knots are where winds often blow, and bins round to either side of them.
        let (zero, one) = (V::splat(0.0), V::splat(1.0));
        let back = V::select(held.less(knot), one, zero);
        let ahead = V::select(next.at_most(held), one, zero);
        let segment = (V::from_index(segment) + ahead - back).index();
        let [knot, value, slope, next] = V::quads(&V::spots::<4>(&self.rows, segment));
        if V::bits(knot.at_most(held) & held.less(next)) == V::all() {
            slope * (held - knot) + value
        } else {
            self.at_each(wind_speed_m_s)
        }
    }

    /// Whether the curve is 0 at all wind speeds up to this one, m/s.
    pub fn is_nil_up_to(&self, wind_speed_m_s: f64) -> bool {
        if self.shape == Shape::Cubic {
            return wind_speed_m_s <= self.wind_speed_m_s[0];
        }
        // Below the first knot the curve has its value.
        let before =
            self.wind_speed_m_s.iter().zip(&self.value).skip(1).take_while(|(speed, _)| **speed <= wind_speed_m_s);
        self.value[0] == 0.0 && before.into_iter().all(|(_, value)| *value == 0.0) && self.at(wind_speed_m_s) == 0.0
    }

    /// The curve's slope at the wind speed, per m/s, in every lane: at a knot that to its right, beyond the curve's ends none.
    #[inline(always)]
    pub fn slope_at_lanes<V: Lanes>(&self, wind_speed_m_s: V) -> V {
        if self.shape == Shape::Cubic {
            let (cut_in, rated) = (V::splat(self.wind_speed_m_s[0]), V::splat(self.wind_speed_m_s[1]));
            let (zero, three) = (V::splat(0.0), V::splat(3.0 * self.value[1]));
            let part = (wind_speed_m_s - cut_in) / (rated - cut_in);
            let rising = cut_in.at_most(wind_speed_m_s) & wind_speed_m_s.less(rated);
            return V::select(rising, three * part * part / (rated - cut_in), zero);
        }
        let mut lanes = [0.0; EIGHT];
        wind_speed_m_s.store(&mut lanes);
        for lane in &mut lanes[..V::WIDTH] {
            *lane = self.slope_at(*lane);
        }
        V::load(&lanes)
    }

    /// See [`Curve::slope_at_lanes`].
    pub fn slope_at(&self, wind_speed_m_s: f64) -> f64 {
        if self.shape == Shape::Cubic {
            let (cut_in, rated) = (self.wind_speed_m_s[0], self.wind_speed_m_s[1]);
            let is_rising = wind_speed_m_s >= cut_in && wind_speed_m_s < rated;
            let part = (wind_speed_m_s - cut_in) / (rated - cut_in);
            return if is_rising { 3.0 * self.value[1] * part * part / (rated - cut_in) } else { 0.0 };
        }
        // Not so for NaN either.
        let is_within = wind_speed_m_s >= self.wind_speed_m_s[0];
        if is_within { self.rows[4 * self.last_knot_before(wind_speed_m_s) + 2] } else { 0.0 }
    }

    /// One lane after the other, where a lane's bin holds a knot.
    fn at_each<V: Lanes>(&self, wind_speed_m_s: V) -> V {
        let mut lanes = [0.0; EIGHT];
        wind_speed_m_s.store(&mut lanes);
        for lane in &mut lanes[..V::WIDTH] {
            *lane = self.at(*lane);
        }
        V::load(&lanes)
    }

    /// The last knot at or before a wind speed, which must not be below the first.
    #[inline]
    fn last_knot_before(&self, wind_speed_m_s: f64) -> usize {
        let bin = ((wind_speed_m_s - self.wind_speed_m_s[0]) * self.bins_per_m_s).min(BINS);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, at most BINS")]
        let bin = bin as usize;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bins hold numbers of knots")]
        let guess = self.bins.get(bin).map_or(bin, |knot| *knot as usize);
        let mut knot = guess.min(self.value.len() - 1);
        // The bin's start may round to either side of a knot.
        while knot > 0 && self.wind_speed_m_s[knot] > wind_speed_m_s {
            knot -= 1;
        }
        while knot + 1 < self.wind_speed_m_s.len() && self.wind_speed_m_s[knot + 1] <= wind_speed_m_s {
            knot += 1;
        }
        knot
    }

    #[inline(always)]
    fn cubic_at_lanes<V: Lanes>(&self, wind_speed_m_s: V) -> V {
        let (cut_in, rated) = (V::splat(self.wind_speed_m_s[0]), V::splat(self.wind_speed_m_s[1]));
        let cut_out = V::splat(self.wind_speed_m_s[2]);
        let (zero, full) = (V::splat(0.0), V::splat(self.value[1]));
        let part = (wind_speed_m_s - cut_in) / (rated - cut_in);
        let rising = full * (part * part * part);
        let on = V::select(wind_speed_m_s.less(rated), rising, full);
        V::select(cut_in.at_most(wind_speed_m_s) & wind_speed_m_s.less(cut_out), on, zero)
    }

    fn cubic_at(&self, wind_speed_m_s: f64) -> f64 {
        let (cut_in, rated, cut_out) = (self.wind_speed_m_s[0], self.wind_speed_m_s[1], self.wind_speed_m_s[2]);
        if wind_speed_m_s < cut_in || wind_speed_m_s >= cut_out {
            0.0
        } else if wind_speed_m_s < rated {
            let part = (wind_speed_m_s - cut_in) / (rated - cut_in);
            self.value[1] * (part * part * part)
        } else {
            self.value[1]
        }
    }

    /// Wind speeds of the knots, m/s, increasing.
    pub fn wind_speed_m_s(&self) -> &[f64] {
        &self.wind_speed_m_s
    }

    /// Values at the knots.
    pub fn value(&self) -> &[f64] {
        &self.value
    }

    /// Largest value at any knot, and so anywhere.
    pub fn max(&self) -> f64 {
        self.value.iter().copied().fold(f64::NEG_INFINITY, f64::max)
    }

    /// Smallest value at any knot, and so anywhere.
    pub fn min(&self) -> f64 {
        self.value.iter().copied().fold(f64::INFINITY, f64::min)
    }
}

/// The bins, and how many there are per m/s.
fn bins(wind_speed_m_s: &[f64]) -> (Vec<f64>, f64) {
    let (first, last) = (wind_speed_m_s[0], wind_speed_m_s[wind_speed_m_s.len() - 1]);
    let step = (last - first) / (wind_speed_m_s.len() - 1) as f64;
    if wind_speed_m_s.iter().enumerate().all(|(k, knot)| (knot - first - k as f64 * step).abs() <= EVEN_M_S) {
        return (Vec::new(), 1.0 / step);
    }
    let bins_per_m_s = BINS / (last - first);
    let last_knot = |bin: usize| {
        let start = first + bin as f64 / bins_per_m_s;
        (wind_speed_m_s.partition_point(|&knot| knot <= start).max(1) - 1) as f64
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number")]
    let bins = (0..=BINS as usize).map(last_knot).collect();
    (bins, bins_per_m_s)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interpolates_between_knots_and_clamps_beyond_them() {
        let curve = Curve::new(vec![3.0, 5.0, 6.0], vec![0.0, 4.0, 4.0]).unwrap();
        for (u, expected) in
            [(f64::NAN, 0.0), (-1.0, 0.0), (3.0, 0.0), (4.0, 2.0), (5.0, 4.0), (5.5, 4.0), (6.0, 4.0), (99.0, 4.0)]
        {
            assert!((curve.at(u) - expected).abs() < 1e-15, "at {u}");
            assert_eq!(curve.at_lanes(u).to_bits(), curve.at(u).to_bits(), "at {u}");
        }
    }

    #[test]
    fn the_cubic_starts_at_cut_in_and_stops_at_cut_out() {
        let curve = Curve::cubic(4.0, 10.0, 25.0, 8e6).unwrap();
        for (u, expected) in [(0.0, 0.0), (4.0, 0.0), (7.0, 1e6), (10.0, 8e6), (24.9, 8e6), (25.0, 0.0), (90.0, 0.0)] {
            assert!((curve.at(u) - expected).abs() < 1e-6, "at {u}");
        }
        for k in -10..300 {
            let u = 0.1 * f64::from(k);
            assert_eq!(curve.at_lanes(u).to_bits(), curve.at(u).to_bits(), "at {u}");
        }
        assert!(curve.is_cubic() && (curve.max() - 8e6).abs() < 1e-9 && curve.min().abs() < 1e-9);
        assert!(Curve::cubic(4.0, 3.0, 25.0, 8e6).unwrap_err().fault.contains("increase in this order"));
    }

    #[test]
    fn the_segment_is_that_of_a_plain_search() {
        let tables = [
            (0..299).map(|i| 0.1 + 0.1 * f64::from(i)).collect::<Vec<_>>(),
            vec![0.0, 2.999_999_99, 3.0, 3.5, 25.0, 25.000_000_01, 100.0],
            vec![-1e-3, 0.0, 1e-9, 50.0],
        ];
        for knots in tables {
            let curve = Curve::new(knots.clone(), knots.iter().map(|u| u.sin()).collect()).unwrap();
            let between = (0..20_000).map(|k| 0.005 * f64::from(k));
            let nudged = knots.iter().flat_map(|u| [*u, u.next_up(), u.next_down()]);
            for u in between.chain(nudged).filter(|u| *u >= knots[0]) {
                let plain = knots.partition_point(|knot| *knot <= u) - 1;
                assert_eq!(curve.last_knot_before(u), plain, "at {u}");
                assert_eq!(curve.at_lanes(u).to_bits(), curve.at(u).to_bits(), "at {u}");
            }
        }
    }

    #[test]
    fn knots_are_evenly_spaced_but_for_rounding() {
        let curve = |knots: Vec<f64>| Curve::new(knots.clone(), knots.iter().map(|u| u * u).collect()).unwrap();
        for steps_per_m_s in [1.0, 10.0, 1000.0] {
            let knots: Vec<f64> =
                (0..=22_000).map(|k| 3.0 + f64::from(k) / steps_per_m_s).take_while(|u| *u < 25.1).collect();
            assert!(curve(knots.clone()).has_even_knots(), "{steps_per_m_s} knots per m/s");
            let mut moved = knots;
            moved[7] += 1e-9;
            assert!(!curve(moved).has_even_knots(), "{steps_per_m_s} knots per m/s, one elsewhere");
        }
    }

    #[test]
    fn slopes_are_those_of_differences() {
        let table = Curve::new(vec![3.0, 4.0, 9.0, 25.0], vec![0.0, 1.0, 7.0, 7.0]).unwrap();
        for curve in [table, Curve::cubic(4.0, 10.0, 25.0, 8e6).unwrap()] {
            for k in 1..300 {
                let u = 0.1 * f64::from(k) + 0.05;
                let difference = (curve.at(u + 1e-6) - curve.at(u - 1e-6)) / 2e-6;
                assert!((curve.slope_at(u) - difference).abs() <= 1e-6 * curve.max(), "at {u}");
                assert_eq!(curve.slope_at_lanes(u).to_bits(), curve.slope_at(u).to_bits(), "at {u}");
            }
            assert!(curve.slope_at(f64::NAN).abs() < 1e-300);
        }
    }

    #[test]
    fn below_cut_in_there_is_nothing() {
        let table = Curve::new(vec![0.0, 3.0, 4.0], vec![0.0, 0.0, 1.0]).unwrap();
        assert!(table.is_nil_up_to(3.0) && table.is_nil_up_to(-1.0) && !table.is_nil_up_to(3.1));
        assert!(!Curve::new(vec![3.0, 4.0], vec![1.0, 0.0]).unwrap().is_nil_up_to(0.0), "its first value holds below");
        let cubic = Curve::cubic(4.0, 10.0, 25.0, 8e6).unwrap();
        assert!(cubic.is_nil_up_to(4.0) && !cubic.is_nil_up_to(4.1) && !cubic.is_nil_up_to(30.0));
    }

    #[test]
    fn refuses_what_is_not_a_curve() {
        for (u, v, word) in [
            (vec![1.0, 2.0], vec![1.0], "2 wind speeds but 1 values"),
            (vec![1.0], vec![1.0], "needs at least 2"),
            (vec![1.0, 2.0], vec![1.0, f64::NAN], "finite"),
            (vec![1.0, 3.0, 2.0], vec![1.0, 1.0, 1.0], "must increase"),
        ] {
            let problem = Curve::new(u, v).unwrap_err();
            assert!(problem.fault.contains(word), "{problem}");
        }
    }
}

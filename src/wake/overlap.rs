//! Overlap of a Gaussian wake with a rotor disc: the mean of exp(-r^2/2) over a disc of radius R at distance C from the wake's centre,
//! all lengths in units of sigma.
//!
//! ```text
//! T(R, C) = 2/R^2 trapz_512 { r exp(-(r^2 + C^2)/2) I0(r C) }      nodes every 0.02, 512 points over 0..R
//! G       = bicubic spline (not-a-knot) through T, at every 0.01
//! F(R, C) = G, bilinear, clamped at the table's edges
//! ```
//!
//! | symbol | code             | unit  | meaning                                  |
//! |--------|------------------|-------|------------------------------------------|
//! | R      | rotor_radius     | sigma | radius of the disc                       |
//! | C      | center_distance  | sigma | from the wake's centre to the disc's     |
//!
//! Whoever looks something up tells R and C in steps of the table, [`Overlap::STEPS_PER_SIGMA`].
//!
//! The trapezoid's own error (6e-7 at R = 1.2, 1e-4 at 20) and the bilinear step's (1.25e-5) are part of the published look-up table, and
//! so of the model. Here the trapezoid is not summed but computed from the integral by the Euler-Maclaurin formula, which gives
//! the same numbers to 1e-15 in a hundredth of the time; `trapezoid_node` in the tests is the plain sum.
//!
//! Source: Nygaard et al. 2022, doi:10.1088/1742-6596/2265/2/022008, appendix. Proven by tests/parity.

use crate::lanes::Lanes;
use crate::wake::spline::midpoints;

/// The table G of F at every 0.01 sigma.
#[derive(Debug, Clone)]
pub struct Overlap {
    /// Row-major, `COLUMNS` pairs per row: G at R = 0.01 i, C = 0.01 j, then how much more it is at R = 0.01 (i + 1). What a cell takes are neighbours.
    cells: Vec<f64>,
    /// The row R = 0, for points.
    axis: Vec<f64>,
    last_row: f64,
}

/// Between which rows of the table a disc's radius lies.
#[derive(Debug, Clone, Copy)]
pub struct Row<V> {
    /// Number of the row's first cell.
    first_cell: V,
    /// How far towards the next row.
    pub share: V,
}

/// A cell of the table, and a place in it.
#[derive(Debug, Clone, Copy)]
pub struct Cell<'t, V: Lanes> {
    corners: V::Spots<'t>,
    /// How far towards the next column.
    across: V,
}

/// Node spacing of T, sigma.
const NODE_STEP: f64 = 0.02;
/// Largest node row: R = 20.
const LAST_NODE_ROW: usize = 1000;
/// Node columns: C = 0 ..= 10.
const NODE_COLUMNS: usize = 501;
/// Node rows beyond the last one read that the spline is solved over; its end condition is then felt below 1e-16.
const SPLINE_MARGIN: usize = 20;
/// Columns of G: C = 0 ..= 10.
const COLUMNS: usize = 1001;
const LAST_COLUMN: f64 = (COLUMNS - 1) as f64;
/// Intervals of the trapezoid over 0..R.
const TRAPEZOID_INTERVALS: f64 = 511.0;
/// Points of the trapezoid over a half turn that stands for the Bessel functions; exact to rounding for r C <= 200.
const HALF_TURN: usize = 64;
/// Terms of the Taylor series over one node step.
const TAYLOR_TERMS: usize = 16;

impl Overlap {
    /// Steps of the table per sigma.
    pub const STEPS_PER_SIGMA: f64 = 100.0;

    /// The table for discs of radius 0 ..= `max_rotor_radius` sigma (at most 20: larger radii read the last row, as the published table).
    pub fn new(max_rotor_radius: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=1000")]
        let last = ((max_rotor_radius / NODE_STEP).ceil() as usize).clamp(1, LAST_NODE_ROW);
        let node_rows = (last + SPLINE_MARGIN).min(LAST_NODE_ROW) + 1;
        let nodes = nodes(node_rows);
        let rows = 2 * last + 1;
        // Along R for every node column, then along C for every row that is kept.
        let mut along_r = vec![0.0; rows * NODE_COLUMNS];
        for j in 0..NODE_COLUMNS {
            let column: Vec<f64> = (0..node_rows).map(|i| nodes[i * NODE_COLUMNS + j]).collect();
            for (i, value) in interleaved(&column).into_iter().take(rows).enumerate() {
                along_r[i * NODE_COLUMNS + j] = value;
            }
        }
        let table: Vec<f64> = along_r.chunks_exact(NODE_COLUMNS).flat_map(interleaved).collect();
        let mut cells = Vec::with_capacity(2 * rows * COLUMNS + 2);
        for i in 0..rows {
            let next = (i + 1).min(rows - 1);
            for j in 0..COLUMNS {
                let here = table[i * COLUMNS + j];
                cells.extend([here, table[next * COLUMNS + j] - here]);
            }
        }
        // The last column has a right neighbour, of weight 0, in the next row; the last row's is here.
        cells.extend([0.0; 2]);
        let mut axis = table[..COLUMNS].to_vec();
        axis.push(0.0);
        Self { cells, axis, last_row: (rows - 1) as f64 }
    }

    /// The row for discs of radius `rotor_radius`, in steps and not negative.
    #[inline(always)]
    pub fn row<V: Lanes>(&self, rotor_radius: V) -> Row<V> {
        let (i, share) = split(rotor_radius, self.last_row);
        Row { first_cell: i * V::splat(COLUMNS as f64), share }
    }

    /// F for a disc whose centre is `center_distance` from the wake's, in steps and not negative.
    #[inline(always)]
    pub fn disc<V: Lanes>(&self, row: &Row<V>, center_distance: V) -> V {
        self.cell(row, center_distance).between(row.share)
    }

    /// Where F is to be looked up for this disc.
    #[inline(always)]
    pub fn cell<V: Lanes>(&self, row: &Row<V>, center_distance: V) -> Cell<'_, V> {
        let (j, across) = split(center_distance, LAST_COLUMN);
        Cell { corners: V::spots::<2>(&self.cells, (row.first_cell + j).index()), across }
    }

    /// F at a point (a disc of radius 0).
    #[inline(always)]
    pub fn point<V: Lanes>(&self, center_distance: V) -> V {
        let (j, t) = split(center_distance, LAST_COLUMN);
        let [here, right] = V::pairs(&self.axis, j.index());
        t.mul_add(right - here, here)
    }

    /// The distance in sigma beyond which the table is constant.
    pub const fn max_center_distance() -> f64 {
        LAST_COLUMN / Self::STEPS_PER_SIGMA
    }
}

impl<V: Lanes> Cell<'_, V> {
    /// F, this far towards the next row.
    #[inline(always)]
    pub fn between(&self, share: V) -> V {
        let [here, rise, right, right_rise] = V::quads(&self.corners);
        let (left, right) = (share.mul_add(rise, here), share.mul_add(right_rise, right));
        self.across.mul_add(right - left, left)
    }
}

/// Number of the table's cell that holds `position` (steps, not negative), and how far into it.
#[inline(always)]
fn split<V: Lanes>(position: V, last: f64) -> (V, V) {
    let held = position.min(V::splat(last));
    let whole = held.whole();
    (whole, held - whole)
}

/// The nodes and the spline's values half-way between them.
fn interleaved(nodes: &[f64]) -> Vec<f64> {
    let middle = midpoints(nodes);
    let mut all = Vec::with_capacity(2 * nodes.len() - 1);
    for (node, between) in nodes.iter().zip(&middle) {
        all.extend([*node, *between]);
    }
    all.extend(nodes.last());
    all
}

/// T at R = 0.02 i, C = 0.02 j, row-major.
fn nodes(rows: usize) -> Vec<f64> {
    let mut nodes = vec![0.0; rows * NODE_COLUMNS];
    let cosines = half_turn_cosines();
    for j in 0..NODE_COLUMNS {
        let c = NODE_STEP * j as f64;
        nodes[j] = libm::exp(-0.5 * c * c);
        let start = integrand_series(0.0, c, &cosines);
        let mut series = start;
        let mut integral = 0.0;
        for i in 1..rows {
            integral += integral_over_step(&series);
            let radius = NODE_STEP * i as f64;
            series = integrand_series(radius, c, &cosines);
            let trapezoid = integral + trapezoid_excess(radius / TRAPEZOID_INTERVALS, &start, &series);
            nodes[i * NODE_COLUMNS + j] = 2.0 / (radius * radius) * trapezoid;
        }
    }
    nodes
}

/// What the trapezoid rule of step h gives beyond the integral, from the integrand's Taylor coefficients at both ends (Euler-Maclaurin).
fn trapezoid_excess(h: f64, start: &[f64; TAYLOR_TERMS], end: &[f64; TAYLOR_TERMS]) -> f64 {
    let h2 = h * h;
    // Coefficient n of a Taylor series is the n-th derivative over n!: B_2/2! = 1/12, B_4/4! = -1/720 (x 3!), B_6/6! = 1/30240 (x 5!).
    h2 / 12.0 * (end[1] - start[1]) - h2 * h2 / 120.0 * (end[3] - start[3]) + h2 * h2 * h2 / 252.0 * (end[5] - start[5])
}

fn integral_over_step(series: &[f64; TAYLOR_TERMS]) -> f64 {
    let mut sum = 0.0;
    for (n, coefficient) in series.iter().enumerate().rev() {
        sum = sum * NODE_STEP + coefficient / (n + 1) as f64;
    }
    sum * NODE_STEP
}

/// Taylor coefficients around `r` of g(r) = r f, f = exp(-(r^2 + C^2)/2) I0(r C).
///
/// With b = exp(-(r^2 + C^2)/2) I1(r C): f' = -r f + C b and r b' = -(r^2 + 1) b + C r f, compared power by power.
fn integrand_series(r: f64, c: f64, cosines: &[f64; HALF_TURN + 1]) -> [f64; TAYLOR_TERMS] {
    let (mut f, mut b) = ([0.0; TAYLOR_TERMS], [0.0; TAYLOR_TERMS]);
    (f[0], b[0]) = scaled_bessel(r, c, cosines);
    let before = |series: &[f64; TAYLOR_TERMS], n: usize, back: usize| if n >= back { series[n - back] } else { 0.0 };
    for n in 0..TAYLOR_TERMS - 1 {
        let next = (n + 1) as f64;
        f[n + 1] = (-(r * f[n] + before(&f, n, 1)) + c * b[n]) / next;
        b[n + 1] = if r > 0.0 {
            let squares = (r * r + 1.0 + n as f64) * b[n] + 2.0 * r * before(&b, n, 1) + before(&b, n, 2);
            (c * (r * f[n] + before(&f, n, 1)) - squares) / (r * next)
        } else {
            (c * f[n] - before(&b, n, 1)) / (next + 1.0)
        };
    }
    std::array::from_fn(|n| r * f[n] + before(&f, n, 1))
}

/// exp(-(r^2 + C^2)/2) times I0(r C) and I1(r C), as means of exp(r C cos t) and cos t exp(r C cos t) over a half turn.
fn scaled_bessel(r: f64, c: f64, cosines: &[f64; HALF_TURN + 1]) -> (f64, f64) {
    let (mut zeroth, mut first) = (0.0, 0.0);
    for (k, cosine) in cosines.iter().enumerate() {
        let weight = if k == 0 || k == HALF_TURN { 0.5 } else { 1.0 };
        let value = weight * libm::exp(r * c * cosine - 0.5 * (r * r + c * c));
        zeroth += value;
        first += cosine * value;
    }
    (zeroth / HALF_TURN as f64, first / HALF_TURN as f64)
}

fn half_turn_cosines() -> [f64; HALF_TURN + 1] {
    std::array::from_fn(|k| libm::cos(std::f64::consts::PI * k as f64 / HALF_TURN as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In sigma.
    fn disc(overlap: &Overlap, rotor_radius: f64, center_distance: f64) -> f64 {
        let row = overlap.row(Overlap::STEPS_PER_SIGMA * rotor_radius);
        overlap.disc(&row, Overlap::STEPS_PER_SIGMA * center_distance)
    }

    /// The published definition, summed plainly.
    fn trapezoid_node(radius: f64, c: f64) -> f64 {
        let cosines = half_turn_cosines();
        let integrand = |k: u32| {
            let r = radius * f64::from(k) / TRAPEZOID_INTERVALS;
            r * scaled_bessel(r, c, &cosines).0
        };
        let inner: f64 = (1..511).map(integrand).sum();
        let h = radius / TRAPEZOID_INTERVALS;
        2.0 / (radius * radius) * h * (inner + 0.5 * (integrand(0) + integrand(511)))
    }

    #[test]
    fn nodes_equal_the_plain_trapezoid() {
        let rows = 321;
        let nodes = nodes(rows);
        for (i, j) in [
            (1_u16, 0_u16),
            (1, 500),
            (2, 77),
            (60, 0),
            (60, 61),
            (100, 250),
            (100, 500),
            (320, 0),
            (320, 300),
            (320, 500),
        ] {
            let (r, c) = (NODE_STEP * f64::from(i), NODE_STEP * f64::from(j));
            let expected = trapezoid_node(r, c);
            let got = nodes[usize::from(i) * NODE_COLUMNS + usize::from(j)];
            assert!((got - expected).abs() < 3e-15, "node ({i}, {j}): {got:e}, expected {expected:e}");
        }
    }

    #[test]
    fn falls_with_distance_and_is_clamped() {
        let overlap = Overlap::new(2.0);
        assert!((disc(&overlap, 0.0, 0.0) - 1.0).abs() < 1e-15);
        for r in [0.0, 0.3, 1.0, 1.99, 2.0] {
            let values: Vec<f64> = (0..120).map(|k| disc(&overlap, r, 0.1 * f64::from(k))).collect();
            assert!(values.windows(2).all(|pair| pair[1] <= pair[0]), "radius {r}");
            assert!(values.iter().all(|v| (0.0..=1.0).contains(v)));
        }
        assert!((disc(&overlap, 2.0, 50.0) - disc(&overlap, 2.0, 10.0)).abs() < 1e-300);
        assert!((overlap.point(123.4) - disc(&overlap, 0.0, 1.234)).abs() < 1e-300);
    }

    #[test]
    fn a_larger_table_gives_the_same_numbers() {
        let (small, large) = (Overlap::new(2.0), Overlap::new(5.0));
        for k in 0..500 {
            let (r, c) = (0.004 * f64::from(k), 0.02 * f64::from(k));
            assert!((disc(&small, r, c) - disc(&large, r, c)).abs() < 1e-15, "({r}, {c})");
        }
    }
}

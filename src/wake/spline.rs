//! The interpolating cubic spline with not-a-knot ends, through equidistant nodes.
//!
//! Source: C. de Boor, A Practical Guide to Splines (1978), chapter IV, ISBN 978-0-387-95366-3.

/// The spline's value half-way between each node and the next; one less than there are nodes, of which there must be at least 4.
///
/// With second derivatives M (times the squared spacing): M(i-1) + 4 M(i) + M(i+1) = 6 (y(i-1) - 2 y(i) + y(i+1)), and at the ends
/// the third derivative continues through the second node: M(0) - 2 M(1) + M(2) = 0. Half-way: (y0 + y1)/2 - (M0 + M1)/16.
pub(crate) fn midpoints(y: &[f64]) -> Vec<f64> {
    let m = second_derivatives(y);
    (0..y.len() - 1).map(|i| f64::midpoint(y[i], y[i + 1]) - (m[i] + m[i + 1]) / 16.0).collect()
}

fn second_derivatives(y: &[f64]) -> Vec<f64> {
    let n = y.len();
    let mut m = vec![0.0; n];
    // The end condition turns the first and the last inner equation into 6 M = 6 (second difference).
    let difference = |i: usize| y[i - 1] - 2.0 * y[i] + y[i + 1];
    m[1] = difference(1);
    m[n - 2] = difference(n - 2);
    // The tridiagonal system of the remaining inner nodes 2 ..= n-3, solved by elimination.
    let mut ratio = vec![0.0; n];
    for i in 2..n - 2 {
        let pivot = 4.0 - ratio[i - 1];
        ratio[i] = 1.0 / pivot;
        let right = 6.0 * difference(i) - if i == n - 3 { m[n - 2] } else { 0.0 };
        m[i] = (right - m[i - 1]) / pivot;
    }
    for i in (2..n.saturating_sub(3)).rev() {
        m[i] -= ratio[i] * m[i + 1];
    }
    m[0] = 2.0 * m[1] - m[2];
    m[n - 1] = 2.0 * m[n - 2] - m[n - 3];
    m
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cubic_is_reproduced() {
        let cubic = |x: f64| 2.0 - x + 0.5 * x * x - 0.25 * x * x * x;
        for n in [4, 5, 6, 12, 40] {
            let y: Vec<f64> = (0..n).map(|i| cubic(f64::from(i))).collect();
            for (i, value) in midpoints(&y).into_iter().enumerate() {
                let expected = cubic(i as f64 + 0.5);
                assert!(
                    (value - expected).abs() < 1e-11 * expected.abs().max(1.0),
                    "{n} nodes, interval {i}: {value} {expected}"
                );
            }
        }
    }
}

//! A simple polygon and the signed distance to its edge.

use geo::algorithm::validation::Validation;

use crate::error::Problem;

/// A simple polygon, counter-clockwise, the ring not closed.
#[derive(Debug, Clone, PartialEq)]
pub struct Polygon {
    vertices_m: Vec<(f64, f64)>,
    edges: Vec<Edge>,
}

/// Edge from `start` along `direction` (unit vector) with the inward normals that decide which side of it a point lies on.
#[derive(Debug, Clone, PartialEq)]
struct Edge {
    start: (f64, f64),
    end: (f64, f64),
    length: f64,
    direction: (f64, f64),
    normal: (f64, f64),
    /// Mean of this edge's normal and the one before: decides at the start vertex.
    start_normal: (f64, f64),
    /// Mean of this edge's normal and the next: decides at the end vertex.
    end_normal: (f64, f64),
}

/// Less than this is no area, m2.
const MIN_AREA_M2: f64 = 1e-3;

impl Polygon {
    /// A polygon from its vertices (x, y), m, in either sense of rotation; a repeated first vertex at the end is dropped.
    ///
    /// # Errors
    /// Fewer than 3 vertices, coordinates that are not finite, repeated neighbours, edges that cross, no area.
    pub fn new(mut vertices_m: Vec<(f64, f64)>) -> Result<Self, Problem> {
        let fault = |text: String| Err(Problem::new("", text));
        if vertices_m.len() > 1 && vertices_m.first() == vertices_m.last() {
            vertices_m.pop();
        }
        let n = vertices_m.len();
        if n < 3 {
            return fault(format!("{n} vertices, needs at least 3"));
        }
        if let Some(i) = vertices_m.iter().position(|(x, y)| !x.is_finite() || !y.is_finite()) {
            return fault(format!("vertex {i} is {:?}; every coordinate must be finite", vertices_m[i]));
        }
        if let Some(i) = (0..n).find(|&i| vertices_m[i] == vertices_m[(i + 1) % n]) {
            return fault(format!("vertex {i} is repeated: {:?}; drop one of the two", vertices_m[i]));
        }
        let ring = geo::LineString::from(vertices_m.clone());
        if let Err(invalid) = geo::Polygon::new(ring, vec![]).check_validation() {
            return fault(format!("is not a simple polygon ({invalid}); list its corners in order round the edge"));
        }
        let doubled_area_m2 = doubled_area(&vertices_m);
        if doubled_area_m2.abs() < 2.0 * MIN_AREA_M2 {
            return fault(format!("encloses no area; its {n} vertices lie on one line"));
        }
        if doubled_area_m2 < 0.0 {
            vertices_m.reverse();
        }
        let edges = edges(&vertices_m);
        Ok(Self { vertices_m, edges })
    }

    /// Distance from (x, y) to the edge, m: positive inside, negative outside.
    ///
    /// At a vertex the side is decided by the mean of the two edges' normals (the pseudonormal), at equal distances by the first edge.
    pub fn signed_distance_m(&self, x_m: f64, y_m: f64) -> f64 {
        let mut nearest = f64::INFINITY;
        for edge in &self.edges {
            let distance = edge.signed_distance(x_m, y_m);
            if distance.abs() < nearest.abs() {
                nearest = distance;
            }
        }
        nearest
    }

    /// [`Polygon::signed_distance_m`] and how it changes with x and y: a unit vector.
    pub fn signed_distance_slope(&self, x_m: f64, y_m: f64) -> (f64, (f64, f64)) {
        let mut nearest = (f64::INFINITY, (0.0, 0.0));
        for edge in &self.edges {
            let distance = edge.signed_distance(x_m, y_m);
            if distance.abs() < nearest.0.abs() {
                nearest = (distance, edge.slope(x_m, y_m, distance));
            }
        }
        nearest
    }

    /// Vertices (x, y), m, counter-clockwise, the ring not closed.
    pub fn vertices_m(&self) -> &[(f64, f64)] {
        &self.vertices_m
    }
}

impl Edge {
    fn signed_distance(&self, x: f64, y: f64) -> f64 {
        let from_start = (x - self.start.0, y - self.start.1);
        let along = dot(from_start, self.direction);
        if along < 0.0 {
            return signed(length(from_start), dot(from_start, self.start_normal));
        }
        if along > self.length {
            let from_end = (x - self.end.0, y - self.end.1);
            return signed(length(from_end), dot(from_end, self.end_normal));
        }
        dot(from_start, self.normal)
    }

    /// How the signed distance, given, changes with x and y.
    fn slope(&self, x: f64, y: f64, distance: f64) -> (f64, f64) {
        let from_start = (x - self.start.0, y - self.start.1);
        let along = dot(from_start, self.direction);
        if distance == 0.0 || (0.0..=self.length).contains(&along) {
            return self.normal;
        }
        let from = if along < 0.0 { from_start } else { (x - self.end.0, y - self.end.1) };
        (from.0 / distance, from.1 / distance)
    }
}

fn signed(distance: f64, side: f64) -> f64 {
    if side > 0.0 { distance } else { -distance }
}

fn edges(vertices: &[(f64, f64)]) -> Vec<Edge> {
    let n = vertices.len();
    let span = |i: usize| {
        let (a, b) = (vertices[i % n], vertices[(i + 1) % n]);
        (b.0 - a.0, b.1 - a.1)
    };
    let normal = |i: usize| {
        let d = span(i);
        (-d.1 / length(d), d.0 / length(d))
    };
    let mean = |a: (f64, f64), b: (f64, f64)| (f64::midpoint(a.0, b.0), f64::midpoint(a.1, b.1));
    (0..n)
        .map(|i| {
            let length = length(span(i));
            Edge {
                start: vertices[i],
                end: vertices[(i + 1) % n],
                length,
                direction: (span(i).0 / length, span(i).1 / length),
                normal: normal(i),
                start_normal: mean(normal(i + n - 1), normal(i)),
                end_normal: mean(normal(i), normal(i + 1)),
            }
        })
        .collect()
}

/// Twice the area, positive when counter-clockwise.
fn doubled_area(vertices: &[(f64, f64)]) -> f64 {
    let n = vertices.len();
    (0..n).map(|i| (vertices[i].0 - vertices[(i + 1) % n].0) * (vertices[i].1 + vertices[(i + 1) % n].1)).sum()
}

fn dot(a: (f64, f64), b: (f64, f64)) -> f64 {
    a.0 * b.0 + a.1 * b.1
}

fn length(a: (f64, f64)) -> f64 {
    dot(a, a).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_and_distances_of_a_concave_polygon() {
        // An L, given clockwise.
        let l = Polygon::new(vec![(0.0, 0.0), (0.0, 4.0), (2.0, 4.0), (2.0, 2.0), (4.0, 2.0), (4.0, 0.0)]).unwrap();
        for (x, y, expected) in
            [(1.0, 1.0, 1.0), (3.0, 3.0, -1.0), (1.0, 3.5, 0.5), (5.0, 5.0, -(10f64.sqrt())), (2.0, 2.0, 0.0)]
        {
            let distance = l.signed_distance_m(x, y);
            assert!((distance - expected).abs() < 1e-12, "({x}, {y}): {distance}");
        }
        assert!((l.signed_distance_m(1.5, 1.5) - 0.5f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn refuses_what_is_not_a_polygon() {
        for (vertices, word) in [
            (vec![], "0 vertices"),
            (vec![(0.0, 0.0), (1.0, 0.0), (0.0, 0.0)], "2 vertices"),
            (vec![(0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0)], "simple"),
            (vec![(0.0, 0.0), (1.0, 0.0), (f64::NAN, 1.0)], "finite"),
            (vec![(0.0, 0.0), (0.0, 0.0), (1.0, 0.0), (1.0, 1.0)], "repeated"),
            (vec![(0.0, 0.0), (1.0, 0.0), (2.0, 0.0)], "no area"),
        ] {
            let problem = Polygon::new(vertices).unwrap_err();
            assert!(problem.fault.contains(word), "{problem}");
        }
    }
}

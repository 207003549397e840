//! The nearest place inside.

use crate::farm::{Boundary, Circle, Farm, Polygon, Zone};
use crate::search::ground::INWARD_M;

/// The nearest to `at` of the places just inside the edges and corners of a farm and of an area in it that is inside both, outside exclusions; m.
pub(super) fn nearest_inside(at: (f64, f64), farm: &Farm, area: Option<&Farm>) -> Option<(f64, f64)> {
    let confines: Vec<&Farm> = std::iter::once(farm).chain(area).collect();
    let mut best: Option<(f64, (f64, f64))> = None;
    let mut offer = |place: (f64, f64)| {
        let square = (place.0 - at.0) * (place.0 - at.0) + (place.1 - at.1) * (place.1 - at.1);
        let is_inside = || confines.iter().all(|farm| farm.allows(place.0, place.1));
        if best.is_none_or(|(least, _)| square < least) && is_inside() {
            best = Some((square, place));
        }
    };
    for farm in &confines {
        match &farm.boundary {
            Boundary::Polygons(polygons) => polygons.iter().for_each(|p| offer_edges(p, at, INWARD_M, &mut offer)),
            Boundary::Circle { center_m, radius_m } => {
                offer_rim(&Circle { center_m: *center_m, radius_m: *radius_m }, at, INWARD_M, &mut offer);
            }
        }
        for zone in &farm.exclusions {
            match zone {
                Zone::Polygon(polygon) => offer_edges(polygon, at, -INWARD_M, &mut offer),
                Zone::Circle(circle) => offer_rim(circle, at, -INWARD_M, &mut offer),
            }
        }
    }
    best.map(|(_, place)| place)
}

/// Of every edge the nearest point, and every corner, `inward_m` inside (negative: outside) a polygon.
fn offer_edges(polygon: &Polygon, at: (f64, f64), inward_m: f64, offer: &mut impl FnMut((f64, f64))) {
    let vertices = polygon.vertices_m();
    let n = vertices.len();
    let normal = |i: usize| {
        let (from, to) = (vertices[i % n], vertices[(i + 1) % n]);
        let length = libm::hypot(to.0 - from.0, to.1 - from.1);
        (-(to.1 - from.1) / length, (to.0 - from.0) / length)
    };
    for (i, &from) in vertices.iter().enumerate() {
        let (to, (nx, ny)) = (vertices[(i + 1) % n], normal(i));
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let t = (((at.0 - from.0) * dx + (at.1 - from.1) * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
        offer((from.0 + t * dx + inward_m * nx, from.1 + t * dy + inward_m * ny));
        // The point that is this far from both edges of the corner.
        let (px, py) = normal(i + n - 1);
        let share = inward_m / (1.0 + nx * px + ny * py).max(1e-3);
        offer((from.0 + share * (nx + px), from.1 + share * (ny + py)));
    }
}

/// The nearest point `inward_m` inside (negative: outside) a circle.
fn offer_rim(circle: &Circle, at: (f64, f64), inward_m: f64, offer: &mut impl FnMut((f64, f64))) {
    let Circle { center_m: (x, y), radius_m } = *circle;
    let distance_m = libm::hypot(at.0 - x, at.1 - y);
    let (dx, dy) = if distance_m > 0.0 { ((at.0 - x) / distance_m, (at.1 - y) / distance_m) } else { (1.0, 0.0) };
    offer((x + dx * (radius_m - inward_m), y + dy * (radius_m - inward_m)));
}

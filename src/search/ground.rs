//! Where turbines may stand: inside the boundary and the area of their type, outside exclusions, and far enough from each other.

use std::ops::Range;

use crate::error::{Error, Problem, Result};
use crate::farm::{Boundary, Farm, Layout, Turbine};
use crate::search::CaseRng;

mod nearest;

use nearest::nearest_inside;

/// The constraints of one plant: a farm, and the least distance of every pair of turbine types.
#[derive(Debug, Clone)]
pub struct Ground<'a> {
    farm: &'a Farm,
    /// Type of each turbine.
    types: &'a [usize],
    /// Where the first turbines stand, which are neighbours and not moved.
    neighbours_m: Vec<(f64, f64)>,
    n_types: usize,
    /// Least distance of each type to each other, m, row by row.
    spacing_m: Vec<f64>,
    areas: Vec<Area>,
    /// Where turbines of each type may stand only; empty if no type has an area of its own.
    of_types: &'a [Option<Farm>],
}

/// A box that holds one part of the farm.
#[derive(Debug, Clone, Copy)]
struct Area {
    least_m: (f64, f64),
    size_m: (f64, f64),
}

/// What is put on an edge is put this far inside, m, so that another way of computing the distance finds it inside too.
const INWARD_M: f64 = 1e-7;
/// A layout is feasible if no constraint is missed by more than this, m.
pub const TOLERANCE_M: f64 = 1e-6;
/// How often a place is pushed from one constraint to the other before it is given up.
const PUSHES: usize = 8;
/// How often a random place is drawn before the farm counts as too small to hit.
const DRAWS: usize = 10_000;

impl<'a> Ground<'a> {
    /// The ground for turbine i of type `types[i]` of `turbines`; two turbines stand at least `spacing_d` times the larger one's rotor
    /// diameter apart.
    pub fn new(farm: &'a Farm, turbines: &[Turbine], types: &'a [usize], spacing_d: f64) -> Self {
        let pair = |a: &Turbine, b: &Turbine| spacing_d * a.rotor_diameter_m.max(b.rotor_diameter_m);
        let spacing_m = turbines.iter().flat_map(|a| turbines.iter().map(move |b| pair(a, b))).collect();
        let areas = match &farm.boundary {
            Boundary::Polygons(polygons) => polygons.iter().map(|p| Area::around(p.vertices_m())).collect(),
            Boundary::Circle { center_m: (x, y), radius_m: r } => vec![Area::around(&[(x - r, y - r), (x + r, y + r)])],
        };
        Self { farm, types, neighbours_m: Vec::new(), n_types: turbines.len(), spacing_m, areas, of_types: &[] }
    }

    /// The same ground where the first turbines stand at these places, inside the farm or not, and are not moved.
    #[must_use]
    pub fn beside(self, neighbours: &Layout) -> Self {
        Self { neighbours_m: neighbours.positions().collect(), ..self }
    }

    /// The same ground where turbines of type t also stay inside `areas[t]`, if that is one.
    #[must_use]
    pub fn confined(self, areas: &'a [Option<Farm>]) -> Self {
        Self { of_types: areas, ..self }
    }

    /// Whether any type has an area of its own.
    pub fn is_confined(&self) -> bool {
        self.of_types.iter().any(Option::is_some)
    }

    /// The area of a turbine's own type.
    fn own_area(&self, turbine: usize) -> Option<&'a Farm> {
        self.of_types.get(self.types[turbine])?.as_ref()
    }

    /// How far inside everything that confines `turbine` (x, y) lies, m, and how that changes with x and y.
    pub fn inside_slope(&self, turbine: usize, (x, y): (f64, f64)) -> (f64, (f64, f64)) {
        let of_farm = self.farm.signed_distance_slope(x, y);
        match self.own_area(turbine).map(|own| own.signed_distance_slope(x, y)) {
            Some(of_own) if of_own.0 < of_farm.0 => of_own,
            _ => of_farm,
        }
    }

    /// Where the first turbines stand, which are not moved, m.
    pub fn neighbours_m(&self) -> &[(f64, f64)] {
        &self.neighbours_m
    }

    /// The turbines that are moved.
    pub fn movable(&self) -> Range<usize> {
        self.neighbours_m.len()..self.types.len()
    }

    /// How many turbines there are, neighbours among them.
    pub fn n_turbines(&self) -> usize {
        self.types.len()
    }

    /// The type of each turbine.
    pub fn types(&self) -> &'a [usize] {
        self.types
    }

    /// The farm.
    pub fn farm(&self) -> &'a Farm {
        self.farm
    }

    /// The largest of the least distances, m.
    pub fn widest_spacing_m(&self) -> f64 {
        self.spacing_m.iter().copied().fold(0.0, f64::max)
    }

    /// Least distance between two turbines, m.
    pub fn spacing_m(&self, a: usize, b: usize) -> f64 {
        self.spacing_m[self.types[a] * self.n_types + self.types[b]]
    }

    /// Whether turbines may stand at (x, y), m, for all that boundary and exclusions say.
    pub fn stands(&self, (x, y): (f64, f64)) -> bool {
        self.farm.allows(x, y)
    }

    /// Whether `turbine` at (x, y), m, is inside the area of its type, and far enough from all others.
    pub fn is_clear(&self, turbine: usize, at_m: (f64, f64), places_m: &[(f64, f64)]) -> bool {
        self.is_at_home(turbine, at_m) && self.nearest_conflict(turbine, at_m, places_m).is_none()
    }

    fn is_at_home(&self, turbine: usize, (x, y): (f64, f64)) -> bool {
        self.own_area(turbine).is_none_or(|own| own.allows(x, y))
    }

    /// The feasible place for `turbine` nearest to the one wished for, or one near it: pushed inside, and away from whom it is too close to.
    /// None where that does not end at a feasible place.
    pub fn settle(&self, turbine: usize, wished_m: (f64, f64), places_m: &[(f64, f64)]) -> Option<(f64, f64)> {
        let mut at = wished_m;
        for _ in 0..PUSHES {
            if !self.stands(at) || !self.is_at_home(turbine, at) {
                at = nearest_inside(at, self.farm, self.own_area(turbine))?;
            }
            let Some(other) = self.nearest_conflict(turbine, at, places_m) else { return Some(at) };
            let (from, least_m) = (places_m[other], self.spacing_m(turbine, other));
            let (dx, dy) = (at.0 - from.0, at.1 - from.1);
            let distance_m = libm::hypot(dx, dy);
            if distance_m < INWARD_M {
                return None;
            }
            let factor = (least_m + INWARD_M) / distance_m;
            at = (from.0 + dx * factor, from.1 + dy * factor);
        }
        None
    }

    /// A random place inside the farm, every one as likely as any other where its parts do not overlap.
    ///
    /// # Errors
    /// A farm so thin that no place is hit.
    pub fn draw(&self, rng: &mut CaseRng) -> Result<(f64, f64)> {
        let total_m2: f64 = self.areas.iter().map(Area::size_m2).sum();
        for _ in 0..DRAWS {
            let mut left_m2 = rng.unit() * total_m2;
            let mut chosen = self.areas[0];
            for area in &self.areas {
                chosen = *area;
                left_m2 -= area.size_m2();
                if left_m2 < 0.0 {
                    break;
                }
            }
            let at = chosen.draw(rng);
            if self.stands(at) {
                return Ok(at);
            }
        }
        Err(Error::NoFeasiblePosition { turbine: 0, n_turbines: self.n_turbines() })
    }

    /// Places on a grid of this step, m, whose first point lies `shift` (0 to 1 in x and y) of a step from the corner of each part.
    pub fn grid(&self, step_m: f64, shift: (f64, f64)) -> Vec<(f64, f64)> {
        let mut places = Vec::new();
        for area in &self.areas {
            let axis = |least: f64, size: f64, shift: f64| -> Vec<f64> {
                let mut at = least + shift * step_m;
                let mut points = Vec::new();
                while at <= least + size {
                    points.push(at);
                    at += step_m;
                }
                points
            };
            let xs = axis(area.least_m.0, area.size_m.0, shift.0);
            for y in axis(area.least_m.1, area.size_m.1, shift.1) {
                places.extend(xs.iter().map(|&x| (x, y)).filter(|&at| self.stands(at)));
            }
        }
        places
    }

    /// Places along the edge, about `step_m` apart, corners included, the first one `shift` (0 to 1) of a step on.
    pub fn edge(&self, step_m: f64, shift: f64) -> Vec<(f64, f64)> {
        let mut wished = Vec::new();
        match &self.farm.boundary {
            Boundary::Polygons(polygons) => {
                for polygon in polygons {
                    let vertices = polygon.vertices_m();
                    for (i, &from) in vertices.iter().enumerate() {
                        let to = vertices[(i + 1) % vertices.len()];
                        let length_m = libm::hypot(to.0 - from.0, to.1 - from.1);
                        wished.push(from);
                        let mut along = shift * step_m;
                        while along < length_m {
                            let t = along / length_m;
                            wished.push((from.0 + t * (to.0 - from.0), from.1 + t * (to.1 - from.1)));
                            along += step_m;
                        }
                    }
                }
            }
            Boundary::Circle { center_m, radius_m } => {
                let step = (step_m / radius_m).min(1.0);
                let mut angle = shift * step;
                while angle < std::f64::consts::TAU {
                    wished.push(on_circle(*center_m, *radius_m, angle));
                    angle += step;
                }
            }
        }
        wished
            .into_iter()
            .filter_map(|at| if self.stands(at) { Some(at) } else { nearest_inside(at, self.farm, None) })
            .collect()
    }

    /// Boxes around the parts of the farm: least x and y, and how far they reach from there, m.
    pub fn boxes_m(&self) -> impl Iterator<Item = ((f64, f64), (f64, f64))> {
        self.areas.iter().map(|area| (area.least_m, area.size_m))
    }

    /// About how large the farm is, m2: the boxes around its parts, as far as random places in them are inside.
    pub fn area_m2(&self, rng: &mut CaseRng) -> f64 {
        const PLACES: usize = 256;
        let mut total_m2 = 0.0;
        for area in &self.areas {
            let hits = (0..PLACES).filter(|_| self.stands(area.draw(rng))).count();
            total_m2 += area.size_m2() * hits.max(1) as f64 / PLACES as f64;
        }
        total_m2
    }

    /// Proves that a layout keeps every constraint to within [`TOLERANCE_M`].
    ///
    /// # Errors
    /// The constraint that is missed, by whom and how far.
    pub fn prove(&self, layout: &Layout) -> std::result::Result<(), Problem> {
        let places: Vec<(f64, f64)> = layout.positions().collect();
        for (i, &(x, y)) in places.iter().enumerate() {
            if !(x.is_finite() && y.is_finite()) {
                return Err(Problem::new("layout", format!("turbine {i} stands at ({x}, {y}), which is no place")));
            }
            let is_movable = self.movable().contains(&i);
            for (farm, name) in [(Some(self.farm), "the boundary"), (self.own_area(i), "the area of its type")] {
                let outside_m = farm.map_or(f64::NEG_INFINITY, |farm| -farm.signed_distance_m(x, y));
                if is_movable && outside_m > TOLERANCE_M {
                    let fault = format!("turbine {i} stands {outside_m:.6} m outside {name} or inside an exclusion");
                    return Err(Problem::new("layout", fault));
                }
            }
            for (j, &(u, v)) in places.iter().enumerate().skip(i + 1) {
                let (least_m, distance_m) = (self.spacing_m(i, j), libm::hypot(x - u, y - v));
                if self.movable().contains(&j) && distance_m < least_m - TOLERANCE_M {
                    let fault =
                        format!("turbines {i} and {j} stand {distance_m:.6} m apart, the least spacing is {least_m} m");
                    return Err(Problem::new("layout", fault));
                }
            }
        }
        Ok(())
    }

    /// The turbine that `turbine` at this place would be too close to, relative to their least distance the closest one.
    fn nearest_conflict(&self, turbine: usize, (x, y): (f64, f64), places_m: &[(f64, f64)]) -> Option<usize> {
        let mut closest = (1.0, None);
        for (other, &(u, v)) in places_m.iter().enumerate().filter(|(other, _)| *other != turbine) {
            let least_m = self.spacing_m(turbine, other);
            let square = (x - u) * (x - u) + (y - v) * (y - v);
            if square < least_m * least_m && square / (least_m * least_m) < closest.0 {
                closest = (square / (least_m * least_m), Some(other));
            }
        }
        closest.1
    }
}

impl Area {
    fn around(points: &[(f64, f64)]) -> Self {
        let least = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).fold(f64::INFINITY, f64::min);
        let most = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
        let least_m = (least(|p| p.0), least(|p| p.1));
        Self { least_m, size_m: (most(|p| p.0) - least_m.0, most(|p| p.1) - least_m.1) }
    }

    fn draw(&self, rng: &mut CaseRng) -> (f64, f64) {
        (self.least_m.0 + rng.unit() * self.size_m.0, self.least_m.1 + rng.unit() * self.size_m.1)
    }

    fn size_m2(&self) -> f64 {
        self.size_m.0 * self.size_m.1
    }
}

fn on_circle((x, y): (f64, f64), radius_m: f64, angle: f64) -> (f64, f64) {
    let radius_m = radius_m - INWARD_M;
    (x + radius_m * libm::cos(angle), y + radius_m * libm::sin(angle))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::farm::{Circle, GenericTurbine, Polygon, Zone};
    use crate::search::RngKind;

    fn turbine() -> Turbine {
        GenericTurbine::new(3e6, 100.0, 90.0).build("3").unwrap()
    }

    /// An L with a round hole.
    fn farm() -> Farm {
        let corners =
            vec![(0.0, 0.0), (3000.0, 0.0), (3000.0, 1000.0), (1000.0, 1000.0), (1000.0, 3000.0), (0.0, 3000.0)];
        let hole = Circle { center_m: (500.0, 500.0), radius_m: 200.0 };
        let boundary = Boundary::Polygons(vec![Polygon::new(corners).unwrap()]);
        Farm { name: "L".into(), boundary, exclusions: vec![Zone::Circle(hole)], crs: None }
    }

    #[test]
    fn a_place_is_pushed_to_the_nearest_feasible_one() {
        let (farm, turbines, types) = (farm(), [turbine()], [0, 0]);
        let ground = Ground::new(&farm, &turbines, &types, 4.0);
        let far = [(2900.0, 100.0)];
        for (wished, expected) in [
            ((200.0, 2000.0), (200.0, 2000.0)),
            ((1200.0, 2000.0), (1000.0, 2000.0)),
            ((-50.0, -50.0), (0.0, 0.0)),
            ((500.0, 600.0), (500.0, 700.0)),
            ((2900.0, 300.0), (2900.0, 500.0)),
        ] {
            let at = ground.settle(1, wished, &far).unwrap();
            assert!(libm::hypot(at.0 - expected.0, at.1 - expected.1) < 1e-6, "{wished:?} settles at {at:?}");
            assert!(ground.stands(at) && ground.is_clear(1, at, &far));
        }
        assert_eq!(ground.settle(1, far[0], &far), None, "there is no way out of the same place");
    }

    #[test]
    fn what_is_missed_is_named() {
        let (farm, turbines, types) = (farm(), [turbine()], [0, 0]);
        let ground = Ground::new(&farm, &turbines, &types, 4.0);
        let prove = |x_m: [f64; 2], y_m: [f64; 2]| ground.prove(&Layout { x_m: x_m.into(), y_m: y_m.into() });
        assert_eq!(prove([100.0, 2000.0], [2000.0, 500.0]), Ok(()));
        assert_eq!(prove([-0.9e-6, 2000.0], [2000.0, 500.0]), Ok(()), "within the tolerance");
        for (x_m, y_m, words) in [
            ([100.0, 2000.0], [2000.0, 1001.0], "turbine 1 stands 1.000000 m outside"),
            ([500.0, 2000.0], [310.0, 500.0], "turbine 0 stands 10.000000 m outside"),
            ([100.0, 100.0], [2000.0, 2399.0], "turbines 0 and 1 stand 399.000000 m apart"),
            ([f64::NAN, 100.0], [2000.0, 2399.0], "turbine 0 stands at (NaN, 2000), which is no place"),
        ] {
            let problem = prove(x_m, y_m).unwrap_err();
            assert!(problem.fault.contains(words), "{problem}");
        }
    }

    #[test]
    fn a_type_stays_in_its_own_area() {
        let (farm, turbines, types) = (farm(), [turbine(), turbine()], [0, 1]);
        // The upper end of the L, and some of what is outside it.
        let north = Polygon::new(vec![(-500.0, 2000.0), (1500.0, 2000.0), (1500.0, 4000.0), (-500.0, 4000.0)]).unwrap();
        let north =
            Farm { name: "north".into(), boundary: Boundary::Polygons(vec![north]), exclusions: vec![], crs: None };
        let areas = [None, Some(north)];
        let ground = Ground::new(&farm, &turbines, &types, 4.0).confined(&areas);
        assert!(ground.is_confined() && ground.is_clear(0, (2000.0, 500.0), &[]));
        assert!(!ground.is_clear(1, (2000.0, 500.0), &[]));
        for (wished, expected) in [
            ((500.0, 2500.0), (500.0, 2500.0)),
            ((500.0, 1000.0), (500.0, 2000.0)),
            ((1200.0, 2500.0), (1000.0, 2500.0)),
            ((400.0, 3700.0), (400.0, 3000.0)),
        ] {
            let at = ground.settle(1, wished, &[(0.0, 0.0)]).unwrap();
            assert!(libm::hypot(at.0 - expected.0, at.1 - expected.1) < 1e-6, "{wished:?} settles at {at:?}");
        }
        let layout = Layout { x_m: vec![2000.0, 500.0], y_m: vec![500.0, 1999.0] };
        let problem = ground.prove(&layout).unwrap_err();
        assert!(problem.fault.contains("turbine 1 stands 1.000000 m outside the area of its type"), "{problem}");
        assert!((ground.inside_slope(1, (500.0, 2100.0)).0 - 100.0).abs() < 1e-9);
        assert!((ground.inside_slope(0, (500.0, 2100.0)).0 - 500.0).abs() < 1e-9);
        let (inside_m, slope) = ground.inside_slope(1, (600.0, 2100.0));
        assert!((inside_m - 100.0).abs() < 1e-9 && (slope.1 - 1.0).abs() < 1e-9, "the nearer edge says which way");
    }

    #[test]
    fn places_offered_are_inside() {
        let (farm, turbines, types) = (farm(), [turbine()], [0]);
        let ground = Ground::new(&farm, &turbines, &types, 4.0);
        let mut rng = CaseRng::new(RngKind::ChaCha8, 1, 0);
        let (grid, edge) = (ground.grid(100.0, (0.5, 0.5)), ground.edge(100.0, 0.3));
        assert!((450..520).contains(&grid.len()), "{}: 4.87 km2 at a place a hectare", grid.len());
        assert!(edge.len() >= 120, "{}: 12 km of edge", edge.len());
        assert!(grid.iter().chain(&edge).all(|&at| ground.stands(at)));
        assert!((0..100).all(|_| ground.stands(ground.draw(&mut rng).unwrap())));
        let area_m2 = ground.area_m2(&mut rng);
        assert!((area_m2 / 4.87e6 - 1.0).abs() < 0.25, "{area_m2}");
    }
}

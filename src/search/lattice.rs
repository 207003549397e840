//! Regular layouts: some turbines along the edge, evenly, and the rest on a lattice, at any angle to the wind.
//!
//! Lattices beside packed edges are near the best layouts of many farms (Stanley and Ning 2019, doi:10.5194/wes-4-663-2019).

use crate::error::{Error, Result};
use crate::farm::Layout;
use crate::search::{CaseRng, Ground};

/// A regular layout of random shape beside the neighbours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lattice {
    /// Share of the turbines along the edge.
    pub edge_share: f64,
    /// Where along the edge the first one is tried, 0 to 1 of a step.
    pub edge_shift: f64,
    /// Direction of the rows, from the x axis, radian.
    pub angle: f64,
    /// Distance of rows over that of turbines in a row.
    pub aspect: f64,
    /// From one row to the next, turbines are shifted by this share of their distance.
    pub shear: f64,
    /// Where the lattice begins, 0 to 1 of a cell along and across the rows.
    pub shift: (f64, f64),
}

/// How often the step of edge and lattice is halved in on.
const HALVINGS: usize = 16;
/// The finest lattice has this many points, squared, for each turbine.
const FINEST: f64 = 6.0;
/// Least and largest aspect ratio.
const ASPECTS: (f64, f64) = (0.4, 2.5);
/// At most this share of the turbines stands along the edge.
const EDGE_SHARE: f64 = 0.8;

impl Lattice {
    /// Any of them.
    pub fn draw(rng: &mut CaseRng) -> Self {
        let aspect = libm::exp(libm::log(ASPECTS.0) + rng.unit() * (libm::log(ASPECTS.1) - libm::log(ASPECTS.0)));
        Self {
            edge_share: EDGE_SHARE * rng.unit(),
            edge_shift: rng.unit(),
            angle: std::f64::consts::PI * rng.unit(),
            aspect,
            shear: rng.unit(),
            shift: (rng.unit(), rng.unit()),
        }
    }

    /// The layout: with the widest steps at which all turbines find a place.
    ///
    /// # Errors
    /// [`Error::NoFeasiblePosition`] when they do not, however narrow the steps.
    pub fn place(&self, ground: &Ground, rng: &mut CaseRng) -> Result<Layout> {
        let n = ground.movable().len();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a number of turbines")]
        let n_edge = (self.edge_share * n as f64).round() as usize;
        let size_m = ground.area_m2(rng).sqrt();
        let steps_m = (size_m / (FINEST * (n as f64).sqrt()), 2.0 * size_m);
        let mut places_m = ground.neighbours_m().to_vec();
        add(ground, &mut places_m, n_edge, steps_m, |step_m| ground.edge(step_m, self.edge_shift), rng);
        let missing = ground.n_turbines() - places_m.len();
        add(ground, &mut places_m, missing, steps_m, |step_m| self.points(ground, step_m), rng);
        if places_m.len() < ground.n_turbines() {
            return Err(Error::NoFeasiblePosition { turbine: places_m.len(), n_turbines: ground.n_turbines() });
        }
        Ok(places_m.into_iter().collect())
    }

    /// All points of the lattice of this step, m, at which a turbine may stand.
    fn points(&self, ground: &Ground, step_m: f64) -> Vec<(f64, f64)> {
        let (cos, sin) = (libm::cos(self.angle), libm::sin(self.angle));
        let (along_m, across_m) = (step_m / self.aspect.sqrt(), step_m * self.aspect.sqrt());
        let turned = |(x, y): (f64, f64)| (cos * x + sin * y, cos * y - sin * x);
        let mut points = Vec::new();
        for (least_m, size_m) in ground.boxes_m() {
            let corners = [(0.0, 0.0), (size_m.0, 0.0), (0.0, size_m.1), size_m];
            let corners = corners.map(|(x, y)| turned((least_m.0 + x, least_m.1 + y)));
            let range = |of: fn(&(f64, f64)) -> f64| {
                corners.iter().map(of).fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)))
            };
            let ((first_u, last_u), (first_v, last_v)) = (range(|p| p.0), range(|p| p.1));
            // Rows are numbered from the origin, so that all parts of a farm share one lattice.
            let mut row = ((first_v / across_m) - self.shift.1).ceil();
            while (row + self.shift.1) * across_m <= last_v {
                let offset = self.shift.0 + row * self.shear;
                let mut column = (first_u / along_m - offset).ceil();
                while (column + offset) * along_m <= last_u {
                    let (u, v) = ((column + offset) * along_m, (row + self.shift.1) * across_m);
                    points.push((cos * u - sin * v, sin * u + cos * v));
                    column += 1.0;
                }
                row += 1.0;
            }
        }
        points.retain(|&at| ground.stands(at));
        points
    }
}

/// Adds so many places, if there are as many: of those that the widest possible step of these offers and that are clear of all others, random ones.
fn add(
    ground: &Ground,
    places_m: &mut Vec<(f64, f64)>,
    wanted: usize,
    (mut narrow_m, mut wide_m): (f64, f64),
    offer: impl Fn(f64) -> Vec<(f64, f64)>,
    rng: &mut CaseRng,
) {
    let clear = |step_m: f64| {
        let mut all_m = places_m.clone();
        for (x, y) in offer(step_m) {
            if all_m.iter().all(|(u, v)| libm::hypot(x - u, y - v) >= ground.widest_spacing_m()) {
                all_m.push((x, y));
            }
        }
        all_m.split_off(places_m.len())
    };
    let mut found = clear(narrow_m);
    for _ in 0..HALVINGS {
        let step_m = 0.5 * (narrow_m + wide_m);
        let more = clear(step_m);
        if more.len() >= wanted {
            (narrow_m, found) = (step_m, more);
        } else {
            wide_m = step_m;
        }
    }
    rng.shuffle(&mut found);
    places_m.extend(found.into_iter().take(wanted));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::farm::{Boundary, Circle, Farm, GenericTurbine, Polygon, Zone};
    use crate::search::RngKind;

    /// An L with a hole, and an island.
    fn farm() -> Farm {
        let ell = [(0.0, 0.0), (9000.0, 0.0), (9000.0, 3000.0), (3000.0, 3000.0), (3000.0, 8000.0), (0.0, 8000.0)];
        let island = [(6000.0, 5000.0), (9000.0, 5500.0), (7000.0, 8000.0)];
        let polygons = [ell.to_vec(), island.to_vec()].map(|ring| Polygon::new(ring).unwrap());
        let hole = Zone::Circle(Circle { center_m: (1500.0, 1500.0), radius_m: 900.0 });
        Farm { name: "l".into(), boundary: Boundary::Polygons(polygons.to_vec()), exclusions: vec![hole], crs: None }
    }

    #[test]
    fn every_lattice_is_feasible_and_keeps_its_share_of_the_edge() {
        let (farm, turbines, types) =
            (farm(), [GenericTurbine::new(10e6, 195.0, 121.0).build("10").unwrap()], vec![0; 32]);
        let neighbours = Layout { x_m: vec![4000.0, -300.0], y_m: vec![1500.0, 4000.0] };
        let ground = Ground::new(&farm, &turbines, &types, 4.0).beside(&neighbours);
        let mut rng = CaseRng::new(RngKind::ChaCha8, 3, 0);
        let mut seen = Vec::new();
        for _ in 0..40 {
            let lattice = Lattice::draw(&mut rng);
            let layout = lattice.place(&ground, &mut rng).unwrap();
            ground.prove(&layout).unwrap();
            assert_eq!(layout.positions().take(2).collect::<Vec<_>>(), ground.neighbours_m());
            let on_edge = layout.positions().skip(2).filter(|&(x, y)| farm.signed_distance_m(x, y) < 1e-3).count();
            assert!(on_edge as f64 >= (lattice.edge_share * 30.0).round(), "{lattice:?}: {on_edge}");
            seen.push(layout);
        }
        seen.dedup();
        assert_eq!(seen.len(), 40, "no two are the same");
    }

    #[test]
    fn a_plain_lattice_has_equal_distances() {
        let square = Polygon::new(vec![(0.0, 0.0), (6000.0, 0.0), (6000.0, 6000.0), (0.0, 6000.0)]).unwrap();
        let farm = Farm { name: "s".into(), boundary: Boundary::Polygons(vec![square]), exclusions: vec![], crs: None };
        let (turbines, types) = ([GenericTurbine::new(10e6, 195.0, 121.0).build("10").unwrap()], vec![0; 9]);
        let ground = Ground::new(&farm, &turbines, &types, 3.0);
        let lattice =
            Lattice { edge_share: 0.0, edge_shift: 0.0, angle: 0.0, aspect: 1.0, shear: 0.0, shift: (0.5, 0.5) };
        let layout = lattice.place(&ground, &mut CaseRng::new(RngKind::ChaCha8, 3, 0)).unwrap();
        let mut distances: Vec<f64> = Vec::new();
        for (i, (x, y)) in layout.positions().enumerate() {
            let others = layout.positions().enumerate().filter(|&(j, _)| j != i);
            distances.push(others.map(|(_, (u, v))| libm::hypot(x - u, y - v)).fold(f64::INFINITY, f64::min));
        }
        // Three rows of three fit at steps below 6000 m / 2.5.
        assert!(
            distances.iter().all(|d| (d - distances[0]).abs() < 1e-6 && (2390.0..=2400.0).contains(d)),
            "{distances:?}"
        );
    }

    #[test]
    fn turbines_that_find_no_room_are_counted() {
        let (farm, turbines, types) =
            (farm(), [GenericTurbine::new(10e6, 195.0, 121.0).build("10").unwrap()], vec![0; 40]);
        let ground = Ground::new(&farm, &turbines, &types, 15.0);
        let mut rng = CaseRng::new(RngKind::ChaCha8, 3, 0);
        let error = Lattice::draw(&mut rng).place(&ground, &mut rng).unwrap_err();
        assert!(matches!(error, Error::NoFeasiblePosition { turbine: 1..40, n_turbines: 40 }), "{error}");
    }
}

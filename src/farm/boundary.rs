//! The area in which turbines may stand.

use crate::error::Problem;
use crate::farm::Polygon;

/// A farm to lay out: where turbines may stand, and where not.
#[derive(Debug, Clone, PartialEq)]
pub struct Farm {
    /// Name, for people.
    pub name: String,
    /// Outer edge.
    pub boundary: Boundary,
    /// Areas inside the boundary that must stay free.
    pub exclusions: Vec<Zone>,
    /// The coordinate reference system of all coordinates, if it is known: `EPSG:32632`, or a PROJ string. Decides nothing.
    pub crs: Option<String>,
}

/// One area.
#[derive(Debug, Clone, PartialEq)]
pub enum Zone {
    /// Inside a polygon.
    Polygon(Polygon),
    /// A disc.
    Circle(Circle),
}

/// A disc.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Circle {
    /// Centre (x, y), m.
    pub center_m: (f64, f64),
    /// Radius, m.
    pub radius_m: f64,
}

/// Outer edge of a farm.
#[derive(Debug, Clone, PartialEq)]
pub enum Boundary {
    /// One or more areas; a turbine stands in any of them.
    Polygons(Vec<Polygon>),
    /// A disc.
    Circle {
        /// Centre (x, y), m.
        center_m: (f64, f64),
        /// Radius, m.
        radius_m: f64,
    },
}

/// Least and greatest coordinates, m.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoundingBox {
    /// Least x, m.
    pub x_min_m: f64,
    /// Greatest x, m.
    pub x_max_m: f64,
    /// Least y, m.
    pub y_min_m: f64,
    /// Greatest y, m.
    pub y_max_m: f64,
}

impl Zone {
    /// Distance from (x, y) to the edge, m: positive inside, negative outside.
    pub fn signed_distance_m(&self, x_m: f64, y_m: f64) -> f64 {
        match self {
            Self::Polygon(polygon) => polygon.signed_distance_m(x_m, y_m),
            Self::Circle(circle) => circle.signed_distance_m(x_m, y_m),
        }
    }
}

impl Circle {
    /// Distance from (x, y) to the edge, m: positive inside, negative outside.
    pub fn signed_distance_m(&self, x_m: f64, y_m: f64) -> f64 {
        self.radius_m - libm::hypot(x_m - self.center_m.0, y_m - self.center_m.1)
    }

    /// [`Circle::signed_distance_m`] and how it changes with x and y: a unit vector, but at the centre.
    pub fn signed_distance_slope(&self, x_m: f64, y_m: f64) -> (f64, (f64, f64)) {
        let (x, y) = (x_m - self.center_m.0, y_m - self.center_m.1);
        let from_center_m = libm::hypot(x, y);
        let slope = if from_center_m > 0.0 { (-x / from_center_m, -y / from_center_m) } else { (0.0, 0.0) };
        (self.radius_m - from_center_m, slope)
    }

    /// Checks that this is a disc.
    ///
    /// # Errors
    /// A centre or radius that is not finite, a radius that is not positive.
    pub fn check(&self) -> Result<(), Problem> {
        let Self { center_m: (x, y), radius_m } = *self;
        if x.is_finite() && y.is_finite() && radius_m.is_finite() && radius_m > 0.0 {
            return Ok(());
        }
        Err(Problem::new("", format!("radius {radius_m} m, must be positive and its centre finite")))
    }
}

impl Farm {
    /// Whether a turbine may stand at (x, y), m; the edge itself is allowed.
    pub fn allows(&self, x_m: f64, y_m: f64) -> bool {
        self.signed_distance_m(x_m, y_m) >= 0.0
    }

    /// Distance from (x, y) to the nearest limit, m: positive where a turbine may stand, negative where not.
    pub fn signed_distance_m(&self, x_m: f64, y_m: f64) -> f64 {
        let outer = match &self.boundary {
            Boundary::Polygons(polygons) => {
                polygons.iter().map(|p| p.signed_distance_m(x_m, y_m)).fold(f64::NEG_INFINITY, f64::max)
            }
            Boundary::Circle { center_m, radius_m } => {
                Circle { center_m: *center_m, radius_m: *radius_m }.signed_distance_m(x_m, y_m)
            }
        };
        self.exclusions.iter().map(|hole| -hole.signed_distance_m(x_m, y_m)).fold(outer, f64::min)
    }

    /// [`Farm::signed_distance_m`] and how it changes with x and y: that of the limit that decides.
    pub fn signed_distance_slope(&self, x_m: f64, y_m: f64) -> (f64, (f64, f64)) {
        let mut nearest = match &self.boundary {
            Boundary::Polygons(polygons) => {
                let of = polygons.iter().map(|polygon| polygon.signed_distance_slope(x_m, y_m));
                of.fold((f64::NEG_INFINITY, (0.0, 0.0)), |most, next| if next.0 > most.0 { next } else { most })
            }
            Boundary::Circle { center_m, radius_m } => {
                Circle { center_m: *center_m, radius_m: *radius_m }.signed_distance_slope(x_m, y_m)
            }
        };
        for hole in &self.exclusions {
            let (distance_m, (by_x, by_y)) = match hole {
                Zone::Polygon(polygon) => polygon.signed_distance_slope(x_m, y_m),
                Zone::Circle(circle) => circle.signed_distance_slope(x_m, y_m),
            };
            if -distance_m < nearest.0 {
                nearest = (-distance_m, (-by_x, -by_y));
            }
        }
        nearest
    }

    /// The box that the candidate grid spans.
    pub fn bounding_box(&self) -> BoundingBox {
        match &self.boundary {
            Boundary::Polygons(polygons) => {
                let vertices = || polygons.iter().flat_map(|p| p.vertices_m().iter().copied());
                BoundingBox {
                    x_min_m: vertices().map(|v| v.0).fold(f64::INFINITY, f64::min),
                    x_max_m: vertices().map(|v| v.0).fold(f64::NEG_INFINITY, f64::max),
                    y_min_m: vertices().map(|v| v.1).fold(f64::INFINITY, f64::min),
                    y_max_m: vertices().map(|v| v.1).fold(f64::NEG_INFINITY, f64::max),
                }
            }
            Boundary::Circle { center_m: (cx, cy), radius_m } => BoundingBox {
                x_min_m: cx - radius_m,
                x_max_m: cx + radius_m,
                y_min_m: cy - radius_m,
                y_max_m: cy + radius_m,
            },
        }
    }

    /// Checks what the types do not: that there is an area at all.
    ///
    /// # Errors
    /// No polygon, or a circle without a positive radius.
    pub fn check(&self) -> Result<(), Problem> {
        match &self.boundary {
            Boundary::Polygons(polygons) if polygons.is_empty() => {
                Err(Problem::new("boundaries.polygons", "is empty, needs at least 1 polygon"))
            }
            Boundary::Circle { center_m, radius_m } => Circle { center_m: *center_m, radius_m: *radius_m }
                .check()
                .map_err(|problem| Problem::new("boundaries.circle", problem.fault)),
            Boundary::Polygons(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x0: f64, side: f64) -> Polygon {
        Polygon::new(vec![(x0, 0.0), (x0 + side, 0.0), (x0 + side, side), (x0, side)]).unwrap()
    }

    #[test]
    fn holes_and_several_areas() {
        let farm = Farm {
            name: "two".into(),
            boundary: Boundary::Polygons(vec![square(0.0, 10.0), square(20.0, 10.0)]),
            exclusions: vec![
                Zone::Polygon(Polygon::new(vec![(4.0, 4.0), (6.0, 4.0), (6.0, 6.0), (4.0, 6.0)]).unwrap()),
                Zone::Circle(Circle { center_m: (25.0, 5.0), radius_m: 2.0 }),
            ],
            crs: None,
        };
        assert!(farm.allows(1.0, 1.0) && farm.allows(25.0, 8.0) && farm.allows(0.0, 5.0));
        assert!(!farm.allows(15.0, 5.0) && !farm.allows(5.0, 5.0) && !farm.allows(25.0, 6.0));
        assert!((farm.signed_distance_m(3.0, 5.0) - 1.0).abs() < 1e-12);
        assert!((farm.bounding_box().x_max_m - 30.0).abs() < 1e-12);
    }

    #[test]
    fn circle() {
        let farm = Farm {
            name: "disc".into(),
            boundary: Boundary::Circle { center_m: (1.0, 0.0), radius_m: 2.0 },
            exclusions: vec![],
            crs: None,
        };
        assert!((farm.signed_distance_m(1.0, 1.5) - 0.5).abs() < 1e-12);
        assert!(!farm.allows(-1.1, 0.0));
    }

    #[test]
    fn slopes_are_those_of_differences() {
        let corners = vec![(0.0, 0.0), (10.0, 0.0), (10.0, 4.0), (4.0, 4.0), (4.0, 10.0), (0.0, 10.0)];
        let farm = Farm {
            name: "an L, a square and holes".into(),
            boundary: Boundary::Polygons(vec![Polygon::new(corners).unwrap(), square(20.0, 10.0)]),
            exclusions: vec![
                Zone::Polygon(Polygon::new(vec![(1.0, 1.0), (2.0, 1.0), (2.0, 2.0), (1.0, 2.0)]).unwrap()),
                Zone::Circle(Circle { center_m: (25.0, 5.0), radius_m: 2.0 }),
            ],
            crs: None,
        };
        let round = Boundary::Circle { center_m: (1.0, 0.0), radius_m: 9.0 };
        let disc = Farm { name: "disc".into(), boundary: round, exclusions: vec![], crs: None };
        let mut compared = 0;
        for farm in [farm, disc] {
            for k in 0..2000_u32 {
                let (x, y) = (0.017 * f64::from(k) - 2.0, f64::from(k * 7 % 1301) * 0.011 - 1.5);
                let (distance_m, (by_x, by_y)) = farm.signed_distance_slope(x, y);
                assert_eq!(distance_m.to_bits(), farm.signed_distance_m(x, y).to_bits());
                let of = |dx: f64, dy: f64| {
                    let h = 1e-6;
                    let at = |s: f64| farm.signed_distance_m(x + s * h * dx, y + s * h * dy);
                    (at(1.0) - at(-1.0)) / (2.0 * h)
                };
                let (x_difference, y_difference) = (of(1.0, 0.0), of(0.0, 1.0));
                // On the lines where another limit comes nearer, differences are those of neither.
                if (libm::hypot(x_difference, y_difference) - 1.0).abs() < 1e-4 {
                    assert!((by_x - x_difference).abs() < 1e-4 && (by_y - y_difference).abs() < 1e-4, "at ({x}, {y})");
                    compared += 1;
                }
            }
        }
        assert!(compared > 3900, "{compared}");
    }
}

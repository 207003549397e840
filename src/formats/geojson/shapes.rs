//! What a GeoJSON file shows, in its own coordinates.

use serde_json::Value;

use crate::error::Problem;
use crate::formats::Faults;

/// Everything in a file.
pub(super) struct Shapes<'a> {
    pub(super) areas: Vec<Shape>,
    pub(super) lines: Vec<Line>,
    pub(super) points: Vec<Point>,
    place: &'a str,
    faults: &'a Faults,
}

/// What an area is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Boundary,
    Exclusion,
}

/// One ring.
pub(super) struct Shape {
    pub(super) path: String,
    pub(super) role: Role,
    pub(super) ring: Vec<(f64, f64)>,
    /// Centre and radius, if the ring only draws a circle.
    pub(super) circle: Option<((f64, f64), f64)>,
}

/// A line, what is no further from it than `buffer_m`, m, being excluded.
pub(super) struct Line {
    pub(super) path: String,
    pub(super) points: Vec<(f64, f64)>,
    pub(super) buffer_m: f64,
}

/// One turbine.
pub(super) struct Point {
    pub(super) path: String,
    pub(super) at: (f64, f64),
    pub(super) turbine_type: Option<usize>,
}

impl<'a> Shapes<'a> {
    pub(super) fn of(json: &Value, place: &'a str, faults: &'a Faults) -> Self {
        let mut shapes = Self { areas: Vec::new(), lines: Vec::new(), points: Vec::new(), place, faults };
        shapes.object(json, "", &Value::Null);
        shapes
    }

    /// Whether every position could be a longitude and latitude.
    pub(super) fn look_like_degrees(&self) -> bool {
        let rings = self.areas.iter().flat_map(|area| &area.ring);
        let lines = self.lines.iter().flat_map(|line| &line.points);
        rings
            .chain(lines)
            .chain(self.points.iter().map(|point| &point.at))
            .all(|(x, y)| x.abs() <= 180.0 && y.abs() <= 90.0)
    }

    pub(super) fn problem(&self, path: &str, fault: &str) -> Problem {
        let place = if path.is_empty() { self.place.to_owned() } else { format!("{}: {path}", self.place) };
        Problem::new(place, fault)
    }

    fn fault(&self, path: &str, fault: &str) {
        self.faults.add(self.problem(path, fault));
    }

    fn object(&mut self, json: &Value, path: &str, properties: &Value) {
        let inner = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        let coordinates = json.get("coordinates");
        match json.get("type").and_then(Value::as_str) {
            Some("FeatureCollection") => {
                for (i, feature) in self.list(json.get("features"), &inner("features")).iter().enumerate() {
                    self.object(feature, &format!("{}[{i}]", inner("features")), &Value::Null);
                }
            }
            Some("Feature") => match json.get("geometry") {
                Some(geometry) if !geometry.is_null() => {
                    let properties = json.get("properties").unwrap_or(&Value::Null);
                    self.object(geometry, &inner("geometry"), properties);
                }
                _ => self.fault(&inner("geometry"), "is missing"),
            },
            Some("GeometryCollection") => {
                for (i, geometry) in self.list(json.get("geometries"), &inner("geometries")).iter().enumerate() {
                    self.object(geometry, &format!("{}[{i}]", inner("geometries")), properties);
                }
            }
            Some("Polygon") => self.polygon(coordinates, &inner("coordinates"), properties),
            Some("MultiPolygon") => {
                for (i, rings) in self.list(coordinates, &inner("coordinates")).iter().enumerate() {
                    self.polygon(Some(rings), &format!("{}[{i}]", inner("coordinates")), properties);
                }
            }
            Some("LineString") => self.line(coordinates, &inner("coordinates"), properties),
            Some("MultiLineString") => {
                for (i, line) in self.list(coordinates, &inner("coordinates")).iter().enumerate() {
                    self.line(Some(line), &format!("{}[{i}]", inner("coordinates")), properties);
                }
            }
            Some("Point") => self.point(coordinates, path, properties),
            Some("MultiPoint") => {
                for point in self.list(coordinates, &inner("coordinates")) {
                    self.point(Some(point), path, properties);
                }
            }
            Some(other) => {
                let other: String = other.chars().take(40).collect();
                self.fault(path, &format!("a {other} is not an area; a boundary is a Polygon or MultiPolygon"));
            }
            None => self
                .fault(path, "is not GeoJSON: no `type`; expected Polygon, MultiPolygon, Feature or FeatureCollection"),
        }
    }

    fn list<'v>(&self, json: Option<&'v Value>, path: &str) -> &'v [Value] {
        if let Some(Value::Array(items)) = json {
            return items;
        }
        self.fault(path, "expected a list");
        &[]
    }

    fn point(&mut self, coordinates: Option<&Value>, path: &str, properties: &Value) {
        let turbine_type = properties.get("turbine_type").and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
        match coordinates.and_then(position) {
            Some(at) => self.points.push(Point { path: path.to_owned(), at, turbine_type }),
            None => self.fault(path, "every position must be a list of two or three numbers"),
        }
    }

    fn line(&mut self, points: Option<&Value>, path: &str, properties: &Value) {
        let list = self.list(points, path);
        let points: Vec<_> = list.iter().filter_map(position).collect();
        let buffer_m = properties.get("buffer_m").and_then(Value::as_f64).filter(|buffer_m| *buffer_m > 0.0);
        if points.len() != list.len() {
            self.fault(path, "every position must be a list of two or three numbers");
        } else if points.len() < 2 {
            self.fault(path, "a line needs at least 2 positions");
        } else if properties.get("role").and_then(Value::as_str) != Some("exclusion") {
            self.fault(
                path,
                "a line is not an area; as an exclusion it needs the properties `role: exclusion` and `buffer_m`",
            );
        } else if let Some(buffer_m) = buffer_m {
            self.lines.push(Line { path: path.to_owned(), points, buffer_m });
        } else {
            self.fault(
                path,
                "needs the property `buffer_m`: what is no further from the line, m, stays free, more than 0",
            );
        }
    }

    /// One outer ring, then holes.
    fn polygon(&mut self, rings: Option<&Value>, path: &str, properties: &Value) {
        let rings = self.list(rings, path);
        if rings.is_empty() {
            self.fault(path, "has no ring, needs at least 1");
        }
        let excluded = properties.get("role").and_then(Value::as_str) == Some("exclusion");
        let circle = properties
            .get("center")
            .and_then(position)
            .zip(properties.get("radius").and_then(Value::as_f64))
            .filter(|_| rings.len() == 1);
        for (i, ring) in rings.iter().enumerate() {
            let path = format!("{path}[{i}]");
            let points = self.list(Some(ring), &path);
            let vertices: Vec<_> = points.iter().filter_map(position).collect();
            if vertices.len() != points.len() {
                self.fault(&path, "every position must be a list of two or three numbers");
                continue;
            }
            let role = if excluded || i > 0 { Role::Exclusion } else { Role::Boundary };
            self.areas.push(Shape { path, role, ring: vertices, circle });
        }
    }
}

fn position(json: &Value) -> Option<(f64, f64)> {
    match &json.as_array()?[..] {
        [x, y] | [x, y, _] => Some((x.as_f64()?, y.as_f64()?)),
        _ => None,
    }
}

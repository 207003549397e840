//! windIO `site`: boundaries and exclusions.

use crate::farm::{Boundary, Circle, Farm, Polygon, Zone};
use crate::formats::Field;
use crate::formats::projection::{Projector, is_geographic};

/// The farm that a windIO `site` describes. Its energy resource is another matter, see [`super::climate`].
pub fn farm(field: &Field) -> Option<Farm> {
    farm_in(field, &Places::default())
}

/// Coordinates of one plant: metres, or longitudes and latitudes that all go to one UTM zone.
#[derive(Debug, Default)]
pub(super) struct Places {
    projector: Projector,
    /// The first `crs` that is not geographic.
    crs: std::cell::RefCell<Option<String>>,
}

/// [`farm`], with coordinates read into `places`.
pub(super) fn farm_in(field: &Field, places: &Places) -> Option<Farm> {
    let name = field.get("name").and_then(|name| name.text());
    let boundary = field.get("boundaries").and_then(|boundaries| boundary(&boundaries, places));
    let exclusions = field.opt("exclusions").map_or(Some(Vec::new()), |given| exclusions(&given, places));
    let farm = Farm { name: name?.to_owned(), boundary: boundary?, exclusions: exclusions?, crs: places.crs() };
    farm.check().map_err(|problem| field.fault_below(&problem)).ok()?;
    if let Some(zone) = places.projector.zone() {
        field.note(format!("longitudes and latitudes are projected to {zone}, m"));
    }
    Some(farm)
}

fn boundary(field: &Field, places: &Places) -> Option<Boundary> {
    match (field.opt("polygons"), field.opt("circle")) {
        (Some(list), None) => polygons(&list, places).map(Boundary::Polygons),
        (None, Some(given)) => {
            circle(&given, places).map(|Circle { center_m, radius_m }| Boundary::Circle { center_m, radius_m })
        }
        (None, None) => {
            field.fault("needs `polygons` or `circle`");
            None
        }
        (Some(_), Some(_)) => {
            field.fault("has both `polygons` and `circle`; keep one");
            None
        }
    }
}

/// Polygons, a circle, or (beyond the schema) both.
fn exclusions(field: &Field, places: &Places) -> Option<Vec<Zone>> {
    let rings = field.opt("polygons").map_or(Some(Vec::new()), |list| polygons(&list, places));
    let disc = field.opt("circle").map(|given| {
        let disc = circle(&given, places)?;
        disc.check().map_err(|problem| given.fault_below(&problem)).ok()?;
        Some(disc)
    });
    let mut zones: Vec<Zone> = rings?.into_iter().map(Zone::Polygon).collect();
    if let Some(disc) = disc {
        zones.push(Zone::Circle(disc?));
    }
    Some(zones)
}

fn circle(field: &Field, places: &Places) -> Option<Circle> {
    let center = field.get("center").and_then(|center| {
        let (x, y) = (center.get("x").and_then(|x| x.number()), center.get("y").and_then(|y| y.number()));
        places.metres(&center, vec![(x?, y?)])?.pop()
    });
    let radius = field.get("radius").and_then(|radius| radius.number());
    Some(Circle { center_m: center?, radius_m: radius? })
}

/// All polygons of a list, with the faults of every one.
fn polygons(list: &Field, places: &Places) -> Option<Vec<Polygon>> {
    let items = list.items()?;
    let polygons: Vec<_> = items.iter().filter_map(|item| polygon(item, places)).collect();
    (polygons.len() == items.len()).then_some(polygons)
}

fn polygon(field: &Field, places: &Places) -> Option<Polygon> {
    let vertices = coordinates(field, places)?;
    Polygon::new(vertices).map_err(|problem| field.fault_below(&problem)).ok()
}

/// Points (x, y), m, of windIO `coordinates`.
pub(super) fn coordinates(field: &Field, places: &Places) -> Option<Vec<(f64, f64)>> {
    let x = field.get("x").and_then(|x| x.numbers());
    let y = field.get("y").and_then(|y| y.numbers());
    let (x, y) = (x?, y?);
    if x.len() != y.len() {
        field.fault(format!("{} values of x but {} of y; give both for each point", x.len(), y.len()));
        return None;
    }
    places.metres(field, x.into_iter().zip(y).collect())
}

impl Places {
    /// windIO coordinates are metres unless a `crs` says that they are longitudes and latitudes.
    fn metres(&self, field: &Field, points: Vec<(f64, f64)>) -> Option<Vec<(f64, f64)>> {
        let Some(given) = field.opt("crs") else { return Some(points) };
        let crs = given.text()?;
        if is_geographic(crs) {
            return self.projector.project(&points).map_err(|fault| field.fault(fault)).ok();
        }
        let mut known = self.crs.borrow_mut();
        match known.as_deref() {
            Some(other) if other != crs => {
                given.fault(format!("`{crs}`, but other coordinates are in `{other}`; bring all into one"));
                return None;
            }
            _ => *known = Some(crs.to_owned()),
        }
        Some(points)
    }

    /// What the coordinates are in, if any said so.
    fn crs(&self) -> Option<String> {
        self.projector.zone().map(crate::formats::projection::UtmZone::crs).or_else(|| self.crs.borrow().clone())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::error::Result;
    use crate::formats::{Faults, Files, yaml};

    fn read(text: &str) -> Result<Farm> {
        let faults = Faults::new();
        let document = yaml::parse(text, Path::new("s.yaml"), Files::BuiltIn(&[]))?;
        let read = farm(&Field::root(&document, &faults));
        faults.into_result("s.yaml", read)
    }

    const SQUARE: &str = "name: S\nboundaries:\n  polygons:\n    - x: [0, 10, 10, 0]\n      y: [0, 0, 10, 10]\n";

    #[test]
    fn polygons_circles_exclusions() {
        let farm = read(&format!(
            "{SQUARE}    - {{x: [20, 30, 30], y: [0, 0, 10]}}\nexclusions:\n  polygons: [{{x: [2, 4, 4], y: [2, 2, 4]}}]\n\
             energy_resource: !include there.nc\n"
        ))
        .unwrap();
        assert!(matches!(&farm.boundary, Boundary::Polygons(polygons) if polygons.len() == 2));
        assert_eq!(farm.exclusions.len(), 1);
        let round = read(&format!("{SQUARE}exclusions: {{circle: {{center: {{x: 1, y: 2}}, radius: 3}}}}\n")).unwrap();
        assert_eq!(round.exclusions, [Zone::Circle(Circle { center_m: (1.0, 2.0), radius_m: 3.0 })]);
        let degrees = SQUARE
            .replace("[0, 10, 10, 0]", "[6.1, 6.5, 6.4, 6.2]")
            .replace("[0, 0, 10, 10]", "[56, 56, 56.2, 56.2]\n      crs: +proj=longlat +datum=WGS84");
        assert_eq!(read(&degrees).unwrap().crs.as_deref(), Some("EPSG:32632"));
        let disc = read("name: C\nboundaries:\n  circle:\n    center: {x: 0, y: 1}\n    radius: 1300\n").unwrap();
        assert_eq!(disc.boundary, Boundary::Circle { center_m: (0.0, 1.0), radius_m: 1300.0 });
    }

    #[test]
    fn what_is_no_area_is_refused() {
        for (from, to, expected) in [
            ("[0, 10, 10, 0]", "[0, 10, 10]", "s.yaml: boundaries.polygons[0]: 3 values of x but 4 of y"),
            ("[0, 0, 10, 10]", "[0, 10, 0, 10]", "s.yaml: boundaries.polygons[0]: is not a simple polygon"),
            ("[0, 0, 10, 10]", "[0, 0, 0, 10]", "s.yaml: boundaries.polygons[0]: vertex"),
            ("polygons:\n    - x: [0, 10, 10, 0]\n      y: [0, 0, 10, 10]", "polygons: []", "is empty"),
            ("polygons:", "polygon:", "needs `polygons` or `circle`"),
            ("y: [", "crs: EPSG:4326\n      y: [9", "UTM covers longitudes"),
            ("polygons:", "circle: {center: {x: 0, y: 0}, radius: 3}\n  polygons:", "keep one"),
        ] {
            let message = read(&SQUARE.replace(from, to)).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
        let two =
            read("name: S\nboundaries:\n  polygons:\n    - x: [0, 1]\n      y: [0, 1]\n").unwrap_err().to_string();
        assert_eq!(two, "s.yaml: boundaries.polygons[0]: 2 vertices, needs at least 3 (line 4)");
    }
}

//! Longitude and latitude to the metres of a UTM zone.
//!
//! Transverse Mercator on the WGS84 ellipsoid by Poder and Engsager's series (the `geodesy` crate, which is the only place that computes
//! here): below 0.1 mm within a zone. The result is rounded to millimetres, so that no platform's sine reaches the name of a case.
//! ETRS89 and WGS84 differ by less than a metre and are taken for the same.

use std::cell::Cell;
use std::fmt;

use geodesy::prelude::*;

/// A zone of the Universal Transverse Mercator grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UtmZone {
    /// 1 to 60.
    number: u8,
    /// Whether northings count from 10 000 km south of the equator.
    south: bool,
}

impl UtmZone {
    /// The zone that a longitude and latitude, degrees, lie in, with the exceptions of Norway and Svalbard.
    ///
    /// # Errors
    /// What is not on the globe, or too near to a pole for UTM.
    pub fn of(longitude_deg: f64, latitude_deg: f64) -> Result<Self, String> {
        if !(-180.0..=180.0).contains(&longitude_deg) || !(-80.0..=84.0).contains(&latitude_deg) {
            return Err(format!(
                "longitude {longitude_deg}, latitude {latitude_deg}: UTM covers longitudes -180 to 180 and latitudes -80 to 84"
            ));
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 60")]
        let plain = ((longitude_deg + 180.0) / 6.0).floor() as u8 % 60 + 1;
        let number = match latitude_deg {
            56.0..64.0 if (3.0..12.0).contains(&longitude_deg) => 32,
            72.0.. => match longitude_deg {
                0.0..9.0 => 31,
                9.0..21.0 => 33,
                21.0..33.0 => 35,
                33.0..42.0 => 37,
                _ => plain,
            },
            _ => plain,
        };
        Ok(Self { number, south: latitude_deg < 0.0 })
    }

    /// Its EPSG code: 326zz north, 327zz south.
    pub fn epsg(self) -> u32 {
        u32::from(self.number) + if self.south { 32700 } else { 32600 }
    }

    /// `EPSG:32632`.
    pub fn crs(self) -> String {
        format!("EPSG:{}", self.epsg())
    }
}

impl fmt::Display for UtmZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UTM zone {}{} (EPSG:{})", self.number, if self.south { 'S' } else { 'N' }, self.epsg())
    }
}

/// Projects everything of one plant into one zone: that of the first point.
#[derive(Debug, Default)]
pub struct Projector {
    zone: Cell<Option<UtmZone>>,
}

impl Projector {
    /// Easting and northing, m, of longitudes and latitudes, degrees.
    ///
    /// # Errors
    /// Points that are not on the globe, or too far from the zone of the first one.
    pub fn project(&self, points_deg: &[(f64, f64)]) -> Result<Vec<(f64, f64)>, String> {
        let mut data = Vec::with_capacity(points_deg.len());
        for &(longitude, latitude) in points_deg {
            let own = UtmZone::of(longitude, latitude)?;
            let zone = self.zone.get().unwrap_or(own);
            self.zone.set(Some(zone));
            let apart = (f64::from(zone.number) * 6.0 - 183.0 - longitude).rem_euclid(360.0);
            if apart.min(360.0 - apart) > MAX_FROM_MERIDIAN_DEG {
                return Err(format!("longitude {longitude} is too far from {zone}, where the first point lies"));
            }
            data.push(Coor2D::geo(latitude, longitude));
        }
        let Some(zone) = self.zone.get() else { return Ok(Vec::new()) };
        let mut context = Minimal::new();
        let definition = format!("utm zone={}{}", zone.number, if zone.south { " south" } else { "" });
        let projected = context.op(&definition).and_then(|utm| context.apply(utm, Fwd, &mut data));
        projected.map_err(|error| format!("cannot be projected to {zone}: {error}"))?;
        let rounded = |metres: f64| (metres * 1e3).round() / 1e3;
        let points: Vec<_> = data.iter().map(|point| (rounded(point.0[0]), rounded(point.0[1]))).collect();
        match points.iter().position(|(x, y)| !x.is_finite() || !y.is_finite()) {
            Some(i) => Err(format!("{:?} cannot be projected to {zone}", points_deg[i])),
            None => Ok(points),
        }
    }

    /// The zone, once something has been projected.
    pub fn zone(&self) -> Option<UtmZone> {
        self.zone.get()
    }
}

/// Three zones to either side: what a farm at the edge of its zone could ever reach into.
const MAX_FROM_MERIDIAN_DEG: f64 = 9.0;

/// Whether a coordinate reference system, as files name it, is plain longitude and latitude.
pub fn is_geographic(crs: &str) -> bool {
    let crs = crs.trim().to_ascii_lowercase();
    ["longlat", "latlong"].iter().any(|mark| crs.contains(mark))
        || ["crs84", "epsg::4326", "epsg:4326", "epsg::4258", "epsg:4258"].iter().any(|mark| crs.ends_with(mark))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_points() {
        // By pyproj (PROJ), in millimetres.
        for (longitude, latitude, zone, x, y) in [
            (12.0, 55.0, "UTM zone 33N (EPSG:32633)", 308_124.368, 6_098_907.825),
            (7.83191, 55.48940, "UTM zone 32N (EPSG:32632)", 426_193.055, 6_149_873.553),
            (-58.4, -34.6, "UTM zone 21S (EPSG:32721)", 371_624.544, 6_170_423.240),
            (5.3, 60.4, "UTM zone 32N (EPSG:32632)", 296_191.547, 6_701_684.475),
        ] {
            let projector = Projector::default();
            let point = projector.project(&[(longitude, latitude)]).unwrap()[0];
            assert_eq!(projector.zone().unwrap().to_string(), zone);
            assert!((point.0 - x).abs() < 1.1e-3 && (point.1 - y).abs() < 1.1e-3, "{point:?}, expected {:?}", (x, y));
        }
    }

    #[test]
    fn one_zone_for_all_points() {
        let projector = Projector::default();
        let points = projector.project(&[(5.9, 56.0), (6.1, 54.0)]).unwrap();
        assert_eq!(projector.zone().unwrap().epsg(), 32632);
        assert!((points[0].0 - points[1].0).abs() < 40_000.0);
        assert!(projector.project(&[(90.0, 56.0)]).unwrap_err().contains("too far"));
        assert!(Projector::default().project(&[(0.0, 90.0)]).is_err());
    }

    #[test]
    fn names_of_longitude_and_latitude() {
        for name in ["EPSG:4326", "urn:ogc:def:crs:OGC:1.3:CRS84", "+proj=longlat +datum=WGS84 +no_defs"] {
            assert!(is_geographic(name), "{name}");
        }
        assert!(!is_geographic("EPSG:32632") && !is_geographic("+proj=utm +zone=32"));
    }

    proptest! {
        #[test]
        fn never_panics(x in prop::num::f64::ANY, y in prop::num::f64::ANY) {
            let _ = Projector::default().project(&[(x, y), (y, x)]);
        }
    }
}

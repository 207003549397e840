//! Plants that tests of the engine look at.

use crate::farm::{GenericTurbine, Layout, Turbine};

/// Two types of different size and height.
pub(super) fn turbines() -> [Turbine; 2] {
    [
        GenericTurbine::new(15e6, 240.0, 150.0).build("15").unwrap(),
        GenericTurbine::new(10e6, 195.0, 121.0).build("10").unwrap(),
    ]
}

/// So many turbines scattered over so many steps east and north, far from the origin as coordinates of maps are.
pub(super) fn layout(n: u32, (east, north): (f64, f64)) -> Layout {
    let place = |i: f64| (700_000.0 + 413.0 * (i * 7.0 % east), 6_200_000.0 + 371.0 * (i * 5.0 % north));
    (0..n).map(f64::from).map(place).collect()
}

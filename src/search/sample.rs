//! What tests of searches search on.

use crate::aep::Simd;
use crate::farm::{Boundary, Farm, FlowCases, GenericTurbine};
use crate::search::{Ground, Physics};
use crate::wake::{InAir, Nygaard2022};

/// So many turbines of 10 MW on a disc of this radius, m, in this wind.
pub(super) fn on_disc<T>(
    radius_m: f64,
    n_turbines: usize,
    flow: &FlowCases,
    take: impl FnOnce(&Physics<InAir>, &Ground) -> T,
) -> T {
    let boundary = Boundary::Circle { center_m: (0.0, 0.0), radius_m };
    let farm = Farm { name: "disc".into(), boundary, exclusions: vec![], crs: None };
    let turbines = [GenericTurbine::new(10e6, 195.0, 121.0).build("10").unwrap()];
    let (model, types) = (Nygaard2022::new([195.0]), vec![0; n_turbines]);
    let ground = Ground::new(&farm, &turbines, &types, 3.0);
    let (simd, wake) = (Simd::detect(), model.in_air(flow.turbulence_intensity()));
    let physics = Physics { simd, wake, turbines: &turbines, types: &types, flow, counted_from: 0 };
    take(&physics, &ground)
}

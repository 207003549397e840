//! The look-up table of the Gaussian overlap.

use layoutopt::wake::Overlap;

use crate::golden::{get, json};

#[test]
fn looked_up_values_equal_pywakes() {
    let golden = json("overlap.json");
    let list = |field: &str| get::<Vec<f64>>(&golden["values"][field]);
    let (r, c, f) = (list("r_sigma"), list("c_sigma"), list("f"));
    assert!(f.len() > 400);
    let overlap = Overlap::new(20.0);
    for k in 0..f.len() {
        let [r_steps, c_steps] = [r[k], c[k].abs()].map(|sigmas| Overlap::STEPS_PER_SIGMA * sigmas);
        let got = overlap.disc(&overlap.row(r_steps), c_steps);
        assert!((got - f[k]).abs() < 1e-14, "F({}, {}) = {got:e}, expected {:e}", r[k], c[k], f[k]);
    }
}

#[test]
fn nodes_equal_the_published_table() {
    let golden = json("overlap.json");
    let list = |field: &str| get::<Vec<f64>>(&golden["nodes"][field]);
    let overlap = Overlap::new(20.0);
    for ((i, j), value) in list("i").into_iter().zip(list("j")).zip(list("value")) {
        // A node of the published table is every second entry of the fine one.
        let got = overlap.disc(&overlap.row(2.0 * i), 2.0 * j);
        assert!((got - value).abs() < 5e-14, "node ({i}, {j}): {got:e}, expected {value:e}");
    }
}

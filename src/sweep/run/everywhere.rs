//! Jobs on all processors.

use rayon::prelude::*;

use crate::aep::Runner;

/// Does jobs on as many threads as there are processors; they are started with the first job and kept.
#[derive(Debug, Clone, Copy, Default)]
pub struct OnAllThreads;

impl Runner for OnAllThreads {
    fn run<S, T: Send>(
        &self,
        count: usize,
        tools: impl Fn() -> S + Send + Sync,
        job: impl Fn(&mut S, usize) -> T + Send + Sync,
    ) -> Vec<T> {
        (0..count).into_par_iter().map_init(tools, job).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aep::{Plant, Simd, evaluate_built, evaluate_built_by};
    use crate::farm::{FlowCases, GenericTurbine, Layout};
    use crate::wake::WakeModel;

    #[test]
    fn an_evaluation_on_all_threads_has_the_bits_of_one_on_one() {
        let turbine = GenericTurbine::new(15e6, 240.0, 150.0).build("15 MW").unwrap();
        let place = |k: f64| (1_300.0 * (k % 5.0) + 90.0 * (k % 3.0), 1_400.0 * (k / 5.0).floor());
        let (x_m, y_m) = (0..23).map(|k| place(f64::from(k))).unzip();
        let layout = Layout { x_m, y_m };
        let plant = Plant::new(&layout, std::slice::from_ref(&turbine), &[0; 23]);
        // A last spell that is not full.
        let directions: Vec<f64> = (0..77).map(|k| 4.5 * f64::from(k)).collect();
        let flow =
            FlowCases::grid(directions, &[6.0, 9.0, 12.0], (1..=231).map(|k| f64::from(k) * 1e-5).collect(), 0.07);
        for model in WakeModel::ALL {
            let wake = model.build([turbine.rotor_diameter_m]);
            let one_by_one = evaluate_built(Simd::detect(), &wake, &plant, &flow);
            assert!(one_by_one.wake_loss_pct() > 0.5, "{model}");
            assert_eq!(evaluate_built_by(&OnAllThreads, Simd::detect(), &wake, &plant, &flow), one_by_one, "{model}");
        }
    }
}

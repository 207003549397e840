//! Production, fast: one wind direction after the other, all its wind speeds at once, in lanes.
//!
//! Turbines are taken in the order in which the wind meets them. Each adds its part to the sums of those that it reaches, so that a sum is
//! complete when its turbine's turn comes, and has been added up in the order of [`crate::aep::full`]: the numbers are the same to the bit.

use crate::aep::frame::WindFrame;
use crate::aep::full::{effective_speed, free_energies_gwh};
use crate::aep::near::{Across, ReachLines, insertion_sort};
use crate::aep::plant::rotor;
use crate::aep::reach::{Reach, extent_m};
use crate::aep::simd::{Kernel, Simd};
use crate::aep::{ABREAST_M, HOURS_PER_YEAR, Plant, Production};
use crate::farm::{FlowCases, Turbine};
use crate::lanes::{EIGHT, Lanes, Step, blocks, step_through, sum_of_eight};
use crate::wake::{LaneWake, Place, Rotor, SOURCE_NUMBERS, load_source};

/// Annual production of a plant, with and without wakes: [`crate::aep::evaluate`] for wake models that work in lanes.
pub fn evaluate_by_lanes<W: LaneWake>(simd: Simd, wake: W, plant: &Plant, flow: &FlowCases) -> Production {
    let mut march = March::new(wake, plant, flow);
    let mut operation = Operation::default();
    for direction in 0..flow.wind_direction_deg().len() {
        simd.run(Passage { march: &mut march, direction, operation: &mut operation });
    }
    let scale = HOURS_PER_YEAR * 1e-9;
    let energy = march.energy_w.iter().map(|&partial| sum_of_eight(partial) * scale);
    Production { turbine_aep_gwh: energy.collect(), turbine_aep_no_wake_gwh: free_energies_gwh(plant, flow) }
}

/// What one evaluation needs, and its state in the direction that it has come to.
struct March<'a, W> {
    wake: W,
    plant: &'a Plant<'a>,
    flow: &'a FlowCases,
    kinds: Vec<Kind<'a>>,
    frame: WindFrame,
    /// (downwind, crosswind) of every turbine seen from the first, m.
    turned_m: Vec<(f64, f64)>,
    /// Turbines in the order in which the wind meets them, and the place of each in it.
    order: Vec<u32>,
    place_of: Vec<u32>,
    across: Across,
    /// Turbines that may be reached.
    near: Vec<u32>,
    /// Wind speeds, m/s, and probabilities of the direction, filled up to whole blocks; what fills has probability 0.
    speed_m_s: Vec<f64>,
    probability: Vec<f64>,
    /// Sum of what reaches each turbine at each speed; whole blocks for each turbine.
    sums: Vec<f64>,
    /// Whether anything has reached the turbine.
    waked: Vec<bool>,
    /// Power times probability of each turbine, W, summed by number of the speed modulo eight.
    energy_w: Vec<[f64; EIGHT]>,
}

/// A type of turbine of the plant, and what it does in the free wind at the direction's speeds.
struct Kind<'a> {
    turbine: &'a Turbine,
    rotor: Rotor,
    /// Above its reach at any other.
    reach: ReachLines,
    free: Operation,
}

/// A turbine at all speeds of a direction.
#[derive(Debug, Clone, Default)]
struct Operation {
    /// Effective wind speed, m/s.
    speed_m_s: Vec<f64>,
    power_w: Vec<f64>,
    /// What it is as a source: each number at all speeds.
    numbers: [Vec<f64>; SOURCE_NUMBERS],
}

impl<'a, W: LaneWake> March<'a, W> {
    fn new(wake: W, plant: &'a Plant<'a>, flow: &'a FlowCases) -> Self {
        let extent_m = extent_m(&plant.positions());
        let rotors: Vec<Rotor> = (0..plant.n_types()).map(|t| rotor(plant.turbine_type(t))).collect();
        let kind = |t: usize| {
            let turbine = plant.turbine_type(t);
            let max_ct = turbine.ct.max();
            let reach_at = |downwind_m, target: &Rotor| wake.reach_m(rotors[t], max_ct, downwind_m, *target);
            let reach = Reach::tabulate(extent_m, |downwind_m| {
                rotors.iter().map(|target| reach_at(downwind_m, target)).fold(0.0, f64::max)
            });
            Kind { turbine, rotor: rotors[t], reach: ReachLines::above(&reach), free: Operation::default() }
        };
        let n = plant.len();
        Self {
            wake,
            plant,
            flow,
            kinds: (0..rotors.len()).map(kind).collect(),
            frame: WindFrame::new(0.0),
            turned_m: Vec::new(),
            #[expect(clippy::cast_possible_truncation, reason = "turbines are far fewer than 2^32")]
            order: (0..n as u32).collect(),
            place_of: vec![0; n],
            across: Across::default(),
            near: Vec::new(),
            speed_m_s: Vec::new(),
            probability: Vec::new(),
            sums: Vec::new(),
            waked: vec![false; n],
            energy_w: vec![[0.0; EIGHT]; n],
        }
    }

    /// Turns to a wind direction: nothing has been waked yet.
    #[inline(always)]
    fn face<V: Lanes>(&mut self, direction: usize) {
        self.frame = WindFrame::new(self.flow.wind_direction_deg()[direction]);
        self.turned_m.clear();
        if !self.plant.is_empty() {
            let (origin, frame) = (self.plant.position(0), self.frame);
            self.turned_m.extend(self.plant.positions().map(|(x, y)| frame.turn(x - origin.0, y - origin.1)));
        }
        let turned_m = &self.turned_m;
        insertion_sort(&mut self.order, |a, b| {
            turned_m[a as usize].0.total_cmp(&turned_m[b as usize].0).then(a.cmp(&b))
        });
        for (place, &turbine) in (0_u32..).zip(&self.order) {
            self.place_of[turbine as usize] = place;
        }
        self.across.sort(&self.turned_m);

        let cases = self.flow.cases_of(direction);
        let speeds = &self.flow.wind_speed_m_s()[cases.clone()];
        let lanes = blocks(speeds.len()) * EIGHT;
        self.probability.clear();
        self.probability.extend(&self.flow.probability()[cases]);
        self.probability.resize(lanes, 0.0);
        if self.speed_m_s.len() != lanes || self.speed_m_s[..speeds.len()] != *speeds {
            self.speed_m_s.clear();
            self.speed_m_s.extend(speeds);
            self.speed_m_s.resize(lanes, speeds.last().copied().unwrap_or(0.0));
            let nothing = vec![0.0; lanes];
            for kind in &mut self.kinds {
                kind.free.resize(lanes);
                let (wake, turbine, free_m_s) = (&self.wake, kind.turbine, &self.speed_m_s[..]);
                let operate = &mut Operate { wake, turbine, free_m_s, sums: &nothing, operation: &mut kind.free };
                step_through::<V>(lanes, operate);
                let rotor = kind.rotor;
                step_through::<V>(
                    lanes,
                    &mut BecomeSource { wake, turbine, rotor, free_m_s, operation: &mut kind.free },
                );
            }
        }
        self.sums.clear();
        self.sums.resize(lanes * self.plant.len(), 0.0);
        self.waked.fill(false);
    }
}

impl Operation {
    fn resize(&mut self, lanes: usize) {
        for list in [&mut self.speed_m_s, &mut self.power_w].into_iter().chain(&mut self.numbers) {
            list.resize(lanes, 0.0);
        }
    }
}

/// Effective speeds and powers, from the sums of what reaches a turbine.
struct Operate<'a, W> {
    wake: &'a W,
    turbine: &'a Turbine,
    free_m_s: &'a [f64],
    sums: &'a [f64],
    operation: &'a mut Operation,
}

impl<W: LaneWake> Step for Operate<'_, W> {
    #[inline(always)]
    fn step<V: Lanes>(&mut self, first: usize) {
        let (free, sum) = (V::load(&self.free_m_s[first..]), V::load(&self.sums[first..]));
        let speed = effective_speed(free, self.wake.deficit(sum));
        speed.store(&mut self.operation.speed_m_s[first..]);
        self.turbine.power_w.at_lanes(speed).store(&mut self.operation.power_w[first..]);
    }
}

/// What a turbine is as a source, from its effective speeds.
struct BecomeSource<'a, W> {
    wake: &'a W,
    turbine: &'a Turbine,
    rotor: Rotor,
    free_m_s: &'a [f64],
    operation: &'a mut Operation,
}

impl<W: LaneWake> Step for BecomeSource<'_, W> {
    #[inline(always)]
    fn step<V: Lanes>(&mut self, first: usize) {
        let (free, speed) = (V::load(&self.free_m_s[first..]), V::load(&self.operation.speed_m_s[first..]));
        let ct = self.turbine.ct.at_lanes(self.wake.thrust_speed_m_s(free, speed));
        let source = self.wake.source(self.rotor, ct, speed / free);
        let [a, b, c, d] = &mut self.operation.numbers;
        source[0].store(&mut a[first..]);
        source[1].store(&mut b[first..]);
        source[2].store(&mut c[first..]);
        source[3].store(&mut d[first..]);
    }
}

/// All turbines in one wind direction.
struct Passage<'m, 'a, W> {
    march: &'m mut March<'a, W>,
    direction: usize,
    /// Memory for the turbine whose turn it is.
    operation: &'m mut Operation,
}

impl<W: LaneWake> Kernel for Passage<'_, '_, W> {
    type Output = ();

    #[inline(always)]
    fn run<V: Lanes>(self) {
        let Self { march, direction, operation } = self;
        march.face::<V>(direction);
        let lanes = march.speed_m_s.len();
        operation.resize(lanes);
        let March {
            wake,
            plant,
            kinds,
            frame,
            turned_m,
            order,
            place_of,
            across,
            near,
            speed_m_s,
            probability,
            sums,
            waked,
            energy_w,
            ..
        } = march;
        for &turbine in &*order {
            let i = turbine as usize;
            let kind = &kinds[plant.type_of(i)];
            let (place, was_waked) = (place_of[i], waked[i]);
            if was_waked {
                let sums = &sums[i * lanes..];
                let operate = &mut Operate { wake, turbine: kind.turbine, free_m_s: speed_m_s, sums, operation };
                step_through::<V>(lanes, operate);
            }
            let power_w = if was_waked { &operation.power_w } else { &kind.free.power_w };
            add_energy::<V>(&mut energy_w[i], power_w, probability);

            let mut is_source = !was_waked;
            across.near::<V>(turned_m[i], &kind.reach, near);
            for &target in &*near {
                let target = target as usize;
                let rotor = plant.rotor(target);
                let height_m = rotor.hub_height_m - kind.rotor.hub_height_m;
                let offset = frame.offset(plant.position(i), plant.position(target), height_m);
                if place_of[target] <= place || offset.downwind_m <= ABREAST_M {
                    continue;
                }
                if !is_source {
                    let (turbine, rotor) = (kind.turbine, kind.rotor);
                    let source = &mut BecomeSource { wake, turbine, rotor, free_m_s: speed_m_s, operation };
                    step_through::<V>(lanes, source);
                    is_source = true;
                }
                let numbers = if was_waked { &operation.numbers } else { &kind.free.numbers };
                let radius_m = 0.5 * rotor.diameter_m;
                let mut seen = Place::new(offset, kind.rotor.hub_height_m);
                if W::HAS_PLACE_FACTOR {
                    seen.factor = wake.place_factor(kind.rotor, &seen, Some(radius_m));
                }
                waked[target] = true;
                let sums = &mut sums[target * lanes..][..lanes];
                let push = &mut Push { wake: *wake, rotor: kind.rotor, numbers, seen, radius_m, sums };
                step_through::<V>(lanes, push);
            }
        }
    }
}

/// One source's part at one target, added to the target's sums.
struct Push<'a, W> {
    wake: W,
    rotor: Rotor,
    numbers: &'a [Vec<f64>; SOURCE_NUMBERS],
    seen: Place<f64>,
    radius_m: f64,
    sums: &'a mut [f64],
}

impl<W: LaneWake> Step for Push<'_, W> {
    #[inline(always)]
    fn step<V: Lanes>(&mut self, first: usize) {
        let source = load_source(self.numbers, first);
        let part = self.wake.part(&source, self.rotor, &self.seen.splat(), Some(V::splat(self.radius_m)));
        self.wake.add(V::load(&self.sums[first..]), part).store(&mut self.sums[first..]);
    }
}

/// Adds power, W, times probability to eight partial sums, by number of the speed modulo eight.
#[inline(always)]
fn add_energy<V: Lanes>(partial: &mut [f64; EIGHT], power_w: &[f64], probability: &[f64]) {
    for first in (0..probability.len()).step_by(V::WIDTH) {
        let part = &mut partial[first % EIGHT..];
        (V::load(part) + V::load(&power_w[first..]) * V::load(&probability[first..])).store(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aep::evaluate;
    use crate::farm::{GenericTurbine, Layout};
    use crate::wake::{BuiltWake, Nygaard2022, WakeModel};

    fn turbines() -> [Turbine; 2] {
        [
            GenericTurbine::new(15e6, 240.0, 150.0).build("15").unwrap(),
            GenericTurbine::new(10e6, 195.0, 121.0).build("10").unwrap(),
        ]
    }

    fn layout(n: u32) -> Layout {
        let mut layout = Layout::default();
        for i in (0..n).map(f64::from) {
            layout.push(700_000.0 + 413.0 * (i * 7.0 % 31.0), 6_200_000.0 + 371.0 * (i * 5.0 % 29.0));
        }
        layout
    }

    #[test]
    fn equals_the_definition_to_the_bit_with_every_set_of_instructions() {
        let (turbines, wake) = (turbines(), Nygaard2022::new([240.0, 195.0]).for_energy());
        let directions: Vec<f64> = (0..72).map(|d| 5.0 * f64::from(d)).collect();
        for (n, speeds) in [
            (0, vec![8.0]),
            (1, vec![8.0]),
            (37, vec![4.0, 7.0, 9.5, 11.0, 14.0]),
            (52, (3..26).map(f64::from).collect()),
        ] {
            let probability = (0..72 * speeds.len()).map(|k| (k % 7 + 1) as f64 * 1e-3).collect();
            let flow = FlowCases::grid(directions.clone(), &speeds, probability, 0.08);
            let layout = layout(n);
            let types: Vec<usize> = (0..layout.len()).map(|i| i % 2).collect();
            let plant = Plant::new(&layout, &turbines, &types);
            let expected = evaluate(&wake, &plant, &flow);
            for simd in Simd::usable() {
                assert_eq!(evaluate_by_lanes(simd, wake.in_air(0.08), &plant, &flow), expected, "{n} turbines, {simd}");
            }
        }
    }

    #[test]
    fn compositions_agree_with_their_definition_and_themselves() {
        let turbines = turbines();
        let flow =
            FlowCases::grid((0..36).map(|d| 10.0 * f64::from(d)).collect(), &[5.0, 8.0, 12.0], vec![1e-3; 108], 0.08);
        let layout = layout(41);
        let types: Vec<usize> = (0..layout.len()).map(|i| i % 2).collect();
        let plant = Plant::new(&layout, &turbines, &types);
        let mut in_lanes = 0;
        for model in WakeModel::ALL {
            let BuiltWake::Composed(wake) = model.spec().build([240.0, 195.0]) else { continue };
            let Some(lanes) = wake.in_lanes(0.08) else { continue };
            in_lanes += 1;
            let expected = evaluate(&wake, &plant, &flow);
            let plain = evaluate_by_lanes(Simd::usable()[0], lanes, &plant, &flow);
            for (got, expected) in plain.turbine_aep_gwh.iter().zip(&expected.turbine_aep_gwh) {
                assert!((got / expected - 1.0).abs() < 1e-13, "{model}: {got} {expected}");
            }
            for simd in Simd::usable() {
                assert_eq!(evaluate_by_lanes(simd, lanes, &plant, &flow), plain, "{model}, {simd}");
            }
        }
        assert_eq!(in_lanes, 3, "models in lanes");
    }
}

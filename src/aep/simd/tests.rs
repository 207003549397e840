//! Every instruction set gives the bits of plain numbers.

use super::*;
use crate::lanes::single::Octet;
use crate::lanes::{Block, EIGHT, PowersOfTwo, ROUND, ln_ratio};

const LANES: [u32; EIGHT] = [0, 1, 2, 3, 4, 5, 6, 7];

/// Every operation, on the numbers of two blocks.
struct All<'a> {
    a: &'a [f64; EIGHT],
    b: &'a [f64; EIGHT],
    table: &'a [f64],
}

fn operations<V: Lanes>(a: V, b: V, table: &[f64]) -> Vec<V> {
    let index = (a * V::splat(3.0)).index();
    let mask = a.less(b) & b.at_most(V::splat(40.0));
    let mut out = vec![
        a + b,
        a - b,
        a * b,
        a / b,
        a.mul_add(b, V::splat(-7.3)),
        a.mul_neg_add(b, V::splat(7.3)),
        a.reciprocal(),
        a.per_root_guess(),
        a.per_root(),
        a.sqrt(),
        a.min(b),
        a.max(b),
        (a - b).abs(),
        V::select(a.less(b), a, b),
        V::select(a.at_most(b), b, a),
        V::select(mask, a, V::splat(-1.0)),
        V::select_or_nil(mask, a),
        V::from_index(index),
        (a * V::splat(3.0)).whole(),
        a.split().0,
        a.split().1,
        V::from_index(a.octaves(1.0 / 1024.0).0),
        a.octaves(1.0 / 1024.0).1,
        a.times_power_of_two(V::splat(ROUND) + V::from_index(index) - V::splat(30.0)),
        ln_ratio(a, b),
        PowersOfTwo::default().at(b - a, -20.0),
        V::load_equal(&Block([7.3; EIGHT])),
    ];
    out.extend(V::pairs(table, index));
    out.extend(V::quads(&V::spots::<1>(table, index)));
    out.extend(V::quads(&V::spots::<2>(table, index)));
    out.extend(V::quads(&V::spots::<4>(table, index)));
    out
}

#[expect(clippy::cast_possible_truncation, reason = "meant to be rounded")]
fn single(x: f64) -> f32 {
    x as f32
}

impl Kernel for All<'_> {
    type Output = Vec<u64>;

    #[inline(always)]
    fn run<V: Lanes>(self) -> Vec<u64> {
        let mut bits = Vec::new();
        for first in (0..EIGHT).step_by(V::WIDTH) {
            let (a, b) = (V::load(&self.a[first..]), V::load(&self.b[first..]));
            for value in operations(a, b, self.table) {
                let mut lanes = [0.0; EIGHT];
                value.store(&mut lanes);
                bits.extend(lanes[..V::WIDTH].iter().map(|lane| lane.to_bits()));
            }
            bits.push(u64::from(V::bits(a.less(b))));
        }
        bits.push(u64::from(V::less_singles(&Octet(self.a.map(single)), &Octet(self.b.map(single)))));
        bits
    }
}

#[test]
fn operations_give_the_same_bits_in_every_set_of_instructions() {
    let table: Vec<f64> = (0..61).map(|k| f64::from(k).sqrt()).collect();
    for round in 0..2000_u32 {
        let number = |k: u32, salt: u32| {
            let mixed = (round.wrapping_mul(2_654_435_761) ^ salt).wrapping_add(k * 40_503) % 100_003;
            0.001 + f64::from(mixed) * 0.000_7
        };
        let (a, b): ([f64; EIGHT], [f64; EIGHT]) = (LANES.map(|k| number(k, 1)), LANES.map(|k| number(k, 77)));
        // Equal numbers in some lanes.
        let b: [f64; EIGHT] = std::array::from_fn(|k| if k == 5 { a[5] } else { b[k] });
        let all = || All { a: &a, b: &b, table: &table };
        // Lane by lane against plain numbers.
        let plain: Vec<Vec<u64>> =
            (0..EIGHT).map(|k| operations(a[k], b[k], &table).iter().map(|v| v.to_bits()).collect()).collect();
        for simd in Simd::usable() {
            let mut bits = simd.run(all());
            let less = |of: fn(f64) -> f64| (0..EIGHT).map(|k| u64::from(of(a[k]) < of(b[k])) << k).sum::<u64>();
            let compared = bits.split_off(bits.len() - 2);
            assert_eq!(compared, [less(|x| x), less(|x| single(x).into())], "{simd}, round {round}");
            for (operation, lanes) in bits.chunks(EIGHT).enumerate() {
                for (k, lane) in lanes.iter().enumerate() {
                    assert_eq!(*lane, plain[k][operation], "{simd}, operation {operation}, lane {k}, round {round}");
                }
            }
        }
    }
}

/// The numbers below a limit.
struct Below<'a> {
    numbers: &'a [f64],
    limit: f64,
}

impl Kernel for Below<'_> {
    type Output = Vec<f64>;

    #[inline(always)]
    fn run<V: Lanes>(self) -> Vec<f64> {
        let (mut below, mut n) = (vec![0.0; self.numbers.len() + EIGHT], 0);
        for first in (0..self.numbers.len()).step_by(V::WIDTH) {
            let numbers = V::load(&self.numbers[first..]);
            let is_below = numbers.less(V::splat(self.limit));
            numbers.store_where(is_below, &mut below[n..]);
            n += V::bits(is_below).count_ones() as usize;
        }
        below.truncate(n);
        below
    }
}

#[test]
fn lanes_of_every_choice_are_stored_one_after_the_other() {
    for choice in 0..256_u32 {
        let number = |k: u32| f64::from(k) + if choice >> (k % 8) & 1 == 1 { 0.5 } else { 100.5 };
        let numbers: Vec<f64> = (0..16).map(number).collect();
        let expected: Vec<f64> = numbers.iter().copied().filter(|number| *number < 50.0).collect();
        for simd in Simd::usable() {
            assert_eq!(simd.run(Below { numbers: &numbers, limit: 50.0 }), expected, "{simd}, {choice:08b}");
        }
    }
}

#[test]
fn every_set_of_instructions_has_a_name() {
    for simd in Simd::usable() {
        assert_eq!(simd.name().parse(), Ok(simd));
    }
    let error = "mmx".parse::<Simd>().unwrap_err();
    assert!(error.contains("`mmx`") && error.contains("scalar"), "{error}");
}

//! Random draws: one generator per case, seeded by the case alone.

use std::fmt;
use std::str::FromStr;

use rand::Rng;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_mt::Mt;

/// Which generator makes a case's draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RngKind {
    /// ChaCha with 8 rounds; every case has a stream of its own.
    #[default]
    ChaCha8,
    /// The Mersenne Twister as NumPy's legacy generator seeds and draws from it, for the same layouts as TOPFARM. The stream depends on
    /// the seed only; seeds are below 2^32.
    Numpy,
}

impl RngKind {
    /// The name users write.
    pub fn name(self) -> &'static str {
        match self {
            Self::ChaCha8 => "chacha8",
            Self::Numpy => "numpy",
        }
    }
}

impl fmt::Display for RngKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for RngKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::ChaCha8, Self::Numpy]
            .into_iter()
            .find(|kind| kind.name() == text)
            .ok_or_else(|| format!("`{text}` is not a random generator; choose chacha8 or numpy"))
    }
}

/// A case's source of random numbers.
#[derive(Debug, Clone)]
pub enum CaseRng {
    /// See [`RngKind::ChaCha8`].
    ChaCha8(Box<ChaCha8Rng>),
    /// See [`RngKind::Numpy`].
    Numpy(Box<Mt>),
}

impl CaseRng {
    /// The generator of the case with this `seed`; `stream` sets apart cases that share a seed (other farm, other turbine type).
    ///
    /// NumPy's generator takes the low 32 bits of the seed; a sweep with wider seeds is refused when it is read.
    pub fn new(kind: RngKind, seed: u64, stream: u64) -> Self {
        match kind {
            RngKind::ChaCha8 => {
                let mut rng = ChaCha8Rng::seed_from_u64(seed);
                rng.set_stream(stream);
                Self::ChaCha8(Box::new(rng))
            }
            #[expect(clippy::cast_possible_truncation, reason = "documented: the low 32 bits")]
            RngKind::Numpy => Self::Numpy(Box::new(Mt::new(seed as u32))),
        }
    }

    /// A uniform integer in 0..n by masked rejection, as NumPy's `randint` and `choice` draw it: 32-bit draws cut to the bits of n - 1
    /// until one is below n. For n = 1 nothing is drawn. `n` must be positive and at most 2^32.
    pub fn below(&mut self, n: usize) -> usize {
        let Some(largest) = u32::try_from(n.saturating_sub(1)).ok().filter(|&largest| largest > 0) else {
            return 0;
        };
        let mask = u32::MAX >> largest.leading_zeros();
        loop {
            let draw = self.next_u32() & mask;
            if draw <= largest {
                return draw as usize;
            }
        }
    }

    /// A uniform number in 0..1, of 53 bits, as NumPy's `random_sample` makes it.
    pub fn unit(&mut self) -> f64 {
        let (high, low) = (self.next_u32() >> 5, self.next_u32() >> 6);
        (f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0
    }

    /// Puts items into a random order, every one equally likely.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    fn next_u32(&mut self) -> u32 {
        match self {
            Self::ChaCha8(rng) => rng.next_u32(),
            Self::Numpy(rng) => rng.next_u32(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numpy_draws() {
        // np.random.seed(1); [np.random.randint(0, n) for n in (324, 98, 1, 2, 1000, 7)]
        let mut rng = CaseRng::new(RngKind::Numpy, 1, 99);
        let drawn: Vec<usize> = [324, 98, 1, 2, 1000, 7].into_iter().map(|n| rng.below(n)).collect();
        assert_eq!(drawn, [37, 12, 0, 0, 767, 1]);
    }

    #[test]
    fn numpy_numbers() {
        // np.random.seed(1); np.random.random_sample(2)
        let mut rng = CaseRng::new(RngKind::Numpy, 1, 0);
        let drawn = [rng.unit(), rng.unit()];
        for (got, expected) in drawn.into_iter().zip([4.170_220_047_025_74e-1, 7.203_244_934_421_581e-1]) {
            assert!((got - expected).abs() < 1e-15, "{got}");
        }
    }

    #[test]
    fn a_shuffle_keeps_every_item() {
        let mut rng = CaseRng::new(RngKind::ChaCha8, 5, 0);
        let mut items: Vec<u32> = (0..50).collect();
        rng.shuffle(&mut items);
        assert!(items.iter().zip(0..50).any(|(&item, k)| item != k));
        items.sort_unstable();
        assert_eq!(items, (0..50).collect::<Vec<_>>());
    }

    #[test]
    fn every_value_is_reached_and_none_beyond() {
        for kind in [RngKind::ChaCha8, RngKind::Numpy] {
            let mut rng = CaseRng::new(kind, 7, 3);
            let mut seen = [false; 5];
            (0..200).for_each(|_| seen[rng.below(5)] = true);
            assert_eq!(seen, [true; 5], "{kind}");
        }
    }

    #[test]
    fn streams_differ_and_repeat() {
        let draws = |stream: u64| {
            let mut rng = CaseRng::new(RngKind::ChaCha8, 1, stream);
            (0..8).map(|_| rng.below(1 << 20)).collect::<Vec<_>>()
        };
        assert_eq!(draws(1), draws(1));
        assert_ne!(draws(1), draws(2));
    }
}

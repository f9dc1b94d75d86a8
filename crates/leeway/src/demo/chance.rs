//! Chance that is the same each time: the generator SplitMix64 (Steele, Lea and Flood 2014), from a fixed seed.

#[derive(Clone)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high - low + 1).unwrap_or(1).max(1);
        low + i64::try_from(self.next() % span).unwrap_or(0)
    }

    /// True in so many of a hundred.
    pub(super) fn percent(&mut self, of: i64) -> bool {
        self.between(1, 100) <= of
    }

    /// One of some; the first where there are none.
    pub(super) fn of<T: Copy>(&mut self, some: &[T]) -> Option<T> {
        let place = usize::try_from(self.between(0, i64::try_from(some.len()).unwrap_or(1) - 1)).unwrap_or(0);
        some.get(place).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::Chance;

    #[test]
    fn it_is_the_published_generator() {
        let mut chance = Chance::new(1_234_567);
        let first: Vec<u64> = std::iter::repeat_with(|| chance.next()).take(3).collect();
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }
}

//! Which sums and which single rows cover a time.

use charter::time::Instant;

use super::SPANS;

/// Buckets of one span: from the first to before the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Buckets {
    pub(super) span: i64,
    pub(super) from: i64,
    pub(super) to: i64,
}

/// The longest spans that lie between two cuts, shorter ones towards the cuts, and what is left to be read row by row.
#[derive(Debug, Default)]
pub(super) struct Cover {
    pub(super) buckets: Vec<Buckets>,
    /// From an instant to before another.
    pub(super) rows: Vec<(Instant, Instant)>,
}

impl Cover {
    /// Covers the time from the first cut on; there are sums up to an instant.
    pub(super) fn of(cuts: &[Instant], upto: Instant) -> Self {
        let mut cover = Self::default();
        // Nothing was given before 1970.
        let Some(since) = cuts.first().map(|first| *first.max(&0)) else { return cover };
        let between = cuts.iter().copied().filter(|cut| since < *cut && *cut < upto);
        let ends: Vec<Instant> = between.chain(std::iter::once(upto)).collect();
        let mut from = since;
        for to in ends {
            cover.between(SPANS.len(), from, to);
            from = from.max(to);
        }
        if from < Instant::MAX {
            cover.rows.push((from, Instant::MAX));
        }
        cover
    }

    /// Covers a time by the spans below a place in their order.
    fn between(&mut self, place: usize, from: Instant, to: Instant) {
        if from >= to {
            return;
        }
        let Some((place, span)) = place.checked_sub(1).and_then(|place| Some((place, *SPANS.get(place)?))) else {
            self.rows.push((from, to));
            return;
        };
        let first = from.div_euclid(span) + i64::from(from.rem_euclid(span) > 0);
        // For ever is the end of a span.
        let last = if to == Instant::MAX { to / span + 1 } else { to.div_euclid(span) };
        if first >= last {
            self.between(place, from, to);
            return;
        }
        self.buckets.push(Buckets { span, from: first, to: last });
        self.between(place, from, first * span);
        if to < Instant::MAX {
            self.between(place, last * span, to);
        }
    }

    /// Covers one bucket by what is shorter.
    pub(super) fn closer(&mut self, span: i64, bucket: i64) {
        let place = SPANS.iter().position(|one| *one == span).unwrap_or_default();
        self.between(place, bucket * span, (bucket + 1) * span);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every instant is covered once, and nothing reaches over a cut.
    #[test]
    fn all_is_covered_once() {
        let [hour, day, month] = SPANS;
        let ways = [
            (vec![Instant::MIN], Instant::MAX),
            (vec![], Instant::MAX),
            (vec![0, 3 * month + 5], 0),
            (vec![Instant::MIN, 40 * day + 5 * hour + 7], Instant::MAX),
            (vec![month - 1, month, month + hour], 70 * day),
            (vec![5 * day + 1, 5 * day + 2], 5 * day + hour),
            (vec![90 * day], 3 * day),
        ];
        for (cuts, upto) in ways {
            let cover = Cover::of(&cuts, upto);
            let sums = cover.buckets.iter().map(|b| (b.from * b.span, if b.to > Instant::MAX / b.span { Instant::MAX } else { b.to * b.span }));
            let mut pieces: Vec<(Instant, Instant)> = sums.chain(cover.rows.iter().copied()).collect();
            pieces.sort_unstable();
            let begins = cuts.first().map(|first| *first.max(&0));
            assert_eq!(pieces.first().map(|(from, _)| *from), begins, "{cuts:?} {upto}");
            assert!(pieces.windows(2).all(|pair| pair[0].1 == pair[1].0), "{cuts:?} {upto}: {pieces:?}");
            assert_eq!(pieces.last().map(|(_, to)| *to), begins.map(|_| Instant::MAX));
            assert!(cover.buckets.iter().all(|b| b.to > Instant::MAX / b.span || b.to * b.span <= upto), "{cuts:?} {upto}: {cover:?}");
            for b in &cover.buckets {
                let within = |cut: &Instant| (b.from..b.to.min(Instant::MAX / b.span)).contains(&(cut.div_euclid(b.span))) && cut.rem_euclid(b.span) > 0;
                assert!(!cuts.iter().any(within), "{cuts:?} {upto}: {cover:?}");
            }
        }
    }
}

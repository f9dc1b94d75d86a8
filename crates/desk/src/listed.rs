//! Lists that show the latest first, and their pages both ways: by the key of the last entry shown, or of the first.

/// Where a page of a list lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Span {
    /// Below this key; the first page begins below all keys.
    Older(i64),
    /// Above this key.
    Newer(i64),
}

/// A page of a list, and where the pages before and behind it begin.
#[derive(Debug)]
pub(crate) struct Listed<T> {
    pub(crate) rows: Vec<T>,
    pub(crate) newer: Option<i64>,
    pub(crate) older: Option<i64>,
}

impl Span {
    /// What an address asks for.
    pub(crate) fn asked(before: Option<i64>, after: Option<i64>) -> Self {
        match (before, after) {
            (_, Some(after)) => Self::Newer(after),
            (before, None) => Self::Older(before.unwrap_or(i64::MAX)),
        }
    }

    /// A page of rows, latest first, of which one more was read than fits if there is one.
    pub(crate) fn listed<T>(self, mut rows: Vec<T>, fits: i64, key: impl Fn(&T) -> i64) -> Listed<T> {
        let has_more = i64::try_from(rows.len()).is_ok_and(|n| n > fits);
        let (is_newer, is_older) = match self {
            Self::Older(before) => (before != i64::MAX, has_more),
            Self::Newer(_) => (has_more, true),
        };
        match self {
            Self::Older(_) if has_more => drop(rows.pop()),
            Self::Newer(_) if has_more => drop(rows.remove(0)),
            _ => {}
        }
        let (newer, older) = (rows.first().filter(|_| is_newer).map(&key), rows.last().filter(|_| is_older).map(&key));
        match (self, rows.is_empty()) {
            // Nothing is left here: the way back is all there is.
            (Self::Older(before), true) if before != i64::MAX => Listed { rows, newer: Some(before - 1), older: None },
            (Self::Newer(after), true) => Listed { rows, newer: None, older: Some(after.saturating_add(1)) },
            _ => Listed { rows, newer, older },
        }
    }
}

/// How much a page shows, and in which order, in words.
pub(crate) fn counted(entries: usize, one: &str, many: &str, order: &str) -> String {
    match entries {
        1 => format!("1 {one}"),
        entries => format!("{entries} {many}, {order}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_lead_both_ways() {
        let cases = [
            (Span::asked(None, None), vec![9, 8], None, None),
            (Span::asked(None, None), vec![9, 8, 7], None, Some(8)),
            (Span::asked(Some(8), None), vec![7, 6, 5], Some(7), Some(6)),
            (Span::asked(Some(6), None), vec![5], Some(5), None),
            (Span::asked(None, Some(5)), vec![8, 7, 6], Some(7), Some(6)),
            (Span::asked(None, Some(7)), vec![9, 8], None, Some(8)),
            (Span::asked(Some(2), None), vec![], Some(1), None),
            (Span::asked(None, Some(9)), vec![], None, Some(10)),
        ];
        for (span, rows, newer, older) in cases {
            let listed = span.listed(rows, 2, |key| *key);
            assert_eq!((listed.newer, listed.older), (newer, older), "{span:?}");
            assert!(listed.rows.len() <= 2);
        }
    }
}

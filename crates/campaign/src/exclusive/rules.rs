//! When two windows overlap.

use kernel::Timestamp;

/// From when, and the first instant after.
pub type Span = (Timestamp, Timestamp);

/// Whether there is an instant in both.
pub fn overlap(one: Span, other: Span) -> bool {
    one.0.max(other.0) < one.1.min(other.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn windows_that_touch_do_not_overlap() {
        let span = |from, to| (Timestamp(from), Timestamp(to));
        assert!(!overlap(span(1, 5), span(5, 9)));
        assert!(overlap(span(1, 6), span(5, 9)));
        assert!(!overlap(span(3, 3), span(1, 9)), "an empty window holds nothing");
    }

    proptest! {
        #[test]
        fn they_overlap_if_and_only_if_some_instant_is_in_both(a in 0..20i64, b in 0..20i64, c in 0..20i64, d in 0..20i64) {
            let both = (0..20).any(|t| (a..b).contains(&t) && (c..d).contains(&t));
            let (one, other) = ((Timestamp(a), Timestamp(b)), (Timestamp(c), Timestamp(d)));
            prop_assert_eq!(overlap(one, other), both);
            prop_assert_eq!(overlap(other, one), both);
        }
    }
}

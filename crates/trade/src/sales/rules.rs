//! When a day begins, and when it ends.

use kernel::Timestamp;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// Further east or west nobody lives.
pub(super) const MOST_OFFSET: i32 = 14 * 60;

/// The midnights around a moment, so many minutes east of Greenwich.
pub(super) fn day(now: Timestamp, offset_minutes: i32) -> (Timestamp, Timestamp) {
    let offset = i64::from(offset_minutes) * MINUTE;
    let begins = (now.0 + offset).div_euclid(DAY) * DAY - offset;
    (Timestamp(begins), Timestamp(begins + DAY))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn midnight_in_shanghai_is_at_four_in_the_afternoon_in_greenwich() {
        let at = |text| Timestamp::parse_rfc3339(text).unwrap();
        let (begins, ends) = day(at("2026-11-11T00:30:00+08:00"), 480);
        assert_eq!((begins, ends), (at("2026-11-10T16:00:00Z"), at("2026-11-11T16:00:00Z")));
        assert_eq!(day(at("2026-11-10T15:59:59.999Z"), 480).1, at("2026-11-10T16:00:00Z"));
        assert_eq!(day(at("2026-11-10T16:00:00Z"), 480).0, at("2026-11-10T16:00:00Z"));
    }

    proptest! {
        #[test]
        fn every_moment_is_in_its_day(now in 0..4_000_000_000_000_i64, offset in -MOST_OFFSET..=MOST_OFFSET) {
            let (begins, ends) = day(Timestamp(now), offset);
            prop_assert!(begins.0 <= now && now < ends.0 && ends.0 - begins.0 == DAY);
            prop_assert_eq!((begins.0 + i64::from(offset) * MINUTE) % DAY, 0);
        }
    }
}

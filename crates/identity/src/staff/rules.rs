//! Who may do what, how passwords and codes count, when a door is locked.

use std::{collections::BTreeSet, time::Duration};

use kernel::{Permission, Timestamp, hours, minutes};

/// So many failures lock the door.
pub const ATTEMPTS: i64 = 5;
/// The first lock; each further one is twice as long.
const FIRST_LOCK: Duration = minutes(15);
/// No lock is longer.
const LONGEST_LOCK: Duration = hours(24);
/// The shortest password in characters.
pub const PASSWORD_MIN: usize = 12;
/// The longest password in bytes: hashing more would be work for an attacker's profit.
pub const PASSWORD_MAX: usize = 256;
/// One code of an authenticator holds so many seconds.
pub const TOTP_STEP: i64 = 30;

/// Failures at one email since the last success.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attempts {
    /// How many.
    pub failures: i64,
    /// Nobody is let in before.
    pub locked_until: Option<Timestamp>,
}

impl Attempts {
    /// Takes an attempt before the password is looked at, as if it had failed already: so parallel guesses count too.
    /// `Err`: the door is locked until then.
    pub fn take(self, now: Timestamp) -> Result<Self, Timestamp> {
        if let Some(until) = self.locked_until.filter(|until| *until > now) {
            return Err(until);
        }
        let failures = self.failures + 1;
        let locked_until = (failures % ATTEMPTS == 0).then(|| now + lock(failures / ATTEMPTS));
        Ok(Self { failures, locked_until })
    }

    /// Gives an attempt back that neither failed nor succeeded: the password was right, the code is still to come.
    pub fn give_back(self) -> Self {
        let locked_until = self.locked_until.filter(|_| self.failures % ATTEMPTS != 0);
        Self { failures: (self.failures - 1).max(0), locked_until }
    }
}

/// How long the `round`th lock lasts.
fn lock(round: i64) -> Duration {
    let doublings = u32::try_from(round - 1).unwrap_or(0).min(16);
    (FIRST_LOCK * 2_u32.pow(doublings)).min(LONGEST_LOCK)
}

/// Why a text is no password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    /// Fewer characters than [`PASSWORD_MIN`].
    #[error("the password is too short")]
    TooShort,
    /// More bytes than [`PASSWORD_MAX`].
    #[error("the password is too long")]
    TooLong,
    /// A guess: one character again and again, or the email.
    #[error("the password is easy to guess")]
    Guessable,
}

/// Whether a text may be the password of the one with this email.
pub fn password(text: &str, email: &str) -> Result<(), Weak> {
    let distinct: BTreeSet<char> = text.chars().collect();
    match text.chars().count() {
        _ if text.len() > PASSWORD_MAX => Err(Weak::TooLong),
        length if length < PASSWORD_MIN => Err(Weak::TooShort),
        _ if distinct.len() < 5 || text.to_lowercase() == email => Err(Weak::Guessable),
        _ => Ok(()),
    }
}

/// An email in the form it is stored and compared in.
pub fn email(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let (local, domain) = text.split_once('@')?;
    let plain = |part: &str| {
        !part.is_empty() && !part.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '@' | ':' | '<' | '>' | ','))
    };
    let sound = plain(local) && plain(domain) && domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.');
    (sound && text.len() <= 254).then_some(text)
}

/// A name of a person or a role: something to read, not too much of it.
pub fn name(text: &str) -> Option<String> {
    let text = text.trim();
    let sound = (1..=64).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    sound.then(|| text.to_owned())
}

/// Whether a code of an authenticator for `step` may count now.
pub fn step_is_fresh(step: i64, last: Option<i64>) -> bool {
    last.is_none_or(|last| step > last)
}

/// A role as it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleRights {
    /// It may everything, also what is invented later.
    pub owner: bool,
    /// What it may otherwise.
    pub permissions: BTreeSet<Permission>,
}

/// What several roles may together.
pub fn rights<'a>(roles: impl IntoIterator<Item = &'a RoleRights>) -> BTreeSet<Permission> {
    roles.into_iter().flat_map(|role| if role.owner { Permission::ALL.into_iter().collect() } else { role.permissions.clone() }).collect()
}

/// Somebody whose access is about to change.
#[derive(Clone, Debug)]
pub struct Change {
    /// Whether it is the one who asks.
    pub themselves: bool,
    /// What they may now.
    pub before: BTreeSet<Permission>,
    /// What they may then.
    pub after: BTreeSet<Permission>,
    /// Whether they are an active owner now.
    pub owner_before: bool,
    /// Whether they are one then.
    pub owner_after: bool,
    /// How many other active owners there are.
    pub other_owners: u64,
}

/// Why access is not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Locked {
    /// Only who may it themselves gives it, or takes it from somebody.
    #[error("they may do what you may not")]
    Outranked,
    /// You would lock yourself out.
    #[error("you would lose your own right to manage staff")]
    OwnStaffWrite,
    /// The mall would have no owner.
    #[error("they are the last owner")]
    LastOwner,
}

/// Whether someone with the permissions `mine` may make this change. (The system may what every permission may.)
pub fn change_access(mine: &BTreeSet<Permission>, i_am_owner: bool, change: &Change) -> Result<(), Locked> {
    let touches_owner = change.owner_before || change.owner_after;
    if change.owner_before && !change.owner_after && change.other_owners == 0 {
        return Err(Locked::LastOwner);
    }
    if (touches_owner && !i_am_owner) || !change.before.is_subset(mine) || !change.after.is_subset(mine) {
        return Err(Locked::Outranked);
    }
    if change.themselves && change.before.contains(&Permission::StaffWrite) && !change.after.contains(&Permission::StaffWrite) {
        return Err(Locked::OwnStaffWrite);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const T0: Timestamp = Timestamp(1_000_000_000);

    #[test]
    fn five_failures_lock_and_each_lock_is_twice_as_long() {
        let (mut attempts, mut now) = (Attempts::default(), T0);
        for locked in [15, 30, 60, 120, 240, 480, 960, 1440, 1440].map(minutes) {
            for _ in 0..5 {
                attempts = attempts.take(now).expect("is not locked");
            }
            assert_eq!(attempts.take(now), Err(now + locked));
            now = now + locked;
        }
    }

    #[test]
    fn giving_the_locking_attempt_back_unlocks() {
        let four = Attempts { failures: 4, locked_until: None };
        assert_eq!(four.take(T0).expect("is not locked").give_back(), four);
        assert_eq!(Attempts::default().give_back(), Attempts::default());
    }

    #[test]
    fn passwords_are_long_and_not_a_guess() {
        for (text, verdict) in [
            ("short", Err(Weak::TooShort)),
            ("四个字的密码不够长", Err(Weak::TooShort)),
            ("aaaaaaaaaaaaaaaa", Err(Weak::Guessable)),
            ("Boss@Mall.Example", Err(Weak::Guessable)),
            ("correct horse battery", Ok(())),
            (&"long enough! ".repeat(30), Err(Weak::TooLong)),
        ] {
            assert_eq!(password(text, "boss@mall.example"), verdict, "{text}");
        }
    }

    #[test]
    fn emails_are_compared_in_lower_case() {
        assert_eq!(email(" Boss@Mall.Example ").as_deref(), Some("boss@mall.example"));
        for bad in ["", "boss", "@mall.example", "boss@", "boss@mall", "a b@mall.example", "a@b@c.d", "a@.example", "a:b@mall.example"] {
            assert_eq!(email(bad), None, "{bad}");
        }
    }

    fn change(before: &[Permission], after: &[Permission]) -> Change {
        let set = |list: &[Permission]| list.iter().copied().collect();
        Change { themselves: false, before: set(before), after: set(after), owner_before: false, owner_after: false, other_owners: 1 }
    }

    #[test]
    fn nobody_gives_what_they_have_not_or_locks_everybody_out() {
        use Permission::{OrderRead, RefundWrite, StaffWrite};
        let all: BTreeSet<_> = Permission::ALL.into_iter().collect();
        let clerk: BTreeSet<_> = [StaffWrite, OrderRead].into();
        let owner = |owner_before, owner_after, other_owners| Change { owner_before, owner_after, other_owners, ..change(&[], &[]) };
        let own = |after| Change { themselves: true, ..change(&[StaffWrite], after) };
        for (mine, i_am_owner, wanted, verdict) in [
            (&clerk, false, change(&[], &[OrderRead]), Ok(())),
            (&clerk, false, change(&[], &[RefundWrite]), Err(Locked::Outranked)),
            (&clerk, false, change(&[RefundWrite], &[]), Err(Locked::Outranked)),
            (&clerk, false, own(&[OrderRead]), Err(Locked::OwnStaffWrite)),
            (&clerk, false, own(&[OrderRead, StaffWrite]), Ok(())),
            (&all, false, owner(false, true, 1), Err(Locked::Outranked)),
            (&all, false, owner(true, false, 1), Err(Locked::Outranked)),
            (&all, true, owner(true, false, 1), Ok(())),
            (&all, true, owner(true, false, 0), Err(Locked::LastOwner)),
        ] {
            assert_eq!(change_access(mine, i_am_owner, &wanted), verdict, "{wanted:?}");
        }
    }

    proptest! {
        #[test]
        fn no_quarter_of_an_hour_sees_more_than_five_guesses(waits in prop::collection::vec(0..600_000_i64, 1..60)) {
            let (mut attempts, mut now, mut guesses) = (Attempts::default(), T0, Vec::new());
            for wait in waits {
                now = Timestamp(now.0 + wait);
                if let Ok(taken) = attempts.take(now) {
                    attempts = taken;
                    guesses.push(now);
                }
            }
            for five in guesses.windows(6) {
                prop_assert!(five[5].since(five[0]) >= minutes(15));
            }
        }

        #[test]
        fn a_step_counts_once(steps in prop::collection::vec(0..50_i64, 1..100)) {
            let (mut last, mut used) = (None, BTreeSet::new());
            for step in steps {
                if step_is_fresh(step, last) {
                    prop_assert!(used.insert(step));
                    last = Some(step);
                }
            }
        }
    }
}

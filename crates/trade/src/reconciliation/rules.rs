//! Comparing a provider's bill with our books.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Currency, Money};

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Money that came.
    Charge,
    /// Money that went back.
    Refund,
}

/// A charge or refund as the bill lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theirs {
    /// What it is.
    pub kind: Kind,
    /// Our number; empty when the provider does not repeat it.
    pub number: String,
    /// Their number.
    pub provider_id: String,
    /// How much, above zero.
    pub amount: Money,
    /// Whether the money moved.
    pub settled: bool,
}

/// A charge or refund as we know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ours {
    /// What it is.
    pub kind: Kind,
    /// Our number.
    pub number: String,
    /// Their number, when it reached us.
    pub provider_id: Option<String>,
    /// How much.
    pub amount: Money,
    /// Whether the money moved.
    pub settled: bool,
    /// Where it stands, in our words.
    pub state: String,
    /// Whether it belongs into the time of the bill.
    pub expected: bool,
}

/// How they disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Problem {
    /// The provider has it, we do not.
    MissingHere,
    /// We have it, the provider does not.
    MissingThere,
    /// Another amount.
    Amount,
    /// It moved on one side only.
    State,
    /// The provider lists it twice.
    Twice,
}

/// Something bill and books do not agree about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What it is about.
    pub kind: Kind,
    /// How they disagree.
    pub problem: Problem,
    /// Our number, or theirs when there is none of ours.
    pub number: String,
    /// Their number.
    pub provider_id: Option<String>,
    /// What we say.
    pub ours: Option<Money>,
    /// What they say.
    pub theirs: Option<Money>,
    /// Where it stands here.
    pub our_state: Option<String>,
    /// Where it stands there.
    pub their_state: Option<&'static str>,
}

/// What a comparison found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Lines that agree.
    pub matched: u64,
    /// What does not.
    pub differences: Vec<Difference>,
}

/// Compares. `listed` are numbers other bills list: they are not missing there.
pub fn compare(theirs: &[Theirs], ours: &[Ours], listed: &BTreeSet<(Kind, String)>) -> Outcome {
    let by_number: BTreeMap<(Kind, &str), usize> = ours.iter().enumerate().map(|(at, o)| ((o.kind, o.number.as_str()), at)).collect();
    let by_provider: BTreeMap<(Kind, &str), usize> =
        ours.iter().enumerate().filter_map(|(at, o)| Some(((o.kind, o.provider_id.as_deref()?), at))).collect();
    let (mut outcome, mut seen, mut met) = (Outcome::default(), BTreeSet::new(), BTreeSet::<usize>::new());
    for line in theirs {
        let known = by_number.get(&(line.kind, line.number.as_str())).or_else(|| by_provider.get(&(line.kind, line.provider_id.as_str())));
        let own = known.map(|at| &ours[*at]);
        let number = own.map_or_else(|| if line.number.is_empty() { &line.provider_id } else { &line.number }, |own| &own.number);
        let found = |problem| Difference {
            kind: line.kind,
            problem,
            number: number.clone(),
            provider_id: Some(line.provider_id.clone()),
            ours: own.map(|own| own.amount),
            theirs: Some(line.amount),
            our_state: own.map(|own| own.state.clone()),
            their_state: Some(if line.settled { "SETTLED" } else { "NOT_SETTLED" }),
        };
        if !seen.insert((line.kind, number.clone())) {
            outcome.differences.push(found(Problem::Twice));
            continue;
        }
        met.extend(known);
        match own {
            None if line.settled => outcome.differences.push(found(Problem::MissingHere)),
            Some(own) if own.settled != line.settled => outcome.differences.push(found(Problem::State)),
            Some(own) if own.amount != line.amount => outcome.differences.push(found(Problem::Amount)),
            _ => outcome.matched += 1,
        }
    }
    for (at, own) in ours.iter().enumerate() {
        let listed = || listed.contains(&(own.kind, own.number.clone()));
        if own.expected && own.settled && !met.contains(&at) && !listed() {
            outcome.differences.push(Difference {
                kind: own.kind,
                problem: Problem::MissingThere,
                number: own.number.clone(),
                provider_id: own.provider_id.clone(),
                ours: Some(own.amount),
                theirs: None,
                our_state: Some(own.state.clone()),
                their_state: None,
            });
        }
    }
    outcome
}

/// Reads an amount in major units (`59.00`, `-1,234.5`) to the cent; none when it is not one.
pub fn minor(text: &str, currency: Currency) -> Option<i64> {
    let text: String = text.trim().chars().filter(|c| *c != ',').collect();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(&text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let exponent = usize::try_from(currency.exponent()).ok()?;
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    // More decimals than the currency has are fine as long as they say nothing.
    let (kept, rest) = fraction.split_at(fraction.len().min(exponent));
    if rest.bytes().any(|b| b != b'0') {
        return None;
    }
    let minor: i64 = format!("{whole}{kept:0<exponent$}").parse().ok()?;
    Some(if negative { -minor } else { minor })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cny(minor: i64) -> Money {
        Money::new(minor, Currency::Cny)
    }

    fn theirs(number: &str, minor: i64) -> Theirs {
        Theirs { kind: Kind::Charge, number: number.into(), provider_id: format!("p-{number}"), amount: cny(minor), settled: true }
    }

    fn ours(number: &str, minor: i64) -> Ours {
        Ours {
            kind: Kind::Charge,
            number: number.into(),
            provider_id: Some(format!("p-{number}")),
            amount: cny(minor),
            settled: true,
            state: "SUCCEEDED".into(),
            expected: true,
        }
    }

    fn problems(outcome: &Outcome) -> Vec<(Problem, String)> {
        outcome.differences.iter().map(|d| (d.problem, d.number.clone())).collect()
    }

    #[test]
    fn every_kind_of_difference_is_found_and_nothing_else() {
        let bill =
            [theirs("a", 1), theirs("b", 2), theirs("c", 3), theirs("d", 4), theirs("d", 4), Theirs { settled: false, ..theirs("e", 5) }];
        let books =
            [ours("a", 1), ours("b", 20), Ours { settled: false, state: "PENDING".into(), ..ours("c", 3) }, ours("e", 5), ours("f", 6)];
        let outcome = compare(&bill, &books, &BTreeSet::new());
        assert_eq!(outcome.matched, 1);
        assert_eq!(
            problems(&outcome),
            [
                (Problem::Amount, "b".to_owned()),
                (Problem::State, "c".to_owned()),
                (Problem::MissingHere, "d".to_owned()),
                (Problem::Twice, "d".to_owned()),
                (Problem::State, "e".to_owned()),
                (Problem::MissingThere, "f".to_owned()),
            ]
        );
        let listed = BTreeSet::from([(Kind::Charge, "f".to_owned())]);
        assert_eq!(compare(&[], &[ours("f", 6)], &listed), Outcome::default());
        let open = Ours { settled: false, state: "PENDING".into(), ..ours("g", 7) };
        assert_eq!(compare(&[], &[open, Ours { expected: false, ..ours("h", 8) }], &BTreeSet::new()), Outcome::default());
    }

    #[test]
    fn a_provider_that_does_not_repeat_our_number_is_matched_by_its_own() {
        let bill = [Theirs { number: String::new(), ..theirs("a", 1) }];
        assert_eq!(compare(&bill, &[ours("a", 1)], &BTreeSet::new()), Outcome { matched: 1, differences: vec![] });
        assert_eq!(problems(&compare(&bill, &[], &BTreeSet::new())), [(Problem::MissingHere, "p-a".to_owned())]);
    }

    #[test]
    fn amounts_are_read_to_the_cent_or_not_at_all() {
        let cases = [("59.00", Some(5_900)), ("0.1", Some(10)), ("-1,234.5", Some(-123_450)), ("7", Some(700)), ("1.230", Some(123))];
        for (text, expected) in cases {
            assert_eq!(minor(text, Currency::Cny), expected, "{text}");
        }
        for text in ["", "-", ".5", "1.234", "1e3", "12 3", "一", "99999999999999999999"] {
            assert_eq!(minor(text, Currency::Cny), None, "{text}");
        }
        assert_eq!(minor("1500", Currency::Jpy), Some(1_500));
        assert_eq!(minor("1500.5", Currency::Jpy), None);
    }

    proptest! {
        #[test]
        fn a_bill_written_from_our_books_agrees_and_every_change_of_it_is_found(
            amounts in prop::collection::vec(1..1_000_000_i64, 1..40), at in 0..40_usize, by in 1..1_000_i64,
        ) {
            let books: Vec<Ours> = amounts.iter().enumerate().map(|(n, minor)| ours(&n.to_string(), *minor)).collect();
            let bill: Vec<Theirs> = amounts.iter().enumerate().map(|(n, minor)| theirs(&n.to_string(), *minor)).collect();
            let nothing = BTreeSet::new();
            prop_assert_eq!(compare(&bill, &books, &nothing), Outcome { matched: amounts.len() as u64, differences: vec![] });
            let at = at % amounts.len();
            let mut short = bill.clone();
            short.remove(at);
            let name = at.to_string();
            prop_assert_eq!(problems(&compare(&short, &books, &nothing)), vec![(Problem::MissingThere, name.clone())]);
            let mut wrong = bill.clone();
            wrong[at].amount.minor += by;
            prop_assert_eq!(problems(&compare(&wrong, &books, &nothing)), vec![(Problem::Amount, name.clone())]);
            let mut fewer = books.clone();
            fewer.remove(at);
            prop_assert_eq!(problems(&compare(&bill, &fewer, &nothing)), vec![(Problem::MissingHere, name.clone())]);
        }

        #[test]
        fn an_amount_survives_its_text(minor_units in -1_000_000_000_i64..1_000_000_000) {
            let text = format!("{}{}.{:02}", if minor_units < 0 { "-" } else { "" }, minor_units.abs() / 100, minor_units.abs() % 100);
            prop_assert_eq!(minor(&text, Currency::Cny), Some(minor_units));
        }
    }
}

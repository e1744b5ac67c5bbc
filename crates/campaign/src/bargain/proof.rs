//! What somebody needs to prove every cut of a record again, and the proving.
//!
//! Nothing here looks at the database: a proof is checked from itself. `clients/live` does the same in TypeScript, against
//! the same vectors (`docs/bargain-vectors.json`); `docs/bargain.md` says how a third program would.

use std::collections::BTreeSet;

use kernel::{BargainRecordId, Currency, CustomerId};
use serde::{Deserialize, Serialize};

use super::{
    fate::{Fate, Seed},
    rules::{
        fair::{self, Deal, Draw},
        terms::{CUTS, NEW_CUSTOMER_DRAWS},
    },
};

/// Everything about a record that its cuts follow from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Proof {
    /// Which algorithm: [`fair::VERSION`].
    pub version: String,
    /// Whose cuts.
    pub record_id: BargainRecordId,
    /// The currency of every amount.
    pub currency: Currency,
    /// Where the price began, in minor units.
    pub first_minor: i64,
    /// Where it ends.
    pub floor_minor: i64,
    /// How many cuts lead from one to the other.
    pub cuts: u32,
    /// How many shares a new customer draws.
    pub new_customer_draws: u32,
    /// SHA-256 of the seed, shown from the beginning.
    pub seed_hash: String,
    /// The seed; absent while a cut can follow.
    pub seed: Option<String>,
    /// What it costs now.
    pub price_minor: i64,
    /// The cuts, the first one first.
    pub made: Vec<CutProof>,
}

/// One cut.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CutProof {
    /// Its number, from 1.
    pub no: u32,
    /// Who made it.
    pub helper_id: CustomerId,
    /// Their own word.
    pub salt: String,
    /// How many shares they drew.
    pub draws: u32,
    /// By how much the price fell.
    pub amount_minor: i64,
    /// What it cost then.
    pub price_minor: i64,
}

/// What a proof shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// Every cut is what the seed and its helper make it.
    Proved,
    /// The amounts add up; the seed is not shown yet.
    Sealed,
    /// Something is not what it should be.
    Broken,
}

/// What is not as it should be, and at which cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Break {
    /// What.
    pub code: BreakCode,
    /// At which cut, by its place from 1; none: at the whole.
    pub no: Option<u32>,
}

/// What may be wrong with a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BreakCode {
    /// Another algorithm.
    Version,
    /// There is no plan for these prices and cuts.
    Deal,
    /// More cuts than were planned.
    TooManyCuts,
    /// A cut's number is not its place.
    CutNumber,
    /// Somebody helped twice.
    HelperTwice,
    /// A word that cannot be mixed in.
    Salt,
    /// More or fewer draws than there are for old and new customers.
    Draws,
    /// The price is not the first price minus the cuts.
    Price,
    /// The seed is not the one whose hash was shown.
    SeedHash,
    /// The cut is not the one the seed and the helper make.
    Amount,
}

impl std::fmt::Display for Break {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let what = match self.code {
            BreakCode::Version => "this is another algorithm",
            BreakCode::Deal => "there is no plan for these prices and this number of cuts",
            BreakCode::TooManyCuts => "there are more cuts than were planned",
            BreakCode::CutNumber => "the number is not the place",
            BreakCode::HelperTwice => "this helper cut before",
            BreakCode::Salt => "the helper's word is none",
            BreakCode::Draws => "nobody draws so many shares",
            BreakCode::Price => "the price is not the first price minus the cuts",
            BreakCode::SeedHash => "the seed is not the one whose hash was shown",
            BreakCode::Amount => "the amount is not the one the seed and the helper make",
        };
        match self.no {
            Some(no) => write!(f, "cut {no}: {what}"),
            None => f.write_str(what),
        }
    }
}

/// Computes every cut again. What is broken is told completely, as far as it can be looked at.
pub fn verify(proof: &Proof) -> (Verdict, Vec<Break>) {
    let whole = |code| Break { code, no: None };
    let deal = Deal { record: proof.record_id, first: proof.first_minor, floor: proof.floor_minor, cuts: proof.cuts };
    if proof.version != fair::VERSION {
        return (Verdict::Broken, vec![whole(BreakCode::Version)]);
    }
    if !deal.is_sound() || !CUTS.contains(&proof.cuts) || !NEW_CUSTOMER_DRAWS.contains(&proof.new_customer_draws) {
        return (Verdict::Broken, vec![whole(BreakCode::Deal)]);
    }
    let mut breaks = adds_up(proof);
    let Some(seed) = &proof.seed else {
        return (if breaks.is_empty() { Verdict::Sealed } else { Verdict::Broken }, breaks);
    };
    match Seed::parse(seed).filter(|seed| seed.hash() == proof.seed_hash) {
        Some(seed) => breaks.extend(drawn_again(proof, &Fate::new(seed, deal))),
        None => breaks.push(whole(BreakCode::SeedHash)),
    }
    (if breaks.is_empty() { Verdict::Proved } else { Verdict::Broken }, breaks)
}

/// What can be seen without the seed.
fn adds_up(proof: &Proof) -> Vec<Break> {
    let mut breaks = Vec::new();
    let (mut price, mut helpers) = (i128::from(proof.first_minor), BTreeSet::new());
    for (no, cut) in (1..).zip(&proof.made) {
        let mut broken = |code, is: bool| {
            if is {
                breaks.push(Break { code, no: Some(no) });
            }
        };
        price -= i128::from(cut.amount_minor);
        broken(BreakCode::CutNumber, cut.no != no);
        broken(BreakCode::HelperTwice, !helpers.insert(cut.helper_id));
        broken(BreakCode::Salt, !fair::is_salt(&cut.salt));
        broken(BreakCode::Draws, ![1, proof.new_customer_draws].contains(&cut.draws));
        broken(BreakCode::Price, i128::from(cut.price_minor) != price);
    }
    if i128::from(proof.price_minor) != price {
        breaks.push(Break { code: BreakCode::Price, no: None });
    }
    if proof.made.len() > usize::try_from(proof.cuts).unwrap_or(usize::MAX) {
        breaks.push(Break { code: BreakCode::TooManyCuts, no: None });
    }
    breaks
}

/// What only the seed shows.
fn drawn_again(proof: &Proof, fate: &Fate) -> Vec<Break> {
    let mut taken = BTreeSet::new();
    let mut breaks = Vec::new();
    for (no, cut) in (1..=proof.cuts).zip(&proof.made) {
        let by = Draw { no, helper: cut.helper_id, salt: &cut.salt, draws: cut.draws.min(*NEW_CUSTOMER_DRAWS.end()) };
        let share = fate.draw(&taken, by);
        if share.is_none_or(|share| share.minor != cut.amount_minor) {
            breaks.push(Break { code: BreakCode::Amount, no: Some(no) });
        }
        taken.extend(share.map(|share| share.no));
    }
    breaks
}

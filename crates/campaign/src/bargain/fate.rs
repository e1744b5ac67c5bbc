//! The seed of a record and the chance that follows from it.

use std::collections::BTreeSet;

use entity::campaign::bargain_record as record;
use kernel::{BargainRecordId, Fault};
use platform::{
    Op,
    crypto::{hmac_sha256, sha256_hex},
};

use super::rules::fair::{Deal, Draw, Share};

/// A secret of 32 bytes; everything about a record's cuts follows from it and from who comes.
#[derive(Clone, Copy)]
pub(super) struct Seed([u8; 32]);

impl Seed {
    /// A new one.
    pub(super) fn new(op: &Op) -> Self {
        Self(op.random_bytes())
    }

    /// The one in these 64 hexadecimal digits.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let digits = text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let byte = |n: usize| text.get(2 * n..2 * n + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        let mut seed = [0; 32];
        for (n, place) in seed.iter_mut().enumerate() {
            *place = byte(n).filter(|_| digits)?;
        }
        Some(Self(seed))
    }

    /// As text: 64 hexadecimal digits.
    pub(super) fn text(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// What is public of it from the beginning.
    pub(super) fn hash(&self) -> String {
        sha256_hex(self.0)
    }

    /// Sealed for its record.
    pub(super) fn seal(&self, op: &Op, record: BargainRecordId) -> Result<String, Fault> {
        op.crypto().seal(&place(record), &self.text())
    }

    /// The seed of a record.
    pub(super) fn of(op: &Op, row: &record::Model) -> Result<Self, Fault> {
        let text = op.crypto().open(&place(row.id), &row.sealed_seed)?;
        Self::parse(&text).ok_or_else(|| Fault::corrupt(format!("the seed of {} is none", row.id)))
    }

    /// A number for a message: the first 16 bytes of HMAC-SHA256, the first byte the highest.
    pub(super) fn roll(&self, message: &str) -> u128 {
        let tag = hmac_sha256(&self.0, message);
        u128::from_be_bytes(tag[..16].try_into().expect("16 of 32 bytes"))
    }
}

fn place(record: BargainRecordId) -> String {
    format!("bargain_record:{record}:seed")
}

/// A seed with the plan it makes of a deal.
pub(super) struct Fate {
    seed: Seed,
    deal: Deal,
    plan: Vec<i64>,
}

impl Fate {
    pub(super) fn new(seed: Seed, deal: Deal) -> Self {
        let plan = deal.plan(|message| seed.roll(message));
        Self { seed, deal, plan }
    }

    /// The share somebody draws of those that are not taken.
    pub(super) fn draw(&self, taken: &BTreeSet<u32>, by: Draw<'_>) -> Option<Share> {
        self.deal.draw((&self.plan, taken), by, |message| self.seed.roll(message))
    }
}

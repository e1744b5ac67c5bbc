//! What bringing things costs: by region, by weight, piece or room, and when it is free.

use kernel::Currency;
use serde::{Deserialize, Serialize};

/// The most rules of one template.
const MOST_RULES: usize = 400;

/// The highest fee of a rule, in minor units.
const HIGHEST_FEE: i64 = 1_000_000_000;

/// How the goods come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Delivery {
    /// By a carrier, to a region named by its 6-digit code; the rule for everywhere else counts while it is not said.
    Ship {
        /// The code.
        region: Option<String>,
    },
    /// The shopper fetches them.
    PickUp,
    /// There is nothing to carry.
    Virtual,
}

impl Default for Delivery {
    fn default() -> Self {
        Self::Ship { region: None }
    }
}

impl Delivery {
    /// Where to.
    pub fn region(&self) -> Option<&str> {
        match self {
            Self::Ship { region } => region.as_deref(),
            Self::PickUp | Self::Virtual => None,
        }
    }

    /// Whether it names a region by six digits, or none.
    pub fn is_sane(&self) -> bool {
        self.region().is_none_or(|code| code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()))
    }
}

/// What the fee counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ChargedBy {
    /// Grams.
    Weight,
    /// Pieces.
    Piece,
    /// Cubic centimetres.
    Volume,
}

/// What it costs to some regions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rule {
    /// To regions whose code begins like one of these (`33` a province, `3301` a city, `330106` a district); everywhere
    /// else when none is named.
    pub regions: Vec<String>,
    /// Nothing is carried there.
    pub refused: bool,
    /// The first so many grams, pieces or cubic centimetres …
    pub first: i64,
    /// … cost this much.
    pub first_fee_minor: i64,
    /// Every further so many …
    pub next: i64,
    /// … cost this much.
    pub next_fee_minor: i64,
    /// Free from this price of the goods on.
    pub free_from_minor: Option<i64>,
    /// Free from so many pieces on.
    pub free_from_pieces: Option<i64>,
}

/// What bringing things costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// What staff call it.
    pub name: String,
    /// Of every amount.
    pub currency: Currency,
    /// What the fee counts.
    pub by: ChargedBy,
    /// By region; exactly one for everywhere else.
    pub rules: Vec<Rule>,
}

/// What goes by one template.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// How many pieces.
    pub pieces: i64,
    /// What they weigh together.
    pub grams: i64,
    /// The room they take together.
    pub cm3: i64,
    /// What they cost together.
    pub goods_minor: i64,
}

/// What it costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fee {
    /// So much.
    Minor(i64),
    /// Nothing, because enough is bought; it would have cost this much.
    Free(i64),
    /// It is not carried there.
    Refused,
}

/// Why a template is not kept: the field that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wrong(pub &'static str);

impl Template {
    /// The template, if its rules make sense and leave no region out.
    pub fn checked(self) -> Result<Self, Wrong> {
        if self.name.trim().is_empty() || self.name.chars().count() > 60 {
            return Err(Wrong("name"));
        }
        if self.rules.len() > MOST_RULES || self.rules.iter().filter(|rule| rule.regions.is_empty()).count() != 1 {
            return Err(Wrong("rules"));
        }
        let mut named: Vec<&str> = self.rules.iter().flat_map(|rule| &rule.regions).map(String::as_str).collect();
        let code = |code: &&str| [2, 4, 6].contains(&code.len()) && code.bytes().all(|b| b.is_ascii_digit());
        let well_formed = named.iter().all(code);
        named.sort_unstable();
        if !well_formed || named.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(Wrong("rules.regions"));
        }
        let fee = |minor: i64| (0..=HIGHEST_FEE).contains(&minor);
        for rule in &self.rules {
            if !fee(rule.first_fee_minor) || !fee(rule.next_fee_minor) || rule.free_from_minor.is_some_and(|from| !fee(from)) {
                return Err(Wrong("rules.fees"));
            }
            if rule.first < 0 || rule.next < 0 || (rule.next == 0 && rule.next_fee_minor > 0) {
                return Err(Wrong("rules.steps"));
            }
            if rule.free_from_pieces.is_some_and(|pieces| pieces < 1) {
                return Err(Wrong("rules.freeFromPieces"));
            }
        }
        Ok(self)
    }

    /// The rule for a region: the one that names it most exactly, else the one for everywhere else.
    pub fn rule(&self, region: Option<&str>) -> Option<&Rule> {
        let exactness = |rule: &Rule| match region {
            Some(code) => rule.regions.iter().filter(|prefix| code.starts_with(prefix.as_str())).map(String::len).max(),
            None => None,
        };
        let named = self.rules.iter().filter_map(|rule| exactness(rule).map(|length| (length, rule)));
        named.max_by_key(|(length, _)| *length).map(|(_, rule)| rule).or_else(|| self.rules.iter().find(|rule| rule.regions.is_empty()))
    }

    /// What bringing the load to a region costs.
    pub fn fee(&self, load: Load, region: Option<&str>) -> Fee {
        let Some(rule) = self.rule(region) else { return Fee::Refused };
        if rule.refused {
            return Fee::Refused;
        }
        let units = match self.by {
            ChargedBy::Weight => load.grams,
            ChargedBy::Piece => load.pieces,
            ChargedBy::Volume => load.cm3,
        };
        let beyond = units.saturating_sub(rule.first).max(0);
        let steps = if rule.next > 0 { beyond.saturating_add(rule.next - 1) / rule.next } else { 0 };
        let fee = rule.first_fee_minor.saturating_add(steps.saturating_mul(rule.next_fee_minor));
        let enough = rule.free_from_minor.is_some_and(|from| load.goods_minor >= from)
            || rule.free_from_pieces.is_some_and(|from| load.pieces >= from);
        if enough { Fee::Free(fee) } else { Fee::Minor(fee) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rule(regions: &[&str], fee: i64) -> Rule {
        let regions = regions.iter().map(|code| (*code).to_owned()).collect();
        Rule { regions, first: 1_000, first_fee_minor: fee, next: 500, next_fee_minor: 200, ..Rule::default() }
    }

    fn template(rules: Vec<Rule>) -> Template {
        Template { name: "usual".into(), currency: Currency::Cny, by: ChargedBy::Weight, rules }
    }

    fn grams(grams: i64) -> Load {
        Load { pieces: 1, grams, ..Load::default() }
    }

    #[test]
    fn the_most_exact_rule_counts() {
        let usual = template(vec![rule(&[], 1_000), rule(&["33"], 600), rule(&["330106", "31"], 300)]);
        for (region, fee) in [(None, 1_000), (Some("110101"), 1_000), (Some("330201"), 600), (Some("330106"), 300), (Some("310115"), 300)] {
            assert_eq!(usual.fee(grams(800), region), Fee::Minor(fee), "{region:?}");
        }
    }

    #[test]
    fn every_begun_step_costs_and_enough_is_free() {
        let mut usual = template(vec![Rule { free_from_minor: Some(9_900), free_from_pieces: Some(5), ..rule(&[], 1_000) }]);
        for (weight, fee) in [(0, 1_000), (1_000, 1_000), (1_001, 1_200), (1_500, 1_200), (1_501, 1_400)] {
            assert_eq!(usual.fee(grams(weight), None), Fee::Minor(fee), "{weight}");
        }
        assert_eq!(usual.fee(Load { goods_minor: 9_900, ..grams(1_200) }, None), Fee::Free(1_200));
        assert_eq!(usual.fee(Load { pieces: 5, ..grams(1_200) }, None), Fee::Free(1_200));
        usual.by = ChargedBy::Piece;
        usual.rules[0] = Rule { first: 1, first_fee_minor: 500, next: 1, next_fee_minor: 100, ..Rule::default() };
        assert_eq!(usual.fee(Load { pieces: 4, ..Load::default() }, None), Fee::Minor(800));
        usual.by = ChargedBy::Volume;
        assert_eq!(usual.fee(Load { cm3: 3, ..Load::default() }, None), Fee::Minor(700));
    }

    #[test]
    fn what_is_not_carried_is_refused_and_what_makes_no_sense_is_not_kept() {
        let far = Rule { refused: true, ..rule(&["65"], 0) };
        assert_eq!(template(vec![rule(&[], 1), far]).fee(grams(1), Some("650102")), Fee::Refused);
        let wrong = |rules| template(rules).checked().expect_err("is wrong").0;
        assert_eq!(wrong(vec![]), "rules");
        assert_eq!(wrong(vec![rule(&[], 1), rule(&[], 2)]), "rules");
        assert_eq!(wrong(vec![rule(&[], 1), rule(&["3"], 2)]), "rules.regions");
        assert_eq!(wrong(vec![rule(&[], 1), rule(&["33"], 2), rule(&["33"], 2)]), "rules.regions");
        assert_eq!(wrong(vec![Rule { first_fee_minor: -1, ..rule(&[], 1) }]), "rules.fees");
        assert_eq!(wrong(vec![Rule { next: 0, ..rule(&[], 1) }]), "rules.steps");
        assert_eq!(wrong(vec![Rule { free_from_pieces: Some(0), ..rule(&[], 1) }]), "rules.freeFromPieces");
        assert!(template(vec![rule(&[], 1), rule(&["33"], 2)]).checked().is_ok());
        assert!(!Delivery::Ship { region: Some("33".into()) }.is_sane());
    }

    proptest! {
        #[test]
        fn more_never_costs_less_unless_it_is_free(a in 0..100_000_i64, b in 0..100_000_i64, next in 1..5_000_i64) {
            let usual = template(vec![Rule { next, ..rule(&[], 700) }]);
            let fee = |weight| match usual.fee(grams(weight), None) { Fee::Minor(minor) => minor, other => panic!("{other:?}") };
            prop_assert!(fee(a.min(b)) <= fee(a.max(b)));
        }
    }
}

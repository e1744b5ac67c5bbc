//! Languages: Chinese first, English beside it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A language the mall speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, async_graphql::Enum)]
pub enum Locale {
    /// Simplified Chinese.
    #[default]
    #[serde(rename = "zh-CN")]
    ZhCn,
    /// English.
    #[serde(rename = "en")]
    En,
}

impl Locale {
    /// Every language, the default first.
    pub const ALL: [Self; 2] = [Self::ZhCn, Self::En];

    /// The BCP 47 tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::ZhCn => "zh-CN",
            Self::En => "en",
        }
    }

    /// The best language for an `Accept-Language` header, by its weights; Chinese when nothing fits.
    pub fn negotiate(accept: &str) -> Self {
        let mut best = (0_u32, Self::default());
        for part in accept.split(',') {
            let mut pieces = part.trim().split(';');
            let tag = pieces.next().unwrap_or_default().trim().to_ascii_lowercase();
            let weight = pieces.find_map(|p| p.trim().strip_prefix("q=")).map_or(1000, thousandths);
            let known = if tag.starts_with("zh") {
                Some(Self::ZhCn)
            } else if tag.starts_with("en") {
                Some(Self::En)
            } else {
                None
            };
            if let Some(locale) = known
                && weight > best.0
            {
                best = (weight, locale);
            }
        }
        best.1
    }
}

/// `0.85` → 850; anything else weighs nothing.
fn thousandths(q: &str) -> u32 {
    let (whole, fraction) = q.trim().split_once('.').unwrap_or((q.trim(), ""));
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    whole.parse::<u32>().ok().zip(digits.parse::<u32>().ok()).map_or(0, |(w, f)| (w * 1000 + f).min(1000))
}

/// A text in some languages; a JSON column and, in GraphQL, the one text that suits the reader.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, sea_orm::FromJsonQueryResult)]
pub struct LocalizedText(pub BTreeMap<Locale, String>);

impl LocalizedText {
    /// Chinese and English.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self(BTreeMap::from([(Locale::ZhCn, zh.into()), (Locale::En, en.into())]))
    }

    /// The text in `locale`, else in the default language, else in any.
    pub fn get(&self, locale: Locale) -> &str {
        self.0.get(&locale).or_else(|| self.0.get(&Locale::default())).or_else(|| self.0.values().next()).map_or("", String::as_str)
    }

    /// Whether no language has a visible character.
    pub fn is_blank(&self) -> bool {
        self.0.values().all(|text| text.trim().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reader_gets_the_language_they_weigh_most() {
        for (accept, locale) in [
            ("", Locale::ZhCn),
            ("en", Locale::En),
            ("en-GB;q=0.5, zh;q=0.9", Locale::ZhCn),
            ("fr, en;q=0.2", Locale::En),
            ("de", Locale::ZhCn),
            ("en;q=x", Locale::ZhCn),
        ] {
            assert_eq!(Locale::negotiate(accept), locale, "{accept}");
        }
    }

    #[test]
    fn a_missing_language_falls_back() {
        let text = LocalizedText(BTreeMap::from([(Locale::En, "tea".into())]));
        assert_eq!(text.get(Locale::ZhCn), "tea");
        assert_eq!(LocalizedText::default().get(Locale::En), "");
    }
}

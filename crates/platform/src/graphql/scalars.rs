//! Numbers and money as GraphQL sees them.

use async_graphql::{InputObject, InputValueError, InputValueResult, Scalar, ScalarType, SimpleObject, Value};
use kernel::{Currency, Locale, LocalizedText, Money};

/// A whole number of 64 bits. Amounts need it: 32 bits end at ¥21 474 836.47. Text of digits is accepted too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Long(pub i64);

/// A whole number of 64 bits. Amounts need it: 32 bits end at ¥21 474 836.47. Text of digits is accepted too.
#[Scalar]
impl ScalarType for Long {
    fn parse(value: Value) -> InputValueResult<Self> {
        let parsed = match &value {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.parse().ok(),
            _ => return Err(InputValueError::expected_type(value)),
        };
        parsed.map(Self).ok_or_else(|| InputValueError::custom("not a whole number of 64 bits"))
    }

    fn to_value(&self) -> Value {
        Value::from(self.0)
    }
}

/// An amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SimpleObject)]
#[graphql(name = "Money")]
pub struct MoneyObject {
    /// Minor units: cents, fen.
    pub amount: Long,
    /// The currency.
    pub currency: Currency,
}

impl From<Money> for MoneyObject {
    fn from(money: Money) -> Self {
        Self { amount: Long(money.minor), currency: money.currency }
    }
}

/// An amount of money.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct MoneyInput {
    /// Minor units: cents, fen.
    pub amount: Long,
    /// The currency.
    pub currency: Currency,
}

impl From<MoneyInput> for Money {
    fn from(money: MoneyInput) -> Self {
        Self::new(money.amount.0, money.currency)
    }
}

/// A text in every language, as staff edit it; shoppers get the one that suits them.
#[derive(Clone, Debug, Default, PartialEq, Eq, SimpleObject)]
#[graphql(name = "LocalizedText")]
pub struct LocalizedTextObject {
    /// In simplified Chinese.
    pub zh_cn: Option<String>,
    /// In English.
    pub en: Option<String>,
}

impl From<&LocalizedText> for LocalizedTextObject {
    fn from(text: &LocalizedText) -> Self {
        Self { zh_cn: text.0.get(&Locale::ZhCn).cloned(), en: text.0.get(&Locale::En).cloned() }
    }
}

/// A text in every language; a language that is missing or blank falls back to Chinese.
#[derive(Clone, Debug, Default, InputObject)]
pub struct LocalizedTextInput {
    /// In simplified Chinese.
    pub zh_cn: Option<String>,
    /// In English.
    pub en: Option<String>,
}

impl From<LocalizedTextInput> for LocalizedText {
    fn from(text: LocalizedTextInput) -> Self {
        let texts = [(Locale::ZhCn, text.zh_cn), (Locale::En, text.en)];
        let written = |(locale, text): (Locale, Option<String>)| {
            let text = text?.trim().to_owned();
            (!text.is_empty()).then_some((locale, text))
        };
        Self(texts.into_iter().filter_map(written).collect())
    }
}

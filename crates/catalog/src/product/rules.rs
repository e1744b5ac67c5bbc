//! What makes a product sound, decided without a database.

use std::collections::{BTreeMap, HashSet};

use kernel::{CategoryId, Currency, Detail, Locale, LocalizedText, MediaId, Money, Refusal, SkuId};
use serde::Serialize;

use crate::prices::rules::Named;

/// Things to choose between, at most.
pub const MOST_OPTIONS: usize = 3;
/// Values of one thing to choose, at most.
pub const MOST_VALUES: usize = 50;
/// SKUs of one product, at most.
pub const MOST_SKUS: usize = 200;
/// Pictures of one product, at most.
pub const MOST_MEDIA: usize = 20;
/// Facts about one product, at most.
pub const MOST_ATTRIBUTES: usize = 50;
/// Shelves one product stands on, at most.
pub const MOST_CATEGORIES: usize = 10;
/// The highest price in minor units; a thousand pieces of a thousand lines still fit 64 bits.
pub const HIGHEST_PRICE: i64 = 1_000_000_000_000;
/// The longest title and subtitle, in characters.
pub const LONGEST_TITLE: usize = 120;
/// The longest option, value, fact, in characters.
pub const LONGEST_WORD: usize = 200;
/// The longest description, in characters.
pub const LONGEST_DESCRIPTION: usize = 20_000;
/// The longest code of a SKU and the longest external reference, in characters.
pub const LONGEST_CODE: usize = 64;
/// The first stock of a SKU and its weight in grams, at most.
pub const MOST_OF_IT: i64 = 1_000_000_000;

/// Why a product is not saved, or not put on sale.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no such product.
    #[error("there is no such product")]
    NotFound,
    /// No Chinese title.
    #[error("a title in zh-CN is needed")]
    Title,
    /// A text is too long.
    #[error("{field} is longer than {limit} characters")]
    TooLong {
        /// Which one.
        field: &'static str,
        /// How long it may be.
        limit: usize,
    },
    /// A list is too long.
    #[error("{field} has more than {limit} entries")]
    TooMany {
        /// Which one.
        field: &'static str,
        /// How many it may have.
        limit: usize,
    },
    /// An option or a value has no Chinese name, or two have the same, or there is nothing to choose from.
    #[error("options need distinct Chinese names and distinct values")]
    Options,
    /// A fact without a Chinese name or value.
    #[error("attributes need a name and a value in zh-CN")]
    Attributes,
    /// No SKU at all.
    #[error("a product has at least one SKU")]
    NoSkus,
    /// A SKU does not choose one value of every option.
    #[error("a SKU chooses one value of every option")]
    Choices,
    /// Two SKUs choose the same.
    #[error("two SKUs choose the same values")]
    SameChoices,
    /// A code is missing, long or has spaces around it.
    #[error("a SKU's code has 1 to {LONGEST_CODE} characters")]
    Code,
    /// Another SKU has the code.
    #[error("another SKU has this code")]
    CodeTaken,
    /// The SKU is not one of this product.
    #[error("the SKU is not one of this product")]
    ForeignSku,
    /// Below one minor unit, or beyond reason.
    #[error("a price is at least one minor unit")]
    Price,
    /// The market price is below the price.
    #[error("a market price is not below the price")]
    MarketPrice,
    /// What is called the first price was not asked first.
    #[error("a first price is not above what was asked first")]
    NotFirstPrice,
    /// SKUs of one product in two currencies.
    #[error("the SKUs of a product have one currency")]
    Currency,
    /// Negative, or beyond reason.
    #[error("a weight is between 0 and {MOST_OF_IT} grams")]
    Weight,
    /// Negative, or beyond reason.
    #[error("a volume is between 0 and {MOST_OF_IT} cubic centimetres")]
    Volume,
    /// Below nothing, or above the whole.
    #[error("a tax is between 0 and 10 000 basis points")]
    Tax,
    /// Negative, or beyond reason.
    #[error("a first stock is between 0 and {MOST_OF_IT}")]
    Stock,
    /// Stock of a SKU that has a shelf already.
    #[error("the stock of an existing SKU is adjusted, not set")]
    StockKnown,
    /// There is no such category.
    #[error("there is no such category")]
    NoCategory,
    /// There is no such picture.
    #[error("there is no such picture")]
    NoMedia,
    /// The external reference is blank or long.
    #[error("an external reference has 1 to {LONGEST_CODE} characters")]
    Reference,
    /// Another product has the external reference.
    #[error("another product has this external reference")]
    ReferenceTaken,
    /// Somebody changed it since the caller read it.
    #[error("the product was changed meanwhile")]
    Changed,
    /// It never was on sale.
    #[error("a draft is not on sale")]
    Draft,
    /// Options were changed without the SKUs that choose between them.
    #[error("options and SKUs change together")]
    OptionsWithoutSkus,
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "PRODUCT_NOT_FOUND",
            Self::Title => "PRODUCT_TITLE_REQUIRED",
            Self::TooLong { .. } => "PRODUCT_TEXT_TOO_LONG",
            Self::TooMany { .. } => "PRODUCT_TOO_MANY",
            Self::Options => "PRODUCT_OPTIONS_INVALID",
            Self::Attributes => "PRODUCT_ATTRIBUTES_INVALID",
            Self::NoSkus => "PRODUCT_SKUS_REQUIRED",
            Self::Choices => "PRODUCT_SKU_CHOICES_INVALID",
            Self::SameChoices => "PRODUCT_SKU_CHOICES_TWICE",
            Self::Code => "PRODUCT_SKU_CODE_INVALID",
            Self::CodeTaken => "PRODUCT_SKU_CODE_TAKEN",
            Self::ForeignSku => "PRODUCT_SKU_FOREIGN",
            Self::Price => "PRODUCT_PRICE_INVALID",
            Self::MarketPrice => "PRODUCT_MARKET_PRICE_INVALID",
            Self::NotFirstPrice => "PRODUCT_FIRST_PRICE_NOT_ASKED",
            Self::Currency => "PRODUCT_CURRENCY_MIXED",
            Self::Weight => "PRODUCT_WEIGHT_INVALID",
            Self::Volume => "PRODUCT_VOLUME_INVALID",
            Self::Tax => "PRODUCT_TAX_INVALID",
            Self::Stock => "PRODUCT_STOCK_INVALID",
            Self::StockKnown => "PRODUCT_STOCK_KNOWN",
            Self::NoCategory => "PRODUCT_NO_SUCH_CATEGORY",
            Self::NoMedia => "PRODUCT_NO_SUCH_MEDIA",
            Self::Reference => "PRODUCT_REFERENCE_INVALID",
            Self::ReferenceTaken => "PRODUCT_REFERENCE_TAKEN",
            Self::Changed => "PRODUCT_CHANGED_MEANWHILE",
            Self::Draft => "PRODUCT_NEVER_ON_SALE",
            Self::OptionsWithoutSkus => "PRODUCT_OPTIONS_WITHOUT_SKUS",
        }
    }

    fn field(&self) -> Option<&'static str> {
        Some(match self {
            Self::NotFound | Self::Draft => "id",
            Self::Title => "title",
            Self::TooLong { field, .. } | Self::TooMany { field, .. } => field,
            Self::Options => "options",
            Self::Attributes => "attributes",
            Self::NoSkus | Self::OptionsWithoutSkus => "skus",
            Self::Choices | Self::SameChoices => "skus.choices",
            Self::Code | Self::CodeTaken => "skus.code",
            Self::ForeignSku => "skus.id",
            Self::Price | Self::Currency => "skus.price",
            Self::MarketPrice | Self::NotFirstPrice => "skus.marketPrice",
            Self::Weight => "skus.weightGrams",
            Self::Volume => "volumeCm3",
            Self::Tax => "taxBps",
            Self::Stock | Self::StockKnown => "skus.stock",
            Self::NoCategory => "categoryIds",
            Self::NoMedia => "mediaIds",
            Self::Reference | Self::ReferenceTaken => "externalReference",
            Self::Changed => "readAt",
        })
    }

    fn detail(&self) -> Detail {
        match self {
            Self::TooLong { limit, .. } | Self::TooMany { limit, .. } => Detail::Limit(i64::try_from(*limit).unwrap_or(i64::MAX)),
            _ => Detail::None,
        }
    }
}

/// A product as it would be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Draft {
    /// What it is called.
    pub title: LocalizedText,
    /// What makes it worth a look.
    pub subtitle: LocalizedText,
    /// Everything else.
    pub description: LocalizedText,
    /// Facts: name and value.
    pub attributes: Vec<(LocalizedText, LocalizedText)>,
    /// What a buyer chooses between.
    pub options: Vec<Axis>,
    /// What is sold.
    pub skus: Vec<SkuDraft>,
    /// Its shelves, the most fitting first.
    pub categories: Vec<CategoryId>,
    /// Its pictures, the cover first.
    pub media: Vec<MediaId>,
    /// Its key in another system.
    pub external_reference: Option<String>,
    /// Whether there is nothing to carry: it is there when it is paid.
    pub is_virtual: bool,
}

/// One thing to choose.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Axis {
    /// "Size".
    pub name: LocalizedText,
    /// "250 g", "500 g".
    pub values: Vec<LocalizedText>,
}

/// A price to compare with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct MarketPrice {
    /// How much, in minor units.
    pub minor: i64,
    /// Whose it is.
    pub base: Named,
}

/// A SKU as it would be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SkuDraft {
    /// The SKU it is already; a known code says the same.
    pub id: Option<SkuId>,
    /// Unique in the mall.
    pub code: String,
    /// For each option, which of its values.
    pub choices: Vec<usize>,
    /// What one costs.
    pub price: Money,
    /// A price to compare with.
    pub market_price: Option<MarketPrice>,
    /// What one weighs.
    pub weight_grams: i64,
    /// Its own picture.
    pub image: Option<MediaId>,
    /// What lies there at first; only for a new one.
    pub stock: Option<i64>,
}

/// Checks everything that needs no look at other products.
pub fn check(draft: &Draft) -> Result<(), Refused> {
    if !is_chinese(&draft.title) {
        return Err(Refused::Title);
    }
    short(&draft.title, "title", LONGEST_TITLE)?;
    short(&draft.subtitle, "subtitle", LONGEST_TITLE)?;
    short(&draft.description, "description", LONGEST_DESCRIPTION)?;
    few(draft.attributes.len(), "attributes", MOST_ATTRIBUTES)?;
    few(draft.media.len(), "mediaIds", MOST_MEDIA)?;
    few(draft.categories.len(), "categoryIds", MOST_CATEGORIES)?;
    for (name, value) in &draft.attributes {
        if !is_chinese(name) || !is_chinese(value) {
            return Err(Refused::Attributes);
        }
        short(name, "attributes", LONGEST_WORD)?;
        short(value, "attributes", LONGEST_WORD)?;
    }
    if draft.external_reference.as_deref().is_some_and(|reference| !is_code(reference)) {
        return Err(Refused::Reference);
    }
    check_options(&draft.options)?;
    check_skus(&draft.options, &draft.skus)
}

fn check_options(options: &[Axis]) -> Result<(), Refused> {
    few(options.len(), "options", MOST_OPTIONS)?;
    let names: Vec<&LocalizedText> = options.iter().map(|option| &option.name).collect();
    if !distinct_chinese(&names) {
        return Err(Refused::Options);
    }
    for option in options {
        let values: Vec<&LocalizedText> = option.values.iter().collect();
        few(values.len(), "options.values", MOST_VALUES)?;
        if values.is_empty() || !distinct_chinese(&values) {
            return Err(Refused::Options);
        }
        for text in values.into_iter().chain([&option.name]) {
            short(text, "options", LONGEST_WORD)?;
        }
    }
    Ok(())
}

fn check_skus(options: &[Axis], skus: &[SkuDraft]) -> Result<(), Refused> {
    let first = skus.first().ok_or(Refused::NoSkus)?;
    few(skus.len(), "skus", MOST_SKUS)?;
    let (mut combinations, mut codes, mut ids) = (HashSet::new(), HashSet::new(), HashSet::new());
    for sku in skus {
        let fits =
            sku.choices.len() == options.len() && sku.choices.iter().zip(options).all(|(&choice, option)| choice < option.values.len());
        if !fits {
            return Err(Refused::Choices);
        }
        if !combinations.insert(&sku.choices) {
            return Err(Refused::SameChoices);
        }
        if !is_code(&sku.code) {
            return Err(Refused::Code);
        }
        if !codes.insert(&sku.code) {
            return Err(Refused::CodeTaken);
        }
        if sku.id.is_some_and(|id| !ids.insert(id)) {
            return Err(Refused::ForeignSku);
        }
        if !(1..=HIGHEST_PRICE).contains(&sku.price.minor) {
            return Err(Refused::Price);
        }
        if sku.market_price.is_some_and(|market| !(sku.price.minor..=HIGHEST_PRICE).contains(&market.minor)) {
            return Err(Refused::MarketPrice);
        }
        if sku.price.currency != first.price.currency {
            return Err(Refused::Currency);
        }
        if !(0..=MOST_OF_IT).contains(&sku.weight_grams) {
            return Err(Refused::Weight);
        }
        if sku.stock.is_some_and(|stock| !(0..=MOST_OF_IT).contains(&stock)) {
            return Err(Refused::Stock);
        }
    }
    Ok(())
}

/// The cheapest and the dearest of them.
pub fn price_range(skus: &[SkuDraft]) -> Result<(i64, i64, Currency), Refused> {
    let low = skus.iter().map(|sku| sku.price.minor).min();
    let high = skus.iter().map(|sku| sku.price.minor).max();
    let currency = skus.first().map(|sku| sku.price.currency);
    low.zip(high).zip(currency).map(|((low, high), currency)| (low, high, currency)).ok_or(Refused::NoSkus)
}

/// The chosen values as one text, in every language: "红色 / 大".
pub fn label(options: &[Axis], choices: &[usize]) -> LocalizedText {
    let chosen: Vec<&LocalizedText> = options.iter().zip(choices).filter_map(|(option, &choice)| option.values.get(choice)).collect();
    if chosen.is_empty() {
        return LocalizedText::default();
    }
    let texts: BTreeMap<Locale, String> =
        Locale::ALL.iter().map(|&locale| (locale, chosen.iter().map(|value| value.get(locale)).collect::<Vec<_>>().join(" / "))).collect();
    LocalizedText(texts)
}

/// Whether a product can be bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Never shown yet.
    Draft,
    /// Shown and sold.
    OnSale,
    /// Taken down.
    OffSale,
}

/// Puts on sale; `None` when it is there already.
pub fn publish(status: Status) -> Option<Status> {
    (status != Status::OnSale).then_some(Status::OnSale)
}

/// Takes down; `None` when it is down already.
pub fn unpublish(status: Status) -> Result<Option<Status>, Refused> {
    match status {
        Status::Draft => Err(Refused::Draft),
        Status::OnSale => Ok(Some(Status::OffSale)),
        Status::OffSale => Ok(None),
    }
}

fn is_chinese(text: &LocalizedText) -> bool {
    text.0.get(&Locale::ZhCn).is_some_and(|text| !text.trim().is_empty())
}

fn distinct_chinese(texts: &[&LocalizedText]) -> bool {
    let distinct: HashSet<&str> = texts.iter().filter(|text| is_chinese(text)).map(|text| text.get(Locale::ZhCn).trim()).collect();
    distinct.len() == texts.len()
}

fn is_code(code: &str) -> bool {
    !code.is_empty() && code.trim() == code && code.chars().count() <= LONGEST_CODE && !code.chars().any(char::is_control)
}

fn short(text: &LocalizedText, field: &'static str, limit: usize) -> Result<(), Refused> {
    if text.0.values().any(|text| text.chars().count() > limit) { Err(Refused::TooLong { field, limit }) } else { Ok(()) }
}

fn few(count: usize, field: &'static str, limit: usize) -> Result<(), Refused> {
    if count > limit { Err(Refused::TooMany { field, limit }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(zh: &str) -> LocalizedText {
        LocalizedText::new(zh, "en")
    }

    fn sku(code: &str, choices: &[usize]) -> SkuDraft {
        SkuDraft {
            id: None,
            code: code.to_owned(),
            choices: choices.to_vec(),
            price: Money::new(100, Currency::Cny),
            market_price: None,
            weight_grams: 1,
            image: None,
            stock: Some(1),
        }
    }

    fn tea() -> Draft {
        let size = Axis { name: text("规格"), values: vec![text("50 克"), text("100 克")] };
        Draft { title: text("茶"), options: vec![size], skus: vec![sku("a", &[0]), sku("b", &[1])], ..Draft::default() }
    }

    fn refused(change: impl FnOnce(&mut Draft)) -> Refused {
        let mut draft = tea();
        change(&mut draft);
        check(&draft).expect_err("is refused")
    }

    #[test]
    fn a_sound_product_passes() {
        assert_eq!(check(&tea()), Ok(()));
        let plain = Draft { options: vec![], skus: vec![sku("a", &[])], ..tea() };
        assert_eq!(check(&plain), Ok(()));
    }

    #[test]
    fn each_fault_has_its_name() {
        assert_eq!(refused(|d| d.title = LocalizedText(BTreeMap::from([(Locale::En, "tea".into())]))), Refused::Title);
        assert_eq!(refused(|d| d.title = text(" ")), Refused::Title);
        assert!(matches!(refused(|d| d.title = text(&"茶".repeat(121))), Refused::TooLong { field: "title", limit: 120 }));
        assert!(matches!(refused(|d| d.media = vec![MediaId(uuid::Uuid::nil()); 21]), Refused::TooMany { field: "mediaIds", .. }));
        assert_eq!(refused(|d| d.attributes = vec![(text("产地"), text(""))]), Refused::Attributes);
        assert_eq!(refused(|d| d.external_reference = Some(" x".into())), Refused::Reference);
        assert_eq!(refused(|d| d.options[0].values.clear()), Refused::Options);
        assert_eq!(refused(|d| d.options[0].values[1] = text(" 50 克")), Refused::Options);
        assert_eq!(refused(|d| d.options.push(d.options[0].clone())), Refused::Options);
        assert!(matches!(refused(|d| d.options = vec![d.options[0].clone(); 4]), Refused::TooMany { field: "options", limit: 3 }));
        assert_eq!(refused(|d| d.skus.clear()), Refused::NoSkus);
        assert_eq!(refused(|d| d.skus[0].choices = vec![2]), Refused::Choices);
        assert_eq!(refused(|d| d.skus[0].choices = vec![]), Refused::Choices);
        assert_eq!(refused(|d| d.skus[0].choices = vec![1]), Refused::SameChoices);
        assert_eq!(refused(|d| d.skus[0].code = "b".into()), Refused::CodeTaken);
        assert_eq!(refused(|d| d.skus[0].code = "\n".into()), Refused::Code);
        for minor in [0, -1, i64::MIN, HIGHEST_PRICE + 1] {
            assert_eq!(refused(|d| d.skus[0].price.minor = minor), Refused::Price);
        }
        assert_eq!(refused(|d| d.skus[0].market_price = Some(MarketPrice { minor: 99, base: Named::OtherChannel })), Refused::MarketPrice);
        assert_eq!(refused(|d| d.skus[0].price.currency = Currency::Usd), Refused::Currency);
        assert_eq!(refused(|d| d.skus[0].weight_grams = -1), Refused::Weight);
        assert_eq!(refused(|d| d.skus[0].stock = Some(-1)), Refused::Stock);
    }

    #[test]
    fn publishing_twice_is_once() {
        assert_eq!(publish(Status::Draft), Some(Status::OnSale));
        assert_eq!(publish(Status::OnSale), None);
        assert_eq!(unpublish(Status::OffSale), Ok(None));
        assert_eq!(unpublish(Status::Draft), Err(Refused::Draft));
    }

    #[test]
    fn labels_name_what_was_chosen() {
        assert_eq!(label(&tea().options, &[1]).get(Locale::ZhCn), "100 克");
        assert!(label(&[], &[]).is_blank());
    }

    proptest! {
        #[test]
        fn a_full_matrix_is_always_sound(sizes in prop::collection::vec(1..5_usize, 0..4), minor in 1..HIGHEST_PRICE) {
            let options: Vec<Axis> = sizes
                .iter()
                .enumerate()
                .map(|(i, &n)| Axis { name: text(&format!("选项{i}")), values: (0..n).map(|v| text(&format!("值{v}"))).collect() })
                .collect();
            let combinations = sizes.iter().fold(vec![vec![]], |all: Vec<Vec<usize>>, &n| {
                all.iter().flat_map(|c| (0..n).map(move |v| [c.as_slice(), &[v]].concat())).collect()
            });
            let skus = combinations.iter().enumerate().map(|(i, choices)| SkuDraft {
                price: Money::new(minor, Currency::Cny),
                ..sku(&i.to_string(), choices)
            });
            let draft = Draft { options, skus: skus.collect(), ..tea() };
            prop_assert_eq!(check(&draft), Ok(()));
            let doubled = Draft { skus: draft.skus.iter().cloned().chain([SkuDraft { code: "again".into(), ..draft.skus[0].clone() }]).collect(), ..draft };
            prop_assert_eq!(check(&doubled), Err(Refused::SameChoices));
        }
    }
}

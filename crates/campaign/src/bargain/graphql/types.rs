//! Types of both APIs. A type both show differently is a base here, merged with each API's own part.

use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use catalog::product::service::SkuInfo;
use entity::campaign::{bargain_cut as cut_table, bargain_record as record};
use identity::customer::graphql::{CustomerSummary, summary};
use kernel::{BargainId, BargainRecordId, Currency, CustomerId, Detail, Fault, Money, SkuId, Timestamp};
use platform::{
    graphql::{ContextExt, Long, MoneyObject, answer},
    messages::message,
};

use super::loaders;
use crate::bargain::{
    events::CutMade,
    proof::{CutProof, Proof},
    rules::{
        self,
        campaign::Phase,
        terms::{BuyAt, FirstCut, Goal, Prices, Terms},
    },
    store::{self, Campaign},
};

/// Where a campaign stands now: what staff decided, and what its window and the clock make of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "BargainState", remote = "Phase")]
pub enum BargainState {
    /// Being written; no shopper sees it.
    Draft,
    /// Published; begins at its start.
    Scheduled,
    /// Customers may begin.
    Running,
    /// Stopped for now: no new record, no new cut; a reached floor can still be bought.
    Paused,
    /// Over: no new record; records go on to their own deadlines.
    Ended,
}

/// Where a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "BargainRecordState", remote = "record::RecordState")]
pub enum BargainRecordState {
    /// Friends may cut.
    Running,
    /// Every cut was made: it waits for its order.
    FloorReached,
    /// An order was placed and is not paid yet; cancelled unpaid, the record can be used again.
    Ordered,
    /// Bought.
    Paid,
    /// Its time ran out above the floor.
    Expired,
    /// The floor was reached and nobody bought in time.
    PayExpired,
}

/// Who makes the first cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "BargainFirstCut", remote = "FirstCut")]
pub enum BargainFirstCut {
    /// The owner, when the record begins.
    Owner,
    /// The first helper.
    Helper,
}

/// When a record can be bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "BargainBuyAt", remote = "BuyAt")]
pub enum BargainBuyAt {
    /// At the floor only.
    Floor,
    /// At any time, for what it costs then.
    CurrentPrice,
}

/// A SKU as a campaign sells it.
pub struct BargainSku {
    prices: Prices,
    cuts: u32,
    currency: Currency,
    info: Option<SkuInfo>,
}

/// A SKU as a campaign sells it.
#[Object]
impl BargainSku {
    /// The SKU.
    async fn sku_id(&self) -> SkuId {
        self.prices.sku
    }

    /// The chosen options as one text, in the reader's language; blank when there is nothing to choose.
    async fn options_label(&self, ctx: &Context<'_>) -> Result<&str> {
        let locale = ctx.op()?.locale;
        Ok(self.info.as_ref().map_or("", |sku| sku.options_label.get(locale)))
    }

    /// Its picture.
    async fn image_url(&self) -> Option<&str> {
        self.info.as_ref().and_then(|sku| sku.image_url.as_deref())
    }

    /// What it costs without a bargain; null when it is not sold any more.
    async fn original_price(&self) -> Option<MoneyObject> {
        self.info.as_ref().map(|sku| sku.price.into())
    }

    /// Where the price begins.
    async fn first_price(&self) -> MoneyObject {
        Money::new(self.prices.first, self.currency).into()
    }

    /// Where it ends.
    async fn floor_price(&self) -> MoneyObject {
        Money::new(self.prices.floor, self.currency).into()
    }

    /// How many cuts lead from one to the other, the owner's own first one counted.
    async fn cuts(&self) -> i32 {
        small(self.cuts.into())
    }
}

/// What both APIs show of a campaign.
pub struct BargainBase(pub Campaign);

/// What both APIs show of a campaign.
#[Object(name = "BargainBase")]
impl BargainBase {
    /// The campaign's id.
    async fn id(&self) -> BargainId {
        self.0.row.id
    }

    /// Its name in the reader's language.
    async fn title(&self, ctx: &Context<'_>) -> Result<&str> {
        Ok(self.0.row.title.get(ctx.op()?.locale))
    }

    /// A picture of what it sells.
    async fn image_url(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let shown = self.0.terms.skus().first().copied();
        Ok(loaders::skus(ctx, shown).await?.into_values().next().and_then(|sku| sku.image_url))
    }

    /// Where it stands now.
    async fn state(&self, ctx: &Context<'_>) -> Result<BargainState> {
        Ok(self.0.phase(ctx.op()?.now()).into())
    }

    /// When customers may begin.
    async fn starts_at(&self) -> Timestamp {
        self.0.row.starts_at
    }

    /// When it ends.
    async fn ends_at(&self) -> Timestamp {
        self.0.row.ends_at
    }

    /// The product it sells.
    async fn product_id(&self) -> kernel::ProductId {
        self.0.row.product
    }

    /// What it sells, from which price down to which.
    async fn skus(&self, ctx: &Context<'_>) -> Result<Vec<BargainSku>> {
        let terms = &self.0.terms;
        let mut known = loaders::skus(ctx, terms.skus()).await?;
        let sku = |prices: &Prices| BargainSku {
            prices: *prices,
            cuts: terms.goal.cuts(prices),
            currency: terms.currency,
            info: known.remove(&prices.sku),
        };
        Ok(terms.prices.iter().map(sku).collect())
    }

    /// How many hours a record runs.
    async fn run_hours(&self) -> i32 {
        small(self.0.row.run_hours)
    }

    /// How many hours a reached floor waits for its order.
    async fn pay_hours(&self) -> i32 {
        small(self.0.row.pay_hours)
    }

    /// Who makes the first cut.
    async fn first_cut(&self) -> BargainFirstCut {
        self.0.terms.first_cut.into()
    }

    /// When a record can be bought.
    async fn buy_at(&self) -> BargainBuyAt {
        self.0.terms.buy.into()
    }

    /// How many shares a helper who never bought here draws, to keep the largest; 1: as everybody.
    async fn new_customer_draws(&self) -> i32 {
        small(self.0.row.new_customer_draws)
    }

    /// How many cuts one helper may make a day in this campaign; null: any number.
    async fn helper_daily_limit(&self) -> Option<i32> {
        self.0.row.helper_daily_limit.map(small)
    }

    /// How many records one customer may begin; null: any number, one after the other.
    async fn per_customer_limit(&self) -> Option<i32> {
        self.0.row.most_per_customer.map(small)
    }

    /// The rules as sentences in the reader's language, in the order they matter.
    async fn rules(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        let locale = ctx.op()?.locale;
        Ok(sentences(&self.0.terms).into_iter().map(|(code, detail)| message(locale, code, &detail)).collect())
    }
}

/// The rules a shopper should read, as message codes.
fn sentences(terms: &Terms) -> Vec<(&'static str, Detail)> {
    let n = |n: u32| Detail::Limit(n.into());
    let mut rules = vec![("BARGAIN_RULE_RUN_HOURS", n(terms.run_hours))];
    if let Goal::Cuts(cuts) = terms.goal {
        rules.push(("BARGAIN_RULE_CUTS", n(cuts)));
    }
    rules.push(("BARGAIN_RULE_EXACT", Detail::None));
    if terms.first_cut == FirstCut::Owner {
        rules.push(("BARGAIN_RULE_OWNER_CUT", Detail::None));
    }
    if terms.new_customer_draws > 1 {
        rules.push(("BARGAIN_RULE_NEW_CUSTOMERS", n(terms.new_customer_draws)));
    }
    rules.push(("BARGAIN_RULE_ONCE", Detail::None));
    if let Some(most) = terms.helper_daily_limit {
        rules.push(("BARGAIN_RULE_DAILY_LIMIT", n(most)));
    }
    rules.push(match terms.buy {
        BuyAt::Floor => ("BARGAIN_RULE_FLOOR_ONLY", Detail::None),
        BuyAt::CurrentPrice => ("BARGAIN_RULE_ANY_PRICE", Detail::None),
    });
    rules.push(("BARGAIN_RULE_PAY_HOURS", n(terms.pay_hours)));
    if let Some(most) = terms.most_per_customer {
        rules.push(("BARGAIN_RULE_CUSTOMER_LIMIT", n(most)));
    }
    rules.push(("BARGAIN_RULE_FAIR", Detail::None));
    rules
}

/// A cut somebody made.
pub struct BargainCut {
    row: cut_table::Model,
    currency: Currency,
}

impl BargainCut {
    /// A cut of a record.
    pub(super) fn of(record: &record::Model, row: cut_table::Model) -> std::result::Result<Self, Fault> {
        Ok(Self { currency: currency_of(record)?, row })
    }

    /// A cut, its currency known.
    pub(super) fn in_currency(row: cut_table::Model, currency: Currency) -> Self {
        Self { row, currency }
    }

    /// A cut as its fact told it.
    pub(super) fn told(cut: &CutMade, at: Timestamp) -> Self {
        let row = cut_table::Model {
            record: cut.record,
            no: cut.no.into(),
            helper: cut.helper,
            share_no: 0,
            amount_minor: cut.amount.minor,
            price_minor: cut.price.minor,
            draws: cut.draws.into(),
            salt: String::new(),
            created_at: at,
        };
        Self { row, currency: cut.amount.currency }
    }
}

/// A cut somebody made.
#[Object]
impl BargainCut {
    /// Its number, from 1.
    async fn no(&self) -> i32 {
        small(self.row.no)
    }

    /// Who made it; null when they closed their account.
    async fn helper(&self, ctx: &Context<'_>) -> Result<Option<CustomerSummary>> {
        summary(ctx, self.row.helper).await
    }

    /// By how much the price fell.
    async fn amount(&self) -> MoneyObject {
        Money::new(self.row.amount_minor, self.currency).into()
    }

    /// What it cost then.
    async fn price(&self) -> MoneyObject {
        Money::new(self.row.price_minor, self.currency).into()
    }

    /// Whether a new customer drew several shares for it and kept the largest.
    async fn drawn_by_new_customer(&self) -> bool {
        self.row.draws > 1
    }

    /// When it was made.
    async fn at(&self) -> Timestamp {
        self.row.created_at
    }
}

/// What both APIs show of a record.
pub struct BargainRecordBase(pub record::Model);

impl BargainRecordBase {
    fn known(&self, ctx: &Context<'_>) -> Result<rules::record::Record> {
        answer(ctx, store::aggregate(&self.0))
    }
}

/// What both APIs show of a record.
#[Object(name = "BargainRecordBase")]
impl BargainRecordBase {
    /// The record's id.
    async fn id(&self) -> BargainRecordId {
        self.0.id
    }

    /// Where it stands.
    async fn state(&self) -> BargainRecordState {
        self.0.state.into()
    }

    /// Whose it is; null when they closed their account.
    async fn owner(&self, ctx: &Context<'_>) -> Result<Option<CustomerSummary>> {
        summary(ctx, self.0.owner).await
    }

    /// What is bought.
    async fn sku_id(&self) -> SkuId {
        self.0.sku
    }

    /// The chosen options as one text, in the reader's language; blank when there is nothing to choose.
    async fn options_label(&self, ctx: &Context<'_>) -> Result<String> {
        let locale = ctx.op()?.locale;
        Ok(loaders::skus(ctx, [self.0.sku])
            .await?
            .remove(&self.0.sku)
            .map_or_else(String::new, |sku| sku.options_label.get(locale).to_owned()))
    }

    /// A picture of what is bought.
    async fn image_url(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(loaders::skus(ctx, [self.0.sku]).await?.remove(&self.0.sku).and_then(|sku| sku.image_url))
    }

    /// Where the price began.
    async fn first_price(&self, ctx: &Context<'_>) -> Result<MoneyObject> {
        Ok(self.known(ctx)?.terms.money(self.0.first_minor).into())
    }

    /// Where it ends.
    async fn floor_price(&self, ctx: &Context<'_>) -> Result<MoneyObject> {
        Ok(self.known(ctx)?.terms.money(self.0.floor_minor).into())
    }

    /// What it costs now.
    async fn price(&self, ctx: &Context<'_>) -> Result<MoneyObject> {
        Ok(self.known(ctx)?.terms.money(self.0.price_minor).into())
    }

    /// What was cut so far.
    async fn cut_off(&self, ctx: &Context<'_>) -> Result<MoneyObject> {
        Ok(self.known(ctx)?.terms.money(self.0.first_minor - self.0.price_minor).into())
    }

    /// What is left to cut: to the cent. Show it as it is; rounding it, or hiding it, is a lie.
    async fn remaining(&self, ctx: &Context<'_>) -> Result<MoneyObject> {
        Ok(self.known(ctx)?.remaining().into())
    }

    /// How many cuts lead to the floor, the owner's own first one counted.
    async fn cuts(&self) -> i32 {
        small(self.0.cuts)
    }

    /// How many were made.
    async fn cuts_made(&self) -> i32 {
        small(self.0.cuts_made)
    }

    /// How many are left: so many friends reach the floor, no more and no less.
    async fn cuts_left(&self) -> i32 {
        small(self.0.cuts - self.0.cuts_made)
    }

    /// Until when friends may cut. Count down with the server's time, not the device's.
    async fn deadline(&self) -> Timestamp {
        self.0.deadline
    }

    /// Until when the owner may order; null until the floor is reached.
    async fn pay_by(&self) -> Option<Timestamp> {
        self.0.pay_by
    }

    /// Whether the owner can order it now, at `price`.
    async fn buyable(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(rules::record::may_buy(&self.known(ctx)?, ctx.op()?.now()).is_ok())
    }

    /// When it began.
    async fn started_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// When it was bought or ran out; null before.
    async fn ended_at(&self) -> Option<Timestamp> {
        self.0.ended_at
    }

    /// SHA-256 of the seed every cut comes from, in hexadecimal, shown from the beginning. `bargainProof` has the rest.
    async fn seed_hash(&self) -> &str {
        &self.0.seed_hash
    }

    /// The latest cuts, the newest first; at most 20.
    async fn latest_cuts(&self, ctx: &Context<'_>) -> Result<Vec<BargainCut>> {
        let currency = self.known(ctx)?.terms.currency;
        Ok(loaders::latest_cuts(ctx, &self.0).await?.into_iter().map(|row| BargainCut { row, currency }).collect())
    }
}

/// Everything that proves a record's cuts. `docs/bargain.md` says how to compute them again; `liebian bargain verify` and
/// `verifyBargain` of the TypeScript client do it.
#[derive(SimpleObject)]
pub struct BargainProof {
    /// Which algorithm: `liebian.bargain.v1`.
    version: String,
    /// Whose cuts.
    record_id: BargainRecordId,
    /// The currency of every amount.
    currency: Currency,
    /// Where the price began, in minor units.
    first_minor: Long,
    /// Where it ends.
    floor_minor: Long,
    /// How many cuts lead from one to the other.
    cuts: i32,
    /// How many shares a new customer draws.
    new_customer_draws: i32,
    /// SHA-256 of the seed, in hexadecimal; the same from the beginning.
    seed_hash: String,
    /// The seed, 64 hexadecimal digits; null while a cut can follow.
    seed: Option<String>,
    /// What it costs now.
    price_minor: Long,
    /// The cuts, the first one first.
    made: Vec<BargainCutProof>,
}

/// One cut, as it is proved.
#[derive(SimpleObject)]
pub struct BargainCutProof {
    /// Its number, from 1.
    no: i32,
    /// Who made it.
    helper_id: CustomerId,
    /// The helper's own word.
    salt: String,
    /// How many shares were drawn for it.
    draws: i32,
    /// By how much the price fell, in minor units.
    amount_minor: Long,
    /// What it cost then.
    price_minor: Long,
}

impl From<Proof> for BargainProof {
    fn from(proof: Proof) -> Self {
        Self {
            version: proof.version,
            record_id: proof.record_id,
            currency: proof.currency,
            first_minor: Long(proof.first_minor),
            floor_minor: Long(proof.floor_minor),
            cuts: small(proof.cuts.into()),
            new_customer_draws: small(proof.new_customer_draws.into()),
            seed_hash: proof.seed_hash,
            seed: proof.seed,
            price_minor: Long(proof.price_minor),
            made: proof.made.into_iter().map(BargainCutProof::from).collect(),
        }
    }
}

impl From<CutProof> for BargainCutProof {
    fn from(cut: CutProof) -> Self {
        Self {
            no: small(cut.no.into()),
            helper_id: cut.helper_id,
            salt: cut.salt,
            draws: small(cut.draws.into()),
            amount_minor: Long(cut.amount_minor),
            price_minor: Long(cut.price_minor),
        }
    }
}

/// The currency of a record's amounts.
pub(super) fn currency_of(record: &record::Model) -> std::result::Result<Currency, Fault> {
    Ok(store::aggregate(record)?.terms.currency)
}

/// Every number here is bounded by a check of its table.
pub(super) fn small(n: i64) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

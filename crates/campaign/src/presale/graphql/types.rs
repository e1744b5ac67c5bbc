//! Types of both APIs.

use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use entity::campaign::{presale as table, presale_reminder as reminder, presale_reservation as reservation, presale_sku as sku};
use identity::customer::graphql::{CustomerSummary, summary};
use kernel::{Currency, Fault, Money, OrderId, PresaleId, PresaleReservationId, ProductId, SkuId, Timestamp};
use platform::{
    graphql::{ContextExt, LocalizedTextObject, MoneyObject, answer},
    live::Live,
};

use super::loaders::{RemindersOf, SkusOf, load};
use crate::presale::{campaigns, rules::Terms};

/// Where a presale stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "table::PresaleState")]
pub enum PresaleState {
    /// Being written; no shopper sees it.
    Draft,
    /// Shown; it sells within its window.
    Published,
    /// Stopped for now: nobody new reserves.
    Paused,
    /// Nobody reserves any more; balances go on.
    Ended,
}

/// What is paid first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "table::PresaleMode")]
pub enum PresaleMode {
    /// A deposit, and the balance later.
    Deposit,
    /// Everything.
    Full,
}

/// Where a reservation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "reservation::ReservationState")]
pub enum PresaleReservationState {
    /// Waits for its deposit (or for everything).
    DepositDue,
    /// Paid down; the balance is not asked for yet.
    DepositPaid,
    /// The balance can be paid.
    BalanceDue,
    /// Paid in full.
    Paid,
    /// The balance did not come; the deposit is lost.
    Forfeited,
    /// The money went back, or is on its way.
    Refunded,
    /// Given up before anything was paid.
    Released,
}

/// What a reminder is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "reminder::ReminderKind")]
pub enum PresaleReminderKind {
    /// The balance can be paid.
    Opened,
    /// The time to pay it is almost over.
    Closing,
}

/// What a customer was reminded of.
#[derive(SimpleObject)]
pub struct PresaleReminder {
    /// Of what.
    pub kind: PresaleReminderKind,
    /// When.
    pub told_at: Timestamp,
    /// When a text message went out with it; null when none did.
    pub texted_at: Option<Timestamp>,
}

impl From<reminder::Model> for PresaleReminder {
    fn from(row: reminder::Model) -> Self {
        Self { kind: row.kind.into(), told_at: row.told_at, texted_at: row.texted_at }
    }
}

pub(super) fn small(n: i64) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

/// Goods sold before they are there: for a deposit now and the balance later, or for everything now.
pub struct Presale(pub table::Model);

impl From<table::Model> for Presale {
    fn from(row: table::Model) -> Self {
        Self(row)
    }
}

/// Goods sold before they are there: for a deposit now and the balance later, or for everything now.
#[Object]
impl Presale {
    /// The presale. Ask for a deposit's price with a quote for the play `{kind: "presale", id: <this>}`.
    async fn id(&self) -> PresaleId {
        self.0.id
    }

    /// What it is called, in the reader's language.
    async fn title(&self, ctx: &Context<'_>) -> Result<&str> {
        Ok(self.0.title.get(ctx.op()?.locale))
    }

    /// What it is called, in every language.
    async fn title_texts(&self) -> LocalizedTextObject {
        (&self.0.title).into()
    }

    /// What it sells.
    async fn product_id(&self) -> ProductId {
        self.0.product
    }

    /// Where it stands.
    async fn state(&self) -> PresaleState {
        self.0.state.into()
    }

    /// What is paid first.
    async fn mode(&self) -> PresaleMode {
        self.0.mode.into()
    }

    /// Whether a deposit is lost when the balance is not paid in time; else it goes back.
    async fn forfeits(&self) -> bool {
        self.0.forfeits
    }

    /// Whether a lower price at the time of the balance is given to those who paid down.
    async fn protects_price(&self) -> bool {
        self.0.protects_price
    }

    /// In which currency.
    async fn currency(&self) -> Currency {
        self.0.currency
    }

    /// It sells from then on.
    async fn starts_at(&self) -> Timestamp {
        self.0.starts_at
    }

    /// Until then. Count down with the server's time, not the device's.
    async fn ends_at(&self) -> Timestamp {
        self.0.ends_at
    }

    /// The balance is paid from then on.
    async fn balance_from(&self) -> Timestamp {
        self.0.balance_from
    }

    /// Until then.
    async fn balance_until(&self) -> Timestamp {
        self.0.balance_until
    }

    /// Everything is shipped by then.
    async fn ship_by(&self) -> Timestamp {
        self.0.ship_by
    }

    /// Pieces one customer may have; null: any number.
    async fn per_customer_limit(&self) -> Option<i32> {
        self.0.most_per_customer.map(small)
    }

    /// Pieces that are paid down, or paid.
    async fn reserved(&self) -> i32 {
        small(self.0.reserved)
    }

    /// Pieces that are paid in full.
    async fn paid(&self) -> i32 {
        small(self.0.paid)
    }

    /// What it asks for what.
    async fn skus(&self, ctx: &Context<'_>) -> Result<Vec<PresaleSku>> {
        let skus = load(ctx, SkusOf(self.0.id)).await?.unwrap_or_default();
        Ok(skus.into_iter().map(|row| PresaleSku { terms: campaigns::terms(&self.0, &row), row }).collect())
    }
}

/// What a presale asks for one SKU.
pub struct PresaleSku {
    row: sku::Model,
    terms: Terms,
}

impl PresaleSku {
    fn money(&self, minor: i64) -> MoneyObject {
        Money::new(minor, self.terms.currency).into()
    }
}

/// What a presale asks for one SKU.
#[Object]
impl PresaleSku {
    /// Which.
    async fn sku_id(&self) -> SkuId {
        self.row.sku
    }

    /// What one piece costs altogether.
    async fn price(&self) -> MoneyObject {
        self.money(self.row.price_minor)
    }

    /// What is paid first for one.
    async fn deposit(&self) -> MoneyObject {
        self.money(self.row.deposit_minor)
    }

    /// What the deposit counts against the price.
    async fn deposit_worth(&self) -> MoneyObject {
        self.money(self.row.worth_minor)
    }

    /// What is left to pay for one after the deposit, while the regular price is not lower.
    async fn balance(&self) -> MoneyObject {
        self.money(if self.terms.in_full { 0 } else { self.row.price_minor - self.row.worth_minor })
    }

    /// How many there are.
    async fn stock(&self) -> i32 {
        small(self.row.stock)
    }

    /// How many are left.
    async fn left(&self) -> i32 {
        small(self.row.stock - self.row.taken)
    }
}

/// What a customer reserved.
pub struct PresaleReservation(pub reservation::Model);

impl From<reservation::Model> for PresaleReservation {
    fn from(row: reservation::Model) -> Self {
        Self(row)
    }
}

impl PresaleReservation {
    fn terms(&self, ctx: &Context<'_>) -> Result<Terms> {
        answer(ctx, serde_json::from_value(self.0.terms.clone()).map_err(Fault::from))
    }
}

/// What a customer reserved.
#[Object]
impl PresaleReservation {
    /// The reservation. Ask for its balance's price with a quote for the play `{kind: "presale", id: <this>}`.
    async fn id(&self) -> PresaleReservationId {
        self.0.id
    }

    /// In which presale; null when it is gone.
    async fn presale(&self, ctx: &Context<'_>) -> Result<Option<Presale>> {
        Ok(load(ctx, self.0.presale).await?.map(Presale))
    }

    /// Whose it is; null when they closed their account.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<CustomerSummary>> {
        summary(ctx, self.0.customer).await
    }

    /// What is reserved.
    async fn sku_id(&self) -> SkuId {
        self.0.sku
    }

    /// How many pieces.
    async fn quantity(&self) -> i32 {
        small(self.0.quantity)
    }

    /// Where it stands.
    async fn state(&self) -> PresaleReservationState {
        self.0.state.into()
    }

    /// What was promised for one piece: what it costs altogether.
    async fn price(&self, ctx: &Context<'_>) -> Result<MoneyObject> {
        let terms = self.terms(ctx)?;
        Ok(Money::new(terms.price, terms.currency).into())
    }

    /// What was promised for one piece: what is paid first.
    async fn deposit(&self, ctx: &Context<'_>) -> Result<MoneyObject> {
        Ok(self.terms(ctx)?.first().into())
    }

    /// What was promised for one piece: what the deposit counts.
    async fn deposit_worth(&self, ctx: &Context<'_>) -> Result<MoneyObject> {
        let terms = self.terms(ctx)?;
        Ok(Money::new(terms.worth, terms.currency).into())
    }

    /// The order of the deposit, or of everything.
    async fn deposit_order_id(&self) -> OrderId {
        self.0.deposit_order
    }

    /// The order of the balance, while there is one.
    async fn balance_order_id(&self) -> Option<OrderId> {
        self.0.balance_order
    }

    /// The balance is paid from then on.
    async fn balance_from(&self) -> Timestamp {
        self.0.balance_from
    }

    /// Until then.
    async fn balance_until(&self) -> Timestamp {
        self.0.balance_until
    }

    /// When the deposit was paid.
    async fn deposit_paid_at(&self) -> Option<Timestamp> {
        self.0.deposit_paid_at
    }

    /// When everything was paid.
    async fn paid_at(&self) -> Option<Timestamp> {
        self.0.paid_at
    }

    /// Why money was asked back: `presale-lapsed`, `presale-closed`, `presale-returned` or `presale-sold-out`; null when it
    /// was not.
    async fn refund_reason(&self) -> Option<&str> {
        self.0.refund_reason.as_deref()
    }

    /// What its customer was reminded of, the first first: that the balance can be paid, and that the time is almost over.
    async fn reminders(&self, ctx: &Context<'_>) -> Result<Vec<PresaleReminder>> {
        let rows = load(ctx, RemindersOf(self.0.id)).await?.unwrap_or_default();
        Ok(rows.into_iter().map(PresaleReminder::from).collect())
    }

    /// When it was made.
    async fn reserved_at(&self) -> Timestamp {
        self.0.created_at
    }
}

platform::connection! {
    /// Presales.
    pub struct PresaleConnection, PresaleEdge of Presale
}

platform::connection! {
    /// Reservations.
    pub struct PresaleReservationConnection, PresaleReservationEdge of PresaleReservation
}

/// A presale at a moment, and where to go on from.
#[derive(SimpleObject)]
pub struct PresaleProgress {
    /// Pass it as `after` to go on behind this state.
    pub cursor: String,
    /// Whether changes between `after` and this state can not be told any more.
    pub gap: bool,
    /// The server's time, to count down with.
    pub server_time: Timestamp,
    /// When a window opens or closes next; null when none does.
    pub next_at: Option<Timestamp>,
    /// The presale as it is now.
    pub presale: Presale,
}

impl From<Live<(table::Model, Option<Timestamp>)>> for PresaleProgress {
    fn from(frame: Live<(table::Model, Option<Timestamp>)>) -> Self {
        let (row, next_at) = frame.value;
        Self { cursor: frame.cursor, gap: frame.gap, server_time: frame.server_time, next_at, presale: row.into() }
    }
}

/// What you have to pay the balance of, and where to go on from.
#[derive(SimpleObject)]
pub struct PresaleBalances {
    /// Pass it as `after` to go on behind this state.
    pub cursor: String,
    /// Whether changes between `after` and this state can not be told any more.
    pub gap: bool,
    /// The server's time, to count down with.
    pub server_time: Timestamp,
    /// The reservations whose balance can be paid now, what ends first first; at most 50.
    pub reservations: Vec<PresaleReservation>,
}

impl From<Live<Vec<reservation::Model>>> for PresaleBalances {
    fn from(frame: Live<Vec<reservation::Model>>) -> Self {
        let reservations = frame.value.into_iter().map(PresaleReservation).collect();
        Self { cursor: frame.cursor, gap: frame.gap, server_time: frame.server_time, reservations }
    }
}

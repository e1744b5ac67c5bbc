//! What both APIs show of cases.

use async_graphql::{ComplexObject, Context, Enum, InputObject, Result, SimpleObject};
use catalog::media::graphql::Media;
use kernel::{AfterSaleId, CustomerId, MediaId, Money, OrderId, OrderLineId, RefundId, SkuId, Timestamp};
use platform::{
    graphql::{MoneyObject, payload},
    live::Live,
};

use super::loaders::{CasesOf, LinesOf, ToldOf, load};
use crate::after_sale::{
    Case, CaseLine, Refused,
    query::{Party, Told},
    rules,
};

/// What a shopper wants after they paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "rules::Kind")]
pub enum AfterSaleKind {
    /// Money back; the goods stay where they are.
    RefundOnly,
    /// Money back for goods that are sent back.
    Return,
    /// Other goods for those that are sent back.
    Exchange,
}

/// Where an after-sale case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "rules::State")]
pub enum AfterSaleState {
    /// Waits for the merchant; silent, they have agreed.
    Requested,
    /// Waits for the shopper to send the goods back; silent, they have given up.
    AwaitingReturn,
    /// The goods are on their way back; after a while they are taken as received and fine.
    Returning,
    /// The goods are here and looked at; after a while they are fine.
    Inspecting,
    /// The money is on its way back.
    Refunding,
    /// Waits for the merchant to send the replacement; silent, the money goes back instead.
    Reshipping,
    /// The replacement is on its way; after a while it is taken as received.
    Reshipped,
    /// The shopper has what they asked for.
    Done,
    /// The merchant said no; the shopper may complain.
    Rejected,
    /// The shopper gave it up, or said nothing for too long.
    Cancelled,
    /// Waits for the decision of a complaint.
    Escalated,
}

/// Why a shopper wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "rules::Reason")]
pub enum AfterSaleReason {
    /// They need none: before the goods are shipped, or within seven days, unless they confirmed an exception.
    NoReason,
    /// It is broken or of bad quality.
    Faulty,
    /// It was damaged on its way.
    Damaged,
    /// It is something else.
    WrongItem,
    /// Something is missing.
    Missing,
    /// It is not what was described.
    NotAsDescribed,
    /// It did not come, or too late.
    NotArrived,
    /// Something else.
    Other,
}

/// Who did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Party")]
pub enum AfterSaleParty {
    /// Who bought.
    Shopper,
    /// Who sells.
    Merchant,
    /// The clock, or a provider.
    System,
}

/// A wish to give goods back, or to have them changed.
#[derive(Clone, SimpleObject)]
#[graphql(complex)]
pub struct AfterSaleCase {
    /// Its id.
    id: AfterSaleId,
    /// What people call it; its refund has the same number.
    case_no: String,
    /// Of which order.
    order_id: OrderId,
    /// Whose.
    customer_id: CustomerId,
    /// What is wanted.
    kind: AfterSaleKind,
    /// Where it stands.
    state: AfterSaleState,
    /// Why.
    reason: AfterSaleReason,
    /// Why, in the shopper's words.
    note: String,
    /// How much goes back; of an exchange, how much would.
    amount: MoneyObject,
    /// Whether the money is for goods the shopper keeps.
    keeps_goods: bool,
    /// Whether nobody had to say yes.
    instant: bool,
    /// Whether the goods came back.
    goods_back: bool,
    /// Where the goods are to be sent.
    return_to: Option<String>,
    /// Who carries them back.
    carrier: Option<String>,
    /// The carrier's number for it.
    tracking_no: Option<String>,
    /// Who carries the replacement.
    replacement_carrier: Option<String>,
    /// The carrier's number for the replacement.
    replacement_tracking_no: Option<String>,
    /// The refund it became.
    refund_id: Option<RefundId>,
    /// Why the merchant said no.
    refusal: Option<String>,
    /// What happens by itself, as the state says, happens then.
    due_at: Option<Timestamp>,
    /// When it was opened.
    created_at: Timestamp,
    /// When something happened last.
    updated_at: Timestamp,
    /// When it was over.
    closed_at: Option<Timestamp>,
    #[graphql(skip)]
    money: Money,
}

impl From<Case> for AfterSaleCase {
    fn from(case: Case) -> Self {
        let (carrier, tracking_no) = case.parcel.unzip();
        let (replacement_carrier, replacement_tracking_no) = case.replacement_parcel.unzip();
        Self {
            id: case.id,
            case_no: case.case_no,
            order_id: case.order,
            customer_id: case.customer,
            kind: case.kind.into(),
            state: case.state.into(),
            reason: case.reason.into(),
            note: case.note,
            amount: case.amount.into(),
            keeps_goods: case.keeps_goods,
            instant: case.instant,
            goods_back: case.goods_back,
            return_to: case.return_to,
            carrier,
            tracking_no,
            replacement_carrier,
            replacement_tracking_no,
            refund_id: case.refund,
            refusal: case.refusal,
            due_at: case.due_at,
            created_at: case.created_at,
            updated_at: case.updated_at,
            closed_at: case.closed_at,
            money: case.amount,
        }
    }
}

#[ComplexObject]
impl AfterSaleCase {
    /// The pieces it is about.
    async fn lines(&self, ctx: &Context<'_>) -> Result<Vec<AfterSaleLine>> {
        Ok(load(ctx, LinesOf(self.id)).await?.into_iter().map(|line| AfterSaleLine::of(line, self.money)).collect())
    }

    /// What happened to it, the first first.
    async fn timeline(&self, ctx: &Context<'_>) -> Result<Vec<AfterSaleMoment>> {
        Ok(load(ctx, ToldOf(self.id)).await?.into_iter().map(Into::into).collect())
    }
}

/// Some pieces a case is about.
#[derive(SimpleObject)]
pub struct AfterSaleLine {
    /// Of which line of the order.
    order_line_id: OrderLineId,
    /// Of what.
    sku_id: SkuId,
    /// How many.
    quantity: i32,
    /// What of the case's money is for them.
    amount: MoneyObject,
    /// What is wanted instead.
    replacement_sku_id: Option<SkuId>,
}

impl AfterSaleLine {
    fn of(line: CaseLine, whole: Money) -> Self {
        Self {
            order_line_id: line.line,
            sku_id: line.sku,
            quantity: i32::try_from(line.quantity).unwrap_or(i32::MAX),
            amount: Money { minor: line.amount_minor, ..whole }.into(),
            replacement_sku_id: line.replacement,
        }
    }
}

/// A line of a timeline.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct AfterSaleMoment {
    /// What happened. Of a case: REQUESTED, INSTANT, ACCEPTED, ACCEPTED_IN_SILENCE, SENT_BACK, RECEIVED, PASSED,
    /// PASSED_IN_SILENCE, REJECTED, CANCELLED, CLOSED_IN_SILENCE, REFUND_INSTEAD, NOT_RESHIPPED, REFUND_FAILED,
    /// REFUND_AGAIN, REFUNDED, NOTHING_TO_REFUND, RESHIPPED, CONFIRMED, CONFIRMED_IN_SILENCE, ESCALATED, UPHELD,
    /// DISMISSED, NEEDS_A_PERSON, SAID. Of a complaint: FILED, ANSWERED, UNANSWERED, UPHELD, DISMISSED, WITHDRAWN, SAID.
    what: String,
    /// Who did it.
    by: AfterSaleParty,
    /// More, for people.
    note: Option<String>,
    /// When.
    at: Timestamp,
    #[graphql(skip)]
    pictures: Vec<MediaId>,
}

impl From<Told> for AfterSaleMoment {
    fn from(told: Told) -> Self {
        Self { what: told.what, by: told.by.into(), note: told.note, at: told.at, pictures: told.media }
    }
}

#[ComplexObject]
impl AfterSaleMoment {
    /// Pictures that prove it.
    async fn media(&self, ctx: &Context<'_>) -> Result<Vec<Media>> {
        let mut media = Vec::with_capacity(self.pictures.len());
        for picture in &self.pictures {
            media.extend(Media::load(ctx, *picture).await?);
        }
        Ok(media)
    }
}

/// The cases of an order, the first first.
pub async fn cases_of(ctx: &Context<'_>, order: OrderId) -> Result<Vec<AfterSaleCase>> {
    Ok(load(ctx, CasesOf(order)).await?.into_iter().map(Into::into).collect())
}

platform::connection! {
    /// A page of after-sale cases.
    pub struct AfterSaleConnection, AfterSaleEdge of AfterSaleCase
}

platform::payload! {
    /// What became of a change to an after-sale case.
    pub struct AfterSalePayload {
        /// The case as it stands now.
        case: AfterSaleCase,
    }
}

/// A parcel between shopper and merchant.
#[derive(InputObject)]
pub struct AfterSaleParcelInput {
    /// Of which case.
    pub(super) id: AfterSaleId,
    /// Who carries it.
    pub(super) carrier: String,
    /// The carrier's number for it: 4 to 64 letters, digits or dashes.
    pub(super) tracking_no: String,
}

/// Words and pictures about a case.
#[derive(InputObject)]
pub struct AfterSaleSayInput {
    /// About which case.
    pub(super) id: AfterSaleId,
    /// What; 500 characters at most.
    pub(super) note: String,
    /// Pictures the sender sent in before; 9 at most.
    #[graphql(default)]
    pub(super) media_ids: Vec<MediaId>,
}

/// A case as it stands, and as it changes.
#[derive(SimpleObject)]
pub struct AfterSaleUpdate {
    /// Resumes behind this state: pass it as `after`.
    cursor: String,
    /// Whether changes between `after` and this state can not be told any more.
    gap: bool,
    /// The server's time, to run countdowns by.
    server_time: Timestamp,
    /// The case.
    case: AfterSaleCase,
}

impl From<Live<Case>> for AfterSaleUpdate {
    fn from(frame: Live<Case>) -> Self {
        Self { cursor: frame.cursor, gap: frame.gap, server_time: frame.server_time, case: frame.value.into() }
    }
}

pub(super) fn ended(ctx: &Context<'_>, moved: std::result::Result<Case, kernel::Failure<Refused>>) -> Result<AfterSalePayload> {
    payload(ctx, moved, |case| AfterSalePayload { case: Some(case.into()), ..Default::default() })
}

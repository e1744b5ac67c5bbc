//! Providers' bills as staff see them.

use async_graphql::{Context, Enum, InputObject, Object, Result, SimpleObject};
use entity::trade::bill_difference::{DifferenceState, Problem};
use kernel::{BillId, DifferenceId, Permission, Timestamp};
use platform::graphql::{Access, ContextExt, Long, MoneyObject, answer, page_request, payload};

use super::{
    rules::Kind,
    service::{self, BeginUpload, DifferenceFilter},
};

/// A provider's bill, compared with our books.
#[derive(SimpleObject)]
pub struct ProviderBill {
    /// Its id.
    id: BillId,
    /// Whose.
    gateway: String,
    /// In whose columns it is written.
    layout: String,
    /// As its sender called it.
    file_name: String,
    /// It lists what happened from here …
    from: Timestamp,
    /// … to before here.
    until: Timestamp,
    /// Charges and refunds in it.
    lines: Long,
    /// Those that agree with our books.
    matched: Long,
    /// What does not.
    differences: Long,
    /// What nobody settled yet.
    open: Long,
    /// Who brought it.
    imported_by: String,
    /// When.
    imported_at: Timestamp,
}

impl From<service::Bill> for ProviderBill {
    fn from(bill: service::Bill) -> Self {
        Self {
            id: bill.id,
            gateway: bill.gateway,
            layout: bill.layout,
            file_name: bill.file_name,
            from: bill.from,
            until: bill.until,
            lines: Long(bill.lines),
            matched: Long(bill.matched),
            differences: Long(bill.differences),
            open: Long(bill.open),
            imported_by: bill.imported_by,
            imported_at: bill.imported_at,
        }
    }
}

platform::connection! {
    /// Providers' bills, the latest first.
    pub struct ProviderBillConnection, ProviderBillEdge of ProviderBill
}

/// What a difference is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Kind")]
pub enum BillLineKind {
    /// Money that came.
    Charge,
    /// Money that went back.
    Refund,
}

/// How a bill and our books disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Problem")]
pub enum BillProblem {
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

/// Whether somebody settled a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "DifferenceState")]
pub enum BillDifferenceState {
    /// A person must look.
    Open,
    /// Somebody did, and said what it was.
    Resolved,
}

/// Something a provider's bill and our books do not agree about.
#[derive(SimpleObject)]
pub struct BillDifference {
    /// Its id.
    id: DifferenceId,
    /// Of which bill.
    bill_id: BillId,
    /// Whose.
    gateway: String,
    /// What it is about.
    kind: BillLineKind,
    /// How they disagree.
    problem: BillProblem,
    /// Our number, or theirs when there is none of ours.
    number: String,
    /// Their number.
    provider_id: Option<String>,
    /// What we say.
    ours: Option<MoneyObject>,
    /// What they say.
    theirs: Option<MoneyObject>,
    /// Where it stands here.
    our_state: Option<String>,
    /// Where it stands there: `SETTLED` or `NOT_SETTLED`.
    their_state: Option<String>,
    /// Whether somebody settled it.
    state: BillDifferenceState,
    /// What whoever settled it said.
    note: Option<String>,
    /// Who settled it.
    resolved_by: Option<String>,
    /// When it was settled.
    resolved_at: Option<Timestamp>,
    /// When it was found.
    created_at: Timestamp,
}

impl From<service::Difference> for BillDifference {
    fn from(found: service::Difference) -> Self {
        Self {
            id: found.id,
            bill_id: found.bill,
            gateway: found.gateway,
            kind: found.kind.into(),
            problem: found.problem.into(),
            number: found.number,
            provider_id: found.provider_id,
            ours: found.ours.map(Into::into),
            theirs: found.theirs.map(Into::into),
            our_state: found.our_state,
            their_state: found.their_state,
            state: found.state.into(),
            note: found.note,
            resolved_by: found.resolved_by,
            resolved_at: found.resolved_at,
            created_at: found.created_at,
        }
    }
}

platform::connection! {
    /// What bills and books do not agree about, the latest first.
    pub struct BillDifferenceConnection, BillDifferenceEdge of BillDifference
}

/// Providers' bills, for staff.
#[derive(Default)]
pub struct ReconciliationAdminQuery;

#[Object]
impl ReconciliationAdminQuery {
    /// Providers' bills, the latest first.
    #[graphql(guard = "Access::Staff(Permission::LedgerRead)")]
    async fn provider_bills(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of this gateway only.")] gateway: Option<String>,
        #[graphql(desc = "How many, 20 when not given, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "The cursor of the bill to go on behind.")] after: Option<String>,
    ) -> Result<ProviderBillConnection> {
        let page = page_request(ctx, first, after)?;
        Ok(answer(ctx, service::bills(ctx.op()?, (gateway, page)).await)?.map(Into::into).into())
    }

    /// One bill.
    #[graphql(guard = "Access::Staff(Permission::LedgerRead)")]
    async fn provider_bill(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: BillId) -> Result<Option<ProviderBill>> {
        Ok(answer(ctx, service::get(ctx.op()?, id).await)?.map(Into::into))
    }

    /// What bills and books do not agree about, the latest first.
    #[graphql(guard = "Access::Staff(Permission::LedgerRead)")]
    #[allow(clippy::too_many_arguments, reason = "they are the field's arguments")]
    async fn bill_differences(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of this bill only.")] bill_id: Option<BillId>,
        #[graphql(desc = "Of this gateway only.")] gateway: Option<String>,
        #[graphql(desc = "That stand here only.")] state: Option<BillDifferenceState>,
        #[graphql(desc = "How many, 20 when not given, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "The cursor of the difference to go on behind.")] after: Option<String>,
    ) -> Result<BillDifferenceConnection> {
        let page = page_request(ctx, first, after)?;
        let filter = DifferenceFilter { bill: bill_id, gateway, state: state.map(Into::into) };
        Ok(answer(ctx, service::differences(ctx.op()?, (filter, page)).await)?.map(Into::into).into())
    }
}

/// A bill that is announced.
#[derive(InputObject)]
pub struct ProviderBillUploadBeginInput {
    /// Whose: `wechat`, `alipay`, `stripe` or `sandbox`.
    gateway: String,
    /// The file's name.
    file_name: String,
    /// How large it is.
    bytes: Long,
    /// It lists what happened from here …
    from: Timestamp,
    /// … to before here; a month at most.
    until: Timestamp,
}

platform::payload! {
    /// Where to send an announced bill.
    pub struct ProviderBillUploadBeginPayload {
        /// A path on this server; PUT the file's bytes there. The answer is the bill's id.
        upload_url: String,
        /// Not later than this.
        expires_at: Timestamp,
    }
}

platform::payload! {
    /// What became of a bill that was asked for.
    pub struct ProviderBillFetchPayload {
        /// The bill, compared.
        bill: ProviderBill,
    }
}

platform::payload! {
    /// What became of a difference.
    pub struct BillDifferenceResolvePayload {
        /// The difference as it stands now.
        difference: BillDifference,
    }
}

/// What staff do about providers' bills.
#[derive(Default)]
pub struct ReconciliationAdminMutation;

#[Object]
impl ReconciliationAdminMutation {
    /// Announces a provider's bill; its bytes are then PUT to the address in the answer.
    #[graphql(guard = "Access::Staff(Permission::LedgerWrite)")]
    async fn provider_bill_upload_begin(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The bill.")] input: ProviderBillUploadBeginInput,
    ) -> Result<ProviderBillUploadBeginPayload> {
        let ProviderBillUploadBeginInput { gateway, file_name, bytes, from, until } = input;
        let begun = service::begin(ctx.op()?, BeginUpload { gateway, file_name, bytes: bytes.0, from, until });
        payload(ctx, begun, |ticket| ProviderBillUploadBeginPayload {
            upload_url: Some(ticket.upload_url),
            expires_at: Some(ticket.expires_at),
            ..Default::default()
        })
    }

    /// Asks a provider itself for its bill of a day.
    #[graphql(guard = "Access::Staff(Permission::LedgerWrite)")]
    async fn provider_bill_fetch(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] gateway: String,
        #[graphql(desc = "Of which day, in the provider's own time zone: `2026-11-11`.")] day: String,
    ) -> Result<ProviderBillFetchPayload> {
        let fetched = service::fetch(ctx.op()?, &gateway, &day).await;
        payload(ctx, fetched, |bill| ProviderBillFetchPayload { bill: Some(bill.into()), ..Default::default() })
    }

    /// Says what a difference was. Nothing else changes by it.
    #[graphql(guard = "Access::Staff(Permission::LedgerWrite)")]
    async fn bill_difference_resolve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: DifferenceId,
        #[graphql(desc = "What it was; 500 characters at most.")] note: String,
    ) -> Result<BillDifferenceResolvePayload> {
        let settled = service::resolve(ctx.op()?, id, &note).await;
        payload(ctx, settled, |found| BillDifferenceResolvePayload { difference: Some(found.into()), ..Default::default() })
    }
}

//! Statements as files, for shoppers and staff.

use async_graphql::{Context, Enum, InputObject, Object, Result};
use kernel::{Currency, CustomerId, Permission, Timestamp};
use platform::graphql::{Access, ContextExt, answer, payload};

use super::service::{self, Form, Subject, Wanted};

/// Of what a statement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum StatementSubject {
    /// A wallet.
    Wallet,
    /// Points that can be spent.
    Points,
    /// Points that wait.
    FrozenPoints,
}

/// In which form a statement is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Form")]
pub enum StatementForm {
    /// Comma-separated values in UTF-8.
    Csv,
    /// A spreadsheet.
    Xlsx,
}

/// A statement as a file.
#[derive(InputObject)]
pub struct StatementExportInput {
    /// Of what.
    subject: StatementSubject,
    /// A wallet's currency; yuan when not given.
    #[graphql(default_with = "Currency::Cny")]
    currency: Currency,
    /// In which form.
    form: StatementForm,
    /// Not before this.
    from: Timestamp,
    /// Before this; a year later at most.
    until: Timestamp,
}

impl StatementExportInput {
    fn of(self, customer: CustomerId) -> Wanted {
        let subject = match self.subject {
            StatementSubject::Wallet => Subject::Wallet(self.currency),
            StatementSubject::Points => Subject::Points,
            StatementSubject::FrozenPoints => Subject::FrozenPoints,
        };
        Wanted { customer, subject, form: self.form.into(), from: self.from, until: self.until }
    }
}

platform::payload! {
    /// Where a statement's file is.
    pub struct StatementExportPayload {
        /// A path on this server to read the file at; whoever knows it may.
        url: String,
        /// Not later than this.
        expires_at: Timestamp,
    }
}

fn exported(
    ctx: &Context<'_>,
    begun: std::result::Result<service::Ticket, kernel::Failure<super::Refused>>,
) -> Result<StatementExportPayload> {
    payload(ctx, begun, |ticket| StatementExportPayload {
        url: Some(ticket.url),
        expires_at: Some(ticket.expires_at),
        ..Default::default()
    })
}

/// A shopper's statements as files.
#[derive(Default)]
pub struct ExportShopMutation;

#[Object]
impl ExportShopMutation {
    /// Gives the address of a file with the signed-in shopper's statement.
    #[graphql(guard = "Access::Customer")]
    async fn statement_export(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The statement.")] input: StatementExportInput,
    ) -> Result<StatementExportPayload> {
        let op = ctx.op()?;
        let customer = answer(ctx, op.customer())?;
        exported(ctx, service::begin(op, input.of(customer)))
    }
}

/// Customers' statements as files, for staff.
#[derive(Default)]
pub struct ExportAdminMutation;

#[Object]
impl ExportAdminMutation {
    /// Gives the address of a file with a customer's statement.
    #[graphql(guard = "Access::Staff(Permission::LedgerRead)")]
    async fn customer_statement_export(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] customer_id: CustomerId,
        #[graphql(desc = "The statement.")] input: StatementExportInput,
    ) -> Result<StatementExportPayload> {
        exported(ctx, service::begin(ctx.op()?, input.of(customer_id)))
    }
}

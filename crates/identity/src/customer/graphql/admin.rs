//! What staff ask about shoppers.

use async_graphql::{Context, Object, Result};
use kernel::{CustomerId, Permission};
use platform::graphql::{Access, ContextExt, answer, page_request};

use super::types::{Customer, CustomerConnection};
use crate::customer::service;

/// Queries.
#[derive(Default)]
pub struct AdminQuery;

#[Object(name = "CustomerAdminQuery")]
impl AdminQuery {
    /// Shoppers, the newest first.
    #[graphql(guard = "Access::Staff(Permission::CustomerRead)")]
    async fn customers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The exact phone, or how the nickname begins.")] search: Option<String>,
        #[graphql(desc = "How many, 1 to 100; 20 when absent.")] first: Option<i32>,
        #[graphql(desc = "Behind this row.")] after: Option<String>,
    ) -> Result<CustomerConnection> {
        let page = page_request(ctx, first, after)?;
        let found = answer(ctx, service::find(ctx.op()?, search, page).await)?;
        Ok(found.map(Customer::from).into())
    }

    /// One shopper; null when there is none.
    #[graphql(guard = "Access::Staff(Permission::CustomerRead)")]
    async fn customer(&self, ctx: &Context<'_>, #[graphql(desc = "Whose id.")] id: CustomerId) -> Result<Option<Customer>> {
        use kernel::Failure::Refused;
        match service::get(ctx.op()?, id).await {
            Err(Refused(_)) => Ok(None),
            found => answer(ctx, found).map(|customer| Some(customer.into())),
        }
    }
}

//! The exceptions as shoppers and staff see them.

use async_graphql::{Context, Enum, InputObject, Object, Result};
use kernel::{Permission, SkuId};
use platform::graphql::{Access, ContextExt, payload};

use super::{ReturnException, service};

/// Why goods cannot be given back within seven days without a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "ReturnException")]
pub enum SkuReturnException {
    /// Made for this shopper.
    CustomMade,
    /// Fresh, or soon past its date.
    Perishable,
    /// Downloaded, or its seal is broken.
    Digital,
    /// A newspaper or magazine that was delivered.
    Periodical,
    /// By its nature; the shopper confirms it when they buy.
    ByNature,
}

/// Whether SKUs can be given back.
#[derive(InputObject)]
pub struct SkuReturnRuleSetInput {
    /// Which SKUs; 200 at most.
    sku_ids: Vec<SkuId>,
    /// Why they cannot be given back without a reason; leave it out when they can.
    exception: Option<SkuReturnException>,
}

platform::payload! {
    /// What became of `skuReturnRuleSet`.
    pub struct SkuReturnRuleSetPayload {
        /// The SKUs that have the rule now.
        sku_ids: Vec<SkuId>,
    }
}

/// What staff say about giving goods back.
#[derive(Default)]
pub struct ReturnsAdminMutation;

#[Object]
impl ReturnsAdminMutation {
    /// Says whether SKUs can be given back within seven days without a reason. Orders that were placed keep what the
    /// shopper confirmed.
    #[graphql(guard = "Access::Staff(Permission::CatalogWrite)")]
    async fn sku_return_rule_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rule.")] input: SkuReturnRuleSetInput,
    ) -> Result<SkuReturnRuleSetPayload> {
        let set = service::set(ctx.op()?, (&input.sku_ids, input.exception.map(Into::into))).await;
        payload(ctx, set, |()| SkuReturnRuleSetPayload { sku_ids: Some(input.sku_ids), ..Default::default() })
    }
}

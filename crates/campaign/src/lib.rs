//! Campaign: marketing plays. Each is a folder; the first is [`group_buy`], and every later one is laid out like it.

#![recursion_limit = "256"]

pub mod bargain;
pub mod console;
pub mod crowdfunding;
pub mod demo;
pub mod exclusive;
pub mod flash_sale;
pub mod group_buy;
pub mod offers;
pub mod presale;

mod plays;

pub use plays::Plays;

use std::sync::Arc;

use platform::{Op, Registry, ports::Ports};

/// Declares the plays: what each registers, its loaders, and the roots of both APIs. A new play is one more token.
macro_rules! capabilities { ($($play:ident),* $(,)?) => {
    /// Registers what happens behind the requests.
    pub fn register(r: &mut Registry) {
        $($play::register(r);)*
    }

    /// Gives a request its loaders.
    pub fn loaders(op: &Op, request: async_graphql::Request) -> async_graphql::Request {
        $(let request = $play::graphql::loaders::loaders(op, request);)*
        request
    }

    /// What shoppers ask.
    #[derive(async_graphql::MergedObject, Default)]
    #[graphql(name = "CampaignShopQuery")]
    pub struct ShopQuery($($play::graphql::shop::ShopQuery),*);

    /// What shoppers do.
    #[derive(async_graphql::MergedObject, Default)]
    #[graphql(name = "CampaignShopMutation")]
    pub struct ShopMutation($($play::graphql::shop::ShopMutation),*);

    /// What shoppers watch.
    #[derive(async_graphql::MergedSubscription, Default)]
    #[graphql(name = "CampaignShopSubscription")]
    pub struct ShopSubscription($($play::graphql::shop::ShopSubscription),*);

    /// What staff ask.
    #[derive(async_graphql::MergedObject, Default)]
    #[graphql(name = "CampaignAdminQuery")]
    pub struct AdminQuery($($play::graphql::admin::AdminQuery),*);

    /// What staff do.
    #[derive(async_graphql::MergedObject, Default)]
    #[graphql(name = "CampaignAdminMutation")]
    pub struct AdminMutation($($play::graphql::admin::AdminMutation),*);

    /// What staff watch.
    #[derive(async_graphql::MergedSubscription, Default)]
    #[graphql(name = "CampaignAdminSubscription")]
    pub struct AdminSubscription($($play::graphql::admin::AdminSubscription),*);
}; }

capabilities! { bargain, crowdfunding, flash_sale, group_buy, presale }

/// The answer to trade's question what a play asks for a SKU.
pub fn play_prices() -> Plays {
    Plays
}

/// Plugs in what plays keep in this process. The prices of plays are plugged by whoever has trade.
pub fn plug(ports: &mut Ports) {
    ports.plug(Arc::new(flash_sale::desk::Desk::default()));
}

//! The two schemas: the shopper's and the operator's. Each is the merge of what the contexts offer; nothing is decided here.

#![recursion_limit = "256"]

mod system;

use async_graphql::{MergedObject, MergedSubscription, Request, SDLExportOptions, Schema};
use platform::Op;

/// What a shopper can ask.
#[derive(MergedObject, Default)]
#[graphql(name = "Query")]
pub struct ShopQuery(
    system::ShopQuery,
    identity::ShopQuery,
    catalog::ShopQuery,
    promotion::ShopQuery,
    trade::ShopQuery,
    campaign::ShopQuery,
);

/// What a shopper can do.
#[derive(MergedObject, Default)]
#[graphql(name = "Mutation")]
pub struct ShopMutation(identity::ShopMutation, promotion::ShopMutation, trade::ShopMutation, campaign::ShopMutation);

/// What a shopper can watch.
#[derive(MergedSubscription, Default)]
#[graphql(name = "Subscription")]
pub struct ShopSubscription(catalog::ShopSubscription, trade::ShopSubscription, campaign::ShopSubscription);

/// What staff can ask.
#[derive(MergedObject, Default)]
#[graphql(name = "Query")]
pub struct AdminQuery(
    system::AdminQuery,
    identity::AdminQuery,
    catalog::AdminQuery,
    promotion::AdminQuery,
    trade::AdminQuery,
    campaign::AdminQuery,
);

/// What staff can do.
#[derive(MergedObject, Default)]
#[graphql(name = "Mutation")]
pub struct AdminMutation(
    system::AdminMutation,
    identity::AdminMutation,
    catalog::AdminMutation,
    promotion::AdminMutation,
    trade::AdminMutation,
    campaign::AdminMutation,
);

/// What staff can watch.
#[derive(MergedSubscription, Default)]
#[graphql(name = "Subscription")]
pub struct AdminSubscription(trade::AdminSubscription, campaign::AdminSubscription);

/// The shopper's schema.
pub type ShopSchema = Schema<ShopQuery, ShopMutation, ShopSubscription>;

/// The operator's schema.
pub type AdminSchema = Schema<AdminQuery, AdminMutation, AdminSubscription>;

/// Builds the shopper's schema.
pub fn shop() -> ShopSchema {
    Schema::new(ShopQuery::default(), ShopMutation::default(), ShopSubscription::default())
}

/// Builds the operator's schema.
pub fn admin() -> AdminSchema {
    Schema::new(AdminQuery::default(), AdminMutation::default(), AdminSubscription::default())
}

/// A request on behalf of `op`: its context data and a fresh set of loaders.
pub fn request(op: Op, request: Request) -> Request {
    let request = identity::loaders(&op, request);
    let request = catalog::loaders(&op, request);
    let request = promotion::loaders(&op, request);
    let request = trade::loaders(&op, request);
    let request = campaign::loaders(&op, request);
    request.data(op)
}

/// The shopper's SDL as committed in `schema/shop.graphql`.
pub fn shop_sdl() -> String {
    sdl(&shop().sdl_with_options(sdl_options()))
}

/// The operator's SDL as committed in `schema/admin.graphql`.
pub fn admin_sdl() -> String {
    sdl(&admin().sdl_with_options(sdl_options()))
}

fn sdl_options() -> SDLExportOptions {
    SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items()
}

/// Without trailing blanks, with one newline at the end.
fn sdl(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    format!("{}\n", lines.join("\n").trim_end())
}

//! Marketing plays: their campaigns and what customers do in them.

pub mod group_buy;
pub mod group_buy_seat;
pub mod group_buy_sku;
pub mod group_buy_team;
pub mod play_sku;
pub mod play_sku_fence;

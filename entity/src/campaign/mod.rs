//! Marketing plays: their campaigns and what customers do in them.

pub mod bargain;
pub mod bargain_cut;
pub mod bargain_helper_day;
pub mod bargain_record;
pub mod bargain_sku;
pub mod crowdfunding;
pub mod crowdfunding_pledge;
pub mod crowdfunding_poll;
pub mod crowdfunding_stretch;
pub mod crowdfunding_tier;
pub mod crowdfunding_update;
pub mod crowdfunding_vote;
pub mod flash_sale;
pub mod flash_sale_customer;
pub mod flash_sale_item;
pub mod flash_sale_pass;
pub mod flash_sale_purchase;
pub mod group_buy;
pub mod group_buy_seat;
pub mod group_buy_sku;
pub mod group_buy_team;
pub mod play_sku;
pub mod play_sku_fence;
pub mod presale;
pub mod presale_reservation;
pub mod presale_sku;

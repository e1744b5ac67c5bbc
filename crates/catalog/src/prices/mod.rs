//! What a SKU costs, what it cost before, and who decided it (价格历史, 划线价).
//!
//! Every change of a price is a **span**: from one moment to another a list, or an offer on top of it, asks so much. The
//! list's spans follow each other without a gap; offers lie over them, and the lowest is the price.
//!
//! A price shown struck through is a claim, and the price rules of the PRC (明码标价和禁止价格欺诈规定, 国家市场监督管理总局令
//! 第 56 号) say what may be claimed: who does not name the base of a reduction compares with **the lowest price of the
//! seven days before it began**, and a price raised for the purpose is no base at all. The law speaks of the lowest price
//! of a deal; we take the lowest price asked, which no deal at the list can have been below. Where that is not above what
//! is asked now, nothing is struck through. See [`rules::compare_at`]. Another price — the maker's recommended one, the first
//! one of this mall, another channel's — may be higher, if what it is stands beside it: whoever writes one names its base,
//! and shoppers are told it ([`rules::struck`]). What is called the first price is held against this history.
//!
//! What is charged is decided elsewhere (time discounts, member prices, plays); whoever decides it answers the port
//! [`Offers`], and says what will be asked when through [`service::offer`].

pub mod graphql;
mod port;
pub mod rules;
pub mod service;
#[cfg(test)]
mod tests;

pub use port::{Activity, Offers, SkuOffer};

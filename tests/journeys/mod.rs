//! What people do, from the first look to the parcel: the whole mall over HTTP and sockets, on both backends.

mod after_sale;
mod bargain;
mod catalog;
mod console;
mod crowdfunding;
mod flash_sale;
mod fulfilment;
mod group_buy;
mod money;
mod offers;
mod order;
mod payments;
mod plays;
mod presale;

//! Orders, their money, and the books.

pub mod ledger_block;
pub mod ledger_entry;
pub mod ledger_posting;

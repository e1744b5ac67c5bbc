//! Statements as files: CSV in a stream, XLSX in one piece, both of bounded length.
//!
//! Whoever may see a statement asks for a file and gets an address with a sealed token: it says whose statement, of which
//! time, in which form, and is good for a quarter of an hour. The file itself is read page by page while it is sent, so a
//! long one needs no memory; a spreadsheet is built whole and therefore shorter.
//!
//! Text that a spreadsheet would take for a formula is made text ([`table::safe`]).

mod error;
pub mod graphql;
pub mod service;
pub mod table;

pub use error::Refused;

//! Reconciliation: what a provider says it did for us, compared with what we say.
//!
//! ```text
//!  the provider's bill (a file of theirs, uploaded by staff or fetched) ─▶ lines ─┐
//!                                                                                 ├─ compare ─▶ matched
//!  our payments, top-ups and refunds through that provider, in that time ────────┘          └▶ differences: OPEN ─▶ RESOLVED
//! ```
//!
//! The layouts are the providers' own ([`layouts`]): WeChat Pay's trade bill with its backticks, Alipay's business details
//! in GBK, Stripe's balance transactions, and one for the sandbox. A file counts once, by its digest.
//!
//! Differences are of five kinds: the provider has what we do not (**missing here**), we have what it does not (**missing
//! there**), another **amount**, another **state**, or a number that it lists **twice**. A person settles each with a note;
//! nothing is ever changed in the books because of a bill. What is missing there because its day ended in between is
//! settled by itself when the next bill lists it.
//!
//! Invariants: a bill's lines and differences are written in one transaction · a file counts once · a difference is settled
//! once.

mod archive;
mod error;
pub mod graphql;
pub mod layouts;
pub mod rules;
pub mod service;
mod store;

pub use error::Refused;

//! Bargain on a real database: [`story`] tells what happens to one record, [`races`] lets everything happen at once,
//! [`proofs`] holds the proving against its vectors, [`staff`] promises and keeps, [`graphql`] looks at it from outside.

mod graphql;
mod proofs;
mod races;
pub(crate) mod shop;
mod staff;
mod story;
mod words;

//! Group buy on a real database: [`crowd`] sits people down and lets them pay, [`seats`] tells the story of one team,
//! [`races`] lets everything happen at once, [`graphql`] looks at it from outside.

pub(crate) mod bank;
mod crowd;
mod demo;
mod graphql;
mod orders;
mod races;
mod seats;
pub(crate) mod shop;
mod staff;
mod words;

//! What a flash sale allows, decided without a database, a clock or a network.
//!
//! [`sale`]: what a session promises and when it sells. [`counter`]: who of a batch of shoppers gets what.

pub mod counter;
pub mod sale;

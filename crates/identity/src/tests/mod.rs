//! What is tested across capabilities, and the mall they are all tested in.

pub(crate) mod mall;
mod messages;
mod schema;

//! The transport over real sockets: a small schema whose streams the test holds in its hand.

mod caller;
mod load;
mod operations;
mod rules;
mod sse;
mod stage;

//! The providers behind the [`Gateway`](super::gateway::Gateway) port, one file each.

pub mod sandbox;

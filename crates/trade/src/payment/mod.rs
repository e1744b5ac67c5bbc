//! Payment: the port providers stand behind, and the providers.

pub mod gateway;
pub mod gateways;

//! The root crate: processes, configuration and HTTP.

pub mod http;

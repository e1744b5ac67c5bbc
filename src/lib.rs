//! The binary's parts, as a library so that tests start the very same mall.

#![recursion_limit = "256"]

pub mod app;
mod bank;
pub mod cli;
pub mod config;
pub mod demo;
mod doctor;
pub mod http;
pub mod registry;
mod telemetry;
mod worker;

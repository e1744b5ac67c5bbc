//! The bank and WeChat over real HTTP: every refusal, every fault, and what a kill leaves behind.
#![allow(clippy::unwrap_used)]

mod callbacks;
mod cashier;
mod crash;
mod faults;
mod strict;
mod vectors;
mod wechat;
mod world;

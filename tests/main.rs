//! One test binary, so that it is linked once.

mod access;
mod architecture;
mod bad_input;
mod binary;
mod cluster;
mod crash;
mod demo;
mod flash_sale;
mod journeys;
mod live;
mod live_client;
mod protocol;
mod races;
mod sdl;
mod shell;
mod statements;
mod web;

//! One test binary, so that it is linked once.

mod access;
mod architecture;
mod bad_input;
mod binary;
mod live;
mod protocol;
mod sdl;
mod shell;
mod statements;

//! One test binary, so that it is linked once.

mod access;
mod architecture;
mod protocol;
mod sdl;
mod shell;

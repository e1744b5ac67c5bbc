//! One test binary, so that it is linked once.

mod architecture;
mod sdl;
mod shell;

//! One test binary, so that it is linked once.

mod shell;

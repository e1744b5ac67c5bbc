//! Friends cut a price down, before each other's eyes.

//! The client of the sandbox provider: signed requests over HTTP, signed answers and notifications back.

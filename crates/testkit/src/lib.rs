//! The kit tests are written with: the real mall on a free port, a bank, servers, clients, a clock that is moved.
//!
//! ```text
//!  both_backends! ─▶ TestApp ─┬─ liebian::app::start   real HTTP and sockets, port 0
//!                             ├─ Database              a copy of a migrated template
//!                             ├─ Bank                  the simulated provider, with faults
//!                             └─ FakeClock             stands still; `advance` moves it and settles
//! ```
//!
//! Only for tests; nothing of it is in the binary.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that cannot go on says so by panicking")]
#![recursion_limit = "256"]

pub mod app;
pub mod bargaining;
pub mod calls;
pub mod client;
pub mod database;
pub mod flash_sale;
pub mod goods;
pub mod invariants;
pub mod mall;
pub mod people;
pub mod process;
pub mod providers;
pub mod servers;
pub mod shopping;
pub mod socket;
pub mod sse;

pub use app::TestApp;
pub use client::{Answer, Api, Client, Watching};
pub use database::{Backend, Database};
pub use goods::{Goods, cents, yuan};
pub use mall::Mall;
pub use people::Customer;
pub use servers::Server;
pub use shopping::{Deal, GroupBuy, Purchase, WhenFull, fresh_key};

/// Declares tests that run on both backends: `both_backends! { async fn name(app: TestApp) { … } }` makes
/// `name::sqlite` and `name::postgres`.
#[macro_export]
macro_rules! both_backends {
    ($($(#[$attribute:meta])* async fn $name:ident($app:ident: TestApp) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            $(#[$attribute])*
            async fn test($app: $crate::TestApp) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                test($crate::TestApp::start($crate::Backend::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                test($crate::TestApp::start($crate::Backend::Postgres).await).await;
            }
        }
    )*};
}

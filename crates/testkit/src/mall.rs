//! A mall that was started, whoever started it: what tests arrange and look at from within.

use std::sync::Arc;

use kernel::Timestamp;
use liebian::app::App;
use platform::{Op, Platform};

use crate::client::Client;

/// A started mall.
pub struct Mall(App);

impl Mall {
    /// Of a mall that was started.
    pub fn new(app: App) -> Self {
        Self(app)
    }

    /// Somebody nobody knows.
    pub fn stranger(&self) -> Client {
        Client::anonymous(self.url())
    }

    /// Where the mall answers.
    pub fn url(&self) -> String {
        format!("http://{}", self.0.addr())
    }

    /// What the mall runs on.
    pub fn platform(&self) -> &Arc<Platform> {
        self.0.platform()
    }

    /// An operation of the system, to arrange things with.
    pub fn op(&self) -> Op {
        self.0.platform().system("test")
    }

    /// The time in the mall.
    pub fn now(&self) -> Timestamp {
        self.0.platform().clock.now()
    }

    /// Does what is due, until nothing is.
    pub async fn work(&self) {
        self.0.worker().settle().await.expect("what is due can be done");
    }

    /// How many SQL statements were sent so far.
    pub fn statements(&self) -> u64 {
        self.0.platform().db.statements()
    }

    /// The application.
    pub fn app(&self) -> &App {
        &self.0
    }

    /// Stops it, as a signal would.
    pub async fn stop(self) {
        self.0.stop().await.expect("it stops");
    }
}

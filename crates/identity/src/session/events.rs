//! Facts about sessions.

use kernel::{Event, SessionId, Timestamp, Topic};
use serde::{Deserialize, Serialize};

use super::{Ended, Owner};

/// A session ended before its time: its access tokens open nothing any more, its sockets must close.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRevoked {
    /// Which one.
    pub session: SessionId,
    /// Whose it was.
    pub owner: Owner,
    /// Why.
    pub reason: Ended,
    /// When.
    pub at: Timestamp,
}

impl Event for SessionRevoked {
    const NAME: &'static str = "identity.session_revoked.v1";

    fn topics(&self) -> Vec<Topic> {
        vec![topic(self.session)]
    }
}

/// The live topic of one session: watched by its sockets, changed when it is revoked.
pub fn topic(session: SessionId) -> Topic {
    Topic::of("identity.session", session)
}

//! Facts, told after they happened, and the live topics they touch.

use serde::{Serialize, de::DeserializeOwned};

/// A live topic: what a subscriber watches. A topic carries no data, only "look again".
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Topic(pub String);

impl Topic {
    /// The topic of one thing: `Topic::of("group_buy.team", team_id)`.
    pub fn of(kind: &str, id: impl std::fmt::Display) -> Self {
        Self(format!("{kind}:{id}"))
    }
}

/// A fact others may rely on: named in the past tense, versioned, never renamed.
pub trait Event: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// `"<capability>.<what happened>.v<n>"`.
    const NAME: &'static str;

    /// The live topics whose watchers must look again.
    fn topics(&self) -> Vec<Topic> {
        Vec::new()
    }

    /// The live topics whose followers are told this very fact, in order. It is kept a while for those who come back.
    fn feeds(&self) -> Vec<Topic> {
        Vec::new()
    }

    /// The live topics that are numbered with the commit and told right after it, however much there is to hand on. Only
    /// those of something whose row every writer locks anyway: their numbers make the others wait for no longer.
    fn at_once(&self) -> Vec<Topic> {
        Vec::new()
    }
}

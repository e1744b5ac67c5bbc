//! The port through which marketing plays set prices.

use async_trait::async_trait;
use kernel::{Detail, Failure, Refusal, TeamId};
use platform::Op;
use promotion::pricing::PlayPrice;
use serde::{Deserialize, Serialize};

use super::service::WantedLine;

/// Which play sets the price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlayRef {
    /// Which kind (`group_buy`).
    pub kind: String,
    /// Which play of that kind: a campaign's id, as text.
    pub id: String,
    /// Which team of it is joined; none opens a new one.
    pub team: Option<TeamId>,
    /// For how many a new team is opened, where the price depends on it.
    pub team_size: Option<u32>,
}

/// Why a play gives no price: the play's own refusal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PlayRefused {
    code: &'static str,
    field: Option<&'static str>,
    detail: Detail,
    message: String,
}

impl PlayRefused {
    /// A play's refusal, as trade passes it on.
    pub fn of(refusal: &impl Refusal) -> Self {
        Self { code: refusal.code(), field: refusal.field(), detail: refusal.detail(), message: refusal.to_string() }
    }

    /// Nobody plays this kind.
    pub fn unknown_kind() -> Self {
        let message = "there is no such kind of play".to_owned();
        Self { code: "QUOTE_PLAY_UNKNOWN", field: Some("play.kind"), detail: Detail::None, message }
    }
}

impl Refusal for PlayRefused {
    fn code(&self) -> &'static str {
        self.code
    }

    fn field(&self) -> Option<&'static str> {
        self.field
    }

    fn detail(&self) -> Detail {
        self.detail.clone()
    }
}

/// Sets the prices of plays. Answered by the campaigns, plugged in by the binary.
#[async_trait]
pub trait PlayPrices: Send + Sync + 'static {
    /// What the play asks for each of these lines instead of the base price; a line it does not answer keeps it.
    ///
    /// Asked again when the order is placed: a play that ended meanwhile refuses. Called outside any transaction.
    async fn price(&self, op: &Op, play: &PlayRef, lines: &[WantedLine]) -> Result<Vec<PlayPrice>, Failure<PlayRefused>>;
}

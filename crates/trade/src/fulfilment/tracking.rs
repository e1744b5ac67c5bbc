//! The port to whoever knows where parcels are.

use async_trait::async_trait;
use kernel::{Fault, Timestamp};

use super::{carriers::Carrier, rules::Whereabouts};

/// A parcel to be told about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Who carries it.
    pub carrier: &'static Carrier,
    /// Their number for it.
    pub tracking_no: String,
    /// Where the recipient is reached; given only to carriers that ask.
    pub phone: Option<String>,
    /// Where it goes, as far as the city.
    pub to: Option<String>,
}

/// One stop on a parcel's way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// When.
    pub at: Timestamp,
    /// In the carrier's words.
    pub text: String,
    /// Where, if it is said.
    pub place: Option<String>,
    /// What that made of the parcel, if it is said.
    pub state: Option<Whereabouts>,
}

/// A parcel's way so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trail {
    /// Who carries it.
    pub carrier: &'static Carrier,
    /// Their number for it.
    pub tracking_no: String,
    /// Where it is.
    pub state: Whereabouts,
    /// Whether the tracker will tell nothing more by itself.
    pub ended: bool,
    /// Its stops, in no particular order.
    pub stops: Vec<Stop>,
}

/// Why a tracker does not do what it is asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrackError {
    /// It says no; asking again does not help.
    #[error("the tracker refused: {code} {message}")]
    Refused {
        /// Its code.
        code: String,
        /// Its words.
        message: String,
    },
    /// It does not answer, or nothing that can be read.
    #[error("the tracker does not answer: {0}")]
    Unavailable(String),
}

impl From<TrackError> for Fault {
    fn from(error: TrackError) -> Self {
        Self::upstream("tracker", error)
    }
}

/// Why what came in is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PushRefused {
    /// The signature does not fit.
    #[error("the signature does not fit")]
    BadSignature,
    /// It is not what the tracker sends.
    #[error("malformed: {0}")]
    Malformed(String),
}

/// What a tracker told by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// Where a parcel is.
    Trail(Trail),
    /// It gives up on a parcel; it may be asked anew.
    GaveUp {
        /// Their number for it.
        tracking_no: String,
        /// Why.
        why: String,
    },
    /// Nothing that concerns us.
    Nothing,
}

/// Knows where parcels are. Called outside any transaction.
#[async_trait]
pub trait Tracker: Send + Sync + 'static {
    /// Its name in addresses: `/track/notify/<code>`.
    fn code(&self) -> &'static str;

    /// Wants to be told about a parcel by itself. Asking again for a parcel it watches is no error.
    async fn subscribe(&self, wanted: &Wanted) -> Result<(), TrackError>;

    /// Where a parcel is now; nothing when the carrier did not see it yet.
    async fn query(&self, wanted: &Wanted) -> Result<Option<Trail>, TrackError>;

    /// Proves and reads what came in as a form.
    fn verify(&self, body: &[u8]) -> Result<Told, PushRefused>;

    /// What it expects to hear when it was understood.
    fn thanks(&self) -> (&'static str, String);
}

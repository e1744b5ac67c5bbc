//! Fulfilment: how the goods of a paid order reach the shopper.
//!
//! ```text
//!  TO_SHIP ── parcel ── parcel ── last parcel ─▶ SHIPPED ── carrier: arrived, or silence ─▶ RECEIVED
//!     │
//!     └── ready at the store ─▶ READY_FOR_PICKUP ── code ─▶ RECEIVED
//!
//!  parcel  SENT ─▶ COLLECTED ─▶ IN_TRANSIT ─▶ OUT_FOR_DELIVERY ─▶ DELIVERED        (PROBLEM in between, RETURNED at the end)
//! ```
//!
//! A parcel holds some pieces of some lines; the order is SHIPPED when nothing is left behind. What needs no carrying
//! needs no parcel. The [`tracking::Tracker`] knows where parcels are: it is asked once to tell by itself
//! (`fulfilment.watch_parcel`), and asked where a parcel is when it was silent for long (`fulfilment.track`). What it tells
//! may come late, twice and out of order.
//!
//! An order to be picked up waits at a [`stores`] until the shopper says its code. The code is kept nowhere: it is a keyed
//! digest of the order and of how often a code was issued. Five wrong guesses end it.
//!
//! Invariants: no piece leaves the house twice · a tracking number is one parcel of an order · a parcel that arrived stays
//! arrived · an order is not taken as received before its last parcel's week, or ten days of the carrier's silence, are over.
//!
//! Lock order: order → parcel, order → pick-up. Events out: [`events`]; `trade.order_shipped.v1` and
//! `trade.order_received.v1` are the order's. Sweep: `fulfilment.track`. Port: [`tracking::Tracker`].

pub mod batch;
pub mod carriers;
mod error;
pub mod events;
pub mod graphql;
mod jobs;
pub mod kuaidi100;
pub mod rules;
pub mod service;
pub mod stores;
pub mod tracking;

use kernel::{Refusal, minutes};
use platform::Registry;

pub use error::Refused;

/// Registers the sweep and the job.
pub fn register(r: &mut Registry) {
    r.job(jobs::watch_parcel);
    r.sweep("fulfilment.track", minutes(5), jobs::track);
}

/// Why a tracker's report is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PushRefused {
    /// No such tracker is plugged in.
    #[error("there is no such tracker")]
    UnknownTracker,
    /// It is not genuine, or not readable.
    #[error(transparent)]
    Push(#[from] tracking::PushRefused),
}

impl Refusal for PushRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::UnknownTracker => "NOT_FOUND",
            Self::Push(tracking::PushRefused::BadSignature) => "NOTIFICATION_NOT_GENUINE",
            Self::Push(tracking::PushRefused::Malformed(_)) => "INVALID_INPUT",
        }
    }
}

//! What is done about parcels behind the requests.

use futures_util::{StreamExt, stream};
use kernel::{Fault, ParcelId};
use platform::{Job, Op};
use serde::{Deserialize, Serialize};

use super::service;

/// How many silent parcels one run turns to the tracker about.
const BATCH: u64 = 100;

/// How many at once.
const AT_ONCE: usize = 8;

/// A parcel is to be watched by the tracker.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct WatchParcel {
    pub(super) parcel: ParcelId,
}

impl Job for WatchParcel {
    const KIND: &'static str = "fulfilment.watch_parcel";

    fn dedupe(&self) -> Option<String> {
        Some(self.parcel.to_string())
    }
}

/// Asks the tracker to tell about a parcel by itself. What it does not answer now is asked again.
pub(super) async fn watch_parcel(op: Op, job: WatchParcel) -> Result<(), Fault> {
    service::watch_parcel(&op, job.parcel).await
}

/// Asks about parcels the tracker was silent about. One that cannot be asked about never holds up the others.
pub(super) async fn track(op: Op) -> Result<(), Fault> {
    if service::tracker(&op).is_none() {
        return Ok(());
    }
    let silent = service::silent(&op, BATCH).await?;
    stream::iter(silent)
        .for_each_concurrent(AT_ONCE, |parcel| {
            let op = op.clone();
            async move {
                if let Err(fault) = service::turn_to(&op, parcel).await {
                    tracing::warn!(parcel = %parcel.0, %fault, "a silent parcel could not be asked about");
                }
            }
        })
        .await;
    Ok(())
}

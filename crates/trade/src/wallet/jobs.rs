//! What is done about wallets behind the requests.

use futures_util::{StreamExt, stream};
use kernel::Fault;
use platform::Op;

use super::{top_up, withdrawal};

/// How many silent ones one run asks about.
const BATCH: u64 = 50;

/// How many at once.
const AT_ONCE: usize = 8;

/// Asks about top-ups nobody reported on. One that cannot be asked about never holds up the others.
pub(super) async fn query_top_ups(op: Op) -> Result<(), Fault> {
    let silent = top_up::silent(&op, BATCH).await?;
    stream::iter(silent)
        .for_each_concurrent(AT_ONCE, |top_up| {
            let op = op.clone();
            async move {
                if let Err(fault) = top_up::take(&op, &top_up).await {
                    tracing::warn!(top_up = %top_up.id, %fault, "a silent top-up could not be asked about");
                }
            }
        })
        .await;
    Ok(())
}

/// Asks about withdrawals nobody reported on. One that cannot be asked about never holds up the others.
pub(super) async fn query_withdrawals(op: Op) -> Result<(), Fault> {
    let silent = withdrawal::silent(&op, BATCH).await?;
    stream::iter(silent)
        .for_each_concurrent(AT_ONCE, |withdrawal| {
            let op = op.clone();
            async move {
                if let Err(fault) = withdrawal::take(&op, &withdrawal).await {
                    tracing::warn!(withdrawal = %withdrawal.id, %fault, "a silent withdrawal could not be asked about");
                }
            }
        })
        .await;
    Ok(())
}

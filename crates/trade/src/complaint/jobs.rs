//! What is due by the clock.

use kernel::Fault;
use platform::Op;

use super::service;

/// How many complaints one run moves.
const BATCH: u64 = 200;

/// Goes on without a merchant who did not answer in time.
pub(super) async fn overdue(op: Op) -> Result<(), Fault> {
    for complaint in service::overdue(&op, BATCH).await? {
        if let Err(fault) = service::lapse(&op, complaint).await {
            tracing::error!(%complaint, %fault, "a complaint could not be moved at its deadline");
        }
    }
    Ok(())
}

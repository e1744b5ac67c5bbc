//! What keeps the tables small.

use kernel::Fault;
use platform::Op;

/// Deletes codes of the day before yesterday.
pub(super) async fn forget_codes(op: Op) -> Result<(), Fault> {
    super::codes::forget_old(&op).await
}

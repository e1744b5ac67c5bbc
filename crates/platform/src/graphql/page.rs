//! Keyset pages as GraphQL sees them.

use async_graphql::{Context, SimpleObject};
use kernel::{Cursor, Detail, Failure, PageRequest, Refusal};

use super::answer;

/// Where a page ends.
#[derive(Clone, Debug, SimpleObject)]
pub struct PageInfo {
    /// Whether there are rows behind the last one.
    pub has_next_page: bool,
    /// The last row's cursor; pass it as `after` for the next page.
    pub end_cursor: Option<String>,
}

/// The page size is out of bounds.
#[derive(Debug, thiserror::Error)]
#[error("first must be between 1 and {0}")]
struct PageSize(i64);

impl Refusal for PageSize {
    fn code(&self) -> &'static str {
        "PAGE_SIZE_INVALID"
    }

    fn field(&self) -> Option<&'static str> {
        Some("first")
    }

    fn detail(&self) -> Detail {
        Detail::Limit(self.0)
    }
}

/// The page asked for: `first` between 1 and 100, 20 when not given.
pub fn page_request(ctx: &Context<'_>, first: Option<i32>, after: Option<String>) -> async_graphql::Result<PageRequest> {
    const MOST: i64 = 100;
    let first = u64::try_from(first.unwrap_or(20)).ok().filter(|first| (1..=MOST.unsigned_abs()).contains(first));
    let first = answer(ctx, first.ok_or(Failure::from(PageSize(MOST))))?;
    Ok(PageRequest { first, after: after.map(Cursor) })
}

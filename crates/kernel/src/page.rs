//! Keyset pages: stable under inserts, as fast on page 1 000 as on page 1.

use serde::{Serialize, de::DeserializeOwned};

/// A position in a sorted list: opaque outside, the sort key of one row inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(pub String);

/// The text is not a cursor of this list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is not one of this list")]
pub struct CursorError;

impl crate::Refusal for CursorError {
    fn code(&self) -> &'static str {
        "CURSOR_INVALID"
    }

    fn field(&self) -> Option<&'static str> {
        Some("after")
    }
}

impl Cursor {
    /// The cursor of a row with this sort key.
    pub fn of(key: &impl Serialize) -> Self {
        let json = serde_json::to_vec(key).expect("a sort key is plain data");
        Self(json.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The sort key it names.
    pub fn key<K: DeserializeOwned>(&self) -> Result<K, CursorError> {
        if !self.0.len().is_multiple_of(2) || !self.0.is_ascii() {
            return Err(CursorError);
        }
        let bytes: Result<Vec<u8>, _> = (0..self.0.len()).step_by(2).map(|i| u8::from_str_radix(&self.0[i..i + 2], 16)).collect();
        bytes.ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or(CursorError)
    }
}

/// Which part of a list is asked for.
#[derive(Clone, Debug, Default)]
pub struct PageRequest {
    /// How many rows; already within the list's bounds.
    pub first: u64,
    /// Rows behind this one.
    pub after: Option<Cursor>,
}

/// A part of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The rows, each with its cursor.
    pub rows: Vec<(Cursor, T)>,
    /// Whether there are more behind the last.
    pub more: bool,
}

impl<T> Page<T> {
    /// Builds a page from `first + 1` fetched rows: the extra one only proves there are more.
    pub fn take<K: Serialize>(rows: Vec<T>, first: u64, key: impl Fn(&T) -> K) -> Self {
        let first = usize::try_from(first).unwrap_or(usize::MAX);
        let more = rows.len() > first;
        Self { rows: rows.into_iter().take(first).map(|row| (Cursor::of(&key(&row)), row)).collect(), more }
    }

    /// The same page with other rows.
    pub fn map<U>(self, f: impl Fn(T) -> U) -> Page<U> {
        Page { rows: self.rows.into_iter().map(|(cursor, row)| (cursor, f(row))).collect(), more: self.more }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_gives_its_key_back_and_garbage_is_refused() {
        assert_eq!(Cursor::of(&(7, "x")).key::<(i64, String)>(), Ok((7, "x".to_owned())));
        for bad in ["", "0", "zz", "é1", "7b"] {
            assert_eq!(Cursor(bad.into()).key::<(i64, String)>(), Err(CursorError), "{bad}");
        }
    }

    #[test]
    fn the_extra_row_only_says_there_are_more() {
        let page = Page::take(vec![1, 2, 3], 2, |n| *n);
        assert_eq!((page.rows.len(), page.more), (2, true));
        assert!(!Page::take(vec![1, 2], 2, |n| *n).more);
    }
}

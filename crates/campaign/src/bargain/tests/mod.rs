//! Bargain on a real database.

//! Finding products by what people type, in Chinese and in English.
//!
//! ```text
//!  save ──▶ texts ──tokenise──▶ terms ──▶ product_term (term, product, weight)
//!  query ─────────tokenise──▶ terms ──▶ products that have every one of them, the heaviest first
//! ```
//!
//! Why a table of our own and not FTS5 or `pg_trgm`: the two backends must find the same products in the same order, by
//! one code path, and both of those fail on Chinese. FTS5's tokenisers see a Chinese sentence as one word, and its trigram
//! tokeniser, like `pg_trgm`, finds nothing for words of two characters, which is what most Chinese words are. A b-tree
//! over bigrams finds them with equality lookups on either backend.
//!
//! - A run of Chinese characters gives its single characters and its pairs; a query of two or more characters asks for
//!   the pairs, so neighbours must be neighbours.
//! - A latin word gives itself and its beginnings, marked with `*`: the last latin word of a query asks for the beginning
//!   it is, so a shopper who still types finds already. Beginnings are rows, not `LIKE 'x%'`, because a b-tree in a
//!   Postgres database of another collation cannot be asked for a prefix.
//! - Full-width letters and digits (`Ｔ恤`) are the half-width ones, capitals are small ones.
//!
//! Invariant: `product_term` of a product is what its last saved texts give; it is written in the transaction that saves
//! the product. Traditional characters are not folded to simplified ones, and there is no stemming.

pub mod rules;
pub mod service;

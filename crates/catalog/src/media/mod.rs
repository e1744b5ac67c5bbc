//! Pictures.
//!
//! ```text
//! staff: mediaUploadBegin ──▶ uploadUrl (sealed token, 15 minutes) ──PUT bytes──▶ checked, stored, row written
//! ```
//!
//! Bytes lie in the storage under a key made of their digest, so equal pictures are one file and a file never changes
//! under its URL. A row of `media` is an upload: who, when, what it is. There is no multipart: the token in the URL says
//! what was announced (type, size, id), and the PUT must bring exactly that.
//!
//! Invariants: what is served is JPEG, PNG or WebP by its bytes, whatever was claimed; SVG comes from our own drawings
//! only, because it can carry scripts. Sending the same upload twice is one row.

pub mod graphql;
pub mod rules;
pub mod service;
#[cfg(test)]
mod service_test;

pub use rules::Refused;
pub use service::UPLOAD_PATH;

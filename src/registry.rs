//! The list of contexts: what runs behind the requests.

use platform::Registry;

/// Everything that is registered.
pub fn registry() -> Registry {
    Registry::default()
}

//! The list of contexts: what runs behind the requests.

use platform::{Registry, ports::Ports};

/// Everything that is registered.
pub fn registry() -> Registry {
    Registry::default()
}

/// Who answers when a context asks to its right.
pub fn plug(_ports: &mut Ports) {}

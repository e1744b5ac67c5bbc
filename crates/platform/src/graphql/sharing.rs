//! What a field says about the sharing of live results: `#[graphql(directive = personal::apply())]`.

use async_graphql::TypeDirective;

/// Shows every viewer something else: a subscription that selects it runs for its caller alone.
#[TypeDirective(location = "FieldDefinition")]
pub fn personal() {}

/// Tells facts in order, one per payload, none skipped; what is not marked is a state, of which only the latest matters.
#[TypeDirective(location = "FieldDefinition")]
pub fn feed() {}

/// A state by which people decide within seconds: told twenty times a second at most, not ten.
#[TypeDirective(location = "FieldDefinition")]
pub fn brisk() {}

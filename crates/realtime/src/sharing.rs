//! What of a schema may be shared: which fields show every viewer something else, and how each subscription flows.
//!
//! The schema says it itself, in its SDL:
//!
//! ```text
//! type Subscription {
//!   groupBuyTeamProgress(id: ID!, after: String): TeamProgress!     a state: one execution for everybody who asks alike
//!   orderUpdated(id: ID!, after: String): OrderUpdate! @personal    shows the viewer: runs for its caller alone
//!   flashSaleStock(id: ID!): FlashSaleStock! @brisk                 a state at twice the usual rate
//!   orderFeed(after: String): OrderFeed! @feed                      facts in order, one per payload, none skipped
//! }
//! ```
//!
//! A document is walked as it stands: a personal field counts wherever it is selected, also below `@skip` and in a
//! fragment for another type. What the schema does not know counts as personal, too: validation will name it.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use async_graphql::{
    Name, Positioned,
    parser::{
        parse_schema,
        types::{
            BaseType, ExecutableDocument, Field, FieldDefinition, OperationDefinition, Selection, SelectionSet, Type, TypeKind,
            TypeSystemDefinition,
        },
    },
};
use async_graphql_value::Value;

/// The argument that resumes a subscription.
const AFTER: &str = "after";
/// The field of a payload that says where to resume.
const CURSOR: &str = "cursor";

/// How the results of a subscription relate to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Only the latest matters: a slow reader skips what is no longer true, and there is a highest rate.
    State,
    /// A state by which people decide within seconds: twice the rate.
    Brisk,
    /// Each matters, in order: a reader that is too slow is closed and resumes.
    Feed,
}

impl Flow {
    /// Whether only the latest matters.
    pub fn is_state(self) -> bool {
        self != Self::Feed
    }

    /// How long a state rests once it was told, at the usual pace; facts never rest.
    pub fn rest(self, pace: Duration) -> Option<Duration> {
        match self {
            Self::State => Some(pace),
            Self::Brisk => Some(pace / 2),
            Self::Feed => None,
        }
    }
}

/// The SDL is none.
#[derive(Debug, thiserror::Error)]
#[error("the schema cannot be read: {0}")]
pub struct SharingError(#[from] async_graphql::parser::Error);

/// What the schema says about sharing.
#[derive(Debug, Default)]
pub struct Sharing {
    types: HashMap<String, HashMap<String, Known>>,
    subscription: String,
}

#[derive(Clone, Debug)]
struct Known {
    ty: String,
    personal: bool,
    flow: Flow,
}

/// How one subscription is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// How its results relate.
    pub flow: Flow,
    /// Whether it shows its viewer, or cannot be resumed alike by all who ask: then it runs alone.
    pub alone: bool,
    /// The response keys that lead to the cursor.
    pub cursor: Option<[String; 2]>,
    /// The variable that resumes it.
    pub after: Option<Name>,
}

impl Sharing {
    /// Reads it from the SDL of a schema.
    pub fn of(sdl: &str) -> Result<Self, SharingError> {
        let document = parse_schema(sdl)?;
        let mut sharing = Self { subscription: "Subscription".into(), ..Self::default() };
        let mut implementers: HashMap<String, Vec<String>> = HashMap::new();
        for definition in document.definitions {
            match definition {
                TypeSystemDefinition::Schema(schema) => {
                    if let Some(name) = schema.node.subscription {
                        sharing.subscription = name.node.to_string();
                    }
                }
                TypeSystemDefinition::Type(ty) => {
                    let name = ty.node.name.node.to_string();
                    let (fields, implements) = match ty.node.kind {
                        TypeKind::Object(object) => (object.fields, object.implements),
                        TypeKind::Interface(interface) => (interface.fields, interface.implements),
                        TypeKind::Union(_) => (Vec::new(), Vec::new()),
                        TypeKind::Scalar | TypeKind::Enum(_) | TypeKind::InputObject(_) => continue,
                    };
                    for interface in implements {
                        implementers.entry(interface.node.to_string()).or_default().push(name.clone());
                    }
                    let fields = fields.into_iter().map(|field| (field.node.name.node.to_string(), Known::of(&field.node)));
                    sharing.types.entry(name).or_default().extend(fields);
                }
                TypeSystemDefinition::Directive(_) => {}
            }
        }
        // Whoever asks through an interface may get any of its implementers.
        for (interface, objects) in implementers {
            let marked: HashSet<String> = objects
                .iter()
                .filter_map(|object| sharing.types.get(object))
                .flatten()
                .filter(|(_, known)| known.personal)
                .map(|(name, _)| name.clone())
                .collect();
            for (name, known) in sharing.types.get_mut(&interface).into_iter().flatten() {
                known.personal |= marked.contains(name);
            }
        }
        Ok(sharing)
    }

    /// How a subscription is served.
    pub fn plan(&self, document: &ExecutableDocument, operation: &OperationDefinition) -> Plan {
        let alone = Plan { flow: Flow::State, alone: true, cursor: None, after: None };
        let Some(root) = operation.selection_set.node.items.iter().find_map(direct) else { return alone };
        let Some(known) = self.types.get(&self.subscription).and_then(|fields| fields.get(root.name.node.as_str())) else { return alone };
        let mut walk = Walk { sharing: self, document, seen: HashSet::new() };
        let personal = walk.shows_the_viewer(&operation.selection_set, &self.subscription);
        let cursor = key_of(document, &root.selection_set, CURSOR).map(|key| [root.response_key().node.to_string(), key]);
        let (resumable, after) = match root.get_argument(AFTER).map(|value| &value.node) {
            None | Some(Value::Null) => (true, None),
            Some(Value::Variable(name)) => (resumes_only(document, operation, name), Some(name.clone())),
            // A cursor written into the document makes it a document of its own.
            Some(_) => (false, None),
        };
        Plan { flow: known.flow, alone: personal || !resumable, cursor, after }
    }
}

impl Known {
    fn of(field: &FieldDefinition) -> Self {
        let marked = |name: &str| field.directives.iter().any(|directive| directive.node.name.node == name);
        Self {
            ty: named(&field.ty.node).to_string(),
            personal: marked("personal"),
            flow: match (marked("feed"), marked("brisk")) {
                (true, _) => Flow::Feed,
                (false, true) => Flow::Brisk,
                (false, false) => Flow::State,
            },
        }
    }
}

fn named(ty: &Type) -> &Name {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(item) => named(item),
    }
}

fn direct(item: &Positioned<Selection>) -> Option<&Field> {
    match &item.node {
        Selection::Field(field) => Some(&field.node),
        Selection::FragmentSpread(_) | Selection::InlineFragment(_) => None,
    }
}

struct Walk<'a> {
    sharing: &'a Sharing,
    document: &'a ExecutableDocument,
    seen: HashSet<&'a Name>,
}

impl<'a> Walk<'a> {
    fn shows_the_viewer(&mut self, set: &'a Positioned<SelectionSet>, ty: &str) -> bool {
        set.node.items.iter().any(|item| match &item.node {
            Selection::Field(field) => self.field(&field.node, ty),
            Selection::InlineFragment(fragment) => {
                let on = fragment.node.type_condition.as_ref().map_or(ty, |condition| condition.node.on.node.as_str());
                self.shows_the_viewer(&fragment.node.selection_set, on)
            }
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                let Some(fragment) = self.document.fragments.get(name) else { return true };
                self.seen.insert(name)
                    && self.shows_the_viewer(&fragment.node.selection_set, fragment.node.type_condition.node.on.node.as_str())
            }
        })
    }

    fn field(&mut self, field: &'a Field, ty: &str) -> bool {
        if field.name.node == "__typename" {
            return false;
        }
        let Some(known) = self.sharing.types.get(ty).and_then(|fields| fields.get(field.name.node.as_str())) else { return true };
        known.personal || (!field.selection_set.node.items.is_empty() && self.shows_the_viewer(&field.selection_set, &known.ty))
    }
}

/// Under which key a payload shows that field of its own, fragments looked through.
fn key_of(document: &ExecutableDocument, set: &Positioned<SelectionSet>, field: &str) -> Option<String> {
    set.node.items.iter().find_map(|item| match &item.node {
        Selection::Field(found) if found.node.name.node == field && found.node.directives.is_empty() => {
            Some(found.node.response_key().node.to_string())
        }
        Selection::Field(_) => None,
        Selection::InlineFragment(fragment) if fragment.node.directives.is_empty() => key_of(document, &fragment.node.selection_set, field),
        Selection::InlineFragment(_) => None,
        Selection::FragmentSpread(spread) if spread.node.directives.is_empty() => {
            key_of(document, &document.fragments.get(&spread.node.fragment_name.node)?.node.selection_set, field)
        }
        Selection::FragmentSpread(_) => None,
    })
}

/// Whether the variable has no other use, so that without it the subscription is the one everybody shares.
fn resumes_only(document: &ExecutableDocument, operation: &OperationDefinition, name: &Name) -> bool {
    let optional = operation.variable_definitions.iter().any(|definition| {
        definition.node.name.node == *name && definition.node.var_type.node.nullable && definition.node.default_value.is_none()
    });
    let fragments = document.fragments.values().map(|fragment| uses(&fragment.node.selection_set, name)).sum::<usize>();
    optional && fragments + uses(&operation.selection_set, name) == 1
}

/// How often the variable is used, fragments not looked through.
fn uses(set: &Positioned<SelectionSet>, name: &Name) -> usize {
    set.node
        .items
        .iter()
        .map(|item| {
            let own = match &item.node {
                Selection::Field(field) => {
                    field.node.arguments.iter().filter(|(_, value)| mentions(&value.node, name)).count()
                        + uses(&field.node.selection_set, name)
                }
                Selection::InlineFragment(fragment) => uses(&fragment.node.selection_set, name),
                Selection::FragmentSpread(_) => 0,
            };
            let directives = item.node.directives().iter().flat_map(|directive| &directive.node.arguments);
            own + directives.filter(|(_, value)| mentions(&value.node, name)).count()
        })
        .sum()
}

fn mentions(value: &Value, name: &Name) -> bool {
    match value {
        Value::Variable(used) => used == name,
        Value::List(items) => items.iter().any(|item| mentions(item, name)),
        Value::Object(members) => members.values().any(|member| mentions(member, name)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    const SDL: &str = r#"
        directive @personal on FIELD_DEFINITION
        interface Thing { name: String! mine: Boolean! }
        type Team implements Thing { name: String! mine: Boolean! @personal members: [Person!]! cursor: String! }
        type Box implements Thing { name: String! mine: Boolean! }
        union Any = Team | Box
        type Person { name: String! friend: Person isMe: Boolean! @personal }
        type Query { x: Int }
        type Live {
            team(id: ID!, after: String, size: Int): Team!
            order: Team! @personal
            feed(after: String): Team! @feed
            left: Team! @brisk
            thing: Thing!
            any: Any!
        }
        schema { query: Query subscription: Live }
    "#;

    fn plan(document: &str) -> Plan {
        let document = parse_query(document).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        Sharing::of(SDL).unwrap().plan(&document, &operation.node)
    }

    #[test]
    fn a_personal_field_is_found_wherever_it_hides() {
        for (document, alone) in [
            ("subscription { team(id: 1) { name } }", false),
            ("subscription { team(id: 1) { name __typename members { name friend { name } } } }", false),
            ("subscription { team(id: 1) { members { friend { friend { isMe } } } } }", true),
            ("subscription { team(id: 1) { members { isMe @skip(if: true) } } }", true),
            ("subscription { team(id: 1) { x: mine } }", true),
            ("subscription { team(id: 1) { ...F } } fragment F on Team { members { ...P } } fragment P on Person { isMe }", true),
            ("subscription { team(id: 1) { ...F ...F } } fragment F on Team { name }", false),
            ("subscription { team(id: 1) { ... { ... on Team { mine } } } }", true),
            ("subscription { thing { mine } }", true),
            ("subscription { thing { name ... on Box { mine } } }", false),
            ("subscription { any { ... on Team { mine } } }", true),
            ("subscription { order { name } }", true),
            ("subscription { unknown }", true),
            ("subscription { team(id: 1) { unknown } }", true),
            ("subscription { team(id: 1) { ...Unknown } }", true),
        ] {
            assert_eq!(plan(document).alone, alone, "{document}");
        }
        assert_eq!(plan("subscription { feed { name } }").flow, Flow::Feed);
        assert_eq!(plan("subscription { left { name } }").flow, Flow::Brisk);
        let pace = Duration::from_millis(100);
        assert_eq!([Flow::State, Flow::Brisk, Flow::Feed].map(|flow| flow.rest(pace)), [Some(pace), Some(pace / 2), None]);
    }

    #[test]
    fn a_cursor_resumes_by_a_variable_of_its_own() {
        let found = plan("subscription($a: String) { t: team(id: 1, after: $a) { c: cursor } }");
        assert_eq!((found.alone, found.after), (false, Some(Name::new("a"))));
        assert_eq!(found.cursor, Some(["t".into(), "c".into()]));
        let found = plan("subscription($a: String) { team(id: 1, after: $a) { ...F } } fragment F on Team { ... { cursor } }");
        assert_eq!(found.cursor, Some(["team".into(), "cursor".into()]));
        for document in [
            "subscription { team(id: 1, after: \"e:1\") { cursor } }",
            "subscription($a: String!) { team(id: 1, after: $a) { cursor } }",
            "subscription($a: String = \"e:1\") { team(id: 1, after: $a) { cursor } }",
            "subscription($a: String) { team(id: $a, after: $a) { cursor } }",
            "subscription($a: String) { team(id: 1, after: $a) { cursor @skip(if: $a) } }",
            "subscription($a: String) { team(id: 1, after: $a) { ...F } } fragment F on Team { name @include(if: $a) }",
        ] {
            assert!(plan(document).alone, "{document}");
        }
        assert_eq!(plan("subscription { team(id: 1) { cursor @skip(if: true) } }").cursor, None);
    }
}

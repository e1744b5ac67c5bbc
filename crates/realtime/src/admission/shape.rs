//! What a parsed operation asks for: depth, aliases, root fields and static cost, fragments expanded.
//!
//! Every fragment is measured once, so a "fragment bomb" (each fragment spreads the next one twice) is found out in
//! linear time instead of being expanded.
//!
//! The static cost, without asking the schema:
//!
//! | field | points |
//! |---|---|
//! | a leaf | 0 |
//! | an object | 1 + what it selects |
//! | a list with `first`, `last` or `limit` = n, or a connection (selects `edges` or `nodes`; n = 20 unsaid) | 2 + n × what it selects, at least n |
//! | each root mutation | 10 more |

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Value, Variables,
    parser::types::{ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet},
};

use crate::{Code, Limits, Rejection};

/// Fields of the introspection schema that lead from a list to a list; nesting them multiplies.
const INTROSPECTION_LISTS: [&str; 5] = ["fields", "interfaces", "possibleTypes", "inputFields", "args"];
/// How many of those may nest: the official introspection query needs two.
const INTROSPECTION_LIST_DEPTH: usize = 3;
/// How deep introspection may nest: the official query needs fifteen.
const INTROSPECTION_DEPTH: usize = 20;
/// Points of a root mutation besides what it selects.
const MUTATION_COST: u64 = 10;

/// What a selection asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Levels of fields.
    pub depth: usize,
    /// Renamed fields.
    pub aliases: usize,
    /// Fields after expanding fragments.
    pub fields: u64,
    /// Fields of the outermost level.
    pub root: usize,
    /// Static cost in points.
    pub cost: u64,
    /// Levels of fields named like introspection lists; only counts below `__schema` and `__type`.
    lists: usize,
    /// `lists` below `__schema` or `__type`.
    introspection_lists: usize,
    /// Levels below `__schema` or `__type`.
    introspection_depth: usize,
}

impl Shape {
    /// Both, side by side.
    fn beside(self, other: Self) -> Self {
        Self {
            depth: self.depth.max(other.depth),
            aliases: self.aliases.saturating_add(other.aliases),
            fields: self.fields.saturating_add(other.fields),
            root: self.root.saturating_add(other.root),
            cost: self.cost.saturating_add(other.cost),
            lists: self.lists.max(other.lists),
            introspection_lists: self.introspection_lists.max(other.introspection_lists),
            introspection_depth: self.introspection_depth.max(other.introspection_depth),
        }
    }
}

/// Measures `operation` and refuses what is over the limits.
pub fn measure(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
    limits: &Limits,
) -> Result<Shape, Rejection> {
    let mut measure = Measure { document, operation, variables, limits, fragments: HashMap::new() };
    let mut shape = measure.selections(&operation.selection_set)?;
    let (is_mutation, most) = match operation.ty {
        OperationType::Mutation => (true, limits.root_mutations),
        OperationType::Query => (false, limits.root_fields),
        OperationType::Subscription => (false, 1),
    };
    if is_mutation {
        shape.cost = shape.cost.saturating_add(MUTATION_COST.saturating_mul(shape.root as u64));
    }
    shape.cost = shape.cost.max(1);
    if operation.ty == OperationType::Subscription {
        single_root(operation, &shape)?;
    }
    over(Code::TooManyRootFields, shape.root as u64, most as u64)?;
    over(Code::TooDeep, shape.depth as u64, limits.depth as u64)?;
    over(Code::TooDeep, shape.introspection_depth as u64, INTROSPECTION_DEPTH as u64)?;
    over(Code::TooDeep, shape.introspection_lists as u64, INTROSPECTION_LIST_DEPTH as u64)?;
    over(Code::TooManyAliases, shape.aliases as u64, limits.aliases as u64)?;
    over(Code::TooComplex, shape.fields, limits.expanded_fields)?;
    over(Code::TooComplex, shape.cost, limits.cost)?;
    Ok(shape)
}

/// Refuses any operation of the document that expands beyond the limit, also those that will not run: validation walks all.
pub fn bounded(document: &ExecutableDocument, variables: &Variables, limits: &Limits) -> Result<(), Rejection> {
    for (_, operation) in document.operations.iter() {
        let operation = &operation.node;
        let mut measure = Measure { document, operation, variables, limits, fragments: HashMap::new() };
        over(Code::TooComplex, measure.selections(&operation.selection_set)?.fields, limits.expanded_fields)?;
    }
    Ok(())
}

/// Refuses when `asked` is above `most`, saying both.
fn over(code: Code, asked: u64, most: u64) -> Result<(), Rejection> {
    if asked <= most {
        return Ok(());
    }
    Err(Rejection::because(code, format!("{asked} > {most}")).with("requested", asked).with("limit", most))
}

/// A subscription has exactly one root field, and names it directly (our executor reads no fragment there).
fn single_root(operation: &OperationDefinition, shape: &Shape) -> Result<(), Rejection> {
    let direct = operation.selection_set.node.items.iter().all(|item| matches!(item.node, Selection::Field(_)));
    if shape.root == 1 && direct {
        return Ok(());
    }
    Err(Rejection::because(Code::ValidationFailed, "a subscription selects exactly one root field, without a fragment around it"))
}

struct Measure<'a> {
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    variables: &'a Variables,
    limits: &'a Limits,
    /// `None` while being measured.
    fragments: HashMap<&'a Name, Option<Shape>>,
}

impl<'a> Measure<'a> {
    fn selections(&mut self, set: &'a Positioned<SelectionSet>) -> Result<Shape, Rejection> {
        let mut all = Shape::default();
        for item in &set.node.items {
            let one = match &item.node {
                Selection::Field(field) => self.field(&field.node)?,
                Selection::InlineFragment(fragment) => self.selections(&fragment.node.selection_set)?,
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node)?,
            };
            all = all.beside(one);
        }
        Ok(all)
    }

    fn fragment(&mut self, name: &'a Name) -> Result<Shape, Rejection> {
        match self.fragments.get(name) {
            Some(Some(shape)) => return Ok(*shape),
            Some(None) => {
                return Err(Rejection::because(Code::ValidationFailed, format!("fragment \"{name}\" spreads itself")));
            }
            None => {}
        }
        // An unknown fragment is validation's to name.
        let Some(fragment) = self.document.fragments.get(name) else { return Ok(Shape::default()) };
        self.fragments.insert(name, None);
        let shape = self.selections(&fragment.node.selection_set)?;
        self.fragments.insert(name, Some(shape));
        Ok(shape)
    }

    fn field(&mut self, field: &'a Field) -> Result<Shape, Rejection> {
        let name = field.name.node.as_str();
        let inner = self.selections(&field.selection_set)?;
        let leaf = field.selection_set.node.items.is_empty();
        let cost = match self.elements(field) {
            _ if leaf => 0,
            Some(n) => n.saturating_mul(inner.cost.max(1)).saturating_add(2),
            None => inner.cost.saturating_add(1),
        };
        let shape = Shape {
            depth: inner.depth.saturating_add(1),
            aliases: inner.aliases.saturating_add(usize::from(field.alias.is_some())),
            fields: inner.fields.saturating_add(1),
            root: 1,
            cost,
            lists: inner.lists.saturating_add(usize::from(INTROSPECTION_LISTS.contains(&name) && !leaf)),
            ..inner
        };
        if matches!(name, "__schema" | "__type") {
            // Served from memory, so it counts by rules of its own.
            return Ok(Shape { depth: 1, cost: 10, introspection_depth: inner.depth, introspection_lists: shape.lists, ..shape });
        }
        Ok(shape)
    }

    /// How many elements the field may answer with, if it is a list that says so.
    fn elements(&self, field: &Field) -> Option<u64> {
        let asked = ["first", "last", "limit"].into_iter().find_map(|name| {
            let value = field.get_argument(name)?.node.clone().into_const_with(|name| self.variable(&name)).ok()?;
            match value {
                Value::Number(number) => Some(number.as_u64().unwrap_or(0)),
                _ => None,
            }
        });
        let selects = |name: &str| {
            field.selection_set.node.items.iter().any(|item| matches!(&item.node, Selection::Field(f) if f.node.name.node == name))
        };
        match asked {
            Some(n) => Some(n.max(1)),
            None if selects("edges") || selects("nodes") => Some(self.limits.assumed_page),
            None => None,
        }
    }

    /// The value of a variable, or its default.
    fn variable(&self, name: &Name) -> Result<Value, ()> {
        let default = || {
            let definition = self.operation.variable_definitions.iter().find(|v| v.node.name.node == *name)?;
            Some(definition.node.default_value.as_ref()?.node.clone())
        };
        self.variables.get(name).cloned().or_else(default).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn shape(document: &str, variables: serde_json::Value) -> Result<Shape, Code> {
        let document = parse_query(document).unwrap();
        let variables = Variables::from_json(variables);
        let (_, operation) = document.operations.iter().next().unwrap();
        measure(&document, &operation.node, &variables, &Limits::default()).map_err(|r| r.code)
    }

    fn cost(document: &str) -> u64 {
        shape(document, serde_json::json!({})).unwrap().cost
    }

    #[test]
    fn cost_follows_the_table() {
        assert_eq!(cost("{ a b }"), 1, "nothing is free");
        assert_eq!(cost("{ a { b { c } } }"), 2);
        assert_eq!(cost("{ a(first: 10) { nodes { b { c } } } }"), 2 + 10 * 2);
        assert_eq!(cost("{ a { nodes { b } } }"), 2 + 20);
        assert_eq!(cost("{ a { edges { node { b } } } }"), 2 + 20 * 2);
        assert_eq!(cost("mutation { a { id } b { id } }"), 22);
        assert_eq!(cost("{ a { ...F } } fragment F on A { b { c } d { e } }"), 3);
        assert_eq!(shape("query($n: Int = 3) { a(first: $n) { b { c } } }", serde_json::json!({})).unwrap().cost, 2 + 3);
        assert_eq!(shape("query($n: Int = 3) { a(first: $n) { b { c } } }", serde_json::json!({ "n": 7 })).unwrap().cost, 2 + 7);
    }

    #[test]
    fn each_limit_has_its_code() {
        let nested = |levels: usize| format!("{}{}", "{ a ".repeat(levels), "}".repeat(levels));
        assert!(shape(&nested(15), serde_json::json!({})).is_ok());
        assert_eq!(shape(&nested(16), serde_json::json!({})), Err(Code::TooDeep));
        let aliases: String = (0..51).map(|n| format!("a{n}: b ")).collect();
        assert_eq!(shape(&format!("{{ x {{ {aliases} }} }}"), serde_json::json!({})), Err(Code::TooManyAliases));
        let roots: String = (0..31).map(|n| format!("f{n} ")).collect();
        assert_eq!(shape(&format!("{{ {roots} }}"), serde_json::json!({})), Err(Code::TooManyRootFields));
        assert_eq!(shape("mutation { a b c d e f }", serde_json::json!({})), Err(Code::TooManyRootFields));
        assert_eq!(shape("{ a(first: 1000) { b(first: 100) { c } } }", serde_json::json!({})), Err(Code::TooComplex));
        assert_eq!(shape("subscription { a b }", serde_json::json!({})), Err(Code::ValidationFailed));
        assert_eq!(shape("subscription { ...F } fragment F on S { a }", serde_json::json!({})), Err(Code::ValidationFailed));
    }

    #[test]
    fn a_fragment_bomb_costs_us_nothing() {
        let mut document = "{ ...F0 }".to_owned();
        for n in 0..60 {
            document.push_str(&format!(" fragment F{n} on Q {{ ...F{m} ...F{m} x }}", m = n + 1));
        }
        document.push_str(" fragment F60 on Q { a }");
        assert_eq!(shape(&document, serde_json::json!({})), Err(Code::TooManyRootFields));
        let inside = document.replacen("{ ...F0 }", "{ q { ...F0 } }", 1);
        assert_eq!(shape(&inside, serde_json::json!({})), Err(Code::TooComplex));
        assert_eq!(shape("{ ...A } fragment A on Q { ...B } fragment B on Q { ...A }", serde_json::json!({})), Err(Code::ValidationFailed));
    }

    #[test]
    fn introspection_is_allowed_but_not_multiplied() {
        let official = include_str!("introspection.graphql");
        assert!(shape(official, serde_json::json!({})).is_ok());
        let multiplied = "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }";
        assert_eq!(shape(multiplied, serde_json::json!({})), Err(Code::TooDeep));
        assert_eq!(
            shape("{ fields { fields { fields { fields { fields { a } } } } } }", serde_json::json!({})).unwrap().introspection_lists,
            0
        );
    }
}

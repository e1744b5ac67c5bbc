//! Values of variables against their declared types, as far as that needs no schema: required values, lists, and the
//! built-in scalars. The executor checks the rest when it validates; it lets an explicit `null` through to a required
//! variable, which the specification does not.

use async_graphql::{
    Value, Variables,
    parser::types::{BaseType, OperationDefinition, Type},
};

use crate::{Code, Rejection};

/// Refuses values that do not fit.
pub fn check(operation: &OperationDefinition, variables: &Variables) -> Result<(), Rejection> {
    for definition in &operation.variable_definitions {
        let definition = &definition.node;
        let (name, ty) = (definition.name.node.as_str(), &definition.var_type.node);
        let complain = |what: &str| Err(Rejection::because(Code::ValidationFailed, format!("variable \"${name}\" of type {ty} {what}")));
        match variables.get(&definition.name.node) {
            None if !ty.nullable && definition.default_value.is_none() => return complain("is missing"),
            Some(value) if !fits(value, ty) => return complain("got a value that is none"),
            _ => {}
        }
    }
    Ok(())
}

fn fits(value: &Value, ty: &Type) -> bool {
    match (value, &ty.base) {
        (Value::Null, _) => ty.nullable,
        (Value::List(items), BaseType::List(item)) => items.iter().all(|value| fits(value, item)),
        // A single value stands for a list of one.
        (value, BaseType::List(item)) => fits(value, item),
        (value, BaseType::Named(name)) => match (name.as_str(), value) {
            ("Int", Value::Number(number)) => number.as_i64().is_some_and(|n| i32::try_from(n).is_ok()),
            ("ID", Value::Number(number)) => number.is_i64() || number.is_u64(),
            ("Float", Value::Number(_)) | ("String" | "ID", Value::String(_)) | ("Boolean", Value::Boolean(_)) => true,
            ("Int" | "Float" | "String" | "ID" | "Boolean", _) => false,
            _ => true,
        },
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use serde_json::json;

    use super::*;

    #[test]
    fn values_fit_their_types_or_are_refused() {
        for (ty, value, fit) in [
            ("Int", json!(2_147_483_647), true),
            ("Int", json!(2_147_483_648_i64), false),
            ("Int", json!(1.5), false),
            ("Int", json!("1"), false),
            ("Int", json!(null), true),
            ("Int!", json!(null), false),
            ("Float", json!(1), true),
            ("ID", json!(7), true),
            ("ID", json!(7.5), false),
            ("String", json!("x"), true),
            ("String", json!({}), false),
            ("Boolean", json!("true"), false),
            ("[Int!]!", json!([1, 2]), true),
            ("[Int!]!", json!(1), true),
            ("[Int!]!", json!([1, null]), false),
            ("[[Int]]", json!([[1], null]), true),
            ("Anything", json!({ "a": [1] }), true),
        ] {
            let document = parse_query(format!("query($v: {ty}) {{ a(v: $v) }}")).unwrap();
            let (_, operation) = document.operations.iter().next().unwrap();
            let checked = check(&operation.node, &Variables::from_json(json!({ "v": value })));
            assert_eq!(checked.is_ok(), fit, "{ty} {value}");
        }
    }

    #[test]
    fn a_required_value_must_come_unless_it_has_a_default() {
        for (document, fit) in [("query($v: Int!) { a }", false), ("query($v: Int! = 1) { a }", true), ("query($v: Int) { a }", true)] {
            let document = parse_query(document).unwrap();
            let (_, operation) = document.operations.iter().next().unwrap();
            assert_eq!(check(&operation.node, &Variables::default()).is_ok(), fit);
        }
    }
}

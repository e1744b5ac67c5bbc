//! What the journeys of plays have in common.

use serde_json::{Value, json};
use testkit::{Answer, Client, Customer, Purchase, fresh_key};

/// An id off an answer.
pub(super) fn ids(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no id: {value}")).to_owned()
}

/// Staff take a step with a play.
pub(super) async fn staff(owner: &Client, field: &str, id: &str) {
    let document = format!("mutation($id: ID!) {{ {field}(id: $id) {{ userErrors {{ code message }} }} }}");
    owner.admin(&document, json!({ "id": id })).await.ok(field);
}

/// A purchase at a play's own door, by the quote it gave.
pub(super) async fn bought(who: &Customer, (document, field): (&str, &str), (quote, rest): (&Answer, Value)) -> Purchase {
    let quote = quote.ok("quoteCreate")["quote"].clone();
    let mut input = json!({
        "quoteId": quote["id"],
        "expectedTotal": quote["total"],
        "idempotencyKey": fresh_key(),
        "shippingAddress": { "recipient": who.name, "phone": "13800138000", "region": "福建省 南平市 武夷山市", "street": "茶场路 1 号" },
    });
    input.as_object_mut().expect("an object").extend(rest.as_object().expect("an object").clone());
    let answer = who.shop(document, json!({ "input": input })).await;
    let order = &answer.ok(field)["order"];
    let minor = order["total"]["amount"].as_i64().or_else(|| order["total"]["amount"].as_str()?.parse().ok());
    let total = testkit::cents(minor.unwrap_or_else(|| panic!("no money: {order}")));
    Purchase { order: ids(&order["id"]), team: None, total, buyer: who.clone() }
}

//! Calls of every root field, made from the SDL: what a caller without any idea of the mall would send.

use std::collections::BTreeMap;

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, FieldDefinition, InputValueDefinition, Type, TypeDefinition, TypeKind, TypeSystemDefinition},
};
use reqwest::header::HeaderMap;
use serde_json::{Map, Value, json};

use crate::client::{Answer, Api, Client};

/// One root field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Root {
    /// Of which API.
    pub api: Api,
    /// `query`, `mutation` or `subscription`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
}

/// What goes where nobody says what.
#[derive(Clone, Debug)]
pub struct Filling {
    /// Known ids, by their prefix.
    pub ids: BTreeMap<&'static str, String>,
    /// The id where none is known; one nobody has when absent.
    pub id: Option<String>,
    /// Every whole number.
    pub number: Value,
    /// Every text.
    pub text: Value,
    /// Every date.
    pub date: Value,
    /// Whether arguments that may be left out are given too.
    pub everything: bool,
}

impl Default for Filling {
    fn default() -> Self {
        Self {
            ids: BTreeMap::new(),
            id: None,
            number: json!(1),
            text: json!("example-text-0001"),
            date: json!("2026-11-11T04:00:00.000Z"),
            everything: false,
        }
    }
}

/// The types of one API.
pub struct Sdl {
    api: Api,
    types: BTreeMap<String, TypeDefinition>,
}

impl Sdl {
    /// Reads the SDL the binary serves.
    pub fn of(api: Api) -> Self {
        let text = match api {
            Api::Shop => schema::shop_sdl(),
            Api::Admin => schema::admin_sdl(),
        };
        let document = parse_schema(text).expect("our own SDL parses");
        let types = document.definitions.into_iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(definition) => Some((definition.node.name.node.to_string(), definition.node)),
            _ => None,
        });
        Self { api, types: types.collect() }
    }

    /// Every root field.
    pub fn roots(&self) -> Vec<(Root, FieldDefinition)> {
        let kinds = [("Query", "query"), ("Mutation", "mutation"), ("Subscription", "subscription")];
        let fields = kinds.iter().flat_map(|(name, kind)| {
            let fields = match self.types.get(*name).map(|definition| &definition.kind) {
                Some(TypeKind::Object(object)) => object.fields.as_slice(),
                _ => &[],
            };
            fields.iter().map(|field| (Root { api: self.api, kind, name: field.node.name.node.to_string() }, field.node.clone()))
        });
        fields.collect()
    }

    /// A document that calls one field with example arguments, and its variables.
    pub fn document(&self, (root, field): (&Root, &FieldDefinition), filling: &Filling) -> (String, Value) {
        let needed: Vec<&InputValueDefinition> =
            field.arguments.iter().map(|argument| &argument.node).filter(|argument| filling.everything || is_needed(argument)).collect();
        let declared: Vec<String> = needed.iter().map(|argument| format!("${}: {}", argument.name.node, argument.ty.node)).collect();
        let passed: Vec<String> = needed.iter().map(|argument| format!("{0}: ${0}", argument.name.node)).collect();
        let variables: Map<String, Value> =
            needed.iter().map(|argument| (argument.name.node.to_string(), self.example((&root.name, 0), argument, filling))).collect();
        let list = |parts: Vec<String>| if parts.is_empty() { String::new() } else { format!("({})", parts.join(", ")) };
        let selection = self.selection(&field.ty.node);
        (format!("{}{} {{ {}{} {selection} }}", root.kind, list(declared), root.name, list(passed)), Value::Object(variables))
    }

    /// A document that asks a paged list for so many rows with everything in them, three levels deep; nothing when the
    /// field is no paged list that can be asked for without further arguments.
    pub fn whole_page(&self, (root, field): (&Root, &FieldDefinition), rows: usize) -> Option<String> {
        let paged = field.arguments.iter().any(|argument| argument.node.name.node == "first");
        let free = field.arguments.iter().all(|argument| !is_needed(&argument.node));
        let Some(TypeKind::Object(connection)) = self.types.get(base(&field.ty.node)).map(|definition| &definition.kind) else {
            return None;
        };
        let edges = connection.fields.iter().find(|field| field.node.name.node == "edges")?;
        let node = match self.types.get(base(&edges.node.ty.node)).map(|definition| &definition.kind) {
            Some(TypeKind::Object(edge)) => edge.fields.iter().find(|field| field.node.name.node == "node")?,
            _ => return None,
        };
        let everything = self.everything(base(&node.node.ty.node), &mut Vec::new());
        (paged && free)
            .then(|| format!("{{ {}(first: {rows}) {{ edges {{ node {everything} }} pageInfo {{ hasNextPage }} }} }}", root.name))
    }

    /// Every field of a type that needs no arguments, three levels deep; no type within itself, no list within the list.
    fn everything(&self, name: &str, path: &mut Vec<String>) -> String {
        let Some(TypeKind::Object(object)) = self.types.get(name).map(|definition| &definition.kind) else {
            return match self.types.get(name).map(|definition| &definition.kind) {
                Some(TypeKind::Interface(_) | TypeKind::Union(_)) => "{ __typename }".to_owned(),
                _ => String::new(),
            };
        };
        path.push(name.to_owned());
        let mut selected = Vec::new();
        for field in object.fields.iter().map(|field| &field.node) {
            let inner = base(&field.ty.node);
            let nested = matches!(self.types.get(inner).map(|d| &d.kind), Some(TypeKind::Object(_)));
            let asks = field.arguments.iter().any(|argument| is_needed(&argument.node) || argument.node.name.node == "first");
            if asks || (nested && (path.len() > 3 || path.iter().any(|above| above == inner))) {
                continue;
            }
            selected.push(format!("{} {}", field.name.node, self.everything(inner, path)));
        }
        path.pop();
        format!("{{ __typename {} }}", selected.join(" "))
    }

    /// What to select: nothing of a scalar, the refusals of a payload, the type's name of anything else.
    fn selection(&self, ty: &Type) -> &'static str {
        match self.types.get(base(ty)).map(|definition| &definition.kind) {
            Some(TypeKind::Object(object)) if object.fields.iter().any(|field| field.node.name.node == "userErrors") => {
                "{ userErrors { code message } }"
            }
            Some(TypeKind::Object(_) | TypeKind::Interface(_) | TypeKind::Union(_)) => "{ __typename }",
            _ => "",
        }
    }

    fn example(&self, (place, depth): (&str, usize), value: &InputValueDefinition, filling: &Filling) -> Value {
        self.example_of((&format!("{place}.{}", value.name.node), depth), &value.ty.node.base, filling)
    }

    fn example_of(&self, (place, depth): (&str, usize), ty: &BaseType, filling: &Filling) -> Value {
        let name = match ty {
            BaseType::List(of) => return json!([self.example_of((place, depth), &of.base, filling)]),
            BaseType::Named(name) => name.as_str(),
        };
        match self.types.get(name).map(|definition| &definition.kind) {
            Some(TypeKind::Enum(values)) => json!(values.values[0].node.value.node.as_str()),
            Some(TypeKind::InputObject(input)) => {
                let one_of = self.types[name].directives.iter().any(|directive| directive.node.name.node == "oneOf");
                let fields = input.fields.iter().map(|field| &field.node);
                let given: Vec<&InputValueDefinition> = if one_of {
                    fields.take(1).collect()
                } else {
                    fields.filter(|field| (filling.everything && depth < 4) || is_needed(field)).collect()
                };
                let members =
                    given.into_iter().map(|field| (field.name.node.to_string(), self.example((place, depth + 1), field, filling)));
                Value::Object(members.collect())
            }
            _ => match name {
                "ID" => json!(id_for(place, filling)),
                "Int" | "Long" | "Float" => filling.number.clone(),
                "Boolean" => json!(true),
                "DateTime" => filling.date.clone(),
                _ => filling.text.clone(),
            },
        }
    }
}

fn is_needed(value: &InputValueDefinition) -> bool {
    !value.ty.node.nullable && value.default_value.is_none()
}

fn base(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name.as_str(),
        BaseType::List(of) => base(of),
    }
}

/// What ids look like, by the words a place begins or ends with; the first that fits counts.
const KINDS: &[(&str, &str)] = &[
    ("flashSaleQueue", "flp"),
    ("flashSale", "fls"),
    ("pass", "flp"),
    ("bargainRecord", "bgr"),
    ("bargainProof", "bgr"),
    ("bargainProgress", "bgr"),
    ("bargainCut", "bgr"),
    ("record", "bgr"),
    ("bargain", "bgc"),
    ("crowdfundingPollId", "cfv"),
    ("crowdfundingVote", "cfv"),
    ("crowdfundingPledgeId", "cfp"),
    ("crowdfunding", "cfd"),
    ("tier", "cft"),
    ("poll", "cfv"),
    ("pledge", "cfp"),
    ("reservation", "psr"),
    ("presale", "psl"),
    ("groupBuySeat", "gbs"),
    ("groupBuyTeam", "gbt"),
    ("groupBuyOpenTeams", "gbc"),
    ("groupBuy", "gbc"),
    ("team", "gbt"),
    ("seat", "gbs"),
    ("customer", "cus"),
    ("viewerSession", "ses"),
    ("session", "ses"),
    ("staff", "stf"),
    ("role", "rol"),
    ("category", "cat"),
    ("product", "prd"),
    ("sku", "sku"),
    ("stock", "sku"),
    ("media", "med"),
    ("quote", "quo"),
    ("line", "oln"),
    ("parcel", "pcl"),
    ("orderLine", "oln"),
    ("order", "ord"),
    ("store", "sto"),
    ("address", "adr"),
    ("payment", "pay"),
    ("refund", "rfd"),
    ("afterSale", "asc"),
    ("complaint", "cpl"),
    ("template", "cpt"),
    ("couponTemplate", "cpt"),
    ("couponClaim", "cpt"),
    ("couponCodes", "cpt"),
    ("couponGive", "cpt"),
    ("coupon", "cpn"),
    ("reduction", "rdc"),
    ("timeDiscount", "tds"),
    ("level", "mlv"),
    ("memberLevel", "mlv"),
    ("memberP", "mlv"),
    ("freightTemplate", "frt"),
    ("walletTopUp", "top"),
    ("topUp", "top"),
    ("walletWithdrawal", "wdl"),
    ("withdrawal", "wdl"),
    ("billDifference", "dif"),
    ("difference", "dif"),
    ("bill", "bil"),
    ("providerBill", "bil"),
    ("ledgerPosting", "pst"),
    ("job", "job"),
];

/// Another customer's id where there is one, else one nobody has. `orderCancel.input.orderId` wants an order's, as does
/// `orderCancel.id`.
fn id_for(place: &str, filling: &Filling) -> String {
    let (root, last) = (place.split('.').next().unwrap_or_default(), place.rsplit('.').next().unwrap_or_default());
    let kind = |word: &str| KINDS.iter().find(|(known, _)| word.starts_with(known)).map(|(_, prefix)| *prefix);
    let prefix = kind(last).or_else(|| kind(root)).unwrap_or("ord");
    let known = filling.ids.get(prefix).or(filling.id.as_ref());
    known.cloned().unwrap_or_else(|| format!("{prefix}_00000000000000000000000000000001"))
}

impl Client {
    /// Calls one root field; of a subscription the first event is the answer.
    pub async fn call(&self, sdl: &Sdl, root: (&Root, &FieldDefinition), filling: &Filling) -> Answer {
        let (document, variables) = sdl.document(root, filling);
        let api = root.0.api;
        if root.0.kind != "subscription" {
            return self.ask(api, &document, variables).await;
        }
        let mut events = self.events(api, &document, variables).await;
        let body = events.next().await.map_or(Value::Null, |(_, payload)| payload);
        Answer { status: events.status, headers: HeaderMap::new(), bytes: body.to_string().into_bytes(), body }
    }
}

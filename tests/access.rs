//! Who may call what: every root field of both APIs has a row in `tests/access.txt`, and is called as everybody.
//!
//! ```text
//! public          nobody is turned away
//! customer        signed-in shoppers; nobody else
//! staff           whoever works here
//! staff(X)        staff with the permission X; other staff, shoppers and strangers are turned away
//! ```
//!
//! Whoever is turned away has changed nothing: the rows of every table are counted before and after. Ids are those of
//! another customer's things, so a signed-in shopper may not reach them either.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, FieldDefinition, InputValueDefinition, Type, TypeDefinition, TypeKind, TypeSystemDefinition},
};
use kernel::Permission;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use serde_json::{Map, Value, json};
use testkit::{Answer, Api, Client, TestApp, both_backends};

/// One root field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Root {
    api: Api,
    kind: &'static str,
    name: String,
}

/// Who may call it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Access {
    Public,
    Customer,
    AnyStaff,
    Staff(Permission),
}

/// The types of one API.
struct Sdl {
    api: Api,
    types: BTreeMap<String, TypeDefinition>,
}

impl Sdl {
    fn of(api: Api) -> Self {
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

    fn roots(&self) -> Vec<(Root, FieldDefinition)> {
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
    fn call(&self, root: &Root, field: &FieldDefinition, ids: &BTreeMap<&str, String>) -> (String, Value) {
        let needed: Vec<&InputValueDefinition> =
            field.arguments.iter().map(|argument| &argument.node).filter(|argument| is_needed(argument)).collect();
        let declared: Vec<String> = needed.iter().map(|argument| format!("${}: {}", argument.name.node, argument.ty.node)).collect();
        let passed: Vec<String> = needed.iter().map(|argument| format!("{0}: ${0}", argument.name.node)).collect();
        let variables: Map<String, Value> =
            needed.iter().map(|argument| (argument.name.node.to_string(), self.example(&root.name, argument, ids))).collect();
        let list = |parts: Vec<String>| if parts.is_empty() { String::new() } else { format!("({})", parts.join(", ")) };
        let selection = self.selection(&field.ty.node);
        (format!("{}{} {{ {}{} {selection} }}", root.kind, list(declared), root.name, list(passed)), Value::Object(variables))
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

    fn example(&self, place: &str, value: &InputValueDefinition, ids: &BTreeMap<&str, String>) -> Value {
        self.example_of(&format!("{place}.{}", value.name.node), &value.ty.node.base, ids)
    }

    fn example_of(&self, place: &str, ty: &BaseType, ids: &BTreeMap<&str, String>) -> Value {
        let name = match ty {
            BaseType::List(of) => return json!([self.example_of(place, &of.base, ids)]),
            BaseType::Named(name) => name.as_str(),
        };
        match self.types.get(name).map(|definition| &definition.kind) {
            Some(TypeKind::Enum(values)) => json!(values.values[0].node.value.node.as_str()),
            Some(TypeKind::InputObject(input)) => {
                let one_of = self.types[name].directives.iter().any(|directive| directive.node.name.node == "oneOf");
                let fields = input.fields.iter().map(|field| &field.node);
                let given: Vec<&InputValueDefinition> =
                    if one_of { fields.take(1).collect() } else { fields.filter(|field| is_needed(field)).collect() };
                let members = given.into_iter().map(|field| (field.name.node.to_string(), self.example(place, field, ids)));
                Value::Object(members.collect())
            }
            _ => match name {
                "ID" => json!(id_for(place, ids)),
                "Int" | "Long" => json!(1),
                "Float" => json!(1.0),
                "Boolean" => json!(true),
                "DateTime" => json!("2026-11-11T04:00:00.000Z"),
                _ => json!("example-text-0001"),
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
const KINDS: [(&str, &str); 22] = [
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
    ("order", "ord"),
    ("payment", "pay"),
    ("refund", "rfd"),
    ("ledgerPosting", "pst"),
    ("job", "job"),
];

/// Another customer's id where there is one, else one nobody has. `orderCancel.input.orderId` wants an order's, as does
/// `orderCancel.id`.
fn id_for(place: &str, ids: &BTreeMap<&str, String>) -> String {
    let (root, last) = (place.split('.').next().unwrap_or_default(), place.rsplit('.').next().unwrap_or_default());
    let kind = |word: &str| KINDS.iter().find(|(known, _)| word.starts_with(known)).map(|(_, prefix)| *prefix);
    let prefix = kind(last).or_else(|| kind(root)).unwrap_or("ord");
    ids.get(prefix).cloned().unwrap_or_else(|| format!("{prefix}_00000000000000000000000000000001"))
}

/// The committed table.
fn table() -> BTreeMap<Root, Access> {
    let rows = include_str!("access.txt").lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    rows.map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [api, kind, name, access] = words[..] else { panic!("not four words: {line}") };
        let api = if api == "shop" { Api::Shop } else { Api::Admin };
        let kind = ["query", "mutation", "subscription"].into_iter().find(|known| *known == kind).expect("a kind of root field");
        (Root { api, kind, name: name.to_owned() }, read_access(access))
    })
    .collect()
}

fn read_access(text: &str) -> Access {
    match text {
        "public" => Access::Public,
        "customer" => Access::Customer,
        "staff" => Access::AnyStaff,
        other => {
            let name = other.strip_prefix("staff(").and_then(|rest| rest.strip_suffix(')')).unwrap_or_else(|| panic!("no access: {other}"));
            Access::Staff(serde_json::from_value(json!(name)).unwrap_or_else(|_| panic!("no permission: {name}")))
        }
    }
}

#[test]
fn every_root_field_has_a_row_and_every_row_a_field() {
    let rows: BTreeSet<Root> = table().into_keys().collect();
    let fields: BTreeSet<Root> = [Api::Shop, Api::Admin].into_iter().flat_map(|api| Sdl::of(api).roots()).map(|(root, _)| root).collect();
    let missing: Vec<String> = fields.difference(&rows).map(|root| format!("{:?} {} {}", root.api, root.kind, root.name)).collect();
    let stale: Vec<&Root> = rows.difference(&fields).collect();
    assert!(missing.is_empty() && stale.is_empty(), "tests/access.txt misses:\n{}\nand has too much: {stale:?}", missing.join("\n"));
}

/// How a call ended, as far as access is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    Unauthenticated,
    Forbidden,
    Open,
}

/// Calls one field.
async fn call(sdl: &Sdl, (root, field): (&Root, &FieldDefinition), client: &Client, ids: &BTreeMap<&str, String>) -> (Door, Answer) {
    let (document, variables) = sdl.call(root, field, ids);
    let answer = if root.kind == "subscription" {
        let mut events = client.events(root.api, &document, variables).await;
        let body = events.next().await.map_or(Value::Null, |(_, payload)| payload);
        Answer { status: events.status, headers: Default::default(), bytes: body.to_string().into_bytes(), body }
    } else {
        client.ask(root.api, &document, variables).await
    };
    assert!(answer.status.as_u16() < 500, "{}: {} {}", root.name, answer.status, answer.shown());
    let door = match answer.error() {
        Some("UNAUTHENTICATED") => Door::Unauthenticated,
        Some("FORBIDDEN") => Door::Forbidden,
        Some("INTERNAL") => panic!("{}: {}", root.name, answer.shown()),
        _ => Door::Open,
    };
    (door, answer)
}

/// How many rows every table has.
async fn rows(db: &DatabaseConnection) -> BTreeMap<String, i64> {
    let backend = db.get_database_backend();
    let tables = match backend {
        sea_orm::DbBackend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        _ => "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'",
    };
    let tables = db.query_all_raw(Statement::from_string(backend, tables)).await.expect("the tables can be listed");
    let names: Vec<String> = tables.iter().map(|row| row.try_get("", "name").expect("a name")).collect();
    let counts =
        names.iter().map(|name| format!("SELECT '{name}' AS name, count(*) AS n FROM \"{name}\"")).collect::<Vec<_>>().join(" UNION ALL ");
    let counts = db.query_all_raw(Statement::from_string(backend, counts)).await.expect("rows can be counted");
    counts.iter().map(|row| (row.try_get("", "name").expect("a name"), row.try_get("", "n").expect("a number"))).collect()
}

/// Staff who have every permission but one.
#[derive(Default)]
struct Lacking(BTreeMap<Permission, Client>);

impl Lacking {
    async fn without(&mut self, app: &TestApp, needed: Permission) -> Client {
        if let Some(known) = self.0.get(&needed) {
            return known.clone();
        }
        let others: Vec<Permission> = Permission::ALL.into_iter().filter(|permission| *permission != needed).collect();
        let client = app.staff(&others).await;
        self.0.insert(needed, client.clone());
        client
    }
}

both_backends! {
    async fn everybody_gets_what_is_theirs_and_a_refusal_changes_nothing(app: TestApp) {
        let table = table();
        let (anonymous, customer, owner) = (app.stranger(), app.customer("ann").await, app.owner().await);
        let db = app.database.connect().await;
        let (mut wrong, mut lacking) = (Vec::new(), Lacking::default());
        for api in [Api::Shop, Api::Admin] {
            let sdl = Sdl::of(api);
            let ids = BTreeMap::new();
            for (root, field) in &sdl.roots() {
                let Some(access) = table.get(root) else { continue };
                let underprivileged = match access {
                    Access::Staff(needed) => Some(lacking.without(&app, *needed).await),
                    _ => None,
                };
                let expected: [(&str, Option<&Client>, Option<Door>); 4] = match access {
                    Access::Public => [("anybody", Some(&anonymous), Some(Door::Open)), ("-", None, None), ("-", None, None), ("-", None, None)],
                    Access::Customer => [
                        ("anonymous", Some(&anonymous), Some(Door::Unauthenticated)),
                        ("owner", Some(&owner), Some(Door::Forbidden)),
                        ("customer", Some(&customer), Some(Door::Open)),
                        ("-", None, None),
                    ],
                    Access::AnyStaff | Access::Staff(_) => [
                        ("anonymous", Some(&anonymous), Some(Door::Unauthenticated)),
                        ("customer", Some(&customer), Some(Door::Forbidden)),
                        ("underprivileged", underprivileged.as_ref(), Some(Door::Forbidden)),
                        ("owner", Some(&owner), Some(Door::Open)),
                    ],
                };
                for (who, client, door) in expected {
                    let (Some(client), Some(door)) = (client, door) else { continue };
                    let before = rows(&db).await;
                    let (found, answer) = call(&sdl, (root, field), client, &ids).await;
                    if found != door {
                        wrong.push(format!("{:?} {} {} as {who}: {found:?}, not {door:?}: {}", root.api, root.kind, root.name, answer.shown()));
                    }
                    if door != Door::Open && rows(&db).await != before {
                        wrong.push(format!("{:?} {} {} as {who} changed something", root.api, root.kind, root.name));
                    }
                }
            }
        }
        app.settle().await;
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

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

use async_graphql::parser::types::FieldDefinition;
use kernel::Permission;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use serde_json::json;
use testkit::{
    Answer, Api, Client, TestApp, both_backends,
    calls::{Filling, Root, Sdl},
};

/// Who may call it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Access {
    Public,
    Customer,
    AnyStaff,
    Staff(Permission),
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
async fn call(sdl: &Sdl, root: (&Root, &FieldDefinition), client: &Client) -> (Door, Answer) {
    let (answer, name) = (client.call(sdl, root, &Filling::default()).await, &root.0.name);
    assert!(answer.status.as_u16() < 500, "{name}: {} {}", answer.status, answer.shown());
    let door = match answer.error() {
        Some("UNAUTHENTICATED") => Door::Unauthenticated,
        Some("FORBIDDEN") => Door::Forbidden,
        Some("INTERNAL") => panic!("{name}: {}", answer.shown()),
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
                    let (found, answer) = call(&sdl, (root, field), client).await;
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

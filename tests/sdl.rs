//! The committed SDL is what the binary serves, and everything in it is described.

use std::path::Path;

fn committed(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema").join(name);
    std::fs::read_to_string(&path).unwrap_or_default()
}

#[test]
fn the_committed_schemas_are_current() {
    for (name, current) in [("shop.graphql", schema::shop_sdl()), ("admin.graphql", schema::admin_sdl())] {
        assert!(committed(name) == current, "schema/{name} is stale: run `make schema` and commit what changes");
    }
}

/// Lines that declare a type, a field, an argument on its own line or an enum value without a description above them.
fn undescribed(sdl: &str) -> Vec<String> {
    let mut missing = Vec::new();
    let (mut described, mut in_text, mut owner) = (false, false, String::new());
    for line in sdl.lines() {
        let bare = line.trim();
        if bare.starts_with("\"\"\"") || in_text {
            let quotes = bare.matches("\"\"\"").count();
            in_text = if in_text { quotes == 0 } else { quotes == 1 };
            described = true;
            continue;
        }
        let declares_type = ["type ", "interface ", "enum ", "input ", "union ", "scalar "].iter().any(|word| line.starts_with(word));
        if declares_type {
            owner = bare.trim_end_matches('{').trim().to_owned();
        }
        let declares_member = line.starts_with('\t') && !bare.is_empty() && bare != "}" && !bare.starts_with(')');
        if line.starts_with("schema") {
            owner = "schema".to_owned();
        }
        // The roots are described by what they are called.
        let root = owner == "schema" || (["type Query", "type Mutation", "type Subscription"].contains(&owner.as_str()) && declares_type);
        if (declares_type || declares_member) && !described && !root {
            missing.push(format!("{owner}: {bare}"));
        }
        if !bare.is_empty() {
            described = false;
        }
    }
    missing
}

#[test]
fn everything_is_described() {
    for sdl in [schema::shop_sdl(), schema::admin_sdl()] {
        let missing = undescribed(&sdl);
        assert!(missing.is_empty(), "{} without a description:\n{}", missing.len(), missing.join("\n"));
    }
}

#[test]
fn an_undescribed_field_would_be_found() {
    let sdl = "\"\"\"\nA thing.\n\"\"\"\ntype Thing {\n\t\"\"\"\n\tIts id.\n\t\"\"\"\n\tid: ID!\n\tname: String!\n}\n";
    assert_eq!(undescribed(sdl), ["type Thing: name: String!"]);
}

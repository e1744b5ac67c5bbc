//! The invariants of ARCHITECTURE.md, read off the sources: arrows, pure rules, who knows what, one writer per table.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use kernel::Locale;

/// From left to right; a crate may use those to its left.
const LAYERS: [&str; 11] =
    ["kernel", "entity", "platform", "realtime", "identity", "catalog", "promotion", "trade", "campaign", "schema", "liebian"];

/// Ours, but beside the arrows.
const BESIDE: [&str; 4] = ["migration", "sandbox", "gateways", "testkit"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn home(package: &str) -> PathBuf {
    match package {
        "liebian" => root().to_path_buf(),
        "entity" | "migration" | "schema" => root().join(package),
        other => root().join("crates").join(other),
    }
}

/// Every Rust file below a folder, with its text.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a source folder can be listed").flatten() {
            let path = entry.path();
            if path.is_dir() && !["target", "node_modules"].contains(&entry.file_name().to_string_lossy().as_ref()) {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("a source file is text");
                found.push((path, text));
            }
        }
    }
    found.sort();
    found
}

/// Every source of the product: not the tests, not the kit.
fn product() -> Vec<(PathBuf, String)> {
    let packages = LAYERS.iter().chain(&["migration", "sandbox", "gateways"]);
    let mut all: Vec<_> = packages.flat_map(|package| sources(&home(package).join("src"))).collect();
    all.retain(|(path, _)| !path.iter().any(|part| part == "tests" || part == "tests.rs"));
    all
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// The dependencies of a package that are ours, without those of its tests.
fn ours(package: &str) -> BTreeSet<String> {
    let manifest = std::fs::read_to_string(home(package).join("Cargo.toml")).expect("every package has a manifest");
    let mut section = String::new();
    let mut found = BTreeSet::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            section = line.to_owned();
        } else if section == "[dependencies]" {
            let name = line.split(['.', '=', ' ']).next().unwrap_or_default();
            if LAYERS.contains(&name) || BESIDE.contains(&name) {
                found.insert(name.to_owned());
            }
        }
    }
    found
}

#[test]
fn arrows_point_left() {
    for (place, package) in LAYERS.iter().enumerate() {
        for used in ours(package) {
            let left = LAYERS[..place].contains(&used.as_str());
            let beside = match used.as_str() {
                "migration" => ["platform", "liebian"].contains(package),
                "sandbox" | "gateways" => *package == "liebian",
                _ => false,
            };
            assert!(left || beside, "{package} uses {used}, which is not to its left");
        }
    }
    assert!(ours("kernel").is_empty(), "the kernel uses nothing of ours");
    assert!(
        ours("gateways").is_subset(&BTreeSet::from(["kernel".to_owned(), "trade".to_owned()])),
        "the clients of payment providers know trade's port and nothing else"
    );
    assert!(ours("sandbox").is_subset(&BTreeSet::from(["kernel".to_owned()])), "the bank is a stranger to the mall");
}

/// What a statement that ends here takes from elsewhere, if it is a `use`.
fn used(statement: &str) -> Option<String> {
    let mut lines = statement.lines().map(str::trim_start);
    let first = lines.find_map(|line| line.strip_prefix("pub use ").or_else(|| line.strip_prefix("use ")))?;
    Some(std::iter::once(first).chain(lines).collect::<Vec<_>>().join("\n"))
}

#[test]
fn rules_are_pure() {
    let allowed = ["std::", "core::", "kernel::", "super::", "self::", "crate::", "serde::", "thiserror::", "proptest::", "promotion::"];
    let mut seen = 0;
    for (path, text) in product() {
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
        if !parts.iter().any(|part| part == "rules.rs" || part == "rules") {
            continue;
        }
        seen += 1;
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for path_used in code.split_inclusive(';').filter_map(used) {
            let path_used = path_used.as_str();
            let pure = allowed.iter().any(|prefix| path_used.starts_with(prefix))
                || path_used.starts_with(char::is_uppercase)
                || !path_used.contains("::");
            assert!(pure, "{}: rules use {path_used}", shown(&path));
            // Pricing is rules from end to end.
            let pure = |part: &str| ["rules", "::Account", "pricing::"].iter().any(|pure| part.contains(pure));
            let own = match (path_used.strip_prefix("crate::{"), path_used.starts_with("crate::")) {
                (Some(group), _) => group.lines().map(str::trim).filter(|part| part.contains("::")).all(pure),
                (None, from_here) => !from_here || pure(path_used),
            };
            assert!(own, "{}: rules reach for {path_used}", shown(&path));
        }
        for word in ["async fn", ".await", "sea_orm", "async_graphql", "tokio", "platform::"] {
            assert!(!code.contains(word), "{}: rules say {word}", shown(&path));
        }
    }
    assert!(seen >= 5, "only {seen} rules were found");
}

#[test]
fn each_outside_world_is_known_in_one_place() {
    let confined: [(&str, &[&str]); 4] = [
        ("axum", &["src/http/", "src/app.rs", "src/bank.rs", "src/config.rs", "crates/realtime/", "crates/sandbox/"]),
        ("redis::", &["crates/platform/"]),
        (
            "async_graphql",
            &[
                "crates/kernel/",
                "crates/platform/",
                "crates/realtime/",
                "schema/",
                "src/http/",
                "/graphql/",
                "/graphql.rs",
                "/loaders.rs",
                "/src/lib.rs",
            ],
        ),
        ("chrono::Utc", &["crates/platform/src/clock.rs"]),
    ];
    for (path, text) in product() {
        let at = shown(&path);
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (world, places) in confined {
            let named = code.lines().filter(|line| !line.trim_start().starts_with("//")).any(|line| line.contains(world));
            assert!(!named || places.iter().any(|place| at.contains(place)), "{at} knows {world}");
        }
    }
}

/// The capability a file belongs to: its crate and the folder (or file) right below `src`.
fn capability(path: &Path) -> String {
    let at = shown(path);
    let mut parts = at.split('/');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some("crates"), Some("platform"), ..) => "platform".to_owned(),
        (Some("crates"), Some(context), Some("src"), Some(capability)) => format!("{context}/{}", capability.trim_end_matches(".rs")),
        (Some(first), ..) => first.to_owned(),
        _ => at,
    }
}

/// The tables a file names, by the name it gives them: `use entity::trade::{order_line as line}` → `line` → `trade::order_line`.
fn tables(text: &str) -> BTreeMap<String, String> {
    let mut named = BTreeMap::new();
    for statement in text.split("use entity::").skip(1) {
        let statement = statement.split(';').next().unwrap_or_default();
        let flat: String = statement.split_whitespace().collect::<Vec<_>>().join(" ");
        collect("", &flat, &mut named);
    }
    named
}

fn collect(prefix: &str, tree: &str, named: &mut BTreeMap<String, String>) {
    if let Some((head, rest)) = tree.split_once("::{") {
        let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
        let (mut depth, mut start) = (0, 0);
        for (i, c) in inner.char_indices().chain([(inner.len(), ',')]) {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    collect(&format!("{prefix}{head}::"), inner[start..i].trim(), named);
                    start = i + 1;
                }
                _ => {}
            }
        }
    } else if !tree.is_empty() {
        let (path, alias) = tree.split_once(" as ").unwrap_or((tree, tree.rsplit("::").next().unwrap_or(tree)));
        named.insert(alias.trim().to_owned(), format!("{prefix}{path}").trim().to_owned());
    }
}

#[test]
fn a_table_has_one_writer() {
    let mut writers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in product() {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (alias, table) in tables(code) {
            let writes = ["insert", "update", "delete"].iter().any(|verb| code.contains(&format!("{alias}::Entity::{verb}")));
            if writes || code.contains(&format!("{alias}::ActiveModel")) {
                writers.entry(table).or_default().insert(capability(&path));
            }
        }
    }
    assert!(writers.len() >= 8, "only {} written tables were found", writers.len());
    for (table, writers) in writers {
        assert!(writers.len() == 1, "{table} is written by {writers:?}");
    }
}

#[test]
fn contexts_keep_to_their_own_tables() {
    for (path, text) in product() {
        let context = capability(&path).split('/').next().unwrap_or_default().to_owned();
        if !["identity", "catalog", "trade", "campaign"].contains(&context.as_str()) {
            continue;
        }
        for table in tables(&text).into_values() {
            assert!(table.starts_with(&format!("{context}::")), "{} reads {table}, which is another context's", shown(&path));
        }
    }
}

/// The refusal codes of the product: `=> "SOME_CODE"` and `"SOME_CODE"` as the only thing in `fn code`.
fn codes() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (_, text) in product().into_iter().filter(|(path, _)| !shown(path).starts_with("crates/sandbox/")) {
        let refusals = text.split("Refusal for ").skip(1).filter_map(|block| block.split("\n}").next());
        for body in refusals.filter_map(|block| block.split("fn code(&self) -> &'static str {").nth(1)) {
            let body = body.split("\n    }").next().unwrap_or_default();
            for quoted in body.split('"').skip(1).step_by(2) {
                let is_code = quoted.len() > 3 && quoted.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
                if is_code {
                    found.insert(quoted.to_owned());
                }
            }
        }
    }
    found
}

#[test]
fn every_refusal_speaks_every_language() {
    let codes = codes();
    assert!(codes.len() > 20, "only {} codes were found", codes.len());
    let silent: Vec<String> = codes
        .iter()
        .flat_map(|code| {
            Locale::ALL
                .iter()
                .filter(|locale| !platform::messages::is_written(**locale, code))
                .map(move |l| format!("{code} in {}", l.tag()))
        })
        .collect();
    assert!(silent.is_empty(), "no sentence is written for: {}", silent.join(", "));
}

#[test]
fn the_clock_is_guarded() {
    let bans = std::fs::read_to_string(root().join("clippy.toml")).expect("clippy.toml is there");
    for call in ["chrono::Utc::now", "std::time::SystemTime::now", "uuid::Uuid::now_v7", "uuid::Uuid::new_v4"] {
        assert!(bans.contains(call), "clippy.toml does not ban {call}");
    }
}

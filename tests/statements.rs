//! No list asks the database once per row: a long page with everything in it takes as many statements as a short one.
//! Every paged list of both APIs is asked, on the demo mall.
//!
//! Loaders gather what is asked for at one moment, so a page may take a statement more or less each time: the fewest of
//! several askings count, and a handful more is let pass. One per row is not.

use kernel::seconds;
use serde_json::json;
use testkit::{Api, Client, TestApp, both_backends, calls::Sdl};

/// How many rows a list has, and the fewest statements it took to ask for them.
async fn fewest(app: &TestApp, (api, field): (Api, &str), document: &str) -> (u64, u64) {
    // Signed in anew: the clock moves on while asking.
    let somebody: Client = match api {
        Api::Shop => (*app.customer("ann").await).clone(),
        Api::Admin => app.owner().await,
    };
    let (mut rows, mut statements) = (0, u64::MAX);
    for _ in 0..6 {
        app.advance(seconds(5)).await;
        let before = app.statements();
        let answer = somebody.ask(api, document, json!({})).await;
        statements = statements.min(app.statements() - before);
        rows = answer.ok(field)["edges"].as_array().map_or(0, Vec::len) as u64;
    }
    (rows, statements)
}

both_backends! {
    async fn a_longer_page_takes_no_more_statements(app: TestApp) {
        app.furnish().await;
        let (mut wrong, mut asked) = (Vec::new(), 0);
        for api in [Api::Shop, Api::Admin] {
            let sdl = Sdl::of(api);
            for (root, field) in &sdl.roots() {
                let Some(short) = sdl.whole_page((root, field), 2) else { continue };
                let long = sdl.whole_page((root, field), 20).expect("the same list");
                let (few, fewer) = fewest(&app, (api, &root.name), &short).await;
                let (many, more) = fewest(&app, (api, &root.name), &long).await;
                asked += 1;
                if more > fewer + Ord::max(2, (many - few) / 2) {
                    wrong.push(format!("{api:?} {}: {fewer} statements for {few} rows, {more} for {many}", root.name));
                }
                if many < few + 3 {
                    wrong.push(format!("{api:?} {}: {few} rows and {many} rows prove nothing", root.name));
                }
            }
        }
        assert!(asked > 3, "only {asked} lists");
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

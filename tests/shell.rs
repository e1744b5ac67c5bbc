//! The HTTP shell: alive, ready, counted, and what every answer has in common.

use reqwest::{
    Method, StatusCode,
    header::{ACCEPT_ENCODING, HeaderName},
};
use testkit::both_backends;

both_backends! {
    async fn the_mall_is_alive_and_ready_and_says_no_when_it_is_not(app: TestApp) {
        let anybody = app.stranger();
        assert_eq!(anybody.get("/healthz").await.bytes, b"ok\n");
        let ready = anybody.get("/readyz").await;
        assert_eq!((ready.status, ready.body["ready"].as_bool()), (StatusCode::OK, Some(true)), "{}", ready.shown());
        app.app().drain();
        let draining = anybody.get("/readyz").await;
        assert_eq!((draining.status, draining.body["draining"].as_bool()), (StatusCode::SERVICE_UNAVAILABLE, Some(true)));
    }

    async fn every_answer_has_a_number_and_careful_headers(app: TestApp) {
        let id = HeaderName::from_static("x-request-id");
        let nothing = app.stranger().get("/no/such/page").await;
        assert_eq!((nothing.status, nothing.error()), (StatusCode::NOT_FOUND, Some("NOT_FOUND")));
        assert_eq!(nothing.headers[&id], nothing.body["errors"][0]["extensions"]["requestId"].as_str().expect("a number"));
        for (header, value) in [("x-content-type-options", "nosniff"), ("x-frame-options", "DENY")] {
            assert_eq!(nothing.headers[header], value);
        }
        let given = app.stranger().send(Method::GET, "/healthz", &[(id.clone(), "balancer-0001")], Vec::new()).await;
        assert_eq!(given.headers[&id], "balancer-0001");
        let metrics = app.stranger().send(Method::GET, "/metrics", &[(ACCEPT_ENCODING, "gzip")], Vec::new()).await;
        assert_eq!(metrics.headers["content-encoding"], "gzip");
    }
}

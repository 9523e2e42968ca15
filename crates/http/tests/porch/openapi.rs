//! The OpenAPI document names exactly our own routes.

use std::collections::BTreeSet;

use http_porch::routes::ROUTES;

use crate::house::House;

fn is_ours(path: &str) -> bool {
    [
        "/services/omni/",
        "/healthz",
        "/readyz",
        "/metrics",
        "/openapi.json",
    ]
    .iter()
    .any(|p| path.starts_with(p))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_of_ours_is_described_and_nothing_else() {
    let house = House::open().await;
    let document = house.get("/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    let mut described = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            assert!(
                operation["responses"].is_object(),
                "{method} {path} has no responses"
            );
            assert!(
                operation["summary"].is_string(),
                "{method} {path} has no summary"
            );
            described.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    let served: BTreeSet<String> = ROUTES
        .iter()
        .filter(|route| is_ours(route.path))
        .map(|route| format!("{} {}", route.verb.as_str(), route.path))
        .collect();
    assert_eq!(described, served);
}

//! Records and queries over REST: explanations, conditions on requests, layouts.

use serde_json::json;

use crate::house::House;

#[tokio::test]
async fn a_query_is_explained() {
    let house = House::open().await;
    let query = "SELECT+Id+FROM+Case+WHERE+CaseNumber+%3D+'00001000'+AND+Subject+%3D+'x'";
    let path = format!("/services/data/v64.0/query?explain={query}");
    let reply = house.get(&path).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let body = reply.json();
    let plan = &body["plans"][0];
    assert_eq!(plan["leadingOperationType"], "Index");
    assert_eq!(plan["fields"], json!(["CaseNumber"]));
    assert_eq!(plan["sobjectType"], "Case");
    assert_eq!(plan["notes"][0]["fields"], json!(["Subject"]));
    assert_eq!(
        body["sourceQuery"],
        "SELECT Id FROM Case WHERE CaseNumber = '00001000' AND Subject = 'x'"
    );
    for (text, code) in [
        ("SELECT+Id+FROM+Nope", "INVALID_TYPE"),
        ("SELECT+Nope+FROM+Case", "INVALID_FIELD"),
        ("00O000000000001", "MALFORMED_QUERY"),
    ] {
        let path = format!("/services/data/v64.0/query?explain={text}");
        let reply = house.get(&path).await;
        assert_eq!((reply.status, reply.code()), (400, code.to_owned()));
    }
}

//! Records and queries over REST: explanations, conditions on requests, layouts.

use serde_json::json;

use crate::house::{House, Reply};

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

/// The value of a header of an answer.
fn header<'r>(reply: &'r Reply, name: &str) -> Option<&'r str> {
    let lines = reply.head.lines().filter_map(|line| line.split_once(": "));
    let mut found = lines.filter(|(known, _)| known.eq_ignore_ascii_case(name));
    found.next().map(|(_, value)| value.trim())
}

async fn with(house: &House, method: &str, path: &str, more: &[(&str, &str)], body: &str) -> Reply {
    let token = format!("Bearer {}", house.admin);
    let mut headers = vec![
        ("Authorization", token.as_str()),
        ("Content-Type", "application/json"),
    ];
    headers.extend(more);
    house.send(method, path, &headers, body.as_bytes()).await
}

#[tokio::test]
async fn a_record_is_read_only_if_it_is_new_to_the_client() {
    let house = House::open().await;
    let id = house.create("Account", json!({"Name": "Acme"})).await;
    let path = format!("/services/data/v64.0/sobjects/Account/{id}");
    let first = house.get(&path).await;
    let tag = header(&first, "etag").unwrap().to_owned();
    let date = header(&first, "last-modified").unwrap().to_owned();
    let named = house.get(&format!("{path}?fields=Name")).await;
    assert_eq!(header(&named, "etag"), Some(tag.as_str()));
    assert_eq!(
        named.json().as_object().unwrap().len(),
        2,
        "{}",
        named.text()
    );
    let weak = format!("\"1\", W/{tag}");
    for (name, value, status) in [
        ("If-None-Match", tag.as_str(), 304),
        ("If-None-Match", weak.as_str(), 304),
        ("If-None-Match", "*", 304),
        ("If-None-Match", "\"1\"", 200),
        ("If-Match", tag.as_str(), 200),
        ("If-Match", "*", 200),
        ("If-Match", "\"1\"", 412),
        ("If-Match", "nonsense", 412),
        ("If-Modified-Since", date.as_str(), 304),
        ("If-Modified-Since", "Thu, 01 Jan 1970 00:00:00 GMT", 200),
        ("If-Modified-Since", "nonsense", 200),
        ("If-Unmodified-Since", date.as_str(), 200),
        ("If-Unmodified-Since", "Thu, 01 Jan 1970 00:00:00 GMT", 412),
    ] {
        let reply = with(&house, "GET", &path, &[(name, value)], "").await;
        assert_eq!(reply.status, status, "{name}: {value}");
        match status {
            304 => assert_eq!(header(&reply, "etag"), Some(tag.as_str())),
            412 => assert_eq!(reply.code(), "PRECONDITION_FAILED"),
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_record_is_changed_only_if_it_is_as_the_client_knows_it() {
    let house = House::open().await;
    let id = house.create("Account", json!({"Name": "Acme"})).await;
    let path = format!("/services/data/v64.0/sobjects/Account/{id}");
    let tag = header(&house.get(&path).await, "etag").unwrap().to_owned();
    let patch = r#"{"Name": "Ours"}"#;
    let stale = [("If-Match", "\"1\"")];
    for (method, body) in [("PATCH", patch), ("DELETE", "")] {
        let reply = with(&house, method, &path, &stale, body).await;
        assert_eq!(
            (reply.status, reply.code()),
            (412, "PRECONDITION_FAILED".into())
        );
    }
    let old = [("If-Unmodified-Since", "Thu, 01 Jan 1970 00:00:00 GMT")];
    assert_eq!(with(&house, "PATCH", &path, &old, patch).await.status, 412);
    let fresh = [("If-Match", tag.as_str())];
    assert_eq!(
        with(&house, "PATCH", &path, &fresh, patch).await.status,
        204
    );
    let reply = with(&house, "PATCH", &path, &fresh, r#"{"Name": "Theirs"}"#).await;
    assert_eq!(reply.status, 412, "the tag is that of the record before");
    assert_eq!(house.get(&path).await.json()["Name"], "Ours");
    // an upsert that may only create, and one of a record that is not there
    let keyed = "/services/data/v64.0/sobjects/Contact/Email/a@x.example";
    let body = r#"{"LastName": "A"}"#;
    let only_new = [("If-None-Match", "*")];
    assert_eq!(
        with(&house, "PATCH", keyed, &[("If-Match", "*")], body)
            .await
            .status,
        412
    );
    assert_eq!(
        with(&house, "PATCH", keyed, &only_new, body).await.status,
        201
    );
    assert_eq!(
        with(&house, "PATCH", keyed, &only_new, body).await.status,
        412
    );
    let tag = header(&house.get(&path).await, "etag").unwrap().to_owned();
    let fresh = [("If-Match", tag.as_str())];
    assert_eq!(with(&house, "DELETE", &path, &fresh, "").await.status, 204);
}

#[tokio::test]
async fn subrequests_have_conditions_of_their_own() {
    let house = House::open().await;
    let id = house.create("Account", json!({"Name": "Acme"})).await;
    let path = format!("/services/data/v64.0/sobjects/Account/{id}");
    for atomic in [true, false] {
        let body = json!({"allOrNone": atomic, "compositeRequest": [
            {"method": "PATCH", "url": path, "referenceId": "a", "body": {"Name": "Other"},
             "httpHeaders": {"If-Match": "\"1\""}}
        ]});
        let reply = house
            .post("/services/data/v64.0/composite", &body)
            .await
            .json();
        let one = &reply["compositeResponse"][0];
        assert_eq!(one["httpStatusCode"], 412, "{reply}");
        assert_eq!(one["body"][0]["errorCode"], "PRECONDITION_FAILED");
    }
    assert_eq!(house.get(&path).await.json()["Name"], "Acme");
}

#[tokio::test]
async fn an_address_is_read_as_one_and_written_in_parts() {
    let house = House::open().await;
    let parts = json!({"Name": "Acme", "BillingCity": "Kiel", "BillingLatitude": 54.3});
    let id = house.create("Account", parts).await;
    let path = format!("/services/data/v64.0/sobjects/Account/{id}");
    let address = json!({"city": "Kiel", "country": null, "geocodeAccuracy": null, "latitude": 54.3,
        "longitude": null, "postalCode": null, "state": null, "street": null});
    for read in [path.clone(), format!("{path}?fields=BillingAddress")] {
        let body = house.get(&read).await.json();
        assert_eq!(body["BillingAddress"], address, "{body}");
    }
    assert_eq!(
        house.get(&path).await.json()["ShippingAddress"],
        json!(null)
    );
    let describe = "/services/data/v64.0/sobjects/Account/describe";
    let fields = house.get(describe).await.json()["fields"].clone();
    let fact = |name: &str, fact: &str| {
        let found = fields
            .as_array()
            .unwrap()
            .iter()
            .find(|f| f["name"] == name);
        found.unwrap()[fact].clone()
    };
    assert_eq!(fact("BillingCity", "compoundFieldName"), "BillingAddress");
    assert_eq!(fact("BillingAddress", "compoundFieldName"), json!(null));
    assert_eq!(fact("BillingAddress", "createable"), false);
    let body = r#"{"BillingAddress": "Kiel"}"#;
    let reply = with(&house, "PATCH", &path, &[], body).await;
    assert_eq!(reply.status, 400, "{}", reply.text());
}

#[tokio::test]
async fn layouts_are_made_from_what_the_caller_may_do() {
    let house = House::open().await;
    let base = "/services/data/v64.0/sobjects/Case/describe";
    let all = house.get(&format!("{base}/layouts")).await.json();
    assert_eq!(all["layouts"].as_array().map(Vec::len), Some(1), "{all}");
    let one = house
        .get(&format!("{base}/layouts/012000000000000AAA"))
        .await;
    assert_eq!(one.json(), all["layouts"][0]);
    let other = house
        .get(&format!("{base}/layouts/012000000000001AAA"))
        .await;
    assert_eq!((other.status, other.code()), (404, "NOT_FOUND".to_owned()));
    let compact = house.get(&format!("{base}/compactLayouts")).await.json();
    assert_eq!(compact["compactLayouts"][0]["name"], "SYSTEM");
    // who may only read has nothing to edit
    let token = format!("Bearer {}", house.reader);
    let headers = [("Authorization", token.as_str())];
    let path = format!("{base}/layouts");
    let read_only = house.send("GET", &path, &headers, b"").await.json();
    if let Some(layout) = read_only["layouts"].get(0) {
        assert_eq!(layout["editLayoutSections"], json!([]));
    }
}

#[tokio::test]
async fn a_request_of_the_wrong_shape_is_told_so_in_the_platforms_words() {
    let house = House::open().await;
    for (path, body, part) in [
        (
            "composite",
            json!({}),
            "missing a required field: compositeRequest",
        ),
        (
            "composite",
            json!({"compositeRequest": [{"method": "GET", "url": "/x"}]}),
            "missing a required field: referenceId",
        ),
        (
            "composite",
            json!({"allOrNone": "yes", "compositeRequest": []}),
            "instance of boolean from VALUE_STRING value yes for field allOrNone",
        ),
        ("composite/batch", json!([]), "missing a required field"),
        (
            "composite/graph",
            json!({"graphs": 5}),
            "VALUE_NUMBER_INT value 5 for field graphs",
        ),
    ] {
        let path = format!("/services/data/v64.0/{path}");
        let reply = house.post(&path, &body).await;
        assert_eq!(
            (reply.status, reply.code()),
            (400, "JSON_PARSER_ERROR".to_owned())
        );
        let message = reply.json()[0]["message"].as_str().unwrap().to_owned();
        assert!(message.contains(part), "{message}");
        assert!(
            !message.contains("struct") && !message.contains('`'),
            "{message}"
        );
    }
}

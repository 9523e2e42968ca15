//! `trunkline explain` on the real binary: a running server first, its stopped folder afterwards.

mod common;

use std::process::Output;

use common::{ADMIN, Server, call, output, trunkline};
use serde_json::{Value as Json, json};

const REST: &str = "/services/data/v64.0/sobjects";

fn create(server: &Server, token: &str, object: &str, body: &Json) -> String {
    let path = format!("{REST}/{object}");
    let (status, answer) =
        call(server.address, "POST", &path, token, &body.to_string()).expect("an answer");
    assert_eq!(status, 201, "{object}: {answer}");
    let answer: Json = serde_json::from_str(&answer).expect("JSON");
    answer["id"].as_str().expect("an id").to_owned()
}

/// A queue whose only member, the administrator, is logged out; gives a case in it and the member.
fn waiting_case(server: &Server, token: &str) -> (String, String) {
    let make = |object: &str, body: Json| create(server, token, object, &body);
    let channel =
        json!({"MasterLabel": "Cases", "DeveloperName": "Cases", "RelatedEntity": "Case"});
    make("ServiceChannel", channel);
    let config = json!({
        "MasterLabel": "CFG", "RoutingModel": "MostAvailable", "RoutingPriority": 1, "CapacityWeight": 2,
    });
    let config = make("QueueRoutingConfig", config);
    let queue = json!({"Name": "Front", "Type": "Queue", "QueueRoutingConfigId": config});
    let queue = make("Group", queue);
    make(
        "QueueSobject",
        json!({"QueueId": queue, "SobjectType": "Case"}),
    );
    let text = format!("SELECT Id FROM User WHERE Username = '{ADMIN}'").replace(' ', "+");
    let path = format!("/services/data/v64.0/query?q={text}");
    let (_, found) = call(server.address, "GET", &path, token, "").expect("an answer");
    let found: Json = serde_json::from_str(&found).expect("JSON");
    let user = found["records"][0]["Id"]
        .as_str()
        .expect("an id")
        .to_owned();
    make(
        "GroupMember",
        json!({"GroupId": queue, "UserOrGroupId": user}),
    );
    let case = make("Case", json!({"Subject": "Help", "OwnerId": queue}));
    (case, user)
}

fn says(output: &Output, words: &[&str]) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{error}");
    for word in words {
        assert!(text.contains(word), "{text:?} lacks {word:?}");
    }
    text
}

#[test]
fn a_server_and_its_stopped_folder_say_the_same() {
    let dir = tempfile::tempdir().expect("a folder");
    let server = Server::start(dir.path());
    let token = server.log_in();
    let (case, user) = waiting_case(&server, &token);
    let url = format!("http://{}", server.address);
    let ask = |what: &str, id: &str| {
        let mut command = trunkline();
        command.args(["explain", what, id, "--url", &url, "--token", &token]);
        output(&mut command)
    };
    let nobody = [
        "Case 500",
        "(R51)",
        "waits in Front",
        "place 1 in line",
        "not Org Administrator: Is not logged in",
    ];
    let first_line = |text: &str| text.lines().take(2).collect::<Vec<_>>().join("\n");
    let live = says(&ask("work", &case), &nobody);
    says(
        &ask("agent", &user),
        &[
            "Org Administrator",
            "logged out",
            "holds 0 of 10 units",
            "waits Front: 500",
        ],
    );
    let wrong = ask("agent", "005000000000999");
    assert_eq!(wrong.status.code(), Some(3));

    drop(server);
    let mut command = trunkline();
    command
        .args(["explain", "work", &case, "--data-dir"])
        .arg(dir.path());
    let stored = says(&output(&mut command), &nobody);
    assert_eq!(first_line(&live), first_line(&stored));
    let mut command = trunkline();
    command
        .args(["explain", "agent", &user, "--json", "--data-dir"])
        .arg(dir.path());
    let text = says(&output(&mut command), &[]);
    let view: Json = serde_json::from_str(&text).expect("JSON");
    assert_eq!(view["blocked"]["code"], "offline");
}

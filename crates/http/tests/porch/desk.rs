//! Work actions, the supervisor desk, explanations, settings and limits, from the first byte to the last.

use serde_json::{Value as Json, json};

use crate::house::{House, Reply};

const OMNI: &str = "/services/omni/v1";

/// One queue of cases, an agent and a supervisor.
struct Desk {
    house: House,
    agent: (String, String),
    supervisor: String,
    queue: String,
    status: String,
    busy: String,
}

impl Desk {
    async fn open() -> Self {
        let house = House::open().await;
        let channel =
            json!({"MasterLabel": "Cases", "DeveloperName": "Cases", "RelatedEntity": "Case"});
        let channel = house.create("ServiceChannel", channel).await;
        let named = |name: &str| json!({ "MasterLabel": name });
        let status = house.create("ServicePresenceStatus", named("Online")).await;
        let busy = house.create("ServicePresenceStatus", named("Break")).await;
        let link = json!({"ServiceChannelId": channel, "ServicePresenceStatusId": status});
        house.create("ServiceChannelStatus", link).await;
        let config = json!({
            "MasterLabel": "CFG", "RoutingModel": "MostAvailable", "RoutingPriority": 1, "CapacityWeight": 10,
        });
        let config = house.create("QueueRoutingConfig", config).await;
        let queue = json!({"Name": "Q", "Type": "Queue", "QueueRoutingConfigId": config});
        let queue = house.create("Group", queue).await;
        let row = json!({"QueueId": queue, "SobjectType": "Case"});
        house.create("QueueSobject", row).await;
        let agent = house.user("anna@one.example", "Contact Center Agent").await;
        let supervisor = house
            .user("susan@one.example", "Contact Center Supervisor")
            .await;
        let set = house
            .get(
                "/services/data/v64.0/query?q=SELECT+Id+FROM+PermissionSet+WHERE+Profile.Name='Contact+Center+Agent'",
            )
            .await;
        let set = set.json()["records"][0]["Id"].clone();
        for status in [&status, &busy] {
            let row = json!({"ParentId": set, "SetupEntityId": status});
            house.create("SetupEntityAccess", row).await;
        }
        let user = house.org.user("anna@one.example").unwrap().id.to_string();
        let member = json!({"GroupId": queue, "UserOrGroupId": user});
        house.create("GroupMember", member).await;
        Self {
            house,
            agent: (user, agent),
            supervisor,
            queue,
            status,
            busy,
        }
    }

    async fn call(&self, token: &str, method: &str, path: &str, body: Json) -> Reply {
        let authorization = format!("Bearer {token}");
        let headers = [
            ("Authorization", authorization.as_str()),
            ("Content-Type", "application/json"),
        ];
        let text = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let path = format!("{OMNI}{path}");
        self.house
            .send(method, &path, &headers, text.as_bytes())
            .await
    }

    async fn as_agent(&self, method: &str, path: &str, body: Json) -> Reply {
        self.call(&self.agent.1, method, path, body).await
    }

    /// What a supervisor is answered with 200.
    async fn desk(&self, method: &str, path: &str, body: Json) -> Json {
        let reply = self.call(&self.supervisor, method, path, body).await;
        assert_eq!(reply.status, 200, "{method} {path}: {}", reply.text());
        reply.json()
    }

    async fn case(&self) -> String {
        self.house
            .create("Case", json!({"Subject": "Help", "OwnerId": self.queue}))
            .await
    }

    /// Logs the agent in and accepts its first offer.
    async fn work(&self) -> String {
        let body = json!({ "statusId": self.status });
        assert_eq!(self.as_agent("PUT", "/presence", body).await.status, 200);
        let works = self.as_agent("GET", "/works", Json::Null).await.json();
        let work = works[0]["workId"].as_str().unwrap().to_owned();
        let accepted = self
            .as_agent("POST", &format!("/works/{work}/accept"), json!({}))
            .await;
        assert_eq!(accepted.status, 200, "{}", accepted.text());
        work
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_next_status_and_a_touch() {
    // options enableNextStatus and returnSeconds
    let desk = Desk::open().await;
    desk.case().await;
    let settings = json!({"enableNextStatus": true, "returnSeconds": 3600});
    let put = desk
        .call(&desk.house.admin, "PATCH", "/settings", settings)
        .await;
    assert_eq!(put.status, 200, "{}", put.text());
    let work = desk.work().await;
    let works = desk.as_agent("GET", "/works", Json::Null).await.json();
    assert!(works[0]["returnsAt"].is_i64());
    let touch = format!("/works/{work}/touch");
    let touched = desk.as_agent("POST", &touch, json!({})).await;
    assert_eq!(touched.status, 200);
    let works = desk.as_agent("GET", "/works", Json::Null).await.json();
    assert!(works[0]["returnsAt"].is_null());

    let wrong = json!({"statusId": desk.busy, "isNext": 1});
    assert_eq!(desk.as_agent("PUT", "/presence", wrong).await.status, 400);
    let next = json!({"statusId": desk.busy, "isNext": true});
    let reply = desk.as_agent("PUT", "/presence", next).await.json();
    assert_eq!(reply["statusId"], json!(desk.status));
    assert_eq!(reply["nextStatus"]["statusId"], json!(desk.busy));
    let agents = desk.desk("GET", "/supervisor/agents", Json::Null).await;
    assert!(agents.to_string().contains("nextStatus"));
    desk.as_agent("POST", &format!("/works/{work}/close"), json!({}))
        .await;
    let reply = desk.as_agent("GET", "/presence", Json::Null).await.json();
    assert_eq!(reply["statusId"], json!(desk.busy));
    assert!(reply["nextStatus"].is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn work_actions() {
    let desk = Desk::open().await;
    let case = desk.case().await;
    let work = desk.work().await;
    let act = async |name: &str, body: Json| {
        desk.as_agent("POST", &format!("/works/{work}/{name}"), body)
            .await
    };
    assert_eq!(act("flag", json!({"message": "help"})).await.status, 200);
    let works = desk.as_agent("GET", "/works", Json::Null).await.json();
    assert_eq!(works[0]["flagMessage"], "help");
    assert_eq!(act("unflag", Json::Null).await.status, 200);
    for name in ["pause", "resume", "extend"] {
        let reply = act(name, json!({})).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "INVALID_OPERATION"),
            "{name}"
        );
    }
    let alone = act("invite", json!({"target": desk.queue})).await;
    assert_eq!(
        (alone.status, alone.code().as_str()),
        (400, "INVALID_ARGUMENT")
    );
    let wrong = act("transfer", json!({"target": case})).await;
    assert_eq!(
        (wrong.status, wrong.code().as_str()),
        (400, "INVALID_ARGUMENT")
    );
    let flow = act("transfer", json!({"target": "300000000000001"})).await;
    assert_eq!(
        (flow.status, flow.code().as_str()),
        (403, "FUNCTIONALITY_NOT_ENABLED")
    );
    assert_eq!(
        act("transfer", json!({"target": desk.queue})).await.status,
        200
    );
    let late = act("end-conversation", Json::Null).await;
    assert_eq!((late.status, late.code().as_str()), (409, "WORK_NOT_OPEN"));
    // whoever transfers is asked last (R44): here again, as there is nobody else
    let work = desk.as_agent("GET", "/works", Json::Null).await.json()[0]["workId"].clone();
    let work = work.as_str().unwrap();
    desk.as_agent("POST", &format!("/works/{work}/accept"), Json::Null)
        .await;
    let ended = desk
        .as_agent(
            "POST",
            &format!("/works/{work}/end-conversation"),
            Json::Null,
        )
        .await;
    assert_eq!(ended.status, 200);
    assert_eq!(
        desk.as_agent("GET", "/works", Json::Null).await.json(),
        json!([])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_shows_and_steers() {
    let desk = Desk::open().await;
    let (one, two) = (desk.case().await, desk.case().await);
    let work = desk.work().await;
    let user = desk.agent.0.clone();
    let get = async |path: &str| {
        desk.desk("GET", &format!("/supervisor/{path}"), Json::Null)
            .await
    };

    let agents = get("agents").await;
    assert_eq!(agents[0]["userId"], user.as_str());
    assert_eq!(agents[0]["presence"]["statusName"], "Online");
    assert_eq!(agents[0]["works"][0]["workItemId"], one.as_str());
    assert_eq!(agents[0]["capacity"]["currentWorkload"], 10.0);
    assert_eq!(
        get(&format!("agents/{user}")).await["queues"][0]["name"],
        "Q"
    );
    assert_eq!(
        get("agents?offline=true&limit=1")
            .await
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let queue = get(&format!("queues/{}", desk.queue)).await;
    assert_eq!(
        (&queue["waiting"], &queue["onlineAgents"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(get("queues").await[0], queue);
    assert_eq!(get("works").await[0]["workId"], work.as_str());
    let backlog = get(&format!("backlog?queue={}", desk.queue)).await;
    assert_eq!(backlog[0]["workItemId"], two.as_str());
    assert_eq!(backlog[0]["reason"]["rule"], "R54");
    assert_eq!(get("backlog?held=true").await, json!([]));

    let skill = desk
        .house
        .create("Skill", json!({"MasterLabel": "French"}))
        .await;
    let body = json!({"set": [{"skillId": skill, "level": 4}]});
    desk.desk("POST", &format!("/supervisor/agents/{user}/skills"), body)
        .await;
    assert_eq!(get("skills").await[0]["onlineAgents"], 1);
    let body = json!({"remove": [desk.queue]});
    desk.desk("POST", &format!("/supervisor/agents/{user}/queues"), body)
        .await;
    let body = json!({"add": [user]});
    desk.desk(
        "POST",
        &format!("/supervisor/queues/{}/agents", desk.queue),
        body,
    )
    .await;

    let body = json!({"target": [skill]});
    desk.desk("POST", &format!("/supervisor/backlog/{two}/reassign"), body)
        .await;
    assert_eq!(get("backlog").await[0]["skills"][0]["name"], "French");
    desk.desk(
        "POST",
        &format!("/supervisor/works/{work}/unflag"),
        Json::Null,
    )
    .await;
    desk.desk(
        "POST",
        &format!("/supervisor/works/{work}/close"),
        Json::Null,
    )
    .await;
    let next = get("works").await[0]["workId"].as_str().unwrap().to_owned();
    let body = json!({"target": desk.queue});
    desk.desk("POST", &format!("/supervisor/works/{next}/transfer"), body)
        .await;
    let next = get("works").await[0]["workId"].as_str().unwrap().to_owned();
    desk.desk(
        "POST",
        &format!("/supervisor/works/{next}/requeue"),
        Json::Null,
    )
    .await;

    let path = format!("/supervisor/agents/{user}/presence");
    let body = json!({ "statusId": desk.busy });
    assert_eq!(desk.desk("PUT", &path, body).await["kind"], "busy");
    let out = desk
        .call(&desk.supervisor, "DELETE", &path, Json::Null)
        .await;
    assert_eq!(out.status, 204);
    let again = desk
        .call(&desk.supervisor, "DELETE", &path, Json::Null)
        .await;
    assert_eq!(
        (again.status, again.code().as_str()),
        (409, "NOT_LOGGED_IN")
    );
    let wrong = desk
        .call(
            &desk.supervisor,
            "GET",
            "/supervisor/agents?limit=0",
            Json::Null,
        )
        .await;
    assert_eq!(
        (wrong.status, wrong.code().as_str()),
        (400, "INVALID_ARGUMENT")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_see_no_desk() {
    let desk = Desk::open().await;
    let user = desk.agent.0.clone();
    for path in ["agents", "queues", "skills", "works", "backlog"] {
        let reply = desk
            .as_agent("GET", &format!("/supervisor/{path}"), Json::Null)
            .await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (403, "INSUFFICIENT_ACCESS"),
            "{path}"
        );
    }
    let path = format!("/supervisor/agents/{user}/presence");
    let reply = desk.as_agent("DELETE", &path, Json::Null).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (403, "INSUFFICIENT_ACCESS")
    );
    let reply = desk.as_agent("GET", "/settings", Json::Null).await;
    assert_eq!(reply.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_router_says_why() {
    let desk = Desk::open().await;
    let (one, two) = (desk.case().await, desk.case().await);
    desk.work().await;
    let user = desk.agent.0.clone();
    let open = desk
        .desk("GET", &format!("/explain/works/{one}"), Json::Null)
        .await;
    assert_eq!(open["state"], "open");
    assert_eq!(open["history"][0]["Status"], "Opened");
    let waits = desk
        .desk("GET", &format!("/explain/works/{two}"), Json::Null)
        .await;
    assert_eq!(waits["waiting"]["reason"]["code"], "nobodyFree");
    assert_eq!(waits["waiting"]["position"], 1);
    assert_eq!(waits["waiting"]["excluded"][0]["reason"]["rule"], "R54");
    let agent = desk
        .desk("GET", &format!("/explain/agents/{user}"), Json::Null)
        .await;
    assert_eq!(agent["holdings"][0]["units"], 10.0);
    // agents: themselves and their own work
    let own = desk
        .as_agent("GET", &format!("/explain/works/{one}"), Json::Null)
        .await;
    assert_eq!(own.json()["state"], "open");
    let own = desk
        .as_agent("GET", &format!("/explain/agents/{user}"), Json::Null)
        .await;
    assert_eq!(own.status, 200);
    let admin = desk.house.org.user("susan@one.example").unwrap().id;
    for path in [format!("works/{two}"), format!("agents/{admin}")] {
        let reply = desk
            .as_agent("GET", &format!("/explain/{path}"), Json::Null)
            .await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (403, "INSUFFICIENT_ACCESS"),
            "{path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_and_limits() {
    let desk = Desk::open().await;
    let admin = desk.house.admin.clone();
    let before = desk.desk("GET", "/settings", Json::Null).await;
    assert_eq!(before["enableOmniSkillsRouting"], true);
    let body = json!({"leastActiveMetric": "units", "pendingRequestsMax": 2});
    let refused = desk
        .call(&desk.supervisor, "PATCH", "/settings", body.clone())
        .await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (403, "INSUFFICIENT_ACCESS")
    );
    let after = desk.call(&admin, "PATCH", "/settings", body).await.json();
    assert_eq!(
        (&after["leastActiveMetric"], &after["pendingRequestsMax"]),
        (&json!("units"), &json!(2))
    );
    desk.case().await;
    let limits = desk.as_agent("GET", "/limits", Json::Null).await.json();
    assert_eq!(
        limits[0],
        json!({"name": "pendingRequests", "min": null, "max": 2.0, "current": 1})
    );
    let wrong = desk
        .call(
            &admin,
            "PATCH",
            "/settings",
            json!({"leastActiveMetric": 5}),
        )
        .await;
    assert_eq!(
        (wrong.status, wrong.code().as_str()),
        (400, "INVALID_ARGUMENT")
    );
}

//! Event sockets.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value as Json;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use http_porch::HttpOptions;

use crate::house::House;

type Socket = tokio_tungstenite::WebSocketStream<tokio::net::TcpStream>;

async fn open(
    house: &House,
    path: &str,
    headers: &[(&'static str, String)],
) -> Result<Socket, u16> {
    let mut request = format!("ws://{}{path}", house.address)
        .into_client_request()
        .unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    let stream = tokio::net::TcpStream::connect(house.address).await.unwrap();
    match tokio_tungstenite::client_async(request, stream).await {
        Ok((socket, _)) => Ok(socket),
        Err(tokio_tungstenite::tungstenite::Error::Http(response)) => {
            Err(response.status().as_u16())
        }
        Err(other) => panic!("{other}"),
    }
}

async fn next(socket: &mut Socket) -> Json {
    let wait = async {
        loop {
            if let Message::Text(text) = socket.next().await.unwrap().unwrap() {
                return serde_json::from_str(&text).unwrap();
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(5), wait)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_begins_with_the_state_and_tells_what_happens() {
    let house = House::open().await;
    let protocols = format!("trunkline.omni.v1, bearer.{}", house.admin);
    let mut own = open(
        &house,
        "/services/omni/v1/events",
        &[("Sec-WebSocket-Protocol", protocols)],
    )
    .await
    .unwrap();
    let first = next(&mut own).await;
    assert_eq!(first["type"], "snapshot");
    assert!(first["presence"]["statusId"].is_null() && first["works"].is_array());
    assert!(first["capacity"]["configuredCapacity"].is_number());
    let bearer = format!("Bearer {}", house.admin);
    let mut all = open(
        &house,
        "/services/omni/v1/supervisor/events",
        &[("Authorization", bearer.clone())],
    )
    .await
    .unwrap();
    assert_eq!(next(&mut all).await["type"], "ready");

    let status = house
        .create(
            "ServicePresenceStatus",
            serde_json::json!({"DeveloperName": "busy", "MasterLabel": "Busy"}),
        )
        .await;
    let body = format!("{{\"statusId\":\"{status}\"}}");
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "application/json"),
    ];
    let reply = house
        .send(
            "PUT",
            "/services/omni/v1/presence",
            &headers,
            body.as_bytes(),
        )
        .await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let told = next(&mut own).await;
    assert_eq!(
        (&told["type"], &told["presence"]["statusId"]),
        (&"statusChanged".into(), &Json::from(status))
    );
    assert!(told["seq"].as_u64() > first["seq"].as_u64());
    assert_eq!(next(&mut all).await["userId"], "005000000000001AAA");
    own.send(Message::Text("hello".into())).await.unwrap();
    house
        .send("DELETE", "/services/omni/v1/presence", &headers, b"")
        .await;
    assert_eq!(next(&mut own).await["type"], "logout");
}

#[tokio::test(flavor = "multi_thread")]
async fn sockets_need_a_session_and_supervisors_a_right() {
    let house = House::open().await;
    assert_eq!(
        open(&house, "/services/omni/v1/events", &[]).await.err(),
        Some(401)
    );
    let wrong = (
        "Sec-WebSocket-Protocol",
        "trunkline.omni.v1, bearer.x".to_owned(),
    );
    assert_eq!(
        open(&house, "/services/omni/v1/events", &[wrong])
            .await
            .err(),
        Some(401)
    );
    let reader = ("Authorization", format!("Bearer {}", house.reader));
    assert_eq!(
        open(&house, "/services/omni/v1/supervisor/events", &[reader])
            .await
            .err(),
        Some(403)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_ends_with_its_session() {
    let options = HttpOptions {
        ping_every: Duration::from_millis(100),
        ..HttpOptions::default()
    };
    let house = House::with(options).await;
    let bearer = format!("Bearer {}", house.admin);
    let mut own = open(
        &house,
        "/services/omni/v1/events",
        &[("Authorization", bearer)],
    )
    .await
    .unwrap();
    assert_eq!(next(&mut own).await["type"], "snapshot");
    tokio::time::sleep(Duration::from_millis(10)).await;
    house.org.close_session(&house.admin).await.unwrap();
    let ended = async {
        while let Some(Ok(message)) = own.next().await {
            if let Message::Close(_) = message {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(5), ended)
        .await
        .expect("the socket is closed");
}

//! Learns offers from the server's event stream and hands each to the connection that waits for it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use futures_util::StreamExt;
use model::RecordId;
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// Every event of the org, for those who may see it.
const PATH: &str = "/services/omni/v1/supervisor/events";
/// An item that is not offered within this time counts as an error.
const PATIENCE: Duration = Duration::from_secs(10);

/// One offer.
#[derive(Clone, Copy, Debug)]
pub struct Offer {
    pub work: RecordId,
    pub user: RecordId,
    /// When the client saw it.
    pub at: Instant,
}

enum Place {
    Waiting(oneshot::Sender<Offer>),
    Early(Offer),
}

/// Offers by work item. An offer may be seen before the answer to the request that caused it.
#[derive(Clone, Default)]
pub struct Offers {
    places: Rc<RefCell<HashMap<RecordId, Place>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    #[serde(rename = "type", borrow)]
    kind: &'a str,
    #[serde(default)]
    user_id: &'a str,
    #[serde(default)]
    work_id: &'a str,
    #[serde(default)]
    work_item_id: &'a str,
}

impl Offers {
    /// Listens until the returned task is dropped or the server hangs up.
    pub async fn listen(
        &self,
        address: SocketAddr,
        token: &str,
    ) -> Result<tokio::task::JoinHandle<()>> {
        let mut request = format!("ws://{address}{PATH}").into_client_request()?;
        let bearer = format!("Bearer {token}").parse()?;
        request.headers_mut().insert("Authorization", bearer);
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let opened = tokio_tungstenite::client_async(request, stream).await;
        let (mut socket, _) = opened.context("cannot open the event stream")?;
        let offers = self.clone();
        Ok(tokio::task::spawn_local(async move {
            while let Some(Ok(message)) = socket.next().await {
                if let Message::Text(text) = message {
                    offers.see(text.as_str());
                }
            }
        }))
    }

    fn see(&self, text: &str) {
        let Ok(event) = serde_json::from_str::<Event<'_>>(text) else {
            return;
        };
        if event.kind != "workAssigned" {
            return;
        }
        let ids = [event.work_id, event.work_item_id, event.user_id].map(RecordId::parse);
        let [Ok(work), Ok(item), Ok(user)] = ids else {
            return;
        };
        let offer = Offer {
            work,
            user,
            at: Instant::now(),
        };
        let mut places = self.places.borrow_mut();
        match places.remove(&item) {
            Some(Place::Waiting(sender)) => drop(sender.send(offer)),
            Some(Place::Early(_)) | None => drop(places.insert(item, Place::Early(offer))),
        }
    }

    /// The offer of a work item.
    pub async fn of(&self, item: RecordId) -> Result<Offer> {
        let (sender, receiver) = oneshot::channel();
        let known = self.places.borrow_mut().remove(&item);
        if let Some(Place::Early(offer)) = known {
            return Ok(offer);
        }
        self.places
            .borrow_mut()
            .insert(item, Place::Waiting(sender));
        match tokio::time::timeout(PATIENCE, receiver).await {
            Ok(Ok(offer)) => Ok(offer),
            _ => {
                self.places.borrow_mut().remove(&item);
                bail!("{item} was not offered within {} s", PATIENCE.as_secs())
            }
        }
    }
}

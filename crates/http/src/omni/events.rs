//! The event socket: a snapshot, then what happens, in commit order, until the session ends.
//!
//! An open socket means that the user's console is there (R155); the node starts the grace when the last
//! one is gone. A socket that reads too slowly is closed; its console comes back and gets a new snapshot.

use axum::extract::FromRequestParts as _;
use axum::extract::ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use engine::{Event, EventKind, Gone};
use futures_util::SinkExt;
use model::{Code, Millis, Refusal};
use node::{Numbered, Subscription};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use wire::omni;

use crate::answer::{Answer, Fault, Outcome};
use crate::call::{Call, Session};

/// The sub-protocol of browsers, beside the one that carries the token.
const PROTOCOL: &str = "trunkline.omni.v1";
/// Clients send nothing but pongs and small texts.
const MESSAGE_MAX: usize = 4 * 1024;
/// Events that leave together before the socket is looked at again.
const PACKET_EVENTS_MAX: usize = 64;

/// GET /events: the caller's own.
pub async fn open(call: Call) -> Outcome {
    switch(call, Whose::Own).await
}

/// GET /supervisor/events: those of everybody, in short form, for those who may see all records.
pub async fn open_all(call: Call) -> Outcome {
    if !call.session()?.caller.rights.has("ViewAllData") {
        return Err(engine::no_access().into());
    }
    switch(call, Whose::Everybodys).await
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    Own,
    Everybodys,
}

async fn switch(mut call: Call, whose: Whose) -> Outcome {
    let session = call.session()?.clone();
    let upgrade = WebSocketUpgrade::from_request_parts(&mut call.parts, &()).await;
    let upgrade = upgrade.map_err(|_| {
        Fault::from(Refusal::new(
            Code::InvalidInput,
            "This resource is a WebSocket; ask for an upgrade",
        ))
    })?;
    let ping_every = call.porch.options.ping_every;
    let response = upgrade
        .max_message_size(MESSAGE_MAX)
        .max_frame_size(MESSAGE_MAX)
        .protocols([PROTOCOL])
        .on_upgrade(move |socket| async move {
            let mut stream = Stream {
                socket,
                session,
                ping_every,
            };
            let ended = match whose {
                Whose::Own => stream.run_own().await,
                Whose::Everybodys => stream.run_all().await,
            };
            if let Err(refusal) = ended {
                tracing::debug!(%refusal, "event socket ended");
            }
        });
    Ok(Answer::Raw(Box::new(response)))
}

struct Stream {
    socket: WebSocket,
    session: Session,
    ping_every: std::time::Duration,
}

impl Stream {
    async fn run_own(&mut self) -> Result<(), Refusal> {
        let user = self.session.caller.user;
        let _present = self.session.org.connect(user);
        let events = self.session.org.subscribe(user, None);
        let known = self.snapshot().await?;
        self.forward(events, known, Whose::Own).await
    }

    async fn run_all(&mut self) -> Result<(), Refusal> {
        let events = self.session.org.subscribe_all();
        let known = self.session.org.last_event();
        let mut out = Vec::with_capacity(64);
        omni::event(&mut out, "ready", known, self.session.org.now()).close();
        self.text(out).await?;
        self.forward(events, 0, Whose::Everybodys).await
    }

    async fn forward(
        &mut self,
        mut events: Subscription,
        known: u64,
        whose: Whose,
    ) -> Result<(), Refusal> {
        let mut pings = interval_at(Instant::now() + self.ping_every, self.ping_every);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_alive = true;
        let session = &self.session;
        let ended = session.org.clone().session_ended(session.token.clone());
        tokio::pin!(ended);
        loop {
            tokio::select! {
                () = &mut ended => return self.close().await,
                event = events.next() => match event {
                    Some(first) => self.tell(first, &mut events, known, whose).await?,
                    None => return self.close().await,
                },
                message = self.socket.recv() => match message {
                    Some(Ok(Message::Close(_))) | Some(Err(_)) | None => return Ok(()),
                    Some(Ok(_)) => is_alive = true,
                },
                _ = pings.tick() => {
                    if !is_alive || self.session.org.caller(&self.session.token).is_err() {
                        return self.close().await;
                    }
                    is_alive = false;
                    self.send(Message::Ping(bytes::Bytes::new())).await?;
                }
            }
        }
    }

    /// Sends the state and gives the number of the last event that is in it.
    async fn snapshot(&mut self) -> Result<u64, Refusal> {
        let user = self.session.caller.user;
        let org = self.session.org.clone();
        let look = move |engine: &engine::Engine| {
            let state = (
                engine.presence_of(user),
                engine.works_of(user),
                engine.capacity_of(user),
            );
            (state, org.last_event())
        };
        let ((presence, works, capacity), seq) = self.session.org.inspect(look).await?;
        let mut out = Vec::with_capacity(2_048);
        let mut o = omni::event(&mut out, "snapshot", seq, self.session.org.now());
        super::presence(o.key("presence"), presence.as_ref());
        omni::works(o.key("works"), works.iter().map(super::work));
        omni::capacity(o.key("capacity"), &super::capacity(&capacity));
        o.close();
        self.text(out).await?;
        Ok(seq)
    }

    /// Sends an event and those that are ready behind it, in one packet if they fit.
    async fn tell(
        &mut self,
        first: Numbered,
        events: &mut Subscription,
        known: u64,
        whose: Whose,
    ) -> Result<(), Refusal> {
        let mut next = Some(first);
        let mut told = 0;
        while let Some((seq, event)) = next {
            if seq > known {
                let text = match whose {
                    Whose::Own => print(seq, &event, self.session.org.now()),
                    Whose::Everybodys => print_short(seq, &event),
                };
                self.feed(text).await?;
            }
            told += 1;
            next = if told < PACKET_EVENTS_MAX {
                events.ready()
            } else {
                None
            };
        }
        match timeout(self.ping_every, SinkExt::flush(&mut self.socket)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(gone()),
        }
    }

    async fn feed(&mut self, body: Vec<u8>) -> Result<(), Refusal> {
        let text = Utf8Bytes::try_from(body).map_err(|_| gone())?;
        match timeout(
            self.ping_every,
            SinkExt::feed(&mut self.socket, Message::Text(text)),
        )
        .await
        {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(gone()),
        }
    }

    async fn text(&mut self, body: Vec<u8>) -> Result<(), Refusal> {
        let text = Utf8Bytes::try_from(body).map_err(|_| gone())?;
        self.send(Message::Text(text)).await
    }

    /// Sends, or gives up on a console that does not read.
    async fn send(&mut self, message: Message) -> Result<(), Refusal> {
        match timeout(self.ping_every, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(gone()),
        }
    }

    async fn close(&mut self) -> Result<(), Refusal> {
        self.send(Message::Close(None)).await
    }
}

fn gone() -> Refusal {
    Refusal::new(Code::ServerUnavailable, "the console is gone")
}

fn kind(event: &Event) -> &'static str {
    match &event.kind {
        EventKind::WorkAssigned(_) => "workAssigned",
        EventKind::WorkAccepted(_) => "workAccepted",
        EventKind::WorkGone { how, .. } => match how {
            Gone::Declined => "workDeclined",
            Gone::TimedOut => "workTimedOut",
            Gone::Canceled => "workCanceled",
            Gone::Unavailable => "workUnavailable",
            Gone::Closed => "workClosed",
            Gone::Transferred => "workTransferred",
        },
        EventKind::WorkChanged(_) => "workChanged",
        EventKind::FlagUpdated { .. } => "workFlagUpdated",
        EventKind::WorkloadChanged { .. } => "workloadChanged",
        EventKind::StatusChanged(_) => "statusChanged",
        EventKind::Logout => "logout",
    }
}

/// Whose, and which work: what a supervisor's list needs.
fn print_short(seq: u64, event: &Event) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    let mut o = omni::event(&mut out, kind(event), seq, event.at);
    o.id("userId", event.user);
    match &event.kind {
        EventKind::WorkAssigned(work)
        | EventKind::WorkAccepted(work)
        | EventKind::WorkChanged(work) => {
            o.id("workId", work.work).id("workItemId", work.work_item);
        }
        EventKind::WorkGone {
            work, work_item, ..
        } => {
            o.id("workId", *work).id("workItemId", *work_item);
        }
        EventKind::FlagUpdated { .. } => flag(&mut o, &event.kind),
        EventKind::StatusChanged(view) => drop(o.id("statusId", view.status_id)),
        EventKind::WorkloadChanged { .. } | EventKind::Logout => {}
    }
    o.close();
    out
}

/// The fields of lightning:omniChannelWorkFlagUpdated (console-api.md A.6).
fn flag(o: &mut wire::json::Object<'_>, kind: &EventKind) {
    let EventKind::FlagUpdated {
        work,
        is_flagged,
        message,
        by_supervisor,
        updated_by,
    } = kind
    else {
        return;
    };
    let role = if *by_supervisor {
        "SUPERVISOR"
    } else {
        "AGENT"
    };
    o.id("workId", *work)
        .bool("isFlagged", *is_flagged)
        .text_or_null("message", message.as_deref())
        .text("roleUpdatedBy", role)
        .id("updatedBy", *updated_by);
}

fn print(seq: u64, event: &Event, now: Millis) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    let mut o = omni::event(&mut out, kind(event), seq, now);
    match &event.kind {
        EventKind::WorkAssigned(work)
        | EventKind::WorkAccepted(work)
        | EventKind::WorkChanged(work) => omni::work(o.key("work"), &super::work(work)),
        EventKind::WorkGone {
            work, work_item, ..
        } => {
            o.id("workId", *work).id("workItemId", *work_item);
        }
        EventKind::WorkloadChanged { previous, capacity } => {
            omni::workload(
                &mut o,
                &super::capacity(previous),
                &super::capacity(capacity),
            );
        }
        EventKind::StatusChanged(view) => {
            super::presence(o.key("presence"), Some(view));
        }
        EventKind::FlagUpdated { .. } => flag(&mut o, &event.kind),
        EventKind::Logout => {}
    }
    o.close();
    out
}

#[cfg(test)]
mod tests {
    use model::{KeyPrefix, RecordId};

    use super::*;

    #[test]
    fn a_flag_has_the_fields_of_the_toolkit_event() {
        let id = |prefix: &'static str| RecordId::new(KeyPrefix::of(prefix), 1);
        let event = Event {
            user: id("005"),
            at: Millis(7),
            kind: EventKind::FlagUpdated {
                work: id("0Bz"),
                is_flagged: true,
                message: Some("help".into()),
                by_supervisor: false,
                updated_by: id("005"),
            },
        };
        let fields = concat!(
            r#""workId":"0Bz000000000001CAA","isFlagged":true,"message":"help","roleUpdatedBy":"AGENT","#,
            r#""updatedBy":"005000000000001AAA"}"#
        );
        let own = String::from_utf8(print(3, &event, Millis(7))).unwrap();
        let head = r#"{"type":"workFlagUpdated","seq":3,"now":7,"#;
        assert_eq!(own, format!("{head}{fields}"));
        let short = String::from_utf8(print_short(3, &event)).unwrap();
        assert_eq!(
            short,
            format!(r#"{head}"userId":"005000000000001AAA",{fields}"#)
        );
    }
}

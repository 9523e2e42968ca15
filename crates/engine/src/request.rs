//! Everything that a client can ask to be changed, and what it is answered. A closed list.
//!
//! Protocols turn their bodies into a [`Request`]; the engine decides; protocols print the [`Reply`].

use model::{Code, FieldIx, Millis, ObjectIx, RecordId, Refusal, Space, Value};

use crate::access::Caller;
use crate::expected::Expected;

/// One command with its sender.
#[derive(Clone, Debug)]
pub struct Submission {
    /// Who asks.
    pub caller: Caller,
    /// Client's id of the command: a repeated id gets the stored reply for 24 hours.
    pub command_id: Option<String>,
    /// What is asked.
    pub request: Request,
}

/// What is asked.
#[derive(Clone, Debug)]
pub enum Request {
    /// Records to create, change or delete, in order.
    Save {
        /// At most 200 of a client's; 2,000 of our own loaders.
        ops: Vec<SaveOp>,
        /// One failure undoes all.
        all_or_none: bool,
    },
    /// The next rows of a bulk batch: a Save with partial success. Its number and results are left in
    /// [`Space::Job`] by the same commit, so a chunk that is handed in again is answered and not repeated.
    Chunk {
        /// The batch; its note is found by [`chunk_key`].
        batch: RecordId,
        /// Chunks of a batch count from 1 and come one after the other.
        number: u64,
        /// At most 200.
        ops: Vec<SaveOp>,
    },
    /// The caller's own presence.
    Presence(PresenceRequest),
    /// The caller's own work.
    Work {
        /// AgentWork id.
        work: RecordId,
        /// What to do with it.
        action: WorkAction,
    },
    /// A supervisor, for an agent or a queue.
    Supervise(Supervision),
    /// Settings of the org by name; `None` puts one back to its default.
    Settings(Vec<(String, Option<String>)>),
    /// A telephony provider, acting for one contact centre.
    Call(CallRequest),
    /// Hidden rows of log-in: sessions, passwords, apps. Only node and http make these.
    Notes(Vec<model::Note>),
    /// Hidden rows of log-in with what is written down about them, in one commit. Only node makes these.
    Audited {
        /// As in [`Request::Notes`].
        notes: Vec<model::Note>,
        /// Rows of LoginHistory and SetupAuditTrail.
        rows: Vec<AuditRow>,
    },
}

/// A row that the server writes about a log-in or a change of set-up.
#[derive(Clone, Debug)]
pub struct AuditRow {
    /// LoginHistory or SetupAuditTrail.
    pub object: &'static str,
    /// Fields by API name.
    pub values: Vec<(&'static str, Value)>,
}

/// One record write. Names are resolved by the protocol against the catalogue; values are typed.
#[derive(Clone, Debug)]
pub enum SaveOp {
    /// A new row.
    Create {
        /// Which object.
        object: ObjectIx,
        /// What the client sent; a field may appear once.
        values: Vec<(FieldIx, Value)>,
    },
    /// New values of a row.
    Update {
        /// Which object the caller named.
        object: ObjectIx,
        /// Which row.
        id: RecordId,
        /// What the client sent; null clears.
        values: Vec<(FieldIx, Value)>,
    },
    /// Create or update by an id-lookup or external-id field.
    Upsert {
        /// Which object.
        object: ObjectIx,
        /// The field that finds the row.
        by: FieldIx,
        /// Its value.
        key: Value,
        /// What the client sent.
        values: Vec<(FieldIx, Value)>,
    },
    /// To the recycle bin, or gone for objects without one.
    Delete {
        /// Which object the caller named.
        object: ObjectIx,
        /// Which row.
        id: RecordId,
    },
    /// Gone at once, out of the recycle bin too; asks for the permission to do so.
    Erase {
        /// Which object the caller named.
        object: ObjectIx,
        /// Which row.
        id: RecordId,
    },
    /// Back from the recycle bin.
    Undelete {
        /// Which row.
        id: RecordId,
    },
    /// A write that is done only if the row it changes is as the client expects it. Never inside another.
    When {
        /// What must hold.
        expected: Expected,
        /// An update, upsert or deletion; others are done as they are.
        op: Box<SaveOp>,
    },
    /// The protocol could not even type the row (JSON of a wrong kind, unknown field): refused in its
    /// place so that partial success keeps its order.
    Refused(Refusal),
}

impl SaveOp {
    /// The write itself, without what is expected of its row.
    pub fn bare(&self) -> &SaveOp {
        match self {
            Self::When { op, .. } => op,
            op => op,
        }
    }
}

/// Presence of the caller (rest-api.md 12).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PresenceRequest {
    /// Log in with, or change to, this ServicePresenceStatus.
    SetStatus(RecordId),
    /// Change to this one when the last active work has ended (option `enableNextStatus`).
    SetNextStatus(RecordId),
    /// Log out.
    Logout,
    /// The browser vanished for longer than the grace (R155).
    ConnectionLost,
}

/// What an agent does with an offer or with open work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkAction {
    /// R111.
    Accept,
    /// R113.
    Decline {
        /// Text of the reason.
        reason: Option<String>,
    },
    /// R118.
    Close,
    /// Asks a supervisor for help (R182).
    Flag {
        /// What it is about.
        message: Option<String>,
    },
    /// Takes the flag down (R182).
    Unflag,
    /// To a queue, an agent or skills (R40 to R45).
    Transfer {
        /// Where to.
        target: Destination,
    },
    /// The record's status becomes one that counts as paused (R120).
    Pause,
    /// And one that counts as in progress again (R121).
    Resume,
    /// The conversation is over: after-work begins, or the work closes (R122, R123).
    EndConversation,
    /// One more stretch of after-work (R151).
    Extend,
    /// The agent is at it: open work does not go back (option `returnSeconds`).
    Touch,
    /// A second agent takes part, for a consultation or a conference (R102, R203, R204).
    Invite {
        /// Who.
        user: RecordId,
    },
}

/// Where work shall go by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A queue with a routing configuration.
    Queue(RecordId),
    /// One agent.
    User(RecordId),
    /// Holders of these skills, at any level (R45).
    Skills(Vec<RecordId>),
}

/// What a supervisor does (R179 to R184).
#[derive(Clone, Debug, PartialEq)]
pub enum Supervision {
    /// A new status for an agent who is logged in (R180).
    SetStatus {
        /// Agent.
        user: RecordId,
        /// ServicePresenceStatus.
        status: RecordId,
    },
    /// Offline (R180).
    Logout {
        /// Agent.
        user: RecordId,
    },
    /// Close, transfer, unflag and the like for the agent who has the work (R184).
    Work {
        /// AgentWork id.
        work: RecordId,
        /// What to do with it.
        action: WorkAction,
    },
    /// Back to the queue it came from.
    Requeue {
        /// AgentWork id.
        work: RecordId,
    },
    /// A record that waits goes elsewhere.
    Reassign {
        /// The record.
        item: RecordId,
        /// Where to.
        target: Destination,
    },
    /// Queue memberships, each the user and the queue (R181).
    Members {
        /// Rows that shall be.
        add: Vec<(RecordId, RecordId)>,
        /// Rows that shall not be.
        remove: Vec<(RecordId, RecordId)>,
    },
    /// Skills of an agent (R179).
    Skills {
        /// Agent.
        user: RecordId,
        /// Skill and level that shall be.
        set: Vec<(RecordId, f64)>,
        /// Skills that shall not be.
        remove: Vec<RecordId>,
    },
}

/// Telephony commands (telephony.md 1.6). The centre comes from the checked token.
#[derive(Clone, Debug)]
pub enum CallRequest {
    /// A new VoiceCall.
    Create {
        /// CallCenter record of the token.
        center: RecordId,
        /// VoiceCall fields by API name, as the resource maps them.
        values: Vec<(FieldIx, Value)>,
        /// The provider's id of this leg.
        vendor_call_key: String,
        /// VoiceCall of the earlier leg, for transfers.
        parent: Option<CallRef>,
        /// Queue of a transfer: id, or the provider's id that CallCenterRoutingMap resolves.
        queue: Option<String>,
        /// Errors of callAttributes that do not stop the call (telephony.md 1.6).
        attribute_errors: Vec<String>,
    },
    /// New facts about a call; may end it.
    Update {
        /// CallCenter record of the token.
        center: RecordId,
        /// Which call.
        call: CallRef,
        /// VoiceCall fields.
        values: Vec<(FieldIx, Value)>,
        /// More is to come; false ends the call (TEL15).
        is_active: bool,
    },
    /// Route to a queue (00G), to a user (005) or to a flow (300).
    Route {
        /// CallCenter record of the token.
        center: RecordId,
        /// Which call.
        call: CallRef,
        /// Id as sent, or the provider's id that CallCenterRoutingMap resolves.
        target: String,
        /// Queue if a flow fails.
        fallback_queue: Option<String>,
    },
    /// The customer left before an agent answered (TEL22).
    ClearRouting {
        /// CallCenter record of the token.
        center: RecordId,
        /// Which call.
        call: CallRef,
    },
    /// An accepted call could not be connected (R128, R197).
    Reroute {
        /// CallCenter record of the token.
        center: RecordId,
        /// Which call.
        call: CallRef,
    },
}

impl CallRequest {
    /// The contact center that asks.
    pub fn center(&self) -> RecordId {
        match self {
            Self::Create { center, .. }
            | Self::Update { center, .. }
            | Self::Route { center, .. }
            | Self::ClearRouting { center, .. }
            | Self::Reroute { center, .. } => *center,
        }
    }
}

/// A call by record id or by the provider's key (TEL6, TEL7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallRef {
    /// VoiceCall id.
    Id(RecordId),
    /// Vendor call key.
    Key(String),
}

/// What a command is answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// One result per operation, in order.
    Saved(Vec<Result<Saved, Refusal>>),
    /// The caller's presence after the command; `None` when logged out.
    Presence(Option<PresenceView>),
    /// Done.
    Work,
    /// Telephony.
    Call(CallReply),
    /// Hidden rows are stored.
    Noted,
    /// Settings of the org are as asked.
    Settings,
}

/// One record was saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Its id.
    pub id: RecordId,
    /// True if the row is new.
    pub created: bool,
}

/// Answer to telephony.
#[derive(Clone, Debug, PartialEq)]
pub enum CallReply {
    /// The call exists now (or did, TEL8).
    Created {
        /// VoiceCall id.
        id: RecordId,
        /// Field errors that did not stop it.
        errors: Vec<String>,
    },
    /// Accepted.
    Done,
}

/// A presence as the agent interface shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresenceView {
    /// ServicePresenceStatus id.
    pub status_id: RecordId,
    /// Its label.
    pub status_name: String,
    /// Its DeveloperName.
    pub status_api_name: String,
    /// Channels it serves; empty for busy statuses.
    pub channels: Vec<(RecordId, String)>,
    /// Since when.
    pub since: Millis,
    /// The status that follows the agent's work (option `enableNextStatus`).
    pub next: Option<StatusView>,
}

/// One offer or open work of an agent.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkView {
    /// AgentWork id.
    #[serde(rename = "workId")]
    pub work: RecordId,
    /// The routed record.
    #[serde(rename = "workItemId")]
    pub work_item: RecordId,
    /// API name of the routed record's object.
    pub work_item_type: String,
    /// False: Assigned; true: Opened.
    pub is_engaged: bool,
    /// ServiceChannel.
    #[serde(rename = "channelId")]
    pub channel: RecordId,
    /// Its DeveloperName.
    pub channel_developer_name: String,
    /// Queue it came from.
    #[serde(rename = "queueId")]
    pub queue: Option<RecordId>,
    /// The queue's name.
    pub queue_name: Option<String>,
    /// First request (R131).
    pub requested_at: Millis,
    /// Offer.
    pub assigned_at: Millis,
    /// Acceptance.
    pub accepted_at: Option<Millis>,
    /// Seconds until the offer times out, from `assigned_at`; 0 = never.
    #[serde(rename = "pushTimeout")]
    pub push_timeout_s: i64,
    /// Units it costs, if the config gives units.
    pub capacity_weight: Option<f64>,
    /// Per cent it costs, if the config gives that.
    pub capacity_percentage: Option<f64>,
    /// Pool.
    pub is_interruptible: bool,
    /// Its agent asks for help (R182).
    pub is_flagged: bool,
    /// What about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flag_message: Option<String>,
    /// The status of the record counts as paused (R120).
    pub is_paused: bool,
    /// The conversation ended then; after-work runs (R123).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation_ended_at: Option<Millis>,
    /// After-work ends then (R150, R151).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_work_ends_at: Option<Millis>,
    /// Goes back then, unless the agent touches it (option `returnSeconds`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub returns_at: Option<Millis>,
}

/// Capacity of an agent, in units.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CapacityView {
    /// Primary pool.
    #[serde(rename = "configuredCapacity")]
    pub configured: f64,
    /// Used of it.
    #[serde(rename = "currentWorkload")]
    pub workload: f64,
    /// Interruptible pool.
    #[serde(rename = "configuredInterruptibleCapacity")]
    pub configured_interruptible: f64,
    /// Used of it.
    #[serde(rename = "currentInterruptibleWorkload")]
    pub workload_interruptible: f64,
}

/// Presence options that the console needs (R77).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigurationView {
    /// OptionsIsAutoAcceptEnabled.
    pub is_auto_accept_enabled: bool,
    /// OptionsIsDeclineEnabled.
    pub is_decline_enabled: bool,
    /// OptionsIsDeclineReasonEnabled.
    pub is_decline_reason_enabled: bool,
    /// PresenceDeclineReason id and label.
    pub decline_reasons: Vec<(RecordId, String)>,
}

/// A presence status that a user may choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusView {
    /// ServicePresenceStatus id.
    pub status_id: RecordId,
    /// Label.
    pub status_name: String,
    /// DeveloperName.
    pub status_api_name: String,
    /// Channels; empty means busy.
    pub channels: Vec<(RecordId, String)>,
}

/// What happened, for the console of one user. Published after the commit, in commit order.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Whose console.
    pub user: RecordId,
    /// Engine time.
    pub at: Millis,
    /// What.
    pub kind: EventKind,
}

/// Kinds of console events (R142).
#[derive(Clone, Debug, PartialEq)]
pub enum EventKind {
    /// An offer arrived.
    WorkAssigned(WorkView),
    /// Accepted, by hand or automatically.
    WorkAccepted(WorkView),
    /// Left the agent's list, and why.
    WorkGone {
        /// AgentWork id.
        work: RecordId,
        /// The routed record.
        work_item: RecordId,
        /// How.
        how: Gone,
    },
    /// Open work looks different: paused, in after-work, extended.
    WorkChanged(WorkView),
    /// A flag was raised or taken down (R182).
    FlagUpdated {
        /// AgentWork id.
        work: RecordId,
        /// Raised.
        is_flagged: bool,
        /// What about.
        message: Option<String>,
        /// By the agent or by a supervisor.
        by_supervisor: bool,
        /// Who.
        updated_by: RecordId,
    },
    /// Capacity in use changed.
    WorkloadChanged {
        /// Units in use before.
        previous: CapacityView,
        /// Now.
        capacity: CapacityView,
    },
    /// New presence.
    StatusChanged(PresenceView),
    /// Logged out.
    Logout,
}

/// Why work left an agent's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Gone {
    Declined,
    TimedOut,
    Canceled,
    Unavailable,
    Closed,
    Transferred,
}

/// A refusal that says why a caller may not do this at all.
pub fn no_access() -> Refusal {
    Refusal::new(
        Code::InsufficientAccess,
        "You do not have access to the requested resource",
    )
}

/// Key of the note in [`Space::Job`] that says how far the rows of a batch are.
pub fn chunk_key(batch: RecordId) -> String {
    format!("chunk {}", batch.as_15())
}

/// Spaces that [`Request::Notes`] may write.
pub const NODE_SPACES: &[Space] = &[
    Space::Credential,
    Space::App,
    Space::Session,
    Space::Refresh,
    Space::Jti,
    Space::Job,
];

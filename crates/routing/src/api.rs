//! What the engine says to routing, and what it hears back.
//!
//! One direction: [`Configuration`] (infallible, the engine has checked it), [`Command`] (may be
//! refused), [`Restored`] (rows at start). Other direction: [`Output`], a list of [`Change`]s in the
//! order in which they happened. No name here knows HTTP, SOQL or a permission.

use std::sync::Arc;

use model::{KeyPrefix, Millis, Note, RecordId, Value};

use crate::rows::{
    AgentWork, AgentWorkSkill, CapacityModel, PendingServiceRouting, PresenceField, RequestField,
    RoutingModel, Session, SkillRequirement, UserServicePresence, WorkField,
};
use crate::units::Units;

// ---------------------------------------------------------------------------------------------
// Configuration
// ---------------------------------------------------------------------------------------------

/// One piece of configuration: an upsert, or a removal where the payload is `None`.
///
/// The order of pieces does not matter: a queue may name a channel that comes later.
#[derive(Clone, Debug, PartialEq)]
pub enum Configuration {
    /// OmniChannelSettings and the limits of section 7.
    Settings(Settings),
    /// ServiceChannel by id.
    Channel(RecordId, Option<Channel>),
    /// ServicePresenceStatus by id.
    Status(RecordId, Option<PresenceStatus>),
    /// A queue (Group) with its QueueRoutingConfig; `None` when it has none (R2).
    Queue(RecordId, Option<Queue>),
    /// The users that belong to a queue, groups and roles resolved (R55).
    QueueMembers(RecordId, Vec<RecordId>),
    /// A user who may work in Omni-Channel.
    Agent(RecordId, Option<Agent>),
    /// ServiceResourceSkill rows of a user's active ServiceResource (R56).
    Skills(RecordId, Vec<AgentSkill>),
}

/// Settings of the org.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// enableOmniSkillsRouting: skills-based and direct requests of clients (R18, R28).
    pub skills_routing: bool,
    /// enableOmniSecondaryRoutingPriority (R29).
    pub secondary_priority: bool,
    /// enableOmniStatusCapModel (R92).
    pub status_capacity: bool,
    /// Pending requests of the org (R161).
    pub pending_max: u32,
    /// Items queued in the preceding hour (R161).
    pub queued_per_hour_max: u32,
    /// Least Active counts units instead of items (R85).
    pub least_active_units: bool,
    /// Rounds of a voice call before it waits (R73); `None` = no limit.
    pub voice_rounds_max: Option<u32>,
    /// Ageing (extension): seconds of waiting that are worth one step of priority; `None` = off.
    pub ageing_s: Option<u32>,
    /// SLA-aware order (extension): an item is urgent so many seconds before its target date.
    pub sla_window_s: Option<u32>,
    /// Fair cap (extension).
    pub fair_cap: Option<FairCap>,
    /// Offer pacing (extension): seconds between two offers to one agent.
    pub offer_pacing_s: Option<u32>,
    /// Sticky agent (extension): hours for which the agent of a customer is remembered.
    pub sticky_hours: Option<u32>,
    /// Room reservation (extension): seconds after which the head of a line keeps an agent's room.
    pub room_reservation_s: Option<u32>,
    /// An agent may choose the status that follows its work (option).
    pub next_status: bool,
    /// Offers that the new status does not serve are taken back (option, against R135).
    pub withdraw_offers: bool,
    /// Seconds until accepted work that its agent does not touch goes back (option); `None` = never.
    pub return_s: Option<u32>,
}

/// Who got so many offers within the window is asked after the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FairCap {
    /// Offers; at least 1, at most [`FairCap::OFFERS_MAX`].
    pub offers: u32,
    /// Length of the window, seconds.
    pub window_s: u32,
}

impl FairCap {
    /// So many times of offers are kept per agent.
    pub const OFFERS_MAX: u32 = 100;
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            skills_routing: true,
            secondary_priority: true,
            status_capacity: true,
            pending_max: 1_000_000,
            queued_per_hour_max: u32::MAX,
            least_active_units: false,
            voice_rounds_max: None,
            ageing_s: None,
            sla_window_s: None,
            fair_cap: None,
            offer_pacing_s: None,
            sticky_hours: None,
            room_reservation_s: None,
            next_status: false,
            withdraw_offers: false,
            return_s: None,
        }
    }
}

/// What kind of object a channel carries; some rules differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChannelKind {
    /// Case, Lead, MessagingSession, custom objects.
    #[default]
    Record,
    /// VoiceCall (R62, R63, R81, R99).
    Voice,
    /// LiveChatTranscript (R4, R72).
    Chat,
}

/// A ServiceChannel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Channel {
    /// From RelatedEntity.
    pub kind: ChannelKind,
    /// CapacityModel; the engine passes what the record says, R92's org switch is applied here.
    pub is_status_based: bool,
    /// IsInterruptible of the channel, where the config inherits it (R4).
    pub is_interruptible: bool,
    /// HasAutoAcceptEnabled (R79).
    pub auto_accept: bool,
    /// DoesCheckCapOnOwnerChange (R95).
    pub check_capacity_on_owner_change: bool,
    /// DoesCheckCapOnStatusChange (R95).
    pub check_capacity_on_status_change: bool,
    /// ServiceChannelStatusField rows: value of StatusField (any case) to meaning (R93).
    pub status_values: Vec<(Arc<str>, WorkState)>,
    /// After-conversation work, if the presence configuration has none (R150, R151).
    pub after_work: Option<AfterWork>,
}

/// What a value of StatusField means (R93).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum WorkState {
    InProgress,
    Paused,
    Completed,
}

/// After-conversation work (R150, R151).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AfterWork {
    /// AfterConvoWorkMaxTime, seconds.
    pub max_s: i64,
    /// AcwExtensionDuration, seconds; 0 when extensions are off.
    pub extension_s: i64,
    /// MaxExtensions.
    pub extensions_max: i64,
}

/// A ServicePresenceStatus.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PresenceStatus {
    /// Channels it serves (ServiceChannelStatus); empty for busy kinds (R51, R52).
    pub channels: Vec<RecordId>,
    /// Away kind (R148).
    pub is_away: bool,
}

/// A QueueRoutingConfig as it applies to one queue (R4).
#[derive(Clone, Debug, PartialEq)]
pub struct Queue {
    /// RoutingModel.
    pub model: RoutingModel,
    /// RoutingPriority.
    pub priority: Option<i64>,
    /// CapacityWeight.
    pub weight: Option<Units>,
    /// CapacityPercentage.
    pub percentage: Option<Units>,
    /// PausedCapacityWeight.
    pub paused_weight: Option<Units>,
    /// PausedCapacityPercentage.
    pub paused_percentage: Option<Units>,
    /// PushTimeout, seconds.
    pub push_timeout_s: Option<i64>,
    /// capacityType; `None` inherits from the channel.
    pub is_interruptible: Option<bool>,
    /// IsAttributeBased (R16): requests of this queue are matched by skills.
    pub is_attribute_based: bool,
    /// DropAdditionalSkillsTimeout, seconds.
    pub drop_timeout_s: Option<i64>,
    /// OverflowAssigneeId (R158).
    pub overflow_assignee: Option<RecordId>,
    /// Rounds of an item before it goes to `alternative` or waits (option; R73); `None` = no limit.
    pub rounds_max: Option<u16>,
    /// The queue that gets what nobody here took when the rounds are used up (option).
    pub alternative: Option<RecordId>,
    /// As [`Settings::return_s`], for work of this queue; 0 = never.
    pub return_s: Option<u32>,
}

/// A user who may work in Omni-Channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Agent {
    /// User.IsActive (R64).
    pub is_active: bool,
    /// The presence configuration that applies (R76).
    pub presence: Arc<PresenceConfig>,
    /// ServicePresenceStatus ids that profile and permission sets allow (R53). Shared between users.
    pub statuses: Arc<[RecordId]>,
    /// CallCenter ids with a CallCenterRoutingMap row for the user (R62). Shared between users.
    pub call_centers: Arc<[RecordId]>,
}

/// A PresenceUserConfig (R77).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PresenceConfig {
    /// Capacity, whole units.
    pub capacity: i64,
    /// InterruptibleCapacity; `None` = same as `capacity`.
    pub interruptible_capacity: Option<i64>,
    /// OptionsIsAutoAcceptEnabled.
    pub auto_accept: bool,
    /// OptionsIsDeclineEnabled.
    pub can_decline: bool,
    /// OptionsIsDeclineReasonEnabled.
    pub decline_reasons: bool,
    /// PresenceStatusOnDeclineId.
    pub status_on_decline: Option<RecordId>,
    /// PresenceStatusOnPushTimeoutId.
    pub status_on_push_timeout: Option<RecordId>,
    /// HasAfterConvoWorkTimer and its values.
    pub after_work: Option<AfterWork>,
}

/// A ServiceResourceSkill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgentSkill {
    /// Skill.
    pub skill: RecordId,
    /// SkillLevel.
    pub level: Units,
    /// EffectiveStartDate.
    pub from: Millis,
    /// EffectiveEndDate; open if `None`.
    pub to: Option<Millis>,
}

// ---------------------------------------------------------------------------------------------
// Commands
// ---------------------------------------------------------------------------------------------

/// Where work shall go.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// Members of a queue with a config.
    Queue(RecordId),
    /// One agent (R23 to R25).
    User {
        /// Who.
        user: RecordId,
        /// And nobody else (R25).
        required: bool,
        /// Where to turn if that agent is not eligible (R24).
        fallback: Option<RecordId>,
    },
    /// Holders of skills; every level counts as given (R45 sets them to 0).
    Skills(Vec<Requirement>),
}

/// One required skill of [`Target::Skills`] or of skills-based rules (R16).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// Skill.
    pub skill: RecordId,
    /// Lowest level.
    pub level: Units,
    /// R57.
    pub is_additional: bool,
    /// R58.
    pub priority: Option<i64>,
}

/// Facts about the routed record that routing cannot know.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The record.
    pub id: RecordId,
    /// ServiceChannel of its object.
    pub channel: RecordId,
    /// ServiceChannelFieldPriority of its field value (R30).
    pub secondary_priority: Option<i64>,
    /// CallCenter of a call (R62).
    pub call_center: Option<RecordId>,
    /// Value of the channel's StatusField (R93).
    pub status: Option<Arc<str>>,
    /// Whose it is, if known (sticky agent).
    pub customer: Option<RecordId>,
    /// Skills-based rules of the record (R16); asked for in attribute-based queues.
    pub requirements: Vec<Requirement>,
}

/// What a command asks. Refusals change nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// A record of a channel's object was created with, or changed to, this owner by hand, API or flow
    /// (R1 to R8, R46, R94 to R96). The engine sends it for every such write; what follows is decided here.
    ///
    /// # Refusals
    /// LIMIT_EXCEEDED (R159): refuse the save.
    Owner {
        /// The record.
        item: Item,
        /// Queue or user.
        owner: RecordId,
        /// Its newest AgentWork row, final ones included (R94: routed before, and at which cost). Only
        /// needed where `owner` is a user and the channel is status-based.
        last_work: Option<Box<AgentWork>>,
    },
    /// StatusField of a record changed (R93, R95, R119 to R121).
    ItemStatus {
        /// The record; `status` is the new value.
        item: Item,
        /// Current owner.
        owner: RecordId,
        /// As in [`Command::Owner`].
        last_work: Option<Box<AgentWork>>,
    },
    /// The record is deleted (R8, R129).
    ItemDeleted {
        /// The record.
        item: RecordId,
    },
    /// The customer left, or telephony cleared the routing (R112, R198). Nothing waiting: no effect.
    CustomerLeft {
        /// The record.
        item: RecordId,
    },
    /// Telephony or a flow routes a record (R19, R22); a request that exists is replaced (R7).
    ///
    /// # Refusals
    /// LIMIT_EXCEEDED, here and wherever a new request would come (R159, R161).
    Route {
        /// The record.
        item: Item,
        /// Where.
        target: Target,
        /// CustomRequestedDateTime (R20).
        requested: Option<Millis>,
        /// TargetAcceptDateTime (R20).
        accept_by: Option<Millis>,
    },
    /// An accepted call could not be connected (R128, R197).
    Reroute {
        /// The record.
        item: Item,
    },
    /// The conversation ended (R122, R123): open work closes or enters after-work.
    EndConversation {
        /// The record.
        item: RecordId,
    },

    /// A client inserts a PendingServiceRouting (R10, R15, R18). Id and columns as sent.
    InsertRequest {
        /// The row; Serial, IsPushed, IsPushAttempted, CreatedDate are set here.
        row: Box<PendingServiceRouting>,
        /// CallCenter of a call (R62).
        call_center: Option<RecordId>,
        /// Whose the item is, if known (sticky agent).
        customer: Option<RecordId>,
    },
    /// A client edits one (R12).
    UpdateRequest {
        /// Which.
        request: RecordId,
        /// Columns that change; none if only columns change that routing does not keep (R12, R166).
        sets: Vec<(RequestField, Value)>,
    },
    /// A client deletes one (R47).
    DeleteRequest {
        /// Which.
        request: RecordId,
    },
    /// A client inserts a SkillRequirement whose RelatedRecordId is a PendingServiceRouting (R11). The
    /// engine writes the row.
    InsertRequirement(SkillRequirement),
    /// A client deletes one. The engine removes the row.
    DeleteRequirement {
        /// Which.
        requirement: RecordId,
        /// Of which request.
        request: RecordId,
    },

    /// A client inserts an AgentWork (R170 to R173).
    InsertWork(NewWork),
    /// A client edits active work (R109). The engine writes columns that routing does not keep.
    UpdateWork {
        /// Which.
        work: RecordId,
        /// Columns that change.
        sets: Vec<(WorkField, Value)>,
    },

    /// Log in with, or change to, a status (R143, R144).
    SetStatus {
        /// Agent.
        user: RecordId,
        /// ServicePresenceStatus.
        status: RecordId,
    },
    /// Change to a status when the last active work has ended; no offers until then (option). Without
    /// work it is done at once; the current status takes the wish back, as does any change of status.
    SetNextStatus {
        /// Agent.
        user: RecordId,
        /// ServicePresenceStatus.
        status: RecordId,
    },
    /// Log out; a lost connection is the same (R155).
    Logout {
        /// Agent.
        user: RecordId,
    },

    /// R111.
    Accept {
        /// AgentWork.
        work: RecordId,
        /// Who says so; must be its agent.
        user: RecordId,
    },
    /// R113.
    Decline {
        /// AgentWork.
        work: RecordId,
        /// Who says so; must be its agent.
        user: RecordId,
        /// Text of the reason.
        reason: Option<Arc<str>>,
    },
    /// R118. A supervisor may close for the agent: `user` is then the agent.
    Close {
        /// AgentWork.
        work: RecordId,
        /// Its agent.
        user: RecordId,
        /// Seconds in focus, if the console measured them (R130).
        active_s: Option<i64>,
    },
    /// Transfer or reassign open or offered work (R40 to R45, R124, R125, R184).
    Transfer {
        /// AgentWork.
        work: RecordId,
        /// Its record.
        item: Item,
        /// Where to.
        target: Target,
        /// Who asks: the agent or a supervisor (TransferRequesterId).
        requester: RecordId,
    },
    /// What waits is sent elsewhere by a supervisor, with its age, cost and priority (R33, R45, R184).
    Reassign {
        /// The record.
        item: Item,
        /// Where to.
        target: Target,
        /// Who asks (TransferRequesterId).
        requester: RecordId,
    },
    /// An agent did something with a record: its open work on it does not go back (option
    /// `returnSeconds`). None: no effect.
    Touch {
        /// The record.
        item: RecordId,
        /// Who.
        user: RecordId,
    },
    /// One more stretch of after-work (R151).
    Extend {
        /// AgentWork.
        work: RecordId,
        /// Its agent.
        user: RecordId,
    },
    /// A second agent joins as participant (R102, R203, R204).
    Join {
        /// Open AgentWork of the first.
        work: RecordId,
        /// Who joins.
        user: RecordId,
    },
}

/// An AgentWork that an external router inserts (R170).
#[derive(Clone, Debug, PartialEq)]
pub struct NewWork {
    /// Id that the engine gave.
    pub id: RecordId,
    /// UserId.
    pub user: RecordId,
    /// WorkItemId.
    pub work_item: RecordId,
    /// ServiceChannelId.
    pub channel: RecordId,
    /// PendingServiceRoutingId.
    pub request: RecordId,
    /// CapacityWeight.
    pub weight: Option<Units>,
    /// CapacityPercentage.
    pub percentage: Option<Units>,
    /// ShouldSkipCapacityCheck.
    pub skip_capacity_check: bool,
}

// ---------------------------------------------------------------------------------------------
// Output
// ---------------------------------------------------------------------------------------------

/// Where routing writes what happened, and takes new ids from.
pub struct Output<'a> {
    /// What happened, in order (R141).
    pub changes: Vec<Change>,
    /// Next id of a prefix; a counter of the engine.
    pub ids: &'a mut dyn FnMut(KeyPrefix) -> RecordId,
}

/// Changes of one offer and one acceptance, so that the common batch allocates once.
const COMMON_CHANGES: usize = 16;

impl<'a> Output<'a> {
    /// Empty.
    pub fn new(ids: &'a mut dyn FnMut(KeyPrefix) -> RecordId) -> Self {
        Self {
            changes: Vec::with_capacity(COMMON_CHANGES),
            ids,
        }
    }
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A new PendingServiceRouting. For [`Command::InsertRequest`] the engine adds the client's other
    /// columns (custom fields) to the same row.
    InsertRequest(Box<PendingServiceRouting>),
    /// Columns of one, Serial among them.
    UpdateRequest {
        /// Which.
        id: RecordId,
        /// Columns.
        sets: Vec<(RequestField, Value)>,
    },
    /// It is gone. Its SkillRequirement rows follow as [`Change::DeleteRequirement`].
    DeleteRequest {
        /// Which.
        id: RecordId,
    },
    /// A new SkillRequirement (R16, R45).
    InsertRequirement(SkillRequirement),
    /// It is gone.
    DeleteRequirement {
        /// Which.
        id: RecordId,
    },
    /// A new AgentWork.
    InsertWork(Arc<AgentWork>),
    /// Columns of one.
    UpdateWork {
        /// Which.
        id: RecordId,
        /// Columns.
        sets: Vec<(WorkField, Value)>,
    },
    /// A new AgentWorkSkill (R103).
    InsertWorkSkill(AgentWorkSkill),
    /// A new UserServicePresence.
    InsertPresence(Box<UserServicePresence>),
    /// Columns of one.
    UpdatePresence {
        /// Which.
        id: RecordId,
        /// Columns.
        sets: Vec<(PresenceField, Value)>,
    },
    /// OwnerId of a routed record changes (R110, R116). The engine writes it without sending
    /// [`Command::Owner`] again.
    Owner {
        /// The record.
        item: RecordId,
        /// New owner.
        owner: RecordId,
    },
    /// A hidden row.
    Note(Note),
    /// News for the console of one agent (R142).
    Signal(Signal),
}

/// News for one agent's console.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// Whose.
    pub user: RecordId,
    /// What.
    pub kind: SignalKind,
}

/// Kinds of news (R142).
#[derive(Clone, Debug, PartialEq)]
pub enum SignalKind {
    /// An offer.
    WorkAssigned(Arc<AgentWork>),
    /// Accepted, by hand or automatically.
    WorkAccepted(Arc<AgentWork>),
    /// Left the list of the agent, with its final status (Declined, DeclinedOnPushTimeout, Canceled,
    /// Unavailable, Closed, Transferred).
    WorkGone {
        /// AgentWork.
        work: RecordId,
        /// The routed record.
        work_item: RecordId,
        /// How.
        status: crate::rows::Status,
    },
    /// Columns of open work changed: after-work, extension, pause.
    WorkChanged(Arc<AgentWork>),
    /// Capacity in use or configured changed.
    WorkloadChanged {
        /// Before.
        previous: Capacity,
        /// Now.
        capacity: Capacity,
    },
    /// Logged in, a new status, or another wish for the next one.
    StatusChanged {
        /// ServicePresenceStatus.
        status: RecordId,
        /// Since when.
        since: Millis,
        /// The status that follows the agent's work.
        next: Option<RecordId>,
    },
    /// Logged out.
    LoggedOut,
}

/// Capacity of one agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capacity {
    /// Primary pool.
    pub configured: Units,
    /// Used of it; may exceed it (R99).
    pub used: Units,
    /// Interruptible pool.
    pub configured_interruptible: Units,
    /// Used of it.
    pub used_interruptible: Units,
}

// ---------------------------------------------------------------------------------------------
// Restart and views
// ---------------------------------------------------------------------------------------------

/// Everything that routing needs from the store, after all configuration was given (R137).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Restored {
    /// All PendingServiceRouting rows.
    pub requests: Vec<PendingServiceRouting>,
    /// AgentWork rows with Status Assigned or Opened.
    pub works: Vec<AgentWork>,
    /// UserServicePresence rows with IsCurrentState true.
    pub presences: Vec<UserServicePresence>,
    /// SkillRequirement rows whose RelatedRecordId is one of `requests`.
    pub requirements: Vec<SkillRequirement>,
    /// All notes of the spaces in [`NOTE_SPACES`].
    pub notes: Vec<Note>,
}

/// The hidden rows that routing writes and wants back.
pub const NOTE_SPACES: &[model::Space] = &[
    model::Space::Tried,
    model::Space::Agent,
    model::Space::Intake,
    model::Space::Wait,
    model::Space::Work,
    model::Space::Request,
    model::Space::Recent,
    model::Space::Customer,
    model::Space::Room,
];

/// The current presence of an agent.
#[derive(Clone, Debug, PartialEq)]
pub struct PresenceView {
    /// ServicePresenceStatus.
    pub status: RecordId,
    /// Since when.
    pub since: Millis,
    /// Omni-Channel session.
    pub session: Session,
    /// Login of the session.
    pub login: Millis,
    /// The status that follows the agent's work.
    pub next: Option<RecordId>,
}

/// Figures of one queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueStats {
    /// Requests that wait for an agent (offered ones not counted).
    pub waiting: u64,
    /// Age time of the first in order.
    pub first_since: Option<Millis>,
    /// Agents of the queue that are logged in with a status that serves some channel.
    pub online: u64,
}

/// One waiting item.
#[derive(Clone, Debug, PartialEq)]
pub struct WaitingView {
    /// Its request.
    pub request: PendingServiceRouting,
    /// Age time (R29.4).
    pub since: Millis,
    /// CapacityModel of its channel.
    pub capacity_model: CapacityModel,
}

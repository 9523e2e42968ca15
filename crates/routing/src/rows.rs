//! The rows that routing owns, as typed structs with the platform's column names.
//!
//! The engine maps them to catalogue fields by name: [`each`](PendingServiceRouting::each) lists the
//! columns of a new row, [`read`](PendingServiceRouting::read) makes the struct from a stored one.
//! System columns (Name, CreatedById, LastModified..., SystemModstamp) belong to the engine.

use std::sync::{Arc, LazyLock};

use model::{KeyPrefix, Millis, RecordId, Value};

use crate::units::Units;

/// An Omni-Channel session: the id of the UserServicePresence row that the login made (R66). Unique,
/// deterministic and shown as text of 18 characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Session(pub RecordId);

/// Key prefixes of the rows made here.
pub mod prefix {
    use model::KeyPrefix;
    /// PendingServiceRouting.
    pub const REQUEST: KeyPrefix = KeyPrefix::of("0JR");
    /// AgentWork.
    pub const WORK: KeyPrefix = KeyPrefix::of("0Bz");
    /// UserServicePresence.
    pub const PRESENCE: KeyPrefix = KeyPrefix::of("0R1");
    /// AgentWorkSkill.
    pub const WORK_SKILL: KeyPrefix = KeyPrefix::of("0Sm");
    /// SkillRequirement.
    pub const REQUIREMENT: KeyPrefix = KeyPrefix::of("0Hx");
}

/// A column's type: how it is stored, and what an absent value means.
pub trait Column: Sized {
    /// The value of a row that does not say.
    fn empty() -> Self;
    /// For the store.
    fn to_value(&self) -> Value;
    /// From the store; a value of a wrong kind counts as absent.
    fn from_value(value: &Value) -> Self;
}

impl Column for RecordId {
    fn empty() -> Self {
        RecordId::new(KeyPrefix::of("000"), 0)
    }
    fn to_value(&self) -> Value {
        Value::Id(*self)
    }
    fn from_value(value: &Value) -> Self {
        value.as_id().unwrap_or_else(Self::empty)
    }
}

impl Column for Option<RecordId> {
    fn empty() -> Self {
        None
    }
    fn to_value(&self) -> Value {
        (*self).into()
    }
    fn from_value(value: &Value) -> Self {
        value.as_id()
    }
}

impl Column for Option<Session> {
    fn empty() -> Self {
        None
    }
    fn to_value(&self) -> Value {
        self.map_or(Value::Null, |s| Value::text(s.0.to_string()))
    }
    fn from_value(value: &Value) -> Self {
        let text = value.as_text()?;
        RecordId::parse(text).ok().map(Session)
    }
}

impl Column for bool {
    fn empty() -> Self {
        false
    }
    fn to_value(&self) -> Value {
        Value::Bool(*self)
    }
    fn from_value(value: &Value) -> Self {
        value.is_true()
    }
}

impl Column for i64 {
    fn empty() -> Self {
        0
    }
    fn to_value(&self) -> Value {
        Value::Int(*self)
    }
    fn from_value(value: &Value) -> Self {
        value.as_int().unwrap_or(0)
    }
}

impl Column for Option<i64> {
    fn empty() -> Self {
        None
    }
    fn to_value(&self) -> Value {
        (*self).into()
    }
    fn from_value(value: &Value) -> Self {
        value.as_int()
    }
}

impl Column for Millis {
    fn empty() -> Self {
        Millis(0)
    }
    fn to_value(&self) -> Value {
        Value::DateTime(*self)
    }
    fn from_value(value: &Value) -> Self {
        value.as_millis().unwrap_or_default()
    }
}

impl Column for Option<Millis> {
    fn empty() -> Self {
        None
    }
    fn to_value(&self) -> Value {
        (*self).into()
    }
    fn from_value(value: &Value) -> Self {
        value.as_millis()
    }
}

impl Column for Option<Units> {
    fn empty() -> Self {
        None
    }
    fn to_value(&self) -> Value {
        self.map(Units::to_f64).into()
    }
    fn from_value(value: &Value) -> Self {
        value.as_double().map(Units::from_f64)
    }
}

impl Column for Units {
    fn empty() -> Self {
        Units::ZERO
    }
    fn to_value(&self) -> Value {
        Value::Double(self.to_f64())
    }
    fn from_value(value: &Value) -> Self {
        value.as_double().map(Units::from_f64).unwrap_or_default()
    }
}

impl Column for Option<Arc<str>> {
    fn empty() -> Self {
        None
    }
    fn to_value(&self) -> Value {
        self.clone().map_or(Value::Null, Value::text)
    }
    fn from_value(value: &Value) -> Self {
        value.as_text().map(Arc::from)
    }
}

macro_rules! picklist {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident,)* } empty $empty:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// The picklist value.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant),)* }
            }
            /// The same as a value; the text is shared.
            pub fn value(self) -> Value {
                static VALUES: LazyLock<Vec<Value>> =
                    LazyLock::new(|| vec![$(Value::from(stringify!($variant)),)*]);
                VALUES.get(self as usize).cloned().unwrap_or_default()
            }
            /// The value with this name.
            pub fn parse(text: &str) -> Option<Self> {
                [$(Self::$variant,)*].into_iter().find(|v| v.as_str().eq_ignore_ascii_case(text))
            }
        }

        impl Column for $name {
            fn empty() -> Self { Self::$empty }
            fn to_value(&self) -> Value { self.value() }
            fn from_value(value: &Value) -> Self {
                value.as_text().and_then(Self::parse).unwrap_or(Self::$empty)
            }
        }
    };
}

picklist! {
    /// How the agents of a request are found.
    RoutingType {
        /// Members of a queue.
        QueueBased,
        /// Holders of skills, and direct to an agent.
        SkillsBased,
    } empty QueueBased
}

picklist! {
    /// How one agent is chosen among the eligible (R84, R85, R91).
    RoutingModel {
        /// Fewest open items.
        LeastActive,
        /// Most free units.
        MostAvailable,
        /// A partner chooses.
        ExternalRouting,
    } empty MostAvailable
}

picklist! {
    /// What releases capacity (R92).
    CapacityModel {
        /// Closing the work.
        TabBased,
        /// The status of the record.
        StatusBased,
    } empty TabBased
}

picklist! {
    /// AgentWork.Status (R105); transitions are in `status`.
    Status {
        /// Offered, not yet accepted. Active.
        Assigned,
        /// The agent went offline while it was offered.
        Unavailable,
        /// The agent declined.
        Declined,
        /// Accepted. Active.
        Opened,
        /// Done.
        Closed,
        /// Nobody answered in time.
        DeclinedOnPushTimeout,
        /// Withdrawn.
        Canceled,
        /// Handed on.
        Transferred,
    } empty Closed
}

macro_rules! object {
    (
        $(#[$doc:meta])* $name:ident, $(#[$fdoc:meta])* $field:ident {
            $($(#[$mdoc:meta])* $member:ident: $ty:ty = $column:ident,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            /// Id.
            pub id: RecordId,
            $($(#[$mdoc])* pub $member: $ty,)*
        }

        $(#[$fdoc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs)]
        pub enum $field { $($column,)* }

        impl $field {
            /// Every column, in the order of the variants.
            pub const ALL: &'static [$field] = &[$($field::$column,)*];

            /// The column's API name.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$column => stringify!($column),)* }
            }
        }

        impl $name {
            /// A row with every column absent.
            pub fn empty(id: RecordId) -> Self {
                Self { id, $($member: <$ty as Column>::empty(),)* }
            }

            /// The row whose columns `get` answers.
            pub fn read<'a>(id: RecordId, get: impl Fn($field) -> &'a Value) -> Self {
                Self { id, $($member: <$ty as Column>::from_value(get($field::$column)),)* }
            }

            /// Calls `put` with every column.
            pub fn each(&self, mut put: impl FnMut($field, Value)) {
                $(put($field::$column, self.$member.to_value());)*
            }

            /// One column.
            pub fn get(&self, field: $field) -> Value {
                match field { $($field::$column => self.$member.to_value(),)* }
            }

            /// Sets one column.
            pub fn set(&mut self, field: $field, value: &Value) {
                match field { $($field::$column => self.$member = Column::from_value(value),)* }
            }
        }
    };
}

object! {
    /// One waiting (or offered) request: PendingServiceRouting.
    PendingServiceRouting,
    /// Columns of PendingServiceRouting that routing writes.
    RequestField {
        /// The routed record.
        work_item: RecordId = WorkItemId,
        /// Channel of its object.
        channel: RecordId = ServiceChannelId,
        /// Queue, if any (same as GroupId, R4).
        queue: Option<RecordId> = QueueId,
        /// Same as QueueId.
        group: Option<RecordId> = GroupId,
        /// Queue or agent it is for; where it is for skills, `None`: the engine puts who caused it.
        owner: Option<RecordId> = OwnerId,
        /// R4, R10.
        routing_type: RoutingType = RoutingType,
        /// R84, R85, R91.
        routing_model: RoutingModel = RoutingModel,
        /// R29.
        priority: Option<i64> = RoutingPriority,
        /// R30.
        secondary_priority: Option<i64> = SecondaryRoutingPriority,
        /// R97.
        weight: Option<Units> = CapacityWeight,
        /// R97.
        percentage: Option<Units> = CapacityPercentage,
        /// R92.
        paused_weight: Option<Units> = PausedCapacityWeight,
        /// R92.
        paused_percentage: Option<Units> = PausedCapacityPercentage,
        /// Seconds, 0 or null = never (R81).
        push_timeout: Option<i64> = PushTimeout,
        /// Seconds per group of additional skills (R57, R60).
        drop_timeout: Option<i64> = DropAdditionalSkillsTimeout,
        /// Pool (R100).
        is_interruptible: bool = IsInterruptible,
        /// R11.
        is_ready: bool = IsReadyForRouting,
        /// An Assigned AgentWork exists (R167).
        is_pushed: bool = IsPushed,
        /// It did at some time (R167).
        is_push_attempted: bool = IsPushAttempted,
        /// R40.
        is_transfer: bool = IsTransfer,
        /// R102.
        is_conference: bool = IsConference,
        /// R95.
        is_owner_change: bool = IsOwnerChangeInitiated,
        /// R95.
        is_status_change: bool = IsStatusChangeInitiated,
        /// Direct to this agent (R23).
        preferred_user: Option<RecordId> = PreferredUserId,
        /// And to nobody else (R25).
        is_preferred_required: bool = IsPreferredUserRequired,
        /// Last decliner (R66).
        last_declined: Option<Session> = LastDeclinedAgentSession,
        /// Who transferred (R45).
        transfer_requester: Option<RecordId> = TransferRequesterId,
        /// Changes so far (R166).
        serial: i64 = Serial,
        /// R29.
        custom_requested: Option<Millis> = CustomRequestedDateTime,
        /// R29.
        target_accept: Option<Millis> = TargetAcceptDateTime,
        /// R34.
        scheduled: Option<Millis> = ScheduledRoutingDateTime,
        /// Original request (R33).
        created: Millis = CreatedDate,
    }
}

object! {
    /// One offer of one item to one agent: AgentWork.
    AgentWork,
    /// Columns of AgentWork that routing writes.
    WorkField {
        /// The agent.
        user: RecordId = UserId,
        /// The agent, too.
        owner: RecordId = OwnerId,
        /// The routed record.
        work_item: RecordId = WorkItemId,
        /// Channel of its object.
        channel: RecordId = ServiceChannelId,
        /// R105.
        status: Status = Status,
        /// The request it came from, even after that is gone (R9).
        request: Option<RecordId> = PendingServiceRoutingId,
        /// Queue it came from.
        original_queue: Option<RecordId> = OriginalQueueId,
        /// Same.
        original_group: Option<RecordId> = OriginalGroupId,
        /// R110.
        routing_type: RoutingType = RoutingType,
        /// R110.
        routing_model: RoutingModel = RoutingModel,
        /// R110.
        priority: Option<i64> = RoutingPriority,
        /// R110.
        secondary_priority: Option<i64> = SecondaryRoutingPriority,
        /// R97.
        weight: Option<Units> = CapacityWeight,
        /// R97.
        percentage: Option<Units> = CapacityPercentage,
        /// R120.
        paused_weight: Option<Units> = PausedCapacityWeight,
        /// R120.
        paused_percentage: Option<Units> = PausedCapacityPercentage,
        /// R92.
        capacity_model: CapacityModel = CapacityModel,
        /// R100.
        is_interruptible: bool = IsInterruptible,
        /// R172.
        skip_capacity_check: bool = ShouldSkipCapacityCheck,
        /// Seconds from AssignedDateTime (R133).
        push_timeout: Option<i64> = PushTimeout,
        /// R131.
        requested: Option<Millis> = RequestDateTime,
        /// R133.
        assigned: Option<Millis> = AssignedDateTime,
        /// R111.
        accepted: Option<Millis> = AcceptDateTime,
        /// R113.
        declined: Option<Millis> = DeclineDateTime,
        /// R113.
        decline_reason: Option<Arc<str>> = DeclineReason,
        /// R114.
        timed_out: Option<Millis> = PushTimeoutDateTime,
        /// R112.
        canceled: Option<Millis> = CancelDateTime,
        /// R112.
        abandoned: Option<Millis> = AbandonedDateTime,
        /// R118.
        closed: Option<Millis> = CloseDateTime,
        /// R130.
        speed_to_answer: Option<i64> = SpeedToAnswer,
        /// R130.
        handle_time: Option<i64> = HandleTime,
        /// R130.
        active_time: Option<i64> = ActiveTime,
        /// R117.
        capacity_when_declined: Option<Units> = AgentCapacityWhenDeclined,
        /// R113.
        interruptible_when_declined: Option<Units> = AgentIntCapacityWhenDeclined,
        /// R110.
        preferred_user: Option<RecordId> = PreferredUserId,
        /// R110.
        is_preferred_required: bool = IsPreferredUserRequired,
        /// R95.
        is_owner_change: bool = IsOwnerChangeInitiated,
        /// R95.
        is_status_change: bool = IsStatusChangeInitiated,
        /// R45.
        transfer_requester: Option<RecordId> = TransferRequesterId,
        /// R110.
        target_accept: Option<Millis> = TargetAcceptDateTime,
        /// R34.
        scheduled: Option<Millis> = ScheduledRoutingDateTime,
        /// R151.
        extension_count: Option<i64> = AcwExtensionCount,
        /// R151.
        extension_duration: Option<i64> = AcwExtensionDuration,
        /// R150.
        after_work_actual: Option<i64> = AfterConversationActualTime,
    }
}

object! {
    /// One stretch of time of one agent in one status: UserServicePresence (R143).
    UserServicePresence,
    /// Columns of UserServicePresence that routing writes.
    PresenceField {
        /// The agent.
        user: RecordId = UserId,
        /// The agent, too.
        owner: RecordId = OwnerId,
        /// ServicePresenceStatus.
        status: RecordId = ServicePresenceStatusId,
        /// Not yet ended.
        is_current: bool = IsCurrentState,
        /// R148.
        is_away: bool = IsAway,
        /// Start.
        start: Millis = StatusStartDate,
        /// End (R145).
        end: Option<Millis> = StatusEndDate,
        /// Seconds, once ended.
        duration: Option<i64> = StatusDuration,
        /// Units at its start (R99).
        configured: Option<i64> = ConfiguredCapacity,
        /// Units of the interruptible pool at its start.
        configured_interruptible: Option<i64> = ConfiguredInterruptCapacity,
        /// Seconds without active work (R146).
        idle: Option<i64> = IdleDuration,
        /// Seconds with the primary pool full (R146).
        at_capacity: Option<i64> = AtCapacityDuration,
        /// Mean of used primary units (R147).
        average: Option<Units> = AverageCapacity,
    }
}

object! {
    /// What a request asks of agents: SkillRequirement with RelatedRecordId = the request (R11).
    SkillRequirement,
    /// Columns of SkillRequirement.
    RequirementField {
        /// The request.
        related: RecordId = RelatedRecordId,
        /// Skill.
        skill: RecordId = SkillId,
        /// Lowest level that will do (R56); null counts as 0.
        level: Option<Units> = SkillLevel,
        /// May be dropped (R57).
        is_additional: bool = IsAdditionalSkill,
        /// Highest is dropped first (R58).
        priority: Option<i64> = SkillPriority,
    }
}

object! {
    /// A requirement as it was at the offer: AgentWorkSkill (R103).
    AgentWorkSkill,
    /// Columns of AgentWorkSkill.
    WorkSkillField {
        /// The offer.
        work: RecordId = AgentWorkId,
        /// Skill.
        skill: RecordId = SkillId,
        /// Required level.
        level: Units = SkillLevel,
        /// Could be dropped.
        is_additional: bool = IsAdditionalSkill,
        /// Its group.
        priority: Option<i64> = SkillPriority,
        /// Was dropped before the offer.
        was_dropped: bool = WasDropped,
    }
}

impl Status {
    /// Assigned or Opened (R106).
    pub fn is_active(self) -> bool {
        match self {
            Self::Assigned | Self::Opened => true,
            Self::Unavailable
            | Self::Declined
            | Self::Closed
            | Self::DeclinedOnPushTimeout
            | Self::Canceled
            | Self::Transferred => false,
        }
    }
}

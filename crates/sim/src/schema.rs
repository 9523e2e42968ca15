//! Places of the objects and fields that the simulator writes and reads.
//!
//! A list of its own, apart from the engine's.

use anyhow::{Context, Result};
use model::{Catalogue, FieldIx, ObjectIx};

macro_rules! schema {
    ($($place:ident: $Object:ident [$($field:ident $api:ident),* $(,)?];)*) => {
        $(
            /// Fields of the object of this name.
            #[derive(Clone, Copy, Debug)]
            #[allow(missing_docs)]
            pub struct $Object { pub ix: ObjectIx, $(pub $field: FieldIx,)* }
        )*

        /// Every object that the simulator knows.
        #[derive(Clone, Debug)]
        #[allow(missing_docs)]
        pub struct Schema { $(pub $place: $Object,)* }

        impl Schema {
            /// Looks every name up.
            ///
            /// # Errors
            /// The name that the catalogue lacks.
            pub fn of(catalogue: &Catalogue) -> Result<Self> {
                Ok(Self { $($place: {
                    let name = stringify!($Object);
                    let (ix, def) = catalogue.find(name).with_context(|| format!("no {name}"))?;
                    $Object { ix, $($field: {
                        let api = stringify!($api);
                        def.field(api).with_context(|| format!("no {name}.{api}"))?
                    },)* }
                },)* })
            }
        }
    };
}

schema! {
    organization: Organization [name Name];
    profile: Profile [
        name Name, customize PermissionsCustomizeApplication, modify_all PermissionsModifyAllData,
        view_all PermissionsViewAllData, users PermissionsManageUsers, api PermissionsApiEnabled,
    ];
    permission_set: PermissionSet [name Name, label Label, profile ProfileId];
    assignment: PermissionSetAssignment [assignee AssigneeId, set PermissionSetId];
    entity_access: SetupEntityAccess [parent ParentId, entity SetupEntityId];
    user: User [
        username Username, last_name LastName, email Email, alias Alias, profile ProfileId, role UserRoleId,
        is_active IsActive, kind UserType, time_zone TimeZoneSidKey, locale LocaleSidKey,
        language LanguageLocaleKey, encoding EmailEncodingKey, nickname CommunityNickname, name Name,
    ];
    role: UserRole [name Name, parent ParentRoleId, opportunity OpportunityAccessForAccountOwner];
    group: Group [name Name, kind Type, config QueueRoutingConfigId, related RelatedId];
    member: GroupMember [group GroupId, of UserOrGroupId];
    queue_sobject: QueueSobject [queue QueueId, sobject SobjectType];
    routing_config: QueueRoutingConfig [
        name DeveloperName, label MasterLabel, weight CapacityWeight, percentage CapacityPercentage,
        timeout PushTimeout, model RoutingModel, priority RoutingPriority, overflow OverflowAssigneeId,
        paused_weight PausedCapacityWeight, paused_percentage PausedCapacityPercentage,
        by_attributes IsAttributeBased, drop DropAdditionalSkillsTimeout,
    ];
    channel: ServiceChannel [
        name DeveloperName, label MasterLabel, entity RelatedEntity, auto_accept HasAutoAcceptEnabled,
        secondary SecRoutingPriorityField, capacity CapacityModel, status_field StatusField,
        check_owner DoesCheckCapOnOwnerChange, check_status DoesCheckCapOnStatusChange,
    ];
    status_value: ServiceChannelStatusField [channel ServiceChannelId, kind Type, value Value];
    channel_priority: ServiceChannelFieldPriority [channel ServiceChannelId, value Value, priority Priority];
    channel_status: ServiceChannelStatus [channel ServiceChannelId, status ServicePresenceStatusId];
    status: ServicePresenceStatus [name DeveloperName, label MasterLabel];
    presence_config: PresenceUserConfig [
        name DeveloperName, label MasterLabel, capacity Capacity, interruptible InterruptibleCapacity,
        auto_accept OptionsIsAutoAcceptEnabled, decline OptionsIsDeclineEnabled,
        on_decline PresenceStatusOnDeclineId, on_timeout PresenceStatusOnPushTimeoutId,
        after_work HasAfterConvoWorkTimer, after_max AfterConvoWorkMaxTime, extends HasAcwExtensionEnabled,
        extension AcwExtensionDuration, extensions MaxExtensions,
    ];
    config_user: PresenceUserConfigUser [config PresenceUserConfigId, user UserId];
    config_profile: PresenceUserConfigProfile [config PresenceUserConfigId, profile ProfileId];
    call_center: CallCenter [name Name, internal InternalName];
    routing_map: CallCenterRoutingMap [
        center CallCenterId, reference ReferenceRecordId, external ExternalId, name DeveloperName,
        label MasterLabel,
    ];
    skill: Skill [name DeveloperName, label MasterLabel];
    resource: ServiceResource [name Name, related RelatedRecordId, kind ResourceType, active IsActive];
    resource_skill: ServiceResourceSkill [
        resource ServiceResourceId, skill SkillId, level SkillLevel, start EffectiveStartDate, end EffectiveEndDate,
    ];
    requirement: SkillRequirement [
        related RelatedRecordId, skill SkillId, level SkillLevel, additional IsAdditionalSkill,
        priority SkillPriority,
    ];
    work_skill: AgentWorkSkill [
        work AgentWorkId, skill SkillId, level SkillLevel, additional IsAdditionalSkill,
        priority SkillPriority, dropped WasDropped,
    ];
    rule_set: WorkSkillRouting [name DeveloperName, label MasterLabel, active IsActive, entity RelatedEntity];
    rule: WorkSkillRoutingAttribute [
        set WorkSkillRoutingId, field Field, value Value, skill SkillId, level SkillLevel,
        additional IsAdditionalSkill, priority SkillPriority, entity RelatedEntity,
    ];
    visitor: LiveChatVisitor [name Name];
    chat: LiveChatTranscript [owner OwnerId, key ChatKey, status Status, visitor LiveChatVisitorId];
    case: Case [owner OwnerId, subject Subject, priority Priority, status Status];
    lead: Lead [owner OwnerId, company Company, last_name LastName];
    call: VoiceCall [
        owner OwnerId, center CallCenterId, start CallStartDateTime, end CallEndDateTime, kind CallType,
        from FromPhoneNumber, to ToPhoneNumber,
    ];
    request: PendingServiceRouting [
        item WorkItemId, channel ServiceChannelId, queue QueueId, kind RoutingType, model RoutingModel,
        priority RoutingPriority, secondary SecondaryRoutingPriority, target TargetAcceptDateTime,
        custom CustomRequestedDateTime, created CreatedDate, weight CapacityWeight,
        percentage CapacityPercentage, interruptible IsInterruptible, ready IsReadyForRouting,
        pushed IsPushed, attempted IsPushAttempted, preferred PreferredUserId,
        required IsPreferredUserRequired, last_declined LastDeclinedAgentSession, serial Serial,
        scheduled ScheduledRoutingDateTime, timeout PushTimeout, drop DropAdditionalSkillsTimeout,
        transfer IsTransfer, paused_weight PausedCapacityWeight, paused_percentage PausedCapacityPercentage,
    ];
    work: AgentWork [
        item WorkItemId, channel ServiceChannelId, user UserId, status Status, request PendingServiceRoutingId,
        weight CapacityWeight, percentage CapacityPercentage, interruptible IsInterruptible,
        skip ShouldSkipCapacityCheck, queue OriginalQueueId, model RoutingModel, priority RoutingPriority,
        secondary SecondaryRoutingPriority, target TargetAcceptDateTime, requested RequestDateTime,
        assigned AssignedDateTime, accepted AcceptDateTime, closed CloseDateTime, declined DeclineDateTime,
        timed_out PushTimeoutDateTime, canceled CancelDateTime, timeout PushTimeout, kind RoutingType,
        preferred PreferredUserId, required IsPreferredUserRequired, answer SpeedToAnswer,
        capacity CapacityModel, paused_weight PausedCapacityWeight, paused_percentage PausedCapacityPercentage,
        handle HandleTime, focus ActiveTime, after_work AfterConversationActualTime,
        extensions AcwExtensionCount, requester TransferRequesterId,
    ];
    presence: UserServicePresence [
        user UserId, status ServicePresenceStatusId, current IsCurrentState, start StatusStartDate,
        end StatusEndDate, duration StatusDuration, idle IdleDuration, full AtCapacityDuration,
        average AverageCapacity, configured ConfiguredCapacity,
        configured_interruptible ConfiguredInterruptCapacity,
    ];
}

impl Schema {
    /// Objects that [`Config`](crate::config::Config) reads.
    pub fn is_config(&self, object: ObjectIx) -> bool {
        [
            self.user.ix,
            self.role.ix,
            self.group.ix,
            self.member.ix,
            self.queue_sobject.ix,
            self.routing_config.ix,
            self.channel.ix,
            self.channel_status.ix,
            self.channel_priority.ix,
            self.status.ix,
            self.presence_config.ix,
            self.config_user.ix,
            self.config_profile.ix,
            self.call_center.ix,
            self.routing_map.ix,
            self.status_value.ix,
            self.skill.ix,
            self.resource.ix,
            self.resource_skill.ix,
            self.rule_set.ix,
            self.rule.ix,
            self.visitor.ix,
            self.profile.ix,
            self.assignment.ix,
            self.permission_set.ix,
            self.entity_access.ix,
        ]
        .contains(&object)
    }

    /// Objects whose records are routed.
    pub fn is_item(&self, object: ObjectIx) -> bool {
        [self.case.ix, self.lead.ix, self.call.ix, self.chat.ix].contains(&object)
    }
}

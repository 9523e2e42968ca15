//! Places of the objects and fields that have behaviour, looked up once.
//!
//! Rules name fields as `known.case.owner_id`; nothing on a hot path looks a name up. A catalogue that
//! lacks one of these names cannot run an org and is refused at start.

use model::{Catalogue, FieldIx, ObjectIx};

use crate::Corrupt;

macro_rules! known {
    ($($place:ident: $Object:ident [$($field:ident $api:ident),* $(,)?];)*) => {
        $(
            #[derive(Clone, Copy, Debug)]
            #[allow(missing_docs, dead_code)]
            pub(crate) struct $Object { pub ix: ObjectIx, $(pub $field: FieldIx,)* }
        )*

        /// Every object with behaviour.
        #[derive(Clone, Debug)]
        #[allow(dead_code)]
        pub(crate) struct Known { $(pub $place: $Object,)* }

        impl Known {
            /// Looks every name up.
            pub fn of(catalogue: &Catalogue) -> Result<Self, Corrupt> {
                Ok(Self { $($place: {
                    let name = stringify!($Object);
                    let (ix, def) = catalogue.find(name).ok_or_else(|| Corrupt::missing(name, ""))?;
                    $Object { ix, $($field: {
                        let api = stringify!($api);
                        def.field(api).ok_or_else(|| Corrupt::missing(name, api))?
                    },)* }
                },)* })
            }
        }
    };
}

known! {
    user: User [
        username Username, name Name, first_name FirstName, last_name LastName, email Email, alias Alias,
        profile_id ProfileId, user_role_id UserRoleId, is_active IsActive, user_type UserType,
        time_zone TimeZoneSidKey, language LanguageLocaleKey, locale LocaleSidKey, encoding EmailEncodingKey,
        nickname CommunityNickname, call_center_id CallCenterId,
    ];
    user_login: UserLogin [user_id UserId, is_frozen IsFrozen, is_locked IsPasswordLocked];
    profile: Profile [name Name, user_type UserType];
    permission_set: PermissionSet [
        name Name, label Label, profile_id ProfileId, is_owned_by_profile IsOwnedByProfile, is_custom IsCustom,
        kind Type,
    ];
    assignment: PermissionSetAssignment [
        assignee_id AssigneeId, permission_set_id PermissionSetId, group_id PermissionSetGroupId,
        expiration ExpirationDate, is_active IsActive, is_revoked IsRevoked,
    ];
    entity_access: SetupEntityAccess [parent_id ParentId, entity_id SetupEntityId, kind SetupEntityType];
    object_permissions: ObjectPermissions [
        parent_id ParentId, sobject_type SobjectType, create PermissionsCreate, read PermissionsRead,
        edit PermissionsEdit, delete PermissionsDelete, view_all PermissionsViewAllRecords,
        modify_all PermissionsModifyAllRecords,
    ];
    field_permissions: FieldPermissions [
        parent_id ParentId, sobject_type SobjectType, field Field, read PermissionsRead, edit PermissionsEdit,
    ];
    role: UserRole [name Name, developer_name DeveloperName, parent_id ParentRoleId, opportunity OpportunityAccessForAccountOwner];
    group: Group [
        name Name, developer_name DeveloperName, kind Type, related_id RelatedId, owner_id OwnerId,
        routing_config_id QueueRoutingConfigId,
    ];
    member: GroupMember [group_id GroupId, user_or_group_id UserOrGroupId];
    queue_sobject: QueueSobject [queue_id QueueId, sobject_type SobjectType];
    routing_config: QueueRoutingConfig [
        developer_name DeveloperName, label MasterLabel, weight CapacityWeight, percentage CapacityPercentage,
        paused_weight PausedCapacityWeight, paused_percentage PausedCapacityPercentage, push_timeout PushTimeout,
        model RoutingModel, priority RoutingPriority, overflow_id OverflowAssigneeId,
        is_attribute_based IsAttributeBased, drop_timeout DropAdditionalSkillsTimeout,
    ];
    channel: ServiceChannel [
        developer_name DeveloperName, label MasterLabel, related_entity RelatedEntity, capacity_model CapacityModel,
        auto_accept HasAutoAcceptEnabled, sec_priority_field SecRoutingPriorityField, status_field StatusField,
        check_owner DoesCheckCapOnOwnerChange, check_status DoesCheckCapOnStatusChange,
        acw_max AfterConvoWorkMaxTime, acw_extension AcwExtensionDuration,
    ];
    channel_status: ServiceChannelStatus [channel_id ServiceChannelId, status_id ServicePresenceStatusId];
    channel_priority: ServiceChannelFieldPriority [channel_id ServiceChannelId, value Value, priority Priority];
    channel_status_field: ServiceChannelStatusField [channel_id ServiceChannelId, value Value, kind Type];
    status: ServicePresenceStatus [developer_name DeveloperName, label MasterLabel];
    presence_config: PresenceUserConfig [
        developer_name DeveloperName, label MasterLabel, capacity Capacity,
        interruptible InterruptibleCapacity, auto_accept OptionsIsAutoAcceptEnabled,
        decline OptionsIsDeclineEnabled, decline_reason OptionsIsDeclineReasonEnabled,
        on_decline PresenceStatusOnDeclineId, on_timeout PresenceStatusOnPushTimeoutId,
        acw_max AfterConvoWorkMaxTime, acw_extension AcwExtensionDuration,
    ];
    config_user: PresenceUserConfigUser [config_id PresenceUserConfigId, user_id UserId];
    config_profile: PresenceUserConfigProfile [config_id PresenceUserConfigId, profile_id ProfileId];
    config_reason: PresenceConfigDeclineReason [reason_id PresenceDeclineReasonId, config_id PresenceUserConfigId];
    reason: PresenceDeclineReason [developer_name DeveloperName, label MasterLabel];
    resource: ServiceResource [related_id RelatedRecordId, kind ResourceType, is_active IsActive];
    resource_skill: ServiceResourceSkill [
        resource_id ServiceResourceId, skill_id SkillId, level SkillLevel, start EffectiveStartDate,
        end EffectiveEndDate,
    ];
    skill: Skill [developer_name DeveloperName, label MasterLabel];
    requirement: SkillRequirement [
        related_id RelatedRecordId, skill_id SkillId, level SkillLevel, is_additional IsAdditionalSkill,
        priority SkillPriority,
    ];
    call_center: CallCenter [name Name, internal_name InternalName, settings CustomSettings];
    routing_map: CallCenterRoutingMap [
        center_id CallCenterId, reference_id ReferenceRecordId, external_id ExternalId,
        developer_name DeveloperName,
    ];
    center_channel: ContactCenterChannel [center_id ContactCenterId, channel_id ChannelId];
    messaging_channel: MessagingChannel [kind MessageType, key MessagingPlatformKey];
    case_status: CaseStatus [api_name ApiName, label MasterLabel, is_closed IsClosed, is_default IsDefault, sort SortOrder];
    organization: Organization [
        name Name, kind OrganizationType, instance InstanceName, time_zone TimeZoneSidKey, language LanguageLocaleKey,
        locale DefaultLocaleSidKey, is_sandbox IsSandbox,
    ];
    push_topic: PushTopic [
        is_active IsActive, on_create NotifyForOperationCreate, on_update NotifyForOperationUpdate,
        on_delete NotifyForOperationDelete, on_undelete NotifyForOperationUndelete,
    ];
    case: Case [
        owner_id OwnerId, number CaseNumber, status Status, is_closed IsClosed, closed_date ClosedDate,
        is_closed_on_create IsClosedOnCreate, subject Subject, priority Priority,
    ];
    call: VoiceCall [
        owner_id OwnerId, name Name, center_id CallCenterId, kind CallType, disposition CallDisposition,
        conversation_id ConversationId, vendor_key VendorCallKey, previous_id PreviousCallId, next_id NextCallId,
        start CallStartDateTime, end CallEndDateTime, queued CallQueuedDateTime, accepted CallAcceptDateTime,
        connected CallConnectDateTime, duration CallDurationInSeconds, queue_name QueueName, user_id UserId,
        from FromPhoneNumber, to ToPhoneNumber, vendor_type VendorType, holds NumberOfHolds,
        longest_hold LongestHoldDuration, hold_duration CustomerHoldDuration, subtype CallSubtype,
    ];
    conversation: Conversation [
        identifier ConversationIdentifier, channel_id ConversationChannelId, start StartTime, end EndTime,
        start_ms StartTimeMilliSecs, end_ms EndTimeMilliSecs,
    ];
    participant: ConversationParticipant [
        conversation_id ConversationId, key ParticipantKey, role ParticipantRole, joined JoinedTime,
        joined_ms JoinedTimeMilliSecs, active LastActiveTime, active_ms LastActiveTimeMilliSecs,
        left LeftTime, left_ms LeftTimeMilliSecs, app_type AppType, entity_id ParticipantEntityId,
    ];
    request: PendingServiceRouting [
        work_item_id WorkItemId, channel_id ServiceChannelId, group_id GroupId, queue_id QueueId,
        owner_id OwnerId, routing_type RoutingType, routing_model RoutingModel, priority RoutingPriority,
        secondary_priority SecondaryRoutingPriority, weight CapacityWeight, percentage CapacityPercentage,
        paused_weight PausedCapacityWeight, paused_percentage PausedCapacityPercentage, push_timeout PushTimeout,
        is_interruptible IsInterruptible, is_ready IsReadyForRouting, is_pushed IsPushed,
        is_push_attempted IsPushAttempted, is_transfer IsTransfer, last_declined LastDeclinedAgentSession,
        preferred_user_id PreferredUserId, is_preferred_required IsPreferredUserRequired,
        custom_requested CustomRequestedDateTime, target_accept TargetAcceptDateTime,
        scheduled ScheduledRoutingDateTime, drop_timeout DropAdditionalSkillsTimeout, serial Serial,
        transfer_requester_id TransferRequesterId, name Name, created CreatedDate,
        is_owner_change IsOwnerChangeInitiated, is_status_change IsStatusChangeInitiated,
    ];
    work: AgentWork [
        name Name, work_item_id WorkItemId, channel_id ServiceChannelId, user_id UserId, owner_id OwnerId,
        status Status, request_id PendingServiceRoutingId, weight CapacityWeight,
        percentage CapacityPercentage, paused_weight PausedCapacityWeight,
        paused_percentage PausedCapacityPercentage, skip_capacity ShouldSkipCapacityCheck,
        transfer_requester_id TransferRequesterId, bot_id BotId,
    ];
    presence: UserServicePresence [
        user_id UserId, owner_id OwnerId, status_id ServicePresenceStatusId, is_current IsCurrentState,
    ];
}

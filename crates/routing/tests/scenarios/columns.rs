//! What stands in the columns of the rows that routing writes: of an offer (R110), of its end (R112 to
//! R118, R130), of presence (R143 to R148) and of skills (R103).

use crate::check;

#[test]
fn r110_an_offer_has_what_its_request_had() {
    check(
        "
        common
        login A Online at 09:00:00
        case  1 Q secondary=4 at 12:00:00
        expect work 1 A Assigned OwnerId=A OriginalQueueId=Q RoutingType=QueueBased RoutingModel=MostAvailable
        expect work 1 A Assigned RoutingPriority=1 SecondaryRoutingPriority=4 CapacityWeight=2 PushTimeout=null
        expect work 1 A Assigned RequestDateTime=12:00:00 AssignedDateTime=12:00:00 CapacityModel=TabBased
        insert-psr 2 ready weight=1 user=A required target=12:30:00 scheduled=12:05:00 timeout=40 at 12:01:00
        wait  at 12:05:00
        expect work 2 A Assigned RoutingType=SkillsBased PreferredUserId=A IsPreferredUserRequired=true PushTimeout=0
        expect work 2 A Assigned TargetAcceptDateTime=12:30:00 ScheduledRoutingDateTime=12:05:00 SecondaryRoutingPriority=null
        expect work 2 A Assigned IsOwnerChangeInitiated=false IsStatusChangeInitiated=false TransferRequesterId=null
    ",
    );
}

#[test]
fn r95_an_offer_says_what_brought_it() {
    check(
        "
        common
        channel Case status-based check-owner check-status Done=completed
        login  A Online at 09:00:00
        case   1 Q at 12:00:00
        accept 1 A at 12:00:01
        set    1 Done at 12:00:02
        set    1 New at 12:00:03
        expect work 1 A Assigned IsStatusChangeInitiated=true IsOwnerChangeInitiated=false PreferredUserId=A
        accept 1 A at 12:00:04
        login  B Online at 12:00:05
        owner  1 B at 12:00:06
        expect work 1 B Assigned IsStatusChangeInitiated=false IsOwnerChangeInitiated=true PreferredUserId=B
    ",
    );
}

#[test]
fn r113_a_reason_is_kept_where_reasons_are_asked_for() {
    check(
        "
        common
        agent  A queues=Q capacity=6 interruptible=4 statuses=Online decline
        agent  B queues=Q capacity=6 statuses=Online decline reasons
        login  A Online at 09:00:00
        login  B Online at 09:00:10
        case   1 Q at 12:00:00
        decline 1 A reason=lunch at 12:00:05
        expect work 1 A Declined DeclineReason=null DeclineDateTime=12:00:05 AgentCapacityWhenDeclined=2
        decline 1 B reason=lunch at 12:00:06
        expect work 1 B Declined DeclineReason=lunch AgentIntCapacityWhenDeclined=0
        case   2 Q at 12:01:00
        decline 2 B at 12:01:01
        expect work 2 B Declined DeclineReason=null
    ",
    );
}

#[test]
fn r130_times_of_work_that_ended() {
    check(
        "
        common
        login  A Online at 09:00:00
        case   1 Q at 12:00:00
        case   2 Q at 12:00:00
        case   3 Q at 12:00:00
        accept 1 A at 12:00:05
        close  1 A active=7 at 12:00:25
        expect work 1 A Closed SpeedToAnswer=5 HandleTime=20 ActiveTime=7 CloseDateTime=12:00:25
        expect work 1 A Closed AfterConversationActualTime=null
        accept 2 A at 12:00:30
        close  2 A active=-3 at 12:00:40
        expect work 2 A Closed ActiveTime=0
        hang-up 3 at 12:01:00
        expect work 3 A Canceled CancelDateTime=12:01:00 AbandonedDateTime=12:01:00 CloseDateTime=null
        case   4 Q at 12:02:00
        delete 4 at 12:02:01
        expect work 4 A Canceled CancelDateTime=12:02:01 AbandonedDateTime=null
        channel Case status-based after-work=60
        case   5 Q at 12:03:00
        accept 5 A at 12:03:01
        end    5 at 12:03:05
        close  5 A active=9 at 12:03:15
        expect work 5 A Closed ActiveTime=null AfterConversationActualTime=10
    ",
    );
}

#[test]
fn r143_a_presence_row_ends_where_the_next_begins() {
    check(
        "
        common
        status Lunch away
        agent  A queues=Q capacity=4 interruptible=3 statuses=Online,Lunch
        login  A Online at 09:00:00
        expect presence A IsCurrentState=true IsAway=false StatusStartDate=09:00:00 StatusEndDate=null
        expect presence A ConfiguredCapacity=4 ConfiguredInterruptCapacity=3 StatusDuration=null OwnerId=A
        case   1 Q at 09:00:10
        case   2 Q at 09:00:20
        accept 1 A at 09:00:25
        close  1 A at 09:00:30
        status A Lunch at 09:00:40
        expect presences A Online Lunch*
        expect presence A IsAway=true StatusStartDate=09:00:40 IdleDuration=0
        logout A at 09:01:00
        expect presence A IsCurrentState=false StatusEndDate=09:01:00 StatusDuration=20
    ",
    );
}

#[test]
fn r103_the_skills_of_an_offer_are_those_that_were_asked_for() {
    check(
        "
        common
        agent  A capacity=6 statuses=Online
        skills A French=5
        insert-psr 1 weight=2 drop=30 at 12:00:00
        require 1 French=5 at 12:00:00
        require 1 Product=3 additional=1 at 12:00:00
        require 1 Region=3 additional=2 at 12:00:00
        edit-psr 1 IsReadyForRouting=true at 12:00:01
        login  A Online at 12:00:02
        expect waits 1
        wait   at 12:00:31
        expect skills-of 1 French Product Region-dropped
        wait   at 12:01:01
        expect offered 1 A | skills 1 French Product-dropped Region-dropped
    ",
    );
}

#[test]
fn r146_the_row_of_a_presence_that_lasts_is_kept_up_to_date() {
    check(
        "
        common
        agent  A queues=Q capacity=2 statuses=Online,Busy
        login  A Online at 12:00:00
        expect presence A IdleDuration=0 AtCapacityDuration=0
        case   1 Q at 12:10:00
        expect presence A IdleDuration=600 AtCapacityDuration=0
        accept 1 A at 12:11:00
        close  1 A at 12:12:00
        expect presence A IdleDuration=600 AtCapacityDuration=120
        status A Online at 12:13:00
        expect presences A Online*
        status A Busy at 12:14:00
        expect presences A Online Busy* | presence A IdleDuration=0 StatusStartDate=12:14:00
    ",
    );
}

#[test]
fn r15_a_new_agent_may_take_what_asks_for_nothing() {
    check(
        "
        common
        insert-psr 1 ready weight=2 at 12:00:00
        expect waits 1
        agent  N capacity=6 statuses=Online
        login  N Online at 12:00:01
        expect offered 1 N
        insert-psr 2 ready weight=2 at 12:00:02
        expect offered 2 N
    ",
    );
}

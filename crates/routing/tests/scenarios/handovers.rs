//! What goes with work that changes hands: cost, priority, dates, origin (R40 to R45, R128, R203).

use crate::check;

const SETTING: &str = "
    common
    queue  T model=LeastActive priority=4 weight=2 paused=1 timeout=90
    queue  I model=LeastActive priority=4 percent=50 paused-percent=10 interruptible timeout=90
    agent  A queues=T,I capacity=6 statuses=Online,Busy decline
    agent  B queues=Q capacity=6 statuses=Online,Busy decline
    agent  C capacity=6 statuses=Online decline
";

#[test]
fn r41_an_agent_gets_the_work_as_it_was() {
    check(&format!(
        "{SETTING}
        login  A Online at 09:00:00
        case   1 I secondary=3 at 12:00:00
        accept 1 A at 12:00:01
        login  B Online at 12:00:02
        transfer 1 A user=B at 12:00:10
        expect work 1 B Assigned OwnerId=B OriginalQueueId=I RoutingType=QueueBased RoutingModel=LeastActive
        expect work 1 B Assigned RoutingPriority=4 SecondaryRoutingPriority=3 CapacityPercentage=50 CapacityWeight=null
        expect work 1 B Assigned PausedCapacityPercentage=10 IsInterruptible=true PushTimeout=90 CapacityModel=TabBased
        expect work 1 B Assigned RequestDateTime=12:00:10 AssignedDateTime=12:00:10 TransferRequesterId=A
        expect case 1 owner=B | works 1 A:Opened B:Assigned | psr 1 none
        accept 1 B at 12:00:12
        expect works 1 A:Transferred B:Opened | case 1 owner=B | interruptible B 3 of 6
    "
    ));
}

#[test]
fn r42_what_the_second_does_not_take_stays_with_the_first() {
    check(&format!(
        "{SETTING}
        login  A Online at 09:00:00
        case   1 T at 12:00:00
        accept 1 A at 12:00:01
        login  B Online at 12:00:02
        transfer 1 A user=B at 12:00:10
        decline 1 B at 12:00:11
        expect case 1 owner=A | works 1 A:Opened B:Declined | psr 1 none
        transfer 1 A user=B at 12:00:20
        close  1 A at 12:00:21
        decline 1 B at 12:00:22
        expect psr 1 QueueId=T RoutingModel=LeastActive RoutingPriority=4 CapacityWeight=2 IsTransfer=true
        expect case 1 owner=A | works 1 A:Closed B:Declined B:Declined A:Assigned
    "
    ));
}

#[test]
fn r42_what_came_from_no_queue_keeps_its_terms() {
    check(&format!(
        "{SETTING}
        login  A Online at 09:00:00
        insert-psr 1 ready weight=2 priority=7 user=A model=LeastActive timeout=50 at 12:00:00
        accept 1 A at 12:00:01
        login  B Online at 12:00:02
        transfer 1 A user=B at 12:00:10
        status A Busy at 12:00:11
        close  1 A at 12:00:12
        decline 1 B at 12:00:13
        expect psr 1 RoutingModel=LeastActive RoutingPriority=7 CapacityWeight=2 PushTimeout=50 IsTransfer=true last=B
        expect case 1 owner=B | works 1 A:Closed B:Declined | waits 1
        login  C Online at 12:00:20
        expect offered 1 C
    "
    ));
}

#[test]
fn r43_a_busy_target_waits_with_the_terms_of_the_work() {
    check(&format!(
        "{SETTING}
        agent  C capacity=1 statuses=Online decline
        login  A Online at 09:00:00
        login  C Online at 09:00:01
        case   1 T secondary=3 at 12:00:00
        accept 1 A at 12:00:01
        transfer 1 A user=C at 12:00:10
        expect works 1 A:Transferred
        expect psr 1 PreferredUserId=C OwnerId=C RoutingType=SkillsBased RoutingModel=LeastActive RoutingPriority=4
        expect psr 1 CapacityWeight=2 PausedCapacityWeight=1 IsTransfer=true TransferRequesterId=A
    "
    ));
}

#[test]
fn r45_a_supervisor_moves_what_waits() {
    check(&format!(
        "{SETTING}
        case   1 T secondary=3 at 12:00:00
        route  1 queue=T requested=11:00:00 accept-by=13:00:00 at 12:00:01
        reassign 1 queue=Q by=S at 12:10:00
        expect psr 1 QueueId=Q OwnerId=Q RoutingPriority=4 SecondaryRoutingPriority=3 RoutingModel=MostAvailable
        expect psr 1 CustomRequestedDateTime=11:00:00 TargetAcceptDateTime=13:00:00 IsTransfer=true TransferRequesterId=S
        case   2 I at 12:11:00
        reassign 2 user=B by=S at 12:12:00
        expect psr 2 PreferredUserId=B OwnerId=B RoutingPriority=4 RoutingModel=LeastActive CapacityPercentage=50
        expect psr 2 PausedCapacityPercentage=10 IsInterruptible=true CustomRequestedDateTime=12:11:00
        queue  N no-config
        refused INVALID_OPERATION reassign 2 queue=N by=S at 12:13:00
        login  B Online at 12:14:00
        expect offered 1 B | offered 2 B
    "
    ));
}

#[test]
fn r128_a_rerouted_call_goes_back_with_its_priority_and_age() {
    check(&format!(
        "{SETTING}
        login  A Online at 09:00:00
        case   1 T at 12:00:00
        accept 1 A at 12:00:01
        queue  T model=MostAvailable priority=6 weight=2
        reroute 1 at 12:01:00
        expect psr 1 QueueId=T RoutingPriority=4 RoutingModel=MostAvailable serial=2 pushed=yes
        expect works 1 A:Closed A:Assigned
        accept 1 A at 12:01:01
        queue  T no-config
        reroute 1 at 12:02:00
        expect psr 1 QueueId=null PreferredUserId=A RoutingPriority=4 RoutingModel=MostAvailable CapacityWeight=2
    "
    ));
}

#[test]
fn r158_a_full_org_gives_what_is_moved_to_the_assignee() {
    check(&format!(
        "settings pending-max=1
        {SETTING}
        queue  O priority=1 weight=2 overflow=Z
        login  A Online at 09:00:00
        case   1 O at 12:00:00
        members O A
        expect offered 1 A
        accept 1 A at 12:00:01
        case   2 O at 12:00:02
        case   3 B at 12:00:03
        expect offered 2 A
        reroute 1 at 12:00:04
        expect case 1 owner=Z | psr 1 none | works 1 A:Closed
    "
    ));
}

#[test]
fn r203_the_oldest_participant_inherits_and_is_one_no_more() {
    check(&format!(
        "{SETTING}
        login  A Online at 09:00:00
        case   1 T at 12:00:00
        accept 1 A at 12:00:01
        login  B Online at 12:00:02
        login  C Online at 12:00:03
        join   1 A B at 12:00:04
        accept 1 B at 12:00:05
        join   1 A C at 12:00:06
        accept 1 C at 12:00:07
        close  1 B at 12:00:08
        expect case 1 owner=A
        close  1 A at 12:00:09
        expect case 1 owner=C | progress 1 C participant=no
        restart
        expect progress 1 C participant=no
    "
    ));
}

#[test]
fn r96_what_is_given_by_hand_needs_no_room() {
    check(&format!(
        "{SETTING}
        channel Case status-based Done=completed
        login  A Online at 09:00:00
        agent  B queues=Q capacity=1 statuses=Online,Busy
        login  B Online at 09:00:01
        case   1 T at 12:00:00
        accept 1 A at 12:00:01
        owner  1 B at 12:00:02
        expect work 1 B Assigned CapacityModel=StatusBased ShouldSkipCapacityCheck=true PushTimeout=null CapacityWeight=2
        expect works 1 A:Transferred B:Assigned | used B 2 of 1
    "
    ));
}

#[test]
fn r79_what_is_handed_over_is_accepted_where_all_is() {
    check(&format!(
        "{SETTING}
        channel Case auto-accept
        login  A Online at 09:00:00
        case   1 T at 12:00:00
        expect works 1 A:Opened
        login  B Online at 12:00:01
        transfer 1 A user=B at 12:00:02
        expect works 1 A:Transferred B:Opened
        login  C Online at 12:00:03
        join   1 B C at 12:00:04
        expect works 1 A:Transferred B:Opened C:Opened
        channel Case auto-accept status-based
        case   2 T at 12:01:00
        expect works 2 A:Opened
        owner  2 B at 12:01:01
        expect works 2 A:Transferred B:Opened
    "
    ));
}

//! What stands in a new request (R3, R4, R19 to R25, R33, R40), and owners that make none.

use crate::check;

#[test]
fn r4_a_request_has_what_its_queue_says() {
    check(
        "
        common
        queue  P model=LeastActive priority=3 percent=25 paused-percent=5 timeout=20 drop=40 interruptible
        case   1 P secondary=7 at 12:00:00
        expect psr 1 QueueId=P OwnerId=P RoutingType=QueueBased RoutingModel=LeastActive RoutingPriority=3 serial=1
        expect psr 1 SecondaryRoutingPriority=7 CapacityWeight=null CapacityPercentage=25 PausedCapacityPercentage=5
        expect psr 1 PushTimeout=20 DropAdditionalSkillsTimeout=40 IsInterruptible=true IsReadyForRouting=true
        expect psr 1 IsTransfer=false PreferredUserId=null IsPreferredUserRequired=false pushed=no attempted=no
        queue  W weight=2 paused=1
        case   2 W at 12:00:01
        expect psr 2 CapacityWeight=2 PausedCapacityWeight=1 PausedCapacityPercentage=null IsInterruptible=false
    ",
    );
}

#[test]
fn r22_a_route_says_for_whom_and_since_when() {
    check(
        "
        common
        case   1 Q at 12:00:00
        route  1 queue=Q requested=11:00:00 accept-by=13:00:00 at 12:00:01
        expect psr 1 QueueId=Q RoutingType=QueueBased IsTransfer=false
        expect psr 1 CustomRequestedDateTime=11:00:00 TargetAcceptDateTime=13:00:00
        expect stats Q waiting=1 first=11:00:00 pending=1
        route  1 user=A at 12:00:02
        expect psr 1 QueueId=null OwnerId=A RoutingType=SkillsBased PreferredUserId=A RoutingModel=MostAvailable
        route  1 user=A required fallback=Q at 12:00:03
        expect psr 1 QueueId=Q OwnerId=Q RoutingType=QueueBased PreferredUserId=A IsPreferredUserRequired=true
        route  1 skill:French=5 at 12:00:04
        expect psr 1 QueueId=null RoutingType=SkillsBased PreferredUserId=null | skills-of 1 French
        route  1 queue=Q at 12:00:05
        expect psr 1 RoutingType=QueueBased | skills-of 1
    ",
    );
}

#[test]
fn r33_the_date_of_a_client_stays_when_the_queue_changes() {
    check(
        "
        common
        queue  P priority=5 weight=1
        case   1 Q at 12:00:00
        route  1 queue=Q requested=11:00:00 at 12:00:01
        case   1 P at 12:00:02
        expect psr 1 QueueId=P CustomRequestedDateTime=11:00:00 TargetAcceptDateTime=null serial=1
    ",
    );
}

#[test]
fn r40_a_route_of_open_work_is_a_transfer_and_its_holder_is_asked_last() {
    check(
        "
        common
        login  A Online at 09:00:00
        case   1 Q at 12:00:00
        accept 1 A at 12:00:01
        login  B Online at 12:00:02
        login  C Online at 12:00:03
        logout B at 12:00:04
        route  1 queue=Q at 12:00:05
        expect works 1 A:Transferred C:Assigned | psr 1 IsTransfer=true
        logout C at 12:00:06
        expect works 1 A:Transferred C:Unavailable A:Assigned
    ",
    );
}

#[test]
fn r2_owners_that_make_no_request() {
    check(
        "
        common
        queue  N no-config
        login  A Online at 09:00:00
        case   1 N at 12:00:00
        expect psr 1 none
        call   2 Q at 12:00:01
        expect psr 2 none
        case   3 Q at 12:00:02
        expect offered 3 A
        case   3 A at 12:00:03
        expect offered 3 A | psr 3 pushed=yes serial=2
        case   3 B at 12:00:04
        expect psr 3 none | works 3 A:Canceled
        case   4 B at 12:00:05
        expect psr 4 none
    ",
    );
}

#[test]
fn r161_an_owner_that_makes_no_request_is_never_refused() {
    check(
        "
        settings pending-max=1
        common
        channel Case status-based check-owner check-status Done=completed
        login  A Online at 09:00:00
        case   1 Q at 12:00:00
        case   1 A at 12:00:01
        expect offered 1 A
        call   2 Q at 12:00:02
        case   3 B at 12:00:03
        expect psr 2 none | psr 3 none
        refused LIMIT_EXCEEDED case 4 Q at 12:00:04
        set    1 New at 12:00:05
        accept 1 A at 12:00:06
        set    1 Other at 12:00:07
        case   1 A at 12:00:08
        case   4 Q at 12:00:09
        expect offered 4 A | works 1 A:Opened
    ",
    );
}

#[test]
fn r158_the_assignee_of_a_full_queue_gets_what_is_routed_too() {
    check(
        "
        settings pending-max=1
        common
        queue  Q model=MostAvailable priority=1 weight=2 overflow=Z
        case   1 Q at 12:00:00
        case   2 Q at 12:00:01
        expect case 2 owner=Z | psr 2 none
        case   3 B at 12:00:02
        route  3 queue=Q at 12:00:03
        expect case 3 owner=Z | psr 3 none
        route  3 user=A fallback=Q at 12:00:04
        expect case 3 owner=Z | psr 3 none | stats Q pending=1
    ",
    );
}

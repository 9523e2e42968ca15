//! What is refused, each next to what is not; and requests that a client makes row by row.

use crate::check;

#[test]
fn a_status_must_exist_and_be_allowed_to_an_active_agent() {
    // R53, R64
    check(
        "
        common
        status Lunch
        agent A queues=Q capacity=6 statuses=Online,Nowhere
        agent B queues=Q capacity=6 statuses=Online inactive
        refused STATUS_NOT_ALLOWED login A Nowhere at 09:00:00
        refused STATUS_NOT_ALLOWED login A Lunch at 09:00:00
        refused STATUS_NOT_ALLOWED login B Online at 09:00:00
        refused STATUS_NOT_ALLOWED login Z Online at 09:00:00
        login A Online at 09:00:00
        expect presences A Online* | presences B
    ",
    );
}

#[test]
fn an_action_needs_the_right_state_of_the_work() {
    // R134
    check(
        "
        common
        agent  A queues=Q capacity=6 statuses=Online,Busy decline
        login  A Online at 09:00:00
        login  B Online at 09:00:01
        case   1 Q at 12:00:00
        refused WORK_NOT_OPEN close 1 A at 12:00:01
        refused WORK_NOT_OPEN join 1 A B at 12:00:01
        accept 1 A at 12:00:02
        refused WORK_NOT_ASSIGNED accept 1 A at 12:00:03
        refused WORK_NOT_ASSIGNED decline 1 A at 12:00:03
        refused WORK_NOT_FOUND close 1 B at 12:00:03
        refused WORK_NOT_FOUND decline 1 B at 12:00:03
        refused WORK_NOT_FOUND join 2 A B at 12:00:03
        refused WORK_NOT_FOUND extend 2 A at 12:00:03
        close  1 A at 12:00:04
        expect work 1 A Closed
    ",
    );
}

#[test]
fn who_may_join_a_conversation() {
    // R102
    check(
        "
        common
        login  A Online at 09:00:00
        case   1 Q at 12:00:00
        accept 1 A at 12:00:01
        refused NOT_LOGGED_IN join 1 A B at 12:00:02
        refused INVALID_OPERATION join 1 A A at 12:00:03
        login  B Online at 12:00:04
        join   1 A B at 12:00:05
        accept 1 B at 12:00:06
        refused INVALID_OPERATION join 1 A B at 12:00:07
        login  C Online at 12:00:08
        join   1 A C at 12:00:09
        expect works 1 A:Opened B:Opened C:Assigned
    ",
    );
}

#[test]
fn status_based_work_is_closed_by_its_status_or_after_its_conversation() {
    // R119, R123
    check(
        "
        common
        channel Case status-based after-work=60
        login  A Online at 09:00:00
        case   1 Q at 12:00:00
        accept 1 A at 12:00:01
        refused INVALID_OPERATION close 1 A at 12:00:02
        end    1 at 12:00:03
        close  1 A at 12:00:04
        expect work 1 A Closed
    ",
    );
}

#[test]
fn without_after_work_the_end_of_the_conversation_closes() {
    // R122
    check(
        "
        common
        channel Case after-work=0
        login  A Online at 09:00:00
        case   1 Q at 12:00:00
        accept 1 A at 12:00:01
        end    1 at 12:00:03
        expect work 1 A Closed
        case   2 Q at 12:01:00
        expect offered 2 A
        end    2 at 12:01:01
        expect works 2 A:Canceled | psr 2 none
    ",
    );
}

#[test]
fn a_status_change_ends_only_work_that_is_in_after_work() {
    // R150
    check(
        "
        common
        channel Lead after-work=60
        login  A Online at 09:00:00
        case   1 Q at 12:00:00
        case   2 Q at 12:00:00
        lead   3 Q at 12:00:00
        accept 2 A at 12:00:01
        accept 3 A at 12:00:01
        end    3 at 12:00:02
        status A Busy at 12:00:03
        expect work 2 A Opened | work 3 A Closed | used A 4 of 6
    ",
    );
}

#[test]
fn after_work_is_extended_as_often_as_allowed() {
    // R151, R152
    check(
        "
        common
        agent  A queues=Q capacity=6 statuses=Online after-work=60 extension=30 extensions=2
        agent  B queues=Q capacity=6 statuses=Online after-work=60 extension=0 extensions=2
        login  A Online at 09:00:00
        case   1 Q at 12:00:00
        accept 1 A at 12:00:01
        refused INVALID_OPERATION extend 1 A at 12:00:02
        end    1 at 12:00:10
        extend 1 A at 12:00:20
        expect progress 1 A until=12:01:40
        extend 1 A at 12:00:21
        refused INVALID_OPERATION extend 1 A at 12:00:22
        expect progress 1 A until=12:02:10
        expect work 1 A Opened AcwExtensionCount=2 AcwExtensionDuration=30
        logout A at 12:00:30
        login  B Online at 12:00:31
        case   2 Q at 12:01:00
        accept 2 B at 12:01:01
        end    2 at 12:01:02
        refused INVALID_OPERATION extend 2 B at 12:01:03
    ",
    );
}

#[test]
fn targets_must_be_able_to_take_the_work() {
    // R2, R23, R64
    check(
        "
        common
        queue N no-config
        agent B queues=Q capacity=6 statuses=Online inactive
        case  1 Q at 12:00:00
        refused INVALID_OPERATION route 1 queue=N at 12:00:01
        refused INVALID_OPERATION route 1 user=B at 12:00:01
        refused INVALID_OPERATION route 1 user=Z at 12:00:01
        refused INVALID_OPERATION route 1 user=A fallback=N at 12:00:01
        route 1 user=A fallback=Q at 12:00:02
        expect psr 1 PreferredUserId=A
    ",
    );
}

#[test]
fn fifty_skills_and_not_one_more() {
    // R18
    let skills = |count: u32| -> String { (0..count).map(|n| format!(" skill:S{n}=1")).collect() };
    let rows: String = (0..50)
        .map(|n| format!("require 2 S{n}=1 at 12:00:05\n"))
        .collect();
    let (fifty, more) = (skills(50), skills(51));
    check(&format!(
        "
        common
        case 1 Q at 12:00:00
        refused LIMIT_EXCEEDED route 1 {more} at 12:00:01
        route 1 {fifty} at 12:00:02
        insert-psr 2 weight=2 at 12:00:03
        {rows}
        refused LIMIT_EXCEEDED require 2 S50=1 at 12:00:06
    "
    ));
}

#[test]
fn what_a_client_may_insert() {
    // R7, R10, R18, R161
    check(
        "
        settings pending-max=2
        common
        refused INVALID_OPERATION insert-psr 1 weight=2 queue-based at 12:00:00
        refused INVALID_CROSS_REFERENCE_KEY insert-psr 1 weight=2 channel=Nowhere at 12:00:00
        insert-psr 1 weight=2 at 12:00:00
        refused DUPLICATE_VALUE insert-psr 1 weight=2 at 12:00:01
        insert-psr 2 weight=2 at 12:00:02
        refused LIMIT_EXCEEDED insert-psr 3 weight=2 at 12:00:03
        delete-psr 2 at 12:00:04
        insert-psr 3 weight=2 at 12:00:05
        edit-psr 3 IsReadyForRouting=true at 12:00:06
        refused INVALID_OPERATION edit-psr 3 RoutingPriority=3 at 12:00:07
        refused INVALID_FIELD_FOR_INSERT_UPDATE edit-psr 1 Serial=9 at 12:00:07
        settings no-skills pending-max=9
        refused INVALID_OPERATION insert-psr 4 weight=2 at 12:00:08
    ",
    );
}

#[test]
fn what_the_engine_owns_is_not_the_clients_to_set() {
    // R10
    check(
        "
        common
        agent  A capacity=6 statuses=Online
        skills A French=5
        insert-psr 1 weight=2 pushed at 12:00:00
        expect psr 1 pushed=no attempted=no serial=1 last=null
        require 1 French=5 at 12:00:01
        login  A Online at 12:00:02
        edit-psr 1 RoutingPriority=4 at 12:00:03
        expect psr 1 pushed=no serial=2 RoutingPriority=4
        edit-psr 1 IsReadyForRouting=true at 12:00:04
        expect offered 1 A
    ",
    );
}

#[test]
fn skills_come_and_go_until_the_request_is_ready() {
    // R11, R56
    check(
        "
        common
        agent  A capacity=6 statuses=Online
        agent  B capacity=6 statuses=Online
        skills A French=5
        skills B French=5 German=5
        login  A Online at 09:00:00
        login  B Online at 09:00:10
        insert-psr 1 weight=2 at 12:00:00
        require 1 German=5 at 12:00:01
        require 1 French=5 at 12:00:02
        unrequire 1 German at 12:00:03
        expect skills-of 1 French
        insert-psr 2 weight=2 at 12:00:10
        require 2 French=5 at 12:00:11
        require 2 German=5 at 12:00:12
        expect skills-of 2 French German
        insert-psr 3 weight=2 at 12:00:20
        require 3 German=5 at 12:00:21
        unrequire 3 German at 12:00:22
        expect skills-of 3
        edit-psr 1 IsReadyForRouting=true at 12:01:00
        edit-psr 2 IsReadyForRouting=true at 12:01:01
        edit-psr 3 IsReadyForRouting=true at 12:01:02
        expect offered 1 A | offered 2 B | offered 3 A
        refused INVALID_OPERATION unrequire 2 German at 12:01:03
    ",
    );
}

#[test]
fn a_router_gives_work_only_to_who_can_take_it() {
    // R171, R172, R174
    check(
        "
        common
        queue X model=ExternalRouting priority=1 weight=2
        channel Case auto-accept
        agent A queues=X capacity=2 statuses=Online,Busy
        case  1 X at 12:00:00
        case  2 X at 12:00:00
        refused INVALID_OPERATION insert-work 1 A weight=2 at 12:00:01
        login A Busy at 12:00:02
        refused INVALID_OPERATION insert-work 1 A weight=2 at 12:00:03
        status A Online at 12:00:04
        refused NO_CAPACITY insert-work 1 A percent=101 at 12:00:05
        insert-work 1 A percent=50 at 12:00:06
        expect work 1 A Opened CapacityPercentage=50 CapacityWeight=null | used A 1 of 2
        refused NO_CAPACITY insert-work 2 A weight=2 at 12:00:07
        insert-work 2 A weight=2 skip at 12:00:08
        expect work 2 A Opened ShouldSkipCapacityCheck=true CapacityWeight=2 | used A 3 of 2
    ",
    );
}

#[test]
fn a_router_asks_the_pool_of_the_item() {
    // R100, R172
    check(
        "
        common
        channel Case interruptible
        queue X model=ExternalRouting priority=1 weight=2 interruptible
        agent A queues=X,Q capacity=2 interruptible=4 statuses=Online
        login A Online at 09:00:00
        lead  1 Q at 12:00:00
        expect used A 2 of 2 | interruptible A 0 of 4
        case  2 X at 12:00:01
        insert-work 2 A weight=4 at 12:00:02
        expect interruptible A 4 of 4
        case  3 X at 12:00:03
        refused NO_CAPACITY insert-work 3 A weight=1 at 12:00:04
    ",
    );
}

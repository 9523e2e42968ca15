//! Capacity: auto-accept, status-based work, pools, limits, wait times and after-work.

use crate::check;

#[test]
fn t26_auto_accept_and_the_right_to_decline_exclude_each_other() {
    // R77, R79, R80
    check(
        "
        common
        queue P weight=2
        agent A queues=P capacity=2 statuses=Online auto-accept
        agent B queues=P capacity=6 statuses=Online
        login A Online at 09:00:00
        login B Online at 09:00:10
        queue AA weight=2
        members AA A
        case  1 AA at 12:00:00
        expect work 1 A Opened AcceptDateTime=12:00:00 SpeedToAnswer=0 | psr 1 none
        case  2 P at 12:00:10
        expect offered 2 B
        refused DECLINE_NOT_ALLOWED decline 2 B at 12:00:11
        expect offered 2 B
    ",
    );
}

const STATUS_BASED: &str = "
    channel Case status-based Paused=paused Completed=completed
    status Online Case
    status Busy
    queue  Q weight=2 paused=1
    agent  A queues=Q capacity=6 statuses=Online,Busy
    agent  B queues=Q capacity=6 statuses=Online,Busy
    login  A Online at 09:00:00
";

#[test]
fn t29_status_based_work_survives_logout() {
    // R92, R127
    check(&format!(
        "{STATUS_BASED}
        case   1 Q at 12:00:00
        case   2 Q at 12:00:00
        accept 1 A at 12:00:01
        accept 2 A at 12:00:01
        logout A at 12:10:00
        expect work 1 A Opened CapacityModel=StatusBased | used A 4 of 6
        restart
        login  A Online at 12:11:00
        expect used A 4 of 6
        case   3 Q at 12:12:00
        case   4 Q at 12:12:00
        expect offered 3 A | waits 4
    "
    ));
}

#[test]
fn t30_pausing_lowers_the_cost_and_completing_ends_it() {
    // R92, R93, R119, R120, R121
    check(&format!(
        "{STATUS_BASED}
        queue  Q weight=3 paused=1
        case   1 Q at 12:00:00
        case   2 Q at 12:00:00
        accept 1 A at 12:00:01
        accept 2 A at 12:00:01
        expect used A 6 of 6
        set    1 Paused at 12:05:00
        expect used A 4 of 6 | work 1 A Opened
        set    2 Completed at 12:06:00
        expect used A 1 of 6 | work 2 A Closed CloseDateTime=12:06:00
        refused INVALID_OPERATION close 1 A at 12:06:30
        set    1 Unknown at 12:07:00
        expect used A 3 of 6
        set    1 Completed at 12:08:00
        expect used A 0 of 6 | work 1 A Closed
    "
    ));
}

#[test]
fn paused_work_needs_room_for_its_whole_cost_at_the_next_agent() {
    // R41, R98, R120
    check(&format!(
        "{STATUS_BASED}
        queue  P weight=3
        agent  C queues=P capacity=6 statuses=Online
        login  C Online at 09:00:10
        case   1 Q at 12:00:00
        case   2 P at 12:00:00
        case   3 P at 12:00:00
        accept 1 A at 12:00:01
        accept 2 C at 12:00:01
        accept 3 C at 12:00:01
        set    2 Paused at 12:01:00
        set    1 Paused at 12:01:00
        expect used A 1 of 6 | used C 3 of 6
        set    2 Working at 12:02:00
        transfer 1 A user=C at 12:03:00
        expect waits 1 | used C 6 of 6
    "
    ));
}

#[test]
fn t31_reassigned_work_waits_for_room_or_is_given_at_once() {
    // R94, R95, R96, R99
    check(&format!("{STATUS_BASED}
        channel Case status-based check-owner Paused=paused Completed=completed
        logout A at 10:00:00
        login  B Online at 10:00:10
        case   1 Q at 10:01:00
        case   2 Q at 10:01:00
        case   3 Q at 10:01:00
        accept 1 B at 10:02:00
        accept 2 B at 10:02:00
        accept 3 B at 10:02:00
        login  A Online at 11:00:00
        case   4 Q at 11:01:00
        accept 4 A at 11:01:00
        case   5 Q at 11:01:00
        accept 5 A at 11:01:00
        owner  4 B at 12:00:00
        expect works 4 A:Transferred | psr 4 PreferredUserId=B IsPreferredUserRequired=true IsOwnerChangeInitiated=true pushed=no
        channel Case status-based Paused=paused Completed=completed
        owner  5 B at 12:01:00
        expect works 5 A:Transferred B:Assigned | used B 8 of 6
        accept 5 B at 12:01:10
        set    1 Completed at 12:02:00
        expect used B 6 of 6 | waits 4
        set    2 Completed at 12:03:00
        expect offered 4 B | used B 6 of 6
    "));
}

#[test]
fn a_reopened_record_consumes_again() {
    // R95
    check(&format!(
        "{STATUS_BASED}
        case   1 Q at 12:00:00
        accept 1 A at 12:00:01
        set    1 Completed at 12:01:00
        expect used A 0 of 6
        set    1 New at 12:02:00
        expect works 1 A:Closed A:Assigned | used A 2 of 6
    "
    ));
}

#[test]
fn a_record_that_was_never_routed_consumes_nothing() {
    // R94, R46
    check(&format!(
        "{STATUS_BASED}
        case   1 B at 12:00:00
        owner  1 A at 12:01:00
        expect works 1 | used A 0 of 6 | psr 1 none
    "
    ));
}

#[test]
fn t34_the_pools_are_independent() {
    // R100
    check(
        "
        common
        queue Mail weight=1 interruptible
        queue Live weight=2
        agent A queues=Mail,Live capacity=5 interruptible=3 statuses=Online
        login A Online at 09:00:00
        case 1 Mail at 12:00:00
        case 2 Mail at 12:00:00
        case 3 Mail at 12:00:00
        case 4 Mail at 12:00:00
        lead 5 Live at 12:00:01
        lead 6 Live at 12:00:01
        expect offered 3 A | waits 4 | offered 6 A | used A 4 of 5 | interruptible A 3 of 3
    ",
    );
}

#[test]
fn t37_overflow_takes_the_item_or_the_save_is_refused() {
    // R158, R159, R161
    check(
        "
        common
        settings pending-max=2
        queue Q  weight=2 overflow=U
        queue Q9 weight=2
        case 1 Q at 12:00:00
        case 2 Q at 12:00:00
        case 3 Q at 12:00:01
        expect case 3 owner=U | psr 3 none
        refused LIMIT_EXCEEDED case 4 Q9 at 12:00:02
    ",
    );
}

#[test]
fn the_hourly_limit_slides() {
    // R161
    check(
        "
        common
        settings hourly-max=2
        queue Q9 weight=2
        case 1 Q9 at 12:00:00
        case 2 Q9 at 12:30:00
        refused LIMIT_EXCEEDED case 3 Q9 at 12:59:00
        restart
        refused LIMIT_EXCEEDED case 3 Q9 at 12:59:30
        case 3 Q9 at 13:01:00
        expect waits 3
    ",
    );
}

#[test]
fn t38_expected_wait_weighs_the_newest_most() {
    // R186, R188, R189
    check(
        "
        common
        queue I weight=0 interruptible
        members I A
        agent A queues=Q capacity=100 statuses=Online
        login A Online at 09:00:00
        case  1 Q at 11:34:00
        accept 1 A at 11:49:00
        expect ewt Q 900
        case  2 Q at 11:51:00
        accept 2 A at 11:52:00
        case  3 Q at 11:53:00
        accept 3 A at 11:53:40
        case  9 I at 11:50:00
        accept 9 A at 11:58:20
        case  4 Q at 11:59:00
        accept 4 A at 11:59:20
        wait at 12:00:00
        expect ewt Q 39 | ewt I null
        restart
        expect ewt Q 39
    ",
    );
}

#[test]
fn t39_after_work_holds_capacity_and_can_be_extended() {
    // R123, R150, R151, R152
    check("
        channel Voice voice
        status  Phone Voice
        status  Busy
        queue   V percent=100
        agent   A queues=V capacity=5 statuses=Phone,Busy centers=CC after-work=60 extension=30 extensions=2
        login   A Phone at 09:00:00
        call    1 V center=CC at 11:55:00
        accept  1 A at 11:55:02
        end     1   at 12:00:00
        call    2 V center=CC at 12:00:10
        expect  work 1 A Opened | used A 5 of 5 | waits 2
        extend  1 A at 12:00:50
        restart
        wait        at 12:01:29
        expect  work 1 A Opened | waits 2
        wait        at 12:01:30
        expect  work 1 A Closed AcwExtensionCount=1 AfterConversationActualTime=90 HandleTime=388 | offered 2 A
    ");
}

#[test]
fn after_work_that_ends_while_the_server_is_down_is_no_longer_for_it() {
    // R130, R137
    check(
        "
        channel Voice voice
        status  Phone Voice
        queue   V percent=100
        agent   A queues=V capacity=5 statuses=Phone centers=CC after-work=60
        login   A Phone at 09:00:00
        call    1 V center=CC at 11:55:00
        accept  1 A at 11:55:02
        end     1   at 12:00:00
        down        at 12:30:00
        expect  work 1 A Closed CloseDateTime=12:30:00 AfterConversationActualTime=60 HandleTime=358
    ",
    );
}

#[test]
fn a_new_status_ends_after_work() {
    // R150
    check(
        "
        channel Voice voice
        status  Phone Voice
        status  Busy
        queue   V percent=100
        agent   A queues=V capacity=5 statuses=Phone,Busy centers=CC after-work=60
        login   A Phone at 09:00:00
        call    1 V center=CC at 11:55:00
        accept  1 A at 11:55:02
        end     1   at 12:00:00
        refused INVALID_OPERATION extend 1 A at 12:00:05
        status  A Busy at 12:00:10
        expect  work 1 A Closed AfterConversationActualTime=10
    ",
    );
}

#[test]
fn presence_rows_sum_idle_and_full_time() {
    // R144, R146, R147
    check("
        common
        agent  A queues=Q capacity=2 statuses=Online,Busy
        login  A Online at 12:00:00
        case   1 Q at 12:10:00
        accept 1 A at 12:10:00
        close  1 A at 12:15:00
        status A Busy at 12:20:00
        expect presences A Online Busy*
        logout A at 12:30:00
        expect presence A IsCurrentState=false StatusDuration=600 IdleDuration=600 AtCapacityDuration=0
        login  A Online at 12:40:00
        case   2 Q at 12:50:00
        wait   at 13:00:00
        case   3 Q at 13:00:00
        logout A at 13:00:00
        expect presence A IdleDuration=600 AtCapacityDuration=600 AverageCapacity=1
    ");
}

#[test]
fn a_lowered_capacity_takes_nothing_away() {
    // R99
    check(
        "
        common
        login A Online at 09:00:00
        case  1 Q at 12:00:00
        case  2 Q at 12:00:00
        agent A queues=Q capacity=2 statuses=Online
        expect offered 2 A | used A 4 of 2
        accept 1 A at 12:01:00
        accept 2 A at 12:01:00
        case  3 Q at 12:02:00
        close 1 A at 12:03:00
        expect waits 3
        close 2 A at 12:04:00
        expect offered 3 A
    ",
    );
}

#[test]
fn who_loses_the_status_is_logged_out() {
    // R157, R53
    check(
        "
        common
        login A Online at 09:00:00
        refused STATUS_NOT_ALLOWED status A Unknown at 09:01:00
        case  1 Q at 12:00:00
        agent A queues=Q capacity=6 statuses=Busy
        expect works 1 A:Unavailable | presences A Online
        refused NOT_LOGGED_IN logout A at 12:01:00
    ",
    );
}

#[test]
fn every_new_request_asks_the_limits_of_the_org() {
    // R158, R159, R161
    check(
        "
        settings pending-max=1
        common
        queue  Q weight=6 priority=1
        login  A Online at 09:00:00
        case   1 Q at 12:00:00
        accept 1 A at 12:00:01
        case   2 Q at 12:00:02
        refused LIMIT_EXCEEDED transfer 1 A queue=Q at 12:01:00
        refused LIMIT_EXCEEDED transfer 1 A user=B at 12:01:00
        refused LIMIT_EXCEEDED route 1 queue=Q at 12:01:00
        refused LIMIT_EXCEEDED reroute 1 at 12:01:00
        refused LIMIT_EXCEEDED insert-psr 3 ready weight=2 user=B at 12:01:00
        expect works 1 A:Opened | psr 1 none | case 1 owner=A
        reassign 2 user=B required by=S at 12:02:00
        expect psr 2 PreferredUserId=B IsTransfer=true TransferRequesterId=S | case 2 owner=B
        queue  Q2 weight=6 overflow=C
        transfer 1 A queue=Q2 at 12:03:00
        expect works 1 A:Transferred | psr 1 none | case 1 owner=C | used A 0 of 6
        reassign 2 queue=Q by=S at 12:04:00
        expect offered 2 A
        accept 2 A at 12:04:01
        login  C Online at 12:05:00
        transfer 2 A user=C at 12:06:00
        expect offered 2 C | psr 2 none
    ",
    );
}

#[test]
fn the_hourly_limit_counts_every_new_request() {
    // R161
    check(
        "
        settings hourly-max=2
        common
        case   1 Q at 12:00:00
        reassign 1 user=B required by=S at 12:10:00
        refused LIMIT_EXCEEDED reassign 1 queue=Q by=S at 12:20:00
        refused LIMIT_EXCEEDED insert-psr 2 ready weight=2 user=B at 12:20:00
        expect psr 1 PreferredUserId=B
        restart
        refused LIMIT_EXCEEDED reassign 1 queue=Q by=S at 12:59:00
        reassign 1 queue=Q by=S at 13:00:00
        expect psr 1 QueueId=Q
    ",
    );
}

#[test]
fn a_record_that_waits_for_its_new_owner_asks_the_limits() {
    // R95, R161
    check(
        "
        settings pending-max=1
        common
        channel Case status-based check-owner check-status Done=completed
        login  A Online at 09:00:00
        case   1 Q at 12:00:00
        accept 1 A at 12:00:01
        set    1 Done at 12:00:02
        case   2 Q at 12:00:03
        accept 2 A at 12:00:04
        agent  A queues=Q capacity=2 statuses=Online,Busy
        case   3 Q at 12:01:00
        refused LIMIT_EXCEEDED owner 2 B at 12:02:00
        refused LIMIT_EXCEEDED set 1 New at 12:02:00
        expect works 1 A:Closed | works 2 A:Opened | waits 3
    ",
    );
}

#[test]
fn a_client_may_change_what_paused_work_costs() {
    // R109, R120
    check(
        "
        common
        channel Case status-based Waiting=paused Done=completed
        queue  Q weight=3 paused=1 priority=1
        login  A Online at 09:00:00
        case   1 Q at 12:00:00
        case   2 Q at 12:00:00
        accept 1 A at 12:00:01
        accept 2 A at 12:00:01
        set    1 Waiting at 12:01:00
        expect used A 4 of 6
        refused INVALID_FIELD_FOR_INSERT_UPDATE edit-work 1 A CapacityWeight=1
        edit-work 1 A PausedCapacityWeight=3 at 12:02:00
        expect used A 6 of 6
        restart
        case   3 Q at 12:03:00
        expect used A 6 of 6 | waits 3
        edit-work 1 A PausedCapacityWeight=0 at 12:04:00
        expect used A 6 of 6 | offered 3 A
        edit-work 2 A PausedCapacityWeight=0 at 12:04:00
        expect used A 6 of 6 | work 2 A Opened PausedCapacityWeight=0
        set    1 Done at 12:05:00
        refused WORK_NOT_FOUND edit-work 1 A PausedCapacityWeight=1 at 12:06:00
    ",
    );
}

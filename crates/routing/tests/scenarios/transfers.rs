//! Owner changes by hand, transfers, re-routing, withdrawal, conferences.

use crate::check;

#[test]
fn an_owner_change_by_hand_replaces_the_request() {
    // R7, R33, R46
    check(
        "
        common
        queue Q2 weight=2 priority=5
        queue Q3 no-config
        case  1 Q  at 12:00:00
        owner 1 Q2 at 12:01:00
        expect psr 1 QueueId=Q2 RoutingPriority=5 serial=1 CreatedDate=12:01:00
        owner 1 Q3 at 12:02:00
        expect psr 1 none
        owner 1 Q at 12:03:00
        expect waits 1
        owner 1 A at 12:04:00
        expect psr 1 none | works 1
    ",
    );
}

#[test]
fn an_owner_change_cancels_the_offer_but_not_tab_based_work() {
    // R46, R112
    check("
        common
        queue  Q2 weight=2
        login  A Online at 09:00:00
        case   1 Q at 12:00:00
        owner  1 B at 12:00:05
        expect work 1 A Canceled CancelDateTime=12:00:05 | psr 1 none | case 1 owner=B | used A 0 of 6
        case   2 Q at 12:01:00
        accept 2 A at 12:01:01
        owner  2 Q2 at 12:02:00
        expect work 2 A Opened | psr 2 QueueId=Q2
    ");
}

#[test]
fn a_deleted_record_leaves_no_request() {
    // R8, R129
    check(
        "
        common
        login  A Online at 09:00:00
        case   1 Q at 12:00:00
        case   2 Q at 12:00:00
        accept 2 A at 12:00:01
        delete 1 at 12:00:05
        delete 2 at 12:00:06
        expect works 1 A:Canceled | works 2 A:Closed | psr 1 none | used A 0 of 6
    ",
    );
}

#[test]
fn a_caller_who_hangs_up_withdraws_the_offer() {
    // R112, R198
    check(
        "
        common
        login   A Online at 09:00:00
        case    1 Q at 12:00:00
        hang-up 1   at 12:00:05
        expect  work 1 A Canceled AbandonedDateTime=12:00:05 | psr 1 none
        case    2 Q at 12:01:00
    ",
    );
}

#[test]
fn a_transfer_to_a_queue_ends_the_work_and_asks_the_sender_last() {
    // R40, R43, R44, R124
    check("
        common
        login  A Online at 09:00:00
        login  B Online at 09:00:10
        case   1 Q at 12:00:00
        accept 1 A at 12:00:01
        transfer 1 A queue=Q at 12:05:00
        expect works 1 A:Transferred B:Assigned | psr 1 IsTransfer=true TransferRequesterId=A serial=2
        expect work 1 A Transferred CloseDateTime=12:05:00 HandleTime=299 | used A 0 of 6
    ");
}

#[test]
fn a_transfer_to_an_agent_waits_for_acceptance() {
    // R41, R42, R125
    check(
        "
        common
        agent  B queues=Q capacity=6 statuses=Online decline
        login  A Online at 09:00:00
        case   1 Q at 12:00:00
        accept 1 A at 12:00:01
        refused INVALID_OPERATION transfer 1 A user=Z at 12:04:00
        login  B Online at 12:04:30
        transfer 1 A user=B at 12:05:00
        expect works 1 A:Opened B:Assigned | psr 1 none | case 1 owner=B
        restart
        decline 1 B at 12:05:10
        expect works 1 A:Opened B:Declined | case 1 owner=A
        transfer 1 A user=B at 12:06:00
        accept 1 B at 12:06:05
        expect works 1 A:Transferred B:Declined B:Opened | case 1 owner=B | used A 0 of 6
    ",
    );
}

#[test]
fn a_direct_call_that_nobody_kept_waits_and_is_not_lost() {
    // R42, R70, R116
    check(
        "
        channel Voice voice
        status  Phone Voice
        queue   N no-config
        agent   A capacity=5 statuses=Phone centers=CC
        agent   B capacity=5 statuses=Phone centers=CC decline
        login   A Phone at 09:00:00
        login   B Phone at 09:00:10
        call    1 N center=CC at 12:00:00
        route   1 user=A required at 12:00:01
        accept  1 A at 12:00:05
        transfer 1 A user=B at 12:01:00
        logout  A at 12:01:02
        decline 1 B at 12:01:05
        expect  works 1 A:Closed B:Declined | waits 1
        login   A Phone at 12:02:00
        expect  offered 1 A
    ",
    );
}

#[test]
fn a_reassignment_by_a_supervisor_keeps_priority_and_age() {
    // R45, R184, R33
    check(
        "
        common
        queue  Q2 weight=2 priority=7
        login  A Online at 09:00:00
        case   1 Q at 12:00:00
        accept 1 A at 12:00:01
        transfer 1 A queue=Q2 by=S at 12:05:00
        expect psr 1 RoutingPriority=1 TransferRequesterId=S QueueId=Q2
        members Q2 A
        expect work 1 A Assigned RequestDateTime=12:00:00 TransferRequesterId=S
    ",
    );
}

#[test]
fn a_call_that_could_not_be_connected_is_routed_on() {
    // R128, R197
    check(
        "
        channel Voice voice
        status  Phone Voice
        queue   V percent=100
        agent   A queues=V capacity=5 statuses=Phone centers=CC
        agent   B queues=V capacity=5 statuses=Phone centers=CC
        login   A Phone at 09:00:00
        login   B Phone at 09:00:10
        call    1 V center=CC at 12:00:00
        accept  1 A at 12:00:05
        reroute 1 at 12:00:07
        expect  works 1 A:Closed B:Assigned
    ",
    );
}

#[test]
fn a_call_can_be_routed_to_an_agent_with_a_queue_behind() {
    // R22, R23, R24, R25
    check(
        "
        channel Voice voice
        status  Phone Voice
        queue   V percent=100
        queue   N no-config
        agent   A queues=V capacity=5 statuses=Phone centers=CC
        agent   B capacity=5 statuses=Phone centers=CC
        login   A Phone at 09:00:00
        login   B Phone at 09:00:10
        call    1 N center=CC at 12:00:00
        route   1 user=B fallback=V at 12:00:01
        expect  offered 1 B
        call    2 N center=CC at 12:01:00
        route   2 user=B fallback=V at 12:01:01
        expect  offered 2 A
        call    3 N center=CC at 12:02:00
        route   3 user=B required at 12:02:01
        expect  waits 3
        hang-up 1 at 12:03:00
        expect  offered 3 B
        refused INVALID_OPERATION route 3 queue=N at 12:04:00
    ",
    );
}

#[test]
fn a_call_that_is_open_and_routed_again_is_handed_on() {
    // R22, R43, R124, R204
    check(
        "
        channel Voice voice
        status  Phone Voice
        queue   V percent=100
        agent   A queues=V capacity=5 statuses=Phone centers=CC
        agent   B queues=V capacity=5 statuses=Phone centers=CC
        login   A Phone at 09:00:00
        login   B Phone at 09:00:10
        call    1 V center=CC at 12:00:00
        accept  1 A at 12:00:05
        route   1 user=B required at 12:01:00
        expect  works 1 A:Transferred B:Assigned
        accept  1 B at 12:01:05
        expect  works 1 A:Transferred B:Opened
    ",
    );
}

#[test]
fn participants_hold_capacity_and_inherit_the_item() {
    // R102, R203, R204
    check(
        "
        common
        login  A Online at 09:00:00
        login  B Online at 09:00:10
        case   1 Q at 12:00:00
        accept 1 A at 12:00:01
        login  C Online at 12:00:30
        join   1 A B at 12:01:00
        refused INVALID_OPERATION join 1 A C at 12:01:01
        expect works 1 A:Opened B:Assigned | case 1 owner=A | used B 2 of 6
        accept 1 B at 12:01:05
        close  1 A at 12:05:00
        expect case 1 owner=B | works 1 A:Closed B:Opened
    ",
    );
}

#[test]
fn a_transfer_out_of_a_conference_gives_the_item_to_its_target() {
    // R41, R42, R204
    check(
        "
        common
        login  A Online at 09:00:00
        case   1 Q at 12:00:00
        accept 1 A at 12:00:01
        login  B Online at 12:00:20
        login  C Online at 12:00:30
        join   1 A B at 12:01:00
        accept 1 B at 12:01:05
        refused INVALID_OPERATION transfer 1 A user=B at 12:01:30
        transfer 1 A user=C at 12:02:00
        accept 1 C at 12:02:05
        expect works 1 A:Transferred B:Opened C:Opened | case 1 owner=C
        close  1 C at 12:03:00
        expect case 1 owner=B
    ",
    );
}

#[test]
fn a_call_that_nobody_took_over_goes_to_mapped_agents_only() {
    // R42, R62
    check(
        "
        channel Voice voice
        status  Phone Voice
        queue   V percent=100
        agent   A queues=V capacity=5 statuses=Phone centers=CC
        agent   B queues=V capacity=5 statuses=Phone centers=CC decline
        agent   C queues=V capacity=5 statuses=Phone centers=Other
        login   A Phone at 09:00:00
        call    1 V center=CC at 12:00:00
        accept  1 A at 12:00:05
        login   B Phone at 12:00:10
        login   C Phone at 12:00:20
        transfer 1 A user=B at 12:01:00
        restart
        logout  A at 12:01:05
        logout  B at 12:01:10
        expect  waits 1 | works 1 A:Closed B:Unavailable
        login   A Phone at 12:02:00
        expect  offered 1 A
    ",
    );
}

#[test]
fn items_of_different_weight_do_not_block_each_other() {
    // R35, R38, R39
    check(
        "
        common
        queue Big   weight=5 priority=1
        queue Small weight=1 priority=2
        agent A queues=Big,Small capacity=6 statuses=Online
        case  1 Big at 12:00:00
        case  2 Big at 12:00:01
        case  3 Small at 12:00:02
        case  4 Small at 12:00:03
        login A Online at 12:01:00
        expect offered 1 A | waits 2 | offered 3 A | waits 4 | used A 6 of 6
    ",
    );
}

#[test]
fn a_request_for_an_open_item_is_a_transfer() {
    // R10, R40, R43, R44: a client's request, too, leaves one agent at work
    check(
        "
        common
        login  A Online at 09:00:00
        login  B Online at 09:00:10
        case   1 Q at 12:00:00
        refused DUPLICATE_VALUE insert-psr 1 ready weight=2 at 12:00:01
        accept 1 A at 12:00:01
        insert-psr 1 weight=2 at 12:01:00
        expect works 1 A:Transferred | psr 1 IsTransfer=true pushed=no | used A 0 of 6
        edit-psr 1 IsReadyForRouting=true at 12:01:10
        expect offered 1 B
        accept 1 B at 12:01:20
        expect works 1 A:Transferred B:Opened | psr 1 none
        logout A at 12:02:00
        insert-psr 1 ready weight=2 at 12:03:00
        expect works 1 A:Transferred B:Transferred B:Assigned
    ",
    );
}

#[test]
fn a_queue_that_asks_for_skills_asks_for_them_on_every_way() {
    // R16, R40, R42, R45
    check(
        "
        common
        members Q C
        agent  C queues=Q capacity=6 statuses=Online,Busy decline
        queue  K attribute-based weight=2
        skills A French=5
        skills B French=2
        login  B Online at 09:00:00
        login  C Online at 09:00:10
        login  A Online at 09:00:20
        case   1 Q skill:French=4 at 12:00:00
        accept 1 C at 12:00:01
        transfer 1 C queue=K at 12:01:00
        expect psr 1 RoutingType=SkillsBased QueueId=K | offered 1 A | skills 1 French
        logout C at 12:02:00
        case   2 Q skill:French=4 at 12:03:00
        reassign 2 queue=K by=S at 12:04:00
        expect offered 2 A | skills 2 French
        login  C Online at 12:05:00
        case   3 K skill:French=4 at 12:06:00
        accept 3 A at 12:06:01
        transfer 3 A user=C at 12:07:00
        restart
        logout A at 12:08:00
        decline 3 C at 12:09:00
        expect psr 3 RoutingType=SkillsBased QueueId=K | waits 3
        login  A Online at 12:10:00
        expect offered 3 A
    ",
    );
}

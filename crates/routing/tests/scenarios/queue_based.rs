//! Queue-based routing: how work becomes pending, who is offered what, and what becomes of offers.

use crate::check;

#[test]
fn t1_a_case_is_offered_to_the_only_agent() {
    // R1, R3, R4, R110
    check("
        common
        login  A Online at 09:00:00
        case   1 Q      at 12:00:00
        expect works 1 A:Assigned | case 1 owner=A | used A 2 of 6
        expect psr 1 pushed=yes attempted=yes serial=2 RoutingType=QueueBased GroupId=Q QueueId=Q IsReadyForRouting=true last=null
    ");
}

#[test]
fn t2_acceptance_opens_the_work_and_ends_the_request() {
    // R111, R130
    check(
        "
        common
        login  A Online at 09:00:00
        case   1 Q      at 12:00:00
        accept 1 A      at 12:00:08
        expect work 1 A Opened AcceptDateTime=12:00:08 SpeedToAnswer=8 | psr 1 none | case 1 owner=A
        refused WORK_NOT_ASSIGNED accept 1 A at 12:00:09
        refused WORK_NOT_FOUND accept 1 B at 12:00:09
    ",
    );
}

#[test]
fn t3_a_full_agent_gets_the_next_case_on_closing_one() {
    // R36, R54, R98, R118
    check(
        "
        common
        login  A Online at 09:00:00
        case   1 Q at 12:00:00
        accept 1 A at 12:00:00
        case   2 Q at 12:00:01
        accept 2 A at 12:00:01
        case   3 Q at 12:00:02
        accept 3 A at 12:00:02
        case   4 Q at 12:00:03
        expect waits 4 | used A 6 of 6
        close  1 A at 12:05:00
        expect work 1 A Closed CloseDateTime=12:05:00 HandleTime=300 | offered 4 A | used A 6 of 6
    ",
    );
}

#[test]
fn t4_percentages_count_against_the_capacity_of_the_agent() {
    // R97, R98
    check(
        "
        common
        queue  P percent=25 priority=1
        agent  A queues=P capacity=10 statuses=Online
        login  A Online at 09:00:00
        case 1 P at 12:00:00
        case 2 P at 12:00:00
        case 3 P at 12:00:00
        case 4 P at 12:00:00
        case 5 P at 12:00:00
        expect offered 4 A | waits 5 | used A 10 of 10
    ",
    );
}

#[test]
fn t5_the_priority_of_the_queue_decides_before_age() {
    // R29, R31
    check(
        "
        common
        queue  Q1 priority=2 weight=2
        queue  Q2 priority=1 weight=2
        agent  A queues=Q1,Q2 capacity=2 statuses=Online
        case X Q1 at 12:00:00
        case Y Q2 at 12:00:10
        login A Online at 12:01:00
        expect offered Y A | waits X
    ",
    );
}

#[test]
fn t6_age_decides_across_queues_of_equal_priority() {
    // R29, R31
    check(
        "
        common
        queue  Q1 priority=1 weight=2
        queue  Q2 priority=1 weight=2
        agent  A queues=Q1,Q2 capacity=2 statuses=Online
        case Y Q1 at 12:00:00
        case X Q2 at 12:00:05
        login A Online at 12:01:00
        expect offered Y A | waits X
    ",
    );
}

#[test]
fn t10_most_available_compares_units_and_not_per_cent() {
    // R84
    check(
        "
        common
        queue W weight=1
        agent A queues=Q,W capacity=10 statuses=Online
        agent B queues=Q,W capacity=4 statuses=Online
        queue A6 weight=6
        members A6 A
        queue B1 weight=1
        members B1 B
        login A Online at 09:00:00
        login B Online at 09:00:10
        case 1 A6 at 10:00:00
        case 2 B1 at 10:00:00
        expect used A 6 of 10 | used B 1 of 4
        case 3 W at 12:00:00
        expect offered 3 A
    ",
    );
}

#[test]
fn t11_least_active_counts_items() {
    // R85
    check(
        "
        common
        queue L model=LeastActive weight=1
        agent A queues=L capacity=10 statuses=Online
        agent B queues=L capacity=10 statuses=Online
        queue A5 weight=5
        members A5 A
        queue B1 weight=1
        members B1 B
        login A Online at 09:00:00
        login B Online at 09:00:10
        case 1 A5 at 10:00:00
        case 2 B1 at 10:00:00
        case 3 B1 at 10:00:00
        case 4 L  at 12:00:00
        expect offered 4 A
        # Extension of R85: by units, B has less.
        settings least-active-units
        case 5 L  at 12:01:00
        expect offered 5 B
    ",
    );
}

#[test]
fn t12_without_work_since_login_the_earliest_login_is_first() {
    // R87
    check(
        "
        common
        queue L model=LeastActive weight=2
        members L A B C
        login A Online at 09:00:00
        login B Online at 09:00:10
        login C Online at 09:00:20
        case 1 L at 12:00:00
        case 2 L at 12:00:01
        case 3 L at 12:00:02
        expect offered 1 A | offered 2 B | offered 3 C
    ",
    );
}

#[test]
fn t13_the_tie_is_the_oldest_assignment_not_the_oldest_close() {
    // R87, R88
    check(
        "
        common
        login  A Online at 09:00:00
        login  B Online at 09:00:10
        case   1 Q at 11:50:00
        accept 1 A at 11:50:00
        case   2 Q at 11:52:00
        accept 2 B at 11:52:00
        close  2 B at 11:55:00
        close  1 A at 11:58:00
        case   3 Q at 12:00:00
        expect offered 3 A
    ",
    );
}

#[test]
fn t14_only_a_status_that_serves_the_channel_is_asked() {
    // R51, R52, R37
    check(
        "
        common
        channel Messaging
        status  Chatting Messaging
        agent  A queues=Q capacity=6 statuses=Online,Chatting
        login  A Chatting at 09:00:00
        login  B Busy     at 09:00:10
        case   1 Q at 12:00:00
        wait       at 12:00:30
        expect waits 1
        status A Online at 12:00:30
        expect offered 1 A
    ",
    );
}

#[test]
fn t15_members_come_from_the_engine_resolved() {
    // R55: the closure over groups and roles is the engine's; here the resolved set changes.
    check(
        "
        common
        agent  D capacity=6 statuses=Online
        login  D Online at 09:00:00
        case   1 Q at 12:00:00
        expect waits 1
        members Q A B C D
        expect offered 1 D
        members Q A
        expect offered 1 D
    ",
    );
}

#[test]
fn t20_a_declined_case_goes_back_and_the_next_is_offered() {
    // R66, R70, R71, R113, R116
    check("
        common
        queue  Q weight=6 priority=1
        agent  A queues=Q capacity=6 statuses=Online,Busy decline reasons
        case   1 Q at 12:00:00
        case   2 Q at 12:00:01
        login  A Online at 12:00:10
        expect offered 1 A | waits 2
        decline 1 A reason=Lunch at 12:00:20
        expect work 1 A Declined DeclineReason=Lunch DeclineDateTime=12:00:20 AgentCapacityWhenDeclined=6
        expect case 1 owner=Q | psr 1 pushed=no attempted=yes serial=3 last=A CreatedDate=12:00:00
        expect offered 2 A | waits 1
        accept 2 A at 12:00:30
        close  2 A at 12:00:40
        # A mere change of status does not help (R71).
        status A Busy at 12:00:50
        status A Online at 12:00:55
        expect waits 1
        logout A at 12:01:00
        login  A Online at 12:01:10
        expect offered 1 A
    ");
}

#[test]
fn t21_when_all_have_declined_a_new_round_starts() {
    // R68, R69, R132
    check(
        "
        common
        agent  A queues=Q capacity=6 statuses=Online decline
        agent  B queues=Q capacity=6 statuses=Online decline
        login  A Online at 09:00:00
        login  B Online at 09:00:10
        case   1 Q at 12:00:00
        decline 1 A at 12:00:05
        decline 1 B at 12:00:10
        expect works 1 A:Declined B:Declined A:Assigned
        expect history 1 1/free/- 2/pushed/- 3/free/A 4/pushed/A 5/free/B 6/pushed/B
    ",
    );
}

#[test]
fn t22_the_last_decliner_is_never_the_first_of_the_next_round() {
    // R69, R70
    check(
        "
        common
        agent  A queues=Q capacity=6 statuses=Online decline
        agent  B queues=Q capacity=6 statuses=Online decline
        agent  C queues=Q capacity=6 statuses=Online decline
        login  A Online at 09:00:00
        login  B Online at 09:00:10
        login  C Online at 09:00:20
        case   1 Q at 12:00:00
        decline 1 A at 12:00:05
        decline 1 B at 12:00:10
        decline 1 C at 12:00:15
        expect works 1 A:Declined B:Declined C:Declined A:Assigned
        decline 1 A at 12:00:20
        expect works 1 A:Declined B:Declined C:Declined A:Declined B:Assigned
    ",
    );
}

#[test]
fn t24_an_offer_times_out_and_the_agent_gets_the_missed_status() {
    // R77, R82, R83, R114, R133
    check(
        "
        common
        status Missed
        queue  Q weight=2 timeout=10
        agent  A queues=Q capacity=6 statuses=Online,Missed timeout-status=Missed
        login  A Online at 09:00:00
        login  B Online at 09:00:10
        case   1 Q at 12:00:00
        expect offered 1 A
        wait at 12:00:09
        expect offered 1 A
        wait at 12:00:10
        expect work 1 A DeclinedOnPushTimeout PushTimeoutDateTime=12:00:10 DeclineDateTime=null
        expect presences A Online Missed* | offered 1 B
        refused WORK_NOT_FOUND accept 1 A at 12:00:11
    ",
    );
}

#[test]
fn t25_a_call_times_out_after_twenty_seconds_at_most() {
    // R81, R195
    check(
        "
        common
        channel Voice voice
        status Phone Voice
        queue  V percent=100 timeout=45
        agent  A queues=V capacity=5 statuses=Phone centers=CC
        agent  B queues=V capacity=5 statuses=Phone centers=CC
        login  A Phone at 09:00:00
        login  B Phone at 09:00:10
        call   1 V center=CC at 12:00:00
        expect work 1 A Assigned PushTimeout=20
        wait   at 12:00:19
        expect offered 1 A
        wait   at 12:00:20
        expect works 1 A:DeclinedOnPushTimeout B:Assigned
    ",
    );
}

#[test]
fn t27_an_agent_who_logs_out_gives_the_offer_back_without_a_mark() {
    // R75, R115
    check(
        "
        common
        login  A Online at 09:00:00
        case   1 Q at 12:00:00
        logout A   at 12:00:05
        expect work 1 A Unavailable | psr 1 pushed=no last=null serial=3 | case 1 owner=Q
        login  A Online at 12:00:30
        expect works 1 A:Unavailable A:Assigned
    ",
    );
}

#[test]
fn t28_logout_closes_tab_based_work() {
    // R92, R126, R145
    check("
        common
        login  A Online at 09:00:00
        case   1 Q at 12:00:00
        case   2 Q at 12:00:00
        accept 1 A at 12:00:01
        accept 2 A at 12:00:01
        logout A   at 12:10:00
        expect work 1 A Closed CloseDateTime=12:10:00 | work 2 A Closed CloseDateTime=12:10:00
        expect used A 0 of 6 | case 1 owner=A | presence A StatusEndDate=12:10:00 StatusDuration=11400
        login  A Online at 12:11:00
        case   3 Q at 12:12:00
        case   4 Q at 12:12:00
        case   5 Q at 12:12:00
        case   6 Q at 12:12:00
        expect offered 5 A | waits 6
    ");
}

#[test]
fn t35_a_call_needs_a_mapped_agent_without_primary_work() {
    // R62, R63, R99, R100
    check(
        "
        common
        channel Voice voice
        status  All Case Voice
        queue   V percent=100
        queue   Primary weight=1
        queue   Mail weight=1 interruptible
        agent A queues=V,Primary capacity=5 statuses=All centers=CC
        agent B queues=V,Mail capacity=5 interruptible=3 statuses=All centers=CC
        agent C queues=V capacity=5 statuses=All
        login A All at 09:00:00
        case  1 Primary at 10:00:00
        login B All at 09:00:10
        case  2 Mail at 10:00:00
        case  3 Mail at 10:00:00
        case  4 Mail at 10:00:00
        login C All at 09:00:20
        expect used A 1 of 5 | interruptible B 3 of 3
        call  9 V center=CC at 12:00:00
        expect offered 9 B | used B 5 of 5
    ",
    );
}

#[test]
fn a_call_is_primary_work_whatever_its_configuration_says() {
    // R63, R99
    check(
        "
        common
        channel Voice voice
        status  All Case Voice
        queue   V percent=100 interruptible
        queue   Mail weight=1 interruptible
        queue   Primary weight=1
        agent A queues=V,Primary capacity=5 interruptible=3 statuses=All centers=CC
        agent B queues=V,Mail capacity=5 interruptible=3 statuses=All centers=CC
        login A All at 09:00:00
        case  1 Primary at 10:00:00
        login B All at 09:00:10
        case  2 Mail at 10:00:00
        call  9 V center=CC at 12:00:00
        expect offered 9 B | used B 5 of 5 | interruptible B 1 of 3
    ",
    );
}

#[test]
fn t36_external_routing_keeps_the_state_table() {
    // R65, R164 to R174
    check(
        "
        common
        queue  X model=ExternalRouting weight=2 timeout=20
        agent  A queues=X capacity=6 statuses=Online,Busy decline
        agent  B queues=X capacity=6 statuses=Online,Busy
        agent  C queues=X capacity=6 statuses=Online,Busy
        login  A Online at 09:00:00
        login  B Online at 09:00:10
        login  C Online at 09:00:20
        case   1 X at 12:00:00
        expect waits 1
        insert-work 1 A weight=2 at 12:00:01
        expect case 1 owner=A
        refused INVALID_OPERATION insert-work 1 B weight=2 at 12:00:02
        decline 1 A at 12:00:05
        expect case 1 owner=X
        insert-work 1 B weight=2 at 12:00:06
        wait at 12:00:26
        insert-work 1 C weight=2 at 12:00:30
        accept 1 C at 12:00:31
        expect history 1 1/free/- 2/pushed/- 3/free/A 4/pushed/A 5/free/B 6/pushed/B gone
        expect works 1 A:Declined B:DeclinedOnPushTimeout C:Opened
    ",
    );
}

#[test]
fn external_offers_are_checked() {
    // R171, R172, R173
    check(
        "
        common
        channel Messaging
        status  Chatting Messaging
        queue  X model=ExternalRouting weight=4
        agent  A queues=X capacity=6 statuses=Online,Busy,Chatting
        case   1 X at 12:00:00
        case   2 X at 12:00:00
        case   3 X at 12:00:00
        refused INVALID_OPERATION insert-work 1 A weight=4 at 12:00:01
        login  A Busy at 12:01:00
        refused INVALID_OPERATION insert-work 1 A weight=4 at 12:01:01
        status A Chatting at 12:02:00
        refused INVALID_OPERATION insert-work 1 A weight=4 at 12:02:01
        status A Online at 12:03:00
        refused INVALID_OPERATION insert-work 1 A weight=4 channel=Messaging at 12:03:01
        insert-work 1 A weight=4 at 12:03:02
        refused NO_CAPACITY insert-work 2 A weight=4 at 12:03:03
        insert-work 2 A weight=4 skip at 12:03:04
        expect used A 8 of 6
        insert-work 3 A at 12:03:05
        expect used A 8 of 6
        refused INVALID_OPERATION insert-work 4 A at 12:03:06
    ",
    );
}

//! Edges of the life cycle: races, limits per agent, what later edits do not change.

use crate::check;

#[test]
fn without_a_config_nothing_is_queued() {
    // R2, R6
    check(
        "
        common
        queue N no-config
        members N A
        login A Online at 09:00:00
        case  1 N at 12:00:00
        expect psr 1 none | works 1
        queue N weight=2
        wait at 12:10:00
        expect psr 1 none
        owner 1 N at 12:11:00
        expect offered 1 A
    ",
    );
}

#[test]
fn a_request_keeps_what_the_config_said_when_it_was_made() {
    // R5
    check(
        "
        common
        case  1 Q at 12:00:00
        queue Q model=LeastActive priority=9 weight=5 timeout=30
        expect psr 1 RoutingPriority=1 CapacityWeight=2 RoutingModel=MostAvailable PushTimeout=null
        login A Online at 12:01:00
        expect used A 2 of 6
        case  2 Q at 12:02:00
        expect psr 2 RoutingPriority=9 CapacityWeight=5 RoutingModel=LeastActive PushTimeout=30
    ",
    );
}

#[test]
fn a_null_priority_is_last() {
    // R29
    check(
        "
        common
        queue P1 priority=100 weight=6
        queue P0 weight=6
        agent A queues=P0,P1 capacity=6 statuses=Online
        case  1 P0 at 12:00:00
        case  2 P1 at 12:00:05
        login A Online at 12:01:00
        expect offered 2 A | waits 1
    ",
    );
}

#[test]
fn a_hundred_items_are_the_limit_whatever_they_cost() {
    // R104, R99
    let mut text = String::from(
        "common
        queue Z weight=0
        members Z A
        login A Online at 09:00:00\n",
    );
    for number in 0..101 {
        text.push_str(&format!("case {number} Z at 12:00:00\n"));
    }
    text.push_str("expect offered 99 A | waits 100 | why 100 NobodyFree before-0 A:TooManyItems\n");
    text.push_str("accept 5 A at 12:01:00\nclose 5 A at 12:02:00\nexpect offered 100 A");
    check(&text);
}

#[test]
fn an_offer_stays_when_the_agent_turns_busy() {
    // R135, R136
    check(
        "
        common
        login  A Online at 09:00:00
        case   1 Q at 12:00:00
        status A Busy at 12:00:05
        expect offered 1 A
        accept 1 A at 12:00:10
        expect work 1 A Opened
        case   2 Q at 12:00:20
        expect waits 2
    ",
    );
}

#[test]
fn the_first_of_acceptance_and_time_out_wins() {
    // R133, R134
    check(
        "
        common
        queue  Q weight=2 timeout=10
        login  A Online at 09:00:00
        case   1 Q at 12:00:00
        accept 1 A at 12:00:09.999
        wait       at 12:00:30
        expect works 1 A:Opened
        case   2 Q at 12:01:00
        wait       at 12:01:10
        refused WORK_NOT_FOUND accept 2 A at 12:01:10
        expect waits 2
    ",
    );
}

#[test]
fn a_time_out_that_passed_while_the_server_was_down_fires_at_once() {
    // R137
    check(
        "
        common
        queue  Q weight=2 timeout=10
        agent  B queues=Q capacity=6 statuses=Online
        login  A Online at 09:00:00
        case   1 Q at 12:00:00
        restart
        login  B Online at 12:00:09
        wait       at 12:00:10
        expect works 1 A:DeclinedOnPushTimeout B:Assigned
    ",
    );
}

#[test]
fn tried_sessions_survive_a_restart() {
    // R67, R137
    check(
        "
        common
        agent  A queues=Q capacity=6 statuses=Online decline
        agent  B queues=Q capacity=6 statuses=Online decline
        agent  C queues=Q capacity=6 statuses=Online decline
        login  A Online at 09:00:00
        login  B Online at 09:00:10
        case   1 Q at 12:00:00
        decline 1 A at 12:00:05
        restart
        decline 1 B at 12:00:10
        restart
        login  C Online at 12:00:20
        expect works 1 A:Declined B:Declined A:Assigned
    ",
    );
}

#[test]
fn the_status_after_a_decline_keeps_other_work_and_offers() {
    // R77, R82, R83, R135
    check(
        "
        common
        status Away
        agent  A queues=Q capacity=6 statuses=Online,Away decline decline-status=Away
        login  A Online at 09:00:00
        case   1 Q at 12:00:00
        case   2 Q at 12:00:00
        decline 1 A at 12:00:05
        expect presences A Online Away* | offered 2 A | waits 1
        status A Online at 12:01:00
        expect waits 1
    ",
    );
}

#[test]
fn an_away_status_gets_no_work() {
    // R148
    check(
        "
        common
        status Lunch away Case
        agent  A queues=Q capacity=6 statuses=Lunch
        login  A Lunch at 09:00:00
        case   1 Q at 12:00:00
        expect waits 1 | presence A IsAway=true
    ",
    );
}

#[test]
fn least_active_counts_offers_and_both_pools() {
    // R85, R86
    check(
        "
        common
        queue L model=LeastActive weight=1
        queue M weight=1 interruptible
        members L A B
        members M A
        login A Online at 09:00:00
        login B Online at 09:00:10
        case  1 M at 10:00:00
        case  2 L at 12:00:00
        expect offered 2 B
    ",
    );
}

#[test]
fn a_pass_goes_on_after_an_item_that_fits_nobody() {
    // R35, R38: the big item stays first in line and blocks nobody.
    check(
        "
        common
        queue Huge weight=7 priority=1
        agent A queues=Q,Huge capacity=6 statuses=Online
        login A Online at 09:00:00
        case  1 Huge at 12:00:00
        case  2 Q at 12:00:01
        expect offered 2 A | why 1 NobodyFree before-0 A:NoCapacity
    ",
    );
}

#[test]
fn external_work_counts_against_engine_work() {
    // R172, R175
    check(
        "
        common
        queue X model=ExternalRouting weight=5
        login A Online at 09:00:00
        case  1 X at 12:00:00
        insert-work 1 A weight=5 at 12:00:01
        case  2 Q at 12:00:02
        expect used A 5 of 6 | waits 2 | why 1 Offered
    ",
    );
}

#[test]
fn a_call_goes_round_as_often_as_the_org_allows() {
    // R73, R71
    check(
        "
        settings voice-rounds=2
        channel Voice voice
        status  Phone Voice
        queue   V percent=100
        agent   A queues=V capacity=5 statuses=Phone centers=CC decline
        agent   B queues=V capacity=5 statuses=Phone centers=CC decline
        login   A Phone at 09:00:00
        login   B Phone at 09:00:10
        call    1 V center=CC at 12:00:00
        decline 1 A at 12:00:01
        decline 1 B at 12:00:02
        restart
        decline 1 A at 12:00:03
        expect  works 1 A:Declined B:Declined A:Declined | waits 1
        logout  B at 12:01:00
        login   B Phone at 12:01:10
        expect  works 1 A:Declined B:Declined A:Declined B:Assigned
    ",
    );
}

//! More explanations: scores, who would be next, what goes before, what an agent holds.

use crate::check;

#[test]
fn scores_are_what_the_model_compares() {
    // R84, R85
    check(
        "
        common
        queue  L model=LeastActive weight=2
        members L A B
        login  A Online at 09:00:00
        login  B Online at 09:00:10
        case   1 Q at 12:00:00
        case   2 L at 12:00:01
        expect why 2 Offered A:1 B:1
        case   3 Q at 12:00:02
        expect why 3 Offered A:2 B:4 C:Offline
        settings least-active-units
        expect why 2 Offered A:4 B:2
    ",
    );
}

#[test]
fn who_would_be_next_is_told_of_what_is_offered() {
    // R66, R69, R70
    check(
        "
        common
        agent  A queues=Q capacity=6 statuses=Online,Busy decline
        agent  B queues=Q capacity=6 statuses=Online,Busy decline
        agent  C queues=Q capacity=2 statuses=Online,Busy
        login  A Online at 09:00:00
        login  B Online at 09:00:10
        login  C Online at 09:00:20
        case   1 Q at 12:00:00
        decline 1 A at 12:00:01
        decline 1 B at 12:00:02
        expect offered 1 C
        expect choice 1 nobody same-round
        expect why 1 Offered A:6 B:DeclinedLast C:NoCapacity
        logout A at 12:00:03
        expect why 1 Offered A:Offline B:DeclinedLast C:NoCapacity
    ",
    );
}

#[test]
fn nobody_is_chosen_before_the_date() {
    // R34
    check(
        "
        common
        login  A Online at 09:00:00
        insert-psr 1 weight=2 ready user=A scheduled=13:00:00 at 12:00:00
        expect choice 1 nobody same-round
        expect why 1 Scheduled A:0
        insert-psr 2 weight=2 user=A at 12:00:01
        expect why 2 NotReady A:0
        case   3 Q at 12:00:02
        expect why 3 Offered A:4 B:Offline C:Offline
    ",
    );
}

#[test]
fn what_goes_before_is_counted_once() {
    // R29, R31
    check(
        "
        common
        case   1 Q at 12:00:00
        case   2 Q at 12:00:01
        route  2 user=A fallback=Q at 12:00:02
        case   3 Q at 12:00:03
        insert-psr 4 ready weight=2 user=B priority=1 at 12:00:04
        case   5 Q at 12:00:05
        expect why 1 NobodyOnline before-0 A:Offline B:Offline C:Offline
        expect why 5 NobodyOnline before-4 A:Offline B:Offline C:Offline
        expect why 4 NobodyOnline before-3 B:Offline
    ",
    );
}

#[test]
fn a_required_agent_is_the_only_one_in_question() {
    // R25
    check(
        "
        common
        queue  P weight=2
        members P B
        login  B Online at 09:00:00
        case   1 P at 12:00:00
        route  1 user=A required fallback=P at 12:00:01
        expect why 1 RequiredAgent(Offline) before-0 A:Offline
        expect why-not A Offline holds waits 1:Offline
        expect why-not B holds waits
    ",
    );
}

#[test]
fn what_an_agent_holds_by_pool() {
    // R100, R120
    check(
        "
        common
        channel Case status-based interruptible Waiting=paused
        queue  I weight=2 paused=1 interruptible
        agent  A queues=Q,I capacity=6 interruptible=4 statuses=Online
        login  A Online at 09:00:00
        lead   1 Q at 12:00:00
        case   2 I at 12:00:01
        accept 2 A at 12:00:02
        set    2 Waiting at 12:00:03
        expect holds A 1:Assigned:primary 2:Opened:interruptible:paused
        expect why-not A holds 1:2 2:1 waits
    ",
    );
}

#[test]
fn what_waits_for_an_agent_is_in_the_order_of_r29() {
    check(
        "
        common
        queue  P priority=0 weight=3
        members P A
        case   1 Q at 11:59:00
        lead   2 Q at 12:00:00
        case   3 P at 12:00:01
        case   4 Q at 12:00:02
        route  4 user=A fallback=Q at 11:58:00
        expect why-not A Offline holds waits 3:Offline 1:Offline 2:Offline 4:Offline
    ",
    );
}

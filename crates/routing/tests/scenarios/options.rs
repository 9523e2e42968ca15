//! Extensions of routing that change order and choice (docs/routing-extensions.md); off by default.

use crate::check;

#[test]
fn ageing_weighs_waiting_time_against_priority() {
    check(
        "
        common
        settings ageing=60
        queue Low priority=3 weight=2
        agent A queues=Q,Low capacity=2 statuses=Online
        case  1 Low at 12:00:00
        case  2 Q   at 12:01:59
        case  3 Q   at 12:02:01
        expect why 1 NobodyOnline by-Ageing before-1 A:Offline
        restart
        login A Online at 12:05:00
        expect offered 2 A
        accept 2 A at 12:05:01
        close  2 A at 12:05:02
        expect offered 1 A | why 3 NobodyFree by-Ageing before-0 A:NoCapacity B:Offline C:Offline
    ",
    );
}

#[test]
fn without_ageing_priority_alone_decides() {
    // R29
    check(
        "
        common
        queue Low priority=3 weight=2
        agent A queues=Q,Low capacity=2 statuses=Online
        case  1 Low at 08:00:00
        case  2 Q   at 12:01:59
        login A Online at 12:05:00
        expect offered 2 A
    ",
    );
}

#[test]
fn an_item_without_priority_ages_from_priority_100() {
    check(
        "
        common
        settings ageing=1
        insert-psr 1 ready weight=2            at 12:00:00
        insert-psr 2 ready weight=2 priority=1 at 12:01:38
        insert-psr 3 ready weight=2 priority=1 at 12:01:40
        expect why 2 NobodyOnline by-Ageing before-0 A:Offline B:Offline C:Offline
        expect why 1 NobodyOnline by-Ageing before-1 A:Offline B:Offline C:Offline
        expect why 3 NobodyOnline by-Ageing before-2 A:Offline B:Offline C:Offline
    ",
    );
}

#[test]
fn an_item_near_its_target_date_goes_first() {
    check(
        "
        common
        settings sla=300
        agent A queues=Q capacity=2 statuses=Online
        insert-psr 1 ready weight=2 priority=9 target=12:10:00 at 12:00:00
        insert-psr 2 ready weight=2 priority=9 target=12:09:59 at 12:00:00
        case  3 Q at 12:00:01
        case  4 Q at 12:00:02
        login A Online at 12:04:58
        expect offered 3 A | why 2 NobodyFree before-1 A:NoCapacity B:Offline C:Offline
        restart
        wait at 12:04:59
        expect why 2 NobodyFree by-TargetDate before-0 A:NoCapacity B:Offline C:Offline
        expect why 1 NobodyFree before-2 A:NoCapacity B:Offline C:Offline
        wait at 12:05:00
        expect why 1 NobodyFree by-TargetDate before-1 A:NoCapacity B:Offline C:Offline
        restart
        accept 3 A at 12:05:01
        close  3 A at 12:05:02
        expect offered 2 A
        accept 2 A at 12:05:03
        close  2 A at 12:05:04
        expect offered 1 A | waits 4
    ",
    );
}

#[test]
fn a_date_that_has_passed_is_urgent_too_and_ageing_comes_after() {
    check(
        "
        common
        settings sla=300 ageing=60
        case  1 Q at 08:00:00
        insert-psr 2 ready weight=2 priority=9 target=11:00:00 at 12:00:00
        expect why 2 NobodyOnline by-TargetDate before-0 A:Offline B:Offline C:Offline
        expect why 1 NobodyOnline by-Ageing before-1 A:Offline B:Offline C:Offline
        settings
        expect why 2 NobodyOnline before-1 A:Offline B:Offline C:Offline
    ",
    );
}

#[test]
fn pacing_leaves_a_pause_between_two_offers() {
    check(
        "
        common
        settings pacing=10
        login A Online at 09:00:00
        case  1 Q at 12:00:00
        expect offered 1 A
        case  2 Q at 12:00:03
        expect why 2 Pacing before-0 A:Paced B:Offline C:Offline | why-not A holds 1:2 waits 2:Paced
        restart
        wait at 12:00:09
        expect waits 2
        wait at 12:00:10
        expect offered 2 A
        insert-psr 3 ready weight=2 user=A required at 12:00:11
        expect why 3 RequiredAgent(Paced) before-0 A:Paced
        login B Online at 12:00:12
        case  4 Q at 12:00:13
        expect offered 4 B
        wait at 12:00:20
        expect offered 3 A
    ",
    );
}

#[test]
fn pacing_that_is_switched_off_holds_nobody_back() {
    check(
        "
        common
        settings pacing=600
        login A Online at 09:00:00
        case  1 Q at 12:00:00
        case  2 Q at 12:00:03
        expect waits 2
        settings
        wait at 12:00:04
        expect offered 2 A
    ",
    );
}

#[test]
fn who_had_a_fair_share_is_asked_after_the_others() {
    check(
        "
        common
        settings fair-cap=2 cap-window=600
        agent B queues=Q capacity=50 statuses=Online
        login A Online at 09:00:00
        login B Online at 09:00:00
        case  1 Q at 12:00:00
        case  2 Q at 12:00:10
        expect offered 1 B | offered 2 B
        case  3 Q at 12:00:20
        expect offered 3 A | why 3 Offered A:4 B:Capped C:Offline
        restart
        case  4 Q at 12:00:30
        expect offered 4 A
        case  5 Q at 12:00:40
        expect offered 5 B
        wait at 12:10:10
        case  6 Q at 12:10:10
        expect offered 6 B
        case  7 Q at 12:10:25
        expect offered 7 A
    ",
    );
}

#[test]
fn the_fair_cap_leaves_preferred_users_alone_and_outlasts_a_session() {
    check(
        "
        common
        settings fair-cap=1 cap-window=600
        login A Online at 09:00:00
        login B Online at 09:00:01
        case  1 Q at 12:00:00
        accept 1 A at 12:00:01
        close  1 A at 12:00:02
        logout A at 12:00:03
        login  A Online at 12:00:04
        case  2 Q at 12:00:05
        expect offered 2 B
        insert-psr 3 ready weight=2 user=A at 12:00:06
        expect offered 3 A
        insert-psr 4 ready weight=2 user=B required at 12:00:07
        expect offered 4 B
    ",
    );
}

#[test]
fn a_customer_comes_back_to_the_same_agent() {
    check(
        "
        common
        settings sticky=2
        login A Online at 09:00:00
        login B Online at 09:00:01
        case  1 Q of=Carol at 12:00:00
        accept 1 A at 12:00:01
        close  1 A at 12:00:02
        case  2 Q of=Carol at 12:00:10
        expect offered 2 A
        accept 2 A at 12:00:11
        close  2 A at 12:00:12
        case  3 Q of=Dave at 12:00:20
        expect offered 3 B
        delete 3 at 12:00:21
        restart
        case  4 Q of=Carol at 14:00:10
        expect offered 4 A
        delete 4 at 14:00:10
        case  5 Q of=Carol at 14:00:11
        expect offered 5 B
    ",
    );
}

#[test]
fn a_sticky_agent_who_cannot_take_it_is_not_waited_for() {
    check(
        "
        common
        settings sticky=2
        agent A queues=Q capacity=2 statuses=Online
        login A Online at 09:00:00
        case  1 Q of=Carol at 12:00:00
        accept 1 A at 12:00:01
        login B Online at 12:00:02
        case  2 Q of=Carol at 12:00:03
        expect offered 2 B
        close  1 A at 12:00:04
        delete 2 at 12:00:05
        insert-psr 3 ready weight=2 user=B of=Carol at 12:00:06
        expect offered 3 B
        case  4 Q of=Carol at 12:00:07
        expect offered 4 A
        delete 4 at 12:00:08
        members Q B C
        case  5 Q of=Carol at 12:00:09
        expect offered 5 B
    ",
    );
}

#[test]
fn a_customer_goes_with_a_transfer_and_with_whom_it_was_handed_to() {
    check(
        "
        common
        settings sticky=2
        login A Online at 09:00:00
        login B Online at 09:00:01
        case  1 Q of=Carol at 12:00:00
        accept 1 A at 12:00:01
        transfer 1 A user=B at 12:00:02
        restart
        accept 1 B at 12:00:03
        close  1 B at 12:00:04
        login C Online at 12:00:05
        case  2 Q of=Carol at 12:00:06
        expect offered 2 B
    ",
    );
}

#[test]
fn a_big_item_keeps_the_room_of_one_agent() {
    check(
        "
        common
        settings reserve=60
        queue Big priority=5 weight=6
        agent A queues=Q,Big capacity=6 statuses=Online
        login A Online at 09:00:00
        case  1 Q at 11:00:00
        accept 1 A at 11:00:01
        case  2 Q at 11:00:02
        accept 2 A at 11:00:03
        case  3 Big at 12:00:00
        case  4 Q at 12:00:30
        expect offered 4 A | why 3 NobodyFree before-0 A:NoCapacity
        accept 4 A at 12:00:31
        close  4 A at 12:00:40
        wait at 12:01:00
        expect why 3 NobodyFree keeps-A before-0 A:NoCapacity
        case  5 Q at 12:01:10
        expect why 5 RoomKept before-0 A:RoomKept B:Offline C:Offline
        restart
        close  1 A at 12:02:00
        expect waits 5 | waits 3
        close  2 A at 12:03:00
        expect offered 3 A | waits 5
        accept 3 A at 12:03:01
        close  3 A at 12:03:02
        expect offered 5 A
    ",
    );
}

#[test]
fn room_is_no_longer_kept_when_the_item_goes_or_the_agent_leaves() {
    check(
        "
        common
        settings reserve=60
        queue Big priority=5 weight=6
        agent A queues=Q,Big capacity=6 statuses=Online
        agent B queues=Q,Big capacity=6 statuses=Online
        login A Online at 09:00:00
        login B Online at 09:00:01
        case  1 Q at 11:00:00
        case  2 Q at 11:00:00
        case  3 Big at 12:00:00
        case  4 Big at 12:00:00
        wait at 12:02:00
        expect why 3 NobodyFree keeps-A before-0 A:NoCapacity B:NoCapacity
        expect why 4 NobodyFree keeps-A before-1 A:NoCapacity B:NoCapacity
        case  5 Q at 12:02:10
        expect offered 5 B
        logout A at 12:02:20
        expect offered 1 B | why 3 NobodyFree keeps-B before-0 A:Offline B:NoCapacity
        accept 2 B at 12:02:21
        close  2 B at 12:02:22
        case  6 Q at 12:02:23
        expect why 6 RoomKept before-0 A:Offline B:RoomKept C:Offline
        delete 3 at 12:02:30
        expect offered 6 B | why 4 NobodyFree keeps-B before-0 A:Offline B:NoCapacity
        accept 5 B at 12:02:31
        close  5 B at 12:02:32
        case  7 Q at 12:02:33
        expect waits 7
        delete 4 at 12:02:40
        expect offered 7 B
    ",
    );
}

#[test]
fn a_call_keeps_the_room_of_an_agent_who_is_at_work() {
    check(
        "
        common
        settings reserve=60
        channel Voice voice
        status  All Case Voice
        queue   Calls priority=1
        agent   A queues=Q,Calls capacity=6 statuses=All centers=London
        login   A All at 09:00:00
        case    1 Q at 11:00:00
        accept  1 A at 11:00:01
        call    2 Calls center=London at 12:00:00
        wait    at 12:01:00
        case    3 Q at 12:01:10
        expect  waits 3
        settings
        expect  offered 3 A
        settings reserve=60
        delete  3 at 12:01:20
        case    4 Q at 12:01:30
        expect  waits 4
        close   1 A at 12:02:00
        expect  offered 2 A | waits 4
    ",
    );
}

#[test]
fn one_agent_is_kept_by_one_line_only() {
    check(
        "
        common
        settings reserve=60
        queue Big priority=5 weight=6
        queue Huge priority=6 weight=5
        agent A queues=Q,Big,Huge capacity=6 statuses=Online
        login A Online at 09:00:00
        case  1 Q at 11:00:00
        accept 1 A at 11:00:01
        case  2 Huge at 12:00:00
        case  3 Big at 12:00:00
        wait at 12:01:00
        expect why 3 NobodyFree keeps-A before-0 A:NoCapacity | why 2 NobodyFree before-1 A:NoCapacity
        close 1 A at 12:02:00
        expect offered 3 A
        accept 3 A at 12:02:01
        expect why 2 NobodyFree keeps-A before-0 A:NoCapacity
    ",
    );
}

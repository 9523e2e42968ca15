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

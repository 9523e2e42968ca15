//! Options that change the life cycle of offers and work (docs/routing-extensions.md): next status,
//! withdrawal of offers, rounds with an alternative queue, return timer. And R72 and R73 when the last
//! agent who was not asked leaves.

use crate::check;

#[test]
fn the_next_status_follows_the_last_work() {
    // enableNextStatus
    check(
        "
        settings next-status
        common
        login  A Online at 09:00:00
        case   1 Q at 12:00:00
        case   2 Q at 12:00:00
        accept 1 A at 12:00:01
        next   A Busy at 12:00:02
        expect status A Online then-Busy
        case   3 Q at 12:00:03
        expect waits 3 | why 3 NobodyFree before-0 A:NextStatus B:Offline C:Offline
        expect why-not A NextStatus holds 1:2 2:2 waits 3:NextStatus
        close  1 A at 12:00:04
        expect status A Online then-Busy | offered 2 A
        accept 2 A at 12:00:05
        restart
        expect status A Online then-Busy | waits 3
        close  2 A at 12:00:06
        expect status A Busy | waits 3 | presences A Online Busy*
    ",
    );
}

#[test]
fn after_work_is_work_and_without_work_the_next_status_comes_at_once() {
    // enableNextStatus, R150
    check(
        "
        settings next-status
        channel Case after-work=30
        status Online Case
        status Busy
        queue  Q weight=2
        agent  A queues=Q capacity=6 statuses=Online,Busy
        login  A Online at 09:00:00
        next   A Busy at 09:00:01
        expect status A Busy
        status A Online at 09:00:02
        case   1 Q at 12:00:00
        accept 1 A at 12:00:01
        next   A Busy at 12:00:02
        end    1 at 12:00:10
        wait     at 12:00:39
        expect status A Online then-Busy
        wait     at 12:00:40
        expect status A Busy | work 1 A Closed
    ",
    );
}

#[test]
fn a_change_of_status_takes_the_wish_back() {
    // enableNextStatus
    check(
        "
        settings next-status
        common
        login  A Online at 09:00:00
        case   1 Q at 12:00:00
        accept 1 A at 12:00:01
        next   A Busy at 12:00:02
        case   2 Q at 12:00:03
        expect waits 2
        status A Online at 12:00:04
        expect status A Online | offered 2 A | presences A Online*
        next   A Busy at 12:00:05
        status A Busy at 12:00:06
        status A Online at 12:00:07
        accept 2 A at 12:00:08
        close  1 A at 12:00:09
        close  2 A at 12:00:10
        expect status A Online
        case   3 Q at 12:00:11
        next   A Busy at 12:00:12
        logout A at 12:00:13
        login  A Online at 12:00:14
        expect status A Online | offered 3 A
    ",
    );
}

#[test]
fn a_next_status_must_be_enabled_and_allowed() {
    // enableNextStatus, R53, R157
    check(
        "
        common
        login  A Online at 09:00:00
        refused INVALID_OPERATION next A Busy at 09:00:01
        settings next-status
        refused NOT_LOGGED_IN next B Busy at 09:00:02
        status Lunch
        refused STATUS_NOT_ALLOWED next A Lunch at 09:00:03
        case   1 Q at 12:00:00
        next   A Busy at 12:00:01
        agent  A queues=Q capacity=6 statuses=Online
        expect status A Online
        agent  A queues=Q capacity=6 statuses=Online,Busy
        next   A Busy at 12:00:02
        settings
        wait     at 12:00:03
        case   2 Q at 12:00:04
        expect status A Online | offered 2 A
    ",
    );
}

#[test]
fn offers_stay_when_the_agent_turns_busy_unless_the_org_says_otherwise() {
    // R135; withdrawOffersWhenBusy, R115
    check(
        "
        common
        channel Messaging
        status Chatting Messaging
        queue  M weight=1
        agent  A queues=Q,M capacity=6 statuses=Online,Busy,Chatting,All
        status All Case Messaging
        login  A All at 09:00:00
        case   1 Q at 12:00:00
        status A Busy at 12:00:01
        expect offered 1 A
        settings withdraw-offers
        status A All at 12:00:02
        case   2 Q at 12:00:03
        accept 2 A at 12:00:04
        expect offered 1 A
        status A Chatting at 12:00:05
        expect work 1 A Unavailable | work 2 A Opened | waits 1 | case 1 owner=Q
        expect psr 1 pushed=no last=null
        login  B Online at 12:00:06
        expect offered 1 B
        status A All at 12:00:07
        status B Busy at 12:00:08
        expect offered 1 A | works 1 A:Unavailable B:Unavailable A:Assigned
    ",
    );
}

#[test]
fn what_is_handed_over_goes_back_to_who_had_it() {
    // withdrawOffersWhenBusy, R42
    check(
        "
        settings withdraw-offers
        common
        login  A Online at 09:00:00
        login  B Online at 09:00:10
        case   1 Q at 12:00:00
        accept 1 A at 12:00:01
        transfer 1 A user=B at 12:00:02
        expect works 1 A:Opened B:Assigned | case 1 owner=B
        status B Busy at 12:00:03
        expect works 1 A:Opened B:Unavailable | case 1 owner=A
    ",
    );
}

#[test]
fn after_its_rounds_an_item_goes_to_the_alternative_queue() {
    // maxRounds, alternativeQueue, R158
    check(
        "
        common
        queue  Q weight=2 priority=1 rounds=2 alternative=E
        queue  E weight=3 priority=5
        agent  A queues=Q capacity=6 statuses=Online decline
        agent  B queues=Q capacity=6 statuses=Online decline
        agent  X queues=E capacity=6 statuses=Online
        login  A Online at 09:00:00
        login  B Online at 09:00:10
        case   1 Q at 12:00:00
        decline 1 A at 12:00:01
        decline 1 B at 12:00:02
        restart
        expect offered 1 A
        decline 1 A at 12:00:03
        expect case 1 owner=E | waits 1 | psr 1 serial=1 RoutingPriority=5 CapacityWeight=3 last=null
        login  X Online at 12:10:00
        expect works 1 A:Declined B:Declined A:Declined X:Assigned
        expect work 1 X Assigned RequestDateTime=12:00:00
    ",
    );
}

#[test]
fn an_alternative_queue_that_does_not_route_just_owns_the_item() {
    // alternativeQueue, R158
    check(
        "
        common
        queue  Q weight=2 rounds=1 alternative=E
        queue  E no-config
        agent  A queues=Q capacity=6 statuses=Online decline
        login  A Online at 09:00:00
        case   1 Q at 12:00:00
        decline 1 A at 12:00:01
        expect case 1 owner=E | psr 1 none | works 1 A:Declined
    ",
    );
}

#[test]
fn without_an_alternative_it_waits_for_somebody_new() {
    // maxRounds, R71, R73
    check(
        "
        common
        queue  Q weight=2 rounds=1
        agent  A queues=Q capacity=6 statuses=Online,Busy decline
        agent  B queues=Q capacity=6 statuses=Online,Busy decline
        login  A Online at 09:00:00
        login  B Online at 09:00:10
        case   1 Q at 12:00:00
        decline 1 A at 12:00:01
        decline 1 B at 12:00:02
        expect waits 1 | why 1 RoundsUsedUp before-0 A:TriedThisRound B:DeclinedLast C:Offline
        case   2 Q at 12:00:03
        expect offered 2 A | waits 1
        logout B at 12:00:04
        expect waits 1
        login  C Online at 12:00:05
        expect offered 1 C
    ",
    );
}

#[test]
fn a_limit_of_rounds_stays_with_the_request() {
    // R5, maxRounds; the alternative is the one that is set now
    check(
        "
        common
        queue  Q weight=2 rounds=1
        agent  A queues=Q capacity=6 statuses=Online decline
        login  A Online at 09:00:00
        case   1 Q at 12:00:00
        queue  Q weight=2
        decline 1 A at 12:00:01
        expect waits 1 | why 1 RoundsUsedUp before-0 A:DeclinedLast B:Offline C:Offline
        queue  E weight=2
        queue  Q weight=2 alternative=E
        case   2 E at 12:00:02
        expect case 1 owner=E | waits 1
    ",
    );
}

#[test]
fn an_item_moves_on_when_the_last_agent_who_was_not_asked_leaves() {
    // alternativeQueue, R72, R73: log-out, busy, another channel, out of the queue
    for leaves in [
        "logout B at 12:00:05",
        "status B Busy at 12:00:05",
        "status B Leads at 12:00:05",
        "members Q A",
    ] {
        check(&format!(
            "
            common
            status Leads Lead
            queue  Q weight=3 rounds=1 alternative=E
            queue  E weight=3
            agent  A queues=Q capacity=6 statuses=Online decline
            agent  B queues=Q capacity=3 statuses=Online,Busy,Leads
            login  B Online at 09:00:00
            login  A Online at 09:00:10
            case   0 Q at 11:00:00
            decline 0 A at 11:00:01
            expect offered 0 B
            accept 0 B at 11:00:02
            case   1 Q at 12:00:00
            decline 1 A at 12:00:01
            expect waits 1 | case 1 owner=Q
            {leaves}
            wait     at 12:00:06
            expect case 1 owner=E
        "
        ));
    }
}

#[test]
fn a_chat_ends_when_the_last_agent_who_was_not_asked_leaves() {
    // R72
    let setting = "
        channel Chat chat
        status  Online Chat
        status  Busy
        queue   Q weight=3
        agent   A queues=Q capacity=3 statuses=Online,Busy decline
        agent   B queues=Q capacity=3 statuses=Online,Busy decline
        login   B Online at 09:00:00
        chat    0 Q at 11:00:00
        accept  0 B at 11:00:01
        login   A Online at 11:00:10
        chat    1 Q at 12:00:00
        decline 1 A at 12:00:01
        expect  waits 1
        chat    2 Q at 12:00:02
        expect  offered 2 A";
    let leaves = "
        logout  B at 12:00:05
        expect  psr 1 none | chat 1 owner=Q | offered 2 A
        logout  A at 12:00:06
        expect  waits 2";
    check(&format!("{setting}{leaves}"));
    let is_offered = "
        close   0 B at 12:00:05
        expect  offered 1 B
        logout  B at 12:00:06
        expect  psr 1 none | work 1 B Unavailable";
    check(&format!("{setting}{is_offered}"));
    let goes_on = "
        queue   Q weight=3 alternative=E
        queue   E weight=1
        logout  B at 12:00:05
        expect  chat 1 owner=E | waits 1";
    check(&format!("{setting}{goes_on}"));
}

#[test]
fn a_call_goes_to_the_alternative_queue_when_its_last_agent_leaves() {
    // R73
    check(
        "
        settings voice-rounds=1
        channel Voice voice
        status  Phone Voice
        queue   V percent=100 alternative=E
        queue   E percent=100
        agent   A queues=V capacity=5 statuses=Phone centers=CC decline
        agent   B queues=V capacity=5 statuses=Phone centers=CC
        agent   X queues=E capacity=5 statuses=Phone centers=CC
        login   B Phone at 09:00:00
        call    0 V center=CC at 11:00:00
        accept  0 B at 11:00:01
        login   A Phone at 11:00:10
        call    1 V center=CC at 12:00:00
        decline 1 A at 12:00:01
        expect  waits 1 | call 1 owner=V
        logout  B at 12:00:02
        expect  waits 1 | call 1 owner=E
        login   X Phone at 12:00:03
        expect  offered 1 X
    ",
    );
}

#[test]
fn work_that_nobody_touches_goes_back() {
    // returnSeconds, R70, R124
    check(
        "
        common
        queue  Q weight=2 priority=1 return=60
        login  A Online at 09:00:00
        case   1 Q at 12:00:00
        accept 1 A at 12:00:10
        restart
        wait     at 12:01:09.999
        expect work 1 A Opened
        wait     at 12:01:10
        expect work 1 A Transferred CloseDateTime=12:01:10 TransferRequesterId=null
        expect case 1 owner=Q | psr 1 pushed=no last=A serial=1 IsTransfer=true | used A 0 of 6
        expect why 1 OnlyDecliner before-0 A:LeftUntouched B:Offline C:Offline
        login  B Online at 12:02:00
        expect work 1 B Assigned RequestDateTime=12:00:00
        agent  B queues=Q capacity=6 statuses=Online,Busy decline
        decline 1 B at 12:02:01
        login  C Online at 12:02:02
        expect offered 1 A
    ",
    );
}

#[test]
fn a_touch_keeps_work_and_a_time_that_passed_while_the_server_was_down_counts() {
    // returnSeconds, R137
    check(
        "
        settings return=60
        common
        login  A Online at 09:00:00
        case   1 Q at 12:00:00
        case   2 Q at 12:00:00
        touch  1 A at 12:00:05
        accept 1 A at 12:00:10
        accept 2 A at 12:00:10
        touch  1 A at 12:00:30
        touch  2 B at 12:00:31
        down     at 13:00:00
        expect work 1 A Opened | work 2 A Transferred CloseDateTime=13:00:00
    ",
    );
}

#[test]
fn skills_are_asked_for_again() {
    // returnSeconds, R45, R116
    check(
        "
        settings return=60
        common
        agent  A capacity=6 statuses=Online
        agent  B capacity=6 statuses=Online
        skills A French=5 German=1
        skills B German=5
        login  A Online at 09:00:00
        login  B Online at 09:00:10
        insert-psr 1 weight=2 priority=4 at 12:00:00
        require 1 French=5 at 12:00:00
        require 1 German=1 additional=2 at 12:00:00
        edit-psr 1 IsReadyForRouting=true at 12:00:00
        accept 1 A at 12:00:10
        restart
        wait     at 12:01:10
        expect work 1 A Transferred | psr 1 RoutingPriority=4 CapacityWeight=2 last=A
        expect why 1 OnlyDecliner before-0 A:LeftUntouched B:no-French
        skills B French=9 German=2
        wait     at 12:01:11
        expect offered 1 B
    ",
    );
}

#[test]
fn what_does_not_go_back() {
    // returnSeconds: calls, own queues of 0 s, one agent alone, after-work, pause, transfer, new owner, participants
    check(
        "
        settings return=60
        channel Voice voice
        channel Case status-based OnHold=paused Closed=completed
        status  All Voice Case
        queue   Q weight=1
        queue   N weight=1 return=0
        queue   V percent=100
        agent   A queues=Q,N,V capacity=20 statuses=All centers=CC
        agent   B capacity=20 statuses=All
        login   A All at 09:00:00
        call    1 V center=CC at 10:00:00
        accept  1 A at 10:00:01
        wait      at 10:30:00
        expect  work 1 A Opened
        close   1 A at 10:30:01
        case    2 N at 11:00:00
        accept  2 A at 11:00:01
        insert-psr 3 ready weight=1 user=A required at 11:00:02
        accept  3 A at 11:00:03
        case    4 Q at 11:00:04
        accept  4 A at 11:00:05
        set     4 OnHold at 11:00:06
        case    5 Q at 11:00:07
        accept  5 A at 11:00:08
        login   B All at 11:00:09
        join    5 A B at 11:00:10
        accept  5 B at 11:00:11
        case    6 Q at 11:00:12
        accept  6 A at 11:00:13
        transfer 6 A user=B at 11:00:14
        wait      at 11:30:00
        expect  work 2 A Opened | work 3 A Opened | work 4 A Opened | works 5 A:Opened B:Opened
        expect  works 6 A:Opened B:Assigned
        accept  6 B at 11:30:01
        wait      at 11:31:01
        expect  works 6 A:Transferred B:Transferred A:Assigned
    ",
    );
}

#[test]
fn a_chat_that_is_left_untouched_has_nobody_else() {
    // returnSeconds, R72
    check(
        "
        settings return=60
        channel Chat chat
        status  Online Chat
        queue   Q weight=3
        agent   A queues=Q capacity=3 statuses=Online
        login   A Online at 09:00:00
        chat    1 Q at 12:00:00
        accept  1 A at 12:00:01
        wait      at 12:01:01
        expect  work 1 A Transferred | psr 1 none | chat 1 owner=Q
    ",
    );
}

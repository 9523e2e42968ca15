//! Commands that are undone together leave nothing behind: not in rows, timers or lists (snapshots are
//! compared), and what comes afterwards goes as if they had never been.

use crate::check;

#[test]
fn a_conference_is_what_it_was() {
    // R102, R203
    check(
        "
        common
        login  A Online at 09:00:00
        login  B Online at 09:00:01
        case   1 Q at 12:00:00
        accept 1 A at 12:00:01
        join   1 A B at 12:00:02
        accept 1 B at 12:00:03
        undone close 1 A at 12:00:04
        expect works 1 A:Opened B:Opened
        undone close 1 B at 12:00:05
        close  1 A at 12:00:06
        expect case 1 owner=B | works 1 A:Closed B:Opened
        close  1 B at 12:00:07
        expect used A 0 of 6 | used B 0 of 6
    ",
    );
}

#[test]
fn after_work_still_ends_in_time() {
    // R150, R151
    check(
        "
        common
        channel Case after-work=60 extension=30 extensions=2
        login  A Online at 09:00:00
        case   1 Q at 12:00:00
        accept 1 A at 12:00:01
        end    1 at 12:00:10
        undone extend 1 A at 12:00:11
        undone close 1 A at 12:00:12
        undone logout A at 12:00:13
        expect progress 1 A ended=12:00:10 until=12:01:10
        wait   at 12:01:09
        expect work 1 A Opened
        wait   at 12:01:10
        expect work 1 A Closed
    ",
    );
}

#[test]
fn an_offer_still_times_out_and_a_skill_still_drops() {
    // R57, R114
    check(
        "
        common
        queue  Q weight=2 timeout=30
        agent  A queues=Q capacity=6 statuses=Online,Busy decline
        skills B French=5
        login  A Online at 09:00:00
        case   1 Q at 12:00:00
        undone decline 1 A at 12:00:10
        undone accept 1 A at 12:00:11
        undone logout A at 12:00:12
        expect offered 1 A
        insert-psr 2 weight=2 drop=40 at 12:00:13
        require 2 French=5 at 12:00:13
        require 2 German=5 additional=1 at 12:00:13
        edit-psr 2 IsReadyForRouting=true at 12:00:14
        undone delete-psr 2 at 12:00:15
        wait   at 12:00:30
        expect work 1 A DeclinedOnPushTimeout
        login  B Online at 12:00:31
        expect offered 1 B | waits 2
        wait   at 12:00:53
        expect waits 2
        wait   at 12:00:54
        expect offered 2 B
    ",
    );
}

#[test]
fn what_waits_stands_where_it_stood() {
    // R29, R161
    check(
        "
        settings hourly-max=4
        common
        case   1 Q at 12:00:00
        case   2 Q at 12:00:01
        undone case 3 Q at 12:00:02
        undone case 1 A at 12:00:03
        undone delete 1 at 12:00:04
        undone route 1 user=B at 12:00:05
        expect in-line Q 1 2 | stats Q waiting=2 in-hour=2
        login  A Online at 12:00:06
        undone status A Busy at 12:00:07
        expect offered 1 A | offered 2 A | used A 4 of 6
        case   3 Q at 12:00:08
        expect offered 3 A | used A 6 of 6
    ",
    );
}

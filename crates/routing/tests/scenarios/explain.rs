//! Explanations: the first rule that keeps each agent from an item, and the reason why it waits.

use crate::check;

#[test]
fn every_agent_has_a_first_reason() {
    // R51, R52, R54, R55, R64
    check(
        "
        common
        channel Messaging
        status  Chatting Messaging
        agent A queues=Q capacity=1 statuses=Online
        agent B queues=Q capacity=6 statuses=Busy
        agent D queues=Q capacity=6 statuses=Chatting
        agent E queues=Q capacity=6 statuses=Online inactive
        agent F capacity=6 statuses=Online
        login A Online at 09:00:00
        login B Busy at 09:00:10
        login D Chatting at 09:00:20
        case  0 Q at 11:59:00
        case  1 Q at 12:00:00
        expect why 1 NobodyFree before-1 A:NoCapacity B:Busy C:Offline D:ChannelNotServed E:Inactive
        expect why-not A holds waits 0:NoCapacity
        expect why-not C Offline holds waits 0:Offline
    ",
    );
}

#[test]
fn a_decliner_is_named() {
    // R68, R70
    check(
        "
        common
        agent A queues=Q capacity=6 statuses=Online,Busy decline
        login A Online at 09:00:00
        case  1 Q at 12:00:00
        expect why 1 Offered A:4 B:Offline C:Offline
        decline 1 A at 12:00:05
        expect why 1 OnlyDecliner before-0 A:DeclinedLast B:Offline C:Offline
        expect why-not A holds waits 1:DeclinedLast
    ",
    );
}

#[test]
fn a_missing_skill_and_a_required_agent_are_named() {
    // R25, R56
    check(
        "
        common
        agent A capacity=6 statuses=Online
        agent B capacity=6 statuses=Online
        skills A French=5 German=1
        skills B German=5
        login A Online at 09:00:00
        login B Online at 09:00:10
        insert-psr 1 weight=2 at 12:00:00
        require 1 French=5 at 12:00:00
        require 1 German=3 at 12:00:00
        expect why 1 NotReady A:no-German B:no-French
        edit-psr 1 IsReadyForRouting=true at 12:00:01
        expect why 1 NobodyQualified before-0 A:no-German B:no-French
        insert-psr 2 ready weight=2 user=C required at 12:01:00
        expect why 2 RequiredAgent(Offline) before-1 C:Offline
    ",
    );
}

#[test]
fn a_call_waits_for_a_mapped_agent_without_work() {
    // R62, R63
    check(
        "
        common
        channel Voice voice
        status All Case Voice
        queue V percent=100
        agent A queues=Q,V capacity=5 statuses=All centers=CC
        agent B queues=V capacity=5 statuses=All
        login A All at 09:00:00
        login B All at 09:00:10
        case  1 Q at 11:00:00
        call  2 V center=CC at 12:00:00
        expect why 2 NobodyFree before-0 A:HasPrimaryWork B:NotMapped
        expect why-not A holds 1:2 waits 2:HasPrimaryWork
    ",
    );
}

#[test]
fn a_queue_counts_what_waits_by_reason() {
    check(
        "
        common
        agent A queues=Q capacity=2 statuses=Online,Busy decline
        queue  Q2 weight=2
        case   1 Q at 12:00:00
        case   2 Q at 12:00:01
        expect reasons Q NobodyOnline:2 | reasons Q2
        owner  9 Q2 at 12:00:02
        expect reasons Q2 NobodyQualified:1
        login  A Online at 12:01:00
        expect offered 1 A | reasons Q NobodyFree:1
        decline 1 A at 12:02:00
        expect offered 2 A | reasons Q NobodyFree:1
        decline 2 A at 12:03:00
        expect reasons Q OnlyDecliner:2
        status A Busy at 12:04:00
        expect reasons Q NobodyOnline:2
        restart
        expect reasons Q NobodyOnline:2
    ",
    );
}

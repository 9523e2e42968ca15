//! Status-based work that comes by hand or comes back (R92 to R96), and configuration that changes under
//! waiting and open work (R37).

use crate::check;

const SETTING: &str = "
    channel Case status-based Waiting=paused Done=completed
    channel Lead
    status  Online Case Lead
    status  Busy
    queue   Q priority=3 weight=2 paused=1
    agent   A queues=Q capacity=6 statuses=Online,Busy
    agent   B queues=Q capacity=6 statuses=Online,Busy
    login   A Online at 09:00:00
";

#[test]
fn r93_a_status_without_meaning_keeps_capacity_and_case_does_not_matter() {
    check(&format!(
        "{SETTING}
        case   1 Q at 12:00:00
        accept 1 A at 12:00:01
        set    1 Anything at 12:00:02
        expect used A 2 of 6
        set    1 wAiTiNg at 12:00:03
        expect used A 1 of 6
        set    1 Waiting at 12:00:04
        expect used A 1 of 6
        set    1 DONE at 12:00:05
        expect used A 0 of 6 | work 1 A Closed
    "
    ));
}

#[test]
fn r93_tab_based_work_does_not_listen_to_the_status() {
    check(&format!(
        "{SETTING}
        channel Lead Done=completed
        lead   1 Q at 12:00:00
        accept 1 A at 12:00:01
        set    1 Done at 12:00:02
        expect work 1 A Opened | used A 2 of 6
        close  1 A at 12:00:03
        set    1 New at 12:00:04
        expect works 1 A:Closed | used A 0 of 6
    "
    ));
}

#[test]
fn r95_only_what_was_closed_comes_back() {
    check(&format!(
        "{SETTING}
        agent  A queues=Q capacity=6 statuses=Online,Busy decline
        case   1 Q at 12:00:00
        decline 1 A at 12:00:01
        owner  1 A at 12:00:02
        expect works 1 A:Declined A:Assigned
        accept 1 A at 12:00:03
        set    1 Done at 12:00:04
        set    1 Done at 12:00:05
        expect used A 0 of 6
        set    1 New at 12:00:06
        expect works 1 A:Declined A:Closed A:Assigned | used A 2 of 6
        set    1 Other at 12:00:07
        expect works 1 A:Declined A:Closed A:Assigned | used A 2 of 6
    "
    ));
}

#[test]
fn r95_what_comes_back_waits_for_its_agent_with_the_cost_it_had() {
    check(&format!(
        "{SETTING}
        channel Case status-based check-status Waiting=paused Done=completed
        case   1 Q at 12:00:00
        accept 1 A at 12:00:01
        set    1 Done at 12:00:02
        agent  A queues=Q capacity=1 statuses=Online,Busy
        set    1 New at 12:00:03
        expect psr 1 pushed=no OwnerId=A PreferredUserId=A IsPreferredUserRequired=true
        expect psr 1 RoutingType=SkillsBased RoutingModel=MostAvailable RoutingPriority=3
        expect psr 1 CapacityWeight=2 PausedCapacityWeight=1 IsStatusChangeInitiated=true IsOwnerChangeInitiated=false
        set    1 Other at 12:00:04
        expect works 1 A:Closed | waits 1
        agent  A queues=Q capacity=2 statuses=Online,Busy
        expect offered 1 A | used A 2 of 2
    "
    ));
}

#[test]
fn r95_percentages_and_the_pool_come_back_too() {
    check(&format!(
        "{SETTING}
        queue  P model=LeastActive priority=2 percent=50 paused-percent=10 interruptible
        members P A
        channel Case status-based check-owner Waiting=paused Done=completed
        case   1 P at 12:00:00
        expect interruptible A 3 of 6
        accept 1 A at 12:00:01
        owner  1 B at 12:00:02
        expect works 1 A:Transferred
        expect psr 1 pushed=no OwnerId=B RoutingModel=LeastActive RoutingPriority=2 CapacityWeight=null
        expect psr 1 CapacityPercentage=50 PausedCapacityPercentage=10 IsInterruptible=true
        expect psr 1 IsOwnerChangeInitiated=true IsStatusChangeInitiated=false
        login  B Online at 12:00:03
        expect offered 1 B | interruptible B 3 of 6 | used B 0 of 6
    "
    ));
}

#[test]
fn r94_nothing_is_given_to_who_has_it_or_when_it_is_done_or_to_the_inactive() {
    check(&format!(
        "{SETTING}
        agent  C queues=Q capacity=6 statuses=Online inactive
        case   1 Q at 12:00:00
        accept 1 A at 12:00:01
        owner  1 A at 12:00:02
        expect works 1 A:Opened
        set    1 Done at 12:00:03
        owner  1 A at 12:00:04
        expect works 1 A:Closed
        case   2 Q at 12:01:00
        accept 2 A at 12:01:01
        owner  2 C at 12:01:02
        expect psr 2 none
        lead   3 Q at 12:02:00
        accept 3 A at 12:02:01
        login  B Online at 12:02:02
        owner  3 B at 12:02:03
        expect psr 3 none
    "
    ));
}

#[test]
fn r37_a_channel_of_another_kind_counts_for_what_waits() {
    // R72: nobody is asked twice for a chat
    check(
        "
        channel Case
        status  Online Case
        queue   Q weight=2
        agent   A queues=Q capacity=6 statuses=Online decline
        agent   B queues=Q capacity=6 statuses=Online decline
        login   A Online at 09:00:00
        login   B Online at 09:00:01
        case    1 Q at 12:00:00
        channel Case chat
        decline 1 A at 12:00:01
        decline 1 B at 12:00:02
        expect  works 1 A:Declined B:Declined | psr 1 none
    ",
    );
}

#[test]
fn r52_a_status_that_serves_another_channel_moves_its_agents() {
    check(
        "
        common
        login  A Online at 09:00:00
        status Online Lead
        case   1 Q at 12:00:00
        expect waits 1
        status Online Lead Case
        agent  B queues=Q capacity=6 statuses=Online,Busy
        expect offered 1 A
        status Online Lead Case away
        case   2 Q at 12:00:01
        expect waits 2
        expect why 2 NobodyOnline before-0 A:Busy B:Offline C:Offline
    ",
    );
}

#[test]
fn r55_members_come_and_go() {
    check(
        "
        common
        login  A Online at 09:00:00
        login  B Online at 09:00:10
        members Q B A B
        case   1 Q at 12:00:00
        expect offered 1 A
        members Q B
        case   2 Q at 12:00:01
        case   3 Q at 12:00:02
        case   4 Q at 12:00:03
        expect offered 2 B | offered 3 B | offered 4 B
        case   5 Q at 12:00:04
        expect waits 5 | stats Q online=1
        members Q
        expect stats Q online=0
        members Q C A
        expect offered 5 A
    ",
    );
}

#[test]
fn r204_a_new_owner_by_hand_is_the_owner_though_a_participant_leaves_with_the_first() {
    check(&format!(
        "{SETTING}
        agent  C capacity=6 statuses=Online
        case   1 Q at 12:00:00
        accept 1 A at 12:00:01
        login  B Online at 12:00:02
        login  C Online at 12:00:03
        join   1 A B at 12:00:04
        accept 1 B at 12:00:05
        owner  1 C at 12:00:06
        expect case 1 owner=C | works 1 A:Transferred B:Transferred C:Assigned
    "
    ));
}

//! Skills-based and direct requests, their dates and priorities, and drop timers.

use crate::check;

#[test]
fn t7_secondary_priority_is_that_of_the_creation() {
    // R5, R29, R30
    check(
        "
        common
        queue  S priority=1 weight=2
        agent  A queues=S capacity=2 statuses=Online
        case N S secondary=1 at 12:00:00
        case E S secondary=0 at 12:00:30
        case M S secondary=1 at 12:00:40
        set  M Escalated     at 12:00:50
        login A Online at 12:01:00
        expect offered E A
        accept E A at 12:01:01
        close  E A at 12:01:02
        expect offered N A
        accept N A at 12:01:03
        close  N A at 12:01:04
        expect offered M A
    ",
    );
}

#[test]
fn secondary_priority_counts_only_if_the_org_uses_it() {
    // R29
    check(
        "
        common
        settings no-secondary
        agent  A queues=Q capacity=2 statuses=Online
        case N Q secondary=1 at 12:00:00
        case E Q secondary=0 at 12:00:30
        login A Online at 12:01:00
        expect offered N A | waits E
    ",
    );
}

#[test]
fn t8_the_earlier_target_is_first_and_no_target_is_last() {
    // R15, R29
    check(
        "
        common
        agent A capacity=1 statuses=Online
        insert-psr Z ready weight=1 priority=1 at 11:00:00
        insert-psr X ready weight=1 priority=1 target=13:00:00 at 12:00:00
        insert-psr Y ready weight=1 priority=1 target=12:10:00 at 12:05:00
        login A Online at 12:06:00
        expect offered Y A | waits X | waits Z
        accept Y A at 12:06:01
        close  Y A at 12:06:02
        expect offered X A
        accept X A at 12:06:03
        close  X A at 12:06:04
        expect offered Z A
    ",
    );
}

#[test]
fn t9_a_custom_request_date_is_the_age() {
    // R29, R131
    check(
        "
        common
        agent A capacity=1 statuses=Online
        insert-psr P2 ready weight=1 at 12:00:00
        insert-psr P  ready weight=1 custom=11:00:00 at 12:10:00
        login A Online at 12:11:00
        expect offered P A | waits P2 | work P A Assigned RequestDateTime=11:00:00
        accept P A at 12:11:00
        expect work P A Opened SpeedToAnswer=4260
    ",
    );
}

#[test]
fn a_scheduled_request_stays_out_until_its_time() {
    // R34
    check(
        "
        common
        agent A capacity=1 statuses=Online
        login A Online at 09:00:00
        insert-psr P ready weight=1 scheduled=12:30:00 at 12:00:00
        wait at 12:29:59
        expect waits P
        restart
        wait at 12:30:00
        expect offered P A
    ",
    );
}

const LINGUISTS: &str = "
    common
    agent A capacity=6 statuses=Online
    agent B capacity=6 statuses=Online
    agent C capacity=6 statuses=Online
    login A Online at 09:00:00
    login B Online at 09:00:10
    login C Online at 09:00:20
";

#[test]
fn t16_every_skill_must_be_met_in_level_and_in_time() {
    // R56, R90, R103
    check(&format!(
        "{LINGUISTS}
        skills A French=7 Hardware=2
        skills B French=5 Hardware=3
        skills C French=9 Hardware=9..2025-06-19
        insert-psr 1 weight=2 at 12:00:00
        require 1 French=5 at 12:00:00
        require 1 Hardware=3 at 12:00:00
        edit-psr 1 IsReadyForRouting=true at 12:00:01
        expect offered 1 B | skills 1 French Hardware
    "
    ));
}

#[test]
fn a_skill_counts_from_and_until_its_dates() {
    // R56, R37
    check(&format!(
        "{LINGUISTS}
        skills A French=7..2025-06-20
        insert-psr 1 weight=2 at 12:00:00
        require 1 French=8 at 12:00:00
        edit-psr 1 IsReadyForRouting=true at 12:00:01
        expect waits 1
        skills C French=8
        expect offered 1 C
    "
    ));
}

const GROUPS: &str = "
    skills A English=5 Issue=1
    insert-psr 1 weight=2 drop=30 at 12:00:00
    require 1 English=5 at 12:00:00
    require 1 Issue=0 additional=0 at 12:00:00
    require 1 Product=0 additional=1 at 12:00:00
    require 1 Location=0 additional=2 at 12:00:00
    edit-psr 1 IsReadyForRouting=true at 12:00:00
";

#[test]
fn t17_additional_skills_are_dropped_one_group_at_a_time() {
    // R57, R58, R61, R103
    check(&format!(
        "{LINGUISTS} {GROUPS}
        wait at 12:00:59
        expect waits 1
        restart
        wait at 12:01:00
        expect offered 1 A | skills 1 English Issue Product-dropped Location-dropped
    "
    ));
}

#[test]
fn t18_groups_whose_time_is_past_are_dropped_at_once() {
    // R59
    check(&format!(
        "{LINGUISTS}
        skills A English=5
        insert-psr 1 weight=2 drop=30 custom=11:50:00 at 12:00:00
        require 1 English=5 at 12:00:00
        require 1 Issue=0 additional=0 at 12:00:00
        require 1 Product=0 additional=1 at 12:00:00
        require 1 Location=0 additional=2 at 12:00:00
        edit-psr 1 IsReadyForRouting=true at 12:00:00
        expect offered 1 A
    "
    ));
}

#[test]
fn without_a_drop_timeout_nothing_is_dropped() {
    // R60
    check(&format!(
        "{LINGUISTS}
        skills A English=5
        insert-psr 1 weight=2 at 12:00:00
        require 1 English=5 at 12:00:00
        require 1 Issue=0 additional=0 at 12:00:00
        edit-psr 1 IsReadyForRouting=true at 12:00:00
        wait at 20:00:00
        expect waits 1
    "
    ));
}

#[test]
fn t19_a_request_waits_for_its_flag_and_is_then_closed_to_clients() {
    // R11, R12, R13
    check(&format!(
        "{LINGUISTS}
        skills A French=7
        insert-psr 1 weight=2 at 12:00:00
        require 1 French=5 at 12:00:00
        wait at 12:01:00
        expect waits 1
        edit-psr 1 IsReadyForRouting=true at 12:01:00
        expect offered 1 A | psr 1 serial=3
        refused INVALID_OPERATION edit-psr 1 RoutingPriority=1 at 12:01:01
        refused INVALID_OPERATION require 1 German=5 at 12:01:01
        refused DUPLICATE_VALUE insert-psr 1 at 12:01:02
        delete-psr 1 at 12:01:03
        expect works 1 A:Canceled | psr 1 none
    "
    ));
}

#[test]
fn skills_can_be_switched_off() {
    // R18
    check(
        "
        common
        settings no-skills
        refused INVALID_OPERATION insert-psr 1 ready at 12:00:00
    ",
    );
}

#[test]
fn skills_based_work_stays_with_the_decliner() {
    // R116
    check(&format!(
        "{LINGUISTS}
        agent A capacity=6 statuses=Online decline
        insert-psr 1 ready weight=2 at 12:00:00
        expect offered 1 A
        decline 1 A at 12:00:05
        expect works 1 A:Declined B:Assigned | case 1 owner=B
    "
    ));
}

#[test]
fn skills_based_rules_of_a_queue_ignore_its_members() {
    // R16, R17
    check(&format!(
        "{LINGUISTS}
        queue  R weight=2 attribute-based
        skills B German=5
        case   1 R skill:German=5 at 12:00:00
        expect offered 1 B | psr 1 RoutingType=SkillsBased QueueId=R
    "
    ));
}

#[test]
fn t23_a_chat_is_offered_once_to_each_and_then_canceled() {
    // R72
    check(
        "
        common
        channel Chat chat
        status  Chatting Chat
        queue   L weight=2
        agent A queues=L capacity=6 statuses=Chatting decline
        agent B queues=L capacity=6 statuses=Chatting decline
        agent C queues=L capacity=6 statuses=Chatting decline
        login A Chatting at 09:00:00
        login B Chatting at 09:00:10
        chat  1 L at 12:00:00
        decline 1 A at 12:00:05
        decline 1 B at 12:00:10
        expect works 1 A:Declined B:Declined | psr 1 none
    ",
    );
}

#[test]
fn t32_a_required_agent_is_waited_for() {
    // R25, R26
    check(&format!(
        "{LINGUISTS}
        logout B at 11:00:00
        insert-psr 1 ready weight=2 user=B required timeout=10 at 12:00:00
        wait at 12:10:00
        expect waits 1
        login B Online at 12:10:00
        expect work 1 B Assigned PushTimeout=0
        wait at 12:20:00
        expect offered 1 B
    "
    ));
}

#[test]
fn t33_a_preferred_agent_needs_no_skill_and_is_not_waited_for() {
    // R23, R24
    check(&format!(
        "{LINGUISTS}
        skills A Spanish=5
        insert-psr 1 weight=2 user=B at 12:00:00
        require 1 Spanish=1 at 12:00:00
        edit-psr 1 IsReadyForRouting=true at 12:00:01
        expect offered 1 B
        logout B at 12:01:00
        insert-psr 2 weight=2 user=B at 12:02:00
        require 2 Spanish=1 at 12:02:00
        edit-psr 2 IsReadyForRouting=true at 12:02:01
        expect offered 2 A
    "
    ));
}

#[test]
fn a_required_agent_who_declined_gets_it_again_in_the_next_session() {
    // R74, R71
    check(&format!(
        "{LINGUISTS}
        agent A capacity=6 statuses=Online decline
        insert-psr 1 ready weight=2 user=A required at 12:00:00
        decline 1 A at 12:00:05
        expect works 1 A:Declined | waits 1
        logout A at 12:01:00
        login A Online at 12:02:00
        expect works 1 A:Declined A:Assigned
    "
    ));
}

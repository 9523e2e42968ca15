//! Groups of agents by skills: kept while somebody asks, kept longer where they are large, and always
//! with the agents who meet them today (the audit after each line looks at that).

use crate::check;

/// So many agents who speak French, all logged in with room for one item.
fn speakers(count: u32) -> String {
    let each = |n: u32| {
        format!(
            "agent S{n} capacity=2 statuses=Online\nskills S{n} French=5 German={}\nlogin S{n} Online at 09:00:00\n",
            n % 3
        )
    };
    (0..count).map(each).collect()
}

#[test]
fn a_large_group_is_kept_for_its_next_request() {
    // R56
    check(&format!(
        "
        common
        {}
        insert-psr 1 weight=3 at 10:00:00
        require 1 French=5 at 10:00:00
        edit-psr 1 IsReadyForRouting=true at 10:00:01
        expect asked all French=1
        delete-psr 1 at 10:00:02
        expect asked all
        skills S0 German=5
        agent  T capacity=9 statuses=Online
        skills T French=6
        login  T Online at 10:00:03
        insert-psr 2 weight=3 at 10:00:04
        require 2 French=5 at 10:00:04
        edit-psr 2 IsReadyForRouting=true at 10:00:05
        expect offered 2 T
        accept 2 T at 10:00:06
        insert-psr 3 weight=9 at 10:00:07
        require 3 French=1 at 10:00:07
        edit-psr 3 IsReadyForRouting=true at 10:00:08
        delete-psr 3 at 10:00:09
        insert-psr 4 weight=9 at 10:00:10
        require 4 German=1 at 10:00:10
        edit-psr 4 IsReadyForRouting=true at 10:00:11
        delete-psr 4 at 10:00:12
        insert-psr 5 weight=9 at 10:00:13
        require 5 French=1 at 10:00:13
        edit-psr 5 IsReadyForRouting=true at 10:00:14
        restart
        expect waits 5
    ",
        speakers(70)
    ));
}

#[test]
fn groups_that_nobody_asks_for_do_not_pile_up() {
    // Each level makes a group of all speakers; only so many are kept, the oldest go.
    let ask = |level: u32| {
        format!(
            "insert-psr {level} weight=9 at 10:00:00\nrequire {level} French=0.{level} at 10:00:00\n\
             edit-psr {level} IsReadyForRouting=true at 10:00:00\ndelete-psr {level} at 10:00:00\n"
        )
    };
    let asked: String = (10..32).map(ask).collect();
    check(&format!(
        "
        common
        {}
        {asked}
        insert-psr 1 weight=2 at 11:00:00
        require 1 French=0.10 at 11:00:00
        edit-psr 1 IsReadyForRouting=true at 11:00:01
        expect offered 1 S0
    ",
        speakers(34)
    ));
}

#[test]
fn a_skill_counts_to_the_end_of_its_last_day() {
    // R56
    check(
        "
        common
        agent  A capacity=6 statuses=Online
        agent  B capacity=6 statuses=Online
        skills A French=5..2025-06-20
        skills B French=5..2025-06-19
        login  A Online at 09:00:00
        login  B Online at 09:00:00
        insert-psr 1 weight=2 at 23:59:58
        require 1 French=5 at 23:59:58
        insert-psr 2 weight=2 at 23:59:58
        require 2 French=5 at 23:59:58
        edit-psr 1 IsReadyForRouting=true at 23:59:59
        expect offered 1 A
        wait   at 23:59:59.500
        edit-psr 2 IsReadyForRouting=true at 23:59:59.500
        expect waits 2
        restart
        expect waits 2
    ",
    );
}

#[test]
fn the_highest_level_of_a_skill_asked_twice_counts() {
    // R56, R187
    check(
        "
        common
        agent  A capacity=6 statuses=Online
        agent  B capacity=6 statuses=Online
        skills A French=5
        skills B French=9
        login  A Online at 09:00:00
        login  B Online at 09:00:10
        insert-psr 1 weight=2 at 12:00:00
        require 1 French=3 at 12:00:00
        require 1 French=7 at 12:00:00
        edit-psr 1 IsReadyForRouting=true at 12:00:01
        expect offered 1 B
        insert-psr 2 weight=2 at 12:00:02
        require 2 French=7 at 12:00:02
        require 2 French=3 at 12:00:02
        edit-psr 2 IsReadyForRouting=true at 12:00:03
        expect offered 2 B
    ",
    );
}

#[test]
fn skills_without_priority_go_first_then_the_highest_number() {
    // R57, R58
    check(
        "
        common
        case  1 Q at 11:59:00
        queue D drop=10 weight=2 attribute-based
        insert-psr 2 weight=2 drop=10 at 12:00:00
        require 2 Base=1 at 12:00:00
        require 2 One=1 additional=1 at 12:00:00
        require 2 Two=1 additional=2 at 12:00:00
        require 2 Also=1 additional=2 at 12:00:00
        edit-psr 2 IsReadyForRouting=true at 12:00:00
        expect skills-of 2 Base One Two Also
        wait   at 12:00:10
        expect skills-of 2 Base One Two-dropped Also-dropped
        restart
        expect skills-of 2 Base One Two-dropped Also-dropped
        wait   at 12:00:20
        expect skills-of 2 Base One-dropped Two-dropped Also-dropped
        wait   at 12:01:00
        expect skills-of 2 Base One-dropped Two-dropped Also-dropped
        agent  A capacity=6 statuses=Online
        skills A Base=1
        login  A Online at 12:01:01
        expect offered 2 A
    ",
    );
}

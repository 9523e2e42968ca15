//! What the supervisor desk may ask (R178 to R191): lines, figures, progress of open work. The claims for it,
//! and the scenarios.

use model::RecordId;
use routing::PendingServiceRouting;

use crate::check;
use crate::language::Script;
use crate::words::Words;

impl Script {
    /// `in-line Q 2 1 limit=2`, `stats Q waiting=2 online=1`, `progress 1 A paused=yes` and the like; `all`
    /// where no queue is meant.
    pub fn show_desk(&mut self, words: &Words) -> Vec<String> {
        let name = words.plain.get(1).copied().unwrap_or_default();
        let limit = words.int("limit").map(|limit| limit as usize);
        let queue = (name != "all").then(|| self.id("00G", name));
        match words.plain[0] {
            "in-line" => {
                let rows = self.world.state.in_line(queue, limit.unwrap_or(99));
                self.items_of(&rows, limit)
            }
            "held" => {
                let rows = self.world.state.held(queue, limit.unwrap_or(99));
                self.items_of(&rows, limit)
            }
            "active" => {
                let works = self.world.state.active_works().into_iter();
                let each = works
                    .map(|w| format!("{}:{}", self.name_of(w.work_item), self.name_of(w.user)));
                each.collect()
            }
            "stats" => self.show_stats(name, words),
            "progress" => self.show_progress(words),
            "asked" => {
                let asked = self.world.state.waiting_by_skill();
                let each = asked.into_iter();
                each.map(|(skill, count)| format!("{}={count}", self.name_of(skill)))
                    .collect()
            }
            "skills-of" => {
                let item = self.item(name);
                let state = &self.world.state;
                let request = state.waiting(item).expect("a request").request.id;
                let skills = state.skills_of_request(request).into_iter();
                let each = skills.map(|(row, is_dropped)| {
                    let dropped = if is_dropped { "-dropped" } else { "" };
                    format!("{}{dropped}", self.name_of(row.skill))
                });
                each.collect()
            }
            "choice" => {
                let item = self.item(name);
                let why = self.world.state.explain_item(item).expect("a request");
                let winner = why
                    .winner
                    .map_or("nobody".to_owned(), |user| self.name_of(user));
                let round = if why.is_new_round {
                    "new-round"
                } else {
                    "same-round"
                };
                vec![winner, round.to_owned()]
            }
            "holds" => {
                let user = self.user(name);
                let why = self.world.state.explain_agent(user).expect("an agent");
                let holdings = why.holdings.iter();
                let each = holdings.map(|h| {
                    let pool = if h.is_interruptible {
                        "interruptible"
                    } else {
                        "primary"
                    };
                    let paused = if h.is_paused { ":paused" } else { "" };
                    format!(
                        "{}:{}:{pool}{paused}",
                        self.name_of(h.work_item),
                        h.status.as_str()
                    )
                });
                each.collect()
            }
            "told" => {
                // what the console of an agent heard since the last such claim
                let user = self.user(name);
                let signals = std::mem::take(&mut self.world.signals);
                let (his, others) = signals.into_iter().partition(|s| s.user == user);
                self.world.signals = others;
                let his: Vec<routing::Signal> = his;
                let word = |s: &routing::Signal| {
                    let text = format!("{:?}", s.kind);
                    let end = text.find(|c: char| !c.is_alphanumeric());
                    text[..end.unwrap_or(text.len())].to_owned()
                };
                his.iter().map(word).collect()
            }
            "remembers" => {
                let lines = self.world.state.snapshot();
                let words = lines.iter().filter_map(|line| line.split(' ').next());
                let mut words: Vec<String> = words.map(str::to_owned).collect();
                words.dedup();
                words
            }
            "last-assigned" => {
                let user = self.user(name);
                let at = self.world.state.last_assigned(user);
                vec![at.map_or("never".to_owned(), |at| at.to_rest()[11..19].to_owned())]
            }
            other => panic!("what is {other}?"),
        }
    }

    fn items_of(&self, rows: &[&PendingServiceRouting], limit: Option<usize>) -> Vec<String> {
        let mut shown: Vec<String> = rows.iter().map(|row| self.name_of(row.work_item)).collect();
        shown.extend(limit.map(|limit| format!("limit={limit}")));
        shown
    }

    fn show_stats(&mut self, queue: &str, words: &Words) -> Vec<String> {
        let queue = self.id("00G", queue);
        let stats = self.world.state.queue_stats(queue);
        let now = self.world.now;
        let each = words.pairs.iter().map(|(key, _)| {
            let value = match *key {
                "waiting" => stats.waiting.to_string(),
                "first" => stats
                    .first_since
                    .map_or("null".to_owned(), |at| at.to_rest()[11..19].to_owned()),
                "online" => stats.online.to_string(),
                "pending" => self.world.state.pending().to_string(),
                "in-hour" => self.world.state.queued_in_hour(now).to_string(),
                channel => {
                    let id = self.names.get(&("0N9".to_owned(), channel.to_owned()));
                    let id: RecordId = *id.expect("a channel");
                    self.world.state.online_for(queue, id).to_string()
                }
            };
            format!("{key}={value}")
        });
        each.collect()
    }

    fn show_progress(&mut self, words: &Words) -> Vec<String> {
        let (item, user) = (self.item(words.plain[1]), self.user(words.plain[2]));
        let works = self.world.state.works_of_item(item);
        let work = works.iter().find(|w| w.user == user).expect("active work");
        let progress = self.world.state.progress(work.id);
        let yes = |b: bool| if b { "yes" } else { "no" }.to_owned();
        let time = |at: Option<model::Millis>| {
            at.map_or("null".to_owned(), |at| at.to_rest()[11..19].to_owned())
        };
        let each = words.pairs.iter().map(|(key, _)| {
            let value = match *key {
                "paused" => yes(progress.is_paused),
                "ended" => time(progress.conversation_ended),
                "until" => time(progress.after_work_until),
                "participant" => yes(progress.is_participant),
                other => panic!("what is {other}?"),
            };
            format!("{key}={value}")
        });
        std::iter::once(words.plain[2].to_owned())
            .chain(each)
            .collect()
    }
}

#[test]
fn lines_are_in_the_order_of_r29_and_show_each_item_once() {
    check(
        "
        common
        queue VIP model=MostAvailable priority=0 weight=2
        agent D queues=VIP capacity=2 statuses=Online
        lead  5 Q at 11:00:00
        case  1 Q at 12:00:00
        case  2 Q at 12:00:01
        case  3 VIP at 12:00:02
        case  4 Q at 12:00:03
        route 4 user=A fallback=Q at 12:00:04
        expect in-line all 3 5 1 2 4
        expect in-line all 3 5 limit=2
        expect in-line Q 5 1 2 4
        expect in-line Q 5 1 limit=2
        expect in-line VIP 3
        expect in-line Elsewhere
        expect stats Q waiting=4 first=11:00:00 online=0 pending=5
        expect stats VIP waiting=1 first=12:00:02 online=0
        login A Online at 12:00:05
        expect active all 5:A 1:A 2:A
        expect in-line Q 4
        expect stats Q waiting=1 first=12:00:04 online=1 Case=1 Lead=1 pending=5
        expect stats VIP waiting=1 online=0 Case=0
        expect stats Elsewhere waiting=0 first=null online=0 Case=0
        status A Busy at 12:00:06
        expect stats Q online=0 Case=0
        expect last-assigned A 12:00:05
        expect last-assigned B never
    ",
    );
}

#[test]
fn what_is_held_back_is_neither_in_line_nor_offered() {
    // R12, R25, R47
    check(
        "
        common
        insert-psr 1 weight=2 at 12:00:00
        insert-psr 2 weight=2 ready scheduled=13:00:00 at 12:00:00
        insert-psr 3 weight=2 ready user=B required at 12:00:00
        case  4 Q at 12:00:01
        expect held all 1 2
        expect held all 1 limit=1
        expect held Q
        expect in-line all 4 3
        login A Online at 12:00:02
        expect held all 1 2
        wait  at 13:00:00
        expect held all 1
    ",
    );
}

#[test]
fn a_router_outside_holds_the_items_of_its_queue() {
    // R170
    check(
        "
        common
        queue X model=ExternalRouting priority=1 weight=2
        case  1 X at 12:00:00
        case  2 Q at 12:00:00
        expect held X 1
        expect held all 1
        expect held Q
        expect why 1 External
    ",
    );
}

#[test]
fn skills_that_are_waited_for_are_counted() {
    // R57
    check(
        "
        common
        agent A capacity=6 statuses=Online
        skills A French=5 German=5 Product=5
        insert-psr 1 weight=2 drop=30 at 12:00:00
        require 1 French=5 at 12:00:00
        require 1 Product=5 additional=1 at 12:00:00
        insert-psr 2 weight=2 at 12:00:00
        require 2 German=5 at 12:00:00
        expect asked all
        edit-psr 1 IsReadyForRouting=true at 12:00:01
        expect asked all French=1 Product=1
        edit-psr 2 IsReadyForRouting=true at 12:00:02
        expect asked all French=1 German=1 Product=1
        expect skills-of 1 French Product
        wait at 12:00:31
        expect skills-of 1 French Product-dropped
        expect asked all French=1 German=1
    ",
    );
}

#[test]
fn items_of_the_last_hour_are_counted_while_there_is_a_limit() {
    // R161
    check(
        "
        common
        case  1 Q at 10:00:00
        expect stats Q in-hour=0
        settings hourly-max=3
        case  2 Q at 12:00:00
        case  3 Q at 12:30:00
        expect stats Q in-hour=2
        wait  at 12:59:59
        expect stats Q in-hour=2
        wait  at 13:00:00
        expect stats Q in-hour=1
        case  4 Q at 13:00:00
        case  5 Q at 13:00:01
        refused LIMIT_EXCEEDED case 6 Q at 13:29:59
        restart
        refused LIMIT_EXCEEDED case 6 Q at 13:29:59
        case  6 Q at 13:30:00
        expect stats Q in-hour=3
    ",
    );
}

#[test]
fn progress_of_open_work_is_told() {
    // R102, R120, R123, R150
    check(
        "
        common
        channel Case status-based Waiting=paused after-work=30
        login A Online at 09:00:00
        login B Online at 09:00:01
        case  1 Q at 12:00:00
        accept 1 A at 12:00:01
        expect progress 1 A paused=no ended=null until=null participant=no
        set   1 Waiting at 12:00:02
        expect progress 1 A paused=yes ended=null
        set   1 New at 12:00:03
        expect progress 1 A paused=no
        join  1 A B at 12:00:04
        expect progress 1 B participant=yes
        end   1 at 12:00:05
        expect progress 1 A ended=12:00:05 until=12:00:35
        end   1 at 12:00:09
        expect progress 1 A ended=12:00:05 until=12:00:35 participant=no
        wait  at 12:00:35
        expect work 1 A Closed
    ",
    );
}

#[test]
fn consoles_hear_of_what_changes_on_their_work() {
    // R142
    check(
        "
        common
        channel Case status-based Waiting=paused after-work=60 extension=30 extensions=2
        agent  A queues=Q capacity=6 statuses=Online,Busy decline
        login  A Online at 09:00:00
        expect told A StatusChanged
        case   1 Q at 12:00:00
        expect told A WorkAssigned WorkloadChanged
        accept 1 A at 12:00:01
        expect told A WorkAccepted
        set    1 Waiting at 12:00:02
        expect told A WorkChanged WorkloadChanged
        set    1 Waiting at 12:00:03
        expect told A
        set    1 New at 12:00:04
        expect told A WorkChanged WorkloadChanged
        end    1 at 12:00:05
        expect told A WorkChanged
        extend 1 A at 12:00:06
        expect told A WorkChanged
        close  1 A at 12:00:07
        expect told A WorkGone WorkloadChanged
        case   2 Q at 12:01:00
        expect told A WorkAssigned WorkloadChanged
        decline 2 A at 12:01:01
        expect told A WorkGone WorkloadChanged
        status A Busy at 12:02:00
        expect told A StatusChanged
        logout A at 12:03:00
        expect told A LoggedOut
        expect told B
    ",
    );
}

#[test]
fn a_snapshot_has_all_that_counts() {
    // the law rebuild(rows) == memory compares snapshots: what is not in them is not kept by it
    check(
        "
        settings hourly-max=9
        common
        queue  Q weight=2 timeout=60
        expect remembers all
        login  A Online at 09:00:00
        expect remembers all agent
        case   1 Q at 12:00:00
        expect remembers all agent intake request timer work
        accept 1 A at 12:00:01
        expect remembers all agent intake wait work
        logout A at 12:00:02
        expect remembers all intake wait
    ",
    );
}

//! What a seed has: each feature is switched on or off by the seed.

use crate::rng::Rng;

macro_rules! features {
    ($($(#[$doc:meta])* $name:ident $percent:literal,)*) => {
        /// Switches of one seed.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct Features { $($(#[$doc])* pub $name: bool,)* }

        impl Features {
            /// Of a seed.
            pub fn roll(rng: &mut Rng) -> Self {
                Self { $($name: rng.percent($percent),)* }
            }

            /// Their names, and whether they are on.
            pub fn list(&self) -> Vec<(&'static str, bool)> {
                vec![$((stringify!($name), self.$name),)*]
            }
        }
    };
}

features! {
    /// Leads beside cases.
    leads 50,
    /// Voice calls with contact centres (R62, R63, R99).
    calls 50,
    /// Chats, each session asked once (R72).
    chats 40,
    /// External routers (R164 to R175).
    external 40,
    /// Requests for skills with levels and dates (R11, R56 to R61).
    skills 50,
    /// Queues whose records ask for skills by their fields (R16, R17).
    skill_rules 40,
    /// Requests for one agent (R23 to R27).
    direct 60,
    /// Second priority by a field (R30).
    secondary 50,
    /// Target, custom and scheduled dates (R29, R34).
    dates 50,
    /// Primary and interruptible work (R100).
    pools 50,
    /// Overflow and limits of the org (R158 to R161).
    limits 40,
    /// Capacity by the status of the record (R92 to R96).
    status_based 40,
    /// Work goes from hand to hand (R40 to R46).
    transfers 50,
    /// Several agents at one item (R102, R203, R204).
    participants 30,
    /// After-conversation work (R150, R151).
    after_work 40,
    /// Supervisors (R179 to R184).
    supervisors 40,
    /// Statuses by permission set (R53).
    grants 40,
    /// Weightless work by the hundred (R104).
    crowds 10,
    /// Extensions: ageing, SLA-aware order, fair cap, offer pacing.
    options 50,
    /// Extensions: next status, withdrawal of offers.
    status_options 40,
    /// Administrators change the configuration all the time (R37).
    edits 60,
    /// The wall clock jumps back and forth by hours and days.
    clock_jumps 40,
}

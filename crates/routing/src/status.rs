//! AgentWork life cycle: which status may follow which (R105 to R129).
//!
//! One AgentWork row is one offer of one item to one agent. Units are in `capacity`, deadlines in
//! `timer`. Invariants: a final status never changes (R106); an Assigned row that came from a request
//! has that request with `is_pushed` true (R110).

use model::{Code, Refusal};

use crate::rows::Status;

/// What can happen to work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Accept,
    Decline,
    PushTimeout,
    AgentGone,
    Withdraw,
    Close,
    HandOn,
}

impl Status {
    /// The status after `event`, or a refusal that names the current status (R134).
    pub(crate) fn after(self, event: Event) -> Result<Status, Refusal> {
        use Event as E;
        use Status as S;
        Ok(match (self, event) {
            (S::Assigned, E::Accept) => S::Opened,     // R111
            (S::Assigned, E::Withdraw) => S::Canceled, // R112
            (S::Assigned, E::Decline) => S::Declined,  // R113
            (S::Assigned, E::PushTimeout) => S::DeclinedOnPushTimeout, // R114
            (S::Assigned, E::AgentGone) => S::Unavailable, // R115
            (S::Opened, E::Close | E::AgentGone | E::Withdraw) => S::Closed, // R118, R126, R129
            (S::Opened, E::HandOn) => S::Transferred,  // R124
            (S::Assigned, E::Close) => return Err(wrong_status(Code::WorkNotOpen, self)),
            (S::Assigned, E::HandOn) => S::Canceled, // R46: withdrawn here, offered elsewhere
            (S::Opened, E::Accept | E::Decline | E::PushTimeout) => {
                return Err(wrong_status(Code::WorkNotAssigned, self));
            }
            (
                S::Unavailable
                | S::Declined
                | S::Closed
                | S::DeclinedOnPushTimeout
                | S::Canceled
                | S::Transferred,
                E::Close | E::HandOn,
            ) => return Err(wrong_status(Code::WorkNotOpen, self)),
            (
                S::Unavailable
                | S::Declined
                | S::Closed
                | S::DeclinedOnPushTimeout
                | S::Canceled
                | S::Transferred,
                E::Accept | E::Decline | E::PushTimeout | E::AgentGone | E::Withdraw,
            ) => return Err(wrong_status(Code::WorkNotAssigned, self)),
        })
    }
}

/// The refusal of an action that came too late (R134): `code` is WORK_NOT_ASSIGNED or WORK_NOT_OPEN.
/// The engine uses it for rows that routing no longer holds because they are final.
pub fn wrong_status(code: Code, status: Status) -> Refusal {
    Refusal::new(code, format!("The work is {}", status.as_str()))
}

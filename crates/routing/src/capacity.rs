//! What work costs and whether it fits (R97 to R101).

use crate::api::Channel;
use crate::api::ChannelKind;
use crate::rows::{AgentWork, PendingServiceRouting};
use crate::units::Units;

/// The two pools of an agent; they are independent (R100).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Pool {
    Primary = 0,
    Interruptible = 1,
}

impl Pool {
    /// A call is primary work, whatever its request says (R63, R99).
    pub fn of(channel: &Channel, is_interruptible: bool) -> Self {
        match channel.kind {
            ChannelKind::Record | ChannelKind::Chat if is_interruptible => Self::Interruptible,
            ChannelKind::Record | ChannelKind::Chat | ChannelKind::Voice => Self::Primary,
        }
    }
}

/// What an item takes from an agent's pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cost {
    /// So many units; never negative, whatever a client sent.
    Weight(Units),
    /// So many per cent of what the agent has.
    Percent(Units),
    /// All primary units, of an agent who has none in use (voice: R63, R99).
    Whole,
}

impl Cost {
    pub fn of(channel: &Channel, weight: Option<Units>, percentage: Option<Units>) -> Self {
        match (channel.kind, weight, percentage) {
            (ChannelKind::Voice, _, _) => Self::Whole,
            (_, Some(weight), _) => Self::Weight(weight.max(Units::ZERO)),
            (_, None, Some(percentage)) => Self::Percent(percentage.max(Units::ZERO)),
            (_, None, None) => Self::Weight(Units::ZERO), // R173
        }
    }

    pub fn of_request(channel: &Channel, row: &PendingServiceRouting) -> Self {
        Self::of(channel, row.weight, row.percentage)
    }

    /// What open or offered work holds; `paused` work holds its paused share (R120).
    pub fn of_work(channel: &Channel, row: &AgentWork, paused: bool) -> Self {
        if paused {
            match (row.paused_weight, row.paused_percentage) {
                (Some(weight), _) => Self::Weight(weight.max(Units::ZERO)),
                (None, Some(percentage)) => Self::Percent(percentage.max(Units::ZERO)),
                (None, None) => Self::Weight(Units::ZERO),
            }
        } else {
            Self::of(channel, row.weight, row.percentage)
        }
    }

    /// In units of an agent with so many.
    pub fn units(self, configured: Units) -> Units {
        match self {
            Self::Weight(weight) => weight,
            Self::Percent(percentage) => Units::percent_of(percentage, configured),
            Self::Whole => configured,
        }
    }

    /// R98 and the edges of R99.
    pub fn fits(self, configured: Units, used: Units) -> bool {
        match self {
            Self::Whole => used == Units::ZERO && configured > Units::ZERO,
            Self::Weight(_) | Self::Percent(_) => {
                let cost = self.units(configured);
                cost == Units::ZERO || used + cost <= configured
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_of_r99() {
        let six = Units::whole(6);
        assert!(
            Cost::Weight(Units::ZERO).fits(Units::ZERO, six),
            "weight 0 always fits"
        );
        assert!(
            !Cost::Weight(Units::whole(7)).fits(six, Units::ZERO),
            "more than configured"
        );
        assert!(
            !Cost::Weight(Units(1)).fits(Units::ZERO, Units::ZERO),
            "configured 0"
        );
        assert!(Cost::Percent(Units::whole(100)).fits(six, Units::ZERO));
        assert!(
            !Cost::Whole.fits(six, Units(1)),
            "a call needs an empty primary pool"
        );
        assert!(Cost::Whole.fits(six, Units::ZERO));
    }
}

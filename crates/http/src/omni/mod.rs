//! The agent interface: an agent's own presence, work and event stream (rest-api.md 12).

pub mod events;
pub mod explain;
pub mod reads;
pub mod settings;
pub mod supervisor;
pub mod works;
pub mod writes;

use engine::{CapacityView, PresenceView, StatusView, WorkView};
use wire::omni::{Capacity, Status, Work};

fn work(view: &WorkView) -> Work<'_> {
    Work {
        work: view.work,
        work_item: view.work_item,
        work_item_type: &view.work_item_type,
        is_engaged: view.is_engaged,
        channel: view.channel,
        channel_developer_name: &view.channel_developer_name,
        queue: view.queue,
        queue_name: view.queue_name.as_deref(),
        requested_at: view.requested_at,
        assigned_at: view.assigned_at,
        accepted_at: view.accepted_at,
        push_timeout_s: view.push_timeout_s,
        capacity_weight: view.capacity_weight,
        capacity_percentage: view.capacity_percentage,
        is_interruptible: view.is_interruptible,
        is_flagged: view.is_flagged,
        flag_message: view.flag_message.as_deref(),
        is_paused: view.is_paused,
        conversation_ended_at: view.conversation_ended_at,
        after_work_ends_at: view.after_work_ends_at,
        returns_at: view.returns_at,
    }
}

fn capacity(view: &CapacityView) -> Capacity {
    Capacity {
        configured: view.configured,
        workload: view.workload,
        configured_interruptible: view.configured_interruptible,
        workload_interruptible: view.workload_interruptible,
    }
}

fn current_status(view: &PresenceView) -> Status<'_> {
    Status {
        id: view.status_id,
        name: &view.status_name,
        api_name: &view.status_api_name,
        channels: &view.channels,
    }
}

/// A presence, or that there is none.
fn presence(out: &mut Vec<u8>, view: Option<&PresenceView>) {
    wire::omni::presence(
        out,
        view.map(current_status),
        view.map(|v| v.since),
        view.and_then(|v| v.next.as_ref()).map(status),
    );
}

fn status(view: &StatusView) -> Status<'_> {
    Status {
        id: view.status_id,
        name: &view.status_name,
        api_name: &view.status_api_name,
        channels: &view.channels,
    }
}

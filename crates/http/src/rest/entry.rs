//! Versions, resources, limits (rest-api.md 4).

use wire::oauth::identity_url;
use wire::rest::entry::{self, Limit};

use crate::answer::{Answer, Outcome};
use crate::call::Call;

/// What is served below a version; the identity comes on top.
const RESOURCES: &[&str] = &[
    "composite",
    "jobs",
    "limits",
    "query",
    "queryAll",
    "recent",
    "search",
    "sobjects",
    "tooling",
];

/// GET /services/data.
pub async fn versions(call: Call) -> Outcome {
    let mut body = Vec::with_capacity(4_096);
    entry::versions(&mut body);
    call.answer(body)
}

/// GET /services/data/vNN.0.
pub async fn resources(call: Call) -> Outcome {
    let session = call.session()?;
    let identity = identity_url(&call.instance_url, session.org.id(), session.caller.user);
    let mut body = Vec::with_capacity(1_024);
    entry::resources(&mut body, call.version, RESOURCES, &identity);
    Ok(Answer::json(body))
}

/// GET /limits.
pub async fn limits(call: Call) -> Outcome {
    let org = call.session()?.org.id();
    let max = i64::try_from(call.porch.daily_limit(org).0).unwrap_or(i64::MAX);
    let used = i64::try_from(call.porch.limits.used(org)).unwrap_or(i64::MAX);
    let whole = |name, max| Limit {
        name,
        max,
        remaining: max,
    };
    let all = [
        Limit {
            name: "DailyApiRequests",
            max,
            remaining: (max - used).max(0),
        },
        whole("DailyBulkApiBatches", 15_000),
        whole("DailyBulkV2QueryFileStorageMB", 976_562),
        whole("DailyBulkV2QueryJobs", 10_000),
        whole("DailyDurableStreamingApiEvents", 1_000_000),
        whole("DailyStreamingApiEvents", 1_000_000),
        whole("DataStorageMB", 1_048_576),
        whole("DurableStreamingApiConcurrentClients", 2_000),
        whole("FileStorageMB", 1_048_576),
        whole("HourlyPublishedPlatformEvents", 250_000),
        whole("SingleEmail", 0),
        whole("StreamingApiConcurrentClients", 2_000),
    ];
    let mut body = Vec::with_capacity(1_024);
    entry::limits(&mut body, &all);
    call.answer(body)
}

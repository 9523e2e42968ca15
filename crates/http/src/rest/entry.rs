//! Versions, resources, limits (rest-api.md 4).

use model::{Code, Refusal};
use node::Used;
use serde_json::json;
use wire::oauth::identity_url;
use wire::rest::entry::{self, Limit};

use crate::answer::{Answer, Outcome};
use crate::call::Call;
use crate::reads;

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

/// Objects that one call may count.
const COUNTED_MAX: usize = 100;

/// GET /limits/recordCount?sObjects=A,B: rows of these objects that the caller sees; objects that it does not see are
/// left out.
pub async fn record_count(call: Call) -> Outcome {
    let session = call.session()?;
    let form = call.query();
    let names: Vec<&str> = form
        .filled("sObjects")
        .unwrap_or("")
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    if names.is_empty() || names.len() > COUNTED_MAX {
        let message = format!("sObjects must name 1 to {COUNTED_MAX} objects");
        return Err(Refusal::new(Code::InvalidInput, message).into());
    }
    let catalogue = session.org.catalogue();
    let mut counts = Vec::with_capacity(names.len());
    for name in names {
        let Some((_, def)) = catalogue.find(name) else {
            continue;
        };
        let Ok(plan) = reads::plan(session, &format!("SELECT COUNT() FROM {}", def.name), false)
        else {
            continue;
        };
        let found = session.org.query(session.caller.user, plan, 1).await?;
        counts.push(json!({ "count": found.total, "name": def.name }));
    }
    let body = json!({ "sObjects": counts });
    call.answer(body.to_string().into_bytes())
}

/// Batches and query jobs of Bulk in 24 hours that the platform allows; more are taken here.
const BULK_BATCHES: u64 = 15_000;
const BULK_QUERIES: u64 = 10_000;

/// GET /limits: the calls of 24 hours, and the disk. What this server does not have shows 0.
pub async fn limits(call: Call) -> Outcome {
    let org = &call.session()?.org;
    let (taken_mb, free_mb) = org.storage_mb();
    let limit = |name, max: u64, used: u64| Limit {
        name,
        max: i64::try_from(max).unwrap_or(i64::MAX),
        remaining: i64::try_from(max.saturating_sub(used)).unwrap_or(i64::MAX),
    };
    let none = |name| limit(name, 0, 0);
    let calls = call.porch.daily_limit(org.id()).0;
    let all = [
        limit("DailyApiRequests", calls, org.used(Used::ApiRequests)),
        limit(
            "DailyBulkApiBatches",
            BULK_BATCHES,
            org.used(Used::BulkBatches),
        ),
        limit("DailyBulkV2QueryFileStorageMB", free_mb, 0),
        limit(
            "DailyBulkV2QueryJobs",
            BULK_QUERIES,
            org.used(Used::BulkQueries),
        ),
        none("DailyDurableStreamingApiEvents"),
        none("DailyStreamingApiEvents"),
        limit("DataStorageMB", taken_mb + free_mb, taken_mb),
        none("DurableStreamingApiConcurrentClients"),
        none("FileStorageMB"),
        none("HourlyPublishedPlatformEvents"),
        none("SingleEmail"),
        none("StreamingApiConcurrentClients"),
    ];
    let mut body = Vec::with_capacity(1_024);
    entry::limits(&mut body, &all);
    call.answer(body)
}

//! Probes, metrics and the OpenAPI document of our own paths (ARCHITECTURE 10).

use axum::http::StatusCode;

use crate::answer::{Answer, Fault, Outcome, kind};
use crate::call::Call;

static OPENAPI: &str = include_str!("../openapi.json");

/// The process lives.
pub async fn health(_: Call) -> Outcome {
    Ok(Answer::of(StatusCode::OK, kind::TEXT, b"ok\n".to_vec()))
}

/// Every org takes commands.
pub async fn ready(call: Call) -> Outcome {
    if call.porch.node.is_ready() {
        Ok(Answer::of(StatusCode::OK, kind::TEXT, b"ready\n".to_vec()))
    } else {
        Err(Fault::Plain(StatusCode::SERVICE_UNAVAILABLE, "not ready\n"))
    }
}

/// Prometheus.
pub async fn metrics(call: Call) -> Outcome {
    let text = call.porch.metrics().await;
    Ok(Answer::of(
        StatusCode::OK,
        "text/plain; version=0.0.4",
        text.into_bytes(),
    ))
}

/// Our own paths, for machines.
pub async fn openapi(_: Call) -> Outcome {
    Ok(Answer::json(OPENAPI.as_bytes().to_vec()))
}

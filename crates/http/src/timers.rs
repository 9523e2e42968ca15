//! `trunkline_http_seconds{route,status}`: one histogram per route and status, looked up once.

use std::sync::OnceLock;
use std::time::Duration;

use axum::http::StatusCode;
use metrics::Histogram;

use crate::routes::ROUTES;

/// Statuses that dashboards ask for by name, then the classes.
const STATUSES: [&str; 12] = [
    "200", "201", "204", "400", "401", "404", "503", "1xx", "2xx", "3xx", "4xx", "5xx",
];

fn place(status: StatusCode) -> usize {
    match status.as_u16() {
        200 => 0,
        201 => 1,
        204 => 2,
        400 => 3,
        401 => 4,
        404 => 5,
        503 => 6,
        0..=199 => 7,
        202..=299 => 8,
        300..=399 => 9,
        402..=499 => 10,
        _ => 11,
    }
}

type PerStatus = [OnceLock<Histogram>; STATUSES.len()];

/// Histograms by route; the last one is for paths without a route.
pub struct Timers(Vec<PerStatus>);

impl Timers {
    /// None used yet.
    pub fn new() -> Self {
        Self((0..=ROUTES.len()).map(|_| PerStatus::default()).collect())
    }

    /// Records one request. `route` is the path of a route, or anything else.
    pub fn record(&self, route: &'static str, status: StatusCode, took: Duration) {
        let at = ROUTES
            .iter()
            .position(|r| std::ptr::eq(r.path, route))
            .unwrap_or(ROUTES.len());
        let place = place(status);
        let (Some(statuses), Some(name)) = (self.0.get(at), STATUSES.get(place)) else {
            return;
        };
        let make =
            || metrics::histogram!("trunkline_http_seconds", "route" => route, "status" => *name);
        statuses[place].get_or_init(make).record(took);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_place() {
        for status in 100..600 {
            let name = STATUSES[place(StatusCode::from_u16(status).unwrap())];
            let text = status.to_string();
            assert!(
                name == text || name.ends_with("xx") && name.as_bytes()[0] == text.as_bytes()[0],
                "{status} {name}"
            );
        }
        Timers::new().record(ROUTES[0].path, StatusCode::OK, Duration::ZERO);
        Timers::new().record("none", StatusCode::OK, Duration::ZERO);
    }
}

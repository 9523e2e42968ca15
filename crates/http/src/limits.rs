//! `Sforce-Limit-Info` (rest-api.md 1.4): API calls of the last 24 hours and how many may be made.

use axum::http::HeaderValue;

/// `Sforce-Limit-Info`.
pub fn header(used: u64, max: u64) -> Option<HeaderValue> {
    HeaderValue::from_maybe_shared(bytes::Bytes::from(format!("api-usage={used}/{max}"))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header() {
        assert_eq!(header(1, 5).unwrap(), "api-usage=1/5");
    }
}

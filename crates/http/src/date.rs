//! Instants as HTTP writes and reads them: `Fri, 20 Nov 2026 10:00:00 GMT`, to the second.

use std::time::{Duration, UNIX_EPOCH};

use axum::http::HeaderValue;
use model::Millis;

/// The last second that the format has.
const LAST_S: u64 = 253_402_300_799;

/// A header's value; an instant that the format does not have becomes the nearest that it has.
pub fn header(at: Millis) -> Option<HeaderValue> {
    HeaderValue::try_from(written(at)).ok()
}

fn written(at: Millis) -> String {
    let seconds = u64::try_from(at.seconds()).unwrap_or(0).min(LAST_S);
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds))
}

/// `None` for what is no date of HTTP.
pub fn read(text: &str) -> Option<Millis> {
    let at = httpdate::parse_http_date(text).ok()?;
    let since = at.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok().map(Millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_they_are_written() {
        assert_eq!(written(Millis(0)), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(
            written(Millis(1_795_168_800_999)),
            "Fri, 20 Nov 2026 10:00:00 GMT"
        );
        for at in [0, 1_795_168_800_000, 951_782_400_000] {
            assert_eq!(read(&written(Millis(at))), Some(Millis(at)));
        }
        for far in [i64::MIN, -1, i64::MAX] {
            assert!(read(&written(Millis(far))).is_some());
        }
        for wrong in [
            "",
            "yesterday",
            "Fri, 20 Nov 2026",
            "Fri, 20 Nov 2026 10:00 GMT",
            "Fri, 20 Nov 2026 25:00:00 GMT",
            "Fri, 31 Feb 2026 10:00:00 GMT",
            "Fri, 20 Nov 2026 10:00:00 PST",
            "Fri, 20 Nov 2026 10:00:00 GMT x",
            "Fri, 99999999999 Nov 99999999999 1:1:1 GMT",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}

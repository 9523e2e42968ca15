//! The entry resources: versions, resource list, limits (rest-api.md 4).

use super::answer::base;
use crate::json;

/// The oldest version that is served.
pub const OLDEST: u32 = 30;
/// The newest.
pub const NEWEST: u32 = 66;

/// The version of a path segment such as `v64.0`; `None` if it is not served.
pub fn version(segment: &str) -> Option<u32> {
    let number = segment.strip_prefix(['v', 'V'])?;
    served(number)
}

/// The version of `64.0`; `None` if it is not served.
pub fn served(number: &str) -> Option<u32> {
    let whole = number.strip_suffix(".0")?;
    let plain = whole.len() <= 3 && whole.bytes().all(|b| b.is_ascii_digit());
    let version = if plain {
        whole.parse().ok()?
    } else {
        return None;
    };
    (OLDEST..=NEWEST).contains(&version).then_some(version)
}

/// The season that brought a version: three a year, 62.0 is Winter '25.
fn label(version: u32) -> String {
    let releases = version + 13;
    let season = ["Winter", "Spring", "Summer"][(releases % 3) as usize];
    format!("{season} '{:02}", releases / 3 % 100)
}

/// `GET /services/data`.
pub fn versions(out: &mut Vec<u8>) {
    json::list(out, OLDEST..=NEWEST, |out, version| {
        let mut object = json::Object::open(out);
        object
            .text("label", &label(version))
            .text("url", &base(version))
            .text("version", &format!("{version}.0"));
        object.close();
    });
}

/// `GET /services/data/vNN.0`: what is served below it.
pub fn resources(out: &mut Vec<u8>, version: u32, names: &[&str], identity: &str) {
    let base = base(version);
    let mut object = json::Object::open(out);
    for name in names {
        object.text(name, &format!("{base}/{name}"));
    }
    object.text("identity", identity);
    object.close();
}

/// One limit of the org.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Name as clients know it.
    pub name: &'static str,
    /// Allowed.
    pub max: i64,
    /// Still left.
    pub remaining: i64,
}

/// `GET .../limits`.
pub fn limits(out: &mut Vec<u8>, limits: &[Limit]) {
    let mut object = json::Object::open(out);
    for limit in limits {
        let mut inner = json::Object::open(object.key(limit.name));
        inner
            .int("Max", limit.max)
            .int("Remaining", limit.remaining);
        inner.close();
    }
    object.close();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_and_their_seasons() {
        assert_eq!(label(64), "Summer '25");
        assert_eq!(label(65), "Winter '26");
        assert_eq!(label(30), "Spring '14");
        assert_eq!(version("v64.0"), Some(64));
        for wrong in ["64.0", "v64", "v10.0", "v67.0", "v064.0x", "v+4.0", "v.0"] {
            assert_eq!(version(wrong), None, "{wrong}");
        }
        let mut out = Vec::new();
        versions(&mut out);
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with(
            r#"[{"label":"Spring '14","url":"/services/data/v30.0","version":"30.0"},"#
        ));
        assert!(
            text.ends_with(
                r#"{"label":"Spring '26","url":"/services/data/v66.0","version":"66.0"}]"#
            )
        );
    }

    #[test]
    fn limits_and_resources() {
        let mut out = Vec::new();
        limits(
            &mut out,
            &[Limit {
                name: "DailyApiRequests",
                max: 5,
                remaining: 4,
            }],
        );
        assert_eq!(out, br#"{"DailyApiRequests":{"Max":5,"Remaining":4}}"#);
        let mut out = Vec::new();
        resources(&mut out, 64, &["sobjects"], "http://h/id/o/u");
        assert_eq!(
            out,
            br#"{"sobjects":"/services/data/v64.0/sobjects","identity":"http://h/id/o/u"}"#
        );
    }
}

//! What an administrator may set about log-in and API use. Kept as one setting of the org; what is not
//! set is as the server's options say.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// Name of the setting.
pub(crate) const SETTING: &str = "security";
/// Fewest characters of a password, where nothing else is set.
const PASSWORD_MIN: u32 = 8;
/// More characters only cost time.
pub(crate) const PASSWORD_MAX: usize = 1_024;
/// Earlier passwords that can be remembered.
const HISTORY_MAX: u32 = 24;
const RANGES_MAX: usize = 256;

/// Policies of one org.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct SecurityPolicy {
    /// Fewest characters of a new password. Default: 8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_min_length: Option<u32>,
    /// Earlier passwords that may not come again. Default: 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_history: Option<u32>,
    /// Failed log-ins that lock a user name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lockout_attempts: Option<u32>,
    /// How long failures count and a lock lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lockout_minutes: Option<u32>,
    /// Where log-ins may come from: addresses, `10.0.0.0/8`, `10.0.0.1-10.0.0.9`. Empty: everywhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub login_ip_ranges: Vec<String>,
    /// API calls in 24 hours. Calls beyond it are refused if it is set here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub daily_api_requests: Option<u64>,
}

impl SecurityPolicy {
    /// Checks what an administrator wrote.
    ///
    /// # Errors
    /// A sentence about the first value that cannot be.
    pub fn check(&self) -> Result<(), String> {
        let within = |name: &str, value: Option<u32>, min: u32, max: u32| match value {
            Some(value) if !(min..=max).contains(&value) => {
                Err(format!("{name} must be from {min} to {max}"))
            }
            _ => Ok(()),
        };
        within("passwordMinLength", self.password_min_length, 5, 128)?;
        within("passwordHistory", self.password_history, 0, HISTORY_MAX)?;
        within("lockoutAttempts", self.lockout_attempts, 1, 1_000)?;
        within("lockoutMinutes", self.lockout_minutes, 1, 1_440)?;
        if self.daily_api_requests == Some(0) {
            return Err("dailyApiRequests must be 1 or more".to_owned());
        }
        if self.login_ip_ranges.len() > RANGES_MAX {
            return Err(format!("loginIpRanges has more than {RANGES_MAX} entries"));
        }
        match self.login_ip_ranges.iter().find(|r| range(r).is_none()) {
            Some(wrong) => Err(format!("loginIpRanges: {wrong:?} is no range of addresses")),
            None => Ok(()),
        }
    }

    /// Fewest characters of a password.
    pub fn password_min(&self) -> usize {
        self.password_min_length.unwrap_or(PASSWORD_MIN) as usize
    }

    /// Earlier passwords that are remembered.
    pub fn history(&self) -> usize {
        self.password_history.unwrap_or(0).min(HISTORY_MAX) as usize
    }

    /// True if a log-in may come from there. Without ranges from everywhere; with ranges only from a
    /// known address within one.
    pub fn admits(&self, from: Option<IpAddr>) -> bool {
        if self.login_ip_ranges.is_empty() {
            return true;
        }
        let Some(from) = from.map(number) else {
            return false;
        };
        let mut ranges = self.login_ip_ranges.iter().filter_map(|text| range(text));
        ranges.any(|(first, last)| (first..=last).contains(&from))
    }
}

/// Addresses of both kinds in one order: those of version 4 as they are mapped into version 6.
fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

/// First and last address of a range.
fn range(text: &str) -> Option<(u128, u128)> {
    let address = |text: &str| text.trim().parse::<IpAddr>().ok();
    if let Some((first, last)) = text.split_once('-') {
        let (first, last) = (address(first)?, address(last)?);
        let pair = (number(first), number(last));
        return (first.is_ipv4() == last.is_ipv4() && pair.0 <= pair.1).then_some(pair);
    }
    let (base, bits) = match text.split_once('/') {
        None => (address(text)?, None),
        Some((base, bits)) => (address(base)?, Some(bits.trim().parse::<u32>().ok()?)),
    };
    let width = if base.is_ipv4() { 32 } else { 128 };
    let free = width - bits.unwrap_or(width).min(width);
    if bits.is_some_and(|bits| bits > width) {
        return None;
    }
    let mask = 1_u128.checked_shl(free).map_or(u128::MAX, |size| size - 1);
    let first = number(base) & !mask;
    Some((first, first | mask))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(ranges: &[&str]) -> SecurityPolicy {
        SecurityPolicy {
            login_ip_ranges: ranges.iter().map(|r| (*r).to_owned()).collect(),
            ..SecurityPolicy::default()
        }
    }

    fn admits(ranges: &[&str], from: &str) -> bool {
        of(ranges).admits(from.parse().ok())
    }

    #[test]
    fn ranges() {
        assert!(admits(&[], "9.9.9.9") && of(&[]).admits(None));
        assert!(admits(&["10.0.0.0/8"], "10.200.0.1"));
        assert!(!admits(&["10.0.0.0/8"], "11.0.0.1"));
        assert!(admits(&["1.1.1.1", "10.0.0.1-10.0.0.9"], "10.0.0.9"));
        assert!(!admits(&["10.0.0.1-10.0.0.9"], "10.0.0.10"));
        assert!(admits(&["::/0"], "10.0.0.1") && admits(&["0.0.0.0/0"], "8.8.8.8"));
        assert!(!admits(&["0.0.0.0/0"], "2001:db8::1"));
        assert!(admits(&["10.0.0.0/8"], "::ffff:10.0.0.1"));
        assert!(!of(&["10.0.0.0/8"]).admits(None));
    }

    #[test]
    fn nonsense_is_named() {
        for wrong in [
            "x",
            "10.0.0.0/33",
            "10.0.0.9-10.0.0.1",
            "10.0.0.1-::1",
            "/",
            "1/x",
        ] {
            assert!(of(&[wrong]).check().is_err(), "{wrong}");
        }
        let short = SecurityPolicy {
            password_min_length: Some(1),
            ..SecurityPolicy::default()
        };
        assert!(short.check().unwrap_err().contains("passwordMinLength"));
        assert_eq!(of(&["::1", "10.0.0.0/8"]).check(), Ok(()));
    }
}

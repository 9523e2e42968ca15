//! When configuration last changed, for `Last-Modified` of describe answers.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use engine::Directory;
use model::{Days, Millis, RecordId};
use parking_lot::Mutex;

struct Seen {
    directory: Weak<Directory>,
    at: Millis,
}

/// The last change of every org that was asked about. A server that starts counts as a change.
#[derive(Default)]
pub struct Changes {
    orgs: Mutex<BTreeMap<RecordId, Seen>>,
}

impl Changes {
    /// When the org's rights last changed: each published directory gets an instant of its own, to the
    /// second, so that two of them never look the same to a client.
    pub fn last(&self, org: RecordId, directory: &Arc<Directory>, now: Millis) -> Millis {
        let mut orgs = self.orgs.lock();
        let fresh = || Seen {
            directory: Arc::downgrade(directory),
            at: now,
        };
        let seen = orgs.entry(org).or_insert_with(fresh);
        if !std::ptr::eq(seen.directory.as_ptr(), Arc::as_ptr(directory)) {
            let at = now.max(seen.at.plus_s(1));
            *seen = Seen { at, ..fresh() };
        }
        seen.at
    }
}

/// An instant as HTTP writes it: `Fri, 20 Nov 2026 10:00:00 GMT`.
pub fn http_date(at: Millis) -> String {
    const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let seconds = at.seconds();
    let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let Some(date) = i32::try_from(day).ok().and_then(|day| Days(day).civil()) else {
        return String::new();
    };
    let name = |names: &[&'static str], at: i8| {
        names
            .get(usize::try_from(at).unwrap_or(0))
            .copied()
            .unwrap_or("")
    };
    format!(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
        name(&DAYS, date.weekday().to_sunday_zero_offset()),
        date.day(),
        name(&MONTHS, date.month() - 1),
        date.year(),
        second / 3_600,
        second / 60 % 60,
        second % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::KeyPrefix;

    #[test]
    fn a_new_directory_is_a_new_instant() {
        let changes = Changes::default();
        let org = RecordId::new(KeyPrefix::of("00D"), 1);
        let (one, two) = (
            Arc::new(Directory::default()),
            Arc::new(Directory::default()),
        );
        assert_eq!(changes.last(org, &one, Millis(5_000)), Millis(5_000));
        assert_eq!(changes.last(org, &one, Millis(9_000)), Millis(5_000));
        assert_eq!(changes.last(org, &two, Millis(5_100)), Millis(6_000));
    }

    #[test]
    fn dates_of_http() {
        assert_eq!(http_date(Millis(0)), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(
            http_date(Millis(1_795_168_800_999)),
            "Fri, 20 Nov 2026 10:00:00 GMT"
        );
    }
}

//! Counts tests from the closing lines of the runners that the suites use.
//!
//! Read are: cargo test ("test result: ok. 3 passed; 0 failed; ..."), our own runners ("3 passed, 0 failed")
//! and Node's ("ℹ pass 3"). Lines of other shapes count nothing.

use std::ops::AddAssign;

/// Tests that passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl Tally {
    /// One thing that was checked and is right.
    pub const ONE: Self = Self {
        passed: 1,
        failed: 0,
    };

    /// What one line of output says; nothing when it is not a closing line.
    pub fn of_line(line: &str) -> Self {
        let line = line.trim();
        if let Some(tally) = Self::of_node(line) {
            return tally;
        }
        let counts = match line.strip_prefix("test result: ") {
            Some(rest) => rest.split_once(". ").map_or("", |(_, counts)| counts),
            None => line,
        };
        let mut tally = Self::default();
        for part in counts.split([',', ';']) {
            let mut words = part.split_whitespace();
            match (words.next().map(str::parse), words.next()) {
                (Some(Ok(n)), Some("passed")) => tally.passed += n,
                (Some(Ok(n)), Some("failed")) => tally.failed += n,
                (Some(Ok::<u64, _>(_)), Some("ignored" | "measured" | "filtered" | "skipped")) => {}
                _ => break, // prose, or the time at the end of cargo's line
            }
        }
        tally
    }

    /// Node's test runner prints one number a line.
    fn of_node(line: &str) -> Option<Self> {
        let (word, number) = line.strip_prefix("ℹ ")?.split_once(' ')?;
        let number = number.parse().ok()?;
        match word {
            "pass" => Some(Self {
                passed: number,
                failed: 0,
            }),
            "fail" => Some(Self {
                passed: 0,
                failed: number,
            }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn closing_lines_are_counted_and_prose_is_not() {
        let counts = |line| {
            let tally = Tally::of_line(line);
            (tally.passed, tally.failed)
        };
        assert_eq!(
            counts(
                "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.10s"
            ),
            (12, 0)
        );
        assert_eq!(
            counts("test result: FAILED. 1 passed; 2 failed; 0 ignored"),
            (1, 2)
        );
        assert_eq!(counts("49 passed, 1 failed"), (49, 1));
        assert_eq!(counts("ℹ pass 4"), (4, 0));
        assert_eq!(counts("ℹ fail 1"), (0, 1));
        assert_eq!(counts("ℹ tests 5"), (0, 0));
        assert_eq!(counts("running 12 tests"), (0, 0));
        assert_eq!(counts("all of the 12 passed"), (0, 0));
        assert_eq!(counts(""), (0, 0));
    }
}

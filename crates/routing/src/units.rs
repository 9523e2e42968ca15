//! Capacity arithmetic: exact fixed point in 1/10000 unit (R97, R98).
//!
//! Weights have two decimals and percentages two; a percentage of whole units thus needs four. All
//! sums are exact, so the tolerance of R98 is met without rounding.

/// An amount of capacity, or a percentage, in 1/10000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Units(pub i64);

impl Units {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// 1/10000 is the finest amount.
    pub const SCALE: i64 = 10_000;

    /// Whole units.
    pub const fn whole(units: i64) -> Self {
        Self(units.saturating_mul(Self::SCALE))
    }

    /// The nearest amount; a number that is not finite counts as zero.
    pub fn from_f64(number: f64) -> Self {
        if number.is_finite() {
            Self((number * Self::SCALE as f64).round() as i64)
        } else {
            Self::ZERO
        }
    }

    /// For rows and views.
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / Self::SCALE as f64
    }

    /// `percentage` (in 1/10000 per cent) of `whole` (R97).
    pub fn percent_of(percentage: Self, whole: Self) -> Self {
        let product = i128::from(percentage.0) * i128::from(whole.0);
        let units = product / (100 * i128::from(Self::SCALE));
        Self(i64::try_from(units).unwrap_or(i64::MAX))
    }
}

impl std::ops::Add for Units {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl std::ops::Sub for Units {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl std::ops::AddAssign for Units {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl std::ops::SubAssign for Units {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_third_of_six_three_times_fits() {
        // R98: the sum of exact parts never exceeds the whole.
        let third = Units::percent_of(Units::from_f64(33.33), Units::whole(6));
        assert!(third + third + third <= Units::whole(6));
        let quarter = Units::percent_of(Units::whole(25), Units::whole(10));
        assert_eq!(quarter, Units::from_f64(2.5));
    }

    #[test]
    fn extremes_do_not_overflow() {
        let huge = Units(i64::MAX);
        assert_eq!(Units::percent_of(huge, huge), huge);
        assert_eq!(huge + huge, huge);
        assert_eq!(Units::from_f64(f64::NAN), Units::ZERO);
    }
}

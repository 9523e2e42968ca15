//! Record ids: 15 case-sensitive characters, printed with 3 check characters (rest-api.md 1.5).
//!
//! Owns the alphabet, the checksum and the numbering. Does not know which objects exist: a prefix is
//! looked up in the [`Catalogue`](crate::Catalogue).

use std::fmt;
use std::str::FromStr;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const CHECK: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/// The first three characters of an id; they name the object.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyPrefix([u8; 3]);

impl KeyPrefix {
    /// A prefix of three letters or digits.
    ///
    /// # Errors
    /// [`WrongId`] for any other text.
    pub fn parse(text: &str) -> Result<Self, WrongId> {
        match text.as_bytes() {
            [a, b, c] if [a, b, c].iter().all(|x| x.is_ascii_alphanumeric()) => {
                Ok(Self([*a, *b, *c]))
            }
            _ => Err(WrongId),
        }
    }

    /// For prefixes written in the source; checked at compile time when used in a `const`.
    pub const fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        assert!(bytes.len() == 3);
        Self([bytes[0], bytes[1], bytes[2]])
    }

    /// The three characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("000")
    }
}

impl fmt::Debug for KeyPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is no record id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a record id")]
pub struct WrongId;

/// A record id without its check characters. 15 bytes, `Copy`, ordered by its characters.
///
/// Numbers made by [`RecordId::new`] grow with the counter, so ids of one object sort by creation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId([u8; 15]);

impl RecordId {
    /// The id number `number` of the object with this prefix.
    pub fn new(prefix: KeyPrefix, number: u64) -> Self {
        let mut chars = [b'0'; 15];
        chars[..3].copy_from_slice(&prefix.0);
        let mut rest = number;
        for place in chars[3..].iter_mut().rev() {
            *place = ALPHABET[(rest % 62) as usize];
            rest /= 62;
        }
        Self(chars)
    }

    /// Reads 15 characters, or 18 whose check characters fit; an 18-character id may come in any
    /// case because its check characters restore it (rest-api.md 1.5).
    ///
    /// # Errors
    /// [`WrongId`] for a wrong length, a character outside `[0-9A-Za-z]` or a wrong checksum.
    pub fn parse(text: &str) -> Result<Self, WrongId> {
        let bytes = text.as_bytes();
        if !bytes.iter().all(u8::is_ascii_alphanumeric) {
            return Err(WrongId);
        }
        match bytes.len() {
            15 => {
                let mut chars = [0; 15];
                chars.copy_from_slice(bytes);
                Ok(Self(chars))
            }
            18 => Self::restore(bytes),
            _ => Err(WrongId),
        }
    }

    fn restore(bytes: &[u8]) -> Result<Self, WrongId> {
        let mut chars = [0; 15];
        for (group, check) in bytes[15..].iter().enumerate() {
            let upper = check.to_ascii_uppercase();
            let bits = CHECK.iter().position(|c| *c == upper).ok_or(WrongId)?;
            for place in 0..5 {
                let at = group * 5 + place;
                let is_upper = bits >> place & 1 == 1;
                if is_upper && !bytes[at].is_ascii_alphabetic() {
                    return Err(WrongId);
                }
                chars[at] = if is_upper {
                    bytes[at].to_ascii_uppercase()
                } else {
                    bytes[at].to_ascii_lowercase()
                };
            }
        }
        Ok(Self(chars))
    }

    /// Which object the id belongs to.
    pub fn prefix(&self) -> KeyPrefix {
        KeyPrefix([self.0[0], self.0[1], self.0[2]])
    }

    /// The number it was made from; `None` if it does not fit 64 bits.
    pub fn number(&self) -> Option<u64> {
        self.0[3..].iter().try_fold(0u64, |sum, c| {
            let digit = ALPHABET.iter().position(|a| a == c)? as u64;
            sum.checked_mul(62)?.checked_add(digit)
        })
    }

    /// The 15 characters.
    pub fn as_15(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("000000000000000")
    }

    /// The 15 bytes, for stores.
    pub fn bytes(&self) -> &[u8; 15] {
        &self.0
    }

    /// The 18 characters as ASCII bytes.
    pub fn to_18(self) -> [u8; 18] {
        let mut all = [0; 18];
        all[..15].copy_from_slice(&self.0);
        for group in 0..3 {
            let bits = (0..5).fold(0usize, |bits, place| {
                let upper = self.0[group * 5 + place].is_ascii_uppercase();
                bits | usize::from(upper) << place
            });
            all[15 + group] = CHECK[bits];
        }
        all
    }
}

/// The 18-character form.
impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.to_18();
        f.pad(std::str::from_utf8(&all).unwrap_or_default())
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_15())
    }
}

impl FromStr for RecordId {
    type Err = WrongId;
    fn from_str(text: &str) -> Result<Self, WrongId> {
        Self::parse(text)
    }
}

impl serde::Serialize for RecordId {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for RecordId {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specification_example() {
        let id = RecordId::new(KeyPrefix::of("0JR"), 1);
        assert_eq!(id.to_string(), "0JR000000000001GAA");
        assert_eq!(RecordId::parse("0JR000000000001GAA"), Ok(id));
        assert_eq!(RecordId::parse("0jr000000000001gaa"), Ok(id));
        assert_eq!(RecordId::parse("0JR000000000001GAB"), Err(WrongId));
    }

    #[test]
    fn numbers_come_back_and_sort() {
        let prefix = KeyPrefix::of("500");
        let ids: Vec<_> = [0, 9, 10, 61, 62, 3_843, u64::from(u32::MAX)]
            .map(|n| RecordId::new(prefix, n))
            .to_vec();
        assert!(ids.is_sorted());
        assert_eq!(ids[5].number(), Some(3_843));
        assert_eq!(
            RecordId::parse("500zzzzzzzzzzzz").map(|i| i.number()),
            Ok(None)
        );
    }

    #[test]
    fn garbage_is_refused() {
        for text in [
            "",
            "500",
            "5000000000000000",
            "50000000000000!",
            "500000000000ü01",
        ] {
            assert_eq!(RecordId::parse(text), Err(WrongId), "{text}");
        }
    }
}

//! Random tokens and their hashes. Only hashes are stored.

use sha2::{Digest, Sha256};

/// SHA-256 of a token.
pub(crate) type Hash = [u8; 32];

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";

/// `length` random characters of `[A-Za-z0-9._]`, 6 bits each; `None` if the system has no randomness.
pub fn random(length: usize) -> Option<String> {
    let mut bytes = vec![0; length];
    getrandom::fill(&mut bytes).ok()?;
    Some(
        bytes
            .iter()
            .map(|b| char::from(ALPHABET[usize::from(b & 63)]))
            .collect(),
    )
}

pub(crate) fn hash(text: &str) -> Hash {
    Sha256::digest(text.as_bytes()).into()
}

/// SHA-256 in lower-case hex.
pub fn hash_hex(text: &str) -> String {
    to_hex(&hash(text))
}

/// Compares in a time that says nothing about where two texts of one length differ.
pub fn is_same(one: &str, other: &str) -> bool {
    is_same_bytes(one.as_bytes(), other.as_bytes())
}

/// The same for bytes.
pub(crate) fn is_same_bytes(one: &[u8], other: &[u8]) -> bool {
    let pairs = one.iter().zip(other);
    one.len() == other.len() && pairs.fold(0, |diff, (a, b)| diff | (a ^ b)) == 0
}

pub(crate) fn to_hex(hash: &Hash) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 15)]);
    hash.iter()
        .flat_map(|b| [digit(b >> 4), digit(*b)])
        .collect()
}

pub(crate) fn from_hex(text: &str) -> Option<Hash> {
    let bytes = text.as_bytes();
    if bytes.len() != 64 {
        return None;
    }
    let mut hash = [0; 32];
    for (at, pair) in bytes.chunks_exact(2).enumerate() {
        let high = char::from(pair[0]).to_digit(16)?;
        let low = char::from(pair[1]).to_digit(16)?;
        hash[at] = u8::try_from(high * 16 + low).ok()?;
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_comes_back() {
        let hash = hash("00D000000000001!secret");
        assert_eq!(from_hex(&to_hex(&hash)), Some(hash));
        assert_eq!(from_hex("zz"), None);
        assert_eq!(from_hex(&"zz".repeat(32)), None);
    }

    #[test]
    fn tokens_have_the_length_and_alphabet_that_clients_accept() {
        let token = random(80).unwrap();
        assert_eq!(token.len(), 80);
        assert!(
            token
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'_')
        );
        assert_ne!(token, random(80).unwrap());
    }
}

//! One line of a scenario, cut into its words.

use model::Millis;
use routing::Units;

/// Words of a line: flags, `key=value` pairs and the rest in order.
pub(crate) struct Words<'a> {
    pub plain: Vec<&'a str>,
    pub pairs: Vec<(&'a str, &'a str)>,
    pub at: Option<Millis>,
}

impl<'a> Words<'a> {
    pub fn of(line: &'a str) -> Self {
        let mut words = Words {
            plain: Vec::new(),
            pairs: Vec::new(),
            at: None,
        };
        let mut rest = line.split_whitespace();
        while let Some(word) = rest.next() {
            match word.split_once('=') {
                _ if word == "at" => words.at = rest.next().map(clock),
                Some(pair) => words.pairs.push(pair),
                None => words.plain.push(word),
            }
        }
        words
    }

    pub fn get(&self, key: &str) -> Option<&'a str> {
        self.pairs
            .iter()
            .find(|(k, _)| *k == key)
            .map(|(_, value)| *value)
    }

    pub fn has(&self, flag: &str) -> bool {
        self.plain.contains(&flag)
    }

    pub fn int(&self, key: &str) -> Option<i64> {
        self.get(key).map(|v| v.parse().expect("a number"))
    }

    pub fn units(&self, key: &str) -> Option<Units> {
        self.get(key)
            .map(|v| Units::from_f64(v.parse().expect("a number")))
    }

    pub fn list(&self, key: &str) -> Vec<&'a str> {
        self.get(key)
            .into_iter()
            .flat_map(|v| v.split(','))
            .filter(|v| !v.is_empty())
            .collect()
    }

    pub fn time(&self, key: &str) -> Option<Millis> {
        self.get(key).map(clock)
    }
}

pub(crate) fn clock(text: &str) -> Millis {
    Millis::parse(&format!("2025-06-20T{text}Z")).unwrap_or_else(|| panic!("{text} is no time"))
}

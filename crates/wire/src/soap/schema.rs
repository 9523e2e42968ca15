//! The types, headers and operations of the SOAP API, read from `schema.txt`.
//!
//! The WSDL is printed from them, and the tests of the answers are checked against them.

use std::sync::LazyLock;

/// An element of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Its name.
    pub name: &'static str,
    /// Its type, without a prefix.
    pub kind: &'static str,
    /// How often it stands.
    pub occurs: Occurs,
    /// `xsi:nil` may stand for its value.
    pub nillable: bool,
}

/// How often an element stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occurs {
    /// Once.
    Once,
    /// Once or never.
    Optional,
    /// Any number of times.
    Any,
    /// At least once.
    Some,
}

/// A complex type or a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Type {
    /// Its name.
    pub name: &'static str,
    /// Its elements in order.
    pub parts: Vec<Part>,
}

/// An operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Its name, which is also the name of the request's element.
    pub name: &'static str,
    /// Its parameters.
    pub parameters: Vec<Part>,
    /// Its result; `logout` has none.
    pub result: Option<Part>,
    /// Headers that it takes beside SessionHeader and CallOptions.
    pub headers: Vec<&'static str>,
    /// Faults that it answers beside UnexpectedErrorFault.
    pub faults: Vec<&'static str>,
}

/// All of it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Schema {
    /// Types of results and of what they hold.
    pub types: Vec<Type>,
    /// Headers.
    pub headers: Vec<Type>,
    /// Operations.
    pub operations: Vec<Operation>,
}

/// The schema of the platform.
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(|| read(include_str!("schema.txt")));

impl Schema {
    /// The type of this name.
    pub fn find(&self, name: &str) -> Option<&Type> {
        self.types
            .iter()
            .chain(&self.headers)
            .find(|t| t.name == name)
    }

    /// The operation of this name.
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.iter().find(|o| o.name == name)
    }
}

fn read(text: &'static str) -> Schema {
    let mut schema = Schema::default();
    let mut section = "";
    for line in text
        .lines()
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
    {
        match section {
            _ if line.starts_with('[') => section = line,
            "[types]" => schema.types.extend(complex(line)),
            "[headers]" => schema.headers.extend(complex(line)),
            _ => schema.operations.extend(operation(line)),
        }
    }
    schema
}

fn complex(line: &'static str) -> Option<Type> {
    let (name, list) = line.split_once('=')?;
    Some(Type {
        name: name.trim(),
        parts: parts(list),
    })
}

fn parts(list: &'static str) -> Vec<Part> {
    list.split_whitespace().filter_map(part).collect()
}

fn part(text: &'static str) -> Option<Part> {
    let (name, kind) = text.split_once(':')?;
    Some(named(name, kind))
}

fn named(name: &'static str, kind: &'static str) -> Part {
    let (rest, nillable) = match kind.strip_suffix('~') {
        Some(rest) => (rest, true),
        None => (kind, false),
    };
    let kind = rest.trim_end_matches(['?', '*', '+']);
    let occurs = match rest.as_bytes().last() {
        Some(b'?') => Occurs::Optional,
        Some(b'*') => Occurs::Any,
        Some(b'+') => Occurs::Some,
        _ => Occurs::Once,
    };
    Part {
        name,
        kind,
        occurs,
        nillable,
    }
}

fn operation(line: &'static str) -> Option<Operation> {
    let (head, tail) = line.split_once('=')?;
    let (name, parameters) = head.trim().split_once(' ').unwrap_or((head.trim(), ""));
    let mut tail = tail.split('|').map(str::trim);
    let result = tail.next().filter(|kind| !kind.is_empty());
    let headers = tail.next().unwrap_or("").split_whitespace().collect();
    let mut faults = vec!["UnexpectedErrorFault"];
    faults.extend(tail.next().unwrap_or("").split_whitespace());
    Some(Operation {
        name,
        parameters: parts(parameters),
        result: result.map(|kind| named("result", kind)),
        headers,
        faults,
    })
}

/// Simple types of XML Schema that the file uses.
pub const SIMPLE: [&str; 9] = [
    "string",
    "boolean",
    "int",
    "long",
    "double",
    "date",
    "dateTime",
    "base64Binary",
    "anyType",
];

/// Types that are restricted strings.
pub const STRINGS: [&str; 5] = ["ID", "QueryLocator", "StatusCode", "soapType", "fieldType"];

#[cfg(test)]
pub mod check {
    //! Answers against the schema.

    use super::*;
    use crate::xml::{self, Element};

    /// Says where an element does not fit its type; unknown and wrongly ordered elements included.
    pub fn fits(element: &Element, kind: &str, path: &str) -> Result<(), String> {
        let path = format!("{path}/{}", element.name);
        if element.nil || kind == "sObject" || SIMPLE.contains(&kind) || STRINGS.contains(&kind) {
            return Ok(());
        }
        let known = SCHEMA.find(kind).ok_or(format!("{path}: no type {kind}"))?;
        follows(&element.children, &known.parts, &path)
    }

    /// Checks elements against the parts of a type.
    pub fn follows(children: &[Element], parts: &[Part], path: &str) -> Result<(), String> {
        let mut rest = children;
        for part in parts {
            let count = rest.iter().take_while(|c| c.name == part.name).count();
            let (mine, others) = rest.split_at(count);
            let is_right = match part.occurs {
                Occurs::Once => count == 1,
                Occurs::Optional => count <= 1,
                Occurs::Any => true,
                Occurs::Some => count > 0,
            };
            if !is_right {
                return Err(format!("{path}: {count} times {}", part.name));
            }
            for one in mine {
                if one.nil && !part.nillable {
                    return Err(format!("{path}/{} may not be nil", one.name));
                }
                fits(one, part.kind, path)?;
            }
            rest = others;
        }
        match rest.first() {
            Some(one) => Err(format!("{path}: {} stands where it may not", one.name)),
            None => Ok(()),
        }
    }

    /// Asserts that an answer is what the operation promises.
    pub fn answer(operation: &str, inside: &str) {
        let text = format!("<x xmlns:xsi='i'>{inside}</x>");
        let root = xml::parse(text.as_bytes()).unwrap();
        let operation = SCHEMA.operation(operation).unwrap();
        let fits = follows(&root.children, operation.result.as_slice(), operation.name);
        assert_eq!(fits, Ok(()), "{inside}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read_and_every_name_is_known() {
        let lines = include_str!("schema.txt").lines();
        let count = lines
            .filter(|l| l.contains(" =") && !l.starts_with('#'))
            .count();
        let read = SCHEMA.types.len() + SCHEMA.headers.len() + SCHEMA.operations.len();
        assert_eq!((read, SCHEMA.operations.len()), (count, 24));
        let known = |kind: &str| {
            SIMPLE.contains(&kind)
                || STRINGS.contains(&kind)
                || kind == "sObject"
                || SCHEMA.find(kind).is_some()
        };
        for kind in SCHEMA.types.iter().chain(&SCHEMA.headers) {
            kind.parts
                .iter()
                .for_each(|p| assert!(known(p.kind), "{} {p:?}", kind.name));
        }
        for operation in &SCHEMA.operations {
            let all = operation.parameters.iter().chain(&operation.result);
            all.for_each(|p| assert!(known(p.kind), "{} {p:?}", operation.name));
            operation
                .headers
                .iter()
                .for_each(|h| assert!(SCHEMA.find(h).is_some(), "{h}"));
        }
    }

    #[test]
    fn elements_stand_in_the_order_of_the_alphabet_where_the_platform_has_them_so() {
        for name in [
            "DescribeSObjectResult",
            "DescribeGlobalSObjectResult",
            "Field",
            "GetUserInfoResult",
        ] {
            let names: Vec<_> = SCHEMA
                .find(name)
                .unwrap()
                .parts
                .iter()
                .map(|p| p.name)
                .collect();
            if name == "GetUserInfoResult" {
                assert_eq!(names[names.len() - 1], "userUiSkin");
            } else {
                assert!(names.is_sorted(), "{name}");
            }
        }
    }
}

//! XML as text: a small bounded tree for requests, and a writer for answers.
//!
//! DTDs and custom entities are refused; names lose their prefixes, because clients choose them freely.

use model::{Code, Refusal};
use quick_xml::Reader;
use quick_xml::events::{BytesDecl, BytesStart, Event};
use serde_json::Value as Json;

/// No request of any client nests deeper.
const DEPTH_MAX: usize = 40;
/// Namespaces and types; more would make the check for doubled names slow.
const ATTRIBUTES_MAX: usize = 100;
/// A SOAP call carries at most 200 records of some hundred fields each.
const ELEMENTS_MAX: usize = 200_000;

/// One element: local name, what it says about its type, its text and its children.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Element {
    /// Name without prefix.
    pub name: String,
    /// `xsi:type` without prefix.
    pub kind: Option<String>,
    /// `xsi:nil="true"`.
    pub nil: bool,
    /// Character data directly inside, trimmed only if there are children.
    pub text: String,
    /// Elements inside, in order.
    pub children: Vec<Element>,
}

impl Element {
    /// The first child of this name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|c| c.name == name)
    }

    /// All children of this name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |c| c.name == name)
    }

    /// Text of the first child of this name.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).filter(|c| !c.nil).map(|c| c.text.as_str())
    }

    /// True if the child says so.
    pub fn flag(&self, name: &str) -> bool {
        self.text_of(name)
            .is_some_and(|t| t.trim() == "true" || t.trim() == "1")
    }
}

fn wrong(why: &str) -> Refusal {
    Refusal::new(
        Code::InvalidInput,
        format!("The XML of the request cannot be read: {why}"),
    )
}

/// Reads one document.
///
/// # Errors
/// Not UTF-8, not well-formed, a DTD, an entity of its own, too deep or too many elements.
pub fn parse(body: &[u8]) -> Result<Element, Refusal> {
    let text = std::str::from_utf8(body).map_err(|_| wrong("it is not UTF-8"))?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut open: Vec<Element> = Vec::new();
    let mut count = 0;
    loop {
        let event = reader.read_event().map_err(|e| wrong(&e.to_string()))?;
        match event {
            Event::Start(start) => {
                count += 1;
                if open.len() >= DEPTH_MAX || count > ELEMENTS_MAX {
                    return Err(wrong("it is nested too deeply or has too many elements"));
                }
                open.push(element(&start)?);
            }
            Event::Empty(start) => {
                count += 1;
                if count > ELEMENTS_MAX {
                    return Err(wrong("it has too many elements"));
                }
                let leaf = element(&start)?;
                if let Some(root) = close(&mut open, leaf) {
                    return alone(root, reader);
                }
            }
            Event::End(_) => {
                let done = open.pop().ok_or_else(|| wrong("an end without a start"))?;
                if let Some(root) = close(&mut open, done) {
                    return alone(root, reader);
                }
            }
            Event::Text(content) => add(&mut open, &content.xml10_content()),
            Event::CData(content) => add(&mut open, &content.xml10_content()),
            Event::GeneralRef(name) => {
                let resolved = reference(&name).ok_or_else(|| wrong("an unknown entity"))?;
                if let Some(element) = open.last_mut() {
                    element.text.push(resolved);
                }
            }
            Event::DocType(_) => return Err(wrong("a document type is not allowed")),
            Event::Eof => return Err(wrong("it ends too early")),
            Event::Decl(decl) if !is_readable(&decl, text) => {
                return Err(wrong("its encoding is not UTF-8"));
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
}

/// What the declaration says of the encoding is right: UTF-8, or one that has the same characters as far as
/// they are used.
fn is_readable(decl: &BytesDecl<'_>, text: &str) -> bool {
    match decl.encoding() {
        None => true,
        Some(Ok(name)) => {
            let name = name.as_ref().to_ascii_lowercase();
            name == "utf-8"
                || name == "utf8"
                || text.is_ascii() && !name.starts_with("utf-") && !name.starts_with("ucs")
        }
        Some(Err(_)) => false,
    }
}

/// The root, if nothing but comments and blanks follows it.
fn alone(root: Element, mut reader: Reader<&[u8]>) -> Result<Element, Refusal> {
    loop {
        match reader.read_event().map_err(|e| wrong(&e.to_string()))? {
            Event::Eof => return Ok(root),
            Event::Comment(_) | Event::PI(_) => {}
            Event::Text(content) if content.xml10_content().trim().is_empty() => {}
            _ => return Err(wrong("something follows its end")),
        }
    }
}

fn reference(name: &quick_xml::events::BytesRef<'_>) -> Option<char> {
    if name.is_char_ref() {
        return name.resolve_char_ref().ok().flatten();
    }
    match name.xml10_content().as_ref() {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

fn add(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

fn element(start: &BytesStart<'_>) -> Result<Element, Refusal> {
    let mut made = Element {
        name: start.local_name().into_inner().to_owned(),
        ..Element::default()
    };
    for (at, attribute) in start.attributes().enumerate() {
        if at == ATTRIBUTES_MAX {
            return Err(wrong("an element has too many attributes"));
        }
        let attribute = attribute.map_err(|e| wrong(&e.to_string()))?;
        let value: &str = &attribute.value;
        match attribute.key.local_name().into_inner() {
            "type" => made.kind = value.rsplit(':').next().map(str::to_owned),
            "nil" => made.nil = value == "true" || value == "1",
            _ => {}
        }
    }
    Ok(made)
}

/// Puts a finished element into its parent; gives it back if it is the root.
fn close(open: &mut [Element], mut done: Element) -> Option<Element> {
    if !done.children.is_empty() {
        done.text = done.text.trim().to_owned();
    }
    match open.last_mut() {
        Some(parent) => {
            parent.children.push(done);
            None
        }
        None => Some(done),
    }
}

/// Writes text with the characters escaped that XML reserves; characters that XML 1.0 cannot carry are
/// left out.
pub fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            '\n' | '\t' => out.push(c),
            c if c < ' ' || c == '\u{fffe}' || c == '\u{ffff}' => {}
            c => out.push(c),
        }
    }
}

/// Writes `<name>text</name>`.
pub fn leaf(out: &mut String, name: &str, text: &str) {
    open(out, name);
    escape(out, text);
    close_tag(out, name);
}

/// Writes `<name>`.
pub fn open(out: &mut String, name: &str) {
    out.push('<');
    out.push_str(name);
    out.push('>');
}

/// Writes `</name>`; attributes that were written into the start tag's name are left away.
pub fn close_tag(out: &mut String, name: &str) {
    out.push_str("</");
    out.push_str(name.split(' ').next().unwrap_or(name));
    out.push('>');
}

/// A JSON answer in XML: lists as repeated elements, names as they are (telephony.md TEL26).
pub fn from_json(root: &str, answer: &[u8]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    let json = serde_json::from_slice(answer).unwrap_or(Json::Null);
    json_element(&mut out, root, &json);
    out
}

fn json_element(out: &mut String, name: &str, json: &Json) {
    match json {
        Json::Array(list) => list.iter().for_each(|item| json_element(out, name, item)),
        Json::Object(map) => {
            open(out, name);
            map.iter()
                .for_each(|(name, value)| json_element(out, name, value));
            close_tag(out, name);
        }
        Json::String(text) => leaf(out, name, text),
        Json::Null => leaf(out, name, ""),
        other => leaf(out, name, &other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_without_prefixes() {
        let root = parse(b"<?xml version='1.0'?><a:E xmlns:a='u'><b xsi:type='x:T'>1 &lt;&#50;</b><b xsi:nil='true'/><![CDATA[z]]></a:E>").unwrap();
        assert_eq!(root.name, "E");
        assert_eq!(root.text_of("b"), Some("1 <2"));
        assert_eq!(root.child("b").unwrap().kind.as_deref(), Some("T"));
        assert!(root.all("b").nth(1).unwrap().nil);
        assert_eq!(root.text, "z");
    }

    #[test]
    fn bad_documents_are_refused() {
        let deep = "<a>".repeat(100_000);
        let many: String = (0..200_000).map(|n| format!(" a{n}='1'")).collect();
        let many = format!("<a{many}/>");
        for body in [
            "",
            "x",
            "<a>",
            "<a></b>",
            "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>",
            "<a>&e;</a>",
            "<a b=></a>",
            "<a/><b/>",
            "<a/>x",
            "<?xml version='1.0' encoding='UTF-16'?><a/>",
            "<?xml version='1.0' encoding='ISO-8859-1'?><a>\u{e9}</a>",
            &deep,
            &many,
        ] {
            assert!(
                parse(body.as_bytes()).is_err(),
                "{}",
                &body[..body.len().min(40)]
            );
        }
        assert!(parse(b"<a>\xff</a>").is_err());
        assert!(parse(&[0xff, 0xfe, 0x3c, 0, 0x61, 0]).is_err());
        assert!(parse(b"<?xml version='1.0' encoding='iso-8859-1'?><a/><!-- end -->\n").is_ok());
    }
}

//! What became of rows, and rows of queries, in the words of both Bulk APIs.

use model::{AnswerRow, Cell, RecordId, Value};

use super::csv::Dialect;
use crate::{json, xml};

/// What became of one row.
#[derive(Clone, Debug, PartialEq)]
pub enum Result<'a> {
    /// Saved.
    Saved {
        /// Its id.
        id: RecordId,
        /// True for a new row.
        created: bool,
    },
    /// Refused.
    Failed {
        /// Code.
        code: &'a str,
        /// Message.
        message: &'a str,
        /// Fields it is about.
        fields: &'a [String],
    },
}

impl Result<'_> {
    /// `CODE:message:fields --`.
    pub fn error(&self) -> String {
        match self {
            Self::Saved { .. } => String::new(),
            Self::Failed {
                code,
                message,
                fields,
            } => format!("{code}:{message}:{} --", fields.join(",")),
        }
    }
}

/// Header of a 2.0 results file: two columns of its own, then those of the upload.
pub fn header<'a>(
    dialect: Dialect,
    own: [&'a str; 2],
    uploaded: impl IntoIterator<Item = &'a str>,
    out: &mut Vec<u8>,
) {
    dialect.write(own.into_iter().chain(uploaded), out);
}

/// Own columns of the successful rows.
pub const SUCCESSFUL: [&str; 2] = ["sf__Id", "sf__Created"];
/// Own columns of the failed rows.
pub const FAILED: [&str; 2] = ["sf__Id", "sf__Error"];

/// One row of a 2.0 results file; the cells of a row that was narrower than its header are filled up.
pub fn row<'a>(
    dialect: Dialect,
    result: &Result<'_>,
    uploaded: impl IntoIterator<Item = &'a str>,
    width: usize,
    out: &mut Vec<u8>,
) {
    let (id, second) = match result {
        Result::Saved { id, created } => (id.to_string(), created.to_string()),
        Result::Failed { .. } => (String::new(), result.error()),
    };
    let mut cells: Vec<&str> = Vec::with_capacity(width + 2);
    cells.extend([id.as_str(), second.as_str()]);
    for cell in uploaded.into_iter().take(width) {
        cells.push(cell);
    }
    cells.resize(width + 2, "");
    dialect.write(cells, out);
}

/// Results of a 1.0 batch in the notation of its job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Notation {
    Csv,
    Json,
    Xml,
}

/// What stands before the results of a 1.0 batch.
pub fn open(notation: Notation, out: &mut Vec<u8>) {
    match notation {
        Notation::Csv => Dialect::PLAIN.write(["Id", "Success", "Created", "Error"], out),
        Notation::Json => out.push(b'['),
        Notation::Xml => {
            let head = format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?><results xmlns=\"{}\">",
                super::classic::NAMESPACE
            );
            out.extend_from_slice(head.as_bytes());
        }
    }
}

/// What stands behind them.
pub fn close(notation: Notation, out: &mut Vec<u8>) {
    match notation {
        Notation::Csv => {}
        Notation::Json => out.push(b']'),
        Notation::Xml => out.extend_from_slice(b"</results>"),
    }
}

/// One result of a 1.0 batch.
pub fn classic(notation: Notation, result: &Result<'_>, is_first: bool, out: &mut Vec<u8>) {
    match notation {
        Notation::Csv => classic_csv(result, out),
        Notation::Json => {
            if !is_first {
                out.push(b',');
            }
            classic_json(result, out);
        }
        Notation::Xml => classic_xml(result, out),
    }
}

fn classic_csv(result: &Result<'_>, out: &mut Vec<u8>) {
    let (id, success, created) = match result {
        Result::Saved { id, created } => (id.to_string(), "true", *created),
        Result::Failed { .. } => (String::new(), "false", false),
    };
    let created = if created { "true" } else { "false" };
    Dialect::PLAIN.write([&id, success, created, &result.error()], out);
}

fn classic_json(result: &Result<'_>, out: &mut Vec<u8>) {
    let mut object = json::Object::open(out);
    match result {
        Result::Saved { id, created } => {
            object
                .bool("success", true)
                .bool("created", *created)
                .id("id", *id)
                .raw("errors", "[]");
        }
        Result::Failed {
            code,
            message,
            fields,
        } => {
            object
                .bool("success", false)
                .bool("created", false)
                .raw("id", "null");
            json::list(object.key("errors"), [()], |out, ()| {
                let mut error = json::Object::open(out);
                error.text("message", message);
                json::list(error.key("fields"), *fields, |out, name| {
                    json::text(out, name)
                });
                error
                    .text("statusCode", code)
                    .raw("extendedErrorDetails", "null");
                error.close();
            });
        }
    }
    object.close();
}

fn classic_xml(result: &Result<'_>, out: &mut Vec<u8>) {
    let mut text = String::from("<result>");
    let mut created_text = "false";
    match result {
        Result::Saved { id, created } => {
            xml::leaf(&mut text, "id", &id.to_string());
            xml::leaf(&mut text, "success", "true");
            created_text = if *created { "true" } else { "false" };
        }
        Result::Failed {
            code,
            message,
            fields,
        } => {
            xml::open(&mut text, "errors");
            fields
                .iter()
                .for_each(|name| xml::leaf(&mut text, "fields", name));
            xml::leaf(&mut text, "message", message);
            xml::leaf(&mut text, "statusCode", code);
            xml::close_tag(&mut text, "errors");
            xml::leaf(&mut text, "success", "false");
        }
    }
    xml::leaf(&mut text, "created", created_text);
    text.push_str("</result>");
    out.extend_from_slice(text.as_bytes());
}

/// A value as CSV shows it; null is empty.
pub fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(flag) => flag.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Double(number) if number.is_finite() => format!("{number:?}"),
        Value::Double(_) => String::new(),
        Value::Text(text) => text.to_string(),
        Value::Id(id) => id.to_string(),
        Value::DateTime(at) => at.to_xml(),
        Value::Date(day) => day.to_string(),
        Value::Time(ms) => json::clock(*ms),
    }
}

/// A record of a 1.0 query in XML.
pub fn record_xml(row: &AnswerRow, out: &mut Vec<u8>) {
    let mut text = String::from("<records xsi:type=\"sObject\">");
    record_fields(&mut text, row);
    text.push_str("</records>");
    out.extend_from_slice(text.as_bytes());
}

fn record_fields(text: &mut String, row: &AnswerRow) {
    xml::leaf(text, "type", &row.type_name);
    for (name, cell) in &row.cells {
        match cell {
            // compound fields are refused before
            Cell::Value(Value::Null)
            | Cell::Compound(_)
            | Cell::Parent(None)
            | Cell::Children(_) => {
                text.push_str(&format!("<{name} xsi:nil=\"true\"/>"));
            }
            Cell::Value(value) => xml::leaf(text, name, &self::cell(value)),
            Cell::Parent(Some(parent)) => {
                text.push_str(&format!("<{name} xsi:type=\"sObject\">"));
                record_fields(text, parent);
                xml::close_tag(text, name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bulk::csv::Ending;
    use model::KeyPrefix;

    fn both() -> [Result<'static>; 2] {
        static FIELDS: std::sync::LazyLock<Vec<String>> =
            std::sync::LazyLock::new(|| vec!["A".into(), "B".into()]);
        let id = RecordId::new(KeyPrefix::of("500"), 1);
        let failed = Result::Failed {
            code: "STRING_TOO_LONG",
            message: "<too> \"long\"",
            fields: &FIELDS,
        };
        [Result::Saved { id, created: true }, failed]
    }

    #[test]
    fn files_of_two_point_zero() {
        let dialect = Dialect {
            delimiter: b';',
            ending: Ending::Crlf,
        };
        let mut out = Vec::new();
        header(dialect, FAILED, ["A", "B"], &mut out);
        row(dialect, &both()[1], ["x"], 2, &mut out);
        row(dialect, &both()[0], ["x", "y\"z"], 2, &mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "\"sf__Id\";\"sf__Error\";\"A\";\"B\"\r\n\
             \"\";\"STRING_TOO_LONG:<too> \"\"long\"\":A,B --\";\"x\";\"\"\r\n\
             \"500000000000001AAA\";\"true\";\"x\";\"y\"\"z\"\r\n"
        );
    }

    #[test]
    fn results_of_one_point_zero() {
        let show = |notation| {
            let mut out = Vec::new();
            open(notation, &mut out);
            for (at, result) in both().iter().enumerate() {
                classic(notation, result, at == 0, &mut out);
            }
            close(notation, &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(
            show(Notation::Csv),
            "\"Id\",\"Success\",\"Created\",\"Error\"\n\"500000000000001AAA\",\"true\",\"true\",\"\"\n\
             \"\",\"false\",\"false\",\"STRING_TOO_LONG:<too> \"\"long\"\":A,B --\"\n"
        );
        let json: serde_json::Value = serde_json::from_str(&show(Notation::Json)).unwrap();
        assert_eq!(json[1]["errors"][0]["statusCode"], "STRING_TOO_LONG");
        assert_eq!(json[0]["created"], true);
        let root = xml::parse(show(Notation::Xml).as_bytes()).unwrap();
        assert_eq!(
            root.children[1].child("errors").unwrap().text_of("message"),
            Some("<too> \"long\"")
        );
    }
}

//! Answers as lines of text, with labels in place of ids.

use model::{Answer, AnswerRow, Cell, Value};

use super::Fixture;

/// One line per row, in the form of the corpus files.
pub fn show(answer: &Answer, fixture: &Fixture) -> Vec<String> {
    answer.rows.iter().map(|row| cells(row, fixture)).collect()
}

fn cells(row: &AnswerRow, fixture: &Fixture) -> String {
    let cells = row.cells.iter().map(|(name, cell)| match cell {
        Cell::Value(value) => format!("{name}={}", shown(value, fixture)),
        Cell::Compound(parts) => {
            let part = |(name, value): &(std::sync::Arc<str>, Value)| {
                format!("{name}={}", shown(value, fixture))
            };
            let parts: Vec<String> = parts.iter().map(part).collect();
            format!("{name}=<{}>", parts.join("; "))
        }
        Cell::Parent(None) | Cell::Children(None) => format!("{name}=null"),
        Cell::Parent(Some(row)) => {
            let object = match row.type_name == row.object_name {
                true => row.type_name.to_string(),
                false => format!("{}({})", row.type_name, row.object_name),
            };
            format!("{name}={object}{{{}}}", cells(row, fixture))
        }
        Cell::Children(Some(answer)) => {
            let rows = show(answer, fixture).into_iter();
            let rows: Vec<String> = rows.map(|row| format!("{{{row}}}")).collect();
            format!("{name}={}[{}]", answer.total, rows.join(" "))
        }
    });
    cells.collect::<Vec<_>>().join("; ")
}

fn shown(value: &Value, fixture: &Fixture) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Double(number) => number.to_string(),
        Value::Text(text) => {
            let text = text.replace('\\', "\\\\").replace('\'', "\\'");
            format!("'{}'", text.replace('\n', "\\n"))
        }
        Value::Id(id) => fixture.label(*id),
        Value::DateTime(at) => at.to_xml().replace(".000Z", "Z"),
        Value::Date(day) => day.to_string(),
        Value::Time(ms) => {
            let s = ms / 1_000;
            format!("{:02}:{:02}:{:02}Z", s / 3_600, s / 60 % 60, s % 60)
        }
    }
}

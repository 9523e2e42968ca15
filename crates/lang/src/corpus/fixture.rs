//! Records of a block, read from text.

use std::collections::BTreeMap;

use model::{Catalogue, Days, FieldDef, FieldType, Millis, Record, RecordId, Value};

/// The records of a block and their labels.
#[derive(Clone, Debug, Default)]
pub struct Fixture {
    /// The records, in the order of the file.
    pub records: Vec<Record>,
    labels: BTreeMap<String, RecordId>,
}

impl Fixture {
    /// The id behind a label.
    pub fn id(&self, label: &str) -> Option<RecordId> {
        self.labels.get(label).copied()
    }

    /// The label of an id, or the id itself.
    pub fn label(&self, id: RecordId) -> String {
        let known = self.labels.iter().find(|(_, known)| **known == id);
        known.map_or_else(|| id.to_string(), |(label, _)| label.clone())
    }

    pub(super) fn first_user(&self, catalogue: &Catalogue) -> RecordId {
        let user = self
            .records
            .iter()
            .find(|r| catalogue.def(r.object).name == "User");
        user.map_or_else(
            || RecordId::new(model::KeyPrefix::of("005"), 1),
            |record| record.id,
        )
    }

    /// Puts ids in place of `{label}` and `{label:15}`.
    pub(super) fn fill(&self, text: &str) -> Result<String, String> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once('{') {
            let (label, after) = behind.split_once('}').ok_or("a brace is not closed")?;
            let (label, short) = match label.strip_suffix(":15") {
                Some(label) => (label, true),
                None => (label, false),
            };
            let id = self.id(label).ok_or_else(|| format!("no record {label}"))?;
            filled.push_str(before);
            match short {
                true => filled.push_str(id.as_15()),
                false => filled.push_str(&id.to_string()),
            }
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    pub(super) fn read(lines: &[(usize, &str)], catalogue: &Catalogue) -> Result<Self, String> {
        let mut fixture = Self::default();
        let mut numbers: BTreeMap<&str, u64> = BTreeMap::new();
        let mut fields = Vec::new();
        for (at, line) in lines {
            let (head, values) = line.split_once(':').unwrap_or((line, ""));
            let (object, label) = head.split_once(' ').ok_or(format!("line {at}: no label"))?;
            let (ix, def) = catalogue
                .find(object)
                .ok_or(format!("line {at}: {object}"))?;
            let number = numbers.entry(def.name.as_str()).or_default();
            *number += 1;
            let id = RecordId::new(def.prefix(), *number);
            if fixture.labels.insert(label.trim().to_owned(), id).is_some() {
                return Err(format!("line {at}: label {label} twice"));
            }
            fixture.records.push(Record::new(ix, id));
            fields.push((*at, values));
        }
        for (place, (at, values)) in fields.into_iter().enumerate() {
            let mut record = fixture.records[place].clone();
            fixture
                .fill_record(&mut record, values, catalogue)
                .map_err(|why| format!("line {at}: {why}"))?;
            fixture.records[place] = record;
        }
        Ok(fixture)
    }

    fn fill_record(
        &self,
        record: &mut Record,
        values: &str,
        catalogue: &Catalogue,
    ) -> Result<(), String> {
        let def = catalogue.def(record.object).clone();
        for part in split(values) {
            if part == "deleted" {
                record.is_deleted = true;
                continue;
            }
            let (name, text) = part
                .split_once('=')
                .ok_or_else(|| format!("no value: {part}"))?;
            let field = def
                .field(name.trim())
                .ok_or_else(|| format!("no field {name}"))?;
            record.set(field, self.value(def.def(field), text.trim())?);
        }
        Ok(())
    }

    fn value(&self, field: &FieldDef, text: &str) -> Result<Value, String> {
        use FieldType as T;
        let value = match field.kind {
            T::Id | T::Reference => self.id(text).map(Value::Id),
            T::Boolean => text.parse().ok().map(Value::Bool),
            T::Int => text.parse().ok().map(Value::Int),
            T::Double | T::Currency | T::Percent => text.parse().ok().map(Value::Double),
            T::Date => Days::parse(text).map(Value::Date),
            T::Datetime => Millis::parse(text).map(Value::DateTime),
            T::Time => Millis::parse(&format!("1970-01-01T{text}"))
                .and_then(|at| i32::try_from(at.0).ok())
                .map(Value::Time),
            _ => quoted(text).map(Value::from),
        };
        value.ok_or_else(|| format!("{}: {text}", field.name))
    }
}

fn quoted(text: &str) -> Option<String> {
    let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
    let mut plain = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        plain.push(match c {
            '\\' => match chars.next()? {
                'n' => '\n',
                other => other,
            },
            other => other,
        });
    }
    Some(plain)
}

/// Parts between semicolons that are not inside quotes.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut inside, mut escaped) = (0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\'' => inside = !inside,
            ';' if !inside => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    let parts = parts.into_iter().map(str::trim);
    parts.filter(|part| !part.is_empty()).collect()
}

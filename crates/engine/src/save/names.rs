//! Names that the server makes or checks: DeveloperName, names of persons.

use model::{Code, Record, Refusal, Value};

use crate::draft::{Planned, Planner, Stop};

/// DeveloperName and the like.
const NAME_MAX: usize = 80;

impl Planner<'_> {
    pub(super) fn name(&mut self, before: Option<&Record>, row: &mut Record) -> Planned<()> {
        let shape = self.engine.shapes.get(row.object);
        if let Some((first, last, name)) = shape.person_name {
            let parts = [row.get(first), row.get(last)];
            let full: Vec<&str> = parts.into_iter().filter_map(Value::as_text).collect();
            let full = full.join(" ");
            row.set(name, Value::from(full));
        }
        let Some(field) = shape.developer_name else {
            return Ok(());
        };
        match row.get(field).as_text() {
            Some(text)
                if before.is_some_and(|b| b.get(field) == row.get(field)) || is_api_name(text) => {}
            Some(text) => {
                let def = self.engine.catalogue.def(row.object);
                let label = &def.def(field).label;
                let text = format!(
                    "{label}: The API Name can only contain underscores and alphanumeric characters. It must be \
                     unique, begin with a letter, not include spaces, not end with an underscore, and not contain \
                     two consecutive underscores: {text}"
                );
                let name = def.def(field).name.clone();
                return Err(Stop::Refused(Refusal::about(
                    Code::FieldIntegrityException,
                    text,
                    [name],
                )));
            }
            None if self
                .engine
                .catalogue
                .def(row.object)
                .def(field)
                .generated_when_missing =>
            {
                let label = shape
                    .label
                    .and_then(|l| row.get(l).as_text())
                    .unwrap_or_default();
                let name = self.free_name(row, field, &api_name(label));
                row.set(field, Value::from(name));
            }
            None => {}
        }
        Ok(())
    }

    /// The name, with a number if another row has it already.
    fn free_name(&self, row: &Record, field: model::FieldIx, base: &str) -> String {
        let rules = &self.engine.resident.unique;
        let is_free = |name: &str| {
            let mut probe = row.clone();
            probe.set(field, Value::from(name));
            rules
                .of_object(row.object)
                .iter()
                .filter(|r| rules.rule(**r).fields.contains(&field))
                .filter_map(|r| rules.key(*r, &probe))
                .all(|key| self.holder(&key).is_none())
        };
        let short = base.get(..60).unwrap_or(base);
        let numbered = (1..20).map(|n| format!("{short}{n}"));
        let mut names = std::iter::once(base.to_owned()).chain(numbered);
        // many rows of one label: the number of the id is free for sure
        let last = || format!("{short}_{}", row.id.number().unwrap_or(0));
        names.find(|name| is_free(name)).unwrap_or_else(last)
    }
}

fn is_api_name(text: &str) -> bool {
    text.len() <= NAME_MAX
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// `Cases, gold!` gives `Cases_gold`.
fn api_name(label: &str) -> String {
    let mut name = String::new();
    for c in label.chars().take(NAME_MAX) {
        if c.is_ascii_alphanumeric() {
            name.push(c);
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
    }
    let name = name.trim_end_matches('_');
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        name.to_owned()
    } else {
        format!("X{name}").chars().take(NAME_MAX).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_become_names() {
        for (label, name) in [
            ("Cases, gold!", "Cases_gold"),
            ("  two  words ", "two_words"),
            ("24 hours", "X24_hours"),
            ("\u{fc}", "X"),
            ("a_b", "a_b"),
        ] {
            assert_eq!(api_name(label), name);
        }
        assert!(is_api_name("cf12_ext") && !is_api_name("1a") && !is_api_name("a b"));
    }
}

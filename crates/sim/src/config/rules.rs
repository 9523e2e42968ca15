//! Skills-based rules: which skills a record asks for (R16).

use model::{Catalogue, FieldIx, ObjectIx, Record, RecordId};

use super::{Config, Reader};
use crate::facts::Need;
use crate::schema::Schema;
use crate::units;

/// A value of a field that asks for a skill.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct SkillRule {
    pub object: ObjectIx,
    pub field: FieldIx,
    /// In lower case.
    pub value: String,
    pub need: Need,
}

impl Config {
    pub(super) fn read_skill_rules(&mut self, s: &Schema, catalogue: &Catalogue, r: &Reader) {
        let (k, of_set) = (&s.rule, &s.rule_set);
        let mut seen = Vec::new();
        for set in r
            .of(of_set.ix)
            .filter(|row| row.get(of_set.active).is_true())
        {
            let entity = set.get(of_set.entity).as_text();
            let Some(object) = entity.and_then(|name| catalogue.object(name)) else {
                continue;
            };
            if seen.contains(&object) {
                continue; // one set per object is in force
            }
            seen.push(object);
            let rows = r
                .of(k.ix)
                .filter(|row| row.get(k.set).as_id() == Some(set.id));
            self.skill_rules
                .extend(rows.filter_map(|row| read_rule(s, catalogue, object, row)));
        }
    }
}

fn read_rule(
    s: &Schema,
    catalogue: &Catalogue,
    object: ObjectIx,
    row: &Record,
) -> Option<SkillRule> {
    let k = &s.rule;
    Some(SkillRule {
        object,
        field: catalogue.def(object).field(row.get(k.field).as_text()?)?,
        value: row.get(k.value).as_text()?.to_lowercase(),
        need: Need {
            skill: RecordId::parse(row.get(k.skill).as_text()?).ok()?,
            level: units::of(row.get(k.level)).unwrap_or(0),
            is_additional: row.get(k.additional).is_true(),
            priority: row.get(k.priority).as_int(),
        },
    })
}

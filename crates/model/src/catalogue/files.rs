//! Reads the data files of `catalogue/` that the build script collected.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

use super::{Catalogue, ObjectDef, PicklistValue, WrongCatalogue};
use crate::KeyPrefix;

include!(concat!(env!("OUT_DIR"), "/catalogue_files.rs"));

static EXTERNAL: &str = include_str!("../../../../catalogue/external.json");

#[derive(Deserialize)]
struct SharedPicklist {
    values: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Foreign {
    key_prefix: Option<String>,
}

pub(super) fn load() -> Result<Catalogue, WrongCatalogue> {
    let shared = shared_picklists()?;
    let mut objects = Vec::with_capacity(OBJECTS.len());
    for (file, text) in OBJECTS {
        objects.push(object(file, text, &shared)?);
    }
    Ok(Catalogue::from_objects(objects, foreign()?))
}

fn wrong(file: &str, why: impl ToString) -> WrongCatalogue {
    WrongCatalogue {
        file: file.to_owned(),
        why: why.to_string(),
    }
}

fn shared_picklists() -> Result<BTreeMap<String, Vec<PicklistValue>>, WrongCatalogue> {
    let mut all = BTreeMap::new();
    for (file, text) in PICKLISTS {
        let list: SharedPicklist = serde_json::from_str(text).map_err(|e| wrong(file, e))?;
        let values = list
            .values
            .into_iter()
            .map(|value| PicklistValue { value, label: None });
        all.insert((*file).to_owned(), values.collect());
    }
    Ok(all)
}

fn object(
    file: &str,
    text: &str,
    shared: &BTreeMap<String, Vec<PicklistValue>>,
) -> Result<ObjectDef, WrongCatalogue> {
    let json: Json = serde_json::from_str(text).map_err(|e| wrong(file, e))?;
    let mut object = ObjectDef::deserialize(&json).map_err(|e| wrong(file, e))?;
    if object.name != file {
        return Err(wrong(file, "the name inside differs from the file's"));
    }
    KeyPrefix::parse(&object.key_prefix_text).map_err(|e| wrong(file, e))?;
    let raw = json["fields"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    for (field, raw) in object.fields.iter_mut().zip(raw) {
        if let Some(name) = raw["picklistRef"].as_str() {
            field.picklist = shared
                .get(name)
                .ok_or_else(|| wrong(file, format!("no picklist {name}")))?
                .clone();
        }
    }
    Ok(object)
}

fn foreign() -> Result<BTreeMap<KeyPrefix, String>, WrongCatalogue> {
    let all: BTreeMap<String, Foreign> =
        serde_json::from_str(EXTERNAL).map_err(|e| wrong("external", e))?;
    let known = all
        .into_iter()
        .filter_map(|(name, object)| Some((KeyPrefix::parse(&object.key_prefix?).ok()?, name)));
    Ok(known.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FieldType, RecordId};

    #[test]
    fn every_file_loads_and_fits() {
        let all = load().unwrap();
        assert!(all.each().count() >= 91);
        let mut prefixes = BTreeMap::new();
        for (ix, object) in all.each() {
            assert_eq!(
                prefixes.insert(object.prefix(), ix),
                None,
                "prefix of {}",
                object.name
            );
            assert_eq!(object.fields[0].name, "Id", "{}", object.name);
            for index in &object.indexes {
                assert!(
                    index.iter().all(|name| object.field(name).is_some()),
                    "{index:?}"
                );
            }
            for field in &object.fields {
                let known =
                    |name: &String| all.object(name).is_some() || EXTERNAL.contains(name.as_str());
                assert!(
                    field.reference_to.iter().all(known),
                    "{}.{}",
                    object.name,
                    field.name
                );
            }
        }
    }

    #[test]
    fn names_ignore_case_and_ids_find_their_object() {
        let all = load().unwrap();
        let (ix, work) = all.find("agentWORK").unwrap();
        assert_eq!(work.name, "AgentWork");
        let status = work.def(work.field("status").unwrap());
        assert_eq!(status.kind, FieldType::Picklist);
        assert_eq!(status.picklist.len(), 8);
        assert_eq!(work.relationship("owner"), work.field("OwnerId"));
        assert_eq!(all.object_of(RecordId::new(work.prefix(), 7)), Some(ix));
    }
}

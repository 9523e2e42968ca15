//! The sObject catalogue: every object and field, read from the data files under `catalogue/`.
//!
//! Tables, describe answers, validation, SOAP types and REST fields all come from here; there is no
//! second list. The catalogue is a value: metadata deployment makes a new one and swaps it.
//!
//! Invariant: an [`ObjectIx`] or [`FieldIx`] handed out stays valid and means the same in every later
//! catalogue of the same org; objects and fields are only ever appended.

mod compound;
mod files;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{KeyPrefix, RecordId};

/// Place of an object in its catalogue.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ObjectIx(pub u16);

/// Place of a field in its object.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FieldIx(pub u16);

/// The kinds of fields (rest-api.md 5.2). The wire name is [`FieldType::as_str`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum FieldType {
    Id,
    Reference,
    #[default]
    String,
    Textarea,
    Picklist,
    Multipicklist,
    Combobox,
    Boolean,
    Int,
    Double,
    Currency,
    Percent,
    Date,
    Datetime,
    Time,
    Email,
    Phone,
    Url,
    Address,
    Location,
    ComplexValue,
    JunctionIdList,
}

impl FieldType {
    /// The type as describe answers name it.
    pub fn as_str(self) -> &'static str {
        use FieldType as T;
        match self {
            T::Id => "id",
            T::Reference => "reference",
            T::String => "string",
            T::Textarea => "textarea",
            T::Picklist => "picklist",
            T::Multipicklist => "multipicklist",
            T::Combobox => "combobox",
            T::Boolean => "boolean",
            T::Int => "int",
            T::Double => "double",
            T::Currency => "currency",
            T::Percent => "percent",
            T::Date => "date",
            T::Datetime => "datetime",
            T::Time => "time",
            T::Email => "email",
            T::Phone => "phone",
            T::Url => "url",
            T::Address => "address",
            T::Location => "location",
            T::ComplexValue => "complexvalue",
            T::JunctionIdList => "junctionidlist",
        }
    }

    /// Stored as text.
    pub fn is_text(self) -> bool {
        use FieldType as T;
        matches!(
            self,
            T::String
                | T::Textarea
                | T::Picklist
                | T::Multipicklist
                | T::Combobox
                | T::Email
                | T::Phone
                | T::Url
        )
    }

    /// An address or a location: made of other fields of its object.
    pub fn has_parts(self) -> bool {
        matches!(self, Self::Address | Self::Location)
    }

    /// Made of other fields or not stored as one value: has no column.
    pub fn is_compound(self) -> bool {
        use FieldType as T;
        matches!(
            self,
            T::Address | T::Location | T::ComplexValue | T::JunctionIdList
        )
    }
}

/// One entry of a picklist.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
pub struct PicklistValue {
    /// What is stored.
    pub value: String,
    /// What is shown; the value if absent.
    #[serde(default)]
    pub label: Option<String>,
}

/// One field of an object. The flags are those of a describe answer.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct FieldDef {
    pub name: String,
    pub label: String,
    #[serde(rename = "type")]
    pub kind: FieldType,
    pub length: Option<u32>,
    pub digits: Option<u32>,
    pub precision: Option<u32>,
    pub scale: Option<u32>,
    /// Objects a reference may point to, ours and foreign ones.
    pub reference_to: Vec<String>,
    pub relationship_name: Option<String>,
    pub polymorphic: bool,
    pub default: Option<String>,
    pub picklist: Vec<PicklistValue>,
    /// Only the listed picklist values may be stored.
    pub restricted: bool,
    pub nillable: bool,
    pub createable: bool,
    pub updateable: bool,
    pub defaulted_on_create: bool,
    pub filterable: bool,
    pub sortable: bool,
    pub groupable: bool,
    pub id_lookup: bool,
    pub external_id: bool,
    pub unique: bool,
    pub auto_number: bool,
    /// Filled from the label when a client leaves it out (DeveloperName).
    pub generated_when_missing: bool,
    /// First API version that shows it, as `"42.0"`.
    pub since: Option<String>,
    pub until: Option<String>,
    /// Org feature that must be on for the field to appear (objects.md 9).
    pub feature: Option<String>,
    /// Gone before API 64.0: never shown.
    pub retired: bool,
    /// Newer than API 64.0: hidden up to that version.
    pub after_target: bool,
    pub custom: bool,
    /// The field is computed from others by this formula (`lang::formula`) and has no value of its own.
    pub formula: Option<String>,
    pub meaning: Option<String>,
}

impl FieldDef {
    /// Required on create (objects.md 1).
    pub fn is_required(&self) -> bool {
        self.createable
            && !self.nillable
            && !self.defaulted_on_create
            && self.kind != FieldType::Boolean
    }

    /// Shown and queryable in this API version (`64` for 64.0).
    pub fn visible_in(&self, version: u32) -> bool {
        let major = |text: &Option<String>| -> Option<u32> {
            text.as_deref()?.split('.').next()?.parse().ok()
        };
        let gone = self.retired || self.after_target && version <= 64;
        !gone
            && major(&self.since).is_none_or(|since| version >= since)
            && major(&self.until).is_none_or(|until| version <= until)
    }
}

/// A relation that a child object has to this one.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct ChildRelationship {
    #[serde(rename = "childSObject")]
    pub child_object: String,
    pub field: String,
    /// Null when sub-queries cannot name it.
    pub relationship_name: Option<String>,
    pub cascade_delete: bool,
}

/// Objects that stand beside an object.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct Associated {
    pub share: Option<String>,
    pub history: Option<String>,
    pub feed: Option<String>,
    pub change_event: Option<String>,
}

/// One object.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct ObjectDef {
    pub name: String,
    pub label: String,
    pub label_plural: String,
    #[serde(rename = "keyPrefix")]
    pub key_prefix_text: String,
    /// `data` or `tooling`.
    pub surface: String,
    pub group: String,
    pub since: Option<String>,
    pub name_field: String,
    pub meaning: Option<String>,
    /// Which calls the object takes: create, query, retrieve, update, delete, undelete, upsert, search.
    pub can: Vec<String>,
    pub associated: Associated,
    /// Column lists that the store indexes; only fields that seldom change.
    pub indexes: Vec<Vec<String>>,
    pub custom: bool,
    pub fields: Vec<FieldDef>,
    pub child_relationships: Vec<ChildRelationship>,
    #[serde(skip)]
    by_name: BTreeMap<String, FieldIx>,
    #[serde(skip)]
    by_relationship: BTreeMap<String, FieldIx>,
}

impl ObjectDef {
    /// The first three characters of its ids.
    pub fn prefix(&self) -> KeyPrefix {
        KeyPrefix::parse(&self.key_prefix_text).unwrap_or(KeyPrefix::of("000"))
    }

    /// True if the call list names `call`.
    pub fn can(&self, call: &str) -> bool {
        self.can.iter().any(|c| c == call)
    }

    /// The field of this API name, in any case.
    pub fn field(&self, name: &str) -> Option<FieldIx> {
        self.by_name
            .get(name)
            .or_else(|| self.by_name.get(&name.to_ascii_lowercase()))
            .copied()
    }

    /// The reference field behind a parent relationship name (`Owner` gives `OwnerId`), in any case.
    pub fn relationship(&self, name: &str) -> Option<FieldIx> {
        self.by_relationship
            .get(&name.to_ascii_lowercase())
            .copied()
    }

    /// The definition of a field.
    pub fn def(&self, field: FieldIx) -> &FieldDef {
        &self.fields[usize::from(field.0)]
    }

    /// All fields with their places.
    pub fn each_field(&self) -> impl Iterator<Item = (FieldIx, &FieldDef)> {
        self.fields
            .iter()
            .enumerate()
            .map(|(at, def)| (FieldIx(at as u16), def))
    }

    fn index(&mut self) {
        self.by_name.clear();
        self.by_relationship.clear();
        for (at, field) in self.fields.iter().enumerate() {
            let ix = FieldIx(at as u16);
            self.by_name.insert(field.name.to_ascii_lowercase(), ix);
            if let Some(name) = &field.relationship_name {
                self.by_relationship
                    .entry(name.to_ascii_lowercase())
                    .or_insert(ix);
            }
        }
    }
}

/// All objects of an org.
#[derive(Clone, Debug)]
pub struct Catalogue {
    objects: Vec<Arc<ObjectDef>>,
    by_name: BTreeMap<String, ObjectIx>,
    by_prefix: BTreeMap<KeyPrefix, ObjectIx>,
    foreign: Arc<BTreeMap<KeyPrefix, String>>,
}

/// A data file of the catalogue does not fit.
#[derive(Debug, thiserror::Error)]
#[error("catalogue file {file}: {why}")]
pub struct WrongCatalogue {
    /// The file's name.
    pub file: String,
    /// What is wrong.
    pub why: String,
}

impl Catalogue {
    /// The catalogue that ships with the binary.
    ///
    /// # Errors
    /// [`WrongCatalogue`] if a data file is damaged; a test of this crate makes sure that none is.
    pub fn standard() -> Result<Self, WrongCatalogue> {
        files::load()
    }

    fn from_objects(mut objects: Vec<ObjectDef>, foreign: BTreeMap<KeyPrefix, String>) -> Self {
        let mut all = Self {
            objects: Vec::with_capacity(objects.len()),
            by_name: BTreeMap::new(),
            by_prefix: BTreeMap::new(),
            foreign: Arc::new(foreign),
        };
        for object in &mut objects {
            all.add(std::mem::take(object));
        }
        all
    }

    /// Adds a new object, or a new version of one that only appends fields.
    pub fn add(&mut self, mut object: ObjectDef) -> ObjectIx {
        object.index();
        let key = object.name.to_ascii_lowercase();
        let prefix = object.prefix();
        if let Some(ix) = self.by_name.get(&key) {
            self.objects[usize::from(ix.0)] = Arc::new(object);
            return *ix;
        }
        let ix = ObjectIx(self.objects.len() as u16);
        self.by_name.insert(key, ix);
        self.by_prefix.entry(prefix).or_insert(ix);
        self.objects.push(Arc::new(object));
        ix
    }

    /// The object of this API name, in any case.
    pub fn object(&self, name: &str) -> Option<ObjectIx> {
        self.by_name
            .get(name)
            .or_else(|| self.by_name.get(&name.to_ascii_lowercase()))
            .copied()
    }

    /// The definition of an object.
    pub fn def(&self, object: ObjectIx) -> &Arc<ObjectDef> {
        &self.objects[usize::from(object.0)]
    }

    /// Object and definition by API name, in any case.
    pub fn find(&self, name: &str) -> Option<(ObjectIx, &Arc<ObjectDef>)> {
        self.object(name).map(|ix| (ix, self.def(ix)))
    }

    /// Which object an id belongs to; `None` for objects that are not ours.
    pub fn object_of(&self, id: RecordId) -> Option<ObjectIx> {
        self.by_prefix.get(&id.prefix()).copied()
    }

    /// The name of the object of an id, foreign objects included.
    pub fn name_of(&self, id: RecordId) -> Option<&str> {
        match self.object_of(id) {
            Some(ix) => Some(&self.def(ix).name),
            None => self.foreign.get(&id.prefix()).map(String::as_str),
        }
    }

    /// All objects with their places.
    pub fn each(&self) -> impl Iterator<Item = (ObjectIx, &Arc<ObjectDef>)> {
        self.objects
            .iter()
            .enumerate()
            .map(|(at, def)| (ObjectIx(at as u16), def))
    }
}

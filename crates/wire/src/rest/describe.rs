//! Describe answers from the catalogue (rest-api.md 5.2).
//!
//! What is said about an object or a field is listed once, as items; REST prints them as JSON here, SOAP
//! prints the same items as XML.

use model::{Catalogue, ChildRelationship, FieldDef, FieldIx, FieldType, ObjectDef, ObjectIx};

use super::answer::base;
use crate::json;

/// One fact about an object or field.
#[derive(Clone, Copy, Debug)]
pub enum Item<'a> {
    /// Nothing known.
    Null,
    /// A flag.
    Bool(bool),
    /// A number.
    Int(i64),
    /// A text.
    Text(&'a str),
    /// An empty list.
    Empty,
    /// Names.
    Names(&'a [String]),
    /// Picklist entries.
    Picklist(&'a FieldDef),
}

/// What the caller may do with an object, and which fields it may see.
pub trait View {
    /// May see the object at all.
    fn sees(&self, object: ObjectIx) -> bool;
    /// May see the field.
    fn sees_field(&self, object: ObjectIx, field: FieldIx) -> bool;
    /// May create, edit and delete rows.
    fn may(&self, object: ObjectIx) -> (bool, bool, bool);
    /// May write the field where the catalogue allows it.
    fn may_write(&self, object: ObjectIx, field: FieldIx) -> bool;
}

fn soap_type(kind: FieldType) -> &'static str {
    use FieldType as T;
    match kind {
        T::Id | T::Reference => "tns:ID",
        T::Boolean => "xsd:boolean",
        T::Int => "xsd:int",
        T::Double | T::Currency | T::Percent => "xsd:double",
        T::Date => "xsd:date",
        T::Datetime => "xsd:dateTime",
        T::Time => "xsd:time",
        T::Address => "urn:address",
        T::Location => "urn:location",
        T::ComplexValue | T::JunctionIdList => "xsd:anyType",
        _ => "xsd:string",
    }
}

fn length(field: &FieldDef) -> i64 {
    match field.kind {
        FieldType::Id | FieldType::Reference => 18,
        kind if kind.is_text() => i64::from(field.length.unwrap_or(255)),
        _ => 0,
    }
}

fn byte_length(field: &FieldDef) -> i64 {
    match field.kind {
        FieldType::Id | FieldType::Reference => 18,
        _ => length(field) * 3,
    }
}

/// Every fact about a field, in alphabetical order.
pub fn field_items<'a>(
    object: &'a ObjectDef,
    field: &'a FieldDef,
    writable: bool,
    mut put: impl FnMut(&'static str, Item<'a>),
) {
    use Item::{Bool, Empty, Int, Names, Null, Picklist, Text};
    let kind = field.kind;
    let number = |digits: Option<u32>| Int(i64::from(digits.unwrap_or(0)));
    let permissionable =
        (field.createable || field.updateable) && !field.is_required() && kind != FieldType::Id;
    put(
        "aggregatable",
        Bool(!kind.is_compound() && kind != FieldType::Boolean && field.filterable),
    );
    put("aiPredictionField", Bool(false));
    put("autoNumber", Bool(field.auto_number));
    put("byteLength", Int(byte_length(field)));
    put("calculated", Bool(field.formula.is_some()));
    let formula = field.formula.as_deref();
    put("calculatedFormula", formula.map_or(Null, Text));
    put("cascadeDelete", Bool(false));
    put("caseSensitive", Bool(false));
    let compound = object
        .field(&field.name)
        .and_then(|ix| object.compound_of(ix));
    put(
        "compoundFieldName",
        compound.map_or(Null, |c| Text(&c.name)),
    );
    put("controllerName", Null);
    let writable = writable && field.formula.is_none();
    put("createable", Bool(field.createable && writable));
    put("custom", Bool(field.custom));
    put(
        "defaultValue",
        if kind == FieldType::Boolean {
            Bool(field.default.as_deref() == Some("true"))
        } else {
            Null
        },
    );
    put("defaultValueFormula", Null);
    put("defaultedOnCreate", Bool(field.defaulted_on_create));
    put("dependentPicklist", Bool(false));
    put("deprecatedAndHidden", Bool(false));
    put(
        "digits",
        number(field.digits.filter(|_| kind == FieldType::Int)),
    );
    put("displayLocationInDecimal", Bool(false));
    put("encrypted", Bool(false));
    put("externalId", Bool(field.external_id));
    put(
        "extraTypeInfo",
        if kind == FieldType::Textarea {
            Text("plaintextarea")
        } else {
            Null
        },
    );
    put("filterable", Bool(field.filterable));
    put("filteredLookupInfo", Null);
    put("formulaTreatNullNumberAsZero", Bool(false));
    put("groupable", Bool(field.groupable));
    put("highScaleNumber", Bool(false));
    put("htmlFormatted", Bool(false));
    put("idLookup", Bool(field.id_lookup));
    put("inlineHelpText", Null);
    put("label", Text(&field.label));
    put("length", Int(length(field)));
    put("mask", Null);
    put("maskType", Null);
    put("name", Text(&field.name));
    put("nameField", Bool(field.name == object.name_field));
    put("namePointing", Bool(field.polymorphic));
    put("nillable", Bool(field.nillable));
    put("permissionable", Bool(permissionable));
    put(
        "picklistValues",
        if field.picklist.is_empty() {
            Empty
        } else {
            Picklist(field)
        },
    );
    put("polymorphicForeignKey", Bool(field.polymorphic));
    put("precision", number(field.precision));
    put("queryByDistance", Bool(kind == FieldType::Location));
    put("referenceTargetField", Null);
    put("referenceTo", Names(&field.reference_to));
    put(
        "relationshipName",
        field.relationship_name.as_deref().map_or(Null, Text),
    );
    put("relationshipOrder", Null);
    put("restrictedDelete", Bool(false));
    put("restrictedPicklist", Bool(field.restricted));
    put("scale", number(field.scale));
    put("searchPrefilterable", Bool(kind == FieldType::Reference));
    put("soapType", Text(soap_type(kind)));
    put("sortable", Bool(field.sortable));
    put("type", Text(kind.as_str()));
    put("unique", Bool(field.unique));
    put("updateable", Bool(field.updateable && writable));
    put("writeRequiresMasterRead", Bool(false));
}

/// Every plain fact about an object, in alphabetical order; lists of a full describe are not among them.
pub fn object_items<'a>(
    object: &'a ObjectDef,
    (create, edit, delete): (bool, bool, bool),
    mut put: impl FnMut(&'static str, Item<'a>),
) {
    use Item::{Bool, Null, Text};
    let can = |call: &str| Bool(object.can(call));
    put("activateable", Bool(false));
    put("associateEntityType", Null);
    put("associateParentEntity", Null);
    put("createable", Bool(create && object.can("create")));
    put("custom", Bool(object.custom));
    put("customSetting", Bool(false));
    put("deepCloneable", Bool(false));
    put("deletable", Bool(delete && object.can("delete")));
    put("deprecatedAndHidden", Bool(false));
    put("feedEnabled", Bool(object.associated.feed.is_some()));
    put("hasSubtypes", Bool(false));
    put("isInterface", Bool(false));
    put("isSubtype", Bool(false));
    put("keyPrefix", Text(&object.key_prefix_text));
    put("label", Text(&object.label));
    put("labelPlural", Text(&object.label_plural));
    put("layoutable", Bool(object.group == "crm"));
    put("mergeable", can("merge"));
    put("mruEnabled", can("search"));
    put("name", Text(&object.name));
    put("queryable", can("query"));
    put("replicateable", can("retrieve"));
    put("retrieveable", can("retrieve"));
    put("searchable", can("search"));
    put("triggerable", can("create"));
    put("undeletable", can("undelete"));
    put("updateable", Bool(edit && object.can("update")));
}

fn item(out: &mut Vec<u8>, item: Item<'_>) {
    match item {
        Item::Null => out.extend_from_slice(b"null"),
        Item::Bool(flag) => json::put(out, format_args!("{flag}")),
        Item::Int(number) => json::put(out, format_args!("{number}")),
        Item::Text(text) => json::text(out, text),
        Item::Empty => out.extend_from_slice(b"[]"),
        Item::Names(names) => json::list(out, names, |out, name| json::text(out, name)),
        Item::Picklist(field) => picklist(out, field),
    }
}

fn picklist(out: &mut Vec<u8>, field: &FieldDef) {
    json::list(out, &field.picklist, |out, entry| {
        let label = entry.label.as_deref().unwrap_or(&entry.value);
        let is_default = field.default.as_deref() == Some(&entry.value);
        let mut object = json::Object::open(out);
        object
            .bool("active", true)
            .bool("defaultValue", is_default)
            .text("label", label);
        object.raw("validFor", "null").text("value", &entry.value);
        object.close();
    });
}

/// An entry of global describe: the plain facts and the URLs.
pub fn entry(out: &mut Vec<u8>, ix: ObjectIx, object: &ObjectDef, view: &impl View, version: u32) {
    let mut json = json::Object::open(out);
    object_items(object, view.may(ix), |name, fact| {
        item(json.key(name), fact)
    });
    let url = format!("{}/sobjects/{}", base(version), object.name);
    let mut urls = json::Object::open(json.key("urls"));
    urls.text("sobject", &url)
        .text("describe", &format!("{url}/describe"))
        .text("rowTemplate", &format!("{url}/{{ID}}"));
    urls.close();
    json.close();
}

/// True for objects that belong on the data API of this version.
pub fn is_served(object: &ObjectDef, version: u32) -> bool {
    let since = object
        .since
        .as_deref()
        .and_then(|s| s.split('.').next()?.parse::<u32>().ok());
    object.surface != "tooling" && since.is_none_or(|since| version >= since)
}

/// `GET /sobjects`: every object that the caller may see.
pub fn global(out: &mut Vec<u8>, catalogue: &Catalogue, view: &impl View, version: u32) {
    out.extend_from_slice(br#"{"encoding":"UTF-8","maxBatchSize":200,"sobjects":"#);
    let mut shown: Vec<_> = catalogue
        .each()
        .filter(|(ix, object)| is_served(object, version) && view.sees(*ix))
        .collect();
    shown.sort_by(|a, b| a.1.name.cmp(&b.1.name));
    json::list(out, shown, |out, (ix, object)| {
        entry(out, ix, object, view, version)
    });
    out.push(b'}');
}

/// `GET /sobjects/X`: the entry and the rows that were used last.
pub fn basic(out: &mut Vec<u8>, ix: ObjectIx, object: &ObjectDef, view: &impl View, version: u32) {
    out.extend_from_slice(br#"{"objectDescribe":"#);
    entry(out, ix, object, view, version);
    out.extend_from_slice(br#","recentItems":[]}"#);
}

/// `GET /sobjects/X/describe`.
pub fn object(
    out: &mut Vec<u8>,
    catalogue: &Catalogue,
    ix: ObjectIx,
    object: &ObjectDef,
    view: &impl View,
    version: u32,
) {
    let mut json = json::Object::open(out);
    json.raw("actionOverrides", "[]");
    object_items(object, view.may(ix), |name, fact| {
        item(json.key(name), fact)
    });
    children(json.key("childRelationships"), catalogue, object, view);
    json.bool("compactLayoutable", object.group == "crm");
    for name in ["defaultImplementation", "extendedBy", "extendsInterfaces"] {
        json.raw(name, "null");
    }
    fields(json.key("fields"), catalogue, ix, object, view, version);
    for name in [
        "implementedBy",
        "implementsInterfaces",
        "listviewable",
        "lookupLayoutable",
    ] {
        json.raw(name, "null");
    }
    json.raw("namedLayoutInfos", "[]")
        .raw("networkScopeFieldName", "null");
    record_types(json.key("recordTypeInfos"), object, version);
    json.bool("searchLayoutable", object.can("search"))
        .text("sobjectDescribeOption", "FULL");
    json.raw(
        "supportedScopes",
        r#"[{"label":"All records","name":"everything"},{"label":"My records","name":"mine"}]"#,
    );
    urls(json.key("urls"), object, version);
    json.close();
}

/// The objects of a reference that the caller may see, and those that are not ours.
pub fn seen_names<'a>(
    names: &'a [String],
    catalogue: &'a Catalogue,
    view: &'a impl View,
) -> impl Iterator<Item = &'a str> {
    let seen = |name: &&String| catalogue.object(name).is_none_or(|ix| view.sees(ix));
    names.iter().filter(seen).map(String::as_str)
}

fn fields(
    out: &mut Vec<u8>,
    catalogue: &Catalogue,
    ix: ObjectIx,
    object: &ObjectDef,
    view: &impl View,
    version: u32,
) {
    let shown = object
        .each_field()
        .filter(|(field, def)| def.visible_in(version) && view.sees_field(ix, *field));
    json::list(out, shown, |out, (at, _)| {
        field(out, catalogue, (ix, object), at, view);
    });
}

/// Every fact about one field, as an object.
pub(super) fn field(
    out: &mut Vec<u8>,
    catalogue: &Catalogue,
    (ix, object): (ObjectIx, &ObjectDef),
    at: FieldIx,
    view: &impl View,
) {
    let mut json = json::Object::open(out);
    let writable = view.may_write(ix, at);
    field_items(object, object.def(at), writable, |name, fact| match fact {
        Item::Names(names) => {
            let seen = seen_names(names, catalogue, view);
            json::list(json.key(name), seen, json::text);
        }
        fact => item(json.key(name), fact),
    });
    json.close();
}

/// Child relationships whose object and reference field the caller may see.
pub fn seen_children<'a>(
    catalogue: &'a Catalogue,
    object: &'a ObjectDef,
    view: &'a impl View,
) -> impl Iterator<Item = &'a ChildRelationship> {
    object.child_relationships.iter().filter(|child| {
        catalogue.find(&child.child_object).is_none_or(|(ix, def)| {
            let field = def.field(&child.field);
            view.sees(ix) && field.is_none_or(|field| view.sees_field(ix, field))
        })
    })
}

fn children(out: &mut Vec<u8>, catalogue: &Catalogue, object: &ObjectDef, view: &impl View) {
    let shown = seen_children(catalogue, object, view);
    json::list(out, shown, |out, child| {
        let mut json = json::Object::open(out);
        json.bool("cascadeDelete", child.cascade_delete)
            .text("childSObject", &child.child_object)
            .bool("deprecatedAndHidden", false)
            .text("field", &child.field)
            .raw("junctionIdListNames", "[]")
            .raw("junctionReferenceTo", "[]")
            .text_or_null("relationshipName", child.relationship_name.as_deref())
            .bool("restrictedDelete", false);
        json.close();
    });
}

/// The id that stands for "no record type".
pub const MASTER_RECORD_TYPE: &str = "012000000000000AAA";

fn record_types(out: &mut Vec<u8>, object: &ObjectDef, version: u32) {
    let layout = format!(
        "{}/sobjects/{}/describe/layouts/{MASTER_RECORD_TYPE}",
        base(version),
        object.name
    );
    json::list(out, [layout], |out, layout| {
        let mut json = json::Object::open(out);
        json.bool("active", true)
            .bool("available", true)
            .bool("defaultRecordTypeMapping", true)
            .text("developerName", "Master")
            .bool("master", true)
            .text("name", "Master")
            .text("recordTypeId", MASTER_RECORD_TYPE);
        let mut urls = json::Object::open(json.key("urls"));
        urls.text("layout", &layout);
        urls.close();
        json.close();
    });
}

fn urls(out: &mut Vec<u8>, object: &ObjectDef, version: u32) {
    let url = format!("{}/sobjects/{}", base(version), object.name);
    let mut json = json::Object::open(out);
    for (name, tail) in [
        ("compactLayouts", "/describe/compactLayouts"),
        ("rowTemplate", "/{ID}"),
        ("approvalLayouts", "/describe/approvalLayouts"),
        ("listviews", "/listviews"),
        ("describe", "/describe"),
        ("quickActions", "/quickActions"),
        ("layouts", "/describe/layouts"),
        ("sobject", ""),
    ] {
        json.text(name, &format!("{url}{tail}"));
    }
    json.close();
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value as Json;

    struct All;
    impl View for All {
        fn sees(&self, _: ObjectIx) -> bool {
            true
        }
        fn sees_field(&self, _: ObjectIx, _: FieldIx) -> bool {
            true
        }
        fn may(&self, _: ObjectIx) -> (bool, bool, bool) {
            (true, true, true)
        }
        fn may_write(&self, _: ObjectIx, _: FieldIx) -> bool {
            true
        }
    }

    fn describe(name: &str) -> Json {
        let all = Catalogue::standard().unwrap();
        let (ix, def) = all.find(name).unwrap();
        let mut out = Vec::new();
        object(&mut out, &all, ix, def, &All, 64);
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn agent_work_as_clients_read_it() {
        let d = describe("agentwork");
        assert_eq!(d["keyPrefix"], "0Bz");
        let field = |name: &str| {
            d["fields"]
                .as_array()
                .unwrap()
                .iter()
                .find(|f| f["name"] == name)
                .unwrap()
                .clone()
        };
        let id = field("Id");
        assert_eq!(
            (&id["type"], &id["soapType"], &id["length"]),
            (&"id".into(), &"tns:ID".into(), &18.into())
        );
        assert_eq!(
            field("Status")["picklistValues"].as_array().unwrap().len(),
            8
        );
        assert_eq!(field("UserId")["referenceTo"], serde_json::json!(["User"]));
        assert_eq!(id.as_object().unwrap().len(), 57);
    }

    #[test]
    fn a_formula_is_calculated_and_not_written() {
        let mut all = Catalogue::standard().unwrap();
        let mut case = ObjectDef::clone(all.find("Case").unwrap().1);
        case.fields.push(FieldDef {
            name: "Title__c".to_owned(),
            formula: Some("Subject & '!'".to_owned()),
            createable: true,
            ..FieldDef::default()
        });
        let ix = all.add(case);
        let mut out = Vec::new();
        object(&mut out, &all, ix, all.def(ix), &All, 64);
        let shown: Json = serde_json::from_slice(&out).unwrap();
        let title = shown["fields"].as_array().unwrap().last().unwrap();
        assert_eq!(title["name"], "Title__c");
        assert_eq!(title["calculated"], true);
        assert_eq!(title["calculatedFormula"], "Subject & '!'");
        assert_eq!(title["createable"], false);
    }

    /// Sees everything but one object.
    struct AllBut(ObjectIx);
    impl View for AllBut {
        fn sees(&self, object: ObjectIx) -> bool {
            object != self.0
        }
        fn sees_field(&self, _: ObjectIx, _: FieldIx) -> bool {
            true
        }
        fn may(&self, _: ObjectIx) -> (bool, bool, bool) {
            (true, true, true)
        }
        fn may_write(&self, _: ObjectIx, _: FieldIx) -> bool {
            true
        }
    }

    #[test]
    fn a_reference_does_not_name_what_the_caller_may_not_see() {
        let all = Catalogue::standard().unwrap();
        let (ix, def) = all.find("Task").unwrap();
        let (contact, _) = all.find("Contact").unwrap();
        let mut out = Vec::new();
        object(&mut out, &all, ix, def, &AllBut(contact), 64);
        let shown: Json = serde_json::from_slice(&out).unwrap();
        let mut fields = shown["fields"].as_array().unwrap().iter();
        let who = fields.find(|f| f["name"] == "WhoId").unwrap();
        assert_eq!(who["referenceTo"], serde_json::json!(["Lead"]));
    }

    #[test]
    fn every_object_prints_and_presence_is_not_createable() {
        let all = Catalogue::standard().unwrap();
        for (ix, def) in all.each() {
            let mut out = Vec::new();
            object(&mut out, &all, ix, def, &All, 64);
            assert!(serde_json::from_slice::<Json>(&out).is_ok(), "{}", def.name);
        }
        assert_eq!(describe("UserServicePresence")["createable"], false);
        let mut out = Vec::new();
        global(&mut out, &all, &All, 64);
        let g: Json = serde_json::from_slice(&out).unwrap();
        let entry = g["sobjects"]
            .as_array()
            .unwrap()
            .iter()
            .find(|o| o["name"] == "AgentWork")
            .unwrap();
        assert_eq!(
            entry["urls"]["rowTemplate"],
            "/services/data/v64.0/sobjects/AgentWork/{ID}"
        );
    }
}

//! Describe answers in SOAP: the same facts as REST prints, in the order of the WSDL.

use model::{Catalogue, FieldDef, ObjectDef, ObjectIx};

use super::session::nil;
use crate::rest::describe::{
    Item, MASTER_RECORD_TYPE, View, field_items, is_served, object_items, seen_children, seen_names,
};
use crate::xml;

/// Facts of an object that must be there even without a value.
const NILLABLE: [&str; 3] = ["associateEntityType", "associateParentEntity", "keyPrefix"];

fn flag(out: &mut String, name: &str, value: bool) {
    xml::leaf(out, name, if value { "true" } else { "false" });
}

/// A flag where the schema takes a value of any type.
fn typed_flag(out: &mut String, name: &str, value: bool) {
    xml::open(out, &format!("{name} xsi:type=\"xsd:boolean\""));
    out.push_str(if value { "true" } else { "false" });
    xml::close_tag(out, name);
}

fn item(out: &mut String, name: &str, item: Item<'_>) {
    match item {
        Item::Null if NILLABLE.contains(&name) => nil(out, name),
        Item::Null | Item::Empty => {}
        Item::Bool(value) if name == "defaultValue" => typed_flag(out, name, value),
        Item::Bool(value) => flag(out, name, value),
        Item::Int(number) => xml::leaf(out, name, &number.to_string()),
        Item::Text(text) if name == "soapType" => {
            xml::leaf(out, name, &text.replace("urn:", "tns:"))
        }
        Item::Text(text) => xml::leaf(out, name, text),
        Item::Names(names) => names.iter().for_each(|one| xml::leaf(out, name, one)),
        Item::Picklist(field) => picklist(out, name, field),
    }
}

fn picklist(out: &mut String, name: &str, field: &FieldDef) {
    for entry in &field.picklist {
        xml::open(out, name);
        flag(out, "active", true);
        flag(
            out,
            "defaultValue",
            field.default.as_deref() == Some(&entry.value),
        );
        xml::leaf(out, "label", entry.label.as_deref().unwrap_or(&entry.value));
        xml::leaf(out, "value", &entry.value);
        xml::close_tag(out, name);
    }
}

/// The facts that SOAP has beside those of [`object_items`], put where the alphabet wants them.
fn with_extras<'a>(
    object: &'a ObjectDef,
    may: (bool, bool, bool),
    mut put: impl FnMut(&'static str, Item<'a>),
) {
    object_items(object, may, |name, fact| {
        if name == "isInterface" {
            put("idEnabled", Item::Bool(true));
        }
        put(name, fact);
    });
}

/// The inside of describeGlobalResponse.
pub fn global(catalogue: &Catalogue, view: &impl View, version: u32) -> String {
    let mut out =
        String::from("<result><encoding>UTF-8</encoding><maxBatchSize>200</maxBatchSize>");
    for (ix, object) in catalogue
        .each()
        .filter(|(ix, o)| is_served(o, version) && view.sees(*ix))
    {
        out.push_str("<sobjects>");
        with_extras(object, view.may(ix), |name, fact| {
            item(&mut out, name, fact)
        });
        out.push_str("</sobjects>");
    }
    out.push_str("</result>");
    out
}

/// One `<result>` of describeSObject and describeSObjects.
pub fn object(
    out: &mut String,
    catalogue: &Catalogue,
    ix: ObjectIx,
    object: &ObjectDef,
    view: &impl View,
    version: u32,
) {
    out.push_str("<result>");
    with_extras(object, view.may(ix), |name, fact| {
        before(out, name, catalogue, ix, object, view, version);
        item(out, name, fact);
    });
    for name in ["urlDetail", "urlEdit", "urlNew"] {
        nil(out, name);
    }
    out.push_str("</result>");
}

/// What stands before an element in the alphabet and is no plain fact.
fn before(
    out: &mut String,
    name: &str,
    catalogue: &Catalogue,
    ix: ObjectIx,
    object: &ObjectDef,
    view: &impl View,
    version: u32,
) {
    match name {
        "createable" => {
            children(out, catalogue, object, view);
            flag(out, "compactLayoutable", object.group == "crm");
        }
        "deletable" => nil(out, "defaultImplementation"),
        "hasSubtypes" => fields(out, catalogue, ix, object, view, version),
        "isInterface" => {
            nil(out, "implementedBy");
            nil(out, "implementsInterfaces");
        }
        "queryable" => nil(out, "networkScopeFieldName"),
        "replicateable" => record_type(out),
        "searchable" => flag(out, "searchLayoutable", object.can("search")),
        "triggerable" => {
            out.push_str("<supportedScopes><label>All records</label><name>everything</name></supportedScopes>");
        }
        _ => {}
    }
}

fn children(out: &mut String, catalogue: &Catalogue, object: &ObjectDef, view: &impl View) {
    for child in seen_children(catalogue, object, view) {
        out.push_str("<childRelationships>");
        flag(out, "cascadeDelete", child.cascade_delete);
        xml::leaf(out, "childSObject", &child.child_object);
        flag(out, "deprecatedAndHidden", false);
        xml::leaf(out, "field", &child.field);
        if let Some(name) = &child.relationship_name {
            xml::leaf(out, "relationshipName", name);
        }
        out.push_str("</childRelationships>");
    }
}

fn fields(
    out: &mut String,
    catalogue: &Catalogue,
    ix: ObjectIx,
    object: &ObjectDef,
    view: &impl View,
    version: u32,
) {
    for (field, def) in object.each_field() {
        if def.visible_in(version) && view.sees_field(ix, field) {
            out.push_str("<fields>");
            field_items(
                object,
                def,
                view.may_write(ix, field),
                |name, fact| match fact {
                    Item::Names(names) => {
                        seen_names(names, catalogue, view)
                            .for_each(|one| xml::leaf(out, name, one));
                    }
                    fact => item(out, name, fact),
                },
            );
            out.push_str("</fields>");
        }
    }
}

fn record_type(out: &mut String) {
    out.push_str("<recordTypeInfos>");
    for name in ["active", "available", "defaultRecordTypeMapping"] {
        flag(out, name, true);
    }
    xml::leaf(out, "developerName", "Master");
    flag(out, "master", true);
    xml::leaf(out, "name", "Master");
    xml::leaf(out, "recordTypeId", MASTER_RECORD_TYPE);
    out.push_str("</recordTypeInfos>");
}

/// The inside of describeLayoutResponse: the layout that stands for none.
pub fn layout() -> String {
    let mut out = String::from("<result><layouts>");
    nil(&mut out, "id");
    out.push_str(
        "</layouts><recordTypeSelectorRequired>false</recordTypeSelectorRequired></result>",
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::soap::golden::All;
    use crate::soap::schema::check;

    #[test]
    fn every_object_is_described_as_the_wsdl_says() {
        let all = Catalogue::standard().unwrap();
        for (ix, def) in all.each() {
            let mut out = String::new();
            object(&mut out, &all, ix, def, &All, 64);
            check::answer("describeSObject", &out);
        }
        let text = global(&all, &All, 64);
        check::answer("describeGlobal", &text);
        assert!(text.contains("<keyPrefix>0Bz</keyPrefix>"));
        check::answer("describeLayout", &layout());
    }

    #[test]
    fn values_that_only_soap_writes_otherwise() {
        let all = Catalogue::standard().unwrap();
        let (ix, def) = all.find("Account").unwrap();
        let mut out = String::new();
        object(&mut out, &all, ix, def, &All, 64);
        assert!(out.contains("<defaultValue xsi:type=\"xsd:boolean\">false</defaultValue>"));
        assert!(!out.contains("<soapType>urn:"));
    }
}

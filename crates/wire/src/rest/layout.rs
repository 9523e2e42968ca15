//! Page layouts and compact layouts (rest-api.md 5.1): one layout per object, made from the catalogue.
//!
//! There are no stored layouts. What stands on a page is what the caller sees; what may be edited is what
//! the caller may write. Sections: the facts of the record, its addresses, its long texts, and what the
//! server keeps about it.

use model::{Catalogue, FieldDef, FieldIx, FieldType, KeyPrefix, ObjectDef, ObjectIx, RecordId};

use super::answer::base;
use super::describe::{MASTER_RECORD_TYPE, View, field};
use crate::json::{self, Object};

/// Layouts are `00h`, their sections `01B`; numbered by the object's place.
const LAYOUT: KeyPrefix = KeyPrefix::of("00h");
const SECTION: KeyPrefix = KeyPrefix::of("01B");

/// Fields of a compact layout, the name among them.
const COMPACT_MAX: usize = 5;

/// Kept by the server: at the end of a page.
const SYSTEM: [&str; 5] = [
    "CreatedById",
    "CreatedDate",
    "LastModifiedById",
    "LastModifiedDate",
    "OwnerId",
];

/// Never on a page.
const HIDDEN: [&str; 5] = [
    "Id",
    "IsDeleted",
    "LastReferencedDate",
    "LastViewedDate",
    "SystemModstamp",
];

/// Whose layout, and for whom.
pub struct Page<'a, V> {
    /// All objects.
    pub catalogue: &'a Catalogue,
    /// The object.
    pub ix: ObjectIx,
    /// Its definition.
    pub object: &'a ObjectDef,
    /// What the caller sees.
    pub view: &'a V,
    /// API version.
    pub version: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Detail,
    Edit,
}

impl<V: View> Page<'_, V> {
    /// `GET /sobjects/X/describe/layouts`.
    pub fn layouts(&self, out: &mut Vec<u8>) {
        let mut o = Object::open(out);
        let has_layout = is_layoutable(self.object);
        let only = has_layout.then_some(());
        json::list(o.key("layouts"), only, |out, ()| self.layout(out));
        json::list(o.key("recordTypeMappings"), only, |out, ()| {
            self.mapping(out)
        });
        o.raw("recordTypeSelectorRequired", "[false]");
        o.close();
    }

    /// `GET /sobjects/X/describe/layouts/RECORD_TYPE`: the layout alone.
    pub fn layout(&self, out: &mut Vec<u8>) {
        let mut o = Object::open(out);
        o.raw("buttonLayoutSection", "null");
        self.sections(o.key("detailLayoutSections"), Kind::Detail);
        self.sections(o.key("editLayoutSections"), Kind::Edit);
        o.raw("feedView", "null")
            .raw("highlightsPanelLayoutSection", "null")
            .id("id", self.layout_id())
            .raw("multirowEditLayoutSections", "[]")
            .raw("offlineLinks", "[]")
            .raw("quickActionList", r#"{"quickActionListItems":[]}"#)
            .raw("relatedContent", "null");
        self.related_lists(o.key("relatedLists"));
        o.raw("saveOptions", "[]");
        o.close();
    }

    /// `GET /sobjects/X/describe/compactLayouts`: the name and the first fields of the page.
    pub fn compact(&self, out: &mut Vec<u8>) {
        let url = format!("{}/sobjects/{}", base(self.version), self.object.name);
        let url = format!("{url}/describe/compactLayouts/{MASTER_RECORD_TYPE}");
        let mut o = Object::open(out);
        json::list(o.key("compactLayouts"), [()], |out, ()| {
            let mut one = Object::open(out);
            one.raw("actions", "[]");
            let fields = self.information(Kind::Detail).into_iter();
            json::list(one.key("fieldItems"), fields.take(COMPACT_MAX), |out, f| {
                self.item(out, f, Kind::Detail, 1);
            });
            one.raw("id", "null")
                .raw("imageItems", "[]")
                .text("label", "System Default")
                .text("name", "SYSTEM")
                .text("objectType", &self.object.name);
            one.close();
        });
        o.raw("defaultCompactLayoutId", "null");
        let mappings = o.key("recordTypeCompactLayoutMappings");
        json::list(mappings, [()], |out, ()| {
            let mut one = Object::open(out);
            one.bool("available", true)
                .raw("compactLayoutId", "null")
                .text("compactLayoutName", "SYSTEM")
                .text("recordTypeId", MASTER_RECORD_TYPE)
                .text("recordTypeName", "Master");
            let mut urls = Object::open(one.key("urls"));
            urls.text("compactLayout", &url);
            urls.close();
            one.close();
        });
        o.close();
    }

    fn layout_id(&self) -> RecordId {
        RecordId::new(LAYOUT, u64::from(self.ix.0) + 1)
    }

    /// The only record type has the only layout.
    fn mapping(&self, out: &mut Vec<u8>) {
        let url = format!("{}/sobjects/{}", base(self.version), self.object.name);
        let mut o = Object::open(out);
        o.bool("active", true)
            .bool("available", true)
            .bool("defaultRecordTypeMapping", true)
            .text("developerName", "Master")
            .id("layoutId", self.layout_id())
            .bool("master", true)
            .text("name", "Master")
            .raw("picklistsForRecordType", "[]")
            .text("recordTypeId", MASTER_RECORD_TYPE);
        let mut urls = Object::open(o.key("urls"));
        urls.text(
            "layout",
            &format!("{url}/describe/layouts/{MASTER_RECORD_TYPE}"),
        );
        urls.close();
        o.close();
    }

    fn sections(&self, out: &mut Vec<u8>, kind: Kind) {
        let label = &self.object.label;
        let of = |pick: fn(&ObjectDef, FieldIx) -> bool| -> Vec<FieldIx> {
            let shown = self.fields(kind).into_iter();
            shown.filter(|f| pick(self.object, *f)).collect()
        };
        let all = [
            (format!("{label} Information"), 2, self.information(kind)),
            ("Address Information".to_owned(), 2, of(is_address)),
            ("Description Information".to_owned(), 1, of(is_long)),
            ("System Information".to_owned(), 2, of(is_system)),
        ];
        let filled = all.iter().enumerate().filter(|(_, (.., f))| !f.is_empty());
        json::list(out, filled, |out, (at, (heading, columns, fields))| {
            self.section(out, kind, at, (heading, *columns, fields));
        });
    }

    fn section(
        &self,
        out: &mut Vec<u8>,
        kind: Kind,
        at: usize,
        (heading, columns, fields): (&str, usize, &[FieldIx]),
    ) {
        let number = u64::from(self.ix.0) * 8 + at as u64 + 4 * u64::from(kind == Kind::Edit);
        let mut o = Object::open(out);
        o.bool("collapsed", false)
            .int("columns", columns as i64)
            .text("heading", heading);
        let rows = fields.chunks(columns).enumerate();
        json::list(o.key("layoutRows"), rows, |out, (row, fields)| {
            let mut one = Object::open(out);
            let items = fields.iter().enumerate();
            json::list(one.key("layoutItems"), items, |out, (place, field)| {
                self.item(out, *field, kind, row * columns + place + 1);
            });
            one.int("numItems", fields.len() as i64);
            one.close();
        });
        o.id("layoutSectionId", RecordId::new(SECTION, number + 1))
            .id("parentLayoutId", self.layout_id())
            .int("rows", fields.len().div_ceil(columns) as i64)
            .text("tabOrder", "LeftToRight")
            .bool("useCollapsibleSection", kind == Kind::Detail)
            .bool("useHeading", true);
        o.close();
    }

    fn item(&self, out: &mut Vec<u8>, at: FieldIx, kind: Kind, tab: usize) {
        let def = self.object.def(at);
        let (create, edit) = self.may_write(at);
        let mut o = Object::open(out);
        o.bool("editableForNew", create)
            .bool("editableForUpdate", edit)
            .text("label", &def.label);
        json::list(o.key("layoutComponents"), [()], |out, ()| {
            let mut one = Object::open(out);
            let details = one.key("details");
            field(
                details,
                self.catalogue,
                (self.ix, self.object),
                at,
                self.view,
            );
            one.int("displayLines", 1)
                .int("tabOrder", tab as i64)
                .text("type", "Field")
                .text("value", &def.name);
            one.close();
        });
        o.bool("placeholder", false)
            .bool("required", kind == Kind::Edit && def.is_required());
        o.close();
    }

    fn may_write(&self, at: FieldIx) -> (bool, bool) {
        let def = self.object.def(at);
        let (create, edit, _) = self.view.may(self.ix);
        let own = self.view.may_write(self.ix, at);
        (
            create && own && def.createable,
            edit && own && def.updateable,
        )
    }

    /// Fields of a page. Addresses are shown whole and edited in parts.
    fn fields(&self, kind: Kind) -> Vec<FieldIx> {
        let fits = |(at, def): &(FieldIx, &FieldDef)| {
            let is_part = || self.object.compound_of(*at).is_some();
            let is_shown = def.visible_in(self.version) && self.view.sees_field(self.ix, *at);
            is_shown
                && !HIDDEN.contains(&def.name.as_str())
                && (!def.kind.is_compound() || def.kind.has_parts())
                && match kind {
                    Kind::Detail => !is_part(),
                    Kind::Edit => self.may_write(*at) != (false, false),
                }
        };
        let fields = self.object.each_field().filter(fits);
        fields.map(|(at, _)| at).collect()
    }

    /// What is neither address nor long nor of the server, the name first.
    fn information(&self, kind: Kind) -> Vec<FieldIx> {
        let is_other = |f: &FieldIx| {
            let object = self.object;
            !is_address(object, *f) && !is_long(object, *f) && !is_system(object, *f)
        };
        let mut fields: Vec<_> = self.fields(kind).into_iter().filter(is_other).collect();
        fields.sort_by_key(|f| self.object.def(*f).name != self.object.name_field);
        fields
    }

    /// Children that the caller sees and that a sub-query can name.
    fn related_lists(&self, out: &mut Vec<u8>) {
        let children = super::describe::seen_children(self.catalogue, self.object, self.view);
        let named = children.filter_map(|child| {
            let (_, def) = self.catalogue.find(&child.child_object)?;
            let name = child.relationship_name.as_deref()?;
            is_layoutable(def).then_some((child, def, name))
        });
        json::list(out, named, |out, (child, def, name)| {
            let mut o = Object::open(out);
            o.raw("accessLevelRequiredForCreate", "null")
                .raw("buttons", "[]");
            json::list(o.key("columns"), [&def.name_field], |out, field| {
                let label = def.field(field).map_or("", |ix| &def.def(ix).label);
                let mut one = Object::open(out);
                one.text("field", &format!("{}.{field}", def.name))
                    .raw("format", "null")
                    .text("label", label)
                    .text("name", field);
                one.close();
            });
            o.bool("custom", def.custom)
                .text("field", &child.field)
                .text("label", &def.label_plural)
                .int("limitRows", 6)
                .text("name", name)
                .text("sobject", &def.name)
                .raw("sort", "[]");
            o.close();
        });
    }
}

/// Objects that have pages.
pub fn is_layoutable(object: &ObjectDef) -> bool {
    object.group == "crm"
}

fn is_address(object: &ObjectDef, at: FieldIx) -> bool {
    let has_parts = |def: &FieldDef| def.kind.has_parts();
    has_parts(object.def(at)) || object.compound_of(at).is_some_and(has_parts)
}

fn is_long(object: &ObjectDef, at: FieldIx) -> bool {
    let def = object.def(at);
    def.kind == FieldType::Textarea && def.length.is_some_and(|length| length > 255)
}

fn is_system(object: &ObjectDef, at: FieldIx) -> bool {
    SYSTEM.contains(&object.def(at).name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::soap::golden::All;
    use serde_json::{Value as Json, json};

    fn printed(object: &str, print: impl Fn(&Page<'_, All>, &mut Vec<u8>)) -> Json {
        let catalogue = Catalogue::standard().unwrap();
        let (ix, def) = catalogue.find(object).unwrap();
        let page = Page {
            catalogue: &catalogue,
            ix,
            object: def,
            view: &All,
            version: 64,
        };
        let mut out = Vec::new();
        print(&page, &mut out);
        serde_json::from_slice(&out).unwrap()
    }

    /// The fields of sections by their headings.
    fn fields(sections: &Json) -> Vec<(String, Vec<String>)> {
        let sections = sections.as_array().unwrap().iter();
        let of = |section: &Json| {
            let rows = section["layoutRows"].as_array().unwrap().iter();
            let items = rows.flat_map(|row| row["layoutItems"].as_array().unwrap());
            let name = |item: &Json| {
                item["layoutComponents"][0]["value"]
                    .as_str()
                    .map(str::to_owned)
            };
            let heading = section["heading"].as_str().unwrap().to_owned();
            (heading, items.filter_map(name).collect())
        };
        sections.map(of).collect()
    }

    #[test]
    fn a_page_has_the_fields_of_its_object() {
        let all = printed("Contact", |page, out| page.layouts(out));
        let layout = &all["layouts"][0];
        let detail = fields(&layout["detailLayoutSections"]);
        assert_eq!(detail[0].0, "Contact Information");
        assert_eq!(detail[0].1[0], "Name");
        assert_eq!(detail[1].0, "Address Information");
        assert!(detail[1].1.contains(&"MailingAddress".to_owned()));
        let edit = fields(&layout["editLayoutSections"]);
        let edited: Vec<&String> = edit.iter().flat_map(|(_, names)| names).collect();
        assert!(
            edited.iter().any(|n| *n == "MailingCity") && edited.iter().any(|n| *n == "LastName")
        );
        assert!(
            !edited
                .iter()
                .any(|n| *n == "MailingAddress" || *n == "CreatedById")
        );
        let mapping = &all["recordTypeMappings"][0];
        assert_eq!(mapping["recordTypeId"], MASTER_RECORD_TYPE);
        assert_eq!(mapping["layoutId"], layout["id"]);
        let alone = printed("Contact", |page, out| page.layout(out));
        assert_eq!(alone, *layout);
    }

    #[test]
    fn required_fields_are_required_where_they_are_edited() {
        let all = printed("Contact", |page, out| page.layouts(out));
        let sections = &all["layouts"][0]["editLayoutSections"];
        let rows = sections[0]["layoutRows"].as_array().unwrap();
        let mut items = rows
            .iter()
            .flat_map(|r| r["layoutItems"].as_array().unwrap());
        let last = items
            .find(|i| i["layoutComponents"][0]["value"] == "LastName")
            .unwrap();
        assert_eq!(last["required"], true);
        assert_eq!(last["layoutComponents"][0]["details"]["name"], "LastName");
        assert_eq!(
            (&last["editableForNew"], &last["editableForUpdate"]),
            (&json!(true), &json!(true))
        );
    }

    #[test]
    fn a_compact_layout_begins_with_the_name() {
        let all = printed("Case", |page, out| page.compact(out));
        let items = all["compactLayouts"][0]["fieldItems"].as_array().unwrap();
        assert_eq!(items.len(), COMPACT_MAX);
        assert_eq!(items[0]["layoutComponents"][0]["value"], "CaseNumber");
        assert_eq!(all["compactLayouts"][0]["objectType"], "Case");
    }

    #[test]
    fn objects_without_pages_have_the_empty_form() {
        let all = printed("QueueSobject", |page, out| page.layouts(out));
        let empty =
            json!({"layouts": [], "recordTypeMappings": [], "recordTypeSelectorRequired": [false]});
        assert_eq!(all, empty);
    }

    #[test]
    fn every_object_prints() {
        let catalogue = Catalogue::standard().unwrap();
        for (_, object) in catalogue.each() {
            printed(&object.name, |page, out| page.layouts(out));
            printed(&object.name, |page, out| page.compact(out));
        }
    }
}

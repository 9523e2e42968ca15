//! The standard catalogue and a few custom objects that show every type of field.

use model::{Catalogue, ChildRelationship, FieldDef, FieldType, ObjectDef, PicklistValue};

/// The catalogue that all cases run on: `Depot__c` (a parent) and `Parcel__c` (its child, and a child of
/// Account) come on top of the standard objects.
///
/// # Panics
/// If the standard catalogue is damaged; a test of `model` makes sure that it is not.
pub fn catalogue() -> Catalogue {
    let mut all = match Catalogue::standard() {
        Ok(all) => all,
        Err(why) => panic!("{why}"),
    };
    all.add(depot());
    all.add(parcel());
    all.add(quote());
    if let Some((_, account)) = all.find("Account") {
        let mut account = ObjectDef::clone(account);
        account
            .child_relationships
            .push(child("Account__c", "Parcels__r"));
        all.add(account);
    }
    all
}

fn child(field: &str, name: &str) -> ChildRelationship {
    ChildRelationship {
        child_object: "Parcel__c".to_owned(),
        field: field.to_owned(),
        relationship_name: Some(name.to_owned()),
        cascade_delete: false,
    }
}

#[allow(clippy::field_reassign_with_default)] // parts of ObjectDef are private
fn object(name: &str, prefix: &str, fields: Vec<FieldDef>) -> ObjectDef {
    let mut all = vec![
        standard("Id", FieldType::Id),
        standard("Name", FieldType::String),
        reference("OwnerId", "Owner", &["Group", "User"]),
        standard("IsDeleted", FieldType::Boolean),
        standard("CreatedDate", FieldType::Datetime),
        reference("CreatedById", "CreatedBy", &["User"]),
    ];
    for field in &mut all {
        field.custom = false;
    }
    all.extend(fields);
    let bare = name.trim_end_matches("__c");
    let calls = [
        "create", "query", "retrieve", "update", "delete", "undelete",
    ];
    let mut object = ObjectDef::default();
    object.name = name.to_owned();
    object.label = bare.to_owned();
    object.label_plural = format!("{bare}s");
    object.key_prefix_text = prefix.to_owned();
    object.surface = "data".to_owned();
    object.name_field = "Name".to_owned();
    object.can = calls.map(str::to_owned).to_vec();
    object.custom = true;
    object.fields = all;
    object
}

fn standard(name: &str, kind: FieldType) -> FieldDef {
    let length = kind.is_text().then_some(255);
    FieldDef {
        name: name.to_owned(),
        label: name.trim_end_matches("__c").to_owned(),
        kind,
        length,
        nillable: true,
        createable: true,
        updateable: true,
        filterable: true,
        sortable: kind != FieldType::Multipicklist,
        groupable: !matches!(
            kind,
            FieldType::Datetime | FieldType::Time | FieldType::Multipicklist | FieldType::Double
        ),
        custom: true,
        ..FieldDef::default()
    }
}

fn reference(name: &str, relationship: &str, to: &[&str]) -> FieldDef {
    FieldDef {
        reference_to: to.iter().map(|name| (*name).to_owned()).collect(),
        relationship_name: Some(relationship.to_owned()),
        polymorphic: to.len() > 1,
        ..standard(name, FieldType::Reference)
    }
}

fn picklist(name: &str, kind: FieldType, values: &[(&str, &str)]) -> FieldDef {
    let entry = |(value, label): &(&str, &str)| PicklistValue {
        value: (*value).to_owned(),
        label: (value != label).then(|| (*label).to_owned()),
    };
    FieldDef {
        picklist: values.iter().map(entry).collect(),
        ..standard(name, kind)
    }
}

fn depot() -> ObjectDef {
    let mut depot = object(
        "Depot__c",
        "a01",
        vec![
            standard("City__c", FieldType::String),
            reference("Hub__c", "Hub__r", &["Depot__c"]),
            reference("Manager__c", "Manager__r", &["User"]),
        ],
    );
    let hub = ChildRelationship {
        child_object: "Depot__c".to_owned(),
        ..child("Hub__c", "Satellites__r")
    };
    depot.child_relationships = vec![child("Depot__c", "Parcels__r"), hub];
    depot
}

fn parcel() -> ObjectDef {
    let sizes = [("S", "Small"), ("M", "Medium"), ("L", "Large")];
    let services = [
        ("Express", "Express"),
        ("Insured", "Insured"),
        ("Fragile", "Handle with care"),
    ];
    object(
        "Parcel__c",
        "a02",
        vec![
            reference("Depot__c", "Depot__r", &["Depot__c"]),
            reference("Account__c", "Account__r", &["Account"]),
            picklist("Size__c", FieldType::Picklist, &sizes),
            picklist("Services__c", FieldType::Multipicklist, &services),
            standard("Weight__c", FieldType::Double),
            standard("Pieces__c", FieldType::Int),
            standard("Value__c", FieldType::Currency),
            standard("Damage__c", FieldType::Percent),
            standard("Due__c", FieldType::Date),
            standard("Scanned__c", FieldType::Datetime),
            standard("Window__c", FieldType::Time),
            standard("IsUrgent__c", FieldType::Boolean),
            standard("Contact__c", FieldType::Email),
            standard("Phone__c", FieldType::Phone),
            standard("Link__c", FieldType::Url),
            standard("Note__c", FieldType::Textarea),
        ],
    )
}

fn computed(name: &str, kind: FieldType, formula: &str) -> FieldDef {
    FieldDef {
        formula: Some(formula.to_owned()),
        scale: (kind == FieldType::Currency).then_some(2),
        createable: false,
        updateable: false,
        ..standard(name, kind)
    }
}

/// What a customer is offered for a parcel: most of it is computed.
fn quote() -> ObjectDef {
    use FieldType as T;
    let price = "IF(ISBLANK(Discount__c), Price__c, Price__c * (1 - Discount__c / 100))";
    let grade = "CASE(Parcel__r.Size__c, 'S', 'small', 'M', 'medium', 'other')";
    object(
        "Quote__c",
        "a03",
        vec![
            reference("Parcel__c", "Parcel__r", &["Parcel__c"]),
            standard("Price__c", T::Currency),
            standard("Discount__c", T::Percent),
            standard("Sent__c", T::Date),
            standard("Accepted__c", T::Boolean),
            computed("Total__c", T::Currency, price),
            computed("Title__c", T::String, "Name & ' for ' & Parcel__r.Name"),
            computed("Grade__c", T::String, grade),
            computed("City__c", T::String, "Parcel__r.Depot__r.City__c"),
            computed("Expires__c", T::Date, "Sent__c + 30"),
            computed(
                "IsOpen__c",
                T::Boolean,
                "NOT(Accepted__c) && TODAY() <= Expires__c",
            ),
            computed("PerKilo__c", T::Double, "Total__c / Parcel__r.Weight__c"),
            computed("Loop__c", T::Double, "Loop__c + 1"),
            computed("Broken__c", T::Double, "1 +"),
        ],
    )
}

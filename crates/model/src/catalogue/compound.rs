//! Compound fields and their parts: addresses, locations and the name of a person.
//!
//! The platform's naming tells which fields belong together: `BillingAddress` is made of `BillingCity` and
//! its like, `X__c` of type location of `X__Latitude__s` and `X__Longitude__s`.

use super::{FieldDef, FieldIx, FieldType, ObjectDef};

/// Ending of a part's name and its name inside an address, in the order of an answer.
const ADDRESS: [(&str, &str); 10] = [
    ("City", "city"),
    ("Country", "country"),
    ("CountryCode", "countryCode"),
    ("GeocodeAccuracy", "geocodeAccuracy"),
    ("Latitude", "latitude"),
    ("Longitude", "longitude"),
    ("PostalCode", "postalCode"),
    ("State", "state"),
    ("StateCode", "stateCode"),
    ("Street", "street"),
];
const LOCATION: [(&str, &str); 2] = [("Latitude", "latitude"), ("Longitude", "longitude")];
const PERSON: [&str; 5] = [
    "FirstName",
    "LastName",
    "MiddleName",
    "Salutation",
    "Suffix",
];

impl ObjectDef {
    /// The parts of an address or a location, each with its name inside; of other fields none.
    pub fn parts(&self, compound: &FieldDef) -> Vec<(&'static str, FieldIx)> {
        let (ends, stem, after): (&[_], _, _) = match compound.kind {
            FieldType::Address => (&ADDRESS, compound.name.strip_suffix("Address"), ""),
            FieldType::Location => match compound.name.strip_suffix("__c") {
                Some(stem) => (&LOCATION, Some(stem), "__s"),
                None => (&LOCATION, compound.name.strip_suffix("Location"), ""),
            },
            _ => return Vec::new(),
        };
        let Some(stem) = stem else {
            return Vec::new();
        };
        let between = if after.is_empty() { "" } else { "__" };
        let part = |(end, name): &(&str, &'static str)| {
            let field = self.field(&format!("{stem}{between}{end}{after}"))?;
            Some((*name, field))
        };
        ends.iter().filter_map(part).collect()
    }

    /// The compound field that a field is a part of.
    pub fn compound_of(&self, field: FieldIx) -> Option<&FieldDef> {
        let compounds = self.fields.iter().filter(|f| f.kind.has_parts());
        let mut around = compounds.filter(|c| self.parts(c).iter().any(|(_, part)| *part == field));
        around.next().or_else(|| self.person_name_of(field))
    }

    fn person_name_of(&self, field: FieldIx) -> Option<&FieldDef> {
        let is_part = PERSON.contains(&self.def(field).name.as_str());
        let is_person = self.field("LastName").is_some() && self.name_field == "Name";
        let name = self.field("Name").filter(|_| is_part && is_person)?;
        Some(self.def(name))
    }
}

#[cfg(test)]
mod tests {
    use crate::Catalogue;

    #[test]
    fn parts_and_their_compounds() {
        let all = Catalogue::standard().unwrap();
        for (object, field, compound) in [
            ("Account", "BillingCity", Some("BillingAddress")),
            ("Account", "ShippingLatitude", Some("ShippingAddress")),
            ("Contact", "MailingStreet", Some("MailingAddress")),
            ("Contact", "FirstName", Some("Name")),
            ("Lead", "PostalCode", Some("Address")),
            ("User", "LastName", Some("Name")),
            (
                "ServiceResource",
                "LastKnownLatitude",
                Some("LastKnownLocation"),
            ),
            ("Contact", "Email", None),
            ("Contact", "Name", None),
            ("Case", "Subject", None),
        ] {
            let (_, def) = all.find(object).unwrap();
            let found = def.compound_of(def.field(field).unwrap());
            assert_eq!(found.map(|f| f.name.as_str()), compound, "{object}.{field}");
        }
        let (_, account) = all.find("Account").unwrap();
        let billing = account.def(account.field("BillingAddress").unwrap());
        let names: Vec<&str> = account
            .parts(billing)
            .iter()
            .map(|(name, _)| *name)
            .collect();
        assert_eq!(names.len(), 10);
        assert!(names.is_sorted());
    }

    #[test]
    fn every_address_and_location_has_parts() {
        let all = Catalogue::standard().unwrap();
        for (_, object) in all.each() {
            for field in object.fields.iter().filter(|f| f.kind.has_parts()) {
                let parts = object.parts(field);
                assert!(parts.len() >= 2, "{}.{}", object.name, field.name);
            }
        }
    }
}

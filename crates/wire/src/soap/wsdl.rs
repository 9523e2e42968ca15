//! The WSDL of the SOAP API, partner and enterprise, printed from [`SCHEMA`] and the catalogue.
//!
//! Both have the same operations. The partner API knows one sObject with any fields; the enterprise API has a
//! type for each object that the caller sees, so its WSDL belongs to an org and a user.

use std::fmt::Write as _;

use model::{Catalogue, Code, FieldType, ObjectDef, ObjectIx};

use super::Api;
use super::schema::{Occurs, Operation, Part, SCHEMA, SIMPLE};
use crate::rest::describe::{View, is_served};
use crate::xml;

/// Kinds of faults that say row and column of a query.
const QUERY_FAULTS: [&str; 4] = [
    "InvalidFieldFault",
    "InvalidSObjectFault",
    "MalformedQueryFault",
    "MalformedSearchFault",
];
/// The other kinds.
const PLAIN_FAULTS: [&str; 5] = [
    "InvalidIdFault",
    "InvalidNewPasswordFault",
    "InvalidQueryLocatorFault",
    "LoginFault",
    "UnexpectedErrorFault",
];

/// Codes that only SOAP has.
const SOAP_CODES: [&str; 1] = ["INVALID_NEW_PASSWORD"];

const SOAP_TYPES: [&str; 12] = [
    "tns:ID",
    "xsd:base64Binary",
    "xsd:boolean",
    "xsd:double",
    "xsd:int",
    "xsd:string",
    "xsd:date",
    "xsd:dateTime",
    "xsd:time",
    "tns:location",
    "tns:address",
    "xsd:anyType",
];

const FIELD_TYPES: [FieldType; 22] = {
    use FieldType as T;
    [
        T::String,
        T::Picklist,
        T::Multipicklist,
        T::Combobox,
        T::Reference,
        T::Boolean,
        T::Currency,
        T::Textarea,
        T::Int,
        T::Double,
        T::Percent,
        T::Phone,
        T::Id,
        T::Date,
        T::Datetime,
        T::Time,
        T::Url,
        T::Email,
        T::Location,
        T::Address,
        T::ComplexValue,
        T::JunctionIdList,
    ]
};

/// Fields of the generic record behind a reference to several objects (rest-api.md 6.3, rule 14).
const NAME_FIELDS: [&str; 12] = [
    "Alias",
    "Email",
    "FirstName",
    "IsActive",
    "LastName",
    "Name",
    "Phone",
    "ProfileId",
    "Title",
    "Type",
    "UserRoleId",
    "Username",
];

/// The WSDL of the partner API for this address.
pub fn partner(address: &str) -> String {
    let sobject = "<complexType name=\"sObject\"><sequence><element name=\"type\" type=\"xsd:string\"/>\
        <element name=\"fieldsToNull\" type=\"xsd:string\" nillable=\"true\" minOccurs=\"0\" maxOccurs=\"unbounded\"/>\
        <element name=\"Id\" type=\"tns:ID\" nillable=\"true\"/>\
        <any namespace=\"##targetNamespace\" minOccurs=\"0\" maxOccurs=\"unbounded\" processContents=\"lax\"/>\
        </sequence></complexType>";
    document(Api::Partner, sobject, address)
}

/// The WSDL of the enterprise API for this address: every object and field that the caller sees.
pub fn enterprise(catalogue: &Catalogue, view: &impl View, version: u32, address: &str) -> String {
    let mut types = String::from(
        "<complexType name=\"sObject\"><sequence>\
         <element name=\"fieldsToNull\" type=\"xsd:string\" nillable=\"true\" minOccurs=\"0\" maxOccurs=\"unbounded\"/>\
         <element name=\"Id\" type=\"tns:ID\" nillable=\"true\"/></sequence></complexType>\
         <complexType name=\"AggregateResult\"><complexContent><extension base=\"ens:sObject\"><sequence>\
         <any namespace=\"##targetNamespace\" minOccurs=\"0\" maxOccurs=\"unbounded\" processContents=\"lax\"/>\
         </sequence></extension></complexContent></complexType>",
    );
    if catalogue.find("Name").is_none() {
        name_object(&mut types);
    }
    let sees = |ix, def: &ObjectDef| is_served(def, version) && view.sees(ix);
    let target = |name: &str| {
        catalogue
            .find(name)
            .filter(|(ix, def)| sees(*ix, def))
            .map(|(_, def)| &*def.name)
    };
    for (ix, def) in catalogue.each().filter(|(ix, def)| sees(*ix, def)) {
        object(&mut types, ix, def, view, version, &target);
    }
    document(Api::Enterprise, &types, address)
}

/// The elements of an enterprise object beside `Id`: fields, parents and children, in the order of the wire.
pub fn members<'a>(
    ix: ObjectIx,
    def: &'a ObjectDef,
    view: &impl View,
    version: u32,
    target: &impl Fn(&str) -> Option<&'a str>,
) -> Vec<(&'a str, String)> {
    let mut all: Vec<(&str, String)> = Vec::with_capacity(def.fields.len() * 2);
    for (field_ix, field) in def.each_field() {
        if !field.visible_in(version) || !view.sees_field(ix, field_ix) {
            continue;
        }
        if field.kind != FieldType::Id {
            all.push((&field.name, field_type(field.kind).to_owned()));
        }
        if let Some(name) = &field.relationship_name {
            let parent = match field.reference_to.as_slice() {
                [one] => target(one).unwrap_or("sObject"),
                _ => "sObject",
            };
            all.push((name, format!("ens:{parent}")));
        }
    }
    for child in &def.child_relationships {
        if let (Some(name), Some(_)) = (&child.relationship_name, target(&child.child_object)) {
            all.push((name, "tns:QueryResult".to_owned()));
        }
    }
    all.sort_by(|a, b| a.0.cmp(b.0));
    all.dedup_by(|a, b| a.0 == b.0);
    all
}

fn object<'a>(
    out: &mut String,
    ix: ObjectIx,
    def: &'a ObjectDef,
    view: &impl View,
    version: u32,
    target: &impl Fn(&str) -> Option<&'a str>,
) {
    put(
        out,
        format_args!(
            "<complexType name=\"{}\"><complexContent><extension base=\"ens:sObject\"><sequence>",
            def.name
        ),
    );
    for (name, kind) in members(ix, def, view, version, target) {
        put(
            out,
            format_args!(
                "<element name=\"{name}\" type=\"{kind}\" nillable=\"true\" minOccurs=\"0\"/>"
            ),
        );
    }
    out.push_str("</sequence></extension></complexContent></complexType>");
}

fn name_object(out: &mut String) {
    out.push_str(
        "<complexType name=\"Name\"><complexContent><extension base=\"ens:sObject\"><sequence>",
    );
    for name in NAME_FIELDS {
        let kind = match name {
            "IsActive" => "xsd:boolean",
            name if name.ends_with("Id") => "tns:ID",
            _ => "xsd:string",
        };
        put(
            out,
            format_args!(
                "<element name=\"{name}\" type=\"{kind}\" nillable=\"true\" minOccurs=\"0\"/>"
            ),
        );
    }
    out.push_str("</sequence></extension></complexContent></complexType>");
}

fn field_type(kind: FieldType) -> &'static str {
    use FieldType as T;
    match kind {
        T::Id | T::Reference => "tns:ID",
        T::Boolean => "xsd:boolean",
        T::Int => "xsd:int",
        T::Double | T::Currency | T::Percent => "xsd:double",
        T::Date => "xsd:date",
        T::Datetime => "xsd:dateTime",
        T::Time => "xsd:time",
        T::Address => "tns:address",
        T::Location => "tns:location",
        T::ComplexValue | T::JunctionIdList => "xsd:anyType",
        _ => "xsd:string",
    }
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    let written = out.write_fmt(text);
    debug_assert!(written.is_ok(), "a String takes every write");
}

fn document(api: Api, sobjects: &str, address: &str) -> String {
    let (tns, ens, fns) = (api.operations(), api.sobjects(), api.faults());
    let mut out = String::with_capacity(128 * 1024);
    put(
        &mut out,
        format_args!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<definitions targetNamespace=\"{tns}\" \
             xmlns=\"http://schemas.xmlsoap.org/wsdl/\" xmlns:soap=\"http://schemas.xmlsoap.org/wsdl/soap/\" \
             xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xmlns:tns=\"{tns}\" xmlns:ens=\"{ens}\" xmlns:fns=\"{fns}\">\n<types>"
        ),
    );
    schema(&mut out, ens, tns, sobjects);
    schema(&mut out, tns, ens, &own_types());
    schema(&mut out, fns, tns, &faults());
    out.push_str("</types>\n");
    messages(&mut out);
    port_type(&mut out);
    binding(&mut out);
    out.push_str("<service name=\"SforceService\"><port name=\"Soap\" binding=\"tns:SoapBinding\"><soap:address location=\"");
    xml::escape(&mut out, address);
    out.push_str("\"/></port></service>\n</definitions>\n");
    out
}

fn schema(out: &mut String, target: &str, imported: &str, inside: &str) {
    put(
        out,
        format_args!(
            "\n<schema elementFormDefault=\"qualified\" xmlns=\"http://www.w3.org/2001/XMLSchema\" targetNamespace=\"{target}\">\
             <import namespace=\"{imported}\"/>{inside}</schema>"
        ),
    );
}

fn own_types() -> String {
    let mut out = String::new();
    out.push_str(
        "<simpleType name=\"ID\"><restriction base=\"xsd:string\"><length value=\"18\"/>\
         <pattern value=\"[a-zA-Z0-9]{18}\"/></restriction></simpleType>\
         <simpleType name=\"QueryLocator\"><restriction base=\"xsd:string\"/></simpleType>",
    );
    enumeration(&mut out, "StatusCode", codes());
    enumeration(&mut out, "soapType", SOAP_TYPES.into_iter());
    enumeration(
        &mut out,
        "fieldType",
        FIELD_TYPES.iter().map(|kind| kind.as_str()),
    );
    for kind in &SCHEMA.types {
        put(
            &mut out,
            format_args!("<complexType name=\"{}\">", kind.name),
        );
        sequence(&mut out, &kind.parts);
        out.push_str("</complexType>");
    }
    for header in &SCHEMA.headers {
        wrapper(&mut out, header.name, "", &header.parts);
    }
    for operation in &SCHEMA.operations {
        wrapper(&mut out, operation.name, "", &operation.parameters);
        wrapper(
            &mut out,
            operation.name,
            "Response",
            operation.result.as_slice(),
        );
    }
    out
}

fn codes() -> impl Iterator<Item = &'static str> {
    Code::ALL.iter().map(|code| code.as_str()).chain(SOAP_CODES)
}

fn enumeration(out: &mut String, name: &str, values: impl Iterator<Item = &'static str>) {
    put(
        out,
        format_args!("<simpleType name=\"{name}\"><restriction base=\"xsd:string\">"),
    );
    values.for_each(|value| put(out, format_args!("<enumeration value=\"{value}\"/>")));
    out.push_str("</restriction></simpleType>");
}

fn wrapper(out: &mut String, name: &str, suffix: &str, parts: &[Part]) {
    put(
        out,
        format_args!("<element name=\"{name}{suffix}\"><complexType>"),
    );
    sequence(out, parts);
    out.push_str("</complexType></element>");
}

fn sequence(out: &mut String, parts: &[Part]) {
    out.push_str("<sequence>");
    for part in parts {
        let prefix = match part.kind {
            kind if SIMPLE.contains(&kind) => "xsd",
            "sObject" => "ens",
            _ => "tns",
        };
        put(
            out,
            format_args!(
                "<element name=\"{}\" type=\"{prefix}:{}\"",
                part.name, part.kind
            ),
        );
        if part.nillable {
            out.push_str(" nillable=\"true\"");
        }
        out.push_str(match part.occurs {
            Occurs::Once => "",
            Occurs::Optional => " minOccurs=\"0\"",
            Occurs::Any => " minOccurs=\"0\" maxOccurs=\"unbounded\"",
            Occurs::Some => " maxOccurs=\"unbounded\"",
        });
        out.push_str("/>");
    }
    out.push_str("</sequence>");
}

fn faults() -> String {
    let mut out = String::new();
    enumeration(&mut out, "ExceptionCode", codes());
    out.push_str(
        "<complexType name=\"ApiFault\"><sequence><element name=\"exceptionCode\" type=\"fns:ExceptionCode\"/>\
         <element name=\"exceptionMessage\" type=\"xsd:string\"/>\
         <element name=\"extendedErrorDetails\" type=\"tns:ExtendedErrorDetails\" nillable=\"true\" minOccurs=\"0\" maxOccurs=\"unbounded\"/>\
         <element name=\"upgradeURL\" type=\"xsd:string\" minOccurs=\"0\"/>\
         <element name=\"upgradeMessage\" type=\"xsd:string\" minOccurs=\"0\"/></sequence></complexType>\
         <element name=\"fault\" type=\"fns:ApiFault\"/>\
         <complexType name=\"ApiQueryFault\"><complexContent><extension base=\"fns:ApiFault\"><sequence>\
         <element name=\"row\" type=\"xsd:int\"/><element name=\"column\" type=\"xsd:int\"/>\
         </sequence></extension></complexContent></complexType>",
    );
    let all = PLAIN_FAULTS.map(|name| (name, "ApiFault"));
    for (name, base) in all
        .into_iter()
        .chain(QUERY_FAULTS.map(|name| (name, "ApiQueryFault")))
    {
        put(
            &mut out,
            format_args!(
                "<complexType name=\"{name}\"><complexContent><extension base=\"fns:{base}\"/></complexContent></complexType>\
                 <element name=\"{name}\" type=\"fns:{name}\"/>"
            ),
        );
    }
    out
}

fn messages(out: &mut String) {
    out.push_str("<message name=\"Header\">");
    for header in &SCHEMA.headers {
        put(
            out,
            format_args!("<part name=\"{0}\" element=\"tns:{0}\"/>", header.name),
        );
    }
    out.push_str("</message>\n");
    for fault in PLAIN_FAULTS.iter().chain(&QUERY_FAULTS) {
        put(
            out,
            format_args!(
                "<message name=\"{fault}\"><part name=\"fault\" element=\"fns:{fault}\"/></message>\n"
            ),
        );
    }
    for operation in &SCHEMA.operations {
        for (suffix, element) in [("Request", ""), ("Response", "Response")] {
            put(
                out,
                format_args!(
                    "<message name=\"{0}{suffix}\"><part name=\"parameters\" element=\"tns:{0}{element}\"/></message>\n",
                    operation.name
                ),
            );
        }
    }
}

fn port_type(out: &mut String) {
    out.push_str("<portType name=\"Soap\">\n");
    for operation in &SCHEMA.operations {
        put(
            out,
            format_args!(
                "<operation name=\"{0}\"><input message=\"tns:{0}Request\"/><output message=\"tns:{0}Response\"/>",
                operation.name
            ),
        );
        for fault in &operation.faults {
            put(
                out,
                format_args!("<fault name=\"{fault}\" message=\"tns:{fault}\"/>"),
            );
        }
        out.push_str("</operation>\n");
    }
    out.push_str("</portType>\n");
}

fn binding(out: &mut String) {
    out.push_str(
        "<binding name=\"SoapBinding\" type=\"tns:Soap\">\
         <soap:binding style=\"document\" transport=\"http://schemas.xmlsoap.org/soap/http\"/>\n",
    );
    SCHEMA
        .operations
        .iter()
        .for_each(|operation| bound(out, operation));
    out.push_str("</binding>\n");
}

fn bound(out: &mut String, operation: &Operation) {
    let header = |out: &mut String, name: &str| {
        put(
            out,
            format_args!("<soap:header use=\"literal\" message=\"tns:Header\" part=\"{name}\"/>"),
        );
    };
    let is_login = operation.name == "login";
    put(
        out,
        format_args!(
            "<operation name=\"{}\"><soap:operation soapAction=\"\"/><input>",
            operation.name
        ),
    );
    if !is_login {
        header(out, "SessionHeader");
    }
    header(out, "CallOptions");
    operation.headers.iter().for_each(|name| header(out, name));
    out.push_str("<soap:body parts=\"parameters\" use=\"literal\"/></input><output>");
    if !is_login {
        header(out, "LimitInfoHeader");
    }
    out.push_str("<soap:body use=\"literal\"/></output>");
    for fault in &operation.faults {
        put(
            out,
            format_args!(
                "<fault name=\"{fault}\"><soap:fault name=\"{fault}\" use=\"literal\"/></fault>"
            ),
        );
    }
    out.push_str("</operation>\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::soap::golden::All;
    use crate::xml::Element;

    fn walk<'e>(element: &'e Element, all: &mut Vec<&'e Element>) {
        all.push(element);
        element.children.iter().for_each(|c| walk(c, all));
    }

    fn names(root: &Element, of: &str) -> usize {
        let mut all = Vec::new();
        walk(root, &mut all);
        all.iter().filter(|e| e.name == of).count()
    }

    #[test]
    fn the_partner_wsdl_has_every_operation() {
        let text = partner("http://h/services/Soap/u/64.0?a=\"b\"");
        let root = xml::parse(text.as_bytes()).unwrap();
        assert_eq!(root.name, "definitions");
        assert_eq!(names(&root, "operation"), SCHEMA.operations.len() * 3);
        assert!(text.contains(
            "<soap:address location=\"http://h/services/Soap/u/64.0?a=&quot;b&quot;\"/>"
        ));
    }

    #[test]
    fn the_enterprise_wsdl_has_every_object_with_its_fields_parents_and_children() {
        let all = Catalogue::standard().unwrap();
        let text = enterprise(&all, &All, 64, "http://h/services/Soap/c/64.0");
        assert!(xml::parse(text.as_bytes()).is_ok());
        let case = text.split("<complexType name=\"Case\">").nth(1).unwrap();
        let case = case.split("</complexType>").next().unwrap();
        for part in [
            "<element name=\"Subject\" type=\"xsd:string\"",
            "<element name=\"Contact\" type=\"ens:Contact\"",
            "<element name=\"Owner\" type=\"ens:sObject\"",
            "<element name=\"CaseComments\" type=\"tns:QueryResult\"",
        ] {
            assert!(case.contains(part), "{part} in {case}");
        }
        assert!(!case.contains("name=\"Id\""));
    }
}

//! Refusals as REST prints them (rest-api.md 3.2): a list, in JSON or in XML.

use model::Refusal;

use crate::{json, xml};

/// `[{"message","errorCode","fields"?}]`. `fields` is there for record writes only.
pub fn errors(out: &mut Vec<u8>, refusals: &[Refusal], with_fields: bool) {
    json::list(out, refusals, |out, refusal| {
        error(out, refusal, with_fields)
    });
}

fn error(out: &mut Vec<u8>, refusal: &Refusal, with_fields: bool) {
    let mut object = json::Object::open(out);
    object
        .text("message", &refusal.message)
        .text("errorCode", refusal.code.as_str());
    if with_fields || !refusal.fields.is_empty() {
        names(object.key("fields"), &refusal.fields);
    }
    object.close();
}

/// `[{"statusCode","message","fields"}]`, the form inside collections and tree results.
pub fn result_errors(out: &mut Vec<u8>, refusals: &[Refusal]) {
    json::list(out, refusals, |out, refusal| {
        let mut object = json::Object::open(out);
        object
            .text("statusCode", refusal.code.as_str())
            .text("message", &refusal.message);
        names(object.key("fields"), &refusal.fields);
        object.close();
    });
}

fn names(out: &mut Vec<u8>, names: &[String]) {
    json::list(out, names, |out, name| json::text(out, name));
}

/// `<Errors><Error>...` (rest-api.md 1.7).
pub fn errors_xml(refusals: &[Refusal]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Errors>");
    for refusal in refusals {
        out.push_str("<Error>");
        xml::leaf(&mut out, "errorCode", refusal.code.as_str());
        xml::leaf(&mut out, "message", &refusal.message);
        for name in &refusal.fields {
            xml::leaf(&mut out, "fields", name);
        }
        out.push_str("</Error>");
    }
    out.push_str("</Errors>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Code;

    #[test]
    fn the_forms_of_an_error() {
        let refused = [Refusal::about(
            Code::StringTooLong,
            "Subject: <too> long",
            ["Subject"],
        )];
        let mut out = Vec::new();
        errors(&mut out, &refused, true);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            r#"[{"message":"Subject: <too> long","errorCode":"STRING_TOO_LONG","fields":["Subject"]}]"#
        );
        let mut out = Vec::new();
        errors(&mut out, &[Refusal::not_found()], false);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            r#"[{"message":"The requested resource does not exist","errorCode":"NOT_FOUND"}]"#
        );
        let mut out = Vec::new();
        result_errors(&mut out, &refused);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            r#"[{"statusCode":"STRING_TOO_LONG","message":"Subject: <too> long","fields":["Subject"]}]"#
        );
        assert!(errors_xml(&refused).ends_with(
            "<Errors><Error><errorCode>STRING_TOO_LONG</errorCode><message>Subject: &lt;too&gt; long</message>\
             <fields>Subject</fields></Error></Errors>"
        ));
    }
}

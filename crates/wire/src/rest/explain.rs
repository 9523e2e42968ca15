//! The answer to `?explain=`: the platform's plans (rest-api.md 6.1).

use model::QueryWay;

use crate::json::{self, Object};

/// Why a condition does not take part.
const UNINDEXED: &str = "Not considering filter for optimization because unindexed";

/// `{"plans":[...],"sourceQuery":"..."}`.
pub fn plans(out: &mut Vec<u8>, ways: &[QueryWay], query: &str) {
    let mut object = Object::open(out);
    json::list(object.key("plans"), ways, plan);
    object.text("sourceQuery", query);
    object.close();
}

fn plan(out: &mut Vec<u8>, way: &QueryWay) {
    let mut object = Object::open(out);
    put_number(object.key("cardinality"), way.cardinality);
    json::list(object.key("fields"), &way.fields, |out, name| {
        json::text(out, name)
    });
    object.text("leadingOperationType", way.leading.as_str());
    json::list(object.key("notes"), &way.unindexed, |out, (field, on)| {
        let mut note = Object::open(out);
        note.text("description", UNINDEXED);
        json::list(note.key("fields"), [field], |out, name| {
            json::text(out, name)
        });
        note.text("tableEnumOrId", on);
        note.close();
    });
    json::value(
        object.key("relativeCost"),
        &model::Value::Double(way.relative_cost),
    );
    put_number(object.key("sobjectCardinality"), way.rows);
    object.text("sobjectType", &way.object);
    object.close();
}

fn put_number(out: &mut Vec<u8>, number: u64) {
    json::put(out, format_args!("{number}"));
}

#[cfg(test)]
mod tests {
    use model::Leading;

    use super::*;

    #[test]
    fn plans_have_the_platforms_shape() {
        let ways = [QueryWay {
            object: "Case".to_owned(),
            leading: Leading::Index,
            fields: vec!["CaseNumber".to_owned()],
            cardinality: 3,
            rows: 40,
            relative_cost: 0.25,
            unindexed: vec![("IsDeleted".to_owned(), "Case".to_owned())],
        }];
        let mut out = Vec::new();
        plans(
            &mut out,
            &ways,
            "SELECT Id FROM Case WHERE CaseNumber = '1'",
        );
        let wanted = concat!(
            r#"{"plans":[{"cardinality":3,"fields":["CaseNumber"],"leadingOperationType":"Index","#,
            r#""notes":[{"description":"Not considering filter for optimization because unindexed","#,
            r#""fields":["IsDeleted"],"tableEnumOrId":"Case"}],"relativeCost":0.25,"#,
            r#""sobjectCardinality":40,"sobjectType":"Case"}],"#,
            r#""sourceQuery":"SELECT Id FROM Case WHERE CaseNumber = '1'"}"#
        );
        assert_eq!(String::from_utf8_lossy(&out), wanted);
    }
}

//! What a query answers, without running it: `?columns=true` (rest-api.md 6.1).

use lang::plan::{Column, Expr, QueryPlan, Shape};
use model::{Catalogue, FieldType};
use wire::json::{self, Object};

/// Prints the columns of a plan.
pub fn print(out: &mut Vec<u8>, plan: &QueryPlan, catalogue: &Catalogue) {
    let def = catalogue.def(plan.scan.object);
    let mut object = Object::open(out);
    json::list(
        object.key("columnMetadata"),
        &plan.columns,
        |out, column| one(out, column, plan, catalogue),
    );
    object
        .text("entityName", &def.name)
        .bool(
            "groupBy",
            matches!(&plan.shape, Shape::Groups(groups) if !groups.single),
        )
        .bool("idSelected", plan.columns.iter().any(is_id))
        .text("keyPrefix", &def.key_prefix_text);
    object.close();
}

fn is_id(column: &Column) -> bool {
    matches!(column, Column::Value { name, .. } if &**name == "Id")
}

fn one(out: &mut Vec<u8>, column: &Column, plan: &QueryPlan, catalogue: &Catalogue) {
    let def = catalogue.def(plan.scan.object);
    let is_group = matches!(plan.shape, Shape::Groups(_));
    match column {
        Column::Value { name, slot, .. } => {
            let expr = plan.outputs.get(*slot);
            let field = def.field(name).map(|ix| def.def(ix)).filter(|_| !is_group);
            let facts = Facts {
                aggregate: matches!(expr, Some(Expr::Aggregate(_) | Expr::Grouping(_))),
                kind: match expr {
                    Some(Expr::Field(path)) => Some(path.kind),
                    _ => None,
                },
                custom: field.is_some_and(|f| f.custom),
                writable: field.map_or((false, false), |f| (f.createable, f.updateable)),
            };
            print_one(out, name, &facts, &[], plan, catalogue);
        }
        Column::Compound { name, .. } => {
            print_one(out, name, &Facts::default(), &[], plan, catalogue);
        }
        Column::Parent { name, columns, .. } => {
            print_one(out, name, &Facts::default(), columns, plan, catalogue)
        }
        Column::TypeOf { name, branches, .. } => {
            let columns = branches.first().map_or(&[][..], |(_, columns)| columns);
            print_one(out, name, &Facts::default(), columns, plan, catalogue);
        }
        Column::Children { name, child } => {
            let facts = Facts {
                aggregate: true,
                ..Facts::default()
            };
            let inner = plan.children.get(*child).map_or(plan, |child| &child.plan);
            print_one(out, name, &facts, &inner.columns, inner, catalogue);
        }
    }
}

#[derive(Default)]
struct Facts {
    aggregate: bool,
    kind: Option<FieldType>,
    custom: bool,
    writable: (bool, bool),
}

fn print_one(
    out: &mut Vec<u8>,
    name: &str,
    facts: &Facts,
    inner: &[Column],
    plan: &QueryPlan,
    catalogue: &Catalogue,
) {
    use FieldType as T;
    let is = |kinds: &[T]| facts.kind.is_some_and(|kind| kinds.contains(&kind));
    let is_number = is(&[T::Int, T::Double, T::Currency, T::Percent]);
    let mut o = Object::open(out);
    o.bool("aggregate", facts.aggregate)
        .text("apexType", apex(facts.kind))
        .bool("booleanType", is(&[T::Boolean]))
        .text("columnName", name)
        .bool("custom", facts.custom)
        .text("displayName", name)
        .raw("foreignKeyName", "null")
        .bool("insertable", facts.writable.0);
    json::list(o.key("joinColumns"), inner, |out, column| {
        one(out, column, plan, catalogue)
    });
    o.bool("numberType", is_number)
        .bool("textType", facts.kind.is_some_and(FieldType::is_text))
        .bool("updatable", facts.writable.1);
    o.close();
}

fn apex(kind: Option<FieldType>) -> &'static str {
    use FieldType as T;
    match kind {
        Some(T::Id | T::Reference) => "Id",
        Some(T::Boolean) => "Boolean",
        Some(T::Int) => "Integer",
        Some(T::Double | T::Currency | T::Percent) => "Double",
        Some(T::Date) => "Date",
        Some(T::Datetime) => "Datetime",
        Some(T::Time) => "Time",
        Some(_) => "String",
        None => "Object",
    }
}

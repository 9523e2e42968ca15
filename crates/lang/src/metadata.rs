//! What the columns of a query are: the answer to `?columns=true` (rest-api.md 6.1).

use std::sync::Arc;

use model::{Catalogue, FieldDef, FieldType, ObjectIx};

use crate::plan::{Column, Expr, Path, QueryPlan, Shape, Spot};

/// The whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryMetadata {
    /// The columns in the order of SELECT.
    pub columns: Vec<ColumnMetadata>,
    /// The object in FROM.
    pub entity_name: String,
    /// The query has GROUP BY.
    pub group_by: bool,
    /// The Id of the object is selected.
    pub id_selected: bool,
    /// Key prefix of the object.
    pub key_prefix: String,
}

/// One column. A parent and a child query are columns with columns of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnMetadata {
    /// An aggregate or a child query.
    pub aggregate: bool,
    /// Type in Apex's words: `Id`, `String`, `Datetime`.
    pub apex_type: Option<String>,
    /// A boolean.
    pub boolean_type: bool,
    /// Name in the answer.
    pub column_name: String,
    /// A custom field.
    pub custom: bool,
    /// As shown: the name, an alias, `expr0`.
    pub display_name: String,
    /// The reference field behind a parent.
    pub foreign_key_name: Option<String>,
    /// Can be set on create.
    pub insertable: bool,
    /// Columns of a parent or child.
    pub join_columns: Vec<ColumnMetadata>,
    /// A number.
    pub number_type: bool,
    /// Text.
    pub text_type: bool,
    /// Can be set on update.
    pub updatable: bool,
}

/// The columns of a plan.
pub fn columns(plan: &QueryPlan, catalogue: &Catalogue) -> QueryMetadata {
    let object = catalogue.def(plan.scan.object);
    let list = List { plan, catalogue };
    QueryMetadata {
        columns: list.all(&plan.columns),
        entity_name: object.name.clone(),
        group_by: matches!(&plan.shape, Shape::Groups(groups) if !groups.single),
        id_selected: plan.columns.iter().any(|column| list.is_id(column)),
        key_prefix: object.key_prefix_text.clone(),
    }
}

struct List<'a> {
    plan: &'a QueryPlan,
    catalogue: &'a Catalogue,
}

impl List<'_> {
    fn all(&self, columns: &[Column]) -> Vec<ColumnMetadata> {
        columns.iter().map(|column| self.one(column)).collect()
    }

    fn is_id(&self, column: &Column) -> bool {
        let Column::Value { slot, .. } = column else {
            return false;
        };
        let own = Path::id(self.plan.scan.object);
        matches!(self.plan.outputs.get(*slot), Some(Expr::Field(path)) if *path == own)
    }

    fn one(&self, column: &Column) -> ColumnMetadata {
        match column {
            Column::Value { name, slot, .. } => self.value(name, *slot),
            Column::Compound { name, .. } => named(name),
            Column::Parent {
                name, id, columns, ..
            } => self.joined(name, *id, columns),
            Column::TypeOf { name, id, branches } => {
                let all: Vec<Column> = branches.iter().flat_map(|(_, c)| c.clone()).collect();
                self.joined(name, *id, &all)
            }
            Column::Children { name, child } => {
                let child = self.plan.children.get(*child);
                ColumnMetadata {
                    aggregate: true,
                    join_columns: child
                        .map(|child| columns(&child.plan, self.catalogue).columns)
                        .unwrap_or_default(),
                    ..named(name)
                }
            }
        }
    }

    fn joined(&self, name: &Arc<str>, id: usize, columns: &[Column]) -> ColumnMetadata {
        let reference = match self.plan.outputs.get(id) {
            Some(Expr::Field(path)) => path.hops.last(),
            _ => None,
        };
        let field = reference.map(|hop| self.catalogue.def(hop.from).def(hop.field));
        ColumnMetadata {
            foreign_key_name: field.map(|def| def.name.clone()),
            join_columns: self.all(columns),
            ..named(name)
        }
    }

    fn value(&self, name: &Arc<str>, slot: usize) -> ColumnMetadata {
        let (kind, def, aggregate) = self.kind(self.plan.outputs.get(slot));
        let column = ColumnMetadata {
            aggregate,
            apex_type: Some(apex_type(kind).to_owned()),
            boolean_type: kind == FieldType::Boolean,
            number_type: is_number(kind),
            text_type: kind.is_text(),
            ..named(name)
        };
        match def {
            Some(def) if !aggregate => ColumnMetadata {
                custom: def.custom,
                insertable: def.createable,
                updatable: def.updateable,
                ..column
            },
            _ => column,
        }
    }

    fn kind(&self, expr: Option<&Expr>) -> (FieldType, Option<&FieldDef>, bool) {
        match expr {
            Some(Expr::Field(path)) => (path.kind, self.def(path), false),
            Some(Expr::Formula(formula)) => (formula.kind, None, false),
            Some(Expr::TypeName { .. }) | None => (FieldType::String, None, false),
            Some(Expr::DatePart { .. } | Expr::Grouping(_)) => (FieldType::Int, None, true),
            Some(Expr::Key(at)) => match &self.plan.shape {
                Shape::Groups(groups) => self.kind(groups.keys.get(*at)),
                Shape::Rows | Shape::Count => (FieldType::String, None, false),
            },
            Some(Expr::Aggregate(aggregate)) => {
                use crate::plan::AggregateFn as F;
                let of = aggregate.of.as_ref().map_or(FieldType::Int, |p| p.kind);
                let kind = match aggregate.function {
                    F::Count | F::CountDistinct => FieldType::Int,
                    F::Avg => FieldType::Double,
                    F::Sum | F::Min | F::Max => of,
                };
                (kind, None, true)
            }
        }
    }

    fn def(&self, path: &Path) -> Option<&FieldDef> {
        let (object, spot): &(ObjectIx, Spot) = path.at.first()?;
        let def = self.catalogue.def(*object);
        let field = match spot {
            Spot::Field(field) => *field,
            Spot::Id => def.field("Id")?,
            Spot::IsDeleted => def.field("IsDeleted")?,
        };
        Some(def.def(field))
    }
}

fn named(name: &Arc<str>) -> ColumnMetadata {
    ColumnMetadata {
        column_name: name.to_string(),
        display_name: name.to_string(),
        ..ColumnMetadata::default()
    }
}

fn is_number(kind: FieldType) -> bool {
    use FieldType as T;
    matches!(kind, T::Int | T::Double | T::Currency | T::Percent)
}

fn apex_type(kind: FieldType) -> &'static str {
    use FieldType as T;
    match kind {
        T::Id | T::Reference => "Id",
        T::Boolean => "Boolean",
        T::Int => "Integer",
        T::Double | T::Percent => "Double",
        T::Currency => "Decimal",
        T::Date => "Date",
        T::Datetime => "Datetime",
        T::Time => "Time",
        T::Address => "Address",
        T::Location => "Location",
        T::String
        | T::Textarea
        | T::Picklist
        | T::Multipicklist
        | T::Combobox
        | T::Email
        | T::Phone
        | T::Url
        | T::ComplexValue
        | T::JunctionIdList => "String",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Context, parse, resolve};
    use model::{KeyPrefix, Millis, RecordId};

    fn of(text: &str) -> QueryMetadata {
        let catalogue = crate::corpus::catalogue();
        let user = RecordId::new(KeyPrefix::of("005"), 1);
        let context = Context::new(user, 64, Millis(0), "UTC");
        let plan = resolve(&parse(text).unwrap(), &catalogue, &context).unwrap();
        columns(&plan, &catalogue)
    }

    fn names(columns: &[ColumnMetadata]) -> Vec<&str> {
        columns.iter().map(|c| c.column_name.as_str()).collect()
    }

    #[test]
    fn parents_are_columns_with_columns() {
        let all = of("SELECT Id, Owner.Name, Parent.Owner.Name FROM Case");
        assert_eq!(names(&all.columns), ["Id", "Owner", "Parent"]);
        assert_eq!(names(&all.columns[1].join_columns), ["Name"]);
        assert_eq!(names(&all.columns[2].join_columns), ["Owner"]);
        assert_eq!(all.columns[1].foreign_key_name.as_deref(), Some("OwnerId"));
        assert_eq!(
            (all.entity_name.as_str(), all.key_prefix.as_str()),
            ("Case", "500")
        );
        assert!(all.id_selected && !all.group_by);
        assert_eq!(all.columns[0].apex_type.as_deref(), Some("Id"));
    }

    #[test]
    fn children_and_aggregates_are_marked() {
        let all = of("SELECT Name, (SELECT Id, Name FROM Parcels__r) FROM Depot__c");
        assert!(all.columns[1].aggregate && !all.id_selected);
        assert_eq!(names(&all.columns[1].join_columns), ["Id", "Name"]);
        let all = of("SELECT Size__c, COUNT(Id), MAX(Due__c) d FROM Parcel__c GROUP BY Size__c");
        assert_eq!(names(&all.columns), ["Size__c", "expr0", "d"]);
        assert_eq!(
            all.columns.iter().map(|c| c.aggregate).collect::<Vec<_>>(),
            [false, true, true]
        );
        assert_eq!(all.columns[2].apex_type.as_deref(), Some("Date"));
        assert!(all.group_by && all.columns[0].custom);
    }
}

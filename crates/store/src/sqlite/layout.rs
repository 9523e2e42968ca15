//! Which table and which columns stand for which object and fields.
//!
//! One table per object under its API name; `Id` is the primary key, `IsDeleted` is `tl_deleted`,
//! compound fields and formulas have no column. A layout belongs to one catalogue and never changes.

use model::{Catalogue, FieldIx, FieldType, ObjectDef, ObjectIx, Value};

/// How a value is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// 15 characters.
    Id,
    Text,
    /// 0 or 1.
    Bool,
    Int,
    Double,
    /// Milliseconds since 1970.
    DateTime,
    /// Days since 1970.
    Date,
    /// Milliseconds since midnight.
    Time,
}

impl Kind {
    pub(crate) fn of(field: FieldType) -> Option<Self> {
        use FieldType as T;
        Some(match field {
            T::Id | T::Reference => Self::Id,
            T::Boolean => Self::Bool,
            T::Int => Self::Int,
            T::Double | T::Currency | T::Percent => Self::Double,
            T::Date => Self::Date,
            T::Datetime => Self::DateTime,
            T::Time => Self::Time,
            T::String
            | T::Textarea
            | T::Picklist
            | T::Multipicklist
            | T::Combobox
            | T::Email
            | T::Phone
            | T::Url => Self::Text,
            T::Address | T::Location | T::ComplexValue | T::JunctionIdList => return None,
        })
    }

    pub(crate) fn sql_type(self) -> &'static str {
        match self {
            Self::Id | Self::Text => "TEXT",
            Self::Double => "REAL",
            Self::Bool | Self::Int | Self::DateTime | Self::Date | Self::Time => "INTEGER",
        }
    }

    /// The value may stand in a column of this kind.
    pub(crate) fn takes(self, value: &Value) -> bool {
        matches!(
            (self, value),
            (_, Value::Null)
                | (Self::Id, Value::Id(_))
                | (Self::Text, Value::Text(_))
                | (Self::Bool, Value::Bool(_))
                | (Self::Int, Value::Int(_))
                | (Self::Double, Value::Double(_) | Value::Int(_))
                | (Self::DateTime, Value::DateTime(_))
                | (Self::Date, Value::Date(_))
                | (Self::Time, Value::Time(_))
        )
    }
}

/// One column.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// Quoted for SQL.
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

impl Column {
    /// The name without quotes, for people.
    pub(crate) fn bare_name(&self) -> &str {
        self.name.trim_matches('"')
    }
}

/// One table.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) object: ObjectIx,
    /// API name.
    pub(crate) api_name: String,
    /// Quoted for SQL.
    pub(crate) name: String,
    /// By field; `None` for fields without a column of their own value.
    columns: Vec<Option<Column>>,
    /// The fields that a record carries in its values, in order.
    pub(crate) carried: Vec<FieldIx>,
    /// The columns that this object's rows are looked up by.
    pub(crate) indexes: Vec<Vec<FieldIx>>,
    /// `SELECT` of a whole record up to `FROM table`.
    pub(crate) select: String,
    /// The same for one row.
    pub(crate) select_one: String,
}

/// The hidden column behind `IsDeleted`.
pub(crate) const DELETED: &str = "tl_deleted";

impl Table {
    fn new(object: ObjectIx, def: &ObjectDef) -> Self {
        let mut columns = Vec::with_capacity(def.fields.len());
        let mut carried = Vec::new();
        for (field, def) in def.each_field() {
            let kind = Kind::of(def.kind).filter(|_| def.formula.is_none());
            let column = match kind {
                Some(kind) if def.name == "IsDeleted" => Some((DELETED.to_owned(), kind)),
                Some(kind) => Some((quoted(&def.name), kind)),
                None => None,
            };
            if column.is_some() && def.name != "Id" && def.name != "IsDeleted" {
                carried.push(field);
            }
            columns.push(column.map(|(name, kind)| Column { name, kind }));
        }
        let mut table = Self {
            object,
            api_name: def.name.clone(),
            name: quoted(&def.name),
            columns,
            carried,
            indexes: Vec::new(),
            select: String::new(),
            select_one: String::new(),
        };
        table.indexes = def
            .indexes
            .iter()
            .map(|names| names.iter().filter_map(|name| def.field(name)).collect())
            .collect();
        table.select = table.select_text();
        table.select_one = format!("{} WHERE \"Id\" = ?", table.select);
        table
    }

    /// Adds an index on a field, unless one begins with it already.
    fn index(&mut self, field: FieldIx) {
        let is_new = self
            .indexes
            .iter()
            .all(|fields| fields.first() != Some(&field));
        if is_new && self.carried.contains(&field) {
            self.indexes.push(vec![field]);
        }
    }

    /// True if an index begins with this field.
    pub(crate) fn has_index(&self, field: FieldIx) -> bool {
        self.indexes
            .iter()
            .any(|fields| fields.first() == Some(&field))
    }

    fn select_text(&self) -> String {
        let mut text = format!("SELECT \"Id\",{DELETED}");
        for field in &self.carried {
            if let Some(column) = self.column(*field) {
                text.push(',');
                text.push_str(&column.name);
            }
        }
        text.push_str(" FROM ");
        text.push_str(&self.name);
        text
    }

    /// The column of a field, if it has one.
    pub(crate) fn column(&self, field: FieldIx) -> Option<&Column> {
        self.columns.get(usize::from(field.0))?.as_ref()
    }

    /// Columns in table order: name and kind, without the primary key and the hidden one.
    pub(crate) fn carried_columns(&self) -> impl Iterator<Item = &Column> {
        self.carried.iter().filter_map(|field| self.column(*field))
    }
}

/// All tables of an org.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layout {
    tables: Vec<Table>,
}

impl Layout {
    pub(crate) fn new(catalogue: &Catalogue) -> Self {
        let tables = catalogue.each().map(|(ix, def)| Table::new(ix, def));
        let mut layout = Self {
            tables: tables.collect(),
        };
        for (object, field) in lookups(catalogue) {
            if let Some(table) = layout.tables.get_mut(usize::from(object.0)) {
                table.index(field);
            }
        }
        layout
    }

    /// The table of an object; `None` for an object of a later catalogue.
    pub(crate) fn table(&self, object: ObjectIx) -> Option<&Table> {
        self.tables.get(usize::from(object.0))
    }

    pub(crate) fn tables(&self) -> &[Table] {
        &self.tables
    }
}

/// The fields that commands look rows up by: keys, and the references of children that go with their
/// parent.
fn lookups(catalogue: &Catalogue) -> Vec<(ObjectIx, FieldIx)> {
    let mut all = Vec::new();
    for (object, def) in catalogue.each() {
        let keys = def.each_field().filter(|(_, f)| f.unique || f.external_id);
        all.extend(keys.map(|(field, _)| (object, field)));
        for child in def.child_relationships.iter().filter(|c| c.cascade_delete) {
            let found = catalogue.find(&child.child_object);
            let field = found.and_then(|(ix, def)| Some((ix, def.field(&child.field)?)));
            all.extend(field);
        }
    }
    all
}

/// A name as SQL may hold it.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

//! Tables of one SELECT: the scanned object and the parents that its paths lead to.
//!
//! Each different hop becomes one LEFT JOIN on the parent's id, so no row is dropped or doubled.

use lang::plan::{Parents, Path, Spot};
use model::{FieldIx, FieldType, ObjectIx};

use super::buf::SqlBuf;
use super::predicate;
use crate::QueryError;
use crate::sqlite::layout::{DELETED, Kind, Layout, Table};

/// SQLite joins 64 tables at most.
const TABLES_MAX: usize = 60;

/// A parent, and how it is reached.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Join {
    /// The table that has the reference.
    child: usize,
    field: FieldIx,
    object: ObjectIx,
}

/// The tables of a SELECT; number 0 is the scanned object.
pub(super) struct Scope<'a> {
    pub(super) layout: &'a Layout,
    pub(super) object: ObjectIx,
    /// Table names are `t` and a number from here, so that semi-joins do not hide what is around them.
    first: usize,
    joins: Vec<Join>,
    pub(super) parents: &'a Parents,
}

impl<'a> Scope<'a> {
    pub(super) fn new(
        layout: &'a Layout,
        object: ObjectIx,
        first: usize,
        parents: &'a Parents,
    ) -> Self {
        Self {
            layout,
            object,
            first,
            joins: Vec::new(),
            parents,
        }
    }

    /// The number after the last table, for scopes inside this one.
    pub(super) fn next(&self) -> usize {
        self.first + TABLES_MAX + 1
    }

    /// SQL of the value at the end of a path; never null for booleans.
    pub(super) fn path(&mut self, path: &Path) -> Result<String, QueryError> {
        let mut table = 0;
        for (at, hop) in path.hops.iter().enumerate() {
            let Some(next) = path.hops.get(at + 1) else {
                return self.end(path, Some((table, hop.field)));
            };
            table = self.join(table, hop.field, next.from)?;
        }
        self.end(path, None)
    }

    /// The values where the path ends: at most one of these parents exists.
    fn end(&mut self, path: &Path, last: Option<(usize, FieldIx)>) -> Result<String, QueryError> {
        let mut columns = Vec::with_capacity(path.at.len());
        for (object, spot) in &path.at {
            let table = match last {
                Some((child, field)) => self.join(child, field, *object)?,
                None => 0,
            };
            columns.push(self.spot(table, *object, *spot)?);
        }
        Ok(
            match (columns.as_slice(), path.kind == FieldType::Boolean) {
                ([], true) => "0".to_owned(),
                ([], false) => "NULL".to_owned(),
                ([column], false) => column.clone(),
                (columns, false) => format!("coalesce({})", columns.join(", ")),
                (columns, true) => format!("coalesce({}, 0)", columns.join(", ")),
            },
        )
    }

    fn join(
        &mut self,
        child: usize,
        field: FieldIx,
        object: ObjectIx,
    ) -> Result<usize, QueryError> {
        let join = Join {
            child,
            field,
            object,
        };
        if let Some(at) = self.joins.iter().position(|known| *known == join) {
            return Ok(at + 1);
        }
        if self.joins.len() >= TABLES_MAX {
            let why = format!("more than {TABLES_MAX} parent relationships");
            return Err(QueryError::TooComplicated(why));
        }
        self.joins.push(join);
        Ok(self.joins.len())
    }

    fn spot(&self, table: usize, object: ObjectIx, spot: Spot) -> Result<String, QueryError> {
        let name = self.name(table);
        Ok(match spot {
            Spot::Id => format!("{name}.\"Id\""),
            Spot::IsDeleted => format!("{name}.{DELETED}"),
            Spot::Field(field) => match self.table(object)?.column(field) {
                Some(column) => format!("{name}.{}", column.name),
                None => "NULL".to_owned(),
            },
        })
    }

    /// SQL of a field of the scanned object itself.
    pub(super) fn own(&self, field: FieldIx) -> Result<String, QueryError> {
        self.spot(0, self.object, Spot::Field(field))
    }

    /// True if the path is a field of the scanned object that an index begins with.
    pub(super) fn is_indexed(&self, path: &Path) -> bool {
        match (path.hops.as_slice(), path.at.as_slice()) {
            ([], [(object, Spot::Field(field))]) => self
                .layout
                .table(*object)
                .is_some_and(|t| t.has_index(*field)),
            _ => false,
        }
    }

    /// SQL name of a table.
    pub(super) fn name(&self, table: usize) -> String {
        format!("t{}", self.first + table)
    }

    fn table(&self, object: ObjectIx) -> Result<&'a Table, QueryError> {
        self.layout.table(object).ok_or_else(|| {
            QueryError::TooComplicated(format!("the store has no table for {object:?} yet"))
        })
    }

    /// `FROM` with all joins that paths asked for so far.
    pub(super) fn from(&self, sql: &mut SqlBuf) -> Result<(), QueryError> {
        let root = self.table(self.object)?;
        sql.push(" FROM ")
            .push(&root.name)
            .push(" ")
            .push(&self.name(0));
        for (at, join) in self.joins.iter().enumerate() {
            let child = match join.child {
                0 => self.object,
                n => self.joins[n - 1].object,
            };
            let reference = self.spot(join.child, child, Spot::Field(join.field))?;
            let name = self.name(at + 1);
            sql.push(" LEFT JOIN ")
                .push(&self.table(join.object)?.name)
                .push(&format!(" {name} ON {name}.\"Id\" = {reference}"));
            if let Some(may_see) = self.parents.get(&join.object) {
                // the parent as the scanned object of a scope of its own: its name is the same
                let number = self.first + at + 1;
                let mut parent = Scope::new(self.layout, join.object, number, self.parents);
                sql.push(" AND ");
                predicate::of_parent(&mut parent, may_see, sql)?;
            }
        }
        Ok(())
    }
}

/// How the value at the end of a path is stored; `None` if it is not.
pub(super) fn kind(path: &Path) -> Option<Kind> {
    Kind::of(path.kind)
}

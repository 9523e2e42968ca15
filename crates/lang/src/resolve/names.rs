//! Paths: aliases, relationships, polymorphic parents, and the field at the end.

use std::sync::Arc;

use model::{Code, FieldDef, FieldIx, FieldType, KeyPrefix, ObjectDef, ObjectIx, Refusal};

use super::Env;
use crate::ast;
use crate::plan::{Expr, Hop, Path, Spot};

/// Most relationships in one path (rest-api.md 6.3, 13).
const HOPS_MAX: usize = 5;

/// Fields of the generic Name object behind a polymorphic relationship (rest-api.md 6.3, 14); Type is
/// apart.
const NAME_FIELDS: [&str; 12] = [
    "Id",
    "Name",
    "Alias",
    "Email",
    "FirstName",
    "IsActive",
    "LastName",
    "Phone",
    "ProfileId",
    "Title",
    "Username",
    "UserRoleId",
];
/// Its relationships.
const NAME_PARENTS: [&str; 2] = ["Profile", "UserRole"];

/// One relationship of a path, resolved.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Step {
    pub hop: Hop,
    /// Its canonical name.
    pub name: Arc<str>,
    pub polymorphic: bool,
}

/// A path, resolved.
pub(super) struct Target<'a> {
    pub steps: Vec<Step>,
    pub expr: Expr,
    pub kind: FieldType,
    /// Canonical name of the last part.
    pub name: Arc<str>,
    /// The field; `None` for `Owner.Type`.
    pub def: Option<&'a FieldDef>,
}

impl Target<'_> {
    /// Canonical form of the whole path.
    pub fn dotted(&self) -> String {
        let names = self.steps.iter().map(|s| &*s.name).chain([&*self.name]);
        names.collect::<Vec<_>>().join(".")
    }
}

/// The names that a SELECT can use: its object, and the aliases of FROM.
pub(super) struct Scope<'a> {
    pub env: &'a Env<'a>,
    pub object: ObjectIx,
    aliases: Vec<(Arc<str>, Vec<Step>)>,
}

impl<'a> Scope<'a> {
    pub fn of(env: &'a Env<'a>, object: ObjectIx, select: &ast::Select) -> Result<Self, Refusal> {
        let mut scope = Self {
            env,
            object,
            aliases: Vec::new(),
        };
        if let Some(alias) = &select.alias {
            scope.aliases.push((alias.text.clone(), Vec::new()));
        }
        for (path, alias) in &select.more_from {
            let steps = scope.relationships(path)?;
            scope.aliases.push((alias.text.clone(), steps));
        }
        Ok(scope)
    }

    pub fn def(&self) -> &'a ObjectDef {
        self.env.catalogue.def(self.object)
    }

    fn def_of(&self, object: ObjectIx) -> &'a ObjectDef {
        self.env.catalogue.def(object)
    }

    /// A later item of FROM: all its names are relationships, the first one may be an alias.
    fn relationships(&self, path: &ast::Path) -> Result<Vec<Step>, Refusal> {
        let (mut steps, names) = self.start(path, 0);
        for name in names {
            steps.push(self.step(&steps, name)?);
        }
        Ok(steps)
    }

    /// Takes an alias or the object's name off the front of a path; at least `keep` names stay.
    fn start<'p>(&self, path: &'p ast::Path, keep: usize) -> (Vec<Step>, Vec<&'p ast::Name>) {
        let mut names: Vec<&ast::Name> = path.names().collect();
        if names.len() <= keep {
            return (Vec::new(), names);
        }
        let alias = self.aliases.iter().find(|(name, _)| path.first.is(name));
        let steps = match alias {
            Some((_, steps)) => Some(steps.clone()),
            None => {
                let is_object = path.first.is(&self.def().name);
                let is_parent = self.relationship(self.object, &path.first.text).is_some();
                (is_object && !is_parent).then(Vec::new)
            }
        };
        if steps.is_some() {
            names.remove(0);
        }
        (steps.unwrap_or_default(), names)
    }

    /// A path that ends in a field.
    pub fn path(&self, path: &ast::Path) -> Result<Target<'a>, Refusal> {
        let (mut steps, mut names) = self.start(path, 1);
        let last = names.pop().unwrap_or(&path.first);
        for name in names {
            steps.push(self.step(&steps, name)?);
        }
        self.end(steps, last)
    }

    /// A path that ends in a relationship, as TYPEOF takes it.
    pub fn parent(&self, path: &ast::Path) -> Result<Vec<Step>, Refusal> {
        let (mut steps, names) = self.start(path, 1);
        for name in names {
            steps.push(self.step(&steps, name)?);
        }
        Ok(steps)
    }

    /// The field `name` of the objects that `steps` lead to.
    pub fn end(&self, steps: Vec<Step>, name: &ast::Name) -> Result<Target<'a>, Refusal> {
        match steps.last() {
            Some(last) if last.polymorphic => self.generic(steps, name),
            Some(last) => {
                let object = last.hop.to.first().copied();
                self.field_of(object.unwrap_or(self.object), steps, name)
            }
            None => self.field_of(self.object, steps, name),
        }
    }

    fn field_of(
        &self,
        object: ObjectIx,
        steps: Vec<Step>,
        name: &ast::Name,
    ) -> Result<Target<'a>, Refusal> {
        let def = self.def_of(object);
        let field = self.field(object, &name.text);
        let field = field.ok_or_else(|| self.no_column(name, &def.name))?;
        let field_def = def.def(field);
        if field_def.formula.is_some() {
            let expr = self.formula(&steps, field_def, name.at)?;
            return Ok(Target {
                steps,
                expr,
                kind: field_def.kind,
                name: Arc::from(field_def.name.as_str()),
                def: Some(field_def),
            });
        }
        Ok(target(
            steps,
            vec![(object, spot(def, field))],
            field_def,
            &field_def.name,
        ))
    }

    /// A field of the Name object that stands for every possible parent.
    fn generic(&self, steps: Vec<Step>, name: &ast::Name) -> Result<Target<'a>, Refusal> {
        if name.is("Type") {
            return Ok(self.type_name(steps));
        }
        let known = NAME_FIELDS.iter().find(|known| name.is(known));
        let known = known.ok_or_else(|| self.no_column(name, "Name"))?;
        let objects = steps.last().map(|s| s.hop.to.clone()).unwrap_or_default();
        let mut at = Vec::new();
        let mut first = None;
        for object in objects {
            let def = self.def_of(object);
            let own = if *known == "Name" {
                def.name_field.as_str()
            } else {
                known
            };
            if let Some(field) = self.field(object, own) {
                at.push((object, spot(def, field)));
                first = first.or(Some(def.def(field)));
            }
        }
        match first {
            Some(def) => Ok(target(steps, at, def, known)),
            None => Err(self.no_column(name, "Name")),
        }
    }

    fn type_name(&self, steps: Vec<Step>) -> Target<'a> {
        let mut hops: Vec<Hop> = steps.iter().map(|s| s.hop.clone()).collect();
        let last = hops.pop();
        let names = last.iter().flat_map(|hop| &hop.to).map(|object| {
            let def = self.def_of(*object);
            (def.prefix(), Arc::from(def.name.as_str()))
        });
        let names: Vec<(KeyPrefix, Arc<str>)> = names.collect();
        let at = last.iter().map(|hop| (hop.from, Spot::Field(hop.field)));
        let reference = Path {
            at: at.collect(),
            hops,
            kind: FieldType::Reference,
        };
        Target {
            steps,
            expr: Expr::TypeName { reference, names },
            kind: FieldType::String,
            name: Arc::from("Type"),
            def: None,
        }
    }

    pub fn step(&self, steps: &[Step], name: &ast::Name) -> Result<Step, Refusal> {
        let unknown = || {
            let reason = format!(
                "Didn't understand relationship '{}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.",
                name.text
            );
            self.env.invalid_field(name.at, reason)
        };
        if steps.len() >= HOPS_MAX {
            let reason = format!("a path can have at most {HOPS_MAX} relationships");
            return Err(self.env.malformed(name.at, reason));
        }
        let found =
            match steps.last() {
                None => self
                    .relationship(self.object, &name.text)
                    .map(|f| (self.object, f)),
                Some(last) if last.polymorphic && !NAME_PARENTS.iter().any(|p| name.is(p)) => None,
                Some(last) => last.hop.to.iter().find_map(|object| {
                    self.relationship(*object, &name.text).map(|f| (*object, f))
                }),
            };
        let (from, field) = found.ok_or_else(unknown)?;
        let def = self.def_of(from).def(field);
        let to: Vec<ObjectIx> = def
            .reference_to
            .iter()
            .filter_map(|name| self.env.catalogue.object(name))
            .filter(|object| self.env.context.sight.object(*object))
            .collect();
        if to.is_empty() {
            return Err(unknown());
        }
        Ok(Step {
            hop: Hop { from, field, to },
            name: Arc::from(def.relationship_name.as_deref().unwrap_or(&name.text)),
            polymorphic: is_polymorphic(def),
        })
    }

    /// A field that the caller can see in his version: it holds one value, or is made of fields that do.
    pub fn field(&self, object: ObjectIx, name: &str) -> Option<FieldIx> {
        let def = self.def_of(object);
        def.field(name).filter(|field| self.shows(object, *field))
    }

    pub fn shows(&self, object: ObjectIx, field: FieldIx) -> bool {
        let def = self.def_of(object).def(field);
        let computes = def.formula.is_none() || super::formula::is_kind(def.kind);
        def.visible_in(self.env.context.version)
            && computes
            && (!def.kind.is_compound() || def.kind.has_parts())
            && self.env.context.sight.field(object, field)
    }

    fn relationship(&self, object: ObjectIx, name: &str) -> Option<FieldIx> {
        let def = self.def_of(object);
        let by_field = || {
            let (stem, suffix) = name.split_at_checked(name.len().checked_sub(3)?)?;
            let field = def.field(&format!("{stem}__c"))?;
            suffix.eq_ignore_ascii_case("__r").then_some(field)
        };
        let field = def.relationship(name).or_else(by_field)?;
        self.shows(object, field).then_some(field)
    }

    /// The child object, its reference field and the canonical name of a child relationship.
    pub fn child(&self, path: &ast::Path) -> Result<(ObjectIx, FieldIx, String), Refusal> {
        let (_, names) = self.start(path, 1);
        let name = path.last();
        let unknown = || {
            let reason = format!(
                "Didn't understand relationship '{}' in FROM part of query call. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.",
                name.text
            );
            self.env.refuse(Code::InvalidType, name.at, reason)
        };
        if names.len() != 1 {
            return Err(unknown());
        }
        let found = self.def().child_relationships.iter().find_map(|child| {
            let shown = child.relationship_name.as_ref()?;
            let (object, def) = self.env.catalogue.find(&child.child_object)?;
            let field = def.field(&child.field)?;
            let sight = self.env.context.sight;
            let seen = sight.object(object) && sight.field(object, field) && def.can("query");
            (name.is(shown) && seen).then(|| (object, field, shown.clone()))
        });
        found.ok_or_else(unknown)
    }

    fn no_column(&self, name: &ast::Name, entity: &str) -> Refusal {
        let reason = format!(
            "No such column '{}' on entity '{entity}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.",
            name.text
        );
        self.env.invalid_field(name.at, reason)
    }
}

fn target<'a>(
    steps: Vec<Step>,
    at: Vec<(ObjectIx, Spot)>,
    def: &'a FieldDef,
    name: &str,
) -> Target<'a> {
    let path = Path {
        hops: steps.iter().map(|s| s.hop.clone()).collect(),
        at,
        kind: def.kind,
    };
    Target {
        steps,
        expr: Expr::Field(path),
        kind: def.kind,
        name: Arc::from(name),
        def: Some(def),
    }
}

/// The Id of the row that `steps` lead to.
pub(super) fn id_of(steps: &[Step]) -> Path {
    let to = steps
        .last()
        .map(|s| s.hop.to.as_slice())
        .unwrap_or_default();
    Path {
        hops: steps.iter().map(|s| s.hop.clone()).collect(),
        at: to.iter().map(|object| (*object, Spot::Id)).collect(),
        kind: FieldType::Id,
    }
}

pub(super) fn is_polymorphic(def: &FieldDef) -> bool {
    def.polymorphic || def.reference_to.len() > 1
}

pub(super) fn spot(object: &ObjectDef, field: FieldIx) -> Spot {
    let def = object.def(field);
    match def.kind {
        FieldType::Id if def.name == "Id" => Spot::Id,
        FieldType::Boolean if def.name == "IsDeleted" => Spot::IsDeleted,
        _ => Spot::Field(field),
    }
}

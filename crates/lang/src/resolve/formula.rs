//! Formula fields: the names in a formula become paths from the record that is read.
//!
//! A formula of a parent begins where the path to the parent ends, and a formula that another one names is
//! put into it, so that what is computed reads stored fields only. A field that the caller may not see
//! makes the formula a field that he may not see either: its value could tell.

use std::sync::Arc;

use model::{FieldDef, FieldType, Refusal, Value};

use super::names::{Scope, Step};
use crate::ast;
use crate::formula::{self, Formula, INPUTS_MAX, NODES_MAX, Node};
use crate::plan::{Expr, Path};

/// Formulas in formulas.
const NESTED_MAX: usize = 5;

impl<'a> Scope<'a> {
    /// The expression of a formula field behind `steps`.
    pub fn formula(&self, steps: &[Step], def: &FieldDef, at: usize) -> Result<Expr, Refusal> {
        let wrong = |why: &str| {
            let reason = format!("formula of field '{}': {why}", def.name);
            self.env.invalid_field(at, reason)
        };
        let text = def.formula.as_deref().unwrap_or_default();
        let named = formula::parse(text).map_err(|why| wrong(&why))?;
        let depth = self.env.formulas.get();
        if depth >= NESTED_MAX {
            return Err(wrong("too many formulas that refer to each other"));
        }
        self.env.formulas.set(depth + 1);
        let mut inputs = Vec::new();
        let node = self.numbered(named, steps, at, &mut inputs);
        self.env.formulas.set(depth);
        let node = node?;
        if node.size() > NODES_MAX || inputs.len() > INPUTS_MAX {
            return Err(wrong("it is too large"));
        }
        Ok(Expr::Formula(Arc::new(Formula {
            node,
            inputs,
            kind: def.kind,
            scale: def.scale,
            now: self.env.context.now,
            zone: self.env.zone.clone(),
        })))
    }

    fn numbered(
        &self,
        node: Node<Vec<String>>,
        steps: &[Step],
        at: usize,
        inputs: &mut Vec<Path>,
    ) -> Result<Node<usize>, Refusal> {
        Ok(match node {
            Node::Literal(value) => Node::Literal(value),
            Node::Field(names) => self.input(&names, steps, at, inputs)?,
            Node::Call(function, args) => {
                let mut numbered = Vec::with_capacity(args.len());
                let mut size = 0;
                for arg in args {
                    let arg = self.numbered(arg, steps, at, inputs)?;
                    size += arg.size();
                    if size > NODES_MAX {
                        return Err(self.env.invalid_field(at, "a formula is too large"));
                    }
                    numbered.push(arg);
                }
                Node::Call(function, numbered)
            }
        })
    }

    /// A field that the formula names, as an input; another formula with all that it reads.
    fn input(
        &self,
        names: &[String],
        steps: &[Step],
        at: usize,
        inputs: &mut Vec<Path>,
    ) -> Result<Node<usize>, Refusal> {
        let mut names = names.iter().map(|text| ast::Name {
            text: Arc::from(text.as_str()),
            at,
        });
        let first = names.next().unwrap_or(ast::Name {
            text: Arc::from(""),
            at,
        });
        let path = ast::Path {
            first,
            rest: names.collect(),
        };
        let target = self.path_behind(steps, &path)?;
        match target.expr {
            Expr::Field(path) if !path.kind.is_compound() => Ok(place(path, inputs)),
            Expr::Formula(inner) => {
                let places: Vec<Node<usize>> = inner
                    .inputs
                    .iter()
                    .map(|path| place(path.clone(), inputs))
                    .collect();
                Ok(moved(&inner.node, &places))
            }
            _ => {
                let reason = format!("a formula cannot use '{}'", target.name);
                Err(self.env.invalid_field(at, reason))
            }
        }
    }
}

/// The number of an input, which is added if it is new.
fn place(path: Path, inputs: &mut Vec<Path>) -> Node<usize> {
    let known = inputs.iter().position(|known| *known == path);
    Node::Field(known.unwrap_or_else(|| {
        inputs.push(path);
        inputs.len() - 1
    }))
}

/// The tree of another formula, with its inputs where they stand now.
fn moved(node: &Node<usize>, places: &[Node<usize>]) -> Node<usize> {
    match node {
        Node::Literal(value) => Node::Literal(value.clone()),
        Node::Field(at) => places
            .get(*at)
            .cloned()
            .unwrap_or(Node::Literal(Value::Null)),
        Node::Call(function, args) => Node::Call(
            *function,
            args.iter().map(|arg| moved(arg, places)).collect(),
        ),
    }
}

/// True for what a formula field can be.
pub(super) fn is_kind(kind: FieldType) -> bool {
    use FieldType as T;
    matches!(
        kind,
        T::Boolean | T::Int | T::Double | T::Currency | T::Percent | T::Date | T::Datetime
    ) || kind.is_text()
}

//! Walks over a plan: every field it reads, every scan it makes. For access checks.

use model::ObjectIx;

use super::{ChildPlan, Expr, Parents, Path, Predicate, QueryPlan, Scan, Shape, Spot};

/// One thing that a plan reads: whose, and what of it. See [`QueryPlan::each_use`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// The object.
    pub object: ObjectIx,
    /// The field or pseudo column.
    pub spot: Spot,
}

impl QueryPlan {
    /// Calls `see` with every path of the plan: columns, conditions, order, groups, semi-joins and
    /// sub-queries. [`Scan::access`] is left out: it reads on behalf of the server.
    pub fn each_path(&self, see: &mut dyn FnMut(&Path)) {
        self.outputs.iter().for_each(|e| e.each_path(see));
        self.order.iter().for_each(|o| o.by.each_path(see));
        self.scan.filter.each_path(see);
        if let Shape::Groups(groups) = &self.shape {
            groups.keys.iter().for_each(|e| e.each_path(see));
            groups.having.each_path(see);
        }
        for child in &self.children {
            child.plan.each_path(see);
        }
    }

    /// Calls `see` with every field that the plan reads anywhere, those of relationships included.
    pub fn each_use(&self, see: &mut dyn FnMut(Use)) {
        self.each_path(&mut |path| path.each_use(see));
        self.each_child(&mut |child| {
            see(Use {
                object: child.plan.scan.object,
                spot: Spot::Field(child.via),
            });
        });
    }

    fn each_child(&self, see: &mut dyn FnMut(&ChildPlan)) {
        for child in &self.children {
            see(child);
            child.plan.each_child(see);
        }
    }

    /// Calls `change` with every scan of the plan: its own, those of semi-joins and of sub-queries. For
    /// `engine::access`, which sets [`Scan::access`] by the scan's object.
    pub fn each_scan_mut(&mut self, change: &mut dyn FnMut(&mut Scan)) {
        self.scan.filter.each_scan_mut(change);
        change(&mut self.scan);
        for child in &mut self.children {
            child.plan.each_scan_mut(change);
        }
    }

    /// Sets the conditions on parents, here and in sub-queries.
    pub fn set_parents(&mut self, parents: &Parents) {
        self.parents = Parents::clone(parents);
        for child in &mut self.children {
            child.plan.set_parents(parents);
        }
    }
}

impl Path {
    fn each_use(&self, see: &mut dyn FnMut(Use)) {
        for hop in &self.hops {
            see(Use {
                object: hop.from,
                spot: Spot::Field(hop.field),
            });
        }
        for (object, spot) in &self.at {
            see(Use {
                object: *object,
                spot: *spot,
            });
        }
    }
}

impl Expr {
    fn each_path(&self, see: &mut dyn FnMut(&Path)) {
        match self {
            Self::Field(path)
            | Self::TypeName {
                reference: path, ..
            }
            | Self::DatePart { of: path, .. } => see(path),
            Self::Formula(formula) => formula.inputs.iter().for_each(see),
            Self::Aggregate(aggregate) => {
                if let Some(path) = &aggregate.of {
                    see(path);
                }
            }
            Self::Key(_) | Self::Grouping(_) => {}
        }
    }
}

impl Predicate {
    /// Calls `see` with every path of the condition, those of semi-joins included.
    pub fn each_path(&self, see: &mut dyn FnMut(&Path)) {
        match self {
            Self::And(all) | Self::Or(all) => all.iter().for_each(|p| p.each_path(see)),
            Self::Not(inner) => inner.each_path(see),
            Self::Null { of, .. }
            | Self::Compare { of, .. }
            | Self::In { of, .. }
            | Self::Within { of, .. }
            | Self::Like { of, .. }
            | Self::Members { of, .. } => of.each_path(see),
            Self::Prefix { of, .. } => see(of),
            Self::Semi { of, inner, .. } => {
                see(of);
                see(&inner.select);
                inner.scan.filter.each_path(see);
            }
        }
    }

    fn each_scan_mut(&mut self, change: &mut dyn FnMut(&mut Scan)) {
        match self {
            Self::And(all) | Self::Or(all) => {
                all.iter_mut().for_each(|p| p.each_scan_mut(change));
            }
            Self::Not(inner) => inner.each_scan_mut(change),
            Self::Semi { inner, .. } => {
                inner.scan.filter.each_scan_mut(change);
                change(&mut inner.scan);
            }
            Self::Null { .. }
            | Self::Compare { .. }
            | Self::In { .. }
            | Self::Within { .. }
            | Self::Like { .. }
            | Self::Members { .. }
            | Self::Prefix { .. } => {}
        }
    }
}

//! How a store finds the rows of a query: `?explain=` (rest-api.md 6.1).
//!
//! The first way is what SQLite's planner says it does; the others are indexes that a condition of the
//! query could use, and the scan. Every figure is counted from the rows, and counts only rows that the
//! caller may see: an explanation must not tell what a query would not.

use lang::plan::{Expr, Op, Path, Predicate, QueryPlan, Scan, Shape, Spot};
use model::{Catalogue, FieldIx, Leading, ObjectIx, QueryWay};

use crate::{QueryError, Reader};

/// Indexes beside the first way: more conditions than this seldom have an index of their own.
const OTHERS_MAX: usize = 8;

/// What the planner's first step on the scanned object reads.
struct Step {
    /// The index's fields as far as they are compared; `None` for a scan of all rows.
    by: Option<Vec<Spot>>,
    /// The planner looked the rows up in more than one way.
    is_mixed: bool,
}

/// All ways, the store's own first.
pub(crate) fn ways(
    reader: &Reader,
    plan: &QueryPlan,
    catalogue: &Catalogue,
) -> Result<Vec<QueryWay>, QueryError> {
    let probe = probe(plan);
    let indexes = match reader {
        Reader::Sqlite(sqlite) => sqlite.indexes(plan.scan.object),
        Reader::Simulated(_) => Vec::new(),
    };
    let step = match reader {
        Reader::Sqlite(sqlite) => step(&sqlite.steps(&probe, catalogue)?, &indexes),
        Reader::Simulated(_) => Step {
            by: None,
            is_mixed: false,
        },
    };
    let asked = Asked {
        reader,
        plan: &probe,
        catalogue,
        conditions: conditions(&probe.scan.filter),
        rows: count(reader, &probe, Predicate::TRUE, catalogue)?,
        indexed: indexes
            .iter()
            .filter_map(|(_, f)| f.first().copied())
            .collect(),
    };
    let first = asked.first(&step)?;
    let mut others = asked.other_indexes(&first)?;
    others.sort_by(|a, b| a.relative_cost.total_cmp(&b.relative_cost));
    let mut all = vec![first];
    all.append(&mut others);
    if all[0].leading != Leading::TableScan {
        all.push(asked.scan()?);
    }
    Ok(all)
}

/// The plan's scan and order alone: what else it shows does not decide how rows are found.
fn probe(plan: &QueryPlan) -> QueryPlan {
    let mut probe = plan.clone();
    probe.children.clear();
    probe.columns.clear();
    if probe.shape != Shape::Rows {
        probe.shape = Shape::Rows;
        probe.order.clear();
        probe.outputs.truncate(0);
    }
    if probe.outputs.is_empty() {
        probe.outputs.push(Expr::Field(Path::id(plan.scan.object)));
    }
    probe
}

struct Asked<'a> {
    reader: &'a Reader,
    plan: &'a QueryPlan,
    catalogue: &'a Catalogue,
    conditions: Vec<&'a Predicate>,
    rows: u64,
    /// The fields that an index begins with.
    indexed: Vec<FieldIx>,
}

impl Asked<'_> {
    /// The store's own way.
    fn first(&self, step: &Step) -> Result<QueryWay, QueryError> {
        let Some(by) = &step.by else {
            return self.scan();
        };
        let used: Vec<&Predicate> = self.led_by(by);
        let leading = match (step.is_mixed, used.is_empty()) {
            (true, _) => Leading::Other,
            (false, true) => Leading::Sharing,
            (false, false) => Leading::Index,
        };
        let led = Predicate::And(used.into_iter().cloned().collect());
        self.way(leading, by, led)
    }

    /// Conditions that an index could serve, one way per field.
    fn other_indexes(&self, first: &QueryWay) -> Result<Vec<QueryWay>, QueryError> {
        let mut all = Vec::new();
        let mut fields: Vec<Spot> = Vec::new();
        for condition in self.conditions.iter().filter(|c| is_range(c)) {
            let Some(spot) = self
                .own_spot(condition)
                .filter(|spot| self.has_index(*spot))
            else {
                continue;
            };
            let leads = first
                .fields
                .first()
                .is_some_and(|name| *name == self.name(spot));
            if !leads && !fields.contains(&spot) && fields.len() < OTHERS_MAX {
                fields.push(spot);
            }
        }
        for spot in fields {
            let used = self.led_by(&[spot]).into_iter().cloned().collect();
            all.push(self.way(Leading::Index, &[spot], Predicate::And(used))?);
        }
        Ok(all)
    }

    fn scan(&self) -> Result<QueryWay, QueryError> {
        self.way(Leading::TableScan, &[], self.plan.scan.filter.clone())
    }

    fn way(&self, leading: Leading, by: &[Spot], led: Predicate) -> Result<QueryWay, QueryError> {
        let cardinality = count(self.reader, self.plan, led, self.catalogue)?;
        let read = match leading {
            Leading::TableScan => self.rows,
            Leading::Index | Leading::Sharing | Leading::Other => cardinality,
        };
        let custom = by
            .first()
            .is_some_and(|spot| self.name(*spot).ends_with("__c"));
        let selective = selective_up_to(self.rows, custom);
        Ok(QueryWay {
            object: self.catalogue.def(self.plan.scan.object).name.clone(),
            leading,
            fields: by.iter().map(|spot| self.name(*spot)).collect(),
            cardinality,
            rows: self.rows,
            relative_cost: (read as f64 / selective * 1_000.0).round() / 1_000.0,
            unindexed: self.unindexed(),
        })
    }

    /// The query's conditions that are about these fields alone.
    fn led_by(&self, by: &[Spot]) -> Vec<&Predicate> {
        let about =
            |c: &&&Predicate| is_range(c) && self.own_spot(c).is_some_and(|s| by.contains(&s));
        self.conditions.iter().filter(about).copied().collect()
    }

    /// The field of the scanned object that a condition is about, if it is about one alone.
    fn own_spot(&self, condition: &Predicate) -> Option<Spot> {
        let mut spots = Vec::new();
        let inner = matches!(condition, Predicate::Semi { .. });
        condition.each_path(&mut |path| spots.push(own(path)));
        match spots.as_slice() {
            [first, ..] if inner => *first,
            [first, rest @ ..] if rest.iter().all(|spot| spot == first) => *first,
            _ => None,
        }
    }

    fn has_index(&self, spot: Spot) -> bool {
        match spot {
            Spot::Id => matches!(self.reader, Reader::Sqlite(_)),
            Spot::IsDeleted => false,
            Spot::Field(field) => self.indexed.contains(&field),
        }
    }

    /// Fields in conditions, and the mark of deleted rows, that no index begins with.
    fn unindexed(&self) -> Vec<(String, String)> {
        let mut all = Vec::new();
        let mut note = |name: String, object: ObjectIx| {
            let one = (name, self.catalogue.def(object).name.clone());
            if !all.contains(&one) {
                all.push(one);
            }
        };
        for condition in &self.conditions {
            let mut paths = Vec::new();
            condition.each_path(&mut |path| paths.push(path.clone()));
            for path in &paths {
                for (object, spot) in &path.at {
                    let indexed = *object == self.plan.scan.object && self.has_index(*spot);
                    if *object == self.plan.scan.object && !indexed || !path.hops.is_empty() {
                        note(self.name_in(*object, *spot), *object);
                    }
                }
            }
        }
        if !self.plan.scan.all_rows {
            note("IsDeleted".to_owned(), self.plan.scan.object);
        }
        all
    }

    fn name(&self, spot: Spot) -> String {
        self.name_in(self.plan.scan.object, spot)
    }

    fn name_in(&self, object: ObjectIx, spot: Spot) -> String {
        match spot {
            Spot::Id => "Id".to_owned(),
            Spot::IsDeleted => "IsDeleted".to_owned(),
            Spot::Field(field) => self.catalogue.def(object).def(field).name.clone(),
        }
    }
}

/// The members of the outermost AND.
fn conditions(filter: &Predicate) -> Vec<&Predicate> {
    match filter {
        Predicate::And(all) => all.iter().flat_map(conditions).collect(),
        one => vec![one],
    }
}

/// A field of the scanned object, without relationships.
fn own(path: &Path) -> Option<Spot> {
    match (path.hops.as_slice(), path.at.as_slice()) {
        ([], [(_, spot)]) => Some(*spot),
        _ => None,
    }
}

/// The condition names values to look for, not values to leave out.
fn is_range(condition: &Predicate) -> bool {
    use Predicate as P;
    match condition {
        P::Compare {
            op, on_null, of, ..
        } => *op != Op::Ne && !on_null && matches!(of, Expr::Field(_)),
        P::In {
            not, on_null, of, ..
        }
        | P::Within {
            not, on_null, of, ..
        } => !not && !on_null && matches!(of, Expr::Field(_)),
        P::Like { pattern, .. } => !pattern.prefix().is_empty(),
        P::Semi { not, .. } => !not,
        P::And(_)
        | P::Or(_)
        | P::Not(_)
        | P::Null { .. }
        | P::Members { .. }
        | P::Prefix { .. } => false,
    }
}

/// Rows of the plan's object that its caller may see and that pass a condition.
fn count(
    reader: &Reader,
    plan: &QueryPlan,
    filter: Predicate,
    catalogue: &Catalogue,
) -> Result<u64, QueryError> {
    let counted = QueryPlan {
        scan: Scan {
            filter,
            ..plan.scan.clone()
        },
        shape: Shape::Count,
        outputs: Vec::new(),
        columns: Vec::new(),
        children: Vec::new(),
        order: Vec::new(),
        limit: None,
        offset: 0,
        ..plan.clone()
    };
    Ok(reader.query(&counted, catalogue)?.total)
}

/// How many rows a selective condition finds at most: 30 % of the first million and 15 % of the others,
/// at most a million; for custom fields 10 %, 5 % and a third of that.
fn selective_up_to(rows: u64, custom: bool) -> f64 {
    const MILLION: u64 = 1_000_000;
    let first = rows.min(MILLION) as f64;
    let others = rows.saturating_sub(MILLION) as f64;
    let found = match custom {
        false => (first * 0.3 + others * 0.15).min(1_000_000.0),
        true => (first * 0.1 + others * 0.05).min(333_333.0),
    };
    found.max(1.0)
}

/// What the planner does first with the scanned object, which it calls `t0`.
fn step(steps: &[String], indexes: &[(String, Vec<FieldIx>)]) -> Step {
    let of_root = |line: &&String| {
        let mut words = line.split(' ');
        words.next();
        words.next() == Some("t0")
    };
    let first = steps.iter().find(of_root);
    let by = first.and_then(|line| searched(line, indexes));
    Step {
        is_mixed: by.is_some() && steps.iter().any(|line| line.starts_with("MULTI-INDEX")),
        by,
    }
}

/// `SEARCH t0 USING INDEX name (a=? AND b>?)`: the fields that are compared. `None` for a scan.
fn searched(line: &str, indexes: &[(String, Vec<FieldIx>)]) -> Option<Vec<Spot>> {
    let found = line.strip_prefix("SEARCH t0 USING ")?;
    let (_, found) = found.split_once("INDEX ")?;
    let (name, terms) = found.split_once(' ')?;
    if name.starts_with("sqlite_autoindex") {
        return Some(vec![Spot::Id]);
    }
    let (_, fields) = indexes.iter().find(|(known, _)| known == name)?;
    let terms = terms.trim_matches(['(', ')']).replace("<expr>", "folded");
    let is_equal = |term: &&str| !term.contains(['<', '>']);
    let (equal, ranged): (Vec<&str>, Vec<&str>) = terms.split(" AND ").partition(is_equal);
    let used = equal.len() + usize::from(!ranged.is_empty());
    Some(
        fields
            .iter()
            .take(used.max(1))
            .map(|f| Spot::Field(*f))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_planners_words_are_read() {
        let indexes = vec![("tl_A_B_C".to_owned(), vec![FieldIx(3), FieldIx(5)])];
        let field = |n| Spot::Field(FieldIx(n));
        for (line, wanted) in [
            ("SCAN t0", None),
            ("SCAN t0 USING INDEX sqlite_autoindex_A_1", None),
            (
                "SEARCH t0 USING INDEX sqlite_autoindex_A_1 (Id=?)",
                Some(vec![Spot::Id]),
            ),
            ("SEARCH t0 USING INDEX tl_A_B_C (B=?)", Some(vec![field(3)])),
            (
                "SEARCH t0 USING INDEX tl_A_B_C (<expr>=?)",
                Some(vec![field(3)]),
            ),
            (
                "SEARCH t0 USING COVERING INDEX tl_A_B_C (B=? AND C>? AND C<?)",
                Some(vec![field(3), field(5)]),
            ),
            (
                "SEARCH t0 USING INDEX tl_A_B_C (<expr>>? AND <expr><?)",
                Some(vec![field(3)]),
            ),
        ] {
            assert_eq!(searched(line, &indexes), wanted, "{line}");
        }
    }

    #[test]
    fn thresholds_are_the_platforms() {
        assert_eq!(selective_up_to(0, false), 1.0);
        assert_eq!(selective_up_to(1_000, false), 300.0);
        assert_eq!(selective_up_to(2_000_000, false), 450_000.0);
        assert_eq!(selective_up_to(90_000_000, true), 333_333.0);
    }
}

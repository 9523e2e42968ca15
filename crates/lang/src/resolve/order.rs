//! ORDER BY: which fields sort, nulls, picklists, and the Id at the end (rest-api.md 6.3, 9).

use model::{FieldType, Refusal};

use super::functions::Term;
use super::names::Scope;
use crate::ast::OrderItem;
use crate::plan::{Expr, Order, Path};

/// Most sort keys.
const KEYS_MAX: usize = 32;

/// Sort keys of a query with plain rows; ends with the Id.
pub(super) fn of_records(scope: &Scope<'_>, items: &[OrderItem]) -> Result<Vec<Order>, Refusal> {
    let mut order = Vec::new();
    for item in checked(scope, items)? {
        let term = scope.term(&item.by)?;
        if term.name.is_none() {
            let reason = format!("Field must be grouped or aggregated: {}", term.shown);
            return Err(scope.env.malformed(item.by.at(), reason));
        }
        sorts(scope, item, &term)?;
        order.push(key(item, term.rank(), term.expr));
    }
    let id = Expr::Field(Path::id(scope.object));
    if order.iter().all(|key: &Order| key.by != id) {
        order.push(ascending(id));
    }
    Ok(order)
}

/// The items, unless they are too many.
pub(super) fn checked<'i>(
    scope: &Scope<'_>,
    items: &'i [OrderItem],
) -> Result<&'i [OrderItem], Refusal> {
    match items.get(KEYS_MAX) {
        None => Ok(items),
        Some(item) => {
            let reason = format!("ORDER BY can have at most {KEYS_MAX} fields");
            Err(scope.env.malformed(item.by.at(), reason))
        }
    }
}

/// Refuses fields that do not sort.
fn sorts(scope: &Scope<'_>, item: &OrderItem, term: &Term<'_>) -> Result<(), Refusal> {
    let fits = term.kind != FieldType::Multipicklist
        && term
            .def
            .is_none_or(|def| def.sortable || def.kind == FieldType::Id);
    if fits {
        return Ok(());
    }
    let reason = format!("field '{}' can not be sorted in a query call", term.shown);
    Err(scope.env.malformed(item.by.at(), reason))
}

pub(super) fn key(item: &OrderItem, rank: Option<crate::plan::Rank>, by: Expr) -> Order {
    Order {
        by,
        descending: item.descending,
        nulls_first: !item.nulls_last,
        rank,
    }
}

pub(super) fn ascending(by: Expr) -> Order {
    Order {
        by,
        descending: false,
        nulls_first: true,
        rank: None,
    }
}

//! SQL under construction: text of our own, values bound beside it, operands of our own functions.
//!
//! Invariant: text that a user wrote is only ever bound. Names come from the layout, already quoted.

use std::sync::Arc;

use model::Value;

use super::operand::Operand;
use crate::QueryError;

/// More bound values than SQLite takes in one statement.
const VALUES_MAX: usize = 32_766;

/// Text with the values that its `?` stand for, in their order.
#[derive(Default)]
pub(super) struct SqlBuf {
    text: String,
    values: Vec<Value>,
    /// What calls of our functions refer to by number.
    pub(super) operands: Vec<Arc<Operand>>,
}

impl SqlBuf {
    /// Adds SQL of our own.
    pub(super) fn push(&mut self, sql: &str) -> &mut Self {
        self.text.push_str(sql);
        self
    }

    /// Adds a value, as a place in the text.
    pub(super) fn bind(&mut self, value: Value) -> &mut Self {
        self.text.push('?');
        self.values.push(value);
        self
    }

    /// Adds the number of an operand.
    pub(super) fn operand(&mut self, operand: Operand) -> &mut Self {
        let number = self.operands.len();
        self.operands.push(Arc::new(operand));
        self.push(&number.to_string())
    }

    /// Adds items with a separator between them.
    pub(super) fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        separator: &str,
        mut each: impl FnMut(&mut Self, T) -> Result<(), QueryError>,
    ) -> Result<&mut Self, QueryError> {
        for (at, item) in items.into_iter().enumerate() {
            if at > 0 {
                self.push(separator);
            }
            each(self, item)?;
        }
        Ok(self)
    }

    /// A buffer for a later part of this text; numbers operands on.
    pub(super) fn fork(&self) -> Self {
        Self {
            operands: self.operands.clone(),
            ..Self::default()
        }
    }

    /// Adds what a fork holds.
    pub(super) fn append(&mut self, fork: Self) -> &mut Self {
        self.text.push_str(&fork.text);
        self.values.extend(fork.values);
        self.operands = fork.operands;
        self
    }

    /// The statement's text and values.
    pub(super) fn finish(&self) -> Result<(&str, &[Value]), QueryError> {
        if self.values.len() > VALUES_MAX {
            let why = format!("more than {VALUES_MAX} values to compare with");
            return Err(QueryError::TooComplicated(why));
        }
        Ok((&self.text, &self.values))
    }
}

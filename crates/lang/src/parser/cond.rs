//! Conditions: AND, OR and NOT, and the comparisons between them.

use super::{Parsed, Parser};
use crate::ast::{Cond, Op, Operand, Test};

impl Parser<'_> {
    /// AND and OR side by side need parentheses (rest-api.md 6.3, 6).
    pub(crate) fn cond(&mut self) -> Parsed<Cond> {
        let first = self.not()?;
        let (word, other) = if self.peek().is_word("AND") {
            ("AND", "OR")
        } else if self.peek().is_word("OR") {
            ("OR", "AND")
        } else {
            return Ok(first);
        };
        let mut all = vec![first];
        while self.word(word) {
            all.push(self.not()?);
        }
        if self.peek().is_word(other) {
            return Err(self.unexpected());
        }
        Ok(match word {
            "AND" => Cond::And(all),
            _ => Cond::Or(all),
        })
    }

    fn not(&mut self) -> Parsed<Cond> {
        if self.word("NOT") {
            let inner = self.deeper(Self::not)?;
            return Ok(Cond::Not(Box::new(inner)));
        }
        if self.sign("(") {
            let inner = self.deeper(Self::cond)?;
            self.expect_sign(")")?;
            return Ok(inner);
        }
        self.test().map(Cond::Test)
    }

    fn test(&mut self) -> Parsed<Test> {
        let left = self.field_expr()?;
        let op_at = self.peek().at;
        let op = self.op()?;
        let right = match op {
            Op::In | Op::NotIn => self.in_list()?,
            Op::Includes | Op::Excludes => {
                self.expect_sign("(")?;
                let all = self.comma_list(Self::literal)?;
                self.expect_sign(")")?;
                Operand::List(all)
            }
            Op::Eq | Op::Ne | Op::Lt | Op::Le | Op::Gt | Op::Ge | Op::Like => {
                Operand::Value(self.literal()?)
            }
        };
        Ok(Test {
            left,
            op,
            op_at,
            right,
        })
    }

    fn op(&mut self) -> Parsed<Op> {
        const SIGNS: [(&str, Op); 7] = [
            ("=", Op::Eq),
            ("!=", Op::Ne),
            ("<>", Op::Ne),
            ("<", Op::Lt),
            ("<=", Op::Le),
            (">", Op::Gt),
            (">=", Op::Ge),
        ];
        const WORDS: [(&str, Op); 4] = [
            ("LIKE", Op::Like),
            ("IN", Op::In),
            ("INCLUDES", Op::Includes),
            ("EXCLUDES", Op::Excludes),
        ];
        if let Some((_, op)) = SIGNS.iter().find(|(sign, _)| self.sign(sign)) {
            return Ok(*op);
        }
        if let Some((_, op)) = WORDS.iter().find(|(word, _)| self.word(word)) {
            return Ok(*op);
        }
        if self.word("NOT") {
            self.expect_word("IN")?;
            return Ok(Op::NotIn);
        }
        Err(self.unexpected())
    }

    fn in_list(&mut self) -> Parsed<Operand> {
        self.expect_sign("(")?;
        let operand = if self.peek().is_word("SELECT") {
            Operand::Query(Box::new(self.deeper(Self::select)?))
        } else {
            Operand::List(self.comma_list(Self::literal)?)
        };
        self.expect_sign(")")?;
        Ok(operand)
    }
}

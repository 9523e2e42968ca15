//! Random queries, each with the answer that the naive model expects.

use crate::naive::{Naive, RELATIONSHIPS, relation};
use crate::org::{Dice, House, OBJECTS, texts};

#[derive(Debug)]
pub enum Form {
    Rows,
    Count,
    /// By this path.
    Groups(String),
    Children {
        name: &'static str,
        child: &'static str,
        via: &'static str,
        column: String,
    },
}

#[derive(Debug)]
enum Condition {
    None,
    Equals(String, String),
    Null {
        path: String,
        not: bool,
    },
    /// Reference (or Id) among the ids or references that rows of an object give.
    Among {
        field: String,
        not: bool,
        of: &'static str,
        select: String,
    },
}

#[derive(Debug)]
pub struct Question {
    pub object: &'static str,
    pub columns: Vec<String>,
    pub form: Form,
    condition: Condition,
    order: Option<String>,
}

/// A way to a text, at most two parents up; `None` if the object has none.
fn path(dice: &mut Dice, object: &str, depth: usize) -> Option<String> {
    let up: Vec<_> = RELATIONSHIPS
        .iter()
        .filter(|(from, ..)| *from == object)
        .collect();
    let own = texts(object);
    if depth < 2 && !up.is_empty() && (own.is_empty() || dice.one_in(2)) {
        let (_, name, _, to) = *dice.pick(&up);
        return Some(format!("{name}.{}", path(dice, to, depth + 1)?));
    }
    (!own.is_empty()).then(|| (*dice.pick(own)).to_owned())
}

/// Long texts are neither compared nor sorted.
fn is_comparable(path: &str) -> bool {
    !path.ends_with("CommentBody")
}

const CHILDREN: &[(&str, &str, &str, &str)] = &[
    ("Account", "Cases", "Case", "AccountId"),
    ("Case", "Cases", "Case", "ParentId"),
    ("Case", "CaseComments", "CaseComment", "ParentId"),
    ("AgentWork", "Shares", "AgentWorkShare", "ParentId"),
];

impl Question {
    pub fn random(house: &House, dice: &mut Dice) -> Self {
        let object = *dice.pick(&OBJECTS);
        let mut columns = vec!["Id".to_owned()];
        for _ in 0..dice.below(4) {
            columns.extend(path(dice, object, 0).filter(|p| !columns.contains(p)));
        }
        let comparable = |dice: &mut Dice| path(dice, object, 0).filter(|p| is_comparable(p));
        let children: Vec<_> = CHILDREN
            .iter()
            .filter(|(from, ..)| *from == object)
            .collect();
        let form = match (dice.below(6), comparable(dice)) {
            (0, _) => Form::Count,
            (1, Some(path)) => Form::Groups(path),
            (2, _) if !children.is_empty() => {
                let (_, name, child, via) = *dice.pick(&children);
                let column = path(dice, child, 1).unwrap_or_else(|| "Id".to_owned());
                Form::Children {
                    name,
                    child,
                    via,
                    column: column.clone(),
                }
            }
            _ => Form::Rows,
        };
        let tested = comparable(dice);
        let condition = Self::condition(house, dice, object, tested);
        let order = match form {
            Form::Rows if dice.one_in(3) => comparable(dice),
            _ => None,
        };
        Self {
            object,
            columns,
            form,
            condition,
            order,
        }
    }

    /// The platform takes no semi-join of an object with itself.
    fn condition(
        house: &House,
        dice: &mut Dice,
        object: &'static str,
        path: Option<String>,
    ) -> Condition {
        let not = dice.one_in(3);
        match (dice.below(5), path) {
            (0, Some(path)) => Condition::Null { path, not },
            (1, Some(path)) => {
                let n = dice.below(house.naive.count(object));
                // what the record really says, whoever may know it
                let value = house
                    .truth(object, n, &path)
                    .unwrap_or_else(|| "tk".to_owned());
                Condition::Equals(path, value)
            }
            (2, _) => {
                let up: Vec<_> = RELATIONSHIPS
                    .iter()
                    .filter(|(from, _, _, to)| *from == object && *to != object)
                    .collect();
                if up.is_empty() {
                    return Condition::None;
                }
                let (_, _, field, of) = *dice.pick(&up);
                Condition::Among {
                    field: (*field).to_owned(),
                    not,
                    of,
                    select: "Id".to_owned(),
                }
            }
            (3, _) => {
                let down: Vec<_> = RELATIONSHIPS
                    .iter()
                    .filter(|(from, _, _, to)| *to == object && *from != object)
                    .collect();
                if down.is_empty() {
                    return Condition::None;
                }
                let (of, _, field, _) = *dice.pick(&down);
                Condition::Among {
                    field: "Id".to_owned(),
                    not,
                    of,
                    select: (*field).to_owned(),
                }
            }
            _ => Condition::None,
        }
    }

    pub fn text(&self) -> String {
        let select = match &self.form {
            Form::Count => "COUNT()".to_owned(),
            Form::Groups(path) => format!("{path} k, COUNT(Id) c"),
            Form::Rows => self.columns.join(", "),
            Form::Children { name, column, .. } if column == "Id" => {
                format!("Id, (SELECT Id FROM {name})")
            }
            Form::Children { name, column, .. } => format!("Id, (SELECT Id, {column} FROM {name})"),
        };
        let mut text = format!("SELECT {select} FROM {}", self.object);
        text += &match &self.condition {
            Condition::None => String::new(),
            Condition::Equals(path, value) => format!(" WHERE {path} = '{value}'"),
            Condition::Null { path, not } => {
                format!(" WHERE {path} {} null", if *not { "!=" } else { "=" })
            }
            Condition::Among {
                field,
                not,
                of,
                select,
            } => {
                let word = if *not { "NOT IN" } else { "IN" };
                format!(" WHERE {field} {word} (SELECT {select} FROM {of})")
            }
        };
        if let Form::Groups(path) = &self.form {
            text += &format!(" GROUP BY {path}");
        }
        if let Some(path) = &self.order {
            text += &format!(" ORDER BY {path}");
        }
        text
    }

    /// Everything that the query names is there for the user.
    pub fn is_allowed(&self, naive: &Naive, user: usize) -> bool {
        let may = |path: &String| naive.path(user, self.object, path);
        let form = match &self.form {
            Form::Rows => self.columns.iter().all(may),
            Form::Count => true,
            Form::Groups(path) => may(path),
            Form::Children {
                child, via, column, ..
            } => naive.path(user, child, column) && naive.field(user, child, via),
        };
        let condition = match &self.condition {
            Condition::None => true,
            Condition::Equals(path, _) | Condition::Null { path, .. } => may(path),
            Condition::Among {
                field, of, select, ..
            } => may(field) && naive.path(user, of, select),
        };
        naive.object(user, self.object) && form && condition && self.order.iter().all(may)
    }

    /// Numbers of the rows that the user finds.
    pub fn expected(&self, naive: &Naive, user: usize, all_rows: bool) -> Vec<usize> {
        let rows = naive.live(self.object, all_rows);
        rows.filter(|n| naive.sees(user, self.object, *n) && self.holds(naive, user, all_rows, *n))
            .collect()
    }

    fn holds(&self, naive: &Naive, user: usize, all_rows: bool, n: usize) -> bool {
        let value = |path: &str| naive.value(user, self.object, n, path);
        match &self.condition {
            Condition::None => true,
            Condition::Equals(path, wanted) => value(path).is_some_and(|v| v == *wanted),
            Condition::Null { path, not } => value(path).is_none() != *not,
            Condition::Among {
                field,
                not,
                of,
                select,
            } => {
                let mine = value(field);
                let others = naive
                    .live(of, all_rows)
                    .filter(|o| naive.sees(user, of, *o));
                let mut others = others.filter_map(|o| naive.value(user, of, o, select));
                others.any(|other| Some(other) == mine) != *not
            }
        }
    }
}

impl House {
    /// The text at the end of a path, access or not.
    fn truth(&self, object: &str, n: usize, path: &str) -> Option<String> {
        let row = &self.naive.rows[object][n];
        match path.split_once('.') {
            None => row.texts.get(path).cloned(),
            Some((name, rest)) => {
                let (_, _, field, _) = relation(object, name);
                let (to, number) = row.references.get(field)?;
                self.truth(to, *number, rest)
            }
        }
    }
}

//! Values against the catalogue: writable, typed, in range, listed, pointing at something.

use model::{Code, FieldDef, FieldIx, FieldType, ObjectIx, Record, RecordId, Refusal, Value};

use crate::access::Level;
use crate::draft::{Planned, Planner, Stop, refuse};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Write {
    Create,
    Update,
}

/// One kind of fault, gathered over all fields: the first kind found is reported with all its fields.
#[derive(Default)]
struct Faults {
    messages: Vec<String>,
    fields: Vec<String>,
}

impl Faults {
    fn add(&mut self, field: &FieldDef, message: String) {
        self.fields.push(field.name.clone());
        self.messages.push(message);
    }

    fn report(self, code: Code) -> Planned<()> {
        if self.fields.is_empty() {
            return Ok(());
        }
        Err(Stop::Refused(Refusal::about(
            code,
            self.messages.join(", "),
            self.fields,
        )))
    }
}

impl Planner<'_> {
    /// The values as they will be stored, or the first kind of fault among them.
    pub(super) fn checked(
        &mut self,
        object: ObjectIx,
        values: &[(FieldIx, Value)],
        write: Write,
    ) -> Planned<Vec<(FieldIx, Value)>> {
        let def = self.engine.catalogue.def(object).clone();
        let mut locked = Faults::default();
        // clients write these as metadata only, which arrives here taken apart into columns
        let is_metadata = def.name == "WorkSkillRouting";
        for (field, _) in values {
            let f = def.def(*field);
            let writable = match write {
                Write::Create => f.createable || is_metadata && !f.name.ends_with("ById"),
                Write::Update => f.updateable || is_metadata && !f.name.ends_with("ById"),
            };
            if !writable || f.formula.is_some() || !self.caller.rights.can_write(object, *field) {
                locked.add(f, f.name.clone());
            }
        }
        if !locked.fields.is_empty() {
            let list = locked.fields.join(", ");
            locked.messages = vec![format!(
                "Unable to create/update fields: {list}. Please check the security settings of this field and \
                 verify that it is read/write for your profile or permission set."
            )];
        }
        locked.report(Code::InvalidFieldForInsertUpdate)?;

        let mut typed = Vec::with_capacity(values.len());
        let (mut kinds, mut numbers, mut lengths) =
            (Faults::default(), Faults::default(), Faults::default());
        for (field, value) in values {
            let f = def.def(*field);
            match coerce(f, value) {
                Ok(value) => typed.push((*field, value)),
                Err(Fault::Kind) => kinds.add(
                    f,
                    format!("{}: value not of required type: {}", f.label, show(value)),
                ),
                Err(Fault::Range) => numbers.add(
                    f,
                    format!(
                        "{}: value outside of valid range on numeric field: {}",
                        f.label,
                        show(value)
                    ),
                ),
                Err(Fault::Length(max)) => {
                    lengths.add(
                        f,
                        format!(
                            "{}: data value too large: {} (max length={max})",
                            f.label,
                            show(value)
                        ),
                    );
                }
            }
        }
        kinds.report(Code::FieldIntegrityException)?;
        numbers.report(Code::NumberOutsideValidRange)?;
        lengths.report(Code::StringTooLong)?;

        let (mut mails, mut lists) = (Faults::default(), Faults::default());
        for (field, value) in &mut typed {
            let f = def.def(*field);
            if f.kind == FieldType::Email && value.as_text().is_some_and(|t| !is_email(t)) {
                mails.add(
                    f,
                    format!("{}: invalid email address: {}", f.label, show(value)),
                );
            }
            match listed(f, value) {
                Some(Ok(canonical)) => *value = canonical,
                Some(Err(())) => {
                    lists.add(
                        f,
                        format!(
                            "{}: bad value for restricted picklist field: {}",
                            f.label,
                            show(value)
                        ),
                    );
                }
                None => {}
            }
        }
        mails.report(Code::InvalidEmailAddress)?;
        lists.report(Code::InvalidOrNullForRestrictedPicklist)?;
        Ok(typed)
    }

    /// Every reference names a live row of an object that the field takes.
    pub(super) fn check_references(
        &mut self,
        object: ObjectIx,
        values: &[(FieldIx, Value)],
    ) -> Planned<()> {
        let catalogue = self.engine.catalogue.clone();
        let def = catalogue.def(object);
        let mut missing = false;
        for (field, value) in values {
            let (Some(id), f) = (value.as_id(), def.def(*field)) else {
                continue;
            };
            if f.kind != FieldType::Reference {
                continue;
            }
            let target = catalogue.name_of(id);
            if !target.is_some_and(|name| f.reference_to.iter().any(|t| t == name)) {
                let code = if f.reference_to.len() > 1 && target.is_some() {
                    Code::InvalidCrossReferenceTypeForField
                } else {
                    Code::MalformedId
                };
                let text = format!("{}: id value of incorrect type: {id}", f.label);
                return Err(Stop::Refused(Refusal::about(code, text, [f.name.clone()])));
            }
            let Some(target) = catalogue.object_of(id) else {
                missing = true;
                continue;
            };
            missing |= match self.exists(target, id) {
                Some(false) => true,
                Some(true) if !self.sees_all(target) => self.is_hidden(target, id)?,
                _ => false,
            };
        }
        self.complete()?;
        if missing {
            return refuse(Code::InvalidCrossReferenceKey, "invalid cross reference id");
        }
        self.check_owner(object, values)
    }

    /// A row that the caller may not point at, because it may not see it.
    fn is_hidden(&mut self, object: ObjectIx, id: RecordId) -> Planned<bool> {
        let Some(row) = self.load(object, id)? else {
            return Ok(true);
        };
        Ok(self.access_to(&row)? == Level::Nothing)
    }

    /// An inactive user owns nothing new; a queue owns only the objects it is made for.
    fn check_owner(&mut self, object: ObjectIx, values: &[(FieldIx, Value)]) -> Planned<()> {
        let Some(field) = self.engine.shapes.get(object).owner else {
            return Ok(());
        };
        let Some(owner) = values
            .iter()
            .find(|(f, _)| *f == field)
            .and_then(|(_, v)| v.as_id())
        else {
            return Ok(());
        };
        let k = &self.engine.known;
        if let Some(user) = self.setup_row(k.user.ix, owner)
            && !user.get(k.user.is_active).is_true()
        {
            let label = self.engine.catalogue.def(object).label.to_lowercase();
            let text =
                format!("operation performed with inactive user [{owner}] as owner of {label}");
            return refuse(Code::InactiveOwnerOrUser, text);
        }
        let is_routing_row = [k.request.ix, k.work.ix, k.presence.ix].contains(&object);
        if is_routing_row
            || self.engine.catalogue.object_of(owner) != Some(k.group.ix)
            || self.may_own(owner, object)
        {
            return Ok(());
        }
        let text = "Queue not associated with this SObject type";
        let code = Code::FieldIntegrityException;
        Err(Stop::Refused(Refusal::about(code, text, ["OwnerId"])))
    }

    /// QueueSobject lists the object for the queue, in this draft or before.
    fn may_own(&mut self, queue: RecordId, object: ObjectIx) -> bool {
        let engine = self.engine;
        let known = engine.configured.queue_objects.get(&queue);
        if known.is_some_and(|all| all.contains(&object)) {
            return true;
        }
        let k = &engine.known.queue_sobject;
        let drafted: Vec<RecordId> = self.draft.changes.touched(k.ix).collect();
        let name = engine.catalogue.def(object).name.as_str();
        drafted
            .into_iter()
            .filter_map(|id| self.setup_row(k.ix, id))
            .any(|row| {
                row.get(k.queue_id).as_id() == Some(queue)
                    && row.get(k.sobject_type).as_text() == Some(name)
            })
    }

    /// A row of configuration as this draft leaves it.
    pub(super) fn setup_row(&mut self, object: ObjectIx, id: RecordId) -> Option<Record> {
        self.load(object, id).ok().flatten()
    }

    /// One value that the server itself sets for a client: typed, in range, listed, pointing at something;
    /// writable or not.
    pub(crate) fn fitting_value(
        &mut self,
        object: ObjectIx,
        field: FieldIx,
        value: &Value,
    ) -> Planned<Value> {
        let def = self.engine.catalogue.def(object).clone();
        let f = def.def(field);
        let typed = match coerce(f, value) {
            Ok(value) => value,
            Err(Fault::Length(max)) => {
                let text = format!(
                    "{}: data value too large: {} (max length={max})",
                    f.name,
                    show(value)
                );
                return Err(Stop::Refused(Refusal::about(
                    Code::StringTooLong,
                    text,
                    [f.name.clone()],
                )));
            }
            Err(_) => {
                let text = format!("{}: value not of required type: {}", f.name, show(value));
                return Err(Stop::Refused(Refusal::about(
                    Code::FieldIntegrityException,
                    text,
                    [f.name.clone()],
                )));
            }
        };
        let typed = match listed(f, &typed) {
            Some(Ok(canonical)) => canonical,
            Some(Err(())) => {
                let text = format!(
                    "{}: bad value for restricted picklist field: {}",
                    f.name,
                    show(value)
                );
                let code = Code::InvalidOrNullForRestrictedPicklist;
                return Err(Stop::Refused(Refusal::about(code, text, [f.name.clone()])));
            }
            None => typed,
        };
        self.check_references(object, &[(field, typed.clone())])?;
        Ok(typed)
    }

    /// Every required field has a value; a change may not clear one. Rows that the server made may lack
    /// what clients must give.
    pub(super) fn check_required(&mut self, before: Option<&Record>, row: &Record) -> Planned<()> {
        let shape = self.engine.shapes.get(row.object);
        let required = if before.is_some() {
            &shape.never_null
        } else {
            &shape.required
        };
        let is_missing =
            |f: &&FieldIx| row.get(**f).is_null() && before.is_none_or(|b| !b.get(**f).is_null());
        let def = self.engine.catalogue.def(row.object);
        let missing = required.iter().filter(is_missing);
        let names: Vec<String> = missing.map(|f| def.def(*f).name.clone()).collect();
        if names.is_empty() {
            return Ok(());
        }
        let text = format!("Required fields are missing: [{}]", names.join(", "));
        Err(Stop::Refused(Refusal::about(
            Code::RequiredFieldMissing,
            text,
            names,
        )))
    }
}

enum Fault {
    Kind,
    Range,
    Length(u32),
}

/// The value as the field stores it.
fn coerce(f: &FieldDef, value: &Value) -> Result<Value, Fault> {
    use FieldType as T;
    Ok(match (f.kind, value) {
        (_, Value::Null) => Value::Null,
        (T::Boolean, Value::Bool(_))
        | (T::Id | T::Reference, Value::Id(_))
        | (T::Date, Value::Date(_))
        | (T::Datetime, Value::DateTime(_))
        | (T::Time, Value::Time(_)) => value.clone(),
        (T::Datetime, Value::Date(day)) => day.midnight().into(),
        (T::Int, Value::Int(number)) => {
            let max = 10_i64
                .checked_pow(f.digits.unwrap_or(9).min(18))
                .unwrap_or(i64::MAX);
            if number.unsigned_abs() >= max.unsigned_abs() {
                return Err(Fault::Range);
            }
            value.clone()
        }
        (T::Int, Value::Double(number)) if number.fract() == 0.0 && number.abs() < 1e15 => {
            return coerce(f, &Value::Int(*number as i64));
        }
        (T::Double | T::Currency | T::Percent, Value::Double(_) | Value::Int(_)) => {
            Value::Double(fitted(f, value.as_double().unwrap_or(f64::NAN)).ok_or(Fault::Range)?)
        }
        (kind, Value::Text(text)) if kind.is_text() => {
            if let Some(max) = f.length
                && text.len() > max as usize
                && text.chars().count() > max as usize
            {
                return Err(Fault::Length(max));
            }
            Value::text(text.clone())
        }
        _ => return Err(Fault::Kind),
    })
}

/// A number rounded to the scale of its field; `None` if it has too many digits before the point.
fn fitted(f: &FieldDef, number: f64) -> Option<f64> {
    if !number.is_finite() {
        return None;
    }
    let whole = f
        .precision
        .unwrap_or(18)
        .saturating_sub(f.scale.unwrap_or(0));
    let rounded = match f.scale.map(|s| 10_f64.powi(s.min(15) as i32)) {
        Some(power) if number.abs() < 1e15 / power => (number * power).round() / power,
        _ => number,
    };
    (rounded.abs() < 10_f64.powi(whole as i32)).then_some(rounded)
}

/// For restricted picklists: the value as it is listed, or that it is not. Lists that are empty here are
/// filled by the org and take anything.
fn listed(f: &FieldDef, value: &Value) -> Option<Result<Value, ()>> {
    let text = value.as_text()?;
    if !f.restricted || f.picklist.is_empty() {
        return None;
    }
    let find = |part: &str| {
        f.picklist
            .iter()
            .find(|p| p.value.eq_ignore_ascii_case(part))
            .map(|p| p.value.as_str())
    };
    match f.kind {
        FieldType::Picklist => Some(find(text).map(Value::from).ok_or(())),
        FieldType::Multipicklist => {
            let parts: Option<Vec<&str>> = text.split(';').map(|p| find(p.trim())).collect();
            Some(parts.map(|all| Value::from(all.join(";"))).ok_or(()))
        }
        _ => None,
    }
}

fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.rsplit_once('@') else {
        return false;
    };
    let plain = |c: char| {
        !c.is_whitespace()
            && !c.is_control()
            && !matches!(c, ',' | ';' | '<' | '>' | '"' | '(' | ')')
    };
    !name.is_empty()
        && !name.contains('@')
        && text.chars().all(plain)
        && host.contains('.')
        && host
            .split('.')
            .all(|part| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '-'))
}

fn show(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(b) => b.to_string(),
        Value::Int(i) => i.to_string(),
        Value::Double(d) => d.to_string(),
        Value::Text(t) => t.chars().take(500).collect(),
        Value::Id(id) => id.to_string(),
        Value::DateTime(at) => at.to_rest(),
        Value::Date(day) => day.to_string(),
        Value::Time(ms) => ms.to_string(),
    }
}

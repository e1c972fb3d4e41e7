//! Binary operators, as PowerShell has them: an array on the left of a comparison is filtered.

use super::super::Reader;
use super::super::ast::{BinaryOp, Test};
use super::super::value::{Cases, Formula, MOST_ITEMS, Question, Value};
use super::pattern;
use std::cmp::Ordering;
use std::rc::Rc;

/// The longest range that is written out.
const LONGEST_RANGE: i64 = 10_000;
/// The longest text that is kept; what grows beyond is unknown.
const LONGEST_TEXT: usize = 4_000;

impl Reader<'_> {
    pub(super) fn binary(&self, op: BinaryOp, left: &Value, right: &Value) -> Value {
        match op {
            BinaryOp::And | BinaryOp::Or | BinaryOp::Xor => return self.logical(op, left, right),
            BinaryOp::Compare { test, negated, cased } => return self.compare(test, negated, cased, left, right),
            BinaryOp::Is(_) | BinaryOp::As | BinaryOp::Opaque => return Value::Unknown,
            _ => {}
        }
        if let Some(value) = self.by_case(left, right, |left, right| self.binary(op, left, right)) {
            return value;
        }
        match op {
            BinaryOp::Add => self.add(left, right),
            BinaryOp::Range => match (self.number(left), self.number(right)) {
                (Some(from), Some(to)) if (to - from).abs() <= LONGEST_RANGE => {
                    let numbers: Vec<Value> = if from <= to {
                        (from..=to).map(Value::Int).collect()
                    } else {
                        (to..=from).rev().map(Value::Int).collect()
                    };
                    Value::array(numbers)
                }
                _ => Value::Unknown,
            },
            BinaryOp::Multiply if matches!(left, Value::Text(_)) => match (left, self.number(right)) {
                (Value::Text(text), Some(times)) if (0..=200).contains(&times) => {
                    Value::text(text.repeat(times as usize))
                }
                _ => Value::Unknown,
            },
            BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Remainder => {
                let (Some(left), Some(right)) = (self.number(left), self.number(right)) else { return Value::Unknown };
                let result = match op {
                    BinaryOp::Subtract => left.checked_sub(right),
                    BinaryOp::Multiply => left.checked_mul(right),
                    BinaryOp::Divide if right != 0 && left % right == 0 => Some(left / right),
                    BinaryOp::Remainder => left.checked_rem(right),
                    _ => None,
                };
                result.map_or(Value::Unknown, Value::Int)
            }
            BinaryOp::Join => {
                let (Value::Array(items), Some(between)) = (left, self.text(right)) else {
                    return self.text(left).map_or(Value::Unknown, Value::Text);
                };
                let texts: Option<Vec<Rc<str>>> = items.iter().map(|item| self.text(item)).collect();
                texts.map_or(Value::Unknown, |texts| Value::text(texts.join(&between)))
            }
            BinaryOp::Split => match (self.text(left), self.text(right)) {
                (Some(text), Some(at)) => self.split(&text, &at),
                _ => Value::Unknown,
            },
            BinaryOp::Replace => {
                let (old, new) = match right {
                    Value::Array(items) => (items.first().cloned(), items.get(1).cloned().unwrap_or(Value::text(""))),
                    other => (Some(other.clone()), Value::text("")),
                };
                let texts = (self.text(left), old.and_then(|old| self.text(&old)), self.text(&new));
                let (Some(text), Some(old), Some(new)) = texts else { return Value::Unknown };
                match regex::RegexBuilder::new(&old).case_insensitive(true).size_limit(1 << 18).build() {
                    Ok(regex) => Value::text(regex.replace_all(&text, &*new).into_owned()),
                    Err(_) => Value::Unknown,
                }
            }
            BinaryOp::Format => {
                let items = match right {
                    Value::Array(items) => items.to_vec(),
                    other => vec![other.clone()],
                };
                let Some(mut text) = self.text(left).map(|text| text.to_string()) else { return Value::Unknown };
                for (at, item) in items.iter().enumerate() {
                    let Some(item) = self.text(item) else { return Value::Unknown };
                    text = text.replace(&format!("{{{at}}}"), &item);
                }
                if text.contains('{') { Value::Unknown } else { Value::text(text) }
            }
            _ => Value::Unknown,
        }
    }

    /// Applies an operation case by case where an operand depends on a read.
    fn by_case(&self, left: &Value, right: &Value, apply: impl Fn(&Value, &Value) -> Value) -> Option<Value> {
        match (left, right) {
            (Value::Cases(a), Value::Cases(b)) if a.snapshot == b.snapshot && a.question == b.question => {
                let values = a.values.iter().zip(&b.values).map(|(left, right)| apply(left, right)).collect();
                Some(Cases { snapshot: Rc::clone(&a.snapshot), question: a.question, values }.simplified())
            }
            (Value::Cases(_), Value::Cases(_)) => Some(Value::Unknown),
            (Value::Cases(cases), _) => Some(cases.map(|case| apply(case, right))),
            (_, Value::Cases(cases)) if !matches!(left, Value::Array(_) | Value::Maybe(_)) => {
                Some(cases.map(|case| apply(left, case)))
            }
            _ => None,
        }
    }

    fn logical(&self, op: BinaryOp, left: &Value, right: &Value) -> Value {
        let decided = match op {
            BinaryOp::And => Formula::False,
            BinaryOp::Or => Formula::True,
            _ => Formula::Unknown,
        };
        let (first, second) = (self.truth(left), self.truth(right));
        if op != BinaryOp::Xor && (first == decided || second == decided) {
            return decided.value();
        }
        match op {
            BinaryOp::And => {
                let kept = self
                    .by_case(left, right, |left, right| Formula::all([self.truth(left), self.truth(right)]).value());
                match kept {
                    Some(value @ (Value::Cases(_) | Value::Bool(_))) => value,
                    _ => Formula::all([first, second]).value(),
                }
            }
            BinaryOp::Or => {
                let kept = self
                    .by_case(left, right, |left, right| Formula::any([self.truth(left), self.truth(right)]).value());
                match kept {
                    Some(value @ (Value::Cases(_) | Value::Bool(_))) => value,
                    _ => Formula::any([first, second]).value(),
                }
            }
            _ => match (first, second) {
                (Formula::True, other) | (other, Formula::True) => other.not().value(),
                (Formula::False, other) | (other, Formula::False) => other.value(),
                _ => Value::Unknown,
            },
        }
    }

    fn add(&self, left: &Value, right: &Value) -> Value {
        match (left, right) {
            (Value::Int(left), _) => match self.number(right) {
                Some(right) => left.checked_add(right).map_or(Value::Unknown, Value::Int),
                None => Value::Unknown,
            },
            (Value::Array(items), Value::Array(more)) if items.len() + more.len() > MOST_ITEMS => Value::Unknown,
            (Value::Array(items), _) if items.len() > MOST_ITEMS => Value::Unknown,
            (Value::Array(items), _) => {
                let mut items = items.to_vec();
                match right {
                    Value::Array(more) => items.extend(more.iter().cloned()),
                    other => items.push(other.clone()),
                }
                Value::array(items)
            }
            (Value::Maybe(items), _) => match self.elements(right) {
                Some(more) => self.sifted(items.iter().cloned().chain(more).collect()),
                None => Value::Unknown,
            },
            (Value::Null, _) => right.clone(),
            (Value::Unknown, _) => Value::Unknown,
            _ => match (self.text(left), self.text(right)) {
                (Some(left), Some(right)) if left.len() + right.len() <= LONGEST_TEXT => {
                    Value::text(format!("{left}{right}"))
                }
                _ => Value::Unknown,
            },
        }
    }

    pub(super) fn split(&self, text: &str, at: &str) -> Value {
        match regex::RegexBuilder::new(at).case_insensitive(true).size_limit(1 << 18).build() {
            Ok(regex) => Value::array(regex.split(text).map(Value::text).collect()),
            Err(_) => Value::Unknown,
        }
    }

    /// The value as a whole number.
    pub(in crate::runbook::powershell) fn number(&self, value: &Value) -> Option<i64> {
        match value {
            Value::Int(number) => Some(*number),
            Value::Null => Some(0),
            Value::Bool(flag) => Some(i64::from(*flag)),
            Value::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    fn compare(&self, test: Test, negated: bool, cased: bool, left: &Value, right: &Value) -> Value {
        let flip = |value: Value| match (&value, negated) {
            (_, false) => value,
            (Value::Bool(flag), true) => Value::Bool(!flag),
            (Value::Cases(cases), true) => cases.map(|case| self.truth(case).not().value()),
            (_, true) => self.truth(&value).not().value(),
        };
        match test {
            Test::In => return flip(self.compare(Test::Contains, false, cased, right, left)),
            Test::Contains => {
                let Some(items) = self.elements(left) else { return Value::Unknown };
                let found = items.iter().map(|(when, item)| {
                    let equal = self.compare(Test::Equal, false, cased, item, right);
                    if let ([_], Formula::True, Value::Cases(_)) = (items.as_slice(), when, &equal) {
                        return Err(equal);
                    }
                    Ok(Formula::all([when.clone(), self.truth(&equal)]))
                });
                // One sure element that depends on a read: the answer stays a value by cases.
                return match found.collect::<Result<Vec<Formula>, Value>>() {
                    Ok(found) => {
                        flip(self.over_cases(right, left, cased).unwrap_or_else(|| Formula::any(found).value()))
                    }
                    Err(equal) => flip(equal),
                };
            }
            _ => {}
        }
        if let Value::Count(items) = left {
            return flip(count_against(items, test, self.number(right)));
        }
        // A comparison filters an array on its left.
        if matches!(left, Value::Array(_) | Value::Maybe(_)) {
            let null = matches!(right, Value::Null);
            if let (Value::Maybe(_), true, Test::Equal) = (left, null, test) {
                return flip(self.truth(left).not().value());
            }
            let Some(items) = self.elements(left) else { return Value::Unknown };
            let kept = items.into_iter().map(|(when, item)| {
                let holds = self.truth(&self.compare(test, negated, cased, &item, right));
                (Formula::all([when, holds]), item)
            });
            return self.sifted(kept.collect());
        }
        if let Some(value) = self.by_case(left, right, |left, right| self.compare(test, false, cased, left, right)) {
            // Words that the sample of an output does not settle settle nothing.
            let text = matches!(left, Value::Cases(cases) if matches!(cases.question, Question::Whole(_)));
            return match value {
                Value::Bool(_) if text => Value::Unknown,
                value => flip(value),
            };
        }
        flip(self.compare_plain(test, cased, left, right))
    }

    /// `'a', 'b' -contains <read>`: case by case.
    fn over_cases(&self, right: &Value, left: &Value, cased: bool) -> Option<Value> {
        match right {
            Value::Cases(cases) if matches!(left, Value::Array(_) | Value::Text(_)) => {
                Some(cases.map(|case| self.compare(Test::Contains, false, cased, left, case)))
            }
            _ => None,
        }
    }

    fn compare_plain(&self, test: Test, cased: bool, left: &Value, right: &Value) -> Value {
        if let (Value::Truth(_) | Value::Maybe(_), Test::Equal, Value::Bool(wanted)) = (left, test, right) {
            let truth = self.truth(left);
            return if *wanted { truth.value() } else { truth.not().value() };
        }
        if let (Test::Equal, Value::Null) = (test, right) {
            return match left {
                Value::Unknown | Value::Item(..) => Value::Unknown,
                other => Value::Bool(*other == Value::Null),
            };
        }
        if let (Test::Equal, Value::Null) = (test, left) {
            return match right {
                Value::Unknown | Value::Item(..) => Value::Unknown,
                // A list of which nothing is left is nothing at all.
                Value::Maybe(items) => Formula::any(items.iter().map(|(when, _)| when.clone())).not().value(),
                other => Value::Bool(*other == Value::Null),
            };
        }
        match test {
            Test::Greater | Test::Less => {
                let order = match (left, right) {
                    (Value::Text(left), _) => {
                        self.text(right).map(|right| left.to_lowercase().cmp(&right.to_lowercase()))
                    }
                    _ => self.number(left).zip(self.number(right)).map(|(left, right)| left.cmp(&right)),
                };
                let wanted = if test == Test::Greater { Ordering::Greater } else { Ordering::Less };
                order.map_or(Value::Unknown, |order| Value::Bool(order == wanted))
            }
            Test::Equal => {
                if let (Value::Bool(left), right) = (left, right) {
                    return match self.truth(right) {
                        Formula::True => Value::Bool(*left),
                        Formula::False => Value::Bool(!*left),
                        other => if *left { other } else { other.not() }.value(),
                    };
                }
                if let (Value::Int(left), Some(right)) = (left, self.number(right)) {
                    return Value::Bool(*left == right);
                }
                match (self.text(left), self.text(right)) {
                    (Some(left), Some(right)) if cased => Value::Bool(left == right),
                    (Some(left), Some(right)) => Value::Bool(left.to_lowercase() == right.to_lowercase()),
                    _ => Value::Unknown,
                }
            }
            Test::Like | Test::Match => {
                let (Some(text), Some(wanted)) = (self.text(left), self.text(right)) else { return Value::Unknown };
                let found = if test == Test::Like {
                    pattern::like(&text, &wanted, cased)
                } else {
                    pattern::matches(&text, &wanted, cased)
                };
                found.map_or(Value::Unknown, Value::Bool)
            }
            Test::Contains | Test::In => Value::Unknown,
        }
    }
}

/// Whether two values are equal, as `-eq` has it.
pub(in crate::runbook::powershell) fn compared(reader: &Reader<'_>, left: &Value, right: &Value) -> Value {
    reader.binary(BinaryOp::Compare { test: Test::Equal, negated: false, cased: false }, left, right)
}

/// A number of elements, each there under a condition, against a number: decided at the ends only.
fn count_against(items: &Rc<Vec<Formula>>, test: Test, number: Option<i64>) -> Value {
    let (sure, most) = (items.iter().filter(|when| **when == Formula::True).count() as i64, items.len() as i64);
    let Some(number) = number else { return Value::Unknown };
    let some = || Formula::any(items.iter().cloned());
    let every = || Formula::all(items.iter().cloned());
    match test {
        Test::Equal if number < sure || number > most => Value::Bool(false),
        Test::Equal if number == 0 => some().not().value(),
        Test::Equal if number == most => every().value(),
        Test::Greater if number < sure => Value::Bool(true),
        Test::Greater if number >= most => Value::Bool(false),
        Test::Greater if number == 0 => some().value(),
        Test::Greater if number == most - 1 => every().value(),
        Test::Less if number > most => Value::Bool(true),
        Test::Less if number <= sure => Value::Bool(false),
        Test::Less if number == 1 => some().not().value(),
        Test::Less if number == most => every().not().value(),
        _ => Value::Unknown,
    }
}

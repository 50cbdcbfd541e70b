//! Policies as TOML: what a file may have, and how it extends another one.

use serde::Deserialize;
use time::{Date, Month};

use super::{Asks, Exception, Policy, Rule, Weight, built_in};
use crate::expect::{Expr, Known};

/// A larger file is none that a person wrote.
pub const LARGEST: u64 = 1 << 20;

/// More rules than a policy has.
const MOST: usize = 1_000;

/// Each extends another one at most so often.
const DEEPEST: usize = 8;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: Option<String>,
    title: Option<String>,
    reference: Option<String>,
    /// Name of a built-in policy.
    extends: Option<String>,
    /// Expressions that have to be true, without more words.
    #[serde(default)]
    expect: Vec<String>,
    /// The same as warnings.
    #[serde(default)]
    warn: Vec<String>,
    #[serde(default)]
    rule: Vec<RuleIn>,
    #[serde(default)]
    exception: Vec<ExceptionIn>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleIn {
    id: String,
    title: Option<String>,
    severity: Option<String>,
    when: Option<String>,
    require: Option<String>,
    field: Option<String>,
    allowed: Option<Vec<String>>,
    not_shown: Option<String>,
    reference: Option<String>,
    need: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExceptionIn {
    rule: String,
    reason: String,
    until: toml::value::Datetime,
}

impl Policy {
    /// Reads a policy; expressions have these fields. `name` is what it is called if the file does not say so.
    ///
    /// # Errors
    /// What is wrong, in which rule.
    pub fn read(name: &str, text: &str, fields: &[Known]) -> Result<Policy, String> {
        read(name, text, fields, 0)
    }
}

fn read(name: &str, text: &str, fields: &[Known], depth: usize) -> Result<Policy, String> {
    if text.len() as u64 > LARGEST {
        return Err(format!("it has more than {LARGEST} bytes: no policy"));
    }
    let file: File = toml::from_str(text).map_err(|e| e.to_string().trim_end().to_owned())?;
    let rules = file.rule.len() + file.expect.len() + file.warn.len();
    if rules > MOST || file.exception.len() > MOST {
        return Err(format!("it has more than {MOST} rules or exceptions"));
    }
    let mut ids: Vec<&str> = file.rule.iter().map(|rule| rule.id.as_str()).collect();
    ids.sort_unstable();
    if let Some(pair) = ids.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(format!("rule {:?} is there twice", pair[0]));
    }
    let mut policy = match &file.extends {
        Some(_) if depth == DEEPEST => return Err("it extends itself".into()),
        Some(extended) => {
            let text = built_in(extended).ok_or_else(|| {
                format!(
                    "extends: there is no policy {extended:?}; built in are {}",
                    super::names().join(", ")
                )
            })?;
            read(extended, text, fields, depth + 1)?
        }
        None => Policy {
            name: String::new(),
            title: String::new(),
            reference: String::new(),
            rules: Vec::new(),
            exceptions: Vec::new(),
        },
    };
    policy.name = file.name.unwrap_or_else(|| name.to_owned());
    policy.title = file.title.unwrap_or(match policy.title {
        title if title.is_empty() => policy.name.clone(),
        title => format!("{title}, extended"),
    });
    policy.reference = file.reference.unwrap_or(policy.reference);
    for (weight, texts) in [("error", file.expect), ("warning", file.warn)] {
        for text in texts {
            let rule = RuleIn {
                id: text.clone(),
                title: Some(text.clone()),
                severity: Some(weight.into()),
                require: Some(text),
                ..RuleIn::default()
            };
            change(&mut policy, rule, fields)?;
        }
    }
    for rule in file.rule {
        change(&mut policy, rule, fields)?;
    }
    for exception in file.exception {
        if !policy.rules.iter().any(|rule| rule.id == exception.rule) {
            return Err(format!("exception: there is no rule {:?}", exception.rule));
        }
        let until = date(&exception.until)
            .ok_or_else(|| format!("exception for {}: until is a date such as 2027-12-31", exception.rule))?;
        policy.exceptions.push(Exception { rule: exception.rule, reason: exception.reason, until });
    }
    Ok(policy)
}

/// Adds a rule, changes the one of this id, or takes it out.
fn change(policy: &mut Policy, rule: RuleIn, fields: &[Known]) -> Result<(), String> {
    let named = |why: String| format!("rule {:?}: {why}", rule.id);
    let place = policy.rules.iter().position(|known| known.id == rule.id);
    let weight = match rule.severity.as_deref() {
        Some("off") => {
            return match place {
                Some(place) => {
                    policy.rules.remove(place);
                    Ok(())
                }
                None => Err(named("there is no such rule to be switched off".into())),
            };
        }
        Some("error") => Some(Weight::Error),
        Some("warning") => Some(Weight::Warning),
        Some("note") => Some(Weight::Note),
        Some(other) => return Err(named(format!("severity is error, warning, note or off, not {other:?}"))),
        None => None,
    };
    let expression = |text: &String| Expr::parse(text, fields).map_err(|wrong| named(wrong.to_string()));
    let asks = match (&rule.require, &rule.field, &rule.allowed, &rule.not_shown) {
        (Some(text), None, None, None) => Some(Asks::Expression(expression(text)?, text.clone())),
        (None, Some(field), Some(values), None) => {
            if !fields.iter().any(|known| known.name == *field) {
                return Err(named(format!("there is no field {field:?}")));
            }
            Some(Asks::Allowed { field: field.clone(), values: values.clone() })
        }
        (None, None, None, Some(how)) => Some(Asks::NotShown(how.clone())),
        (None, None, None, None) => None,
        _ => return Err(named("it has one of require, field with allowed, and not_shown".into())),
    };
    let when = rule.when.as_ref().map(expression).transpose()?;
    match place.and_then(|place| policy.rules.get_mut(place)) {
        Some(known) => {
            known.title = rule.title.unwrap_or(std::mem::take(&mut known.title));
            known.weight = weight.unwrap_or(known.weight);
            known.when = when.or(known.when.take());
            known.reference = rule.reference.unwrap_or(std::mem::take(&mut known.reference));
            known.need = rule.need.or(known.need.take());
            if let Some(asks) = asks {
                known.asks = asks;
            }
        }
        None => {
            let asks = asks
                .ok_or_else(|| named("it asks for nothing: give it require, or field and allowed".into()))?;
            policy.rules.push(Rule {
                title: rule.title.unwrap_or_else(|| rule.id.clone()),
                weight: weight.unwrap_or(Weight::Error),
                when,
                asks,
                reference: rule.reference.unwrap_or_default(),
                need: rule.need,
                id: rule.id,
            });
        }
    }
    Ok(())
}

fn date(typed: &toml::value::Datetime) -> Option<Date> {
    let date = typed.date?;
    let month = Month::try_from(date.month).ok()?;
    Date::from_calendar_date(i32::from(date.year), month, date.day).ok()
}

//! Expressions over the flat facts of a connection: `tls>=1.3 and not (sni~".internal" or alpn=h2)`.
//!
//! A field has the name that it has in JSON's `facts`. What is not known of a connection makes a comparison neither true
//! nor false, and an expression is met only if it is true.

mod parse;
mod values;

pub use values::Values;

use std::cmp::Ordering;
use std::fmt;

/// An expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    Not(Box<Expr>),
    /// A field that is true or false.
    Is(Field),
    Compare(Field, Operator, String),
}

/// A field, and where it stands in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    pub at: usize,
}

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    Equal,
    NotEqual,
    /// The text is in it, in any case.
    Contains,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What is wrong with an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    pub text: String,
    /// Byte of the text.
    pub at: usize,
    pub what: String,
}

impl fmt::Display for Wrong {
    /// The text, and below it a mark under the wrong character.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before = self.text.get(..self.at).unwrap_or(&self.text).chars().count();
        write!(f, "{}\n  {}\n  {:before$}^", self.what, crate::wire::text::escape(&self.text), "")
    }
}

impl Expr {
    /// Reads an expression; only `fields` are known.
    ///
    /// # Errors
    /// Where it is wrong, and what is expected there.
    pub fn parse(text: &str, fields: &[&str]) -> Result<Expr, Wrong> {
        let wrong = |at: usize, what: String| Wrong { text: text.to_owned(), at, what };
        let expr = parse::expression(text).map_err(|(at, what)| wrong(at, what))?;
        match expr.fields().into_iter().find(|field| !fields.contains(&field.name.as_str())) {
            Some(field) => Err(wrong(
                field.at,
                format!("there is no field {:?}; there are {}", field.name, fields.join(", ")),
            )),
            None => Ok(expr),
        }
    }

    /// The fields that it asks for.
    pub fn fields(&self) -> Vec<&Field> {
        match self {
            Expr::And(a, b) | Expr::Or(a, b) => a.fields().into_iter().chain(b.fields()).collect(),
            Expr::Not(a) => a.fields(),
            Expr::Is(field) | Expr::Compare(field, ..) => vec![field],
        }
    }

    /// Whether it is true of these; None if that depends on what is not known.
    pub fn of(&self, values: &Values) -> Option<bool> {
        match self {
            Expr::And(a, b) => match (a.of(values), b.of(values)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (a, b) => Some(a? && b?),
            },
            Expr::Or(a, b) => match (a.of(values), b.of(values)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (a, b) => Some(a? || b?),
            },
            Expr::Not(a) => a.of(values).map(|a| !a),
            Expr::Is(field) => {
                let known = values.of(&field.name)?;
                Some(!matches!(known, [only] if only == "no") && !known.is_empty())
            }
            Expr::Compare(field, operator, value) => {
                let known = values.of(&field.name)?;
                match operator {
                    // Of a list: none of them is it.
                    Operator::NotEqual => {
                        Some(!known.iter().any(|known| Operator::Equal.holds(known, value)))
                    }
                    operator => Some(known.iter().any(|known| operator.holds(known, value))),
                }
            }
        }
    }
}

impl Operator {
    fn holds(self, known: &str, value: &str) -> bool {
        let order = || compare(known, value);
        match self {
            Operator::Equal => order() == Some(Ordering::Equal),
            Operator::NotEqual => order() != Some(Ordering::Equal),
            Operator::Contains => known.to_lowercase().contains(&value.to_lowercase()),
            Operator::Less => order() == Some(Ordering::Less),
            Operator::LessOrEqual => matches!(order(), Some(Ordering::Less | Ordering::Equal)),
            Operator::Greater => order() == Some(Ordering::Greater),
            Operator::GreaterOrEqual => matches!(order(), Some(Ordering::Greater | Ordering::Equal)),
        }
    }
}

/// Versions and numbers by their value, else texts without regard to case: those are equal or not.
fn compare(known: &str, value: &str) -> Option<Ordering> {
    let boolean = |text: &str| match text.to_ascii_lowercase().as_str() {
        "yes" | "true" => Some("yes"),
        "no" | "false" => Some("no"),
        _ => None,
    };
    if let (Some(known), Some(value)) = (boolean(known), boolean(value)) {
        return (known == value).then_some(Ordering::Equal);
    }
    if let (Some(known), Some(value)) = (number(known), number(value)) {
        return known.partial_cmp(&value);
    }
    known.eq_ignore_ascii_case(value).then_some(Ordering::Equal)
}

/// A number, or a version: SSL is older than any TLS.
fn number(text: &str) -> Option<f64> {
    let upper = text.to_ascii_uppercase();
    let plain =
        |text: &str| text.trim().trim_start_matches('V').parse::<f64>().ok().filter(|n| n.is_finite());
    match (upper.strip_prefix("TLS"), upper.strip_prefix("SSL")) {
        (Some(version), _) => plain(version),
        (_, Some(version)) => plain(version).map(|version| version / 10.0),
        _ => plain(&upper),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: &[&str] = &["tls", "cipher", "alpn", "days", "resumed", "sni", "finding"];

    fn values() -> Values {
        let mut values = Values::default();
        values.set("tls", ["TLS 1.2"]);
        values.set("cipher", ["TLS_AES_128_GCM_SHA256"]);
        values.set("days", ["40"]);
        values.set("resumed", ["no"]);
        values.set("sni", ["www.Example.com"]);
        values.set("finding", ["chain.unused", "weak.cbc"]);
        values
    }

    fn ask(text: &str) -> Option<bool> {
        Expr::parse(text, FIELDS).unwrap_or_else(|wrong| panic!("{wrong}")).of(&values())
    }

    #[test]
    fn fields_are_compared_by_their_meaning() {
        for (text, is) in [
            ("tls=1.2", true),
            ("tls = \"TLS 1.2\"", true),
            ("tls>=1.3", false),
            ("tls > SSL3.0", true),
            ("tls<1.3 and days<=40", true),
            ("days>9", true),
            ("days!=40", false),
            ("cipher~gcm", true),
            ("cipher=tls_aes_128_gcm_sha256", true),
            ("sni~'.example.'", true),
            ("resumed", false),
            ("not resumed", true),
            ("resumed=no", true),
            ("finding=weak.cbc", true),
            ("finding!=weak.cbc", false),
            ("finding!=weak.rc4", true),
            ("not (tls=1.3 or days<20) and sni~www", true),
            ("tls=1.3 or tls=1.2 and days>100", false),
        ] {
            assert_eq!(ask(text), Some(is), "{text}");
        }
    }

    #[test]
    fn what_is_not_known_is_neither() {
        assert_eq!(ask("alpn=h2"), None);
        assert_eq!(ask("not alpn=h2"), None);
        assert_eq!(ask("alpn=h2 or tls=1.2"), Some(true));
        assert_eq!(ask("alpn=h2 and tls=1.3"), Some(false));
        assert_eq!(ask("alpn=h2 and tls=1.2"), None);
    }

    #[test]
    fn an_error_points_at_the_wrong_character() {
        for (text, at, what) in [
            ("", 0, "a field"),
            ("tsl=1.2", 0, "there are tls, cipher"),
            ("tls=1.2 and nope", 12, "no field \"nope\""),
            ("tls>=", 5, "a value"),
            ("tls=1.2 days>3", 8, "and, or"),
            ("(tls=1.2", 8, ")"),
            ("tls=\"1.2", 4, "a value"),
            ("not", 3, "a field"),
            ("tls=1.2)", 7, "and, or"),
        ] {
            let wrong = Expr::parse(text, FIELDS).unwrap_err();
            assert_eq!(wrong.at, at, "{text:?}: {wrong}");
            assert!(wrong.what.contains(what), "{text:?}: {wrong}");
        }
        let deep = "(".repeat(100_000);
        assert!(Expr::parse(&deep, FIELDS).unwrap_err().what.contains("nested"));
    }
}

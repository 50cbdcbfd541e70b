//! Expressions over the flat facts of a connection: `tls>=1.3 and not (sni~".internal" or alpn=h2)`.
//!
//! A field has the name that it has in JSON's `facts`. What is not known of a connection makes a comparison neither true
//! nor false, and an expression is met only if it is true. This room knows the grammar, the fields and how values
//! compare; what is known of a connection it is told.

pub mod fields;
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
    Compare(Field, Operator, Value),
}

/// What a field is compared with, and where that stands in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    pub text: String,
    pub at: usize,
}

/// What a field holds, and so how it compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `yes` or `no`; may stand alone.
    Boolean,
    /// A number; of a percentage the sign may be written.
    Number,
    /// A version of TLS or SSL: `1.3`, `TLS 1.3`, `SSL 3.0`.
    Version,
    Text,
    /// Names of hosts: a wildcard among them is equal to the names that it stands for.
    Names,
}

/// A field that there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    pub name: &'static str,
    pub kind: Kind,
    /// What it says, in a few words.
    pub about: &'static str,
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
    pub fn parse(text: &str, fields: &[Known]) -> Result<Expr, Wrong> {
        let wrong = |at: usize, what: String| Wrong { text: text.to_owned(), at, what };
        let expr = parse::expression(text).map_err(|(at, what)| wrong(at, what))?;
        expr.check(fields).map_err(|(at, what)| wrong(at, what))?;
        Ok(expr)
    }

    /// Whether there are these fields, and whether each is compared with what it can be compared with.
    fn check(&self, fields: &[Known]) -> Result<(), (usize, String)> {
        let known = |field: &Field| {
            fields.iter().find(|known| known.name == field.name).ok_or_else(|| {
                let names: Vec<&str> = fields.iter().map(|known| known.name).collect();
                (field.at, format!("there is no field {:?}; there are {}", field.name, names.join(", ")))
            })
        };
        match self {
            Expr::And(a, b) | Expr::Or(a, b) => a.check(fields).and_then(|()| b.check(fields)),
            Expr::Not(a) => a.check(fields),
            Expr::Is(field) => match known(field)?.kind {
                Kind::Boolean => Ok(()),
                // To a shell, --expect tls>=1.3 is --expect tls, with its output in a file named "=1.3".
                _ => Err((
                    field.at + field.name.len(),
                    format!(
                        "{0} has to be compared with something, as in '{0}=…'; quote the expression, since a shell takes \
                         < and > for itself",
                        field.name
                    ),
                )),
            },
            Expr::Compare(field, operator, value) => {
                let (name, kind) = (&field.name, known(field)?.kind);
                let ordered = !matches!(operator, Operator::Equal | Operator::NotEqual | Operator::Contains);
                let needed = match kind {
                    Kind::Boolean if boolean(&value.text).is_none() => format!("{name} is yes or no"),
                    Kind::Number if number(&value.text).is_none() => format!("{name} is a number"),
                    Kind::Version if version(&value.text).is_none() => {
                        format!("{name} is a version, such as 1.3 or SSL3.0")
                    }
                    Kind::Text | Kind::Names | Kind::Boolean if ordered => {
                        format!("{name} has no order: = != or ~ compares it")
                    }
                    _ => return Ok(()),
                };
                Err((value.at, needed))
            }
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

    /// What it wants a field to be, or not to be: each value, and where it stands in the text.
    pub fn compared(&self, name: &str) -> Vec<(&str, usize)> {
        match self {
            Expr::And(a, b) | Expr::Or(a, b) => {
                a.compared(name).into_iter().chain(b.compared(name)).collect()
            }
            Expr::Not(a) => a.compared(name),
            Expr::Compare(field, Operator::Equal | Operator::NotEqual, value) if field.name == name => {
                vec![(&value.text, value.at)]
            }
            Expr::Is(_) | Expr::Compare(..) => Vec::new(),
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
            Expr::Is(field) => match values.of(&field.name)? {
                [one] => boolean(one),
                _ => None,
            },
            Expr::Compare(field, operator, value) => {
                let known = values.of(&field.name)?;
                let found = match operator {
                    Operator::NotEqual => known.iter().any(|known| Operator::Equal.holds(known, &value.text)),
                    operator => known.iter().any(|known| operator.holds(known, &value.text)),
                };
                // What is not found in a part of a list may be in the rest.
                if !found && values.is_open(&field.name) {
                    return None;
                }
                Some(found != (*operator == Operator::NotEqual))
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
    if let (Some(known), Some(value)) = (boolean(known), boolean(value)) {
        return (known == value).then_some(Ordering::Equal);
    }
    for read in [number, version] {
        if let (Some(known), Some(value)) = (read(known), read(value)) {
            return known.partial_cmp(&value);
        }
    }
    (known.eq_ignore_ascii_case(value) || stands_for(known, value)).then_some(Ordering::Equal)
}

/// Whether a name with a wildcard stands for another one: for its first label (RFC 9525, section 6.3).
fn stands_for(known: &str, value: &str) -> bool {
    let rest = known.strip_prefix("*.");
    let below = value.split_once('.').filter(|(label, _)| !label.is_empty() && *label != "*");
    rest.zip(below).is_some_and(|(rest, (_, below))| rest.eq_ignore_ascii_case(below))
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "true" => Some(true),
        "no" | "false" => Some(false),
        _ => None,
    }
}

fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    text.strip_suffix('%').unwrap_or(text).parse::<f64>().ok().filter(|number| number.is_finite())
}

/// A version: SSL is older than any TLS. A draft is one of the version that it became.
fn version(text: &str) -> Option<f64> {
    let upper = text.to_ascii_uppercase();
    let plain = |text: &str| {
        let text = text.split('(').next().unwrap_or_default();
        number(text.trim().trim_start_matches('V'))
    };
    match (upper.strip_prefix("TLS"), upper.strip_prefix("SSL")) {
        (Some(version), _) => plain(version),
        (_, Some(version)) => plain(version).map(|version| version / 10.0),
        _ => plain(&upper),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn field(name: &'static str, kind: Kind) -> Known {
        Known { name, kind, about: "" }
    }

    const FIELDS: &[Known] = &[
        field("tls", Kind::Version),
        field("cipher", Kind::Text),
        field("alpn", Kind::Text),
        field("days", Kind::Number),
        field("life", Kind::Number),
        field("resumed", Kind::Boolean),
        field("sni", Kind::Text),
        field("finding", Kind::Text),
        field("name", Kind::Names),
        field("trust_store", Kind::Text),
    ];

    fn values() -> Values {
        let mut values = Values::default();
        values.set("tls", ["1.2"]);
        values.set("cipher", ["TLS_AES_128_GCM_SHA256"]);
        values.set("days", ["40"]);
        values.set("resumed", ["no"]);
        values.set("sni", ["www.Example.com"]);
        values.set("finding", ["chain.unused", "weak.cbc"]);
        values.set("life", ["33"]);
        values.set("name", ["example.com", "*.example.com"]);
        values.set_part("trust_store", ["mozilla"]);
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
            ("life>=33%", true),
            ("life>33.5", false),
            ("name=example.com", true),
            ("name=a.EXAMPLE.com", true),
            ("name=a.b.example.com", false),
            ("name='*.example.com'", true),
            ("name=.example.com", false),
            ("name~example", true),
            ("trust_store=mozilla", true),
            ("trust_store!=mozilla", false),
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
        // A store that was not read may have it all the same.
        assert_eq!(ask("trust_store=system"), None);
        assert_eq!(ask("trust_store!=system"), None);
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
            ("tls", 3, "quote"),
            ("resumed and cipher", 18, "quote"),
            ("days>=soon", 6, "a number"),
            ("tls>=new", 5, "a version"),
            ("resumed=maybe", 8, "yes or no"),
            ("sni<b", 4, "no order"),
            ("tls=1.2)", 7, "and, or"),
        ] {
            let wrong = Expr::parse(text, FIELDS).unwrap_err();
            assert_eq!(wrong.at, at, "{text:?}: {wrong}");
            assert!(wrong.what.contains(what), "{text:?}: {wrong}");
        }
        let deep = "(".repeat(100_000);
        assert!(Expr::parse(&deep, FIELDS).unwrap_err().what.contains("nested"));
        for between in [" and ", " or ", "\tand\n"] {
            let long = vec!["resumed"; 100_000].join(between);
            assert!(Expr::parse(&long, FIELDS).unwrap_err().what.contains("more than 256 comparisons"));
            assert!(Expr::parse(&vec!["resumed"; 256].join(between), FIELDS).is_ok());
        }
        // Without blanks around it, a word is none.
        assert!(Expr::parse(&"resumed and(".repeat(1_000), FIELDS).is_err());
    }
}

//! The grammar:
//!
//! ```text
//! any   = all *("or" all)
//! all   = term *("and" term)
//! term  = "not" term / "(" any ")" / field [operator value]
//! value = quoted text / anything without blanks and parentheses
//! ```

use winnow::ascii::multispace0;
use winnow::combinator::{alt, cut_err, delimited, not, opt, peek, preceded, repeat, terminated};
use winnow::error::{StrContext, StrContextValue};
use winnow::prelude::*;
use winnow::stream::LocatingSlice;
use winnow::token::{one_of, take_till, take_while};

use super::{Expr, Field, Operator, Value};

type Input<'a> = LocatingSlice<&'a str>;

/// Deeper than anybody writes.
const DEEPEST: usize = 64;

/// More comparisons than anybody writes; each is a level of the expression's tree.
const MOST: usize = 256;

/// Reads all of a text; else the byte at which it is wrong, and what is expected there.
pub(super) fn expression(text: &str) -> Result<Expr, (usize, String)> {
    let words = text.split_whitespace();
    if words.filter(|word| matches!(*word, "and" | "or")).count() >= MOST {
        return Err((0, format!("it has more than {MOST} comparisons")));
    }
    let mut depth = 0_usize;
    for (at, word) in text.split_inclusive([' ', '(']).scan(0, |at, word| {
        let from = *at;
        *at += word.len();
        Some((from, word))
    }) {
        depth += usize::from(word.ends_with('(') || word.trim() == "not");
        if depth > DEEPEST {
            return Err((at, format!("more than {DEEPEST} parentheses and nots are nested or in a row")));
        }
    }
    let whole = delimited(multispace0, any, multispace0);
    let mut whole = whole;
    whole.parse(Input::new(text)).map_err(|e| {
        let expected: Vec<String> = e
            .inner()
            .context()
            .filter_map(|context| match context {
                StrContext::Expected(expected) => Some(expected.to_string()),
                _ => None,
            })
            .collect();
        let what = match expected.is_empty() {
            true => "and, or, or the end is expected here".into(),
            false => format!("{} is expected here", expected.join(" or ")),
        };
        (e.offset(), what)
    })
}

fn any(input: &mut Input<'_>) -> ModalResult<Expr> {
    let first = all.parse_next(input)?;
    let or = |a: Expr, b: Expr| Expr::Or(Box::new(a), Box::new(b));
    repeat(0.., preceded(word("or"), cut_err(all))).fold(move || first.clone(), or).parse_next(input)
}

fn all(input: &mut Input<'_>) -> ModalResult<Expr> {
    let first = term.parse_next(input)?;
    let and = |a: Expr, b: Expr| Expr::And(Box::new(a), Box::new(b));
    repeat(0.., preceded(word("and"), cut_err(term))).fold(move || first.clone(), and).parse_next(input)
}

fn term(input: &mut Input<'_>) -> ModalResult<Expr> {
    let negated = preceded(word("not"), cut_err(term)).map(|expr| Expr::Not(Box::new(expr)));
    let close = cut_err(preceded(multispace0, ')')).context(expected("a closing )"));
    let grouped = delimited((multispace0, '('), cut_err(any), close);
    alt((negated, grouped, comparison)).parse_next(input)
}

fn comparison(input: &mut Input<'_>) -> ModalResult<Expr> {
    let field = field.parse_next(input)?;
    let Some(operator) = opt(operator).parse_next(input)? else { return Ok(Expr::Is(field)) };
    let value = cut_err(value).parse_next(input)?;
    Ok(Expr::Compare(field, operator, value))
}

fn field(input: &mut Input<'_>) -> ModalResult<Field> {
    multispace0.parse_next(input)?;
    let keyword = (alt(("and", "or", "not")), not(one_of(part)));
    let name = (not(keyword), one_of(|c: char| c.is_ascii_lowercase()), take_while(0.., part));
    let name = name.take().with_span().context(expected("a field, not or ("));
    name.map(|(name, span): (&str, _)| Field { name: name.to_owned(), at: span.start }).parse_next(input)
}

fn part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn operator(input: &mut Input<'_>) -> ModalResult<Operator> {
    let operator = alt((
        "!=".value(Operator::NotEqual),
        "<=".value(Operator::LessOrEqual),
        ">=".value(Operator::GreaterOrEqual),
        "=".value(Operator::Equal),
        "~".value(Operator::Contains),
        "<".value(Operator::Less),
        ">".value(Operator::Greater),
    ));
    preceded(multispace0, operator).parse_next(input)
}

fn value(input: &mut Input<'_>) -> ModalResult<Value> {
    let quoted = |quote: char| delimited(quote, take_till(0.., quote), quote);
    let plain =
        |c: char| !c.is_whitespace() && !matches!(c, '(' | ')' | '"' | '\'' | '=' | '<' | '>' | '~' | '!');
    let value = alt((quoted('"'), quoted('\''), take_while(1.., plain)));
    let value = preceded(multispace0, value.with_span()).context(expected("a value"));
    value.map(|(text, span): (&str, _)| Value { text: text.to_owned(), at: span.start }).parse_next(input)
}

/// A word of the grammar, with a blank or a parenthesis behind it.
fn word<'a>(word: &'static str) -> impl ModalParser<Input<'a>, &'a str, winnow::error::ContextError> {
    let end = alt((one_of(|c: char| c.is_whitespace() || c == '(').void(), winnow::combinator::eof.void()));
    preceded(multispace0, terminated(word, peek(end)))
}

fn expected(what: &'static str) -> StrContext {
    StrContext::Expected(StrContextValue::Description(what))
}

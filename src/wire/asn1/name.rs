//! Distinguished names: as text, and compared as RFC 5280, section 7.1 says.

use super::der::{self, SET, Tlv};
use super::oid;
use super::read::{any_as, each, expect, object_identifier, peek, sequence, sequence_of};
use crate::wire::dissector::{Dissector, Read};
use crate::wire::field::{Malformed, Wrong};
use crate::wire::text;

/// A Name: its DER with tag and length, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name<'a> {
    pub raw: &'a [u8],
    pub at: usize,
}

/// A Name (RFC 5280, section 4.1.2.4) under a name of its own, with the readable form as a note.
pub fn name<'a>(d: &mut Dissector<'a>, name: &'static str) -> Read<Name<'a>> {
    let whole = peek(d, name)?;
    rdns(d, name, |_| {})?;
    let name = Name { raw: whole.raw, at: whole.at };
    d.note(|| name.shown().into());
    Ok(name)
}

fn rdns<'a>(d: &mut Dissector<'a>, name: &'static str, mut found: impl FnMut(Attribute<'a>)) -> Read<()> {
    const RDN: &str = "RelativeDistinguishedName";
    let mut rdn = 0;
    sequence_of(d, name, |d| {
        expect(d, RDN, SET, |d| {
            if d.is_empty() {
                d.wrong(RDN, Wrong::Illegal("it must have at least one attribute"));
            }
            each(d, |d| {
                let pair = sequence(d, "AttributeTypeAndValue", |d| {
                    let oid = object_identifier(d, "type")?;
                    let value = peek(d, "value")?;
                    any_as(d, "value")?;
                    Ok((oid, value))
                })?;
                if let Some((oid, value)) = pair {
                    found(Attribute { oid, value, rdn });
                }
                Ok(())
            })
        })?;
        rdn += 1;
        Ok(())
    })
}

/// One attribute of a name.
#[derive(Debug, Clone, Copy)]
pub struct Attribute<'a> {
    pub oid: &'a [u8],
    pub value: Tlv<'a>,
    /// Which RDN it belongs to.
    pub rdn: usize,
}

impl<'a> Name<'a> {
    pub fn new(raw: &'a [u8]) -> Self {
        Self { raw, at: 0 }
    }

    /// Whether it has no RDN at all.
    pub fn is_empty(&self) -> bool {
        self.raw.len() <= 2
    }

    /// Its attributes in the order of encoding.
    pub fn attributes(&self) -> Result<Vec<Attribute<'a>>, Malformed> {
        let mut out = Vec::new();
        let (_, problems) =
            Dissector::facts(self.raw, "Name", |d| rdns(d, "Name", |attribute| out.push(attribute)));
        problems.first().map_or(Ok(out), |problem| Err(*problem))
    }

    /// All of it: `C=US, O=Example, CN=Example Root`, in the order of encoding.
    /// The peer's characters are in it as they are; escape before showing.
    pub fn text(&self) -> String {
        let Ok(attributes) = self.attributes() else {
            return format!("#{}", hex::encode(self.raw));
        };
        let mut out = String::new();
        let mut rdn = None;
        for attribute in attributes {
            match rdn {
                None => {}
                Some(last) if last == attribute.rdn => out.push('+'),
                Some(_) => out.push_str(", "),
            }
            rdn = Some(attribute.rdn);
            out.push_str(&oid::attribute(attribute.oid));
            out.push('=');
            match string(&attribute.value) {
                Some(value) => push_value(&mut out, &value),
                None => {
                    out.push('#');
                    out.push_str(&hex::encode(attribute.value.raw));
                }
            }
        }
        out
    }

    /// The same, safe to show.
    pub fn shown(&self) -> String {
        text::escape_again(&self.text())
    }

    /// What a person would call it: CN, else OU and O, else all of it.
    pub fn short(&self) -> String {
        let Ok(attributes) = self.attributes() else { return self.text() };
        let last = |oid: &[u8]| {
            attributes
                .iter()
                .rev()
                .find(|a| a.oid == oid)
                .and_then(|a| string(&a.value))
                .filter(|text| !text.is_empty())
        };
        if let Some(name) = last(oid::COMMON_NAME) {
            return name;
        }
        match (last(oid::ORGANIZATIONAL_UNIT), last(oid::ORGANIZATION)) {
            (Some(unit), Some(organization)) => format!("{organization}: {unit}"),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => self.text(),
        }
    }

    /// The values of one attribute type.
    pub fn values(&self, oid: &[u8]) -> Vec<String> {
        let attributes = self.attributes().unwrap_or_default();
        attributes.iter().filter(|a| a.oid == oid).filter_map(|a| string(&a.value)).collect()
    }

    /// A form in which two names that RFC 5280, section 7.1 calls equal are the same bytes:
    /// text without regard to its encoding, letter case and runs of spaces.
    pub fn canonical(&self) -> Vec<u8> {
        let Ok(attributes) = self.attributes() else { return self.raw.to_vec() };
        let mut out = Vec::with_capacity(self.raw.len());
        let mut rest = attributes.as_slice();
        while let Some(first) = rest.first() {
            let count = rest.iter().take_while(|a| a.rdn == first.rdn).count();
            let (rdn, behind) = rest.split_at(count);
            let mut pairs: Vec<Vec<u8>> = rdn.iter().map(canonical_attribute).collect();
            // An RDN is a set: its order means nothing.
            pairs.sort();
            out.push(u8::try_from(pairs.len()).unwrap_or(u8::MAX));
            pairs.iter().for_each(|pair| out.extend_from_slice(pair));
            rest = behind;
        }
        out
    }

    /// The canonical form of each RDN: what a directoryName constraint compares.
    pub fn canonical_rdns(&self) -> Vec<Vec<u8>> {
        let attributes = self.attributes().unwrap_or_default();
        let count = attributes.last().map_or(0, |a| a.rdn + 1);
        let mut out = vec![Vec::new(); count];
        for attribute in &attributes {
            if let Some(rdn) = out.get_mut(attribute.rdn) {
                rdn.push(canonical_attribute(attribute));
            }
        }
        out.into_iter()
            .map(|mut pairs| {
                pairs.sort();
                pairs.concat()
            })
            .collect()
    }

    /// Whether both name the same. Equal bytes decide at once.
    pub fn same(&self, other: &Name<'_>) -> bool {
        // Encodings differ in few bytes only; names of very different length need no closer look.
        self.raw == other.raw
            || (self.raw.len().abs_diff(other.raw.len()) < 512 && self.canonical() == other.canonical())
    }
}

fn canonical_attribute(attribute: &Attribute<'_>) -> Vec<u8> {
    let mut out = attribute.oid.to_vec();
    match string(&attribute.value) {
        Some(text) => {
            out.push(0);
            let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
            let joined = words.join(" ");
            out.extend_from_slice(&joined.len().to_be_bytes());
            out.extend_from_slice(joined.as_bytes());
        }
        None => {
            out.push(1);
            out.extend_from_slice(attribute.value.raw);
        }
    }
    out
}

/// A string of any of ASN.1's kinds; None if it is none or not well formed.
pub fn string(tlv: &Tlv<'_>) -> Option<String> {
    match tlv.tag {
        der::UTF8_STRING
        | der::PRINTABLE_STRING
        | der::IA5_STRING
        | der::NUMERIC_STRING
        | der::VISIBLE_STRING => std::str::from_utf8(tlv.value).ok().map(str::to_owned),
        // T.61 in theory, Latin-1 in practice.
        der::TELETEX_STRING => Some(tlv.value.iter().map(|byte| char::from(*byte)).collect()),
        der::BMP_STRING => {
            let (units, rest) = tlv.value.as_chunks::<2>();
            let text = char::decode_utf16(units.iter().map(|unit| u16::from_be_bytes(*unit)))
                .collect::<Result<String, _>>();
            text.ok().filter(|_| rest.is_empty())
        }
        der::UNIVERSAL_STRING => {
            let (units, rest) = tlv.value.as_chunks::<4>();
            let text = units
                .iter()
                .map(|unit| char::from_u32(u32::from_be_bytes(*unit)))
                .collect::<Option<String>>();
            text.filter(|_| rest.is_empty())
        }
        _ => None,
    }
}

/// What could be mistaken for the structure of the name is escaped as RFC 4514 says.
fn push_value(out: &mut String, value: &str) {
    for (index, c) in value.chars().enumerate() {
        if matches!(c, ',' | '+' | '"' | '\\' | '<' | '>' | ';' | '=') || (index == 0 && c == '#') {
            out.push('\\');
        }
        out.push(c);
    }
}

#[cfg(test)]
mod tests {
    use super::super::der::{SEQUENCE, element};
    use super::*;

    fn name(parts: &[(&[u8], u8, &[u8])]) -> Vec<u8> {
        let rdns: Vec<u8> = parts
            .iter()
            .flat_map(|(oid, tag, value)| {
                let pair = [element(der::OID, oid), element(*tag, value)].concat();
                element(SET, &element(SEQUENCE, &pair))
            })
            .collect();
        element(SEQUENCE, &rdns)
    }

    #[test]
    fn text_and_short() {
        let der = name(&[
            (oid::ORGANIZATION, der::UTF8_STRING, b"A, Inc."),
            (oid::COMMON_NAME, der::PRINTABLE_STRING, b"Root"),
        ]);
        let name = Name::new(&der);
        assert_eq!(name.text(), "O=A\\, Inc., CN=Root");
        assert_eq!(name.shown(), "O=A\\, Inc., CN=Root");
        assert_eq!(name.short(), "Root");
    }

    #[test]
    fn shown_without_doubt() {
        let der = name(&[(oid::COMMON_NAME, der::UTF8_STRING, "a\\u{7}\u{7}\u{202e}".as_bytes())]);
        assert_eq!(Name::new(&der).shown(), "CN=a\\\\u{7}\\u{7}\\u{202e}");
    }

    #[test]
    fn case_spaces_and_encoding_do_not_matter() {
        let one = name(&[(oid::COMMON_NAME, der::PRINTABLE_STRING, b"Example  Root")]);
        let two = name(&[(oid::COMMON_NAME, der::UTF8_STRING, b" example root ")]);
        let three = name(&[(oid::COMMON_NAME, der::UTF8_STRING, b"exampleroot")]);
        assert!(Name::new(&one).same(&Name::new(&two)));
        assert!(!Name::new(&one).same(&Name::new(&three)));
    }

    #[test]
    fn other_encodings() {
        let der = name(&[
            (oid::COMMON_NAME, der::BMP_STRING, b"\0H\0i"),
            (oid::ORGANIZATION, der::BMP_STRING, b"\0H\0"),
        ]);
        assert_eq!(Name::new(&der).text(), "CN=Hi, O=#1e03004800");
        assert_eq!(Name::new(b"\x30\x03\x31\x00\x00").text(), "#3003310000");
    }
}

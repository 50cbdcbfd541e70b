//! AlgorithmIdentifier (RFC 5280, section 4.1.1.2) and the parameters of RSASSA-PSS (RFC 4055, section 3.1).

use super::der::{SEQUENCE, constructed};
use super::oid;
use super::read::{ahead, any_as, object_identifier, optional, peek, sequence, unsigned};
use crate::wire::dissector::{Dissector, Read};

/// An algorithm and its parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Algorithm<'a> {
    pub oid: &'a [u8],
    /// DER of the parameters; empty if there are none.
    pub parameters: &'a [u8],
    /// The whole AlgorithmIdentifier.
    pub raw: &'a [u8],
    /// Where it stands.
    pub at: usize,
}

/// What RSASSA-PSS hashes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PssParameters<'a> {
    pub hash: &'a [u8],
    pub mask: &'a [u8],
    /// The hash of the mask generation function.
    pub mask_hash: &'a [u8],
    pub salt: u64,
    pub trailer: u64,
}

impl<'a> Algorithm<'a> {
    /// One without parameters.
    pub fn bare(oid: &'a [u8]) -> Self {
        Self { oid, ..Self::default() }
    }

    pub fn range(&self) -> std::ops::Range<usize> {
        self.at..self.at + self.raw.len()
    }

    /// `sha256WithRSAEncryption`, or the dotted form.
    pub fn name(&self) -> String {
        oid::name(self.oid)
    }

    /// The parameters of RSASSA-PSS, if these are some that can be read.
    pub fn pss(&self) -> Option<PssParameters<'a>> {
        let (parameters, problems) = Dissector::facts(self.parameters, "parameters", pss_parameters);
        parameters.flatten().filter(|_| problems.is_empty())
    }
}

/// An AlgorithmIdentifier.
pub fn algorithm<'a>(d: &mut Dissector<'a>, name: &'static str) -> Read<Option<Algorithm<'a>>> {
    let whole = peek(d, name)?;
    sequence(d, name, |d| {
        let oid = object_identifier(d, "algorithm")?;
        let parameters = d.peek();
        match oid {
            _ if d.is_empty() => {}
            oid::RSA_PSS if ahead(d) == Some(SEQUENCE) => {
                pss_parameters(d)?;
            }
            _ => any_as(d, "parameters")?,
        }
        Ok(Algorithm { oid, parameters, raw: whole.raw, at: whole.at })
    })
}

/// Each part has a default, which DER leaves out: SHA-1, MGF1 with SHA-1, 20 bytes of salt, trailer 1.
fn pss_parameters<'a>(d: &mut Dissector<'a>) -> Read<Option<PssParameters<'a>>> {
    sequence(d, "RSASSA-PSS-params", |d| {
        let hash = tagged(d, "hashAlgorithm", 0, |d| algorithm(d, "hashAlgorithm"))?;
        let mask = tagged(d, "maskGenAlgorithm", 1, |d| algorithm(d, "maskGenAlgorithm"))?;
        let salt = tagged(d, "saltLength", 2, |d| unsigned(d, "saltLength"))?;
        let trailer = tagged(d, "trailerField", 3, |d| unsigned(d, "trailerField"))?;
        let mask_hash = mask.and_then(|mask| {
            let read = |d: &mut Dissector<'a>| algorithm(d, "parameters");
            Dissector::facts(mask.parameters, "parameters", read).0.flatten()
        });
        Ok(PssParameters {
            hash: hash.map_or(oid::SHA1, |hash| hash.oid),
            mask: mask.map_or(oid::MGF1, |mask| mask.oid),
            mask_hash: mask_hash.map_or(oid::SHA1, |hash| hash.oid),
            salt: salt.unwrap_or(20),
            trailer: trailer.unwrap_or(1),
        })
    })
}

/// What stands in `[number]`, if that is there.
fn tagged<'a, T>(
    d: &mut Dissector<'a>,
    name: &'static str,
    number: u8,
    body: impl FnOnce(&mut Dissector<'a>) -> Read<Option<T>>,
) -> Read<Option<T>> {
    Ok(optional(d, name, constructed(number), body)?.flatten())
}

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

#[cfg(test)]
mod tests {
    use super::super::der::{NULL, OID, element};
    use super::*;

    fn pss(parameters: &[u8]) -> Vec<u8> {
        element(SEQUENCE, &[element(OID, oid::RSA_PSS), parameters.to_vec()].concat())
    }

    #[test]
    fn parameters_of_rsassa_pss() {
        let sha384 = element(SEQUENCE, &[element(OID, oid::SHA384), element(NULL, &[])].concat());
        let mask = element(SEQUENCE, &[element(OID, oid::MGF1), sha384.clone()].concat());
        let all = [
            element(constructed(0), &sha384),
            element(constructed(1), &mask),
            element(constructed(2), &[2, 1, 48]),
            element(constructed(3), &[2, 1, 1]),
        ];
        let read = |der: &[u8]| {
            let (algorithm, problems) = Dissector::facts(der, "algorithm", |d| algorithm(d, "algorithm"));
            let pss = algorithm.flatten().map(|algorithm| {
                algorithm.pss().map(|it| (it.hash.to_vec(), it.mask_hash.to_vec(), it.salt, it.trailer))
            });
            (pss, problems.len())
        };
        let expected = (oid::SHA384.to_vec(), oid::SHA384.to_vec(), 48, 1);
        assert_eq!(read(&pss(&element(SEQUENCE, &all.concat()))), (Some(Some(expected)), 0));
        let default = (oid::SHA1.to_vec(), oid::SHA1.to_vec(), 20, 1);
        assert_eq!(read(&pss(&element(SEQUENCE, &[]))), (Some(Some(default)), 0));
        // Without parameters, or with other ones, it is an algorithm all the same.
        assert_eq!(read(&pss(&[])), (Some(None), 0));
        assert_eq!(read(&pss(&element(NULL, &[]))), (Some(None), 0));
        assert_eq!(read(&pss(&element(SEQUENCE, &[2, 1, 1]))), (Some(None), 1));
    }
}

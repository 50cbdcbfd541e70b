//! Makes certificates of every kind, wrong ones too: DER by hand, signed with aws-lc-rs.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot make its chain has to fail"
)]
#![allow(dead_code, reason = "each test file uses a part of it")]

pub mod revocation;

use std::collections::HashMap;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    self as lc, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair,
};
use serde_json::Value;
use tls_trace::wire::asn1::{der, oid, time};

pub use der::{SEQUENCE, SET, element};

/// 2026-11-21
pub const NOW: i64 = 1_795_219_200;

pub enum Key {
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
    P521(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
    RsaPss(RsaKeyPair),
    /// A public key nobody can sign with.
    Dead(Vec<u8>),
}

impl Key {
    pub fn make(kind: &str) -> Key {
        let ec = |algorithm| EcdsaKeyPair::generate(algorithm).unwrap();
        match kind {
            "p256" => Key::P256(ec(&lc::ECDSA_P256_SHA256_ASN1_SIGNING)),
            "p384" => Key::P384(ec(&lc::ECDSA_P384_SHA384_ASN1_SIGNING)),
            "p521" => Key::P521(ec(&lc::ECDSA_P521_SHA512_ASN1_SIGNING)),
            "ed25519" => Key::Ed25519(Ed25519KeyPair::generate().unwrap()),
            "rsa" => Key::Rsa(RsaKeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap()),
            "rsa-pss" => Key::RsaPss(RsaKeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap()),
            "rsa1024" => Key::Dead(rsa_spki(128, &[1, 0, 1])),
            "rsa2049" => Key::Dead(odd_rsa_spki()),
            "rsa-exponent-2" => Key::Dead(rsa_spki(256, &[2])),
            "p224" => Key::Dead(spki(
                &[element(der::OID, oid::EC), element(der::OID, oid::P224)].concat(),
                &[4; 57],
            )),
            "p192" => Key::Dead(spki(
                &[element(der::OID, oid::EC), element(der::OID, oid::P192)].concat(),
                &[4; 49],
            )),
            "x25519" => Key::Dead(spki(&element(der::OID, oid::X25519), &[9; 32])),
            "slh-dsa" => {
                Key::Dead(spki(&element(der::OID, &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 20]), &[9; 32]))
            }
            // 2.999.1
            "unknown" => Key::Dead(spki(&element(der::OID, &[0x88, 0x37, 1]), &[9; 32])),
            "ed448" => Key::Dead(spki(&element(der::OID, oid::ED448), &[7; 57])),
            "ml-dsa-65" => Key::Dead(spki(&element(der::OID, oid::ML_DSA_65), &[7; 1952])),
            "explicit" => Key::Dead(spki(
                &[element(der::OID, oid::EC), element(SEQUENCE, &[2, 1, 1])].concat(),
                &[4; 65],
            )),
            other => panic!("no kind of key is called {other}"),
        }
    }

    pub fn spki(&self) -> Vec<u8> {
        let ec = |curve: &[u8]| [element(der::OID, oid::EC), element(der::OID, curve)].concat();
        match self {
            Key::P256(key) => spki(&ec(oid::P256), key.public_key().as_ref()),
            Key::P384(key) => spki(&ec(oid::P384), key.public_key().as_ref()),
            Key::P521(key) => spki(&ec(oid::P521), key.public_key().as_ref()),
            Key::Ed25519(key) => spki(&element(der::OID, oid::ED25519), key.public_key().as_ref()),
            Key::Rsa(key) | Key::RsaPss(key) => {
                spki(&[element(der::OID, oid::RSA), vec![5, 0]].concat(), key.public_key().as_ref())
            }
            Key::Dead(spki) => spki.clone(),
        }
    }

    /// The content of the AlgorithmIdentifier that it signs with.
    pub fn algorithm(&self) -> Vec<u8> {
        match self {
            Key::P256(_) => element(der::OID, oid::ECDSA_SHA256),
            Key::P384(_) => element(der::OID, oid::ECDSA_SHA384),
            Key::P521(_) => element(der::OID, oid::ECDSA_SHA512),
            Key::Ed25519(_) => element(der::OID, oid::ED25519),
            Key::Rsa(_) => [element(der::OID, oid::SHA256_RSA), vec![5, 0]].concat(),
            Key::RsaPss(_) => {
                let hash = element(SEQUENCE, &[element(der::OID, oid::SHA256), vec![5, 0]].concat());
                let mgf1 = element(der::OID, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8]);
                let mask = element(SEQUENCE, &[mgf1, hash.clone()].concat());
                let parameters = [
                    element(der::constructed(0), &hash),
                    element(der::constructed(1), &mask),
                    element(der::constructed(2), &[2, 1, 32]),
                ];
                [element(der::OID, oid::RSA_PSS), element(SEQUENCE, &parameters.concat())].concat()
            }
            Key::Dead(spki) => {
                let ed448 = spki.windows(3).any(|bytes| bytes == oid::ED448);
                element(der::OID, if ed448 { oid::ED448 } else { oid::ECDSA_SHA256 })
            }
        }
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Key::P256(key) | Key::P384(key) | Key::P521(key) => {
                key.sign(&random, message).unwrap().as_ref().to_vec()
            }
            Key::Ed25519(key) => key.sign(message).as_ref().to_vec(),
            Key::Rsa(key) => rsa_sign(key, &RSA_PKCS1_SHA256, message),
            Key::RsaPss(key) => rsa_sign(key, &RSA_PSS_SHA256, message),
            Key::Dead(_) => vec![1; 64],
        }
    }
}

fn rsa_sign(key: &RsaKeyPair, encoding: &'static dyn lc::RsaEncoding, message: &[u8]) -> Vec<u8> {
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(encoding, &SystemRandom::new(), message, &mut signature).unwrap();
    signature
}

fn spki(algorithm: &[u8], bits: &[u8]) -> Vec<u8> {
    element(
        SEQUENCE,
        &[element(SEQUENCE, algorithm), element(der::BIT_STRING, &[&[0], bits].concat())].concat(),
    )
}

/// RSA of 2049 bits.
fn odd_rsa_spki() -> Vec<u8> {
    let modulus = [vec![1], vec![0xd5; 256]].concat();
    let key = element(SEQUENCE, &[element(der::INTEGER, &modulus), vec![2, 3, 1, 0, 1]].concat());
    spki(&[element(der::OID, oid::RSA), vec![5, 0]].concat(), &key)
}

fn rsa_spki(bytes: usize, exponent: &[u8]) -> Vec<u8> {
    let mut modulus = vec![0xd5; bytes + 1];
    modulus[0] = 0;
    let key = element(SEQUENCE, &[element(der::INTEGER, &modulus), element(der::INTEGER, exponent)].concat());
    spki(&[element(der::OID, oid::RSA), vec![5, 0]].concat(), &key)
}

/// An extension.
pub fn extension(oid: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let mut parts = element(der::OID, oid);
    if critical {
        parts.extend([1, 1, 0xff]);
    }
    parts.extend(element(der::OCTET_STRING, value));
    element(SEQUENCE, &parts)
}

/// A name of one CN.
pub fn common_name(name: &str) -> Vec<u8> {
    name_of(&[(oid::COMMON_NAME, der::UTF8_STRING, name.as_bytes())])
}

pub fn name_of(parts: &[(&[u8], u8, &[u8])]) -> Vec<u8> {
    let rdns = parts.iter().map(|(oid, tag, value)| {
        element(SET, &element(SEQUENCE, &[element(der::OID, oid), element(*tag, value)].concat()))
    });
    element(SEQUENCE, &rdns.collect::<Vec<_>>().concat())
}

/// `DNS:…`, `IP:…`, `email:…`, `URI:…`, `dir:CN`, `hex:…` (the whole GeneralName).
pub fn general_name(text: &str) -> Vec<u8> {
    let (kind, value) = text.split_once(':').unwrap_or_else(|| panic!("{text}: DNS:, IP:, … is missing"));
    match kind {
        "email" => element(der::context(1), value.as_bytes()),
        "DNS" => element(der::context(2), value.as_bytes()),
        "dir" => element(der::constructed(4), &common_name(value)),
        "URI" => element(der::context(6), value.as_bytes()),
        "IP" => {
            let octets = |text: &str| match text.parse().unwrap() {
                std::net::IpAddr::V4(address) => address.octets().to_vec(),
                std::net::IpAddr::V6(address) => address.octets().to_vec(),
            };
            let bytes = match value.split_once('/') {
                Some((address, mask)) => [octets(address), octets(mask)].concat(),
                None => octets(value),
            };
            element(der::context(7), &bytes)
        }
        "other" => {
            let id = element(der::OID, &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 20, 2, 3]);
            let value = element(der::constructed(0), &element(der::UTF8_STRING, value.as_bytes()));
            element(der::constructed(0), &[id, value].concat())
        }
        "hex" => hex::decode(value).unwrap(),
        _ => panic!("{text}: what kind of name is that?"),
    }
}

/// What a certificate is made of. Everything is as it should be unless it is set.
#[derive(Clone)]
pub struct Recipe {
    pub subject: Vec<u8>,
    pub issuer: Vec<u8>,
    /// None: v1, without the field.
    pub version: Option<u8>,
    pub serial: Vec<u8>,
    pub from: Vec<u8>,
    pub to: Vec<u8>,
    pub extensions: Vec<Vec<u8>>,
    /// The whole field, instead of `extensions`.
    pub raw_extensions: Option<Vec<u8>>,
    /// AlgorithmIdentifier's content inside, if not the key's.
    pub inner_algorithm: Option<Vec<u8>>,
    pub outer_algorithm: Option<Vec<u8>>,
    pub unique_id: bool,
    pub spoil_signature: bool,
    pub trailing: Vec<u8>,
}

impl Recipe {
    pub fn new(subject: &[u8], issuer: &[u8], from: i64, to: i64) -> Self {
        Self {
            subject: subject.to_vec(),
            issuer: issuer.to_vec(),
            version: Some(2),
            serial: vec![0x4a, 1, 2, 3, 4, 5, 6, 7, 8, 9],
            from: utc_or_generalized(from),
            to: utc_or_generalized(to),
            extensions: Vec::new(),
            raw_extensions: None,
            inner_algorithm: None,
            outer_algorithm: None,
            unique_id: false,
            spoil_signature: false,
            trailing: Vec::new(),
        }
    }

    pub fn sign(&self, spki: &[u8], signer: &Key) -> Vec<u8> {
        let algorithm = signer.algorithm();
        let inner = self.inner_algorithm.as_ref().unwrap_or(&algorithm);
        let outer = self.outer_algorithm.as_ref().unwrap_or(inner);
        let mut tbs = Vec::new();
        if let Some(version) = self.version {
            tbs.extend(element(der::constructed(0), &[2, 1, version]));
        }
        tbs.extend(element(der::INTEGER, &self.serial));
        tbs.extend(element(SEQUENCE, inner));
        tbs.extend(&self.issuer);
        tbs.extend(element(SEQUENCE, &[self.from.as_slice(), &self.to].concat()));
        tbs.extend(&self.subject);
        tbs.extend(spki);
        if self.unique_id {
            tbs.extend(element(der::context(1), &[0, 1]));
        }
        match &self.raw_extensions {
            Some(raw) => tbs.extend(raw),
            None if self.extensions.is_empty() => {}
            None => tbs.extend(element(der::constructed(3), &element(SEQUENCE, &self.extensions.concat()))),
        }
        let tbs = element(SEQUENCE, &tbs);
        let mut signature = signer.sign(&tbs);
        if self.spoil_signature {
            // The last byte of an ECDSA signature's s: it stays well formed.
            *signature.last_mut().unwrap() ^= 1;
        }
        let parts = [tbs, element(SEQUENCE, outer), element(der::BIT_STRING, &[vec![0], signature].concat())]
            .concat();
        [element(SEQUENCE, &parts), self.trailing.clone()].concat()
    }
}

pub fn digits(at: i64) -> String {
    time::date_time(at).chars().filter(char::is_ascii_digit).collect::<String>() + "Z"
}

pub fn utc_or_generalized(at: i64) -> Vec<u8> {
    let text = digits(at);
    if text.as_str() < "2050" {
        element(der::UTC_TIME, &text.as_bytes()[2..])
    } else {
        element(der::GENERALIZED_TIME, text.as_bytes())
    }
}

/// `2026-11-21`, `2026-11-21T09:20:00Z` → seconds since 1970.
pub fn seconds(date: &str) -> i64 {
    let digits: String = date.chars().filter(char::is_ascii_digit).collect();
    let text = format!("{digits:0<14}Z");
    time::Time::read(der::GENERALIZED_TIME, text.as_bytes()).unwrap().unix
}

pub fn key_id(spki: &[u8]) -> Vec<u8> {
    digest(&SHA1_FOR_LEGACY_USE_ONLY, spki).as_ref().to_vec()
}

pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}

/// Certificates by name, made from a scenario's recipes.
#[derive(Default)]
pub struct Workshop {
    pub keys: HashMap<String, Key>,
    pub certificates: HashMap<String, Vec<u8>>,
    /// Added to every date.
    pub shift: i64,
}

impl Workshop {
    /// Makes all certificates of `{"name": {recipe}, …}`; an issuer stands before what it issues, or is a key's name.
    pub fn make(recipes: &serde_json::Map<String, Value>) -> Self {
        Self::make_shifted(recipes, 0)
    }

    /// The same with every date moved by so many seconds.
    pub fn make_shifted(recipes: &serde_json::Map<String, Value>, shift: i64) -> Self {
        let mut shop = Self { shift, ..Self::default() };
        // Keys first: an issuer may stand behind (serde_json sorts by name).
        for (name, recipe) in recipes {
            let shared = recipe["same_key_as"].as_str();
            if shared.is_none() && recipe["pem"].is_null() {
                shop.keys.insert(name.clone(), Key::make(recipe["key"].as_str().unwrap_or("p256")));
            }
        }
        for (name, recipe) in recipes {
            let der = shop.certificate(name, recipe, recipes);
            shop.certificates.insert(name.clone(), der);
        }
        shop
    }

    pub fn key(&self, name: &str, recipes: &serde_json::Map<String, Value>) -> &Key {
        match recipes.get(name).and_then(|recipe| recipe["same_key_as"].as_str()) {
            Some(other) => self.key(other, recipes),
            None => self.keys.get(name).unwrap_or_else(|| panic!("no key is called {name}")),
        }
    }

    fn certificate(&self, name: &str, recipe: &Value, recipes: &serde_json::Map<String, Value>) -> Vec<u8> {
        const FIELDS: [&str; 38] = [
            "key",
            "same_key_as",
            "pem",
            "issuer",
            "issuer_name",
            "subject",
            "subject_tag",
            "ca",
            "path_len",
            "from",
            "to",
            "version",
            "serial",
            "san",
            "san_critical",
            "ku",
            "eku",
            "nc",
            "nc_critical",
            "bc",
            "bc_critical",
            "ski",
            "aki",
            "policies",
            "aia",
            "ocsp",
            "crl",
            "tls_feature",
            "extensions",
            "generalized",
            "inner_algorithm",
            "outer_algorithm",
            "unique_id",
            "spoil_signature",
            "trailing",
            "cut",
            "about",
            "raw",
        ];
        for field in recipe.as_object().unwrap().keys() {
            assert!(FIELDS.contains(&field.as_str()), "{name}: no recipe has a field {field}");
        }
        if let Some(pem) = recipe["pem"].as_str() {
            let pem = tls_trace::trust::pem::blocks(pem.as_bytes()).unwrap();
            return pem.into_iter().next().unwrap().der;
        }
        if let Some(raw) = recipe["raw"].as_str() {
            return hex::decode(raw).unwrap();
        }
        let text = |field: &str| recipe[field].as_str();
        let flag = |field: &str, default: bool| recipe[field].as_bool().unwrap_or(default);
        let list = |field: &str| -> Option<Vec<String>> {
            let list = recipe[field].as_array()?;
            Some(list.iter().map(|item| item.as_str().unwrap().to_owned()).collect())
        };
        let ca = flag("ca", false);
        let subject_of = |name: &str| {
            let recipe = recipes.get(name).unwrap_or_else(|| panic!("no certificate is called {name}"));
            let tag = match recipe["subject_tag"].as_str() {
                Some("printable") => der::PRINTABLE_STRING,
                Some("teletex") => der::TELETEX_STRING,
                _ => der::UTF8_STRING,
            };
            match &recipe["subject"] {
                Value::String(subject) if subject.is_empty() => element(SEQUENCE, &[]),
                Value::String(subject) => name_of(&[(oid::COMMON_NAME, tag, subject.as_bytes())]),
                Value::Null => name_of(&[(oid::COMMON_NAME, tag, name.as_bytes())]),
                other => panic!("{other} is no subject"),
            }
        };
        let issuer = text("issuer").unwrap_or(name);
        let (from, to) = if ca { ("2024-01-01", "2034-01-01") } else { ("2026-11-01", "2027-01-15") };
        let date = |field: &str, default: &str| seconds(text(field).unwrap_or(default)) + self.shift;
        let (from, to) = (date("from", from), date("to", to));
        let issuer_name = match text("issuer_name") {
            Some("") => element(SEQUENCE, &[]),
            Some(name) => common_name(name),
            None => subject_of(issuer),
        };
        let mut made = Recipe::new(&subject_of(name), &issuer_name, from, to);
        if let Some(version) = recipe["version"].as_u64() {
            made.version = (version > 1).then(|| version as u8 - 1);
        }
        if let Some(serial) = text("serial") {
            made.serial = hex::decode(serial).unwrap();
        }
        if flag("generalized", false) {
            made.from = element(der::GENERALIZED_TIME, digits(from).as_bytes());
        }
        if let Some(algorithm) = text("inner_algorithm") {
            made.inner_algorithm = Some(hex::decode(algorithm).unwrap());
        }
        if let Some(algorithm) = text("outer_algorithm") {
            made.outer_algorithm = Some(hex::decode(algorithm).unwrap());
        }
        made.unique_id = flag("unique_id", false);
        made.spoil_signature = flag("spoil_signature", false);
        made.trailing = text("trailing").map_or_else(Vec::new, |text| hex::decode(text).unwrap());

        let key = self.key(name, recipes);
        let signer = self.key(issuer, recipes);
        let mut extensions = Vec::new();
        let bc = flag("bc", ca);
        if bc || ca || !recipe["path_len"].is_null() {
            let mut value = if ca { vec![1, 1, 0xff] } else { Vec::new() };
            if let Some(len) = recipe["path_len"].as_u64() {
                value.extend(element(der::INTEGER, &[len as u8]));
            }
            if bc {
                extensions.push(extension(
                    oid::BASIC_CONSTRAINTS,
                    flag("bc_critical", true),
                    &element(SEQUENCE, &value),
                ));
            }
        }
        let usages = match list("ku") {
            Some(list) => Some(list),
            None if recipe["ku"].as_bool() == Some(false) => None,
            None => Some(if ca {
                vec!["keyCertSign".to_owned(), "cRLSign".to_owned()]
            } else {
                vec!["digitalSignature".to_owned()]
            }),
        };
        if let Some(usages) = usages {
            extensions.push(extension(oid::KEY_USAGE, true, &key_usage(&usages)));
        }
        let purposes = match list("eku") {
            Some(list) => Some(list),
            None if ca || recipe["eku"].as_bool() == Some(false) => None,
            None => Some(vec!["serverAuth".to_owned()]),
        };
        if let Some(purposes) = purposes {
            extensions.push(extension(oid::EXTENDED_KEY_USAGE, false, &extended_key_usage(&purposes)));
        }
        let names = match list("san") {
            Some(list) => Some(list),
            None if ca || recipe["san"].as_bool() == Some(false) => None,
            None => Some(vec!["DNS:example.com".to_owned()]),
        };
        if let Some(names) = names {
            let names: Vec<Vec<u8>> = names.iter().map(|name| general_name(name)).collect();
            extensions.push(extension(
                oid::SUBJECT_ALT_NAME,
                flag("san_critical", false),
                &element(SEQUENCE, &names.concat()),
            ));
        }
        if let Some(constraints) = recipe["nc"].as_object() {
            let mut value = Vec::new();
            for (field, tag) in [("permitted", 0), ("excluded", 1)] {
                if let Some(subtrees) = constraints.get(field) {
                    let subtrees = subtrees.as_array().unwrap().iter();
                    let subtrees: Vec<Vec<u8>> = subtrees
                        .map(|base| element(SEQUENCE, &general_name(base.as_str().unwrap())))
                        .collect();
                    value.extend(element(der::constructed(tag), &subtrees.concat()));
                }
            }
            extensions.push(extension(
                oid::NAME_CONSTRAINTS,
                flag("nc_critical", true),
                &element(SEQUENCE, &value),
            ));
        }
        if flag("ski", ca) {
            extensions.push(extension(
                oid::SUBJECT_KEY_IDENTIFIER,
                false,
                &element(der::OCTET_STRING, &key_id(&key.spki())),
            ));
        }
        match &recipe["aki"] {
            Value::Bool(false) => {}
            Value::String(id) => {
                let id = element(der::context(0), &hex::decode(id).unwrap());
                extensions.push(extension(oid::AUTHORITY_KEY_IDENTIFIER, false, &element(SEQUENCE, &id)));
            }
            _ if issuer == name => {}
            _ => {
                let id = element(der::context(0), &key_id(&signer.spki()));
                extensions.push(extension(oid::AUTHORITY_KEY_IDENTIFIER, false, &element(SEQUENCE, &id)));
            }
        }
        if let Some(policies) = list("policies") {
            let policies: Vec<Vec<u8>> = policies
                .iter()
                .map(|id| element(SEQUENCE, &element(der::OID, &hex::decode(id).unwrap())))
                .collect();
            extensions.push(extension(
                oid::CERTIFICATE_POLICIES,
                false,
                &element(SEQUENCE, &policies.concat()),
            ));
        }
        let access: Vec<Vec<u8>> = [("aia", oid::AD_CA_ISSUERS), ("ocsp", oid::AD_OCSP)]
            .iter()
            .filter_map(|(field, method)| {
                let url = element(der::context(6), text(field)?.as_bytes());
                Some(element(SEQUENCE, &[element(der::OID, method), url].concat()))
            })
            .collect();
        if !access.is_empty() {
            extensions.push(extension(
                oid::AUTHORITY_INFO_ACCESS,
                false,
                &element(SEQUENCE, &access.concat()),
            ));
        }
        if let Some(url) = text("crl") {
            let name = element(der::context(6), url.as_bytes());
            let point = element(der::constructed(0), &element(der::constructed(0), &name));
            let points = element(SEQUENCE, &element(SEQUENCE, &point));
            extensions.push(extension(oid::CRL_DISTRIBUTION_POINTS, false, &points));
        }
        if let Some(features) = recipe["tls_feature"].as_array() {
            let features: Vec<Vec<u8>> =
                features.iter().map(|f| element(der::INTEGER, &[f.as_u64().unwrap() as u8])).collect();
            extensions.push(extension(oid::TLS_FEATURE, false, &element(SEQUENCE, &features.concat())));
        }
        for extra in recipe["extensions"].as_array().into_iter().flatten() {
            let field = |name: &str| hex::decode(extra[name].as_str().unwrap()).unwrap();
            extensions.push(extension(
                &field("oid"),
                extra["critical"].as_bool().unwrap_or(false),
                &field("value"),
            ));
        }
        made.extensions = if made.version.is_none() { Vec::new() } else { extensions };
        let mut der = made.sign(&key.spki(), signer);
        if let Some(cut) = recipe["cut"].as_u64() {
            der.truncate(der.len() - cut as usize);
        }
        der
    }
}

pub fn key_usage(names: &[String]) -> Vec<u8> {
    const NAMES: [&str; 9] = [
        "digitalSignature",
        "nonRepudiation",
        "keyEncipherment",
        "dataEncipherment",
        "keyAgreement",
        "keyCertSign",
        "cRLSign",
        "encipherOnly",
        "decipherOnly",
    ];
    let bits = names
        .iter()
        .map(|name| 0x8000u16 >> NAMES.iter().position(|known| known == name).unwrap())
        .sum::<u16>();
    let [high, low] = bits.to_be_bytes();
    match (high, low) {
        (0, 0) => element(der::BIT_STRING, &[0]),
        (high, 0) => element(der::BIT_STRING, &[high.trailing_zeros() as u8, high]),
        (high, low) => element(der::BIT_STRING, &[low.trailing_zeros() as u8, high, low]),
    }
}

pub fn extended_key_usage(names: &[String]) -> Vec<u8> {
    let ids = names.iter().map(|name| {
        let id: &[u8] = match name.as_str() {
            "serverAuth" => oid::SERVER_AUTH,
            "clientAuth" => oid::CLIENT_AUTH,
            "OCSPSigning" => oid::OCSP_SIGNING,
            "any" => oid::ANY_EXTENDED_KEY_USAGE,
            "emailProtection" => &[0x2b, 6, 1, 5, 5, 7, 3, 4],
            other => panic!("no purpose is called {other}"),
        };
        element(der::OID, id)
    });
    element(SEQUENCE, &ids.collect::<Vec<_>>().concat())
}

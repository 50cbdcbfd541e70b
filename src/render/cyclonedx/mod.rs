//! CycloneDX 1.6: a bill of the cryptography that was seen (CBOM, ECMA-424): protocols, algorithms, certificates and keys,
//! and for each target which of them it uses. What was offered and not chosen is not in it.

mod algorithm;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use aws_lc_rs::digest::{SHA256, digest};
use serde::Serialize;
use serde_json::{Value, json};

use super::plain::{at_seconds, moment};
use super::{Document, Format, Settings, Several, json};
use crate::certificate::Element;
use crate::finding::Outcome;
use crate::judged::{Facts, Judged};
use crate::report::many::Untraced;
use crate::report::{Report, connection};
use crate::wire::asn1::key::PublicKey;
use crate::wire::codepoints::CipherSuite;
use crate::wire::facts;
use algorithm::Algorithm;

/// `--format cyclonedx`
pub const FORMAT: Format = Format {
    name: "cyclonedx",
    about: "CycloneDX 1.6: a bill of the cryptography seen",
    suffix: "cdx.json",
    several: Several::Document,
    begin: || Box::new(Bill::default()),
};

/// Bytes of components and targets, of which there are then more than anybody takes stock of: they are in memory up to the
/// end of the run.
const MOST: usize = 64 << 20;

/// What was seen, each thing once, by its reference.
#[derive(Default)]
struct Bill {
    began: Option<String>,
    components: BTreeMap<String, Value>,
    /// Suites by version, and what each consists of.
    protocols: BTreeMap<String, BTreeMap<u16, BTreeSet<String>>>,
    services: Vec<Value>,
    /// What each thing uses.
    uses: BTreeMap<String, BTreeSet<String>>,
    /// Of all of this.
    bytes: usize,
    left_out: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Out<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    bom_format: &'static str,
    spec_version: &'static str,
    serial_number: String,
    version: u8,
    metadata: Value,
    components: Vec<&'a Value>,
    services: &'a [Value],
    dependencies: Vec<Value>,
    properties: Vec<Value>,
}

impl Bill {
    /// Its reference, if there is room for it.
    fn component(&mut self, reference: String, make: impl FnOnce() -> Value) -> Option<String> {
        if !self.components.contains_key(&reference) {
            if !self.has_room() {
                return None;
            }
            let made = make();
            self.bytes += size(&reference, &made);
            self.components.insert(reference.clone(), made);
        }
        Some(reference)
    }

    fn algorithm(&mut self, algorithm: &Algorithm) -> Option<String> {
        let reference = algorithm.reference();
        self.component(reference.clone(), || algorithm.component(&reference))
    }

    /// What a handshake negotiated.
    fn negotiated(&mut self, known: &facts::Facts, used: &mut BTreeSet<String>) {
        let Some(version) = known.version else { return };
        let suites = self.protocols.entry(version.to_string()).or_default();
        used.insert(protocol(&version.to_string()));
        if let Some(suite) = known.cipher_suite {
            suites.entry(suite.0).or_default();
            let parts = suite.info().map(|info| algorithm::of_suite(info, version)).unwrap_or_default();
            let parts: Vec<_> = parts.iter().filter_map(|part| self.algorithm(part)).collect();
            used.extend(parts.iter().cloned());
            if let Some(known) =
                self.protocols.get_mut(&version.to_string()).and_then(|suites| suites.get_mut(&suite.0))
            {
                known.extend(parts);
            }
        }
        let group = known.group.and_then(|group| self.algorithm(&algorithm::of_group(group)));
        let scheme = crate::finding::summary::server_scheme(known);
        let scheme = scheme.and_then(|scheme| self.algorithm(&algorithm::of_scheme(scheme)));
        used.extend(group.into_iter().chain(scheme));
    }

    fn certificate(&mut self, element: &Element, used: &mut BTreeSet<String>) {
        let key = element.spki_pin.as_ref().and_then(|pin| self.key(element, pin));
        let signature = element.signature.as_deref();
        let signature = signature.and_then(|name| self.algorithm(&algorithm::of_signature(name)));
        let Some(sha256) = &element.sha256 else {
            // A key alone: an anchor of which the store has no certificate, or a raw public key.
            used.extend(key);
            return;
        };
        let reference = format!("certificate:{sha256}");
        let made = self.component(reference.clone(), || {
            let mut properties = json!({ "subjectName": element.subject_dn, "certificateFormat": "X.509" });
            let mut set = |name: &str, value: Option<String>| {
                if let Some(value) = value {
                    properties[name] = value.into();
                }
            };
            set("issuerName", element.issuer_dn.clone());
            set("notValidBefore", element.not_before.and_then(at_seconds));
            set("notValidAfter", element.not_after.and_then(at_seconds));
            set("signatureAlgorithmRef", signature.clone());
            set("subjectPublicKeyRef", key.clone());
            json!({
                "type": "cryptographic-asset",
                "bom-ref": reference,
                "name": element.subject,
                "hashes": [{ "alg": "SHA-256", "content": sha256 }],
                "cryptoProperties": { "assetType": "certificate", "certificateProperties": properties },
                "properties": [property("role", element.role.name()), property("source", element.source.name())],
            })
        });
        if let Some(reference) = made {
            self.uses.entry(reference.clone()).or_default().extend(key.into_iter().chain(signature));
            used.insert(reference);
        }
    }

    fn key(&mut self, element: &Element, pin: &str) -> Option<String> {
        let algorithm = self.algorithm(&algorithm::of_key(element.key.as_deref().unwrap_or("unknown")));
        let reference = format!("key:sha256//{pin}");
        let made = self.component(reference.clone(), || {
            let mut properties = json!({ "type": "public-key", "id": format!("sha256//{pin}"), "format": "SubjectPublicKeyInfo" });
            if let Some(algorithm) = &algorithm {
                properties["algorithmRef"] = algorithm.clone().into();
            }
            if let Some(size) = PublicKey::read(&element.spki).ok().and_then(|key| key.size()) {
                properties["size"] = size.into();
            }
            json!({
                "type": "cryptographic-asset",
                "bom-ref": reference,
                "name": format!("public key of {}", element.subject),
                "cryptoProperties": {
                    "assetType": "related-crypto-material",
                    "relatedCryptoMaterialProperties": properties,
                },
            })
        })?;
        self.uses.entry(made.clone()).or_default().extend(algorithm);
        Some(made)
    }

    fn connection(&mut self, judged: &Judged, used: &mut BTreeSet<String>) {
        for handshake in &judged.trace.handshakes {
            self.negotiated(&handshake.facts, used);
        }
        for element in judged.judgement.iter().flat_map(|judgement| &judgement.elements) {
            self.certificate(element, used);
        }
    }

    /// Whether there is room for another component or target.
    fn has_room(&mut self) -> bool {
        let room = self.bytes < MOST;
        self.left_out += usize::from(!room);
        room
    }

    /// A target: what it came to (outcome, exit code, summary, verified), and what it uses.
    fn service(
        &mut self,
        name: &str,
        (outcome, exit_code, summary, verified): (Outcome, u8, &str, &str),
        used: BTreeSet<String>,
    ) {
        let reference = format!("service:{}:{name}", self.services.len() + 1);
        let service = json!({
            "bom-ref": reference,
            "name": name,
            "properties": [
                property("outcome", outcome.name()),
                property("exit_code", &exit_code.to_string()),
                property("summary", summary),
                property("verified", verified),
            ],
        });
        self.bytes += size(&reference, &service) + used.iter().map(String::len).sum::<usize>();
        self.services.push(service);
        self.uses.insert(reference, used);
    }

    fn protocols(&self) -> impl Iterator<Item = Value> {
        self.protocols.iter().map(|(version, suites)| {
            let suite = |(code, parts): (&u16, &BTreeSet<String>)| {
                let identifiers = code.to_be_bytes().map(|byte| format!("0x{byte:02X}"));
                json!({ "name": CipherSuite(*code).to_string(), "algorithms": parts, "identifiers": identifiers })
            };
            json!({
                "type": "cryptographic-asset",
                "bom-ref": protocol(version),
                "name": version,
                "cryptoProperties": {
                    "assetType": "protocol",
                    "protocolProperties": {
                        "type": "tls",
                        "version": version.strip_prefix("TLS ").unwrap_or(version),
                        "cipherSuites": suites.iter().map(suite).collect::<Vec<_>>(),
                    },
                },
            })
        })
    }
}

impl Document for Bill {
    fn add(&mut self, report: &Report, _: &Settings, _: &mut dyn Write) -> io::Result<()> {
        let Some(judged) = report.decisive() else { return Ok(()) };
        let began = report.connections.first().map(|judged| moment(judged.capture.began));
        self.began = self.began.take().or(began);
        if !self.has_room() {
            return Ok(());
        }
        let mut used = BTreeSet::new();
        for (_, judged) in connection::counting(report) {
            self.connection(judged, &mut used);
        }
        let facts = Facts::judged(judged, &report.question);
        let state = match facts.verified {
            Some(true) => "yes",
            Some(false) => "no",
            None => "not evaluated",
        };
        let (outcome, summary) = (judged.verdict.outcome, &judged.verdict.summary);
        self.service(&connection::target(report), (outcome, report.exit_code(), summary, state), used);
        Ok(())
    }

    fn untraced(&mut self, target: &Untraced, _: &Settings, _: &mut dyn Write) -> io::Result<()> {
        if self.has_room() {
            let told = (target.outcome, target.exit_code(), target.why.as_str(), "not evaluated");
            self.service(&target.name(), told, BTreeSet::new());
        }
        Ok(())
    }

    fn end(&mut self, _: &Settings, out: &mut dyn Write) -> io::Result<()> {
        let protocols: Vec<_> = self.protocols().collect();
        for (version, suites) in &self.protocols {
            self.uses.entry(protocol(version)).or_default().extend(suites.values().flatten().cloned());
        }
        let uses = self.uses.iter().map(|(by, used)| json!({ "ref": by, "dependsOn": used }));
        let mut metadata = json!({
            "tools": { "components": [
                { "type": "application", "name": "tls-trace", "version": env!("CARGO_PKG_VERSION") },
            ] },
        });
        if let Some(began) = &self.began {
            metadata["timestamp"] = began.as_str().into();
        }
        let mut bill = Out {
            schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
            bom_format: "CycloneDX",
            spec_version: "1.6",
            serial_number: String::new(),
            version: 1,
            metadata,
            components: self.components.values().chain(&protocols).collect(),
            services: &self.services,
            dependencies: uses.collect(),
            properties: match self.left_out {
                0 => Vec::new(),
                n => vec![property("left_out", &n.to_string())],
            },
        };
        bill.serial_number = serial_number(&bill)?;
        json::pretty(&bill, out)?;
        out.write_all(b"\n")
    }
}

/// About what it takes in memory.
fn size(reference: &str, value: &Value) -> usize {
    fn of(value: &Value) -> usize {
        let within = match value {
            Value::String(text) => text.len(),
            Value::Array(all) => all.iter().map(of).sum(),
            Value::Object(all) => all.iter().map(|(name, value)| name.len() + of(value)).sum(),
            _ => 0,
        };
        within + size_of::<Value>()
    }
    reference.len() + of(value)
}

fn protocol(version: &str) -> String {
    format!("protocol:{version}")
}

fn property(name: &str, value: &str) -> Value {
    json!({ "name": format!("tls-trace:{name}"), "value": value })
}

/// Of what is in the bill: the same bill has the same number (UUID version 8, RFC 9562).
fn serial_number(bill: &Out<'_>) -> io::Result<String> {
    let digest = digest(&SHA256, &serde_json::to_vec(bill)?);
    let mut uuid = [0; 16];
    uuid.copy_from_slice(&digest.as_ref()[..16]);
    uuid[6] = uuid[6] & 0x0f | 0x80;
    uuid[8] = uuid[8] & 0x3f | 0x80;
    let hex = hex::encode(uuid);
    let (a, b, c, d, e) = (&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]);
    Ok(format!("urn:uuid:{a}-{b}-{c}-{d}-{e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names as long as a list's lines may be, and answers that are as long.
    #[test]
    fn memory_is_bounded_and_what_is_left_out_is_counted() {
        const TARGETS: usize = 20;
        // All but some MiB are taken.
        let mut bill = Bill { bytes: MOST - (2 << 20), ..Bill::default() };
        let settings = Settings::default();
        for n in 0..TARGETS {
            let mut target = Untraced::wrong("y".repeat(64 << 10));
            target.intent.input = format!("{n}{}", "x".repeat(64 << 10));
            bill.untraced(&target, &settings, &mut io::sink()).unwrap();
        }
        let kept = bill.services.len();
        assert_eq!(((3..15).contains(&kept), kept + bill.left_out), (true, TARGETS));
        let mut out = Vec::new();
        bill.end(&settings, &mut out).unwrap();
        assert!(out.len() < 4 << 20, "{}", out.len());
        let read: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(read["properties"][0]["value"], bill.left_out.to_string());
    }
}

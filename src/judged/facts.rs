//! What a connection comes to, flat: the names that expectations and filters use.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::Judged;
use crate::capture::{Question, Step, StepKind, Tcp};
use crate::certificate::Judgement;
use crate::crypto::modular;
use crate::expect::fields::{FIELDS, JUDGED};
use crate::expect::{Known, Values};
use crate::finding::authenticated::{self, Standard};
use crate::finding::{Case, summary};
use crate::trace::State;
use crate::wire;
use crate::wire::asn1::key::PublicKey;
use crate::wire::asn1::ocsp::Status;
use crate::wire::codepoints::cipher_suite::{KeyExchange, Mode};
use crate::wire::codepoints::group;
use crate::wire::extension::{encrypt_then_mac, extended_master_secret, renegotiation_info, status_request};

/// Flat: the names that expectations use. Of the connection that decides.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Facts {
    pub host: Option<String>,
    pub port: Option<u16>,
    /// The name in the ClientHello.
    pub sni: Option<String>,
    /// Of a connection of a capture: its number among those of its `transport`.
    pub stream: Option<u64>,
    /// `tcp`, `quic` or `unix`; null if there is no connection.
    pub transport: Option<String>,
    /// `1.3`, `1.2`, `SSL 3.0`
    pub tls: Option<String>,
    pub cipher: Option<String>,
    pub group: Option<String>,
    /// The key exchange resists a quantum computer.
    pub pq: Option<bool>,
    /// Whoever learns the server's private key later can't compute the session's keys.
    pub forward_secrecy: Option<bool>,
    /// Bits of the Diffie-Hellman prime.
    pub dh_size: Option<u64>,
    /// Scheme of the server's signature.
    pub sigalg: Option<String>,
    pub alpn: Option<String>,
    /// An earlier session was resumed; null if the server says so and its Finished does not prove it.
    pub resumed: Option<bool>,
    /// A HelloRetryRequest came.
    pub retry: Option<bool>,
    /// The server accepted Encrypted Client Hello; null if none was offered (GREASE is none), or that is not known.
    pub ech: Option<bool>,
    /// Early data was offered and taken.
    pub early_data: Option<bool>,
    /// Of TLS 1.2 and earlier, where the client asked: the server supports extended_master_secret.
    pub extended_master_secret: Option<bool>,
    /// The same of encrypt_then_mac, with a CBC suite.
    pub encrypt_then_mac: Option<bool>,
    /// The same of renegotiation_info.
    pub secure_renegotiation: Option<bool>,
    /// Of TLS 1.2 and earlier: records are compressed.
    pub compression: Option<bool>,
    /// Round trips of the TLS handshake; without that of TCP.
    pub roundtrips: Option<u64>,
    /// Name of the alert that ended it, whoever sent it; null if there was none.
    pub alert: Option<String>,
    /// Both Finished were seen.
    pub complete: bool,
    /// The server is authenticated: chain trusted for the name, handshake signature and both Finished hold (of a chain
    /// from files: it is trusted); null if that could not be evaluated.
    pub verified: Option<bool>,
    /// Stores by which the chain is trusted.
    pub trust_store: Vec<String>,
    /// Of the leaf: `good`, `revoked` or `unknown`; null if nothing reliable is known.
    pub revocation: Option<String>,
    /// An OCSP response for the leaf was stapled; null if none was asked for.
    pub staple: Option<bool>,
    /// DN of the leaf.
    pub subject: Option<String>,
    /// DN of the leaf's issuer.
    pub issuer: Option<String>,
    /// Names in the leaf; of a wildcard the pattern.
    pub san: Vec<String>,
    /// Names of hosts that the leaf is good for: `name=` asks as a client does, wildcards included.
    pub name: Vec<String>,
    /// Of the leaf: `rsa`, `ec`, `ed25519`, …
    pub key: Option<String>,
    /// Its size in bits.
    pub key_size: Option<u64>,
    /// Curve of an elliptic-curve key: `P-256`, …
    pub curve: Option<String>,
    /// Algorithm with which the leaf is signed: `ecdsa-with-SHA256`, …
    pub signature: Option<String>,
    /// Days for which the leaf was issued, begun ones counted.
    pub span: Option<i64>,
    /// Signed certificate timestamps of the leaf, without those that were found to be wrong.
    pub sct: Option<u64>,
    /// Certificates that the server sent.
    pub chain: Option<u64>,
    /// Until the leaf expires.
    pub days: Option<i64>,
    /// How much of the leaf's time is left, in percent.
    pub life: Option<i64>,
    /// The server asked for a client certificate.
    pub client_certificate_requested: bool,
    /// Fingerprints of the ClientHello.
    pub ja3: Option<String>,
    pub ja4: Option<String>,
    /// What it came to, without regard to `--expect`; values as in `verdict.outcome`.
    pub outcome: Option<String>,
    /// Ids of what was found.
    pub finding: Vec<String>,
}

impl Facts {
    /// Of one connection, without what it came to.
    fn of(case: &Case<'_>) -> Self {
        let intent = &case.capture.intent;
        let mut facts = Facts {
            host: Some(intent.host.clone()).filter(|host| !host.is_empty()),
            port: Some(intent.port).filter(|port| *port != 0),
            sni: intent.sni.clone(),
            stream: intent.stream,
            transport: transport(case).map(str::to_owned),
            complete: case.complete(),
            client_certificate_requested: case.certificate_request().is_some(),
            alert: alert(case),
            ..Facts::default()
        };
        if let Some(judgement) = case.judgement {
            facts.certificate(judgement, case.judged_at());
            let handshake = case.handshake().filter(|_| !case.inherited());
            let asked = handshake
                .and_then(|handshake| handshake.facts.client)
                .is_some_and(|client| client.extensions.contains(status_request::EXTENSION.code));
            facts.staple = asked.then(|| handshake.is_some_and(|known| known.facts.ocsp_response.is_some()));
        }
        let verified = match (case.offline(), case.judgement) {
            (true, Some(judgement)) => judgement.trusted.clone(),
            _ => authenticated::of(case, Standard::Full),
        };
        facts.verified = match verified {
            State::Holds => Some(true),
            State::Fails(_) => Some(false),
            State::NotEvaluated(_) => None,
        };
        if let Some((ja3, ja4)) = summary::fingerprints(case) {
            facts.ja3 = Some(ja3);
            facts.ja4 = Some(ja4);
        }
        if let Some(handshake) = case.trace().current() {
            let known = &handshake.facts;
            facts.tls = known.version.map(|code| {
                let name = code.to_string();
                name.strip_prefix("TLS ").map(str::to_owned).unwrap_or(name)
            });
            facts.cipher = known.cipher_suite.map(|code| code.to_string());
            facts.group = known.group.map(|code| code.to_string());
            let post_quantum = |code: crate::wire::codepoints::NamedGroup| {
                group::find(code.0).map(|group| group.is_post_quantum())
            };
            facts.pq = known.group.and_then(post_quantum).or(known.version.map(|_| false));
            facts.key_exchange(case, known);
            facts.alpn = summary::alpn(case.trace(), known);
            facts.sigalg = summary::server_scheme(known).map(|scheme| scheme.to_string());
            // A key that was agreed on beforehand is no session.
            let resumed = summary::resumed(case.trace()) && !authenticated::by_shared_key(case);
            facts.resumed =
                known.version.map(|_| resumed).filter(|_| !resumed || summary::resumption_proven(case));
            facts.retry = Some(known.retry.is_some());
            facts.ech = summary::ech(case);
            facts.early_data = known.client.map(|client| client.early_data && known.early_data_accepted);
            let index = case.trace().handshakes.len() - 1;
            let trips = || summary::round_trips(case.trace(), index) as u64;
            facts.roundtrips = handshake.complete_at.map(|_| trips());
        }
        facts
    }

    /// Of one connection, with what it came to.
    pub fn judged(judged: &Judged, question: &Question) -> Self {
        let verdict = judged.unexpected.as_ref().unwrap_or(&judged.verdict);
        let ids = judged.findings.iter().map(|finding| finding.id.as_ref());
        let mut finding: Vec<String> = ids.chain(verdict.id.as_deref()).map(str::to_owned).collect();
        finding.sort();
        finding.dedup();
        Facts {
            outcome: Some(verdict.outcome.name().to_owned()),
            finding,
            ..Facts::of(&judged.case(question))
        }
    }

    /// What the key exchange and the extensions beside it come to.
    fn key_exchange(&mut self, case: &Case<'_>, known: &wire::facts::Facts) {
        let (Some(version), Some(suite)) = (known.version, known.suite()) else { return };
        self.forward_secrecy = match suite.key_exchange {
            KeyExchange::Tls13 => known.server_hello.map(|_| known.group.is_some()),
            KeyExchange::Null => None,
            exchange => Some(matches!(
                exchange,
                KeyExchange::Dhe | KeyExchange::Ecdhe | KeyExchange::DhePsk | KeyExchange::EcdhePsk
            )),
        };
        self.dh_size = summary::dh_prime(case.trace(), known).map(|prime| modular::bits(prime) as u64);
        let Some(client) = known.client.filter(|_| !version.is_tls13()) else { return };
        let asked = |code: u16| client.extensions.contains(code);
        self.extended_master_secret =
            asked(extended_master_secret::EXTENSION.code).then_some(known.extended_master_secret);
        let cbc = suite.mode == Mode::Cbc;
        self.encrypt_then_mac =
            (cbc && asked(encrypt_then_mac::EXTENSION.code)).then_some(known.encrypt_then_mac);
        let renegotiation = renegotiation_info::EXTENSION.code;
        self.secure_renegotiation = (client.renegotiation_scsv || asked(renegotiation))
            .then(|| known.server_extensions.contains(renegotiation));
        self.compression = Some(known.compression_method != 0);
    }

    fn certificate(&mut self, judgement: &Judgement, at: i64) {
        let trusting = judgement.stores.iter().filter(|store| store.trusted.holds());
        self.trust_store = trusting.map(|store| store.name.clone()).collect();
        self.chain = Some(judgement.elements.iter().filter(|element| element.sent.is_some()).count() as u64);
        let scts = judgement.scts.iter().filter(|sct| !sct.verified.fails());
        self.sct = Some(scts.count() as u64);
        let Some(leaf) = judgement.elements.first() else { return };
        let said = judgement.revocation.iter().filter(|one| one.of == 0 && one.usable.holds());
        let weighed = said.filter_map(|one| match one.status? {
            // Whoever says that it is revoked is believed more than whoever does not.
            Status::Revoked { .. } => Some((0, "revoked")),
            Status::Good => Some((1, "good")),
            Status::Unknown => Some((2, "unknown")),
        });
        self.revocation = weighed.min().map(|(_, word)| word.to_owned());
        self.subject = Some(leaf.subject_dn.clone());
        self.issuer.clone_from(&leaf.issuer_dn);
        self.san.clone_from(&leaf.sans);
        // Other kinds of names have theirs in front, with a colon, which an IPv6 address has too.
        let is_host = |name: &&String| !name.contains(':') || name.parse::<std::net::IpAddr>().is_ok();
        self.name = leaf.sans.iter().filter(is_host).cloned().collect();
        let algorithm = leaf.key.as_deref().and_then(|key| key.split([' ', ',']).next());
        self.key = algorithm.map(str::to_ascii_lowercase);
        let curve = leaf.key.as_deref().and_then(|key| key.strip_prefix("EC "));
        self.curve = curve.map(str::to_owned);
        self.signature.clone_from(&leaf.signature);
        self.key_size = PublicKey::read(&leaf.spki).ok().and_then(|key| key.size()).map(|size| size as u64);
        self.days = leaf.days_left;
        if let (Some(from), Some(to)) = (leaf.not_before, leaf.not_after) {
            // The last second is one of them (RFC 5280, section 4.1.2.5).
            let days = (i128::from(to) - i128::from(from) + 1 + 86_399) / 86_400;
            self.span = i64::try_from(days).ok();
            let (left, span) = (i128::from(to) - i128::from(at), i128::from(to) - i128::from(from));
            self.life = (span > 0).then(|| i64::try_from(left * 100 / span).unwrap_or(i64::MAX));
        }
    }

    /// As expressions see them: what is null because there is none is told from what is not known.
    fn values(&self, case: &Case<'_>) -> Values {
        let mut values = Values::default();
        let all = serde_json::to_value(self).unwrap_or_default();
        for Known { name, .. } in FIELDS {
            match all.get(name) {
                None | Some(Value::Null) => {}
                Some(Value::Bool(is)) => values.set(name, [if *is { "yes" } else { "no" }]),
                Some(Value::String(text)) => values.set(name, [text]),
                Some(Value::Array(list)) => values.set(name, list.iter().filter_map(Value::as_str)),
                Some(other) => values.set(name, [other.to_string()]),
            }
        }
        let none = |values: &mut Values, field: &'static str, settled: bool| {
            if settled && values.of(field).is_none() {
                values.set::<&str>(field, []);
            }
        };
        let connected = case.trace().handshake().is_some_and(|handshake| handshake.facts.client.is_some());
        none(&mut values, "sni", connected);
        none(&mut values, "alert", connected || self.complete);
        none(&mut values, "alpn", self.complete);
        none(&mut values, "group", self.complete);
        none(&mut values, "sigalg", self.complete);
        match case.judgement {
            None => ["trust_store", "san", "name"].into_iter().for_each(|field| values.remove(field)),
            Some(judgement) => {
                // A store that was not read may trust it all the same.
                if judgement.stores.iter().any(|store| matches!(store.trusted, State::NotEvaluated(_))) {
                    values.set_part("trust_store", &self.trust_store);
                }
            }
        }
        values
    }
}

/// What expressions see of a connection that was judged.
pub fn values(judged: &Judged, question: &Question) -> Values {
    Facts::judged(judged, question).values(&judged.case(question))
}

/// The same of one that nothing was verified of.
pub fn seen(case: &Case<'_>) -> Values {
    let mut values = Facts::of(case).values(case);
    JUDGED.iter().for_each(|field| values.remove(field));
    values
}

fn transport(case: &Case<'_>) -> Option<&'static str> {
    let carried = |step: &Step| match step.what {
        StepKind::Quic(_) => Some("quic"),
        StepKind::Tcp { outcome: Tcp::Connected { .. }, .. } => Some("tcp"),
        StepKind::Unix { error: None, .. } => Some("unix"),
        _ => None,
    };
    case.capture.steps.iter().find_map(carried)
}

fn alert(case: &Case<'_>) -> Option<String> {
    use crate::wire::Direction;
    let alerts = [Direction::Server, Direction::Client].map(|side| case.alert(side));
    let first = alerts.into_iter().flatten().min_by_key(|(index, ..)| *index);
    first.map(|(_, _, description)| description.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What can be asked for is what JSON has, under the same names.
    #[test]
    fn the_fields_are_those_of_json() {
        let facts = serde_json::to_string(&Facts::default()).unwrap();
        let mut rest = facts.as_str();
        for Known { name, about, .. } in FIELDS {
            let key = format!("\"{name}\":");
            let at = rest.find(&key).unwrap_or_else(|| panic!("{name} is missing or out of order: {facts}"));
            assert!(
                rest[..at].len() <= "false,".len(),
                "JSON has something before {name} that is no field: {}",
                &rest[..at]
            );
            rest = &rest[at + key.len()..];
            assert!(!about.is_empty());
        }
        assert!(!rest.contains(':'), "JSON has more: {rest}");
        assert!(JUDGED.iter().all(|name| FIELDS.iter().any(|field| field.name == *name)));
    }
}

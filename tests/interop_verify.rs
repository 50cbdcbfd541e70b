//! The same chains before other people's judges: `openssl verify` and `certtool --verify`.
//!
//! Each difference between their verdict and ours stands in [`DIFFERENCES`] with its reason; any other fails the test.
#![cfg(feature = "interop")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a scenario that cannot be read, or a program that is missing, has to fail the test"
)]

mod certificate_support;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use certificate_support::{NOW, Workshop, seconds};
use serde_json::Value;
use tls_trace::capture::encoding::unix_seconds;
use tls_trace::certificate::host::Reference;
use tls_trace::certificate::{Question, Sent, judge};
use tls_trace::trust::{Anchors, Loaded};

/// Scenario (by what it is about), whose verdict differs, and why.
const DIFFERENCES: &[(&str, &str, &str)] = &[
    (
        "a wildcard that reaches into what is excluded",
        "openssl",
        "compares the wildcard's own text with the constraint, not what it expands to",
    ),
    (
        "a wildcard that reaches into what is excluded",
        "certtool",
        "compares the wildcard's own text with the constraint, not what it expands to",
    ),
    ("a mask with holes", "openssl", "applies any mask as bits; RFC 5280 wants it in the style of CIDR"),
    ("a directoryName that is not kept", "certtool", "evaluates DNS, e-mail and address constraints only"),
    (
        "an otherName that can't be processed",
        "certtool",
        "evaluates DNS, e-mail and address constraints only",
    ),
    (
        "the last second is still valid",
        "openssl",
        "takes notAfter itself as expired; RFC 5280 calls the period inclusive",
    ),
    (
        "an expired cross-sign beside a good one",
        "certtool",
        "takes the first certificate of the name, and does not try the other",
    ),
    (
        "an intermediate first, the leaf behind it",
        "certtool",
        "sorts the list and judges another certificate as the leaf",
    ),
    (
        "garbage behind the leaf",
        "certtool",
        "reads the whole file before it judges; in a handshake it would refuse as well",
    ),
    (
        "a wildcard inside of a label",
        "openssl",
        "accepts wildcards inside of a label unless X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS is set; RFC 9525 does not",
    ),
    (
        "the name in CN only",
        "openssl",
        "looks at the common name when there is no DNS name; RFC 9525 forbids that",
    ),
    (
        "the name in CN only",
        "certtool",
        "looks at the common name when there is no DNS name; RFC 9525 forbids that",
    ),
    (
        "an empty issuer",
        "openssl",
        "builds chains over an empty name; RFC 5280 demands a name of every authority",
    ),
    (
        "a name that is none, under a constraint",
        "openssl",
        "compares the text with the constraint, whether or not it is a name; webpki refuses as we do",
    ),
    (
        "a name that is none, under a constraint",
        "certtool",
        "compares the text with the constraint, whether or not it is a name; webpki refuses as we do",
    ),
    (
        "the names differ in letter case and encoding",
        "certtool",
        "compares names as bytes; RFC 5280, section 7.1 does not",
    ),
    (
        "a cross-signed intermediate, one root of the two is known",
        "openssl",
        "takes the first certificate of the name, and does not try the other",
    ),
    (
        "a cross-signed intermediate, one root of the two is known",
        "certtool",
        "takes the first certificate of the name, and does not try the other",
    ),
    ("an ML-DSA key in the leaf", "openssl", "version 3.0 does not know ML-DSA (3.5 does)"),
    ("an ML-DSA key in the leaf", "certtool", "3.7 does not know ML-DSA"),
    (
        "another authorityKeyIdentifier",
        "openssl",
        "demands that key identifiers fit; in RFC 5280 they only help to find the issuer: a flaw here, with this remark",
    ),
    (
        "another authorityKeyIdentifier",
        "certtool",
        "demands that key identifiers fit; in RFC 5280 they only help to find the issuer: a flaw here, with this remark",
    ),
    (
        "data behind the certificate",
        "openssl",
        "passes over data behind a certificate in PEM; in a handshake it refuses it",
    ),
    ("a keyUsage that is no BIT STRING", "certtool", "does not look at the leaf's keyUsage unless it has to"),
    ("an even exponent", "openssl", "does not look at the exponent of the leaf's key"),
    ("an even exponent", "certtool", "does not look at the exponent of the leaf's key"),
    ("a small curve", "certtool", "takes 224 bits as enough for its profile medium"),
    (
        "a leaf that is an authority",
        "openssl",
        "does not mind; the CA/Browser Forum forbids it, rustls and Firefox refuse it",
    ),
    (
        "a leaf that is an authority",
        "certtool",
        "does not mind; the CA/Browser Forum forbids it, rustls and Firefox refuse it",
    ),
    (
        "a leaf without digitalSignature",
        "openssl",
        "takes keyAgreement as enough for a server; TLS 1.3 does not have that any more",
    ),
    (
        "a leaf without digitalSignature",
        "certtool",
        "does not look at the leaf's keyUsage when it verifies a chain",
    ),
    ("anyExtendedKeyUsage", "openssl", "does not take it for serverAuth; RFC 5280 does"),
    (
        "an explicit policy is demanded and there",
        "certtool",
        "refuses the critical policyConstraints as unknown",
    ),
    ("an explicit policy is demanded and not there", "openssl", "evaluates policies only with -policy_check"),
    (
        "an otherName of another type than is permitted",
        "certtool",
        "refuses constraints on kinds of names that it does not evaluate",
    ),
    (
        "an otherName of another type than is excluded",
        "certtool",
        "refuses constraints on kinds of names that it does not evaluate",
    ),
    ("an Ed448 key signed it", "openssl", "verifies Ed448; aws-lc does not, so it is not evaluated here"),
    ("an Ed448 key signed it", "certtool", "verifies Ed448; aws-lc does not, so it is not evaluated here"),
    (
        "a brainpool key signed it",
        "openssl",
        "verifies brainpool curves; aws-lc does not, so it is not evaluated here",
    ),
    ("a secp256k1 key signed it", "certtool", "does not know the curve"),
    ("an ML-DSA-65 key signed it", "openssl", "version 3.0 does not know ML-DSA (3.5 does)"),
    ("an ML-DSA-65 key signed it", "certtool", "3.7 does not know ML-DSA"),
    (
        "parameters where ECDSA has none",
        "openssl",
        "does not look at parameters that an algorithm does not have; what they mean is not known, so it is not evaluated here",
    ),
    (
        "parameters where ECDSA has none",
        "certtool",
        "does not look at parameters that an algorithm does not have; what they mean is not known, so it is not evaluated here",
    ),
    (
        "parameters where Ed25519 has none",
        "openssl",
        "does not look at parameters that an algorithm does not have; what they mean is not known, so it is not evaluated here",
    ),
    (
        "parameters where Ed25519 has none",
        "certtool",
        "does not look at parameters that an algorithm does not have; what they mean is not known, so it is not evaluated here",
    ),
    (
        "junk as parameters of RSA",
        "openssl",
        "does not look at parameters that an algorithm does not have; what they mean is not known, so it is not evaluated here",
    ),
    (
        "junk as parameters of RSA",
        "certtool",
        "does not look at parameters that an algorithm does not have; what they mean is not known, so it is not evaluated here",
    ),
    (
        "a wildcard within the first label",
        "openssl",
        "accepts wildcards inside of a label unless X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS is set; RFC 9525 does not",
    ),
    (
        "a wildcard within the first label that stands for nothing",
        "openssl",
        "accepts wildcards inside of a label unless X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS is set; RFC 9525 does not",
    ),
    (
        "a mask with a hole inside a byte",
        "openssl",
        "applies any mask bit by bit; one with a hole is none in the style of RFC 4632 (RFC 5280, section 4.2.1.10)",
    ),
    ("URIs of another domain", "certtool", "does not apply name constraints to URIs"),
    ("a URI without a host", "certtool", "does not apply name constraints to URIs"),
    (
        "a critical authorityInfoAccess",
        "certtool",
        "knows the extension, and does not mind that it is critical; OpenSSL and webpki refuse it",
    ),
    (
        "a critical subjectKeyIdentifier",
        "certtool",
        "knows the extension, and does not mind that it is critical; OpenSSL and webpki refuse it",
    ),
    (
        "a critical authorityKeyIdentifier",
        "certtool",
        "knows the extension, and does not mind that it is critical; OpenSSL and webpki refuse it",
    ),
    (
        "a critical issuerAltName",
        "certtool",
        "knows the extension, and does not mind that it is critical; OpenSSL and webpki refuse it",
    ),
    (
        "an X25519 key can't sign",
        "openssl",
        "verifies the chain, not whether the leaf's key can sign a handshake",
    ),
    (
        "an X25519 key can't sign",
        "certtool",
        "verifies the chain, not whether the leaf's key can sign a handshake",
    ),
    (
        "an explicit policy is demanded two CAs further down, and is there",
        "certtool",
        "refuses the critical policyConstraints as unknown",
    ),
    (
        "an explicit policy is demanded later than the path is long",
        "certtool",
        "refuses the critical policyConstraints as unknown",
    ),
    (
        "anyPolicy of a CA stands for the leaf's policy",
        "certtool",
        "refuses the critical policyConstraints as unknown",
    ),
    (
        "anyPolicy is inhibited behind the next CA",
        "certtool",
        "refuses the critical policyConstraints as unknown",
    ),
    (
        "a self-issued CA may use an anyPolicy that is inhibited, and does not count",
        "certtool",
        "refuses the critical policyConstraints as unknown",
    ),
    (
        "an explicit policy is demanded two CAs further down, and is not there",
        "openssl",
        "evaluates policies only with -policy_check",
    ),
    ("anyPolicy is inhibited at once", "openssl", "evaluates policies only with -policy_check"),
    (
        "anyPolicy of the leaf, inhibited behind the next CA",
        "openssl",
        "evaluates policies only with -policy_check",
    ),
];

struct Verdicts {
    ours: bool,
    /// What we say that OpenSSL says, and what it says when it is asked as we mean it.
    opinion: (Option<bool>, bool, String),
    openssl: (bool, String),
    certtool: (bool, String),
}

fn pem(ders: &[&Vec<u8>]) -> String {
    let block = |der: &&Vec<u8>| {
        let text = STANDARD.encode(der);
        let lines: Vec<&str> =
            text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
    };
    ders.iter().map(block).collect()
}

fn run(program: &str, arguments: &[&str]) -> (bool, String) {
    let output =
        Command::new(program).args(arguments).output().unwrap_or_else(|error| panic!("{program}: {error}"));
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.success(), text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn verdicts(scenario: &Value, at: i64, sent: &[Vec<u8>], roots: &[Vec<u8>], folder: &Path) -> Verdicts {
    let name = match &scenario["name"] {
        Value::Null => Some("example.com"),
        Value::Bool(_) => None,
        name => name.as_str(),
    };
    let mut anchors = Anchors::none();
    anchors.push(Loaded::certificates("ca.pem", roots.to_vec()));
    let stores = anchors.candidates(sent);
    let judgement = judge(&Sent::chain(sent), &Question::server(name, at, &stores));
    let opinion = judgement.clients.iter().find(|client| client.name == "openssl").unwrap().accepts;
    let ours = judgement.trusted.holds();

    let write = |file: &str, ders: &[&Vec<u8>]| {
        let path = folder.join(file);
        std::fs::write(&path, pem(ders)).unwrap();
        path.display().to_string()
    };
    let roots = write("roots.pem", &roots.iter().collect::<Vec<_>>());
    let leaf = write("leaf.pem", &sent.iter().take(1).collect::<Vec<_>>());
    let rest = write("rest.pem", &sent.iter().skip(1).collect::<Vec<_>>());
    let chain = write("chain.pem", &sent.iter().collect::<Vec<_>>());
    let epoch = at.to_string();
    let mut arguments = vec![
        "verify",
        "-no-CAfile",
        "-no-CApath",
        "-no-CAstore",
        "-CAfile",
        &roots,
        "-attime",
        &epoch,
        "-purpose",
        "sslserver",
        "-auth_level",
        "2",
    ];
    if sent.len() > 1 {
        arguments.extend(["-untrusted", &rest]);
    }
    let bare = name.map(|name| match Reference::read(name) {
        Ok(Reference::Dns(name)) => name,
        Ok(Reference::Ip(address)) => address.to_string(),
        Ok(Reference::Uri(uri)) => uri,
        Err(_) => name.to_owned(),
    });
    if let Some(bare) = &bare {
        arguments.extend([
            if bare.parse::<std::net::IpAddr>().is_ok() { "-verify_ip" } else { "-verify_hostname" },
            bare,
        ]);
    }
    arguments.push(&leaf);
    let (accepts, text) = run("openssl", &arguments);
    let opinion = (opinion, accepts, text);
    // What curl sets: an intermediate may be the anchor.
    arguments.insert(1, "-partial_chain");
    let openssl = run("openssl", &arguments);
    // certtool judges at the present time only: the dates were moved so that it is the scenario's.
    let mut arguments =
        vec!["--verify", "--verify-profile=medium", "--load-ca-certificate", &roots, "--infile", &chain];
    arguments.extend(["--verify-purpose", "1.3.6.1.5.5.7.3.1"]);
    if let Some(bare) = &bare {
        arguments.extend(["--verify-hostname", bare]);
    }
    let certtool = run("certtool", &arguments);
    Verdicts { ours, opinion, openssl, certtool }
}

#[test]
fn differences_to_openssl_and_certtool_are_known() {
    let folder = tempfile::tempdir().unwrap();
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/certificate");
    let mut files: Vec<_> =
        std::fs::read_dir(scenarios).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let (mut unknown, mut met) = (Vec::new(), BTreeSet::new());
    let (mut compared, mut said, mut wrong) = (0, 0, Vec::new());
    for file in files {
        let list: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        for scenario in list["scenarios"].as_array().unwrap() {
            // Their programs know no several stores, no pins and no days; and ours is asked for servers here.
            if ["stores", "pins", "min_days", "usage"].iter().any(|field| !scenario[*field].is_null()) {
                continue;
            }
            // And they can't be asked for a URI.
            if scenario["name"].as_str().is_some_and(|name| name.contains("://")) {
                continue;
            }
            let mut certificates = list["certificates"].as_object().unwrap().clone();
            for (name, recipe) in scenario["certificates"].as_object().cloned().unwrap_or_default() {
                let fields = certificates.entry(name).or_insert_with(|| serde_json::json!({}));
                for (field, value) in recipe.as_object().unwrap() {
                    fields[field] = value.clone();
                }
            }
            let about = scenario["about"].as_str().unwrap();
            let ask = || {
                let now = unix_seconds(SystemTime::now());
                let shop =
                    Workshop::make_shifted(&certificates, now - scenario["at"].as_str().map_or(NOW, seconds));
                let ders = |field: &str| -> Vec<Vec<u8>> {
                    let names = scenario[field].as_array().or(list[field].as_array()).unwrap().iter();
                    names.map(|name| shop.certificates[name.as_str().unwrap()].clone()).collect()
                };
                let verdicts = verdicts(scenario, now, &ders("send"), &ders("trust"), folder.path());
                (verdicts, unix_seconds(SystemTime::now()) == now)
            };
            // certtool looks at the clock, and a second may matter: it was the same one for all, or they are asked again.
            let mut asked = ask();
            for _ in 0..20 {
                if asked.1 {
                    break;
                }
                asked = ask();
            }
            let verdicts = asked.0;
            compared += 1;
            let (opinion, accepts, text) = &verdicts.opinion;
            if opinion.is_some_and(|opinion| opinion != *accepts) {
                wrong.push(format!(
                    "{about}: we say {opinion:?}, it says {accepts}: {}",
                    &text[..text.len().min(200)]
                ));
            }
            said += usize::from(opinion.is_some());
            for (program, (accepts, text)) in
                [("openssl", &verdicts.openssl), ("certtool", &verdicts.certtool)]
            {
                if *accepts == verdicts.ours {
                    continue;
                }
                match DIFFERENCES.iter().find(|(what, who, _)| *what == about && *who == program) {
                    Some((what, who, _)) => {
                        met.insert((*what, *who));
                    }
                    None => unknown.push(format!(
                        "(\"{about}\", \"{program}\", \"\"), // ours {} theirs {accepts}: {}",
                        verdicts.ours,
                        &text[..text.len().min(300)]
                    )),
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {said} statements about OpenSSL are wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(said * 2 > compared, "OpenSSL's verdict is left open for too many chains: {said} of {compared}");
    println!("{compared} chains compared; {} differences, each with its reason", met.len());
    assert!(unknown.is_empty(), "{} differences without a reason:\n{}", unknown.len(), unknown.join("\n"));
    let gone: Vec<_> = DIFFERENCES.iter().filter(|(what, who, _)| !met.contains(&(*what, *who))).collect();
    assert!(gone.is_empty(), "differences that are none any more: {gone:?}");
}

//! Which client certificates fit what a server accepts.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot make its chain has to fail")]

mod certificate_support;

use certificate_support::{NOW, Workshop};
use serde_json::{Value, json};
use tls_trace::capture::Limits;
use tls_trace::certificate::client::{Accepted, fits};
use tls_trace::trace::State;
use tls_trace::wire::asn1::Certificate;
use tls_trace::wire::codepoints::SignatureScheme as Scheme;

fn shop(client: Value) -> Workshop {
    let recipes = json!({
        "root": {"ca": true},
        "issuing": {"ca": true, "issuer": "root"},
        "client": client,
    });
    Workshop::make(recipes.as_object().unwrap())
}

/// What is said under `id` of the client's certificate, sent with its issuer.
fn state(shop: &Workshop, id: &str, accepted: &Accepted<'_>) -> State {
    let chain = ["client", "issuing"].map(|name| shop.certificates[name].clone());
    let fit = fits(&chain, accepted, NOW).into_iter().find(|fit| fit.id == id);
    fit.unwrap_or_else(|| panic!("nothing about {id}")).state
}

#[test]
fn a_key_signs_under_its_own_schemes() {
    let pss = [Scheme::rsa_pss_rsae_sha256, Scheme::rsa_pss_rsae_sha384, Scheme::rsa_pss_rsae_sha512];
    let pkcs1 = [
        Scheme::rsa_pkcs1_sha256,
        Scheme::rsa_pkcs1_sha384,
        Scheme::rsa_pkcs1_sha512,
        Scheme::rsa_pkcs1_sha1,
    ];
    let (p256, p384, p521) =
        (Scheme::ecdsa_secp256r1_sha256, Scheme::ecdsa_secp384r1_sha384, Scheme::ecdsa_secp521r1_sha512);
    let ecdsa = [p256, p384, p521, Scheme::ecdsa_sha1];
    let (ed25519, ed448, mldsa65) = ([Scheme::ed25519], [Scheme::ed448], [Scheme::mldsa65]);
    let all: Vec<Scheme> =
        [&pss[..], &pkcs1, &ecdsa, &ed25519, &ed448, &mldsa65, &[Scheme::mldsa44, Scheme::mldsa87]].concat();
    let rsa = [&pss[..], &pkcs1].concat();
    // In TLS 1.3, and before it, where an ECDSA scheme names the hash alone.
    let rows: [(&str, &[Scheme], &[Scheme]); 7] = [
        ("rsa", &pss, &rsa),
        ("p256", &[p256], &ecdsa),
        ("p384", &[p384], &ecdsa),
        ("p521", &[p521], &ecdsa),
        ("ed25519", &ed25519, &ed25519),
        ("ed448", &ed448, &ed448),
        ("ml-dsa-65", &mldsa65, &mldsa65),
    ];
    for (key, in_tls13, before) in rows {
        let shop = shop(json!({"issuer": "issuing", "key": key}));
        for (tls13, expected) in [(true, in_tls13), (false, before)] {
            let accepts = |scheme: &Scheme| {
                let accepted = Accepted { schemes: vec![*scheme], tls13, ..Accepted::default() };
                state(&shop, "scheme", &accepted).holds()
            };
            let signs: Vec<Scheme> = all.iter().copied().filter(accepts).collect();
            assert_eq!(signs, expected, "{key}, TLS 1.3: {tls13}");
        }
    }
}

/// Of a key for which no scheme is known nothing is said, nor of a server that names none.
#[test]
fn what_is_not_known_is_not_called_a_mismatch() {
    let accepted =
        Accepted { schemes: vec![Scheme::ed25519], types: vec![1, 64], tls13: true, ..Accepted::default() };
    for key in ["unknown", "p224"] {
        let state = state(&shop(json!({"issuer": "issuing", "key": key})), "scheme", &accepted);
        assert!(matches!(state, State::NotEvaluated(_)), "{key}: {state:?}");
    }
    let unknown = shop(json!({"issuer": "issuing", "key": "unknown"}));
    assert!(matches!(state(&unknown, "type", &accepted), State::NotEvaluated(_)));
    let p256 = shop(json!({"issuer": "issuing"}));
    for id in ["scheme", "signature"] {
        assert!(matches!(state(&p256, id, &Accepted::default()), State::NotEvaluated(_)), "{id}");
    }
    assert_eq!(state(&p256, "type", &Accepted::default()), State::Holds);
}

#[test]
fn certificate_types_of_tls_1_2() {
    for (key, fitting) in [("rsa", 1), ("p256", 64), ("ed25519", 64)] {
        let shop = shop(json!({"issuer": "issuing", "key": key}));
        for kind in [1, 64] {
            let accepted = Accepted { types: vec![kind], ..Accepted::default() };
            assert_eq!(state(&shop, "type", &accepted).holds(), kind == fitting, "{key}, {kind}");
        }
    }
}

#[test]
fn the_chains_signatures_have_to_be_listed() {
    let shop = shop(json!({"issuer": "issuing"}));
    let (p256, rsa) = (vec![Scheme::ecdsa_secp256r1_sha256], vec![Scheme::rsa_pkcs1_sha256]);
    let holds = |schemes: &[Scheme], of_certificates: &[Scheme]| {
        let accepted = Accepted {
            schemes: schemes.to_vec(),
            schemes_certificate: of_certificates.to_vec(),
            ..Accepted::default()
        };
        state(&shop, "signature", &accepted).holds()
    };
    assert!(holds(&p256, &[]) && !holds(&rsa, &[]));
    // signature_algorithms_cert takes precedence.
    assert!(holds(&rsa, &p256) && !holds(&p256, &rsa));
}

#[test]
fn the_chain_leads_to_an_authority_that_the_server_names() {
    let shop = shop(json!({"issuer": "issuing"}));
    let names: Vec<Vec<u8>> = ["root", "issuing", "client"]
        .map(|name| {
            let certificate = Certificate::read(&shop.certificates[name], &Limits::DEFAULT.x509()).unwrap();
            certificate.subject.raw.to_vec()
        })
        .into();
    let [root, issuing, client] = names.as_slice() else { panic!() };
    let of = |authorities: &[&Vec<u8>]| {
        let authorities = authorities.iter().map(|name| name.as_slice()).collect();
        state(&shop, "authority", &Accepted { authorities, ..Accepted::default() })
    };
    assert!(of(&[]).holds() && of(&[client, root]).holds() && of(&[issuing]).holds());
    let refused = of(&[client]);
    let why = refused.reason().unwrap();
    assert!(why.contains("client") && why.contains("root") && !why.contains("more"), "{why}");
    // A long list is cut, and the rest counted.
    let four = of(&[client, client, client, client]);
    assert!(four.reason().unwrap().contains("1 more"), "{four:?}");
    assert!(!of(&[client, client, client]).reason().unwrap().contains("more"));
}

#[test]
fn it_is_for_clients_and_in_force() {
    let rows = [
        ("usage", json!({"eku": ["clientAuth"]}), true),
        ("usage", json!({"eku": ["any"]}), true),
        ("usage", json!({"eku": false}), true),
        ("usage", json!({"eku": ["serverAuth"]}), false),
        ("usage", json!({"eku": ["clientAuth"], "ku": ["keyEncipherment"]}), false),
        ("usage", json!({"eku": ["clientAuth"], "ku": false}), true),
        // 2026-11-21, to the second.
        ("dates", json!({"from": "2026-11-21", "to": "2026-11-21"}), true),
        ("dates", json!({"from": "2026-11-21T00:00:01Z", "to": "2026-11-22"}), false),
        ("dates", json!({"from": "2026-11-01", "to": "2026-11-20T23:59:59Z"}), false),
    ];
    for (id, mut recipe, holds) in rows {
        recipe["issuer"] = json!("issuing");
        let state = state(&shop(recipe.clone()), id, &Accepted::default());
        assert_eq!(state.holds(), holds, "{recipe}: {state:?}");
    }
}

#[test]
fn what_is_no_certificate_is_said() {
    let chains: [&[&[u8]]; 2] = [&[], &[b"no certificate"]];
    for chain in chains {
        let fits = fits(chain, &Accepted::default(), NOW);
        assert!(fits.len() == 1 && fits[0].state.fails(), "{fits:?}");
    }
}

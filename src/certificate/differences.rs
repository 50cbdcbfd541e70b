//! Where our verdict and webpki's part, each with its reason; and what other clients would say.

use super::rules::name_mismatch::{NameFault, name_fault};
use super::rules::{self, RuleResult, Webpki, Weight};
use super::second::{self, Second};
use super::validation::Validation;
use crate::trace::State;
use crate::wire::asn1::general_name::GeneralName;
use crate::wire::asn1::oid;
use crate::wire::asn1::{Certificate, PublicKey};

/// One difference between the two verdicts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Id of the rule of ours, or of the row of [`REFUSALS`].
    pub id: &'static str,
    /// What we say.
    pub ours: String,
    /// What webpki says: `ok`, or its error.
    pub webpki: String,
    pub reason: &'static str,
}

/// A reason for which webpki refuses what we accept.
#[derive(Debug)]
pub struct Refusal {
    pub id: &'static str,
    /// How its error begins.
    pub error: &'static str,
    pub reason: &'static str,
    applies: fn(&Validation<'_, '_>) -> bool,
}

/// Every known one.
pub const REFUSALS: &[Refusal] = &[
    Refusal {
        id: "webpki.leaf_as_anchor_ca",
        error: "CaUsedAsEndEntity",
        reason: "the leaf is itself the configured trust anchor; webpki has no such concept and sees a CA \
                 used as a leaf",
        applies: |chain| chain.leaf_is_anchor(),
    },
    Refusal {
        id: "webpki.leaf_as_anchor",
        error: "",
        reason: "the leaf is itself the configured trust anchor; webpki looks for an issuer above it",
        applies: |chain| chain.leaf_is_anchor(),
    },
    Refusal {
        id: "webpki.any_key_purpose",
        error: "RequiredEkuNotFound",
        reason: "anyExtendedKeyUsage stands for every purpose in RFC 5280; webpki does not accept it",
        applies: |chain| {
            any(chain, |it| {
                it.extensions
                    .extended_key_usage
                    .as_ref()
                    .is_some_and(|list| list.contains(&oid::ANY_EXTENDED_KEY_USAGE))
            })
        },
    },
    Refusal {
        id: "webpki.name_constraint_kinds",
        error: "NameConstraintViolation",
        reason: "webpki can't evaluate directoryName, URI and other constraints, so it rejects every name \
                 of those types",
        applies: |chain| constrains(chain, |name| !matches!(name, GeneralName::Dns(_) | GeneralName::Ip(_))),
    },
    Refusal {
        id: "webpki.name_constraint_self_issued",
        error: "NameConstraintViolation",
        reason: "in RFC 5280 name constraints do not apply to self-issued intermediates; webpki applies \
                 them to those too",
        applies: |chain| chain.authorities().any(|(_, it)| it.self_issued()) && constrains(chain, |_| true),
    },
    Refusal {
        id: "webpki.name_constraint_form",
        error: "MalformedNameConstraint",
        reason: "webpki rejects constraints of a form that it does not know, even if they apply to no name \
                 of the chain",
        applies: |chain| constrains(chain, |_| true),
    },
    Refusal {
        id: "webpki.critical_extension",
        error: "UnsupportedCriticalExtension",
        reason: "webpki does not know this extension and rejects it if it is critical; here it is \
                 evaluated, or restricts nothing",
        applies: |chain| {
            const KNOWN: [&[u8]; 6] = [
                oid::BASIC_CONSTRAINTS,
                oid::KEY_USAGE,
                oid::EXTENDED_KEY_USAGE,
                oid::SUBJECT_ALT_NAME,
                oid::NAME_CONSTRAINTS,
                oid::CRL_DISTRIBUTION_POINTS,
            ];
            any(chain, |it| {
                it.extensions
                    .list
                    .iter()
                    .any(|extension| extension.critical && !KNOWN.contains(&extension.oid))
            })
        },
    },
    Refusal {
        id: "webpki.name_comparison",
        error: "UnknownIssuer",
        reason: "issuer and subject differ in letter case, spaces or encoding, and are equal by RFC 5280, \
                 section 7.1; webpki compares bytes",
        applies: |chain| {
            chain.judged.windows(2).any(|pair| match pair {
                [child, issuer] => match (chain.graph.certificate(*child), chain.graph.node(*issuer)) {
                    (Some(child), Some(issuer)) => child.issuer.raw != issuer.subject.raw,
                    _ => false,
                },
                _ => false,
            })
        },
    },
    Refusal {
        id: "webpki.path_length_self_issued",
        error: "PathLenConstraintViolated",
        reason: "in RFC 5280 self-issued intermediates do not count for pathLenConstraint; webpki counts \
                 them",
        applies: |chain| chain.authorities().any(|(_, it)| it.self_issued()),
    },
    Refusal {
        id: "webpki.algorithms",
        error: "UnsupportedSignatureAlgorithm",
        reason: "webpki is built without this algorithm",
        applies: |chain| {
            chain.judged.iter().filter_map(|node| chain.graph.node(*node)?.key).any(|key| {
                matches!(key.curve, Some(oid::SECP256K1))
                    || matches!(key.oid, oid::RSA_PSS)
                    || key.rsa.is_some()
            }) || any(chain, |it| {
                matches!(it.algorithm.oid, oid::ECDSA_SHA1 | oid::ECDSA_SHA224 | oid::SHA1_RSA_OIW)
            })
        },
    },
    Refusal {
        id: "webpki.leaf_key",
        error: "UnsupportedLeafKey",
        reason: "webpki has no algorithm for signatures by a key of this type, so the handshake would end \
                 there",
        applies: |_| true,
    },
    Refusal {
        id: "webpki.path_depth",
        error: "MaximumPathDepthExceeded",
        reason: "webpki follows six intermediates at most",
        applies: |chain| chain.judged.len() > 7,
    },
    Refusal {
        id: "webpki.unique_ids",
        error: "",
        reason: "webpki can't read certificates with unique identifiers",
        applies: |chain| any(chain, |it| it.unique_ids),
    },
    Refusal {
        id: "webpki.path_length_number",
        error: "",
        reason: "webpki reads pathLenConstraint only up to 255",
        applies: |chain| {
            any(chain, |it| {
                it.extensions.basic_constraints.and_then(|it| it.path_len).is_some_and(|len| len > 255)
            })
        },
    },
    Refusal {
        id: "webpki.size",
        error: "",
        reason: "webpki reads certificates only up to 64 KiB",
        applies: |chain| any(chain, |it| it.der.len() > 0xffff),
    },
    Refusal {
        id: "webpki.signature_budget",
        error: "Maximum",
        reason: "webpki gives up earlier on chains that can be combined in many ways",
        applies: |_| true,
    },
];

fn any(chain: &Validation<'_, '_>, test: impl Fn(&Certificate<'_>) -> bool) -> bool {
    chain.below_anchor().any(|(_, certificate)| test(certificate))
}

/// Whether a constraint of such a kind binds the path.
fn constrains(chain: &Validation<'_, '_>, test: impl Fn(&GeneralName<'_>) -> bool) -> bool {
    let of = |it: &Certificate<'_>| {
        it.extensions
            .name_constraints
            .as_ref()
            .is_some_and(|all| all.permitted.iter().chain(&all.excluded).any(|located| test(&located.name)))
    };
    any(chain, of) || chain.anchor().and_then(|(_, node)| node.certificate.as_ref()).is_some_and(of)
}

/// Why the two verdicts differ; empty if they don't.
pub fn explain(chain: &Validation<'_, '_>, results: &[RuleResult], second: &Second) -> Vec<Difference> {
    let refused: Vec<&RuleResult> =
        results.iter().filter(|result| result.decides() && !result.state.holds()).collect();
    match &second.verdict {
        Ok(()) => {
            let mut out: Vec<Difference> = Vec::new();
            for result in refused {
                let reason = match rules::find(result.id).map(|rule| rule.webpki) {
                    Some(Webpki::Differs(reason) | Webpki::Absent(reason)) => reason,
                    _ => "webpki chose another path",
                };
                if out.iter().all(|difference| difference.id != result.id) {
                    let ours = result.state.reason().unwrap_or_default().to_owned();
                    out.push(Difference { id: result.id, ours, webpki: "ok".to_owned(), reason });
                }
            }
            out
        }
        // Both refuse, and for the same: no difference. Its error may also be about something that holds for us.
        Err(error)
            if second.asked && !refused.iter().any(|result| second::rules_of(error).contains(&result.id)) =>
        {
            REFUSALS
                .iter()
                .find(|row| error.starts_with(row.error) && (row.applies)(chain))
                .map(|row| Difference {
                    id: row.id,
                    ours: "holds".to_owned(),
                    webpki: error.clone(),
                    reason: row.reason,
                })
                .into_iter()
                .collect()
        }
        Err(_) => Vec::new(),
    }
}

/// What a client would decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// `openssl` (as `openssl verify -purpose sslserver -auth_level 2` says), `rustls`.
    pub name: &'static str,
    /// None: it can't be said.
    pub accepts: Option<bool>,
    /// The rules for which it refuses, or might.
    pub because: Vec<&'static str>,
}

/// What a client does about a broken rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Does {
    Refuses,
    Accepts,
    /// It depends on what exactly is wrong.
    Varies,
}

/// What OpenSSL does, by rule. What is not here is refused if it decides here, else accepted.
///
/// Measured: tests/interop_verify.rs asks it about every chain of tests/scenarios, and fails where this says otherwise.
const OPENSSL: &[(&str, Does)] = &[
    ("cert.malformed", Does::Varies),
    ("chain.limit", Does::Varies),
    // It looks at the common name where there is no DNS name, and takes wildcards within a label.
    ("cert.name_mismatch", Does::Varies),
    // It compares texts with constraints, whether or not they are names.
    ("cert.name_constraints", Does::Varies),
    ("cert.empty_name", Does::Varies),
    // It does not look at the exponent, nor whether a key can sign.
    ("cert.weak_key", Does::Varies),
    ("cert.key_kind", Does::Varies),
    ("cert.version", Does::Varies),
    ("cert.leaf_is_ca", Does::Accepts),
    ("cert.duplicate_extension", Does::Varies),
    ("cert.policy", Does::Accepts),
    ("cert.key_usage", Does::Varies),
    ("cert.key_identifiers", Does::Varies),
    ("cert.key_identifier_mismatch", Does::Refuses),
    ("cert.revoked", Does::Accepts),
    // The user's own wishes are no client's business.
    ("cert.pin_mismatch", Does::Accepts),
];

/// Whether the chain has something about which OpenSSL's versions differ, or OpenSSL and RFC 5280.
fn openssl_open(chain: &Validation<'_, '_>) -> bool {
    let below = || chain.below_anchor().map(|(_, certificate)| certificate);
    // Known from version 3.5 on.
    let ml_dsa = |key: PublicKey<'_>| matches!(key.oid, oid::ML_DSA_44 | oid::ML_DSA_65 | oid::ML_DSA_87);
    let keys = || chain.judged.iter().filter_map(|node| chain.graph.node(*node)?.key);
    // An anchor that is no root counts with X509_V_FLAG_PARTIAL_CHAIN only, which curl sets and others do not.
    let partial = || {
        let certificate = chain.anchor().and_then(|(_, node)| node.certificate.as_ref());
        certificate.is_some_and(|certificate| !certificate.self_issued())
    };
    // Of several certificates of one name it takes the first.
    let sent = || chain.graph.nodes.iter().enumerate().filter(|(_, node)| node.sent().is_some());
    let namesakes = || {
        sent().any(|(place, node)| {
            sent().any(|(other, it)| other < place && it.subject.same(&node.subject) && it.der != node.der)
        })
    };
    // notAfter itself has passed for it; and anyExtendedKeyUsage is no serverAuth.
    let last_second = || below().any(|it| it.not_after.is_some_and(|until| until.unix == chain.question.at));
    let any_purpose = || {
        below()
            .filter_map(|it| it.extensions.extended_key_usage.as_ref())
            .any(|purposes| purposes.contains(&oid::ANY_EXTENDED_KEY_USAGE))
    };
    keys().any(ml_dsa) || partial() || namesakes() || last_second() || any_purpose()
}

/// What clients would decide about the same chain, name and anchors.
pub fn clients(chain: &Validation<'_, '_>, results: &[RuleResult], second: &Second) -> Vec<Client> {
    let mut openssl = Client { name: "openssl", accepts: Some(true), because: Vec::new() };
    for result in results.iter().filter(|result| result.state.fails() && result.weight != Weight::Remark) {
        let does = match OPENSSL.iter().find(|(id, _)| *id == result.id) {
            // Names that are others altogether are no question of form.
            Some(("cert.name_mismatch", _)) if name_fault(chain) == Some(NameFault::Others) => Does::Refuses,
            Some((_, does)) => *does,
            None if result.decides() => Does::Refuses,
            None => Does::Accepts,
        };
        match does {
            Does::Accepts => continue,
            Does::Refuses => openssl.accepts = Some(false),
            Does::Varies => openssl.accepts = openssl.accepts.filter(|accepts| !accepts),
        }
        if !openssl.because.contains(&result.id) {
            openssl.because.push(result.id);
        }
    }
    let open = |result: &RuleResult| result.decides() && matches!(result.state, State::NotEvaluated(_));
    if results.iter().any(open) || openssl_open(chain) {
        openssl.accepts = openssl.accepts.filter(|accepts| !accepts);
    }
    let asked = second.asked.then_some(second.verdict.is_ok());
    vec![openssl, Client { name: "rustls", accepts: asked, because: Vec::new() }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_name_rules_that_exist() {
        for (id, _) in OPENSSL {
            assert!(rules::find(id).is_some(), "{id}");
        }
        for (index, row) in REFUSALS.iter().enumerate() {
            assert!(REFUSALS[..index].iter().all(|other| other.id != row.id));
        }
    }
}

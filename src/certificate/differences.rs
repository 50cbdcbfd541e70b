//! Where our verdict and webpki's part, each with its reason; and what other clients would say.

use super::rules::{self, RuleResult, Webpki, Weight};
use super::second::{self, Second};
use super::validation::Validation;
use crate::wire::asn1::Certificate;
use crate::wire::asn1::general_name::GeneralName;
use crate::wire::asn1::oid;

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
        reason: "the leaf is itself the given anchor; curl and OpenSSL accept that, webpki has no such notion and sees an authority used as a leaf",
        applies: |chain| chain.leaf_is_anchor(),
    },
    Refusal {
        id: "webpki.leaf_as_anchor",
        error: "",
        reason: "the leaf is itself the given anchor; curl and OpenSSL accept that, webpki looks for an issuer above it",
        applies: |chain| chain.leaf_is_anchor(),
    },
    Refusal {
        id: "webpki.any_key_purpose",
        error: "RequiredEkuNotFound",
        reason: "anyExtendedKeyUsage stands for every purpose by RFC 5280; webpki does not take it so",
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
        reason: "webpki can't evaluate directoryName, URI and other constraints, so it refuses whatever they bind",
        applies: |chain| constrains(chain, |name| !matches!(name, GeneralName::Dns(_) | GeneralName::Ip(_))),
    },
    Refusal {
        id: "webpki.name_constraint_self_issued",
        error: "NameConstraintViolation",
        reason: "name constraints do not bind self-issued intermediates by RFC 5280; webpki applies them all the same",
        applies: |chain| chain.authorities().any(|(_, it)| it.self_issued()) && constrains(chain, |_| true),
    },
    Refusal {
        id: "webpki.name_constraint_form",
        error: "MalformedNameConstraint",
        reason: "webpki refuses constraints whose form it does not know, also where they bind no name that is there",
        applies: |chain| constrains(chain, |_| true),
    },
    Refusal {
        id: "webpki.critical_extension",
        error: "UnsupportedCriticalExtension",
        reason: "webpki does not know this extension and refuses it when it is critical; it is evaluated here, or restricts nothing",
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
        reason: "issuer and subject differ in letter case, spaces or encoding, which RFC 5280, section 7.1 calls equal; webpki compares bytes",
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
        reason: "self-issued intermediates do not count for pathLenConstraint by RFC 5280; webpki counts them",
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
        reason: "webpki reads a pathLenConstraint up to 255 only",
        applies: |chain| {
            any(chain, |it| {
                it.extensions.basic_constraints.and_then(|it| it.path_len).is_some_and(|len| len > 255)
            })
        },
    },
    Refusal {
        id: "webpki.size",
        error: "",
        reason: "webpki reads certificates up to 64 KiB only",
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
                    _ => "another path was judged than webpki chose",
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

/// What a kind of client would decide, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// `openssl` (curl, Python, wget, …), `browsers`, `rustls`.
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
    /// It depends on version, settings or product.
    Varies,
}

/// OpenSSL's defaults (level 2) and browsers, by rule. What is not here is refused if it decides here, else accepted.
const CLIENTS: &[(&str, Does, Does)] = &[
    ("cert.malformed", Does::Varies, Does::Refuses),
    ("chain.limit", Does::Varies, Does::Varies),
    // Browsers fetch or remember intermediates.
    ("cert.missing_intermediate", Does::Refuses, Does::Accepts),
    ("cert.anchor_expired", Does::Refuses, Does::Varies),
    ("cert.version", Does::Varies, Does::Refuses),
    ("cert.leaf_is_ca", Does::Accepts, Does::Varies),
    ("cert.duplicate_extension", Does::Varies, Does::Refuses),
    ("cert.policy", Does::Accepts, Does::Varies),
    ("cert.key_usage", Does::Varies, Does::Varies),
    ("cert.weak_key", Does::Refuses, Does::Refuses),
    ("cert.key_identifiers", Does::Varies, Does::Accepts),
    ("cert.key_identifier_mismatch", Does::Refuses, Does::Accepts),
    ("cert.validity_too_long", Does::Accepts, Does::Refuses),
    ("cert.must_staple", Does::Accepts, Does::Varies),
    ("cert.time_encoding", Does::Accepts, Does::Varies),
    ("cert.serial", Does::Accepts, Does::Varies),
    ("ct.scts", Does::Accepts, Does::Refuses),
    ("ocsp.staple", Does::Accepts, Does::Varies),
    ("cert.revoked", Does::Accepts, Does::Varies),
    // The user's own wishes are no client's business.
    ("cert.pin_mismatch", Does::Accepts, Does::Accepts),
];

/// What the common kinds of client would decide about the same chain, name and anchors.
pub fn clients(results: &[RuleResult], second: &Second) -> Vec<Client> {
    let of = |name: &'static str, pick: fn(&(&str, Does, Does)) -> Does| {
        let mut client = Client { name, accepts: Some(true), because: Vec::new() };
        let open = results
            .iter()
            .any(|result| result.decides() && matches!(result.state, crate::trace::State::NotEvaluated(_)));
        for result in results.iter().filter(|result| result.state.fails() && result.weight != Weight::Remark)
        {
            let row = CLIENTS.iter().find(|(id, ..)| *id == result.id);
            let does = match row {
                Some(row) => pick(row),
                None if result.decides() => Does::Refuses,
                None => Does::Accepts,
            };
            match does {
                Does::Accepts => continue,
                Does::Refuses => client.accepts = Some(false),
                Does::Varies if client.accepts == Some(true) => client.accepts = None,
                Does::Varies => {}
            }
            if !client.because.contains(&result.id) {
                client.because.push(result.id);
            }
        }
        if open && client.accepts == Some(true) {
            client.accepts = None;
        }
        client
    };
    let rustls = Client {
        name: "rustls",
        accepts: second.asked.then_some(second.verdict.is_ok()),
        because: Vec::new(),
    };
    vec![of("openssl", |row| row.1), of("browsers", |row| row.2), rustls]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_name_rules_that_exist() {
        for (id, ..) in CLIENTS {
            assert!(rules::find(id).is_some(), "{id}");
        }
        for (index, row) in REFUSALS.iter().enumerate() {
            assert!(REFUSALS[..index].iter().all(|other| other.id != row.id));
        }
    }
}

//! Fulfils what a judge says it needs, when a flag allows it: missing issuers, OCSP answers.
//!
//! What comes back is evidence in the capture, and the whole is judged again: the judge itself stays pure.

mod http;

use crate::capture::{Fetched, Limits, Session, What};
use crate::certificate::{Judgement, ocsp};
use crate::finding::Connection;
use crate::wire::x509::Certificate;
use crate::wire::x509::key::PublicKey;
use crate::wire::x509::name::Name;

/// Fetches the issuer that each chain lacks, where its URL was not tried yet; whether there was anything to fetch.
/// With it the chain may lack the next one, so this is to be called again, a few times, after judging.
pub fn issuers(session: &mut Session, connections: &[Connection]) -> bool {
    add(session, connections, issuer)
}

/// Asks the responders of each path; whether there was anything to ask.
pub fn statuses(session: &mut Session, connections: &[Connection]) -> bool {
    add(session, connections, answers)
}

fn add(
    session: &mut Session,
    connections: &[Connection],
    fetch: impl Fn(&Connection, &[Fetched]) -> Vec<Fetched>,
) -> bool {
    let mut any = false;
    for (capture, connection) in session.captures.iter_mut().zip(connections) {
        let fetched = fetch(connection, &capture.evidence);
        any |= !fetched.is_empty();
        capture.evidence.extend(fetched);
    }
    any
}

/// The missing issuer of a chain, from the first URL that was not tried yet.
fn issuer(connection: &Connection, known: &[Fetched]) -> Vec<Fetched> {
    let Some(missing) = connection.judgement.as_ref().and_then(|judgement| judgement.missing.as_ref()) else {
        return Vec::new();
    };
    let untried = missing.urls.iter().find(|url| known.iter().all(|fetched| fetched.url != **url));
    let Some(url) = untried else { return Vec::new() };
    // RFC 5280, section 4.2.2.1: DER or PKCS #7; now and then it is PEM.
    match http::get(url).map(|bytes| crate::trust::files::fetched(&bytes).unwrap_or_default()) {
        Ok(certificates) if certificates.is_empty() => {
            vec![failed(What::Issuer, url, "what came is no certificate".into())]
        }
        // Which of several it is that lacked is for the judge to find.
        Ok(certificates) => certificates
            .into_iter()
            .take(Limits::DEFAULT.chain)
            .map(|bytes| Fetched { what: What::Issuer, url: url.clone(), bytes, error: None })
            .collect(),
        Err(why) => vec![failed(What::Issuer, url, why)],
    }
}

/// The status of each certificate of the path that names a responder.
fn answers(connection: &Connection, known: &[Fetched]) -> Vec<Fetched> {
    let Some(judgement) = &connection.judgement else { return Vec::new() };
    let Some(path) = &judgement.path else { return Vec::new() };
    let mut out = Vec::new();
    for pair in path.windows(2) {
        let [subject, issuer] = *pair else { continue };
        let what = What::Ocsp { of: subject };
        let Some(url) = judgement.elements.get(subject).and_then(|element| element.ocsp_urls.first()) else {
            continue;
        };
        if known.iter().any(|fetched| fetched.what == what) {
            continue;
        }
        let Some(request) = request(judgement, subject, issuer) else {
            out.push(failed(
                what,
                url,
                "the issuer's certificate is not at hand, so no request can be made".into(),
            ));
            continue;
        };
        out.push(match http::post(url, "application/ocsp-request", &request) {
            Ok(bytes) => Fetched { what, url: url.clone(), bytes, error: None },
            Err(why) => failed(what, url, why),
        });
    }
    out
}

fn request(judgement: &Judgement, subject: usize, issuer: usize) -> Option<Vec<u8>> {
    let limits = Limits::DEFAULT;
    let subject = judgement.elements.get(subject)?;
    let issuer = judgement.elements.get(issuer)?;
    let subject = Certificate::read(&subject.der, &limits.x509()).ok()?;
    // A store may have an anchor's name and key only, which is enough.
    let key = PublicKey::read(&issuer.spki, 0).ok()?;
    Some(ocsp::request(&subject, &ocsp::Issuer { name: Name::new(&issuer.name), key }))
}

fn failed(what: What, url: &str, error: String) -> Fetched {
    Fetched { what, url: url.to_owned(), bytes: Vec::new(), error: Some(error) }
}

//! Fulfils what a judge says it needs, when a flag allows it: missing issuers, OCSP answers.
//!
//! What comes back is evidence in the capture, and the whole is judged again: the judge itself stays pure.

pub mod experiments;
mod http;

use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::capture::{Fetched, Limits, What};
use crate::certificate::{Judgement, ocsp};
use crate::judged::Judged;
use crate::wire::asn1::Certificate;
use crate::wire::asn1::key::PublicKey;
use crate::wire::asn1::name::Name;

/// One answer, with everything that it takes: name, connection, redirects.
pub const TIME: Duration = Duration::from_secs(5);

/// What is asked at the same time, in the whole process: each takes a thread, and some take long to fail.
pub const MOST: usize = 64;

static ROOM: Semaphore = Semaphore::const_new(MOST);

/// Room to ask for one thing, which is taken until there is an answer.
pub type Room = SemaphorePermit<'static>;

/// Room as soon as fewer than [`MOST`] are asked for: none of them takes longer than [`TIME`].
pub async fn room() -> Option<Room> {
    ROOM.acquire().await.ok()
}

/// Something that a judge lacks, and where it is to be had.
#[derive(Debug, Clone)]
pub struct Need {
    what: What,
    url: String,
    /// What is posted; if nothing is, it is a GET. An error: why there is nothing to post.
    post: Result<Option<Vec<u8>>, String>,
}

impl Need {
    /// An issuer, wherever its place in the chain is.
    pub(crate) fn issuer_from(url: &str) -> Need {
        Need { what: What::Issuer, url: url.to_owned(), post: Ok(None) }
    }

    /// Asks. Blocks, at most to `until` and [`TIME`].
    pub fn fetch(self, until: Instant) -> Vec<Fetched> {
        let until = until.min(Instant::now() + TIME);
        let answer = match &self.post {
            Err(why) => Err(why.clone()),
            Ok(Some(request)) => http::post(&self.url, "application/ocsp-request", request, until),
            Ok(None) => http::get(&self.url, until, self.size()),
        };
        let bytes = match answer {
            Ok(bytes) => bytes,
            Err(why) => return vec![self.failed(why)],
        };
        if let What::Crl { .. } = self.what {
            return match crate::trust::files::fetched_crl(&bytes) {
                Ok(bytes) => vec![Fetched { what: self.what, url: self.url, bytes, error: None }],
                Err(why) => vec![self.failed(why)],
            };
        }
        if self.what != What::Issuer {
            return vec![Fetched { what: self.what, url: self.url, bytes, error: None }];
        }
        // RFC 5280, section 4.2.2.1: DER or PKCS #7; now and then it is PEM.
        let certificates = crate::trust::files::fetched(&bytes).unwrap_or_default();
        if certificates.is_empty() {
            return vec![self.failed("the answer is not a certificate".into())];
        }
        // Which of several it is that lacked is for the judge to find.
        let certificates = certificates.into_iter().take(Limits::DEFAULT.chain);
        certificates
            .map(|bytes| Fetched { what: What::Issuer, url: self.url.clone(), bytes, error: None })
            .collect()
    }

    fn size(&self) -> u64 {
        match self.what {
            What::Crl { .. } => Limits::DEFAULT.fetched_crl_bytes as u64,
            What::Issuer | What::Ocsp { .. } => http::SIZE,
        }
    }

    /// There is no answer.
    pub fn failed(&self, error: String) -> Fetched {
        Fetched { what: self.what, url: self.url.clone(), bytes: Vec::new(), error: Some(error) }
    }
}

/// The issuer that a chain lacks, from the first URL that was not tried yet. With it the chain may lack the next one,
/// so this is to be asked again, a few times, after judging.
pub fn issuer(judged: &Judged) -> Option<Need> {
    let missing = judged.judgement.as_ref()?.missing.as_ref()?;
    let known = &judged.capture.evidence;
    let url = missing.urls.iter().find(|url| known.iter().all(|fetched| fetched.url != **url))?;
    Some(Need::issuer_from(url))
}

/// How many responders and how many lists are asked about one certificate.
const MOST_SOURCES: usize = 4;

/// What to ask next about the status of each certificate of the path whose status is not known: a responder that was
/// not asked yet, else a CRL that was not fetched yet. To be asked again until there is nothing left to ask.
pub fn statuses(judged: &Judged) -> Vec<Need> {
    let Some(judgement) = &judged.judgement else { return Vec::new() };
    let path = judgement.path.as_deref().unwrap_or_default();
    let known = |place: usize| {
        let mut sources = judgement.revocation.iter().filter(|source| source.of == place);
        sources.any(|source| source.good.holds() || source.good.fails())
    };
    let mut needs: Vec<Need> = Vec::new();
    for pair in path.windows(2) {
        let [subject, issuer] = *pair else { continue };
        let Some(element) = judgement.elements.get(subject).filter(|_| !known(subject)) else { continue };
        let untried = |urls: &[String], what: What| {
            // A list that several certificates name is fetched once.
            let tried = |url: &String| {
                judged.capture.evidence.iter().any(|it| {
                    it.url == *url
                        && (it.what == what
                            || matches!((it.what, what), (What::Crl { .. }, What::Crl { .. })))
                })
            };
            urls.iter().take(MOST_SOURCES).find(|url| !tried(url)).cloned()
        };
        let (ocsp, crl) = (What::Ocsp { of: subject }, What::Crl { of: subject });
        if let Some(url) = untried(&element.ocsp_urls, ocsp) {
            let lacks = || "the issuer's certificate is missing, so no request can be made".to_owned();
            let post = request(judgement, subject, issuer).map(Some).ok_or_else(lacks);
            needs.push(Need { what: ocsp, url, post });
        } else if let Some(url) = untried(&element.crl_urls, crl)
            && needs.iter().all(|need| need.url != url)
        {
            needs.push(Need { what: crl, url, post: Ok(None) });
        }
    }
    needs
}

fn request(judgement: &Judgement, subject: usize, issuer: usize) -> Option<Vec<u8>> {
    let limits = Limits::DEFAULT;
    let subject = judgement.elements.get(subject)?;
    let issuer = judgement.elements.get(issuer)?;
    let subject = Certificate::read(&subject.der, &limits.x509()).ok()?;
    // A store may have an anchor's name and key only, which is enough.
    let key = PublicKey::read(&issuer.spki).ok()?;
    Some(ocsp::request(&subject, &ocsp::Issuer { name: Name::new(&issuer.name), key }))
}

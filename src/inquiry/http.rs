//! Small files over plain HTTP, bounded in size and time.
//!
//! AIA and OCSP are fetched without TLS on purpose (RFC 5280, section 8; RFC 6960, appendix A): what
//! comes is signed, and fetching it over TLS would need what is being fetched.

use std::time::Instant;

use ureq::http::Response;
use ureq::{Agent, Body};
use url::Url;

/// No certificate and no OCSP response needs more.
pub(super) const SIZE: u64 = 256 * 1024;
const REDIRECTS: usize = 3;

/// What stands at `url`, at most `size` bytes, or where that redirects to; there, too, only `http://` is fetched.
pub(super) fn get(url: &str, until: Instant, size: u64) -> Result<Vec<u8>, String> {
    let mut url = plain(url)?.to_owned();
    for _ in 0..=REDIRECTS {
        let answer = agent(until)?.get(&url).call().map_err(|error| said(error, SIZE))?;
        match location(&answer) {
            None => return body(answer, size),
            Some(to) => {
                let next = Url::parse(&url).and_then(|url| url.join(to)).map_err(|e| e.to_string())?;
                plain(next.as_str()).map_err(|why| format!("redirected to {next}: {why}"))?;
                url = next.into();
            }
        }
    }
    Err(format!("more than {REDIRECTS} redirects"))
}

/// The answer to what is posted to `url`. A question is not carried elsewhere: redirects are not followed.
pub(super) fn post(url: &str, content_type: &str, content: &[u8], until: Instant) -> Result<Vec<u8>, String> {
    let agent = agent(until)?;
    let answer = agent.post(plain(url)?).content_type(content_type).send(content);
    let answer = answer.map_err(|error| said(error, SIZE))?;
    match location(&answer) {
        None => body(answer, SIZE),
        Some(to) => Err(format!("redirected to {to}, which is not followed")),
    }
}

fn agent(until: Instant) -> Result<Agent, String> {
    let left = until.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(late());
    }
    Ok(Agent::config_builder()
        .timeout_global(Some(left))
        // ureq would follow to other schemes than http.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .user_agent(concat!("tls-trace/", env!("CARGO_PKG_VERSION")))
        .build()
        .into())
}

fn plain(url: &str) -> Result<&str, String> {
    match url.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("http://") => Ok(url),
        _ => Err("only http:// is fetched".into()),
    }
}

/// Where a redirect leads.
fn location(answer: &Response<Body>) -> Option<&str> {
    answer.status().is_redirection().then(|| answer.headers().get("location")?.to_str().ok())?
}

fn body(answer: Response<Body>, size: u64) -> Result<Vec<u8>, String> {
    if !answer.status().is_success() {
        return Err(format!("the server answered {}", answer.status()));
    }
    let mut body = answer.into_body();
    body.with_config().limit(size).read_to_vec().map_err(|error| said(error, size))
}

fn said(error: ureq::Error, size: u64) -> String {
    match error {
        ureq::Error::Timeout(_) => late(),
        ureq::Error::BodyExceedsLimit(_) => format!("the answer is larger than {} KiB", size / 1024),
        other => other.to_string(),
    }
}

fn late() -> String {
    format!("no complete answer within {} seconds, or within --max-time", super::TIME.as_secs())
}

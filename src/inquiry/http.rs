//! Small files over plain HTTP, bounded in size and time.
//!
//! AIA and OCSP are fetched without TLS on purpose (RFC 5280, section 8; RFC 6960, appendix A): what
//! comes is signed, and fetching it over TLS would need what is being fetched.

use std::time::Duration;

use ureq::Agent;

/// Everything together: name, connection, answer.
const TIME: Duration = Duration::from_secs(5);
/// No certificate and no OCSP response needs more.
const SIZE: u64 = 256 * 1024;

/// What stands at `url`.
pub(super) fn get(url: &str) -> Result<Vec<u8>, String> {
    let url = plain(url)?;
    let answer = agent().get(url).call().map_err(|e| e.to_string())?;
    body(answer)
}

/// The answer to what is posted to `url`.
pub(super) fn post(url: &str, content_type: &str, content: &[u8]) -> Result<Vec<u8>, String> {
    let url = plain(url)?;
    let answer = agent().post(url).content_type(content_type).send(content).map_err(|e| e.to_string())?;
    body(answer)
}

fn agent() -> Agent {
    Agent::config_builder()
        .timeout_global(Some(TIME))
        .max_redirects(3)
        .user_agent(concat!("tls-trace/", env!("CARGO_PKG_VERSION")))
        .build()
        .into()
}

fn plain(url: &str) -> Result<&str, String> {
    match url.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("http://") => Ok(url),
        _ => Err("only http:// is fetched".into()),
    }
}

fn body(answer: ureq::http::Response<ureq::Body>) -> Result<Vec<u8>, String> {
    let mut body = answer.into_body();
    body.with_config().limit(SIZE).read_to_vec().map_err(|e| e.to_string())
}

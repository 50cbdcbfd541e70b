//! Plain HTTP, as much of it as AIA and OCSP need: one GET or POST, bounded in size and time.
//!
//! Both are plain HTTP by design (RFC 5280, section 4.2.2.1): what comes is signed.

use std::future::Future;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::{Host, Url};

/// How many redirections are followed.
const REDIRECTIONS: usize = 3;
/// The largest head of an answer.
const HEAD: usize = 16 << 10;

/// What a future gave and how long that took.
pub async fn timed<T>(future: impl Future<Output = T>) -> (T, Duration) {
    let began = Instant::now();
    (future.await, began.elapsed())
}

/// GET, or with a body POST of an OCSP request; the body of the answer. All of it within this time.
pub async fn request(
    url: &str,
    body: Option<&[u8]>,
    limit: usize,
    within: Duration,
) -> Result<Vec<u8>, String> {
    let all = async {
        let mut url = parse(url)?;
        for _ in 0..=REDIRECTIONS {
            match once(&url, body, limit).await? {
                Answer::Body(bytes) => return Ok(bytes),
                Answer::Elsewhere(location) => {
                    let next =
                        url.join(&location).map_err(|error| format!("redirected to no URL: {error}"))?;
                    url = parse(next.as_str())?;
                }
            }
        }
        Err(format!("more than {REDIRECTIONS} redirections"))
    };
    match tokio::time::timeout(within, all).await {
        Ok(result) => result,
        Err(_) => Err(format!("no answer within {} ms", within.as_millis())),
    }
}

enum Answer {
    Body(Vec<u8>),
    Elsewhere(String),
}

fn parse(url: &str) -> Result<Url, String> {
    let url = Url::parse(url).map_err(|error| format!("no URL: {error}"))?;
    if url.scheme() != "http" {
        return Err(format!("only http is asked, not {}", url.scheme()));
    }
    Ok(url)
}

async fn once(url: &Url, body: Option<&[u8]>, limit: usize) -> Result<Answer, String> {
    let port = url.port_or_known_default().unwrap_or(80);
    let host = url.host().ok_or("a URL without a host")?;
    let connected = match &host {
        Host::Domain(name) => TcpStream::connect((*name, port)).await,
        Host::Ipv4(address) => TcpStream::connect((*address, port)).await,
        Host::Ipv6(address) => TcpStream::connect((*address, port)).await,
    };
    let mut stream = connected.map_err(|error| error.to_string())?;
    let mut path = url.path().to_owned();
    if let Some(query) = url.query() {
        path.push('?');
        path.push_str(query);
    }
    let shown = if port == 80 { host.to_string() } else { format!("{host}:{port}") };
    let method = if body.is_some() { "POST" } else { "GET" };
    let mut message =
        format!("{method} {path} HTTP/1.0\r\nHost: {shown}\r\nUser-Agent: tls-trace\r\nAccept: */*\r\n")
            .into_bytes();
    if let Some(body) = body {
        let head = format!("Content-Type: application/ocsp-request\r\nContent-Length: {}\r\n", body.len());
        message.extend(head.into_bytes());
    }
    message.extend(b"\r\n");
    message.extend(body.unwrap_or(&[]));
    stream.write_all(&message).await.map_err(|error| error.to_string())?;
    let mut answer = Vec::new();
    // HTTP/1.0: the answer ends with the connection.
    let most = u64::try_from(limit + HEAD).unwrap_or(u64::MAX);
    stream.take(most + 1).read_to_end(&mut answer).await.map_err(|error| error.to_string())?;
    read(&answer, limit)
}

/// An answer: head and body.
fn read(answer: &[u8], limit: usize) -> Result<Answer, String> {
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").filter(|end| *end <= HEAD);
    let Some((head, body)) = end.and_then(|end| Some((answer.get(..end)?, answer.get(end + 4..)?))) else {
        return Err("the answer is no HTTP".to_owned());
    };
    let head = String::from_utf8_lossy(head);
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap_or_default();
    let code = status
        .strip_prefix("HTTP/1.")
        .and_then(|rest| rest.get(2..5))
        .and_then(|code| code.parse::<u16>().ok());
    let headers: Vec<(String, &str)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim()))
        .collect();
    let header = |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| *value);
    match code {
        Some(200) => {}
        Some(301 | 302 | 303 | 307 | 308) => {
            let location = header("location").ok_or("redirected to nowhere")?;
            return Ok(Answer::Elsewhere(location.to_owned()));
        }
        Some(code) => return Err(format!("HTTP status {code}")),
        None => return Err("the answer is no HTTP".to_owned()),
    }
    let body = if header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
        chunks(body).ok_or("the answer's chunks are broken")?
    } else {
        body.to_vec()
    };
    if body.len() > limit {
        return Err(format!("larger than {limit} bytes"));
    }
    match header("content-length").map(str::parse::<usize>) {
        Some(Ok(length)) if length > body.len() => {
            Err(format!("cut short: {} of {length} bytes", body.len()))
        }
        _ => Ok(Answer::Body(body)),
    }
}

/// RFC 9112, section 7.1. Some servers send chunks even to HTTP/1.0.
fn chunks(mut body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    loop {
        let end = body.windows(2).position(|bytes| bytes == b"\r\n")?;
        let size = std::str::from_utf8(body.get(..end)?).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        body = body.get(end + 2..)?;
        if size == 0 {
            return Some(out);
        }
        out.extend_from_slice(body.get(..size)?);
        body = body.get(size.checked_add(2)?..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(answer: &str) -> Result<Vec<u8>, String> {
        match read(answer.as_bytes(), 100)? {
            Answer::Body(body) => Ok(body),
            Answer::Elsewhere(location) => Err(format!("to {location}")),
        }
    }

    #[test]
    fn answers() {
        assert_eq!(body("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), Ok(b"ok".to_vec()));
        assert_eq!(
            body("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x\r\nok\r\n1\r\n!\r\n0\r\n\r\n"),
            Ok(b"ok!".to_vec())
        );
        assert_eq!(body("HTTP/1.0 302 Found\r\nLocation: /x\r\n\r\n"), Err("to /x".to_owned()));
        assert_eq!(body("HTTP/1.1 404 Not Found\r\n\r\n"), Err("HTTP status 404".to_owned()));
        assert_eq!(
            body("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"),
            Err("cut short: 2 of 9 bytes".to_owned())
        );
        assert_eq!(body("SSH-2.0\r\n\r\n"), Err("the answer is no HTTP".to_owned()));
        assert!(body(&format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(101))).unwrap_err().contains("larger"));
        assert!(body("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nok").is_err());
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_server_that_redirects_and_one_that_is_silent() {
        let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = server.local_addr().unwrap().port();
        let serving = tokio::spawn(async move {
            for answer in ["HTTP/1.0 301 Moved\r\nLocation: /there\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\nhere"] {
                let (mut stream, _) = server.accept().await.unwrap();
                let mut asked = [0; 1024];
                let _ = stream.read(&mut asked).await.unwrap();
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
            // The third is kept waiting.
            let _third = server.accept().await.unwrap();
            tokio::time::sleep(Duration::from_secs(5)).await;
        });
        let url = format!("http://127.0.0.1:{port}/a");
        assert_eq!(request(&url, None, 100, Duration::from_secs(5)).await, Ok(b"here".to_vec()));
        let silent = request(&url, Some(b"x"), 100, Duration::from_millis(50)).await;
        assert_eq!(silent, Err("no answer within 50 ms".to_owned()));
        serving.abort();
        assert!(
            request("https://example.com/", None, 100, Duration::from_secs(1))
                .await
                .unwrap_err()
                .contains("only http")
        );
    }
}

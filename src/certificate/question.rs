//! What is asked about a chain: what was sent, for which name, by whose anchors, at what time.

use super::links::Links;
use crate::capture::{Limits, Store};
use crate::trust::ct::Logs;

/// What a peer sent.
#[derive(Debug, Clone, Default)]
pub struct Sent<'a> {
    /// DER as sent, the leaf first.
    pub certificates: Vec<&'a [u8]>,
    /// The OCSP response stapled to each certificate, by its place (TLS 1.2 has one, for the leaf).
    pub ocsp: Vec<(usize, &'a [u8])>,
    /// SignedCertificateTimestampList extensions, by the place of the certificate.
    pub scts: Vec<(usize, &'a [u8])>,
    /// OCSP responses that were asked for at a responder, by the place of the certificate.
    pub answers: Vec<(usize, &'a [u8])>,
    /// CRLs that were fetched from where the certificates say that they are.
    pub crls: Vec<&'a [u8]>,
    /// A stapled OCSP response was asked for, so that its absence means something.
    pub staple_asked: bool,
    /// Certificates that were not sent, but fetched by their AIA URL.
    pub fetched: Vec<&'a [u8]>,
}

impl<'a> Sent<'a> {
    /// A chain and nothing else.
    pub fn chain<T: AsRef<[u8]>>(certificates: &'a [T]) -> Self {
        Self { certificates: certificates.iter().map(AsRef::as_ref).collect(), ..Self::default() }
    }
}

/// What the chain is to be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Usage {
    /// The peer is a server.
    #[default]
    ServerAuth,
    /// The peer is a client.
    ClientAuth,
}

impl Usage {
    /// `serverAuth` or `clientAuth`.
    pub fn name(self) -> &'static str {
        match self {
            Usage::ServerAuth => "serverAuth",
            Usage::ClientAuth => "clientAuth",
        }
    }
}

/// What is asked about a chain.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// The name that the leaf must carry; None: the name is not judged.
    pub verify_name: Option<&'a str>,
    /// Seconds since 1970.
    pub at: i64,
    /// The stores that may be relied on, in order.
    pub stores: &'a [Store],
    /// SHA-256 pins in base64; one of them must be an element's.
    pub pins: &'a [String],
    pub usage: Usage,
    /// CRLs that were given.
    pub crls: &'a [Vec<u8>],
    /// The logs of Certificate Transparency, if their list was given.
    pub ct_logs: Option<&'a Logs>,
    pub min_days: MinDays,
    pub limits: Limits,
    /// Signatures that were verified in the same run.
    pub links: Option<&'a Links>,
}

impl<'a> Question<'a> {
    /// Whether a server of this name is to be trusted.
    pub fn server(verify_name: Option<&'a str>, at: i64, stores: &'a [Store]) -> Self {
        Self {
            verify_name,
            at,
            stores,
            pins: &[],
            usage: Usage::ServerAuth,
            crls: &[],
            ct_logs: None,
            min_days: MinDays::default(),
            limits: Limits::DEFAULT,
            links: None,
        }
    }
}

/// For how many days more every certificate of the path has to be valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MinDays {
    pub fail: Option<i64>,
    pub warn: Option<i64>,
}

impl MinDays {
    /// Reads `FAIL` or `WARN:FAIL`.
    pub fn read(text: &str) -> Result<Self, String> {
        let number = |text: &str| match text.trim().parse::<i64>() {
            Ok(days) if days >= 0 => Ok(Some(days)),
            _ => Err(format!("\"{text}\" is not a number of days; the form is FAIL or WARN:FAIL")),
        };
        match text.split_once(':') {
            Some((warn, fail)) => Ok(Self { warn: number(warn)?, fail: number(fail)? }),
            None => Ok(Self { warn: None, fail: number(text)? }),
        }
    }
}

//! HTTPS records (RFC 9460), which getaddrinfo does not look up: for Encrypted Client Hello alone, and only when it is
//! asked for.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::Resolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::rdata::svcb::{SVCB, SvcParamValue};
use hickory_resolver::proto::rr::{Name, RData, RecordType};

use super::Journal;
use crate::capture::{Https, HttpsRecord, StepKind};

/// Aliases that are followed, one after the other.
const MOST_ALIASES: usize = 8;
/// Records of one name that are looked at.
const MOST_RECORDS: usize = 64;

/// What was found for a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The name that has the records: that of the service, or what it is an alias of.
    pub owner: String,
    /// The best first.
    pub records: Vec<HttpsRecord>,
}

/// Looks up the HTTPS records of a service, with aliases; `None` if there are none. Each query is a step of the journal.
///
/// `server` is asked instead of those in /etc/resolv.conf.
pub async fn look_up(
    host: &str,
    port: u16,
    server: Option<SocketAddr>,
    journal: &mut Journal,
) -> Option<Found> {
    // RFC 9460, section 9.1.
    let mut name = match port {
        443 => host.to_owned(),
        port => format!("_{port}._https.{host}"),
    };
    let resolver = resolver(server);
    for _ in 0..=MOST_ALIASES {
        let step = journal.begin(StepKind::Https { name: name.clone(), outcome: Https::Timeout });
        let answer = match &resolver {
            Ok(resolver) => ask(resolver, &name).await,
            Err(error) => Err(Https::Failed { text: format!("/etc/resolv.conf: {error}") }),
        };
        let outcome = match &answer {
            Ok(records) => Https::Records(records.clone()),
            Err(failed) => failed.clone(),
        };
        journal.end(step, StepKind::Https { name: name.clone(), outcome });
        let records = answer.ok()?;
        match records.iter().find(|record| record.priority == 0) {
            Some(alias) if alias.target != "." => name = alias.target.clone(),
            // The service does not exist.
            Some(_) => return None,
            None => {
                // Without an alias the prefix is no part of the service's own name.
                let owner = if name.starts_with('_') { host.to_owned() } else { name };
                return Some(Found { owner, records });
            }
        }
    }
    None
}

fn resolver(server: Option<SocketAddr>) -> Result<Resolver<TokioRuntimeProvider>, NetError> {
    let mut builder = match server {
        Some(server) => {
            let at = |mut connection: ConnectionConfig| {
                connection.port = server.port();
                connection
            };
            let connections = vec![at(ConnectionConfig::udp()), at(ConnectionConfig::tcp())];
            let server = NameServerConfig::new(server.ip(), true, connections);
            let config = ResolverConfig::from_name_servers(vec![server]);
            Resolver::builder_with_config(config, TokioRuntimeProvider::default())
        }
        None => Resolver::builder_tokio()?,
    };
    let options = builder.options_mut();
    options.timeout = Duration::from_secs(2);
    options.attempts = 1;
    builder.build()
}

/// The records of one name, the best first.
async fn ask(resolver: &Resolver<TokioRuntimeProvider>, name: &str) -> Result<Vec<HttpsRecord>, Https> {
    let failed = |text: String| Https::Failed { text };
    let mut wanted = Name::from_ascii(name).map_err(|error| failed(error.to_string()))?;
    // The search list is for names that are typed, not for those of services.
    wanted.set_fqdn(true);
    let lookup = resolver.lookup(wanted, RecordType::HTTPS).await.map_err(|error| match error {
        NetError::Timeout => Https::Timeout,
        error if error.is_no_records_found() || error.is_nx_domain() => Https::Records(Vec::new()),
        error => failed(error.to_string()),
    });
    let lookup = match lookup {
        Ok(lookup) => lookup,
        Err(Https::Records(none)) => return Ok(none),
        Err(failed) => return Err(failed),
    };
    let mut records: Vec<HttpsRecord> = lookup
        .answers()
        .iter()
        .filter_map(|record| match &record.data {
            RData::HTTPS(https) => Some(self::record(https)),
            _ => None,
        })
        .take(MOST_RECORDS)
        .collect();
    records.sort_by_key(|record| record.priority);
    Ok(records)
}

fn record(svcb: &SVCB) -> HttpsRecord {
    let mut record = HttpsRecord {
        priority: svcb.svc_priority,
        target: match svcb.target_name.is_root() {
            true => ".".to_owned(),
            false => svcb.target_name.to_ascii().trim_end_matches('.').to_owned(),
        },
        ..HttpsRecord::default()
    };
    for (_, value) in &svcb.svc_params {
        match value {
            SvcParamValue::Port(port) => record.port = Some(*port),
            SvcParamValue::EchConfigList(list) => record.ech = Some(list.0.clone()),
            _ => {}
        }
    }
    record
}

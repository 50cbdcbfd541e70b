//! What was typed, resolved: every default filled in, every contradiction named.

mod addressing;
mod job;
mod offer;
mod output;
mod trust;

use std::path::PathBuf;
use std::time::Duration;

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

use super::args::{TakeAway, Typed};
use super::contradictions;
use super::ech::{self, EchFlag};
use super::file_or_name::FileOrName;
use super::proxy;
use super::target;
use crate::capture::{Argument, Offer};
use crate::connect::{ConnectTo, Family, Plan, Resolve};
use crate::engine::Engine;
use crate::engine::hello::profiles::Profile;
use crate::engine::lab::Psk;
use crate::preamble::{self, Preamble};
use crate::render;
use crate::run::Bounds;
use crate::trust::passphrase::Passin;
use crate::wire::codepoints::version::TLS_1_3;

pub use addressing::{ProxyOptions, Sni};
pub use job::{Job, Many, Which};
pub use offer::Like;
pub use output::{OutputOptions, ReportTo};
pub use trust::{Judging, TrustOptions};

use addressing::{name_to_verify, parsed, proxy_options};
use job::job;
pub(super) use job::{many, stream_name};
use offer::{engine, hello, like, psk};
use output::reports;
use trust::{judging, trust};

/// One run of the program.
#[derive(Debug, Clone)]
pub struct Options {
    pub job: Job,
    pub trust: TrustOptions,
    pub judging: Judging,
    pub at: Option<i64>,
    pub enforce: bool,
    pub insecure: bool,
    pub sni: Sni,
    pub verify_name: Option<String>,
    pub connect: Option<(String, u16)>,
    /// `--starttls`; the target's URL may say it as well.
    pub starttls: Option<&'static Preamble>,
    pub family: Family,
    pub cert: Option<PathBuf>,
    pub key: Option<PathBuf>,
    pub passin: Option<Passin>,
    pub offer: Offer,
    /// Sent instead of what `offer` says.
    pub hello: Option<FileOrName<&'static Profile>>,
    /// What a connection is compared with.
    pub like: Option<Like>,
    pub alpn: Option<Vec<Vec<u8>>>,
    pub tls_given: bool,
    /// Who performs the handshake; `None`: rustls, and the lab engine where the server turns out to need it.
    pub engine: Option<Engine>,
    pub psk: Option<Psk>,
    pub no_retry: bool,
    pub ech: Option<EchFlag>,
    pub connect_timeout: Duration,
    pub max_time: Option<Duration>,
    /// `--max-time` was given: a scenario of the demo does not replace it.
    pub max_time_given: bool,
    pub settle: Option<Duration>,
    pub output: OutputOptions,
    pub take_away: TakeAway,
    pub resolve: Vec<Resolve>,
    pub connect_to: Vec<ConnectTo>,
    pub proxy: ProxyOptions,
    pub several: Several,
    pub early_data: Option<PathBuf>,
    pub pipe: bool,
    /// The command as typed, without the program's name.
    pub arguments: Vec<Argument>,
}

/// Which connections are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Several {
    One,
    Resume,
    /// With a session of the first that the others should resume.
    EachAddress {
        resume: bool,
    },
    Repeat(u32),
    Diagnose(Bounds),
    Like(Bounds),
}

impl Options {
    /// Gives what was typed its meaning, or says what is wrong with it.
    pub fn resolve(typed: Typed, arguments: Vec<Argument>) -> Result<Options, String> {
        let job = job(&typed)?;
        contradictions::refuse(&typed)?;
        let several = several(&typed);
        let sni = addressing::sni(&typed.flags.addressing)?;
        let verify_name = typed.flags.addressing.verify_name.as_deref().map(name_to_verify).transpose()?;
        let connect = typed
            .flags
            .addressing
            .connect
            .as_deref()
            .map(target::host_and_port)
            .transpose()
            .map_err(|e| e.to_string())?;
        let offer = offer::offer(&typed.flags.offer)?;
        if typed.flags.client.key.is_some()
            && typed.flags.client.cert.is_none()
            && !matches!(job, Job::Cert { .. })
        {
            return Err("--key needs --cert FILE, the certificate that it belongs to".into());
        }
        let passin = typed.flags.client.passin.as_deref().map(str::parse).transpose();
        let passin = passin.map_err(|why| format!("--passin: {why}"))?;
        let alpn = offer::protocols(&typed.flags.offer)?;
        let proxy = proxy_options(
            &typed.flags.before_tls,
            matches!(job, Job::Trace { .. } | Job::Many(_) | Job::Watch(_) | Job::Diff(_)),
        )?;
        let no_retry = typed.flags.offer.no_retry;
        let engine = engine(&typed.flags, &offer)?;
        let psk = typed.flags.offer.psk.as_deref().map(psk).transpose()?;
        let ech = typed.flags.offer.ech.as_deref().map(ech::read).transpose()?;
        if ech.is_some() && !offer.has(TLS_1_3) {
            return Err("--ech needs TLS 1.3, and --tls-max excludes it".into());
        }
        // What comes after the handshake changes no verdict (a word on a client certificate aside, which is
        // waited for in any case): where nobody will see it, nobody waits for it.
        let reports = reports(&typed.flags.output)?;
        let many = matches!(job, Job::Many(_) | Job::Watch(_));
        let text = reports.iter().all(|report| report.format.is(&render::text::FORMAT));
        let nothing_to_wait_for = (typed.flags.output.quiet > 0 && text
            || many && (typed.flags.output.verbose == 0 || !text))
            && typed.flags.take_away.save.is_none()
            && typed.flags.take_away.pcap.is_none();
        Ok(Options {
            job,
            trust: trust(&typed)?,
            judging: judging(&typed)?,
            at: typed.flags.trust.at.as_deref().map(moment).transpose()?,
            // Nothing is piped to a server that is not authenticated; with -k its key and pins have to be right.
            enforce: typed.flags.trust.enforce || typed.flags.more.pipe,
            insecure: typed.flags.trust.insecure,
            sni,
            verify_name,
            connect,
            starttls: typed.flags.before_tls.starttls.as_deref().and_then(preamble::find),
            family: addressing::family(&typed.flags.addressing),
            cert: typed.flags.client.cert,
            key: typed.flags.client.key,
            passin,
            tls_given: typed.flags.offer.tls_min.is_some()
                || typed.flags.offer.tls_max.is_some()
                || typed.flags.offer.ssl3,
            engine,
            psk,
            no_retry,
            ech,
            hello: typed.flags.offer.hello.as_deref().map(hello).transpose()?,
            like: typed.flags.more.like.as_deref().map(like).transpose()?,
            offer,
            alpn,
            connect_timeout: seconds("--connect-timeout", typed.flags.time.connect_timeout, 5.0)?,
            max_time: Some(seconds("--max-time", typed.flags.time.max_time, 9.0)?),
            max_time_given: typed.flags.time.max_time.is_some(),
            settle: typed
                .flags
                .time
                .settle
                .map(Duration::from_millis)
                .or(nothing_to_wait_for.then_some(Duration::ZERO)),
            output: OutputOptions::of(&typed.flags.output, reports, many),
            resolve: parsed("--resolve", &typed.flags.addressing.resolve)?,
            connect_to: parsed("--connect-to", &typed.flags.addressing.connect_to)?,
            proxy,
            several,
            early_data: typed.flags.more.early_data,
            pipe: typed.flags.more.pipe,
            take_away: typed.flags.take_away,
            arguments: target::bare_words(proxy::blank(arguments), &typed.targets),
        })
    }

    /// How to reach `host`.
    pub fn plan(&self, host: &str, port: u16) -> Plan {
        let (host, port) = self.connect.clone().unwrap_or_else(|| (host.to_owned(), port));
        Plan {
            host,
            port,
            family: self.family,
            connect_to: self.connect_to.clone(),
            resolve: self.resolve.clone(),
            target: None,
            unix: None,
        }
    }
}

fn several(typed: &Typed) -> Several {
    match (&typed.flags.more, typed.flags.more.repeat) {
        (more, _) if more.diagnose || more.like.is_some() => {
            let bounds = Bounds {
                most: more.max_probes.map_or(Bounds::default().most, usize::from),
                rate: more.probe_rate.map(u32::from),
            };
            if more.diagnose { Several::Diagnose(bounds) } else { Several::Like(bounds) }
        }
        (more, _) if more.each_address => Several::EachAddress { resume: more.resume },
        (more, _) if more.resume || more.early_data.is_some() => Several::Resume,
        (_, Some(n)) => Several::Repeat(n),
        _ => Several::One,
    }
}

/// RFC 3339, a date, or seconds since 1970.
fn moment(typed: &str) -> Result<i64, String> {
    if let Ok(seconds) = typed.parse::<i64>() {
        return match OffsetDateTime::from_unix_timestamp(seconds) {
            Ok(_) => Ok(seconds),
            Err(_) => Err(format!("--at: {typed} is out of range")),
        };
    }
    let date = format_description!("[year]-[month]-[day]");
    OffsetDateTime::parse(typed, &Rfc3339)
        .map(|at| at.unix_timestamp())
        .or_else(|_| Date::parse(typed, date).map(|date| date.midnight().assume_utc().unix_timestamp()))
        .map_err(|_| {
            format!(
                "--at: {typed:?} is not a time; write 2026-11-21, 2026-11-21T09:20:00Z or seconds since \
                 1970"
            )
        })
}

fn seconds(flag: &str, typed: Option<f64>, default: f64) -> Result<Duration, String> {
    let seconds = typed.unwrap_or(default);
    match Duration::try_from_secs_f64(seconds) {
        Ok(time) if !time.is_zero() && time <= Duration::from_secs(86_400) => Ok(time),
        _ => Err(format!("{flag}: {seconds} is not a time between 0 and 86400 seconds")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_three_forms() {
        assert_eq!(moment("1700000000"), Ok(1_700_000_000));
        assert_eq!(moment("1970-01-02"), Ok(86_400));
        assert_eq!(moment("1970-01-01T00:01:00Z"), Ok(60));
        assert!(moment("tomorrow").unwrap_err().contains("2026-11-21"));
    }

    #[test]
    fn quiet_runs_wait_for_nothing_that_changes_no_verdict() {
        use clap::Parser;
        let settle = |line: &str| {
            let words: Vec<_> =
                ["tls-trace", "localhost"].into_iter().chain(line.split_whitespace()).collect();
            Options::resolve(Typed::try_parse_from(words).unwrap(), Vec::new()).unwrap().settle
        };
        assert_eq!((settle("-q"), settle("")), (Some(Duration::ZERO), None));
        assert_eq!((settle("-q --save a.json"), settle("-q --format json")), (None, None));
        assert_eq!(settle("-q --settle 7"), Some(Duration::from_millis(7)));
    }

    #[test]
    fn durations_must_make_sense() {
        assert!(seconds("--max-time", Some(-1.0), 9.0).is_err());
        assert!(seconds("--max-time", Some(f64::NAN), 9.0).is_err());
        assert!(seconds("--max-time", Some(0.0), 9.0).is_err());
        assert_eq!(seconds("--max-time", Some(0.5), 9.0), Ok(Duration::from_millis(500)));
    }
}

//! What was typed, resolved: every default filled in, every contradiction named.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

use super::args::{self, Addressing, Command, EngineChoice, Flags, ProxyProtocol, SchemaOf, TakeAway, Typed};
use super::contradictions;
use super::diff::Wanted;
use super::ech::{self, EchFlag};
use super::exit::ExitCodes;
use super::file_or_name::{self, FileOrName};
use super::names::{self, Kind};
use super::proxy;
use super::target::{self, Target};
use super::watch::Watch;
use crate::capture::{Argument, Offer, PolicyText};
use crate::certificate::MinDays;
use crate::certificate::host::Reference;
use crate::connect::{ConnectTo, Family, Plan, Resolve};
use crate::engine::Engine;
use crate::engine::hello::profiles::{self, Profile};
use crate::engine::lab::Psk;
use crate::expect::Expr;
use crate::expect::fields;
use crate::finding::Severity;
use crate::policy::{self, Policy};
use crate::preamble::{self, Preamble};
use crate::render::{self, Format, html, json, jsonl, nagios};
use crate::run::Bounds;
use crate::run::many::Pace;
use crate::trust::Pin;
use crate::trust::passphrase::Passin;
use crate::wire::codepoints::version::{SSL_3_0, TLS_1_2, TLS_1_3};
use crate::wire::text;

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

/// What is to be done.
#[derive(Debug, Clone)]
pub enum Job {
    Trace {
        typed: String,
        target: Target,
    },
    /// Several targets, or a list of them.
    Many(Many),
    Demo {
        scenario: String,
        /// A recording of it is shown.
        recorded: bool,
    },
    ListScenarios,
    Read {
        file: PathBuf,
        decrypt_with: Vec<PathBuf>,
        which: Which,
    },
    Watch(Watch),
    Diff(Wanted),
    Schema(SchemaOf),
    Completions(clap_complete::Shell),
    Man,
    Explain(Option<String>),
    Cert {
        files: Vec<PathBuf>,
    },
}

/// Many targets, and how they are worked on.
#[derive(Debug, Clone)]
pub struct Many {
    /// Those of the command line.
    pub typed: Vec<(String, Target)>,
    /// A file with more of them; `-` for standard input.
    pub list: Option<PathBuf>,
    pub pace: Pace,
    /// The limit on one target.
    pub timeout: Duration,
    /// Results that are there already.
    pub resume_from: Option<PathBuf>,
}

/// Which connections of a capture are shown, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Which {
    /// As [`crate::capture::Intent::stream_name`] spells it.
    pub stream: Option<String>,
    pub filter: Option<Expr>,
    pub all: bool,
    /// Of that stream: the application data alone, as it was.
    pub raw: bool,
}

/// `--stream`, `--filter` and `--all`; `raw`: what `--data` and `-o` ask for of a single connection.
fn which(stream: Option<&str>, filter: Option<&str>, all: bool, raw: bool) -> Result<Which, String> {
    let filter = filter.map(|text| Expr::parse(text, fields::FIELDS)).transpose();
    let filter = filter.map_err(|wrong| format!("--filter: {wrong}"))?;
    Ok(Which { stream: stream.map(stream_name).transpose()?, filter, all, raw: raw && stream.is_some() })
}

impl Which {
    /// Whether the filter asks for what is known only of connections that were verified.
    pub fn verifies(&self) -> bool {
        let asked = self.filter.iter().flat_map(Expr::fields);
        asked.into_iter().any(|field| fields::JUDGED.contains(&field.name.as_str()))
    }
}

/// `N` or `udp:N`, with the number as it is spelled in the table.
pub(super) fn stream_name(typed: &str) -> Result<String, String> {
    let (prefix, number) = match typed.strip_prefix("udp:") {
        Some(number) => ("udp:", number),
        None => ("", typed.strip_prefix("tcp:").unwrap_or(typed)),
    };
    let number: u64 = number.parse().map_err(|_| {
        format!(
            "--stream {}: a connection's number in the table, as 17 or, for QUIC, udp:17",
            text::escape(typed)
        )
    })?;
    Ok(format!("{prefix}{number}"))
}

impl Job {
    /// Whether it performs handshakes.
    pub fn connects(&self) -> bool {
        matches!(self, Job::Trace { .. } | Job::Many(_) | Job::Demo { .. })
    }
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

/// The name in server_name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sni {
    /// The target's, if it is a name.
    Target,
    Name(String),
    None,
}

/// What was said of proxies.
#[derive(Debug, Clone, Default)]
pub struct ProxyOptions {
    /// Empty: none is used.
    pub url: Option<String>,
    pub user: Option<Passin>,
    /// Hosts that are connected to directly.
    pub none_for: Option<String>,
    pub protocol: Option<ProxyProtocol>,
    /// The environment is asked.
    pub environment: bool,
}

/// Where anchors come from.
#[derive(Debug, Clone, Default)]
pub struct TrustOptions {
    /// Files or folders; they replace the stores.
    pub cacert: Vec<PathBuf>,
    /// `mozilla`, `system`, in order; empty for `none`.
    pub stores: Vec<String>,
    /// `--trust` was given.
    pub stores_given: bool,
}

/// What the chain is asked besides trust.
#[derive(Debug, Clone, Default)]
pub struct Judging {
    /// Base64 of SHA-256.
    pub pins: Vec<String>,
    pub min_days: Option<String>,
    pub crls: Vec<PathBuf>,
    pub ct_logs: Option<PathBuf>,
    pub revocation: bool,
    /// `--expect` and `--warn`.
    pub expect: Vec<String>,
    pub warn: Vec<String>,
    pub policies: Vec<PolicyText>,
    /// Ids; an empty one stands for all.
    pub allow_unevaluated: Vec<String>,
    pub fetch_aia: bool,
}

/// How the report is written.
#[derive(Debug, Clone)]
pub struct OutputOptions {
    /// One at least.
    pub reports: Vec<ReportTo>,
    pub exit: ExitCodes,
    /// How much of the field trees JSON and pages have; none: as each has it by itself.
    pub fields: Option<json::Choice>,
    pub min_severity: Severity,
    pub redact: bool,
    pub verbosity: u8,
    pub quiet: bool,
    /// Nothing goes to standard output or, save what is wrong, to standard error.
    pub silent: bool,
    pub annotate: bool,
    /// A sequence diagram is drawn in the place of the timeline.
    pub diagram: bool,
    /// Each step waits for a key.
    pub step: bool,
    /// Application data is shown.
    pub data: bool,
    pub show_secrets: bool,
    pub color: super::args::ColorChoice,
    pub width: Option<usize>,
}

impl OutputOptions {
    /// Whether a report goes to this file.
    pub fn to(&self, file: &Path) -> bool {
        self.reports.iter().any(|report| report.file.as_ref().is_some_and(|(_, path)| path == file))
    }
}

/// A format, and where the report goes in it.
#[derive(Debug, Clone)]
pub struct ReportTo {
    pub format: &'static Format,
    /// With the flag that names it; none: standard output.
    pub file: Option<(&'static str, PathBuf)>,
}

/// The reports that were asked for. One goes to standard output or where `-o` says, the others to files of their own.
fn reports(output: &args::Output) -> Result<Vec<ReportTo>, String> {
    let json = output.json.then_some(&json::FORMAT);
    let unnamed = output.format.iter().filter(|chosen| chosen.file.is_none()).map(|chosen| chosen.format);
    let mut unnamed = json.into_iter().chain(unnamed);
    let file = output.output.as_deref().filter(|file| *file != Path::new("-"));
    let first = match (unnamed.next(), unnamed.next()) {
        (Some(one), Some(other)) => {
            return Err(format!(
                "--format {} and --format {} would be written to the same place: name a file for one of them, \
                 --format {}=FILE",
                one.name, other.name, other.name
            ));
        }
        (Some(one), None) => one,
        (None, _) => by_suffix(file)?,
    };
    let named = output.format.iter().filter_map(|chosen| Some((chosen.format, chosen.file.clone()?)));
    let named = named.map(|(format, file)| ReportTo { format, file: Some(("--format", file)) });
    let main = ReportTo { format: first, file: file.map(|file| ("--output", file.to_owned())) };
    let reports: Vec<_> = std::iter::once(main).chain(named).collect();
    if let Some(empty) = reports.iter().find(|to| to.file.iter().any(|(_, file)| file.as_os_str().is_empty()))
    {
        return Err(format!("--format {}= needs the name of a file", empty.format.name));
    }
    let with_fields = [&json::FORMAT, &jsonl::FORMAT, &html::FORMAT];
    let has_fields = |to: &ReportTo| with_fields.iter().any(|format| to.format.is(format));
    if output.fields.is_some() && !reports.iter().any(has_fields) {
        return Err(format!("--fields is about reports in JSON and HTML; this report is {}", first.name));
    }
    if output.diagram && !reports.iter().any(|to| to.format.is(&render::text::FORMAT)) {
        return Err(format!("--diagram is about the text report; this report is {}", first.name));
    }
    Ok(reports)
}

/// The format that the file's suffix says.
fn by_suffix(file: Option<&Path>) -> Result<&'static Format, String> {
    let file = file.and_then(Path::to_str).unwrap_or_default();
    if render::find(file).is_some() {
        return Err(format!(
            "-o takes a file, and {file} is a format: --format {file}, or -o FILE.{file} \
             (for a file of that very name: -o ./{file})"
        ));
    }
    let fits = |format: &&Format| {
        !format.suffix.is_empty() && file.strip_suffix(format.suffix).is_some_and(|name| name.ends_with('.'))
    };
    // The longest: bill.cdx.json is no report in JSON.
    let longest = render::FORMATS.iter().filter(fits).max_by_key(|format| format.suffix.len());
    Ok(longest.unwrap_or(&render::text::FORMAT))
}

impl Options {
    /// Gives what was typed its meaning, or says what is wrong with it.
    pub fn resolve(typed: Typed, arguments: Vec<Argument>) -> Result<Options, String> {
        let job = job(&typed)?;
        contradictions::refuse(&typed)?;
        let several = several(&typed);
        let sni = match (&typed.flags.addressing.sni, typed.flags.addressing.no_sni) {
            (Some(name), _) => Sni::Name(host_name("--sni", name)?),
            (None, true) => Sni::None,
            (None, false) => Sni::Target,
        };
        let verify_name = typed.flags.addressing.verify_name.as_deref().map(name_to_verify).transpose()?;
        let connect = typed
            .flags
            .addressing
            .connect
            .as_deref()
            .map(target::host_and_port)
            .transpose()
            .map_err(|e| e.to_string())?;
        let min = typed.flags.offer.tls_min.as_deref().map(|v| names::version("--tls-min", v)).transpose()?;
        let max = typed.flags.offer.tls_max.as_deref().map(|v| names::version("--tls-max", v)).transpose()?;
        let offer = Offer {
            alpn: Vec::new(),
            min: min.unwrap_or(TLS_1_2.min(max.unwrap_or(TLS_1_3))),
            max: max.unwrap_or(TLS_1_3),
            ciphers: typed
                .flags
                .offer
                .ciphers
                .as_deref()
                .map(|l| names::list(Kind::Ciphers, l))
                .transpose()?,
            groups: typed.flags.offer.groups.as_deref().map(|l| names::list(Kind::Groups, l)).transpose()?,
            sigalgs: typed
                .flags
                .offer
                .sigalgs
                .as_deref()
                .map(|l| names::list(Kind::Sigalgs, l))
                .transpose()?,
            no_tickets: typed.flags.offer.no_tickets,
            grease: typed.flags.offer.grease,
            ..Offer::default()
        };
        if (offer.min == SSL_3_0 || offer.max == SSL_3_0) && !typed.flags.offer.ssl3 {
            return Err("SSL 3.0 is offered only with --ssl3".into());
        }
        let offer = Offer { min: if typed.flags.offer.ssl3 { SSL_3_0 } else { offer.min }, ..offer };
        if offer.min > offer.max {
            return Err("--tls-min is above --tls-max".into());
        }
        if typed.flags.client.key.is_some()
            && typed.flags.client.cert.is_none()
            && !matches!(job, Job::Cert { .. })
        {
            return Err("--key needs --cert FILE, the certificate that it belongs to".into());
        }
        let passin = typed.flags.client.passin.as_deref().map(str::parse).transpose();
        let passin = passin.map_err(|why| format!("--passin: {why}"))?;
        let alpn = match (&typed.flags.offer.alpn, typed.flags.offer.no_alpn) {
            (_, true) => Some(Vec::new()),
            (Some(list), _) => Some(alpn(list)?),
            (None, false) => None,
        };
        let proxy = proxy_options(
            &typed.flags.addressing,
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
            family: match (typed.flags.addressing.ipv4, typed.flags.addressing.ipv6) {
                (true, _) => Family::V4,
                (_, true) => Family::V6,
                _ => Family::Any,
            },
            cert: typed.flags.client.cert,
            key: typed.flags.client.key,
            passin,
            tls_given: min.is_some() || max.is_some() || typed.flags.offer.ssl3,
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
            output: OutputOptions {
                exit: typed.flags.output.exit.unwrap_or(match &*reports {
                    [alone] if alone.format.is(&nagios::FORMAT) => ExitCodes::Nagios,
                    _ => ExitCodes::Own,
                }),
                reports,
                // Of thousands of targets nobody wants every message's fields unasked.
                fields: match typed.flags.output.redact {
                    true => Some(json::Choice::None),
                    false => typed.flags.output.fields.or(many.then_some(json::Choice::None)),
                },
                redact: typed.flags.output.redact,
                min_severity: typed.flags.output.min_severity.unwrap_or(Severity::Note),
                verbosity: typed.flags.output.verbose,
                quiet: typed.flags.output.quiet > 0,
                silent: typed.flags.output.quiet > 1,
                annotate: typed.flags.output.annotate || typed.flags.output.step,
                diagram: typed.flags.output.diagram,
                step: typed.flags.output.step,
                data: typed.flags.output.data,
                show_secrets: typed.flags.output.show_secrets,
                color: typed.flags.output.color,
                width: typed.flags.output.width.map(usize::from),
            },
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

fn proxy_options(flags: &Addressing, environment: bool) -> Result<ProxyOptions, String> {
    let user = flags.proxy_user.as_deref().map(str::parse).transpose();
    Ok(ProxyOptions {
        url: flags.proxy.clone(),
        user: user.map_err(|why| format!("--proxy-user: {why}"))?,
        none_for: flags.noproxy.clone(),
        protocol: flags.haproxy_protocol,
        environment,
    })
}

fn job(typed: &Typed) -> Result<Job, String> {
    Ok(match (&typed.command, typed.targets.first()) {
        (None, first) if typed.flags.many.given() || typed.targets.len() > 1 => {
            if first.is_none() && typed.flags.many.target_list.is_none() {
                return Err("no target; try: tls-trace --targets FILE".into());
            }
            Job::Many(many(typed, &typed.targets)?)
        }
        (Some(Command::Demo { list: true, .. }), None) => Job::ListScenarios,
        (Some(Command::Demo { scenario, recorded, .. }), None) => {
            Job::Demo { scenario: scenario.clone(), recorded: *recorded }
        }
        (Some(Command::Read { file, decrypt_with, stream, filter, all }), None) => Job::Read {
            file: file.clone(),
            decrypt_with: decrypt_with.clone(),
            which: {
                let only_text = matches!(reports(&typed.flags.output)?.as_slice(), [one] if one.format.is(&crate::render::text::FORMAT));
                let raw = typed.flags.output.data && typed.flags.output.output.is_some() && only_text;
                which(stream.as_deref(), filter.as_deref(), *all, raw)?
            },
        },
        (Some(Command::Watch { targets, every, until }), None) => {
            Job::Watch(Watch::read(typed, targets, every, until.as_deref())?)
        }
        (Some(Command::Diff { a, b, decrypt_with }), None) => Job::Diff(Wanted::read(a, b, decrypt_with)?),
        (Some(Command::Schema { of }), None) => Job::Schema(*of),
        (Some(Command::Completions { shell }), None) => Job::Completions(*shell),
        (Some(Command::Man), None) => Job::Man,
        (Some(Command::Cert { files }), None) => Job::Cert { files: files.clone() },
        (Some(Command::Explain { id }), None) => Job::Explain(id.clone()),
        (None, Some(target)) => {
            let parsed = Target::parse(target).map_err(|e| e.to_string())?;
            Job::Trace { typed: target::bare(target), target: parsed }
        }
        (None, None) => {
            return Err("no target; try: tls-trace example.com, or without a network: tls-trace demo".into());
        }
        (Some(_), Some(target)) => {
            return Err(format!("{target:?} and a subcommand can't be used together"));
        }
    })
}

/// What the command line says of many targets.
pub(super) fn many(typed: &Typed, targets: &[String]) -> Result<Many, String> {
    let flags = &typed.flags.many;
    let parsed = |target: &String| Ok((target.clone(), Target::parse(target).map_err(|e| e.to_string())?));
    let usual = Pace::default();
    // A command that was mistyped, or stands in the wrong place, is no list of hosts.
    let bare = |(_, word): &(usize, &String)| !word.contains(['.', ':']);
    for (place, word) in targets.iter().enumerate().filter(bare) {
        match super::nearest_command(word) {
            Some(command) if command == *word => {
                return Err(format!(
                    "{word} is a command and stands first; to connect to a host named {word}, write its port: {word}:443"
                ));
            }
            Some(command) if place == 0 => {
                return Err(format!(
                    "did you mean the command {command}? To connect to a host named {word:?}, write its port: {word}:443"
                ));
            }
            _ => {}
        }
    }
    Ok(Many {
        typed: targets.iter().map(parsed).collect::<Result<_, String>>()?,
        list: flags.target_list.clone(),
        pace: Pace {
            concurrency: flags.concurrency.map_or(usual.concurrency, usize::from),
            per_host: flags.per_host.map_or(usual.per_host, usize::from),
            rate: flags.rate,
            retries: flags.retries.map_or(usual.retries, u32::from),
            in_order: flags.in_order,
        },
        timeout: seconds("--target-timeout", flags.target_timeout, 9.0)?,
        resume_from: flags.resume_from.clone(),
    })
}

/// Who performs the handshake, if that is settled before the server has been seen.
fn engine(flags: &Flags, offer: &Offer) -> Result<Option<Engine>, String> {
    let can = Engine::Rustls.unsupported(offer).is_empty() && flags.offer.psk.is_none();
    if flags.offer.ech.is_some() && (flags.offer.engine == EngineChoice::Lab || !can) {
        return Err("--ech is only supported by rustls, which can't make the rest of this offer".into());
    }
    let engine = match flags.offer.engine {
        EngineChoice::Lab => Some(Engine::Lab),
        EngineChoice::Rustls => Some(Engine::Rustls),
        EngineChoice::Auto if can => None,
        EngineChoice::Auto => Some(Engine::Lab),
    };
    if engine == Some(Engine::Rustls) && flags.offer.psk.is_some() {
        return Err("--psk is only supported by the lab engine; omit --engine rustls".into());
    }
    if engine == Some(Engine::Lab) && flags.more.pipe && !flags.more.allow_weak {
        return Err(
            "--pipe with the lab engine, which is for inspection and not hardened, needs --allow-weak".into(),
        );
    }
    if engine == Some(Engine::Lab) && flags.more.early_data.is_some() {
        return Err("--early-data is not supported by the lab engine".into());
    }
    Ok(engine)
}

/// `IDENTITY:env:NAME` or `IDENTITY:FILE`. The key is in hexadecimal digits, or else it is the bytes as they are.
fn psk(typed: &str) -> Result<Psk, String> {
    let (identity, source) = match typed.rsplit_once(":env:") {
        Some((identity, name)) => (identity, Err(name)),
        None => match typed.split_once(':') {
            Some((identity, path)) => (identity, Ok(path)),
            None => return Err("--psk: write IDENTITY:env:NAME or IDENTITY:FILE".into()),
        },
    };
    let bytes = match source {
        Err(name) => match std::env::var(name) {
            Ok(value) => value.into_bytes(),
            Err(_) => return Err(format!("--psk: there is no variable {name} with text in it")),
        },
        Ok(path) => key_file(Path::new(path))
            .map_err(|error| format!("--psk: can't read {}: {error}", text::path(Path::new(path))))?,
    };
    let text = bytes.trim_ascii();
    let digits = text.strip_prefix(b"0x").unwrap_or(text);
    let key = hex::decode(digits).unwrap_or(bytes);
    // Both are vectors with two bytes of length (RFC 4279, section 2).
    if key.is_empty() || key.len() > 0xffff || identity.len() > 0xffff {
        return Err("--psk: a key has 1 to 65535 bytes".into());
    }
    Ok(Psk { identity: identity.as_bytes().to_vec(), key })
}

/// A file with a key in it, which has at most 65535 bytes, or twice as many digits; of a longer one the start.
fn key_file(path: &Path) -> std::io::Result<Vec<u8>> {
    const LONGEST: u64 = 2 * 0xffff + 64;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(LONGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
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

fn parsed<T: std::str::FromStr<Err = String>>(flag: &str, typed: &[String]) -> Result<Vec<T>, String> {
    typed.iter().map(|text| text.parse().map_err(|why| format!("{flag}: {why}"))).collect()
}

fn judging(typed: &Typed) -> Result<Judging, String> {
    let trust = &typed.flags.trust;
    let pins = trust
        .pinnedpubkey
        .as_deref()
        .map(Pin::read_all)
        .transpose()
        .map_err(|e| format!("--pinnedpubkey: {e}"))?;
    if let Some(text) = &trust.min_days {
        MinDays::read(text).map_err(|e| format!("--min-days: {e}"))?;
    }
    for (flag, texts) in [("--expect", &trust.expect), ("--warn", &trust.warn)] {
        for text in texts {
            Expr::parse(text, fields::FIELDS).map_err(|wrong| format!("{flag}: {wrong}"))?;
        }
    }
    Ok(Judging {
        expect: trust.expect.clone(),
        warn: trust.warn.clone(),
        policies: trust.policy.iter().map(|typed| policy(typed)).collect::<Result<_, _>>()?,
        pins: pins.unwrap_or_default().iter().map(Pin::base64).collect(),
        min_days: trust.min_days.clone(),
        crls: trust.crl.clone(),
        ct_logs: trust.ct_logs.clone(),
        revocation: trust.revocation,
        allow_unevaluated: trust.allow_unevaluated.clone(),
        fetch_aia: trust.fetch_aia,
    })
}

/// The text of a policy, which is read to see that it is one.
fn policy(typed: &str) -> Result<PolicyText, String> {
    let names = policy::names();
    let built_in = |name: &str| policy::built_in(name).map(str::to_owned);
    let given = match file_or_name::resolve("--policy", "policy", typed, built_in, &names)? {
        FileOrName::Name(text) => PolicyText { name: typed.to_owned(), text },
        FileOrName::File(path) => {
            let shown = text::path(&path);
            // A byte more than it may have, so that it is seen to have more.
            let mut text = String::new();
            let read = std::fs::File::open(&path)
                .and_then(|file| file.take(policy::LARGEST + 1).read_to_string(&mut text));
            read.map_err(|e| format!("--policy: can't read {shown}: {e}"))?;
            PolicyText { name: shown, text }
        }
    };
    let named = |why| format!("--policy {}: {why}", text::escape(&given.name));
    Policy::read(&given.name, &given.text, fields::FIELDS).map_err(named)?;
    Ok(given)
}

fn trust(typed: &Typed) -> Result<TrustOptions, String> {
    if !typed.flags.trust.cacert.is_empty() && typed.flags.trust.trust.is_some() {
        return Err("--cacert replaces the stores that --trust names: give one of the two".into());
    }
    let given = typed.flags.trust.trust.as_deref();
    let mut stores = Vec::new();
    for name in given.unwrap_or("mozilla,system").split(',').map(str::trim).filter(|name| !name.is_empty()) {
        match name {
            "mozilla" | "system" => stores.push(name.to_owned()),
            "none" => {}
            other => {
                return Err(format!(
                    "--trust: {other:?} is not a trust store; there are mozilla, system and none (for a \
                     file use --cacert)"
                ));
            }
        }
    }
    Ok(TrustOptions { cacert: typed.flags.trust.cacert.clone(), stores, stores_given: given.is_some() })
}

/// A name as it is sent and verified: IDNA in ASCII.
/// A host, or a URI such as a SPIFFE ID.
fn name_to_verify(typed: &str) -> Result<String, String> {
    if !typed.contains("://") {
        return host_name("--verify-name", typed);
    }
    if let Some(host) = ["https://", "http://"].iter().find_map(|scheme| typed.strip_prefix(scheme)) {
        let host = host.split('/').next().unwrap_or_default();
        return Err(format!(
            "--verify-name: of a web address it is the host that a certificate names: {host:?}"
        ));
    }
    match Reference::read(typed) {
        Ok(_) => Ok(typed.to_owned()),
        Err(why) => Err(format!("--verify-name: {typed:?}: {why}")),
    }
}

fn host_name(flag: &str, typed: &str) -> Result<String, String> {
    match target::host(typed) {
        Ok((name, _)) => Ok(name),
        Err(why) => Err(format!("{flag}: {why}")),
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

/// What `--like` means.
#[derive(Debug, Clone)]
pub enum Like {
    /// A client's ClientHello, or one in a file.
    Hello(FileOrName<&'static Profile>),
    /// Another server, as typed.
    Host(String, Target),
}

/// A client, a file with a hello in it, or another server: what has a dot or a colon, or is localhost. A server that is
/// called as a client is written with its port.
fn like(typed: &str) -> Result<Like, String> {
    let names: Vec<&str> = profiles::all().iter().map(|profile| profile.name).collect();
    let resolved = file_or_name::resolve("--like", "client", typed, profiles::find, &names);
    match resolved {
        Err(_) if typed.contains(['.', ':']) && !typed.contains('/') || typed == "localhost" => {
            let target = Target::parse(typed).map_err(|e| format!("--like: {e}"))?;
            Ok(Like::Host(typed.to_owned(), target))
        }
        resolved => {
            resolved.map(Like::Hello).map_err(|e| format!("{e}; a server, as HOST:PORT or with a dot"))
        }
    }
}

/// A profile, or a file with a hello in it.
fn hello(typed: &str) -> Result<FileOrName<&'static Profile>, String> {
    let names: Vec<&str> = profiles::all().iter().map(|profile| profile.name).collect();
    file_or_name::resolve("--hello", "profile", typed, profiles::find, &names)
}

fn alpn(list: &str) -> Result<Vec<Vec<u8>>, String> {
    let names: Vec<_> = list
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(|name| name.as_bytes().to_vec())
        .collect();
    if names.is_empty() {
        return Err("--alpn is empty; --no-alpn offers none".into());
    }
    match names.iter().find(|name| name.len() > 255) {
        Some(_) => Err("--alpn: a protocol name has at most 255 bytes".into()),
        None => Ok(names),
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

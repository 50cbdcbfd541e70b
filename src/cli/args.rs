//! What was typed: one clap struct per group of flags. What it means is in `options`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{ArgAction, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use super::exit::ExitCodes;
use super::formats::{Chosen, Formats};
use super::{accepts, typed};
use crate::capture::Argument;
use crate::preamble;
use crate::render::json;

const EXAMPLES: &str = "Examples:
  tls-trace example.com                      look at one handshake, step by step
  tls-trace demo                             the same without a network
  tls-trace -v example.com:8443              every field of every message
  tls-trace -o report.json HOST              for a script; the exit code says the rest
  tls-trace --cacert ca.pem api.corp:443     trust this CA instead of the built-in roots
  tls-trace --starttls smtp mail.corp        begin as SMTP, then STARTTLS; or smtp://mail.corp
  tls-trace --connect 10.0.0.7:443 www.corp  the server at an address, asked for a name
  tls-trace --save t.json HOST               save everything; `tls-trace read t.json` shows it again
  tls-trace --cert me.pem --key me.key HOST  present a client certificate if the server asks
  tls-trace --hello chrome HOST              what does the server answer to this browser's ClientHello?
  tls-trace --resume HOST                    does the server resume sessions, and how much time is saved?
  tls-trace --each-address HOST              do all addresses of the name give the same answer?
  tls-trace --keylog keys.txt HOST           the session's secrets, to decrypt a capture in Wireshark
  printf 'GET / HTTP/1.0\\r\\n\\r\\n' | tls-trace --pipe HOST

Exit codes:
  0 success   1 not trusted, expectation not met   2 usage or file   3 not reached (DNS, TCP, STARTTLS)
  4 handshake failed   5 timed out after TCP   6 internal error   7 a check could not be made
  130/143 interrupted";

/// Shows one TLS handshake, step by step: decrypted, verified and explained.
#[derive(Debug, Clone, Parser)]
#[command(name = "tls-trace", version, about, after_help = EXAMPLES, max_term_width = 100)]
#[command(disable_help_flag = true, disable_help_subcommand = true, subcommand_negates_reqs = true)]
pub struct Typed {
    // Not a doc comment: rustdoc would take [v6] for a link.
    #[arg(
        value_name = "TARGET",
        help = "host | host:port | [v6]:port | URL | unix:/path; port 443 if none is given"
    )]
    pub targets: Vec<String>,
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub flags: Flags,
}

/// The same without subcommands: clap copies every flag into each of them, which costs a third of a millisecond
/// and which a plain target does not need.
#[derive(Debug, Clone, Parser)]
#[command(name = "tls-trace", version, about, after_help = EXAMPLES, max_term_width = 100)]
#[command(disable_help_flag = true)]
struct TargetOnly {
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
    #[command(flatten)]
    flags: Flags,
}

/// Why a command line can't be read.
#[derive(Debug)]
pub enum Unread {
    Clap(clap::Error),
    /// A flag that the subcommand does not accept.
    Refused(String),
}

impl From<clap::Error> for Unread {
    fn from(error: clap::Error) -> Self {
        Unread::Clap(error)
    }
}

impl Typed {
    /// Reads a command line, and says what its words are.
    pub fn read(arguments: &[OsString]) -> Result<(Typed, Vec<Argument>), Unread> {
        let words: Vec<String> = arguments.iter().skip(1).map(|a| a.to_string_lossy().into_owned()).collect();
        let is_command = |word: &OsString| word.to_str().is_some_and(<Command as Subcommand>::has_subcommand);
        if !arguments.iter().skip(1).any(is_command) {
            let mut program = TargetOnly::command();
            let mut matches = program.try_get_matches_from_mut(arguments)?;
            let TargetOnly { targets, flags } = TargetOnly::from_arg_matches_mut(&mut matches)?;
            return Ok((Typed { targets, command: None, flags }, typed::arguments(&program, &words)));
        }
        let program = command();
        let matches = program.clone().try_get_matches_from(arguments)?;
        accepts::check(&program, &matches).map_err(Unread::Refused)?;
        Ok((Typed::from_arg_matches(&matches)?, typed::arguments(&program, &words)))
    }
}

/// Reads the lines of a list of targets, each as if it stood behind the flags of the command line.
pub struct Lines {
    program: clap::Command,
    /// The flags of the command line.
    flags: Vec<Argument>,
}

impl Lines {
    /// `flags`: those of the command line, without its targets.
    pub fn behind(flags: Vec<Argument>) -> Lines {
        Lines { program: TargetOnly::command().args_override_self(true), flags }
    }

    /// What a line says; of a flag that the command line has too, the line's counts.
    pub fn read(&mut self, line: &[String]) -> Result<(Typed, Vec<Argument>), String> {
        let own = typed::arguments(&self.program, line);
        for argument in &own {
            accepts::in_list(&self.program, argument)?;
        }
        let given = |argument: &&Argument| own.iter().any(|own| own.flag == argument.flag);
        let kept = self.flags.iter().filter(|argument| !given(argument)).cloned();
        let arguments: Vec<Argument> = kept.chain(own.iter().cloned()).collect();
        let words = arguments.iter().flat_map(|argument| argument.words.iter().cloned());
        let words = std::iter::once("tls-trace".to_owned()).chain(words);
        // Of clap's message the first line says what is wrong; the usage below it is the command line's.
        let wrong = |error: clap::Error| {
            let message = error.to_string();
            let first = message.lines().next().unwrap_or_default();
            first.strip_prefix("error: ").unwrap_or(first).to_owned()
        };
        let mut matches = self.program.try_get_matches_from_mut(words).map_err(wrong)?;
        let TargetOnly { targets, flags } = TargetOnly::from_arg_matches_mut(&mut matches).map_err(wrong)?;
        Ok((Typed { targets, command: None, flags }, arguments))
    }
}

/// The program as clap sees it, each flag at the top.
pub fn command() -> clap::Command {
    Typed::command()
}

/// Every flag: they are accepted before and after the subcommand, if it accepts them at all.
#[derive(Debug, Clone, Args)]
pub struct Flags {
    /// The short help, a group of flags, or all
    #[arg(short = 'h', long, global = true, value_name = "GROUP", num_args = 0..=1)]
    pub help: Option<Option<String>>,
    #[command(flatten)]
    pub addressing: Addressing,
    #[command(flatten)]
    pub before_tls: BeforeTls,
    #[command(flatten)]
    pub trust: Trust,
    #[command(flatten)]
    pub more: More,
    #[command(flatten)]
    pub many: Many,
    #[command(flatten)]
    pub client: ClientCertificate,
    #[command(flatten)]
    pub offer: OfferFlags,
    #[command(flatten)]
    pub time: Time,
    #[command(flatten)]
    pub output: Output,
    #[command(flatten)]
    pub take_away: TakeAway,
}

/// What can be done besides tracing a target.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Traces a server that it starts itself on loopback: needs no network
    Demo {
        /// What the server does; `--list` shows them all
        #[arg(value_name = "SCENARIO", default_value = "tls13")]
        scenario: String,
        /// Lists the scenarios
        #[arg(long)]
        list: bool,
        /// Show a recording of the scenario: the same bytes, times and output each time
        #[arg(long)]
        recorded: bool,
    },
    /// Shows a saved trace again, or a capture; --at, --cacert, --trust, --verify-name verify it anew
    Read {
        /// A saved trace, a capture (pcap, pcapng), or TLS records (binary, hex); gzip, zstd; - for stdin
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Decrypt with a key log (NSS format), or with the server's RSA private key where that exchanged the keys; repeatable
        #[arg(long, value_name = "FILE")]
        decrypt_with: Vec<PathBuf>,
        /// Of a capture: the connection with this number in the table, which is Wireshark's tcp.stream; udp:N (udp.stream) for QUIC. With --data and -o FILE its application data alone, raw
        #[arg(long, value_name = "N")]
        stream: Option<String>,
        /// Of a capture: only connections of which this is true, as tls<1.2 or sni~example and not resumed
        #[arg(long, value_name = "EXPR")]
        filter: Option<String>,
        /// Of a capture with several connections: show and verify each, instead of a table
        #[arg(long)]
        all: bool,
    },
    /// Verifies a certificate chain from files, without a connection: is this fullchain.pem correct?
    Cert {
        /// PEM, DER, PKCS#7 or PKCS#12, the leaf first; - for standard input
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
    },
    /// Explains a finding, alert, message, extension or code point; without ID, lists them
    Explain {
        /// An id, a name, a number, or another program's error message: unknown_ca, "Client Hello", 116, 0x1301
        #[arg(value_name = "ID")]
        id: Option<String>,
    },
    /// Compares two handshakes: what was offered, chosen and presented, without what every handshake has anew. Exit code 0:
    /// the same, 1: different
    Diff {
        /// A saved trace, a capture's connection as FILE#N, TLS records in a file, or a server; - for stdin
        #[arg(value_name = "A")]
        a: String,
        /// What it is compared with
        #[arg(value_name = "B")]
        b: String,
        /// Decrypt captures with a key log (NSS format), or with the server's RSA private key; repeatable
        #[arg(long, value_name = "FILE")]
        decrypt_with: Vec<PathBuf>,
    },
    /// Looks at every address of each target again and again, and prints what has changed
    Watch {
        /// host | host:port | URL; --targets FILE for a list
        #[arg(value_name = "TARGET", num_args = 0..)]
        targets: Vec<String>,
        /// How often: 50ms, 30s, 5m, 1h
        #[arg(long, value_name = "INTERVAL", default_value = "5m")]
        every: String,
        /// End with exit code 0 as soon as this holds at every address, as 'days>=60' (with --max-time: 5 if it does not)
        #[arg(long, value_name = "EXPR")]
        until: Option<String>,
    },
    /// Prints the JSON Schema of --format json: of a report, of diff, or of a line of watch
    Schema {
        #[arg(value_enum, value_name = "OF", default_value_t = SchemaOf::Report)]
        of: SchemaOf,
    },
    /// Prints a completion script
    Completions {
        /// The shell it is for
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Prints the manual page (roff)
    Man,
}

/// Documents that have a schema.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    #[default]
    Report,
    Diff,
    Watch,
}

impl SchemaOf {
    /// The schema.
    pub fn text(self) -> String {
        match self {
            SchemaOf::Report => json::schema(),
            SchemaOf::Diff => json::diff::schema(),
            SchemaOf::Watch => json::watch::schema(),
        }
    }
}

/// Where the connection goes, and which name it is for.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Addressing")]
pub struct Addressing {
    /// Name to send in server_name, and to verify unless --verify-name is given
    #[arg(long, global = true, value_name = "NAME", alias = "servername", conflicts_with = "no_sni")]
    pub sni: Option<String>,
    /// Send no server_name
    #[arg(long, global = true)]
    pub no_sni: bool,
    /// Name that the certificate must be valid for: a host, an address, or a URI (spiffe://…)
    #[arg(long, global = true, value_name = "NAME")]
    pub verify_name: Option<String>,
    /// Connect to this address instead of the target's
    #[arg(long, global = true, value_name = "HOST:PORT")]
    pub connect: Option<String>,
    /// Use this address for HOST:PORT instead of asking the resolver (as curl does)
    #[arg(long, global = true, value_name = "HOST:PORT:ADDR[,ADDR]")]
    pub resolve: Vec<String>,
    /// Connect to HOST2:PORT2 instead of HOST1:PORT1 (as curl does); empty parts match anything
    #[arg(long, global = true, value_name = "HOST1:PORT1:HOST2:PORT2")]
    pub connect_to: Vec<String>,
    /// IPv4 addresses only
    #[arg(short = '4', long = "ipv4", global = true, conflicts_with = "ipv6")]
    pub ipv4: bool,
    /// IPv6 addresses only
    #[arg(short = '6', long = "ipv6", global = true)]
    pub ipv6: bool,
}

/// Versions of the PROXY protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProxyProtocol {
    V1,
    V2,
}

/// What is said before TLS: to the server, and to whoever stands before it.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Before TLS")]
pub struct BeforeTls {
    /// Begin in the clear, and switch to TLS as this protocol does: smtp, imap, postgres, … (or a URL: smtp://HOST)
    #[arg(long, global = true, value_name = "PROTO", value_parser = protocols(), hide_possible_values = true)]
    pub starttls: Option<String>,
    /// Connect through this proxy: http://HOST:PORT, https://, socks5h://, socks5://, socks4a://, socks4://; an empty URL: through none
    /// [env: HTTPS_PROXY, ALL_PROXY]
    #[arg(short = 'x', long, global = true, value_name = "URL")]
    pub proxy: Option<String>,
    /// Where the proxy's user:password is: env:NAME, file:FILE, fd:N or stdin
    #[arg(long, global = true, value_name = "SOURCE")]
    pub proxy_user: Option<String>,
    /// Hosts to connect to without a proxy, with commas; * for all (as curl has it) [env: NO_PROXY]
    #[arg(long, global = true, value_name = "LIST")]
    pub noproxy: Option<String>,
    /// Send a PROXY protocol header first, as HAProxy does: v1 or v2 [default: v1]
    #[arg(long, global = true, value_enum, value_name = "VERSION", num_args = 0..=1, require_equals = true, default_missing_value = "v1")]
    pub haproxy_protocol: Option<ProxyProtocol>,
}

/// Those that switch to TLS.
fn protocols() -> PossibleValuesParser {
    let rows = preamble::ROWS.iter().filter(|row| row.kind == preamble::Kind::StartTls);
    PossibleValuesParser::new(
        rows.map(|row| PossibleValue::new(row.name).aliases(row.aliases).help(row.about)),
    )
}

/// More than one connection, and data after the handshake.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "More than one handshake")]
pub struct More {
    /// Trace every address of the name, and show differences
    #[arg(long, global = true)]
    pub each_address: bool,
    /// Trace N times, and show the distribution of times and results
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub repeat: Option<u32>,
    /// Make a second connection that resumes the first one's session
    #[arg(long, global = true)]
    pub resume: bool,
    /// Send this file as early data (0-RTT) on the resumed connection; implies --resume
    #[arg(long, global = true, value_name = "FILE")]
    pub early_data: Option<PathBuf>,
    /// If the handshake fails: connect again with one thing changed at a time, and say what the cause is
    #[arg(long, global = true)]
    pub diagnose: bool,
    /// It works with that and not like this (or the other way round): find out what the difference is. FILE is a
    /// ClientHello or saved trace, NAME a client, HOST another server
    #[arg(long, global = true, value_name = "FILE|NAME|HOST")]
    pub like: Option<String>,
    /// With --diagnose or --like: at most so many more connections [default: 24]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub max_probes: Option<u16>,
    /// With --diagnose or --like: at most N connections a second
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub probe_rate: Option<u16>,
    /// After the handshake: send standard input to the server, and its answer to standard output
    #[arg(long, global = true)]
    pub pipe: bool,
    /// Allow --pipe with the lab engine, which is for inspection and not hardened
    #[arg(long, global = true)]
    pub allow_weak: bool,
}

/// Many targets at the same time.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Many targets")]
pub struct Many {
    /// Check the targets in this file too, one a line, with # comments; - for standard input. A line may have options of its
    /// own for addressing, the offer, and what is expected
    #[arg(long = "targets", global = true, value_name = "FILE")]
    pub target_list: Option<PathBuf>,
    /// So many targets at the same time [default: 100]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub concurrency: Option<u16>,
    /// Of those with the same host, so many at the same time [default: 10]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub per_host: Option<u16>,
    /// At most so many targets a second
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub rate: Option<u32>,
    /// So many further attempts on a target that was not reached, or timed out [default: 0]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=20))]
    pub retries: Option<u8>,
    /// Limit for one target, in seconds [default: 9]; --max-time is for all of them together
    #[arg(long, global = true, value_name = "SECONDS")]
    pub target_timeout: Option<f64>,
    /// Write the results in the order of the targets, instead of as they come
    #[arg(long, global = true)]
    pub in_order: bool,
    /// Skip the targets that have a result in this file, which --format jsonl has written; -o may name it too
    #[arg(long, global = true, value_name = "FILE.jsonl")]
    pub resume_from: Option<PathBuf>,
}

impl Many {
    /// Whether any of them was given.
    pub fn given(&self) -> bool {
        let Many { target_list, concurrency, per_host, rate, retries, target_timeout, in_order, resume_from } =
            self;
        *in_order
            || target_list.is_some()
            || concurrency.is_some()
            || per_host.is_some()
            || rate.is_some()
            || retries.is_some()
            || target_timeout.is_some()
            || resume_from.is_some()
    }
}

/// What the certificate is verified against.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Trust")]
pub struct Trust {
    /// Trust stores: mozilla, system, none, or several with commas [default: mozilla,system]
    #[arg(long, global = true, value_name = "STORES")]
    pub trust: Option<String>,
    /// Trust the CAs in this PEM or DER file (or folder) instead; may be given several times
    #[arg(long, global = true, value_name = "FILE", alias = "capath")]
    pub cacert: Vec<PathBuf>,
    /// SHA-256 of a public key that must be in the chain: sha256//BASE64, several with ;
    #[arg(long, global = true, value_name = "PINS")]
    pub pinnedpubkey: Option<String>,
    /// What has to be so, or exit code 1: 'tls>=1.3', 'days>=21 and key=ec'; may be given several times
    #[arg(long, global = true, value_name = "EXPR")]
    pub expect: Vec<String>,
    /// The same, but only reported
    #[arg(long, global = true, value_name = "EXPR")]
    pub warn: Vec<String>,
    /// Ask every rule of a policy: mozilla-modern, rfc9325, nist-800-52r2, … or FILE.toml; may be given several times
    #[arg(long, global = true, value_name = "NAME|FILE")]
    pub policy: Vec<String>,
    /// For how many more days the chain must be valid: FAIL or WARN:FAIL
    #[arg(long, global = true, value_name = "DAYS")]
    pub min_days: Option<String>,
    /// CRL to check (PEM or DER); may be given several times
    #[arg(long, global = true, value_name = "FILE", alias = "crlfile")]
    pub crl: Vec<PathBuf>,
    /// Check revocation over HTTP: OCSP, else CRLs, as named in the certificates; exit code 7 if there is no answer
    #[arg(long, global = true, alias = "ocsp")]
    pub revocation: bool,
    /// Accept that a required check could not be made (exit 7): any, or the one with this id
    #[arg(long, global = true, value_name = "ID", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub allow_unevaluated: Vec<String>,
    /// Fetch a missing intermediate from the URL in the certificate (over HTTP)
    #[arg(long, global = true)]
    pub fetch_aia: bool,
    /// List of Certificate Transparency logs (JSON), to verify timestamps with
    #[arg(long, global = true, value_name = "FILE")]
    pub ct_logs: Option<PathBuf>,
    /// Verify validity at this time: RFC 3339, a date, or seconds since 1970
    #[arg(long, global = true, value_name = "TIME")]
    pub at: Option<String>,
    /// End the connection with the proper alert if validation fails
    #[arg(long, global = true, alias = "verify-return-error", conflicts_with = "insecure")]
    pub enforce: bool,
    /// An untrusted chain, name or date does not change the exit code
    #[arg(short = 'k', long, global = true)]
    pub insecure: bool,
}

/// Who we are, if the server asks.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Client certificate")]
pub struct ClientCertificate {
    /// Certificate chain to send on request: PEM, DER or PKCS#12; may contain the key too
    #[arg(long, global = true, value_name = "FILE", short_alias = 'E')]
    pub cert: Option<PathBuf>,
    /// Its private key: PKCS#8, PKCS#1 or SEC1, PEM or DER [default: the --cert file]
    #[arg(long, global = true, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Where the passphrase of --key or PKCS#12 is: env:NAME, file:FILE, fd:N or stdin
    #[arg(long, global = true, value_name = "SOURCE")]
    pub passin: Option<String>,
}

/// What the ClientHello offers.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "The offer")]
pub struct OfferFlags {
    /// Application protocols, with commas [default: h2,http/1.1 for https and ports 443 and 8443]
    #[arg(long, global = true, value_name = "LIST", conflicts_with = "no_alpn")]
    pub alpn: Option<String>,
    /// Offer no application protocols
    #[arg(long, global = true)]
    pub no_alpn: bool,
    /// Lowest version to offer: 1.0, 1.1, 1.2 or 1.3 [default: 1.2]
    #[arg(long, global = true, value_name = "VERSION")]
    pub tls_min: Option<String>,
    /// Highest version to offer: 1.0, 1.1, 1.2 or 1.3 [default: 1.3]
    #[arg(long, global = true, value_name = "VERSION")]
    pub tls_max: Option<String>,
    /// Offer SSL 3.0 too, or only SSL 3.0 with --tls-max 3.0: broken, for inspecting old devices
    #[arg(long, global = true)]
    pub ssl3: bool,
    /// Cipher suites of all versions, in order: IANA or OpenSSL names, with , or :
    #[arg(long, global = true, value_name = "LIST", alias = "tls13-ciphers")]
    pub ciphers: Option<String>,
    /// Groups for key exchange, in order; the key share is for the first
    #[arg(long, global = true, value_name = "LIST", alias = "curves")]
    pub groups: Option<String>,
    /// Signature schemes, in order
    #[arg(long, global = true, value_name = "LIST")]
    pub sigalgs: Option<String>,
    /// Pre-shared key to offer; the key (hex, 0x…, or bytes) is read from a file or a variable, never from the command line
    #[arg(long, global = true, value_name = "IDENTITY:env:NAME|FILE")]
    pub psk: Option<String>,
    /// Who performs the handshake: rustls, or the lab engine, which supports obsolete versions and suites
    #[arg(long, global = true, value_enum, default_value_t = EngineChoice::Auto, value_name = "ENGINE")]
    pub engine: EngineChoice,
    /// Make no second attempt: with the lab engine if the server has no parameters in common with ordinary clients, with other
    /// ECH configurations if the server sends those
    #[arg(long, global = true)]
    pub no_retry: bool,
    /// Do not request session tickets
    #[arg(long, global = true)]
    pub no_tickets: bool,
    /// Send this ClientHello with fresh random and key shares: a saved trace, hex, base64 or bytes in a file, or a client:
    /// chrome, firefox, opera, openssl-3, openssl-1.0, gnutls, java-17, curl, curl-gnutls, python, node, rustls. Where the
    /// lab engine cannot complete what it offers, the handshake ends after the server's first flight
    #[arg(long, global = true, value_name = "FILE|NAME")]
    pub hello: Option<String>,
    /// Offer reserved values too (RFC 8701): does the server ignore what it does not know?
    #[arg(long, global = true)]
    pub grease: bool,
    // Not a doc comment: rustdoc would take [:PORT] for a link.
    #[arg(
        long,
        global = true,
        value_name = "grease|dns|FILE|BASE64",
        help = "Encrypted Client Hello, with TLS 1.3 alone: a random one (grease); the configurations in the HTTPS record of the \
                name (dns, or dns@ADDRESS[:PORT] for another DNS server than the system's); or an ECHConfigList in a file \
                (PEM, base64, bytes) or in base64"
    )]
    pub ech: Option<String>,
}

/// Who performs the handshake.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum EngineChoice {
    /// rustls, where it can make the offer and speak to the server; else the lab engine.
    #[default]
    Auto,
    Rustls,
    Lab,
}

/// How long things may take.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Time")]
pub struct Time {
    /// Limit for one TCP connection, in seconds [default: 5]
    #[arg(long, global = true, value_name = "SECONDS")]
    pub connect_timeout: Option<f64>,
    /// Limit for everything, in seconds [default: 9]
    #[arg(long, global = true, value_name = "SECONDS", short_alias = 'm')]
    pub max_time: Option<f64>,
    /// How long to listen after the handshake [default: 3 round trips, at most 300]
    #[arg(long, global = true, value_name = "MILLISECONDS")]
    pub settle: Option<u64>,
}

/// How the report looks and where it goes.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Output")]
pub struct Output {
    /// Format of the report [default: by the suffix of --output, else text]; NAME=FILE writes it to a file beside the
    /// report; may be given several times
    #[arg(long, global = true, value_name = "NAME[=FILE]", value_parser = Formats)]
    pub format: Vec<Chosen>,
    /// Short for --format json
    #[arg(long, global = true)]
    pub json: bool,
    /// Whose exit codes [default: own; with --format nagios alone: nagios]
    #[arg(long, global = true, value_enum, value_name = "WHOSE")]
    pub exit: Option<ExitCodes>,
    /// How many of each message's fields the report contains [default: summary in JSON, all in HTML]
    #[arg(long, global = true, value_enum, value_name = "HOW MUCH")]
    pub fields: Option<crate::render::json::Choice>,
    /// Leave out findings below this; what the verdict is about is always told [default: note]
    #[arg(long, global = true, value_enum, value_name = "SEVERITY")]
    pub min_severity: Option<crate::finding::Severity>,
    /// Replace names, addresses, distinguished names and what identifies certificates, each by the same word everywhere
    #[arg(long, global = true)]
    pub redact: bool,
    /// Write the report to this file instead of standard output; FILE.json gets JSON
    #[arg(short = 'o', long, global = true, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Show every field of every message; -vv: beside its bytes; -vvv: all of the bytes
    #[arg(short = 'v', long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// Explain each step in place, in plain words
    #[arg(long, global = true)]
    pub annotate: bool,
    /// Draw the connection as a sequence diagram, instead of listing its steps
    #[arg(long, global = true)]
    pub diagram: bool,
    /// Wait for Enter behind each step, and explain it (as --annotate does)
    #[arg(long, global = true)]
    pub step: bool,
    /// Show application data too, escaped; in JSON in hexadecimal
    #[arg(long, global = true)]
    pub data: bool,
    /// Show the session's secrets and the key schedule
    #[arg(long, global = true)]
    pub show_secrets: bool,
    /// Show only the last line; -qq: nothing, see the exit code
    #[arg(short = 'q', long, global = true, conflicts_with = "verbose", action = ArgAction::Count)]
    pub quiet: u8,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t = ColorChoice::Auto, value_name = "WHEN")]
    pub color: ColorChoice,
    /// Columns of the text report [default: the terminal's, else 80]
    #[arg(long, global = true, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(60..=400))]
    pub width: Option<u16>,
}

/// When to colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    #[default]
    Auto,
    Always,
    Never,
}

/// Files to take away.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "To take away")]
pub struct TakeAway {
    /// Save everything to this file, with the session's secrets: `tls-trace read FILE` shows it again
    #[arg(long, global = true, value_name = "FILE.json")]
    pub save: Option<PathBuf>,
    /// Write the packets to this file, with the secrets that decrypt them: Wireshark opens it
    #[arg(long, global = true, value_name = "FILE.pcapng")]
    pub pcap: Option<PathBuf>,
    /// Capture the connection's own packets for --pcap and -v, from the SYN on; needs CAP_NET_RAW (Linux)
    #[arg(long, global = true)]
    pub packets: bool,
    /// Append the session's secrets to this file (NSS key log format, for Wireshark) [env: SSLKEYLOGFILE]
    #[arg(long, global = true, value_name = "FILE")]
    pub keylog: Option<PathBuf>,
    /// Write the certificates as they were sent, leaf first (PEM)
    #[arg(long, global = true, value_name = "FILE.pem")]
    pub certs: Option<PathBuf>,
    /// Which secrets go into --save, --pcap and --keylog; `handshake` keeps application data sealed [default: all, but
    /// `handshake` for --save and --pcap where application data is in the recording]
    #[arg(long, global = true, value_enum, value_name = "WHICH")]
    pub secrets: Option<SecretsChoice>,
}

/// Which secrets leave the program.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum SecretsChoice {
    #[default]
    All,
    /// Those of the TLS 1.3 handshake only.
    Handshake,
    None,
}

//! What `benches/bulk.sh` needs: servers on loopback for thousands of targets, and a bare loop to compare with.
//!
//! ```sh
//! bulk serve FOLDER TARGETS      # lists and the CA's certificate go to FOLDER; ends when standard input does
//! bulk verify LIST CA NAME [CONCURRENCY]    # tokio-rustls and nothing else: connects, verifies, counts
//! ```

#![forbid(unsafe_code)]

use std::error::Error;
use std::fs;
use std::io::Read;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, SerialNumber,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::LocalSet;
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// The name in the certificates.
const NAME: &str = "bulk.example";

/// Different certificates of the servers, at most.
const LEAVES: usize = 10_000;

/// How long a slow server thinks before it answers.
const SLOW: Duration = Duration::from_secs(1);

/// As tls-trace has it.
const CONCURRENCY: usize = 100;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Outcome<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", folder, targets] => serve(Path::new(folder), targets.parse()?),
        ["verify", list, ca, name] => verify(list, ca, name, CONCURRENCY),
        ["verify", list, ca, name, concurrency] => verify(list, ca, name, concurrency.parse()?),
        _ => Err("usage: bulk serve FOLDER TARGETS | bulk verify LIST CA NAME [CONCURRENCY]".into()),
    }
}

/// What stands behind a target.
#[derive(Clone, Copy)]
enum Kind {
    Good,
    /// Its CA is nobody's.
    Untrusted,
    Slow,
    /// A certificate of some 60 KB.
    Huge,
    Silent,
    Refused,
}

/// Of a hundred targets so many are of this kind.
const MIX: [(Kind, usize); 6] = [
    (Kind::Good, 80),
    (Kind::Untrusted, 5),
    (Kind::Refused, 5),
    (Kind::Silent, 3),
    (Kind::Slow, 2),
    (Kind::Huge, 5),
];

fn serve(folder: &Path, targets: usize) -> Outcome<()> {
    let (ours, stranger) = (Authority::new("Bulk CA")?, Authority::new("Stranger CA")?);
    fs::write(folder.join("ca.pem"), ours.root.pem())?;
    let names: Vec<String> = (0..2_000).map(|n| format!("host{n}.{NAME}")).chain([NAME.to_owned()]).collect();
    let one = vec![NAME.to_owned()];
    // Hosts have certificates of their own, and few CAs.
    let own: Vec<TlsAcceptor> = ours.leaves(&one, targets.min(LEAVES))?;
    let (untrusted, huge) = (stranger.leaves(&one, 1)?, ours.leaves(&names, 1)?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async {
        let mut ports = Vec::new();
        for (kind, share) in MIX {
            // All addresses of 127.0.0.0/8 lead here, so that each target is a host of its own.
            let listener = TcpListener::bind("0.0.0.0:0").await?;
            ports.push((kind, share, listener.local_addr()?.port()));
            let leaves = match kind {
                Kind::Refused => continue,
                Kind::Silent => Vec::new(),
                Kind::Good | Kind::Slow => own.clone(),
                Kind::Untrusted => untrusted.clone(),
                Kind::Huge => huge.clone(),
            };
            let delay = matches!(kind, Kind::Slow).then_some(SLOW);
            tokio::task::spawn_local(answer(listener, leaves, delay));
        }
        let all: Vec<_> = ports.iter().flat_map(|(kind, share, port)| vec![(*kind, *port); *share]).collect();
        let good = ports.first().map_or(0, |(.., port)| *port);
        let line =
            |n: usize, port: u16| format!("127.{}.{}.{}:{port}\n", n >> 14, n >> 7 & 127, 1 + (n & 127));
        // A step that has no factor with 100 mixes the kinds.
        let mixed: String = (0..targets).map(|n| line(n, all[n * 37 % all.len()].1)).collect();
        let alike: String = (0..targets).map(|n| line(n, good)).collect();
        fs::write(folder.join("mixed.txt"), mixed)?;
        fs::write(folder.join("good.txt"), alike)?;
        fs::write(folder.join("port"), good.to_string())?;
        tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
        Ok(())
    })
}

/// Each address of 127.0.0.0/8 has a leaf of its own, as far as there are so many; without one nothing is answered.
async fn answer(listener: TcpListener, leaves: Vec<TlsAcceptor>, delay: Option<Duration>) {
    while let Ok((tcp, from)) = listener.accept().await {
        let Ok(SocketAddr::V4(here)) = tcp.local_addr() else { continue };
        if !from.ip().is_loopback() {
            continue;
        }
        let [_, a, b, c] = here.ip().octets().map(usize::from);
        let number = (a << 14) + (b << 7) + c;
        let tls = leaves.get(number % leaves.len().max(1)).cloned();
        tokio::task::spawn_local(async move {
            let mut rest = [0; 1024];
            let Some(tls) = tls else {
                // Until the client has had enough.
                while matches!(tcp.readable().await.and_then(|()| tcp.try_read(&mut rest)), Ok(1..)) {}
                return;
            };
            if let Some(delay) = delay {
                tokio::time::sleep(delay).await;
            }
            if let Ok(mut stream) = tls.accept(tcp).await {
                while matches!(tokio::io::AsyncReadExt::read(&mut stream, &mut rest).await, Ok(1..)) {}
            }
        });
    }
}

/// Root and intermediate, both ECDSA P-256.
struct Authority {
    root: CertifiedIssuer<'static, KeyPair>,
    intermediate: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new(name: &str) -> Outcome<Authority> {
        let params = |name: &str| -> Outcome<CertificateParams> {
            let mut params = CertificateParams::new(Vec::new())?;
            params.distinguished_name.push(DnType::CommonName, name);
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
            params.use_authority_key_identifier_extension = true;
            Ok(params)
        };
        let root = CertifiedIssuer::self_signed(params(name)?, KeyPair::generate()?)?;
        let below = params(&format!("{name}, intermediate"))?;
        let intermediate = CertifiedIssuer::signed_by(below, KeyPair::generate()?, &root)?;
        Ok(Authority { root, intermediate })
    }

    /// So many servers, whose certificates differ in the serial number and the signature.
    fn leaves(&self, names: &[String], count: usize) -> Outcome<Vec<TlsAcceptor>> {
        let mut leaf = CertificateParams::new(names.to_vec())?;
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        leaf.use_authority_key_identifier_extension = true;
        let now = time::OffsetDateTime::now_utc();
        (leaf.not_before, leaf.not_after) = (now - time::Duration::days(10), now + time::Duration::days(80));
        let key = KeyPair::generate()?;
        let mut all = Vec::with_capacity(count);
        for number in 0..count {
            leaf.serial_number = Some(SerialNumber::from(1 + number as u64));
            let signed = leaf.clone().signed_by(&key, &self.intermediate)?;
            let chain = vec![signed.der().clone(), self.intermediate.der().clone()];
            let key = PrivateKeyDer::try_from(key.serialize_der())?;
            let mut config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key)?;
            // Few servers do; and with so many certificates compressing would be what is measured.
            config.cert_compressors.clear();
            all.push(TlsAcceptor::from(Arc::new(config)));
        }
        Ok(all)
    }
}

/// As many threads with a runtime each as there are cores; so many connections at the same time in all.
fn verify(list: &str, ca: &str, name: &str, concurrency: usize) -> Outcome<()> {
    let targets: Vec<SocketAddr> =
        fs::read_to_string(list)?.lines().map(str::parse).collect::<Result<_, _>>()?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca)? {
        roots.add(certificate?)?;
    }
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    let name = ServerName::try_from(name.to_owned())?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let targets = Arc::new(targets);
    let (next, good) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let began = Instant::now();
    let threads: Vec<_> = (0..cores)
        .map(|_| {
            let (targets, next, good) = (targets.clone(), next.clone(), good.clone());
            let (connector, name) = (connector.clone(), name.clone());
            std::thread::spawn(move || -> Outcome<()> {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
                LocalSet::new().block_on(&runtime, async {
                    let room = Arc::new(Semaphore::new(concurrency.div_ceil(cores)));
                    while let Some(target) = targets.get(next.fetch_add(1, Ordering::Relaxed)).copied() {
                        let taken = room.clone().acquire_owned().await?;
                        let (connector, name, good) = (connector.clone(), name.clone(), good.clone());
                        tokio::task::spawn_local(async move {
                            let _taken = taken;
                            let connected =
                                async { connector.connect(name, TcpStream::connect(target).await?).await };
                            if connected.await.is_ok() {
                                good.fetch_add(1, Ordering::Relaxed);
                            }
                        });
                    }
                    let _ = room.acquire_many(u32::try_from(concurrency.div_ceil(cores))?).await?;
                    Ok(())
                })
            })
        })
        .collect();
    for thread in threads {
        thread.join().map_err(|_| "a thread panicked")??;
    }
    let good = good.load(Ordering::Relaxed);
    println!(
        "{} targets: {good} good, {} not, {:.1} s",
        targets.len(),
        targets.len() - good,
        began.elapsed().as_secs_f64()
    );
    Ok(())
}

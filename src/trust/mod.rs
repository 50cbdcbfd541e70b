//! Trust stores: what may be relied on, from where, and how many anchors it has.

pub mod content;
pub mod ct;
pub mod files;
mod kubernetes;
pub mod passphrase;
pub mod pem;
pub mod pins;
mod pkcs12;

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use rustls_pki_types::TrustAnchor;

use crate::capture::{Anchor, Limits, Store, StoreName};
use crate::wire::asn1::Certificate;
use crate::wire::asn1::der::{SEQUENCE, content, element};
use crate::wire::asn1::name::Name;
use crate::wire::asn1::oid::NAME_CONSTRAINTS;

pub use files::{Error, Why};
pub use pins::Pin;

/// The version of Mozilla's roots that is built in.
const MOZILLA_VERSION: &str = "webpki-roots 1.0.10";

/// Stores, loaded and ready; immutable from then on. Copies share what was loaded, and what is loaded later.
#[derive(Debug, Clone, Default)]
pub struct Anchors {
    stores: Vec<Loaded>,
    /// The system's store, once a copy needed it.
    system: Arc<OnceLock<Loaded>>,
}

/// One store.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// `mozilla`, `system`, or a path.
    pub name: String,
    pub version: Option<String>,
    anchors: Arc<[Anchor]>,
    /// What could not be read of it, when the rest was of use.
    pub remarks: Vec<String>,
    /// It is known by name only: reading it was put off.
    pub unread: bool,
}

impl Anchors {
    /// No store at all.
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds a store behind those that are there.
    pub fn push(&mut self, store: Loaded) -> &mut Self {
        self.stores.push(store);
        self
    }

    pub fn stores(&self) -> &[Loaded] {
        &self.stores
    }

    /// The stores by name, as a question keeps them.
    pub fn names(&self) -> Vec<StoreName> {
        let name = |store: &Loaded| StoreName {
            name: store.name.clone(),
            version: store.version.clone(),
            size: store.anchors.len(),
        };
        self.stores.iter().map(name).collect()
    }

    /// Whether no store has any anchor.
    pub fn is_empty(&self) -> bool {
        self.stores.iter().all(|store| store.anchors.is_empty())
    }

    /// The stores for one chain: of each those anchors whose subject is an issuer or a subject in it.
    pub fn candidates<T: AsRef<[u8]>>(&self, chain: &[T]) -> Vec<Store> {
        let limits = Limits::DEFAULT;
        let read = chain
            .iter()
            .take(limits.chain)
            .filter_map(|der| Certificate::read(der.as_ref(), &limits.x509()).ok());
        let names: Vec<Name<'_>> =
            read.flat_map(|certificate| [certificate.issuer, certificate.subject]).collect();
        let exact: HashSet<&[u8]> = names.iter().map(|name| name.raw).collect();
        // Comparing without regard to case and encoding costs more: only for names that nothing has as they are.
        let mut loose: Option<HashSet<Vec<u8>>> = None;
        self.stores
            .iter()
            .map(|store| {
                let mut candidates: Vec<Anchor> = store
                    .anchors
                    .iter()
                    .filter(|anchor| exact.contains(anchor.subject.as_slice()))
                    .take(limits.anchors)
                    .cloned()
                    .collect();
                if candidates.is_empty() {
                    let loose = loose.get_or_insert_with(|| names.iter().map(Name::canonical).collect());
                    let same = |anchor: &&Anchor| loose.contains(&Name::new(&anchor.subject).canonical());
                    candidates = store.anchors.iter().filter(same).take(limits.anchors).cloned().collect();
                }
                Store {
                    name: store.name.clone(),
                    version: store.version.clone(),
                    size: store.anchors.len(),
                    candidates,
                    unread: store.unread,
                }
            })
            .collect()
    }

    /// All anchors of all stores.
    pub fn all(&self) -> Vec<Anchor> {
        self.stores.iter().flat_map(|store| store.anchors.iter()).cloned().collect()
    }

    /// Reads the stores whose reading was put off; false if there were none.
    pub fn read_rest(&mut self) -> bool {
        let mut read = false;
        for store in self.stores.iter_mut().filter(|store| store.unread) {
            *store = self.system.get_or_init(Loaded::system).clone();
            read = true;
        }
        read
    }

    /// All anchors, for a verifier of rustls.
    pub fn webpki(&self) -> Vec<TrustAnchor<'static>> {
        let all = self.stores.iter().flat_map(|store| store.anchors.iter());
        all.filter_map(webpki_anchor).map(|anchor| anchor.to_owned()).collect()
    }
}

impl Loaded {
    /// Mozilla's roots as they are built in.
    pub fn mozilla() -> Self {
        Self {
            name: "mozilla".to_owned(),
            version: Some(MOZILLA_VERSION.to_owned()),
            anchors: mozilla_anchors(),
            ..Self::default()
        }
    }

    /// The system's store. Single certificates that can't be read are remarks, not errors.
    pub fn system() -> Self {
        let result = rustls_native_certs::load_native_certs();
        let mut remarks: Vec<String> = result.errors.iter().map(ToString::to_string).collect();
        let anchors = anchors_of(result.certs.iter().map(|der| der.to_vec()), &mut remarks);
        Self {
            name: "system".to_owned(),
            version: Some(system_source()),
            anchors: anchors.into(),
            remarks,
            unread: false,
        }
    }

    /// A store that was asked for, but has not been read.
    pub fn unread(name: &str) -> Self {
        Self { name: name.to_owned(), unread: true, ..Self::default() }
    }

    /// The certificates of a PEM or DER file, or of all such files in a folder.
    pub fn path(path: &Path) -> Result<Self, Error> {
        let (certificates, mut remarks) = files::certificates(path)?;
        let anchors = anchors_of(certificates, &mut remarks);
        if anchors.is_empty() {
            let what = remarks.first().cloned().unwrap_or_else(|| "no certificate in it".to_owned());
            let why = Why::Foreign(content::Foreign { what, remedy: "" });
            return Err(Error { path: path.to_owned(), why });
        }
        Ok(Self { name: path.display().to_string(), anchors: anchors.into(), remarks, ..Self::default() })
    }

    /// Certificates from anywhere: each is an anchor.
    pub fn certificates(name: &str, certificates: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let mut remarks = Vec::new();
        let anchors = anchors_of(certificates, &mut remarks);
        Self { name: name.to_owned(), anchors: anchors.into(), remarks, ..Self::default() }
    }

    /// How many anchors it has.
    pub fn len(&self) -> usize {
        self.anchors.len()
    }

    pub fn is_empty(&self) -> bool {
        self.anchors.is_empty()
    }
}

/// `SSL_CERT_FILE` and `SSL_CERT_DIR`, as OpenSSL understands them: each replaces the default. An entry of the folders'
/// list that can't be used is told in the second value, unless it is the only one.
/// `read` looks a variable up; None if neither is set.
pub fn from_environment(
    read: impl Fn(&str) -> Option<std::ffi::OsString>,
) -> Option<Result<(Anchors, Vec<String>), Error>> {
    let file = read("SSL_CERT_FILE").filter(|value| !value.is_empty());
    let folders = read("SSL_CERT_DIR").filter(|value| !value.is_empty());
    if file.is_none() && folders.is_none() {
        return None;
    }
    let load = || {
        let mut anchors = Anchors::none();
        if let Some(file) = &file {
            anchors.push(Loaded::path(Path::new(file))?);
        }
        let folders = folders.iter().flat_map(std::env::split_paths);
        let mut missing = Vec::new();
        for folder in folders.filter(|folder| !folder.as_os_str().is_empty()) {
            match Loaded::path(&folder) {
                Ok(store) => drop(anchors.push(store)),
                Err(error) => missing.push(error),
            }
        }
        match missing.pop() {
            Some(last) if anchors.stores.is_empty() => Err(last),
            last => Ok((
                anchors,
                missing.iter().chain(&last).map(|error| format!("SSL_CERT_DIR: {error}")).collect(),
            )),
        }
    };
    Some(load())
}

/// The candidates of all stores, for webpki.
pub fn webpki_anchors(stores: &[Store]) -> Vec<TrustAnchor<'_>> {
    stores.iter().flat_map(|store| &store.candidates).filter_map(webpki_anchor).collect()
}

/// One anchor, for webpki, which wants the content of the SEQUENCEs.
pub fn webpki_anchor(anchor: &Anchor) -> Option<TrustAnchor<'_>> {
    Some(TrustAnchor {
        subject: content(&anchor.subject, SEQUENCE)?.into(),
        subject_public_key_info: content(&anchor.spki, SEQUENCE)?.into(),
        name_constraints: anchor.name_constraints.as_deref().map(Into::into),
    })
}

fn mozilla_anchors() -> Arc<[Anchor]> {
    static ANCHORS: OnceLock<Arc<[Anchor]>> = OnceLock::new();
    let load = || {
        let roots = webpki_roots::TLS_SERVER_ROOTS.iter();
        roots
            .map(|root| Anchor {
                subject: element(SEQUENCE, &root.subject),
                spki: element(SEQUENCE, &root.subject_public_key_info),
                name_constraints: root.name_constraints.as_ref().map(|der| der.to_vec()),
                certificate: None,
            })
            .collect()
    };
    ANCHORS.get_or_init(load).clone()
}

/// Each certificate once.
fn anchors_of(certificates: impl IntoIterator<Item = Vec<u8>>, remarks: &mut Vec<String>) -> Vec<Anchor> {
    let mut seen = HashSet::new();
    let mut out = Vec::new();
    for (index, der) in certificates.into_iter().enumerate() {
        if !seen.insert(der.clone()) {
            continue;
        }
        match anchor(der) {
            Ok(anchor) => out.push(anchor),
            Err(why) => remarks.push(format!("certificate {} can't be an anchor: {why}", index + 1)),
        }
    }
    out
}

/// The anchor that a certificate makes (RFC 5280, section 6.1.1).
pub fn anchor(der: Vec<u8>) -> Result<Anchor, String> {
    let limits = Limits::DEFAULT;
    let (subject, spki, name_constraints) = {
        let certificate = Certificate::read(&der, &limits.x509()).map_err(|problem| problem.to_string())?;
        let constraints = certificate.extensions.find(NAME_CONSTRAINTS).map(|extension| {
            content(extension.value, SEQUENCE).ok_or("its nameConstraints can't be read").map(<[u8]>::to_vec)
        });
        let constraints = constraints.transpose()?;
        (certificate.subject.raw.to_vec(), certificate.spki.raw.to_vec(), constraints)
    };
    Ok(Anchor { subject, spki, name_constraints, certificate: Some(der) })
}

/// Where the system's certificates come from.
fn system_source() -> String {
    if cfg!(any(target_os = "macos", target_os = "ios")) {
        return "keychain".to_owned();
    }
    if cfg!(windows) {
        return "Windows certificate store".to_owned();
    }
    // Where distributions keep them; rustls-native-certs looks at the same places.
    const PLACES: [&str; 6] = [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/ssl/certs",
    ];
    PLACES
        .iter()
        .find(|place| Path::new(place).exists())
        .map_or_else(|| "not found".to_owned(), |place| (*place).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mozilla_has_its_roots() {
        let store = Loaded::mozilla();
        assert!(store.len() > 100 && !store.is_empty() && Loaded::unread("system").is_empty());
        assert_eq!(store.version.as_deref(), Some(MOZILLA_VERSION));
        let mut anchors = Anchors::none();
        anchors.push(store);
        // Conversion to the whole SEQUENCE and back loses nothing.
        let back = anchors.webpki();
        assert_eq!(back.len(), webpki_roots::TLS_SERVER_ROOTS.len());
        assert!(back.iter().zip(webpki_roots::TLS_SERVER_ROOTS).all(|(one, two)| one == two));
    }

    #[test]
    fn the_version_is_the_one_built_in() {
        let lock = include_str!("../../Cargo.lock");
        let at = lock.find("name = \"webpki-roots\"").unwrap();
        let version = lock[at..].lines().nth(1).unwrap().split('"').nth(1).unwrap();
        assert_eq!(MOZILLA_VERSION, format!("webpki-roots {version}"));
    }

    #[test]
    fn nothing_in_common_is_no_candidate() {
        let mut anchors = Anchors::none();
        anchors.push(Loaded::mozilla()).push(Loaded::unread("system"));
        let stores = anchors.candidates(&[b"no certificate"]);
        assert_eq!(stores.len(), 2);
        assert!(stores.iter().all(|store| store.candidates.is_empty()));
        assert!(stores[0].size > 100 && stores[1].unread);
    }

    #[test]
    fn environment() {
        assert!(from_environment(|_| None).is_none());
        let error = from_environment(|name| (name == "SSL_CERT_FILE").then(|| "/nonexistent.pem".into()))
            .unwrap()
            .unwrap_err();
        assert!(error.to_string().contains("/nonexistent.pem"));
        let error = from_environment(|name| (name == "SSL_CERT_DIR").then(|| "/nonexistent".into()));
        assert!(error.unwrap().unwrap_err().to_string().contains("/nonexistent"));
    }

    #[test]
    fn a_store_that_was_put_off_is_read_once() {
        let mut anchors = Anchors::none();
        assert!(!anchors.read_rest());
        anchors.push(Loaded::mozilla());
        assert!(!anchors.read_rest());
        anchors.push(Loaded::unread("system"));
        assert!(anchors.stores()[1].unread && anchors.read_rest());
        assert!(!anchors.stores()[1].unread && !anchors.read_rest());
        // What one copy has read is there for the others.
        let mut shared = Anchors::none();
        shared.push(Loaded::unread("system"));
        let mut copies = [shared.clone(), shared.clone()];
        assert!(copies.iter_mut().all(Anchors::read_rest));
        assert!(Arc::ptr_eq(&copies[0].stores[0].anchors, &copies[1].stores[0].anchors));
        assert_eq!(anchors.names()[1].name, "system");
    }

    /// A name that differs in letter case and encoding alone is the same (RFC 5280, section 7.1).
    #[test]
    fn candidates_by_name() {
        let anchor = |name: &str| {
            let mut params = rcgen::CertificateParams::default();
            params.distinguished_name.push(rcgen::DnType::CommonName, name);
            params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().der().to_vec()
        };
        let (one, same, other) = (anchor("Test CA"), anchor("test  ca"), anchor("Other CA"));
        let candidates = |chain: &[u8]| {
            let mut anchors = Anchors::none();
            anchors.push(Loaded::certificates("ca.pem", [one.clone(), other.clone(), one.clone()]));
            let store = anchors.candidates(&[chain]).remove(0);
            let found = store.candidates.into_iter().filter_map(|anchor| anchor.certificate);
            (store.size, found.collect::<Vec<_>>())
        };
        // Each certificate counts once.
        assert_eq!(candidates(&one), (2, vec![one.clone()]));
        assert_eq!(candidates(&same), (2, vec![one.clone()]));
        assert_eq!(candidates(&anchor("A third")), (2, Vec::new()));
    }
}

//! PKCS#12 (RFC 7292): a chain, its key, or both, behind a passphrase.

use p12_keystore::Pkcs12Archive;
use p12_keystore::error::Error;

use super::content::Foreign;
use super::passphrase::Passphrase;

/// What a PKCS#12 file holds.
#[derive(Debug, Clone, Default)]
pub struct Opened {
    /// DER; the certificate of the key first, if that is known, the others in their order.
    pub certificates: Vec<Vec<u8>>,
    /// PKCS#8.
    pub key: Option<Vec<u8>>,
}

/// Opens it; without a passphrase an empty one is tried.
pub fn open(bytes: &[u8], passphrase: Option<&Passphrase>) -> Result<Opened, Foreign> {
    let archive = Pkcs12Archive::from_pkcs12(bytes, passphrase.map_or("", Passphrase::reveal))
        .map_err(|error| told(&error, passphrase.is_some()))?;
    let mut certificates = archive.certs;
    let key = archive.keys.into_iter().next();
    if let Some(id) = key.as_ref().and_then(|key| key.local_key_id.as_ref()) {
        // Stable: all others keep their order.
        certificates.sort_by_key(|certificate| certificate.local_key_id.as_ref() != Some(&id.0));
    }
    Ok(Opened {
        certificates: certificates.into_iter().map(|bag| bag.cert.as_der().to_vec()).collect(),
        key: key.map(|key| key.key.as_der().to_vec()),
    })
}

fn told(error: &Error, given: bool) -> Foreign {
    // Where nothing authenticates the content, a wrong passphrase shows as content that makes no sense.
    let wrong = matches!(error, Error::MacError(_) | Error::UnpadError | Error::Pkcs5Error(_));
    match (wrong, given) {
        (true, true) => Foreign {
            what: "it is a PKCS#12 file that the passphrase of --passin does not open".to_owned(),
            remedy: "",
        },
        (true, false) => Foreign {
            what: "it is a PKCS#12 file with a passphrase".to_owned(),
            remedy: "say where that is: --passin env:NAME, file:PATH, fd:N or stdin",
        },
        (false, _) => Foreign {
            what: format!("it is a PKCS#12 file of a form that can't be read here ({error})"),
            remedy: "convert it: openssl pkcs12 -legacy -in FILE -noenc -out NEW.pem",
        },
    }
}

//! Pins of public keys, in curl's form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// SHA-256 of a SubjectPublicKeyInfo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin(pub [u8; 32]);

impl Pin {
    /// Reads `sha256//BASE64[;sha256//BASE64…]`.
    pub fn read_all(text: &str) -> Result<Vec<Pin>, String> {
        text.split(';')
            .map(|part| part.trim())
            .filter(|part| !part.is_empty())
            .map(Pin::read)
            .collect::<Result<Vec<_>, _>>()
            .and_then(|pins| {
                if pins.is_empty() {
                    Err("no pin: the form is sha256//BASE64[;sha256//BASE64]".to_owned())
                } else {
                    Ok(pins)
                }
            })
    }

    fn read(text: &str) -> Result<Pin, String> {
        let Some(base64) = text.strip_prefix("sha256//") else {
            return Err(format!("\"{text}\" is not a pin: the form is sha256//BASE64"));
        };
        let bytes =
            STANDARD.decode(base64).map_err(|error| format!("the pin \"{text}\" is not base64: {error}"))?;
        let len = bytes.len();
        let hash = <[u8; 32]>::try_from(bytes)
            .map_err(|_| format!("the pin \"{text}\" has {len} bytes, SHA-256 has 32"))?;
        Ok(Pin(hash))
    }

    /// In base64, as [`crate::capture::Question::pins`] keeps it.
    pub fn base64(&self) -> String {
        STANDARD.encode(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins() {
        let one = "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        assert_eq!(Pin::read_all(&format!("{one}; {one}")).unwrap().len(), 2);
        assert_eq!(format!("sha256//{}", Pin::read_all(one).unwrap()[0].base64()), one);
        for bad in ["", "md5//AAAA", "sha256//!", "sha256//AAAA"] {
            assert!(Pin::read_all(bad).is_err(), "{bad}");
        }
    }
}

//! ClientHellos of our own: any version, lists, shares and extensions, in any order.
//!
//! A [`Template`] is a hello that can be sent as often as wanted. Each time it is built its random, its key shares and
//! whatever else belongs to one connection only are made anew; all that a server or a fingerprint sees of the client
//! stays as it is.

mod change;
mod framing;
mod offer;
pub mod profiles;
mod read;
mod renew;
mod segments;
mod shares;

pub use self::framing::{Framing, Piece};
pub(super) use self::segments::Segments;
pub use self::shares::{Cached, Fresh, KeyPair, Shares};
pub use crate::wire::handshake::client_hello::Hello;

use super::Error;
use super::lab::{Psk, offer_psk};
use crate::wire::extension::{padding, pre_shared_key, server_name};
use crate::wire::sslv2;

/// A hello to be sent, as often as wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    hello: Hello,
    /// Extensions come in another order each time, as browsers send them.
    permute: bool,
    /// The length that the message is brought to by its `padding` extension, header included.
    padded_to: Option<usize>,
    /// What `pre_shared_key` offers, where it is one that we have.
    psk: Option<Psk>,
}

impl Template {
    /// Of fields; the random and the shares in it need not be true ones. An extension `padding` fills later hellos up to
    /// the length that this one has.
    pub fn new(hello: Hello) -> Result<Self, Error> {
        let padded = hello.extension(padding::EXTENSION.code).is_some();
        let len = hello.write().map_err(|e| Error(e.to_string()))?.len();
        Ok(Self { hello, permute: false, padded_to: padded.then_some(len), psk: None })
    }

    /// Of a recorded message, with its four-byte header.
    pub fn recorded(message: &[u8]) -> Result<Self, Error> {
        Self::new(Hello::read(message).map_err(|e| Error(format!("not a ClientHello: {e}")))?)
    }

    /// Whether the extensions come in another order each time; the first and last GREASE, `padding` and
    /// `pre_shared_key` keep their places.
    #[must_use]
    pub fn permuted(mut self, permute: bool) -> Self {
        self.permute = permute;
        self
    }

    /// Brings the message to `len` bytes, header included, by an extension `padding` (RFC 7685), where it is shorter by
    /// at least the four bytes that the extension itself needs.
    #[must_use]
    pub fn padded_to(mut self, len: usize) -> Self {
        let code = padding::EXTENSION.code;
        if self.hello.extension(code).is_none() {
            renew::insert_before_psk(&mut self.hello, code, Vec::new());
        }
        self.padded_to = Some(len);
        self
    }

    /// Offers this key, where the hello has `pre_shared_key`, instead of bytes that nobody knows.
    #[must_use]
    pub fn keyed(mut self, psk: Option<Psk>) -> Self {
        self.psk = psk;
        self
    }

    /// Puts `name` into `server_name`; `None` takes the extension out. One that was not there comes first.
    pub fn named(mut self, name: Option<&str>) -> Result<Self, Error> {
        let code = server_name::EXTENSION.code;
        let Some(name) = name else {
            self.hello.remove_extension(code);
            return Ok(self);
        };
        let content = server_name::write(name).map_err(|e| Error(e.to_string()))?;
        if self.hello.extension(code).is_some() {
            self.hello.set_extension(code, content);
        } else {
            let extensions = self.hello.extensions.get_or_insert_default();
            let at = extensions.iter().take_while(|(code, _)| renew::is_grease(*code)).count();
            extensions.insert(at, (code, content));
        }
        Ok(self)
    }

    /// The fields that it was made of.
    pub fn hello(&self) -> &Hello {
        &self.hello
    }

    /// One hello: its random, session id, key shares and GREASE values are new, and so is what only another connection
    /// could know (tickets, PSK identities and binders, a GREASE or real ECH): bytes of the same length stand in for
    /// them, which no server can take for its own.
    ///
    /// A share in a group of which `shares` can make none stays as it is.
    pub fn build(&self, shares: &mut dyn Shares) -> Result<Hello, Error> {
        let mut hello = self.hello.clone();
        renew::renew(&mut hello, shares)?;
        if self.permute {
            renew::permute(&mut hello)?;
        }
        if let Some(len) = self.padded_to {
            renew::pad(&mut hello, len)?;
        }
        // The binder is over all that stands before it.
        if let Some(psk) = &self.psk
            && hello.extension(pre_shared_key::EXTENSION.code).is_some()
        {
            offer_psk(&mut hello, psk, &[]).map_err(Error::new)?;
        }
        Ok(hello)
    }
}

/// What a connection is opened with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    Hello(Template),
    /// In the form of SSL 2.0; the challenge is new each time.
    Sslv2(sslv2::Hello),
}

impl Opening {
    /// The pieces to write, one after the other.
    pub fn pieces(&self, framing: &Framing, shares: &mut dyn Shares) -> Result<Vec<Piece>, Error> {
        match self {
            Opening::Hello(template) => framing.frame(&template.build(shares)?),
            Opening::Sslv2(hello) => {
                let mut hello = hello.clone();
                random(&mut hello.challenge)?;
                Ok(framing.cut(&hello.write_record().map_err(|e| Error(e.to_string()))?))
            }
        }
    }
}

/// Fills `bytes` with random ones.
fn random(bytes: &mut [u8]) -> Result<(), Error> {
    aws_lc_rs::rand::fill(bytes).map_err(|_| Error("the system has no random numbers".into()))
}

#[cfg(test)]
mod tests;

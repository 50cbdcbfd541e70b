//! Where the key shares of a hello come from.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;

use rustls::crypto::{ActiveKeyExchange, SharedSecret};

use super::super::{Error, groups};

/// Makes key shares, as a hello is built.
pub trait Shares {
    /// The public half of a key in `group`; `None` if no such key can be made.
    fn share(&mut self, group: u16) -> Result<Option<Vec<u8>>, Error>;
}

/// A new key for each share; whoever completes the handshake finds the private halves here.
#[derive(Debug, Default)]
pub struct Fresh {
    /// In the order of the shares in the hello.
    pub pairs: Vec<KeyPair>,
}

impl Fresh {
    /// The key whose public half was sent for `group`.
    pub fn take(&mut self, group: u16) -> Option<KeyPair> {
        let at = self.pairs.iter().position(|pair| pair.group() == group)?;
        Some(self.pairs.remove(at))
    }
}

impl Shares for Fresh {
    fn share(&mut self, group: u16) -> Result<Option<Vec<u8>>, Error> {
        let Some(pair) = KeyPair::generate(group)? else { return Ok(None) };
        let share = pair.public().to_vec();
        self.pairs.push(pair);
        Ok(Some(share))
    }
}

/// One key for each group, made when it is first asked for and used again: for hellos after which no handshake is
/// completed. The private halves are not kept.
#[derive(Debug, Default)]
pub struct Cached(Mutex<BTreeMap<u16, Vec<u8>>>);

impl Shares for &Cached {
    fn share(&mut self, group: u16) -> Result<Option<Vec<u8>>, Error> {
        // Nothing panics while it holds the lock.
        let mut known = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(share) = known.get(&group) {
            return Ok(Some(share.clone()));
        }
        let share = KeyPair::generate(group)?.map(|pair| pair.public().to_vec());
        if let Some(share) = &share {
            known.insert(group, share.clone());
        }
        Ok(share)
    }
}

/// A key for one key exchange: its public half is sent, its private half waits for the server's.
pub struct KeyPair {
    group: u16,
    exchange: Box<dyn ActiveKeyExchange>,
}

impl KeyPair {
    /// A new one; `None` if this program can't exchange keys in `group`.
    pub fn generate(group: u16) -> Result<Option<Self>, Error> {
        let Some(found) = groups::find(group) else { return Ok(None) };
        let exchange = found.start().map_err(|e| Error(format!("no key share can be made: {e}")))?;
        Ok(Some(Self { group, exchange }))
    }

    /// The named group.
    pub fn group(&self) -> u16 {
        self.group
    }

    /// What is sent: `key_exchange` of a `KeyShareEntry`, or the point of a ClientKeyExchange.
    pub fn public(&self) -> &[u8] {
        self.exchange.pub_key()
    }

    /// The shared secret, given the server's share. Fails if that is no element of the group.
    pub fn agree(self, server: &[u8]) -> Result<SharedSecret, rustls::Error> {
        self.exchange.complete(server)
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyPair(group 0x{:04x})", self.group)
    }
}

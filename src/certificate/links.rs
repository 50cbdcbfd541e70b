//! Signatures on certificates that were verified before: CAs are few, and what they signed comes with many chains.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use aws_lc_rs::digest::{Context, SHA256};

use super::signature::Verified;

/// What is remembered for one run. Cheap to clone; all clones share it.
#[derive(Debug, Clone, Default)]
pub struct Links(Arc<Mutex<HashMap<Key, Verified>>>);

/// SHA-256 over all that the result depends on.
type Key = [u8; 32];

/// How many are kept; then it begins anew.
const MOST: usize = 8192;

impl Links {
    /// The result for these parts (all that verifying depends on): the one that is remembered, or a new one.
    pub fn of(&self, parts: &[&[u8]], verify: impl FnOnce() -> Verified) -> Verified {
        let key = key(parts);
        if let Some(known) = self.0.lock().ok().and_then(|known| known.get(&key).cloned()) {
            return known;
        }
        let verified = verify();
        if let Ok(mut known) = self.0.lock() {
            if known.len() >= MOST {
                known.clear();
            }
            known.insert(key, verified.clone());
        }
        verified
    }
}

/// Every part with its length in front: no two lists of parts are hashed alike.
fn key(parts: &[&[u8]]) -> Key {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut key = Key::default();
    key.copy_from_slice(context.finish().as_ref());
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_parts_are_verified_once() {
        let links = Links::default();
        let parts: [&[u8]; 2] = [b"ab", b"c"];
        assert_eq!(links.of(&parts, || Verified::No), Verified::No);
        assert_eq!(links.clone().of(&parts, || Verified::Yes), Verified::No);
        assert_eq!(links.of(&[b"a", b"bc"], || Verified::Yes), Verified::Yes);
        assert_eq!(links.of(&[b"ab"], || Verified::Yes), Verified::Yes);
    }

    #[test]
    fn there_is_an_end_to_what_is_kept() {
        let links = Links::default();
        for number in 0..3 * MOST {
            links.of(&[&number.to_be_bytes()], || Verified::Yes);
        }
        let kept = links.0.lock().unwrap().len();
        assert!((1..=MOST).contains(&kept), "{kept}");
    }
}

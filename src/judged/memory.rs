//! Judgements of chains that come again: a capture has many connections and few servers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use aws_lc_rs::digest::{Context, SHA256};

use crate::capture::Store;
use crate::certificate::{Judgement, Sent};

/// What is remembered for one run. Cheap to clone; all clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Memory(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    judgements: HashMap<Key, Arc<Judgement>>,
    /// Bytes of the chains that they are about.
    bytes: usize,
}

/// SHA-256 over all that differs between the connections of a run and that a judgement depends on.
type Key = [u8; 32];

/// Bytes of chains whose judgements are kept; a judgement has a few times as many.
const BYTES: usize = 1 << 20;

impl Memory {
    /// The judgement of what was sent, for this name and time (in seconds since 1970, as certificates count) and these
    /// anchors: the one that is remembered, or a new one.
    pub(super) fn of(
        &self,
        sent: &Sent<'_>,
        name: Option<&str>,
        at: i64,
        stores: &[Store],
        judge: impl FnOnce() -> Judgement,
    ) -> Arc<Judgement> {
        let (key, bytes) = key(sent, name, at, stores);
        let known = self.0.lock().ok().and_then(|known| known.judgements.get(&key).cloned());
        if let Some(judgement) = known {
            return judgement;
        }
        let judgement = Arc::new(judge());
        if let Ok(mut known) = self.0.lock() {
            if known.bytes + bytes > BYTES {
                *known = Known::default();
            }
            if bytes <= BYTES {
                known.bytes += bytes;
                known.judgements.insert(key, judgement.clone());
            }
        }
        judgement
    }
}

/// The key, and how many bytes went into it.
fn key(sent: &Sent<'_>, name: Option<&str>, at: i64, stores: &[Store]) -> (Key, usize) {
    let mut hash = Hashing { context: Context::new(&SHA256), bytes: 0 };
    // A new field of `Sent` has to be told here.
    let Sent { certificates, ocsp, scts, answers, crls, staple_asked, fetched } = sent;
    for list in [certificates, crls, fetched] {
        hash.number(list.len() as u64);
        list.iter().for_each(|item| hash.add(item));
    }
    for list in [ocsp, scts, answers] {
        hash.number(list.len() as u64);
        for (place, item) in list {
            hash.number(*place as u64);
            hash.add(item);
        }
    }
    hash.number(u64::from(*staple_asked));
    hash.number(u64::from(name.is_some()));
    hash.add(name.unwrap_or_default().as_bytes());
    hash.number(at.cast_unsigned());
    for store in stores {
        hash.add(store.name.as_bytes());
        hash.number(store.size as u64);
        hash.number(u64::from(store.unread));
        hash.number(store.candidates.len() as u64);
        for anchor in &store.candidates {
            hash.add(&anchor.subject);
            hash.add(&anchor.spki);
            for part in [&anchor.name_constraints, &anchor.certificate] {
                hash.number(u64::from(part.is_some()));
                hash.add(part.as_deref().unwrap_or_default());
            }
        }
    }
    let mut key = Key::default();
    key.copy_from_slice(hash.context.finish().as_ref());
    (key, hash.bytes)
}

/// Every part with its length in front: no two lists of parts are hashed alike.
struct Hashing {
    context: Context,
    bytes: usize,
}

impl Hashing {
    fn number(&mut self, number: u64) {
        self.context.update(&number.to_be_bytes());
        self.bytes += size_of::<u64>();
    }

    fn add(&mut self, part: &[u8]) {
        self.number(part.len() as u64);
        self.context.update(part);
        self.bytes += part.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Anchor;

    fn keys<'a>(sents: impl IntoIterator<Item = Sent<'a>>) -> Vec<Key> {
        sents.into_iter().map(|sent| key(&sent, Some("a.test"), 7, &[]).0).collect()
    }

    /// Whatever a judgement depends on is in the key.
    #[test]
    fn what_differs_has_another_key() {
        let chain =
            |certificates: &[&'static [u8]]| Sent { certificates: certificates.to_vec(), ..Sent::default() };
        let one = || chain(&[b"ab", b"c"]);
        let mut all = keys([
            one(),
            chain(&[b"a", b"bc"]),
            chain(&[b"ab"]),
            Sent { ocsp: vec![(0, b"x")], ..one() },
            Sent { ocsp: vec![(1, b"x")], ..one() },
            Sent { scts: vec![(0, b"x")], ..one() },
            Sent { answers: vec![(0, b"x")], ..one() },
            Sent { crls: vec![b"x"], ..one() },
            Sent { fetched: vec![b"x"], ..one() },
            Sent { staple_asked: true, ..one() },
        ]);
        let anchor =
            Anchor { subject: vec![1], spki: vec![2], name_constraints: None, certificate: Some(vec![3]) };
        let store = |candidates: &[Anchor]| Store { candidates: candidates.to_vec(), ..Store::default() };
        let constrained = Anchor { name_constraints: Some(Vec::new()), ..anchor.clone() };
        for (name, at, stores) in [
            (None, 7, vec![]),
            (Some(""), 7, vec![]),
            (Some("b.test"), 7, vec![]),
            (Some("a.test"), 8, vec![]),
            (Some("a.test"), 7, vec![store(&[])]),
            (Some("a.test"), 7, vec![store(&[anchor])]),
            (Some("a.test"), 7, vec![store(&[constrained])]),
        ] {
            all.push(key(&one(), name, at, &stores).0);
        }
        for (place, key) in all.iter().enumerate() {
            assert!(!all[..place].contains(key), "{place}");
        }
        assert_eq!(keys([one()]), keys([one()]));
    }
}

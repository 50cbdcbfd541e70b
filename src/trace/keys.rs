//! Which keys open the next record of a direction.

use crate::capture::{KeyLog, Label};
use crate::crypto::aead::Aead;
use crate::crypto::hash::Hash;
use crate::crypto::hkdf;
use crate::crypto::protection::Protection as Classic;
use crate::crypto::record::{Opener, Plain};
use crate::crypto::suite::Suite;
use crate::wire::Direction;
use crate::wire::codepoints::ProtocolVersion;
use crate::wire::facts::Facts;

use super::model::{Epoch, Why, Work};

/// The protection of one direction.
#[derive(Default)]
pub(super) struct Protection {
    /// The epoch in force.
    pub(super) epoch: Option<Epoch>,
    /// Openers made so far; each keeps its own sequence number. Several for early data, as long as
    /// its suite is not known; of application keys and those behind a ChangeCipherSpec the last only.
    openers: Vec<(Epoch, Opener)>,
    /// The last application traffic secret, and the KeyUpdates that led to it.
    application: Option<(u32, Vec<u8>)>,
    /// Records are missing before the next one: how many, the next one that opens tells.
    skips: bool,
    /// Records were missing somewhere.
    incomplete: bool,
    /// Tries behind missing records so far.
    tries: u64,
    pub(super) work: Work,
}

/// Records missing in a row that are tried, and tries of a direction in all.
const MOST_SKIPPED: u64 = 4096;
const MOST_TRIES: u64 = 4 * MOST_SKIPPED;

impl Protection {
    /// The epoch in force.
    pub(super) fn epoch(&self) -> Epoch {
        self.epoch.unwrap_or(Epoch::Clear)
    }

    /// Records are missing before the next one.
    pub(super) fn skip(&mut self) {
        (self.skips, self.incomplete) = (true, true);
    }

    /// Whether records were missing.
    pub(super) fn is_incomplete(&self) -> bool {
        self.incomplete
    }

    /// Opens a record with the epoch's keys or, if they don't fit, with one of `others`.
    pub(super) fn open(
        &mut self,
        direction: Direction,
        facts: &Facts,
        secrets: &KeyLog,
        others: impl Iterator<Item = Epoch>,
        head: [u8; 5],
        fragment: &[u8],
    ) -> Result<(Epoch, Plain), Why> {
        let mut missing = None;
        let mut tried = false;
        for epoch in std::iter::once(self.epoch()).chain(others) {
            if let Err(why) = self.prepare(direction, epoch, facts, secrets) {
                missing.get_or_insert(why);
                continue;
            }
            tried = true;
            let candidates = self.openers.iter_mut().filter(|(of, _)| *of == epoch);
            for (_, opener) in candidates {
                self.work.tried += 1;
                if let Ok(plain) = opener.open(head, fragment) {
                    self.skips = false;
                    return Ok((epoch, plain));
                }
            }
        }
        // Each record that does not open costs as many tries: one gap is looked behind once.
        if tried && std::mem::take(&mut self.skips) {
            let epoch = self.epoch();
            for (_, opener) in self.openers.iter_mut().filter(|(of, _)| *of == epoch) {
                for skipped in 1..=MOST_SKIPPED.min(MOST_TRIES.saturating_sub(self.tries)) {
                    self.tries += 1;
                    self.work.tried += 1;
                    if let Some(plain) = opener.open_behind(skipped, head, fragment) {
                        return Ok((epoch, plain));
                    }
                }
            }
        }
        Err(match missing {
            Some(why) => why,
            None if tried && self.incomplete => Why::Missing,
            None if tried => Why::WrongKey,
            None => Why::NoSecret,
        })
    }

    /// Makes the openers of an epoch, if they are not there yet.
    fn prepare(
        &mut self,
        direction: Direction,
        epoch: Epoch,
        facts: &Facts,
        secrets: &KeyLog,
    ) -> Result<(), Why> {
        self.work.looked_at += self.openers.len() as u64;
        if self.openers.iter().any(|(of, _)| *of == epoch) {
            return Ok(());
        }
        let random = facts.client.map(|client| client.random);
        let find = |label| secrets.find(label, facts.client.as_ref()).ok_or(Why::NoSecret);
        if epoch == Epoch::Early {
            let secret = find(Label::ClientEarlyTraffic)?;
            let suites = early_suites(facts, secret.len());
            self.openers
                .extend(suites.into_iter().filter_map(|suite| Some((epoch, Opener::tls13(suite, secret)?))));
            return Ok(());
        }
        // The drafts computed other keys: a record of theirs that does not open says nothing about the secrets.
        let same = facts.version.is_some_and(ProtocolVersion::computes_as_tls13);
        let tls13 = || match same {
            true => facts.cipher_suite.and_then(Suite::of).ok_or(Why::Unsupported),
            false => Err(Why::Draft),
        };
        let opener = match epoch {
            Epoch::Clear | Epoch::Early => None,
            Epoch::Handshake => Opener::tls13(tls13()?, find(handshake_label(direction))?),
            Epoch::Application(updates) => {
                let suite = tls13()?;
                // One step on from the last one: a peer may update its keys as often as it likes.
                let (mut generation, mut secret) = match self.application.take() {
                    Some(last) if last.0 <= updates => last,
                    _ => (0, find(application_label(direction))?.to_vec()),
                };
                while generation < updates {
                    secret = hkdf::updated(suite.hash, &secret);
                    generation += 1;
                    self.work.derived += 1;
                }
                let opener = Opener::tls13(suite, &secret);
                self.application = Some((generation, secret));
                opener
            }
            Epoch::Changed(_) => {
                let negotiated = facts.version.zip(facts.cipher_suite);
                let protection = negotiated
                    .and_then(|(version, suite)| Classic::of(version, suite, facts.encrypt_then_mac))
                    .ok_or(Why::Unsupported)?;
                match (find(Label::ClientRandom), random, facts.server_random) {
                    (Ok(master), Some(client), Some(server)) => {
                        let keys = protection.keys(master, &client, &server);
                        Opener::new(
                            &protection,
                            if direction == Direction::Client { &keys.client } else { &keys.server },
                        )
                    }
                    // Without encryption it can be read without keys.
                    _ => Some(Opener::unkeyed(&protection).ok_or(Why::NoSecret)?),
                }
            }
        };
        self.openers.retain(|(of, _)| !matches!(of, Epoch::Application(_) | Epoch::Changed(_)));
        self.openers.push((epoch, opener.ok_or(Why::Unsupported)?));
        Ok(())
    }
}

/// Early data is protected with the suite of the session that is resumed, which only the length of
/// the secret hints at until the server has answered.
fn early_suites(facts: &Facts, secret_len: usize) -> Vec<Suite> {
    let aeads: &[Aead] = match secret_len {
        48 => &[Aead::Aes256Gcm],
        _ => &[Aead::Aes128Gcm, Aead::ChaCha20Poly1305, Aead::Aes128Ccm, Aead::Aes128Ccm8],
    };
    let hash = if secret_len == 48 { Hash::Sha384 } else { Hash::Sha256 };
    match facts.cipher_suite.and_then(Suite::of) {
        Some(suite) if facts.early_data_accepted => vec![suite],
        _ => aeads.iter().map(|aead| Suite { hash, aead: *aead }).collect(),
    }
}

/// The handshake traffic secret of a sender.
pub(super) fn handshake_label(direction: Direction) -> Label {
    match direction {
        Direction::Client => Label::ClientHandshakeTraffic,
        Direction::Server => Label::ServerHandshakeTraffic,
    }
}

fn application_label(direction: Direction) -> Label {
    match direction {
        Direction::Client => Label::ClientTraffic,
        Direction::Server => Label::ServerTraffic,
    }
}

//! What changes from one sending of a hello to the next.

use super::super::Error;
use super::{Hello, Shares, random};
use crate::wire::codepoints;
use crate::wire::dissector::LengthPrefix;
use crate::wire::extension::{
    encrypted_client_hello, key_share, padding, pre_shared_key, session_ticket, signature_algorithms,
    signature_algorithms_cert, supported_groups, supported_versions,
};
use crate::wire::handshake::lists;
use crate::wire::writer::TooLong;

/// Makes everything new that belongs to one connection.
pub fn renew(hello: &mut Hello, shares: &mut dyn Shares) -> Result<(), Error> {
    random(&mut hello.random)?;
    random(&mut hello.session_id)?;
    let turn = random_nibble()?;
    hello.cipher_suites.iter_mut().for_each(|suite| *suite = turned(*suite, turn));
    for (code, content) in hello.extensions.iter_mut().flatten() {
        match *code {
            c if c == key_share::EXTENSION.code => {
                if let Some(new) = key_shares(content, turn, shares)? {
                    *content = new;
                }
            }
            c if c == supported_versions::EXTENSION.code => turn_list(content, 1, turn),
            c if CODE_LISTS.contains(&c) => turn_list(content, 2, turn),
            c if c == session_ticket::EXTENSION.code => random(content)?,
            c if c == pre_shared_key::EXTENSION.code => strange_psk(content)?,
            c if c == encrypted_client_hello::EXTENSION.code => strange_ech(content)?,
            c => *code = turned(c, turn),
        }
    }
    Ok(())
}

/// Extensions that are a list of code points behind two bytes of length.
const CODE_LISTS: [u16; 3] = [
    supported_groups::EXTENSION.code,
    signature_algorithms::EXTENSION.code,
    signature_algorithms_cert::EXTENSION.code,
];

/// Whether a two-byte code point is one of GREASE's.
pub fn is_grease(code: u16) -> bool {
    codepoints::is_grease(code, 2)
}

/// Another value of GREASE (RFC 8701) for each one. Values that were equal stay so, as those of `supported_groups` and
/// `key_share` have to, and those that differed differ.
fn turned(code: u16, turn: u16) -> u16 {
    if !is_grease(code) {
        return code;
    }
    let nibble = (code >> 12).wrapping_add(turn) & 0xf;
    nibble << 12 | nibble << 4 | 0x0a0a
}

/// Does that to a list of code points behind `prefix` bytes of length.
fn turn_list(content: &mut [u8], prefix: usize, turn: u16) {
    for two in content.get_mut(prefix..).unwrap_or_default().chunks_exact_mut(2) {
        let code = u16::from_be_bytes([two[0], two[1]]);
        two.copy_from_slice(&turned(code, turn).to_be_bytes());
    }
}

/// The content of `key_share` with a new share for each group; `None` if what is there is no list of shares.
fn key_shares(content: &[u8], turn: u16, shares: &mut dyn Shares) -> Result<Option<Vec<u8>>, Error> {
    let list = content.get(2..).unwrap_or_default();
    let old: Vec<(u16, &[u8])> = lists::key_shares(list).collect();
    if key_share::write(&old).as_deref() != Ok(content) {
        return Ok(None);
    }
    let mut new = Vec::with_capacity(old.len());
    for (group, share) in old {
        // An empty or too short share is meant to be one.
        let whole = codepoints::group::find(group)
            .is_some_and(|group| group.client.iter().map(|part| part.len).sum::<usize>() == share.len());
        let fresh = if whole { shares.share(group)? } else { None };
        new.push((turned(group, turn), fresh.unwrap_or_else(|| share.to_vec())));
    }
    key_share::write(&new).map(Some).map_err(too_long)
}

/// Identities and binders of the same lengths that nobody knows. Ages stay.
fn strange_psk(content: &mut Vec<u8>) -> Result<(), Error> {
    let (mut identities, mut binders) = (Vec::new(), Vec::new());
    let parsed = (|| {
        let (list, rest) = vector(content, LengthPrefix::U16)?;
        let mut list = list;
        while !list.is_empty() {
            let (identity, tail) = vector(list, LengthPrefix::U16)?;
            let (age, tail) = tail.split_first_chunk()?;
            identities.push((identity.to_vec(), u32::from_be_bytes(*age)));
            list = tail;
        }
        let (mut list, rest) = vector(rest, LengthPrefix::U16)?;
        while !list.is_empty() {
            let (binder, tail) = vector(list, LengthPrefix::U8)?;
            binders.push(binder.to_vec());
            list = tail;
        }
        rest.is_empty().then_some(())
    })();
    if parsed.is_none() {
        // Not of the extension's form: left as it is.
        return Ok(());
    }
    for (identity, _) in &mut identities {
        random(identity)?;
    }
    for binder in &mut binders {
        random(binder)?;
    }
    *content = pre_shared_key::write(&identities, &binders).map_err(too_long)?;
    Ok(())
}

/// A GREASE ECH (RFC 9849, section 6.2.1) of the same form and lengths: a true one is sealed over the whole hello, and
/// does not survive another random.
fn strange_ech(content: &mut [u8]) -> Result<(), Error> {
    /// type, KDF, AEAD
    const FIXED: usize = 5;
    if content.first() != Some(&0) {
        return Ok(());
    }
    let Some((config_id, rest)) = content.get_mut(FIXED..).and_then(<[u8]>::split_first_mut) else {
        return Ok(());
    };
    random(std::slice::from_mut(config_id))?;
    let mut rest = rest;
    while let Some((len, tail)) = rest.split_first_chunk_mut() {
        let len = usize::from(u16::from_be_bytes(*len));
        let Some((part, tail)) = tail.split_at_mut_checked(len) else { break };
        random(part)?;
        rest = tail;
    }
    Ok(())
}

/// A vector's content, and what follows.
fn vector(bytes: &[u8], len: LengthPrefix) -> Option<(&[u8], &[u8])> {
    let (len, rest) = bytes.split_at_checked(if len == LengthPrefix::U8 { 1 } else { 2 })?;
    rest.split_at_checked(len.iter().fold(0, |n, byte| n << 8 | usize::from(*byte)))
}

/// Puts the extensions into another order. Those whose place means something keep it: GREASE (browsers have it first and
/// last), `padding`, and `pre_shared_key`, which has to be the last.
pub fn permute(hello: &mut Hello) -> Result<(), Error> {
    let Some(extensions) = &mut hello.extensions else { return Ok(()) };
    let stays = |code: u16| {
        is_grease(code) || code == padding::EXTENSION.code || code == pre_shared_key::EXTENSION.code
    };
    let places: Vec<usize> =
        extensions.iter().enumerate().filter(|(_, (code, _))| !stays(*code)).map(|(at, _)| at).collect();
    // Fisher and Yates; the slight preference that the remainder has for small numbers does no harm.
    for last in (1..places.len()).rev() {
        let mut two = [0; 2];
        random(&mut two)?;
        let other = usize::from(u16::from_be_bytes(two)) % (last + 1);
        extensions.swap(places[last], places[other]);
    }
    Ok(())
}

/// Makes `padding` as long as it takes to bring the message to `len` bytes, but not shorter than nothing.
pub fn pad(hello: &mut Hello, len: usize) -> Result<(), Error> {
    let code = padding::EXTENSION.code;
    if hello.extension(code).is_none() {
        return Ok(());
    }
    hello.set_extension(code, Vec::new());
    let without = hello.write().map_err(too_long)?.len();
    hello.set_extension(code, vec![0; len.saturating_sub(without).min(usize::from(u16::MAX))]);
    Ok(())
}

/// Adds an extension at the end, but before `pre_shared_key`.
pub fn insert_before_psk(hello: &mut Hello, code: u16, content: Vec<u8>) {
    let extensions = hello.extensions.get_or_insert_default();
    let last_is_psk = extensions.last().is_some_and(|(code, _)| *code == pre_shared_key::EXTENSION.code);
    extensions.insert(extensions.len() - usize::from(last_is_psk), (code, content));
}

fn random_nibble() -> Result<u16, Error> {
    let mut byte = [0];
    random(&mut byte)?;
    Ok(u16::from(byte[0] & 0xf))
}

fn too_long(error: TooLong) -> Error {
    Error(error.to_string())
}

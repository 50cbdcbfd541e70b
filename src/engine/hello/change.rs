//! A hello with something changed, as an experiment wants it.

use super::super::Error;
use super::offer::{self, place_for_share};
use super::{Framing, Hello, Template, renew};
use crate::capture::{Change, Offer};
use crate::wire::codepoints::group;
use crate::wire::codepoints::version::{SSL_3_0, TLS_1_2, TLS_1_3};
use crate::wire::extension::{
    application_layer_protocol_negotiation, cookie, early_data, key_share, pre_shared_key,
    psk_key_exchange_modes, signature_algorithms, signature_algorithms_cert, supported_groups,
    supported_versions,
};
use crate::wire::handshake::lists;
use crate::wire::record::Cut;
use crate::wire::writer::TooLong;

/// How long the second segment waits: whoever reads only once has read the first one by then.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(25);

impl Template {
    /// The same hello with one thing changed. What a change does not concern stays as it is; one about how the hello is
    /// sent changes `framing`.
    pub fn changed(mut self, change: &Change, framing: &mut Framing) -> Result<Self, Error> {
        let hello = &mut self.hello;
        match change {
            Change::ServerName(name) => return self.named(name.as_deref()),
            Change::PaddedTo(len) => return Ok(self.padded_to(*len)),
            Change::Versions { min, max } => versions(hello, *min, *max)?,
            Change::CipherSuites(suites) => hello.cipher_suites = suites.clone(),
            Change::MoreCipherSuites(suites) => add(&mut hello.cipher_suites, suites),
            Change::Groups(groups) => {
                set_list(hello, supported_groups::EXTENSION.code, supported_groups::write(groups))?;
                let kept: Vec<u16> = share_groups(hello).filter(|group| groups.contains(group)).collect();
                // A hello without any share asks for a HelloRetryRequest, which is another experiment.
                shares(hello, if kept.is_empty() { groups.get(..1).unwrap_or_default() } else { &kept })?;
            }
            Change::MoreGroups(groups) => {
                let mut all = listed(hello, supported_groups::EXTENSION.code, 2);
                add(&mut all, groups);
                set_list(hello, supported_groups::EXTENSION.code, supported_groups::write(&all))?;
            }
            Change::Shares(groups) => shares(hello, groups)?,
            Change::SignatureSchemes(schemes) => {
                set_list(hello, signature_algorithms::EXTENSION.code, signature_algorithms::write(schemes))?;
                hello.remove_extension(signature_algorithms_cert::EXTENSION.code);
            }
            Change::MoreSignatureSchemes(schemes) => {
                let mut all = listed(hello, signature_algorithms::EXTENSION.code, 2);
                add(&mut all, schemes);
                set_list(hello, signature_algorithms::EXTENSION.code, signature_algorithms::write(&all))?;
            }
            Change::Alpn(names) => {
                let code = application_layer_protocol_negotiation::EXTENSION.code;
                match names.is_empty() {
                    true => hello.remove_extension(code),
                    false => set_list(hello, code, application_layer_protocol_negotiation::write(names))?,
                }
            }
            Change::Without(code) => {
                hello.remove_extension(*code);
                // Early data is of the key that is offered first (RFC 8446, section 4.2.10).
                if *code == pre_shared_key::EXTENSION.code {
                    hello.remove_extension(early_data::EXTENSION.code);
                }
            }
            Change::WithoutExtensions => hello.extensions = None,
            Change::WithoutGrease => without_grease(hello).map_err(too_long)?,
            Change::WithGrease => with_grease(hello).map_err(too_long)?,
            Change::LegacyVersion(version) => hello.legacy_version = *version,
            Change::SessionIdLength(len) => hello.session_id = vec![0; *len],
            Change::Compression(methods) => hello.compression_methods.clone_from(methods),
            Change::Extension { code, content } => set_list(hello, *code, Ok(content.clone()))?,
            Change::Add { extension, codes } => edit_list(hello, *extension, |list| add(list, codes))?,
            Change::Remove { extension, codes } => {
                edit_list(hello, *extension, |list| list.retain(|code| !codes.contains(code)))?;
            }
            Change::ExtensionOrder(order) => sort_extensions(hello, order),
            Change::OneRecord => framing.records = Cut::Whole,
            Change::SecondRecordAt(at) => framing.records = Cut::At(vec![*at]),
            Change::SecondSegmentAt(at) => {
                framing.segments = Cut::At(vec![*at]);
                framing.pause = PAUSE;
            }
            Change::RecordVersion(version) => framing.record_version = *version,
            // Of the request, not of the hello.
            Change::WithoutClientCertificate | Change::Address(_) | Change::Pause(_) => {}
        }
        Ok(self)
    }
}

fn too_long(error: TooLong) -> Error {
    Error(error.to_string())
}

/// Adds what is not there yet.
fn add(list: &mut Vec<u16>, more: &[u16]) {
    let new: Vec<u16> = more.iter().copied().filter(|code| !list.contains(code)).collect();
    list.extend(new);
}

/// The code points of an extension that is a list of them behind `prefix` bytes of length.
fn listed(hello: &Hello, code: u16, prefix: usize) -> Vec<u16> {
    lists::codes(hello.extension(code).and_then(|content| content.get(prefix..)).unwrap_or_default())
        .collect()
}

/// A list in an extension; one that was not there is put where nothing has to come behind it.
fn set_list(hello: &mut Hello, code: u16, content: Result<Vec<u8>, TooLong>) -> Result<(), Error> {
    let content = content.map_err(too_long)?;
    match hello.extension(code) {
        Some(_) => hello.set_extension(code, content),
        None => renew::insert_before_psk(hello, code, content),
    }
    Ok(())
}

/// Changes the cipher suites, or the list of code points in an extension.
fn edit_list(
    hello: &mut Hello,
    extension: Option<u16>,
    edit: impl FnOnce(&mut Vec<u16>),
) -> Result<(), Error> {
    let Some(code) = extension else {
        edit(&mut hello.cipher_suites);
        return Ok(());
    };
    let versions = code == supported_versions::EXTENSION.code;
    let mut list = listed(hello, code, if versions { 1 } else { 2 });
    edit(&mut list);
    // All others have the form of supported_groups.
    set_list(
        hello,
        code,
        if versions { supported_versions::write(&list) } else { supported_groups::write(&list) },
    )
}

fn share_groups(hello: &Hello) -> impl Iterator<Item = u16> {
    let content = hello.extension(key_share::EXTENSION.code).and_then(|content| content.get(2..));
    lists::key_share_groups(content.unwrap_or_default())
}

/// Shares in these groups, if the hello offers TLS 1.3 at all.
fn shares(hello: &mut Hello, groups: &[u16]) -> Result<(), Error> {
    if hello.extension(key_share::EXTENSION.code).is_none() {
        return Ok(());
    }
    let places: Result<Vec<_>, _> = groups.iter().map(|group| place_for_share(*group)).collect();
    let places = places.map_err(|_| Error("no key share can be made in one of the groups".into()))?;
    set_list(hello, key_share::EXTENSION.code, key_share::write(&places))
}

/// Only versions from `min` to `max`. What only other versions need goes.
fn versions(hello: &mut Hello, min: u16, max: u16) -> Result<(), Error> {
    let all = Offer { min, max, ..Offer::default() };
    let old = max < TLS_1_3;
    hello.legacy_version = max.min(TLS_1_2);
    hello.cipher_suites.retain(|code| renew::is_grease(*code) || offer::fits_code(*code, &all));
    if !hello.cipher_suites.iter().any(|code| !renew::is_grease(*code)) {
        hello.cipher_suites.extend(offer::suites(&all));
    }
    if old {
        for code in [
            supported_versions::EXTENSION.code,
            key_share::EXTENSION.code,
            psk_key_exchange_modes::EXTENSION.code,
            pre_shared_key::EXTENSION.code,
            early_data::EXTENSION.code,
            cookie::EXTENSION.code,
        ] {
            hello.remove_extension(code);
        }
        // In TLS 1.3 it only looks like a resumption (RFC 8446, appendix D.4).
        hello.session_id.clear();
        let classical: Vec<u16> = listed(hello, supported_groups::EXTENSION.code, 2)
            .into_iter()
            .filter(|code| !group::find(*code).is_some_and(group::Group::is_post_quantum))
            .collect();
        if hello.extension(supported_groups::EXTENSION.code).is_some() {
            set_list(hello, supported_groups::EXTENSION.code, supported_groups::write(&classical))?;
        }
        if max < TLS_1_2 {
            hello.remove_extension(signature_algorithms::EXTENSION.code);
        }
        if max <= SSL_3_0 {
            hello.extensions = None;
        }
    } else {
        let grease: Vec<u16> = listed(hello, supported_versions::EXTENSION.code, 1)
            .into_iter()
            .filter(|code| renew::is_grease(*code))
            .collect();
        let offered = (min..=max).rev().collect::<Vec<_>>();
        let content = supported_versions::write(&[grease, offered].concat()).map_err(too_long)?;
        // supported_versions says nothing of that: some clients of TLS 1.2 send it too.
        let was_older = hello.extension(key_share::EXTENSION.code).is_none();
        set_list(hello, supported_versions::EXTENSION.code, Ok(content))?;
        if was_older {
            with_tls13(hello)?;
        }
    }
    Ok(())
}

/// What a hello of TLS 1.2 lacks for TLS 1.3 (RFC 8446, section 9.2).
fn with_tls13(hello: &mut Hello) -> Result<(), Error> {
    add(
        &mut hello.cipher_suites,
        &offer::suites(&Offer { min: TLS_1_3, ..Offer::default() }).collect::<Vec<_>>(),
    );
    let modes = psk_key_exchange_modes::write(&[1]);
    set_list(hello, psk_key_exchange_modes::EXTENSION.code, modes)?;
    let groups = listed(hello, supported_groups::EXTENSION.code, 2);
    let first = groups.iter().find_map(|group| place_for_share(*group).ok());
    set_list(hello, key_share::EXTENSION.code, key_share::write(&first.into_iter().collect::<Vec<_>>()))
}

/// Puts the extensions into this order; others come behind, and GREASE and `pre_shared_key` keep their places.
fn sort_extensions(hello: &mut Hello, order: &[u16]) {
    let Some(extensions) = &mut hello.extensions else { return };
    let stays = |code: u16| renew::is_grease(code) || code == pre_shared_key::EXTENSION.code;
    let mut moved: Vec<(u16, Vec<u8>)> =
        extensions.iter().filter(|(code, _)| !stays(*code)).cloned().collect();
    moved.sort_by_key(|(code, _)| order.iter().position(|other| other == code).unwrap_or(usize::MAX));
    let places = extensions.iter_mut().filter(|(code, _)| !stays(*code));
    places.zip(moved).for_each(|(place, extension)| *place = extension);
}

/// As Chromium: a value in front of each list, and an empty extension in front and a longer one behind.
fn with_grease(hello: &mut Hello) -> Result<(), TooLong> {
    let [suite, group, version, first, last] = [0x0a0a, 0x1a1a, 0x2a2a, 0x3a3a, 0x4a4a];
    hello.cipher_suites.insert(0, suite);
    for (extension, prefix, value, write) in [
        (supported_groups::EXTENSION.code, 2, group, supported_groups::write as fn(&[u16]) -> _),
        (supported_versions::EXTENSION.code, 1, version, supported_versions::write),
    ] {
        if hello.extension(extension).is_some() {
            let content = write(&[vec![value], listed(hello, extension, prefix)].concat())?;
            hello.set_extension(extension, content);
        }
    }
    if let Some(extensions) = &mut hello.extensions {
        extensions.insert(0, (first, Vec::new()));
        renew::insert_before_psk(hello, last, vec![0]);
    }
    Ok(())
}

fn without_grease(hello: &mut Hello) -> Result<(), TooLong> {
    let plain = |list: Vec<u16>| list.into_iter().filter(|code| !renew::is_grease(*code)).collect::<Vec<_>>();
    hello.cipher_suites.retain(|code| !renew::is_grease(*code));
    if let Some(extensions) = &mut hello.extensions {
        extensions.retain(|(code, _)| !renew::is_grease(*code));
    }
    for (extension, prefix, write) in [
        (supported_groups::EXTENSION.code, 2, supported_groups::write as fn(&[u16]) -> _),
        (supported_versions::EXTENSION.code, 1, supported_versions::write),
        (signature_algorithms::EXTENSION.code, 2, signature_algorithms::write),
    ] {
        if hello.extension(extension).is_some() {
            let content = write(&plain(listed(hello, extension, prefix)))?;
            hello.set_extension(extension, content);
        }
    }
    if let Some(content) = hello.extension(key_share::EXTENSION.code) {
        let kept: Vec<(u16, Vec<u8>)> = lists::key_shares(content.get(2..).unwrap_or_default())
            .filter(|(group, _)| !renew::is_grease(*group))
            .map(|(group, share)| (group, share.to_vec()))
            .collect();
        let content = key_share::write(&kept)?;
        hello.set_extension(key_share::EXTENSION.code, content);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::hello::Fresh;
    use crate::wire::Direction;
    use crate::wire::facts::Facts;
    use crate::wire::handshake::dissect;

    /// What is sent with a change, and what our dissector finds wrong with it.
    fn changed(offer: &Offer, change: &Change) -> (Hello, Option<String>) {
        let template = Template::offer(offer, Some("a.example")).unwrap();
        let template = template.changed(change, &mut Framing::default()).unwrap();
        let hello = template.build(&mut Fresh::default()).unwrap();
        let mut facts = Facts::default();
        let dissected = dissect(&hello.write().unwrap(), Direction::Client, &mut facts, true);
        (hello, dissected.problem.map(|problem| problem.to_string()))
    }

    #[test]
    fn every_version_is_offered_as_its_clients_do() {
        let of_tls12 = Offer { max: TLS_1_2, ..Offer::default() };
        for offer in [Offer::default(), of_tls12] {
            for (min, max) in
                [(0x0300, 0x0300), (0x0301, 0x0301), (0x0301, 0x0303), (0x0303, 0x0304), (0x0304, 0x0304)]
            {
                let (hello, problem) = changed(&offer, &Change::Versions { min, max });
                assert_eq!(problem, None, "{min:x} to {max:x}");
                let tls13 = |code: u16| hello.extension(code).is_some();
                assert_eq!(tls13(key_share::EXTENSION.code), max == TLS_1_3);
                assert_eq!(tls13(supported_versions::EXTENSION.code), max == TLS_1_3);
                assert_eq!(hello.cipher_suites.iter().any(|code| code >> 8 == 0x13), max == TLS_1_3);
                assert_eq!(hello.extensions.is_some(), max > SSL_3_0);
                assert!(!hello.cipher_suites.is_empty());
            }
        }
    }

    #[test]
    fn every_change_leaves_a_hello_that_can_be_read() {
        let offer = Offer { grease: true, alpn: vec![b"h2".to_vec()], ..Offer::default() };
        for change in [
            Change::ServerName(None),
            Change::ServerName(Some("b.example".into())),
            Change::CipherSuites(vec![0x1301]),
            Change::MoreCipherSuites(vec![0x000a, 0x1301]),
            Change::Groups(vec![0x17]),
            Change::MoreGroups(vec![0x100]),
            Change::Shares(vec![0x1d, 0x17]),
            Change::SignatureSchemes(vec![0x0201]),
            Change::MoreSignatureSchemes(vec![0x0201]),
            Change::Alpn(Vec::new()),
            Change::Alpn(vec![b"http/1.1".to_vec()]),
            Change::Without(23),
            Change::WithoutGrease,
            Change::PaddedTo(2000),
        ] {
            let (hello, problem) = changed(&offer, &change);
            assert_eq!(problem, None, "{change:?}");
            match &change {
                Change::Groups(groups) => assert!(share_groups(&hello).eq(groups.iter().copied())),
                Change::Without(code) => assert!(hello.extension(*code).is_none()),
                Change::WithoutGrease => {
                    assert!(!hello.cipher_suites.iter().any(|code| renew::is_grease(*code)))
                }
                Change::PaddedTo(len) => assert_eq!(hello.write().unwrap().len(), *len),
                _ => {}
            }
        }
    }
}

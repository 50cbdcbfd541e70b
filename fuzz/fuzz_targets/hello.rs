//! Any offer, any fields and any file: a ClientHello is built or refused, and what is built is dissected.

#![no_main]

use std::num::NonZeroUsize;
use std::sync::LazyLock;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use tls_trace::capture::Offer;
use tls_trace::engine::hello::{Cached, Framing, Hello, Opening, Template};
use tls_trace::wire::Direction;
use tls_trace::wire::facts::Facts;
use tls_trace::wire::handshake::{dissect, lists};
use tls_trace::wire::record::Cut;
use tls_trace_fuzz::assert_tiles;

#[derive(Debug, Arbitrary)]
enum Input {
    Fields {
        legacy_version: u16,
        random: [u8; 32],
        session_id: Vec<u8>,
        cipher_suites: Vec<u16>,
        compression_methods: Vec<u8>,
        extensions: Option<Vec<(Code, Vec<u8>)>>,
        change: Change,
    },
    Offer {
        min: u16,
        max: u16,
        ciphers: Option<Vec<u16>>,
        groups: Option<Vec<u16>>,
        shares: Option<Vec<u16>>,
        sigalgs: Option<Vec<u16>>,
        alpn: Vec<Vec<u8>>,
        no_tickets: bool,
        grease: bool,
        change: Change,
    },
    File {
        content: Vec<u8>,
        change: Change,
    },
}

/// Mostly codes that are known.
#[derive(Debug, Arbitrary)]
enum Code {
    Low(u8),
    Renewed(u8),
    Any(u16),
}

#[derive(Debug, Arbitrary)]
struct Change {
    name: Option<Option<String>>,
    permute: bool,
    pad: Option<u16>,
    records: Vec<u16>,
    segments: u16,
}

/// The keys are made once: the fuzzer looks for mistakes in forms.
static KEYS: LazyLock<Cached> = LazyLock::new(Cached::default);

fuzz_target!(|input: Input| {
    let (opening, change) = match input {
        Input::Fields {
            legacy_version,
            random,
            session_id,
            cipher_suites,
            compression_methods,
            extensions,
            change,
        } => {
            let code = |code: Code| match code {
                Code::Low(code) => code.into(),
                Code::Renewed(at) => [10, 13, 21, 35, 41, 43, 50, 51, 65037][usize::from(at) % 9],
                Code::Any(code) => code,
            };
            let extensions =
                extensions.map(|list| list.into_iter().map(|(c, content)| (code(c), content)).collect());
            let hello =
                Hello { legacy_version, random, session_id, cipher_suites, compression_methods, extensions };
            let Ok(message) = hello.write() else { return };
            assert_eq!(Hello::read(&message).as_ref(), Ok(&hello));
            read(&message, &hello);
            (Template::new(hello).map(Opening::Hello), change)
        }
        Input::Offer { min, max, ciphers, groups, shares, sigalgs, alpn, no_tickets, grease, change } => {
            let offer = Offer { min, max, ciphers, groups, shares, sigalgs, alpn, no_tickets, grease };
            (Template::offer(&offer, None).map(Opening::Hello), change)
        }
        Input::File { content, change } => (Opening::read(&content), change),
    };
    let Ok(mut opening) = opening else { return };
    if let Opening::Hello(template) = opening {
        let mut template = template.permuted(change.permute);
        if let Some(name) = change.name {
            let Ok(named) = template.named(name.as_deref()) else { return };
            template = named;
        }
        if let Some(len) = change.pad {
            template = template.padded_to(len.into());
        }
        if let Ok(hello) = template.build(&mut &*KEYS) {
            let message = hello.write().expect("what is built can be written");
            read(&message, &hello);
        }
        opening = Opening::Hello(template);
    }
    let framing = Framing {
        records: Cut::At(change.records.iter().map(|end| usize::from(*end)).collect()),
        segments: NonZeroUsize::new(change.segments.into()).map_or(Cut::Whole, Cut::Every),
        ..Framing::default()
    };
    if let Ok(pieces) = opening.pieces(&framing, &mut &*KEYS) {
        assert!(pieces.iter().all(|piece| !piece.is_empty()));
        // What travels is found again as a hello.
        assert!(Opening::read(&pieces.concat()).is_ok());
    }
});

/// The dissector sees what was written.
fn read(message: &[u8], hello: &Hello) {
    let mut facts = Facts::default();
    let dissected = dissect(message, Direction::Client, &mut facts, true);
    assert_tiles(&dissected.root.expect("a tree was asked for"), message.len());
    let client = facts.client.expect("a ClientHello");
    assert_eq!((client.legacy_version.0, client.random), (hello.legacy_version, hello.random));
    assert!(lists::codes(&message[client.cipher_suites.range()]).eq(hello.cipher_suites.iter().copied()));
    assert_eq!(usize::from(client.extensions.count), hello.extensions.iter().flatten().count().min(65535));
}

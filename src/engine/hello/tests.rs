use super::*;
use crate::wire::Direction;
use crate::wire::codepoints::group;
use crate::wire::extension::{
    encrypted_client_hello, extended_master_secret, key_share, pre_shared_key, session_ticket,
    supported_groups, supported_versions,
};
use crate::wire::facts::Facts;
use crate::wire::fingerprint::{Offer, Transport};
use crate::wire::handshake::{dissect, lists};
use crate::wire::record::Cut;

const GROUPS: [u16; 9] = [0x11ec, 0x11ed, 0x11eb, 0x001d, 0x0017, 0x0018, 0x0019, 0x0201, 0x0202];

/// With everything in it that is renewed.
fn model() -> Hello {
    let share = |code: u16| {
        let len = group::find(code).unwrap().client.iter().map(|part| part.len).sum();
        (code, vec![0u8; len])
    };
    let mut shares = vec![(0x1a1a, vec![0])];
    shares.extend(GROUPS.map(share));
    let groups = [&[0x1a1a], &GROUPS[..]].concat();
    Hello {
        legacy_version: 0x0303,
        random: [0; 32],
        session_id: vec![0; 32],
        cipher_suites: vec![0x2a2a, 0x1301, 0xc02f],
        compression_methods: vec![0],
        extensions: Some(vec![
            (0x3a3a, vec![]),
            (server_name::EXTENSION.code, server_name::write("before.example").unwrap()),
            (extended_master_secret::EXTENSION.code, vec![]),
            (supported_groups::EXTENSION.code, supported_groups::write(&groups).unwrap()),
            (session_ticket::EXTENSION.code, vec![0; 160]),
            (
                supported_versions::EXTENSION.code,
                supported_versions::write(&[0x5a5a, 0x0304, 0x0303]).unwrap(),
            ),
            (key_share::EXTENSION.code, key_share::write(&shares).unwrap()),
            (
                encrypted_client_hello::EXTENSION.code,
                encrypted_client_hello::write_outer([1, 1], 0, &[0; 32], &[0; 144]).unwrap(),
            ),
            (0x4a4a, vec![0]),
            (
                pre_shared_key::EXTENSION.code,
                pre_shared_key::write(&[(vec![0; 64], 5), (vec![0; 9], 0)], &[vec![0; 32], vec![0; 48]])
                    .unwrap(),
            ),
        ]),
    }
}

fn codes(hello: &Hello) -> Vec<u16> {
    hello.extensions.iter().flatten().map(|(code, _)| *code).collect()
}

/// The message without a problem that the dissector would see.
fn sound(hello: &Hello) -> Vec<u8> {
    let message = hello.write().unwrap();
    let dissected = dissect(&message, Direction::Client, &mut Facts::default(), true);
    assert_eq!(dissected.problem, None);
    message
}

fn fingerprint(message: &[u8]) -> (String, String) {
    let offer = Offer::of(message).unwrap();
    (offer.ja3_text(), offer.ja4_text(Transport::Tcp))
}

#[test]
fn what_belongs_to_one_connection_is_new_and_the_rest_stays() {
    let model = model();
    let template = Template::new(model.clone()).unwrap();
    let (mut one, mut other) = (Fresh::default(), Fresh::default());
    let (first, second) = (template.build(&mut one).unwrap(), template.build(&mut other).unwrap());
    assert_eq!(fingerprint(&sound(&first)), fingerprint(&sound(&second)));
    assert_eq!(fingerprint(&sound(&first)), fingerprint(&model.write().unwrap()));
    assert_ne!(first.random, second.random);
    assert_ne!(first.session_id, second.session_id);
    for code in [
        key_share::EXTENSION.code,
        session_ticket::EXTENSION.code,
        encrypted_client_hello::EXTENSION.code,
        pre_shared_key::EXTENSION.code,
    ] {
        let [old, first, second] = [&model, &first, &second].map(|hello| hello.extension(code).unwrap());
        assert!(old != first && first != second, "{code}");
        assert_eq!((old.len(), old.len()), (first.len(), second.len()), "{code}");
    }
    // What the private halves belong to is what was sent.
    assert_eq!(one.pairs.iter().map(KeyPair::group).collect::<Vec<_>>(), GROUPS);
    let sent = first.extension(key_share::EXTENSION.code).unwrap();
    let sent: Vec<_> = lists::key_shares(&sent[2..]).collect();
    for (pair, (group, share)) in one.pairs.iter().zip(&sent[1..]) {
        assert_eq!((pair.group(), pair.public()), (*group, *share));
    }
    assert_eq!(one.take(0x17).unwrap().group(), 0x17);
    assert!(one.take(0x17).is_none());
}

#[test]
fn values_of_grease_change_and_keep_their_relations() {
    let template = Template::new(model()).unwrap();
    let cached = Cached::default();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..64 {
        let hello = template.build(&mut &cached).unwrap();
        let groups: Vec<u16> =
            lists::codes(&hello.extension(supported_groups::EXTENSION.code).unwrap()[2..]).collect();
        let shares = hello.extension(key_share::EXTENSION.code).unwrap();
        let shared: Vec<u16> = lists::key_share_groups(&shares[2..]).collect();
        assert!(renew::is_grease(groups[0]) && shared[0] == groups[0]);
        let order = codes(&hello);
        assert!(renew::is_grease(order[0]) && renew::is_grease(order[8]) && order[0] != order[8]);
        assert!(renew::is_grease(hello.cipher_suites[0]));
        let versions = hello.extension(supported_versions::EXTENSION.code).unwrap();
        assert!(renew::is_grease(u16::from_be_bytes([versions[1], versions[2]])), "{versions:x?}");
        seen.insert(groups[0]);
    }
    assert!(seen.len() > 4, "{seen:x?}");
}

#[test]
fn a_name_is_replaced_added_or_taken_out() {
    let template = Template::new(model()).unwrap();
    let names = |name| {
        let hello = template.clone().named(name).unwrap().build(&mut Fresh::default()).unwrap();
        sound(&hello);
        hello.extension(0).map(<[u8]>::to_vec)
    };
    assert_eq!(names(Some("after.example")), Some(server_name::write("after.example").unwrap()));
    assert_eq!(names(None), None);
    let back = template.named(None).unwrap().named(Some("a")).unwrap();
    assert_eq!(codes(back.hello())[..3], [0x3a3a, 0, extended_master_secret::EXTENSION.code]);
}

#[test]
fn padding_makes_up_for_another_name() {
    let template = Template::new(model()).unwrap().padded_to(9000);
    let order = codes(template.hello());
    assert_eq!(order[order.len() - 2..], [padding::EXTENSION.code, pre_shared_key::EXTENSION.code]);
    for name in ["a", "a.much.longer.name.example"] {
        let hello = template.clone().named(Some(name)).unwrap().build(&mut Fresh::default()).unwrap();
        assert_eq!(sound(&hello).len(), 9000);
    }
    // A recorded hello keeps its length as well; one that is too long already keeps an empty padding.
    let recorded =
        Template::recorded(&template.build(&mut Fresh::default()).unwrap().write().unwrap()).unwrap();
    let again = recorded.clone().named(Some("a")).unwrap().build(&mut Fresh::default()).unwrap();
    assert_eq!(sound(&again).len(), 9000);
    let short = recorded.padded_to(10).build(&mut Fresh::default()).unwrap();
    assert_eq!(short.extension(padding::EXTENSION.code), Some(&[][..]));
}

#[test]
fn permutation_keeps_what_has_a_place() {
    let template = Template::new(model()).unwrap().permuted(true);
    let mut orders = std::collections::BTreeSet::new();
    let sorted = |mut codes: Vec<u16>| {
        codes.retain(|code| !renew::is_grease(*code));
        codes.sort_unstable();
        codes
    };
    for _ in 0..20 {
        let hello = template.build(&mut &Cached::default()).unwrap();
        sound(&hello);
        let order = codes(&hello);
        assert!(renew::is_grease(order[0]) && renew::is_grease(order[8]));
        assert_eq!(order[9], pre_shared_key::EXTENSION.code);
        assert_eq!(sorted(order.clone()), sorted(codes(template.hello())));
        orders.insert(order[1..8].to_vec());
    }
    assert!(orders.len() > 10);
}

#[test]
fn shares_that_cannot_be_made_and_odd_ones_stay() {
    let odd = [(0x001e, vec![7; 56]), (0x001d, vec![]), (0x001d, vec![1; 5]), (0x0017, vec![9; 65])];
    let mut hello = model();
    hello.set_extension(key_share::EXTENSION.code, key_share::write(&odd).unwrap());
    let mut fresh = Fresh::default();
    let built = Template::new(hello).unwrap().build(&mut fresh).unwrap();
    let content = built.extension(key_share::EXTENSION.code).unwrap();
    let shares: Vec<_> = lists::key_shares(&content[2..]).collect();
    assert_eq!(shares[..3].iter().map(|(g, s)| (*g, s.to_vec())).collect::<Vec<_>>(), odd[..3]);
    assert_eq!(shares[3].1, fresh.pairs[0].public());
    assert_eq!(fresh.pairs.len(), 1);
}

#[test]
fn cached_shares_are_made_once() {
    let cached = Cached::default();
    let template = Template::new(model()).unwrap();
    let shares = |hello: Hello| {
        let content = hello.extension(key_share::EXTENSION.code).unwrap().to_vec();
        lists::key_shares(&content[2..]).skip(1).map(|(_, share)| share.to_vec()).collect::<Vec<_>>()
    };
    let first = shares(template.build(&mut &cached).unwrap());
    assert_eq!(first, shares(template.build(&mut &cached).unwrap()));
    assert_ne!(first, shares(template.build(&mut &Cached::default()).unwrap()));
}

#[test]
fn both_halves_agree() {
    // An encapsulation is a server's work: of a KEM nothing is exchanged here.
    for code in [0x001d, 0x0017, 0x0018, 0x0019] {
        let [ours, theirs] = [(); 2].map(|()| KeyPair::generate(code).unwrap().unwrap());
        let (our_share, their_share) = (ours.public().to_vec(), theirs.public().to_vec());
        let (a, b) = (ours.agree(&their_share).unwrap(), theirs.agree(&our_share).unwrap());
        assert_eq!(a.secret_bytes(), b.secret_bytes());
    }
    assert!(KeyPair::generate(0x001e).unwrap().is_none());
    assert!(KeyPair::generate(0x11ed).unwrap().unwrap().agree(&[4; 97]).is_err());
}

#[test]
fn what_belongs_to_no_form_is_left_alone() {
    let mut hello = model();
    for code in [
        key_share::EXTENSION.code,
        pre_shared_key::EXTENSION.code,
        encrypted_client_hello::EXTENSION.code,
        supported_groups::EXTENSION.code,
    ] {
        hello.set_extension(code, vec![0, 9, 1]);
    }
    let built = Template::new(hello.clone()).unwrap().build(&mut Fresh::default()).unwrap();
    assert_eq!(built.extension(key_share::EXTENSION.code), Some(&[0, 9, 1][..]));
    assert_eq!(built.extension(pre_shared_key::EXTENSION.code), Some(&[0, 9, 1][..]));
    assert_eq!(codes(&built).len(), codes(&hello).len());
}

#[test]
fn a_hello_travels_as_asked() {
    let hello = model();
    let message = hello.write().unwrap();
    let whole = Framing::default().frame(&hello).unwrap();
    assert_eq!(whole.len(), 1);
    assert_eq!(whole[0][..5], [&[22, 3, 1][..], &(message.len() as u16).to_be_bytes()].concat());
    let two = Framing { records: Cut::At(vec![100]), record_version: 0x0303, ..Framing::default() };
    let two = two.frame(&hello).unwrap().concat();
    assert_eq!((&two[..5], &two[105..108]), (&[22, 3, 3, 0, 100][..], &[22, 3, 3][..]));
    let every = std::num::NonZeroUsize::new(7).unwrap();
    let many = Framing { segments: Cut::Every(every), ..Framing::default() }.frame(&hello).unwrap();
    assert_eq!(many.len(), whole[0].len().div_ceil(7));
    assert_eq!(many.concat(), whole[0]);
}

/// SplitMix64: small, seeded, the same everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n) as usize
    }

    fn bytes(&mut self, most: u64) -> Vec<u8> {
        (0..self.below(most + 1)).map(|_| self.below(256) as u8).collect()
    }

    fn codes(&mut self, most: u64) -> Vec<u16> {
        (0..self.below(most + 1)).map(|_| self.below(0x10000) as u16).collect()
    }

    /// An extension that is known, unknown, or GREASE; its content is of its form, or anything.
    fn extension(&mut self) -> (u16, Vec<u8>) {
        let code = match self.below(4) {
            0 => self.below(0x10000) as u16,
            1 => self.below(16) as u16 * 0x1010 + 0x0a0a,
            _ => {
                let all = crate::wire::extension::all();
                all[self.below(all.len() as u64)].code
            }
        };
        let content = match code {
            10 => supported_groups::write(&self.codes(9)).unwrap(),
            43 => supported_versions::write(&self.codes(9)).unwrap(),
            51 => {
                let shares: Vec<_> = self.codes(4).into_iter().map(|group| (group, self.bytes(99))).collect();
                key_share::write(&shares).unwrap()
            }
            _ => self.bytes(40),
        };
        (code, content)
    }

    fn hello(&mut self) -> Hello {
        let mut random = [0; 32];
        random.iter_mut().for_each(|byte| *byte = self.below(256) as u8);
        Hello {
            legacy_version: self.below(0x10000) as u16,
            random,
            session_id: self.bytes(32),
            cipher_suites: self.codes(40),
            compression_methods: self.bytes(3),
            extensions: (self.below(5) > 0).then(|| (0..self.below(20)).map(|_| self.extension()).collect()),
        }
    }
}

#[test]
fn what_is_built_is_read_to_the_same_facts() {
    let mut dice = Dice(11);
    for round in 0..3000 {
        let hello = dice.hello();
        let message = hello.write().unwrap();
        assert_eq!(Hello::read(&message), Ok(hello.clone()), "round {round}");
        let mut facts = Facts::default();
        let dissected = dissect(&message, Direction::Client, &mut facts, true);
        crate::wire::handshake::tests::assert_tiles(&dissected.root.unwrap(), message.len());
        let client = facts.client.unwrap();
        assert_eq!((client.legacy_version.0, client.random), (hello.legacy_version, hello.random));
        assert_eq!(message[client.session_id.range()], hello.session_id);
        assert!(lists::codes(&message[client.cipher_suites.range()]).eq(hello.cipher_suites.iter().copied()));
        assert_eq!(message[client.compression_methods.range()], hello.compression_methods);
        assert!(
            client.extensions.overflow || codes(&hello).iter().all(|code| client.extensions.contains(*code))
        );
        assert_eq!(usize::from(client.extensions.count), codes(&hello).len());
        // The last of several counts, for the dissector.
        let last =
            |code| hello.extensions.iter().flatten().rfind(|(found, _)| *found == code).map(|(_, c)| &c[..]);
        let span = |span: Option<crate::wire::facts::Span>| span.map(|span| &message[span.range()]);
        assert_eq!(span(client.supported_groups), last(10).map(|content| &content[2..]));
        assert_eq!(span(client.supported_versions), last(43).map(|content| &content[1..]));
        assert_eq!(span(client.key_shares), last(51).map(|content| &content[2..]));
        // Sending it again is possible, too, and has the same fingerprint.
        let again = Template::new(hello).unwrap().build(&mut Fresh::default()).unwrap().write().unwrap();
        assert_eq!(fingerprint(&again), fingerprint(&message), "round {round}");
    }
}

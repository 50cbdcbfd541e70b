//! The lab engine against any server: it never panics, never says more than a few messages, and ends.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tls_trace::capture::Offer;
use tls_trace::engine::hello::Fresh;
use tls_trace::engine::lab::{Lab, Psk, Setup, of_offer};

fuzz_target!(|input: &[u8]| {
    let Some((&kind, bytes)) = input.split_first() else { return };
    let (min, max) =
        [(0x0303, 0x0304), (0x0301, 0x0303), (0x0300, 0x0300), (0x0304, 0x0304)][usize::from(kind & 3)];
    let psk = (kind & 4 != 0).then(|| Psk { identity: b"me".to_vec(), key: vec![7; 16] });
    let offer = Offer { min, max, ..Offer::default() };
    let mut fresh = Fresh::default();
    let hello = of_offer(&offer, Some("localhost"), psk.as_ref(), None, &mut fresh)
        .expect("an offer that can be made");
    let setup = Setup { min, client: None, psk, enforced: kind & 8 != 0, judge: Box::new(|_| Ok(())) };
    let mut lab = Lab::new(setup, hello, fresh, None).expect("a hello that can be written");
    let mut data = Vec::new();
    let mut said = lab.take_outgoing().len();
    // As reads would bring it.
    for part in bytes.chunks(1 + usize::from(kind >> 4) * 97) {
        let heard = lab.hear(part, &mut data);
        said += lab.take_outgoing().len();
        assert!(data.len() <= bytes.len(), "more data than came");
        if heard.is_err() {
            break;
        }
    }
    assert!(said < 1 << 17, "{said} bytes were said");
});

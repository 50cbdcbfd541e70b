//! Arbitrary bytes as a capture file, compressed or not: it is read to its end in bounded memory, and what is found is
//! folded without loss.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tls_trace::packet::{Captures, Keep, compression};
use tls_trace::trace::Trace;
use tls_trace_fuzz::assert_conserved;

fuzz_target!(|input: &[u8]| {
    let Ok(file) = compression::open(std::io::Cursor::new(input.to_vec())) else { return };
    let Ok(mut captures) = Captures::new(file, Keep::ALL) else { return };
    // Originals of resumed sessions too, before they have ended.
    captures.opens();
    captures.take(64).for_each(|found| assert_conserved(&Trace::of(&found.capture)));
});

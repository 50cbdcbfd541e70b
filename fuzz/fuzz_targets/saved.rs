//! Arbitrary files as saved traces, up to the screen.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tls_trace::capture::saved;
use tls_trace_fuzz::assert_renders;

fuzz_target!(|input: &[u8]| {
    if let Ok(session) = saved::parse(input) {
        assert_renders(session, input.len() as u8);
    }
});

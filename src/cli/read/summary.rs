//! What is said of a capture file as a whole: what could not be read of it, and what was left out.

use std::io::Read;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use super::super::options::Which;
use super::super::say::say;
use crate::finding::summary::counted;
use crate::packet::{Captures, Counts, Found, Keep, Notice};
use crate::wire::text;

/// What is known of a capture file once it was read.
#[derive(Debug, Clone, Default)]
pub(super) struct Summary(Arc<Mutex<WhatWasRead>>);

#[derive(Debug, Default)]
struct WhatWasRead {
    counts: Option<Counts>,
    /// It was read to its end.
    complete: bool,
    notices: Vec<Notice>,
    more_notices: u64,
}

/// Leaves a summary when the file was read.
pub(super) struct Telling {
    captures: Box<Captures<Box<dyn Read + Send>>>,
    /// A table is wanted, if there are several.
    table: bool,
    found: u64,
    told: Summary,
}

impl Telling {
    pub(super) fn new(captures: Box<Captures<Box<dyn Read + Send>>>, table: bool, told: Summary) -> Telling {
        Telling { captures, table, found: 0, told }
    }
}

impl Iterator for Telling {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        let next = self.captures.next();
        self.found += u64::from(next.as_ref().is_some_and(|found| found.ended));
        if self.table && self.found == 2 {
            self.captures.keep(Keep::HANDSHAKE);
        }
        if let Ok(mut told) = self.told.0.lock() {
            told.counts = Some(self.captures.counts());
            if next.is_none() {
                told.complete = !self.captures.stop().load(Ordering::Relaxed);
                (told.notices, told.more_notices) =
                    (self.captures.notices().to_vec(), self.captures.more_notices());
            }
        }
        next
    }
}

impl Summary {
    /// Says what of the file could not be read; an error if nothing of it is in the report. Whether its end was not
    /// reached in the time that there was, if that is `limited`.
    pub(super) fn tell(
        &self,
        file: &Path,
        which: &Which,
        count: usize,
        limited: bool,
    ) -> Result<bool, String> {
        let file = text::path(file);
        let Ok(told) = self.0.lock() else { return Ok(false) };
        let Some(counts) = told.counts else { return Ok(false) };
        for Notice { offset, what } in &told.notices {
            say(&format!("warning: {file}, byte {offset}: {what}"));
        }
        let tell = |n: u64, what: &str| {
            if n > 0 {
                say(&format!("warning: {file}: {n} {what}"));
            }
        };
        tell(told.more_notices, "more places that could not be read");
        if let (packets @ 1.., Some(link)) = (counts.other_links, counts.other_link) {
            let packets = counted(packets as usize, "packet");
            say(&format!("warning: {file}: {packets} of a link layer that is not read (LINKTYPE {link})"));
        }
        tell(counts.fragments_lost, "fragments of IP packets that did not become whole");
        tell(counts.evicted, "connections were cut off, since too many were open at once");
        let udp = counts.udp;
        let connections = counted(udp.quic_evicted as usize, "QUIC connection");
        if udp.quic_evicted > 0 {
            say(&format!("warning: {file}: {connections} cut off, since too many were open at once"));
        }
        if udp.quic_unopened > 0 {
            let datagrams = counted(udp.quic_unopened as usize, "datagram");
            say(&format!(
                "note: {file}: {datagrams} of QUIC not decoded: the connection's first packet was not captured"
            ));
        }
        if udp.dtls > 0 {
            let datagrams = counted(udp.dtls as usize, "datagram");
            let ends = counted(udp.dtls_conversations as usize, "conversation");
            say(&format!("note: {file}: DTLS is not decoded: {datagrams} in {ends}"));
        }
        let cut_short = limited && !told.complete && (which.stream.is_none() || count == 0);
        if cut_short {
            let packets = counted(counts.packets as usize, "packet");
            say(&format!(
                "warning: {file}: time was up (--max-time) after {packets}; what follows was not read"
            ));
            return Ok(true);
        }
        if let (0, Some(stream)) = (count, &which.stream) {
            let what = match stream.strip_prefix("udp:") {
                Some(number) => format!("no QUIC that could be decrypted in its UDP conversation {number}"),
                None => format!("no TLS in its TCP connection {stream}"),
            };
            return Err(format!("{file}: there is {what}; without --stream, read shows all"));
        }
        if count == 0 {
            let (packets, connections) = (counts.packets, counts.connections);
            return Err(format!(
                "{file}: there is no TLS in it: {}, {}, {}",
                counted(packets as usize, "packet"),
                counted(connections as usize, "TCP connection"),
                counted(udp.datagrams as usize, "UDP datagram")
            ));
        }
        Ok(false)
    }
}

//! What `--packets` could not capture.

use crate::capture::LivePackets;
use crate::finding::summary::counted;
use crate::finding::{Finding, Severity};
use crate::wire::text::escape;

use super::Remark;

pub(super) const NOT_CAPTURED: Remark = Remark {
    id: "packets.not_captured",
    title: "packets not captured (--packets)",
    about: "--packets reads the connection's packets from a packet socket (AF_PACKET), which Linux allows to processes \
            with CAP_NET_RAW only: root, or a program that was given the capability (setcap cap_net_raw+ep). Without \
            it the handshake is recorded all the same, from the bytes that were read and written; what is missing is \
            how TCP carried them. --pcap then makes up the headers of its packets.",
    of: |case| {
        let why = match case.capture.packets.as_ref()? {
            LivePackets::Captured { .. } => return None,
            LivePackets::NotPermitted => {
                "this process lacks CAP_NET_RAW: run it as root, or give the program the capability (setcap \
                 cap_net_raw+ep)"
                    .to_owned()
            }
            LivePackets::Failed(text) => escape(text),
        };
        Some(Finding::new(NOT_CAPTURED.id, Severity::Warning, NOT_CAPTURED.title, why))
    },
};

pub(super) const INCOMPLETE: Remark = Remark {
    id: "packets.incomplete",
    title: "not all packets are shown",
    about: "Packets arrived faster than they could be taken from the kernel, or there were more of them than are kept. \
            The recording of the handshake is not affected: its bytes are recorded where they are read and written.",
    of: |case| {
        let LivePackets::Captured { lost, .. } = case.capture.packets.as_ref()? else { return None };
        let count = |n: u64| counted(usize::try_from(n).unwrap_or(usize::MAX), "packet");
        let dropped = case.capture.segments_dropped;
        let mut parts = Vec::new();
        if *lost > 0 {
            let port = case.capture.intent.port;
            let port = case.attempts().last().map_or(port, |(_, address, _)| address.port());
            parts.push(format!(
                "the kernel had no room for {} at port {port}, of this connection or of others",
                count(*lost)
            ));
        }
        if dropped > 0 {
            parts.push(format!("{} beyond the limit were not kept", count(dropped)));
        }
        if parts.is_empty() {
            return None;
        }
        Some(Finding::new(INCOMPLETE.id, Severity::Note, INCOMPLETE.title, parts.join("; ")))
    },
};

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;
    use crate::capture::{Capture, Intent, Question};
    use crate::finding::Case;
    use crate::trace::Trace;

    fn told(packets: Option<LivePackets>, dropped: u64) -> Vec<(String, String)> {
        let mut capture = Capture::new(Intent::default(), UNIX_EPOCH);
        (capture.packets, capture.segments_dropped) = (packets, dropped);
        let trace = Trace::of(&capture);
        let question = Question::default();
        let case =
            Case { question: &question, capture: &capture, trace: &trace, judgement: None, original: None };
        [NOT_CAPTURED, INCOMPLETE]
            .iter()
            .filter_map(|remark| (remark.of)(&case))
            .map(|finding| (finding.id.into_owned(), finding.what))
            .collect()
    }

    #[test]
    fn what_was_not_captured_is_told() {
        assert_eq!(told(None, 0), []);
        assert_eq!(told(Some(LivePackets::Captured { again: 9, lost: 0 }), 0), []);
        let [(id, what)] = &told(Some(LivePackets::NotPermitted), 0)[..] else { panic!() };
        assert!(id == "packets.not_captured" && what.contains("CAP_NET_RAW"), "{what}");
        let [(_, what)] = &told(Some(LivePackets::Failed("a\u{1b}[2J".into())), 0)[..] else { panic!() };
        assert!(!what.contains('\u{1b}'), "{what}");
        let [(id, what)] = &told(Some(LivePackets::Captured { again: 0, lost: 3 }), 2)[..] else { panic!() };
        assert_eq!(id, "packets.incomplete");
        assert!(what.contains("3 packets") && what.contains("2 packets beyond"), "{what}");
    }
}

//! Recorded connections, and what becomes of them when something is changed.

use std::time::Duration;

use tls_trace::capture::{Capture, Event, How, PipeEnd, Question, Role, Secrets, Stopped, saved};
use tls_trace::finding::cause::Seen;
use tls_trace::finding::{By, Outcome, Severity, client_certificate};
use tls_trace::judged::{Facts, Judged};
use tls_trace::trace::Kind;
use tls_trace::wire::Direction::{Client, Server};

use crate::golden::{self, GOLDENS, change};
use crate::{common, failure, finding, id, judged};

/// A recording and what was asked of it.
fn recorded(name: &str) -> (Capture, Question) {
    let golden = GOLDENS.iter().find(|golden| golden.name == name).unwrap();
    let session = golden.session();
    (session.captures.into_iter().next().unwrap(), session.question)
}

/// The same of a scenario of the demo, run now.
fn performed(words: &[&str]) -> (Capture, Question) {
    let directory = common::scratch();
    let path = common::file(&directory, "saved.json");
    common::run([&["demo"], words, &["-q", "--secrets", "all", "--save", common::text(&path)]].concat());
    let session = saved::parse(&std::fs::read(path).unwrap()).unwrap();
    (session.captures.into_iter().next().unwrap(), session.question)
}

/// A recording, changed, judged.
fn changed(name: &str, work: impl FnOnce(&mut Capture)) -> Judged {
    let (mut capture, question) = recorded(name);
    work(&mut capture);
    judged(capture, &question)
}

/// An alert in clear.
fn alert(level: u8, description: u8) -> Vec<u8> {
    golden::record(21, &[level, description])
}

/// After all that has come so far a side says this; ends of the connection come later.
fn append(capture: &mut Capture, side: tls_trace::wire::Direction, what: &[u8]) {
    let place = capture.events.iter().position(|event| matches!(event, Event::End { .. }));
    let place = place.unwrap_or(capture.events.len());
    let at = capture.events[..place].last().map_or(Duration::ZERO, Event::at) + Duration::from_millis(1);
    capture.events.insert(place, Event::Bytes { direction: side, at, bytes: what.to_vec() });
}

#[test]
fn how_a_client_certificate_was_taken() {
    let outcome = |work: &dyn Fn(&mut Capture)| {
        let (mut capture, question) = recorded("client-cert");
        work(&mut capture);
        let judged = judged(capture, &question);
        client_certificate::outcome(&judged.case(&question))
    };
    assert_eq!(outcome(&|_| {}), Some("accepted"));
    // In TLS 1.3 silence tells nothing, nor does a farewell: only what comes after our Finished does.
    let (capture, question) = recorded("client-cert");
    let trace = judged(capture, &question).trace;
    let ours =
        trace.messages.iter().rfind(|message| message.direction == Client && message.name == "Finished");
    let (ours, farewell) =
        (ours.unwrap().at, trace.messages.iter().rfind(|message| message.direction == Server));
    let farewell = farewell.unwrap();
    assert!(matches!(farewell.kind, Kind::Alert { .. }) && farewell.at > ours);
    let silent = |capture: &mut Capture| {
        capture.events.retain(|event| event.at() <= ours || matches!(event, Event::End { .. }));
    };
    assert_eq!(outcome(&silent), Some("unknown"));
    // Nobody asked.
    let (capture, question) = recorded("tls13");
    let judged = judged(capture, &question);
    assert_eq!(client_certificate::outcome(&judged.case(&question)), None);
}

/// Of every alert there is a verdict with a cause, which names it.
#[test]
fn every_alert_has_its_verdict() {
    for description in [
        0, 10, 20, 22, 40, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 70, 71, 80, 86, 109, 110, 112, 113, 115,
        116, 120, 200,
    ] {
        let judged = changed("silent", |capture| {
            capture.stopped = None;
            append(capture, Server, &alert(2, description));
        });
        assert!(id(&judged).starts_with("alert."), "{description}: {}", id(&judged));
        let failure = failure(&judged);
        assert_eq!((judged.verdict.exit_code, failure.by), (4, Some(By::Server)), "{description}");
        assert!(!failure.causes.is_empty(), "{description}");
        let message = failure.evidence[0].message.unwrap();
        assert!(matches!(judged.trace.messages[message].kind, Kind::Alert { .. }));
    }
    // In the middle of the handshake close_notify is an answer, too; user_canceled comes before one.
    let judged = changed("silent", |capture| {
        capture.stopped = None;
        append(capture, Server, &[alert(1, 90), alert(1, 0)].concat());
    });
    assert_eq!(id(&judged), "alert.close_notify");
    // Ours is no reason of the server's.
    let judged = changed("reset", |capture| append(capture, Client, &alert(2, 0)));
    assert_eq!(id(&judged), "closed.reset");
}

/// Where the connection ended, in whose message.
#[test]
fn the_stage_is_where_the_last_message_was() {
    let (capture, question) = recorded("tls12");
    let whole = judged(capture.clone(), &question).trace;
    let complete = whole.handshakes[0].complete_at.unwrap();
    let ends: Vec<usize> =
        (1..capture.events.len()).filter(|n| capture.events[n - 1].at() < complete).collect();
    assert!(ends.len() > 2);
    for n in ends {
        let mut cut = capture.clone();
        cut.events.truncate(n);
        let at = cut.events[n - 1].at();
        let Event::Bytes { direction, .. } = cut.events[n - 1] else { panic!() };
        cut.events.push(Event::End { direction: Server, at, how: How::Fin });
        let judged = judged(cut, &question);
        assert_eq!(id(&judged), "closed.fin");
        let stage = &failure(&judged).stage;
        let last = judged
            .trace
            .messages
            .iter()
            .rfind(|it| it.direction == direction && it.name != "ChangeCipherSpec");
        let name = &last.unwrap().name;
        let whose = if direction == Client { "our" } else { "the server's" };
        assert!(stage.starts_with(&format!("after {whose} {name}")), "{n}: {stage}, {name}");
    }
}

/// A message that began is told with how much of it came.
#[test]
fn the_place_inside_a_message() {
    let judged = changed("truncated", |_| {});
    assert_eq!(id(&judged), "closed.fin");
    assert!(failure(&judged).stage.contains("in the middle of"), "{}", failure(&judged).stage);
    let header = changed("reset", |capture| append(capture, Server, &[22, 3]));
    assert!(failure(&header).stage.contains("header"), "{}", failure(&header).stage);
    let body = changed("reset", |capture| append(capture, Server, &[22, 3, 3, 0, 100, 2, 0]));
    assert!(failure(&body).stage.contains("7 of 105 bytes"), "{}", failure(&body).stage);
}

#[test]
fn what_was_piped_and_how_it_ended() {
    let with = |piped: PipeEnd, work: &dyn Fn(&mut Capture)| {
        changed("tls13", |capture| {
            capture.engine.as_mut().unwrap().piped = Some(piped);
            work(capture);
        })
    };
    let stopped = |capture: &mut Capture| capture.stopped = Some(Stopped::MaxTime);
    let rows: [(&str, u8, Judged); 5] = [
        ("none", 0, with(PipeEnd::Closed, &|_| {})),
        ("timeout.pipe", 5, with(PipeEnd::Stopped, &stopped)),
        // Our own end of it came first.
        ("none", 0, with(PipeEnd::Closed, &stopped)),
        ("closed.truncated", 4, with(PipeEnd::Truncated, &|_| {})),
        (
            "closed.reset",
            4,
            with(PipeEnd::Broken, &|capture| {
                capture.engine.as_mut().unwrap().error = Some("Connection reset by peer".into());
                for event in &mut capture.events {
                    if let Event::End { direction: Server, how, .. } = event {
                        *how = How::Reset;
                    }
                }
            }),
        ),
    ];
    for (expected, code, judged) in &rows {
        assert_eq!((id(judged), judged.verdict.exit_code), (*expected, *code));
        assert_eq!(judged.verdict.phase, judged.verdict.id.as_ref().map(|_| "after"), "{expected}");
    }
}

#[test]
fn a_time_that_is_over() {
    let silent = changed("silent", |_| {});
    assert_eq!((id(&silent), silent.verdict.exit_code), ("timeout.silent", 5));
    let stalled = changed("silent", |capture| append(capture, Server, &[22, 3]));
    assert_eq!((id(&stalled), stalled.verdict.exit_code), ("timeout.stalled", 5));
    assert!(stalled.verdict.next.contains(&"--max-time".to_owned()), "{:?}", stalled.verdict.next);
    // Time that ends a complete handshake's listening is no timeout.
    assert_eq!(id(&changed("tls13", |capture| capture.stopped = Some(Stopped::MaxTime))), "none");
}

#[test]
fn what_is_not_tls_and_where_it_begins() {
    let text = |what: &'static [u8]| changed("reset", move |capture| append(capture, Server, what));
    for (said, word) in [
        (&b"HTTP/1.1 400 Bad Request\r\n"[..], "HTTP"),
        (b"SSH-2.0-OpenSSH_9.9\r\n", "SSH"),
        (b"220 mail.test ESMTP\r\n", "SMTP"),
        (b"* OK ready\r\n", "IMAP"),
        (b"+OK ready\r\n", "POP3"),
        (b"<?xml version='1.0'?>", "XMPP"),
        (b"RFB 003.008\n", "VNC"),
    ] {
        let judged = text(said);
        assert_eq!((id(&judged), judged.verdict.exit_code), ("plaintext", 4), "{word}");
        let failure = failure(&judged);
        assert!(failure.causes[0].text.contains(word), "{word}: {:?}", failure.causes);
        assert!(failure.who.as_deref().unwrap().contains(std::str::from_utf8(&said[..4]).unwrap()));
    }
    assert_eq!(id(&text(b"something else altogether")), "plaintext");
    assert_eq!(id(&text(&[22, 3, 3, 0xff, 0xff, 1, 2, 3])), "record_overflow");
    // Not from the first byte on.
    let judged = changed("silent", |capture| {
        capture.stopped = None;
        append(capture, Server, &[&alert(1, 90)[..], b"HTTP/1.1 400 Bad Request\r\n"].concat());
    });
    assert_eq!(id(&judged), "not_tls");
    assert!(failure(&judged).seen.as_deref().unwrap().contains("byte 7 "), "{:?}", failure(&judged).seen);
}

/// A malformed message is the reason where it was refused for its form.
#[test]
fn a_malformed_message_and_what_the_engine_said_to_it() {
    let with = |work: &dyn Fn(&mut Capture)| {
        changed("reset", |capture| {
            // A ServerHello that ends within its random.
            append(capture, Server, &golden::record(22, &[2, 0, 0, 4, 3, 3, 0, 0]));
            let engine = capture.engine.as_mut().unwrap();
            (engine.refused, engine.error) = (true, Some("the engine's own words".into()));
            work(capture);
        })
    };
    let judged = with(&|capture| append(capture, Client, &alert(2, 50)));
    assert_eq!((id(&judged), failure(&judged).by), ("malformed", Some(By::Server)));
    let who = failure(&judged).who.as_deref().unwrap();
    assert!(who.contains("decode_error") && who.contains("the engine's own words"), "{who}");
    assert_eq!(judged.verdict.exit_code, 4);
    // It was refused for something else, or not at all.
    let other = |error: &'static str| {
        with(&move |capture| capture.engine.as_mut().unwrap().error = Some(error.into()))
    };
    assert_eq!(id(&other("received unexpected message: got ApplicationData")), "engine.refused");
    assert_eq!(id(&with(&|capture| capture.engine.as_mut().unwrap().refused = false)), "closed.reset");
    // Of a capture file the alert tells.
    let captured = |alerted: bool| {
        with(&move |capture| {
            capture.engine = None;
            if alerted {
                append(capture, Client, &alert(2, 50));
            }
        })
    };
    assert_eq!((id(&captured(true)), id(&captured(false))), ("malformed", "closed.reset"));
}

#[test]
fn our_own_refusal() {
    let refused = |alerted: bool| {
        changed("reset", |capture| {
            let engine = capture.engine.as_mut().unwrap();
            engine.refused = true;
            engine.error = Some("the engine's own words".into());
            if alerted {
                append(capture, Client, &alert(2, 47));
            }
        })
    };
    for alerted in [true, false] {
        let judged = refused(alerted);
        assert_eq!((id(&judged), judged.verdict.by), ("engine.refused", Some(By::Client)));
        assert_eq!(judged.verdict.detail.as_deref(), Some("the engine's own words"));
        let who = failure(&judged).who.clone();
        assert_eq!(who.is_some_and(|who| who.contains("illegal_parameter")), alerted);
    }
    // With --enforce: of a chain that holds here too, only the engine's word is known.
    let enforced = |name: &str| {
        changed(name, |capture| {
            let engine = capture.engine.as_mut().unwrap();
            (engine.refused, engine.refused_certificate) = (true, true);
        })
    };
    assert_eq!(id(&enforced("tls13")), "cert.refused");
    assert_eq!(id(&enforced("expired")), "cert.expired");
    assert_eq!(enforced("tls13").verdict.outcome, Outcome::Untrusted);
}

/// Without its secrets nothing of a handshake is good or bad; one that failed is not excused by that.
#[test]
fn a_trace_without_secrets() {
    let sealed = |work: &dyn Fn(&mut Capture)| {
        changed("tls13", |capture| {
            capture.secrets = Secrets::default();
            work(capture);
        })
    };
    let judged = sealed(&|_| {});
    assert_eq!((id(&judged), judged.verdict.exit_code), ("sealed", 7));
    let open: Vec<_> = judged.checks.iter().filter(|check| check.id.starts_with("finished.")).collect();
    assert!(open.len() == 2 && open.iter().all(|check| check.state.reason().is_some()), "{open:?}");
    assert_ne!(id(&sealed(&|capture| capture.engine.as_mut().unwrap().complete = false)), "sealed");
    assert_ne!(
        id(&sealed(&|capture| capture.engine.as_mut().unwrap().error = Some("reset".into()))),
        "sealed"
    );
    // Capture files know of no engine.
    assert_eq!(id(&sealed(&|capture| capture.engine = None)), "sealed");
    // What held when it was recorded is said to have held, and stays open as a check.
    let ids = ["finished.server", "finished.client"].map(str::to_owned);
    let judged = sealed(&|capture| capture.verified = ids.to_vec());
    assert_ne!(id(&judged), "sealed");
    assert!(
        judged
            .checks
            .iter()
            .filter(|check| ids.contains(&check.id.to_owned()))
            .all(|check| !check.state.holds())
    );
    let half = sealed(&|capture| capture.verified = ids[..1].to_vec());
    assert_eq!(id(&half), "sealed");
}

#[test]
fn a_choice_outside_of_the_offer() {
    let (capture, question) = recorded("tls12");
    let suite = judged(capture.clone(), &question).trace.handshakes[0].facts.cipher_suite.unwrap();
    let with = |chosen: [u8; 2]| {
        let mut capture = capture.clone();
        let mut first = true;
        change(&mut capture, Server, |bytes| {
            if std::mem::take(&mut first) {
                let at = 9 + 2 + 32 + 1 + usize::from(bytes[43]);
                bytes[at..at + 2].copy_from_slice(&chosen);
            }
        });
        judged(capture, &question)
    };
    let check = |judged: &Judged| {
        judged.checks.iter().find(|it| it.id == "cipher_suite.offered").unwrap().state.clone()
    };
    let same = with(suite.0.to_be_bytes());
    assert!(check(&same).holds() && id(&same) == "none");
    // TLS_RSA_WITH_AES_128_CBC_SHA; TLS_AES_128_GCM_SHA256, which was offered, for TLS 1.3.
    let other = with([0, 0x2f]);
    assert!(check(&other).fails());
    assert_eq!(
        (id(&other), other.verdict.exit_code, other.verdict.by),
        ("choice.not_offered", 4, Some(By::Server))
    );
    let illegal = with([0x13, 0x01]);
    assert_eq!(id(&illegal), "choice.illegal");
    assert!(other.verdict.summary.contains("offered") && !illegal.verdict.summary.contains("offered"));
}

/// The evidence from which causes are chosen.
#[test]
fn what_was_offered_and_what_came() {
    let seen = |name: &str, work: &dyn Fn(&mut Capture)| {
        let (mut capture, question) = recorded(name);
        work(&mut capture);
        let judged = judged(capture, &question);
        Seen::of(&judged.case(&question))
    };
    let hello = seen("silent", &|_| {});
    assert!(hello.sni && hello.usual_versions && hello.post_quantum && hello.large);
    assert!(
        !hello.answered && !hello.server_hello && !hello.psk && !hello.retry && !hello.client_certificate
    );
    // Of the two usual versions one alone is not what is usual.
    for version in [3, 4] {
        let one = seen("silent", &|capture| {
            change(capture, Client, |bytes| {
                let list = [0, 43, 0, 5, 4, 3, 4, 3, 3];
                let at = bytes.windows(list.len()).position(|window| window == list).unwrap();
                bytes[at + 5..at + 9].copy_from_slice(&[3, version, 3, version]);
            });
        });
        assert!(!one.usual_versions, "{version}");
    }
    let retry = seen("retry", &|capture| {
        let retry =
            capture.events.iter().position(|event| matches!(event, Event::Bytes { direction: Server, .. }));
        capture.events.truncate(retry.unwrap() + 1);
    });
    assert!(retry.answered && retry.retry && !retry.server_hello);
    let asked = seen("client-cert", &|_| {});
    assert!(
        asked.server_hello
            && asked.encrypted_extensions
            && asked.certificate_request
            && asked.client_certificate
            && asked.tls13
    );
    let older = seen("tls12", &|_| {});
    assert!(older.server_hello && !older.tls13 && !older.encrypted_extensions && !older.certificate_request);
}

/// Servers that warn about the name and go on; Java clients don't.
#[test]
fn a_warning_about_the_name() {
    let warned = |side, level, description| {
        let judged = changed("tls12", |capture| {
            let place = capture
                .events
                .iter()
                .position(|event| matches!(event, Event::Bytes { direction: Server, .. }));
            let (place, at) = (place.unwrap(), capture.events[place.unwrap()].at());
            let bytes = alert(level, description);
            capture.events.insert(place, Event::Bytes { direction: side, at, bytes });
        });
        finding(&judged, "name.unrecognized_warning").is_some()
    };
    assert!(warned(Server, 1, 112));
    // Another warning, an end of it all, or one of ours.
    assert!(!warned(Server, 1, 90) && !warned(Server, 2, 112) && !warned(Client, 1, 112));
    let unfinished = changed("silent", |capture| append(capture, Server, &alert(1, 112)));
    assert!(finding(&unfinished, "name.unrecognized_warning").is_none());
}

/// Before TLS 1.3 a day is the most for a ticket.
#[test]
fn a_ticket_that_lives_too_long() {
    let told = |seconds: u32| {
        let judged = changed("tls12", |capture| {
            let ticket = capture.events.iter_mut().find_map(|event| match event {
                Event::Bytes { direction: Server, bytes, .. } if bytes[5] == 4 => Some(bytes),
                _ => None,
            });
            // Record header, message header, lifetime.
            ticket.unwrap()[9..13].copy_from_slice(&seconds.to_be_bytes());
        });
        finding(&judged, "ticket.lifetime").map(|finding| (finding.severity, finding.what.clone()))
    };
    assert_eq!(told(0), None);
    assert_eq!(told(86_400), None);
    let (severity, what) = told(86_401).unwrap();
    assert_eq!(severity, Severity::Note);
    assert!(what.contains("86401 s (1.0 days)"), "{what}");
}

/// A pause inside a flight is a stall; before one it is thinking.
#[test]
fn a_pause_inside_a_flight() {
    /// The server's first flight comes in three parts, so many milliseconds apart.
    fn stalled(pauses: [u64; 2]) -> Option<String> {
        let judged = changed("tls12", |capture| {
            let place = capture
                .events
                .iter()
                .position(|event| matches!(event, Event::Bytes { direction: Server, .. }))
                .unwrap();
            let Event::Bytes { at, bytes, .. } = capture.events[place].clone() else { panic!() };
            let total = pauses.iter().sum::<u64>();
            for event in &mut capture.events[place + 1..] {
                let (Event::Bytes { at, .. } | Event::End { at, .. } | Event::Gap { at, .. }) = event;
                *at += Duration::from_millis(total);
            }
            let part = |from: usize, to: usize, after: u64| Event::Bytes {
                direction: Server,
                at: at + Duration::from_millis(after),
                bytes: bytes[from..to].to_vec(),
            };
            let parts = [part(0, 100, 0), part(100, 300, pauses[0]), part(300, bytes.len(), total)];
            capture.events.splice(place..=place, parts);
        });
        finding(&judged, "tcp.stall").map(|finding| finding.what.clone())
    }
    assert_eq!(stalled([0, 38]), None);
    assert!(stalled([0, 39]).unwrap().contains("300 bytes"));
    // The longest counts, of two alike the first.
    assert!(stalled([60, 40]).unwrap().contains("100 bytes"));
    assert!(stalled([40, 60]).unwrap().contains("300 bytes"));
    assert!(stalled([40, 40]).unwrap().contains("100 bytes"));
}

/// What TLS 1.3 did away with is not looked for in it, and each weakness is told once, with its ServerHello.
#[test]
fn weaknesses_of_older_versions() {
    let weak = |judged: &Judged| -> Vec<String> {
        let ids = judged.findings.iter().map(|finding| finding.id.to_string());
        ids.filter(|id| id.starts_with("weak.")).collect()
    };
    assert_eq!(weak(&changed("tls13", |_| {})), [""; 0]);
    assert_eq!(weak(&changed("tls12", |_| {})), [""; 0]);
    for (scenario, expected) in
        [("rsa-kx", "weak.forward_secrecy"), ("cbc", "weak.cbc"), ("tls10", "weak.version")]
    {
        let (capture, question) = performed(&[scenario]);
        let judged = judged(capture, &question);
        let ids = weak(&judged);
        assert_eq!(ids.iter().filter(|id| *id == expected).count(), 1, "{scenario}: {ids:?}");
        assert!(scenario != "tls10" || ids.len() > 1, "each weakness is told: {ids:?}");
        let message = finding(&judged, expected).unwrap().evidence[0].message.unwrap();
        assert_eq!(judged.trace.messages[message].name, "ServerHello", "{scenario}");
    }
}

/// Who resumes a session that was not seen shows no certificate: nothing proves who that is.
#[test]
fn without_a_certificate_nobody_is_known() {
    let golden = GOLDENS.iter().find(|golden| golden.name == "resumption").unwrap();
    let session = golden.session();
    let resumed = session.captures.iter().find(|it| it.engine.as_ref().is_some_and(|engine| engine.resumed));
    let judged = judged(resumed.unwrap().clone(), &session.question);
    assert_eq!((id(&judged), judged.verdict.exit_code), ("cert.none", 1));
}

/// A second attempt that got through shows what the server lacks.
#[test]
fn a_server_of_old_cryptography_only() {
    for (scenario, word) in [("rsa-kx", "RSA"), ("dhe", "DHE"), ("cbc", "CBC")] {
        let (mut capture, question) = performed(&[scenario]);
        // Asked for, it is no failure.
        let asked = judged(capture.clone(), &question);
        assert_ne!(id(&asked), "server.legacy_only", "{scenario}");
        capture.role = Role::Retry;
        let judged = judged(capture, &question);
        assert_eq!((id(&judged), judged.verdict.exit_code), ("server.legacy_only", 4), "{scenario}");
        assert!(judged.verdict.summary.contains(word), "{scenario}: {}", judged.verdict.summary);
    }
}

#[test]
fn facts_are_of_what_was_seen() {
    let facts = |name: &str| {
        let (capture, question) = recorded(name);
        let judged = judged(capture, &question);
        Facts::judged(&judged, &question)
    };
    let good = facts("tls13");
    assert_eq!((good.tls.as_deref(), good.verified, good.complete), (Some("1.3"), Some(true), true));
    assert_eq!((good.resumed, good.retry, good.early_data), (Some(false), Some(false), Some(false)));
    assert_eq!(facts("retry").retry, Some(true));
    assert_eq!(facts("untrusted").verified, Some(false));
    let silent = facts("silent");
    assert_eq!((silent.tls, silent.verified, silent.complete, silent.resumed), (None, None, false, None));
    assert!(facts("client-cert").client_certificate_requested);
}

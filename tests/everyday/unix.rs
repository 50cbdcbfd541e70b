//! Targets that are Unix sockets.

use std::io::{Read, Write};
use std::os::unix::net::UnixListener;
use std::thread;

use crate::common::{file, run, scratch, text};

#[test]
fn a_unix_socket_is_connected_to() {
    let directory = scratch();
    let path = file(&directory, "s.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut hello = [0; 5];
        stream.read_exact(&mut hello).unwrap();
        // fatal: handshake_failure
        stream.write_all(&[21, 3, 3, 0, 2, 2, 40]).unwrap();
        stream.read_to_end(&mut Vec::new()).ok();
        hello[0]
    });
    let (target, trace) = (format!("unix:{}", path.display()), file(&directory, "t.json"));
    let shown = run([&target, "--engine", "rustls", "--save", text(&trace)]);
    assert_eq!(server.join().unwrap(), 22, "a handshake record");
    assert_eq!(shown.code, 4, "{shown:#?}");
    assert!(shown.out.contains("Unix socket") && shown.out.contains("handshake_failure"), "{}", shown.out);
    assert!(!shown.out.contains("SNI"), "{}", shown.out);
    assert_eq!(run(["read", text(&trace)]).out, shown.out);
}

#[test]
fn a_unix_socket_without_a_listener_is_not_reached() {
    let directory = scratch();
    let target = format!("unix:{}", file(&directory, "nobody").display());
    let shown = run([&target]);
    assert_eq!(shown.code, 3, "{shown:#?}");
    assert!(shown.out.contains("unix.failed") && shown.out.contains("No such file"), "{}", shown.out);
    let both = run([target.as_str(), "--proxy", "http://127.0.0.1:1"]);
    assert!(both.code == 2 && both.err.contains("--proxy"), "{both:#?}");
}

//! What `explain` says of the conclusions and of the experiments.

use super::rows;

/// Id, title and text of each conclusion and of each experiment.
pub fn topics() -> impl Iterator<Item = (String, String, &'static str)> {
    let conclusions = TOPICS.iter().map(|(id, text)| ((*id).to_owned(), (*id).to_owned(), *text));
    let again = [
        (
            "experiment".to_owned(),
            "Experiments".to_owned(),
            "What `--diagnose` changes, one connection each: the server name, versions, groups and key shares, cipher suites and signature schemes, extensions, application protocols, the length of the ClientHello and how it is cut into records and segments, the address, a pause, the client's certificate or key. Only what can tell causes apart that are still possible is tried. Each kind is a topic of its own, `experiment.NAME`; in JSON its name is `id`.",
        ),
        (
            "experiment.again".to_owned(),
            "The same again".to_owned(),
            "The ClientHello that failed is sent once more, unchanged: a failure that does not repeat has no cause in it.",
        ),
    ];
    let rows = rows::all().map(|row| {
        let title = row.about.replace("{}", "…");
        (row.topic(), title, row.explain)
    });
    conclusions.chain(again).chain(rows)
}

/// Id and text of each conclusion.
const TOPICS: &[(&str, &str)] = &[
    (
        "diagnosis",
        "`--diagnose` finds out why a handshake fails: it sends the ClientHello that failed again, first unchanged, then with ever more things changed until the server goes on, and then takes back what was not needed. What is left is the smallest set of changes that matters. Each experiment is a connection of its own that ends with the server's first answer; no client certificate is sent, and none of them counts for the exit code. At most 24 are made (`--max-probes`), each within one second or four round trips, all within 60 seconds (`--max-time`).",
    ),
    (
        "diagnosis.intermittent",
        "The same ClientHello fails on some connections and not on others, so nothing in it is the cause. Usual causes: several hosts behind one address of which one is misconfigured, a rate limit, an overloaded server. `--repeat` shows how often it fails, `--each-address` whether it depends on the address.",
    ),
    (
        "diagnosis.extension_count",
        "The server, or something in front of it, fails on a ClientHello with more extensions than it has room for. It does not matter which of them are left out.",
    ),
    (
        "diagnosis.size",
        "The server answers a short ClientHello and not a long one, whatever is in it. A key share for X25519MLKEM768 has 1216 bytes, so that a ClientHello with one no longer fits into one TCP segment. Software that reads the first segment and takes it for the whole ClientHello then fails: firewalls and load balancers that look for the server name, and some servers. If the ClientHello goes through in two records, what rejects it reads the first record alone or limits the length of one.",
    ),
    (
        "diagnosis.post_quantum",
        "The server, or something in front of it, fails on a ClientHello that offers a post-quantum group, at any length. A group that a server does not know has to be ignored (RFC 8446, section 4.2.7).",
    ),
    (
        "diagnosis.version_intolerance",
        "The server speaks TLS 1.2, but fails on a ClientHello that also offers TLS 1.3, instead of choosing TLS 1.2. That is a fault in the server or in what terminates TLS in front of it.",
    ),
    (
        "diagnosis.old_version",
        "The highest version that the server speaks is below every version that was offered. TLS 1.0 and 1.1 are deprecated (RFC 8996).",
    ),
    ("diagnosis.version", "The server goes on only with a ClientHello of another version."),
    (
        "diagnosis.needs_server_name",
        "The server goes on only if the ClientHello has a server_name (SNI). Servers that host several names choose the certificate by it, and many refuse a client without one.",
    ),
    (
        "diagnosis.server_name",
        "The server rejects the server_name that was sent: it has no certificate or no configuration for it.",
    ),
    (
        "diagnosis.alpn",
        "The application protocols offered by ALPN decide: the server rejects those that were offered, or needs some.",
    ),
    (
        "diagnosis.cipher_suite",
        "Client and server have no cipher suite in common. With all suites offered the server chose one, which shows what it is configured for.",
    ),
    ("diagnosis.group", "Client and server have no key exchange group in common."),
    (
        "diagnosis.signature_scheme",
        "The server's key can't make a signature of any scheme that was offered, or its configuration allows none of them.",
    ),
    (
        "diagnosis.extension",
        "The server fails on an extension of the ClientHello. Extensions that a server does not know have to be ignored (RFC 8446, section 4.1.2), so that is a fault of the server or of a middlebox.",
    ),
    (
        "diagnosis.grease",
        "The server fails on reserved values (GREASE, RFC 8701), which clients send so that servers stay able to ignore what they do not know.",
    ),
    (
        "diagnosis.record_version",
        "The server rejects the version in the header of the first record, which it has to ignore (RFC 8446, section 5.1).",
    ),
    (
        "diagnosis.length",
        "The server fails on ClientHellos of certain lengths. Known are load balancers that hang on 256 to 511 bytes; browsers pad to 512 because of them (RFC 7685).",
    ),
    (
        "diagnosis.split",
        "The ClientHello goes through when it is sent in two parts. So something reads its first part and acts on it, most often a filter that looks for the server name.",
    ),
    (
        "diagnosis.client_certificate",
        "The server goes on when no client certificate is sent: it rejects the one that was.",
    ),
    (
        "diagnosis.several",
        "No single change is enough: the server goes on only when several things are changed at once.",
    ),
    (
        "diagnosis.unfinished",
        "The experiments were used up, or time was, before it was known which of the changes are needed. `--max-probes` and `--max-time` allow more.",
    ),
    (
        "diagnosis.nothing_helps",
        "The server failed on every kind of ClientHello in the same way, so the cause is hardly in the ClientHello: the port may not speak TLS, the server may have no usable certificate, or something drops this client's connections.",
    ),
    (
        "diagnosis.any_change",
        "The unchanged ClientHello fails each time, and any change to it helps, even one that can hardly matter. So it is not one of its parts that is rejected but the whole: web application firewalls and bot filters recognise clients by a fingerprint of their ClientHello (JA3, JA4).",
    ),
    (
        "diagnosis.key_share",
        "The server fails on a key share that was sent, and goes on when it may ask for one by a HelloRetryRequest. A share of a group that a server does not use has to be ignored (RFC 8446, section 4.2.8).",
    ),
    (
        "diagnosis.pre_shared_key",
        "The pre-shared key that was offered is rejected. In TLS 1.3 a server that knows the identity checks the binder, a MAC with the key, and ends the handshake if it is wrong: the key is then another one than the server has for this identity (RFC 8446, section 4.2.11.2).",
    ),
    (
        "diagnosis.address",
        "One address of the name fails, and another one goes on with the same ClientHello: several hosts serve the name, and they are not alike.",
    ),
    (
        "diagnosis.rate_limit",
        "Connections that follow one another closely fail, and one after a pause goes through: a firewall or load balancer limits how many a client may open.",
    ),
    (
        "diagnosis.like",
        "`--like` compares two ClientHellos at the same server, of which one works: each thing in which they differ is given to the one that fails, half of them at a time, until a smallest set is known with which the server goes on. Whatever is new in each connection (random, key shares, tickets, values of GREASE) is no difference.",
    ),
    (
        "diagnosis.like_host",
        "`--like HOST` sends the same ClientHello to another server. One goes on with it and one does not, so the difference is on the side of the servers.",
    ),
    (
        "diagnosis.like_both_work",
        "`--like` found nothing to explain: both connections work. A client that fails all the same may send another ClientHello than the one that was compared (save it, and give the file), or fail behind the handshake.",
    ),
    (
        "diagnosis.like_both_fail",
        "`--like` needs one connection that works. Here both fail; `--diagnose` looks for a ClientHello that works.",
    ),
    (
        "diagnosis.like_unclear",
        "The ClientHello that fails was given all that the other one has, and fails all the same. The failure may come and go, or depend on what only the other client can send.",
    ),
    ("diagnosis.other", "A change to the ClientHello makes the server go on."),
];

//! OpenSSL's spellings, answered with ours; those that mean the same are translated, in `spellings`.

/// A row: what somebody types, and what it is here.
const SPELLINGS: &[(&[&str], &str)] = &[
    // Where to.
    (
        &["-connect", "-host", "-port"],
        "the target itself: tls-trace HOST:PORT (and --connect HOST:PORT to connect to another address)",
    ),
    (&["-servername"], "--sni NAME"),
    (&["-noservername"], "--no-sni"),
    (&["-starttls"], "--starttls PROTO"),
    (&["-xmpphost"], "--sni NAME, which XMPP asks for as well"),
    (&["-name"], "nothing: EHLO names an address literal, which says nothing about this machine"),
    (&["-proxy"], "--proxy http://HOST:PORT"),
    (&["-proxy_user", "-proxy_pass"], "--proxy-user env:NAME, a variable that holds user:password"),
    (&["-unix"], "the target unix:/path"),
    (&["-bind"], "not there: the system chooses the local address"),
    // Trust.
    (&["-CAfile", "-CAstore", "-verifyCAfile", "-chainCAfile", "-trusted"], "--cacert FILE"),
    (&["-CApath", "-verifyCApath", "-chainCApath"], "--cacert FOLDER"),
    (&["-no-CAfile", "-no-CApath", "-no-CAstore"], "--trust none, or --trust mozilla"),
    (
        &["-verify", "-verify_quiet", "-verify_depth"],
        "nothing: the certificate is always verified; --enforce ends the connection when it fails",
    ),
    (&["-verify_return_error"], "--enforce"),
    (&["-verify_hostname", "-verify_name", "-verify_ip", "-verify_email"], "--verify-name NAME"),
    (&["-attime"], "--at TIME"),
    (&["-no_check_time"], "-k, which accepts an expired certificate too"),
    (&["-CRL", "-CRLform"], "--crl FILE"),
    (
        &["-crl_check", "-crl_check_all", "-crl_download"],
        "--crl FILE, or --revocation to ask the responders and CRLs that the certificates name",
    ),
    (&["-status"], "nothing: a stapled OCSP response is always asked for, shown and checked"),
    (&["-ct", "-noct"], "nothing: timestamps are always shown; --ct-logs FILE verifies them"),
    (&["-ctlogfile"], "--ct-logs FILE"),
    (
        &[
            "-x509_strict",
            "-partial_chain",
            "-purpose",
            "-policy",
            "-check_ss_sig",
            "-auth_level",
            "-issuer_checks",
        ],
        "nothing: each rule is checked and reported separately",
    ),
    (&["-insecure"], "-k"),
    // Client certificate.
    (&["-cert", "-xcert"], "--cert FILE"),
    (&["-key", "-xkey"], "--key FILE"),
    (&["-cert_chain", "-xchain", "-build_chain"], "--cert FILE with the whole chain in it, leaf first"),
    (&["-certform", "-keyform", "-xcertform", "-xkeyform"], "nothing: the file's form is recognised"),
    (&["-pass"], "--passin SOURCE"),
    (&["-enable_pha"], "not there: a certificate is sent in the handshake only"),
    // The offer.
    (&["-tls1_3", "-no_tls1_2"], "--tls-min 1.3"),
    (&["-tls1_2"], "--tls-min 1.2 --tls-max 1.2"),
    (&["-no_tls1_3"], "--tls-max 1.2"),
    (&["-tls1"], "--tls-min 1.0 --tls-max 1.0"),
    (&["-tls1_1"], "--tls-min 1.1 --tls-max 1.1"),
    (&["-ssl3"], "--ssl3 --tls-max 3.0"),
    (&["-ssl2"], "not there: the oldest version that is spoken is SSL 3.0 (--ssl3)"),
    (
        &["-no_ssl3", "-no_tls1", "-no_tls1_1"],
        "nothing: these versions are not offered unless --tls-min asks for them",
    ),
    (&["-min_protocol"], "--tls-min VERSION"),
    (&["-max_protocol"], "--tls-max VERSION"),
    (&["-cipher", "-ciphersuites"], "--ciphers LIST, for all versions"),
    (&["-curves", "-groups", "-named_curve"], "--groups LIST"),
    (&["-sigalgs", "-client_sigalgs"], "--sigalgs LIST"),
    (&["-alpn", "-nextprotoneg"], "--alpn LIST"),
    (&["-no_ticket"], "--no-tickets"),
    (
        &[
            "-fallback_scsv",
            "-comp",
            "-no_comp",
            "-no_etm",
            "-no_ems",
            "-legacy_renegotiation",
            "-serverpref",
            "-bugs",
        ],
        "not there: the offer is that of a current client",
    ),
    (&["-psk_session", "-srpuser", "-srppass"], "not there: of keys from outside only --psk is offered"),
    (&["-psk", "-psk_identity"], "--psk IDENTITY:env:NAME, a variable that holds the key"),
    // More than a handshake.
    (&["-reconnect"], "--resume, or --repeat N"),
    (&["-sess_out", "-sess_in"], "--resume, which makes both connections itself"),
    (&["-early_data"], "--early-data FILE"),
    (
        &["-quiet", "-ign_eof", "-no_ign_eof", "-nocommands", "-adv"],
        "--pipe -q: standard input to the server, its answer to standard output",
    ),
    (
        &["-crlf"],
        "not there: --pipe sends bytes as they are; printf 'GET / HTTP/1.0\\r\\n\\r\\n' | tls-trace --pipe HOST",
    ),
    (&["-keymatexport", "-keymatexportlen"], "not there; --show-secrets shows the exporter's secret"),
    // Output.
    (&["-showcerts"], "nothing: the chain is always shown; --certs FILE.pem writes it to a file"),
    (&["-brief"], "-q"),
    (&["-msg", "-msgfile", "-trace", "-tlsextdebug", "-security_debug"], "-v"),
    (&["-debug"], "-vv"),
    (&["-state", "-prexit", "-stats"], "nothing: every step is always shown, even if the handshake fails"),
    (&["-keylogfile"], "--keylog FILE"),
    (&["-nameopt"], "nothing: -v shows whole names"),
    (&["-timeout"], "--max-time SECONDS"),
    (&["-help"], "--help"),
    // Not TLS over TCP, or of no effect on a handshake.
    (&["-dtls", "-dtls1", "-dtls1_2", "-quic", "-mtu", "-sctp"], "not there: TLS over TCP only"),
    (
        &["-dane_tlsa_domain", "-dane_tlsa_rrdata", "-dane_ee_no_namechecks"],
        "not there; --pinnedpubkey PINS checks a public key",
    ),
    (
        &[
            "-nbio",
            "-nbio_test",
            "-tfo",
            "-ktls",
            "-engine",
            "-provider",
            "-rand",
            "-writerand",
            "-max_send_frag",
            "-split_send_frag",
            "-max_pipelines",
            "-read_buf",
            "-no_middlebox",
            "-use_srtp",
            "-maxfraglen",
        ],
        "not there: it only changes how OpenSSL works",
    ),
];

/// The answer to an argument that is OpenSSL's.
pub fn answer(argument: &str) -> Option<String> {
    let name = argument.split('=').next().unwrap_or_default();
    let (_, ours) = SPELLINGS.iter().find(|(theirs, _)| theirs.contains(&name))?;
    Some(format!("{name} is OpenSSL's spelling; here it is {ours}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openssls_flags_are_answered_with_ours() {
        for (theirs, ours) in [
            ("-connect", "tls-trace HOST:PORT"),
            ("-CAfile=ca.pem", "--cacert"),
            ("-tls1_2", "--tls-min 1.2 --tls-max 1.2"),
            ("-cipher", "--ciphers"),
            ("-alpn", "--alpn"),
            ("-cert", "--cert"),
            ("-quiet", "--pipe -q"),
            ("-status", "stapled OCSP"),
            ("-starttls", "--starttls PROTO"),
        ] {
            let answer = answer(theirs).unwrap();
            assert!(answer.contains(ours), "{theirs}: {answer}");
        }
        assert_eq!(answer("-v"), None);
        assert_eq!(answer("--connect"), None);
    }

    /// What is named can be typed, and nobody's flag is answered twice or hides one of ours.
    #[test]
    fn every_flag_that_an_answer_names_exists() {
        let command = crate::cli::args::command();
        let exists = |word: &str| {
            command.get_arguments().any(|argument| match word.strip_prefix("--") {
                Some(long) => argument.get_long() == Some(long) || word == "--help",
                None => word
                    .chars()
                    .skip(1)
                    .all(|c| command.get_arguments().any(|argument| argument.get_short() == Some(c))),
            })
        };
        let mut seen = Vec::new();
        for (theirs, ours) in SPELLINGS {
            for flag in *theirs {
                assert!(flag.starts_with('-') && !flag.starts_with("--") && flag.len() > 2, "{flag}");
                assert!(!seen.contains(flag), "{flag} stands twice");
                seen.push(flag);
            }
            let words = ours.split(|c: char| c.is_whitespace() || ",;:()".contains(c));
            for word in words.filter(|word| word.starts_with('-') && !["-in", "-out"].contains(word)) {
                assert!(exists(word), "{ours}: there is no {word}");
            }
        }
    }
}

//! OpenSSL's and curl's spellings, understood: each is translated to ours. With OpenSSL's, which look like no others,
//! what ours is is said.

use std::ffi::{OsStr, OsString};

/// What somebody types, and what it is here.
struct Spelling {
    theirs: &'static str,
    ours: Ours,
}

enum Ours {
    /// These words; with `true` its value behind them.
    Words(&'static [&'static str], bool),
    /// Its value is the target.
    Target,
    /// It needs no flag; with `true` its value goes with it.
    Nothing(&'static str, bool),
}

use Ours::{Nothing, Target, Words};

const SPELLINGS: &[Spelling] = &[
    Spelling { theirs: "-connect", ours: Target },
    Spelling { theirs: "-host", ours: Target },
    Spelling { theirs: "-starttls", ours: Words(&["--starttls"], true) },
    Spelling { theirs: "-xmpphost", ours: Words(&["--sni"], true) },
    Spelling { theirs: "-servername", ours: Words(&["--sni"], true) },
    Spelling { theirs: "-noservername", ours: Words(&["--no-sni"], false) },
    Spelling { theirs: "-verify_hostname", ours: Words(&["--verify-name"], true) },
    Spelling { theirs: "-verify_ip", ours: Words(&["--verify-name"], true) },
    Spelling { theirs: "-verify_return_error", ours: Words(&["--enforce"], false) },
    Spelling {
        theirs: "-verify",
        ours: Nothing(
            "the certificate is always verified; --enforce ends the connection when it fails",
            true,
        ),
    },
    Spelling { theirs: "-CAfile", ours: Words(&["--cacert"], true) },
    Spelling { theirs: "-CApath", ours: Words(&["--cacert"], true) },
    Spelling { theirs: "-no-CAfile", ours: Words(&["--trust", "none"], false) },
    Spelling { theirs: "-CRL", ours: Words(&["--crl"], true) },
    Spelling { theirs: "-cert", ours: Words(&["--cert"], true) },
    Spelling { theirs: "-key", ours: Words(&["--key"], true) },
    Spelling { theirs: "-pass", ours: Words(&["--passin"], true) },
    Spelling { theirs: "-passin", ours: Words(&["--passin"], true) },
    Spelling { theirs: "-alpn", ours: Words(&["--alpn"], true) },
    Spelling { theirs: "-cipher", ours: Words(&["--ciphers"], true) },
    Spelling { theirs: "-ciphersuites", ours: Words(&["--ciphers"], true) },
    Spelling { theirs: "-groups", ours: Words(&["--groups"], true) },
    Spelling { theirs: "-curves", ours: Words(&["--groups"], true) },
    Spelling { theirs: "-sigalgs", ours: Words(&["--sigalgs"], true) },
    Spelling { theirs: "-tls1_2", ours: Words(&["--tls-min", "1.2", "--tls-max", "1.2"], false) },
    Spelling { theirs: "-tls1_3", ours: Words(&["--tls-min", "1.3", "--tls-max", "1.3"], false) },
    Spelling { theirs: "-no_tls1_3", ours: Words(&["--tls-max", "1.2"], false) },
    Spelling { theirs: "-no_tls1_2", ours: Words(&["--tls-min", "1.3"], false) },
    Spelling { theirs: "--tlsv1.2", ours: Words(&["--tls-min", "1.2"], false) },
    Spelling { theirs: "--tlsv1.3", ours: Words(&["--tls-min", "1.3"], false) },
    Spelling { theirs: "--cert-status", ours: Nothing("a stapled OCSP answer is always asked for", false) },
    Spelling { theirs: "-no_ticket", ours: Words(&["--no-tickets"], false) },
    Spelling { theirs: "-reconnect", ours: Words(&["--resume"], false) },
    Spelling { theirs: "-early_data", ours: Words(&["--early-data"], true) },
    Spelling { theirs: "-keylogfile", ours: Words(&["--keylog"], true) },
    Spelling { theirs: "-attime", ours: Words(&["--at"], true) },
    Spelling { theirs: "-insecure", ours: Words(&["-k"], false) },
    Spelling { theirs: "-brief", ours: Words(&["-q"], false) },
    Spelling { theirs: "-quiet", ours: Words(&["--pipe", "-q"], false) },
    Spelling { theirs: "-msg", ours: Words(&["-v"], false) },
    Spelling { theirs: "-trace", ours: Words(&["-v"], false) },
    Spelling { theirs: "-debug", ours: Words(&["-vv"], false) },
    Spelling { theirs: "-showcerts", ours: Nothing("the chain is always shown, -v shows all of it", false) },
    Spelling { theirs: "-state", ours: Nothing("every step is always shown", false) },
    Spelling { theirs: "-status", ours: Nothing("a stapled OCSP answer is always asked for", false) },
    Spelling { theirs: "-tlsextdebug", ours: Nothing("every extension is shown with -v", false) },
    Spelling { theirs: "-ssl3", ours: Words(&["--ssl3", "--tls-max", "3.0"], false) },
    Spelling { theirs: "-tls1", ours: Words(&["--tls-min", "1.0", "--tls-max", "1.0"], false) },
    Spelling { theirs: "-tls1_1", ours: Words(&["--tls-min", "1.1", "--tls-max", "1.1"], false) },
    Spelling { theirs: "--tlsv1.0", ours: Words(&["--tls-min", "1.0"], false) },
    Spelling { theirs: "--tlsv1.1", ours: Words(&["--tls-min", "1.1"], false) },
];

/// The command line in our spelling, and what is to be said of it.
pub(super) fn translate(arguments: Vec<OsString>) -> Result<(Vec<OsString>, Vec<String>), String> {
    let (mut out, mut notes) = (Vec::with_capacity(arguments.len()), Vec::new());
    let mut arguments = arguments.into_iter().peekable();
    out.extend(arguments.next());
    while let Some(argument) = arguments.next() {
        let (name, inline) = parts(&argument);
        let Some(spelling) = SPELLINGS.iter().find(|spelling| spelling.theirs == name) else {
            out.push(argument);
            continue;
        };
        let theirs = spelling.theirs;
        let mut value =
            || inline.clone().or_else(|| arguments.next()).ok_or(format!("{theirs} needs a value"));
        let ours = match &spelling.ours {
            Words(words, with_value) => {
                out.extend(words.iter().map(OsString::from));
                if *with_value {
                    out.push(value()?);
                }
                words.join(" ")
            }
            Target => {
                out.push(value()?);
                "the target itself: tls-trace HOST:PORT".to_owned()
            }
            Nothing(why, with_value) => {
                if *with_value
                    && arguments.peek().is_some_and(|next| !next.as_encoded_bytes().starts_with(b"-"))
                {
                    arguments.next();
                }
                format!("not needed: {why}")
            }
        };
        // curl's are as long as ours, and nothing need be said.
        if theirs.starts_with("--") {
            continue;
        }
        notes.push(format!("{theirs} is OpenSSL's spelling; here it is {ours}"));
    }
    Ok((out, notes))
}

/// `-name=value`
fn parts(argument: &OsStr) -> (&str, Option<OsString>) {
    match argument
        .to_str()
        .map(|text| text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value))))
    {
        Some((name, value)) => (name, value.map(OsString::from)),
        None => ("", None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(line: &str) -> Result<(String, usize), String> {
        let (words, notes) = translate(line.split(' ').map(OsString::from).collect())?;
        Ok((words.join(OsStr::new(" ")).to_string_lossy().into_owned(), notes.len()))
    }

    #[test]
    fn openssls_flags_are_ours() {
        for (theirs, ours, notes) in [
            ("x -connect a:1 -servername b -showcerts", "x a:1 --sni b", 2 + 1),
            ("x a -tls1_2 -CAfile=c.pem -k", "x a --tls-min 1.2 --tls-max 1.2 --cacert c.pem -k", 2),
            ("x -starttls smtp -connect a:25", "x --starttls smtp a:25", 2),
            ("x a -verify 5 -quiet", "x a --pipe -q", 2),
            ("x a --sni -v", "x a --sni -v", 0),
        ] {
            assert_eq!(translated(theirs).unwrap(), (ours.to_owned(), notes), "{theirs}");
        }
        assert!(translated("x a -servername").unwrap_err().contains("needs a value"));
    }

    #[test]
    fn every_translation_is_accepted() {
        let command = super::super::args::command();
        for spelling in SPELLINGS {
            let Words(words, _) = &spelling.ours else { continue };
            for flag in words.iter().filter_map(|word| word.strip_prefix("--")) {
                assert!(command.get_arguments().any(|arg| arg.get_long() == Some(flag)), "--{flag}");
            }
        }
    }
}

//! OpenSSL's and other tools' spellings, answered with ours.

/// A row: what somebody types, and what it is here.
const SPELLINGS: &[(&str, &str)] = &[
    (
        "-connect",
        "the target itself: tls-trace HOST:PORT (and --connect HOST:PORT to connect elsewhere than to the name)",
    ),
    ("-host", "the target itself: tls-trace HOST:PORT"),
    ("-port", "the target itself: tls-trace HOST:PORT"),
    ("-servername", "--sni NAME"),
    ("-noservername", "--no-sni"),
    ("-verify_hostname", "--verify-name NAME"),
    ("-verify_return_error", "--enforce"),
    ("-verify", "nothing: the certificate is always verified; --enforce ends the connection when it fails"),
    ("-CAfile", "--cacert FILE"),
    ("-CApath", "--cacert FOLDER"),
    ("-showcerts", "nothing: the chain is always shown, -v shows all of it"),
    ("-brief", "-q"),
    ("-quiet", "-q"),
    ("-msg", "-v"),
    ("-debug", "-vv"),
    ("-trace", "-v"),
    ("-state", "nothing: every step is always shown"),
    ("-attime", "--at TIME"),
    ("-insecure", "-k"),
];

/// The answer to an argument that is another tool's.
pub fn answer(argument: &str) -> Option<String> {
    let name = argument.split('=').next().unwrap_or_default();
    let (_, ours) = SPELLINGS.iter().find(|(theirs, _)| *theirs == name)?;
    Some(format!("{name} is OpenSSL's spelling; here it is {ours}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openssls_flags_are_answered_with_ours() {
        assert!(answer("-connect").unwrap().contains("tls-trace HOST:PORT"));
        assert!(answer("-CAfile").unwrap().contains("--cacert"));
        assert_eq!(answer("-v"), None);
        assert_eq!(answer("--connect"), None);
    }
}

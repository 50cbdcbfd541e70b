#compdef tls-trace

autoload -U is-at-least

_tls-trace() {
    typeset -A opt_args
    typeset -a _arguments_options
    local ret=1

    if is-at-least 5.2; then
        _arguments_options=(-s -S -C)
    else
        _arguments_options=(-s -C)
    fi

    local context curcontext="$curcontext" state line
    _arguments "${_arguments_options[@]}" : \
'-h+[The short help, a group of flags, or all]::GROUP:_default' \
'--help=[The short help, a group of flags, or all]::GROUP:_default' \
'(--no-sni)--sni=[Name to send in server_name, and to verify unless --verify-name is given]:NAME:_default' \
'--verify-name=[Name that the certificate must be valid for\: a host, an address, or a URI (spiffe\://…)]:NAME:_default' \
'--connect=[Connect to this address instead of the target'\''s]:HOST:PORT:_default' \
'*--resolve=[Use this address for HOST\:PORT instead of asking the resolver (as curl does)]:HOST:PORT:ADDR[,ADDR]:_default' \
'*--connect-to=[Connect to HOST2\:PORT2 instead of HOST1\:PORT1 (as curl does); empty parts match anything]:HOST1:PORT1:HOST2:PORT2:_default' \
'--starttls=[Begin in the clear, and switch to TLS as this protocol does\: smtp, imap, postgres, … (or a URL\: smtp\://HOST)]:PROTO:((smtp\:"EHLO, then STARTTLS (RFC 3207)"
lmtp\:"LHLO, then STARTTLS (RFC 2033, RFC 3207)"
imap\:"CAPABILITY, then STARTTLS (RFC 9051, section 6.2.1)"
pop3\:"CAPA, then STLS (RFC 2595, section 4)"
ftp\:"FEAT, then AUTH TLS (RFC 4217)"
managesieve\:"the greeting lists capabilities, then STARTTLS (RFC 5804, section 2.2)"
xmpp\:"a stream'\''s features, then <starttls/> (RFC 6120, section 5)"
xmpp-server\:"as xmpp, between servers"
irc\:"CAP LS, then STARTTLS (IRCv3)"
ldap\:"the extended operation StartTLS (RFC 4511, section 4.14)"
postgres\:"SSLRequest, answered by S or N"
mysql\:"the server'\''s greeting, answered by SSLRequest"
nats\:"the server'\''s INFO; TLS begins without another word"
rdp\:"a negotiation request in the X.224 connection request"))' \
'-x+[Connect through this proxy\: http\://HOST\:PORT, https\://, socks5h\://, socks5\://, socks4a\://, socks4\://; an empty URL\: through none \[env\: HTTPS_PROXY, ALL_PROXY\]]:URL:_default' \
'--proxy=[Connect through this proxy\: http\://HOST\:PORT, https\://, socks5h\://, socks5\://, socks4a\://, socks4\://; an empty URL\: through none \[env\: HTTPS_PROXY, ALL_PROXY\]]:URL:_default' \
'--proxy-user=[Where the proxy'\''s user\:password is\: env\:NAME, file\:FILE, fd\:N or stdin]:SOURCE:_default' \
'--noproxy=[Hosts to connect to without a proxy, with commas; * for all (as curl has it) \[env\: NO_PROXY\]]:LIST:_default' \
'--haproxy-protocol=[Send a PROXY protocol header first, as HAProxy does\: v1 or v2 \[default\: v1\]]::VERSION:(v1 v2)' \
'--trust=[Trust stores\: mozilla, system, none, or several with commas \[default\: mozilla,system\]]:STORES:_default' \
'*--cacert=[Trust the CAs in this PEM or DER file (or folder) instead; may be given several times]:FILE:_files' \
'--pinnedpubkey=[SHA-256 of a public key that must be in the chain\: sha256//BASE64, several with ;]:PINS:_default' \
'*--expect=[What has to be so, or exit code 1\: '\''tls>=1.3'\'', '\''days>=21 and key=ec'\''; may be given several times]:EXPR:_default' \
'*--warn=[The same, but only reported]:EXPR:_default' \
'*--policy=[Ask every rule of a policy\: mozilla-modern, rfc9325, nist-800-52r2, … or FILE.toml; may be given several times]:NAME|FILE:_default' \
'--min-days=[For how many more days the chain must be valid\: FAIL or WARN\:FAIL]:DAYS:_default' \
'*--crl=[CRL to check (PEM or DER); may be given several times]:FILE:_files' \
'*--allow-unevaluated=[Accept that a required check could not be made (exit 7)\: any, or the one with this id]::ID:_default' \
'--ct-logs=[List of Certificate Transparency logs (JSON), to verify timestamps with]:FILE:_files' \
'--at=[Verify validity at this time\: RFC 3339, a date, or seconds since 1970]:TIME:_default' \
'--repeat=[Trace N times, and show the distribution of times and results]:N:_default' \
'--early-data=[Send this file as early data (0-RTT) on the resumed connection; implies --resume]:FILE:_files' \
'--like=[It works with that and not like this (or the other way round)\: find out what the difference is. FILE is a ClientHello or saved trace, NAME a client, HOST another server]:FILE|NAME|HOST:_default' \
'--max-probes=[With --diagnose or --like\: at most so many more connections \[default\: 24\]]:N:_default' \
'--probe-rate=[With --diagnose or --like\: at most N connections a second]:N:_default' \
'--targets=[Check the targets in this file too, one a line, with # comments; - for standard input. A line may have options of its own for addressing, the offer, and what is expected]:FILE:_files' \
'--concurrency=[So many targets at the same time \[default\: 100\]]:N:_default' \
'--per-host=[Of those with the same host, so many at the same time \[default\: 10\]]:N:_default' \
'--rate=[At most so many targets a second]:N:_default' \
'--retries=[So many further attempts on a target that was not reached, or timed out \[default\: 0\]]:N:_default' \
'--target-timeout=[Limit for one target, in seconds \[default\: 9\]; --max-time is for all of them together]:SECONDS:_default' \
'--resume-from=[Skip the targets that have a result in this file, which --format jsonl has written; -o may name it too]:FILE.jsonl:_files' \
'--cert=[Certificate chain to send on request\: PEM, DER or PKCS#12; may contain the key too]:FILE:_files' \
'--key=[Its private key\: PKCS#8, PKCS#1 or SEC1, PEM or DER \[default\: the --cert file\]]:FILE:_files' \
'--passin=[Where the passphrase of --key or PKCS#12 is\: env\:NAME, file\:FILE, fd\:N or stdin]:SOURCE:_default' \
'(--no-alpn)--alpn=[Application protocols, with commas \[default\: h2,http/1.1 for https and ports 443 and 8443\]]:LIST:_default' \
'--tls-min=[Lowest version to offer\: 1.0, 1.1, 1.2 or 1.3 \[default\: 1.2\]]:VERSION:_default' \
'--tls-max=[Highest version to offer\: 1.0, 1.1, 1.2 or 1.3 \[default\: 1.3\]]:VERSION:_default' \
'--ciphers=[Cipher suites of all versions, in order\: IANA or OpenSSL names, with , or \:]:LIST:_default' \
'--groups=[Groups for key exchange, in order; the key share is for the first]:LIST:_default' \
'--sigalgs=[Signature schemes, in order]:LIST:_default' \
'--psk=[Pre-shared key to offer; the key (hex, 0x…, or bytes) is read from a file or a variable, never from the command line]:IDENTITY:env:NAME|FILE:_default' \
'--engine=[Who performs the handshake\: rustls, or the lab engine, which supports obsolete versions and suites]:ENGINE:((auto\:"rustls, where it can make the offer and speak to the server; else the lab engine"
rustls\:""
lab\:""))' \
'--hello=[Send this ClientHello with fresh random and key shares\: a saved trace, hex, base64 or bytes in a file, or a client\: chrome, firefox, opera, openssl-3, openssl-1.0, gnutls, java-17, curl, curl-gnutls, python, node, rustls. Where the lab engine cannot complete what it offers, the handshake ends after the server'\''s first flight]:FILE|NAME:_default' \
'--ech=[Encrypted Client Hello, with TLS 1.3 alone\: a random one (grease); the configurations in the HTTPS record of the name (dns, or dns@ADDRESS\[\:PORT\] for another DNS server than the system'\''s); or an ECHConfigList in a file (PEM, base64, bytes) or in base64]:grease|dns|FILE|BASE64:_default' \
'--connect-timeout=[Limit for one TCP connection, in seconds \[default\: 5\]]:SECONDS:_default' \
'--max-time=[Limit for everything, in seconds \[default\: 9\]]:SECONDS:_default' \
'--settle=[How long to listen after the handshake \[default\: 3 round trips, at most 300\]]:MILLISECONDS:_default' \
'*--format=[Format of the report \[default\: by the suffix of --output, else text\]; NAME=FILE writes it to a file beside the report; may be given several times]:NAME[=FILE]:((text\:"for a person (the default)"
json\:"one document for a script; \`tls-trace schema\` describes it"
jsonl\:"the same document in one line; of a capture a line for each connection, of many targets for each"
junit\:"JUnit XML, for CI servers\: each check and expectation is a test case"
sarif\:"SARIF 2.1.0, for code scanning\: a result for each finding"
github\:"annotations of GitHub Actions (workflow commands)"
markdown\:"Markdown, for a job'\''s summary or a ticket"
html\:"a page for a browser, in one file that loads nothing"
svg\:"the sequence diagram as a picture"
mermaid\:"a sequence diagram, for documents on GitHub, GitLab, …"
mermaid-flow\:"the handshake'\''s flow chart, with the way that was taken"
nagios\:"one line with performance data; alone it makes the exit code Nagios'\''s"
openmetrics\:"metrics for Prometheus, as for node_exporter'\''s textfile collector"
csv\:"a row for each connection, for a spreadsheet or a database"
cyclonedx\:"CycloneDX 1.6\: a bill of the cryptography seen"))' \
'--exit=[Whose exit codes \[default\: own; with --format nagios alone\: nagios\]]:WHOSE:((own\:"0 to 7, 130, 143, as the README has them"
nagios\:"0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN"))' \
'--fields=[How many of each message'\''s fields the report contains \[default\: summary in JSON, all in HTML\]]:HOW MUCH:((none\:"No field"
summary\:"What a message says, without length prefixes, the insides of certificates, and long byte strings"
all\:"Every byte of every message"))' \
'--min-severity=[Leave out findings below this; what the verdict is about is always told \[default\: note\]]:SEVERITY:((note\:"Worth knowing"
warning\:"Should be mended"
error\:"Why something failed"))' \
'-o+[Write the report to this file instead of standard output; FILE.json gets JSON]:FILE:_files' \
'--output=[Write the report to this file instead of standard output; FILE.json gets JSON]:FILE:_files' \
'--color=[When to use colours]:WHEN:(auto always never)' \
'--width=[Columns of the text report \[default\: the terminal'\''s, else 80\]]:COLUMNS:_default' \
'--save=[Save everything to this file, with the session'\''s secrets\: \`tls-trace read FILE\` shows it again]:FILE.json:_files' \
'--pcap=[Write the packets to this file, with the secrets that decrypt them\: Wireshark opens it]:FILE.pcapng:_files' \
'--keylog=[Append the session'\''s secrets to this file (NSS key log format, for Wireshark) \[env\: SSLKEYLOGFILE\]]:FILE:_files' \
'--certs=[Write the certificates as they were sent, leaf first (PEM)]:FILE.pem:_files' \
'--secrets=[Which secrets go into --save, --pcap and --keylog; \`handshake\` keeps application data sealed \[default\: all, but \`handshake\` for --save and --pcap where application data is in the recording\]]:WHICH:((all\:""
handshake\:"Those of the TLS 1.3 handshake only"
none\:""))' \
'--no-sni[Send no server_name]' \
'(-6 --ipv6)-4[IPv4 addresses only]' \
'(-6 --ipv6)--ipv4[IPv4 addresses only]' \
'-6[IPv6 addresses only]' \
'--ipv6[IPv6 addresses only]' \
'--revocation[Check revocation over HTTP\: OCSP, else CRLs, as named in the certificates; exit code 7 if there is no answer]' \
'--fetch-aia[Fetch a missing intermediate from the URL in the certificate (over HTTP)]' \
'(-k --insecure)--enforce[End the connection with the proper alert if validation fails]' \
'-k[An untrusted chain, name or date does not change the exit code]' \
'--insecure[An untrusted chain, name or date does not change the exit code]' \
'--each-address[Trace every address of the name, and show differences]' \
'--resume[Make a second connection that resumes the first one'\''s session]' \
'--diagnose[If the handshake fails\: connect again with one thing changed at a time, and say what the cause is]' \
'--pipe[After the handshake\: send standard input to the server, and its answer to standard output]' \
'--allow-weak[Allow --pipe with the lab engine, which is for inspection and not hardened]' \
'--in-order[Write the results in the order of the targets, instead of as they come]' \
'--no-alpn[Offer no application protocols]' \
'--ssl3[Offer SSL 3.0 too, or only SSL 3.0 with --tls-max 3.0\: broken, for inspecting old devices]' \
'--no-retry[Make no second attempt\: with the lab engine if the server has no parameters in common with ordinary clients, with other ECH configurations if the server sends those]' \
'--no-tickets[Do not request session tickets]' \
'--grease[Offer reserved values too (RFC 8701)\: does the server ignore what it does not know?]' \
'--json[Short for --format json]' \
'--redact[Replace names, addresses, distinguished names and what identifies certificates, each by the same word everywhere]' \
'*-v[Show every field of every message; -vv\: beside its bytes; -vvv\: all of the bytes]' \
'*--verbose[Show every field of every message; -vv\: beside its bytes; -vvv\: all of the bytes]' \
'--annotate[Explain each step in place, in plain words]' \
'--diagram[Draw the connection as a sequence diagram, instead of listing its steps]' \
'--step[Wait for Enter behind each step, and explain it (as --annotate does)]' \
'--data[Show application data too, escaped; in JSON in hexadecimal]' \
'--show-secrets[Show the session'\''s secrets and the key schedule]' \
'(-v --verbose)*-q[Show only the last line; -qq\: nothing, see the exit code]' \
'(-v --verbose)*--quiet[Show only the last line; -qq\: nothing, see the exit code]' \
'--packets[Capture the connection'\''s own packets for --pcap and -v, from the SYN on; needs CAP_NET_RAW (Linux)]' \
'-V[Print version]' \
'--version[Print version]' \
'::targets -- host | host\:port | \[v6\]\:port | URL | unix\:/path; port 443 if none is given:_default' \
":: :_tls-trace_commands" \
"*::: :->tls-trace" \
&& ret=0
    case $state in
    (tls-trace)
        words=($line[2] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:tls-trace-command-$line[2]:"
        case $line[2] in
            (demo)
_arguments "${_arguments_options[@]}" : \
'-h+[The short help, a group of flags, or all]::GROUP:_default' \
'--help=[The short help, a group of flags, or all]::GROUP:_default' \
'--sni=[Name to send in server_name, and to verify unless --verify-name is given]:NAME:_default' \
'--verify-name=[Name that the certificate must be valid for\: a host, an address, or a URI (spiffe\://…)]:NAME:_default' \
'--connect=[Connect to this address instead of the target'\''s]:HOST:PORT:_default' \
'*--resolve=[Use this address for HOST\:PORT instead of asking the resolver (as curl does)]:HOST:PORT:ADDR[,ADDR]:_default' \
'*--connect-to=[Connect to HOST2\:PORT2 instead of HOST1\:PORT1 (as curl does); empty parts match anything]:HOST1:PORT1:HOST2:PORT2:_default' \
'--starttls=[Begin in the clear, and switch to TLS as this protocol does\: smtp, imap, postgres, … (or a URL\: smtp\://HOST)]:PROTO:((smtp\:"EHLO, then STARTTLS (RFC 3207)"
lmtp\:"LHLO, then STARTTLS (RFC 2033, RFC 3207)"
imap\:"CAPABILITY, then STARTTLS (RFC 9051, section 6.2.1)"
pop3\:"CAPA, then STLS (RFC 2595, section 4)"
ftp\:"FEAT, then AUTH TLS (RFC 4217)"
managesieve\:"the greeting lists capabilities, then STARTTLS (RFC 5804, section 2.2)"
xmpp\:"a stream'\''s features, then <starttls/> (RFC 6120, section 5)"
xmpp-server\:"as xmpp, between servers"
irc\:"CAP LS, then STARTTLS (IRCv3)"
ldap\:"the extended operation StartTLS (RFC 4511, section 4.14)"
postgres\:"SSLRequest, answered by S or N"
mysql\:"the server'\''s greeting, answered by SSLRequest"
nats\:"the server'\''s INFO; TLS begins without another word"
rdp\:"a negotiation request in the X.224 connection request"))' \
'-x+[Connect through this proxy\: http\://HOST\:PORT, https\://, socks5h\://, socks5\://, socks4a\://, socks4\://; an empty URL\: through none \[env\: HTTPS_PROXY, ALL_PROXY\]]:URL:_default' \
'--proxy=[Connect through this proxy\: http\://HOST\:PORT, https\://, socks5h\://, socks5\://, socks4a\://, socks4\://; an empty URL\: through none \[env\: HTTPS_PROXY, ALL_PROXY\]]:URL:_default' \
'--proxy-user=[Where the proxy'\''s user\:password is\: env\:NAME, file\:FILE, fd\:N or stdin]:SOURCE:_default' \
'--noproxy=[Hosts to connect to without a proxy, with commas; * for all (as curl has it) \[env\: NO_PROXY\]]:LIST:_default' \
'--haproxy-protocol=[Send a PROXY protocol header first, as HAProxy does\: v1 or v2 \[default\: v1\]]::VERSION:(v1 v2)' \
'--trust=[Trust stores\: mozilla, system, none, or several with commas \[default\: mozilla,system\]]:STORES:_default' \
'*--cacert=[Trust the CAs in this PEM or DER file (or folder) instead; may be given several times]:FILE:_files' \
'--pinnedpubkey=[SHA-256 of a public key that must be in the chain\: sha256//BASE64, several with ;]:PINS:_default' \
'*--expect=[What has to be so, or exit code 1\: '\''tls>=1.3'\'', '\''days>=21 and key=ec'\''; may be given several times]:EXPR:_default' \
'*--warn=[The same, but only reported]:EXPR:_default' \
'*--policy=[Ask every rule of a policy\: mozilla-modern, rfc9325, nist-800-52r2, … or FILE.toml; may be given several times]:NAME|FILE:_default' \
'--min-days=[For how many more days the chain must be valid\: FAIL or WARN\:FAIL]:DAYS:_default' \
'*--crl=[CRL to check (PEM or DER); may be given several times]:FILE:_files' \
'*--allow-unevaluated=[Accept that a required check could not be made (exit 7)\: any, or the one with this id]::ID:_default' \
'--ct-logs=[List of Certificate Transparency logs (JSON), to verify timestamps with]:FILE:_files' \
'--at=[Verify validity at this time\: RFC 3339, a date, or seconds since 1970]:TIME:_default' \
'--repeat=[Trace N times, and show the distribution of times and results]:N:_default' \
'--early-data=[Send this file as early data (0-RTT) on the resumed connection; implies --resume]:FILE:_files' \
'--like=[It works with that and not like this (or the other way round)\: find out what the difference is. FILE is a ClientHello or saved trace, NAME a client, HOST another server]:FILE|NAME|HOST:_default' \
'--max-probes=[With --diagnose or --like\: at most so many more connections \[default\: 24\]]:N:_default' \
'--probe-rate=[With --diagnose or --like\: at most N connections a second]:N:_default' \
'--cert=[Certificate chain to send on request\: PEM, DER or PKCS#12; may contain the key too]:FILE:_files' \
'--key=[Its private key\: PKCS#8, PKCS#1 or SEC1, PEM or DER \[default\: the --cert file\]]:FILE:_files' \
'--passin=[Where the passphrase of --key or PKCS#12 is\: env\:NAME, file\:FILE, fd\:N or stdin]:SOURCE:_default' \
'--alpn=[Application protocols, with commas \[default\: h2,http/1.1 for https and ports 443 and 8443\]]:LIST:_default' \
'--tls-min=[Lowest version to offer\: 1.0, 1.1, 1.2 or 1.3 \[default\: 1.2\]]:VERSION:_default' \
'--tls-max=[Highest version to offer\: 1.0, 1.1, 1.2 or 1.3 \[default\: 1.3\]]:VERSION:_default' \
'--ciphers=[Cipher suites of all versions, in order\: IANA or OpenSSL names, with , or \:]:LIST:_default' \
'--groups=[Groups for key exchange, in order; the key share is for the first]:LIST:_default' \
'--sigalgs=[Signature schemes, in order]:LIST:_default' \
'--psk=[Pre-shared key to offer; the key (hex, 0x…, or bytes) is read from a file or a variable, never from the command line]:IDENTITY:env:NAME|FILE:_default' \
'--engine=[Who performs the handshake\: rustls, or the lab engine, which supports obsolete versions and suites]:ENGINE:((auto\:"rustls, where it can make the offer and speak to the server; else the lab engine"
rustls\:""
lab\:""))' \
'--hello=[Send this ClientHello with fresh random and key shares\: a saved trace, hex, base64 or bytes in a file, or a client\: chrome, firefox, opera, openssl-3, openssl-1.0, gnutls, java-17, curl, curl-gnutls, python, node, rustls. Where the lab engine cannot complete what it offers, the handshake ends after the server'\''s first flight]:FILE|NAME:_default' \
'--ech=[Encrypted Client Hello, with TLS 1.3 alone\: a random one (grease); the configurations in the HTTPS record of the name (dns, or dns@ADDRESS\[\:PORT\] for another DNS server than the system'\''s); or an ECHConfigList in a file (PEM, base64, bytes) or in base64]:grease|dns|FILE|BASE64:_default' \
'--connect-timeout=[Limit for one TCP connection, in seconds \[default\: 5\]]:SECONDS:_default' \
'--max-time=[Limit for everything, in seconds \[default\: 9\]]:SECONDS:_default' \
'--settle=[How long to listen after the handshake \[default\: 3 round trips, at most 300\]]:MILLISECONDS:_default' \
'*--format=[Format of the report \[default\: by the suffix of --output, else text\]; NAME=FILE writes it to a file beside the report; may be given several times]:NAME[=FILE]:((text\:"for a person (the default)"
json\:"one document for a script; \`tls-trace schema\` describes it"
jsonl\:"the same document in one line; of a capture a line for each connection, of many targets for each"
junit\:"JUnit XML, for CI servers\: each check and expectation is a test case"
sarif\:"SARIF 2.1.0, for code scanning\: a result for each finding"
github\:"annotations of GitHub Actions (workflow commands)"
markdown\:"Markdown, for a job'\''s summary or a ticket"
html\:"a page for a browser, in one file that loads nothing"
svg\:"the sequence diagram as a picture"
mermaid\:"a sequence diagram, for documents on GitHub, GitLab, …"
mermaid-flow\:"the handshake'\''s flow chart, with the way that was taken"
nagios\:"one line with performance data; alone it makes the exit code Nagios'\''s"
openmetrics\:"metrics for Prometheus, as for node_exporter'\''s textfile collector"
csv\:"a row for each connection, for a spreadsheet or a database"
cyclonedx\:"CycloneDX 1.6\: a bill of the cryptography seen"))' \
'--exit=[Whose exit codes \[default\: own; with --format nagios alone\: nagios\]]:WHOSE:((own\:"0 to 7, 130, 143, as the README has them"
nagios\:"0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN"))' \
'--fields=[How many of each message'\''s fields the report contains \[default\: summary in JSON, all in HTML\]]:HOW MUCH:((none\:"No field"
summary\:"What a message says, without length prefixes, the insides of certificates, and long byte strings"
all\:"Every byte of every message"))' \
'--min-severity=[Leave out findings below this; what the verdict is about is always told \[default\: note\]]:SEVERITY:((note\:"Worth knowing"
warning\:"Should be mended"
error\:"Why something failed"))' \
'-o+[Write the report to this file instead of standard output; FILE.json gets JSON]:FILE:_files' \
'--output=[Write the report to this file instead of standard output; FILE.json gets JSON]:FILE:_files' \
'--color=[When to use colours]:WHEN:(auto always never)' \
'--width=[Columns of the text report \[default\: the terminal'\''s, else 80\]]:COLUMNS:_default' \
'--save=[Save everything to this file, with the session'\''s secrets\: \`tls-trace read FILE\` shows it again]:FILE.json:_files' \
'--pcap=[Write the packets to this file, with the secrets that decrypt them\: Wireshark opens it]:FILE.pcapng:_files' \
'--keylog=[Append the session'\''s secrets to this file (NSS key log format, for Wireshark) \[env\: SSLKEYLOGFILE\]]:FILE:_files' \
'--certs=[Write the certificates as they were sent, leaf first (PEM)]:FILE.pem:_files' \
'--secrets=[Which secrets go into --save, --pcap and --keylog; \`handshake\` keeps application data sealed \[default\: all, but \`handshake\` for --save and --pcap where application data is in the recording\]]:WHICH:((all\:""
handshake\:"Those of the TLS 1.3 handshake only"
none\:""))' \
'--list[Lists the scenarios]' \
'--recorded[Show a recording of the scenario\: the same bytes, times and output each time]' \
'--no-sni[Send no server_name]' \
'-4[IPv4 addresses only]' \
'--ipv4[IPv4 addresses only]' \
'-6[IPv6 addresses only]' \
'--ipv6[IPv6 addresses only]' \
'--revocation[Check revocation over HTTP\: OCSP, else CRLs, as named in the certificates; exit code 7 if there is no answer]' \
'--fetch-aia[Fetch a missing intermediate from the URL in the certificate (over HTTP)]' \
'--enforce[End the connection with the proper alert if validation fails]' \
'-k[An untrusted chain, name or date does not change the exit code]' \
'--insecure[An untrusted chain, name or date does not change the exit code]' \
'--each-address[Trace every address of the name, and show differences]' \
'--resume[Make a second connection that resumes the first one'\''s session]' \
'--diagnose[If the handshake fails\: connect again with one thing changed at a time, and say what the cause is]' \
'--pipe[After the handshake\: send standard input to the server, and its answer to standard output]' \
'--allow-weak[Allow --pipe with the lab engine, which is for inspection and not hardened]' \
'--no-alpn[Offer no application protocols]' \
'--ssl3[Offer SSL 3.0 too, or only SSL 3.0 with --tls-max 3.0\: broken, for inspecting old devices]' \
'--no-retry[Make no second attempt\: with the lab engine if the server has no parameters in common with ordinary clients, with other ECH configurations if the server sends those]' \
'--no-tickets[Do not request session tickets]' \
'--grease[Offer reserved values too (RFC 8701)\: does the server ignore what it does not know?]' \
'--json[Short for --format json]' \
'--redact[Replace names, addresses, distinguished names and what identifies certificates, each by the same word everywhere]' \
'*-v[Show every field of every message; -vv\: beside its bytes; -vvv\: all of the bytes]' \
'*--verbose[Show every field of every message; -vv\: beside its bytes; -vvv\: all of the bytes]' \
'--annotate[Explain each step in place, in plain words]' \
'--diagram[Draw the connection as a sequence diagram, instead of listing its steps]' \
'--step[Wait for Enter behind each step, and explain it (as --annotate does)]' \
'--data[Show application data too, escaped; in JSON in hexadecimal]' \
'--show-secrets[Show the session'\''s secrets and the key schedule]' \
'*-q[Show only the last line; -qq\: nothing, see the exit code]' \
'*--quiet[Show only the last line; -qq\: nothing, see the exit code]' \
'--packets[Capture the connection'\''s own packets for --pcap and -v, from the SYN on; needs CAP_NET_RAW (Linux)]' \
'::scenario -- What the server does; `--list` shows them all:_default' \
&& ret=0
;;
(read)
_arguments "${_arguments_options[@]}" : \
'*--decrypt-with=[Decrypt with a key log (NSS format), or with the server'\''s RSA private key where that exchanged the keys; repeatable]:FILE:_files' \
'--stream=[Of a capture\: the connection with this number in the table, which is Wireshark'\''s tcp.stream; udp\:N (udp.stream) for QUIC. With --data and -o FILE its application data alone, raw]:N:_default' \
'--filter=[Of a capture\: only connections of which this is true, as tls<1.2 or sni~example and not resumed]:EXPR:_default' \
'-h+[The short help, a group of flags, or all]::GROUP:_default' \
'--help=[The short help, a group of flags, or all]::GROUP:_default' \
'--verify-name=[Name that the certificate must be valid for\: a host, an address, or a URI (spiffe\://…)]:NAME:_default' \
'--trust=[Trust stores\: mozilla, system, none, or several with commas \[default\: mozilla,system\]]:STORES:_default' \
'*--cacert=[Trust the CAs in this PEM or DER file (or folder) instead; may be given several times]:FILE:_files' \
'--pinnedpubkey=[SHA-256 of a public key that must be in the chain\: sha256//BASE64, several with ;]:PINS:_default' \
'*--expect=[What has to be so, or exit code 1\: '\''tls>=1.3'\'', '\''days>=21 and key=ec'\''; may be given several times]:EXPR:_default' \
'*--warn=[The same, but only reported]:EXPR:_default' \
'*--policy=[Ask every rule of a policy\: mozilla-modern, rfc9325, nist-800-52r2, … or FILE.toml; may be given several times]:NAME|FILE:_default' \
'--min-days=[For how many more days the chain must be valid\: FAIL or WARN\:FAIL]:DAYS:_default' \
'*--crl=[CRL to check (PEM or DER); may be given several times]:FILE:_files' \
'*--allow-unevaluated=[Accept that a required check could not be made (exit 7)\: any, or the one with this id]::ID:_default' \
'--ct-logs=[List of Certificate Transparency logs (JSON), to verify timestamps with]:FILE:_files' \
'--at=[Verify validity at this time\: RFC 3339, a date, or seconds since 1970]:TIME:_default' \
'--passin=[Where the passphrase of --key or PKCS#12 is\: env\:NAME, file\:FILE, fd\:N or stdin]:SOURCE:_default' \
'--max-time=[Limit for everything, in seconds \[default\: 9\]]:SECONDS:_default' \
'*--format=[Format of the report \[default\: by the suffix of --output, else text\]; NAME=FILE writes it to a file beside the report; may be given several times]:NAME[=FILE]:((text\:"for a person (the default)"
json\:"one document for a script; \`tls-trace schema\` describes it"
jsonl\:"the same document in one line; of a capture a line for each connection, of many targets for each"
junit\:"JUnit XML, for CI servers\: each check and expectation is a test case"
sarif\:"SARIF 2.1.0, for code scanning\: a result for each finding"
github\:"annotations of GitHub Actions (workflow commands)"
markdown\:"Markdown, for a job'\''s summary or a ticket"
html\:"a page for a browser, in one file that loads nothing"
svg\:"the sequence diagram as a picture"
mermaid\:"a sequence diagram, for documents on GitHub, GitLab, …"
mermaid-flow\:"the handshake'\''s flow chart, with the way that was taken"
nagios\:"one line with performance data; alone it makes the exit code Nagios'\''s"
openmetrics\:"metrics for Prometheus, as for node_exporter'\''s textfile collector"
csv\:"a row for each connection, for a spreadsheet or a database"
cyclonedx\:"CycloneDX 1.6\: a bill of the cryptography seen"))' \
'--exit=[Whose exit codes \[default\: own; with --format nagios alone\: nagios\]]:WHOSE:((own\:"0 to 7, 130, 143, as the README has them"
nagios\:"0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN"))' \
'--fields=[How many of each message'\''s fields the report contains \[default\: summary in JSON, all in HTML\]]:HOW MUCH:((none\:"No field"
summary\:"What a message says, without length prefixes, the insides of certificates, and long byte strings"
all\:"Every byte of every message"))' \
'--min-severity=[Leave out findings below this; what the verdict is about is always told \[default\: note\]]:SEVERITY:((note\:"Worth knowing"
warning\:"Should be mended"
error\:"Why something failed"))' \
'-o+[Write the report to this file instead of standard output; FILE.json gets JSON]:FILE:_files' \
'--output=[Write the report to this file instead of standard output; FILE.json gets JSON]:FILE:_files' \
'--color=[When to use colours]:WHEN:(auto always never)' \
'--width=[Columns of the text report \[default\: the terminal'\''s, else 80\]]:COLUMNS:_default' \
'--pcap=[Write the packets to this file, with the secrets that decrypt them\: Wireshark opens it]:FILE.pcapng:_files' \
'--secrets=[Which secrets go into --save, --pcap and --keylog; \`handshake\` keeps application data sealed \[default\: all, but \`handshake\` for --save and --pcap where application data is in the recording\]]:WHICH:((all\:""
handshake\:"Those of the TLS 1.3 handshake only"
none\:""))' \
'--all[Of a capture with several connections\: show and verify each, instead of a table]' \
'-k[An untrusted chain, name or date does not change the exit code]' \
'--insecure[An untrusted chain, name or date does not change the exit code]' \
'--json[Short for --format json]' \
'--redact[Replace names, addresses, distinguished names and what identifies certificates, each by the same word everywhere]' \
'*-v[Show every field of every message; -vv\: beside its bytes; -vvv\: all of the bytes]' \
'*--verbose[Show every field of every message; -vv\: beside its bytes; -vvv\: all of the bytes]' \
'--annotate[Explain each step in place, in plain words]' \
'--diagram[Draw the connection as a sequence diagram, instead of listing its steps]' \
'--step[Wait for Enter behind each step, and explain it (as --annotate does)]' \
'--data[Show application data too, escaped; in JSON in hexadecimal]' \
'--show-secrets[Show the session'\''s secrets and the key schedule]' \
'*-q[Show only the last line; -qq\: nothing, see the exit code]' \
'*--quiet[Show only the last line; -qq\: nothing, see the exit code]' \
':file -- A saved trace, a capture (pcap, pcapng), or TLS records (binary, hex); gzip, zstd; - for stdin:_files' \
&& ret=0
;;
(cert)
_arguments "${_arguments_options[@]}" : \
'-h+[The short help, a group of flags, or all]::GROUP:_default' \
'--help=[The short help, a group of flags, or all]::GROUP:_default' \
'--sni=[Name to send in server_name, and to verify unless --verify-name is given]:NAME:_default' \
'--verify-name=[Name that the certificate must be valid for\: a host, an address, or a URI (spiffe\://…)]:NAME:_default' \
'--trust=[Trust stores\: mozilla, system, none, or several with commas \[default\: mozilla,system\]]:STORES:_default' \
'*--cacert=[Trust the CAs in this PEM or DER file (or folder) instead; may be given several times]:FILE:_files' \
'--pinnedpubkey=[SHA-256 of a public key that must be in the chain\: sha256//BASE64, several with ;]:PINS:_default' \
'*--expect=[What has to be so, or exit code 1\: '\''tls>=1.3'\'', '\''days>=21 and key=ec'\''; may be given several times]:EXPR:_default' \
'*--warn=[The same, but only reported]:EXPR:_default' \
'*--policy=[Ask every rule of a policy\: mozilla-modern, rfc9325, nist-800-52r2, … or FILE.toml; may be given several times]:NAME|FILE:_default' \
'--min-days=[For how many more days the chain must be valid\: FAIL or WARN\:FAIL]:DAYS:_default' \
'*--crl=[CRL to check (PEM or DER); may be given several times]:FILE:_files' \
'*--allow-unevaluated=[Accept that a required check could not be made (exit 7)\: any, or the one with this id]::ID:_default' \
'--ct-logs=[List of Certificate Transparency logs (JSON), to verify timestamps with]:FILE:_files' \
'--at=[Verify validity at this time\: RFC 3339, a date, or seconds since 1970]:TIME:_default' \
'--key=[Its private key\: PKCS#8, PKCS#1 or SEC1, PEM or DER \[default\: the --cert file\]]:FILE:_files' \
'--passin=[Where the passphrase of --key or PKCS#12 is\: env\:NAME, file\:FILE, fd\:N or stdin]:SOURCE:_default' \
'--max-time=[Limit for everything, in seconds \[default\: 9\]]:SECONDS:_default' \
'*--format=[Format of the report \[default\: by the suffix of --output, else text\]; NAME=FILE writes it to a file beside the report; may be given several times]:NAME[=FILE]:((text\:"for a person (the default)"
json\:"one document for a script; \`tls-trace schema\` describes it"
jsonl\:"the same document in one line; of a capture a line for each connection, of many targets for each"
junit\:"JUnit XML, for CI servers\: each check and expectation is a test case"
sarif\:"SARIF 2.1.0, for code scanning\: a result for each finding"
github\:"annotations of GitHub Actions (workflow commands)"
markdown\:"Markdown, for a job'\''s summary or a ticket"
html\:"a page for a browser, in one file that loads nothing"
svg\:"the sequence diagram as a picture"
mermaid\:"a sequence diagram, for documents on GitHub, GitLab, …"
mermaid-flow\:"the handshake'\''s flow chart, with the way that was taken"
nagios\:"one line with performance data; alone it makes the exit code Nagios'\''s"
openmetrics\:"metrics for Prometheus, as for node_exporter'\''s textfile collector"
csv\:"a row for each connection, for a spreadsheet or a database"
cyclonedx\:"CycloneDX 1.6\: a bill of the cryptography seen"))' \
'--exit=[Whose exit codes \[default\: own; with --format nagios alone\: nagios\]]:WHOSE:((own\:"0 to 7, 130, 143, as the README has them"
nagios\:"0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN"))' \
'--fields=[How many of each message'\''s fields the report contains \[default\: summary in JSON, all in HTML\]]:HOW MUCH:((none\:"No field"
summary\:"What a message says, without length prefixes, the insides of certificates, and long byte strings"
all\:"Every byte of every message"))' \
'--min-severity=[Leave out findings below this; what the verdict is about is always told \[default\: note\]]:SEVERITY:((note\:"Worth knowing"
warning\:"Should be mended"
error\:"Why something failed"))' \
'-o+[Write the report to this file instead of standard output; FILE.json gets JSON]:FILE:_files' \
'--output=[Write the report to this file instead of standard output; FILE.json gets JSON]:FILE:_files' \
'--color=[When to use colours]:WHEN:(auto always never)' \
'--width=[Columns of the text report \[default\: the terminal'\''s, else 80\]]:COLUMNS:_default' \
'--revocation[Check revocation over HTTP\: OCSP, else CRLs, as named in the certificates; exit code 7 if there is no answer]' \
'--fetch-aia[Fetch a missing intermediate from the URL in the certificate (over HTTP)]' \
'-k[An untrusted chain, name or date does not change the exit code]' \
'--insecure[An untrusted chain, name or date does not change the exit code]' \
'--json[Short for --format json]' \
'--redact[Replace names, addresses, distinguished names and what identifies certificates, each by the same word everywhere]' \
'*-v[Show every field of every message; -vv\: beside its bytes; -vvv\: all of the bytes]' \
'*--verbose[Show every field of every message; -vv\: beside its bytes; -vvv\: all of the bytes]' \
'--annotate[Explain each step in place, in plain words]' \
'--show-secrets[Show the session'\''s secrets and the key schedule]' \
'*-q[Show only the last line; -qq\: nothing, see the exit code]' \
'*--quiet[Show only the last line; -qq\: nothing, see the exit code]' \
'*::files -- PEM, DER, PKCS#7 or PKCS#12, the leaf first; - for standard input:_files' \
&& ret=0
;;
(explain)
_arguments "${_arguments_options[@]}" : \
'-h+[The short help, a group of flags, or all]::GROUP:_default' \
'--help=[The short help, a group of flags, or all]::GROUP:_default' \
'--color=[When to use colours]:WHEN:(auto always never)' \
'--width=[Columns of the text report \[default\: the terminal'\''s, else 80\]]:COLUMNS:_default' \
'::id -- An id, a name, a number, or another program'\''s error message\: unknown_ca, "Client Hello", 116, 0x1301:_default' \
&& ret=0
;;
(diff)
_arguments "${_arguments_options[@]}" : \
'*--decrypt-with=[Decrypt captures with a key log (NSS format), or with the server'\''s RSA private key; repeatable]:FILE:_files' \
'-h+[The short help, a group of flags, or all]::GROUP:_default' \
'--help=[The short help, a group of flags, or all]::GROUP:_default' \
'--sni=[Name to send in server_name, and to verify unless --verify-name is given]:NAME:_default' \
'--verify-name=[Name that the certificate must be valid for\: a host, an address, or a URI (spiffe\://…)]:NAME:_default' \
'--connect=[Connect to this address instead of the target'\''s]:HOST:PORT:_default' \
'*--resolve=[Use this address for HOST\:PORT instead of asking the resolver (as curl does)]:HOST:PORT:ADDR[,ADDR]:_default' \
'*--connect-to=[Connect to HOST2\:PORT2 instead of HOST1\:PORT1 (as curl does); empty parts match anything]:HOST1:PORT1:HOST2:PORT2:_default' \
'--starttls=[Begin in the clear, and switch to TLS as this protocol does\: smtp, imap, postgres, … (or a URL\: smtp\://HOST)]:PROTO:((smtp\:"EHLO, then STARTTLS (RFC 3207)"
lmtp\:"LHLO, then STARTTLS (RFC 2033, RFC 3207)"
imap\:"CAPABILITY, then STARTTLS (RFC 9051, section 6.2.1)"
pop3\:"CAPA, then STLS (RFC 2595, section 4)"
ftp\:"FEAT, then AUTH TLS (RFC 4217)"
managesieve\:"the greeting lists capabilities, then STARTTLS (RFC 5804, section 2.2)"
xmpp\:"a stream'\''s features, then <starttls/> (RFC 6120, section 5)"
xmpp-server\:"as xmpp, between servers"
irc\:"CAP LS, then STARTTLS (IRCv3)"
ldap\:"the extended operation StartTLS (RFC 4511, section 4.14)"
postgres\:"SSLRequest, answered by S or N"
mysql\:"the server'\''s greeting, answered by SSLRequest"
nats\:"the server'\''s INFO; TLS begins without another word"
rdp\:"a negotiation request in the X.224 connection request"))' \
'-x+[Connect through this proxy\: http\://HOST\:PORT, https\://, socks5h\://, socks5\://, socks4a\://, socks4\://; an empty URL\: through none \[env\: HTTPS_PROXY, ALL_PROXY\]]:URL:_default' \
'--proxy=[Connect through this proxy\: http\://HOST\:PORT, https\://, socks5h\://, socks5\://, socks4a\://, socks4\://; an empty URL\: through none \[env\: HTTPS_PROXY, ALL_PROXY\]]:URL:_default' \
'--proxy-user=[Where the proxy'\''s user\:password is\: env\:NAME, file\:FILE, fd\:N or stdin]:SOURCE:_default' \
'--noproxy=[Hosts to connect to without a proxy, with commas; * for all (as curl has it) \[env\: NO_PROXY\]]:LIST:_default' \
'--haproxy-protocol=[Send a PROXY protocol header first, as HAProxy does\: v1 or v2 \[default\: v1\]]::VERSION:(v1 v2)' \
'--trust=[Trust stores\: mozilla, system, none, or several with commas \[default\: mozilla,system\]]:STORES:_default' \
'*--cacert=[Trust the CAs in this PEM or DER file (or folder) instead; may be given several times]:FILE:_files' \
'--pinnedpubkey=[SHA-256 of a public key that must be in the chain\: sha256//BASE64, several with ;]:PINS:_default' \
'*--expect=[What has to be so, or exit code 1\: '\''tls>=1.3'\'', '\''days>=21 and key=ec'\''; may be given several times]:EXPR:_default' \
'*--warn=[The same, but only reported]:EXPR:_default' \
'*--policy=[Ask every rule of a policy\: mozilla-modern, rfc9325, nist-800-52r2, … or FILE.toml; may be given several times]:NAME|FILE:_default' \
'--min-days=[For how many more days the chain must be valid\: FAIL or WARN\:FAIL]:DAYS:_default' \
'*--crl=[CRL to check (PEM or DER); may be given several times]:FILE:_files' \
'*--allow-unevaluated=[Accept that a required check could not be made (exit 7)\: any, or the one with this id]::ID:_default' \
'--ct-logs=[List of Certificate Transparency logs (JSON), to verify timestamps with]:FILE:_files' \
'--at=[Verify validity at this time\: RFC 3339, a date, or seconds since 1970]:TIME:_default' \
'--cert=[Certificate chain to send on request\: PEM, DER or PKCS#12; may contain the key too]:FILE:_files' \
'--key=[Its private key\: PKCS#8, PKCS#1 or SEC1, PEM or DER \[default\: the --cert file\]]:FILE:_files' \
'--passin=[Where the passphrase of --key or PKCS#12 is\: env\:NAME, file\:FILE, fd\:N or stdin]:SOURCE:_default' \
'--alpn=[Application protocols, with commas \[default\: h2,http/1.1 for https and ports 443 and 8443\]]:LIST:_default' \
'--tls-min=[Lowest version to offer\: 1.0, 1.1, 1.2 or 1.3 \[default\: 1.2\]]:VERSION:_default' \
'--tls-max=[Highest version to offer\: 1.0, 1.1, 1.2 or 1.3 \[default\: 1.3\]]:VERSION:_default' \
'--ciphers=[Cipher suites of all versions, in order\: IANA or OpenSSL names, with , or \:]:LIST:_default' \
'--groups=[Groups for key exchange, in order; the key share is for the first]:LIST:_default' \
'--sigalgs=[Signature schemes, in order]:LIST:_default' \
'--psk=[Pre-shared key to offer; the key (hex, 0x…, or bytes) is read from a file or a variable, never from the command line]:IDENTITY:env:NAME|FILE:_default' \
'--engine=[Who performs the handshake\: rustls, or the lab engine, which supports obsolete versions and suites]:ENGINE:((auto\:"rustls, where it can make the offer and speak to the server; else the lab engine"
rustls\:""
lab\:""))' \
'--hello=[Send this ClientHello with fresh random and key shares\: a saved trace, hex, base64 or bytes in a file, or a client\: chrome, firefox, opera, openssl-3, openssl-1.0, gnutls, java-17, curl, curl-gnutls, python, node, rustls. Where the lab engine cannot complete what it offers, the handshake ends after the server'\''s first flight]:FILE|NAME:_default' \
'--ech=[Encrypted Client Hello, with TLS 1.3 alone\: a random one (grease); the configurations in the HTTPS record of the name (dns, or dns@ADDRESS\[\:PORT\] for another DNS server than the system'\''s); or an ECHConfigList in a file (PEM, base64, bytes) or in base64]:grease|dns|FILE|BASE64:_default' \
'--connect-timeout=[Limit for one TCP connection, in seconds \[default\: 5\]]:SECONDS:_default' \
'--max-time=[Limit for everything, in seconds \[default\: 9\]]:SECONDS:_default' \
'--settle=[How long to listen after the handshake \[default\: 3 round trips, at most 300\]]:MILLISECONDS:_default' \
'*--format=[Format of the report \[default\: by the suffix of --output, else text\]; NAME=FILE writes it to a file beside the report; may be given several times]:NAME[=FILE]:((text\:"for a person (the default)"
json\:"one document for a script; \`tls-trace schema\` describes it"
jsonl\:"the same document in one line; of a capture a line for each connection, of many targets for each"
junit\:"JUnit XML, for CI servers\: each check and expectation is a test case"
sarif\:"SARIF 2.1.0, for code scanning\: a result for each finding"
github\:"annotations of GitHub Actions (workflow commands)"
markdown\:"Markdown, for a job'\''s summary or a ticket"
html\:"a page for a browser, in one file that loads nothing"
svg\:"the sequence diagram as a picture"
mermaid\:"a sequence diagram, for documents on GitHub, GitLab, …"
mermaid-flow\:"the handshake'\''s flow chart, with the way that was taken"
nagios\:"one line with performance data; alone it makes the exit code Nagios'\''s"
openmetrics\:"metrics for Prometheus, as for node_exporter'\''s textfile collector"
csv\:"a row for each connection, for a spreadsheet or a database"
cyclonedx\:"CycloneDX 1.6\: a bill of the cryptography seen"))' \
'--fields=[How many of each message'\''s fields the report contains \[default\: summary in JSON, all in HTML\]]:HOW MUCH:((none\:"No field"
summary\:"What a message says, without length prefixes, the insides of certificates, and long byte strings"
all\:"Every byte of every message"))' \
'--min-severity=[Leave out findings below this; what the verdict is about is always told \[default\: note\]]:SEVERITY:((note\:"Worth knowing"
warning\:"Should be mended"
error\:"Why something failed"))' \
'-o+[Write the report to this file instead of standard output; FILE.json gets JSON]:FILE:_files' \
'--output=[Write the report to this file instead of standard output; FILE.json gets JSON]:FILE:_files' \
'--color=[When to use colours]:WHEN:(auto always never)' \
'--width=[Columns of the text report \[default\: the terminal'\''s, else 80\]]:COLUMNS:_default' \
'--no-sni[Send no server_name]' \
'-4[IPv4 addresses only]' \
'--ipv4[IPv4 addresses only]' \
'-6[IPv6 addresses only]' \
'--ipv6[IPv6 addresses only]' \
'--revocation[Check revocation over HTTP\: OCSP, else CRLs, as named in the certificates; exit code 7 if there is no answer]' \
'--fetch-aia[Fetch a missing intermediate from the URL in the certificate (over HTTP)]' \
'--enforce[End the connection with the proper alert if validation fails]' \
'-k[An untrusted chain, name or date does not change the exit code]' \
'--insecure[An untrusted chain, name or date does not change the exit code]' \
'--no-alpn[Offer no application protocols]' \
'--ssl3[Offer SSL 3.0 too, or only SSL 3.0 with --tls-max 3.0\: broken, for inspecting old devices]' \
'--no-retry[Make no second attempt\: with the lab engine if the server has no parameters in common with ordinary clients, with other ECH configurations if the server sends those]' \
'--no-tickets[Do not request session tickets]' \
'--grease[Offer reserved values too (RFC 8701)\: does the server ignore what it does not know?]' \
'--json[Short for --format json]' \
'*-v[Show every field of every message; -vv\: beside its bytes; -vvv\: all of the bytes]' \
'*--verbose[Show every field of every message; -vv\: beside its bytes; -vvv\: all of the bytes]' \
'*-q[Show only the last line; -qq\: nothing, see the exit code]' \
'*--quiet[Show only the last line; -qq\: nothing, see the exit code]' \
':a -- A saved trace, a capture'\''s connection as FILE#N, TLS records in a file, or a server; - for stdin:_default' \
':b -- What it is compared with:_default' \
&& ret=0
;;
(watch)
_arguments "${_arguments_options[@]}" : \
'--every=[How often\: 50ms, 30s, 5m, 1h]:INTERVAL:_default' \
'--until=[End with exit code 0 as soon as this holds at every address, as '\''days>=60'\'' (with --max-time\: 5 if it does not)]:EXPR:_default' \
'-h+[The short help, a group of flags, or all]::GROUP:_default' \
'--help=[The short help, a group of flags, or all]::GROUP:_default' \
'--sni=[Name to send in server_name, and to verify unless --verify-name is given]:NAME:_default' \
'--verify-name=[Name that the certificate must be valid for\: a host, an address, or a URI (spiffe\://…)]:NAME:_default' \
'--connect=[Connect to this address instead of the target'\''s]:HOST:PORT:_default' \
'*--resolve=[Use this address for HOST\:PORT instead of asking the resolver (as curl does)]:HOST:PORT:ADDR[,ADDR]:_default' \
'*--connect-to=[Connect to HOST2\:PORT2 instead of HOST1\:PORT1 (as curl does); empty parts match anything]:HOST1:PORT1:HOST2:PORT2:_default' \
'--starttls=[Begin in the clear, and switch to TLS as this protocol does\: smtp, imap, postgres, … (or a URL\: smtp\://HOST)]:PROTO:((smtp\:"EHLO, then STARTTLS (RFC 3207)"
lmtp\:"LHLO, then STARTTLS (RFC 2033, RFC 3207)"
imap\:"CAPABILITY, then STARTTLS (RFC 9051, section 6.2.1)"
pop3\:"CAPA, then STLS (RFC 2595, section 4)"
ftp\:"FEAT, then AUTH TLS (RFC 4217)"
managesieve\:"the greeting lists capabilities, then STARTTLS (RFC 5804, section 2.2)"
xmpp\:"a stream'\''s features, then <starttls/> (RFC 6120, section 5)"
xmpp-server\:"as xmpp, between servers"
irc\:"CAP LS, then STARTTLS (IRCv3)"
ldap\:"the extended operation StartTLS (RFC 4511, section 4.14)"
postgres\:"SSLRequest, answered by S or N"
mysql\:"the server'\''s greeting, answered by SSLRequest"
nats\:"the server'\''s INFO; TLS begins without another word"
rdp\:"a negotiation request in the X.224 connection request"))' \
'-x+[Connect through this proxy\: http\://HOST\:PORT, https\://, socks5h\://, socks5\://, socks4a\://, socks4\://; an empty URL\: through none \[env\: HTTPS_PROXY, ALL_PROXY\]]:URL:_default' \
'--proxy=[Connect through this proxy\: http\://HOST\:PORT, https\://, socks5h\://, socks5\://, socks4a\://, socks4\://; an empty URL\: through none \[env\: HTTPS_PROXY, ALL_PROXY\]]:URL:_default' \
'--proxy-user=[Where the proxy'\''s user\:password is\: env\:NAME, file\:FILE, fd\:N or stdin]:SOURCE:_default' \
'--noproxy=[Hosts to connect to without a proxy, with commas; * for all (as curl has it) \[env\: NO_PROXY\]]:LIST:_default' \
'--haproxy-protocol=[Send a PROXY protocol header first, as HAProxy does\: v1 or v2 \[default\: v1\]]::VERSION:(v1 v2)' \
'--trust=[Trust stores\: mozilla, system, none, or several with commas \[default\: mozilla,system\]]:STORES:_default' \
'*--cacert=[Trust the CAs in this PEM or DER file (or folder) instead; may be given several times]:FILE:_files' \
'--pinnedpubkey=[SHA-256 of a public key that must be in the chain\: sha256//BASE64, several with ;]:PINS:_default' \
'*--expect=[What has to be so, or exit code 1\: '\''tls>=1.3'\'', '\''days>=21 and key=ec'\''; may be given several times]:EXPR:_default' \
'*--warn=[The same, but only reported]:EXPR:_default' \
'*--policy=[Ask every rule of a policy\: mozilla-modern, rfc9325, nist-800-52r2, … or FILE.toml; may be given several times]:NAME|FILE:_default' \
'--min-days=[For how many more days the chain must be valid\: FAIL or WARN\:FAIL]:DAYS:_default' \
'*--crl=[CRL to check (PEM or DER); may be given several times]:FILE:_files' \
'*--allow-unevaluated=[Accept that a required check could not be made (exit 7)\: any, or the one with this id]::ID:_default' \
'--ct-logs=[List of Certificate Transparency logs (JSON), to verify timestamps with]:FILE:_files' \
'--at=[Verify validity at this time\: RFC 3339, a date, or seconds since 1970]:TIME:_default' \
'--targets=[Check the targets in this file too, one a line, with # comments; - for standard input. A line may have options of its own for addressing, the offer, and what is expected]:FILE:_files' \
'--concurrency=[So many targets at the same time \[default\: 100\]]:N:_default' \
'--per-host=[Of those with the same host, so many at the same time \[default\: 10\]]:N:_default' \
'--rate=[At most so many targets a second]:N:_default' \
'--retries=[So many further attempts on a target that was not reached, or timed out \[default\: 0\]]:N:_default' \
'--target-timeout=[Limit for one target, in seconds \[default\: 9\]; --max-time is for all of them together]:SECONDS:_default' \
'--cert=[Certificate chain to send on request\: PEM, DER or PKCS#12; may contain the key too]:FILE:_files' \
'--key=[Its private key\: PKCS#8, PKCS#1 or SEC1, PEM or DER \[default\: the --cert file\]]:FILE:_files' \
'--passin=[Where the passphrase of --key or PKCS#12 is\: env\:NAME, file\:FILE, fd\:N or stdin]:SOURCE:_default' \
'--alpn=[Application protocols, with commas \[default\: h2,http/1.1 for https and ports 443 and 8443\]]:LIST:_default' \
'--tls-min=[Lowest version to offer\: 1.0, 1.1, 1.2 or 1.3 \[default\: 1.2\]]:VERSION:_default' \
'--tls-max=[Highest version to offer\: 1.0, 1.1, 1.2 or 1.3 \[default\: 1.3\]]:VERSION:_default' \
'--ciphers=[Cipher suites of all versions, in order\: IANA or OpenSSL names, with , or \:]:LIST:_default' \
'--groups=[Groups for key exchange, in order; the key share is for the first]:LIST:_default' \
'--sigalgs=[Signature schemes, in order]:LIST:_default' \
'--psk=[Pre-shared key to offer; the key (hex, 0x…, or bytes) is read from a file or a variable, never from the command line]:IDENTITY:env:NAME|FILE:_default' \
'--engine=[Who performs the handshake\: rustls, or the lab engine, which supports obsolete versions and suites]:ENGINE:((auto\:"rustls, where it can make the offer and speak to the server; else the lab engine"
rustls\:""
lab\:""))' \
'--hello=[Send this ClientHello with fresh random and key shares\: a saved trace, hex, base64 or bytes in a file, or a client\: chrome, firefox, opera, openssl-3, openssl-1.0, gnutls, java-17, curl, curl-gnutls, python, node, rustls. Where the lab engine cannot complete what it offers, the handshake ends after the server'\''s first flight]:FILE|NAME:_default' \
'--ech=[Encrypted Client Hello, with TLS 1.3 alone\: a random one (grease); the configurations in the HTTPS record of the name (dns, or dns@ADDRESS\[\:PORT\] for another DNS server than the system'\''s); or an ECHConfigList in a file (PEM, base64, bytes) or in base64]:grease|dns|FILE|BASE64:_default' \
'--connect-timeout=[Limit for one TCP connection, in seconds \[default\: 5\]]:SECONDS:_default' \
'--max-time=[Limit for everything, in seconds \[default\: 9\]]:SECONDS:_default' \
'--settle=[How long to listen after the handshake \[default\: 3 round trips, at most 300\]]:MILLISECONDS:_default' \
'*--format=[Format of the report \[default\: by the suffix of --output, else text\]; NAME=FILE writes it to a file beside the report; may be given several times]:NAME[=FILE]:((text\:"for a person (the default)"
json\:"one document for a script; \`tls-trace schema\` describes it"
jsonl\:"the same document in one line; of a capture a line for each connection, of many targets for each"
junit\:"JUnit XML, for CI servers\: each check and expectation is a test case"
sarif\:"SARIF 2.1.0, for code scanning\: a result for each finding"
github\:"annotations of GitHub Actions (workflow commands)"
markdown\:"Markdown, for a job'\''s summary or a ticket"
html\:"a page for a browser, in one file that loads nothing"
svg\:"the sequence diagram as a picture"
mermaid\:"a sequence diagram, for documents on GitHub, GitLab, …"
mermaid-flow\:"the handshake'\''s flow chart, with the way that was taken"
nagios\:"one line with performance data; alone it makes the exit code Nagios'\''s"
openmetrics\:"metrics for Prometheus, as for node_exporter'\''s textfile collector"
csv\:"a row for each connection, for a spreadsheet or a database"
cyclonedx\:"CycloneDX 1.6\: a bill of the cryptography seen"))' \
'--fields=[How many of each message'\''s fields the report contains \[default\: summary in JSON, all in HTML\]]:HOW MUCH:((none\:"No field"
summary\:"What a message says, without length prefixes, the insides of certificates, and long byte strings"
all\:"Every byte of every message"))' \
'--min-severity=[Leave out findings below this; what the verdict is about is always told \[default\: note\]]:SEVERITY:((note\:"Worth knowing"
warning\:"Should be mended"
error\:"Why something failed"))' \
'-o+[Write the report to this file instead of standard output; FILE.json gets JSON]:FILE:_files' \
'--output=[Write the report to this file instead of standard output; FILE.json gets JSON]:FILE:_files' \
'--color=[When to use colours]:WHEN:(auto always never)' \
'--width=[Columns of the text report \[default\: the terminal'\''s, else 80\]]:COLUMNS:_default' \
'--no-sni[Send no server_name]' \
'-4[IPv4 addresses only]' \
'--ipv4[IPv4 addresses only]' \
'-6[IPv6 addresses only]' \
'--ipv6[IPv6 addresses only]' \
'--revocation[Check revocation over HTTP\: OCSP, else CRLs, as named in the certificates; exit code 7 if there is no answer]' \
'--fetch-aia[Fetch a missing intermediate from the URL in the certificate (over HTTP)]' \
'--enforce[End the connection with the proper alert if validation fails]' \
'-k[An untrusted chain, name or date does not change the exit code]' \
'--insecure[An untrusted chain, name or date does not change the exit code]' \
'--no-alpn[Offer no application protocols]' \
'--ssl3[Offer SSL 3.0 too, or only SSL 3.0 with --tls-max 3.0\: broken, for inspecting old devices]' \
'--no-retry[Make no second attempt\: with the lab engine if the server has no parameters in common with ordinary clients, with other ECH configurations if the server sends those]' \
'--no-tickets[Do not request session tickets]' \
'--grease[Offer reserved values too (RFC 8701)\: does the server ignore what it does not know?]' \
'--json[Short for --format json]' \
'*-v[Show every field of every message; -vv\: beside its bytes; -vvv\: all of the bytes]' \
'*--verbose[Show every field of every message; -vv\: beside its bytes; -vvv\: all of the bytes]' \
'*-q[Show only the last line; -qq\: nothing, see the exit code]' \
'*--quiet[Show only the last line; -qq\: nothing, see the exit code]' \
'*::targets -- host | host\:port | URL; --targets FILE for a list:_default' \
&& ret=0
;;
(schema)
_arguments "${_arguments_options[@]}" : \
'-h+[The short help, a group of flags, or all]::GROUP:_default' \
'--help=[The short help, a group of flags, or all]::GROUP:_default' \
'::of:(report diff watch)' \
&& ret=0
;;
(completions)
_arguments "${_arguments_options[@]}" : \
'-h+[The short help, a group of flags, or all]::GROUP:_default' \
'--help=[The short help, a group of flags, or all]::GROUP:_default' \
':shell -- The shell it is for:(bash elvish fish powershell zsh)' \
&& ret=0
;;
(man)
_arguments "${_arguments_options[@]}" : \
'-h+[The short help, a group of flags, or all]::GROUP:_default' \
'--help=[The short help, a group of flags, or all]::GROUP:_default' \
&& ret=0
;;
        esac
    ;;
esac
}

(( $+functions[_tls-trace_commands] )) ||
_tls-trace_commands() {
    local commands; commands=(
'demo:Traces a server that it starts itself on loopback\: needs no network' \
'read:Shows a saved trace again, or a capture; --at, --cacert, --trust, --verify-name verify it anew' \
'cert:Verifies a certificate chain from files, without a connection\: is this fullchain.pem correct?' \
'explain:Explains a finding, alert, message, extension or code point; without ID, lists them' \
'diff:Compares two handshakes\: what was offered, chosen and presented, without what every handshake has anew. Exit code 0\: the same, 1\: different' \
'watch:Looks at every address of each target again and again, and prints what has changed' \
'schema:Prints the JSON Schema of --format json\: of a report, of diff, or of a line of watch' \
'completions:Prints a completion script' \
'man:Prints the manual page (roff)' \
    )
    _describe -t commands 'tls-trace commands' commands "$@"
}
(( $+functions[_tls-trace__subcmd__cert_commands] )) ||
_tls-trace__subcmd__cert_commands() {
    local commands; commands=()
    _describe -t commands 'tls-trace cert commands' commands "$@"
}
(( $+functions[_tls-trace__subcmd__completions_commands] )) ||
_tls-trace__subcmd__completions_commands() {
    local commands; commands=()
    _describe -t commands 'tls-trace completions commands' commands "$@"
}
(( $+functions[_tls-trace__subcmd__demo_commands] )) ||
_tls-trace__subcmd__demo_commands() {
    local commands; commands=()
    _describe -t commands 'tls-trace demo commands' commands "$@"
}
(( $+functions[_tls-trace__subcmd__diff_commands] )) ||
_tls-trace__subcmd__diff_commands() {
    local commands; commands=()
    _describe -t commands 'tls-trace diff commands' commands "$@"
}
(( $+functions[_tls-trace__subcmd__explain_commands] )) ||
_tls-trace__subcmd__explain_commands() {
    local commands; commands=()
    _describe -t commands 'tls-trace explain commands' commands "$@"
}
(( $+functions[_tls-trace__subcmd__man_commands] )) ||
_tls-trace__subcmd__man_commands() {
    local commands; commands=()
    _describe -t commands 'tls-trace man commands' commands "$@"
}
(( $+functions[_tls-trace__subcmd__read_commands] )) ||
_tls-trace__subcmd__read_commands() {
    local commands; commands=()
    _describe -t commands 'tls-trace read commands' commands "$@"
}
(( $+functions[_tls-trace__subcmd__schema_commands] )) ||
_tls-trace__subcmd__schema_commands() {
    local commands; commands=()
    _describe -t commands 'tls-trace schema commands' commands "$@"
}
(( $+functions[_tls-trace__subcmd__watch_commands] )) ||
_tls-trace__subcmd__watch_commands() {
    local commands; commands=()
    _describe -t commands 'tls-trace watch commands' commands "$@"
}

if [ "$funcstack[1]" = "_tls-trace" ]; then
    _tls-trace "$@"
else
    compdef _tls-trace tls-trace
fi

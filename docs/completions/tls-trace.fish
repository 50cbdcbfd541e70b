# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_tls_trace_global_optspecs
    string join \n h/help= sni= no-sni verify-name= connect= resolve= connect-to= 4/ipv4 6/ipv6 starttls= x/proxy= proxy-user= noproxy= haproxy-protocol= trust= cacert= pinnedpubkey= expect= warn= policy= min-days= crl= revocation allow-unevaluated= fetch-aia ct-logs= at= enforce k/insecure each-address repeat= resume early-data= diagnose like= max-probes= probe-rate= pipe allow-weak targets= concurrency= per-host= rate= retries= target-timeout= in-order resume-from= cert= key= passin= alpn= no-alpn tls-min= tls-max= ssl3 ciphers= groups= sigalgs= psk= engine= no-retry no-tickets hello= grease ech= connect-timeout= max-time= settle= format= json exit= fields= min-severity= redact o/output= v/verbose annotate diagram step data show-secrets q/quiet color= width= save= pcap= packets keylog= certs= secrets= V/version
end

function __fish_tls_trace_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_tls_trace_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_tls_trace_using_subcommand
    set -l cmd (__fish_tls_trace_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c tls-trace -n "__fish_tls_trace_needs_command" -s h -l help -d 'The short help, a group of flags, or all' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l sni -d 'Name to send in server_name, and to verify unless --verify-name is given' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l verify-name -d 'Name that the certificate must be valid for: a host, an address, or a URI (spiffe://…)' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l connect -d 'Connect to this address instead of the target\'s' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l resolve -d 'Use this address for HOST:PORT instead of asking the resolver (as curl does)' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l connect-to -d 'Connect to HOST2:PORT2 instead of HOST1:PORT1 (as curl does); empty parts match anything' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l starttls -d 'Begin in the clear, and switch to TLS as this protocol does: smtp, imap, postgres, … (or a URL: smtp://HOST)' -r -f -a "smtp\t'EHLO, then STARTTLS (RFC 3207)'
lmtp\t'LHLO, then STARTTLS (RFC 2033, RFC 3207)'
imap\t'CAPABILITY, then STARTTLS (RFC 9051, section 6.2.1)'
pop3\t'CAPA, then STLS (RFC 2595, section 4)'
ftp\t'FEAT, then AUTH TLS (RFC 4217)'
managesieve\t'the greeting lists capabilities, then STARTTLS (RFC 5804, section 2.2)'
xmpp\t'a stream\'s features, then <starttls/> (RFC 6120, section 5)'
xmpp-server\t'as xmpp, between servers'
irc\t'CAP LS, then STARTTLS (IRCv3)'
ldap\t'the extended operation StartTLS (RFC 4511, section 4.14)'
postgres\t'SSLRequest, answered by S or N'
mysql\t'the server\'s greeting, answered by SSLRequest'
nats\t'the server\'s INFO; TLS begins without another word'
rdp\t'a negotiation request in the X.224 connection request'"
complete -c tls-trace -n "__fish_tls_trace_needs_command" -s x -l proxy -d 'Connect through this proxy: http://HOST:PORT, https://, socks5h://, socks5://, socks4a://, socks4://; an empty URL: through none [env: HTTPS_PROXY, ALL_PROXY]' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l proxy-user -d 'Where the proxy\'s user:password is: env:NAME, file:FILE, fd:N or stdin' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l noproxy -d 'Hosts to connect to without a proxy, with commas; * for all (as curl has it) [env: NO_PROXY]' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l haproxy-protocol -d 'Send a PROXY protocol header first, as HAProxy does: v1 or v2 [default: v1]' -r -f -a "v1\t''
v2\t''"
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l trust -d 'Trust stores: mozilla, system, none, or several with commas [default: mozilla,system]' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l cacert -d 'Trust the CAs in this PEM or DER file (or folder) instead; may be given several times' -r -F
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l pinnedpubkey -d 'SHA-256 of a public key that must be in the chain: sha256//BASE64, several with ;' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l expect -d 'What has to be so, or exit code 1: \'tls>=1.3\', \'days>=21 and key=ec\'; may be given several times' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l warn -d 'The same, but only reported' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l policy -d 'Ask every rule of a policy: mozilla-modern, rfc9325, nist-800-52r2, … or FILE.toml; may be given several times' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l min-days -d 'For how many more days the chain must be valid: FAIL or WARN:FAIL' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l crl -d 'CRL to check (PEM or DER); may be given several times' -r -F
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l allow-unevaluated -d 'Accept that a required check could not be made (exit 7): any, or the one with this id' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l ct-logs -d 'List of Certificate Transparency logs (JSON), to verify timestamps with' -r -F
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l at -d 'Verify validity at this time: RFC 3339, a date, or seconds since 1970' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l repeat -d 'Trace N times, and show the distribution of times and results' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l early-data -d 'Send this file as early data (0-RTT) on the resumed connection; implies --resume' -r -F
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l like -d 'It works with that and not like this (or the other way round): find out what the difference is. FILE is a ClientHello or saved trace, NAME a client, HOST another server' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l max-probes -d 'With --diagnose or --like: at most so many more connections [default: 24]' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l probe-rate -d 'With --diagnose or --like: at most N connections a second' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l targets -d 'Check the targets in this file too, one a line, with # comments; - for standard input. A line may have options of its own for addressing, the offer, and what is expected' -r -F
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l concurrency -d 'So many targets at the same time [default: 100]' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l per-host -d 'Of those with the same host, so many at the same time [default: 10]' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l rate -d 'At most so many targets a second' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l retries -d 'So many further attempts on a target that was not reached, or timed out [default: 0]' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l target-timeout -d 'Limit for one target, in seconds [default: 9]; --max-time is for all of them together' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l resume-from -d 'Skip the targets that have a result in this file, which --format jsonl has written; -o may name it too' -r -F
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l cert -d 'Certificate chain to send on request: PEM, DER or PKCS#12; may contain the key too' -r -F
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l key -d 'Its private key: PKCS#8, PKCS#1 or SEC1, PEM or DER [default: the --cert file]' -r -F
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l passin -d 'Where the passphrase of --key or PKCS#12 is: env:NAME, file:FILE, fd:N or stdin' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l alpn -d 'Application protocols, with commas [default: h2,http/1.1 for https and ports 443 and 8443]' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l tls-min -d 'Lowest version to offer: 1.0, 1.1, 1.2 or 1.3 [default: 1.2]' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l tls-max -d 'Highest version to offer: 1.0, 1.1, 1.2 or 1.3 [default: 1.3]' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l ciphers -d 'Cipher suites of all versions, in order: IANA or OpenSSL names, with , or :' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l groups -d 'Groups for key exchange, in order; the key share is for the first' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l sigalgs -d 'Signature schemes, in order' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l psk -d 'Pre-shared key to offer; the key (hex, 0x…, or bytes) is read from a file or a variable, never from the command line' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l engine -d 'Who performs the handshake: rustls, or the lab engine, which supports obsolete versions and suites' -r -f -a "auto\t'rustls, where it can make the offer and speak to the server; else the lab engine'
rustls\t''
lab\t''"
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l hello -d 'Send this ClientHello with fresh random and key shares: a saved trace, hex, base64 or bytes in a file, or a client: chrome, firefox, opera, openssl-3, openssl-1.0, gnutls, java-17, curl, curl-gnutls, python, node, rustls. Where the lab engine cannot complete what it offers, the handshake ends after the server\'s first flight' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l ech -d 'Encrypted Client Hello, with TLS 1.3 alone: a random one (grease); the configurations in the HTTPS record of the name (dns, or dns@ADDRESS[:PORT] for another DNS server than the system\'s); or an ECHConfigList in a file (PEM, base64, bytes) or in base64' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l connect-timeout -d 'Limit for one TCP connection, in seconds [default: 5]' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l max-time -d 'Limit for everything, in seconds [default: 9]' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l settle -d 'How long to listen after the handshake [default: 3 round trips, at most 300]' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l format -d 'Format of the report [default: by the suffix of --output, else text]; NAME=FILE writes it to a file beside the report; may be given several times' -r -f -a "text\t'for a person (the default)'
json\t'one document for a script; `tls-trace schema` describes it'
jsonl\t'the same document in one line; of a capture a line for each connection, of many targets for each'
junit\t'JUnit XML, for CI servers: each check and expectation is a test case'
sarif\t'SARIF 2.1.0, for code scanning: a result for each finding'
github\t'annotations of GitHub Actions (workflow commands)'
markdown\t'Markdown, for a job\'s summary or a ticket'
html\t'a page for a browser, in one file that loads nothing'
svg\t'the sequence diagram as a picture'
mermaid\t'a sequence diagram, for documents on GitHub, GitLab, …'
mermaid-flow\t'the handshake\'s flow chart, with the way that was taken'
nagios\t'one line with performance data; alone it makes the exit code Nagios\'s'
openmetrics\t'metrics for Prometheus, as for node_exporter\'s textfile collector'
csv\t'a row for each connection, for a spreadsheet or a database'
cyclonedx\t'CycloneDX 1.6: a bill of the cryptography seen'"
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l exit -d 'Whose exit codes [default: own; with --format nagios alone: nagios]' -r -f -a "own\t'0 to 7, 130, 143, as the README has them'
nagios\t'0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN'"
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l fields -d 'How many of each message\'s fields the report contains [default: summary in JSON, all in HTML]' -r -f -a "none\t'No field'
summary\t'What a message says, without length prefixes, the insides of certificates, and long byte strings'
all\t'Every byte of every message'"
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l min-severity -d 'Leave out findings below this; what the verdict is about is always told [default: note]' -r -f -a "note\t'Worth knowing'
warning\t'Should be mended'
error\t'Why something failed'"
complete -c tls-trace -n "__fish_tls_trace_needs_command" -s o -l output -d 'Write the report to this file instead of standard output; FILE.json gets JSON' -r -F
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l width -d 'Columns of the text report [default: the terminal\'s, else 80]' -r
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l save -d 'Save everything to this file, with the session\'s secrets: `tls-trace read FILE` shows it again' -r -F
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l pcap -d 'Write the packets to this file, with the secrets that decrypt them: Wireshark opens it' -r -F
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l keylog -d 'Append the session\'s secrets to this file (NSS key log format, for Wireshark) [env: SSLKEYLOGFILE]' -r -F
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l certs -d 'Write the certificates as they were sent, leaf first (PEM)' -r -F
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l secrets -d 'Which secrets go into --save, --pcap and --keylog; `handshake` keeps application data sealed [default: all, but `handshake` for --save and --pcap where application data is in the recording]' -r -f -a "all\t''
handshake\t'Those of the TLS 1.3 handshake only'
none\t''"
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l no-sni -d 'Send no server_name'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -s 4 -l ipv4 -d 'IPv4 addresses only'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -s 6 -l ipv6 -d 'IPv6 addresses only'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l revocation -d 'Check revocation over HTTP: OCSP, else CRLs, as named in the certificates; exit code 7 if there is no answer'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l fetch-aia -d 'Fetch a missing intermediate from the URL in the certificate (over HTTP)'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l enforce -d 'End the connection with the proper alert if validation fails'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -s k -l insecure -d 'An untrusted chain, name or date does not change the exit code'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l each-address -d 'Trace every address of the name, and show differences'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l resume -d 'Make a second connection that resumes the first one\'s session'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l diagnose -d 'If the handshake fails: connect again with one thing changed at a time, and say what the cause is'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l pipe -d 'After the handshake: send standard input to the server, and its answer to standard output'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l allow-weak -d 'Allow --pipe with the lab engine, which is for inspection and not hardened'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l in-order -d 'Write the results in the order of the targets, instead of as they come'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l no-alpn -d 'Offer no application protocols'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l ssl3 -d 'Offer SSL 3.0 too, or only SSL 3.0 with --tls-max 3.0: broken, for inspecting old devices'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l no-retry -d 'Make no second attempt: with the lab engine if the server has no parameters in common with ordinary clients, with other ECH configurations if the server sends those'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l no-tickets -d 'Do not request session tickets'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l grease -d 'Offer reserved values too (RFC 8701): does the server ignore what it does not know?'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l json -d 'Short for --format json'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l redact -d 'Replace names, addresses, distinguished names and what identifies certificates, each by the same word everywhere'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -s v -l verbose -d 'Show every field of every message; -vv: beside its bytes; -vvv: all of the bytes'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l annotate -d 'Explain each step in place, in plain words'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l diagram -d 'Draw the connection as a sequence diagram, instead of listing its steps'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l step -d 'Wait for Enter behind each step, and explain it (as --annotate does)'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l data -d 'Show application data too, escaped; in JSON in hexadecimal'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l show-secrets -d 'Show the session\'s secrets and the key schedule'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -s q -l quiet -d 'Show only the last line; -qq: nothing, see the exit code'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -l packets -d 'Capture the connection\'s own packets for --pcap and -v, from the SYN on; needs CAP_NET_RAW (Linux)'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -s V -l version -d 'Print version'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -a "demo" -d 'Traces a server that it starts itself on loopback: needs no network'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -a "read" -d 'Shows a saved trace again, or a capture; --at, --cacert, --trust, --verify-name verify it anew'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -a "cert" -d 'Verifies a certificate chain from files, without a connection: is this fullchain.pem correct?'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -a "explain" -d 'Explains a finding, alert, message, extension or code point; without ID, lists them'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -a "diff" -d 'Compares two handshakes: what was offered, chosen and presented, without what every handshake has anew. Exit code 0: the same, 1: different'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -a "watch" -d 'Looks at every address of each target again and again, and prints what has changed'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -a "schema" -d 'Prints the JSON Schema of --format json: of a report, of diff, or of a line of watch'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -a "completions" -d 'Prints a completion script'
complete -c tls-trace -n "__fish_tls_trace_needs_command" -a "man" -d 'Prints the manual page (roff)'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -s h -l help -d 'The short help, a group of flags, or all' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l sni -d 'Name to send in server_name, and to verify unless --verify-name is given' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l verify-name -d 'Name that the certificate must be valid for: a host, an address, or a URI (spiffe://…)' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l connect -d 'Connect to this address instead of the target\'s' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l resolve -d 'Use this address for HOST:PORT instead of asking the resolver (as curl does)' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l connect-to -d 'Connect to HOST2:PORT2 instead of HOST1:PORT1 (as curl does); empty parts match anything' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l starttls -d 'Begin in the clear, and switch to TLS as this protocol does: smtp, imap, postgres, … (or a URL: smtp://HOST)' -r -f -a "smtp\t'EHLO, then STARTTLS (RFC 3207)'
lmtp\t'LHLO, then STARTTLS (RFC 2033, RFC 3207)'
imap\t'CAPABILITY, then STARTTLS (RFC 9051, section 6.2.1)'
pop3\t'CAPA, then STLS (RFC 2595, section 4)'
ftp\t'FEAT, then AUTH TLS (RFC 4217)'
managesieve\t'the greeting lists capabilities, then STARTTLS (RFC 5804, section 2.2)'
xmpp\t'a stream\'s features, then <starttls/> (RFC 6120, section 5)'
xmpp-server\t'as xmpp, between servers'
irc\t'CAP LS, then STARTTLS (IRCv3)'
ldap\t'the extended operation StartTLS (RFC 4511, section 4.14)'
postgres\t'SSLRequest, answered by S or N'
mysql\t'the server\'s greeting, answered by SSLRequest'
nats\t'the server\'s INFO; TLS begins without another word'
rdp\t'a negotiation request in the X.224 connection request'"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -s x -l proxy -d 'Connect through this proxy: http://HOST:PORT, https://, socks5h://, socks5://, socks4a://, socks4://; an empty URL: through none [env: HTTPS_PROXY, ALL_PROXY]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l proxy-user -d 'Where the proxy\'s user:password is: env:NAME, file:FILE, fd:N or stdin' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l noproxy -d 'Hosts to connect to without a proxy, with commas; * for all (as curl has it) [env: NO_PROXY]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l haproxy-protocol -d 'Send a PROXY protocol header first, as HAProxy does: v1 or v2 [default: v1]' -r -f -a "v1\t''
v2\t''"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l trust -d 'Trust stores: mozilla, system, none, or several with commas [default: mozilla,system]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l cacert -d 'Trust the CAs in this PEM or DER file (or folder) instead; may be given several times' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l pinnedpubkey -d 'SHA-256 of a public key that must be in the chain: sha256//BASE64, several with ;' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l expect -d 'What has to be so, or exit code 1: \'tls>=1.3\', \'days>=21 and key=ec\'; may be given several times' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l warn -d 'The same, but only reported' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l policy -d 'Ask every rule of a policy: mozilla-modern, rfc9325, nist-800-52r2, … or FILE.toml; may be given several times' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l min-days -d 'For how many more days the chain must be valid: FAIL or WARN:FAIL' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l crl -d 'CRL to check (PEM or DER); may be given several times' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l allow-unevaluated -d 'Accept that a required check could not be made (exit 7): any, or the one with this id' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l ct-logs -d 'List of Certificate Transparency logs (JSON), to verify timestamps with' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l at -d 'Verify validity at this time: RFC 3339, a date, or seconds since 1970' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l repeat -d 'Trace N times, and show the distribution of times and results' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l early-data -d 'Send this file as early data (0-RTT) on the resumed connection; implies --resume' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l like -d 'It works with that and not like this (or the other way round): find out what the difference is. FILE is a ClientHello or saved trace, NAME a client, HOST another server' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l max-probes -d 'With --diagnose or --like: at most so many more connections [default: 24]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l probe-rate -d 'With --diagnose or --like: at most N connections a second' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l cert -d 'Certificate chain to send on request: PEM, DER or PKCS#12; may contain the key too' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l key -d 'Its private key: PKCS#8, PKCS#1 or SEC1, PEM or DER [default: the --cert file]' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l passin -d 'Where the passphrase of --key or PKCS#12 is: env:NAME, file:FILE, fd:N or stdin' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l alpn -d 'Application protocols, with commas [default: h2,http/1.1 for https and ports 443 and 8443]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l tls-min -d 'Lowest version to offer: 1.0, 1.1, 1.2 or 1.3 [default: 1.2]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l tls-max -d 'Highest version to offer: 1.0, 1.1, 1.2 or 1.3 [default: 1.3]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l ciphers -d 'Cipher suites of all versions, in order: IANA or OpenSSL names, with , or :' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l groups -d 'Groups for key exchange, in order; the key share is for the first' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l sigalgs -d 'Signature schemes, in order' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l psk -d 'Pre-shared key to offer; the key (hex, 0x…, or bytes) is read from a file or a variable, never from the command line' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l engine -d 'Who performs the handshake: rustls, or the lab engine, which supports obsolete versions and suites' -r -f -a "auto\t'rustls, where it can make the offer and speak to the server; else the lab engine'
rustls\t''
lab\t''"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l hello -d 'Send this ClientHello with fresh random and key shares: a saved trace, hex, base64 or bytes in a file, or a client: chrome, firefox, opera, openssl-3, openssl-1.0, gnutls, java-17, curl, curl-gnutls, python, node, rustls. Where the lab engine cannot complete what it offers, the handshake ends after the server\'s first flight' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l ech -d 'Encrypted Client Hello, with TLS 1.3 alone: a random one (grease); the configurations in the HTTPS record of the name (dns, or dns@ADDRESS[:PORT] for another DNS server than the system\'s); or an ECHConfigList in a file (PEM, base64, bytes) or in base64' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l connect-timeout -d 'Limit for one TCP connection, in seconds [default: 5]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l max-time -d 'Limit for everything, in seconds [default: 9]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l settle -d 'How long to listen after the handshake [default: 3 round trips, at most 300]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l format -d 'Format of the report [default: by the suffix of --output, else text]; NAME=FILE writes it to a file beside the report; may be given several times' -r -f -a "text\t'for a person (the default)'
json\t'one document for a script; `tls-trace schema` describes it'
jsonl\t'the same document in one line; of a capture a line for each connection, of many targets for each'
junit\t'JUnit XML, for CI servers: each check and expectation is a test case'
sarif\t'SARIF 2.1.0, for code scanning: a result for each finding'
github\t'annotations of GitHub Actions (workflow commands)'
markdown\t'Markdown, for a job\'s summary or a ticket'
html\t'a page for a browser, in one file that loads nothing'
svg\t'the sequence diagram as a picture'
mermaid\t'a sequence diagram, for documents on GitHub, GitLab, …'
mermaid-flow\t'the handshake\'s flow chart, with the way that was taken'
nagios\t'one line with performance data; alone it makes the exit code Nagios\'s'
openmetrics\t'metrics for Prometheus, as for node_exporter\'s textfile collector'
csv\t'a row for each connection, for a spreadsheet or a database'
cyclonedx\t'CycloneDX 1.6: a bill of the cryptography seen'"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l exit -d 'Whose exit codes [default: own; with --format nagios alone: nagios]' -r -f -a "own\t'0 to 7, 130, 143, as the README has them'
nagios\t'0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN'"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l fields -d 'How many of each message\'s fields the report contains [default: summary in JSON, all in HTML]' -r -f -a "none\t'No field'
summary\t'What a message says, without length prefixes, the insides of certificates, and long byte strings'
all\t'Every byte of every message'"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l min-severity -d 'Leave out findings below this; what the verdict is about is always told [default: note]' -r -f -a "note\t'Worth knowing'
warning\t'Should be mended'
error\t'Why something failed'"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -s o -l output -d 'Write the report to this file instead of standard output; FILE.json gets JSON' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l width -d 'Columns of the text report [default: the terminal\'s, else 80]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l save -d 'Save everything to this file, with the session\'s secrets: `tls-trace read FILE` shows it again' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l pcap -d 'Write the packets to this file, with the secrets that decrypt them: Wireshark opens it' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l keylog -d 'Append the session\'s secrets to this file (NSS key log format, for Wireshark) [env: SSLKEYLOGFILE]' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l certs -d 'Write the certificates as they were sent, leaf first (PEM)' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l secrets -d 'Which secrets go into --save, --pcap and --keylog; `handshake` keeps application data sealed [default: all, but `handshake` for --save and --pcap where application data is in the recording]' -r -f -a "all\t''
handshake\t'Those of the TLS 1.3 handshake only'
none\t''"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l list -d 'Lists the scenarios'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l recorded -d 'Show a recording of the scenario: the same bytes, times and output each time'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l no-sni -d 'Send no server_name'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -s 4 -l ipv4 -d 'IPv4 addresses only'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -s 6 -l ipv6 -d 'IPv6 addresses only'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l revocation -d 'Check revocation over HTTP: OCSP, else CRLs, as named in the certificates; exit code 7 if there is no answer'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l fetch-aia -d 'Fetch a missing intermediate from the URL in the certificate (over HTTP)'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l enforce -d 'End the connection with the proper alert if validation fails'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -s k -l insecure -d 'An untrusted chain, name or date does not change the exit code'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l each-address -d 'Trace every address of the name, and show differences'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l resume -d 'Make a second connection that resumes the first one\'s session'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l diagnose -d 'If the handshake fails: connect again with one thing changed at a time, and say what the cause is'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l pipe -d 'After the handshake: send standard input to the server, and its answer to standard output'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l allow-weak -d 'Allow --pipe with the lab engine, which is for inspection and not hardened'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l no-alpn -d 'Offer no application protocols'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l ssl3 -d 'Offer SSL 3.0 too, or only SSL 3.0 with --tls-max 3.0: broken, for inspecting old devices'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l no-retry -d 'Make no second attempt: with the lab engine if the server has no parameters in common with ordinary clients, with other ECH configurations if the server sends those'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l no-tickets -d 'Do not request session tickets'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l grease -d 'Offer reserved values too (RFC 8701): does the server ignore what it does not know?'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l json -d 'Short for --format json'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l redact -d 'Replace names, addresses, distinguished names and what identifies certificates, each by the same word everywhere'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -s v -l verbose -d 'Show every field of every message; -vv: beside its bytes; -vvv: all of the bytes'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l annotate -d 'Explain each step in place, in plain words'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l diagram -d 'Draw the connection as a sequence diagram, instead of listing its steps'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l step -d 'Wait for Enter behind each step, and explain it (as --annotate does)'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l data -d 'Show application data too, escaped; in JSON in hexadecimal'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l show-secrets -d 'Show the session\'s secrets and the key schedule'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -s q -l quiet -d 'Show only the last line; -qq: nothing, see the exit code'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand demo" -l packets -d 'Capture the connection\'s own packets for --pcap and -v, from the SYN on; needs CAP_NET_RAW (Linux)'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -l decrypt-with -d 'Decrypt with a key log (NSS format), or with the server\'s RSA private key where that exchanged the keys; repeatable' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -l stream -d 'Of a capture: the connection with this number in the table, which is Wireshark\'s tcp.stream; udp:N (udp.stream) for QUIC. With --data and -o FILE its application data alone, raw' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -l filter -d 'Of a capture: only connections of which this is true, as tls<1.2 or sni~example and not resumed' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -s h -l help -d 'The short help, a group of flags, or all' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -l verify-name -d 'Name that the certificate must be valid for: a host, an address, or a URI (spiffe://…)' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -l trust -d 'Trust stores: mozilla, system, none, or several with commas [default: mozilla,system]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -l cacert -d 'Trust the CAs in this PEM or DER file (or folder) instead; may be given several times' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -l pinnedpubkey -d 'SHA-256 of a public key that must be in the chain: sha256//BASE64, several with ;' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -l expect -d 'What has to be so, or exit code 1: \'tls>=1.3\', \'days>=21 and key=ec\'; may be given several times' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -l warn -d 'The same, but only reported' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -l policy -d 'Ask every rule of a policy: mozilla-modern, rfc9325, nist-800-52r2, … or FILE.toml; may be given several times' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -l min-days -d 'For how many more days the chain must be valid: FAIL or WARN:FAIL' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -l crl -d 'CRL to check (PEM or DER); may be given several times' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -l allow-unevaluated -d 'Accept that a required check could not be made (exit 7): any, or the one with this id' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -l ct-logs -d 'List of Certificate Transparency logs (JSON), to verify timestamps with' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -l at -d 'Verify validity at this time: RFC 3339, a date, or seconds since 1970' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -l passin -d 'Where the passphrase of --key or PKCS#12 is: env:NAME, file:FILE, fd:N or stdin' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -l max-time -d 'Limit for everything, in seconds [default: 9]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -l format -d 'Format of the report [default: by the suffix of --output, else text]; NAME=FILE writes it to a file beside the report; may be given several times' -r -f -a "text\t'for a person (the default)'
json\t'one document for a script; `tls-trace schema` describes it'
jsonl\t'the same document in one line; of a capture a line for each connection, of many targets for each'
junit\t'JUnit XML, for CI servers: each check and expectation is a test case'
sarif\t'SARIF 2.1.0, for code scanning: a result for each finding'
github\t'annotations of GitHub Actions (workflow commands)'
markdown\t'Markdown, for a job\'s summary or a ticket'
html\t'a page for a browser, in one file that loads nothing'
svg\t'the sequence diagram as a picture'
mermaid\t'a sequence diagram, for documents on GitHub, GitLab, …'
mermaid-flow\t'the handshake\'s flow chart, with the way that was taken'
nagios\t'one line with performance data; alone it makes the exit code Nagios\'s'
openmetrics\t'metrics for Prometheus, as for node_exporter\'s textfile collector'
csv\t'a row for each connection, for a spreadsheet or a database'
cyclonedx\t'CycloneDX 1.6: a bill of the cryptography seen'"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -l exit -d 'Whose exit codes [default: own; with --format nagios alone: nagios]' -r -f -a "own\t'0 to 7, 130, 143, as the README has them'
nagios\t'0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN'"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -l fields -d 'How many of each message\'s fields the report contains [default: summary in JSON, all in HTML]' -r -f -a "none\t'No field'
summary\t'What a message says, without length prefixes, the insides of certificates, and long byte strings'
all\t'Every byte of every message'"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -l min-severity -d 'Leave out findings below this; what the verdict is about is always told [default: note]' -r -f -a "note\t'Worth knowing'
warning\t'Should be mended'
error\t'Why something failed'"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -s o -l output -d 'Write the report to this file instead of standard output; FILE.json gets JSON' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -l width -d 'Columns of the text report [default: the terminal\'s, else 80]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -l pcap -d 'Write the packets to this file, with the secrets that decrypt them: Wireshark opens it' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -l secrets -d 'Which secrets go into --save, --pcap and --keylog; `handshake` keeps application data sealed [default: all, but `handshake` for --save and --pcap where application data is in the recording]' -r -f -a "all\t''
handshake\t'Those of the TLS 1.3 handshake only'
none\t''"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -l all -d 'Of a capture with several connections: show and verify each, instead of a table'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -s k -l insecure -d 'An untrusted chain, name or date does not change the exit code'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -l json -d 'Short for --format json'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -l redact -d 'Replace names, addresses, distinguished names and what identifies certificates, each by the same word everywhere'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -s v -l verbose -d 'Show every field of every message; -vv: beside its bytes; -vvv: all of the bytes'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -l annotate -d 'Explain each step in place, in plain words'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -l diagram -d 'Draw the connection as a sequence diagram, instead of listing its steps'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -l step -d 'Wait for Enter behind each step, and explain it (as --annotate does)'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -l data -d 'Show application data too, escaped; in JSON in hexadecimal'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -l show-secrets -d 'Show the session\'s secrets and the key schedule'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand read" -s q -l quiet -d 'Show only the last line; -qq: nothing, see the exit code'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand cert" -s h -l help -d 'The short help, a group of flags, or all' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand cert" -l sni -d 'Name to send in server_name, and to verify unless --verify-name is given' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand cert" -l verify-name -d 'Name that the certificate must be valid for: a host, an address, or a URI (spiffe://…)' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand cert" -l trust -d 'Trust stores: mozilla, system, none, or several with commas [default: mozilla,system]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand cert" -l cacert -d 'Trust the CAs in this PEM or DER file (or folder) instead; may be given several times' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand cert" -l pinnedpubkey -d 'SHA-256 of a public key that must be in the chain: sha256//BASE64, several with ;' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand cert" -l expect -d 'What has to be so, or exit code 1: \'tls>=1.3\', \'days>=21 and key=ec\'; may be given several times' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand cert" -l warn -d 'The same, but only reported' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand cert" -l policy -d 'Ask every rule of a policy: mozilla-modern, rfc9325, nist-800-52r2, … or FILE.toml; may be given several times' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand cert" -l min-days -d 'For how many more days the chain must be valid: FAIL or WARN:FAIL' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand cert" -l crl -d 'CRL to check (PEM or DER); may be given several times' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand cert" -l allow-unevaluated -d 'Accept that a required check could not be made (exit 7): any, or the one with this id' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand cert" -l ct-logs -d 'List of Certificate Transparency logs (JSON), to verify timestamps with' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand cert" -l at -d 'Verify validity at this time: RFC 3339, a date, or seconds since 1970' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand cert" -l key -d 'Its private key: PKCS#8, PKCS#1 or SEC1, PEM or DER [default: the --cert file]' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand cert" -l passin -d 'Where the passphrase of --key or PKCS#12 is: env:NAME, file:FILE, fd:N or stdin' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand cert" -l max-time -d 'Limit for everything, in seconds [default: 9]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand cert" -l format -d 'Format of the report [default: by the suffix of --output, else text]; NAME=FILE writes it to a file beside the report; may be given several times' -r -f -a "text\t'for a person (the default)'
json\t'one document for a script; `tls-trace schema` describes it'
jsonl\t'the same document in one line; of a capture a line for each connection, of many targets for each'
junit\t'JUnit XML, for CI servers: each check and expectation is a test case'
sarif\t'SARIF 2.1.0, for code scanning: a result for each finding'
github\t'annotations of GitHub Actions (workflow commands)'
markdown\t'Markdown, for a job\'s summary or a ticket'
html\t'a page for a browser, in one file that loads nothing'
svg\t'the sequence diagram as a picture'
mermaid\t'a sequence diagram, for documents on GitHub, GitLab, …'
mermaid-flow\t'the handshake\'s flow chart, with the way that was taken'
nagios\t'one line with performance data; alone it makes the exit code Nagios\'s'
openmetrics\t'metrics for Prometheus, as for node_exporter\'s textfile collector'
csv\t'a row for each connection, for a spreadsheet or a database'
cyclonedx\t'CycloneDX 1.6: a bill of the cryptography seen'"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand cert" -l exit -d 'Whose exit codes [default: own; with --format nagios alone: nagios]' -r -f -a "own\t'0 to 7, 130, 143, as the README has them'
nagios\t'0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN'"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand cert" -l fields -d 'How many of each message\'s fields the report contains [default: summary in JSON, all in HTML]' -r -f -a "none\t'No field'
summary\t'What a message says, without length prefixes, the insides of certificates, and long byte strings'
all\t'Every byte of every message'"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand cert" -l min-severity -d 'Leave out findings below this; what the verdict is about is always told [default: note]' -r -f -a "note\t'Worth knowing'
warning\t'Should be mended'
error\t'Why something failed'"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand cert" -s o -l output -d 'Write the report to this file instead of standard output; FILE.json gets JSON' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand cert" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand cert" -l width -d 'Columns of the text report [default: the terminal\'s, else 80]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand cert" -l revocation -d 'Check revocation over HTTP: OCSP, else CRLs, as named in the certificates; exit code 7 if there is no answer'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand cert" -l fetch-aia -d 'Fetch a missing intermediate from the URL in the certificate (over HTTP)'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand cert" -s k -l insecure -d 'An untrusted chain, name or date does not change the exit code'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand cert" -l json -d 'Short for --format json'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand cert" -l redact -d 'Replace names, addresses, distinguished names and what identifies certificates, each by the same word everywhere'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand cert" -s v -l verbose -d 'Show every field of every message; -vv: beside its bytes; -vvv: all of the bytes'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand cert" -l annotate -d 'Explain each step in place, in plain words'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand cert" -l show-secrets -d 'Show the session\'s secrets and the key schedule'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand cert" -s q -l quiet -d 'Show only the last line; -qq: nothing, see the exit code'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand explain" -s h -l help -d 'The short help, a group of flags, or all' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand explain" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand explain" -l width -d 'Columns of the text report [default: the terminal\'s, else 80]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l decrypt-with -d 'Decrypt captures with a key log (NSS format), or with the server\'s RSA private key; repeatable' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -s h -l help -d 'The short help, a group of flags, or all' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l sni -d 'Name to send in server_name, and to verify unless --verify-name is given' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l verify-name -d 'Name that the certificate must be valid for: a host, an address, or a URI (spiffe://…)' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l connect -d 'Connect to this address instead of the target\'s' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l resolve -d 'Use this address for HOST:PORT instead of asking the resolver (as curl does)' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l connect-to -d 'Connect to HOST2:PORT2 instead of HOST1:PORT1 (as curl does); empty parts match anything' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l starttls -d 'Begin in the clear, and switch to TLS as this protocol does: smtp, imap, postgres, … (or a URL: smtp://HOST)' -r -f -a "smtp\t'EHLO, then STARTTLS (RFC 3207)'
lmtp\t'LHLO, then STARTTLS (RFC 2033, RFC 3207)'
imap\t'CAPABILITY, then STARTTLS (RFC 9051, section 6.2.1)'
pop3\t'CAPA, then STLS (RFC 2595, section 4)'
ftp\t'FEAT, then AUTH TLS (RFC 4217)'
managesieve\t'the greeting lists capabilities, then STARTTLS (RFC 5804, section 2.2)'
xmpp\t'a stream\'s features, then <starttls/> (RFC 6120, section 5)'
xmpp-server\t'as xmpp, between servers'
irc\t'CAP LS, then STARTTLS (IRCv3)'
ldap\t'the extended operation StartTLS (RFC 4511, section 4.14)'
postgres\t'SSLRequest, answered by S or N'
mysql\t'the server\'s greeting, answered by SSLRequest'
nats\t'the server\'s INFO; TLS begins without another word'
rdp\t'a negotiation request in the X.224 connection request'"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -s x -l proxy -d 'Connect through this proxy: http://HOST:PORT, https://, socks5h://, socks5://, socks4a://, socks4://; an empty URL: through none [env: HTTPS_PROXY, ALL_PROXY]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l proxy-user -d 'Where the proxy\'s user:password is: env:NAME, file:FILE, fd:N or stdin' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l noproxy -d 'Hosts to connect to without a proxy, with commas; * for all (as curl has it) [env: NO_PROXY]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l haproxy-protocol -d 'Send a PROXY protocol header first, as HAProxy does: v1 or v2 [default: v1]' -r -f -a "v1\t''
v2\t''"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l trust -d 'Trust stores: mozilla, system, none, or several with commas [default: mozilla,system]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l cacert -d 'Trust the CAs in this PEM or DER file (or folder) instead; may be given several times' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l pinnedpubkey -d 'SHA-256 of a public key that must be in the chain: sha256//BASE64, several with ;' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l expect -d 'What has to be so, or exit code 1: \'tls>=1.3\', \'days>=21 and key=ec\'; may be given several times' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l warn -d 'The same, but only reported' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l policy -d 'Ask every rule of a policy: mozilla-modern, rfc9325, nist-800-52r2, … or FILE.toml; may be given several times' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l min-days -d 'For how many more days the chain must be valid: FAIL or WARN:FAIL' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l crl -d 'CRL to check (PEM or DER); may be given several times' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l allow-unevaluated -d 'Accept that a required check could not be made (exit 7): any, or the one with this id' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l ct-logs -d 'List of Certificate Transparency logs (JSON), to verify timestamps with' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l at -d 'Verify validity at this time: RFC 3339, a date, or seconds since 1970' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l cert -d 'Certificate chain to send on request: PEM, DER or PKCS#12; may contain the key too' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l key -d 'Its private key: PKCS#8, PKCS#1 or SEC1, PEM or DER [default: the --cert file]' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l passin -d 'Where the passphrase of --key or PKCS#12 is: env:NAME, file:FILE, fd:N or stdin' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l alpn -d 'Application protocols, with commas [default: h2,http/1.1 for https and ports 443 and 8443]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l tls-min -d 'Lowest version to offer: 1.0, 1.1, 1.2 or 1.3 [default: 1.2]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l tls-max -d 'Highest version to offer: 1.0, 1.1, 1.2 or 1.3 [default: 1.3]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l ciphers -d 'Cipher suites of all versions, in order: IANA or OpenSSL names, with , or :' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l groups -d 'Groups for key exchange, in order; the key share is for the first' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l sigalgs -d 'Signature schemes, in order' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l psk -d 'Pre-shared key to offer; the key (hex, 0x…, or bytes) is read from a file or a variable, never from the command line' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l engine -d 'Who performs the handshake: rustls, or the lab engine, which supports obsolete versions and suites' -r -f -a "auto\t'rustls, where it can make the offer and speak to the server; else the lab engine'
rustls\t''
lab\t''"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l hello -d 'Send this ClientHello with fresh random and key shares: a saved trace, hex, base64 or bytes in a file, or a client: chrome, firefox, opera, openssl-3, openssl-1.0, gnutls, java-17, curl, curl-gnutls, python, node, rustls. Where the lab engine cannot complete what it offers, the handshake ends after the server\'s first flight' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l ech -d 'Encrypted Client Hello, with TLS 1.3 alone: a random one (grease); the configurations in the HTTPS record of the name (dns, or dns@ADDRESS[:PORT] for another DNS server than the system\'s); or an ECHConfigList in a file (PEM, base64, bytes) or in base64' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l connect-timeout -d 'Limit for one TCP connection, in seconds [default: 5]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l max-time -d 'Limit for everything, in seconds [default: 9]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l settle -d 'How long to listen after the handshake [default: 3 round trips, at most 300]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l format -d 'Format of the report [default: by the suffix of --output, else text]; NAME=FILE writes it to a file beside the report; may be given several times' -r -f -a "text\t'for a person (the default)'
json\t'one document for a script; `tls-trace schema` describes it'
jsonl\t'the same document in one line; of a capture a line for each connection, of many targets for each'
junit\t'JUnit XML, for CI servers: each check and expectation is a test case'
sarif\t'SARIF 2.1.0, for code scanning: a result for each finding'
github\t'annotations of GitHub Actions (workflow commands)'
markdown\t'Markdown, for a job\'s summary or a ticket'
html\t'a page for a browser, in one file that loads nothing'
svg\t'the sequence diagram as a picture'
mermaid\t'a sequence diagram, for documents on GitHub, GitLab, …'
mermaid-flow\t'the handshake\'s flow chart, with the way that was taken'
nagios\t'one line with performance data; alone it makes the exit code Nagios\'s'
openmetrics\t'metrics for Prometheus, as for node_exporter\'s textfile collector'
csv\t'a row for each connection, for a spreadsheet or a database'
cyclonedx\t'CycloneDX 1.6: a bill of the cryptography seen'"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l fields -d 'How many of each message\'s fields the report contains [default: summary in JSON, all in HTML]' -r -f -a "none\t'No field'
summary\t'What a message says, without length prefixes, the insides of certificates, and long byte strings'
all\t'Every byte of every message'"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l min-severity -d 'Leave out findings below this; what the verdict is about is always told [default: note]' -r -f -a "note\t'Worth knowing'
warning\t'Should be mended'
error\t'Why something failed'"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -s o -l output -d 'Write the report to this file instead of standard output; FILE.json gets JSON' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l width -d 'Columns of the text report [default: the terminal\'s, else 80]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l no-sni -d 'Send no server_name'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -s 4 -l ipv4 -d 'IPv4 addresses only'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -s 6 -l ipv6 -d 'IPv6 addresses only'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l revocation -d 'Check revocation over HTTP: OCSP, else CRLs, as named in the certificates; exit code 7 if there is no answer'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l fetch-aia -d 'Fetch a missing intermediate from the URL in the certificate (over HTTP)'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l enforce -d 'End the connection with the proper alert if validation fails'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -s k -l insecure -d 'An untrusted chain, name or date does not change the exit code'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l no-alpn -d 'Offer no application protocols'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l ssl3 -d 'Offer SSL 3.0 too, or only SSL 3.0 with --tls-max 3.0: broken, for inspecting old devices'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l no-retry -d 'Make no second attempt: with the lab engine if the server has no parameters in common with ordinary clients, with other ECH configurations if the server sends those'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l no-tickets -d 'Do not request session tickets'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l grease -d 'Offer reserved values too (RFC 8701): does the server ignore what it does not know?'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -l json -d 'Short for --format json'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -s v -l verbose -d 'Show every field of every message; -vv: beside its bytes; -vvv: all of the bytes'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand diff" -s q -l quiet -d 'Show only the last line; -qq: nothing, see the exit code'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l every -d 'How often: 50ms, 30s, 5m, 1h' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l until -d 'End with exit code 0 as soon as this holds at every address, as \'days>=60\' (with --max-time: 5 if it does not)' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -s h -l help -d 'The short help, a group of flags, or all' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l sni -d 'Name to send in server_name, and to verify unless --verify-name is given' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l verify-name -d 'Name that the certificate must be valid for: a host, an address, or a URI (spiffe://…)' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l connect -d 'Connect to this address instead of the target\'s' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l resolve -d 'Use this address for HOST:PORT instead of asking the resolver (as curl does)' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l connect-to -d 'Connect to HOST2:PORT2 instead of HOST1:PORT1 (as curl does); empty parts match anything' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l starttls -d 'Begin in the clear, and switch to TLS as this protocol does: smtp, imap, postgres, … (or a URL: smtp://HOST)' -r -f -a "smtp\t'EHLO, then STARTTLS (RFC 3207)'
lmtp\t'LHLO, then STARTTLS (RFC 2033, RFC 3207)'
imap\t'CAPABILITY, then STARTTLS (RFC 9051, section 6.2.1)'
pop3\t'CAPA, then STLS (RFC 2595, section 4)'
ftp\t'FEAT, then AUTH TLS (RFC 4217)'
managesieve\t'the greeting lists capabilities, then STARTTLS (RFC 5804, section 2.2)'
xmpp\t'a stream\'s features, then <starttls/> (RFC 6120, section 5)'
xmpp-server\t'as xmpp, between servers'
irc\t'CAP LS, then STARTTLS (IRCv3)'
ldap\t'the extended operation StartTLS (RFC 4511, section 4.14)'
postgres\t'SSLRequest, answered by S or N'
mysql\t'the server\'s greeting, answered by SSLRequest'
nats\t'the server\'s INFO; TLS begins without another word'
rdp\t'a negotiation request in the X.224 connection request'"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -s x -l proxy -d 'Connect through this proxy: http://HOST:PORT, https://, socks5h://, socks5://, socks4a://, socks4://; an empty URL: through none [env: HTTPS_PROXY, ALL_PROXY]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l proxy-user -d 'Where the proxy\'s user:password is: env:NAME, file:FILE, fd:N or stdin' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l noproxy -d 'Hosts to connect to without a proxy, with commas; * for all (as curl has it) [env: NO_PROXY]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l haproxy-protocol -d 'Send a PROXY protocol header first, as HAProxy does: v1 or v2 [default: v1]' -r -f -a "v1\t''
v2\t''"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l trust -d 'Trust stores: mozilla, system, none, or several with commas [default: mozilla,system]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l cacert -d 'Trust the CAs in this PEM or DER file (or folder) instead; may be given several times' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l pinnedpubkey -d 'SHA-256 of a public key that must be in the chain: sha256//BASE64, several with ;' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l expect -d 'What has to be so, or exit code 1: \'tls>=1.3\', \'days>=21 and key=ec\'; may be given several times' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l warn -d 'The same, but only reported' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l policy -d 'Ask every rule of a policy: mozilla-modern, rfc9325, nist-800-52r2, … or FILE.toml; may be given several times' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l min-days -d 'For how many more days the chain must be valid: FAIL or WARN:FAIL' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l crl -d 'CRL to check (PEM or DER); may be given several times' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l allow-unevaluated -d 'Accept that a required check could not be made (exit 7): any, or the one with this id' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l ct-logs -d 'List of Certificate Transparency logs (JSON), to verify timestamps with' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l at -d 'Verify validity at this time: RFC 3339, a date, or seconds since 1970' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l targets -d 'Check the targets in this file too, one a line, with # comments; - for standard input. A line may have options of its own for addressing, the offer, and what is expected' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l concurrency -d 'So many targets at the same time [default: 100]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l per-host -d 'Of those with the same host, so many at the same time [default: 10]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l rate -d 'At most so many targets a second' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l retries -d 'So many further attempts on a target that was not reached, or timed out [default: 0]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l target-timeout -d 'Limit for one target, in seconds [default: 9]; --max-time is for all of them together' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l cert -d 'Certificate chain to send on request: PEM, DER or PKCS#12; may contain the key too' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l key -d 'Its private key: PKCS#8, PKCS#1 or SEC1, PEM or DER [default: the --cert file]' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l passin -d 'Where the passphrase of --key or PKCS#12 is: env:NAME, file:FILE, fd:N or stdin' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l alpn -d 'Application protocols, with commas [default: h2,http/1.1 for https and ports 443 and 8443]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l tls-min -d 'Lowest version to offer: 1.0, 1.1, 1.2 or 1.3 [default: 1.2]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l tls-max -d 'Highest version to offer: 1.0, 1.1, 1.2 or 1.3 [default: 1.3]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l ciphers -d 'Cipher suites of all versions, in order: IANA or OpenSSL names, with , or :' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l groups -d 'Groups for key exchange, in order; the key share is for the first' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l sigalgs -d 'Signature schemes, in order' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l psk -d 'Pre-shared key to offer; the key (hex, 0x…, or bytes) is read from a file or a variable, never from the command line' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l engine -d 'Who performs the handshake: rustls, or the lab engine, which supports obsolete versions and suites' -r -f -a "auto\t'rustls, where it can make the offer and speak to the server; else the lab engine'
rustls\t''
lab\t''"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l hello -d 'Send this ClientHello with fresh random and key shares: a saved trace, hex, base64 or bytes in a file, or a client: chrome, firefox, opera, openssl-3, openssl-1.0, gnutls, java-17, curl, curl-gnutls, python, node, rustls. Where the lab engine cannot complete what it offers, the handshake ends after the server\'s first flight' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l ech -d 'Encrypted Client Hello, with TLS 1.3 alone: a random one (grease); the configurations in the HTTPS record of the name (dns, or dns@ADDRESS[:PORT] for another DNS server than the system\'s); or an ECHConfigList in a file (PEM, base64, bytes) or in base64' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l connect-timeout -d 'Limit for one TCP connection, in seconds [default: 5]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l max-time -d 'Limit for everything, in seconds [default: 9]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l settle -d 'How long to listen after the handshake [default: 3 round trips, at most 300]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l format -d 'Format of the report [default: by the suffix of --output, else text]; NAME=FILE writes it to a file beside the report; may be given several times' -r -f -a "text\t'for a person (the default)'
json\t'one document for a script; `tls-trace schema` describes it'
jsonl\t'the same document in one line; of a capture a line for each connection, of many targets for each'
junit\t'JUnit XML, for CI servers: each check and expectation is a test case'
sarif\t'SARIF 2.1.0, for code scanning: a result for each finding'
github\t'annotations of GitHub Actions (workflow commands)'
markdown\t'Markdown, for a job\'s summary or a ticket'
html\t'a page for a browser, in one file that loads nothing'
svg\t'the sequence diagram as a picture'
mermaid\t'a sequence diagram, for documents on GitHub, GitLab, …'
mermaid-flow\t'the handshake\'s flow chart, with the way that was taken'
nagios\t'one line with performance data; alone it makes the exit code Nagios\'s'
openmetrics\t'metrics for Prometheus, as for node_exporter\'s textfile collector'
csv\t'a row for each connection, for a spreadsheet or a database'
cyclonedx\t'CycloneDX 1.6: a bill of the cryptography seen'"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l fields -d 'How many of each message\'s fields the report contains [default: summary in JSON, all in HTML]' -r -f -a "none\t'No field'
summary\t'What a message says, without length prefixes, the insides of certificates, and long byte strings'
all\t'Every byte of every message'"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l min-severity -d 'Leave out findings below this; what the verdict is about is always told [default: note]' -r -f -a "note\t'Worth knowing'
warning\t'Should be mended'
error\t'Why something failed'"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -s o -l output -d 'Write the report to this file instead of standard output; FILE.json gets JSON' -r -F
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l color -d 'When to use colours' -r -f -a "auto\t''
always\t''
never\t''"
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l width -d 'Columns of the text report [default: the terminal\'s, else 80]' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l no-sni -d 'Send no server_name'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -s 4 -l ipv4 -d 'IPv4 addresses only'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -s 6 -l ipv6 -d 'IPv6 addresses only'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l revocation -d 'Check revocation over HTTP: OCSP, else CRLs, as named in the certificates; exit code 7 if there is no answer'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l fetch-aia -d 'Fetch a missing intermediate from the URL in the certificate (over HTTP)'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l enforce -d 'End the connection with the proper alert if validation fails'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -s k -l insecure -d 'An untrusted chain, name or date does not change the exit code'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l no-alpn -d 'Offer no application protocols'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l ssl3 -d 'Offer SSL 3.0 too, or only SSL 3.0 with --tls-max 3.0: broken, for inspecting old devices'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l no-retry -d 'Make no second attempt: with the lab engine if the server has no parameters in common with ordinary clients, with other ECH configurations if the server sends those'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l no-tickets -d 'Do not request session tickets'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l grease -d 'Offer reserved values too (RFC 8701): does the server ignore what it does not know?'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -l json -d 'Short for --format json'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -s v -l verbose -d 'Show every field of every message; -vv: beside its bytes; -vvv: all of the bytes'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand watch" -s q -l quiet -d 'Show only the last line; -qq: nothing, see the exit code'
complete -c tls-trace -n "__fish_tls_trace_using_subcommand schema" -s h -l help -d 'The short help, a group of flags, or all' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand completions" -s h -l help -d 'The short help, a group of flags, or all' -r
complete -c tls-trace -n "__fish_tls_trace_using_subcommand man" -s h -l help -d 'The short help, a group of flags, or all' -r

